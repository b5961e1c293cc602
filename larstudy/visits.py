"""Visits on any day, placed at the waves of a study by the days since each person's first day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from larstudy.dates import Days, read_days
from larstudy.errors import Problem, counted
from larstudy.raw_table import RawTable, person_label, take_rows
from larstudy.specs.data import WAVE_OF_DATE, VisitSpec, Window
from larstudy.stats.arrays import BoolArray, FloatArray


def place_visits(table: RawTable, person: str, spec: VisitSpec) -> RawTable:
    """Return a table with a column that says to which wave the date of each row belongs.

    Parameters
    ----------
    table : RawTable
    person : str
        Column of the ids.
    spec : VisitSpec

    Returns
    -------
    RawTable
        Rows in no window stay and belong to no wave. Of two visits of a person in one window the one that
        the study chooses stays, and a note counts those left out; where it does not choose, or cannot
        because both are on the same day, that is a problem of the table.
    """
    waves = [""] * table.rows
    problems: list[Problem] = []
    wanted = [person, spec.date, *([spec.baseline_date] if spec.baseline_date else [])]
    kept = np.ones(table.rows, dtype=bool)
    if all(name in table.cells for name in wanted):
        ids = [person_label(label) for label in table.labels(person)]
        dates = read_days(table.labels(spec.date), order=spec.date_order)
        start, found = _first_days(table, ids, dates, spec)
        problems += [*found, *_unread(table, spec.date, dates), *_undated(table, spec.date, dates)]
        after = dates.values - start
        window = _windows_of(after, spec.windows)
        waves = [spec.windows[w].wave if w >= 0 else "" for w in window.tolist()]
        kept, found = _one_a_window(table, ids, after, window, spec)
        problems += found
    placed = replace(
        table,
        columns=(*table.columns, WAVE_OF_DATE),
        cells={**table.cells, WAVE_OF_DATE: waves},
        problems=(*table.problems, *problems),
    )
    return placed if kept.all() else take_rows(placed, np.flatnonzero(kept).tolist())


def _windows_of(after: FloatArray, windows: Sequence[Window]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Return the position of the window that each day lies in, -1 for none."""
    found = np.full(len(after), -1, dtype=np.intp)
    for position, window in enumerate(windows):
        found[(after >= window.low) & (after <= window.high)] = position
    return found


def _first_days(
    table: RawTable, ids: Sequence[str | None], dates: Days, spec: VisitSpec
) -> tuple[FloatArray, list[Problem]]:
    """Return the day 0 of each row's person; NaN where it is not known."""
    own = read_days(table.labels(spec.baseline_date), order=spec.date_order) if spec.baseline_date else dates
    first: dict[str, float] = {}
    differs: set[str] = set()
    for label, day in zip(ids, own.values.tolist(), strict=True):
        if label is None or np.isnan(day):
            continue
        if spec.baseline_date and first.get(label, day) != day:
            differs.add(label)
        first[label] = min(first.get(label, day), day)
    values = np.array([np.nan if label is None else first.get(label, np.nan) for label in ids], dtype=float)
    problems: list[Problem] = []
    if not spec.baseline_date:
        return values, problems
    problems += _unread(table, spec.baseline_date, own)
    where = f"column '{spec.baseline_date}'"
    if differs:
        what = f"{counted(len(differs), 'person has', 'persons have')} more than one first day"
        remedy = "Correct the data: day 0 of a person is one day"
        problems.append(Problem(code="two_first_days", where=where, what=what, remedy=remedy, n=len(differs)))
    unknown = {label for label in ids if label is not None and label not in first}
    if unknown:
        what = f"{counted(len(unknown), 'person has', 'persons have')} no first day; their visits belong to"
        what += " no wave"
        remedy = "Fill it in where it is known"
        problems.append(
            Problem(
                code="no_first_day", where=where, what=what, remedy=remedy, n=len(unknown), severity="note"
            )
        )
    return values, problems


