"""What the readers of all formats share: bytes, names of columns, the text of a cell, and how to fail."""

from __future__ import annotations

import hashlib
import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from larstudy.errors import DataError, Problem, counted
from larstudy.raw_table import FileRecord, RawTable
from larstudy.specs.data import FilePart

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Sheet:
    """What a reader finds in a file, before it is made a table.

    Attributes
    ----------
    names : list of str
        As they stand in the file.
    columns : list of list of str
        The cells of each column, as text.
    first_row : int
        What the first data row is called by the program that made the file.
    """

    names: list[str]
    columns: list[list[str]]
    first_row: int
    row_numbers: tuple[int, ...] = ()
    encoding: str = ""
    value_labels: dict[str, dict[str, str]] = field(default_factory=dict)
    reasons: dict[str, dict[int, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    column_problems: dict[str, list[Problem]] = field(default_factory=dict)


def fail(code: str, name: str, what: str, remedy: str) -> DataError:
    """Return the error of a file that cannot be read at all."""
    return DataError([Problem(code=code, where=name, what=what, remedy=remedy)])


def too_large(name: str, what: str) -> DataError:
    """Return the error of a file that is refused before it fills the memory."""
    remedy = "Delete empty rows and columns at its end, or save the columns of the study as CSV"
    return fail("too_large", name, what, remedy)


def read_bytes(path: Path) -> bytes:
    """Return what is in a file, or raise a `DataError` that says why it cannot be read."""
    try:
        # A pipe or a device may be read without end.
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise fail("file_unreadable", path.name, "is a device or a pipe, and no file", "Check the path")
        content = path.read_bytes()
    except FileNotFoundError:
        remedy = "Check the path; what a study file names is looked for beside it"
        raise fail("file_missing", path.name, "there is no such file", remedy) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise fail("file_unreadable", path.name, f"cannot be read ({reason})", "Check the path") from None
    if not content.strip():
        remedy = "Check that the right file was saved"
        raise fail("empty_file", path.name, "the file is empty", remedy)
    return content


def optional_package(name: str, kind: str, file: str) -> Any:
    """Return a package that reads one kind of file, or raise a `DataError` that says how to install it."""
    try:
        return import_module(name)
    except ImportError:
        remedy = "Install it: pip install 'larstudy[files]'"
        what = f"{kind} are read by the package '{name.split('.')[0]}', which is not installed"
        raise fail("missing_package", file, what, remedy) from None


def guarded(read: Callable[[], T], path: Path, kind: str) -> T:
    """Return what a library reads; where it fails, an error of ours.

    The messages of libraries quote cells, so nothing of them may be shown, nor hang on the error that is.
    """
    try:
        return read()
    except Exception:  # noqa: BLE001  (no list of what five libraries may raise would be complete)
        pass
    raise damaged(path, kind)


def damaged(path: Path, kind: str) -> DataError:
    """Return the error of a file that is not what it should be."""
    what = f"cannot be read as {kind}: it is damaged, encrypted, or something else under that name"
    return fail("not_readable", path.name, what, "Open it in the program that made it, and save it again")


def clean_name(name: object) -> str:
    """Return the name of a column as a study file would spell it."""
    # A no-break space looks like any other, and would make a name that nobody can type.
    text = unicodedata.normalize("NFC", str(name)).replace("\N{NO-BREAK SPACE}", " ")
    return text.strip()


def cell_text(value: Any) -> str:
    """Return a cell as a text that is the same for the same value in every format.

    A whole number has no decimals, other numbers have as many as they need, truth is 1 or 0, a date is
    written year-month-day, and what is absent is empty.

    Examples
    --------
    >>> cell_text(1.0), cell_text(2.5), cell_text(True), cell_text(date(2024, 3, 1)), cell_text(None)
    ('1', '2.5', '1', '2024-03-01', '')
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value).strip()
    if value is None or (isinstance(value, (float, np.floating)) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, np.generic) and not isinstance(value, (np.floating, np.integer)):
        return cell_text(value.item())
    return _number_text(value) if isinstance(value, (int, float, Decimal, np.number)) else _time_text(value)


def _number_text(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    if value == value and abs(value) != math.inf and value == int(value):
        return str(int(value))
    # The shortest text of a number of four bytes is what was typed; made a float first, it would not be.
    return str(value) if isinstance(value, (Decimal, np.floating)) else repr(float(value))


def _time_text(value: Any) -> str:
    if isinstance(value, datetime):
        midnight = value.time() == time(0)
        return value.date().isoformat() if midnight else value.replace(tzinfo=None).isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _number_text(value / timedelta(days=1))
    return str(value).strip()


def mojibake(text: str) -> bool:
    """Say whether letters of a text were lost or garbled when it was saved with a wrong encoding.

    Examples
    --------
    >>> mojibake("mål"), mojibake("mål".encode().decode("cp1252")), mojibake("m\N{REPLACEMENT CHARACTER}l")
    (False, True, True)
    """
    if text.isascii():
        return False
    if "\N{REPLACEMENT CHARACTER}" in text:
        return True
    try:
        return text.encode("cp1252").decode("utf-8") != text
    except ValueError:
        return False


def table_of(sheet: Sheet, part: FilePart, path: Path, content: bytes, *, separator: str = "") -> RawTable:
    """Return what a reader found as a table, with the record of the file."""
    header = tuple(clean_name(name) for name in sheet.names)
    rows = len(sheet.columns[0]) if sheet.columns else 0
    # In a file with commas between the cells a comma inside one is more likely to mark thousands.
    comma = part.decimal == "," or (part.decimal == "auto" and separator != ",")
    point = part.decimal != "," or not separator
    # From the last column to the first, so that the first of a repeated name is the one kept.
    cells = {name: sheet.columns[i] for i, name in reversed(list(enumerate(header)))}
    record = FileRecord(
        name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=rows,
        columns=len(header),
        encoding=sheet.encoding,
        separator=separator,
        decimal="comma" * comma + " or " * (comma and point) + "point" * point if separator else "",
    )
    table = RawTable(
        columns=header,
        cells=cells,
        rows=rows,
        first_row=sheet.first_row,
        comma=comma,
        point=point,
        record=record,
        row_numbers=sheet.row_numbers,
        problems=(*sheet.problems, *_garbled_names(header, path.name)),
        value_labels={clean_name(k): v for k, v in sheet.value_labels.items() if v},
        reasons={clean_name(k): v for k, v in sheet.reasons.items() if v},
    )
    return with_column_problems(table, _all_column_problems(sheet, table))


def with_column_problems(table: RawTable, found: Mapping[str, Sequence[Problem]]) -> RawTable:
    """Return a table with further problems of single columns."""
    names = dict.fromkeys([*table.column_problems, *found])
    merged = {name: (*table.column_problems.get(name, ()), *found.get(name, ())) for name in names}
    return replace(table, column_problems={name: problems for name, problems in merged.items() if problems})


def _all_column_problems(sheet: Sheet, table: RawTable) -> dict[str, list[Problem]]:
    found = {clean_name(name): list(problems) for name, problems in sheet.column_problems.items()}
    for name, cells in table.cells.items():
        garbled = {text for text in dict.fromkeys(cells) if mojibake(text)}
        if not garbled:
            continue
        rows = np.array([text in garbled for text in cells], dtype=bool)
        n = int(rows.sum())
        found.setdefault(name, []).append(
            Problem(
                code="mojibake",
                where=f"column '{name}'",
                what=f"{counted(n, 'cell has', 'cells have')} letters that were garbled on the way,"
                " by a program that took one encoding for another",
                remedy="Go back to the file before it was garbled, and save that as UTF-8",
                n=n,
                rows=table.some_rows(rows),
            )
        )
    return found


def _garbled_names(header: Sequence[str], name: str) -> tuple[Problem, ...]:
    garbled = [position for position, text in enumerate(header, start=1) if mojibake(text)]
    if not garbled:
        return ()
    return (
        Problem(
            code="mojibake",
            where=name,
            what=f"{counted(len(garbled), 'name', 'names')} of columns (the first is number {garbled[0]})"
            " have letters that were garbled on the way, by a program that took one encoding for another",
            remedy="Go back to the file before it was garbled and save that as UTF-8; or say its encoding"
            " under [data]",
            n=len(garbled),
        ),
    )
