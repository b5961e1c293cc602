"""How different the lost would have to be: an estimate over every pair of shifts of two groups."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from larstudy.catalogue import say
from larstudy.figures.base import GREY, INK, axes_or_new, stamp, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import number, told
from larstudy.names import ABSTINENT, COLOURS, DRUG_DOMINATED, Language, in_sentence

_COLUMNS: Final = ["shift_group", "shift_reference", "estimate", "p_value", "holds"]


def plot_tipping_surface(
    frame: pd.DataFrame,
    groups: tuple[str, str],
    *,
    ax: Axes | None = None,
    title: str = "",
    unit: str = "",
    alpha: float = 0.05,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw a difference over shifts of what the lost of two groups are taken to have answered.

    Parameters
    ----------
    frame : DataFrame
        One row a pair of shifts: shift_group, shift_reference, estimate, p_value and holds, whether the
        verdict without a shift stands. Every shift of one group with every shift of the other.
    groups : (str, str)
        The group and the one it is held against.
    ax : Axes, optional
    title : str
    unit : str
        What shifts are counted in.
    alpha : float
        The verdict is whether p lies below it.
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    wide = {
        name: frame.pivot(index="shift_reference", columns="shift_group", values=name)
        for name in _COLUMNS[2:]
    }
    x, y = (wide["estimate"].columns.to_numpy(dtype=float), wide["estimate"].index.to_numpy(dtype=float))
    estimates = wide["estimate"].to_numpy(dtype=float)
    p_values = wide["p_value"].to_numpy(dtype=float)
    stood = bool(_unshifted(frame)["p_value"] < alpha)
    group, reference = (in_sentence(name, lang) for name in groups)
    with style():
        ax = axes_or_new(ax, 7.2, 5.2)
        turned = COLOURS[DRUG_DOMINATED]
        shades = ["#DCE6F0", "#F3DDE0"] if stood else ["#F3DDE0", "#DCE6F0"]
        ax.contourf(x, y, p_values, levels=[0.0, alpha, 1.0], colors=shades, zorder=0.2)
        ax.contour(x, y, p_values, levels=[alpha], colors=[turned], linewidths=1.8, zorder=2)
        lines = ax.contour(
            x, y, estimates, levels=7, colors=[GREY], linewidths=0.8, linestyles="solid", zorder=1
        )
        digits = max(0, -math.floor(math.log10(float(estimates.max() - estimates.min()) / 7)))
        ax.clabel(lines, fmt=lambda level: number(level, lang, digits), fontsize=8, colors=[INK])
        ax.plot(0, 0, "o", color=INK, markersize=7, zorder=4, gid="no-shift")
        suffix = f"\n({unit})" if unit else ""
        ax.set_xlabel(say("Shift of the lost: {group}", lang, group=group) + suffix)
        ax.set_ylabel(say("Shift of the lost: {group}", lang, group=reference) + suffix)
        handles: list[Any] = [
            Patch(facecolor="#DCE6F0", edgecolor=COLOURS[ABSTINENT], label=say("the verdict stands", lang)),
            Patch(facecolor="#F3DDE0", edgecolor=turned, label=say("the verdict turns", lang)),
            Line2D([], [], color=GREY, linewidth=0.8, label=say("difference", lang)),
            Line2D([], [], color=INK, marker="o", linestyle="", label=say("no shift", lang)),
        ]
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        stamp(ax, synthetic, lang=lang, size=13)
        alt = told(title, [*_in_words(frame, lang), _turn_in_words(frame, (group, reference), lang)])
        return finished(ax, frame[_COLUMNS], alt, title=title, lang=lang, synthetic=synthetic, across=False)


def _unshifted(frame: pd.DataFrame) -> pd.Series[Any]:
    size = frame["shift_group"].abs() + frame["shift_reference"].abs()
    return frame.iloc[int(size.to_numpy().argmin())]


def _in_words(frame: pd.DataFrame, lang: Language) -> list[str]:
    start = _unshifted(frame)
    share = 100.0 * float(frame["holds"].mean())
    return [
        say("difference without a shift {estimate}", lang, estimate=number(start["estimate"], lang)),
        say("the verdict stands in {share} % of the pairs of shifts", lang, share=f"{share:.0f}"),
    ]


def _turn_in_words(frame: pd.DataFrame, groups: tuple[str, str], lang: Language) -> str:
    """Return how near the nearest turn lies."""
    gone = frame[~frame["holds"].astype(bool)]
    if not len(gone):
        return say("no pair of shifts turns it", lang)
    squared = (gone["shift_group"] ** 2 + gone["shift_reference"] ** 2).to_numpy()
    row = gone.iloc[int(squared.argmin())]
    return say(
        "the nearest turn is where {group} is shifted by {x} and {reference} by {y}",
        lang,
        group=groups[0],
        reference=groups[1],
        x=number(row["shift_group"], lang, 1),
        y=number(row["shift_reference"], lang, 1),
    )
