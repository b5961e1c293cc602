"""Change by group as an estimation plot: the mean and its interval, and the shape that they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.catalogue import say
from larstudy.figures.base import FEWEST, GREY, Look, axes_or_new, looks, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import axis_right, estimate_of, told, with_n
from larstudy.names import ALL, UNCLASSIFIED, HigherIs, Language

_Array = np.ndarray[Any, Any]
#: Of the height of a row: the violin above its line, the points below it.
_VIOLIN: Final = 0.38
_POINTS: Final = (0.12, 0.36)
_SEED: Final = 20170101
_COLUMNS: Final = ["group", "n", "estimate", "conf_low", "conf_high"]


def plot_change_by_group(
    frame: pd.DataFrame,
    changes: Mapping[str, _Array],
    *,
    ax: Axes | None = None,
    title: str = "",
    private: bool = True,
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw the mean change of each group with its interval, half a violin, and each person where one may.

    Parameters
    ----------
    frame : DataFrame
        Rows of one outcome and interval, columns of ``change.csv``.
    changes : mapping of str to ndarray
        The changes of the persons of each group.
    ax : Axes, optional
    title : str
    private : bool
        No point of a person is drawn, and a violin of groups of 20 or more only, its ends cut at the 5th and
        the 95th percentile.
    higher_is : {"better", "worse"}, optional
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        Its ``data`` are the means and intervals.
    """
    rows = frame[~frame["group"].isin([ALL, UNCLASSIFIED])].reset_index(drop=True)
    shown = list(rows["group"])
    look = looks(shown)
    with style():
        ax = axes_or_new(ax, 7.4, 1.4 + 0.85 * len(rows))
        # Jitter of our own: the same points every time, and nobody else's random numbers are used up.
        random = np.random.Generator(np.random.PCG64(_SEED))
        drawn = []
        for place, row in enumerate(rows.to_dict("records")):
            group = str(row["group"])
            values = np.asarray(changes.get(group, ()), dtype=float)
            _half_violin(ax, values, place, look[group], group, private=private)
            if not private:
                jitter = random.uniform(*_POINTS, size=len(values))
                ax.scatter(values, place + jitter, s=9, color=look[group].colour, alpha=0.45, linewidth=0,
                           marker=look[group].marker, zorder=2, gid=f"points-{group}")  # fmt: skip
            if int(row["n"]) > 1 and np.isfinite(row["estimate"]):
                _mean(ax, row, place, look[group], group)
                drawn.append(place)
        names = [with_n(g, n, lang, apart="\n") for g, n in zip(shown, rows["n"], strict=True)]
        ax.axvline(0, color=GREY, linewidth=0.8, linestyle="--", zorder=0.8)
        ax.set_yticks(range(len(rows)), names)
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(len(rows) - 0.5, -0.6)
        axis = axis_right(say("Change: mean with interval", lang), higher_is, lang)
        ax.set_xlabel(axis)
        data = rows.loc[drawn, _COLUMNS]
        parts = [
            f"{with_n(r['group'], r['n'], lang)}: {estimate_of(r, lang)}" for r in data.to_dict("records")
        ]
        notes = (
            ["No person's point is drawn.", "The shapes end at the 5th and the 95th percentile."]
            if private
            else ["Each point is a person."]
        )
        alt = told(title, [axis, *parts], [say(note, lang) for note in notes])
        return finished(ax, data, alt, title=title, lang=lang, synthetic=synthetic)


def _mean(ax: Axes, row: Mapping[Any, Any], place: float, look: Look, group: str) -> None:
    estimate, low, high = (float(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    error = [[estimate - low], [high - estimate]] if np.isfinite(low) else None
    ax.errorbar(
        [estimate], [place], xerr=error, fmt=look.marker, color=look.colour, markeredgecolor="white",
        ecolor=look.edge, markersize=8.5, capsize=3.5, linewidth=2.2, zorder=4, gid=f"change-{group}",
    )  # fmt: skip


def _half_violin(ax: Axes, values: _Array, place: float, look: Look, group: str, *, private: bool) -> None:
    if len(values) < FEWEST or not np.ptp(values):
        return
    low, high = np.percentile(values, (5, 95) if private else (0, 100))
    grid = np.linspace(low, high, 160)
    height = density(values, grid)
    ax.fill_between(
        grid, place - 0.06, place - 0.06 - _VIOLIN * height / height.max(), color=look.colour, alpha=0.3,
        linewidth=0, zorder=1, gid=f"violin-{group}",
    )  # fmt: skip


def density(values: _Array, grid: _Array) -> _Array:
    """Return the density of values by a normal kernel, its width after Scott.

    Examples
    --------
    >>> density(np.array([-1.0, 1.0]), np.array([-1.0, 0.0, 1.0])).round(3).tolist()
    [0.205, 0.233, 0.205]
    """
    width = values.std(ddof=1) * len(values) ** -0.2
    height: _Array = np.exp(-0.5 * ((grid[:, None] - values) / width) ** 2).mean(axis=1)
    return height / float(width * np.sqrt(2 * np.pi))
