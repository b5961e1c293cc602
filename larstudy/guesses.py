"""What the names and labels of columns suggest: instruments, networks and status, to be checked by a person.

A guess shows names of columns, labels that a file gives its codes, and words of these lists; never an answer.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.raw_table import RawTable
from larstudy.specs import list_instruments, read_instrument
from larstudy.specs.instruments import Instrument

_ITEM = re.compile(r"(?P<stem>.*?[^_. -])[_. -]*?(?P<item>[0-9]+[a-z]?)", re.I)
_INSTRUMENTS = {
    "whoqol_bref": re.compile(r"whoqol(bref)?"),
    "qol10": re.compile(r"qol10"),
    "qol5": re.compile(r"qol5"),
    "scl10": re.compile(r"(h?scl)10"),
    "ces_d": re.compile(r"cesd"),
    "sf36": re.compile(r"sf36"),
    "pss_friends": re.compile(r"pss(fr|venner|friends?)"),
    "pss_family": re.compile(r"pss(fa|familie|family)"),
}
# Values beyond these are answers that were not given, or another questionnaire.
_FITTING = 0.9
_MOST_LABELS, _LONGEST_LABEL = 12, 40

Words = Mapping[str, re.Pattern[str]]
_NETWORK = re.compile(r".*(network|nettverk|omgang|\bnet)[_. -]*(cat|kat)?[a-z]*", re.I)
#: In this order: "rusfri" (sober) begins as "rus" (drugs) does.
_CATEGORIES: Words = {
    "abstinent": re.compile(r"rusfri|abstin|avhold|sober|edru", re.I),
    "isolated": re.compile(r"isol|alone|alene|ensom", re.I),
    "drug_dominated": re.compile(r"rus|drug|substance|using|stoff", re.I),
}
_STATUS = re.compile(r".*(status|treatment|behandling)[a-z]*", re.I)
_STATUSES: Words = {
    "dropped_out": re.compile(r"frafal|fr[åa]fal|drop|avbr|discont|slutta", re.I),
    "completed": re.compile(r"fullf|complet|ferdig", re.I),
    "in_treatment": re.compile(r"behandling|treatment|ongoing|p[åa]g[åa]", re.I),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Something that may be measured at each wave.

    Attributes
    ----------
    name : str
    column : str
        As a study file names it, with ``{wave}`` in a wide file.
    columns : tuple of str
        As the data file names it.
    """

    name: str
    column: str
    columns: tuple[str, ...]


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    # The escapes of JSON are those of TOML.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def guess_instruments(table: RawTable, measured: Sequence[Measured]) -> tuple[list[str], set[str]]:
    """Return an outcome for each instrument whose items seem to be there, and what they are made of.

    Parameters
    ----------
    table : RawTable
    measured : sequence of Measured

    Returns
    -------
    list of str, set of str
        Lines of a study file, and the names of the items.
    """
    by_stem: dict[str, dict[str, Measured]] = {}
    for one in measured:
        match = _ITEM.fullmatch(one.name)
        if match:
            by_stem.setdefault(match["stem"], {})[match["item"].lstrip("0").lower()] = one
    lines: list[str] = []
    used: set[str] = set()
    for stem, items in by_stem.items():
        instrument = _named(stem)
        if instrument is not None and set(instrument.items) <= set(items) and _fits(table, instrument, items):
            lines += _instrument_lines(stem, instrument, items)
            used |= {items[item].name for item in instrument.items}
    return lines, used


def _named(stem: str) -> Instrument | None:
    plain = re.sub(r"[^a-z0-9]", "", stem.lower())
    for name, pattern in _INSTRUMENTS.items():
        if name in list_instruments() and pattern.fullmatch(plain):
            return read_instrument(name)
    return None


