"""What is done about the lost: leaving them out, weighting those who were seen, drawing what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from larstudy.clusters import Clusters
from larstudy.covariates import Covariates
from larstudy.drawn import Variables, draw, drawn_columns
from larstudy.entered import Category, Entered, everybody_entered, known_of
from larstudy.groups import Groups
from larstudy.ledger import positions
from larstudy.networks import Transitions
from larstudy.scores import Scores
from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.weights import AttritionWeights, attrition_weights

Handling = Literal["complete_cases", "attrition_weights", "imputation"]
#: Ways of choosing whom a comparison speaks of; the last is made by `larstudy.overlapping`.
Population = Literal["complete_cases", "attrition_weights", "imputation", "overlap_weights"]

#: Percentiles beyond which a weight is set to the one that stands there.
TRIM = (1.0, 99.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledData:
    """Persons, scores and groups after one way of dealing with the lost, ready for any model.

    Attributes
    ----------
    handling : {"complete_cases", "attrition_weights", "imputation", "overlap_weights"}
    persons : Index
        Ids of those who are in it, n of them.
    before, after : ndarray, shape (m, n)
        m = 1 unless imputed, and where nothing was missing.
    codes : ndarray of int, shape (m, n)
        Position in ``groups``, never below 0.
    covariates : ndarray, shape (m, n, p)
        One column a term; unless imputed, NaN for those who lack any of them.
    terms : tuple of str
    weights : ndarray, shape (n,)
        All 1 unless weighted.
    clusters : ndarray of int
        Cluster of each person, shape (n,); empty where the study has none.
    groups : tuple of str
        Those in which there is somebody.
    reference : str
        The group that the others are held against.
    lost : ndarray of bool, shape (n,)
        Whose follow-up score is imputed.
    n_entered : int
        Everybody of the stratum with a score at the first wave.
    effective_n : float
        How many persons of equal weight tell as much; n unless weighted.
    attrition : AttritionWeights or None
        How the weights came about, of everybody of whom ``foretold`` is; None unless weighted.
    foretold : ndarray, shape (w, q)
        What foretold being lost, one column a term of ``foretold_terms``; empty unless weighted.
    foretold_terms : tuple of str
    seen : ndarray of bool, shape (w,)
        Who of them was seen: with a score and a group.
    notes : tuple of str
    reason : str
        Why it cannot be used; then the arrays are empty.
    """

    handling: Population
    persons: pd.Index[Any]
    before: FloatArray
    after: FloatArray
    codes: IntArray
    covariates: FloatArray
    terms: tuple[str, ...]
    weights: FloatArray
    clusters: IntArray
    groups: tuple[str, ...]
    reference: str
    lost: BoolArray
    n_entered: int
    effective_n: float
    attrition: AttritionWeights | None
    foretold: FloatArray
    foretold_terms: tuple[str, ...]
    seen: BoolArray
    notes: tuple[str, ...]
    reason: str

    @property
    def n(self) -> int:
        """Persons in it."""
        return len(self.persons)


def handle_lost(
    scores: Scores,
    from_wave: str,
    to_wave: str,
    groups: Groups | Transitions,
    *,
    handling: Handling,
    covariates: Covariates | None = None,
    clusters: Clusters | None = None,
    reference: str = "",
    imputations: int = 20,
    seed: int = 1,
    trim: tuple[float, float] | None = TRIM,
) -> HandledData:
    """Deal with those who were not seen again in one way.

    Parameters
    ----------
    scores : Scores
        Of one outcome, in one stratum.
    from_wave, to_wave : str
        Two waves, the earlier first.
    groups : Groups or Transitions
        Groups that hold at every wave, or the moves of a network between the two waves: then a person's
        group is known only with the category at the second.
    handling : {"complete_cases", "attrition_weights", "imputation"}
        Those with both scores and a group, as they are; the same persons, weighted to resemble everybody
        who entered; or everybody who entered, with what is missing drawn several times.
    covariates : Covariates, optional
        They foretell who is lost and what is missing, and can be held constant by a model.
    clusters : Clusters, optional
    reference : str
        The group that the others are held against; that of ``groups`` unless named, and the first group
        in which there is somebody where nobody is in that one.
    imputations : int
        Completed data sets.
    seed : int
        Same seed, same numbers, whatever the order of the rows in the file.
    trim : (float, float), optional
        Percentiles to which the weights are trimmed; None for none.

    Returns
    -------
    HandledData
        With a reason and empty arrays where it cannot be done: nobody is left, everybody of a group was lost,
        the weights explode, or what is known does not determine the models.

    Raises
    ------
    JoinError
        Where the groups are those of other waves.

    Notes
    -----
    Who entered is everybody of the stratum with a score at the first wave.

    *Weights.* Being seen (a score at the second wave, and a group) is modelled by logistic regression on the
    score and the network category (or the group column) at the first wave and the covariates; the cluster is
    not in it, because dummies of small clusters would separate the lost from the seen. A covariate that is
    not known is set to its mean, with a column that says so where both lost and seen lack it. Whoever lacks
    the category or group at the first wave cannot be seen in this sense; the weights do not speak for them,
    and a note counts them. The stabiliser is the share of the seen, which no contrast of groups depends on.

    *Imputation.* Chained equations over both scores, the category at both waves (or the group column) and the
    covariates, with a random intercept for each cluster where there are three or more; with two the
    cluster is a variable. The group of each person follows from the categories so completed. The model for
    the second score has both categories, without an interaction between them. See
    `larstudy.stats.imputation.impute`.

    Both remove bias only where being lost depends on what was known, and nothing else.

    References
    ----------
    Seaman, S. R., & White, I. R. (2013). Review of inverse probability weighting for dealing with missing
    data. Statistical Methods in Medical Research, 22, 278-295.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"q0": [3.0, 4, 2, 3, 5, 4], "q1": [5.0, 6, None, 4, 6, None]})
    >>> frame["arm"] = ["a", "a", "a", "b", "b", "b"]
    >>> cohort = ls.load(frame, waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, group="arm")
    >>> scores, groups = ls.outcome(cohort, "qol"), ls.fixed_groups(cohort)
    >>> found = handle_lost(scores, "0", "1", groups, handling="complete_cases")
    >>> found.n_entered, found.n, found.groups
    (6, 4, ('a', 'b'))
    >>> handle_lost(scores, "0", "1", groups, handling="imputation", imputations=3).after.shape
    (3, 6)
    """
    everybody = everybody_entered(scores, from_wave, to_wave, groups, reference=reference)
    if not everybody.order:
        return _unusable(handling, everybody, "no groups: nothing to compare")
    if not everybody.compared.any():
        return _unusable(handling, everybody, "nobody has both waves and a group")
    if handling == "imputation":
        return _imputed(everybody, covariates, clusters, imputations, seed)
    data = _complete_cases(everybody, covariates, clusters)
    return data if handling == "complete_cases" else _weighted(data, everybody, covariates, trim)


def _unusable(handling: Handling, everybody: Entered, reason: str, notes: Sequence[str] = ()) -> HandledData:
    nobody, nothing = everybody.persons[:0], np.zeros((1, 0))
    return HandledData(
        handling=handling,
        persons=nobody,
        before=nothing,
        after=nothing,
        codes=np.zeros((1, 0), dtype=np.intp),
        covariates=np.zeros((1, 0, 0)),
        terms=(),
        weights=np.zeros(0),
        clusters=np.zeros(0, dtype=np.intp),
        groups=(),
        reference="",
        lost=np.zeros(0, dtype=bool),
        n_entered=everybody.n_entered,
        effective_n=np.nan,
        attrition=None,
        foretold=np.zeros((0, 0)),
        foretold_terms=(),
        seen=np.zeros(0, dtype=bool),
        notes=tuple(notes),
        reason=reason,
    )


def _present(codes: IntArray, everybody: Entered) -> tuple[IntArray, tuple[str, ...], str]:
    """Return positions in the groups in which there is somebody, those groups, and the reference of them."""
    present = np.bincount(codes.ravel(), minlength=len(everybody.order)) > 0
    groups = tuple(name for name, here in zip(everybody.order, present, strict=True) if here)
    reference = everybody.reference if everybody.reference in groups else groups[0]
    return (np.cumsum(present) - 1)[codes], groups, reference


# -- leaving them out ---------------------------------------------------------------------------------


def _complete_cases(
    everybody: Entered, covariates: Covariates | None, clusters: Clusters | None
) -> HandledData:
    used = everybody.compared
    persons = everybody.persons[used]
    codes, groups, reference = _present(everybody.codes[used][None], everybody)
    columns, terms = _model_columns(covariates, persons)
    nothing = _unusable("complete_cases", everybody, "")
    return replace(
        nothing,
        persons=persons,
        before=everybody.before[used][None],
        after=everybody.after[used][None],
        codes=codes,
        covariates=columns[None],
        terms=terms,
        weights=np.ones(len(persons)),
        clusters=nothing.clusters if clusters is None else clusters.codes(persons),
        groups=groups,
        reference=reference,
        lost=np.zeros(len(persons), dtype=bool),
        effective_n=float(len(persons)),
    )


def _model_columns(
    covariates: Covariates | None, persons: pd.Index[Any]
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the columns of a model, NaN for those who lack a covariate; levels are those of the others."""
    if covariates is None:
        return np.zeros((len(persons), 0)), ()
    where = positions(covariates.persons, persons)
    lacking = np.any([covariates.missing(name)[where] for name in covariates.names], axis=0)
    columns, terms = covariates.columns(where[~lacking])
    whole = np.full((len(persons), len(terms)), np.nan)
    whole[~lacking] = columns
    return whole, terms


