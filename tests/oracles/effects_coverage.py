"""How often the intervals of d_rm and d_b cover the truth: `python tests/oracles/effects_coverage.py`, to CSV.

Two waves from a bivariate normal distribution, 2,000 samples a row, larstudy's own intervals.
"""

import itertools
import sys

import numpy as np
import pandas as pd

from larstudy.stats.paired_effects import paired_effects

SAMPLES = 2000


def coverage(
    rng: np.random.Generator, n: int, correlation: float, effect: float, ratio: float
) -> dict[str, float]:
    """Return the share of samples whose interval holds the true value; ``effect`` is the true d_b."""
    before = rng.standard_normal((SAMPLES, n))
    after = effect + ratio * (
        correlation * before + np.sqrt(1 - correlation**2) * rng.standard_normal((SAMPLES, n))
    )
    sd = np.sqrt(1 + ratio**2 - 2 * correlation * ratio)
    d_rm = effect / sd * np.sqrt(2 * (1 - correlation))
    found = [paired_effects(x, y) for x, y in zip(before, after, strict=True)]
    return {
        "d_rm": float(np.mean([f.d_rm_low <= d_rm <= f.d_rm_high for f in found])),
        "d_b": float(np.mean([f.d_b_low <= effect <= f.d_b_high for f in found])),
    }


def main() -> None:
    rng = np.random.default_rng(20261123)
    grid = itertools.product((12, 21, 67), (0.0, 0.4, 0.8), (0.0, 0.5, 1.2), (1.0, 1.4))
    names = ("n", "correlation", "effect", "sd_ratio")
    rows = [{**dict(zip(names, case, strict=True)), **coverage(rng, *case)} for case in grid]
    pd.DataFrame(rows).to_csv(sys.stdout, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
