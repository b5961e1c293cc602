"""Codes and their labels: what the data file says of them, and what the study file says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from larstudy.errors import Problem
from larstudy.raw_table import RawTable
from larstudy.specs.data import MissingCodes
from larstudy.specs.study import FixedSpec, StudySpec, as_code, wave_variables

_NOT_LETTERS = re.compile(r"[\W_]+")


def settle_labels(spec: StudySpec, table: RawTable) -> RawTable:
    """Return a table in which an answer may be named by its code or by its label, and both agree.

    Parameters
    ----------
    spec : StudySpec
    table : RawTable
        With the labels that the file gives its codes.

    Returns
    -------
    RawTable
        Where the study file names a label, the cells hold it in the place of its code. A code that the file
        labels as one category and the study file reads as another is a problem of its column. Groups have
        their labels for names, unless ``order`` or ``reference`` name a code.
    """
    cells = dict(table.cells)
    problems: dict[str, tuple[Problem, ...]] = dict(table.column_problems)
    for column, (values, missing, names) in _named(spec).items():
        labels = table.value_labels.get(column)
        if not labels or column not in cells:
            continue
        swap, against = _compare(labels, values, missing)
        cells[column] = [swap.get(as_code(cell), cell) for cell in cells[column]]
        if against:
            problems[column] = (*problems.get(column, ()), _disagree(column, names, against))
    if spec.group is not None and spec.group.column in table.value_labels and spec.group.column in cells:
        column = spec.group.column
        cells[column] = _group_names(spec.group, cells[column], table.value_labels[column])
    return replace(table, cells=cells, column_problems=problems)


def _named(spec: StudySpec) -> dict[str, tuple[Mapping[str, str], MissingCodes, str]]:
    """Return the columns whose codes the study file gives a meaning: code to meaning."""
    found: dict[str, tuple[Mapping[str, str], MissingCodes, str]] = {}
    for variable in wave_variables(spec):
        if variable.values is not None:
            for column in variable.columns.values():
                found[column] = (variable.values, variable.missing, "[network] values")
    if spec.status is not None and spec.status.values is not None:
        where = "[treatment_status] values"
        found[spec.status.column] = (spec.status.values, spec.status.missing, where)
    return found


def _compare(
    labels: Mapping[str, str], values: Mapping[str, str], missing: MissingCodes
) -> tuple[dict[str, str], list[tuple[str, str, str]]]:
    """Return which codes give way to their labels; and code, label and meaning where the two disagree."""
    gone = {as_code(code) for code in missing}
    meanings = {_plain(name): name for name in values.values()}
    swap: dict[str, str] = {}
    against = []
    for code, label in labels.items():
        by_code = values.get(as_code(code))
        by_label = values.get(as_code(label))
        meant = by_label or meanings.get(_plain(label))
        if by_code is None and (by_label is not None or as_code(label) in gone):
            swap[as_code(code)] = label
        elif by_code is not None and meant is not None and meant != by_code:
            against.append((code, meant, by_code))
    return swap, against


def _plain(text: str) -> str:
    return _NOT_LETTERS.sub(" ", text.casefold()).strip()


def _disagree(column: str, names: str, against: Sequence[tuple[str, str, str]]) -> Problem:
    code, meant, by_code = against[0]
    more = f", and {len(against) - 1} more" if len(against) > 1 else ""
    return Problem(
        code="labels_disagree",
        where=f"column '{column}'",
        what=f"the file labels code {code} as '{meant}', and {names} makes it '{by_code}'{more}",
        remedy="Find out which is right, and correct the study file or the labels",
        n=len(against),
    )


def _group_names(group: FixedSpec, cells: Sequence[str], labels: Mapping[str, str]) -> list[str]:
    named = {as_code(name) for name in (*group.order, group.reference) if name}
    codes = {as_code(code): label for code, label in labels.items() if label}
    ambiguous = len(set(codes.values())) < len(codes)
    if ambiguous or named & (set(codes) - {as_code(label) for label in codes.values()}):
        return list(cells)
    return [codes.get(as_code(cell), cell) for cell in cells]
