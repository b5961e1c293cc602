"""What the lost could do at worst: bounds on a mean change from the ends of the scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.paired import same_to_rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Worst-case bounds on a mean change, or on a difference of two.

    Attributes
    ----------
    estimate : float
        Of those with both waves only; NaN where there are none.
    bound_low, bound_high : float
        The smallest and the largest that the whole group could have, whatever the lost would have answered.
    std_error_low, std_error_high : float
        Standard errors of the two bounds.
    conf_low, conf_high : float
        Imbens and Manski's interval for the unknown mean itself; wider than the bounds by sampling.
    n, n_lost : int
        Persons, and how many of them lack a wave.
    reason : str
        Why numbers are NaN; empty where none is.
    """

    estimate: float
    bound_low: float
    bound_high: float
    std_error_low: float
    std_error_high: float
    conf_low: float
    conf_high: float
    n: int
    n_lost: int
    reason: str


def change_bounds(
    before: FloatArray, after: FloatArray, *, low: float, high: float, level: float = 0.95
) -> Bounds:
    """Bound the mean change of everybody in a group by the ends of the scale.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        The same persons in the same order, everybody who should be there. NaN is what the bounds are about:
        an unknown number is set to either end of the scale.
    low, high : float
        The ends of the scale: the smallest and the largest answer that there is.
    level : float
        Confidence level.

    Returns
    -------
    Bounds
        Change is after minus before. NaN with a reason where there is nobody, or a number lies outside the
        scale; with one person, or no spread at all, bounds without an interval.

    Notes
    -----
    The lower bound is the mean of ``low`` where after is unknown, minus ``high`` where before is unknown; the
    upper bound the reverse. Nothing is assumed of the lost. Their width is ``(high - low)`` times the
    share of unknown numbers. Standard errors are ``sd / sqrt(n)`` of the changes so filled in.

    References
    ----------
    Manski, C. F. (1990). Nonparametric bounds on treatment effects. American Economic Review, 80(2), 319-323.
    Horowitz, J. L., & Manski, C. F. (2000). JASA, 95, 77-84.

    Examples
    --------
    >>> found = change_bounds(np.array([2.0, 4.0, 6.0]), np.array([5.0, 7.0, np.nan]), low=0, high=10)
    >>> found.estimate, found.bound_low, round(found.bound_high, 6)
    (3.0, 0.0, 3.333333)
    """
    n = len(before)
    unknown = np.isnan(before) | np.isnan(after)
    n_lost = int(np.count_nonzero(unknown))
    answers = np.concatenate([before, after])
    answers = answers[~np.isnan(answers)]
    reason = "nobody at all" if n == 0 else ""
    if not low < high:
        reason = "the scale has no two ends"
    elif len(answers) and (answers.min() < low or answers.max() > high):
        outside = int(((answers < low) | (answers > high)).sum())
        reason = f"{outside} of {len(answers)} answers lie outside the scale from {low:g} to {high:g}"
    if reason:
        return _bounds(
            np.nan, (np.nan, np.nan), (np.nan, np.nan), level=level, counts=(n, n_lost), reason=reason
        )
    least = np.where(np.isnan(after), low, after) - np.where(np.isnan(before), high, before)
    most = np.where(np.isnan(after), high, after) - np.where(np.isnan(before), low, before)
    errors = (_error_of_mean(least, low, high), _error_of_mean(most, low, high))
    estimate = float((after - before)[~unknown].mean()) if n_lost < n else np.nan
    if n == 1:
        reason = "one person only: no spread, no interval"
    elif max(errors) == 0:
        reason = "no spread: no interval"
    elif n_lost == n:
        reason = "nobody has both waves: no estimate"
    ends = (float(least.mean()), float(most.mean()))
    return _bounds(estimate, ends, errors, level=level, counts=(n, n_lost), reason=reason)


def difference_bounds(first: Bounds, second: Bounds, *, level: float = 0.95) -> Bounds:
    """Bound the difference of two groups' mean changes, the first minus the second.

    Parameters
    ----------
    first, second : Bounds
        Of two groups that share nobody, from `change_bounds`.
    level : float
        Confidence level.

    Returns
    -------
    Bounds
        The lower bound pairs the worst of the first with the best of the second. NaN with a reason where
        a group has no bounds; without an interval where a group has none.

    Examples
    --------
    >>> one = change_bounds(np.array([2.0, 4, 6]), np.array([5.0, 7, np.nan]), low=0, high=10)
    >>> two = change_bounds(np.array([2.0, 4, 6]), np.array([3.0, 4, 6]), low=0, high=10)
    >>> found = difference_bounds(one, two)
    >>> round(found.estimate, 6), round(found.bound_low, 6), found.bound_high
    (2.666667, -0.333333, 3.0)
    """
    ends = (first.bound_low - second.bound_high, first.bound_high - second.bound_low)
    none = np.isnan(first.conf_low) or np.isnan(second.conf_low)
    errors = (np.nan, np.nan) if none else _errors_of_difference(first, second)
    return _bounds(
        first.estimate - second.estimate,
        ends,
        errors,
        level=level,
        counts=(first.n + second.n, first.n_lost + second.n_lost),
        reason="; ".join(dict.fromkeys(group.reason for group in (first, second) if group.reason)),
    )


