"""Ways to damage files: their bytes, the members of an archive, cells and columns, names and kinds."""

from __future__ import annotations

import datetime as dt
import io
import random
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

from tests.forms import Row
from tests.fuzz.planted import MARK, Input, study_files, valid_study

#: Numbers and texts that people, programs and bad luck put into cells.
ODD: tuple[Any, ...] = (
    1e308, -1e308, float("nan"), float("inf"), -float("inf"), 10**30, -(10**18), -1, 0, 5e-324, 1e15, 2**63,
    "1e999", "9" * 5000, "-0", "1,2,3", "1.234,5", "0x1F", "١٢٣", "²", "½", "1 2", "1_000", "+", "-", "NaN",
    "inf", "true", "#REF!", "NULL", f"{MARK}\x00", f"\ufeff{MARK}", f"\u202e{MARK}\u202c", f"{MARK}\ud800",
    f"{MARK}\x1b[31m", f"{MARK}\x85\u2028x", f"{MARK}\r\nx", f'{MARK}"', f"'{MARK}", f"{MARK};{MARK}", f"{MARK}\t",
    f"=HYPERLINK({MARK})", f"@{MARK}", MARK * 3000, f"{{{MARK}}}", "{wave}", f"%s{MARK}", f"<b>{MARK}</b>",
    f"\\{MARK}\\x00", f"{MARK}æøå\u0301", "\x0c", "\u00a0", "", " ", None, True,
    dt.date(1, 1, 1), dt.date(9999, 12, 31), dt.datetime(1900, 2, 29 - 1, 23, 59, 59), "0001-01-01", "31.12.9999",
    "00.00.0000", "30.02.2023", "99/99/9999", "2023-13-45", "10000-01-01",
)  # fmt: skip
NAMES = (
    "", " ", "id", "måling", "MÅLING", "ma\u030aling", "livskvalitet_0", "x" * 5000, "a\nb", "{wave}", "\u202eid", "1",
    "nettverk___1", "redcap_repeat_instrument", "__class__", "=1+1", "id.1", "Unnamed: 0", "\x00", "na\x1bme",
)  # fmt: skip
_SUFFIXES = (
    ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".sav", ".zsav", ".dta", ".parquet", ".xls", ".rds", ".zip", "", ".CSV",
    ".docx", ".md", ".por",
)  # fmt: skip


def odd_bytes(content: bytes, draw: random.Random) -> bytes:
    """Flip, cut, double, insert, swap or blank bytes at any place, one to six times."""
    for _ in range(draw.choice((1, 1, 1, 2, 3, 6))):
        content = draw.choice(_BYTES)(content, draw)
    return content


def _place(content: bytes, draw: random.Random) -> tuple[int, int]:
    start = draw.randrange(len(content) + 1)
    return start, min(len(content), start + draw.choice((1, 1, 2, 4, 16, 100, 1000)))


def _flip(content: bytes, draw: random.Random) -> bytes:
    if not content:
        return content
    at = draw.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << draw.randrange(8))]) + content[at + 1 :]


def _cut(content: bytes, draw: random.Random) -> bytes:
    start, end = _place(content, draw)
    return content[:start] + content[end:]


def _double(content: bytes, draw: random.Random) -> bytes:
    start, end = _place(content, draw)
    return content[:end] + content[start:end] * draw.choice((1, 2, 50)) + content[end:]


def _insert(content: bytes, draw: random.Random) -> bytes:
    start, _ = _place(content, draw)
    some = (
        b"\x00",
        b'"',
        b"\n",
        b"\r",
        b";",
        b",",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xe5",
        b"=",
        b"[",
        b"{",
        b"'",
        b"\x1a",
    )
    return content[:start] + draw.choice((*some, draw.randbytes(8))) + content[start:]


def _shorten(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content) + 1)]


def _blank(content: bytes, draw: random.Random) -> bytes:
    start, end = _place(content, draw)
    return content[:start] + bytes([draw.choice((0, 255, 32, 127))]) * (end - start) + content[end:]


def _swap(content: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content) + 1)
    return content[at:] + content[:at]


_BYTES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _flip, _flip, _cut, _double, _insert, _insert, _shorten, _blank, _swap,
)  # fmt: skip


