"""Reading the table ``[data]`` of a study file."""

from __future__ import annotations

from itertools import combinations, pairwise
from pathlib import PurePath
from typing import Any, cast

from larstudy.errors import nearest
from larstudy.specs.data import (
    CHOICES,
    DATE_ORDERS,
    DECIMALS,
    LAYOUTS,
    REPEATS,
    WAVE_OF_DATE,
    WAVE_OF_FILE,
    Choice,
    DataSpec,
    DateOrder,
    Decimal,
    FilePart,
    Layout,
    Repeats,
    VisitSpec,
    Wave,
    Window,
)
from larstudy.specs.reading import Section, is_number, is_scalar
from larstudy.specs.study import as_code

#: What only files of one kind have, and how their names end.
_ONLY_IN = {"sheet": (".xlsx", ".xlsm"), "separator": (".csv", ".tsv", ".txt", ".tab", ".dat", ".asc", "")}
_KIND_OF = {"sheet": "Excel workbooks", "separator": "text files"}
_VISIT_KEYS = ("date", "baseline_date", "two_visits", "date_order")


def read_data(section: Section, *, from_file: bool) -> DataSpec:
    """Return where the data of a study are and how they are laid out.

    Parameters
    ----------
    section : Section
        The table ``[data]``; problems are recorded with it.
    from_file : bool
        Whether a data file must be named; a data frame's user need not.
    """
    layout = _layout(section)
    long = layout == "long"
    visits = _visits(section, long)
    several = "files" in section
    wave, waves = _waves_of(section, layout, visits, several)
    if not several:
        section.raw("files")
    own = _part(section, required=from_file and not several)
    person = section.text("person", required=long or several)
    parts = _parts(section, layout, own, person) if several else ()
    if several and long:
        waves = tuple(Wave(name=part.wave, value=part.wave) for part in parts)
    spec = DataSpec(
        file=parts[0].file if parts else own.file,
        layout=layout,
        person=person,
        wave=wave,
        waves=waves,
        missing_codes=section.scalars("missing_codes"),
        cluster=section.text("cluster"),
        separator=own.separator,
        decimal=own.decimal,
        encoding=own.encoding,
        sheet=own.sheet,
        parts=parts,
        visits=visits,
        dictionary=section.text("dictionary"),
        repeats=cast(Repeats, section.choice("repeats", REPEATS, default="refuse")),
        drop=section.texts("drop"),
        not_identity_numbers=section.texts("not_identity_numbers"),
    )
    section.finish()
    return spec


def _layout(section: Section) -> Layout:
    """Return the layout; one that is misspelt is told once, and read as the one it is nearest to."""
    said = section.raw("layout")
    chosen = section.choice("layout", LAYOUTS, required=True)
    return cast(Layout, chosen or (isinstance(said, str) and nearest(said, LAYOUTS)) or "long")


# -- files --------------------------------------------------------------------------------------------


def _part(section: Section, *, required: bool) -> FilePart:
    """Return one file and how it is read, from the keys of a table."""
    part = FilePart(
        file=section.text("file", required=required),
        sheet=section.text("sheet"),
        separator=section.text("separator"),
        decimal=cast(Decimal, section.choice("decimal", DECIMALS, default="auto")),
        encoding=section.text("encoding"),
    )
    if len(part.separator) > 1:
        section.problem("separator", "should be one character", 'Write ";" or "\\t"')
    suffix = PurePath(part.file).suffix.lower()
    for key, suffixes in _ONLY_IN.items():
        if part.file and getattr(part, key) and suffix not in suffixes:
            section.problem(key, f"is for {_KIND_OF[key]}, and the file is none", "Leave it out")
    return part


def _parts(section: Section, layout: Layout, shared: FilePart, person: str) -> tuple[FilePart, ...]:
    """Return the files of a study that has several: one a wave, or each with columns of its own."""
    if shared.file:
        section.problem("file", "stands beside files", "Keep one of the two")
    raw = section.raw("files")
    named: list[tuple[str, Any]] = []
    if layout == "long":
        remedy = 'Write files = { baseline = "first.csv", month12 = "second.csv" }'
        what = 'should name the file of each wave, two or more, in layout = "long"'
        named = list(raw.items()) if isinstance(raw, dict) else []
    else:
        remedy = 'Write files = ["first.csv", "second.csv"]'
        what = 'should be a list of two or more files in layout = "wide"'
        named = [("", entry) for entry in raw] if isinstance(raw, list) else []
    if len(named) < 2:
        section.problem("files", what, remedy)
        return ()
    inner = Section({}, section.path("files"), section.problems)
    found = [
        _one_of_several(inner, wave, position, entry, shared, person)
        for position, (wave, entry) in enumerate(named, start=1)
    ]
    parts = tuple(part for part in found if part is not None)
    names = [(part.file, part.sheet) for part in parts]
    if len(set(names)) < len(names):
        section.problem("files", "names one file twice", "Name each file, or each sheet of it, once")
    return parts


