"""Confirmatory factor analysis of two correlated factors by maximum likelihood, and how well it fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray

_MOST_STEPS: Final = 100
_CLOSE: Final = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TwoFactorFit:
    """How two correlated factors fit the correlations of some items.

    Attributes
    ----------
    n : int
        Persons with every answer.
    loadings : ndarray, shape (items,)
        Standardised, each on its own factor.
    correlation : float
        Of the factors.
    chi_square, df : float
        n times the discrepancy, and its degrees of freedom.
    rmsea, rmsea_low, rmsea_high : float
        With its 90 % interval.
    cfi, nfi : float
        Against items that do not correlate.
    reason : str
        Why the numbers are NaN; empty where they are there.
    """

    n: int
    loadings: FloatArray
    correlation: float
    chi_square: float
    df: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    cfi: float
    nfi: float
    reason: str = ""


def two_factor_fit(answers: FloatArray, *, second: IntArray) -> TwoFactorFit:
    """Fit two correlated factors, each item on one of them, to answers.

    Minimises ``log|S*| + tr(R S*^-1) - log|R| - p`` over loadings, unique variances and the correlation of
    the factors by Fisher scoring, where R are the correlations of the items and S* those of the model; the
    fit does not depend on the items' units. The chi-square is n times the minimum, as in lavaan with its
    default likelihood; ``RMSEA = sqrt(max(chi2 - df, 0) / (df n))``; CFI and NFI are against the model in
    which nothing correlates.

    The search begins at loadings from the items' mean correlations. With a hundred persons it finds the one
    minimum; with a few dozen there may be several, and it is the one near that beginning.

    Parameters
    ----------
    answers : ndarray, shape (persons, items)
        Persons with a NaN are left out.
    second : ndarray of int
        The items of the second factor; the others are those of the first. Each factor needs two.

    Returns
    -------
    TwoFactorFit
        With NaN and a reason where it cannot be fitted.

    References
    ----------
    Joreskog (1969). Psychometrika, 34, 183-202. Rosseel (2012). Journal of Statistical Software, 48(2).

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> factors = rng.standard_normal((2000, 2)) @ np.array([[1.0, 0.5], [0.0, 0.75**0.5]])
    >>> items = 0.8 * np.repeat(factors, 3, axis=1) + 0.6 * rng.standard_normal((2000, 6))
    >>> fit = two_factor_fit(items, second=np.array([3, 4, 5]))
    >>> round(fit.correlation, 1), bool(fit.rmsea < 0.05), fit.df
    (0.5, True, 8.0)
    """
    known = answers[~np.isnan(answers).any(axis=1)]
    n, p = known.shape
    on_second = np.zeros(p, dtype=bool)
    on_second[second] = True
    parameters = 2 * p + 1
    df = p * (p + 1) / 2 - parameters
    if min(on_second.sum(), (~on_second).sum()) < 2 or df < 1:
        return _no_fit(
            n, p, "each factor needs two items, and there must be more correlations than parameters"
        )
    if n <= p or np.ptp(known, axis=0).min() == 0:
        return _no_fit(n, p, "fewer persons than items, or an item that everybody answers alike")
    r = np.asarray(np.corrcoef(known, rowvar=False), dtype=float)
    sign, log_r = np.linalg.slogdet(r)
    if sign <= 0 or log_r < np.log(1e-12):
        return _no_fit(n, p, "the answers to some item follow from those to others")
    theta, value = _minimise(r, on_second)
    if theta is None:
        return _no_fit(n, p, "the search for the best fit did not settle")
    return _fit(theta, n=n, p=p, df=df, chi_square=n * max(value - log_r - p, 0.0), independent=-n * log_r)


def _fit(
    theta: FloatArray, *, n: int, p: int, df: float, chi_square: float, independent: float
) -> TwoFactorFit:
    excess = max(chi_square - df, 0.0)
    baseline = max(independent - p * (p - 1) / 2, excess)
    low, high = _noncentrality(chi_square, df, 0.95), _noncentrality(chi_square, df, 0.05)
    return TwoFactorFit(
        n=n,
        loadings=theta[:p],
        correlation=float(theta[-1]),
        chi_square=chi_square,
        df=df,
        rmsea=float(np.sqrt(excess / (df * n))),
        rmsea_low=float(np.sqrt(low / (df * n))),
        rmsea_high=float(np.sqrt(high / (df * n))),
        cfi=1.0 - excess / baseline if baseline > 0 else 1.0,
        nfi=1.0 - chi_square / independent if independent > 0 else np.nan,
    )


def _noncentrality(chi_square: float, df: float, share: float) -> float:
    """Return the noncentrality that puts a share of chi-squares below the one found; 0 where none does."""
    if special.chdtr(df, chi_square) <= share:
        return 0.0
    return float(special.chndtrinc(chi_square, df, share))


def _minimise(r: FloatArray, on_second: BoolArray) -> tuple[FloatArray | None, float]:
    """Return loadings, unique variances and the correlation of the factors, and the value at the minimum."""
    p = len(r)
    theta = np.concatenate([_start(r, on_second), np.full(p, 0.5), [0.5]])
    value, moments = _value(theta, r, on_second)
    for _ in range(_MOST_STEPS):
        gradient, information = _derivatives(theta, r, on_second, moments)
        try:
            step = np.linalg.solve(information, gradient)
        except np.linalg.LinAlgError:
            return None, np.nan
        if float(gradient @ step) < _CLOSE:
            return theta, value
        size = 1.0
        while True:
            tried = theta - size * step
            new_value, new_moments = _value(tried, r, on_second)
            if new_value <= value:
                break
            size /= 2.0
            if size < 1e-8:
                return None, np.nan
        theta, value, moments = tried, new_value, new_moments
    return None, np.nan


def _start(r: FloatArray, on_second: BoolArray) -> FloatArray:
    """Return loadings to begin with: the root of an item's mean correlation with its factor's others."""
    own = (on_second[:, None] == on_second[None, :]) & ~np.eye(len(r), dtype=bool)
    mean = (r * own).sum(axis=1) / own.sum(axis=1)
    return np.asarray(np.sqrt(np.clip(mean, 0.05, 0.9)))


def _parts(theta: FloatArray, on_second: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the loadings by factor, the correlations of the factors, and those of the items."""
    p = len(on_second)
    by_factor = np.where(np.stack([~on_second, on_second], axis=1), theta[:p, None], 0.0)
    factors = np.array([[1.0, theta[-1]], [theta[-1], 1.0]])
    return by_factor, factors, by_factor @ factors @ by_factor.T + np.diag(theta[p:-1])


