"""From a data file, or a data frame, to columns that can be read as numbers or as labels.

Nothing is guessed silently: the encoding, the separator and the decimal mark that were used are recorded with
the file's hash. A value that cannot be read is reported by its row, never by what it says.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from larstudy.errors import DataError, Problem, counted, first_rows
from larstudy.specs.study import DataSpec, as_code, as_label
from larstudy.stats.arrays import BoolArray, FloatArray

#: What an empty cell may look like in a text file, whatever the study says.
MISSING_TOKENS = frozenset({"", ".", "NA", "NaN", "nan", "N/A", "#N/A", "NULL", "#NULL!", "<NA>"})

_SEPARATORS = (",", ";", "\t", "|")
#: Nothing that is measured on people is larger; squares of it would overflow.
_LARGEST = 1e100
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
_OTHER_FORMATS = (".xlsx", ".xls", ".sav", ".dta", ".parquet")
_SIGNATURES = {b"PK\x03\x04": "an Excel or other zip file", b"$FL": "an SPSS file", b"PAR1": "a Parquet file"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """What was read, for the record of a run. It holds no path and no value.

    Attributes
    ----------
    name : str
        File name without its folder, or "data frame".
    sha256 : str
        Of the bytes of the file; for a data frame, of its contents.
    rows, columns : int
    encoding, separator, decimal : str
        As they were used; empty for a data frame. Where both decimal marks are allowed, a column that has
        both is refused.
    """

    name: str
    sha256: str
    rows: int
    columns: int
    encoding: str = ""
    separator: str = ""
    decimal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A column read as numbers.

    Attributes
    ----------
    values : ndarray of float, shape (rows,)
        NaN where missing or unreadable.
    bad : ndarray of bool, shape (rows,)
        Cells that hold something which is not a number.
    what : str
        What is the matter with the bad cells.
    """

    values: FloatArray
    bad: BoolArray
    what: str = "not a number"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A data file as it stands: named columns of cells.

    Attributes
    ----------
    columns : tuple of str
        Header, in the order of the file; a name may occur twice.
    cells : mapping of str to sequence
        The cells of each column (the first of that name).
    rows : int
    first_row : int
        Number of the first data row as a spreadsheet counts: 2 under a header, 1 in a data frame.
    comma, point : bool
        Which decimal marks are allowed.
    record : FileRecord
    row_numbers : tuple of int
        Where rows were passed over, the number of each that is left.
    problems : tuple of Problem
        What is wrong with the file as such, to be told together with what its columns hold.
    index_names : tuple of str
        Names in the index of a data frame, which is not read.
    """

    columns: tuple[str, ...]
    cells: Mapping[str, Sequence[Any]]
    rows: int
    first_row: int
    comma: bool
    point: bool
    record: FileRecord
    row_numbers: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()
    index_names: tuple[str, ...] = ()

    def row_number(self, position: int) -> int:
        """Return the row that a person would look for in the file."""
        return self.row_numbers[position] if self.row_numbers else position + self.first_row

    def count_codes(self, column: str, codes: Sequence[str | float]) -> int:
        """Return how many cells of a column hold one of these codes."""
        wanted = {as_code(code) for code in codes}
        return sum(as_code(text) in wanted for text in _texts(self.cells[column])) if wanted else 0

    def some_rows(self, chosen: BoolArray) -> tuple[int, ...]:
        """Return the first few row numbers of the chosen rows."""
        return first_rows(self.row_number(int(p)) for p in np.flatnonzero(chosen)[:5])

    def numbers(self, column: str, missing: Sequence[str | float] = ()) -> Numbers:
        """Read a column as numbers.

        Parameters
        ----------
        column : str
            One of ``columns``.
        missing : sequence of str or float
            Codes that mean "no answer".
        """
        cells = self.cells[column]
        if isinstance(cells, pd.Series) and pd.api.types.is_complex_dtype(cells.dtype):
            nothing = np.full(len(cells), np.nan)
            return Numbers(values=nothing, bad=np.ones(len(cells), dtype=bool), what="a complex number")
        if isinstance(cells, pd.Series) and _is_plain_number(cells):
            return _from_numeric(cells, missing)
        return self._from_text(_texts(cells), {as_code(code) for code in missing})

    def labels(self, column: str, missing: Sequence[str | float] = ()) -> list[str | None]:
        """Read a column as labels, None where missing.

        Parameters
        ----------
        column : str
            One of ``columns``.
        missing : sequence of str or float
            Codes that mean "no answer".
        """
        texts = _texts(self.cells[column])
        codes = {as_code(code) for code in missing}
        absent = {text: text in MISSING_TOKENS or as_code(text) in codes for text in dict.fromkeys(texts)}
        return [None if absent[text] else text for text in texts]

    def _from_text(self, texts: Sequence[str], missing: set[str]) -> Numbers:
        parsed: dict[str, float | None] = {}
        commas, points = set(), set()
        for text in dict.fromkeys(texts):
            if text in MISSING_TOKENS or as_code(text) in missing:
                parsed[text] = np.nan
                continue
            parsed[text] = self._parse(text)
            if "," in text:
                commas.add(text)
            elif "." in text:
                points.add(text)
        what = "not a number"
        whole = any(text.isdigit() and text != "0" for text in parsed)
        if commas and points and not any(parsed[text] is None for text in commas | points):
            # Either mark alone is fine; both in one column may be thousands, which must not be guessed.
            parsed.update(dict.fromkeys(commas))
            what = "a number with a decimal comma in a column that also has decimal points"
        elif self.point and whole and commas and all(_THOUSANDS.fullmatch(text) for text in commas):
            parsed.update(dict.fromkeys(commas))
            what = 'a number whose comma may mark thousands (say decimal = "," under [data] if it does not)'
        elif points and not self.point:
            what = "not a number where the decimal mark is the comma, as [data] decimal says"
        elif commas and all(_NUMBER.fullmatch(text.replace(",", ".")) for text in commas):
            what = 'a number with a decimal comma (say decimal = "," under [data] if that is meant)'
        values = np.array([np.nan if (v := parsed[t]) is None else v for t in texts], dtype=float)
        bad = np.array([parsed[text] is None for text in texts], dtype=bool)
        bad |= np.abs(values) > _LARGEST
        return Numbers(values=np.where(bad, np.nan, values), bad=bad, what=what)

    def _parse(self, text: str) -> float | None:
        plain = text.replace("\N{MINUS SIGN}", "-")
        if "," in plain:
            if not self.comma or "." in plain:
                return None
            plain = plain.replace(",", ".")
        elif "." in plain and not self.point:
            return None
        return float(plain) if _NUMBER.fullmatch(plain) else None


def _is_plain_number(cells: pd.Series[Any]) -> bool:
    return bool(pd.api.types.is_numeric_dtype(cells.dtype))


def _from_numeric(cells: pd.Series[Any], missing: Sequence[str | float]) -> Numbers:
    values = cells.to_numpy(dtype=float, na_value=np.nan).copy()
    codes = [number for code in missing if (number := _as_number(code)) is not None]
    values[np.isin(values, codes)] = np.nan
    bad = np.abs(values) > _LARGEST
    return Numbers(values=np.where(bad, np.nan, values), bad=bad)


def _as_number(code: str | float) -> float | None:
    text = as_label(code)
    return float(text) if _NUMBER.fullmatch(text) else None


def _texts(cells: Sequence[Any] | pd.Series[Any]) -> list[str]:
    """Return cells as text without blanks at the ends; a missing value of any kind as the empty text."""
    if isinstance(cells, pd.Series):
        absent = cells.isna().to_numpy(dtype=bool)
        return ["" if gone else as_label(v) for v, gone in zip(cells.tolist(), absent, strict=True)]
    return [cell.strip() for cell in cells]


# -- data frames --------------------------------------------------------------------------------------


def table_from_frame(frame: pd.DataFrame, used: Collection[str], *, decimal: str = "auto") -> RawTable:
    """Return a data frame as a table; the frame itself is not changed.

    Parameters
    ----------
    frame : DataFrame
        Column names are read as text. The index is not used.
    used : collection of str
        The columns that will be read; only they are kept and hashed.
    decimal : {"auto", ".", ","}
        For columns of text; "auto" takes the decimal point.
    """
    columns = tuple(str(name) for name in frame.columns)
    cells: dict[str, Any] = {}
    for position, name in enumerate(columns):
        if name in used and name not in cells:
            cells[name] = frame.iloc[:, position]
    record = FileRecord(name="data frame", sha256=_frame_hash(cells), rows=len(frame), columns=len(columns))
    return RawTable(
        columns=columns,
        cells=cells,
        rows=len(frame),
        first_row=1,
        comma=decimal == ",",
        point=decimal != ",",
        record=record,
        index_names=tuple(str(name) for name in frame.index.names if name is not None),
    )


def _frame_hash(cells: Mapping[str, pd.Series[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(cells):
        column = cells[name]
        digest.update(name.encode())
        if _is_plain_number(column):
            digest.update(column.to_numpy(dtype=float, na_value=np.nan).tobytes())
        else:
            digest.update("\x1f".join(_texts(column)).encode())
    return digest.hexdigest()


# -- text files ---------------------------------------------------------------------------------------


def read_table(spec: DataSpec, folder: Path) -> RawTable:
    """Read the data file of a study.

    Parameters
    ----------
    spec : DataSpec
        Names the file; its separator, decimal mark and encoding where the study says so.
    folder : Path
        Where the study file stands.

    Returns
    -------
    RawTable

    Raises
    ------
    DataError
        Where the file is absent, empty, or of a format or encoding that cannot be read. Rows with more or
        fewer cells than the header are a problem of the table, told together with what its columns hold.
    """
    path = folder / spec.file
    content = _read_bytes(path)
    text, encoding = _decode(content, spec.encoding, path.name)
    declared, text, skipped = _declared_separator(text)
    separator = spec.separator or declared or _find_separator(text, path.suffix.lower())
    rows, numbers = _parse_rows(text, separator, path.name)
    header = tuple(name.strip() for name in rows[0])
    body, ragged = _even_rows(header, rows[1:], [n + skipped for n in numbers[1:]], path.name)
    # From the last column to the first, so that the first of a repeated name is the one kept.
    cells = {name: [row[i] for row in body] for i, name in reversed(list(enumerate(header)))}
    # In a file with commas between the cells a comma inside one is more likely to mark thousands.
    comma = spec.decimal == "," or (spec.decimal == "auto" and separator != ",")
    point = spec.decimal != ","
    record = FileRecord(
        name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        rows=len(body),
        columns=len(header),
        encoding=encoding,
        separator=separator,
        decimal="comma" * comma + " or " * (comma and point) + "point" * point,
    )
    return RawTable(
        columns=header,
        cells=cells,
        rows=len(body),
        first_row=2,
        comma=comma,
        point=point,
        record=record,
        row_numbers=tuple(n + skipped for n in numbers[1:]),
        problems=ragged,
    )


def _fail(code: str, name: str, what: str, remedy: str) -> DataError:
    return DataError([Problem(code=code, where=name, what=what, remedy=remedy)])


def _read_bytes(path: Path) -> bytes:
    suffix = path.suffix.lower()
    if suffix in _OTHER_FORMATS:
        raise _fail(
            "format",
            path.name,
            f"{suffix} files are not read yet",
            "Save the data as CSV, and name that file",
        )
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _fail(
            "file_missing",
            path.name,
            "there is no such file",
            "Check the path; it is looked for beside the study file",
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise _fail("file_unreadable", path.name, f"cannot be read ({reason})", "Check the path") from None
    for signature, kind in _SIGNATURES.items():
        if content.startswith(signature):
            raise _fail("format", path.name, f"looks like {kind}, not text", "Save the data as CSV")
    if not content.strip():
        raise _fail("empty_file", path.name, "the file is empty", "Check that the right file was saved")
    return content


def _decode(content: bytes, encoding: str, name: str) -> tuple[str, str]:
    """Return the text and the encoding it was read with.

    Guessing by statistics takes Norwegian letters in cp1252 for something else; strict UTF-8 does not.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) and not encoding:
        encoding = "utf-16"
    tried = (encoding,) if encoding else ("utf-8-sig", "cp1252", "latin-1")
    for candidate in tried:
        try:
            text = content.decode(candidate)
        except LookupError:
            raise _fail(
                "encoding", name, f"there is no encoding '{encoding}'", 'Write "utf-8" or "cp1252"'
            ) from None
        except ValueError:
            continue
        if "\x00" in text:
            raise _fail("encoding", name, "holds NUL characters: it is not a text file", "Save it as CSV")
        # A name must match the study file's however its letters were composed.
        return unicodedata.normalize("NFC", text.removeprefix("\ufeff")), candidate
    raise _fail("encoding", name, f"is not {encoding}", "Leave encoding out, or name the right one")