def _unread(table: RawTable, column: str, days: Days) -> list[Problem]:
    n = int(days.bad.sum())
    if not n:
        return []
    return [
        Problem(
            code="not_a_date",
            where=f"column '{column}'",
            what=f"{counted(n, 'cell holds', 'cells hold')} something that is {days.what}",
            remedy='Write dates as 2024-03-31 or 31.3.2024; or say date_order = "dmy" or "mdy" under [data]',
            n=n,
            rows=table.some_rows(days.bad),
        )
    ]


def _undated(table: RawTable, column: str, days: Days) -> list[Problem]:
    gone = np.isnan(days.values) & ~days.bad
    n = int(gone.sum())
    if not n:
        return []
    return [
        Problem(
            code="no_date",
            where=f"column '{column}'",
            what=f"{counted(n, 'row has', 'rows have')} no date and {'belongs' if n == 1 else 'belong'}"
            " to no wave",
            remedy="Fill it in where it is known",
            n=n,
            rows=table.some_rows(gone),
            severity="note",
        )
    ]


def _one_a_window(
    table: RawTable,
    ids: Sequence[str | None],
    after: FloatArray,
    window: np.ndarray[tuple[int], np.dtype[np.intp]],
    spec: VisitSpec,
) -> tuple[BoolArray, list[Problem]]:
    """Say which rows stay, one a person and window, and what is wrong where that cannot be said."""
    visits: dict[tuple[str, int], list[int]] = {}
    for row, (label, position) in enumerate(zip(ids, window.tolist(), strict=True)):
        if label is not None and position >= 0:
            visits.setdefault((label, position), []).append(row)
    crowded = {key: rows for key, rows in visits.items() if len(rows) > 1}
    kept = np.ones(len(ids), dtype=bool)
    same_day = np.zeros(len(ids), dtype=bool)
    for (_, position), rows in crowded.items():
        best, tied = _chosen(rows, after, spec.windows[position], spec.two_visits)
        kept[rows] = False
        kept[best] = True
        same_day[tied] = True
    if spec.two_visits == "refuse":
        again = np.zeros(len(ids), dtype=bool)
        again[[row for rows in crowded.values() for row in rows]] = True
        return kept, _crowded(table, spec, crowded, again)
    if same_day.any():
        return kept, [_same_day(table, spec, same_day)]
    return kept, _left_out(spec, int((~kept).sum()))


def _chosen(rows: Sequence[int], after: FloatArray, window: Window, rule: str) -> tuple[int, list[int]]:
    """Return the visit that a rule chooses, and all those on its day where there are several."""

    def rank(row: int) -> tuple[float, float]:
        day = float(after[row])
        if rule == "closest":
            return abs(day - window.target), day
        return (-day if rule == "last" else day), day

    best = min(rows, key=rank)
    alike = [row for row in rows if after[row] == after[best]]
    return best, alike if len(alike) > 1 else []


def _crowded(
    table: RawTable, spec: VisitSpec, crowded: Mapping[tuple[str, int], Sequence[int]], rows: BoolArray
) -> list[Problem]:
    if not crowded:
        return []
    return [
        Problem(
            code="two_visits",
            where=f"column '{spec.date}'",
            what=f"{counted(len(crowded), 'window of a person has', 'windows of persons have')} more than one"
            " visit",
            remedy='Say which is used: two_visits = "first", "last" or "closest" (to the day aimed at)',
            n=int(rows.sum()),
            rows=table.some_rows(rows),
        )
    ]


def _same_day(table: RawTable, spec: VisitSpec, rows: BoolArray) -> Problem:
    return Problem(
        code="two_visits_one_day",
        where=f"column '{spec.date}'",
        what=f"{int(rows.sum())} rows are of persons with two visits on the day that is to be used",
        remedy="Keep one row for each day, and decide which by hand",
        n=int(rows.sum()),
        rows=table.some_rows(rows),
    )


def _left_out(spec: VisitSpec, n: int) -> list[Problem]:
    if not n:
        return []
    which = {"first": "the first", "last": "the last", "closest": "that closest to the day aimed at"}
    return [
        Problem(
            code="visits_left_out",
            where=f"column '{spec.date}'",
            what=f"{counted(n, 'visit is', 'visits are')} not used, because the person has another in the"
            f" same window and {which[spec.two_visits]} is chosen",
            remedy="",
            n=n,
            severity="note",
        )
    ]
