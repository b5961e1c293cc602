"""Generalised estimating equations for a normal response: errors that hold whatever the covariance is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.design_basis import DesignBasis, design_basis
from larstudy.stats.linear import Estimates
from larstudy.stats.small_sample_df import Uncertainty, linear_combinations, no_uncertainty
from larstudy.stats.wave_model import Rows, rows_of

Working = Literal["independence", "exchangeable"]
Sandwich = Literal["robust", "mancl_derouen"]
Reference = Literal["t", "normal"]

_CLOSE_ENOUGH = 1e-13
_MOST_STEPS = 200
#: A cluster with a leverage this close to one determines a coefficient alone.
_LEVERAGE = 1e-9
#: A correlation this close to the ends of its range leaves a covariance that cannot be inverted.
_AT_THE_EDGE = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class GeeModel(Estimates):
    """A linear model with a working correlation within clusters.

    Attributes
    ----------
    estimate, std_error, statistic, df, p_value, conf_low, conf_high : ndarray, shape (p,)
        One a coefficient; all NaN where there is a reason. ``df`` is infinite for normal quantiles.
    covariance : ndarray, shape (p, p)
        The sandwich; the errors come from it.
    uncertainty : Uncertainty
        For `linear_combinations` and `joint_test`.
    correlation : float
        Between two rows of a cluster, as the working model has it; 0 under independence.
    scale : float
        Variance of a row.
    n, clusters : int
    iterations : int
    converged : bool
        Never True with a reason.
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    covariance: FloatArray
    uncertainty: Uncertainty
    correlation: float
    scale: float
    n: int
    clusters: int
    iterations: int
    converged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clusters:
    """The clusters: rows, sums (k, p + 1) and cross products (k, p + 1, p + 1) of design and response."""

    counts: FloatArray
    sums: FloatArray
    cross: FloatArray

    @property
    def pairs(self) -> float:
        return float((self.counts * (self.counts - 1.0)).sum()) / 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Solution:
    """Coefficients on the basis, and the working covariance, at the end of the iterations."""

    coefficients: FloatArray
    correlation: float
    scale: float
    iterations: int
    reason: str


def _clusters(table: FloatArray, rows: Rows) -> _Clusters:
    order = np.argsort(rows.person, kind="stable")
    starts = np.concatenate([[0], np.cumsum(rows.counts)[:-1]])
    width = table.shape[1]
    cross = np.empty((rows.persons, width, width))
    # By the number of rows: clusters of a kind are one array.
    for size in np.unique(rows.counts):
        chosen = np.flatnonzero(rows.counts == size)
        block = table[order[starts[chosen][:, None] + np.arange(size)]]
        cross[chosen] = block.transpose(0, 2, 1) @ block
    return _Clusters(
        counts=rows.counts.astype(float), sums=np.add.reduceat(table[order], starts, axis=0), cross=cross
    )


def _shrinkage(clusters: _Clusters, correlation: float) -> FloatArray:
    """Return c of each cluster: its inverse is ``(I - c J) / (1 - correlation)``."""
    shrinkage: FloatArray = correlation / (1.0 + (clusters.counts - 1.0) * correlation)
    return shrinkage


def _solve(clusters: _Clusters, *, working: Working, less: int) -> _Solution:
    """Take turns between coefficients and correlation; ``less`` is taken from rows and pairs."""
    n, p = float(clusters.counts.sum()), clusters.cross.shape[1] - 1
    total, sums = clusters.cross.sum(axis=0), clusters.sums
    lowest = -1.0 / (clusters.counts.max() - 1.0) if clusters.pairs else -1.0
    correlation, old, iterations, reason = 0.0, np.inf, 0, ""
    coefficients, scale = np.zeros(p), np.nan
    while not reason and abs(correlation - old) > _CLOSE_ENOUGH:
        iterations += 1
        inverse = total - (sums * _shrinkage(clusters, correlation)[:, None]).T @ sums
        coefficients = np.linalg.solve(inverse[:p, :p], inverse[:p, p])
        residual = np.append(-coefficients, 1.0)
        squares = float(residual @ total @ residual)
        scale, old = squares / (n - less), correlation
        if working == "exchangeable":
            products = (float(((sums @ residual) ** 2).sum()) - squares) / 2.0
            correlation = products / (clusters.pairs - less) / scale
        if not lowest + _AT_THE_EDGE < correlation < 1.0 - _AT_THE_EDGE:
            reason = f"the working correlation leaves its range ({lowest:.3g} to 1)"
        elif iterations == _MOST_STEPS:
            reason = f"the working correlation did not settle within {_MOST_STEPS} steps"
    return _Solution(
        coefficients=coefficients, correlation=correlation, scale=scale, iterations=iterations, reason=reason
    )


