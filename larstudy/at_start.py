"""Everybody with a score at the first of two waves, and what is known of each: who may be lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from larstudy.clusters import Clusters
from larstudy.cohort import wave_position
from larstudy.covariates import Covariates
from larstudy.groups import Groups
from larstudy.names import CATEGORIES
from larstudy.networks import Networks
from larstudy.placement import sort_labels
from larstudy.scores import Scores
from larstudy.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class AtStart:
    """Everybody with a score at the first wave, and what is known of each.

    Attributes
    ----------
    persons : Index
        Sorted as the cohort is, so that what is drawn does not depend on the order of the file.
    before, after : ndarray, shape (n,)
        In the unit of the outcome; ``after`` is NaN for those who were lost.
    codes : ndarray of int, shape (n,)
        Position in ``groups``; -1 where the group is not known.
    groups : tuple of str
    reference : str
    first, second : ndarray of int, shape (n,), or None
        Network category at either wave, -1 where unknown; None where the groups are no network groups.
    change_groups : ndarray of int, shape (4, 4)
        Group of each pair of categories; empty where there are none.
    numbers : mapping of str to ndarray
        Covariates that are numbers; NaN where missing.
    levels : mapping of str to (ndarray of int, tuple of str)
        Covariates that are categories: the level of each person, -1 where missing, and what they are called.
    clusters : ndarray of int or None
    """

    persons: pd.Index[Any]
    before: FloatArray
    after: FloatArray
    codes: IntArray
    groups: tuple[str, ...]
    reference: str
    first: IntArray | None
    second: IntArray | None
    change_groups: IntArray
    numbers: Mapping[str, FloatArray]
    levels: Mapping[str, tuple[IntArray, tuple[str, ...]]]
    clusters: IntArray | None


def at_start(
    scores: Scores,
    waves: tuple[str, str],
    groups: Groups,
    *,
    networks: Networks | None = None,
    covariates: Covariates | None = None,
    clusters: Clusters | None = None,
) -> AtStart:
    """Return everybody with a score at the first wave, and what is known of each.

    Parameters
    ----------
    scores : Scores
        Of one outcome, in one stratum.
    waves : (str, str)
    groups : Groups
        Of the same cohort, in the same order.
    networks : Networks, optional
        Where the groups are change groups: the categories that they come from.
    covariates, clusters : optional

    Returns
    -------
    AtStart
    """
    first, second = (wave_position(scores.waves, wave) for wave in waves)
    inside = np.flatnonzero(scores.within & ~np.isnan(scores.values[:, first]))
    persons = scores.persons[inside]
    if networks is None:
        categories, table = (None, None), np.zeros((0, 0), dtype=np.intp)
    else:
        categories = (networks.codes[inside, first], networks.codes[inside, second])
        table = networks.transitions(*waves).change_groups()
    return AtStart(
        persons=persons,
        before=scores.values[inside, first],
        after=scores.values[inside, second],
        codes=groups.codes[inside],
        groups=groups.order,
        reference=groups.reference,
        first=categories[0],
        second=categories[1],
        change_groups=table,
        numbers={} if covariates is None else {k: v[inside] for k, v in covariates.numbers.items()},
        levels={} if covariates is None else {k: _levels(v[inside]) for k, v in covariates.labels.items()},
        clusters=None if clusters is None else clusters.codes(persons),
    )


def _levels(labels: np.ndarray[Any, np.dtype[np.object_]]) -> tuple[IntArray, tuple[str, ...]]:
    known = sort_labels(sorted({label for label in labels.tolist() if label is not None}))
    place = {label: i for i, label in enumerate(known)}
    return np.array([place.get(label, -1) for label in labels.tolist()], dtype=np.intp), tuple(known)


def is_seen(start: AtStart) -> BoolArray:
    """Say who has both scores and a group."""
    return ~np.isnan(start.after) & (start.codes >= 0)


def model_columns(
    start: AtStart, numbers: Mapping[str, FloatArray], codes: Mapping[str, IntArray]
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the covariates as columns of a model: a category is one column a level but the first."""
    columns, terms = [], []
    for name, values in numbers.items():
        columns.append(values)
        terms.append(name)
    for name, level_of in codes.items():
        for place, level in enumerate(start.levels[name][1][1:], start=1):
            columns.append(np.where(level_of < 0, np.nan, (level_of == place).astype(float)))
            terms.append(f"{name}[{level}]")
    matrix = np.column_stack(columns) if columns else np.empty((len(start.before), 0))
    return matrix, tuple(terms)


def foretelling(
    start: AtStart, chosen: BoolArray, *, network: bool = True
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return what was known of those chosen at the first wave, as columns without gaps, with their names.

    A number that is missing takes the mean and is marked in a column of its own; a missing category
    is a level of its own.
    """
    columns, terms = [start.before], ["baseline"]
    labelled: dict[str, tuple[IntArray, tuple[str, ...]]] = {}
    if network and start.first is not None:
        labelled["network"] = (start.first, CATEGORIES)
    elif network:
        labelled["group"] = (start.codes, start.groups)
    for name, (codes, levels) in (labelled | dict(start.levels)).items():
        for place in (*range(1, len(levels)), -1):
            columns.append((codes == place).astype(float))
            terms.append(f"{name}[{'missing' if place < 0 else levels[place]}]")
    for name, values in start.numbers.items():
        gap = np.isnan(values)
        columns.append(np.where(gap, np.nanmean(values) if not gap.all() else 0.0, values))
        terms.append(name)
        columns.append(gap.astype(float))
        terms.append(f"{name}[missing]")
    matrix = np.column_stack(columns)[chosen]
    varies = matrix.max(axis=0, initial=-np.inf) > matrix.min(axis=0, initial=np.inf)
    return matrix[:, varies], tuple(term for term, here in zip(terms, varies, strict=True) if here)
