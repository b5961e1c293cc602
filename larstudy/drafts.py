"""A first study file for a data file, to be completed by its author.

It proposes what the names and the layout suggest, and leaves open what must be decided: which way each
outcome points, and which network rule applies. No answer of a person is in it; only names of columns and, in
a long file, the marks of the waves.
"""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from larstudy.errors import DataError, Problem
from larstudy.files import read_table
from larstudy.guesses import Measured, guess_instruments, guess_network, guess_status, quoted
from larstudy.identifiers import drop_line, identifying_columns, without_columns
from larstudy.placement import sort_labels
from larstudy.raw_table import RawTable, looks_like_data
from larstudy.specs.data import DataSpec
from larstudy.specs.study import as_code

_PERSON = re.compile(
    r"(?:.*[_. ])?(?:id|pid|person|subject|participant|patient|pasient|deltaker|deltakar|nr|l[øo]penr)", re.I
)
_WAVE = re.compile(
    r"redcap_event_name|(?:time|wave|visit|month|year|week|day|session|occasion|t|tid|runde|b[øo]lge|bolk|m[åa]ned|[åa]r|uke|veke"
    r"|dag|m[åa]ling|(?:m[åa]le)?tidspunkt|m[åa]lepunkt)(?:[_. ]?(?:point|punkt|nr|no))?",
    re.I,
)
# Without a gap the number behind a number would be part of it.
_PAIR = re.compile(r"(?P<stem>.*?[^_. -])(?P<gap>[_. -]|(?<![0-9]))(?P<wave>[0-9]+|pre|post|bl|fu)$", re.I)
_MOST_WAVES = 12
_SHARE_OF_A_WAVE = 0.05
_WAVE_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_FEWEST_VALUES = 5
_MOST_LONE_WAVES = 6
Lines = Sequence[str]


def draft_study(path: Path, *, beside: Path | None = None, sheet: str = "") -> str:
    """Return the text of a first study file for a data file.

    Parameters
    ----------
    path : Path
        A data file of any format that is read.
    beside : Path, optional
        The folder that the study file will stand in; that of the data unless given.
    sheet : str, optional
        Of a workbook in which several sheets hold something.

    Returns
    -------
    str
        TOML. What has to be decided is marked, and what could not be guessed is listed at the end;
        `larstudy check` lists what is still missing.

    Raises
    ------
    DataError
        Where the file cannot be read, has no header, or is one column only.
    """
    table = read_table(DataSpec(file=path.name, sheet=sheet), path.parent)
    _refuse(table, path.name)
    who = dict.fromkeys(one.column for one in identifying_columns(table))
    table = without_columns(table, who)
    columns = [name for name in dict.fromkeys(table.columns) if name]
    wave = next((name for name in columns if _WAVE.fullmatch(name) and _marks(table, name)), None)
    person = _person(table, columns, wave)
    file = path.name if beside is None else os.path.relpath(path, beside).replace(os.sep, "/")
    head = [
        f"# A draft for {_comment(path.name)}: complete it, then run `larstudy check`.",
        "[study]",
        f"title = {quoted(path.stem)}",
        "",
        "[data]",
        f"file = {quoted(file)}",
        *([f"sheet = {quoted(sheet)}"] if sheet else []),
        *([f"{drop_line(who)}   # they tell who somebody is"] if who else []),
    ]
    long = wave is not None or (person is not None and not _unique(table, [person]))
    lines, measured = _long(table, columns, person, wave) if long else _wide(table, columns, person)
    instruments, items = guess_instruments(table, measured)
    scores = [line for one in _scores(table, measured) if one.name not in items for line in _outcome(one)]
    network = guess_network(table, [one for one in measured if one.name not in items])
    within = {column for one in measured for column in one.columns} if not long else items
    single = [c for c in columns if c not in (person, wave) and c not in within]
    status = guess_status(table, [c for c in single if f"column = {quoted(c)}" not in network])
    open_questions = _open(person, wave or not long, instruments or scores, network, status)
    body = [*lines, *instruments, *scores, *(network or _network()), *status]
    return "\n".join([*head, *body, *open_questions, *_all_columns(columns)]) + "\n"


