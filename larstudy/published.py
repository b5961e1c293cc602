"""Printed numbers held against each other: what follows from what an article prints, and what does not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from larstudy.errors import unknown_name
from larstudy.evidence import in_any_language, require_language
from larstudy.names import (
    PRINTED_NUMBER_COLUMNS,
    PUBLISHED_COLUMNS,
    PUBLISHED_CORRELATION_COLUMNS,
    Language,
)
from larstudy.published_rows import (
    Row,
    cells_of,
    lar_rows,
    published_word,
    rows_of,
    worded,
)
from larstudy.results import Result, distinct, frame_of
from larstudy.specs.published import Check, Published
from larstudy.specs.published_reading import shipped_published
from larstudy.stats.printed_numbers import read_printed
from larstudy.tables import Column, Table, table_from_frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult

PublishedPart = Literal["checks", "correlations", "numbers"]
_COLUMNS = {
    "checks": PUBLISHED_COLUMNS,
    "correlations": PUBLISHED_CORRELATION_COLUMNS,
    "numbers": PRINTED_NUMBER_COLUMNS,
}
_SHOWN: dict[str, tuple[tuple[str, Literal["text", "count", "number", "p"]], ...]] = {
    "checks": (
        ("what", "text"), ("work", "text"), ("place", "text"), ("printed", "text"), ("follows", "text"),
        ("verdict", "text"), ("why", "text"),
    ),
    "correlations": (
        ("variable", "text"), ("column", "text"), ("n", "count"), ("printed", "text"), ("conf_low", "number"),
        ("conf_high", "number"), ("p_value", "p"), ("expected_stars", "text"), ("verdict", "text"),
    ),
    "numbers": (
        ("id", "text"), ("printed", "text"), ("work", "text"), ("place", "text"), ("basis", "text"),
    ),
}  # fmt: skip
_NOTES = {
    "checks": ("rounding", "no_blame"),
    "correlations": ("rounding", "fisher"),
    "numbers": ("rounding",),
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class PublishedChecks(Result):
    """Printed numbers held against each other.

    Attributes
    ----------
    published : Published
        What is printed, and what is held against what.
    rows : tuple of Row
    lang : {"en", "nb", "nn"}

    Examples
    --------
    >>> import larstudy as ls
    >>> checks = ls.published_checks()
    >>> checks.to_frame().set_index("check").loc["vederhus_gap", ["printed", "follows", "verdict"]].tolist()
    ['0.46, 39 % below 0.69', '32.1 to 34.5 % below', 'does not follow']
    """

    published: Published
    rows: tuple[Row, ...]
    lang: Language

    def summary(self) -> str:
        """Return how many checks came out how, and which do not follow."""
        counts = Counter(row.verdict for row in self.rows)
        lines = [
            f"{len(self.rows)} checks of {len(self.published.facts)} printed numbers: "
            f"{counts['consistent']} are consistent, {counts['inconsistent']} do not follow,"
            f" {counts['cannot_be_checked']} cannot be checked."
        ]
        for row in self.rows:
            if row.verdict == "inconsistent":
                printed, follows = (
                    worded(group, said, "en")
                    for group, said in (("printed", row.printed), ("follows", row.follows))
                )
                lines.append(f"{row.check}: printed {printed}; what follows: {follows}.")
        return "\n".join(lines)

    def _word(self, group: str, name: str) -> str:
        return published_word(group, name, self.lang)

    def _check(self, row: Row) -> Check:
        return self.published.checks[row.of]

    def _checks_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "check": row.check,
                "what": self._check(row).what[self.lang],
                "claims": ", ".join(self._check(row).claims),
                **self._sources(self._check(row)),
                "printed": worded("printed", row.printed, self.lang),
                "follows": worded("follows", row.follows, self.lang),
                "verdict": self._word("values", row.verdict),
                "why": self._why(row),
                "low": row.low,
                "high": row.high,
            }
            for row in self.rows
        ]

    def of_claim(self, claim: str) -> list[str]:
        """Return what the checks of a claim's numbers come to, in words."""
        return [
            f"{row['what']}: {row['verdict']} ({row['printed']}; {row['follows']})."
            for row in self._checks_rows()
            if claim in row["claims"].split(", ")
        ]

    def _why(self, row: Row) -> str:
        parts = [self._word("why", row.reason)] if row.reason else []
        parts += [worded("follows", said, self.lang) + "." for said in row.more]
        note = self._check(row).note.get(self.lang, "")
        return " ".join([*parts, note] if note else parts)

    def _place(self, place: str) -> str:
        """Return a place in the language: a word for the whole of it, or for its first part."""
        kind, _, rest = place.partition(" ")
        known = ("abstract", "text", "secondary", "Table", "p.")
        return f"{self._word('places', kind)} {rest}".rstrip() if kind in known else place

    def _sources(self, check: Check) -> dict[str, str]:
        """Return the works, places and codes that a check's numbers come from, each once."""
        if check.kind == "rise":
            rows = lar_rows(str(check.options["measure"]))
            return {
                "work": "; ".join(distinct(in_any_language(row["source"], self.lang) for row in rows)),
                "place": "",
                "basis": "; ".join(distinct(self._word("values", row["basis"]) for row in rows)),
            }
        found: Sequence[Any] = [fact for facts in check.facts.values() for fact in facts]
        if check.kind == "correlations":
            found = [self.published.tables[str(check.options["table"])]]
        works = self.published.works
        return {
            "work": "; ".join(distinct(works[one.work] for one in found)),
            "place": "; ".join(distinct(self._place(one.place) for one in found)),
            "basis": "; ".join(distinct(self._word("values", one.basis) for one in found)),
        }

    def _correlations_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "check": check.id,
                "work": self.published.works[table.work],
                "place": self._place(table.place),
                "variable": table.labels[row][self.lang],
                "column": column,
                "n": table.n,
                "printed": printed,
                "value": read_printed(printed).value,
                "conf_low": found.conf_low,
                "conf_high": found.conf_high,
                # Of the printed value; its range over the rounding decides about the stars.
                "p_value": found.p_value,
                "expected_stars": found.expected or self._word("values", "no_stars"),
                "n_low": found.n_low,
                "n_high": found.n_high,
                "verdict": self._word("values", found.stars.verdict),
            }
            for check in self.published.checks.values()
            if check.kind == "correlations"
            for table in [self.published.tables[str(check.options["table"])]]
            for row, column, printed, found in cells_of(table)
        ]

    def _numbers_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "id": fact.id,
                "printed": "; ".join(fact.printed),
                "work": self.published.works[fact.work],
                "place": self._place(fact.place),
                "basis": self._word("values", fact.basis),
            }
            for fact in self.published.facts.values()
        ]

    def to_frame(self, part: PublishedPart = "checks") -> pd.DataFrame:
        """Return one row a check, a correlation of the checked tables, or a printed number.

        Parameters
        ----------
        part : {"checks", "correlations", "numbers"}
            In ``"checks"``, ``low`` and ``high`` are the range of what follows. In ``"correlations"``,
            ``n_low`` and ``n_high`` are the fewest and most persons with whom the printed stars would follow.
        """
        if part not in _COLUMNS:
            raise unknown_name("part", part, get_args(PublishedPart))
        rows = {
            "checks": self._checks_rows,
            "correlations": self._correlations_rows,
            "numbers": self._numbers_rows,
        }
        return frame_of(rows[part](), _COLUMNS[part])

    def table(self, part: PublishedPart = "checks") -> Table:
        """Return the same as a table, with headings in the language."""
        frame = self.to_frame(part)
        columns = [
            Column(name=name, label=self._word("columns", name), kind=kind) for name, kind in _SHOWN[part]
        ]
        notes = [self._word("notes", name) for name in _NOTES[part]]
        return table_from_frame(frame, columns, title=self._word("titles", part), notes=notes, lang=self.lang)

    def plot(self, ax: Axes | None = None, *, lang: Language | None = None) -> FigureResult:
        """Draw how many checks came out how."""
        from larstudy import figures

        lang = lang or self.lang
        counts = Counter(row.verdict for row in self.rows)
        shown = [
            (published_word("values", name, lang), counts[name])
            for name in ("consistent", "inconsistent", "cannot_be_checked")
        ]
        title = published_word("titles", "verdicts", lang)
        return figures.plot_counts(shown, ax=ax, title=title, lang=lang)


