"""The claims of a review: what it states, where it has it from, what rests on what, what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from larstudy.errors import unknown_name
from larstudy.names import CLAIM_COLUMNS, FLAG_COLUMNS, LANGUAGES, REQUIRES_COLUMNS, Language
from larstudy.results import Result, frame_of
from larstudy.specs.evidence import EVIDENCE_KINDS, NO_PAGE, Claim, Evidence, Words
from larstudy.specs.evidence_reading import read_evidence, shipped_evidence
from larstudy.specs.reading import resource_toml
from larstudy.tables import Column, Table, table_from_frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult

ClaimPart = Literal["claims", "flags", "requires"]
_COLUMNS = {"claims": CLAIM_COLUMNS, "flags": FLAG_COLUMNS, "requires": REQUIRES_COLUMNS}


@cache
def _words() -> Mapping[str, Mapping[str, Words]]:
    return resource_toml("evidence", "words")


def word(group: str, name: str, lang: Language) -> str:
    """Return how a column (``columns``), a title, a fixed value or a note is worded in a language.

    Examples
    --------
    >>> word("columns", "requires", "nn"), word("values", "not_reported", "nb")
    ('Byggjer på', 'ikke oppgitt')
    """
    return _words()[group][name][lang]


def in_language(words: Words, lang: Language) -> str:
    """Return a text in a language, or in the first one that it has; empty where there is none."""
    return words.get(lang) or next(iter(words.values()), "")


def in_any_language(text: str | Words, lang: Language) -> str:
    """Return a text that may be one for all languages, as the name of a page is.

    Examples
    --------
    >>> in_any_language("rusfeltet.no", "nb"), in_any_language({"en": "news", "nn": "nyhende"}, "nn")
    ('rusfeltet.no', 'nyhende')
    """
    return text if isinstance(text, str) else in_language(text, lang)


def page_shown(page: str, lang: Language) -> str:
    """Return a page as a reader sees it.

    Examples
    --------
    >>> page_shown("434-437", "en"), page_shown("none", "nn"), page_shown("§ 2", "nb")
    ('434–437', 'inga side', '§ 2')
    """
    return word("values", "none", lang) if page == NO_PAGE else page.replace("-", "–")


def text_columns(names: Sequence[str], lang: Language) -> tuple[Column, ...]:
    """Return columns of text with their headings in a language."""
    return tuple(Column(name=name, label=word("columns", name, lang), kind="text") for name in names)


def require_language(lang: str) -> None:
    """Raise an error where a language is not one of the three."""
    if lang not in LANGUAGES:
        raise unknown_name("language", lang, LANGUAGES)


def evidence_of(claims_file: Path | str | None) -> Evidence:
    """Return the review of a claims file; the one that ships where none is named."""
    return shipped_evidence() if claims_file is None else read_evidence(Path(claims_file))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Claims(Result):
    """The claims of a review, with what each rests on and how it could be tested.

    Attributes
    ----------
    evidence : Evidence
        Everything that the files of the review say.
    lang : {"en", "nb", "nn"}

    Examples
    --------
    >>> import larstudy as ls
    >>> claims = ls.claims(lang="nn")
    >>> claims.evidence.claims["M04"].text["nn"]
    'Dei som fekk eit rusfritt nettverk, rapporterte størst betring i livskvalitet'
    """

    evidence: Evidence
    lang: Language

    def summary(self) -> str:
        """Return how many claims there are, of which kinds, and how many can be tested on what."""
        kinds: dict[str, int] = {}
        for claim in self.evidence.claims.values():
            kinds[claim.kind] = kinds.get(claim.kind, 0) + 1
        listed = ", ".join(f"{kind} {n}" for kind, n in kinds.items())
        testable = {
            evidence: sum(
                self._verdict(claim, evidence) == "not_computed" for claim in self.evidence.claims.values()
            )
            for evidence in EVIDENCE_KINDS
        }
        shown = ", ".join(f"{name} {n}" for name, n in testable.items())
        return (
            f"{len(self.evidence.claims)} claims ({listed}).\n"
            f"Testable, by kind of evidence: {shown}. The verdicts: `larstudy verdicts`.\n"
            f"{len(self.evidence.flags)} flags, {len(self.evidence.references)} references."
        )

    def _verdict(self, claim: Claim, evidence: str) -> str:
        kinds = {self.evidence.data_sets[name].evidence for name in claim.testable_on}
        return "not_computed" if evidence in kinds else "not_testable"

    def _why(self, claim: Claim) -> str:
        """Return what would test a claim and on what, and what stands in the way."""
        say = self.lang
        parts = []
        if claim.testable_on:
            data = ", ".join(in_language(self.evidence.data_sets[n].label, say) for n in claim.testable_on)
            parts.append(f"{in_language(claim.estimand, say)} ({data})")
        parts += [in_language(self.evidence.reasons[name], say) for name in claim.why_not]
        return ". ".join(parts) + "."

    def _claim_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "id": claim.id,
                "kind": word("values", claim.kind, self.lang),
                "text": in_language(claim.text, self.lang),
                "source": self.evidence.references[claim.source].short(self.lang),
                "page": page_shown(claim.page, self.lang),
                "requires": ", ".join(claim.requires),
                **{
                    name: word("values", self._verdict(claim, name), self.lang)
                    for name in ("published", "real", "synthetic")
                },
                "why": self._why(claim),
            }
            for claim in self.evidence.claims.values()
        ]

    def _flag_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "flag": flag.id,
                "kind": word("values", "page_flag" if flag.kind == "page" else flag.kind, self.lang),
                "claims": ", ".join(flag.claims),
                "source": "; ".join(self.evidence.references[k].short(self.lang) for k in flag.sources),
                "page": page_shown(flag.page, self.lang),
                "text": in_language(flag.text, self.lang),
                "remedy": in_language(flag.remedy, self.lang),
                "basis": word("values", flag.basis, self.lang),
            }
            for flag in self.evidence.flags.values()
        ]

    def _requires_rows(self) -> list[dict[str, Any]]:
        known = self.evidence.claims
        return [
            {
                "claim": claim.id,
                "text": in_language(claim.text, self.lang),
                "rests_on": name,
                "rests_on_text": in_language(known[name].text, self.lang),
            }
            for claim in known.values()
            for name in claim.requires
        ]

    def to_frame(self, part: ClaimPart = "claims") -> pd.DataFrame:
        """Return one row a claim, a flag, or a pair of claims of which one rests on the other.

        Parameters
        ----------
        part : {"claims", "flags", "requires"}
        """
        if part not in _COLUMNS:
            raise unknown_name("part", part, get_args(ClaimPart))
        rows = {"claims": self._claim_rows, "flags": self._flag_rows, "requires": self._requires_rows}
        return frame_of(rows[part](), _COLUMNS[part])

    def table(self, part: ClaimPart = "claims") -> Table:
        """Return the same as a table, with headings in the language."""
        frame = self.to_frame(part)
        title = f"{word('titles', part, self.lang)}: {in_language(self.evidence.title, self.lang)}"
        note = word("notes", "own_words", self.lang)
        return table_from_frame(
            frame, text_columns(_COLUMNS[part], self.lang), title=title, notes=[note], lang=self.lang
        )

    def to_json(self) -> str:
        """Return claims and flags with every field, in every language, as JSON text."""
        content = {
            "title": dict(self.evidence.title),
            "claims": {key: asdict(claim) for key, claim in self.evidence.claims.items()},
            "flags": {key: asdict(flag) for key, flag in self.evidence.flags.items()},
        }
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"

    def plot(self, ax: Axes | None = None, *, lang: Language | None = None) -> FigureResult:
        """Draw which claims rest on which: what carries to the left, what rests on it to the right."""
        from larstudy import figures

        lang = lang or self.lang
        requires, texts = self.graph(lang)
        title = word("titles", "requires", lang)
        return figures.plot_claims(requires, texts, ax=ax, title=title, lang=lang)

    def graph(self, lang: Language | None = None) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
        """Return what each claim rests on, and what each says."""
        known = self.evidence.claims.values()
        lang = lang or self.lang
        return {c.id: c.requires for c in known}, {c.id: in_language(c.text, lang) for c in known}


def claims(claims_file: Path | str | None = None, *, lang: Language = "en") -> Claims:
    """Return the claims of the reviewed thesis, or of a review of your own.

    Parameters
    ----------
    claims_file : path, optional
        A ``claims.toml`` of your own, beside its bibliography; the reviewed thesis unless given.
    lang : {"en", "nb", "nn"}
        English, Bokmål or Nynorsk; a review that lacks the language shows its own.

    Returns
    -------
    Claims
        ``to_frame("claims" | "flags" | "requires")``; its ``plot`` is the graph of what rests on what.

    Raises
    ------
    SpecError
        With every problem of the files, each with its line and what to do.
    UnknownNameError
        Where the language is not one of the three.

    Examples
    --------
    >>> import larstudy as ls
    >>> frame = ls.claims().to_frame().set_index("id")
    >>> frame.loc["C02", "requires"], frame.loc["M04", "real"], frame.loc["V03", "real"]
    ('M08, M09, M10, M11', 'can be tested', 'not testable')
    """
    require_language(lang)
    return Claims(evidence=evidence_of(claims_file), lang=lang)
