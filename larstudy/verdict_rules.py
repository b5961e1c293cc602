"""Rules by which analyses of one question become a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from larstudy.errors import LarstudyError, unknown_name
from larstudy.names import NOT_TESTABLE, VERDICTS
from larstudy.stats.arrays import FloatArray
from larstudy.stats.decisions import Criterion, Decisions, combine, decide

#: Shown beside each other by default, in standard deviations at entry: the distribution rules that a review
#: of 47 papers on smallest important changes found in use (PMC7218583); of half a standard deviation also
#: Norman (2003), Medical Care, 41, 582-592.
SMALLEST_EFFECTS: Final = (0.2, 0.3, 0.5)
#: What a code of `larstudy.stats.decisions` is called; -1 stands last.
_CALLED: Final = ("inconclusive", "supported", "depends", NOT_TESTABLE, "contradicted")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRule:
    """When a claim about a difference in change is called supported.

    Attributes
    ----------
    id, label : str
    analyses : tuple of str
        Which analyses must agree; see `larstudy.list_analyses`.
    criterion : {"relevance", "minimum_effect", "significance"}
        How an interval is held against the smallest effect; see `larstudy.stats.decisions.decide`.
    smallest : float
        The smallest effect that matters, in standard deviations at entry.

    Examples
    --------
    >>> rule = verdict_rule("two_estimands")
    >>> rule.analyses, rule.smallest
    (('change_score_cr2', 'ancova_cr2'), 0.2)
    >>> rule.verdict([0.5, 0.4], [0.2, 0.1], [0.8, 0.7]), rule.verdict([0.5, 0.1], [0.2, -0.2], [0.8, 0.4])
    ('supported', 'depends')
    """

    id: str
    label: str
    analyses: tuple[str, ...]
    criterion: Criterion = "relevance"
    smallest: float = SMALLEST_EFFECTS[0]

    def __post_init__(self) -> None:
        if not self.analyses:
            raise LarstudyError(f"Rule '{self.id}' names no analysis.")
        if not (np.isfinite(self.smallest) and self.smallest > 0):
            raise LarstudyError(
                f"Rule '{self.id}': the smallest effect that matters should be above 0, in standard"
                " deviations at entry."
            )

    def at(self, smallest: float) -> VerdictRule:
        """Return the same rule with another smallest effect that matters."""
        return replace(self, smallest=smallest)

    def decisions(self, estimate: FloatArray, low: FloatArray, high: FloatArray, sd: FloatArray) -> Decisions:
        """Return codes of `larstudy.stats.decisions`, one for each row of analyses.

        Parameters
        ----------
        estimate, low, high : ndarray, shape (..., analyses)
            Positive where the claim says so.
        sd : ndarray, shape (...)
            Standard deviation at entry, in the same unit.
        """
        smallest = np.asarray(self.smallest * np.asarray(sd))[..., None]
        known = smallest > 0
        codes = decide(
            estimate,
            np.where(known, low, np.nan),
            high,
            np.where(known, smallest, 1.0),
            criterion=self.criterion,
        )
        return combine(codes)

    def verdict(self, estimate: object, low: object, high: object, sd: float = 1.0) -> str:
        """Return the verdict on one claim, from the estimates and limits of the rule's analyses."""
        first, second, third = (np.asarray(values, dtype=float) for values in (estimate, low, high))
        return verdict_name(int(self.decisions(first, second, third, np.asarray(sd))))


def verdict_name(code: int) -> str:
    """Return what a code of `larstudy.stats.decisions` is called.

    Examples
    --------
    >>> verdict_name(1), verdict_name(-1)
    ('supported', 'contradicted')
    """
    assert set(_CALLED) == set(VERDICTS)
    return _CALLED[code]


def _rule(id: str, label: str, *analyses: str, criterion: Criterion = "relevance") -> VerdictRule:
    return VerdictRule(id=id, label=label, analyses=analyses, criterion=criterion)


_RULES: Final[Mapping[str, VerdictRule]] = {
    rule.id: rule
    for rule in (
        _rule("two_estimands", "Change score and ANCOVA must agree", "change_score_cr2", "ancova_cr2"),
        _rule(
            "three_estimands",
            "Change score, ANCOVA and one baseline mean for all must agree",
            "change_score_cr2",
            "ancova_cr2",
            "constrained_baseline_cr2",
        ),
        _rule(
            "two_estimands_strict",
            "Change score and ANCOVA must both leave out what does not matter",
            "change_score_cr2",
            "ancova_cr2",
            criterion="minimum_effect",
        ),
        _rule("change_score_alone", "Change score alone", "change_score_cr2"),
        _rule("ancova_alone", "ANCOVA alone", "ancova_cr2"),
        _rule(
            "significant_change_score",
            "Change score, p < .05, facilities ignored",
            "change_score",
            criterion="significance",
        ),
        _rule(
            "significant_ancova", "ANCOVA, p < .05, facilities ignored", "ancova", criterion="significance"
        ),
    )
}


def list_verdict_rules() -> tuple[str, ...]:
    """Return the ids of the rules that the package knows.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> list_verdict_rules()[0]
    'two_estimands'
    """
    return tuple(_RULES)


def verdict_rule(rule: str | VerdictRule) -> VerdictRule:
    """Return a rule by its id.

    Raises
    ------
    UnknownNameError
        Where there is none of that name; it lists them.

    Examples
    --------
    >>> verdict_rule("ancova_alone").label
    'ANCOVA alone'
    """
    if isinstance(rule, VerdictRule):
        return rule
    if rule not in _RULES:
        raise unknown_name("verdict rule", rule, list_verdict_rules())
    return _RULES[rule]
