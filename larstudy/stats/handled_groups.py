"""Comparing groups of persons where some were lost: weighted, or over imputed data sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.cluster_moments import ClusterKind
from larstudy.stats.clustered_groups import clustered_group_model
from larstudy.stats.groups import group_model
from larstudy.stats.linear import Estimates
from larstudy.stats.pooling import Pooled, pool_estimates

Errors = Literal["independent", "CR2", "CR3"]

EMPTY_GROUP = "nobody is in the group, or in some imputed data set"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledGroups:
    """Groups against a reference, with their means.

    Attributes
    ----------
    differences : Estimates
        Of shape (k,): each group minus the reference; NaN for the reference itself and for empty groups.
    means : Estimates
        Of shape (k,): the mean of each group, other columns at their means.
    fraction_missing : ndarray, shape (2, k)
        Fraction of missing information of the differences and of the means; NaN where nothing was imputed.
    """

    differences: Estimates
    means: Estimates
    fraction_missing: FloatArray


def fit_groups(
    response: FloatArray,
    codes: IntArray,
    k: int,
    *,
    reference: int,
    covariates: FloatArray | None = None,
    names: Sequence[str] = (),
    made_from: Sequence[FloatArray] = (),
    weights: FloatArray | None = None,
    clusters: IntArray | None = None,
    errors: Errors = "independent",
    level: float = 0.95,
) -> HandledGroups:
    """Compare k groups, of which some may be empty, with or without weights and clusters.

    Parameters
    ----------
    response : ndarray, shape (n,)
        In the unit of the outcome; the change, or the second wave.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k, reference : int
    covariates : ndarray, shape (n, c), optional
    names : sequence of str
        Of the covariates, for reasons.
    made_from : sequence of ndarray
        The numbers that the response was made from.
    weights : ndarray, shape (n,), optional
        Above 0. Their errors are robust: CR2 with each person a cluster (HC2) where errors are independent,
        with Bell and McCaffrey's degrees of freedom, the weights taken as known.
    clusters : ndarray of int, shape (n,), optional
        Needed for clustered errors.
    errors : {"independent", "CR2", "CR3"}
    level : float
        Confidence level.

    Returns
    -------
    HandledGroups
        NaN with a reason where the reference is empty.

    Examples
    --------
    >>> found = fit_groups(np.array([1.0, 2, 4, 5]), np.array([0, 0, 2, 2]), 3, reference=0)
    >>> found.differences.estimate.tolist()
    [nan, nan, 3.0]
    """
    present = np.flatnonzero(np.bincount(codes, minlength=k) > 0)
    if reference not in present:
        return no_groups(k, "nobody is in the reference group")
    dense = np.searchsorted(present, codes)
    options: dict[str, Any] = {
        "reference": int(np.searchsorted(present, reference)),
        "covariates": covariates, "names": names, "made_from": made_from, "level": level,
    }  # fmt: skip
    if errors == "independent" and weights is None:
        model = group_model(response, dense, len(present), **options)
    else:
        nested = np.arange(len(codes)) if errors == "independent" or clusters is None else clusters
        kind: ClusterKind = "CR2" if errors == "independent" else errors
        model = clustered_group_model(
            response, dense, len(present), nested, kind=kind, weights=weights, **options
        )
    others = present[present != reference]
    return HandledGroups(
        differences=model.coefficients.part(1, len(present)).spread(others, k),
        means=model.adjusted_means.spread(present, k),
        fraction_missing=np.full((2, k), np.nan),
    )


def pool_groups(fits: Sequence[HandledGroups], k: int, *, level: float = 0.95) -> HandledGroups:
    """Put the comparisons of m imputed data sets together by Rubin's rules.

    Parameters
    ----------
    fits : sequence of HandledGroups
        One an imputation.
    k : int
    level : float
        Confidence level.

    Returns
    -------
    HandledGroups
        Degrees of freedom by Barnard and Rubin; those of the complete data are the mean over imputations.

    Examples
    --------
    >>> codes = np.array([0, 0, 1, 1])
    >>> fits = [fit_groups(np.array([1.0, 2, 4, last]), codes, 2, reference=0) for last in (5.0, 7.0)]
    >>> pool_groups(fits, 2).differences.estimate.tolist()
    [nan, 3.5]
    """
    if not fits:
        return no_groups(k, "nothing was imputed")
    found, missing = [], []
    for part in ("differences", "means"):
        each: list[Estimates] = [getattr(fit, part) for fit in fits]
        pooled = pool_estimates(
            np.array([one.estimate for one in each]),
            np.array([one.std_error for one in each]),
            df_complete=np.mean([one.df for one in each], axis=0),
            level=level,
        )
        found.append(_as_estimates(pooled, next((one.reason for one in each if one.reason), EMPTY_GROUP)))
        missing.append(pooled.fraction_missing)
    return HandledGroups(differences=found[0], means=found[1], fraction_missing=np.array(missing))


def _as_estimates(pooled: Pooled, reason: str) -> Estimates:
    return Estimates(
        estimate=pooled.estimate,
        std_error=pooled.std_error,
        statistic=pooled.statistic,
        df=pooled.df,
        p_value=pooled.p_value,
        conf_low=pooled.conf_low,
        conf_high=pooled.conf_high,
        reason=reason if np.isnan(pooled.std_error).any() else "",
    )


def no_groups(k: int, reason: str) -> HandledGroups:
    """Return the comparison that cannot be made, with the reason."""
    nan = np.full(k, np.nan)
    nothing = Estimates(
        estimate=nan, std_error=nan, statistic=nan, df=nan, p_value=nan, conf_low=nan, conf_high=nan,
        reason=reason,
    )  # fmt: skip
    return HandledGroups(differences=nothing, means=nothing, fraction_missing=np.full((2, k), np.nan))
