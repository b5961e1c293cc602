"""Long jobs that need nothing of each other, each in a process of its own where there are cores for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
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
        Functions of modules, or partials of them; the longest first. What they give can be pickled.

    Returns
    -------
    dict of str
        In the order of the jobs.

    Raises
    ------
    Exception
        The first that a job raises, in the order of the jobs; the others are not waited for.

    Examples
    --------
    >>> side_by_side({"one": int, "other": str})
    {'one': 0, 'other': ''}
    """
    workers = min(cores(), len(jobs))
    if workers < 2:
        return _in_turn(jobs)
    try:
        # A new interpreter for each: a copy of this one could hold locks that nobody opens.
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            begun = {name: pool.submit(job) for name, job in jobs.items()}
            try:
                return {name: one.result() for name, one in begun.items()}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except (BrokenProcessPool, NotImplementedError, PermissionError):
        # Closed environments may forbid new processes.
        return _in_turn(jobs)


def _in_turn(jobs: Mapping[str, Callable[[], Result]]) -> dict[str, Result]:
    return {name: job() for name, job in jobs.items()}
