"""A figure of printed numbers beside those of synthetic cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.catalogue import in_language, say
from larstudy.figures.base import GREY, axes_or_new, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import interval, number, told
from larstudy.names import ALL, COLOURS, DRUG_DOMINATED, Language


def plot_targets(
    frame: pd.DataFrame,
    printed: Sequence[float],
    *,
    ax: Axes | None = None,
    title: str = "",
    lang: Language = "en",
) -> FigureResult:
    """Draw the range of what is generated, and what is printed.

    Parameters
    ----------
    frame : DataFrame
        Columns ``label``, ``generated``, ``generated_low``, ``generated_high``.
    printed : sequence of float
        In the order of the rows.
    ax : Axes, optional
    title : str
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
    """
    with style():
        ax = axes_or_new(ax, 8.0, 1.5 + 0.18 * len(frame))
        places = np.arange(len(frame))
        ax.hlines(places, frame["generated_low"], frame["generated_high"], color=GREY, linewidth=2)
        ax.plot(
            frame["generated"], places, "o", color=COLOURS[ALL], markersize=4, label=say("generated", lang)
        )
        ax.plot(printed, places, "D", color=COLOURS[DRUG_DOMINATED], markersize=4, label=say("printed", lang))
        labels = [in_language(text, lang) for text in frame["label"]]
        ax.set_yticks(places, labels)
        ax.set_ylim(len(frame) - 0.5, -0.5)
        ax.set_xlabel(say("Printed value, and generated: mean and the middle 95 % of cohorts", lang))
        ax.legend()
        names = ("generated", "generated_low", "generated_high")
        parts = [
            say(
                "{label}: printed {printed}, generated {generated}",
                lang,
                label=row["label"],
                printed=number(value, lang),
                generated=interval(row, lang, names),
            )
            for row, value in zip(frame.to_dict("records"), printed, strict=True)
        ]
        data = frame[["label", *names]].assign(printed=list(printed))
        # What is generated is of synthetic data.
        return finished(ax, data, told(title, parts), title=title, lang=lang, synthetic=True)
