"""Do groups differ in their change? Four analyses side by side, each with what it assumes, and their span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.constrained_baseline import Likelihood, constrained_analysis
from larstudy.stats.measurement_error import corrected_analysis
from larstudy.stats.slope_models import (
    ChangeAnalysis,
    ancova_model,
    change_analysis,
    change_score_model,
)
from larstudy.stats.within_groups import against_reference, contrast_of_means, within_groups

Entry = Literal["higher", "lower", "same", "crossing", "unknown"]

CHANGE_SCORE = "Without what sets the groups apart they would have changed alike, wherever they started."
ANCOVA = "People who start alike, as the baseline measures it, would end alike, whatever their group."


@dataclass(frozen=True, slots=True, kw_only=True)
class Bracket:
    """The span of several analyses of the same contrasts; each array has shape (q,).

    Attributes
    ----------
    estimate_low, estimate_high : ndarray
        Smallest and largest estimate.
    conf_low, conf_high : ndarray
        From the lowest lower to the highest upper limit.
    zero_in_estimates, zero_in_intervals : ndarray of bool
        Whether zero is inside, its ends included; False where the span is NaN.
    ordered : ndarray of bool
        Whether change score and analysis of covariance stand on either side of the corrected analysis, as
        they must where the slopes are in the order 0 <= b <= b/r <= 1.
    orders : tuple of str
        The order that the slopes and the difference at entry give, or why change score and analysis of
        covariance do not enclose the corrected one.
    reasons : tuple of str
        Why a span is NaN or rests on fewer analyses than were asked for; empty where it is complete.
    """

    estimate_low: FloatArray
    estimate_high: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    zero_in_estimates: BoolArray
    zero_in_intervals: BoolArray
    ordered: BoolArray
    orders: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FourAnalyses:
    """Four analyses of the same contrasts, and their span.

    Attributes
    ----------
    analyses : tuple of ChangeAnalysis
        Change score, ANCOVA, ANCOVA corrected (twice where the reliability is an interval, at its lower and
        at its upper end), constrained baseline.
    bracket : Bracket
    contrasts : ndarray, shape (q, k)
    baseline_difference : ndarray, shape (q,)
        The contrasts at baseline: how the groups differ at entry.
    entry : tuple of str
        How the whole distributions stand at baseline, first group of a pair against the second, as
        `entry_order` says; ``"unknown"`` for contrasts of more than two groups.
    n : int
        Persons with a group and both waves.
    counts, lost : ndarray, shape (k,)
        Persons of each group with both waves, and without a follow-up.
    ungrouped : int
        Persons without a group.
    """

    analyses: tuple[ChangeAnalysis, ...]
    bracket: Bracket
    contrasts: FloatArray
    baseline_difference: FloatArray
    entry: tuple[Entry, ...]
    n: int
    counts: FloatArray
    lost: FloatArray
    ungrouped: int


def four_analyses(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    *,
    reliability: float | tuple[float, float],
    contrasts: FloatArray | None = None,
    reference: int = 0,
    method: Likelihood = "reml",
    names: Sequence[str] = (),
    level: float = 0.95,
) -> FourAnalyses:
    r"""Compare k groups in their change between two waves in four ways that assume different things.

    Parameters
    ----------
    before : ndarray, shape (n,)
        Baseline, in the unit of the score; a NaN leaves nothing but its reason.
    after : ndarray, shape (n,)
        Follow-up of the same persons in the same order; NaN where a person was not seen again.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1, or -1 for none.
    k : int
    reliability : float or (float, float)
        Of the baseline within the groups, in (0, 1]; an interval gives the corrected analysis at both ends.
    contrasts : ndarray, shape (q, k), optional
        Weights that add up to zero; where not given, every other group against ``reference``.
    reference : int
        The group against which the others stand.
    method : {"reml", "ml"}
        For the constrained baseline.
    names : sequence of str
        Names of the groups, for reasons.
    level : float
        Confidence level.

    Returns
    -------
    FourAnalyses
        A contrast of a group with fewer than two pairs is NaN with its reason in every analysis.

    Notes
    -----
    Each analysis is :math:`\sum_g c_g (\bar y_g - s \bar x_g)`: with s = 1 the change score, with the slope
    b within the groups the analysis of covariance and the constrained baseline, with b/r the corrected one.
    They part by the difference at entry times that of their slopes, and agree where the groups start alike.
    The corrected estimate and its upper and lower limit are largest and smallest at the ends of an
    interval of the reliability (the error is convex in 1/r), so that both ends enclose all between.

    References
    ----------
    Lord, F. M. (1967). Psychological Bulletin, 68, 304-305. Ding, P., & Li, F. (2019). Political Analysis,
    27, 605-615.

    Examples
    --------
    >>> before = np.array([1.0, 2, 3, 4, 3, 4, 5, 6])
    >>> after = np.array([2.0, 2, 4, 4, 4, 4, 6, 6])
    >>> found = four_analyses(before, after, np.repeat([0, 1], 4), 2, reliability=0.9)
    >>> for analysis in found.analyses:
    ...     print(analysis.name, analysis.estimates.estimate.round(3))
    change_score [0.]
    ancova [0.4]
    ancova_corrected [0.222]
    constrained_baseline [0.4]
    >>> found.bracket.orders
    ('change score <= corrected ancova <= ancova: the positive side starts higher',)
    """
    chosen = against_reference(k, reference) if contrasts is None else contrasts
    sums = within_groups(before, after, codes, k)
    ends = sorted(reliability) if isinstance(reliability, tuple) else [reliability]
    analyses = (
        change_analysis(
            "change_score",
            sums,
            change_score_model(sums),
            chosen,
            assumption=CHANGE_SCORE,
            names=names,
            level=level,
        ),
        change_analysis(
            "ancova", sums, ancova_model(sums), chosen, assumption=ANCOVA, names=names, level=level
        ),
        *(corrected_analysis(sums, chosen, reliability=end, names=names, level=level) for end in ends),
        constrained_analysis(sums, chosen, method=method, names=names, level=level),
    )
    difference = contrast_of_means(chosen, sums.before_means)
    return FourAnalyses(
        analyses=analyses,
        bracket=bracket(analyses, difference),
        contrasts=chosen,
        baseline_difference=difference,
        entry=tuple(_entry_of(weights, before, codes, ~np.isnan(after)) for weights in chosen),
        n=sums.n,
        counts=sums.counts,
        lost=sums.lost,
        ungrouped=sums.ungrouped,
    )


def bracket(analyses: Sequence[ChangeAnalysis], baseline_difference: FloatArray) -> Bracket:
    r"""Return the span of several analyses of the same contrasts.

    Parameters
    ----------
    analyses : sequence of ChangeAnalysis
        At least one; all of the same q contrasts.
    baseline_difference : ndarray, shape (q,)
        The contrasts at baseline.

    Returns
    -------
    Bracket
        Over the analyses that could be done.

    Notes
    -----
    The corrected estimate is :math:`\Delta_y - (b/r)\Delta_x`, between :math:`\Delta_y - \Delta_x`, the
    change score, and :math:`\Delta_y - b\Delta_x`, the analysis of covariance, where
    :math:`0 \le b \le b/r \le 1`, that is where the slope is not negative and no larger than the reliability.
    The side that starts higher then has the smaller contrast in its change. Ding and Li prove the same
    bracket without a linear model, for one slope below 1 and for groups of which one starts higher in the
    whole distribution (`entry_order`). It does not say which analysis is right, nor that the truth is inside.

    References
    ----------
    Ding, P., & Li, F. (2019). Political Analysis, 27, 605-615.

    Examples
    --------
    >>> before = np.array([1.0, 2, 3, 4, 3, 4, 5, 6])
    >>> after = np.array([2.0, 2, 4, 4, 4, 4, 6, 6])
    >>> found = four_analyses(before, after, np.repeat([0, 1], 4), 2, reliability=(0.9, 1.0))
    >>> span = bracket(found.analyses, found.baseline_difference)
    >>> span.estimate_low.round(3).tolist(), span.estimate_high.round(3).tolist()
    ([0.0], [0.4])
    """
    estimates = np.array([analysis.estimates.estimate for analysis in analyses])
    estimate_low, estimate_high = _span(estimates, estimates)
    conf_low, conf_high = _span(
        np.array([analysis.estimates.conf_low for analysis in analyses]),
        np.array([analysis.estimates.conf_high for analysis in analyses]),
    )
    orders = [_order(analyses, float(difference)) for difference in baseline_difference]
    return Bracket(
        estimate_low=estimate_low,
        estimate_high=estimate_high,
        conf_low=conf_low,
        conf_high=conf_high,
        zero_in_estimates=(estimate_low <= 0) & (estimate_high >= 0),
        zero_in_intervals=(conf_low <= 0) & (conf_high >= 0),
        ordered=np.array([holds for holds, _ in orders], dtype=bool),
        orders=tuple(order for _, order in orders),
        reasons=tuple(
            _incomplete(analyses, [analysis.reasons[place] for analysis in analyses])
            for place in range(len(baseline_difference))
        ),
    )


def _span(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the smallest and the largest of each column, NaN where nothing is known."""
    smallest = np.where(np.isnan(low), np.inf, low).min(axis=0)
    largest = np.where(np.isnan(high), -np.inf, high).max(axis=0)
    nothing = np.isnan(low).all(axis=0)
    return np.where(nothing, np.nan, smallest), np.where(nothing, np.nan, largest)


