"""A figure of printed numbers beside those of synthetic cohorts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from larstudy.figures.base import GREY, axes_or_new, stamp, style
from larstudy.names import ALL, COLOURS, DRUG_DOMINATED


def plot_targets(
    frame: pd.DataFrame, printed: Sequence[float], *, ax: Axes | None = None, title: str = ""
) -> Axes:
    """Draw the range of what is generated, and what is printed.

    Parameters
    ----------
    frame : DataFrame
        Columns ``label``, ``generated``, ``generated_low``, ``generated_high``.
    printed : sequence of float
        In the order of the rows.
    ax : Axes, optional
    title : str

    Returns
    -------
    Axes
    """
    with style():
        ax = axes_or_new(ax, height=1.5 + 0.18 * len(frame))
        places = np.arange(len(frame))
        ax.hlines(places, frame["generated_low"], frame["generated_high"], color=GREY, linewidth=2)
        ax.plot(frame["generated"], places, "o", color=COLOURS[ALL], markersize=4, label="generated")
        ax.plot(printed, places, "D", color=COLOURS[DRUG_DOMINATED], markersize=4, label="printed")
        ax.set_yticks(places, frame["label"].tolist())
        ax.set_ylim(len(frame) - 0.5, -0.5)
        ax.set_xlabel("Generated (mean and 95 % range), and printed")
        ax.set_title(title)
        ax.legend()
        # Every target is of synthetic data.
        stamp(ax, True)
    return ax
