"""Overlap weights for two or more groups, and how alike weighting makes groups at the start."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.designs import rounding_error, with_intercept
from larstudy.stats.multinomial import fit_multinomial
from larstudy.stats.weights import effective_sample_size


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapWeights:
    """Generalised overlap weights.

    Attributes
    ----------
    weights : ndarray, shape (n,)
        They add up to 1 within each group; NaN where there are none.
    probabilities : ndarray, shape (n, k)
        Fitted probability to be in each group, given the covariates.
    tilt : ndarray, shape (n,)
        How much each person counts in the population that is compared: high where every group is likely.
    effective_n : ndarray, shape (k,)
        ``(sum w)^2 / sum w^2`` in each group.
    largest : float
        The largest share that one person has of a group.
    left_out : ndarray of bool, shape (p,)
        Covariates that are the same for everybody.
    reason : str
        Why there are no weights; empty where there are.
    """

    weights: FloatArray
    probabilities: FloatArray
    tilt: FloatArray
    effective_n: FloatArray
    largest: float
    left_out: BoolArray
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How alike groups are at the start, before and after weighting.

    Attributes
    ----------
    pairs : tuple of (int, int)
        The first minus the second.
    before, after : ndarray, shape (pairs, p)
        Standardised differences of the means without and with weights, over the same standardiser.
    largest_before, largest_after : ndarray, shape (p,)
        The largest size over the pairs; 0.1 is a common limit.
    standardiser : ndarray, shape (p,)
        Root mean square of the SDs (n - 1) within the groups, without weights.
    reasons : tuple of str
        One a covariate: why it is NaN; empty where it is not.
    reason : str
        Why there is nothing at all, or nothing after weighting; empty otherwise.
    """

    pairs: tuple[tuple[int, int], ...]
    before: FloatArray
    after: FloatArray
    largest_before: FloatArray
    largest_after: FloatArray
    standardiser: FloatArray
    reasons: tuple[str, ...]
    reason: str


def overlap_weights(
    covariates: FloatArray, codes: IntArray, k: int, *, names: Sequence[str] = ()
) -> OverlapWeights:
    r"""Weigh k groups towards the persons who could have been in any of them.

    Parameters
    ----------
    covariates : ndarray, shape (n, p)
        Without a column of ones. NaN is not allowed: it gives no weights.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
        At least 2.
    names : sequence of str
        Names of the covariates, for the reason.

    Returns
    -------
    OverlapWeights
        NaN with a reason where a group has nobody, covariates determine each other, or they tell
        the groups apart perfectly: then nobody could have been in another group.

    Notes
    -----
    With :math:`e_j(x)` from a multinomial logistic regression, person i of group j weighs
    :math:`h(x_i) / e_j(x_i)`, where :math:`h(x) = 1 / \sum_l 1 / e_l(x)` (their harmonic mean
    over k). Weights are between 0 and 1 before they are made to add up to 1, so they do not explode. With two
    groups :math:`w` is the probability of the other group, and the covariates balance exactly; with three or
    more they balance closely, which `group_balance` shows. What is compared is not everybody but the
    population of overlap.

    References
    ----------
    Li, F., & Li, F. (2019). Propensity score weighting for causal inference with multiple treatments.
    Annals of Applied Statistics, 13, 2389-2415.

    Examples
    --------
    >>> sick = np.array([[0.0], [0], [0], [1], [0], [1], [1], [1]])
    >>> found = overlap_weights(sick, np.array([0, 0, 0, 0, 1, 1, 1, 1]), 2)
    >>> found.weights.round(6).tolist()
    [0.166667, 0.166667, 0.166667, 0.5, 0.5, 0.166667, 0.166667, 0.166667]
    """
    design = with_intercept(covariates, names)
    fit = fit_multinomial(design.columns, codes, k, names=design.names)
    if fit.reason:
        nan = np.full(len(codes), np.nan)
        return OverlapWeights(
            weights=nan,
            probabilities=fit.probabilities,
            tilt=nan,
            effective_n=np.full(k, np.nan),
            largest=np.nan,
            left_out=design.left_out,
            reason=fit.reason,
        )
    # h / e_j = 1 / sum_l (e_j / e_l), with ratios over the smallest so that none overflows.
    smallest = fit.probabilities.min(axis=1)
    tilt = smallest / (smallest[:, None] / fit.probabilities).sum(axis=1)
    own = tilt / fit.probabilities[np.arange(len(codes)), codes]
    weights = own / np.bincount(codes, own, minlength=k)[codes]
    return OverlapWeights(
        weights=weights,
        probabilities=fit.probabilities,
        tilt=tilt,
        effective_n=np.array([effective_sample_size(weights[codes == j]) for j in range(k)]),
        largest=float(weights.max()),
        left_out=design.left_out,
        reason="",
    )


