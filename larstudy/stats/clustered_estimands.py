"""Analyses of the groups' difference in change, and regression to the mean, with errors for clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from larstudy.names import JACKKNIFE
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.cluster_jackknife import jackknife_estimates, left_out_clusters
from larstudy.stats.cluster_moments import ClusterKind
from larstudy.stats.clustered_groups import ONE_CLUSTER
from larstudy.stats.clusters import cluster_combinations, cluster_robust
from larstudy.stats.group_design import group_design
from larstudy.stats.linear import Estimates
from larstudy.stats.regression_to_mean import RegressionToMean, regression_to_mean
from larstudy.stats.slope_models import ChangeAnalysis

_ROUNDING = 64 * float(np.finfo(float).eps)


def clustered_analyses(
    analyses: Sequence[ChangeAnalysis],
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    clusters: IntArray,
    *,
    contrasts: FloatArray,
    kind: ClusterKind = "CR2",
    level: float = 0.95,
) -> tuple[ChangeAnalysis, ...]:
    r"""Return the same analyses with errors that hold when persons of one cluster are alike.

    Parameters
    ----------
    analyses : sequence of ChangeAnalysis
        With independent errors, of these persons and contrasts.
    before, after, codes, k
        As for `larstudy.stats.estimands.four_analyses`.
    clusters : ndarray of int, shape (n,)
        Cluster of each person; of those without a group or a follow-up it is not looked at.
    contrasts : ndarray, shape (q, k)
        Weights that add up to zero.
    kind : {"CR1", "CR1S", "CR2", "CR3"}
        For what is one least-squares fit.
    level : float
        Confidence level.

    Returns
    -------
    tuple of ChangeAnalysis
        The same estimates; ``errors`` says how they allow for clusters, and a contrast without an error has
        a reason.

    Notes
    -----
    The change score and the analysis of covariance are least squares, and so are the contrasts of the
    constrained baseline: those of the analysis of covariance exactly, whoever is lost, because the mean that
    all groups share cancels. All three have `cluster_robust` errors. The corrected analysis is
    none: its residuals :math:`y - x b/r` are not orthogonal to the baseline, so that they have no hat matrix
    whose bias CR2 could take away. It has the jackknife over clusters, with the reliability taken as known.

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
    multi-stage samples. Survey Methodology, 28, 169-181.

    Examples
    --------
    >>> from larstudy.stats.estimands import four_analyses
    >>> before = np.array([1.0, 2, 3, 4, 3, 4, 5, 6, 2, 5])
    >>> after = np.array([2.0, 2, 4, 4, 4, 4, 6, 6, 3, 7])
    >>> codes, clusters = np.array([0, 0, 0, 0, 1, 1, 1, 1, 0, 1]), np.array([0, 1, 2, 3, 0, 1, 2, 3, 0, 1])
    >>> found = four_analyses(before, after, codes, 2, reliability=0.9)
    >>> nested = clustered_analyses(
    ...     found.analyses, before, after, codes, 2, clusters, contrasts=found.contrasts
    ... )
    >>> for analysis in nested:
    ...     print(analysis.name, analysis.errors, analysis.estimates.std_error.round(3))
    change_score CR2 [0.294]
    ancova CR2 [0.467]
    ancova_corrected jackknife over clusters [0.77]
    constrained_baseline CR2 [0.467]
    """
    arrays = (before, after, codes, k, clusters)
    found = []
    for analysis in analyses:
        jackknifed = analysis.name == "ancova_corrected"
        if analysis.estimates.reason:
            estimates, reasons = analysis.estimates, analysis.reasons
        elif jackknifed:
            estimates, reasons = _jackknifed(analysis, *arrays, contrasts, level)
        else:
            estimates, reasons = _least_squares(analysis, *arrays, contrasts, kind, level)
        errors = JACKKNIFE if jackknifed else kind
        found.append(replace(analysis, estimates=estimates, reasons=reasons, errors=errors))
    return tuple(found)


def _least_squares(
    analysis: ChangeAnalysis,
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    clusters: IntArray,
    contrasts: FloatArray,
    kind: ClusterKind,
    level: float,
) -> tuple[Estimates, tuple[str, ...]]:
    """Return the contrasts of a least-squares fit; a contrast with a reason keeps it."""
    paired = (codes >= 0) & ~np.isnan(after)
    present = np.flatnonzero(np.bincount(codes[paired], minlength=k))
    start, end = before[paired], after[paired]
    change = analysis.name == "change_score"
    design = group_design(
        np.searchsorted(present, codes[paired]),
        len(present),
        reference=0,
        covariates=np.empty((len(start), 0)) if change else start[:, None],
    )
    fit = cluster_robust(
        design.matrix,
        end - start if change else end,
        clusters[paired],
        kind=kind,
        size=_size(start, end),
        level=level,
    )
    own = np.array([bool(reason) for reason in analysis.reasons], dtype=bool)
    # What has a reason may have weights that are no numbers, or speak of a group that has nobody.
    asked = np.where(own[:, None], 0.0, contrasts[:, present])
    found = cluster_combinations(fit, asked @ design.means, level=level)
    estimates = replace(found, estimate=analysis.estimates.estimate, reason=fit.blocks.reason)
    reasons = tuple(
        reason or (fit.blocks.reason or ONE_CLUSTER) * bool(np.isnan(error))
        for reason, error in zip(analysis.reasons, found.std_error.tolist(), strict=True)
    )
    return estimates, reasons


def _jackknifed(
    analysis: ChangeAnalysis,
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    clusters: IntArray,
    contrasts: FloatArray,
    level: float,
) -> tuple[Estimates, tuple[str, ...]]:
    """Return the contrasts of the corrected analysis with errors by leaving out clusters."""
    left = left_out_clusters(before, after, codes, k, clusters)
    slopes = left.slopes[:, None] / analysis.reliability
    adjusted = left.after_means - slopes * left.before_means
    # A group that nobody is left of counts only where the contrast has a weight for it.
    of_each = [adjusted[:, weights != 0] @ weights[weights != 0] for weights in contrasts]
    without = np.array(of_each).reshape(len(contrasts), len(slopes)).T
    noise = _ROUNDING * _size(before, after)
    return jackknife_estimates(
        analysis.estimates.estimate, without, reasons=analysis.reasons, noise=noise, level=level
    )


def _size(*values: FloatArray) -> float:
    return max(float(np.nanmax(np.abs(v), initial=0.0)) for v in values)


def clustered_regression_to_mean(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    clusters: IntArray,
    *,
    population_mean: float | None = None,
    reliability: float | None = None,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> RegressionToMean:
    r"""Part the gain of each group in regression to the mean and a remainder, with errors for clusters.

    Parameters
    ----------
    before, after, codes, k, population_mean, reliability, names, level
        As for `regression_to_mean`.
    clusters : ndarray of int, shape (n,)
        Cluster of each person; below 0 where it is not known. Without ``population_mean`` that of everybody
        with a baseline counts, otherwise of those with a group and both waves.

    Returns
    -------
    RegressionToMean
        The estimates of `regression_to_mean`; a group without an error has a reason.

    Notes
    -----
    Slope, means of the groups and mean of everybody are estimated anew without each cluster; see
    `larstudy.stats.cluster_jackknife.jackknife_estimates`. CR2 is not defined here: the expected gain
    is a product of two estimates, and the mean of everybody rests on other persons than the slope. With the
    mean of everybody the remainder is the gain by the constrained baseline,
    :math:`\alpha_g + (b - 1)\mu_0`, so that this is the error of those gains too.

    Examples
    --------
    >>> before = np.array([1.0, 2, 3, 4, 3, 4, 5, 6, 2, 5])
    >>> after = np.array([2.0, 2, 4, 4, 4, 4, 6, 6, 3, 7])
    >>> codes, clusters = np.array([0, 0, 0, 0, 1, 1, 1, 1, 0, 1]), np.array([0, 1, 2, 3, 0, 1, 2, 3, 0, 1])
    >>> found = clustered_regression_to_mean(before, after, codes, 2, clusters)
    >>> found.remainder.estimate.round(3).tolist(), found.remainder.std_error.round(3).tolist()
    ([0.431, 0.969], [0.51, 0.266])
    """
    found = regression_to_mean(
        before, after, codes, k, population_mean=population_mean, reliability=reliability, names=names,
        level=level,
    )  # fmt: skip
    if found.reason:
        return found
    own = population_mean is None
    counted = np.ones(len(codes), dtype=bool) if own else (codes >= 0) & ~np.isnan(after)
    unknown = int((clusters[counted] < 0).sum())
    reasons = list(found.reasons)
    if unknown:
        who = "one person" if unknown == 1 else f"{unknown} persons"
        reasons = [reason or f"the cluster of {who} with a baseline is not known" for reason in reasons]
    left = left_out_clusters(before, after, codes, k, clusters, everybody=own)
    slopes = left.slopes if reliability is None else np.full(len(left.slopes), reliability)
    centre = left.baseline_means if own else np.full(len(slopes), population_mean)
    expected = (1.0 - slopes)[:, None] * (centre[:, None] - left.before_means)
    gains = left.after_means - left.before_means
    noise = _ROUNDING * _size(before, after)
    (in_expected, _), (remainder, why) = (
        jackknife_estimates(estimate, without, reasons=reasons, noise=noise, level=level)
        for estimate, without in (
            (found.expected.estimate, expected),
            (found.remainder.estimate, gains - expected),
        )
    )
    return replace(found, expected=in_expected, remainder=remainder, reasons=why)
