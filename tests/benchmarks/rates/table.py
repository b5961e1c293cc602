"""From answers to the table: rates, their Monte-Carlo intervals, and whether they hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.responders import wilson_interval
from tests.benchmarks.rates.answers import Answer
from tests.benchmarks.rates.cohorts import WORLDS, World, draw, truth
from tests.benchmarks.rates.register import of_world

#: A test of a true null at 5 % should reject it in 4 to 6 %, and a 95 % interval hold the truth in 94 to 96 %.
REJECTED, COVERED = (4.0, 6.0), (94.0, 96.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One method asked one thing in one world; rates and their 95 % Wilson intervals in per cent, NaN for none."""

    method: str
    world: str
    target: str
    recommended: str
    holds: str
    n_cohorts: int
    n_failed: int
    n_rejected: int
    rejected: float
    rejected_low: float
    rejected_high: float
    n_covered: float
    coverage: float
    coverage_low: float
    coverage_high: float
    bias: float
    bias_std_error: float
    why: str


COLUMNS = tuple(Row.__dataclass_fields__)


def rows_of(world: World, cohorts: int, seed: int) -> list[Row]:
    """Ask every method of a world about the same cohorts."""
    true = truth(world)
    methods = of_world(world.name)
    answers: list[list[tuple[Answer, ...]]] = [[] for _ in methods]
    for number in range(cohorts):
        cohort = draw(world, seed, number)
        for method, own in zip(methods, answers, strict=True):
            if number % method.one_in == 0:
                own.append(method.ask(cohort, true))
    return [
        _row(method.name, world.name, target, why, list(found))
        for method, own in zip(methods, answers, strict=True)
        for target, why, found in zip(method.targets, method.why, zip(*own, strict=True), strict=True)
    ]


def _row(method: str, world: str, target: str, why: str, answers: Sequence[Answer]) -> Row:
    n = len(answers)
    rejected, covered, error = np.array([(a.rejected, a.covered, a.error) for a in answers]).T
    failed = int(np.isnan(rejected).sum())
    n_rejected, n_covered = int(np.nansum(rejected)), _count(covered)
    rates = rate(n_rejected, n), rate(n_covered, n)
    return Row(
        method=method,
        world=world,
        target=target,
        recommended="no" if why else "yes",
        holds="yes" if not failed and holds(rates[0][0], rates[1][0]) else "no",
        n_cohorts=n,
        n_failed=failed,
        n_rejected=n_rejected,
        rejected=rates[0][0],
        rejected_low=rates[0][1],
        rejected_high=rates[0][2],
        n_covered=n_covered,
        coverage=rates[1][0],
        coverage_low=rates[1][1],
        coverage_high=rates[1][2],
        bias=float(error.mean()),
        bias_std_error=float(error.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan,
        why=why,
    )


def _count(covered: np.ndarray) -> float:
    return np.nan if np.isnan(covered).all() else float(np.nansum(covered))


def rate(count: float, n: int) -> tuple[float, float, float]:
    """Return a rate and its interval in per cent."""
    if np.isnan(count):
        return np.nan, np.nan, np.nan
    share = wilson_interval(int(count), n)
    return 100.0 * share.estimate, 100.0 * share.conf_low, 100.0 * share.conf_high


def holds(rejected: float, coverage: float) -> bool:
    """Say whether both rates lie within their goals; a method without an interval is asked for the first only."""
    right = REJECTED[0] <= rejected <= REJECTED[1]
    return right and (bool(np.isnan(coverage)) or COVERED[0] <= coverage <= COVERED[1])


def as_csv(rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(getattr(row, column)) for column in COLUMNS] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    return "" if isinstance(value, float) and np.isnan(value) else value


def from_csv(text: str) -> list[Row]:
    """Return the rows that `as_csv` wrote."""
    kinds = {name: field.type for name, field in Row.__dataclass_fields__.items()}
    read = {"str": str, "int": int, "float": lambda cell: float(cell) if cell else np.nan}
    return [
        Row(**{name: read[str(kinds[name])](cell) for name, cell in row.items()})
        for row in csv.DictReader(io.StringIO(text))
    ]


def as_markdown(rows: Sequence[Row], command: str) -> str:
    parts = [
        "# Error rates",
        (
            "How often tests at 5 % reject a null hypothesis that is true, and 95 % intervals hold the truth, in made-up"
            " cohorts: 548 enter in 21 facilities of unequal size, 338 are seen again on average, and 38 % are lost at random"
            " given what was observed (baseline score, baseline network, facility). What else is assumed stands in"
            " `tests/benchmarks/rates/cohorts.py`. Nothing here is evidence about patients."
        ),
        (
            "A row holds where it rejects 4 to 6 % and covers 94 to 96 %. Brackets are 95 % Monte-Carlo intervals (Wilson);"
            " bias is estimate minus truth, in points of a score with SD 10. A row that is not recommended says why not."
        ),
        f"Made by `{command}`; every number in `error_rates.csv`.",
    ]
    for world in WORLDS.values():
        own = [row for row in rows if row.world == world.name]
        if own:
            parts += [
                f"## {world.name}",
                world.in_words[0].upper() + world.in_words[1:] + ".",
                _markdown(own),
            ]
    return "\n\n".join(parts) + "\n"


def _markdown(rows: Sequence[Row]) -> str:
    lines = [
        "| method | asked about | cohorts | rejected % | coverage % | bias | recommended | holds |",
        "| --- | --- | ---: | --- | --- | ---: | --- | --- |",
    ]
    for row in rows:
        shown = f"no: {row.why}" if row.why else "yes"
        lines.append(
            f"| {row.method} | {row.target} | {row.n_cohorts} | "
            f"{_rate(row.rejected, row.rejected_low, row.rejected_high)} | "
            f"{_rate(row.coverage, row.coverage_low, row.coverage_high)} | "
            f"{'' if np.isnan(row.bias) else f'{row.bias:.2f}'} | {shown} | {row.holds} |"
        )
    return "\n".join(lines)


def _rate(value: float, low: float, high: float) -> str:
    return "" if np.isnan(value) else f"{value:.1f} [{low:.1f}, {high:.1f}]"
