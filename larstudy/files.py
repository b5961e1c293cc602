"""Reading a data file into a table of cells.

The encoding, the separator and the decimal mark that were used are recorded with the file's hash.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from larstudy.errors import DataError, Problem, counted, first_rows
from larstudy.raw_table import FileRecord, RawTable
from larstudy.specs.study import DataSpec

_SEPARATORS = (",", ";", "\t", "|")
_OTHER_FORMATS = (".xlsx", ".xls", ".sav", ".dta", ".parquet")
_SIGNATURES = {b"PK\x03\x04": "an Excel or other zip file", b"$FL": "an SPSS file", b"PAR1": "a Parquet file"}


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
    # A no-break space looks like any other, and would make a name that nobody can type.
    header = tuple(name.replace("\N{NO-BREAK SPACE}", " ").strip() for name in rows[0])
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
            "Check the path; what a study file names is looked for beside it",
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
