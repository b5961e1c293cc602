"""Fitting every model of a comparison to those who have both waves and a group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from larstudy import names
from larstudy.changes import Change
from larstudy.clusters import Clusters
from larstudy.covariates import Covariates
from larstudy.errors import counted
from larstudy.groups import Groups
from larstudy.ledger import COVARIATES, Ledger, positions
from larstudy.model_rows import (
    change_row,
    cluster_columns,
    contrast_rows,
    estimate_rows,
    group_model_rows,
    rm_glm_rows,
)
from larstudy.repeated_fitting import Repeated, fit_mixed, fit_mixed_facility, two_wave_question
from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.clustered_contrasts import clustered_mean
from larstudy.stats.clustered_groups import clustered_group_model, clustered_two_wave_glm
from larstudy.stats.groups import GroupModel, TwoWaveGlm, group_model, two_wave_glm
from larstudy.stats.linear import FTest
from larstudy.stats.paired import PairedChange, paired_change


def place_of(change: Change) -> dict[str, Any]:
    """Return the columns that say which outcome, interval and stratum a row is about."""
    return {
        "outcome": change.outcome,
        "from_wave": change.from_wave,
        "to_wave": change.to_wave,
        "stratum": change.stratum,
    }


class ModelFits:
    """Fits every model to those who have a group, and collects the rows of the tables."""

    def __init__(
        self, change: Change, groups: Groups, codes: IntArray, n_entered: int, clusters: Clusters | None
    ) -> None:
        used = codes >= 0
        present = np.bincount(codes[used], minlength=len(groups.order)) > 0
        self.names = tuple(name for name, here in zip(groups.order, present, strict=True) if here)
        self.codes = (np.cumsum(present) - 1)[codes[used]]
        self.before, self.after = change.before[used], change.after[used]
        self.persons = change.persons[used]
        self.level = change.confidence
        self.change, self.groups = change, groups
        self.where = place_of(change)
        self.n_entered = n_entered
        self.reference = groups.reference if groups.reference in self.names else next(iter(self.names), "")
        self.clusters = clusters
        self.cluster_codes = np.zeros(0, dtype=np.intp) if clusters is None else clusters.codes(self.persons)
        self.notes: list[str] = [] if clusters is None else [*clusters.notes(self.cluster_codes)]
        if self.names and self.reference != groups.reference:
            self.notes.append(
                f"Nobody with both waves is in '{groups.reference}'; the reference is '{self.reference}'."
            )
        self.tests: dict[str, FTest] = {}
        self.model_rows: list[dict[str, Any]] = []
        self.contrast_rows: list[dict[str, Any]] = []

    def fit_all(self, ledger: Ledger, covariates: Covariates | None, *, mixed: bool) -> Ledger | None:
        """Fit the models; return the ledger of the one with covariates, if there is one."""
        self._fit_rm_glm()
        self._fit_group_model(names.CHANGE_SCORE, self.after - self.before, None, ())
        self._fit_group_model(names.ANCOVA, self.after, self.before[:, None], ("baseline",))
        if mixed:
            self._fit_mixed()
        return None if covariates is None else self._fit_with_covariates(ledger, covariates)

    def _fit_rm_glm(self) -> None:
        k = len(self.names)
        result = two_wave_glm(self.before, self.after, self.codes, k) if k else None
        self._add_rm_glm(names.RM_GLM, result)
        if self.clusters is not None:
            errors = self.clusters.errors
            arrays = (self.before, self.after, self.codes)
            nested = clustered_two_wave_glm(*arrays, k, self.cluster_codes, kind=errors) if k else None
            self._add_rm_glm(names.clustered(names.RM_GLM, errors), nested)

    def _add_rm_glm(self, model: str, result: TwoWaveGlm | None) -> None:
        rows = rm_glm_rows(result)
        self.tests[model] = rows[-1][1]
        n = len(self.codes)
        place = {**self.where, "model": model, "n": n, "n_excluded": self.n_entered - n}
        self.model_rows.extend({**place, **row} for row, _ in rows)

    def _fit_mixed(self) -> None:
        asked = two_wave_question(self.change, self.names, self.reference) if self.names else None
        arrays = (self.before, self.after, self.codes)
        self._add_repeated(names.MIXED, fit_mixed(self.change, *arrays, asked))
        if self.clusters is not None:
            both = np.column_stack([self.before, self.after])
            found = fit_mixed_facility(
                self.change, self.persons, both, self.codes, asked, self.groups, self.clusters
            )
            self._add_repeated(names.MIXED_FACILITY, found)

    def _add_repeated(self, model: str, found: Repeated) -> None:
        place = {**self.where, "model": model, "n": found.n}
        left_out = self.n_entered - found.n
        self.model_rows.extend({**place, "n_excluded": left_out, **row} for row in found.rows)
        self.contrast_rows.extend({**place, **row} for row in found.contrasts)
        self.notes.extend(found.notes)

    def _fit_group_model(
        self, model: str, response: FloatArray, covariates: FloatArray | None, terms: Sequence[str]
    ) -> None:
        everybody = np.arange(len(response))
        self._fit(model, response, self.codes, self.names, covariates, terms, everybody)

    def _fit(
        self,
        model: str,
        response: FloatArray,
        codes: IntArray,
        groups: tuple[str, ...],
        covariates: FloatArray | None,
        terms: Sequence[str],
        chosen: IntArray,
    ) -> None:
        """Fit a model to those chosen, and again with clustered errors where there are clusters."""
        reference = groups.index(self.reference) if self.reference in groups else 0
        options: dict[str, Any] = {
            "reference": reference,
            "covariates": covariates,
            "names": terms,
            "made_from": (self.before, self.after),
            "level": self.level,
        }
        k, n = len(groups), len(response)
        fitted = group_model(response, codes, k, **options) if k else None
        self.tests[model] = self._add_rows(model, fitted, groups, n, terms)
        if self.clusters is not None:
            errors, nested = self.clusters.errors, self.cluster_codes[chosen]
            named = names.clustered(model, errors)
            fitted = clustered_group_model(response, codes, k, nested, kind=errors, **options) if k else None
            self.tests[named] = self._add_rows(named, fitted, groups, n, terms)

    def _add_rows(
        self, model: str, fitted: GroupModel | None, groups: tuple[str, ...], n: int, terms: Sequence[str]
    ) -> FTest:
        place = {**self.where, "model": model, "n": n}
        rows, test = group_model_rows(fitted, groups, self.reference, terms)
        self.model_rows.extend({**place, "n_excluded": self.n_entered - n, **row} for row in rows)
        if fitted is not None:
            self.contrast_rows.extend({**place, **row} for row in contrast_rows(fitted, groups))
        return test

    def _fit_with_covariates(self, ledger: Ledger, covariates: Covariates) -> Ledger:
        self.notes.extend(covariates.notes)
        everybody = positions(covariates.persons, ledger.persons)
        reasons = [(f"{name} missing", covariates.missing(name)[everybody]) for name in covariates.names]
        ledger = ledger.take_step(COVARIATES, reasons)
        complete = ledger.present[positions(ledger.persons, self.persons)]
        columns, terms = covariates.columns(positions(covariates.persons, self.persons[complete]))
        codes = self.codes[complete]
        present = np.bincount(codes, minlength=len(self.names)) > 0
        groups = tuple(name for name, here in zip(self.names, present, strict=True) if here)
        if groups and self.reference not in groups:
            self.notes.append(
                f"Nobody in '{self.reference}' has all covariates; that model's reference is '{groups[0]}'."
            )
        codes = (np.cumsum(present) - 1)[codes]
        columns = np.column_stack([self.before[complete], columns])
        terms = ("baseline", *terms)
        chosen = np.flatnonzero(complete)
        self._fit(names.ANCOVA_COVARIATES, self.after[chosen], codes, groups, columns, terms, chosen)
        return ledger


def waves_by_group(
    change: Change, codes: IntArray, order: Sequence[str]
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Return the scores at both waves of everybody, and of each group."""
    found = {names.ALL: (change.before, change.after)}
    for code, name in enumerate(order):
        found[name] = (change.before[codes == code], change.after[codes == code])
    return found


