"""Figures of a cohort: means over the waves, counts, networks, distributions."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from larstudy.catalogue import say
from larstudy.figures.base import FEWEST, INK, SLATE, axes_or_new, style, text_on
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import axis_up, interval, number, told, wave_words
from larstudy.names import ALL, CATEGORIES, COLOURS, HigherIs, Language, label
from larstudy.tables import show_percent

_NAME_WIDTH = 44


def plot_waves(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw the mean at each wave with its interval.

    Parameters
    ----------
    frame : DataFrame
        One row a wave: wave, n, mean, conf_low, conf_high.
    ax : Axes, optional
    title : str
    higher_is : {"better", "worse"}, optional
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        ax = axes_or_new(ax, 6.0, 3.6)
        # The mean of one person is that person's value: it is not drawn.
        drawn = frame["n"].to_numpy() > 1
        places = np.arange(len(frame))
        means = np.where(drawn, frame["mean"].to_numpy(dtype=float), np.nan)
        low, high = frame["conf_low"].to_numpy(dtype=float), frame["conf_high"].to_numpy(dtype=float)
        error = np.nan_to_num(np.vstack([means - low, high - means]))
        ax.errorbar(places, means, yerr=error, fmt="o-", color=COLOURS[ALL], capsize=3, gid="waves")
        names = [wave_words(wave, lang) for wave in frame["wave"]]
        ax.set_xticks(places, [f"{w}\n(n = {n})" for w, n in zip(names, frame["n"], strict=True)])
        ax.set_xlim(-0.4, len(frame) - 0.6)
        axis = axis_up(say("Mean with interval", lang), higher_is, lang)
        ax.set_ylabel(axis)
        data = frame.loc[drawn, ["wave", "n", "mean", "conf_low", "conf_high"]]
        columns = ("mean", "conf_low", "conf_high")
        parts = [
            f"{wave_words(row['wave'], lang)} (n = {row['n']}): {interval(row, lang, columns)}"
            for row in data.to_dict("records")
        ]
        return finished(ax, data, told(title, [axis, *parts]), title=title, lang=lang, synthetic=synthetic)


def plot_counts(
    counts: Sequence[tuple[str, int]],
    *,
    ax: Axes | None = None,
    title: str = "",
    xlabel: str = "",
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw named counts as bars.

    Parameters
    ----------
    counts : sequence of (str, int)
        From the top down.
    ax : Axes, optional
    title, xlabel : str
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        ax = axes_or_new(ax, 7.0, 1.3 + 0.42 * len(counts))
        names = [textwrap.fill(name, _NAME_WIDTH) for name, _ in counts]
        places = range(len(counts))
        bars = ax.barh(places, [n for _, n in counts], height=0.66, color=SLATE)
        ax.bar_label(bars, padding=3, fontsize=9)
        ax.set_yticks(places, names)
        ax.tick_params(axis="y", length=0)
        ax.invert_yaxis()
        ax.margins(x=0.08)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        ax.set_xlabel(xlabel)
        data = pd.DataFrame(list(counts), columns=["name", "n"])
        told_of = told(title, [f"{name} {n}" for name, n in counts])
        alt = f"{told_of.removesuffix('.')} ({xlabel})." if xlabel else told_of
        return finished(ax, data, alt, title=title, lang=lang, synthetic=synthetic)


def plot_shares(
    shares: Mapping[str, Mapping[str, int]],
    *,
    ax: Axes | None = None,
    title: str = "",
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw the share of each network category at each wave as stacked bars.

    Parameters
    ----------
    shares : mapping of str to mapping of str to int
        Persons by wave and category.
    ax : Axes, optional
    title : str
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        ax = axes_or_new(ax, 8.0, 1.7 + 0.42 * len(shares))
        left = np.zeros(len(shares))
        totals = np.array([max(sum(counts.values()), 1) for counts in shares.values()], dtype=float)
        for category in CATEGORIES:
            width = np.array([counts[category] for counts in shares.values()]) / totals
            bars = ax.barh(
                range(len(shares)), 100 * width, height=0.7, left=100 * left, color=COLOURS[category],
                edgecolor="white", label=label(category, lang),
            )  # fmt: skip
            texts = [show_percent(w, lang) if w > 0.05 else "" for w in width]
            ax.bar_label(bars, texts, label_type="center", color=text_on(COLOURS[category]), fontsize=9)
            left = left + width
        names = [f"{wave_words(wave, lang)} (n = {sum(c.values())})" for wave, c in shares.items()]
        ax.set_yticks(range(len(shares)), names)
        ax.tick_params(axis="y", length=0)
        ax.invert_yaxis()
        ax.set_xlim(0, 100)
        ax.set_xlabel(say("Per cent of those classified", lang))
        ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, columnspacing=1.2, borderaxespad=0.2)
        rows = [
            {"wave": wave, "category": c, "n": counts[c], "share": counts[c] / max(sum(counts.values()), 1)}
            for wave, counts in shares.items()
            for c in CATEGORIES
        ]
        data = pd.DataFrame(rows, columns=["wave", "category", "n", "share"])
        by_wave = zip(names, shares, strict=True)
        alt = told(
            title, [_shares_in_words(name, data[data["wave"] == wave], lang) for name, wave in by_wave]
        )
        return finished(
            ax, data, alt, title=title, lang=lang, synthetic=synthetic, pad=26
        )  # room for the legend


def _shares_in_words(name: str, rows: pd.DataFrame, lang: Language) -> str:
    said = [
        f"{label(row['category'], lang)} {show_percent(row['share'], lang)} ({row['n']})"
        for row in rows.to_dict("records")
    ]
    return f"{name}: {', '.join(said)}"


def plot_distributions(
    columns: Sequence[np.ndarray[Any, Any]],
    names: Sequence[str],
    *,
    ax: Axes | None = None,
    title: str = "",
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw the middle half, the median, and the fifth and ninety-fifth percentile of each column.

    Parameters
    ----------
    columns : sequence of ndarray
        Values of persons; those of fewer than 20 are not drawn: a percentile is then a person's value.
    names : sequence of str
    ax : Axes, optional
    title : str
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        ax = axes_or_new(ax, 7.4, 1.3 + 0.36 * len(names))
        rows = [
            _spread(values, name)
            for values, name in zip(columns, names, strict=True)
            if len(values) >= FEWEST
        ]
        at = [list(names).index(row["name"]) for row in rows]
        boxes = [
            {
                "label": r["name"],
                "whislo": r["p5"],
                "q1": r["p25"],
                "med": r["median"],
                "q3": r["p75"],
                "whishi": r["p95"],
            }
            for r in rows
        ]
        look = {"color": SLATE, "linewidth": 1.2}
        if boxes:
            ax.bxp(
                boxes, positions=at, orientation="horizontal", showfliers=False, boxprops=look,
                whiskerprops=look, capprops=look, medianprops={"color": INK, "linewidth": 2},
            )  # fmt: skip
        ax.set_yticks(
            range(len(names)), [f"{name} (n = {len(v)})" for name, v in zip(names, columns, strict=True)]
        )
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(len(names) - 0.4, -0.6)
        axis = say("Median, middle half, and 5th to 95th percentile", lang)
        ax.set_xlabel(axis)
        data = pd.DataFrame(rows, columns=["name", "n", "p5", "p25", "median", "p75", "p95"])
        parts = [
            f"{row['name']} (n = {row['n']}): "
            + ", ".join(number(row[q], lang) for q in ("p5", "p25", "median", "p75", "p95"))
            for row in rows
        ]
        more = [say("Drawn for {n} persons or more.", lang, n=FEWEST)] if len(rows) < len(names) else []
        alt = told(title, [axis, *parts], more)
        return finished(ax, data, alt, title=title, lang=lang, synthetic=synthetic)


def _spread(values: np.ndarray[Any, Any], name: str) -> dict[str, Any]:
    found = np.percentile(values, [5, 25, 50, 75, 95])
    return {
        "name": name,
        "n": len(values),
        **dict(zip(("p5", "p25", "median", "p75", "p95"), found, strict=True)),
    }
