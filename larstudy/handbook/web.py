"""The handbook as HTML pages that need no network: plain, linked, light or dark as the reader's screen."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Callable
from typing import Final

from larstudy.handbook.pages import PARTS, Page, pages

_STYLE: Final = """
:root {
  color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --soft: #f3f4f6;
  --line: #8a8f98; --link: #004488;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #16181c; --soft: #23262c; --line: #80858f; --link: #9cc4f5; }
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 1.05rem/1.6 system-ui, sans-serif; }
.all { display: flex; flex-wrap: wrap; max-width: 80rem; margin: 0 auto; }
nav { flex: 1 1 15rem; padding: 1rem; font-size: 0.92rem; }
main { flex: 999 1 34rem; min-width: 0; padding: 1rem 1.5rem 4rem; max-width: 56rem; }
nav ul { list-style: none; padding: 0; margin: 0 0 1rem; }
nav li { margin: 0.3rem 0; line-height: 1.35; }
nav h2 { font-size: 1rem; margin: 1.2rem 0 0.3rem; }
a { color: var(--link); }
a[aria-current] { color: var(--ink); font-weight: 700; text-decoration: none; }
h1, h2, h3 { line-height: 1.25; }
h1 { margin-top: 0; }
h2 { margin-top: 2rem; }
code, pre { font: 0.9em/1.5 ui-monospace, Consolas, monospace; background: var(--soft); }
code { padding: 0.1em 0.25em; border-radius: 3px; overflow-wrap: anywhere; }
pre { padding: 0.8rem 1rem; overflow-x: auto; border-left: 3px solid var(--line); }
pre code { padding: 0; overflow-wrap: normal; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
th, td {
  text-align: left; vertical-align: top; padding: 0.35rem 0.8rem 0.35rem 0;
  border-bottom: 1px solid var(--line);
}
td:first-child code { white-space: nowrap; }
pre:has(> .language-output) { background: none; border-left-style: dashed; }
pre:has(> .language-output) code { background: none; }
a.skip { position: absolute; left: -99rem; }
a.skip:focus { position: static; }
@media print { nav, a.skip { display: none; } }
"""


def web_pages() -> dict[str, bytes]:
    """Return the handbook as HTML files, by path; ``index.html`` lists them.

    Returns
    -------
    dict of str to bytes
        Formatted where markdown-it-py is installed (``pip install 'larstudy[docs]'``), else as it is
        written. No page needs another file, a script or a network.

    Examples
    --------
    >>> sorted(web_pages())[:2]
    ['do/a_review_of_your_own.html', 'do/baseline_and_followup_files.html']
    """
    render = _renderer()
    files = {"index.html": _whole("larstudy", _index(), "index")}
    for page in pages():
        files[f"{page.path}.html"] = _whole(
            page.title, render(page.text), page.path, language=_language(page)
        )
    return {name: text.encode() for name, text in files.items()}


def slug(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it.

    Examples
    --------
    >>> slug("What `larstudy check` says")
    'what-larstudy-check-says'
    """
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _language(page: Page) -> str:
    ending = page.topic.rsplit("_", 1)[-1]
    return ending if ending in ("nb", "nn") else "en"


def _index() -> str:
    blocks = [
        "<h1>larstudy</h1><p>Do people's social networks and their quality of life change together?</p>"
    ]
    for part, heading in PARTS.items():
        items = "".join(
            f'<li><a href="{page.path}.html">{html.escape(page.title)}</a></li>'
            for page in pages()
            if page.part == part
        )
        blocks.append(f"<h2>{html.escape(heading)}</h2><ul>{items}</ul>")
    return "".join(blocks)


def _navigation(path: str) -> str:
    home = posixpath.relpath("index.html", posixpath.dirname(path) or ".")
    blocks = [f'<p><a href="{home}">All pages</a></p>']
    for part, heading in PARTS.items():
        items = ""
        for page in pages():
            if page.part == part:
                target = posixpath.relpath(f"{page.path}.html", posixpath.dirname(path) or ".")
                here = ' aria-current="page"' if page.path == path else ""
                items += f'<li><a href="{target}"{here}>{html.escape(page.title)}</a></li>'
        blocks.append(f"<h2>{html.escape(heading.split(':')[0])}</h2><ul>{items}</ul>")
    return "".join(blocks)


def _whole(title: str, body: str, path: str, *, language: str = "en") -> str:
    side = "" if path == "index" else f'<nav aria-label="Pages">{_navigation(path)}</nav>'
    own = "" if language == "en" else f' lang="{language}"'
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{html.escape(title)} - larstudy</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#text">To the text</a>\n'
        f'<div class="all">\n<main id="text"{own}>\n{body}\n</main>\n{side}\n</div>\n</body>\n</html>\n'
    )


def _as_it_is(text: str) -> str:
    return f'<pre tabindex="0">{html.escape(text)}</pre>'


def _renderer() -> Callable[[str], str]:
    """Return what makes HTML of Markdown; where the library is missing, the text is shown as it is."""
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        return _as_it_is
    # Raw HTML is off: a page is text, and "<" in it is a character.
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")

    def render(text: str) -> str:
        tokens = markdown.parse(text)
        for token, following in zip(tokens, [*tokens[1:], None], strict=True):
            if token.type == "heading_open" and following is not None:
                token.attrSet("id", slug(following.content))
            for child in token.children or ():
                target = child.attrGet("href") if child.type == "link_open" else None
                if isinstance(target, str) and "://" not in target:
                    child.attrSet("href", re.sub(r"\.md(?=#|$)", ".html", target))
        body: str = markdown.renderer.render(tokens, markdown.options, {})
        body = body.replace("<pre>", '<pre tabindex="0">')
        return body.replace("<table>", '<div class="wide" tabindex="0"><table>').replace(
            "</table>", "</table></div>"
        )

    return render
