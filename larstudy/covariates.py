"""Covariates of a comparison: what else a model holds constant, and who lacks a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from larstudy.cohort import Cohort
from larstudy.placement import sort_labels
from larstudy.stats.arrays import BoolArray, FloatArray, IntArray

_FEW_VALUES = 6


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Covariates:
    """What else a model holds constant, one entry a person.

    Attributes
    ----------
    persons : Index
    names : tuple of str
        In the order of the study file.
    numbers : mapping of str to ndarray of float
        Covariates that enter as numbers; NaN where missing.
    labels : mapping of str to ndarray of object
        Covariates that enter as categories; None where missing.
    notes : tuple of str
    """

    persons: pd.Index[Any]
    names: tuple[str, ...]
    numbers: Mapping[str, FloatArray]
    labels: Mapping[str, np.ndarray[Any, np.dtype[np.object_]]]
    notes: tuple[str, ...]

    def missing(self, name: str) -> BoolArray:
        """Say who lacks a covariate."""
        if name in self.numbers:
            return np.isnan(self.numbers[name])
        return np.array([text is None for text in self.labels[name]], dtype=bool)

    def columns(self, chosen: IntArray) -> tuple[FloatArray, tuple[str, ...]]:
        """Return the columns of a model for some persons, and the name of each.

        A number is a column; a category is one column a level but the first, of the levels that occur among
        those chosen, named ``covariate[level]``.
        """
        columns: list[FloatArray] = []
        terms: list[str] = []
        for name in self.names:
            if name in self.numbers:
                columns.append(self.numbers[name][chosen])
                terms.append(name)
                continue
            labels = self.labels[name][chosen].tolist()
            for level in sort_labels(sorted(set(labels)))[1:]:
                columns.append(np.array([text == level for text in labels], dtype=float))
                terms.append(f"{name}[{level}]")
        matrix = np.column_stack(columns) if columns else np.empty((len(chosen), 0))
        return matrix, tuple(terms)


def study_covariates(cohort: Cohort) -> Covariates | None:
    """Return the covariates that the study names, at the baseline; None where it names none."""
    names = tuple(covariate.column for covariate in cohort.spec.covariates)
    if not names:
        return None
    numbers = {name: cohort.covariates[name] for name in names if name in cohort.covariates}
    return Covariates(
        persons=cohort.persons,
        names=names,
        numbers=numbers,
        labels={name: cohort.fixed[f"covariate:{name}"] for name in names if name not in numbers},
        notes=_notes(numbers),
    )


def _notes(numbers: Mapping[str, FloatArray]) -> tuple[str, ...]:
    few = [name for name, values in numbers.items() if _looks_like_codes(values)]
    return tuple(
        f"Covariate '{name}' has few values and enters as a number, with one slope; if its numbers are codes,"
        " name it in categorical under [covariates]."
        for name in few
    )


def _looks_like_codes(values: FloatArray) -> bool:
    known: Sequence[float] = np.unique(values[~np.isnan(values)]).tolist()
    return 2 < len(known) <= _FEW_VALUES and all(value.is_integer() for value in known)
