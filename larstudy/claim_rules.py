"""How a claim is decided on numbers: one function a rule, for one cohort or for many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from larstudy.names import CATEGORIES, CHANGE_GROUPS, ISOLATED
from larstudy.stats.arrays import FloatArray
from larstudy.stats.cohort_cells import CohortCells, cohort_cells
from larstudy.stats.cohort_clusters import cluster_cohorts, cluster_means
from larstudy.stats.cohort_tests import CohortEstimates, paired_cohorts, slope_cohorts
from larstudy.stats.decisions import (
    CONTRADICTED,
    INCONCLUSIVE,
    NO_TEST,
    SUPPORTED,
    Criterion,
    Decisions,
    decide,
)
from larstudy.stats.planned_contrasts import weights_between

Codes = np.ndarray[Any, np.dtype[Any]]
_K: Final = len(CHANGE_GROUPS)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Panel:
    """Scores at two waves, networks and change groups, of one cohort or more; higher is better.

    Attributes
    ----------
    before, after : ndarray, shape (c, n)
        NaN where there is none.
    start, end : ndarray of int, shape (c, n)
        Networks, positions in `larstudy.names.CATEGORIES`; -1 where unknown.
    groups : ndarray of int, shape (c, n)
        Change groups, positions in `larstudy.names.CHANGE_GROUPS`; -1 where unknown.
    clusters : ndarray of int, shape (c, n), or None
    strata : ndarray of int, shape (c, n), or None
        0 and 1: the two kinds of people that a claim of no difference holds against each other; -1: others.
    """

    before: FloatArray
    after: FloatArray
    start: Codes
    end: Codes
    groups: Codes
    clusters: Codes | None = None
    strata: Codes | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Asked:
    """What one analysis says on a claim, turned so that a positive estimate is what the claim says.

    Attributes
    ----------
    analysis : str
    estimate, conf_low, conf_high : ndarray, shape (c,)
    sd : ndarray, shape (c,)
        Of the scores at entry, of those compared.
    n : ndarray, shape (c,)
        Persons compared.
    """

    analysis: str
    estimate: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    sd: FloatArray
    n: FloatArray


def contrast_weights(of: Sequence[str], against: Sequence[str]) -> FloatArray:
    """Return the weights of the change groups: those named, each alike, less the others, each alike.

    Examples
    --------
    >>> contrast_weights(["gained_abstinent"], ["drug_dominated", "isolated"]).tolist()
    [0.0, 1.0, -0.5, -0.5]
    """
    first, second = ([CHANGE_GROUPS.index(name) for name in names] for names in (of, against))
    return weights_between(first, second, _K)


def ask(rule: str, panel: Panel, of: Sequence[str], against: Sequence[str]) -> list[Asked]:
    """Return what each analysis of a rule says.

    Parameters
    ----------
    rule : str
        One of `DECIDED`.
    panel : Panel
    of, against : sequence of str
        Change groups of the claim's contrast.

    Returns
    -------
    list of Asked

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> group = np.repeat([[1, 2]], 50, axis=1)
    >>> before = rng.normal(size=(1, 100))
    >>> panel = Panel(before=before, after=before + (group == 1) + rng.normal(size=(1, 100)),
    ...               start=group * 0 + 1, end=group - 1, groups=group)
    >>> [a.analysis for a in ask("greater_change", panel, ["gained_abstinent"], ["drug_dominated"])]
    ['change_score', 'ancova', 'constrained_baseline']
    """
    return _RULES[rule](panel, of, against)


def decided(rule: str, asked: Asked, smallest: float, criterion: Criterion = "relevance") -> Decisions:
    """Return the decision of one analysis on a claim, shape (c,).

    Parameters
    ----------
    rule : str
    asked : Asked
    smallest : float
        The smallest effect that matters, in standard deviations at entry.
    criterion : {"relevance", "minimum_effect", "significance"}

    Returns
    -------
    ndarray of int8
        Codes of `larstudy.stats.decisions`. A claim that there is nothing (no improvement, no difference) is
        supported where the interval leaves out whatever would matter, and contradicted where what it denies
        is found.
    """
    known = np.asarray(asked.sd) > 0
    limit = np.where(known, smallest * asked.sd, 1.0)
    low = np.where(known, asked.conf_low, np.nan)
    if rule == "no_improvement":
        # The estimate is the improvement: the claim stands where no improvement that matters is left.
        found = decide(asked.estimate, low, asked.conf_high, limit, criterion=criterion)
        turned = np.where(found == SUPPORTED, CONTRADICTED, np.where(found == CONTRADICTED, SUPPORTED, found))
        return np.asarray(turned, dtype=np.int8)
    if rule == "no_difference":
        return _alike(asked.estimate, low, asked.conf_high, limit)
    return decide(asked.estimate, low, asked.conf_high, limit, criterion=criterion)


def _alike(estimate: FloatArray, low: FloatArray, high: FloatArray, limit: FloatArray) -> Decisions:
    within = (low > -limit) & (high < limit)
    apart = ((low > 0) | (high < 0)) & (np.abs(estimate) >= limit)
    found = np.where(within, SUPPORTED, np.where(apart, CONTRADICTED, INCONCLUSIVE))
    return np.asarray(np.where(np.isfinite(low + high), found, NO_TEST), dtype=np.int8)


# -- rules ----------------------------------------------------------------------------------------------


def _contrast(panel: Panel, cells: CohortCells, weights: FloatArray, *, adjusted: bool) -> CohortEstimates:
    if panel.clusters is not None:
        return cluster_cohorts(cells, weights[None], adjusted=adjusted)
    return slope_cohorts(cells, weights[None], model="ancova" if adjusted else "change_score")


def _asked(
    name: str, found: CohortEstimates, cells: CohortCells, place: int = 0, sd: FloatArray | None = None
) -> Asked:
    return Asked(
        analysis=name,
        estimate=found.estimate[:, place],
        conf_low=found.conf_low[:, place],
        conf_high=found.conf_high[:, place],
        sd=cells.baseline_sd() if sd is None else sd,
        n=cells.n.sum(axis=1),
    )


def _change(panel: Panel, of: Sequence[str], against: Sequence[str], sign: float = 1.0) -> list[Asked]:
    cells = cohort_cells(panel.before, panel.after, panel.groups, _K, panel.clusters)
    weights = sign * contrast_weights(of, against)
    given = _contrast(panel, cells, weights, adjusted=True)
    # With clusters its contrasts and their errors are those of the analysis of covariance.
    constrained = given
    if panel.clusters is None:
        constrained = slope_cohorts(cells, weights[None], model="constrained_baseline")
    return [
        _asked("change_score", _contrast(panel, cells, weights, adjusted=False), cells),
        _asked("ancova", given, cells),
        _asked("constrained_baseline", constrained, cells),
    ]


def _less_change(panel: Panel, of: Sequence[str], against: Sequence[str]) -> list[Asked]:
    return _change(panel, of, against, -1.0)


def _level_at(
    panel: Panel, values: FloatArray, codes: Codes, weights: FloatArray, name: str, sd: FloatArray
) -> Asked:
    """Return a contrast of levels: the change from nothing."""
    cells = cohort_cells(np.zeros_like(values), values, codes, len(weights), panel.clusters)
    return _asked(name, _contrast(panel, cells, weights, adjusted=False), cells, sd=sd)


def _higher_level(panel: Panel, of: Sequence[str], against: Sequence[str]) -> list[Asked]:
    weights = contrast_weights(of, against)
    cells = cohort_cells(panel.before, panel.after, panel.groups, _K, panel.clusters)
    sd = cells.baseline_sd()
    after = np.where(np.isfinite(panel.before), panel.after, np.nan)
    return [
        _level_at(panel, after, panel.groups, weights, "level_at_follow_up", sd),
        _asked("ancova", _contrast(panel, cells, weights, adjusted=True), cells),
    ]


def _lower_level(panel: Panel, of: Sequence[str], against: Sequence[str]) -> list[Asked]:
    """Return how much lower the isolated stand at each wave, isolated then: whoever answered at that wave."""
    k = len(CATEGORIES)
    weights = np.full(k, 1.0 / (k - 1))
    weights[CATEGORIES.index(ISOLATED)] = -1.0
    spread = np.nanstd(np.where(panel.start >= 0, panel.before, np.nan), axis=1, ddof=1)
    return [
        _level_at(panel, panel.before, panel.start, weights, "level_at_entry", spread),
        _level_at(panel, panel.after, panel.end, weights, "level_at_follow_up", spread),
    ]


def _no_improvement(panel: Panel, of: Sequence[str], against: Sequence[str]) -> list[Asked]:
    cells = cohort_cells(panel.before, panel.after, panel.groups, _K, panel.clusters)
    found = paired_cohorts(cells)[0] if panel.clusters is None else cluster_means(cells)
    asked = []
    for name in of:
        place = CHANGE_GROUPS.index(name)
        asked.append(replace(_asked(f"change_of_{name}", found, cells, place), n=cells.n[:, place]))
    return asked


def _no_difference(panel: Panel, of: Sequence[str], against: Sequence[str]) -> list[Asked]:
    """Return how much more the change of each group differs from the drug-dominated in one stratum."""
    if panel.strata is None:
        return []
    both = np.where((panel.groups >= 0) & (panel.strata >= 0), panel.groups + _K * panel.strata, -1)
    cells = cohort_cells(panel.before, panel.after, both, 2 * _K, panel.clusters)
    asked = []
    reference = CHANGE_GROUPS.index("drug_dominated")
    for place, name in enumerate(CHANGE_GROUPS):
        if place == reference:
            continue
        weights = np.zeros(2 * _K)
        weights[[place + _K, reference]] = 1.0
        weights[[reference + _K, place]] = -1.0
        for model, adjusted in (("change_score", False), ("ancova", True)):
            found = _contrast(panel, cells, weights, adjusted=adjusted)
            asked.append(_asked(f"{model}_of_{name}", found, cells))
    return asked


_RULES: Final[Mapping[str, Callable[[Panel, Sequence[str], Sequence[str]], list[Asked]]]] = {
    "greatest_change": _change,
    "greater_change": _change,
    "least_change": _less_change,
    "higher_level": _higher_level,
    "lower_level": _lower_level,
    "no_improvement": _no_improvement,
    "no_difference": _no_difference,
}
#: The rules that are decided on the scores of people.
DECIDED: Final = tuple(_RULES)
