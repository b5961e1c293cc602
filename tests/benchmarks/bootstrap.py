"""BCa intervals of a standardised mean change: larstudy against scipy.stats.bootstrap, as many resamples each.

The statistic is the same function for both; before anything is timed, the limits must agree within what
drawing other resamples moves them.
"""

from __future__ import annotations

import numpy as np

from tests.benchmarks.timing import Row, at_least, medians

RESAMPLES = 9_999


def d_z(before: np.ndarray, after: np.ndarray, axis: int = -1) -> np.ndarray:
    change = after - before
    return change.mean(axis=axis) / change.std(axis=axis, ddof=1)


def run() -> Row:
    from scipy import stats

    from larstudy.stats.bootstrap import bootstrap_interval
    from larstudy.studies.help import help_frame

    waves = help_frame().pivot(index="ID", columns="TIME", values="MCS")[[0, 12]].dropna()
    before, after = waves[0].to_numpy(), waves[12].to_numpy()

    def by_larstudy() -> tuple[float, float]:
        found = bootstrap_interval(d_z, [(before, after)], n_resamples=RESAMPLES, seed=1)
        return found.conf_low, found.conf_high

    def by_scipy() -> tuple[float, float]:
        found = stats.bootstrap(
            (before, after), d_z, paired=True, vectorized=True, method="BCa", n_resamples=RESAMPLES, rng=1
        )
        return tuple(found.confidence_interval)

    # an end point of 9,999 resamples has an SD of sqrt(.025 * .975 / 9999) / .058 = 0.027 errors of 0.07;
    # three times that of the difference of two
    np.testing.assert_allclose(by_larstudy(), by_scipy(), atol=0.008)
    found = medians({"larstudy": by_larstudy, "scipy": by_scipy}, turns=7, at_least_seconds=0.2)
    return at_least("bootstrap", found["scipy"] / found["larstudy"], 1)
