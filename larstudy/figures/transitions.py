"""Who went from which network to which, as streams between two waves."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from larstudy.catalogue import say
from larstudy.figures.base import GREY, INK, axes_or_new, looks, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import between, told, wave_words
from larstudy.names import Language, in_sentence, label
from larstudy.tables import SYNTHETIC_STAMP

_BLOCK: Final = 0.035
#: Of the height of all persons: between two blocks, and the thinnest stream that a number fits into.
_GAP: Final = 0.07
_THINNEST: Final = 0.045
_NAME_WIDTH: Final = 22


def plot_transitions(
    counts: np.ndarray[Any, Any],
    categories: Sequence[str],
    *,
    ax: Axes | None = None,
    waves: tuple[str, str],
    title: str = "",
    minimum: int = 0,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw streams of persons from their network at one wave to their network at the next.

    Parameters
    ----------
    counts : ndarray of int, shape (k, k)
        Persons by category before (rows) and after (columns).
    categories : sequence of str
        As `names` has them; those of nobody are left out.
    ax : Axes, optional
    waves : (str, str)
    title : str
        The waves unless given.
    minimum : int
        Streams of fewer persons are withheld, and the size of a category is then a lower bound.
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        Its ``data`` has one row a stream: from_category, to_category, n.
    """
    counts = np.asarray(counts)
    shown = np.where(counts < minimum, 0, counts)
    withheld = bool((shown != counts).any())
    title = title or between(say("Networks", lang), waves, lang)
    with style():
        ax = axes_or_new(ax, 7.4, 4.3)
        ax.set_axis_off()
        streams = _Streams(shown, categories)
        look = looks(list(categories))
        for row in streams.rows:
            _stream(ax, row, look[row["from_category"]].colour)
            if row["n"] / streams.total >= _THINNEST:
                ax.text(0.12, row["left"] + row["n"] / 2, str(row["n"]), ha="center", va="center", fontsize=9,
                        color=INK, gid=f"stream-{row['from_category']}-{row['to_category']}")  # fmt: skip
        for side, blocks in enumerate((streams.left, streams.right)):
            for category, (low, n) in blocks.items():
                _block(ax, side, (low, n), look[category].colour, category)
                sign = "≥" if withheld else "="
                name = "\n".join(textwrap.wrap(label(category, lang), _NAME_WIDTH))
                x, ha = ((-0.015, "right"), (1.015, "left"))[side]
                ax.text(x, low + n / 2, f"{name}\nn {sign} {n}", ha=ha, va="center", fontsize=9)
        for x, wave in zip((0.0, 1.0), waves, strict=True):
            ax.text(x, -0.05 * streams.height, wave_words(wave, lang), ha=("left", "right")[int(x)],
                    va="bottom", fontsize=10, fontweight="bold")  # fmt: skip
        note = say("Streams of fewer than {n} persons are not shown.", lang, n=minimum) if withheld else ""
        if note:
            ax.text(0.0, streams.height * 1.06, note, fontsize=8, color=GREY, va="top")
        if synthetic:
            # Beneath the streams: across them it would hide their numbers.
            ax.text(0.5, streams.height * 1.11, say(SYNTHETIC_STAMP, lang), ha="center", va="top",
                    fontsize=9, color=GREY, gid="synthetic-stamp")  # fmt: skip
        ax.set_xlim(-0.34, 1.34)
        ax.set_ylim(streams.height * (1.18 if synthetic else 1.08), -0.13 * streams.height)
        data = pd.DataFrame(streams.rows, columns=["from_category", "to_category", "n"])
        parts = [
            f"{in_sentence(r['from_category'], lang)} → {in_sentence(r['to_category'], lang)} {r['n']}"
            for r in streams.rows
        ]
        alt = told(title, parts, [note] if note else [])
        return finished(ax, data, alt, title=title, lang=lang, synthetic=synthetic, across=False)


