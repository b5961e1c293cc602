"""From the data files of a study to one table: read, joined by person, and each visit at its wave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from larstudy.errors import DataError, Problem
from larstudy.identifiers import absent_columns, without_columns
from larstudy.joining import join_columns, stack_waves
from larstudy.raw_table import RawTable
from larstudy.readers import read_file
from larstudy.redcap import gather_repeats, join_checkboxes
from larstudy.redcap_fields import apply_dictionary, read_dictionary
from larstudy.specs.data import DataSpec
from larstudy.visits import place_visits


def read_table(spec: DataSpec, folder: Path) -> RawTable:
    """Read the data files of a study.

    Parameters
    ----------
    spec : DataSpec
        Names the files; how they are read, where the study says so.
    folder : Path
        Where the study file stands.

    Returns
    -------
    RawTable
        The encoding, the separator and the decimal marks that were used are recorded with the file's hash.

    Raises
    ------
    DataError
        Where a file is absent, empty, damaged, or of a format or encoding that cannot be read; that of every
        file. Rows with more or fewer cells than the header are a problem of the table, told together with
        what its columns hold.
    """
    tables: list[RawTable] = []
    problems: list[Problem] = []
    for part in spec.files:
        try:
            tables.append(read_file(part, folder))
        except DataError as error:
            problems.extend(error.problems)
    fields = None
    if spec.dictionary:
        try:
            fields = read_dictionary(spec.dictionary, folder)
        except DataError as error:
            problems.extend(error.problems)
    if problems:
        raise DataError(problems)
    problems = absent_columns(tables, spec.drop, spec.not_identity_numbers)
    tables = [without_columns(table, spec.drop) for table in tables]
    tables = [join_checkboxes(apply_dictionary(table, fields), fields) for table in tables]
    table = _joined(spec, tables)
    table = gather_repeats(table, spec)
    table = replace(table, problems=(*table.problems, *problems))
    return table if spec.visits is None else place_visits(table, spec.person, spec.visits)


def _joined(spec: DataSpec, tables: list[RawTable]) -> RawTable:
    if not spec.parts:
        return tables[0]
    return (stack_waves if spec.layout == "long" else join_columns)(tables, spec.parts, spec.person)
