"""Tables as files: Markdown, HTML, LaTeX, CSV, Word and Excel, each the same bytes for the same table.

The other way round, `word_grids` and `excel_grids` read the tables that somebody has made, as they stand.
"""

from __future__ import annotations

import html
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, get_args

from larstudy.catalogue import say
from larstudy.errors import LarstudyError, MissingPackageError, unknown_name
from larstudy.latex import latex_text
from larstudy.names import Language
from larstudy.tables import Column, Table, show
from larstudy.word_cells import narrow_margins, word_language, word_row, word_rules
from larstudy.workbook_sizes import refuse_large, used_part

TableFormat = Literal["md", "html", "csv", "tex", "docx", "xlsx"]
TABLE_FORMATS: tuple[TableFormat, ...] = get_args(TableFormat)

# Word and Excel keep when a file was made; the same table must give the same bytes.
_WHEN = datetime(2000, 1, 1)
_A4_CM = (21.0, 29.7)
_MARGIN_CM = 2.0
# A letter of nine points, and the widest column that a text is asked for before it is wrapped.
_LETTER_CM = 0.16
_WRAPPED_AT = 36
_FONT = "Times New Roman"


def table_bytes(table: Table, kind: TableFormat, *, lang: Language | None = None) -> bytes:
    r"""Return a table as the bytes of a file.

    Parameters
    ----------
    table : Table
    kind : {"md", "html", "csv", "tex", "docx", "xlsx"}
        A page of HTML stands alone. LaTeX is a ``longtable`` for booktabs, longtable, array and calc, and
        pdflscape where it needs the width of a page on its side. Word is a three-line table whose heading is
        repeated on each page; the page is on its side where the table needs it.
    lang : {"en", "nb", "nn"}, optional
        Unless given, the language that the table is in.

    Returns
    -------
    bytes

    Raises
    ------
    MissingPackageError
        Where Word or Excel needs a package that is not installed; the message says how to get it.
    UnknownNameError
        Where there is no such format.

    Examples
    --------
    >>> from larstudy.tables import Column
    >>> table = Table(title="Two", columns=(Column(name="a", label="A", kind="text"),), rows=(("x",),))
    >>> table_bytes(table, "csv")
    b'a\nx\n'
    """
    if kind not in TABLE_FORMATS:
        raise unknown_name("format", kind, TABLE_FORMATS)
    put = table.in_language(lang or table.lang)
    plain: Mapping[str, Callable[[], str]] = {
        "md": lambda: put.to_markdown() + "\n",
        "html": lambda: html_page(put),
        "csv": put.to_csv,
        "tex": lambda: long_latex(put),
    }
    if kind in plain:
        return plain[kind]().encode()
    return word_bytes(put) if kind == "docx" else excel_bytes(put)


def save_table(table: Table, path: Path) -> Path:
    """Write a table to a file in the format that its ending names, whole or not at all."""
    kind = path.suffix.removeprefix(".").lower()
    if kind not in TABLE_FORMATS:
        raise LarstudyError(
            f"'{path.name}' ends with no format of a table. Known endings: .{', .'.join(TABLE_FORMATS)}."
        )
    content = table_bytes(table, kind)
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        reason = error.strerror or type(error).__name__
        raise LarstudyError(f"Cannot write '{path}': {reason}. Nothing was changed.") from None
    return path


