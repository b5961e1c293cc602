"""The figures of a report: which panels stand together, for every outcome of a study."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from larstudy import figures
from larstudy.analysis import Analysis
from larstudy.catalogue import say
from larstudy.models import Comparison
from larstudy.names import ALL, GAINED_ABSTINENT, Language
from larstudy.sensitivities import Sensitivity

Panel = Callable[[Axes], figures.FigureResult]
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFigure:
    """A figure of a report.

    Attributes
    ----------
    name : str
        File name without its ending.
    title : str
        What it shows, in a line that can stand for it.
    section : tuple of str
        The part of the report it belongs to: ``("outcome", name)``, ``("networks",)`` or ``("flow",)``.
    figure : Figure
    alt : str
        The figure in words, panel by panel.
    """

    name: str
    title: str
    section: tuple[str, ...]
    figure: Figure
    alt: str = ""

    def to_bytes(self, kind: figures.FigureKind) -> bytes:
        """Return the figure as a file's bytes, with its title and its words inside."""
        content = figures.save_bytes(self.figure, kind, title=self.title, alt=self.alt or self.title)
        # Everything has its place; to look for it again for the next kind would take as long as to draw it.
        self.figure.set_layout_engine("none")
        return content


def file_name(text: str) -> str:
    """Return a name that is safe in every file system.

    Examples
    --------
    >>> file_name("bdi (2m)")
    'bdi_2m'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_")[:_LONGEST_NAME] or "outcome"


def _distinct_names(found: Sequence[ReportFigure]) -> list[ReportFigure]:
    """Give names that would be one file a number, also where capital letters count for nothing."""
    seen: dict[str, int] = {}
    result = []
    for figure in found:
        key = figure.name.casefold()
        seen[key] = seen.get(key, 0) + 1
        name = figure.name if seen[key] == 1 else f"{figure.name}__{seen[key]}"
        result.append(replace(figure, name=name))
    return result


def _grid(
    panels: Sequence[Panel],
    *,
    width: float,
    height: float,
    share: Literal["x", "y", ""] = "",
    columns: int = 2,
) -> tuple[Figure, str]:
    """Return a figure with the panels in columns, on one scale where they share it, and its words."""
    columns = min(columns, len(panels))
    rows = math.ceil(len(panels) / columns)
    with figures.style():
        figure = figures.new_figure(width * columns, height * rows)
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        words = [panel(ax).alt for ax, panel in zip(axes, panels, strict=False)]
        if share:
            _same_scale(list(axes[: len(panels)]), share)
        for ax in axes[len(panels) :]:
            ax.set_axis_off()
    return figure, " ".join(words)


def _same_scale(axes: Sequence[Axes], which: Literal["x", "y"]) -> None:
    """Give all panels the widest of their scales, so that they can be compared by eye."""
    limits = [ax.get_xlim() if which == "x" else ax.get_ylim() for ax in axes]
    low, high = min(limit[0] for limit in limits), max(limit[1] for limit in limits)
    for ax in axes:
        if which == "x":
            ax.set_xlim(low, high)
        else:
            ax.set_ylim(low, high)


def _figure(
    name: str, title: str, section: tuple[str, ...], panels: Sequence[Panel], *, width: float, height: float,
    share: Literal["x", "y", ""] = "", columns: int = 2,
) -> ReportFigure:  # fmt: skip
    figure, words = _grid(panels, width=width, height=height, share=share, columns=columns)
    return ReportFigure(name=name, title=title, section=section, figure=figure, alt=f"{title}. {words}")


def _flow_panel(comparison: Comparison, lang: Language) -> Panel:
    change = comparison.change
    return lambda ax: figures.plot_flow(
        comparison.flow_rows(),
        ax=ax,
        title=figures.between(change.label, (change.from_wave, change.to_wave), lang, change.stratum),
        synthetic=change.synthetic,
        lang=lang,
    )


def outcome_figures(analysis: Analysis, outcome: str, lang: Language = "en") -> list[ReportFigure]:
    """Return the figures of one outcome: change and means by group, and the definitions side by side."""
    chosen = [c for c in analysis.comparisons if c.change.outcome == outcome]
    name, shown = file_name(outcome), chosen[0].change.label
    height = 1.2 + 0.42 * (1 + max(len(c.order) for c in chosen))
    found = [
        _figure(
            f"change_{name}",
            say("{outcome}: mean change by group", lang, outcome=shown),
            ("outcome", outcome),
            [partial(c.plot, lang=lang) for c in chosen],
            width=6.4,
            height=height,
            share="x",
        )
    ]
    grouped = [c for c in chosen if c.order]
    if grouped:
        found.append(
            _figure(
                f"means_{name}",
                say("{outcome}: means by group at both waves", lang, outcome=shown),
                ("outcome", outcome),
                [partial(c.plot_means, lang=lang) for c in grouped],
                width=6.4,
                height=3.4,
                share="y",
            )
        )
    if analysis.by_definition:
        found.append(_definition_figure(analysis, outcome, shown, lang))
    curves = [s for s in analysis.sensitivities() if s.change.outcome == outcome]
    if curves:
        found.append(_curve_figure(curves, name, shown, lang))
    return found


def _curve_figure(curves: Sequence[Sensitivity], name: str, shown: str, lang: Language) -> ReportFigure:
    """Return the curves of the group that gained an abstinent network, or else of the first group."""
    groups = [curve.group for curve in curves]
    group = GAINED_ABSTINENT if GAINED_ABSTINENT in groups else groups[0]
    drawn = [curve for curve in curves if curve.group == group]
    return _figure(
        f"sensitivity_{name}",
        say("{outcome}: each analysis of one difference, and what was chosen in it", lang, outcome=shown),
        ("outcome", drawn[0].change.outcome),
        [partial(curve.plot, lang=lang) for curve in drawn],
        width=9.6,
        height=max(curve.figure_height() for curve in drawn),
        # Side by side their words would be too small to be read.
        columns=1,
    )


def _definition_figure(analysis: Analysis, outcome: str, shown: str, lang: Language) -> ReportFigure:
    frame = analysis.to_frame("definitions")
    frame = frame[frame["outcome"] == outcome]
    spec = analysis.cohort.spec

    def panel(pair: tuple[str, str]) -> Panel:
        rows = frame[(frame["from_wave"] == pair[0]) & (frame["to_wave"] == pair[1])]
        return lambda ax: figures.plot_definitions(
            rows,
            ax=ax,
            title=figures.between(shown, pair, lang),
            higher_is=spec.outcomes[outcome].higher_is,
            synthetic=spec.synthetic,
            lang=lang,
        )

    return _figure(
        f"definitions_{file_name(outcome)}",
        say("{outcome}: mean change by group under every definition of the networks", lang, outcome=shown),
        ("outcome", outcome),
        [panel(pair) for pair in spec.analysis.comparisons],
        width=7.2,
        height=3.6,
        share="x",
    )


def study_figures(analysis: Analysis, lang: Language = "en") -> list[ReportFigure]:
    """Return every figure of a study: participant flow, networks, then each outcome."""
    first = analysis.comparisons[0].change.outcome
    flows = [c for c in analysis.comparisons if c.change.outcome == first and c.change.stratum == ALL]
    found = [
        _figure(
            "flow",
            say("Who is counted ({outcome})", lang, outcome=flows[0].change.label),
            ("flow",),
            [_flow_panel(c, lang) for c in flows],
            width=6.6,
            height=4.2,
        )
    ]
    if analysis.networks is not None:
        networks = analysis.networks
        moved = [t for t in analysis.transitions if t.stratum == ALL]
        found.append(
            _figure(
                "networks",
                say("Network categories at each wave", lang),
                ("networks",),
                [partial(networks.plot, lang=lang)],
                width=8.5,
                height=1.2 + 0.45 * len(networks.waves),
            )
        )
        found.append(
            _figure(
                "transitions",
                say("From which network category to which", lang),
                ("networks",),
                [partial(t.plot, lang=lang) for t in moved],
                width=5.6,
                height=3.6,
            )
        )
    for outcome in dict.fromkeys(c.change.outcome for c in analysis.comparisons):
        found.extend(outcome_figures(analysis, outcome, lang))
    return _distinct_names(found)
