"""Columns that tell who somebody is: refused until the study file drops them.

A column is refused for what its cells hold (identity numbers and e-mail addresses, also within longer text)
and for a name that says that it holds names, addresses or the like. Messages name columns and rows, never a
cell.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from larstudy.errors import Problem, counted, name_options
from larstudy.identity_numbers import cell_has_identity_number, email_addresses
from larstudy.raw_table import RawTable
from larstudy.stats.arrays import BoolArray

_RULE: Final = "what tells who somebody is does not come with the answers"
#: Words that are, alone or behind a word for a person, the name of a column of identities.
_NAMES: Final = frozenset({"navn", "name"})
_WORDS: Final = frozenset(
    {
        "fnr", "fodselsnr", "fodselsnummer", "foedselsnummer", "personnr", "personnummer", "dnr", "dnummer",
        "ssn", "nationalid", "birthnumber",
        "fornavn", "etternavn", "mellomnavn", "firstname", "lastname", "surname", "middlename", "fullname",
        "epost", "epostadresse", "email", "emailaddress", "mail",
        "tlf", "telefon", "telefonnummer", "mobil", "mobilnummer", "phone", "phonenumber", "telephone",
        "adresse", "gateadresse", "bostedsadresse", "address", "streetaddress",
    }
)  # fmt: skip
_PERSON_WORDS: Final = frozenset(
    {
        "person", "pasient", "pasientens", "patient", "deltaker", "deltakar", "deltakers", "participant",
        "subject", "respondent", "informant", "client", "bruker", "brukar", "first", "last", "given", "for",
        "family", "middle", "full", "etter", "fulle", "contact", "kontakt", "kontaktperson", "parorende",
        "next", "of", "kin", "national", "phone", "home", "street", "privat", "private", "e", "d",
    }
)  # fmt: skip
_PLAIN: Final = str.maketrans({"ø": "o", "å": "a", "æ": "ae"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifying:
    """A column that tells who somebody is.

    Attributes
    ----------
    column : str
    code : {"identity_number", "email_address", "identifying_name"}
    rows : ndarray of bool or None
        Where its cells do; None where its name does.
    """

    column: str
    code: str
    rows: BoolArray | None = None


def says_who(column: str) -> bool:
    """Return whether the name of a column says that it holds names, addresses or numbers of persons.

    Examples
    --------
    >>> [says_who(name) for name in ("Etternavn", "pasient_navn", "first name", "e-post", "Fødselsnr_T0")]
    [True, True, True, True, True]
    >>> [says_who(name) for name in ("hospital_name", "network_name", "filename", "navngitt_venn", "mailing")]
    [False, False, False, False, False]
    """
    spaced = re.sub(r"(?<=[a-zæøå])(?=[A-ZÆØÅ])", " ", column).casefold().translate(_PLAIN)
    words = [word for word in re.split(r"[\W_]+", spaced) if word]
    if "".join(words) in _WORDS:
        return True
    # A mark of a wave behind it, as in fnr_t0.
    while len(words) > 1 and re.fullmatch(r"\d+|[tvw]\d+|bl|pre|post|fu", words[-1]):
        words.pop()
    joined = "".join(words)
    if joined in _WORDS | _NAMES:
        return True
    *before, last = words or [""]
    known = all(word in _PERSON_WORDS for word in before)
    return bool(before) and known and (last in _NAMES | _WORDS or "".join(words[-2:]) in _WORDS)


def identifying_columns(
    table: RawTable, *, used: Collection[str] = (), excused: Collection[str] = ()
) -> tuple[Identifying, ...]:
    """Return the columns of a table that tell who somebody is.

    Parameters
    ----------
    table : RawTable
    used : collection of str
        Columns that a study reads: their names say nothing against them.
    excused : collection of str
        Columns whose numbers are no identity numbers, though they look like them.
    """
    found: list[Identifying] = []
    for column in (name for name in dict.fromkeys(table.columns) if name in table.cells):
        tests: list[tuple[str, Callable[[str], object]]] = [("email_address", email_addresses)]
        if column not in excused:
            tests.insert(0, ("identity_number", cell_has_identity_number))
        labels = _worth_a_look(table, column)
        hits = [(code, _rows(labels, test)) for code, test in tests]
        told = [Identifying(column=column, code=code, rows=rows) for code, rows in hits if rows.any()]
        if not told and column not in used and says_who(column):
            told = [Identifying(column=column, code="identifying_name")]
        found += told
    return tuple(found)


def _worth_a_look(table: RawTable, column: str) -> list[str | None]:
    """Return the cells of a column as text; of a column of numbers only those of ten or eleven digits."""
    if not table.holds_numbers(column):
        return table.labels(column)
    values = table.numbers(column).values
    long = (values >= 1e9) & (values < 1e11) & (values == np.floor(values))
    return [f"{value:.0f}" if so else None for value, so in zip(values.tolist(), long.tolist(), strict=True)]


def _rows(labels: Sequence[str | None], test: Callable[[str], object]) -> BoolArray:
    # Each text once: a column of codes has few.
    said = {text: bool(test(text)) for text in dict.fromkeys(labels) if text is not None}
    return np.array([text is not None and said[text] for text in labels], dtype=bool)


def drop_line(columns: Iterable[str]) -> str:
    """Return the line of a study file that drops columns.

    Examples
    --------
    >>> drop_line(["navn", "fnr"])
    'drop = ["navn", "fnr"]'
    """
    return f"drop = [{', '.join(quoted(name) for name in columns)}]"


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    # The escapes of JSON are those of TOML.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def identity_problems(
    table: RawTable, *, used: Collection[str], excused: Collection[str] = (), dropped: Collection[str] = ()
) -> list[Problem]:
    """Return a problem for each column that tells who somebody is, with the line that drops them all.

    Parameters
    ----------
    table : RawTable
    used : collection of str
        Columns that the study reads: these cannot be dropped.
    excused : collection of str
        As ``not_identity_numbers`` under ``[data]`` says.
    dropped : collection of str
        What the study drops already.
    """
    found = identifying_columns(table, used=used, excused=excused)
    unused = [one.column for one in found if one.column not in used]
    line = drop_line(dict.fromkeys([*dropped, *unused]))
    return [_problem(table, one, line, reads=one.column in used) for one in found]


def _problem(table: RawTable, one: Identifying, line: str, *, reads: bool) -> Problem:
    where = f"column '{one.column}'"
    if reads:
        remedy = (
            "The study reads this column: put numbers of the study's own in its place before the file is used"
        )
    elif table.is_frame:
        remedy = "Leave the column out of the frame"
    else:
        remedy = f"Write {line} under [data]"
    if one.rows is None:
        what = "its name says that it holds names, addresses or numbers of persons"
        return Problem(code=one.code, where=where, what=what, remedy=remedy, rule=_RULE)
    n = int(one.rows.sum())
    if one.code == "email_address":
        what = counted(n, "cell holds an e-mail address", "cells hold an e-mail address")
    else:
        what = counted(n, "cell holds what may be", "cells hold what may be") + " a national identity number"
        excuse = f"not_identity_numbers = [{quoted(one.column)}] under [data], if they are other numbers"
        remedy = f"{remedy}, or {excuse}" if not table.is_frame else remedy
    return Problem(
        code=one.code, where=where, what=what, n=n, rows=table.some_rows(one.rows), rule=_RULE, remedy=remedy
    )


def without_columns(table: RawTable, dropped: Collection[str]) -> RawTable:
    """Return a table without some columns: nothing of them is kept, in no place."""
    gone = set(dropped) & set(table.columns)
    if not gone:
        return table
    return replace(
        table,
        columns=tuple(name for name in table.columns if name not in gone),
        cells={name: cells for name, cells in table.cells.items() if name not in gone},
        value_labels={name: labels for name, labels in table.value_labels.items() if name not in gone},
        reasons={name: rows for name, rows in table.reasons.items() if name not in gone},
        column_problems={name: told for name, told in table.column_problems.items() if name not in gone},
    )


def absent_columns(
    tables: Sequence[RawTable], dropped: Sequence[str], excused: Sequence[str]
) -> list[Problem]:
    """Return a problem for each name under ``drop`` or ``not_identity_numbers`` that no file has."""
    columns = [name for table in tables for name in table.columns]
    return [
        Problem(
            code="unknown_column",
            where=f"data.{key}",
            what=f"no file has a column '{name}'",
            remedy=name_options(name, dict.fromkeys(columns)),
        )
        for key, names in (("drop", dropped), ("not_identity_numbers", excused))
        for name in names
        if name not in columns
    ]
