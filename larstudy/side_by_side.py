"""Long jobs that need nothing of each other, each in a process of its own where there are cores for it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

Result = TypeVar("Result")


def cores() -> int:
    """Return how many cores this process may use."""
    # Not every system tells what a process is bound to.
    bound = getattr(os, "sched_getaffinity", None)
    return len(bound(0)) if bound else os.cpu_count() or 1


def side_by_side(jobs: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
    """Do jobs, and return what each gives; the results are the same however many cores there are.

    Parameters
    ----------
    jobs : mapping of str to callable
        A few functions of modules, or partials of them. What they give can be pickled.

    Returns
    -------
    dict of str
        In the order of the jobs.

    Raises
    ------
    Exception
        The first that a job raises, in the order of the jobs; the other jobs are ended. So they are where
        this process is interrupted.

    Examples
    --------
    >>> side_by_side({"one": int, "other": str})
    {'one': 0, 'other': ''}
    """
    if min(cores(), len(jobs)) < 2:
        return _in_turn(jobs)
    try:
        found = _in_processes(jobs)
    except (EOFError, OSError, NotImplementedError):
        # Closed environments may forbid new processes, or end them.
        return _in_turn(jobs)
    for one in found.values():
        if isinstance(one, _Raised):
            raise one.error
    return {name: one for name, one in found.items() if not isinstance(one, _Raised)}


class _Raised:
    """What a job raised, on its way to the process that asked for it."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _in_turn(jobs: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
    return {name: job() for name, job in jobs.items()}


def _in_processes(jobs: Mapping[str, Callable[[], Result]]) -> dict[str, Result | _Raised]:
    """Return what each job gave, up to the first that raised an error."""
    # A new interpreter for each: a copy of this one could hold locks that nobody opens.
    context = get_context("spawn")
    found: dict[str, Result | _Raised] = {}
    with ExitStack() as at_the_end:
        receivers: dict[str, Connection] = {}
        for name, job in jobs.items():
            receiver, sender = context.Pipe(duplex=False)
            at_the_end.callback(receiver.close)
            with sender:
                process = context.Process(target=_answer, args=(job, sender), daemon=True)
                process.start()
            at_the_end.callback(process.join)
            at_the_end.callback(process.terminate)
            receivers[name] = receiver
        for name, receiver in receivers.items():
            found[name] = receiver.recv()
            if isinstance(found[name], _Raised):
                break
    return found


def _answer(job: Callable[[], Result], sender: Connection) -> None:
    """Do a job in a process of its own, and send what it gives or raises."""
    # Ctrl-C goes to all processes of a terminal; the one that asked ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answer: Result | _Raised
    try:
        answer = job()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is raised again where it was asked for
        answer = _Raised(error)
    sender.send(answer)
