"""Verdicts on the claims of a review: published, on real people, on synthetic data; never summed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from larstudy.catalogue import say
from larstudy.claim_panels import TestData, panel_of
from larstudy.claim_rules import DECIDED, ask, decided
from larstudy.claim_shares import share_rows
from larstudy.claim_worth import ClaimWorth
from larstudy.errors import unknown_name
from larstudy.evidence import in_language, text_columns, word
from larstudy.names import (
    CONTRADICTED,
    COUNT_COLUMNS,
    DEPENDS,
    INCONCLUSIVE,
    NOT_TESTABLE,
    SUPPORTED,
    TEXT_COLUMNS,
    VERDICT_COLUMNS,
    VERDICT_TEST_COLUMNS,
    VERDICT_WAVE_COLUMNS,
    VERDICT_WORTH_COLUMNS,
    Language,
)
from larstudy.published import PublishedChecks
from larstudy.results import Result, frame_of, stamped_frame
from larstudy.specs.evidence import EVIDENCE_KINDS, Claim, Evidence
from larstudy.tables import SYNTHETIC_STAMP, Column, Kind, Table, table_from_frame
from larstudy.verdict_rules import SMALLEST_EFFECTS, verdict_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult

VerdictPart = Literal["verdicts", "waves", "tests", "worth"]
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "verdicts": VERDICT_COLUMNS,
    "waves": VERDICT_WAVE_COLUMNS,
    "tests": VERDICT_TEST_COLUMNS,
    "worth": VERDICT_WORTH_COLUMNS,
}
#: What a verdict may depend on, in the order in which it is told.
_CHOICES: Final = ("definition", "analysis", "outcome", "to_wave")
#: What the texts that could be read say, as a verdict on what is published.
_PUBLISHED: Final[Mapping[str, str]] = {
    "supported": SUPPORTED,
    "partly": DEPENDS,
    "weaker": CONTRADICTED,
    "not_checkable": NOT_TESTABLE,
    "not_evidence": NOT_TESTABLE,
    "": NOT_TESTABLE,
}


def _kind(column: str) -> Kind:
    if column in TEXT_COLUMNS:
        return "text"
    return "count" if column in COUNT_COLUMNS else "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """In how many sets of analyses, alike but for one choice, that choice turns the verdict."""

    choice: str
    turned: int
    sets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The verdict on one claim by one kind of evidence.

    Attributes
    ----------
    verdict : str
        One of `larstudy.names.VERDICTS`.
    at : tuple of str
        The verdict at each of the smallest effects that matter.
    depends_on : tuple of Turned
        Choices that turn the verdict (definition, analysis, outcome, to_wave), the one that turns most first.
    counts : mapping of str to int
        How many analyses say what, at the first smallest effect.
    rests_on : tuple of str
        Claims it rests on that are not supported by this kind of evidence.
    """

    verdict: str
    at: tuple[str, ...] = ()
    depends_on: tuple[Turned, ...] = ()
    counts: Mapping[str, int]
    rests_on: tuple[str, ...] = ()


def test_rows(claim: Claim, evidence: Evidence, data_id: str, data: TestData) -> list[dict[str, Any]]:
    """Return what every analysis of a claim says on one set of data: outcomes, definitions, waves, models."""
    if claim.rule not in DECIDED:
        return share_rows(claim, evidence, data_id, data)
    contrast = evidence.contrasts[claim.contrast] if claim.contrast else None
    of, against = (contrast.of, contrast.against) if contrast else ((), ())
    waves = data.cohort.waves
    rows = []
    for key in claim.outcomes:
        column = evidence.outcomes[key].columns.get(data_id, "")
        if not column:
            continue
        for network in data.cohort.spec.networks:
            for later in waves[1:]:
                panel = panel_of(data, column, network.name, (waves[0], later))
                for asked in ask(claim.rule, panel, of, against):
                    said = [verdict_name(int(decided(claim.rule, asked, s)[0])) for s in SMALLEST_EFFECTS]
                    sd = float(asked.sd[0])
                    rows.append(
                        {
                            "claim": claim.id, "data": data_id, "outcome": key, "definition": network.name,
                            "from_wave": waves[0], "to_wave": later, "analysis": asked.analysis,
                            "n": int(asked.n[0]), "estimate": float(asked.estimate[0]) / sd,
                            "conf_low": float(asked.conf_low[0]) / sd,
                            "conf_high": float(asked.conf_high[0]) / sd,
                            "verdict": said[0], "verdict_030": said[1], "verdict_050": said[2],
                        }
                    )  # fmt: skip
    return rows


