"""What a page, a picture in SVG or another file with tags says, also where a reader does not see it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from larstudy.exports.pieces import Contents, Seen

#: Attributes that hold words.
_SAID = ("alt", "title", "aria-label", "content", "value", "placeholder", "data-title")
#: What our figures call the marks of single people.
_POINTS = re.compile(r"(?:[\w-]+-)?(?:person|points-[\w .-]+?)(?:-\d+)?")
_STAMP = re.compile(r"(?:[\w-]+-)?synthetic-stamp(?:-\d+)?")


def read_markup(text: str) -> Contents:
    """Return the texts, tables and marks of people in a file with tags.

    Texts between tags, comments and attributes that hold words all count; programs and styles are read as
    text too.
    """
    parser = _Parser()
    parser.feed(text)
    parser.close()
    contents = parser.contents
    if parser.points and not parser.stamps:
        contents.seen.append(
            Seen(
                code="single_persons", place="figure", what="points or lines of single persons are drawn",
                n=parser.points,
            )
        )  # fmt: skip
    return contents


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.contents = Contents()
        self.points = 0
        self.stamps = 0
        self._tables: list[list[list[str]]] = []
        self._in_cell = False
        self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in _SAID and value:
                self.contents.add(f"line {self.getpos()[0]}", value)
            if name in ("id", "class", "gid") and value:
                self.points += bool(_POINTS.fullmatch(value))
                self.stamps += bool(_STAMP.fullmatch(value))
        if tag == "table":
            self._tables.append([])
        elif tag == "tr" and self._tables:
            self._tables[-1].append([])
        elif tag in ("td", "th") and self._tables:
            if not self._tables[-1]:
                self._tables[-1].append([])
            self._tables[-1][-1].append("")
            self._in_cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._in_cell = False
        elif tag == "table" and self._tables:
            self._count += 1
            self.contents.add_rows(f"table {self._count}", self._tables.pop())

    def handle_data(self, data: str) -> None:
        self.contents.add(f"line {self.getpos()[0]}", data)
        if self._in_cell and self._tables and self._tables[-1] and self._tables[-1][-1]:
            self._tables[-1][-1][-1] += data

    def handle_comment(self, data: str) -> None:
        self.handle_data(data)
