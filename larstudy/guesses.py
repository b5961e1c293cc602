"""What the names and labels of columns suggest: instruments, networks and status, to be checked by a person.

A guess shows names of columns, labels that a file gives its codes, and words of these lists; never an answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.raw_table import RawTable
from larstudy.specs import list_instruments, read_instrument
from larstudy.specs.instruments import Instrument
from larstudy.specs.study import as_code
from larstudy.wave_marks import Measured

_ITEM = re.compile(r"(?P<stem>.*?[^_. -])[_. -]*?(?:item|q|spm)?[_. -]*(?P<item>[0-9]+[a-z]?)", re.I)
_INSTRUMENTS = {
    "whoqol_bref": re.compile(r"whoqol(26)?(bref)?(26)?"),
    "qol10": re.compile(r"qol10"),
    "qol5": re.compile(r"qol5"),
    "qol1": re.compile(r"qol1"),
    "scl10": re.compile(r"(h?scl)10"),
    "ces_d": re.compile(r"cesd?(20)?"),
    "sf36": re.compile(r"(rand|sf)36"),
    "pss_friends": re.compile(r"pss(fr|venner|friends?)"),
    "pss_family": re.compile(r"pss(fa|familie|family)"),
}
#: Where the name does not tell the forms of a questionnaire apart, the number of items does.
_BY_LENGTH = {
    ("qol", 10): "qol10", ("qol", 5): "qol5", ("qol", 1): "qol1", ("scl", 10): "scl10", ("hscl", 10): "scl10",
}  # fmt: skip
#: EQ-5D has words, or abbreviations of them, where others have numbers. The scale from 0 to 100 is one for
#: all its forms; the five dimensions of the form with three levels are another questionnaire.
_EQ5D = re.compile(r"(?P<stem>eq[_-]?5d(?P<three>[_-]?3l)?(?:[_-]?5l)?|eq)[_. -]*(?P<item>.+)", re.I)
_EQ5D_ITEMS = {
    "mobility": re.compile(r"1|mo|mob.*|gange", re.I),
    "self_care": re.compile(r"2|sc|self.*|(personlig.?)?stell", re.I),
    "usual_activities": re.compile(r"3|ua|usual.*|vanlige.*|gj[øo]rem[åa]l", re.I),
    "pain": re.compile(r"4|pd|pain.*|smerte.*", re.I),
    "anxiety": re.compile(r"5|ad|anx.*|angst.*", re.I),
    "vas": re.compile(r"6|vas.*|th?ermometer", re.I),
}
# Values beyond these are answers that were not given, or another questionnaire.
_FITTING = 0.9
_MOST_LABELS, _LONGEST_LABEL = 12, 40
_MOST_CODES = 12
#: As many persons as the default of disclosure control asks for: what fewer have given is only counted.
FEWEST_PERSONS = 5

Words = Mapping[str, re.Pattern[str]]
_NETWORK = re.compile(r".*(network|nettverk|omgang|\bnet)[_. -]*(cat|kat|type)?[a-z]*", re.I)
_FREE_TIME = re.compile(r".*(free_?time|fritid|fri_tid|europasi|asi_?f9).*", re.I)
_FREE_TIME_CODES = frozenset("12345")
#: In this order: "rusfri" (sober) begins as "rus" (drugs) does, and "non-using" ends as "using" does.
_CATEGORIES: Words = {
    "abstinent": re.compile(
        r"rusfri|uten rus|utan rus|abst|avhold|sober|edru|(?:drug|substance)[- ]free|non[- ]?us|clean", re.I
    ),
    "isolated": re.compile(r"isol|\biso\b|alone|alene|[åa]leine|ensom|einsam|ingen|no one|nobody", re.I),
    "drug_dominated": re.compile(r"rus|drug|substance|using|users|stoff", re.I),
}
_STATUS = re.compile(r".*(status|treatment|behandling|utfall)[a-z]*", re.I)
_STATUSES: Words = {
    "dropped_out": re.compile(r"frafal|fr[åa]fal|drop|avbr|avslutta|discont|slutta|sluttet|left", re.I),
    "completed": re.compile(r"fullf|complet|ferdig|gjennomf", re.I),
    "in_treatment": re.compile(r"behandling|treatment|ongoing|p[åa]g[åa]|active|\binne\b", re.I),
}
MEANINGS: Mapping[str, Words] = {"network": _CATEGORIES, "treatment_status": _STATUSES}
_NAMES = {"network": _NETWORK, "treatment_status": _STATUS}


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentGuess:
    """A questionnaire whose items seem to be there.

    Attributes
    ----------
    instrument : Instrument
    stem : str
        What the names of the items begin with.
    items : mapping of str to Measured
    """

    instrument: Instrument
    stem: str
    items: Mapping[str, Measured]

    @property
    def scales(self) -> tuple[str, ...]:
        """The scales that need nothing but the items."""
        own = self.instrument.scales.items()
        free = [name for name, scale in own if scale.combine not in ("profile", "value_set")]
        return tuple(name for name in free if set(self.instrument.items_of(name)) <= set(self.items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A code of a column of categories.

    Attributes
    ----------
    code : str
        As the study file names it: the label where the file gives one.
    text : bool
        Whether it is written in quotes.
    meaning : str
        What it seems to mean; empty where nobody can tell.
    """

    code: str
    text: bool
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """A column of networks or of treatment status.

    Attributes
    ----------
    measured : Measured
    codes : tuple of Code
    hidden : int
        How many further codes are too rare to be shown.
    rule : str
        The network rule whose question the column seems to hold; empty where its codes are categories.
    """

    measured: Measured
    codes: tuple[Code, ...]
    hidden: int = 0
    rule: str = ""


