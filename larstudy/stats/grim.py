"""Can a mean and an SD of whole numbers be what is printed? GRIM, GRIMMER and the largest SD of a scale.

They say something only where there are few persons, or many decimals: with n persons and k items a mean
goes in steps of 1 / (n k), and where that is finer than the last printed digit every mean is possible.
"""

from __future__ import annotations

import numpy as np

from larstudy.stats.printed_numbers import (
    CONSISTENT,
    INCONSISTENT,
    PrintedCheck,
    PrintedNumber,
    cannot,
    held_against,
    read_printed,
)

#: Sums within this of a whole number are one.
_WHOLE = 1e-7
_EVERY = "every_value_possible"
_FEW = "few_persons"


def _wholes(low: float, high: float) -> tuple[int, int]:
    """Return the first and the last whole number of a range; the first is above where there is none."""
    return int(np.ceil(low - _WHOLE)), int(np.floor(high + _WHOLE))


def grim(mean: str, n: int, *, items: int = 1, step: float = 1.0, lowest: float = 0.0) -> PrintedCheck:
    """Say whether a mean of n persons can be what is printed, where answers go in steps.

    Parameters
    ----------
    mean : str
        Printed, not a percentage of something else.
    n : int
        Persons, at least 1.
    items : int
        Items whose mean is the score of a person.
    step : float
        Between neighbouring answers to an item.
    lowest : float
        The lowest answer; any answer would do.

    Returns
    -------
    PrintedCheck
        ``low`` and ``high``: the possible means nearest to what is printed, below and above where it is
        inconsistent. It cannot be checked where the steps of the mean are no wider than the last printed
        digit.

    References
    ----------
    Brown, N. J. L., & Heathers, J. A. J. (2017). The GRIM test. Social Psychological and Personality Science,
    8, 363-369.

    Examples
    --------
    >>> grim("5.19", 28).verdict, grim("5.18", 28).verdict  # 145 / 28 = 5.179, 146 / 28 = 5.214
    ('inconsistent', 'consistent')
    >>> grim("0.46", 140, items=5, step=0.2, lowest=0.1).reason
    'every_value_possible'
    """
    if n < 1 or items < 1 or not step > 0:
        return cannot(_FEW)
    number = read_printed(mean)
    width = step / (n * items)
    if width <= number.unit * (1.0 + _WHOLE):
        return cannot(_EVERY, number.low, number.high)
    first, last = _wholes((number.low - lowest) / width, (number.high - lowest) / width)
    low, high = sorted((lowest + first * width, lowest + last * width))
    return PrintedCheck(
        verdict=CONSISTENT if first <= last else INCONSISTENT,
        low=low,
        high=high,
        printed_low=number.low,
        printed_high=number.high,
    )


def grimmer(mean: str, sd: str, n: int, *, items: int = 1) -> PrintedCheck:
    r"""Say whether mean and SD of n persons can be what is printed, where answers are whole numbers.

    Parameters
    ----------
    mean, sd : str
    n : int
        Persons, at least 2.
    items : int
        Items whose mean is the score of a person.

    Returns
    -------
    PrintedCheck
        ``low`` and ``high``: the lowest and highest SD that fit; where none does those of all sums that
        fit the mean. It cannot be checked where every SD with these digits is possible.

    Notes
    -----
    With T the sum and S the sum of squares of n whole numbers: T must fit the mean, S must be whole and fit
    the SD by :math:`S = (n - 1) s^2 + T^2 / n`, S and T are both odd or both even, and S is no less than
    that of numbers as alike as they can be. For the mean of k items, scores are whole numbers over k.

    References
    ----------
    Anaya, J. (2016). The GRIMMER test. PeerJ Preprints, 4, e2400v1. Allard, A. (2018). Analytic-GRIMMER: a
    new way of testing the possibility of standard deviations.

    Examples
    --------
    >>> grimmer("3.44", "2.47", 18).verdict, grimmer("3.44", "2.48", 18).verdict
    ('inconsistent', 'consistent')
    """
    if n < 2 or items < 1:
        return cannot(_FEW)
    middle, spread = read_printed(mean), read_printed(sd)
    first, last = _wholes(middle.low * n * items, middle.high * n * items)
    if first > last:
        return PrintedCheck(
            verdict=INCONSISTENT, low=np.nan, high=np.nan, printed_low=spread.low, printed_high=spread.high,
            reason="mean_impossible",
        )  # fmt: skip
    fitting, every = [], False
    for total in range(first, last + 1):
        found, wide = _squares(total, n, items, spread)
        fitting += found
        every = every or wide
    if not fitting:
        return PrintedCheck(
            verdict=INCONSISTENT, low=np.nan, high=np.nan, printed_low=spread.low, printed_high=spread.high,
            reason="no_sum_of_squares",
        )  # fmt: skip
    if every:
        return cannot(_EVERY, min(fitting), max(fitting))
    return PrintedCheck(
        verdict=CONSISTENT, low=min(fitting), high=max(fitting), printed_low=spread.low,
        printed_high=spread.high,
    )  # fmt: skip


def _squares(total: int, n: int, items: int, spread: PrintedNumber) -> tuple[list[float], bool]:
    """Return the SDs that fit a sum, and whether the rounding is so wide that every SD would."""
    least = max(spread.low, 0.0)
    base = total**2 / n
    low, high = ((n - 1) * (sd * items) ** 2 + base for sd in (least, spread.high))
    share, left = divmod(total, n)
    alike = (n - left) * share**2 + left * (share + 1) ** 2
    first, last = _wholes(max(low, alike), high)
    first += (first - total) % 2
    sds = [float(np.sqrt(max(s - base, 0.0) / (n - 1)) / items) for s in (first, last - (last - total) % 2)]
    return (sds if first <= last else []), high - low >= 2.0


def check_sd_of_scale(
    mean: str, sd: str, *, lowest: float, highest: float, n: int | None = None
) -> PrintedCheck:
    r"""Say whether an SD is no larger than a scale with two ends allows at this mean.

    Parameters
    ----------
    mean, sd : str
    lowest, highest : float
        Ends of the scale.
    n : int, optional
        Persons; at least 2.

    Returns
    -------
    PrintedCheck
        ``low`` is 0 and ``high`` the largest SD.

    Notes
    -----
    :math:`\sqrt{(M - a)(b - M) n / (n - 1)}` where everybody stands at either end.

    References
    ----------
    Bhatia, R., & Davis, C. (2000). A better bound on the variance. American Mathematical Monthly, 107,
    353-357.

    Examples
    --------
    >>> found = check_sd_of_scale("63", "38", lowest=0, highest=100)
    >>> found.verdict, round(found.high, 1)  # at 62.5: sqrt(62.5 * 37.5)
    ('consistent', 48.4)
    """
    number = read_printed(mean)
    if n is not None and n < 2:
        return cannot(_FEW)
    # Largest where the mean is nearest to the middle of the scale.
    at = float(np.clip((lowest + highest) / 2.0, number.low, number.high))
    if not lowest <= at <= highest:
        return cannot("mean_outside_scale")
    factor = 1.0 if n is None else n / (n - 1.0)
    return held_against(read_printed(sd), 0.0, float(np.sqrt((at - lowest) * (highest - at) * factor)))
