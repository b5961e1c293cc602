"""The files of a synthetic cohort: data, code book, study file, manifest and datasheet."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from larstudy.names import PERSON
from larstudy.results import versions
from larstudy.synthetic.cohorts import SHIPPED_SEED
from larstudy.synthetic.datasheet import datasheet
from larstudy.synthetic.frames import WAVES, SyntheticFrames, csv_text, generate_items
from larstudy.synthetic.targets import published_targets
from larstudy.synthetic.worlds import ITEMS, World
from larstudy.tables import SYNTHETIC_STAMP

#: The record of the files, by which a later run knows what it may replace.
MANIFEST: Final = "manifest.toml"
_VERSIONS = ("larstudy", "python", "numpy", "pandas", "scipy")
_OUTCOMES = ("global", "social")
_COVARIATES = (("age", "distress"), ("sex", "treatment"))


def synthetic_files(
    world: str | Path | World = "review", *, seed: int = SHIPPED_SEED, n: int | None = None
) -> dict[str, bytes]:
    """Return every file of a synthetic cohort, by name.

    Parameters
    ----------
    world : str, Path or World
    seed : int
    n : int, optional
        Persons; 548 unless given.

    Returns
    -------
    dict of str to bytes
        ``cohort.csv``, ``cohort_long.csv``, ``items.csv``, ``codebook.csv``, ``study.toml``, ``README.md``
        and ``manifest.toml``. The same seed gives the same bytes; the manifest also names the versions used.

    Raises
    ------
    UnknownNameError, LarstudyError, SpecError
        As `larstudy.generate`.

    Examples
    --------
    >>> sorted(synthetic_files("null", seed=1))
    ['README.md', 'codebook.csv', 'cohort.csv', 'cohort_long.csv', 'items.csv', 'manifest.toml', 'study.toml']
    """
    return files_of(generate_items(world, seed=seed, n=n))


def files_of(frames: SyntheticFrames) -> dict[str, bytes]:
    """Return every file of a synthetic cohort that has been generated."""
    texts = {
        "cohort.csv": csv_text(frames.cohort),
        "cohort_long.csv": csv_text(frames.long),
        "items.csv": csv_text(frames.items),
        "codebook.csv": _quoted(frames.codebook),
        "study.toml": study_toml(frames),
        "README.md": datasheet(frames),
    }
    files = {name: text.encode() for name, text in texts.items()}
    return {**files, MANIFEST: _manifest(frames, files).encode()}


def _quoted(frame: pd.DataFrame) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(frame.columns)
    writer.writerows(frame.itertuples(index=False))
    return buffer.getvalue()


def study_values(frames: SyntheticFrames) -> dict[str, Any]:
    """Return the study file of a synthetic cohort as a mapping."""
    items = {item: f"qol10_{item}_{{wave}}" for item in ITEMS}
    numbers, words = _COVARIATES
    world = frames.world
    return {
        "study": {
            "title": f"Synthetic cohort, world '{world.id}'",
            "source": f"{SYNTHETIC_STAMP}: larstudy, world '{world.id}', seed {frames.seed}",
            "notes": [
                f"{SYNTHETIC_STAMP}. {world.says} {world.truth}",
                "What is found here is what was put in. It is never evidence about patients.",
            ],
            "synthetic": True,
        },
        "data": {
            "file": "cohort.csv",
            "layout": "wide",
            "person": PERSON,
            "waves": list(WAVES),
            "cluster": "facility",
        },
        "outcomes": {name: {"instrument": "qol10", "scale": name, "items": items} for name in _OUTCOMES},
        "network": {"rule": "europasi", "columns": {"free_time_with": "free_time_{wave}"}},
        "treatment_status": {"column": "status"},
        "covariates": {"columns": list(numbers), "categorical": list(words)},
    }


def study_toml(frames: SyntheticFrames) -> str:
    """Return the study file of a synthetic cohort."""
    lines = [
        f"# {SYNTHETIC_STAMP}. Scores are made here from the items, networks from the EuropASI question."
    ]
    for name, table in study_values(frames).items():
        if name == "outcomes":
            for outcome, values in table.items():
                lines += ["", f"[outcomes.{outcome}]", *_lines(values)]
        else:
            lines += ["", f"[{name}]", *_lines(table)]
    return "\n".join(lines) + "\n"


def _lines(values: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_toml(value)}" for key, value in values.items()]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_toml(v) for v in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml(v)}' for key, v in value.items())} }}"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return str(value)


def _manifest(frames: SyntheticFrames, files: Mapping[str, bytes]) -> str:
    found = versions()
    hashes = {f'"{name}"': hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    sections: dict[str, Mapping[str, Any]] = {
        "versions": {name: found[name] for name in _VERSIONS},
        "files": hashes,
        "targets": {
            f'"{t.id}"': {"printed": t.printed, "role": t.role, "confidence": t.confidence, "place": t.place}
            for t in published_targets().values()
        },
    }
    lines = [
        f"# {SYNTHETIC_STAMP}.",
        *_lines(
            {
                "stamp": SYNTHETIC_STAMP,
                "synthetic": True,
                "world": frames.world.id,
                "seed": frames.seed,
                "persons": frames.n,
            }
        ),
    ]
    for name, values in sections.items():
        lines += ["", f"[{name}]", *_lines(values)]
    return "\n".join(lines) + "\n"