def published_checks(*, lang: Language = "en") -> PublishedChecks:
    """Hold the numbers that articles and institutions print against each other.

    Shares against counts, sums, a mean against a norm, correlations against their stars, fit indices against
    each other, intervals against estimates, p against statistics, SDs against scales, yearly counts against
    "rises every year". A printed number stands for everything that is rounded to it.

    Parameters
    ----------
    lang : {"en", "nb", "nn"}

    Returns
    -------
    PublishedChecks
        ``to_frame("checks" | "correlations" | "numbers")``, ``table`` of the same, ``summary`` and ``plot``.
        A check is consistent, does not follow, or cannot be checked, with the reason.

    Raises
    ------
    UnknownNameError
        Where the language is not one of the three.

    Notes
    -----
    That numbers do not follow from each other does not say which of them is off, nor that a finding is wrong:
    rounding, typing, another base or persons left out are the likely reasons.

    Examples
    --------
    >>> import larstudy as ls
    >>> frame = ls.published_checks(lang="nb").to_frame()
    >>> frame.set_index("check").loc["lar_dispensed", "follows"]
    'økninger: 2013–2014, 2014–2015; fall: 2015–2016, 2016–2017; 0 år ikke funnet'
    """
    require_language(lang)
    published = shipped_published()
    rows = [row for check in published.checks.values() for row in rows_of(check, published.tables)]
    return PublishedChecks(published=published, rows=tuple(rows), lang=lang)
