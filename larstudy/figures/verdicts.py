"""The evidence map: claims by kinds of evidence."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from larstudy.figures.base import axes_or_new, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import told
from larstudy.names import Language

_HEADING_WIDTH: Final = 18
_TEXT_WIDTH: Final = 76
#: Colour and sign of each verdict: told apart without colour too.
_SHOWN: Final[Mapping[str, tuple[str, str]]] = {
    "supported": ("#004488", "+"),
    "contradicted": ("#BB5566", "−"),
    "depends": ("#DDAA33", "±"),
    "inconclusive": ("#BBBBBB", "?"),
    "not_testable": ("#FFFFFF", "·"),
}


def plot_verdicts(
    claims: Sequence[str],
    kinds: Sequence[str],
    cells: Sequence[Sequence[str]],
    words: Mapping[str, str],
    *,
    ax: Axes | None = None,
    title: str = "",
    texts: Mapping[str, str] | None = None,
    lang: Language = "en",
) -> FigureResult:
    """Draw one square a claim and kind of evidence, with the sign of its verdict.

    Parameters
    ----------
    claims, kinds : sequence of str
    cells : sequence of sequence of str
        Verdicts, claims by kinds.
    words : mapping of str to str
        What each verdict is called.
    ax : Axes, optional
    title : str
    texts : mapping of str to str, optional
        What each claim says: it stands beside its id, shortened to a line.
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        ax = axes_or_new(ax, width=11.5 if texts else 5.6, height=1.6 + 0.24 * len(claims))
        for row, said in enumerate(cells):
            for column, verdict in enumerate(said):
                colour, sign = _SHOWN[verdict]
                ax.barh(
                    row,
                    0.94,
                    left=column - 0.47,
                    height=0.88,
                    color=colour,
                    edgecolor="#BBBBBB",
                    linewidth=0.5,
                )
                light = verdict in ("inconclusive", "not_testable", "depends")
                ax.text(column, row, sign, ha="center", va="center", color="black" if light else "white")
        ax.set_xlim(-0.5, len(kinds) - 0.5)
        ax.set_ylim(len(claims) - 0.5, -0.5)
        ax.set_xticks(range(len(kinds)), [textwrap.fill(kind, _HEADING_WIDTH) for kind in kinds])
        said_of = [
            f"{claim}  {textwrap.shorten(texts[claim], _TEXT_WIDTH, placeholder=' …')}" if texts else claim
            for claim in claims
        ]
        ax.set_yticks(range(len(claims)), said_of)
        ax.tick_params(length=0)
        ax.xaxis.tick_top()
        ax.grid(visible=False)
        handles = [
            Patch(facecolor=colour, edgecolor="#BBBBBB", label=f"{sign}  {words[name]}")
            for name, (colour, sign) in _SHOWN.items()
            if name in words
        ]
        ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.02, 1.0), frameon=False)
        data = pd.DataFrame(
            [
                {"claim": claim, "kind": kind, "verdict": verdict}
                for claim, said in zip(claims, cells, strict=True)
                for kind, verdict in zip(kinds, said, strict=True)
            ],
            columns=["claim", "kind", "verdict"],
        )
        parts = [
            f"{claim}: " + ", ".join(f"{k} {words[v]}" for k, v in zip(kinds, said, strict=True))
            for claim, said in zip(claims, cells, strict=True)
        ]
        return finished(ax, data, told(title, parts), title=title, lang=lang)
