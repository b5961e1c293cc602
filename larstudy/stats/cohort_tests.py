"""Tests of many cohorts at once, persons taken as independent: each equal to its one-cohort function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.cohort_cells import CohortCells

ChangeModel = Literal["change_score", "ancova", "ancova_corrected", "constrained_baseline"]

#: A spread this small against the scores is rounding error.
_NOISE: Final = 64 * float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CohortEstimates:
    """Estimates with their t tests and intervals, cohorts on the leading axis; NaN where there is no test."""

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


def cohort_estimates(
    estimate: FloatArray, std_error: FloatArray, df: FloatArray, level: float = 0.95
) -> CohortEstimates:
    """Return t tests against 0 and intervals, from estimates, errors above 0 and degrees of freedom.

    Examples
    --------
    >>> found = cohort_estimates(np.array([2.0, 1.0]), np.array([1.0, np.nan]), np.array([10.0, 10.0]))
    >>> found.p_value.round(4).tolist(), found.conf_low.round(4).tolist()
    ([0.0734, nan], [-0.2281, nan])
    """
    known = std_error > 0
    error = np.where(known, std_error, np.nan)
    df = np.broadcast_to(np.where(known & (df > 0), df, np.nan), error.shape)
    with np.errstate(invalid="ignore"):
        statistic = estimate / error
        margin = special.stdtrit(df, 0.5 + level / 2.0) * error
        p_value = 2.0 * special.stdtr(df, -np.abs(statistic))
    return CohortEstimates(
        estimate=estimate,
        std_error=error,
        df=df,
        statistic=statistic,
        p_value=np.asarray(p_value),
        conf_low=estimate - margin,
        conf_high=estimate + margin,
    )


def paired_cohorts(cells: CohortCells, *, level: float = 0.95) -> tuple[CohortEstimates, FloatArray]:
    """Return the mean change of each group with its paired t test, and Cohen's d_z, of many cohorts.

    Parameters
    ----------
    cells : CohortCells
    level : float

    Returns
    -------
    tuple
        `CohortEstimates` with arrays of shape (c, k), and d_z, shape (c, k): mean change over the standard
        deviation of the changes. NaN where a group has fewer than two persons or no spread.

    Examples
    --------
    >>> from larstudy.stats.cohort_cells import cohort_cells
    >>> before, after = np.array([[1.0, 2, 3]]), np.array([[2.0, 4, 6]])
    >>> tests, d_z = paired_cohorts(cohort_cells(before, after, np.zeros((1, 3), dtype=int), 1))
    >>> tests.estimate.tolist(), tests.statistic.round(4).tolist(), d_z.tolist()
    ([[2.0]], [[3.4641]], [[2.0]])
    """
    n, variance = cells.n, _own_variances(cells)
    mean = cells.means()[1] + cells.change_mean[:, None]
    sd = np.sqrt(variance)
    with np.errstate(invalid="ignore", divide="ignore"):
        return cohort_estimates(mean, sd / np.sqrt(n), n - 1.0, level), mean / sd


def welch_cohorts(cells: CohortCells, weights: FloatArray, *, level: float = 0.95) -> CohortEstimates:
    """Return contrasts of the mean changes by Welch, each group with a spread of its own.

    Parameters
    ----------
    cells : CohortCells
    weights : ndarray, shape (q, k)
        Each row adds up to zero.
    level : float

    Returns
    -------
    CohortEstimates
        Arrays of shape (c, q); Satterthwaite's degrees of freedom. As `planned_contrasts.welch_contrasts`.

    Examples
    --------
    >>> from larstudy.stats.cohort_cells import cohort_cells
    >>> before, after = np.zeros((1, 4)), np.array([[1.0, 3, 4, 8]])
    >>> cells = cohort_cells(before, after, np.array([[0, 0, 1, 1]]), 2)
    >>> welch_cohorts(cells, np.array([[-1.0, 1.0]])).estimate.tolist()
    [[4.0]]
    """
    n, variance = cells.n, _own_variances(cells)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = variance / n
        parts = _weighted(weights**2, share)
        df = parts**2 / _weighted(weights**4, share**2 / (n - 1.0))
    return cohort_estimates(_weighted(weights, cells.means()[1]), np.sqrt(parts), df, level)


def slope_cohorts(
    cells: CohortCells,
    weights: FloatArray,
    *,
    model: ChangeModel,
    reliability: float = 1.0,
    level: float = 0.95,
) -> CohortEstimates:
    """Return contrasts of the groups by a model of change with one spread for all groups.

    Parameters
    ----------
    cells : CohortCells
    weights : ndarray, shape (q, k)
        Each row adds up to zero.
    model : {"change_score", "ancova", "ancova_corrected", "constrained_baseline"}
    reliability : float
        Of the baseline within the groups, for ``ancova_corrected``.
    level : float

    Returns
    -------
    CohortEstimates
        Arrays of shape (c, q); as the analyses of `estimands.four_analyses`.

    Examples
    --------
    >>> from larstudy.stats.cohort_cells import cohort_cells
    >>> before, after = np.array([[1.0, 3, 2, 4]]), np.array([[2.0, 4, 1, 2]])
    >>> cells = cohort_cells(before, after, np.array([[0, 0, 1, 1]]), 2)
    >>> slope_cohorts(cells, np.array([[-1.0, 1.0]]), model="ancova").estimate.tolist()
    [[-2.25]]
    """
    x, d = cells.means()
    n = cells.n
    groups, persons = (n > 0).sum(axis=1), n.sum(axis=1)
    xx, xd, dd = _within(cells)
    df = persons - groups - (model != "change_score")
    slope, variance, slope_variance = _slope(model, xx, xd, dd, df, persons - groups, reliability)
    variance = np.where(variance > (_NOISE * cells.size) ** 2, variance, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        inverse = _weighted(weights**2, 1.0 / n)
    apart = _weighted(weights, x)
    error = np.sqrt(variance[:, None] * inverse + apart**2 * slope_variance[:, None])
    return cohort_estimates(_weighted(weights, d) - slope[:, None] * apart, error, df[:, None], level)


def _slope(
    model: ChangeModel,
    xx: FloatArray,
    xd: FloatArray,
    dd: FloatArray,
    df: FloatArray,
    free: FloatArray,
    reliability: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the slope of the change on the baseline, the variance left, and the variance of the slope."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if model == "change_score":
            return np.zeros_like(xx), dd / df, np.zeros_like(xx)
        slope = np.where(xx > 0, xd / xx, np.nan)
        residual = dd - slope * xd
        if model == "constrained_baseline":
            variance = residual / free
            return slope, variance, variance / xx
        variance = residual / df
        if model == "ancova":
            return slope, variance, variance / xx
        # The slope of the follow-up is one more than that of the change.
        corrected = (slope + 1.0) / reliability - 1.0
        spread = variance + (slope - corrected) ** 2 * xx / free
        return corrected, spread, variance / xx / reliability**2


def _within(cells: CohortCells) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return sums of squares and products about the means of the groups, each of shape (c,)."""
    n = np.maximum(cells.n, 1.0)
    x, d = cells.before.sum(axis=1), cells.change.sum(axis=1)
    own = (
        cells.before_ss.sum(axis=1) - x * x / n,
        cells.product.sum(axis=1) - x * d / n,
        cells.change_ss.sum(axis=1) - d * d / n,
    )
    return own[0].sum(axis=1), own[1].sum(axis=1), own[2].sum(axis=1)


def _own_variances(cells: CohortCells) -> FloatArray:
    n, d = cells.n, cells.change.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (cells.change_ss.sum(axis=1) - d * d / n) / (n - 1.0)
    return np.asarray(np.where(variance > (_NOISE * cells.size[:, None]) ** 2, variance, np.nan))


def _weighted(weights: FloatArray, values: FloatArray) -> FloatArray:
    """Return weighted sums over the groups, shape (c, q); a group of weight 0 has no part, NaN or not."""
    filled = np.where(np.isfinite(values), values, 0.0)
    unknown = (~np.isfinite(values)).astype(float) @ (weights != 0).astype(float).T
    return np.asarray(np.where(unknown > 0, np.nan, filled @ weights.T))
