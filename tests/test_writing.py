"""Writing a folder: all of it or nothing, whatever ends the process, and what others have in it is kept."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from larstudy import writing
from larstudy.errors import LarstudyError
from larstudy.writing import with_record, write_beside, write_folder
from tests.killed import NEW, OLD, THEIRS, content

ROOT = Path(__file__).parents[1]


def text(files: dict[str, bytes]) -> dict[str, str]:
    return {name: content.decode() for name, content in files.items()}


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
class TestKilled:
    """A run is killed before each time that it touches the disk; then the same run is done again."""

    def states(self, scenario: str, folder: Path) -> list[dict[str, Any]]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.killed", scenario, str(folder)],
            cwd=ROOT, check=True, capture_output=True, text=True,
        )  # fmt: skip
        found: list[dict[str, Any]] = json.loads(done.stdout)
        assert [state["killed"] for state in found] == [True] * (len(found) - 1) + [False]
        return found

    @pytest.mark.parametrize(
        ("scenario", "before", "fewest"),
        [
            # At least a folder made, a lock, each file, and a name that is changed.
            ("absent", None, 8),
            ("parents", None, 10),
            ("replaced", text(OLD), 12),
            ("theirs", text({**OLD, **THEIRS}), 15),
        ],
    )
    def test_whole_or_as_before(
        self, tmp_path: Path, scenario: str, before: dict[str, str] | None, fewest: int
    ) -> None:
        found = self.states(scenario, tmp_path)
        after = text({**NEW, **THEIRS} if scenario == "theirs" else NEW)
        states = [state["after"] for state in found]
        assert [state for state in states if state not in (before, after)] == []
        # The moment that counts is among them: before it nothing is there, after it all.
        assert len(states) >= fewest
        assert states[0] == before
        assert states[-1] == after
        assert [state["next"] for state in found] == [after] * len(found)
        assert {tuple(state["beside"]) for state in found} == {("out",)}

    @pytest.mark.parametrize("scenario", ["renames", "copies"])
    def test_where_folders_cannot_change_places_in_one_step(self, tmp_path: Path, scenario: str) -> None:
        """Between two renames the folder is not there; the next run puts it back and goes on."""
        found = self.states(scenario, tmp_path)
        before, after = text({**OLD, **THEIRS}), text({**NEW, **THEIRS})
        states = [state["after"] for state in found]
        assert [state for state in states if state not in (before, after, None)] == []
        assert states.count(None) == 1
        assert [state["next"] for state in found] == [after] * len(found)
        assert {tuple(state["beside"]) for state in found} == {("out",)}

    def test_all_studies_of_reproduce_or_none(self, tmp_path: Path) -> None:
        found = self.states("reproduce", tmp_path)
        study = ["report.html", "run.json", "tables/change.csv"]
        after = sorted(
            [f"{name}/{file}" for name in ("help", "synthetic") for file in study]
            + [
                f"review/{name}"
                for name in ("operating_characteristics.md", "run.json", "themes.svg", "verdicts.csv")
            ]
        )
        states = [state["after"] and sorted(state["after"]) for state in found]
        assert [state for state in states if state not in (None, after)] == []
        assert states.count(None) >= 10
        assert states[-1] == after
        assert {tuple(state["beside"]) for state in found} == {("once", "out")}

    def test_a_single_file(self, tmp_path: Path) -> None:
        found = self.states("single", tmp_path)
        theirs = text(THEIRS)
        plain = [{k: v for k, v in s["after"].items() if not k.endswith(".part")} for s in found]
        assert [
            s for s in plain if s not in ({"a.txt": "old a", **theirs}, {"a.txt": "new a", **theirs})
        ] == []
        assert [s["next"] for s in found] == [{"a.txt": "new a", **theirs}] * len(found)


class TestFolder:
    def test_what_others_have_stays_the_same_file(self, tmp_path: Path) -> None:
        out = tmp_path / "out"
        write_folder(out, OLD)
        (out / "theirs.txt").write_text("theirs")
        (out / "empty").mkdir()
        (out / "link").symlink_to("theirs.txt")
        out.chmod(0o750)
        inode = (out / "theirs.txt").stat().st_ino
        write_folder(out, NEW)
        assert (out / "theirs.txt").stat().st_ino == inode
        assert (out / "theirs.txt").stat().st_nlink == 1
        assert (out / "empty").is_dir()
        assert os.readlink(out / "link") == "theirs.txt"
        # A folder that held nothing but what the earlier run wrote goes with it.
        assert not (out / "gone").exists()
        assert out.stat().st_mode & 0o777 == 0o750

    def test_readable_as_any_folder_that_is_made(self, tmp_path: Path) -> None:
        (tmp_path / "plain").mkdir()
        write_folder(tmp_path / "out", NEW)
        modes = {p.name: p.stat().st_mode for p in tmp_path.iterdir()}
        assert modes["out"] == modes["plain"]

    def test_a_link_to_a_folder_stays_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "disk").mkdir()
        (tmp_path / "out").symlink_to("disk")
        write_folder(tmp_path / "out", NEW)
        assert (tmp_path / "out").is_symlink()
        assert content(tmp_path / "disk") == text(NEW)

    def test_disk_that_fills_up(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """When the last file cannot be written, no file and no folder stays, and old results stay whole."""
        write_folder(tmp_path / "old", OLD)
        original = writing._write

        def full(path: Path, data: bytes) -> None:
            if path.name == "c.txt":
                raise OSError(28, "No space left on device")
            original(path, data)

        monkeypatch.setattr(writing, "_write", full)
        for folder in (tmp_path / "new" / "deep", tmp_path / "old"):
            with pytest.raises(LarstudyError, match=r"No space left on device\. Nothing was changed"):
                write_folder(folder, NEW)
        assert [p.name for p in tmp_path.iterdir()] == ["old"]
        assert content(tmp_path / "old") == text(OLD)

    @pytest.mark.parametrize("beside", [False, True])
    def test_stopped_by_its_user(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, beside: bool
    ) -> None:
        def stopped(path: Path, data: bytes) -> None:
            path.write_bytes(data)
            raise KeyboardInterrupt

        monkeypatch.setattr(writing, "_write", stopped)
        with pytest.raises(KeyboardInterrupt):
            (write_beside if beside else write_folder)(tmp_path / "new" / "out", {"a.txt": b"a"})
        assert list(tmp_path.iterdir()) == []

    def test_a_rename_that_is_refused_puts_everything_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_folder(tmp_path / "out", OLD)
        original = Path.rename

        def refuse(self: Path, target: Path) -> Path:
            if Path(target).name == "out" and self.name != "old":
                raise OSError(13, "Permission denied")
            return original(self, target)

        monkeypatch.setattr(writing, "_exchange", lambda one, other: False)
        monkeypatch.setattr(Path, "rename", refuse)
        with pytest.raises(LarstudyError, match=r"Permission denied\. Nothing was changed"):
            write_folder(tmp_path / "out", NEW)
        assert content(tmp_path / "out") == text(OLD)
        assert [p.name for p in tmp_path.iterdir()] == ["out"]

    def test_a_link_that_fails_otherwise_is_no_reason_to_copy(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_folder(tmp_path / "out", OLD)
        (tmp_path / "out" / "theirs.txt").write_text("theirs")

        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(os, "link", refuse)
        with pytest.raises(LarstudyError, match="Input/output error"):
            write_folder(tmp_path / "out", NEW)
        assert content(tmp_path / "out") == {**text(OLD), "theirs.txt": "theirs"}

    def test_what_comes_into_the_folder_meanwhile_is_kept(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        out = tmp_path / "out"
        write_folder(out, OLD)
        original = writing._change_places

        def meanwhile(stage: Path, real: Path) -> None:
            (real / "late").mkdir()
            (real / "late" / "theirs.txt").write_text("late")
            original(stage, real)

        monkeypatch.setattr(writing, "_change_places", meanwhile)
        write_folder(out, NEW)
        assert content(out) == {**text(NEW), "late/theirs.txt": "late"}

    def test_what_cannot_be_saved_is_not_removed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write_folder(tmp_path / "out", OLD)

        def refuse(*_: object) -> None:
            raise OSError(13, "Permission denied")

        monkeypatch.setattr(writing, "_save", refuse)
        write_folder(tmp_path / "out", NEW)
        assert content(tmp_path / "out") == text(NEW)
        (left,) = (p for p in tmp_path.iterdir() if p.name != "out")
        assert "old a" in [p.read_text() for p in left.rglob("a.txt")]

    def test_a_run_that_is_going_on_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two runs at once: the second takes nothing from the first, and each leaves a whole folder."""
        other = writing._top(tmp_path / "out")
        with writing._workshop(other, other, ["run.json"]) as stage:
            (stage / "a.txt").write_text("still being written")
            write_folder(tmp_path / "out", NEW)
            assert (stage / "a.txt").read_text() == "still being written"
        assert content(tmp_path / "out") == text(NEW)
        assert [p.name for p in tmp_path.iterdir()] == ["out"]

    def test_where_files_cannot_be_locked(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "fcntl", None)
        left = tmp_path / ".out.larstudy-x"
        left.mkdir()
        (left / "new-1").mkdir()
        write_folder(tmp_path / "out", NEW)
        assert [p.name for p in tmp_path.iterdir()] == ["out"]

    @pytest.mark.parametrize("platform", ["win32", "darwin"])
    def test_other_systems(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
        """No function of this name is in this system's library: two renames do it."""
        write_folder(tmp_path / "out", OLD)
        monkeypatch.setattr(writing.sys, "platform", platform)
        write_folder(tmp_path / "out", NEW)
        assert content(tmp_path / "out") == text(NEW)
        assert [p.name for p in tmp_path.iterdir()] == ["out"]


class TestRefused:
    def test_the_folder_that_one_stands_in(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "sub").mkdir()
        for here, named in ((tmp_path, "."), (tmp_path / "sub", "..")):
            monkeypatch.chdir(here)
            with pytest.raises(LarstudyError, match="the one that you work in") as error:
                write_folder(Path(named), NEW)
            assert f"such as '{Path(named) / 'results'}'" in str(error.value)
        assert [p.name for p in tmp_path.iterdir()] == ["sub"]

    def test_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("mine")
        for folder in (tmp_path / "out", tmp_path / "out" / "deep"):
            with pytest.raises(LarstudyError, match="Cannot write to"):
                write_folder(folder, NEW)
        assert [p.name for p in tmp_path.iterdir()] == ["out"]
        assert (tmp_path / "out").read_text() == "mine"

    @pytest.mark.parametrize(
        "record",
        [b"not json", b"[]", b'{"files": 3}', b'{"files": ["../kept.txt", "/etc/hostname", 7]}'],
    )
    def test_a_record_that_is_not_ours_removes_nothing(self, tmp_path: Path, record: bytes) -> None:
        (tmp_path / "kept.txt").write_text("kept")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "run.json").write_bytes(record)
        write_folder(tmp_path / "out", {"a.txt": b"a"})
        assert (tmp_path / "kept.txt").read_text() == "kept"
        assert (tmp_path / "out" / "run.json").read_bytes() == record

    def test_a_file_of_somebody_else(self, tmp_path: Path) -> None:
        write_folder(tmp_path / "out", OLD)
        (tmp_path / "out" / "c.txt").write_text("theirs")
        with pytest.raises(LarstudyError, match="no earlier run of larstudy made it"):
            write_folder(tmp_path / "out", NEW)
        assert content(tmp_path / "out") == {**text(OLD), "c.txt": "theirs"}