# -- questionnaires -----------------------------------------------------------------------------------


def guess_instruments(
    table: RawTable, measured: Sequence[Measured]
) -> tuple[list[InstrumentGuess], dict[str, list[Measured]]]:
    """Return the instruments whose items seem to be there, and the columns of questionnaires not known here.

    Parameters
    ----------
    table : RawTable
    measured : sequence of Measured

    Returns
    -------
    list of InstrumentGuess, mapping of str to list of Measured
        The second by what the names begin with: three columns or more that number on.
    """
    by_stem: dict[str, dict[str, Measured]] = {}
    found, rest = _eq5d(table, measured)
    for one in rest:
        match = _ITEM.fullmatch(one.name)
        if match:
            by_stem.setdefault(match["stem"], {})[match["item"].lstrip("0").lower()] = one
    unknown: dict[str, list[Measured]] = {}
    for stem, items in by_stem.items():
        instrument = _named(stem, len(items))
        if instrument is not None and set(instrument.items) <= set(items) and _fits(table, instrument, items):
            own = {item: items[item] for item in instrument.items}
            found.append(InstrumentGuess(instrument=instrument, stem=stem, items=own))
        elif len(items) > 2 and all(str(number) in items for number in range(1, len(items) + 1)):
            unknown[stem] = list(items.values())
    return found, unknown


def _eq5d(table: RawTable, measured: Sequence[Measured]) -> tuple[list[InstrumentGuess], list[Measured]]:
    """Return EQ-5D where its visual analogue scale is there, and what is none of its items.

    Without that scale there is no score: the five dimensions need a value set.
    """
    instrument = read_instrument("eq5d5l")
    items: dict[str, Measured] = {}
    stems = []
    for one in measured:
        match = _EQ5D.fullmatch(one.name)
        if match is None:
            continue
        item = next((name for name, words in _EQ5D_ITEMS.items() if words.fullmatch(match["item"])), "")
        whole = item == "vas" or ("5" in match["stem"] and not match["three"])
        if item and whole and item not in items and _fits(table, instrument, {item: one}):
            items[item] = one
            stems.append(match["stem"])
    if "vas" not in items:
        return [], list(measured)
    own = {name: items[name] for name in instrument.items if name in items}
    guess = InstrumentGuess(instrument=instrument, stem=stems[0], items=own)
    mine = {one.name for one in own.values()}
    return [guess], [one for one in measured if one.name not in mine]


def _named(stem: str, items: int) -> Instrument | None:
    plain = re.sub(r"[^a-z0-9]", "", stem.lower())
    known = list_instruments()
    for name, pattern in _INSTRUMENTS.items():
        if name in known and (pattern.fullmatch(plain) or _BY_LENGTH.get((plain, items)) == name):
            return read_instrument(name)
    return None


def _fits(table: RawTable, instrument: Instrument, items: Mapping[str, Measured]) -> bool:
    """Say whether most of what stands in the columns may be an answer to the items."""
    fitting = answers = 0
    for item in set(instrument.items) & set(items):
        described = instrument.items[item]
        for column in items[item].columns:
            values = table.numbers(column).values
            given = values[~np.isnan(values)]
            inside = (given >= described.low) & (given <= described.high)
            fitting += int((inside if described.continuous else np.isin(given, described.allowed())).sum())
            answers += len(given)
    return answers > 0 and fitting >= _FITTING * answers


