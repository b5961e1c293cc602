"""Comparing groups of persons nested in few clusters: the models of `groups`, with errors for clusters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.cluster_moments import ClusterKind
from larstudy.stats.clusters import (
    ClusterFit,
    cluster_combinations,
    cluster_f_test,
    cluster_robust,
)
from larstudy.stats.group_design import group_design
from larstudy.stats.groups import GroupModel, TwoWaveGlm, column_names, split_questions
from larstudy.stats.linear import Estimates, FTest, no_f_test

#: Why a number is missing where the model as such could be fitted.
ONE_CLUSTER = "rests in part or whole on one cluster, or on clusters that do not differ: no error"


def clustered_group_model(
    response: FloatArray,
    codes: IntArray,
    k: int,
    clusters: IntArray,
    *,
    kind: ClusterKind = "CR2",
    reference: int = 0,
    covariates: FloatArray | None = None,
    names: Sequence[str] = (),
    made_from: Sequence[FloatArray] = (),
    weights: FloatArray | None = None,
    level: float = 0.95,
) -> GroupModel:
    """Compare k groups on a response, with errors that hold when persons of one cluster are alike.

    Parameters
    ----------
    response : ndarray, shape (n,)
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1; each group has at least one person.
    k : int
    clusters : ndarray of int, shape (n,)
        Cluster of each person, such as the facility.
    kind : {"CR1", "CR1S", "CR2", "CR3"}
        See `larstudy.stats.clusters.cluster_robust`.
    reference : int
        The group against which the coefficients stand.
    covariates : ndarray, shape (n, c), optional
        As in `larstudy.stats.groups.group_model`.
    weights : ndarray, shape (n,), optional
        Above 0 and taken as known. With a cluster of each person's own CR2 is then the sandwich HC2, with
        degrees of freedom of its own for each estimate. Adjusted means hold covariates at their means
        without weights.
    names : sequence of str
        Names of the covariates, for reasons.
    made_from : sequence of ndarray
        The numbers that the response was made from: residuals within their rounding error are none.
    level : float
        Confidence level.

    Returns
    -------
    GroupModel
        The estimates of the model with independent errors; each error with degrees of freedom of its own,
        and the joint test by HTZ. Partial eta squared is not defined and NaN.

    Examples
    --------
    >>> response, codes = np.array([1.0, 2, 4, 7, 2, 6]), np.array([0, 0, 1, 1, 0, 1])
    >>> model = clustered_group_model(response, codes, 2, np.array([0, 1, 0, 1, 2, 2]))
    >>> model.contrasts.estimate.round(6).tolist(), model.contrasts.df.round(6).tolist()
    ([4.0], [2.0])
    """
    raw = np.empty((len(response), 0)) if covariates is None else covariates
    design = group_design(codes, k, reference=reference, covariates=raw)
    fit = cluster_robust(
        design.matrix,
        response,
        clusters,
        kind=kind,
        weights=weights,
        names=column_names(names, k, design),
        size=max(float(np.abs(v).max(initial=0.0)) for v in (response, raw, *made_from)),
        level=level,
    )
    everything = _answers(fit, design.questions(), level)
    return split_questions(_joint(fit, design.omnibus(k)), everything, design, k, raw.shape[1])


def clustered_two_wave_glm(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    clusters: IntArray,
    *,
    kind: ClusterKind = "CR2",
) -> TwoWaveGlm:
    """Test time, group and time by group at two waves, with errors that hold within clusters.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        The same persons in the same order; no NaN.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
    clusters : ndarray of int, shape (n,)
        Cluster of each person.
    kind : {"CR1", "CR1S", "CR2", "CR3"}

    Returns
    -------
    TwoWaveGlm
        As `larstudy.stats.groups.two_wave_glm`, of the same means.

    Examples
    --------
    >>> before, after = np.array([1.0, 2, 3, 4, 2, 5]), np.array([2.0, 4, 3, 6, 5, 6])
    >>> result = clustered_two_wave_glm(before, after, np.zeros(6, dtype=int), 1, np.arange(6))
    >>> round(result.time.statistic, 6), round(result.time.df, 6)
    (12.272727, 5.0)
    """
    cells = (codes[:, None] == np.arange(k)).astype(float)
    size = float(max(np.abs(before).max(initial=0.0), np.abs(after).max(initial=0.0)))
    level, change = (
        cluster_robust(cells, response, clusters, kind=kind, size=size)
        for response in ((before + after) / 2.0, after - before)
    )
    alike = np.eye(k)[1:] - np.eye(k)[0]
    return TwoWaveGlm(
        time=_joint(change, np.full((1, k), 1.0 / k)),
        time_weighted=_joint(change, cells.mean(axis=0)[None]),
        group=_joint(level, alike),
        time_by_group=_joint(change, alike),
    )


def _answers(fit: ClusterFit, combinations: FloatArray, level: float) -> Estimates:
    found = cluster_combinations(fit, combinations, level=level)
    return replace(found, reason=fit.blocks.reason or ONE_CLUSTER)


def _joint(fit: ClusterFit, combinations: FloatArray) -> FTest:
    if len(combinations) == 0:
        return no_f_test("one group only: nothing to compare", 0)
    return cluster_f_test(fit, combinations)
