"""Whom a comparison speaks of: the lost dealt with in each way, and those who might be in any group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from larstudy.clusters import Clusters
from larstudy.covariates import Covariates
from larstudy.groups import Groups
from larstudy.handled import HandledData, Handling, handle_lost
from larstudy.networks import Transitions
from larstudy.scores import Scores
from larstudy.specs.study import AnalysisSpec
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.overlap import Balance, OverlapWeights, group_balance, overlap_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Those with both waves and a group, weighted towards whoever could have been in any group.

    Attributes
    ----------
    data : HandledData
        With a reason where there are no weights.
    weights : OverlapWeights or None
        None where there is nobody to weigh.
    balance : Balance or None
        How alike the groups are at the start, before and after.
    terms : tuple of str
        What is balanced, one column of ``balance`` each.
    """

    data: HandledData
    weights: OverlapWeights | None
    balance: Balance | None
    terms: tuple[str, ...]


def overlap_data(complete: HandledData) -> Overlap:
    """Weigh the groups of a study towards the people who could have been in any of them.

    Parameters
    ----------
    complete : HandledData
        The complete cases.

    Returns
    -------
    Overlap

    Notes
    -----
    Balanced are the score at the first wave and the covariates, by a multinomial model of the group. The
    network at the first wave is not among them: a change group says what it was for some, so that nobody
    could have been in each. Whoever lacks a covariate is left out. Each person weighs what `overlap_weights`
    gives before it makes the weights of a group add up to 1. The comparison speaks neither of everybody who
    entered nor of all who were seen, but of those seen who could have been in any of the groups.

    References
    ----------
    Li, F., & Li, F. (2019). Annals of Applied Statistics, 13, 2389-2415.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> from larstudy.handled import handle_lost
    >>> frame = pd.DataFrame({"q0": [3.0, 4, 2, 4], "q1": [5.0, 6, 3, 3], "arm": ["a", "a", "b", "b"]})
    >>> cohort = ls.load(frame, waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, group="arm")
    >>> groups = ls.fixed_groups(cohort)
    >>> scores = ls.outcome(cohort, "qol")
    >>> found = overlap_data(handle_lost(scores, "0", "1", groups, handling="complete_cases"))
    >>> bool(abs(found.balance.after[0, 0]) < 1e-9), found.terms
    (True, ('baseline',))
    """
    known = ~np.isnan(complete.covariates[0]).any(axis=1)
    present = np.bincount(complete.codes[0, known], minlength=len(complete.groups)) > 0
    groups = tuple(name for name, here in zip(complete.groups, present, strict=True) if here)
    k, reason = len(groups), complete.reason
    if not reason and k < 2:
        reason = "one group only: nothing to compare" if k else "nobody has all covariates"
    if reason:
        return Overlap(data=replace(complete, handling="overlap_weights", reason=reason), weights=None,
                       balance=None, terms=())  # fmt: skip
    columns = np.column_stack([complete.before[0], complete.covariates[0]])[known]
    terms = ("baseline", *complete.terms)
    codes = (np.cumsum(present) - 1)[complete.codes[0, known]]
    found = overlap_weights(columns, codes, k, names=terms)
    left_out = int((~known).sum())
    notes = [f"Overlap weights leave out {left_out} who lack a covariate."] if left_out else []
    weights = _own_weights(found, codes)
    return Overlap(
        data=replace(
            complete,
            handling="overlap_weights",
            persons=complete.persons[known],
            before=complete.before[:, known],
            after=complete.after[:, known],
            codes=codes[None],
            groups=groups,
            reference=complete.reference if complete.reference in groups else groups[0],
            covariates=complete.covariates[:, known],
            weights=weights,
            clusters=complete.clusters[known] if len(complete.clusters) else complete.clusters,
            lost=complete.lost[known],
            effective_n=float(found.effective_n.sum()),
            notes=(*complete.notes, *notes),
            reason=found.reason,
        ),
        weights=found,
        balance=group_balance(columns, codes, k, weights=weights),
        terms=terms,
    )


def _own_weights(found: OverlapWeights, codes: IntArray) -> FloatArray:
    return np.asarray(found.tilt / found.probabilities[np.arange(len(codes)), codes])


@dataclass(frozen=True, slots=True, kw_only=True)
class Populations:
    """Whom a comparison may speak of.

    Attributes
    ----------
    handled : mapping of str to HandledData
        The complete cases first, then what the study does about the lost.
    overlap : Overlap or None
        None where the study asks for no weights.
    """

    handled: Mapping[Handling, HandledData]
    overlap: Overlap | None

    def every(self) -> list[HandledData]:
        """Return the data of each of them."""
        return [*self.handled.values(), *([self.overlap.data] if self.overlap else [])]


def populations(
    scores: Scores,
    waves: tuple[str, str],
    groups: Groups | Transitions,
    *,
    spec: AnalysisSpec,
    covariates: Covariates | None = None,
    clusters: Clusters | None = None,
) -> Populations:
    """Return a comparison with the lost dealt with in every way that a study asks for.

    Parameters
    ----------
    scores : Scores
        Of one outcome, in one stratum.
    waves : (str, str)
    groups : Groups or Transitions
    spec : AnalysisSpec
        ``missing`` says what is done beside leaving the lost out, ``imputations`` and ``seed`` how. With
        weights against attrition come overlap weights.
    covariates : Covariates, optional
    clusters : Clusters, optional

    Returns
    -------
    Populations
    """
    chosen: tuple[Handling, ...] = ("complete_cases", *spec.missing)
    handled = {
        name: handle_lost(
            scores,
            *waves,
            groups,
            handling=name,
            covariates=covariates,
            clusters=clusters,
            imputations=spec.imputations,
            seed=spec.seed,
        )
        for name in chosen
    }
    weighted = "attrition_weights" in handled
    return Populations(handled=handled, overlap=overlap_data(handled["complete_cases"]) if weighted else None)
