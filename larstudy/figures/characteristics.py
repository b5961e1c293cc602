"""A figure of how often rules say what in worlds whose truth is known."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from larstudy.catalogue import in_language, say
from larstudy.figures.base import GREY, INK, axes_or_new, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import interval, number, told
from larstudy.names import ALL, COLOURS, Language
from larstudy.tables import SYNTHETIC_STAMP

_CHARACTERISTICS: Final = "How often a rule says supported, or a test rejects"
_WORLD_WIDTH: Final = 11
_TRUTHS: Final = {1: "Claim true", 0: "No difference", -1: "Opposite true"}
#: White on the dark part of the shades, so that every number can be read.
_DARK: Final = 80


def plot_characteristics(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    labels: Mapping[str, str] | None = None,
    claim: Mapping[str, int] | None = None,
    lang: Language = "en",
) -> FigureResult:
    """Draw shares as a table of shades with the numbers in it, rules by worlds.

    Parameters
    ----------
    frame : DataFrame
        Columns ``world``, ``rule`` and ``value``, a share from 0 to 1; one row a world and rule. Where it has
        a column ``quantity``, a line parts the rules, which say supported, from the tests, which reject.
    ax : Axes, optional
    title : str
        One that says what the shares are unless given.
    labels : mapping of str to str, optional
        What worlds and rules are called, in English; their ids unless given.
    claim : mapping of str to {1, 0, -1}, optional
        Whether what is claimed is true in a world, whether there is no difference, or the opposite is true.
        It stands over each world that is named, and worlds in which the claim is true have a frame: to say
        supported is an error outside it.
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    wide = frame.pivot(index="rule", columns="world", values="value")
    wide = wide.loc[frame["rule"].unique(), frame["world"].unique()]
    shares = 100.0 * wide.to_numpy()
    labels, claim = labels or {}, claim or {}
    worlds = [_called(name, labels, lang) for name in wide.columns]
    rules = [_called(name, labels, lang) for name in wide.index]
    with style():
        ax = axes_or_new(ax, height=3.4 + 0.27 * len(wide), width=4.6 + 0.85 * wide.shape[1])
        # Not to the end of the scale: black tires the eye and the printer.
        ax.imshow(shares, cmap="Blues", vmin=0, vmax=130, aspect="auto")
        for (row, column), share in np.ndenumerate(shares):
            if np.isfinite(share):
                shade = "white" if share > _DARK else "black"
                ax.text(column, row, f"{share:.0f}", ha="center", va="center", color=shade, fontsize=8)
        heads = [
            _head(world, claim.get(name), lang) for name, world in zip(wide.columns, worlds, strict=True)
        ]
        ax.set_xticks(range(wide.shape[1]), heads, fontsize=8)
        ax.xaxis.tick_top()
        ax.set_yticks(range(len(wide)), rules, fontsize=8.5)
        ax.tick_params(length=0)
        _frames(ax, [place for place, name in enumerate(wide.columns) if claim.get(name) == 1], len(wide))
        _lines(ax, frame)
        ax.grid(visible=False)
        unit = say("Per cent of cohorts", lang)
        # Across the numbers it would hide them.
        ax.set_xlabel(f"{unit}. {say(SYNTHETIC_STAMP, lang)}")
        title = title or say(_CHARACTERISTICS, lang)
        rows = [_told(rule, worlds, given, lang) for rule, given in zip(rules, shares, strict=True)]
        holds = [world for name, world in zip(wide.columns, worlds, strict=True) if claim.get(name) == 1]
        more = [say("What is claimed is true in: {worlds}.", lang, worlds="; ".join(holds))] if holds else []
        alt = told(f"{title} ({unit[0].lower()}{unit[1:]})", rows, more)
        return finished(ax, frame, alt, title=title, lang=lang, synthetic=True, across=False)


def _called(name: str, labels: Mapping[str, str], lang: Language) -> str:
    return in_language(labels[name], lang) if name in labels else str(name).replace("_", " ")


def _head(world: str, claim: int | None, lang: Language) -> str:
    """Return what stands over a world: what it is called, and what is true in it."""
    truth = [] if claim is None else textwrap.wrap(f"({say(_TRUTHS[claim], lang)})", _WORLD_WIDTH)
    return "\n".join([*textwrap.wrap(world, _WORLD_WIDTH), *truth])


def _told(rule: str, worlds: Sequence[str], shares: Iterable[float], lang: Language) -> str:
    pairs = zip(worlds, shares, strict=True)
    said = [f"{world} {number(share, lang, 0)}" for world, share in pairs if np.isfinite(share)]
    return f"{rule}: {', '.join(said)}"


def _lines(ax: Axes, frame: pd.DataFrame) -> None:
    """Draw a line where rows of another quantity begin."""
    if "quantity" in frame:
        kinds = frame.drop_duplicates("rule")["quantity"].tolist()
        for place, (above, below) in enumerate(pairwise(kinds)):
            if above != below:
                ax.axhline(place + 0.5, color=INK, linewidth=1.5)


def _frames(ax: Axes, places: list[int], n_rules: int) -> None:
    """Draw a frame around the columns in which to say supported is right."""
    for place in places:
        ax.add_patch(
            Rectangle(
                (place - 0.5, -0.5), 1, n_rules, fill=False, edgecolor=INK, linewidth=2, clip_on=False,
                gid="claim-true",
            )
        )  # fmt: skip


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
