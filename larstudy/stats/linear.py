"""Ordinary least squares on a design matrix, and linear hypotheses about its coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray
from larstudy.stats.distributions import f_upper_tail, t_quantile, t_two_sided

_RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearFit:
    """A least-squares fit.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        One a column of the design; NaN where the model cannot be fitted.
    unscaled : ndarray, shape (p, p)
        ``inv(X'X)``: the covariance of the coefficients over the residual variance.
    residual_variance : float
        Residual sum of squares over ``df``.
    df : int
        Residual degrees of freedom, n - p.
    reason : str
        Why there is no fit, or no test; empty where there is.
    """

    coefficients: FloatArray
    unscaled: FloatArray
    residual_variance: float
    df: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FTest:
    """An F test and its effect size.

    Attributes
    ----------
    statistic, df_num, df, p_value : float
        F, its numerator and denominator degrees of freedom, and the upper tail.
    partial_eta_squared : float
        ``F df_num / (F df_num + df)``.
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    statistic: float
    df_num: float
    df: float
    p_value: float
    partial_eta_squared: float
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """Linear combinations of coefficients; each array has shape (q,)."""

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    df: float
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    reason: str

    def part(self, start: int, stop: int) -> Estimates:
        """Return the combinations from ``start`` to ``stop``."""
        chosen = slice(start, stop)
        return Estimates(
            estimate=self.estimate[chosen],
            std_error=self.std_error[chosen],
            statistic=self.statistic[chosen],
            df=self.df,
            p_value=self.p_value[chosen],
            conf_low=self.conf_low[chosen],
            conf_high=self.conf_high[chosen],
            reason=self.reason,
        )


def no_f_test(reason: str, df_num: float = np.nan, df: float = np.nan) -> FTest:
    """Return the F test that cannot be done, with the reason."""
    return FTest(
        statistic=np.nan,
        df_num=df_num,
        df=df,
        p_value=np.nan,
        partial_eta_squared=np.nan,
        reason=reason,
    )


def f_test_of(statistic: float, df_num: float, df: float) -> FTest:
    """Return the F test that belongs to a statistic.

    Examples
    --------
    >>> round(f_test_of(4.0, 2, 10).partial_eta_squared, 6)
    0.444444
    """
    explained = statistic * df_num
    return FTest(
        statistic=float(statistic),
        df_num=df_num,
        df=df,
        p_value=f_upper_tail(statistic, df_num, df),
        partial_eta_squared=float(explained / (explained + df)),
    )


def _no_fit(p: int, df: int, reason: str) -> LinearFit:
    return LinearFit(
        coefficients=np.full(p, np.nan),
        unscaled=np.full((p, p), np.nan),
        residual_variance=np.nan,
        df=df,
        reason=reason,
    )


def fit_linear(design: FloatArray, response: FloatArray) -> LinearFit:
    """Fit ``response`` on ``design`` by least squares.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        No NaN. Include the column of ones yourself; centre large columns for accuracy.
    response : ndarray, shape (n,)
        No NaN.

    Returns
    -------
    LinearFit
        NaN with a reason where the columns determine each other or no residual degree of freedom is left.

    Examples
    --------
    >>> fit = fit_linear(np.array([[1.0, 0], [1, 1], [1, 2]]), np.array([1.0, 2.0, 4.0]))
    >>> fit.coefficients.round(6).tolist(), fit.df
    ([0.833333, 1.5], 1)
    """
    n, p = design.shape
    df = n - p
    if df < 1:
        return _no_fit(p, max(df, 0), f"{n} persons are too few for {p} coefficients")
    scale = np.sqrt((design**2).sum(axis=0))
    if not np.all(scale > 0):
        return _no_fit(p, df, "a covariate is the same for everybody")
    q, r = np.linalg.qr(design / scale)
    diagonal = np.abs(np.diag(r))
    if diagonal.min() < _RANK_TOLERANCE * diagonal.max():
        return _no_fit(p, df, "the columns of the model determine each other")
    inverse = np.linalg.solve(r, np.eye(p)) / scale[:, None]
    coefficients = inverse @ (q.T @ response)
    residual = response - design @ coefficients
    variance = float(residual @ residual) / df
    spread = float(np.abs(response).max())
    perfect = np.sqrt(variance) <= 64 * np.finfo(float).eps * spread
    return LinearFit(
        coefficients=coefficients,
        unscaled=inverse @ inverse.T,
        residual_variance=variance,
        df=df,
        reason="the model fits without any residual: no test" if perfect else "",
    )


def estimates(fit: LinearFit, combinations: FloatArray, *, level: float = 0.95) -> Estimates:
    """Return linear combinations of the coefficients with errors, t tests and intervals.

    Parameters
    ----------
    fit : LinearFit
    combinations : ndarray, shape (q, p)
        One row a combination.
    level : float
        Confidence level.

    Returns
    -------
    Estimates
        Errors and tests are NaN where the fit has a reason.

    Examples
    --------
    >>> fit = fit_linear(np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]), np.array([1.0, 2, 4, 4]))
    >>> slope = estimates(fit, np.array([[0.0, 1.0]]))
    >>> slope.estimate.round(6).tolist(), slope.std_error.round(6).tolist()
    ([1.1], [0.264575])
    """
    estimate = combinations @ fit.coefficients
    if fit.reason:
        nan = np.full(len(combinations), np.nan)
        return Estimates(
            estimate=estimate,
            std_error=nan,
            statistic=nan,
            df=float(fit.df),
            p_value=nan,
            conf_low=nan,
            conf_high=nan,
            reason=fit.reason,
        )
    variance = ((combinations @ fit.unscaled) * combinations).sum(axis=1)
    error = np.sqrt(fit.residual_variance * variance)
    statistic = estimate / error
    margin = t_quantile(level, fit.df) * error
    return Estimates(
        estimate=estimate,
        std_error=error,
        statistic=statistic,
        df=float(fit.df),
        p_value=t_two_sided(statistic, fit.df),
        conf_low=estimate - margin,
        conf_high=estimate + margin,
        reason="",
    )


def f_test(fit: LinearFit, combinations: FloatArray) -> FTest:
    """Test that all of the linear combinations are zero at once.

    Parameters
    ----------
    fit : LinearFit
    combinations : ndarray, shape (q, p)
        Linearly independent rows.

    Returns
    -------
    FTest
        With q and ``fit.df`` degrees of freedom.

    Examples
    --------
    >>> fit = fit_linear(np.array([[1.0, 0], [1, 1], [1, 2], [1, 3]]), np.array([1.0, 2, 4, 4]))
    >>> round(f_test(fit, np.array([[0.0, 1.0]])).statistic, 6)
    17.285714
    """
    q = len(combinations)
    if q == 0:
        return no_f_test("one group only: nothing to compare", 0, fit.df)
    if fit.reason:
        return no_f_test(fit.reason, q, fit.df)
    estimate = combinations @ fit.coefficients
    middle = combinations @ fit.unscaled @ combinations.T
    statistic = estimate @ np.linalg.solve(middle, estimate) / q / fit.residual_variance
    return f_test_of(float(statistic), q, fit.df)
