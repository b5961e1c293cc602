"""Group by time with a random intercept: the closed form against the search of statsmodels, at 338 persons.

`python -m tests.benchmarks.two_waves` prints what a million persons cost, too.
"""

from __future__ import annotations

import time
import tracemalloc
import warnings

import numpy as np

from larstudy.stats.two_waves import TwoWaveModel, fit_two_waves
from tests.benchmarks.timing import Row, at_least, medians

GROUPS = 4


def cohort(persons: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Baseline, follow-up and group of made-up persons."""
    rng = np.random.default_rng(338)
    before = rng.normal(40.0, 10.0, size=persons)
    after = 20.0 + 0.6 * before + rng.normal(0.0, 8.0, size=persons)
    return before, after, rng.integers(0, GROUPS, size=persons)


def by_statsmodels(response: np.ndarray, design: np.ndarray, person: np.ndarray):
    from statsmodels.regression.mixed_linear_model import MixedLM

    return MixedLM(response, design, person).fit(reml=True)


def run() -> Row:
    before, after, group = cohort(338)
    n = len(before)
    dummies = (group[:, None] == np.arange(1, GROUPS)).astype(float)
    start, end = np.zeros((n, 1)), np.ones((n, 1))
    design = np.vstack([np.hstack([np.ones((n, 1)), dummies, wave, dummies * wave]) for wave in (start, end)])
    response, person = np.concatenate([before, after]), np.tile(np.arange(n), 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        agree(fit_two_waves(before, after, group, GROUPS), by_statsmodels(response, design, person))
        found = medians(
            {
                "larstudy": lambda: fit_two_waves(before, after, group, GROUPS),
                "statsmodels": lambda: by_statsmodels(response, design, person),
            },
            turns=9,
            at_least_seconds=0.2,
        )
    return at_least("two_waves", found["statsmodels"] / found["larstudy"], 500)


def agree(ours: TwoWaveModel, theirs: object) -> None:
    """A ratio is worth something only where both compute the same."""
    np.testing.assert_allclose(ours.estimate, theirs.fe_params, rtol=1e-6)
    np.testing.assert_allclose(ours.std_error, theirs.bse_fe, rtol=1e-4)
    np.testing.assert_allclose(ours.person_variance, float(theirs.cov_re[0, 0]), rtol=1e-3)
    np.testing.assert_allclose(ours.log_likelihood, theirs.llf, atol=1e-4)


def million() -> tuple[float, float]:
    """Return the seconds of a fit to a million persons, the best of five, and its peak of memory in MiB."""
    before, after, group = cohort(1_000_000)
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        fit_two_waves(before, after, group, GROUPS)
        times.append(time.perf_counter() - begin)
    tracemalloc.start()
    fit_two_waves(before, after, group, GROUPS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # the data are held, too
    held = before.nbytes + after.nbytes + group.nbytes
    return min(times), (peak + held) / 2**20


if __name__ == "__main__":
    print(run())
    print("a million persons: {:.3f} s, {:.0f} MiB".format(*million()))
