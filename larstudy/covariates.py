"""Covariates of a comparison: columns for a model, and who lacks a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from larstudy.cohort import Cohort
from larstudy.placement import sort_labels
from larstudy.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Covariates:
    """What else a model holds constant.

    Attributes
    ----------
    persons : Index
    matrix : ndarray of float, shape (persons, columns)
        Numbers as they are; a category as one column a level but the first, 1 where it applies. NaN where
        missing.
    terms : tuple of str
        Name of each column, ``covariate`` or ``covariate[level]``.
    owners : tuple of str
        The covariate that each column belongs to.
    """

    persons: pd.Index[Any]
    matrix: FloatArray
    terms: tuple[str, ...]
    owners: tuple[str, ...]


def study_covariates(cohort: Cohort) -> Covariates | None:
    """Return the covariates that the study names, at the baseline; None where it names none."""
    names = cohort.spec.covariates
    if not names:
        return None
    columns: list[FloatArray] = []
    terms: list[str] = []
    owners: list[str] = []
    for name in names:
        if name in cohort.covariates:
            added, labels = [cohort.covariates[name]], [name]
        else:
            added, labels = _levels(cohort.fixed[f"covariate:{name}"].tolist(), name)
        columns.extend(added)
        terms.extend(labels)
        owners.extend([name] * len(added))
    matrix = np.column_stack(columns) if columns else np.empty((len(cohort.persons), 0))
    return Covariates(persons=cohort.persons, matrix=matrix, terms=tuple(terms), owners=tuple(owners))


def _levels(labels: Sequence[str | None], name: str) -> tuple[list[FloatArray], list[str]]:
    missing = np.array([text is None for text in labels], dtype=bool)
    levels = sort_labels([text for text in set(labels) if text is not None])
    columns = []
    for level in levels[1:]:
        column = np.array([text == level for text in labels], dtype=float)
        column[missing] = np.nan
        columns.append(column)
    return columns, [f"{name}[{level}]" for level in levels[1:]]
