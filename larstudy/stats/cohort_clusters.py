"""Cluster-robust contrasts of many cohorts at once, from sums by cluster and group."""

from __future__ import annotations

from typing import Literal

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.cohort_cells import CohortCells
from larstudy.stats.cohort_tests import CohortEstimates, cohort_estimates

CohortErrors = Literal["CR1", "CR2", "CR3"]

_ALONE = 1e-10
_LOST_SHARE = 1e-8
#: Clusters whose K has a norm up to this are far from fitting anything alone.
_SAFE = 0.7
#: The coefficients of ``(1 - x)^(-1/2)`` up to the seventh power.
_SERIES = (1.0, 1 / 2, 3 / 8, 5 / 16, 35 / 128, 63 / 256, 231 / 1024, 429 / 2048)
#: An error up to this is rounding error after the step that it was seen in.
_NEAR = 1e-5
_MOST_STEPS = 12
#: Matrices that stay in the cache together.
_AT_ONCE = 512
_NOISE = 64 * float(np.finfo(float).eps)


def cluster_cohorts(
    cells: CohortCells,
    weights: FloatArray,
    *,
    adjusted: bool,
    kind: CohortErrors = "CR2",
    level: float = 0.95,
) -> CohortEstimates:
    """Return contrasts of change by groups, with errors that hold when persons of a cluster are alike.

    Parameters
    ----------
    cells : CohortCells
        Made with clusters.
    weights : ndarray, shape (q, k)
        Each row adds up to zero.
    adjusted : bool
        Whether the score at entry is a covariate: analysis of covariance; else the change score.
    kind : {"CR1", "CR2", "CR3"}
        As `clusters.cluster_robust`.
    level : float

    Returns
    -------
    CohortEstimates
        Arrays of shape (c, q): the same as `clusters.cluster_combinations` on each cohort, CR2 and CR3 with
        Bell and McCaffrey's degrees of freedom, CR1 with clusters less one.

    Notes
    -----
    The design is a column a group and the score at entry about the means of the groups: orthogonal from the
    start, so that ``Q_g'Q_g`` and ``Q_g'e_g`` are sums by cluster and group over roots of sums. Without the
    covariate ``I - Q_g'Q_g`` is diagonal and needs no decomposition.

    Examples
    --------
    >>> from larstudy.stats.cohort_cells import cohort_cells
    >>> before, after = np.zeros((1, 6)), np.array([[1.0, 2, 2, 4, 3, 7]])
    >>> groups, clusters = np.array([[0, 1, 0, 1, 0, 1]]), np.array([[0, 0, 1, 1, 2, 2]])
    >>> cells = cohort_cells(before, after, groups, 2, clusters)
    >>> found = cluster_cohorts(cells, np.array([[-1.0, 1.0]]), adjusted=False)
    >>> found.estimate.round(6).tolist(), found.std_error.round(6).tolist(), found.df.round(6).tolist()
    ([[2.333333]], [[0.881917]], [[2.0]])
    """
    n = cells.n
    occupied = cells.counts.sum(axis=2) > 0
    x_mean, d_mean = (np.where(n > 0, mean, 0.0) for mean in cells.means())
    root = np.where(n > 0, 1.0 / np.sqrt(np.maximum(n, 1.0)), 0.0)
    estimate, loads = d_mean @ weights.T, weights * root[:, None, :]
    if adjusted:
        grams, scores, slope, unit = _adjusted(cells, x_mean, d_mean, root)
        apart = x_mean @ weights.T
        estimate = estimate - slope[:, None] * apart
        loads = np.concatenate([loads, -(apart * unit[:, None])[:, :, None]], axis=2)
        variance, df, lost = _robust(grams, scores, loads, kind, occupied)
    else:
        share = cells.counts * (root**2)[:, None, :]
        scores = (cells.change - cells.counts * d_mean[:, None, :]) * root[:, None, :]
        variance, df, lost = _diagonal(share, scores, loads, kind, occupied)
    empty = (n == 0).astype(float) @ (weights != 0).astype(float).T > 0
    noise = _NOISE * cells.size[:, None] * np.sqrt(n.sum(axis=1)[:, None] * (loads**2).sum(axis=2))
    bad = empty | lost | ~(np.sqrt(variance) > noise) | (occupied.sum(axis=1) < 2)[:, None]
    if adjusted:
        estimate = np.where(np.isfinite(slope)[:, None], estimate, np.nan)
        bad |= ~np.isfinite(slope)[:, None]
    # No more persons than coefficients: nothing is fitted.
    few = n.sum(axis=1) <= (n > 0).sum(axis=1) + adjusted
    estimate = np.where(empty | few[:, None], np.nan, estimate)
    return cohort_estimates(estimate, np.where(bad, np.nan, np.sqrt(variance)), df, level)


