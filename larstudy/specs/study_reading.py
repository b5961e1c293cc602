"""Reading a study file: every table in turn, every problem in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from larstudy.errors import Problem, SpecError, UnknownNameError, name_options
from larstudy.names import ALL, CATEGORIES, STATUSES, UNCLASSIFIED, HigherIs
from larstudy.specs.columns import ColumnReader
from larstudy.specs.instrument_reading import override, read_instrument
from larstudy.specs.instruments import Instrument
from larstudy.specs.network_reading import read_network_rules
from larstudy.specs.networks import NetworkRules
from larstudy.specs.reading import Section, is_scalar, raise_if_any, read_toml
from larstudy.specs.study import (
    Columns,
    DataSpec,
    Decimal,
    FixedSpec,
    Layout,
    NetworkSpec,
    OutcomeSpec,
    StudySpec,
    Wave,
    as_code,
    as_label,
)

T_co = TypeVar("T_co", covariant=True)


class Reader(Protocol[T_co]):
    """Reads an instrument or a network rule by its id or file name."""

    def __call__(self, name: str, *, folder: Path | None) -> T_co:
        """Return it, or raise what `SpecError` and `UnknownNameError` say."""


def read_study(path: str | Path) -> StudySpec:
    """Return the study that a TOML file describes.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    StudySpec

    Raises
    ------
    SpecError
        Where the file is absent, is not TOML or breaks the vocabulary; every problem is listed.
    """
    path = Path(path)
    return study_from_mapping(read_toml(path), folder=path.parent, title=f"Study file '{path.name}'")


def study_from_mapping(
    values: Mapping[str, Any],
    *,
    folder: Path | None = None,
    title: str = "Study",
    from_file: bool = True,
) -> StudySpec:
    """Return the study that a mapping describes, laid out as a study file is.

    Parameters
    ----------
    values : mapping
    folder : Path, optional
        Where other files are found; the working folder unless given.
    title : str
        Shown above the list of problems.
    from_file : bool
        A study file must name its data file and the direction of each outcome; a data frame's user need not.

    Returns
    -------
    StudySpec

    Raises
    ------
    SpecError
        With every problem.
    """
    problems: list[Problem] = []
    reader = _StudyReader(values, folder or Path(), problems, from_file)
    spec = reader.read()
    raise_if_any(problems, title)
    return spec


class _StudyReader:
    """Reads the tables of a study file one after the other, with what they share at hand."""

    def __init__(
        self, values: Mapping[str, Any], folder: Path, problems: list[Problem], from_file: bool
    ) -> None:
        self.raw = dict(values)
        self.top = Section(values, "", problems)
        self.folder = folder
        self.problems = problems
        self.from_file = from_file
        self.layout: Layout = "long"
        self.waves: tuple[Wave, ...] = ()
        self.columns = ColumnReader("long", (), problems)
        self.instruments: dict[str, Instrument | None] = {}

    def read(self) -> StudySpec:
        study = self.top.section("study") or self._empty("study")
        data = self._read_data(self.top.section("data", required=True) or self._empty("data"))
        overrides = self.top.section("instruments")
        outcomes = self._read_outcomes(overrides)
        networks = self._read_networks()
        group = self._read_group()
        if networks and group:
            self.top.problem("group", "stands beside [network]", "Keep one of the two")
        status = self._read_status()
        covariates = self.top.section("covariates") or self._empty("covariates")
        analysis = self.top.section("analysis") or self._empty("analysis")
        spec = StudySpec(
            title=study.text("title", default="Untitled study"),
            source=study.text("source"),
            notes=study.texts("notes"),
            synthetic=study.flag("synthetic"),
            data=data,
            outcomes=outcomes,
            networks=networks,
            group=group,
            status=status,
            cluster=FixedSpec(column=data.cluster) if data.cluster else None,
            covariates=covariates.texts("columns"),
            comparisons=self._read_comparisons(analysis),
            confidence=self._read_confidence(analysis),
            raw=self.raw,
            folder=self.folder,
        )
        for section in (study, covariates, analysis, self.top):
            section.finish()
        return spec

    def _empty(self, where: str) -> Section:
        # A required table that is absent has been reported already: its keys are not reported as well.
        return Section({}, where, [])

    def _read_data(self, section: Section) -> DataSpec:
        self.layout = cast(Layout, section.choice("layout", ("long", "wide"), default="long", required=True))
        self.waves = self._read_waves(section)
        self.columns = ColumnReader(self.layout, self.waves, self.problems)
        long = self.layout == "long"
        if not long and "wave" in section:
            section.problem("wave", 'belongs to layout = "long"', "Leave it out, or change the layout")
        spec = DataSpec(
            file=section.text("file", required=self.from_file),
            layout=self.layout,
            person=section.text("person", required=long),
            wave=section.text("wave", required=long),
            waves=self.waves,
            missing_codes=section.scalars("missing_codes"),
            cluster=section.text("cluster"),
            separator=section.text("separator"),
            decimal=cast(Decimal, section.choice("decimal", ("auto", ".", ","), default="auto")),
            encoding=section.text("encoding"),
        )
        if len(spec.separator) > 1:
            section.problem("separator", "should be one character", 'Write ";" or "\\t"')
        section.finish()
        return spec

    def _read_waves(self, section: Section) -> tuple[Wave, ...]:
        raw = section.raw("waves")
        pairs: list[tuple[str, Any]] = []
        if isinstance(raw, dict):
            pairs = list(raw.items())
        elif isinstance(raw, list) and self.layout == "wide":
            pairs = [(str(name), str(name)) for name in raw]
        wrong = any(not is_scalar(value) for _, value in pairs)
        values = {as_code(value) for _, value in pairs}
        if wrong or len(pairs) < 2 or len(values) < len(pairs):
            section.problem(
                "waves",
                "should name two or more waves, each marked differently in the file",
                "Write waves = { baseline = 0, month12 = 12 }, the baseline first"
                + (', or waves = ["baseline", "month12"]' if self.layout == "wide" else ""),
            )
        return tuple(
            Wave(name=name, value=value if isinstance(value, str) else float(value))
            for name, value in pairs
            if is_scalar(value)
        )

    # -- outcomes -----------------------------------------------------------------------------------

    def _read_outcomes(self, overrides: Section | None) -> dict[str, OutcomeSpec]:
        outcomes = {
            name: self._read_outcome(name, section, overrides)
            for name, section in self.top.tables("outcomes", required=True).items()
        }
        if not outcomes and not any(p.where.startswith("outcomes") for p in self.problems):
            self.top.problem("outcomes", "names no outcome", "Add [outcomes.NAME]", code="missing_key")
        for name in overrides.keys if overrides else ():
            if name not in self.instruments and overrides is not None:
                overrides.problem(
                    name, "no outcome uses this instrument", name_options(name, self.instruments)
                )
        return outcomes

    def _read_outcome(self, name: str, section: Section, overrides: Section | None) -> OutcomeSpec:
        instrument = self._instrument(section, overrides)
        scale = section.text("scale", required=instrument is not None)
        items = self.columns.many(section, "items")
        columns = self.columns.one(section, "column", required=not items)
        if items and columns:
            section.problem("column", "stands beside items", "Keep one of the two")
        if items and instrument is None and "instrument" not in section:
            section.problem("instrument", "is missing beside items", "Name the instrument")
        known = instrument.scales.get(scale) if instrument else None
        if instrument and scale and known is None:
            section.problem(
                "scale", f"{instrument.id} has no '{scale}'", name_options(scale, instrument.scales)
            )
        if instrument and known and items:
            self._check_items(section, instrument, scale, items)
        direction = section.choice("higher_is", ("better", "worse"))
        declared = direction or (known.higher_is if known else None)
        if declared is None and self.from_file and "higher_is" not in section:
            section.problem("higher_is", "is missing", 'Write "better" or "worse"', code="missing_key")
        spec = OutcomeSpec(
            name=name,
            label=section.text("label") or (known.label if known else name),
            higher_is=cast("HigherIs | None", declared),
            columns=columns,
            instrument=instrument,
            scale=scale,
            items=items,
            range=section.interval("range") or (known.range if known else None),
            mcid=section.number("mcid"),
            mcid_source=section.text("mcid_source"),
        )
        section.finish()
        return spec

    def _instrument(self, section: Section, overrides: Section | None) -> Instrument | None:
        name = section.text("instrument")
        if not name:
            return None
        if name not in self.instruments:
            self.instruments[name] = self._load_instrument(section, name, overrides)
        return self.instruments[name]

    def _load_instrument(self, section: Section, name: str, overrides: Section | None) -> Instrument | None:
        instrument = self._shipped_or_own(section, "instrument", name, read_instrument)
        changes = overrides.section(name) if overrides and name in overrides else None
        return override(instrument, changes) if instrument and changes else instrument

    def _shipped_or_own(self, section: Section, key: str, name: str, read: Reader[T_co]) -> T_co | None:
        """Read what a key names, from what ships or from a file beside the study; None where it is wrong."""
        try:
            return read(name, folder=self.folder)
        except UnknownNameError as error:
            section.problem(key, str(error), "Choose one of them, or name a .toml file")
        except SpecError as error:
            self.problems.extend(error.problems)
        return None

    def _check_items(
        self, section: Section, instrument: Instrument, scale: str, items: Iterable[str]
    ) -> None:
        given = set(items)
        needed = instrument.items_of(scale)
        for item in items:
            if item not in instrument.items:
                section.problem(
                    "items",
                    f"{instrument.id} has no item '{item}'",
                    name_options(item, instrument.items),
                )
        absent = [item for item in needed if item not in given]
        if absent:
            section.problem(
                "items",
                f"scale '{scale}' also needs item {', '.join(absent)}",
                "Name the column of each",
                code="missing_key",
            )

    # -- networks and fixed columns -------------------------------------------------------------------

    def _read_networks(self) -> tuple[NetworkSpec, ...]:
        section = self.top.section("network")
        if section is None:
            return ()
        alternatives = section.sections("alternative")
        found = [self._read_network(section)]
        found.extend(self._read_network(inner) for inner in alternatives)
        names = [network.name for network in found]
        for position, name in enumerate(names):
            if name in names[:position]:
                section.problem("alternative", f"'{name}' appears twice", "Give one another name")
        return tuple(found)

    def _read_network(self, section: Section) -> NetworkSpec:
        rule = section.text("rule")
        if bool(rule) == ("column" in section):
            section.problem("rule", "needs either rule or column", "Write one of the two")
        rules = self._shipped_or_own(section, "rule", rule, read_network_rules) if rule else None
        inputs = self.columns.many(section, "columns")
        if rules and not inputs and self.layout == "long":
            inputs = {
                name: dict.fromkeys((w.name for w in self.waves), column)
                for name, column in rules.columns.items()
            }
        if rules:
            self._check_inputs(section, rules, inputs)
        values = self._values(section, (*CATEGORIES, UNCLASSIFIED)) if "column" in section else {}
        spec = NetworkSpec(
            name=section.text("name", default=rules.id if rules else "column"),
            rules=rules,
            inputs=inputs,
            columns=self.columns.one(section, "column", required=False),
            values=values,
        )
        section.finish()
        return spec

    def _check_inputs(self, section: Section, rules: NetworkRules, inputs: Mapping[str, Columns]) -> None:
        for name in inputs:
            if name not in rules.inputs:
                section.problem(
                    "columns",
                    f"rule '{rules.id}' has no input '{name}'",
                    name_options(name, rules.inputs),
                )
        absent = [name for name in rules.inputs if name not in inputs]
        if absent:
            section.problem(
                "columns",
                f"rule '{rules.id}' also needs {', '.join(absent)}",
                "Name the column of each",
                code="missing_key",
            )

    def _values(self, section: Section, allowed: tuple[str, ...]) -> dict[str, str]:
        """Return the mapping from codes in the file to names, from ``{ name = [codes] }``."""
        inner = section.section("values")
        if inner is None:
            return {name: name for name in allowed}
        result: dict[str, str] = {}
        for name in inner.keys:
            if name not in allowed:
                inner.problem(name, "is not a category", name_options(name, allowed), code="unknown_key")
            for code in inner.scalars(name):
                if as_code(code) in result:
                    inner.problem(name, f"code '{code}' stands for two categories", "Keep one")
                result[as_code(code)] = name
        return result

    def _read_group(self) -> FixedSpec | None:
        section = self.top.section("group")
        if section is None:
            return None
        spec = FixedSpec(
            column=section.text("column", required=True),
            wave=self._wave(section, "wave"),
            order=tuple(as_label(v) for v in section.scalars("order")),
            reference=as_label(section.raw("reference")) if "reference" in section else "",
        )
        if spec.reference and spec.order and spec.reference not in spec.order:
            section.problem("reference", "is not in order", name_options(spec.reference, spec.order))
        if {ALL, UNCLASSIFIED} & set(spec.order):
            section.problem("order", "holds a name that larstudy uses itself", "Rename that group")
        section.finish()
        return spec

    def _read_status(self) -> FixedSpec | None:
        section = self.top.section("treatment_status")
        if section is None:
            return None
        spec = FixedSpec(
            column=section.text("column", required=True),
            wave=self._wave(section, "wave"),
            values=self._values(section, (*STATUSES, UNCLASSIFIED)),
        )
        section.finish()
        return spec

    def _wave(self, section: Section, key: str) -> str:
        return section.choice(key, tuple(wave.name for wave in self.waves))

    # -- analysis -----------------------------------------------------------------------------------

    def _read_comparisons(self, section: Section) -> tuple[tuple[str, str], ...]:
        names = [wave.name for wave in self.waves]
        raw = section.raw("comparisons")
        if raw is None:
            return tuple((names[0], later) for later in names[1:])
        entries = raw if isinstance(raw, list) else [raw]
        pairs = []
        for entry in entries:
            known = isinstance(entry, list) and len(entry) == 2 and all(e in names for e in entry)
            if not known or names.index(entry[0]) >= names.index(entry[1]):
                section.problem(
                    "comparisons",
                    "each entry should name two waves, the earlier first",
                    f"The waves are {', '.join(names)}",
                )
            else:
                pairs.append((entry[0], entry[1]))
        if not entries:
            section.problem("comparisons", "names no interval", "Leave it out, or name one")
        return tuple(dict.fromkeys(pairs))

    def _read_confidence(self, section: Section) -> float:
        value = section.number("confidence")
        if value is not None and not 0 < value < 1:
            section.problem("confidence", "should lie between 0 and 1", "Write 0.95 for 95 %")
        return 0.95 if value is None else value
