"""Every defensible analysis of one difference: which choices matter, and which change the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from larstudy import names
from larstudy.changes import Change
from larstudy.cohort import Cohort
from larstudy.crossed_analyses import Analysed, CrossedAnalyses
from larstudy.errors import LarstudyError, require_type, unknown_name
from larstudy.names import in_sentence, label
from larstudy.results import Result, frame_of, stamped, stamped_frame
from larstudy.specifications import Specification, forks
from larstudy.stats.multiverse import moves_within, side_of_zero
from larstudy.tables import Table, digits_for, show_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language

SensitivityPart = Literal["specifications", "estimands", "choices"]

NOTES = (
    "Analyses in the same row of estimands ask the same of the same people, and differ in arbitrary choices"
    " only; between rows the question differs, and no row is the right one for all.",
    "The analyses rest on the same persons and are no independent evidence: how many of them point one way"
    " says how much the choices matter, not how sure the answer is.",
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Sensitivity(Result):
    """One difference in change between two groups, by every defensible analysis.

    Attributes
    ----------
    change : Change
        Of the outcome, with both waves.
    group, reference : str
        The difference is the first minus the second.
    specifications : tuple of Specification
        What was chosen in each analysis.
    rows : tuple of dict
        Its numbers, by `larstudy.names.SENSITIVITY_COLUMNS`; NaN with a reason where it cannot be done.
    notes : tuple of str

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "before": [3.0, 4, 2, 3, 5, 4, 3, 2],
    ...         "after": [5.0, 6, 3, 4, 5, 3, 4, None],
    ...         "arm": ["a", "a", "a", "a", "b", "b", "b", "b"],
    ...     }
    ... )
    >>> outcomes = {"qol": {"start": "before", "year1": "after"}}
    >>> cohort = ls.load(frame, waves=["start", "year1"], outcomes=outcomes, group="arm")
    >>> found = ls.sensitivity(cohort)
    >>> found.to_frame()[["handling", "model", "errors"]].head(2).values.tolist()
    [['complete_cases', 'change_score', 'independent'], ['complete_cases', 'ancova', 'independent']]
    >>> found.to_frame("choices")["choice"].tolist()
    ['question', 'population', 'handling of the lost', 'model']
    """

    change: Change
    group: str
    reference: str
    specifications: tuple[Specification, ...]
    rows: tuple[dict[str, Any], ...]
    notes: tuple[str, ...]

    def summary(self) -> str:
        """Return how far the answers lie apart, and which choices move them."""
        frame, whole = self.to_frame(), self.change
        known = frame["estimate"].notna()
        digits = digits_for(whole.paired.sd)
        lines = [
            f"{whole.label}, {whole.from_wave} to {whole.to_wave}: {self._difference_in_words()}, by"
            f" {len(frame)} analyses"
            + ("." if known.all() else f", of which {int(known.sum())} could be made.")
        ]
        if known.any():
            low, high = (show_number(v, digits) for v in (frame["estimate"].min(), frame["estimate"].max()))
            side = side_of_zero(frame["conf_low"].to_numpy(), frame["conf_high"].to_numpy())
            lines.append(
                f"Estimates from {low} to {high}; the interval lies above zero in {int((side > 0).sum())},"
                f" below in {int((side < 0).sum())}."
            )
        for row in self.choice_rows():
            lines.append(
                f"{row['choice'].capitalize()} ({row['kind']}): moves the estimate by"
                f" {show_number(row['moves_median'], digits)} as a rule, by"
                f" {show_number(row['moves_largest'], digits)} at most."
            )
        return stamped("\n".join(lines), whole.synthetic)

    def _difference_in_words(self) -> str:
        return f"{in_sentence(self.group)} minus {in_sentence(self.reference)}"

    def to_frame(self, part: SensitivityPart = "specifications") -> pd.DataFrame:
        """Return one part of the result, unrounded.

        Parameters
        ----------
        part : {"specifications", "estimands", "choices"}
            Every analysis; the range over those that ask the same; or how far each choice moves the estimate,
            all other choices being the same.
        """
        parts = {
            "specifications": (list(self.rows), names.SENSITIVITY_COLUMNS),
            "estimands": (self.estimand_rows(), names.SENSITIVITY_ESTIMAND_COLUMNS),
            "choices": (self.choice_rows(), names.SENSITIVITY_CHOICE_COLUMNS),
        }
        if part not in parts:
            raise unknown_name("part", part, parts)
        return stamped_frame(frame_of(*parts[part]), self.change.synthetic)

    def _place(self) -> dict[str, Any]:
        return {key: self.rows[0][key] for key in ("outcome", "from_wave", "to_wave", "stratum")} | {
            "group": self.group,
            "reference": self.reference,
        }

    def estimand_rows(self) -> list[dict[str, Any]]:
        """Return one row a question: the range over the analyses that ask it."""
        frame = frame_of(self.rows, names.SENSITIVITY_COLUMNS)
        rows = []
        for estimand, part in frame.groupby("estimand", sort=False):
            side = side_of_zero(part["conf_low"].to_numpy(), part["conf_high"].to_numpy())
            rows.append(
                {
                    **self._place(),
                    "estimand": str(estimand),
                    "n_specifications": int(part["estimate"].notna().sum()),
                    "estimate_low": part["estimate"].min(),
                    "estimate_high": part["estimate"].max(),
                    "conf_low": part["conf_low"].min(),
                    "conf_high": part["conf_high"].max(),
                    "n_above": int((side > 0).sum()),
                    "n_below": int((side < 0).sum()),
                }
            )
        return rows

    def choice_rows(self) -> list[dict[str, Any]]:
        """Return one row a choice: how far it moves the estimate where nothing else differs."""
        frame = frame_of(self.rows, names.SENSITIVITY_COLUMNS)
        numbers = [frame[name].to_numpy() for name in ("estimate", "conf_low", "conf_high")]
        rows = []
        for choice in forks(self.specifications):
            sets = {others: i for i, others in enumerate(map(choice.others, self.specifications))}
            places = np.array([sets[choice.others(one)] for one in self.specifications])
            moves = moves_within(places, *numbers)
            rows.append(
                {
                    **self._place(),
                    "choice": choice.name,
                    "kind": choice.kind,
                    "why": choice.why,
                    "levels": "; ".join(choice.levels(self.specifications)),
                    "n_sets": moves.n_sets,
                    "moves_median": moves.median,
                    "moves_largest": moves.largest,
                    "n_flips": moves.flips,
                }
            )
        return rows

    def table(self, part: SensitivityPart = "estimands") -> Table:
        """Return the ranges of the questions, every analysis, or the choices, as a table."""
        from larstudy.sensitivity_tables import sensitivity_table

        return sensitivity_table(self, part)

    def figure_height(self) -> float:
        """Return the height in inches at which `plot` has room for every choice."""
        from larstudy import figures

        return figures.specifications_height(self._shown())

    def _shown(self) -> dict[str, list[str]]:
        return {choice.name: choice.levels(self.specifications) for choice in forks(self.specifications)}

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the curve of specifications: every estimate, sorted, above what was chosen in it."""
        from larstudy import figures

        frame = self.to_frame()
        for choice in forks(self.specifications):
            frame[choice.name] = [str(choice.level(one)) for one in self.specifications]
        frame["question"] = [one.question for one in self.specifications]
        kinds = {c.name: c.kind for c in forks(self.specifications)}
        return figures.plot_specifications(
            frame,
            self._shown(),
            ax=ax,
            title=f"{figures.between(self.change.label, self._waves(), lang)}\n"
            f"{label(self.group, lang)} − {in_sentence(self.reference, lang)}",
            kinds=kinds,
            higher_is=self.change.higher_is,
            synthetic=self.change.synthetic,
            lang=lang,
        )

    def _waves(self) -> tuple[str, str]:
        return self.change.from_wave, self.change.to_wave


