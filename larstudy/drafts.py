"""A first study file for a data file, to be completed by its author.

It proposes what the names and the layout suggest, and leaves open what must be decided: which way each
outcome points, and which network rule applies. No answer of a person is in it; only names of columns and, in
a long file, the marks of the waves.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from larstudy.errors import DataError, Problem
from larstudy.files import read_table
from larstudy.placement import sort_labels
from larstudy.raw_table import RawTable, looks_like_data
from larstudy.specs.data import DataSpec
from larstudy.specs.study import as_code

_PERSON = re.compile(
    r"(?:.*[_. ])?(?:id|pid|person|subject|participant|patient|pasient|deltaker|deltakar|nr|l[øo]penr)", re.I
)
_WAVE = re.compile(
    r"(?:time|wave|visit|month|year|week|day|session|occasion|t|tid|runde|b[øo]lge|bolk|m[åa]ned|[åa]r|uke|veke"
    r"|dag|m[åa]ling|(?:m[åa]le)?tidspunkt|m[åa]lepunkt)(?:[_. ]?(?:point|punkt|nr|no))?",
    re.I,
)
_PAIR = re.compile(r"(?P<stem>.*?[^0-9_. -])(?P<gap>[_. -]?)(?P<wave>[0-9]+|pre|post|bl|fu)$", re.I)
_MOST_WAVES = 12
_FEWEST_VALUES = 5
_MOST_LONE_WAVES = 6


def draft_study(path: Path, *, beside: Path | None = None) -> str:
    """Return the text of a first study file for a data file.

    Parameters
    ----------
    path : Path
        A CSV file.
    beside : Path, optional
        The folder that the study file will stand in; that of the data unless given.

    Returns
    -------
    str
        TOML. What has to be decided is marked; `larstudy check` lists what is still missing.

    Raises
    ------
    DataError
        Where the file cannot be read, has no header, or is one column only.
    """
    table = read_table(DataSpec(file=path.name), path.parent)
    _refuse(table, path.name)
    columns = [name for name in dict.fromkeys(table.columns) if name]
    wave = next((name for name in columns if _WAVE.fullmatch(name) and _marks(table, name)), None)
    person = _person(table, columns, wave)
    file = path.name if beside is None else os.path.relpath(path, beside).replace(os.sep, "/")
    head = [
        f"# A draft for {_comment(path.name)}: complete it, then run `larstudy check`.",
        "[study]",
        f"title = {_quoted(path.stem)}",
        "",
        "[data]",
        f"file = {_quoted(file)}",
    ]
    long = wave is not None or (person is not None and not _unique(table, [person]))
    body = _long(table, columns, person, wave) if long else _wide(table, columns, person)
    return "\n".join([*head, *body, *_network(), *_all_columns(columns)]) + "\n"


def _refuse(table: RawTable, name: str) -> None:
    """Refuse what cannot be drafted from, above all a file whose first row is somebody's answers."""
    problems = list(table.problems)
    if looks_like_data(table):
        what = "the first row looks like data where the names of the columns should be"
        remedy = "Add a row with the names of the columns"
        problems.append(Problem(code="no_header", where=name, what=what, remedy=remedy))
    elif len(table.columns) < 2:
        what = "is one column only, as far as its separator could be found"
        remedy = "Separate the cells by comma, semicolon or tab"
        problems.append(Problem(code="one_column", where=name, what=what, remedy=remedy))
    if problems:
        raise DataError(problems)


def _quoted(text: str) -> str:
    # The escapes of JSON are those of TOML.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return " ".join(text.split())


def _marks(table: RawTable, column: str) -> list[str]:
    """Return the marks of the waves in a column, or nothing where it does not look like one.

    Only what stands in several rows is taken for a mark: a stray word may be somebody's answer.
    """
    counts = Counter(label for label in table.labels(column) if label is not None)
    marks = [label for label, n in counts.items() if n > 1]
    return sort_labels(sorted(marks)) if 2 <= len(marks) <= _MOST_WAVES else []


def _unique(table: RawTable, columns: Sequence[str]) -> bool:
    rows = list(zip(*(table.labels(name) for name in columns), strict=True))
    return len(set(rows)) == len(rows)


def _person(table: RawTable, columns: Sequence[str], wave: str | None) -> str | None:
    """Return the column of the persons: by its name, or as the first that tells all rows apart."""
    named = next((name for name in columns if _PERSON.fullmatch(name)), None)
    if named is not None or wave is None:
        return named
    others = [name for name in columns if name != wave and not _unique(table, [name])]
    return next((name for name in others if _unique(table, [name, wave])), None)


