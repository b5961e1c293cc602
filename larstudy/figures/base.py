"""The look of the figures, new axes, the stamp on synthetic data, and saving."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from larstudy.catalogue import say
from larstudy.names import (
    ABSTINENT,
    ALL,
    DRUG_DOMINATED,
    GAINED_ABSTINENT,
    ISOLATED,
    MAINTAINED_ABSTINENT,
    UNCLASSIFIED,
    Language,
    colours,
)
from larstudy.tables import SYNTHETIC_STAMP

_STYLE: dict[Any, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "figure.dpi": 100,
    "font.family": "DejaVu Sans",
    # The same figure gives the same bytes, and text stays text.
    "svg.hashsalt": "larstudy",
    "svg.fonttype": "none",
    # A dollar sign in a group's name is a dollar sign.
    "text.parse_math": False,
}
_APART: ContextVar[bool] = ContextVar("apart", default=False)
GREY = "#5F5F5F"
INK = "#1A1A1A"
#: Of what belongs to no group: the colours of the groups say which group it is.
SLATE = "#55606E"
#: Shapes of distributions are drawn of so many persons or more: in fewer, a percentile is a person's value.
FEWEST: Final = 20

#: Each group has a marker and a line of its own, so that nothing is told by colour alone.
_OTHER_MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
_OTHER_LINES: Final = ("-", "--", "-.", ":")
_MARKERS: Final[Mapping[str, str]] = {
    ABSTINENT: "o", MAINTAINED_ABSTINENT: "o", GAINED_ABSTINENT: "s", DRUG_DOMINATED: "^", ISOLATED: "D",
    ALL: "X", UNCLASSIFIED: "x",
}  # fmt: skip
_LINES: Final[Mapping[str, Any]] = {
    ABSTINENT: "-", MAINTAINED_ABSTINENT: "-", GAINED_ABSTINENT: (0, (5, 1.5)),
    DRUG_DOMINATED: (0, (7, 1.5, 1.5, 1.5)), ISOLATED: (0, (1.5, 1.2)), ALL: "-",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """How a group is drawn: its colour, the marker's edge, its marker and its line."""

    colour: str
    edge: str
    marker: str
    line: Any


def looks(groups: Sequence[str]) -> dict[str, Look]:
    """Return how each group is drawn: as `names` has it, else by its place.

    Examples
    --------
    >>> looks(["isolated"])["isolated"].colour, looks(["Clinic A", "Clinic B"])["Clinic B"].marker
    ('#DDAA33', 's')
    """
    chosen = colours(tuple(groups))
    return {
        group: Look(
            chosen[group],
            # The yellow is too light on white without an edge.
            "#6B4E00" if group == ISOLATED else chosen[group],
            _MARKERS.get(group, _OTHER_MARKERS[place % len(_OTHER_MARKERS)]),
            _LINES.get(group, _OTHER_LINES[place % len(_OTHER_LINES)]),
        )
        for place, group in enumerate(groups)
    }


def text_on(colour: str) -> str:
    """Return white or nearly black, whichever can be read better on a colour.

    Examples
    --------
    >>> text_on("#004488"), text_on("#DDAA33")
    ('white', '#1A1A1A')
    """
    light = _luminance(colour) + 0.05
    return "white" if 1.05 / light > light / (_luminance(INK) + 0.05) else INK


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2, from 0 (black) to 1 (white)."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


@contextmanager
def style() -> Iterator[None]:
    """Draw in the look of larstudy while the context lasts, and leave the user's settings alone.

    The first figure of a notebook turns the interactive mode on; were that undone with the rest, no later
    figure would be shown.
    """
    with mpl.rc_context(_STYLE):
        yield
        interactive = mpl.is_interactive()
    mpl.interactive(interactive)


def new_figure(width: float = 7.0, height: float = 4.0) -> Figure:
    """Return an empty figure that no window knows of, so that nothing has to be closed."""
    return Figure(figsize=(width, height), layout="constrained")


@contextmanager
def apart() -> Iterator[None]:
    """Draw new figures that no window and no notebook knows of, as for a file."""
    token = _APART.set(True)
    try:
        yield
    finally:
        _APART.reset(token)


