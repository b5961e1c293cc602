"""A literature review as tables: the works, themes by work, quality, search, selection, counts, references.

What is said here comes from the files of a review, the thesis that ships or one's own: nothing is computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from larstudy import catalogue
from larstudy.errors import unknown_name
from larstudy.evidence import (
    evidence_of,
    in_any_language,
    in_language,
    page_shown,
    require_language,
    text_columns,
    word,
)
from larstudy.names import (
    APPRAISAL_COLUMNS,
    LAR_COLUMNS,
    REFERENCE_COLUMNS,
    REVIEW_COLUMNS,
    ROUNDED,
    SEARCH_COLUMNS,
    SELECTION_COLUMNS,
    THEME_COLUMNS,
    Language,
)
from larstudy.results import Result, frame_of
from larstudy.specs.evidence import ANSWERS, NO_PAGE, Evidence, Study
from larstudy.specs.reading import resource_toml
from larstudy.tables import Column, Table, table_from_frame, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult

ReviewPart = Literal["table", "matrix", "appraisal", "search", "flow", "numbers", "references"]
REVIEW_PARTS: tuple[ReviewPart, ...] = get_args(ReviewPart)

_FRAMES: Mapping[str, tuple[str, ...]] = {
    "table": REVIEW_COLUMNS,
    "matrix": THEME_COLUMNS,
    "appraisal": APPRAISAL_COLUMNS,
    "search": SEARCH_COLUMNS,
    "flow": SELECTION_COLUMNS,
    "numbers": LAR_COLUMNS,
    "references": REFERENCE_COLUMNS,
}
_NOTES: Mapping[str, tuple[str, ...]] = {
    "table": ("not_reported", "quality"),
    "matrix": ("qualitative", "own_words"),
    "appraisal": ("quality", "not_reported"),
    "search": ("not_reported",),
    "flow": ("not_reported",),
    "numbers": ("counts",),
}
DEFAULT_COLUMNS = ("work", "design", "sample", "measures", "findings", "limitations", "read")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Review(Result):
    """The table of a literature review, and what surrounds it.

    Attributes
    ----------
    evidence : Evidence
    lang : {"en", "nb", "nn"}
    columns : tuple of str
        The columns that the table of works shows.

    Examples
    --------
    >>> import larstudy as ls
    >>> review = ls.review_table(lang="nn", columns=["work", "design"])
    >>> print(review.table().to_markdown().splitlines()[4])
    | Muller et al. (2017) | Prospektiv observasjonsstudie (kohort), to målingar med eit år imellom |
    """

    evidence: Evidence
    lang: Language
    columns: tuple[str, ...]

    def summary(self) -> str:
        """Return how many works were reviewed, how they were read, and what is not reported of them."""
        works = self._reviewed()
        read = Counter(work.read for work in works)
        listed = ", ".join(f"{word('values', how, 'en')} {n}" for how, n in read.items())
        missing = sum(
            value == word("values", "not_reported", self.lang)
            for row in self._table_rows()
            for value in row.values()
        )
        return (
            f"{len(works)} reviewed works, read as: {listed}.\n"
            f"{missing} cells of the table are not reported by any source that could be read."
        )

    def _reviewed(self) -> list[Study]:
        return [study for study in self.evidence.studies.values() if study.role == "reviewed"]

    def _cited(self, key: str) -> str:
        return self.evidence.references[key].short(self.lang)

    def _table_rows(self) -> list[dict[str, Any]]:
        missing = word("values", "not_reported", self.lang)
        rows = []
        for study in self._reviewed():
            row = {
                name: in_language(study.texts.get(name, {}), self.lang) or missing for name in REVIEW_COLUMNS
            }
            row["work"] = self._cited(study.key)
            row["appraisal"] = self._quality(study) or missing
            row["read"] = word("values", study.read, self.lang)
            del row["used_for"]
            rows.append(row)
        return rows

    def _quality(self, study: Study) -> str:
        """Return how many items of each checklist were answered how; no sum, for items do not weigh alike."""
        shown = []
        for name, items in study.appraisal.items():
            counts = Counter(item.answer for item in items.values())
            listed = ", ".join(
                f"{word('values', answer, self.lang)} {counts[answer]}"
                for answer in ANSWERS
                if counts[answer]
            )
            shown.append(f"{in_language(self.evidence.checklists[name].label, self.lang)}: {listed}")
        return "; ".join(shown)

    def _matrix_rows(self) -> list[dict[str, Any]]:
        found = [
            {"theme": theme, "work": claim.source, "id": claim.id, "text": claim.text, "page": claim.page}
            for theme in self.evidence.themes
            for claim in self.evidence.claims.values()
            if theme in claim.themes
        ]
        found += [
            {"theme": p.theme, "work": p.source, "id": "", "text": p.text, "page": p.page}
            for p in self.evidence.passages.values()
        ]
        order = list(self.evidence.themes)
        return [
            {
                "theme": in_language(self.evidence.themes[str(row["theme"])], self.lang),
                "work": self._cited(str(row["work"])),
                "id": row["id"],
                "text": in_language(row["text"], self.lang),  # type: ignore[arg-type]
                "page": page_shown(str(row["page"]), self.lang),
            }
            for row in sorted(found, key=lambda row: order.index(str(row["theme"])))
        ]

    def _appraisal_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "work": self._cited(study.key),
                "checklist": in_language(self.evidence.checklists[name].label, self.lang),
                "item": in_language(self.evidence.checklists[name].items[item], self.lang),
                "answer": word("values", answered.answer, self.lang),
                "why": in_language(answered.why, self.lang),
            }
            for study in self.evidence.studies.values()
            for name, items in study.appraisal.items()
            for item, answered in items.items()
        ]

    def _search_rows(self) -> list[dict[str, Any]]:
        missing = word("values", "not_reported", self.lang)
        return [
            {
                **{
                    name: in_language(search.texts.get(name, {}), self.lang) or missing
                    for name in SEARCH_COLUMNS
                },
                "database": catalogue.in_language(search.database, self.lang),
                "terms": "; ".join(search.terms) or missing,
            }
            for search in self.evidence.searches.values()
        ]

    def _flow_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "step": in_language(step.label, self.lang),
                "works": step.n,
                "note": in_language(step.note, self.lang),
            }
            for step in self.evidence.flow.values()
        ]

    def _numbers_rows(self) -> list[dict[str, Any]]:
        content = resource_toml("evidence", "lar_counts")
        return [
            {
                "year": row["year"],
                "measure": in_language(content["measures"][row["measure"]], self.lang),
                "patients": row.get("patients"),
                "rounded": ROUNDED if row.get("approximate") else "",
                "source": in_any_language(row["source"], self.lang),
                "basis": word("values", row["basis"], self.lang),
                # Told by whoever counted; the figure has other marks for what others tell.
                "first_hand": row["basis"] in ("T", "N"),
            }
            for row in content["counts"].values()
        ]

    def _references_rows(self) -> list[dict[str, Any]]:
        listed = sorted(self.evidence.references.values(), key=lambda r: (r.apa or r.short()).casefold())
        return [
            {
                "id": r.key,
                "reference": r.apa or r.short(self.lang),
                "incomplete": r.fields.get("incomplete", ""),
            }
            for r in listed
        ]

    def to_frame(self, part: ReviewPart = "table") -> pd.DataFrame:
        """Return a part of the review with one row a work, finding, item, search, step, count or reference.

        Parameters
        ----------
        part : {"table", "matrix", "appraisal", "search", "flow", "numbers", "references"}
        """
        if part not in _FRAMES:
            raise unknown_name("part", part, REVIEW_PARTS)
        rows = getattr(self, f"_{part}_rows")()
        if part == "table":
            return frame_of(rows, self.columns)
        return frame_of(rows, _FRAMES[part])

    def table(self, part: ReviewPart = "table") -> Table:
        """Return a part of the review as a table to be shown; the matrix has a column a work."""
        frame = self.to_frame(part)
        title = word("titles", part, self.lang)
        notes = [word("notes", name, self.lang) for name in _NOTES.get(part, ())]
        if part == "matrix":
            return self._matrix_table(title, notes)
        if part in ("flow", "numbers"):
            frame = self._with_words(frame)
        columns = [self._column(name) for name in frame.columns]
        return table_from_frame(frame, columns, title=title, notes=notes, lang=self.lang)

    def _column(self, name: str) -> Column:
        return text_columns([name], self.lang)[0]

    def _with_words(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return counts as text, with words where there is none."""
        missing = word("values", "not_reported", self.lang)

        def shown(value: float) -> str:
            return missing if value != value else f"{value:.0f}"

        counts = [name for name in ("works", "patients", "year") if name in frame.columns]
        said = frame.assign(**{name: [shown(v) for v in frame[name].astype(float)] for name in counts})
        if "rounded" in frame.columns:
            patients = [
                f"{mark} {thousands(n, self.lang)}".strip() if n == n else missing
                for mark, n in zip(frame["rounded"], frame["patients"].astype(float), strict=True)
            ]
            said = said.assign(patients=patients).drop(columns="rounded")
        return said

    def _matrix_table(self, title: str, notes: Sequence[str]) -> Table:
        works = [self._cited(study.key) for study in self._reviewed()]
        context = word("values", "theory", self.lang)
        cells: dict[str, dict[str, list[str]]] = {}
        for row in self._matrix_rows():
            place = row["work"] if row["work"] in works else context
            who = "" if place == row["work"] else f"{row['work']}: "
            page = row["page"]
            if page != word("values", NO_PAGE, self.lang):
                page = f"{word('values', 'page', self.lang)} {page}"
            mark = f"{row['id']}, " if row["id"] else ""
            cells.setdefault(row["theme"], {}).setdefault(place, []).append(
                f"{who}{row['text']} ({mark}{page})"
            )
        used = [name for name in (*works, context) if any(name in row for row in cells.values())]
        columns = (self._column("theme"), *(Column(name=n, label=n, kind="text") for n in used))
        rows = tuple(
            (theme, *("; ".join(row[name]) if name in row else None for name in used))
            for theme, row in cells.items()
        )
        return Table(title=title, columns=columns, rows=rows, notes=tuple(notes), lang=self.lang)

    def to_bibtex(self) -> str:
        """Return the references as BibTeX text."""
        return "\n".join(r.to_bibtex() for r in self.evidence.references.values())

    def to_ris(self) -> str:
        """Return the references as RIS text, for Zotero, EndNote and others."""
        return "".join(r.to_ris() for r in self.evidence.references.values())

    def plot(
        self, ax: Axes | None = None, *, part: Literal["matrix", "numbers"] = "matrix",
        lang: Language | None = None,
    ) -> FigureResult:  # fmt: skip
        """Draw which study speaks to which theme, or how many patients were in LAR by year."""
        from larstudy import figures

        own = replace(self, lang=lang or self.lang)
        title = word("titles", part, own.lang)
        if part == "matrix":
            return figures.plot_themes(own.to_frame(part), ax=ax, title=title, lang=own.lang)
        frame = own.to_frame(part).assign(first_hand=[row["first_hand"] for row in own._numbers_rows()])
        return figures.plot_lar_patients(frame, ax=ax, title=title, lang=own.lang)


