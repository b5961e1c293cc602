"""Timing two things against each other: in turns, and by the median, so that a busy moment hurts both."""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: the ratio that was measured, and the goal that it is held against."""

    name: str
    ratio: float
    goal: str
    holds: bool


def at_least(name: str, ratio: float, goal: float) -> Row:
    return Row(name, ratio, f">={goal:g}", ratio >= goal)


def at_most(name: str, ratio: float, goal: float) -> Row:
    return Row(name, ratio, f"<={goal:g}", ratio <= goal)


def seconds(work: Callable[[], object], repeats: int) -> float:
    """Return the seconds of one piece of work, from several in a row."""
    start = time.perf_counter()
    for _ in range(repeats):
        work()
    return (time.perf_counter() - start) / repeats


def medians(
    works: dict[str, Callable[[], object]], *, turns: int, at_least_seconds: float = 0.0
) -> dict[str, float]:
    """Return the median seconds of each piece of work.

    Each is done once without counting. Then they take turns; in its turn a piece of work is repeated until
    it has taken ``at_least_seconds``, so that short work is not measured while the machine warms to it.
    """
    repeats = {}
    for name, work in works.items():
        work()
        repeats[name] = max(1, math.ceil(at_least_seconds / seconds(work, 1)))
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(turns):
        for name, work in works.items():
            times[name].append(seconds(work, repeats[name]))
    return {name: statistics.median(values) for name, values in times.items()}


def python(code: str) -> Callable[[], object]:
    """Return work that runs a line of code in a new interpreter."""
    return lambda: subprocess.run([sys.executable, "-c", code], check=True)
