"""The main figure of a study: from baseline to follow-up by network change, within each treatment status."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.catalogue import say
from larstudy.figures.base import Look, axes_or_new, looks, stamp, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import axis_up, digits_of, interval, told, wave_words, withheld_words
from larstudy.names import ALL, HigherIs, Language, label

#: At most so many lines of persons in a panel: more hide each other.
_MOST_LINES: Final = 60
_PANEL: Final = 2.75
_LEFT: Final = 0.75
#: In inches: the legend beside one or two panels, and below more.
_BESIDE: Final = 2.7
_BELOW: Final = 0.65
#: In letters, of what the legend says of withheld groups.
_MISSING_WIDTH: Final = 24
_DODGE: Final = 0.035
_MEANS: Final = ["stratum", "group", "wave", "n", "mean", "conf_low", "conf_high"]


def plot_baseline_to_followup(
    frame: pd.DataFrame,
    persons: pd.DataFrame | None = None,
    *,
    ax: Axes | None = None,
    title: str = "",
    private: bool = True,
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
    lang: Language = "en",
    withheld: Mapping[str, Sequence[str]] | None = None,
) -> FigureResult:
    """Draw the mean of each group at both waves with intervals, a panel for each treatment status.

    Parameters
    ----------
    frame : DataFrame
        One row a stratum, group and wave: stratum, group, wave, n, mean, conf_low, conf_high.
    persons : DataFrame, optional
        One row a person: stratum, group, before, after. Their lines are drawn thin, at most 60 in a panel.
    ax : Axes, optional
        Is parted into the panels.
    title : str
    private : bool
        No person's line is drawn.
    higher_is : {"better", "worse"}, optional
    synthetic : bool
    lang : {"en", "nb", "nn"}
    withheld : mapping of str to sequence of str, optional
        Of each stratum the groups that may not be shown: the legend names them, and the panel tells no
        total, from which their number could be worked out.

    Returns
    -------
    FigureResult
        Its ``axes`` are those given; the panels are their ``child_axes``. Its ``data`` are the means; the
        persons are in the result that they came from.
    """
    # The mean of one person is that person's value: it is not drawn.
    shown = frame.loc[frame["n"] > 1, _MEANS].reset_index(drop=True)
    strata = list(dict.fromkeys(shown["stratum"])) or [ALL]
    groups, waves = list(dict.fromkeys(shown["group"])), list(dict.fromkeys(frame["wave"]))
    look = looks(groups)
    beside, below = (0.0, _BELOW) if len(strata) > 2 else (_BESIDE, 0.0)
    size = _LEFT + _PANEL * len(strata) + beside, 4.0 + below
    with style():
        ax = axes_or_new(ax, *size)
        ax.set_axis_off()
        panels = _panels(ax, len(strata), size, below)
        n_lines = 0
        for place, (panel, stratum) in enumerate(zip(panels, strata, strict=True)):
            rows = shown[shown["stratum"] == stratum]
            if persons is not None and not private:
                n_lines += _lines(panel, persons[persons["stratum"] == stratum], look)
            for position, group in enumerate(groups):
                own = rows[rows["group"] == group]
                _mean_line(panel, own, waves, (position - (len(groups) - 1) / 2) * _DODGE, look[group], group)
            _panel_axes(panel, waves, lang, first=place == 0)
            hidden = bool((withheld or {}).get(stratum))
            panel.set_title(
                _panel_title(stratum, rows, lang, hidden=hidden), fontsize=9.5, fontweight="normal"
            )
            stamp(panel, synthetic, lang=lang, size=13)
        axis = axis_up(say("Mean with interval", lang), higher_is, lang)
        panels[0].set_ylabel(axis)
        missing = _missing(withheld or {}, lang)
        _legend(ax, look, groups, size[0], lang, beside=beside, missing=missing)
        note = "" if persons is None else _note(n_lines, _n_drawn_from(persons, strata, look), private, lang)
        notes = [text for text in (note, f"{missing}." if missing else "") if text]
        alt = told(title, [axis, *_in_words(shown, strata, groups, lang)], notes)
        return finished(ax, shown, alt, title=title, lang=lang, synthetic=synthetic, across=False)


def _panels(ax: Axes, n: int, size: tuple[float, float], below: float) -> list[Axes]:
    """Return axes side by side within others, on one scale."""
    bottom = (0.35 + below) / size[1]
    first: Axes | None = None
    found = []
    for place in range(n):
        left, wide = (_LEFT + place * _PANEL) / size[0], (_PANEL - 0.25) / size[0]
        panel = ax.inset_axes((left, bottom, wide, 0.9 - bottom), sharey=first)
        panel.set_in_layout(False)
        first = first or panel
        found.append(panel)
    return found


def _lines(panel: Axes, persons: pd.DataFrame, look: dict[str, Look]) -> int:
    """Draw lines of persons, thinned over the order of their change, and return how many."""
    known = persons[persons["group"].isin(look)]
    order = (known["after"] - known["before"]).to_numpy().argsort(kind="stable")
    kept = order[np.unique(np.linspace(0, len(order) - 1, min(_MOST_LINES, len(order))).round().astype(int))]
    for row in known.iloc[kept].to_dict("records"):
        panel.plot([0, 1], [row["before"], row["after"]], color=look[row["group"]].colour, alpha=0.32,
                   linewidth=0.6, zorder=1, gid="person")  # fmt: skip
    return len(kept)


def _mean_line(
    panel: Axes, rows: pd.DataFrame, waves: list[str], shift: float, look: Look, group: str
) -> None:
    if not len(rows):
        return
    at = np.array([waves.index(wave) for wave in rows["wave"]]) + shift
    means = rows["mean"].to_numpy(dtype=float)
    low, high = rows["conf_low"].to_numpy(dtype=float), rows["conf_high"].to_numpy(dtype=float)
    panel.errorbar(
        at, means, yerr=np.nan_to_num(np.vstack([means - low, high - means])), fmt=look.marker,
        linestyle=look.line, color=look.colour, markeredgecolor=look.edge, ecolor=look.edge, markersize=6,
        capsize=2.5, linewidth=2, elinewidth=1.1, zorder=3, gid=f"followup-{group}",
    )  # fmt: skip


def _panel_axes(panel: Axes, waves: list[str], lang: Language, *, first: bool) -> None:
    panel.set_xticks(range(len(waves)), [wave_words(wave, lang) for wave in waves])
    panel.set_xlim(-0.3, len(waves) - 0.7)
    if not first:
        panel.tick_params(axis="y", labelleft=False)


def _panel_title(stratum: str, rows: pd.DataFrame, lang: Language, *, hidden: bool) -> str:
    n = say("withheld", lang) if hidden else int(rows.drop_duplicates("group")["n"].sum())
    return f"{label(stratum, lang)} (n = {n})"


def _missing(withheld: Mapping[str, Sequence[str]], lang: Language) -> str:
    groups = list(dict.fromkeys(group for hidden in withheld.values() for group in hidden))
    return withheld_words(groups, lang) if groups else ""


def _legend(
    ax: Axes, look: dict[str, Look], groups: list[str], width: float, lang: Language, *, beside: float,
    missing: str,
) -> None:  # fmt: skip
    for group in groups:
        own = look[group]
        ax.plot([], [], marker=own.marker, linestyle=own.line, color=own.colour, markeredgecolor=own.edge,
                linewidth=2, label=label(group, lang))  # fmt: skip
    if missing:
        ax.plot([], [], linestyle="none", label=textwrap.fill(missing, _MISSING_WIDTH))
    if groups and beside:
        ax.legend(loc="center left", bbox_to_anchor=((width - beside - 0.1) / width, 0.5), handlelength=3.0,
                  borderaxespad=0, labelspacing=0.9)  # fmt: skip
    elif groups:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 0.0), ncols=2, handlelength=3.0, borderaxespad=0)


def _n_drawn_from(persons: pd.DataFrame, strata: Sequence[str], look: Mapping[str, Look]) -> int:
    return int((persons["stratum"].isin(strata) & persons["group"].isin(look)).sum())


def _note(n_lines: int, n: int, private: bool, lang: Language) -> str:
    if private:
        return say("No person's line is drawn.", lang)
    return say("Thin lines: {k} of {n} persons.", lang, k=n_lines, n=n)


def _in_words(shown: pd.DataFrame, strata: list[str], groups: list[str], lang: Language) -> list[str]:
    names = ("mean", "conf_low", "conf_high")
    digits = digits_of(shown.to_dict("records"))
    parts = []
    for stratum in strata:
        for group in groups:
            rows: list[dict[Any, Any]] = shown[
                (shown["stratum"] == stratum) & (shown["group"] == group)
            ].to_dict("records")
            if rows:
                over = ", ".join(
                    f"{wave_words(r['wave'], lang)} {interval(r, lang, names, digits)}" for r in rows
                )
                whom = "" if len(strata) == 1 else f"{label(stratum, lang)}, "
                parts.append(f"{whom}{label(group, lang)} (n = {rows[0]['n']}): {over}")
    return parts
