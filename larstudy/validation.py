"""Every problem of a study file and its data in one pass, before anything is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from larstudy.errors import Problem, nearest, problem_list
from larstudy.files import Numbers, RawTable
from larstudy.names import ALL, UNCLASSIFIED
from larstudy.placement import Placement, per_person, place_rows
from larstudy.results import Result, frame_of
from larstudy.specs.study import (
    FixedSpec,
    StudySpec,
    Variable,
    as_code,
    as_label,
    fixed_columns,
    used_columns,
    wave_variables,
)
from larstudy.stats.arrays import BoolArray
from larstudy.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_MOST_GROUPS = 50


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class ValidationReport(Result):
    """What is wrong with a study, all of it.

    Attributes
    ----------
    title : str
    problems : tuple of Problem
        Errors stop a run; notes are worth knowing.
    """

    title: str
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """True where nothing stops a run."""
        return not self.errors

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that stop a run."""
        return tuple(p for p in self.problems if p.severity == "error")

    def summary(self) -> str:
        """Return every problem, one a line, under a line that counts them."""
        notes = [p for p in self.problems if p.severity == "note"]
        lines = []
        if self.ok:
            lines.append(f"{self.title}: no problems.")
        else:
            count = "1 problem" if len(self.errors) == 1 else f"{len(self.errors)} problems"
            lines.append(problem_list(self.errors, title=f"{self.title}: {count}."))
        if notes:
            lines.append(problem_list(notes, title="Worth knowing:"))
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a problem: severity, code, where, what, n, rows, rule, remedy."""
        columns = ("severity", "code", "where", "what", "n", "rows", "rule", "remedy")
        return frame_of([{c: getattr(p, c) for c in columns} for p in self.problems], columns)

    def table(self) -> Table:
        """Return the problems as a table."""
        columns = (
            Column(name="severity", label="", kind="text"),
            Column(name="where", label="Where", kind="text"),
            Column(name="what", label="What", kind="text"),
            Column(name="n", label="How many", kind="count"),
            Column(name="remedy", label="What to do", kind="text"),
        )
        rows = tuple((p.severity, p.where, p.what, p.n, p.remedy) for p in self.problems)
        return Table(title=self.title, columns=columns, rows=rows)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many rows each problem concerns."""
        from larstudy import figures

        counts = [(f"{p.where}: {p.code}", p.n) for p in self.problems]
        return figures.plot_counts(counts, ax=ax, title=self.title, xlabel="rows, cells or names")


def check_table(spec: StudySpec, table: RawTable) -> tuple[Problem, ...]:
    """Return every problem of a table, seen by what the study says about it.

    Parameters
    ----------
    spec : StudySpec
    table : RawTable

    Returns
    -------
    tuple of Problem
        Errors and notes, in the order file, columns, rows, cells; each once.
    """
    problems = [*table.problems, *_column_problems(spec, table)]
    place_columns = [name for name in (spec.data.person, spec.data.wave) if name]
    placement = place_rows(spec, table) if set(place_columns) <= set(table.columns) else None
    if placement is not None:
        problems.extend(_row_problems(spec, table, placement))
    rows = _rows_by_wave(spec, table, placement)
    for variable in wave_variables(spec):
        problems.extend(_cell_problems(spec, table, variable, rows))
    for key, fixed in fixed_columns(spec).items():
        if fixed.column in table.columns and placement is not None:
            problems.extend(_fixed_problems(spec, table, key, fixed, placement))
    return tuple(dict.fromkeys(problems))


# -- columns ------------------------------------------------------------------------------------------


def _column_problems(spec: StudySpec, table: RawTable) -> list[Problem]:
    problems = []
    header = _header_problem(table)
    counts = Counter(table.columns)
    for name in sorted(used_columns(spec)):
        if counts[name] == 0:
            close = None if header else nearest(name, [c for c in table.columns if c])
            problems.append(
                Problem(
                    code="unknown_column",
                    where=f"column '{name}'",
                    what=f"is not in {table.record.name}",
                    remedy=f"Nearest name: '{close}'" if close else "Check the spelling, and the separator",
                )
            )
        elif counts[name] > 1:
            problems.append(
                Problem(
                    code="repeated_column",
                    where=f"column '{name}'",
                    what=f"stands {counts[name]} times in the header",
                    remedy="Rename all but one",
                    n=counts[name],
                )
            )
    return [*header, *problems]


