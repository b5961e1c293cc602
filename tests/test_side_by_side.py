"""Jobs side by side: the same results in the same order, errors that come through whole, and no need of processes."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import time
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


def stay() -> int:
    time.sleep(3600)
    return 1


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
def test_an_error_ends_the_other_jobs() -> None:
    """An hour is not waited for, and nobody goes on working for nobody."""
    with pytest.raises(ls.DataError):
        side_by_side({"a": refuse, "b": stay})
    assert multiprocessing.active_children() == []


@needs_two_cores
def test_whoever_is_interrupted_ends_its_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("multiprocessing.connection.Connection.recv", interrupted)
    with pytest.raises(KeyboardInterrupt):
        side_by_side({"a": stay, "b": stay})
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize(("job", "sent"), [(int, 0), (refuse, (PROBLEM,))])
def test_what_is_sent(job, sent: object, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[object, ...]] = []
    monkeypatch.setattr("signal.signal", lambda *given: heard.append(given))
    receiver, sender = multiprocessing.Pipe(duplex=False)
    with receiver, sender:
        module._answer(job, sender)
        answer = receiver.recv()
    assert (answer.error.problems if isinstance(answer, module._Raised) else answer) == sent
    assert heard == [(signal.SIGINT, signal.SIG_IGN)]


@needs_two_cores
def test_a_process_that_dies(tmp_path: Path) -> None:
    """Where processes are ended from outside, the jobs are done here, one after another."""
    assert side_by_side({"a": partial(die, tmp_path / "mark"), "b": int}) == {"a": 7, "b": 0}


@pytest.mark.parametrize("error", [NotImplementedError, PermissionError])
def test_where_new_processes_are_forbidden(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def forbidden(_: str) -> None:
        raise error

    monkeypatch.setattr(module, "cores", lambda: 2)
    monkeypatch.setattr(module, "get_context", forbidden)
    assert side_by_side({"a": int, "b": str}) == {"a": 0, "b": ""}


@pytest.mark.parametrize("kind", [ls.DataError, ls.SpecError])
def test_problems_can_be_pickled(kind: type[ls.DataError]) -> None:
    error = pickle.loads(pickle.dumps(kind([PROBLEM, PROBLEM], title="two of them")))
    assert type(error) is kind
    assert error.problems == (PROBLEM, PROBLEM)
    assert str(error) == str(kind([PROBLEM, PROBLEM], title="two of them"))
