"""A figure of how often rules say what in worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.catalogue import say
from larstudy.figures.base import GREY, axes_or_new, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import interval, number, told
from larstudy.names import ALL, COLOURS, Language
from larstudy.tables import SYNTHETIC_STAMP

_CHARACTERISTICS = "How often a rule says supported, or a test rejects"


def plot_characteristics(
    frame: pd.DataFrame, *, ax: Axes | None = None, title: str = "", lang: Language = "en"
) -> FigureResult:
    """Draw shares as a table of shades with the numbers in it, rules by worlds.

    Parameters
    ----------
    frame : DataFrame
        Columns ``world``, ``rule`` and ``value``, a share from 0 to 1; one row a world and rule.
    ax : Axes, optional
    title : str
        One that says what the shares are unless given.
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    wide = frame.pivot(index="rule", columns="world", values="value")
    wide = wide.loc[frame["rule"].unique(), frame["world"].unique()]
    shares = 100.0 * wide.to_numpy()
    with style():
        ax = axes_or_new(ax, height=1.6 + 0.28 * len(wide), width=3.4 + 0.75 * wide.shape[1])
        # Not to the end of the scale: black tires the eye and the printer.
        ax.imshow(shares, cmap="Blues", vmin=0, vmax=130, aspect="auto")
        for (row, column), share in np.ndenumerate(shares):
            if np.isfinite(share):
                # White on the dark half, so that every number can be read.
                shade = "white" if share > 80 else "black"
                ax.text(column, row, f"{share:.0f}", ha="center", va="center", color=shade, fontsize=8)
        ax.set_xticks(range(wide.shape[1]), [name.replace("_", "\n") for name in wide.columns])
        ax.set_yticks(range(len(wide)), [name.replace("_", " ") for name in wide.index])
        ax.tick_params(length=0)
        ax.grid(visible=False)
        unit = say("Per cent of cohorts", lang)
        # Across the numbers it would hide them.
        ax.set_xlabel(f"{unit}. {say(SYNTHETIC_STAMP, lang)}")
        title = title or say(_CHARACTERISTICS, lang)
        table = 100.0 * wide
        rows = [
            f"{rule.replace('_', ' ')}: "
            + ", ".join(
                f"{str(w).replace('_', ' ')} {number(s, lang, 0)}" for w, s in given.items() if np.isfinite(s)
            )
            for rule, given in zip(map(str, table.index), table.to_dict("records"), strict=True)
        ]
        alt = told(f"{title} ({unit[0].lower()}{unit[1:]})", rows)
        return finished(ax, frame, alt, title=title, lang=lang, synthetic=True, across=False)


def plot_sample_sizes(
    frame: pd.DataFrame, target: float, *, ax: Axes | None = None, lang: Language = "en"
) -> FigureResult:
    """Draw how often a verdict is given against the number of persons.

    Parameters
    ----------
    frame : DataFrame
        Columns ``n``, ``value``, ``conf_low`` and ``conf_high``, shares from 0 to 1.
    target : float
        The share that was asked for.
    ax : Axes, optional
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        ax = axes_or_new(ax)
        asked = say("asked for: {share} %", lang, share=f"{100 * target:g}")
        shares = frame[["value", "conf_low", "conf_high"]].to_numpy() * 100.0
        below, above = shares[:, 0] - shares[:, 1], shares[:, 2] - shares[:, 0]
        ax.errorbar(frame["n"], shares[:, 0], yerr=[below, above], fmt="o-", color=COLOURS[ALL], capsize=2)
        ax.axhline(100.0 * target, color=GREY, linestyle="--", linewidth=1)
        ax.annotate(
            asked,
            (frame["n"].min(), 100.0 * target),
            ha="left",
            va="bottom",
            fontsize=8,
        )
        ax.set_ylim(0, 105)
        ax.set_xlabel(say("Persons seen at both waves", lang))
        ax.set_ylabel(say("Cohorts with the verdict, %", lang))
        title = say("How often the verdict is given, by number of persons", lang)
        parts = [
            f"n = {n}: " + interval({"v": v, "l": lo, "h": hi}, lang, ("v", "l", "h"), 1) + " %"
            for n, (v, lo, hi) in zip(frame["n"], shares.tolist(), strict=True)
        ]
        alt = told(title, [*parts, asked])
        return finished(ax, frame, alt, title=title, lang=lang, synthetic=True)
