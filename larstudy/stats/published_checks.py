"""Do printed numbers follow from each other? Shares, sums, drops, tests, differences.

Every function takes numbers as they are printed, as text, so that their rounding is known, and answers with a
`PrintedCheck`. That two numbers do not follow from each other says nothing about which is wrong, nor why: a
typing error, another base, or persons left out are all likelier than anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from larstudy.stats.printed_numbers import (
    CONSISTENT,
    INCONSISTENT,
    PrintedCheck,
    PrintedNumber,
    cannot,
    exactly,
    held_against,
    over_corners,
    p_against,
    read_printed,
)

_FEW = "few_persons"


# -- counts and shares -----------------------------------------------------------------------------


def check_percentage(count: int, total: int, printed: str = "") -> PrintedCheck:
    """Hold the share that two counts give against the printed percentage.

    Parameters
    ----------
    count, total : int
        ``total`` above 0.
    printed : str
        The percentage; where none is printed there is nothing to hold it against.

    Returns
    -------
    PrintedCheck
        In percent.

    Examples
    --------
    >>> check_percentage(338, 548).reason, round(check_percentage(338, 548).low, 2)
    ('nothing_printed', 61.68)
    >>> check_percentage(245, 609, "40").verdict
    'consistent'
    """
    if total < 1:
        return cannot("no_total")
    share = 100.0 * count / total
    return (
        held_against(read_printed(printed), share, share)
        if printed
        else cannot("nothing_printed", share, share)
    )


def check_possible_percentage(printed: str, total: int) -> PrintedCheck:
    """Say whether any count of a total gives the printed percentage.

    Parameters
    ----------
    printed : str
        A percentage.
    total : int
        Persons, above 0.

    Returns
    -------
    PrintedCheck
        The lowest and highest count that give it; for inconsistent ones the two nearest percentages. It
        cannot be checked where so many persons are counted that every percentage with these decimals is
        possible.

    Notes
    -----
    The GRIM test of a mean of zeros and ones, see `larstudy.stats.grim.grim`.

    Examples
    --------
    >>> found = check_possible_percentage("29.8", 178)
    >>> found.verdict, found.low, found.high
    ('consistent', 53.0, 53.0)
    >>> check_possible_percentage("64", 338).reason
    'every_value_possible'
    """
    if total < 1:
        return cannot("no_total")
    number = read_printed(printed)
    lowest, highest = (number.low * total / 100.0, number.high * total / 100.0)
    first, last = np.ceil(lowest - 1e-9), np.floor(highest + 1e-9)
    if 100.0 / total <= number.unit:
        return cannot("every_value_possible", float(first), float(last))
    if first > last:
        return PrintedCheck(
            verdict=INCONSISTENT, low=100.0 * last / total, high=100.0 * first / total,
            printed_low=number.low, printed_high=number.high,
        )  # fmt: skip
    return PrintedCheck(
        verdict=CONSISTENT, low=float(first), high=float(last),
        printed_low=number.low, printed_high=number.high,
    )  # fmt: skip


def check_sum(parts: Sequence[str], total: str) -> PrintedCheck:
    """Hold the sum of printed parts against the printed total; a part with a minus is taken away.

    Examples
    --------
    >>> check_sum(["407", "415"], "822").verdict, check_sum(["884", "−681"], "197").verdict
    ('consistent', 'inconsistent')
    """
    found = sum(_counted(part).value for part in parts)
    return held_against(_counted(total), found, found)


def _counted(text: str) -> PrintedNumber:
    """Return a number; a whole one counts persons, and is exact."""
    number = read_printed(text)
    return exactly(int(number.value)) if number.unit == 1.0 else number


def check_drop(level: str, reference: str, drop: str, *, lowest: float = 0.0) -> PrintedCheck:
    """Hold how many percent a level lies below a reference against the printed percentage.

    Parameters
    ----------
    level, reference : str
        Of one scale, both above ``lowest``.
    drop : str
        Percent of the reference.
    lowest : float
        What both are counted from, such as the lowest value of a scale that does not begin at zero.

    Returns
    -------
    PrintedCheck
        In percent of the reference.

    Examples
    --------
    >>> found = check_drop("0.46", "0.69", "39")
    >>> found.verdict, round(found.low, 1), round(found.high, 1)
    ('inconsistent', 32.1, 34.5)
    >>> check_drop("0.46", "0.69", "39", lowest=0.1).verdict  # 1 - .36 / .59 = .3898
    'consistent'
    """
    numbers = read_printed(level), read_printed(reference)
    if min(n.low for n in numbers) <= lowest:
        return cannot("not_above_zero")
    low, high = over_corners(lambda a, b: 100.0 * (1.0 - (a - lowest) / (b - lowest)), *numbers)
    return held_against(read_printed(drop), low, high)


# -- tests and effect sizes ------------------------------------------------------------------------


def check_p(kind: Literal["t", "F"], statistic: str, df: float, p_value: str) -> PrintedCheck:
    """Hold the two-sided p of a t, or of an F with one numerator degree of freedom, against the printed p.

    Parameters
    ----------
    kind : {"t", "F"}
    statistic : str
    df : float
        Of the denominator, above 0; fractions are fine.
    p_value : str
        Such as ``".009"``, ``"< .002"`` or ``"> .05"``.

    Returns
    -------
    PrintedCheck

    References
    ----------
    As ``statcheck``: Nuijten, M. B., Hartgerink, C. H. J., van Assen, M. A. L. M., Epskamp, S., & Wicherts,
    J. M. (2016). Behavior Research Methods, 48, 1205-1226.

    Examples
    --------
    >>> check_p("F", "7.532", 40.488, ".009").verdict, check_p("t", "−3.2", 68, "< .002").verdict
    ('consistent', 'consistent')
    """
    number = read_printed(statistic)
    ends = sorted(abs(end) for end in (number.low, number.high))
    if kind == "F":
        ends = [float(np.sqrt(end)) for end in ends]
    low, high = (float(2.0 * special.stdtr(df, -end)) for end in (ends[1], ends[0]))
    return p_against(p_value, low, high)


def difference_in_sds(mean_a: str, sd_a: str, mean_b: str, sd_b: str, *, printed: str = "") -> PrintedCheck:
    r"""Return the difference of two groups over the root mean square of their SDs, from printed numbers.

    Parameters
    ----------
    mean_a, sd_a, mean_b, sd_b : str
        a minus b; SDs above 0.
    printed : str
        The effect size, where it is printed.

    Returns
    -------
    PrintedCheck
        The pooled SD needs the sizes of the groups; where they are alike it is the root mean square
        :math:`\sqrt{(s_a^2 + s_b^2) / 2}`, and where the SDs are alike it hardly depends on them.

    Examples
    --------
    >>> found = difference_in_sds("63", "38", "35", "36")
    >>> round(found.low, 2), round(found.high, 2), found.reason
    (0.72, 0.79, 'nothing_printed')
    """
    numbers = [read_printed(text) for text in (mean_a, sd_a, mean_b, sd_b)]
    if min(numbers[1].low, numbers[3].low) <= 0:
        return cannot("not_above_zero")
    # Not one way in the SDs where the difference may be of either sign, but its extremes are at corners
    # still.
    low, high = over_corners(lambda a, s, b, u: (a - b) / np.sqrt((s**2 + u**2) / 2.0), *numbers)
    return held_against(read_printed(printed), low, high) if printed else cannot("nothing_printed", low, high)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSizes:
    """The sizes of two groups that a printed t allows.

    Attributes
    ----------
    check : PrintedCheck
        ``low`` and ``high`` are those of t, over all sizes.
    smaller_low, smaller_high : int
        Persons in the smaller group; 0 where no sizes give the t.
    """

    check: PrintedCheck
    smaller_low: int
    smaller_high: int


def check_t_of_groups(mean_a: str, sd_a: str, mean_b: str, sd_b: str, *, n: int, t: str) -> GroupSizes:
    """Say whether any sizes of two groups, together n, give the printed t of their means.

    Parameters
    ----------
    mean_a, sd_a, mean_b, sd_b : str
    n : int
        Persons in both groups together, above 3.
    t : str
        Student's, with the pooled SD; its sign does not matter.

    Returns
    -------
    GroupSizes

    Examples
    --------
    >>> found = check_t_of_groups("63", "38", "35", "36", n=70, t="−3.2")
    >>> found.check.verdict, found.smaller_low, found.smaller_high
    ('consistent', 23, 35)
    """
    if n < 4:
        return GroupSizes(check=cannot(_FEW), smaller_low=0, smaller_high=0)
    numbers = [read_printed(text) for text in (mean_a, sd_a, mean_b, sd_b)]
    size = read_printed(t.replace("−", "").replace("-", ""))
    found = []
    for first in range(2, n - 1):
        low, high = _t_range(numbers, first, n - first)
        if low <= size.high and high >= size.low:
            found.append((min(first, n - first), low, high))
    if not found:
        # The largest t is that of halves.
        ends = _t_range(numbers, n // 2, n - n // 2)
        return GroupSizes(check=held_against(size, *ends), smaller_low=0, smaller_high=0)
    smaller = [one[0] for one in found]
    low, high = min(one[1] for one in found), max(one[2] for one in found)
    return GroupSizes(
        check=held_against(size, low, high), smaller_low=min(smaller), smaller_high=max(smaller)
    )


def _t_range(numbers: Sequence[PrintedNumber], n_a: int, n_b: int) -> tuple[float, float]:
    """Return the smallest and largest size of t, for means and SDs in the order a, a, b, b."""

    def pooled_t(mean_a: float, sd_a: float, mean_b: float, sd_b: float) -> float:
        pooled = ((n_a - 1) * sd_a**2 + (n_b - 1) * sd_b**2) / (n_a + n_b - 2)
        return (mean_a - mean_b) / float(np.sqrt(pooled * (1.0 / n_a + 1.0 / n_b)))

    low, high = over_corners(pooled_t, *numbers)
    return (0.0 if low < 0 < high else min(abs(low), abs(high))), max(abs(low), abs(high))
