"""Sign flips of the paired changes in HELP: larstudy against `scipy.stats.permutation_test`, 99,999 each.

scipy is given what makes it quickest: a vectorised statistic, and batches that stay within the caches. Before
anything is timed both p-values are compared.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.benchmarks.timing import Row, at_least, medians

DRAWS = 99_999


def changes() -> np.ndarray:
    """Changes of mental health from baseline to 12 months of all who were seen at both."""
    from larstudy.studies.help import help_frame

    frame = help_frame()
    wide = frame[frame["TIME"].isin([0, 12])].pivot(index="ID", columns="TIME", values="MCS").dropna()
    return (wide[12] - wide[0]).to_numpy()


def by_larstudy(values: np.ndarray) -> float:
    from larstudy.stats.permutation import sign_flip_test

    return sign_flip_test(values, draws=DRAWS, seed=1).p_value


def by_scipy(values: np.ndarray) -> float:
    from scipy import stats

    found = stats.permutation_test(
        (values,),
        lambda x, axis: np.mean(x, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=DRAWS,
        batch=500,
        rng=1,
    )
    return float(found.pvalue)


def run() -> Row:
    # Centred near zero, so that the p-value is of a size that can be compared.
    values = changes()
    values = values - values.mean() + 0.1 * values.std()
    ours, theirs = by_larstudy(values), by_scipy(values)
    error = np.sqrt(2 * theirs * (1 - theirs) / DRAWS)
    assert abs(ours - theirs) < 5 * error, (ours, theirs)
    works: dict[str, Callable[[], object]] = {
        "larstudy": lambda: by_larstudy(values),
        "scipy": lambda: by_scipy(values),
    }
    found = medians(works, turns=5, at_least_seconds=0.1)
    return at_least("permutation", found["scipy"] / found["larstudy"], 15)
