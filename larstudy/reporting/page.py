"""A report as one page that needs no other file: three languages, light and dark, on screen and on paper."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from importlib import resources
from typing import Final

from larstudy.catalogue import say
from larstudy.figures import svg_inline
from larstudy.names import Language
from larstudy.reporting.blocks import Block, Bullets, Fold, Heading, Picture, Report, Shown, Terms, Text

#: What the buttons of the language switch say: each language by its own name.
OWN_NAMES: Final[dict[Language, str]] = {"en": "English", "nb": "Bokmål", "nn": "Nynorsk"}
_NUMBER: Final = re.compile(r"-?\d+\.\d{2,}")
_PLACES: Final = re.compile(r' (?:d|points|x|y|x1|x2|y1|y2)="[^"]*"|translate\([^)]*\)')
_PATH: Final = re.compile(r' d="([^"]*)"')
_STEP: Final = re.compile(r"\s*([A-Za-z])\s*")
_ID: Final = re.compile(r' id="([^"]*)"')
_USED: Final = re.compile(r'(?:href="#|url\(#)([^")]+)')
_SPACE: Final = re.compile(r">\s+<")
_METADATA: Final = re.compile(r"<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)


def report_page(reports: Sequence[Report]) -> str:
    """Return the page that holds a report in each of several languages; it opens in the first.

    Parameters
    ----------
    reports : sequence of Report
        One a language, of the same study.

    Returns
    -------
    str
        HTML. Without scripts all languages stand one below the other.
    """
    first = reports[0]
    folder = resources.files("larstudy") / "resources" / "reporting"
    style = (folder / "report.css").read_text(encoding="utf-8").strip()
    script = (folder / "report.js").read_text(encoding="utf-8").strip()
    body = "\n".join(_in_one_language(report, hidden=report is not first) for report in reports)
    return (
        f'<!DOCTYPE html>\n<html lang="{first.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f"<title>{html.escape(first.title)}</title>\n<style>\n{style}\n</style>\n"
        "<noscript><style>.report[hidden] { display: block !important; } .switch { display: none; }</style>"
        f"</noscript></head>\n<body>\n{body}\n<script>\n{script}\n</script>\n</body></html>\n"
    )


def _in_one_language(report: Report, *, hidden: bool) -> str:
    lang = report.lang
    said = {
        what: html.escape(say(text, lang))
        for what, text in (("skip", "Skip to the content"), ("switch", "Language"), ("contents", "Contents"))
    }
    buttons = "".join(
        f'<button type="button" lang="{other}" data-lang="{other}"'
        f' aria-pressed="{"true" if other == lang else "false"}">{name}</button>'
        for other, name in OWN_NAMES.items()
    )
    links = "".join(
        f'<li><a href="#{lang}-{heading.anchor}">{html.escape(heading.text)}</a></li>'
        for heading in report.headings(2)
    )
    title = html.escape(report.title)
    content = "\n".join(_block(block, lang) for block in report.blocks)
    return (
        f'<div class="report" lang="{lang}" id="report-{lang}" data-title="{title}"{" hidden" * hidden}>\n'
        f'<a class="skip" href="#{lang}-content">{said["skip"]}</a>\n'
        f'<header><div class="switch" role="group" aria-label="{said["switch"]}">{buttons}</div>'
        f"<h1>{title}</h1></header>\n"
        f'<nav aria-label="{said["contents"]}"><ul>{links}</ul></nav>\n'
        f'<main id="{lang}-content" tabindex="-1">\n{content}\n</main>\n</div>'
    )


def _block(block: Block, lang: Language) -> str:
    if isinstance(block, Heading):
        mark = f' id="{lang}-{block.anchor}"' if block.anchor else ""
        return f"<h{block.level}{mark}>{html.escape(block.text)}</h{block.level}>"
    if isinstance(block, Text):
        css = f' class="{block.kind}"' if block.kind else ""
        return f"<p{css}>{html.escape(block.text)}</p>"
    if isinstance(block, Bullets):
        return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in block.lines) + "</ul>"
    if isinstance(block, Terms):
        entries = (
            f"<dt>{html.escape(term)}</dt><dd>{html.escape(means)}</dd>" for term, means in block.entries
        )
        return "<dl>" + "".join(entries) + "</dl>"
    if isinstance(block, Shown):
        return _table(block)
    if isinstance(block, Picture):
        return _picture(block, lang)
    return _fold(block, lang)


def _fold(block: Fold, lang: Language) -> str:
    inside = "\n".join(_block(inner, lang) for inner in block.blocks)
    return f"<details><summary>{html.escape(block.summary)}</summary>\n{inside}\n</details>"


def _table(block: Shown) -> str:
    """Return a table that can be scrolled by keyboard where it is wider than the page."""
    label = html.escape(block.table.title)
    opening = f'<div class="table-block" role="group" tabindex="0" aria-label="{label}"'
    return block.table.to_html().replace('<div class="table-block"', opening, 1)


def _picture(block: Picture, lang: Language) -> str:
    mark, title = f"{lang}-{block.name}", html.escape(block.figure.title)
    drawing = svg_inline(block.to_bytes("svg"), block.figure.alt, mark)
    table = ""
    if block.tables:
        shown = tuple(Shown(table=one) for one in block.tables)
        table = _fold(Fold(summary=say("The numbers as a table", lang), blocks=shown), lang)
    described = _fold(
        Fold(summary=say("The figure in words", lang), blocks=(Text(text=block.figure.alt),)), lang
    )
    return (
        f'<figure><div class="drawing" role="group" tabindex="0" aria-label="{title}">'
        f"{compact_svg(drawing)}</div>"
        f"<figcaption>{html.escape(block.caption)}</figcaption>{described}{table}</figure>"
    )


def compact_svg(text: str) -> str:
    r"""Return a drawing with a tenth of a point as its finest step, and without what no reader sees.

    A figure stands in a page once a language; what is cut away is half of it.

    Examples
    --------
    >>> compact_svg('<svg><metadata>made by</metadata> <path id="a" d="M 1.23456 -0.0004\nL 2 3"/></svg>')
    '<svg><path d="M1.2 0L2 3"/></svg>'
    """
    text = _METADATA.sub("", text)
    used = set(_USED.findall(text))
    text = _ID.sub(lambda found: found.group(0) if found.group(1) in used else "", text)
    text = _PLACES.sub(lambda found: _NUMBER.sub(_rounded, found.group(0)), text)
    text = _PATH.sub(lambda found: f' d="{_STEP.sub(_letter, found.group(1)).strip()}"', text)
    return _SPACE.sub("><", text).strip()


def _rounded(number: re.Match[str]) -> str:
    value = round(float(number.group(0)), 1)
    return f"{value:.1f}".removesuffix(".0") if value else "0"


def _letter(found: re.Match[str]) -> str:
    return found.group(1)