def _sandwich(clusters: _Clusters, solution: _Solution, kind: Sandwich) -> FloatArray | str:
    """Return the covariance of the coefficients on the basis, or why there is none.

    With ``A`` the sum of the ``B = X' inv(V) X`` of the clusters and ``u = X' inv(V) residual``, the robust
    covariance sums squares of ``inv(A) u``; that of Mancl and DeRouen of ``inv(A - B) u``, because
    ``inv(A) X' inv(V) inv(I - H) residual`` with ``H = X inv(A) X' inv(V)`` is the same.
    """
    p = len(solution.coefficients)
    residual = np.append(-solution.coefficients, 1.0)
    shrinkage, sums = _shrinkage(clusters, solution.correlation), clusters.sums
    score = (clusters.cross @ residual)[:, :p] - (shrinkage * (sums @ residual))[:, None] * sums[:, :p]
    inner = clusters.cross[:, :p, :p] - shrinkage[:, None, None] * sums[:, :p, None] * sums[:, None, :p]
    whole = inner.sum(axis=0)
    if kind == "robust":
        each = np.linalg.solve(whole, score.T).T
    else:
        root = np.linalg.inv(np.linalg.cholesky(whole))
        leverage = np.linalg.eigvalsh(root @ inner @ root.T)[:, -1]
        if leverage.max() > 1.0 - _LEVERAGE:
            return "a cluster alone determines a coefficient: no correction by Mancl and DeRouen"
        each = np.linalg.solve(whole - inner, score[:, :, None])[:, :, 0]
    covariance: FloatArray = each.T @ each
    return covariance


def _cannot(clusters: _Clusters, *, p: int, working: Working, reference: Reference, less: int) -> str:
    k = len(clusters.counts)
    if k < 2:
        return "one cluster only: no robust errors"
    if reference == "t" and k <= p:
        return f"{k} clusters are too few for {p} coefficients"
    if working == "exchangeable" and not clusters.pairs > less:
        many = "nobody has two waves" if not clusters.pairs else "too few have two waves"
        return f"{many}: no working correlation"
    return ""


