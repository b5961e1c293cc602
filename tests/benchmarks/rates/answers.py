"""What a method says of one cohort, held against the truth; and the register of all that are tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.rates.cohorts import Cohort, Truth

ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the true null was rejected and the interval holds the truth (NaN for none), and estimate - truth."""

    rejected: float
    covered: float
    error: float


def tested(p_value: float) -> Answer:
    """Of a test without an interval."""
    return Answer(_yes(p_value < ALPHA, p_value), np.nan, np.nan)


def estimated(p_value: float, low: float, high: float, estimate: float, truth: float) -> Answer:
    return Answer(_yes(p_value < ALPHA, p_value), _yes(low <= truth <= high, low + high), estimate - truth)


def all_at_once(p_values: np.ndarray, low: np.ndarray, high: np.ndarray, truth: float = 0.0) -> Answer:
    """Of several tests of which not one may reject, and intervals that must all hold the truth."""
    rejected = _yes(bool(p_values.min() < ALPHA), float(p_values.sum()))
    return Answer(
        rejected, _yes(bool(((low <= truth) & (truth <= high)).all()), float((low + high).sum())), np.nan
    )


def _yes(answer: bool, made_of: float) -> float:
    return np.nan if np.isnan(made_of) else float(answer)


Tried = Callable[[Cohort, Truth], "tuple[Answer, ...]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method in a world: what it is asked, why it is not recommended for that ("" where it is), on one of how many."""

    name: str
    world: str
    targets: tuple[str, ...]
    ask: Tried
    why: tuple[str, ...]
    one_in: int = 1
