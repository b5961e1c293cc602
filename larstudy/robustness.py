"""Rows of ``robustness.csv``: how bad the lost, or how strong something unmeasured, must be to matter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from larstudy import names
from larstudy.entered import Entered
from larstudy.handled import HandledData
from larstudy.handled_fits import EachFit, Errors, HandledModel, fit_each, fit_handled
from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.bounds import Bounds, change_bounds, difference_bounds, membership_bounds
from larstudy.stats.e_values import e_value_of_difference
from larstudy.stats.paired import same_to_rounding
from larstudy.stats.pooling import DfRule, pool_estimates
from larstudy.stats.tipping import TippingPoint, tipping_point

_LARGEST = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What shifts are counted in: the smallest change that matters, or half an SD where that is not known."""

    size: float
    called: str


def unit_of(mcid: float | None, before: FloatArray) -> Unit:
    """Return the unit of the tipping points.

    Examples
    --------
    >>> unit_of(None, np.array([2.0, 4.0, 6.0]))
    Unit(size=1.0, called='half an SD of the first wave')
    """
    if mcid is not None:
        return Unit(size=mcid, called="mcid")
    spread = float(before.std(ddof=1)) if len(before) > 1 else np.nan
    return Unit(size=0.0 if same_to_rounding(spread, before) else spread / 2.0, called=names.HALF_SD)


# -- tipping points -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shifted:
    """Estimates of every data set as the imputed values of one group move, shape (m, q).

    Least squares is linear in the response, and its variances are quadratic: three fits, without a shift and
    with one either way, say what every other shift would give.
    """

    start: FloatArray
    slope: FloatArray
    variance: tuple[FloatArray, FloatArray, FloatArray]
    df: FloatArray
    df_rule: DfRule

    def tested(self, place: int, delta: float) -> tuple[float, float]:
        """Return estimate and p of one of them, pooled, after a shift."""
        none, linear, square = (part[:, place] for part in self.variance)
        values = self.start[:, place] + delta * self.slope[:, place]
        errors = np.sqrt(np.maximum(none + delta * linear + delta**2 * square, 0.0))
        found = pool_estimates(
            values[:, None],
            errors[:, None],
            df_complete=self.df[place : place + 1],
            df_rule=self.df_rule,
        )
        return float(found.estimate[0]), float(found.p_value[0])


