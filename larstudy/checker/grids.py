"""Reading the file that somebody hands over: Word, Excel, CSV or Markdown, each as grids of text."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from larstudy.errors import LarstudyError, Problem, UnreadableTableError
from larstudy.table_files import Grid, excel_grids, word_grids
from larstudy.workbook_sizes import workbook_excess

#: A table of a thesis is small; what is larger is something else.
LARGEST_BYTES = 5_000_000
_LARGEST_INSIDE = 100_000_000
_SEPARATORS = (";", "\t", ",", "|")
_OLD = {
    ".doc": "Save it as .docx",
    ".xls": "Save it as .xlsx",
    ".odt": "Save it as .docx",
    ".ods": "Save it as .xlsx",
    ".pdf": "Check the document that it was made from, as .docx",
    ".rtf": "Save it as .docx",
}


def unreadable(code: str, name: str, what: str, remedy: str) -> UnreadableTableError:
    """Return the error for a table that cannot be read."""
    return UnreadableTableError([Problem(code=code, where=name, what=what, remedy=remedy)])


def read_grids(path: Path) -> list[Grid]:
    """Return the tables of a file as they stand.

    Parameters
    ----------
    path : Path
        Of ``.docx``, ``.xlsx``, ``.csv``, ``.tsv``, ``.txt`` or ``.md``.

    Returns
    -------
    list of Grid
        Only those that hold anything.

    Raises
    ------
    UnreadableTableError
        Where the file is absent, empty, too large, of another format, damaged, or holds no table.
    MissingPackageError
        Where Word or Excel needs a package that is not installed.
    """
    suffix = path.suffix.lower()
    readers: Mapping[str, Callable[[bytes, str], list[Grid]]] = {
        ".docx": lambda content, name: _office(content, name, word_grids, "Word"),
        ".xlsx": lambda content, name: _office(content, name, excel_grids, "Excel"),
        ".xlsm": lambda content, name: _office(content, name, excel_grids, "Excel"),
        ".csv": _csv_grids,
        ".tsv": _csv_grids,
        ".txt": _csv_grids,
        ".md": _markdown_grids,
        ".markdown": _markdown_grids,
    }
    if suffix not in readers:
        remedy = _OLD.get(suffix, "Save the table as .docx, .xlsx, .csv or .md")
        raise unreadable("format", path.name, f"'{suffix}' files are not read", remedy)
    grids = readers[suffix](_content(path), path.name)
    found = [grid for grid in grids if any(any(row) for row in grid.rows)]
    if not found:
        remedy = "Check that the right file was saved, and that the table in it is a table and no picture"
        raise unreadable("no_table", path.name, "holds no table", remedy)
    return found


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            what = f"has {size / 1e6:.0f} MB, and a table of works has less than {LARGEST_BYTES / 1e6:.0f}"
            raise unreadable("too_large", path.name, what, "Copy the table alone into a file of its own")
        content = path.read_bytes()
    except FileNotFoundError:
        raise unreadable("file_missing", path.name, "there is no such file", "Check the path") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise unreadable(
            "file_unreadable", path.name, f"cannot be read ({reason})", "Check the path"
        ) from None
    if not content.strip():
        remedy = "Check that the right file was saved"
        raise unreadable("empty_file", path.name, "the file is empty", remedy)
    return content


def _office(content: bytes, name: str, read: Callable[[bytes], list[Grid]], program: str) -> list[Grid]:
    remedy = (
        f"Open it in {program}, and save it again; a file protected by a password must be opened up first"
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as inside:
            size = sum(member.file_size for member in inside.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise unreadable("damaged", name, f"is no {program} file", remedy) from None
    large = f"holds {size / 1e6:.0f} MB when unpacked" if size > _LARGEST_INSIDE else ""
    excess = large or workbook_excess(content)
    if excess:
        remedy = "Copy the table alone into a file of its own"
        raise unreadable("too_large", name, excess, remedy)
    try:
        return read(content)
    except LarstudyError:
        raise
    except Exception:  # noqa: BLE001 - whatever the library stumbles over, the file cannot be read
        raise unreadable("damaged", name, f"is damaged, or no {program} file", remedy) from None


def _decoded(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp1252", "latin-1")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    raise unreadable("encoding", name, "is not a text file", "Save the table as .docx, .xlsx, .csv or .md")


def _csv_grids(content: bytes, name: str) -> list[Grid]:
    text = _decoded(content, name)
    first, _, rest = text.partition("\n")
    declared = re.fullmatch(r"sep=(.)", first.strip())
    if declared:
        text = rest
    separator = declared.group(1) if declared else _separator(text)
    if separator == "|" and _markdown_grids(content, name):
        return _markdown_grids(content, name)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise unreadable(
            "not_csv", name, f"cannot be read as CSV ({error})", "Check the quotation marks"
        ) from None
    return [Grid(rows=tuple(tuple(c.strip() for c in row) for row in rows), first_row=2 if declared else 1)]


def _separator(text: str) -> str:
    """Return the separator by which most rows have as many cells as the first, and the most of them."""
    best, most = ",", (0.0, 0)
    for candidate in _SEPARATORS:
        try:
            rows = [row for row in csv.reader(io.StringIO(text), delimiter=candidate) if any(row)]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        share = sum(len(row) == width for row in rows) / max(len(rows), 1)
        if width > 1 and (share, width) > most:
            best, most = candidate, (share, width)
    return best


def _markdown_grids(content: bytes, name: str) -> list[Grid]:
    """Return each pipe table: the line above a ruler of dashes, and the lines below it that hold a pipe."""
    lines = _decoded(content, name).split("\n")
    ruler = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*")
    grids = []
    for at, line in enumerate(lines):
        if at == 0 or "|" not in line or not ruler.fullmatch(line) or "|" not in lines[at - 1]:
            continue
        rows = [_markdown_cells(lines[at - 1])]
        for below in lines[at + 1 :]:
            if "|" not in below:
                break
            rows.append(_markdown_cells(below))
        grids.append(Grid(rows=tuple(rows)))
    return grids


def _markdown_cells(line: str) -> tuple[str, ...]:
    inner = re.sub(r"(?<!\\)\|$", "", line.strip().removeprefix("|"))
    cells = (cell.replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", inner))
    return tuple(
        re.sub(r"<br\s*/?>", "\n", re.sub(r"\*\*|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)", "", c)).strip()
        for c in cells
    )
