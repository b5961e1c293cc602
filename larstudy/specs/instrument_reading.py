"""Reading instruments from TOML files, those that ship and one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from larstudy.errors import Problem, name_options, unknown_name
from larstudy.names import HigherIs
from larstudy.specs.instruments import (
    Combine,
    Instrument,
    Item,
    RecodeWhen,
    Scale,
    Unanswered,
    WorkedExample,
)
from larstudy.specs.reading import (
    Section,
    is_number,
    number_map,
    raise_if_any,
    read_toml,
    resource_names,
    resource_toml,
)

_COMBINE = ("mean", "sum", "weighted_sum", "profile", "value_set")
_FOLDER = "instruments"
_MOST_ANSWERS = 1000


def list_instruments() -> tuple[str, ...]:
    """Return the ids of the instruments that ship with larstudy.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> import larstudy as ls
    >>> "whoqol_bref" in ls.list_instruments()
    True
    """
    return resource_names(_FOLDER)


@cache
def _shipped(name: str) -> Instrument:
    return instrument_from_mapping(resource_toml(_FOLDER, name), title=f"Instrument '{name}'")


def read_instrument(name: str, *, folder: Path | None = None) -> Instrument:
    """Return an instrument by its id, or from a TOML file of one's own.

    Parameters
    ----------
    name : str
        An id from `list_instruments`, or the name of a ``.toml`` file.
    folder : Path, optional
        Where a file name is looked for; the working folder unless given.

    Returns
    -------
    Instrument

    Raises
    ------
    UnknownNameError
        Where the id is not shipped.
    SpecError
        Where a file cannot be read or breaks the vocabulary; every problem is listed.

    Examples
    --------
    >>> import larstudy as ls
    >>> ls.read_instrument("scl10").scale("mean").cutoff
    1.85
    """
    if name.endswith(".toml"):
        path = (folder or Path()) / name
        return instrument_from_mapping(read_toml(path), title=f"Instrument file '{path.name}'")
    if name not in list_instruments():
        raise unknown_name("instrument", name, list_instruments())
    return _shipped(name)


def instrument_from_mapping(values: Mapping[str, Any], *, title: str) -> Instrument:
    """Read an instrument from a parsed TOML file, or raise a `SpecError` with every problem."""
    problems: list[Problem] = []
    top = Section(values, "", problems)
    items = _read_items(top)
    scales = _read_scales(top, items)
    instrument = Instrument(
        id=top.text("id", required=True),
        name=top.text("name", required=True),
        reference=top.text("reference", required=True),
        licence=top.text("licence"),
        confidence=top.choice("confidence", ("T", "A", "N", "S", "REVIEW", "OWN", "PK"), required=True),
        verified_by=top.text("verified_by"),
        items=items,
        scales=scales,
        max_missing_share=_share(top),
        notes=top.texts("notes"),
        examples=_read_examples(top, items, scales),
    )
    top.finish()
    raise_if_any(problems, title)
    return instrument


def _share(top: Section) -> float:
    value = top.number("max_missing_share")
    if value is not None and not 0 <= value <= 1:
        top.problem("max_missing_share", "should lie between 0 and 1", "Write 0.2 for 20 %")
    return 1.0 if value is None else value


def _read_items(top: Section) -> dict[str, Item]:
    items = {name: _read_item(name, s) for name, s in top.tables("items", required=True).items()}
    for item in items.values():
        for rule in item.recode_when:
            if rule.item not in items:
                top.problem(
                    f"items.{item.id}", f"there is no item '{rule.item}'", name_options(rule.item, items)
                )
    return items


def _read_item(name: str, section: Section) -> Item:
    points, continuous = number_map(section, "points"), section.flag("continuous")
    low, high = section.number("min"), section.number("max")
    if points:
        low, high = min(points), max(points)
    elif low is None or high is None or low >= high:
        section.problem("min", "needs min and max, the lower first, or points", "Add them")
        low, high = 0.0, 1.0
    elif not continuous and not (low.is_integer() and high.is_integer() and high - low <= _MOST_ANSWERS):
        remedy = "Write the answers under points, or continuous = true where any number is one"
        section.problem("min", "min and max should be whole numbers, not far apart", remedy)
        low, high = 0.0, 1.0
    item = Item(
        id=name,
        theme=section.text("theme"),
        low=low,
        high=high,
        reversed=section.flag("reversed"),
        points=points,
        recode_when=tuple(_read_condition(inner) for inner in section.sections("recode_when")),
        continuous=continuous,
    )
    if item.reversed and (points or item.recode_when):
        section.problem("reversed", "stands beside a table of points", "Write the points reversed")
    section.finish()
    return item


def _read_condition(section: Section) -> RecodeWhen:
    answers = section.scalars("answers")
    if section.flag("missing") == bool(answers):
        section.problem("answers", "needs either answers or missing = true", "Write one of the two")
    rule = RecodeWhen(
        item=section.text("item", required=True),
        answers=tuple(float(a) for a in answers if is_number(a)),
        points=number_map(section, "points"),
    )
    section.finish()
    return rule


def _read_scales(top: Section, items: Mapping[str, Item]) -> dict[str, Scale]:
    scales: dict[str, Scale] = {}
    for section in top.sections("scale"):
        scale = _read_scale(section)
        _check_parts(section, scale, items, scales)
        if scale.id in scales:
            section.problem("id", f"'{scale.id}' appears twice", "Rename one of the two")
        scales[scale.id] = scale
    if not scales:
        top.problem("scale", "there is no [[scale]]", "Add at least one", code="missing_key")
    return scales


def _check_parts(
    section: Section, scale: Scale, items: Mapping[str, Item], scales: Mapping[str, Scale]
) -> None:
    for key, names, known in (("items", scale.items, items), ("of", scale.of, scales)):
        for name in names:
            if name not in known:
                section.problem(key, f"there is no '{name}'", name_options(name, known))
    parts = len(scale.items or scale.of)
    if bool(scale.items) == bool(scale.of) and scale.combine != "value_set":
        section.problem("items", "a scale needs either items or of", "Write one of the two")
    if not 1 <= scale.min_answered <= max(parts, 1):
        section.problem("min_answered", f"should lie between 1 and {parts}", "Change it")
    if scale.combine == "weighted_sum" and len(scale.weights) != parts:
        section.problem("weights", "needs mean, sd and weight for each part", "Add the missing ones")
    if scale.combine == "value_set" and (len(scale.of) != 1 or scale.items):
        section.problem("of", "a value set is looked up by one profile scale", "Name it in of")


def _read_scale(section: Section) -> Scale:
    items, of = section.texts("items"), section.texts("of")
    parts = items or of
    norms = [section.section(key) for key in ("means", "sds", "weights")]
    columns = [tuple(_number_of(norm, part) for part in parts) if norm else () for norm in norms]
    minimum = section.whole("min_answered")
    scale = Scale(
        id=section.text("id", required=True),
        label=section.text("label", required=True),
        items=items,
        of=of,
        combine=cast(Combine, section.choice("combine", _COMBINE, default="mean", required=True)),
        min_answered=len(parts) if minimum is None else minimum,
        unanswered=cast(Unanswered, section.choice("unanswered", ("mean", "zero"), default="mean")),
        multiply=_or(section.number("multiply"), 1.0),
        add=_or(section.number("add"), 0.0),
        rescale=_read_rescale(section),
        means=columns[0],
        sds=columns[1],
        weights=columns[2],
        range=section.interval("range"),
        higher_is=cast("HigherIs | None", section.choice("higher_is", ("better", "worse")) or None),
        cutoff=section.number("cutoff"),
        cutoff_label=section.text("cutoff_label"),
    )
    section.finish()
    return scale


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def _number_of(section: Section, key: str) -> float:
    return _or(section.number(key, required=True), 0.0)


def _read_rescale(section: Section) -> tuple[tuple[float, float], tuple[float, float]] | None:
    inner = section.section("rescale")
    if inner is None:
        return None
    source, target = inner.interval("from"), inner.interval("to")
    inner.finish()
    if source is None or target is None:
        section.problem("rescale", "needs from = [low, high] and to = [low, high]", "Add them")
        return None
    return source, target


def _read_examples(
    top: Section, items: Mapping[str, Item], scales: Mapping[str, Scale]
) -> tuple[WorkedExample, ...]:
    found = []
    for section in top.sections("worked_example"):
        answers, expect = section.section("answers"), section.section("expect", required=True)
        found.append(
            WorkedExample(
                place=section.text("place", required=True),
                answers=_numbers(answers, items) if answers else {},
                expect=_numbers(expect, scales) if expect else {},
            )
        )
        section.finish()
    return tuple(found)


def _numbers(section: Section, known: Mapping[str, object]) -> dict[str, float]:
    result = {}
    for key in section.keys:
        if key not in known:
            section.problem(key, "is not defined in this file", name_options(key, known))
        value = section.raw(key)
        # An expected "nan" is how a worked example says that there must be no score.
        result[key] = float("nan") if value == "nan" else _or(section.number(key), 0.0)
    return result


def override(instrument: Instrument, changes: Section) -> Instrument:
    """Return the instrument with what a study file changes: scales, and how the file codes the answers.

    Parameters
    ----------
    instrument : Instrument
    changes : Section
        ``scales``: for each scale any of items, min_answered, unanswered. ``codes``: for each item a table
        from the code in the file to the instrument's answer. ``max_missing_share``: 1 where a file holds
        only some of the items. ``value_set``: a file for the index.

    Returns
    -------
    Instrument
        With every change told in ``altered``.
    """
    scales, items = dict(instrument.scales), dict(instrument.items)
    altered: list[str] = []
    for name, section in changes.tables("scales").items():
        if name not in scales:
            changes.problem("scales", f"there is no scale '{name}'", name_options(name, scales))
            continue
        scales[name], told = _override_scale(section, scales[name], items)
        altered.append(told)
    codes = changes.section("codes")
    for name in codes.keys if codes else ():
        if codes is None or name not in items:
            changes.problem("codes", f"there is no item '{name}'", name_options(name, items))
            continue
        items[name] = _recode_item(items[name], number_map(codes, name), codes)
        altered.append(f"item {name} has other codes in the file")
    share = instrument.max_missing_share
    if "max_missing_share" in changes:
        share = _share(changes)
        altered.append(f"a person may leave {share:.0%} of all items unanswered")
    value_set = changes.text("value_set")
    if value_set:
        altered.append(f"index by the value set in '{value_set}'")
    changes.finish()
    return replace(
        instrument,
        scales=scales,
        items=items,
        max_missing_share=share,
        altered=(*instrument.altered, *altered),
        value_set=value_set,
    )


def _override_scale(section: Section, scale: Scale, items: Mapping[str, Item]) -> tuple[Scale, str]:
    chosen: Sequence[str] = section.texts("items") or scale.items
    minimum = section.whole("min_answered")
    changed = replace(
        scale,
        items=tuple(chosen),
        min_answered=min(scale.min_answered, len(chosen)) if minimum is None else minimum,
        unanswered=cast(Unanswered, section.choice("unanswered", ("mean", "zero"), default=scale.unanswered)),
    )
    if tuple(chosen) != scale.items and minimum is None:
        changed = replace(changed, min_answered=len(chosen))
    _check_parts(section, changed, items, dict.fromkeys(scale.of, scale))
    section.finish()
    told = ", ".join(key for key in ("items", "min_answered", "unanswered") if key in section)
    return changed, f"scale {scale.id}: {told}"


def _recode_item(item: Item, codes: Mapping[float, float], section: Section) -> Item:
    """Return the item reading the file's codes: each code gets the points of the answer it stands for."""
    allowed = item.allowed()
    wrong = [answer for answer in codes.values() if allowed and answer not in allowed]
    if wrong or item.recode_when or not codes:
        section.problem(
            item.id,
            "each code must stand for one of the item's answers, and the item must not depend on another",
            f"The answers are {', '.join(f'{a:g}' for a in allowed) or 'any number in range'}",
        )
        return item
    points = {}
    for code, answer in codes.items():
        turned = item.low + item.high - answer if item.reversed else answer
        points[code] = item.points.get(answer, turned) if item.points else turned
    return replace(item, points=points, low=min(points), high=max(points), reversed=False)
