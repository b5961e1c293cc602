"""Network rules as data: from what a person answers to one of the fixed network categories."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from larstudy.errors import Problem
from larstudy.names import (
    ABSTINENT,
    CATEGORIES,
    DRUG_DOMINATED,
    GAINED_ABSTINENT,
    ISOLATED,
    MAINTAINED_ABSTINENT,
    UNCLASSIFIED,
)
from larstudy.specs.reading import raise_if_any

#: Stands for every category in a transition.
ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One answer that a rule needs: its meaning and every level that it can have."""

    id: str
    label: str
    levels: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRule:
    """When a category applies: all of ``all_of`` and, where given, at least one of ``any_of``.

    Each condition holds the levels of one input. A rule without conditions takes whoever is left.
    """

    category: str
    all_of: Mapping[str, frozenset[float]]
    any_of: Mapping[str, frozenset[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionRule:
    """Which change group a pair of categories makes; ``any`` stands for every category."""

    from_category: str
    to_category: str
    group: str


#: The change groups of the reviewed article, as far as its abstract and news name them; the follow-up
#: category decides, and an abstinent network is told apart by whether it was there from the start.
FIXED_TRANSITIONS = (
    TransitionRule(from_category=ABSTINENT, to_category=ABSTINENT, group=MAINTAINED_ABSTINENT),
    TransitionRule(from_category=ANY, to_category=ABSTINENT, group=GAINED_ABSTINENT),
    TransitionRule(from_category=ANY, to_category=DRUG_DOMINATED, group=DRUG_DOMINATED),
    TransitionRule(from_category=ANY, to_category=ISOLATED, group=ISOLATED),
)


def change_group(transitions: Sequence[TransitionRule], from_category: str, to_category: str) -> str:
    """Return the change group of a pair of categories; 'unclassified' where no rule speaks of the pair.

    A rule is proven for every category that it can give, so that this is a pair which nobody makes.

    Examples
    --------
    >>> change_group(FIXED_TRANSITIONS, "isolated", "abstinent")
    'gained_abstinent'
    """
    return next(
        (
            rule.group
            for rule in transitions
            if rule.from_category in (ANY, from_category) and rule.to_category in (ANY, to_category)
        ),
        UNCLASSIFIED,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRules:
    """A definition of the network categories.

    Attributes
    ----------
    id, name, reference, confidence, verified_by : str
        ``verified_by`` is empty where the rule was not checked against its source.
    inputs : mapping of str to Input
    categories : tuple of CategoryRule
        Tried in this order; the first that applies is the category.
    transitions : tuple of TransitionRule
        Tried in this order.
    notes : tuple of str
        Shown with every result that rests on the rule.
    columns : mapping of str to str
        The columns of the data set that the rule was written for, input to column; empty for a general rule.
    """

    id: str
    name: str
    reference: str
    confidence: str
    verified_by: str
    inputs: Mapping[str, Input]
    categories: tuple[CategoryRule, ...]
    transitions: tuple[TransitionRule, ...]
    notes: tuple[str, ...] = ()
    columns: Mapping[str, str]

    def provenance_notes(self) -> tuple[str, ...]:
        """Return what a reader of any result must know about the rule."""
        lines = [f"Network categories by rule '{self.id}': {self.name} ({self.reference})."]
        if not self.verified_by:
            how = "prior knowledge" if self.confidence == "PK" else f"code {self.confidence}"
            lines.append(f"Rule '{self.id}' rests on {how}; not checked against its source.")
        lines.extend(f"Rule '{self.id}': {note}" for note in self.notes)
        return tuple(lines)


def matches(rule: CategoryRule, inputs: Mapping[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Say for each person whether a category's conditions hold.

    Parameters
    ----------
    rule : CategoryRule
    inputs : mapping of str to ndarray
        Every input of the rule, all of the same shape.

    Returns
    -------
    ndarray of bool
    """
    shape = next(iter(inputs.values())).shape
    holds = np.ones(shape, dtype=bool)
    for name, levels in rule.all_of.items():
        holds &= np.isin(inputs[name], list(levels))
    if rule.any_of:
        some = np.zeros(shape, dtype=bool)
        for name, levels in rule.any_of.items():
            some |= np.isin(inputs[name], list(levels))
        holds &= some
    return holds


def category_codes(rules: NetworkRules, inputs: Mapping[str, np.ndarray[Any, Any]]) -> np.ndarray[Any, Any]:
    """Return the position of each person's category in `CATEGORIES`; -1 where an input is missing.

    Parameters
    ----------
    rules : NetworkRules
    inputs : mapping of str to ndarray of float
        Every input of the rule, all of the same shape; NaN where missing.

    Returns
    -------
    ndarray of int8

    Examples
    --------
    >>> import larstudy as ls
    >>> import numpy as np
    >>> from larstudy.specs import read_network_rules
    >>> rules = ls.read_network_rules("europasi")
    >>> category_codes(rules, {"free_time_with": np.array([1.0, 4.0, 5.0, np.nan])}).tolist()
    [0, 1, 2, -1]
    """
    first = next(iter(inputs.values()))
    codes = np.full(first.shape, -1, dtype=np.int8)
    known = np.ones(first.shape, dtype=bool)
    for values in inputs.values():
        known &= ~np.isnan(values)
    for rule in rules.categories:
        chosen = known & (codes < 0) & matches(rule, inputs)
        codes[chosen] = CATEGORIES.index(rule.category)
    return codes


def prove(rules: NetworkRules) -> dict[str, int]:
    """Try every combination of answers and count the category that each one gets.

    Returns
    -------
    dict of str to int
        Category to number of combinations; they add up to the number of all combinations.

    Raises
    ------
    SpecError
        Where some combination gets no category, some category is never reached, or some transition between
        two categories has no change group.

    Examples
    --------
    >>> import larstudy as ls
    >>> from larstudy.specs import read_network_rules
    >>> prove(ls.read_network_rules("europasi"))
    {'abstinent': 2, 'drug_dominated': 2, 'isolated': 1}
    """
    names = list(rules.inputs)
    grid = np.array(list(itertools.product(*(rules.inputs[n].levels for n in names))), dtype=float)
    codes = category_codes(rules, {name: grid[:, i] for i, name in enumerate(names)})
    counts = {category: int((codes == i).sum()) for i, category in enumerate(CATEGORIES)}
    problems = _proof_problems(rules, counts, int((codes < 0).sum()), len(grid))
    raise_if_any(problems, f"Network rule '{rules.id}'")
    return {category: n for category, n in counts.items() if n}


def _proof_problems(
    rules: NetworkRules, counts: Mapping[str, int], left_out: int, total: int
) -> list[Problem]:
    problems = []
    if left_out:
        problems.append(
            Problem(
                code="not_exhaustive",
                where="category",
                what=f"{left_out} of {total} combinations of answers get no category",
                remedy="Widen a condition, or end with a [[category]] that has otherwise = true",
            )
        )
    for rule in rules.categories:
        if not counts[rule.category]:
            problems.append(
                Problem(
                    code="never_reached",
                    where=f"category '{rule.category}'",
                    what="no combination of answers gets it",
                    remedy="Earlier categories take everybody: change their order or conditions",
                )
            )
    present = [c for c in CATEGORIES if counts[c]]
    for pair in itertools.product(present, present):
        if not any(
            rule.from_category in (ANY, pair[0]) and rule.to_category in (ANY, pair[1])
            for rule in rules.transitions
        ):
            problems.append(
                Problem(
                    code="not_exhaustive",
                    where="transition",
                    what=f"from '{pair[0]}' to '{pair[1]}' has no group",
                    remedy="Add a [[transition]] for it",
                )
            )
    return problems
