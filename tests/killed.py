"""Runs of the writer that are killed at their n-th step, for every n; `tests/test_writing.py` reads what is left.

Run as a script, ``python -m tests.killed SCENARIO FOLDER``, because a test process with threads must not fork. Prints
a JSON list: for each n what stood in the folder after the kill, after the next run, and the names beside it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from larstudy import writing
from larstudy.writing import with_record, write_beside, write_folder

OLD = with_record({"a.txt": b"old a", "sub/b.txt": b"old b", "gone/stale.txt": b"old"})
NEW = with_record({"a.txt": b"new a" * 9999, "sub/b.txt": b"new b", "c.txt": b"new c"})
THEIRS = {"theirs.txt": b"theirs", "sub/theirs.txt": b"theirs too", "own/deep/x": b"x"}
_STEPS = (
    "open",
    "os.mkdir",
    "os.rename",
    "os.link",
    "os.remove",
    "os.rmdir",
    "shutil.rmtree",
    "shutil.copyfile",
)


def kill_at(n: int) -> None:
    """End this process, as a power cut would, before the n-th time that it touches the disk."""
    left = n

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        # What is read, such as a module, is no step of the writer.
        reads = event == "open" and arguments[1] == "r"
        if event in _STEPS and not reads:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def killed(n: int, work: Callable[[], object]) -> bool:
    """Do some work in a process that is killed at its n-th step, and tell whether it came that far."""
    child = os.fork()
    if child == 0:
        kill_at(n)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if not os.WIFSIGNALED(status) and os.WEXITSTATUS(status):
        raise RuntimeError(f"the run that was to be killed at step {n} failed by itself")
    return os.WIFSIGNALED(status)


def content(folder: Path) -> dict[str, str] | None:
    """Return what stands in a folder, or None where it is not there."""
    if not folder.exists():
        return None
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_text() for p in files}


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text)


def whole_folder(place: Path, scenario: str) -> tuple[Path, Callable[[], object]]:
    """Return the folder that is written into, made ready, and what writes."""
    out = place / "new" / "deep" / "out" if scenario == "parents" else place / "out"
    if scenario not in ("absent", "parents"):
        write_folder(out, OLD)
    if scenario in ("theirs", "renames", "copies"):
        put(out, THEIRS)
    return out, lambda: write_folder(out, NEW)


def reproduced(place: Path) -> tuple[Path, Callable[[], object]]:
    """Return the folder of `larstudy reproduce`, and the command with studies that cost nothing."""
    from larstudy import cli, side_by_side
    from larstudy.studies import help as help_study
    from larstudy.studies import review_verdicts, synthetic_cohort
    from larstudy.synthetic import characteristics_page

    class Said:
        def summary(self) -> str:
            return "said"

    made = with_record({"report.html": b"page", "tables/change.csv": b"n"})
    help_study.help_files = lambda **_: (Said(), made)  # type: ignore[assignment, return-value]
    synthetic_cohort.synthetic_study_files = lambda **_: (Said(), made)  # type: ignore[assignment, return-value]
    review_verdicts.verdicts = lambda **_: Said()  # type: ignore[assignment, return-value]
    characteristics_page.kept_files = lambda *_: {"operating_characteristics.md": b"page"}
    from larstudy import review_files, verdict_files

    verdict_files.changed_verdicts = lambda _: ()  # type: ignore[assignment]
    verdict_files.verdict_files = lambda _: {"verdicts.csv": b"id"}  # type: ignore[assignment]
    review_files.review_figures = lambda *_: {"themes.svg": b"picture"}  # type: ignore[assignment]
    # What stands for the studies is not known to other processes.
    side_by_side.cores = lambda: 1
    out = place / "out"
    cli.main(["reproduce", "--out", str(place / "once"), "--quiet"])
    return out, lambda: cli.main(["reproduce", "--out", str(out), "--quiet"])


def single_file(place: Path) -> tuple[Path, Callable[[], object]]:
    """Return a folder with a notebook that is replaced, and what replaces it."""
    out = place / "out"
    put(out, {"a.txt": b"old a", **THEIRS})
    return out, lambda: write_beside(out, {"a.txt": b"new a"}, replaceable=[out / "a.txt"])


def states(scenario: str, place: Path) -> list[dict[str, object]]:
    """Kill a run at every step, and return what is left each time."""
    if scenario in ("renames", "copies"):
        writing._exchange = lambda one, other: False
    if scenario == "copies":

        def no_links(*_: object, **__: object) -> None:
            raise OSError(writing._NO_LINKS[0], "no links")

        os.link = no_links  # type: ignore[assignment]
    found: list[dict[str, object]] = []
    going, n = True, 0
    while going:
        n += 1
        here = place / str(n)
        here.mkdir()
        makers = {"reproduce": reproduced, "single": single_file}
        out, work = makers[scenario](here) if scenario in makers else whole_folder(here, scenario)
        going = killed(n, work)
        after = content(out)
        work()
        beside = sorted(p.name for p in out.parent.iterdir())
        found.append({"after": after, "next": content(out), "beside": beside, "killed": going})
    return found


if __name__ == "__main__":
    shown, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps(states(sys.argv[1], Path(sys.argv[2]))), file=shown)
