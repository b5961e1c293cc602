"""What documents and workbooks say, from the XML in them: comments, properties and hidden sheets too."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from larstudy.exports.pieces import Contents, Seen

#: No part of a document of results is larger; what unpacks to more is not looked into.
_LARGEST = 64_000_000
_MOST_COLUMNS = 1000
_PICTURES = re.compile(r"\.(png|jpe?g|gif|bmp|tiff?|emf|wmf)$", re.IGNORECASE)


def read_office(content: bytes) -> Contents:
    """Return what a Word document or an Excel workbook says.

    Raises
    ------
    ValueError
        Where it is no such file, is damaged, or unpacks to more than can be looked through.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise ValueError("unpacks to more than can be looked through")
            parts = {entry.filename: archive.read(entry) for entry in archive.infolist()}
        contents = Contents()
        if "xl/workbook.xml" in parts:
            _workbook(parts, contents)
        for name, part in parts.items():
            _part(name, part, contents)
    except (zipfile.BadZipFile, Xml.ParseError, KeyError, NotImplementedError, RuntimeError) as error:
        raise ValueError("cannot be read") from error
    return contents


def _part(name: str, part: bytes, contents: Contents) -> None:
    if name.endswith((".xml", ".rels")):
        if name.startswith("xl/worksheets/") or name == "xl/sharedStrings.xml":
            return
        root = Xml.fromstring(part)
        where = name.rsplit("/", 1)[-1].removesuffix(".xml")
        for number, paragraph in enumerate(_paragraphs(root), start=1):
            contents.add(f"{where}, paragraph {number}", paragraph)
        for number, table in enumerate((e for e in root.iter() if _tag(e) == "tbl"), start=1):
            rows = [
                [_words(cell) for cell in row if _tag(cell) == "tc"]
                for row in table.iter()
                if _tag(row) == "tr"
            ]
            contents.add_rows(f"{where}, table {number}", rows)
    elif not name.endswith("/") and not _PICTURES.search(name):
        contents.seen.append(
            Seen(code="embedded_file", place=name.rsplit("/", 1)[-1], what="another file stands inside")
        )


def _tag(element: Xml.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _words(element: Xml.Element) -> str:
    return "".join(e.text or "" for e in element.iter() if _tag(e) == "t")


def _paragraphs(root: Xml.Element) -> Iterator[str]:
    """Yield the text of each paragraph, or of each element where there are none, as in the properties."""
    found = [e for e in root.iter() if _tag(e) == "p"]
    if found:
        yield from (_words(paragraph) for paragraph in found)
    else:
        yield from (e.text or "" for e in root.iter() if e.text)
    # What pictures say to those who do not see them, and names of links.
    for element in root.iter():
        yield from (
            v for k, v in element.attrib.items() if k.rsplit("}", 1)[-1] in ("descr", "title", "Target")
        )


# -- workbooks ----------------------------------------------------------------------------------------


def _workbook(parts: dict[str, bytes], contents: Contents) -> None:
    shared: list[str] = []
    if "xl/sharedStrings.xml" in parts:
        root = Xml.fromstring(parts["xl/sharedStrings.xml"])
        shared = [_words(entry) for entry in root if _tag(entry) == "si"]
    links = {
        e.attrib.get("Id", ""): e.attrib.get("Target", "")
        for e in Xml.fromstring(parts.get("xl/_rels/workbook.xml.rels", b"<a/>"))
    }
    for sheet in Xml.fromstring(parts["xl/workbook.xml"]).iter():
        if _tag(sheet) != "sheet":
            continue
        name = sheet.attrib.get("name", "")
        if sheet.attrib.get("state", "visible") != "visible":
            contents.seen.append(
                Seen(code="hidden_sheet", place=f"sheet '{name}'", what="the sheet is hidden")
            )
        link = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), "")
        target = links.get(link, "").lstrip("/")
        target = target if target.startswith("xl/") else f"xl/{target}"
        if target in parts:
            contents.add_rows(f"sheet '{name}'", _rows(Xml.fromstring(parts[target]), shared))


def _rows(root: Xml.Element, shared: list[str]) -> list[list[str]]:
    return [_row(row, shared) for row in root.iter() if _tag(row) == "row"]


def _row(row: Xml.Element, shared: list[str]) -> list[str]:
    """Return the cells of a row, each in its column: Excel leaves out those that are empty."""
    found: list[str] = []
    for cell in (e for e in row if _tag(e) == "c"):
        place = _column(cell.attrib.get("r", ""))
        # No table of results is wider; what claims to be is put at the end.
        found += [""] * (min(place, _MOST_COLUMNS) - 1 - len(found))
        found.append(_value(cell, shared))
    return found


def _column(reference: str) -> int:
    """Return the number of a column from the name of a cell, 0 where it has none."""
    number = 0
    for letter in reference.rstrip("0123456789").upper():
        number = number * 26 + ord(letter) - ord("A") + 1 if "A" <= letter <= "Z" else 0
    return number


def _value(cell: Xml.Element, shared: list[str]) -> str:
    if cell.attrib.get("t") == "inlineStr":
        return _words(cell)
    text = next((e.text or "" for e in cell if _tag(e) == "v"), "")
    if cell.attrib.get("t") == "s" and text.isdigit() and int(text) < len(shared):
        return shared[int(text)]
    return text
