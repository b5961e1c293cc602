"""Reading TOML tables with a closed vocabulary, collecting every problem on the way."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from numbers import Integral
from pathlib import Path
from typing import Any, TypeGuard

from larstudy.errors import Problem, SpecError, counted, name_options

_LARGEST = 1e100

_KINDS: dict[type, str] = {
    str: "text in quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


class Section:
    """One table of a TOML file while it is being read.

    Each key that is asked for is ticked off; `finish` reports the rest. A missing or mistyped key is
    recorded as a problem and answered with a harmless value, so that reading goes on and all problems show.
    """

    def __init__(self, values: Mapping[str, Any], where: str, problems: list[Problem]) -> None:
        self._values = dict(values)
        self._asked: list[str] = []
        self.problems = problems
        self.where = where

    def __contains__(self, key: str) -> bool:
        return key in self._values

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that the file has, in its order."""
        return tuple(self._values)

    def path(self, key: str) -> str:
        """Return the key with the tables it stands in, as a person would look for it."""
        return f"{self.where}.{key}" if self.where else key

    def problem(self, key: str, what: str, remedy: str, *, code: str = "bad_value") -> None:
        """Record a problem with a key of this table."""
        where = self.path(key) if key else self.where
        self.problems.append(Problem(code=code, where=where, what=what, remedy=remedy))

    def raw(self, key: str) -> Any:
        """Return the value as it stands, None where there is none, and tick it off."""
        self._asked.append(key)
        return self._values.get(key)

    def _typed(self, key: str, kind: type, *, required: bool) -> Any:
        value = self.raw(key)
        if value is None:
            if required:
                self.problem(key, "is missing", f"Write {_KINDS[kind]} for it", code="missing_key")
            return None
        accepted = (int, float) if kind is float else kind
        wrong_bool = isinstance(value, bool) and kind is not bool
        if wrong_bool or not isinstance(value, accepted):
            self.problem(key, f"should be {_KINDS[kind]}", "Change it in the file")
            return None
        if kind is float and not is_number(value):
            self.problem(key, "should be a finite number", "Change it in the file")
            return None
        return value

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        """Return a text; the default where it is absent or not a text."""
        value = self._typed(key, str, required=required)
        if value is not None and required and not value.strip():
            self.problem(key, "is empty", "Write text in quotes for it", code="missing_key")
        return default if value is None else str(value)

    def flag(self, key: str) -> bool:
        """Return true or false; false where it is absent."""
        return bool(self._typed(key, bool, required=False))

    def number(self, key: str, *, required: bool = False) -> float | None:
        """Return a number, or None."""
        value = self._typed(key, float, required=required)
        return None if value is None else float(value)

    def whole(self, key: str) -> int | None:
        """Return a whole number, or None."""
        value = self._typed(key, int, required=False)
        return None if value is None else int(value)

    def choice(self, key: str, options: Sequence[str], *, default: str = "", required: bool = False) -> str:
        """Return one of the options."""
        value = self.text(key, required=required)
        if not value:
            return default
        if value not in options:
            self.problem(key, f"'{value}' is not an option", name_options(value, options))
            return default
        return value

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self._typed(key, list, required=required) or []
        if not all(isinstance(entry, str) for entry in value):
            self.problem(key, "should be a list of texts in quotes", "Change it in the file")
            return ()
        return tuple(value)

    def scalars(self, key: str) -> tuple[str | int | float, ...]:
        """Return a list of texts and numbers."""
        value = self._typed(key, list, required=False) or []
        if not all(is_scalar(entry) for entry in value):
            self.problem(key, "should be a list of numbers or texts", "Change it in the file")
            return ()
        return tuple(value)

    def interval(self, key: str) -> tuple[float, float] | None:
        """Return a list of two rising numbers, or None."""
        value = self._typed(key, list, required=False)
        if value is None:
            return None
        numbers = [v for v in value if is_number(v)]
        if len(value) != 2 or len(numbers) != 2 or not numbers[0] < numbers[1]:
            self.problem(key, "should be two numbers, the lower first", "Write it as [low, high]")
            return None
        return float(numbers[0]), float(numbers[1])

    def section(self, key: str, *, required: bool = False) -> Section | None:
        """Return a table inside this one, or None."""
        value = self._typed(key, dict, required=required)
        return None if value is None else Section(value, self.path(key), self.problems)

    def tables(self, key: str, *, required: bool = False) -> dict[str, Section]:
        """Return the tables inside a table, by name; an entry that is none is a problem."""
        outer = self.section(key, required=required)
        found = {name: outer.section(name) for name in outer.keys} if outer is not None else {}
        return {name: inner for name, inner in found.items() if inner is not None}

    def sections(self, key: str) -> list[Section]:
        """Return a list of tables (``[[key]]``)."""
        value = self._typed(key, list, required=False) or []
        found = []
        for position, entry in enumerate(value, start=1):
            if isinstance(entry, dict):
                found.append(Section(entry, f"{self.path(key)}[{position}]", self.problems))
            else:
                self.problem(key, f"entry {position} should be a table", "Change it in the file")
        return found

    def finish(self) -> None:
        """Record each key that nobody asked for."""
        for key in self._values:
            if key not in self._asked:
                self.problem(
                    key,
                    "is not a key that larstudy knows",
                    name_options(key, sorted(set(self._asked))),
                    code="unknown_key",
                )


