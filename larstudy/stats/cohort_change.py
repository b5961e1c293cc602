"""A cohort's standardised change from what is printed of it, over the correlation between the waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.conversions import sd_from_interval, sd_of_change
from larstudy.stats.paired_effects import repeated_measures_d
from larstudy.stats.printed_intervals import check_interval
from larstudy.stats.printed_numbers import over_corners, read_printed


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSummary:
    """What is known of a change: enough for its effect size at any correlation between the waves.

    Attributes
    ----------
    n : int
    mean : float
        After minus before.
    sd_change : float
        NaN where only the SDs at the waves are known, and it depends on the correlation.
    sd_before, sd_after : float
        NaN where they are not known; they then are taken to be alike.
    sd_low, sd_high, d_z_low, d_z_high : float
        What the SD of change, and the change over it, may be as far as the printed numbers are rounded; NaN
        where ``sd_change`` is.
    mean_low, mean_high : float
        What the mean may be before rounding.
    """

    n: int
    mean: float
    sd_change: float = np.nan
    sd_before: float = np.nan
    sd_after: float = np.nan
    sd_low: float = np.nan
    sd_high: float = np.nan
    d_z_low: float = np.nan
    d_z_high: float = np.nan
    mean_low: float = np.nan
    mean_high: float = np.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortEffect:
    """A standardised change at one or more correlations between the waves; arrays of shape (m,).

    Attributes
    ----------
    correlation : ndarray
    estimate, std_error, conf_low, conf_high : ndarray
        ``d_rm`` with its large-sample error.
    low, high : ndarray
        What ``d_rm`` may be as far as the printed numbers are rounded.
    """

    correlation: FloatArray
    estimate: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    low: FloatArray
    high: FloatArray


def summary_of_means(before: tuple[str, str], after: tuple[str, str], n: int) -> ChangeSummary:
    """Return the change between two printed means with their SDs.

    Examples
    --------
    >>> found = summary_of_means(("0.699", "0.250"), ("0.729", "0.237"), 245)
    >>> round(found.mean, 3), round(found.mean_low, 3), round(found.mean_high, 3)
    (0.03, 0.029, 0.031)
    """
    means = read_printed(after[0]), read_printed(before[0])
    low, high = over_corners(lambda a, b: a - b, *means)
    return ChangeSummary(
        n=n, mean=means[0].value - means[1].value, sd_before=read_printed(before[1]).value,
        sd_after=read_printed(after[1]).value, mean_low=low, mean_high=high,
    )  # fmt: skip


def summary_of_interval(change: tuple[str, str, str], n: int, *, level: float = 0.95) -> ChangeSummary:
    """Return the change from a printed mean change and its interval, by t with n - 1 degrees of freedom.

    Examples
    --------
    >>> found = summary_of_interval(("+0.06", "0.03", "0.09"), 202)
    >>> round(found.sd_change, 4), round(found.d_z_low, 3), round(found.d_z_high, 3)
    (0.2162, 0.238, 0.333)
    """
    mean, low, high = (read_printed(text) for text in change)
    sd = sd_from_interval(low.value, high.value, n, level=level).estimate
    allowed = check_interval(*change, level=level, df=n - 1)
    root = float(np.sqrt(n))
    return ChangeSummary(
        n=n, mean=mean.value, sd_change=sd, sd_low=allowed.std_error_low * root,
        sd_high=allowed.std_error_high * root, d_z_low=allowed.statistic_low / root,
        d_z_high=allowed.statistic_high / root, mean_low=mean.low, mean_high=mean.high,
    )  # fmt: skip


def summary_with_spread(change: str, n: int, *, of: ChangeSummary) -> ChangeSummary:
    """Return the change from a printed mean change alone, with the SD of change of another cohort.

    Examples
    --------
    >>> other = summary_of_interval(("+0.06", "0.03", "0.09"), 202)
    >>> round(summary_with_spread("+0.11", 140, of=other).sd_change, 4)
    0.2162
    """
    mean = read_printed(change)
    sizes = [end / sd for end in (mean.low, mean.high) for sd in (of.sd_low, of.sd_high)]
    return ChangeSummary(
        n=n, mean=mean.value, sd_change=of.sd_change, sd_low=of.sd_low, sd_high=of.sd_high,
        d_z_low=min(sizes), d_z_high=max(sizes), mean_low=mean.low, mean_high=mean.high,
    )  # fmt: skip


def cohort_effect(change: ChangeSummary, correlations: FloatArray, *, level: float = 0.95) -> CohortEffect:
    r"""Return the standardised change ``d_rm`` of a cohort at each of some correlations between the waves.

    Parameters
    ----------
    change : ChangeSummary
    correlations : ndarray of float, shape (m,)
        Above -1 and below 1.
    level : float

    Returns
    -------
    CohortEffect

    Notes
    -----
    :math:`d_{rm} = (M / s) \sqrt{2 (1 - r)}` with M the mean and s the SD of change: the change in SDs of the
    scores, where those at both waves are alike. Where the SDs at the waves are printed, s is
    :math:`\sqrt{s_1^2 + s_2^2 - 2 r s_1 s_2}` and the effect size hardly depends on r, but its error does;
    where an interval of the change is printed, s is known and the effect size falls as r rises. The error
    is that of `larstudy.stats.paired_effects.repeated_measures_d`.

    References
    ----------
    Lakens, D. (2013). Frontiers in Psychology, 4, 863.

    Examples
    --------
    >>> found = cohort_effect(ChangeSummary(n=25, mean=2.0, sd_change=4.0), np.array([0.5, 0.875]))
    >>> found.estimate.tolist()
    [0.5, 0.25]
    """
    r = np.asarray(correlations, dtype=float)
    estimates, errors, lows, highs = (np.empty(len(r)) for _ in range(4))
    for i, correlation in enumerate(r):
        factor = float(np.sqrt(2.0 * (1.0 - correlation)))
        if np.isnan(change.sd_change):
            sds = (change.sd_before, change.sd_after)
            sd = sd_of_change(*sds, float(correlation)).estimate
            lows[i], highs[i] = (end / sd * factor for end in (change.mean_low, change.mean_high))
        else:
            sd = change.sd_change
            # SDs that are not known are taken to be alike, and so follow from the SD of change.
            known = not np.isnan(change.sd_before)
            sds = (change.sd_before, change.sd_after) if known else (sd / factor, sd / factor)
            lows[i], highs[i] = change.d_z_low * factor, change.d_z_high * factor
        found = repeated_measures_d(change.mean, np.array(sd), *sds, np.array(correlation), n=change.n)
        estimates[i], errors[i] = float(found[0]), float(found[1])
    half = float(special.ndtri(0.5 + level / 2.0)) * errors
    return CohortEffect(
        correlation=r, estimate=estimates, std_error=errors, conf_low=estimates - half,
        conf_high=estimates + half, low=lows, high=highs,
    )  # fmt: skip
