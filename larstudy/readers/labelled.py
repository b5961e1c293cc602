"""SPSS and Stata files: codes with labels, and answers that are missing for a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from larstudy.readers.base import Sheet, cell_text, clean_name, fail, guarded, optional_package
from larstudy.specs.data import FilePart

_KINDS = {".sav": "an SPSS file", ".zsav": "an SPSS file", ".dta": "a Stata file"}
#: What SPSS wrote in Norway before it wrote UTF-8.
_OLD_ENCODING = "WINDOWS-1252"
UNLABELLED = "without a label"


def read_labelled(part: FilePart, path: Path) -> Sheet:
    """Read an SPSS or Stata file.

    Parameters
    ----------
    part : FilePart
        Its encoding where the study says so; else the file's own, then cp1252.
    path : Path

    Returns
    -------
    Sheet
        Codes as they are, with their labels; cells that the file marks as missing are empty, each with its
        reason.
    """
    package = optional_package("pyreadstat", "SPSS and Stata files", path.name)
    data, meta, encoding = _read(package, part, path)
    names = [str(name) for name in data]
    if not names or not data[names[0]]:
        raise fail("empty_file", path.name, "there are no rows", "Check that the right file was saved")
    columns, reasons = [], {}
    labels = {name: _labels(codes) for name, codes in meta.variable_value_labels.items()}
    for name in names:
        raw = list(data[name])
        gone = _marked_missing(name, raw, meta, labels.get(name, {}))
        short = meta.readstat_variable_types.get(name) == "float"
        columns.append(["" if row in gone else _text(value, short) for row, value in enumerate(raw)])
        reasons[name] = gone
    return Sheet(
        names=names,
        columns=columns,
        first_row=1,
        encoding=encoding,
        value_labels=labels,
        reasons=reasons,
    )


def _read(package: Any, part: FilePart, path: Path) -> tuple[Mapping[str, Sequence[Any]], Any, str]:
    suffix = path.suffix.lower()
    read = package.read_dta if suffix == ".dta" else package.read_sav

    def attempt(encoding: str | None) -> Any:
        return read(str(path), user_missing=True, output_format="dict", encoding=encoding)

    def first_that_fits() -> tuple[Any, str]:
        if part.encoding:
            return attempt(part.encoding), part.encoding
        try:
            return attempt(None), ""
        except (package.ReadstatError, UnicodeError):
            return attempt(_OLD_ENCODING), _OLD_ENCODING

    (data, meta), encoding = guarded(first_that_fits, path, _KINDS[suffix])
    return data, meta, encoding or str(meta.file_encoding or "")


def _text(value: Any, short: bool) -> str:
    return cell_text(np.float32(value) if short and isinstance(value, float) else value)


def _labels(codes: Mapping[Any, str]) -> dict[str, str]:
    return {cell_text(code): clean_name(label) for code, label in codes.items()}


def _marked_missing(name: str, raw: Sequence[Any], meta: Any, labels: Mapping[str, str]) -> dict[int, str]:
    """Return the rows whose answer the file marks as missing, each with the label of its code."""
    ranges = meta.missing_ranges.get(name, ())
    letters = set(meta.missing_user_values.get(name, ()))
    text = meta.readstat_variable_types.get(name) == "string"
    found = {}
    for row, value in enumerate(raw):
        if value is None:
            continue
        if any(_within(value, limits) for limits in ranges):
            found[row] = labels.get(cell_text(value), UNLABELLED)
        elif letters and not text and isinstance(value, str):
            # Stata's .a to .z come as letters in a column of numbers.
            found[row] = labels.get(value, f".{value} {UNLABELLED}")
    return found


def _within(value: Any, limits: Mapping[str, Any]) -> bool:
    low, high = limits["lo"], limits["hi"]
    if isinstance(low, str) or isinstance(value, str):
        return isinstance(value, str) and value.strip() == str(low).strip()
    return isinstance(value, (int, float)) and bool(low <= value <= high)
