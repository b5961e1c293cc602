"""The forest of cohorts: effects over unknown correlations, their mean, and where another would lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from larstudy.figures.base import GREY, axes_or_new, style
from larstudy.names import ALL, COLOURS, DRUG_DOMINATED


def plot_forest_of_cohorts(
    cohorts: pd.DataFrame,
    pooled: pd.DataFrame,
    *,
    words: Mapping[str, str],
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw one line a cohort and correlation, then the mean and where another cohort would lie.

    Parameters
    ----------
    cohorts, pooled : DataFrame
        From `larstudy.changes_of_cohorts.CohortChanges.to_frame`.
    words : mapping of str to str
        ``random_mean``, ``another_cohort`` and ``in_sd``.
    ax : Axes, optional
    title : str

    Returns
    -------
    Axes
    """
    known = cohorts[cohorts["d_rm"].notna()]
    labels: list[str] = []
    with style():
        ax = axes_or_new(ax, width=8.0, height=1.4 + 0.26 * (len(known) + 2 * len(pooled)))
        for name in known["cohort"].unique():
            for row in known[known["cohort"] == name].to_dict("records"):
                _interval(ax, len(labels), row, COLOURS[ALL], "s", 4)
                labels.append(f"{name}, r = {row['correlation']:.2g} (n = {row['n']})")
        for row in pooled[pooled["reason"] == ""].to_dict("records"):
            colour, r = COLOURS[DRUG_DOMINATED], f"r = {row['correlation']:g}"
            _interval(ax, len(labels), row, colour, "D", 6)
            labels.append(f"{words['random_mean']}, {r}; I² = {100 * row['i_squared']:.0f} %")
            low, high = row["prediction_low"], row["prediction_high"]
            ax.hlines(len(labels), low, high, color=colour, linewidth=1, linestyle="--")
            labels.append(f"{words['another_cohort']}, {r}")
        ax.axvline(0.0, color=GREY, linewidth=1)
        ax.set_yticks(range(len(labels)), labels)
        ax.set_ylim(len(labels) - 0.5, -0.5)
        ax.set_xlabel(words["in_sd"])
        ax.set_title(title, loc="left")
    return ax


def _interval(ax: Axes, place: int, row: Mapping[Any, Any], colour: str, marker: str, size: int) -> None:
    ax.hlines(place, row["conf_low"], row["conf_high"], color=colour, linewidth=1.4)
    ax.plot([row["d_rm"]], [place], marker, color=colour, markersize=size)
