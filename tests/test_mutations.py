"""Faults planted in a copy of the code must turn tests red: a test that passes whatever the code says is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent


class Mutation(NamedTuple):
    """A fault: in which file, what stands there, what is put in its place, and which tests must see it."""

    name: str
    file: str
    text: str
    instead: str
    tests: tuple[str, ...]


TWELVE = "tests/test_twelve.py"
MUTATIONS = (
    Mutation(
        "the sign of the change",
        "stats/paired.py", "_centred(after - before)", "_centred(before - after)",
        (f"{TWELVE}::TestChange::test_everybody",),
    ),
    Mutation(
        "an item that is no longer reversed",
        "scales.py", "return item.low + item.high - given if item.reversed else given", "return given",
        ("tests/test_resources.py",),
    ),
    Mutation(
        "persons paired by position",
        "ledger.py", "return np.asarray(persons.get_indexer(wanted), dtype=np.intp)",
        "return np.arange(len(wanted)) % max(len(persons), 1)",
        (TWELVE, "-k", "test_series_in_any_order_and_with_strangers"),
    ),
    Mutation(
        "gained and maintained exchanged",
        "specs/networks.py",
        "TransitionRule(from_category=ABSTINENT, to_category=ABSTINENT, group=MAINTAINED_ABSTINENT)",
        "TransitionRule(from_category=ABSTINENT, to_category=ABSTINENT, group=GAINED_ABSTINENT)",
        (TWELVE, "-k", "test_transitions"),
    ),
    Mutation(
        "a standard deviation over n",
        "stats/paired.py", "(len(centred) - 1)", "len(centred)",
        (TWELVE, "-k", "TestChange or TestComparison"),
    ),
    Mutation(
        "the sign of a world's effect",
        "synthetic/simulation.py", 'by_group = world.value("gain_group")', 'by_group = -world.value("gain_group")',
        ("tests/test_synthetic.py", "-k", "test_review_order"),
    ),
    Mutation(
        "the stamp on synthetic results left out",
        "results.py", 'return f"{SYNTHETIC_STAMP}. {text}" if synthetic else text', "return text",
        ("tests/test_characteristics.py", "-k", "test_words_table_and_picture"),
    ),
    Mutation(
        "support by p alone",
        "stats/decisions.py", "(conf_low > 0) & (estimate >= smallest), conf_high < smallest", "conf_low > 0, conf_high < 0",
        ("tests/test_characteristics.py", "-k", "test_interval_held"),
    ),
    Mutation(
        "cluster errors without their correction",
        "stats/cohort_clusters.py", "1.0 / np.sqrt(safe) if kind", "np.ones_like(safe) if kind",
        ("tests/test_cohort_batches.py", "-k", "test_clusters_as_one_by_one and CR2 and False"),
    ),
    Mutation(
        "imputations pooled as if there were endlessly many",
        "stats/pooling.py", "extra = (1.0 + 1.0 / m) * between", "extra = between",
        ("tests/test_tipping.py", "-k", "TestPooling"),
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the code, and of the tests but for the heavy ones."""
    folder = tmp_path_factory.mktemp("copy")
    no_bytecode = shutil.ignore_patterns("__pycache__", "benchmarks")
    shutil.copytree(ROOT / "larstudy", folder / "larstudy", ignore=no_bytecode)
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=no_bytecode)
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def run(copy: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run some tests on the copy, which stands before whatever is installed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("COV_CORE_SOURCE", None)
    return subprocess.run(
        command, cwd=copy, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_planted_fault_turns_tests_red(mutation: Mutation, copy: Path) -> None:
    path = copy / "larstudy" / mutation.file
    whole = path.read_text(encoding="utf-8")
    assert whole.count(mutation.text) >= 1, "what was to be changed is no longer there"
    path.write_text(whole.replace(mutation.text, mutation.instead), encoding="utf-8")
    try:
        found = run(copy, mutation.tests)
    finally:
        path.write_text(whole, encoding="utf-8")
    # 1: tests failed. 5 would be no test at all, 2 and above a run that broke down.
    assert found.returncode == 1, found.stdout[-2000:]
    assert "failed" in found.stdout


def test_the_same_tests_are_green_without_a_fault(copy: Path) -> None:
    nodes = sorted({mutation.tests[0].partition("::")[0] for mutation in MUTATIONS})
    names = " or ".join(
        (
            "test_everybody",
            "reversed",
            "strangers",
            "test_transitions",
            "test_review_order",
            "test_words_table",
        )
    )
    found = run(copy, (*nodes, "-k", names))
    assert found.returncode == 0, found.stdout[-2000:]