def _find_separator(text: str, suffix: str) -> str:
    """Return the separator with which the first rows all have the same number of cells, and the most."""
    if suffix == ".tsv":
        return "\t"
    head = "\n".join(text.splitlines()[:50])
    best, most = ",", (False, 1)
    for candidate in _SEPARATORS:
        try:
            rows = [row for row in csv.reader(io.StringIO(head), delimiter=candidate) if any(row)]
        except csv.Error:
            continue
        header = len(rows[0]) if rows else 0
        regular = all(len(row) == header for row in rows)
        # Regular before ragged; a file that is ragged with each keeps its header's, to be reported.
        if header > 1 and (regular, header) > most:
            best, most = candidate, (regular, header)
    return best


def _parse_rows(text: str, separator: str, name: str) -> tuple[list[list[str]], list[int]]:
    """Return the rows that hold anything, and the number of each as a spreadsheet counts."""
    rows: list[list[str]] = []
    numbers: list[int] = []
    line = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                rows.append(row)
                numbers.append(number)
            line = reader.line_num
    except csv.Error as error:
        what = f"cannot be read from line {line + 1} on ({error})"
        raise _fail("not_csv", name, what, "Check the quotation marks on that line") from None
    if len(rows) < 2:
        raise _fail("empty_file", name, "there are no rows under the header", "Check the file")
    return rows, numbers


