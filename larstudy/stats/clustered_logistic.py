"""Logistic regression of persons nested in few clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.cluster_moments import ClusterKind
from larstudy.stats.clustered_groups import ONE_CLUSTER
from larstudy.stats.clusters import cluster_robust
from larstudy.stats.designs import with_intercept
from larstudy.stats.logistic import fit_logistic
from larstudy.stats.t_tests import TTests, t_tests


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredOdds(TTests):
    """Odds ratios with errors for clusters; numbers of shape (1 + p,), the intercept first.

    Attributes
    ----------
    estimate, std_error, df, statistic, p_value, conf_low, conf_high : ndarray
        Log odds ratio, its error, its own degrees of freedom, t, two-sided p and interval.
    odds_ratio, odds_ratio_low, odds_ratio_high : ndarray
        The exponentials of estimate and interval.
    reasons : tuple of str
        One a number: why there is no error; empty where there is.
    """

    odds_ratio: FloatArray
    odds_ratio_low: FloatArray
    odds_ratio_high: FloatArray


def clustered_logistic(
    covariates: FloatArray,
    response: BoolArray,
    clusters: IntArray,
    *,
    kind: ClusterKind = "CR2",
    names: Sequence[str] = (),
    level: float = 0.95,
) -> ClusteredOdds:
    r"""Model a yes or no by logistic regression, with errors that hold when persons of a cluster are alike.

    Parameters
    ----------
    covariates : ndarray, shape (n, p)
        Without a column of ones; those that are the same for everybody are left out. NaN gives no model.
    response : ndarray of bool, shape (n,)
    clusters : ndarray of int, shape (n,)
        Cluster of each person.
    kind : {"CR1", "CR1S", "CR2", "CR3"}
        See `larstudy.stats.clusters.cluster_robust`.
    names : sequence of str
        Names of the covariates, for reasons.
    level : float
        Confidence level.

    Returns
    -------
    ClusteredOdds
        The estimates of `larstudy.stats.attrition.lost_model`. NaN with a reason where there is no model, one
        cluster only, or a coefficient rests in part or whole on one cluster.

    Notes
    -----
    At the maximum of the likelihood the coefficients are those of weighted least squares of the working
    response :math:`z = x'b + (y - p)/w` with weights :math:`w = p (1 - p)`. Errors and degrees of
    freedom are those of that fit, with the root of CR2 taken on the weighted scale: the same as
    ``clubSandwich::coef_test(lm(I(sqrt(w) * z) ~ 0 + I(sqrt(w) * X)), vcov = "CR2")``, and for CR3 as
    ``coef_test(glm(...), vcov = "CR3")``. The CR2 of that last call takes another root where
    weights vary within clusters, and differs slightly. Intervals by t, on the scale of the log odds.

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
    multi-stage samples. Survey Methodology, 28, 169-181.

    Examples
    --------
    >>> far = np.array([[0.0], [0], [0], [1], [1], [1], [0], [1]])
    >>> lost = np.array([True, False, False, True, True, False, False, True])
    >>> found = clustered_logistic(far, lost, np.array([0, 0, 1, 1, 2, 2, 3, 3]))
    >>> found.odds_ratio.round(3).tolist(), found.std_error.round(3).tolist()
    ([0.333, 9.0], [1.089, 1.721])
    """
    response = np.asarray(response, dtype=bool)
    design = with_intercept(covariates, names)
    fit = fit_logistic(design.columns, response, names=design.names)
    error = df = np.full(design.columns.shape[1], np.nan)
    missing = fit.reason
    if not missing:
        w = fit.probabilities * (1.0 - fit.probabilities)
        working = design.columns @ fit.coefficients + (response - fit.probabilities) / w
        nested = cluster_robust(design.columns, working, clusters, kind=kind, weights=w, names=design.names)
        error, df, missing = nested.std_error, nested.df, nested.blocks.reason or ONE_CLUSTER
    estimate, error, df = (design.spread(values) for values in (fit.coefficients, error, df))
    same = np.concatenate([[False], design.left_out]).tolist()
    reasons = [
        (missing if fit.reason or not out else "the same for everybody") if np.isnan(known) else ""
        for out, known in zip(same, error.tolist(), strict=True)
    ]
    tests = t_tests(estimate, error, df, reasons=reasons, level=level)
    # A covariate in tiny units can have an odds ratio beyond the largest number: that is infinity.
    with np.errstate(over="ignore"):
        ratios = [np.exp(values) for values in (estimate, tests.conf_low, tests.conf_high)]
    return ClusteredOdds(
        **{name: getattr(tests, name) for name in TTests.__slots__},
        odds_ratio=ratios[0],
        odds_ratio_low=ratios[1],
        odds_ratio_high=ratios[2],
    )
