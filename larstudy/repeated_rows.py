"""From models of repeated measures to rows: what is asked of each model, and its variances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from larstudy.model_rows import estimate_rows
from larstudy.results import as_row
from larstudy.stats.arrays import FloatArray
from larstudy.stats.gee import GeeModel
from larstudy.stats.linear import FTest
from larstudy.stats.mmrm import MmrmModel
from larstudy.stats.random_intercepts import RandomInterceptModel
from larstudy.stats.small_sample_df import Uncertainty, joint_test, linear_combinations
from larstudy.stats.two_waves import TwoWaveModel
from larstudy.stats.wave_designs import WaveCombinations

#: The kinds of models that the rows are made from.
RepeatedMeasures = TwoWaveModel | RandomInterceptModel | MmrmModel | GeeModel
_REFERENCE = {"estimate": 0.0, "reason": "the reference group"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of the p coefficients of a model for waves, in words and in numbers.

    Attributes
    ----------
    groups, waves : tuple of str
    reference : str
        The group that the others are held against.
    factor, time : str
        What the two are called in terms: ``group`` or ``network``, ``time`` or ``wave``.
    terms : tuple of (str, str)
        The term of each coefficient, and the group that it is about; empty where it is about none.
    combinations : WaveCombinations
    """

    groups: tuple[str, ...]
    waves: tuple[str, ...]
    reference: str
    factor: str
    time: str
    terms: tuple[tuple[str, str], ...]
    combinations: WaveCombinations

    @property
    def product(self) -> str:
        """The term of the two together."""
        return f"{self.time}:{self.factor}"

    def tests(self) -> dict[str, FloatArray]:
        """Return the joint tests by term."""
        asked = self.combinations
        return {self.time: asked.wave, self.factor: asked.group, self.product: asked.wave_by_group}


def two_wave_terms(groups: Sequence[str], reference: str) -> tuple[tuple[str, str], ...]:
    """Return the terms of the coefficients of two waves, with the group that each is about.

    Examples
    --------
    >>> [term for term, _ in two_wave_terms(["a", "b"], "a")]
    ['intercept', 'group[b]', 'time[a]', 'time:group[b]']
    """
    others = [name for name in groups if name != reference]
    return (
        ("intercept", ""),
        *((f"group[{name}]", name) for name in others),
        (f"time[{reference}]", reference),
        *((f"time:group[{name}]", name) for name in others),
    )


def coefficient_rows(model: RepeatedMeasures, asked: Asked) -> list[dict[str, Any]]:
    """Return one row a coefficient; the reference group has a row of its own, with a zero."""
    rows: list[dict[str, Any]] = []
    for (term, group), row in zip(asked.terms, estimate_rows(model), strict=True):
        against = asked.reference if group and group != asked.reference else ""
        rows.append({"term": term, "group": group, "reference": against, **row})
        if term == "intercept":
            own = {"group": asked.reference, "reference": asked.reference}
            rows.append({"term": f"{asked.factor}[{asked.reference}]", **own, **_REFERENCE})
    return rows


def two_wave_rows(model: TwoWaveModel, tests: Sequence[FTest], asked: Asked) -> list[dict[str, Any]]:
    """Return the rows of the closed form: its exact tests, its coefficients, its variances."""
    found = [
        {"term": term, "reference": asked.reference if term != asked.time else "", **as_row(test)}
        for term, test in zip((asked.time, asked.factor, asked.product), tests, strict=True)
    ]
    return [*found, *coefficient_rows(model, asked), *variance_rows(model, asked.waves)]


def joint_rows(
    uncertainty: Uncertainty, tests: Mapping[str, FloatArray], reference: str
) -> list[dict[str, Any]]:
    """Return one row a joint test of coefficients."""
    rows = []
    for term, matrix in tests.items():
        if len(matrix):
            found = joint_test(uncertainty, matrix)
            fields = {
                name: getattr(found, name) for name in ("statistic", "df_num", "df", "p_value", "reason")
            }
        else:
            what = "wave" if term == "wave" else "group"
            reason = uncertainty.reason or f"one {what} only: nothing to compare"
            fields = {"df_num": 0.0, "reason": reason}
        # The groups are held against the reference; the waves are not.
        rows.append({"term": term, "reference": reference if term not in ("time", "wave") else "", **fields})
    return rows


