"""Is the synthetic cohort like what is printed? Figures that it was told and those it never saw, apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from larstudy.catalogue import say
from larstudy.names import CALIBRATION_COLUMNS, CHANGE_GROUPS, GAINED_ABSTINENT, ISOLATED
from larstudy.progress import progress as told
from larstudy.results import Result, frame_of, stamped
from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.two_factors import two_factor_fit
from larstudy.synthetic.cohorts import CHUNK, SHIPPED_SEED, check_arguments
from larstudy.synthetic.people import People, people
from larstudy.synthetic.simulation import Draws, answer_sums, draw, scored, unscored
from larstudy.synthetic.structure import Structure, structure_of
from larstudy.synthetic.targets import Target, published_targets
from larstudy.synthetic.whoqol import whoqol_scores
from larstudy.synthetic.worlds import MARKS, WHOQOL_DOMAINS, World, read_world
from larstudy.tables import Column, Table, table_from_frame

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language

_REVIEW = "review"
_RANGE = (0.025, 0.975)
_OVERALL = 9
_DROPPED = 2
_ABSTINENT, _DRUG, _ALONE = range(3)
_GAINED = CHANGE_GROUPS.index(GAINED_ABSTINENT)
_ISOLATED = CHANGE_GROUPS.index(ISOLATED)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class CalibrationReport(Result):
    """Printed figures beside those of many synthetic cohorts.

    Attributes
    ----------
    world : World
    n_cohorts, seed : int
    targets : mapping of str to Target
    values : mapping of str to ndarray, shape (cohorts,)
        What each cohort gives for each target; NaN where it cannot be told.

    Examples
    --------
    >>> import larstudy as ls
    >>> report = ls.calibration_report(n_cohorts=4)
    >>> report.to_frame().query("role == 'calibrate'")["printed"].tolist()[:3]
    ['548', '338', '21']
    """

    world: World
    n_cohorts: int
    seed: int
    targets: Mapping[str, Target]
    values: Mapping[str, FloatArray]

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a target, the ``calibrate`` ones first."""
        ordered = sorted(self.targets.values(), key=lambda t: t.role != "calibrate")
        return [self._row(target) for target in ordered]

    def _row(self, target: Target) -> dict[str, Any]:
        values = self.values[target.id]
        known = values[~np.isnan(values)]
        mean = low = high = float("nan")
        agrees = "no"
        if len(known):
            mean = float(known.mean())
            low, high = (float(v) for v in np.quantile(known, _RANGE))
            slack = target.half_digit + 1e-9
            within = low - slack <= target.value <= high + slack
            agrees = "yes" if (mean > target.value if target.kind == "above" else within) else "no"
        return {
            "target": target.id, "label": target.label, "printed": target.printed, "generated": mean,
            "generated_low": low, "generated_high": high, "role": target.role, "agrees": agrees,
            "confidence": target.confidence, "place": target.place, "how": target.how,
        }  # fmt: skip

    def summary(self) -> str:
        """Return how many figures agree, those that the generator was told and those it never saw apart."""
        rows = self.rows()
        parts = []
        for role, words in (
            ("calibrate", f"figures that {self._built} to meet (which proves nothing)"),
            ("check", "figures that it never saw"),
        ):
            agree = [row["agrees"] == "yes" for row in rows if row["role"] == role]
            parts.append(f"{sum(agree)} of {len(agree)} {words}")
        agreement = " and with ".join(parts)
        return stamped(
            f"World '{self.world.id}', {self.n_cohorts} cohorts: agreement with {agreement}.", True
        )

    @property
    def _built(self) -> str:
        shipped = self.world is read_world(_REVIEW)
        return "the generator was built" if shipped else f"the world '{_REVIEW}' was built"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a target: printed, generated with its range, role, agreement and source."""
        return frame_of(self.rows(), CALIBRATION_COLUMNS).assign(synthetic=True)

    def table(self) -> Table:
        """Return the report as a table."""
        shown = (
            Column(name="label", label="Figure", kind="text"),
            Column(name="printed", label="Printed", kind="text"),
            Column(name="generated", label="Generated, mean", digits=3),
            Column(name="generated_low", label="2.5 %", digits=3),
            Column(name="generated_high", label="97.5 %", digits=3),
            Column(name="role", label="Role", kind="text"),
            Column(name="agrees", label="Agrees", kind="text"),
            Column(name="confidence", label="Seen in", kind="text"),
        )
        return table_from_frame(
            self.to_frame(),
            shown,
            title=f"Printed figures beside {self.n_cohorts} synthetic cohorts, world '{self.world.id}'",
            notes=(
                "Agreement with a figure of role 'calibrate' proves nothing: the generator was told it.",
                "A printed number agrees where it lies, as it was rounded, within the range of 95 % of"
                " the cohorts; a printed order, where the mean of the cohorts has it.",
                "Seen in: T table or text, A abstract, N news of the institution, REVIEW the reviewed"
                " thesis.",
            ),
            source="resources/published/norcomt.toml",
            synthetic=True,
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw what is printed and generated, for the figures from -1 to 1 the generator never saw."""
        from larstudy import figures

        frame = self.to_frame()
        kept = frame[(frame["role"] == "check") & frame["generated"].abs().lt(1.0)]
        printed = [self.targets[name].value for name in kept["target"]]
        title = say("Figures that the generator never saw", lang)
        return figures.plot_targets(kept, printed, ax=ax, title=title, lang=lang)


