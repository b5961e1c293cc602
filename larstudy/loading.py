"""Loading and checking: from a study file, or a data frame, to a cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from larstudy.arguments import in_arguments
from larstudy.cohort import Cohort, build_cohort
from larstudy.errors import DataError, LarstudyError, Problem, SpecError, counted, require_type
from larstudy.files import read_table
from larstudy.identifiers import identity_problems
from larstudy.raw_table import RawTable, table_from_frame
from larstudy.scales import check_examples
from larstudy.specs import StudySpec, list_instruments, study_from_mapping
from larstudy.specs.study import used_columns
from larstudy.specs.study_reading import read_study_parts
from larstudy.validation import ValidationReport, check_table
from larstudy.value_labels import settle_labels
from larstudy.value_sets import read_value_set

#: Notes of a check that results tell in their own words, or need not tell.
_NO_NEWS = ("missing_code", "no_groups")

#: Keys without which the data cannot be looked at.
_UNREADABLE = (
    *("data.file", "data.layout", "data.sheet", "data.separator", "data.encoding", "data.dictionary"),
    *("data.date", "data.baseline_date", "data.windows", "data.two_visits", "data.repeats"),
)

Outcome = str | Mapping[str, Any]


def load(
    source: str | Path | pd.DataFrame,
    *,
    person: str | None = None,
    wave: str | None = None,
    waves: Mapping[str, str | float] | Sequence[str] | None = None,
    outcomes: Mapping[str, Outcome] | None = None,
    network: str | Mapping[str, Any] | None = None,
    group: str | Mapping[str, Any] | None = None,
    treatment_status: Mapping[str, Any] | None = None,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    missing_codes: Sequence[str | float] = (),
    title: str = "",
) -> Cohort:
    """Load a cohort from a study file, or from a data frame and a few words about it.

    Parameters
    ----------
    source : str, Path or DataFrame
        A ``study.toml``, which says everything itself, or a data frame. The frame is not changed.
    person : str, optional
        Column of the person id. May be left out for a wide frame, where each row is a person.
    wave : str, optional
        Column of the wave. With it the frame is long (one row a person and wave), without it wide (one row
        a person).
    waves : mapping or sequence, optional
        The waves, the baseline first: ``{"baseline": 0, "month12": 12}`` as the wave column marks them, or,
        for a wide frame, their names.
    outcomes : mapping, optional
        Name to column (long), to ``{wave: column}`` (wide), or to a table as under ``[outcomes.NAME]`` of a
        study file, with ``higher_is``, ``instrument``, ``items`` and so on.
    network : str or mapping, optional
        A column that holds the categories by their fixed names, or a table as under ``[network]``.
    group : str or mapping, optional
        A column with one group a person, or a table as under ``[group]``.
    treatment_status : mapping, optional
        A table as under ``[treatment_status]``.
    covariates : sequence of str, optional
    cluster : str, optional
    missing_codes : sequence, optional
        Codes that mean "no answer" in any column but those of person and wave.
    title : str, optional

    Returns
    -------
    Cohort

    Raises
    ------
    SpecError
        Where the description is wrong; every problem is listed.
    DataError
        Where the data do not fit the description; every problem is listed, with columns, counts and row
        numbers but without anybody's values.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"id": [1, 1, 2], "month": [0, 12, 0], "score": [4.0, 5.0, 3.0]})
    >>> cohort = ls.load(
    ...     frame,
    ...     person="id",
    ...     wave="month",
    ...     waves={"baseline": 0, "month12": 12},
    ...     outcomes={"mental": {"column": "score", "higher_is": "better"}},
    ... )
    >>> print(cohort)
    Untitled study. 2 persons; with answers: 2 at baseline, 1 at month12. Outcomes: mental.
    """
    require_type(source, (str, Path, pd.DataFrame), "source", "a study file or a data frame")
    if not isinstance(source, pd.DataFrame):
        given = [person, wave, waves, outcomes, network, group, treatment_status, cluster]
        if any(value is not None for value in given) or covariates or missing_codes or title:
            raise LarstudyError(
                "A study file says everything itself: change the file, or load its data as a frame."
            )
        return _load_file(Path(source))
    require_type(outcomes, (Mapping, type(None)), "outcomes", "a mapping from names to columns")
    require_type(waves, (Mapping, list, tuple, type(None)), "waves", "a mapping, or a list of names")
    require_type(covariates, (list, tuple), "covariates", "a list of columns")
    require_type(missing_codes, (list, tuple), "missing_codes", "a list of codes")
    values: dict[str, Any] = {
        "study": {"title": title} if title else {},
        "data": {
            "layout": "wide" if wave is None else "long",
            "person": person,
            "wave": wave,
            "waves": dict(waves) if isinstance(waves, Mapping) else None if waves is None else list(waves),
            "cluster": cluster,
            "missing_codes": list(missing_codes),
        },
        "outcomes": {name: _outcome_table(given) for name, given in (outcomes or {}).items()},
        "network": {"column": network} if isinstance(network, str) else network,
        "group": {"column": group} if isinstance(group, str) else group,
        "treatment_status": treatment_status,
        "covariates": {"columns": list(covariates)},
    }
    try:
        spec = study_from_mapping(_without_none(values), title="load()", from_file=False)
        return load_frame(spec, source)
    except (SpecError, DataError) as error:
        title = "load()" if isinstance(error, SpecError) else "data frame"
        told = in_arguments(error.problems)
        raise type(error)(told, title=_title(title, told)) from None


def _outcome_table(given: Outcome) -> dict[str, Any]:
    if isinstance(given, str):
        return {"column": given}
    if {"column", "items", "instrument"} & set(given):
        return dict(given)
    return {"column": dict(given)}


def _without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Drop what was not given, and read mappings and sequences of any kind as those of a study file."""
    return {str(key): _plain(value) for key, value in values.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _without_none(value)
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        return value.item()
    return value


def _load_file(path: Path) -> Cohort:
    spec, told = read_study_parts(path)
    table, value_sets, problems = _gather(spec, told)
    errors = [p for p in problems if p.severity == "error"]
    if told:
        raise SpecError(errors, title=_title(path.name, errors))
    if errors or table is None:
        raise DataError(errors, title=_title(" + ".join(part.file for part in spec.data.files), errors))
    return build_cohort(spec, table, value_sets, _notes(problems))


def _notes(problems: Sequence[Problem]) -> list[str]:
    """Return what a reader of results must know; that missing codes are missing is no news."""
    notes = [p for p in problems if p.severity == "note" and p.code not in _NO_NEWS]
    return [f"{p.where[0].upper()}{p.where[1:]}: {p.what}." for p in notes]


def load_frame(spec: StudySpec, frame: pd.DataFrame) -> Cohort:
    """Load a cohort from a study and a data frame that stands for its file."""
    table = table_from_frame(frame, used_columns(spec), decimal=spec.data.decimal)
    value_sets, problems = _read_value_sets(spec)
    problems.extend(_checked(spec, table))
    errors = [p for p in problems if p.severity == "error"]
    if errors:
        raise DataError(errors, title=_title("data frame", errors))
    return build_cohort(spec, table, value_sets, _notes(problems))


def check(study: str | Path) -> ValidationReport:
    """Look for every problem of a study file and its data, and compute nothing.

    Parameters
    ----------
    study : str or Path
        A ``study.toml``.

    Returns
    -------
    ValidationReport
        ``.ok`` is True where nothing stops a run. It never raises for bad input, and shows no person's
        values.

    Examples
    --------
    >>> import larstudy as ls
    >>> report = ls.check("no_such_study.toml")
    >>> report.ok
    False
    >>> print(report)
    no_such_study.toml: 1 problem.
      1. [file_missing] no_such_study.toml: there is no such file. Check the path.
    """
    require_type(study, (str, Path), "study", "the path of a study file")
    path = Path(study)
    try:
        spec, told = read_study_parts(path)
    except SpecError as error:
        return ValidationReport(title=path.name or str(path), problems=error.problems)
    _, _, problems = _gather(spec, told)
    return ValidationReport(title=path.name, problems=tuple(problems))


def _gather(
    spec: StudySpec, told: Sequence[Problem]
) -> tuple[RawTable | None, dict[str, dict[float, float]], list[Problem]]:
    """Read and check the data of a study, even of one that is still wrong, where it says where they are."""
    value_sets, found = _read_value_sets(spec)
    problems = [*told, *found]
    if any(p.where == "data" or p.where.startswith(_UNREADABLE) for p in told):
        return None, value_sets, problems
    try:
        table = settle_labels(spec, read_table(spec.data, spec.folder))
    except DataError as error:
        return None, value_sets, [*problems, *error.problems]
    return table, value_sets, [*problems, *_checked(spec, table)]


def _checked(spec: StudySpec, table: RawTable) -> list[Problem]:
    if table.rows == 0:
        return [
            Problem(
                code="empty_file",
                where=table.record.name,
                what="there are no rows",
                remedy="Check that the right data were given",
            )
        ]
    data = spec.data
    used, excused = used_columns(spec), data.not_identity_numbers
    who = identity_problems(table, used=used, excused=excused, dropped=data.drop)
    return [*who, *check_table(spec, table)]


def _read_value_sets(spec: StudySpec) -> tuple[dict[str, dict[float, float]], list[Problem]]:
    found: dict[str, dict[float, float]] = {}
    problems: list[Problem] = []
    own = {o.instrument.id: o.instrument for o in spec.outcomes.values() if o.instrument is not None}
    for candidate in own.values():
        # What ships is tested, and what a study alters no longer fits its examples.
        if candidate.id not in list_instruments() and not candidate.altered:
            problems.extend(check_examples(candidate))
    for outcome in spec.outcomes.values():
        instrument = outcome.instrument
        if instrument is None or not outcome.items:
            continue
        scale = instrument.scales.get(outcome.scale)
        needs = scale is not None and scale.combine == "value_set"
        if instrument.value_set and instrument.id not in found:
            try:
                found[instrument.id] = read_value_set(spec.folder / instrument.value_set)
            except DataError as error:
                problems.extend(error.problems)
        elif needs and not instrument.value_set:
            problems.append(
                Problem(
                    code="value_set",
                    where=f"outcomes.{outcome.name}",
                    what=f"scale '{outcome.scale}' needs a value set, and larstudy ships none",
                    remedy=f'Write value_set = "file.csv" under [instruments.{instrument.id}]',
                )
            )
    return found, problems


def _title(name: str, errors: Sequence[Problem]) -> str:
    return f"{name}: {counted(len(errors), 'problem', 'problems')}"
