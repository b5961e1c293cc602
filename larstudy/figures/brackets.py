"""The answers to two questions beside each other, and what regression to the mean would give alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from larstudy.catalogue import say
from larstudy.figures.base import GREY, INK, axes_or_new, looks, stamp, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import axis_right, digits_of, estimate_of, interval, number, told, with_n
from larstudy.names import INDEPENDENT, HigherIs, Language, in_sentence, label
from larstudy.tables import show_percent

_ANALYSES: Final[Mapping[str, tuple[str, str]]] = {
    "change_score": ("Change score", "o"),
    "ancova": ("ANCOVA", "s"),
    "ancova_corrected": ("ANCOVA, corrected for unreliability", "D"),
    "constrained_baseline": ("Two waves, one baseline mean", "^"),
}
_GAIN: Final = (
    "{group}: change {change}, of which {expected} is expected by regression to the mean and {rest} is not"
)
_STEP: Final = 0.17
#: Of the width, for the names of the rows.
_LEFT: Final = 0.29
_RIGHT: Final = 0.9


def plot_bracket(
    estimands: pd.DataFrame,
    regression: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str = "",
    higher_is: HigherIs | None = None,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw each difference by every analysis with the span between them, and each gain in its two parts.

    Parameters
    ----------
    estimands : DataFrame
        Rows of one outcome, interval and stratum, columns of ``estimands.csv``.
    regression : DataFrame
        Rows of the same, columns of ``regression.csv``.
    ax : Axes, optional
        Is parted into two, above the differences, below the gains.
    title : str
    higher_is : {"better", "worse"}, optional
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        Its ``data`` has one row a difference by an analysis and one a gain: part, analysis, group, reference,
        n, estimate, conf_low, conf_high, expected_change. Of a gain the estimate and its interval are
        those of what remains; with ``expected_change`` it makes the whole change.
    """
    answers = _told_errors(estimands, ["analysis", "group"])
    gains = _told_errors(regression, ["group"])
    answers = answers[answers["analysis"].isin(_ANALYSES) & np.isfinite(answers["estimate"])]
    gains = gains[np.isfinite(gains["change"]) & (gains["n"] > 1)]
    groups = list(dict.fromkeys(answers["group"]))
    with style():
        height = 3.2 + 0.62 * len(groups) + 0.45 * len(gains)
        ax = axes_or_new(ax, 8.6, height)
        ax.set_axis_off()
        share = (0.45 + 0.45 * len(gains)) / height
        upper = ax.inset_axes((_LEFT, share + 1.45 / height, _RIGHT - _LEFT, 1.0 - share - 1.85 / height))
        lower = ax.inset_axes((_LEFT, 0.55 / height, _RIGHT - _LEFT, share - 0.05 / height))
        for part in (upper, lower):
            part.set_in_layout(False)
            part.axvline(0, color=GREY, linewidth=0.8, linestyle="--", zorder=0.8)
            part.tick_params(axis="y", length=0)
            stamp(part, synthetic, lang=lang, size=12)
        _answers(upper, answers, groups, lang)
        _gains(lower, gains, lang)
        upper.set_xlabel(axis_right(say("Difference with interval", lang), higher_is, lang))
        lower.set_xlabel(
            axis_right(say("Parts of the mean change, and interval of the rest", lang), higher_is, lang)
        )
        alt = told(title, [*_answers_in_words(answers, groups, lang), *_gains_in_words(gains, lang)])
        return finished(
            ax, _drawn(answers, gains), alt, title=title, lang=lang, synthetic=synthetic, across=False
        )