def is_number(value: object) -> TypeGuard[int | float]:
    """Say whether a value is a finite number and not true or false."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    # Beyond the range of a float a whole number is no measurement of anything.
    return abs(value) <= _LARGEST


def is_whole(value: object) -> bool:
    """Say whether a value is a whole number, of Python or numpy, and not true or false.

    Examples
    --------
    >>> is_whole(3), is_whole(3.5), is_whole(True)
    (True, False, False)
    """
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_scalar(value: object) -> bool:
    """Say whether a value is a text or a finite number."""
    return isinstance(value, str) or is_number(value)


def number_map(section: Section, key: str) -> dict[float, float]:
    """Return a table from numbers to numbers, such as ``{ 1 = 0.9, 2 = 0.7 }``."""
    inner = section.section(key)
    result: dict[float, float] = {}
    if inner is None:
        return result
    for name in inner.keys:
        value = inner.number(name)
        try:
            answer = float(name)
        except ValueError:
            inner.problem(name, "the key should be a number", "Write answers as numbers")
            continue
        result[answer] = 0.0 if value is None else value
    return result


_DATA_SUFFIXES = (".csv", ".tsv", ".xlsx", ".xls", ".sav", ".zsav", ".dta", ".parquet")


def read_text(path: Path) -> str:
    """Return the text of a file, with the line ends and letters that every other file has.

    Raises
    ------
    SpecError
        Where the file is absent, cannot be read, or is not UTF-8; the message says which.
    """

    def fail(code: str, what: str, remedy: str) -> SpecError:
        return SpecError([Problem(code=code, where=path.name or str(path), what=what, remedy=remedy)])

    try:
        # A pipe or a device may be read without end.
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise fail("file_unreadable", "is a device or a pipe, and no file", "Check the path")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise fail("file_missing", "there is no such file", "Check the path") from None
    except UnicodeDecodeError:
        raise fail("encoding", "is not UTF-8", "Save the file as UTF-8 text") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise fail("file_unreadable", f"cannot be read ({reason})", "Check the path") from None
    # A name must match the data file's however its letters were composed.
    plain = text.replace("\r\n", "\n").replace("\N{NO-BREAK SPACE}", " ")
    return unicodedata.normalize("NFC", plain)


def parse_toml(text: str, name: str) -> dict[str, Any]:
    """Return the content of TOML text from the file of this name, or raise what `read_toml` says."""
    # Numbers of thousands of digits, and lists in lists without end, are errors of Python, not of TOML.
    try:
        return tomllib.loads(text)
    except ValueError as error:
        what = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "a number has too many digits"
    except RecursionError:
        what = "its lists or tables stand too deep inside each other"
    problem = Problem(
        code="not_toml",
        where=name,
        what=f"is not valid TOML: {what}",
        remedy="Correct the line, or quote the text",
    )
    raise SpecError([problem])


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises
    ------
    SpecError
        Where the file is absent, cannot be read, is not UTF-8 or not TOML; the message says which, with
        line and column where known.
    """
    if path.suffix.lower() in _DATA_SUFFIXES:
        problem = Problem(
            code="data_file",
            where=path.name,
            what="is a data file, where a study file (.toml) is expected",
            remedy="Draft a study file for it: larstudy init",
        )
        raise SpecError([problem])
    return parse_toml(read_text(path), path.name)


def resource_names(folder: str) -> tuple[str, ...]:
    """Return the ids of the files that ship in a folder of ``larstudy/resources``."""
    entries = resources.files("larstudy").joinpath("resources", folder).iterdir()
    return tuple(sorted(e.name[:-5] for e in entries if e.name.endswith(".toml")))


def resource_toml(folder: str, name: str) -> dict[str, Any]:
    """Return the content of a TOML file that ships with the package."""
    file = resources.files("larstudy").joinpath("resources", folder, f"{name}.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def raise_if_any(problems: Iterable[Problem], title: str) -> None:
    """Raise a `SpecError` with every problem, or return where there is none."""
    found = list(problems)
    if found:
        raise SpecError(found, title=f"{title}: {counted(len(found), 'problem', 'problems')}")