def paired_by_group(
    change: Change, codes: IntArray, groups: Groups, sizes: Mapping[str, int]
) -> dict[str, PairedChange]:
    """Return the paired change of everybody, of each group, and of those without one where there are any."""
    found = {names.ALL: change.paired}
    chosen = {name: codes == i for i, name in enumerate(groups.order)}
    if sizes[names.UNCLASSIFIED]:
        chosen[names.UNCLASSIFIED] = codes < 0
    for name, rows in chosen.items():
        found[name] = paired_change(change.before[rows], change.after[rows], level=change.confidence)
    return found


def change_rows(
    change: Change,
    codes: IntArray,
    by_group: Mapping[str, PairedChange],
    order: Sequence[str],
    sizes: Mapping[str, int],
    clusters: Clusters | None,
) -> tuple[dict[str, Any], ...]:
    """Return the rows of ``change.csv``; ``sizes`` says how many of each group came in."""
    rows = []
    for name, paired in by_group.items():
        row = {**place_of(change), **change_row(name, paired, sizes[name])}
        if clusters is not None:
            chosen = codes == (order.index(name) if name in order else -1)
            row |= _clustered_change(change, chosen | (name == names.ALL), clusters)
        rows.append(row)
    return tuple(rows)


def _clustered_change(change: Change, chosen: BoolArray, clusters: Clusters) -> dict[str, Any]:
    """Return the columns of a mean change that allow for clusters."""
    before, after = change.before[chosen], change.after[chosen]
    nested = clusters.codes_where_known(change.persons[chosen])
    unknown = int((nested < 0).sum())
    mean = clustered_mean(
        after - before,
        # Who is in an unknown cluster is in none that could be told from the others.
        np.zeros_like(nested) if unknown else nested,
        kind=clusters.errors,
        made_from=(before, after),
        level=change.confidence,
    )
    row = estimate_rows(mean)[0]
    reason = f"the cluster of {counted(unknown, 'person', 'persons')} is not known" if unknown else ""
    return cluster_columns(clusters.errors, row, reason or row["reason"])
