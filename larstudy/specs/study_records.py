"""Reading the works of a review: what was done, how each was read, how good it is, how they were found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from larstudy.errors import Problem, name_options
from larstudy.specs.claim_reading import ClaimReader
from larstudy.specs.evidence import (
    ANSWERS,
    READINGS,
    ROLES,
    Appraised,
    Checklist,
    FlowStep,
    Search,
    Study,
)
from larstudy.specs.reading import Section

#: What can be said of a work, each a text in every language.
STUDY_TEXTS: Final = (
    "aim", "design", "country", "setting", "sample", "measures", "analysis", "findings", "limitations",
    "used_for", "read_note",
)  # fmt: skip
_SEARCH_TEXTS: Final = ("filters", "limits", "dates", "hits", "note")


class StudyReader:
    """Reads the tables of a ``studies.toml``: studies, checklists, search, flow; as `ClaimReader` does."""

    def __init__(self, values: Mapping[str, Any], claims: ClaimReader, problems: list[Problem]) -> None:
        self.problems = problems
        self._words = claims.words
        self._top = Section(values, "", problems)
        # The texts of this file are read by the same rules, and their problems belong to this file.
        kept, claims.problems = claims.problems, problems
        self.checklists = {k: self._checklist(k, s) for k, s in self._top.tables("checklists").items()}
        self.studies = {k: self._study(k, s) for k, s in self._top.tables("studies", required=True).items()}
        self.searches = {k: self._search(k, s) for k, s in self._top.tables("search").items()}
        self.flow = {k: self._step(k, s) for k, s in self._top.tables("flow").items()}
        self._top.finish()
        claims.problems = kept

    def _checklist(self, key: str, section: Section) -> Checklist:
        inner = section.section("items", required=True)
        items = {name: self._words(inner, name) for name in inner.keys} if inner is not None else {}
        checklist = Checklist(
            id=key,
            label=self._words(section, "label", required=True),
            source=section.text("source", required=True),
            items=items,
        )
        section.finish()
        return checklist

    def _study(self, key: str, section: Section) -> Study:
        study = Study(
            key=key,
            role=cast("Any", section.choice("role", ROLES, default=ROLES[0], required=True)),
            read=cast("Any", section.choice("read", READINGS, default=READINGS[0], required=True)),
            texts={name: self._words(section, name) for name in STUDY_TEXTS if name in section},
            appraisal=self._appraisal(section),
        )
        section.finish()
        return study

    def _appraisal(self, section: Section) -> dict[str, dict[str, Appraised]]:
        """Return the answers by checklist; an item that nobody answered is not reported."""
        result = {}
        for name, inner in section.tables("appraisal").items():
            if name not in self.checklists:
                remedy = name_options(name, self.checklists)
                section.problem("appraisal", f"there is no checklist '{name}'", remedy, code="unknown_name")
                continue
            items = self.checklists[name].items
            for item in inner.keys:
                if item not in items:
                    inner.problem(item, "is not an item of the checklist", name_options(item, items))
            result[name] = {item: self._answer(inner, item) for item in items}
        return result

    def _answer(self, section: Section, item: str) -> Appraised:
        inner = section.section(item)
        if inner is None:
            return Appraised(answer="not_reported", why={})
        answer = inner.choice("answer", ANSWERS, default="not_reported", required=True)
        appraised = Appraised(answer=cast("Any", answer), why=self._words(inner, "why", required=True))
        inner.finish()
        return appraised

    def _search(self, key: str, section: Section) -> Search:
        search = Search(
            id=key,
            database=section.text("database", required=True),
            terms=section.texts("terms"),
            texts={name: self._words(section, name) for name in _SEARCH_TEXTS if name in section},
        )
        section.finish()
        return search

    def _step(self, key: str, section: Section) -> FlowStep:
        step = FlowStep(
            id=key,
            n=section.whole("n"),
            label=self._words(section, "label", required=True),
            note=self._words(section, "note"),
        )
        if step.n is not None and step.n < 0:
            section.problem("n", "is below zero", "Write how many works there were, or leave it out")
        section.finish()
        return step
