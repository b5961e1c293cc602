"""The tables of a report: of each part of a study the columns that a reader needs, in a language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import pandas as pd

from larstudy.catalogue import in_language, say
from larstudy.figures import FLOW_STEPS, choice_words, with_wave_words
from larstudy.names import ALL, ANCOVA, BRACKET, CHANGE_SCORE, UNCLASSIFIED, Language, in_sentence, label
from larstudy.reporting.findings import waves_text
from larstudy.reporting.material import Interval, Material, place
from larstudy.specs import NetworkRules
from larstudy.tables import MISSING, Column, Table, show_level, table_from_frame

_TEXT = "text"
#: What a dash may be where counts are withheld.
_WITHHELD_DASH: Final = "–: withheld because of small counts, or not to be had."
#: What rounds to zero in hundredths of a standard deviation is shown as zero.
_HUNDREDTH: Final = 0.005


def _table(
    material: Material,
    frame: pd.DataFrame,
    columns: Sequence[Column],
    title: str,
    lang: Language,
    notes: Sequence[str] = (),
) -> Table:
    if not len(frame):
        return Table(title=title, columns=tuple(columns), rows=(), lang=lang)
    made = table_from_frame(frame, columns, title=title, notes=notes, synthetic=material.spec.synthetic)
    return with_dashes_told(material, made).in_language(lang)


def with_dashes_told(material: Material, table: Table) -> Table:
    """Return a table with a note on what its dashes may be, where counts are withheld."""
    if material.withheld and any(MISSING in row for row in table.shown()):
        return replace(table, notes=(*table.notes, _WITHHELD_DASH))
    return table


def _text(name: str, heading: str) -> Column:
    return Column(name=name, label=heading, kind="text")


def _intervals(frame: pd.DataFrame, lang: Language) -> list[str]:
    pairs = zip(frame["from_wave"], frame["to_wave"], strict=True)
    return [waves_text((str(a), str(b)), lang) for a, b in pairs]


def _placed(text: str, material: Material, outcome: str, interval: Interval, lang: Language) -> str:
    return say(text, lang, outcome=material.label(outcome), interval=waves_text(interval, lang))


def status_table(material: Material, outcome: str, interval: Interval, lang: Language) -> Table:
    """Return the means and the mean change of each group within each treatment status."""
    where = {"outcome": outcome, "from_wave": interval[0], "to_wave": interval[1]}
    frame = material.frame("change", **where).copy()
    if len(frame):
        frame = frame[(frame["stratum"] != ALL) & ~frame["group"].isin([ALL, UNCLASSIFIED])]
        # The mean of one person is that person's value.
        frame.loc[frame["n"] == 1, ["before_mean", "after_mean", "estimate"]] = float("nan")
        for column in ("stratum", "group"):
            frame[column] = [label(str(name)) for name in frame[column]]
    digits = material.digits(outcome)
    level = show_level(material.spec.analysis.confidence)
    scores = (("before_mean", "Mean before"), ("after_mean", "Mean after"), ("estimate", "Change"),
              ("conf_low", f"{level} CI from"), ("conf_high", "to"))  # fmt: skip
    columns = [
        _text("stratum", "Treatment status"),
        _text("group", "Group"),
        Column(name="n", label="n", kind="count"),
        *(Column(name=name, label=heading, digits=digits) for name, heading in scores),
    ]
    title = _placed("{outcome}, {interval}: by treatment status", material, outcome, interval, lang)
    return _table(material, frame, columns, title, lang)


def change_table(material: Material, outcome: str, lang: Language) -> Table:
    """Return the mean change of each group over each interval, everybody together first."""
    frame = material.frame("change", outcome=outcome, stratum=ALL).copy()
    frame = frame[frame["group"] != UNCLASSIFIED]
    # The mean of one person is that person's value.
    alone = frame["n"] == 1
    frame.loc[alone, ["before_mean", "after_mean", "estimate"]] = float("nan")
    frame["interval"] = _intervals(frame, lang)
    frame["group"] = [label(str(group)) for group in frame["group"]]
    digits = material.digits(outcome)
    level = show_level(material.spec.analysis.confidence)
    columns = [
        _text("interval", "Interval"),
        _text("group", "Group"),
        Column(name="n", label="n", kind="count"),
        *(
            Column(name=name, label=heading, digits=digits)
            for name, heading in (
                ("before_mean", "Mean before"),
                ("before_sd", "SD before"),
                ("after_mean", "Mean after"),
                ("after_sd", "SD after"),
                ("estimate", "Change"),
                ("conf_low", f"{level} CI from"),
                ("conf_high", "to"),
            )
        ),
        Column(name="p_value", label="p", kind="p"),
        Column(name="d_z", label="d_z", digits=2),
    ]
    return _table(
        material,
        frame,
        columns,
        say("{outcome}: change by group", lang, outcome=material.label(outcome)),
        lang,
    )


def difference_table(material: Material, outcome: str, lang: Language) -> Table:
    """Return each group against the reference by both analyses, and the span of the two."""
    frame = material.frame("estimands", outcome=outcome, stratum=ALL).copy()
    frame = frame[frame["analysis"].isin([CHANGE_SCORE, ANCOVA, BRACKET])]
    frame["interval"] = _intervals(frame, lang)
    called = {CHANGE_SCORE: "Change score", ANCOVA: "ANCOVA", BRACKET: "Span of all analyses"}
    frame["analysis"] = [called[name] for name in frame["analysis"]]
    frame["group"] = [label(str(group)) for group in frame["group"]]
    spans = frame["estimate"].isna()
    frame.loc[~spans, "estimate_low"] = frame.loc[~spans, "estimate"]
    frame.loc[~spans, "estimate_high"] = frame.loc[~spans, "estimate"]
    digits = material.digits(outcome)
    level = show_level(material.spec.analysis.confidence)
    columns = [
        _text("interval", "Interval"),
        _text("group", "Group"),
        _text("analysis", "Analysis"),
        *([_text("errors", "Errors")] if material.spec.cluster is not None else []),
        *(
            Column(name=name, label=heading, digits=digits)
            for name, heading in (
                ("estimate_low", "Difference from"),
                ("estimate_high", "to"),
                ("conf_low", f"{level} CI from"),
                ("conf_high", "to"),
            )
        ),
        Column(name="p_value", label="p", kind="p"),
    ]
    title = say(
        "{outcome}: difference from the group “{group}”",
        lang,
        outcome=material.label(outcome),
        group=in_sentence(material.reference),
    )
    note = "Of a span the interval reaches from the lowest end to the highest of its analyses."
    return _table(material, frame, columns, title, lang, notes=(note,) if spans.any() else ())


def regression_table(material: Material, outcome: str, lang: Language) -> Table:
    """Return the part of each group's change that regression to the mean would give."""
    frame = material.frame("regression", outcome=outcome, stratum=ALL).copy()
    frame["interval"] = _intervals(frame, lang)
    frame["group"] = [label(str(group)) for group in frame["group"]]
    digits = material.digits(outcome)
    columns = [
        _text("interval", "Interval"),
        _text("group", "Group"),
        *([_text("errors", "Errors")] if material.spec.cluster is not None else []),
        *(
            Column(name=name, label=heading, digits=digits)
            for name, heading in (
                ("change", "Change"),
                ("expected_change", "Expected by regression to the mean"),
                ("remainder", "What remains"),
                ("conf_low", "CI from"),
                ("conf_high", "to"),
            )
        ),
    ]
    title = say("{outcome}: change and regression to the mean", lang, outcome=material.label(outcome))
    return _table(material, frame, columns, title, lang)


