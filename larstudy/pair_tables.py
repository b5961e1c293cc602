"""Rows of the tables on pairs of groups, planned contrasts and assumptions, from a change and its groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import numpy as np

from larstudy.changes import Change
from larstudy.estimands import TwoWaves
from larstudy.model_fitting import place_of
from larstudy.names import CHANGE_GROUPS, clustered
from larstudy.results import as_row
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.assumptions import equal_slopes, equal_spread, normality
from larstudy.stats.clustered_contrasts import clustered_contrasts
from larstudy.stats.equivalence import Equivalence, equivalence_test
from larstudy.stats.group_design import every_pair_against, group_design
from larstudy.stats.linear import fit_linear
from larstudy.stats.pairwise import games_howell, tukey_hsd, welch_pairs
from larstudy.stats.planned_contrasts import (
    ChangeGroupContrast,
    ContrastTests,
    change_group_weights,
    contrasts_of_means,
    pooled_contrasts,
    welch_contrasts,
)
from larstudy.stats.t_tests import TTests
from larstudy.stats.welch import welch_one_way

TOST, PLANNED_ANCOVA = "tost", "planned_ancova"
#: With errors for clusters all groups have one working spread, so that this is neither pooled nor Welch's.
PLANNED_CHANGE = "planned_change_score"
_NUMBERS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


class Seen:
    """The persons with both waves and a group."""

    def __init__(self, waves: TwoWaves) -> None:
        here = (waves.codes >= 0) & ~np.isnan(waves.after)
        self.before, self.after, self.codes = waves.before[here], waves.after[here], waves.codes[here]
        self.change = self.after - self.before
        self.made_from = (self.before, self.after)
        self.groups, self.k = waves.groups, len(waves.groups)
        self.clusters = None if waves.clusters is None else waves.clusters[here]
        self.errors = waves.errors


def pair_rows(change: Change, waves: TwoWaves, reference: str) -> list[dict[str, Any]]:
    """Return the change of every pair of groups by tests that do without equal spread or hold for all pairs.

    Parameters
    ----------
    change : Change
    waves : TwoWaves
    reference : str

    Returns
    -------
    list of dict
        By `larstudy.names.PAIR_COLUMNS`: Welch's one-way test, then each pair by Welch (``p_adjusted`` by
        Holm), Games-Howell and Tukey, then, of the change groups of a network, the planned contrasts of
        the changes (one spread for all groups, and each its own) and of the adjusted means; with clusters
        those of the changes and of the adjusted means again. The pairs with errors for clusters are among
        the contrasts of the models.
    """
    seen = Seen(waves)
    if seen.k < 2:
        return []
    place = {**place_of(change), "n": len(seen.codes)}
    omnibus = welch_one_way(seen.change, seen.codes, seen.k, *seen.made_from)
    rows = [{**place, "method": "welch", "term": "group", **as_row(omnibus)}]
    pairs = every_pair_against(seen.k, seen.groups.index(reference))
    arrays = (seen.change, seen.codes, seen.k)
    options: dict[str, Any] = {"pairs": pairs, "made_from": seen.made_from, "level": change.confidence}
    for method, tests in (
        ("welch", welch_pairs(*arrays, adjust="holm", **options)),
        ("games_howell", games_howell(*arrays, **options)),
        ("tukey", tukey_hsd(*arrays, **options)),
    ):
        named = [(seen.groups[one], seen.groups[other]) for one, other in pairs]
        for (one, other), row in zip(named, _test_rows(tests, tests.p_adjusted), strict=True):
            term = f"{one} - {other}"
            rows.append({**place, "method": method, "term": term, "group": one, "reference": other, **row})
    of_networks = set(seen.groups) <= set(CHANGE_GROUPS)
    names = get_args(ChangeGroupContrast)
    for method, planned in _planned(seen, change.confidence) if of_networks else ():
        for name, row in zip(names, _test_rows(planned, planned.p_adjusted), strict=True):
            rows.append({**place, "method": method, "term": name, **row})
    return rows


def _test_rows(tests: TTests, p_adjusted: FloatArray) -> list[dict[str, Any]]:
    columns = [getattr(tests, name).tolist() for name in _NUMBERS]
    rows = [dict(zip(_NUMBERS, values, strict=True)) for values in zip(*columns, strict=True)]
    adjusted = zip(rows, p_adjusted.tolist(), tests.reasons, strict=True)
    return [{**row, "p_adjusted": p, "reason": reason} for row, p, reason in adjusted]


def _planned(seen: Seen, level: float) -> Sequence[tuple[str, ContrastTests]]:
    weights = np.array([change_group_weights(seen.groups, name) for name in get_args(ChangeGroupContrast)])
    arrays: tuple[Any, ...] = (seen.change, seen.codes, weights)
    design = group_design(seen.codes, seen.k, reference=0, covariates=seen.before[:, None])
    fit = fit_linear(design.matrix, seen.after, size=float(np.abs(seen.before).max()))
    means = design.means @ fit.coefficients
    covariance = fit.residual_variance * design.means @ fit.unscaled @ design.means.T
    if fit.reason:
        covariance = np.full_like(covariance, np.nan)
    independent = (
        ("planned_pooled", pooled_contrasts(*arrays, adjust="holm", made_from=seen.made_from, level=level)),
        ("planned_welch", welch_contrasts(*arrays, adjust="holm", made_from=seen.made_from, level=level)),
        (
            PLANNED_ANCOVA,
            contrasts_of_means(means, covariance, weights, df=float(fit.df), adjust="holm", level=level),
        ),
    )
    if seen.clusters is None:
        return independent
    return (*independent, *_clustered(seen, weights, seen.clusters, level))


def _clustered(
    seen: Seen, weights: FloatArray, clusters: IntArray, level: float
) -> Sequence[tuple[str, ContrastTests]]:
    """Return the planned contrasts of the changes, and of the adjusted means, with errors for clusters."""
    options: dict[str, Any] = {
        "kind": seen.errors, "adjust": "holm", "made_from": seen.made_from, "level": level,
    }  # fmt: skip
    rest = (seen.codes, weights, clusters)
    return (
        (clustered(PLANNED_CHANGE, seen.errors), clustered_contrasts(seen.change, *rest, **options)),
        (
            clustered(PLANNED_ANCOVA, seen.errors),
            clustered_contrasts(seen.after, *rest, covariates=seen.before[:, None], **options),
        ),
    )


def equivalence_rows(
    change: Change, waves: TwoWaves, reference: str, mcid: float | None
) -> list[dict[str, Any]]:
    """Return whether groups differ in change by less than the smallest change that matters.

    Parameters
    ----------
    change : Change
    waves : TwoWaves
    reference : str
    mcid : float or None
        The margin, up and down; without it nothing is tested.

    Returns
    -------
    list of dict
        By `larstudy.names.PAIR_COLUMNS`: each other group against the reference, then, of the change groups
        of a network, the planned contrasts; each group with its own spread, the level of each one-sided
        test one minus the confidence of the study; with clusters all of it again with errors for them.
        ``smallest_margin`` is the margin at which the p-value would be that level.
    """
    seen = Seen(waves)
    if mcid is None or seen.k < 2:
        return []
    base = seen.groups.index(reference)
    others = [place for place in range(seen.k) if place != base]
    weights = [np.eye(seen.k)[place] - np.eye(seen.k)[base] for place in others]
    named = [
        {
            "term": f"{seen.groups[place]} - {reference}",
            "group": seen.groups[place],
            "reference": reference,
        }
        for place in others
    ]
    for contrast in get_args(ChangeGroupContrast) if set(seen.groups) <= set(CHANGE_GROUPS) else ():
        weights.append(change_group_weights(seen.groups, contrast))
        named.append({"term": contrast})
    arrays = (seen.change, seen.codes, np.array(weights))
    place = {**place_of(change), "n": len(seen.codes), "margin": mcid}
    welch = welch_contrasts(*arrays, made_from=seen.made_from)
    rows = _equivalence_rows({**place, "method": TOST}, named, welch, mcid, change.confidence)
    if seen.clusters is not None:
        nested = clustered_contrasts(*arrays, seen.clusters, kind=seen.errors, made_from=seen.made_from)
        method = {"method": clustered(TOST, seen.errors)}
        rows.extend(_equivalence_rows({**place, **method}, named, nested, mcid, change.confidence))
    return rows


def _equivalence_rows(
    place: dict[str, Any],
    named: Sequence[dict[str, str]],
    tests: ContrastTests,
    mcid: float,
    confidence: float,
) -> list[dict[str, Any]]:
    rows = []
    for i, name in enumerate(named):
        found = equivalence_test(
            float(tests.estimate[i]),
            float(tests.std_error[i]),
            lower=-mcid,
            upper=mcid,
            df=float(tests.df[i]),
            alpha=1.0 - confidence,
            reason=tests.reasons[i],
        )
        rows.append({**place, **name, **_equivalence_row(found)})
    return rows


def _equivalence_row(found: Equivalence) -> dict[str, Any]:
    verdicts = {True: "equivalent", False: "not shown to be equivalent", None: ""}
    lower_decides = found.p_lower >= found.p_upper
    return {
        "estimate": found.estimate,
        "std_error": found.std_error,
        "statistic": found.statistic_lower if lower_decides else found.statistic_upper,
        "df": found.df,
        "p_value": found.p_value,
        "conf_low": found.conf_low,
        "conf_high": found.conf_high,
        "smallest_margin": float(np.maximum(abs(found.conf_low), abs(found.conf_high))),
        "verdict": verdicts[found.equivalent],
        "reason": found.reason,
    }


def assumption_rows(change: Change, waves: TwoWaves) -> list[dict[str, Any]]:
    """Return checks of what the models assume; they inform, and choose nothing.

    Parameters
    ----------
    change : Change
    waves : TwoWaves

    Returns
    -------
    list of dict
        By `larstudy.names.ASSUMPTION_COLUMNS`: equal spread of the changes (Brown-Forsythe), equal slopes
        on the baseline, and the shape of the residuals of the ANCOVA.
    """
    seen = Seen(waves)
    if not seen.k:
        return []
    place = {**place_of(change), "n": len(seen.codes)}
    rows = []
    for check, found in (
        ("equal_spread", equal_spread(seen.change, seen.codes, seen.k)),
        ("equal_slopes", equal_slopes(seen.after, seen.codes, seen.k, seen.before)),
    ):
        rows.append({**place, "check": check, "informs_about": found.informs_about, **as_row(found.test)})
    design = group_design(seen.codes, seen.k, reference=0, covariates=seen.before[:, None])
    names = ("intercept", *["group"] * (seen.k - 1), *["baseline"] * len(design.kept))
    size = float(np.abs(seen.before).max(initial=0.0))
    fit = fit_linear(design.matrix, seen.after, size=size, names=names)
    residuals = seen.after - design.matrix @ fit.coefficients
    # What a perfect fit leaves is rounding error, whose shape says nothing.
    shape = normality(np.full_like(residuals, np.nan) if fit.reason else residuals)
    for check, statistic, p_value in (
        ("residuals_shapiro", shape.shapiro_w, shape.shapiro_p),
        ("residuals_skewness", shape.skewness_z, np.nan),
        ("residuals_kurtosis", shape.kurtosis_z, np.nan),
    ):
        rows.append(
            {
                **place,
                "check": check,
                "statistic": statistic,
                "p_value": p_value,
                "informs_about": shape.informs_about,
                "reason": fit.reason or shape.reason,
            }
        )
    return rows
