"""Who changed reliably, who changed by enough to matter, and how the share differs between groups."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray, IntArray

HigherIs = Literal["better", "worse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """A share of persons with its interval by Wilson's score.

    Attributes
    ----------
    count : float
        A whole number; NaN where it cannot be counted.
    n : int
    estimate, conf_low, conf_high : float
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    count: float
    n: int
    estimate: float
    conf_low: float
    conf_high: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskDifference:
    """The first share minus the second, with Newcombe's hybrid-score interval.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    estimate: float
    conf_low: float
    conf_high: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliableChange:
    """The reliable change index of each person, and how many changed reliably.

    Attributes
    ----------
    index : ndarray, shape (n,)
        Improvement over its standard error of measurement: positive is better, whatever the scale.
    threshold : float
        The change in the unit of the score, up or down, above which a change is reliable.
    std_error : float
        Standard error of the difference of two measurements of an unchanged person.
    n : int
    improved, unchanged, deteriorated : Proportion
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    index: FloatArray
    threshold: float
    std_error: float
    n: int
    improved: Proportion
    unchanged: Proportion
    deteriorated: Proportion
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponderRates:
    """Responders in k groups, and the difference of every pair.

    Attributes
    ----------
    groups : tuple of Proportion
        One a group.
    differences : tuple of RiskDifference
        One a pair, as listed in ``pairs``: the first minus the second.
    pairs : tuple of (int, int)
    reason : str
        Why numbers are NaN; empty where none is.
    """

    groups: tuple[Proportion, ...]
    differences: tuple[RiskDifference, ...]
    pairs: tuple[tuple[int, int], ...]
    reason: str


def wilson_interval(count: int, n: int, *, level: float = 0.95) -> Proportion:
    r"""Return a share with its interval by Wilson's score, without continuity correction.

    Parameters
    ----------
    count, n : int
        ``0 <= count <= n``.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    Proportion
        NaN with the reason where there is nobody, or the counts cannot be.

    Notes
    -----
    .. math:: \frac{x + z^2/2 \pm z\sqrt{x(n-x)/n + z^2/4}}{n + z^2}

    References
    ----------
    Wilson, E. B. (1927). Journal of the American Statistical Association, 22, 209-212.

    Examples
    --------
    >>> found = wilson_interval(8, 10)
    >>> found.estimate, round(found.conf_low, 4), round(found.conf_high, 4)
    (0.8, 0.4902, 0.9433)
    """
    reason = "nobody: no share" if n == 0 else ""
    if not 0 <= count <= n:
        reason = f"{count} of {n} cannot be"
    estimate = low = high = np.nan
    if not reason:
        z = float(special.ndtri(0.5 + level / 2.0))
        estimate = count / n
        middle = (count + z**2 / 2.0) / (n + z**2)
        margin = z * float(np.sqrt(count * (n - count) / n + z**2 / 4.0)) / (n + z**2)
        # Nobody and everybody are limits of their own; by the formula they would be so but for rounding.
        low = 0.0 if count == 0 else middle - margin
        high = 1.0 if count == n else middle + margin
    return Proportion(count=count, n=n, estimate=estimate, conf_low=low, conf_high=high, reason=reason)


def no_share(n: int, reason: str) -> Proportion:
    """Return the share that cannot be counted, with the reason.

    Examples
    --------
    >>> no_share(3, "a score is missing").n
    3
    """
    return Proportion(count=np.nan, n=n, estimate=np.nan, conf_low=np.nan, conf_high=np.nan, reason=reason)


def risk_difference(first: Proportion, second: Proportion) -> RiskDifference:
    r"""Return the difference of two independent shares with Newcombe's hybrid-score interval.

    Parameters
    ----------
    first, second : Proportion
        The first minus the second; from `wilson_interval` with the level that the difference shall have.

    Returns
    -------
    RiskDifference
        NaN with the reason where one of the groups has nobody.

    Notes
    -----
    With :math:`l_i, u_i` the Wilson limits of the shares :math:`p_i`, the tenth method of the paper:

    .. math:: p_1 - p_2 - \sqrt{(p_1 - l_1)^2 + (u_2 - p_2)^2},\quad
        p_1 - p_2 + \sqrt{(u_1 - p_1)^2 + (p_2 - l_2)^2}

    References
    ----------
    Newcombe, R. G. (1998). Statistics in Medicine, 17, 873-890.

    Examples
    --------
    >>> found = risk_difference(wilson_interval(56, 70), wilson_interval(48, 80))
    >>> round(found.estimate, 4), round(found.conf_low, 4), round(found.conf_high, 4)
    (0.2, 0.0524, 0.3339)
    """
    down = np.hypot(first.estimate - first.conf_low, second.conf_high - second.estimate)
    up = np.hypot(first.conf_high - first.estimate, second.estimate - second.conf_low)
    estimate = first.estimate - second.estimate
    return RiskDifference(
        estimate=estimate,
        conf_low=float(estimate - down),
        conf_high=float(estimate + up),
        reason=first.reason or second.reason,
    )