def flow_table(material: Material, outcome: str, interval: Interval, lang: Language) -> Table:
    """Return who came in, who left at which step and why, and who is compared."""
    frame = material.frame("flow", **place(outcome, interval)).copy()
    frame["what"] = [
        with_wave_words(say("Left out: {reason}", lang, reason=reason), material.spec.waves, lang)
        if reason
        else FLOW_STEPS.get(step, step)
        for step, reason in zip(frame["step"], frame["reason"], strict=True)
    ]
    columns = [_text("what", "Step"), Column(name="n", label="n", kind="count")]
    title = _placed("{outcome}, {interval}: who is counted", material, outcome, interval, lang)
    return _table(material, frame, columns, title, lang)


def lost_table(material: Material, outcome: str, interval: Interval, lang: Language) -> Table:
    """Return how those lost stood at the first wave beside those seen."""
    frame = material.frame("lost", **place(outcome, interval)).copy()
    called = {"baseline": "Score at the first wave", "network": "Network", "group": "Group"}
    frame["what"] = [
        called.get(term, term) + (f": {label(level)}" if level else "")
        for term, level in zip(frame["term"], frame["level"], strict=True)
    ]
    # The mean of one person is that person's value.
    for who in ("lost", "seen"):
        frame[f"{who}_mean"] = frame[f"{who}_mean"].where(frame[f"n_{who}"] > 1)
    columns = [
        _text("what", "At the first wave"),
        Column(name="n_lost", label="n lost", kind="count"),
        Column(name="n_seen", label="n seen", kind="count"),
        Column(name="lost_mean", label="Mean of the lost", digits=2),
        Column(name="seen_mean", label="Mean of the seen", digits=2),
        Column(name="d_rms", noise=_HUNDREDTH, label="Standardised difference", digits=2),
        Column(name="d_rms_low", noise=_HUNDREDTH, label="CI from", digits=2),
        Column(name="d_rms_high", noise=_HUNDREDTH, label="to", digits=2),
    ]
    note = "Of a category the mean is its share."
    title = _placed("{outcome}, {interval}: those lost and those seen", material, outcome, interval, lang)
    return _table(material, frame, columns, title, lang, notes=(note,))


