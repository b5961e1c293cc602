"""What is drawn for a comparison: how often, from which seed, and within which strata of persons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from larstudy.changes import Change
from larstudy.clusters import Clusters
from larstudy.cohort import Cohort
from larstudy.errors import require_type
from larstudy.ledger import positions
from larstudy.names import UNCLASSIFIED
from larstudy.specs.study import AnalysisSpec, as_label
from larstudy.stats.arrays import IntArray
from larstudy.stats.group_permutation import cross_strata

_DEFAULT = AnalysisSpec(comparisons=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """How many samples are drawn, and from which seed; the keys of ``[analysis]`` of these names.

    Attributes
    ----------
    bootstrap, permutations : int
        None where 0.
    seed : int
    """

    bootstrap: int = _DEFAULT.bootstrap
    permutations: int = _DEFAULT.permutations
    seed: int = _DEFAULT.seed


@dataclass(frozen=True, slots=True, kw_only=True)
class Resampling:
    """What is drawn for one comparison; the arrays are of the persons of its change.

    Attributes
    ----------
    draws : Draws
    clusters : ndarray of int or None
        The cluster of each person, 0 upwards, -1 for those without a group; None where there are none.
    strata : ndarray of int
        Groups are permuted among the persons of one stratum.
    within : tuple of str
        What the strata are made of, such as facility and treatment status; empty where all are in one.
    """

    draws: Draws
    clusters: IntArray | None
    strata: IntArray
    within: tuple[str, ...]


def resampling_of(
    change: Change,
    codes: IntArray,
    *,
    clusters: Clusters | None,
    within: pd.Series[Any] | None,
    draws: Draws | None,
) -> Resampling:
    """Return what is drawn for a comparison.

    Parameters
    ----------
    change : Change
    codes : ndarray of int
        Group of the persons of the change, -1 for none.
    clusters : Clusters or None
    within : Series or None
        Labels by person; those without one are a stratum of their own.
    draws : Draws or None

    Returns
    -------
    Resampling
    """
    n = len(change.persons)
    nested, labels, named = None, [np.zeros(n, dtype=np.intp)], []
    if clusters is not None:
        nested = np.full(n, -1, dtype=np.intp)
        nested[codes >= 0] = clusters.codes(change.persons[codes >= 0])
        labels.append(nested)
        named.append(clusters.column)
    if within is not None:
        require_type(within, pd.Series, "within", "a series of labels indexed by person")
        labels.append(_codes_of(within, change.persons))
        named.append("stratum" if within.name is None else str(within.name))
    return Resampling(
        draws=draws or Draws(), clusters=nested, strata=cross_strata(*labels), within=tuple(named)
    )


def _codes_of(within: pd.Series[Any], persons: pd.Index[Any]) -> IntArray:
    """Return the label of each person as a number, in the order of the labels."""
    known = [UNCLASSIFIED if pd.isna(value) else as_label(value) for value in within.tolist()]
    found = [UNCLASSIFIED if place < 0 else known[place] for place in positions(within.index, persons)]
    return np.unique(np.array(found, dtype=str), return_inverse=True)[1].astype(np.intp)


def study_within(cohort: Cohort) -> pd.Series[Any] | None:
    """Return the treatment status of each person, within which groups are permuted; None without one."""
    if cohort.spec.status is None:
        return None
    return pd.Series(cohort.fixed["treatment_status"], index=cohort.persons, name="treatment status")


def study_draws(cohort: Cohort) -> Draws:
    """Return what ``[analysis]`` says of drawing."""
    asked = cohort.spec.analysis
    return Draws(bootstrap=asked.bootstrap, permutations=asked.permutations, seed=asked.seed)


def seed_of(seed: int, change: Change, *words: str) -> int:
    """Return the seed of one thing that is drawn.

    Each draws from a stream of its own, so that a number does not depend on what else a study asks for.

    Parameters
    ----------
    seed : int
        Of the study.
    change : Change
        Its outcome, interval and stratum.
    *words : str
        What is drawn, and for which groups.
    """
    place = (change.outcome, change.from_wave, change.to_wave, change.stratum, *words)
    mixed = np.random.SeedSequence([seed, crc32("\0".join(place).encode())])
    return int(mixed.generate_state(1, np.uint64)[0])
