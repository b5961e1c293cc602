"""Which work a row of a table is about: by author and year, and by what else the row says."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from larstudy.checker.headers import WORK_KINDS, Sheet
from larstudy.checker.known import KnownWork
from larstudy.checker.lexicon import ascii_name, folded, lexicon, words_pattern
from larstudy.checker.written import numbers_of

REPORT = re.compile(r"(?<!\d)(\d{4})\s?[:/]\s?(\d{1,3})(?!\d)")
_YEAR = re.compile(r"(?<![\d:/.-])(1[89]\d\d|2\d\d\d)[a-c]?(?![\d:/])")
#: What a match needs: a first author and a year near by, or more of one where there is less of the other.
_ENOUGH = 4.0
#: Names less alike than this are different names.
_ALIKE = 0.78
_LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RowWords:
    """What a row says of which work it is about."""

    cited: str
    title: str
    years: tuple[int, ...]
    reports: frozenset[str]
    n: frozenset[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The work of a row.

    Attributes
    ----------
    work : KnownWork or None
    others : tuple of KnownWork
        Works that fit as well, where no one of them fits best.
    name : str
        The author's name as the row writes it, where it is not the work's; else empty.
    """

    work: KnownWork | None
    others: tuple[KnownWork, ...] = ()
    name: str = ""


def report_of(text: str) -> str:
    """Return the number of a report in one way of writing it.

    Examples
    --------
    >>> report_of("2019 / 10"), report_of("IS-1701")
    ('2019:10', 'is-1701')
    """
    found = REPORT.search(text)
    return f"{found.group(1)}:{int(found.group(2))}" if found else folded(text)


def years_in(text: str) -> tuple[int, ...]:
    """Return the years of a citation; the number of a report is none.

    Examples
    --------
    >>> years_in("Hansen mfl., 2019 (Fafo 2019:10)")
    (2019,)
    """
    return tuple(dict.fromkeys(int(year) for year in _YEAR.findall(text)))


def row_words(sheet: Sheet, cells: tuple[str, ...]) -> RowWords:
    """Return what a row says of which work it is about."""

    def text(*kinds: str) -> str:
        return " ".join(cells[place] for place in sheet.places(*kinds) if place < len(cells))

    cited = text(*WORK_KINDS)
    n = [
        value
        for written in numbers_of(text("n", "sample"))
        for value, digits in written.readings
        if not digits
    ]
    reports = {f"{year}:{int(number)}" for year, number in REPORT.findall(" ".join(cells))}
    return RowWords(
        cited=cited,
        title=text("title"),
        years=years_in(text("year")) or years_in(cited),
        reports=frozenset(reports),
        n=frozenset(n),
    )


def name_in(text: str, name: str) -> tuple[float, str]:
    """Return how like the name of an author anything in a text is, from 0 to 1, and how it is written there.

    Examples
    --------
    >>> name_in("Brathen og Lien", "Bråthen"), name_in("Mueller et al.", "Muller")
    ((1.0, 'Brathen'), (1.0, 'Mueller'))
    >>> name_in("Vesteh", "Veseth")[0] > 0.8
    True
    """
    others = words_pattern(lexicon("wordings")["two"]["others"])
    words = re.findall(r"[^\W\d_][^\W\d_'’\-]*", others.sub(" ", text))
    wanted = ascii_name(name)
    length = len(wanted.split())
    best, written = 0.0, ""
    for at in range(len(words) - length + 1):
        part = " ".join(words[at : at + length])
        found = ascii_name(part)
        if found == wanted:
            return 1.0, part
        ratio = difflib.SequenceMatcher(None, found, wanted).ratio() if len(wanted) > 3 else 0.0
        if ratio > best and (found[:1] == wanted[:1] or ratio > 0.9):
            best, written = ratio, part
    return best, written


