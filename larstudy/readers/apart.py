"""SPSS and Stata files are read in a process of their own.

The library that reads them is written in C, and some damaged files make it end the process it runs in. Then
that must be a process in which nothing else is lost, and the file be refused like any other that is damaged.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

_SCRIPT = """
import json, sys
from datetime import datetime
import pyreadstat

def text(value):
    when = value.isoformat(" ", "seconds") if isinstance(value, datetime) else str(value)
    return when.removesuffix(" 00:00:00")

read, path, encoding = sys.argv[1:]
options = {"user_missing": True, "output_format": "dict", "encoding": encoding or None}
data, meta = getattr(pyreadstat, read)(path, **options)
found = {
    "columns": [(name, list(values)) for name, values in data.items()],
    "encoding": meta.file_encoding or "",
    "labels": {name: list(codes.items()) for name, codes in meta.variable_value_labels.items()},
    "missing": meta.missing_ranges,
    "letters": meta.missing_user_values,
    "types": meta.readstat_variable_types,
}
json.dump(found, sys.stdout, default=text)
"""
_MOST_SECONDS = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What is in an SPSS or Stata file.

    Attributes
    ----------
    columns : sequence of (str, sequence)
    encoding : str
        As the file says, empty where it does not.
    labels : mapping of str to sequence
        Code and label, for each column that has them.
    missing : mapping of str to sequence
        Ranges of codes that mean "no answer", each with ``lo`` and ``hi``.
    letters : mapping of str to sequence
        Stata's letters for "no answer".
    types : mapping of str to str
        How each column is stored.
    """

    columns: Sequence[tuple[str, Sequence[Any]]]
    encoding: str
    labels: Mapping[str, Sequence[tuple[Any, str]]]
    missing: Mapping[str, Sequence[Mapping[str, Any]]]
    letters: Mapping[str, Sequence[str]]
    types: Mapping[str, str]


def read_apart(path: Path, read: Literal["read_sav", "read_dta"], encoding: str) -> Labelled | None:
    """Return what is in a file, or None where it cannot be read with this encoding, or not at all.

    Parameters
    ----------
    path : Path
    read : {"read_sav", "read_dta"}
    encoding : str
        Empty for the one that the file names.
    """
    # Nothing of the working folder is imported (-P), and no message is kept: it would quote cells.
    command = [sys.executable, "-P", "-c", _SCRIPT, read, str(path), encoding]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, timeout=_MOST_SECONDS
        )
    except subprocess.SubprocessError:
        return None
    found = Labelled(**json.loads(done.stdout))
    return found if all(isinstance(name, str) for name, _ in found.columns) else None
