"""The words of figures: intervals, numbers and lists as they stand in alt texts and beside marks."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from larstudy.catalogue import in_language, say
from larstudy.names import ALL, HigherIs, Language, in_sentence, label
from larstudy.tables import show_fixed

_RIGHT: Final = {"better": "{axis} (right is better)", "worse": "{axis} (left is better)", None: "{axis}"}
_UP: Final = {"better": "{axis} (up is better)", "worse": "{axis} (down is better)", None: "{axis}"}

_LONGEST: Final = 70
_NARROW: Final = 0.2
_WAVE: Final = re.compile(r"(month|year|week|day)[ _]?(\d+)")
_UNITS: Final = {"month": "Month {n}", "year": "Year {n}", "week": "Week {n}", "day": "Day {n}"}


def wave_words(wave: str, lang: Language) -> str:
    """Return what a wave is called: the usual names in words, any other as the study has it.

    Examples
    --------
    >>> wave_words("baseline", "nb"), wave_words("month12", "en"), wave_words("T2", "nn")
    ('Ved start', 'Month 12', 'T2')
    """
    if wave == "baseline":
        return say("Baseline", lang)
    found = _WAVE.fullmatch(wave)
    return say(_UNITS[found.group(1)], lang, n=found.group(2)) if found else wave


def between(what: str, waves: tuple[str, str], lang: Language, stratum: str = ALL) -> str:
    r"""Return what a figure is of, between which waves, and in whom.

    Examples
    --------
    >>> between("Mental", ("baseline", "month12"), "en", "completed")
    'Mental, baseline\xa0→\xa0month\xa012, completed treatment'
    """
    what = in_language(what, lang)
    # A title that is longer than the figure leaves no room for it.
    what = what if len(what) <= _LONGEST else f"{what[: _LONGEST - 1]}…"
    start, end = (in_a_sentence(wave, lang) for wave in waves)
    whom = "" if stratum == ALL else f", {in_sentence(stratum, lang)}"
    # Kept together where the line is broken.
    waves_in_words = f"{start} → {end}".replace(" ", "\N{NO-BREAK SPACE}")
    return f"{what}, {waves_in_words}{whom}"


def with_wave_words(text: str, waves: Iterable[str], lang: Language) -> str:
    """Return a sentence with waves called as they are elsewhere; the study's own names keep their letters.

    Examples
    --------
    >>> with_wave_words("no answers at month12", ["baseline", "month12"], "en")
    'no answers at month 12'
    """
    for wave in waves:
        called = in_a_sentence(wave, lang).removeprefix("ved ")
        # A backslash in a study's own name is not an instruction.
        text = re.sub(rf"\b{re.escape(wave)}\b", called.replace("\\", r"\\"), text)
    return text


def in_a_sentence(wave: str, lang: Language) -> str:
    """Return what a wave is called inside a sentence; the study's own names keep their letters.

    Examples
    --------
    >>> in_a_sentence("month12", "nn"), in_a_sentence("T2", "en")
    ('månad 12', 'T2')
    """
    words = wave_words(wave, lang)
    return words if words == wave else words[0].lower() + words[1:]


def number(value: float, lang: Language, digits: int = 2) -> str:
    """Return a number as a reader of the language sees it, with just so many decimals.

    Examples
    --------
    >>> number(-1.25, "en"), number(-1.25, "nn"), number(12.0, "nb", 0)
    ('−1.25', '−1,25', '12')
    """
    return in_language(show_fixed(value, digits), lang)


def interval(
    row: Mapping[Any, Any], lang: Language, names: tuple[str, str, str], digits: int | None = None
) -> str:
    """Return an estimate and its interval, or the estimate alone where it has none.

    Unless told how many decimals, it has two, and three where the interval is narrower than a fifth.

    Examples
    --------
    >>> interval({"a": 1.5, "b": 0.5, "c": 2.5}, "nn", ("a", "b", "c"))
    '1,50 (0,50 til 2,50)'
    >>> interval({"a": 1.5, "b": float("nan"), "c": 2.5}, "en", ("a", "b", "c"))
    '1.50'
    """
    estimate, low, high = (float(row[name]) for name in names)
    if digits is None:
        digits = 3 if high - low < _NARROW else 2
    shown = number(estimate, lang, digits)
    if not (math.isfinite(low) and math.isfinite(high)):
        return shown
    return say(
        "{estimate} ({low} to {high})",
        lang,
        estimate=shown,
        low=number(low, lang, digits),
        high=number(high, lang, digits),
    )


def choice_words(level: str) -> str:
    """Return what was chosen in an analysis, in English words.

    Examples
    --------
    >>> choice_words("complete_cases"), choice_words("ancova")
    ('complete cases', 'ANCOVA')
    """
    return level.replace("_", " ").replace("ancova", "ANCOVA")


def digits_of(rows: Iterable[Mapping[Any, Any]]) -> int:
    """Return how many decimals the intervals of one figure have: three where one is narrower than a fifth.

    Examples
    --------
    >>> digits_of([{"conf_low": 0.4, "conf_high": 0.5}, {"conf_low": 0.2, "conf_high": 0.6}])
    3
    """
    return 3 if any(row["conf_high"] - row["conf_low"] < _NARROW for row in rows) else 2


def estimate_of(row: Mapping[Any, Any], lang: Language, digits: int | None = None) -> str:
    """Return an estimate and its interval from the columns that results have."""
    return interval(row, lang, ("estimate", "conf_low", "conf_high"), digits)


def in_a_line(title: str) -> str:
    r"""Return a title without its line breaks.

    Examples
    --------
    >>> in_a_line("Who was lost\nMental")
    'Who was lost: Mental'
    """
    return ": ".join(" ".join(line.split()) for line in title.splitlines() if line.strip())


def told(title: str, parts: Iterable[str], more: Iterable[str] = ()) -> str:
    """Return an alt text: what is shown, then its parts, then whole sentences.

    Examples
    --------
    >>> told("Who was seen", ["before 12", "after 11"], ["Two are hidden."])
    'Who was seen: before 12, after 11. Two are hidden.'
    >>> told("Change, months 0 to 12", ["A: 1 (0 to 2)", "B: 2"])
    'Change, months 0 to 12: A: 1 (0 to 2); B: 2.'
    >>> told("", ["3"])
    '3.'
    """
    items = [part for part in parts if part]
    simple = all(":" not in item and "," not in item for item in items)
    head = ": ".join(text for text in (in_a_line(title), (", " if simple else "; ").join(items)) if text)
    return " ".join([f"{head}." if head else "", *more]).strip()


def withheld_words(groups: Sequence[str], lang: Language) -> str:
    """Return which groups a figure may not show.

    Examples
    --------
    >>> withheld_words(["isolated", "drug_dominated"], "en")
    'Withheld: isolated, drug-dominated network (small counts)'
    """
    names = ", ".join(in_sentence(group, lang) for group in groups)
    return say("Withheld: {groups} (small counts)", lang, groups=names)


def with_n(name: str, n: int, lang: Language, *, apart: str = " ") -> str:
    """Return a name and behind it how many persons there are.

    Examples
    --------
    >>> with_n("isolated", 7, "nb")
    'Sosialt isolert (n = 7)'
    """
    return f"{label(name, lang)}{apart}(n = {n})"


def axis_right(axis: str, higher_is: HigherIs | None, lang: Language) -> str:
    """Return what lies along an axis from left to right, and which side is better.

    Examples
    --------
    >>> axis_right("Change", "worse", "en")
    'Change (left is better)'
    """
    return say(_RIGHT[higher_is], lang, axis=axis)


def axis_up(axis: str, higher_is: HigherIs | None, lang: Language) -> str:
    """Return what lies along an axis from below, and which side is better."""
    return say(_UP[higher_is], lang, axis=axis)
