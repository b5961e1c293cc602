"""Writing files so that whatever ends the process, a folder is as it was before or whole.

What holds, also when the process is killed:

- A folder that is not there yet is built in a folder beside it whose name begins with a point, such as
  ``.results.larstudy-x1``, brought to the disk, and renamed into its place in one step, with its parents.
- A folder that is there changes places with the new one in one step, where the system can (Linux, macOS).
  Elsewhere it is put aside and the new one renamed into its place: a process killed between these two
  leaves no folder there; the old one is whole in ``.results.larstudy-x1/old``, and the next run puts it back.
- Files of others in the folder stand in the new one as well: the same file under a second name where the
  disk has that, else a copy.
- What a killed run left beside a folder is removed by the next run that writes to this folder.

Single files (`write_beside`) are each replaced in one step. Nothing else is written anywhere.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from larstudy.errors import LarstudyError, SpecError
from larstudy.specs.reading import read_toml

#: Lists what a run wrote.
RUN_RECORD = "run.json"
_SHOP, _NEW, _OLD, _LOCK = "larstudy-", "new-", "old", "lock"
#: What exchanges two folders, and what stands for the folder one is in.
_EXCHANGES = {"linux": ("renameat2", -100), "darwin": ("renameatx_np", -2)}
#: RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS.
_EXCHANGE = 2
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


def with_record(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return files with a record of them, by which a later run may take their place.

    Examples
    --------
    >>> sorted(with_record({"a.csv": b""}))
    ['a.csv', 'run.json']
    """
    listed = sorted([*files, RUN_RECORD])
    return {**files, RUN_RECORD: json.dumps({"files": listed}).encode()}


def write_folder(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    protected: Iterable[Path] = (),
    records: Sequence[str] = (RUN_RECORD,),
) -> list[Path]:
    """Write files into a folder, all or none, whatever happens meanwhile.

    Files of an earlier run that this one does not make are removed, as its records list them; other
    files in the folder are left alone.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    files : mapping of str to bytes
    protected : iterable of Path
        Files that must not be overwritten.
    records : sequence of str
        Which files tell what an earlier run wrote beside them: ``run.json``, or a ``manifest.toml`` with
        a table ``files``. Only a run of the same kind is replaced.

    Returns
    -------
    list of Path

    Raises
    ------
    LarstudyError
        Where the folder cannot be written, is the one that the process works in, or holds a file that is
        protected or was not made by an earlier run; then everything is as it was before.
    """
    targets = [folder / name for name in files]
    _refuse_inputs(targets, protected)
    try:
        real = folder.resolve()
        _recover(real, records)
        earlier = _earlier_files(real, records)
        _refuse_foreign([real / name for name in files], earlier)
        _refuse_place(real, folder)
        _swap_in(real, files, records, earlier)
    except OSError as error:
        raise _cannot(folder, error) from None
    return targets


def write_beside(
    folder: Path,
    files: Mapping[str, bytes],
    *,
    replaceable: Iterable[Path] = (),
) -> list[Path]:
    """Write files beside whatever else is in a folder, each in one step; none where an error is met.

    Parameters
    ----------
    folder : Path
        Made where it is not there.
    files : mapping of str to bytes
        By name.
    replaceable : iterable of Path
        Files that larstudy made: they may be overwritten.

    Returns
    -------
    list of Path

    Raises
    ------
    LarstudyError
        Where a file cannot be written, or is there and is not replaceable; then everything is as before.
    """
    targets = {folder / name: content for name, content in files.items()}
    _refuse_foreign(list(targets), replaceable)
    parts = {path: path.with_name(f".{path.name}.part") for path in targets}
    made = [p for p in (folder, *folder.parents) if not p.exists()]
    before: dict[Path, bytes] = {}
    placed: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in targets.items():
            _write(parts[path], content)
            if path.exists():
                before[path] = path.read_bytes()
        for path, part in parts.items():
            part.replace(path)
            placed.append(path)
        _to_disk(folder)
    except BaseException as error:
        _undo(placed, before, parts.values(), made)
        if isinstance(error, OSError):
            raise _cannot(folder, error) from None
        raise
    return list(targets)


