"""A data file, or a data frame, as named columns of cells that can be read as numbers or as labels.

Nothing is guessed silently: a cell that may be read in two ways is refused. A value that cannot be read is
reported by its row, never by what it says.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from larstudy.errors import Problem, first_rows
from larstudy.specs.study import as_code, as_label
from larstudy.stats.arrays import BoolArray, FloatArray

#: What an empty cell may look like in a text file, whatever the study says.
MISSING_TOKENS = frozenset({"", ".", "NA", "NaN", "nan", "N/A", "#N/A", "NULL", "#NULL!", "<NA>"})

#: Nothing that is measured on people is larger; squares of it would overflow.
_LARGEST = 1e100
_THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")
# Norwegian thousands: a space between groups of three digits, of whichever kind; \s is all.
_SPACED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:\s[0-9]{3})+(?:[.,][0-9]*)?")
_MARKED = re.compile(r"[+\N{MINUS SIGN}-]?[0-9][0-9\s]*[.,][0-9]*")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """What was read, for the record of a run. It holds no path and no value.

    Attributes
    ----------
    name : str
        File name without its folder, or "data frame".
    sha256 : str
        Of the bytes of the file; for a data frame, of its contents.
    rows, columns : int
    encoding, separator, decimal : str
        As they were used; empty for a data frame. Where both decimal marks are allowed, a column that has
        both is refused.
    """

    name: str
    sha256: str
    rows: int
    columns: int
    encoding: str = ""
    separator: str = ""
    decimal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A column read as numbers.

    Attributes
    ----------
    values : ndarray of float, shape (rows,)
        NaN where missing or unreadable.
    bad : ndarray of bool, shape (rows,)
        Cells that hold something which is not a number.
    what : str
        What is the matter with the bad cells.
    """

    values: FloatArray
    bad: BoolArray
    what: str = "not a number"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """A data file as it stands: named columns of cells.

    Attributes
    ----------
    columns : tuple of str
        Header, in the order of the file; a name may occur twice.
    cells : mapping of str to sequence
        The cells of each column (the first of that name).
    rows : int
    first_row : int
        Number of the first data row: 2 under a header, as a spreadsheet counts, 0 in a data frame, as
        ``iloc`` does.
    comma, point : bool
        Which decimal marks are allowed.
    record : FileRecord
    row_numbers : tuple of int
        Where rows were passed over, the number of each that is left.
    problems : tuple of Problem
        What is wrong with the file as such, to be told together with what its columns hold.
    index_names : tuple of str
        Names in the index of a data frame, which is not read.
    row_names : tuple of str
        Where rows come from several files: each with its number and the name of its file.
    value_labels : mapping of str to mapping
        For columns to which the file gives labels: code to label.
    reasons : mapping of str to mapping
        For columns whose file marks answers as missing: position of the row to the reason in words.
    column_problems : mapping of str to tuple of Problem
        What is wrong with single columns, to be told where a study reads them.
    """

    columns: tuple[str, ...]
    cells: Mapping[str, Sequence[Any]]
    rows: int
    first_row: int
    comma: bool
    point: bool
    record: FileRecord
    row_numbers: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()
    index_names: tuple[str, ...] = ()
    row_names: tuple[str, ...] = ()
    value_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reasons: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    column_problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    @property
    def is_frame(self) -> bool:
        """True for a data frame, whose rows count from 0 as ``iloc`` does."""
        return self.first_row == 0

    def row_number(self, position: int) -> int:
        """Return the row that a person would look for in the file."""
        return self.row_numbers[position] if self.row_numbers else position + self.first_row

    def holds_numbers(self, column: str) -> bool:
        """Return whether the cells of a column are numbers, not text."""
        cells = self.cells[column]
        return isinstance(cells, pd.Series) and _is_plain_number(cells)

    def count_codes(self, column: str, codes: Sequence[str | float]) -> int:
        """Return how many cells of a column hold one of these codes."""
        wanted = {as_code(code) for code in codes}
        return sum(as_code(text) in wanted for text in _texts(self.cells[column])) if wanted else 0

    def some_rows(self, chosen: BoolArray) -> tuple[int | str, ...]:
        """Return the first few row numbers of the chosen rows, with their files where there are several."""
        if self.row_names:
            return tuple(self.row_names[p] for p in np.flatnonzero(chosen)[:5].tolist())
        return first_rows(self.row_number(int(p)) for p in np.flatnonzero(chosen)[:5])

    def numbers(self, column: str, missing: Sequence[str | float] = ()) -> Numbers:
        """Read a column as numbers.

        Parameters
        ----------
        column : str
            One of ``columns``.
        missing : sequence of str or float
            Codes that mean "no answer".
        """
        cells = self.cells[column]
        if isinstance(cells, pd.Series) and pd.api.types.is_complex_dtype(cells.dtype):
            nothing = np.full(len(cells), np.nan)
            return Numbers(values=nothing, bad=np.ones(len(cells), dtype=bool), what="a complex number")
        if isinstance(cells, pd.Series) and self.holds_numbers(column):
            return _from_numeric(cells, missing)
        return self._from_text(_texts(cells), {as_code(code) for code in missing})

    def with_points(self, column: str) -> tuple[list[str], BoolArray]:
        """Return the cells of a column with decimal points, to stand beside those of another file.

        Parameters
        ----------
        column : str
            One of ``columns``.

        Returns
        -------
        list of str, ndarray of bool, shape (rows,)
            The cells, and which of them are numbers whose decimal mark this file does not allow. A column in
            which commas cannot be told from marks of thousands stays as it is.
        """
        texts = _texts(self.cells[column])
        marked = [text for text in dict.fromkeys(texts) if _MARKED.fullmatch(text)]
        commas = {text for text in marked if "," in text}
        wrong = {text for text in marked if self._parse(text) is None}
        bad = np.array([text in wrong for text in texts], dtype=bool)
        parsed = self._from_text(texts, set(texts) - set(marked) - {t for t in texts if t.isdigit()})
        if not commas or wrong or parsed.bad.any():
            return texts, bad
        read = {text: str(self._parse(text)) for text in commas}
        return [read.get(text, text) for text in texts], bad

    def labels(self, column: str, missing: Sequence[str | float] = ()) -> list[str | None]:
        """Read a column as labels, None where missing.

        Parameters
        ----------
        column : str
            One of ``columns``.
        missing : sequence of str or float
            Codes that mean "no answer".
        """
        texts = _texts(self.cells[column])
        codes = {as_code(code) for code in missing}
        absent = {text: text in MISSING_TOKENS or as_code(text) in codes for text in dict.fromkeys(texts)}
        return [None if absent[text] else text for text in texts]

    def _from_text(self, texts: Sequence[str], missing: set[str]) -> Numbers:
        parsed: dict[str, float | None] = {}
        commas, points = set(), set()
        for text in dict.fromkeys(texts):
            if text in MISSING_TOKENS or as_code(text) in missing:
                parsed[text] = np.nan
                continue
            parsed[text] = self._parse(text)
            if "," in text:
                commas.add(text)
            elif "." in text:
                points.add(text)
        what = "not a number"
        whole = any(text.isdigit() and text != "0" for text in parsed)
        if commas and points and not any(parsed[text] is None for text in commas | points):
            # Either mark alone is fine; both in one column may be thousands, which must not be guessed.
            parsed.update(dict.fromkeys(commas))
            what = "a number with a decimal comma in a column that also has decimal points"
        elif self.point and whole and commas and all(_THOUSANDS.fullmatch(text) for text in commas):
            parsed.update(dict.fromkeys(commas))
            how = "make it a column of numbers" if self.is_frame else 'say decimal = "," under [data]'
            what = f"a number whose comma may mark thousands ({how} if it does not)"
        elif points and not self.point:
            what = "not a number where the decimal mark is the comma, as [data] decimal says"
        elif any(parsed[text] is None and _NUMBER.fullmatch(text.replace(",", ".")) for text in commas):
            how = "make it a column of numbers" if self.is_frame else 'say decimal = "," under [data]'
            what = f"a number with a decimal comma ({how} if that is meant), or none"
        values = np.array([np.nan if (v := parsed[t]) is None else v for t in texts], dtype=float)
        bad = np.array([parsed[text] is None for text in texts], dtype=bool)
        bad |= np.abs(values) > _LARGEST
        return Numbers(values=np.where(bad, np.nan, values), bad=bad, what=what)

    def _parse(self, text: str) -> float | None:
        plain = text.replace("\N{MINUS SIGN}", "-")
        if _SPACED.fullmatch(plain):
            plain = re.sub(r"\s", "", plain)
        if "," in plain:
            if not self.comma or "." in plain:
                return None
            plain = plain.replace(",", ".")
        elif "." in plain and not self.point:
            return None
        return float(plain) if _NUMBER.fullmatch(plain) else None


