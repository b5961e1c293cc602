"""Reading the outcomes of a study: a column that holds a score, or the items of an instrument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from larstudy.errors import name_options
from larstudy.names import HigherIs
from larstudy.specs.context import Context
from larstudy.specs.instrument_reading import override, read_instrument
from larstudy.specs.instruments import Instrument, Scale
from larstudy.specs.reading import Section, is_number
from larstudy.specs.study import Columns, OutcomeSpec

#: Columns of `Cohort.to_frame` that are no outcome.
_RESERVED = ("person", "wave", "seen", "network")


def read_outcomes(context: Context, top: Section) -> dict[str, OutcomeSpec]:
    """Return the outcomes under ``[outcomes]``, with what ``[instruments]`` changes."""
    return _OutcomeReader(context, top).read()


class _OutcomeReader:
    """Reads outcome after outcome; an instrument that several use is read once."""

    def __init__(self, context: Context, top: Section) -> None:
        self.context = context
        self.top = top
        self.overrides = top.section("instruments")
        self.instruments: dict[str, Instrument | None] = {}

    def read(self) -> dict[str, OutcomeSpec]:
        before = len(self.context.problems)
        sections = self.top.tables("outcomes", required=True)
        if not sections and len(self.context.problems) == before:
            self.top.problem("outcomes", "names no outcome", "Add [outcomes.NAME]", code="missing_key")
        outcomes = {name: self._outcome(name, section) for name, section in sections.items()}
        for name in self.overrides.keys if self.overrides else ():
            if name not in self.instruments and self.overrides is not None:
                remedy = name_options(name, self.instruments)
                self.overrides.problem(name, "no outcome uses this instrument", remedy)
        return outcomes

    def _outcome(self, name: str, section: Section) -> OutcomeSpec:
        instrument = self._instrument(section)
        # A column is a score already: with a scale it is a score of that, without one it is said in two ways.
        twice = "column" in section and "items" not in section and "scale" not in section
        scale = section.text("scale", required=instrument is not None and not twice)
        items = self.context.many_columns(section, "items")
        columns = self.context.columns(section, "column", required="items" not in section)
        known = instrument.scales.get(scale) if instrument else None
        self._check_name(name, section)
        if twice and instrument is not None:
            what = "stands beside column, which holds a score already"
            remedy = "Keep one of the two, or say with scale of which of its scales the column is the score"
            section.problem("instrument", what, remedy)
        self._check_source(section, instrument, scale, items)
        if instrument is not None and items:
            self._check_items(section, instrument, known, items)
        spec = OutcomeSpec(
            name=name,
            label=section.text("label") or (known.label if known else name),
            higher_is=self._direction(section, known),
            columns=columns,
            instrument=instrument,
            scale=scale,
            items=items,
            range=section.interval("range") or (known.range if known else None),
            missing=self.context.missing(section),
            mcid=self._mcid(section),
            mcid_source=section.text("mcid_source"),
            reliability=self._reliability(section),
            reliability_source=section.text("reliability_source"),
            population_mean=section.number("population_mean"),
            population_mean_source=section.text("population_mean_source"),
        )
        section.finish()
        return spec

    def _check_name(self, name: str, section: Section) -> None:
        if name in _RESERVED:
            section.problem("", f"'{name}' is a name that larstudy uses itself", "Rename the outcome")
        if not name.strip():
            section.problem("", "the outcome has no name", "Write [outcomes.NAME]")

    def _check_source(
        self, section: Section, instrument: Instrument | None, scale: str, items: Mapping[str, Columns]
    ) -> None:
        if "items" in section and "column" in section:
            section.problem("column", "stands beside items", "Keep one of the two")
        if "items" in section and "range" in section:
            section.problem("range", "stands beside items", "Leave it out: the instrument has its own")
        if "items" in section and not items:
            section.problem("items", "names no item", 'Write items = { 1 = "q1", ... }')
        if "items" in section and "instrument" not in section:
            section.problem("instrument", "is missing beside items", "Name the instrument")
        if instrument and scale and scale not in instrument.scales:
            remedy = name_options(scale, instrument.scales)
            section.problem("scale", f"{instrument.id} has no '{scale}'", remedy)

    def _check_items(
        self, section: Section, instrument: Instrument, known: Scale | None, items: Mapping[str, Columns]
    ) -> None:
        for item in items:
            if item not in instrument.items:
                remedy = name_options(item, instrument.items)
                section.problem("items", f"{instrument.id} has no item '{item}'", remedy)
        if known is None:
            return
        absent = [item for item in instrument.items_of(known.id) if item not in items]
        if absent:
            remedy = "Name the column of each"
            if instrument.max_missing_share < 1:
                table = f"[instruments.{instrument.id}]"
                remedy += f"; where the file has only some items, write max_missing_share = 1 under {table}"
            what = f"scale '{known.id}' also needs item {', '.join(absent)}"
            section.problem("items", what, remedy, code="missing_key")

    def _direction(self, section: Section, known: Scale | None) -> HigherIs | None:
        said = section.choice("higher_is", ("better", "worse"))
        own = known.higher_is if known else None
        if known is not None and known.combine == "profile":
            section.problem("scale", "a profile is a label, not an amount", "Use the index, or the VAS")
        if said and own and said != own:
            section.problem("higher_is", f"on this scale higher is {own}", "Leave it out, or correct it")
        scored = "instrument" in section
        if not said and not own and not scored and self.context.from_file and "higher_is" not in section:
            remedy = 'Write "better" or "worse"'
            section.problem("higher_is", "is missing", remedy, code="missing_key")
        return cast("HigherIs | None", said or own)

    def _reliability(self, section: Section) -> tuple[float, float] | None:
        raw = section.raw("reliability")
        if raw is None:
            return None
        ends = [float(v) for v in (raw if isinstance(raw, list) else [raw]) if is_number(v)]
        if (isinstance(raw, list) and len(raw) != 2) or not ends or not 0 < ends[0] <= ends[-1] <= 1:
            what = "should be above 0 and at most 1, one number or the lowest and the highest"
            section.problem("reliability", what, "Write 0.8, or [0.7, 0.9]")
            return None
        return ends[0], ends[-1]

    def _mcid(self, section: Section) -> float | None:
        value = section.number("mcid")
        if value is not None and value <= 0:
            section.problem(
                "mcid", "should be above 0", "Write the size of the change, whichever way it goes"
            )
        return value

    def _instrument(self, section: Section) -> Instrument | None:
        name = section.text("instrument", required="instrument" in section)
        if not name.strip():
            return None
        if name not in self.instruments:
            self.instruments[name] = self._load(section, name)
        return self.instruments[name]

    def _load(self, section: Section, name: str) -> Instrument | None:
        instrument = self.context.shipped_or_own(section, "instrument", name, read_instrument)
        changes = self.overrides.section(name) if self.overrides and name in self.overrides else None
        return override(instrument, changes) if instrument and changes else instrument
