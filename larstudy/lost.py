"""Who was lost between two waves: how they stood at the start against those who were seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from larstudy.clusters import study_clusters
from larstudy.cohort import Cohort, wave_position
from larstudy.covariates import Covariates
from larstudy.model_rows import cluster_columns
from larstudy.names import CATEGORIES
from larstudy.networks import Networks
from larstudy.placement import sort_labels
from larstudy.scores import Scores
from larstudy.specs.study import ClusterErrors
from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.attrition import Kind, LostModel, lost_model, standardised_differences
from larstudy.stats.clustered_logistic import ClusteredOdds, clustered_logistic

BASELINE = "baseline"
NETWORK = "network"
_MOST_LEVELS = 20


@dataclass(slots=True)
class _Columns:
    """What was known at the start, one column each; a category is one column a level."""

    terms: list[tuple[str, str]] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    in_model: list[bool] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def add_numbers(self, name: str, values: FloatArray) -> None:
        self.terms.append((name, ""))
        self.values.append(values)
        self.kinds.append("numeric")
        self.in_model.append(True)

    def add_levels(self, name: str, labels: Sequence[str | None], levels: Sequence[str]) -> None:
        """Add a category; its first level is what the model holds the others against."""
        absent = np.array([label is None for label in labels], dtype=bool)
        for place, level in enumerate(levels):
            shares = np.array([label == level for label in labels], dtype=float)
            self.terms.append((name, level))
            self.values.append(np.where(absent, np.nan, shares))
            self.kinds.append("binary")
            self.in_model.append(place > 0)


def lost_rows(
    cohort: Cohort,
    scores: Scores,
    waves: tuple[str, str],
    networks: Networks | None,
    covariates: Covariates | None,
) -> list[dict[str, Any]]:
    """Return how those without a score at the second wave stood at the first against those with one.

    Parameters
    ----------
    cohort : Cohort
    scores : Scores
        Of one outcome, in one stratum.
    waves : (str, str)
    networks : Networks or None
    covariates : Covariates or None

    Returns
    -------
    list of dict
        By `larstudy.names.LOST_COLUMNS`, of everybody with a score at the first wave: the outcome, the
        network category, the group column and the covariates; each with its standardised difference and
        its odds ratio in one logistic model of being lost; with clusters the error of its logarithm, and
        interval and p of the ratio, again with errors for them.
    """
    first, second = (wave_position(scores.waves, wave) for wave in waves)
    inside = np.flatnonzero(scores.within & ~np.isnan(scores.values[:, first]))
    lost = np.isnan(scores.values[inside, second])
    columns = _columns(cohort, scores.values[:, first], first, networks, covariates)
    matrix = np.column_stack(columns.values)[inside]
    level = cohort.spec.analysis.confidence
    apart = standardised_differences(matrix, lost, kinds=columns.kinds, level=level)
    clusters = study_clusters(cohort)
    nested = None if clusters is None else clusters.codes(cohort.persons[inside])
    errors = "CR2" if clusters is None else clusters.errors
    model, odds, places = _model(columns, matrix, lost, level, nested, errors)
    where = {
        "outcome": scores.outcome, "from_wave": waves[0], "to_wave": waves[1], "stratum": scores.stratum,
    }  # fmt: skip
    rows = []
    for i, (term, category) in enumerate(columns.terms):
        found = {
            "n_lost": int(apart.n_lost[i]), "n_seen": int(apart.n_seen[i]),
            "lost_mean": apart.lost_mean[i], "lost_sd": apart.lost_sd[i],
            "seen_mean": apart.seen_mean[i], "seen_sd": apart.seen_sd[i],
            "d_rms": apart.d_rms[i], "d_rms_low": apart.d_rms_low[i], "d_rms_high": apart.d_rms_high[i],
            "reason": apart.reason or apart.reasons[i],
        }  # fmt: skip
        rows.append(
            {
                **where,
                "term": term,
                "level": category,
                **found,
                **_odds(model, places.get(i)),
                **_nested_odds(odds, places.get(i), errors),
            }
        )
    for term, reason in columns.left_out.items():
        nobody = {"n_lost": 0, "n_seen": 0, "n_model": 0}
        rows.append({**where, "term": term, **nobody, "reason": reason, "odds_reason": reason})
    return rows


def _columns(
    cohort: Cohort,
    before: FloatArray,
    first: int,
    networks: Networks | None,
    covariates: Covariates | None,
) -> _Columns:
    columns = _Columns()
    columns.add_numbers(BASELINE, before)
    if networks is not None:
        codes = networks.codes[:, first].tolist()
        columns.add_levels(NETWORK, [None if c < 0 else CATEGORIES[c] for c in codes], CATEGORIES)
    elif "group" in cohort.fixed:
        _add_labels(columns, "group", cohort.fixed["group"].tolist())
    if covariates is None:
        return columns
    for name in covariates.names:
        if name in covariates.numbers:
            columns.add_numbers(name, covariates.numbers[name])
        else:
            _add_labels(columns, name, covariates.labels[name].tolist())
    return columns


def _add_labels(columns: _Columns, name: str, labels: Sequence[str | None]) -> None:
    levels = sort_labels([label for label in dict.fromkeys(labels) if label is not None])
    if len(levels) > _MOST_LEVELS:
        columns.left_out[name] = f"{len(levels)} levels, more than {_MOST_LEVELS}: left out"
    else:
        columns.add_levels(name, labels, levels)


def _model(
    columns: _Columns,
    matrix: FloatArray,
    lost: BoolArray,
    level: float,
    clusters: IntArray | None,
    errors: ClusterErrors,
) -> tuple[LostModel, ClusteredOdds | None, dict[int, int]]:
    """Return the model of those with every answer, the same with clusters, each column's place in it."""
    chosen = [i for i, used in enumerate(columns.in_model) if used]
    known = ~np.isnan(matrix[:, chosen]).any(axis=1)
    names = ["[".join(filter(None, columns.terms[i])) + "]" * bool(columns.terms[i][1]) for i in chosen]
    arrays = (matrix[known][:, chosen], lost[known])
    model = lost_model(*arrays, names=names, level=level)
    nested = None
    if clusters is not None:
        nested = clustered_logistic(*arrays, clusters[known], kind=errors, names=names, level=level)
    return model, nested, {column: place for place, column in enumerate(chosen, start=1)}


def _odds(model: LostModel, place: int | None) -> dict[str, Any]:
    """Return the part of a row that comes from the model; nothing for a level the others are held against."""
    found: dict[str, Any] = {"n_model": model.n}
    if place is None:
        return {**found, "odds_reason": "the level that the others are held against"}
    reason = model.reason or ("the same for everybody" if model.left_out[place - 1] else "")
    return {
        **found,
        "odds_ratio": model.odds_ratio[place],
        "odds_ratio_low": model.odds_ratio_low[place],
        "odds_ratio_high": model.odds_ratio_high[place],
        "p_value": model.p_value[place],
        "odds_reason": reason,
    }


def _nested_odds(odds: ClusteredOdds | None, place: int | None, errors: str) -> dict[str, Any]:
    """Return the part of a row that allows for clusters: the interval is that of the odds ratio."""
    if odds is None or place is None:
        return {}
    row = {
        "std_error": odds.std_error[place],
        "conf_low": odds.odds_ratio_low[place],
        "conf_high": odds.odds_ratio_high[place],
        "df": odds.df[place],
        "p_value": odds.p_value[place],
    }
    return cluster_columns(errors, row, odds.reasons[place])
