"""The quadratic forms behind cluster-robust variances, and how they behave in small samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.cluster_blocks import ClusterBlocks

ClusterKind: TypeAlias = Literal["CR1", "CR1S", "CR2", "CR3"]

#: 1 minus an eigenvalue of Q_g'Q_g below this: the cluster fits a part of the model all by itself.
_ALONE = 1e-10
#: From this share of its variance on, a combination rests on such a part.
_LOST_SHARE = 1e-8
_POWERS = {"CR2": -0.5, "CR3": -1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRows:
    """Combinations c of the coefficients, cluster by cluster.

    Attributes
    ----------
    estimate : ndarray, shape (q,)
    loads : ndarray, shape (q, p)
        ``c'T``: the combination in the orthonormal design.
    weights : ndarray, shape (G, p, q)
        ``a_g = S_g T'c``.
    hats : ndarray, shape (G, p, q)
        ``v_g = K_g a_g``.
    pieces : ndarray, shape (G, q)
        ``a_g'Q_g'e_g``: what each cluster adds; the variance is the sum of their squares.
    seen : ndarray of bool, shape (q,)
        False where a part of the combination rests on one cluster alone.
    noise : ndarray, shape (q,)
        A standard error up to this size is rounding error.
    """

    estimate: FloatArray
    loads: FloatArray
    weights: FloatArray
    hats: FloatArray
    pieces: FloatArray
    seen: BoolArray
    noise: FloatArray

    def turned(self, by: FloatArray) -> ClusterRows:
        """Return combinations of these combinations, one a column of ``by``, with shape (q, r)."""
        return ClusterRows(
            estimate=self.estimate @ by,
            loads=by.T @ self.loads,
            weights=self.weights @ by,
            hats=self.hats @ by,
            pieces=self.pieces @ by,
            seen=np.repeat(self.seen.all(), by.shape[1]),
            noise=np.sqrt(self.noise**2 @ by**2),
        )

    def variance(self) -> FloatArray:
        """Return the variance of each combination, shape (q,)."""
        return np.asarray((self.pieces**2).sum(axis=0))

    def covariance(self) -> FloatArray:
        """Return the covariance of the combinations, shape (q, q)."""
        return np.asarray(self.pieces.T @ self.pieces)

    def expected(self) -> FloatArray:
        """Return what the covariance is on average, over the variance of a row, were rows independent."""
        return np.asarray(self._diagonal().sum(axis=0))

    def satterthwaite(self) -> FloatArray:
        """Return ``trace(P)^2 / trace(P^2)`` of each combination, shape (q,).

        P has G rows, but its parts outside the diagonal are products of vectors of length p: the squares of
        all of them together are the squares of a p x p matrix.
        """
        own = ((self.weights - self.hats) * self.hats).sum(axis=1)
        outer = np.einsum("giq,gjq->qij", self.hats, self.hats)
        lengths = (self.hats**2).sum(axis=1)
        squares = (own**2).sum(axis=0) + (outer**2).sum(axis=(1, 2)) - (lengths**2).sum(axis=0)
        nothing = np.full(len(squares), np.nan)
        return np.asarray(np.divide(own.sum(axis=0) ** 2, squares, out=nothing, where=squares > 0))

    def total_variance(self) -> float:
        """Return the variances of all entries of the covariance, added up: in units of the expected entries.

        Of combinations whose expected covariance is the identity; q (q + 1) over it are the degrees of
        freedom of the approximate Hotelling test.
        """
        q = len(self.estimate)
        own, cross = self._diagonal(), self.hats.transpose(0, 2, 1) @ self.hats
        flat = self.hats.reshape(len(self.hats), -1)
        outer = (flat.T @ flat).reshape(-1, q, flat.shape[1] // q, q)
        everywhere = (outer**2).sum() + (outer * outer.transpose(2, 1, 0, 3)).sum()
        return float(everywhere + _twice(own) - _twice(cross))

    def _diagonal(self) -> FloatArray:
        """Return the blocks on the diagonal of P, shape (G, q, q)."""
        return np.asarray((self.weights - self.hats).transpose(0, 2, 1) @ self.hats)


def _twice(blocks: FloatArray) -> float:
    traces = np.trace(blocks, axis1=1, axis2=2)
    return float((blocks**2).sum() + (traces**2).sum())


def cluster_rows(
    combinations: FloatArray, blocks: ClusterBlocks, adjustment: FloatArray, alone: FloatArray
) -> ClusterRows:
    """Return combinations of the coefficients, cluster by cluster.

    Parameters
    ----------
    combinations : ndarray, shape (q, p)
    blocks : ClusterBlocks
    adjustment, alone : ndarray
        From `adjustments`.

    Returns
    -------
    ClusterRows

    Examples
    --------
    >>> from larstudy.stats.cluster_blocks import cluster_blocks
    >>> blocks = cluster_blocks(np.ones((4, 1)), np.array([1.0, 2, 4, 5]), ["a", "a", "b", "b"])
    >>> rows = cluster_rows(np.eye(1), blocks, *adjustments(blocks, "CR2"))
    >>> rows.variance().round(6).tolist(), rows.satterthwaite().round(6).tolist()
    ([2.25], [1.0])
    """
    loads = combinations @ blocks.root
    weights = adjustment @ loads.T
    length = (loads**2).sum(axis=1)
    lost = ((loads @ alone) ** 2).sum(axis=1)
    return ClusterRows(
        estimate=combinations @ blocks.coefficients,
        loads=loads,
        weights=weights,
        hats=blocks.grams @ weights,
        pieces=(blocks.scores[:, None, :] @ weights)[:, 0, :],
        seen=np.asarray(lost <= _LOST_SHARE * length),
        noise=blocks.noise * np.sqrt(blocks.n * length),
    )


def adjustments(blocks: ClusterBlocks, kind: ClusterKind) -> tuple[FloatArray, FloatArray]:
    """Return what turns the scores of each cluster into adjusted ones, and what is seen in one cluster only.

    Parameters
    ----------
    blocks : ClusterBlocks
    kind : {"CR1", "CR1S", "CR2", "CR3"}

    Returns
    -------
    tuple of ndarray
        ``f(I - K_g)``, shape (G, p, p), a pseudo-inverse power or a multiple of the identity; and the
        projection, shape (p, p), on what single clusters fit all by themselves (eigenvalue 1 of K_g).

    Examples
    --------
    >>> from larstudy.stats.cluster_blocks import cluster_blocks
    >>> blocks = cluster_blocks(np.ones((4, 1)), np.array([1.0, 2, 4, 5]), ["a", "a", "b", "b"])
    >>> adjustments(blocks, "CR3")[0].ravel().round(6).tolist()
    [2.0, 2.0]
    """
    n, p = blocks.n, len(blocks.coefficients)
    if blocks.reason:
        return np.full_like(blocks.grams, np.nan), np.full((p, p), np.nan)
    values, vectors = np.linalg.eigh(blocks.grams)
    left = 1.0 - values
    shared = left > _ALONE
    alone = (vectors * ~shared[:, None, :]) @ vectors.transpose(0, 2, 1)
    if kind in ("CR1", "CR1S"):
        factor = blocks.clusters / (blocks.clusters - 1)
        if kind == "CR1S":
            factor *= (n - 1) / (n - p)
        adjustment = np.broadcast_to(np.sqrt(factor) * np.eye(p), blocks.grams.shape)
    else:
        powers = np.where(shared, np.where(shared, left, 1.0) ** _POWERS[kind], 0.0)
        adjustment = (vectors * powers[:, None, :]) @ vectors.transpose(0, 2, 1)
    return np.asarray(adjustment), np.asarray(alone.sum(axis=0))
