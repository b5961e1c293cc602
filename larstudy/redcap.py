"""Exports of REDCap: the data dictionary, boxes to tick, and forms that are filled in more than once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from larstudy.errors import Problem, counted
from larstudy.raw_table import RawTable, person_label, take_rows
from larstudy.readers import read_file
from larstudy.readers.base import fail, with_column_problems
from larstudy.specs.data import DataSpec, FilePart
from larstudy.specs.study import as_code
from larstudy.stats.arrays import BoolArray, FloatArray

_INSTRUMENT, _INSTANCE, _EVENT = "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_event_name"
_BOX = re.compile(r"(?P<field>.+?)___(?P<code>.+)")
#: What REDCap writes of a form that is unverified or complete, raw or with labels.
_FILLED = ("1", "2", "Unverified", "Complete")
_NOT_FILLED = "form not filled in"
#: What the columns of a dictionary are called when it is downloaded, and by the interface for programs.
_HEADINGS = {
    "field": ("Variable / Field Name", "field_name"),
    "form": ("Form Name", "form_name"),
    "kind": ("Field Type", "field_type"),
    "choices": ("Choices, Calculations, OR Slider Labels", "select_choices_or_calculations"),
}
_CODED = ("radio", "dropdown", "checkbox")
_FIXED = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_BOXES = {"1": "Checked", "0": "Unchecked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a REDCap project: its form, its kind, and its choices from code to label."""

    name: str
    form: str
    kind: str
    choices: Mapping[str, str]

    def boxes(self) -> dict[str, str]:
        """Return the column of each box to tick, with its code."""
        return {f"{self.name}___{_in_a_name(code)}": code for code in self.choices}


Fields = Mapping[str, Field]


def _in_a_name(code: str) -> str:
    """Return a code as it stands in the name of a column."""
    return code.lower().replace("-", "_")


def read_dictionary(file: str, folder: Path) -> Fields:
    """Return the fields that a data dictionary describes.

    Parameters
    ----------
    file : str
    folder : Path
        Where the study file stands.

    Raises
    ------
    DataError
        Where the file cannot be read or is no data dictionary.
    """
    table = read_file(FilePart(file=file, decimal="."), folder)
    named = {key: next((n for n in names if n in table.columns), "") for key, names in _HEADINGS.items()}
    if not all(named.values()) or table.problems:
        raise fail(
            "dictionary",
            table.record.name,
            "is not a data dictionary of REDCap",
            "Download it anew under Project Setup, Data Dictionary",
        )
    columns = [
        [str(cell) for cell in table.cells[named[key]]] for key in ("field", "form", "kind", "choices")
    ]
    return {
        name.strip(): Field(
            name=name.strip(),
            form=form.strip(),
            kind=kind.strip(),
            choices=_choices(choices) if kind.strip() in _CODED else _FIXED.get(kind.strip(), {}),
        )
        for name, form, kind, choices in zip(*columns, strict=True)
    }


def _choices(text: str) -> dict[str, str]:
    """Return code to label from ``1, Abstinent | 2, Drug-dominated``."""
    pairs = [choice.partition(",") for choice in text.split("|")]
    return {code.strip(): label.strip() for code, comma, label in pairs if comma}


def apply_dictionary(table: RawTable, fields: Fields | None) -> RawTable:
    """Return a table whose coded columns hold codes, with the labels that the dictionary gives them.

    Parameters
    ----------
    table : RawTable
    fields : mapping or None
        Without a dictionary the table stays as it is.

    Returns
    -------
    RawTable
        An answer exported as its label is its code. A box that is not ticked, on a form on which nothing is
        filled in, is no answer; REDCap writes 0 there.
    """
    if fields is None:
        return table
    labels = {name: field.choices for name, field in fields.items() if field.kind != "checkbox"}
    for field in fields.values():
        if field.kind == "checkbox":
            labels |= dict.fromkeys(field.boxes(), _BOXES)
    labels = {name: dict(codes) for name, codes in labels.items() if name in table.cells and codes}
    cells = {name: _coded(column, labels.get(name, {})) for name, column in table.cells.items()}
    coded = replace(table, cells=cells, value_labels={**table.value_labels, **labels})
    return _without_empty_forms(coded, fields)


def _coded(column: Sequence[str], labels: Mapping[str, str]) -> Sequence[str]:
    """Return cells with their codes in the place of labels; a label that two codes share stays."""
    if not labels:
        return column
    codes: dict[str, str] = {}
    shared = set()
    for code, label in labels.items():
        if codes.setdefault(label, code) != code:
            shared.add(label)
    known = {as_code(code) for code in labels}
    return [
        codes[cell] if as_code(cell) not in known and cell in codes and cell not in shared else cell
        for cell in column
    ]


def _without_empty_forms(table: RawTable, fields: Fields) -> RawTable:
    cells = dict(table.cells)
    reasons = {name: dict(rows) for name, rows in table.reasons.items()}
    # The first field of a project is the id, which stands in every row.
    rest = [field for field in fields.values() if field.name != next(iter(fields))]
    for form in dict.fromkeys(field.form for field in rest if field.kind == "checkbox"):
        own = [field for field in rest if field.form == form]
        boxes = [name for f in own if f.kind == "checkbox" for name in f.boxes() if name in cells]
        others = [f.name for f in own if f.kind != "checkbox" and f.name in cells]
        empty = set(_empty_rows(cells, boxes, others, f"{form}_complete"))
        for name in boxes:
            zeros = [row for row in empty if cells[name][row]]
            cells[name] = ["" if row in empty else cell for row, cell in enumerate(cells[name])]
            reasons.setdefault(name, {}).update(dict.fromkeys(sorted(zeros), _NOT_FILLED))
    return replace(table, cells=cells, reasons=reasons)


def _empty_rows(
    cells: Mapping[str, Sequence[str]], boxes: Sequence[str], others: Sequence[str], complete: str
) -> list[int]:
    """Return the rows in which a form has no tick, no answer, and is not marked as filled in."""
    rows = range(len(next(iter(cells.values()), ())))
    status = cells.get(complete)
    return [
        row
        for row in rows
        if not any(cells[name][row] not in ("", "0") for name in boxes)
        and not any(cells[name][row].strip() for name in others)
        and not (status is not None and status[row] in _FILLED)
    ]


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
    if _INSTANCE not in table.cells or spec.person not in table.cells:
        return table
    numbers = table.numbers(_INSTANCE).values
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
            where=f"column '{_INSTANCE}'",
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
    event = next((name for name in (_EVENT, spec.wave) if name in table.cells), "")
    events = table.labels(event) if event else blank
    forms = table.labels(_INSTRUMENT) if _INSTRUMENT in table.cells else blank
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
            where=f"column '{_INSTANCE}'",
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
            where=f"column '{_INSTANCE}'",
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
        if not own.strip() or name in (_INSTRUMENT, _INSTANCE):
            continue
        if not column[position].strip():
            column[position] = own
        elif as_code(column[position]) != as_code(own):
            clash[name] = clash.get(name, 0) + 1


def _clash(name: str, n: int) -> Problem:
    what = f"{counted(n, 'row of one event differs', 'rows of one event differ')} from another row of it"
    remedy = "Correct the data: an event has one answer outside its repeated forms"
    return Problem(code="repeats_differ", where=f"column '{name}'", what=what, remedy=remedy, n=n)
