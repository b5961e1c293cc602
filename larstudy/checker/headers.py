"""Which row of a table is its heading, and what each column is about."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from larstudy.checker.lexicon import folded, lexicon, pattern, words_pattern
from larstudy.evidence import word
from larstudy.names import LANGUAGES
from larstudy.table_files import Grid

#: How far down a heading is looked for.
_ROWS_SEARCHED = 6
#: A heading is not longer than this.
_LONGEST = 60
#: Columns that name the work; a table has one of them.
WORK_KINDS: Final = ("work", "authors")
#: Columns whose bare numbers are of one kind.
NUMBER_KINDS: Final = ("n", "mean", "sd", "se", "change", "d_z", "d_av", "share", "correlation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """One column: what it is called, what it is about ("" where that is not known), and at which wave.

    ``second`` is what it holds besides: the SD beside a mean, the sample beside the design.
    """

    text: str
    kind: str
    wave: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table whose heading was found.

    Attributes
    ----------
    number : int
        Which table of the file it is.
    headings : tuple of Heading
    rows : tuple of (int, tuple of str)
        The rows below the heading, each with the number that a reader would give it.
    dates : frozenset of (int, int)
        Cells that Excel holds as a date: number of the row, place of the column.
    """

    number: int
    headings: tuple[Heading, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    dates: frozenset[tuple[int, int]] = frozenset()

    def places(self, *kinds: str) -> list[int]:
        """Return the places of the columns of these kinds."""
        return [place for place, heading in enumerate(self.headings) if heading.kind in kinds]


@cache
def _names() -> dict[str, str]:
    """Return what each kind of column is called: the checker's names, and those of larstudy's own tables."""
    names = {name: kind for kind, listed in lexicon("headings")["headings"].items() for name in listed}
    for kind in (
        "work", "aim", "design", "country", "setting", "sample", "measures", "analysis", "findings",
        "limitations", "appraisal", "read", "page",
    ):  # fmt: skip
        names.setdefault(kind, kind)
        for lang in LANGUAGES:
            names.setdefault(_plain(word("columns", kind, lang)), kind)
    return names


@cache
def pattern_of(name: str) -> re.Pattern[str]:
    """Return the pattern of a list of words in the file of headings."""
    return words_pattern(lexicon("headings")[name]["words"])


def _plain(text: str) -> str:
    return re.sub(r"[^\w%&]+", " ", folded(text)).replace("&", "og").strip()


@cache
def _anywhere() -> list[tuple[re.Pattern[str], str, int]]:
    """Return the longer names as patterns, longest first: a heading may say more than the name."""
    long = [
        (name, kind)
        for name, kind in _names().items()
        # "Number of" and "year" alone say too little of what a longer heading counts.
        if len(name) > 2 and (kind not in ("n", "year") or " " in name)
    ]
    return [
        (words_pattern([name]), kind, len(name))
        for name, kind in sorted(long, key=lambda item: -len(item[0]))
    ]


@cache
def heading_of(text: str) -> Heading:
    """Return what a column is about, by its heading.

    Examples
    --------
    >>> [heading_of(t).kind for t in ("Forfattar (år)", "Utval (n)", "Hovudfun", "Relevans", "SD etter")]
    ['work', 'sample', 'findings', '', 'sd']
    """
    plain = _plain(text)
    if pattern_of("apart").search(plain):
        return Heading(text=re.sub(r"\s+", " ", text).strip(), kind="apart")
    kind = _names().get(plain, "")
    if not kind:
        kind = next((found for pattern_, found, _ in _anywhere() if pattern_.search(plain)), "")
    if not kind:
        # A first word such as "M" or "n" before what the column adds to it.
        kind = next((_names()[part] for part in plain.split()[:1] if len(part) < 3 and part in _names()), "")
    if not kind and len(plain) > 4:
        close = difflib.get_close_matches(plain, [n for n in _names() if len(n) > 4], n=1, cutoff=0.86)
        kind = _names()[close[0]] if close else ""
    wave = next((name for name in ("start", "follow_up") if pattern("waves", name).search(folded(text))), "")
    names = plain.split()
    second = "sd" if kind == "mean" and {"sd", "sa", "standardavvik"} & set(names[1:]) else ""
    if kind == "design" and any(_names().get(name) in ("sample", "n") for name in names):
        second = "sample"
    return Heading(text=re.sub(r"\s+", " ", text).strip(), kind=kind, wave=wave, second=second)


def _continues(row: tuple[str, ...], below: tuple[str, ...], headings: list[Heading]) -> bool:
    """Say whether the row below a heading is its second line: names of columns, and no work."""
    place = next(at for at, heading in enumerate(headings) if heading.kind in WORK_KINDS)
    if len(below) <= place or below[place] not in ("", row[place]):
        return False
    named = [text for at, text in enumerate(below) if text and at < len(row) and text != row[at]]
    return bool(named) and all(len(text) <= _LONGEST and heading_of(text).kind for text in named)


def _joined(top: Heading, text: str) -> Heading:
    """Return a column by both lines of its heading, of which the lower one says what it holds."""
    if not text or text == top.text:
        return top
    lower, both = heading_of(text), heading_of(f"{top.text} {text}")
    return Heading(text=f"{top.text} {text}".strip(), kind=lower.kind, wave=both.wave, second=lower.second)


def sheet_of(grid: Grid, number: int) -> Sheet | None:
    """Return a grid with its heading, or None where no row of it names a column of works.

    The heading is the row, of the first few, that names most kinds of column; a title that runs over the
    whole table stands above it.
    """
    best, most = -1, 0
    for at, row in enumerate(grid.rows[:_ROWS_SEARCHED]):
        short = [text for text in row if text and len(text) <= _LONGEST]
        if len(set(short)) < 2:
            continue
        kinds = {heading_of(text).kind for text in short} - {""}
        if kinds & set(WORK_KINDS) and len(kinds) > most:
            best, most = at, len(kinds)
    if best < 0:
        return None
    headings = [heading_of(text) for text in grid.rows[best]]
    below = grid.rows[best + 1] if best + 1 < len(grid.rows) else ()
    if _continues(grid.rows[best], below, headings):
        headings = [_joined(top, text) for top, text in zip(headings, below, strict=False)]
        best += 1
    while headings and not headings[-1].text:
        headings.pop()
    rows = tuple(
        (at + grid.first_row, row)
        for at, row in enumerate(grid.rows)
        if at > best and any(row) and len(set(row)) > 1
    )
    dates = frozenset((at + grid.first_row, place) for at, place in grid.dates)
    return Sheet(number=number, headings=tuple(headings), rows=rows, dates=dates)
