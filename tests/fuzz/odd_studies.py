"""Ways to damage a study file: its letters, its keys, and the values that they have."""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
import tomllib
from typing import Any

from tests.fuzz.damage import odd_bytes

_VALUES: tuple[Any, ...] = (
    0, -1, 1, 2, 1.5, 1e308, -1e308, 1e100, 5e-324, 10**30, -(10**30), float("nan"), float("inf"), True, False, "", " ",
    "x", "\x00", "\x1b[2J", "\u202e", "{", "}", "{}", "{0}", "{wave}", "{wave.__class__}", "{wave!r:>9999999}", "%s", "id", "all",
    "status", "nettverk", "livskvalitet", "baseline", "better", "worse", "long", "wide", "n5", "ssb3", "europasi", "qol10", "help",
    "../../../../../../etc/passwd", "/dev/zero", "/dev/stdin", "/proc/self/mem", "/", ".", "..", "study.toml", "fields.csv", "~", "C:\\x",
    "a/../data.csv", "data.csv\x00", "con", "\n", "x" * 70_000, "utf-7", "utf-16", "hex", "rot13", "zip", "idna", "punycode",
    "unicode_escape", ";", ",", "\t", '"', "\r", "ø",
    [], [[]], [1], [0, 0], [1, 0], [-1e308, 1e308], [0, 1, 2], ["a"], ["a", "a"], [None], ["baseline", "year1"], {}, {"": 1},
    {"a": 1}, {"a": {"b": {}}}, [{}], [{"file": "data.csv"}], {"baseline": 0}, {"baseline": 0, "year1": 0},
    dt.date(1, 1, 1), dt.datetime(9999, 12, 31), dt.time(0),
)  # fmt: skip
_KEYS = (
    "", " ", "x", "study", "data", "outcomes", "network", "group", "treatment_status", "covariates", "disclosure", "instruments",
    "file", "files", "wave", "waves", "windows", "date", "baseline_date", "two_visits", "date_order", "encoding", "separator", "decimal",
    "sheet", "dictionary", "repeats", "cluster", "column", "columns", "values", "rule", "instrument", "scale", "items", "range", "mcid",
    "missing_codes", "order", "analysis", "lang", "preset", "minimum", "a.b", "all", "time", "group[x]", "æ", "\x00", "x" * 3000, "__class__",
)  # fmt: skip
_PIECES = (
    "[data]\n", "[[data]]\n", "= ", '"', "'''", "\\", "{", "}", "[", "]", "#", "\x00", "\r", "\n\n", ",", "1979-05-27", "0x", "_", "9" * 5000,
    "[" * 5000, "{a=" * 2000, "a." * 3000 + "b = 1\n", "\ufeff", "inf", "'", '"""', "é", "[study]\n", "1e400", "-", "+", "a = 1\n",
)  # fmt: skip


def odd_study(content: bytes, draw: random.Random) -> bytes:
    """Damage a study file in one to four ways of one kind."""
    way = draw.random()
    if way < 0.2:
        return odd_bytes(content, draw)
    if way < 0.4:
        return _odd_text(content.decode(), draw)
    tree = tomllib.loads(content.decode())
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        _change(tree, draw)
    return dumped(tree).encode(errors="replace")


def _odd_text(text: str, draw: random.Random) -> bytes:
    for _ in range(draw.choice((1, 1, 2))):
        at = draw.randrange(len(text) + 1)
        until = at + draw.choice((0, 0, 1, 5, 40))
        text = text[:at] + draw.choice(_PIECES) + text[until:]
    return text.encode()


def _tables(tree: Any) -> list[Any]:
    """Return every table and list in a tree, the tree first."""
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    found = [tree] if isinstance(tree, dict | list) else []
    return found + [table for value in inner for table in _tables(value)]


def _change(tree: dict[str, Any], draw: random.Random) -> None:
    """Remove, rename, add or replace one key, or put a value where another belongs."""
    table = draw.choice([table for table in _tables(tree) if table] or [tree])
    if isinstance(table, list):
        table[draw.randrange(len(table))] = copy.deepcopy(draw.choice(_VALUES))
        return
    key = draw.choice(sorted(table)) if table else ""
    way = draw.randrange(7)
    if way == 0:
        table.pop(key, None)
    elif way == 1:
        table[draw.choice(_KEYS)] = table.pop(key, 1)
    elif way == 2:
        table[draw.choice(_KEYS)] = copy.deepcopy(draw.choice(_VALUES))
    elif way == 3:
        table[draw.choice(_KEYS)] = copy.deepcopy(draw.choice(_tables(tree)))
    else:
        table[key] = copy.deepcopy(draw.choice(_VALUES))


def dumped(tree: dict[str, Any]) -> str:
    """Return a tree as TOML, a line a key.

    Examples
    --------
    >>> dumped({"a": {"b": [1, "x"]}, "c": float("inf")})
    '"a" = { "b" = [1, "x"] }\\n"c" = inf\\n'
    """
    return "".join(f"{_quoted(key)} = {_value(value)}\n" for key, value in tree.items())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_quoted(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(v) for v in value if v is not None) + "]"
    return value.isoformat() if isinstance(value, dt.date | dt.time) else repr(value)
