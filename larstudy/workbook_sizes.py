"""How large a workbook becomes in memory, told before it is read: a small file may unpack to a huge one."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

#: More than any study of people has, and about what a computer of a clinic can hold at once.
MOST_CELLS = 5_000_000
_MOST_BYTES = 300_000_000
#: A merged column has a million cells; opening it takes a quarter of a minute.
_MOST_IN_BLOCKS = 500_000
#: Each cell of such a block is made when the workbook is opened, whether it holds anything or not.
_BLOCK = re.compile(
    rb"<(?:\w+:)?(?:mergeCell|hyperlink)\b[^>]*?\bref=[\"']\$?([A-Z]{1,3})\$?([0-9]{1,7}):\$?([A-Z]{1,3})\$?([0-9]{1,7})"
)


def workbook_excess(content: bytes) -> str:
    """Return what is too large in a workbook, empty where it can be opened.

    Parameters
    ----------
    content : bytes
        Of an archive; nothing is said of what is none.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as inside:
            size = sum(member.file_size for member in inside.infolist())
            if size > _MOST_BYTES:
                return f"holds {size / 1e6:.0f} MB when unpacked"
            sheets = [name for name in inside.namelist() if "worksheets/" in name]
            if any(_blocks(inside.read(name)) > _MOST_IN_BLOCKS for name in sheets):
                return "has merged or linked blocks that reach over whole columns"
    except Exception:  # noqa: BLE001 - a damaged archive, which whoever opens it refuses in its own words
        pass
    return ""


def sheet_excess(sheet: Any) -> str:
    """Return what is too large in a sheet that openpyxl has opened, empty where its rows can be read."""
    rows, columns = sheet.max_row, sheet.max_column
    if rows * columns <= MOST_CELLS:
        return ""
    return f"has a sheet that reaches to row {rows} and column {columns}"


def refuse_large(sheets: Iterable[Any]) -> None:
    """Raise a `ValueError` where one of the sheets that openpyxl has opened is too large."""
    for sheet in sheets:
        excess = sheet_excess(sheet)
        if excess:
            raise ValueError(excess)


def used_part(texts: Sequence[list[str]]) -> list[list[str]]:
    """Return rows as far as anything stands in them: a merged block may reach to the end of a sheet.

    Examples
    --------
    >>> used_part([["a", "", ""], ["", "b", ""], ["", "", ""]])
    [['a', ''], ['', 'b']]
    """
    height = max((at + 1 for at, row in enumerate(texts) if any(row)), default=0)
    width = max((place + 1 for row in texts for place, text in enumerate(row) if text), default=0)
    return [row[:width] for row in texts[:height]]


def _blocks(sheet: bytes) -> int:
    """Return how many cells the blocks of a sheet have together."""
    total = 0
    for left, top, right, bottom in _BLOCK.findall(sheet):
        total += (_column(right) - _column(left) + 1) * (int(bottom) - int(top) + 1)
    return total


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
