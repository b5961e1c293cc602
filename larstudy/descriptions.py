"""Table 1: who the groups are at the start, with what is missing and how far they lie apart."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from larstudy import names
from larstudy.cohort import Cohort
from larstudy.covariates import study_covariates
from larstudy.errors import LarstudyError, require_type
from larstudy.groups import Groups, fixed_groups
from larstudy.names import ALL, CATEGORIES, DESCRIPTION_COLUMNS, label
from larstudy.networks import classify_networks
from larstudy.placement import sort_labels
from larstudy.results import Result, frame_of, stamped, stamped_frame
from larstudy.scores import outcome
from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.description import describe_values, largest_difference
from larstudy.tables import MISSING, Column, Table, digits_for, show_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language

NETWORK = "network"
STATUS = "treatment_status"
_NO_DIFFERENCE: Final = (
    "–: no difference can be told in standard deviations, where too few answered or nobody differs within two"
    " groups."
)
_CALLED: Final = {NETWORK: "Network", STATUS: "Treatment status"}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Description(Result):
    """Table 1 of a study.

    Attributes
    ----------
    title : str
    order : tuple of str
        The groups, in their order; ``"all"`` stands before them.
    rows : tuple of dict
        One a variable or level and group, by `larstudy.names.DESCRIPTION_COLUMNS`.
    sizes : dict of str to int
        Persons in each group, and in all.
    synthetic : bool

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
    >>> print(ls.describe(cohort).table().to_markdown())
    **Table 1. The groups at start**
    <BLANKLINE>
    | Variable | All (n = 4) | a (n = 2) | b (n = 2) | Missing | Largest difference |
    | :--- | ---: | ---: | ---: | ---: | ---: |
    | qol, M (SD) | 3.000 (0.816) | 3.500 (0.707) | 2.500 (0.707) | 0 | 1.41 |
    <BLANKLINE>
    Largest difference: between two of the groups, in standard deviations; it stands instead of p-values.
    """

    title: str
    order: tuple[str, ...]
    rows: tuple[dict[str, Any], ...]
    sizes: dict[str, int]
    median: bool
    synthetic: bool

    def summary(self) -> str:
        """Return how many persons there are, and where groups lie furthest apart."""
        sizes = ", ".join(f"{label(name)} {n}" for name, n in self.sizes.items())
        apart = [row for row in self.rows if row["group"] == ALL and row["d_largest"] == row["d_largest"]]
        said = f"{self.title}: {sizes}."
        if apart:
            most = max(apart, key=lambda row: float(row["d_largest"]))
            where = f"{most['variable']} {label(most['level'])}".strip()
            said += f" Furthest apart: {where} ({show_number(most['d_largest'])} SD)."
        return stamped(said, self.synthetic)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variable or level and group, unrounded."""
        return stamped_frame(frame_of(self.rows, DESCRIPTION_COLUMNS), self.synthetic)

    def table(self) -> Table:
        """Return one row a variable or level: all and each group, the missing, the largest difference."""
        groups = (ALL, *self.order)
        columns = [
            Column(name="variable", label="Variable", kind="text"),
            *(Column(name=group, label=self._heading(group), kind="interval") for group in groups),
            Column(name="n_missing", label="Missing", kind="count"),
            *([Column(name="d_largest", label="Largest difference")] if len(self.order) > 1 else []),
        ]
        keys = list(dict.fromkeys((row["variable"], row["level"]) for row in self.rows))
        found = {(row["variable"], row["level"], row["group"]): row for row in self.rows}
        rows = []
        for variable, level in keys:
            own = [found[variable, level, group] for group in groups]
            called = _CALLED.get(variable, variable)
            name = f"{called}: {label(level)}, n (%)" if level else f"{called}, {self._shown()}"
            apart = (own[0]["d_largest"],) if len(self.order) > 1 else ()
            digits = digits_for(own[0]["sd"])
            rows.append((name, *(self._cell(row, digits) for row in own), own[0]["n_missing"], *apart))
        note = (
            "Largest difference: between two of the groups, in standard deviations; it stands instead of"
            " p-values."
        )
        notes = [note] if len(self.order) > 1 else []
        # A row that is withheld has another reason, which is told where it is withheld.
        if notes and any(math.isnan(float(row[-1])) for row in rows if row[1] != MISSING):
            notes.append(_NO_DIFFERENCE)
        return Table(
            title=f"Table 1. {self.title}",
            columns=tuple(columns),
            rows=tuple(rows),
            notes=tuple(notes),
            synthetic=self.synthetic,
        )

    def _heading(self, group: str) -> str:
        size = self.sizes.get(group)
        return label(group) if size is None else f"{label(group)} (n = {size})"

    def _shown(self) -> str:
        return "median (quartiles)" if self.median else "M (SD)"

    def _cell(self, row: dict[str, Any], digits: int) -> str:
        """Return a cell; what one person answered is not a mean."""
        if row["n"] != row["n"]:
            return "–"
        if row["level"]:
            share = "–" if not row["n"] else f"{100 * row['mean']:.0f}%"
            return f"{row['count']:.0f} ({share})"
        if row["n"] < 2:
            return "–"
        if self.median:
            ends = f"{show_number(row['q1'], digits)} to {show_number(row['q3'], digits)}"
            return f"{show_number(row['median'], digits)} ({ends})"
        return f"{show_number(row['mean'], digits)} ({show_number(row['sd'], digits)})"

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the largest standardised difference between two groups, variable by variable."""
        from larstudy import figures

        shown = [row for row in self.rows if row["group"] == ALL]
        frame = pd.DataFrame(
            {
                "effect": [f"{row['variable']} {label(row['level'], lang)}".strip() for row in shown],
                **{name: [row["d_largest"] for row in shown] for name in ("estimate_low", "estimate_high")},
                **dict.fromkeys(("conf_low", "conf_high"), float("nan")),
            }
        )
        return figures.plot_effects(frame, ax=ax, title=self.title, lang=lang)


def describe(
    cohort: Cohort, groups: Groups | None = None, *, median: bool = False, within: BoolArray | None = None
) -> Description:
    """Describe the groups of a study at the start: Table 1.

    Parameters
    ----------
    cohort : Cohort
    groups : Groups, optional
        From ``transitions.groups()`` or `fixed_groups`; the change groups of the first interval, or the
        groups that the file has, unless given.
    median : bool
        Median and quartiles instead of mean and SD.
    within : ndarray of bool, shape (persons,), optional
        Whom to count, in the order of ``cohort.persons``; everybody unless given.

    Returns
    -------
    Description
        Outcomes at the first wave, numbers among the covariates, and counts of network categories, treatment
        status and the other covariates; for each how many are missing, and the largest standardised
        difference between two groups instead of a p-value.

    Raises
    ------
    LarstudyError
        Where the groups are of other persons than the cohort.

    Examples
    --------
    >>> import larstudy as ls
    >>> found = ls.describe(ls.load_synthetic())
    >>> found.sizes["all"], found.order[0]
    (548, 'maintained_abstinent')
    """
    require_type(cohort, Cohort, "cohort", "a cohort, from load()")
    chosen = _study_groups(cohort) if groups is None else groups
    if chosen is not None and not chosen.persons.equals(cohort.persons):
        raise LarstudyError("The groups are of other persons than the cohort: make them from this cohort.")
    everybody = np.ones(len(cohort.persons), dtype=bool) if within is None else within
    order = () if chosen is None else chosen.order
    codes = np.full(len(cohort.persons), -1) if chosen is None else np.where(everybody, chosen.codes, -1)
    masks = {ALL: everybody, **{name: codes == code for code, name in enumerate(order)}}
    rows = [
        row
        for variable, level, values in _variables(cohort)
        for row in _rows(variable, level, values, masks, codes, len(order))
    ]
    return Description(
        title=f"The groups at {cohort.waves[0]}",
        order=order,
        rows=tuple(rows),
        sizes={name: int(mask.sum()) for name, mask in masks.items()},
        median=median,
        synthetic=cohort.spec.synthetic,
    )


def _study_groups(cohort: Cohort) -> Groups | None:
    if cohort.spec.networks:
        first = cohort.spec.analysis.comparisons[0]
        return classify_networks(cohort).transitions(*first).groups()
    return None if cohort.spec.group is None else fixed_groups(cohort)


def _variables(cohort: Cohort) -> Iterator[tuple[str, str, FloatArray]]:
    """Yield every variable at the start: its name, its level, and the values; shares as zeros and ones."""
    for name, spec in cohort.spec.outcomes.items():
        yield spec.label, "", outcome(cohort, name).values[:, 0]
    covariates = study_covariates(cohort)
    for name in () if covariates is None else covariates.names:
        assert covariates is not None
        if name in covariates.numbers:
            yield name, "", covariates.numbers[name]
        else:
            yield from _levels(name, covariates.labels[name].tolist())
    if cohort.spec.networks:
        codes = classify_networks(cohort).codes[:, 0]
        yield from _levels(NETWORK, [None if code < 0 else CATEGORIES[code] for code in codes], CATEGORIES)
    if cohort.spec.status is not None:
        yield from _levels(STATUS, list(cohort.fixed["treatment_status"]), names.STATUSES)


def _levels(
    variable: str, labels: list[Any], levels: tuple[str, ...] = ()
) -> Iterator[tuple[str, str, FloatArray]]:
    absent = np.array([text is None for text in labels], dtype=bool)
    for level in levels or sort_labels(sorted({text for text in labels if text is not None})):
        shares = np.array([text == level for text in labels], dtype=float)
        yield variable, str(level), np.where(absent, np.nan, shares)


def _rows(
    variable: str, level: str, values: FloatArray, masks: dict[str, BoolArray], codes: IntArray, k: int
) -> Iterator[dict[str, Any]]:
    apart = largest_difference(values, codes, k, binary=bool(level))
    for group, mask in masks.items():
        found = describe_values(values, mask)
        share = bool(level)
        nan = float("nan")
        yield {
            "variable": variable, "level": level, "group": group, "n": found.n, "n_missing": found.n_missing,
            "count": round(found.mean * found.n) if share and found.n else 0 if share else nan,
            "mean": found.mean, "sd": nan if share else found.sd,
            "median": nan if share else found.median, "q1": nan if share else found.q1,
            "q3": nan if share else found.q3, "d_largest": apart,
        }  # fmt: skip