def axes_or_new(ax: Axes | None, width: float = 7.0, height: float = 4.0) -> Axes:
    """Return the given axes, or new ones; in a notebook the new figure is shown by its axes' figure."""
    if ax is not None:
        return ax
    if _APART.get():
        return new_figure(width, height).add_subplot()
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(width, height), layout="constrained")
    return figure.add_subplot()


def stamp(ax: Axes, synthetic: bool, *, lang: Language = "en", size: float = 16) -> None:
    """Write across axes drawn from synthetic data that they are, behind what is drawn."""
    if synthetic:
        ax.text(
            0.5, 0.5, say(SYNTHETIC_STAMP, lang), transform=ax.transAxes, rotation=20, ha="center",
            va="center", fontsize=size, color=GREY, alpha=0.3, gid="synthetic-stamp", zorder=0.5,
        )  # fmt: skip


def save_bytes(figure: Figure, kind: str, *, title: str = "", alt: str = "") -> bytes:
    """Return a figure as the bytes of an ``svg``, ``pdf`` or ``png`` file, the same bytes every time.

    Parameters
    ----------
    figure : Figure
    kind : {"svg", "pdf", "png"}
    title, alt : str
        Go into the file, where programs that read it aloud look for them.
    """
    buffer = io.BytesIO()
    said = {"Title": title} if title else {}
    with style():
        if kind == "png":
            known = {"Software": "larstudy", **said, **({"Description": alt} if alt else {})}
            figure.savefig(buffer, format="png", dpi=144, metadata=known)
            return buffer.getvalue()
        if kind == "pdf":
            known = {"Creator": "larstudy", **said, **({"Subject": alt} if alt else {})}
            figure.savefig(
                buffer, format="pdf", metadata={**known, "CreationDate": None, "Producer": "larstudy"}
            )
            return buffer.getvalue()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": "larstudy"})
    content = _unique_ids(buffer.getvalue().decode("utf-8")).encode("utf-8")
    return described(content, alt, title=title) if alt else content


def _unique_ids(text: str) -> str:
    """Give the ids that several panels of a figure share a number, so that each stands once."""
    seen: dict[str, int] = {}

    def numbered(match: re.Match[str]) -> str:
        name = match.group(1)
        seen[name] = seen.get(name, 0) + 1
        return match.group(0) if seen[name] == 1 else f'id="{name}-{seen[name]}"'

    return re.sub(r'\bid="([^"]+)"', numbered, text)


def svg_inline(content: bytes, title: str, mark: str) -> str:
    """Return an SVG file as an element for a web page, with words that a screen reader reads out.

    The mark is put before the ids inside, so that several figures can stand in one page.

    Parameters
    ----------
    content : bytes
        Of a file; words that it has already give way.
    title : str
    mark : str
    """
    text = content.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r'<svg role="img" aria-label="[^"]*"', "<svg", text, count=1)
    text = re.sub(r"(<svg[^>]*>)\s*(?:<title>[^<]*</title>)?(?:<desc>[^<]*</desc>)", r"\1", text, count=1)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{mark}-\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{mark}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{mark}-\1)", text)
    safe = html.escape(title)
    return text.replace("<svg", f'<svg role="img" aria-label="{safe}"', 1)


def described(content: bytes, text: str, *, title: str = "") -> bytes:
    """Return an SVG file with a description that a screen reader reads out, and with its title.

    Examples
    --------
    >>> described(b'<svg width="7"><g/></svg>', "Two groups: 3 < 4", title="Groups")
    b'<svg role="img" aria-label="Two groups: 3 &lt; 4" width="7"><title>Groups</title><desc>Two groups: \
3 &lt; 4</desc><g/></svg>'
    """
    safe = html.escape(text)
    named = f"<title>{html.escape(title)}</title>" if title else ""
    found = content.decode("utf-8").replace("<svg", f'<svg role="img" aria-label="{safe}"', 1)
    opening = re.compile(r"<svg[^>]*>")
    # A function, because a backslash in the words is not an instruction.
    return opening.sub(lambda m: f"{m.group(0)}{named}<desc>{safe}</desc>", found, count=1).encode("utf-8")
