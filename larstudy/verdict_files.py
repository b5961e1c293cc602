"""Verdicts as the bytes of files, and what changed against those that are kept."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any, cast

from larstudy.claim_verdicts import Reached, VerdictPart, Verdicts
from larstudy.figures import PICTURES, FigureResult, apart
from larstudy.names import CONTRADICTED, INCONCLUSIVE, SUPPORTED
from larstudy.specs.reading import resource_toml
from larstudy.table_files import table_bytes

_KINDS = ("real", "synthetic")
_PARTS: tuple[VerdictPart, ...] = ("verdicts", "waves", "tests", "worth")


def verdict_bytes(found: Verdicts, kind: str) -> bytes:
    """Return verdicts as csv, md, html or json, or the evidence map as svg.

    Parameters
    ----------
    found : Verdicts
    kind : {"csv", "md", "html", "json", "svg"}
    """
    if kind == "svg":
        return _map(found).to_bytes("svg")
    if kind == "json":
        parts = {part: json.loads(found.to_frame(part).to_json(orient="records")) for part in _PARTS}
        return (json.dumps(parts, ensure_ascii=False, indent=2) + "\n").encode()
    return table_bytes(found.table(), cast("Any", kind), lang=found.lang)


def verdict_files(found: Verdicts) -> dict[str, bytes]:
    """Return everything about verdicts as files, by name."""
    files = {}
    for part in _PARTS:
        out = io.StringIO()
        found.to_frame(part).to_csv(out, index=False, float_format="%.10g", lineterminator="\n")
        files["verdicts.csv" if part == "verdicts" else f"verdicts_{part}.csv"] = out.getvalue().encode()
    files["verdicts.html"] = verdict_bytes(found, "html")
    drawn = _map(found)
    return files | {f"evidence_map.{kind}": drawn.to_bytes(kind) for kind in PICTURES}


def _map(found: Verdicts) -> FigureResult:
    """Return the map of claims by kinds of evidence, on a figure of its own."""
    with apart():
        return found.plot()


def kept_toml(found: Verdicts) -> str:
    """Return verdicts as they are kept: what each claim came to, and how many analyses said what."""
    lines = [
        "# What each verdict came to; `larstudy verdicts --check` tells what has changed since, and why."
    ]
    for claim in found.evidence.claims:
        own = {kind: found.by_kind[kind][claim] for kind in _KINDS}
        if any(one.verdict != "not_testable" for one in own.values()):
            lines += ["", f"[{claim}]"]
            lines += [f"{kind} = {_inline(one)}" for kind, one in own.items()]
    return "\n".join(lines) + "\n"


def _inline(one: Reached) -> str:
    counts = {name: one.counts.get(name, 0) for name in (SUPPORTED, CONTRADICTED, INCONCLUSIVE)}
    listed = ", ".join(f"{name} = {count}" for name, count in counts.items())
    rests = ", ".join(f'"{name}"' for name in one.rests_on)
    return f'{{ verdict = "{one.verdict}", {listed}, rests_on = [{rests}] }}'


def changed_verdicts(found: Verdicts, kept: Mapping[str, Any] | None = None) -> list[str]:
    """Return one sentence for each verdict that is another than the one kept, with what is behind it.

    Parameters
    ----------
    found : Verdicts
        On the review and data that ship.
    kept : mapping, optional
        The file that ships unless given.

    Examples
    --------
    >>> import larstudy as ls
    >>> changed_verdicts(ls.verdicts(n_cohorts=0, progress=False))
    []
    """
    then = resource_toml("evidence", "verdicts") if kept is None else kept
    changes = []
    for claim in found.evidence.claims:
        for kind in _KINDS:
            now = found.by_kind[kind][claim]
            was = then.get(claim, {}).get(kind, {"verdict": "not_testable"})
            if now.verdict != was["verdict"]:
                before = _behind(was, was.get("rests_on", ()))
                after = _behind(now.counts, now.rests_on)
                then_and_now = f"was {was['verdict']} ({before}), is {now.verdict} ({after})"
                changes.append(f"{claim}, {kind}: {then_and_now}.")
    return changes


def _behind(counts: Mapping[str, Any], rests_on: Any) -> str:
    said = [f"{counts[name]} {name}" for name in (SUPPORTED, CONTRADICTED, INCONCLUSIVE) if counts.get(name)]
    if rests_on:
        said.append(f"rests on {', '.join(rests_on)}")
    return ", ".join(said) or "no analysis"
