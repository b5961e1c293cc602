"""Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from larstudy.errors import Problem
from larstudy.readers.base import Sheet, cell_text, clean_name, fail, guarded, optional_package, too_large
from larstudy.workbook_sizes import MOST_CELLS


def read_parquet(path: Path) -> Sheet:
    """Read a Parquet file; the categories of a categorical column come as their labels."""
    package = optional_package("pyarrow.parquet", "Parquet files", path.name)

    def everything() -> tuple[list[str], list[tuple[Any, list[Any]]]]:
        table = package.ParquetFile(str(path)).read()
        return list(table.column_names), [(column.type, column.to_pylist()) for column in table.columns]

    def shape() -> tuple[int, int]:
        about = package.ParquetFile(str(path)).metadata
        return about.num_rows, about.num_columns

    # A few bytes may stand for millions of rows that are all alike.
    rows, width = guarded(shape, path, "a Parquet file")
    if rows * width > MOST_CELLS:
        raise too_large(path.name, f"has {rows} rows and {width} columns")
    names, columns = guarded(everything, path, "a Parquet file")
    if not columns or not columns[0][1]:
        raise fail("empty_file", path.name, "there are no rows", "Check that the right file was saved")
    problems = {}
    for name, (_, values) in zip(names, columns, strict=True):
        if any(isinstance(value, (list, dict, tuple, bytes)) for value in values):
            problems[name] = [_nested(clean_name(name))]
    return Sheet(
        names=names,
        columns=[_texts(values, short=str(kind) == "float") for kind, values in columns],
        first_row=1,
        column_problems=problems,
    )


def _texts(values: Sequence[Any], *, short: bool) -> list[str]:
    if short:
        return [cell_text(value if value is None else np.float32(value)) for value in values]
    return [cell_text(value) for value in values]


def _nested(name: str) -> Problem:
    what = "holds lists, tables or bytes, where each cell should hold one value"
    remedy = "Make it one column for each value"
    return Problem(code="nested_column", where=f"column '{name}'", what=what, remedy=remedy)
