"""Several files of one study, joined by the ids of their persons.

The order of rows means nothing here: a row without an id is joined with nothing, and a person who stands
twice in a file is refused, not paired in turn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

import numpy as np

from larstudy.errors import Problem, counted
from larstudy.raw_table import FileRecord, RawTable, person_label, take_rows
from larstudy.readers.base import with_column_problems
from larstudy.specs.data import WAVE_OF_FILE, FilePart

Ids = list[str | None]


def stack_waves(tables: Sequence[RawTable], parts: Sequence[FilePart], person: str) -> RawTable:
    """Return one table of files that each hold one wave, a row a person.

    Parameters
    ----------
    tables : sequence of RawTable
    parts : sequence of FilePart
        With the wave of each and its column of the ids.
    person : str
        What that column is called in the result.

    Returns
    -------
    RawTable
        Rows of all files, with a column that says of which wave they are. A column that a file lacks is
        empty in its rows. Whoever is in one file only is counted in a note.
    """
    tables = [_with_points(table) for table in tables]
    known, problems = _ids(tables, parts, person)
    renamed = [_renamed(table, part, person) for table, part in zip(tables, parts, strict=True)]
    columns = tuple(dict.fromkeys(name for table in renamed for name in table.columns))
    cells = {
        name: [cell for t in renamed for cell in (t.cells[name] if name in t.cells else [""] * t.rows)]
        for name in columns
    }
    waves = [part.wave for table, part in zip(tables, parts, strict=True) for _ in range(table.rows)]
    starts = np.cumsum([0, *(table.rows for table in renamed)]).tolist()
    reasons: dict[str, dict[int, str]] = {}
    for start, table in zip(starts, renamed, strict=False):
        for name, rows in table.reasons.items():
            reasons.setdefault(name, {}).update({start + row: reason for row, reason in rows.items()})
    joined = replace(
        _shared(renamed, problems),
        columns=(*columns, WAVE_OF_FILE),
        cells={**cells, WAVE_OF_FILE: waves},
        rows=len(waves),
        row_names=tuple(name for table in renamed for name in _row_names(table)),
        reasons=reasons,
    )
    return _with_count(joined, known, tables)


def join_columns(tables: Sequence[RawTable], parts: Sequence[FilePart], person: str) -> RawTable:
    """Return one table of files that each hold other columns of the same persons, a row a person.

    Parameters
    ----------
    tables : sequence of RawTable
    parts : sequence of FilePart
        With the column of the ids of each.
    person : str
        What that column is called in the result.

    Returns
    -------
    RawTable
        A row a person, in the order of the ids found; everybody who is in any file. Whoever stands twice in
        a file, rows without an id, and a column that two files have, are problems of the table.
    """
    tables = [_with_points(table) for table in tables]
    known, problems = _ids(tables, parts, person)
    places: list[dict[str, int]] = []
    for table, part, ids in zip(tables, parts, known, strict=True):
        problems += [*_twice(table, part, ids), *_without_id(table, part, ids)]
        first: dict[str, int] = {}
        for row, label in enumerate(ids):
            if label is not None:
                first.setdefault(label, row)
        places.append(first)
    everybody = list(dict.fromkeys(label for first in places for label in first))
    aligned = []
    for table, part, first in zip(tables, parts, places, strict=True):
        positions = [first.get(label, -1) for label in everybody]
        aligned.append(take_rows(_renamed(table, part, person), positions))
    columns = tuple(dict.fromkeys(name for table in aligned for name in table.columns))
    cells: dict[str, Sequence[str]] = {}
    reasons: dict[str, Mapping[int, str]] = {}
    for table in aligned:
        for name, column in table.cells.items():
            cells.setdefault(name, column)
        for name, rows in table.reasons.items():
            reasons.setdefault(name, rows)
    if person in columns:
        cells[person] = everybody
    names = [
        next(
            f"{table.row_number(first[label])} of {table.record.name}"
            for table, first in zip(tables, places, strict=True)
            if label in first
        )
        for label in everybody
    ]
    joined = replace(
        _shared(aligned, problems),
        columns=columns,
        cells=cells,
        rows=len(everybody),
        row_names=tuple(names),
        reasons=reasons,
    )
    joined = with_column_problems(joined, _shared_columns(aligned, tables, person))
    return _with_count(joined, known, tables)


def _ids(
    tables: Sequence[RawTable], parts: Sequence[FilePart], person: str
) -> tuple[list[Ids], list[Problem]]:
    """Return the ids of each file as they are compared, and each file that lacks the column of them."""
    found: list[Ids] = []
    problems = []
    for table, part in zip(tables, parts, strict=True):
        if part.person in table.cells:
            found.append([person_label(label) for label in table.labels(part.person)])
            continue
        found.append([None] * table.rows)
        problems.append(
            Problem(
                code="unknown_column",
                where=f"column '{part.person}'",
                what=f"is not in {table.record.name}, whose rows cannot be joined without the ids",
                remedy=f'Write {{ file = "{table.record.name}", person = "..." }} under files where'
                f" '{person}' is called something else there",
            )
        )
    return found, problems


def _twice(table: RawTable, part: FilePart, ids: Ids) -> list[Problem]:
    seen: set[str] = set()
    again = np.zeros(len(ids), dtype=bool)
    for row, label in enumerate(ids):
        again[row] = label in seen
        if label is not None:
            seen.add(label)
    return _rows_problem(
        "person_twice",
        table,
        part,
        again,
        ("row repeats", "rows repeat"),
        "an id that an earlier row of the same file has; each person may stand once in each file",
        "Keep one row for each, and decide which by hand",
    )


def _without_id(table: RawTable, part: FilePart, ids: Ids) -> list[Problem]:
    lost = np.array([label is None for label in ids], dtype=bool)
    if part.person not in table.cells:
        return []
    what = "no person id and cannot be joined"
    return _rows_problem(
        "missing_person", table, part, lost, ("row has", "rows have"), what, "Fill in the ids"
    )


def _rows_problem(
    code: str,
    table: RawTable,
    part: FilePart,
    rows: np.ndarray[tuple[int], np.dtype[np.bool_]],
    verb: tuple[str, str],
    what: str,
    remedy: str,
) -> list[Problem]:
    n = int(rows.sum())
    if not n:
        return []
    where = f"column '{part.person}' of {table.record.name}"
    what = f"{counted(n, *verb)} {what}"
    return [Problem(code=code, where=where, what=what, remedy=remedy, n=n, rows=table.some_rows(rows))]


def _shared_columns(
    aligned: Sequence[RawTable], tables: Sequence[RawTable], person: str
) -> dict[str, list[Problem]]:
    """Refuse, where it is read, a column that two files have: which of them is meant is not guessed."""
    owners: dict[str, list[str]] = {}
    for part, table in zip(aligned, tables, strict=True):
        for name in part.cells:
            if name and name != person:
                owners.setdefault(name, []).append(table.record.name)
    return {name: [_in_two_files(name, files)] for name, files in owners.items() if len(files) > 1}


def _in_two_files(name: str, files: Sequence[str]) -> Problem:
    return Problem(
        code="column_in_two_files",
        where=f"column '{name}'",
        what=f"is in {' and in '.join(files)}",
        remedy='Rename one; or, where each file is a wave, say so: layout = "long" and'
        f' files = {{ baseline = "{files[0]}", ... }}',
        n=len(files),
    )


def _renamed(table: RawTable, part: FilePart, person: str) -> RawTable:
    """Return a table whose column of the ids has the name that the study gives it."""
    own = part.person
    if own == person or own not in table.cells:
        return table
    columns = tuple(person if name == own else name for name in table.columns if name != person)
    cells = {(person if n == own else n): column for n, column in table.cells.items() if n != person}
    return replace(table, columns=columns, cells=cells)


def _with_points(table: RawTable) -> RawTable:
    """Return a table with decimal points, so that files with other marks can stand beside each other.

    What a file does not allow is refused here: among the other files it might be allowed.
    """
    cells = dict(table.cells)
    problems: dict[str, list[Problem]] = {}
    for name in table.cells:
        cells[name], wrong = table.with_points(name)
        if wrong.any():
            n = int(wrong.sum())
            problems[name] = [
                Problem(
                    code="not_a_number",
                    where=f"column '{name}'",
                    what=f"{counted(n, 'cell holds', 'cells hold')} a number with another decimal mark than"
                    " [data] decimal says",
                    remedy="Correct them, or say the decimal of each file under files",
                    n=n,
                    rows=table.some_rows(wrong),
                )
            ]
    return with_column_problems(replace(table, cells=cells), problems)


def _row_names(table: RawTable) -> list[str]:
    return [f"{table.row_number(row)} of {table.record.name}" for row in range(table.rows)]


def _shared(tables: Sequence[RawTable], problems: Sequence[Problem]) -> RawTable:
    """Return the first table with what is said of all of them."""
    records = [table.record for table in tables]

    def each(values: Sequence[str]) -> str:
        return values[0] if len(set(values)) == 1 else " + ".join(value or "-" for value in values)

    record = FileRecord(
        name=" + ".join(r.name for r in records),
        sha256=sha256("".join(r.sha256 for r in records).encode()).hexdigest(),
        rows=sum(r.rows for r in records),
        columns=sum(r.columns for r in records),
        encoding=each([r.encoding for r in records]),
        separator=each([r.separator for r in records]),
        decimal=each([r.decimal for r in records]),
    )
    labels, different = _labels(tables)
    found: dict[str, tuple[Problem, ...]] = dict(different)
    for table in tables:
        for name, told in table.column_problems.items():
            moved = [replace(p, where=f"{p.where} of {table.record.name}") for p in told]
            found[name] = (*found.get(name, ()), *moved)
    return replace(
        tables[0],
        first_row=1,
        comma=any(table.comma for table in tables),
        point=any(table.point for table in tables),
        record=record,
        row_numbers=(),
        problems=(*(p for table in tables for p in table.problems), *problems),
        value_labels=labels,
        column_problems=found,
    )


def _labels(
    tables: Sequence[RawTable],
) -> tuple[dict[str, dict[str, str]], dict[str, tuple[Problem, ...]]]:
    """Return the labels of all files, and the columns in which one code has two labels."""
    labels: dict[str, dict[str, str]] = {}
    different: dict[str, tuple[Problem, ...]] = {}
    for table in tables:
        for name, codes in table.value_labels.items():
            own = labels.setdefault(name, {})
            if any(own.setdefault(code, label) != label for code, label in codes.items()):
                what = "has a code with one label in one file and another in another"
                remedy = "Find out which is right, and make the files alike"
                different[name] = (
                    Problem(code="labels_differ", where=f"column '{name}'", what=what, remedy=remedy),
                )
    return labels, different


def _with_count(joined: RawTable, known: Sequence[Ids], tables: Sequence[RawTable]) -> RawTable:
    """Return a table with a note on how many persons are in some of its files only."""
    distinct = [{label for label in ids if label is not None} for ids in known]
    everybody = set().union(*distinct)
    absent = [(len(everybody - ids), t.record.name) for ids, t in zip(distinct, tables, strict=True)]
    if not any(n for n, _ in absent):
        return joined
    shared = len(set.intersection(*distinct))
    missing = ", ".join(f"{n} not in {name}" for n, name in absent if n)
    problem = Problem(
        code="not_in_every_file",
        where="the files",
        what=f"of {counted(len(everybody), 'person', 'persons')} {shared} are in every file; {missing}",
        remedy="",
        n=len(everybody) - shared,
        severity="note",
    )
    return replace(joined, problems=(*joined.problems, problem))
