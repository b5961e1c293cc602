"""What is printed on the NorComt cohort: each figure as a string, with its place, confidence and role."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from larstudy.errors import Problem
from larstudy.specs.reading import Section, raise_if_any, resource_toml

Role = Literal["calibrate", "check"]
Kind = Literal["number", "above"]

_FOLDER = "published"
_NAME = "norcomt"
_CONFIDENCE = ("T", "A", "N", "S", "REVIEW", "D")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One printed figure.

    Attributes
    ----------
    id, label : str
    printed : str
        As it stands in the source, stars and words included.
    value : float
        The number that it says; for ``above`` the number that is exceeded.
    kind : {"number", "above"}
    role : {"calibrate", "check"}
        A ``calibrate`` target feeds the generator, so agreement with it proves nothing; a ``check`` target
        never does.
    confidence : str
        How it was seen: T table or text, A abstract, N the institution's news, S a secondary source, REVIEW
        the reviewed thesis only.
    place : str
    how : str
        What is counted in generated data.
    """

    id: str
    label: str
    printed: str
    value: float
    kind: Kind
    role: Role
    confidence: str
    place: str
    how: str

    @property
    def half_digit(self) -> float:
        """Half of the last printed digit, in the unit of ``value``; 0 where words are printed."""
        text = self.printed.strip("*")
        if not any(c.isdigit() for c in text) or any(c.isalpha() for c in text):
            return 0.0
        unit = 0.01 if "%" in text else 1.0
        decimals = len(text.replace("%", "").strip().partition(".")[2])
        return 0.5 * unit * 10.0**-decimals


@cache
def published_targets() -> dict[str, Target]:
    """Return every printed figure on the cohort, by id, in the order of the file.

    Raises
    ------
    SpecError
        Where the file breaks its vocabulary; every problem is listed.

    Examples
    --------
    >>> target = published_targets()["omt"]
    >>> target.printed, target.value, target.role, target.half_digit
    ('64 %', 0.64, 'calibrate', 0.005)
    """
    problems: list[Problem] = []
    top = Section(resource_toml(_FOLDER, _NAME), "", problems)
    top.text("id")
    found = {name: _target(name, section) for name, section in top.tables("targets", required=True).items()}
    correlations = top.section("correlations", required=True)
    if correlations is not None:
        found |= _correlations(correlations)
    top.finish()
    raise_if_any(problems, "Published figures")
    return found


def _target(name: str, section: Section) -> Target:
    target = Target(
        id=name,
        label=section.text("label", required=True),
        printed=section.text("printed", required=True),
        value=section.number("value", required=True) or 0.0,
        kind=cast(Kind, section.choice("kind", ("number", "above"), default="number")),
        role=cast(Role, section.choice("role", ("calibrate", "check"), required=True)),
        confidence=section.choice("confidence", _CONFIDENCE, required=True),
        place=section.text("place", required=True),
        how=section.text("how", required=True),
    )
    section.text("note")
    section.finish()
    return target


def _correlations(section: Section) -> dict[str, Target]:
    """Return each cell of a printed table of correlations as a target of its own."""
    label, place = section.text("label", required=True), section.text("place", required=True)
    how = section.text("how", required=True)
    role = cast(Role, section.choice("role", ("calibrate", "check"), required=True))
    confidence = section.choice("confidence", _CONFIDENCE, required=True)
    columns = section.texts("columns", required=True)
    rows = section.section("rows", required=True)
    found = {}
    for row in rows.keys if rows is not None else ():
        cells = rows.texts(row, required=True) if rows is not None else ()
        for column, printed in zip(columns, cells, strict=True):
            name = f"correlation.{row}.{column}"
            found[name] = Target(
                id=name,
                label=f"{label} of {row.replace('_', ' ')} with {column}",
                printed=printed,
                value=float(printed.strip("*").replace("\N{MINUS SIGN}", "-")),
                kind="number",
                role=role,
                confidence=confidence,
                place=place,
                how=how,
            )
    section.finish()
    return found
