"""The pages of the handbook: which there are, what they are called, and where a word stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from larstudy.errors import LarstudyError, unknown_name

#: The parts in the order in which they are listed, with what a reader comes for.
PARTS: Final = {
    "learn": "Learn: from nothing to a first report",
    "do": "Do: how to ..., one page a task",
    "look_up": "Look up: keys, rules, instruments, tables, functions",
    "understand": "Understand: why it is done this way",
}
#: Pages that lie beside the parts were made by a program; they belong to this part.
_PART_OF_THE_REST: Final = "look_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the handbook.

    Attributes
    ----------
    part : str
        ``learn``, ``do``, ``look_up`` or ``understand``.
    path : str
        Its place in the folder of the handbook, without ``.md``.
    text : str
        Markdown; the first line is the title.
    """

    part: str
    path: str
    text: str

    @property
    def topic(self) -> str:
        """The name by which ``larstudy docs`` knows it."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def title(self) -> str:
        """The heading of the page."""
        return self.text.split("\n", 1)[0].removeprefix("#").strip()


@lru_cache(maxsize=1)
def pages() -> tuple[Page, ...]:
    """Return every page that ships, part by part, by title within each.

    Examples
    --------
    >>> [page.topic for page in pages() if page.part == "learn"]
    ['first_study']
    """
    folder = resources.files("larstudy") / "resources" / "docs"
    found = list(_read(folder, "", _PART_OF_THE_REST))
    for part in PARTS:
        found += _read(folder / part, f"{part}/", part)
    order = list(PARTS)
    return tuple(sorted(found, key=lambda page: (order.index(page.part), page.title.lower())))


def _read(folder: Traversable, prefix: str, part: str) -> Iterator[Page]:
    for entry in folder.iterdir():
        if entry.name.endswith(".md"):
            path = prefix + entry.name.removesuffix(".md")
            yield Page(part=part, path=path, text=entry.read_text(encoding="utf-8"))


def page_of(topic: str) -> Page:
    """Return a page by its topic, which may be written with spaces, hyphens or capitals.

    Parameters
    ----------
    topic : str

    Returns
    -------
    Page

    Raises
    ------
    LarstudyError
        Where there is no such page; the nearest is named.

    Examples
    --------
    >>> page_of("First study").path
    'learn/first_study'
    """
    known = {page.topic: page for page in pages()}
    name = topic.strip().lower().rsplit("/", 1)[-1].removesuffix(".md").replace(" ", "_").replace("-", "_")
    if name not in known:
        raise LarstudyError(
            f"{unknown_name('page', topic, list(known))} 'larstudy docs' lists every page, and"
            " 'larstudy docs --search WORD' looks in them."
        )
    return known[name]


def contents(found: Sequence[Page]) -> str:
    """Return a list of pages, by part.

    Parameters
    ----------
    found : sequence of Page

    Returns
    -------
    str
    """
    width = max((len(page.topic) for page in found), default=0)
    lines: list[str] = []
    for part, heading in PARTS.items():
        own = [page for page in found if page.part == part]
        if own:
            lines += [heading, *(f"  {page.topic:<{width}}  {page.title}" for page in own), ""]
    return "\n".join(lines)


def lines_with(word: str, *, shown: int = 3) -> str:
    """Return where a word stands: each page with the first lines that hold it, most hits first.

    Parameters
    ----------
    word : str
        Any part of a line; capitals do not matter.
    shown : int
        Lines of each page that are shown.

    Returns
    -------
    str

    Raises
    ------
    LarstudyError
        Where it stands nowhere.

    Examples
    --------
    >>> lines_with("several boxes ticked", shown=1).splitlines()[0]
    'redcap_export - Read a REDCap export (1)'
    """
    wanted = word.strip().lower()
    if not wanted:
        raise LarstudyError("--search needs a word to look for.")
    found = []
    for page in pages():
        hits = [line.strip() for line in page.text.splitlines() if wanted in line.lower()]
        if hits:
            # A page that is about the word says so in its title.
            found.append((wanted not in page.title.lower(), -len(hits), page, hits))
    if not found:
        raise LarstudyError(f"'{word}' stands on no page. larstudy docs lists every page.")
    blocks = []
    for _, minus, page, hits in sorted(found, key=lambda entry: entry[:2]):
        lines = [f"    {line if len(line) <= 100 else line[:97] + '...'}" for line in hits[:shown]]
        blocks.append("\n".join([f"{page.topic} - {page.title} ({-minus})", *lines]))
    return "\n\n".join(blocks)