def transition_table(material: Material, interval: Interval, lang: Language) -> Table:
    """Return how many went from which network category to which."""
    frame = material.frame("transitions", from_wave=interval[0], to_wave=interval[1], stratum=ALL).copy()
    for column in ("from_category", "to_category"):
        frame[column] = [label(str(name)) for name in frame[column]]
    columns = [
        _text("from_category", "From"),
        _text("to_category", "To"),
        Column(name="n", label="n", kind="count"),
        Column(name="share_of_row", label="Share of those who began there", kind="percent"),
    ]
    return _table(
        material, frame, columns, say("Networks, {interval}", lang, interval=waves_text(interval, lang)), lang
    )


def definition_table(material: Material, outcome: str, interval: Interval, lang: Language) -> Table:
    """Return the change of each group, and its adjusted difference, under every definition of networks."""
    frame = material.frame("definitions", **place(outcome, interval)).copy()
    if len(frame):
        frame = frame[~frame["group"].isin([ALL, UNCLASSIFIED]) & (frame["n"] > 1)]
        frame["group"] = [label(str(group)) for group in frame["group"]]
        frame["definition"] = [definition_name(material, str(name)) for name in frame["definition"]]
    digits = material.digits(outcome)
    columns = [
        _text("definition", "Definition"),
        _text("group", "Group"),
        Column(name="n", label="n", kind="count"),
        *(
            Column(name=name, label=heading, digits=digits)
            for name, heading in (
                ("estimate", "Change"),
                ("conf_low", "CI from"),
                ("conf_high", "to"),
                ("adjusted_difference", "Adjusted difference"),
                ("adjusted_low", "CI from"),
                ("adjusted_high", "to"),
            )
        ),
    ]
    title = _placed(
        "{outcome}, {interval}: every definition of the networks", material, outcome, interval, lang
    )
    return _table(material, frame, columns, title, lang)


def definition_name(material: Material, definition: str) -> str:
    """Return the id of a definition of the networks and, where a rule makes it, what that says in English."""
    for network in material.spec.networks:
        if network.name == definition and network.rules is not None:
            return f"{definition}: {network.rules.name}"
    return definition


def specification_table(material: Material, outcome: str, interval: Interval, lang: Language) -> Table:
    """Return each analysis of the difference that is told first, from the lowest estimate to the highest."""
    where = {**place(outcome, interval), "group": material.key_group}
    frame = material.frame("sensitivity", **where).sort_values("estimate", kind="stable").copy()
    if len(frame):
        frame["definition"] = [definition_name(material, str(name)) for name in frame["definition"]]
        for column in ("handling", "model", "errors"):
            frame[column] = [choice_words(str(name)) for name in frame[column]]
    digits = material.digits(outcome)
    level = show_level(material.spec.analysis.confidence)
    columns = [
        *([_text("definition", "Definition")] if len(material.spec.networks) > 1 else []),
        _text("model", "Model"),
        _text("handling", "The lost"),
        _text("covariates", "Covariates"),
        *([_text("errors", "Errors")] if material.spec.cluster is not None else []),
        Column(name="n", label="n", kind="count"),
        Column(name="estimate", label="Difference", digits=digits),
        Column(name="conf_low", label=f"{level} CI from", digits=digits),
        Column(name="conf_high", label="to", digits=digits),
        Column(name="p_value", label="p", kind="p"),
    ]
    title = _placed(
        "{outcome}, {interval}: every analysis of the difference", material, outcome, interval, lang
    )
    return _table(material, frame, columns, title, lang)