def mean_rows_of(
    uncertainty: Uncertainty, asked: Asked, *, level: float
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the mean of each group at each wave, as the model has it: group, wave, estimate and interval."""
    k, waves = len(asked.groups), len(asked.waves)
    means = asked.combinations.means.reshape(k * waves, -1)
    found = estimate_rows(linear_combinations(uncertainty, means, level=level))
    cells = [(group, wave) for group in asked.groups for wave in asked.waves]
    return [{"group": g, "wave": w, **_untested(row)} for (g, w), row in zip(cells, found, strict=True)]


def averaged_rows(uncertainty: Uncertainty, asked: Asked, *, level: float) -> list[dict[str, Any]]:
    """Return the mean of each group over the waves, each wave counting alike."""
    found = estimate_rows(
        linear_combinations(uncertainty, asked.combinations.means.mean(axis=1), level=level)
    )
    return [
        {"term": f"adjusted_mean[{group}]", "group": group, **_untested(row)}
        for group, row in zip(asked.groups, found, strict=True)
    ]


def _untested(row: dict[str, Any]) -> dict[str, Any]:
    """Against zero an adjusted mean means nothing."""
    return {**row, "statistic": np.nan, "p_value": np.nan}


def pair_rows_of(uncertainty: Uncertainty, asked: Asked, *, level: float) -> list[dict[str, Any]]:
    """Return one row a pair of groups, the first minus the second."""
    pairs, groups = asked.combinations.pairs, asked.groups
    found = estimate_rows(linear_combinations(uncertainty, asked.combinations.differences, level=level))
    return [
        {"term": f"{groups[a]} - {groups[b]}", "group": groups[a], "reference": groups[b], **row}
        for (a, b), row in zip(pairs, found, strict=True)
    ]


def variance_rows(model: RepeatedMeasures, waves: Sequence[str]) -> list[dict[str, Any]]:
    """Return what a model says of the spread, and how likely it makes the data.

    Standard deviations of persons, facilities and residual and the correlation of two waves of a person
    (``icc``), or of each wave and the correlation of each pair, or the working correlation and the standard
    deviation of a row; ``reml_criterion`` is minus twice the restricted log likelihood.
    """
    reason = model.reason
    values: dict[str, float] = {}
    if isinstance(model, GeeModel):
        values = {"working_correlation": model.correlation, "sd": float(np.sqrt(model.scale))}
    elif isinstance(model, MmrmModel):
        values = _covariance_values(model.wave_covariance, [waves[code] for code in model.waves.tolist()])
    else:
        facility = getattr(model, "facility_variance", np.nan)
        shared = model.person_variance + (0.0 if np.isnan(facility) else facility)
        values["sd_person"] = float(np.sqrt(model.person_variance))
        if isinstance(model, RandomInterceptModel) and model.facilities:
            values["sd_facility"] = float(np.sqrt(facility))
        values["sd_residual"] = float(np.sqrt(model.residual_variance))
        values["icc"] = shared / (shared + model.residual_variance)
    if not isinstance(model, GeeModel):
        values["reml_criterion"] = -2.0 * model.log_likelihood
    return [{"term": term, "estimate": value, "reason": reason} for term, value in values.items()]


def _covariance_values(covariance: FloatArray, waves: Sequence[str]) -> dict[str, float]:
    size = np.sqrt(np.diag(covariance))
    found = {f"sd[{wave}]": float(size[i]) for i, wave in enumerate(waves)}
    for i, j in combinations(range(len(waves)), 2):
        found[f"correlation[{waves[i]}, {waves[j]}]"] = float(covariance[i, j] / (size[i] * size[j]))
    return found
