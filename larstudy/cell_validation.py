"""What is wrong with the cells of a table: words for numbers, values out of range, unknown codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from larstudy.errors import Problem, counted
from larstudy.names import ALL, UNCLASSIFIED
from larstudy.placement import Placement, per_person
from larstudy.raw_table import Numbers, RawTable
from larstudy.specs.data import MissingCodes
from larstudy.specs.study import FixedSpec, StudySpec, Variable, as_code, naming_key
from larstudy.stats.arrays import BoolArray

_MOST_GROUPS = 50


def cell_problems(
    table: RawTable, variable: Variable, rows_by_wave: Mapping[str, BoolArray]
) -> list[Problem]:
    """Return the problems of what is measured at each wave, in the rows of its waves.

    Parameters
    ----------
    table : RawTable
    variable : Variable
    rows_by_wave : mapping of str to ndarray of bool
        The rows of each wave.
    """
    problems: list[Problem] = []
    by_column: dict[str, BoolArray] = {}
    for wave, column in variable.columns.items():
        if column in table.columns:
            rows = rows_by_wave[wave]
            by_column[column] = rows | by_column[column] if column in by_column else rows
    for column, rows in by_column.items():
        if variable.values is None:
            problems.extend(_number_problems(table, column, variable, rows))
        else:
            problems.extend(
                _label_problems(table, column, variable.values, variable.missing, variable.rule, rows)
            )
    return [*problems, *_nothing_recorded(table, variable, rows_by_wave)]


def _nothing_recorded(
    table: RawTable, variable: Variable, rows_by_wave: Mapping[str, BoolArray]
) -> list[Problem]:
    """Tell of a variable that nobody answered: at a wave it may be so, at every wave it is a mistake."""
    empty = []
    columns = {wave: c for wave, c in variable.columns.items() if c in table.columns}
    for wave, column in columns.items():
        labels = table.labels(column, variable.missing)
        if all(labels[row] is None for row in np.flatnonzero(rows_by_wave[wave]).tolist()):
            empty.append(wave)
    if not empty:
        return []
    names = ", ".join(f"'{column}'" for column in dict.fromkeys(columns[wave] for wave in empty))
    always = len(empty) == len(columns)
    return [
        Problem(
            code="empty_column" if always else "empty_at_wave",
            where=f"column {names}",
            what=f"holds no answer at {'any wave' if always else ', '.join(empty)}",
            remedy=f"Check the column that {variable.named_by} names",
            n=len(empty),
            severity="error" if always else "note",
        )
    ]


def _cells(
    table: RawTable,
    code: str,
    column: str,
    chosen: BoolArray,
    *,
    what: str,
    remedy: str,
    rule: str = "",
) -> list[Problem]:
    """Return a problem with some cells of a column, or none where there are none."""
    n, rows, where = int(chosen.sum()), table.some_rows(chosen), f"column '{column}'"
    if not n:
        return []
    return [Problem(code=code, where=where, what=what, remedy=remedy, rule=rule, n=n, rows=rows)]


def _number_problems(table: RawTable, column: str, variable: Variable, rows: BoolArray) -> list[Problem]:
    numbers = table.numbers(column, variable.missing)
    outside = rows & _outside(numbers, variable)
    values = counted(int(outside.sum()), "value is", "values are")
    return [
        *_unreadable(table, column, numbers, rows),
        *_cells(
            table,
            "out_of_range",
            column,
            outside,
            what=f"{values} outside {_limits(variable)}",
            rule=variable.rule,
            remedy="Correct them; if such a code means 'no answer', name it under missing_codes",
        ),
        *_missing_codes(table, column, variable),
    ]


def _missing_codes(table: RawTable, column: str, variable: Variable) -> list[Problem]:
    """Tell how many answers a missing code takes away, above all where it might be an answer."""
    n = table.count_codes(column, variable.missing)
    if not n:
        return []
    inside = [code for code in variable.missing if _could_be_an_answer(code, variable)]
    what = (
        f"{counted(n, 'cell holds', 'cells hold')} a missing code and {'is' if n == 1 else 'are'} no answer"
    )
    if inside:
        what += f"; {', '.join(str(code) for code in inside)} could be an answer here"
    return [
        Problem(
            code="missing_code_in_range" if inside else "missing_code",
            where=f"column '{column}'",
            what=what,
            rule=variable.rule if inside else "",
            remedy="If it is an answer, give this table missing_codes of its own" if inside else "",
            n=n,
            severity="note",
        )
    ]


def _could_be_an_answer(code: str | float, variable: Variable) -> bool:
    if isinstance(code, str):
        return False
    if variable.allowed:
        return float(code) in variable.allowed
    return variable.range is None or variable.range[0] <= code <= variable.range[1]


def _unreadable(table: RawTable, column: str, numbers: Numbers, rows: BoolArray) -> list[Problem]:
    bad = rows & numbers.bad
    cells = counted(int(bad.sum()), "cell holds", "cells hold")
    return _cells(
        table,
        "not_a_number",
        column,
        bad,
        what=f"{cells} something that is {numbers.what}",
        remedy="Correct them; if a word there means 'no answer', name it under missing_codes",
    )


def _outside(numbers: Numbers, variable: Variable) -> BoolArray:
    values = numbers.values
    if variable.allowed:
        return ~np.isnan(values) & ~np.isin(values, variable.allowed)
    if variable.range is None:
        return np.zeros(len(values), dtype=bool)
    low, high = variable.range
    # A mean of scores may miss the end of its scale by a rounding error.
    slack = 1e-9 * max(abs(low), abs(high), 1.0)
    return (values < low - slack) | (values > high + slack)


def _limits(variable: Variable) -> str:
    allowed = variable.allowed
    if not allowed:
        low, high = variable.range or (-np.inf, np.inf)
        return f"{low:g} to {high:g}"
    steps = {round(b - a, 9) for a, b in pairwise(allowed)}
    if len(allowed) > 2 and steps == {1.0}:
        return f"the whole numbers {allowed[0]:g} to {allowed[-1]:g}"
    return "the answers " + ", ".join(f"{value:g}" for value in allowed)


def _label_problems(
    table: RawTable,
    column: str,
    values: Mapping[str, str],
    missing: MissingCodes,
    rule: str,
    rows: BoolArray,
) -> list[Problem]:
    labels = table.labels(column, missing)
    unknown = rows & np.array(
        [text is not None and as_code(text) not in values for text in labels], dtype=bool
    )
    distinct = len({text for text, hit in zip(labels, unknown, strict=True) if hit})
    cells = counted(int(unknown.sum()), "cell holds", "cells hold")
    codes = counted(distinct, "code", "codes")
    return _cells(
        table,
        "unmapped_category",
        column,
        unknown,
        what=f"{cells} {codes} that the study file gives no category for",
        rule=rule,
        remedy="Add each code to a category under values, such as values = { "
        + f'{next(iter(dict.fromkeys(values.values())), "name")} = ["..."] }}'
        + f"; '{UNCLASSIFIED}' takes those that fit none",
    )


# -- one value a person -------------------------------------------------------------------------------


def fixed_problems(
    spec: StudySpec, table: RawTable, key: str, fixed: FixedSpec, placement: Placement
) -> list[Problem]:
    """Return the problems of a column with one value a person.

    Parameters
    ----------
    spec : StudySpec
    table : RawTable
    key : str
        What the column is for: group, treatment_status, cluster or covariate:NAME.
    fixed : FixedSpec
    placement : Placement
    """
    labels = table.labels(fixed.column, fixed.missing)
    # Where rows may stand at the wrong wave all are looked at, and then a value may vary.
    everywhere = bool(fixed.wave) and placement.uncertain(len(spec.waves), spec.data.layout)
    rows = np.ones(table.rows, dtype=bool) if everywhere else fixed_rows(spec, fixed, placement)
    if fixed.values is not None:
        problems = _label_problems(table, fixed.column, fixed.values, fixed.missing, f"[{key}] values", rows)
        # Two codes of one status are one status.
        labels = [None if text is None else fixed.values.get(as_code(text), text) for text in labels]
    elif key.startswith("covariate:"):
        problems = _covariate_problems(spec, table, fixed, rows)
    else:
        problems = []
    found, varies = per_person(labels, placement, rows)
    if key != "group" and all(text is None for text in found):
        where, remedy = f"column '{fixed.column}'", f"Check the column that {naming_key(key)} names"
        problems.append(
            Problem(code="empty_column", where=where, what="holds no value for anybody", remedy=remedy)
        )
    if key == "cluster" and any(text is None for text in found):
        problems.append(_no_cluster(fixed, sum(text is None for text in found)))
    if key == "group":
        problems.extend(_group_problems(fixed, [text for text in found if text is not None]))
    return problems if everywhere else [*_varying(spec, fixed, varies), *problems]


def _no_cluster(fixed: FixedSpec, n: int) -> Problem:
    return Problem(
        code="missing_cluster",
        where=f"column '{fixed.column}'",
        what=f"{counted(n, 'person has', 'persons have')} no cluster",
        remedy="Fill it in, or give those of nowhere a code of their own",
        n=n,
    )


def _covariate_problems(spec: StudySpec, table: RawTable, fixed: FixedSpec, rows: BoolArray) -> list[Problem]:
    """Find single words in a column of numbers; a column of words is a covariate with categories."""
    if fixed.column in spec.categorical:
        return []
    numbers = table.numbers(fixed.column, fixed.missing)
    bad, good = int((rows & numbers.bad).sum()), int((rows & ~np.isnan(numbers.values)).sum())
    return _unreadable(table, fixed.column, numbers, rows) if bad <= good else []


def fixed_rows(spec: StudySpec, fixed: FixedSpec, placement: Placement) -> BoolArray:
    """Say which rows a fixed column is read from: those of its wave, or all of them."""
    if fixed.wave:
        return placement.rows_of(spec.waves.index(fixed.wave), spec.data.layout)
    return np.ones(len(placement.person_codes), dtype=bool)


def _varying(spec: StudySpec, fixed: FixedSpec, varies: BoolArray) -> list[Problem]:
    if not varies.any():
        return []
    wave = spec.waves[0] if spec.waves else "baseline"
    return [
        Problem(
            code="varies_within_person",
            where=f"column '{fixed.column}'",
            what=f"{counted(int(varies.sum()), 'person has', 'persons have')} more than one value;"
            " a fixed one is needed",
            remedy=f'Say in its own table at which wave it is read, as {{ column = "{fixed.column}", wave ='
            f' "{wave}" }}, or correct the data',
            n=int(varies.sum()),
        )
    ]


def _group_problems(fixed: FixedSpec, labels: Sequence[str]) -> list[Problem]:
    distinct = {as_code(text) for text in labels} - {UNCLASSIFIED}
    order = {as_code(name) for name in fixed.order}
    where = f"column '{fixed.column}'"
    problems = []

    def add(code: str, what: str, remedy: str, n: int) -> None:
        problems.append(Problem(code=code, where=where, what=what, remedy=remedy, n=n))

    if not distinct:
        add("no_group", "holds no value for anybody", "Name another column under [group]", 1)
    elif len(distinct) > _MOST_GROUPS:
        what = f"has {len(distinct)} different values, more than {_MOST_GROUPS}: hardly groups"
        add("too_many_groups", what, "Name another column under [group]", len(distinct))
    elif len(distinct) == 1:
        note = "has one group only, so that nothing can be compared"
        problems.append(Problem(code="one_group", where=where, what=note, remedy="", severity="note"))
    if ALL in distinct:
        what = f"has a group named '{ALL}', a name that larstudy uses itself"
        add("reserved_name", what, "Rename that group in the file", 1)
    absent = [n for n in (fixed.reference, *fixed.order) if n and as_code(n) not in distinct]
    if absent and distinct:
        what = f"has no group '{absent[0]}', which [group] names"
        add("unknown_group", what, "Correct order or reference under [group]", len(absent))
    unlisted = distinct - order
    if order and unlisted:
        what = f"has {len(unlisted)} groups that order under [group] leaves out"
        add("unknown_group", what, "Name every group in order, or leave order out", len(unlisted))
    return problems
