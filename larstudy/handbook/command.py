"""``larstudy docs``: list the pages of the handbook, show one, look for a word, write them as HTML."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Any

from larstudy.errors import LarstudyError
from larstudy.handbook.pages import contents, lines_with, page_of, pages


def add_docs(commands: Any) -> None:
    """Add ``docs`` to the commands of a parser.

    Parameters
    ----------
    commands : what ``ArgumentParser.add_subparsers`` returns
    """
    docs = commands.add_parser("docs", help="the handbook: list its pages, show one, or write them as HTML")
    docs.add_argument(
        "topic", nargs="*", metavar="TOPIC", help="the page to show; all are listed unless given"
    )
    docs.add_argument("--search", metavar="WORD", help="where a word stands")
    docs.add_argument("--out", type=Path, metavar="DIR", help="write every page as HTML into a folder")
    docs.add_argument("--open", action="store_true", help="show them in the browser; with --out")
    docs.add_argument(
        "--made",
        type=Path,
        metavar="DIR",
        help="write anew the pages that are made from the code, for developers",
    )


def docs(arguments: Any, parser: Any) -> tuple[str, int]:
    """Return what ``larstudy docs`` says, and its exit code.

    Parameters
    ----------
    arguments : namespace
        As `add_docs` describes them.
    parser : ArgumentParser
        Of the whole command line, for the page that describes it.
    """
    from larstudy.writing import with_record, write_folder

    topic = " ".join(arguments.topic)
    asked = [bool(topic), arguments.search is not None, arguments.out is not None, arguments.made is not None]
    if sum(asked) > 1:
        raise LarstudyError("One at a time: a TOPIC, --search WORD, --out DIR or --made DIR.")
    if arguments.open and arguments.out is None:
        raise LarstudyError("--open shows what is written: name a folder with --out DIR.")
    if arguments.made is not None:
        from larstudy.handbook.descriptions import made_pages

        made = made_pages(parser)
        arguments.made.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (arguments.made / name).write_text(text, encoding="utf-8", newline="\n")
        return f"Written to {arguments.made}: {', '.join(made)}.", 0
    if arguments.search is not None:
        return lines_with(arguments.search), 0
    if arguments.out is not None:
        from larstudy.handbook.web import web_pages

        write_folder(arguments.out, with_record(web_pages()))
        start = arguments.out / "index.html"
        if arguments.open:
            webbrowser.open(start.resolve().as_uri())
        return f"Written to {arguments.out}: {len(pages())} pages. Begin with {start}.", 0
    if topic:
        return page_of(topic).text.rstrip("\n"), 0
    how = "larstudy docs TOPIC shows a page, --search WORD looks in all, --out DIR writes them as HTML."
    return f"{contents(pages())}\n{how}", 0