def same_digits(one: int | str, other: int | str) -> bool:
    """Say whether two whole numbers differ only in that two neighbouring digits have changed places."""
    a, b = str(one), str(other)
    places = [at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    return (
        len(a) == len(b)
        and len(places) == 2
        and places[1] == places[0] + 1
        and a[places[0]] == b[places[1]]
        and a[places[1]] == b[places[0]]
    )


def _author_score(row: RowWords, work: KnownWork) -> tuple[float, str]:
    """Return up to 3 for the first author, a little for each other author, and the name if it is misspelt."""
    first, written = name_in(row.cited, work.authors[0]) if work.authors else (0.0, "")
    if first < _ALIKE:
        if not work.institution or name_in(row.cited, work.institution)[0] < 1.0:
            return 0.0, ""
        first, written = 1.0, ""
    others = sum(name_in(row.cited, name)[0] == 1.0 for name in work.authors[1:])
    misspelt = written if first < 1.0 else ""
    return (3.0 if first == 1.0 else 2.0) + min(0.3 * others, 0.9), misspelt


def _year_score(row: RowWords, work: KnownWork) -> float:
    if not row.years:
        return 1.0
    if set(row.years) & set(work.years):
        return 2.0
    near = any(abs(a - b) == 1 or same_digits(a, b) for a in row.years for b in work.years)
    return 1.0 if near else 0.0


def score(row: RowWords, work: KnownWork) -> tuple[float, str]:
    """Return how well a row fits a work, and the author's name if the row misspells it."""
    authors, misspelt = _author_score(row, work)
    if not authors:
        return 0.0, ""
    total = authors + _year_score(row, work)
    if row.title and work.title:
        alike = title_likeness(row.title, work.title)
        total += 2.0 if alike > 0.8 else -1.0
    if row.reports and work.report:
        total += 1.0 if report_of(work.report) in row.reports else 0.0
    ns = {figure.value for figure in work.of("n")}
    if row.n and ns:
        total += 1.0 if row.n & ns else -1.0
    return total, misspelt


def title_likeness(one: str, other: str) -> float:
    """Return how alike two titles are, from 0 to 1; a title without its subtitle is the title."""
    a, b = (re.sub(r"[^\w ]", " ", folded(t[:_LONGEST_TITLE])) for t in (one, other))
    a, b = (re.sub(r"\s+", " ", t).strip() for t in (a, b))
    # Either of the two may have a subtitle that the other leaves out.
    pairs = ((a, b), (a, b[: max(len(a), 12)]), (a[: max(len(b), 12)], b))
    return max(difflib.SequenceMatcher(None, x, y, autojunk=False).ratio() for x, y in pairs)


def match_rows(rows: Iterable[RowWords], works: Mapping[str, KnownWork]) -> list[Match]:
    """Return the work of each row; where two fit alike, a work that another row is about gives way."""
    matched = [_match(row, works, frozenset()) for row in rows]
    taken = frozenset(match.work.key for match in matched if match.work is not None)
    listed = list(rows)
    return [
        _match(row, works, taken) if match.work is None and match.others else match
        for row, match in zip(listed, matched, strict=True)
    ]


def _match(row: RowWords, works: Mapping[str, KnownWork], taken: frozenset[str]) -> Match:
    scored = [(score(row, work), work) for work in works.values() if work.key not in taken]
    scored = [(found, work) for found, work in scored if found[0] >= _ENOUGH]
    # A work that the registry only has numbers of is not told from others by the same authors in that year.
    doubtful = [work for _, work in scored if work.role == "other" and _contradicted(row, work)]
    fitting = [(found, work) for found, work in scored if work not in doubtful]
    if not fitting:
        return Match(work=None, others=tuple(doubtful))
    best = max(found[0] for found, _ in fitting)
    close = [(found, work) for found, work in fitting if found[0] > best - 0.5]
    if len(close) > 1:
        close = [(found, work) for found, work in close if work.role == "reviewed"] or close
    if len(close) > 1:
        return Match(work=None, others=tuple(work for _, work in close))
    (_, misspelt), work = close[0]
    return Match(work=work, name=misspelt)


def _contradicted(row: RowWords, work: KnownWork) -> bool:
    ns = {figure.value for figure in work.of("n")}
    return bool(row.n) and bool(ns) and not row.n & ns