def review_table(
    claims_file: Path | str | None = None,
    *,
    lang: Language = "en",
    columns: Sequence[str] = DEFAULT_COLUMNS,
) -> Review:
    """Return the table of a literature review, and with it themes, quality, search, selection and references.

    Parameters
    ----------
    claims_file : path, optional
        A ``claims.toml`` of your own; the thesis that larstudy is about unless given.
    lang : {"en", "nb", "nn"}
    columns : sequence of str
        What the table of works shows: of work, aim, design, country, setting, sample, measures, analysis,
        findings, limitations, appraisal, read.

    Returns
    -------
    Review
        ``table(part)``, ``to_frame(part)``: "table", "matrix", "appraisal", "search", "flow", "numbers"
        or "references".

    Raises
    ------
    SpecError
        With every problem of the files, each with its line.
    UnknownNameError
        Where a column or the language is not known.

    Examples
    --------
    >>> import larstudy as ls
    >>> ls.review_table(lang="nb").to_frame("flow")["works"].tolist()
    [nan, nan, nan, nan, 5.0]
    """
    require_language(lang)
    options = tuple(name for name in REVIEW_COLUMNS if name != "used_for")
    for name in columns:
        if name not in options:
            raise unknown_name("column", name, options)
    return Review(evidence=evidence_of(claims_file), lang=lang, columns=tuple(columns))
