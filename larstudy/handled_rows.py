"""Rows of ``missing.csv`` and ``weights.csv``: what ways of dealing with the lost make of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from larstudy import names
from larstudy.handled import HandledData
from larstudy.handled_fits import Errors, HandledFit, HandledModel, fit_handled
from larstudy.model_rows import estimate_rows
from larstudy.overlapping import Overlap
from larstudy.stats.arrays import FloatArray
from larstudy.stats.overlap import seen_balance

#: A model, whether it has the covariates, and what it is called.
_MODELS: tuple[tuple[HandledModel, bool, str], ...] = (
    ("change_score", False, names.CHANGE_SCORE),
    ("ancova", False, names.ANCOVA),
    ("ancova", True, names.ANCOVA_COVARIATES),
)


def missing_rows(
    place: dict[str, Any], handled: Sequence[HandledData], *, covariates: bool, errors: Errors, level: float
) -> list[dict[str, Any]]:
    """Return each group against the reference and each mean change, for every way of dealing with the lost.

    Parameters
    ----------
    place : dict
        The outcome, the waves and the stratum.
    handled : sequence of HandledData
    covariates : bool
        Whether the study has covariates, for one more analysis of covariance.
    errors : {"independent", "CR2", "CR3"}
    level : float
        Confidence level.

    Returns
    -------
    list of dict
        By `larstudy.names.MISSING_COLUMNS`. ``note`` stands beside each joint test: whom that way does not
        speak for, and what it could not use.
    """
    rows: list[dict[str, Any]] = []
    for data in handled:
        # Overlap weights balance what the other models would hold constant.
        balanced = data.handling == names.OVERLAP_WEIGHTS
        for model, with_covariates, called in _MODELS[:1] if balanced else _MODELS:
            if with_covariates and not covariates:
                continue
            fit = fit_handled(data, model=model, with_covariates=with_covariates, errors=errors, level=level)
            shown = called if errors == "independent" else names.clustered(called, errors)
            where = {
                **place, "handling": data.handling, "model": shown, "n": fit.n,
                "n_entered": data.n_entered, "effective_n": fit.effective_n,
            }  # fmt: skip
            overall, *others = _fit_rows(fit, mean_change=model == "change_score")
            rows.append({**where, **overall, "note": " ".join(data.notes)})
            rows.extend({**where, **row} for row in others)
    return rows


def _fit_rows(fit: HandledFit, *, mean_change: bool) -> list[dict[str, Any]]:
    test = fit.test
    rows: list[dict[str, Any]] = [
        {
            "term": "group", "reference": fit.reference, "statistic": test.statistic, "df_num": test.df_num,
            "df": test.df, "p_value": test.p_value, "reason": test.reason,
        }
    ]  # fmt: skip
    for name, row, share in zip(
        fit.groups, estimate_rows(fit.estimates), fit.fraction_missing.tolist(), strict=True
    ):
        called = {"term": f"group[{name}]", "group": name, "reference": fit.reference}
        rows.append({**called, **row, "fraction_missing": share})
    if mean_change:
        for name, row, share in zip(
            fit.every_group, estimate_rows(fit.means), fit.fraction_missing_means.tolist(), strict=True
        ):
            rows.append({"term": f"mean_change[{name}]", "group": name, **row, "fraction_missing": share})
    return rows


def weight_rows(
    place: dict[str, Any], weighted: HandledData | None, overlap: Overlap | None
) -> list[dict[str, Any]]:
    """Return how the weights came out, and what they did to the balance at the first wave.

    Parameters
    ----------
    place : dict
        The outcome, the waves and the stratum.
    weighted : HandledData or None
        With attrition weights; None where the study does not ask for them.
    overlap : Overlap or None

    Returns
    -------
    list of dict
        By `larstudy.names.WEIGHT_COLUMNS`: the weights themselves, then what they balance.
    """
    rows = [] if weighted is None else _attrition_rows(weighted)
    if overlap is not None:
        rows += _overlap_rows(overlap)
    return [{**place, **row} for row in rows]


def _attrition_rows(data: HandledData) -> list[dict[str, Any]]:
    where = {"handling": data.handling, "n": data.n, "n_entered": data.n_entered}
    found = data.attrition
    if found is None:
        return [{**where, "term": names.WEIGHTS, "n_trimmed": 0, "reason": data.reason}]
    weights = found.weights[data.seen]
    known = len(weights) > 0 and not np.isnan(weights).any()
    where["n"] = found.n_seen
    rows = [
        {
            **where, "term": names.WEIGHTS, "effective_n": found.effective_n, "mean": found.mean,
            "smallest": float(weights.min()) if known else np.nan, "largest": found.largest,
            "n_trimmed": found.n_trimmed, "trimmed_low": found.trimmed_low,
            "trimmed_high": found.trimmed_high, "reason": found.reason,
        }
    ]  # fmt: skip
    balance = seen_balance(data.foretold, data.seen, weights=found.weights)
    return rows + [
        {
            **where, "term": term, "n_trimmed": 0, "d_before": balance.before[0, i],
            "d_after": balance.after[0, i], "reason": balance.reasons[i] or balance.reason,
        }
        for i, term in enumerate(data.foretold_terms)
    ]  # fmt: skip


def _overlap_rows(overlap: Overlap) -> list[dict[str, Any]]:
    data, found, balance = overlap.data, overlap.weights, overlap.balance
    where = {"handling": data.handling, "n": data.n, "n_entered": data.n_entered, "n_trimmed": 0}
    if found is None or balance is None:
        return [{**where, "term": names.WEIGHTS, "reason": data.reason}]
    rows = []
    for i, group in enumerate(data.groups):
        own = data.weights[data.codes[0] == i]
        rows.append(
            {
                **where, "term": names.WEIGHTS, "group": group, "n": len(own),
                "effective_n": found.effective_n[i], "mean": own.mean(), "smallest": own.min(),
                "largest": own.max(), "reason": found.reason,
            }
        )  # fmt: skip
    before, after = (_furthest(values) for values in (balance.before, balance.after))
    return rows + [
        {
            **where, "term": term, "d_before": before[i], "d_after": after[i],
            "reason": balance.reasons[i] or balance.reason,
        }
        for i, term in enumerate(overlap.terms)
    ]  # fmt: skip


def _furthest(differences: FloatArray) -> FloatArray:
    """Return the largest size over the pairs of groups."""
    return np.asarray(np.abs(differences).max(axis=0))
