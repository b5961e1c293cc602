"""What must hold for every input: an answer and no fault, no value of a person in it, and nothing left behind."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import random
import shutil
import signal
import sys
import tempfile
import tomllib
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import larstudy as ls
from larstudy import cli
from larstudy.errors import LarstudyError
from larstudy.readers import read_file
from larstudy.specs.data import FilePart
from tests.fuzz.planted import Input, planted

#: An input that takes longer hangs, as far as a person who waits is concerned; a report takes its time.
MOST_SECONDS = 60
_MOST_FOR_REPORTS = 300
_OUT = "results"


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one input.

    Attributes
    ----------
    command : str
    code : int
        0 accepted, else refused.
    said : str
        Everything that was shown.
    failures : tuple of str
        What did not hold; empty where all did.
    """

    command: str
    code: int
    said: str
    failures: tuple[str, ...]


def commands_for(given: Input, draw: random.Random, *, analysed: float) -> str:
    """Return which command an input goes to."""
    if given.kind.startswith("table"):
        return "review check"
    if draw.random() < analysed:
        return draw.choice(("analyse", *["ls.analyse"] * 5))
    return draw.choice(("check", "check", "load", "init", "init --out"))


def tree(folder: Path) -> dict[str, str]:
    """Return what is under a folder, each file with its hash."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in sorted(folder.rglob("*"))
    }


def _write(given: Input, folder: Path) -> None:
    for name, content in given.files.items():
        if content is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(content)


@contextlib.contextmanager
def _place() -> Iterator[Path]:
    """Make a folder with the input's, the working and the temporary folder, and go there for the while."""
    before, kept = Path.cwd(), tempfile.tempdir
    root = Path(tempfile.mkdtemp())
    try:
        for name in ("in", "here", "tmp", "out"):
            (root / name).mkdir()
        os.chdir(root / "here")
        tempfile.tempdir = str(root / "tmp")
        with mock.patch.dict(os.environ, {"TMPDIR": str(root / "tmp")}):
            yield root
    finally:
        tempfile.tempdir = kept
        os.chdir(before)
        shutil.rmtree(root)


class _TooLongError(BaseException):
    """It took too long; no `except Exception` may take it for a fault of its own."""


def _too_long(*_: object) -> None:
    raise _TooLongError


def _load(study: Path, *, analysed: bool) -> int:
    """Load a study as a program does; what the error says is shown, with all that a traceback would show."""
    try:
        cohort = ls.load(study)
        if analysed:
            sys.stdout.write(ls.analyse(cohort).summary())
    except LarstudyError as error:
        # A traceback shows what an error hangs on, unless it was raised from None.
        sys.stdout.write(f"{error}\n{error.__cause__ or ''}")
        return 1
    return 0


def _call(given: Input, command: str, root: Path) -> Callable[[], int]:
    study, data, out = root / "in" / "study.toml", root / "in" / given.data, root / "out" / _OUT
    arguments = {
        "check": ["check", str(study)],
        "analyse": ["analyse", str(study), "--out", str(out), "--quiet"],
        "init": ["init", str(data)],
        "init --out": ["init", str(data), "--out", str(out)],
        "review check": ["review", "check", str(data)],
    }
    if command in ("load", "ls.analyse"):
        return lambda: _load(study, analysed=command == "ls.analyse")
    return lambda: cli.main(arguments[command])


def hold(given: Input, command: str) -> Seen:
    """Give one input to one command, and tell what came of it."""
    with _place() as root:
        _write(given, root / "in")
        before = tree(root)
        code, said, failures = _run(
            _call(given, command, root), _MOST_FOR_REPORTS if command == "analyse" else MOST_SECONDS
        )
        after = tree(root)
        written = {name for name in after if name.startswith(f"out/{_OUT}")}
        if {name: after[name] for name in after if name not in written} != before:
            failures.append("left something behind, or changed its input")
        if bool(written) != (code == 0 and command in ("analyse", "init --out")):
            failures.append("wrote where it refused, or did not write")
        if command == "analyse" and code == 0 and f"out/{_OUT}/run.json" not in written:
            failures.append("did not write a whole folder")
        if command == "review check":
            return Seen(command, code, said, tuple(failures))
        if code == 0 and command.startswith("init"):
            said = said if command == "init" else (root / "out" / _OUT).read_text(encoding="utf-8")
            failures += _not_toml(said)
        failures += _leaks(given, said, root)
    return Seen(command, code, said, tuple(failures))


def _run(call: Callable[[], int], most: int) -> tuple[int, str, list[str]]:
    """Return the exit code, what was shown, and what of it no command may do."""
    out, err, failures, code = io.StringIO(), io.StringIO(), [], -1
    faults: list[str] = []
    foreseen = cli._fault

    def fault(error: Exception) -> str:
        faults.append("".join(traceback.format_exception(error))[-1500:])
        return foreseen(error)

    signal.signal(signal.SIGALRM, _too_long)
    with (
        warnings.catch_warnings(record=True) as warned,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        mock.patch.object(cli, "_fault", fault),
    ):
        warnings.simplefilter("always")
        signal.alarm(most)
        try:
            code = call()
        except _TooLongError:
            failures.append(f"took more than {most} s")
        except Exception as error:  # noqa: BLE001 - whatever comes is what is looked for
            failures.append(f"raised: {''.join(traceback.format_exception(error))[-1500:]}")
        finally:
            signal.alarm(0)
    said = out.getvalue() + err.getvalue()
    failures += [f"met what it did not foresee: {text}" for text in faults]
    failures += [
        f"warned: {one.category.__name__} {one.message} {one.filename}:{one.lineno}" for one in warned
    ]
    failures += ["showed a traceback"] * ("Traceback" in said)
    failures += [f"exit code {code}"] * (code not in (-1, 0, 1, 2))
    return code, said, failures


def _not_toml(draft: str) -> list[str]:
    try:
        tomllib.loads(draft)
    except ValueError as error:
        return [f"drafted what is not TOML: {error}"]
    return []


def _leaks(given: Input, said: str, root: Path) -> list[str]:
    """Return what was planted in cells and is said, or drafted; names of columns and the study file may be."""
    found = [text for text in planted() if text in said]
    if not found:
        return []
    names = _names_in(given, root / "in")
    leaked = sorted(text for text in found if text not in names)
    return [f"leaked {leaked}"] if leaked else []


def _names_in(given: Input, folder: Path) -> str:
    """Return the study file, and the first lines and the names of columns of every file."""
    texts = [(given.files.get("study.toml") or b"").decode(errors="replace")]
    for name, content in given.files.items():
        lines = (content or b"").replace(b"\x00", b"").replace(b"\r", b"\n").strip().split(b"\n")
        texts.append(
            b"\n".join(
                lines[: 2 if lines[0].lstrip(b"\xff\xfe\xef\xbb\xbf").startswith(b"sep=") else 1]
            ).decode("latin-1")
        )
        if not name.endswith((".csv", ".tsv", ".txt", ".toml")):
            with contextlib.suppress(LarstudyError):
                texts.append("\n".join(read_file(FilePart(file=name), folder).columns))
    return "\n".join(texts)
