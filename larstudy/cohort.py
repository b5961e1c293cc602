"""The cohort: persons by waves, as the study file describes them, with where they came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from larstudy.catalogue import in_language, say
from larstudy.cell_validation import fixed_rows
from larstudy.errors import unknown_name
from larstudy.names import CATEGORIES, PERSON, UNCLASSIFIED, WAVE
from larstudy.placement import Placement, per_person, place_rows
from larstudy.raw_table import FileRecord, RawTable
from larstudy.results import Result, as_row, distinct, stamped, stamped_frame, versions
from larstudy.specs.study import StudySpec, Variable, as_code, fixed_columns, wave_variables
from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.tables import Column, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language

#: Code of a cell that holds something, but none of the categories; below it the cell is empty.
_RECORDED = -1


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Cohort(Result):
    """Persons by waves.

    Attributes
    ----------
    spec : StudySpec
        The study, as its file describes it.
    persons : Index
        Everybody in the file, sorted by id.
    numbers : mapping of tuple to ndarray of float, shape (persons, waves)
        By the address of each variable, see `larstudy.specs.study.Variable`; NaN where missing.
    categories : mapping of str to ndarray of int, shape (persons, waves)
        For networks that the file holds as categories: position in `names.CATEGORIES`, -1 where missing.
    fixed : mapping of str to ndarray of object, shape (persons,)
        Labels with one value a person: ``group``, ``treatment_status``, ``cluster``, ``covariate:NAME``.
    covariates : mapping of str to ndarray of float, shape (persons,)
        The covariates that are numbers.
    seen : ndarray of bool, shape (persons, waves)
        Whether anything that the study measures was recorded; an absent row and a row without any answer
        are the same.
    value_sets : mapping of str to mapping
        For instruments with an index: profile to value.
    record : FileRecord
        What was read.
    notes : tuple of str
        Shown with everything that is made from the cohort.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"before": [3.0, 4, 2, 3], "after": [5.0, 6, 3, 4], "arm": ["a", "a", "b", "b"]})
    >>> cohort = ls.load(
    ...     frame,
    ...     waves=["start", "year1"],
    ...     outcomes={"qol": {"start": "before", "year1": "after"}},
    ...     group="arm",
    ... )
    >>> print(cohort)
    Untitled study. 4 persons; with answers: 4 at start, 4 at year1. Outcomes: qol.
    >>> cohort.to_frame().columns.tolist()
    ['person', 'wave', 'seen', 'qol']
    """

    spec: StudySpec
    persons: pd.Index[Any]
    numbers: Mapping[tuple[str, ...], FloatArray]
    categories: Mapping[str, IntArray]
    fixed: Mapping[str, np.ndarray[Any, np.dtype[np.object_]]]
    covariates: Mapping[str, FloatArray]
    seen: BoolArray
    value_sets: Mapping[str, Mapping[float, float]]
    record: FileRecord
    notes: tuple[str, ...]

    @property
    def waves(self) -> tuple[str, ...]:
        """Names of the waves, the baseline first."""
        return self.spec.waves

    def summary(self) -> str:
        """Return who is in the cohort, in sentences."""
        seen = ", ".join(f"{n} at {wave}" for wave, n in zip(self.waves, self.seen.sum(axis=0), strict=True))
        return stamped(
            f"{self.spec.title}. {len(self.persons)} persons; with answers: {seen}."
            f" Outcomes: {', '.join(self.spec.outcomes)}.",
            self.spec.synthetic,
        )

    def provenance(self) -> dict[str, Any]:
        """Return where the cohort comes from: what was read, the study as described, and the versions used.

        It holds no time and no path, so that the same run gives the same answer.
        """
        return {
            "versions": versions(),
            "data": as_row(self.record),
            "persons": len(self.persons),
            "study": _without_paths(self.spec.raw),
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row a person and wave: person, wave, seen, then what was measured, as it was read."""
        n, k = len(self.persons), len(self.waves)
        data: dict[str, Any] = {
            PERSON: np.repeat(self.persons.to_numpy(), k),
            WAVE: pd.Categorical(np.tile(self.waves, n), categories=list(self.waves), ordered=True),
            "seen": self.seen.ravel(),
        }
        for key, values in self.numbers.items():
            data[".".join(key[1:])] = values.ravel()
        for place, (name, codes) in enumerate(self.categories.items()):
            data[f"network.{name}" if place else "network"] = as_categories(codes.ravel())
        return stamped_frame(pd.DataFrame(data), self.spec.synthetic)

    def table(self) -> Table:
        """Return how many persons gave answers at each wave."""
        columns = (
            Column(name=WAVE, label="Wave", kind="text"),
            Column(name="n", label="Persons with answers", kind="count"),
            Column(name="share", label="Of all", kind="percent"),
        )
        total = max(len(self.persons), 1)
        rows = tuple(
            (wave, int(n), n / total) for wave, n in zip(self.waves, self.seen.sum(axis=0), strict=True)
        )
        return Table(
            title=f"{self.spec.title}: persons with answers at each wave",
            columns=columns,
            rows=rows,
            notes=self.notes,
            source=self.spec.source,
            synthetic=self.spec.synthetic,
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw how many persons gave answers at each wave."""
        from larstudy import figures

        counts = [
            (figures.wave_words(wave, lang), int(n))
            for wave, n in zip(self.waves, self.seen.sum(axis=0), strict=True)
        ]
        return figures.plot_counts(
            counts, ax=ax, title=in_language(self.spec.title, lang), xlabel=say("persons with answers", lang),
            synthetic=self.spec.synthetic, lang=lang,
        )  # fmt: skip


def _without_paths(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study as it was described, its data files without the folders before them."""
    data = dict(raw.get("data", {}))
    for key in ("file", "dictionary", "files"):
        if data.get(key):
            data[key] = _names_only(data[key])
    return {**raw, "data": data}


def _names_only(files: Any) -> Any:
    """Return a file, or files listed, or by wave, each without its folders."""
    if isinstance(files, str):
        return PurePath(files).name
    if isinstance(files, Mapping):
        return {k: v if k in ("sheet", "person") else _names_only(v) for k, v in files.items()}
    return [_names_only(entry) for entry in files] if isinstance(files, list) else files


def wave_position(waves: tuple[str, ...], wave: str) -> int:
    """Return the position of a wave, or raise an error that names the nearest."""
    if wave not in waves:
        raise unknown_name("wave", wave, waves)
    return waves.index(wave)


def as_categories(codes: IntArray) -> pd.Categorical[str]:
    """Return network codes as ordered categories; those without one are 'unclassified'."""
    labels = [*CATEGORIES, UNCLASSIFIED]
    positions = np.where(codes < 0, len(CATEGORIES), codes)
    return pd.Categorical([labels[position] for position in positions], categories=labels, ordered=True)


def build_cohort(
    spec: StudySpec,
    table: RawTable,
    value_sets: Mapping[str, Mapping[float, float]],
    notes: Iterable[str] = (),
) -> Cohort:
    """Return the cohort of a table that has been checked.

    Parameters
    ----------
    spec : StudySpec
    table : RawTable
        Without problems, see `larstudy.validation.check_table`.
    value_sets : mapping of str to mapping
        For instruments with an index.
    notes : iterable of str
        What the check of the table found worth knowing.

    Returns
    -------
    Cohort
    """
    placement = place_rows(spec, table)
    shape = (len(placement.persons), len(spec.waves))
    numbers: dict[tuple[str, ...], FloatArray] = {}
    categories: dict[str, IntArray] = {}
    for variable in wave_variables(spec):
        if variable.values is None:
            numbers[variable.key] = _grid_of_numbers(spec, table, placement, variable)
        else:
            categories[variable.key[1]] = _grid_of_categories(spec, table, placement, variable)
    seen = np.zeros(shape, dtype=bool)
    for values in numbers.values():
        seen |= ~np.isnan(values)
    for name, codes in categories.items():
        seen |= codes >= _RECORDED
        categories[name] = np.maximum(codes, -1)
    for array in (*numbers.values(), *categories.values(), seen):
        array.flags.writeable = False
    return Cohort(
        spec=spec,
        persons=placement.persons,
        numbers=numbers,
        categories=categories,
        fixed=_fixed_labels(spec, table, placement),
        covariates=_covariate_numbers(spec, table, placement),
        seen=seen,
        value_sets=value_sets,
        record=table.record,
        notes=distinct([*spec.notes, *_cluster_note(spec), *notes]),
    )


def _cluster_note(spec: StudySpec) -> Iterable[str]:
    if spec.cluster is not None:
        yield (
            f"Persons are nested in '{spec.cluster.column}': errors that take them as independent are"
            " likely to be too small."
        )


def _grid_of_numbers(
    spec: StudySpec, table: RawTable, placement: Placement, variable: Variable
) -> FloatArray:
    grid = np.full((len(placement.persons), len(spec.waves)), np.nan)
    for code, wave in enumerate(spec.waves):
        column = variable.columns.get(wave)
        if column is not None:
            rows = placement.rows_of(code, spec.data.layout)
            values = table.numbers(column, variable.missing).values
            grid[placement.person_codes[rows], code] = values[rows]
    return grid


def _grid_of_categories(
    spec: StudySpec, table: RawTable, placement: Placement, variable: Variable
) -> IntArray:
    grid = np.full((len(placement.persons), len(spec.waves)), _RECORDED - 1, dtype=np.intp)
    values = variable.values or {}
    position = {name: code for code, name in enumerate(CATEGORIES)}
    for code, wave in enumerate(spec.waves):
        column = variable.columns.get(wave)
        if column is not None:
            rows = placement.rows_of(code, spec.data.layout)
            labels = table.labels(column, variable.missing)
            codes = np.array(
                [
                    _RECORDED - 1 if text is None else position.get(values[as_code(text)], _RECORDED)
                    for text in labels
                ],
                dtype=np.intp,
            )
            grid[placement.person_codes[rows], code] = codes[rows]
    return grid


def _fixed_labels(
    spec: StudySpec, table: RawTable, placement: Placement
) -> dict[str, np.ndarray[Any, np.dtype[np.object_]]]:
    found = {}
    for key, fixed in fixed_columns(spec).items():
        labels = table.labels(fixed.column, fixed.missing)
        one, _ = per_person(labels, placement, fixed_rows(spec, fixed, placement))
        if fixed.values is not None:
            one = [None if text is None else fixed.values.get(as_code(text)) for text in one]
        elif key in ("group", "cluster"):
            one = _spelled_alike(one)
        values = np.array(one, dtype=object)
        values.flags.writeable = False
        found[key] = values
    return found


def _spelled_alike(labels: list[str | None]) -> list[str | None]:
    """Return labels as they are, but codes that the file spells in several ways, as 1 and 1.0, as one."""
    spellings: dict[str, set[str]] = {}
    for text in labels:
        if text is not None:
            spellings.setdefault(as_code(text), set()).add(text)
    return [text if text is None or len(spellings[as_code(text)]) == 1 else as_code(text) for text in labels]


def _covariate_numbers(spec: StudySpec, table: RawTable, placement: Placement) -> dict[str, FloatArray]:
    """Return the covariates that hold numbers; one that holds words, or codes, is read as categories."""
    found = {}
    for fixed in spec.covariates:
        numbers = table.numbers(fixed.column, fixed.missing)
        rows = fixed_rows(spec, fixed, placement)
        if fixed.column not in spec.categorical and not (rows & numbers.bad).any():
            values = np.full(len(placement.persons), np.nan)
            values[placement.person_codes[rows]] = numbers.values[rows]
            found[fixed.column] = values
    return found
