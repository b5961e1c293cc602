"""Sums of many cohorts at once, by cluster and group: all that their comparisons need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from larstudy.stats.arrays import FloatArray

Codes = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CohortCells:
    """Sums over the persons with both waves and a group, of c cohorts, G clusters and k groups.

    Scores and changes are summed about the mean of their cohort, so that no digits are lost to a large level.

    Attributes
    ----------
    counts : ndarray, shape (c, G, k)
    before, change : ndarray, shape (c, G, k)
        Sums of the scores at entry and of the changes, about their means.
    before_ss, change_ss, product : ndarray, shape (c, G, k)
        Sums of their squares and products.
    before_mean, change_mean : ndarray, shape (c,)
        What was taken off: the means of each cohort.
    size : ndarray, shape (c,)
        How large the scores are: spreads within its rounding error are none.
    """

    counts: FloatArray
    before: FloatArray
    change: FloatArray
    before_ss: FloatArray
    change_ss: FloatArray
    product: FloatArray
    before_mean: FloatArray
    change_mean: FloatArray
    size: FloatArray

    @property
    def n(self) -> FloatArray:
        """Return the persons of each group, shape (c, k)."""
        return np.asarray(self.counts.sum(axis=1))

    def means(self) -> tuple[FloatArray, FloatArray]:
        """Return the means of the groups about those of the cohort, entry and change; NaN where nobody is."""
        n = self.n
        with np.errstate(invalid="ignore"):
            return self.before.sum(axis=1) / n, self.change.sum(axis=1) / n

    def baseline_sd(self) -> FloatArray:
        """Return the standard deviation of the scores at entry of those compared, shape (c,)."""
        n = self.n.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            # The sums are about the mean of just these persons.
            return np.asarray(np.sqrt(self.before_ss.sum(axis=(1, 2)) / np.where(n > 1, n - 1.0, np.nan)))


def cohort_cells(
    before: FloatArray, after: FloatArray, groups: Codes, k: int, clusters: Codes | None = None
) -> CohortCells:
    """Sum the scores of many cohorts by cluster and group.

    Parameters
    ----------
    before, after : ndarray, shape (c, n)
        Scores at entry and at follow-up; NaN where there is none. Whoever lacks one is not summed.
    groups : ndarray of int, shape (c, n)
        0 to k - 1, or -1 for none.
    k : int
    clusters : ndarray of int, shape (c, n), optional
        0 to G - 1; all persons in one cluster unless given.

    Returns
    -------
    CohortCells

    Examples
    --------
    >>> before = np.array([[1.0, 2, 3, 4], [2.0, 2, 3, np.nan]])
    >>> cells = cohort_cells(before, before + 1, np.array([[0, 0, 1, 1], [0, 0, 1, 1]]), 2)
    >>> cells.n.tolist(), cells.change_mean.tolist()
    ([[2.0, 2.0], [2.0, 1.0]], [1.0, 1.0])
    """
    c = len(before)
    used = np.isfinite(before) & np.isfinite(after) & (groups >= 0)
    many = 1 if clusters is None else int(clusters.max()) + 1
    cell = np.where(used, groups, 0).astype(np.intp)
    if clusters is not None:
        cell += clusters.astype(np.intp) * k
    cell += np.arange(c)[:, None] * (many * k)
    place, weight = cell.ravel(), used.astype(float)
    persons = weight.sum(axis=1)
    divisor = np.maximum(persons, 1.0)
    x, d = np.where(used, before, 0.0), np.where(used, after - before, 0.0)
    size = np.maximum(np.abs(x).max(axis=1, initial=0.0), np.where(used, np.abs(after), 0.0).max(axis=1))
    x_mean, d_mean = x.sum(axis=1) / divisor, d.sum(axis=1) / divisor
    x, d = (x - x_mean[:, None]) * weight, (d - d_mean[:, None]) * weight

    def summed(values: FloatArray) -> FloatArray:
        sums = np.bincount(place, weights=values.ravel(), minlength=c * many * k)
        return np.asarray(sums.reshape(c, many, k), dtype=float)

    return CohortCells(
        counts=summed(weight),
        before=summed(x),
        change=summed(d),
        before_ss=summed(x * x),
        change_ss=summed(d * d),
        product=summed(x * d),
        before_mean=x_mean,
        change_mean=d_mean,
        size=size,
    )
