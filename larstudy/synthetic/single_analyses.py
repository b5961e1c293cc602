"""Analyses that go through cohorts one by one: those that draw, weigh, impute or search for a maximum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from larstudy.names import CHANGE_GROUPS
from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.clustered_estimands import clustered_analyses
from larstudy.stats.clusters import ClusterFit, cluster_combinations, cr2
from larstudy.stats.gee import fit_gee
from larstudy.stats.group_permutation import permutation_contrast
from larstudy.stats.imputation import impute
from larstudy.stats.linear import Estimates
from larstudy.stats.measurement_error import corrected_analysis
from larstudy.stats.overlap import overlap_weights
from larstudy.stats.pairwise import PairwiseTests, games_howell, tukey_hsd, welch_pairs
from larstudy.stats.pooling import DfRule, Pooled, pool_estimates
from larstudy.stats.random_intercepts import fit_random_intercepts
from larstudy.stats.small_sample_df import linear_combinations
from larstudy.stats.weights import attrition_weights
from larstudy.stats.wild_bootstrap import wild_cluster_bootstrap
from larstudy.stats.within_groups import within_groups

Codes = np.ndarray[Any, np.dtype[Any]]
#: Estimate, lower limit, upper limit and p of one cohort; NaN for what there is not.
Found = tuple[float, float, float, float]

_K: Final = len(CHANGE_GROUPS)
_NOTHING: Final[Found] = (np.nan,) * 4
#: Fewer draws than a study takes: what is drawn decides little over a thousand cohorts.
_WILD_DRAWS: Final = 399
_PERMUTATIONS: Final = 399
_IMPUTATIONS: Final = 20
_ITERATIONS: Final = 10


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class OneCohort:
    """One cohort: scores, network at entry, change group (-1 for none), cluster, and what it draws with."""

    before: FloatArray
    after: FloatArray
    entry: Codes
    group: Codes
    cluster: Codes
    clustered: bool
    weights: FloatArray
    seed: int

    def complete(self) -> BoolArray:
        """Return who has both scores and a group."""
        return np.isfinite(self.before) & np.isfinite(self.after) & (self.group >= 0)


def _of(found: Estimates | Pooled) -> Found:
    return (
        float(found.estimate[0]),
        float(found.conf_low[0]),
        float(found.conf_high[0]),
        float(found.p_value[0]),
    )


def _means_design(group: Codes, before: FloatArray | None) -> FloatArray:
    design = (group[:, None] == np.arange(_K)).astype(float)
    return design if before is None else np.column_stack([design, before - before.mean()])


def _row(one: OneCohort, *, adjusted: bool) -> FloatArray:
    return np.append(one.weights, 0.0) if adjusted else one.weights


def _cluster_fit(
    one: OneCohort, used: BoolArray, *, adjusted: bool, weights: FloatArray | None = None
) -> ClusterFit:
    before = one.before[used]
    design = _means_design(one.group[used], before if adjusted else None)
    return cr2(design, one.after[used] - before, one.cluster[used], weights=weights)


def facility_intercept(*, adjusted: bool) -> Callable[[OneCohort], Found]:
    """Return the analysis with a random intercept for each facility, Kenward and Roger's errors."""

    def ask(one: OneCohort) -> Found:
        used = one.complete()
        before = one.before[used]
        design = _means_design(one.group[used], before if adjusted else None)
        model = fit_random_intercepts(
            one.after[used] - before, design, one.cluster[used], method="kenward_roger"
        )
        return _of(linear_combinations(model.uncertainty, _row(one, adjusted=adjusted)[None]))

    return ask


def gee(one: OneCohort) -> Found:
    """Return estimating equations with the facility as cluster, exchangeable, errors by Mancl and DeRouen."""
    used = one.complete()
    change = one.after[used] - one.before[used]
    model = fit_gee(change, _means_design(one.group[used], None), one.cluster[used])
    return _of(linear_combinations(model.uncertainty, one.weights[None]))


def wild_bootstrap(one: OneCohort) -> Found:
    """Return the restricted wild cluster bootstrap-t of the change score."""
    fit = _cluster_fit(one, one.complete(), adjusted=False)
    found = wild_cluster_bootstrap(fit, one.weights, seed=one.seed, draws=_WILD_DRAWS)
    return found.estimate, found.conf_low, found.conf_high, found.p_value


def permuted(one: OneCohort) -> Found:
    """Return the change score with persons shuffled within facilities: a test without an interval."""
    used = one.complete()
    found = permutation_contrast(
        one.after[used] - one.before[used],
        one.group[used].astype(np.intp),
        one.weights,
        strata=one.cluster[used].astype(np.intp) if one.clustered else None,
        draws=_PERMUTATIONS,
        seed=one.seed,
    )
    return found.statistic, np.nan, np.nan, found.p_value


