"""From cohorts, real or generated, to what the rules of claims are asked of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from larstudy.claim_rules import Panel
from larstudy.clusters import study_clusters
from larstudy.cohort import Cohort
from larstudy.entered import everybody_entered
from larstudy.ledger import positions
from larstudy.networks import classify_networks
from larstudy.scores import outcome as outcome_of
from larstudy.synthetic.score_cohorts import ScoreCohorts
from larstudy.synthetic.study_designs import StudyDesign, design_from_arrays


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TestData:
    """A cohort that claims are tested on.

    Attributes
    ----------
    cohort : Cohort
    strata : Series of float or None
        By person, 0 or 1: two kinds of people whom a claim of no difference holds against each other.
    scope : mapping of str to str
        Whom the data are about, where a claim is about others; by language.

    Examples
    --------
    >>> import larstudy as ls
    >>> data = ls.TestData(cohort=ls.load_synthetic())
    >>> panel_of(data, "social", "europasi", ("baseline", "year1")).before.shape
    (1, 532)
    """

    #: Not a class of tests, whatever its name begins with.
    __test__ = False

    cohort: Cohort
    strata: pd.Series[Any] | None = None
    scope: dict[str, str] | None = None


def panel_of(data: TestData, outcome: str, definition: str, waves: tuple[str, str]) -> Panel:
    """Return one cohort as a panel, by one outcome, definition of the network and pair of waves.

    Everybody with a score at the first wave is in it; scores are turned so that higher is better.
    """
    cohort = data.cohort
    scores = outcome_of(cohort, outcome)
    moves = classify_networks(cohort, definition).transitions(*waves)
    entered = everybody_entered(scores, *waves, moves)
    start, end = entered.positions()
    turn = -1.0 if scores.higher_is == "worse" else 1.0
    clusters = strata = None
    found = study_clusters(cohort)
    if found is not None:
        labels = found.labels[positions(found.persons, entered.persons)]
        # Who is in no facility that is known is a facility of its own.
        own = [str(label) if label is not None else f"\0{i}" for i, label in enumerate(labels)]
        clusters = np.unique(own, return_inverse=True)[1][None]
    if data.strata is not None:
        values = data.strata.reindex(entered.persons).to_numpy(dtype=float)
        strata = np.where(np.isnan(values), -1, np.nan_to_num(values)).astype(np.intp)[None]
    return Panel(
        before=turn * entered.before[None],
        after=turn * entered.after[None],
        start=start[None],
        end=end[None],
        groups=entered.codes[None],
        clusters=clusters,
        strata=strata,
    )


def design_of(panel: Panel) -> StudyDesign:
    """Return the design of one cohort: its own cells, correlation, clusters and loss."""
    clusters = None if panel.clusters is None else panel.clusters[0]
    return design_from_arrays(
        panel.before[0], panel.after[0], np.stack([panel.start[0], panel.end[0]]), clusters
    )


def generated_panel(cohorts: ScoreCohorts, share: float) -> Panel:
    """Return generated cohorts as a panel, with a share of the persons in one of two strata, by chance."""
    c, n = cohorts.before.shape
    # Evenly spread over persons who stand by network at entry.
    strata = (np.floor(np.arange(1, n + 1) * share) > np.floor(np.arange(n) * share)).astype(np.intp)
    return Panel(
        before=cohorts.before,
        after=cohorts.after,
        start=cohorts.entry,
        end=cohorts.end,
        groups=cohorts.groups,
        clusters=cohorts.clusters,
        strata=np.broadcast_to(strata, (c, n)),
    )


def share_of_stratum(panel: Panel) -> float:
    """Return the share of the second stratum among those in either; a half where there are none."""
    if panel.strata is None or not (panel.strata >= 0).any():
        return 0.5
    return float(np.clip((panel.strata == 1).sum() / (panel.strata >= 0).sum(), 0.01, 0.99))
