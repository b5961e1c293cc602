"""What single columns seem to be: ids, waves, dates, clinics, age and sex; never an answer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from larstudy.dates import read_days
from larstudy.placement import sort_labels
from larstudy.raw_table import RawTable
from larstudy.wave_marks import in_time

_WHO = (
    r"person|subject|participant|patient|pasient|deltaker|deltakar|respondent|informant|klient|client|bruker"
    r"|brukar|studie|study|record|case|l[øo]pe|resp|kandidat"
)
_ID = r"id|nr|no|num|nummer|number|kode|code"
_PERSON = re.compile(
    rf"(?:.*[_. ])?(?:{_ID}|pid|l[øo]penr|{_WHO})|(?:{_WHO})[_. ]?(?:{_ID})(?:[_. ].*)?", re.I
)
_WAVE = re.compile(
    r"redcap_event_name|(?:time|wave|visit|month|year|week|day|session|occasion|t|tp|tid|runde|b[øo]lge"
    r"|bolk|m[åa]ned"
    r"|[åa]r|uke|veke|dag|m(?:å|a|aa)ling|(?:m(?:å|a|aa)le)?tidspunkt|m(?:å|a|aa)letid|m(?:å|a"
    r"|aa)lepunkt|event|phase"
    r"|fase|periode|period|assessment|oppf[øo]lging|bes[øo]k)(?:[_. ]?(?:point|punkt|nr|no))?",
    re.I,
)
_CLUSTER = re.compile(
    r"(?:.*[_. ])?(?:klinikk|poliklinikk|clinic|site|senter|sentrum|center|centre|facility|avdeling"
    r"|enhet|eining|unit"
    r"|institution|institusjon|sykehus|sjukehus|hospital|foretak|kommune|region)(?:[_. ]?(?:id|nr|no"
    r"|kode|code))?",
    re.I,
)
_AGE = re.compile(r"(?:.*[_. ])?(?:alder|age|f[øo]dsels[åa]r|birth_?year)(?:[_. ].*)?", re.I)
_SEX = re.compile(r"(?:.*[_. ])?(?:kj[øo]e?nn|sex|gender|female|male|kvinne|mann)(?:[_. ].*)?", re.I)
_DATE = re.compile(r".*(?:dato|date|dag|day|bes[øo]k|visit).*", re.I)
_OUTCOME = re.compile(
    r"qol|livskv|whoqol|scl|hscl|ces|phq|gad|score|skår|skaar|sum|total|pss|mcs|pcs|eq_?5d|vas|distress"
    r"|psyk|mental|helse"
    r"|health|trivs|wellbeing|well_being",
    re.I,
)
_MOST_WAVES = 12
_SHARE_OF_A_WAVE = 0.05
_WAVE_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_FEWEST_CLUSTERS = 2
_MONTH = 365.25 / 12


def marks_of(table: RawTable, column: str) -> list[str]:
    """Return the marks of the waves in a column, or nothing where it does not look like one.

    Only what stands in several rows, and not in a few of many, is taken for a mark, and no word where most
    marks are numbers: a stray word may be somebody's answer.
    """
    counts = Counter(label for label in table.labels(column) if label is not None)
    least = max(2, _SHARE_OF_A_WAVE * counts.total())
    numbers = sum(n for label, n in counts.items() if _WAVE_NUMBER.fullmatch(label)) * 2 > counts.total()
    marks = [
        label
        for label, n in counts.items()
        if n >= least and label.isprintable() and bool(_WAVE_NUMBER.fullmatch(label)) == numbers
    ]
    if not 2 <= len(marks) <= _MOST_WAVES:
        return []
    return sort_labels(marks) if numbers else list(in_time(marks))


def tells_apart(table: RawTable, columns: Sequence[str]) -> bool:
    """Return whether no two rows have the same in all of these columns."""
    rows = list(zip(*(table.labels(name) for name in columns), strict=True))
    return len(set(rows)) == len(rows)


def guess_wave(table: RawTable, columns: Sequence[str]) -> str | None:
    """Return the column that marks the waves of a long file, by its name and by having few marks."""
    return next((name for name in columns if _WAVE.fullmatch(name) and marks_of(table, name)), None)


def guess_person(table: RawTable, columns: Sequence[str], wave: str | None) -> str | None:
    """Return the column of the persons: by its name, or as the first that tells all rows apart.

    Of several names the one that tells rows apart is taken, then the one with the most ids: the number of a
    clinic is an id too.
    """
    named = [
        name for name in columns if name != wave and _PERSON.fullmatch(name) and not _WAVE.fullmatch(name)
    ]
    by = [wave] if wave else []
    if named:
        apart = [name for name in named if tells_apart(table, [name, *by])]
        return apart[0] if apart else max(named, key=lambda name: len(set(table.labels(name))))
    if wave is None:
        return None
    others = [name for name in columns if name != wave and not tells_apart(table, [name])]
    return next((name for name in others if tells_apart(table, [name, wave])), None)


def guess_cluster(table: RawTable, columns: Sequence[str], persons: int) -> str | None:
    """Return the column of the clinics, by its name, where each has two persons or more on average."""
    for name in columns:
        distinct = {label for label in table.labels(name) if label is not None}
        if _CLUSTER.fullmatch(name) and _FEWEST_CLUSTERS <= len(distinct) <= persons / 2:
            return name
    return None


def guess_covariates(table: RawTable, columns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the columns of age and sex by their names, and those of them whose numbers are codes."""
    age = next((name for name in columns if _AGE.fullmatch(name) and not table.numbers(name).bad.any()), None)
    sex = next((name for name in columns if _SEX.fullmatch(name) and name != age), None)
    coded = [sex] if sex is not None and not table.numbers(sex).bad.any() else []
    return [name for name in (age, sex) if name is not None], coded