def sensitivity(
    cohort: Cohort,
    *,
    outcome: str | None = None,
    from_wave: str | None = None,
    to_wave: str | None = None,
    group: str | None = None,
) -> Sensitivity:
    """Return one difference between two groups by every defensible analysis.

    Crossed are: each definition of the networks of the study (or its group column); complete cases, weights
    against attrition with overlap weights, imputation (as ``[analysis] missing`` has them); change score and
    analysis of covariance; with and without the covariates of the study; errors that take persons as
    independent, or that allow for clusters by CR2 and CR3. Beside them, of complete cases: the two waves with
    one baseline mean and, where a reliability is given, the corrected analysis of covariance.

    Parameters
    ----------
    cohort : Cohort
    outcome : str, optional
        The first of the study unless named.
    from_wave, to_wave : str, optional
        The first comparison of the study unless named.
    group : str, optional
        Held against the reference; ``gained_abstinent``, or the first group that is not the reference.

    Returns
    -------
    Sensitivity
        An analysis that cannot be made is there with NaN and the reason.

    Raises
    ------
    UnknownNameError
        For an outcome, an interval or a group that the study does not have.
    LarstudyError
        Where the study has no groups, or one only.

    Notes
    -----
    The choices come in two kinds. Some change the estimand: who counts as isolated, who changed more against
    who ended higher among people alike (Lord's paradox), those seen against everybody. Where these move the
    answer, the answer depends on the question. Others are arbitrary: weights or imputation, models that ask
    the same, errors. Where these move the answer, it is not robust.

    References
    ----------
    Steegen, S., Tuerlinckx, F., Gelman, A., & Vanpaemel, W. (2016). Increasing transparency through a
    multiverse analysis. Perspectives on Psychological Science, 11, 702-712. Simonsohn, U., Simmons, J. P., &
    Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour, 4, 1208-1214. Del Giudice, M.,
    & Gangestad, S. W. (2021). A traveler's guide to the multiverse. Advances in Methods and Practices in
    Psychological Science, 4 (which forks may be crossed).

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"q0": [3.0, 4, 2, 3, 5, 4], "q1": [5.0, 6, 3, 4, 5, 3], "arm": ["a", "a", "a", "b", "b", "b"]}
    ... )
    >>> cohort = ls.load(
    ...     frame, waves=["start", "year1"], outcomes={"qol": {"start": "q0", "year1": "q1"}}, group="arm"
    ... )
    >>> found = ls.sensitivity(cohort, group="b").to_frame("choices")
    >>> found.loc[found["choice"] == "question", "kind"].tolist()
    ['changes the estimand']
    """
    require_type(cohort, Cohort, "cohort", "a cohort, from load()")
    study = CrossedAnalyses(cohort)
    key = outcome or next(iter(cohort.spec.outcomes))
    pair = _interval(cohort, from_wave, to_wave)
    order, reference = study.order(pair)
    others = [name for name in order if name != reference]
    if not others:
        raise LarstudyError("There is one group only, or none: nothing to compare.")
    first = names.GAINED_ABSTINENT if names.GAINED_ABSTINENT in others else others[0]
    if group is not None and group not in others:
        raise unknown_name("group", group, others)
    return _sensitivity(*study.every(key, pair), group or first)


