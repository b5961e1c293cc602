"""What a verdict rule or an analysis is worth: how often it says what, where the truth is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from larstudy.errors import LarstudyError, unknown_name
from larstudy.names import CHANGE_GROUPS, CHARACTERISTIC_COLUMNS, VERDICTS
from larstudy.results import Result, frame_of, stamped, stamped_frame
from larstudy.specs.reading import is_whole
from larstudy.stats.arrays import FloatArray
from larstudy.stats.decisions import Decisions
from larstudy.stats.planned_contrasts import (
    CHANGE_GROUP_CONTRASTS,
    ChangeGroupContrast,
    change_group_weights,
    weights_between,
)
from larstudy.stats.simulated import mean_interval, proportion_interval, root_mean_square, wrong_signs
from larstudy.synthetic.analyses import COLUMNS, Estimand, analysis_of, list_analyses
from larstudy.synthetic.cohorts import SHIPPED_SEED
from larstudy.synthetic.score_cohorts import score_truths
from larstudy.synthetic.structure import SCALES
from larstudy.synthetic.study_designs import StudyDesign
from larstudy.synthetic.trials import Task, try_out
from larstudy.synthetic.truths import find_truths, key_of, truths_of
from larstudy.synthetic.worlds import World, list_worlds, read_world
from larstudy.tables import Column, Table, table_from_frame
from larstudy.verdict_rules import VerdictRule, list_verdict_rules, verdict_name, verdict_rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language

#: Of a claim that one side changes for the better by more than the other; -1 turns it into the opposite.
_DIRECTION: Final[Mapping[ChangeGroupContrast, int]] = {
    "gained_against_drug_dominated": 1,
    "abstinent_against_rest": 1,
    "isolated_against_rest": -1,
}
_OWN_TRUTH_COHORTS: Final = 320
_LEVEL_ALPHA: Final = 0.05
#: A true effect below this, in standard deviations at entry, has no sign to miss.
_NO_EFFECT: Final = 0.01
#: Truths are kept with six decimals.
_NO_DIFFERENCE: Final = 1e-5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class OperatingCharacteristics(Result):
    """How often rules and analyses say what in worlds whose truth is known.

    Attributes
    ----------
    contrast : str
    outcome : str
    n_cohorts, seed : int
    design : StudyDesign or None
    rows : tuple of mapping
        One a world, rule or analysis, and quantity.
    claim : mapping of str to {1, 0, -1}
        Whether the claim is true in a world by what is put into it, whether there is no difference, or the
        opposite is true. A world of one's own has an entry where a design is given.

    Examples
    --------
    >>> import larstudy as ls
    >>> found = ls.operating_characteristics("two_estimands", ["null"], n_cohorts=64, progress=False)
    >>> found.to_frame().query("quantity == 'supported'")["value"].item() < 0.1
    True
    """

    contrast: str
    outcome: str
    n_cohorts: int
    seed: int
    design: StudyDesign | None
    rows: tuple[Mapping[str, Any], ...]
    claim: Mapping[str, int]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a world, rule or analysis, and quantity.

        ``quantity`` is one of the verdicts or, for an analysis, ``rejected`` (p below .05), ``bias``,
        ``rmse``, ``coverage`` (of what the analysis itself estimates), ``bias_structural``,
        ``coverage_structural`` (of what the change group itself adds), ``type_s`` (wrong sign among the
        rejected) and ``type_m`` (how many times too large the rejected are), with 95 % Monte Carlo intervals.
        Bias and RMSE in standard deviations at entry.
        """
        return stamped_frame(frame_of(self.rows, CHARACTERISTIC_COLUMNS), True)

    def value(self, world: str, rule: str, quantity: str) -> float:
        """Return one number; NaN where it cannot be told."""
        for row in self.rows:
            if (row["world"], row["rule"], row["quantity"]) == (world, rule, quantity):
                return float(row["value"])
        known = sorted({f"{row['world']} / {row['rule']} / {row['quantity']}" for row in self.rows})
        raise unknown_name("row", f"{world} / {rule} / {quantity}", known)

    def summary(self) -> str:
        """Return how often each rule says supported in each world."""
        lines = [
            stamped(
                f"{self.n_cohorts} cohorts of each world, seed {self.seed}; contrast"
                f" {self.contrast.replace('_', ' ')}.",
                True,
            )
        ]
        for row in self.rows:
            if row["quantity"] in ("supported", "rejected"):
                lines.append(
                    f"{row['world']}, {row['rule']}: {row['quantity']} in {100 * row['value']:.1f} %"
                    f" ({100 * row['conf_low']:.1f} to {100 * row['conf_high']:.1f})."
                )
        return "\n".join(lines)

    def table(self) -> Table:
        """Return rules by worlds: how often each says supported, or rejects."""
        frame = self.to_frame()
        shown = frame[frame["quantity"].isin(["supported", "rejected"])]
        labels = labels_of(shown)
        wide = shown.pivot(index="rule", columns="world", values="value") * 100.0
        wide = wide.loc[shown["rule"].unique(), shown["world"].unique()].reset_index()
        wide["rule"] = [labels.get(name, name) for name in wide["rule"]]
        columns = [Column(name="rule", label="Rule or analysis", kind="text")]
        columns += [
            Column(name=name, label=labels.get(name, name.replace("_", " ")), digits=1)
            for name in wide.columns[1:]
        ]
        true = [labels.get(name, name) for name, sign in self.claim.items() if sign == 1]
        return table_from_frame(
            wide,
            columns,
            title=f"Says supported, or rejects, in % of {self.n_cohorts} cohorts"
            f" ({self.contrast.replace('_', ' ')})",
            notes=[f"What is claimed is true in: {'; '.join(true)}."] if true else [],
            synthetic=True,
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw how often each rule says supported in each world, with Monte Carlo intervals."""
        from larstudy import figures

        frame = self.to_frame()
        shown = frame[frame["quantity"].isin(["supported", "rejected"])]
        return figures.plot_characteristics(
            shown, ax=ax, labels=labels_of(shown), claim=self.claim, lang=lang
        )


def operating_characteristics(
    rule: str | VerdictRule | Sequence[str | VerdictRule] = "two_estimands",
    worlds: str | Path | World | Sequence[str | Path | World] | None = None,
    *,
    n_cohorts: int = 1000,
    seed: int = SHIPPED_SEED,
    contrast: ChangeGroupContrast | tuple[str, str] = "gained_against_drug_dominated",
    outcome: str = "total",
    design: StudyDesign | None = None,
    cache: str | Path | None = None,
    client: Any = None,
    progress: bool = True,
) -> OperatingCharacteristics:
    """Find how often a verdict rule or an analysis says what, in worlds whose truth is known.

    Parameters
    ----------
    rule : str, VerdictRule, or a sequence of them
        From `list_verdict_rules` or `list_analyses`.
    worlds : str, Path, World, or a sequence of them, optional
        All worlds that ship unless given.
    n_cohorts : int
        Of each world.
    seed : int
        The same seed gives the same numbers, whatever the cache and the client.
    contrast : str or (str, str)
        ``gained_against_drug_dominated``, ``abstinent_against_rest``: the claim is that the first side gains
        more; ``isolated_against_rest``: that the isolated gain less; or two of the change groups, the first
        of which is said to gain more.
    outcome : {"total", "global", "social"}
        At item level.
    design : StudyDesign, optional
        A study's own persons in each cell, correlation of the waves, clusters and loss: cohorts of scores.
        Unless given, cohorts at item level of the size of the published study.
    cache : str or Path, optional
        A folder for what is computed; a run that was stopped goes on from there. Nothing is kept otherwise.
    client : dask.distributed.Client, optional
        Its workers take the blocks (``pip install 'larstudy[dask]'``).
    progress : bool
        Tell on the error stream how far it has come, once it has taken two seconds.

    Returns
    -------
    OperatingCharacteristics

    Raises
    ------
    UnknownNameError
        Where there is no such rule, analysis, world, contrast or outcome.
    LarstudyError
        Where ``n_cohorts`` is below 1 or the design cannot be in a world.

    Notes
    -----
    A rule's verdict uses the smallest effect that matters in standard deviations at entry of the persons who
    are compared, in each cohort. Bias, RMSE and coverage are of what the analysis itself estimates among
    everybody at entry, as if nobody were lost; ``structural`` is what the change group itself adds. Type S
    and type M errors after Gelman and Carlin (2014), Perspectives on Psychological Science, 9, 641-651, are
    of the structural effect. Intervals are Wilson's for shares and normal for means.

    Examples
    --------
    >>> import larstudy as ls
    >>> found = ls.operating_characteristics(["ancova_alone", "welch"], ["regression_to_mean"],
    ...                                      n_cohorts=64, progress=False)
    >>> found.value("regression_to_mean", "welch", "rejected") > 0.2
    True
    """
    rules, analyses = _asked(rule)
    chosen = _worlds(worlds)
    if not is_whole(n_cohorts) or n_cohorts < 1:
        raise LarstudyError("n_cohorts should be a whole number of 1 or more.")
    named, weights = claimed_contrast(contrast)
    if outcome not in SCALES:
        raise unknown_name("outcome", outcome, SCALES)
    needed = tuple(dict.fromkeys([*analyses, *(name for r in rules for name in r.analyses)]))
    rows: list[Mapping[str, Any]] = []
    claim: dict[str, int] = {}
    for world in chosen:
        task = Task(
            world=world,
            design=design,
            outcome=outcome,
            weights=tuple(weights.tolist()),
            analyses=needed,
            seed=seed,
        )
        folder = None if cache is None else Path(cache)
        tried = try_out(task, n_cohorts, cache=folder, client=client, quiet=not progress)
        where = {"world": world.id, "contrast": named, "n_cohorts": n_cohorts}
        rows += [row for r in rules for row in _rule_rows(r, tried, where)]
        known = _is_known(world, design)
        truths = _truths(world, design, outcome) if analyses or known else {}
        if known:
            claim[world.id] = _sign(float(weights @ truths["structural"]))
        for name in analyses:
            truth = {kind: float(weights @ values) for kind, values in truths.items()}
            rows += _analysis_rows(name, tried[name], truth, where)
    return OperatingCharacteristics(
        contrast=named, outcome=outcome, n_cohorts=n_cohorts, seed=seed, design=design, rows=tuple(rows),
        claim=MappingProxyType(claim),
    )  # fmt: skip


def _is_known(world: World, design: StudyDesign | None) -> bool:
    """Tell whether what is true in a world is to be had without a run of its own."""
    return design is not None or bool(truths_of(world))


def labels_of(frame: pd.DataFrame) -> dict[str, str]:
    """Return what the worlds, rules and analyses of a frame are called, in English.

    Examples
    --------
    >>> labels_of(pd.DataFrame({"world": ["null"], "rule": ["welch"]}))
    {'null': 'Nothing there', 'welch': 'Change score, Welch'}
    """
    found = {name: read_world(name).label for name in frame["world"].unique() if name in list_worlds()}
    for name in frame["rule"].unique():
        if name in list_verdict_rules():
            found[name] = verdict_rule(name).label
        elif name in list_analyses():
            found[name] = analysis_of(name).label
    return found


def _sign(difference: float) -> int:
    return 0 if abs(difference) < _NO_DIFFERENCE else int(np.sign(difference))


def kept_claim(contrast: ChangeGroupContrast, outcome: str = "total") -> dict[str, int]:
    """Return of each world that ships whether a claim is true, 1, its opposite is, -1, or neither, 0.

    Examples
    --------
    >>> claim = kept_claim("gained_against_drug_dominated")
    >>> claim["review"], claim["null"], claim["reversed"]
    (1, 0, -1)
    """
    weights = claimed_contrast(contrast)[1]
    structural = {name: _truths(read_world(name), None, outcome)["structural"] for name in list_worlds()}
    return {name: _sign(float(weights @ values)) for name, values in structural.items()}


def claimed_contrast(contrast: ChangeGroupContrast | tuple[str, str]) -> tuple[str, FloatArray]:
    """Return what a contrast is called and the weights of the change groups: positive where the claim holds.

    Examples
    --------
    >>> claimed_contrast(("maintained_abstinent", "isolated"))
    ('maintained_abstinent_against_isolated', array([ 1.,  0.,  0., -1.]))
    """
    if isinstance(contrast, str):
        if contrast not in _DIRECTION:
            raise unknown_name("contrast", contrast, tuple(CHANGE_GROUP_CONTRASTS))
        return contrast, _DIRECTION[contrast] * change_group_weights(CHANGE_GROUPS, contrast)
    first, second = contrast
    for group in contrast:
        if group not in CHANGE_GROUPS:
            raise unknown_name("change group", group, CHANGE_GROUPS)
    if first == second:
        raise LarstudyError("A contrast needs two groups that differ.")
    weights = weights_between([CHANGE_GROUPS.index(first)], [CHANGE_GROUPS.index(second)], len(CHANGE_GROUPS))
    return f"{first}_against_{second}", weights


def _asked(
    rule: str | VerdictRule | Sequence[str | VerdictRule],
) -> tuple[list[VerdictRule], list[str]]:
    asked = [rule] if isinstance(rule, (str, VerdictRule)) else list(rule)
    if not asked:
        raise LarstudyError("Name a verdict rule or an analysis.")
    rules: list[VerdictRule] = []
    analyses: list[str] = []
    for one in asked:
        if isinstance(one, VerdictRule) or one in list_verdict_rules():
            rules.append(verdict_rule(one))
        elif one in list_analyses():
            analyses.append(one)
        else:
            raise unknown_name("rule or analysis", one, (*list_verdict_rules(), *list_analyses()))
    for known in rules:
        for name in known.analyses:
            analysis_of(name)
    return rules, analyses


def _worlds(worlds: str | Path | World | Sequence[str | Path | World] | None) -> list[World]:
    if worlds is None:
        return [read_world(name) for name in list_worlds()]
    if isinstance(worlds, (str, Path, World)):
        return [read_world(worlds)]
    return [read_world(world) for world in worlds]


def _truths(world: World, design: StudyDesign | None, outcome: str) -> Mapping[Estimand, FloatArray]:
    """Return what is true of the change groups, against the drug-dominated, among everybody at entry."""
    if design is not None:
        found = score_truths(world, design)
        return {
            "change_score": found["change_score"],
            "ancova": found["ancova"],
            "structural": found["structural"],
        }
    stored = truths_of(world) or find_truths(world, n_cohorts=_OWN_TRUTH_COHORTS, seed=SHIPPED_SEED)
    truth = stored[key_of(outcome)]
    return {
        "change_score": np.array(truth.change_score),
        "ancova": np.array(truth.ancova),
        "structural": np.array(truth.structural),
    }


def decisions_of(rule: VerdictRule, tried: Mapping[str, FloatArray]) -> Decisions:
    """Return the decision of a rule on each cohort, from what its analyses say."""
    parts = np.stack([tried[name] for name in rule.analyses], axis=1)
    return rule.decisions(parts[:, :, 0], parts[:, :, 1], parts[:, :, 2], parts[:, 0, len(COLUMNS)])


def _rule_rows(
    rule: VerdictRule, tried: Mapping[str, FloatArray], where: Mapping[str, Any]
) -> list[dict[str, Any]]:
    codes = decisions_of(rule, tried)
    said = np.array([verdict_name(int(code)) for code in codes])
    rows = []
    for verdict in VERDICTS:
        value, low, high = proportion_interval(said == verdict)
        rows.append(_row(where, rule.id, verdict, value, low, high, smallest=rule.smallest))
    return rows


def _analysis_rows(
    name: str, found: FloatArray, truth: Mapping[Estimand, float], where: Mapping[str, Any]
) -> list[dict[str, Any]]:
    estimate, low, high, p, sd = found.T
    unit = float(np.sqrt(np.nanmean(sd**2)))
    own, structural = truth[analysis_of(name).estimand], truth["structural"]
    tested = np.isfinite(p)
    rejected = p < _LEVEL_ALPHA
    failed = f"no answer in {int((~tested).sum())} cohorts" if not tested.all() else ""
    bounded = np.isfinite(low) & np.isfinite(high)
    rows = [_row(where, name, "rejected", *proportion_interval(rejected[tested]), reason=failed)]
    for label, target in (("", own), ("_structural", structural)):
        error = (estimate - target) / unit
        rows.append(_row(where, name, f"bias{label}", *mean_interval(error)))
        covered = ((low <= target) & (target <= high))[bounded]
        nothing = "" if bounded.any() else "a test without an interval"
        rows.append(_row(where, name, f"coverage{label}", *proportion_interval(covered), reason=nothing))
    rows.append(_row(where, name, "rmse", *root_mean_square((estimate - own) / unit)))
    if abs(structural) < _NO_EFFECT * unit:
        why = "the group itself adds nothing here: no sign to miss"
        return [*rows, *(_row(where, name, kind, np.nan, reason=why) for kind in ("type_s", "type_m"))]
    chosen = rejected & tested
    why = "" if chosen.any() else "never rejected"
    rows.append(_row(where, name, "type_s", *wrong_signs(estimate[chosen], structural), reason=why))
    size = np.abs(estimate[chosen] / structural)
    rows.append(_row(where, name, "type_m", *mean_interval(size), reason=why))
    return rows


def _row(
    where: Mapping[str, Any],
    rule: str,
    quantity: str,
    value: float,
    low: float = np.nan,
    high: float = np.nan,
    *,
    smallest: float = np.nan,
    reason: str = "",
) -> dict[str, Any]:
    return {
        **where,
        "rule": rule,
        "smallest": smallest,
        "quantity": quantity,
        "value": value,
        "conf_low": low,
        "conf_high": high,
        "reason": reason,
    }
