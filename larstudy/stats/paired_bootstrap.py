"""Bootstrap intervals of the standardised mean changes, all from the same resamples of persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.bootstrap import BootstrapInterval, bootstrap_intervals
from larstudy.stats.effect_sizes import hedges_correction
from larstudy.stats.paired_effects import PERFECT_CORRELATION

#: Spread below this share of the largest value is rounding error.
_ROUNDING = 16 * float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedBootstrap:
    """The standardised mean changes with bootstrap intervals; names as in `PairedEffects`.

    Attributes
    ----------
    d_z, d_av, d_rm, d_b, g_z, g_av, g_rm, g_b : BootstrapInterval
        The interval of ``g`` is that of ``d`` times Hedges' factor.
    n : int
    """

    d_z: BootstrapInterval
    d_av: BootstrapInterval
    d_rm: BootstrapInterval
    d_b: BootstrapInterval
    g_z: BootstrapInterval
    g_av: BootstrapInterval
    g_rm: BootstrapInterval
    g_b: BootstrapInterval
    n: int


def paired_statistics(before: FloatArray, after: FloatArray) -> FloatArray:
    """Return d_z, d_av, d_rm and d_b of many samples at once.

    Parameters
    ----------
    before, after : ndarray, shape (b, n)
        A sample a row; n at least 2; no NaN.

    Returns
    -------
    ndarray, shape (b, 4)
        NaN where the standardiser is zero to rounding, and for d_rm where the waves correlate perfectly.

    Examples
    --------
    >>> paired_statistics(np.array([[2.0, 4, 6, 8]]), np.array([[5.0, 6, 9, 12]])).round(4).tolist()
    [[3.6742, 1.0445, 0.7386, 1.1619]]
    """
    least = _ROUNDING * max(np.abs(before).max(), np.abs(after).max())
    n = before.shape[1]
    change = after - before
    mean = change.mean(axis=1)
    centred_before, centred_after = (v - v.mean(axis=1, keepdims=True) for v in (before, after))
    sd, sd_before, sd_after = (
        np.sqrt(np.einsum("ij,ij->i", v, v) / (n - 1))
        for v in (change - mean[:, None], centred_before, centred_after)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = np.einsum("ij,ij->i", centred_before, centred_after) / (n - 1)
        alike = np.clip(covariance / (sd_before * sd_after), -1.0, 1.0)
        alike[(sd_before <= least) | (sd_after <= least) | (alike >= PERFECT_CORRELATION)] = np.nan
        standardisers = [sd, (sd_before + sd_after) / 2.0, sd / np.sqrt(2.0 * (1.0 - alike)), sd_before]
        found = mean[:, None] / np.stack([np.where(s > least, s, np.nan) for s in standardisers], axis=1)
    return np.asarray(found)


def paired_bootstrap(
    before: FloatArray,
    after: FloatArray,
    *,
    n_resamples: int = 9_999,
    level: float = 0.95,
    seed: int | np.random.Generator = 1,
    indices: Sequence[IntArray] | None = None,
) -> PairedBootstrap:
    """Return the standardised mean changes with BCa intervals.

    Parameters
    ----------
    before, after : ndarray of float, shape (n,)
        The same persons in the same order; no NaN.
    n_resamples, level, seed, indices
        As in `bootstrap_intervals`; persons are drawn with both their waves.

    Returns
    -------
    PairedBootstrap
        Each interval with its own reason where it is not by BCa.

    Notes
    -----
    Hedges' factor is the same in every resample, so the intervals of ``g`` are those of ``d`` times it.

    Examples
    --------
    >>> before = np.array([2.0, 4, 6, 8, 5, 7, 3, 9])
    >>> after = np.array([5.0, 6, 9, 12, 5, 9, 4, 12])
    >>> found = paired_bootstrap(before, after, n_resamples=999, seed=1)
    >>> round(found.d_z.estimate, 4), found.d_b.method
    (1.7554, 'bca')
    """
    found = bootstrap_intervals(
        paired_statistics, [(before, after)], n_resamples=n_resamples, level=level, seed=seed, indices=indices
    )
    n = len(before)
    d_z, d_av, d_rm, d_b = found
    g_z, g_av, g_rm, g_b = (scaled(interval, hedges_correction(n - 1)) for interval in found)
    return PairedBootstrap(
        d_z=d_z, d_av=d_av, d_rm=d_rm, d_b=d_b, g_z=g_z, g_av=g_av, g_rm=g_rm, g_b=g_b, n=n
    )


def scaled(interval: BootstrapInterval, factor: float) -> BootstrapInterval:
    """Return the interval of a statistic times a number above zero that is the same in every resample.

    Examples
    --------
    >>> from larstudy.stats.bootstrap import bootstrap_interval
    >>> found = bootstrap_interval(lambda x: x.mean(axis=-1), [(np.arange(9.0),)], n_resamples=99)
    >>> scaled(found, 2.0).conf_low == 2.0 * found.conf_low
    True
    """
    return replace(
        interval,
        estimate=interval.estimate * factor,
        std_error=interval.std_error * factor,
        conf_low=interval.conf_low * factor,
        conf_high=interval.conf_high * factor,
    )
