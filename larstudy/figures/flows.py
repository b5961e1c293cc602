"""The participant flow: who came in, who left and why, and who is compared."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from larstudy.catalogue import in_language, say
from larstudy.figures.base import GREY, axes_or_new, looks, style
from larstudy.figures.result import FigureResult, finished
from larstudy.figures.words import told, with_wave_words
from larstudy.names import ABSTINENT, COLOURS, Language, label
from larstudy.tables import SYNTHETIC_STAMP

FLOW_STEPS: Final[Mapping[str, str]] = {
    "entered": "In the file", "paired": "With answers at both waves", "grouped": "With a group",
    "covariates known": "With every covariate", "in the models of all waves": "In the models of all waves",
}  # fmt: skip
_REASON_WIDTH: Final = 54
_GROUP_WIDTH: Final = 16
#: Height of a line of text, and between boxes, in the units of the axes.
_GAP: Final = 1.1
_STAMP_AT: Final = (7.2, 1.7)
_PAD: Final = 0.5


def plot_flow(
    rows: Iterable[Mapping[str, Any]],
    groups: Sequence[tuple[str, float]] = (),
    *,
    ax: Axes | None = None,
    title: str = "",
    minimum: int = 0,
    synthetic: bool = False,
    lang: Language = "en",
) -> FigureResult:
    """Draw who came in, who left and why: a box for those who are there, and beside it those who left.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of ``flow.csv`` of one outcome, interval and stratum.
    groups : sequence of (str, number)
        The groups that are compared in the end, and how many persons each has.
    ax : Axes, optional
    title : str
    minimum : int
        Counts from 1 to below it are shown as "fewer than"; one that is NaN is said to be withheld.
    synthetic : bool
    lang : {"en", "nb", "nn"}

    Returns
    -------
    FigureResult
        Its ``data`` has one row a box or reason: step, reason, group, n.
    """
    shown = [dict(row) for row in rows]
    with style():
        flow = _Flow(shown, groups, minimum, lang)
        ax = axes_or_new(ax, 7.4, 0.6 + 0.19 * flow.height)
        ax.set_axis_off()
        ax.set_xlim(0, 10)
        ax.set_ylim(flow.height, 0)
        for place, box in enumerate(flow.boxes):
            _box(ax, box)
            if place:
                _arrow(ax, (2.3, flow.boxes[place - 1].bottom), (2.3, box.top))
        for box in flow.beside:
            _box(ax, box)
            _arrow(ax, (2.3, box.middle), (box.left, box.middle))
        last = flow.boxes[-1].bottom if flow.boxes else 0.0
        for box in flow.groups:
            _box(ax, box)
            turn = last + _GAP
            ax.plot([2.3, 2.3, box.x], [last, turn, turn], color=GREY, linewidth=0.9)
            _arrow(ax, (box.x, turn), (box.x, box.top))
        if synthetic:
            # Beside the first box nobody has left yet: the stamp hides no number there.
            ax.text(*_STAMP_AT, say(SYNTHETIC_STAMP, lang), ha="center", va="center",
                    fontsize=11, color=GREY, gid="synthetic-stamp")  # fmt: skip
        data = pd.DataFrame(flow.data, columns=["step", "reason", "group", "n"])
        alt = told(title, flow.words)
        return finished(ax, data, alt, title=title, lang=lang, synthetic=synthetic, across=False)


class _Box:
    """A text and where it stands."""

    def __init__(self, text: str, x: float, top: float, width: float, *, gid: str, colour: str) -> None:
        self.text, self.x, self.top, self.width, self.gid, self.colour = text, x, top, width, gid, colour
        self.bottom = top + text.count("\n") + 1 + 2 * _PAD
        self.middle = (self.top + self.bottom) / 2
        self.left = x - width / 2


class _Flow:
    """The boxes of a flow, from the top down."""

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        groups: Sequence[tuple[str, float]],
        minimum: int,
        lang: Language,
    ) -> None:
        self.minimum, self.lang = minimum, lang
        self.boxes: list[_Box] = []
        self.beside: list[_Box] = []
        self.groups: list[_Box] = []
        self.words: list[str] = []
        self.data: list[dict[str, Any]] = []
        self.height, reasons = 0.2, []
        for row in rows:
            self.data.append(
                {"step": row["step"], "reason": row["reason"], "group": "", "n": self._kept(row["n"])}
            )
            if row["reason"]:
                reasons.append(f"{self._reason(row)}: {self._count(row['n'])}")
            else:
                self._stage(row, reasons)
                reasons = []
        if groups and self.boxes:
            self._groups(groups)
        self.height += 0.3

    def _kept(self, n: float) -> float:
        return float("nan") if 0 < n < self.minimum else n

    def _count(self, n: float) -> str:
        if math.isnan(n):
            return say("withheld", self.lang)
        return f"< {self.minimum}" if 0 < n < self.minimum else f"{n:.0f}"

    def _reason(self, row: Mapping[str, Any]) -> str:
        """Return why somebody left, the waves called as they are under other figures."""
        waves = [str(row[name]) for name in ("from_wave", "to_wave") if row.get(name)]
        return with_wave_words(in_language(str(row["reason"]), self.lang), waves, self.lang)

    def _stage(self, row: Mapping[str, Any], reasons: Sequence[str]) -> None:
        top = self.height
        if reasons:
            head = say("Left out", self.lang)
            lines = [line for reason in reasons for line in textwrap.wrap(reason, _REASON_WIDTH)]
            # Beside the arrow to the next box.
            box = _Box(
                "\n".join([head, *lines]), 7.2, top - _GAP + 0.55, 5.4, gid=f"lost-{row['step']}", colour=GREY
            )
            self.beside.append(box)
            self.words.append(f"{head}: {', '.join(reasons)}")
            top = box.bottom + 0.55
        name = say(FLOW_STEPS.get(str(row["step"]), str(row["step"])), self.lang)
        sign = f"n = {self._count(row['n'])}".replace("= <", "<")
        self.boxes.append(
            _Box(f"{name}\n{sign}", 2.3, top, 4.4, gid=f"flow-{row['step']}", colour=COLOURS[ABSTINENT])
        )
        self.words.append(f"{name}: {sign}")
        self.height = self.boxes[-1].bottom + _GAP

    def _groups(self, groups: Sequence[tuple[str, float]]) -> None:
        look = looks([name for name, _ in groups])
        step = 9.8 / len(groups)
        texts = {
            name: f"{textwrap.fill(label(name, self.lang), _GROUP_WIDTH)}\nn = {self._count(n)}".replace(
                "= <", "<"
            )
            for name, n in groups
        }
        lines = max(text.count("\n") for text in texts.values())
        top = self.boxes[-1].bottom + 2 * _GAP
        for place, (name, n) in enumerate(groups):
            box = _Box(
                texts[name],
                0.1 + step * (place + 0.5),
                top,
                step - 0.3,
                gid=f"group-{name}",
                colour=look[name].edge,
            )
            box.bottom = top + lines + 1 + 2 * _PAD
            box.middle = (box.top + box.bottom) / 2
            self.groups.append(box)
            self.words.append(f"{label(name, self.lang)}: n = {self._count(n)}".replace("= <", "<"))
            self.data.append({"step": "group", "reason": "", "group": name, "n": self._kept(n)})
        self.height = self.groups[-1].bottom


def _box(ax: Axes, box: _Box) -> None:
    ax.add_patch(
        FancyBboxPatch(
            (box.left, box.top), box.width, box.bottom - box.top, boxstyle="round,pad=0,rounding_size=0.12",
            facecolor="white", edgecolor=box.colour, linewidth=1.2, mutation_aspect=3.0,
        )
    )  # fmt: skip
    ax.text(box.x, box.middle, box.text, ha="center", va="center", fontsize=8.5, gid=box.gid)


def _arrow(ax: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look = {"arrowstyle": "-|>", "color": GREY, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", xy=end, xytext=start, arrowprops=look)