def _package(name: str, package: str, extra: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise MissingPackageError(
            f"This format needs the package '{package}', which is not installed. Install it with"
            f' pip install "larstudy[{extra}]".'
        ) from None


_CSS = """body{font-family:Georgia,"Times New Roman",serif;margin:2rem;color:#111}
table{border-collapse:collapse;border-top:2px solid #111;border-bottom:2px solid #111;font-size:.9rem}
caption{text-align:left;font-style:italic;padding-bottom:.5rem;font-size:1rem}
thead th{border-bottom:1px solid #111}th,td{text-align:left;vertical-align:top;padding:.3rem .6rem}
.number,.interval{text-align:right}.note{font-size:.85rem}
@media print{@page{size:landscape}thead{display:table-header-group}}"""


def html_page(table: Table) -> str:
    """Return a page of its own with the table."""
    return (
        f'<!DOCTYPE html>\n<html lang="{table.lang}"><head><meta charset="utf-8">'
        f"<title>{html.escape(table.title)}</title><style>{_CSS}</style></head>\n"
        f"<body>{table.to_html()}</body></html>\n"
    )


def column_shares(table: Table) -> list[float]:
    """Return the share of the width that each column gets: more text, more width, within bounds.

    Examples
    --------
    >>> from larstudy.tables import Column
    >>> columns = (Column(name="a", label="A", kind="text"), Column(name="b", label="B", kind="text"))
    >>> table = Table(title="", columns=columns, rows=(("one", "one or two words more than that"),))
    >>> [round(share, 2) for share in column_shares(table)]
    [0.29, 0.71]
    """
    rows = [[column.label for column in table.columns], *table.shown()]
    need = []
    for cells in zip(*rows, strict=True):
        # A column is never narrower than its longest word, and long texts grow in height too.
        longest_word = max(len(part) for cell in cells for part in (cell.split() or [""]))
        mean = sum(len(cell) for cell in cells) / len(cells)
        need.append(max(longest_word + 2.0, 4.0, min(mean, 400.0) ** 0.5 * 3.0))
    return [n / sum(need) for n in need]


def is_wide(table: Table) -> bool:
    """Tell whether a table needs the width of a page on its side.

    Examples
    --------
    >>> from larstudy.tables import Column
    >>> columns = [Column(name=str(n), label="Estimate", digits=1) for n in range(12)]
    >>> tables = [Table(title="", columns=tuple(c), rows=()) for c in (columns[:4], columns)]
    >>> [is_wide(table) for table in tables]
    [False, True]
    """
    rows = [[column.label for column in table.columns], *table.shown()]
    widest = (max(len(cell) for cell in cells) for cells in zip(*rows, strict=True))
    letters = sum(min(width, _WRAPPED_AT) + 2 for width in widest)
    return letters * _LETTER_CM > _A4_CM[0] - 2 * _MARGIN_CM


def long_latex(table: Table) -> str:
    """Return a table that runs over pages, with columns of wrapped text and three rules."""
    n, wide = len(table.columns), is_wide(table)
    spec = "".join(
        rf">{{\raggedright\arraybackslash}}p{{{share * 0.98:.3f}\linewidth-2\tabcolsep}}"
        for share in column_shares(table)
    )
    head = " & ".join(latex_text(column.label) for column in table.columns) + r" \\"
    rows = [" & ".join(latex_text(cell) for cell in cells) + r" \\" for cells in table.shown()]
    start = rf"\multicolumn{{{n}}}{{@{{}}p{{\linewidth}}@{{}}}}"
    notes = [rf"{start}{{\footnotesize {latex_text(line)}}} \\" for line in table.footer()]
    return "\n".join(
        [
            rf"% needs \usepackage{{booktabs,longtable,array,calc{',pdflscape' * wide}}}",
            *[r"\begin{landscape}"] * wide,
            r"\small",
            rf"\begin{{longtable}}{{@{{}}{spec}@{{}}}}",
            rf"\caption{{{latex_text(table.title)}}}\\",
            r"\toprule", head, r"\midrule", r"\endfirsthead",
            r"\toprule", head, r"\midrule", r"\endhead",
            r"\bottomrule", r"\endfoot", r"\bottomrule", *notes, r"\endlastfoot",
            *rows,
            r"\end{longtable}",
            *[r"\end{landscape}"] * wide,
            "",
        ]
    )  # fmt: skip


# -- Word -----------------------------------------------------------------------------------------


def word_bytes(table: Table) -> bytes:
    """Return a Word document with the table as a thesis shows it; see `table_bytes`."""
    document = new_document(table.title, table.lang, landscape=is_wide(table))
    put_table(document, table)
    return saved(document)


def new_document(title: str, lang: Language, *, landscape: bool = False) -> Any:
    """Return an empty Word document in a language, set as a thesis is: Times New Roman on A4.

    Parameters
    ----------
    title : str
    lang : {"en", "nb", "nn"}
    landscape : bool
        For a wide table; else portrait, for text.
    """
    docx = _package("docx", "python-docx", "word")
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm, Pt

    document = docx.Document()
    section = document.sections[0]
    size = _A4_CM[::-1] if landscape else _A4_CM
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Cm(side) for side in size)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Cm(_MARGIN_CM))
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = _FONT, Pt(9 if landscape else 11)
    normal.paragraph_format.space_after = Pt(0 if landscape else 6)
    word_language(normal, {"en": "en-GB", "nb": "nb-NO", "nn": "nn-NO"}[lang])
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, "larstudy", ""
    properties.created = properties.modified = _WHEN
    return document


