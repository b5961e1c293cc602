"""Table 1: how the groups of a study stood at the start, and how many lack each answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from larstudy import names
from larstudy.changes import Change
from larstudy.cohort import Cohort, wave_position
from larstudy.covariates import study_covariates
from larstudy.errors import LarstudyError, require_type, unknown_name
from larstudy.groups import Groups, fixed_groups, groups_from_labels
from larstudy.ledger import positions
from larstudy.names import label
from larstudy.networks import classify_networks
from larstudy.placement import sort_labels
from larstudy.results import Result, distinct, frame_of, stamped, stamped_frame
from larstudy.scores import outcome
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.descriptions import largest_difference, levels_by_group, numbers_by_group
from larstudy.tables import MISSING, Column, Table, digits_for, show_fixed, show_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

By = Literal["change", "group", "status", "seen"]
BYS: tuple[By, ...] = ("change", "group", "status", "seen")

SEEN, LOST = "seen", "lost"
_D_NOTE = (
    "d: standardised difference of the two groups that are furthest apart, without a sign: the difference of"
    " the means over the root mean square of the two SDs; of a category over all of its levels at once. It"
    " describes how far apart groups are, and does not grow with the number of persons; p-values of baseline"
    " differences would say how large the study is."
)
_MISSING_NOTE = "Shares are of those who answered. Who has no group counts among all, and in no difference."


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """What is known of each person at the start: a number, or a category where it has levels."""

    name: str
    label: str
    values: FloatArray
    levels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Description(Result):
    """How groups stood at the start.

    Attributes
    ----------
    by : str
        What the groups are.
    from_wave, to_wave : str
        The start, and the wave by which groups of a change are made; empty where there is none.
    order : tuple of str
        The groups.
    sizes : tuple of int
        Everybody, each group, and those without one.
    variables : tuple of Variable
    rows : tuple of dict
        By `larstudy.names.TABLE_ONE_COLUMNS`: of each variable, level and group, everybody first.
    medians : bool
        Whether numbers are shown as median and quartiles rather than as mean and SD.
    notes : tuple of str
    source : str
    synthetic : bool

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"before": [3.0, 5, 2, None], "after": [5.0, 6, 3, 4], "arm": list("aabb")})
    >>> cohort = ls.load(
    ...     frame,
    ...     waves=["start", "year1"],
    ...     outcomes={"qol": {"start": "before", "year1": "after"}},
    ...     group="arm",
    ... )
    >>> found = ls.describe(cohort).to_frame()
    >>> found[["group", "n", "n_missing", "mean"]].values.tolist()[:2]
    [['all', 3, 1, 3.3333333333333335], ['a', 2, 0, 4.0]]
    """

    by: str
    from_wave: str
    to_wave: str
    order: tuple[str, ...]
    sizes: tuple[int, ...]
    variables: tuple[Variable, ...]
    rows: tuple[dict[str, Any], ...]
    medians: bool
    notes: tuple[str, ...]
    source: str
    synthetic: bool

    def summary(self) -> str:
        """Return in sentences how large the groups are, and where they were furthest apart."""
        groups = [f"{names.in_sentence(g)} {n}" for g, n in zip(self.order, self.sizes[1:], strict=False)]
        lines = [f"{self.sizes[0]} persons: {', '.join([*groups, f'without a group {self.sizes[-1]}'])}."]
        # Change groups are made of the network at the start, among other things: there they must differ.
        made_of = "network" if self.by == "change" else ""
        apart = [r for r in self.rows if r["group"] == names.ALL and r["difference"] > 0]
        apart = [row for row in apart if row["variable"] != made_of]
        if apart:
            most = max(apart, key=lambda row: float(row["difference"]))
            variable = next(v for v in self.variables if v.name == most["variable"])
            lines.append(
                f"Furthest apart at the start: {variable.label}, {names.in_sentence(most['first'])} and"
                f" {names.in_sentence(most['second'])}, d {show_number(most['difference'])}."
            )
        return stamped("\n".join(lines), self.synthetic)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variable, level and group, unrounded; everybody is the group ``all``."""
        return stamped_frame(frame_of(self.rows, names.TABLE_ONE_COLUMNS), self.synthetic)

    def table(self) -> Table:
        """Return Table 1: a column a group; mean (SD) or median (quartiles), count (%), and who lacks it.

        The mean of one person is that person's value, and is not shown.
        """
        groups = [names.ALL, *self.order]
        if self.order and self.sizes[-1]:
            groups.append(names.UNCLASSIFIED)
        columns = [
            Column(name="variable", label="At the start", kind="text"),
            Column(name="what", label="Shown", kind="text"),
            *(Column(name=group, label=label(group), kind="interval") for group in groups),
        ]
        if self.order:
            # A difference of less than a hundredth of an SD is none to a reader.
            columns.append(Column(name="difference", label="d", noise=0.005))
        shares = dict(zip(groups, self.sizes, strict=False))
        if names.UNCLASSIFIED in groups:
            shares[names.UNCLASSIFIED] = self.sizes[-1]
        first = ("Persons", "n", *(str(shares[group]) for group in groups))
        rows = [(*first, np.nan) if self.order else first]
        rows += [row for variable in self.variables for row in self._shown(variable, groups)]
        where = f"{self.from_wave} to {self.to_wave}" if self.to_wave else self.from_wave
        return Table(
            title=f"Table 1. At the start, {_BY_WORDS[self.by]} ({where})",
            columns=tuple(columns),
            rows=tuple(rows),
            notes=(*((_D_NOTE, _MISSING_NOTE) if self.order else (_SHARES_NOTE,)), *self.notes),
            source=self.source,
            synthetic=self.synthetic,
        )

    def _shown(self, variable: Variable, groups: Sequence[str]) -> Iterator[tuple[object, ...]]:
        """Return the rows of a variable as they are shown; how many lack it only where somebody does."""
        found = {(r["level"], r["group"]): r for r in self.rows if r["variable"] == variable.name}
        called, apart = variable.label, [found["", names.ALL]["difference"]] * bool(self.order)
        nothing = [np.nan] * bool(self.order)
        if variable.levels:
            yield (called, "n (%)", *("" for _ in groups), *apart)
            for level in variable.levels:
                yield ("", label(level), *(_count(found[level, group]) for group in groups), *nothing)
        else:
            digits = digits_for(float(found["", names.ALL]["sd"]))
            what = "median (quartiles)" if self.medians else "mean (SD)"
            cells = (_number(found["", group], digits, self.medians) for group in groups)
            yield (called, what, *cells, *apart)
        if found["", names.ALL]["n_missing"]:
            yield ("", "missing", *(str(found["", group]["n_missing"]) for group in groups), *nothing)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how many persons are in each group."""
        from larstudy import figures

        groups = [*self.order, names.UNCLASSIFIED] if self.order else [names.ALL]
        counts = [(label(g), n) for g, n in zip(groups, self.sizes[len(self.order) > 0 :], strict=False)]
        return figures.plot_counts(counts, ax=ax, title="Groups", synthetic=self.synthetic)


_SHARES_NOTE = "Shares are of those who answered."
_BY_WORDS = {
    "change": "by change of network",
    "group": "by group",
    "status": "by treatment status",
    "seen": "seen again and lost",
    "": "everybody",
}


def _count(row: dict[str, Any]) -> str:
    if not row["n"]:
        return MISSING
    return f"{int(row['count'])} ({show_fixed(100 * row['share'], 0)}%)"


def _number(row: dict[str, Any], digits: int, medians: bool) -> str:
    if row["n"] < 2:
        return MISSING
    if medians:
        ends = f"{show_fixed(row['q1'], digits)} to {show_fixed(row['q3'], digits)}"
        return f"{show_fixed(row['median'], digits)} ({ends})"
    return f"{show_fixed(row['mean'], digits)} ({show_fixed(row['sd'], digits)})"


def describe(
    what: Cohort | Change,
    *,
    by: By | Groups | None = None,
    waves: tuple[str, str] | None = None,
    medians: bool = False,
) -> Description:
    r"""Describe how the groups of a study stood at the start: its Table 1.

    Parameters
    ----------
    what : Cohort or Change
        Of a cohort: its outcomes and network category at the start, treatment status and covariates. Of a
        change: its scores at both waves, of those who have both.
    by : {"change", "group", "status", "seen"} or Groups, optional
        Change groups of the networks; the study's group column; treatment status; those seen again and those
        lost; or any groups. Unless given, the change groups or the group column of the study, as it has them.
    waves : (str, str), optional
        The start, and the wave by which change, or who was lost, is told; the study's first comparison
        unless given.
    medians : bool
        Whether to show medians and quartiles rather than means and SDs; `Description.to_frame` has all.

    Returns
    -------
    Description
        With standardised differences and without p-values of the baseline.

    Raises
    ------
    UnknownNameError
        Where there are no such groups or waves.
    LarstudyError
        Where the study does not have what the groups are made of.

    Notes
    -----
    Of a number :math:`d = |\bar x_1 - \bar x_2| / \sqrt{(s_1^2 + s_2^2) / 2}` (Austin 2009); of a category
    :math:`d = \sqrt{\delta' S^- \delta}` with :math:`\delta` the differences of the shares and S the mean of
    the two multinomial covariance matrices (Yang & Dalton 2012). With more than two groups it is the largest
    of all pairs.

    References
    ----------
    Austin, P. C. (2009). Statistics in Medicine, 28, 3083-3107. Yang, D., & Dalton, J. E. (2012). SAS Global
    Forum 2012, paper 335. Vandenbroucke, J. P., et al. (2007). STROBE: explanation and elaboration. PLoS
    Medicine, 4, e297 (no tests of baseline differences; missing data of each variable).

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"before": [3.0, 5, 2, 4], "after": [5.0, 6, 3, 4], "arm": ["a", "a", "b", "b"]})
    >>> cohort = ls.load(
    ...     frame,
    ...     waves=["start", "year1"],
    ...     outcomes={"qol": {"start": "before", "year1": "after"}},
    ...     group="arm",
    ... )
    >>> print(ls.describe(cohort))
    4 persons: a 2, b 2, without a group 0.
    Furthest apart at the start: qol, a and b, d 0.71.
    """
    if isinstance(what, Change):
        return _of_change(what, by, medians)
    require_type(what, Cohort, "what", "a cohort, from load(), or a change, from change()")
    start, end = waves or what.spec.analysis.comparisons[0]
    place = wave_position(what.waves, start)
    wave_position(what.waves, end)
    named, groups = _groups(what, by, (start, end))
    variables = [v for v in _cohort_variables(what, place) if v.name != named]
    if named == "status":
        variables = [v for v in variables if v.name != "treatment_status"]
    codes = np.full(len(what.persons), -1) if groups is None else _codes(groups, what.persons)
    spec = what.spec
    return _described(
        (named, start, end if named in ("change", "seen") else ""),
        variables,
        codes,
        () if groups is None else groups.order,
        medians=medians,
        notes=distinct([*what.notes, *(() if groups is None else groups.notes)]),
        source=spec.source,
        synthetic=spec.synthetic,
    )


def _codes(groups: Groups, persons: pd.Index[Any]) -> IntArray:
    where = positions(groups.persons, persons)
    return np.where(where < 0, -1, groups.codes[where])


def _of_change(change: Change, by: By | Groups | None, medians: bool) -> Description:
    if by is not None and not isinstance(by, Groups):
        raise LarstudyError(
            f"A change does not know '{by}'. Give groups, from fixed_groups() or from the transitions of the"
            " networks, or describe the cohort."
        )
    waves = ((change.from_wave, change.before), (change.to_wave, change.after))
    variables = [Variable(wave, f"{change.label} at {wave}", values) for wave, values in waves]
    codes = np.full(len(change.persons), -1) if by is None else _codes(by, change.persons)
    return _described(
        ("group" if by else "", change.from_wave, change.to_wave),
        variables,
        codes,
        by.order if by else (),
        medians=medians,
        notes=distinct([*change.notes, *(by.notes if by else ())]),
        source=change.source,
        synthetic=change.synthetic,
    )


def _groups(cohort: Cohort, by: By | Groups | None, waves: tuple[str, str]) -> tuple[str, Groups | None]:
    """Return what the groups are called, and the groups; none where the study has none."""
    if isinstance(by, Groups):
        return "group", by
    if by is not None and by not in BYS:
        raise unknown_name("way of grouping", by, BYS)
    spec = cohort.spec
    has: dict[str, bool] = {
        "change": bool(spec.networks), "group": spec.group is not None, "status": spec.status is not None,
        "seen": True,
    }  # fmt: skip
    if by is not None and not has[by]:
        known = ", ".join(name for name, there in has.items() if there)
        raise LarstudyError(f"The study has nothing to make '{by}' of. It can be described by: {known}.")
    named: str = by or next((name for name in ("change", "group") if has[name]), "")
    if named == "change":
        return named, classify_networks(cohort).transitions(*waves).groups()
    if named == "group":
        return named, fixed_groups(cohort)
    if named == "":
        return named, None
    if named == "status":
        labels, order = cohort.fixed["treatment_status"].tolist(), names.STATUSES
        there = tuple(status for status in order if status in labels)
        return named, groups_from_labels(cohort.persons, labels, order=there)
    again = cohort.seen[:, wave_position(cohort.waves, waves[1])]
    labels = np.where(again, SEEN, LOST).tolist()
    return named, groups_from_labels(cohort.persons, labels, order=(SEEN, LOST))


def _cohort_variables(cohort: Cohort, place: int) -> Iterator[Variable]:
    """Return what is known of everybody at the start, outcomes first."""
    for key, spec in cohort.spec.outcomes.items():
        yield Variable(key, spec.label, outcome(cohort, key).values[:, place])
    if cohort.spec.networks:
        codes = classify_networks(cohort).codes[:, place]
        yield Variable("network", "Network", _levels(codes), names.CATEGORIES)
    if cohort.spec.group is not None:
        yield _category("group", "Group", cohort.fixed["group"].tolist())
    if cohort.spec.status is not None:
        labels = [text if text in names.STATUSES else None for text in cohort.fixed["treatment_status"]]
        there = tuple(status for status in names.STATUSES if status in labels)
        yield _category("treatment_status", "Treatment status", labels, there)
    covariates = study_covariates(cohort)
    if covariates is None:
        return
    for name in covariates.names:
        if name in covariates.numbers:
            yield Variable(name, name, covariates.numbers[name])
        else:
            yield _category(name, name, covariates.labels[name].tolist())


def _category(name: str, called: str, labels: Sequence[str | None], order: Sequence[str] = ()) -> Variable:
    levels = tuple(order or sort_labels(sorted({text for text in labels if text is not None})))
    position = {level: code for code, level in enumerate(levels)}
    return Variable(name, called, _levels(np.array([position.get(str(text), -1) for text in labels])), levels)


def _levels(codes: IntArray) -> FloatArray:
    return np.where(codes < 0, np.nan, codes)


def _described(
    where: tuple[str, str, str],
    variables: Sequence[Variable],
    codes: IntArray,
    order: tuple[str, ...],
    *,
    medians: bool,
    notes: tuple[str, ...],
    source: str,
    synthetic: bool,
) -> Description:
    by, start, end = where
    k = len(order)
    # Those without a group are described too, in a last group that is held against no other.
    everyone = np.where(codes < 0, k, codes)
    place = {"from_wave": start, "to_wave": end, "by": by}
    groups = (names.ALL, *order, *([names.UNCLASSIFIED] if k else []))
    rows = [
        {**place, "variable": v.name, **row}
        for v in variables
        for row in _rows(v, everyone, groups, largest_difference(v.values, codes, k, len(v.levels)))
    ]
    sizes = (len(codes), *(int((codes == code).sum()) for code in range(k)), int((codes < 0).sum()))
    return Description(
        by=by, from_wave=start, to_wave=end, order=order, sizes=sizes, variables=tuple(variables),
        rows=tuple(rows), medians=medians, notes=notes, source=source, synthetic=synthetic,
    )  # fmt: skip


def _rows(
    variable: Variable, codes: IntArray, groups: tuple[str, ...], apart: Any
) -> Iterator[dict[str, Any]]:
    """Return the rows of a variable: itself and, of a category, each level, in everybody and each group."""
    order, k = groups[1:-1], len(groups) - 1
    pair = {"first": order[apart.first], "second": order[apart.second]} if apart.first >= 0 else {}
    over_all = {"difference": apart.d, **pair, "reason": apart.reason if order else ""}
    nothing = {"difference": np.nan, "reason": ""}
    numbers = numbers_by_group(variable.values, codes, k)
    for i, group in enumerate(groups):
        row = {"level": "", "group": group, "n": int(numbers.n[i]), "n_missing": int(numbers.missing[i])}
        if not variable.levels:
            row |= {name: getattr(numbers, name)[i] for name in ("mean", "sd", "median", "q1", "q3")}
        yield {**row, **(over_all if i == 0 else nothing)}
    if variable.levels:
        levels = np.where(np.isnan(variable.values), -1, variable.values).astype(np.intp)
        counted = levels_by_group(levels, len(variable.levels), codes, k)
        for j, level in enumerate(variable.levels):
            for i, group in enumerate(groups):
                n, count = int(counted.n[i]), int(counted.count[i, j])
                share = count / n if n else np.nan
                found = {"n": n, "n_missing": int(counted.missing[i]), "count": count, "share": share}
                yield {"level": level, "group": group, **found, **nothing}


def description_rows(cohort: Cohort) -> list[dict[str, Any]]:
    """Return the rows of Table 1 by everything that the study has, for every interval that it compares."""
    rows: list[dict[str, Any]] = []
    pairs = cohort.spec.analysis.comparisons
    if cohort.spec.networks:
        rows += [row for pair in pairs for row in describe(cohort, by="change", waves=pair).rows]
    elif cohort.spec.group is not None:
        rows += describe(cohort, by="group").rows
    if cohort.spec.status is not None:
        rows += describe(cohort, by="status").rows
    rows += [row for pair in pairs for row in describe(cohort, by="seen", waves=pair).rows]
    return rows
