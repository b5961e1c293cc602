"""Comparing groups at two waves: one-way, repeated measures, change score and ANCOVA."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.group_design import GroupDesign, group_design
from larstudy.stats.linear import (
    Estimates,
    FTest,
    LinearFit,
    estimates,
    f_test,
    f_test_of,
    fit_linear,
    no_f_test,
)
from larstudy.stats.paired import same_to_rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class OneWay:
    """Sums of squares of one response in k groups.

    Attributes
    ----------
    counts, means : ndarray, shape (k,)
        Persons and mean in each group.
    between, within : float
        Sums of squares between and within the groups.
    df_num, df : int
        k - 1 and n - k.
    reason : str
        Why the spread within the groups allows no test; empty where it does.
    """

    counts: FloatArray
    means: FloatArray
    between: float
    within: float
    df_num: int
    df: int
    reason: str

    def test(self) -> FTest:
        """Return the F test that all groups have the same mean."""
        if self.df_num < 1:
            return no_f_test("one group only: nothing to compare", self.df_num, self.df)
        if self.reason:
            return no_f_test(self.reason, self.df_num, self.df)
        return f_test_of(self.between / self.df_num / (self.within / self.df), self.df_num, self.df)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoWaveGlm:
    """The general linear model with repeated measures at two waves.

    Attributes
    ----------
    time : FTest
        Every group counts alike (type III): the mean of the group mean changes is zero.
    time_weighted : FTest
        Every person counts alike (types I and II): the mean change of all persons is zero.
    group : FTest
        The groups have the same mean over the two waves.
    time_by_group : FTest
        The groups change alike.
    """

    time: FTest
    time_weighted: FTest
    group: FTest
    time_by_group: FTest


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupModel:
    """A linear model in which k groups are compared.

    Attributes
    ----------
    group : FTest
        All groups alike.
    coefficients : Estimates
        Intercept (of the reference group, with every covariate at zero), then each group against the
        reference in the order of the groups (the reference left out), then the covariates; NaN for a
        covariate that is left out.
    left_out : ndarray of bool, shape (c,)
        Covariates that are the same for everybody, and so are not in the model.
    adjusted_means : Estimates
        One a group, with every other column at its mean.
    contrasts : Estimates
        One a pair, as listed in ``pairs``: the first minus the second.
    pairs : tuple of (int, int)
    """

    group: FTest
    coefficients: Estimates
    left_out: BoolArray
    adjusted_means: Estimates
    contrasts: Estimates
    pairs: tuple[tuple[int, int], ...]


def one_way(response: FloatArray, codes: IntArray, k: int, *made_from: FloatArray) -> OneWay:
    """Split the sum of squares of a response into between and within k groups.

    Parameters
    ----------
    response : ndarray, shape (n,)
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1; each group has at least one person.
    k : int
    *made_from : ndarray
        The numbers that the response was made from: a spread within their rounding error is none.

    Returns
    -------
    OneWay

    Examples
    --------
    >>> split = one_way(np.array([1.0, 2, 4, 5]), np.array([0, 0, 1, 1]), 2)
    >>> split.between, split.within, round(split.test().p_value, 6)
    (9.0, 1.0, 0.051317)
    """
    n = len(response)
    counts = np.bincount(codes, minlength=k).astype(float)
    centre = response.mean()
    # Centred before summing: a large offset would cost digits.
    centred = response - centre
    means = np.bincount(codes, centred, minlength=k) / counts
    residual = centred - means[codes]
    within = float(residual @ residual)
    df = n - k
    if df < 1:
        reason = f"{n} persons are too few for {k} groups"
    elif same_to_rounding(np.sqrt(within / df), response, *made_from):
        reason = "no spread within the groups: no test"
    else:
        reason = ""
    return OneWay(
        counts=counts,
        means=means + centre,
        between=float(counts @ means**2),
        within=within,
        df_num=k - 1,
        df=df,
        reason=reason,
    )


def _mean_is_zero(split: OneWay, weights: FloatArray) -> FTest:
    """Test that the weighted mean of the group means is zero; the weights add up to one."""
    if split.reason:
        return no_f_test(split.reason, 1, split.df)
    error = split.within / split.df * float((weights**2 / split.counts).sum())
    return f_test_of(float(weights @ split.means) ** 2 / error, 1, split.df)


def two_wave_glm(before: FloatArray, after: FloatArray, codes: IntArray, k: int) -> TwoWaveGlm:
    """Fit the repeated-measures general linear model for two waves and k groups.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        The same persons in the same order; no NaN.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int

    Returns
    -------
    TwoWaveGlm

    Notes
    -----
    With two waves the model splits exactly in two: the mean of the waves carries ``group``, their
    difference carries ``time`` and ``time x group``; each is a one-way analysis. ``time`` in the widely
    used type III sense weighs the groups alike; types I and II weigh the persons alike.

    Examples
    --------
    >>> result = two_wave_glm(
    ...     np.array([1.0, 2, 3, 4]), np.array([2.0, 4, 3, 5]), np.array([0, 0, 1, 1]), 2
    ... )
    >>> result.time.statistic, result.time_by_group.statistic
    (8.0, 2.0)
    """
    level = one_way((before + after) / 2.0, codes, k, before, after)
    change = one_way(after - before, codes, k, before, after)
    return TwoWaveGlm(
        time=_mean_is_zero(change, np.full(k, 1.0 / k)),
        time_weighted=_mean_is_zero(change, change.counts / change.counts.sum()),
        group=level.test(),
        time_by_group=change.test(),
    )


def group_model(
    response: FloatArray,
    codes: IntArray,
    k: int,
    *,
    reference: int = 0,
    covariates: FloatArray | None = None,
    names: Sequence[str] = (),
    made_from: Sequence[FloatArray] = (),
    level: float = 0.95,
) -> GroupModel:
    """Compare k groups on a response, with or without covariates.

    With the change as response and no covariate it is the change-score comparison; with the follow-up as
    response and the baseline as covariate it is the analysis of covariance.

    Parameters
    ----------
    response : ndarray, shape (n,)
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1; each group has at least one person.
    k : int
    reference : int
        The group against which the coefficients stand.
    covariates : ndarray, shape (n, c), optional
        Centred here, so that the adjusted means hold them at their means. One that is the same for
        everybody is left out.
    names : sequence of str
        Names of the covariates, for reasons.
    made_from : sequence of ndarray
        The numbers that the response was made from: residuals within their rounding error are none.
    level : float
        Confidence level.

    Returns
    -------
    GroupModel
        NaN with a reason where the model cannot be fitted or tested.

    Examples
    --------
    >>> model = group_model(np.array([1.0, 2, 4, 5]), np.array([0, 0, 1, 1]), 2)
    >>> model.contrasts.estimate.tolist(), model.pairs
    ([3.0], ((1, 0),))
    """
    raw = np.empty((len(response), 0)) if covariates is None else covariates
    design = group_design(codes, k, reference=reference, covariates=raw)
    # The mean is put back below: a large offset in the response would cost digits.
    offset = float(response.mean())
    fit = fit_linear(
        design.matrix,
        response - offset,
        size=max(float(np.abs(v).max(initial=0.0)) for v in (response, raw, *made_from)),
        names=column_names(names, k, design),
    )
    fit = _shift_intercept(fit, offset)
    everything = estimates(fit, design.questions(), level=level)
    return split_questions(f_test(fit, design.omnibus(k)), everything, design, k, raw.shape[1])


def column_names(names: Sequence[str], k: int, design: GroupDesign) -> tuple[str, ...]:
    """Return what the columns of a design are called in reasons; nothing without names of covariates."""
    return ("intercept", *["group"] * (k - 1), *(names[i] for i in design.kept.tolist())) if names else ()


def split_questions(
    group: FTest, everything: Estimates, design: GroupDesign, k: int, covariates: int
) -> GroupModel:
    """Return the model that answers `GroupDesign.questions`, one part a question."""
    p = design.matrix.shape[1]
    places = np.concatenate([np.arange(k), k + design.kept])
    return GroupModel(
        group=group,
        coefficients=everything.part(0, p).spread(places, k + covariates),
        left_out=design.left_out,
        adjusted_means=everything.part(p, p + k),
        contrasts=everything.part(p + k, p + k + len(design.pairs)),
        pairs=design.pairs,
    )


def _shift_intercept(fit: LinearFit, offset: float) -> LinearFit:
    shifted = fit.coefficients.copy()
    shifted[0] += offset
    return LinearFit(
        coefficients=shifted,
        unscaled=fit.unscaled,
        residual_variance=fit.residual_variance,
        df=fit.df,
        reason=fit.reason,
    )
