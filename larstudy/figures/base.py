"""The look of the figures, new axes, the stamp on synthetic data, and saving."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from larstudy.tables import SYNTHETIC_STAMP

_STYLE: dict[Any, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.dpi": 100,
    "font.family": "DejaVu Sans",
    # The same figure gives the same bytes, and text stays text.
    "svg.hashsalt": "larstudy",
    "svg.fonttype": "none",
    # A dollar sign in a group's name is a dollar sign.
    "text.parse_math": False,
}
GREY = "#5F5F5F"


@contextmanager
def style() -> Iterator[None]:
    """Draw in the look of larstudy while the context lasts, and leave the user's settings alone.

    The first figure of a notebook turns the interactive mode on; were that undone with the rest, no later
    figure would be shown.
    """
    with mpl.rc_context(_STYLE):
        yield
        interactive = mpl.is_interactive()
    mpl.interactive(interactive)


def new_figure(width: float = 7.0, height: float = 4.0) -> Figure:
    """Return an empty figure that no window knows of, so that nothing has to be closed."""
    return Figure(figsize=(width, height), layout="constrained")


def axes_or_new(ax: Axes | None, width: float = 7.0, height: float = 4.0) -> Axes:
    """Return the given axes, or new ones; in a notebook the new figure is shown by its axes' figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(width, height), layout="constrained")
    return figure.add_subplot()


def stamp(ax: Axes, synthetic: bool) -> None:
    """Write across axes drawn from synthetic data that they are."""
    if synthetic:
        ax.text(
            0.5,
            0.5,
            SYNTHETIC_STAMP,
            transform=ax.transAxes,
            rotation=20,
            ha="center",
            va="center",
            fontsize=16,
            color=GREY,
            alpha=0.45,
            gid="synthetic-stamp",
            zorder=10,
        )


def save_bytes(figure: Figure, kind: str) -> bytes:
    """Return a figure as the bytes of an ``svg`` or ``png`` file, the same bytes every time."""
    buffer = io.BytesIO()
    with style():
        if kind == "png":
            figure.savefig(buffer, format="png", dpi=144, metadata={"Software": "larstudy"})
            return buffer.getvalue()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "larstudy"})
    return _unique_ids(buffer.getvalue().decode("utf-8")).encode("utf-8")


def _unique_ids(text: str) -> str:
    """Give the ids that several panels of a figure share a number, so that each stands once."""
    seen: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        name = match.group(1)
        seen[name] = seen.get(name, 0) + 1
        return match.group(0) if seen[name] == 1 else f'id="{name}-{seen[name]}"'

    return re.sub(r'\bid="([^"]+)"', numbered, text)


def svg_inline(content: bytes, title: str, mark: str) -> str:
    """Return an SVG file as an element for a web page, with a title that a screen reader reads out.

    The mark is put before the ids inside, so that several figures can stand in one page.
    """
    text = content.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r'\bid="([^"]+)"', rf'id="{mark}-\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{mark}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{mark}-\1)", text)
    safe = html.escape(title)
    return text.replace("<svg", f'<svg role="img" aria-label="{safe}"', 1)
