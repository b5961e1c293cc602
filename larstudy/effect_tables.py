"""Rows of the table on effect sizes: of everybody and each group, and of each group against the reference."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from larstudy.changes import Change
from larstudy.model_fitting import place_of, waves_by_group
from larstudy.resampling import Draws, seed_of
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.bootstrap import BootstrapInterval
from larstudy.stats.group_bootstrap import group_bootstrap
from larstudy.stats.group_effects import change_effect, group_change, group_waves, prepost_control_effect
from larstudy.stats.paired_bootstrap import paired_bootstrap
from larstudy.stats.paired_effects import paired_effects


class EffectWords(NamedTuple):
    """What an effect size divides by, and how its interval is made."""

    standardiser: str
    method: str


_BY_T = "noncentral t"
_RATIO_KNOWN = "noncentral t, the ratio of the SDs taken as known"
_DELTA = "normal, variance by the delta method"
_BONETT = "normal, variance after Bonett"
_CHANGE = "SD of the changes"
_MEAN_SD = "mean of the SDs at the two waves"
_RAW_SD = "SD of the changes over sqrt(2 (1 - r))"
_FIRST = "SD at the first wave"
_HEDGES = ", times Hedges' factor"

#: The effect sizes in the order in which they are shown; change of one group first.
PAIRED_EFFECTS: dict[str, EffectWords] = {
    "d_z": EffectWords(_CHANGE, _BY_T),
    "g_z": EffectWords(_CHANGE + _HEDGES, _BY_T),
    "d_av": EffectWords(_MEAN_SD, _RATIO_KNOWN),
    "g_av": EffectWords(_MEAN_SD + _HEDGES, _RATIO_KNOWN),
    "d_rm": EffectWords(_RAW_SD, _DELTA),
    "g_rm": EffectWords(_RAW_SD + _HEDGES, _DELTA),
    "d_b": EffectWords(_FIRST, _BONETT),
    "g_b": EffectWords(_FIRST + _HEDGES, _BONETT),
}
GROUP_EFFECTS: dict[str, EffectWords] = {
    "d_change": EffectWords("pooled SD of the changes", _BY_T),
    "g_change": EffectWords("pooled SD of the changes" + _HEDGES, _BY_T),
    "d_ppc2": EffectWords("pooled SD at the first wave" + _HEDGES, "normal, variance after Morris"),
}


def effect_rows(
    change: Change, codes: IntArray, order: tuple[str, ...], reference: str, draws: Draws
) -> list[dict[str, Any]]:
    """Return every effect size of everybody and of each group, and of each group against the reference.

    Parameters
    ----------
    change : Change
    codes : ndarray of int
        Of the persons of the change: position in ``order``, -1 for none.
    order : tuple of str
    reference : str
    draws : Draws
        Persons are drawn, also where they are nested in clusters.

    Returns
    -------
    list of dict
        By `larstudy.names.EFFECT_COLUMNS`.
    """
    waves = waves_by_group(change, codes, order)
    rows = []
    for name, (before, after) in waves.items():
        rows.extend(_paired_rows(change, name, before, after, draws))
    for name in order if reference else ():
        if name != reference:
            rows.extend(_group_rows(change, (name, waves[name]), (reference, waves[reference]), draws))
    return rows


def _paired_rows(
    change: Change, group: str, before: FloatArray, after: FloatArray, draws: Draws
) -> list[dict[str, Any]]:
    found = paired_effects(before, after, level=change.confidence)
    drawn = None
    if draws.bootstrap:
        seed = seed_of(draws.seed, change, "effects", group)
        options: dict[str, Any] = {"n_resamples": draws.bootstrap, "level": change.confidence, "seed": seed}
        drawn = paired_bootstrap(before, after, **options)
    place = {**place_of(change), "group": group, "n": found.n}
    rows = []
    for name, words in PAIRED_EFFECTS.items():
        numbers = tuple(getattr(found, f"{name}{end}") for end in ("", "_low", "_high"))
        interval = getattr(drawn, name, None)
        rows.append({**place, "effect": name, **_row(words, numbers, found.reason, interval)})
    return rows


def _group_rows(
    change: Change,
    first: tuple[str, tuple[FloatArray, FloatArray]],
    second: tuple[str, tuple[FloatArray, FloatArray]],
    draws: Draws,
) -> list[dict[str, Any]]:
    (group, ours), (reference, theirs) = first, second
    level = change.confidence
    changed = change_effect(group_change(*ours), group_change(*theirs), level=level)
    controlled = prepost_control_effect(group_waves(*ours), group_waves(*theirs), level=level)
    drawn = None
    if draws.bootstrap:
        seed = seed_of(draws.seed, change, "effects", group, reference)
        drawn = group_bootstrap(ours, theirs, n_resamples=draws.bootstrap, level=level, seed=seed)
    place = {**place_of(change), "group": group, "reference": reference, "n": len(ours[0]) + len(theirs[0])}
    rows = []
    for name, words in GROUP_EFFECTS.items():
        source = controlled if name == "d_ppc2" else changed
        numbers = tuple(getattr(source, f"{name}{end}") for end in ("", "_low", "_high"))
        interval = getattr(drawn, name, None)
        rows.append({**place, "effect": name, **_row(words, numbers, source.reason, interval)})
    return rows


def _row(
    words: EffectWords, numbers: tuple[float, ...], reason: str, drawn: BootstrapInterval | None
) -> dict[str, Any]:
    """Return an effect size with its intervals; the reason stands only where a number is missing."""
    estimate, low, high = numbers
    row: dict[str, Any] = {
        "standardiser": words.standardiser,
        "method": words.method,
        "estimate": estimate,
        "conf_low": low,
        "conf_high": high,
        "reason": reason if np.isnan(numbers).any() else "",
    }
    if drawn is None:
        return row
    if np.isnan(estimate):
        return {**row, "bca_reason": "there is no effect size to draw"}
    limits = {"bca_low": drawn.conf_low, "bca_high": drawn.conf_high}
    return {**row, **limits, "draws": drawn.n_resamples, "bca_reason": drawn.reason}
