"""What printed summaries say beside what they print: SDs of change, means, pre-post correlations.

Every function takes numbers as an article prints them and returns a `Converted`: the number, what had to be
assumed for it, and why it is NaN where it cannot be had. Printed numbers are rounded, so that what is
converted from them is too; a t near zero or a p near one says little about an SD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.distributions import t_quantile

_NORMAL = "values are roughly normal"
#: Beyond one by no more than this, a correlation is one.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A number made from printed ones.

    Attributes
    ----------
    estimate : float
    assumptions : tuple of str
        What must hold for the number to be what it is called.
    reason : str
        Why the number is NaN; empty where it is not.
    """

    estimate: float
    assumptions: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedMean:
    """A mean and a standard deviation made from printed quantiles.

    Attributes
    ----------
    mean, sd : float
    n : int
    assumptions : tuple of str
        What must hold for the numbers to be what they are called.
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    mean: float
    sd: float
    n: int
    assumptions: tuple[str, ...]
    reason: str


def _converted(estimate: float, reason: str, *assumptions: str) -> Converted:
    return Converted(estimate=np.nan if reason else float(estimate), assumptions=assumptions, reason=reason)


def _few(n: int) -> str:
    return "" if n >= 2 else f"n is {n}: no spread with fewer than two persons"


def _first(*reasons: str) -> str:
    return next((reason for reason in reasons if reason), "")


def _finite(**values: float) -> str:
    """Say which value is missing or infinite."""
    return _first(*(f"{name} is not a number" for name, value in values.items() if not np.isfinite(value)))


def _sds(**values: float) -> str:
    """Say which SD is missing, negative or zero."""
    wrong = (f"{name} is {value:g}: it must be above zero" for name, value in values.items() if not value > 0)
    return _first(_finite(**values), *wrong)


def sd_from_std_error(std_error: float, n: int) -> Converted:
    """Return the SD that belongs to a standard error of a mean.

    Parameters
    ----------
    std_error : float
        Of the mean of n values, or of the mean change of n persons; above 0.
    n : int
        At least 2.

    Returns
    -------
    Converted
        ``std_error * sqrt(n)``: the SD of the values, or of the changes.

    Examples
    --------
    >>> sd_from_std_error(0.5, 16).estimate
    2.0
    """
    reason = _first(_few(n), _sds(std_error=std_error))
    return _converted(0.0 if reason else std_error * np.sqrt(n), reason, "the error is that of a plain mean")


def sd_from_interval(conf_low: float, conf_high: float, n: int, *, level: float = 0.95) -> Converted:
    """Return the SD that belongs to the interval of a mean.

    Parameters
    ----------
    conf_low, conf_high : float
    n : int
        Persons behind the mean, at least 2.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    Converted
        ``sqrt(n) (conf_high - conf_low) / (2 t)`` with t of n - 1 degrees of freedom.

    Examples
    --------
    >>> round(sd_from_interval(7.9361, 12.0639, 25).estimate, 3)
    5.0
    """
    reason = _first(
        _few(n),
        _finite(conf_low=conf_low, conf_high=conf_high),
        "" if conf_high > conf_low else "the interval has no width",
        "" if 0 < level < 1 else f"level is {level:g}: it must be between 0 and 1",
    )
    sd = 0.0 if reason else np.sqrt(n) * (conf_high - conf_low) / (2.0 * t_quantile(level, n - 1))
    return _converted(sd, reason, "the interval is by t with n - 1 degrees of freedom")


def sd_from_t(mean: float, t: float, n: int) -> Converted:
    """Return the SD of change that belongs to a mean change and its paired t.

    Parameters
    ----------
    mean : float
        Mean change; not zero.
    t : float
        Paired t statistic; its sign does not matter.
    n : int
        Persons with both waves, at least 2.

    Returns
    -------
    Converted
        ``|mean| sqrt(n) / |t|``.

    Examples
    --------
    >>> sd_from_t(2.0, 2.5, 25).estimate
    4.0
    """
    return _sd_from_test(mean, t, n, "t", "t is that of a paired test of no change")


def _sd_from_test(mean: float, t: float, n: int, name: str, *assumptions: str) -> Converted:
    """Return the SD of change from t; ``name`` is what the article prints."""
    reason = _first(
        _few(n),
        _finite(mean=mean, **{name: t}),
        "the mean change is zero: it says nothing of the spread" if mean == 0 else "",
        f"{name} is zero and the mean change is not: they cannot belong together" if t == 0 else "",
    )
    return _converted(0.0 if reason else abs(mean) * np.sqrt(n) / abs(t), reason, *assumptions)


def sd_from_f(mean: float, f: float, n: int) -> Converted:
    """Return the SD of change that belongs to a mean change and an F with 1 and n - 1 degrees of freedom.

    Parameters
    ----------
    mean : float
        Mean change; not zero.
    f : float
        Of time alone, in one group; above 0.
    n : int
        Persons with both waves, at least 2.

    Returns
    -------
    Converted
        ``|mean| sqrt(n / f)``.

    Examples
    --------
    >>> sd_from_f(2.0, 6.25, 25).estimate
    4.0
    """
    assumption = "F is that of time in one group: t squared"
    if f < 0:
        return _converted(np.nan, f"f is {f:g}: it must be above zero", assumption)
    return _sd_from_test(mean, float(np.sqrt(f)), n, "f", assumption)


def sd_from_p(mean: float, p_value: float, n: int) -> Converted:
    """Return the SD of change that belongs to a mean change and the two-sided p of its paired t test.

    Parameters
    ----------
    mean : float
        Mean change; not zero.
    p_value : float
        Two-sided, exact as printed ("p < .05" is not a p), above 0 and below 1.
    n : int
        Persons with both waves, at least 2.

    Returns
    -------
    Converted
        ``|mean| sqrt(n) / t`` with the t of n - 1 degrees of freedom that has this p.

    Examples
    --------
    >>> round(sd_from_p(2.0, 0.01965418, 25).estimate, 4)
    4.0
    """
    assumptions = ("p is two-sided and of a paired t test", "p is exact, not a bound")
    reason = _first(
        _finite(p_value=p_value),
        "" if 0 < p_value < 1 else f"p is {p_value:g}: it must be above 0 and below 1",
    )
    if reason:
        return _converted(np.nan, reason, *assumptions)
    # The lower tail itself: 1 - p would lose the digits of a small one.
    t = -float(special.stdtrit(n - 1, p_value / 2.0)) if n >= 2 else 1.0
    return _sd_from_test(mean, t, n, "p", *assumptions)


def mean_sd_from_median(median: float, q1: float, q3: float, n: int) -> ConvertedMean:
    r"""Return the mean and SD that belong to a median and quartiles.

    Parameters
    ----------
    median, q1, q3 : float
        With ``q1 <= median <= q3`` and ``q1 < q3``.
    n : int
        At least 2.

    Returns
    -------
    ConvertedMean

    Notes
    -----
    The third scenario of Wan et al.: ``(q1 + median + q3) / 3``, and the SD

    .. math:: (q_3 - q_1) \Big/ 2\Phi^{-1}\Big(\frac{0.75 n - 0.125}{n + 0.25}\Big).

    For skewed values, which is when medians are printed, both are off.

    References
    ----------
    Wan, X., Wang, W., Liu, J., & Tong, T. (2014). BMC Medical Research Methodology, 14, 135.

    Examples
    --------
    >>> found = mean_sd_from_median(10.0, 7.0, 13.0, 101)
    >>> found.mean, round(found.sd, 4)
    (10.0, 4.5126)
    """
    reason = _first(
        _few(n),
        _finite(median=median, q1=q1, q3=q3),
        "" if q1 <= median <= q3 else "the median is not between the quartiles",
        "the quartiles are the same: no spread" if q1 == q3 else "",
    )
    mean = sd = np.nan
    if not reason:
        mean = (q1 + median + q3) / 3.0
        sd = float((q3 - q1) / (2.0 * special.ndtri((0.75 * n - 0.125) / (n + 0.25))))
    assumptions = (_NORMAL, "q1 and q3 are quartiles of the sample")
    return ConvertedMean(mean=mean, sd=sd, n=n, assumptions=assumptions, reason=reason)


def sd_of_change(sd_before: float, sd_after: float, correlation: float) -> Converted:
    """Return the SD of change from the SDs at the two waves and the correlation between them.

    Parameters
    ----------
    sd_before, sd_after : float
        Of the same persons; not negative.
    correlation : float
        From -1 to 1.

    Returns
    -------
    Converted
        ``sqrt(sd_before**2 + sd_after**2 - 2 correlation sd_before sd_after)``.

    Examples
    --------
    >>> sd_of_change(3.0, 4.0, 0.0).estimate
    5.0
    """
    reason = _first(
        _finite(sd_before=sd_before, sd_after=sd_after, correlation=correlation),
        f"a standard deviation is negative: {min(sd_before, sd_after):g}"
        if min(sd_before, sd_after) < 0
        else "",
        f"the correlation is {correlation:g}: it must be from -1 to 1" if abs(correlation) > 1 else "",
    )
    if reason:
        return _converted(np.nan, reason, "both SDs are of the same persons")
    # The square of the difference first: with a correlation near one the rest cancels.
    variance = (sd_before - sd_after) ** 2 + 2.0 * (1.0 - correlation) * sd_before * sd_after
    return _converted(np.sqrt(variance), "", "both SDs are of the same persons")


def correlation_from_sds(sd_before: float, sd_after: float, sd_change: float) -> Converted:
    """Return the correlation between two waves from the SDs at both and the SD of change.

    Parameters
    ----------
    sd_before, sd_after : float
        Above 0.
    sd_change : float
        Not negative.

    Returns
    -------
    Converted
        ``(sd_before**2 + sd_after**2 - sd_change**2) / (2 sd_before sd_after)``; NaN with the reason where
        it is beyond -1 or 1, for then the SDs are not of the same persons, or rounded too much.

    Examples
    --------
    >>> correlation_from_sds(3.0, 4.0, 5.0).estimate
    0.0
    >>> correlation_from_sds(3.0, 4.0, 8.0).reason
    'the SDs cannot belong together: the correlation would be -1.62'
    """
    assumptions = ("all three SDs are of the same persons",)
    reason = _first(
        _sds(sd_before=sd_before, sd_after=sd_after),
        _finite(sd_change=sd_change),
        f"sd_change is {sd_change:g}: it must not be negative" if sd_change < 0 else "",
    )
    if reason:
        return _converted(np.nan, reason, *assumptions)
    spread = sd_change**2 - (sd_before - sd_after) ** 2
    found = 1.0 - spread / (2.0 * sd_before * sd_after)
    if abs(found) > 1.0 + _ROUNDING:
        reason = f"the SDs cannot belong together: the correlation would be {found:.3g}"
    return _converted(float(np.clip(found, -1.0, 1.0)), reason, *assumptions)


def correlation_from_t(mean: float, t: float, n: int, *, sd_before: float, sd_after: float) -> Converted:
    """Return the correlation between two waves from the paired t, the mean change and the SDs at both.

    Parameters
    ----------
    mean, t, n
        As in `sd_from_t`.
    sd_before, sd_after : float
        Above 0.

    Returns
    -------
    Converted
        NaN with the reason where the mean change or t is zero, so that the correlation is not identified, or
        where the numbers cannot belong together.

    Examples
    --------
    >>> round(correlation_from_t(2.0, 2.0, 25, sd_before=3.0, sd_after=4.0).estimate, 6)
    0.0
    """
    sd = sd_from_t(mean, t, n)
    if sd.reason:
        return _converted(np.nan, sd.reason, *sd.assumptions)
    found = correlation_from_sds(sd_before, sd_after, sd.estimate)
    return _converted(
        found.estimate, found.reason, *sd.assumptions, "both SDs are of the persons of the test"
    )
