"""The fields of a REDCap project, as its data dictionary describes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from larstudy.raw_table import RawTable
from larstudy.readers import read_file
from larstudy.readers.base import clean_name, fail
from larstudy.specs.data import FilePart
from larstudy.specs.study import as_code

INSTRUMENT, INSTANCE, EVENT = "redcap_repeat_instrument", "redcap_repeat_instance", "redcap_event_name"
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
_LABEL = ("Field Label", "field_label")
#: What an export with labels calls columns of REDCap's own.
_OWN = {"Event Name": EVENT, "Repeat Instrument": INSTRUMENT, "Repeat Instance": INSTANCE}
_CODED = ("radio", "dropdown", "checkbox")
_FIXED = {"yesno": {"1": "Yes", "0": "No"}, "truefalse": {"1": "True", "0": "False"}}
_BOXES = {"1": "Checked", "0": "Unchecked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a REDCap project: its label, its form, its kind, and its choices from code to label."""

    name: str
    label: str
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
    label = next((name for name in _LABEL if name in table.columns), named["field"])
    columns = [[str(cell).strip() for cell in table.cells[name]] for name in (label, *named.values())]
    return {
        name: Field(
            name=name,
            label=clean_name(said),
            form=form,
            kind=kind,
            choices=_choices(choices) if kind in _CODED else _FIXED.get(kind, {}),
        )
        for said, name, form, kind, choices in zip(*columns, strict=True)
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
    table = _with_field_names(table, fields)
    labels = {name: field.choices for name, field in fields.items() if field.kind != "checkbox"}
    for field in fields.values():
        if field.kind == "checkbox":
            labels |= dict.fromkeys(field.boxes(), _BOXES)
    labels = {name: dict(codes) for name, codes in labels.items() if name in table.cells and codes}
    cells = {name: _coded(column, labels.get(name, {})) for name, column in table.cells.items()}
    coded = replace(table, cells=cells, value_labels={**table.value_labels, **labels})
    return _without_empty_forms(coded, fields)


def _with_field_names(table: RawTable, fields: Fields) -> RawTable:
    """Return a table whose columns are called by their fields, where an export with labels calls them so.

    A label that two fields share names neither.
    """
    said: dict[str, list[str]] = {label: [name] for label, name in _OWN.items()}
    for field in fields.values():
        said.setdefault(field.label, []).append(field.name)
        for box, code in field.boxes().items() if field.kind == "checkbox" else ():
            said.setdefault(f"{field.label} (choice={field.choices[code]})", []).append(box)
    names = {
        label: found[0]
        for label, found in said.items()
        if len(found) == 1 and label not in fields and found[0] not in table.columns
    }
    return replace(
        table,
        columns=tuple(names.get(name, name) for name in table.columns),
        cells={names.get(name, name): column for name, column in table.cells.items()},
        column_problems={names.get(name, name): told for name, told in table.column_problems.items()},
    )


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
