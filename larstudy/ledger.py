"""The N ledger: who came in, who left at which step, and why.

Every number of persons in a table, a sentence or the flow figure comes from here or is checked against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from larstudy.errors import JoinError, ReconciliationError
from larstudy.results import frame_of
from larstudy.stats.arrays import BoolArray, IntArray

ENTERED = "entered"
PAIRED = "paired"
GROUPED = "grouped"
COVARIATES = "covariates known"


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """Those who left at one step for one reason: ``lost`` says who, one entry a person."""

    step: str
    reason: str
    lost: BoolArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ledger:
    """Who came in and who left.

    Attributes
    ----------
    persons : Index
        Everybody in the cohort.
    entered : ndarray of bool, shape (persons,)
        Who belongs to the part of the cohort that is studied.
    steps : tuple of str
        The steps taken, in order.
    losses : tuple of Loss
        In order; no person is lost twice.
    """

    persons: pd.Index[Any]
    entered: BoolArray
    steps: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()

    @property
    def present(self) -> BoolArray:
        """Who is still there."""
        here = self.entered.copy()
        for loss in self.losses:
            here &= ~loss.lost
        return here

    @property
    def n_entered(self) -> int:
        """How many came in."""
        return int(self.entered.sum())

    @property
    def n_present(self) -> int:
        """How many are still there."""
        return int(self.present.sum())

    def take_step(self, step: str, reasons: Sequence[tuple[str, BoolArray]]) -> Ledger:
        """Return the ledger after a step at which some leave.

        Parameters
        ----------
        step : str
        reasons : sequence of (str, ndarray of bool)
            Why, and for whom it holds. A person for whom several hold leaves for the first of them.

        Returns
        -------
        Ledger
        """
        here = self.present
        losses = list(self.losses)
        for reason, holds in reasons:
            lost = here & holds
            if lost.any():
                losses.append(Loss(step, reason, lost))
                here = here & ~lost
        return Ledger(
            persons=self.persons,
            entered=self.entered,
            steps=(*self.steps, step),
            losses=tuple(losses),
        )

    def rows(self) -> list[dict[str, Any]]:
        """Return the flow: who entered, then for each step every loss with its reason, then who is left.

        An empty ``reason`` marks a number of persons who are there; any other row is a loss.
        """
        left = self.n_entered
        rows: list[dict[str, Any]] = [{"step": ENTERED, "reason": "", "n": left}]
        for step in self.steps:
            for loss in self.losses:
                if loss.step == step:
                    n = int(loss.lost.sum())
                    left -= n
                    rows.append({"step": step, "reason": loss.reason, "n": n})
            rows.append({"step": step, "reason": "", "n": left})
        if left != self.n_present:
            raise ReconciliationError("The ledger counts somebody twice. This is a fault of larstudy.")
        return rows

    def excluded(self) -> pd.DataFrame:
        """Return who left: columns person, step, reason; for the user's own eyes, never written to a file."""
        rows = [
            {"person": person, "step": loss.step, "reason": loss.reason}
            for loss in self.losses
            for person in self.persons[loss.lost]
        ]
        return frame_of(rows, ("person", "step", "reason"))

    def losses_in_words(self) -> str:
        """Return the losses as ``253 not seen at month12, 2 mental missing at month12``."""
        return ", ".join(f"{int(loss.lost.sum())} {loss.reason}" for loss in self.losses)


def positions(persons: pd.Index[Any], wanted: pd.Index[Any]) -> IntArray:
    """Return where each wanted person stands among the persons; -1 for those who are not there.

    The one place where results are joined: by the person's id, never by position.

    Raises
    ------
    JoinError
        Where an id stands twice, or ids of one are numbers and of the other texts.
    """
    if persons is wanted:
        return np.arange(len(persons))
    if not persons.is_unique:
        raise JoinError("A person stands twice among the groups. Give one group a person.")
    if len(persons) and len(wanted) and _are_texts(persons) != _are_texts(wanted):
        raise JoinError(
            "The ids of one are numbers and of the other texts, so that nobody would match. "
            "Read both from the same column, or turn one into the kind of the other."
        )
    return np.asarray(persons.get_indexer(wanted), dtype=np.intp)


def _are_texts(persons: pd.Index[Any]) -> bool:
    return not pd.api.types.is_numeric_dtype(persons.dtype)
