"""Reading a review: its claims, its works and its references, from files that must agree."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from pathlib import Path

from larstudy.errors import Problem, SpecError, name_options
from larstudy.specs.bibliography import Reference, parse_bibtex
from larstudy.specs.claim_reading import ClaimReader
from larstudy.specs.evidence import Evidence
from larstudy.specs.printed_facts import FactsReader
from larstudy.specs.reading import parse_toml, raise_if_any, read_text
from larstudy.specs.study_records import StudyReader
from larstudy.specs.toml_lines import with_lines


def shipped_claims() -> Path:
    """Return where the claims of the reviewed thesis stand."""
    return Path(str(resources.files("larstudy").joinpath("resources", "evidence", "claims.toml")))


@cache
def shipped_evidence() -> Evidence:
    """Return the review that ships with larstudy."""
    return read_evidence(shipped_claims())


def read_evidence(path: Path) -> Evidence:
    """Return a review from its claims file, and the files that it names beside it.

    Parameters
    ----------
    path : Path
        A ``claims.toml``. Its ``bibliography`` names a BibTeX file, its ``studies`` and ``facts`` (if there)
        TOML files.

    Returns
    -------
    Evidence

    Raises
    ------
    SpecError
        With every problem of the files, each with its line: unknown and missing keys, pages that are no
        pages, names that lead nowhere, claims that rest on each other in a circle, references without a work
        and works without a reference.

    Examples
    --------
    >>> evidence = read_evidence(shipped_claims())
    >>> evidence.claims["C02"].requires
    ('M08', 'M09', 'M10', 'M11')
    """
    text = read_text(path)
    own: list[Problem] = []
    reader = ClaimReader(parse_toml(text, path.name), own)
    references, elsewhere = _references(path.parent, reader.bibliography)
    if references is not None:
        _check_sources(reader, references)
    works, more = _works(path.parent, reader, references)
    printed, still_more = _printed(path.parent, reader, references)
    problems = [*with_lines(own, text, path.name), *elsewhere, *more, *still_more]
    raise_if_any(problems, f"Review '{path.name}'")
    return Evidence(
        title=reader.title,
        languages=reader.languages,
        **reader.found,
        references=references or {},
        studies=works.studies if works else {},
        checklists=works.checklists if works else {},
        searches=works.searches if works else {},
        flow=works.flow if works else {},
        facts=printed.facts if printed else {},
        other_works=printed.works if printed else {},
    )


def _references(folder: Path, name: str) -> tuple[Mapping[str, Reference] | None, list[Problem]]:
    """Return the references, or None and why they cannot be read."""
    if not name:
        return None, []
    try:
        return parse_bibtex(read_text(folder / name), name), []
    except SpecError as error:
        return None, list(error.problems)


def _works(
    folder: Path, reader: ClaimReader, references: Mapping[str, Reference] | None
) -> tuple[StudyReader | None, list[Problem]]:
    if not reader.studies:
        return None, []
    problems: list[Problem] = []
    try:
        text = read_text(folder / reader.studies)
        works = StudyReader(parse_toml(text, reader.studies), reader, problems)
    except SpecError as error:
        return None, list(error.problems)
    if references is not None:
        for key in works.studies:
            _check_key(problems, f"studies.{key}", key, references)
    placed = with_lines(problems, text, reader.studies)
    if references is not None:
        missing = [key for key in references if key not in works.studies]
        placed += [
            Problem(
                code="no_work",
                where=f"{reader.bibliography}, {key}",
                what=f"is a reference without a table [studies.{key}] in {reader.studies}",
                remedy="Add the table, or take the reference out",
            )
            for key in missing
        ]
    return works, placed


def _printed(
    folder: Path, reader: ClaimReader, references: Mapping[str, Reference] | None
) -> tuple[FactsReader | None, list[Problem]]:
    """Return the printed numbers; None where there is no file of them, or no bibliography."""
    if not reader.facts or references is None:
        return None, []
    problems: list[Problem] = []
    try:
        text = read_text(folder / reader.facts)
        printed = FactsReader(parse_toml(text, reader.facts), reader, references, problems)
    except SpecError as error:
        return None, list(error.problems)
    return printed, with_lines(problems, text, reader.facts)


def _check_sources(reader: ClaimReader, references: Collection[str]) -> None:
    for name in ("claims", "passages"):
        for key, entry in reader.found[name].items():
            if entry.source:
                _check_key(reader.problems, f"{name}.{key}.source", entry.source, references)
    for key, flag in reader.found["flags"].items():
        for source in flag.sources:
            _check_key(reader.problems, f"flags.{key}.sources", source, references)


def _check_key(problems: list[Problem], where: str, key: str, references: Collection[str]) -> None:
    if key not in references:
        problems.append(
            Problem(
                code="unknown_source",
                where=where,
                what=f"there is no reference '{key}'",
                remedy=f"Add it to the bibliography. {name_options(key, references)}",
            )
        )
