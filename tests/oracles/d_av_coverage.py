"""How often the interval of d_av covers the truth: `python tests/oracles/d_av_coverage.py`, to CSV.

Two waves from a bivariate normal distribution, 5,000 samples a row. Beside the interval that larstudy gives
stands the one by the delta method with a normal quantile.
"""

import itertools
import sys

import numpy as np
import pandas as pd
from scipy import special

from larstudy.stats.distributions import noncentral_t_limits

SAMPLES = 5000


def coverage(
    rng: np.random.Generator, n: int, correlation: float, effect: float, ratio: float
) -> dict[str, float]:
    """Return the share of samples whose interval holds the true value, for both methods."""
    sd_after = ratio
    true = effect
    mean = true * (1 + sd_after) / 2
    shared = rng.standard_normal((SAMPLES, n))
    before = shared
    after = mean + sd_after * (
        correlation * shared + np.sqrt(1 - correlation**2) * rng.standard_normal((SAMPLES, n))
    )
    change = after - before
    sd, estimate = change.std(axis=1, ddof=1), change.mean(axis=1)
    s1, s2 = before.std(axis=1, ddof=1), after.std(axis=1, ddof=1)
    sd_av = (s1 + s2) / 2
    d_av = estimate / sd_av
    limits = np.array([noncentral_t_limits(t, n - 1) for t in estimate / sd * np.sqrt(n)])
    limits *= (sd / sd_av / np.sqrt(n))[:, None]
    exact = (limits[:, 0] <= true) & (true <= limits[:, 1])
    r = ((before - before.mean(axis=1)[:, None]) * (after - after.mean(axis=1)[:, None])).sum(axis=1) / (
        (n - 1) * s1 * s2
    )
    # var(d_av) = var(change) / (n sd_av^2) + d_av^2 var(sd_av) / sd_av^2, var(s) = s^2 / (2 (n - 1))
    spread = (s1**2 + s2**2 + 2 * r**2 * s1 * s2) / (8 * (n - 1))
    error = np.sqrt(sd**2 / (n * sd_av**2) + d_av**2 * spread / sd_av**2)
    delta = np.abs(d_av - true) <= special.ndtri(0.975) * error
    return {"noncentral": exact.mean(), "delta": delta.mean()}


def main() -> None:
    rng = np.random.default_rng(20261123)
    grid = itertools.product((12, 21, 67), (0.0, 0.4, 0.8), (0.0, 0.5, 1.2), (1.0, 1.4))
    names = ("n", "correlation", "effect", "sd_ratio")
    rows = [{**dict(zip(names, case, strict=True)), **coverage(rng, *case)} for case in grid]
    pd.DataFrame(rows).to_csv(sys.stdout, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
