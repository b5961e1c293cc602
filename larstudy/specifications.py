"""What can be chosen in an analysis of change, and which choices change the question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

ChoiceKind = Literal["arbitrary", "changes the estimand"]

COMPLETE_CASES: Final = "complete_cases"
NO_COVARIATES: Final = "none"

_CHANGED: Final = "who changed more"
_ALIKE: Final = "who ended higher, of those alike at the start"
_TRULY_ALIKE: Final = "who ended higher, of those truly alike at the start"
_QUESTIONS: Final = {
    "change_score": _CHANGED,
    "ancova": _ALIKE,
    "constrained_baseline": _ALIKE,
    "ancova_corrected": _TRULY_ALIKE,
}
_EVERYBODY: Final = "everybody with a first score"
_POPULATIONS: Final = {
    "complete_cases": "those seen at both waves",
    "attrition_weights": _EVERYBODY,
    "imputation": _EVERYBODY,
    "overlap_weights": "those who might have been in any group",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One analysis of the difference between two groups: what was chosen at each fork.

    Attributes
    ----------
    definition : str
        Of the networks, or the name of the group column.
    handling : str
        What is done about the lost: ``complete_cases``, ``attrition_weights``, ``imputation``; or
        ``overlap_weights``.
    model : str
        ``change_score``, ``ancova``, ``constrained_baseline``, or ``ancova_corrected`` with the reliability
        behind it, as ``ancova_corrected (0.8)``.
    covariates : str
        Those that are held alike beside the baseline, or ``none``.
    errors : str
        ``independent``, or how they allow for clusters.
    """

    definition: str
    handling: str
    model: str
    covariates: str
    errors: str

    @property
    def question(self) -> str:
        """What the model asks."""
        return _QUESTIONS[self.model.split(" ")[0]]

    @property
    def population(self) -> str:
        """Whom the analysis speaks of."""
        return _POPULATIONS[self.handling]

    @property
    def estimand(self) -> str:
        """What is estimated, in words; analyses with the same words differ in arbitrary choices only.

        Examples
        --------
        >>> Specification(
        ...     definition="help",
        ...     handling="imputation",
        ...     model="change_score",
        ...     covariates="none",
        ...     errors="CR2",
        ... ).estimand
        'groups by help; who changed more; everybody with a first score'
        """
        parts = [f"groups by {self.definition}", self.question, self.population]
        if self.covariates != NO_COVARIATES:
            parts.append(f"alike in {self.covariates} too")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One fork: what is chosen there, and whether another choice asks another question.

    Attributes
    ----------
    name : str
    kind : {"arbitrary", "changes the estimand"}
    level : callable
        What a specification chose, of the levels that count as different here.
    others : callable
        Everything else that it chose: specifications alike in that differ in this choice alone.
    why : str
        Why it is of that kind.
    """

    name: str
    kind: ChoiceKind
    level: Callable[[Specification], object]
    others: Callable[[Specification], object]
    why: str

    def levels(self, specifications: Sequence[Specification]) -> list[str]:
        """Return what is chosen among, where nothing else differs; nothing where there is no choice."""
        by_others: dict[object, set[str]] = {}
        for one in specifications:
            by_others.setdefault(self.others(one), set()).add(str(self.level(one)))
        contested = set().union(*(found for found in by_others.values() if len(found) > 1))
        shown = dict.fromkeys(str(self.level(one)) for one in specifications)
        return [level for level in shown if level in contested]


CHOICES: Final = (
    Choice(
        name="definition",
        kind="changes the estimand",
        level=lambda s: s.definition,
        others=lambda s: (s.handling, s.model, s.covariates, s.errors),
        why="other persons count as isolated or as abstinent",
    ),
    Choice(
        name="question",
        kind="changes the estimand",
        level=lambda s: s.question,
        others=lambda s: (s.definition, s.handling, s.covariates, s.errors),
        why="who changed more, or who ended higher among those alike: Lord's paradox",
    ),
    Choice(
        name="population",
        kind="changes the estimand",
        level=lambda s: s.population,
        others=lambda s: (s.definition, s.model, s.covariates, s.errors),
        why="those seen, everybody who came in, or those who might have been in any group",
    ),
    Choice(
        name="covariates",
        kind="changes the estimand",
        level=lambda s: s.covariates,
        others=lambda s: (s.definition, s.handling, s.model, s.errors),
        why="people alike in more ways are compared",
    ),
    Choice(
        name="handling of the lost",
        kind="arbitrary",
        level=lambda s: s.handling,
        others=lambda s: (s.definition, s.population, s.model, s.covariates, s.errors),
        why="weights and imputation speak of the same people, if being lost depends on what was seen",
    ),
    Choice(
        name="model",
        kind="arbitrary",
        level=lambda s: s.model,
        others=lambda s: (s.definition, s.handling, s.question, s.covariates, s.errors),
        why="models that ask the same",
    ),
    Choice(
        name="errors",
        kind="arbitrary",
        level=lambda s: s.errors,
        others=lambda s: (s.definition, s.handling, s.model, s.covariates),
        why="the estimate stays, its interval moves",
    ),
)  # fmt: skip


def forks(specifications: Sequence[Specification]) -> tuple[Choice, ...]:
    """Return the choices at which specifications differ that are alike in all else."""
    return tuple(choice for choice in CHOICES if choice.levels(specifications))
