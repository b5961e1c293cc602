"""What a study found, in sentences that anybody can read. Every number comes from its tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeGuard

from larstudy.catalogue import say
from larstudy.figures import in_a_sentence, withheld_words
from larstudy.names import (
    ALL,
    ANCOVA,
    CHANGE_SCORE,
    DIFFERENCE,
    INDEPENDENT,
    TIPPING_POINT,
    Language,
    in_sentence,
)
from larstudy.reporting.material import Interval, Material, Row, place
from larstudy.tables import show_level, show_number

#: A share lost from which on a reader is warned that the lost may change the picture.
MANY_LOST = 0.3


def interval_text(row: Row, digits: int, lang: Language) -> str:
    """Return the ends of an interval, ``"3.6 to 11.8"``."""
    low, high = (show_number(float(row[name]), digits) for name in ("conf_low", "conf_high"))
    return say("{low} to {high}", lang, low=low, high=high)


def waves_text(interval: Interval, lang: Language) -> str:
    """Return from which wave to which, ``"baseline to month 12"``."""
    low, high = (wave_text(wave, lang) for wave in interval)
    return say("{low} to {high}", lang, low=low, high=high)


def wave_text(wave: str, lang: Language) -> str:
    """Return what a wave is called after a preposition, ``"baseline"`` and ``"start"``."""
    return in_a_sentence(wave, lang).removeprefix("ved ")


def known(row: Row | None, *columns: str) -> TypeGuard[Row]:
    """Tell whether a row is there with numbers in these columns: some are withheld, or cannot be had."""
    return row is not None and all(math.isfinite(float(row[column])) for column in columns)


def short_findings(material: Material, lang: Language) -> list[str]:
    """Return what the study found, in a few sentences: who, how much, which groups, and whether it holds.

    Parameters
    ----------
    material : Material
    lang : {"en", "nb", "nn"}

    Returns
    -------
    list of str
    """
    outcome = material.outcomes[0]
    interval = material.key_interval(outcome)
    found = [
        _who(material, outcome, interval, lang),
        _scale(material, outcome, lang),
        _everybody(material, outcome, interval, lang),
        *_groups(material, outcome, interval, lang),
        *_difference(material, outcome, interval, lang),
        *_other_comparisons(material, lang),
    ]
    return [sentence for sentence in found if sentence]


def _level(material: Material) -> str:
    return show_level(material.spec.analysis.confidence)


def _who(material: Material, outcome: str, interval: Interval, lang: Language) -> str:
    row = material.row("change", **place(outcome, interval), group=ALL)
    if not known(row, "n"):
        said = say("{total} people came in.", lang, total=material.n_persons)
        if not material.withheld:
            return said
        why = say(
            "How many were compared is withheld, because small counts could be worked out from it.", lang
        )
        return f"{said} {why}"
    n = int(row["n"])
    lost = 1 - n / material.n_persons
    said = say(
        "{total} people came in. {n} of them ({share}%) have {outcome} measured both at {from_wave} and at"
        " {to_wave}.",
        lang,
        total=material.n_persons,
        n=n,
        share=round(100 * n / material.n_persons),
        outcome=material.label(outcome),
        from_wave=wave_text(interval[0], lang),
        to_wave=wave_text(interval[1], lang),
    )
    grouped = _grouped(material, outcome, interval)
    if grouped is not None:
        in_groups = say("{n} of these are compared in groups.", lang, n=grouped)
        said = f"{said} {in_groups}"
    if lost < MANY_LOST:
        return said
    return f"{said} {say('So many are missing that they could change the picture.', lang)}"


def _grouped(material: Material, outcome: str, interval: Interval) -> int | None:
    """Return how many are in a group, None where there are no groups or one of their counts is withheld."""
    rows = [
        row for row in material.rows("change", **place(outcome, interval)) if row["group"] in material.groups
    ]
    if not rows or not all(known(row, "n") for row in rows):
        return None
    return sum(int(row["n"]) for row in rows)


def _scale(material: Material, outcome: str, lang: Language) -> str:
    """Return from where to where a score can go, and which way is better."""
    spec = material.spec.outcomes[outcome]
    ends = spec.range
    if ends is None and spec.instrument is not None and spec.scale in spec.instrument.scales:
        ends = spec.instrument.scale(spec.scale).range
    if ends is None or spec.higher_is is None:
        return ""
    return say(
        "{outcome}: scores from {low} to {high}; {direction}.",
        lang,
        outcome=spec.label,
        low=f"{ends[0]:g}",
        high=f"{ends[1]:g}",
        direction=f"higher is {spec.higher_is}",
    )


def _everybody(material: Material, outcome: str, interval: Interval, lang: Language) -> str:
    row = material.row("change", **place(outcome, interval), group=ALL)
    if not known(row, "estimate", "conf_low", "conf_high"):
        return ""
    digits = material.digits(outcome)
    values = {
        "outcome": material.label(outcome),
        "estimate": show_number(float(row["estimate"]), digits),
        "level": _level(material),
        "interval": interval_text(row, digits, lang),
    }
    better = improvement(row, material.spec.outcomes[outcome].higher_is)
    if better is None:
        return say(
            "On average {outcome} changed by {estimate} points ({level} CI {interval}): that is within what"
            " chance alone can give.",
            lang,
            **values,
        )
    if better:
        return say(
            "On average {outcome} became better, by {estimate} points ({level} CI {interval}).",
            lang,
            **values,
        )
    return say(
        "On average {outcome} became worse, by {estimate} points ({level} CI {interval}).", lang, **values
    )


def improvement(row: Row, higher_is: str | None) -> bool | None:
    """Tell whether a change is for the better; None where its interval holds 0, or no direction is known."""
    low, high = float(row["conf_low"]), float(row["conf_high"])
    if higher_is is None or low <= 0 <= high:
        return None
    return (low > 0) == (higher_is == "better")


def ranked_groups(material: Material, outcome: str, interval: Interval) -> list[Row]:
    """Return the groups with a mean change, from the best to the worst change; none where up may be bad."""
    higher_is = material.spec.outcomes[outcome].higher_is
    rows = [
        row
        for row in material.rows("change", **place(outcome, interval))
        if row["group"] in material.groups and known(row, "estimate", "conf_low", "conf_high")
    ]
    if higher_is is None or len(rows) < 2:
        return []
    return sorted(rows, key=lambda row: float(row["estimate"]), reverse=higher_is == "better")


def _groups(material: Material, outcome: str, interval: Interval, lang: Language) -> list[str]:
    ranked = ranked_groups(material, outcome, interval)
    if not ranked:
        return []
    digits = material.digits(outcome)
    first, last = ranked[0], ranked[-1]
    return [
        say(
            "The group “{first}” changed most for the better, by {estimate} points ({level} CI {interval},"
            " n = {n}); the group “{last}” had the least favourable change, {least} points ({least_interval},"
            " n = {least_n}).",
            lang,
            first=in_sentence(str(first["group"])),
            estimate=show_number(float(first["estimate"]), digits),
            level=_level(material),
            interval=interval_text(first, digits, lang),
            n=int(first["n"]),
            last=in_sentence(str(last["group"])),
            least=show_number(float(last["estimate"]), digits),
            least_interval=interval_text(last, digits, lang),
            least_n=int(last["n"]),
        ),
        _not_told(material, ranked, lang),
    ]


def _not_told(material: Material, ranked: Sequence[Row], lang: Language) -> str:
    """Return which groups may not be shown: most and least are of the others."""
    shown = {row["group"] for row in ranked}
    hidden = [group for group in material.groups if group not in shown]
    return f"{withheld_words(hidden, lang)}." if material.withheld and hidden else ""


def two_answers(material: Material, outcome: str, interval: Interval, group: str) -> tuple[Row, Row] | None:
    """Return the difference of a group from the reference by change scores and by analysis of covariance.

    With errors for the clusters where the study names them. None where one of the two cannot be had.
    """
    found = []
    for analysis in (CHANGE_SCORE, ANCOVA):
        rows = material.rows("estimands", **place(outcome, interval), analysis=analysis, group=group)
        nested = [row for row in rows if row["errors"] != INDEPENDENT]
        chosen = (nested or rows)[:1]
        if not chosen or not known(chosen[0], "estimate", "conf_low", "conf_high"):
            return None
        found.append(chosen[0])
    return found[0], found[1]


def _difference(material: Material, outcome: str, interval: Interval, lang: Language) -> list[str]:
    group = material.key_group
    answers = two_answers(material, outcome, interval, group) if group else None
    if answers is None:
        return []
    digits = material.digits(outcome)
    by_change, by_level = answers
    said = say(
        "Difference between the groups “{group}” and “{reference}”: {change} points ({level} CI"
        " {change_interval}) where changes are compared, {ancova} points ({ancova_interval}) where people who"
        " started alike are compared.",
        lang,
        group=in_sentence(group),
        reference=in_sentence(material.reference),
        change=show_number(float(by_change["estimate"]), digits),
        level=_level(material),
        change_interval=interval_text(by_change, digits, lang),
        ancova=show_number(float(by_level["estimate"]), digits),
        ancova_interval=interval_text(by_level, digits, lang),
    )
    filled = _when_filled_in(material, outcome, interval, by_change)
    more = [say(text, lang) for text in (agreement(by_change, by_level), filled) if text]
    return [" ".join([said, *more])]


def _when_filled_in(material: Material, outcome: str, interval: Interval, by_change: Row) -> str:
    """Return what becomes of the difference in change once missing scores are imputed; empty if the same."""
    rows = material.rows(
        "robustness",
        **place(outcome, interval),
        analysis=TIPPING_POINT,
        quantity=DIFFERENCE,
        group=material.key_group,
        reference=material.reference,
    )
    if not rows or not known(rows[0], "estimate", "p_value"):
        return ""
    alpha = 1.0 - material.spec.analysis.confidence
    estimate, p = float(rows[0]["estimate"]), float(rows[0]["p_value"])
    sign = 0 if p >= alpha else 1 if estimate > 0 else -1
    seen = _sign(by_change)
    if sign == seen:
        return ""
    if sign == 0:
        return (
            "When missing answers are filled in by a model, the difference in change can no longer be told"
            " from chance."
        )
    if seen == 0:
        return (
            "When missing answers are filled in by a model, the difference in change can be told from chance."
        )
    return "When missing answers are filled in by a model, the difference in change goes the other way."


def agreement(by_change: Row, by_level: Row) -> str:
    """Return the sentence on whether two analyses say the same of a difference."""
    signs = [_sign(row) for row in (by_change, by_level)]
    if signs[0] == signs[1] != 0:
        return "Both analyses say that the groups differ, and in the same direction."
    if signs == [0, 0]:
        return "Neither analysis can tell the groups apart."
    if 0 in signs:
        return "Only one of the two analyses tells the groups apart: the answer depends on the analysis."
    return "The two analyses say the opposite of each other: the answer depends on the analysis."


def _sign(row: Row) -> int:
    return 1 if float(row["conf_low"]) > 0 else -1 if float(row["conf_high"]) < 0 else 0


def _other_comparisons(material: Material, lang: Language) -> list[str]:
    """Return how often, over all outcomes and intervals, the group that is told first changed most."""
    ranked = [ranked_groups(material, o, pair) for o in material.outcomes for pair in material.intervals]
    ranked = [rows for rows in ranked if rows]
    if len(ranked) < 2 or not material.key_group:
        return []
    best = sum(rows[0]["group"] == material.key_group for rows in ranked)
    said = say(
        "Over all outcomes and times the group “{group}” changed most for the better in {best} of {all}"
        " comparisons.",
        lang,
        group=in_sentence(material.key_group),
        best=best,
        all=len(ranked),
    )
    return [said]


def can_tell(material: Material, lang: Language) -> list[str]:
    """Return what the study can tell a reader."""
    lines = ["How the people who answered at both times changed on average, and how sure that is."]
    if material.groups:
        lines += [
            "Whether groups differ in their change, by two analyses that ask different questions.",
            "How much of a change was to be expected anyway: people who start very low tend to stand higher"
            " the next time, whatever happens.",
            "How much those who were lost would have to differ to change the answer.",
        ]
    return [say(line, lang) for line in lines]


def cannot_tell(material: Material, lang: Language) -> list[str]:
    """Return what the study cannot tell a reader."""
    lines = []
    if material.spec.synthetic:
        lines.append("Anything about real people: the data are made up.")
    if material.groups:
        lines.append(
            "Whether one thing led to the other. People were not put into groups by lot: what led them into a"
            " group may also be what changed their quality of life."
        )
    lines += [
        "How those fared who did not answer again.",
        "How it is in other places, at other times, or by other questions than those asked here.",
        "How it went for one single person: averages hide that some get better and some get worse.",
    ]
    return [say(line, lang) for line in lines]
