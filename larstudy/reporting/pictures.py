"""The figures of a report, each with its caption and the table of its numbers."""

from __future__ import annotations

import numpy as np

from larstudy import figures
from larstudy.catalogue import in_language, say
from larstudy.names import ALL, CATEGORIES, UNCLASSIFIED, Language
from larstudy.reporting.blocks import Picture
from larstudy.reporting.findings import waves_text
from larstudy.reporting.material import Interval, Material, place
from larstudy.reporting.study_tables import (
    change_table,
    choice_table,
    flow_table,
    transition_table,
)


def _title(material: Material, outcome: str, interval: Interval, lang: Language) -> str:
    return figures.between(in_language(material.label(outcome), lang), interval, lang)


def people_pictures(material: Material, lang: Language) -> list[Picture]:
    """Return who came in, who left and why, and who is compared."""
    outcome = material.outcomes[0]
    interval = material.key_interval(outcome)
    rows = material.rows("flow", **place(outcome, interval))
    if not rows:
        return []
    groups = [
        (str(row["group"]), int(row["n"]))
        for row in material.rows("change", **place(outcome, interval))
        if row["group"] in material.groups and np.isfinite(row["n"])
    ]
    drawn = figures.plot_flow(
        rows,
        groups,
        title=_title(material, outcome, interval, lang),
        synthetic=material.spec.synthetic,
        lang=lang,
    )
    caption = say(
        "Who came in, who left and why, and who is compared. Other outcomes and times are in"
        " tables/flow.csv.",
        lang,
    )
    table = flow_table(material, outcome, interval, lang)
    return [Picture(name="flow", figure=drawn, caption=caption, table=table)]


def lost_pictures(material: Material, lang: Language) -> list[Picture]:
    """Return how those lost stood at the start beside those seen."""
    return []


def network_pictures(material: Material, lang: Language) -> list[Picture]:
    """Return how people moved between networks over the interval that the summary tells of."""
    interval = material.key_interval(material.outcomes[0])
    rows = material.rows("transitions", from_wave=interval[0], to_wave=interval[1], stratum=ALL)
    if not rows:
        return []
    order = (*CATEGORIES, UNCLASSIFIED)
    counts = np.zeros((len(order), len(order)), dtype=np.int64)
    for row in rows:
        if np.isfinite(row["n"]):
            counts[order.index(row["from_category"]), order.index(row["to_category"])] = int(row["n"])
    drawn = figures.plot_transitions(
        counts, order, waves=interval, synthetic=material.spec.synthetic, lang=lang
    )
    caption = say(
        "How people moved between networks, {interval}. A stream is as wide as it has people.",
        lang,
        interval=waves_text(interval, lang),
    )
    table = transition_table(material, interval, lang)
    return [Picture(name="networks", figure=drawn, caption=caption, table=table)]


def outcome_pictures(material: Material, outcome: str, lang: Language) -> list[Picture]:
    """Return the change of each group, and the differences between groups by both analyses."""
    interval = material.key_interval(outcome)
    frame = material.frame("change", **place(outcome, interval))
    name = f"outcome-{material.outcomes.index(outcome) + 1}"
    drawn = figures.plot_change(
        frame[frame["n"].notna()],
        title=_title(material, outcome, interval, lang),
        higher_is=material.spec.outcomes[outcome].higher_is,
        synthetic=material.spec.synthetic,
        lang=lang,
    )
    caption = say("Mean change of each group with its interval; the dashed line is no change.", lang)
    table = change_table(material, outcome, lang)
    return [Picture(name=f"{name}-change", figure=drawn, caption=caption, table=table)]


def choice_pictures(material: Material, lang: Language) -> list[Picture]:
    """Return what the choice of analysis does, and what it takes of the lost to change the answer."""
    outcome = material.outcomes[0]
    interval = material.key_interval(outcome)
    group = material.key_group
    found = []
    for curve in material.curves:
        change = curve.change
        if (change.outcome, (change.from_wave, change.to_wave), curve.group) == (outcome, interval, group):
            caption = say(
                "Every defensible analysis of the difference, from the smallest estimate to the largest, and"
                " what was chosen in each.",
                lang,
            )
            table = choice_table(material, outcome, interval, lang)
            drawn = curve.plot(lang=lang)
            found.append(Picture(name="choices", figure=drawn, caption=caption, table=table))
    return found
