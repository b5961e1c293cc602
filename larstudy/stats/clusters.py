"""Linear models of persons nested in few clusters: bias-reduced errors and small-sample tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.cluster_blocks import ClusterBlocks, cluster_blocks
from larstudy.stats.cluster_moments import ClusterKind, ClusterRows, adjustments, cluster_rows
from larstudy.stats.distributions import f_upper_tail
from larstudy.stats.linear import Estimates, FTest, no_f_test

_RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterFit(Estimates):
    """A linear model with cluster-robust errors; the arrays have one entry a column of the design.

    Attributes
    ----------
    covariance : ndarray, shape (p, p)
        Cluster-robust; NaN in the rows and columns of coefficients without an error.
    n, clusters : int
        Rows, and clusters.
    kind : {"CR1", "CR1S", "CR2", "CR3"}
    blocks : ClusterBlocks
        The fit, cluster by cluster.
    adjustment : ndarray, shape (G, p, p)
        ``f(I - Q_g'Q_g)``: what turns the scores of a cluster into adjusted ones.
    alone : ndarray, shape (p, p)
        Projects on what single clusters fit all by themselves.
    """

    covariance: FloatArray
    n: int
    clusters: int
    kind: ClusterKind
    blocks: ClusterBlocks
    adjustment: FloatArray
    alone: FloatArray


def cr2(
    X: FloatArray,
    y: FloatArray,
    groups: ArrayLike,
    *,
    weights: FloatArray | None = None,
    names: Sequence[str] = (),
    size: float = 0.0,
    level: float = 0.95,
) -> ClusterFit:
    """Fit a linear model with CR2 errors and Satterthwaite degrees of freedom.

    This is `cluster_robust` with ``kind="CR2"``, the choice for few clusters; see there.

    Parameters
    ----------
    X : ndarray, shape (n, p)
        The design, with its column of ones.
    y : ndarray, shape (n,)
    groups : array of labels, shape (n,)
        The cluster of each row, in labels of any type.
    weights : ndarray, shape (n,), optional
        Above 0.
    names : sequence of str
        Names of the columns, for reasons.
    size : float
        How large the numbers were before anything was centred or subtracted.
    level : float
        Confidence level.

    Returns
    -------
    ClusterFit

    Examples
    --------
    >>> X = np.column_stack([np.ones(6), [0.0, 1, 0, 1, 0, 1]])
    >>> fit = cr2(X, np.array([1.0, 2, 2, 4, 3, 7]), ["a", "a", "b", "b", "c", "c"])
    >>> fit.estimate.round(6).tolist(), fit.std_error.round(6).tolist(), fit.df.round(6).tolist()
    ([2.0, 2.333333], [0.57735, 0.881917], [2.0, 2.0])
    """
    return cluster_robust(X, y, groups, kind="CR2", weights=weights, names=names, size=size, level=level)


def cluster_robust(
    X: FloatArray,
    y: FloatArray,
    groups: ArrayLike,
    *,
    kind: ClusterKind,
    weights: FloatArray | None = None,
    names: Sequence[str] = (),
    size: float = 0.0,
    level: float = 0.95,
) -> ClusterFit:
    """Fit a linear model and give its coefficients errors that hold when rows of a cluster are alike.

    Parameters
    ----------
    X : ndarray, shape (n, p)
        The design, with its column of ones. Missing values give NaN and a reason.
    y : ndarray, shape (n,)
    groups : array of labels, shape (n,)
        The cluster of each row: numbers, text, categories or anything hashable.
    kind : {"CR1", "CR1S", "CR2", "CR3"}
        CR2 is the bias-reduced linearisation: without bias when rows are in truth independent. CR3 is close
        to leaving out each cluster in turn, and larger. CR1 (times ``G / (G - 1)``) and CR1S (times
        ``G (n - 1) / ((G - 1) (n - p))``), with G - 1 degrees of freedom, are what most programs print; with
        few or unequal clusters their errors are too small and their p-values too. They are here for
        comparison, not for use.
    weights : ndarray, shape (n,), optional
        Above 0, for weighted least squares; only their ratios matter.
    names : sequence of str
        Names of the columns, for reasons.
    size : float
        How large the numbers were before anything was centred or subtracted: residuals no larger than
        their rounding error are none.
    level : float
        Confidence level.

    Returns
    -------
    ClusterFit
        NaN with a reason where the model cannot be fitted or tested. A coefficient that rests, wholly or in
        part, on what one cluster fits all by itself (a dummy of that cluster, a group found nowhere else)
        keeps its estimate and has no error: nothing shows how it would differ in another cluster.

    Notes
    -----
    With ``Q = X T`` orthonormal, ``H_gg = Q_g Q_g'`` and ``K_g = Q_g'Q_g``, every function of ``I - H_gg``
    that the estimator needs is one of K_g, because ``Q_g' f(I - Q_g Q_g') = f(I - K_g) Q_g'``. With
    ``S_g = (I - K_g)^(-1/2)`` for CR2 and ``(I - K_g)^(-1)`` for CR3 (pseudo-inverses), the covariance is
    ``T sum(S_g Q_g'e_g e_g'Q_g S_g) T'``. For a combination c and ``a_g = S_g T'c``, ``v_g = K_g a_g``, the
    matrix of the quadratic form under independent rows of one variance is
    ``P = diag(a_g'v_g) - (v_g'v_h)``, and ``df = trace(P)^2 / trace(P^2)``.

    Equal to R's ``clubSandwich::coef_test(lm(...), vcov = kind, cluster, test = "Satterthwaite")``; for CR1
    and CR1S with ``test = "naive-t"``. With weights the working model is independent rows with variances
    ``1 / weights``, and the root is taken on the weighted scale: the same as that call on
    ``lm(I(sqrt(w) * y) ~ 0 + I(sqrt(w) * X))`` and, for CR3 or where weights are alike within clusters, on
    ``lm(y ~ 0 + X, weights = w)`` with ``inverse_var = TRUE``; the CR2 of that last call with weights that
    vary within clusters takes another root and differs slightly. clubSandwich prints a number where a part
    of the variance cannot be seen (see Returns); here it is NaN.

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
    multi-stage samples. Survey Methodology, 28, 169-181.

    Pustejovsky, J. E., & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and
    hypothesis testing in fixed effects models. Journal of Business & Economic Statistics, 36, 672-683.

    Examples
    --------
    >>> X = np.column_stack([np.ones(6), [0.0, 1, 0, 1, 0, 1]])
    >>> y, groups = np.array([1.0, 2, 2, 4, 3, 7]), ["a", "a", "b", "b", "c", "c"]
    >>> [cluster_robust(X, y, groups, kind=kind).std_error[1].round(4).item() for kind in ("CR1", "CR3")]
    [0.8819, 1.0801]
    """
    blocks = cluster_blocks(X, y, groups, weights=weights, names=names, size=size)
    p = len(blocks.coefficients)
    adjustment, alone = adjustments(blocks, kind)
    rows = cluster_rows(np.eye(p), blocks, adjustment, alone)
    found = _estimates(rows, blocks, kind, blocks.names, level)
    known = ~np.isnan(found.std_error)
    return ClusterFit(
        estimate=found.estimate,
        std_error=found.std_error,
        df=found.df,
        statistic=found.statistic,
        p_value=found.p_value,
        conf_low=found.conf_low,
        conf_high=found.conf_high,
        reason=found.reason,
        covariance=np.where(np.outer(known, known), rows.covariance(), np.nan),
        n=blocks.n,
        clusters=blocks.clusters,
        kind=kind,
        blocks=blocks,
        adjustment=adjustment,
        alone=alone,
    )


def cluster_combinations(fit: ClusterFit, combinations: FloatArray, *, level: float = 0.95) -> Estimates:
    """Return linear combinations of the coefficients, such as contrasts and adjusted means.

    Parameters
    ----------
    fit : ClusterFit
    combinations : ndarray, shape (q, p)
        One row a combination.
    level : float
        Confidence level.

    Returns
    -------
    Estimates
        Each with degrees of freedom of its own, as `clubSandwich::linear_contrast`. NaN with a reason where
        the fit has no test, or where a combination rests on one cluster alone.

    Examples
    --------
    >>> X = np.column_stack([np.ones(6), [0.0, 1, 0, 1, 0, 1]])
    >>> fit = cr2(X, np.array([1.0, 2, 2, 4, 3, 7]), ["a", "a", "b", "b", "c", "c"])
    >>> means = cluster_combinations(fit, np.array([[1.0, 0.0], [1.0, 1.0]]))
    >>> means.estimate.round(6).tolist(), means.std_error.round(6).tolist()
    ([2.0, 4.333333], [0.57735, 1.452966])
    """
    combinations = _checked(fit, combinations)
    called = tuple(f"combination {i + 1}" for i in range(len(combinations)))
    rows = cluster_rows(combinations, fit.blocks, fit.adjustment, fit.alone)
    return _estimates(rows, fit.blocks, fit.kind, called, level)


def cluster_f_test(fit: ClusterFit, combinations: FloatArray) -> FTest:
    """Test that several linear combinations are zero at once.

    Parameters
    ----------
    fit : ClusterFit
    combinations : ndarray, shape (q, p)
        Linearly independent rows.

    Returns
    -------
    FTest
        NaN with a reason where the fit has no test, a combination rests on one cluster alone, the
        combinations determine each other, or the clusters are too few for q of them.

    Notes
    -----
    For CR2 and CR3 the approximate Hotelling test (HTZ): the covariance of the combinations behaves nearly
    as a Wishart matrix with nu degrees of freedom, matched in the total variance of its entries, and
    ``F = (nu - q + 1) / (nu q) Q`` has q and nu - q + 1 degrees of freedom, Q being Wald's statistic: the
    same as ``clubSandwich::Wald_test(test = "HTZ")``, and for q = 1 the square of t. For CR1 and CR1S
    ``F = Q / q`` with q and G - 1 degrees of freedom (``test = "Naive-F"``), which rejects too often.

    References
    ----------
    Tipton, E., & Pustejovsky, J. E. (2015). Small-sample adjustments for tests of moderators and model fit
    using robust variance estimation in meta-regression. Journal of Educational and Behavioral Statistics,
    40, 604-634.

    Examples
    --------
    >>> X = np.column_stack([np.ones(6), [0.0, 1, 0, 1, 0, 1]])
    >>> fit = cr2(X, np.array([1.0, 2, 2, 4, 3, 7]), ["a", "a", "b", "b", "c", "c"])
    >>> test = cluster_f_test(fit, np.array([[0.0, 1.0]]))
    >>> round(test.statistic, 6), round(test.df, 6), bool(np.isclose(test.p_value, fit.p_value[1]))
    (7.0, 2.0, True)
    """
    combinations = _checked(fit, combinations)
    q = len(combinations)
    rows = cluster_rows(combinations, fit.blocks, fit.adjustment, fit.alone)
    reason = fit.blocks.reason or _no_joint_test(rows)
    if reason:
        return no_f_test(reason, q)
    # Made orthonormal, for accuracy, then brought to where their expected covariance is the identity: the
    # test does not depend on how the combinations are written.
    rows = rows.turned(np.linalg.inv(np.linalg.qr(rows.loads.T, mode="r")))
    values, vectors = np.linalg.eigh(rows.expected())
    rows = rows.turned(vectors / np.sqrt(values))
    covariance = rows.covariance()
    spread = np.linalg.eigvalsh(covariance)
    crude = fit.kind in ("CR1", "CR1S")
    nu = fit.clusters - 1 if crude else q * (q + 1) / rows.total_variance()
    df = nu if crude else nu - q + 1
    if spread[0] <= _RANK_TOLERANCE * spread[-1] or df <= 0:
        return no_f_test(f"{fit.clusters} clusters are too few to test {q} combinations at once", q)
    wald = float(rows.estimate @ np.linalg.solve(covariance, rows.estimate))
    statistic = df / nu * wald / q
    return FTest(
        statistic=statistic,
        df_num=q,
        df=df,
        p_value=f_upper_tail(statistic, q, df),
        partial_eta_squared=np.nan,
    )


def _checked(fit: ClusterFit, combinations: FloatArray) -> FloatArray:
    combinations, p = np.atleast_2d(np.asarray(combinations, dtype=float)), len(fit.estimate)
    if combinations.shape[1] != p:
        raise ValueError(f"the model has {p} coefficients: a combination needs one number for each")
    return combinations


def _estimates(
    rows: ClusterRows, blocks: ClusterBlocks, kind: ClusterKind, called: Sequence[str], level: float
) -> Estimates:
    """Return tests and intervals of the combinations, NaN where there is no error to trust."""
    error = np.sqrt(rows.variance())
    flat = rows.seen & (error <= rows.noise)
    known = rows.seen & ~flat & (not blocks.reason)
    reason = blocks.reason or "; ".join(
        filter(
            None,
            (
                _named(called, ~rows.seen, "in part or whole on one cluster alone: no error"),
                _named(called, flat, "on clusters that do not differ at all: no test"),
            ),
        )
    )
    error = np.where(known, error, np.nan)
    if kind in ("CR1", "CR1S"):
        df = np.where(known, float(blocks.clusters - 1), np.nan)
    else:
        df = np.where(known, rows.satterthwaite(), np.nan)
    statistic = rows.estimate / error
    margin = special.stdtrit(df, 0.5 + level / 2.0) * error
    return Estimates(
        estimate=rows.estimate,
        std_error=error,
        df=df,
        statistic=statistic,
        p_value=np.asarray(2.0 * special.stdtr(df, -np.abs(statistic))),
        conf_low=rows.estimate - margin,
        conf_high=rows.estimate + margin,
        reason=reason,
    )


def _named(called: Sequence[str], which: BoolArray, why: str) -> str:
    found = [name for name, chosen in zip(called, which.tolist(), strict=True) if chosen]
    return f"{', '.join(found)} {'rests' if len(found) == 1 else 'rest'} {why}" if found else ""


def _no_joint_test(rows: ClusterRows) -> str:
    """Return why the combinations cannot be tested together, or nothing."""
    if len(rows.loads) == 0:
        return "no combination: nothing to test"
    if not rows.seen.all() or (rows.variance() <= rows.noise**2).any():
        return "a combination rests in part or whole on one cluster alone, or on clusters that do not differ"
    length = np.sqrt((rows.loads**2).sum(axis=1))
    sizes = np.linalg.svd(rows.loads / length[:, None], compute_uv=False)
    if len(rows.loads) > rows.loads.shape[1] or sizes[-1] <= _RANK_TOLERANCE * sizes[0]:
        return "the combinations determine each other"
    return ""
