"""What if the lost were different? The tables of it in the words of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from larstudy import names
from larstudy.comparison_tables import model_in_words
from larstudy.names import in_sentence, label
from larstudy.results import distinct
from larstudy.tables import Column, Scale, Table, table_from_frame

_HANDLINGS = {
    "complete_cases": "Those with both waves, as they are",
    "attrition_weights": "The same, weighted to resemble everybody who entered",
    "imputation": "Everybody who entered, what is missing drawn several times",
    names.OVERLAP_WEIGHTS: "Those who could have been in any group",
}
_INTERVAL = Column(name="interval", label="Interval", kind="text")
_GROUP = Column(name="what", label="Difference or mean change", kind="text")

MISSING_NOTE = (
    "Weighting and drawing remove what being lost would do to a comparison only where being lost depends on"
    " what was known at the first wave and nothing else; that cannot be seen in the data. Overlap weights"
    " speak of other people: of those seen who could have been in any of the groups. Missing: the share of"
    " the information that is missing. Mean changes and joint tests are in missing.csv."
)
WEIGHTS_NOTE = (
    "Effective n: how many persons of equal weight tell as much. d: of the seen against everybody who"
    " entered, or the largest between two groups, in standard deviations, before and after weighting; below"
    " 0.1 is commonly taken as balanced."
)
TIPPING_NOTE = (
    "Shift: by how much the drawn second-wave scores of the lost of one group must differ from what the"
    " model expects until p crosses {limit:g}, of the change score, counted in units of {unit}. Minus is"
    " lower. Whether a shift of that size is credible is for those who know the people."
)
BOUNDS_NOTE = (
    "Bounds: the lowest and the highest that the mean could be, were all the lost at one end of the scale or"
    " at the other; nothing is assumed of them."
)
E_VALUE_NOTE = (
    "E-value: a characteristic nobody measured would have to be associated with group and outcome by a risk"
    " ratio of this size each, to explain the difference away; for the limit, to let the interval include"
    " none. d: the difference over the SD within the groups."
)


def what_if_tables(
    missing: pd.DataFrame, weights: pd.DataFrame, robustness: pd.DataFrame, *, title: str, scale: Scale,
    level: float, synthetic: bool,
) -> list[Table]:  # fmt: skip
    """Return the tables of one outcome that say what other lost would have meant.

    Parameters
    ----------
    missing, weights, robustness : DataFrame
        The rows of the parts of that name, of one outcome.
    title : str
        What the outcome is called.
    scale : Scale
        How its numbers are shown.
    level : float
        Confidence level.
    synthetic : bool

    Returns
    -------
    list of Table
        Without those that have no row.
    """
    differences = missing[missing["group"].ne("") & missing["reference"].ne("") | missing["reason"].ne("")]
    parts = {name: robustness[robustness["analysis"] == name] for name in
             (names.TIPPING_POINT, names.BOUNDS, names.E_VALUE)}  # fmt: skip
    points = parts[names.TIPPING_POINT]
    unit = "the smallest change that matters" if (points["unit"] == "mcid").any() else names.HALF_SD
    tipping = TIPPING_NOTE.format(limit=round(1 - level, 6), unit=unit)
    spoken_for = (*_said(missing, "note"), MISSING_NOTE)
    wanted: list[tuple[pd.DataFrame, str, Sequence[Column], tuple[str, ...]]] = [
        (differences, "by what is done about the lost", _missing_columns(scale), spoken_for),
        (weights, "weights", _weight_columns(), (WEIGHTS_NOTE,)),
        (points, "how different the lost must be", _tipping_columns(scale), (tipping,)),
        (parts[names.BOUNDS], "bounds from the ends of the scale", _bound_columns(scale), (BOUNDS_NOTE,)),
        (
            parts[names.E_VALUE],
            "how strong something unmeasured must be",
            _e_value_columns(),
            (E_VALUE_NOTE,),
        ),
    ]
    return [
        table_from_frame(
            _in_words(frame),
            columns,
            title=f"{title}: {called}",
            notes=(*_said(frame, "reason"), *also),
            synthetic=synthetic,
        )
        for frame, called, columns, also in wanted
        if len(frame)
    ]


def _in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with columns for reading: interval, what, how, model, whose lost are shifted."""
    shown = frame.copy()
    rows = frame.to_dict("records")
    shown["interval"] = [f"{row['from_wave']} to {row['to_wave']}" for row in rows]
    shown["what"] = [_what(row) for row in rows]
    if "handling" in frame:
        shown["handling"] = [_HANDLINGS[name] for name in frame["handling"]]
    if "model" in frame:
        shown["model"] = [model_in_words(name) if name else "" for name in frame["model"]]
    if "shifted" in frame:
        shown["shifted"] = [label(name) for name in frame["shifted"]]
    return shown