def _incomplete(analyses: Sequence[ChangeAnalysis], reasons: Sequence[str]) -> str:
    if len(set(reasons)) == 1:
        return reasons[0]
    found = []
    for analysis, reason in zip(analyses, reasons, strict=True):
        at = "" if np.isnan(analysis.reliability) else f" at a reliability of {analysis.reliability:g}"
        if reason:
            found.append(f"{analysis.name}{at}: {reason}")
    return "; ".join(found)


def _order(analyses: Sequence[ChangeAnalysis], difference: float) -> tuple[bool, str]:
    """Say whether change score and ANCOVA enclose the corrected analysis, and in which order."""
    plain = [analysis.slope for analysis in analyses if analysis.name == "ancova"]
    corrected = [analysis.slope for analysis in analyses if analysis.name == "ancova_corrected"]
    if not plain or not corrected or np.isnan([*plain, *corrected, difference]).any():
        return False, "not all of the slopes and the difference at entry are known"
    if difference == 0:
        return True, "all agree: no difference at entry"
    if plain[0] < 0:
        return False, "the slope is below 0: the corrected estimate lies beyond the ancova"
    steepest = max(corrected)
    if steepest > 1:
        return False, (
            f"the corrected slope is {steepest:.3g}, above 1: the corrected estimate lies beyond the "
            "change score"
        )
    if difference > 0:
        return True, "change score <= corrected ancova <= ancova: the positive side starts higher"
    return True, "ancova <= corrected ancova <= change score: the positive side starts lower"


