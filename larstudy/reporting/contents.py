"""What stands in a report, and in which order: the short answer first, how it was made last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from larstudy.catalogue import in_language, say
from larstudy.names import Language, in_sentence
from larstudy.reporting.blocks import Block, Bullets, Fold, Heading, Report, Shown, Terms, Text
from larstudy.reporting.findings import can_tell, cannot_tell, short_findings
from larstudy.reporting.material import Material
from larstudy.reporting.methods_text import glossary, methods
from larstudy.reporting.pictures import (
    choice_pictures,
    lost_pictures,
    network_pictures,
    network_table,
    outcome_pictures,
    people_pictures,
)
from larstudy.reporting.results_text import results_paragraph
from larstudy.reporting.strobe import strobe_table
from larstudy.reporting.study_tables import rule_table, with_dashes_told
from larstudy.tables import MISSING, SYNTHETIC_STAMP


def report(material: Material, lang: Language) -> Report:
    """Return the report of a study in a language.

    Parameters
    ----------
    material : Material
    lang : {"en", "nb", "nn"}

    Returns
    -------
    Report
    """
    blocks = [
        *_opening(material, lang),
        *_short(material, lang),
        *_data(material, lang),
        *_limits(material, lang),
        *_categories(material, lang),
        *_people(material, lang),
        *_networks(material, lang),
        *(block for outcome in material.outcomes for block in _outcome(material, outcome, lang)),
        *_certainty(material, lang),
        *_method(material, lang),
        *_words(lang),
        *_made(material, lang),
    ]
    return Report(
        title=in_language(material.spec.title, lang),
        lang=lang,
        synthetic=material.spec.synthetic,
        blocks=tuple(blocks),
    )


def _opening(material: Material, lang: Language) -> list[Block]:
    spec = material.spec
    blocks: list[Block] = []
    if spec.synthetic:
        stamp = in_language(SYNTHETIC_STAMP, lang)
        shows = say("They show that the code works, and nothing about people.", lang)
        blocks.append(Text(text=f"{stamp}. {shows}", kind="stamp"))
    return blocks


def _data(material: Material, lang: Language) -> list[Block]:
    spec = material.spec
    blocks: list[Block] = [Text(text=in_language(note, lang), kind="evidence") for note in spec.notes]
    if material.withheld:
        blocks.append(Text(text=in_language(material.withheld, lang), kind="evidence"))
    if spec.source:
        blocks.append(Text(text=say("Source of the data: {source}.", lang, source=spec.source), kind="note"))
    return [Heading(text=say("About the data", lang), anchor="data"), *blocks] if blocks else []


def _short(material: Material, lang: Language) -> list[Block]:
    return [
        Heading(text=say("In short", lang), anchor="short"),
        Bullets(lines=tuple(short_findings(material, lang))),
    ]


def _limits(material: Material, lang: Language) -> list[Block]:
    return [
        Heading(text=say("What this can and cannot tell you", lang), anchor="limits"),
        Heading(text=say("It can tell you", lang), level=3),
        Bullets(lines=tuple(can_tell(material, lang))),
        Heading(text=say("It cannot tell you", lang), level=3),
        Bullets(lines=tuple(cannot_tell(material, lang))),
    ]


#: What the change groups mean, in the order in which they are explained.
_GROUPS = (
    "Maintained abstinent network: an abstinent network at the start, and at follow-up too.",
    "Gained abstinent network: another network at the start, an abstinent one at follow-up.",
    "Drug-dominated network: the network at follow-up is drug-dominated, whatever it was.",
    "Isolated: isolated at follow-up, whatever the network was.",
)


def _categories(material: Material, lang: Language) -> list[Block]:
    if not material.spec.networks:
        return []
    blocks: list[Block] = [
        Heading(text=say("The categories in words", lang), anchor="categories"),
        Text(
            text=say(
                "Each person's network is abstinent, drug-dominated or isolated at each time. Groups come"
                " from both times together:",
                lang,
            )
        ),
        Bullets(lines=tuple(say(line, lang) for line in _GROUPS)),
    ]
    table = rule_table(material, lang)
    if table is None:
        said = say("The study's file has the categories; how they were made is told there.", lang)
        return [*blocks, Text(text=said)]
    rules = material.spec.networks[0].rules
    notes = () if rules is None else rules.provenance_notes()
    told: tuple[Block, ...] = tuple(Text(text=in_language(note, lang), kind="note") for note in notes)
    summary = say("The rule, word by word", lang)
    return [*blocks, Fold(summary=summary, blocks=(Shown(table=table), *told))]


def _people(material: Material, lang: Language) -> list[Block]:
    return [
        Heading(text=say("Who is counted, and who was lost?", lang), anchor="people"),
        *people_pictures(material, lang),
        *_table_one(material, lang),
        *lost_pictures(material, lang),
    ]


_NO_TABLE_ONE: Final = (
    "Who the groups are at the start is withheld: small counts could be worked out from it."
)


def _table_one(material: Material, lang: Language) -> list[Block]:
    if material.table_one is None:
        return []
    table = material.table_one
    if material.withheld and all(cell == MISSING for row in table.shown() for cell in row[1:]):
        return [Text(text=say(_NO_TABLE_ONE, lang), kind="note")]
    shown = Shown(table=with_dashes_told(material, table).in_language(lang))
    return [Fold(summary=say("Who the groups are at the start", lang), blocks=(shown,))]


def _networks(material: Material, lang: Language) -> list[Block]:
    blocks: list[Block] = list(network_pictures(material, lang))
    if not blocks:
        table = network_table(material, lang)
        blocks = [] if table is None else [Shown(table=table)]
        if blocks and material.withheld:
            gone = "So many of these counts are small that a figure would show something that is not so."
            blocks.append(Text(text=say(gone, lang), kind="note"))
    if not blocks:
        return []
    return [Heading(text=say("Which networks did people have?", lang), anchor="networks"), *blocks]


def _outcome(material: Material, outcome: str, lang: Language) -> list[Block]:
    spec = material.spec.outcomes[outcome]
    place = material.outcomes.index(outcome) + 1
    direction = {"better": "Higher is better.", "worse": "Higher is worse.", None: "Direction not declared."}
    blocks: list[Block] = [
        Heading(
            text=say("How did it go with {outcome}?", lang, outcome=material.label(outcome)),
            anchor=f"outcome-{place}",
        ),
        Text(text=say(direction[spec.higher_is], lang)),
        *_declared(material, outcome, lang),
        *outcome_pictures(material, outcome, lang),
    ]
    paragraphs = [results_paragraph(material, outcome, pair, lang) for pair in material.intervals]
    told: list[Block] = [Text(text=paragraph) for paragraph in paragraphs if paragraph]
    if told:
        blocks.append(Fold(summary=say("Results in APA style", lang), blocks=tuple(told)))
    return blocks


def _declared(material: Material, outcome: str, lang: Language) -> list[Block]:
    """Return what the study file says of an outcome, with its source."""
    spec = material.spec.outcomes[outcome]
    found = []
    if spec.mcid is not None:
        found.append(
            (
                "Smallest change that matters, as the study file says: {value}.",
                f"{spec.mcid:g}",
                spec.mcid_source,
            )
        )
    if spec.reliability is not None:
        low, high = spec.reliability
        shown = f"{low:g}" if low == high else say("{low} to {high}", lang, low=f"{low:g}", high=f"{high:g}")
        found.append(("Reliability, as the study file says: {value}.", shown, spec.reliability_source))
    if spec.population_mean is not None:
        shown = f"{spec.population_mean:g}"
        found.append(
            ("Mean of the population, as the study file says: {value}.", shown, spec.population_mean_source)
        )
    return [
        Text(text=say(text, lang, value=value + (f" ({source})" if source else "")), kind="note")
        for text, value, source in found
    ]


def _certainty(material: Material, lang: Language) -> list[Block]:
    pictures = choice_pictures(material, lang)
    if not pictures:
        return []
    return [
        Heading(text=say("How sure is it?", lang), anchor="sure"),
        Text(
            text=say(
                "Told for {outcome}, and for the difference between the groups “{group}” and “{reference}”."
                " The tables in the folder hold every outcome and group.",
                lang,
                outcome=material.label(material.outcomes[0]),
                group=in_sentence(material.key_group),
                reference=in_sentence(material.reference),
            )
        ),
        *pictures,
    ]


def _method(material: Material, lang: Language) -> list[Block]:
    done = methods(material, lang)
    said: list[Block] = [Text(text=paragraph) for paragraph in done.paragraphs]
    said += [Heading(text=say("References", lang), level=3), Bullets(lines=done.references)]
    if done.instruments:
        said += [Heading(text=say("Instruments", lang), level=3), Bullets(lines=done.instruments)]
    checklist: Sequence[Block] = (Shown(table=strobe_table(material, lang)),)
    blocks: list[Block] = [
        Heading(text=say("Method", lang), anchor="method"),
        Fold(summary=say("What was done", lang), blocks=tuple(said)),
        Fold(summary=say("STROBE checklist", lang), blocks=tuple(checklist)),
    ]
    if material.extra:
        tables = tuple(Shown(table=table.in_language(lang)) for table in material.extra)
        blocks.append(Fold(summary=say("Checks of the data", lang), blocks=tables))
    return blocks


def _words(lang: Language) -> list[Block]:
    return [
        Heading(text=say("Glossary", lang), anchor="words"),
        Fold(summary=say("Words and what they mean", lang), blocks=(Terms(entries=glossary(lang)),)),
    ]


def _made(material: Material, lang: Language) -> list[Block]:
    notes = Bullets(lines=tuple(in_language(note, lang) for note in material.notes))
    made = Bullets(
        lines=tuple(f"{in_language(name, lang)}: {value}" for name, value in material.made_with.items())
    )
    return [
        Heading(text=say("Notes and caveats", lang), anchor="notes"),
        Fold(summary=say("Everything that was noted on the way", lang), blocks=(notes,)),
        Fold(summary=say("How this was made", lang), blocks=(made,)),
    ]
