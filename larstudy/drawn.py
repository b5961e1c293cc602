"""Drawing what is missing of a study: the variables of the chains, and the columns that come out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.entered import Category
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.imputation import VariableKind, impute

_ROUNDS = 10
#: Variances between facilities are drawn step by step, and need longer to settle.
_ROUNDS_WITH_FACILITIES = 20
_FEWEST_FACILITIES = 3


@dataclass(slots=True)
class Variables:
    """What the chains run over: one column a variable."""

    names: list[str]
    columns: list[FloatArray]
    kinds: list[VariableKind]

    def add_number(self, name: str, values: FloatArray) -> int:
        """Add a number, NaN where it is not known, and return its place."""
        self.names.append(name)
        self.columns.append(values)
        self.kinds.append("numeric")
        return len(self.names) - 1

    def add_category(self, category: Category) -> int:
        """Add a category, and return its place."""
        place = self.add_number(category.name, np.where(category.known, category.codes, np.nan))
        self.kinds[place] = "binary" if len(category.levels) <= 2 else "categorical"
        return place


def draw(chains: Variables, facility: IntArray, imputations: int, seed: int) -> FloatArray | str:
    """Return the completed variables, shape (m, n, p), or why there are none."""
    values = np.column_stack(chains.columns)
    if not np.isnan(values).any():
        return values[None]
    kinds, names = list(chains.kinds), list(chains.names)
    count = len(np.unique(facility))
    if 1 < count < _FEWEST_FACILITIES:
        values = np.column_stack([values, facility.astype(float)])
        kinds.append("binary")
        names.append("cluster")
    nested = count >= _FEWEST_FACILITIES
    found = impute(
        values,
        kinds,
        seed=seed,
        m=imputations,
        iterations=_ROUNDS_WITH_FACILITIES if nested else _ROUNDS,
        facility=facility if nested else None,
        names=names,
    )
    return found.reason or found.values


def drawn_columns(
    found: Sequence[tuple[str, FloatArray] | Category], drawn: FloatArray
) -> tuple[FloatArray, tuple[str, ...]]:
    """Return the columns of a model, shape (m, n, p), from the completed covariates."""
    columns: list[FloatArray] = []
    terms: list[str] = []
    for place, covariate in enumerate(found):
        values = drawn[:, :, place]
        if isinstance(covariate, Category):
            columns.extend((values == level).astype(float) for level in range(1, len(covariate.levels)))
            terms.extend(covariate.dummies()[1])
        else:
            columns.append(values)
            terms.append(covariate[0])
    m, n = drawn.shape[:2]
    return np.stack(columns, axis=2) if columns else np.zeros((m, n, 0)), tuple(terms)