def _is_plain_number(cells: pd.Series[Any]) -> bool:
    kind = cells.dtype
    return bool(pd.api.types.is_numeric_dtype(kind)) and not pd.api.types.is_complex_dtype(kind)


def _from_numeric(cells: pd.Series[Any], missing: Sequence[str | float]) -> Numbers:
    values = cells.to_numpy(dtype=float, na_value=np.nan).copy()
    codes = [number for code in missing if (number := _as_number(code)) is not None]
    values[np.isin(values, codes)] = np.nan
    bad = np.abs(values) > _LARGEST
    return Numbers(values=np.where(bad, np.nan, values), bad=bad)


def _as_number(code: str | float) -> float | None:
    text = as_label(code)
    return float(text) if _NUMBER.fullmatch(text) else None


def _texts(cells: Sequence[Any] | pd.Series[Any]) -> list[str]:
    """Return cells as text without blanks at the ends; a missing value of any kind as the empty text."""
    if isinstance(cells, pd.Series):
        absent = cells.isna().to_numpy(dtype=bool)
        return ["" if gone else as_label(v) for v, gone in zip(cells.tolist(), absent, strict=True)]
    return [cell.strip() for cell in cells]


# -- data frames --------------------------------------------------------------------------------------


def table_from_frame(frame: pd.DataFrame, used: Collection[str], *, decimal: str = "auto") -> RawTable:
    """Return a data frame as a table; the frame itself is not changed.

    Parameters
    ----------
    frame : DataFrame
        Column names are read as text. The index is not used.
    used : collection of str
        The columns that will be read; only they are kept and hashed.
    decimal : {"auto", ".", ","}
        For columns of text; "auto" takes the decimal point.
    """
    columns = tuple(str(name) for name in frame.columns)
    cells: dict[str, Any] = {}
    for position, name in enumerate(columns):
        if name in used and name not in cells:
            cells[name] = frame.iloc[:, position]
    record = FileRecord(name="data frame", sha256=_frame_hash(cells), rows=len(frame), columns=len(columns))
    return RawTable(
        columns=columns,
        cells=cells,
        rows=len(frame),
        first_row=0,
        comma=decimal == ",",
        point=decimal != ",",
        record=record,
        index_names=tuple(str(name) for name in frame.index.names if name is not None),
    )


