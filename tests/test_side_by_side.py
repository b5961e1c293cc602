"""Jobs side by side: the same results in the same order, errors that come through whole, and no need of processes."""

from __future__ import annotations

import os
import pickle
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import pytest

import larstudy as ls
from larstudy import side_by_side as module
from larstudy.errors import Problem
from larstudy.side_by_side import side_by_side

PROBLEM = Problem(
    code="no_person", where="data.person", what="is missing", remedy="Name it", n=3, rows=(1, 2)
)
needs_two_cores = pytest.mark.skipif(module.cores() < 2, reason="one core: nothing is side by side")


def refuse() -> int:
    raise ls.DataError([PROBLEM], title="study.toml: 1 problem")


def die(mark: Path) -> int:
    """Die in a process of its own; where the mark shows that this is the second time, live."""
    if mark.exists():
        return 7
    mark.touch()
    os._exit(1)


@needs_two_cores
def test_each_in_a_process_of_its_own() -> None:
    found = side_by_side({"b": os.getpid, "a": os.getpid})
    assert list(found) == ["b", "a"]
    assert os.getpid() not in found.values()


def test_on_one_core_there_is_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "cores", lambda: 1)
    assert side_by_side({"a": os.getpid, "b": os.getpid}) == {"a": os.getpid(), "b": os.getpid()}


def test_one_job_needs_no_process() -> None:
    assert side_by_side({"a": os.getpid}) == {"a": os.getpid()}


def test_where_systems_do_not_tell_what_a_process_is_bound_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert module.cores() == 6


@needs_two_cores
def test_an_error_comes_through_whole() -> None:
    with pytest.raises(ls.DataError) as error:
        side_by_side({"a": refuse, "b": int})
    assert error.value.problems == (PROBLEM,)
    assert str(error.value).startswith("study.toml: 1 problem\n  1. [no_person] data.person: is missing")


@needs_two_cores
def test_a_process_that_dies(tmp_path: Path) -> None:
    """Where processes are ended from outside, the jobs are done here, one after another."""
    assert side_by_side({"a": partial(die, tmp_path / "mark"), "b": int}) == {"a": 7, "b": 0}


@pytest.mark.parametrize("error", [NotImplementedError, PermissionError, BrokenProcessPool])
def test_where_new_processes_are_forbidden(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def forbidden(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(module, "cores", lambda: 2)
    monkeypatch.setattr(module, "ProcessPoolExecutor", forbidden)
    assert side_by_side({"a": int, "b": str}) == {"a": 0, "b": ""}


@pytest.mark.parametrize("kind", [ls.DataError, ls.SpecError])
def test_problems_can_be_pickled(kind: type[ls.DataError]) -> None:
    error = pickle.loads(pickle.dumps(kind([PROBLEM, PROBLEM], title="two of them")))
    assert type(error) is kind
    assert error.problems == (PROBLEM, PROBLEM)
    assert str(error) == str(kind([PROBLEM, PROBLEM], title="two of them"))
