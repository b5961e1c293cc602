"""A least-squares fit reduced to small matrices, one a cluster: all that cluster-robust inference needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from larstudy.stats.arrays import FloatArray, IntArray

_RANK_TOLERANCE = 1e-10
#: A constant is among the columns where they make it up to this.
_CONSTANT = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterBlocks:
    """A least-squares fit as sums over the clusters, with the design made orthonormal.

    Attributes
    ----------
    n, df : int
        Rows, and rows minus columns of the design.
    clusters : int
        How many clusters there are, G.
    coefficients : ndarray, shape (p,)
        NaN where the model cannot be fitted.
    root : ndarray, shape (p, p)
        T with ``T T' = inv(X'X)``, so that the columns of ``Q = X T`` are orthonormal.
    grams : ndarray, shape (G, p, p)
        ``Q_g'Q_g``; they add up to the identity.
    scores : ndarray, shape (G, p)
        ``Q_g'e_g``, of the residuals; they add up to zero.
    noise : float
        A residual up to this size is rounding error.
    names : tuple of str, length p
        What the columns are called in reasons.
    reason : str
        Why nothing can be tested; empty where it can.
    """

    n: int
    df: int
    clusters: int
    coefficients: FloatArray
    root: FloatArray
    grams: FloatArray
    scores: FloatArray
    noise: float
    names: tuple[str, ...]
    reason: str


def cluster_blocks(
    X: FloatArray,
    y: FloatArray,
    groups: ArrayLike,
    *,
    weights: FloatArray | None = None,
    names: Sequence[str] = (),
    size: float = 0.0,
) -> ClusterBlocks:
    """Fit ``y`` on ``X`` by least squares and keep, of each cluster, a p x p matrix and p numbers.

    Parameters
    ----------
    X : ndarray, shape (n, p)
        The design, with its column of ones.
    y : ndarray, shape (n,)
    groups : array of labels, shape (n,)
        The cluster of each row: numbers, text, categories, dates or anything hashable. The clusters stand
        in the order of their sorted labels; where labels cannot be sorted, in order of appearance.
    weights : ndarray, shape (n,), optional
        Above 0: every row is multiplied by the square root of its weight over the mean weight.
    names : sequence of str
        Names of the columns, for reasons.
    size : float
        How large the numbers were before anything was centred or subtracted: residuals no larger than
        their rounding error are none.

    Returns
    -------
    ClusterBlocks
        With NaN coefficients and a reason where values are missing, the columns determine each other or the
        rows are too few; with coefficients and a reason where there is one cluster only, or no residual.

    Raises
    ------
    ValueError
        Where the lengths of the arguments differ.

    Notes
    -----
    The columns are brought to one length and made orthonormal by Householder's QR before anything is summed
    over a cluster; with a constant among the columns the response is fitted about its mean. So large offsets
    cost hardly any digits. Nothing larger than the design itself is ever made.

    Examples
    --------
    >>> blocks = cluster_blocks(np.ones((4, 1)), np.array([1.0, 2, 4, 5]), ["a", "a", "b", "b"])
    >>> blocks.coefficients.round(6).tolist(), blocks.grams.ravel().round(6).tolist()
    ([3.0], [0.5, 0.5])
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    codes, clusters = _codes(groups)
    _check_lengths(X, y, codes, weights, names)
    called = tuple(f"'{name}'" for name in names) or tuple(f"column {i + 1}" for i in range(X.shape[1]))
    problem = _problem_of_rows(X, y, codes, weights)
    if problem:
        return _no_blocks(X, clusters, called, problem)
    factor = np.ones(len(y)) if weights is None else np.sqrt(weights / np.mean(weights))
    X = X * factor[:, None]
    scale = np.sqrt((X**2).sum(axis=0))
    scale[scale == 0] = 1.0
    q, r = np.linalg.qr(X / scale)
    diagonal = np.abs(np.diag(r))
    dependent = np.flatnonzero(diagonal <= _RANK_TOLERANCE * diagonal.max())
    if len(dependent):
        reason = f"{called[dependent[0]]} is determined by the columns before it"
        return _no_blocks(X, clusters, called, reason)
    noise = 64 * float(np.finfo(float).eps) * max(size, float(np.abs(y * factor).max()))
    inverse = np.linalg.solve(r, np.eye(len(r)))
    level = _level(q, inverse, factor)
    offset = float(y.mean()) if level.any() else 0.0
    solved, residual = _solved(q, (y - offset) * factor)
    grams, scores = _sums(q, residual, codes, clusters)
    return ClusterBlocks(
        n=len(y),
        df=len(y) - len(r),
        clusters=clusters,
        coefficients=(inverse @ solved + offset * level) / scale,
        root=inverse / scale[:, None],
        grams=grams,
        scores=scores,
        noise=noise,
        names=called,
        reason=_problem_of_fit(residual, len(y) - len(r), clusters, noise),
    )


