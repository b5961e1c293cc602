"""Analyses of the groups' difference in change as contrasts of ``follow-up - slope * baseline``.

They differ in the slope and in how well they claim to know it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from larstudy.names import INDEPENDENT
from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.distributions import t_quantile, t_two_sided
from larstudy.stats.linear import Estimates
from larstudy.stats.within_groups import (
    WithinGroups,
    contrast_of_means,
    contrast_reasons,
    too_few,
)

AnalysisName = Literal["change_score", "ancova", "ancova_corrected", "constrained_baseline"]

NO_RESIDUAL = "the model fits without any residual: no test"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlopeModel:
    """What an analysis takes from the follow-up for one unit of baseline, and what it leaves.

    Attributes
    ----------
    slope, slope_variance : float
        The slope, and its squared standard error (0 where it is not estimated).
    variance : float
        Within the groups, of ``follow-up - slope * baseline``.
    df : float
        Degrees of freedom for t.
    reason : str
        Why there is no test; empty where there is.
    """

    slope: float
    slope_variance: float
    variance: float
    df: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAnalysis:
    """One way to compare groups in their change between two waves.

    Attributes
    ----------
    name : str
        ``change_score``, ``ancova``, ``ancova_corrected`` or ``constrained_baseline``.
    assumption : str
        What must hold for the contrasts to be effects of what sets the groups apart, in plain words.
    reliability : float
        Of the baseline within the groups, as assumed; NaN where the analysis assumes none.
    slope : float
        The contrast of the baselines is taken from that of the follow-ups this many times.
    estimates : Estimates
        One a contrast, in the unit of the score; NaN where the contrast has a reason.
    reasons : tuple of str
        One a contrast: why its numbers are NaN; empty where they are not. What concerns the whole analysis
        is in ``estimates.reason`` too.
    errors : str
        ``independent``, or how the errors allow for clusters.
    """

    name: AnalysisName
    assumption: str
    reliability: float
    slope: float
    estimates: Estimates
    reasons: tuple[str, ...]
    errors: str = INDEPENDENT


def _no_model(slope: float, df: float, reason: str) -> SlopeModel:
    return SlopeModel(slope=slope, slope_variance=np.nan, variance=np.nan, df=df, reason=reason)


def change_score_model(sums: WithinGroups) -> SlopeModel:
    """Return the comparison of changes: the slope is 1, and no estimate.

    Examples
    --------
    >>> from larstudy.stats.within_groups import within_groups
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> change_score_model(sums).variance
    0.25
    """
    df = float(max(sums.n - sums.groups, 0))
    if sums.reason:
        return _no_model(np.nan, df, sums.reason)
    variance = sums.change_ss / df
    if sums.negligible(variance):
        return _no_model(1.0, df, "no spread within the groups: no test")
    return SlopeModel(slope=1.0, slope_variance=0.0, variance=variance, df=df, reason="")


def common_slope_model(sums: WithinGroups) -> SlopeModel:
    """Return the regression of the follow-up on the baseline with one slope: the analysis of covariance.

    Examples
    --------
    >>> from larstudy.stats.within_groups import within_groups
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> model = common_slope_model(sums)
    >>> model.slope, model.variance, model.slope_variance, model.df
    (0.75, 0.25, 0.0625, 1.0)
    """
    df = float(max(sums.n - sums.groups - 1, 0))
    if sums.reason:
        return _no_model(np.nan, df, sums.reason)
    if np.isnan(sums.slope):
        return _no_model(np.nan, df, "nobody differs at baseline from the others of the group: no slope")
    if df < 1:
        return _no_model(sums.slope, df, too_few(sums.n, sums.groups) + " and a slope")
    variance = sums.residual_ss / df
    if sums.negligible(variance):
        return _no_model(sums.slope, df, NO_RESIDUAL)
    return SlopeModel(
        slope=sums.slope,
        slope_variance=variance / sums.before_ss,
        variance=variance,
        df=df,
        reason="",
    )


def ancova_model(sums: WithinGroups) -> SlopeModel:
    """Return the analysis of covariance; without the baseline where that is one number for everybody.

    The groups then start alike, and there is nothing to take from the follow-up: its contrasts are those of
    the change, with one degree of freedom more than with a slope, and the slope is NaN.

    Examples
    --------
    >>> from larstudy.stats.within_groups import within_groups
    >>> sums = within_groups(np.full(4, 7.0), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> model = ancova_model(sums)
    >>> model.slope, model.variance, model.df, model.reason
    (nan, 1.25, 2.0, '')
    """
    started = sums.before_means[sums.counts > 0]
    if sums.reason or not np.isnan(sums.slope) or not sums.negligible(float(np.ptp(started)) ** 2):
        return common_slope_model(sums)
    df = float(sums.n - sums.groups)
    variance = sums.after_ss / df
    reason = NO_RESIDUAL if sums.negligible(variance) else ""
    return SlopeModel(slope=np.nan, slope_variance=0.0, variance=variance, df=df, reason=reason)


def t_estimates(
    estimate: FloatArray, variance: FloatArray, df: float, reason: str, level: float
) -> Estimates:
    """Return estimates with errors, t tests and intervals; with a reason, the estimates alone.

    Examples
    --------
    >>> t_estimates(np.array([2.0]), np.array([1.0]), 10, "", 0.95).p_value.round(6).tolist()
    [0.073388]
    """
    error = np.sqrt(np.full(len(estimate), np.nan) if reason else variance)
    statistic = estimate / error
    margin = t_quantile(level, df) * error
    return Estimates(
        estimate=estimate,
        std_error=error,
        statistic=statistic,
        df=np.full(len(estimate), float(df)),
        p_value=t_two_sided(statistic, df),
        conf_low=estimate - margin,
        conf_high=estimate + margin,
        reason=reason,
    )


def slope_contrasts(
    sums: WithinGroups, model: SlopeModel, contrasts: FloatArray, *, unusable: BoolArray, level: float
) -> Estimates:
    r"""Return contrasts of the groups in ``follow-up - slope * baseline``.

    Parameters
    ----------
    sums : WithinGroups
    model : SlopeModel
    contrasts : ndarray, shape (q, k)
        One row a contrast; its weights add up to zero.
    unusable : ndarray of bool, shape (q,)
        Contrasts that stay NaN.
    level : float
        Confidence level.

    Returns
    -------
    Estimates

    Notes
    -----
    .. math:: \hat\theta = \sum_g c_g (\bar y_g - s \bar x_g), \qquad
       \mathrm{var}\,\hat\theta = v \sum_g c_g^2 / n_g + (\sum_g c_g \bar x_g)^2 \mathrm{var}\,s

    with :math:`v` the variance of :math:`y - s x` within the groups; slope and means are independent under
    bivariate normality. For the regression slope this is the usual error of an adjusted mean difference.

    Examples
    --------
    >>> from larstudy.stats.within_groups import within_groups
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> found = slope_contrasts(
    ...     sums, common_slope_model(sums), np.array([[-1.0, 1.0]]), unusable=np.array([False]), level=0.95
    ... )
    >>> found.estimate.tolist(), found.std_error.round(6).tolist()
    ([-2.25], [0.559017])
    """
    start = contrast_of_means(contrasts, sums.before_means)
    end = contrast_of_means(contrasts, sums.after_means)
    # A slope that is not known, where there is a model, is one that takes nothing: all start alike.
    slope = 0.0 if np.isnan(model.slope) and not np.isnan(model.slope_variance) else model.slope
    estimate = np.where(unusable, np.nan, end - slope * start)
    inverse = np.divide(1.0, sums.counts, out=np.zeros(len(sums.counts)), where=sums.counts > 0)
    variance = model.variance * (contrasts**2 @ inverse) + start**2 * model.slope_variance
    return t_estimates(estimate, np.where(unusable, np.nan, variance), model.df, model.reason, level)


def change_analysis(
    name: AnalysisName,
    sums: WithinGroups,
    model: SlopeModel,
    contrasts: FloatArray,
    *,
    assumption: str,
    reliability: float = np.nan,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> ChangeAnalysis:
    """Return one analysis of the groups' difference in change, with its assumption and its reasons.

    Examples
    --------
    >>> from larstudy.stats.within_groups import against_reference, within_groups
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> found = change_analysis(
    ...     "change_score", sums, change_score_model(sums), against_reference(2), assumption="none"
    ... )
    >>> found.estimates.estimate.tolist(), found.reasons
    ([-2.5], ('',))
    """
    of_contrasts = contrast_reasons(sums, contrasts, names)
    unusable = np.array([bool(reason) for reason in of_contrasts], dtype=bool)
    return ChangeAnalysis(
        name=name,
        assumption=assumption,
        reliability=reliability,
        slope=model.slope,
        estimates=slope_contrasts(sums, model, contrasts, unusable=unusable, level=level),
        reasons=tuple(reason or model.reason for reason in of_contrasts),
    )
