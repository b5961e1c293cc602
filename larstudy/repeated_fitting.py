"""Fitting the models with random intercepts to the two waves of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from larstudy.changes import Change
from larstudy.clusters import Clusters
from larstudy.groups import Groups
from larstudy.ledger import positions
from larstudy.model_rows import NOBODY
from larstudy.names import CHANGE_GROUPS
from larstudy.repeated_rows import (
    Asked,
    coefficient_rows,
    joint_rows,
    pair_rows_of,
    two_wave_rows,
    two_wave_terms,
    variance_rows,
)
from larstudy.results import as_row
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.linear import no_f_test
from larstudy.stats.random_intercepts import fit_random_intercepts
from larstudy.stats.two_waves import fit_two_waves, two_wave_tests
from larstudy.stats.wave_designs import group_by_wave_combinations, group_by_wave_design

MIXED_NOTE = (
    "The model 'mixed' has a random intercept for the person (restricted likelihood, in closed form, of those"
    " with both waves). Where persons differ beyond chance its tests are those of repeated measures."
)
_FACILITY = (
    "The model 'mixed_facility' has random intercepts for the person and for the cluster, degrees of freedom"
    " by Satterthwaite; "
)
PAIRS_ONLY = (
    f"{_FACILITY}who lacks a wave is not in it, because the group is known from both waves: persons with both"
    " only."
)
ONCE_TOO = (
    f"{_FACILITY}who has a group and a score at one wave only is in it too, which holds where scores are"
    " missing at random."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """The rows of one model, without the columns that say where they stand.

    Attributes
    ----------
    n : int
        Persons.
    rows, contrasts : list of dict
    notes : tuple of str
    """

    n: int
    rows: list[dict[str, Any]]
    contrasts: list[dict[str, Any]] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def two_wave_question(change: Change, groups: Sequence[str], reference: str) -> Asked:
    """Return what is asked of a model of the two waves of a change."""
    waves = (change.from_wave, change.to_wave)
    place = list(groups).index(reference)
    return Asked(
        groups=tuple(groups),
        waves=waves,
        reference=reference,
        factor="group",
        time="time",
        terms=two_wave_terms(groups, reference),
        combinations=group_by_wave_combinations(len(groups), 2, reference=place),
    )


def _nobody() -> Repeated:
    terms = ("time", "group", "time:group")
    return Repeated(n=0, rows=[{"term": term, **as_row(no_f_test(NOBODY))} for term in terms])


def _notes(change: Change, model: str, notes: Sequence[str]) -> tuple[str, ...]:
    title = f"{change.label}, {change.from_wave} to {change.to_wave}"
    return tuple(f"{title}: in the model '{model}' {note}." for note in notes)


def fit_mixed(
    change: Change, before: FloatArray, after: FloatArray, codes: IntArray, asked: Asked | None
) -> Repeated:
    """Fit the random intercept of the person to those with both waves, in closed form."""
    if asked is None:
        return _nobody()
    k, level = len(asked.groups), change.confidence
    reference = asked.groups.index(asked.reference)
    model = fit_two_waves(before, after, codes, k, reference=reference, level=level)
    tests = two_wave_tests(model, k)
    return Repeated(
        n=len(codes),
        rows=two_wave_rows(model, tests, asked),
        contrasts=pair_rows_of(model.uncertainty, asked, level=level),
        notes=(MIXED_NOTE, *_notes(change, "mixed", model.notes)),
    )


def once_as_well(groups: Groups) -> bool:
    """Say whether a person's group is known from one wave, and not from the change between two.

    Examples
    --------
    >>> from larstudy.groups import groups_from_labels
    >>> fixed = groups_from_labels(pd.Index([1, 2]), ["clinic A", "clinic B"])
    >>> changing = groups_from_labels(pd.Index([1, 2]), ["gained_abstinent", "isolated"])
    >>> once_as_well(fixed), once_as_well(changing)
    (True, False)
    """
    return not groups.interval and not set(groups.order) <= set(CHANGE_GROUPS)


def fit_mixed_facility(
    change: Change,
    persons: pd.Index[Any],
    both: FloatArray,
    codes: IntArray,
    asked: Asked | None,
    groups: Groups,
    clusters: Clusters,
) -> Repeated:
    """Fit random intercepts of person and cluster; those with one wave are in it where the group is fixed.

    Parameters
    ----------
    change : Change
    persons : Index
        Those with both waves and a group; ``both`` has their scores, shape (n, 2), ``codes`` their groups.
    asked : Asked or None
        None where there is nobody.
    groups : Groups
    clusters : Clusters
    """
    if asked is None:
        return _nobody()
    also = once_as_well(groups)
    if also:
        place = positions(groups.persons, change.persons_once)
        labels = [None if p < 0 or groups.codes[p] < 0 else groups.order[groups.codes[p]] for p in place]
        known = np.array([label in asked.groups for label in labels], dtype=bool)
        persons = persons.append(change.persons_once[known])
        both = np.vstack([both, change.values_once[known]])
        more = [asked.groups.index(label) for label in labels if label in asked.groups]
        codes = np.concatenate([codes, np.array(more, dtype=np.intp)])
    k, n, level = len(asked.groups), len(persons), change.confidence
    person, wave = np.nonzero(~np.isnan(both))
    reference = asked.groups.index(asked.reference)
    model = fit_random_intercepts(
        both[person, wave],
        group_by_wave_design(codes[person], wave, k, 2, reference=reference),
        person,
        facility=clusters.codes(persons, "who have a score")[person],
        names=[term for term, _ in asked.terms],
        level=level,
    )
    return Repeated(
        n=n,
        rows=[
            *joint_rows(model.uncertainty, asked.tests(), asked.reference),
            *coefficient_rows(model, asked),
            *variance_rows(model, asked.waves),
        ],
        contrasts=pair_rows_of(model.uncertainty, asked, level=level),
        notes=(ONCE_TOO if also else PAIRS_ONLY, *_notes(change, "mixed_facility", model.notes)),
    )