test_rows.__test__ = False  # type: ignore[attr-defined]


def reached(rows: Sequence[Mapping[str, Any]]) -> Reached:
    """Return the verdict that all analyses of a claim on one set of data come to."""
    columns = ("verdict", "verdict_030", "verdict_050")
    at = tuple(_agreed(row[column] for row in rows) for column in columns)
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["verdict"]] = counts.get(row["verdict"], 0) + 1
    return Reached(verdict=at[0], at=at, depends_on=_depends_on(rows), counts=counts)


def _agreed(said: Iterable[str]) -> str:
    """Return what all that could be tested say, or that it depends."""
    distinct = set(said) - {NOT_TESTABLE}
    if not distinct:
        return NOT_TESTABLE
    return distinct.pop() if len(distinct) == 1 else DEPENDS


def _depends_on(rows: Sequence[Mapping[str, Any]]) -> tuple[Turned, ...]:
    """Return the choices that turn the verdict, all else equal; first the one that turns it most often."""
    found = []
    for choice in _CHOICES:
        sets: dict[tuple[Any, ...], set[str]] = {}
        for row in rows:
            if row["verdict"] != NOT_TESTABLE:
                rest = tuple(row[name] for name in _CHOICES if name != choice)
                sets.setdefault(rest, set()).add(row["verdict"])
        turned = sum(len(said) > 1 for said in sets.values())
        if turned:
            found.append(Turned(choice=choice, turned=turned, sets=len(sets)))
    return tuple(sorted(found, key=lambda one: -one.turned / one.sets))


def propagate(evidence: Evidence, own: Mapping[str, Reached]) -> dict[str, Reached]:
    """Let what is not supported count against what rests on it.

    A conclusion has nothing of its own: it is supported where every testable claim that it rests on is,
    contradicted where all of them are, and depends otherwise. A claim of its own that is supported depends
    where one that it rests on is not supported. A claim that cannot be tested stays so, and names what it
    rests on that is not supported.
    """
    found: dict[str, Reached] = {}

    def of(name: str) -> Reached:
        if name not in found:
            found[name] = _limited(
                evidence.claims[name], own[name], [(k, of(k)) for k in evidence.claims[name].requires]
            )
        return found[name]

    for name in evidence.claims:
        of(name)
    return found


