"""Rows of the tables on Lord's paradox and on regression to the mean, from a change and its groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from larstudy.changes import Change
from larstudy.clusters import Clusters
from larstudy.model_fitting import place_of
from larstudy.model_rows import estimate_rows
from larstudy.names import BRACKET, INDEPENDENT, JACKKNIFE
from larstudy.results import distinct
from larstudy.specs.study import ClusterErrors
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.clustered_estimands import clustered_analyses, clustered_regression_to_mean
from larstudy.stats.constrained_baseline import constrained_analysis
from larstudy.stats.estimands import ANCOVA, CHANGE_SCORE, FourAnalyses, bracket, four_analyses
from larstudy.stats.regression_to_mean import RegressionToMean, regression_to_mean
from larstudy.stats.slope_models import (
    ChangeAnalysis,
    ancova_model,
    change_analysis,
    change_score_model,
)
from larstudy.stats.within_groups import against_reference, contrast_of_means, within_groups

CLUSTERS_APART = " Clusters are independent of one another; persons of one cluster may be alike."


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What has to be known from elsewhere, and is not in the data.

    Attributes
    ----------
    reliability : (float, float) or None
        Of the outcome at baseline within the groups, from the lowest to the highest that is credible.
    population_mean : float or None
        The mean that people regress to; that of everybody at baseline where it is not given.
    mcid : float or None
        The smallest change that matters, above 0, whichever way it goes.
    """

    reliability: tuple[float, float] | None = None
    population_mean: float | None = None
    mcid: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoWaves:
    """Everybody with a baseline: the pairs first, then those without a follow-up.

    ``after`` is NaN for those; ``codes`` is -1 for those without a group. ``clusters`` is -1 where the
    cluster is not known, and None where there are none; ``errors`` says how errors allow for them.
    """

    before: FloatArray
    after: FloatArray
    codes: IntArray
    groups: tuple[str, ...]
    clusters: IntArray | None
    errors: ClusterErrors


def two_waves(
    change: Change, codes: IntArray, order: tuple[str, ...], clusters: Clusters | None = None
) -> TwoWaves:
    """Return the two waves of everybody with a baseline, with the groups that somebody is in.

    Parameters
    ----------
    change : Change
    codes : ndarray of int
        Of the persons of the change: position in ``order``, -1 for none.
    order : tuple of str
    clusters : Clusters, optional
    """
    present = np.bincount(codes[codes >= 0], minlength=len(order)) > 0
    alone = np.full(len(change.before_only), -1, dtype=np.intp)
    once = change.persons_once[~np.isnan(change.values_once[:, 0])]
    everybody = change.persons.append(once)
    dense = np.full(len(codes), -1, dtype=np.intp)
    dense[codes >= 0] = (np.cumsum(present) - 1)[codes[codes >= 0]]
    return TwoWaves(
        before=np.concatenate([change.before, change.before_only]),
        after=np.concatenate([change.after, np.full(len(alone), np.nan)]),
        codes=np.concatenate([dense, alone]),
        groups=tuple(name for name, here in zip(order, present, strict=True) if here),
        clusters=None if clusters is None else clusters.codes_where_known(everybody),
        errors="CR2" if clusters is None else clusters.errors,
    )


def estimand_rows(change: Change, waves: TwoWaves, reference: str, assumed: Assumed) -> list[dict[str, Any]]:
    """Return every other group against the reference, by each analysis and with their span.

    Parameters
    ----------
    change : Change
    waves : TwoWaves
    reference : str
    assumed : Assumed
        Without a reliability the corrected analysis is not there.

    Returns
    -------
    list of dict
        By `larstudy.names.ESTIMAND_COLUMNS`; with clusters all of it again with errors for them.
    """
    if len(waves.groups) < 2:
        return []
    base = waves.groups.index(reference)
    others = [name for name in waves.groups if name != reference]
    analyses, difference = _analyses(waves, base, assumed, change.confidence)
    place = {**place_of(change), "n": int((waves.codes >= 0).sum()), "reference": reference}
    rows = _side_by_side(place, analyses, difference, others)
    if waves.clusters is not None:
        nested = clustered_analyses(
            analyses,
            waves.before,
            waves.after,
            waves.codes,
            len(waves.groups),
            waves.clusters,
            contrasts=against_reference(len(waves.groups), base),
            kind=waves.errors,
            level=change.confidence,
        )
        rows.extend(_side_by_side(place, nested, difference, others))
    return rows


