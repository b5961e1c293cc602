"""Every code in brackets of a message, found in the code itself: what it says, and what it advises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

_TOLD: Final = ("code", "what", "remedy")
_CODE: Final = re.compile(r"[a-z]+(_[a-z]+)*")
#: Of a helper that is told a code: what it takes, in its order.
_Takers = Mapping[str, Sequence[str]]
#: Of the names in one function: every expression that is put under them.
_Given = Mapping[str, Sequence[ast.expr]]


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """What one place of the code says under a code; what is filled in is ``…``."""

    code: str
    what: str
    remedy: str


def said_problems() -> tuple[Said, ...]:
    """Return what every place says that names a code, in alphabetical order.

    Returns
    -------
    tuple of Said

    Examples
    --------
    >>> [said.remedy for said in said_problems() if said.code == "one_group"]
    ['']
    """
    trees = [ast.parse(text) for text in _sources(resources.files("larstudy"))]
    everywhere: dict[str, Sequence[str]] = {}
    for tree in trees:
        everywhere |= _takers(tree)
    found: set[Said] = set()
    for tree in trees:
        # Helpers of several modules may have one name: that of the module itself comes first.
        takers = {**everywhere, **_takers(tree)}
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                given = _given(function)
                for node in ast.walk(function):
                    if isinstance(node, ast.Call):
                        found |= set(_said(node, takers, given))
    return tuple(sorted(found))


def _sources(folder: Traversable) -> Iterator[str]:
    for entry in sorted(folder.iterdir(), key=lambda file: file.name):
        if entry.is_dir() and entry.name not in ("resources", "__pycache__"):
            yield from _sources(entry)
        elif entry.name.endswith(".py"):
            yield entry.read_text(encoding="utf-8")


def _takers(tree: ast.Module) -> dict[str, Sequence[str]]:
    found: dict[str, Sequence[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            if "code" in names or "code" in [argument.arg for argument in node.args.kwonlyargs]:
                found[node.name] = names
    return found


def _given(function: ast.FunctionDef) -> _Given:
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def _said(call: ast.Call, takers: _Takers, given: _Given) -> Iterator[Said]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name != "Problem" and name not in takers:
        return
    values = dict(zip(takers.get(name, ()), call.args, strict=False))
    values |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    told = {key: list(_texts(values[key], given)) if key in values else [""] for key in _TOLD}
    for at, code in enumerate(told["code"]):
        if _CODE.fullmatch(code):
            # Of "a if ... else b" for both the code and the text, the firsts and the seconds go together.
            rest = at if len(told["code"]) > 1 else 0
            what, remedy = (told[key][min(rest, len(told[key]) - 1)] for key in _TOLD[1:])
            yield Said(code, what, remedy)


def _texts(node: ast.expr, given: _Given) -> Iterator[str]:
    """Yield the texts that an expression may be; what is filled in is ``…``."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body, given)
        yield from _texts(node.orelse, given)
    elif isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield next(_texts(node.left, given)) + next(_texts(node.right, given))
    elif isinstance(node, ast.Name) and node.id in given:
        # Its own name in what is put under it would be looked up without end.
        rest = {name: values for name, values in given.items() if name != node.id}
        for value in given[node.id]:
            yield from _texts(value, rest)
    else:
        yield "…"
