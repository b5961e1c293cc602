"""What every result of larstudy can do: say itself in words, as a frame, as a table, as a figure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.tables import Table


class Result(ABC):
    """The parent of all results.

    A result is frozen. `summary` says it in sentences, `to_frame` gives the numbers unrounded in a frame of
    its own, `table` a table ready to be shown, and `plot` draws it on the given axes or on new ones.
    """

    __slots__ = ()

    @abstractmethod
    def summary(self) -> str:
        """Return the result in sentences."""

    @abstractmethod
    def to_frame(self) -> pd.DataFrame:
        """Return the numbers, unrounded, in a new frame."""

    @abstractmethod
    def table(self) -> Table:
        """Return the result as a table ready to be shown."""

    @abstractmethod
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the result on ``ax``, or on new axes, and return the axes."""

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary().splitlines()[0]}>"

    def _repr_html_(self) -> str:
        return self.table().to_html()


def frame_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a frame with exactly these columns, in this order."""
    import pandas as pd

    return pd.DataFrame({name: [row.get(name) for row in rows] for name in columns}, columns=list(columns))


def distinct(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines without repetitions, in the order of their first appearance.

    Examples
    --------
    >>> distinct(["a", "b", "a", ""])
    ('a', 'b')
    """
    return tuple(dict.fromkeys(line for line in lines if line))
