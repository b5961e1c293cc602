"""The whole analysis of a study: every outcome, interval and treatment status, everybody accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from larstudy import names
from larstudy.changes import change
from larstudy.clusters import study_clusters
from larstudy.cohort import Cohort
from larstudy.covariates import study_covariates
from larstudy.descriptions import description_rows
from larstudy.errors import require_type, unknown_name
from larstudy.estimands import Assumed
from larstudy.groups import Groups, fixed_groups, no_groups
from larstudy.lost import lost_rows
from larstudy.lost_tables import lost_tables
from larstudy.model_fitting import place_of
from larstudy.models import Comparison, compare_groups
from larstudy.names import label
from larstudy.networks import Networks, Transitions, classify_networks
from larstudy.resampling import study_draws, study_within
from larstudy.results import Result, distinct, frame_of, stamped, stamped_frame
from larstudy.scores import Scores, outcome
from larstudy.sensitivities import Sensitivity, every_sensitivity
from larstudy.stats.arrays import BoolArray
from larstudy.study_rows import definition_rows, homogeneity_rows
from larstudy.tables import Column, Table, digits_for, show_number, table_from_frame
from larstudy.wave_models import WaveModels, compare_waves

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AnalysisPart = Literal[
    "table1", "change", "models", "contrasts", "pairs", "effects", "responders", "estimands", "regression",
    "assumptions", "transitions", "flow", "lost", "missing", "weights", "robustness", "definitions",
    "sensitivity", "sensitivity_estimands", "sensitivity_choices",
]  # fmt: skip

_COLUMNS: dict[str, tuple[str, ...]] = {
    "table1": names.TABLE_ONE_COLUMNS,
    "change": names.CHANGE_COLUMNS,
    "models": names.MODEL_COLUMNS,
    "contrasts": names.CONTRAST_COLUMNS,
    "estimands": names.ESTIMAND_COLUMNS,
    "regression": names.REGRESSION_COLUMNS,
    "pairs": names.PAIR_COLUMNS,
    "assumptions": names.ASSUMPTION_COLUMNS,
    "effects": names.EFFECT_COLUMNS,
    "responders": names.RESPONDER_COLUMNS,
    "transitions": names.TRANSITION_COLUMNS,
    "flow": names.FLOW_COLUMNS,
    "lost": names.LOST_COLUMNS,
    "missing": names.MISSING_COLUMNS,
    "weights": names.WEIGHT_COLUMNS,
    "robustness": names.ROBUSTNESS_COLUMNS,
    "definitions": names.DEFINITION_COLUMNS,
    "sensitivity": names.SENSITIVITY_COLUMNS,
    "sensitivity_estimands": names.SENSITIVITY_ESTIMAND_COLUMNS,
    "sensitivity_choices": names.SENSITIVITY_CHOICE_COLUMNS,
}
#: Everything that `Analysis.to_frame` may be asked for, in the order in which it is written.
PARTS: tuple[AnalysisPart, ...] = get_args(AnalysisPart)

#: The rows of one comparison in each part that is made of comparisons.
_ROWS: dict[str, Callable[[Comparison], Sequence[dict[str, Any]]]] = {
    "change": lambda c: c.change_rows,
    "models": lambda c: c.model_rows,
    "contrasts": lambda c: c.contrast_rows,
    "pairs": Comparison.pair_rows,
    "estimands": Comparison.estimand_rows,
    "regression": Comparison.regression_rows,
    "assumptions": Comparison.assumption_rows,
    "effects": Comparison.effect_rows,
    "responders": Comparison.responder_rows,
    "flow": Comparison.flow_rows,
}
_SENSITIVITY: dict[str, Callable[[Sensitivity], Sequence[dict[str, Any]]]] = {
    "sensitivity": lambda s: s.rows,
    "sensitivity_estimands": Sensitivity.estimand_rows,
    "sensitivity_choices": Sensitivity.choice_rows,
}
_WAVE_ROWS: dict[str, Callable[[WaveModels], Sequence[dict[str, Any]]]] = {
    "models": lambda m: m.model_rows,
    "contrasts": lambda m: m.contrast_rows,
    "flow": WaveModels.flow_rows,
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Analysis(Result):
    """Every comparison of a study.

    Attributes
    ----------
    cohort : Cohort
    networks : Networks or None
        By the first definition of the study.
    comparisons : tuple of Comparison
        One an outcome, interval and stratum, in the order of the study file; stratum "all" first.
    transitions : tuple of Transitions
        One an interval and stratum; empty where the study has no networks.
    by_definition : tuple of (str, Comparison)
        Every definition of the networks, for every outcome and interval, all strata together.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"before": [3.0, 4, 2, 3], "after": [5.0, 6, 3, 4], "arm": ["a", "a", "b", "b"]})
    >>> cohort = ls.load(
    ...     frame,
    ...     waves=["start", "year1"],
    ...     outcomes={"qol": {"start": "before", "year1": "after"}},
    ...     group="arm",
    ... )
    >>> analysis = ls.analyse(cohort)
    >>> analysis.comparison("qol", "start", "year1").by_group["all"].estimate
    1.5
    >>> len(analysis.to_frame("change"))
    3
    """

    cohort: Cohort
    networks: Networks | None
    comparisons: tuple[Comparison, ...]
    transitions: tuple[Transitions, ...]
    by_definition: tuple[tuple[str, Comparison], ...]
    # What takes long is made once, when it is first asked for.
    _made: dict[str, Any] = field(default_factory=dict, init=False)

    def _once(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    @property
    def wave_models(self) -> tuple[WaveModels, ...]:
        """The models of all waves, one an outcome and stratum; none with two waves, or without groups."""
        found: tuple[WaveModels, ...] = self._once(
            "wave_models", lambda: tuple(_wave_models(self.cohort, self.networks))
        )
        return found

    def comparison(
        self, outcome: str, from_wave: str, to_wave: str, *, stratum: str = names.ALL
    ) -> Comparison:
        """Return one comparison.

        Raises
        ------
        UnknownNameError
            Where there is none; the ones there are are listed.
        """
        known = {_key(comparison): comparison for comparison in self.comparisons}
        key = f"{outcome}, {from_wave} to {to_wave}, {stratum}"
        if key not in known:
            raise unknown_name("comparison", key, known)
        return known[key]

    def rows(self, part: AnalysisPart) -> list[dict[str, Any]]:
        """Return the rows of one part, one dict a row."""
        if part not in _COLUMNS:
            raise unknown_name("part", part, _COLUMNS)
        if part == "transitions":
            return [row for t in self.transitions for row in t.rows()]
        if part == "definitions":
            return [row for name, c in self.by_definition for row in definition_rows(name, c)]
        if part == "table1":
            return description_rows(self.cohort)
        if part == "lost":
            return self._lost_rows()
        if part in _SENSITIVITY:
            return [row for found in self.sensitivities() for row in _SENSITIVITY[part](found)]
        if part in names.LOST_PARTS:
            return list(self._once("lost_tables", self._lost_tables)[part])
        found = [row for c in self.comparisons for row in _ROWS[part](c)]
        if part in _WAVE_ROWS:
            found += [row for models in self.wave_models for row in _WAVE_ROWS[part](models)]
        if part == "models":
            found += [row for t in self.transitions for row in homogeneity_rows(t)]
        return found

    def sensitivities(self) -> tuple[Sensitivity, ...]:
        """Return each group against the reference by every defensible analysis, all strata together."""
        found: tuple[Sensitivity, ...] = self._once(
            "sensitivities", lambda: tuple(every_sensitivity(self.cohort))
        )
        return found

    def _lost_rows(self) -> list[dict[str, Any]]:
        covariates, rows = study_covariates(self.cohort), []
        for scores, waves in self._entered():
            rows.extend(lost_rows(self.cohort, scores, waves, self.networks, covariates))
        return rows

    def _entered(self) -> Iterator[tuple[Scores, tuple[str, str]]]:
        """Return the scores of everybody who came in, in the order of the cohort, for each comparison."""
        for whole in (comparison.change for comparison in self.comparisons):
            scores = outcome(self.cohort, whole.outcome).restricted(whole.stratum, whole.ledger.entered)
            yield scores, (whole.from_wave, whole.to_wave)

    def _lost_tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the rows of three parts that are made together."""
        covariates, clusters = study_covariates(self.cohort), study_clusters(self.cohort)
        made: dict[str, list[dict[str, Any]]] = {part: [] for part in names.LOST_PARTS}
        for scores, waves in self._entered():
            found = lost_tables(
                scores,
                waves,
                self.networks.transitions(*waves) if self.networks else _other_groups(self.cohort),
                spec=self.cohort.spec.analysis,
                outcome=self.cohort.spec.outcomes[scores.outcome],
                covariates=covariates,
                clusters=clusters,
            )
            for part, rows in found.items():
                made[part].extend(rows)
        return made

    def to_frame(self, part: AnalysisPart = "change") -> pd.DataFrame:
        """Return one part of the analysis, unrounded, as it stands in the CSV file of that name.

        Parameters
        ----------
        part : {"table1", "change", "models", "contrasts", "pairs", "effects", "responders", "estimands", \
"regression", "assumptions", "transitions", "flow", "lost", "missing", "weights", "robustness", \
"definitions", "sensitivity", "sensitivity_estimands", "sensitivity_choices"}
        """
        frame = frame_of(self.rows(part), _COLUMNS[part])
        return stamped_frame(frame, self.cohort.spec.synthetic)

    def summary(self) -> str:
        """Return one paragraph an outcome and interval: everybody, then each group."""
        lines = [f"{self.cohort.spec.title}. {len(self.cohort.persons)} persons."]
        for comparison in self.comparisons:
            whole = comparison.change
            stratum = "" if whole.stratum == names.ALL else f", {names.in_sentence(whole.stratum)}"
            parts = []
            for name in (names.ALL, *comparison.order):
                paired = comparison.by_group[name]
                # The mean of one person is that person's value, and sentences travel further than tables.
                digits = digits_for(whole.paired.sd)
                mean = "one person" if paired.n == 1 else show_number(paired.estimate, digits)
                parts.append(f"{names.in_sentence(name)} {mean} (n = {paired.n})")
            lines.append(
                f"{whole.label}, {whole.from_wave} to {whole.to_wave}{stratum}: mean change"
                f" {', '.join(parts)}."
            )
        return stamped("\n".join(lines), self.cohort.spec.synthetic)

    def table(self) -> Table:
        """Return the mean change of every group, for every outcome, interval and stratum."""
        frame = self.to_frame()
        frame["group"] = [label(name) for name in frame["group"]]
        columns = [
            Column(name=name, label=heading, kind="text")
            for name, heading in (
                ("outcome", "Outcome"),
                ("from_wave", "From"),
                ("to_wave", "To"),
                ("stratum", "Stratum"),
                ("group", "Group"),
            )
        ]
        columns.append(Column(name="n", label="n", kind="count"))
        columns += [
            Column(name="estimate", label="Change"),
            Column(name="conf_low", label="CI from"),
            Column(name="conf_high", label="CI to"),
            Column(name="p_value", label="p", kind="p"),
            Column(name="d_z", label="d_z"),
        ]
        spec = self.cohort.spec
        return table_from_frame(
            frame,
            columns,
            title=spec.title,
            notes=self.notes(),
            source=spec.source,
            synthetic=spec.synthetic,
        )

    def notes(self) -> tuple[str, ...]:
        """Return everything that a reader must know, each once."""
        lines = [note for c in self.comparisons for note in c.notes]
        lines += [note for _, c in self.by_definition for note in c.notes]
        lines += [note for models in self.wave_models for note in models.notes]
        return distinct(lines)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the first comparison of the study."""
        return self.comparisons[0].plot(ax)


def _key(comparison: Comparison) -> str:
    where = place_of(comparison.change)
    return f"{where['outcome']}, {where['from_wave']} to {where['to_wave']}, {where['stratum']}"


def analyse(cohort: Cohort) -> Analysis:
    """Compare the change of every outcome over every interval, in everybody and within each treatment status.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    Analysis

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "id": range(6),
    ...         "q0": [3.0, 4, 2, 3, 4, 3],
    ...         "q1": [5.0, 6, 3, 5, 4, 4],
    ...         "clinic": ["A", "A", "A", "B", "B", "B"],
    ...     }
    ... )
    >>> cohort = ls.load(
    ...     frame,
    ...     person="id",
    ...     waves=["start", "year1"],
    ...     outcomes={"qol": {"start": "q0", "year1": "q1"}},
    ...     group="clinic",
    ... )
    >>> print(ls.analyse(cohort))
    Untitled study. 6 persons.
    qol, start to year1: mean change all 1.333 (n = 6), A 1.667 (n = 3), B 1.000 (n = 3).
    """
    require_type(cohort, Cohort, "cohort", "a cohort, from load()")
    covariates, clusters = study_covariates(cohort), study_clusters(cohort)
    within_status, draws = study_within(cohort), study_draws(cohort)
    networks = classify_networks(cohort) if cohort.spec.networks else None
    comparisons, transitions = [], []
    strata = _strata(cohort)
    for pair in cohort.spec.analysis.comparisons:
        moved = networks.transitions(*pair) if networks else None
        groups = moved.groups() if moved else _other_groups(cohort)
        for name, within in strata:
            if moved:
                transitions.append(moved.restricted(name, within))
            for scores in (outcome(cohort, key) for key in cohort.spec.outcomes):
                changed = change(scores.restricted(name, within), *pair)
                comparisons.append(
                    compare_groups(
                        changed,
                        groups,
                        covariates=covariates,
                        clusters=clusters,
                        assumed=_assumed(cohort, changed.outcome),
                        within=within_status,
                        draws=draws,
                        mixed="mixed" in cohort.spec.analysis.models,
                    )
                )
    order = {key: position for position, key in enumerate(cohort.spec.outcomes)}
    pairs = {pair: position for position, pair in enumerate(cohort.spec.analysis.comparisons)}
    comparisons.sort(key=lambda c: (order[c.change.outcome], pairs[c.change.from_wave, c.change.to_wave]))
    return Analysis(
        cohort=cohort,
        networks=networks,
        comparisons=tuple(comparisons),
        transitions=tuple(transitions),
        by_definition=tuple(_by_definition(cohort)),
    )


def _wave_models(cohort: Cohort, networks: Networks | None) -> Iterator[WaveModels]:
    """Fit the models of all waves to every outcome, in everybody and within each treatment status."""
    models = cohort.spec.analysis.models
    if len(cohort.waves) <= 2 or not models or not (networks or cohort.spec.group):
        return
    groups, clusters = networks or fixed_groups(cohort), study_clusters(cohort)
    for key in cohort.spec.outcomes:
        scores = outcome(cohort, key)
        for name, within in _strata(cohort):
            yield compare_waves(scores.restricted(name, within), groups, models=models, clusters=clusters)


def _assumed(cohort: Cohort, outcome: str) -> Assumed:
    spec = cohort.spec.outcomes[outcome]
    return Assumed(reliability=spec.reliability, population_mean=spec.population_mean, mcid=spec.mcid)


def _other_groups(cohort: Cohort) -> Groups:
    return fixed_groups(cohort) if cohort.spec.group else no_groups(cohort)


def _strata(cohort: Cohort) -> list[tuple[str, BoolArray]]:
    """Return everybody, then each treatment status of the study, then those whose status is not known."""
    everybody = np.ones(len(cohort.persons), dtype=bool)
    found = [(names.ALL, everybody)]
    if cohort.spec.status is None:
        return found
    labels = cohort.fixed["treatment_status"]
    given = set((cohort.spec.status.values or {}).values())
    for status in names.STATUSES:
        if status in given:
            found.append((status, np.array([text == status for text in labels], dtype=bool)))
    unknown = np.array([text not in names.STATUSES for text in labels], dtype=bool)
    if unknown.any():
        found.append((names.UNCLASSIFIED, unknown))
    return found


# -- definitions of the networks ----------------------------------------------------------------------


def _by_definition(cohort: Cohort) -> list[tuple[str, Comparison]]:
    if len(cohort.spec.networks) < 2:
        return []
    found, clusters = [], study_clusters(cohort)
    for network in cohort.spec.networks:
        networks = classify_networks(cohort, network.name)
        for key in cohort.spec.outcomes:
            scores = outcome(cohort, key)
            for pair in cohort.spec.analysis.comparisons:
                groups = networks.transitions(*pair)
                changed = change(scores, *pair)
                found.append((network.name, compare_groups(changed, groups, clusters=clusters, mixed=False)))
    return found