def odd_member(content: bytes, draw: random.Random) -> bytes:
    """Damage what is inside a zip archive, such as a workbook: its members, or the words in them."""
    inside: list[tuple[str, bytes]] = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inside = [(info.filename, archive.read(info)) for info in archive.infolist()]
    at = draw.randrange(len(inside))
    if draw.random() < 0.6:
        at = next(
            i
            for i, (name, _) in reversed(list(enumerate(inside)))
            if re.search("worksheets/|document.xml$", name)
        )
    name, body = inside[at]
    way = draw.randrange(7)
    if way == 0:
        inside[at] = (name, odd_bytes(body, draw))
    elif way == 1:
        del inside[at]
    elif way == 2:
        inside.append((name if draw.random() < 0.5 else "../escaped.xml", body))
    elif way == 3:
        lol = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"KANARI" * 100 + b'">'
        lol += b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 20) for i in range(8)) + b"]>"
        inside[at] = (name, lol + re.sub(rb"^<\?xml[^>]*\?>", b"", body).replace(b"</", b"&i;</", 1))
    elif way == 4:
        tag, at_most = (
            draw.choice((b"mergeCell", b"hyperlink")),
            draw.choice((b"C3", b"XFD3", b"C1048576", b"XFD1048576")),
        )
        block = b'<%ss><%s ref="A1:%s"/></%ss></worksheet>' % (tag, tag, at_most, tag)
        inside[at] = (name, body.replace(b"</worksheet>", block))
    else:
        inside[at] = (name, _odd_words(body, draw))
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        # It warns of a member that is there twice, which is the damage that is meant.
        warnings.simplefilter("ignore")
        for name, body in inside:
            info = zipfile.ZipInfo(name)
            archive.writestr(info, body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _odd_words(body: bytes, draw: random.Random) -> bytes:
    """Put something odd in the place of one attribute or number of XML."""
    places = [m.span(1) for m in re.finditer(rb'(?:="|<v>|<t>)([^"<]+)', body)]
    if not places:
        return odd_bytes(body, draw)
    start, end = draw.choice(places)
    odd = draw.choice(
        (b"-1", b"99999999", b"XFD1048576", b"A0", b"", b"1e308", b"NaN", b"e", b"str", b"b", b"d", b"1900-00-00",
         b"A1:XFD1048576", b"&#0;", b"\xff", b"KANARI", b"inf", b"9" * 400)
    )  # fmt: skip
    return body[:start] + odd + body[end:]


def odd_cells(form: str, draw: random.Random) -> dict[str, bytes]:
    """Return a study in whose rows cells or columns were changed before the file was written.

    What the writer of a format refuses cannot be sent in that format; then the bytes are damaged instead.
    """
    changes = [
        draw.choice((_odd_cell, _odd_cell, _odd_column, _odd_rows, _renamed))
        for _ in range(draw.choice((1, 1, 2, 4)))
    ]

    def change(rows: list[Row]) -> list[Row]:
        for one in changes:
            rows = one(rows, draw)
        return rows

    try:
        return study_files(form, change)
    except Exception:  # noqa: BLE001 - whatever a writer does not take
        files = dict(valid_study(form))
        name = next(iter(name for name in files if name not in ("study.toml", "fields.csv")))
        return files | {name: odd_bytes(files[name], draw)}


def _odd_cell(rows: list[Row], draw: random.Random) -> list[Row]:
    name = draw.choice(list(rows[0]))
    for _ in range(draw.choice((1, 1, 3, 20))):
        draw.choice(rows)[name] = draw.choice(ODD)
    return _as_text(rows, name)


def _odd_column(rows: list[Row], draw: random.Random) -> list[Row]:
    name, odd = draw.choice(list(rows[0])), draw.choice(ODD)
    return _as_text([{**row, name: odd} for row in rows], name)


def _as_text(rows: list[Row], name: str) -> list[Row]:
    """A column of formats other than text holds one kind."""
    if any(isinstance(row.get(name), str) for row in rows):
        return [{**row, name: "" if row[name] is None else str(row[name])} for row in rows]
    return rows


def _odd_rows(rows: list[Row], draw: random.Random) -> list[Row]:
    way = draw.randrange(5)
    if way == 0:
        return rows[: draw.choice((1, 2, 3))]
    if way == 1:
        return rows + draw.sample(rows, 3)
    if way == 2:
        return [row for row in rows if row["måling"] == draw.choice((0, 0, 1))] or rows[:1]
    if way == 3:
        return rows * draw.choice((2, 30))
    return [dict.fromkeys(rows[0]), *rows]


def _renamed(rows: list[Row], draw: random.Random) -> list[Row]:
    old, new = draw.choice(list(rows[0])), draw.choice(NAMES)
    return [{new if name == old else name: value for name, value in row.items()} for row in rows]


def odd_lines(content: bytes, draw: random.Random) -> bytes:
    """Damage a text file by its lines: a header that is doubled, cut or gone, rows that are longer or joined."""
    lines = content.split(b"\n")
    at = 0 if draw.random() < 0.5 else draw.randrange(len(lines))
    cells = re.split(rb"([,;\t])", lines[at])
    way = draw.randrange(6)
    if way == 0:
        cells[0] = cells[-1]
    elif way == 1:
        cells = cells[:1]
    elif way == 2:
        cells = cells * 2
    elif way == 3:
        cells.insert(draw.randrange(len(cells)), draw.choice(NAMES).encode())
    elif way == 4:
        cells = []
    else:
        lines[at + 1 : at + 2] = []
    lines[at] = b"".join(cells)
    return b"\n".join(lines)


def recoded(content: bytes, draw: random.Random) -> bytes:
    """Read a text file with one encoding and write it with another."""
    text = content.decode(draw.choice(("utf-8", "cp1252", "utf-16", "latin-1")), errors="replace")
    return text.encode(
        draw.choice(("utf-16", "utf-16-be", "utf-32", "utf-7", "cp037", "utf-8-sig", "latin-1")), "replace"
    )


def odd_file(given: Input, others: Sequence[bytes], draw: random.Random) -> Input:
    """Return an input whose file is another, none, empty, a folder, or named as if it were of another kind."""
    files = dict(given.files)
    content, name = files[given.data] or b"", given.data
    way = draw.randrange(6)
    if way == 0:
        files[name] = draw.choice(
            (b"", b" \n\n", b"\x00" * 1000, b"\xff\xfe", b"PK\x03\x04", b"PAR1PAR1", b"$FL2")
        )
    elif way == 1:
        files[name] = None
    elif way == 2:
        del files[name]
    elif way == 3:
        files[name] = draw.choice(others)
    elif way == 4:
        files[name] = draw.randbytes(draw.choice((1, 10, 1000)))
    else:
        del files[name]
        name = name.rpartition(".")[0] + draw.choice(_SUFFIXES)
        files[name] = content
        study = files.get("study.toml")
        if study is not None:
            files["study.toml"] = study.replace(given.data.encode(), name.encode())
    return Input(given.kind, name, files)
