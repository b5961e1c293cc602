"""Analysis of covariance with a baseline that is measured with error."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.slope_models import (
    ChangeAnalysis,
    SlopeModel,
    change_analysis,
    common_slope_model,
)
from larstudy.stats.within_groups import WithinGroups, against_reference, within_groups


def smallest_reliability(sums: WithinGroups) -> float:
    """Return the squared correlation of the waves within the groups.

    Below it no reliability is possible: the follow-up would correlate above 1 with the true baseline.

    Examples
    --------
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> smallest_reliability(sums)  # slope 0.75, squares 4 and 2.5: 0.5625 * 4 / 2.5
    0.9
    """
    return float(sums.slope**2 * sums.before_ss / sums.after_ss) if sums.after_ss > 0 else 0.0


def _why_not(sums: WithinGroups, reliability: float) -> str:
    if not 0 < reliability <= 1:
        return "a reliability is above 0 and at most 1"
    smallest = smallest_reliability(sums)
    if reliability < smallest * (1 - 1e-12):
        return (
            f"a reliability of {reliability:g} is below {smallest:.2g}, the squared correlation of the "
            "waves: the follow-up would correlate above 1 with the true baseline"
        )
    return ""


def corrected_slope_model(sums: WithinGroups, reliability: float) -> SlopeModel:
    r"""Return the slope on the true baseline, its error, and the spread that it leaves.

    Parameters
    ----------
    sums : WithinGroups
    reliability : float
        Of the baseline within the groups, taken as known.

    Returns
    -------
    SlopeModel
        NaN with a reason where the reliability is outside (0, 1] or smaller than is possible.

    Notes
    -----
    With :math:`b` the slope within the groups, :math:`\tau^2` its residual variance, :math:`s_x^2` the
    variance of the baseline within the groups and :math:`r` the reliability, the slope is :math:`b/r`, its
    variance :math:`\mathrm{var}(b)/r^2`, and :math:`y - x b/r` has the variance
    :math:`\tau^2 + (b - b/r)^2 s_x^2`. With r = 1 it is the analysis of covariance.

    Examples
    --------
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> corrected_slope_model(sums, 0.9).slope.__round__(6)
    0.833333
    """
    model = common_slope_model(sums)
    reason = model.reason or _why_not(sums, reliability)
    if reason:
        return SlopeModel(slope=np.nan, slope_variance=np.nan, variance=np.nan, df=model.df, reason=reason)
    slope = model.slope / reliability
    spread = sums.before_ss / (sums.n - sums.groups)
    return SlopeModel(
        slope=slope,
        slope_variance=model.slope_variance / reliability**2,
        variance=model.variance + (model.slope - slope) ** 2 * spread,
        df=model.df,
        reason="",
    )


def corrected_analysis(
    sums: WithinGroups,
    contrasts: FloatArray,
    *,
    reliability: float,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> ChangeAnalysis:
    """Return the corrected analysis of covariance from sums; `corrected_ancova` says what it is.

    Examples
    --------
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 1, 1]), 2)
    >>> corrected_analysis(sums, against_reference(2), reliability=1.0).estimates.estimate.tolist()
    [-2.25]
    """
    return change_analysis(
        "ancova_corrected",
        sums,
        corrected_slope_model(sums, reliability),
        contrasts,
        assumption=(
            "People who truly start alike would end alike, whatever their group, and of the spread of "
            f"the baseline within the groups a share of {reliability:g} is true."
        ),
        reliability=reliability,
        names=names,
        level=level,
    )


def corrected_ancova(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    *,
    reliability: float,
    contrasts: FloatArray | None = None,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> ChangeAnalysis:
    r"""Compare k groups at follow-up among people whose true baseline is the same.

    Error in the baseline flattens the slope within the groups, so that the analysis of covariance takes too
    little of the groups' difference at entry away. Here the slope is divided by the reliability.

    Parameters
    ----------
    before : ndarray, shape (n,)
        Baseline; no NaN.
    after : ndarray, shape (n,)
        Follow-up; NaN where a person was not seen again. Persons with both waves are compared.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1, or -1 for none.
    k : int
    reliability : float
        Of the baseline within the groups: the share of its variance there that is not error. It is not the
        reliability in everybody, which is larger where the groups differ.
    contrasts : ndarray, shape (q, k), optional
        Weights that add up to zero; every group against the first where not given.
    names : sequence of str
        Names of the groups, for reasons.
    level : float
        Confidence level.

    Returns
    -------
    ChangeAnalysis
        Contrasts with errors by the delta method. NaN with a reason where the reliability is outside
        (0, 1] or below the squared correlation of the waves within the groups, where nobody differs at
        baseline, and for contrasts of groups with fewer than two persons.

    Notes
    -----
    :math:`\hat\theta = \sum_g c_g (\bar y_g - \bar x_g b/r)`, an errors-in-variables estimate with known
    reliability: error in the baseline that is independent of all else and alike in every group, and one
    slope. The variance is :math:`v \sum c_g^2/n_g + (\sum c_g \bar x_g)^2 \mathrm{var}(b)/r^2` with
    :math:`v = \tau^2 + (b - b/r)^2 s_x^2`: the error of the groups' mean baseline counts too, which the
    analysis of covariance, given the baseline as measured, has no part for. t with n - k - 1 degrees of
    freedom. That the reliability is itself uncertain is not in the error: give an interval of it to
    `four_analyses`.

    References
    ----------
    Lord, F. M. (1960). Journal of the American Statistical Association, 55, 307-321. Fuller, W. A. (1987).
    Measurement error models. Wiley.

    Examples
    --------
    >>> before = np.array([1.0, 2, 3, 4, 3, 4, 5, 6])
    >>> after = np.array([2.0, 2, 4, 4, 3, 5, 5, 7])
    >>> found = corrected_ancova(before, after, np.repeat([0, 1], 4), 2, reliability=0.95)
    >>> round(found.slope, 6), found.estimates.estimate.round(6).tolist()
    (1.052632, [-0.105263])
    """
    chosen = against_reference(k) if contrasts is None else contrasts
    sums = within_groups(before, after, codes, k)
    return corrected_analysis(sums, chosen, reliability=reliability, names=names, level=level)