# -- weighting those who were seen --------------------------------------------------------------------


def _weighted(
    data: HandledData, everybody: Entered, covariates: Covariates | None, trim: tuple[float, float] | None
) -> HandledData:
    known = everybody.start.known
    seen = everybody.compared[known]
    columns, terms, notes = _foretelling(everybody, covariates, seen)
    found = attrition_weights(columns, seen, trim=trim, names=terms)
    weights = found.weights[seen]
    notes = [*notes, *_unspoken_for(everybody)]
    if np.isnan(weights).any():
        return replace(
            _unusable("attrition_weights", everybody, found.reason, notes),
            attrition=found,
            foretold=columns,
            foretold_terms=terms,
            seen=seen,
        )
    return replace(
        data,
        handling="attrition_weights",
        weights=weights,
        effective_n=found.effective_n,
        attrition=found,
        foretold=columns,
        foretold_terms=terms,
        seen=seen,
        notes=(*data.notes, *notes),
    )


def _unspoken_for(everybody: Entered) -> list[str]:
    unknown = int((~everybody.start.known).sum())
    what = f"their {everybody.start.name}" if everybody.transitions else "their group"
    return [f"Weights do not speak for {unknown} who entered: {what} is not known."] if unknown else []


def _foretelling(
    everybody: Entered, covariates: Covariates | None, seen: BoolArray
) -> tuple[FloatArray, tuple[str, ...], list[str]]:
    """Return what may foretell being lost, of those whose category or group at the first wave is known."""
    known = everybody.start.known
    found, notes = known_of(covariates, everybody.persons[known])
    network, network_names = everybody.start.dummies()
    columns, names = [everybody.before[known], *network[known].T], ["baseline", *network_names]
    for covariate in found:
        if isinstance(covariate, Category):
            values, own = covariate.dummies()
        else:
            values, own = covariate[1][:, None], (covariate[0],)
        absent = np.isnan(values[:, 0])
        columns.extend(np.where(absent[:, None], np.nanmean(values, axis=0), values).T)
        names.extend(own)
        # Where only the lost lack it, or only the seen, the column would separate the two.
        if absent.any() and len(np.unique(seen[absent])) > 1:
            columns.append(absent.astype(float))
            names.append(f"{own[0].split('[')[0]} not known")
    return np.column_stack(columns), tuple(names), list(notes)


