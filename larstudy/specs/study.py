"""What a study file says: one data set, its outcomes, its networks and how to compare them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

from larstudy.names import HigherIs
from larstudy.specs.data import DataSpec, MissingCodes
from larstudy.specs.disclosure import Preset
from larstudy.specs.instruments import Instrument
from larstudy.specs.networks import NetworkRules

ClusterErrors = Literal["CR2", "CR3"]
RepeatedModel = Literal["mixed", "mmrm", "gee"]
MissingHandling = Literal["attrition_weights", "imputation"]
REPEATED_MODELS: Final[tuple[RepeatedModel, ...]] = get_args(RepeatedModel)
MISSING_HANDLINGS: Final[tuple[MissingHandling, ...]] = get_args(MissingHandling)
#: Column of a variable at each wave; the same one at every wave in a long file.
Columns = Mapping[str, str]
#: Name of a network definition by categories that the file has, where the study gives it none.
OWN_CATEGORIES = "categories"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeSpec:
    """One outcome: a column that holds the score, or an instrument's items from which it is made.

    ``higher_is`` is None only where a data frame's user did not say.
    """

    name: str
    label: str
    higher_is: HigherIs | None
    columns: Columns
    instrument: Instrument | None
    scale: str
    items: Mapping[str, Columns]
    range: tuple[float, float] | None
    missing: MissingCodes
    mcid: float | None
    mcid_source: str
    reliability: tuple[float, float] | None
    reliability_source: str
    population_mean: float | None
    population_mean_source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSpec:
    """One definition of the network categories: a rule over columns, or a column that holds them."""

    name: str
    rules: NetworkRules | None
    inputs: Mapping[str, Columns]
    columns: Columns
    values: Mapping[str, str]
    missing: MissingCodes


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One thing that is measured at each wave, and what its cells may hold.

    Attributes
    ----------
    key : tuple of str
        Its address: ``("outcome", name)``, ``("item", outcome, item)`` or ``("input", network, input)`` for
        numbers, ``("category", network)`` for labels.
    columns : mapping of str to str
        The column at each wave.
    allowed : tuple of float
        The only values it may have; empty where ``range`` or nothing limits it.
    range : interval or None
        Lowest and highest value.
    values : mapping or None
        For labels: code in the file to category.
    rule : str
        What sets the limits, for messages.
    missing : tuple of str or float
        Codes that mean "no answer".
    """

    key: tuple[str, ...]
    columns: Columns
    allowed: tuple[float, ...] = ()
    range: tuple[float, float] | None = None
    values: Mapping[str, str] | None = None
    rule: str = ""
    missing: MissingCodes = ()

    @property
    def named_by(self) -> str:
        """What in the study file asks for the variable."""
        kind, name, *item = self.key
        if kind in ("outcome", "item"):
            return f"[outcomes.{name}]" + (f" item {item[0]}" if item else "")
        defined = "" if name == OWN_CATEGORIES else f" definition '{name}'"
        return f"[network]{defined}" + (f", input '{item[0]}'" if item else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedSpec:
    """A column with one value a person: a group, a treatment status, a covariate or a cluster.

    ``wave`` names the wave it is read at in a long file; empty where it must be the same in all rows.
    """

    column: str
    wave: str = ""
    values: Mapping[str, str] | None = None
    missing: MissingCodes = ()
    order: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSpec:
    """How the change is compared; see the keys of ``[analysis]`` in the handbook.

    Attributes
    ----------
    comparisons : tuple of (str, str)
        The intervals, from one wave to a later one.
    confidence : float
    cluster_errors : {"CR2", "CR3"}
        The errors of models that allow for the clusters.
    models : tuple of {"mixed", "mmrm", "gee"}
        The models of repeated measures beside the general linear model.
    missing : tuple of {"attrition_weights", "imputation"}
        What is done about the lost beside leaving them out.
    imputations : int
        How often each missing value is drawn.
    bootstrap, permutations : int
        How many samples are drawn; none where 0.
    seed : int
        Of everything that is drawn.
    """

    comparisons: tuple[tuple[str, str], ...]
    confidence: float = 0.95
    cluster_errors: ClusterErrors = "CR2"
    models: tuple[RepeatedModel, ...] = REPEATED_MODELS
    missing: tuple[MissingHandling, ...] = MISSING_HANDLINGS
    imputations: int = 20
    bootstrap: int = 1999
    permutations: int = 4999
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StudySpec:
    """A study, as its file describes it.

    Attributes
    ----------
    title, source : str
    notes : tuple of str
    synthetic : bool
        Stamps everything that is made from the data.
    data : DataSpec
    outcomes : mapping of str to OutcomeSpec
    networks : tuple of NetworkSpec
        The first is the definition used; the others stand beside it for comparison.
    group, status, cluster : FixedSpec or None
    covariates : tuple of FixedSpec
    categorical : frozenset of str
        The covariates whose numbers are codes.
    analysis : AnalysisSpec
    disclosure : Preset
        What may be shown in what is written.
    raw : mapping
        What was read, for the record of the run.
    folder : Path
        Where the study file stands; other files are found from here.
    """

    title: str
    source: str
    notes: tuple[str, ...]
    synthetic: bool
    data: DataSpec
    outcomes: Mapping[str, OutcomeSpec]
    networks: tuple[NetworkSpec, ...]
    group: FixedSpec | None
    status: FixedSpec | None
    cluster: FixedSpec | None
    covariates: tuple[FixedSpec, ...]
    categorical: frozenset[str]
    analysis: AnalysisSpec
    disclosure: Preset
    raw: Mapping[str, Any]
    folder: Path

    @property
    def waves(self) -> tuple[str, ...]:
        """Names of the waves, the baseline first."""
        return tuple(wave.name for wave in self.data.waves)


def wave_variables(spec: StudySpec) -> tuple[Variable, ...]:
    """Return everything that the study measures at each wave."""
    found: list[Variable] = []
    for outcome in spec.outcomes.values():
        found.extend(_outcome_variables(outcome))
    for network in spec.networks:
        found.extend(_network_variables(network))
    return tuple(found)


def fixed_columns(spec: StudySpec) -> dict[str, FixedSpec]:
    """Return the columns with one value a person: group, status, cluster and covariates, by address."""
    named = {"group": spec.group, "treatment_status": spec.status, "cluster": spec.cluster}
    found = {key: fixed for key, fixed in named.items() if fixed is not None}
    found |= {f"covariate:{covariate.column}": covariate for covariate in spec.covariates}
    return found


def used_columns(spec: StudySpec) -> dict[str, str]:
    """Return the columns that the study reads, each with what names it first."""
    found: dict[str, str] = {}
    named = [(spec.data.person, "[data] person"), (spec.data.wave, "[data] wave")]
    if spec.data.visits is not None:
        named += [
            (spec.data.visits.date, "[data] date"),
            (spec.data.visits.baseline_date, "[data] baseline_date"),
        ]
    for name, key in named:
        if name:
            found.setdefault(name, key)
    for variable in wave_variables(spec):
        for column in variable.columns.values():
            found.setdefault(column, variable.named_by)
    for key, fixed in fixed_columns(spec).items():
        found.setdefault(fixed.column, naming_key(key))
    return found


def naming_key(key: str) -> str:
    """Return the place in a study file that names a fixed column, from its address."""
    if key == "cluster":
        return "[data] cluster"
    return "[covariates]" if key.startswith("covariate:") else f"[{key}]"


def _outcome_variables(outcome: OutcomeSpec) -> list[Variable]:
    if outcome.columns:
        return [
            Variable(
                key=("outcome", outcome.name),
                columns=outcome.columns,
                range=outcome.range,
                rule=f"range of outcome '{outcome.name}'",
                missing=outcome.missing,
            )
        ]
    # A study that is still wrong may name no instrument, or items that it does not have.
    instrument = outcome.instrument
    known = {} if instrument is None else instrument.items
    return [
        Variable(
            key=("item", outcome.name, item),
            columns=columns,
            allowed=known[item].allowed(),
            range=(known[item].low, known[item].high),
            rule=f"item {item} of instrument '{'' if instrument is None else instrument.id}'",
            missing=outcome.missing,
        )
        for item, columns in outcome.items.items()
        if item in known
    ]


def _network_variables(network: NetworkSpec) -> list[Variable]:
    if network.rules is None:
        return [
            Variable(
                key=("category", network.name),
                columns=network.columns,
                values=network.values,
                rule=f"[network] values of '{network.name}'",
                missing=network.missing,
            )
        ]
    known = network.rules.inputs
    return [
        Variable(
            key=("input", network.name, name),
            columns=columns,
            allowed=known[name].levels,
            rule=f"input '{name}' of network rule '{network.rules.id}'",
            missing=network.missing,
        )
        for name, columns in network.inputs.items()
        if name in known
    ]


# A decimal comma counts only as ",0": a longer one might mark thousands.
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.][0-9]*|,0)?")


def as_label(value: object) -> str:
    """Return a code as text.

    Examples
    --------
    >>> as_label(1.0), as_label("a "), as_label(2.5)
    ('1', 'a', '2.5')
    """
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def as_code(value: object) -> str:
    """Return a code as text that is the same for 1, 1.0, "1", "1.0" and "1,0", to look codes up by.

    Examples
    --------
    >>> {as_code(1), as_code(1.0), as_code("1"), as_code("1.0"), as_code("1,0")}
    {'1'}
    """
    text = as_label(value)
    return as_label(float(text.replace(",", "."))) if _PLAIN_NUMBER.fullmatch(text) else text