def is_date(table: RawTable, column: str) -> bool:
    """Return whether a column holds dates and nothing else."""
    labels = table.labels(column)
    days = read_days(labels)
    return any(label is not None for label in labels) and not days.bad.any()


def guess_date(table: RawTable, columns: Sequence[str], person: str) -> str | None:
    """Return the column of the dates of visits: of those that differ within persons, one named so."""
    dates = [name for name in columns if name != person and is_date(table, name)]
    moving = [name for name in dates if len(days_by_visit(table, person, name)) > 1]
    return next((name for name in moving if _DATE.fullmatch(name)), next(iter(moving), None))


def days_by_visit(table: RawTable, person: str, date: str) -> list[int]:
    """Return after how many days first, second, ... visits usually came, where half of the persons had one.

    Medians, so that no number is one person's.
    """
    days = read_days(table.labels(date)).values
    visits: dict[str, set[float]] = {}
    for label, day in zip(table.labels(person), days.tolist(), strict=True):
        if label is not None and not np.isnan(day):
            visits.setdefault(label, set()).add(day)
    after = [[day - min(seen) for day in sorted(seen)] for seen in visits.values()]
    usual = [
        [one[place] for one in after if len(one) > place] for place in range(max(map(len, after), default=0))
    ]
    medians = [round(float(np.median(one))) for one in usual if len(one) * 2 >= len(after) and len(one) > 1]
    return sorted(set(medians))


def windows_around(days: Sequence[int]) -> list[str]:
    """Return windows of days for waves: halfway to the next on either side.

    Examples
    --------
    >>> windows_around([0, 365])
    ['baseline = [0, 182]', 'month12 = [183, 365, 548]']
    """
    ends = [(low + high) // 2 for low, high in pairwise(days)]
    last = days[-1] + (days[-1] - ends[-1]) if ends else days[-1]
    months = [round(day / _MONTH) for day in days]
    distinct = len(set(months)) == len(months)
    lines = [f"baseline = [{days[0]}, {ends[0]}]"]
    for place, day in enumerate(days[1:]):
        end = ends[place + 1] if place + 1 < len(ends) else last
        name = f"month{months[place + 1]}" if distinct else f"day{day}"
        lines.append(f"{name} = [{ends[place] + 1}, {day}, {end}]")
    return lines


def sounds_like_outcome(name: str) -> bool:
    """Return whether a column is named as scores of quality of life, health or distress are.

    Examples
    --------
    >>> [sounds_like_outcome(name) for name in ("QoLS_total", "livskvalitet", "vekt")]
    [True, True, False]
    """
    return bool(_OUTCOME.search(name))
