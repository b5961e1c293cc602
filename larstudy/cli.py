"""The command line, one function a command. No statistics here.

Exit code 0 when it ran, 1 when the input is bad (every problem listed, nothing written), 2 for wrong usage.
`review check` has 0 when nothing in the table is wrong, 1 when something is, 2 when the table cannot be read.
130 when Ctrl-C stopped it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from larstudy.command_options import command_parser
from larstudy.draft_command import init
from larstudy.errors import LarstudyError, UnreadableTableError
from larstudy.handbook.command import docs

if TYPE_CHECKING:
    import argparse

    from larstudy.names import Language

_PROBLEM = 1
_UNREADABLE = 2
#: As shells have it: 128, and 2 for the signal of Ctrl-C.
_STOPPED = 130


def _reproduce(out: Path, *, lang: Language, quiet: bool) -> tuple[str, int]:
    from larstudy.reproduction import reproduction
    from larstudy.writing import RUN_RECORD, write_folder

    # Everything is made before anything is written.
    parts = reproduction(lang=lang, quiet=quiet)
    # One folder, and one step: all of it is there or nothing.
    every = {
        f"{name}/{file}": content for name, part in parts.items() for file, content in part.files.items()
    }
    write_folder(out, every, records=[f"{name}/{RUN_RECORD}" for name in parts])
    texts = [
        f"{part.summary}\n\nWritten to {out / name}: {_told(part.files)}." for name, part in parts.items()
    ]
    changes = [change for part in parts.values() for change in part.changes]
    if changes:
        texts.append("Verdicts that are other than those kept:\n" + "\n".join(changes))
    return "\n\n".join(texts), 1 if changes else 0


def _told(files: Collection[str]) -> str:
    """Return the names of a few files; of many the page to open, and how many more there are."""
    return f"report.html, {len(files) - 1} more files" if "report.html" in files else ", ".join(files)


def _synth(world: str, seed: int | None, out: Path) -> tuple[str, int]:
    from larstudy.synthetic.cohorts import SHIPPED_SEED
    from larstudy.synthetic.files import MANIFEST, synthetic_files
    from larstudy.tables import SYNTHETIC_STAMP
    from larstudy.writing import write_folder

    files = synthetic_files(world, seed=SHIPPED_SEED if seed is None else seed)
    write_folder(out, files, records=[MANIFEST])
    return (
        f"{SYNTHETIC_STAMP}. Written to {out}: {', '.join(files)}. Read README.md first. To run everything"
        f" on it: larstudy analyse {out / 'study.toml'} --out RESULTS"
    ), 0


def _contrast(text: str) -> Any:
    """Return a planned contrast by name, or two change groups with a comma between them."""
    return tuple(text.split(",", 1)) if "," in text else text


def _characteristics(arguments: argparse.Namespace) -> tuple[str, int]:
    from larstudy.synthetic.characteristics_page import characteristics_page, chosen_page
    from larstudy.synthetic.cohorts import SHIPPED_SEED
    from larstudy.writing import with_record, write_folder

    seed = SHIPPED_SEED if arguments.seed is None else arguments.seed
    common = {
        "n_cohorts": arguments.cohorts,
        "seed": seed,
        "cache": arguments.cache,
        "progress": not arguments.quiet,
    }
    if arguments.rules is None:
        if arguments.worlds or arguments.contrast:
            raise LarstudyError("--worlds and --contrast go with --rules.")
        page = characteristics_page(**common)
    else:
        worlds = arguments.worlds.split(",") if arguments.worlds else None
        contrast = _contrast(arguments.contrast or "gained_against_drug_dominated")
        page = chosen_page(arguments.rules.split(","), worlds, contrast=contrast, **common)
    files = page.files()
    write_folder(arguments.out, with_record(files))
    return f"{page.text}\nWritten to {arguments.out}: {', '.join(files)}.", 0


def _verdicts(arguments: argparse.Namespace) -> tuple[str, int]:
    from larstudy.loading import load
    from larstudy.studies.review_verdicts import verdicts
    from larstudy.verdict_files import changed_verdicts, verdict_bytes

    data = {}
    for given in arguments.data:
        name, found, study = given.partition("=")
        if not found:
            raise LarstudyError(f"--data should be ID=STUDY.toml, and is '{given}'.")
        data[name] = load(Path(study))
    result = verdicts(
        arguments.claims_file,
        data=data or None,
        lang=arguments.lang or "en",
        n_cohorts=0 if arguments.check else arguments.cohorts,
        cache=arguments.cache,
        progress=not arguments.quiet,
    )
    if arguments.check:
        if arguments.claims_file is not None or data:
            raise LarstudyError("--check is for the review and the data that come with larstudy.")
        changes = changed_verdicts(result)
        return "\n".join(changes) or "No verdict has changed.", 1 if changes else 0
    content = verdict_bytes(result, arguments.format)
    return _shown_or_written(content, arguments, arguments.format)


def _analyse(study: Path, out: Path, *, lang: Language, quiet: bool) -> tuple[str, int]:
    from larstudy.analysis import analyse
    from larstudy.loading import load
    from larstudy.outputs import input_files, study_files
    from larstudy.progress import Steps
    from larstudy.writing import write_folder

    steps = Steps(quiet=quiet)
    steps("reading the data")
    cohort = load(study)
    steps("comparing")
    analysis = analyse(cohort)
    files = study_files(analysis, lang=lang, tell=steps)
    spec = analysis.cohort.spec
    write_folder(out, files, protected=input_files(spec, study))
    said = analysis.summary() if not spec.disclosure.minimum else _withheld(spec.title, files)
    return f"{said}\n\nWritten to {out}: report.html, {len(files) - 1} more files.", 0


def _withheld(title: str, files: Mapping[str, bytes]) -> str:
    """Return what a run says of itself where numbers of few people are withheld: what its record says."""
    run = json.loads(files["run.json"])
    return f"{title}. {run['persons']} persons. {run['notes'][0]}"


def _check(study: Path) -> tuple[str, int]:
    from larstudy.loading import check

    report = check(study)
    return report.summary(), 0 if report.ok else _PROBLEM


def _notebooks(arguments: argparse.Namespace) -> tuple[str, int]:
    from larstudy.notebook_files import build_notebooks, check_notebooks

    folder, out, quiet = arguments.folder, arguments.out, arguments.quiet
    if arguments.build:
        written = build_notebooks(folder, out, quiet=quiet)
        return f"Written to {written[0].parent}: {', '.join(path.name for path in written)}.", 0
    changes = check_notebooks(folder, out, quiet=quiet)
    return "\n".join(changes) or "Every notebook shows what it showed.", _PROBLEM if changes else 0


def _claims(arguments: argparse.Namespace) -> tuple[str, int]:
    from larstudy.review_files import claims_bytes

    kind = arguments.format
    content = claims_bytes(
        arguments.claims_file, lang=arguments.lang or "en", kind=kind, flags=arguments.flags
    )
    return _shown_or_written(content, arguments, kind)


def _review(arguments: argparse.Namespace) -> tuple[str, int]:
    from larstudy.review_files import review_bytes

    if arguments.part == "check":
        return _check_table(arguments)
    if arguments.table is not None:
        raise LarstudyError(f"A file is for 'check', not for '{arguments.part}': larstudy review check FILE.")
    kind = arguments.format or ("svg" if arguments.part == "graph" else "md")
    columns = None if arguments.columns is None else [n.strip() for n in arguments.columns.split(",")]
    content = review_bytes(
        arguments.claims_file, part=arguments.part, lang=arguments.lang or "en", kind=kind, columns=columns
    )
    return _shown_or_written(content, arguments, kind)


def _check_outputs(arguments: argparse.Namespace) -> tuple[str, int]:
    from larstudy.exports.checks import check_outputs

    report = check_outputs(arguments.folder, study=arguments.study, preset=arguments.preset)
    return report.summary(), 0 if report.ok else 1


def _check_table(arguments: argparse.Namespace) -> tuple[str, int]:
    """Hold somebody's table against the sources; the table itself is left as it is."""
    from larstudy.review_files import check_bytes

    if arguments.table is None or arguments.columns is not None:
        raise LarstudyError("Name the table, without --columns: larstudy review check my_table.docx.")
    content, kind, checked = check_bytes(
        arguments.claims_file,
        table=arguments.table,
        lang=arguments.lang,
        kind=arguments.format,
        out=arguments.out,
    )
    text, _ = _shown_or_written(content, arguments, kind)
    if arguments.out is not None:
        text = f"{checked.summary()}\n{text}"
    return text, 0 if checked.ok else _PROBLEM


