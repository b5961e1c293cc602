"""SPSS and Stata files: codes with labels, and answers that are missing for a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from larstudy.readers.apart import Labelled, read_apart
from larstudy.readers.base import Sheet, cell_text, clean_name, damaged, fail, optional_package
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
    optional_package("pyreadstat", "SPSS and Stata files", path.name)
    found, encoding = _read(part, path)
    if not found.columns or not found.columns[0][1]:
        raise fail("empty_file", path.name, "there are no rows", "Check that the right file was saved")
    columns, reasons = [], {}
    labels = {name: _labels(codes) for name, codes in found.labels.items()}
    for name, raw in found.columns:
        gone = _marked_missing(name, raw, found, labels.get(name, {}))
        short = found.types.get(name) == "float"
        columns.append(["" if row in gone else _text(value, short) for row, value in enumerate(raw)])
        reasons[name] = gone
    return Sheet(
        names=[name for name, _ in found.columns],
        columns=columns,
        first_row=1,
        encoding=encoding,
        value_labels=labels,
        reasons=reasons,
    )


def _read(part: FilePart, path: Path) -> tuple[Labelled, str]:
    """Return what is in a file and the encoding it was read with: the study's, or the first that fits."""
    suffix = path.suffix.lower()
    for encoding in (part.encoding,) if part.encoding else ("", _OLD_ENCODING):
        found = read_apart(path, "read_dta" if suffix == ".dta" else "read_sav", encoding)
        if found is not None:
            return found, encoding or found.encoding
    raise damaged(path, _KINDS[suffix])


def _text(value: Any, short: bool) -> str:
    return cell_text(np.float32(value) if short and isinstance(value, float) else value)


def _labels(codes: Sequence[tuple[Any, str]]) -> dict[str, str]:
    return {cell_text(code): clean_name(label) for code, label in codes}


def _marked_missing(
    name: str, raw: Sequence[Any], found: Labelled, labels: Mapping[str, str]
) -> dict[int, str]:
    """Return the rows whose answer the file marks as missing, each with the label of its code."""
    ranges = found.missing.get(name, ())
    # Stata's .a to .z come as letters in a column of numbers.
    letters = set() if found.types.get(name) == "string" else set(found.letters.get(name, ()))
    gone = {}
    for row, value in enumerate(raw):
        if isinstance(value, str) and value in letters:
            gone[row] = labels.get(value, f".{value} {UNLABELLED}")
        elif value is not None and any(_within(value, limits) for limits in ranges):
            gone[row] = labels.get(cell_text(value), UNLABELLED)
    return gone


def _within(value: Any, limits: Mapping[str, Any]) -> bool:
    low, high = limits["lo"], limits["hi"]
    if isinstance(low, str) or isinstance(value, str):
        return isinstance(value, str) and value.strip() == str(low).strip()
    return isinstance(value, (int, float)) and bool(low <= value <= high)
