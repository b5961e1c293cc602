"""The scores of one outcome at every wave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from larstudy.catalogue import in_language
from larstudy.cohort import Cohort, wave_position
from larstudy.errors import require_type, unknown_name
from larstudy.names import ALL, PERSON, WAVE, HigherIs
from larstudy.results import Result, distinct, frozen_array, stamped, stamped_frame
from larstudy.scales import score_answers
from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.means import MeanInterval, mean_interval
from larstudy.tables import Column, Table, show_number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language
    from larstudy.specs import Instrument


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Scores(Result):
    """One outcome of every person at every wave.

    Attributes
    ----------
    outcome, label : str
    higher_is : {"better", "worse"} or None
        None where the direction was not declared.
    persons : Index
    waves : tuple of str
    values : ndarray of float, shape (persons, waves)
        NaN where there is no score.
    seen : ndarray of bool, shape (persons, waves)
        Whether anything was recorded of the person at the wave.
    stratum : str
        Which part of the cohort is studied; "all" unless restricted.
    within : ndarray of bool, shape (persons,)
        Who belongs to that part.
    confidence : float
        Level of the intervals made from the scores.
    from_items : bool
        Whether the scores were made here from the items of an instrument.
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
    >>> ls.outcome(cohort, "qol").to_frame()["qol"].tolist()
    [3.0, 5.0, 4.0, 6.0, 2.0, 3.0, 3.0, 4.0]
    """

    outcome: str
    label: str
    higher_is: HigherIs | None
    persons: pd.Index[Any]
    waves: tuple[str, ...]
    values: FloatArray
    seen: BoolArray
    stratum: str
    within: BoolArray
    confidence: float
    from_items: bool
    notes: tuple[str, ...]
    source: str
    synthetic: bool

    def restricted(self, stratum: str, within: BoolArray) -> Scores:
        """Return the scores of a part of the cohort, under the name of the stratum."""
        return replace(self, stratum=stratum, within=self.within & within)

    def at(self, wave: str) -> FloatArray:
        """Return everybody's score at a wave, in the order of ``persons``."""
        return self.values[:, wave_position(self.waves, wave)]

    def _by_wave(self) -> list[MeanInterval]:
        return [mean_interval(self.at(wave)[self.within], self.confidence) for wave in self.waves]

    def summary(self) -> str:
        """Return how many have a score at each wave and its mean."""
        parts = [
            f"{wave}: n = {at.n}, mean {show_number(at.mean)}"
            for wave, at in zip(self.waves, self._by_wave(), strict=True)
        ]
        return stamped(f"{self.label} ({self.outcome}). " + "; ".join(parts) + ".", self.synthetic)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a person and wave: person, wave, and the outcome under its name."""
        chosen = np.repeat(self.within, len(self.waves))
        frame = pd.DataFrame(
            {
                PERSON: np.repeat(self.persons.to_numpy(), len(self.waves)),
                WAVE: pd.Categorical(
                    np.tile(self.waves, len(self.persons)), categories=list(self.waves), ordered=True
                ),
                self.outcome: self.values.ravel(),
            }
        )
        return stamped_frame(frame[chosen].reset_index(drop=True), self.synthetic)

    def table(self) -> Table:
        """Return n, mean, SD and interval at each wave."""
        columns = (
            Column(name=WAVE, label="Wave", kind="text"),
            Column(name="n", label="n", kind="count"),
            Column(name="n_excluded", label="No score", kind="count"),
            Column(name="mean", label="Mean"),
            Column(name="sd", label="SD"),
            Column(name="conf_low", label="CI from"),
            Column(name="conf_high", label="CI to"),
        )
        total = int(self.within.sum())
        rows = [
            (wave, at.n, total - at.n, at.mean, at.sd, at.conf_low, at.conf_high)
            for wave, at in zip(self.waves, self._by_wave(), strict=True)
        ]
        return Table(
            title=f"{self.label} at each wave",
            columns=columns,
            rows=tuple(rows),
            notes=self.notes,
            source=self.source,
            synthetic=self.synthetic,
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the mean at each wave with its interval."""
        from larstudy import figures

        frame = self.table().to_frame()
        return figures.plot_waves(
            frame,
            ax=ax,
            title=in_language(self.label, lang),
            higher_is=self.higher_is,
            synthetic=self.synthetic,
            lang=lang,
        )


def outcome(cohort: Cohort, name: str) -> Scores:
    """Return the scores of one outcome of a cohort, scored from its items where the study says so.

    Parameters
    ----------
    cohort : Cohort
    name : str
        An outcome of the study, such as ``"mental"``.

    Returns
    -------
    Scores

    Raises
    ------
    UnknownNameError
        Where the study has no such outcome; the nearest is named.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"id": [1, 1, 2, 2], "t": [0, 1, 0, 1], "qol": [0.3, 0.5, 0.7, 0.7]})
    >>> cohort = ls.load(
    ...     frame, person="id", wave="t", waves={"start": 0, "year1": 1}, outcomes={"qol": "qol"}
    ... )
    >>> print(ls.outcome(cohort, "qol"))
    qol (qol). start: n = 2, mean 0.50; year1: n = 2, mean 0.60.
    """
    require_type(cohort, Cohort, "cohort", "a cohort, from load()")
    if name not in cohort.spec.outcomes:
        raise unknown_name("outcome", name, cohort.spec.outcomes)
    spec = cohort.spec.outcomes[name]
    notes = [*cohort.notes]
    if spec.instrument is not None:
        notes.extend(spec.instrument.provenance_notes())
    if spec.higher_is is None:
        notes.append(f"Whether a higher {name} is better was not declared: changes are given as they are.")
    values = cohort.numbers["outcome", name] if spec.columns else _score_cohort(cohort, name)
    return Scores(
        outcome=name,
        label=spec.label,
        higher_is=spec.higher_is,
        persons=cohort.persons,
        waves=cohort.waves,
        values=frozen_array(values),
        seen=cohort.seen,
        stratum=ALL,
        within=np.ones(len(cohort.persons), dtype=bool),
        confidence=cohort.spec.analysis.confidence,
        from_items=not spec.columns,
        notes=distinct(notes),
        source=cohort.spec.source,
        synthetic=cohort.spec.synthetic,
    )


def _score_cohort(cohort: Cohort, name: str) -> FloatArray:
    spec = cohort.spec.outcomes[name]
    # Items never stand without an instrument: the reader of study files refuses them.
    instrument = cast("Instrument", spec.instrument)
    answers = {item: cohort.numbers["item", name, item].ravel() for item in spec.items}
    value_set = cohort.value_sets.get(instrument.id)
    scored = score_answers(instrument, answers, [spec.scale], value_set=value_set)[spec.scale]
    return scored.reshape(cohort.seen.shape)
