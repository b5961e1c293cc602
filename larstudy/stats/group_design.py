"""The design of a model that compares groups, and what is asked of its coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDesign:
    """A design matrix with one column a group and covariates about their means.

    Attributes
    ----------
    matrix : ndarray, shape (n, p)
        Ones, each group but the reference, then the covariates that are not the same for everybody.
    left_out : ndarray of bool, shape (c,)
        Covariates that are the same for everybody.
    kept : ndarray of int
        Positions of the others.
    uncentred : ndarray, shape (p, p)
        Combinations that are the coefficients with every covariate as it was given.
    means : ndarray, shape (k, p)
        Combinations that are the adjusted means.
    differences : ndarray, shape (k (k - 1) / 2, p)
        Combinations that are the pairs of groups, the first minus the second.
    pairs : tuple of (int, int)
    """

    matrix: FloatArray
    left_out: BoolArray
    kept: IntArray
    uncentred: FloatArray
    means: FloatArray
    differences: FloatArray
    pairs: tuple[tuple[int, int], ...]

    def questions(self) -> FloatArray:
        """Return every combination: coefficients, adjusted means, pairs."""
        return np.vstack([self.uncentred, self.means, self.differences])

    def omnibus(self, k: int) -> FloatArray:
        """Return the combinations that are zero where all groups are alike."""
        return np.eye(self.matrix.shape[1])[1:k]


def group_design(codes: IntArray, k: int, *, reference: int, covariates: FloatArray) -> GroupDesign:
    """Return the design that compares k groups.

    Parameters
    ----------
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
    reference : int
        The group that has no column.
    covariates : ndarray, shape (n, c)
        Centred here, so that the adjusted means hold them at their means.

    Returns
    -------
    GroupDesign

    Examples
    --------
    >>> design = group_design(np.array([0, 0, 1]), 2, reference=0, covariates=np.array([[1.0], [2], [6]]))
    >>> design.matrix.tolist(), design.pairs
    ([[1.0, 0.0, -2.0], [1.0, 0.0, -1.0], [1.0, 1.0, 3.0]], ((1, 0),))
    """
    n = len(codes)
    others = [i for i in range(k) if i != reference]
    extra = _centred(covariates)
    left_out = np.asarray((extra == 0).all(axis=0))
    kept = np.flatnonzero(~left_out)
    dummies = (codes[:, None] == np.array(others, dtype=int)).astype(float)
    matrix = np.hstack([np.ones((n, 1)), dummies, extra[:, kept]])
    p = matrix.shape[1]
    means = np.zeros((k, p))
    means[:, 0] = 1.0
    for column, group in enumerate(others, start=1):
        means[group, column] = 1.0
    uncentred = np.eye(p)
    uncentred[0, k:] = -covariates[:, kept].mean(axis=0)
    pairs = every_pair_against(k, reference)
    differences = np.array([means[a] - means[b] for a, b in pairs]).reshape(len(pairs), p)
    return GroupDesign(
        matrix=matrix,
        left_out=left_out,
        kept=kept,
        uncentred=uncentred,
        means=means,
        differences=differences,
        pairs=pairs,
    )


def every_pair_against(k: int, reference: int) -> tuple[tuple[int, int], ...]:
    """Return every pair once: first each group against the reference, then the rest in order.

    Examples
    --------
    >>> every_pair_against(3, 1)
    ((0, 1), (2, 1), (0, 2))
    """
    others = [i for i in range(k) if i != reference]
    return (*((i, reference) for i in others), *combinations(others, 2))


def _centred(columns: FloatArray) -> FloatArray:
    """Return the columns about their means; one without spread as exact zeros, not as rounding noise."""
    centred = columns - columns.mean(axis=0)
    noise = 64 * np.finfo(float).eps * np.abs(columns).max(axis=0, initial=0.0)
    return np.where(np.abs(centred).max(axis=0, initial=0.0) <= noise, 0.0, centred)
