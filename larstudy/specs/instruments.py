"""What an instrument is: which items a questionnaire has, and how they become scales."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from larstudy.errors import unknown_name
from larstudy.names import HigherIs

Combine = Literal["mean", "sum", "weighted_sum", "profile", "value_set"]
Unanswered = Literal["mean", "zero"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecodeWhen:
    """A recoding that holds for those who gave certain answers to another item.

    Attributes
    ----------
    item : str
        The other item.
    answers : tuple of float
        Its answers for which this recoding holds; empty where it holds for those who left it out.
    points : mapping
        Answer to points.
    """

    item: str
    answers: tuple[float, ...]
    points: Mapping[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question of an instrument.

    Attributes
    ----------
    id : str
    theme : str
        A neutral label; the wording itself is not shipped.
    low, high : float
        Lowest and highest answer. Answers are whole numbers unless ``continuous``.
    reversed : bool
        Points are ``low + high - answer``.
    points : mapping
        Answer to points, where a table is needed; its keys are then the only allowed answers.
    recode_when : tuple of RecodeWhen
        Tables that depend on another item.
    continuous : bool
        Any number from ``low`` to ``high`` is an answer.
    """

    id: str
    theme: str = ""
    low: float
    high: float
    reversed: bool = False
    points: Mapping[float, float] = field(default_factory=dict)
    recode_when: tuple[RecodeWhen, ...] = ()
    continuous: bool = False

    def allowed(self) -> tuple[float, ...]:
        """Return the allowed answers; empty where any number in the range is one."""
        if self.continuous:
            return ()
        if self.points:
            return tuple(self.points)
        return tuple(float(v) for v in range(int(self.low), int(self.high) + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How one score is made.

    Attributes
    ----------
    id, label : str
    items : tuple of str
        The items it is made from, or
    of : tuple of str
        the scales it is made from.
    combine : {"mean", "sum", "weighted_sum", "profile", "value_set"}
    min_answered : int
        With fewer answers (or component scales) there is no score.
    unanswered : {"mean", "zero"}
        What a permitted unanswered item counts as.
    multiply, add : float
        The combined value is multiplied, then added to.
    rescale : pair of intervals or None
        ``(from, to)``: carried over linearly from the first interval to the second.
    means, sds, weights : tuple of float
        For ``weighted_sum``, in the order of ``of``.
    range : interval or None
        Lowest and highest possible score, where the scale has ends.
    higher_is : {"better", "worse"} or None
    cutoff : float or None
        A score above it is a case; ``cutoff_label`` says of what, with its source.
    """

    id: str
    label: str
    items: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    combine: Combine
    min_answered: int
    unanswered: Unanswered = "mean"
    multiply: float = 1.0
    add: float = 0.0
    rescale: tuple[tuple[float, float], tuple[float, float]] | None = None
    means: tuple[float, ...] = ()
    sds: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    range: tuple[float, float] | None = None
    higher_is: HigherIs | None = None
    cutoff: float | None = None
    cutoff_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkedExample:
    """A hand-worked example: answers, the scores they must give, and where it was worked."""

    place: str
    answers: Mapping[str, float]
    expect: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A questionnaire and its scoring rules.

    Attributes
    ----------
    id, name, reference, licence : str
    confidence : str
        How the rules are known: T (read in the source), A (its abstract), S (secondary), PK (prior
        knowledge, not checked).
    verified_by : str
        What the rules were checked against; empty where nothing was.
    items : mapping of str to Item
    scales : mapping of str to Scale
    max_missing_share : float
        A person with more than this share of all items unanswered gets no score at all.
    notes : tuple of str
        Shown with every result that rests on the instrument.
    examples : tuple of WorkedExample
    altered : tuple of str
        What a study file has changed; shown with every result.
    value_set : str
        File of the value set that a study file names; larstudy ships none.
    """

    id: str
    name: str
    reference: str
    licence: str
    confidence: str
    verified_by: str
    items: Mapping[str, Item]
    scales: Mapping[str, Scale]
    max_missing_share: float = 1.0
    notes: tuple[str, ...] = ()
    examples: tuple[WorkedExample, ...] = ()
    altered: tuple[str, ...] = ()
    value_set: str = ""

    def scale(self, name: str) -> Scale:
        """Return a scale by its id.

        Raises
        ------
        UnknownNameError
            Where there is none of that name; the nearest is named.
        """
        if name not in self.scales:
            raise unknown_name(f"scale of {self.id}", name, self.scales)
        return self.scales[name]

    def items_of(self, scale: str) -> tuple[str, ...]:
        """Return the items that a scale needs, those of its component scales and conditions included.

        Examples
        --------
        >>> import larstudy as ls
        >>> from larstudy.specs import read_instrument
        >>> ls.read_instrument("sf36").items_of("bp")
        ('7', '8')
        """
        found: dict[str, None] = {}
        spec = self.scale(scale)
        for part in spec.of:
            found.update(dict.fromkeys(self.items_of(part)))
        for item in spec.items:
            found[item] = None
            # An item that a study file misspells is told of elsewhere.
            conditions = self.items[item].recode_when if item in self.items else ()
            found.update(dict.fromkeys(rule.item for rule in conditions))
        if self.max_missing_share < 1:
            found.update(dict.fromkeys(self.items))
        return tuple(item for item in self.items if item in found)

    def provenance_notes(self) -> tuple[str, ...]:
        """Return what a reader of any result must know about the scoring rules."""
        known = {
            "PK": "from prior knowledge, not from a published source",
            "S": "from a secondary source",
        }
        lines = [f"{self.name}: {self.reference}."]
        if not self.verified_by:
            how = known.get(self.confidence, f"with confidence code {self.confidence}")
            lines.append(f"Scoring of {self.name}: {how}; not checked against the manual.")
        lines.extend(f"{self.name}: {note}" for note in self.notes)
        lines.extend(f"{self.name}: {change} (changed in the study file)" for change in self.altered)
        return tuple(lines)