# -- categories ---------------------------------------------------------------------------------------


def guess_categories(
    table: RawTable, measured: Sequence[Measured], key: str, person: str | None = None
) -> Categories | None:
    """Return the column that seems to hold the networks or the treatment status, None where none does.

    Parameters
    ----------
    table : RawTable
    measured : sequence of Measured
    key : {"network", "treatment_status"}
    person : str, optional
        The column of the ids.

    Returns
    -------
    Categories or None
        A column whose labels say every category first, then one by its name.
    """
    words, name = MEANINGS[key], _NAMES[key]
    found = [(one, read_categories(table, one, key, person)) for one in measured]
    whole = [pair for pair in found if {code.meaning for code in pair[1].codes} >= set(words)]
    whole.sort(key=lambda pair: not name.fullmatch(pair[0].name))
    ruled = [pair for pair in found if pair[1].rule] if key == "network" else []
    named = [pair for pair in found if name.fullmatch(pair[0].name) and not is_continuous(table, pair[0])]
    # One word in every row sorts nobody, and what it says may be anything.
    named = [pair for pair in named if len(pair[1].codes) + pair[1].hidden > 1]
    return next((categories for _, categories in [*whole, *ruled, *named]), None)


def is_continuous(table: RawTable, one: Measured) -> bool:
    """Return whether every column has more answers than categories may have."""
    return all(
        len({label for label in table.labels(column) if label is not None}) > _MOST_CODES
        for column in one.columns
    )


def read_categories(table: RawTable, one: Measured, key: str, person: str | None = None) -> Categories:
    """Return the codes of a column, with what each seems to mean.

    Labels are what the file says of its codes, and are all told; of a column without labels only codes and
    words that several persons have given. Where it is not known who a row is about, rows that are the same
    are one person's.
    """
    labels: set[str] = set()
    given_by: set[tuple[str, object]] = set()
    known = [person] if person in table.cells and person else list(table.cells)
    who = list(zip(*(table.labels(name) for name in known), strict=True))
    for column in one.columns:
        named = table.value_labels.get(column)
        if named:
            labels |= set(named.values())
        else:
            labels |= _words_of(table, column)
            pairs = zip(table.labels(column), who, strict=True)
            given_by |= {(label, somebody) for label, somebody in pairs if label is not None}
    counts = Counter(label for label, _ in given_by)
    words = MEANINGS[key]
    codes = [Code(code=label, text=True, meaning=_meaning(label, words)) for label in sorted(labels)]
    given = {label for column in one.columns for label in table.value_labels.get(column, {}).values()}
    # A word that no list has may be what somebody wrote, unless many have given it.
    shown = [c for c in codes if c.meaning or c.code in given or counts[c.code] >= FEWEST_PERSONS]
    rare, codes = len(codes) - len(shown), shown
    if not labels and len(counts) <= _MOST_CODES:
        seen = Counter(code for code, _ in {(as_code(label), somebody) for label, somebody in given_by})
        often = sorted((code for code, n in seen.items() if n >= FEWEST_PERSONS), key=lambda c: (len(c), c))
        numeric = not any(table.numbers(column).bad.any() for column in one.columns)
        codes = [Code(code=code, text=not numeric) for code in often if len(code) <= _LONGEST_LABEL]
        rare = len(seen) - len(codes)
    plain = {code.code for code in codes}
    asked = key == "network" and _FREE_TIME.fullmatch(one.name) and plain and plain <= _FREE_TIME_CODES
    return Categories(
        measured=one, codes=tuple(codes), hidden=rare, rule="europasi" if asked and not labels else ""
    )


def _meaning(label: str, words: Words) -> str:
    return next((meaning for meaning, pattern in words.items() if pattern.search(label)), "")


def _words_of(table: RawTable, column: str) -> set[str]:
    """Return what stands in a column of a few short words, each in several rows; else it may be anybody's."""
    if not table.numbers(column).bad.any():
        return set()
    counts = Counter(text for text in table.labels(column) if text is not None)
    few = len(counts) <= _MOST_LABELS and min(counts.values(), default=0) > 1
    return set(counts) if few and max(map(len, counts)) <= _LONGEST_LABEL else set()
