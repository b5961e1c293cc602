"""From a file of a folder to what it says, by its format."""

from __future__ import annotations

import base64
import csv
import io
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from larstudy.exports.markup import read_markup
from larstudy.exports.office import read_office
from larstudy.exports.pieces import Contents, Seen, markdown_tables

_DATA: Final = frozenset(
    [
        ".sav", ".zsav", ".por", ".dta", ".sas7bdat", ".xpt", ".parquet", ".feather", ".arrow", ".pkl",
        ".pickle", ".rds", ".rda", ".rdata", ".mat", ".h5", ".hdf5", ".npy", ".npz", ".db", ".sqlite",
        ".sqlite3", ".mdb", ".accdb",
    ]
)  # fmt: skip
_ARCHIVES: Final = frozenset([".zip", ".7z", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".rar"])
_PICTURES: Final = frozenset([".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".pdf"])
_TABLES: Final = frozenset([".csv", ".tsv", ".tab"])
_OFFICE: Final = frozenset([".docx", ".docm", ".xlsx", ".xlsm"])
_MARKUP: Final = frozenset([".html", ".htm", ".svg", ".xml", ".xhtml"])
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def read_contents(path: Path) -> Contents:
    """Return what a file says; a file that cannot be looked into is said to be such, and never passed over.

    Parameters
    ----------
    path : Path
    """
    suffix = path.suffix.lower()
    if suffix in _DATA:
        return _told("data_file", "a file of data, not of results")
    if suffix in _ARCHIVES:
        return _told("archive", "an archive: unpack it, and look through what is in it")
    try:
        return _read(suffix, path.read_bytes())
    except OSError as error:
        return _told("not_readable", f"cannot be read: {error.strerror or type(error).__name__}")
    except (ValueError, TypeError, AttributeError, RecursionError):
        return _told("not_readable", "cannot be read as what its name says it is")


def _told(code: str, what: str, *, finding: bool = True) -> Contents:
    return Contents(seen=[Seen(code=code, place="whole file", what=what, finding=finding)])


def _read(suffix: str, content: bytes) -> Contents:
    if suffix in _OFFICE:
        return read_office(content)
    if content.startswith(_PNG):
        return _png(content)
    if suffix in _PICTURES:
        return _told("not_looked_into", "a picture or a PDF: look at it yourself", finding=False)
    text = _text(content)
    readers: dict[str, Callable[[str], Contents]] = {
        **dict.fromkeys(_TABLES, _csv), **dict.fromkeys(_MARKUP, read_markup), ".ipynb": _notebook,
    }  # fmt: skip
    return readers.get(suffix, _plain)(text)


def _text(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    if b"\0" in content:
        raise ValueError("no text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _plain(text: str) -> Contents:
    contents = Contents()
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        contents.add(f"line {number}", line)
    for number, rows in markdown_tables(lines):
        contents.add_rows(f"line {number}", rows)
    return contents


def _csv(text: str) -> Contents:
    contents = Contents()
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(";\t,|", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise ValueError("no table") from error
    contents.add_rows("rows", rows)
    return contents


def _png(content: bytes) -> Contents:
    """Return what the words inside a picture say; what is drawn is not looked into."""
    contents = _told("not_looked_into", "a picture: look at it yourself", finding=False)
    for kind, data in _chunks(content):
        key, _, rest = data.partition(b"\0")
        if kind == b"zTXt":
            rest = _unpacked(rest[1:])
        elif kind == b"iTXt":
            packed, rest = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
            rest = _unpacked(rest) if packed else rest
        elif kind != b"tEXt":
            continue
        contents.add(
            "words in the file", f"{key.decode('latin-1')}: {rest.decode('utf-8', errors='replace')}"
        )
    return contents


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, 1_000_000)
    except zlib.error:
        return b""


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG)
    while at + 8 <= len(content):
        (length,) = struct.unpack(">I", content[at : at + 4])
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += 12 + length


# -- notebooks ----------------------------------------------------------------------------------------


def _notebook(text: str) -> Contents:
    contents = Contents()
    notebook = json.loads(text)
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise ValueError("no notebook")
    for number, cell in enumerate(notebook["cells"], start=1):
        contents.within(f"cell {number}", _plain(_joined(cell.get("source"))))
        for output in cell.get("outputs") or []:
            _output(f"output of cell {number}", output, contents)
    return contents


def _joined(value: Any) -> str:
    return "".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _output(place: str, output: Any, contents: Contents) -> None:
    if output.get("output_type") == "error":
        what = "an error with its trace, which may hold values"
        contents.seen.append(Seen(code="trace", place=place, what=what))
        contents.within(place, _plain("\n".join(map(str, output.get("traceback") or []))))
    contents.within(place, _plain(_joined(output.get("text"))))
    for kind, value in (output.get("data") or {}).items():
        if kind == "image/png":
            contents.within(place, _png(base64.b64decode(_joined(value))))
        elif kind in ("text/html", "image/svg+xml"):
            contents.within(place, read_markup(_joined(value)))
        elif kind.startswith("text/"):
            contents.within(place, _plain(_joined(value)))
        else:
            contents.within(place, _plain(json.dumps(value, ensure_ascii=False)))
