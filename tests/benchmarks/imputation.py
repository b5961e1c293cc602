"""Multiple imputation at the size of a study: larstudy against statsmodels' MICE.

338 persons, 8 numeric variables of which 6 have gaps, 20 data sets, and the pooled regression of the last on three
others. statsmodels does as its documentation shows: 10 rounds to begin with and 4 for each data set, 90 in all, in
one chain; larstudy does 10 rounds in each of 20 chains, 200 in all. Before anything is timed both are compared: the
pooled coefficients must agree within four Monte-Carlo errors.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd

from tests.benchmarks.timing import Row, at_least, medians

M = 20
NAMES = list("abcdefgh")
MISSING = (0.0, 0.0, 0.05, 0.1, 0.1, 0.2, 0.35, 0.35)


def cohort() -> np.ndarray:
    rng = np.random.default_rng(5)
    values = rng.multivariate_normal(np.zeros(8), 0.5 * np.eye(8) + 0.5, size=338)
    values[rng.random(values.shape) < MISSING] = np.nan
    return values


def by_larstudy(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    from larstudy.stats.imputation import impute
    from larstudy.stats.linear import estimates, fit_linear
    from larstudy.stats.pooling import pool_estimates

    found = impute(values, ["numeric"] * 8, seed=1, m=M)
    designs = np.concatenate([np.ones((M, len(values), 1)), found.values[:, :, [0, 1, 6]]], axis=2)
    rows = [
        estimates(fit_linear(design, data[:, 7]), np.eye(4))
        for design, data in zip(designs, found.values, strict=True)
    ]
    pooled = pool_estimates(np.array([r.estimate for r in rows]), np.array([r.std_error for r in rows]))
    return pooled.estimate, pooled.between


def by_statsmodels(frame: pd.DataFrame) -> np.ndarray:
    import statsmodels.api as sm
    from statsmodels.imputation.mice import MICE, MICEData

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = MICE("h ~ a + b + g", sm.OLS, MICEData(frame)).fit(n_burnin=10, n_imputations=M)
    return np.asarray(found.params)


def run() -> Row:
    values = cohort()
    frame = pd.DataFrame(values, columns=NAMES)
    np.random.seed(1)  # noqa: NPY002 - what statsmodels draws from
    (ours, between), theirs = by_larstudy(values), by_statsmodels(frame)
    assert (np.abs(ours - theirs) < 4 * np.sqrt(2 * between / M)).all(), (ours, theirs)
    found = medians(
        {"larstudy": lambda: by_larstudy(values), "statsmodels": lambda: by_statsmodels(frame)}, turns=3
    )
    return at_least("impute", found["statsmodels"] / found["larstudy"], 100)
