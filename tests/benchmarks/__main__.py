"""Print the table of benchmarks: `python -m tests.benchmarks [--only NAME]`."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from tests.benchmarks import (
    analysis,
    bootstrap,
    clusters,
    cohorts,
    estimands,
    imports,
    imputation,
    permutation,
    two_waves,
    whole_analysis,
)
from tests.benchmarks.timing import Row

BENCHMARKS: dict[str, Callable[[], Row]] = {
    "import": imports.run,
    "analyse": analysis.run,
    "clusters": clusters.run,
    "estimands": estimands.run,
    "two_waves": two_waves.run,
    "whole": whole_analysis.run,
    "impute": imputation.run,
    "cohorts": cohorts.run_formulas,
    "cohorts_np": cohorts.run_arrays,
    "cohorts_cr2": cohorts.run_cr2,
    "bootstrap": bootstrap.run,
    "permutation": permutation.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", choices=sorted(BENCHMARKS), help="run one of them")
    only = parser.parse_args().only
    print(f"{'name':<12} {'ratio':>10} {'goal':>10} holds")
    for name, run in BENCHMARKS.items():
        if only in (None, name):
            row = run()
            print(f"{row.name:<12} {row.ratio:>10.3f} {row.goal:>10} {'yes' if row.holds else 'no'}")


if __name__ == "__main__":
    main()
