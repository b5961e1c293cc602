"""A remark on one cell: what stands there, what the source says, and why the two probably differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from larstudy.checker.headers import Heading
from larstudy.checker.known import Figure, KnownWork
from larstudy.checker.lexicon import say
from larstudy.evidence import in_language, word
from larstudy.names import Language

RemarkKind = Literal["wrong", "unclear", "right", "not_checked"]
_QUOTED = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What there is to say of one thing in a table.

    Attributes
    ----------
    table, row : int
        Which table of the file, and which row of it as a reader counts.
    work, column : str
        The work as the table cites it, and the heading of the column.
    kind : {"wrong", "unclear", "right", "not_checked"}
    diagnosis : str
        A short fixed name of what was found, such as ``se_for_sd``.
    written, says, place, why : str
        What stands in the cell, quoted shortly; what the source says and where; why the two probably differ.
    """

    table: int
    row: int
    work: str
    column: str
    kind: RemarkKind
    diagnosis: str
    written: str
    says: str
    place: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that is being looked at, with the work that it is about."""

    table: int
    row: int
    cited: str
    heading: Heading
    text: str
    work: KnownWork
    works: Mapping[str, KnownWork]
    lang: Language

    def remark(
        self,
        kind: RemarkKind,
        diagnosis: str,
        *,
        why: str = "",
        written: str = "",
        says: str = "",
        place: str = "",
        fill: Mapping[str, str] | None = None,
    ) -> Remark:
        """Return a remark on the cell; ``why`` names a text, the diagnosis unless given."""
        return Remark(
            table=self.table,
            row=self.row,
            work=self.cited,
            column=self.heading.text,
            kind=kind,
            diagnosis=diagnosis,
            written=quoted(written or self.text),
            says=says,
            place=place,
            why=say("why", why or diagnosis, self.lang).format(**(fill or {})),
        )

    def place_of(self, figure: Figure) -> str:
        """Return where a number stands: in the abstract, the source, the review, with page or table."""
        if not figure.confidence:
            return say("words", "registry", self.lang)
        if figure.confidence == "D":
            where = say("words", "computed", self.lang)
        elif figure.confidence == "REVIEW":
            where = say("words", "review_cites", self.lang)
        else:
            where = word("values", figure.confidence, self.lang)
        page = f"{say('words', 'page', self.lang)} {figure.place}" if figure.place.isdigit() else figure.place
        return f"{where}, {page}" if page else where

    def cited_page(self, page: str) -> str:
        """Return the page of a claim, as the review cites it."""
        cites, mark = (say("words", name, self.lang) for name in ("review_cites", "page"))
        return f"{cites}, {mark} {page}"

    def read_place(self) -> str:
        """Return how the registry came to know what it says of the work's design and country."""
        return (
            word("values", self.work.read, self.lang)
            if self.work.read
            else say("words", "registry", self.lang)
        )

    def shown(self, figure: Figure) -> str:
        """Return a number with what it is, as the language writes it."""
        return f"{number_shown(figure.printed, self.lang)} ({in_language(figure.label, self.lang)})"


def quoted(text: str) -> str:
    r"""Return the beginning of a cell on one line.

    Examples
    --------
    >>> quoted("two\nlines"), len(quoted("word " * 50))
    ('two lines', 70)
    """
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= _QUOTED else line[: _QUOTED - 2].rstrip() + " …"


def number_shown(printed: str, lang: Language) -> str:
    """Return a printed number with the decimal mark of a language.

    Examples
    --------
    >>> number_shown("-0.11", "nn"), number_shown("64 %", "en")
    ('−0,11', '64 %')
    """
    text = printed.replace("-", "\N{MINUS SIGN}")
    return text if lang == "en" else text.replace(".", ",")
