"""Effect sizes of a table in an article, for those who have the printed numbers and not the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from larstudy import names
from larstudy.effect_tables import GROUP_EFFECTS, PAIRED_EFFECTS, EffectWords
from larstudy.errors import LarstudyError, require_type
from larstudy.results import Result, frame_of
from larstudy.stats.effect_ranges import effects_over_correlations
from larstudy.stats.effect_sizes import hedges_correction, paired_effect
from larstudy.stats.group_effects import GroupChange, GroupWaves, change_effect, prepost_control_effect
from larstudy.stats.paired_effects import paired_effects_from_summary
from larstudy.stats.printed_change import NO_SDS, MeanSD, Printed, PrintedChange, Quartiles, printed_change
from larstudy.tables import Column, Table, show_level, show_number, table_from_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language

#: Lowest and highest estimate, lower and upper limit.
_Numbers = tuple[float, float, float, float]
_NOTHING: _Numbers = (np.nan, np.nan, np.nan, np.nan)
_UNBOUNDED = "the correlation between the waves may be one, where this has no bounds: give correlation"
#: These do not ask for the SD of change, only their intervals do.
_FREE_OF_CORRELATION = ("d_av", "g_av", "d_b", "g_b")
_ROUNDED = "Printed numbers are rounded, and so is what follows from them."


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class SummaryEffects(Result):
    """Effect sizes from printed numbers.

    Attributes
    ----------
    label : str
    change : PrintedChange
        Mean and SD of change and the correlation between the waves, as far as the numbers tell.
    level : float
        Confidence level.
    rows : tuple of dict
        One an effect size.
    notes : tuple of str

    Examples
    --------
    >>> import larstudy as ls
    >>> found = ls.effects_from_summary(25, before=(10.0, 3.0), after=(12.0, 4.0), t=2.0)
    >>> found.change.correlation_low
    0.0
    >>> found.to_frame()["effect"].tolist()
    ['d_z', 'g_z', 'd_av', 'g_av', 'd_rm', 'g_rm', 'd_b', 'g_b']
    """

    label: str
    change: PrintedChange
    level: float
    rows: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    def summary(self) -> str:
        """Return in sentences the mean change, the correlation, and every effect size."""
        change = self.change
        low, high = (show_number(r) for r in (change.correlation_low, change.correlation_high))
        known = "is not known" if np.isnan(change.correlation_low) else f"is {low}"
        if known != "is not known" and change.correlation_low != change.correlation_high:
            known = f"lies between {low} and {high}"
        lines = [
            f"{self.label}, n = {change.n}: mean change {show_number(change.mean)}; the correlation between"
            f" the waves {known}."
        ]
        for row in self.rows:
            if np.isnan(row["estimate_low"]):
                lines.append(f"{row['effect']}: none, {row['reason']}.")
                continue
            sizes = [show_number(row[name]) for name in ("estimate_low", "estimate_high")]
            size = sizes[0] if row["estimate_low"] == row["estimate_high"] else f"{sizes[0]} to {sizes[1]}"
            limits = f"{show_number(row['conf_low'])} to {show_number(row['conf_high'])}"
            lines.append(f"{row['effect']} {size}, {show_level(self.level)} interval {limits}.")
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row an effect size, unrounded.

        ``estimate_low`` and ``estimate_high`` are the same, and ``estimate`` is that number, where the
        printed numbers identify it; else they are its bounds. ``conf_low`` and ``conf_high`` are the lowest
        lower and the highest upper limit.
        """
        return frame_of(self.rows, names.SUMMARY_EFFECT_COLUMNS)

    def table(self) -> Table:
        """Return the effect sizes as a table."""
        columns = (
            Column(name="effect", label="Effect size", kind="text"),
            Column(name="standardiser", label="By the", kind="text"),
            Column(name="n", label="n", kind="count"),
            Column(name="estimate_low", label="From"),
            Column(name="estimate_high", label="to"),
            Column(name="conf_low", label="CI from"),
            Column(name="conf_high", label="CI to"),
        )
        reasons = [f"{row['effect']}: {row['reason']}." for row in self.rows if row["reason"]]
        return table_from_frame(
            self.to_frame(), columns, title=f"{self.label}: effect sizes", notes=(*reasons, *self.notes)
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw every effect size with its interval; where it has bounds only, a bar between them."""
        from larstudy import figures

        return figures.plot_effects(self.to_frame(), ax=ax, title=self.label, lang=lang)


def effects_from_summary(
    n: int,
    *,
    before: MeanSD | None = None,
    after: MeanSD | None = None,
    before_quartiles: Quartiles | None = None,
    after_quartiles: Quartiles | None = None,
    mean_change: float | None = None,
    sd_change: float | None = None,
    std_error: float | None = None,
    interval: tuple[float, float] | None = None,
    interval_level: float = 0.95,
    t: float | None = None,
    f: float | None = None,
    p_value: float | None = None,
    correlation: float | tuple[float, float] | None = None,
    against: SummaryEffects | None = None,
    level: float = 0.95,
    label: str = "Change",
) -> SummaryEffects:
    r"""Return the effect sizes of a change from what an article prints of it.

    Give whatever is printed. The SD of change is taken from the first of ``sd_change``, ``std_error``,
    ``interval``, ``t``, ``f`` and ``p_value`` that is there, and the correlation between the waves is solved
    from it; where none is, the effect sizes have the bounds that ``correlation`` gives them.

    Parameters
    ----------
    n : int
        Persons with both waves.
    before, after : (float, float), optional
        Mean and SD (n - 1) of these persons at the two waves.
    before_quartiles, after_quartiles : (float, float, float), optional
        First quartile, median and third quartile, where mean and SD are not printed.
    mean_change : float, optional
        After minus before; the difference of the means unless given.
    sd_change, std_error : float, optional
        SD of the changes, and standard error of the mean change.
    interval : (float, float), optional
        Of the mean change.
    interval_level : float
        The level of that interval.
    t, f, p_value : float, optional
        Of the paired test of no change: t, F with 1 and n - 1 degrees of freedom, the exact two-sided p.
    correlation : float or (float, float), optional
        Between the waves, or the lowest and highest that it may be. Used where nothing above tells the SD of
        change; without it anything from -1 to 1.
    against : SummaryEffects, optional
        A group that this one is held against: d_change, g_change and d_ppc2 are added, this minus that.
    level : float
        Confidence level of the intervals.
    label : str
        What the change is called.

    Returns
    -------
    SummaryEffects
        Where numbers are missing or cannot belong together, NaN and the reason.

    Raises
    ------
    LarstudyError
        Where a pair or a triple of numbers is not one, or ``level`` is not between 0 and 1.

    Notes
    -----
    With mean change :math:`M`, SD of change :math:`s` and SDs :math:`s_1, s_2` at the waves the correlation
    is :math:`r = (s_1^2 + s_2^2 - s^2) / 2 s_1 s_2`; effect sizes as in
    `larstudy.stats.paired_effects.paired_effects_from_summary` and `larstudy.stats.group_effects`.

    References
    ----------
    Lakens, D. (2013). Frontiers in Psychology, 4, 863. Morris, S. B. (2008). Organizational Research
    Methods, 11, 364-386. Wan, X., Wang, W., Liu, J., & Tong, T. (2014). BMC Medical Research Methodology,
    14, 135.

    Examples
    --------
    >>> import larstudy as ls
    >>> treated = ls.effects_from_summary(25, before=(10.0, 4.0), after=(12.0, 4.0), correlation=(0.5, 0.875))
    >>> treated.to_frame().set_index("effect").loc["d_z", ["estimate_low", "estimate_high"]].tolist()
    [0.5, 1.0]
    >>> control = ls.effects_from_summary(25, before=(10.0, 4.0), after=(10.0, 4.0), sd_change=4.0)
    >>> both = ls.effects_from_summary(
    ...     25, before=(10.0, 4.0), after=(12.0, 4.0), std_error=0.8, against=control
    ... )
    >>> round(float(both.to_frame().set_index("effect").loc["d_change", "estimate"]), 6)
    0.5
    """
    given = {"before": (before, 2), "after": (after, 2), "interval": (interval, 2)} | {
        "before_quartiles": (before_quartiles, 3),
        "after_quartiles": (after_quartiles, 3),
    }
    ends = (correlation, correlation) if isinstance(correlation, (int, float)) else correlation
    _check({**given, "correlation": (ends, 2)}, level)
    if against is not None:
        require_type(against, SummaryEffects, "against", "a result of effects_from_summary()")
    change = printed_change(
        Printed(
            n=n, before=before, after=after, before_quartiles=before_quartiles,
            after_quartiles=after_quartiles, mean_change=mean_change, sd_change=sd_change,
            std_error=std_error, interval=interval, interval_level=interval_level, t=t, f=f,
            p_value=p_value, correlation=ends,
        )
    )  # fmt: skip
    rows = _paired_rows(change, level)
    if against is not None:
        rows += _group_rows(change, against.change, level)
    solved = change.source not in ("", "SD of change")
    taken = [f"The SD of change is from the {change.source}."] if solved else []
    assumed = [f"Taken for granted: {said}." for said in change.assumptions]
    notes = (*taken, *change.notes, *assumed, _ROUNDED)
    return SummaryEffects(label=label, change=change, level=level, rows=tuple(rows), notes=notes)


def _check(given: dict[str, tuple[Sequence[float] | None, int]], level: float) -> None:
    for name, (numbers, length) in given.items():
        if numbers is not None and len(numbers) != length:
            raise LarstudyError(f"{name} should hold {length} numbers; it holds {len(numbers)}.")
    if not 0 < level < 1:
        raise LarstudyError("level should lie between 0 and 1: write 0.95 for 95 %.")


def _row(
    effect: str, words: EffectWords, change: PrintedChange, n: int, numbers: _Numbers, reason: str
) -> dict[str, Any]:
    low, high = numbers[:2]
    return {
        "effect": effect,
        "standardiser": words.standardiser,
        "method": words.method,
        "n": n,
        "estimate": low if low == high else np.nan,
        "estimate_low": low,
        "estimate_high": high,
        "conf_low": numbers[2],
        "conf_high": numbers[3],
        "correlation_low": change.correlation_low,
        "correlation_high": change.correlation_high,
        "reason": reason if np.isnan(numbers).any() else "",
    }


def _paired_rows(change: PrintedChange, level: float) -> list[dict[str, Any]]:
    found, reason = _paired_numbers(change, level)
    rows = []
    for effect, words in PAIRED_EFFECTS.items():
        numbers = found.get(effect, _NOTHING)
        why = NO_SDS if found and effect not in found else reason
        rows.append(_row(effect, words, change, change.n, numbers, why))
    return rows


def _paired_numbers(change: PrintedChange, level: float) -> tuple[dict[str, _Numbers], str]:
    """Return what is known of each effect size, and why not more is."""
    n, sds = change.n, (change.sd_before, change.sd_after)
    if change.reason:
        return {}, change.reason
    if np.isnan(sds).any():
        return _by_change_alone(change, level)
    if change.sd_low == change.sd_high:
        known = paired_effects_from_summary(change.mean, change.sd_low, *sds, n=n, level=level)
        numbers = {
            name: (getattr(known, name), *(getattr(known, f"{name}{end}") for end in ("", "_low", "_high")))
            for name in PAIRED_EFFECTS
        }
        return numbers, known.reason
    ends = (change.correlation_low, change.correlation_high)
    spread = effects_over_correlations(change.mean, *sds, n=n, correlations=ends, level=level)
    numbers = {}
    for name in PAIRED_EFFECTS:
        bounds = spread.bounds(name)  # type: ignore[arg-type]
        numbers[name] = (bounds.lowest, bounds.highest, bounds.conf_low, bounds.conf_high)
        if name in _FREE_OF_CORRELATION:
            # Their intervals are widest where the changes differ most, at the lowest correlation.
            low = spread.at_low
            one = getattr(low, name)
            numbers[name] = (one, one, getattr(low, f"{name}_low"), getattr(low, f"{name}_high"))
    return numbers, spread.at_low.reason or _UNBOUNDED


def _by_change_alone(change: PrintedChange, level: float) -> tuple[dict[str, _Numbers], str]:
    """Return what mean and SD of change say without the SDs at the waves: d_z and g_z."""
    if change.n < 2:
        return {}, f"n is {change.n}: no spread with fewer than two persons"
    if not change.sd_low > 0:
        return {}, f"the SD of change is {change.sd_low:g}: it must be above zero"
    found = paired_effect(change.mean, change.sd_low, np.nan, np.nan, n=change.n, level=level)
    factor = hedges_correction(change.n - 1)
    d_z = (found.d_z, found.d_z, found.d_z_low, found.d_z_high)
    g_z = (d_z[0] * factor, d_z[1] * factor, d_z[2] * factor, d_z[3] * factor)
    reason = "two persons: too few for the corrected forms" if change.n == 2 else ""
    return {"d_z": d_z, "g_z": g_z}, reason


def _group_rows(ours: PrintedChange, theirs: PrintedChange, level: float) -> list[dict[str, Any]]:
    """Return the effects between two groups, over every corner of what their SDs of change can be."""
    corners = list(product((ours.sd_low, ours.sd_high), (theirs.sd_low, theirs.sd_high)))
    changed = [
        change_effect(
            GroupChange(n=ours.n, mean=ours.mean, sd=one),
            GroupChange(n=theirs.n, mean=theirs.mean, sd=other),
            level=level,
        )
        for one, other in corners
    ]
    controlled = [
        prepost_control_effect(_waves(ours, one), _waves(theirs, other), level=level)
        for one, other in corners
    ]
    rows = []
    for effect, words in GROUP_EFFECTS.items():
        found: list[Any] = list(controlled if effect == "d_ppc2" else changed)
        sizes, lows, highs = (
            np.array([getattr(one, f"{effect}{end}") for one in found]) for end in ("", "_low", "_high")
        )
        numbers = (float(sizes.min()), float(sizes.max()), float(lows.min()), float(highs.max()))
        reasons = [ours.reason, theirs.reason, *(one.reason for one in found)]
        reason = next((why for why in reasons if why), "")
        rows.append(_row(effect, words, ours, ours.n + theirs.n, numbers, reason))
    return rows


def _waves(change: PrintedChange, sd: float) -> GroupWaves:
    # Only the difference between the means is asked for.
    return GroupWaves(
        n=change.n,
        before_mean=0.0,
        before_sd=change.sd_before,
        after_mean=change.mean,
        after_sd=change.sd_after,
        change_sd=sd,
    )
