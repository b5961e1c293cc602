"""Which numbers may be shown: presets as data, and ``[disclosure]`` of a study file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from larstudy.errors import name_options, unknown_name
from larstudy.specs.reading import Section, resource_names, resource_toml

#: Of a user's data, where the study file says nothing.
DEFAULT_PRESET: Final = "n5"
#: Nothing is withheld: for data that carry our own stamp.
SYNTHETIC_PRESET: Final = "synthetic"
#: Nothing is withheld: for the open data that ship as a study, and for no other.
OPEN_PRESET: Final = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What may be shown.

    Attributes
    ----------
    id, name, source, confidence, verified_by : str
    minimum : int
        Counts from 1 to below it are withheld; 0 withholds nothing.
    round_to : int
        Counts are rounded to the nearest multiple; 0 leaves them.
    points : bool
        Single persons may be drawn.
    """

    id: str
    name: str
    minimum: int
    round_to: int
    points: bool
    source: str
    confidence: str
    verified_by: str


def list_presets() -> tuple[str, ...]:
    """Return the presets that a study may choose.

    Examples
    --------
    >>> list_presets()
    ('n5', 'opensafely', 'ssb3', 'synthetic', 'uk10')
    """
    return tuple(name for name in resource_names("disclosure") if name != OPEN_PRESET)


def read_preset(name: str) -> Preset:
    """Return a preset.

    Raises
    ------
    UnknownNameError
        Where there is no such preset.

    Examples
    --------
    >>> read_preset("n5").minimum, read_preset("opensafely").round_to
    (5, 5)
    """
    if name not in resource_names("disclosure"):
        raise unknown_name("disclosure preset", name, list_presets())
    return Preset(**resource_toml("disclosure", name))


def read_disclosure(section: Section, *, synthetic: bool) -> Preset:
    """Return the preset of a study: what it names, made stricter where it says so.

    Without a name ``n5``, or ``synthetic`` for data that carry our stamp.
    """
    name = section.text("preset", default=SYNTHETIC_PRESET if synthetic else DEFAULT_PRESET)
    if name not in list_presets():
        section.problem("preset", f"'{name}' is not a preset", name_options(name, list_presets()))
        name = DEFAULT_PRESET
    if name == SYNTHETIC_PRESET and not synthetic:
        others = ", ".join(one for one in list_presets() if one != SYNTHETIC_PRESET)
        section.problem(
            "preset",
            "withholds nothing, and is for data that larstudy made and stamped as synthetic",
            f"Choose one of {others}",
        )
        name = DEFAULT_PRESET
    preset = read_preset(name)
    for key, own in (("minimum", preset.minimum), ("round_to", preset.round_to)):
        asked = section.whole(key)
        if asked is None:
            continue
        if asked < own:
            section.problem(
                key,
                f"{asked} is less strict than the preset '{name}', which has {own}",
                f"Write {own} or more, or choose another preset",
            )
        else:
            preset = replace(preset, minimum=asked) if key == "minimum" else replace(preset, round_to=asked)
    return preset
