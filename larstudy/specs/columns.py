"""Which column holds a variable at each wave, in a long file and in a wide one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from larstudy.errors import Problem, name_options
from larstudy.specs.reading import Section
from larstudy.specs.study import Layout, Wave, as_label

_TOKEN = "{wave}"


class ColumnReader:
    """Reads names of columns, knowing the layout and the waves of the study."""

    def __init__(self, layout: Layout, waves: tuple[Wave, ...], problems: list[Problem]) -> None:
        self.layout = layout
        self.waves = waves
        self.problems = problems

    def one(self, section: Section, key: str, *, required: bool = True) -> dict[str, str]:
        """Return the column of each wave, from one name, a name with ``{wave}``, or a table."""
        raw = section.raw(key)
        names = [wave.name for wave in self.waves]
        if raw is None:
            if required:
                section.problem(key, "is missing", "Name the column", code="missing_key")
            return {}
        if isinstance(raw, str) and raw.strip():
            if self.layout == "long":
                return dict.fromkeys(names, raw)
            if _TOKEN in raw:
                return {w.name: raw.replace(_TOKEN, as_label(w.value)) for w in self.waves}
        if isinstance(raw, dict) and self.layout == "wide":
            return self._by_wave(section, key, raw, names)
        section.problem(
            key,
            "should be the name of a column"
            if self.layout == "long"
            else "should name a column for each wave",
            "Write it in quotes"
            if self.layout == "long"
            else f'Write {{ {names[0] if names else "baseline"} = "...", ... }}, or a name with {_TOKEN}',
        )
        return {}

    def _by_wave(
        self, section: Section, key: str, raw: Mapping[str, Any], names: list[str]
    ) -> dict[str, str]:
        inner = Section(raw, section.path(key), self.problems)
        result = {}
        for wave in inner.keys:
            column = inner.text(wave, required=True)
            if wave not in names:
                inner.problem(wave, "is not a wave of the study", name_options(wave, names))
            elif column:
                result[wave] = column
        if len(result) < 2:
            section.problem(key, "names columns for fewer than two waves", "Add the other waves")
        return result

    def many(self, section: Section, key: str) -> dict[str, dict[str, str]]:
        """Return, for a table of variables, the columns of each."""
        inner = section.section(key)
        return {name: self.one(inner, name) for name in inner.keys} if inner else {}
