"""How the parts of a comparison are shown as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from larstudy.names import label
from larstudy.results import distinct
from larstudy.tables import Column, Table, table_from_frame

if TYPE_CHECKING:
    from larstudy.models import Comparison, Part

_TITLES = {
    "change": "change by group",
    "models": "models",
    "contrasts": "differences between groups",
    "flow": "who is counted",
}


def _text(name: str, heading: str) -> Column:
    return Column(name=name, label=heading, kind="text")


def _count(name: str, heading: str) -> Column:
    return Column(name=name, label=heading, kind="count")


def columns_of(part: str, from_wave: str, to_wave: str) -> tuple[Column, ...]:
    """Return the columns in which a part is shown; the data have more."""
    change = (
        _text("group", "Group"),
        _count("n", "n"),
        _count("n_excluded", "Left out"),
        Column(name="before_mean", label=from_wave),
        Column(name="before_sd", label="SD"),
        Column(name="after_mean", label=to_wave),
        Column(name="after_sd", label="SD"),
        Column(name="estimate", label="Change"),
        Column(name="conf_low", label="CI from"),
        Column(name="conf_high", label="CI to"),
        Column(name="sd", label="SD of change"),
        Column(name="p_value", label="p", kind="p"),
        Column(name="d_z", label="d_z"),
        Column(name="d_av", label="d_av"),
        Column(name="g_av", label="g_av"),
    )
    tested = (
        Column(name="estimate", label="Estimate"),
        Column(name="std_error", label="SE"),
        Column(name="conf_low", label="CI from"),
        Column(name="conf_high", label="CI to"),
        Column(name="statistic", label="F or t", digits=3),
    )
    models = (
        _text("model", "Model"),
        _text("term", "Term"),
        *tested,
        Column(name="df_num", label="df 1", digits=0),
        Column(name="df", label="df", digits=0),
        Column(name="p_value", label="p", kind="p"),
        Column(name="partial_eta_squared", label="Partial η²", digits=3),
    )
    contrasts = (
        _text("model", "Model"),
        _text("term", "Difference"),
        *tested,
        Column(name="df", label="df", digits=0),
        Column(name="p_value", label="p", kind="p"),
    )
    flow = (_text("step", "Step"), _text("reason", "Left out because"), _count("n", "n"))
    return {"change": change, "models": models, "contrasts": contrasts, "flow": flow}[part]


def reasons_in_words(frame: pd.DataFrame, name: str) -> tuple[str, ...]:
    """Return why numbers in a table are missing, a line a reason."""
    rows = frame[[name, "reason"]].fillna("").astype(str)
    lines: dict[str, list[str]] = {}
    for term, reason in rows.itertuples(index=False):
        if reason and reason != "the reference group":
            lines.setdefault(reason, []).append(label(term))
    return tuple(f"{', '.join(distinct(terms))}: {reason}." for reason, terms in lines.items())


def comparison_table(comparison: Comparison, part: Part) -> Table:
    """Return one part of a comparison as a table."""
    change = comparison.change
    frame = comparison.to_frame(part)
    notes = [] if part == "flow" else [*reasons_in_words(frame, "group" if part == "change" else "term")]
    shown = frame.copy()
    if part == "change":
        shown["group"] = [label(name) for name in shown["group"]]
        notes.append(f"CI: {change.confidence:.0%} interval of the mean change.")
    return table_from_frame(
        shown,
        columns_of(part, change.from_wave, change.to_wave),
        title=f"{change.label}, {change.from_wave} to {change.to_wave}: {_TITLES[part]}",
        notes=(*notes, *comparison.notes),
        source=change.source,
        synthetic=change.synthetic,
    )