def choice_table(material: Material, outcome: str, interval: Interval, lang: Language) -> Table:
    """Return which choices among analyses move the difference of the group that is told first."""
    frame = material.frame("sensitivity_choices", **place(outcome, interval), group=material.key_group).copy()
    if len(frame):
        frame["levels"] = [
            "; ".join(definition_name(material, name) for name in str(levels).split("; "))
            if choice == "definition"
            else "; ".join(in_language(level, lang) for level in str(levels).split("; "))
            for choice, levels in zip(frame["choice"], frame["levels"], strict=True)
        ]
    digits = material.digits(outcome)
    columns = [
        _text("choice", "Choice"),
        _text("levels", "Between"),
        Column(name="moves_median", label="Moves it by (median)", digits=digits),
        Column(name="moves_largest", label="At most", digits=digits),
        Column(name="n_flips", label="Changes what is said", kind="count"),
        Column(name="n_sets", label="Comparisons", kind="count"),
    ]
    title = _placed(
        "{outcome}, {interval}: what the choice of analysis does", material, outcome, interval, lang
    )
    return _table(material, frame, columns, title, lang)


def robustness_table(material: Material, outcome: str, interval: Interval, lang: Language) -> Table:
    """Return how much the lost would have to differ to change the answer."""
    frame = material.frame("robustness", **place(outcome, interval), analysis="tipping_point").copy()
    for column in ("group", "reference", "shifted"):
        frame[column] = [label(str(name)) for name in frame[column]]
    digits = material.digits(outcome)
    columns = [
        _text("group", "Group"),
        _text("reference", "Reference"),
        _text("shifted", "Who would have to differ"),
        Column(name="share_lost", label="Share lost", kind="percent"),
        Column(name="estimate", label="Estimate", digits=digits),
        Column(name="p_value", label="p", kind="p"),
        Column(name="delta", label="Shift of the lost needed (below 0: lower)", digits=digits),
        Column(name="estimate_at", label="Estimate then", digits=digits),
    ]
    title = _placed("{outcome}, {interval}: if the lost were different", material, outcome, interval, lang)
    return _table(material, frame, columns, title, lang)


def e_value_table(material: Material, outcome: str, interval: Interval, lang: Language) -> Table:
    """Return how strong an unmeasured confounder would have to be to explain each difference away."""
    frame = material.frame("robustness", **place(outcome, interval), analysis="e_value").copy()
    if len(frame):
        frame["group"] = [label(str(name)) for name in frame["group"]]
        frame["model"] = [
            "ANCOVA" if str(name).startswith(ANCOVA) else "Change score" for name in frame["model"]
        ]
    columns = [
        _text("group", "Group"),
        _text("model", "Analysis"),
        Column(name="d", label="Difference in SD", digits=2),
        Column(name="e_value", label="E-value", digits=2),
        Column(name="e_value_limit", label="E-value of the limit", digits=2),
    ]
    title = _placed(
        "{outcome}, {interval}: how strong an unmeasured confounder would have to be",
        material, outcome, interval, lang,
    )  # fmt: skip
    note = (
        "The E-value is the risk ratio that a confounder would need with both the group and the outcome to"
        " explain the difference away; that of the limit, to take the interval to zero."
    )
    return _table(material, frame, columns, title, lang, notes=(note,))


def rule_table(material: Material, lang: Language) -> Table | None:
    """Return when each network category applies by the rule of the study, None where the file has them."""
    rules = material.spec.networks[0].rules if material.spec.networks else None
    if rules is None:
        return None
    rows = []
    for category in rules.categories:
        every = [
            condition(rules.inputs[name].label, levels, lang) for name, levels in category.all_of.items()
        ]
        some = [condition(rules.inputs[name].label, levels, lang) for name, levels in category.any_of.items()]
        said = every + ([f" {say('or', lang)} ".join(some)] if some else [])
        when = f" {say('and', lang)} ".join(said) or say("everybody else", lang)
        rows.append((label(category.category, lang), when))
    return Table(
        title=in_language(rules.name[0].upper() + rules.name[1:], lang),
        columns=(
            Column(name="category", label=say("Category", lang), kind="text"),
            Column(name="when", label=say("When", lang), kind="text"),
        ),
        rows=tuple(rows),
        notes=(say("The first line that fits is the category.", lang),),
        synthetic=material.spec.synthetic,
        lang=lang,
    )


def _conditions(rules: NetworkRules, levels: Mapping[str, frozenset[float]], lang: Language) -> list[str]:
    return [condition(rules.inputs[name].label, found, lang) for name, found in levels.items()]


def condition(question: str, levels: frozenset[float], lang: Language) -> str:
    """Return a condition of a rule in words: ``"perceived support from friends (0-14): 0 to 3"``."""
    shown = sorted(levels)
    steps = {b - a for a, b in pairwise(shown)}
    if len(shown) > 2 and steps == {1.0}:
        answers = say("{low} to {high}", lang, low=f"{shown[0]:g}", high=f"{shown[-1]:g}")
    else:
        answers = f" {say('or', lang)} ".join(f"{level:g}" for level in shown)
    return f"{in_language(question, lang)}: {answers}"
