"""What a first study file would say: what names and layout suggest, and what a person has decided."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import numpy as np

from larstudy.column_guesses import (
    days_by_visit,
    guess_cluster,
    guess_covariates,
    guess_date,
    guess_person,
    guess_wave,
    is_date,
    marks_of,
    tells_apart,
    windows_around,
)
from larstudy.errors import DataError, Problem
from larstudy.files import read_table
from larstudy.guesses import (
    Categories,
    InstrumentGuess,
    guess_categories,
    guess_instruments,
    is_continuous,
    read_categories,
)
from larstudy.identifiers import identifying_columns, without_columns
from larstudy.raw_table import RawTable, looks_like_data
from larstudy.specs.data import WAVE_OF_FILE, DataSpec, FilePart
from larstudy.wave_marks import Measured, waves_in_names

_FEWEST_VALUES, _MOST_ANSWERS = 5, 11
_DICTIONARY = ("Variable / Field Name", "field_name")
#: What a person has decided: the question to what was chosen; nothing chosen means none.
Answers = Mapping[str, tuple[str, ...]]
NOTHING: Answers = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The data files, read.

    Attributes
    ----------
    paths : tuple of Path
    sheet : str
    dictionary : Path or None
        Of a REDCap project.
    table : RawTable
        Without the columns that tell who somebody is.
    dropped : tuple of str
        Those columns.
    stacked : bool
        Whether there are several files, each of a wave of its own.
    persons : tuple of str
        The column of the ids of each file, where there are several.
    """

    paths: tuple[Path, ...]
    sheet: str
    dictionary: Path | None
    table: RawTable
    dropped: tuple[str, ...]
    stacked: bool = False
    persons: tuple[str, ...] = ()

    @property
    def columns(self) -> list[str]:
        """The names of the columns, each once."""
        return [name for name in dict.fromkeys(self.table.columns) if name and name != WAVE_OF_FILE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a study file would say, by guesses and by what a person has decided.

    Attributes
    ----------
    source : Source
    answers : mapping
        What a person has decided.
    layout : str
    person, wave, date, cluster : str or None
    marks : tuple of str
        Of the waves, the baseline first.
    windows : tuple of str
        Lines of waves by date.
    instruments : tuple of InstrumentGuess
    scores : tuple of Measured
        What may be an outcome.
    unknown : mapping
        Items of questionnaires that are not known here.
    candidates : tuple of Measured
        What may hold networks.
    single : tuple of str
        Columns with one answer a person, as far as one can tell.
    network, status : Categories or None
    covariates, coded : tuple of str
    """

    source: Source
    answers: Answers
    layout: str
    person: str | None
    wave: str | None
    date: str | None
    cluster: str | None
    marks: tuple[str, ...]
    windows: tuple[str, ...]
    instruments: tuple[InstrumentGuess, ...]
    scores: tuple[Measured, ...]
    unknown: Mapping[str, Sequence[Measured]]
    candidates: tuple[Measured, ...]
    single: tuple[str, ...]
    network: Categories | None
    status: Categories | None
    covariates: tuple[str, ...]
    coded: tuple[str, ...]


# -- reading ------------------------------------------------------------------------------------------


def look_at(path: Path, *more: Path, sheet: str = "") -> Source:
    """Read data files as far as a draft needs them; see `larstudy.drafts.draft_study`."""
    paths = (path, *more)
    tables = {one: read_table(DataSpec(file=one.name, sheet=_sheet(one, sheet)), one.parent) for one in paths}
    lists = [one for one in paths if set(_DICTIONARY) & set(tables[one].columns)] if more else []
    files = [one for one in paths if one not in lists[:1]]
    for one in files:
        _refuse(tables[one], one.name)
    dictionary = lists[0] if lists else None
    shared = {"sheet": sheet, "dictionary": dictionary}
    if len(files) > 1:
        return _several(files, [tables[one] for one in files], **shared)  # type: ignore[arg-type]
    table = tables[files[0]]
    if dictionary is not None:
        folder = files[0].parent
        spec = DataSpec(file=files[0].name, sheet=sheet, dictionary=relative(dictionary, folder))
        table = read_table(spec, folder)
    return _source(files, table, sheet=sheet, dictionary=dictionary)


def _several(
    files: Sequence[Path], tables: Sequence[RawTable], *, sheet: str, dictionary: Path | None
) -> Source:
    """Join files of the same persons: one a wave where their columns are alike, else side by side."""
    named = [[name for name in dict.fromkeys(table.columns) if name] for table in tables]
    persons = [guess_person(table, names, None) for table, names in zip(tables, named, strict=True)]
    problems = [
        Problem(
            code="no_person",
            where=path.name,
            what="has no column that is named as an id, by which it could be joined with the other files",
            remedy='Give it one that is called "id" in each file',
        )
        for path, person in zip(files, persons, strict=True)
        if person is None
    ]
    if problems:
        raise DataError(problems)
    ids = tuple(str(person) for person in persons)
    measured = [set(names) - {person} for names, person in zip(named, ids, strict=True)]
    common = set.intersection(*measured)
    stacked = 2 * len(common) >= min(map(len, measured)) and bool(common)
    folder = files[0].parent
    waves = file_waves(len(files)) if stacked else [""] * len(files)
    parts = tuple(
        FilePart(file=relative(path, folder), wave=wave, person=person, sheet=_sheet(path, sheet))
        for path, wave, person in zip(files, waves, ids, strict=True)
    )
    who = tuple(dict.fromkeys(one.column for table in tables for one in identifying_columns(table)))
    spec = DataSpec(
        file=parts[0].file,
        layout="long" if stacked else "wide",
        person=ids[0],
        parts=parts,
        dictionary="" if dictionary is None else relative(dictionary, folder),
        drop=who,
    )
    joined = read_table(spec, folder)
    wrong = [problem for problem in joined.problems if problem.severity != "note"]
    if wrong:
        raise DataError(wrong)
    source = _source(files, joined, sheet=sheet, dictionary=dictionary)
    return replace(source, dropped=who, stacked=stacked, persons=ids)


def _source(files: Sequence[Path], table: RawTable, *, sheet: str, dictionary: Path | None) -> Source:
    who = tuple(dict.fromkeys(one.column for one in identifying_columns(table)))
    left = without_columns(table, who)
    return Source(paths=tuple(files), sheet=sheet, dictionary=dictionary, table=left, dropped=who)


def _sheet(path: Path, sheet: str) -> str:
    return sheet if path.suffix.lower() in (".xlsx", ".xlsm") else ""


def relative(path: Path, folder: Path) -> str:
    """Return where a file is as a study file in a folder writes it."""
    return os.path.relpath(path, folder).replace(os.sep, "/")


def file_waves(n: int) -> list[str]:
    """Return names for waves that are files of their own."""
    return ["baseline", *("followup" if n == 2 else f"followup_{place}" for place in range(1, n))]


def _refuse(table: RawTable, name: str) -> None:
    """Refuse what cannot be drafted from, above all a file whose first row is somebody's answers."""
    problems = list(table.problems)
    if looks_like_data(table):
        what = "the first row looks like data where the names of the columns should be"
        remedy = "Add a row with the names of the columns"
        problems.append(Problem(code="no_header", where=name, what=what, remedy=remedy))
    elif len(table.columns) < 2:
        what = "is one column only, as far as its separator could be found"
        remedy = "Separate the cells by comma, semicolon or tab"
        problems.append(Problem(code="one_column", where=name, what=what, remedy=remedy))
    if problems:
        raise DataError(problems)


# -- guessing -----------------------------------------------------------------------------------------


def chosen(answers: Answers, key: str, guess: str | None) -> str | None:
    """Return what was decided, None where it was decided that there is none, else the guess."""
    return guess if key not in answers else next(iter(answers[key]), None)


def make_draft(source: Source, answers: Answers = NOTHING) -> Draft:
    """Return what a study file would say.

    Parameters
    ----------
    source : Source
    answers : mapping, optional
        What a person has decided; the rest is guessed.
    """
    table, columns = source.table, source.columns
    wave = WAVE_OF_FILE if source.stacked else chosen(answers, "wave", guess_wave(table, columns))
    known = source.persons[0] if source.persons else guess_person(table, columns, wave)
    person = chosen(answers, "person", known)
    several = person is not None and not tells_apart(table, [person])
    long = chosen(answers, "layout", "long" if several or (wave and person is None) else "wide") == "long"
    wave = wave if long else None
    date = None
    if long and wave is None and person is not None:
        date = chosen(answers, "date", guess_date(table, columns, person))
    days = days_by_visit(table, person, date) if person and date else []
    rest = [name for name in columns if name not in (person, wave, date)]
    persons = len(set(table.labels(person))) if person in table.cells and person else table.rows
    cluster = chosen(answers, "cluster", guess_cluster(table, rest, persons))
    rest = [name for name in rest if name != cluster]
    marks, measured = _measured(table, rest, wave, answers, long=long)
    within = {column for one in measured for column in one.columns} if not long else set()
    covariates, coded = guess_covariates(table, [name for name in rest if name not in within])
    if "covariates" in answers:
        covariates = list(answers["covariates"])
        coded = [name for name in covariates if _few_numbers(table, name)]
    instruments, unknown = guess_instruments(table, measured)
    unknown = {stem: items for stem, items in unknown.items() if _are_items(table, items)}
    taken = {one.name for guess in instruments for one in guess.items.values()}
    taken |= {one.name for items in unknown.values() for one in items} | {*covariates}
    free = [one for one in measured if one.name not in taken]
    network = _category(table, free, "network", "network", answers, person)
    mine = set(network.measured.columns) if network else set()
    single = [name for name in rest if name not in within | mine | taken]
    status = _category(table, [alone(name) for name in single], "treatment_status", "status", answers, person)
    theirs = mine | (set(status.measured.columns) if status else set())
    return Draft(
        source=source,
        answers=answers,
        layout="long" if long else "wide",
        person=person,
        wave=wave,
        date=date,
        cluster=cluster,
        marks=_baseline_first(marks, answers),
        windows=tuple(windows_around(days)) if len(days) > 1 else (),
        instruments=tuple(instruments),
        scores=tuple(one for one in free if not theirs & set(one.columns) and _may_be_score(table, one)),
        unknown=unknown,
        candidates=tuple(one for one in free if not is_continuous(table, one)),
        single=tuple(single),
        network=network,
        status=status,
        covariates=tuple(covariates),
        coded=tuple(coded),
    )


def alone(name: str) -> Measured:
    """Return a column by itself as something that is measured."""
    return Measured(name=name, column=name, columns=(name,))


def _measured(
    table: RawTable, columns: Sequence[str], wave: str | None, answers: Answers, *, long: bool
) -> tuple[tuple[str, ...], list[Measured]]:
    """Return the marks of the waves, and what may be measured at each."""
    if long:
        marks = tuple(marks_of(table, wave)) if wave and wave != WAVE_OF_FILE else ()
        return marks, [alone(name) for name in columns]
    marks, measured = waves_in_names(columns)
    for key, name in (("pair", "outcome"), ("network_pair", "network")):
        first, later = (chosen(answers, f"{key}:{when}", None) for when in ("first", "later"))
        if first and later:
            measured.append(Measured(name=name, column="", columns=(first, later)))
    return marks, measured


def _baseline_first(marks: tuple[str, ...], answers: Answers) -> tuple[str, ...]:
    first = chosen(answers, "baseline", None)
    return (first, *(mark for mark in marks if mark != first)) if first in marks and first else marks


def _category(
    table: RawTable,
    among: Sequence[Measured],
    key: str,
    question: str,
    answers: Answers,
    person: str | None,
) -> Categories | None:
    """Return a column of categories: the one that was decided on, else a guess; with what codes mean."""
    guess = guess_categories(table, among, key, person)
    name = chosen(answers, question, guess.measured.name if guess else None)
    one = next((one for one in among if one.name == name), None)
    if one is None:
        return None
    found = read_categories(table, one, key, person)
    if chosen(answers, f"{question}_rule", found.rule) != "europasi":
        found = replace(found, rule="")
    decided = {code: next(iter(answers.get(f"{question}:{code.code}", ())), "") for code in found.codes}
    return replace(
        found, codes=tuple(replace(code, meaning=decided[code] or code.meaning) for code in found.codes)
    )


def _numbers_in(table: RawTable, column: str) -> int:
    """Return how many different numbers a column holds, 0 where it holds something else."""
    numbers = table.numbers(column)
    return 0 if numbers.bad.any() else len(np.unique(numbers.values[~np.isnan(numbers.values)]))


def _few_numbers(table: RawTable, column: str) -> bool:
    return 0 < _numbers_in(table, column) < _FEWEST_VALUES


def _are_items(table: RawTable, items: Sequence[Measured]) -> bool:
    return all(0 < _numbers_in(table, c) <= _MOST_ANSWERS for one in items for c in one.columns)


def _may_be_score(table: RawTable, one: Measured) -> bool:
    """Return whether something may be a score: numbers with more than a few values, at some wave."""
    if any(is_date(table, column) for column in one.columns):
        return False
    return any(_numbers_in(table, column) >= _FEWEST_VALUES for column in one.columns)