def _shown_or_written(content: bytes, arguments: argparse.Namespace, kind: str) -> tuple[str, int]:
    """Show text, or write a file that is not there yet."""
    from larstudy.writing import write_beside

    out: Path | None = arguments.out
    if out is None:
        if kind in ("docx", "xlsx"):
            raise LarstudyError(f"A {kind} file cannot be shown here: name it with --out FILE.{kind}.")
        return content.decode().rstrip("\n"), 0
    if out.exists():
        raise LarstudyError(f"'{out}' is already there, and nothing is overwritten: name another file.")
    write_beside(out.parent, {out.name: content})
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
        0 when it ran, 1 when the input is bad, 2 when a table to be checked cannot be read, 130 when it was
        stopped by Ctrl-C; wrong usage leaves with 2.

    Examples
    --------
    >>> main(["check", "no_such_study.toml"])
    no_such_study.toml: 1 problem.
      1. [file_missing] no_such_study.toml: there is no such file. Check the path.
    1
    """
    arguments = command_parser().parse_args(argv)
    try:
        text, code = _run(arguments)
    except KeyboardInterrupt:
        _show("\nStopped. Results are written whole or not at all.", sys.stderr)
        return _STOPPED
    except LarstudyError as error:
        _show(str(error), sys.stderr)
        return _UNREADABLE if isinstance(error, UnreadableTableError) else _PROBLEM
    except Exception as error:  # noqa: BLE001 - the last resort: a traceback may hold people's values
        _show(_fault(error), sys.stderr)
        return _PROBLEM
    # Whatever happens to what is shown, the work is done.
    _show(text, sys.stdout)
    return code


def _run(arguments: argparse.Namespace) -> tuple[str, int]:
    if arguments.command == "reproduce":
        return _reproduce(arguments.out, lang=arguments.lang, quiet=arguments.quiet)
    if arguments.command == "analyse":
        return _analyse(arguments.study, arguments.out, lang=arguments.lang, quiet=arguments.quiet)
    if arguments.command == "synth":
        return _synth(arguments.world, arguments.seed, arguments.out)
    if arguments.command == "init":
        return init(arguments, lambda text: _show(text, sys.stdout))
    if arguments.command == "docs":
        return docs(arguments, command_parser())
    told = {
        "characteristics": _characteristics, "claims": _claims, "verdicts": _verdicts, "review": _review,
        "notebooks": _notebooks, "check-outputs": _check_outputs,
    }  # fmt: skip
    if arguments.command in told:
        return told[arguments.command](arguments)
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