def _undo(
    placed: Iterable[Path], before: Mapping[Path, bytes], parts: Iterable[Path], made: Iterable[Path]
) -> None:
    """Put everything back as it was, as far as the disk allows."""
    for path in placed:
        with suppress(OSError):
            if path in before:
                path.write_bytes(before[path])
            else:
                path.unlink()
    for part in parts:
        with suppress(OSError):
            part.unlink()
    for folder in made:
        # A folder that somebody else has filled meanwhile stays.
        with suppress(OSError):
            folder.rmdir()


def _cannot(folder: Path, error: OSError) -> LarstudyError:
    reason = error.strerror or type(error).__name__
    return LarstudyError(f"Cannot write to '{folder}': {reason}. Nothing was changed.")


def _refuse_inputs(targets: Iterable[Path], protected: Iterable[Path]) -> None:
    kept = {path.resolve() for path in protected}
    clash = [path for path in targets if path.resolve() in kept]
    if clash:
        raise LarstudyError(f"'{clash[0]}' is an input and would be overwritten. Name another folder.")


def _refuse_foreign(targets: Sequence[Path], own: Iterable[Path]) -> None:
    known = set(own)
    foreign = [path for path in targets if path.is_file() and path not in known]
    if foreign:
        raise LarstudyError(
            f"'{foreign[0]}' is already there, and no earlier run of larstudy made it. Name another folder,"
            " or move the file away. Nothing was written."
        )


def _refuse_place(real: Path, named: Path) -> None:
    """Refuse a folder that cannot change places: whoever stands in it would stand nowhere afterwards."""
    if real.exists() and not real.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "it is a file, not a folder")
    here = Path.cwd()
    if real == here or real in here.parents or real.is_mount():
        raise LarstudyError(
            f"Results take the place of a whole folder, and '{named}' is the one that you work in, or a disk."
            f" Name a folder in it, such as '{named / 'results'}'. Nothing was written."
        )


def _earlier_files(folder: Path, records: Iterable[str]) -> set[Path]:
    """Return the files that an earlier run of larstudy wrote into a folder, as its records list them."""
    found = set()
    for record in records:
        # Whatever else the file may be, it is then no record of ours.
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError, SpecError):
            names = [PurePosixPath(name) for name in _listed(folder / record)]
            inside = [n for n in names if not n.is_absolute() and ".." not in n.parts]
            beside = (folder / record).parent
            found |= {beside / name for name in inside if (beside / name).is_file()}
    return found


def _listed(record: Path) -> list[str]:
    if record.suffix == ".json":
        return list(json.loads(record.read_text(encoding="utf-8"))["files"])
    return [*read_toml(record)["files"].keys(), record.name]


def _top(real: Path) -> Path:
    """Return what is renamed: the folder, or the first of its parents that is not there."""
    missing = [p for p in (real, *real.parents) if not p.exists()]
    return missing[-1] if missing else real


def _swap_in(real: Path, files: Mapping[str, bytes], records: Sequence[str], earlier: set[Path]) -> None:
    """Build the new folder beside its place, and let it take the place."""
    top = _top(real)
    with _workshop(top, real, records) as stage:
        inner = stage / real.relative_to(top)
        for name, content in files.items():
            path = inner / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, content)
        if top.exists():
            _carry_over(top, stage, earlier)
        for path in (*(p for p in stage.rglob("*") if _is_folder(p)), stage):
            _to_disk(path)
        if top.exists():
            _change_places(stage, top)
        else:
            stage.rename(top)
        _to_disk(top.parent)


@contextmanager
def _workshop(top: Path, real: Path, records: Sequence[str]) -> Iterator[Path]:
    """Make a folder beside a place in which the new one is built; afterwards it is gone."""
    shop = Path(tempfile.mkdtemp(prefix=f".{top.name}.{_SHOP}", dir=top.parent))
    lock = os.open(shop / _LOCK, os.O_RDWR | os.O_CREAT)
    try:
        _hold(lock)
        made = shop / "new"
        made.mkdir()
        # The number tells it from the old folder, which has this name when they have changed places.
        yield made.rename(shop / f"{_NEW}{made.stat().st_ino}")
    finally:
        os.close(lock)
        _remove(shop, top, real, records)


