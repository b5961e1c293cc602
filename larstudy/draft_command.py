"""``larstudy init``: draft a study file, with questions on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from larstudy.errors import LarstudyError


def add_init(commands: Any) -> None:
    """Add ``init`` to the commands of a parser.

    Parameters
    ----------
    commands : what ``ArgumentParser.add_subparsers`` returns
    """
    init = commands.add_parser(
        "init", help="draft a study file for a data file, with questions on a terminal"
    )
    init.add_argument(
        "data",
        nargs="+",
        type=Path,
        metavar="DATA",
        help="the data file, of any format that is read; several of the same persons; a REDCap dictionary",
    )
    init.add_argument("--sheet", default="", metavar="NAME", help="of a workbook with several sheets")
    init.add_argument("--out", type=Path, metavar="STUDY.toml", help="where to write it; shown unless given")
    init.add_argument("--no-questions", action="store_true", help="ask nothing, also on a terminal")


def init(arguments: Any, tell: Callable[[str], None]) -> tuple[str, int]:
    """Return what ``larstudy init`` says, and its exit code.

    Parameters
    ----------
    arguments : namespace
        As `add_init` describes them.
    tell : callable
        Shows a text.
    """
    from larstudy.drafts import draft_study
    from larstudy.writing import write_beside

    data, out = arguments.data, arguments.out
    if out is not None and out.exists():
        raise LarstudyError(f"'{out}' is already there, and nothing is overwritten: name another file.")
    if not arguments.no_questions and sys.stdin.isatty() and sys.stdout.isatty():
        return _by_questions(data, out, arguments.sheet, tell)
    draft = draft_study(*data, beside=(out or data[0]).parent, sheet=arguments.sheet)
    if out is None:
        return draft.rstrip("\n"), 0
    write_beside(out.parent, {out.name: draft.encode()})
    return f"Written to {out}. Complete it, then run: larstudy check {out}", 0


def _by_questions(
    data: list[Path], proposed: Path | None, sheet: str, tell: Callable[[str], None]
) -> tuple[str, int]:
    """Ask on the terminal what could not be guessed; nothing is written before the last answer."""
    from larstudy.draft_dialogue import converse, finish
    from larstudy.draft_facts import look_at
    from larstudy.writing import write_beside

    source = look_at(*data, sheet=sheet)
    try:
        out, draft = finish(source, converse(source, input, tell), input, tell, proposed=proposed)
    except (KeyboardInterrupt, EOFError):
        return "\nStopped. Nothing was written.", 1
    write_beside(out.parent, {out.name: draft.encode()})
    return f"Written to {out}. Look it through, then run: larstudy check {out}", 0