def _declared_separator(text: str) -> tuple[str, str, int]:
    """Return the separator of a first line like ``sep=;``, the text below it, and the lines passed over."""
    first, _, rest = text.partition("\n")
    match = re.fullmatch(r"sep=(.)\r?", first)
    return (match.group(1), rest, 1) if match else ("", text, 0)


def _even_rows(
    header: Sequence[str], body: Sequence[list[str]], numbers: Sequence[int], name: str
) -> tuple[list[list[str]], tuple[Problem, ...]]:
    """Return rows as long as the header, and the problem if some were not."""
    width = len(header)
    wrong = [n for n, row in zip(numbers, body, strict=True) if len(row) != width]
    if not wrong:
        return list(body), ()
    problem = Problem(
        code="ragged_row",
        where=name,
        what=f"{counted(len(wrong), 'row has', 'rows have')} more or fewer cells than the header's {width}",
        remedy="Repair the rows, or name the right separator under [data]",
        n=len(wrong),
        rows=first_rows(wrong),
    )
    return [(row + [""] * width)[:width] for row in body], (problem,)


def looks_like_data(table: RawTable) -> bool:
    """Say whether the first row holds data where the names of the columns should be.

    It does where a name also stands in a cell below it, or where a column of numbers has a number for its
    name, unless the numbers count the columns, as they do for the items of a questionnaire. Such names may
    be a person's values and must not be shown.
    """
    named = [name for name in dict.fromkeys(table.columns) if name]
    if table.first_row == 1:
        return False
    if any(name in table.cells[name] for name in named):
        return True
    numbers = [name for name in named if _NUMBER.fullmatch(name.replace(",", "."))]
    alike = [name for name in numbers if not table.numbers(name).bad.any()]
    whole = sorted(int(name) for name in alike if name.isdigit())
    counting = whole == list(range(whole[0], whole[0] + len(whole))) if whole else False
    return bool(alike) and not (counting and len(whole) == len(alike) > 1)
