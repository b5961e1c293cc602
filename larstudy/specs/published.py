"""Printed numbers as data: what is printed where, what is held against what, the cohorts of change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from larstudy.specs.evidence import Words

CheckKind = Literal[
    "percentage", "possible_percentage", "sum", "drop", "correlations", "fit", "difference", "group_t", "p",
    "interval", "sd_of_scale", "grim", "rise",
]  # fmt: skip
CHECK_KINDS: Final[tuple[CheckKind, ...]] = get_args(CheckKind)
#: What each kind of check needs, what it may have, and its options.
ROLES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]] = {
    "percentage": (("count", "total"), ("printed",), ()),
    "possible_percentage": (("printed", "total"), (), ()),
    "sum": (("parts", "total"), ("less",), ()),
    "drop": (("level", "reference", "drop"), ("lowest",), ()),
    "correlations": ((), (), ("table",)),
    "fit": (("rmsea", "cfi", "nfi", "n"), ("interval",), ("items", "factors")),
    "difference": (("first", "second"), (), ()),
    "group_t": (("first", "second", "n", "t"), (), ()),
    "p": (("statistic", "p"), (), ("test", "df")),
    "interval": (("interval",), ("p",), ("scale", "df")),
    "sd_of_scale": (("score",), (), ("lowest", "highest")),
    "grim": (("mean", "n"), (), ()),
    "rise": ((), (), ("measure", "first")),
}
#: Options that may be left out; every other one of a kind is needed.
FREE_OPTIONS: Final = frozenset({("interval", "df"), ("rise", "first")})
#: How many printed texts a fact has in a role, where it is not one: a mean with its SD, an estimate with
# its limits.
TEXTS: Final[Mapping[tuple[str, str], int]] = {
    ("difference", "first"): 2, ("difference", "second"): 2, ("group_t", "first"): 2,
    ("group_t", "second"): 2, ("sd_of_scale", "score"): 2, ("interval", "interval"): 3,
    ("fit", "interval"): 2, ("grim", "mean"): 2,
}  # fmt: skip
#: Roles that count persons.
COUNTS: Final = ("count", "total", "n")
#: How a printed number may be known; prior knowledge is not among them.
PRINTED_BASES: Final = ("T", "A", "N", "S", "REVIEW")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedFact:
    """A number as it is printed; with a mean its SD, with an estimate its limits.

    Attributes
    ----------
    id : str
    printed : tuple of str
        One to three texts.
    work, place, basis : str
        A key of the works, where it stands there, and a confidence code.
    """

    id: str
    printed: tuple[str, ...]
    work: str
    place: str
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedTable:
    """A table of correlations with stars, all of the same n persons."""

    id: str
    work: str
    place: str
    basis: str
    n: int
    columns: tuple[str, ...]
    labels: Mapping[str, Words]
    rows: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What is held against what: a kind, the facts by their roles, and what else it needs to be known.

    ``claims`` are ids of claims of the review that it bears on.
    """

    id: str
    kind: CheckKind
    what: Words
    facts: Mapping[str, tuple[PrintedFact, ...]]
    options: Mapping[str, str | float]
    claims: tuple[str, ...]
    note: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCohort:
    """A cohort with a mean change, or with means and SDs at two waves.

    Attributes
    ----------
    change : PrintedFact or None
        The mean change, with its limits where they are printed.
    before, after : PrintedFact or None
        Mean and SD.
    spread_from : str
        The cohort whose SD of change stands in where none follows from what is printed; empty where none
        does.
    """

    id: str
    work: str
    label: Words
    measure: Words
    months: int
    n: PrintedFact
    change: PrintedFact | None
    before: PrintedFact | None
    after: PrintedFact | None
    spread_from: str
    note: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """Everything of a file of printed numbers, by id."""

    works: Mapping[str, str]
    facts: Mapping[str, PrintedFact]
    tables: Mapping[str, PrintedTable]
    checks: Mapping[str, Check]
    cohorts: Mapping[str, PrintedCohort]
    left_out: Mapping[str, tuple[str, Words]]
