"""Notebooks: sources in ``py:percent``, executed into ``.ipynb`` files that are the same bytes every time.

A source is a Python file. ``# %%`` begins a cell of code, ``# %% [markdown]`` one of prose, whose lines stand
behind ``# ``. The executed notebook stands beside its source under the same name. Nothing in it tells when,
where or by whom it was run: ids of cells come from their content, no times are kept, and pictures hold no
dates. The packages that run notebooks are imported when one is run, and not before.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Literal

from larstudy import errors
from larstudy.errors import LarstudyError, MissingPackageError
from larstudy.progress import progress
from larstudy.writing import write_beside

CellKind = Literal["code", "markdown"]

_MARKER: Final = re.compile(r"^# %%(.*)$")
_NEEDED: Final = ("nbformat", "nbclient", "ipykernel")
_SECONDS_A_CELL: Final = 600
#: What the kernel is told: no history, and pictures of one size and without dates.
_KERNEL_CONFIG: Final = """\
c = get_config()
c.HistoryManager.enabled = False
c.InlineBackend.figure_formats = {"png"}
c.InlineBackend.print_figure_kwargs = {
    "bbox_inches": "tight", "dpi": 72, "metadata": {"Software": "larstudy"},
    "pil_kwargs": {"optimize": True},
}
"""
_METADATA: Final[Mapping[str, Any]] = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "name": "python"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a source.

    Attributes
    ----------
    kind : {"code", "markdown"}
    text : str
        Without empty lines around it; prose without the ``# `` in front of its lines.
    id : str
        From the kind and the text; a second cell of the same content is counted.
    """

    kind: CellKind
    text: str
    id: str


def read_cells(source: str, *, name: str = "the notebook") -> tuple[Cell, ...]:
    r"""Return the cells of a source.

    Parameters
    ----------
    source : str
        Of a file in ``py:percent``.
    name : str
        What to call it in messages.

    Raises
    ------
    LarstudyError
        Where something stands before the first cell, a cell is of an unknown kind, or a line of prose is no
        comment.

    Examples
    --------
    >>> for cell in read_cells("# %% [markdown]\n# Who came in?\n\n# %%\nn = 2\n"):
    ...     print(cell.kind, repr(cell.text))
    markdown 'Who came in?'
    code 'n = 2'
    """
    found: list[Cell] = []
    seen: dict[str, int] = {}
    for kind, lines in _blocks(source.splitlines(), name):
        text = "\n".join(_prose(lines, name) if kind == "markdown" else lines).strip("\n")
        key = hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()[:12]
        seen[key] = seen.get(key, 0) + 1
        found.append(Cell(kind=kind, text=text, id=key if seen[key] == 1 else f"{key}-{seen[key]}"))
    return tuple(found)


def _blocks(lines: Sequence[str], name: str) -> list[tuple[CellKind, list[str]]]:
    blocks: list[tuple[CellKind, list[str]]] = []
    for number, line in enumerate(lines, start=1):
        marker = _MARKER.match(line)
        if marker:
            said = marker.group(1).strip()
            if said not in ("", "[markdown]"):
                raise LarstudyError(
                    f"{name}, line {number}: a cell begins with '# %%' or '# %% [markdown]', nothing else."
                )
            blocks.append(("markdown" if said else "code", []))
        elif blocks:
            blocks[-1][1].append(line.rstrip())
        elif line.strip():
            raise LarstudyError(f"{name}, line {number}: the first cell should begin here, with '# %%'.")
    return blocks


def _prose(lines: Sequence[str], name: str) -> list[str]:
    if any(line and not line.startswith("#") for line in lines):
        raise LarstudyError(f"{name}: every line of a cell of prose begins with '# '.")
    return [line.removeprefix("#").removeprefix(" ") for line in lines]


def source_files(folder: Path) -> tuple[Path, ...]:
    """Return the sources in a folder, in the order of their names.

    Raises
    ------
    LarstudyError
        Where there is no such folder, or no source in it.
    """
    if not folder.is_dir():
        raise LarstudyError(
            f"There is no folder '{folder}'. The notebooks stand in the folder 'notebooks' of larstudy's"
            " repository: go to the repository, or name the folder with --from."
        )
    found = tuple(sorted(path for path in folder.glob("*.py") if _MARKER.match(_first_line(path))))
    if not found:
        raise LarstudyError(
            f"'{folder}' holds no notebook: a source is a .py file whose first line is '# %%' or"
            " '# %% [markdown]'. Name another folder with --from."
        )
    return found


