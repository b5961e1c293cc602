"""Forests of effects and contrasts: estimates with intervals under headings, their numbers beside them."""

from __future__ import annotations

import textwrap
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.catalogue import say
from larstudy.figures.base import GREY, INK, axes_or_new, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import axis_right, estimate_of, told
from larstudy.names import HigherIs, Language

_MARKERS: Final = ("o", "s", "D", "^", "v", "P", "X")
_SHADES: Final = (INK, "#7A7A7A")
_WIDTH: Final = 60


def plot_estimates(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    axis: str = "",
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw estimates with their intervals, those of one question under its heading.

    Parameters
    ----------
    frame : DataFrame
        One row an estimate, in the order from above: heading, label, estimate, conf_low, conf_high. Rows with
        the same label have the same marker.
    ax : Axes, optional
    title : str
    axis : str
        What the estimates are; "Difference with interval" unless given.
    higher_is : {"better", "worse"}, optional
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        Its ``data`` has one row an estimate; what could not be estimated is left out.
    """
    rows = frame[np.isfinite(frame["estimate"].to_numpy(dtype=float))].reset_index(drop=True)
    headings = list(dict.fromkeys(rows["heading"]))
    names = list(dict.fromkeys(rows["label"]))
    axis = axis_right(axis or say("Difference with interval", lang), higher_is, lang)
    with style():
        ax = axes_or_new(ax, 8.6, 1.5 + 0.25 * (len(rows) + 1.4 * len(headings)))
        ticks: list[tuple[float, str]] = []
        place, parts = 0.0, []
        for heading in headings:
            _heading(ax, place, heading)
            for row in rows[rows["heading"] == heading].to_dict("records"):
                place += 1.0
                look = names.index(row["label"])
                _estimate(ax, row, place, _SHADES[look % len(_SHADES)], _MARKERS[look % len(_MARKERS)])
                shown = estimate_of(row, lang)
                ax.annotate(
                    shown, (1.02, place), xycoords=("axes fraction", "data"), va="center", fontsize=8.5,
                    annotation_clip=False,
                )  # fmt: skip
                ticks.append((place, str(row["label"])))
                parts.append(f"{heading}, {row['label']}: {shown}")
            place += 1.4
        ax.axvline(0, color=GREY, linewidth=0.8, linestyle="--", zorder=0.8)
        ax.set_yticks([at for at, _ in ticks], [name for _, name in ticks])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(max(place, 1.0) - 0.6, -0.8)
        ax.set_xlabel(axis)
        data = rows[["heading", "label", "estimate", "conf_low", "conf_high"]]
        return finished(ax, data, told(title, [axis, *parts]), title=title, lang=lang, synthetic=synthetic)


def _heading(ax: Axes, place: float, heading: str) -> None:
    ax.annotate(
        textwrap.shorten(heading, 2 * _WIDTH), (0.0, place), xycoords=("axes fraction", "data"), va="center",
        xytext=(4, 0), textcoords="offset points", fontsize=9, fontweight="bold", annotation_clip=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0}, zorder=2,
    )  # fmt: skip


def _estimate(ax: Axes, row: dict[Any, Any], place: float, colour: str, marker: str) -> None:
    estimate, low, high = (float(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    error = [[estimate - low], [high - estimate]] if np.isfinite(low) else None
    ax.errorbar(
        [estimate], [place], xerr=error, fmt=marker, color=colour, markersize=5.5, capsize=2.5, linewidth=1.5,
        gid=f"estimate-{row['heading']}-{row['label']}",
    )  # fmt: skip