def _errors_of_difference(first: Bounds, second: Bounds) -> tuple[float, float]:
    return (
        float(np.hypot(first.std_error_low, second.std_error_high)),
        float(np.hypot(first.std_error_high, second.std_error_low)),
    )


def membership_bounds(
    members: tuple[FloatArray, FloatArray], candidates: tuple[FloatArray, FloatArray]
) -> Bounds:
    """Bound the mean change of a group of which it is not known who of the lost belong to it.

    Parameters
    ----------
    members : (ndarray, ndarray), shapes (n,)
        The smallest and the largest change that each known member can have; alike where it is known.
    candidates : (ndarray, ndarray), shapes (c,)
        The same of those who may or may not belong to the group.

    Returns
    -------
    Bounds
        Without an interval, which is not known for such bounds; ``estimate`` is the mean of the members
        whose change is known. NaN with a reason where nobody can be in the group.

    Notes
    -----
    The lower bound is the smallest mean over every choice of candidates: candidates join from the smallest
    change upwards, as long as each lies below the mean of those before. The upper bound the reverse. Bounds
    of a difference of two such groups hold too, but could be narrower, because nobody is in both.

    References
    ----------
    Horowitz, J. L., & Manski, C. F. (2000). JASA, 95, 77-84.

    Examples
    --------
    >>> known, lost = np.array([2.0, 4.0]), (np.array([-6.0, -2.0]), np.array([1.0, 5.0]))
    >>> found = membership_bounds((known, known), lost)
    >>> found.bound_low, round(found.bound_high, 6)  # (2 + 4 - 6 - 2) / 4, (2 + 4 + 5) / 3
    (-0.5, 3.666667)
    """
    (least, most), (worst, best) = members, candidates
    n, n_lost = len(least) + len(worst), int((least != most).sum()) + len(worst)
    sure = least[least == most]
    ends = (_smallest_mean(least, worst), -_smallest_mean(-most, -best))
    return _bounds(
        float(sure.mean()) if len(sure) else np.nan,
        ends,
        (np.nan, np.nan),
        level=np.nan,
        counts=(n, n_lost),
        reason="who of the lost belong to the group is not known: bounds without an interval"
        if n
        else "nobody at all",
    )


def _smallest_mean(members: FloatArray, candidates: FloatArray) -> float:
    """Return the smallest mean of the members and any of the candidates; NaN of nobody."""
    ordered = np.sort(candidates)
    sums = members.sum() + np.concatenate([[0.0], np.cumsum(ordered)])
    counts = len(members) + np.arange(len(ordered) + 1)
    some = counts > 0
    return float((sums[some] / counts[some]).min()) if some.any() else np.nan


def imbens_manski(
    bounds: tuple[float, float], std_errors: tuple[float, float], *, level: float = 0.95
) -> tuple[float, float]:
    r"""Return the interval for a number that is only known to lie between two estimated bounds.

    Parameters
    ----------
    bounds : (float, float)
        Lower and upper, in that order.
    std_errors : (float, float)
        Of the two; at least one above 0.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit; NaN where a bound or an error is missing, or both errors are 0.

    Notes
    -----
    :math:`[L - c\,s_L,\ U + c\,s_U]`, where c solves :math:`\Phi(c + (U - L)/\max(s_L, s_U)) - \Phi(-c)` =
    level. Where the bounds meet, c is the two-sided normal quantile; where they lie far apart, the
    one-sided, because the number cannot be near both.

    References
    ----------
    Imbens, G. W., & Manski, C. F. (2004). Confidence intervals for partially identified parameters.
    Econometrica, 72, 1845-1857.

    Examples
    --------
    >>> low, high = imbens_manski((0.0, 100.0), (1.0, 1.0))
    >>> round(low, 6), round(high, 6)
    (-1.644854, 101.644854)
    """
    (low, high), (error_low, error_high) = bounds, std_errors
    error = max(error_low, error_high)
    if np.isnan([low, high, error_low, error_high]).any() or not error > 0:
        return np.nan, np.nan
    c = _critical((high - low) / error, level)
    return low - c * error_low, high + c * error_high


def _critical(width: float, level: float) -> float:
    """Solve for c by bisection between the one-sided and the two-sided quantile, where it always lies."""
    small, large = float(special.ndtri(level)), float(special.ndtri(0.5 + level / 2.0))
    for _ in range(60):
        c = (small + large) / 2.0
        if special.ndtr(c + width) - special.ndtr(-c) < level:
            small = c
        else:
            large = c
    return (small + large) / 2.0


def _error_of_mean(values: FloatArray, low: float, high: float) -> float:
    """Return the standard error of a mean: NaN of one person, exactly 0 where only rounding spreads them."""
    if len(values) < 2:
        return np.nan
    sd = float(values.std(ddof=1))
    return 0.0 if same_to_rounding(sd, values, np.array([low, high])) else sd / float(np.sqrt(len(values)))


def _bounds(
    estimate: float,
    ends: tuple[float, float],
    errors: tuple[float, float],
    *,
    level: float,
    counts: tuple[int, int],
    reason: str,
) -> Bounds:
    conf_low, conf_high = imbens_manski(ends, errors, level=level)
    return Bounds(
        estimate=estimate,
        bound_low=ends[0],
        bound_high=ends[1],
        std_error_low=errors[0],
        std_error_high=errors[1],
        conf_low=conf_low,
        conf_high=conf_high,
        n=counts[0],
        n_lost=counts[1],
        reason=reason,
    )
