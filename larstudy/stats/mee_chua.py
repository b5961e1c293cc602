"""Change in one group, tested against regression to the mean (Mee and Chua)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.slope_models import common_slope_model, t_estimates
from larstudy.stats.within_groups import WithinGroups, within_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class MeeChua:
    """A test of change in one group that regression to the mean does not mimic.

    Attributes
    ----------
    n : int
    population_mean : float
    gain, expected : float
        Observed mean change, and the part by regression to the mean.
    estimate, std_error, statistic, df, p_value, conf_low, conf_high : float
        What remains: the change of people who start at the population mean; two-sided t test.
    slope : float
        Of the follow-up on the baseline.
    reason : str
        Why numbers are NaN; empty where they are not.
    """

    n: int
    population_mean: float
    gain: float
    expected: float
    estimate: float
    std_error: float
    statistic: float
    df: float
    p_value: float
    conf_low: float
    conf_high: float
    slope: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeeChuaRange:
    """The test for every population mean between two.

    Attributes
    ----------
    at_low, at_high : MeeChua
        At the ends of the range.
    estimate_low, estimate_high, conf_low, conf_high : float
        Smallest and largest estimate, lowest lower and highest upper limit over the range.
    p_smallest, p_largest : float
        Over the range; the largest is 1 where the estimate changes its sign inside.
    no_change_at : float
        The population mean, inside the range or not, at which nothing remains: beyond it the sign turns.
        NaN where the slope is 1.
    reason : str
        Why numbers are NaN; empty where they are not.
    """

    at_low: MeeChua
    at_high: MeeChua
    estimate_low: float
    estimate_high: float
    conf_low: float
    conf_high: float
    p_smallest: float
    p_largest: float
    no_change_at: float
    reason: str


def mee_chua(
    before: FloatArray, after: FloatArray, *, population_mean: float, level: float = 0.95
) -> MeeChua:
    r"""Test whether one group changed by more than regression to a known mean.

    People who were picked, or came, because their baseline was low will be higher at follow-up without any
    effect. The test asks for the change of those who start at the population mean, where nothing regresses.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        The same persons in the same order, in the unit of the score. A NaN in ``after`` is a person who was
        not seen again and is not in ``n``; with one in ``before`` there is no result.
    population_mean : float
        Mean of the population that the group was picked from, the same at both waves without an effect.
    level : float
        Confidence level.

    Returns
    -------
    MeeChua
        NaN with a reason with fewer than three pairs or without a slope.

    Notes
    -----
    With :math:`\mu` the population mean, follow-up minus :math:`\mu` is regressed on baseline minus
    :math:`\mu`; the intercept is the effect, with n - 2 degrees of freedom:
    :math:`\bar y - \mu - b(\bar x - \mu)`, of variance :math:`\tau^2(1/n + (\bar x - \mu)^2/S_{xx})`.
    Picking by the baseline does not bend the regression, so the test holds in a picked group. It takes the
    effect to be the same wherever people start. Mee and Chua test one-sided; here p is two-sided.

    References
    ----------
    Mee, R. W., & Chua, T. C. (1991). The American Statistician, 45, 39-42.

    Examples
    --------
    >>> found = mee_chua(np.array([1.0, 2, 3, 4]), np.array([3.0, 3, 5, 5]), population_mean=5.0)
    >>> found.gain, round(found.expected, 6), round(found.estimate, 6)
    (1.5, 0.5, 1.0)
    """
    return _test(_one_group(before, after), population_mean, level)


def mee_chua_range(
    before: FloatArray, after: FloatArray, *, low: float, high: float, level: float = 0.95
) -> MeeChuaRange:
    r"""Test as `mee_chua` for every population mean from ``low`` to ``high``.

    Parameters
    ----------
    before, after, level
        As in `mee_chua`.
    low, high : float
        Between which the population mean is.

    Returns
    -------
    MeeChuaRange

    Notes
    -----
    The estimate is linear in the population mean and its error convex, so estimates and limits are extreme
    at the ends. With gain G, slope b, n pairs and the squares :math:`S_{xx}` of the baseline, t is largest
    in size at :math:`\bar x - (1-b)S_{xx}/(nG)` and zero at :math:`\bar x + G/(1-b)`; between them it
    runs one way.

    References
    ----------
    Ostermann, T., Willich, S. N., & Luedtke, R. (2008). BMC Medical Research Methodology, 8, 52.

    Examples
    --------
    >>> found = mee_chua_range(np.array([1.0, 2, 3, 4]), np.array([3.0, 3, 5, 5]), low=3.0, high=6.0)
    >>> round(found.estimate_low, 6), round(found.estimate_high, 6), round(found.no_change_at, 6)
    (0.8, 1.4, 10.0)
    """
    sums = _one_group(before, after)
    low, high = min(low, high), max(low, high)
    ends = [_test(sums, mean, level) for mean in (low, high)]
    if ends[0].reason:
        nowhere, p_values = np.nan, [np.nan]
    else:
        start, lost = float(sums.before_means[0]), 1.0 - ends[0].slope
        nowhere = start + ends[0].gain / lost if lost else np.nan
        p_values = [end.p_value for end in ends]
        steepest = start - lost * sums.before_ss / (sums.n * ends[0].gain) if ends[0].gain else np.nan
        if low < steepest < high:
            p_values.append(_test(sums, steepest, level).p_value)
        if low < nowhere < high:
            p_values.append(1.0)
    return MeeChuaRange(
        at_low=ends[0],
        at_high=ends[1],
        estimate_low=min(end.estimate for end in ends),
        estimate_high=max(end.estimate for end in ends),
        conf_low=min(end.conf_low for end in ends),
        conf_high=max(end.conf_high for end in ends),
        p_smallest=min(p_values),
        p_largest=max(p_values),
        no_change_at=nowhere,
        reason=ends[0].reason,
    )


def _one_group(before: FloatArray, after: FloatArray) -> WithinGroups:
    codes: IntArray = np.zeros(len(before), dtype=np.intp)
    return within_groups(before, after, codes, 1)


def _test(sums: WithinGroups, mean: float, level: float) -> MeeChua:
    model = common_slope_model(sums)
    start = float(sums.before_means[0])
    gain = float(sums.after_means[0]) - start
    expected = (1.0 - model.slope) * (mean - start)
    variance = model.variance / max(sums.n, 1) + (start - mean) ** 2 * model.slope_variance
    found = t_estimates(np.array([gain - expected]), np.array([variance]), model.df, model.reason, level)
    return MeeChua(
        n=sums.n,
        population_mean=float(mean),
        gain=gain,
        expected=expected,
        estimate=float(found.estimate[0]),
        std_error=float(found.std_error[0]),
        statistic=float(found.statistic[0]),
        df=model.df,
        p_value=float(found.p_value[0]),
        conf_low=float(found.conf_low[0]),
        conf_high=float(found.conf_high[0]),
        slope=model.slope,
        reason=model.reason,
    )
