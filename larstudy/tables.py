"""A table is data until it is shown. The only place that rounds."""

from __future__ import annotations

import html
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from larstudy.catalogue import in_language, numbers_in_language, say, stays_english
from larstudy.latex import latex_text
from larstudy.names import Language

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "count", "number", "p", "percent", "interval"]

SYNTHETIC_STAMP = "Synthetic data – not patients"
MISSING = "–"
_MINUS = "\N{MINUS SIGN}"
_SMALLEST_FIXED = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Name in the underlying data.
    label : str
        Heading.
    kind : {"text", "count", "number", "p", "percent", "interval"}
        An "interval" is text that stands to the right, as numbers do.
    digits : int
        Decimals of a number.
    noise : float
        A number up to this size is rounding error of those that it was made from, and shown as none.
    """

    name: str
    label: str
    kind: Kind = "number"
    digits: int = 2
    noise: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How numbers in the unit of an outcome are shown.

    Attributes
    ----------
    digits : int
        Decimals.
    noise : float
        What rounding alone may leave of a difference of two scores: 1.1 cannot be written in binary, so that
        people who all changed by it differ in the last digits of their changes. It goes with the size of the
        scores, and no difference between people is so small.
    """

    digits: int = 2
    noise: float = 0.0

    def column(self, name: str, heading: str) -> Column:
        """Return a column of numbers of this scale."""
        return Column(name=name, label=heading, digits=self.digits, noise=self.noise)


def show_number(value: float, digits: int = 2, lang: Language = "en") -> str:
    """Return a number as a reader sees it, with a real minus sign; an en dash where there is none.

    Examples
    --------
    >>> show_number(-0.4567), show_number(float("nan")), show_number(-0.001), show_number(2e-9)
    ('−0.46', '–', '−0.0010', '2.0e−09')
    >>> show_number(-0.4567, lang="nn")
    '−0,46'
    >>> show_number(0.056), show_number(0.0), show_number(0.3, 0)
    ('0.06', '0.00', '0')
    """
    if not math.isfinite(value):
        return MISSING
    size = abs(value)
    if 0 < size < _SMALLEST_FIXED:
        text = f"{value:.1e}"
    else:
        # What would be rounded to nothing keeps two digits that count: a change of 0.004 is not none.
        lost = digits > 0 and 0 < size < 0.5 * 10.0**-digits
        text = f"{value:.{1 - math.floor(math.log10(size)) if lost else digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return numbers_in_language(text.replace("-", _MINUS), lang)


def thousands(n: float, lang: Language = "en") -> str:
    """Return a count with its thousands apart: a comma in English, a space that does not break in Norwegian.

    Examples
    --------
    >>> thousands(8198), thousands(8198, "nb") == "8\N{NO-BREAK SPACE}198"
    ('8,198', True)
    """
    shown = f"{n:,.0f}"
    return shown if lang == "en" else shown.replace(",", "\N{NO-BREAK SPACE}")


def show_percent(share: float, lang: Language = "en") -> str:
    """Return a share as a whole percentage, with its sign as readers of the language write it.

    Examples
    --------
    >>> show_percent(0.25), show_percent(0.25, "nn") == "25\N{NO-BREAK SPACE}%", show_percent(float("nan"))
    ('25%', True, '–')
    """
    shown = show_number(100 * share, 0, lang)
    unit = "%" if lang == "en" else "\N{NO-BREAK SPACE}%"
    return shown + (unit if math.isfinite(share) else "")


def show_fixed(value: float, digits: int) -> str:
    """Return a number with just so many decimals, as numbers of one scale stand under each other.

    Examples
    --------
    >>> show_fixed(-0.0001, 2), show_fixed(float("nan"), 2)
    ('0.00', '–')
    """
    if not math.isfinite(value):
        return MISSING
    text = f"{value:.{digits}f}"
    return (text.removeprefix("-") if float(text) == 0 else text).replace("-", _MINUS)


def digits_for(spread: float) -> int:
    """Return how many decimals a scale needs: as many as tell a hundredth of its spread apart.

    Examples
    --------
    >>> digits_for(14.3), digits_for(0.15), digits_for(float("nan"))
    (2, 3, 2)
    """
    if not spread > 0 or not math.isfinite(spread):
        return 2
    return min(8, max(2, 2 - math.floor(math.log10(spread))))


def show_level(level: float, lang: Language = "en") -> str:
    r"""Return a confidence level as a percentage, with the decimals that it has.

    Examples
    --------
    >>> show_level(0.95), show_level(0.999), show_level(0.999, "nb")
    ('95%', '99.9%', '99,9\xa0%')
    """
    return numbers_in_language(f"{round(100 * level, 10):g}%", lang)


def show_p(value: float, lang: Language = "en") -> str:
    """Return a p-value as journals print it.

    Examples
    --------
    >>> show_p(0.0969), show_p(0.00002), show_p(0.9996), show_p(0.00002, "nn")
    ('.097', '< .001', '> .999', '< ,001')
    """
    if not math.isfinite(value):
        return MISSING
    shown = "< .001" if value < 0.001 else "> .999" if value > 0.999 else f"{value:.3f}".removeprefix("0")
    return numbers_in_language(shown, lang)


