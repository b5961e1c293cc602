"""One malformed input, made by a generator of random choices: the same choices, the same input."""

from __future__ import annotations

import random

from tests.fuzz.damage import odd_bytes, odd_cells, odd_file, odd_lines, odd_member, recoded
from tests.fuzz.odd_studies import odd_study
from tests.fuzz.planted import FORMS, SLOW, TABLES, Input, main_file, valid_study, valid_table

_TEXT = (".csv", ".tsv", ".txt", ".md")
_ZIPPED = (".xlsx", ".docx")
#: A table of works is every eighth input.
_KINDS = [name for name in FORMS if name not in SLOW]


def make_input(draw: random.Random) -> Input:
    """Return one damaged study, or one damaged table of works."""
    if draw.random() < 0.12:
        suffix = draw.choice(TABLES)
        return _damaged(
            Input(f"table as {suffix}", f"table.{suffix}", {f"table.{suffix}": valid_table(suffix)}), draw
        )
    form = draw.choice(SLOW) if draw.random() < 0.06 else draw.choice(_KINDS)
    files: dict[str, bytes | None] = dict(valid_study(form))
    data = main_file(form) if len(files) < 3 else draw.choice([n for n in files if n != "study.toml"])
    given = Input(form, data, files)
    way = draw.random()
    if way < 0.35:
        return _with_study(given, draw)
    if way < 0.6:
        given = Input(form, data, dict(odd_cells(form, draw)))
        return _with_study(given, draw) if draw.random() < 0.1 else given
    return _damaged(given, draw)


def _with_study(given: Input, draw: random.Random) -> Input:
    return Input(
        given.kind,
        given.data,
        given.files | {"study.toml": odd_study(given.files["study.toml"] or b"", draw)},
    )


def _damaged(given: Input, draw: random.Random) -> Input:
    """Damage the file itself, in a way that its kind has."""
    content = given.files[given.data] or b""
    suffix = "." + given.data.rpartition(".")[2]
    ways = [odd_bytes, odd_bytes]
    if suffix in _TEXT:
        ways += [odd_lines, odd_lines, recoded]
    if suffix in _ZIPPED:
        ways += [odd_member] * 4
    if draw.random() < 0.12:
        others = [valid_study(form)[main_file(form)] for form in FORMS]
        return odd_file(given, others, draw)
    return Input(given.kind, given.data, given.files | {given.data: draw.choice(ways)(content, draw)})
