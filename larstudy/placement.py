"""Which row of a file belongs to which person and wave: the one place where that is decided.

Everything later is an array with one line a person and one column a wave, in the order found here. Persons
are sorted by their id, so that the order of the rows in a file changes nothing, not even the last digit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from larstudy.raw_table import RawTable, person_label
from larstudy.specs.data import Layout
from larstudy.specs.study import StudySpec, as_code
from larstudy.stats.arrays import BoolArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where each row of a table belongs.

    Attributes
    ----------
    persons : Index
        Every person in the file once, sorted by id; whole numbers where all ids are.
    person_codes : ndarray of int, shape (rows,)
        Position of each row's person; -1 where the id is missing.
    wave_codes : ndarray of int, shape (rows,)
        Position of each row's wave; -1 where it is not a wave of the study. All 0 in a wide file, where one
        row holds every wave.
    unreadable_wave : ndarray of bool, shape (rows,)
        Rows whose wave is text although the study marks its waves by numbers.
    """

    persons: pd.Index[Any]
    person_codes: IntArray
    wave_codes: IntArray
    unreadable_wave: BoolArray

    def rows_of(self, wave: int, layout: Layout) -> BoolArray:
        """Say which rows hold a wave: in a wide file every row holds every wave."""
        if layout == "wide":
            return np.ones(len(self.wave_codes), dtype=bool)
        return np.asarray(self.wave_codes == wave)

    def uncertain(self, waves: int, layout: Layout) -> bool:
        """Say whether some rows could not be placed, or some wave has no rows, as the study marks them."""
        if layout == "wide":
            return False
        found = np.unique(self.wave_codes[self.wave_codes >= 0])
        return bool(self.unreadable_wave.any()) or len(found) < waves

    def in_two_waves(self) -> int:
        """Return how many persons have rows at two or more waves."""
        placed = (self.person_codes >= 0) & (self.wave_codes >= 0)
        pairs = np.unique(np.column_stack([self.person_codes, self.wave_codes])[placed], axis=0)
        return int((np.bincount(pairs[:, 0]) > 1).sum()) if len(pairs) else 0

    def repeated(self) -> BoolArray:
        """Say which rows stand for a person and wave that an earlier row stands for."""
        placed = (self.person_codes >= 0) & (self.wave_codes >= 0)
        address = self.person_codes * (int(self.wave_codes.max(initial=0)) + 1) + self.wave_codes
        _, first = np.unique(np.where(placed, address, -1), return_index=True)
        repeated = placed.copy()
        repeated[first] = False
        return repeated


def place_rows(spec: StudySpec, table: RawTable) -> Placement:
    """Find the person and the wave of each row.

    Parameters
    ----------
    spec : StudySpec
    table : RawTable
        Where it lacks the person's column each row is a person; where it lacks the wave's, no row is placed.

    Returns
    -------
    Placement
    """
    if spec.data.person in table.columns:
        labels: Sequence[str | None] = [person_label(t) for t in table.labels(spec.data.person)]
    else:
        labels = [str(position) for position in range(1, table.rows + 1)]
    persons, person_codes = _sorted_persons(labels)
    wave_codes, unreadable = _waves(spec, table)
    return Placement(
        persons=persons,
        person_codes=person_codes,
        wave_codes=wave_codes,
        unreadable_wave=unreadable,
    )


def is_whole(label: str) -> bool:
    """Say whether a label is a whole number written in the plain way, so that no label is lost as one."""
    digits = label.removeprefix("-")
    return digits.isascii() and digits.isdigit() and len(digits) < 19 and str(int(label)) == label


def sort_labels(labels: Sequence[str]) -> list[str]:
    """Return labels in the order a reader expects: by number where all are whole numbers, else by text.

    Examples
    --------
    >>> sort_labels(["10", "9"]), sort_labels(["b", "10", "9"])
    (['9', '10'], ['10', '9', 'b'])
    """
    if all(is_whole(label) for label in labels):
        return sorted(labels, key=int)
    return sorted(labels)


def _sorted_persons(labels: Sequence[str | None]) -> tuple[pd.Index[Any], IntArray]:
    distinct = sort_labels([label for label in dict.fromkeys(labels) if label is not None])
    position = {label: code for code, label in enumerate(distinct)}
    codes = np.array([-1 if label is None else position[label] for label in labels], dtype=np.intp)
    whole = bool(distinct) and all(is_whole(label) for label in distinct)
    persons: pd.Index[Any] = pd.Index(
        [int(label) for label in distinct] if whole else distinct, name="person"
    )
    return persons, codes


def _waves(spec: StudySpec, table: RawTable) -> tuple[IntArray, BoolArray]:
    nothing = np.zeros(table.rows, dtype=bool)
    if spec.data.layout == "wide":
        return np.zeros(table.rows, dtype=np.intp), nothing
    codes = np.full(table.rows, -1, dtype=np.intp)
    if spec.data.wave not in table.columns:
        return codes, nothing
    if all(isinstance(wave.value, float) for wave in spec.data.waves):
        numbers = table.numbers(spec.data.wave)
        for code, wave in enumerate(spec.data.waves):
            codes[numbers.values == wave.value] = code
        return codes, numbers.bad
    known = {as_code(wave.value): code for code, wave in enumerate(spec.data.waves)}
    labels = table.labels(spec.data.wave)
    for row, label in enumerate(labels):
        codes[row] = known.get(as_code(label), -1) if label is not None else -1
    return codes, nothing


def per_person(
    labels: Sequence[str | None], placement: Placement, rows: BoolArray
) -> tuple[list[str | None], BoolArray]:
    """Return the one label of each person, and who has more than one.

    Parameters
    ----------
    labels : sequence of str or None, one a row
    placement : Placement
    rows : ndarray of bool, shape (rows,)
        The rows to look at.

    Returns
    -------
    list of str or None, ndarray of bool
        One entry a person: the first label, None where there is none; and whether another one differs.
    """
    found: list[str | None] = [None] * len(placement.persons)
    varies = np.zeros(len(placement.persons), dtype=bool)
    for row in np.flatnonzero(rows & (placement.person_codes >= 0)).tolist():
        person, text = int(placement.person_codes[row]), labels[row]
        if text is None:
            continue
        earlier = found[person]
        if earlier is None:
            found[person] = text
        elif as_code(earlier) != as_code(text):
            varies[person] = True
    return found, varies