def improvement(before: FloatArray, after: FloatArray, *, higher_is: HigherIs) -> FloatArray:
    """Return the change with better counted up.

    Parameters
    ----------
    before, after : ndarray of float, shape (n,)
        The same persons in the same order; NaN gives NaN.
    higher_is : {"better", "worse"}
        What a higher score means.

    Returns
    -------
    ndarray of float, shape (n,)

    Examples
    --------
    >>> improvement(np.array([20.0, 31.0]), np.array([15.0, 33.0]), higher_is="worse").tolist()
    [5.0, -2.0]
    """
    return after - before if higher_is == "better" else before - after


def _slack(before: FloatArray, after: FloatArray) -> float:
    """Return how far a difference of two such scores may be off by rounding: 0.7 - 0.4 is below 0.3."""
    size = max(float(np.abs(v).max(initial=0.0)) for v in (before, after))
    return 16 * float(np.finfo(float).eps) * size


def _three(gain: FloatArray, threshold: float, slack: float, level: float) -> tuple[Proportion, ...]:
    """Return who improved, stayed and deteriorated by more than the threshold."""
    n = len(gain)
    up, down = (int((part > threshold + slack).sum()) for part in (gain, -gain))
    first, second, third = (wilson_interval(c, n, level=level) for c in (up, n - up - down, down))
    return first, second, third


def _wrong_reliability(sds: tuple[float, float], reliabilities: tuple[float, float]) -> str:
    if not np.isfinite(sds + reliabilities).all():
        return "an SD or a reliability is missing"
    if min(sds) < 0:
        return f"a standard deviation is negative: {min(sds):g}"
    if min(reliabilities) < 0 or max(reliabilities) > 1:
        return "a reliability is not from 0 to 1"
    return ""


def reliable_change(
    before: FloatArray,
    after: FloatArray,
    *,
    sd_before: float,
    reliability: float,
    higher_is: HigherIs,
    sd_after: float | None = None,
    reliability_after: float | None = None,
    criterion: float = 1.96,
    level: float = 0.95,
) -> ReliableChange:
    r"""Say who changed by more than the error of measurement explains.

    Parameters
    ----------
    before, after : ndarray of float, shape (n,)
        The same persons in the same order; a NaN gives NaN results with the reason.
    sd_before : float
        Standard deviation of the score at baseline, of these persons or of a norm; not negative.
    reliability : float
        Of the score, from 0 to 1: test-retest, or internal consistency where that is all there is.
    higher_is : {"better", "worse"}
        What a higher score means.
    sd_after, reliability_after : float or None
        For errors that differ before and after; None is the same as before.
    criterion : float
        A change is reliable where its index is beyond this.
    level : float
        Confidence level of the shares.

    Returns
    -------
    ReliableChange

    Notes
    -----
    Jacobson and Truax: the change over :math:`s_1\sqrt{1 - r}\sqrt 2`. Where the errors differ, over
    :math:`\sqrt{s_1^2(1 - r_1) + s_2^2(1 - r_2)}`, which is the same for equal SDs and reliabilities.
    Regression to the mean is not taken out.

    References
    ----------
    Jacobson, N. S., & Truax, P. (1991). Journal of Consulting and Clinical Psychology, 59, 12-19. Maassen,
    G. H. (2004). Journal of the International Neuropsychological Society, 10, 888-893.

    Examples
    --------
    >>> before, after = np.array([32.5, 40.0, 44.0]), np.array([47.5, 41.0, 30.0])
    >>> found = reliable_change(before, after, sd_before=7.5, reliability=0.80, higher_is="better")
    >>> found.index.round(2).tolist(), found.improved.count, found.deteriorated.count
    ([3.16, 0.21, -2.95], 1, 1)
    """
    n = len(before)
    sds = (sd_before, sd_before if sd_after is None else sd_after)
    reliabilities = (reliability, reliability if reliability_after is None else reliability_after)
    reason = _wrong_reliability(sds, reliabilities)
    gain = improvement(before, after, higher_is=higher_is)
    error = np.nan
    if not reason:
        error = float(
            np.sqrt(sds[0] ** 2 * (1.0 - reliabilities[0]) + sds[1] ** 2 * (1.0 - reliabilities[1]))
        )
    if not reason and np.isnan(gain).any():
        reason = "a score is missing"
    if not reason and error == 0:
        reason = "no error of measurement: every change would be reliable"
    if reason:
        shares: tuple[Proportion, ...] = (no_share(n, reason),) * 3
        error = np.nan
    else:
        shares = _three(gain, criterion * error, _slack(before, after), level)
    return ReliableChange(
        index=gain / error,
        threshold=criterion * error,
        std_error=error,
        n=n,
        improved=shares[0],
        unchanged=shares[1],
        deteriorated=shares[2],
        reason=reason or shares[0].reason,
    )


