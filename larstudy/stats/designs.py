"""Designs with an intercept, without covariates that say nothing, and columns that determine each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray

_RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Columns to model with.

    Attributes
    ----------
    columns : ndarray, shape (n, 1 + q)
        Ones, then the covariates that vary.
    names : tuple of str
        One a column; "intercept" first.
    left_out : ndarray of bool, shape (p,)
        Covariates that are the same for everybody, and so not among the columns.
    """

    columns: FloatArray
    names: tuple[str, ...]
    left_out: BoolArray

    def spread(self, values: FloatArray) -> FloatArray:
        """Return numbers of the columns as (1 + p,), NaN for the covariates left out."""
        whole = np.full(1 + len(self.left_out), np.nan)
        whole[np.concatenate([[True], ~self.left_out])] = values
        return whole


def with_intercept(covariates: FloatArray, names: Sequence[str] = ()) -> Design:
    """Put a column of ones before the covariates that are not the same for everybody.

    Parameters
    ----------
    covariates : ndarray, shape (n, p)
        A covariate with NaN counts as one that varies, so that the model can complain of it.
    names : sequence of str
        Names of the covariates; numbers where there is not one for each.

    Returns
    -------
    Design

    Examples
    --------
    >>> design = with_intercept(np.array([[3.0, 1], [3, 2]]), ["site", "age"])
    >>> design.names, design.left_out.tolist()
    (('intercept', 'age'), [True, False])
    """
    n, p = covariates.shape
    left_out = np.zeros(p, dtype=bool)
    if n:
        left_out = np.ptp(covariates, axis=0) <= rounding_error(covariates)
    labels = names if len(names) == p else [f"covariate {j + 1}" for j in range(p)]
    used = [label for label, out in zip(labels, left_out, strict=True) if not out]
    columns = np.column_stack([np.ones(n), covariates[:, ~left_out]])
    return Design(columns=columns, names=("intercept", *used), left_out=left_out)


def rounding_error(covariates: FloatArray) -> FloatArray:
    """Return, for each column, what a spread must exceed to be more than rounding.

    Examples
    --------
    >>> bool(rounding_error(np.array([[1e9], [1e9]]))[0] > 1e-7)
    True
    """
    return np.asarray(16 * np.finfo(float).eps * np.abs(covariates).max(axis=0, initial=0.0))


def dependent_column(design: FloatArray, names: Sequence[str] = ()) -> str:
    """Say which column of a design is determined by those before it; empty where none is.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        No NaN, at least as many rows as columns.
    names : sequence of str
        Names of the columns; numbers where there is not one for each.

    Examples
    --------
    >>> dependent_column(np.array([[1.0, 2], [1, 2], [1, 2]]), ["one", "age"])
    "'age' is determined by what stands before it"
    """
    scale = np.sqrt((design**2).sum(axis=0))
    scale[scale == 0] = 1.0
    diagonal = np.abs(np.diag(np.linalg.qr(design / scale)[1]))
    found = np.flatnonzero(diagonal <= _RANK_TOLERANCE * diagonal.max(initial=0.0))
    return (
        f"{column_name(int(found[0]), design, names)} is determined by what stands before it"
        if len(found)
        else ""
    )


def column_name(place: int, design: FloatArray, names: Sequence[str]) -> str:
    """Return the name of a column in quotes, or its number where there are no names.

    Examples
    --------
    >>> column_name(1, np.ones((2, 2)), ["one", "age"]), column_name(1, np.ones((2, 2)), [])
    ("'age'", 'column 2')
    """
    return f"'{names[place]}'" if len(names) == design.shape[1] else f"column {place + 1}"
