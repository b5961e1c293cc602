"""Putting together what m imputed data sets say: Rubin's rules for any estimate with a standard error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.distributions import chi_square_upper_tail, f_upper_tail

#: Degrees of freedom from which t and F are the normal and chi-square to the last digit.
_ENDLESS = 1e12


DfRule = Literal["barnard_rubin", "satterthwaite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Estimates over imputations; each array has shape (q,).

    Attributes
    ----------
    estimate, std_error, statistic, df, p_value, conf_low, conf_high : ndarray
        Mean of the estimates, the root of the total variance, t, the degrees of freedom, the two-sided p and
        the interval.
    within, between, total : ndarray
        Variance within imputations, between them, and ``within + (1 + 1/m) between``.
    share_between : ndarray
        ``(1 + 1/m) between / total``: mice's lambda.
    relative_increase : ndarray
        ``(1 + 1/m) between / within``.
    fraction_missing : ndarray
        Fraction of the information that is missing, with the correction for few imputations.
    m : int
        Imputations.
    reason : str
        Why numbers are NaN; empty where none is.
    """

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    within: FloatArray
    between: FloatArray
    total: FloatArray
    share_between: FloatArray
    relative_increase: FloatArray
    fraction_missing: FloatArray
    m: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledTest:
    """A test of several estimates at once over imputations.

    Attributes
    ----------
    statistic, df_num, df, p_value : float
        F, its degrees of freedom, and the upper tail.
    relative_increase : float
        Average increase of the variance due to what is missing.
    m : int
        Imputations.
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    statistic: float
    df_num: float
    df: float
    p_value: float
    relative_increase: float
    m: int
    reason: str


def pool_estimates(
    estimates: FloatArray,
    std_errors: FloatArray,
    *,
    df_complete: float | FloatArray = np.inf,
    df_rule: DfRule = "barnard_rubin",
    level: float = 0.95,
) -> Pooled:
    r"""Pool estimates and standard errors from m imputed data sets by Rubin's rules.

    Parameters
    ----------
    estimates, std_errors : ndarray, shape (m, q)
        A row an imputation. NaN is allowed: an estimate that is missing in any imputation is NaN, never
        pooled over the others.
    df_complete : float or ndarray of shape (q,)
        Degrees of freedom that the test would have without missing data, such as n - p; infinite by default.
    df_rule : {"barnard_rubin", "satterthwaite"}
        How they make those of the pooled test. Barnard and Rubin take them to fall with the share of
        information that is missing, which is right where they count persons. Where they count clusters
        (CR2 with Bell and McCaffrey's), losing persons leaves the clusters as many as they were: take
        ``satterthwaite``.
    level : float
        Confidence level.

    Returns
    -------
    Pooled
        With one imputation, or a standard error of zero, tests are NaN and ``reason`` says why.

    Notes
    -----
    With :math:`\lambda = (1 + 1/m) B / T` and the degrees of freedom :math:`\nu` of the complete data,
    :math:`1/df = \lambda^2 / (m - 1) + 1 / \{\nu (1 - \lambda)(\nu + 1)/(\nu + 3)\}`. The fraction of missing
    information is :math:`(r + 2/(df + 3)) / (1 + r)` with :math:`r = (1 + 1/m) B / \bar U`. R's mice sets
    :math:`\lambda` to at least 0.0001; here it is not changed. By ``satterthwaite`` the total variance is a
    sum of two that are estimated on their own, within with :math:`\nu` and between with :math:`m - 1`
    degrees of freedom: :math:`1/df = (1 - \lambda)^2 / \nu + \lambda^2 / (m - 1)`.

    In cohorts like the reviewed one, with few facilities and many persons lost, Barnard and Rubin's rule
    makes intervals of imputed data too wide; ``tests/benchmarks/error_rates.md`` has both rules.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley. Barnard, J., & Rubin, D. B.
    (1999). Small-sample degrees of freedom with multiple imputation. Biometrika, 86, 948-955. Lipsitz, S.,
    Parzen, M., & Zhao, L. P. (2002). A degrees-of-freedom approximation in multiple imputation. Journal of
    Statistical Computation and Simulation, 72, 309-318.

    Examples
    --------
    >>> found = pool_estimates(np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [1.0], [1.0]]))
    >>> found.estimate.tolist(), found.total.round(6).tolist(), found.df.round(6).tolist()
    ([2.0], [2.333333], [6.125])
    """
    m = len(estimates)
    estimate = _mean(estimates)
    within = _mean(std_errors**2)
    between = estimates.var(axis=0, ddof=1) if m > 1 else np.full(estimate.shape, np.nan)
    # The same number in every imputation can differ in its last digits from its own mean.
    between = np.where(np.ptp(estimates, axis=0) == 0, 0.0, between) if m > 1 else between
    extra = (1.0 + 1.0 / m) * between if m else between
    total = within + extra
    known = (within > 0) & ~np.isnan(total)
    total = np.where(known, total, np.nan)
    share = extra / total
    complete = np.broadcast_to(np.asarray(df_complete, dtype=float), estimate.shape)
    df = (_satterthwaite if df_rule == "satterthwaite" else _barnard_rubin)(share, m, complete)
    increase = extra / np.where(known, within, np.nan)
    error = np.sqrt(total)
    statistic = estimate / error
    margin = special.stdtrit(np.minimum(df, _ENDLESS), 0.5 + level / 2.0) * error
    return Pooled(
        estimate=estimate,
        std_error=error,
        statistic=statistic,
        df=df,
        p_value=2.0 * special.stdtr(np.minimum(df, _ENDLESS), -np.abs(statistic)),
        conf_low=estimate - margin,
        conf_high=estimate + margin,
        within=within,
        between=between,
        total=total,
        share_between=share,
        relative_increase=increase,
        fraction_missing=(increase + 2.0 / (df + 3.0)) / (1.0 + increase),
        m=m,
        reason=_why_not(m, estimates, std_errors, within),
    )


def _mean(values: FloatArray) -> FloatArray:
    return values.mean(axis=0) if len(values) else np.full(values.shape[1:], np.nan)


def _why_not(m: int, estimates: FloatArray, std_errors: FloatArray, within: FloatArray) -> str:
    if m < 2:
        return (
            f"{m} imputations: nothing to pool" if m == 0 else "one imputation: no spread between imputations"
        )
    missing = int((np.isnan(estimates) | np.isnan(std_errors)).any(axis=0).sum())
    if missing:
        return f"{missing} of {len(within)} estimates are missing in some imputation"
    if (within <= 0).any():
        return f"{int((within <= 0).sum())} of {len(within)} estimates have no standard error"
    return ""


def _barnard_rubin(share: FloatArray, m: int, df_complete: FloatArray) -> FloatArray:
    """Return the degrees of freedom; infinite where nothing is missing and the complete data had no end."""
    if m < 2:
        return np.full(share.shape, np.nan)
    few = share**2 / (m - 1)
    # 1 / df of the observed data; zero where those of the complete data have no end.
    observed = (1.0 + 3.0 / df_complete) / (1.0 + 1.0 / df_complete) / df_complete / (1.0 - share)
    both = few + observed
    return np.where(both == 0, np.inf, 1.0 / np.where(both == 0, 1.0, both))


def _satterthwaite(share: FloatArray, m: int, df_complete: FloatArray) -> FloatArray:
    """Return the degrees of freedom of a sum of two variances; infinite where neither has an end."""
    if m < 2:
        return np.full(share.shape, np.nan)
    both = share**2 / (m - 1) + (1.0 - share) ** 2 / df_complete
    return np.where(both == 0, np.inf, 1.0 / np.where(both == 0, 1.0, both))


def pool_test(estimates: FloatArray, covariances: FloatArray, *, df_complete: float = np.inf) -> PooledTest:
    r"""Test that several estimates are zero at once, over m imputed data sets (D1).

    Parameters
    ----------
    estimates : ndarray, shape (m, k)
        No linear dependence among them.
    covariances : ndarray, shape (m, k, k)
        Of the estimates, in each imputation.
    df_complete : float
        Degrees of freedom that the test would have without missing data; infinite by default.

    Returns
    -------
    PooledTest
        NaN with a reason where there is one imputation, a number is missing, or the mean covariance matrix
        is singular.

    Notes
    -----
    :math:`F = \bar Q' \bar U^{-1} \bar Q / \{k (1 + r)\}` with :math:`r = (1 + 1/m)\,tr(B \bar U^{-1}) / k`,
    which takes the fraction of missing information to be alike for all k. Denominator degrees of freedom
    after Li and others for infinite ``df_complete``, after Reiter otherwise. Reiter's needs
    :math:`k (m - 1) > 4` and enough complete degrees of freedom; where it does not exist ``df`` and p are
    NaN with the reason.

    References
    ----------
    Li, K. H., Raghunathan, T. E., & Rubin, D. B. (1991). JASA, 86, 1065-1073. Reiter, J. P. (2007).
    Small-sample degrees of freedom for multi-component significance tests with multiple imputation for
    missing data. Biometrika, 94, 502-508.

    Examples
    --------
    >>> found = pool_test(np.array([[1.0], [2.0], [3.0]]), np.ones((3, 1, 1)))
    >>> round(found.statistic, 6), found.relative_increase  # 4 / (7/3), and (4/3) * 1 / 1
    (1.714286, 1.3333333333333333)
    """
    m, k = estimates.shape
    reason = _untested(estimates, covariances)
    if reason:
        return _pooled_test(np.nan, k, np.nan, np.nan, m, reason)
    mean, within = estimates.mean(axis=0), covariances.mean(axis=0)
    centred = estimates - mean
    between = centred.T @ centred / (m - 1)
    increase = (1.0 + 1.0 / m) * float(np.trace(np.linalg.solve(within, between))) / k
    statistic = float(mean @ np.linalg.solve(within, mean)) / k / (1.0 + increase)
    df = _df_of_test(increase, k, m, df_complete)
    reason = "too few imputations or degrees of freedom for the test" if np.isnan(df) else ""
    return _pooled_test(statistic, k, df, increase, m, reason)


def _untested(estimates: FloatArray, covariances: FloatArray) -> str:
    m, k = estimates.shape
    if m < 2:
        return "one imputation: no spread between imputations" if m else "0 imputations: nothing to pool"
    if k == 0:
        return "no estimates to test"
    if np.isnan(estimates).any() or np.isnan(covariances).any():
        return "some estimates are missing in some imputation"
    within = covariances.mean(axis=0)
    scale = np.sqrt(np.abs(np.diag(within)))
    if (scale == 0).any() or np.linalg.matrix_rank(within / np.outer(scale, scale), hermitian=True) < k:
        return "the estimates determine each other, or one has no standard error: no test"
    return ""


def _df_of_test(increase: float, k: int, m: int, df_complete: float) -> float:
    t = k * (m - 1)
    if np.isfinite(df_complete):
        return _reiter(increase, t, df_complete)
    if increase == 0:
        return float(np.inf)
    if t > 4:
        return 4.0 + (t - 4) * (1.0 + (1.0 - 2.0 / t) / increase) ** 2
    return t * (1.0 + 1.0 / k) * (1.0 + 1.0 / increase) ** 2 / 2.0


def _reiter(increase: float, t: int, df_complete: float) -> float:
    """Return Reiter's degrees of freedom, NaN where his expansion has none."""
    if t <= 4:
        return np.nan
    a = increase * t / (t - 2)
    observed = (df_complete + 1.0) / (df_complete + 3.0) * df_complete
    c1, c2 = observed - 2.0 * (1.0 + a), observed - 4.0 * (1.0 + a)
    if c2 <= 0:
        return np.nan
    b = a / (1.0 + a)
    terms = b**2 * c1 / c2 + (8.0 * a * b * c1 / c2**2 + 4.0 * a * b / c2)
    terms += 4.0 * a**2 / (c1 * c2) + 16.0 * a**2 * c1 / c2**3 + 8.0 * a**2 / c2**2
    return 4.0 + 1.0 / (1.0 / c2 + terms / (t - 4))


def _pooled_test(statistic: float, k: int, df: float, increase: float, m: int, reason: str) -> PooledTest:
    endless = df > _ENDLESS
    p_value = chi_square_upper_tail(statistic * k, k) if endless else f_upper_tail(statistic, k, df)
    return PooledTest(
        statistic=statistic,
        df_num=float(k),
        df=df,
        p_value=p_value,
        relative_increase=increase,
        m=m,
        reason=reason,
    )
