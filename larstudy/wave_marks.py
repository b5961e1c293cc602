"""Waves in the names of columns: ``qol_t0`` and ``qol_t1``, ``1_qol``, ``qol.bl``, ``qol.12m``."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_FIRST = frozenset(
    {
        "pre", "bl", "base", "baseline", "start", "oppstart", "inn", "innkomst", "inklusjon", "inclusion",
        "før", "foer", "intake", "admission", "before", "ved start",
    }
)  # fmt: skip
_LATER = frozenset(
    {
        "post", "fu", "followup", "oppfølging", "oppfolging", "slutt", "ut", "etter", "end", "exit", "after",
        "discharge", "utskriving", "utskrivning",
    }
)  # fmt: skip
_DAYS = {
    "d": 1, "dag": 1, "dager": 1, "day": 1, "w": 7, "wk": 7, "u": 7, "uke": 7, "uker": 7, "week": 7,
    "m": 30, "mo": 30, "mnd": 30, "mth": 30, "month": 30, "y": 365, "yr": 365, "year": 365,
    "år": 365, "aar": 365,
}  # fmt: skip
_UNITS = "|".join(sorted(_DAYS, key=len, reverse=True))
_WORDS = "|".join(sorted(_FIRST | _LATER, key=len, reverse=True))
_MARK = rf"(?:(?:{_WORDS})[0-9]{{0,3}}|(?:t|v|wave|visit|time|tid|{_UNITS})?[0-9]{{1,3}}(?:{_UNITS})?)"
_NUMBERED = re.compile(rf"(?P<before>[^0-9]*)(?P<number>[0-9]+)(?P<unit>{_UNITS})?", re.I)
_SPLITS = (
    ("suffix", re.compile(rf"(?P<stem>.*?[^_. -])(?P<gap>[_. -])(?P<mark>{_MARK})", re.I)),
    # Without a gap the number behind a number would be part of it, and a word the end of another.
    ("suffix", re.compile(r"(?P<stem>.*?[a-zæøå0-9])(?P<gap>)(?P<mark>T[0-9]+)")),
    ("suffix", re.compile(r"(?P<stem>.*?[^_. \-0-9])(?P<gap>)(?P<mark>[0-9]{1,3}|pre|post|bl|fu)", re.I)),
    ("prefix", re.compile(rf"(?P<mark>{_MARK})(?P<gap>[_. -])(?P<stem>.*[^0-9_. -].*)", re.I)),
)
_MOST_LONE_WAVES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Something that may be measured at each wave.

    Attributes
    ----------
    name : str
    column : str
        As a study file names it, with ``{wave}`` in a wide file.
    columns : tuple of str
        As the data file names it, in the order of the waves.
    """

    name: str
    column: str
    columns: tuple[str, ...]


def waves_in_names(columns: Sequence[str]) -> tuple[tuple[str, ...], list[Measured]]:
    """Return the marks of waves that most names of columns share, and what is measured at each.

    Parameters
    ----------
    columns : sequence of str

    Returns
    -------
    tuple of str, list of Measured
        The marks in their order in time; nothing where no names go together.

    Examples
    --------
    >>> marks, measured = waves_in_names(["id", "qol_12m", "qol_bl", "net_bl", "net_12m"])
    >>> marks, [one.column for one in measured]
    (('bl', '12m'), ['qol_{wave}', 'net_{wave}'])
    """
    groups: dict[tuple[str, str, str], dict[str, str]] = defaultdict(dict)
    for column in columns:
        for side, pattern in _SPLITS:
            found = pattern.fullmatch(column)
            if found:
                groups[side, found["stem"], found["gap"]].setdefault(found["mark"], column)
    sets = [(key[0], in_time(found)) for key, found in groups.items() if len(found) > 1]
    counts = Counter(sets)
    # One stem with many numbers behind it is a questionnaire, not a series of waves.
    counts = Counter({s: n for s, n in counts.items() if n > 1 or len(s[1]) <= _MOST_LONE_WAVES})
    if not counts:
        return (), []
    side, marks = max(sorted(counts), key=lambda s: (counts[s], not all(m.isdigit() for m in s[1])))
    whole = {key: found for key, found in groups.items() if key[0] == side and set(marks) <= set(found)}
    stems = Counter(stem for _, stem, _ in whole)
    measured = [
        Measured(
            name=stem if stems[stem] == 1 else f"{stem}{gap}x",
            column=f"{stem}{gap}{{wave}}" if side == "suffix" else f"{{wave}}{gap}{stem}",
            columns=tuple(found[mark] for mark in marks),
        )
        for (_, stem, gap), found in whole.items()
    ]
    return marks, measured


def in_time(marks: Iterable[str]) -> tuple[str, ...]:
    """Return marks as waves come: the baseline by its usual names, then by numbers, then other words.

    Examples
    --------
    >>> in_time(["12m", "bl", "1y", "6m"]), in_time(["post", "pre"])
    (('bl', '6m', '12m', '1y'), ('pre', 'post'))
    """
    return tuple(sorted(marks, key=_place))


def _place(mark: str) -> tuple[int, int, str]:
    plain = mark.casefold()
    if plain in _FIRST:
        return 0, 0, mark
    found = _NUMBERED.fullmatch(plain)
    if not found:
        return 2, 0, mark
    before = found["before"].strip("_. -")
    return 1, int(found["number"]) * _DAYS.get(found["unit"] or before, 1), mark
