"""What every figure function returns: the axes, the numbers drawn, and words for those who cannot see it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from larstudy.catalogue import say
from larstudy.errors import LarstudyError
from larstudy.figures.base import save_bytes, stamp
from larstudy.figures.words import in_a_line
from larstudy.results import stamped, stamped_frame
from larstudy.tables import SYNTHETIC_STAMP

if TYPE_CHECKING:
    from larstudy.names import Language

FigureKind = Literal["svg", "pdf", "png"]
_KINDS: Final = get_args(FigureKind)
#: What a run writes of each figure.
PICTURES: Final[tuple[FigureKind, ...]] = ("svg", "png")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FigureResult:
    """A figure that was drawn, and what is in it.

    Attributes
    ----------
    axes : Axes
        On which it stands; its parts, where it has several, are ``axes.child_axes``.
    data : DataFrame
        What is drawn and nothing else, with a column ``synthetic`` where it is not of patients.
    alt : str
        The figure in words, with its numbers: for screen readers, and shown under it in a notebook.
    title : str

    Examples
    --------
    >>> from larstudy.figures import plot_counts
    >>> figure = plot_counts([("baseline", 12), ("year1", 11)], title="Who was seen", xlabel="persons")
    >>> figure
    Who was seen: baseline 12, year1 11 (persons).
    >>> figure.data["n"].tolist(), figure.to_bytes("png")[1:4]
    ([12, 11], b'PNG')
    """

    axes: Axes
    data: pd.DataFrame
    alt: str
    title: str

    @property
    def ax(self) -> Axes:
        """The axes, by the short name that matplotlib's users know."""
        return self.axes

    @property
    def figure(self) -> Figure:
        """The figure on which the axes stand; other axes may stand there too."""
        figure = self.axes.get_figure(root=True)
        assert figure is not None
        return figure

    def to_bytes(self, kind: FigureKind = "svg") -> bytes:
        """Return the figure as a file's bytes, the same every time, with its words inside.

        Parameters
        ----------
        kind : {"svg", "pdf", "png"}
        """
        return save_bytes(self.figure, kind, title=self.title, alt=self.alt)

    def save(self, path: str | Path) -> Path:
        """Write the figure to a file, in the format that its name ends with, and return the path.

        Parameters
        ----------
        path : str or Path
            Ending in .svg, .pdf or .png.

        Raises
        ------
        LarstudyError
            Where the name ends otherwise, or the file cannot be written.
        """
        target = Path(path)
        kind = next((k for k in _KINDS if target.suffix.lower() == f".{k}"), None)
        if kind is None:
            endings = ", ".join(f".{k}" for k in _KINDS)
            raise LarstudyError(
                f"'{target.name}' does not say which format the figure is to have: name a file that ends"
                f" in one of {endings}. Nothing was written."
            )
        try:
            target.write_bytes(self.to_bytes(kind))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise LarstudyError(f"Cannot write '{target.name}': {reason}. Nothing was written.") from None
        return target

    def __repr__(self) -> str:
        return self.alt

    def _repr_png_(self) -> bytes | None:
        """Show a notebook the picture, unless it stands in a figure of pyplot, which is shown anyway."""
        return None if hasattr(self.figure, "number") else self.to_bytes("png")


class _DecimalComma(ScalarFormatter):
    """Numbers along an axis as Norwegians write them."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return super().__call__(x, pos).replace(".", ",")


def finished(
    ax: Axes, data: pd.DataFrame, alt: str, *, title: str, lang: Language, synthetic: bool = False,
    across: bool = True, pad: float | None = None,
) -> FigureResult:  # fmt: skip
    """Give axes that are drawn their title and their stamp, and return them as a result.

    Parameters
    ----------
    ax : Axes
    data : DataFrame
    alt : str
    title : str
    lang : {"en", "nb", "nn"}
    synthetic : bool
    across : bool
        The stamp goes across the axes; where it would hide numbers, the function puts it elsewhere.
    pad : float, optional
        Points between the axes and the title.
    """
    ax.set_title(title, pad=pad, wrap=True)
    for part in (ax, *ax.child_axes):
        for axis in (part.xaxis, part.yaxis):
            axis.label.set_wrap(True)
            if lang != "en" and isinstance(axis.get_major_formatter(), ScalarFormatter):
                axis.set_major_formatter(_DecimalComma())
    words = stamped(alt, synthetic)
    if synthetic:
        words = words.replace(SYNTHETIC_STAMP, say(SYNTHETIC_STAMP, lang), 1)
        if across:
            stamp(ax, synthetic, lang=lang)
    frame = stamped_frame(data.reset_index(drop=True), synthetic)
    return FigureResult(axes=ax, data=frame, alt=words, title=in_a_line(title))
