"""Reading a study file: every table in turn, every problem in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from larstudy.errors import Problem, name_options
from larstudy.names import ALL, CATEGORIES, STATUSES, UNCLASSIFIED
from larstudy.specs.analysis_reading import read_analysis
from larstudy.specs.context import Context
from larstudy.specs.data_reading import read_data
from larstudy.specs.disclosure import read_disclosure
from larstudy.specs.network_reading import read_network_rules
from larstudy.specs.networks import NetworkRules
from larstudy.specs.outcome_reading import read_outcomes
from larstudy.specs.reading import Section, is_scalar, raise_if_any, read_toml
from larstudy.specs.study import (
    OWN_CATEGORIES,
    Columns,
    FixedSpec,
    NetworkSpec,
    StudySpec,
    as_code,
    as_label,
    fixed_columns,
    naming_key,
    used_columns,
)


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
    spec, problems = read_study_parts(path)
    raise_if_any(problems, f"Study file '{Path(path).name}'")
    return spec


def read_study_parts(path: str | Path) -> tuple[StudySpec, list[Problem]]:
    """Return what a study file says as far as it can be read, and every problem.

    With a problem the study must not be run; but its data can be looked at, so that everything that is
    wrong shows in one pass.

    Raises
    ------
    SpecError
        Where the file is absent or is not TOML, so that nothing can be read.
    """
    path = Path(path)
    return _read(read_toml(path), path.parent, from_file=True)


def _read(values: Mapping[str, Any], folder: Path, *, from_file: bool) -> tuple[StudySpec, list[Problem]]:
    problems: list[Problem] = []
    spec = _StudyReader(values, folder, problems, from_file).read()
    return spec, problems


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
    spec, problems = _read(values, folder or Path(), from_file=from_file)
    raise_if_any(problems, title)
    return spec


class _StudyReader:
    """Reads the tables of a study file one after the other."""

    def __init__(
        self, values: Mapping[str, Any], folder: Path, problems: list[Problem], from_file: bool
    ) -> None:
        self.raw = dict(values)
        self.top = Section(values, "", problems)
        self.problems = problems
        self.from_file = from_file
        data = read_data(self._table("data", required=True), from_file=from_file)
        self.context = Context(data, folder, problems, from_file=from_file)

    def _table(self, key: str, *, required: bool = False) -> Section:
        found = self.top.section(key, required=required)
        # The absence of a required table has been reported: that of its keys is not reported as well.
        return Section({}, key, []) if found is None else found

    def read(self) -> StudySpec:
        study, analysis = self._table("study"), self._table("analysis")
        covariates, disclosure = self._table("covariates"), self._table("disclosure")
        outcomes = read_outcomes(self.context, self.top)
        networks, group = self._read_networks(), self._read_group()
        if networks and group:
            self.top.problem("group", "stands beside [network]", "Keep one of the two")
        data = self.context.data
        columns, categorical = covariates.texts("columns"), covariates.texts("categorical")
        spec = StudySpec(
            title=study.text("title", default="Untitled study"),
            source=study.text("source"),
            notes=study.texts("notes"),
            synthetic=study.flag("synthetic"),
            data=data,
            outcomes=outcomes,
            networks=networks,
            group=group,
            status=self._read_status(),
            cluster=FixedSpec(column=data.cluster, missing=data.missing_codes) if data.cluster else None,
            covariates=self._read_covariates(covariates, (*columns, *categorical)),
            categorical=frozenset(categorical),
            analysis=read_analysis(analysis, self.context),
            disclosure=read_disclosure(disclosure, synthetic=study.flag("synthetic")),
            raw=self.raw,
            folder=self.context.folder,
        )
        own = {spec.data.person, spec.data.wave} - {""}
        for key, fixed in fixed_columns(spec).items():
            if fixed.column in own:
                where = naming_key(key).strip("[]").replace("] ", ".")
                remedy = "Name another column"
                self.top.problem(where, f"'{fixed.column}' is the column of the persons or the waves", remedy)
        for column, named_by in used_columns(spec).items():
            if column in data.drop:
                remedy = f"Take it out of drop, or out of {named_by}"
                self.top.problem("data.drop", f"'{column}' is a column that the study reads", remedy)
        for section in (study, covariates, analysis, disclosure, self.top):
            section.finish()
        return spec

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
                remedy = 'Give one another name: name = "..."'
                section.problem("alternative", f"'{name}' appears twice", remedy)
        return tuple(found)

    def _read_network(self, section: Section) -> NetworkSpec:
        context, rule = self.context, section.text("rule")
        if bool(rule) == ("column" in section):
            section.problem("rule", "needs one of rule and column, not both", "Write one of the two")
        rules = context.shipped_or_own(section, "rule", rule, read_network_rules) if rule else None
        inputs: Mapping[str, Columns] = context.many_columns(section, "columns")
        if rules and not inputs and context.data.layout == "long":
            inputs = {name: dict.fromkeys(context.names, c) for name, c in rules.columns.items()}
        if rules:
            self._check_inputs(section, rules, inputs)
        missing = context.missing(section)
        allowed = (*CATEGORIES, UNCLASSIFIED)
        spec = NetworkSpec(
            name=section.text("name", default=rules.id if rules else rule or OWN_CATEGORIES),
            rules=rules,
            inputs=inputs,
            columns=context.columns(section, "column", required=False),
            values=context.values(section, allowed, missing) if "column" in section else {},
            missing=missing,
        )
        section.finish()
        return spec

    def _check_inputs(self, section: Section, rules: NetworkRules, inputs: Mapping[str, Columns]) -> None:
        for name in inputs:
            if name not in rules.inputs:
                remedy = name_options(name, rules.inputs)
                section.problem("columns", f"rule '{rules.id}' has no input '{name}'", remedy)
        absent = [name for name in rules.inputs if name not in inputs]
        if absent:
            what = f"rule '{rules.id}' also needs {', '.join(absent)}"
            section.problem("columns", what, "Name the column of each", code="missing_key")

    def _read_group(self) -> FixedSpec | None:
        section = self.top.section("group")
        if section is None:
            return None
        reference = section.raw("reference")
        spec = FixedSpec(
            column=section.text("column", required=True),
            wave=self._wave(section),
            missing=self.context.missing(section),
            order=tuple(as_label(v) for v in section.scalars("order")),
            reference="" if reference is None else as_label(reference),
        )
        if reference is not None and (not is_scalar(reference) or not spec.reference):
            section.problem("reference", "should be a group", "Write its name, or its code")
        elif spec.reference and spec.order and as_code(spec.reference) not in map(as_code, spec.order):
            section.problem("reference", "is not in order", name_options(spec.reference, spec.order))
        if {ALL, UNCLASSIFIED} & set(spec.order):
            section.problem("order", "holds a name that larstudy uses itself", "Rename that group")
        section.finish()
        return spec

    def _read_status(self) -> FixedSpec | None:
        section = self.top.section("treatment_status")
        if section is None:
            return None
        missing = self.context.missing(section)
        spec = FixedSpec(
            column=section.text("column", required=True),
            wave=self._wave(section),
            missing=missing,
            values=self.context.values(section, (*STATUSES, UNCLASSIFIED), missing),
        )
        section.finish()
        return spec

    def _read_covariates(self, section: Section, columns: Iterable[str]) -> tuple[FixedSpec, ...]:
        missing = self.context.missing(section)
        baseline = next(iter(self.context.names), "")
        return tuple(
            FixedSpec(column=column, wave=baseline, missing=missing) for column in dict.fromkeys(columns)
        )

    def _wave(self, section: Section) -> str:
        return section.choice("wave", self.context.names)