# -- drawing what is missing --------------------------------------------------------------------------


def _imputed(
    everybody: Entered,
    covariates: Covariates | None,
    clusters: Clusters | None,
    imputations: int,
    seed: int,
) -> HandledData:
    notes: list[str] = []
    facility = np.zeros(0, dtype=np.intp)
    if clusters is not None:
        known = clusters.known(everybody.persons)
        if not known.all():
            notes.append(f"Imputation leaves out {int((~known).sum())} whose cluster is not known.")
            everybody = everybody.restricted(known)
        facility = clusters.codes(everybody.persons)
    chains = Variables([], [], [])
    chains.add_number("baseline", everybody.before)
    chains.add_number("follow-up", everybody.after)
    start = chains.add_category(everybody.start)
    end = start if everybody.end is None else chains.add_category(everybody.end)
    found, left_out = known_of(covariates, everybody.persons)
    places = [chains.add_category(c) if isinstance(c, Category) else chains.add_number(*c) for c in found]
    drawn = draw(chains, facility, imputations, seed)
    notes.extend(left_out)
    if isinstance(drawn, str):
        return _unusable("imputation", everybody, drawn, notes)
    codes = everybody.group_codes(drawn[:, :, start].astype(np.intp), drawn[:, :, end].astype(np.intp))
    codes, groups, reference = _present(codes, everybody)
    counts = np.array([np.bincount(row, minlength=len(groups)) for row in codes])
    empty = [name for name, fewest in zip(groups, counts.min(axis=0).tolist(), strict=True) if not fewest]
    if empty:
        reason = f"nobody seen is in {', '.join(empty)}, and of the lost somebody in some data sets only"
        return _unusable("imputation", everybody, reason, notes)
    columns, terms = drawn_columns(found, drawn[:, :, places])
    n = len(everybody.persons)
    return replace(
        _unusable("imputation", everybody, "", notes),
        persons=everybody.persons,
        before=drawn[:, :, 0],
        after=drawn[:, :, 1],
        codes=codes,
        covariates=columns,
        terms=terms,
        weights=np.ones(n),
        clusters=facility,
        groups=groups,
        reference=reference,
        lost=np.isnan(everybody.after),
        effective_n=float(n),
    )
