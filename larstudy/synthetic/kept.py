"""Numbers kept in a folder under a name made from everything that they rest on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from larstudy.errors import LarstudyError
from larstudy.stats.arrays import FloatArray
from larstudy.synthetic.worlds import World


def content_key(content: Mapping[str, Any]) -> str:
    """Return the name of what rests on this content.

    Examples
    --------
    >>> content_key({"a": 1}) == content_key({"a": 1}), content_key({"a": 1}) == content_key({"a": 2})
    (True, False)
    """
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:32]


def world_content(world: World) -> dict[str, Any]:
    """Return every number of a world."""
    return {name: parameter.value.tolist() for name, parameter in sorted(world.parameters.items())}


def kept(folder: Path | None, key: str) -> FloatArray | None:
    """Return what is kept under a name; None where there is no folder, or it is not all there."""
    if folder is None:
        return None
    try:
        return np.asarray(np.load(folder / f"{key}.npy", allow_pickle=False))
    except (OSError, ValueError, EOFError):
        # Not there, or cut short by a machine that went down: computed anew.
        return None


def keep(folder: Path | None, key: str, values: FloatArray) -> None:
    """Keep numbers under a name; nothing where there is no folder.

    Raises
    ------
    LarstudyError
        Where the folder cannot be written.
    """
    if folder is None:
        return
    path = folder / f"{key}.npy"
    part = path.with_name(f".{path.stem}.{os.getpid()}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.save(file, values, allow_pickle=False)
        part.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise LarstudyError(f"Cannot keep results in '{folder}': {reason}. Name another folder.") from None
