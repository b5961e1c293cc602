"""Forest plots of cohorts whose effect sizes are ranges, with what a summary of them hides."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.figures.base import GREY, axes_or_new, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import interval, told
from larstudy.names import COLOURS, DRUG_DOMINATED, MAINTAINED_ABSTINENT, Language

#: Nothing beyond is drawn to scale: with few studies limits run to ten SDs and more.
_ENDS = (-1.0, 2.0)
_NOTE_WIDTH = 108
_LABEL_WIDTH = 34


def forest_height(n_rows: int, n_notes: int) -> float:
    """Return the height in inches that a forest plot needs."""
    return 1.9 + 0.42 * n_rows + 0.19 * n_notes


def plot_forest(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    axis: str = "",
    legend: Mapping[str, str] | None = None,
    columns: Sequence[str] = (),
    notes: Sequence[str] = (),
    ends: tuple[float, float] = _ENDS,
    alt: str = "",
    lang: Language = "en",
) -> FigureResult:
    """Draw cohorts and their summaries: what an effect size may be thick, its widest interval thin.

    Parameters
    ----------
    frame : DataFrame
        One row a cohort or a summary, in the order from above: label, kind ("cohort" or "summary"), estimate,
        estimate_low, estimate_high, conf_low, conf_high, prediction_low, prediction_high.
    ax : Axes, optional
    title, axis : str
    legend : mapping of str to str, optional
        What "thick", "thin" and "dashed" mean.
    columns : sequence of str
        One text a row, shown at its right.
    notes : sequence of str
        Sentences under the axes, such as on heterogeneity.
    ends : (float, float)
        Of the axis; a line that goes on beyond has an arrow.
    alt : str
        The figure in words where the caller knows more than the numbers.
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        lines = [line for note in notes for line in textwrap.wrap(note, _NOTE_WIDTH)]
        ax = axes_or_new(ax, 9.6, forest_height(len(frame), len(lines)))
        rows = frame.to_dict("records")
        n_cohorts = sum(row["kind"] == "cohort" for row in rows)
        ax.axvline(0, color=GREY, linewidth=0.8, linestyle="--")
        for place, row in enumerate(rows):
            # A gap between the cohorts and what is made of them.
            at = place + (0.5 if row["kind"] == "summary" else 0.0)
            _draw(ax, {str(name): value for name, value in row.items()}, at, ends)
            if place < len(columns):
                # What is at the right begins beyond the arrows.
                ax.annotate(
                    columns[place], (1.03, at), xycoords=("axes fraction", "data"), va="center", fontsize=8,
                    annotation_clip=False,
                )  # fmt: skip
        if 0 < n_cohorts < len(rows):
            ax.axhline(n_cohorts - 0.25, color=GREY, linewidth=0.5)
        places = [p + (0.5 if row["kind"] == "summary" else 0.0) for p, row in enumerate(rows)]
        ax.set_yticks(places, [textwrap.fill(str(row["label"]), _LABEL_WIDTH) for row in rows])
        ax.set_ylim((places[-1] if places else 0) + 0.6, -0.6)
        ax.set_xlim(*ends)
        ax.tick_params(axis="y", length=0)
        ax.set_xlabel(axis)
        _explain(ax, legend or {})
        if lines:
            ax.annotate(
                "\n".join(lines), (0, 0), xycoords="axes fraction", xytext=(-190, -62), fontsize=8,
                textcoords="offset points", va="top", ha="left", color=GREY, annotation_clip=False,
                gid="forest-notes",
            )  # fmt: skip
        names = ("estimate", "conf_low", "conf_high")
        words = alt or told(title, [f"{row['label']}: {interval(row, lang, names)}" for row in rows])
        return finished(ax, frame, words, title=title, lang=lang)


def _draw(ax: Axes, row: Mapping[str, float | str], at: float, ends: tuple[float, float]) -> None:
    summary = row["kind"] == "summary"
    colour = COLOURS[DRUG_DOMINATED] if summary else COLOURS[MAINTAINED_ABSTINENT]
    name = f"{row['kind']}-{row['label']}"
    looks = (("prediction", 1.1, ":"), ("conf", 1.5, "-"), ("estimate", 6.0, "-"))
    for what, width, dash in looks:
        low, high = (float(row[f"{what}_{end}"]) for end in ("low", "high"))
        if np.isfinite([low, high]).all():
            _line(ax, (low, high), at, ends, colour=colour, width=width, dash=dash, gid=f"{what}-{name}")
    ax.plot(
        float(row["estimate"]), at, "D" if summary else "o", color="white", markeredgecolor=colour,
        markersize=7, zorder=4, gid=f"middle-{name}",
    )  # fmt: skip


def _line(
    ax: Axes, limits: tuple[float, float], at: float, ends: tuple[float, float], *, colour: str, width: float,
    dash: str, gid: str,
) -> None:  # fmt: skip
    """Draw a line from limit to limit, with an arrow where it goes on beyond the axes."""
    low, high = (float(np.clip(limit, *ends)) for limit in limits)
    ax.plot(
        [low, high], [at, at], linestyle=dash, color=colour, linewidth=width, solid_capstyle="butt", gid=gid
    )
    for limit, end, marker in ((limits[0], ends[0], "<"), (limits[1], ends[1], ">")):
        if (limit < end) if marker == "<" else (limit > end):
            inside = end + (0.02 if marker == "<" else -0.02) * (ends[1] - ends[0])
            ax.plot(inside, at, marker, color=colour, markersize=6, zorder=5, gid=f"beyond-{gid}")


def _explain(ax: Axes, legend: Mapping[str, str]) -> None:
    looks = {"thick": (6.0, "-"), "thin": (1.5, "-"), "dashed": (1.1, ":")}
    for name, (width, dash) in looks.items():
        if name in legend:
            ax.plot([], [], linestyle=dash, linewidth=width, color=GREY, label=legend[name])
    if legend:
        ax.legend(
            loc="upper center", bbox_to_anchor=(0.35, -0.02), bbox_transform=ax.transAxes, ncols=3,
            borderaxespad=2.9, fontsize=8,
        )  # fmt: skip
