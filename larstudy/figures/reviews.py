"""Figures of a literature review: patients in LAR by year, and which study speaks to which theme."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from larstudy.catalogue import say
from larstudy.figures.base import GREY, INK, SLATE, axes_or_new, style, text_on
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import told
from larstudy.names import Language
from larstudy.tables import thousands

_LOOKS: Final[tuple[tuple[str, str, Literal["-", "--", ":"]], ...]] = (
    (INK, "o", "-"),
    ("#0072B2", "s", "--"),
    ("#6B4E00", "D", ":"),
)
_LEGEND_WIDTH: Final = 44
_THEME_WIDTH: Final = 34
_WORK_WIDTH: Final = 40


def plot_lar_patients(
    frame: pd.DataFrame, *, ax: Axes | None = None, title: str = "", lang: Language = "en"
) -> FigureResult:
    """Draw how many patients were in LAR by year, each way of counting as a line of its own.

    Parameters
    ----------
    frame : DataFrame
        Columns of the part ``numbers`` of a review: year, measure, patients, rounded, source, basis. A year
        whose number nobody here has read is left out, and no line is drawn across it. Where there is a column
        ``first_hand``, counts that others tell of are open marks.
    ax : Axes, optional
    title : str
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        Its ``data`` has one row a year and measure.
    """
    rows = frame[np.isfinite(frame["patients"].to_numpy(dtype=float))]
    order = {measure: place for place, measure in enumerate(dict.fromkeys(frame["measure"]))}
    rows = rows.assign(first_hand=rows.get("first_hand", True))
    columns = ["measure", "year", "patients", "rounded", "source", "basis", "first_hand"]
    rows = rows[columns].sort_values("year", kind="stable")
    # In the order in which the review has them, which is the same in every language.
    rows = rows.sort_values("measure", key=lambda column: column.map(order), kind="stable")
    measures = list(dict.fromkeys(rows["measure"]))
    with style():
        ax = axes_or_new(ax, 7.6, 4.4)
        parts = []
        for place, measure in enumerate(measures):
            own = rows[rows["measure"] == measure]
            _draw_counts(ax, own, place, lang, above=place == len(measures) - 1)
            said = ", ".join(f"{row['year']:.0f} {_count(row, lang)}" for row in own.to_dict("records"))
            parts.append(f"{measure}: {said}")
        top = float(rows["patients"].max()) if len(rows) else 1.0
        # From nought, so that heights can be compared.
        ax.set_ylim(0, 1.12 * top)
        ax.margins(x=0.06)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.yaxis.set_major_formatter(lambda value, _: thousands(value, lang))
        ax.set_xlabel(say("Year", lang))
        ax.set_ylabel(say("Patients", lang))
        second = say("Open: told by another source than whoever counted; ≈: rounded there", lang)
        if measures:
            ax.legend(
                handles=_legend(measures, second if not rows["first_hand"].all() else ""), loc="lower right"
            )
        return finished(ax, rows, told(title, parts), title=title, lang=lang)


def _draw_counts(ax: Axes, own: pd.DataFrame, place: int, lang: Language, *, above: bool) -> None:
    """Draw the numbers of one way of counting, with a line between years that follow each other."""
    colour, marker, line = _LOOKS[place % len(_LOOKS)]
    measure = own["measure"].iloc[0]
    years, patients = (own[name].to_numpy(dtype=float) for name in ("year", "patients"))
    # Without a number for the years between, a line would say more than is known.
    gaps = np.flatnonzero(np.diff(years) > 1) + 1
    ax.plot(np.insert(years, gaps, np.nan), np.insert(patients, gaps, np.nan), linestyle=line, color=colour,
            linewidth=1.6, gid=f"patients-{measure}")  # fmt: skip
    counted = own["first_hand"].to_numpy(dtype=bool)
    for who, chosen, face in (("counted", counted, colour), ("told", ~counted, "white")):
        ax.plot(years[chosen], patients[chosen], marker=marker, linestyle="none", color=colour,
                markerfacecolor=face, markersize=6, gid=f"{who}-{measure}")  # fmt: skip
    for row in own.to_dict("records"):
        ax.annotate(
            _count(row, lang), (row["year"], row["patients"]), xytext=(0, 7 if above else -15),
            textcoords="offset points", ha="center", fontsize=8, color=colour,
        )  # fmt: skip


def _count(row: Mapping[Any, Any], lang: Language) -> str:
    return f"{row['rounded']} {thousands(float(row['patients']), lang)}".strip()


def _legend(measures: Sequence[str], second_hand: str) -> list[Line2D]:
    """Return a line and mark a way of counting, and an open mark for what others tell of."""
    handles = []
    for place, measure in enumerate(measures):
        colour, marker, line = _LOOKS[place % len(_LOOKS)]
        handles.append(
            Line2D([], [], color=colour, marker=marker, linestyle=line, markersize=6, label=measure)
        )
    if second_hand:
        handles.append(
            Line2D([], [], color=GREY, marker="o", markerfacecolor="white", linestyle="none",
                   label=textwrap.fill(second_hand, _LEGEND_WIDTH))
        )  # fmt: skip
    return handles


def plot_themes(
    frame: pd.DataFrame, *, ax: Axes | None = None, title: str = "", lang: Language = "en"
) -> FigureResult:
    """Draw which study speaks to which theme, with the number of its findings.

    Parameters
    ----------
    frame : DataFrame
        Columns of the part ``matrix`` of a review: theme, work and id, one row a finding; where the id is
        empty the work is cited for the theme without a finding of its own.
    ax : Axes, optional
    title : str
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        Its ``data`` has one row a theme and study: theme, work, findings.
    """
    themes, works = list(dict.fromkeys(frame["theme"])), list(dict.fromkeys(frame["work"]))
    with style():
        ax = axes_or_new(ax, 2.6 + 0.62 * len(works), 2.3 + 0.44 * len(themes))
        counted = []
        for y, theme in enumerate(themes):
            for x, work in enumerate(works):
                found = frame[(frame["theme"] == theme) & (frame["work"] == work)]
                if len(found):
                    n = int((found["id"] != "").sum())
                    counted.append({"theme": theme, "work": work, "findings": n})
                    _mark(ax, x, y, n)
        ax.set_xticks(range(len(works)), [textwrap.fill(work, _WORK_WIDTH) for work in works], rotation=55,
                      ha="left", rotation_mode="anchor")  # fmt: skip
        ax.xaxis.tick_top()
        ax.set_yticks(range(len(themes)), [textwrap.fill(theme, _THEME_WIDTH) for theme in themes])
        ax.tick_params(length=0)
        ax.set_xlim(-0.6, len(works) - 0.4)
        ax.set_ylim(len(themes) - 0.4, -0.6)
        ax.set_axisbelow(True)
        ax.grid(color="#E6E6E6", linewidth=0.8)
        for spine in ax.spines.values():
            spine.set_visible(False)
        ax.set_xlabel(say("Number of findings; an open ring is a study without a finding of its own", lang))
        data = pd.DataFrame(counted, columns=["theme", "work", "findings"])
        parts = [
            f"{theme}: " + ", ".join(f"{r['work']} {r['findings']}" for r in counted if r["theme"] == theme)
            for theme in themes
        ]
        return finished(ax, data, told(title, parts), title=title, lang=lang)


def _mark(ax: Axes, x: int, y: int, n: int) -> None:
    colour = SLATE
    ax.scatter([x], [y], s=230, facecolor=colour if n else "white", edgecolor=colour if n else GREY,
               linewidth=1.2, zorder=2, gid="theme")  # fmt: skip
    if n:
        ax.text(x, y, str(n), ha="center", va="center_baseline", fontsize=9, color=text_on(colour), zorder=3)
