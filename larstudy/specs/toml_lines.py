"""On which line of a TOML file a key stands, so that a message can point at it; tomllib does not tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from larstudy.errors import Problem

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_KEY = re.compile(rf"^\s*({_PART}(?:\s*\.\s*{_PART})*)\s*=")
_HEADER = re.compile(rf"^\s*\[\s*({_PART}(?:\s*\.\s*{_PART})*)\s*\]")
_FENCES = ('"""', "'''")


def _dotted(text: str) -> str:
    return ".".join(part.strip("\"'") for part in re.findall(_PART, text))


def key_lines(text: str) -> dict[str, int]:
    r"""Return the line of each table and key of a TOML text, by its dotted name.

    Keys inside an inline table are not listed: they stand on the line of their table. The lines of a text in
    triple quotes hold no keys.

    Examples
    --------
    >>> key_lines('title = "x"\n\n[claims.A]\npage = "3"\ntext.en = "One"\n')
    {'title': 1, 'claims': 3, 'claims.A': 3, 'claims.A.page': 4, 'claims.A.text': 5, 'claims.A.text.en': 5}
    """
    found: dict[str, int] = {}
    prefix, fence = "", ""

    def record(name: str, line: int) -> None:
        parts = name.split(".")
        for n in range(1, len(parts) + 1):
            found.setdefault(".".join(parts[:n]), line)

    for line, content in enumerate(text.split("\n"), start=1):
        if fence:
            fence = "" if fence in content else fence
        elif header := _HEADER.match(content):
            prefix = _dotted(header.group(1)) + "."
            record(prefix[:-1], line)
        elif key := _KEY.match(content):
            record(prefix + _dotted(key.group(1)), line)
            fence = next((f for f in _FENCES if content.count(f) % 2), "")
    return found


def line_of(lines: Mapping[str, int], where: str) -> int:
    """Return the line of a key, of the nearest table around it, or 1.

    Examples
    --------
    >>> line_of({"claims.A": 3, "claims.A.text": 5}, "claims.A.text.nn"), line_of({}, "title")
    (5, 1)
    """
    parts = where.split(".")
    names = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((lines[name] for name in names if name in lines), 1)


def with_lines(problems: Sequence[Problem], text: str, name: str) -> list[Problem]:
    """Return the problems of one file in the order of its lines, each with file and line in ``where``."""
    lines = key_lines(text)
    placed = sorted(((line_of(lines, p.where), p) for p in problems), key=lambda pair: pair[0])
    return [replace(p, where=f"{name}, line {n}" + (f", {p.where}" if p.where else "")) for n, p in placed]