def _header_problem(table: RawTable) -> list[Problem]:
    """Find a file without a header: people's values stand where the names should be, not to be repeated."""
    named = [name for name in table.columns if name]
    numeric = [name for name in named if name.replace(",", ".").lstrip("+-").replace(".", "", 1).isdigit()]
    if table.first_row == 1 or 2 * len(numeric) <= len(named):
        return []
    return [
        Problem(
            code="no_header",
            where=table.record.name,
            what="the first row holds numbers where the names of the columns should be",
            remedy="Add a row with the names of the columns",
        )
    ]


# -- rows ---------------------------------------------------------------------------------------------


def _row_problems(spec: StudySpec, table: RawTable, placement: Placement) -> list[Problem]:
    problems = []

    def add(code: str, where: str, what: str, remedy: str, rows: BoolArray) -> None:
        if rows.any():
            n = int(rows.sum())
            problems.append(
                Problem(code=code, where=where, what=what, remedy=remedy, n=n, rows=table.some_rows(rows))
            )

    person, wave = f"column '{spec.data.person}'", f"column '{spec.data.wave}'"
    lost = placement.person_codes < 0
    add("missing_person", person, f"{lost.sum()} rows have no person id", "Fill in the ids", lost)
    text = placement.unreadable_wave
    add(
        "wave_text",
        wave,
        f"{text.sum()} rows hold text, but the study marks its waves by numbers",
        'Write the waves as the file has them, such as waves = { baseline = "T0", month12 = "T1" }',
        text,
    )
    again = placement.repeated()
    unit = "person and wave" if spec.data.layout == "long" else "person"
    add(
        "duplicate_row",
        person,
        f"{again.sum()} rows repeat a {unit} that an earlier row has",
        "Keep one row for each, and decide which by hand",
        again,
    )
    return [*problems, *_wave_problems(spec, table, placement)]


def _wave_problems(spec: StudySpec, table: RawTable, placement: Placement) -> list[Problem]:
    if spec.data.layout == "wide":
        return []
    problems = [
        Problem(
            code="wave_absent",
            where=f"data.waves.{wave.name}",
            what=f"no row of '{spec.data.wave}' is {as_label(wave.value)}",
            remedy="Check how the file marks the wave, or leave the wave out",
        )
        for code, wave in enumerate(spec.data.waves)
        if not (placement.wave_codes == code).any()
    ]
    other = (placement.wave_codes < 0) & ~placement.unreadable_wave
    if other.any() and not problems:
        problems.append(
            Problem(
                code="other_waves",
                where=f"column '{spec.data.wave}'",
                what=f"{other.sum()} rows belong to no wave of the study and are not used",
                remedy="",
                n=int(other.sum()),
                severity="note",
            )
        )
    return problems


# -- cells --------------------------------------------------------------------------------------------


def _rows_by_wave(spec: StudySpec, table: RawTable, placement: Placement | None) -> dict[str, BoolArray]:
    """Return which rows to look at for each wave.

    Where rows may stand at the wrong wave, all are looked at, so that their other problems show at once.
    """
    if placement is None or placement.uncertain(len(spec.waves), spec.data.layout):
        return dict.fromkeys(spec.waves, np.ones(table.rows, dtype=bool))
    return {wave: placement.rows_of(code, spec.data.layout) for code, wave in enumerate(spec.waves)}


def _cell_problems(
    spec: StudySpec, table: RawTable, variable: Variable, rows_by_wave: Mapping[str, BoolArray]
) -> list[Problem]:
    problems: list[Problem] = []
    by_column: dict[str, BoolArray] = {}
    for wave, column in variable.columns.items():
        if column in table.columns:
            rows = rows_by_wave[wave]
            by_column[column] = rows | by_column[column] if column in by_column else rows
    for column, rows in by_column.items():
        if variable.values is not None:
            problems.extend(_label_problems(spec, table, column, variable.values, variable.rule, rows))
        else:
            problems.extend(_number_problems(spec, table, column, variable, rows))
    return problems


def _number_problems(
    spec: StudySpec, table: RawTable, column: str, variable: Variable, rows: BoolArray
) -> list[Problem]:
    numbers = table.numbers(column, spec.data.missing_codes)
    problems = [_unreadable(table, column, numbers, rows)]
    outside = rows & _outside(numbers, variable)
    if outside.any():
        problems.append(
            Problem(
                code="out_of_range",
                where=f"column '{column}'",
                what=f"{outside.sum()} values are outside {_limits(variable)}",
                rule=variable.rule,
                remedy="Correct them; if such a code means 'no answer', name it under missing_codes",
                n=int(outside.sum()),
                rows=table.some_rows(outside),
            )
        )
    return [p for p in problems if p is not None]


