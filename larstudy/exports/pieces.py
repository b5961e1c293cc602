"""What a file of a folder says, whatever its format: texts with their places, and tables of cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A text of a file, and where it stands: a line, a cell of a notebook, the properties."""

    place: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of a file: its header, and its rows below it as text."""

    place: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, position: int) -> list[str]:
        """Return the cells of a column; rows that are too short have none."""
        return [row[position] for row in self.rows if position < len(row)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What is of itself a reason not to share a file, or to look at it oneself.

    Attributes
    ----------
    code : str
    place : str
    what : str
    n : int
    finding : bool
        False for what is only told.
    """

    code: str
    place: str
    what: str
    n: int = 1
    finding: bool = True


@dataclass(slots=True, kw_only=True)
class Contents:
    """Everything that was read of a file."""

    pieces: list[Piece] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    def add(self, place: str, text: str) -> None:
        """Add a text, unless it says nothing."""
        if text.strip():
            self.pieces.append(Piece(place=place, text=text))

    def add_rows(self, place: str, rows: Sequence[Sequence[str]]) -> None:
        """Add a table whose first row is its header."""
        whole = [tuple(cell.strip() for cell in row) for row in rows if any(cell.strip() for cell in row)]
        if whole:
            self.grids.append(Grid(place=place, header=whole[0], rows=tuple(whole[1:])))

    def within(self, place: str, other: Contents) -> None:
        """Add what another file says that stands inside this one."""
        self.pieces += [Piece(place=f"{place}, {p.place}", text=p.text) for p in other.pieces]
        self.grids += [Grid(place=f"{place}, {g.place}", header=g.header, rows=g.rows) for g in other.grids]
        self.seen += [
            Seen(code=s.code, place=f"{place}, {s.place}", what=s.what, n=s.n, finding=s.finding)
            for s in other.seen
        ]


_RULER = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")


def markdown_tables(lines: Sequence[str]) -> list[tuple[int, list[list[str]]]]:
    """Return the tables of Markdown lines: the number of the line that each begins in, and its rows.

    Examples
    --------
    >>> markdown_tables(["| n |", "| --- |", "| 3 |"])
    [(1, [['n'], ['3']])]
    """
    found = []
    for at, line in enumerate(lines):
        if at and "|" in line and _RULER.fullmatch(line.strip()):
            rows = [_cells(lines[at - 1])]
            for row in lines[at + 1 :]:
                if "|" not in row:
                    break
                rows.append(_cells(row))
            found.append((at, rows))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]