def entry_order(first: FloatArray, second: FloatArray) -> Entry:
    """Say how the first group stands at baseline against the second, by the whole distribution.

    Parameters
    ----------
    first, second : ndarray
        Baselines; no NaN.

    Returns
    -------
    str
        ``"higher"`` or ``"lower"`` where one distribution function is nowhere above the other (stochastic
        order, as the bracket without a linear model asks for), ``"same"``, ``"crossing"``, or
        ``"unknown"`` where a group is empty. Of the samples: with few persons they cross easily.

    Examples
    --------
    >>> entry_order(np.array([2.0, 4.0]), np.array([1.0, 4.0]))
    'higher'
    >>> entry_order(np.array([1.0, 5.0]), np.array([2.0, 3.0]))
    'crossing'
    """
    if not len(first) or not len(second):
        return "unknown"
    values = np.concatenate([first, second])
    below_first = np.searchsorted(np.sort(first), values, side="right") / len(first)
    below_second = np.searchsorted(np.sort(second), values, side="right") / len(second)
    higher, lower = bool((below_first < below_second).any()), bool((below_first > below_second).any())
    if higher and lower:
        return "crossing"
    return "higher" if higher else "lower" if lower else "same"


def _entry_of(weights: FloatArray, before: FloatArray, codes: IntArray, seen: BoolArray) -> Entry:
    used = np.flatnonzero(weights)
    if len(used) != 2 or np.isnan(before).any():
        return "unknown"
    first, second = used[np.argsort(-weights[used])].tolist()
    return entry_order(before[seen & (codes == first)], before[seen & (codes == second)])
