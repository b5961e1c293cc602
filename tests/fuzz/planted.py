"""Valid studies and tables, in whose cells texts and numbers are planted that no message may repeat."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from tests import forms
from tests.forms import Row
from tests.student_tables import RIGHT, write_table

#: Planted in cells; no key, name of a column or word of larstudy holds it.
MARK = "KANARI"
#: Eight digits, as ids; no number that larstudy says is like them.
_FIRST_ID = 97310400

Files = dict[str, bytes]
Change = Callable[[list[Row]], list[Row]]


@dataclass(frozen=True, slots=True)
class Input:
    """One input.

    Attributes
    ----------
    kind : str
        The form that it began as.
    data : str
        The name of the file that is damaged, or handed to `init` or to the checker of tables.
    files : mapping of str to bytes or None
        None stands for a folder of that name.
    """

    kind: str
    data: str
    files: dict[str, bytes | None]


def people() -> list[Row]:
    """The cohort of `tests.forms`, with ids and remarks that are known when they are seen again."""
    rows = forms_cohort()
    return [
        {**row, "id": str(_FIRST_ID + 7 * int(row["id"])), "merknad": f"{MARK}-{row['id']}"} for row in rows
    ]


#: As it was before it is replaced.
forms_cohort = forms.cohort


@functools.cache
def planted() -> frozenset[str]:
    """Return what no message may hold: ids, remarks, and scores as they may be written."""
    rows = people()
    scores = {f"{row['livskvalitet']:.1f}" for row in rows if row["livskvalitet"] >= 1000}
    return frozenset({MARK} | {row["id"] for row in rows} | scores | {s.replace(".", ",") for s in scores})


FORMS = {form.__name__: form for form in forms.FORMS}
#: SPSS and Stata files are read in a process of their own, which takes as long as fifty others.
SLOW = ("spss_long", "spss_wide_compressed", "stata_long", "file_for_each_wave", "files_side_by_side")
TABLES = ("csv", "md", "docx", "xlsx")


def study_files(form: str, change: Change = list) -> Files:
    """Return the files of a study in one form, whose rows were changed before they were written."""

    def changed() -> list[Row]:
        return change(people())

    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch.object(forms, "cohort", side_effect=changed),
    ):
        FORMS[form](Path(folder))
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}


@functools.cache
def valid_study(form: str) -> Files:
    """Return the files of a valid study in one form."""
    return study_files(form)


def table_file(suffix: str, rows: Sequence[Sequence[object]]) -> bytes:
    """Return a table of works as a file."""
    with tempfile.TemporaryDirectory() as folder:
        return write_table(Path(folder) / f"table.{suffix}", rows).read_bytes()


@functools.cache
def valid_table(suffix: str) -> bytes:
    """Return a valid table of works as a file."""
    return table_file(suffix, RIGHT)


def main_file(form: str) -> str:
    """Return the name of the file that holds the answers, or the first of several."""
    return next(name for name in valid_study(form) if name not in ("study.toml", "fields.csv"))
