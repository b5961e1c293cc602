"""Figures of change by group: means, intervals, definitions, effect sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.catalogue import say
from larstudy.figures.base import GREY, Look, axes_or_new, looks, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import axis_right, axis_up, estimate_of, interval, told, wave_words, with_n
from larstudy.names import ALL, COLOURS, UNCLASSIFIED, HigherIs, Language, label

_DRAWN = ["group", "n", "estimate", "conf_low", "conf_high"]


def _shown_groups(frame: pd.DataFrame) -> list[str]:
    return [g for g in dict.fromkeys(frame["group"]) if g not in (ALL, UNCLASSIFIED)]


def plot_change(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
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
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        rows = frame[frame["group"] != UNCLASSIFIED].reset_index(drop=True)
        ax = axes_or_new(ax, 7.0, 1.3 + 0.42 * len(rows))
        look = looks([*_shown_groups(frame), ALL])
        drawn = []
        for place, row in enumerate(rows.to_dict("records")):
            group = str(row["group"])
            if _dot(ax, row, place, look=look[group], gid=f"change-{group}"):
                drawn.append(place)
        names = [with_n(group, n, lang) for group, n in zip(rows["group"], rows["n"], strict=True)]
        axis = axis_right(say("Mean change with interval", lang), higher_is, lang)
        _change_axes(ax, names, axis)
        kept = rows.loc[drawn, _DRAWN]
        parts = [f"{names[p]}: {estimate_of(rows.loc[p].to_dict(), lang)}" for p in drawn]
        return finished(ax, kept, told(title, [axis, *parts]), title=title, lang=lang, synthetic=synthetic)


def _dot(ax: Axes, row: Mapping[Any, Any], place: float, *, look: Look, gid: str, size: float = 7) -> bool:
    """Draw an estimate with its interval; nothing where there is none, or where it is one person's value."""
    estimate, low, high = (float(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    if not np.isfinite(estimate) or row["n"] == 1:
        return False
    error = [[estimate - low], [high - estimate]] if np.isfinite(low) else None
    ax.errorbar(
        [estimate], [place], xerr=error, fmt=look.marker, color=look.colour, markeredgecolor=look.edge,
        ecolor=look.edge, markersize=size, capsize=size / 2 - 0.5, linewidth=size / 4, gid=gid,
    )  # fmt: skip
    return True


def _change_axes(ax: Axes, names: Sequence[str], axis: str) -> None:
    """Name the rows from the top down, and mark no change."""
    ax.axvline(0, color=GREY, linewidth=0.8, linestyle="--", zorder=0.8)
    ax.set_yticks(range(len(names)), list(names))
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlabel(axis)


def plot_means(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw the mean of each group at each wave, joined by a line, with intervals.

    Parameters
    ----------
    frame : DataFrame
        One row a group and wave: group, wave, n, mean, conf_low, conf_high.
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
        ax = axes_or_new(ax, 7.4, 4.0)
        # The mean of one person is that person's value: it is not drawn.
        frame = frame[frame["n"] > 1]
        shown = list(dict.fromkeys(frame["group"]))
        look = looks(shown)
        waves = list(dict.fromkeys(frame["wave"]))
        parts = []
        for position, group in enumerate(shown):
            rows = frame[frame["group"] == group]
            shift = (position - (len(shown) - 1) / 2) * 0.06
            name = with_n(group, rows["n"].iloc[0], lang)
            at = np.array([waves.index(wave) for wave in rows["wave"]]) + shift
            _means(ax, rows, at, look[group], name=name, gid=f"means-{group}")
            parts.append(f"{name}: {_over_waves(rows, lang)}")
        ax.set_xticks(range(len(waves)), [wave_words(wave, lang) for wave in waves])
        ax.set_xlim(-0.3, len(waves) - 0.7)
        axis = axis_up(say("Mean with interval", lang), higher_is, lang)
        ax.set_ylabel(axis)
        if shown:
            ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=3.2)
        data = frame[["group", "wave", "n", "mean", "conf_low", "conf_high"]]
        return finished(ax, data, told(title, [axis, *parts]), title=title, lang=lang, synthetic=synthetic)


def _over_waves(rows: pd.DataFrame, lang: Language) -> str:
    names = ("mean", "conf_low", "conf_high")
    return ", ".join(
        f"{wave_words(row['wave'], lang)} {interval(row, lang, names)}" for row in rows.to_dict("records")
    )


def _means(ax: Axes, rows: pd.DataFrame, at: Any, look: Look, *, name: str, gid: str) -> None:
    means = rows["mean"].to_numpy(dtype=float)
    low, high = rows["conf_low"].to_numpy(dtype=float), rows["conf_high"].to_numpy(dtype=float)
    ax.errorbar(
        at, means, yerr=np.nan_to_num(np.vstack([means - low, high - means])), fmt=look.marker,
        linestyle=look.line, color=look.colour, markeredgecolor=look.edge, markersize=6, capsize=3,
        linewidth=1.8, label=name, gid=gid,
    )  # fmt: skip


def plot_definitions(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw the mean change of each group under every definition of the networks, side by side.

    Parameters
    ----------
    frame : DataFrame
        Rows of one outcome and interval, columns of ``definitions.csv``.
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
        definitions = list(dict.fromkeys(frame["definition"]))
        groups = _shown_groups(frame)
        ax = axes_or_new(ax, 8.0, 1.3 + 0.17 * len(groups) * (len(definitions) + 1))
        look = looks(groups)
        markers = ("o", "s", "^", "v", "P", "X")
        rows, parts = frame.set_index(["definition", "group"]), []
        drawn = []
        for d, definition in enumerate(definitions):
            for g, group in enumerate(groups):
                place = g + (d - (len(definitions) - 1) / 2) * 0.8 / (len(definitions) + 1)
                own = Look(look[group].colour, look[group].edge, markers[d % len(markers)], "-")
                row = rows.loc[(definition, group)].to_dict()
                if _dot(ax, row, place, look=own, gid=f"definition-{definition}-{group}", size=6):
                    drawn.append(
                        {"definition": definition, "group": group, **{n: row[n] for n in _DRAWN[1:]}}
                    )
                    parts.append(f"{label(group, lang)}, {definition}: {estimate_of(row, lang)}")
        axis = axis_right(say("Mean change with interval", lang), higher_is, lang)
        _change_axes(ax, [label(group, lang) for group in groups], axis)
        for d, definition in enumerate(definitions):
            ax.plot([], [], markers[d % len(markers)], color=GREY, label=definition)
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), title=say("Definition", lang))
        data = pd.DataFrame(drawn, columns=["definition", *_DRAWN])
        return finished(ax, data, told(title, [axis, *parts]), title=title, lang=lang, synthetic=synthetic)


def plot_effects(
    frame: pd.DataFrame, *, ax: Axes | None = None, title: str = "", lang: Language = "en"
) -> FigureResult:
    """Draw effect sizes with their intervals; one that is only bounded as a bar between its bounds.

    Parameters
    ----------
    frame : DataFrame
        One row an effect size: effect, estimate_low, estimate_high, conf_low, conf_high.
    ax : Axes, optional
    title : str
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        ax = axes_or_new(ax, 7.0, 1.3 + 0.35 * len(frame))
        colour = COLOURS[ALL]
        drawn, parts = [], []
        for place, row in enumerate(frame.to_dict("records")):
            ends = [float(row["estimate_low"]), float(row["estimate_high"])]
            limits = [float(row["conf_low"]), float(row["conf_high"])]
            if np.isfinite(limits).all():
                ax.plot(limits, [place, place], color=colour, linewidth=1.6, gid=f"interval-{row['effect']}")
            if np.isfinite(ends).all():
                ax.plot(ends, [place, place], "o-", color=colour, linewidth=6, gid=f"effect-{row['effect']}")
                drawn.append(place)
                parts.append(f"{row['effect']}: {_bounded(row, lang)}")
        ax.axvline(0, color=GREY, linewidth=0.8, linestyle="--", zorder=0.8)
        ax.set_yticks(range(len(frame)), [str(name) for name in frame["effect"]])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(len(frame) - 0.5, -0.5)
        axis = say("Effect size with interval", lang)
        ax.set_xlabel(axis)
        data = frame.iloc[drawn][["effect", "estimate_low", "estimate_high", "conf_low", "conf_high"]]
        return finished(ax, data, told(title, [axis, *parts]), title=title, lang=lang)


def _bounded(row: Mapping[Any, Any], lang: Language) -> str:
    """Return an effect size with its interval, or its bounds where it is only known to lie between them."""
    if float(row["estimate_low"]) == float(row["estimate_high"]):
        return interval(row, lang, ("estimate_low", "conf_low", "conf_high"))
    widest = interval(row, lang, ("estimate_high", "conf_low", "conf_high"))
    lowest = interval({**row, "none": np.nan}, lang, ("estimate_low", "none", "none"))
    return f"{lowest} – {widest}"