def _told_errors(frame: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return one row a key: with errors for the clusters where there are any, as the text tells it."""
    ranked = frame.assign(_plain=frame["errors"] == INDEPENDENT).sort_values("_plain", kind="stable")
    return ranked.drop_duplicates(keys).sort_index().drop(columns="_plain")


def _answers(ax: Axes, answers: pd.DataFrame, groups: list[str], lang: Language) -> None:
    used = [name for name in _ANALYSES if name in set(answers["analysis"])]
    for g, group in enumerate(groups):
        rows = answers[answers["group"] == group].set_index("analysis")
        span = rows["estimate"].min(), rows["estimate"].max()
        ax.barh(
            g, span[1] - span[0], left=span[0], height=0.86, color="#D9D9D9", zorder=0.5, gid=f"span-{group}"
        )
        for a, name in enumerate(used):
            if name in rows.index:
                row, at = rows.loc[name].to_dict(), g + (a - (len(used) - 1) / 2) * _STEP
                error = [[row["estimate"] - row["conf_low"]], [row["conf_high"] - row["estimate"]]]
                ax.errorbar(
                    [row["estimate"]], [at], xerr=error, fmt=_ANALYSES[name][1], color=INK, markersize=5,
                    markerfacecolor=INK if a == 0 else "white", capsize=2, linewidth=1.2,
                    gid=f"answer-{name}-{group}",
                )  # fmt: skip
    reference = str(answers["reference"].iloc[0]) if len(answers) else ""
    ax.set_yticks(range(len(groups)), [_pair(group, reference, lang) for group in groups])
    ax.set_ylim(max(len(groups), 1) - 0.5, -0.5)
    for a, name in enumerate(used):
        ax.plot(
            [], [], _ANALYSES[name][1], color=INK, markersize=5, label=say(_ANALYSES[name][0], lang),
            markerfacecolor=INK if a == 0 else "white",
        )  # fmt: skip
    handles, _ = ax.get_legend_handles_labels()
    handles.append(Patch(facecolor="#D9D9D9", label=say("Between the answers", lang)))
    _legend(ax, handles, columns=3)


def _pair(group: str, reference: str, lang: Language) -> str:
    return f"{label(group, lang)}\n− {in_sentence(reference, lang)}"


def _gains(ax: Axes, gains: pd.DataFrame, lang: Language) -> None:
    look = looks(list(gains["group"]))
    for place, row in enumerate(gains.to_dict("records")):
        own, expected, change = look[row["group"]], float(row["expected_change"]), float(row["change"])
        # Each from 0: the parts may point different ways, and the interval is that of the rest.
        ax.barh(place - 0.15, expected, height=0.28, facecolor="white", edgecolor=INK, hatch="/////",
                linewidth=0.8, gid=f"expected-{row['group']}")  # fmt: skip
        ax.barh(place + 0.15, change - expected, height=0.28, color=own.colour, alpha=0.9,
                gid=f"rest-{row['group']}")  # fmt: skip
        # Only of a change that goes the same way, and farther, a share was to be expected.
        within = change * expected >= 0 and abs(change) > abs(expected)
        share = show_percent(expected / change, lang) if within else "–"
        ax.annotate(share, (1.015, place), xycoords=("axes fraction", "data"), va="center",
                    fontsize=8.5, annotation_clip=False, gid=f"share-{row['group']}")  # fmt: skip
        limits = [float(row["conf_low"]), float(row["conf_high"])]
        ax.plot(limits, [place + 0.15] * 2, color=INK, linewidth=1.4, gid=f"interval-{row['group']}")
    ax.set_yticks(
        range(len(gains)),
        [with_n(g, n, lang, apart="\n") for g, n in zip(gains["group"], gains["n"], strict=True)],
    )
    ax.set_ylim(max(len(gains), 1) - 0.5, -0.5)
    ax.annotate(
        say("expected share", lang).replace(" ", "\n"), (1.015, -0.55), va="bottom", fontsize=8,
        xycoords=("axes fraction", "data"), annotation_clip=False,
    )  # fmt: skip
    ax.use_sticky_edges = False
    ax.margins(x=0.06)
    handles = [
        Patch(
            facecolor="white",
            edgecolor=INK,
            hatch="/////",
            label=say("Expected by regression to the mean", lang),
        ),
        Patch(facecolor=GREY, label=say("The rest of the change", lang)),
    ]
    _legend(ax, handles, columns=2)


def _legend(ax: Axes, handles: list[Any], *, columns: int) -> None:
    """Put a legend above axes, from the left edge of the figure."""
    edge = -_LEFT / (_RIGHT - _LEFT)
    ax.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(edge, 1.0), ncols=columns, fontsize=8,
        handletextpad=0.5, columnspacing=1.2, borderaxespad=0.1,
    )  # fmt: skip


def _answers_in_words(answers: pd.DataFrame, groups: list[str], lang: Language) -> list[str]:
    parts, digits = [], digits_of(answers.to_dict("records"))
    for group in groups:
        rows = answers[answers["group"] == group]
        said = ", ".join(
            f"{say(_ANALYSES[row['analysis']][0], lang)} {estimate_of(row, lang, digits)}"
            for row in rows.to_dict("records")
        )
        parts.append(f"{label(group, lang)} − {in_sentence(str(rows['reference'].iloc[0]), lang)}: {said}")
    return parts


def _gains_in_words(gains: pd.DataFrame, lang: Language) -> list[str]:
    digits = digits_of(gains.to_dict("records"))
    return [
        say(
            _GAIN,
            lang,
            group=with_n(row["group"], row["n"], lang),
            change=number(row["change"], lang, digits),
            expected=number(row["expected_change"], lang, digits),
            rest=interval(row, lang, ("remainder", "conf_low", "conf_high"), digits),
        )
        for row in gains.to_dict("records")
    ]


def _drawn(answers: pd.DataFrame, gains: pd.DataFrame) -> pd.DataFrame:
    columns = ["analysis", "group", "reference", "n", "estimate", "conf_low", "conf_high"]
    first: dict[str, Any] = {"part": "difference", "expected_change": np.nan}
    upper = answers[columns].assign(**first)
    lower = gains.assign(part="change", analysis="", reference="", estimate=gains["remainder"])
    order = ["part", *columns, "expected_change"]
    frames = [part[order] for part in (upper, lower) if len(part)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=order)
