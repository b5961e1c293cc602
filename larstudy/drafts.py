"""A first study file for a data file, to be completed by its author.

It proposes what the names and the layout suggest, and leaves open what must be decided: which way each
outcome points, and which network rule applies. No answer of a person is in it; only names of columns and, in
a long file, the marks of the waves.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from larstudy.files import RawTable, read_table
from larstudy.placement import sort_labels
from larstudy.specs.study import DataSpec

_PERSON = re.compile(r"(?:.*[_. ])?(?:id|pid|person|subject|participant|pasient|deltaker|deltakar|nr)", re.I)
_WAVE = re.compile(
    r"(?:time|wave|visit|month|occasion|t|tid|runde|b[øo]lge|bolk|m[åa]ned)(?:point|punkt)?", re.I
)
_PAIR = re.compile(r"(?P<stem>.*?[^0-9_. -])(?P<gap>[_. -]?)(?P<wave>[0-9]+|pre|post|bl|fu)$", re.I)
_MOST_WAVES = 12
_FEWEST_VALUES = 5


def draft_study(path: Path) -> str:
    """Return the text of a first study file for a data file.

    Parameters
    ----------
    path : Path
        A CSV file.

    Returns
    -------
    str
        TOML. What has to be decided is marked; `larstudy check` lists what is still missing.

    Raises
    ------
    DataError
        Where the file cannot be read.
    """
    table = read_table(DataSpec(file=path.name), path.parent)
    columns = [name for name in dict.fromkeys(table.columns) if name]
    person = next((name for name in columns if _PERSON.fullmatch(name)), columns[0])
    wave = next((name for name in columns if _WAVE.fullmatch(name) and _marks_waves(table, name)), None)
    head = [
        f"# A draft for {path.name}: complete it, then run `larstudy check`.",
        "[study]",
        f"title = {_quoted(path.stem)}",
        "",
        "[data]",
        f"file = {_quoted(path.name)}",
    ]
    body = _wide(table, columns, person) if wave is None else _long(table, columns, person, wave)
    return "\n".join([*head, *body, *_network(), *_all_columns(columns)]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _marks_waves(table: RawTable, column: str) -> bool:
    labels = [label for label in table.labels(column) if label is not None]
    return 2 <= len(set(labels)) <= _MOST_WAVES and len(labels) > len(set(labels))


def _long(table: RawTable, columns: Sequence[str], person: str, wave: str) -> list[str]:
    marks = sort_labels(sorted({label for label in table.labels(wave) if label is not None}))
    numeric = not table.numbers(wave).bad.any()
    names = ["baseline", *(f"wave_{re.sub(r'[^A-Za-z0-9]+', '_', mark)}" for mark in marks[1:])]
    values = [mark.replace(",", ".") if numeric else _quoted(mark) for mark in marks]
    waves = ", ".join(f"{name} = {value}" for name, value in zip(names, values, strict=True))
    lines = [
        'layout = "long"',
        f"person = {_quoted(person)}",
        f"wave = {_quoted(wave)}",
        f"waves = {{ {waves} }}   # the first is the baseline: check the order",
    ]
    for name in _scores(table, [c for c in columns if c not in (person, wave)]):
        lines += _outcome(name, _quoted(name))
    return lines


def _wide(table: RawTable, columns: Sequence[str], person: str) -> list[str]:
    by_stem: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for column in columns:
        match = _PAIR.fullmatch(column)
        if match and column != person:
            by_stem[match["stem"], match["gap"]][match["wave"]] = column
    sets = [tuple(found) for found in by_stem.values() if len(found) > 1]
    marks = max(sorted(set(sets)), key=sets.count) if sets else ("baseline", "followup")
    lines = [
        'layout = "wide"',
        f"person = {_quoted(person)}",
        f"waves = [{', '.join(map(_quoted, marks))}]   # the first is the baseline: check the order",
    ]
    whole = {key: found for key, found in by_stem.items() if set(marks) <= set(found)}
    numeric = _scores(table, [column for found in whole.values() for column in found.values()])
    for (stem, gap), found in whole.items():
        if any(column in numeric for column in found.values()):
            lines += _outcome(stem, _quoted(f"{stem}{gap}{{wave}}"))
    return lines


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
    return ["", "# All columns of the file:", *(f"#   {name!r}" for name in columns)]
