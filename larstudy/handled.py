"""Ways of dealing with those who were lost between two waves, each ready for any comparison of groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from larstudy.at_start import AtStart, foretelling, is_seen, model_columns
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.handled_groups import Errors, HandledGroups, fit_groups, no_groups, pool_groups
from larstudy.stats.imputation import VariableKind, impute
from larstudy.stats.overlap import overlap_weights
from larstudy.stats.weights import AttritionWeights, attrition_weights, effective_sample_size

Handling = Literal["complete_cases", "attrition_weights", "imputation", "overlap_weights"]
HandledModel = Literal["change_score", "ancova"]

COMPLETE_CASES: Final = "complete_cases"
ATTRITION_WEIGHTS: Final = "attrition_weights"
IMPUTATION: Final = "imputation"
OVERLAP_WEIGHTS: Final = "overlap_weights"
_TRIM = (1.0, 99.0)
_ROUNDS, _ROUNDS_WITH_FACILITY = 10, 20


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class HandledData:
    """One way of dealing with the lost, ready for any model.

    Attributes
    ----------
    handling : str
    before, after : ndarray, shape (m, n)
        m = 1 unless imputed.
    codes : ndarray of int, shape (m, n)
        Position in ``groups``.
    covariates : ndarray, shape (m, n, p)
        NaN where missing.
    terms : tuple of str
        Their names.
    weights : ndarray, shape (n,), or None
    clusters : ndarray of int, shape (n,), or None
    groups : tuple of str
    reference : str
    n_entered : int
        With a score at the first wave.
    effective_n : float
        What the persons count as once they are weighted.
    made : AttritionWeights or None
    reason : str
        Why it cannot be used; the arrays are empty then.
    """

    handling: str
    before: FloatArray
    after: FloatArray
    codes: IntArray
    covariates: FloatArray
    terms: tuple[str, ...]
    weights: FloatArray | None
    clusters: IntArray | None
    groups: tuple[str, ...]
    reference: str
    n_entered: int
    effective_n: float
    made: AttritionWeights | None
    reason: str

    @property
    def n(self) -> int:
        """How many persons are in it."""
        return int(self.before.shape[1])

    def sizes(self) -> FloatArray:
        """Return how many persons each group has, as the mean over imputations."""
        k = len(self.groups)
        found = [np.bincount(codes, minlength=k) for codes in self.codes]
        return np.mean(found, axis=0) if found else np.zeros(k)


def handle_lost(start: AtStart, handling: Handling, *, imputations: int = 20, seed: int = 1) -> HandledData:
    """Return the data of a comparison with one way of dealing with the lost.

    Parameters
    ----------
    start : AtStart
    handling : {"complete_cases", "attrition_weights", "imputation", "overlap_weights"}
        Leave the lost out; weigh those seen (score and group known) by the stabilised inverse of their
        probability of being seen, trimmed at the 1st and 99th percentile; draw what is missing
        ``imputations`` times by chained equations, from the scores and the network categories at both waves,
        the covariates and the clusters; or weigh those seen towards the persons who could have been in any
        of the groups, which deals with how groups differ at the start and not with the lost.
    imputations, seed : int

    Returns
    -------
    HandledData
        With a reason where it cannot be done.

    Notes
    -----
    Weights and imputation speak of everybody with a first score, if being lost depends on nothing but what
    was observed at the first wave (weights: score, network category or group, covariates).
    """
    make: dict[str, Callable[[], HandledData]] = {
        COMPLETE_CASES: lambda: _seen(start),
        ATTRITION_WEIGHTS: lambda: _attrition(start),
        OVERLAP_WEIGHTS: lambda: _overlap(start),
        IMPUTATION: lambda: _imputed(start, imputations, seed),
    }
    return make[handling]()


def _seen(start: AtStart) -> HandledData:
    seen = is_seen(start)
    covariates, terms = model_columns(start, start.numbers, {n: c for n, (c, _) in start.levels.items()})
    return HandledData(
        handling=COMPLETE_CASES,
        before=start.before[None, seen],
        after=start.after[None, seen],
        codes=start.codes[None, seen],
        covariates=covariates[None, seen],
        terms=terms,
        weights=None,
        clusters=None if start.clusters is None else start.clusters[seen],
        groups=start.groups,
        reference=start.reference,
        n_entered=len(start.before),
        effective_n=float(np.count_nonzero(seen)),
        made=None,
        reason="" if seen.any() else "nobody has both scores and a group",
    )


def _attrition(start: AtStart) -> HandledData:
    seen = is_seen(start)
    whole = replace(_seen(start), handling=ATTRITION_WEIGHTS)
    if whole.reason:
        return whole
    # Without a category at the first wave nobody can have a group: weights cannot stand in for them.
    eligible = (start.codes if start.first is None else start.first) >= 0
    columns, terms = foretelling(start, eligible)
    made = attrition_weights(columns, seen[eligible], trim=_TRIM, names=terms)
    whole = replace(whole, n_entered=int(eligible.sum()), effective_n=made.effective_n, made=made)
    if np.isnan(made.weights).any():
        nothing = _nothing(start, ATTRITION_WEIGHTS, made.reason)
        return replace(nothing, made=made, n_entered=whole.n_entered, effective_n=made.effective_n)
    return replace(whole, weights=made.weights[seen[eligible]])


def _overlap(start: AtStart) -> HandledData:
    whole = replace(_seen(start), handling=OVERLAP_WEIGHTS)
    if whole.reason:
        return whole
    seen = is_seen(start)
    # The groups are what is foretold, and the category at the first wave is a part of them.
    columns, terms = foretelling(start, seen, network=False)
    present, dense = np.unique(whole.codes[0], return_inverse=True)
    if len(present) < 2:
        return _nothing(start, OVERLAP_WEIGHTS, "one group only: nothing to balance")
    found = overlap_weights(columns, dense, len(present), names=terms)
    if found.reason:
        return _nothing(start, OVERLAP_WEIGHTS, found.reason)
    return replace(whole, weights=found.weights, effective_n=effective_sample_size(found.weights))


def _nothing(start: AtStart, handling: str, reason: str) -> HandledData:
    none = np.zeros((0, 0))
    return HandledData(
        handling=handling,
        before=none,
        after=none,
        codes=np.zeros((0, 0), dtype=np.intp),
        covariates=np.zeros((0, 0, 0)),
        terms=(),
        weights=None,
        clusters=None,
        groups=start.groups,
        reference=start.reference,
        n_entered=len(start.before),
        effective_n=np.nan,
        made=None,
        reason=reason,
    )


# -- imputation ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Variables:
    """The columns that are imputed together, and how to read a category from its column."""

    names: list[str]
    kinds: list[VariableKind]
    columns: list[FloatArray]
    levels: dict[str, IntArray]

    def add(self, name: str, values: FloatArray) -> None:
        self.names.append(name)
        self.kinds.append("numeric")
        self.columns.append(values)

    def add_levels(self, name: str, codes: IntArray) -> None:
        """Add a category by the levels that somebody has: a model needs somebody in each."""
        present = np.unique(codes[codes >= 0])
        self.levels[name] = present
        self.names.append(name)
        self.kinds.append("binary" if len(present) == 2 else "categorical")
        dense = np.searchsorted(present, np.maximum(codes, present[0] if len(present) else 0))
        self.columns.append(np.where(codes < 0, np.nan, dense.astype(float)))

    def codes(self, values: FloatArray, name: str) -> IntArray:
        """Return a category of every data set, shape (m, n)."""
        dense = values[:, :, self.names.index(name)].astype(np.intp)
        return np.asarray(self.levels[name][dense])


def _imputed(start: AtStart, m: int, seed: int) -> HandledData:
    variables = _variables(start)
    several = start.clusters is not None and len(np.unique(start.clusters)) >= 3
    found = impute(
        np.column_stack(variables.columns),
        variables.kinds,
        seed=seed,
        m=m,
        iterations=_ROUNDS_WITH_FACILITY if several else _ROUNDS,
        facility=start.clusters if several else None,
        names=variables.names,
    )
    if np.isnan(found.values).any() or not len(start.before):
        return _nothing(start, IMPUTATION, found.reason or "nobody has a first score")
    values = found.values
    codes = _imputed_groups(start, variables, values)
    sets = [
        model_columns(
            start,
            {name: values[i][:, variables.names.index(name)] for name in start.numbers},
            {name: variables.codes(values[i : i + 1], name)[0] for name in start.levels},
        )
        for i in range(len(values))
    ]
    return HandledData(
        handling=IMPUTATION,
        before=values[:, :, variables.names.index("before")],
        after=values[:, :, variables.names.index("after")],
        codes=codes,
        covariates=np.array([columns for columns, _ in sets]),
        terms=sets[0][1],
        weights=None,
        clusters=start.clusters,
        groups=start.groups,
        reference=start.reference,
        n_entered=len(start.before),
        effective_n=float(len(start.before)),
        made=None,
        reason="",
    )


def _variables(start: AtStart) -> _Variables:
    variables = _Variables([], [], [], {})
    variables.add("before", start.before)
    variables.add("after", start.after)
    if start.first is not None and start.second is not None:
        variables.add_levels("network at the first wave", start.first)
        variables.add_levels("network at the second wave", start.second)
    else:
        variables.add_levels("group", start.codes)
    for name, values in start.numbers.items():
        variables.add(name, values)
    for name, (codes, _) in start.levels.items():
        variables.add_levels(name, codes)
    return variables


def _imputed_groups(start: AtStart, variables: _Variables, values: FloatArray) -> IntArray:
    if start.first is None:
        return variables.codes(values, "group")
    first = variables.codes(values, "network at the first wave")
    second = variables.codes(values, "network at the second wave")
    return np.asarray(start.change_groups[first, second])


# -- models -------------------------------------------------------------------------------------------


def fit_handled(
    data: HandledData,
    *,
    model: HandledModel,
    with_covariates: bool = False,
    errors: Errors = "independent",
    level: float = 0.95,
) -> HandledGroups:
    """Compare the groups of handled data by change score or by analysis of covariance.

    Parameters
    ----------
    data : HandledData
    model : {"change_score", "ancova"}
    with_covariates : bool
        Whether covariates are held alike too; persons without one are left out where it is not imputed.
    errors : {"independent", "CR2", "CR3"}
        Clustered ones need clusters.
    level : float
        Confidence level.

    Returns
    -------
    HandledGroups
        In the order of ``data.groups``. Of complete cases with independent errors the same numbers as
        those of the model of that name.
    """
    k = len(data.groups)
    if data.reason:
        return no_groups(k, data.reason)
    fits = [_fit_one(data, i, model, with_covariates, errors, level) for i in range(len(data.before))]
    return fits[0] if data.handling != IMPUTATION else pool_groups(fits, k, level=level)


def _fit_one(
    data: HandledData, i: int, model: HandledModel, with_covariates: bool, errors: Errors, level: float
) -> HandledGroups:
    before, after, codes, extra = data.before[i], data.after[i], data.codes[i], data.covariates[i]
    used = codes >= 0
    if with_covariates:
        used &= ~np.isnan(extra).any(axis=1)
    columns = [before[:, None]] if model == "ancova" else []
    terms = ["baseline"] if model == "ancova" else []
    if with_covariates:
        columns.append(extra)
        terms += data.terms
    return fit_groups(
        (after if model == "ancova" else after - before)[used],
        codes[used],
        len(data.groups),
        reference=data.groups.index(data.reference),
        covariates=np.hstack(columns)[used] if columns else None,
        names=terms,
        made_from=(before, after),
        weights=None if data.weights is None else data.weights[used],
        clusters=None if data.clusters is None else data.clusters[used],
        errors=errors,
        level=level,
    )