def _person_line(person: str | None) -> str:
    if person is None:
        return '# person = "..."          # the column of the ids'
    return f"person = {_quoted(person)}"


def _long(table: RawTable, columns: Sequence[str], person: str | None, wave: str | None) -> list[str]:
    lines = ['layout = "long"', _person_line(person)]
    if wave is None:
        lines += [
            '# wave = "..."            # the ids repeat: which column marks the waves?',
            "# waves = { baseline = 0, month12 = 12 }",
        ]
    else:
        marks = _marks(table, wave)
        numeric = not any(table.numbers(wave).bad)
        values = [as_code(mark.replace(",", ".")) if numeric else _quoted(mark) for mark in marks]
        waves = ", ".join(f"{n} = {v}" for n, v in zip(_wave_names(marks), values, strict=True))
        lines += [f"wave = {_quoted(wave)}", f"waves = {{ {waves} }}   # the baseline first: check the order"]
    for name in _scores(table, [c for c in columns if c not in (person, wave)]):
        lines += _outcome(name, _quoted(name))
    return lines


def _wave_names(marks: Sequence[str]) -> list[str]:
    names = ["baseline"]
    for mark in marks[1:]:
        name = f"wave_{re.sub(r'[^A-Za-z0-9]+', '_', mark).strip('_')}"
        names.append(name if name not in names else f"{name}_{len(names)}")
    return names


def _wide(table: RawTable, columns: Sequence[str], person: str | None) -> list[str]:
    by_stem: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for column in columns:
        match = _PAIR.fullmatch(column)
        if match and column != person:
            by_stem[match["stem"], match["gap"]][match["wave"]] = column
    sets = [tuple(sorted(found, key=_order)) for found in by_stem.values() if len(found) > 1]
    # One stem with many numbers behind it is a questionnaire, not a series of waves.
    sets = [marks for marks in sets if len(marks) <= _MOST_LONE_WAVES or sets.count(marks) > 1]
    marks = max(sorted(set(sets)), key=sets.count) if sets else ("baseline", "followup")
    lines = [
        'layout = "wide"',
        _person_line(person),
        f"waves = [{', '.join(map(_quoted, marks))}]   # the baseline first: check the order",
    ]
    whole = {key: found for key, found in by_stem.items() if set(marks) <= set(found)}
    numeric = _scores(table, [column for found in whole.values() for column in found.values()])
    stems = Counter(stem for stem, _ in whole)
    for (stem, gap), found in whole.items():
        if any(column in numeric for column in found.values()):
            name = stem if stems[stem] == 1 else f"{stem}{gap}x"
            lines += _outcome(name, _quoted(f"{stem}{gap}{{wave}}"))
    return lines


def _order(mark: str) -> tuple[int, int | str]:
    """Sort marks as waves come: the baseline by its usual names, then numbers, then other words."""
    if mark.isdigit():
        return 1, int(mark)
    return (0, mark) if mark.lower() in ("pre", "bl") else (2, mark)


def _scores(table: RawTable, columns: Sequence[str]) -> list[str]:
    """Return the columns that may hold a score: numbers with more than a few values."""
    found = []
    for name in columns:
        numbers = table.numbers(name)
        distinct = np.unique(numbers.values[~np.isnan(numbers.values)])
        if not numbers.bad.any() and len(distinct) >= _FEWEST_VALUES:
            found.append(name)
    return found


def _outcome(name: str, column: str) -> list[str]:
    key = name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quoted(name)
    return [
        "",
        f"[outcomes.{key}]   # keep it if it is an outcome, else delete these lines",
        f"column = {column}",
        '# higher_is = "better"   # or "worse": decide',
        '# or, from items: instrument = "qol10", scale = "social", items = { 4 = "q4" }',
    ]


def _network() -> list[str]:
    return [
        "",
        "# [network]                # the categories that your file has ...",
        '# column = "network"',
        "# values = { abstinent = [1], drug_dominated = [2], isolated = [3] }",
        '# rule = "europasi"        # ... or a rule over columns',
        '# columns = { free_time_with = "ASI_F9" }',
        "",
        "# [group]                  # or any fixed grouping instead",
        '# column = "clinic"',
    ]


def _all_columns(columns: Sequence[str]) -> list[str]:
    return ["", "# All columns of the file:", *(f"#   {_comment(name)}" for name in columns)]
