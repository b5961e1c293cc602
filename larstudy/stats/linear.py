"""Ordinary least squares on a design matrix, and linear hypotheses about its coefficients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
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
    """Linear combinations of coefficients; each array has shape (q,).

    ``df`` is the same for all of them with independent errors, and each one's own with clustered ones.
    ``reason`` says why errors are NaN; empty where none is.
    """

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    reason: str

    def part(self, start: int, stop: int) -> Estimates:
        """Return the combinations from ``start`` to ``stop``."""
        return self._each(lambda values: values[start:stop])

    def spread(self, places: IntArray, length: int) -> Estimates:
        """Return the combinations at these places among ``length``, NaN at the others."""
        if len(places) == length:
            return self
        return self._each(lambda values: _spread(values, places, length))

    def _each(self, take: Callable[[FloatArray], FloatArray]) -> Estimates:
        return Estimates(
            estimate=take(self.estimate),
            std_error=take(self.std_error),
            statistic=take(self.statistic),
            df=take(self.df),
            p_value=take(self.p_value),
            conf_low=take(self.conf_low),
            conf_high=take(self.conf_high),
            reason=self.reason,
        )


def _spread(values: FloatArray, places: IntArray, length: int) -> FloatArray:
    found = np.full(length, np.nan)
    found[places] = values
    return found


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


def fit_linear(
    design: FloatArray, response: FloatArray, *, size: float = 0.0, names: Sequence[str] = ()
) -> LinearFit:
    """Fit ``response`` on ``design`` by least squares.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        No NaN. Include the column of ones yourself; centre large columns for accuracy.
    response : ndarray, shape (n,)
        No NaN.
    size : float
        How large the numbers were before anything was centred or subtracted: residuals no larger than
        their rounding error are none.
    names : sequence of str
        Names of the columns, for the reason.

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
    scale[scale == 0] = 1.0
    q, r = np.linalg.qr(design / scale)
    diagonal = np.abs(np.diag(r))
    dependent = np.flatnonzero(diagonal <= _RANK_TOLERANCE * diagonal.max())
    if len(dependent):
        which = f"'{names[dependent[0]]}'" if len(names) == p else f"column {dependent[0] + 1}"
        return _no_fit(p, df, f"{which} is determined by the groups and what stands before it")
    inverse = np.linalg.solve(r, np.eye(p)) / scale[:, None]
    coefficients = inverse @ (q.T @ response)
    residual = response - design @ coefficients
    variance = float(residual @ residual) / df
    largest = max(size, float(np.abs(response).max()))
    perfect = np.sqrt(variance) <= 64 * np.finfo(float).eps * largest
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
            df=np.full(len(estimate), float(fit.df)),
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
        df=np.full(len(estimate), float(fit.df)),
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