def _side_by_side(
    place: dict[str, Any], analyses: Sequence[ChangeAnalysis], difference: FloatArray, others: Sequence[str]
) -> list[dict[str, Any]]:
    """Return the rows of analyses, and of their span."""
    errors = ", ".join(distinct([analysis.errors for analysis in analyses]))
    granted = "" if errors == INDEPENDENT else CLUSTERS_APART
    rows = []
    for analysis in analyses:
        for name, row, reason in zip(
            others, estimate_rows(analysis.estimates), analysis.reasons, strict=True
        ):
            rows.append(
                {
                    **place, "analysis": analysis.name, "errors": analysis.errors, "group": name,
                    "reliability": analysis.reliability, "slope": analysis.slope, **row,
                    "assumption": analysis.assumption + granted, "reason": reason,
                }
            )  # fmt: skip
    span = bracket(analyses, difference)
    for i, name in enumerate(others):
        rows.append(
            {
                **place, "analysis": BRACKET, "errors": errors, "group": name,
                "estimate_low": span.estimate_low[i], "estimate_high": span.estimate_high[i],
                "conf_low": span.conf_low[i], "conf_high": span.conf_high[i],
                "assumption": "That one of the others does.", "reason": span.reasons[i],
            }
        )  # fmt: skip
    return rows


def _analyses(
    waves: TwoWaves, reference: int, assumed: Assumed, level: float
) -> tuple[tuple[ChangeAnalysis, ...], FloatArray]:
    """Return the analyses, and how the groups differ at entry."""
    k = len(waves.groups)
    if assumed.reliability is not None:
        found: FourAnalyses = four_analyses(
            waves.before,
            waves.after,
            waves.codes,
            k,
            reliability=assumed.reliability,
            reference=reference,
            names=waves.groups,
            level=level,
        )
        low, high = assumed.reliability
        # One number is an interval with two equal ends, and is shown once.
        analyses = found.analyses if low < high else (*found.analyses[:2], *found.analyses[3:])
        return analyses, found.baseline_difference
    sums = within_groups(waves.before, waves.after, waves.codes, k)
    chosen = against_reference(k, reference)
    options: dict[str, Any] = {"names": waves.groups, "level": level}
    change = change_score_model(sums)
    return (
        change_analysis("change_score", sums, change, chosen, assumption=CHANGE_SCORE, **options),
        change_analysis("ancova", sums, ancova_model(sums), chosen, assumption=ANCOVA, **options),
        constrained_analysis(sums, chosen, method="reml", **options),
    ), contrast_of_means(chosen, sums.before_means)


def regression_rows(change: Change, waves: TwoWaves, assumed: Assumed) -> list[dict[str, Any]]:
    """Return the gain of each group, what regression to the mean alone would give, and what remains.

    Parameters
    ----------
    change : Change
    waves : TwoWaves
    assumed : Assumed

    Returns
    -------
    list of dict
        By `larstudy.names.REGRESSION_COLUMNS`; the interval and the test are those of the remainder. With
        clusters all of it again with errors for them.
    """
    if not waves.groups:
        return []
    arrays = (waves.before, waves.after, waves.codes, len(waves.groups))
    options: dict[str, Any] = {
        "population_mean": assumed.population_mean, "names": waves.groups, "level": change.confidence,
    }  # fmt: skip
    place = {**place_of(change), "errors": INDEPENDENT}
    rows = _regression_rows(place, waves.groups, regression_to_mean(*arrays, **options))
    if waves.clusters is not None:
        nested = clustered_regression_to_mean(*arrays, waves.clusters, **options)
        rows.extend(_regression_rows({**place, "errors": JACKKNIFE}, waves.groups, nested))
    return rows


def _regression_rows(
    place: dict[str, Any], groups: tuple[str, ...], found: RegressionToMean
) -> list[dict[str, Any]]:
    expected, rows = found.expected, []
    for i, row in enumerate(estimate_rows(found.remainder)):
        rows.append(
            {
                **place,
                **row,
                "group": groups[i],
                "n": int(found.counts[i]),
                "population_mean": found.population_mean,
                "slope": found.slope,
                "before_mean": found.baseline_means[i],
                "change": found.gains[i],
                "expected_change": expected.estimate[i],
                "expected_low": expected.conf_low[i],
                "expected_high": expected.conf_high[i],
                "remainder": row["estimate"],
                "reason": found.reasons[i],
            }
        )
    return rows