def _differences(each: EachFit) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return estimates, errors and df of the differences from the reference, then of the means."""
    k = len(each.groups)
    parts = [(fit.contrasts.part(0, k - 1), fit.adjusted_means) for fit in each.fits]
    return tuple(
        np.array([np.concatenate([getattr(one, name) for one in pair]) for pair in parts])
        for name in ("estimate", "std_error", "df")
    )  # type: ignore[return-value]


def _shifted(data: HandledData, start: EachFit, group: int, size: float, errors: Errors) -> _Shifted:
    moving = np.where(data.lost & (data.codes == group), size, 0.0)
    none = _differences(start)
    up, down = (
        _differences(
            fit_each(replace(data, after=data.after + way * moving), model="change_score", errors=errors)
        )
        for way in (1.0, -1.0)
    )
    linear = (up[1] ** 2 - down[1] ** 2) / 2.0
    return _Shifted(
        start=none[0],
        slope=(up[0] - down[0]) / (2.0 * size),
        variance=(none[1] ** 2, linear / size, ((up[1] ** 2 + down[1] ** 2) / 2.0 - none[1] ** 2) / size**2),
        df=none[2].mean(axis=0),
        df_rule=start.df_rule,
    )


def tipping_rows(
    place: dict[str, Any], data: HandledData, unit: Unit, *, errors: Errors, level: float
) -> list[dict[str, Any]]:
    """Return how far the imputed follow-ups of a group must be shifted until a verdict turns.

    Parameters
    ----------
    place : dict
        The outcome, the waves and the stratum.
    data : HandledData
        Imputed.
    unit : Unit
        What the shifts are counted in.
    errors : {"independent", "CR2", "CR3"}
    level : float
        The verdict is whether p lies below 1 minus this.

    Returns
    -------
    list of dict
        By `larstudy.names.ROBUSTNESS_COLUMNS`: the mean change of each group as its own lost move, and its
        difference from the reference as the lost of either move.

    Notes
    -----
    Of the change score. The search is `larstudy.stats.tipping.tipping_point` up to 5 units either way.
    """
    where = {**place, "analysis": names.TIPPING_POINT, "unit": unit.called, "unit_size": unit.size}
    reason = data.reason
    if not reason and not data.lost.any():
        reason = "nobody was lost: nothing to shift"
    if not reason and not unit.size > 0:
        reason = "no spread at the first wave: no unit to shift by"
    if reason:
        return [{**where, "n": data.n, "n_lost": int(data.lost.sum()), "reason": reason}]
    each = fit_each(data, model="change_score", errors=errors)
    k, reference = len(each.groups), each.groups.index(each.reference)
    others = [i for i in range(k) if i != reference]
    moved = {i: _shifted(data, each, i, unit.size, errors) for i in range(k) if _some(data, i)}
    asked = [(names.MEAN_CHANGE, i, i, k - 1 + i) for i in range(k)]
    asked += [(names.DIFFERENCE, i, j, others.index(i)) for i in others for j in (i, reference)]
    rows = []
    for quantity, group, shifted, at in asked:
        row = {
            **where, "quantity": quantity, "group": each.groups[group], "shifted": each.groups[shifted],
            "reference": each.reference if quantity == names.DIFFERENCE else "", "n": data.n,
            "n_lost": int(data.lost.sum()), "share_lost": _share(data, shifted),
        }  # fmt: skip
        if shifted in moved:
            row |= _point_row(_turn(moved[shifted], at, unit, level), unit)
        else:
            row |= {"reason": "nobody of this group was lost: nothing to shift"}
        rows.append(row)
    return rows


def _some(data: HandledData, group: int) -> bool:
    return bool((data.lost & (data.codes == group)).any())


def _share(data: HandledData, group: int) -> float:
    """Return which share of a group was lost; the mean over imputations."""
    own = data.codes == group
    return float(((own & data.lost).sum(axis=1) / own.sum(axis=1)).mean())


def _turn(moved: _Shifted, at: int, unit: Unit, level: float) -> TippingPoint:
    return tipping_point(
        lambda delta: moved.tested(at, delta), mid=unit.size, largest=_LARGEST, alpha=1.0 - level
    )


def _point_row(found: TippingPoint, unit: Unit) -> dict[str, Any]:
    reason = found.reason
    if unit.called == names.HALF_SD:
        reason = reason.replace("minimal important differences", "times half an SD of the first wave")
    return {
        "estimate": found.estimate, "p_value": found.p_value, "delta": found.delta,
        "delta_units": found.delta_mid, "estimate_at": found.estimate_at, "p_value_at": found.p_value_at,
        "reason": reason,
    }  # fmt: skip


# -- bounds -------------------------------------------------------------------------------------------


def bound_rows(
    place: dict[str, Any], everybody: Entered, ends: tuple[float, float], reference: str, *, level: float
) -> list[dict[str, Any]]:
    """Return what the mean change of each group, and each difference, could be whatever the lost answered.

    Parameters
    ----------
    place : dict
        The outcome, the waves and the stratum.
    everybody : Entered
        Everybody with a score at the first wave.
    ends : (float, float)
        The smallest and the largest score that there is.
    reference : str
        The group that the others are held against.
    level : float
        Confidence level.

    Returns
    -------
    list of dict
        By `larstudy.names.ROBUSTNESS_COLUMNS`. Where the group of somebody is not known, the bounds hold
        whichever group that is, and have no interval.
    """
    where = {**place, "analysis": names.BOUNDS, "unit_size": np.nan}
    found = {
        name: _bounds_of(everybody, code, ends, level)
        for code, name in enumerate(everybody.order)
        if (everybody.compared & (everybody.codes == code)).any()
    }
    rows = [
        {**where, "quantity": names.MEAN_CHANGE, "group": name, **_bound_row(bounds)}
        for name, bounds in found.items()
    ]
    for name, bounds in found.items():
        if name != reference:
            both = difference_bounds(bounds, found[reference], level=level)
            # Who may be in either of the two is one person all the same.
            either = np.any(
                [_may_count(everybody, everybody.order.index(one)) for one in (name, reference)], axis=0
            )
            unknown = either & ~everybody.compared
            both = replace(both, n=int(either.sum()), n_lost=int(unknown.sum()))
            rows.append(
                {
                    **where, "quantity": names.DIFFERENCE, "group": name, "reference": reference,
                    **_bound_row(both),
                }
            )  # fmt: skip
    return rows


def _bounds_of(everybody: Entered, code: int, ends: tuple[float, float], level: float) -> Bounds:
    own, maybe = everybody.codes == code, _may_be(everybody, code)
    all_of_them = _may_count(everybody, code)
    before, after = everybody.before, everybody.after
    plain = change_bounds(before[all_of_them], after[all_of_them], low=ends[0], high=ends[1], level=level)
    if not maybe.any() or np.isnan(plain.bound_low):
        return plain
    least, most = (np.where(np.isnan(after), end, after) - before for end in ends)
    return membership_bounds((least[own], most[own]), (least[maybe], most[maybe]))


def _may_count(everybody: Entered, code: int) -> BoolArray:
    """Return who is in a group, or may be."""
    return np.asarray((everybody.codes == code) | _may_be(everybody, code))


def _may_be(everybody: Entered, code: int) -> BoolArray:
    """Return who has no known group, and may yet be in this one by what is known of them."""
    unknown = everybody.codes < 0
    moves = everybody.transitions
    if moves is None:
        return unknown
    categories = np.arange(len(names.CATEGORIES))
    reachable = moves.codes_of(categories[:, None], categories[None]) == code
    start, end = everybody.positions()
    fits = np.zeros(len(unknown), dtype=bool)
    for one, other in np.argwhere(reachable):
        fits |= np.isin(start, (-1, one)) & np.isin(end, (-1, other))
    return np.asarray(unknown & fits)


def _bound_row(bounds: Bounds) -> dict[str, Any]:
    return {
        "n": bounds.n, "n_lost": bounds.n_lost, "estimate": bounds.estimate,
        "bound_low": bounds.bound_low, "bound_high": bounds.bound_high, "conf_low": bounds.conf_low,
        "conf_high": bounds.conf_high, "reason": bounds.reason,
    }  # fmt: skip


# -- E-values -----------------------------------------------------------------------------------------


def e_value_rows(
    place: dict[str, Any], data: HandledData, *, errors: Errors, level: float
) -> list[dict[str, Any]]:
    """Return how strong something unmeasured must be to explain each difference away.

    Parameters
    ----------
    place : dict
        The outcome, the waves and the stratum.
    data : HandledData
        The complete cases.
    errors : {"independent", "CR2", "CR3"}
    level : float
        Confidence level of the limits.

    Returns
    -------
    list of dict
        By `larstudy.names.ROBUSTNESS_COLUMNS`, by change score and by ANCOVA. ``d`` is the difference over
        the spread within the groups, of the change or of the second wave.
    """
    rows = []
    models: tuple[HandledModel, ...] = ("change_score", "ancova")
    for model in models:
        fit = fit_handled(data, model=model, errors=errors, level=level)
        response = data.after[0] - (data.before[0] if model == "change_score" else 0.0)
        spread = _within(response, data.codes[0], len(data.groups), data.before[0], data.after[0])
        shown = model if errors == "independent" else names.clustered(model, errors)
        for i, group in enumerate(fit.groups):
            found = fit.estimates
            d, low, high = (float(v[i]) / spread for v in (found.estimate, found.conf_low, found.conf_high))
            e = e_value_of_difference(d, low=low, high=high)
            rows.append(
                {
                    **place, "analysis": names.E_VALUE, "quantity": names.DIFFERENCE, "model": shown,
                    "group": group, "reference": fit.reference, "n": fit.n, "n_lost": data.n_entered - fit.n,
                    "estimate": found.estimate[i], "unit": names.SPREAD_WITHIN, "unit_size": spread,
                    "d": d, "d_low": low, "d_high": high, "e_value": e.e_value,
                    "e_value_limit": e.e_value_limit, "reason": fit.reasons[i] or e.reason,
                }
            )  # fmt: skip
    return rows


def _within(response: FloatArray, codes: IntArray, k: int, *made_from: FloatArray) -> float:
    """Return the spread within the groups; NaN where there is none, or nobody to show it.

    A change has the rounding error of the scores that it was made from, not that of its own size.
    """
    df = len(response) - k
    if df < 1:
        return np.nan
    means = np.bincount(codes, response, minlength=k) / np.bincount(codes, minlength=k)
    residual = response - means[codes]
    spread = float(np.sqrt(residual @ residual / df))
    return np.nan if same_to_rounding(spread, *made_from) else spread
