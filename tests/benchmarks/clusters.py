"""CR2 errors and Satterthwaite degrees of freedom of 10,000 persons in 21 facilities: larstudy against the definition.

The definition is written out: the hat matrix of each facility, n_g x n_g, the inverse symmetric root of its
complement, and the weights of all responses in each coefficient, from whose products the degrees of freedom
follow. Both start from arrays in memory; before anything is timed they are compared.
"""

from __future__ import annotations

import numpy as np

from tests.benchmarks.timing import Row, at_least, medians

PERSONS, FACILITIES, COLUMNS = 10_000, 21, 6


def made() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Facilities of unequal size, a policy of whole facilities, three groups and two covariates."""
    rng = np.random.default_rng(21)
    share = np.arange(1, FACILITIES + 1) ** 0.7
    facility = np.r_[
        np.arange(FACILITIES), rng.choice(FACILITIES, PERSONS - FACILITIES, p=share / share.sum())
    ]
    group = rng.integers(0, 3, PERSONS)
    X = np.column_stack(
        [np.ones(PERSONS), group == 1, group == 2, facility % 3 == 0, rng.normal(size=(PERSONS, 2))]
    )
    y = X @ rng.normal(size=COLUMNS) + rng.normal(size=FACILITIES)[facility] + rng.normal(size=PERSONS)
    return X, y, facility


def by_definition(X: np.ndarray, y: np.ndarray, facility: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the standard errors and the degrees of freedom of all coefficients."""
    n, p = X.shape
    bread = np.linalg.inv(X.T @ X)
    residual = y - X @ (bread @ (X.T @ y))
    meat = np.zeros((p, p))
    labels = np.unique(facility)
    weights = np.empty((p, len(labels), n))
    for i, label in enumerate(labels):
        inside = facility == label
        own = X[inside]
        values, vectors = np.linalg.eigh(np.eye(len(own)) - own @ bread @ own.T)
        root = (vectors * np.where(values > 1e-12, values, np.inf) ** -0.5) @ vectors.T
        score = own.T @ (root @ residual[inside])
        meat += np.outer(score, score)
        side = bread @ own.T @ root
        # The rows of I - H that belong to this facility, from the left.
        weights[:, i] = -(side @ own) @ bread @ X.T
        weights[:, i, inside] += side
    error = np.sqrt(np.diag(bread @ meat @ bread))
    products = weights @ weights.transpose(0, 2, 1)
    df = np.trace(products, axis1=1, axis2=2) ** 2 / (products**2).sum(axis=(1, 2))
    return error, df


def run() -> Row:
    from larstudy.stats.clusters import cr2

    data = made()
    ours, (error, df) = cr2(*data), by_definition(*data)
    np.testing.assert_allclose(ours.std_error, error, rtol=1e-8)
    np.testing.assert_allclose(ours.df, df, rtol=1e-8)
    found = medians(
        {"larstudy": lambda: cr2(*data), "definition": lambda: by_definition(*data)},
        turns=3,
        at_least_seconds=0.2,
    )
    return at_least("clusters", found["definition"] / found["larstudy"], 100)
