"""Worlds: what the generator is told, read from TOML, with the source of or the reason for every number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from larstudy.errors import Problem, name_options, unknown_name
from larstudy.names import CATEGORIES, CHANGE_GROUPS, STATUSES
from larstudy.specs.reading import (
    Section,
    is_number,
    raise_if_any,
    read_toml,
    resource_names,
    resource_toml,
)
from larstudy.stats.arrays import FloatArray
from larstudy.synthetic.targets import published_targets

_FOLDER = "worlds"
#: The factors of QOL10, in the order of the arrays.
FACTORS: Final = ("global", "social")
ITEMS: Final = tuple(str(i) for i in range(1, 11))
MARKS: Final = ("depression", "anxiety", "inactive", "chronic_disease", "psychiatric_services")
WHOQOL_DOMAINS: Final = ("overall", "physical", "psychological", "social", "environment")
_STAYED = ("stayed", "dropped_out")
_TREATMENT = ("omt", "other")


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a parameter looks like: the names of its axes (or a length), and the limits of its numbers."""

    axes: tuple[tuple[str, ...] | int, ...] = ()
    low: float = -10.0
    high: float = 10.0
    adds_up: bool = False


_SHARE = _Shape(low=0.0, high=1.0)
_CORRELATION = _Shape(low=-1.0, high=1.0)
_COUNT = _Shape(low=1.0, high=1e6)
_SHAPES: Final[dict[str, _Shape]] = {
    "persons": _COUNT,
    "seen": _COUNT,
    # Codes of facilities are kept in a byte.
    "facilities": _Shape(low=1.0, high=127.0),
    "subsample": _COUNT,
    "complete": _COUNT,
    "women": _SHARE,
    "age": _Shape((("mean", "sd", "youngest", "oldest"),), low=0.0, high=120.0),
    "omt": _SHARE,
    "omt_age": _CORRELATION,
    "meals_alone": _Shape((CATEGORIES,), low=0.0, high=1.0),
    "distress_answers": _Shape((4,), low=0.0, high=1.0, adds_up=True),
    "distress_loading": _SHARE,
    "marks": _Shape((MARKS,), low=0.0, high=1.0),
    "marks_distress": _Shape((MARKS,), low=-1.0, high=1.0),
    "facility_share": _SHARE,
    "facility_change_share": _SHARE,
    "factor_correlation": _CORRELATION,
    "stability": _SHARE,
    "distress_path": _Shape((FACTORS,)),
    "entry_network": _Shape((FACTORS, CATEGORIES)),
    "loadings": _Shape((ITEMS,), low=0.0, high=1.0),
    "minor_loadings": _Shape((("body", "intimacy"), ITEMS), low=-1.0, high=1.0),
    "item_stability": _SHARE,
    **{f"answers_{item}": _Shape((5,), low=0.0, high=1.0, adds_up=True) for item in ITEMS},
    "poor": _SHARE,
    "drug_dominated": _SHARE,
    "isolated": _SHARE,
    "isolated_distress": _CORRELATION,
    "family": _Shape((CATEGORIES[:2],), low=0.0, high=1.0),
    "status": _Shape((_TREATMENT, STATUSES), low=0.0, high=1.0, adds_up=True),
    "status_distress": _CORRELATION,
    "transition": _Shape((_STAYED, CATEGORIES, CATEGORIES), low=0.0, high=1.0, adds_up=True),
    "transition_distress": _CORRELATION,
    "transition_baseline": _CORRELATION,
    "gain": _Shape((FACTORS,)),
    "gain_group": _Shape((FACTORS, CHANGE_GROUPS)),
    "gain_entry": _Shape((FACTORS, CATEGORIES)),
    "gain_dropped_out": _Shape((FACTORS,)),
    "gain_distress": _Shape((FACTORS,)),
    "seen_status": _Shape((STATUSES,)),
    "seen_distress": _Shape(),
    "seen_gain": _Shape(),
    "network_unanswered": _SHARE,
    "whoqol_loading": _SHARE,
    "whoqol_answers": _Shape((5,), low=0.0, high=1.0, adds_up=True),
    "whoqol_paths": _Shape((WHOQOL_DOMAINS, (*FACTORS, "distress")), low=-1.0, high=1.0),
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Parameter:
    """One number, or table of numbers, of a world.

    Attributes
    ----------
    name : str
    value : ndarray of float
        Of no dimension for a single number; its axes follow the order of the fixed names.
    target : str
        Id of the published figure that it comes from; empty for an assumption.
    reason : str
        Why an assumption has this value; empty for a published figure.
    world : str
        The world that sets it: its own, or one that it is based on.
    """

    name: str
    value: FloatArray
    target: str
    reason: str
    world: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class World:
    """What the generator is told.

    Attributes
    ----------
    id, label : str
    says : str
        What happens in it.
    truth : str
        What is true in it, and how much of that is an assumption.
    based_on : str
        The world whose numbers it takes unless it sets its own; empty for the first.
    parameters : mapping of str to Parameter

    Examples
    --------
    >>> world = read_world("review")
    >>> world.number("women"), world.parameters["omt"].target
    (0.3, 'omt')
    """

    id: str
    label: str
    says: str
    truth: str
    based_on: str
    parameters: Mapping[str, Parameter]

    def value(self, name: str) -> FloatArray:
        """Return the array of a parameter."""
        return self.parameters[name].value

    def number(self, name: str) -> float:
        """Return a parameter that is a single number."""
        return float(self.parameters[name].value)

    def assumptions(self) -> list[Parameter]:
        """Return what is not published, in the order of the file."""
        return [p for p in self.parameters.values() if not p.target]


def list_worlds() -> tuple[str, ...]:
    """Return the ids of the worlds that ship with larstudy.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> import larstudy as ls
    >>> ls.list_worlds()
    ('confounded', 'entry_gap', 'mnar_dropout', 'null', 'regression_to_mean', 'reversed', 'review')
    """
    return tuple(name for name in resource_names(_FOLDER) if not name.startswith("_"))


def read_world(world: str | Path | World) -> World:
    """Return a world by its id, or from a TOML file of one's own.

    Parameters
    ----------
    world : str, Path or World
        An id from `list_worlds`, or a path that ends in ``.toml``. Such a file may be ``based_on`` a world
        that ships, and then holds only what differs.

    Raises
    ------
    UnknownNameError
        Where no such world ships.
    SpecError
        Where the file breaks the vocabulary; every problem is listed.
    """
    if isinstance(world, World):
        return world
    if str(world).endswith(".toml"):
        path = Path(world)
        return world_from_mapping(read_toml(path), title=f"World '{path.name}'")
    return _shipped(str(world))


@cache
def _shipped(name: str) -> World:
    if name not in list_worlds():
        raise unknown_name("world", name, list_worlds())
    return world_from_mapping(resource_toml(_FOLDER, name), title=f"World '{name}'")


def world_from_mapping(values: Mapping[str, Any], *, title: str) -> World:
    """Return the world that a mapping describes, laid out as a world file is.

    Raises
    ------
    SpecError
        With every problem.
    """
    problems: list[Problem] = []
    top = Section(values, "", problems)
    name = top.text("id", required=True)
    base = top.choice("based_on", list_worlds())
    inherited = dict(_shipped(base).parameters) if base else {}
    own = {
        key: _parameter(key, section, name)
        for key, section in top.tables("parameters").items()
        if _is_known(top, key)
    }
    parameters = inherited | {key: p for key, p in own.items() if p is not None}
    absent = [key for key in _SHAPES if key not in parameters and key not in own]
    if absent:
        what = f"are not all there: {', '.join(absent)}"
        top.problem("parameters", what, 'Add them, or write based_on = "review"', code="missing_key")
    world = World(
        id=name,
        label=top.text("label", default=name),
        says=top.text("says"),
        truth=top.text("truth"),
        based_on=base,
        parameters={key: parameters[key] for key in _SHAPES if key in parameters},
    )
    top.finish()
    raise_if_any(problems, title)
    return world


def _is_known(top: Section, key: str) -> bool:
    if key in _SHAPES:
        return True
    top.problem(f"parameters.{key}", "is not a parameter", name_options(key, _SHAPES), code="unknown_key")
    return False


def _parameter(name: str, section: Section, world: str) -> Parameter | None:
    target = section.text("target")
    if target:
        known = {t.id: t for t in published_targets().values() if t.role == "calibrate"}
        if target not in known:
            section.problem("target", f"'{target}' is not a target", name_options(target, known))
            return None
        value: Any = known[target].value
    else:
        value = section.raw("value")
    reason = section.text("reason", required=not target)
    section.finish()
    array = _numbers(section, "value", value, _SHAPES[name])
    if array is None:
        return None
    return Parameter(name=name, value=array, target=target, reason=reason, world=world)


def _numbers(section: Section, key: str, value: Any, shape: _Shape) -> FloatArray | None:
    """Return a value as an array, or None where something is wrong with it, which is then told."""
    wrong = list(_wrong(key, value, shape.axes, shape))
    for where, what, remedy in wrong:
        section.problem(where, what, remedy)
    if wrong:
        return None
    array = np.array(_ordered(value, shape.axes), dtype=float)
    array.flags.writeable = False
    return array


def _wrong(
    key: str, value: Any, axes: tuple[tuple[str, ...] | int, ...], shape: _Shape
) -> Iterator[tuple[str, str, str]]:
    if not axes:
        if not is_number(value) or not shape.low <= value <= shape.high:
            what = f"should be a number from {shape.low:g} to {shape.high:g}"
            yield key, what, "Change it in the file"
        return
    axis = axes[0]
    if isinstance(axis, int):
        if not isinstance(value, list) or len(value) != axis:
            yield key, f"should be a list of {axis} numbers", "Change it in the file"
            return
        inner = {str(i + 1): v for i, v in enumerate(value)}
    elif not isinstance(value, dict) or set(value) != set(axis):
        yield key, f"should be a table with exactly {', '.join(axis)}", "Change it in the file"
        return
    else:
        inner = value
    found = [w for name, v in inner.items() for w in _wrong(f"{key}.{name}", v, axes[1:], shape)]
    yield from found
    if len(axes) == 1 and shape.adds_up and not found:
        total = float(sum(inner.values()))
        if abs(total - 1.0) > 1e-9:
            yield key, f"the shares add up to {total:g}, not to 1", "Change them so that they add up to 1"


def _ordered(value: Any, axes: tuple[tuple[str, ...] | int, ...]) -> Any:
    if not axes:
        return float(value)
    axis = axes[0]
    parts = value if isinstance(axis, int) else [value[name] for name in axis]
    return [_ordered(part, axes[1:]) for part in parts]


def shown_value(parameter: Parameter) -> str:
    """Return the value of a parameter as a reader sees it, with the names of its parts.

    Examples
    --------
    >>> shown_value(read_world("review").parameters["distress_path"])
    'global −0.5, social −0.25'
    >>> shown_value(read_world("review").parameters["whoqol_answers"])
    '0.1, 0.2, 0.3, 0.28, 0.12'
    """
    return _shown(parameter.value, _SHAPES[parameter.name].axes)


def _shown(value: FloatArray, axes: tuple[tuple[str, ...] | int, ...]) -> str:
    if not axes:
        return f"{float(value):g}".replace("-", "\N{MINUS SIGN}")
    axis, inner = axes[0], axes[1:]
    if isinstance(axis, int):
        return ", ".join(_shown(part, inner) for part in value)
    between, mark = ("; ", ": ") if inner else (", ", " ")
    parts = [f"{name}{mark}{_shown(part, inner)}" for name, part in zip(axis, value, strict=True)]
    return between.join(f"({part})" for part in parts) if len(axes) > 2 else between.join(parts)