def every_sensitivity(cohort: Cohort) -> Iterator[Sensitivity]:
    """Return, for every outcome and interval, every other group against the reference."""
    study = CrossedAnalyses(cohort)
    for outcome in cohort.spec.outcomes:
        for pair in cohort.spec.analysis.comparisons:
            order, reference = study.order(pair)
            if len(order) > 1:
                changed, found = study.every(outcome, pair)
                yield from (_sensitivity(changed, found, name) for name in order if name != reference)


def _interval(cohort: Cohort, from_wave: str | None, to_wave: str | None) -> tuple[str, str]:
    pairs = cohort.spec.analysis.comparisons
    found = [p for p in pairs if from_wave in (None, p[0]) and to_wave in (None, p[1])]
    if not found:
        asked = " to ".join(wave or "any wave" for wave in (from_wave, to_wave))
        raise unknown_name("interval", asked, [" to ".join(pair) for pair in pairs])
    return found[0]


def _sensitivity(changed: Change, found: Sequence[Analysed], group: str) -> Sensitivity:
    place = {
        "outcome": changed.outcome, "from_wave": changed.from_wave, "to_wave": changed.to_wave,
        "stratum": changed.stratum,
    }  # fmt: skip
    rows = []
    for number, (made, by_group, reference) in enumerate(found, start=1):
        # What holds for every group stands once.
        everywhere = by_group.get(names.ALL, {"n": 0, "reason": f"nobody is in '{label(group)}'"})
        row = by_group.get(group, everywhere)
        rows.append(
            {
                **{key: row[key] for key in names.SENSITIVITY_COLUMNS if key in row},
                **place,
                "specification": number,
                "definition": made.definition, "handling": made.handling, "model": made.model,
                "covariates": made.covariates, "errors": made.errors, "estimand": made.estimand,
                "group": group, "reference": reference,
            }
        )  # fmt: skip
    return Sensitivity(
        change=changed,
        group=group,
        reference=found[0][2],
        specifications=tuple(made for made, _, _ in found),
        rows=tuple(rows),
        notes=(*changed.notes, *NOTES),
    )
