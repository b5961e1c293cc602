"""Rows of the table on pairs of groups that are drawn: permutations, and the wild cluster bootstrap."""

from __future__ import annotations

from typing import Any

import numpy as np

from larstudy.changes import Change
from larstudy.estimands import Assumed, TwoWaves
from larstudy.model_fitting import place_of
from larstudy.names import ANCOVA, CHANGE_SCORE
from larstudy.pair_tables import Seen, equivalence_rows, pair_rows
from larstudy.resampling import Resampling, seed_of
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.clusters import cluster_robust
from larstudy.stats.group_design import group_design
from larstudy.stats.group_permutation import permutation_contrast, permutation_f
from larstudy.stats.multiplicity import adjust_p_values
from larstudy.stats.permutation import PermutationTest
from larstudy.stats.wild_bootstrap import wild_cluster_bootstrap

PERMUTATION = "permutation"
#: What the wild bootstrap tests, and what the rows are called.
WILD = {CHANGE_SCORE: "wild_change_score", ANCOVA: "wild_ancova"}


def all_pair_rows(
    change: Change,
    waves: TwoWaves,
    reference: str,
    codes: IntArray,
    assumed: Assumed,
    resampling: Resampling,
) -> list[dict[str, Any]]:
    """Return the rows of ``pairs.csv``: tests by formula, equivalence, permutations, the wild bootstrap."""
    named, drawn = (change, waves, reference), (codes, resampling)
    return [
        *pair_rows(*named),
        *equivalence_rows(*named, assumed.mcid),
        *permutation_rows(*named, *drawn),
        *wild_rows(*named, *drawn),
    ]


def permutation_rows(
    change: Change, waves: TwoWaves, reference: str, codes: IntArray, resampling: Resampling
) -> list[dict[str, Any]]:
    """Return permutation tests of the change: of all groups, and of each other group against the reference.

    A pair is tested among its own persons: the labels of these two groups are exchanged, and no other group
    has a part in it.

    Parameters
    ----------
    change : Change
    waves : TwoWaves
    reference : str
    codes : ndarray of int
        Of the persons of the change, -1 for those without a group.
    resampling : Resampling

    Returns
    -------
    list of dict
        By `larstudy.names.PAIR_COLUMNS`. ``estimate`` is the difference within the strata.
    """
    seen, draws = Seen(waves), resampling.draws
    if seen.k < 2 or not draws.permutations:
        return []
    strata = resampling.strata[codes >= 0]
    base = seen.groups.index(reference)

    def options(here: Any, *words: str) -> dict[str, Any]:
        seed = seed_of(draws.seed, change, PERMUTATION, *words)
        return {"strata": strata[here], "draws": draws.permutations, "seed": seed, "level": change.confidence}

    place = {**place_of(change), "method": PERMUTATION, "n": len(seen.codes)}
    found = permutation_f(seen.change, seen.codes, seen.k, **options(slice(None)))
    omnibus = {"term": "group", "statistic": found.statistic, "df_num": seen.k - 1}
    rows = []
    for i, name in enumerate(seen.groups):
        if i != base:
            here = np.isin(seen.codes, (i, base))
            ours = (seen.codes[here] == i).astype(np.intp)
            weights = np.array([-1.0, 1.0])
            test = permutation_contrast(seen.change[here], ours, weights, **options(here, name, reference))
            pair = {"term": f"{name} - {reference}", "group": name, "reference": reference}
            rows.append({**place, **pair, "estimate": test.statistic, **_permutation_row(test)})
    return [{**place, **omnibus, **_permutation_row(found)}, *_with_holm(rows)]


def _permutation_row(test: PermutationTest) -> dict[str, Any]:
    return {
        "p_value": test.p_value,
        "p_low": test.p_low,
        "p_high": test.p_high,
        "draws": test.draws,
        "n_informative": test.n_informative,
        "reason": test.reason,
    }


def wild_rows(
    change: Change, waves: TwoWaves, reference: str, codes: IntArray, resampling: Resampling
) -> list[dict[str, Any]]:
    """Return each other group against the reference by the wild cluster bootstrap-t, with Webb's weights.

    Parameters
    ----------
    change, waves, reference, codes, resampling
        As in `permutation_rows`.

    Returns
    -------
    list of dict
        By `larstudy.names.PAIR_COLUMNS`, of the change score and of the analysis of covariance; none where
        there are no clusters, or nothing is to be drawn.
    """
    seen, draws = Seen(waves), resampling.draws
    if seen.k < 2 or not draws.bootstrap or resampling.clusters is None:
        return []
    clusters = resampling.clusters[codes >= 0]
    nothing = np.empty((len(seen.codes), 0))
    rows: list[dict[str, Any]] = []
    for model, response, covariates in (
        (CHANGE_SCORE, seen.change, nothing),
        (ANCOVA, seen.after, seen.before[:, None]),
    ):
        seed = seed_of(draws.seed, change, WILD[model])
        found = _wild(seen, response, covariates, reference, clusters, (draws.bootstrap, seed, change))
        place = {**place_of(change), "method": WILD[model], "n": len(seen.codes)}
        rows.extend({**place, **row} for row in _with_holm(found))
    return rows


def _wild(
    seen: Seen,
    response: FloatArray,
    covariates: FloatArray,
    reference: str,
    clusters: IntArray,
    asked: tuple[int, int, Change],
) -> list[dict[str, Any]]:
    draws, seed, change = asked
    base = seen.groups.index(reference)
    design = group_design(seen.codes, seen.k, reference=base, covariates=covariates)
    size = max(float(np.abs(values).max()) for values in seen.made_from)
    fit = cluster_robust(design.matrix, response, clusters, kind="CR2", size=size)
    rows = []
    # The pairs with the reference come first.
    for (one, _), combination in zip(design.pairs[: seen.k - 1], design.differences, strict=False):
        test = wild_cluster_bootstrap(fit, combination, seed=seed, draws=draws, level=change.confidence)
        name = seen.groups[one]
        rows.append(
            {
                "term": f"{name} - {reference}",
                "group": name,
                "reference": reference,
                "estimate": test.estimate,
                "statistic": test.statistic,
                "p_value": test.p_value,
                "conf_low": test.conf_low,
                "conf_high": test.conf_high,
                "draws": test.draws,
                "reason": test.reason,
            }
        )
    return rows


def _with_holm(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    adjusted = adjust_p_values(np.array([row["p_value"] for row in rows], dtype=float), "holm")
    return [{**row, "p_adjusted": p} for row, p in zip(rows, adjusted.tolist(), strict=True)]
