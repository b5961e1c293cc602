"""Comparing groups after one way of dealing with the lost: plain, weighted or pooled over imputations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from larstudy.handled import HandledData
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.clustered_groups import clustered_group_model
from larstudy.stats.groups import GroupModel, group_model
from larstudy.stats.linear import Estimates, FTest, no_f_test
from larstudy.stats.pooling import DfRule, Pooled, PooledTest, pool_estimates, pool_test
from larstudy.stats.weights import effective_sample_size

Errors = Literal["independent", "CR2", "CR3"]
HandledModel = Literal["change_score", "ancova"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledFit:
    """Each other group against the reference, after one way of dealing with the lost.

    Attributes
    ----------
    groups : tuple of str
        The others, q of them, in the order of the groups.
    reference : str
    estimates : Estimates
        Difference of each of the others from the reference, shape (q,).
    test : FTest or PooledTest
        That all groups are alike.
    every_group : tuple of str
        All k groups, the reference among them.
    means : Estimates
        Mean of each of them, shape (k,), with covariates at their means: the mean change (of the change
        score without covariates), or the mean at the second wave of people who started alike.
    fraction_missing, fraction_missing_means : ndarray, shapes (q,) and (k,)
        Fraction of the information that is missing; NaN unless imputed.
    n : int
        Persons in the model.
    effective_n : float
        How many persons of equal weight tell as much as those; NaN without a fit.
    n_by_group : ndarray, shape (k,)
        Persons in each group; the mean over imputations.
    reasons : tuple of str
        One of the others each: why its test is NaN; empty where it is not.
    """

    groups: tuple[str, ...]
    reference: str
    estimates: Estimates
    test: FTest | PooledTest
    every_group: tuple[str, ...]
    means: Estimates
    fraction_missing: FloatArray
    fraction_missing_means: FloatArray
    n: int
    effective_n: float
    n_by_group: FloatArray
    reasons: tuple[str, ...]


def fit_handled(
    data: HandledData,
    *,
    model: HandledModel,
    with_covariates: bool = False,
    errors: Errors = "independent",
    level: float = 0.95,
) -> HandledFit:
    """Compare the groups of a study after one way of dealing with the lost.

    Parameters
    ----------
    data : HandledData
        From `larstudy.handled.handle_lost`.
    model : {"change_score", "ancova"}
        The change on group, or the score at the second wave on group and the score at the first.
    with_covariates : bool
        Whether the covariates of the data are held constant too; whoever lacks one is left out.
    errors : {"independent", "CR2", "CR3"}
        Whether errors allow for the clusters. Weighted data without clusters have the sandwich of persons
        (HC2, degrees of freedom after Bell and McCaffrey), for weights make ordinary errors wrong.
    level : float
        Confidence level.

    Returns
    -------
    HandledFit
        NaN with a reason where the data cannot be used or the model cannot be fitted.

    Notes
    -----
    Complete cases with independent errors give the numbers of ``models.csv``. Weights are taken as known;
    that they were estimated makes true errors a little smaller. Imputed data are fitted one by one and
    pooled by Rubin's rules, with Barnard and Rubin's degrees of freedom from those of the model (where each
    imputation has its own, from their mean), with clustered errors those of Satterthwaite, and D1 for the
    joint test; see `larstudy.stats.pooling`.

    References
    ----------
    Barnard, J., & Rubin, D. B. (1999). Biometrika, 86, 948-955. Robins, J. M., Rotnitzky, A., & Zhao, L. P.
    (1995). Analysis of semiparametric regression models for repeated outcomes in the presence of missing
    data. JASA, 90, 106-121.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> from larstudy.handled import handle_lost
    >>> frame = pd.DataFrame({"q0": [3.0, 4, 2, 3], "q1": [5.0, 6, 3, 3], "arm": ["a", "a", "b", "b"]})
    >>> cohort = ls.load(frame, waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, group="arm")
    >>> groups = ls.fixed_groups(cohort)
    >>> data = handle_lost(ls.outcome(cohort, "qol"), "0", "1", groups, handling="complete_cases")
    >>> fit = fit_handled(data, model="change_score")
    >>> fit.groups, fit.reference, fit.estimates.estimate.tolist(), fit.means.estimate.tolist()
    (('b',), 'a', [-1.5], [2.0, 0.5])
    """
    found = fit_each(data, model=model, with_covariates=with_covariates, errors=errors, level=level)
    return _no_fit(found.reason) if found.reason else _result(found, level)


@dataclass(frozen=True, slots=True, kw_only=True)
class EachFit:
    """One model fitted to every completed data set that differs from the others.

    Attributes
    ----------
    fits : tuple of GroupModel
        Contrasts and means in the order of ``groups``.
    codes : ndarray of int, shape (m, n)
        Position in ``groups`` of those in the model.
    groups : tuple of str
    reference : str
    effective_n : float
        How many persons of equal weight tell as much as those in the model.
    df_rule : {"barnard_rubin", "satterthwaite"}
        How degrees of freedom are pooled: where they count clusters, by the second.
    reason : str
        Why there is none; empty where there is.
    """

    fits: tuple[GroupModel, ...] = ()
    codes: IntArray
    groups: tuple[str, ...] = ()
    reference: str = ""
    effective_n: float = np.nan
    df_rule: DfRule = "barnard_rubin"
    reason: str = ""


def fit_each(
    data: HandledData,
    *,
    model: HandledModel,
    with_covariates: bool = False,
    errors: Errors = "independent",
    level: float = 0.95,
) -> EachFit:
    """Fit a model to every completed data set; one of them only where nothing that is used was imputed.

    Parameters
    ----------
    data, model, with_covariates, errors, level
        As in `fit_handled`.

    Returns
    -------
    EachFit
    """
    reason = data.reason
    if not reason and errors != "independent" and not len(data.clusters):
        reason = "no clusters are known: no errors that allow for them"
    chosen = np.ones(data.n, dtype=bool)
    if with_covariates:
        chosen = np.asarray(~np.isnan(data.covariates).any(axis=(0, 2)))
    if not reason and not chosen.any():
        reason = "nobody has all covariates"
    if reason:
        return EachFit(codes=data.codes, reason=reason)
    codes, groups = _dense(data.codes[:, chosen], data.groups)
    reference = data.reference if data.reference in groups else groups[0]
    fits = [
        _fitted(
            data, i, chosen, codes[i], groups.index(reference), len(groups),
            model=model, with_covariates=with_covariates, errors=errors, level=level,
        )
        for i in _different(data, codes, with_covariates)
    ]  # fmt: skip
    # Who lacks a covariate counts for nothing here. Overlap weights are of one size within a group only, so
    # that theirs is added up over the groups, where they are made.
    effective = data.effective_n if chosen.all() else effective_sample_size(data.weights[chosen])
    return EachFit(
        fits=tuple(fits),
        codes=codes,
        groups=groups,
        reference=reference,
        effective_n=effective,
        df_rule="barnard_rubin" if errors == "independent" else "satterthwaite",
    )


def _no_fit(reason: str) -> HandledFit:
    nothing = np.zeros(0)
    nobody = Estimates(
        estimate=nothing,
        std_error=nothing,
        statistic=nothing,
        df=nothing,
        p_value=nothing,
        conf_low=nothing,
        conf_high=nothing,
        reason=reason,
    )
    return HandledFit(
        groups=(),
        reference="",
        estimates=nobody,
        test=no_f_test(reason),
        every_group=(),
        means=nobody,
        fraction_missing=nothing,
        fraction_missing_means=nothing,
        n=0,
        effective_n=np.nan,
        n_by_group=nothing,
        reasons=(),
    )


def _dense(codes: IntArray, groups: tuple[str, ...]) -> tuple[IntArray, tuple[str, ...]]:
    present = np.bincount(codes.ravel(), minlength=len(groups)) > 0
    return (np.cumsum(present) - 1)[codes], tuple(
        name for name, here in zip(groups, present, strict=True) if here
    )


def _different(data: HandledData, codes: IntArray, with_covariates: bool) -> range:
    """Return which of the data sets to fit: the first only where nothing that is used was imputed."""
    arrays = [data.before, data.after, codes, *([data.covariates] if with_covariates else [])]
    alike = all((values == values[:1]).all() for values in arrays if len(values) > 1)
    return range(1 if alike else len(codes))


def _fitted(
    data: HandledData,
    place: int,
    chosen: np.ndarray[Any, np.dtype[np.bool_]],
    codes: IntArray,
    reference: int,
    k: int,
    *,
    model: HandledModel,
    with_covariates: bool,
    errors: Errors,
    level: float,
) -> GroupModel:
    """Fit the model to one completed data set."""
    before, after = data.before[place, chosen], data.after[place, chosen]
    columns: list[FloatArray] = [] if model == "change_score" else [before[:, None]]
    terms = [] if model == "change_score" else ["baseline"]
    if with_covariates:
        columns.append(data.covariates[place, chosen])
        terms.extend(data.terms)
    response = after - before if model == "change_score" else after
    options: dict[str, Any] = {
        "reference": reference,
        "covariates": np.hstack(columns) if columns else None,
        "names": tuple(terms),
        "made_from": (before, after),
        "level": level,
    }
    weighted = data.handling in ("attrition_weights", "overlap_weights")
    if errors == "independent" and not weighted:
        return group_model(response, codes, k, **options)
    # With a cluster of each person's own, CR2 is HC2.
    nested = data.clusters[chosen] if errors != "independent" else np.arange(len(codes))
    return clustered_group_model(
        response,
        codes,
        k,
        nested,
        kind="CR2" if errors == "independent" else errors,
        weights=data.weights[chosen] if weighted else None,
        **options,
    )


def _result(each: EachFit, level: float) -> HandledFit:
    fits, codes, groups, reference = each.fits, each.codes, each.groups, each.reference
    n = codes.shape[1]
    k = len(groups)
    test: FTest | PooledTest
    counts = np.array([np.bincount(row, minlength=k) for row in codes]).mean(axis=0)
    if len(fits) == 1:
        found, means, test = fits[0].coefficients.part(1, k), fits[0].adjusted_means, fits[0].group
        fractions = np.full(k - 1, np.nan), np.full(k, np.nan)
    else:
        found, share = _pooled([fit.coefficients.part(1, k) for fit in fits], each.df_rule, level)
        means, share_means = _pooled([fit.adjusted_means for fit in fits], each.df_rule, level)
        fractions, test = (share, share_means), _pooled_test(fits, k)
    return HandledFit(
        groups=tuple(name for name in groups if name != reference),
        reference=reference,
        estimates=found,
        test=test,
        every_group=groups,
        means=means,
        fraction_missing=fractions[0],
        fraction_missing_means=fractions[1],
        n=n,
        effective_n=each.effective_n,
        n_by_group=counts,
        reasons=tuple(found.reason if np.isnan(error) else "" for error in found.std_error),
    )


def _pooled(estimates: Sequence[Estimates], df_rule: DfRule, level: float) -> tuple[Estimates, FloatArray]:
    """Return estimates of every data set as one, and the fraction of the information that is missing."""
    values, errors, df = (
        np.array([getattr(one, name) for one in estimates]) for name in ("estimate", "std_error", "df")
    )
    found: Pooled = pool_estimates(values, errors, df_complete=df.mean(axis=0), df_rule=df_rule, level=level)
    why = next((one.reason for one in estimates if one.reason), "")
    return Estimates(
        estimate=found.estimate,
        std_error=found.std_error,
        statistic=found.statistic,
        df=found.df,
        p_value=found.p_value,
        conf_low=found.conf_low,
        conf_high=found.conf_high,
        reason=why or found.reason,
    ), found.fraction_missing


def _pooled_test(fits: Sequence[GroupModel], k: int) -> PooledTest | FTest:
    """Return D1 of all groups at once."""
    if k < 2 or any(fit.group.reason for fit in fits):
        return no_f_test(next((fit.group.reason for fit in fits if fit.group.reason), ""), k - 1)
    values = np.array([fit.contrasts.estimate[: k - 1] for fit in fits])
    covariances = np.array([_covariance(fit, k) for fit in fits])
    df = float(np.mean([fit.coefficients.df[1:k].mean() for fit in fits]))
    return pool_test(values, covariances, df_complete=df)


def _covariance(fit: GroupModel, k: int) -> FloatArray:
    """Return the covariance of the differences from the reference, by the errors of every pair.

    Of ``a = x - r`` and ``b = y - r`` the difference is the pair ``x - y``, so that their covariance is
    ``(var a + var b - var(a - b)) / 2``.
    """
    variances = dict(zip(fit.pairs, fit.contrasts.std_error**2, strict=True))
    against = fit.pairs[: k - 1]
    found = np.diag([variances[pair] for pair in against])
    for i, (one, _) in enumerate(against):
        for j, (two, _) in enumerate(against):
            if i < j:
                apart = variances[one, two]
                found[i, j] = found[j, i] = (found[i, i] + found[j, j] - apart) / 2.0
    return found
