"""Numbers as they are printed: what they may have been before rounding, held against what follows."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

Verdict = Literal["consistent", "inconsistent", "cannot_be_checked"]
CONSISTENT: Verdict = "consistent"
INCONSISTENT: Verdict = "inconsistent"
CANNOT: Verdict = "cannot_be_checked"

#: Rounding in the last digit of a float must not turn two ranges that touch into two that do not.
_TOUCH = 1e-9
_NUMBER = re.compile(r"(?P<sign>-?)(?P<whole>\d*)(?:\.(?P<part>\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNumber:
    """A number as it is printed, and what it may have been before.

    Attributes
    ----------
    value : float
    low, high : float
        Half of the last printed digit below and above; both ends belong to the range, for authors round a
        half up, down or to the even digit.
    unit : float
        What one step of the last printed digit is.
    """

    value: float
    low: float
    high: float
    unit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCheck:
    """What follows from printed numbers, held against what is printed of it.

    Attributes
    ----------
    verdict : {"consistent", "inconsistent", "cannot_be_checked"}
        Whether the ranges of the two overlap.
    low, high : float
        The range of what follows, over everything that the numbers may have been before rounding.
    printed_low, printed_high : float
        The range of what is printed.
    reason : str
        Why it cannot be checked, as a name; empty where it can.
    """

    verdict: Verdict
    low: float
    high: float
    printed_low: float = np.nan
    printed_high: float = np.nan
    reason: str = ""


def read_printed(text: str, *, about: bool = False) -> PrintedNumber:
    """Return a printed number with the range that it may have been rounded from.

    Parameters
    ----------
    text : str
        Such as ``"0.46"``, ``".622"``, ``"−.006"``, ``"7,709"``; a comma parts thousands. Stars and a
        percent sign behind it are left out.
    about : bool
        Whether the source says "about": zeros at the end of a whole number then are no digits.

    Returns
    -------
    PrintedNumber

    Raises
    ------
    ValueError
        Where the text is no number.

    Examples
    --------
    >>> found = read_printed("0.46")
    >>> round(found.low, 4), round(found.high, 4), found.unit
    (0.455, 0.465, 0.01)
    >>> read_printed("338").low, read_printed("−.25*").value, read_printed("7,900", about=True).unit
    (337.5, -0.25, 100.0)
    """
    plain = text.strip().rstrip("* %").replace("−", "-").replace("+", "")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+", plain):
        plain = plain.replace(",", "")
    found = _NUMBER.fullmatch(plain)
    if found is None or not (found["whole"] or found["part"]):
        raise ValueError(f"'{text}' is not a printed number")
    decimals = len(found["part"] or "")
    if about and not decimals:
        decimals = len(found["whole"].rstrip("0")) - len(found["whole"])
    # From text, for 0.46 + 0.005 is not the nearest float to 0.465.
    value, half = float(plain), float(f"5e{-decimals - 1}")
    places = max(decimals, 0) + 1
    return PrintedNumber(
        value=value,
        low=round(value - half, places),
        high=round(value + half, places),
        unit=float(f"1e{-decimals}"),
    )


def exactly(count: int) -> PrintedNumber:
    """Return a count: a whole number that nothing was rounded to.

    Examples
    --------
    >>> exactly(338).low, exactly(338).high
    (338.0, 338.0)
    """
    return PrintedNumber(value=float(count), low=float(count), high=float(count), unit=1.0)


def over_corners(function: Callable[..., float], *numbers: PrintedNumber) -> tuple[float, float]:
    """Return the lowest and highest value of a function over all that its numbers may have been.

    The function must go one way in each number while the others stay, so that its extremes are at the
    corners.

    Examples
    --------
    >>> low, high = over_corners(lambda a, b: a / b, read_printed("1"), read_printed("4"))
    >>> low == 0.5 / 4.5, high == 1.5 / 3.5
    (True, True)
    """
    values = [function(*corner) for corner in itertools.product(*((n.low, n.high) for n in numbers))]
    return float(np.min(values)), float(np.max(values))


def held_against(printed: PrintedNumber, low: float, high: float) -> PrintedCheck:
    """Return whether a range and a printed number can both be right.

    Examples
    --------
    >>> held_against(read_printed("39"), 32.1, 34.5).verdict
    'inconsistent'
    """
    touch = _TOUCH * max(abs(printed.value), printed.unit)
    apart = low > printed.high + touch or high < printed.low - touch
    return PrintedCheck(
        verdict=INCONSISTENT if apart else CONSISTENT,
        low=low,
        high=high,
        printed_low=printed.low,
        printed_high=printed.high,
    )


def p_against(printed: str, low: float, high: float) -> PrintedCheck:
    """Return whether a range of p-values and a printed p can both be right; it may be a bound.

    Examples
    --------
    >>> p_against("< .002", 0.0018, 0.0024).verdict, p_against("> .05", 0.01, 0.02).verdict
    ('consistent', 'inconsistent')
    """
    sign, text = (printed.strip()[0], printed.strip()[1:]) if printed.strip()[0] in "<>" else ("=", printed)
    number = read_printed(text)
    if sign == "=":
        return held_against(number, low, high)
    ends = (0.0, number.value) if sign == "<" else (number.value, 1.0)
    fits = low < ends[1] if sign == "<" else high > ends[0]
    return PrintedCheck(
        verdict=CONSISTENT if fits else INCONSISTENT, low=low, high=high,
        printed_low=ends[0], printed_high=ends[1],
    )  # fmt: skip


def cannot(reason: str, low: float = np.nan, high: float = np.nan) -> PrintedCheck:
    """Return that something cannot be checked, why, and what follows where anything does."""
    return PrintedCheck(verdict=CANNOT, low=low, high=high, reason=reason)