def _fits(table: RawTable, instrument: Instrument, items: Mapping[str, Measured]) -> bool:
    """Say whether most of what stands in the columns may be an answer to the items."""
    fitting = answers = 0
    for item, described in instrument.items.items():
        for column in items[item].columns:
            values = table.numbers(column).values
            given = values[~np.isnan(values)]
            fitting += int(np.isin(given, described.allowed()).sum())
            answers += len(given)
    return answers > 0 and fitting >= _FITTING * answers


def _instrument_lines(stem: str, instrument: Instrument, items: Mapping[str, Measured]) -> list[str]:
    scales = [name for name, scale in instrument.scales.items() if scale.combine != "profile"]
    first = scales[0]
    pairs = ", ".join(
        f"{item} = {quoted(items[item].column)}" for item in instrument.items_of(first) if item in items
    )
    others = f"   # or: {', '.join(scales[1:])}" if len(scales) > 1 else ""
    every = ", ".join(f"{item} = {quoted(items[item].column)}" for item in instrument.items)
    return [
        "",
        f"[outcomes.{instrument.id}_{first}]   # {instrument.name}, by the names and values of {stem}: check",
        f"instrument = {quoted(instrument.id)}",
        f"scale = {quoted(first)}{others}",
        f"items = {{ {pairs} }}",
        *([f"# all items: {{ {every} }}"] if every != pairs else []),
    ]


def guess_network(table: RawTable, measured: Sequence[Measured]) -> list[str]:
    """Return the lines of ``[network]``, or nothing where no column looks like one.

    They are comments where a column has the name of one, but its labels do not say which code means what.
    """
    return _guess(table, measured, "network", _NETWORK, _CATEGORIES)


def guess_status(table: RawTable, columns: Sequence[str]) -> list[str]:
    """Return the lines of ``[treatment_status]``, or nothing where no column looks like one."""
    single = [Measured(name=name, column=name, columns=(name,)) for name in columns]
    return _guess(table, single, "treatment_status", _STATUS, _STATUSES)


def _guess(
    table: RawTable, measured: Sequence[Measured], key: str, name: re.Pattern[str], words: Words
) -> list[str]:
    found = {one.name: _meanings(table, one.columns, words) for one in measured}
    whole = [one for one in measured if all(found[one.name].values())]
    whole.sort(key=lambda one: not name.fullmatch(one.name))
    if whole:
        values = ", ".join(
            f"{meaning} = [{', '.join(map(quoted, labels))}]"
            for meaning, labels in sorted(found[whole[0].name].items())
        )
        head = f"[{key}]   # by its labels: check each"
        return ["", head, f"column = {quoted(whole[0].column)}", f"values = {{ {values} }}"]
    named = next((one for one in measured if name.fullmatch(one.name)), None)
    if named is None:
        return []
    values = ", ".join(f"{meaning} = [...]" for meaning in sorted(words))
    return [
        "",
        f"# [{key}]   # by its name: which code means what?",
        f"# column = {quoted(named.column)}",
        f"# values = {{ {values} }}",
    ]


def _meanings(table: RawTable, columns: Sequence[str], words: Words) -> dict[str, list[str]]:
    """Return the labels that each meaning may have: what the file calls labels, or what looks like some."""
    labels: set[str] = set()
    for column in columns:
        given = table.value_labels.get(column)
        labels |= set(given.values()) if given else _words_of(table, column)
    found: dict[str, list[str]] = {meaning: [] for meaning in words}
    for label in sorted(labels):
        meaning = next((m for m, pattern in words.items() if pattern.search(label)), None)
        if meaning is not None:
            found[meaning].append(label)
    return found


def _words_of(table: RawTable, column: str) -> set[str]:
    """Return what stands in a column of a few short words, each in several rows; else it may be anybody's."""
    counts = Counter(text for text in table.labels(column) if text is not None)
    few = len(counts) <= _MOST_LABELS and min(counts.values(), default=0) > 1
    return set(counts) if few and max(map(len, counts)) <= _LONGEST_LABEL else set()