class TestBeside:
    def test_replaces_what_is_ours_only(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("old")
        with pytest.raises(LarstudyError, match="is already there"):
            write_beside(tmp_path, {"a.txt": b"new"})
        made = write_beside(tmp_path, {"a.txt": b"new", "b.txt": b"b"}, replaceable=[tmp_path / "a.txt"])
        assert made == [tmp_path / "a.txt", tmp_path / "b.txt"]
        assert content(tmp_path) == {"a.txt": "new", "b.txt": "b"}

    def test_a_replacement_that_fails_puts_everything_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "a.txt").write_text("old a")
        original = Path.replace

        def refuse(self: Path, target: Path) -> Path:
            if target.name == "c.txt":
                raise OSError(13, "Permission denied")
            return original(self, target)

        monkeypatch.setattr(Path, "replace", refuse)
        files = {"a.txt": b"new a", "b.txt": b"new b", "c.txt": b"new c"}
        with pytest.raises(LarstudyError, match=r"Permission denied\. Nothing was changed"):
            write_beside(tmp_path, files, replaceable=[tmp_path / "a.txt"])
        assert content(tmp_path) == {"a.txt": "old a"}

    def test_a_folder_that_somebody_else_fills_stays(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def write(path: Path, _: bytes) -> None:
            (path.parent / "theirs.txt").write_bytes(b"theirs")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(writing, "_write", write)
        with pytest.raises(LarstudyError):
            write_beside(tmp_path / "out", {"a.txt": b"x"})
        assert [p.name for p in (tmp_path / "out").iterdir()] == ["theirs.txt"]


def test_a_record_of_another_kind(tmp_path: Path) -> None:
    """A run replaces what a run of its kind wrote: a study's record says nothing of a cohort's files."""
    write_folder(tmp_path / "out", with_record({"a.txt": b"a"}))
    with pytest.raises(LarstudyError, match="no earlier run"):
        write_folder(tmp_path / "out", {"a.txt": b"b"}, records=["manifest.toml"])
    shutil.rmtree(tmp_path / "out")
    write_folder(tmp_path / "out", {"a.txt": b"a", "manifest.toml": b'[files]\n"a.txt" = "x"\n'})
    write_folder(tmp_path / "out", {"b.txt": b"b"}, records=["manifest.toml"])
    assert content(tmp_path / "out") == {"b.txt": "b"}