def put_table(document: Any, table: Table) -> None:
    """Add a table to a Word document: its title above, three rules, its notes below."""
    from docx.shared import Pt

    caption = document.add_paragraph()
    run = caption.add_run(table.title)
    run.italic, run.font.size = True, Pt(11)
    caption.paragraph_format.space_before = caption.paragraph_format.space_after = Pt(6)
    caption.paragraph_format.keep_with_next = True
    _word_table(document, table)
    for line in table.footer():
        note = document.add_paragraph()
        note.paragraph_format.space_before = Pt(4)
        note.add_run(line).font.size = Pt(8.5)


def saved(document: Any) -> bytes:
    """Return a Word document as bytes, the same for the same content."""
    buffer = io.BytesIO()
    document.save(buffer)
    return _same_bytes(buffer.getvalue())


#: More than so many make the text of a table in Word smaller.
_MANY_COLUMNS: Final = 7


def _word_table(document: Any, table: Table) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Cm, Pt

    rows = [[column.label for column in table.columns], *table.shown()]
    word = document.add_table(rows=len(rows), cols=len(table.columns))
    word.autofit = False
    section = document.sections[0]
    width = (section.page_width - section.left_margin - section.right_margin) / Cm(1)
    # Numbers of many columns would break in the middle.
    size = Pt(9 if len(table.columns) <= _MANY_COLUMNS else 7)
    if len(table.columns) > _MANY_COLUMNS:
        narrow_margins(word)
    for place, share in enumerate(column_shares(table)):
        word.columns[place].width = Cm(width * share)
    for at, (row, cells) in enumerate(zip(word.rows, rows, strict=True)):
        word_row(row, heading=at == 0)
        for place, (cell, text) in enumerate(zip(row.cells, cells, strict=True)):
            cell.width = word.columns[place].width
            paragraph = cell.paragraphs[0]
            if table.columns[place].kind != "text":
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            for number, line in enumerate(text.split("\n")):
                target = paragraph if number == 0 else cell.add_paragraph()
                target.paragraph_format.space_after = Pt(2)
                run = target.add_run(line)
                run.bold, run.font.size = at == 0, size
            word_rules(cell, top=at == 0, bottom=at in (0, len(rows) - 1), thin=at == 0)


# -- Excel ----------------------------------------------------------------------------------------


