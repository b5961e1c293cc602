"""Figures of change by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.figures.base import GREY, axes_or_new, stamp, style
from larstudy.names import ALL, COLOURS, UNCLASSIFIED, HigherIs, colours, label


def _shown_groups(frame: pd.DataFrame) -> list[str]:
    return [g for g in frame["group"].tolist() if g not in (ALL, UNCLASSIFIED)]


def plot_change(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
) -> Axes:
    """Draw the mean change of each group with its interval, and of all together.

    Parameters
    ----------
    frame : DataFrame
        Rows of one outcome and interval, columns of ``change.csv``.
    ax : Axes, optional
    title : str
    higher_is : {"better", "worse"}, optional
        Which side is better is written under the axis.
    synthetic : bool

    Returns
    -------
    Axes
    """
    with style():
        ax = axes_or_new(ax)
        rows = frame[frame["group"] != UNCLASSIFIED].reset_index(drop=True)
        colour = colours(tuple(_shown_groups(frame))) | {ALL: COLOURS[ALL]}
        names = []
        for place, row in enumerate(rows.to_dict("records")):
            group = str(row["group"])
            names.append(f"{label(group)} (n = {row['n']})")
            marker = "D" if group == ALL else "o"
            _dot(ax, row, place, marker=marker, colour=colour[group], gid=f"change-{group}")
        _change_axes(ax, names, higher_is, title)
        stamp(ax, synthetic)
    return ax


def _dot(
    ax: Axes, row: Mapping[Any, Any], place: float, *, marker: str, colour: str, gid: str, size: float = 7
) -> None:
    """Draw an estimate with its interval; nothing where there is none, or where it is one person's value."""
    estimate, low, high = (float(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    if not np.isfinite(estimate) or row["n"] == 1:
        return
    error = [[estimate - low], [high - estimate]] if np.isfinite(low) else None
    ax.errorbar(
        [estimate], [place], xerr=error, fmt=marker, color=colour, markersize=size, capsize=size / 2 - 0.5,
        linewidth=size / 4, gid=gid,
    )  # fmt: skip


def _change_axes(ax: Axes, names: Sequence[str], higher_is: HigherIs | None, title: str) -> None:
    """Name the rows from the top down, mark no change, and say which side is better."""
    ax.axvline(0, color=GREY, linewidth=0.8, linestyle="--")
    ax.set_yticks(range(len(names)), list(names))
    ax.set_ylim(len(names) - 0.5, -0.5)
    side = {"better": " (right is better)", "worse": " (left is better)", None: ""}[higher_is]
    ax.set_xlabel(f"Mean change with interval{side}")
    ax.set_title(title)


def plot_means(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    synthetic: bool = False,
) -> Axes:
    """Draw the mean of each group at both waves, joined by a line, with intervals.

    Parameters
    ----------
    frame : DataFrame
        One row a group and wave: group, wave, n, mean, conf_low, conf_high.
    ax : Axes, optional
    title : str
    synthetic : bool

    Returns
    -------
    Axes
    """
    with style():
        ax = axes_or_new(ax)
        # The mean of one person is that person's value: it is not drawn.
        frame = frame[frame["n"] > 1]
        shown = list(dict.fromkeys(frame["group"]))
        colour = colours(tuple(shown))
        waves = list(dict.fromkeys(frame["wave"]))
        for position, group in enumerate(shown):
            rows = frame[frame["group"] == group]
            shift = (position - (len(shown) - 1) / 2) * 0.05
            means = rows["mean"].to_numpy(dtype=float)
            low, high = rows["conf_low"].to_numpy(dtype=float), rows["conf_high"].to_numpy(dtype=float)
            ax.errorbar(
                np.arange(len(waves)) + shift,
                means,
                yerr=np.nan_to_num(np.vstack([means - low, high - means])),
                fmt="o-",
                color=colour[group],
                markersize=6,
                capsize=3,
                linewidth=1.8,
                label=f"{label(group)} (n = {rows['n'].iloc[0]})",
                gid=f"means-{group}",
            )
        ax.set_xticks(range(len(waves)), waves)
        ax.set_xlim(-0.3, len(waves) - 0.7)
        ax.set_ylabel("Mean with interval")
        ax.set_title(title)
        if shown:
            ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        stamp(ax, synthetic)
    return ax


def plot_definitions(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
) -> Axes:
    """Draw the mean change of each group under every definition of the networks, side by side.

    Parameters
    ----------
    frame : DataFrame
        Rows of one outcome and interval, columns of ``definitions.csv``.
    """
    with style():
        ax = axes_or_new(ax)
        definitions = list(dict.fromkeys(frame["definition"]))
        groups = [g for g in dict.fromkeys(frame["group"]) if g not in (ALL, UNCLASSIFIED)]
        colour = colours(tuple(groups))
        markers = ("o", "s", "^", "v", "P", "X")
        for d, definition in enumerate(definitions):
            rows = frame[frame["definition"] == definition].set_index("group")
            for g, group in enumerate(groups):
                place = g + (d - (len(definitions) - 1) / 2) * 0.16
                marker, gid = markers[d % len(markers)], f"definition-{definition}-{group}"
                _dot(ax, rows.loc[group], place, marker=marker, colour=colour[group], gid=gid, size=6)
        _change_axes(ax, [label(group) for group in groups], higher_is, title)
        for d, definition in enumerate(definitions):
            ax.plot([], [], markers[d % len(markers)], color=GREY, label=definition)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), title="Definition")
        stamp(ax, synthetic)
    return ax


def plot_effects(frame: pd.DataFrame, *, ax: Axes | None = None, title: str = "") -> Axes:
    """Draw effect sizes with their intervals; one that is only bounded as a bar between its bounds.

    Parameters
    ----------
    frame : DataFrame
        One row an effect size: effect, estimate_low, estimate_high, conf_low, conf_high.
    ax : Axes, optional
    title : str

    Returns
    -------
    Axes
    """
    with style():
        ax = axes_or_new(ax)
        colour = COLOURS[ALL]
        for place, row in enumerate(frame.to_dict("records")):
            ends = [float(row["estimate_low"]), float(row["estimate_high"])]
            limits = [float(row["conf_low"]), float(row["conf_high"])]
            if np.isfinite(limits).all():
                ax.plot(limits, [place, place], color=colour, linewidth=1.6, gid=f"interval-{row['effect']}")
            if np.isfinite(ends).all():
                ax.plot(ends, [place, place], "o-", color=colour, linewidth=6, gid=f"effect-{row['effect']}")
        ax.axvline(0, color=GREY, linewidth=0.8, linestyle="--")
        ax.set_yticks(range(len(frame)), [str(name) for name in frame["effect"]])
        ax.set_ylim(len(frame) - 0.5, -0.5)
        ax.set_xlabel("Effect size with interval")
        ax.set_title(title)
    return ax
