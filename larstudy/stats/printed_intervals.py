"""Printed intervals and series: is an estimate in the middle of its limits; does a series rise every year."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from larstudy.stats.printed_numbers import (
    CANNOT,
    CONSISTENT,
    INCONSISTENT,
    PrintedCheck,
    PrintedNumber,
    Verdict,
    cannot,
    p_against,
    read_printed,
)

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalCheck:
    """Whether an estimate stands in the middle of its interval, and what the two imply.

    Attributes
    ----------
    middle : PrintedCheck
        The middle of the limits (geometric for a ratio), against the estimate.
    std_error_low, std_error_high : float
        Standard errors that the numbers allow; of the logarithm for a ratio. NaN where none fits.
    statistic_low, statistic_high : float
        Estimates over their errors, with their sign.
    p_low, p_high : float
        The two-sided p of no effect that goes with them.
    """

    middle: PrintedCheck
    std_error_low: float
    std_error_high: float
    statistic_low: float
    statistic_high: float
    p_low: float
    p_high: float


def check_interval(
    estimate: str,
    low: str,
    high: str,
    *,
    scale: Literal["linear", "log"] = "linear",
    level: float = 0.95,
    df: float | None = None,
) -> IntervalCheck:
    r"""Say whether an estimate can be in the middle of its limits, and return the p that is implied.

    Parameters
    ----------
    estimate, low, high : str
        As printed; for ``"log"`` a ratio (of odds, of rates, of relative risks).
    scale : {"linear", "log"}
        Where the interval is symmetric; limits by profile likelihood or by bootstrap are on neither.
    level : float
        Of the interval.
    df : float, optional
        The interval is by t with so many degrees of freedom; by the normal distribution unless given.

    Returns
    -------
    IntervalCheck
        It cannot be checked where the estimate of a ratio may be zero.

    Notes
    -----
    Let e and h be the estimate and the upper limit before rounding, on the scale. Symmetry makes the lower
    limit :math:`2e - h`, so that what the three printed numbers allow is a polygon in (e, h). The
    standard error is :math:`(h - e) / z` and the statistic :math:`z e / (h - e)`; both are extreme at corners
    of the polygon.

    Examples
    --------
    >>> found = check_interval("2.0", "1.1", "3.7", scale="log")
    >>> found.middle.verdict, round(found.middle.low, 2), round(found.p_low, 3), round(found.p_high, 3)
    ('consistent', 1.96, 0.015, 0.035)
    >>> check_interval("2.0", "1.1", "4.9", scale="log").middle.verdict
    'inconsistent'
    """
    numbers = [read_printed(text) for text in (estimate, low, high)]
    if scale == "log" and numbers[0].low <= 0:
        return IntervalCheck(
            middle=cannot("not_above_zero"), std_error_low=np.nan, std_error_high=np.nan,
            statistic_low=np.nan, statistic_high=np.nan, p_low=np.nan, p_high=np.nan,
        )  # fmt: skip
    middle_low, middle_high = _middles(numbers[1], numbers[2], scale)
    corners = _corners(*(_on_scale(number, scale) for number in numbers))
    middle = PrintedCheck(
        verdict=CONSISTENT if corners else INCONSISTENT,
        low=middle_low,
        high=middle_high,
        printed_low=numbers[0].low,
        printed_high=numbers[0].high,
    )
    quantile = float(special.ndtri(0.5 + level / 2) if df is None else special.stdtrit(df, 0.5 + level / 2))
    errors = [(h - e) / quantile for e, h in corners]
    with np.errstate(divide="ignore", invalid="ignore"):
        # No effect and no error together are no effect.
        statistics = [
            float(np.nan_to_num(np.divide(e, error), nan=0.0, posinf=np.inf, neginf=-np.inf))
            for (e, _), error in zip(corners, errors, strict=True)
        ]
    sizes = [abs(statistic) for statistic in statistics]
    # The estimate may be no effect at all within the polygon though it is at none of its corners.
    if statistics and min(statistics) < 0 < max(statistics):
        sizes.append(0.0)
    p_values = [
        2.0 * float(special.ndtr(-size) if df is None else special.stdtr(df, -size)) for size in sizes
    ]
    return IntervalCheck(
        middle=middle,
        std_error_low=min(errors, default=np.nan),
        std_error_high=max(errors, default=np.nan),
        statistic_low=min(statistics, default=np.nan),
        statistic_high=max(statistics, default=np.nan),
        p_low=min(p_values, default=np.nan),
        p_high=max(p_values, default=np.nan),
    )


def check_p_of_interval(found: IntervalCheck, p_value: str) -> PrintedCheck:
    """Hold the p that an interval implies against a printed one, where the interval itself can be right.

    Parameters
    ----------
    found : IntervalCheck
    p_value : str
        Such as ``"< .001"`` or ``".02"``.

    Returns
    -------
    PrintedCheck
        That of the interval where it is not consistent; else that of p, with the range of p.

    Examples
    --------
    >>> found = check_interval("+0.06", "0.03", "0.09", df=201)
    >>> check_p_of_interval(found, "< .001").verdict, check_p_of_interval(found, "> .05").verdict
    ('consistent', 'inconsistent')
    """
    if found.middle.verdict != CONSISTENT:
        return found.middle
    return p_against(p_value, found.p_low, found.p_high)


def _on_scale(number: PrintedNumber, scale: str) -> tuple[float, float]:
    if scale == "linear":
        return number.low, number.high
    with np.errstate(divide="ignore"):
        return float(np.log(max(number.low, 0.0))), float(np.log(number.high))


def _middles(low: PrintedNumber, high: PrintedNumber, scale: str) -> tuple[float, float]:
    if scale == "linear":
        return (low.low + high.low) / 2.0, (low.high + high.high) / 2.0
    ends = (max(low.low, 0.0), high.low), (low.high, high.high)
    return float(np.sqrt(np.prod(ends[0]))), float(np.sqrt(np.prod(ends[1])))


def _corners(
    estimate: tuple[float, float], low: tuple[float, float], high: tuple[float, float]
) -> list[tuple[float, float]]:
    """Return the corners (e, h) of what the three ranges allow together: a e + b h <= c for each side."""
    sides = [
        (1.0, 0.0, estimate[1]), (-1.0, 0.0, -estimate[0]),
        (0.0, 1.0, high[1]), (0.0, -1.0, -high[0]),
        (2.0, -1.0, low[1]), (-2.0, 1.0, -low[0]),
    ]  # fmt: skip
    # A ratio whose lower limit may be zero has no lower end on the log scale.
    sides = [side for side in sides if np.isfinite(side[2])]
    found = []
    for (a, b, c), (d, f, g) in itertools.combinations(sides, 2):
        determinant = a * f - b * d
        if determinant == 0:
            continue
        e, h = (c * f - b * g) / determinant, (a * g - c * d) / determinant
        if all(x * e + y * h <= limit + _TOLERANCE for x, y, limit in sides):
            found.append((float(e), float(h)))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCheck:
    """Whether a yearly series rises every year.

    Attributes
    ----------
    verdict : {"consistent", "inconsistent", "cannot_be_checked"}
        Inconsistent where a printed count lies below an earlier one; consistent where every year is printed
        and every step is a rise; else it cannot be checked.
    falls, rises, open : tuple of (int, int)
        Pairs of neighbouring printed years: a fall or no rise, a rise, and those that rounding leaves open.
    missing : tuple of int
        Years between the first and the last without a count.
    reason : str
    """

    verdict: Verdict
    falls: tuple[tuple[int, int], ...]
    rises: tuple[tuple[int, int], ...]
    open: tuple[tuple[int, int], ...]
    missing: tuple[int, ...]
    reason: str


def check_rise(counts: Mapping[int, str], *, first: int | None = None) -> SeriesCheck:
    """Say whether printed counts rise every year.

    Parameters
    ----------
    counts : mapping of int to str
        Year to count; one that begins with "≈" is rounded to its last digit that is not zero.
    first : int, optional
        The year from which the series is said to rise; its first printed year unless given.

    Returns
    -------
    SeriesCheck

    Examples
    --------
    >>> check_rise({2015: "7,958", 2016: "7,804"}).falls
    ((2015, 2016),)
    >>> found = check_rise({2016: "7,554", 2017: "7,622", 2019: "≈ 7,900"})
    >>> found.verdict, found.rises, found.missing
    ('cannot_be_checked', ((2016, 2017), (2017, 2019)), (2018,))
    """
    numbers = {year: _count(counts[year]) for year in sorted(counts)}
    falls, rises, unclear = [], [], []
    for (before, one), (after, other) in itertools.pairwise(numbers.items()):
        if other[0] > one[1]:
            rises.append((before, after))
        elif other[1] <= one[0]:
            falls.append((before, after))
        else:
            unclear.append((before, after))
    years = list(numbers)
    start = min([*years[:1], *([first] if first is not None else [])], default=0)
    missing = tuple(year for year in range(start, max(years, default=-1) + 1) if year not in numbers)
    verdict, reason = CONSISTENT, ""
    if falls:
        verdict = INCONSISTENT
    elif len(years) < 2:
        verdict, reason = CANNOT, "nothing_printed"
    elif missing:
        verdict, reason = CANNOT, "years_missing"
    elif unclear:
        verdict, reason = CANNOT, "rounded_away"
    return SeriesCheck(
        verdict=verdict, falls=tuple(falls), rises=tuple(rises), open=tuple(unclear), missing=missing,
        reason=reason,
    )  # fmt: skip


def _count(text: str) -> tuple[float, float]:
    """Return the range of a count: itself where it is exact."""
    about = text.strip().startswith("≈")
    number = read_printed(text.replace("≈", ""), about=about)
    return (number.low, number.high) if about else (number.value, number.value)