def excel_bytes(table: Table) -> bytes:
    """Return an Excel workbook: one sheet, unrounded numbers, a frozen heading; notes on a second sheet."""
    openpyxl = _package("openpyxl", "openpyxl", "excel")
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = re.sub(r"[\[\]:*?/\\]", " ", table.title)[:31] or "Table"
    sheet.append([column.label for column in table.columns])
    for row in table.rows:
        pairs = zip(row, table.columns, strict=True)
        sheet.append([_excel_value(value, column, table.lang) for value, column in pairs])
    for cells in sheet.iter_rows():
        for cell in cells:
            # A text that begins with an equals sign is a text.
            if isinstance(cell.value, str):
                cell.data_type = "s"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for place, share in enumerate(column_shares(table), start=1):
        sheet.cell(row=1, column=place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = max(8, round(160 * share))
    sheet.freeze_panes = "A2"
    notes = book.create_sheet(say("notes", table.lang))
    for line in (table.title, *table.footer()):
        notes.append([line])
    book.properties.creator = "larstudy"
    book.properties.created = book.properties.modified = _WHEN
    buffer = io.BytesIO()
    book.save(buffer)
    return _same_bytes(buffer.getvalue())


def _excel_value(value: object, column: Column, lang: Language) -> object:
    if isinstance(value, str):
        # A text that holds numbers, such as an interval, is shown as in the other formats.
        return show(value, column, lang)
    return None if isinstance(value, float) and value != value else value


def _same_bytes(content: bytes) -> bytes:
    """Return a zip file with one fixed time for all of its members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.infolist():
            data = old.read(member)
            if member.filename == "docProps/core.xml":
                # openpyxl writes the time of saving over the one that was set.
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", data)
            info = zipfile.ZipInfo(member.filename, date_time=_WHEN.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return buffer.getvalue()


# -- reading what somebody has made ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table as it stands in a file: rows of text, each cell of a merged one with the text of the whole.

    Attributes
    ----------
    rows : tuple of tuple of str
    first_row : int
        What the first row is called: 1, or its number in the sheet.
    dates : frozenset of (int, int)
        The cells, by row and column from 0, that Excel holds as a date or a time of day.
    """

    rows: tuple[tuple[str, ...], ...]
    first_row: int = 1
    dates: frozenset[tuple[int, int]] = frozenset()


def word_grids(content: bytes) -> list[Grid]:
    """Return the tables of a Word document, in their order.

    A document that python-docx cannot read raises what python-docx raises.
    """
    docx = _package("docx", "python-docx", "word")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = docx.Document(io.BytesIO(content))
        return [
            Grid(rows=tuple(tuple(cell.text.strip() for cell in row.cells) for row in table.rows))
            for table in document.tables
        ]


def excel_grids(content: bytes) -> list[Grid]:
    """Return the sheets of an Excel workbook that hold anything; formulas by the value that was saved.

    A workbook that openpyxl cannot read raises what openpyxl raises, one that is too large a `ValueError`.
    """
    openpyxl = _package("openpyxl", "openpyxl", "excel")
    with warnings.catch_warnings():
        # Excel writes extensions that openpyxl does not know, and warns of; they hold no text.
        warnings.simplefilter("ignore")
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    refuse_large(book.worksheets)
    grids = [_sheet_grid(sheet) for sheet in book.worksheets]
    return [grid for grid in grids if any(any(row) for row in grid.rows)]


def _sheet_grid(sheet: Any) -> Grid:
    cells = [list(row) for row in sheet.iter_rows()]
    texts = used_part([[_excel_text(cell) for cell in row] for row in cells])
    for merged in sheet.merged_cells.ranges:
        top, left = merged.min_row - sheet.min_row, merged.min_col - sheet.min_column
        for row in texts[top : merged.max_row - sheet.min_row + 1]:
            for column in range(left, min(merged.max_col - sheet.min_column + 1, len(row))):
                row[column] = texts[top][left]
    dates = {
        (at, place)
        for at, row in enumerate(cells)
        for place, cell in enumerate(row)
        if isinstance(cell.value, (date, time))
    }
    return Grid(rows=tuple(tuple(row) for row in texts), first_row=sheet.min_row, dates=frozenset(dates))


def _excel_text(cell: Any) -> str:
    """Return what a cell shows: a share as a percentage, a whole number without decimals."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        percent = "%" in str(cell.number_format)
        shown = f"{value * 100 if percent else value:.10g}"
        return f"{shown} %" if percent else shown
    return str(value).strip()
