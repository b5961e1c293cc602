"""How bad the lost must be to overturn a verdict: imputed follow-ups shifted until it turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray

#: What a verdict is: p below alpha, or an estimate above 0.
Verdict = Literal["significant", "sign"]
#: An estimate and its p-value.
Tested = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TippingPoint:
    """The smallest shift of the imputed values at which a verdict turns.

    Attributes
    ----------
    group : int
        Whose imputed values were shifted; -1 where it was left to the test.
    delta, delta_mid : float
        The shift in the unit of the outcome, and in minimal important differences; negative is down. NaN
        where the verdict never turns.
    estimate, p_value : float
        Without a shift.
    estimate_at, p_value_at : float
        At ``delta``: on the far side of the turn.
    shifts_mid, estimates, p_values : ndarray, shape (s,)
        The grid that was searched, from the most negative shift to the most positive.
    holds : ndarray of bool, shape (s,)
        Whether the verdict without a shift stands.
    reason : str
        Why ``delta`` is NaN; empty where it is not.
    """

    group: int
    delta: float
    delta_mid: float
    estimate: float
    p_value: float
    estimate_at: float
    p_value_at: float
    shifts_mid: FloatArray
    estimates: FloatArray
    p_values: FloatArray
    holds: BoolArray
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatternTable:
    """A verdict under patterns of shifts, one row a pattern.

    Attributes
    ----------
    shifts_mid : ndarray, shape (r, k)
        What was added to the imputed values of each group, in minimal important differences.
    estimates, p_values : ndarray, shape (r,)
    holds : ndarray of bool, shape (r,)
        Whether the verdict without any shift stands; false where a pattern cannot be tested.
    reason : str
        Why there is no verdict to begin with, or how many patterns could not be tested; empty otherwise.
    """

    shifts_mid: FloatArray
    estimates: FloatArray
    p_values: FloatArray
    holds: BoolArray
    reason: str


def shift_imputed(completed: FloatArray, lost: BoolArray, codes: IntArray, shifts: FloatArray) -> FloatArray:
    """Add a shift to the imputed values of each group; what was observed stays.

    Parameters
    ----------
    completed : ndarray, shape (m, n)
        The outcome in m completed data sets.
    lost : ndarray of bool, shape (n,)
        Whose values are imputed.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    shifts : ndarray, shape (k,)
        In the unit of the outcome.

    Returns
    -------
    ndarray, shape (m, n)

    Examples
    --------
    >>> lost, codes = np.array([True, False, True]), np.array([0, 0, 1])
    >>> shifted = shift_imputed(np.array([[5.0, 6.0, 7.0]]), lost, codes, np.array([-1.0, 0.0]))
    >>> shifted.tolist()
    [[4.0, 6.0, 7.0]]
    """
    return completed + np.where(lost, shifts[codes], 0.0)


def tipping_point(
    test: Callable[[float], Tested],
    *,
    mid: float = 1.0,
    largest: float = 5.0,
    step: float = 0.25,
    verdict: Verdict = "significant",
    alpha: float = 0.05,
    tolerance: float = 1e-4,
    group: int = -1,
) -> TippingPoint:
    """Find the shift nearest to none at which a verdict turns.

    Parameters
    ----------
    test : callable
        Takes a shift in the unit of the outcome, returns an estimate and its p-value, such as pooled over
        imputations whose imputed values were shifted. The same shift must always give the same numbers.
    mid : float
        The minimal important difference, above 0: the unit of the next three.
    largest : float
        How far to look, both ways.
    step : float
        Distance of the grid. A verdict that turns and turns back within one step is not seen.
    verdict : {"significant", "sign"}
        What turns: whether p is below ``alpha``, or whether the estimate is above 0.
    alpha : float
    tolerance : float
        How closely the turn is found.
    group : int
        Kept in the result.

    Returns
    -------
    TippingPoint
        NaN with a reason where the verdict never turns, or cannot be reached without a shift.

    Notes
    -----
    The grid is searched from 0 outwards, both ways; between the first shift at which the verdict differs and
    the one before it, the turn is found by bisection. Where both ways turn, the one within the shorter shift
    counts; all else is in the grid.

    References
    ----------
    Cro, S., Morris, T. P., Kenward, M. G., & Carpenter, J. R. (2020). Sensitivity analysis for clinical
    trials with missing continuous outcome data using controlled multiple imputation: a practical guide.
    Statistics in Medicine, 39, 2815-2842.

    Examples
    --------
    >>> found = tipping_point(lambda delta: (2.0 + delta, 0.01), mid=4.0, verdict="sign")
    >>> round(found.delta, 2), round(found.delta_mid, 2)
    (-2.0, -0.5)
    """
    if not (mid > 0 and step > 0 and largest >= step):
        return _no_point(group, "mid and step must be above 0, and largest no smaller than step")
    rule = _Rule(verdict, alpha)
    side = np.arange(1, int(largest / step * (1 + 1e-12)) + 1) * step
    shifts = np.concatenate([-side[::-1], [0.0], side])
    tested = np.array([test(float(shift) * mid) for shift in shifts], dtype=float)
    holds = np.array([rule.of(row) == rule.of(tested[len(side)]) for row in tested], dtype=bool)
    if rule.of(tested[len(side)]) is None:
        return _no_point(group, "without a shift it cannot be tested: no verdict to turn")
    found = [
        _turn(test, rule, shifts[way] * mid, tested[way], tolerance * mid)
        for way in (slice(len(side), None), slice(len(side), None, -1))
    ]
    turns = sorted((end for end in found if end is not None), key=lambda end: abs(end[0]))
    delta, estimate_at, p_value_at = turns[0] if turns else (np.nan, np.nan, np.nan)
    return TippingPoint(
        group=group,
        delta=delta,
        delta_mid=delta / mid,
        estimate=float(tested[len(side), 0]),
        p_value=float(tested[len(side), 1]),
        estimate_at=estimate_at,
        p_value_at=p_value_at,
        shifts_mid=shifts,
        estimates=tested[:, 0],
        p_values=tested[:, 1],
        holds=holds,
        reason="" if turns else _why_none(rule, tested, side[-1]),
    )


def tipping_points(
    completed: FloatArray,
    lost: BoolArray,
    codes: IntArray,
    k: int,
    test: Callable[[FloatArray], Tested],
    *,
    mid: float,
    largest: float = 5.0,
    step: float = 0.25,
    verdict: Verdict = "significant",
    alpha: float = 0.05,
    tolerance: float = 1e-4,
) -> tuple[TippingPoint, ...]:
    """Find, for each group, how far its imputed values must be shifted to turn a verdict.

    Parameters
    ----------
    completed : ndarray, shape (m, n)
        The outcome in m completed data sets.
    lost : ndarray of bool, shape (n,)
        Whose values are imputed.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
    test : callable
        Takes outcomes of shape (m, n), returns the pooled estimate and its p-value.
    mid, largest, step, verdict, alpha, tolerance
        As in `tipping_point`.

    Returns
    -------
    tuple of TippingPoint
        One a group, shifting that group alone; NaN with a reason where nobody of it was lost.

    Examples
    --------
    >>> outcome, lost = np.array([[1.0, 2, 3, 6], [1, 2, 3, 4]]), np.array([False, False, False, True])
    >>> def difference(y):  # of the second group from the first
    ...     return float(y[:, 2:].mean() - y[:, :2].mean()), 0.01
    >>> first, second = tipping_points(
    ...     outcome, lost, np.array([0, 0, 1, 1]), 2, difference, mid=2.0, verdict="sign"
    ... )
    >>> first.reason, round(second.delta_mid, 2)  # 2.5 - 0.5 * 5 = 0
    ('nobody of this group was lost: nothing to shift', -2.5)
    """

    def one(group: int) -> TippingPoint:
        if not (lost & (codes == group)).any():
            return _no_point(group, "nobody of this group was lost: nothing to shift")
        own = np.arange(k) == group
        return tipping_point(
            lambda delta: test(shift_imputed(completed, lost, codes, np.where(own, delta, 0.0))),
            mid=mid,
            largest=largest,
            step=step,
            verdict=verdict,
            alpha=alpha,
            tolerance=tolerance,
            group=group,
        )

    return tuple(one(group) for group in range(k))


def pattern_table(
    completed: FloatArray,
    lost: BoolArray,
    codes: IntArray,
    test: Callable[[FloatArray], Tested],
    *,
    shifts_mid: FloatArray,
    mid: float,
    verdict: Verdict = "significant",
    alpha: float = 0.05,
) -> PatternTable:
    """Test a verdict under patterns of shifts, such as only the isolated worse, or everybody.

    Parameters
    ----------
    completed, lost, codes, test
        As in `tipping_points`.
    shifts_mid : ndarray, shape (r, k)
        A row a pattern: the shift of each group's imputed values, in minimal important differences.
    mid : float
        The minimal important difference.
    verdict : {"significant", "sign"}
    alpha : float

    Returns
    -------
    PatternTable

    Examples
    --------
    >>> outcome, lost = np.array([[1.0, 2, 3, 6], [1, 2, 3, 4]]), np.array([True, False, False, True])
    >>> found = pattern_table(
    ...     outcome, lost, np.array([0, 0, 1, 1]), lambda y: (float(y[:, 2:].mean() - y[:, :2].mean()), 0.01),
    ...     shifts_mid=np.array([[0.0, -3.0], [-3.0, -3.0]]), mid=2.0, verdict="sign",
    ... )
    >>> found.estimates.tolist(), found.holds.tolist()
    ([-0.5, 2.5], [False, True])
    """
    rule = _Rule(verdict, alpha)
    start = rule.of(np.array(test(completed), dtype=float))
    tested = np.array(
        [test(shift_imputed(completed, lost, codes, row * mid)) for row in shifts_mid], dtype=float
    ).reshape(len(shifts_mid), 2)
    verdicts = [rule.of(row) for row in tested]
    failed = sum(found is None for found in verdicts)
    reason = f"{failed} of {len(verdicts)} patterns cannot be tested" if failed else ""
    if start is None:
        reason = "without a shift it cannot be tested: no verdict to turn"
    return PatternTable(
        shifts_mid=shifts_mid,
        estimates=tested[:, 0],
        p_values=tested[:, 1],
        holds=np.array([start is not None and found == start for found in verdicts], dtype=bool),
        reason=reason,
    )


@dataclass(frozen=True, slots=True)
class _Rule:
    verdict: Verdict
    alpha: float

    def of(self, row: FloatArray) -> bool | None:
        """Return the verdict on an estimate and its p-value; None where there is none."""
        number, limit = (row[0], 0.0) if self.verdict == "sign" else (-row[1], -self.alpha)
        return None if np.isnan(number) else bool(number > limit)


def _turn(
    test: Callable[[float], Tested], rule: _Rule, deltas: FloatArray, tested: FloatArray, tolerance: float
) -> tuple[float, float, float] | None:
    """Return shift, estimate and p just past the first turn, going outwards; None where there is none."""
    start = rule.of(tested[0])
    verdicts = [rule.of(row) for row in tested]
    other = [place for place, found in enumerate(verdicts) if found != start]
    if not other or verdicts[other[0]] is None:
        return None
    place = other[0]
    near, far = float(deltas[place - 1]), float(deltas[place])
    at = (float(tested[place, 0]), float(tested[place, 1]))
    while abs(far - near) > tolerance:
        middle = (near + far) / 2.0
        here = test(middle)
        # What cannot be tested has not turned, so that the far end always has.
        if rule.of(np.array(here, dtype=float)) == (not start):
            far, at = middle, (float(here[0]), float(here[1]))
        else:
            near = middle
    return far, *at


def _why_none(rule: _Rule, tested: FloatArray, largest: float) -> str:
    failed = sum(rule.of(row) is None for row in tested)
    if failed:
        return f"{failed} of {len(tested)} shifts cannot be tested, and the verdict stands before them"
    return f"the verdict stands for every shift up to {largest:g} minimal important differences"


def _no_point(group: int, reason: str) -> TippingPoint:
    nothing = np.array([], dtype=float)
    return TippingPoint(
        group=group,
        delta=np.nan,
        delta_mid=np.nan,
        estimate=np.nan,
        p_value=np.nan,
        estimate_at=np.nan,
        p_value_at=np.nan,
        shifts_mid=nothing,
        estimates=nothing,
        p_values=nothing,
        holds=np.array([], dtype=bool),
        reason=reason,
    )