def _hold(lock: int) -> None:
    """Hold a file until the process ends, or raise OSError where another process holds it."""
    # Windows has no fcntl, and refuses by itself to remove a file that is open.
    with suppress(ImportError):
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _to_disk(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _carry_over(old: Path, stage: Path, earlier: set[Path]) -> None:
    """Let what others have in a folder stand in the new one too."""
    with_ours = {parent for path in earlier for parent in path.parents}
    for path in sorted(old.rglob("*")):
        new = stage / path.relative_to(old)
        if not _is_folder(path) and path not in earlier:
            new.parent.mkdir(parents=True, exist_ok=True)
            _same_file(path, new)
        elif _is_folder(path) and path not in with_ours:
            new.mkdir(parents=True, exist_ok=True)
    for path in (old, *old.rglob("*")):
        new = stage / path.relative_to(old)
        if _is_folder(path) and new.is_dir():
            shutil.copymode(path, new)


def _same_file(path: Path, new: Path) -> None:
    """Give a file a second name, or copy it where the disk has one name a file."""
    try:
        os.link(path, new, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copy2(path, new, follow_symlinks=False)


def _change_places(stage: Path, real: Path) -> None:
    """Let a new folder take the place of one that is there."""
    if _exchange(stage, real):
        return
    aside = stage.with_name(_OLD)
    real.rename(aside)
    try:
        stage.rename(real)
    except OSError:
        aside.rename(real)
        raise


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step, and tell whether the system did."""
    name, here = _EXCHANGES.get(sys.platform, ("", 0))
    function = getattr(ctypes.CDLL(None, use_errno=True), name, None) if name else None
    if function is None:
        return False
    function.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    return bool(function(here, os.fsencode(one), here, os.fsencode(other), _EXCHANGE) == 0)


def _recover(real: Path, records: Sequence[str]) -> None:
    """Undo what a killed run left half done beside a folder, and remove what it left over."""
    for top in (real, *real.parents):
        if top.parent.is_dir() and top != top.parent:
            for shop in sorted(top.parent.iterdir()):
                if shop.name.startswith(f".{top.name}.{_SHOP}") and _is_folder(shop):
                    _take_over(shop, top, real, records)
        if top.exists():
            break


def _take_over(shop: Path, top: Path, real: Path, records: Sequence[str]) -> None:
    """Remove what a killed run left over, unless the run is still there."""
    with suppress(OSError):
        lock = os.open(shop / _LOCK, os.O_RDWR | os.O_CREAT)
        try:
            _hold(lock)
        finally:
            os.close(lock)
        # Where a file cannot be locked, one that is open cannot be removed.
        (shop / _LOCK).unlink()
        _remove(shop, top, real, records)


def _remove(shop: Path, top: Path, real: Path, records: Sequence[str]) -> None:
    # What cannot be saved stays where it is rather than be lost.
    with suppress(OSError):
        _settle(shop, top, real, records)
        shutil.rmtree(shop)


def _settle(shop: Path, top: Path, real: Path, records: Sequence[str]) -> None:
    """Put an old folder back that nothing replaced; save from one that was replaced what is not ours."""
    aside = shop / _OLD
    if aside.exists() and not top.exists():
        aside.rename(top)
    for old in list(shop.iterdir()):
        number = old.name.removeprefix(_NEW)
        changed = number.isdigit() and old.stat().st_ino != int(number)
        if old == aside or changed:
            _save(old, top, _earlier_files(old / real.relative_to(top), records))
            # From here on it may be gone in part, its records first: nothing more is saved from it.
            old.rename(shop / "done")


def _save(old: Path, top: Path, ours: set[Path]) -> None:
    """Move what came into a folder while the new one was built: all else is there already, or is replaced."""
    for path in sorted(old.rglob("*")):
        new = top / path.relative_to(old)
        if not _is_folder(path) and path not in ours and not os.path.lexists(new):
            new.parent.mkdir(parents=True, exist_ok=True)
            path.rename(new)
