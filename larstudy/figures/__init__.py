"""Figures, drawn on given axes from tidy numbers. The only place that imports matplotlib and seaborn.

Figures show means, intervals, counts and shares. The mean of a group of one is that person's value, and is
not drawn.
"""

from larstudy.figures.base import apart, described, new_figure, save_bytes, stamp, style, svg_inline
from larstudy.figures.baseline_to_followup import plot_baseline_to_followup
from larstudy.figures.brackets import plot_bracket
from larstudy.figures.change_by_group import plot_change_by_group
from larstudy.figures.characteristics import plot_characteristics, plot_sample_sizes
from larstudy.figures.claim_graphs import plot_claims
from larstudy.figures.cohorts import plot_counts, plot_distributions, plot_shares, plot_waves
from larstudy.figures.comparisons import plot_change, plot_definitions, plot_effects, plot_means
from larstudy.figures.estimates import plot_estimates
from larstudy.figures.flows import FLOW_STEPS, plot_flow
from larstudy.figures.forests import forest_height, plot_forest
from larstudy.figures.lost import plot_lost
from larstudy.figures.result import PICTURES, FigureKind, FigureResult
from larstudy.figures.reviews import plot_lar_patients, plot_themes
from larstudy.figures.specifications import plot_specifications, specifications_height
from larstudy.figures.targets import plot_targets
from larstudy.figures.tipping import plot_tipping_surface
from larstudy.figures.transitions import plot_transition_table, plot_transitions
from larstudy.figures.verdicts import plot_verdicts
from larstudy.figures.words import (
    between,
    choice_words,
    in_a_sentence,
    wave_words,
    with_wave_words,
    withheld_words,
)

__all__ = [
    "FLOW_STEPS",
    "PICTURES",
    "FigureKind",
    "FigureResult",
    "apart",
    "between",
    "choice_words",
    "described",
    "forest_height",
    "in_a_sentence",
    "new_figure",
    "plot_baseline_to_followup",
    "plot_bracket",
    "plot_change",
    "plot_change_by_group",
    "plot_characteristics",
    "plot_claims",
    "plot_counts",
    "plot_definitions",
    "plot_distributions",
    "plot_effects",
    "plot_estimates",
    "plot_flow",
    "plot_forest",
    "plot_lar_patients",
    "plot_lost",
    "plot_means",
    "plot_sample_sizes",
    "plot_shares",
    "plot_specifications",
    "plot_targets",
    "plot_themes",
    "plot_tipping_surface",
    "plot_transition_table",
    "plot_transitions",
    "plot_verdicts",
    "plot_waves",
    "save_bytes",
    "specifications_height",
    "stamp",
    "style",
    "svg_inline",
    "wave_words",
    "with_wave_words",
    "withheld_words",
]
