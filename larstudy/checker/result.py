"""The result of checking a table, and the one call that makes it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from larstudy.checker.cells import check_sheet
from larstudy.checker.grids import read_grids, unreadable
from larstudy.checker.headers import Sheet, sheet_of
from larstudy.checker.known import known_works
from larstudy.checker.lexicon import detect_language, lexicon, say
from larstudy.checker.remarks import Remark, RemarkKind
from larstudy.errors import require_type
from larstudy.evidence import evidence_of, require_language
from larstudy.names import CHECK_COLUMNS, Language
from larstudy.results import Result, frame_of
from larstudy.table_files import Grid
from larstudy.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult

_ORDER: tuple[RemarkKind, ...] = ("wrong", "unclear", "right", "not_checked")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class ReviewCheck(Result):
    """A table of works held against what the sources say, remark by remark. The table itself is not changed.

    Attributes
    ----------
    remarks : tuple of Remark
        In the order of the table.
    rows : int
        Rows that are about a work of the registry.
    lang : {"en", "nb", "nn"}
    tables : int
        How many tables were read.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> mine = pd.DataFrame({"Forfattar (år)": ["Muller mfl. (2017)"], "n": [548], "Land": ["Noreg"]})
    >>> checked = ls.check_review_table(mine)
    >>> checked.to_frame()[["column", "kind", "diagnosis"]].values.tolist()
    [['Forfattar (år)', 'right', 'found'], ['n', 'wrong', 'baseline_n'], ['Land', 'right', 'country']]
    """

    remarks: tuple[Remark, ...]
    rows: int
    lang: Language
    tables: int = 1

    @property
    def ok(self) -> bool:
        """Whether nothing was found to be wrong."""
        return not any(remark.kind == "wrong" for remark in self.remarks)

    def _counts(self) -> str:
        counts = Counter(remark.kind for remark in self.remarks)
        text = say("words", "counts", self.lang)
        return text.format(rows=self.rows, **{kind: counts[kind] for kind in _ORDER})

    def summary(self) -> str:
        """Return how much was wrong, unclear, right and not checked, in the language of the table."""
        lines = [self._counts()]
        if self.ok:
            lines.append(say("words", "nothing_wrong", self.lang))
        return "\n".join(lines)

    def text(self) -> str:
        """Return every remark, what is wrong first, in the language of the table."""
        lines = [self.summary(), say("words", "untouched", self.lang)]
        for kind in _ORDER:
            chosen = [remark for remark in self.remarks if remark.kind == kind]
            if chosen:
                lines += ["", f"{say('kinds', kind, self.lang).upper()} ({len(chosen)})"]
                lines += self._cells(chosen) if kind == "not_checked" else []
                told = [remark for remark in chosen if not self._unrecognised(remark)]
                lines += [line for remark in told for line in self._lines(remark)]
        return "\n".join(lines)

    def _cells(self, remarks: Sequence[Remark]) -> list[str]:
        """Return the cells that nothing could be held against, one line a row of the table."""
        rows: dict[tuple[str, str], list[str]] = {}
        for remark in remarks:
            if self._unrecognised(remark):
                rows.setdefault((self._where(remark), remark.work), []).append(remark.column)
        why = say("why", "not_recognised", self.lang)
        lines = [f"- {where}, {work}: {', '.join(columns)}" for (where, work), columns in rows.items()]
        return [f"{why}", *lines] if lines else []

    def _unrecognised(self, remark: Remark) -> bool:
        return remark.why == say("why", "not_recognised", self.lang)

    def _where(self, remark: Remark) -> str:
        where = say("words", "row", self.lang).format(row=remark.row)
        if self.tables > 1:
            return f"{say('words', 'table', self.lang).format(table=remark.table)}, {where}"
        return where

    def _lines(self, remark: Remark) -> list[str]:
        named = [part for part in (self._where(remark), remark.work, remark.column) if part]
        head = f"- {', '.join(named)}: {say('diagnoses', remark.diagnosis, self.lang)}"
        says = f"{remark.says} [{remark.place}]" if remark.place else remark.says
        if remark.kind == "right":
            return [
                f"{head}: {remark.why}"
                if remark.diagnosis == "wording"
                else f"{head}: {remark.written} = {says}"
            ]
        lines = [head, f"    {say('words', 'you_wrote', self.lang)}: «{remark.written}»"]
        lines += [f"    {say('columns', 'says', self.lang)}: {says}"] if says else []
        return [*lines, f"    {remark.why}"]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a remark, with the fixed names of kinds and diagnoses."""
        return frame_of([_row(remark) for remark in self.remarks], CHECK_COLUMNS)

    def table(self) -> Table:
        """Return the remarks as a table in the language, what is wrong first."""
        chosen = [name for name in CHECK_COLUMNS if name != "table_number" or self.tables > 1]
        labels = lexicon("remarks")["columns"]
        columns = tuple(
            Column(
                name=n, label=labels[n][self.lang], kind="count" if n in ("row", "table_number") else "text"
            )
            for n in chosen
        )
        rows = []
        for remark in sorted(self.remarks, key=lambda remark: _ORDER.index(remark.kind)):
            row = _row(remark)
            row["kind"] = say("kinds", remark.kind, self.lang)
            row["diagnosis"] = say("diagnoses", remark.diagnosis, self.lang)
            rows.append(tuple(row[name] for name in chosen))
        notes = (self._counts(), say("words", "untouched", self.lang))
        return Table(
            title=say("words", "title", self.lang),
            columns=columns,
            rows=tuple(rows),
            notes=notes,
            lang=self.lang,
        )

    def plot(self, ax: Axes | None = None, *, lang: Language | None = None) -> FigureResult:
        """Draw how many remarks there are of each kind."""
        from larstudy import figures

        counts = Counter(remark.kind for remark in self.remarks)
        lang = lang or self.lang
        bars = [(say("kinds", kind, lang), counts[kind]) for kind in _ORDER]
        return figures.plot_counts(bars, ax=ax, title=say("words", "title", lang), lang=lang)


