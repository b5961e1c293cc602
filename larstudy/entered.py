"""Everybody with a score at the first wave: what is known of them at both waves, and what is not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from larstudy.cohort import wave_position
from larstudy.covariates import Covariates
from larstudy.errors import JoinError
from larstudy.groups import Groups
from larstudy.ledger import positions
from larstudy.names import CATEGORIES, CHANGE_GROUPS
from larstudy.networks import Transitions
from larstudy.placement import sort_labels
from larstudy.scores import Scores
from larstudy.stats.arrays import BoolArray, FloatArray, IntArray

#: A category with more levels would say who somebody is, and nothing else.
MOST_LEVELS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A category of each person: ``codes`` are positions in ``levels``, -1 where it is not known."""

    name: str
    levels: tuple[str, ...]
    codes: IntArray

    @property
    def known(self) -> BoolArray:
        """Of whom it is known."""
        return np.asarray(self.codes >= 0)

    def dummies(self) -> tuple[FloatArray, tuple[str, ...]]:
        """Return one column a level but the first, NaN where it is not known, and their names."""
        columns = (self.codes[:, None] == np.arange(1, len(self.levels))).astype(float)
        names = tuple(f"{self.name}[{level}]" for level in self.levels[1:])
        return np.where(self.known[:, None], columns, np.nan), names


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """Everybody of a stratum who has a score at the first wave, in the order of the cohort (by id).

    Attributes
    ----------
    n_entered : int
        How many they are, before any restriction.
    persons : Index
    before, after : ndarray, shape (n,)
        ``after`` is NaN for the lost.
    codes : ndarray of int, shape (n,)
        Position in ``order``, -1 for those without a group.
    order : tuple of str
    reference : str
    start, end : Category or None
        What the group follows from: the network category at the two waves, or the group column and
        nothing; of the levels that occur.
    transitions : Transitions or None
    """

    n_entered: int
    persons: pd.Index[Any]
    before: FloatArray
    after: FloatArray
    codes: IntArray
    order: tuple[str, ...]
    reference: str
    start: Category
    end: Category | None
    transitions: Transitions | None

    @property
    def compared(self) -> BoolArray:
        """Who has both scores and a group."""
        return np.asarray(~np.isnan(self.after) & (self.codes >= 0))

    def restricted(self, chosen: BoolArray) -> Entered:
        """Return some of them; levels that occur among nobody of those are not kept."""
        end = None if self.end is None else _category(self.end.name, self.end.levels, self.end.codes[chosen])
        return replace(
            self,
            persons=self.persons[chosen],
            before=self.before[chosen],
            after=self.after[chosen],
            codes=self.codes[chosen],
            start=_category(self.start.name, self.start.levels, self.start.codes[chosen]),
            end=end,
        )

    def group_codes(self, start: IntArray, end: IntArray) -> IntArray:
        """Return the group that follows from positions in the levels of ``start`` and ``end``."""
        if self.transitions is None or self.end is None:
            return np.array([self.order.index(level) for level in self.start.levels], dtype=np.intp)[start]
        return self.transitions.codes_of(_places(self.start)[start], _places(self.end)[end])

    def positions(self) -> tuple[IntArray, IntArray]:
        """Return the network of each person at both waves as positions in `names.CATEGORIES`, -1 unknown."""
        start, end = (_places(c)[c.codes] for c in (self.start, self.end) if c is not None)
        return start, end


def _places(category: Category) -> IntArray:
    """Return the position of each level in `names.CATEGORIES`, and -1 last, where -1 finds it."""
    return np.array([*(CATEGORIES.index(level) for level in category.levels), -1], dtype=np.intp)


def everybody_entered(
    scores: Scores, from_wave: str, to_wave: str, groups: Groups | Transitions, *, reference: str = ""
) -> Entered:
    """Return everybody of the stratum with a score at the first wave.

    Parameters
    ----------
    scores : Scores
        Of one outcome, in one stratum.
    from_wave, to_wave : str
    groups : Groups or Transitions
        Groups that hold at every wave, or the moves between the categories of a network over the same waves.
    reference : str
        The group that the others are held against; that of ``groups`` unless named.

    Returns
    -------
    Entered

    Raises
    ------
    JoinError
        Where the moves are those of other waves, or groups are of one interval and not known as moves.
    """
    first, second = (wave_position(scores.waves, wave) for wave in (from_wave, to_wave))
    moves = groups if isinstance(groups, Transitions) else None
    shown = groups.groups() if isinstance(groups, Transitions) else groups
    if shown.interval not in ((), (from_wave, to_wave)) or (shown.interval and moves is None):
        raise JoinError(
            f"The groups are not those from {from_wave} to {to_wave}, or not given as transitions between the"
            " two: of the lost they are known by the network at the first wave."
        )
    inside = np.flatnonzero(scores.within & ~np.isnan(scores.values[:, first]))
    persons = scores.persons[inside]
    where = positions(groups.persons, persons)
    codes = np.where(where < 0, -1, shown.codes[where])
    start, end = _category("group", shown.order, codes), None
    if moves is not None:
        start, end = (
            _category(name, CATEGORIES, np.where(where < 0, -1, found[where]))
            for name, found in (
                (f"network at {from_wave}", moves.before),
                (f"network at {to_wave}", moves.after),
            )
        )
        codes = moves.codes_of(*(np.where(where < 0, -1, c[where]) for c in (moves.before, moves.after)))
    return Entered(
        n_entered=len(inside),
        persons=persons,
        before=scores.values[inside, first],
        after=scores.values[inside, second],
        codes=codes,
        order=CHANGE_GROUPS if moves is not None else shown.order,
        reference=reference or shown.reference,
        start=start,
        end=end,
        transitions=moves,
    )


def _category(name: str, levels: tuple[str, ...], codes: IntArray) -> Category:
    """Return a category of the levels that occur, in their order."""
    present = np.bincount(codes[codes >= 0], minlength=len(levels)) > 0
    dense = np.append(np.cumsum(present) - 1, -1)
    return Category(
        name=name,
        levels=tuple(level for level, here in zip(levels, present, strict=True) if here),
        codes=dense[codes],
    )


def known_of(
    covariates: Covariates | None, persons: pd.Index[Any]
) -> tuple[list[tuple[str, FloatArray] | Category], tuple[str, ...]]:
    """Return the covariates of some persons, numbers and categories, and notes on those left out.

    A number is ``(name, values)`` with NaN where it is not known. What is the same for everybody of whom it
    is known tells nothing, and a category with more than 20 levels too much: both are left out.
    """
    found: list[tuple[str, FloatArray] | Category] = []
    notes = []
    if covariates is None:
        return found, ()
    where = positions(covariates.persons, persons)
    for name in covariates.names:
        if name in covariates.numbers:
            values = np.where(where < 0, np.nan, covariates.numbers[name][where])
            known = values[~np.isnan(values)]
            if len(np.unique(known)) > 1:
                found.append((name, values))
                continue
            notes.append(f"Covariate '{name}' is the same for everybody: left out.")
            continue
        labels = [None if place < 0 else covariates.labels[name][place] for place in where.tolist()]
        levels = sort_labels(sorted({label for label in labels if label is not None}))
        if 1 < len(levels) <= MOST_LEVELS:
            codes = np.array(
                [-1 if label is None else levels.index(label) for label in labels], dtype=np.intp
            )
            found.append(Category(name=name, levels=tuple(levels), codes=codes))
        else:
            what = "the same for everybody" if len(levels) < 2 else f"{len(levels)} levels"
            notes.append(f"Covariate '{name}' is left out of what is done about the lost: {what}.")
    return found, tuple(notes)