def calibration_report(
    *,
    n_cohorts: int = 1000,
    seed: int = SHIPPED_SEED,
    world: str | Path | World = "review",
    progress: bool = True,
) -> CalibrationReport:
    """Hold many synthetic cohorts against what is printed on the real one.

    Parameters
    ----------
    n_cohorts : int
        Each is drawn from random numbers of its own.
    seed : int
    world : str, Path or World
    progress : bool
        Tell on the error stream how far it has come, once it has taken two seconds.

    Returns
    -------
    CalibrationReport
        Printed, generated (mean and 95 % range), role and agreement of each figure.

    Raises
    ------
    UnknownNameError, LarstudyError, SpecError
        As `larstudy.generate`.

    Examples
    --------
    >>> import larstudy as ls
    >>> report = ls.calibration_report(n_cohorts=3, seed=1)
    >>> row = report.rows()[0]
    >>> row["target"], row["printed"], row["generated"], row["agrees"]
    ('enrolled', '548', 548.0, 'yes')
    """
    structure = structure_of(read_world(world))
    n = int(structure.world.number("persons"))
    check_arguments(structure, n_cohorts=n_cohorts, seed=seed, n=n, first=0)
    found: dict[str, list[FloatArray]] = {}
    starts = range(0, n_cohorts, CHUNK)
    what = f"world '{structure.world.id}', blocks of {CHUNK} cohorts"
    for start in told(starts, total=len(starts), what=what, quiet=not progress):
        numbers = range(start, min(start + CHUNK, n_cohorts))
        drawn = draw(structure, seed=seed, cohorts=numbers, n=n)
        known = people(structure, drawn, seed=seed, cohorts=numbers)
        for name, values in _statistics(structure, drawn, known).items():
            found.setdefault(name, []).append(values)
    return CalibrationReport(
        world=structure.world,
        n_cohorts=n_cohorts,
        seed=seed,
        targets=published_targets(),
        values={name: np.concatenate(found[name]) for name in published_targets()},
    )


def _share(of: BoolArray, among: BoolArray) -> FloatArray:
    """Return the share of each cohort; NaN where there is nobody to count."""
    count = among.sum(axis=1)
    return np.asarray(np.where(count > 0, (of & among).sum(axis=1) / np.maximum(count, 1), np.nan))


