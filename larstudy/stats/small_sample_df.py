"""Degrees of freedom for estimates whose variance is itself made of estimated variances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.distributions import chi_square_upper_tail, f_upper_tail
from larstudy.stats.linear import Estimates

Method = Literal["satterthwaite", "kenward_roger"]

#: Degrees of freedom no further apart than this, relatively, are the same.
_SAME = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """What tests of linear combinations of p coefficients need, with K variance parameters behind them.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
        Of the coefficients; standard errors come from it.
    model_covariance : ndarray, shape (p, p)
        The same before the small-sample adjustment of Kenward and Roger; without it, equal.
    slopes : ndarray, shape (K, p, p)
        Derivative of ``model_covariance`` by each variance parameter.
    parameter_covariance : ndarray, shape (K, K)
        Of the variance parameters: from the observed information for Satterthwaite, from the expected
        information for Kenward-Roger.
    fixed_df : float
        Degrees of freedom of every combination where there are no variance parameters; else NaN.
    method : {"satterthwaite", "kenward_roger"}
    reason : str
        Why nothing can be tested; empty where it can.
    """

    coefficients: FloatArray
    covariance: FloatArray
    model_covariance: FloatArray
    slopes: FloatArray
    parameter_covariance: FloatArray
    fixed_df: float = np.nan
    method: Method = "satterthwaite"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointTest:
    """An F test of several combinations at once.

    Attributes
    ----------
    statistic : float
        F, already multiplied by ``scaling``.
    df_num, df, p_value : float
    scaling : float
        The factor of Kenward and Roger; 1 without it.
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    statistic: float
    df_num: float
    df: float
    p_value: float
    scaling: float
    reason: str


def no_uncertainty(p: int, reason: str, method: Method = "satterthwaite") -> Uncertainty:
    """Return the uncertainty of a model that could not be fitted.

    Examples
    --------
    >>> no_uncertainty(2, "nobody has both waves").coefficients.tolist()
    [nan, nan]
    """
    nothing = np.full((p, p), np.nan)
    return Uncertainty(
        coefficients=np.full(p, np.nan),
        covariance=nothing,
        model_covariance=nothing,
        slopes=np.empty((0, p, p)),
        parameter_covariance=np.empty((0, 0)),
        method=method,
        reason=reason,
    )


def _quadratic(matrix: FloatArray, form: FloatArray) -> FloatArray:
    """Return ``c' F c`` for every row c, over the leading axes of F."""
    values: FloatArray = ((matrix @ form) * matrix).sum(axis=-1)
    return values


def _df(uncertainty: Uncertainty, matrix: FloatArray) -> FloatArray:
    """Return ``2 v**2 / (g' A g)``: twice the squared variance over the variance of the variance."""
    if not len(uncertainty.slopes):
        return np.full(len(matrix), uncertainty.fixed_df)
    variance = _quadratic(matrix, uncertainty.model_covariance)
    slopes = _quadratic(matrix, uncertainty.slopes)
    spread = (slopes * (uncertainty.parameter_covariance @ slopes)).sum(axis=0)
    df: FloatArray = 2.0 * variance**2 / np.where(spread > 0, spread, np.nan)
    return df


def linear_combinations(
    uncertainty: Uncertainty, combinations: FloatArray, *, level: float = 0.95
) -> Estimates:
    r"""Return linear combinations of the coefficients with errors, degrees of freedom, t tests and intervals.

    Parameters
    ----------
    uncertainty : Uncertainty
        Every model for waves has it in ``.uncertainty``.
    combinations : ndarray, shape (q, p)
        One row a combination; a row of zeros has no test (NaN).
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    Estimates
        All NaN with the reason where the model has none.

    Notes
    -----
    For a combination :math:`c` with variance :math:`v(\theta) = c'\Phi(\theta)c`, gradient :math:`g` of
    it and covariance :math:`A` of the variance parameters, ``df = 2 v**2 / (g' A g)``. Satterthwaite takes
    :math:`A` from the observed information, as lmerTest does; Kenward-Roger from the expected
    information, as SAS and pbkrtest do, and the error from the adjusted covariance.

    References
    ----------
    Satterthwaite, F. E. (1946). Biometrics Bulletin, 2, 110-114. Kenward, M. G. & Roger, J. H. (1997).
    Biometrics, 53, 983-997.

    Examples
    --------
    A mean of 9 values with variance 4, of which the variance has 8 degrees of freedom:

    >>> one = np.ones((1, 1))
    >>> basis = Uncertainty(
    ...     coefficients=np.array([1.0]), covariance=one * 4 / 9, model_covariance=one * 4 / 9,
    ...     slopes=one[None] / 9, parameter_covariance=one * 2 * 4.0**2 / 8,
    ... )
    >>> found = linear_combinations(basis, one)
    >>> found.std_error.round(6).tolist(), found.df.tolist(), found.p_value.round(6).tolist()
    ([0.666667], [8.0], [0.172003])
    """
    # Fresh variances can be a rounding error below zero where a combination is (almost) certain.
    variance = _quadratic(combinations, uncertainty.covariance)
    error = np.sqrt(np.where(variance > 0, variance, np.nan))
    df = _df(uncertainty, combinations)
    estimate = combinations @ uncertainty.coefficients
    statistic = estimate / error
    margin = special.stdtrit(df, 0.5 + level / 2.0) * error
    return Estimates(
        estimate=estimate,
        std_error=error,
        statistic=statistic,
        df=df,
        p_value=2.0 * special.stdtr(df, -np.abs(statistic)),
        conf_low=estimate - margin,
        conf_high=estimate + margin,
        reason=uncertainty.reason,
    )


