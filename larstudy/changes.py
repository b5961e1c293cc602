"""Change of one outcome between two waves: paired by person, everybody accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from larstudy.catalogue import in_language
from larstudy.cohort import wave_position
from larstudy.errors import LarstudyError, require_type
from larstudy.ledger import PAIRED, Ledger
from larstudy.names import PERSON, HigherIs
from larstudy.results import Result, as_row, frozen_array, stamped, stamped_frame
from larstudy.scores import Scores
from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.means import mean_interval
from larstudy.stats.paired import PairedChange, paired_change
from larstudy.tables import (
    Column,
    Scale,
    Table,
    digits_for,
    show_fixed,
    show_level,
    show_number,
    show_p_in_text,
)

_ROUNDING = 64 * float(np.finfo(float).eps)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Change(Result):
    """Change of one outcome, follow-up minus baseline, of everybody who has both.

    Attributes
    ----------
    outcome, label : str
    higher_is : {"better", "worse"} or None
        The direction; improvement is derived from it.
    from_wave, to_wave, stratum : str
    persons : Index
        Those with both waves, sorted by id.
    before, after : ndarray of float, shape (persons,)
    before_only : ndarray of float
        Baselines of those who have no score at the second wave.
    persons_once : Index
        Those with a score at one of the two waves only, whichever.
    values_once : ndarray of float, shape (persons_once, 2)
        Their scores; NaN at the wave that they lack.
    paired : PairedChange
        Mean change, interval, paired t test and effect sizes of all of them.
    ledger : Ledger
        Who came in, who left and why.
    confidence : float
    notes : tuple of str
    source : str
    synthetic : bool

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
    >>> change = ls.change(ls.outcome(cohort, "qol"), "start", "year1")
    >>> change.paired.n, change.paired.estimate
    (4, 1.5)
    """

    outcome: str
    label: str
    higher_is: HigherIs | None
    from_wave: str
    to_wave: str
    stratum: str
    persons: pd.Index[Any]
    before: FloatArray
    after: FloatArray
    before_only: FloatArray
    persons_once: pd.Index[Any]
    values_once: FloatArray
    paired: PairedChange
    ledger: Ledger
    confidence: float
    notes: tuple[str, ...]
    source: str
    synthetic: bool

    @property
    def excluded(self) -> pd.DataFrame:
        """Who has no change, and why: columns person, step, reason."""
        return self.ledger.excluded()

    @property
    def direction(self) -> int:
        """1 where a rise is an improvement, -1 where a fall is, 0 where it was not declared."""
        return {"better": 1, "worse": -1, None: 0}[self.higher_is]

    @property
    def scale(self) -> Scale:
        """How numbers in the unit of the outcome are shown: decimals, and what is rounding error."""
        size = max(float(np.abs(values).max(initial=0.0)) for values in (self.before, self.after))
        return Scale(digits=digits_for(self.paired.sd), noise=_ROUNDING * size)

    def summary(self) -> str:
        """Return in sentences who changed, by how much, how sure, and who was left out."""
        interval = f"{self.from_wave} to {self.to_wave}"
        lines = [f"{self.label}, {interval}: {change_in_words(self.paired, self.higher_is, self.confidence)}"]
        lines.append(left_out_in_words(self.ledger, "with both waves"))
        return stamped("\n".join(lines), self.synthetic)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a person: person, before, after, change, improvement.

        ``improvement`` is the change turned so that up is good; missing where the direction was not declared.
        """
        change = self.after - self.before
        improvement = change * self.direction if self.direction else np.full(len(change), np.nan)
        frame = pd.DataFrame(
            {
                PERSON: self.persons,
                "before": self.before,
                "after": self.after,
                "change": change,
                "improvement": improvement,
            }
        )
        return stamped_frame(frame, self.synthetic)

    def table(self) -> Table:
        """Return the change of everybody as a table of one row; no person's values are in it."""
        paired = self.paired
        columns = (
            Column(name="n", label="n", kind="count"),
            Column(name="n_excluded", label="Left out", kind="count"),
            Column(name="before_mean", label=self.from_wave),
            Column(name="after_mean", label=self.to_wave),
            Column(name="estimate", label="Change"),
            Column(name="conf_low", label="CI from"),
            Column(name="conf_high", label="CI to"),
            Column(name="p_value", label="p", kind="p"),
            Column(name="d_z", label="d_z"),
        )
        row = (
            paired.n,
            self.ledger.n_entered - paired.n,
            paired.before_mean,
            paired.after_mean,
            paired.estimate,
            paired.conf_low,
            paired.conf_high,
            paired.p_value,
            paired.effect.d_z,
        )
        return Table(
            title=f"{self.label}: change from {self.from_wave} to {self.to_wave}",
            columns=columns,
            rows=(row,),
            notes=self.notes,
            source=self.source,
            synthetic=self.synthetic,
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the mean at both waves with intervals."""
        from larstudy import figures

        at_both = [mean_interval(values, self.confidence) for values in (self.before, self.after)]
        waves = (self.from_wave, self.to_wave)
        frame = pd.DataFrame([{"wave": w, **as_row(at)} for w, at in zip(waves, at_both, strict=True)])
        return figures.plot_waves(
            frame,
            ax=ax,
            title=in_language(self.label, lang),
            higher_is=self.higher_is,
            synthetic=self.synthetic,
            lang=lang,
        )


def change(scores: Scores, from_wave: str, to_wave: str) -> Change:
    """Return the change of everybody who has a score at both waves.

    Parameters
    ----------
    scores : Scores
        From `outcome`.
    from_wave, to_wave : str
        Two waves of the study, the earlier first.

    Returns
    -------
    Change
        Follow-up minus baseline. Whoever lacks a score is in ``excluded`` with the reason.

    Raises
    ------
    UnknownNameError
        Where there is no such wave; the nearest is named.
    LarstudyError
        Where the waves are the same or the later comes first.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"id": [1, 1, 2, 2, 3], "t": [0, 1, 0, 1, 0], "qol": [3.0, 5, 7, 8, 4]})
    >>> cohort = ls.load(
    ...     frame, person="id", wave="t", waves={"start": 0, "year1": 1}, outcomes={"qol": "qol"}
    ... )
    >>> result = ls.change(ls.outcome(cohort, "qol"), "start", "year1")
    >>> result.to_frame()["change"].tolist()
    [2.0, 1.0]
    >>> result.excluded["reason"].tolist()
    ['no answers at year1']
    """
    require_type(scores, Scores, "scores", "the scores of an outcome, from outcome()")
    first, second = wave_position(scores.waves, from_wave), wave_position(scores.waves, to_wave)
    if first >= second:
        raise LarstudyError(
            f"'{from_wave}' does not come before '{to_wave}'. The waves in order: {', '.join(scores.waves)}."
        )
    ledger = Ledger(persons=scores.persons, entered=scores.within)
    ledger = ledger.take_step(PAIRED, reasons_without_score(scores, (first, second)))
    present = ledger.present
    before, after = scores.values[present, first], scores.values[present, second]
    both = scores.values[:, [first, second]]
    once = scores.within & (np.isnan(both).sum(axis=1) == 1)
    return Change(
        outcome=scores.outcome,
        label=scores.label,
        higher_is=scores.higher_is,
        from_wave=from_wave,
        to_wave=to_wave,
        stratum=scores.stratum,
        persons=scores.persons[present],
        before=frozen_array(before),
        after=frozen_array(after),
        before_only=frozen_array(_before_only(scores, first, second)),
        persons_once=scores.persons[once],
        values_once=frozen_array(both[once]),
        paired=paired_change(before, after, level=scores.confidence),
        ledger=ledger,
        confidence=scores.confidence,
        notes=scores.notes,
        source=scores.source,
        synthetic=scores.synthetic,
    )


def _before_only(scores: Scores, first: int, second: int) -> FloatArray:
    before, after = scores.values[:, first], scores.values[:, second]
    found: FloatArray = before[scores.within & ~np.isnan(before) & np.isnan(after)]
    return found


def reasons_without_score(scores: Scores, waves: Sequence[int]) -> list[tuple[str, BoolArray]]:
    """Return why a person has no change: no answers at all, or none that make a score, wave by wave."""
    found: list[tuple[str, BoolArray]] = []
    for wave in waves:
        name = scores.waves[wave]
        found.append((f"no answers at {name}", ~scores.seen[:, wave]))
        what = "not scored (items unanswered)" if scores.from_items else "missing"
        found.append((f"{scores.outcome} {what} at {name}", np.isnan(scores.values[:, wave])))
    return found


# -- words --------------------------------------------------------------------------------------------


def change_in_words(paired: PairedChange, higher_is: HigherIs | None, level: float) -> str:
    """Return a sentence on a mean change, with its interval, p-value and effect size."""
    n = "1 person" if paired.n == 1 else f"{paired.n} persons"
    if np.isnan(paired.p_value):
        # The mean of one person is that person's value, and sentences travel further than tables.
        mean = f", mean change {show_number(paired.estimate)}" if paired.n > 1 else ""
        return f"{n}{mean}; no test: {paired.reason}."
    estimate = paired.estimate
    moved = "rose" if estimate > 0 else "fell" if estimate < 0 else "did not move"
    judged = ""
    if higher_is is not None and estimate != 0:
        judged = " (better)" if (estimate > 0) == (higher_is == "better") else " (worse)"
    digits = digits_for(paired.sd)
    before, after, change, low, high = (
        show_fixed(value, digits)
        for value in (paired.before_mean, paired.after_mean, estimate, paired.conf_low, paired.conf_high)
    )
    return (
        f"{n}; the mean {moved}{judged} from {before} to {after}, a change of {change}"
        f" ({show_level(level)} CI {low} to {high}, {show_p_in_text(paired.p_value)},"
        f" d_z {show_number(paired.effect.d_z)})."
    )


def show_interval(paired: PairedChange, digits: int) -> str:
    """Return a mean change with its interval and n, for a cell; that of one person is not shown.

    Examples
    --------
    >>> import numpy as np
    >>> shown = show_interval(paired_change(np.array([1.0, 2, 3]), np.array([2.0, 2, 4])), 1)
    >>> shown.split(", ")[0]
    '0.7 (−0.8 to 2.1)'
    """
    n = f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{paired.n}"
    if paired.n < 2:
        return n
    shown = show_fixed(paired.estimate, digits)
    if np.isfinite(paired.conf_low):
        low, high = show_fixed(paired.conf_low, digits), show_fixed(paired.conf_high, digits)
        shown += f" ({low} to {high})"
    return f"{shown}, {n}"


def left_out_in_words(ledger: Ledger, what: str) -> str:
    """Return a sentence on who came in, who is used and who was left out, and why."""
    lost = ledger.n_entered - ledger.n_present
    reasons = f" ({ledger.losses_in_words()})" if lost else ""
    return f"Of {ledger.n_entered} persons {ledger.n_present} are used, {what}; {lost} left out{reasons}."