def _frame_hash(cells: Mapping[str, pd.Series[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(cells):
        column = cells[name]
        digest.update(name.encode())
        if _is_plain_number(column):
            digest.update(column.to_numpy(dtype=float, na_value=np.nan).tobytes())
        else:
            digest.update("\x1f".join(_texts(column)).encode())
    return digest.hexdigest()


# -- rows and persons ---------------------------------------------------------------------------------

_DECIMALS = re.compile(r"(?<=[0-9])[.,]0+$")


def person_label(label: str | None) -> str | None:
    """Return an id as another wave, or another format, may have it: "17.0" is 17, while 017 stays what it is.

    Examples
    --------
    >>> person_label("17.0"), person_label("17"), person_label("017"), person_label(None)
    ('17', '17', '017', None)
    """
    return label if label is None else _DECIMALS.sub("", label)


def take_rows(table: RawTable, positions: Sequence[int]) -> RawTable:
    """Return some rows of a file's table, in this order; -1 stands for a row without any answer.

    Parameters
    ----------
    table : RawTable
        Of text cells, as every file gives.
    positions : sequence of int
    """
    cells = {name: [column[p] if p >= 0 else "" for p in positions] for name, column in table.cells.items()}
    reasons = {
        name: {new: rows[old] for new, old in enumerate(positions) if old in rows}
        for name, rows in table.reasons.items()
    }
    names = tuple(table.row_names[p] for p in positions) if table.row_names else ()
    return replace(
        table,
        cells=cells,
        rows=len(positions),
        row_numbers=tuple(table.row_number(p) for p in positions),
        row_names=names,
        reasons=reasons,
    )


# -- a header or not ---------------------------------------------------------------------------------


def looks_like_data(table: RawTable) -> bool:
    """Say whether the first row holds data where the names of the columns should be.

    It does where a name also stands in a cell below it, or where a column of numbers has a number for its
    name, unless the numbers count the columns, as they do for the items of a questionnaire. Such names may
    be a person's values and must not be shown.
    """
    named = [name for name in dict.fromkeys(table.columns) if name]
    if table.is_frame:
        return False
    if any(name in table.cells[name] for name in named):
        return True
    numbers = [name for name in named if _NUMBER.fullmatch(name.replace(",", "."))]
    alike = [name for name in numbers if not table.numbers(name).bad.any()]
    whole = sorted(int(name) for name in alike if name.isdigit())
    counting = whole == list(range(whole[0], whole[0] + len(whole))) if whole else False
    return bool(alike) and not (counting and len(whole) == len(alike) > 1)
