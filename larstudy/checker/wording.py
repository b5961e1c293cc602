"""Whether findings are worded as the design of the work allows: words of cause, and what takes them back."""

from __future__ import annotations

import re

from larstudy.checker.lexicon import lexicon, pattern, pattern_of_all, words_pattern
from larstudy.checker.remarks import Cell, Remark
from larstudy.evidence import in_language
from larstudy.names import LANGUAGES

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_QUOTATION = re.compile(r"«[^»]*»|“[^”]*”|\"[^\"]*\"")


def wording_remarks(cell: Cell) -> list[Remark]:
    """Return a remark for each sentence of a finding with a word of cause, or that there is none."""
    work = cell.work
    bearing = set(lexicon("wordings")["bearing"]["designs"])
    qualitative = "qualitative" in work.designs
    if work.designs & bearing or not (qualitative or "observational" in work.designs):
        return []
    diagnosis = "qualitative_effect" if qualitative else "causal_verb"
    found = []
    for sentence in _SENTENCE.split(_QUOTATION.sub(" ", cell.text)):
        cause = cause_in(sentence)
        if cause:
            says, place = in_language(work.design, cell.lang), cell.read_place()
            found.append(
                cell.remark(
                    "wrong",
                    diagnosis,
                    written=_around(sentence, cause),
                    says=says,
                    place=place,
                    fill={"word": cause},
                )
            )
    if not found and len(re.findall(r"[^\W\d_]{2,}", cell.text)) > 2:
        says, place = in_language(work.design, cell.lang), cell.read_place()
        found.append(cell.remark("right", "wording", says=says, place=place))
    return found


def cause_in(sentence: str) -> str:
    """Return the word of cause that a sentence states of the world; empty where there is none.

    A sentence that denies it, speaks of an association, or tells what people said, states none; a word such
    as "contributes to" states one only where it is not put as a possibility.

    Examples
    --------
    >>> cause_in("Eit rusfritt nettverk fører til betre livskvalitet")
    'fører til'
    >>> cause_in("Studien viser ikkje at nettverk fører til noko"), cause_in("Nettverk kan bidra til betring")
    ('', '')
    """
    if pattern_of_all("associated").search(sentence) or pattern_of_all("told").search(sentence):
        return ""
    sentence = pattern("harmless", "words").sub(lambda match: " " * len(match.group()), sentence)
    causes = lexicon("wordings")["causes"]
    for strength in ("strong", "nouns", "weak"):
        words = {word for lang in LANGUAGES for word in causes[lang][strength]}
        for match in words_pattern(words).finditer(sentence):
            clause = re.split(r"[,:(]", sentence[: match.start()])[-1]
            rest = re.split(r"[,:(]", sentence[match.end() :])[0]
            denied = pattern_of_all("denied").search(clause) or (
                # "Effects could not be shown" denies them; "leads to people not coming" denies nothing.
                pattern_of_all("denied").search(rest)
                if strength == "nouns"
                else pattern_of_all("denied").match(rest.lstrip())
            )
            possible = strength == "weak" and pattern_of_all("possible").search(clause)
            if not denied and not possible:
                return match.group()
    return ""


def _around(sentence: str, cause: str) -> str:
    """Return the words about a word of cause, as they stand."""
    at = sentence.find(cause)
    start = max(0, at - 30)
    start = sentence.find(" ", start, at) + 1 if start else 0
    return ("… " if start else "") + sentence[start : at + len(cause) + 25].strip()