def important_change(
    before: FloatArray,
    after: FloatArray,
    *,
    minimal_important: float,
    higher_is: HigherIs,
    level: float = 0.95,
) -> tuple[Proportion, Proportion, Proportion]:
    """Return the shares of those who improved, stayed and got worse by the minimal important difference.

    Parameters
    ----------
    before, after, minimal_important, higher_is, level
        As in `responder_rates`; who changes by exactly as much has improved or got worse.

    Returns
    -------
    tuple of Proportion
        Improved, neither, worse.

    Examples
    --------
    >>> before, after = np.array([20.0, 30, 25, 28]), np.array([14.0, 25, 24, 33])
    >>> found = important_change(before, after, minimal_important=5.0, higher_is="worse")
    >>> [share.count for share in found]
    [2, 1, 1]
    """
    n = len(before)
    everybody = np.zeros(n, dtype=np.intp)
    other: HigherIs = "worse" if higher_is == "better" else "better"
    up, down = (
        responder_rates(
            before, after, everybody, 1, minimal_important=minimal_important, higher_is=way, level=level
        ).groups[0]
        for way in (higher_is, other)
    )
    if up.reason:
        return up, up, down
    return up, wilson_interval(n - int(up.count) - int(down.count), n, level=level), down


def responder_rates(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    *,
    minimal_important: float,
    higher_is: HigherIs,
    level: float = 0.95,
) -> ResponderRates:
    """Return who improved by at least the minimal important difference, in k groups.

    Parameters
    ----------
    before, after : ndarray of float, shape (n,)
        The same persons in the same order; a NaN gives NaN results with the reason.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1; a group may be empty.
    k : int
    minimal_important : float
        In the unit of the score, above 0; who improves by exactly as much is a responder.
    higher_is : {"better", "worse"}
        What a higher score means.
    level : float
        Confidence level.

    Returns
    -------
    ResponderRates

    Examples
    --------
    >>> before, after = np.array([20.0, 30, 25, 28]), np.array([14.0, 25, 24, 30])
    >>> groups = np.array([0, 0, 1, 1])
    >>> found = responder_rates(before, after, groups, 2, minimal_important=5.0, higher_is="worse")
    >>> [group.estimate for group in found.groups], found.differences[0].estimate
    ([1.0, 0.0], 1.0)
    """
    gain = improvement(before, after, higher_is=higher_is)
    totals = np.bincount(codes, minlength=k)
    reason = "" if minimal_important > 0 else "the minimal important difference is not above zero"
    if np.isnan(gain).any():
        reason = "a score is missing"
    responds = gain >= minimal_important - _slack(before, after) if not reason else np.zeros(len(gain))
    counts = np.bincount(codes, weights=responds, minlength=k)
    groups = tuple(
        no_share(int(n), reason) if reason else wilson_interval(int(count), int(n), level=level)
        for count, n in zip(counts, totals, strict=True)
    )
    pairs = tuple(combinations(range(k), 2))
    return ResponderRates(
        groups=groups,
        differences=tuple(risk_difference(groups[i], groups[j]) for i, j in pairs),
        pairs=pairs,
        reason=reason or next((group.reason for group in groups if group.reason), ""),
    )
