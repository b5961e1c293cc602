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
    over a cluster, and the residuals by a second pass: a large offset in a column or in ``y`` costs no
    digits that the data had. Nothing larger than the design itself is ever made.

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
    if weights is not None:
        factor = np.sqrt(weights / np.mean(weights))
        X, y = X * factor[:, None], y * factor
    scale = np.sqrt((X**2).sum(axis=0))
    scale[scale == 0] = 1.0
    q, r = np.linalg.qr(X / scale)
    diagonal = np.abs(np.diag(r))
    dependent = np.flatnonzero(diagonal < _RANK_TOLERANCE * diagonal.max())
    if len(dependent):
        reason = f"{called[dependent[0]]} is determined by the columns before it"
        return _no_blocks(X, clusters, called, reason)
    return _summed(q, np.linalg.solve(r, np.eye(len(r))) / scale[:, None], y, codes, clusters, called, size)


def _summed(
    q: FloatArray,
    root: FloatArray,
    y: FloatArray,
    codes: IntArray,
    clusters: int,
    called: tuple[str, ...],
    size: float,
) -> ClusterBlocks:
    """Return the blocks of a response on an orthonormal design."""
    n, p = q.shape
    first = q.T @ y
    residual = y - q @ first
    second = q.T @ residual
    residual = residual - q @ second
    noise = 64 * float(np.finfo(float).eps) * max(size, float(np.abs(y).max()))
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=clusters))
    grams, scores = np.empty((clusters, p, p)), np.empty((clusters, p))
    sorted_q, sorted_residual = q[order], residual[order]
    start = 0
    for g, end in enumerate(ends.tolist()):
        rows = sorted_q[start:end]
        grams[g] = rows.T @ rows
        scores[g] = rows.T @ sorted_residual[start:end]
        start = end
    if clusters < 2:
        reason = "one cluster only: nothing shows how clusters differ"
    elif np.sqrt(residual @ residual / (n - p)) <= noise:
        reason = "the model fits without any residual: no test"
    else:
        reason = ""
    return ClusterBlocks(
        n=n,
        df=n - p,
        clusters=clusters,
        coefficients=root @ (first + second),
        root=root,
        grams=grams,
        scores=scores,
        noise=noise,
        names=called,
        reason=reason,
    )


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