class _Streams:
    """Where each block and each stream lies, from the top down, in persons."""

    def __init__(self, counts: np.ndarray[Any, Any], categories: Sequence[str]) -> None:
        self.total = max(int(counts.sum()), 1)
        before, after = counts.sum(axis=1), counts.sum(axis=0)
        self.left, height_left = self._blocks(before, categories)
        self.right, height_right = self._blocks(after, categories)
        self.height = max(height_left, height_right, 1.0)
        from_top = {name: low for name, (low, _) in self.left.items()}
        to_top = {name: low for name, (low, _) in self.right.items()}
        self.rows: list[dict[str, Any]] = []
        for i, start in enumerate(categories):
            for j, end in enumerate(categories):
                n = int(counts[i, j])
                if n:
                    places = {"left": from_top[start], "right": to_top[end]}
                    self.rows.append({"from_category": start, "to_category": end, "n": n, **places})
                    from_top[start] += n
                    to_top[end] += n

    def _blocks(
        self, sizes: np.ndarray[Any, Any], categories: Sequence[str]
    ) -> tuple[dict[str, tuple[float, int]], float]:
        found, at = {}, 0.0
        # Of a small category the name needs more height than the block.
        for category, n in zip(categories, sizes.tolist(), strict=True):
            if n:
                room = max(n, 0.06 * self.total)
                found[category] = (at + (room - n) / 2, n)
                at += room + _GAP * self.total
        return found, at - _GAP * self.total


def _block(ax: Axes, side: int, place: tuple[float, int], colour: str, category: str) -> None:
    x = (0.0, 1.0 - _BLOCK)[side]
    ax.add_patch(
        Rectangle((x, place[0]), _BLOCK, place[1], facecolor=colour, edgecolor="white",
                  linewidth=0.6, gid=f"block-{('before', 'after')[side]}-{category}")
    )  # fmt: skip


def _stream(ax: Axes, row: dict[str, Any], colour: str) -> None:
    """Draw a band that leaves and arrives level."""
    x0, x1 = _BLOCK, 1.0 - _BLOCK
    middle, n = (x0 + x1) / 2, row["n"]
    left, right = row["left"], row["right"]
    corners = [
        (x0, left), (middle, left), (middle, right), (x1, right),
        (x1, right + n), (middle, right + n), (middle, left + n), (x0, left + n), (x0, left),
    ]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(
        PathPatch(Path(corners, codes), facecolor=colour, alpha=0.45, edgecolor="white", linewidth=0.6)
    )


def plot_transition_table(
    counts: np.ndarray[Any, Any],
    categories: Sequence[str],
    *,
    ax: Axes | None = None,
    waves: tuple[str, str],
    title: str = "",
    minimum: int = 0,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw the table of transitions as shades: persons by category before (rows) and after (columns).

    Parameters
    ----------
    counts : ndarray of int, shape (k, k)
    categories : sequence of str
        As `names` has them.
    ax : Axes, optional
    waves : (str, str)
    title : str
        The waves unless given.
    minimum : int
        Counts from 1 to below it are left blank.
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        Its ``data`` has one row a cell that is drawn: from_category, to_category, n.
    """
    import seaborn as sns

    counts = np.asarray(counts)
    shown = (counts == 0) | (counts >= minimum)
    names = [textwrap.fill(label(category, lang), 14) for category in categories]
    with style():
        ax = axes_or_new(ax, 6.4, 4.6)
        sns.heatmap(
            counts, mask=~shown, ax=ax, annot=True, fmt="d", cmap="Blues", cbar=False, linewidths=1,
            xticklabels=names, yticklabels=names,
        )  # fmt: skip
        ax.tick_params(axis="both", rotation=0, length=0)
        start, end = (wave_words(wave, lang) for wave in waves)
        ax.set_ylabel(start)
        ax.set_xlabel(end)
        rows = [
            {"from_category": a, "to_category": b, "n": int(counts[i, j])}
            for i, a in enumerate(categories)
            for j, b in enumerate(categories)
            if shown[i, j]
        ]
        data = pd.DataFrame(rows, columns=["from_category", "to_category", "n"])
        parts = [
            f"{label(str(r['from_category']), lang)} → {in_sentence(str(r['to_category']), lang)} {r['n']}"
            for r in rows
        ]
        title = title or between(say("Networks", lang), waves, lang)
        return finished(
            ax, data, told(title, parts), title=title, lang=lang, synthetic=synthetic, across=False
        )
