"""The rules by which a text or a table tells of single people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from larstudy.exports.pieces import Contents, Grid
from larstudy.identifiers import says_who
from larstudy.identity_numbers import cell_has_identity_number, email_addresses, identity_numbers

#: Headers of columns that count people.
_COUNTS: Final = frozenset(
    {
        "n", "count", "counts", "freq", "freq.", "frequency", "antall", "antal", "persons", "personer",
        "personar", "people", "patients", "pasienter", "pasientar", "participants", "deltakere", "deltakarar",
    }
)  # fmt: skip
_COUNT: Final = re.compile(
    r"n[ _](?:lost|seen|excluded|entered|missing|trimmed|model|frafalne|fråfalne|sett|sedde"
    r"|ikke fulgt opp|ikkje følgde opp|fulgt opp|følgde opp)"
)
_PEOPLE: Final = (
    r"(?:persons?|personer|personar|people|patients?|pasient(?:er|ar)?|participants?|deltakere|deltakarar"
    r"|respondents?)"
)
_SAID: Final = re.compile(
    r"(?<![\w.])[nN]\s*=\s*(?P<n>\d+)(?![\d.,]*\d)"
    # Not the end of a span, such as "1 to 4 people", nor of a rule, such as "fewer than 5 people".
    r"|(?<!to )(?<!til )(?<!than )(?<!enn )(?<![\w.,<>–−-])(?<!< )"
    rf"(?P<people>\d+)[ \N{{NO-BREAK SPACE}}]{_PEOPLE}\b"
)
_SHARE: Final = re.compile(r"(\d+) \(\d+(?:[.,]\d+)?[ \N{NO-BREAK SPACE}]?%\)")
_WHOLE: Final = re.compile(r"(\d+)(?:[.,]0*)?")
#: Headers of columns that hold a person each row.
_PERSON: Final = re.compile(
    r"(?:person|pid|subject|participant|patient|pasient|deltaker|deltakar|l[øo]pe)"
    r"[ _.-]?(?:id|nr|no|number|nummer)?",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"[\w-]+")
_FEWEST_ROWS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a study says of its people, by which they are found in what is shared.

    Attributes
    ----------
    columns : frozenset of str
        The column of the ids, and those that are dropped.
    ids : frozenset of str
        Ids that are long enough to be told from other numbers.
    """

    columns: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One place where a rule holds."""

    code: str
    place: str
    what: str
    n: int = 1


def hits(contents: Contents, *, minimum: int, known: Known) -> list[Hit]:
    """Return what tells of single people in a file; no hit holds what was found, only where.

    Parameters
    ----------
    contents : Contents
    minimum : int
        Counts from 1 to below it are small; 0 for none.
    known : Known
    """
    found = [
        *(Hit(code=code, place=piece.place, what=what, n=n) for piece in contents.pieces
          for code, what, n in _in_text(piece.text, minimum, known)),
        *(hit for grid in contents.grids for hit in _in_grid(grid, minimum, known)),
    ]  # fmt: skip
    return _together(found)


def _together(found: list[Hit]) -> list[Hit]:
    """Return one hit for each rule and place."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for hit in found:
        counts[hit.code, hit.place, hit.what] += hit.n
    return [Hit(code=code, place=place, what=what, n=n) for (code, place, what), n in counts.items()]


def _in_text(text: str, minimum: int, known: Known) -> Iterator[tuple[str, str, int]]:
    numbers = sum(1 for _ in identity_numbers(text))
    if numbers:
        yield "identity_number", "what may be a national identity number", numbers
    mails = len(email_addresses(text))
    if mails:
        yield "email_address", "an e-mail address", mails
    persons = sum(token in known.ids for token in _TOKEN.findall(text)) if known.ids else 0
    if persons:
        yield "person_id", "an id of a person of the study", persons
    small = sum(_is_small(m["n"] or m["people"], minimum) for m in _SAID.finditer(text)) if minimum else 0
    if small:
        yield "small_count", f"a number of people from 1 to {minimum - 1}", small


def _is_small(number: str, minimum: int) -> bool:
    return 0 < int(number) < minimum


def _in_grid(grid: Grid, minimum: int, known: Known) -> Iterator[Hit]:
    texts = [cell for row in (grid.header, *grid.rows) for cell in row]
    for text in texts:
        for code, what, n in _in_text(text, minimum, known):
            yield Hit(code=code, place=grid.place, what=what, n=n)
        if cell_has_identity_number(text) and not any(identity_numbers(text)):
            what = "what may be a national identity number"
            yield Hit(code="identity_number", place=grid.place, what=what)
    for position, name in enumerate(grid.header):
        cells = grid.column(position)
        yield from _in_column(grid.place, name, cells, minimum, known.columns)


def _in_column(
    place: str, name: str, cells: list[str], minimum: int, columns: Collection[str]
) -> Iterator[Hit]:
    where = f"{place}, column '{name}'"
    filled = [cell for cell in cells if cell]
    whole = len(filled) >= _FEWEST_ROWS and len(set(filled)) == len(filled)
    if (name in columns and filled) or (_PERSON.fullmatch(name) and whole):
        yield Hit(code="person_rows", place=where, what="a row for each person", n=len(filled))
    elif says_who(name) and filled and name.casefold() != "name":
        yield Hit(
            code="identifying_name", place=where, what="a column with names or addresses", n=len(filled)
        )
    small = sum(_small_cell(cell, minimum, _counts(name)) for cell in cells) if minimum else 0
    if small:
        what = f"a number of people from 1 to {minimum - 1}"
        yield Hit(code="small_count", place=where, what=what, n=small)


def _counts(name: str) -> bool:
    plain = name.strip().casefold()
    return plain in _COUNTS or _COUNT.fullmatch(plain) is not None


def _small_cell(cell: str, minimum: int, counts: bool) -> bool:
    share = _SHARE.fullmatch(cell)
    if share:
        return _is_small(share.group(1), minimum)
    number = _WHOLE.fullmatch(cell) if counts else None
    return number is not None and _is_small(number.group(1), minimum)