def _no_joint_test(q: int, reason: str) -> JointTest:
    return JointTest(
        statistic=np.nan, df_num=float(q), df=np.nan, p_value=np.nan, scaling=np.nan, reason=reason
    )


def joint_test(uncertainty: Uncertainty, combinations: FloatArray) -> JointTest:
    """Test that all of the linear combinations are zero at once.

    Parameters
    ----------
    uncertainty : Uncertainty
    combinations : ndarray, shape (q, p)
        Linearly independent rows.

    Returns
    -------
    JointTest

    Notes
    -----
    Kenward-Roger scales F and matches its first two moments; Satterthwaite follows Fai and Cornelius: the
    F is parted into q independent squared t, whose degrees of freedom are averaged so that the mean of F
    is right.

    References
    ----------
    Kenward, M. G. & Roger, J. H. (1997). Biometrics, 53, 983-997. Fai, A. H.-T. & Cornelius, P. L. (1996).
    Journal of Statistical Computation and Simulation, 54, 363-378.

    Examples
    --------
    >>> basis = Uncertainty(
    ...     coefficients=np.array([1.0, 3.0]), covariance=np.eye(2), model_covariance=np.eye(2),
    ...     slopes=np.empty((0, 2, 2)), parameter_covariance=np.empty((0, 0)), fixed_df=10.0,
    ... )
    >>> test = joint_test(basis, np.eye(2))
    >>> test.statistic, test.df_num, test.df, round(test.p_value, 6)
    (5.0, 2.0, 10.0, 0.03125)
    """
    q = len(combinations)
    if uncertainty.reason or q == 0:
        return _no_joint_test(q, uncertainty.reason or "no combination: nothing to test")
    spread = combinations @ uncertainty.covariance @ combinations.T
    size = np.sqrt(np.clip(np.diag(spread), 0.0, None))
    if not size.all() or np.linalg.cond(spread / np.outer(size, size)) > 1e12:
        return _no_joint_test(q, "the combinations determine each other: no joint test")
    estimate = combinations @ uncertainty.coefficients
    statistic = float(estimate @ np.linalg.solve(spread, estimate)) / q
    if uncertainty.method == "kenward_roger":
        df, scaling = _kenward_roger(uncertainty, combinations)
    else:
        df, scaling = _fai_cornelius(uncertainty, combinations), 1.0
    return JointTest(
        statistic=statistic * scaling,
        df_num=float(q),
        df=df,
        p_value=_upper_tail(statistic * scaling, q, df),
        scaling=scaling,
        reason="",
    )


def _upper_tail(statistic: float, q: int, df: float) -> float:
    if np.isinf(df):
        return chi_square_upper_tail(statistic * q, q)
    return f_upper_tail(statistic, q, df)


def _fai_cornelius(uncertainty: Uncertainty, combinations: FloatArray) -> float:
    _, vectors = np.linalg.eigh(combinations @ uncertainty.covariance @ combinations.T)
    each = _df(uncertainty, vectors.T @ combinations)
    if each.max() <= each.min() * (1.0 + _SAME):
        return float(each.mean())
    if each.min() <= 2.0:
        # The mean of F does not exist; two is what is left.
        return 2.0
    mean = float((each / (each - 2.0)).sum())
    return 2.0 * mean / (mean - len(each))


def _kenward_roger(uncertainty: Uncertainty, combinations: FloatArray) -> tuple[float, float]:
    """Return the degrees of freedom and the scaling of F; the letters are those of the article."""
    q = len(combinations)
    middle = combinations @ uncertainty.model_covariance @ combinations.T
    theta = combinations.T @ np.linalg.solve(middle, combinations)
    turned = theta @ uncertainty.slopes
    traces = np.trace(turned, axis1=1, axis2=2)
    weights = uncertainty.parameter_covariance
    a1 = float(traces @ weights @ traces)
    a2 = float(np.einsum("kl,kij,lji->", weights, turned, turned))
    b = (a1 + 6.0 * a2) / (2.0 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    below = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / below, (q - g) / below, (q + 2 - g) / below
    # V* / (2 E*^2), with the terms that cancel taken out.
    rho = ((1 - a2 / q) / (1 - c2 * b)) ** 2 * (1 + c1 * b) / (1 - c3 * b) / q
    df = 4.0 + (q + 2) / (q * rho - 1.0)
    return df, df * (1 - a2 / q) / (df - 2.0)