def _statistics(s: Structure, d: Draws, p: People) -> dict[str, FloatArray]:
    """Return what each cohort gives for every target, shape (cohorts,)."""
    everybody = np.ones_like(d.seen)
    told = ~d.network_unanswered
    told_later = told[:, 1] & d.seen
    alone, dropped = d.network[:, 1] == _ALONE, d.status == _DROPPED
    overall, open_item = d.answers[:, :, _OVERALL], d.unanswered[:, :, _OVERALL]
    depressed = p.marks[:, MARKS.index("depression")]
    found: dict[str, FloatArray] = {
        "enrolled": everybody.sum(axis=1).astype(float),
        "analysed": d.seen.sum(axis=1).astype(float),
        "facilities": d.facility.max(axis=1) + 1.0,
        "complete_at_entry": (~d.unanswered[:, 0].any(axis=1)).sum(axis=1).astype(float),
        "omt": _share(d.omt, everybody),
        "drug_dominated_at_entry": _share(d.network[:, 0] == _DRUG, told[:, 0]),
        "isolation_of_dropouts": _share(alone, told_later & dropped) / _share(alone, told_later & ~dropped),
        "poor_at_entry": _share(overall[:, 0] >= 4, ~open_item[:, 0]),
        "subsample": p.subsample.sum(axis=1).astype(float),
        "subsample_abstinent_at_entry": _share(d.network[:, 0] == _ABSTINENT, told[:, 0] & p.subsample),
        "subsample_abstinent_at_year1": _share(d.network[:, 1] == _ABSTINENT, told[:, 1] & p.subsample),
        "subsample_isolated_at_year1": _share(alone, told[:, 1] & p.subsample),
        "subsample_good_at_entry": _share(overall[:, 0] <= 2, p.subsample & ~open_item[:, 0]),
        "subsample_good_at_year1": _share(overall[:, 1] <= 2, p.subsample & ~open_item[:, 1]),
        "subsample_depression": _share(depressed, p.subsample),
    }
    return found | _gains(s, d, told[:, 0] & told_later) | _factors(s, d) | _correlations(s, d, p)


def _gains(s: Structure, d: Draws, told: BoolArray) -> dict[str, FloatArray]:
    scores = scored(s, answer_sums(s, d.answers))[:, :, -1]
    known = d.seen & ~unscored(s, d.unanswered)[:, :, -1].any(axis=1)
    gain = scores[:, 1] - scores[:, 0]

    def mean(inside: BoolArray) -> FloatArray:
        chosen = inside & known
        return np.asarray((gain * chosen).sum(axis=1) / np.maximum(chosen.sum(axis=1), 1))

    by_group = np.stack([mean(told & (d.group == g)) for g in range(len(CHANGE_GROUPS))])
    others = [g for g in range(len(CHANGE_GROUPS)) if g != _GAINED]
    rest = [g for g in range(len(CHANGE_GROUPS)) if g != _ISOLATED]
    dropped = d.status == _DROPPED
    return {
        "mean_improved": mean(known),
        "gained_gain_most": by_group[_GAINED] - by_group[others].max(axis=0),
        "isolated_gain_least": by_group[rest].min(axis=0) - by_group[_ISOLATED],
        "dropouts_gain_least": mean(~dropped) - mean(dropped),
    }


def _factors(s: Structure, d: Draws) -> dict[str, FloatArray]:
    found = np.empty((len(d.seen), 3))
    for place, (answers, gaps) in enumerate(zip(d.answers[:, 0], d.unanswered[:, 0], strict=True)):
        fit = two_factor_fit(np.where(gaps, np.nan, answers).T, second=s.scale_items[1])
        found[place] = fit.rmsea, fit.cfi, fit.nfi
    return dict(zip(("rmsea", "cfi", "nfi"), found.T, strict=True))


def _correlations(s: Structure, d: Draws, p: People) -> dict[str, FloatArray]:
    """Return the correlations of the subsample at one year, of QOL10 with WHOQOL-BREF and the marks."""
    columns = ("QOL10", "social", "global", "QOL5", "QOL1")
    rows = [*(f"whoqol_{domain}" for domain in WHOQOL_DOMAINS), *MARKS]
    found = np.full((len(d.seen), len(rows), len(columns)), np.nan)
    for place, inside in enumerate(p.subsample):
        open_item = d.unanswered[place, 1].any(axis=0)
        who = inside & ~open_item
        # High answers are poor ones.
        answers = 6.0 - d.answers[place, 1][:, who]
        ours = np.stack(
            [
                answers.mean(axis=0),
                answers[s.scale_items[1]].mean(axis=0),
                answers[s.scale_items[0]].mean(axis=0),
                answers[:5].mean(axis=0),
                answers[_OVERALL],
            ]
        )
        theirs = np.concatenate([whoqol_scores(p.whoqol[place][:, who]), p.marks[place][:, who]])
        with np.errstate(invalid="ignore", divide="ignore"):
            found[place] = np.corrcoef(theirs, ours)[: len(rows), len(rows) :]
    return {
        f"correlation.{row}.{column}": found[:, i, j]
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
    }
