"""Standardised mean change of the same persons at two waves.

An effect size names its standardiser: ``d_z`` the standard deviation of the changes, ``d_av`` the mean of
the standard deviations before and after, ``g_av`` the same corrected for small samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.distributions import noncentral_t_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedEffect:
    """Standardised mean change, each with its interval.

    Attributes
    ----------
    d_z, d_z_low, d_z_high : float
        Mean change over the SD of the changes; exact interval by the noncentral t.
    d_av, d_av_low, d_av_high : float
        Mean change over the mean of the two SDs; interval after Algina and Keselman.
    g_av, g_av_low, g_av_high : float
        ``d_av`` times Hedges' correction.
    """

    d_z: float
    d_z_low: float
    d_z_high: float
    d_av: float
    d_av_low: float
    d_av_high: float
    g_av: float
    g_av_low: float
    g_av_high: float


def hedges_correction(df: float) -> float:
    r"""Return Hedges' exact factor for ``df`` degrees of freedom.

    Notes
    -----
    .. math:: J = \Gamma(m/2) / (\sqrt{m/2}\,\Gamma((m-1)/2))

    The usual :math:`1 - 3/(4m - 1)` approximates it; below 2 degrees of freedom it does not exist.

    References
    ----------
    Hedges, L. V. (1981). Journal of Educational Statistics, 6, 107-128.

    Examples
    --------
    >>> round(hedges_correction(10), 6)
    0.922746
    """
    if df < 2:
        return np.nan
    log_ratio = special.gammaln(df / 2.0) - special.gammaln((df - 1.0) / 2.0)
    return float(np.exp(log_ratio) / np.sqrt(df / 2.0))


def paired_effect(
    mean: float, sd: float, sd_before: float, sd_after: float, *, n: int, level: float = 0.95
) -> PairedEffect:
    """Return the standardised mean change from summary numbers.

    Parameters
    ----------
    mean, sd : float
        Mean and standard deviation (n - 1) of the changes, follow-up minus baseline.
    sd_before, sd_after : float
        Standard deviations (n - 1) at the two waves.
    n : int
        Persons with both waves, at least 2.
    level : float
        Confidence level.

    Returns
    -------
    PairedEffect
        NaN where a standardiser is zero or missing.

    Notes
    -----
    ``d_z = mean / sd`` with limits ``ncp / sqrt(n)``, where ``ncp`` are the noncentral-t limits of
    ``t = d_z sqrt(n)``. ``d_av = mean / ((sd_before + sd_after) / 2)`` with the same limits turned into
    its unit by ``sd / sd_av``, after Algina and Keselman, which treats that ratio as known. In the
    simulations of ``tests/oracles/d_av_coverage.csv`` (n of 12, 21 and 67, correlations 0 to 0.8, effects 0
    to 1.2, SDs up to 40 % apart) the 95 % interval covered in 94 to 97 % of samples; the delta method with
    a normal quantile in 93 to 95 %.

    References
    ----------
    Lakens, D. (2013). Frontiers in Psychology, 4, 863. Algina, J., & Keselman, H. J. (2003).
    Educational and Psychological Measurement, 63, 537-553.

    Examples
    --------
    >>> effect = paired_effect(2.0, 4.0, 5.0, 3.0, n=25)
    >>> effect.d_z, effect.d_av
    (0.5, 0.5)
    """
    d_z = mean / sd if sd > 0 else np.nan
    root = float(np.sqrt(n))
    low, high = noncentral_t_limits(d_z * root, n - 1, level)
    d_z_low, d_z_high = low / root, high / root
    sd_av = (sd_before + sd_after) / 2.0
    d_av = mean / sd_av if sd_av > 0 else np.nan
    to_av = sd / sd_av if sd_av > 0 else np.nan
    correction = hedges_correction(n - 1)
    return PairedEffect(
        d_z=d_z,
        d_z_low=d_z_low,
        d_z_high=d_z_high,
        d_av=d_av,
        d_av_low=d_z_low * to_av,
        d_av_high=d_z_high * to_av,
        g_av=d_av * correction,
        g_av_low=d_z_low * to_av * correction,
        g_av_high=d_z_high * to_av * correction,
    )
