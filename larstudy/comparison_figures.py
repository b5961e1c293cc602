"""The figures of one comparison of groups, drawn from its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import pandas as pd

from larstudy import figures
from larstudy.catalogue import say
from larstudy.clusters import with_cluster_errors
from larstudy.comparison_tables import model_in_words
from larstudy.errors import unknown_name
from larstudy.model_rows import mean_rows
from larstudy.names import ALL, ANCOVA, ANCOVA_COVARIATES, CHANGE_SCORE, Language, in_sentence, label
from larstudy.results import frame_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.models import Comparison

ComparisonFigure = Literal[
    "change", "means", "followup", "change_by_group", "flow", "bracket", "contrasts", "effects"
]
#: Models that answer a question of their own; the others give the same differences with other errors.
_MODELS: Final = (CHANGE_SCORE, ANCOVA, ANCOVA_COVARIATES)
_EFFECTS: Final = ("d_z", "d_av", "d_b", "d_change", "d_ppc2")
#: Small-sample correction, which the name of the effect says already.
_CORRECTED: Final = ", times Hedges' factor"
FIGURE_TITLES: Final[Mapping[str, str]] = {
    "change": "Mean change by group",
    "means": "Means by group",
    "followup": "From baseline to follow-up by group",
    "change_by_group": "Change by group",
    "flow": "Who is counted",
    "bracket": "Two questions, two answers, and regression to the mean",
    "contrasts": "Differences between groups in change",
    "effects": "Effect sizes",
}
_MEANS: Final = ("group", "wave", "n", "mean", "conf_low", "conf_high")


def comparison_figure(
    comparison: Comparison,
    what: ComparisonFigure,
    ax: Axes | None = None,
    *,
    private: bool = True,
    minimum: int = 0,
    lang: Language = "en",
) -> FigureResult:
    """Draw one figure of a comparison.

    Parameters
    ----------
    comparison : Comparison
    what : {"change", "means", "followup", "change_by_group", "flow", "bracket", "contrasts", "effects"}
    ax : Axes, optional
    private : bool
        Nothing of a single person is drawn.
    minimum : int
        Counts from 1 to below it are withheld.
    lang : {"en", "nb", "nn"}
    """
    if what not in _DRAW:
        raise unknown_name("figure", what, get_args(ComparisonFigure))
    whole = comparison.change
    common: dict[str, Any] = {
        "ax": ax, "title": title_of_figure(comparison, lang, FIGURE_TITLES[what]),
        "synthetic": whole.synthetic, "lang": lang,
    }  # fmt: skip
    if what == "flow":
        return _flow(comparison, {**common, "minimum": minimum})
    if what in ("followup", "change_by_group"):
        common["private"] = private
    return _DRAW[what](comparison, {**common, "higher_is": whole.higher_is})


def title_of_figure(comparison: Comparison, lang: Language, shown: str) -> str:
    """Return what a figure shows, and below it the outcome, the waves and the stratum of a comparison."""
    whole = comparison.change
    of = figures.between(whole.label, (whole.from_wave, whole.to_wave), lang, whole.stratum)
    return f"{say(shown, lang)}\n{of}"


def followup_frames(comparison: Comparison) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the means of each group at both waves, and the persons, as the main figure takes them."""
    whole = comparison.change
    order = comparison.order or (ALL,)
    rows = mean_rows(comparison.by_group, order, (whole.from_wave, whole.to_wave), whole.confidence)
    codes = comparison.codes if comparison.order else comparison.codes * 0
    grouped = codes >= 0
    persons = pd.DataFrame(
        {
            "stratum": whole.stratum, "group": [order[code] for code in codes[grouped]],
            "before": whole.before[grouped], "after": whole.after[grouped],
        }
    )  # fmt: skip
    return frame_of(rows, _MEANS).assign(stratum=whole.stratum), persons


def _change(comparison: Comparison, common: dict[str, Any]) -> FigureResult:
    return figures.plot_change(with_cluster_errors(comparison.to_frame()), **common)


def _means(comparison: Comparison, common: dict[str, Any]) -> FigureResult:
    return figures.plot_means(followup_frames(comparison)[0], **common)


def _followup(comparison: Comparison, common: dict[str, Any]) -> FigureResult:
    return figures.plot_baseline_to_followup(*followup_frames(comparison), **common)


def _change_by_group(comparison: Comparison, common: dict[str, Any]) -> FigureResult:
    values = comparison.change.after - comparison.change.before
    changes = {name: values[comparison.codes == code] for code, name in enumerate(comparison.order)}
    return figures.plot_change_by_group(with_cluster_errors(comparison.to_frame()), changes, **common)


def _flow(comparison: Comparison, common: dict[str, Any]) -> FigureResult:
    groups = [(name, comparison.by_group[name].n) for name in comparison.order]
    return figures.plot_flow(comparison.flow_rows(), groups, **common)


def _bracket(comparison: Comparison, common: dict[str, Any]) -> FigureResult:
    answers = _of_more_than_one(comparison, comparison.to_frame("estimands"))
    return figures.plot_bracket(answers, comparison.to_frame("regression"), **common)


def _of_more_than_one(comparison: Comparison, frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out differences of a group of one: with the other group's mean they give that person's value."""
    alone = [name for name in comparison.order if comparison.by_group[name].n < 2]
    return frame[~frame["group"].isin(alone) & ~frame["reference"].isin(alone)]


def _contrasts(comparison: Comparison, common: dict[str, Any]) -> FigureResult:
    lang = common["lang"]
    frame = _of_more_than_one(comparison, comparison.to_frame("contrasts"))
    frame = frame[frame["model"].isin(_MODELS)]
    frame = frame.assign(
        heading=[_pair(row, lang) for row in frame.to_dict("records")],
        label=[say(model_in_words(model), lang) for model in frame["model"]],
    )
    # The answers to one question stand under each other.
    return figures.plot_estimates(frame.sort_values("term", key=_in_order, kind="stable"), **common)


def _in_order(column: pd.Series[Any]) -> pd.Series[Any]:
    places = {name: place for place, name in enumerate(dict.fromkeys(column))}
    return column.map(places)


def _effects(comparison: Comparison, common: dict[str, Any]) -> FigureResult:
    lang = common["lang"]
    frame = _of_more_than_one(comparison, comparison.to_frame("effects"))
    frame = frame[frame["effect"].isin(_EFFECTS) & (frame["n"] > 1)]
    frame = frame.assign(
        heading=[_pair(row, lang) for row in frame.to_dict("records")],
        label=[
            f"{effect.replace('_', '')}: {say(by.removesuffix(_CORRECTED), lang)}"
            for effect, by in zip(frame["effect"], frame["standardiser"], strict=True)
        ],
    )
    options = {**common, "higher_is": None, "axis": say("Effect size with interval", lang)}
    return figures.plot_estimates(frame, **options)


def _pair(row: Mapping[Any, Any], lang: Language) -> str:
    """Return which group it is, and which it is held against."""
    against = f" − {in_sentence(row['reference'], lang)}" if row["reference"] else ""
    return f"{label(row['group'], lang)}{against}"


_DRAW: Final[Mapping[str, Callable[[Comparison, dict[str, Any]], FigureResult]]] = {
    "change": _change, "means": _means, "followup": _followup, "change_by_group": _change_by_group,
    "flow": _flow, "bracket": _bracket, "contrasts": _contrasts, "effects": _effects,
}  # fmt: skip
