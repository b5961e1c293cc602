"""Faults planted in a copy of the package: each turns a test red that is green without it.

The faults are those that a careful reader fears most in work of this kind, because the result still looks
right: a sign, a reversed item, people paired by position, two groups that change places. A test that stays
green with such a fault in the code would prove nothing.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: Of the copy: the tests that are run, and what they share.
_TESTS = (
    "__init__.py", "conftest.py", "samples.py", "test_figures.py", "test_resources.py", "test_stats.py",
    "test_synthetic.py", "test_synthetic_files.py", "test_twelve.py",
)  # fmt: skip
_BY_HAND = "tests/test_stats.py::TestPairedChange::test_by_hand"
_EVERYBODY = "tests/test_twelve.py::TestChange::test_everybody"
_CHANGE_SCORE = "tests/test_twelve.py::TestComparison::test_change_score_by_hand"
_BY_GROUP = "tests/test_twelve.py::TestComparison::test_change_by_group"
_ANY_ORDER = "tests/test_twelve.py::TestComparison::test_series_in_any_order_and_with_strangers"
_EXAMPLES = "tests/test_resources.py::test_worked_example"
_WORLDS = "tests/test_synthetic.py::TestWorlds"
_STAMP = "tests/test_figures.py::TestOthers::test_stamp"


@dataclass(frozen=True)
class Mutation:
    """A fault: what stands in a file of the package, what is put there, and the test that must see it."""

    file: str
    old: str
    new: str
    test: str


MUTATIONS = {
    "sign of the change": Mutation(
        "stats/paired.py", "_centred(after - before)", "_centred(before - after)", _BY_HAND
    ),
    "sign of each person's change": Mutation(
        "changes.py", "change = self.after - self.before", "change = self.before - self.after", _EVERYBODY
    ),
    "standard deviation by n": Mutation(
        "stats/paired.py",
        "np.sqrt(centred @ centred / (len(centred) - 1))",
        "np.sqrt(centred @ centred / len(centred))",
        _BY_HAND,
    ),
    "no item reversed": Mutation(
        "scales.py",
        "return item.low + item.high - given if item.reversed else given",
        "return given",
        f"{_EXAMPLES}[whoqol_bref-0]",
    ),
    "one item's reversal lost": Mutation(
        "resources/instruments/whoqol_bref.toml",
        '26 = { theme = "negative feelings", min = 1, max = 5, reversed = true }',
        '26 = { theme = "negative feelings", min = 1, max = 5 }',
        f"{_EXAMPLES}[whoqol_bref-0]",
    ),
    "groups paired by position": Mutation(
        "ledger.py",
        "np.asarray(persons.get_indexer(wanted), dtype=np.intp)",
        "np.arange(len(wanted), dtype=np.intp) % max(len(persons), 1)",
        _ANY_ORDER,
    ),
    "waves paired by position": Mutation(
        "changes.py",
        "before, after = scores.values[present, first], scores.values[present, second]",
        "before = scores.values[: present.sum(), first]; after = scores.values[-present.sum() :, second]",
        _EVERYBODY,
    ),
    "gained and maintained swapped": Mutation(
        "specs/networks.py",
        "group=MAINTAINED_ABSTINENT),\n"
        "    TransitionRule(from_category=ANY, to_category=ABSTINENT, group=GAINED_ABSTINENT),",
        "group=GAINED_ABSTINENT),\n"
        "    TransitionRule(from_category=ANY, to_category=ABSTINENT, group=MAINTAINED_ABSTINENT),",
        _BY_GROUP,
    ),
    "another reference group": Mutation(
        "networks.py", "reference=DRUG_DOMINATED,", 'reference="isolated",', _CHANGE_SCORE
    ),
    "gain of a world turned": Mutation(
        "resources/worlds/review.toml",
        "gained_abstinent = 0.55, drug_dominated = 0.0, isolated = -0.25",
        "gained_abstinent = -0.55, drug_dominated = 0.0, isolated = -0.25",
        f"{_WORLDS}::test_review_order",
    ),
    "effect in the world without one": Mutation(
        "resources/worlds/null.toml",
        "gained_abstinent = 0.0, drug_dominated = 0.0, isolated = 0.0 }, social",
        "gained_abstinent = 0.1, drug_dominated = 0.0, isolated = 0.0 }, social",
        f"{_WORLDS}::test_null_has_no_association",
    ),
    "generated answers turned round": Mutation(
        "synthetic/simulation.py",
        "return np.int8(5) - cut(latent, self.s.item_cuts)",
        "return np.int8(1) + cut(latent, self.s.item_cuts)",
        f"{_WORLDS}::test_review_order",
    ),
    "the lost answer all the same": Mutation(
        "synthetic/cohorts.py",
        "answered[:, 1] &= d.seen[:, None]",
        "pass",
        "tests/test_synthetic.py::TestCohorts::test_scores_are_those_of_the_items",
    ),
    "a check target feeds the generator": Mutation(
        "synthetic/worlds.py",
        'for t in published_targets().values() if t.role == "calibrate"',
        "for t in published_targets().values()",
        f"{_WORLDS}::test_check_targets_never_feed_a_world",
    ),
    "no stamp on figures": Mutation("figures/base.py", "    if synthetic:\n", "    if False:\n", _STAMP),
    "no stamp under tables": Mutation(
        "tables.py", '[SYNTHETIC_STAMP + "."] if self.synthetic else []', "[]", _STAMP
    ),
    "no stamp on numbers": Mutation(
        "results.py", "frame.assign(synthetic=True) if synthetic else frame", "frame", _STAMP
    ),
    "no stamp on sentences": Mutation(
        "results.py",
        '{SYNTHETIC_STAMP}. {text}" if synthetic else text',
        '{text}" if synthetic else text',
        "tests/test_synthetic_files.py::TestFiles::test_study_runs_and_memory_agrees",
    ),
}


# -- in a process of its own: this file as a script ------------------------------------------------------------


def run(copy: Path, tests: Iterable[str]) -> tuple[int, str]:
    """Run some tests on the package as it now is in the copy: the exit code, and what was said."""
    ours = [name for name in sys.modules if name.split(".")[0] in ("larstudy", "tests")]
    for name in ours:
        del sys.modules[name]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        code = pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", str(copy), *tests])
    tested = Path(sys.modules["larstudy"].__file__ or "")
    assert tested.is_relative_to(copy), f"{tested} was tested, not the copy"
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
    return int(code), said.getvalue()


def run_all(copy: Path) -> dict[str, tuple[int, str]]:
    """Run the tests with each fault in turn; without any before that, and once more at the end.

    The libraries are imported once for all, which is most of what a run costs; larstudy anew each time.
    """
    everything = sorted({mutation.test for mutation in MUTATIONS.values()})
    found = {"before": run(copy, everything)}
    for name, mutation in MUTATIONS.items():
        file = copy / "larstudy" / mutation.file
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        # Of another age than it was: what was compiled of it without the fault is not taken for it.
        os.utime(file, (0, 1_000_000_000))
        found[name] = run(copy, [mutation.test])
        shutil.copy2(ROOT / "larstudy" / mutation.file, file)
    return found | {"after": run(copy, everything)}


# -- the tests -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Exit code and words of the run with each fault, on a copy of the package and of what its tests need."""
    place = tmp_path_factory.mktemp("mutations").resolve()
    shutil.copytree(ROOT / "larstudy", place / "larstudy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data", place / "data")
    shutil.copy2(ROOT / "pyproject.toml", place)
    (place / "tests").mkdir()
    for name in _TESTS:
        shutil.copy2(ROOT / "tests" / name, place / "tests")
    measured = ("COV_CORE", "COVERAGE", "PYTEST_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(measured)}
    environment |= {"PYTHONPATH": str(place), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-P", __file__, str(place)]
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: (code, said) for name, (code, said) in json.loads(done.stdout).items()}


@pytest.mark.parametrize("when", ["before", "after"])
def test_green_without_a_fault(runs: dict[str, tuple[int, str]], when: str) -> None:
    code, said = runs[when]
    assert code == 0, said
    assert f"{len({mutation.test for mutation in MUTATIONS.values()})} passed" in said


@pytest.mark.parametrize("name", MUTATIONS)
def test_what_is_replaced_is_still_there(name: str) -> None:
    mutation = MUTATIONS[name]
    text = (ROOT / "larstudy" / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1, f"'{mutation.old}' does not stand once in {mutation.file}"


@pytest.mark.parametrize("name", MUTATIONS)
def test_red_with_a_fault(runs: dict[str, tuple[int, str]], name: str) -> None:
    code, said = runs[name]
    # 1: a test failed. What cannot be collected has another code.
    assert code == 1, said
    assert said.splitlines()[-1].startswith("1 failed"), said


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run_all(Path(sys.argv[1]))))
