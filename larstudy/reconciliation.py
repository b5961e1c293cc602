"""Do the tables account for everybody? Proven on the rows that are written, before they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from larstudy import names
from larstudy.analysis import Analysis
from larstudy.catalogue import say
from larstudy.errors import ReconciliationError, require_type
from larstudy.ledger import COVARIATES, ENTERED, GROUPED, PAIRED
from larstudy.lost import BASELINE
from larstudy.results import Result, frame_of
from larstudy.tables import Column, Table, table_from_frame
from larstudy.wave_persons import ALL_WAVES, IN_MODELS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Reconciliation(Result):
    """Whether the n of every table equals n in minus the listed losses.

    Attributes
    ----------
    checks : tuple of dict
        One a check: what, where, expected, found.

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
    >>> result = ls.reconcile(ls.analyse(cohort))
    >>> result.ok, result.failed
    (True, ())
    """

    checks: tuple[dict[str, Any], ...]

    @property
    def ok(self) -> bool:
        """True where every check holds."""
        return not self.failed

    @property
    def failed(self) -> tuple[dict[str, Any], ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks if check["expected"] != check["found"])

    def summary(self) -> str:
        """Return how many checks hold, and which do not."""
        lines = [f"{len(self.checks) - len(self.failed)} of {len(self.checks)} checks of n hold."]
        lines += [
            f"{c['what']} ({c['where']}): expected {c['expected']}, found {c['found']}." for c in self.failed
        ]
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a check: what, where, expected, found, holds."""
        rows = [{**check, "holds": check["expected"] == check["found"]} for check in self.checks]
        return frame_of(rows, ("what", "where", "expected", "found", "holds"))

    def table(self) -> Table:
        """Return the checks as a table."""
        columns = (
            Column(name="what", label="Check", kind="text"),
            Column(name="where", label="Where", kind="text"),
            Column(name="expected", label="Expected", kind="count"),
            Column(name="found", label="Found", kind="count"),
        )
        return table_from_frame(self.to_frame(), columns, title="Do the tables account for everybody?")

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw how many checks hold and how many do not."""
        from larstudy import figures

        counts = [
            (say("hold", lang), len(self.checks) - len(self.failed)),
            (say("do not hold", lang), len(self.failed)),
        ]
        return figures.plot_counts(
            counts, ax=ax, title=say("Checks of n", lang), xlabel=say("checks", lang), lang=lang
        )


def reconcile(analysis: Analysis) -> Reconciliation:
    """Prove that the tables of an analysis account for everybody.

    For every outcome, interval and stratum: the flow adds up; the change table's n is what the flow says;
    the groups and the unclassified add up to everybody; the n of each model and of its contrasts is what the
    flow says; effect sizes rest on the persons of their groups, and those who improved, stayed and got worse
    add up to them; the models of all waves have those whom their own flow leaves; every definition holds
    everybody; the strata add up; and the change groups and the tests of the margins are as large as the
    table of transitions says.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    Reconciliation
        ``.ok`` is True where all of it holds.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"q0": [1.0, 2, 3], "q1": [2.0, 2, None], "clinic": ["B", "A", "A"]})
    >>> cohort = ls.load(
    ...     frame, waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, group="clinic"
    ... )
    >>> print(ls.reconcile(ls.analyse(cohort)))
    26 of 26 checks of n hold.
    """
    require_type(analysis, Analysis, "analysis", "an analysis, from analyse()")
    checks = _Checks(analysis)
    checks.run()
    return Reconciliation(checks=tuple(checks.found))


_WAVE_STEPS = (ALL_WAVES, IN_MODELS)


class _Checks:
    """Runs the checks on the rows of the tables, not on what they were made from."""

    def __init__(self, analysis: Analysis) -> None:
        flow = analysis.rows("flow")
        self.flow = _by_place([row for row in flow if row["step"] not in _WAVE_STEPS])
        self.wave_flow = _by_place([row for row in flow if row["step"] in _WAVE_STEPS])
        self.change = _by_place(analysis.rows("change"))
        models = [row for row in analysis.rows("models") if row["outcome"]]
        self.models = _by_place([row for row in models if row["model"] not in names.WAVE_MODELS])
        contrasts = analysis.rows("contrasts")
        self.contrasts = _by_place([row for row in contrasts if row["model"] not in names.WAVE_MODELS])
        every = [*models, *contrasts]
        self.wave_models = _by_place([row for row in every if row["model"] in names.WAVE_MODELS])
        self.definitions = _by_place(analysis.rows("definitions"))
        self.homogeneity = [row for row in analysis.rows("models") if not row["outcome"]]
        self.transitions = analysis.rows("transitions")
        self.estimands = _by_place(analysis.rows("estimands"))
        self.regression = _by_place(analysis.rows("regression"))
        self.others = _by_place([*analysis.rows("pairs"), *analysis.rows("assumptions")])
        self.effects = _by_place(analysis.rows("effects"))
        self.responders = _by_place(analysis.rows("responders"))
        self.lost = _by_place(analysis.rows("lost"))
        self.missing = _by_place(analysis.rows("missing"))
        self.found: list[dict[str, Any]] = []

    def add(self, what: str, place: tuple[str, ...], expected: int, found: int) -> None:
        where = f"{place[0]}, {place[1]} to {place[2]}, {place[3]}"
        self.found.append({"what": what, "where": where, "expected": expected, "found": found})

    def run(self) -> None:
        for place, rows in self.flow.items():
            counts = self.check_flow(place, rows)
            self.check_change(place, counts)
            self.check_models(place, counts)
            self.check_definitions(place)
            self.check_effects(place)
            self.check_responders(place)
        for place, rows in self.wave_flow.items():
            self.check_waves(place, rows)
        self.check_homogeneity()
        self.check_strata()

    def check_flow(self, place: tuple[str, ...], rows: Sequence[dict[str, Any]]) -> dict[str, int]:
        counts: dict[str, int] = {}
        left = 0
        for row in rows:
            if row["reason"]:
                left -= row["n"]
                continue
            if row["step"] not in (ENTERED, ALL_WAVES):
                self.add(f"flow after '{row['step']}'", place, left, row["n"])
            left = row["n"]
            counts[row["step"]] = left
        return counts

    def check_change(self, place: tuple[str, ...], counts: dict[str, int]) -> None:
        rows = {row["group"]: row for row in self.change[place]}
        whole = rows.pop(names.ALL)
        self.add("change of everybody", place, counts[PAIRED], whole["n"])
        self.add("n and left out", place, counts[ENTERED], whole["n"] + whole["n_excluded"])
        for row in self.lost.get(place, []):
            if row["term"] == BASELINE:
                self.add("not lost", place, counts[PAIRED], row["n_seen"])
        if rows:
            self.add("groups add up", place, whole["n"], sum(row["n"] for row in rows.values()))
            left_out = sum(row["n_excluded"] for row in rows.values())
            self.add("left out of the groups", place, whole["n_excluded"], left_out)
            grouped = sum(row["n"] for group, row in rows.items() if group != names.UNCLASSIFIED)
            self.add("groups and flow", place, counts[GROUPED], grouped)
        if self.transitions:
            self.check_transitions(place, rows)

    def check_transitions(self, place: tuple[str, ...], rows: dict[str, dict[str, Any]]) -> None:
        for group, row in rows.items():
            if group != names.UNCLASSIFIED:
                moved = sum(
                    t["n"]
                    for t in self.transitions
                    if (t["from_wave"], t["to_wave"], t["stratum"]) == place[1:] and t["group"] == group
                )
                self.add(f"transitions to '{group}'", place, moved, row["n"] + row["n_excluded"])

    def check_models(self, place: tuple[str, ...], counts: dict[str, int]) -> None:
        for model, n, left_out in dict.fromkeys(
            (row["model"], row["n"], row["n_excluded"]) for row in self.models.get(place, [])
        ):
            step = COVARIATES if names.without_errors(model) == names.ANCOVA_COVARIATES else GROUPED
            # Where groups stay, this one also has those with one of the two waves.
            found = min(n, counts[step]) if model == names.MIXED_FACILITY else n
            self.add(f"model {model}", place, counts[step], found)
            self.add(f"model {model}, n and left out", place, counts[ENTERED], n + left_out)
        for model, n in dict.fromkeys((row["model"], row["n"]) for row in self.contrasts.get(place, [])):
            step = COVARIATES if names.without_errors(model) == names.ANCOVA_COVARIATES else GROUPED
            found = min(n, counts[step]) if model == names.MIXED_FACILITY else n
            self.add(f"contrasts of {model}", place, counts[step], found)
        self.check_missing(place, counts)
        for n in sorted({row["n"] for row in self.estimands.get(place, [])}):
            self.add("other analyses", place, counts[GROUPED], n)
        for n in sorted({row["n"] for row in self.others.get(place, [])}):
            self.add("pairs and assumptions", place, counts[GROUPED], n)
        by_errors: dict[str, int] = {}
        for row in self.regression.get(place, []):
            by_errors[row["errors"]] = by_errors.get(row["errors"], 0) + row["n"]
        for grouped in by_errors.values():
            self.add("regression to the mean", place, counts[GROUPED], grouped)

    def check_effects(self, place: tuple[str, ...]) -> None:
        """Check that each effect size rests on the persons of its group, or of both its groups."""
        change = {row["group"]: row["n"] for row in self.change[place]}
        for group, reference, n in dict.fromkeys(
            (row["group"], row.get("reference", ""), row["n"]) for row in self.effects.get(place, [])
        ):
            expected = change[group] + (change[reference] if reference else 0)
            what = f"effect sizes of {group}" + (f" against {reference}" if reference else "")
            self.add(what, place, expected, n)

    def check_responders(self, place: tuple[str, ...]) -> None:
        """Check that those who improved, stayed and got worse are the persons of their group."""
        change = {row["group"]: row["n"] for row in self.change[place]}
        counts: dict[tuple[str, float, str], list[float]] = {}
        for row in self.responders.get(place, []):
            # NaN is not itself, so that a criterion without a reliability has none here.
            reliability = row["reliability"] if row["reliability"] == row["reliability"] else 0.0
            self.add(f"{row['criterion']} in {row['group']}", place, change[row["group"]], row["n"])
            counts.setdefault((row["criterion"], reliability, row["group"]), []).append(row["count"])
        for (criterion, _, group), three in counts.items():
            # Where nobody can be counted the rows say why.
            if not any(count != count for count in three):
                self.add(f"{criterion} adds up in {group}", place, change[group], int(sum(three)))

    def check_waves(self, place: tuple[str, ...], rows: Sequence[dict[str, Any]]) -> None:
        """Check that the models of all waves have those whom their flow leaves, and count everybody."""
        counts = self.check_flow(place, rows)
        models = self.wave_models[place]
        for model, n, left_out in dict.fromkeys(
            (row["model"], row["n"], row["n_excluded"]) for row in models
        ):
            self.add(f"model {model}", place, counts[IN_MODELS], n)
            self.add(f"model {model}, n and left out", place, counts[ALL_WAVES], n + left_out)

    def check_missing(self, place: tuple[str, ...], counts: dict[str, int]) -> None:
        """Check that leaving the lost out leaves those compared, and that drawing leaves nobody out."""
        entered = [r["n_lost"] + r["n_seen"] for r in self.lost.get(place, []) if r["term"] == BASELINE]
        for handling, model, n, whole in dict.fromkeys(
            (row["handling"], row["model"], row["n"], row["n_entered"])
            for row in self.missing.get(place, [])
            if not row["reason"]
        ):
            with_covariates = names.without_errors(model) == names.ANCOVA_COVARIATES
            if handling == "imputation":
                self.add(f"{model} after imputation", place, whole, n)
            elif handling != names.OVERLAP_WEIGHTS:
                step = COVARIATES if with_covariates else GROUPED
                self.add(f"{model}, {handling}", place, counts[step], n)
                self.add("entered, with and without a follow-up", place, entered[0], whole)

    def check_definitions(self, place: tuple[str, ...]) -> None:
        """Check that everybody is in the rows of every definition, and that the first is the change table."""
        change = {row["group"]: row["n"] for row in self.change[place]}
        found: dict[str, dict[str, int]] = {}
        for row in self.definitions.get(place, []):
            found.setdefault(row["definition"], {})[row["group"]] = row["n"]
        for position, (definition, sizes) in enumerate(found.items()):
            whole = sizes.pop(names.ALL)
            self.add(f"definition {definition}", place, change[names.ALL], whole)
            self.add(f"definition {definition}, groups add up", place, whole, sum(sizes.values()))
            for group, n in sizes.items() if position == 0 else ():
                self.add(f"definition {definition}, {group}", place, change[group], n)

    def check_homogeneity(self) -> None:
        for row in self.homogeneity:
            where = (row["from_wave"], row["to_wave"], row["stratum"])
            classified = sum(
                t["n"]
                for t in self.transitions
                if (t["from_wave"], t["to_wave"], t["stratum"]) == where
                and names.UNCLASSIFIED not in (t["from_category"], t["to_category"])
            )
            self.add(f"test {row['term']}", ("networks", *where), classified, row["n"])

    def check_strata(self) -> None:
        whole = {place[:3]: rows[0]["n"] for place, rows in self.flow.items() if place[3] == names.ALL}
        parts: dict[tuple[str, ...], int] = {}
        for place, rows in self.flow.items():
            if place[3] != names.ALL:
                parts[place[:3]] = parts.get(place[:3], 0) + rows[0]["n"]
        for place3, n in parts.items():
            self.add("strata add up", (*place3, "strata"), whole[place3], n)


def _by_place(rows: Sequence[dict[str, Any]]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        place = (row["outcome"], row["from_wave"], row["to_wave"], row["stratum"])
        found.setdefault(place, []).append(row)
    return found


def require_reconciled(analysis: Analysis) -> None:
    """Raise an error where the tables do not account for everybody, so that no such table is written."""
    result = reconcile(analysis)
    if not result.ok:
        raise ReconciliationError(
            f"The tables do not agree; this is a fault of larstudy.\n{result.summary()}"
        )
