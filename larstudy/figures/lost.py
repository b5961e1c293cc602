"""Who was lost: how far those who were not seen again differed at the start from those who were."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.catalogue import in_language, say
from larstudy.figures.base import GREY, INK, axes_or_new, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import interval, told
from larstudy.names import Language, label

#: A usual line between small and not, drawn as a guide and no more.
_SMALL: Final = 0.1
_NAMES: Final = ("d_rms", "d_rms_low", "d_rms_high")
_TERMS: Final = {"baseline": "Score at the first wave"}
_WIDTH: Final = 34


def plot_lost(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw the standardised difference of the lost from those seen again, largest first.

    Parameters
    ----------
    frame : DataFrame
        Rows of one outcome, interval and stratum, columns of ``lost.csv``.
    ax : Axes, optional
    title : str
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        Its ``data`` has one row a characteristic, ordered as drawn: term, level, n_lost, n_seen, d_rms with
        its interval.
    """
    known = np.isfinite(frame["d_rms"].to_numpy(dtype=float))
    rows = frame[known].sort_values("d_rms", key=lambda column: -column.abs(), kind="stable")
    rows = rows.reset_index(drop=True)[["term", "level", "n_lost", "n_seen", *_NAMES]]
    with style():
        ax = axes_or_new(ax, 7.4, 1.7 + 0.36 * max(len(rows), 1))
        ax.axvspan(-_SMALL, _SMALL, color="#E6E6E6", zorder=0.4, gid="small")
        ax.axvline(0, color=GREY, linewidth=0.8, zorder=0.8)
        parts = []
        names = [_name(row, lang) for row in rows.to_dict("records")]
        for place, row in enumerate(rows.to_dict("records")):
            d, low, high = (float(row[name]) for name in _NAMES)
            beyond = abs(d) > _SMALL
            error = [[d - low], [high - d]] if np.isfinite(low) else None
            ax.errorbar([d], [place], xerr=error, fmt="D" if beyond else "o", color=INK,
                markerfacecolor=INK if beyond else "white", markersize=6,
                        capsize=2.5, linewidth=1.4, gid=f"lost-{row['term']}-{row['level']}")  # fmt: skip
            parts.append(f"{names[place]}: {interval(row, lang, _NAMES)}")
        ax.set_yticks(range(len(rows)), [textwrap.fill(name, _WIDTH) for name in names])
        ax.tick_params(axis="y", length=0)
        ax.set_ylim(max(len(rows), 1) - 0.5, -0.5)
        reach = max(
            0.3, 1.15 * float(np.nanmax(np.abs(rows[list(_NAMES)].to_numpy(dtype=float)), initial=0.0))
        )
        ax.set_xlim(-reach, reach)
        axis = say("Standardised difference: not followed up minus followed up", lang)
        ax.set_xlabel(axis)
        counts = _counts(rows, lang)
        ax.text(0.0, 1.02, counts, transform=ax.transAxes, fontsize=9, color=INK, va="bottom")
        note = say("Shaded: a difference below {size}, often called small.", lang, size=_SMALL)
        alt = told(title, [counts, axis, *parts], [note])
        return finished(ax, rows, alt, title=title, lang=lang, synthetic=synthetic, pad=20)


def _counts(rows: pd.DataFrame, lang: Language) -> str:
    if not len(rows):
        return say("Nothing to compare", lang)
    lost, seen = int(rows["n_lost"].max()), int(rows["n_seen"].max())
    return say(
        "{lost} lost, {seen} seen again; shaded: below {size}", lang, lost=lost, seen=seen, size=_SMALL
    )


def _name(row: Mapping[Any, Any], lang: Language) -> str:
    term = say(_TERMS[row["term"]], lang) if row["term"] in _TERMS else in_language(str(row["term"]), lang)
    if row["term"] == "network":
        return label(row["level"], lang)
    return f"{term}: {in_language(label(row['level'], lang), lang)}" if row["level"] else term
