"""How the parts of a sensitivity analysis are shown as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from larstudy.names import in_sentence, label
from larstudy.tables import Column, Scale, Table, show_level, table_from_frame

if TYPE_CHECKING:
    from larstudy.sensitivities import Sensitivity, SensitivityPart

_TITLES = {
    "specifications": "every analysis",
    "estimands": "what each question answers, over its arbitrary choices",
    "choices": "how far each choice moves the estimate",
}


def _text(name: str, heading: str) -> Column:
    return Column(name=name, label=heading, kind="text")


def _count(name: str, heading: str) -> Column:
    return Column(name=name, label=heading, kind="count")


def _columns(part: SensitivityPart, scale: Scale) -> tuple[Column, ...]:
    score = scale.column
    return {
        "specifications": (
            _text("definition", "Groups"),
            _text("handling", "The lost"),
            _text("model", "Model"),
            _text("covariates", "Covariates"),
            _text("errors", "Errors"),
            _count("n", "n"),
            score("estimate", "Difference"),
            score("conf_low", "CI from"),
            score("conf_high", "CI to"),
            Column(name="p_value", label="p", kind="p"),
        ),
        "estimands": (
            _text("estimand", "Question"),
            _count("n_specifications", "Analyses"),
            score("estimate_low", "Difference from"),
            score("estimate_high", "to"),
            score("conf_low", "Lowest CI"),
            score("conf_high", "Highest CI"),
            _count("n_above", "Above zero"),
            _count("n_below", "Below zero"),
        ),
        "choices": (
            _text("choice", "Choice"),
            _text("kind", "Kind"),
            _text("levels", "Between"),
            _count("n_sets", "Sets alike in all else"),
            score("moves_median", "Moves as a rule"),
            score("moves_largest", "At most"),
            _count("n_flips", "Other side of zero"),
            _text("why", "Why of that kind"),
        ),
    }[part]


def sensitivity_table(found: Sensitivity, part: SensitivityPart, *, alone: bool = True) -> Table:
    """Return one part of a sensitivity analysis as a table; standing ``alone`` with every note."""
    whole = found.change
    frame = found.to_frame(part)
    notes: tuple[str, ...] = ()
    if part == "specifications":
        reasons = dict.fromkeys(reason for reason in frame["reason"] if reason)
        notes = tuple(f"Not made: {reason}." for reason in reasons)
    if part != "choices":
        notes = (*notes, f"CI: {show_level(whole.confidence)} intervals, none corrected for the others.")
    return table_from_frame(
        frame,
        _columns(part, whole.scale),
        title=f"{whole.label}, {whole.from_wave} to {whole.to_wave}: {label(found.group)} −"
        f" {in_sentence(found.reference)}, {_TITLES[part]}",
        notes=(*notes, *(found.notes if alone else ())),
        source=whole.source if alone else "",
        synthetic=whole.synthetic,
    )
