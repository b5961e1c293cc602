"""Reading the numbers that sources print: a ``facts.toml`` beside the claims of a review.

Each number stands as it is printed, with what it is, whose it is and who says so. A table of works is held
against them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any, cast

from larstudy.errors import Problem, name_options
from larstudy.specs.claim_reading import ClaimReader
from larstudy.specs.evidence import BASES, N_ROLES, QUANTITIES, WAVES, Fact, OtherWork
from larstudy.specs.reading import Section

_PRINTED = re.compile(r"-?\d+(?:\.\d+)?(?: ?%)?")


class FactsReader:
    """Reads the tables of a ``facts.toml``: labels, works, facts; as `ClaimReader` does."""

    def __init__(
        self,
        values: Mapping[str, Any],
        claims: ClaimReader,
        references: Collection[str],
        problems: list[Problem],
    ) -> None:
        self._claims = claims
        self._problems = problems
        top = Section(values, "", problems)
        # The texts of this file are read by the same rules, and their problems belong to this file.
        kept, claims.problems = claims.problems, problems
        labels = top.section("labels")
        self._labels = {} if labels is None else {key: claims.words(labels, key) for key in labels.keys}
        self.works = {key: self._work(key, s, references) for key, s in top.tables("works").items()}
        self._known = (*references, *self.works)
        self.facts = {key: self._fact(key, s) for key, s in top.tables("facts", required=True).items()}
        top.finish()
        claims.problems = kept

    def _work(self, key: str, section: Section, references: Collection[str]) -> OtherWork:
        if key in references:
            section.problem("", "is in the bibliography already", "Take this table out", code="double_key")
        year = section.whole("year")
        if year is None and "year" not in section:
            section.problem("year", "is missing", "Write four digits", code="missing_key")
        work = OtherWork(
            key=key,
            authors=section.texts("authors", required=True),
            year=year or 0,
            design=self._claims.words(section, "design"),
            country=self._claims.words(section, "country"),
        )
        section.finish()
        return work

    def _fact(self, key: str, section: Section) -> Fact:
        printed = section.text("printed", required=True)
        if printed and not _PRINTED.fullmatch(printed):
            remedy = 'Write it with a decimal point, such as "0.46", "338" or "64 %"'
            section.problem("printed", f"'{printed}' is not a number", remedy)
            printed = "0"
        claims = self._claims
        label = claims.name(section, "label", self._labels, what="label", required=True)
        fact = Fact(
            id=key,
            work=claims.name(section, "work", self._known, what="work", required=True),
            quantity=cast("Any", section.choice("quantity", QUANTITIES, default="count", required=True)),
            label=self._labels.get(label, {}),
            printed=printed or "0",
            role=cast("Any", section.choice("role", N_ROLES)),
            measure=section.text("measure"),
            wave=cast("Any", section.choice("wave", WAVES)),
            n=section.whole("n"),
            cues=section.texts("cues"),
            place=section.text("place"),
            confidence=cast("Any", section.choice("confidence", BASES, default="S", required=True)),
        )
        if fact.quantity == "n" and not fact.role:
            section.problem("role", "is missing", name_options("", N_ROLES), code="missing_key")
        section.finish()
        return fact
