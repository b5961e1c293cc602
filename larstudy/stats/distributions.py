"""Tail areas and quantiles of the distributions that the tests need, from `scipy.special`."""

from __future__ import annotations

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray

#: Beyond this the limits of the noncentral t are past what its series can be trusted for.
_LARGEST_T = 2e3
_MOST_STEPS = 12
_CLOSE_ENOUGH = 1e-12


def t_two_sided(statistic: FloatArray | float, df: float) -> FloatArray:
    """Return the two-sided p-value of a t statistic.

    Parameters
    ----------
    statistic : float or array
        Any shape; NaN gives NaN.
    df : float
        Degrees of freedom, above 0.

    Returns
    -------
    ndarray of float
        Same shape as ``statistic``. The tail itself is computed, so a small p keeps its digits.

    Examples
    --------
    >>> float(t_two_sided(2.0, 10).round(6))
    0.073388
    """
    return np.asarray(2.0 * special.stdtr(df, -np.abs(statistic)))


def t_quantile(level: float, df: float) -> float:
    """Return the two-sided critical value of t, such as 2.228139 for level 0.95 and 10 df.

    Examples
    --------
    >>> round(t_quantile(0.95, 10), 6)
    2.228139
    """
    return float(special.stdtrit(df, 0.5 + level / 2.0))


def f_upper_tail(statistic: float, df_num: float, df: float) -> float:
    """Return the upper tail area of F.

    Examples
    --------
    >>> round(f_upper_tail(4.0, 2, 10), 6)
    0.052922
    """
    return float(special.fdtrc(df_num, df, statistic))


def chi_square_upper_tail(statistic: float, df: float) -> float:
    """Return the upper tail area of chi-square.

    Examples
    --------
    >>> round(chi_square_upper_tail(5.991465, 2), 6)
    0.05
    """
    return float(special.chdtrc(df, statistic))


def noncentral_t_limits(statistic: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """Return the interval for the noncentrality of an observed t statistic.

    The limits are the noncentralities at which the observed value sits at the upper and at the lower tail
    of the noncentral t: the exact basis of intervals for standardised mean differences.

    Parameters
    ----------
    statistic : float
        The observed t. NaN, or a value too large for the series (above 2,000), gives NaN limits.
    df : float
        Degrees of freedom, above 0.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    tuple of float
        Lower and upper limit, on the scale of the noncentrality.

    References
    ----------
    Steiger, J. H. (2004). Beyond the F test. Psychological Methods, 9, 164-182.

    Examples
    --------
    >>> low, high = noncentral_t_limits(0.0, 20)
    >>> round(low, 4), round(high, 4)
    (-1.96, 1.96)
    """
    if not np.isfinite(statistic) or abs(statistic) > _LARGEST_T:
        return np.nan, np.nan
    tail = (1.0 - level) / 2.0
    # Solved for a positive t and mirrored, so that turning the scale round mirrors the interval exactly.
    size = abs(statistic)
    low = _noncentrality(size, df, 1.0 - tail)
    high = _noncentrality(size, df, tail)
    return (low, high) if statistic >= 0 else (-high, -low)


def _noncentrality(statistic: float, df: float, probability: float) -> float:
    """Return the noncentrality at which t has this probability of falling below the statistic.

    Secant steps from the normal approximation; where they lead nowhere (few degrees of freedom and a large
    t), from `scipy.special.nctdtrinc`, which is slower and stops at a relative error of about 1e-6.
    """
    spread = np.sqrt(1.0 + statistic**2 / (2.0 * df))
    start = statistic * (1.0 - 0.25 / df) - special.ndtri(probability) * spread
    found = _secant(statistic, df, probability, float(start))
    if np.isnan(found):
        found = _secant(statistic, df, probability, float(special.nctdtrinc(df, probability, statistic)))
    return found


def _secant(statistic: float, df: float, probability: float, start: float) -> float:
    """Return the noncentrality by secant steps, NaN where they do not arrive."""
    old, new = start, start + 1e-3 * max(1.0, abs(start))
    old_error = special.nctdtr(df, old, statistic) - probability
    for _ in range(_MOST_STEPS):
        error = special.nctdtr(df, new, statistic) - probability
        if abs(error) < _CLOSE_ENOUGH:
            return float(new)
        if error == old_error or np.isnan(error):
            break
        new, old, old_error = new - error * (new - old) / (error - old_error), new, error
    return np.nan