def fit_gee(
    response: FloatArray,
    design: FloatArray,
    cluster: IntArray,
    *,
    working: Working = "exchangeable",
    sandwich: Sandwich = "mancl_derouen",
    reference: Reference = "t",
    moments_less_coefficients: bool = True,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> GeeModel:
    r"""Fit a linear model by generalised estimating equations, identity link and normal variance.

    Parameters
    ----------
    response : ndarray, shape (n,)
        One row for each person and wave that was seen; a NaN gives no fit, but the reason.
    design : ndarray, shape (n, p)
        Include the column of ones yourself.
    cluster : ndarray of int, shape (n,)
        Person, or facility with all its persons; any codes. Clusters are independent of each other.
    working : {"exchangeable", "independence"}
        Correlation within a cluster that the coefficients are weighted by; the errors do not rest on it.
    sandwich : {"mancl_derouen", "robust"}
        The robust covariance is too small where clusters are few; Mancl and DeRouen correct it.
    reference : {"t", "normal"}
        t with clusters less coefficients degrees of freedom, or normal quantiles.
    moments_less_coefficients : bool
        Whether the moment estimates of scale and correlation divide by rows and pairs less p (Liang and
        Zeger, SAS, statsmodels) or by rows and pairs (geepack).
    names : sequence of str
        Names of the columns, for the reason.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    GeeModel
        NaN with a reason where a column is determined by those before it, there is one cluster only, there
        are too few for t, nobody has two waves (exchangeable), the correlation leaves its range or does
        not settle, or a cluster alone determines a coefficient (Mancl-DeRouen).

    Notes
    -----
    Unlike the mixed models it needs missing completely at random. With two complete waves and group by
    time the estimates are the means of the groups, and neither they nor the errors depend on ``working``.

    References
    ----------
    Liang, K.-Y. & Zeger, S. L. (1986). Biometrika, 73, 13-22. Mancl, L. A. & DeRouen, T. A. (2001).
    Biometrics, 57, 126-134.

    Examples
    --------
    Changes of 1, 2, 3, 2 and 2 have mean 2 and sum of squares 2: robust error sqrt(2) / 5.

    >>> y = np.array([1.0, 2, 2, 4, 4, 7, 5, 7, 3, 5])
    >>> later = np.tile([0.0, 1.0], 5)
    >>> fit = fit_gee(
    ...     y, np.column_stack([np.ones(10), later]), np.repeat(np.arange(5), 2),
    ...     working="independence", sandwich="robust",
    ... )
    >>> fit.estimate.round(6).tolist(), fit.std_error.round(6).tolist(), fit.df.tolist()
    ([3.0, 2.0], [0.632456, 0.282843], [3.0, 3.0])
    """
    rows = rows_of(cluster)
    p = design.shape[1]
    less = p if moments_less_coefficients else 0
    basis = design_basis(design, response, names=names)
    if basis.reason:
        return _model(no_uncertainty(p, basis.reason), rows=rows, level=level)
    clusters = _clusters(np.column_stack([basis.columns, basis.residual]), rows)
    reason = _cannot(clusters, p=p, working=working, reference=reference, less=less)
    if reason:
        return _model(no_uncertainty(p, reason), rows=rows, level=level)
    solution = _solve(clusters, working=working, less=less)
    if solution.reason:
        return _model(
            no_uncertainty(p, solution.reason), rows=rows, iterations=solution.iterations, level=level
        )
    covariance = _sandwich(clusters, solution, sandwich)
    if isinstance(covariance, str):
        return _model(no_uncertainty(p, covariance), rows=rows, iterations=solution.iterations, level=level)
    df = float(rows.persons - p) if reference == "t" else np.inf
    return _model(
        _uncertainty(basis, solution, covariance, df),
        rows=rows,
        correlation=solution.correlation,
        scale=solution.scale,
        iterations=solution.iterations,
        level=level,
    )


def _uncertainty(basis: DesignBasis, solution: _Solution, covariance: FloatArray, df: float) -> Uncertainty:
    p = len(covariance)
    there = basis.back @ covariance @ basis.back.T
    return Uncertainty(
        coefficients=basis.coefficients + basis.back @ solution.coefficients,
        covariance=there,
        model_covariance=there,
        slopes=np.empty((0, p, p)),
        parameter_covariance=np.empty((0, 0)),
        fixed_df=df,
    )


def _model(
    uncertainty: Uncertainty,
    *,
    rows: Rows,
    correlation: float = np.nan,
    scale: float = np.nan,
    iterations: int = 0,
    level: float,
) -> GeeModel:
    each = linear_combinations(uncertainty, np.eye(len(uncertainty.coefficients)), level=level)
    return GeeModel(
        estimate=each.estimate,
        std_error=each.std_error,
        statistic=each.statistic,
        df=each.df,
        p_value=each.p_value,
        conf_low=each.conf_low,
        conf_high=each.conf_high,
        reason=each.reason,
        covariance=uncertainty.covariance,
        uncertainty=uncertainty,
        correlation=correlation,
        scale=scale,
        n=int(rows.counts.sum()),
        clusters=rows.persons,
        iterations=iterations,
        converged=not uncertainty.reason,
    )
