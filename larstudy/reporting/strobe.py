"""The STROBE checklist of a cohort study: filled in where the run can, left blank where only authors can."""

from __future__ import annotations

from collections.abc import Callable

from larstudy.catalogue import in_language, say
from larstudy.names import ALL, Language
from larstudy.reporting.findings import known, wave_text, waves_text
from larstudy.reporting.material import Material, place
from larstudy.specs.reading import resource_toml
from larstudy.tables import Column, Table


def strobe_table(material: Material, lang: Language) -> Table:
    """Return the checklist: item, what it asks, and what the run can say of it.

    Parameters
    ----------
    material : Material
    lang : {"en", "nb", "nn"}

    Notes
    -----
    Items as in von Elm et al. (2007), in our own words. What stands in the last column comes from the run; a
    blank is the author's to fill in. A filled cell is a help, and does not mean that an item is done.
    """
    rows = []
    for item in resource_toml("reporting", "strobe")["item"]:
        fills = item.get("fills")
        rows.append((item["number"], item[lang], _FILLS[fills](material, lang) if fills else ""))
    return Table(
        title=say("STROBE checklist for cohort studies", lang),
        columns=(
            Column(name="number", label=say("Item", lang), kind="text"),
            Column(name="asks", label=say("What it asks for", lang), kind="text"),
            Column(name="answer", label=say("What this run can say", lang), kind="text"),
        ),
        rows=tuple(rows),
        notes=(
            say(
                "What is blank is for the authors to fill in. von Elm et al. (2007), in our own words.", lang
            ),
        ),
        synthetic=material.spec.synthetic,
        lang=lang,
    )


def _design(_: Material, lang: Language) -> str:
    return say("Cohort study: the same people at two or more times.", lang)


def _waves(material: Material, lang: Language) -> str:
    spec = material.spec
    said = [say("Source of the data: {source}.", lang, source=spec.source)] if spec.source else []
    said.append(say("Waves: {waves}.", lang, waves=", ".join(wave_text(wave, lang) for wave in spec.waves)))
    if spec.cluster is not None:
        said.append(say("Units of treatment: {column}.", lang, column=spec.cluster.column))
    return " ".join(said)


def _variables(material: Material, lang: Language) -> str:
    said = [say("Outcomes: {names}.", lang, names=", ".join(material.label(o) for o in material.outcomes))]
    spec = material.spec
    if spec.networks:
        said.append(say("Exposure: change of social network.", lang))
    elif spec.group is not None:
        said.append(say("Exposure: {column}.", lang, column=spec.group.column))
    if spec.covariates:
        names = ", ".join(covariate.column for covariate in spec.covariates)
        said.append(
            say(
                "Main analyses: the first score only; adjusted for {names} in sensitivity analyses.",
                lang,
                names=names,
            )
        )
    return " ".join(said)


def _measurement(material: Material, lang: Language) -> str:
    spec = material.spec
    by_source: dict[str, list[str]] = {}
    for outcome in spec.outcomes.values():
        if outcome.instrument is not None:
            labels = by_source.setdefault(outcome.instrument.reference, [])
            labels.append(in_language(outcome.label, lang))
    said = [f"{', '.join(labels)}: {reference}." for reference, labels in by_source.items()]
    for network in spec.networks[:1]:
        if network.rules is None:
            said.append(say("Networks: the categories that the file has.", lang))
        else:
            rule, asked = network.rules, [one.label for one in network.rules.inputs.values()]
            questions = "; ".join(in_language(text, lang) for text in asked)
            source = in_language(rule.reference, lang)
            said.append(
                say("Networks: from {questions} ({source}).", lang, questions=questions, source=source)
            )
    return " ".join(said)


def _bias(_: Material, lang: Language) -> str:
    return say(
        "Regression to the mean is estimated, two analyses with different assumptions stand side by side, and"
        " those lost are compared with those seen.",
        lang,
    )


def _groupings(material: Material, lang: Language) -> str:
    if not material.spec.networks:
        return ""
    rules = [n.rules.name if n.rules is not None else n.name for n in material.spec.networks]
    return say("Networks: {rules}.", lang, rules="; ".join(in_language(rule, lang) for rule in rules))


def _models(material: Material, lang: Language) -> str:
    said = [say("See the methods paragraph of this report.", lang)]
    if len(material.frame("weights", handling="overlap_weights")):
        said.append(say("Groups were made comparable at the start by overlap weights.", lang))
    return " ".join(said)


def _subgroups(material: Material, lang: Language) -> str:
    if len(material.strata) < 2:
        return say("None.", lang)
    return say("Each treatment status apart; see tables/change.csv.", lang)


def _missing(material: Material, lang: Language) -> str:
    handled = dict.fromkeys(material.frame("missing").get("handling", ()))
    said = {
        "complete_cases": "left out",
        "attrition_weights": "weighted for",
        "imputation": "multiple imputation",
    }
    # Overlap weights make groups alike at the start: they are told under 12a.
    words = [in_language(said[str(name)], lang) for name in handled if str(name) in said]
    return say("Missing answers: {ways}.", lang, ways=", ".join(words)) if words else ""


def _lost_method(_: Material, lang: Language) -> str:
    return say("Who was lost is described, and how they would have to differ to change the answer.", lang)


def _sensitivity(material: Material, lang: Language) -> str:
    n = len(set(material.frame("sensitivity").get("specification", ())))
    return say("{n} specifications; see tables/sensitivity.csv.", lang, n=n) if n else ""


def _flow(material: Material, lang: Language) -> str:
    outcome = material.outcomes[0]
    interval = material.key_interval(outcome)
    row = material.row("change", **place(outcome, interval), group=ALL)
    if not known(row, "n"):
        return say("See the flow figure and tables/flow.csv.", lang)
    return say(
        "{total} came in, {n} have both answers ({from_wave} to {to_wave}); see the flow figure and"
        " tables/flow.csv.",
        lang,
        total=material.n_persons,
        n=int(row["n"]),
        from_wave=wave_text(interval[0], lang),
        to_wave=wave_text(interval[1], lang),
    )


def _characteristics(_: Material, lang: Language) -> str:
    return say("See tables/table1.csv and tables/lost.csv.", lang)


def _follow_up(material: Material, lang: Language) -> str:
    intervals = ", ".join(waves_text(pair, lang) for pair in material.intervals)
    return say("Intervals: {intervals}.", lang, intervals=intervals)


def _outcomes(_: Material, lang: Language) -> str:
    return say("See the figures and tables/change.csv.", lang)


def _results(_: Material, lang: Language) -> str:
    return say("See the results paragraphs, tables/contrasts.csv and tables/estimands.csv.", lang)


def _limitations(_: Material, lang: Language) -> str:
    return say("See what this study cannot tell, at the beginning of this report.", lang)


_FILLS: dict[str, Callable[[Material, Language], str]] = {
    "design": _design,
    "waves": _waves,
    "variables": _variables,
    "measurement": _measurement,
    "bias": _bias,
    "groupings": _groupings,
    "models": _models,
    "subgroups": _subgroups,
    "missing": _missing,
    "lost_method": _lost_method,
    "sensitivity": _sensitivity,
    "flow": _flow,
    "characteristics": _characteristics,
    "missing_counts": _characteristics,
    "follow_up": _follow_up,
    "outcomes": _outcomes,
    "results": _results,
    "other": _sensitivity,
    "limitations": _limitations,
}
