"""Run the fuzzer and print a table: `python -m tests.fuzz --inputs 20000 --seed 1`."""

from __future__ import annotations

import argparse
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.holding import commands_for, hold
from tests.fuzz.inputs import make_input

#: An input that makes the package want more than this is one that it should have refused.
_MOST_MEMORY = 6 * 2**30


def main() -> int:
    """Give inputs to the commands, print what came of them, and return 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first input")
    parser.add_argument(
        "--analysed", type=float, default=0.012, help="share of the studies that are analysed"
    )
    parser.add_argument("--keep", type=Path, help="folder for the inputs that failed")
    given = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    counts: Counter[tuple[str, str]] = Counter()
    commands: Counter[tuple[str, str]] = Counter()
    slowest = 0.0
    for number in range(given.first, given.first + given.inputs):
        draw = random.Random(f"{given.seed} {number}")
        one = make_input(draw)
        started = time.perf_counter()
        seen = hold(one, commands_for(one, draw, analysed=given.analysed))
        slowest = max(slowest, time.perf_counter() - started)
        result = "failures" if seen.failures else "refused" if seen.code else "accepted"
        counts[one.kind, result] += 1
        commands[seen.command, result] += 1
        if (number + 1) % 1000 == 0:
            print(f"{number + 1} inputs", file=sys.stderr, flush=True)
        if seen.failures:
            _tell(number, one.kind, seen.command, seen.failures)
            if given.keep is not None:
                folder = given.keep / str(number)
                folder.mkdir(parents=True, exist_ok=True)
                for name, content in one.files.items():
                    if content is not None:
                        (folder / name).write_bytes(content)
    _table("input", counts)
    _table("command", commands)
    print(f"The slowest input took {slowest:.0f} s.")
    return int(any(result == "failures" for _, result in counts))


def _tell(number: int, kind: str, command: str, failures: tuple[str, ...]) -> None:
    print(f"input {number}, {kind}, {command}:", *failures, sep="\n    ", file=sys.stderr, flush=True)


def _table(what: str, counts: Counter[tuple[str, str]]) -> None:
    columns = ("refused", "accepted", "failures")
    print(f"| {what} | inputs | refused with a message | accepted | failures |")
    print("| --- | --- | --- | --- | --- |")
    for row in sorted({row for row, _ in counts}):
        numbers = [counts[row, column] for column in columns]
        print(f"| {row} | {sum(numbers)} | " + " | ".join(map(str, numbers)) + " |")
    numbers = [sum(n for (_, result), n in counts.items() if result == column) for column in columns]
    print(f"| all | {sum(numbers)} | " + " | ".join(map(str, numbers)) + " |\n")


if __name__ == "__main__":
    sys.exit(main())
