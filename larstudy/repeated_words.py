"""The models of repeated measures as a reader may call them: what they are, and what their terms say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from larstudy import names
from larstudy.names import in_sentence, label
from larstudy.results import distinct
from larstudy.tables import Column

REPEATED_MODELS = {
    names.MIXED: "Mixed, persons",
    names.MIXED_FACILITY: "Mixed, persons and clusters",
    names.MIXED_WAVES: "Mixed, persons",
    names.MIXED_WAVES_FACILITY: "Mixed, persons and clusters",
    names.MMRM_KENWARD_ROGER: "MMRM (Kenward-Roger)",
    names.MMRM_SATTERTHWAITE: "MMRM (Satterthwaite)",
    names.GEE: "GEE, exchangeable",
    names.GEE_INDEPENDENCE: "GEE, independence",
}
_FIXED = {
    "time": "Time, every group counting alike",
    "time:group": "Time x group",
    "wave": "Waves, every group counting alike",
    "wave:group": "Waves x group",
    "wave:network": "Waves x network",
    "intercept": "Intercept",
    "baseline": "Score at the first wave",
    "sd": "SD of a score, given the rest",
    "sd_person": "SD between persons",
    "sd_facility": "SD between clusters",
    "sd_residual": "SD within a person",
    "icc": "Correlation of two waves of a person",
    "working_correlation": "Working correlation",
    "reml_criterion": "Minus twice the restricted log likelihood",
}


def repeated_term(row: Mapping[Any, Any]) -> str:
    """Return what a row of a model of repeated measures is, as a reader may call it.

    Examples
    --------
    >>> repeated_term({"model": "mixed", "term": "time:group[b]", "group": "b", "reference": "a"})
    'b − a, change'
    >>> repeated_term({"model": "gee", "term": "wave[month6]", "group": "", "reference": ""})
    'month6, against the first wave here'
    """
    term, group, against = (str(row.get(name) or "") for name in ("term", "group", "reference"))
    if term in _FIXED:
        return _FIXED[term]
    if term in ("group", "network"):
        given = ", given the first wave" if term == "network" else ", mean of the waves"
        return f"{'Networks at the same wave' if term == 'network' else 'Groups'}{given}"
    kind, _, rest = term.partition("[")
    inside = rest.partition("]")[0]
    if kind == "adjusted_mean":
        wave = inside.removeprefix(group).removeprefix(", ")
        return f"Adjusted mean: {label(group)}" + (f", {wave}" if wave else "")
    if kind == "time":
        return f"{label(group)}, change"
    if group and against:
        pair = f"{label(group)} − {in_sentence(against)}"
        if kind == "wave":
            return f"{pair}, change to {inside}"
        tail = {"time:group": ", change", "group": ", first wave"}.get(kind, "")
        return pair + tail
    shown = {"wave": "{}, against the first wave here", "sd": "SD at {}", "correlation": "Correlation of {}"}
    return shown[kind].format(inside)


def pair_in_words(row: Mapping[Any, Any]) -> str:
    """Return a pair of groups, the first minus the second."""
    return f"{label(str(row['group']))} − {in_sentence(str(row['reference']))}"


def repeated_reasons(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return why numbers are missing, a line a model and reason."""
    pairs = zip(frame["model"], frame["reason"], strict=True)
    return distinct(
        f"{REPEATED_MODELS[model]}: {reason}."
        for model, reason in pairs
        if reason and reason != "the reference group"
    )


def repeated_columns(part: str, digits: int) -> tuple[Column, ...]:
    """Return the columns in which models of all waves are shown, with the decimals of the scale."""
    if part == "flow":
        return (
            Column(name="step", label="Step", kind="text"),
            Column(name="reason", label="Left out because", kind="text"),
            Column(name="n", label="n", kind="count"),
        )
    numerator = (Column(name="df_num", label="df 1", digits=0),) if part == "models" else ()
    return (
        Column(name="model", label="Model", kind="text"),
        Column(name="term", label="Term" if part == "models" else "Difference", kind="text"),
        Column(name="estimate", label="Estimate", digits=digits),
        Column(name="std_error", label="SE", digits=digits),
        Column(name="conf_low", label="CI from", digits=digits),
        Column(name="conf_high", label="CI to", digits=digits),
        Column(name="statistic", label="F or t", digits=3),
        *numerator,
        Column(name="df", label="df", digits=1),
        Column(name="p_value", label="p", kind="p"),
    )
