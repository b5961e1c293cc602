"""What is asked of every figure: nothing overlaps, and nothing leaves the canvas."""

from __future__ import annotations

import math
from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

#: Pixels that two boxes may share: letters do not fill their boxes.
_SHARED = 1.5


def every_axes(figure: Figure) -> list[Axes]:
    """Return the axes of a figure and those inside them."""
    found, waiting = [], list(figure.axes)
    while waiting:
        ax = waiting.pop(0)
        found.append(ax)
        waiting += ax.child_axes
    return found


def shown_texts(figure: Figure) -> list[tuple[Text, Bbox]]:
    """Return every text that is drawn, but for the stamp across synthetic data, and its box."""
    found = []
    for ax in every_axes(figure):
        texts = [*ax.texts, ax.title, ax._left_title, ax._right_title]
        if ax.axison:
            for axis in (ax.xaxis, ax.yaxis):
                texts.append(axis.label)
                texts += [
                    label
                    for tick in axis.get_major_ticks()
                    for label in (tick.label1, tick.label2)
                    if label.get_visible() and _inside(axis, tick)
                ]
        legend = ax.get_legend()
        texts += [] if legend is None else [*legend.get_texts(), legend.get_title()]
        for text in texts:
            if text.get_visible() and text.get_text().strip() and text.get_gid() != "synthetic-stamp":
                found.append((text, text.get_window_extent()))
    return found


def _inside(axis: object, tick: object) -> bool:
    low, high = sorted(axis.get_view_interval())  # type: ignore[attr-defined]
    room = 1e-6 * (high - low)
    return bool(low - room <= tick.get_loc() <= high + room)  # type: ignore[attr-defined]


def overlaps(figure: Figure) -> list[str]:
    """Return what overlaps or leaves the canvas, in words; the figure is laid out first."""
    figure.draw_without_rendering()
    canvas = figure.bbox
    found = []
    texts = shown_texts(figure)
    for text, box in texts:
        if (
            box.x0 < canvas.x0 - 1
            or box.y0 < canvas.y0 - 1
            or box.x1 > canvas.x1 + 1
            or box.y1 > canvas.y1 + 1
        ):
            found.append(f"'{text.get_text()}' leaves the canvas")
    for place, (first, box) in enumerate(texts):
        for second, other in texts[place + 1 :]:
            if _share(box, other) and not _side_by_side(first, second):
                found.append(f"'{first.get_text()}' and '{second.get_text()}' overlap")
    return found + list(_legends_on_marks(figure))


def _side_by_side(one: Text, other: Text) -> bool:
    """Tell whether two slanted texts, whose boxes overlap, lie a line's height apart."""
    angle = one.get_rotation()
    if angle != other.get_rotation() or angle % 90 == 0:
        return False
    (x0, y0), (x1, y1) = (t.get_transform().transform(t.get_unitless_position()) for t in (one, other))
    apart = abs((x1 - x0) * math.sin(math.radians(angle)) - (y1 - y0) * math.cos(math.radians(angle)))
    figure = one.get_figure(root=True)
    assert figure is not None
    return apart > one.get_fontsize() * figure.dpi / 72


def _share(one: Bbox, other: Bbox) -> bool:
    wide = min(one.x1, other.x1) - max(one.x0, other.x0)
    high = min(one.y1, other.y1) - max(one.y0, other.y0)
    return wide > _SHARED and high > _SHARED


def _legends_on_marks(figure: Figure) -> Iterable[str]:
    """Yield each legend that lies on a mark of data of its axes."""
    for ax in every_axes(figure):
        legend = ax.get_legend()
        if legend is None:
            continue
        box = legend.get_window_extent()
        for line in ax.lines:
            points = ax.transData.transform(line.get_xydata()) if len(line.get_xdata()) else []
            if any(box.contains(x, y) for x, y in points) and line.get_transform() == ax.transData:
                yield f"the legend lies on a mark ({line.get_gid() or line.get_label()})"
        for patch in ax.patches:
            inner = patch.get_window_extent()
            if inner.width and inner.height and _share(box, inner):
                yield "the legend lies on a patch"


def containers_by_gid(ax: Axes) -> dict[str, ErrorbarContainer]:
    """Return what was drawn with error bars, by the name it was given."""
    return {c.lines[0].get_gid(): c for c in ax.containers if isinstance(c, ErrorbarContainer)}
