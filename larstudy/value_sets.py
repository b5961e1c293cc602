"""Value sets that users supply: from a health profile to an index value."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

from larstudy.errors import DataError, Problem
from larstudy.files import read_table
from larstudy.raw_table import RawTable
from larstudy.specs.data import DataSpec
from larstudy.stats.arrays import FloatArray

_DIMENSIONS = ("mobility", "self_care", "usual_activities", "pain", "anxiety")
_LEVELS = (1, 2, 3, 4, 5)


def read_value_set(path: Path) -> dict[float, float]:
    """Read a value set for the EQ-5D-5L.

    Parameters
    ----------
    path : Path
        A file of any format that is read, with the columns ``profile`` and ``value`` (3,125 rows, such as
        11111 and 1), or with the columns ``dimension``, ``level`` and ``decrement``, where the value is 1
        minus the decrements of the five levels (mobility, self_care, usual_activities, pain, anxiety; level 1
        may be left out).

    Returns
    -------
    dict of float to float
        Profile to value, for all 3,125 profiles.

    Raises
    ------
    DataError
        Where the file cannot be read or a profile or level lacks a value.
    """
    table = read_table(DataSpec(file=path.name), path.parent)
    told = [*table.problems, *(p for problems in table.column_problems.values() for p in problems)]
    if told:
        raise DataError(told)
    if {"profile", "value"} <= set(table.columns):
        return _from_profiles(table, path.name)
    if {"dimension", "level", "decrement"} <= set(table.columns):
        return _from_decrements(table, path.name)
    raise _fail(path.name, "has neither profile and value nor dimension, level and decrement as columns")


def _fail(name: str, what: str) -> DataError:
    remedy = "See the help of larstudy.value_sets.read_value_set"
    return DataError([Problem(code="value_set", where=name, what=what, remedy=remedy)])


def _column(table: RawTable, column: str, name: str) -> FloatArray:
    numbers = table.numbers(column)
    if numbers.bad.any() or np.isnan(numbers.values).any():
        raise _fail(name, f"column '{column}' holds something that is not a number")
    return numbers.values


def _all_profiles() -> list[tuple[int, ...]]:
    return list(itertools.product(_LEVELS, repeat=len(_DIMENSIONS)))


def _number(levels: tuple[int, ...]) -> float:
    return float("".join(map(str, levels)))


def _from_profiles(table: RawTable, name: str) -> dict[float, float]:
    profiles = _column(table, "profile", name).tolist()
    values = _column(table, "value", name).tolist()
    found = dict(zip(profiles, values, strict=True))
    wanted = {_number(levels) for levels in _all_profiles()}
    absent = len(wanted - set(found))
    if absent or len(profiles) > len(found):
        raise _fail(name, f"{absent} of {len(wanted)} profiles have no value, or one has two")
    return {profile: found[profile] for profile in sorted(wanted)}


def _from_decrements(table: RawTable, name: str) -> dict[float, float]:
    labels = [label or "" for label in table.labels("dimension")]
    levels = _column(table, "level", name).tolist()
    decrements = _column(table, "decrement", name).tolist()
    given = dict(zip(zip(labels, levels, strict=True), decrements, strict=True))
    for dimension in _DIMENSIONS:
        given.setdefault((dimension, 1.0), 0.0)
    wanted = {(dimension, float(level)) for dimension in _DIMENSIONS for level in _LEVELS}
    if set(given) != wanted or len(labels) > len(set(zip(labels, levels, strict=True))):
        dimensions = ", ".join(_DIMENSIONS)
        raise _fail(name, f"needs one decrement for the levels 2 to 5 of each of {dimensions}")
    return {
        _number(levels_of): 1.0
        - sum(given[d, float(level)] for d, level in zip(_DIMENSIONS, levels_of, strict=True))
        for levels_of in _all_profiles()
    }