def _first_line(path: Path) -> str:
    return (path.read_text(encoding="utf-8").splitlines() or [""])[0]


def execute(source: Path) -> bytes:
    """Run a source from its first cell to its last, in a new kernel, and return the executed notebook.

    The kernel works in the folder of the source, with the larstudy and the Python that run this; its own
    files are in a temporary folder.

    Raises
    ------
    MissingPackageError
        Where the packages that run notebooks are not installed; the message says how to get them.
    LarstudyError
        Where a cell fails, takes too long or ends the kernel. The message of one that fails is shown only
        where it comes from larstudy: others may hold what people answered.
    """
    missing = [package for package in _NEEDED if find_spec(package) is None]
    if missing:
        raise MissingPackageError(
            f"Notebooks run with packages that are not installed: {', '.join(missing)}. Install everything"
            ' that they need with pip install "larstudy[notebooks]".'
        )
    nbformat: Any = import_module("nbformat")
    cells = read_cells(source.read_text(encoding="utf-8"), name=source.name)
    notebook = nbformat.from_dict(
        {
            "cells": [_new_cell(cell) for cell in cells],
            "metadata": {"kernelspec": dict(_METADATA["kernelspec"])},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )
    with tempfile.TemporaryDirectory(prefix="larstudy-") as folder:
        _run(notebook, source, Path(folder))
    notebook["metadata"] = nbformat.from_dict({**_METADATA, "larstudy": {"source": source.name}})
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        if "outputs" in cell:
            cell["outputs"] = _joined(cell["outputs"])
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)
    return (text.rstrip("\n") + "\n").encode()


def _new_cell(cell: Cell) -> dict[str, Any]:
    made = {"cell_type": cell.kind, "id": cell.id, "metadata": {}, "source": cell.text}
    return made | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})


