"""What the tables of a study file share while they are read: the waves, the layout, the missing codes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar

from larstudy.errors import Problem, SpecError, UnknownNameError, name_options
from larstudy.specs.data import DataSpec, MissingCodes
from larstudy.specs.reading import Section
from larstudy.specs.study import as_code, as_label

_TOKEN = "{wave}"

T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Reads an instrument or a network rule by its id or file name."""

    def __call__(self, name: str, *, folder: Path | None) -> T_co:
        """Return it, or raise what `SpecError` and `UnknownNameError` say."""


class Context:
    """The data that a study describes, and where problems go; it reads names of columns and codes."""

    def __init__(self, data: DataSpec, folder: Path, problems: list[Problem], *, from_file: bool) -> None:
        self.data = data
        self.waves = data.waves
        self.names = tuple(wave.name for wave in data.waves)
        self.folder = folder
        self.problems = problems
        self.from_file = from_file

    def columns(self, section: Section, key: str, *, required: bool = True) -> dict[str, str]:
        """Return the column of each wave, from one name, a name with ``{wave}``, or a table."""
        raw = section.raw(key)
        if raw is None:
            if required:
                section.problem(key, "is missing", "Name the column", code="missing_key")
            return {}
        found = self._columns(section, key, raw)
        self._check_columns(section, key, found)
        return found

    def _columns(self, section: Section, key: str, raw: Any) -> dict[str, str]:
        long = self.data.layout == "long"
        if isinstance(raw, str) and raw.strip():
            if long:
                return dict.fromkeys(self.names, raw)
            if _TOKEN in raw:
                return {w.name: raw.replace(_TOKEN, as_label(w.value)) for w in self.waves}
        if isinstance(raw, dict) and not long:
            return self._by_wave(section, key, raw)
        if long:
            section.problem(key, "should be the name of a column", "Write it in quotes")
        else:
            first = self.names[0] if self.names else "baseline"
            remedy = f'Write {{ {first} = "...", ... }}, or a name with {_TOKEN} in it'
            section.problem(key, "should name a column for each wave", remedy)
        return {}

    def _by_wave(self, section: Section, key: str, raw: Mapping[str, Any]) -> dict[str, str]:
        inner = Section(raw, section.path(key), self.problems)
        result = {}
        for wave in inner.keys:
            column = inner.text(wave, required=True)
            if wave not in self.names:
                inner.problem(wave, "is not a wave of the study", name_options(wave, self.names))
            elif column:
                result[wave] = column
        if len(result) < 2:
            section.problem(key, "names columns for fewer than two waves", "Add the other waves")
        return result

    def _check_columns(self, section: Section, key: str, columns: Mapping[str, str]) -> None:
        used = list(columns.values())
        if self.data.layout == "wide" and len(set(used)) < len(used):
            section.problem(key, "names one column for two waves", "Name the column of each wave")
        own = {self.data.person, self.data.wave} - {""}
        for column in own & set(used):
            section.problem(key, f"'{column}' is the column of the persons or the waves", "Name another")

    def many_columns(self, section: Section, key: str) -> dict[str, dict[str, str]]:
        """Return, for a table of variables, the columns of each; one column serves one variable."""
        inner = section.section(key)
        if inner is None:
            return {}
        found = {name: self.columns(inner, name) for name in inner.keys}
        owner: dict[str, str] = {}
        for name, columns in found.items():
            for column in set(columns.values()):
                first = owner.setdefault(column, name)
                if first != name:
                    inner.problem(name, f"names the column '{column}', as '{first}' does", "Correct one")
        return found

    def missing(self, section: Section) -> MissingCodes:
        """Return the codes that mean "no answer": those of the table, else those under ``[data]``."""
        own = section.scalars("missing_codes")
        return own if "missing_codes" in section else self.data.missing_codes

    def values(self, section: Section, allowed: tuple[str, ...], missing: MissingCodes) -> dict[str, str]:
        """Return the mapping from codes in the file to names, from ``{ name = [codes] }``."""
        inner = section.section("values")
        if inner is None:
            return {name: name for name in allowed}
        gone = {as_code(code) for code in missing}
        result: dict[str, str] = {}
        for name in inner.keys:
            if name not in allowed:
                inner.problem(name, "is not a category", name_options(name, allowed), code="unknown_key")
            for code in inner.scalars(name):
                if as_code(code) in result:
                    inner.problem(name, f"code '{code}' stands for two categories", "Keep one")
                if as_code(code) in gone:
                    remedy = "Take it out of one, or give this table missing_codes of its own"
                    inner.problem(name, f"code '{code}' is also one of missing_codes", remedy)
                result[as_code(code)] = name
        return result

    def shipped_or_own(self, section: Section, key: str, name: str, read: Reader[T_co]) -> T_co | None:
        """Read what a key names, from what ships or from a file beside the study; None where it is wrong."""
        try:
            return read(name, folder=self.folder)
        except UnknownNameError as error:
            section.problem(key, str(error), "Choose one of them, or name a .toml file")
        except SpecError as error:
            for problem in error.problems:
                place = " " if problem.where == name else f", {problem.where}: "
                section.problem(key, f"'{name}'{place}{problem.what}", problem.remedy, code=problem.code)
        return None
