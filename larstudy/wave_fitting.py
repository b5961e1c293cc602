"""Fitting the models of all waves at once: who is in them, their designs, and their rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from larstudy import names
from larstudy.clusters import Clusters
from larstudy.repeated_rows import (
    Asked,
    RepeatedMeasures,
    averaged_rows,
    coefficient_rows,
    joint_rows,
    mean_rows_of,
    pair_rows_of,
    variance_rows,
)
from larstudy.specs.study import RepeatedModel
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.gee import fit_gee
from larstudy.stats.mmrm import MmrmModel, fit_mmrm
from larstudy.stats.random_intercepts import fit_random_intercepts
from larstudy.stats.wave_designs import (
    changing_group_combinations,
    changing_group_design,
    group_by_wave_combinations,
    group_by_wave_design,
)

NOBODY = "nobody has a score and a group"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class WaveRows:
    """One row for each person and wave that is in the models.

    Attributes
    ----------
    persons : Index
        Those in the models.
    person, wave, group : ndarray of int, shape (n,)
        Codes from 0; ``wave`` among ``waves``, ``group`` among ``groups``, and all of them occur.
    score : ndarray, shape (n,)
    baseline : ndarray, shape (n,), or None
        The score at the first wave, where the group may change from wave to wave.
    waves, groups : tuple of str
    reference : str
        The group that the others are held against; empty where there is nobody.
    """

    persons: pd.Index[Any]
    person: IntArray
    wave: IntArray
    group: IntArray
    score: FloatArray
    baseline: FloatArray | None
    waves: tuple[str, ...]
    groups: tuple[str, ...]
    reference: str

    @property
    def factor(self) -> str:
        """What the groups are called in terms."""
        return "group" if self.baseline is None else "network"

    def empty_cell(self) -> str:
        """Say which group nobody is in at which wave; empty where everybody is everywhere."""
        shape = (len(self.groups), len(self.waves))
        counts = np.bincount(self.group * shape[1] + self.wave, minlength=shape[0] * shape[1]).reshape(shape)
        empty = np.argwhere(counts == 0)
        if not len(empty):
            return ""
        group, wave = empty[0]
        return f"nobody in '{self.groups[group]}' has a score at {self.waves[wave]}"


def wave_rows(
    persons: pd.Index[Any],
    values: FloatArray,
    codes: IntArray,
    waves: Sequence[str],
    groups: Sequence[str],
    reference: str,
    baseline: FloatArray | None,
) -> WaveRows:
    """Put persons by waves under each other, without what is missing, and without what nobody has.

    Parameters
    ----------
    persons : Index
    values : ndarray, shape (persons, waves)
        Scores; NaN where there is none.
    codes : ndarray of int, shape (persons, waves)
        The group of each person at each wave; -1 where it is not known.
    waves, groups : sequence of str
    reference : str
    baseline : ndarray, shape (persons,), or None
        NaN where it is missing.
    """
    there = ~np.isnan(values) & (codes >= 0)
    if baseline is not None:
        there &= ~np.isnan(baseline)[:, None]
    person, wave = np.nonzero(there)
    group = codes[person, wave]
    used, person_codes = np.unique(person, return_inverse=True)
    held_waves, wave_codes = np.unique(wave, return_inverse=True)
    held, group_codes = np.unique(group, return_inverse=True)
    found = tuple(groups[code] for code in held)
    return WaveRows(
        persons=persons[used],
        person=person_codes.astype(np.intp),
        wave=wave_codes.astype(np.intp),
        group=group_codes.astype(np.intp),
        score=values[person, wave],
        baseline=None if baseline is None else baseline[person],
        waves=tuple(waves[code] for code in held_waves),
        groups=found,
        reference=reference if reference in found else next(iter(found), ""),
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Question:
    """A design of the rows and what is asked of it; ``reason`` says why it cannot be answered."""

    design: FloatArray
    asked: Asked
    reason: str = ""


def _questions(rows: WaveRows) -> tuple[_Question, _Question | None]:
    """Return the main question, and the one for the product of waves and groups where it is another."""
    k, t = len(rows.groups), len(rows.waves)
    place = rows.groups.index(rows.reference)
    main: dict[str, Any] = {
        "groups": rows.groups, "waves": rows.waves, "reference": rows.reference, "factor": rows.factor,
        "time": "wave",
    }  # fmt: skip
    others = [name for name in rows.groups if name != rows.reference]
    of_groups = [(f"{rows.factor}[{name}]", name) for name in others]
    of_waves = [(f"wave[{wave}]", "") for wave in rows.waves[1:]]
    products = [(f"wave[{w}]:{rows.factor}[{name}]", name) for w in rows.waves[1:] for name in others]
    empty = rows.empty_cell()
    if rows.baseline is None:
        asked = Asked(
            **main,
            terms=(("intercept", ""), *of_groups, *of_waves, *products),
            combinations=group_by_wave_combinations(k, t, reference=place),
        )
        design = group_by_wave_design(rows.group, rows.wave, k, t, reference=place)
        return _Question(design=design, asked=asked, reason=empty), None
    terms, found = (("intercept", ""), *of_groups, *of_waves, ("baseline", "")), []
    for with_products in (False, True):
        asked = Asked(
            **main,
            terms=(*terms, *products) if with_products else terms,
            combinations=changing_group_combinations(
                k, t, reference=place, baseline=float(rows.baseline.mean()), products=with_products
            ),
        )
        design = changing_group_design(
            rows.group, rows.wave, rows.baseline, k, t, reference=place, products=with_products
        )
        found.append(_Question(design=design, asked=asked, reason=empty if with_products else ""))
    return found[0], found[1]


def _with_waves(model: MmrmModel, waves: Sequence[str]) -> MmrmModel:
    """Return a model whose reason calls the waves by their names."""
    if not model.reason:
        return model
    reason = re.sub(r"\bwave (\d+)", lambda found: f"wave {waves[int(found[1])]}", model.reason)
    return replace(model, reason=reason, uncertainty=replace(model.uncertainty, reason=reason))


Fit = Callable[[FloatArray, Sequence[str]], RepeatedMeasures]


def _fits(
    rows: WaveRows, models: Sequence[RepeatedModel], clusters: Clusters | None, level: float
) -> dict[str, Fit]:
    """Return the models that are asked for: each fits a design whose columns have names."""
    home = None if clusters is None else clusters.codes(rows.persons, "who have a score")[rows.person]
    y, person, wave = rows.score, rows.person, rows.wave
    found: dict[str, Fit] = {}
    if "mixed" in models:
        found[names.MIXED_WAVES] = lambda x, n: fit_random_intercepts(y, x, person, names=n, level=level)
        if home is not None:
            found[names.MIXED_WAVES_FACILITY] = lambda x, n: fit_random_intercepts(
                y, x, person, facility=home, names=n, level=level
            )
    if "mmrm" in models:
        found[names.MMRM_KENWARD_ROGER] = lambda x, n: _with_waves(
            fit_mmrm(y, x, person, wave, method="kenward_roger", names=n, level=level), rows.waves
        )
        found[names.MMRM_SATTERTHWAITE] = lambda x, n: _with_waves(
            fit_mmrm(y, x, person, wave, names=n, level=level), rows.waves
        )
    if "gee" in models:
        cluster = person if home is None else home
        found[names.GEE] = lambda x, n: fit_gee(y, x, cluster, names=n, level=level)
        if rows.baseline is not None:
            found[names.GEE_INDEPENDENCE] = lambda x, n: fit_gee(
                y, x, cluster, working="independence", names=n, level=level
            )
    return found


@dataclass(slots=True)
class WaveFits:
    """The rows that the models gave, without the columns that say where they stand.

    Attributes
    ----------
    models, contrasts : list of dict
    means : list of dict
        The mean of each group at each wave by the first model that could be fitted.
    notes : list of str
    """

    models: list[dict[str, Any]] = field(default_factory=list)
    contrasts: list[dict[str, Any]] = field(default_factory=list)
    means: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def fit_waves(
    rows: WaveRows, models: Sequence[RepeatedModel], clusters: Clusters | None, level: float
) -> WaveFits:
    """Fit every model that is asked for to all waves at once.

    Parameters
    ----------
    rows : WaveRows
    models : sequence of {"mixed", "mmrm", "gee"}
    clusters : Clusters or None
    level : float
    """
    result = WaveFits()
    fits = _fits(rows, models, clusters, level)
    if not rows.groups:
        for model in fits:
            terms = ("wave", rows.factor, f"wave:{rows.factor}")
            result.models.extend({"model": model, "term": term, "reason": NOBODY} for term in terms)
        return result
    main, products = _questions(rows)
    for model, fit in fits.items():
        _add(result, model, fit, main, products, level)
    return result


def _add(
    result: WaveFits, model: str, fit: Fit, main: _Question, products: _Question | None, level: float
) -> None:
    asked = main.asked
    if main.reason:
        result.models.extend({"model": model, "term": term, "reason": main.reason} for term in asked.tests())
        return
    fitted = fit(main.design, [term for term, _ in asked.terms])
    uncertainty, tests = fitted.uncertainty, asked.tests()
    rows = []
    if products is None:
        rows = joint_rows(uncertainty, tests, asked.reference)
    else:
        tests.pop(asked.product)
        rows = [*joint_rows(uncertainty, tests, asked.reference), _product_row(fit, products)]
    rows += coefficient_rows(fitted, asked)
    means = mean_rows_of(uncertainty, asked, level=level)
    if products is None:
        rows += [
            {"term": f"adjusted_mean[{row['group']}, {row['wave']}]", **without_wave(row)} for row in means
        ]
    else:
        rows += averaged_rows(uncertainty, asked, level=level)
    rows += variance_rows(fitted, asked.waves)
    result.models.extend({"model": model, **row} for row in rows)
    result.contrasts.extend({"model": model, **row} for row in pair_rows_of(uncertainty, asked, level=level))
    if not fitted.reason and not result.means:
        result.means = [{"model": model, **row} for row in means]
    result.notes.extend(f"in the model '{model}' {note}" for note in getattr(fitted, "notes", ()))


def without_wave(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without the column of the wave, which its term names.

    Examples
    --------
    >>> without_wave({"wave": "month6", "estimate": 1.0})
    {'estimate': 1.0}
    """
    return {name: value for name, value in row.items() if name != "wave"}


def _product_row(fit: Fit, question: _Question) -> dict[str, Any]:
    """Return the test of the product, from the model that has it."""
    asked = question.asked
    matrix = asked.combinations.wave_by_group
    reason = question.reason or ("" if len(matrix) else "one group or one wave only: nothing to compare")
    if reason:
        return {"term": asked.product, "reference": asked.reference, "reason": reason}
    fitted = fit(question.design, [term for term, _ in asked.terms])
    return joint_rows(fitted.uncertainty, {asked.product: matrix}, asked.reference)[0]