def attrition_weighted(*, adjusted: bool) -> Callable[[OneCohort], Found]:
    """Return the analysis with those seen weighted by how likely such persons were to be seen, CR2."""

    def ask(one: OneCohort) -> Found:
        entered = np.isfinite(one.before)
        known = np.column_stack([one.before[entered], one.entry[entered] == 1, one.entry[entered] == 2])
        used = one.complete()
        weights = attrition_weights(known.astype(float), used[entered]).weights[used[entered]]
        fit = _cluster_fit(one, used, adjusted=adjusted, weights=weights)
        return _of(cluster_combinations(fit, _row(one, adjusted=adjusted)[None]))

    return ask


def overlap_weighted(one: OneCohort) -> Found:
    """Return the change score of those who could have been in any group, by the score at entry; CR2."""
    used = one.complete()
    found = overlap_weights(one.before[used][:, None], one.group[used].astype(np.intp), _K)
    fit = _cluster_fit(one, used, adjusted=False, weights=found.weights)
    return _of(cluster_combinations(fit, one.weights[None]))


def imputed(*, adjusted: bool) -> Callable[[OneCohort], Found]:
    """Return the analysis with score and group of the lost imputed within facilities, CR2, pooled."""

    def ask(one: OneCohort) -> Found:
        entered = np.isfinite(one.before)
        entry, group = (np.where(codes >= 0, codes, np.nan) for codes in (one.entry, one.group))
        values = np.column_stack([one.before, entry, one.after, group])[entered]
        cluster = one.cluster[entered]
        found = impute(
            values,
            ("numeric", "categorical", "numeric", "categorical"),
            seed=one.seed,
            m=_IMPUTATIONS,
            iterations=_ITERATIONS,
            facility=cluster if one.clustered else None,
        )
        if found.reason:
            return _NOTHING
        rows = []
        for data in found.values:
            filled = OneCohort(
                before=data[:, 0],
                after=data[:, 2],
                entry=one.entry[entered],
                group=data[:, 3].astype(np.intp),
                cluster=cluster,
                clustered=one.clustered,
                weights=one.weights,
                seed=one.seed,
            )
            fit = _cluster_fit(filled, filled.complete(), adjusted=adjusted)
            own = cluster_combinations(fit, _row(one, adjusted=adjusted)[None])
            rows.append((own.estimate[0], own.std_error[0], own.df[0]))
        estimate, error, df = np.array(rows).T
        rule: DfRule = "satterthwaite" if one.clustered else "barnard_rubin"
        return _of(
            pool_estimates(estimate[:, None], error[:, None], df_complete=float(df.mean()), df_rule=rule)
        )

    return ask


def simultaneous(ask: Callable[..., PairwiseTests]) -> Callable[[OneCohort], Found]:
    """Return an analysis of every pair at once; it answers where the contrast is one of two groups."""

    def one_pair(one: OneCohort) -> Found:
        first, second = np.flatnonzero(one.weights == 1.0), np.flatnonzero(one.weights == -1.0)
        if len(first) != 1 or len(second) != 1 or np.count_nonzero(one.weights) != 2:
            return _NOTHING
        used = one.complete()
        tests = ask(one.after[used] - one.before[used], one.group[used].astype(np.intp), _K)
        pair = (int(first[0]), int(second[0]))
        turned = pair not in tests.pairs
        place = tests.pairs.index(pair[::-1] if turned else pair)
        estimate, low, high, p_value = (
            float(values[place])
            for values in (tests.estimate, tests.conf_low, tests.conf_high, tests.p_adjusted)
        )
        return (-estimate, -high, -low, p_value) if turned else (estimate, low, high, p_value)

    return one_pair


def corrected_jackknife(reliability: float) -> Callable[[OneCohort], Found]:
    """Return ANCOVA corrected for a reliability, with errors by leaving out each facility."""

    def ask(one: OneCohort) -> Found:
        entered = np.isfinite(one.before)
        before, after, group = one.before[entered], one.after[entered], one.group[entered].astype(np.intp)
        contrasts = one.weights[None]
        sums = within_groups(before, after, group, _K)
        alone = corrected_analysis(sums, contrasts, reliability=reliability)
        clusters = one.cluster[entered].astype(np.intp)
        (found,) = clustered_analyses([alone], before, after, group, _K, clusters, contrasts=contrasts)
        return _of(found.estimates)

    return ask


games_howell_pair = simultaneous(games_howell)
tukey_pair = simultaneous(tukey_hsd)
holm_pair = simultaneous(welch_pairs)
