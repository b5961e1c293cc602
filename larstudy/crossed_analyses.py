"""Every defensible analysis of one change: definitions, the lost, models, covariates and errors, crossed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from larstudy import names
from larstudy.changes import Change, change
from larstudy.clusters import Clusters, study_clusters
from larstudy.cohort import Cohort
from larstudy.covariates import Covariates, study_covariates
from larstudy.estimands import Assumed, estimand_rows, two_waves
from larstudy.groups import Groups, fixed_groups
from larstudy.handled import HandledData
from larstudy.handled_fits import Errors, HandledModel, fit_handled
from larstudy.ledger import positions
from larstudy.model_rows import estimate_rows
from larstudy.names import in_sentence
from larstudy.networks import Networks, Transitions, classify_networks
from larstudy.overlapping import populations
from larstudy.scores import Scores
from larstudy.scores import outcome as outcome_of
from larstudy.specifications import COMPLETE_CASES, NO_COVARIATES, Specification

#: What was chosen, the row of each group against the reference (what holds for each under "all"), and the
#: reference.
Analysed = tuple[Specification, dict[str, dict[str, Any]], str]

_MODELS: tuple[HandledModel, ...] = ("change_score", "ancova")
_CORRECTED = "ancova_corrected"


class CrossedAnalyses:
    """The choices that a study has, and everything that is fitted for them."""

    def __init__(self, cohort: Cohort) -> None:
        self.cohort = cohort
        self.covariates: Covariates | None = study_covariates(cohort)
        self.clusters: Clusters | None = study_clusters(cohort)
        spec = cohort.spec
        self.networks: list[Networks] = [classify_networks(cohort, n.name) for n in spec.networks]
        self.errors: tuple[Errors, ...] = ("independent", "CR2", "CR3") if self.clusters else ("independent",)

    def definitions(self, pair: tuple[str, str]) -> Iterator[tuple[str, Groups | Transitions]]:
        """Return each definition of the groups."""
        for network, spec in zip(self.networks, self.cohort.spec.networks, strict=True):
            yield spec.name, network.transitions(*pair)
        group = self.cohort.spec.group
        if group is not None:
            yield group.column, fixed_groups(self.cohort)

    def order(self, pair: tuple[str, str]) -> tuple[tuple[str, ...], str]:
        """Return the groups and their reference by the first definition; nothing where there are none."""
        for _, found in self.definitions(pair):
            groups = as_groups(found)
            return groups.order, groups.reference
        return (), ""

    def every(self, key: str, pair: tuple[str, str]) -> tuple[Change, list[Analysed]]:
        """Return the change of an outcome, and each analysis of it with a row a group."""
        scores = outcome_of(self.cohort, key)
        changed = change(scores, *pair)
        found: list[Analysed] = []
        for name, groups in self.definitions(pair):
            found.extend(self._handled(name, scores, groups, changed))
            found.extend(self._two_waves(name, as_groups(groups), changed, key))
        return changed, found

    def _handled(
        self, name: str, scores: Scores, groups: Groups | Transitions, changed: Change
    ) -> Iterator[Analysed]:
        listed = ", ".join(self.covariates.names) if self.covariates else NO_COVARIATES
        reference = as_groups(groups).reference
        chosen = populations(
            scores,
            (changed.from_wave, changed.to_wave),
            groups,
            spec=self.cohort.spec.analysis,
            covariates=self.covariates,
            clusters=self.clusters,
        )
        for data in chosen.every():
            for with_covariates in (False, True) if self.covariates else (False,):
                for model in _MODELS:
                    for errors in self.errors:
                        made = Specification(
                            definition=name,
                            handling=data.handling,
                            model=model,
                            covariates=listed if with_covariates else NO_COVARIATES,
                            errors=errors,
                        )
                        options = {"model": model, "with_covariates": with_covariates, "errors": errors}
                        yield made, _by_group(data, reference, changed.confidence, options), reference

    def _two_waves(self, name: str, groups: Groups, changed: Change, key: str) -> Iterator[Analysed]:
        """Return the analyses of complete cases that only the table on Lord's paradox has."""
        where = positions(groups.persons, changed.persons)
        codes = np.where(where < 0, -1, groups.codes[where])
        waves = two_waves(changed, codes, groups.order, self.clusters)
        if groups.reference not in waves.groups:
            return
        outcome = self.cohort.spec.outcomes[key]
        assumed = Assumed(reliability=outcome.reliability, population_mean=outcome.population_mean)
        by_analysis: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        for row in estimand_rows(changed, waves, groups.reference, assumed):
            plain = names.without_errors(row["analysis"])
            if plain in (*_MODELS, names.BRACKET):
                continue
            shown = f"{row['analysis']} ({row['reliability']:g})" if plain == _CORRECTED else row["analysis"]
            by_analysis.setdefault((shown, row["errors"]), {})[row["group"]] = row
        for (analysis, errors), rows in by_analysis.items():
            made = Specification(
                definition=name,
                handling=COMPLETE_CASES,
                model=analysis,
                covariates=NO_COVARIATES,
                errors=errors,
            )
            yield made, rows, groups.reference


def as_groups(groups: Groups | Transitions) -> Groups:
    """Return the groups of persons, those of changed networks where transitions are given."""
    return groups.groups() if isinstance(groups, Transitions) else groups


def _by_group(
    data: HandledData, reference: str, level: float, options: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return the row of each group against the reference; only reasons where the reference is empty."""
    fitted = fit_handled(data, level=level, **options)
    if data.reason or fitted.reference != reference:
        reason = data.reason or f"nobody is in the reference group, {in_sentence(reference)}"
        return {names.ALL: {"n": data.n, "reason": reason}}
    rows = estimate_rows(fitted.estimates)
    sizes = dict(zip(fitted.every_group, fitted.n_by_group.tolist(), strict=True))
    return {
        name: {**row, "n": fitted.n, "n_group": sizes[name], "reason": row["reason"] and reason}
        for name, row, reason in zip(fitted.groups, rows, fitted.reasons, strict=True)
    }
