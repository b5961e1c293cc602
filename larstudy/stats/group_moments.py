"""How many, the mean and the spread of each group: what comparisons of groups start from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.paired import same_to_rounding

_NOBODY = "there is nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupMoments:
    """Counts, means and variances of k groups; each array has shape (k,).

    Attributes
    ----------
    counts : ndarray
        Persons, zero where a group has nobody.
    means : ndarray
        NaN where a group has nobody.
    variances : ndarray
        With n - 1; NaN below two persons, and exactly zero where the spread is no more than rounding error.
    reason : str
        Why nothing can be computed from them; empty where it can.
    """

    counts: FloatArray
    means: FloatArray
    variances: FloatArray
    reason: str = ""

    @property
    def pooled_df(self) -> float:
        """The persons less the groups that have any."""
        return float(np.maximum(self.counts - 1.0, 0.0).sum())

    @property
    def pooled_variance(self) -> float:
        """The variance within the groups, NaN without degrees of freedom."""
        if self.pooled_df <= 0:
            return np.nan
        more = self.counts > 1
        return float((self.counts[more] - 1.0) @ self.variances[more]) / self.pooled_df


def group_moments(response: FloatArray, codes: IntArray, k: int, *made_from: FloatArray) -> GroupMoments:
    """Return counts, means and variances of k groups.

    Parameters
    ----------
    response : ndarray, shape (n,)
        NaN or infinity is not dropped: it makes everything NaN, with a reason.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1. A group may have nobody.
    k : int
    *made_from : ndarray
        The numbers that the response was made from: a spread within their rounding error is none.

    Returns
    -------
    GroupMoments

    Examples
    --------
    >>> moments = group_moments(np.array([1.0, 2, 3, 4, 4]), np.array([0, 0, 0, 1, 1]), 3)
    >>> moments.means.tolist(), moments.variances.tolist(), moments.pooled_df
    ([2.0, 4.0, nan], [1.0, 0.0, nan], 3.0)
    """
    counts = np.bincount(codes, minlength=k).astype(float)
    if not len(response) or not np.isfinite(response).all():
        nan = np.full(k, np.nan)
        reason = "there are missing or infinite values among the responses" if len(response) else _NOBODY
        return GroupMoments(counts=counts, means=nan, variances=nan, reason=reason)
    centre = float(response.mean())
    # Centred before summing: a large offset would cost digits.
    centred = response - centre
    means = _over(centred, codes, counts, counts)
    residual = centred - means[codes]
    variances = _over(residual**2, codes, counts, counts - 1.0)
    for group, variance in enumerate(variances.tolist()):
        if same_to_rounding(float(np.sqrt(variance)), response, *made_from):
            variances[group] = 0.0
    return GroupMoments(counts=counts, means=means + centre, variances=variances)


def _over(values: FloatArray, codes: IntArray, counts: FloatArray, divisor: FloatArray) -> FloatArray:
    """Return the sums of the groups over a divisor, NaN where that is not above zero."""
    found = np.full(len(counts), np.nan)
    np.divide(np.bincount(codes, values, minlength=len(counts)), divisor, out=found, where=divisor > 0)
    return found


def how_many(groups: BoolArray, what: str, what_of_several: str) -> str:
    """Say of how many groups something holds, for reasons.

    Examples
    --------
    >>> how_many(np.array([True, False]), "has nobody", "have nobody")
    '1 of 2 groups has nobody'
    """
    number = int(groups.sum())
    return f"{number} of {len(groups)} groups {what if number == 1 else what_of_several}"
