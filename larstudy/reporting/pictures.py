"""The figures of a report, each with its caption and the table of its numbers."""

from __future__ import annotations

from dataclasses import replace

from larstudy.catalogue import say
from larstudy.errors import LarstudyError
from larstudy.figures import FigureResult
from larstudy.figures.words import withheld_words
from larstudy.names import ALL, Language
from larstudy.reporting.blocks import Picture
from larstudy.reporting.findings import waves_text
from larstudy.reporting.material import Interval, Material, place
from larstudy.reporting.study_tables import (
    change_table,
    choice_table,
    definition_table,
    difference_table,
    e_value_table,
    flow_table,
    lost_table,
    regression_table,
    robustness_table,
    specification_table,
    status_table,
    transition_table,
)
from larstudy.tables import Table, show_number


def _drawn(
    material: Material, what: str, outcome: str, interval: Interval, lang: Language, *, group: str = ""
) -> FigureResult | None:
    """Return a figure of the study, None where there is nothing to draw."""
    try:
        return material.draw(
            what, outcome=outcome, from_wave=interval[0], to_wave=interval[1], group=group, lang=lang
        )
    except LarstudyError:
        return None


def _withheld(material: Material, outcome: str, interval: Interval, lang: Language) -> str:
    """Return which groups of a comparison are not shown, with a space before it; empty where all are."""
    hidden = [
        str(row["group"])
        for row in material.rows("change", **place(outcome, interval))
        if row["group"] in material.groups and row["n"] != row["n"]
    ]
    return f" {withheld_words(hidden, lang)}." if hidden and material.withheld else ""


def _return_to(material: Material, outcome: str, interval: Interval, lang: Language) -> str:
    """Return to which mean scores are taken to return, and what that leaves out."""
    row = material.row("regression", **place(outcome, interval))
    if row is None or row["population_mean"] != row["population_mean"]:
        return ""
    mean = show_number(float(row["population_mean"]), material.digits(outcome))
    if material.spec.outcomes[outcome].population_mean is not None:
        return " " + say(
            "Return to the mean of the population that the study file names ({mean}).", lang, mean=mean
        )
    return " " + say(
        "Return to the mean of this sample ({mean}). If everybody came in at a low point, more of the gain is"
        " to be expected, and this figure does not show it.",
        lang,
        mean=mean,
    )


def _picture(name: str, drawn: FigureResult | None, caption: str, *tables: Table) -> list[Picture]:
    if drawn is None or not len(drawn.data):
        return []
    shown = tuple(table for table in tables if table.rows)
    return [Picture(name=name, figure=drawn, caption=caption, tables=shown)]


def people_pictures(material: Material, lang: Language) -> list[Picture]:
    """Return who came in, who left and why, and who is compared."""
    outcome = material.outcomes[0]
    interval = material.key_interval(outcome)
    caption = say(
        "Who came in, who left and why, and who is compared. Other outcomes and times are in"
        " tables/flow.csv.",
        lang,
    )
    drawn = _drawn(material, "flow", outcome, interval, lang)
    return _picture("flow", drawn, caption, flow_table(material, outcome, interval, lang))


def lost_pictures(material: Material, lang: Language) -> list[Picture]:
    """Return how those lost stood at the start beside those seen."""
    outcome = material.outcomes[0]
    interval = material.key_interval(outcome)
    caption = say(
        "How those who were lost stood at the start, against those who were seen again, in standard"
        " deviations. Estimates within the grey band differ little.",
        lang,
    )
    drawn = _drawn(material, "lost", outcome, interval, lang)
    return _picture("lost", drawn, caption, lost_table(material, outcome, interval, lang))


def network_pictures(material: Material, lang: Language) -> list[Picture]:
    """Return how people moved between networks over the interval that the summary tells of."""
    outcome = material.outcomes[0]
    interval = material.key_interval(outcome)
    if not len(material.frame("transitions", from_wave=interval[0], to_wave=interval[1], stratum=ALL)):
        return []
    caption = say(
        "How people moved between networks, {interval}. A stream is as wide as it has people.",
        lang,
        interval=waves_text(interval, lang),
    )
    drawn = _drawn(material, "transitions", outcome, interval, lang)
    return _picture("networks", drawn, caption, transition_table(material, interval, lang))


def network_table(material: Material, lang: Language) -> Table | None:
    """Return how people moved between networks as a table, where the figure is withheld."""
    interval = material.key_interval(material.outcomes[0])
    table = transition_table(material, interval, lang)
    return table if table.rows else None


def outcome_pictures(material: Material, outcome: str, lang: Language) -> list[Picture]:
    """Return how each group went, how much each changed, and the differences by both analyses."""
    interval = material.key_interval(outcome)
    name = f"outcome-{material.outcomes.index(outcome) + 1}"
    captions = {
        "followup": "Mean of each group at the start and at follow-up, with intervals.",
        "change_by_group": "Change of each group: the mean with its interval, and how changes are spread.",
        "change": "Mean change of each group with its interval; the dashed line is no change.",
        "bracket": "Above: the difference of each group from the reference by each analysis, and the span of"
        " them. Below: the part of each gain that regression to the mean would give, and what remains.",
    }
    more = {
        "followup": "" if material.spec.cluster is None else
        " " + say("Intervals of means take people as independent.", lang),
        "change_by_group": "" if material.points else
        " " + say("The shapes end at the 5th and the 95th percentile.", lang),
        "bracket": _return_to(material, outcome, interval, lang),
    }  # fmt: skip
    withheld = _withheld(material, outcome, interval, lang)
    tables = {
        "followup": (change_table(material, outcome, lang), status_table(material, outcome, interval, lang)),
        "change_by_group": (),
        "change": (change_table(material, outcome, lang),),
        "bracket": (
            difference_table(material, outcome, lang),
            regression_table(material, outcome, lang),
            e_value_table(material, outcome, interval, lang),
        ),
    }
    wanted = ("followup", "change_by_group", "bracket") if material.groups else ("change",)
    found = []
    for what in wanted:
        drawn = _drawn(material, what, outcome, interval, lang)
        if drawn is not None and withheld and what != "followup":
            drawn = replace(drawn, alt=f"{drawn.alt}{withheld}")
        caption = f"{say(captions[what], lang)}{more.get(what, '')}{withheld}"
        found += _picture(f"{name}-{what}", drawn, caption, *tables[what])
    return found


def choice_pictures(material: Material, lang: Language) -> list[Picture]:
    """Return what the choice of analysis does, and what it takes of the lost to change the answer."""
    if not material.key_group:
        return []
    outcome = material.outcomes[0]
    interval = material.key_interval(outcome)
    captions = {
        "definitions": "Mean change of each group under every definition of the networks.",
        "specifications": "Analyses of the difference, from the smallest estimate to the largest, and what"
        " was chosen in each.",
        "tipping": "The difference, if those lost had answered higher or lower than those like them. Beyond"
        " the line what is said of the difference changes.",
    }
    where = (material, outcome, interval, lang)
    tables = {
        "definitions": [definition_table(*where)],
        "specifications": [choice_table(*where), specification_table(*where)],
        "tipping": [robustness_table(*where)],
    }
    found = []
    for what, caption in captions.items():
        drawn = _drawn(material, what, outcome, interval, lang, group=material.key_group)
        found += _picture(what, drawn, say(caption, lang), *tables[what])
    return found
