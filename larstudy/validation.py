"""Every problem of a study file and its data in one pass, before anything is computed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from larstudy.catalogue import say
from larstudy.cell_validation import cell_problems, fixed_problems
from larstudy.errors import Problem, counted, nearest, problem_list
from larstudy.placement import Placement, place_rows
from larstudy.raw_table import RawTable, looks_like_data
from larstudy.results import Result, frame_of
from larstudy.specs.study import StudySpec, as_label, fixed_columns, used_columns, wave_variables
from larstudy.stats.arrays import BoolArray
from larstudy.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class ValidationReport(Result):
    """What is wrong with a study, all of it.

    Attributes
    ----------
    title : str
    problems : tuple of Problem
        Errors stop a run; notes are worth knowing.

    Examples
    --------
    >>> import larstudy as ls
    >>> report = ls.check("no_such_study.toml")
    >>> report.ok, [problem.code for problem in report.problems]
    (False, ['file_missing'])
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
            count = counted(len(self.errors), "problem", "problems")
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

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw how many rows each problem concerns."""
        from larstudy import figures

        counts = [(f"{p.where}: {p.code}", p.n) for p in self.problems]
        return figures.plot_counts(
            counts, ax=ax, title=self.title, xlabel=say("rows, cells or names", lang), lang=lang
        )


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
    problems = [*table.problems, *_column_problems(spec, table), *_told_of_columns(spec, table)]
    placement = place_rows(spec, table)
    problems.extend(_row_problems(spec, table, placement))
    rows = _rows_by_wave(spec, table, placement)
    for variable in wave_variables(spec):
        problems.extend(cell_problems(table, variable, rows))
    for key, fixed in fixed_columns(spec).items():
        if fixed.column in table.columns:
            problems.extend(fixed_problems(spec, table, key, fixed, placement))
    if not spec.networks and spec.group is None:
        what = "says nothing of networks or groups: everybody's change is all there will be"
        problems.append(Problem(code="no_groups", where="the study", what=what, remedy="", severity="note"))
    return tuple(dict.fromkeys(problems))


# -- columns ------------------------------------------------------------------------------------------


def _column_problems(spec: StudySpec, table: RawTable) -> list[Problem]:
    problems = []
    header = _header_problem(spec, table)
    if header and header[0].code == "title_row":
        return header
    counts = Counter(table.columns)
    # Where no name fits, the first row may be somebody's answers: then no name is suggested.
    strange = not set(counts) & set(used_columns(spec))
    suspicious = bool(header) or _any_number(table)
    for name, key in sorted(used_columns(spec).items()):
        if counts[name] == 0:
            close = None if strange and suspicious else nearest(name, [c for c in counts if c])
            problems.append(
                Problem(
                    code="unknown_column",
                    where=f"column '{name}'",
                    what=f"is not in {table.record.name}; {key} names it",
                    remedy=f"Nearest name: '{close}'" if close else _elsewhere(name, table),
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


def _told_of_columns(spec: StudySpec, table: RawTable) -> list[Problem]:
    """Return what the readers found of the columns that the study reads: troubles, and answers left out."""
    problems: list[Problem] = []
    for name in sorted(used_columns(spec)):
        problems.extend(table.column_problems.get(name, ()))
        reasons = Counter(table.reasons.get(name, {}).values())
        if reasons:
            n = sum(reasons.values())
            each = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
            what = f"{counted(n, 'cell is', 'cells are')} marked as missing in the file: {each}"
            where = f"column '{name}'"
            problems.append(
                Problem(code="user_missing", where=where, what=what, remedy="", n=n, severity="note")
            )
    return problems


def _elsewhere(name: str, table: RawTable) -> str:
    if name in table.index_names:
        return "It is the index of the frame: call reset_index() first"
    return "Check the spelling, and the separator"


def _any_number(table: RawTable) -> bool:
    return any(name.replace(",", "").replace(".", "").isdigit() for name in table.columns)


def _header_problem(spec: StudySpec, table: RawTable) -> list[Problem]:
    """Find a file without a header: people's values stand where the names should be, not to be repeated."""
    if set(table.columns) & set(used_columns(spec)):
        return []
    if len(table.columns) > 2 and sum(map(bool, table.columns)) < 2:
        what = "the first row holds one cell only: a title above the names of the columns?"
        remedy = "Delete the rows above the names"
        return [Problem(code="title_row", where=table.record.name, what=what, remedy=remedy)]
    if not looks_like_data(table):
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
    add(
        "missing_person",
        person,
        f"{counted(int(lost.sum()), 'row has', 'rows have')} no person id",
        "Fill in the ids",
        lost,
    )
    text = placement.unreadable_wave
    add(
        "wave_text",
        wave,
        f"{counted(int(text.sum()), 'row holds', 'rows hold')} text,"
        " but the study marks its waves by numbers",
        'Write the waves as the file has them, such as waves = { baseline = "T0", month12 = "T1" }',
        text,
    )
    again = placement.repeated()
    unit = "person and wave" if spec.data.layout == "long" else "person"
    add(
        "duplicate_row",
        person,
        f"{counted(int(again.sum()), 'row repeats', 'rows repeat')} a {unit} that an earlier row has",
        "Keep one row for each, and decide which by hand",
        again,
    )
    problems.extend(_wave_problems(spec, table, placement))
    known = spec.data.person in table.columns and spec.data.wave in table.columns
    if not problems and known and spec.data.waves and not placement.in_two_waves():
        problems.append(
            Problem(
                code="nobody_pairs",
                where=person,
                what="nobody has rows at two waves",
                remedy="Check that the ids are written alike at every wave (001 is not 1)",
            )
        )
    return [*problems, *_folded_ids(placement, person)]


def _folded_ids(placement: Placement, where: str) -> list[Problem]:
    """Note ids that differ only by capitals or by zeros in front: they may be one person."""
    folded = Counter(str(person).casefold().lstrip("0") for person in placement.persons)
    n = sum(count for count in folded.values() if count > 1)
    if not n:
        return []
    what = f"{n} ids differ only by capital letters or zeros in front, and count as different persons"
    return [Problem(code="like_ids", where=where, what=what, remedy="Write them alike", n=n, severity="note")]


def _wave_problems(spec: StudySpec, table: RawTable, placement: Placement) -> list[Problem]:
    if spec.data.layout == "wide" or spec.data.wave not in table.columns:
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
                what=f"{counted(int(other.sum()), 'row belongs', 'rows belong')}"
                " to no wave of the study; not used",
                remedy="",
                n=int(other.sum()),
                severity="note",
            )
        )
    return problems


def _rows_by_wave(spec: StudySpec, table: RawTable, placement: Placement) -> dict[str, BoolArray]:
    """Return which rows to look at for each wave.

    Where rows may stand at the wrong wave, all are looked at, so that their other problems show at once.
    """
    if placement.uncertain(len(spec.waves), spec.data.layout):
        return dict.fromkeys(spec.waves, np.ones(table.rows, dtype=bool))
    return {wave: placement.rows_of(code, spec.data.layout) for code, wave in enumerate(spec.waves)}
