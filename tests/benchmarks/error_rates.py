"""Type I error and interval coverage by simulation: `python -m tests.benchmarks.error_rates`.

Prints the table as Markdown. `--out FILE` writes it, with all its numbers in a CSV file of the same name.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.benchmarks.rates.cohorts import WORLDS
from tests.benchmarks.rates.table import Row, as_csv, as_markdown, rows_of

COHORTS, SEED = 5000, 338


def simulate(cohorts: int, seed: int, *, only: str | None = None) -> list[Row]:
    """Return the rows of all worlds, or of one."""
    rows: list[Row] = []
    for world in WORLDS.values():
        if only in (None, world.name):
            print(f"{world.name} ...", file=sys.stderr)
            rows += rows_of(world, cohorts, seed)
    return rows


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.error_rates", description=__doc__)
    parser.add_argument(
        "--cohorts", type=int, default=COHORTS, help="for each world; slow methods see some of them"
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", choices=list(WORLDS), help="one of the worlds")
    parser.add_argument("--out", type=Path, help="a Markdown file; the CSV file goes beside it")
    chosen = parser.parse_args(arguments)
    rows = simulate(chosen.cohorts, chosen.seed, only=chosen.only)
    command = f"python -m tests.benchmarks.error_rates --cohorts {chosen.cohorts} --seed {chosen.seed}"
    text = as_markdown(rows, command + (f" --only {chosen.only}" if chosen.only else ""))
    if chosen.out:
        chosen.out.write_text(text, encoding="utf-8")
        chosen.out.with_suffix(".csv").write_text(as_csv(rows), encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
