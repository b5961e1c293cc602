"""CSV and other text: its encoding, its separator, its rows."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from larstudy.errors import Problem, counted, first_rows
from larstudy.readers.base import Sheet, fail
from larstudy.specs.data import FilePart

_SEPARATORS = (",", ";", "\t", "|")


def read_text_table(part: FilePart, path: Path, content: bytes) -> tuple[Sheet, str]:
    """Read a text file, as programs of several countries write it.

    Parameters
    ----------
    part : FilePart
        Its separator and encoding where the study says so.
    path : Path
    content : bytes

    Returns
    -------
    Sheet, str
        And the separator that was used.
    """
    text, encoding = _decode(content, part.encoding, path.name)
    declared, text, skipped = _declared_separator(text)
    separator = part.separator or declared or _find_separator(text, path.suffix.lower())
    rows, numbers = _parse_rows(text, separator, path.name)
    _refuse_rows_in_names(rows[0], separator, path.name)
    numbers = [n + skipped for n in numbers[1:]]
    body, ragged = even_rows(len(rows[0]), rows[1:], numbers, path.name)
    sheet = Sheet(
        names=rows[0],
        columns=[[row[i] for row in body] for i in range(len(rows[0]))],
        first_row=2,
        row_numbers=tuple(numbers),
        encoding=encoding,
        problems=list(ragged),
    )
    return sheet, separator


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
            raise fail(
                "encoding", name, f"there is no encoding '{encoding}'", 'Write "utf-8" or "cp1252"'
            ) from None
        except ValueError:
            continue
        if "\x00" in text:
            raise fail("encoding", name, "holds NUL characters: it is not a text file", "Save it as CSV")
        # A name must match the study file's however its letters were composed.
        return unicodedata.normalize("NFC", text.removeprefix("\ufeff")), candidate
    raise fail("encoding", name, f"is not {encoding}", "Leave encoding out, or name the right one")


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
        raise fail("not_csv", name, what, "Check the quotation marks on that line") from None
    if len(rows) < 2:
        raise fail("empty_file", name, "there are no rows under the header", "Check the file")
    return rows, numbers


def _refuse_rows_in_names(header: Sequence[str], separator: str, name: str) -> None:
    """Refuse names that hold rows: a stray quotation mark makes answers a part of names, which are shown."""
    if any(separator in cell and "\n" in cell.replace("\r", "\n") for cell in header):
        what = "the names of the columns run on into the rows below them"
        raise fail("not_csv", name, what, "Check the quotation marks on the first line")


def _declared_separator(text: str) -> tuple[str, str, int]:
    """Return the separator of a first line like ``sep=;``, the text below it, and the lines passed over."""
    first, _, rest = text.partition("\n")
    match = re.fullmatch(r"sep=(.)\r?", first)
    return (match.group(1), rest, 1) if match else ("", text, 0)


def even_rows(
    width: int, body: Sequence[list[str]], numbers: Sequence[int], name: str
) -> tuple[list[list[str]], tuple[Problem, ...]]:
    """Return rows as long as the header, and the problem if some were not."""
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