def show_p_in_text(value: float, lang: Language = "en") -> str:
    """Return a p-value with its sign, for a sentence.

    Examples
    --------
    >>> show_p_in_text(0.04), show_p_in_text(1e-9), show_p_in_text(0.04, "nb")
    ('p = .040', 'p < .001', 'p = ,040')
    """
    shown = show_p(value, lang)
    return f"p {shown}" if shown[0] in "<>" else f"p = {shown}"


def show(value: object, column: Column, lang: Language = "en") -> str:
    """Return one cell as a reader sees it, numbers in the language; text is as `Table.in_language` put it."""
    if value is None:
        return MISSING
    if column.kind == "text":
        return str(value)
    if column.kind == "interval":
        return in_language(str(value), lang)
    number = float(cast("float", value))
    if abs(number) <= column.noise:
        number = 0.0
    if column.kind == "p":
        return show_p(number, lang)
    if column.kind == "count":
        return MISSING if math.isnan(number) else f"{number:.0f}"
    if column.kind == "percent":
        return show_percent(number, lang)
    return show_number(number, column.digits, lang)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Table:
    """Rows of numbers with headings, notes and a source, shown in every format and in three languages.

    Attributes
    ----------
    title : str
    columns : tuple of Column
    rows : tuple of tuple
        Unrounded values, in the order of the columns.
    notes : tuple of str
        Shown under the table.
    source : str
        Where the data come from.
    synthetic : bool
        Stamps every way of showing it.
    lang : {"en", "nb", "nn"}
        The language of its words, as `in_language` puts them. Numbers in ``rows``, `to_frame` and CSV stay
        numbers; the formats for readers show them in the language.

    Examples
    --------
    >>> from larstudy.tables import Column
    >>> columns = (Column(name="group", label="Group", kind="text"), Column(name="sd", label="SD"))
    >>> table = Table(title="Spread", columns=columns, rows=(("a", 1.23456), ("b", float("nan"))))
    >>> print(table.to_markdown())
    **Spread**
    <BLANKLINE>
    | Group | SD |
    | :--- | ---: |
    | a | 1.23 |
    | b | – |
    >>> table.to_frame()["sd"].tolist()
    [1.23456, nan]
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    notes: tuple[str, ...] = ()
    source: str = ""
    synthetic: bool = False
    lang: Language = "en"

    def in_language(self, lang: Language) -> Table:
        """Return the table in a language: headings, notes and words in cells, numbers with decimal comma.

        What a study calls its own outcomes, waves and groups stays as the study has it.

        Parameters
        ----------
        lang : {"en", "nb", "nn"}

        Returns
        -------
        Table

        Raises
        ------
        ValueError
            Where the table is in another language than English already.

        Examples
        --------
        >>> group = Column(name="group", label="Group", kind="text")
        >>> columns = (group, Column(name="p", label="p", kind="p"))
        >>> table = Table(title="Change by group", columns=columns, rows=(("Isolated", 0.00002),))
        >>> print(table.in_language("nn").to_markdown())
        **Endring etter gruppe**
        <BLANKLINE>
        | Gruppe | p |
        | :--- | ---: |
        | Sosialt isolert | < ,001 |
        """
        if lang == self.lang:
            return self
        if self.lang != "en":
            raise ValueError(f"This table is in '{self.lang}' already: put the English one into '{lang}'.")
        return replace(
            self,
            title=in_language(self.title, lang),
            columns=tuple(replace(c, label=in_language(c.label, lang)) for c in self.columns),
            rows=tuple(self._said(row, lang) for row in self.rows),
            notes=tuple(in_language(note, lang) for note in self.notes),
            source=in_language(self.source, lang),
            lang=lang,
        )

    def _said(self, row: tuple[object, ...], lang: Language) -> tuple[object, ...]:
        pairs = zip(row, self.columns, strict=True)
        return tuple(in_language(v, lang) if isinstance(v, str) and c.kind == "text" else v for v, c in pairs)

    def shown(self) -> list[list[str]]:
        """Return the cells as text, rounded, in the language of the table."""
        return [[show(v, c, self.lang) for v, c in zip(row, self.columns, strict=True)] for row in self.rows]

    def footer(self) -> list[str]:
        """Return the lines under the table: stamp, notes and source."""
        lines = [in_language(SYNTHETIC_STAMP, self.lang) + "."] if self.synthetic else []
        lines.extend(self.notes)
        if self.source:
            lines.append(say("Source: {source}.", self.lang, source=self.source))
        return lines

    def save(self, path: str | Path, *, lang: Language | None = None) -> Path:
        """Write the table to a file, in the format that its ending names.

        The same table gives the same bytes. CSV has the unrounded numbers with a decimal point, and the names
        of the data as columns, whatever the language.

        Parameters
        ----------
        path : str or Path
            Ending with ``.md``, ``.html``, ``.tex``, ``.csv``, ``.docx`` (Word) or ``.xlsx`` (Excel).
        lang : {"en", "nb", "nn"}, optional
            Unless given, the language that the table is in.

        Returns
        -------
        Path

        Raises
        ------
        LarstudyError
            Where the ending names no format, a package is missing, or the file cannot be written; a file that
            stood there is then as it was.
        """
        from larstudy.table_files import save_table

        return save_table(self.in_language(lang or self.lang), Path(path))

    def to_frame(self) -> pd.DataFrame:
        """Return the unrounded values with the names of the data as columns.

        Where they are not of patients a column ``synthetic`` says so.
        """
        import pandas as pd

        frame = pd.DataFrame(list(self.rows), columns=[column.name for column in self.columns])
        return frame.assign(synthetic=True) if self.synthetic else frame

    def to_csv(self) -> str:
        """Return the unrounded values as CSV text."""
        buffer = io.StringIO()
        self.to_frame().to_csv(buffer, index=False, lineterminator="\n")
        return buffer.getvalue()

    def to_markdown(self) -> str:
        """Return the table as Markdown."""

        def line(cells: Sequence[str]) -> str:
            return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

        ruler = ["| " + " | ".join(":---" if c.kind == "text" else "---:" for c in self.columns) + " |"]
        head = [f"**{self.title}**", "", line([column.label for column in self.columns])]
        body = [line(cells) for cells in self.shown()]
        foot = [part for note in self.footer() for part in ("", note)]
        return "\n".join([*head, *ruler, *body, *foot])

    def to_html(self, *, in_notebook: bool = False) -> str:
        """Return the table as HTML, with a caption and headings that a screen reader can follow.

        Parameters
        ----------
        in_notebook : bool
            For a page without larstudy's style sheet: words stand to the left, notes and source behind a
            toggle. The stamp stays in sight.
        """

        def cell(tag: str, text: str, column: Column) -> str:
            words = ' style="text-align: left"' if in_notebook else ""
            css = {"text": words, "interval": ' class="interval"'}
            number = css.get(column.kind, ' class="number"')
            scope = ' scope="col"' if tag == "th" else ""
            return f"<{tag}{scope}{number}{self._english(text)}>{html.escape(text)}</{tag}>"

        head = "".join(cell("th", column.label, column) for column in self.columns)
        rows = [
            "<tr>" + "".join(cell("td", t, c) for t, c in zip(cells, self.columns, strict=True)) + "</tr>"
            for cells in self.shown()
        ]
        lines = [f'<p class="note"{self._english(line)}>{html.escape(line)}</p>' for line in self.footer()]
        seen = int(self.synthetic)
        if in_notebook and len(lines) > seen:
            heading = say("Notes and source", self.lang)
            lines[seen:] = [f"<details><summary>{heading}</summary>", *lines[seen:], "</details>"]
        notes = "".join(lines)
        lang = f' lang="{self.lang}"' if self.lang != "en" else ""
        return (
            f'<div class="table-block"{lang}><table><caption>{html.escape(self.title)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>\n" + "\n".join(rows) + f"</tbody></table>{notes}</div>"
        )

    def _english(self, text: str) -> str:
        """Return how HTML says that a text of a Norwegian table is in English, which its reader voices."""
        return ' lang="en"' if self.lang != "en" and stays_english(text) else ""

    def to_latex(self) -> str:
        """Return the table as LaTeX, for the booktabs package."""
        alignment = "".join("l" if column.kind == "text" else "r" for column in self.columns)
        head = " & ".join(latex_text(column.label) for column in self.columns)
        rows = [" & ".join(latex_text(cell) for cell in cells) + r" \\" for cells in self.shown()]
        notes = [r"\par\footnotesize " + latex_text(line) for line in self.footer()]
        return "\n".join(
            [
                r"\begin{table}",
                rf"\caption{{{latex_text(self.title)}}}",
                rf"\begin{{tabular}}{{{alignment}}}",
                r"\toprule",
                head + r" \\",
                r"\midrule",
                *rows,
                r"\bottomrule",
                r"\end{tabular}",
                *notes,
                r"\end{table}",
            ]
        )

    def _repr_html_(self) -> str:
        return self.to_html(in_notebook=True)

    def __str__(self) -> str:
        return self.to_markdown()

    def __repr__(self) -> str:
        return f"<Table '{self.title}', {len(self.rows)} rows>"


def table_from_frame(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    title: str,
    notes: Sequence[str] = (),
    source: str = "",
    synthetic: bool = False,
    lang: Language = "en",
) -> Table:
    """Return some columns of a frame as a table; its words are in the language already."""
    values = [frame[column.name].tolist() for column in columns]
    return Table(
        title=title,
        columns=tuple(columns),
        rows=tuple(zip(*values, strict=True)),
        notes=tuple(notes),
        source=source,
        synthetic=synthetic,
        lang=lang,
    )
