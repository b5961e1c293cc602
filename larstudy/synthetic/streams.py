"""Random numbers that depend on the seed, the block and the cohort alone.

Each block of the generator draws from a generator of its own for every cohort. So a cohort is the same
whatever chunk it is made in, and a block that is added later leaves all others as they were.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from larstudy.stats.arrays import FloatArray


def stream(seed: int, block: str, cohort: int) -> np.random.Generator:
    """Return the generator of one block of one cohort.

    Examples
    --------
    >>> a, b = stream(1, "status", 7), stream(1, "status", 7)
    >>> bool(a.random() == b.random()), bool(a.random() == stream(1, "seen", 7).random())
    (True, False)
    """
    # A name has the same number whatever other blocks there are, and on every machine.
    key = zlib.crc32(block.encode())
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(key, cohort))))


def normals(seed: int, block: str, cohorts: Sequence[int], shape: tuple[int, ...]) -> FloatArray:
    """Return standard normal numbers, shape (cohorts, *shape)."""
    drawn = np.empty((len(cohorts), *shape))
    for place, cohort in enumerate(cohorts):
        stream(seed, block, cohort).standard_normal(out=drawn[place])
    return drawn


def uniforms(seed: int, block: str, cohorts: Sequence[int], shape: tuple[int, ...]) -> FloatArray:
    """Return numbers between 0 and 1, shape (cohorts, *shape)."""
    drawn = np.empty((len(cohorts), *shape))
    for place, cohort in enumerate(cohorts):
        stream(seed, block, cohort).random(out=drawn[place])
    return drawn
