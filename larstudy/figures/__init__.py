"""Figures, drawn on given axes from tidy numbers. The only place that imports matplotlib and seaborn.

Figures show means, intervals, counts and shares. The mean of a group of one is that person's value, and is
not drawn.
"""

from larstudy.figures.base import described, new_figure, save_bytes, stamp, style, svg_inline
from larstudy.figures.claim_graphs import graph_size, plot_claims
from larstudy.figures.cohorts import (
    plot_counts,
    plot_distributions,
    plot_flow,
    plot_shares,
    plot_transitions,
    plot_waves,
)
from larstudy.figures.comparisons import plot_change, plot_definitions, plot_effects, plot_means
from larstudy.figures.forests import forest_height, plot_forest
from larstudy.figures.specifications import plot_specifications, specifications_height

__all__ = [
    "described",
    "forest_height",
    "graph_size",
    "new_figure",
    "plot_change",
    "plot_claims",
    "plot_counts",
    "plot_definitions",
    "plot_distributions",
    "plot_effects",
    "plot_flow",
    "plot_forest",
    "plot_means",
    "plot_shares",
    "plot_specifications",
    "plot_transitions",
    "plot_waves",
    "save_bytes",
    "specifications_height",
    "stamp",
    "style",
    "svg_inline",
]
