"""The figures of a study: those of one comparison, and those that need everybody who came in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast, get_args

import pandas as pd

from larstudy import figures
from larstudy.catalogue import say
from larstudy.clusters import study_clusters
from larstudy.comparison_figures import (
    FIGURE_TITLES,
    ComparisonFigure,
    comparison_figure,
    followup_frames,
    title_of_figure,
)
from larstudy.covariates import study_covariates
from larstudy.entered import everybody_entered
from larstudy.errors import LarstudyError, unknown_name
from larstudy.groups import fixed_groups
from larstudy.handled import handle_lost
from larstudy.names import ALL, HALF_SD, Language, in_sentence, label
from larstudy.robustness import unit_of
from larstudy.scores import outcome
from larstudy.tipping_surfaces import tipping_surface

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.analysis import Analysis
    from larstudy.figures import FigureResult
    from larstudy.models import Comparison

_UNITS = {HALF_SD: "in half SDs of the first wave", "mcid": "in smallest changes that matter"}
_TITLES = {
    **FIGURE_TITLES,
    "lost": "Who was lost",
    "definitions": "Mean change by group, by each definition of the networks",
    "tipping": "How different the lost would have to be",
}
AnalysisFigure = Literal[ComparisonFigure, "transitions", "lost", "definitions", "specifications", "tipping"]


def analysis_figure(
    analysis: Analysis,
    what: AnalysisFigure,
    ax: Axes | None,
    comparison: Comparison,
    *,
    group: str,
    private: bool,
    minimum: int,
    lang: Language,
) -> FigureResult:
    """Draw one figure of a study.

    Parameters
    ----------
    analysis : Analysis
    what : {"change", "means", "followup", "change_by_group", "flow", "bracket", "contrasts", "effects", \
"transitions", "lost", "definitions", "specifications", "tipping"}
    ax : Axes or None
    comparison : Comparison
        Of which outcome and waves, in whom.
    group : str
        Of a figure of one difference; the first group beside the reference where empty.
    private : bool
    minimum : int
    lang : {"en", "nb", "nn"}
    """
    if what in get_args(ComparisonFigure) and what != "followup":
        return comparison_figure(
            comparison, cast("ComparisonFigure", what), ax, private=private, minimum=minimum, lang=lang
        )
    if what == "followup":
        return _followup(analysis, comparison, ax, private=private, lang=lang)
    if what == "transitions":
        return _transitions(analysis, comparison, ax, minimum=minimum, lang=lang)
    if what in ("lost", "definitions"):
        return _of_part(analysis, what, comparison, ax, lang=lang)
    if what == "specifications":
        return _specifications(analysis, comparison, _chosen(comparison, group), ax, lang=lang)
    if what == "tipping":
        return _tipping(analysis, comparison, _chosen(comparison, group), ax, lang=lang)
    raise unknown_name("figure", what, [*get_args(ComparisonFigure), "transitions", "lost", "definitions",
                                        "specifications", "tipping"])  # fmt: skip


def figure_title(comparison: Comparison, what: str, lang: Language) -> str:
    """Return the title of a figure of a study: what it shows, and below it of what."""
    return title_of_figure(comparison, lang, _TITLES[what])


def _chosen(comparison: Comparison, group: str) -> str:
    others = [name for name in comparison.order if name != comparison.reference]
    if not others:
        raise LarstudyError(
            "The study has no groups to hold against each other: there is no difference to draw."
        )
    if group and group not in others:
        raise unknown_name("group", group, others)
    return group or others[0]


def _followup(
    analysis: Analysis, comparison: Comparison, ax: Axes | None, *, private: bool, lang: Language
) -> FigureResult:
    """Draw the main figure: a panel for each treatment status, or one where the study has none."""
    whole = comparison.change
    same = [c for c in analysis.comparisons if _key(c) == _key(comparison)]
    chosen = [c for c in same if c.change.stratum != ALL] or same
    found = [followup_frames(c) for c in (chosen if whole.stratum == ALL else [comparison])]
    return figures.plot_baseline_to_followup(
        pd.concat([means for means, _ in found], ignore_index=True),
        pd.concat([persons for _, persons in found], ignore_index=True),
        ax=ax,
        title=figure_title(comparison, "followup", lang),
        private=private,
        higher_is=whole.higher_is,
        synthetic=whole.synthetic,
        lang=lang,
    )


def _key(comparison: Comparison) -> tuple[str, str, str]:
    whole = comparison.change
    return whole.outcome, whole.from_wave, whole.to_wave


def _transitions(
    analysis: Analysis, comparison: Comparison, ax: Axes | None, *, minimum: int, lang: Language
) -> FigureResult:
    whole = comparison.change
    wanted = whole.from_wave, whole.to_wave, whole.stratum
    for moved in analysis.transitions:
        if (moved.from_wave, moved.to_wave, moved.stratum) == wanted:
            return moved.plot_streams(ax, minimum=minimum, lang=lang)
    raise LarstudyError("The study has no networks: there are no transitions to draw.")


def _of_part(
    analysis: Analysis, what: Literal["lost", "definitions"], comparison: Comparison, ax: Axes | None, *,
    lang: Language,
) -> FigureResult:  # fmt: skip
    whole = comparison.change
    frame = analysis.to_frame(what)
    here = (frame["outcome"] == whole.outcome) & (frame["stratum"] == whole.stratum)
    here &= (frame["from_wave"] == whole.from_wave) & (frame["to_wave"] == whole.to_wave)
    common: dict[str, Any] = {
        "ax": ax, "title": figure_title(comparison, what, lang),
        "synthetic": whole.synthetic, "lang": lang,
    }  # fmt: skip
    if what == "lost":
        return figures.plot_lost(frame[here], **common)
    if not here.any():
        raise LarstudyError("There are no definitions of the networks to set beside each other here.")
    return figures.plot_definitions(frame[here], higher_is=whole.higher_is, **common)


def _specifications(
    analysis: Analysis, comparison: Comparison, group: str, ax: Axes | None, *, lang: Language
) -> FigureResult:
    if comparison.change.stratum != ALL:
        raise LarstudyError("Specifications are crossed for all strata together: leave the stratum out.")
    asked = (*_key(comparison), group)
    curves = ((c, c.change) for c in analysis.sensitivities())
    chosen = next(c for c, d in curves if (d.outcome, d.from_wave, d.to_wave, c.group) == asked)
    return chosen.plot(ax, lang=lang)


def _tipping(
    analysis: Analysis, comparison: Comparison, group: str, ax: Axes | None, *, lang: Language
) -> FigureResult:
    """Draw a difference over shifts of what the lost of the group and of the reference answered."""
    cohort, whole = analysis.cohort, comparison.change
    waves = whole.from_wave, whole.to_wave
    scores = outcome(cohort, whole.outcome).restricted(whole.stratum, whole.ledger.entered)
    groups = analysis.networks.transitions(*waves) if analysis.networks else fixed_groups(cohort)
    clusters, spec = study_clusters(cohort), cohort.spec.analysis
    data = handle_lost(
        scores, *waves, groups, handling="imputation", covariates=study_covariates(cohort), clusters=clusters,
        imputations=spec.imputations, seed=spec.seed,
    )  # fmt: skip
    unit = unit_of(cohort.spec.outcomes[whole.outcome].mcid, everybody_entered(scores, *waves, groups).before)
    if data.reason or not data.lost.any() or not unit.size > 0:
        why = data.reason or ("nobody was lost" if not data.lost.any() else "the first wave has no spread")
        raise LarstudyError(f"There is nothing to shift: {why}.")
    errors = "independent" if clusters is None else clusters.errors
    frame = tipping_surface(data, group, unit=unit.size, errors=errors, level=spec.confidence)
    held = f"{label(group, lang)} − {in_sentence(comparison.reference, lang)}"
    title = f"{figure_title(comparison, 'tipping', lang)}\n{held}"
    return figures.plot_tipping_surface(
        frame, (group, comparison.reference), ax=ax, title=title, unit=say(_UNITS[unit.called], lang),
        alpha=1.0 - spec.confidence, synthetic=whole.synthetic, lang=lang,
    )  # fmt: skip