def _open(person: str | None, wave: object, outcomes: object, network: Lines, status: Lines) -> list[str]:
    """Return what the names and labels of the columns did not say."""
    missed = [
        (person is None, "which column holds the ids of the persons"),
        (not wave, "which column marks the waves"),
        (not outcomes, "which columns are outcomes"),
        (True, "which way each outcome points (higher_is), where it is not an instrument"),
        (not any(line.startswith("[") for line in network), "the network categories, or the rule for them"),
        (not any(line.startswith("[") for line in status), "the treatment status"),
    ]
    return ["", "# Could not be guessed:", *(f"#   {what}" for missing, what in missed if missing)]


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


def _comment(text: str) -> str:
    # A comment of TOML, and a terminal, take no control characters.
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in " ".join(text.split()))


def _marks(table: RawTable, column: str) -> list[str]:
    """Return the marks of the waves in a column, or nothing where it does not look like one.

    Only what stands in several rows, and not in a few of many, is taken for a mark, and no word where most
    marks are numbers: a stray word may be somebody's answer.
    """
    counts = Counter(label for label in table.labels(column) if label is not None)
    least = max(2, _SHARE_OF_A_WAVE * counts.total())
    numbers = sum(n for label, n in counts.items() if _WAVE_NUMBER.fullmatch(label)) * 2 > counts.total()
    marks = [
        label
        for label, n in counts.items()
        if n >= least and label.isprintable() and bool(_WAVE_NUMBER.fullmatch(label)) == numbers
    ]
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
    return f"person = {quoted(person)}"


def _long(
    table: RawTable, columns: Sequence[str], person: str | None, wave: str | None
) -> tuple[list[str], list[Measured]]:
    lines = ['layout = "long"', _person_line(person)]
    if wave is None:
        lines += [
            '# wave = "..."            # the ids repeat: which column marks the waves?',
            "# waves = { baseline = 0, month12 = 12 }",
        ]
    else:
        marks = _marks(table, wave)
        numeric = not any(table.numbers(wave).bad)
        values = [as_code(mark.replace(",", ".")) if numeric else quoted(mark) for mark in marks]
        waves = ", ".join(f"{n} = {v}" for n, v in zip(_wave_names(marks), values, strict=True))
        lines += [f"wave = {quoted(wave)}", f"waves = {{ {waves} }}   # the baseline first: check the order"]
    rest = [name for name in columns if name not in (person, wave)]
    return lines, [Measured(name=name, column=name, columns=(name,)) for name in rest]


def _wave_names(marks: Sequence[str]) -> list[str]:
    names = ["baseline"]
    for mark in marks[1:]:
        name = f"wave_{re.sub(r'[^A-Za-z0-9]+', '_', mark).strip('_')}"
        names.append(name if name not in names else f"{name}_{len(names)}")
    return names


def _wide(table: RawTable, columns: Sequence[str], person: str | None) -> tuple[list[str], list[Measured]]:
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
        f"waves = [{', '.join(map(quoted, marks))}]   # the baseline first: check the order",
    ]
    whole = {key: found for key, found in by_stem.items() if set(marks) <= set(found)}
    stems = Counter(stem for stem, _ in whole)
    measured = [
        Measured(
            name=stem if stems[stem] == 1 else f"{stem}{gap}x",
            column=f"{stem}{gap}{{wave}}",
            columns=tuple(found[mark] for mark in marks),
        )
        for (stem, gap), found in whole.items()
    ]
    return lines, measured


def _order(mark: str) -> tuple[int, int | str]:
    """Sort marks as waves come: the baseline by its usual names, then numbers, then other words."""
    if mark.isdigit():
        return 1, int(mark)
    return (0, mark) if mark.lower() in ("pre", "bl") else (2, mark)


def _scores(table: RawTable, measured: Sequence[Measured]) -> list[Measured]:
    """Return what may be a score: numbers with more than a few values, at some wave."""
    return [one for one in measured if any(_is_score(table, column) for column in one.columns)]


def _is_score(table: RawTable, column: str) -> bool:
    numbers = table.numbers(column)
    distinct = np.unique(numbers.values[~np.isnan(numbers.values)])
    return not numbers.bad.any() and len(distinct) >= _FEWEST_VALUES


def _outcome(one: Measured) -> list[str]:
    key = one.name if re.fullmatch(r"[A-Za-z0-9_-]+", one.name) else quoted(one.name)
    return [
        "",
        f"[outcomes.{key}]   # keep it if it is an outcome, else delete these lines",
        f"column = {quoted(one.column)}",
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
