"""How the parts of a comparison are shown as tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from larstudy.drawn_words import EFFECTS, RESPONDERS, RESPONSES, criterion_in_words, drawn_notes
from larstudy.names import (
    ANCOVA,
    ANCOVA_COVARIATES,
    BRACKET,
    CHANGE_SCORE,
    INDEPENDENT,
    JACKKNIFE,
    RM_GLM,
    in_sentence,
    label,
    without_errors,
)
from larstudy.repeated_words import REPEATED_MODELS, repeated_term
from larstudy.results import distinct
from larstudy.tables import Column, Scale, Table, show_level, table_from_frame

if TYPE_CHECKING:
    from larstudy.models import Comparison, Part

_TITLES = {
    "change": "change by group",
    "models": "models",
    "contrasts": "differences between groups",
    "flow": "who is counted",
    "estimands": "differences between groups by analyses that assume different things",
    "regression": "regression to the mean",
    "pairs": "pairs of groups and planned contrasts of the change",
    "assumptions": "checks of what the models assume",
    "effects": "effect sizes",
    "responders": "who improved and who got worse",
}


def _text(name: str, heading: str) -> Column:
    return Column(name=name, label=heading, kind="text")


def _count(name: str, heading: str) -> Column:
    return Column(name=name, label=heading, kind="count")


def _later_columns(part: str, from_wave: str, score: Callable[[str, str], Column]) -> tuple[Column, ...]:
    """Return the columns of the tables that are made when they are asked for."""
    estimands = (
        _text("analysis", "Analysis"),
        _text("group", "Difference"),
        Column(name="slope", label="Slope"),
        score("estimate", "Estimate"),
        score("estimate_low", "from"),
        score("estimate_high", "to"),
        score("conf_low", "CI from"),
        score("conf_high", "CI to"),
        Column(name="p_value", label="p", kind="p"),
    )
    regression = (
        _text("group", "Group"),
        _text("errors", "Errors"),
        _count("n", "n"),
        score("before_mean", from_wave),
        score("change", "Change"),
        score("expected_change", "Expected by regression to the mean"),
        score("expected_low", "CI from"),
        score("expected_high", "CI to"),
        score("remainder", "Remainder"),
        score("conf_low", "CI from"),
        score("conf_high", "CI to"),
        Column(name="p_value", label="p", kind="p"),
    )
    pairs = (
        _text("method", "Test"),
        _text("term", "Difference"),
        score("estimate", "Estimate"),
        score("std_error", "SE"),
        score("conf_low", "CI from"),
        score("conf_high", "CI to"),
        Column(name="statistic", label="F or t", digits=3),
        Column(name="df", label="df", digits=1),
        Column(name="p_value", label="p", kind="p"),
        Column(name="p_adjusted", label="p, all at once", kind="p"),
        _text("verdict", "Verdict"),
    )
    assumptions = (
        _text("check", "Check"),
        Column(name="statistic", label="Statistic", digits=3),
        Column(name="df_num", label="df 1", digits=0),
        Column(name="df", label="df", digits=0),
        Column(name="p_value", label="p", kind="p"),
        _text("informs_about", "What it informs about"),
    )
    return {
        "estimands": estimands,
        "regression": regression,
        "pairs": pairs,
        "assumptions": assumptions,
        "effects": EFFECTS,
        "responders": RESPONDERS,
    }[part]


def columns_of(part: str, from_wave: str, to_wave: str, scale: Scale) -> tuple[Column, ...]:
    """Return the columns in which a part is shown, with the decimals of the scale; the data have more."""
    score = scale.column
    change = (
        _text("group", "Group"),
        _count("n", "n"),
        _count("n_excluded", "Left out"),
        score("before_mean", from_wave),
        score("before_sd", "SD"),
        score("after_mean", to_wave),
        score("after_sd", "SD"),
        score("estimate", "Change"),
        score("conf_low", "CI from"),
        score("conf_high", "CI to"),
        score("sd", "SD of change"),
        Column(name="p_value", label="p", kind="p"),
        Column(name="d_z", label="d_z"),
        Column(name="d_av", label="d_av"),
        Column(name="g_av", label="g_av"),
        score("cluster_low", "CI from, clusters"),
        score("cluster_high", "CI to, clusters"),
        Column(name="cluster_p_value", label="p, clusters", kind="p"),
    )
    tested = (
        score("estimate", "Estimate"),
        score("std_error", "SE"),
        score("conf_low", "CI from"),
        score("conf_high", "CI to"),
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
    if part in ("estimands", "regression", "pairs", "assumptions", "effects", "responders"):
        return _later_columns(part, from_wave, score)
    return {"change": change, "models": models, "contrasts": contrasts, "flow": flow}[part]


ESTIMANDS_NOTE = (
    "Every analysis takes the groups' difference at baseline from that at the second wave, as many times as"
    " its slope says. Where groups start alike they agree; where not, the data cannot say which is right."
)
NO_RELIABILITY = (
    "The reliability of the outcome is not given, so that no analysis is corrected for it: write reliability"
    " under the outcome."
)
_WHERE_ASKED = ("verdict", "bca_low", "bca_high", "cluster_low", "cluster_high", "cluster_p_value")
CLUSTERED_NOTE = (
    "Clustered ({kind}): as least squares with errors for clusters. Jackknife over clusters: each cluster is"
    " left out in turn, and t has as many degrees of freedom as there are clusters, less one."
)
PAIRS_NOTE = (
    "Of the change, but for ANCOVA, which is of the second wave. p, all at once: by Holm for Welch, the"
    " planned contrasts, permutations and the wild bootstrap, by the test itself for Games-Howell and Tukey,"
    " whose intervals hold all at once too."
)
REGRESSION_NOTE = (
    "Expected: what people of this group, as far from the mean at baseline as they were, would change by"
    " regression to the mean alone. Interval and p are those of the remainder."
)
OWN_MEAN = (
    "The mean that people regress to is taken to be that of everybody here at baseline. People who come when"
    " they are at their worst all regress, and that is in the remainder of every group: write population_mean"
    " under the outcome where a mean is known."
)
_MODELS = {
    RM_GLM: "Repeated measures",
    CHANGE_SCORE: "Change score",
    ANCOVA: "ANCOVA",
    ANCOVA_COVARIATES: "ANCOVA with covariates",
}
_TERMS = {
    "time": "Time, every group counting alike",
    "time_weighted": "Time, every person counting alike",
    "time:group": "Time x group",
    "intercept": "Intercept",
    "baseline": "Score at the first wave",
}
_OVERALL = {
    RM_GLM: "Groups, mean of both waves",
    CHANGE_SCORE: "Groups, change",
    ANCOVA: "Groups, given the first wave",
    ANCOVA_COVARIATES: "Groups, given the first wave and the covariates",
}


def model_in_words(model: str) -> str:
    """Return what a model is, as a reader may call it.

    Examples
    --------
    >>> model_in_words("ancova"), model_in_words("ancova_cr2")
    ('ANCOVA', 'ANCOVA, clustered (CR2)')
    """
    if model in REPEATED_MODELS:
        return REPEATED_MODELS[model]
    plain = without_errors(model)
    errors = model.removeprefix(plain).removeprefix("_").upper()
    return f"{_MODELS[plain]}, clustered ({errors})" if errors else _MODELS[plain]


_ANALYSES = {
    "change_score": "Change score",
    "ancova": "ANCOVA",
    "ancova_corrected": "ANCOVA, corrected for unreliability",
    "constrained_baseline": "Two waves, one baseline mean",
    BRACKET: "From the smallest to the largest",
}


_METHODS = {
    "welch": "Welch",
    "games_howell": "Games-Howell",
    "tukey": "Tukey",
    "planned_pooled": "Planned, one spread",
    "planned_welch": "Planned, each its own spread",
    "planned_ancova": "Planned, ANCOVA",
    "planned_change_score": "Planned, change score",
    "tost": "Equivalence (TOST)",
    "permutation": "Permutation",
    "wild_change_score": "Change score, wild cluster bootstrap",
    "wild_ancova": "ANCOVA, wild cluster bootstrap",
}
_PLANNED = {
    "group": "Groups, change",
    "gained_against_drug_dominated": "Gained abstinent network − drug-dominated network",
    "abstinent_against_rest": "Gained and maintained abstinent network − the others",
    "isolated_against_rest": "Isolated − the others",
}
_CHECKS = {
    "equal_spread": "Equal spread of the changes (Brown-Forsythe)",
    "equal_slopes": "Equal slopes on the first wave",
    "residuals_shapiro": "Normal residuals (Shapiro-Wilk)",
    "residuals_skewness": "Skewness of the residuals (z)",
    "residuals_kurtosis": "Kurtosis of the residuals (z)",
}


def _pair_in_words(row: Mapping[Any, Any]) -> str:
    if row["group"]:
        return _group_in_words(row)
    return _PLANNED[str(row["term"])]


def _group_in_words(row: Mapping[Any, Any]) -> str:
    return f"{label(str(row['group']))} − {in_sentence(str(row['reference']))}"


def _analysis_in_words(row: Mapping[Any, Any]) -> str:
    shown, reliability = _ANALYSES[str(row["analysis"])], float(row["reliability"])
    shown = f"{shown} ({reliability:g})" if reliability == reliability else shown
    errors = str(row["errors"])
    if errors == INDEPENDENT:
        return shown
    return f"{shown}, {errors}" if errors == JACKKNIFE else f"{shown}, clustered ({errors})"


def _method_in_words(method: str) -> str:
    plain = without_errors(method)
    errors = method.removeprefix(plain).removeprefix("_").upper()
    return f"{_METHODS[plain]}, clustered ({errors})" if errors else _METHODS[plain]


def term_in_words(row: Mapping[Any, Any]) -> str:
    """Return what a row of the models is, as a reader may call it.

    Examples
    --------
    >>> term_in_words({"model": "ancova", "term": "group", "group": "", "reference": "A"})
    'Groups, given the first wave'
    """
    if row["model"] in REPEATED_MODELS:
        return repeated_term(row)
    term, group = str(row["term"]), label(str(row["group"]))
    if term == "group":
        return _OVERALL[without_errors(str(row["model"]))]
    if term.startswith("adjusted_mean"):
        level = "change" if without_errors(str(row["model"])) == CHANGE_SCORE else "second wave"
        return f"Mean of {in_sentence(str(row['group']))}, {level}"
    if row["group"]:
        return f"{group} − {in_sentence(str(row['reference']))}"
    return _TERMS.get(term, term)


def reasons_in_words(frame: pd.DataFrame, name: str) -> tuple[str, ...]:
    """Return why numbers in a table are missing, a line a reason."""
    rows = frame[[name, "reason"]].fillna("").astype(str)
    lines: dict[str, list[str]] = {}
    for term, reason in rows.itertuples(index=False):
        if reason and reason != "the reference group":
            lines.setdefault(reason, []).append(label(term))
    return tuple(f"{', '.join(distinct(terms))}: {reason}." for reason, terms in lines.items())


def comparison_table(comparison: Comparison, part: Part, *, alone: bool = True) -> Table:
    """Return one part of a comparison as a table.

    Standing ``alone`` it has every note and its source; among others only the notes that are its own.
    """
    change = comparison.change
    frame = comparison.to_frame(part)
    columns = columns_of(part, change.from_wave, change.to_wave, change.scale)
    # What nobody asked for is no empty column.
    empty = [name for name in _WHERE_ASKED if name in frame and _is_empty(frame[name])]
    if "errors" in frame and frame["errors"].eq(INDEPENDENT).all():
        empty.append("errors")
    if part == "change" and frame["cluster_errors"].ne("").any():
        # Somebody asked, even where there is no answer.
        empty = []
    return table_from_frame(
        _in_words(frame, part),
        [column for column in columns if column.name not in empty],
        title=f"{change.label}, {change.from_wave} to {change.to_wave}: {_TITLES[part]}",
        notes=(*_part_notes(comparison, part, frame), *(comparison.notes if alone else ())),
        source=change.source if alone else "",
        synthetic=change.synthetic,
    )


def _is_empty(column: pd.Series[Any]) -> bool:
    return bool((column.isna() | (column == "")).all())


def _in_words(frame: pd.DataFrame, part: Part) -> pd.DataFrame:
    """Return a copy of a part with its names as a reader may call them."""
    shown, rows = frame.copy(), frame.to_dict("records")
    if part in ("change", "regression", "responders"):
        shown["group"] = [label(name) for name in shown["group"]]
    if part == "pairs":
        shown["method"] = [_method_in_words(name) for name in frame["method"]]
        shown["term"] = [_pair_in_words(row) for row in rows]
    elif part == "assumptions":
        shown["check"] = [_CHECKS[name] for name in frame["check"]]
    elif part == "estimands":
        shown["group"] = [_group_in_words(row) for row in rows]
        shown["analysis"] = [_analysis_in_words(row) for row in rows]
    elif part == "effects":
        shown["group"] = [_group_in_words(row) if row["reference"] else label(row["group"]) for row in rows]
    elif part == "responders":
        shown["criterion"] = [criterion_in_words(row) for row in rows]
        shown["response"] = [RESPONSES[name] for name in frame["response"]]
    elif part in ("models", "contrasts"):
        shown["term"] = [term_in_words(row) for row in rows]
        shown["model"] = [model_in_words(name) for name in shown["model"]]
    return shown


def _part_notes(comparison: Comparison, part: Part, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the notes that belong to one part: why numbers are missing, and what its columns are."""
    if part == "flow":
        return ()
    named = {"assumptions": "check", "models": "term", "contrasts": "term", "pairs": "term"}.get(
        part, "group"
    )
    lines = (*reasons_in_words(frame, named), *drawn_notes(comparison, part, frame))
    if part == "estimands":
        taken = dict(zip(frame["analysis"], frame["assumption"], strict=True))
        granted = (f"{_ANALYSES[name]} takes for granted: {said}" for name, said in taken.items())
        lines = (*lines, *granted, ESTIMANDS_NOTE)
        if comparison.assumed.reliability is None:
            lines = (*lines, NO_RELIABILITY)
        if comparison.clusters is not None:
            lines = (*lines, CLUSTERED_NOTE.format(kind=comparison.clusters.errors))
    if part == "pairs":
        lines = (*lines, PAIRS_NOTE)
    if part == "regression":
        lines = (*lines, REGRESSION_NOTE)
        if comparison.assumed.population_mean is None:
            lines = (*lines, OWN_MEAN)
    if part == "change":
        level = show_level(comparison.change.confidence)
        lines = (*lines, f"CI: {level} interval of the mean change.")
        if comparison.clusters is not None:
            nested = frame[["group", "cluster_reason"]].set_axis(["group", "reason"], axis=1)
            errors = f"Clusters: {comparison.clusters.errors} errors, degrees of freedom by Satterthwaite."
            lines = (*lines, errors, *(f"Clusters: {said}" for said in reasons_in_words(nested, "group")))
    return lines
