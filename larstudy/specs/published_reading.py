"""Reading a file of printed numbers, with everything that is wrong in it at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from larstudy.errors import Problem, counted, name_options
from larstudy.names import LANGUAGES
from larstudy.specs.evidence import Words
from larstudy.specs.published import (
    CHECK_KINDS,
    COUNTS,
    FREE_OPTIONS,
    PRINTED_BASES,
    ROLES,
    TEXTS,
    Check,
    PrintedCohort,
    PrintedFact,
    PrintedTable,
    Published,
)
from larstudy.specs.reading import Section, parse_toml, raise_if_any, read_text
from larstudy.specs.toml_lines import with_lines

_PRINTED = re.compile(r"(?:[<>≈] ?)?[+−-]?(?:\d{1,3}(?:,\d{3})+|\d*\.?\d+)\*{0,3}")
_COUNT = re.compile(r"\d{1,3}(?:,\d{3})+|\d+")
_REMEDY = 'Write it as it is printed, in quotes: "0.46", ".622***", "< .001"'


def shipped_numbers() -> Path:
    """Return where the printed numbers of the reviewed field stand."""
    return Path(str(resources.files("larstudy").joinpath("resources", "evidence", "published.toml")))


@cache
def shipped_published() -> Published:
    """Return the printed numbers that ship with larstudy."""
    return read_published(shipped_numbers())


def read_published(path: Path) -> Published:
    """Return printed numbers, what is held against what, and the cohorts of change.

    Parameters
    ----------
    path : Path
        As ``resources/evidence/published.toml``.

    Returns
    -------
    Published

    Raises
    ------
    SpecError
        With every problem of the file, each with its line: unknown and missing keys, numbers that are none,
        names that lead nowhere, roles that a check does not have, texts that lack a language.

    Examples
    --------
    >>> read_published(shipped_numbers()).facts["vederhus_mean"].printed
    ('0.46',)
    """
    text = read_text(path)
    problems: list[Problem] = []
    reader = _Reader(parse_toml(text, path.name), problems)
    found = reader.read()
    raise_if_any(with_lines(problems, text, path.name), f"Printed numbers '{path.name}'")
    return found


class _Reader:
    """Reads the tables of one file; what is wrong goes to ``problems``, and reading goes on."""

    def __init__(self, values: Mapping[str, Any], problems: list[Problem]) -> None:
        self.problems = problems
        self.top = Section(values, "", problems)
        works = self.top.section("works", required=True)
        self.works = {} if works is None else {key: works.text(key, required=True) for key in works.keys}
        self.facts: dict[str, PrintedFact] = {}

    def read(self) -> Published:
        for key, section in self.top.tables("numbers", required=True).items():
            self.facts[key] = self._fact(key, section)
        tables = {key: self._table(key, section) for key, section in self.top.tables("tables").items()}
        checks = {
            key: self._check(key, section, tables) for key, section in self.top.tables("checks").items()
        }
        cohorts = self.top.tables("cohorts")
        found = Published(
            works=self.works,
            facts=self.facts,
            tables=tables,
            checks=checks,
            cohorts={key: self._cohort(key, section, tuple(cohorts)) for key, section in cohorts.items()},
            left_out={k: self._left_out(section) for k, section in self.top.tables("left_out").items()},
        )
        self.top.finish()
        return found

    def _words(self, section: Section, key: str, *, required: bool = True) -> Words:
        inner = section.section(key, required=required)
        if inner is None:
            return {}
        found: Words = {lang: inner.text(lang, required=True) for lang in LANGUAGES}
        inner.finish()
        return found

    def _known(self, section: Section, key: str, options: Mapping[str, Any] | tuple[str, ...]) -> str:
        given = section.text(key, required=True)
        if given and given not in options:
            section.problem(key, f"there is no '{given}'", name_options(given, options), code="unknown_name")
        return given

    def _printed(self, section: Section, key: str, most: int) -> tuple[str, ...]:
        given = section.texts(key, required=True)
        for text in given:
            if not _PRINTED.fullmatch(text):
                section.problem(key, f"'{text}' is not a printed number", _REMEDY)
        if len(given) > most:
            section.problem(key, f"holds {len(given)} numbers, where at most {most} belong", _REMEDY)
        return given

    def _where(self, section: Section) -> dict[str, str]:
        return {
            "work": self._known(section, "work", self.works),
            "place": section.text("place", required=True),
            "basis": section.choice("basis", PRINTED_BASES, default=PRINTED_BASES[0], required=True),
        }

    def _fact(self, key: str, section: Section) -> PrintedFact:
        fact = PrintedFact(id=key, printed=self._printed(section, "printed", 3), **self._where(section))
        section.finish()
        return fact

    def _table(self, key: str, section: Section) -> PrintedTable:
        columns = section.texts("columns", required=True)
        labels, rows = {}, {}
        for name, inner in section.tables("rows", required=True).items():
            labels[name] = self._words(inner, "label")
            rows[name] = self._printed(inner, "printed", len(columns))
            if len(rows[name]) < len(columns):
                inner.problem("printed", f"holds fewer than {len(columns)} numbers", "Write one a column")
            inner.finish()
        table = PrintedTable(
            id=key,
            **self._where(section),
            n=section.whole("n") or 0,
            columns=columns,
            labels=labels,
            rows=rows,
        )
        section.finish()
        return table

    def _check(self, key: str, section: Section, tables: Mapping[str, PrintedTable]) -> Check:
        kind = section.choice("kind", CHECK_KINDS, default=CHECK_KINDS[0], required=True)
        needed, allowed, options = ROLES[kind]
        uses = section.section("uses", required=bool(needed))
        facts = {} if uses is None else {role: self._role(uses, role) for role in uses.keys}
        for role in facts:
            if role not in (*needed, *allowed) and uses is not None:
                uses.problem(role, f"is no part of '{kind}'", name_options(role, (*needed, *allowed)))
        for role in needed:
            if role not in facts and uses is not None:
                uses.problem(role, "is missing", f"Name the number that is the {role}", code="missing_key")
        if uses is not None:
            self._check_texts(uses, kind, facts)
        check = Check(
            id=key,
            kind=cast("Any", kind),
            what=self._words(section, "what"),
            facts=facts,
            options=self._options(section, kind, options, tables),
            claims=section.texts("claims"),
            note=self._words(section, "note", required=False),
        )
        section.finish()
        return check

    def _check_texts(self, uses: Section, kind: str, facts: Mapping[str, tuple[PrintedFact, ...]]) -> None:
        """Record where a number in a role has not the texts that the role needs, or counts nobody."""
        for role, found in facts.items():
            length = TEXTS.get((kind, role), 1)
            for fact in found:
                if len(fact.printed) != length:
                    uses.problem(role, f"'{fact.id}' should hold {counted(length, 'text', 'texts')}", _REMEDY)
                elif role in COUNTS and not _COUNT.fullmatch(fact.printed[0]) and kind != "sum":
                    uses.problem(role, f"'{fact.id}' is not a count of persons", _REMEDY)

    def _role(self, uses: Section, role: str) -> tuple[PrintedFact, ...]:
        """Return the facts that are named, one or a list of them."""
        value = uses.raw(role)
        named = [value] if isinstance(value, str) else value
        if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
            uses.problem(role, "should be the name of a number, or a list of them", "Change it in the file")
            return ()
        for name in named:
            if name not in self.facts:
                remedy = name_options(name, self.facts)
                uses.problem(role, f"there is no number '{name}'", remedy, code="unknown_name")
        return tuple(self.facts[name] for name in named if name in self.facts)

    def _options(
        self, section: Section, kind: str, known: tuple[str, ...], tables: Mapping[str, PrintedTable]
    ) -> dict[str, str | float]:
        needed = [name for name in known if (kind, name) not in FREE_OPTIONS]
        inner = section.section("options", required=bool(needed))
        found: dict[str, str | float] = {}
        if inner is None:
            return found
        for name in inner.keys:
            if name not in known:
                inner.problem(name, "is no option here", name_options(name, known), code="unknown_key")
        choices = {
            "table": tuple(tables), "test": ("t", "F"), "scale": ("linear", "log"),
            "measure": ("year_end", "dispensed"),
        }  # fmt: skip
        for name in needed:
            if name not in inner:
                inner.problem(name, "is missing", f"A check of kind '{kind}' needs it", code="missing_key")
        for name in known:
            if name not in inner:
                continue
            value = inner.choice(name, choices[name]) if name in choices else inner.number(name)
            found[name] = 0.0 if value is None else value
        return found

    def _one(self, section: Section, key: str, *, required: bool = False) -> PrintedFact | None:
        if key not in section and not required:
            return None
        return self.facts.get(self._known(section, key, self.facts))

    def _cohort(self, key: str, section: Section, cohorts: tuple[str, ...]) -> PrintedCohort:
        nobody = PrintedFact(id="", printed=("0",), work="", place="", basis="T")
        cohort = PrintedCohort(
            id=key,
            work=self._known(section, "work", self.works),
            label=self._words(section, "label"),
            measure=self._words(section, "measure"),
            months=section.whole("months") or 0,
            n=self._one(section, "n", required=True) or nobody,
            change=self._one(section, "change"),
            before=self._one(section, "before"),
            after=self._one(section, "after"),
            spread_from=self._known(section, "spread_from", cohorts) if "spread_from" in section else "",
            note=self._words(section, "note", required=False),
        )
        section.finish()
        self._check_cohort(section, cohort)
        return cohort

    def _check_cohort(self, section: Section, cohort: PrintedCohort) -> None:
        """Record where a cohort lacks what its effect size needs."""
        lengths = {
            "change": (cohort.change, 1 if cohort.spread_from else 3),
            "before": (cohort.before, 2),
            "after": (cohort.after, 2),
        }
        for name, (fact, length) in lengths.items():
            if fact is not None and len(fact.printed) != length:
                remedy = "A change has its limits, or spread_from; a mean before or after has its SD"
                section.problem(name, f"'{fact.id}' should hold {length} numbers", remedy)
        if cohort.change is None and (cohort.before is None or cohort.after is None):
            section.problem("", "has no change", "Name a change, or before and after", code="missing_key")

    def _left_out(self, section: Section) -> tuple[str, Words]:
        found = self._known(section, "work", self.works), self._words(section, "why")
        section.finish()
        return found