def _limited(claim: Claim, own: Reached, below: Sequence[tuple[str, Reached]]) -> Reached:
    tested = [(name, r.verdict) for name, r in below if r.verdict != NOT_TESTABLE]
    failing = tuple(name for name, verdict in tested if verdict != SUPPORTED)
    verdict = own.verdict
    if claim.rule == "conclusion":
        said = {v for _, v in tested}
        verdict = NOT_TESTABLE if not said else said.pop() if len(said) == 1 else DEPENDS
    elif verdict == SUPPORTED and failing:
        verdict = DEPENDS
    return Reached(verdict=verdict, at=own.at, depends_on=own.depends_on, counts=own.counts, rests_on=failing)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Verdicts(Result):
    """Verdicts on every claim, with the analyses behind them and what their rules are worth.

    Attributes
    ----------
    evidence : Evidence
    lang : {"en", "nb", "nn"}
    by_kind : mapping of str to mapping of str to Reached
        By kind of evidence (published, real, synthetic), then claim.
    tests : tuple of mapping
        One row an analysis.
    worth : tuple of ClaimWorth
        How often each rule would say so in worlds whose truth is known.
    scopes : mapping of str to str
        What data are about, by kind of evidence, in the language.
    checks : PublishedChecks or None
        Of the numbers that the sources print.

    Examples
    --------
    >>> import larstudy as ls
    >>> found = ls.verdicts(n_cohorts=64, progress=False)
    >>> found.by_kind["real"]["V03"].verdict
    'not_testable'
    """

    evidence: Evidence
    lang: Language
    by_kind: Mapping[str, Mapping[str, Reached]]
    tests: tuple[Mapping[str, Any], ...]
    worth: tuple[ClaimWorth, ...]
    scopes: Mapping[str, str]
    checks: PublishedChecks | None = None

    def to_frame(self, part: VerdictPart = "verdicts") -> pd.DataFrame:
        """Return one row a claim, a claim and wave, an analysis, or a claim and world.

        Parameters
        ----------
        part : {"verdicts", "waves", "tests", "worth"}
            ``waves``: one row a claim, outcome and wave, over the definitions and analyses.
            Estimates of ``tests`` are in standard deviations at entry, positive where the claim says so (for
            "no improvement", the improvement).
        """
        if part not in _COLUMNS:
            raise unknown_name("part", part, get_args(VerdictPart))
        if part == "waves":
            return self._marked(frame_of(self._wave_rows(), VERDICT_WAVE_COLUMNS))
        if part == "tests":
            return self._marked(frame_of(self.tests, VERDICT_TEST_COLUMNS))
        if part == "worth":
            rows = [row for one in self.worth for row in one.rows()]
            return stamped_frame(frame_of(rows, VERDICT_WORTH_COLUMNS), True)
        return frame_of([self._row(claim) for claim in self.evidence.claims.values()], VERDICT_COLUMNS)

    def _marked(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return rows with a column ``synthetic``: which of them are not of people."""
        known = self.evidence.data_sets
        return frame.assign(synthetic=[known[name].evidence == "synthetic" for name in frame["data"]])

    def _row(self, claim: Claim) -> dict[str, Any]:
        said: dict[str, str] = {
            kind: self._say(self.by_kind[kind][claim.id].verdict) for kind in EVIDENCE_KINDS
        }
        return {
            "claim": claim.id,
            "text": in_language(claim.text, self.lang),
            **said,
            "why": self.why(claim.id),
        }

    def _wave_rows(self) -> list[dict[str, Any]]:
        sets: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
        for row in self.tests:
            if row["to_wave"]:
                key = tuple(row[name] for name in ("claim", "data", "outcome", "to_wave"))
                sets.setdefault(key, []).append(row)
        rows = []
        for (claim, data, outcome, wave), tests in sets.items():
            found = reached(tests)
            said = {name: found.counts.get(name, 0) for name in (SUPPORTED, CONTRADICTED, INCONCLUSIVE)}
            rows.append(
                {
                    "claim": claim, "data": data, "outcome": outcome, "to_wave": wave,
                    **dict(zip(("verdict", "verdict_030", "verdict_050"), found.at, strict=True)),
                    **{f"n_{name}": count for name, count in said.items()},
                    "estimate_low": min(row["estimate"] for row in tests),
                    "estimate_high": max(row["estimate"] for row in tests),
                }
            )  # fmt: skip
        return rows

    def _say(self, verdict: str) -> str:
        return word("values", verdict, self.lang)

    def why(self, claim: str) -> str:
        """Return what the verdicts on a claim rest on, what turns them, and how often the rule errs."""
        parts = [] if self.checks is None else self.checks.of_claim(claim)
        for kind in ("real", "synthetic"):
            found = self.by_kind[kind][claim]
            if not found.counts and not found.rests_on:
                continue
            said = self._counted(kind, found)
            parts.append(said)
        for one in self.worth:
            if one.claim == claim:
                parts.append(one.in_words(self.lang))
        if self.by_kind["real"][claim].verdict != NOT_TESTABLE and self.scopes.get("real"):
            parts.append(self.scopes["real"])
        if not parts:
            known = self.evidence.claims[claim]
            parts = [in_language(self.evidence.reasons[name], self.lang) + "." for name in known.why_not]
        return " ".join(parts)

    def _counted(self, kind: str, found: Reached) -> str:
        label = word("columns", kind, self.lang)
        bits = []
        total = sum(found.counts.values())
        if total:
            order = (SUPPORTED, CONTRADICTED, INCONCLUSIVE, NOT_TESTABLE)
            counted = ", ".join(
                f"{found.counts[name]} {self._say(name)}" for name in order if name in found.counts
            )
            bits.append(word("notes", "of_analyses", self.lang).format(n=total, counted=counted))
        if found.depends_on and found.verdict == DEPENDS:
            say = word("notes", "turned", self.lang)
            listed = ", ".join(
                say.format(
                    choice=word("values", f"choice_{one.choice}", self.lang), turned=one.turned, sets=one.sets
                )
                for one in found.depends_on
            )
            bits.append(word("notes", "depends_on", self.lang).format(listed=listed))
        if found.rests_on:
            bits.append(
                word("notes", "rests_on_unsupported", self.lang).format(listed=", ".join(found.rests_on))
            )
        return f"{label}: {'; '.join(bits)}."

    def summary(self) -> str:
        """Return how many claims come to which verdict, by kind of evidence."""
        lines = []
        for kind in EVIDENCE_KINDS:
            counts: dict[str, int] = {}
            for one in self.by_kind[kind].values():
                counts[one.verdict] = counts.get(one.verdict, 0) + 1
            listed = ", ".join(f"{self._say(name)} {n}" for name, n in sorted(counts.items()))
            lines.append(f"{word('columns', kind, self.lang)}: {listed}.")
        return "\n".join([*lines, word("notes", "never_summed", self.lang)])

    def table(self, part: VerdictPart = "verdicts") -> Table:
        """Return verdicts with headings in the language, or another part as it is."""
        frame = self.to_frame(part)
        if part == "verdicts":
            title = f"{word('titles', 'verdicts', self.lang)}: {in_language(self.evidence.title, self.lang)}"
            notes = [word("notes", name, self.lang) for name in ("never_summed", "smallest", "own_words")]
            return table_from_frame(
                frame, text_columns(VERDICT_COLUMNS, self.lang), title=title, notes=notes, lang=self.lang
            )
        columns = [
            Column(name=name, label=name.replace("_", " "), kind=_kind(name)) for name in frame.columns
        ]
        return table_from_frame(frame, columns, title=part, synthetic=part == "worth")

    def decided(self) -> list[str]:
        """Return the claims that some kind of evidence says something on."""
        return [
            claim for claim in self.evidence.claims
            if any(self.by_kind[kind][claim].verdict != NOT_TESTABLE for kind in EVIDENCE_KINDS)
        ]  # fmt: skip

    def plot(self, ax: Axes | None = None, *, lang: Language | None = None) -> FigureResult:
        """Draw the verdicts as a map: claims by kinds of evidence."""
        from larstudy import figures

        lang = lang or self.lang
        shown = self.decided()
        cells = [[self.by_kind[kind][claim].verdict for kind in EVIDENCE_KINDS] for claim in shown]
        return figures.plot_verdicts(
            shown,
            # The column of made-up data is headed by the stamp.
            [
                say(SYNTHETIC_STAMP, lang) if kind == "synthetic" else word("columns", kind, lang)
                for kind in EVIDENCE_KINDS
            ],
            cells,
            {
                name: word("values", name, lang)
                for name in (SUPPORTED, CONTRADICTED, DEPENDS, INCONCLUSIVE, NOT_TESTABLE)
            },
            ax=ax,
            title=word("titles", "verdicts", lang),
            texts={name: in_language(self.evidence.claims[name].text, lang) for name in shown},
            lang=lang,
        )


def evidence_verdicts(
    evidence: Evidence,
    data: Mapping[str, TestData],
    *,
    worth: Sequence[ClaimWorth],
    lang: Language,
    checks: PublishedChecks | None = None,
) -> Verdicts:
    """Return the verdicts on a review from data at hand.

    Parameters
    ----------
    evidence : Evidence
    data : mapping of str to TestData
        By the ids of the review's data sets.
    worth : sequence of ClaimWorth
    lang : {"en", "nb", "nn"}
    checks : PublishedChecks, optional
    """
    nothing = Reached(verdict=NOT_TESTABLE, counts={})
    own: dict[str, dict[str, Reached]] = {kind: {} for kind in EVIDENCE_KINDS}
    tests: list[Mapping[str, Any]] = []
    for claim in evidence.claims.values():
        own["published"][claim.id] = Reached(verdict=_PUBLISHED[claim.support], counts={})
        for kind in ("real", "synthetic"):
            own[kind][claim.id] = nothing
            rows = [
                row
                for name in claim.testable_on
                if evidence.data_sets[name].evidence == kind and name in data
                for row in test_rows(claim, evidence, name, data[name])
            ]
            if rows:
                own[kind][claim.id] = reached(rows)
                tests += rows
    by_kind = {kind: propagate(evidence, own[kind]) for kind in ("real", "synthetic")}
    # What is printed of one claim is not made weaker by what is printed of another.
    by_kind["published"] = own["published"]
    scopes: dict[str, str] = {
        evidence.data_sets[name].evidence: in_language(one.scope, lang)
        for name, one in data.items()
        if one.scope
    }
    return Verdicts(
        evidence=evidence,
        lang=lang,
        by_kind=by_kind,
        tests=tuple(tests),
        worth=tuple(worth),
        scopes=scopes,
        checks=checks,
    )