def _adjusted(
    cells: CohortCells, x_mean: FloatArray, d_mean: FloatArray, root: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Return Q_g'Q_g, Q_g'e_g, the slope of the change on the baseline, and 1 over the baseline's length."""
    c, g, k = cells.counts.shape
    x0, d0, n = x_mean[:, None, :], d_mean[:, None, :], cells.counts
    x = cells.before - n * x0
    d = cells.change - n * d0
    xx = (cells.before_ss - x0 * (2.0 * cells.before - n * x0)).sum(axis=2)
    xd = (cells.product - x0 * cells.change - d0 * cells.before + n * x0 * d0).sum(axis=2)
    total = xx.sum(axis=1)
    known = total > (_NOISE * cells.size) ** 2 * np.maximum(n.sum(axis=(1, 2)), 1.0)
    slope = np.divide(xd.sum(axis=1), total, out=np.full(c, np.nan), where=known)
    unit = np.divide(1.0, np.sqrt(np.maximum(total, 0.0)), out=np.zeros(c), where=known)
    b = np.where(known, slope, 0.0)[:, None]
    grams, scores = np.zeros((c, g, k + 1, k + 1)), np.empty((c, g, k + 1))
    places = np.arange(k)
    grams[:, :, places, places] = n * (root**2)[:, None, :]
    cross = x * root[:, None, :] * unit[:, None, None]
    grams[:, :, :k, k] = cross
    grams[:, :, k, :k] = cross
    grams[:, :, k, k] = xx * (unit**2)[:, None]
    scores[:, :, :k] = (d - b[:, :, None] * x) * root[:, None, :]
    scores[:, :, k] = (xd - b * xx) * unit[:, None]
    return grams, scores, slope, unit


def _robust(
    grams: FloatArray, scores: FloatArray, loads: FloatArray, kind: CohortErrors, occupied: BoolArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return variances, degrees of freedom and whether one cluster stands alone, each of shape (c, q)."""
    adjustment, lost = _adjustments(grams, loads, kind)
    if kind == "CR1":
        pieces = scores @ loads.transpose(0, 2, 1)
        return _finish((pieces**2).sum(axis=1), pieces, pieces, lost, loads, kind, occupied)
    weighted = loads[:, None] @ adjustment
    pieces = np.einsum("cgqp,cgp->cgq", weighted, scores)
    hats = weighted @ grams
    own = ((weighted - hats) * hats).sum(axis=3)
    return _finish((pieces**2).sum(axis=1), own, hats, lost, loads, kind, occupied)


def _adjustments(grams: FloatArray, loads: FloatArray, kind: CohortErrors) -> tuple[FloatArray, FloatArray]:
    """Return ``f(I - K)`` of every cluster, and how much of each combination single clusters fit alone."""
    c, g, p, _ = grams.shape
    flat = grams.reshape(-1, p, p)
    # No eigenvalue exceeds the root of the sum of squares: small ones need no decomposition.
    large = (flat**2).sum(axis=(1, 2)) > _SAFE**2
    found = np.empty_like(flat)
    if kind == "CR2":
        small = flat[~large]
        parts = [_inverse_roots(small[i : i + _AT_ONCE]) for i in range(0, len(small), _AT_ONCE)]
        found[~large] = np.concatenate(parts) if parts else small
    elif kind == "CR3":
        found[~large] = np.linalg.inv(np.eye(p) - flat[~large])
    lost = np.zeros(loads.shape[:2])
    if large.any():
        values, vectors = np.linalg.eigh(flat[large])
        remains = 1.0 - values
        alone = remains <= _ALONE
        power = _power(remains, alone, kind)
        found[large] = (vectors * power[:, None, :]) @ vectors.transpose(0, 2, 1)
        cohort = np.flatnonzero(large) // g
        seen = (loads[cohort] @ vectors) * alone[:, None, :]
        np.add.at(lost, cohort, (seen**2).sum(axis=2))
    return found.reshape(c, g, p, p), lost


def _inverse_roots(grams: FloatArray) -> FloatArray:
    """Return ``(I - K)^(-1/2)`` of matrices K with eigenvalues from 0 to well below 1.

    The binomial series up to the seventh power, then steps that take the error to its third power, until
    nothing but rounding is left: a few products of many small matrices are faster than their decomposition.
    """
    p = grams.shape[-1]
    diagonal = np.arange(p)
    # The time goes into passes over memory: sums are made by one product, and in place.
    powers = np.empty((3, *grams.shape))
    powers[0] = grams
    np.matmul(grams, grams, out=powers[1])
    np.matmul(powers[1], grams, out=powers[2])
    series = np.asarray(_SERIES).reshape(2, 4)
    low, high = (series[:, 1:] @ powers.reshape(3, -1)).reshape(2, *grams.shape)
    for part, constant in ((low, series[0, 0]), (high, series[1, 0])):
        part[:, diagonal, diagonal] += constant
    root = np.matmul(powers[1] @ powers[1], high)
    root += low
    for _ in range(_MOST_STEPS):
        off = root @ (grams @ root - root)
        off[:, diagonal, diagonal] += 1.0
        worst = max(float(off.max(initial=0.0)), -float(off.min(initial=0.0)))
        step = off @ off
        step *= 0.375
        off *= 0.5
        step += off
        step[:, diagonal, diagonal] += 1.0
        root = root @ step
        if worst < _NEAR:
            break
    return np.asarray(root)


def _diagonal(
    share: FloatArray, scores: FloatArray, loads: FloatArray, kind: CohortErrors, occupied: BoolArray
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the same where a group's share of persons in each cluster is all that there is."""
    left = 1.0 - share
    alone = left <= _ALONE
    lost = np.einsum("cqk,cgk->cq", loads**2, alone.astype(float))
    weighted = loads[:, None, :, :] * _power(left, alone, kind)[:, :, None, :]
    pieces = np.einsum("cgqk,cgk->cgq", weighted, scores)
    hats = weighted * share[:, :, None, :]
    own = ((weighted - hats) * hats).sum(axis=3)
    return _finish((pieces**2).sum(axis=1), own, hats, lost, loads, kind, occupied)


def _power(left: FloatArray, alone: BoolArray, kind: CohortErrors) -> FloatArray:
    if kind == "CR1":
        return np.ones_like(left)
    safe = np.where(alone, 1.0, left)
    return np.asarray(np.where(alone, 0.0, 1.0 / np.sqrt(safe) if kind == "CR2" else 1.0 / safe))


def _finish(
    variance: FloatArray,
    own: FloatArray,
    hats: FloatArray,
    lost: FloatArray,
    loads: FloatArray,
    kind: CohortErrors,
    occupied: BoolArray,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    standing = lost > _LOST_SHARE * (loads**2).sum(axis=2)
    clusters = occupied.sum(axis=1).astype(float)[:, None]
    if kind == "CR1":
        with np.errstate(invalid="ignore", divide="ignore"):
            return (
                variance * clusters / (clusters - 1.0),
                np.broadcast_to(clusters - 1.0, own[:, 0].shape),
                standing,
            )
    outer = np.einsum("cgqi,cgqj->cqij", hats, hats)
    lengths = (hats**2).sum(axis=3)
    squares = (own**2).sum(axis=1) + (outer**2).sum(axis=(2, 3)) - (lengths**2).sum(axis=1)
    nothing = np.full(squares.shape, np.nan)
    return variance, np.divide(own.sum(axis=1) ** 2, squares, out=nothing, where=squares > 0), standing


def cluster_means(cells: CohortCells, *, kind: CohortErrors = "CR2", level: float = 0.95) -> CohortEstimates:
    """Return the mean change of each group, with errors that hold when persons of a cluster are alike.

    Parameters
    ----------
    cells : CohortCells
        Made with clusters.
    kind : {"CR1", "CR2", "CR3"}
    level : float

    Returns
    -------
    CohortEstimates
        Arrays of shape (c, k).

    Examples
    --------
    >>> from larstudy.stats.cohort_cells import cohort_cells
    >>> cells = cohort_cells(np.zeros((1, 4)), np.array([[1.0, 2, 4, 5]]), np.zeros((1, 4), dtype=int), 1,
    ...                      np.array([[0, 0, 1, 1]]))
    >>> found = cluster_means(cells)
    >>> found.estimate.tolist(), found.std_error.round(6).tolist(), found.df.tolist()
    ([[3.0]], [[1.5]], [[1.0]])
    """
    k = cells.counts.shape[2]
    about = cluster_cohorts(cells, np.eye(k), adjusted=False, kind=kind, level=level)
    # The sums are about the mean of the cohort.
    mean = about.estimate + cells.change_mean[:, None]
    return cohort_estimates(mean, about.std_error, about.df, level)
