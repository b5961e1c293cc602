"""How different the lost would have to be: an estimate over every pair of shifts of two groups."""

from __future__ import annotations

import math
import textwrap
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from larstudy.catalogue import say
from larstudy.figures.base import GREY, INK, axes_or_new, stamp, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import number, told
from larstudy.names import ABSTINENT, COLOURS, DRUG_DOMINATED, Language, in_sentence
from larstudy.tables import show_p_in_text, show_percent

#: What may be said of a difference, by its sign; 0 is none that can be told.
_VERDICTS: Final = {
    1: "difference above 0",
    0: "the difference cannot be told from chance",
    -1: "difference below 0",
}
_STANDS: Final = "#DCE6F0"
#: Of the verdicts that are others than the one without a shift: the nearer one, and the farther.
_OTHERS: Final = ("#F3DDE0", "#DFA3AD")
_TITLE_WIDTH: Final = 64
_LEGEND_WIDTH: Final = 26
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
        verdict without a shift stands: the same sign, and beyond chance or not as without a shift. Every
        shift of one group with every shift of the other.
    groups : (str, str)
        The group and the one it is held against.
    ax : Axes, optional
    title : str
    unit : str
        What shifts are counted in.
    alpha : float
        The verdict is the sign of the difference where p lies below it, and that it cannot be told from
        chance elsewhere.
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
    # Goes from -1 to 1 through 0 where the difference is 0: its levels part the three verdicts.
    signed = np.sign(estimates) * (1.0 - wide["p_value"].to_numpy(dtype=float))
    start = _verdict(_unshifted(frame), alpha)
    shades = _shades(start)
    group, reference = (in_sentence(name, lang) for name in groups)
    with style():
        ax = axes_or_new(ax, 7.2, 5.2)
        edge = 1.0 - alpha
        ax.contourf(x, y, signed, levels=[-1.01, -edge, edge, 1.01], colors=[shades[v] for v in (-1, 0, 1)],
                    zorder=0.2)  # fmt: skip
        for level in (-edge, edge):
            if signed.min() < level < signed.max():
                ax.contour(
                    x, y, signed, levels=[level], colors=[COLOURS[DRUG_DOMINATED]], linewidths=1.8,
                    linestyles="solid", zorder=2,
                )  # fmt: skip
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
            *_regions(signed, edge, start, shades, lang),
            Line2D([], [], color=GREY, linewidth=0.8, label=say("difference", lang)),
            Line2D([], [], color=INK, marker="o", linestyle="", label=say("no shift", lang)),
        ]
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.0, 1.0))
        stamp(ax, synthetic, lang=lang, size=13)
        first = _first_verdict(_unshifted(frame), start, lang)
        alt = told(
            title, [*_in_words(frame, lang), _turn_in_words(frame, (group, reference), unit, lang)], [first]
        )
        title = f"{title}\n{textwrap.fill(first, _TITLE_WIDTH)}" if title else title
        return finished(ax, frame[_COLUMNS], alt, title=title, lang=lang, synthetic=synthetic, across=False)


def _unshifted(frame: pd.DataFrame) -> pd.Series[Any]:
    size = frame["shift_group"].abs() + frame["shift_reference"].abs()
    return frame.iloc[int(size.to_numpy().argmin())]


def _verdict(row: pd.Series[Any], alpha: float) -> int:
    return int(np.sign(row["estimate"])) if row["p_value"] < alpha else 0


def _shades(start: int) -> dict[int, str]:
    """Return the colour of each verdict: the one without a shift, then the others by how far they lie."""
    others = sorted((v for v in _VERDICTS if v != start), key=lambda v: (abs(v - start), -v))
    return {start: _STANDS, **dict(zip(others, _OTHERS, strict=True))}


def _regions(
    signed: np.ndarray[Any, Any], edge: float, start: int, shades: dict[int, str], lang: Language
) -> list[Patch]:
    """Return a legend of the verdicts that there are, the one without a shift first."""
    there = {-1: (signed < -edge).any(), 0: (np.abs(signed) <= edge).any(), 1: (signed > edge).any()}
    found = []
    for verdict in sorted((v for v in there if there[v]), key=lambda v: (v != start, -v)):
        stands = say("the verdict stands" if verdict == start else "another verdict", lang)
        said = textwrap.fill(f"{stands}: {say(_VERDICTS[verdict], lang)}", _LEGEND_WIDTH)
        colour = COLOURS[ABSTINENT if verdict == start else DRUG_DOMINATED]
        found.append(Patch(facecolor=shades[verdict], edgecolor=colour, label=said))
    return found


def _first_verdict(row: pd.Series[Any], verdict: int, lang: Language) -> str:
    """Return what is said of the difference where nobody is shifted."""
    text = (
        "Verdict without a shift: the groups differ ({estimate}, {p}; missing scores imputed)."
        if verdict
        else "Verdict without a shift: the difference cannot be told from chance ({estimate}, {p}; missing"
        " scores imputed)."
    )
    # Not broken between p and its number.
    p = show_p_in_text(float(row["p_value"]), lang).replace(" ", "\N{NO-BREAK SPACE}")
    return say(text, lang, estimate=number(row["estimate"], lang), p=p)


def _in_words(frame: pd.DataFrame, lang: Language) -> list[str]:
    start = _unshifted(frame)
    share = show_percent(float(frame["holds"].mean()), lang)
    return [
        say("difference without a shift {estimate}", lang, estimate=number(start["estimate"], lang)),
        say("the verdict stands in {share} of the pairs of shifts", lang, share=share),
    ]


def _turn_in_words(frame: pd.DataFrame, groups: tuple[str, str], unit: str, lang: Language) -> str:
    """Return how near the nearest turn lies."""
    gone = frame[~frame["holds"].astype(bool)]
    if not len(gone):
        return say("no pair of shifts turns it", lang)
    squared = (gone["shift_group"] ** 2 + gone["shift_reference"] ** 2).to_numpy()
    row = gone.iloc[int(squared.argmin())]
    said = say(
        "the nearest turn is where {group} is shifted by {x} and {reference} by {y}",
        lang,
        group=groups[0],
        reference=groups[1],
        x=number(row["shift_group"], lang, 1),
        y=number(row["shift_reference"], lang, 1),
    )
    return f"{said} ({unit})" if unit else said
