"""Reading network rules from TOML files, those that ship and one's own; each is proven as it is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from larstudy.errors import Problem, SpecError, name_options, unknown_name
from larstudy.names import CATEGORIES, CHANGE_GROUPS
from larstudy.specs.networks import (
    ANY,
    FIXED_TRANSITIONS,
    CategoryRule,
    Input,
    NetworkRules,
    TransitionRule,
    prove,
)
from larstudy.specs.reading import (
    Section,
    is_number,
    raise_if_any,
    read_toml,
    resource_names,
    resource_toml,
)

_FOLDER = "networks"
#: Above this many combinations of answers a rule cannot be proven by trying all of them.
_MOST_COMBINATIONS = 200_000


def list_network_rules() -> tuple[str, ...]:
    """Return the ids of the network rules that ship with larstudy.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> import larstudy as ls
    >>> "europasi" in ls.list_network_rules()
    True
    """
    return resource_names(_FOLDER)


@cache
def _shipped(name: str) -> NetworkRules:
    return network_rules_from_mapping(resource_toml(_FOLDER, name), title=f"Network rule '{name}'")


def read_network_rules(name: str, *, folder: Path | None = None) -> NetworkRules:
    """Return a network rule by its id, or from a TOML file of one's own.

    Parameters
    ----------
    name : str
        An id from `list_network_rules`, or the name of a ``.toml`` file.
    folder : Path, optional
        Where a file name is looked for; the working folder unless given.

    Returns
    -------
    NetworkRules
        Proven: every combination of answers gets exactly one category.

    Raises
    ------
    UnknownNameError
        Where the id is not shipped.
    SpecError
        Where a file breaks the vocabulary or cannot be proven; every problem is listed.

    Examples
    --------
    >>> import larstudy as ls
    >>> sorted(ls.read_network_rules("help").inputs)
    ['drug_users', 'heavy_drinkers', 'support_family', 'support_friends']
    """
    if name.endswith(".toml"):
        path = (folder or Path()) / name
        return network_rules_from_mapping(read_toml(path), title=f"Network rule file '{path.name}'")
    if name not in list_network_rules():
        raise unknown_name("network rule", name, list_network_rules())
    return _shipped(name)


def network_rules_from_mapping(values: Mapping[str, Any], *, title: str) -> NetworkRules:
    """Read a rule from a parsed TOML file and prove it, or raise a `SpecError` with every problem."""
    problems: list[Problem] = []
    top = Section(values, "", problems)
    inputs = _read_inputs(top)
    rules = NetworkRules(
        id=top.text("id", required=True),
        name=top.text("name", required=True),
        reference=top.text("reference", required=True),
        confidence=top.choice("confidence", ("T", "A", "N", "S", "REVIEW", "OWN", "PK"), required=True),
        verified_by=top.text("verified_by"),
        inputs=inputs,
        categories=tuple(_read_category(section, inputs) for section in top.sections("category")),
        transitions=_read_transitions(top),
        notes=top.texts("notes"),
        columns=_read_columns(top, inputs),
    )
    if not rules.categories:
        top.problem("category", "there is no [[category]]", "Add them", code="missing_key")
    top.finish()
    raise_if_any(problems, title)
    try:
        prove(rules)
    except SpecError as error:
        raise SpecError(error.problems, title=f"{title} is not complete") from None
    return rules


def _read_inputs(top: Section) -> dict[str, Input]:
    inputs: dict[str, Input] = {}
    for name, inner in top.tables("inputs", required=True).items():
        levels = [float(v) for v in inner.scalars("levels") if is_number(v)]
        if not levels:
            inner.problem("levels", "needs every level that the answer can have", "Write a list of numbers")
        inputs[name] = Input(id=name, label=inner.text("label"), levels=tuple(levels) or (0.0,))
        inner.finish()
    if not inputs:
        top.problem("inputs", "names no answer that the rule needs", "Add one", code="missing_key")
    elif math.prod(len(i.levels) for i in inputs.values()) > _MOST_COMBINATIONS:
        top.problem("inputs", "has too many combinations of levels to prove", "Use coarser levels")
    return inputs


def _read_category(section: Section, inputs: Mapping[str, Input]) -> CategoryRule:
    rule = CategoryRule(
        category=section.choice("id", CATEGORIES, default=CATEGORIES[0], required=True),
        all_of=_read_conditions(section, "when", inputs),
        any_of=_read_conditions(section, "when_any", inputs),
    )
    if section.flag("otherwise") == bool(rule.all_of or rule.any_of):
        section.problem("when", "needs when, when_any or otherwise = true", "Write what applies")
    section.finish()
    return rule


def _read_conditions(section: Section, key: str, inputs: Mapping[str, Input]) -> dict[str, frozenset[float]]:
    result: dict[str, frozenset[float]] = {}
    for name, condition in section.tables(key).items():
        if name not in inputs:
            section.problem(key, f"there is no input '{name}'", name_options(name, inputs))
            continue
        result[name] = _read_levels(condition, inputs[name])
    return result


def _read_levels(section: Section, given: Input) -> frozenset[float]:
    low, high = section.number("min"), section.number("max")
    listed = {float(v) for v in section.scalars("in") if is_number(v)}
    section.finish()
    if listed - set(given.levels):
        section.problem("in", "lists a level that the input does not have", "Correct the list")
    chosen = {
        level
        for level in given.levels
        if (low is None or level >= low)
        and (high is None or level <= high)
        and (not listed or level in listed)
    }
    if not chosen or len(chosen) == len(given.levels):
        section.problem("min", "holds for no level or for every level", "Correct min, max or in")
    return frozenset(chosen)


def _read_transitions(top: Section) -> tuple[TransitionRule, ...]:
    found = []
    for section in top.sections("transition"):
        options = (*CATEGORIES, ANY)
        found.append(
            TransitionRule(
                from_category=section.choice("from", options, default=ANY, required=True),
                to_category=section.choice("to", options, default=ANY, required=True),
                group=section.choice("group", CHANGE_GROUPS, default=CHANGE_GROUPS[0], required=True),
            )
        )
        section.finish()
    return tuple(found) or FIXED_TRANSITIONS


def _read_columns(top: Section, inputs: Mapping[str, Input]) -> dict[str, str]:
    section = top.section("columns")
    if section is None:
        return {}
    for name in section.keys:
        if name not in inputs:
            section.problem(name, "is not an input", name_options(name, inputs))
    return {name: section.text(name) for name in section.keys}