def _run(notebook: Any, source: Path, folder: Path) -> None:
    """Run the notebook in place; settings of the user's own Jupyter and matplotlib have no part in it."""
    nbclient: Any = import_module("nbclient")
    exceptions: Any = import_module("nbclient.exceptions")
    client = nbclient.NotebookClient(
        notebook,
        timeout=_SECONDS_A_CELL,
        kernel_name="python3",
        record_timing=False,
        shutdown_kernel="immediate",
        resources={"metadata": {"path": str(source.parent.resolve())}},
    )
    manager = client.create_kernel_manager()
    manager.connection_file = str(folder / "kernel.json")
    # Through files of the temporary folder, and not over a network, wherever the system knows how to.
    manager.transport = "tcp" if os.name == "nt" else "ipc"
    try:
        client.execute(env=_environment(folder), cleanup_kc=True)
    except exceptions.CellExecutionError as error:
        raise LarstudyError(_failure(notebook, source, error.ename, error.evalue)) from None
    except (exceptions.CellTimeoutError, exceptions.DeadKernelError) as error:
        raise LarstudyError(
            f"{source.name} could not be run to its end: {type(error).__name__}. Either a cell takes longer"
            f" than {_SECONDS_A_CELL} seconds, or the kernel died, as it does where the memory is full."
        ) from None


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment of the kernel, and write its settings into the folder."""
    profile = folder / "profile_default"
    profile.mkdir()
    (profile / "ipython_kernel_config.py").write_text(_KERNEL_CONFIG, encoding="utf-8")
    (folder / "matplotlibrc").write_text("", encoding="utf-8")
    here = str(Path(__file__).resolve().parents[1])
    return {
        **os.environ,
        "IPYTHONDIR": str(folder),
        "MATPLOTLIBRC": str(folder / "matplotlibrc"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        # Sums are taken in one order, whatever the number of cores.
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH")))),
    }


def _failure(notebook: Any, source: Path, kind: str, message: str) -> str:
    failed = next(
        number
        for number, cell in enumerate(notebook["cells"], start=1)
        if any(output["output_type"] == "error" for output in cell.get("outputs", ()))
    )
    own = isinstance(getattr(errors, kind, None), type)
    said = message if own else "Open it in Jupyter to see the message, which may hold people's answers."
    return f"{source.name}: cell {failed} fails with {kind}. {said}"


def _joined(outputs: Sequence[Any]) -> list[Any]:
    """Return the outputs with what was printed in pieces put together: the pieces depend on the clock."""
    found: list[Any] = []
    for output in outputs:
        same = found and output["output_type"] == "stream" == found[-1]["output_type"]
        if same and output["name"] == found[-1]["name"]:
            found[-1]["text"] += output["text"]
        else:
            found.append(output)
    return found


def build_notebooks(folder: Path, out: Path | None = None, *, quiet: bool = True) -> tuple[Path, ...]:
    """Run every source in a folder and write the executed notebooks, all or none.

    Parameters
    ----------
    folder : Path
        With the sources.
    out : Path, optional
        Beside the sources unless given. Executed notebooks of larstudy that stand there are replaced.
    quiet : bool
        Tell no progress.

    Raises
    ------
    LarstudyError
        As `source_files` and `execute`; and where a file that larstudy did not make stands in the way.
    """
    made = _executed(folder, quiet=quiet)
    return _written(made, folder if out is None else out)


def check_notebooks(folder: Path, out: Path | None = None, *, quiet: bool = True) -> tuple[str, ...]:
    """Run every source anew and return what is other than in the executed notebooks beside them.

    Pictures are left out: they depend on fonts and on the version of matplotlib.

    Parameters
    ----------
    folder : Path
        With the sources and the executed notebooks.
    out : Path, optional
        Where to write those executed now, to look at; nowhere unless given.
    quiet : bool
        Tell no progress.

    Returns
    -------
    tuple of str
        A line a difference: the notebook and the cell, never what was shown. Empty where all is as it was.
    """
    if out is not None and out.resolve() == folder.resolve():
        raise LarstudyError("--check --out needs another folder than that of the notebooks.")
    made = _executed(folder, quiet=quiet)
    if out is not None:
        _written(made, out)
    found: list[str] = []
    for name, content in made.items():
        kept = folder / name
        if not kept.is_file():
            found.append(f"{name}: not there. Make it with larstudy notebooks --build.")
        else:
            found += [f"{name}: {line}" for line in differences(_read(kept), json.loads(content))]
    stray = {path.name for path in folder.glob("*.ipynb") if _is_own(path)} - set(made)
    return (*found, *(f"{name}: has no source any more. Remove it." for name in sorted(stray)))


def _executed(folder: Path, *, quiet: bool) -> dict[str, bytes]:
    sources = source_files(folder)
    steps = progress(sources, total=len(sources), what="notebooks", quiet=quiet)
    return {source.with_suffix(".ipynb").name: execute(source) for source in steps}


def _written(made: Mapping[str, bytes], out: Path) -> tuple[Path, ...]:
    own = [out / name for name in made if _is_own(out / name)]
    return tuple(write_beside(out, made, replaceable=own))


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return {}


def _is_own(path: Path) -> bool:
    """Tell whether a file is a notebook that larstudy executed."""
    return path.is_file() and "larstudy" in _read(path).get("metadata", {})


def differences(kept: Mapping[str, Any], fresh: Mapping[str, Any]) -> list[str]:
    """Return how two executed notebooks differ, apart from what pictures show: a line a cell.

    Parameters
    ----------
    kept, fresh : mapping
        Notebooks as JSON holds them; ``fresh`` is of the source as it is now.

    Examples
    --------
    >>> cell = {"id": "a", "cell_type": "code", "source": "1 + 1", "outputs": []}
    >>> differences({"cells": [cell]}, {"cells": [{**cell, "outputs": [{"data": {"text/plain": "2"}}]}]})
    ['cell 1 shows something else than it did.']
    """
    now, then = fresh["cells"], kept.get("cells", [])
    if [cell.get("id") for cell in then] != [cell["id"] for cell in now]:
        return ["not in step with its source. Make it anew with larstudy notebooks --build."]
    return [
        f"cell {number} shows something else than it did."
        for number, (old, new) in enumerate(zip(then, now, strict=True), start=1)
        if _without_pictures(old) != _without_pictures(new)
    ]


def _without_pictures(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell in which each picture is only told to be there."""
    outputs = [
        {
            **output,
            "data": {kind: "image/" in kind or shown for kind, shown in output.get("data", {}).items()},
        }
        for output in cell.get("outputs", ())
    ]
    return {**cell, "outputs": outputs}