def _unreadable(table: RawTable, column: str, numbers: Numbers, rows: BoolArray) -> Problem | None:
    bad = rows & numbers.bad
    if not bad.any():
        return None
    return Problem(
        code="not_a_number",
        where=f"column '{column}'",
        what=f"{bad.sum()} cells hold something that is {numbers.what}",
        remedy="Correct them; if a word there means 'no answer', name it under missing_codes",
        n=int(bad.sum()),
        rows=table.some_rows(bad),
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
    spec: StudySpec,
    table: RawTable,
    column: str,
    values: Mapping[str, str],
    rule: str,
    rows: BoolArray,
) -> list[Problem]:
    labels = table.labels(column, spec.data.missing_codes)
    unknown = rows & np.array(
        [text is not None and as_code(text) not in values for text in labels], dtype=bool
    )
    if not unknown.any():
        return []
    distinct = len({text for text, hit in zip(labels, unknown, strict=True) if hit})
    return [
        Problem(
            code="unmapped_category",
            where=f"column '{column}'",
            what=f"{unknown.sum()} cells hold {distinct} code{'s' if distinct > 1 else ''}"
            " that the study file gives no category for",
            rule=rule,
            remedy=f"Add each code to a category under values ('{UNCLASSIFIED}' for those that fit none)",
            n=int(unknown.sum()),
            rows=table.some_rows(unknown),
        )
    ]


# -- one value a person -------------------------------------------------------------------------------


def _fixed_problems(
    spec: StudySpec, table: RawTable, key: str, fixed: FixedSpec, placement: Placement
) -> list[Problem]:
    labels = table.labels(fixed.column, spec.data.missing_codes)
    rows = fixed_rows(spec, fixed, placement)
    found, varies = per_person(labels, placement, rows)
    problems = _varying(fixed, varies)
    if fixed.values is not None:
        rule = f"[{key}] values"
        problems.extend(_label_problems(spec, table, fixed.column, fixed.values, rule, rows))
    if key.startswith("covariate:"):
        problems.extend(_covariate_problems(spec, table, fixed.column, rows))
    if key == "group":
        problems.extend(_group_problems(fixed, [text for text in found if text is not None]))
    return problems


def _covariate_problems(spec: StudySpec, table: RawTable, column: str, rows: BoolArray) -> list[Problem]:
    """Find single words in a column of numbers; a column of words is a covariate with categories."""
    numbers = table.numbers(column, spec.data.missing_codes)
    bad, good = int((rows & numbers.bad).sum()), int((rows & ~np.isnan(numbers.values)).sum())
    problem = _unreadable(table, column, numbers, rows) if 0 < bad <= good else None
    return [] if problem is None else [problem]


def fixed_rows(spec: StudySpec, fixed: FixedSpec, placement: Placement) -> BoolArray:
    """Say which rows a fixed column is read from: those of its wave, or all of them."""
    if fixed.wave:
        return placement.rows_of(spec.waves.index(fixed.wave), spec.data.layout)
    return np.ones(len(placement.person_codes), dtype=bool)


def _varying(fixed: FixedSpec, varies: BoolArray) -> list[Problem]:
    if not varies.any():
        return []
    return [
        Problem(
            code="varies_within_person",
            where=f"column '{fixed.column}'",
            what=f"{varies.sum()} persons have more than one value, and a fixed one is needed",
            remedy='Say at which wave it is read, such as wave = "baseline", or correct the file',
            n=int(varies.sum()),
        )
    ]


def _group_problems(fixed: FixedSpec, labels: Sequence[str]) -> list[Problem]:
    distinct = set(labels) - {UNCLASSIFIED}
    where = f"column '{fixed.column}'"
    problems = []

    def add(code: str, what: str, remedy: str, n: int) -> None:
        problems.append(Problem(code=code, where=where, what=what, remedy=remedy, n=n))

    if not distinct:
        add("no_group", "holds no value for anybody", "Name another column under [group]", 1)
    elif len(distinct) > _MOST_GROUPS:
        what = f"has {len(distinct)} different values, more than {_MOST_GROUPS}: hardly groups"
        add("too_many_groups", what, "Name another column under [group]", len(distinct))
    if ALL in distinct:
        what = f"has a group named '{ALL}', a name that larstudy uses itself"
        add("reserved_name", what, "Rename that group in the file", 1)
    absent = [name for name in (fixed.reference, *fixed.order) if name and name not in distinct]
    if absent and distinct:
        what = f"has no group '{absent[0]}', which [group] names"
        add("unknown_group", what, "Correct order or reference under [group]", len(absent))
    unlisted = distinct - set(fixed.order)
    if fixed.order and unlisted:
        what = f"has {len(unlisted)} groups that order under [group] leaves out"
        add("unknown_group", what, "Name every group in order, or leave order out", len(unlisted))
    return problems
