"""How much more one group changed than another, in units of standard deviations."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.conversions import correlation_from_sds
from larstudy.stats.distributions import noncentral_t_limits
from larstudy.stats.effect_sizes import hedges_correction
from larstudy.stats.paired import paired_change, same_to_rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChange:
    """The changes of one group, follow-up minus baseline, as printed or from `group_change`.

    Attributes
    ----------
    n : int
        Persons with both waves.
    mean, sd : float
        Of their changes; SD with n - 1.
    """

    n: int
    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupWaves:
    """Two waves of one group, as printed or from `group_waves`.

    Attributes
    ----------
    n : int
        Persons with both waves.
    before_mean, before_sd, after_mean, after_sd : float
        SDs with n - 1.
    change_sd : float
        SD of the changes; NaN where it is not known.
    """

    n: int
    before_mean: float
    before_sd: float
    after_mean: float
    after_sd: float
    change_sd: float = np.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEffect:
    """Difference between two groups in mean change, over the pooled SD of the changes.

    Attributes
    ----------
    estimate : float
        Mean change of the first group minus that of the second, in the unit of the score.
    sd_pooled : float
        Pooled SD of the changes.
    d_change, d_change_low, d_change_high : float
        ``estimate / sd_pooled``, exact interval by the noncentral t.
    g_change, g_change_low, g_change_high : float
        The same times ``correction``.
    g_change_std_error : float
        Large-sample error of ``g_change``, for a meta-analysis.
    correction : float
        Hedges' exact factor for ``df``.
    df : int
        Persons minus two.
    n_first, n_second : int
    reason : str
        Why numbers are NaN; empty where none is.
    """

    estimate: float
    sd_pooled: float
    d_change: float
    d_change_low: float
    d_change_high: float
    g_change: float
    g_change_low: float
    g_change_high: float
    g_change_std_error: float
    correction: float
    df: int
    n_first: int
    n_second: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrePostControlEffect:
    """Difference between two groups in mean change, over the pooled SD before.

    Attributes
    ----------
    estimate : float
        Mean change of the first group minus that of the second, in the unit of the score.
    sd_pooled : float
        Pooled SD at the first wave.
    d_ppc2, d_ppc2_low, d_ppc2_high : float
        ``correction * estimate / sd_pooled``, interval by the normal with the error below.
    d_ppc2_std_error : float
    correction : float
        Hedges' exact factor for the persons minus two.
    correlation : float
        Between the waves, within the groups: as given, or pooled.
    n_first, n_second : int
    reason : str
        Why numbers are NaN, all or a part; empty where none is.
    """

    estimate: float
    sd_pooled: float
    d_ppc2: float
    d_ppc2_low: float
    d_ppc2_high: float
    d_ppc2_std_error: float
    correction: float
    correlation: float
    n_first: int
    n_second: int
    reason: str


def group_change(before: FloatArray, after: FloatArray) -> GroupChange:
    """Return the changes of one group in summary.

    Parameters
    ----------
    before, after : ndarray of float, shape (n,)
        The same persons in the same order; no NaN.

    Returns
    -------
    GroupChange
        An SD within rounding error is zero; NaN with fewer than two persons.

    Examples
    --------
    >>> group_change(np.array([1.0, 2, 3]), np.array([2.0, 4, 6]))
    GroupChange(n=3, mean=2.0, sd=1.0)
    """
    change = paired_change(before, after)
    return GroupChange(n=change.n, mean=change.estimate, sd=_exact(change.sd, before, after))


def group_waves(before: FloatArray, after: FloatArray) -> GroupWaves:
    """Return the two waves of one group in summary.

    Parameters
    ----------
    before, after : ndarray of float, shape (n,)
        The same persons in the same order; no NaN.

    Returns
    -------
    GroupWaves
        An SD within rounding error is zero; NaN with fewer than two persons.

    Examples
    --------
    >>> found = group_waves(np.array([1.0, 2, 3]), np.array([2.0, 4, 6]))
    >>> found.before_sd, found.after_sd, found.change_sd
    (1.0, 2.0, 1.0)
    """
    change = paired_change(before, after)
    return GroupWaves(
        n=change.n,
        before_mean=change.before_mean,
        before_sd=_exact(change.before_sd, before),
        after_mean=change.after_mean,
        after_sd=_exact(change.after_sd, after),
        change_sd=_exact(change.sd, before, after),
    )


def _exact(sd: float, *made_from: FloatArray) -> float:
    return 0.0 if same_to_rounding(sd, *made_from) else sd


def _pooled(n_first: int, sd_first: float, n_second: int, sd_second: float) -> float:
    squares = (n_first - 1) * sd_first**2 + (n_second - 1) * sd_second**2
    return float(np.sqrt(squares / (n_first + n_second - 2)))


def _wrong(counts: tuple[int, int], means: tuple[float, ...], sds: tuple[float, float]) -> str:
    """Return why two groups cannot be compared; ``sds`` are those that are pooled."""
    if min(counts) < 2:
        return f"a group has n = {min(counts)}: no spread with fewer than two persons"
    if not np.isfinite(means + sds).all():
        return "a mean or a standard deviation is missing"
    if min(sds) < 0:
        return f"a standard deviation is negative: {min(sds):g}"
    return "" if max(sds) > 0 else "no spread in either group: nothing to divide by"


def change_effect(first: GroupChange, second: GroupChange, *, level: float = 0.95) -> ChangeEffect:
    r"""Return the difference in mean change over the pooled SD of the changes.

    Parameters
    ----------
    first, second : GroupChange
        The first minus the second; at least two persons in each.
    level : float
        Confidence level.

    Returns
    -------
    ChangeEffect
        NaN with the reason where there is no spread, or a number is missing or cannot be.

    Notes
    -----
    With :math:`t = d\sqrt{n_1 n_2 / (n_1 + n_2)}`, the limits are those of the noncentrality of t with
    :math:`n_1 + n_2 - 2` degrees of freedom over the same root. They take the SDs of change as equal in the
    groups. The error is :math:`\sqrt{1/n_1 + 1/n_2 + g^2 / 2(n_1 + n_2)}`.

    References
    ----------
    Hedges, L. V. (1981). Journal of Educational Statistics, 6, 107-128. Steiger, J. H. (2004).
    Psychological Methods, 9, 164-182.

    Examples
    --------
    >>> found = change_effect(GroupChange(n=20, mean=6.0, sd=4.0), GroupChange(n=20, mean=4.0, sd=4.0))
    >>> found.d_change, round(found.g_change, 4), round(found.d_change_low, 3)
    (0.5, 0.4901, -0.133)
    """
    n, m = first.n, second.n
    reason = _wrong((n, m), (first.mean, second.mean), (first.sd, second.sd))
    sd = d = low = high = correction = error = np.nan
    if not reason:
        sd = _pooled(n, first.sd, m, second.sd)
        d = (first.mean - second.mean) / sd
        root = float(np.sqrt(n * m / (n + m)))
        low, high = (limit / root for limit in noncentral_t_limits(d * root, n + m - 2, level))
        correction = hedges_correction(n + m - 2)
        error = float(np.sqrt(1 / n + 1 / m + (correction * d) ** 2 / (2 * (n + m))))
        reason = "t is too large for intervals of the effect sizes" if np.isnan(low) else ""
    return ChangeEffect(
        estimate=first.mean - second.mean,
        sd_pooled=sd,
        d_change=d,
        d_change_low=low,
        d_change_high=high,
        g_change=d * correction,
        g_change_low=low * correction,
        g_change_high=high * correction,
        g_change_std_error=error,
        correction=correction,
        df=max(n + m - 2, 0),
        n_first=n,
        n_second=m,
        reason=reason,
    )


def _pooled_correlation(first: GroupWaves, second: GroupWaves) -> tuple[float, str]:
    """Return the correlation between the waves within the groups, and why there is none."""
    groups = (first, second)
    if np.isnan([group.change_sd for group in groups]).any():
        return np.nan, "neither a correlation nor the SDs of change: no interval"
    for group in groups:
        found = correlation_from_sds(group.before_sd, group.after_sd, group.change_sd)
        if found.reason:
            return np.nan, f"{found.reason}: no interval"
    freedom = np.array([group.n - 1.0 for group in groups])
    before, after, change = (
        float(freedom @ np.array(sds) ** 2)
        for sds in zip(*((g.before_sd, g.after_sd, g.change_sd) for g in groups), strict=True)
    )
    both = (before + after - change) / 2.0
    return float(np.clip(both / np.sqrt(before * after), -1.0, 1.0)), ""


def prepost_control_effect(
    first: GroupWaves, second: GroupWaves, *, correlation: float | None = None, level: float = 0.95
) -> PrePostControlEffect:
    r"""Return the difference in mean change over the pooled SD before: Morris' d_ppc2.

    Parameters
    ----------
    first, second : GroupWaves
        The first (treated) minus the second (control); at least two persons in each.
    correlation : float or None
        Between the waves, the same in both groups, from -1 to 1. None pools it from the SDs of change.
    level : float
        Confidence level.

    Returns
    -------
    PrePostControlEffect
        Without correlation and SDs of change the effect size stands and its interval is NaN with the reason.

    Notes
    -----
    With :math:`N = n_1 + n_2`, :math:`\tilde n = (n_1 + n_2)/(n_1 n_2)` and the correction :math:`c`,

    .. math:: d_{ppc2} = c\,\frac{M_1 - M_2}{s_{before}},\quad
        v = 2c^2(1-\rho)\tilde n\frac{N-2}{N-4}\Big(1 + \frac{\delta^2}{2(1-\rho)\tilde n}\Big) - \delta^2,

    with :math:`d_{ppc2}` for :math:`\delta`. The correction is exact; :math:`1 - 3/(4N - 9)` differs from it
    in the fourth digit. The variance takes the SDs as equal in groups and waves.

    References
    ----------
    Morris, S. B. (2008). Organizational Research Methods, 11, 364-386.

    Examples
    --------
    >>> treated = GroupWaves(n=20, before_mean=30.6, before_sd=15.0, after_mean=38.5, after_sd=11.6)
    >>> control = GroupWaves(n=20, before_mean=23.1, before_sd=13.8, after_mean=19.7, after_sd=14.8)
    >>> found = prepost_control_effect(treated, control, correlation=0.47)
    >>> round(found.d_ppc2, 2), round(found.d_ppc2_std_error, 3)
    (0.77, 0.34)
    """
    n, m = first.n, second.n
    estimate = (first.after_mean - first.before_mean) - (second.after_mean - second.before_mean)
    reason = _wrong((n, m), (estimate,), (first.before_sd, second.before_sd))
    sd = d = correction = margin = error = np.nan
    r = np.nan if correlation is None else correlation
    if not reason:
        sd = _pooled(n, first.before_sd, m, second.before_sd)
        correction = hedges_correction(n + m - 2)
        d = correction * estimate / sd
        r, reason = _checked(correlation, first, second)
        if n + m == 4:
            reason = reason or "two persons a group: too few for an interval"
    if not reason:
        stretch = correction**2 * (n + m - 2) / (n + m - 4)
        error = float(np.sqrt(stretch * 2.0 * (1.0 - r) * (1 / n + 1 / m) + (stretch - 1.0) * d**2))
        margin = float(special.ndtri(0.5 + level / 2.0)) * error
    return PrePostControlEffect(
        estimate=estimate,
        sd_pooled=sd,
        d_ppc2=d,
        d_ppc2_low=d - margin,
        d_ppc2_high=d + margin,
        d_ppc2_std_error=error,
        correction=correction,
        correlation=r,
        n_first=n,
        n_second=m,
        reason=reason,
    )


def _checked(correlation: float | None, first: GroupWaves, second: GroupWaves) -> tuple[float, str]:
    if correlation is None:
        return _pooled_correlation(first, second)
    if not -1 <= correlation <= 1:
        return np.nan, f"the correlation is {correlation:g}: it must be from -1 to 1"
    return correlation, ""
