"""Planned contrasts, and the mean change of a group, with errors for clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.cluster_moments import ClusterKind
from larstudy.stats.clustered_groups import ONE_CLUSTER
from larstudy.stats.clusters import cluster_combinations, cluster_robust
from larstudy.stats.group_design import group_design
from larstudy.stats.linear import Estimates
from larstudy.stats.multiplicity import Adjustment
from larstudy.stats.planned_contrasts import ContrastTests, bad_weights, contrast_tests
from larstudy.stats.t_tests import t_tests


def clustered_contrasts(
    response: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    clusters: IntArray,
    *,
    kind: ClusterKind = "CR2",
    covariates: FloatArray | None = None,
    adjust: Adjustment = "none",
    made_from: Sequence[FloatArray] = (),
    level: float = 0.95,
) -> ContrastTests:
    """Test contrasts of group means, or of adjusted means, with errors that hold within clusters.

    Parameters
    ----------
    response : ndarray, shape (n,)
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1; each group has at least one person.
    weights : ndarray, shape (m, k) or (k,)
        One row a contrast, adding up to zero.
    clusters : ndarray of int, shape (n,)
        Cluster of each person.
    kind : {"CR1", "CR1S", "CR2", "CR3"}
        See `larstudy.stats.clusters.cluster_robust`.
    covariates : ndarray, shape (n, c), optional
        Then the means are those adjusted for them.
    adjust : {"holm", "bonferroni", "none"}
        How ``p_adjusted`` is made.
    made_from : sequence of ndarray
        The numbers that the response was made from: residuals within their rounding error are none.
    level : float
        Confidence level of each interval by itself.

    Returns
    -------
    ContrastTests
        Each with degrees of freedom of its own. NaN with a reason where the weights are no contrast, there
        is one cluster only, or the contrast rests in part or whole on one cluster.

    Notes
    -----
    The same as ``clubSandwich::linear_contrast`` on ``lm(response ~ group + covariates)``.

    Examples
    --------
    >>> response, codes = np.array([1.0, 2, 4, 7, 2, 6]), np.array([0, 0, 1, 1, 0, 1])
    >>> tests = clustered_contrasts(response, codes, np.array([-1.0, 1.0]), np.array([0, 1, 0, 1, 2, 2]))
    >>> tests.estimate.round(6).tolist(), tests.df.round(6).tolist()
    ([4.0], [2.0])
    """
    rows = np.atleast_2d(np.asarray(weights, dtype=float))
    raw = np.empty((len(response), 0)) if covariates is None else covariates
    design = group_design(codes, rows.shape[1], reference=0, covariates=raw)
    size = max(float(np.abs(v).max(initial=0.0)) for v in (response, raw, *made_from))
    fit = cluster_robust(design.matrix, response, clusters, kind=kind, size=size, level=level)
    why = [bad_weights(row) for row in rows]
    bad = np.array([bool(reason) for reason in why], dtype=bool)
    found = cluster_combinations(fit, np.where(bad[:, None], 0.0, rows) @ design.means, level=level)
    missing = fit.blocks.reason or ONE_CLUSTER
    reasons = [
        reason or (missing if np.isnan(error) else "")
        for reason, error in zip(why, found.std_error.tolist(), strict=True)
    ]
    estimate = np.where(bad, np.nan, found.estimate)
    tests = t_tests(estimate, found.std_error, found.df, reasons=reasons, level=level)
    return contrast_tests(tests, rows, adjust)


def clustered_mean(
    values: FloatArray,
    clusters: IntArray,
    *,
    kind: ClusterKind = "CR2",
    made_from: Sequence[FloatArray] = (),
    level: float = 0.95,
) -> Estimates:
    r"""Return a mean, such as that of the changes, with an error that holds within clusters.

    Parameters
    ----------
    values : ndarray, shape (n,)
    clusters : ndarray of int, shape (n,)
        Cluster of each person.
    kind : {"CR1", "CR1S", "CR2", "CR3"}
        See `larstudy.stats.clusters.cluster_robust`.
    made_from : sequence of ndarray
        The numbers that the values were made from: residuals within their rounding error are none.
    level : float
        Confidence level.

    Returns
    -------
    Estimates
        Of shape (1,); NaN with a reason where persons are fewer than two, all in one cluster, or alike.

    Notes
    -----
    With :math:`r_j` the sum of the residuals of the :math:`n_j` persons of a cluster, CR2 is
    :math:`n^{-2} \sum_j r_j^2 / (1 - n_j / n)`. The same as ``clubSandwich::coef_test(lm(values ~ 1))``, and
    as the mean of a group in ``lm(values ~ 0 + group)``: the groups have no column in common.

    Examples
    --------
    >>> found = clustered_mean(np.array([1.0, 2, 4, 5]), np.array([0, 0, 1, 1]))
    >>> found.estimate.tolist(), found.std_error.round(6).tolist(), found.df.round(6).tolist()
    ([3.0], [1.5], [1.0])
    """
    size = max(float(np.abs(v).max(initial=0.0)) for v in (values, *made_from))
    ones = np.ones((len(values), 1))
    found = cluster_robust(ones, values, clusters, kind=kind, names=("mean",), size=size, level=level)
    few = {0: "nobody", 1: "one person only: no spread"}
    return replace(found, reason=few.get(len(values), found.reason))
