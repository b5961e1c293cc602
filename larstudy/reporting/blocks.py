"""A report as data: headings, paragraphs, tables and pictures in their order, in one language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from larstudy.figures import FigureKind, FigureResult
from larstudy.names import Language
from larstudy.tables import Table

#: How a paragraph is set apart: what the data are, a remark in small print, the stamp of synthetic data.
TextKind = Literal["", "evidence", "note", "stamp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading of the first, second or third level; ``anchor`` is what a link inside the page leads to."""

    text: str
    level: int = 2
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paragraph."""

    text: str
    kind: TextKind = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bullets:
    """A list."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Words and what they mean."""

    entries: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shown:
    """A table, already in the language of the report."""

    table: Table


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Picture:
    """A figure with its caption, and its numbers as tables behind a toggle."""

    name: str
    figure: FigureResult
    caption: str
    tables: tuple[Table, ...] = ()
    _made: dict[FigureKind, bytes] = field(default_factory=dict, init=False)

    def to_bytes(self, kind: FigureKind) -> bytes:
        """Return the figure as a file's bytes; it stands in several files, and is drawn once for all."""
        if kind not in self._made:
            self._made[kind] = self.figure.to_bytes(kind)
            # Everything has its place; to look for it again would take as long as to draw it.
            self.figure.figure.set_layout_engine("none")
        return self._made[kind]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fold:
    """What stands behind a toggle on the page, and under a heading on paper."""

    summary: str
    blocks: tuple[Block, ...]


Block = Heading | Text | Bullets | Terms | Shown | Picture | Fold


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Report:
    """A report in one language.

    Attributes
    ----------
    title : str
    lang : {"en", "nb", "nn"}
    synthetic : bool
        Stamps the whole of it.
    blocks : tuple of Block
    """

    title: str
    lang: Language
    synthetic: bool
    blocks: tuple[Block, ...]

    def headings(self, level: int) -> tuple[Heading, ...]:
        """Return the headings of a level, in their order."""
        return tuple(b for b in self.blocks if isinstance(b, Heading) and b.level == level)

    def pictures(self) -> tuple[Picture, ...]:
        """Return the figures, in their order."""
        return tuple(block for block in every_block(self.blocks) if isinstance(block, Picture))


def every_block(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield blocks, and those behind toggles after the toggle."""
    for block in blocks:
        yield block
        if isinstance(block, Fold):
            yield from every_block(block.blocks)