def group_balance(covariates: FloatArray, codes: IntArray, k: int, *, weights: FloatArray) -> Balance:
    """Return the standardised differences between every two groups, without and with weights.

    Parameters
    ----------
    covariates : ndarray, shape (n, p)
        No NaN.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
    weights : ndarray, shape (n,)
        Such as those of `overlap_weights`; only their proportions within a group matter.

    Returns
    -------
    Balance
        A covariate without spread in every group is NaN, with its reason; a group of one person has no
        spread, and lends the others'.

    Notes
    -----
    The standardiser is the root mean square of the groups' unweighted SDs, before and after weighting alike:
    otherwise weights that change the spread would seem to change the balance.

    Examples
    --------
    >>> sick = np.array([[0.0], [0], [0], [1], [0], [1], [1], [1]])
    >>> codes = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    >>> found = group_balance(sick, codes, 2, weights=overlap_weights(sick, codes, 2).weights)
    >>> found.before.tolist(), bool(abs(found.after[0, 0]) < 1e-12)
    ([[-1.0]], True)
    """
    counts = np.bincount(codes, minlength=k)
    pairs = tuple(combinations(range(k), 2))
    p = covariates.shape[1]
    if (counts == 0).any() or k < 2:
        empty = int((counts == 0).sum())
        reason = f"{empty} of {k} groups have nobody" if empty else "one group only: nothing to compare"
        nothing, nan = np.full((len(pairs), p), np.nan), np.full(p, np.nan)
        return _balance(pairs, nothing, nothing, nan, reason)
    variances = [covariates[codes == j].var(axis=0, ddof=1) for j in range(k) if counts[j] > 1]
    spread = np.sqrt(np.mean(variances, axis=0)) if variances else np.full(p, 0.0)
    spread[spread <= rounding_error(covariates)] = 0.0
    reason = "the weights are missing" if np.isnan(weights).any() else ""
    plain = _differences(covariates, np.ones(len(codes)), codes, pairs)
    weighed = _differences(covariates, weights, codes, pairs)
    return _balance(pairs, plain, weighed, spread, reason)


def seen_balance(covariates: FloatArray, seen: BoolArray, *, weights: FloatArray) -> Balance:
    """Return how far the seen are from everybody who started, without and with weights.

    Parameters
    ----------
    covariates : ndarray, shape (n, p)
        No NaN.
    seen : ndarray of bool, shape (n,)
    weights : ndarray, shape (n,)
        Such as those of `attrition_weights`; those of the lost are not used.

    Returns
    -------
    Balance
        One pair, (0, 1): the seen minus everybody. The standardiser is the SD of everybody.

    Examples
    --------
    >>> from larstudy.stats.weights import attrition_weights
    >>> far = np.array([[0.0], [0], [0], [0], [1], [1], [1], [1]])
    >>> seen = np.array([True, True, True, False, True, False, False, False])
    >>> found = seen_balance(far, seen, weights=attrition_weights(far, seen).weights)
    >>> found.before.round(6).tolist(), bool(abs(found.after[0, 0]) < 1e-12)
    ([[-0.467707]], True)
    """
    p = covariates.shape[1]
    if not seen.any():
        nan = np.full((1, p), np.nan)
        return _balance(((0, 1),), nan, nan, nan[0], "nobody was seen")
    everybody = covariates.mean(axis=0)
    spread = covariates.std(axis=0, ddof=1) if len(seen) > 1 else np.zeros(p)
    spread[spread <= rounding_error(covariates)] = 0.0
    reason = "the weights are missing" if np.isnan(weights[seen]).any() else ""
    weighed = (weights[seen] @ covariates[seen]) / weights[seen].sum()
    plain = covariates[seen].mean(axis=0)
    return _balance(((0, 1),), (plain - everybody)[None], (weighed - everybody)[None], spread, reason)


def _differences(
    covariates: FloatArray, weights: FloatArray, codes: IntArray, pairs: tuple[tuple[int, int], ...]
) -> FloatArray:
    k = max(j for _, j in pairs) + 1
    means = np.array(
        [weights[codes == j] @ covariates[codes == j] / weights[codes == j].sum() for j in range(k)]
    )
    return np.array([means[i] - means[j] for i, j in pairs])


def _balance(
    pairs: tuple[tuple[int, int], ...],
    before: FloatArray,
    after: FloatArray,
    spread: FloatArray,
    reason: str,
) -> Balance:
    """Standardise the differences of means and find the largest."""
    standardiser = np.where(spread > 0, spread, np.nan)
    before, after = before / standardiser, after / standardiser
    nobody = np.full(len(spread), np.nan)
    return Balance(
        pairs=pairs,
        before=before,
        after=after,
        largest_before=np.abs(before).max(axis=0) if len(pairs) else nobody,
        largest_after=np.abs(after).max(axis=0) if len(pairs) else nobody,
        standardiser=standardiser,
        reasons=tuple("" if s > 0 else "no spread within the groups" for s in standardiser),
        reason=reason,
    )
