"""The curve of specifications: every defensible analysis, sorted, and what was chosen in each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.catalogue import in_language, say
from larstudy.figures.base import GREY, axes_or_new, stamp, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import axis_up, choice_words, number, told
from larstudy.names import OTHER_COLOURS, HigherIs, Language

_MARKERS = ("o", "s", "^", "D", "v", "P")
_ROW_SHARE = 0.62
#: Share of the width for the names of the choices.
_NAMES = 0.37


def plot_specifications(
    frame: pd.DataFrame,
    forks: Mapping[str, Sequence[str]],
    *,
    ax: Axes | None = None,
    title: str = "",
    colour_by: str = "question",
    kinds: Mapping[str, str] | None = None,
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw every estimate with its interval, from the smallest to the largest, above the choices made.

    Parameters
    ----------
    frame : DataFrame
        One row an analysis: estimate, conf_low, conf_high in the unit of the outcome, and one column of texts
        a fork.
    forks : mapping of str to sequence of str
        The levels of each fork in the order in which they are shown; the names are columns of ``frame``.
    ax : Axes, optional
        Is parted into two: the curve above, the choices below.
    title : str
    colour_by : str
        The column whose levels have their own colour and marker.
    kinds : mapping of str to str, optional
        What stands beside the name of each fork.
    higher_is : {"better", "worse"}, optional
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        On the axes given; the two inside are its ``child_axes``.
    """
    with style():
        rows = sum(len(levels) for levels in forks.values()) + len(forks)
        ax = axes_or_new(ax, 9.6, specifications_height(forks))
        ax.set_axis_off()
        share = min(_ROW_SHARE, 0.2 + 0.022 * rows)
        upper = ax.inset_axes((_NAMES, share + 0.02, 1.0 - _NAMES, 0.98 - share))
        lower = ax.inset_axes((_NAMES, 0.04, 1.0 - _NAMES, share - 0.04))
        known = frame[frame["estimate"].notna()].sort_values("estimate", kind="stable").reset_index(drop=True)
        for part in (upper, lower):
            # All of it lies within the axes given, so the layout need not make room.
            part.set_in_layout(False)
        looks = _looks(known[colour_by] if len(known) else pd.Series([], dtype=object))
        _curve(upper, known, looks, colour_by, lang)
        _choices(lower, known, forks, kinds or {}, lang)
        lower.set_xlabel(say("Every analysis, from the smallest to the largest estimate", lang), fontsize=8)
        upper.set_ylabel(axis_up(say("Difference", lang), higher_is, lang))
        stamp(upper, synthetic, lang=lang)
        data = known[["estimate", "conf_low", "conf_high", *dict.fromkeys([colour_by, *forks])]]
        alt = told(title, _in_words(known, lang))
        return finished(ax, data, alt, title=title, lang=lang, synthetic=synthetic, across=False)


def _in_words(known: pd.DataFrame, lang: Language) -> list[str]:
    if not len(known):
        return [say("no analysis gives an estimate", lang)]
    estimates = known["estimate"]
    # An interval that could not be had leaves out zero on neither side.
    above, below = int((known["conf_low"] > 0).sum()), int((known["conf_high"] < 0).sum())
    return [
        say(
            "{n} analyses, estimates from {low} to {high}",
            lang,
            n=len(known),
            low=number(estimates.min(), lang),
            high=number(estimates.max(), lang),
        ),
        say(
            "{above} intervals wholly above zero and {below} wholly below it", lang, above=above, below=below
        ),
    ]


def specifications_height(forks: Mapping[str, Sequence[str]]) -> float:
    """Return the height in inches that the curve and its choices need."""
    return 3.0 + 0.21 * (sum(len(levels) for levels in forks.values()) + len(forks))


def _looks(levels: pd.Series) -> dict[str, tuple[str, str]]:
    shown = sorted(set(levels.tolist()))
    return {
        level: (OTHER_COLOURS[i % len(OTHER_COLOURS)], _MARKERS[i % len(_MARKERS)])
        for i, level in enumerate(shown)
    }


def _curve(
    ax: Axes, known: pd.DataFrame, looks: Mapping[str, tuple[str, str]], colour_by: str, lang: Language
) -> None:
    ax.axhline(0, color=GREY, linewidth=0.8, linestyle="--")
    for level, (colour, marker) in looks.items():
        places = np.flatnonzero((known[colour_by] == level).to_numpy())
        part = known.iloc[places]
        # An interval that could not be had is not drawn; its estimate is.
        ax.vlines(
            places, part["conf_low"].to_numpy(), part["conf_high"].to_numpy(), color=colour, alpha=0.45,
            linewidth=1.1,
        )  # fmt: skip
        ax.plot(
            places, part["estimate"].to_numpy(), marker, color=colour, markersize=3.6,
            label=_said(level, lang), gid=f"specifications-{level}",
        )  # fmt: skip
    if looks:
        ax.legend(loc="upper left", handletextpad=0.2, labelspacing=0.25)
        low, high = ax.get_ylim()
        # Room for the legend, which would hide the intervals.
        ax.set_ylim(low, high + (0.1 + 0.1 * len(looks)) * (high - low))
    ax.set_xlim(-1, max(len(known), 1))
    ax.set_xticks([])


def _said(level: str, lang: Language) -> str:
    """Return what was chosen, in words where it is a fixed name."""
    return in_language(choice_words(level), lang)


def _choices(
    ax: Axes,
    known: pd.DataFrame,
    forks: Mapping[str, Sequence[str]],
    kinds: Mapping[str, str],
    lang: Language,
) -> None:
    ticks, labels, bold, place = [], [], [], 0.0
    for fork, levels in forks.items():
        ticks.append(place)
        kind = f" ({in_language(kinds[fork], lang)})" if fork in kinds else ""
        labels.append(in_language(fork, lang) + kind)
        bold.append(True)
        for level in levels:
            place += 1
            chosen = np.flatnonzero((known[fork] == level).to_numpy())
            ax.plot(
                chosen, np.full(len(chosen), place), "|", color="#222222", markersize=6, markeredgewidth=1.1,
                gid=f"choice-{fork}-{level}",
            )  # fmt: skip
            ticks.append(place)
            labels.append(_said(level, lang))
            bold.append(False)
        place += 1.2
    ax.set_yticks(ticks, labels)
    for text, heading in zip(ax.get_yticklabels(), bold, strict=True):
        text.set_fontweight("bold" if heading else "normal")
        text.set_fontsize(8)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(place - 0.2, -0.8)
    ax.set_xlim(-1, max(len(known), 1))
    ax.set_xticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
