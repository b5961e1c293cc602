"""Exports of REDCap: boxes to tick, and forms that are filled in more than once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from larstudy.errors import Problem, counted
from larstudy.raw_table import RawTable, person_label, take_rows
from larstudy.readers.base import with_column_problems
from larstudy.redcap_fields import EVENT, INSTANCE, INSTRUMENT, Fields
from larstudy.specs.data import DataSpec
from larstudy.specs.study import as_code
from larstudy.stats.arrays import BoolArray, FloatArray

_BOX = re.compile(r"(?P<field>.+?)___(?P<code>.+)")


# -- boxes --------------------------------------------------------------------------------------------


def join_checkboxes(table: RawTable, fields: Fields | None) -> RawTable:
    """Return a table with a column for each field of boxes: the code of the one box that is ticked.

    Parameters
    ----------
    table : RawTable
        The boxes of a field ``who`` are the columns ``who___1``, ``who___2`` and so on; they stay.
    fields : mapping or None

    Returns
    -------
    RawTable
        Nothing ticked is no answer. Several boxes ticked are a problem where a study reads the column:
        which of them counts is not guessed.
    """
    added: dict[str, list[str]] = {}
    problems: dict[str, list[Problem]] = {}
    labels = dict(table.value_labels)
    for name, boxes in _fields_of_boxes(table, fields).items():
        values, several = [], np.zeros(table.rows, dtype=bool)
        for row in range(table.rows):
            ticked = [code for box, code in boxes.items() if as_code(table.cells[box][row]) == "1"]
            values.append(ticked[0] if len(ticked) == 1 else "")
            several[row] = len(ticked) > 1
        added[name] = values
        if fields and name in fields:
            labels[name] = dict(fields[name].choices)
        if several.any():
            n = int(several.sum())
            what = f"{counted(n, 'row has', 'rows have')} several boxes ticked, where one answer is needed"
            remedy = f"Name one of its boxes, such as '{next(iter(boxes))}', or correct the data"
            problems[name] = [
                Problem(
                    code="several_boxes",
                    where=f"column '{name}'",
                    what=what,
                    remedy=remedy,
                    n=n,
                    rows=table.some_rows(several),
                )
            ]
    if not added:
        return table
    joined = replace(
        table,
        columns=(*table.columns, *added),
        cells={**table.cells, **added},
        value_labels=labels,
    )
    return with_column_problems(joined, problems)


def _fields_of_boxes(table: RawTable, fields: Fields | None) -> dict[str, dict[str, str]]:
    """Return the boxes of each field: column to code."""
    found: dict[str, dict[str, str]] = {}
    known = {box: code for f in (fields or {}).values() for box, code in f.boxes().items()}
    for column in table.columns:
        match = _BOX.fullmatch(column)
        if match and match["field"] not in table.columns:
            code = known.get(column, match["code"].replace("_", "-", 1))
            found.setdefault(match["field"], {})[column] = code
    return {name: boxes for name, boxes in found.items() if len(boxes) > 1}


# -- repeats ------------------------------------------------------------------------------------------


def gather_repeats(table: RawTable, spec: DataSpec) -> RawTable:
    """Return a table with one row a person and event, where a form was filled in more than once.

    Parameters
    ----------
    table : RawTable
    spec : DataSpec
        ``repeats`` says which instance of a form is used; "refuse" makes them a problem of the table.

    Returns
    -------
    RawTable
        The row of an event and the chosen instance of each repeated form, as one row.
    """
    if INSTANCE not in table.cells or spec.person not in table.cells:
        return table
    numbers = table.numbers(INSTANCE).values
    instances = ~np.isnan(numbers)
    n = int(instances.sum())
    # Where dates say which wave a row belongs to, each instance is a visit like any other.
    if not n or (spec.visits is not None and spec.repeats == "refuse"):
        return table
    if spec.repeats == "refuse":
        what = (
            f"{counted(n, 'row is an instance', 'rows are instances')} of a form that is filled in repeatedly"
        )
        remedy = 'Say which instance is used: repeats = "first" or "last" under [data]'
        problem = Problem(
            code="repeats",
            where=f"column '{INSTANCE}'",
            what=what,
            remedy=remedy,
            n=n,
            rows=table.some_rows(instances),
        )
        return replace(
            take_rows(table, np.flatnonzero(~instances).tolist()), problems=(*table.problems, problem)
        )
    return _gathered(table, spec, np.nan_to_num(numbers))


def _gathered(table: RawTable, spec: DataSpec, instance: FloatArray) -> RawTable:
    """Return one row a person and event, filled from its own row and the chosen instance of each form."""
    chosen: list[list[int]] = []
    tied = np.zeros(table.rows, dtype=bool)
    for forms in _rows_of_events(table, spec).values():
        used = []
        for rows in forms.values():
            wanted = (max if spec.repeats == "last" else min)(instance[row] for row in rows)
            alike = [row for row in rows if instance[row] == wanted]
            tied[alike] |= len(alike) > 1
            used.append(alike[0])
        chosen.append(sorted(used))
    gathered = take_rows(table, [rows[0] for rows in chosen])
    cells = {name: list(column) for name, column in gathered.cells.items()}
    clash: dict[str, int] = {}
    for position, rows in enumerate(chosen):
        for row in rows:
            _fill(cells, position, table, row, clash)
    left_out = table.rows - sum(len(rows) for rows in chosen)
    problems = (*gathered.problems, *_left_out(spec, left_out), *_repeated_instances(table, tied))
    whole = replace(gathered, cells=cells, problems=problems)
    return with_column_problems(whole, {name: [_clash(name, n)] for name, n in clash.items()})


def _rows_of_events(
    table: RawTable, spec: DataSpec
) -> dict[tuple[str | None, str | None, int], dict[str | None, list[int]]]:
    """Return the rows of each person and event, by the form that is repeated."""
    blank: list[str | None] = [None] * table.rows
    event = next((name for name in (EVENT, spec.wave) if name in table.cells), "")
    events = table.labels(event) if event else blank
    forms = table.labels(INSTRUMENT) if INSTRUMENT in table.cells else blank
    ids = [person_label(label) for label in table.labels(spec.person)]
    found: dict[tuple[str | None, str | None, int], dict[str | None, list[int]]] = {}
    for row in range(table.rows):
        # A row without an id is nobody's, and stays by itself to be told of.
        key = (ids[row], events[row], -1 if ids[row] is not None else row)
        found.setdefault(key, {}).setdefault(forms[row], []).append(row)
    return found


def _left_out(spec: DataSpec, n: int) -> list[Problem]:
    if not n:
        return []
    return [
        Problem(
            code="repeats_left_out",
            where=f"column '{INSTANCE}'",
            what=f"{counted(n, 'instance of a repeated form is', 'instances of repeated forms are')} not"
            f" used: the {spec.repeats} of each is chosen",
            remedy="",
            n=n,
            severity="note",
        )
    ]


def _repeated_instances(table: RawTable, tied: BoolArray) -> list[Problem]:
    n = int(tied.sum())
    if not n:
        return []
    return [
        Problem(
            code="repeats_twice",
            where=f"column '{INSTANCE}'",
            what=f"{n} rows have the same person, event, form and instance as another row",
            remedy="Export the data anew, or keep one row for each",
            n=n,
            rows=table.some_rows(tied),
        )
    ]


def _fill(
    cells: Mapping[str, list[str]], position: int, table: RawTable, row: int, clash: dict[str, int]
) -> None:
    """Put the answers of a row where there is none yet, and count those that contradict one."""
    for name, column in cells.items():
        own = str(table.cells[name][row])
        if not own.strip() or name in (INSTRUMENT, INSTANCE):
            continue
        if not column[position].strip():
            column[position] = own
        elif as_code(column[position]) != as_code(own):
            clash[name] = clash.get(name, 0) + 1


def _clash(name: str, n: int) -> Problem:
    what = f"{counted(n, 'row of one event differs', 'rows of one event differ')} from another row of it"
    remedy = "Correct the data: an event has one answer outside its repeated forms"
    return Problem(code="repeats_differ", where=f"column '{name}'", what=what, remedy=remedy, n=n)