def _what(row: dict[Any, Any]) -> str:
    if row["group"] and row.get("reference"):
        return f"{label(row['group'])} − {in_sentence(row['reference'])}"
    if row["group"]:
        return label(row["group"])
    term = str(row.get("term", ""))
    return {"group": "Groups", "baseline": "Score at the first wave", names.WEIGHTS: "The weights"}.get(
        term, term
    )


def _said(frame: pd.DataFrame, column: str) -> tuple[str, ...]:
    """Return what a column of reasons or notes says, each once with the intervals that it holds for."""
    found: dict[str, list[str]] = {}
    for row in frame[frame[column] != ""].to_dict("records"):
        found.setdefault(row[column], []).append(f"{row['from_wave']} to {row['to_wave']}")
    return tuple(f"{', '.join(distinct(where))}: {text.removesuffix('.')}." for text, where in found.items())


def _estimated(scale: Scale) -> tuple[Column, ...]:
    return (
        scale.column("estimate", "Estimate"),
        scale.column("conf_low", "CI from"),
        scale.column("conf_high", "CI to"),
    )


def _missing_columns(scale: Scale) -> tuple[Column, ...]:
    return (
        _INTERVAL,
        Column(name="handling", label="Who is compared", kind="text"),
        Column(name="model", label="Model", kind="text"),
        Column(name="what", label="Difference", kind="text"),
        Column(name="n", label="n", kind="count"),
        *_estimated(scale),
        Column(name="p_value", label="p", kind="p"),
        Column(name="fraction_missing", label="Missing", kind="percent"),
    )


def _weight_columns() -> tuple[Column, ...]:
    return (
        _INTERVAL,
        Column(name="handling", label="Who is compared", kind="text"),
        Column(name="what", label="Weights, or what they balance", kind="text"),
        Column(name="n", label="n", kind="count"),
        Column(name="effective_n", label="Effective n", digits=1),
        Column(name="mean", label="Mean"),
        Column(name="smallest", label="Smallest"),
        Column(name="largest", label="Largest"),
        Column(name="n_trimmed", label="Trimmed", kind="count"),
        Column(name="d_before", label="d before"),
        Column(name="d_after", label="d after"),
    )


def _tipping_columns(scale: Scale) -> tuple[Column, ...]:
    return (
        _INTERVAL,
        _GROUP,
        Column(name="shifted", label="Whose lost are shifted", kind="text"),
        Column(name="share_lost", label="Lost", kind="percent"),
        scale.column("estimate", "Estimate"),
        Column(name="p_value", label="p", kind="p"),
        scale.column("delta", "Shift"),
        Column(name="delta_units", label="in units"),
        scale.column("estimate_at", "Estimate there"),
    )


def _bound_columns(scale: Scale) -> tuple[Column, ...]:
    return (
        _INTERVAL,
        _GROUP,
        Column(name="n", label="n", kind="count"),
        Column(name="n_lost", label="Not known of", kind="count"),
        scale.column("estimate", "Of those known"),
        scale.column("bound_low", "At least"),
        scale.column("bound_high", "At most"),
        scale.column("conf_low", "CI from"),
        scale.column("conf_high", "CI to"),
    )


def _e_value_columns() -> tuple[Column, ...]:
    return (
        _INTERVAL,
        Column(name="model", label="Model", kind="text"),
        Column(name="what", label="Difference", kind="text"),
        Column(name="d", label="d"),
        Column(name="d_low", label="CI from"),
        Column(name="d_high", label="CI to"),
        Column(name="e_value", label="E-value"),
        Column(name="e_value_limit", label="of the limit"),
    )
