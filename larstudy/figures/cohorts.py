"""Figures of a cohort: means over the waves, counts, networks, and the participant flow."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.figures.base import GREY, axes_or_new, stamp, style
from larstudy.names import ABSTINENT, ALL, CATEGORIES, COLOURS, label

_STAGES = {"entered": "In the file", "paired": "Both waves", "grouped": "With a group"}


def plot_waves(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    synthetic: bool = False,
) -> Axes:
    """Draw the mean at each wave with its interval.

    Parameters
    ----------
    frame : DataFrame
        One row a wave: wave, n, mean, conf_low, conf_high.
    """
    with style():
        ax = axes_or_new(ax)
        places = np.arange(len(frame))
        means = frame["mean"].to_numpy(dtype=float)
        low, high = frame["conf_low"].to_numpy(dtype=float), frame["conf_high"].to_numpy(dtype=float)
        error = np.nan_to_num(np.vstack([means - low, high - means]))
        ax.errorbar(places, means, yerr=error, fmt="o-", color=COLOURS[ALL], capsize=3, gid="waves")
        ax.set_xticks(places, [f"{w}\n(n = {n})" for w, n in zip(frame["wave"], frame["n"], strict=True)])
        ax.set_ylabel("Mean with interval")
        ax.set_title(title)
        stamp(ax, synthetic)
    return ax


def plot_counts(
    counts: Sequence[tuple[str, int]],
    *,
    ax: Axes | None = None,
    title: str = "",
    xlabel: str = "persons",
    synthetic: bool = False,
) -> Axes:
    """Draw named counts as bars."""
    with style():
        ax = axes_or_new(ax)
        bars = ax.barh([name for name, _ in counts], [n for _, n in counts], color=COLOURS[ABSTINENT])
        ax.bar_label(bars, padding=3, fontsize=9)
        ax.invert_yaxis()
        ax.set_xlabel(xlabel)
        ax.set_title(title)
        stamp(ax, synthetic)
    return ax


def plot_shares(
    shares: Mapping[str, Mapping[str, int]],
    *,
    ax: Axes | None = None,
    title: str = "",
    synthetic: bool = False,
) -> Axes:
    """Draw the share of each network category at each wave as stacked bars."""
    with style():
        ax = axes_or_new(ax)
        left = np.zeros(len(shares))
        totals = np.array([max(sum(counts.values()), 1) for counts in shares.values()], dtype=float)
        names = [f"{wave} (n = {sum(counts.values())})" for wave, counts in shares.items()]
        for category in CATEGORIES:
            width = np.array([counts[category] for counts in shares.values()]) / totals
            bars = ax.barh(
                names, 100 * width, left=100 * left, color=COLOURS[category], label=label(category)
            )
            texts = [f"{100 * w:.0f} %" if w > 0.05 else "" for w in width]
            ax.bar_label(bars, texts, label_type="center", color="white", fontsize=9)
            left = left + width
        ax.invert_yaxis()
        ax.set_xlim(0, 100)
        ax.set_xlabel("Per cent of those classified")
        ax.set_title(title)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        stamp(ax, synthetic)
    return ax


def plot_distributions(
    columns: Sequence[np.ndarray[Any, Any]],
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw the middle half, the median, and the fifth and ninety-fifth percentile of each column."""
    with style():
        ax = axes_or_new(ax)
        ax.boxplot(
            list(columns), orientation="horizontal", tick_labels=list(names), showfliers=False, whis=(5, 95)
        )
        ax.invert_yaxis()
        ax.set_title(title)
    return ax


def plot_transitions(
    counts: np.ndarray[Any, Any],
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    waves: tuple[str, str],
    synthetic: bool = False,
) -> Axes:
    """Draw the table of transitions: persons by category before (rows) and after (columns)."""
    import seaborn as sns

    with style():
        ax = axes_or_new(ax)
        sns.heatmap(
            counts,
            ax=ax,
            annot=True,
            fmt="d",
            cmap="Blues",
            cbar=False,
            linewidths=1,
            xticklabels=[textwrap.fill(name, 14) for name in names],
            yticklabels=[textwrap.fill(name, 14) for name in names],
        )
        ax.tick_params(axis="both", rotation=0)
        ax.set_xlabel(waves[1])
        ax.set_ylabel(waves[0])
        ax.set_title(f"{waves[0]} to {waves[1]}, persons")
        stamp(ax, synthetic)
    return ax


def plot_flow(
    rows: Iterable[Mapping[str, Any]], *, ax: Axes | None = None, title: str = "", synthetic: bool = False
) -> Axes:
    """Draw who came in, who left and why: a box for those who are there, and beside it those who left.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of ``flow.csv`` of one outcome, interval and stratum.
    """
    stages: list[tuple[str, int, list[str]]] = []
    lost: list[str] = []
    for row in rows:
        if row["reason"]:
            lost.append(f"{row['reason']}: {row['n']}")
        else:
            stages.append((str(row["step"]), int(row["n"]), lost))
            lost = []
    with style():
        ax = axes_or_new(ax, 8.0, 1.2 + 1.3 * len(stages))
        ax.set_axis_off()
        ax.set_xlim(0, 10)
        ax.set_ylim(-0.2, 2 * len(stages))
        for place, (step, n, reasons) in enumerate(stages):
            y = 2 * (len(stages) - place) - 1
            box = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": COLOURS[ABSTINENT]}
            ax.text(
                2,
                y,
                f"{_STAGES.get(step, step)}\nn = {n}",
                ha="center",
                va="center",
                bbox=box,
                gid=f"flow-{step}",
            )
            if place:
                arrow = {"arrowstyle": "->", "color": GREY, "shrinkA": 16, "shrinkB": 16}
                ax.annotate("", xy=(2, y), xytext=(2, y + 2), arrowprops=arrow)
            if reasons:
                text = "Left out\n" + "\n".join(reasons)
                side = {**box, "edgecolor": GREY}
                ax.text(4.4, y + 1, text, ha="left", va="center", fontsize=9, bbox=side, gid=f"lost-{step}")
                ax.plot([2, 4.25], [y + 1, y + 1], color=GREY, linewidth=0.8)
        ax.set_title(title)
        stamp(ax, synthetic)
    return ax
