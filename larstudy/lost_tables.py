"""What if the lost were different? Every table on it, for one comparison of a study."""

from __future__ import annotations

from typing import Any

from larstudy import names
from larstudy.clusters import Clusters
from larstudy.covariates import Covariates
from larstudy.entered import everybody_entered
from larstudy.groups import Groups
from larstudy.handled_fits import Errors
from larstudy.handled_rows import missing_rows, weight_rows
from larstudy.networks import Transitions
from larstudy.overlapping import populations
from larstudy.robustness import bound_rows, e_value_rows, tipping_rows, unit_of
from larstudy.scores import Scores
from larstudy.specs.study import AnalysisSpec, OutcomeSpec

Rows = list[dict[str, Any]]


def lost_tables(
    scores: Scores,
    waves: tuple[str, str],
    groups: Groups | Transitions,
    *,
    spec: AnalysisSpec,
    outcome: OutcomeSpec,
    covariates: Covariates | None = None,
    clusters: Clusters | None = None,
) -> dict[str, Rows]:
    """Return the rows of ``missing``, ``weights`` and ``robustness`` of one comparison.

    Parameters
    ----------
    scores : Scores
        Of one outcome, in one stratum.
    waves : (str, str)
    groups : Groups or Transitions
    spec : AnalysisSpec
        ``missing`` says what is done beside leaving the lost out, ``imputations`` and ``seed`` how.
    outcome : OutcomeSpec
        Its ``mcid`` is the unit of the tipping points, its ``range`` the ends of the scale.
    covariates : Covariates, optional
    clusters : Clusters, optional

    Returns
    -------
    dict of str to list of dict
        No rows where the study has no groups. Tipping points need "imputation", bounds the ends of the scale.
    """
    everybody = everybody_entered(scores, *waves, groups)
    if not everybody.order:
        return {part: [] for part in names.LOST_PARTS}
    chosen = populations(scores, waves, groups, spec=spec, covariates=covariates, clusters=clusters)
    handled, complete = chosen.handled, chosen.handled["complete_cases"]
    place = {"outcome": scores.outcome, "from_wave": waves[0], "to_wave": waves[1], "stratum": scores.stratum}
    errors: Errors = "independent" if clusters is None else clusters.errors
    how: dict[str, Any] = {"errors": errors, "level": spec.confidence}
    robust = e_value_rows(place, complete, **how)
    if "imputation" in handled:
        unit = unit_of(outcome.mcid, everybody.before)
        robust = tipping_rows(place, handled["imputation"], unit, **how) + robust
    if outcome.range is not None:
        robust += bound_rows(place, everybody, outcome.range, complete.reference, level=spec.confidence)
    return {
        "missing": missing_rows(place, chosen.every(), covariates=covariates is not None, **how),
        "weights": weight_rows(place, handled.get("attrition_weights"), chosen.overlap),
        "robustness": robust,
    }
