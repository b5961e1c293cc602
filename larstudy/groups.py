"""One group a person: the between-group factor of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from larstudy.cohort import Cohort
from larstudy.errors import LarstudyError, unknown_name
from larstudy.names import CHANGE_GROUPS, DRUG_DOMINATED, UNCLASSIFIED
from larstudy.placement import sort_labels
from larstudy.results import distinct
from larstudy.specs.study import as_label
from larstudy.stats.arrays import BoolArray, IntArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Groups:
    """One group a person: the between-group factor of a comparison.

    Attributes
    ----------
    persons : Index
    codes : ndarray of int, shape (persons,)
        Position in ``order``; -1 for those without a group.
    order : tuple of str
        The groups, in the order in which they are shown.
    reference : str
        The group that the others are held against.
    why_not : tuple of (str, ndarray of bool)
        Why persons have no group, in words, and for whom it holds.
    notes : tuple of str
    """

    persons: pd.Index[Any]
    codes: IntArray
    order: tuple[str, ...]
    reference: str
    why_not: tuple[tuple[str, BoolArray], ...]
    notes: tuple[str, ...]

    def to_series(self) -> pd.Series[Any]:
        """Return the group of each person, indexed by person; 'unclassified' where there is none."""
        labels = [UNCLASSIFIED if code < 0 else self.order[code] for code in self.codes]
        categories = [*self.order, UNCLASSIFIED]
        values = pd.Categorical(labels, categories=categories, ordered=True)
        return pd.Series(values, index=self.persons, name="group")


def fixed_groups(cohort: Cohort) -> Groups:
    """Return the groups of the study's ``[group]`` column.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    Groups
        In the order of the study file, else sorted; held against its reference, else against the first.

    Raises
    ------
    LarstudyError
        Where the study names no such column.

    Examples
    --------
    >>> import larstudy as ls
    >>> frame = pd.DataFrame({"q0": [1.0, 2], "q1": [2.0, 2], "clinic": ["B", "A"]})
    >>> cohort = ls.load(
    ...     frame, waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, group="clinic"
    ... )
    >>> fixed_groups(cohort).to_series().tolist()
    ['B', 'A']
    """
    spec = cohort.spec.group
    if spec is None:
        raise LarstudyError("The study names no group column. Add [group] to the study file.")
    return groups_from_labels(
        cohort.persons,
        cohort.fixed["group"].tolist(),
        order=spec.order,
        reference=spec.reference,
        notes=(*cohort.notes, f"Groups as the file has them in column '{spec.column}'."),
    )


def groups_from_labels(
    persons: pd.Index[Any],
    labels: Sequence[object],
    *,
    order: Sequence[str] = (),
    reference: str = "",
    notes: Sequence[str] = (),
) -> Groups:
    """Return groups from one label a person.

    Parameters
    ----------
    persons : Index
    labels : sequence
        One a person; None, NaN or 'unclassified' where there is no group.
    order : sequence of str, optional
        The groups in the order in which they are shown; sorted unless given.
    reference : str, optional
        The first of them unless given; 'drug_dominated' where that is one of them.
    notes : sequence of str, optional

    Returns
    -------
    Groups

    Raises
    ------
    UnknownNameError
        Where the reference, or a label, is not among the groups.
    """
    texts = [UNCLASSIFIED if pd.isna(value) else as_label(value) for value in labels]  # type: ignore[call-overload]
    found = set(texts) - {UNCLASSIFIED}
    if not order:
        known = [group for group in CHANGE_GROUPS if group in found]
        order = tuple(known) if found <= set(CHANGE_GROUPS) else tuple(sort_labels(sorted(found)))
    for text in sorted(found - set(order)):
        raise unknown_name("group", text, order)
    if reference and reference not in order:
        raise unknown_name("group", reference, order)
    default = DRUG_DOMINATED if DRUG_DOMINATED in order else next(iter(order), "")
    position: Mapping[str, int] = {name: code for code, name in enumerate(order)}
    codes = np.array([position.get(text, -1) for text in texts], dtype=np.intp)
    return Groups(
        persons=persons,
        codes=codes,
        order=tuple(order),
        reference=reference or default,
        why_not=(("no group", codes < 0),),
        notes=distinct(notes),
    )


def no_groups(cohort: Cohort) -> Groups:
    """Return groups of nobody, for a study that tells persons apart by nothing."""
    nobody = np.full(len(cohort.persons), -1, dtype=np.intp)
    return Groups(
        persons=cohort.persons, codes=nobody, order=(), reference="", why_not=(), notes=cohort.notes
    )
