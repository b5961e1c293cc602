"""Excel workbooks: one sheet, one row of names, one value a cell."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from larstudy.errors import DataError, Problem, counted, name_options
from larstudy.readers.base import Sheet, cell_text, clean_name, fail, guarded, optional_package, too_large
from larstudy.specs.data import FilePart
from larstudy.workbook_sizes import sheet_excess, workbook_excess

#: A number shown with zeros in front, as ids are: 7 with this format is 007.
_ZEROS = re.compile(r"0{2,}")


def read_excel(part: FilePart, path: Path, content: bytes) -> Sheet:
    """Read one sheet of a workbook.

    Parameters
    ----------
    part : FilePart
        ``sheet`` is needed where several sheets hold something.
    path : Path
    content : bytes

    Returns
    -------
    Sheet
        A number that its format shows with zeros in front is text with these zeros, as in a CSV file made
        from it.

    Raises
    ------
    DataError
        Where the sheet is not there or has to be chosen, or where cells are merged.
    """
    package = optional_package("openpyxl", "Excel workbooks", path.name)

    def opened(data_only: bool) -> Any:
        with warnings.catch_warnings():
            # It warns of what it does not keep, such as lists to choose from; nothing is written back.
            warnings.simplefilter("ignore")
            return package.load_workbook(io.BytesIO(content), data_only=data_only)

    excess = workbook_excess(content)
    if excess:
        raise too_large(path.name, excess)
    values, formulas = guarded(lambda: (opened(True), opened(False)), path, "an Excel workbook")
    title = _chosen_sheet(part.sheet, values, path.name)
    _refuse_merged(values[title], path.name, title)
    return _sheet(values[title], formulas[title], path.name)


def _chosen_sheet(wanted: str, book: Any, name: str) -> str:
    titles = [sheet.title for sheet in book.worksheets]
    for sheet in book.worksheets:
        excess = sheet_excess(sheet) if wanted in ("", sheet.title) else ""
        if excess:
            raise too_large(name, excess)
    if wanted:
        if wanted in titles:
            return wanted
        raise fail("no_sheet", name, f"has no sheet '{wanted}'", name_options(wanted, titles))
    filled = [
        sheet.title
        for sheet in book.worksheets
        if sheet.sheet_state == "visible"
        and any(c.value is not None for row in sheet.iter_rows() for c in row)
    ]
    if not filled:
        raise fail("empty_file", name, "no sheet holds anything", "Check that the right file was saved")
    if len(filled) > 1:
        what = f"has {len(filled)} sheets that hold something: {', '.join(filled)}"
        raise fail(
            "choose_sheet", name, what, f'Say which: sheet = "{filled[0]}" under [data], or --sheet for init'
        )
    return str(filled[0])


def _refuse_merged(sheet: Any, name: str, title: str) -> None:
    """Refuse merged cells: only one of them holds the value, so the others would be read as missing."""
    ranges = list(sheet.merged_cells.ranges)
    if not ranges:
        return
    header = min((c.row for row in sheet.iter_rows() for c in row if c.value is not None), default=1)
    above = [r for r in ranges if r.min_row <= header]
    shown = ", ".join(sorted(str(r) for r in above or ranges)[:3])
    count = counted(len(above or ranges), "block", "blocks")
    if above:
        what = f"sheet '{title}' has {count} of merged cells in its header ({shown}): the names of the"
        what += " columns under them cannot be told"
        remedy = "Unmerge them, and give each column a name of its own in one row"
    else:
        what = (
            f"sheet '{title}' has {count} of merged cells ({shown}): only the first of each holds its value"
        )
        remedy = "Unmerge them, and fill in every cell"
    raise DataError([Problem(code="merged_cells", where=name, what=what, remedy=remedy, n=len(ranges))])


def _sheet(values: Any, formulas: Any, name: str) -> Sheet:
    rows = [row for row in values.iter_rows() if any(_text(cell) for cell in row)]
    if len(rows) < 2:
        raise fail("empty_file", name, "there are no rows under the header", "Check the file")
    header = [_text(cell) for cell in rows[0]]
    # Cells that were once formatted, and nothing else, make columns without a name and without an answer.
    width = max(i for i, _ in enumerate(header, 1) if any(_text(row[i - 1]) for row in rows))
    numbers = [row[0].row for row in rows]
    problems: dict[str, list[Problem]] = {}
    for position in range(width):
        empty = [n for n, row in zip(numbers, rows, strict=True) if _uncomputed(row[position], formulas)]
        if empty:
            problem = _not_computed(clean_name(header[position]), empty)
            problems.setdefault(header[position], []).append(problem)
    return Sheet(
        names=header[:width],
        columns=[[_text(row[i]) for row in rows[1:]] for i in range(width)],
        first_row=2,
        row_numbers=tuple(numbers[1:]),
        column_problems=problems,
    )


def _text(cell: Any) -> str:
    text = cell_text(cell.value)
    if _ZEROS.fullmatch(str(cell.number_format)) and text.isdigit():
        return text.zfill(len(cell.number_format))
    return text


def _uncomputed(cell: Any, formulas: Any) -> bool:
    """Say whether a cell has a formula and no result; a result of no letters is one, and has a type."""
    if cell.value is not None or cell.data_type != "n":
        return False
    return bool(formulas.cell(row=cell.row, column=cell.column).data_type == "f")


def _not_computed(name: str, rows: Sequence[int]) -> Problem:
    return Problem(
        code="formula_without_value",
        where=f"column '{name}'",
        what=f"{counted(len(rows), 'cell has', 'cells have')} a formula whose result was not saved",
        remedy="Open the file in Excel and save it, or paste the values over the formulas",
        n=len(rows),
        rows=tuple(rows[:5]),
    )