def _value(theta: FloatArray, r: FloatArray, on_second: BoolArray) -> tuple[float, FloatArray]:
    """Return ``log|S*| + tr(R S*^-1)`` and the inverse of S*; infinite where S* is no covariance matrix."""
    implied = _parts(theta, on_second)[2]
    try:
        np.linalg.cholesky(implied)
    except np.linalg.LinAlgError:
        return np.inf, implied
    inverse: FloatArray = np.asarray(np.linalg.inv(implied), dtype=float)
    return float(np.linalg.slogdet(implied)[1] + (r * inverse).sum()), inverse


def _derivatives(
    theta: FloatArray, r: FloatArray, on_second: BoolArray, inverse: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the gradient and the expected second derivatives."""
    p = len(r)
    by_factor, factors, implied = _parts(theta, on_second)
    # Of a loading: its item's row and column of the common part. Of the correlation: the cross products.
    other = by_factor @ factors
    slopes = np.zeros((2 * p + 1, p, p))
    for i in range(p):
        column = other[:, int(on_second[i])]
        slopes[i, i] += column
        slopes[i, :, i] += column
        slopes[p + i, i, i] = 1.0
    cross = np.outer(by_factor[:, 0], by_factor[:, 1])
    slopes[-1] = cross + cross.T
    weighted = inverse @ slopes
    misfit = inverse @ (implied - r)
    gradient = np.einsum("ij,kji->k", misfit, weighted)
    information = np.einsum("kij,lji->kl", weighted, weighted)
    return gradient, information


def _no_fit(n: int, p: int, reason: str) -> TwoFactorFit:
    nan = float("nan")
    return TwoFactorFit(
        n=n, loadings=np.full(p, nan), correlation=nan, chi_square=nan, df=nan, rmsea=nan, rmsea_low=nan,
        rmsea_high=nan, cfi=nan, nfi=nan, reason=reason,
    )  # fmt: skip
