"""Every comparison of change groups whose worth is tried in the worlds, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from larstudy.errors import unknown_name
from larstudy.names import CHANGE_GROUPS
from larstudy.stats.arrays import FloatArray
from larstudy.stats.cohort_cells import CohortCells, cohort_cells
from larstudy.stats.cohort_clusters import CohortErrors, cluster_cohorts
from larstudy.stats.cohort_tests import ChangeModel, CohortEstimates, slope_cohorts, welch_cohorts
from larstudy.synthetic import single_analyses as single
from larstudy.synthetic.score_cohorts import ScoreCohorts
from larstudy.synthetic.single_analyses import Found, OneCohort

Estimand = Literal["change_score", "ancova", "structural"]
ESTIMANDS: Final[tuple[Estimand, ...]] = ("change_score", "ancova", "structural")
Batched = Callable[[CohortCells, FloatArray, bool], CohortEstimates]

#: Of the baseline, where an analysis corrects for it: a usual value of scales of ten items; an assumption.
RELIABILITY: Final = 0.8
#: Estimate, lower and upper limit, p: the columns of what an analysis says of each cohort.
COLUMNS: Final = ("estimate", "conf_low", "conf_high", "p_value")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Compared:
    """One way to compare the change of groups.

    Attributes
    ----------
    id, label : str
    estimand : {"change_score", "ancova", "structural"}
        What it estimates, among those of `larstudy.synthetic.truths.Truth`.
    batched : callable or None
        Many cohorts at once.
    one_by_one : callable or None
        One cohort; slower by a hundred times and more.
    """

    id: str
    label: str
    estimand: Estimand
    batched: Batched | None = None
    one_by_one: Callable[[OneCohort], Found] | None = None

    def ask(self, cohorts: ScoreCohorts, cells: CohortCells, weights: FloatArray) -> FloatArray:
        """Return what it says of each cohort, shape (c, 4), in the order of `COLUMNS`."""
        if self.batched is not None:
            found = self.batched(cells, weights[None], cohorts.clusters is not None)
            return np.column_stack([getattr(found, name)[:, 0] for name in COLUMNS])
        assert self.one_by_one is not None
        return np.array([self.one_by_one(one) for one in _each(cohorts, weights)])


def _each(cohorts: ScoreCohorts, weights: FloatArray) -> list[OneCohort]:
    clusters = cohorts.clusters
    n = cohorts.before.shape[1]
    return [
        OneCohort(
            before=cohorts.before[i],
            after=cohorts.after[i],
            entry=cohorts.entry[i],
            group=cohorts.groups[i],
            # Without clusters each person is one.
            cluster=np.arange(n) if clusters is None else clusters[i],
            clustered=clusters is not None,
            weights=weights,
            seed=number,
        )
        for i, number in enumerate(cohorts.numbers)
    ]


def _slope(model: ChangeModel) -> Batched:
    def ask(cells: CohortCells, weights: FloatArray, clustered: bool) -> CohortEstimates:
        return slope_cohorts(cells, weights, model=model, reliability=RELIABILITY)

    return ask


def _welch(cells: CohortCells, weights: FloatArray, clustered: bool) -> CohortEstimates:
    return welch_cohorts(cells, weights)


def _robust(kind: CohortErrors, *, adjusted: bool) -> Batched:
    def ask(cells: CohortCells, weights: FloatArray, clustered: bool) -> CohortEstimates:
        if not clustered:
            return slope_cohorts(cells, weights, model="ancova" if adjusted else "change_score")
        return cluster_cohorts(cells, weights, adjusted=adjusted, kind=kind)

    return ask


def _constrained_robust(cells: CohortCells, weights: FloatArray, clustered: bool) -> CohortEstimates:
    """Return the contrasts with one baseline mean for all: with clusters, those of ANCOVA."""
    if clustered:
        return cluster_cohorts(cells, weights, adjusted=True)
    return slope_cohorts(cells, weights, model="constrained_baseline")


def _many(id: str, label: str, estimand: Estimand, batched: Batched) -> Compared:
    return Compared(id=id, label=label, estimand=estimand, batched=batched)


def _single(id: str, label: str, estimand: Estimand, ask: Callable[[OneCohort], Found]) -> Compared:
    return Compared(id=id, label=label, estimand=estimand, one_by_one=ask)


_ANALYSES: Final[Mapping[str, Compared]] = {
    found.id: found
    for found in (
        _many("change_score", "Change score, persons independent", "change_score", _slope("change_score")),
        _many("welch", "Change score, Welch", "change_score", _welch),
        _many("ancova", "ANCOVA, persons independent", "ancova", _slope("ancova")),
        _many(
            "ancova_corrected",
            f"ANCOVA corrected for a reliability of {RELIABILITY:g}",
            "structural",
            _slope("ancova_corrected"),
        ),
        _many(
            "constrained_baseline",
            "One baseline mean for all (likelihood)",
            "ancova",
            _slope("constrained_baseline"),
        ),
        _many(
            "constrained_baseline_cr2",
            "One baseline mean for all, CR2",
            "ancova",
            _constrained_robust,
        ),
        _many("change_score_cr1", "Change score, CR1", "change_score", _robust("CR1", adjusted=False)),
        _many("change_score_cr2", "Change score, CR2", "change_score", _robust("CR2", adjusted=False)),
        _many("change_score_cr3", "Change score, CR3", "change_score", _robust("CR3", adjusted=False)),
        _many("ancova_cr1", "ANCOVA, CR1", "ancova", _robust("CR1", adjusted=True)),
        _many("ancova_cr2", "ANCOVA, CR2", "ancova", _robust("CR2", adjusted=True)),
        _many("ancova_cr3", "ANCOVA, CR3", "ancova", _robust("CR3", adjusted=True)),
        _single("games_howell", "Games-Howell, every pair", "change_score", single.games_howell_pair),
        _single("tukey", "Tukey-Kramer, every pair", "change_score", single.tukey_pair),
        _single("holm", "Change score, Welch, p by Holm", "change_score", single.holm_pair),
        _single(
            "ancova_corrected_jackknife",
            f"ANCOVA corrected for a reliability of {RELIABILITY:g}, jackknife over facilities",
            "structural",
            single.corrected_jackknife(RELIABILITY),
        ),
        _single("permutation", "Change score, shuffled within facilities", "change_score", single.permuted),
        _single(
            "wild_bootstrap", "Change score, wild bootstrap (Webb)", "change_score", single.wild_bootstrap
        ),
        _single(
            "facility_intercept",
            "Change score, random intercept of facilities",
            "change_score",
            single.facility_intercept(adjusted=False),
        ),
        _single(
            "facility_intercept_ancova",
            "ANCOVA, random intercept of facilities",
            "ancova",
            single.facility_intercept(adjusted=True),
        ),
        _single("gee", "Change score, GEE (Mancl-DeRouen)", "change_score", single.gee),
        _single(
            "weighted",
            "Change score, attrition weights, CR2",
            "change_score",
            single.attrition_weighted(adjusted=False),
        ),
        _single(
            "weighted_ancova",
            "ANCOVA, attrition weights, CR2",
            "ancova",
            single.attrition_weighted(adjusted=True),
        ),
        _single("overlap", "Change score, overlap weights, CR2", "ancova", single.overlap_weighted),
        _single("imputed", "Change score, imputed, CR2", "change_score", single.imputed(adjusted=False)),
        _single("imputed_ancova", "ANCOVA, imputed, CR2", "ancova", single.imputed(adjusted=True)),
    )
}


def list_analyses() -> tuple[str, ...]:
    """Return the ids of the comparisons whose worth can be tried.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> list_analyses()[:3]
    ('change_score', 'welch', 'ancova')
    """
    return tuple(_ANALYSES)


def analysis_of(id: str) -> Compared:
    """Return a comparison by its id.

    Raises
    ------
    UnknownNameError

    Examples
    --------
    >>> analysis_of("ancova_cr2").estimand
    'ancova'
    """
    if id not in _ANALYSES:
        raise unknown_name("analysis", id, list_analyses())
    return _ANALYSES[id]


def cells_of(cohorts: ScoreCohorts) -> CohortCells:
    """Return the sums that the batched analyses share."""
    return cohort_cells(cohorts.before, cohorts.after, cohorts.groups, len(CHANGE_GROUPS), cohorts.clusters)
