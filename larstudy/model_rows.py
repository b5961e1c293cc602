"""From fitted models to the rows of the tables: one dict a row, with the names of `larstudy.names`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from larstudy.results import as_row
from larstudy.stats.groups import GroupModel, TwoWaveGlm
from larstudy.stats.linear import Estimates, FTest, no_f_test
from larstudy.stats.means import interval_of_mean
from larstudy.stats.paired import PairedChange

NOBODY = "nobody has both waves and a group"
LEFT_OUT = "the same for everybody: left out of the model"


def change_row(group: str, paired: PairedChange, size: int) -> dict[str, Any]:
    """Return the row of one group in ``change.csv``; ``size`` is how many of it came in."""
    row = as_row(paired)
    return {"group": group, "n_excluded": size - paired.n, **as_row(row.pop("effect")), **row}


def rm_glm_rows(result: TwoWaveGlm | None) -> list[tuple[dict[str, Any], FTest]]:
    """Return the rows of the repeated-measures model with their tests; time by group comes last."""
    nothing = no_f_test(NOBODY)
    tests = {
        "time": result.time if result else nothing,
        "time_weighted": result.time_weighted if result else nothing,
        "group": result.group if result else nothing,
        "time:group": result.time_by_group if result else nothing,
    }
    return [({"term": term, **as_row(test)}, test) for term, test in tests.items()]


def group_model_rows(
    model: GroupModel | None, groups: Sequence[str], reference: str, covariates: Sequence[str]
) -> tuple[list[dict[str, Any]], FTest]:
    """Return the rows of a model that compares groups, and its omnibus test.

    The omnibus test (``group``), the intercept, each group against the reference (whose own row holds a
    zero, so that every group has one), each covariate, and the adjusted mean of each group.
    """
    if model is None:
        test = no_f_test(NOBODY)
        return [{"term": "group", **as_row(test)}], test
    reference = reference if reference in groups else groups[0]
    others = [name for name in groups if name != reference]
    coefficients = estimate_rows(model.coefficients)
    rows: list[dict[str, Any]] = [{"term": "group", "reference": reference, **as_row(model.group)}]
    rows.append({"term": "intercept", **coefficients[0]})
    for name in groups:
        row = (
            {"estimate": 0.0, "reason": "the reference group"}
            if name == reference
            else coefficients[1 + others.index(name)]
        )
        rows.append({"term": f"group[{name}]", "group": name, "reference": reference, **row})
    for term, row, out in zip(covariates, coefficients[1 + len(others) :], model.left_out, strict=True):
        rows.append({"term": term, **row} | ({"reason": LEFT_OUT, "df": np.nan} if out else {}))
    for name, row in zip(groups, estimate_rows(model.adjusted_means), strict=True):
        # Against zero an adjusted mean means nothing.
        untested = {"statistic": np.nan, "p_value": np.nan}
        rows.append({"term": f"adjusted_mean[{name}]", "group": name, **row, **untested})
    return rows, model.group


def contrast_rows(model: GroupModel, groups: Sequence[str]) -> list[dict[str, Any]]:
    """Return one row a pair of groups: the first minus the second."""
    return [
        {
            "term": f"{groups[first]} - {groups[second]}",
            "group": groups[first],
            "reference": groups[second],
            **row,
        }
        for (first, second), row in zip(model.pairs, estimate_rows(model.contrasts), strict=True)
    ]


def estimate_rows(estimates: Estimates) -> list[dict[str, Any]]:
    """Return one row an estimate."""
    arrays = (
        estimates.estimate,
        estimates.std_error,
        estimates.conf_low,
        estimates.conf_high,
        estimates.statistic,
        estimates.p_value,
        estimates.df,
    )
    names = ("estimate", "std_error", "conf_low", "conf_high", "statistic", "p_value", "df")
    values = zip(*(array.tolist() for array in arrays), strict=True)
    rows = [dict(zip(names, row, strict=True)) for row in values]
    # With clustered errors one may be missing where its neighbour is not.
    return [{**row, "reason": estimates.reason if np.isnan(row["std_error"]) else ""} for row in rows]


def cluster_columns(errors: str, row: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """Return an estimate with errors for clusters as `larstudy.names.CLUSTER_COLUMNS`, from its row."""
    values = {
        f"cluster_{short}": row[name]
        for short, name in (
            ("std_error", "std_error"),
            ("low", "conf_low"),
            ("high", "conf_high"),
            ("df", "df"),
            ("p_value", "p_value"),
        )
    }
    return {"cluster_errors": errors, **values, "cluster_reason": reason}


def mean_rows(
    by_group: Mapping[str, PairedChange], groups: Sequence[str], waves: tuple[str, str], level: float
) -> list[dict[str, Any]]:
    """Return one row a group and wave with the mean and its interval; groups without anybody left out."""
    rows = []
    for name in groups:
        paired = by_group[name]
        if paired.n == 0:
            continue
        for wave, mean, sd in (
            (waves[0], paired.before_mean, paired.before_sd),
            (waves[1], paired.after_mean, paired.after_sd),
        ):
            interval = interval_of_mean(paired.n, mean, sd, level)
            rows.append({"group": name, "wave": wave, **as_row(interval)})
    return rows
