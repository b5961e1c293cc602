"""Two waves by likelihood, with one baseline mean for all groups and follow-ups missing at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.linear import Estimates
from larstudy.stats.slope_models import (
    ChangeAnalysis,
    SlopeModel,
    change_analysis,
    common_slope_model,
    t_estimates,
)
from larstudy.stats.within_groups import WithinGroups, against_reference, group_reasons, within_groups

Likelihood = Literal["ml", "reml"]
SlopeError = Literal["estimated", "known"]

ASSUMPTION = (
    "All groups come from people with one and the same average at the start, and people who start alike, as "
    "the baseline measures it, would end alike; those lost would have answered as others of their group who "
    "started alike."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstrainedBaseline:
    """The bivariate normal model of two waves in which all groups share the baseline mean.

    Attributes
    ----------
    analysis : ChangeAnalysis
        The contrasts of the groups: alike for follow-up and for change, because all start from one mean.
    gains : Estimates
        Expected follow-up of each group minus the common baseline mean, shape (k,).
    gain_reasons : tuple of str
        One a group: why its gain is NaN.
    baseline_mean, baseline_std_error : float
        Of everybody with a baseline, those lost and those without a group included.
    baseline_variance, follow_up_variance, correlation : float
        Within the groups, as the model sees them.
    log_likelihood : float
        At its maximum; for ``"reml"`` the restricted one.
    n, baseline_n : int
        Pairs, and persons with a baseline.
    lost : ndarray, shape (k,)
        Persons of each group without a follow-up.
    ungrouped : int
        Persons without a group, who count in the baseline mean only.
    reason : str
        Why there is no model, or no test; empty where there is.
    """

    analysis: ChangeAnalysis
    gains: Estimates
    gain_reasons: tuple[str, ...]
    baseline_mean: float
    baseline_std_error: float
    baseline_variance: float
    follow_up_variance: float
    correlation: float
    log_likelihood: float
    n: int
    baseline_n: int
    lost: FloatArray
    ungrouped: int
    reason: str


def constrained_slope_model(
    sums: WithinGroups, *, method: Likelihood = "reml", slope_error: SlopeError = "estimated"
) -> SlopeModel:
    """Return the regression of the follow-up on the baseline as the likelihood sees it.

    Examples
    --------
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> constrained_slope_model(sums).variance, constrained_slope_model(sums, method="ml").variance
    (0.125, 0.0625)
    """
    model = common_slope_model(sums)
    if model.reason:
        return model
    variance = sums.residual_ss / (sums.n if method == "ml" else sums.n - sums.groups)
    return SlopeModel(
        slope=model.slope,
        slope_variance=variance / sums.before_ss if slope_error == "estimated" else 0.0,
        variance=variance,
        df=model.df,
        reason="",
    )


def constrained_baseline(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    *,
    contrasts: FloatArray | None = None,
    method: Likelihood = "reml",
    slope_error: SlopeError = "estimated",
    names: Sequence[str] = (),
    level: float = 0.95,
) -> ConstrainedBaseline:
    r"""Fit two waves by likelihood with one baseline mean for all groups (cLDA).

    Parameters
    ----------
    before : ndarray, shape (n,)
        Baseline of everybody, in the unit of the score. With a NaN there is no result: the closed form holds
        where only follow-ups are missing.
    after : ndarray, shape (n,)
        Follow-up; NaN where a person was not seen again.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1, or -1 for none.
    k : int
    contrasts : ndarray, shape (q, k), optional
        Weights that add up to zero; every group against the first where not given.
    method : {"reml", "ml"}
        Restricted or full maximum likelihood.
    slope_error : {"estimated", "known"}
        Whether the errors know that the slope is an estimate. Programs for generalised least squares, such as
        ``nlme::gls``, treat it as known, which is too sure of itself where the groups differ at entry.
    names : sequence of str
        Names of the groups, for reasons.
    level : float
        Confidence level.

    Returns
    -------
    ConstrainedBaseline
        NaN with a reason where there is no slope; contrasts and gains of groups with fewer than two pairs
        have reasons of their own.

    Notes
    -----
    The likelihood is the product of that of all N baselines, :math:`N(\mu_0, \sigma_0^2)`, and that of the n
    follow-ups given baseline and group, :math:`N(\alpha_g + \beta x, \tau^2)`, without a common parameter.
    So :math:`\hat\mu_0 = \bar x`, :math:`\hat\sigma_0^2 = S_0/N`, :math:`\hat\beta` and
    :math:`\hat\alpha_g` are least squares and :math:`\hat\tau^2 = RSS/n`; by REML
    :math:`S_0/(N-1)` and :math:`RSS/(n-k)`, k counting groups with a pair. The gain of a group is
    :math:`\alpha_g + (\beta - 1)\mu_0`, with the variance
    :math:`\tau^2/n_g + (\mu_0 - \bar x_g)^2 \mathrm{var}\beta + (\beta-1)^2 \sigma_0^2/N`.

    The contrasts are those of the analysis of covariance exactly, whoever is lost; the errors differ by
    the divisor of :math:`\tau^2`. What the model adds are the gains, which use everybody's baseline. Errors
    by ``slope_error="known"`` and REML are those of ``nlme::gls``; with ML, gls multiplies them by
    :math:`\sqrt{M/(M-p)}` for M answers and p means. t with n - k - 1 degrees of freedom, where gls
    takes M - p.

    References
    ----------
    Liang, K.-Y., & Zeger, S. L. (2000). Sankhya B, 62, 134-148. Lu, K. (2010). Biometrics, 66, 891-896.

    Examples
    --------
    >>> before = np.array([1.0, 2, 3, 4, 3, 4, 5, 6])
    >>> after = np.array([2.0, 2, 4, 4, 3, 5, 5, np.nan])
    >>> found = constrained_baseline(before, after, np.repeat([0, 1], 4), 2)
    >>> found.baseline_mean, found.analysis.estimates.estimate.round(6).tolist()
    (3.5, [0.047619])
    """
    chosen = against_reference(k) if contrasts is None else contrasts
    sums = within_groups(before, after, codes, k)
    analysis = constrained_analysis(
        sums, chosen, method=method, slope_error=slope_error, names=names, level=level
    )
    model = constrained_slope_model(sums, method=method, slope_error=slope_error)
    # With a reason there may be one person, or nobody.
    baseline_n = sums.baseline_n
    free = baseline_n if method == "ml" else baseline_n - 1
    variance = np.nan if model.reason else sums.baseline_ss / free
    gain_reasons = group_reasons(sums, names)
    explained = model.slope**2 * variance
    follow_up_variance = model.variance + explained
    return ConstrainedBaseline(
        analysis=analysis,
        gains=_gains(sums, model, variance, gain_reasons, level),
        gain_reasons=tuple(own or model.reason for own in gain_reasons),
        baseline_mean=sums.baseline_mean,
        baseline_std_error=float(np.sqrt(variance / baseline_n)) if baseline_n else np.nan,
        baseline_variance=variance,
        follow_up_variance=follow_up_variance,
        correlation=float(np.sign(model.slope) * np.sqrt(explained / follow_up_variance)),
        log_likelihood=_log_likelihood(sums, model.variance, variance, method),
        n=sums.n,
        baseline_n=baseline_n,
        lost=sums.lost,
        ungrouped=sums.ungrouped,
        reason=model.reason,
    )


def constrained_analysis(
    sums: WithinGroups,
    contrasts: FloatArray,
    *,
    method: Likelihood = "reml",
    slope_error: SlopeError = "estimated",
    names: Sequence[str] = (),
    level: float = 0.95,
) -> ChangeAnalysis:
    """Return the contrasts of `constrained_baseline` from sums.

    Examples
    --------
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> constrained_analysis(sums, against_reference(2)).estimates.estimate.tolist()
    [-2.25]
    """
    return change_analysis(
        "constrained_baseline",
        sums,
        constrained_slope_model(sums, method=method, slope_error=slope_error),
        contrasts,
        assumption=ASSUMPTION,
        names=names,
        level=level,
    )


def _gains(
    sums: WithinGroups, model: SlopeModel, variance: float, reasons: tuple[str, ...], level: float
) -> Estimates:
    unusable = np.array([bool(reason) for reason in reasons], dtype=bool)
    apart = sums.baseline_mean - sums.before_means
    gain = (sums.after_means - sums.before_means) + (model.slope - 1.0) * apart
    inverse = np.divide(1.0, sums.counts, out=np.full(len(unusable), np.nan), where=sums.counts > 0)
    error = model.variance * inverse + apart**2 * model.slope_variance
    error += (model.slope - 1.0) ** 2 * variance / max(sums.baseline_n, 1)
    return t_estimates(
        np.where(unusable, np.nan, gain), np.where(unusable, np.nan, error), model.df, model.reason, level
    )


def _log_likelihood(sums: WithinGroups, residual: float, baseline: float, method: Likelihood) -> float:
    """Return the log likelihood of both waves at its maximum, the restricted one with its determinant."""
    if np.isnan(residual):
        return np.nan
    all_n, n = sums.baseline_n, sums.n
    if method == "ml":
        return float(
            -0.5 * ((all_n + n) * (np.log(2 * np.pi) + 1) + all_n * np.log(baseline) + n * np.log(residual))
        )
    free, left = all_n - 1, n - sums.groups
    determinant = np.log(all_n) + np.log(sums.counts[sums.counts > 0]).sum()
    return float(
        -0.5
        * (
            (free + left) * (np.log(2 * np.pi) + 1)
            + free * np.log(baseline)
            + left * np.log(residual)
            + determinant
        )
    )
