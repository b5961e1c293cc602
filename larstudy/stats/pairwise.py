"""Every pair of groups: Welch's t, Games-Howell, and Tukey's test with Kramer's errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.group_moments import GroupMoments, group_moments
from larstudy.stats.multiplicity import Adjustment, adjust_p_values
from larstudy.stats.studentized_range import studentized_range_quantile, studentized_range_upper_tail
from larstudy.stats.t_tests import TTests, t_tests

Pairs = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairwiseTests(TTests):
    """Differences between two group means, the first of a pair minus the second.

    Attributes
    ----------
    estimate, std_error, df, statistic, p_value, conf_low, conf_high : ndarray, shape (m,)
        ``std_error`` is that of the difference and ``statistic`` their ratio, t. Where the test is
        for all pairs at once (Games-Howell, Tukey), ``p_value`` and the interval are too.
    p_adjusted : ndarray, shape (m,)
        Holds for all pairs at once; the same as ``p_value`` where the test itself does.
    pairs : tuple of (int, int)
    reasons : tuple of str
        One a pair: why it could not be tested; empty where it could.
    """

    p_adjusted: FloatArray
    pairs: Pairs


def every_pair(k: int) -> Pairs:
    """Return each pair of k groups once.

    Examples
    --------
    >>> every_pair(3)
    ((0, 1), (0, 2), (1, 2))
    """
    return tuple(combinations(range(k), 2))


def welch_pairs(
    response: FloatArray,
    codes: IntArray,
    k: int,
    *,
    pairs: Sequence[tuple[int, int]] | None = None,
    adjust: Adjustment = "holm",
    made_from: Sequence[FloatArray] = (),
    level: float = 0.95,
) -> PairwiseTests:
    r"""Compare pairs of groups by Welch's t test.

    Parameters
    ----------
    response : ndarray, shape (n,)
        NaN is not dropped: the tests are then NaN, with a reason.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
    pairs : sequence of (int, int), optional
        Those to compare, first minus second; without it every pair.
    adjust : {"holm", "bonferroni", "none"}
        How ``p_adjusted`` is made from the p-values of these pairs.
    made_from : sequence of ndarray
        The numbers that the response was made from: a spread within their rounding error is none.
    level : float
        Confidence level of each interval by itself.

    Returns
    -------
    PairwiseTests
        NaN with a reason for a pair in which a group has fewer than two persons, or neither has spread.

    Notes
    -----
    With :math:`a = s_1^2/n_1`, :math:`b = s_2^2/n_2`: :math:`SE = \sqrt{a + b}` and
    :math:`df = (a + b)^2 / (a^2/(n_1 - 1) + b^2/(n_2 - 1))`.

    References
    ----------
    Welch, B. L. (1947). Biometrika, 34, 28-35.

    Examples
    --------
    >>> codes = np.array([0, 0, 0, 1, 1, 1])
    >>> tests = welch_pairs(np.array([1.0, 2, 3, 2, 4, 6]), codes, 2)
    >>> tests.estimate.tolist(), tests.df.round(6).tolist()
    ([-2.0], [2.941176])
    """
    chosen = every_pair(k) if pairs is None else tuple(pairs)
    tests = _welch(group_moments(response, codes, k, *made_from), chosen, level)
    return _pairwise(tests, chosen, p_adjusted=adjust_p_values(tests.p_value, adjust))


def games_howell(
    response: FloatArray,
    codes: IntArray,
    k: int,
    *,
    pairs: Sequence[tuple[int, int]] | None = None,
    made_from: Sequence[FloatArray] = (),
    level: float = 0.95,
) -> PairwiseTests:
    r"""Compare every pair of groups at once without assuming equal spread (Games-Howell).

    Parameters
    ----------
    response, codes, k, made_from
        As for `welch_pairs`.
    pairs : sequence of (int, int), optional
        Those to show, first minus second. The tests hold for every pair, whichever are shown.
    level : float
        Confidence level of all intervals together.

    Returns
    -------
    PairwiseTests
        NaN with a reason for a pair in which a group has fewer than two persons, or neither has spread.

    Notes
    -----
    Error, t and degrees of freedom are Welch's; p is the upper tail of the studentised range of k means at
    :math:`\sqrt 2\,|t|`, the interval :math:`\pm q_{k,df}\,SE/\sqrt 2`. k counts the groups of two
    persons or more. Some programs print :math:`SE/\sqrt 2` as the standard error.

    References
    ----------
    Games, P. A., & Howell, J. F. (1976). Journal of Educational Statistics, 1, 113-125.

    Examples
    --------
    >>> codes = np.repeat([0, 1, 2], 3)
    >>> tests = games_howell(np.array([1.0, 2, 3, 2, 4, 6, 7, 8, 9]), codes, 3)
    >>> tests.p_value.round(4).tolist()
    [0.3904, 0.004, 0.1069]
    """
    chosen = every_pair(k) if pairs is None else tuple(pairs)
    moments = group_moments(response, codes, k, *made_from)
    tests = _welch(moments, chosen, level)
    return _by_range(tests, chosen, int((moments.counts > 1).sum()), level)


def tukey_hsd(
    response: FloatArray,
    codes: IntArray,
    k: int,
    *,
    pairs: Sequence[tuple[int, int]] | None = None,
    made_from: Sequence[FloatArray] = (),
    level: float = 0.95,
) -> PairwiseTests:
    r"""Compare every pair of groups at once with one pooled spread (Tukey; Tukey-Kramer for unequal groups).

    Parameters
    ----------
    response, codes, k, pairs, made_from, level
        As for `games_howell`.

    Returns
    -------
    PairwiseTests
        A group of one person takes part. NaN with a reason where a group has nobody, or where there is no
        spread within the groups.

    Notes
    -----
    :math:`SE = \sqrt{MS_{within} (1/n_1 + 1/n_2)}`; p and interval by the studentised range as for
    Games-Howell, with the degrees of freedom within. k counts the groups that have anybody. R's
    ``TukeyHSD``, which shows the later level minus the earlier.

    References
    ----------
    Kramer, C. Y. (1956). Biometrics, 12, 307-310.

    Examples
    --------
    >>> codes = np.repeat([0, 1, 2], 3)
    >>> tests = tukey_hsd(np.array([1.0, 2, 3, 2, 4, 6, 7, 8, 9]), codes, 3)
    >>> tests.p_value.round(4).tolist(), tests.df.tolist()
    ([0.2694, 0.0049, 0.031], [6.0, 6.0, 6.0])
    """
    chosen = every_pair(k) if pairs is None else tuple(pairs)
    moments = group_moments(response, codes, k, *made_from)
    first, second = _sides(chosen)
    variance = moments.pooled_variance
    reasons = _why_not_pooled(moments, first, second)
    error = np.sqrt(variance / _counted(moments, first) + variance / _counted(moments, second))
    df = np.full(len(chosen), moments.pooled_df)
    estimate = moments.means[first] - moments.means[second]
    tests = t_tests(estimate, error, df, reasons=reasons, level=level)
    return _by_range(tests, chosen, int((moments.counts > 0).sum()), level)


def _sides(pairs: Pairs) -> tuple[IntArray, IntArray]:
    both = np.array(pairs, dtype=np.intp).reshape(len(pairs), 2)
    return both[:, 0], both[:, 1]


def _counted(moments: GroupMoments, groups: IntArray) -> FloatArray:
    """Return the counts, NaN for nobody."""
    counts = moments.counts[groups]
    return np.where(counts > 0, counts, np.nan)


def _welch(moments: GroupMoments, pairs: Pairs, level: float) -> TTests:
    first, second = _sides(pairs)
    reasons = _why_not_welch(moments, first, second)
    can = np.array([not reason for reason in reasons], dtype=bool)
    error, df = np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
    n1, n2 = moments.counts[first[can]], moments.counts[second[can]]
    a, b = moments.variances[first[can]] / n1, moments.variances[second[can]] / n2
    error[can] = np.sqrt(a + b)
    # By shares of the variance, which no unit of the response can overflow.
    df[can] = 1.0 / ((a / (a + b)) ** 2 / (n1 - 1.0) + (b / (a + b)) ** 2 / (n2 - 1.0))
    return t_tests(moments.means[first] - moments.means[second], error, df, reasons=reasons, level=level)


def _why_not_welch(moments: GroupMoments, first: IntArray, second: IntArray) -> tuple[str, ...]:
    fewest = np.minimum(moments.counts[first], moments.counts[second])
    flat = (moments.variances[first] == 0) & (moments.variances[second] == 0)
    return _why(
        moments,
        len(first),
        [
            (fewest == 0, "a group has nobody"),
            (fewest == 1, "a group of one person has no spread of its own"),
            (flat, "neither group has any spread: no test"),
        ],
    )


def _why_not_pooled(moments: GroupMoments, first: IntArray, second: IntArray) -> tuple[str, ...]:
    nobody = np.minimum(moments.counts[first], moments.counts[second]) == 0
    everywhere = np.ones(len(first), dtype=bool)
    return _why(
        moments,
        len(first),
        [
            (nobody, "a group has nobody"),
            (everywhere & (moments.pooled_df < 1), "no group has two persons: no spread within the groups"),
            (everywhere & (moments.pooled_variance == 0), "no spread within the groups: no test"),
        ],
    )


def _why(moments: GroupMoments, m: int, checks: Sequence[tuple[BoolArray, str]]) -> tuple[str, ...]:
    """Return the first reason that holds for each of m pairs."""
    if moments.reason:
        return (moments.reason,) * m
    return tuple(next((reason for holds, reason in checks if holds[i]), "") for i in range(m))


def _by_range(tests: TTests, pairs: Pairs, k: int, level: float) -> PairwiseTests:
    """Replace p-values and intervals by those of the studentised range of k means."""
    root = np.sqrt(2.0)
    p_value = studentized_range_upper_tail(root * np.abs(tests.statistic), k, tests.df)
    freedom, place = np.unique(tests.df, return_inverse=True)
    margin = studentized_range_quantile(level, k, freedom)[place] * tests.std_error / root
    return _pairwise(tests, pairs, p_adjusted=p_value, p_value=p_value, margin=margin)


def _pairwise(
    tests: TTests,
    pairs: Pairs,
    *,
    p_adjusted: FloatArray,
    p_value: FloatArray | None = None,
    margin: FloatArray | None = None,
) -> PairwiseTests:
    return PairwiseTests(
        estimate=tests.estimate,
        std_error=tests.std_error,
        df=tests.df,
        statistic=tests.statistic,
        p_value=tests.p_value if p_value is None else p_value,
        conf_low=tests.conf_low if margin is None else tests.estimate - margin,
        conf_high=tests.conf_high if margin is None else tests.estimate + margin,
        reasons=tests.reasons,
        p_adjusted=p_adjusted,
        pairs=pairs,
    )
