"""What a report is made from: the study as described, and the tables of its run as they may be shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from larstudy.clusters import with_cluster_errors
from larstudy.figures import FigureResult
from larstudy.names import ALL, GAINED_ABSTINENT, UNCLASSIFIED, Language
from larstudy.specs import StudySpec
from larstudy.tables import Table, digits_for

Row = Mapping[Any, Any]
Interval = tuple[str, str]
_A_YEAR: Final = ("month12", "year1")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Material:
    """A study and its tables.

    Attributes
    ----------
    spec : StudySpec
    frames : mapping of str to DataFrame
        The parts of the analysis by name, as they are written; what is withheld there is withheld here.
        Changes have the errors for the clusters where the study names them.
    n_persons : int
        How many came in.
    notes : tuple of str
        Everything that a reader must know.
    made_with : mapping of str to str
        What made the report: versions, hashes, the rule by which cells are withheld.
    extra : tuple of Table
        Tables of this study only.
    draw : callable
        Draws a figure of the study by its name, as `Analysis.figure`.
    table_one : Table or None
        Who the groups are at the start, as it may be shown.
    withheld : str
        What a reader must know about numbers that are withheld; empty where none are.
    points : bool
        Whether a point or a line of a person may be drawn.
    """

    spec: StudySpec
    frames: Mapping[str, pd.DataFrame]
    n_persons: int
    notes: tuple[str, ...] = ()
    made_with: Mapping[str, str]
    extra: tuple[Table, ...] = ()
    draw: Callable[..., FigureResult]
    withheld: str = ""
    table_one: Table | None = None
    points: bool = False
    _found: dict[tuple[str, ...], list[Row]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        # Where the study names clusters, no part of the report tells errors that ignore them.
        if "change" in self.frames:
            told = {**self.frames, "change": with_cluster_errors(self.frames["change"])}
            object.__setattr__(self, "frames", told)

    def frame(self, part: str, **where: str) -> pd.DataFrame:
        """Return the rows of a part that are so; an empty frame where there is no such part."""
        frame = self.frames.get(part)
        if frame is None:
            return pd.DataFrame()
        for column, value in where.items():
            if column not in frame.columns:
                return frame.iloc[:0]
            frame = frame[frame[column] == value]
        return frame

    def rows(self, part: str, **where: str) -> list[Row]:
        """Return the rows of a part that are so."""
        # Three languages and every picture ask for the same rows.
        asked = (part, *(text for item in where.items() for text in item))
        if asked not in self._found:
            self._found[asked] = [dict(row) for row in self.frame(part, **where).to_dict("records")]
        return list(self._found[asked])

    def row(self, part: str, **where: str) -> Row | None:
        """Return the first row of a part that is so, None where there is none."""
        found = self.rows(part, **where)
        return found[0] if found else None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes, in the order of the study; the first is the primary one."""
        return tuple(dict.fromkeys(self.frames["change"]["outcome"]))

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The intervals that are compared."""
        return self.spec.analysis.comparisons

    @property
    def strata(self) -> tuple[str, ...]:
        """Everybody, then each treatment status."""
        return tuple(dict.fromkeys(self.frames["change"]["stratum"]))

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that are compared, in their order; none where people are not in groups."""
        shown = dict.fromkeys(self.frames["change"]["group"])
        return tuple(group for group in shown if group not in (ALL, UNCLASSIFIED))

    @property
    def reference(self) -> str:
        """The group that the others are held against, empty where there is none."""
        frame = self.frame("estimands")
        return str(frame["reference"].iloc[0]) if len(frame) else ""

    @property
    def key_group(self) -> str:
        """The group whose difference is told first: who gained an abstinent network, or else the first."""
        others = [group for group in self.groups if group != self.reference]
        if not others or not self.reference:
            return ""
        return GAINED_ABSTINENT if GAINED_ABSTINENT in others else others[0]

    def key_interval(self, outcome: str) -> Interval:
        """Return the interval of a year where a wave is named for one, or else the first."""
        compared = [
            pair
            for pair in self.intervals
            if self.row("change", outcome=outcome, from_wave=pair[0], to_wave=pair[1]) is not None
        ]
        return told_first(compared)

    def digits(self, outcome: str) -> int:
        """Return how many decimals the scale of an outcome needs."""
        rows = self.rows("change", outcome=outcome, group=ALL, stratum=ALL)
        return digits_for(max((float(row["sd"]) for row in rows), default=float("nan")))

    def label(self, outcome: str) -> str:
        """Return what an outcome is called in the study file."""
        return self.spec.outcomes[outcome].label


def told_first(intervals: Sequence[Interval]) -> Interval:
    """Return the interval that a report tells: that of a year where a wave is named for one, or the first.

    Examples
    --------
    >>> told_first([("baseline", "month6"), ("baseline", "month12")])
    ('baseline', 'month12')
    >>> told_first([("T0", "T1"), ("T0", "T2")])
    ('T0', 'T1')
    """
    yearly = [pair for pair in intervals if pair[1] in _A_YEAR]
    return (yearly or list(intervals))[0]


def place(outcome: str, interval: Interval, stratum: str = ALL) -> dict[str, str]:
    """Return what tells the rows of one comparison from others."""
    return {"outcome": outcome, "from_wave": interval[0], "to_wave": interval[1], "stratum": stratum}


def languages(first: Language) -> Sequence[Language]:
    """Return the languages of a report, the one that it opens in first.

    Examples
    --------
    >>> languages("nn")
    ['nn', 'en', 'nb']
    """
    known: list[Language] = ["en", "nb", "nn"]
    return [first, *(lang for lang in known if lang != first)]