def _level(q: FloatArray, inverse: FloatArray, factor: FloatArray) -> FloatArray:
    """Return the coefficients that make a constant, zeros where the design holds none.

    A response is fitted about its mean and the mean put back through these; so numbers far from zero keep
    their digits, and a column that has no part in the constant gets exactly nothing of the mean.
    """
    solved, residual = _solved(q, factor)
    if np.abs(residual).max() > _CONSTANT * np.abs(factor).max():
        return np.zeros(len(solved))
    level = inverse @ solved
    return np.asarray(np.where(np.abs(level) <= _CONSTANT * np.abs(level).max(), 0.0, level))


def _solved(q: FloatArray, response: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return ``Q'y`` and the residuals, in two passes."""
    first = q.T @ response
    residual = response - q @ first
    second = q.T @ residual
    return first + second, residual - q @ second


def _sums(
    q: FloatArray, residual: FloatArray, codes: IntArray, clusters: int
) -> tuple[FloatArray, FloatArray]:
    """Return ``Q_g'Q_g`` and ``Q_g'e_g`` of every cluster."""
    p = q.shape[1]
    grams, scores = np.empty((clusters, p, p)), np.empty((clusters, p))
    order = np.argsort(codes, kind="stable")
    q, residual = q[order], residual[order]
    start = 0
    for g, end in enumerate(np.cumsum(np.bincount(codes, minlength=clusters)).tolist()):
        grams[g] = q[start:end].T @ q[start:end]
        scores[g] = q[start:end].T @ residual[start:end]
        start = end
    return grams, scores


def _problem_of_fit(residual: FloatArray, df: int, clusters: int, noise: float) -> str:
    if clusters < 2:
        return "one cluster only: nothing shows how clusters differ"
    if np.sqrt(residual @ residual / df) <= noise:
        return "the model fits without any residual: no test"
    return ""


def _codes(groups: ArrayLike) -> tuple[IntArray, int]:
    """Return the place of each label among the distinct ones, -1 where it is missing, and their number."""
    labels: pd.Series[Any] = pd.Series(groups)
    try:
        codes, found = pd.factorize(labels, sort=True)
    except TypeError:
        codes, found = pd.factorize(labels)
    return codes, len(found)


def _check_lengths(
    X: FloatArray, y: FloatArray, codes: IntArray, weights: FloatArray | None, names: Sequence[str]
) -> None:
    n, p = X.shape
    if {len(y), len(codes), n if weights is None else len(weights)} != {n}:
        raise ValueError(f"X has {n} rows: y, groups and weights need one entry for each")
    if len(names) not in (0, p):
        raise ValueError(f"X has {p} columns: names need one entry for each")


def _problem_of_rows(X: FloatArray, y: FloatArray, codes: IntArray, weights: FloatArray | None) -> str:
    """Return why nothing can be fitted to these rows, or nothing."""
    n, p = X.shape
    known = np.isfinite(X).all(axis=1) & np.isfinite(y) & (codes >= 0)
    if not known.all():
        return f"{n - known.sum()} of {n} rows have a missing or infinite value or no cluster"
    if weights is not None and not (np.isfinite(weights) & (np.asarray(weights) > 0)).all():
        return "weights must be above 0"
    if p == 0:
        return "the design has no column"
    if n <= p:
        return f"{n} rows are too few for {p} coefficients"
    return ""


def _no_blocks(X: FloatArray, clusters: int, called: tuple[str, ...], reason: str) -> ClusterBlocks:
    n, p = X.shape
    return ClusterBlocks(
        n=n,
        df=max(n - p, 0),
        clusters=clusters,
        coefficients=np.full(p, np.nan),
        root=np.full((p, p), np.nan),
        grams=np.full((clusters, p, p), np.nan),
        scores=np.full((clusters, p), np.nan),
        noise=np.nan,
        names=called,
        reason=reason,
    )
