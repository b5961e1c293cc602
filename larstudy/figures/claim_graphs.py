"""The graph of what rests on what among the claims of a review."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.text import Text

from larstudy.catalogue import say
from larstudy.figures.base import GREY, axes_or_new, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import told
from larstudy.names import ABSTINENT, ALL, COLOURS, Language

_WIDTH = 38
_LINE = 0.34
_SIZE = 7
#: Between a text and its box, in parts of the size of its letters.
_PAD = 0.3


def ranks(requires: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return how many steps each claim stands above those that rest on nothing.

    Examples
    --------
    >>> ranks({"C": ["B", "A"], "B": ["A"], "A": []})
    {'A': 0, 'B': 1, 'C': 2}
    """
    found: dict[str, int] = {}
    left = dict(requires)
    while left:
        ready = [name for name, needs in left.items() if all(need in found for need in needs)]
        for name in ready:
            found[name] = 1 + max((found[need] for need in left[name]), default=-1)
            del left[name]
    return found


def plot_claims(
    requires: Mapping[str, Sequence[str]],
    texts: Mapping[str, str],
    *,
    ax: Axes | None = None,
    title: str = "",
    lang: Language = "en",
) -> FigureResult:
    """Draw the claims that rest on others or carry them, with an arrow to what rests on each.

    Parameters
    ----------
    requires : mapping of str to sequence of str
        The claims that each claim rests on; without a circle.
    texts : mapping of str to str
        What each claim says.
    ax : Axes, optional
    title : str
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    layout = _Layout(requires, texts)
    with style():
        ax = axes_or_new(ax, *graph_size(requires, texts))
        ax.set_axis_off()
        ax.set_xlim(-0.45, layout.n_columns - 0.5)
        ax.set_ylim(-layout.height - 0.3, 0.3)
        boxes = {name: _box(ax, name, layout) for name in layout.boxes}
        for name, needs in layout.shown.items():
            for need in needs:
                _arrow(ax, boxes[need], boxes[name])
        rows = [{"claim": name, "rests_on": need} for name, needs in layout.shown.items() for need in needs]
        parts = [
            say("{claim} rests on {needs}", lang, claim=name, needs=", ".join(needs))
            for name, needs in layout.shown.items()
            if needs
        ]
        data = pd.DataFrame(rows, columns=["claim", "rests_on"])
        return finished(ax, data, told(title, parts), title=title, lang=lang)


def _box(ax: Axes, name: str, layout: _Layout) -> Text:
    colour = COLOURS[ABSTINENT] if layout.shown[name] else COLOURS[ALL]
    box = {"boxstyle": f"round,pad={_PAD}", "facecolor": "white", "edgecolor": colour}
    x, y = layout.places[name]
    return ax.text(
        x - 0.36, y, layout.boxes[name], ha="left", va="center", fontsize=_SIZE, bbox=box, zorder=3,
        gid=f"claim-{name}",
    )  # fmt: skip


def _arrow(ax: Axes, need: Text, claim: Text) -> None:
    """Draw an arrow from under the right side of a box to the left side of another, however wide they are."""
    arrow = {
        "arrowstyle": "->", "color": GREY, "linewidth": 0.7, "alpha": 0.7, "shrinkA": 0,
        "shrinkB": _PAD * _SIZE + 1,
    }  # fmt: skip
    ax.annotate("", xy=(0, 0.5), xycoords=claim, xytext=(1, 0.5), textcoords=need, arrowprops=arrow, zorder=2)


class _Layout:
    """Where each box stands: a column a rank, its boxes spread over the height, near what they rest on."""

    def __init__(self, requires: Mapping[str, Sequence[str]], texts: Mapping[str, str]) -> None:
        carrying = {need for needs in requires.values() for need in needs}
        self.shown = {name: needs for name, needs in requires.items() if needs or name in carrying}
        columns: dict[int, list[str]] = {}
        for name, rank in ranks(self.shown).items():
            columns.setdefault(rank, []).append(name)
        self.boxes = {name: textwrap.fill(f"{name}: {texts[name]}", _WIDTH) for name in self.shown}
        heights = {name: _LINE * (text.count("\n") + 1) + 0.45 for name, text in self.boxes.items()}
        self.n_columns = max(len(columns), 1)
        self.height = max((sum(heights[n] for n in names) for names in columns.values()), default=1.0)
        self.places: dict[str, tuple[float, float]] = {}
        for rank, names in columns.items():
            gap = (self.height - sum(heights[name] for name in names)) / (len(names) + 1)
            y = -gap
            for name in sorted(names, key=self._height_of_needs, reverse=True):
                self.places[name] = (float(rank), y - heights[name] / 2)
                y -= heights[name] + gap

    def _height_of_needs(self, name: str) -> float:
        """Return the mean height of what a claim rests on, so that arrows cross little."""
        needs = self.shown[name]
        return sum(self.places[need][1] for need in needs) / len(needs) if needs else 0.0


def graph_size(requires: Mapping[str, Sequence[str]], texts: Mapping[str, str]) -> tuple[float, float]:
    """Return the width and height in inches that the graph needs."""
    layout = _Layout(requires, texts)
    return 3.1 * layout.n_columns, 1.0 + 0.5 * layout.height
