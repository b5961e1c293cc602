"""What the results of the models for waves share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.linear import Estimates
from larstudy.stats.small_sample_df import (
    Method,
    Uncertainty,
    linear_combinations,
    no_uncertainty,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveModel(Estimates):
    """A model for persons seen at several waves: its p coefficients, and how they came about.

    Attributes
    ----------
    estimate, std_error, statistic, df, p_value, conf_low, conf_high : ndarray, shape (p,)
        One a coefficient, each with its own degrees of freedom; all NaN where there is a reason.
    covariance : ndarray, shape (p, p)
        Of the coefficients; the errors come from it.
    uncertainty : Uncertainty
        For `linear_combinations` and `joint_test`.
    log_likelihood : float
        Restricted, with all constants; NaN where the model has none.
    n, persons : int
        Rows, and persons among them.
    iterations : int
        Steps of the search; 0 for a closed form.
    converged : bool
        Whether the search ended at a maximum; never True with a reason.
    notes : tuple of str
        What was decided on the way and a reader should know, such as a variance estimated as zero.
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    covariance: FloatArray
    uncertainty: Uncertainty
    log_likelihood: float
    n: int
    persons: int
    iterations: int
    converged: bool
    notes: tuple[str, ...]


class WaveFields(TypedDict):
    """The fields of `WaveModel`, to make one of its kinds from."""

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    covariance: FloatArray
    uncertainty: Uncertainty
    log_likelihood: float
    n: int
    persons: int
    iterations: int
    converged: bool
    notes: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The persons of a long table.

    Attributes
    ----------
    person : ndarray of int, shape (n,)
        Codes 0 to ``persons`` - 1.
    persons : int
    counts : ndarray of int, shape (persons,)
        Rows of each person.
    """

    person: IntArray
    persons: int
    counts: IntArray


def rows_of(person: IntArray) -> Rows:
    """Return persons as codes from 0, and how many rows each has.

    Examples
    --------
    >>> rows = rows_of(np.array([7, 9, 7]))
    >>> rows.person.tolist(), rows.counts.tolist()
    ([0, 1, 0], [2, 1])
    """
    _, codes, counts = np.unique(person, return_inverse=True, return_counts=True)
    return Rows(person=codes.astype(np.intp), persons=len(counts), counts=counts.astype(np.intp))


def wave_fields(
    uncertainty: Uncertainty,
    *,
    n: int,
    persons: int,
    log_likelihood: float = np.nan,
    iterations: int = 0,
    notes: tuple[str, ...] = (),
    level: float = 0.95,
) -> WaveFields:
    """Return the fields that every model for waves has.

    Examples
    --------
    >>> wave_fields(no_uncertainty(1, "nobody"), n=0, persons=0)["converged"]
    False
    """
    p = len(uncertainty.coefficients)
    each = linear_combinations(uncertainty, np.eye(p), level=level)
    return WaveFields(
        estimate=each.estimate,
        std_error=each.std_error,
        statistic=each.statistic,
        df=each.df,
        p_value=each.p_value,
        conf_low=each.conf_low,
        conf_high=each.conf_high,
        covariance=uncertainty.covariance,
        uncertainty=uncertainty,
        log_likelihood=log_likelihood,
        n=n,
        persons=persons,
        iterations=iterations,
        converged=not uncertainty.reason,
        notes=notes,
        reason=uncertainty.reason,
    )


def no_fields(
    p: int,
    reason: str,
    *,
    n: int,
    persons: int,
    iterations: int = 0,
    method: Method = "satterthwaite",
) -> WaveFields:
    """Return the fields of a model that could not be fitted.

    Examples
    --------
    >>> no_fields(1, "nobody has both waves", n=0, persons=0)["reason"]
    'nobody has both waves'
    """
    return wave_fields(no_uncertainty(p, reason, method), n=n, persons=persons, iterations=iterations)
