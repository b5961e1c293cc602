"""Regression to the mean: the part of a group's gain that comes of where it started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.linear import Estimates
from larstudy.stats.slope_models import SlopeModel, common_slope_model, t_estimates
from larstudy.stats.within_groups import WithinGroups, group_reasons, within_groups


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionToMean:
    """Gains of k groups, parted in what regression to the mean gives and what remains.

    Attributes
    ----------
    population_mean : float
        The mean to which people regress.
    slope : float
        How much of a distance from it is left at follow-up: the slope within the groups, or the reliability.
    counts, baseline_means : ndarray, shape (k,)
        Of the persons with both waves.
    gains : ndarray, shape (k,)
        Observed, follow-up minus baseline. `paired_change` has their intervals.
    expected : Estimates
        The gain by regression to the mean alone, one a group. Its error is NaN where it is nothing for
        certain: with a reliability of 1, or one group whose own mean is taken for the population's.
    remainder : Estimates
        Observed minus expected, one a group.
    reasons : tuple of str
        One a group: why its numbers are NaN; empty where they are not.
    reason : str
        Why nothing can be parted, or tested; empty where it can.
    """

    population_mean: float
    slope: float
    counts: FloatArray
    baseline_means: FloatArray
    gains: FloatArray
    expected: Estimates
    remainder: Estimates
    reasons: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegressionToMeanRange:
    """The same for every population mean between two; arrays have shape (k,).

    Attributes
    ----------
    at_low, at_high : RegressionToMean
        At the ends of the range.
    expected_low, expected_high, remainder_low, remainder_high : ndarray
        Smallest and largest over the range.
    conf_low, conf_high : ndarray
        Of the remainder: the lowest lower and the highest upper limit over the range.
    zero_in_interval : ndarray of bool
        Whether zero is between them; False where they are NaN.
    """

    at_low: RegressionToMean
    at_high: RegressionToMean
    expected_low: FloatArray
    expected_high: FloatArray
    remainder_low: FloatArray
    remainder_high: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    zero_in_interval: BoolArray


def regression_to_mean(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    *,
    population_mean: float | None = None,
    reliability: float | None = None,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> RegressionToMean:
    r"""Part the gain of each group in regression to the mean and a remainder.

    Parameters
    ----------
    before : ndarray, shape (n,)
        Baseline, in the unit of the score; a NaN leaves nothing but its reason.
    after : ndarray, shape (n,)
        Follow-up; NaN where a person was not seen again.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1, or -1 for none.
    k : int
    population_mean : float, optional
        The mean that people regress to, known from elsewhere. Where not given it is the mean baseline of
        everybody, those lost and those without a group included, and its error counts: then what the whole
        sample regresses (people who came when they were worst) is not seen.
    reliability : float, optional
        In (0, 1]: takes the place of the slope, for regression by measurement error alone.
    names : sequence of str
        Names of the groups, for reasons.
    level : float
        Confidence level.

    Returns
    -------
    RegressionToMean
        A group with fewer than two pairs is NaN with its reason.

    Notes
    -----
    Under bivariate normality a group with mean baseline :math:`m` in a population with mean :math:`\mu` at
    both waves is expected to gain :math:`(1 - b)(\mu - m)`, with b the slope within the groups. By the delta
    method its variance is :math:`(1-b)^2 \mathrm{var}(\mu - m) + (\mu - m)^2 \mathrm{var}(b)`, and that of
    the remainder :math:`\tau^2/n_g + (\mu-m)^2 \mathrm{var}(b) + (1-b)^2 \mathrm{var}(\mu)`. With a known
    :math:`\mu`, :math:`\mathrm{var}(\mu - m) = s_x^2/n_g`; with the mean of all N it is
    :math:`s_x^2 (1/n_g - 1/N)`, and :math:`\mathrm{var}(\mu) = s_x^2/N`, group sizes taken as given. A
    reliability has no error. t with n - k - 1 degrees of freedom. In one group, with a known mean, the
    remainder is the test of Mee and Chua.

    References
    ----------
    Davis, C. E. (1976). American Journal of Epidemiology, 104, 493-498.

    Examples
    --------
    >>> before = np.array([1.0, 2, 3, 4, 3, 4, 5, 6])
    >>> after = np.array([2.0, 2, 4, 4, 4, 4, 6, 6])
    >>> found = regression_to_mean(before, after, np.repeat([0, 1], 4), 2)
    >>> found.slope, found.expected.estimate.round(6).tolist(), found.remainder.estimate.round(6).tolist()
    (0.8, [0.2, -0.2], [0.3, 0.7])
    """
    sums = within_groups(before, after, codes, k)
    mean = sums.baseline_mean if population_mean is None else float(population_mean)
    model = _regression_model(sums, reliability)
    reasons = group_reasons(sums, names)
    usable = np.array([not reason for reason in reasons], dtype=bool)
    means = np.where(usable, sums.before_means, np.nan)
    gains = np.where(usable, sums.after_means, np.nan) - means
    expected, remainder = _parts(sums, model, means, gains, mean, population_mean is None, level)
    return RegressionToMean(
        population_mean=mean,
        slope=model.slope,
        counts=sums.counts,
        baseline_means=sums.before_means,
        gains=gains,
        expected=expected,
        remainder=remainder,
        reasons=tuple(own or model.reason for own in reasons),
        reason=model.reason,
    )


def _regression_model(sums: WithinGroups, reliability: float | None) -> SlopeModel:
    """Return the slope within the groups, or the reliability in its place as a number without error."""
    model = common_slope_model(sums)
    if reliability is None or model.reason:
        return model
    possible = 0 < reliability <= 1
    spread = sums.residual_ss + (model.slope - reliability) ** 2 * sums.before_ss
    return SlopeModel(
        slope=reliability if possible else np.nan,
        slope_variance=0.0,
        variance=spread / (sums.n - sums.groups),
        df=model.df,
        reason="" if possible else "a reliability is above 0 and at most 1",
    )


def _parts(
    sums: WithinGroups,
    model: SlopeModel,
    means: FloatArray,
    gains: FloatArray,
    mean: float,
    estimated: bool,
    level: float,
) -> tuple[Estimates, Estimates]:
    """Return the expected part and the remainder; ``estimated`` says that the mean is that of everybody."""
    inverse = np.divide(1.0, sums.counts, out=np.full(len(means), np.nan), where=sums.counts > 0)
    spread = sums.before_ss / max(sums.n - sums.groups, 1)
    of_mean = 1.0 / sums.baseline_n if estimated and sums.baseline_n else 0.0
    apart, lost = mean - means, 1.0 - model.slope
    by_slope = apart**2 * model.slope_variance
    expected = lost * apart
    in_expected = lost**2 * spread * (inverse - of_mean) + by_slope
    # Nothing regresses where everybody is in one group and the mean is its own, or nothing is unreliable.
    none = in_expected <= (16 * np.finfo(float).eps * sums.size) ** 2
    in_remainder = model.variance * inverse + by_slope + lost**2 * spread * of_mean
    return (
        t_estimates(expected, np.where(none, np.nan, in_expected), model.df, model.reason, level),
        t_estimates(gains - expected, in_remainder, model.df, model.reason, level),
    )


def regression_to_mean_range(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    *,
    low: float,
    high: float,
    reliability: float | None = None,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> RegressionToMeanRange:
    """Part the gains for every population mean from ``low`` to ``high``.

    Parameters
    ----------
    before, after, codes, k, reliability, names, level
        As in `regression_to_mean`.
    low, high : float
        Between which the population mean is.

    Returns
    -------
    RegressionToMeanRange

    Notes
    -----
    The parts are linear in the population mean and the error is convex in it, so the ends of the range hold
    the extremes of estimates and limits.

    Examples
    --------
    >>> before = np.array([1.0, 2, 3, 4, 3, 4, 5, 6])
    >>> after = np.array([2.0, 2, 4, 4, 4, 4, 6, 6])
    >>> found = regression_to_mean_range(before, after, np.repeat([0, 1], 4), 2, low=3.5, high=5.0)
    >>> found.expected_low.round(6).tolist(), found.expected_high.round(6).tolist()
    ([0.2, -0.2], [0.5, 0.1])
    """
    ends = [
        regression_to_mean(
            before, after, codes, k, population_mean=mean, reliability=reliability, names=names, level=level
        )
        for mean in (low, high)
    ]
    expected = np.array([end.expected.estimate for end in ends])
    remainder = np.array([end.remainder.estimate for end in ends])
    conf_low = np.array([end.remainder.conf_low for end in ends]).min(axis=0)
    conf_high = np.array([end.remainder.conf_high for end in ends]).max(axis=0)
    return RegressionToMeanRange(
        at_low=ends[0],
        at_high=ends[1],
        expected_low=expected.min(axis=0),
        expected_high=expected.max(axis=0),
        remainder_low=remainder.min(axis=0),
        remainder_high=remainder.max(axis=0),
        conf_low=conf_low,
        conf_high=conf_high,
        zero_in_interval=(conf_low <= 0) & (conf_high >= 0),
    )
