"""How far long work has come, told on the error stream once it has taken two seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final, TextIO, TypeVar

Item = TypeVar("Item")
#: Nothing is said before this many seconds, and then at most this often.
PATIENCE: Final = 2.0
_PAUSE: Final = 0.5


def progress(
    items: Iterable[Item], *, total: int, what: str, quiet: bool = False, stream: TextIO | None = None
) -> Iterator[Item]:
    """Yield items, and tell how many are done once it has taken two seconds.

    Parameters
    ----------
    items : iterable
    total : int
        How many there are.
    what : str
        What is being done; no value of a person.
    quiet : bool
        Say nothing.
    stream : text stream, optional
        ``sys.stderr`` unless given.

    Examples
    --------
    >>> list(progress([1, 2], total=2, what="adding"))
    [1, 2]
    """
    target = sys.stderr if stream is None else stream
    start = time.monotonic()
    last = start + PATIENCE - _PAUSE
    told = False
    for done, item in enumerate(items):
        now = time.monotonic()
        if not quiet and now - last >= _PAUSE:
            target.write(f"\r{what}: {done} of {total}, {now - start:.0f} s")
            target.flush()
            last, told = now, True
        yield item
    if told:
        target.write(f"\r{what}: {total} of {total}, {time.monotonic() - start:.0f} s\n")
        target.flush()


class Steps:
    """Tells which step of long work has begun, and after how long, once it has taken two seconds.

    Parameters
    ----------
    quiet : bool
        Say nothing.
    stream : text stream, optional
        ``sys.stderr`` unless given.

    Examples
    --------
    >>> steps = Steps()
    >>> steps("reading")  # nothing is said: no two seconds have gone
    """

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        self._quiet = quiet
        self._stream = sys.stderr if stream is None else stream
        self._start = time.monotonic()
        self._last = self._start + PATIENCE - _PAUSE

    def __call__(self, what: str) -> None:
        """Tell that a step begins; ``what`` holds no value of a person."""
        now = time.monotonic()
        if not self._quiet and now - self._last >= _PAUSE:
            self._last = now
            self._stream.write(f"{now - self._start:.0f} s: {what}\n")
            self._stream.flush()