def _row(remark: Remark) -> dict[str, Any]:
    row = {name: getattr(remark, name) for name in CHECK_COLUMNS if name != "table_number"}
    return {"table_number": remark.table, **row}


def check_review_table(
    table: Path | str | pd.DataFrame,
    lang: Language | None = None,
    *,
    claims_file: Path | str | None = None,
) -> ReviewCheck:
    """Hold a table of works that somebody wrote against what the sources say, and explain what differs.

    Rows are matched to works by author and year, spelt as they may be; then numbers, year, design, country,
    pages, report numbers and the wording of findings are compared. Nothing is rewritten, and only what a
    readable source prints can be right or wrong; the rest says that it was not checked.

    Parameters
    ----------
    table : path or DataFrame
        A file of Word, Excel, CSV or Markdown with at least one table, or the table itself. One column names
        author and year.
    lang : {"en", "nb", "nn"}, optional
        The language of the remarks; that of the table unless given.
    claims_file : path, optional
        A ``claims.toml`` of your own; the thesis that larstudy is about unless given.

    Returns
    -------
    ReviewCheck

    Raises
    ------
    UnreadableTableError
        Where the file cannot be read, holds no table, or none with a column of works.
    SpecError
        With every problem of the claims file and those beside it.
    MissingPackageError
        Where Word or Excel needs a package that is not installed.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> mine = pd.DataFrame({"Study": ["Pettersen et al., 2019"], "Findings": ["Peers have an effect"]})
    >>> print(ls.check_review_table(mine).text().splitlines()[4])
    - Row 0, Pettersen et al., 2019, Findings: a qualitative finding stated as an effect
    """
    if lang is not None:
        require_language(lang)
    works = known_works(evidence_of(claims_file))
    sheets = _sheets(table)
    texts = [text for sheet in sheets for text in _texts(sheet)]
    language = lang or detect_language(texts)
    checked = [check_sheet(sheet, works, language) for sheet in sheets]
    return ReviewCheck(
        remarks=tuple(remark for one in checked for remark in one.remarks),
        rows=sum(one.rows for one in checked),
        lang=language,
        tables=len(sheets),
    )


def _texts(sheet: Sheet) -> list[str]:
    headings = [heading.text for heading in sheet.headings]
    return [*headings, *(cell for _, cells in sheet.rows for cell in cells)]


def _sheets(table: Path | str | pd.DataFrame) -> list[Sheet]:
    """Return the tables that have a column of works."""
    if isinstance(table, (str, Path)):
        path = Path(table)
        grids, name = read_grids(path), path.name
    else:
        grids, name = [_grid(table)], "data frame"
    found = [sheet_of(grid, number) for number, grid in enumerate(grids, start=1)]
    sheets = [sheet for sheet in found if sheet is not None]
    if not sheets:
        raise _no_heading(grids, name)
    if not any(sheet.rows for sheet in sheets):
        raise unreadable("no_rows", name, "has a heading and no rows under it", "Fill in the table")
    return sheets


def _no_heading(grids: Sequence[Grid], name: str) -> Exception:
    rows = max(len(grid.rows) for grid in grids)
    tables = "its table" if len(grids) == 1 else f"none of its {len(grids)} tables"
    verb = "has no row" if len(grids) == 1 else "has a row"
    what = (
        f"{tables} {verb} of headings with a column for author and year beside others ({rows} rows at most)"
    )
    remedy = (
        "Name one column 'Author (year)', 'Forfatter (år)' or 'Forfattar (år)', and the others by what they"
        " hold: n, design, country, sample, findings, page"
    )
    return unreadable("no_heading", name, what, remedy)


def _grid(frame: pd.DataFrame) -> Grid:
    import pandas as pd

    require_type(frame, pd.DataFrame, "table", "a path or a data frame")
    rows = [tuple(str(name) for name in frame.columns)]
    for values in frame.itertuples(index=False, name=None):
        rows.append(
            tuple(
                "" if pd.api.types.is_scalar(value) and pd.isna(value) else _cell_text(value)
                for value in values
            )
        )
    # Rows of a frame are counted from 0, as iloc does.
    return Grid(rows=tuple(rows), first_row=-1)


def _cell_text(value: object) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)
