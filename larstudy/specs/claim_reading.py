"""Reading the claims of a review: the tables of a ``claims.toml``, and whether they fit together."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

from larstudy.errors import Problem, name_options
from larstudy.names import LANGUAGES, Language
from larstudy.specs.evidence import (
    BASES,
    CONTRAST_RULES,
    COUNTS,
    EVIDENCE_KINDS,
    FLAG_KINDS,
    KINDS,
    NO_PAGE,
    RULES,
    SUPPORTS,
    Claim,
    ClaimContrast,
    DataSet,
    Flag,
    Outcome,
    Passage,
    Words,
)
from larstudy.specs.reading import Section

_PAGE = re.compile(r"\d+(?:[–-]\d+)?(?:, \d+(?:[–-]\d+)?)*|§ ?\d+(?:, § ?\d+)*")
_PAGE_REMEDY = 'Write "434", "434-437", "5, 7" or "§ 2"; where the review cites no page, write "none"'


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


class ClaimReader:
    """Reads the tables of one file; what is wrong goes to ``problems``, and reading goes on.

    ``found`` holds the tables by name: claims, flags, passages, themes, reasons, populations, outcomes,
    contrasts, data_sets.
    """

    def __init__(self, values: Mapping[str, Any], problems: list[Problem]) -> None:
        self.problems = problems
        self.top = Section(values, "", problems)
        self.languages = self._languages()
        self.title = self.words(self.top, "title", required=True)
        self.bibliography = self.top.text("bibliography", required=True)
        self.studies = self.top.text("studies")
        self.facts = self.top.text("facts")
        self.found: dict[str, Any] = {
            name: self._word_tables(name) for name in ("themes", "reasons", "populations")
        }
        self.found["outcomes"] = self._each("outcomes", self._outcome)
        self.found["contrasts"] = self._each("contrasts", self._contrast)
        self.found["data_sets"] = self._each("data_sets", self._data_set)
        self.found["claims"] = self._each("claims", self._claim, required=True)
        self.found["flags"] = self._each("flags", self._flag)
        self.found["passages"] = self._each("passages", self._passage)
        self.top.finish()
        self._check_graph()

    def _languages(self) -> tuple[Language, ...]:
        given = self.top.texts("languages", required=True)
        for name in given:
            if name not in LANGUAGES:
                self.top.problem("languages", f"'{name}' is not a language", name_options(name, LANGUAGES))
        known = tuple(lang for lang in LANGUAGES if lang in given)
        return known or LANGUAGES[:1]

    def words(self, section: Section, key: str, *, required: bool = False) -> Words:
        """Return a text in each language, from a table; or one text where there is one language."""
        value = section.raw(key)
        if value is None:
            if required:
                remedy = f"Write {key}.{self.languages[0]} = text in quotes, and so on for each language"
                section.problem(key, "is missing", remedy, code="missing_key")
            return {}
        if isinstance(value, str) and value.strip() and len(self.languages) == 1:
            return {self.languages[0]: value}
        if not isinstance(value, dict):
            listed = ", ".join(f"{key}.{lang}" for lang in self.languages)
            section.problem(key, "should be a text in each language", f"Write {listed}")
            return {}
        inner = Section(value, section.path(key), self.problems)
        found: Words = {lang: inner.text(lang, required=True) for lang in self.languages}
        inner.finish()
        return found

    def _word_tables(self, name: str) -> dict[str, Words]:
        outer = self.top.section(name)
        return {} if outer is None else {key: self.words(outer, key) for key in outer.keys}

    def _each(self, name: str, read: Any, *, required: bool = False) -> dict[str, Any]:
        result = {}
        for key, section in self.top.tables(name, required=required).items():
            result[key] = read(key, section)
            section.finish()
        return result

    def names(self, section: Section, key: str, options: Collection[str], *, what: str) -> tuple[str, ...]:
        """Return the names in a list that are among the options; each other one is a problem."""
        given = section.texts(key)
        for name in given:
            if name not in options:
                section.problem(
                    key, f"there is no {what} '{name}'", name_options(name, options), code="unknown_name"
                )
        return tuple(name for name in given if name in options)

    def name(self, section: Section, key: str, options: Collection[str], *, what: str, required: bool) -> str:
        """Return a name that is among the options, or an empty text."""
        given = section.text(key, required=required)
        if given and given not in options:
            section.problem(
                key, f"there is no {what} '{given}'", name_options(given, options), code="unknown_name"
            )
            return ""
        return given

    def page(self, section: Section) -> str:
        """Return a page, several, a paragraph of a law, or ``"none"``."""
        page = section.text("page", required=True)
        if page and page != NO_PAGE and not _PAGE.fullmatch(page):
            section.problem("page", f"'{page}' is not a page", _PAGE_REMEDY)
        return page

    def _outcome(self, key: str, section: Section) -> Outcome:
        inner = section.section("columns", required=True)
        columns = {name: inner.text(name) for name in inner.keys} if inner is not None else {}
        return Outcome(id=key, label=self.words(section, "label", required=True), columns=columns)

    def _contrast(self, key: str, section: Section) -> ClaimContrast:
        return ClaimContrast(id=key, of=section.texts("of", required=True), against=section.texts("against"))

    def _data_set(self, key: str, section: Section) -> DataSet:
        evidence = section.choice("evidence", EVIDENCE_KINDS, default=EVIDENCE_KINDS[0], required=True)
        return DataSet(
            id=key, evidence=cast("Any", evidence), label=self.words(section, "label", required=True)
        )

    def _claim(self, key: str, section: Section) -> Claim:
        claim = Claim(
            id=key,
            kind=cast("Any", section.choice("kind", KINDS, default=KINDS[0], required=True)),
            source=section.text("source", required=True),
            page=self.page(section),
            sections=section.texts("sections"),
            text=self.words(section, "text", required=True),
            population=self.name(
                section, "population", self.found["populations"], what="population", required=True
            ),
            requires=section.texts("requires"),
            themes=self.names(section, "themes", self.found["themes"], what="theme"),
            estimand=self.words(section, "estimand"),
            rule=cast("Any", section.choice("rule", RULES)),
            contrast=self.name(section, "contrast", self.found["contrasts"], what="contrast", required=False),
            outcomes=self.names(section, "outcomes", self.found["outcomes"], what="outcome"),
            testable_on=self.names(section, "testable_on", self.found["data_sets"], what="data set"),
            counts=cast("Any", section.choice("counts", COUNTS)),
            value=_or_nan(section.number("value")),
            limit=_or_nan(section.number("limit")),
            why_not=self.names(section, "why_not", self.found["reasons"], what="reason"),
            support=cast("Any", section.choice("support", SUPPORTS)),
            support_note=self.words(section, "support_note"),
        )
        self._check_test(claim, section)
        return claim

    def _check_test(self, claim: Claim, section: Section) -> None:
        """Record where a claim says neither how it is tested and on what, nor why it is not."""
        testable = bool(claim.testable_on) or "testable_on" in section
        if "rule" in section and not claim.estimand and "estimand" not in section:
            section.problem(
                "estimand",
                "is missing, though there is a rule",
                "Say what would be estimated",
                code="missing_key",
            )
        if testable and "rule" not in section:
            remedy = f"Choose one of {', '.join(RULES)}"
            section.problem("rule", "is missing, though testable_on names data", remedy, code="missing_key")
        if claim.rule in CONTRAST_RULES and "contrast" not in section:
            what = f"is missing, and '{claim.rule}' compares groups"
            section.problem("contrast", what, "Name a table of [contrasts]", code="missing_key")
        needs = {
            "value": claim.rule == "share" and claim.counts,
            "limit": claim.counts == "low_score_at_entry",
        }
        for name, needed in needs.items():
            if needed and name not in section:
                what = "is missing, and the claim is decided by it"
                section.problem(name, what, f"Write {name} = 0.5, a number", code="missing_key")
        if not testable and "why_not" not in section:
            remedy = "Write testable_on = [...] with a rule, or why_not = [...] with a key of [reasons]"
            section.problem("why_not", "is missing, and so is testable_on", remedy, code="missing_key")

    def _flag(self, key: str, section: Section) -> Flag:
        return Flag(
            id=key,
            kind=cast("Any", section.choice("kind", FLAG_KINDS, default=FLAG_KINDS[0], required=True)),
            claims=self.names(section, "claims", self.found["claims"], what="claim"),
            sources=section.texts("sources", required=True),
            page=self.page(section),
            basis=cast("Any", section.choice("basis", BASES, default=BASES[0], required=True)),
            text=self.words(section, "text", required=True),
            remedy=self.words(section, "remedy", required=True),
        )

    def _passage(self, key: str, section: Section) -> Passage:
        return Passage(
            id=key,
            theme=self.name(section, "theme", self.found["themes"], what="theme", required=True),
            source=section.text("source", required=True),
            page=self.page(section),
            text=self.words(section, "text", required=True),
        )

    def _check_graph(self) -> None:
        """Every claim that one rests on is there, and none rests on itself, by whatever way."""
        claims: Mapping[str, Claim] = self.found["claims"]
        for claim in claims.values():
            for name in claim.requires:
                if name not in claims:
                    self.problems.append(
                        Problem(
                            code="unknown_name",
                            where=f"claims.{claim.id}.requires",
                            what=f"there is no claim '{name}'",
                            remedy=name_options(name, claims),
                        )
                    )
        circle = find_circle({c.id: c.requires for c in claims.values()})
        if circle:
            self.problems.append(
                Problem(
                    code="circle",
                    where=f"claims.{circle[0]}.requires",
                    what=f"goes in a circle: {' rests on '.join(circle)}",
                    remedy="Take one of these names out of its requires",
                )
            )


def find_circle(edges: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return the first circle of a graph, from a name back to itself; empty where there is none.

    Examples
    --------
    >>> find_circle({"a": ["b"], "b": ["c"], "c": ["b"]}), find_circle({"a": ["b"]})
    (('b', 'c', 'b'), ())
    """
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        stack = [(start, iter(edges[start]))] if start not in done else []
        path.extend(name for name, _ in stack)
        while stack:
            name, following = stack[-1]
            step = next(following, None)
            if step is None:
                done.add(name)
                stack.pop()
                path.pop()
            elif step in path:
                return (*path[path.index(step) :], step)
            elif step in edges and step not in done:
                stack.append((step, iter(edges[step])))
                path.append(step)
    return ()
