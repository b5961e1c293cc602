"""Change of the same persons between two waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray
from larstudy.stats.distributions import t_quantile, t_two_sided
from larstudy.stats.effect_sizes import PairedEffect, paired_effect

_ROUNDING = 16 * float(np.finfo(float).eps)
_NO_EFFECT = PairedEffect(**dict.fromkeys(PairedEffect.__slots__, np.nan))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedChange:
    """Change between two waves in one group of persons.

    Attributes
    ----------
    n : int
        Persons with both waves.
    before_mean, before_sd, after_mean, after_sd : float
        At the two waves, in the unit of the score; SDs with n - 1.
    estimate, sd, std_error : float
        Mean change (after minus before), SD of the changes, and the standard error of the mean change.
    conf_low, conf_high : float
        Interval of the mean change, by t with n - 1 degrees of freedom.
    statistic, df, p_value : float
        Paired t test of no change, two-sided.
    correlation : float
        Between the two waves.
    effect : PairedEffect
        The change standardised in three ways.
    reason : str
        Why numbers are NaN, the test or a part beside it; empty where none is.
    """

    n: int
    before_mean: float
    before_sd: float
    after_mean: float
    after_sd: float
    estimate: float
    sd: float
    std_error: float
    conf_low: float
    conf_high: float
    statistic: float
    df: float
    p_value: float
    correlation: float
    effect: PairedEffect
    reason: str


def _centred(values: FloatArray) -> tuple[float, FloatArray]:
    """Return the mean, NaN of nobody, and the values about it."""
    if not len(values):
        return np.nan, values
    mean = float(np.add.reduce(values)) / len(values)
    return mean, values - mean


def _sd(centred: FloatArray, size: float) -> float:
    """Return the SD of values about their mean; none where it is rounding error of numbers of that size."""
    if len(centred) < 2:
        return np.nan
    sd = float(np.sqrt(_product(centred, centred) / (len(centred) - 1)))
    return 0.0 if sd <= _ROUNDING * size else sd


def _correlation(before: FloatArray, after: FloatArray, sds: float) -> float:
    """Return the correlation of values about their means; ``sds`` is the product of their SDs."""
    if not sds > 0:
        return np.nan
    return float(np.clip(_product(before, after) / (len(before) - 1) / sds, -1.0, 1.0))


def _product(first: FloatArray, second: FloatArray) -> float:
    """Return the sum of products: the same to the last bit wherever in memory the numbers stand.

    The scalar product of some linear algebra libraries goes by how its arguments are aligned.
    """
    return float(np.add.reduce(first * second))


def same_to_rounding(sd: float, *values: FloatArray) -> bool:
    """Say whether a spread is no more than rounding error of the values it came from.

    Examples
    --------
    >>> same_to_rounding(1e-15, np.array([3.0, 4.0]))
    True
    """
    return bool(sd <= _ROUNDING * max(map(_size, values)))


def _size(values: FloatArray) -> float:
    return float(np.abs(values).max(initial=0.0))


def _untested(n: int, sd: float) -> str:
    if n == 0:
        return "nobody has both waves"
    if n == 1:
        return "one person only: no spread, no test"
    if sd == 0:
        return "everybody changed by the same amount: no spread, no test"
    return ""


def _incomplete(effect: PairedEffect, n: int, sds: float) -> str:
    """Return why a part of a result that could be tested is missing."""
    if n == 2:
        return "two persons: too few for g_av"
    if np.isnan(effect.d_z_low):
        return "t is too large for intervals of the effect sizes"
    return "" if sds > 0 else "everybody alike at one wave: no correlation"


def paired_change(before: FloatArray, after: FloatArray, *, level: float = 0.95) -> PairedChange:
    """Return mean change, interval, paired t test and effect sizes.

    Parameters
    ----------
    before, after : ndarray of float, shape (n,)
        The same persons in the same order; no NaN.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    PairedChange
        With fewer than two persons, or no spread in the changes, the tests are NaN and ``reason`` says why.

    Notes
    -----
    ``t = mean(d) / (sd(d) / sqrt(n))`` with ``d = after - before`` and n - 1 degrees of freedom.

    Examples
    --------
    >>> result = paired_change(np.array([1.0, 2.0, 3.0, 4.0]), np.array([2.0, 4.0, 4.0, 6.0]))
    >>> result.estimate, round(result.statistic, 6), round(result.p_value, 6)
    (1.5, 5.196152, 0.013847)
    """
    n = len(before)
    estimate, change = _centred(after - before)
    before_mean, before_centred = _centred(before)
    after_mean, after_centred = _centred(after)
    sizes = _size(before), _size(after)
    # What is left of a sum that is zero is rounding error, and no change.
    estimate = 0.0 if abs(estimate) <= _ROUNDING * max(sizes) else estimate
    sd, before_sd, after_sd = (
        _sd(change, max(sizes)),
        _sd(before_centred, sizes[0]),
        _sd(after_centred, sizes[1]),
    )
    reason = _untested(n, sd)
    error, margin, statistic, p_value, effect = np.nan, np.nan, np.nan, np.nan, _NO_EFFECT
    if not reason:
        error = float(sd / np.sqrt(n))
        margin = t_quantile(level, n - 1) * error
        statistic = estimate / error
        p_value = float(t_two_sided(statistic, n - 1))
        effect = paired_effect(estimate, sd, before_sd, after_sd, n=n, level=level)
        reason = _incomplete(effect, n, before_sd * after_sd)
    return PairedChange(
        n=n,
        before_mean=before_mean,
        before_sd=before_sd,
        after_mean=after_mean,
        after_sd=after_sd,
        estimate=estimate,
        sd=sd,
        std_error=error,
        conf_low=estimate - margin,
        conf_high=estimate + margin,
        statistic=statistic,
        df=n - 1 if n > 1 else np.nan,
        p_value=p_value,
        correlation=_correlation(before_centred, after_centred, before_sd * after_sd),
        effect=effect,
        reason=reason,
    )
