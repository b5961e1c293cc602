"""Contrasts of group means that were planned: which groups against which, in one number each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from larstudy.names import DRUG_DOMINATED, GAINED_ABSTINENT, ISOLATED, MAINTAINED_ABSTINENT
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.group_moments import GroupMoments, group_moments
from larstudy.stats.multiplicity import Adjustment, adjust_p_values
from larstudy.stats.t_tests import TTests, t_tests

ChangeGroupContrast = Literal[
    "gained_against_drug_dominated", "abstinent_against_rest", "isolated_against_rest"
]

#: The planned contrasts of the four change groups: the weight of each group's mean. Groups on one side count
#: alike, however many persons they have.
CHANGE_GROUP_CONTRASTS: Final[Mapping[ChangeGroupContrast, Mapping[str, float]]] = {
    "gained_against_drug_dominated": {GAINED_ABSTINENT: 1.0, DRUG_DOMINATED: -1.0},
    "abstinent_against_rest": {
        MAINTAINED_ABSTINENT: 1 / 2,
        GAINED_ABSTINENT: 1 / 2,
        DRUG_DOMINATED: -1 / 2,
        ISOLATED: -1 / 2,
    },
    "isolated_against_rest": {
        ISOLATED: 1.0,
        MAINTAINED_ABSTINENT: -1 / 3,
        GAINED_ABSTINENT: -1 / 3,
        DRUG_DOMINATED: -1 / 3,
    },
}

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class ContrastTests(TTests):
    """Weighted sums of group means with their t tests; each array has shape (m,) but ``weights``.

    Attributes
    ----------
    estimate, std_error, df, statistic, p_value, conf_low, conf_high : ndarray, shape (m,)
        In the unit of the means; each test and interval by itself.
    p_adjusted : ndarray, shape (m,)
        Holds for all contrasts of this result at once, by the adjustment that was asked for.
    weights : ndarray, shape (m, k)
    reasons : tuple of str
        One a contrast: why it could not be tested; empty where it could.
    """

    p_adjusted: FloatArray
    weights: FloatArray


def change_group_weights(groups: Sequence[str], contrast: ChangeGroupContrast) -> FloatArray:
    """Return the weights of a planned contrast in the order of the groups at hand.

    Parameters
    ----------
    groups : sequence of str, length k
        Names of the groups, in the order of their codes; groups that the contrast does not name get 0.
    contrast : {"gained_against_drug_dominated", "abstinent_against_rest", "isolated_against_rest"}

    Returns
    -------
    ndarray, shape (k,)
        NaN throughout where a group of the contrast is not among the groups: it would be another contrast
        without it.

    Examples
    --------
    >>> change_group_weights(["drug_dominated", "gained_abstinent"], "gained_against_drug_dominated").tolist()
    [-1.0, 1.0]
    """
    named = CHANGE_GROUP_CONTRASTS[contrast]
    if not set(named) <= set(groups):
        return np.full(len(groups), np.nan)
    return np.array([named.get(group, 0.0) for group in groups])


def weights_between(
    first: Sequence[int], second: Sequence[int], k: int, *, counts: FloatArray | None = None
) -> FloatArray:
    """Return the weights of some groups against others: the mean of the first minus that of the second.

    Parameters
    ----------
    first, second : sequence of int
        Groups on each side, 0 to k - 1.
    k : int
    counts : ndarray, shape (k,), optional
        Persons in each group, for means in which every person counts alike; without it every group does.

    Returns
    -------
    ndarray, shape (k,)

    Examples
    --------
    >>> weights_between([0, 1], [2], 3).tolist()
    [0.5, 0.5, -1.0]
    >>> weights_between([0, 1], [2], 3, counts=np.array([30.0, 10, 8])).tolist()
    [0.75, 0.25, -1.0]
    """
    size = np.ones(k) if counts is None else counts
    weights = np.zeros(k)
    for groups, sign in ((list(first), 1.0), (list(second), -1.0)):
        total = float(size[groups].sum())
        weights[groups] += sign * size[groups] / total if total > 0 else np.nan
    return weights


def pooled_contrasts(
    response: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    *,
    adjust: Adjustment = "none",
    made_from: Sequence[FloatArray] = (),
    level: float = 0.95,
) -> ContrastTests:
    r"""Test contrasts of group means with one spread for all groups.

    Parameters
    ----------
    response : ndarray, shape (n,)
        NaN is not dropped: the tests are then NaN, with a reason.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    weights : ndarray, shape (m, k) or (k,)
        One row a contrast, adding up to zero.
    adjust : {"holm", "bonferroni", "none"}
        How ``p_adjusted`` is made.
    made_from : sequence of ndarray
        The numbers that the response was made from: a spread within their rounding error is none.
    level : float
        Confidence level of each interval by itself.

    Returns
    -------
    ContrastTests
        A group of one person may take part. NaN with a reason where a group of the contrast has nobody,
        there is no spread within the groups, or the weights are no contrast.

    Notes
    -----
    :math:`\sum w_i m_i` with :math:`SE^2 = MS_{within} \sum w_i^2 / n_i` and the degrees of freedom within
    all groups, those with weight zero too.

    Examples
    --------
    >>> y, codes = np.array([1.0, 2, 3, 2, 4, 6, 7, 8, 9]), np.repeat([0, 1, 2], 3)
    >>> tests = pooled_contrasts(y, codes, np.array([0.5, 0.5, -1.0]))
    >>> tests.estimate.tolist(), tests.std_error.tolist(), tests.df.tolist()
    ([-5.0], [1.0], [6.0])
    """
    rows = np.atleast_2d(np.asarray(weights, dtype=float))
    moments = group_moments(response, codes, rows.shape[1], *made_from)
    pooled = moments.pooled_variance
    variances = np.divide(
        pooled, moments.counts, out=np.full(rows.shape[1], np.nan), where=moments.counts > 0
    )
    why = []
    for row in rows:
        reason = _no_contrast(row, moments)
        if not reason and moments.pooled_df < 1:
            reason = "no group has two persons: no spread within the groups"
        elif not reason and pooled == 0:
            reason = "no spread within the groups: no test"
        why.append(reason)
    error = np.sqrt(_weighted(rows**2, variances))
    df = np.full(len(rows), moments.pooled_df)
    tests = t_tests(_weighted(rows, moments.means), error, df, reasons=why, level=level)
    return contrast_tests(tests, rows, adjust)


def welch_contrasts(
    response: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    *,
    adjust: Adjustment = "none",
    made_from: Sequence[FloatArray] = (),
    level: float = 0.95,
) -> ContrastTests:
    r"""Test contrasts of group means, each group with its own spread.

    Parameters
    ----------
    response, codes, weights, adjust, made_from, level
        As for `pooled_contrasts`.

    Returns
    -------
    ContrastTests
        NaN with a reason where a group of the contrast has fewer than two persons, none of them has spread,
        or the weights are no contrast.

    Notes
    -----
    With :math:`v_i = w_i^2 s_i^2 / n_i`: :math:`SE^2 = \sum v_i` and, after Satterthwaite,
    :math:`df = (\sum v_i)^2 / \sum (v_i^2 / (n_i - 1))`. Two groups with weights 1 and -1 give Welch's t.

    References
    ----------
    Satterthwaite, F. E. (1946). Biometrics Bulletin, 2, 110-114.

    Examples
    --------
    >>> y, codes = np.array([1.0, 2, 3, 2, 4, 6, 7, 8, 9]), np.repeat([0, 1, 2], 3)
    >>> tests = welch_contrasts(y, codes, np.array([0.5, 0.5, -1.0]))
    >>> tests.std_error.round(6).tolist(), tests.df.round(6).tolist()
    ([0.866025], [4.909091])
    """
    rows = np.atleast_2d(np.asarray(weights, dtype=float))
    moments = group_moments(response, codes, rows.shape[1], *made_from)
    why = [_no_contrast(row, moments) or _no_own_spread(row, moments) for row in rows]
    can = np.array([not reason for reason in why], dtype=bool)
    parts = np.zeros(rows.shape)
    used = can[:, None] & (rows != 0)
    np.divide(rows**2 * moments.variances, moments.counts, out=parts, where=used)
    total = parts.sum(axis=1)
    shares = np.divide(parts, total[:, None], out=np.zeros(rows.shape), where=used)
    lost = (shares**2 / np.maximum(moments.counts - 1.0, 1.0)).sum(axis=1)
    df = np.divide(1.0, lost, out=np.full(len(rows), np.nan), where=can)
    tests = t_tests(_weighted(rows, moments.means), np.sqrt(total), df, reasons=why, level=level)
    return contrast_tests(tests, rows, adjust)


def contrasts_of_means(
    means: FloatArray,
    covariance: FloatArray,
    weights: FloatArray,
    *,
    df: float = np.inf,
    adjust: Adjustment = "none",
    level: float = 0.95,
) -> ContrastTests:
    """Test contrasts of means whose covariance is known, such as the adjusted means of an ANCOVA.

    Parameters
    ----------
    means : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        Of the means: adjusted means share the covariate, so that they are not independent.
    weights : ndarray, shape (m, k) or (k,)
        One row a contrast, adding up to zero.
    df : float
        Degrees of freedom of the covariance; infinite gives the normal test.
    adjust : {"holm", "bonferroni", "none"}
        How ``p_adjusted`` is made.
    level : float
        Confidence level of each interval by itself.

    Returns
    -------
    ContrastTests
        NaN with a reason where a mean of the contrast is missing, the weights are no contrast, or the
        contrast has no variance.

    Notes
    -----
    The error of a contrast with weights w is the root of ``w @ covariance @ w``. For a `LinearFit` and rows
    ``L`` that make the means, the covariance is ``fit.residual_variance * L @ fit.unscaled @ L.T``.

    Examples
    --------
    >>> tests = contrasts_of_means(np.array([5.0, 3.0]), np.diag([0.5, 0.5]), np.array([1.0, -1.0]), df=10)
    >>> tests.statistic.tolist(), tests.p_value.round(6).tolist()
    ([2.0], [0.073388])
    """
    rows = np.atleast_2d(np.asarray(weights, dtype=float))
    estimate, variance = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    why = []
    for place, row in enumerate(rows):
        used = row != 0
        reason = bad_weights(row)
        within = covariance[np.ix_(used, used)]
        if not reason and (np.isnan(means[used]).any() or np.isnan(within).any()):
            reason = "a mean of the contrast, or its variance, is missing"
        if not reason:
            estimate[place] = row[used] @ means[used]
            variance[place] = row[used] @ within @ row[used]
            largest = float(np.abs(row[used]) @ np.abs(within) @ np.abs(row[used]))
            if not variance[place] > 64 * np.finfo(float).eps * largest:
                reason = "the contrast has no variance: no test"
        why.append(reason)
    error = np.sqrt(np.maximum(variance, 0.0))
    tests = t_tests(estimate, error, np.full(len(rows), float(df)), reasons=why, level=level)
    return contrast_tests(tests, rows, adjust)


def _weighted(rows: FloatArray, values: FloatArray) -> FloatArray:
    """Return weighted sums; what has weight zero may be NaN."""
    parts: FloatArray = np.where(rows != 0, rows * values, 0.0)
    return np.asarray(parts.sum(axis=1))


def bad_weights(row: FloatArray) -> str:
    """Say why weights, shape (k,), make no contrast; empty where they do.

    Examples
    --------
    >>> bad_weights(np.array([1.0, -0.5]))
    'the weights do not add up to zero: no contrast'
    """
    if np.isnan(row).any():
        return "the weights are unknown: a group of the contrast is missing"
    if not (row != 0).any():
        return "all weights are zero: no contrast"
    if abs(float(row.sum())) > _ROUNDING * float(np.abs(row).sum()):
        return "the weights do not add up to zero: no contrast"
    return ""


def _no_contrast(row: FloatArray, moments: GroupMoments) -> str:
    reason = bad_weights(row) or moments.reason
    if not reason and (moments.counts[row != 0] == 0).any():
        reason = "a group of the contrast has nobody"
    return reason


def _no_own_spread(row: FloatArray, moments: GroupMoments) -> str:
    used = row != 0
    if (moments.counts[used] < 2).any():
        return "a group of one person has no spread of its own"
    return "" if (moments.variances[used] > 0).any() else "no group of the contrast has any spread: no test"


def contrast_tests(tests: TTests, weights: FloatArray, adjust: Adjustment) -> ContrastTests:
    """Return t tests as those of contrasts, with p-values that hold for all of them at once."""
    return ContrastTests(
        estimate=tests.estimate,
        std_error=tests.std_error,
        df=tests.df,
        statistic=tests.statistic,
        p_value=tests.p_value,
        conf_low=tests.conf_low,
        conf_high=tests.conf_high,
        reasons=tests.reasons,
        p_adjusted=adjust_p_values(tests.p_value, adjust),
        weights=weights,
    )