def _one_of_several(
    inner: Section, wave: str, position: int, entry: Any, shared: FilePart, person: str
) -> FilePart | None:
    key = wave or str(position)
    if isinstance(entry, str) and entry.strip():
        entry = {"file": entry}
    if not isinstance(entry, dict):
        remedy = 'Write its name in quotes, or { file = "second.sav", person = "pid" }'
        inner.problem(key, "should be a file", remedy)
        return None
    section = Section(entry, inner.path(key), inner.problems)
    own = _part(section, required=True)
    id_column = section.text("person", default=person)
    section.finish()
    return FilePart(
        file=own.file,
        wave=wave,
        person=id_column,
        sheet=own.sheet or shared.sheet,
        separator=own.separator or shared.separator,
        decimal=own.decimal if "decimal" in entry else shared.decimal,
        encoding=own.encoding or shared.encoding,
    )


# -- waves --------------------------------------------------------------------------------------------


def _waves_of(
    section: Section, layout: Layout, visits: VisitSpec | None, several: bool
) -> tuple[str, tuple[Wave, ...]]:
    """Return the column of the waves, and the waves: from a column, the files or the dates of visits."""
    long = layout == "long"
    given = "windows" if visits is not None else "files" if several and long else ""
    if visits is not None and several and long:
        section.problem("windows", "stands beside files by wave", "Keep one of the two")
    if given:
        for key in ("wave", "waves"):
            if section.raw(key) is not None:
                section.problem(key, f"stands beside {given}, which says what the waves are", "Leave it out")
    if visits is not None:
        return WAVE_OF_DATE, tuple(Wave(name=w.wave, value=w.wave) for w in visits.windows)
    if given:
        return WAVE_OF_FILE, ()
    if not long and "wave" in section:
        section.problem("wave", 'belongs to layout = "long"', "Leave it out, or change the layout")
    return section.text("wave", required=long), _waves(section, layout)


def _waves(section: Section, layout: Layout) -> tuple[Wave, ...]:
    raw = section.raw("waves")
    pairs: list[tuple[str, Any]] = []
    if isinstance(raw, dict):
        pairs = list(raw.items())
    elif isinstance(raw, list):
        pairs = [(name, name) if isinstance(name, str) else ("", None) for name in raw]
    wrong = any(not is_scalar(value) or not name.strip() for name, value in pairs)
    values = {as_code(value) for _, value in pairs}
    if wrong or len(pairs) < 2 or len(values) < len(pairs):
        section.problem(
            "waves",
            "should name two or more waves, each marked differently in the file",
            "Write waves = { baseline = 0, month12 = 12 }, the baseline first"
            + (', or waves = ["baseline", "month12"]' if layout == "wide" else ""),
        )
    elif isinstance(raw, list) and layout == "long":
        section.problem(
            "waves",
            "is a list, which is for wide files",
            "Write how the file marks each wave: waves = { baseline = 0, month12 = 12 }",
        )
    return tuple(
        Wave(name=name, value=value if isinstance(value, str) else float(value))
        for name, value in pairs
        if is_scalar(value)
    )


def _visits(section: Section, long: bool) -> VisitSpec | None:
    """Return how dates become waves, None where the study does not say so."""
    if "windows" not in section:
        section.raw("windows")
        for key in _VISIT_KEYS:
            if section.raw(key) is not None:
                remedy = "Write windows = { baseline = [-30, 30], month12 = [300, 430] }, or leave it out"
                section.problem(key, "means nothing without windows", remedy)
        return None
    if not long:
        section.problem("windows", 'belongs to layout = "long"', "Leave it out, or change the layout")
    return VisitSpec(
        date=section.text("date", required=True),
        baseline_date=section.text("baseline_date"),
        windows=_windows(section),
        two_visits=cast(Choice, section.choice("two_visits", CHOICES, default="refuse")),
        date_order=cast(DateOrder, section.choice("date_order", DATE_ORDERS, default="auto")),
    )


def _windows(section: Section) -> tuple[Window, ...]:
    inner = section.section("windows")
    found: list[Window] = []
    if inner is None:
        return ()
    for name in inner.keys:
        window = _window(name, inner.raw(name))
        if window is None:
            section.problem(
                "windows",
                f"'{name}' should be two rising numbers of days, or three with the day aimed at between",
                "Write month12 = [300, 430], or [300, 365, 430]",
            )
        else:
            found.append(window)
    if len(inner.keys) < 2:
        section.problem("windows", "should name two or more waves", "Write one window for each wave")
    for one, other in combinations(found, 2):
        if one.low <= other.high and other.low <= one.high:
            what = f"'{one.wave}' and '{other.wave}' share days"
            section.problem("windows", what, "Let each window end before the next begins")
    return tuple(found)


def _window(name: str, days: Any) -> Window | None:
    if not isinstance(days, list) or len(days) not in (2, 3) or not all(is_number(day) for day in days):
        return None
    if any(later < earlier for earlier, later in pairwise(days)):
        return None
    low, high = float(days[0]), float(days[-1])
    return Window(
        wave=name, low=low, high=high, target=float(days[1]) if len(days) == 3 else (low + high) / 2
    )
