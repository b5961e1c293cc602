"""Dates as people write them, read as days; nothing that could be two dates is guessed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from larstudy.specs.data import DateOrder
from larstudy.stats.arrays import BoolArray, FloatArray

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ].*)?")
_PARTS = re.compile(r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})(?:[T ].*)?")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{2}")
_FIRST_YEAR = 1850


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A column read as days.

    Attributes
    ----------
    values : ndarray of float, shape (rows,)
        Days since 1 January of year 1; NaN where missing or unreadable.
    bad : ndarray of bool, shape (rows,)
        Cells that hold something which is not read as a date.
    what : str
        What is the matter with the bad cells.
    """

    values: FloatArray
    bad: BoolArray
    what: str = "not a date"


def read_days(labels: Sequence[str | None], *, order: DateOrder = "auto") -> Days:
    """Read dates as days.

    Parameters
    ----------
    labels : sequence of str or None
        ``2024-03-01``, ``1.3.2024``, ``01/03/2024`` or ``01-03-2024``; a time behind a date is passed over.
    order : {"auto", "dmy", "mdy"}
        How dates that do not begin with the year are to be read. With "auto" dots mean that the day stands
        first, as in Norway; strokes and hyphens mean it only where some date of the column can be read in no
        other way and none contradicts it.

    Returns
    -------
    Days

    Examples
    --------
    >>> days = read_days(["2024-03-01", "31.3.2024", None])
    >>> days.values[1] - days.values[0], days.bad.any()
    (np.float64(30.0), np.False_)
    >>> read_days(["01/03/2024"]).what
    'a date whose day and month could be taken for each other'
    """
    distinct = [label for label in dict.fromkeys(labels) if label is not None]
    parts = {label: match for label in distinct if (match := _PARTS.fullmatch(label))}
    day_first, unsure, what = _order(list(parts.values()), order)
    days: dict[str | None, float | None] = {None: np.nan}
    for label in distinct:
        match = parts.get(label)
        iso = _ISO.fullmatch(label)
        if iso:
            days[label] = _day(int(iso[1]), int(iso[2]), int(iso[3]))
        elif match is None or (unsure and match[2] in unsure):
            days[label] = None
        else:
            first, second = int(match[1]), int(match[3])
            day, month = (first, second) if day_first or _dotted(match, order) else (second, first)
            days[label] = _day(int(match[4]), month, day)
    if any(_SHORT_YEAR.fullmatch(label) for label in distinct):
        what = "a date without its century: write the year with four digits"
    values = np.array([np.nan if days[label] is None else days[label] for label in labels], dtype=float)
    return Days(values=values, bad=np.array([days[label] is None for label in labels], dtype=bool), what=what)


def _dotted(match: re.Match[str], order: DateOrder) -> bool:
    return order == "auto" and match[2] == "."


def _order(parts: Sequence[re.Match[str]], order: DateOrder) -> tuple[bool, str, str]:
    """Return whether the day comes first, the marks between parts that leave it unsure, and the trouble."""
    if order != "auto":
        return order == "dmy", "", "not a date in the order that [data] date_order says"
    open_ones = [m for m in parts if m[2] != "."]
    first = any(int(m[1]) > 12 for m in open_ones)
    second = any(int(m[3]) > 12 for m in open_ones)
    if first and second:
        return True, "/-", "a date in a column where some have the day first and some the month"
    if open_ones and second:
        return False, "/-", 'a date with the month first, it seems: say date_order = "mdy" if that is meant'
    if open_ones and not first:
        return True, "/-", "a date whose day and month could be taken for each other"
    return True, "", "not a date"


def _day(year: int, month: int, day: int) -> float | None:
    try:
        return float(date(year, month, day).toordinal()) if year >= _FIRST_YEAR else None
    except ValueError:
        return None
