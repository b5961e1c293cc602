"""Methods that take persons as independent of each other."""

from __future__ import annotations

from typing import Literal

import numpy as np

from larstudy.stats.attrition import LostModel
from larstudy.stats.constrained_baseline import constrained_analysis
from larstudy.stats.equivalence import group_equivalence
from larstudy.stats.group_permutation import permutation_f
from larstudy.stats.groups import group_model, two_wave_glm
from larstudy.stats.linear import Estimates
from larstudy.stats.mmrm import fit_mmrm
from larstudy.stats.paired import paired_change
from larstudy.stats.pairwise import games_howell, tukey_hsd, welch_pairs
from larstudy.stats.planned_contrasts import change_group_weights, pooled_contrasts, welch_contrasts
from larstudy.stats.random_intercepts import fit_random_intercepts
from larstudy.stats.small_sample_df import joint_test, linear_combinations
from larstudy.stats.t_tests import TTests
from larstudy.stats.two_waves import fit_two_waves
from larstudy.stats.welch import welch_one_way
from larstudy.stats.within_groups import against_reference, within_groups
from tests.benchmarks.rates.answers import Answer, Tried, all_at_once, estimated, tested
from tests.benchmarks.rates.cohorts import DRUG, GAINED, GROUPS, MARGIN, Cohort, Truth

K = len(GROUPS)
PLANNED = "abstinent_against_rest"
DRAWS = 199


def of(estimates: Estimates | TTests | LostModel, place: int, truth: float = 0.0) -> Answer:
    """Hold one of several estimates against its truth; its own test is that of zero."""
    e = estimates
    return estimated(
        float(e.p_value[place]),
        float(e.conf_low[place]),
        float(e.conf_high[place]),
        float(e.estimate[place]),
        truth,
    )


def complete(cohort: Cohort) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what can be seen of those with both waves: before, after, group."""
    return cohort.before[cohort.seen], cohort.after[cohort.seen], cohort.group[cohort.seen]


def paired(before: np.ndarray, after: np.ndarray, truth: float) -> Answer:
    """Test that the mean change is the true one."""
    result = paired_change(before, after - truth)
    return estimated(result.p_value, result.conf_low, result.conf_high, result.estimate, 0.0)


def paired_t(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    own = group == GAINED
    return (
        paired(before, after, truth.seen),
        paired(before[own], after[own], float(truth.seen_of_group[GAINED])),
        paired(before, after, truth.everybody),
    )


def change_score(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    model = group_model(after - before, group, K, reference=DRUG, made_from=(before, after))
    return tested(model.group.p_value), of(model.contrasts, model.pairs.index((GAINED, DRUG)))


def ancova(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    model = group_model(after, group, K, reference=DRUG, covariates=before[:, None])
    return tested(model.group.p_value), of(model.contrasts, model.pairs.index((GAINED, DRUG)))


def repeated_measures(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    return (tested(two_wave_glm(*complete(cohort), K).time_by_group.p_value),)


def mixed_two_waves(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    model = fit_two_waves(*complete(cohort), K, reference=DRUG)
    # The last three are time by group, against the reference; the second of them is that of the gained.
    slopes = np.eye(2 * K)[-(K - 1) :]
    return tested(joint_test(model.uncertainty, slopes).p_value), of(model, 2 * K - (K - 1) + GAINED)


def welch(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    pair = welch_pairs(after - before, group, K, pairs=[(GAINED, DRUG)], adjust="none")
    return tested(welch_one_way(after - before, group, K).p_value), of(pair, 0)


def all_games_howell(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    tests = games_howell(after - before, group, K)
    return (all_at_once(tests.p_value, tests.conf_low, tests.conf_high),)


def all_tukey(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    tests = tukey_hsd(after - before, group, K)
    return (all_at_once(tests.p_value, tests.conf_low, tests.conf_high),)


def all_holm(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    return (tested(float(welch_pairs(after - before, group, K).p_adjusted.min())),)


def planned_welch(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    return (of(welch_contrasts(after - before, group, change_group_weights(GROUPS, PLANNED)), 0),)


def planned_pooled(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    return (of(pooled_contrasts(after - before, group, change_group_weights(GROUPS, PLANNED)), 0),)


def constrained(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    after = np.where(cohort.seen, cohort.after, np.nan)
    group = np.where(cohort.seen, cohort.group, -1)
    sums = within_groups(cohort.before, after, group, K)
    return (of(constrained_analysis(sums, against_reference(K, DRUG)).estimates, GAINED),)


def equivalence(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    change = after - before
    found = group_equivalence(change[group == GAINED], change[group == DRUG], lower=-MARGIN, upper=MARGIN)
    return (tested(found.p_value),)


def permutation(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    result = permutation_f(after - before, group, K, draws=DRAWS, seed=cohort.seed)
    return (tested(result.p_value),)


def permutation_within(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    before, after, group = complete(cohort)
    strata = cohort.facility[cohort.seen]
    result = permutation_f(after - before, group, K, strata=strata, draws=DRAWS, seed=cohort.seed)
    return (tested(result.p_value),)


def in_rows(waves: int, network: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """Return the design of waves, networks at the baseline and both together, one row a person and wave."""
    later = (wave[:, None] == np.arange(waves)).astype(float)
    own = (network[:, None] == np.arange(1, 3)).astype(float)
    both = (later[:, 1:, None] * own[:, None, :]).reshape(len(wave), -1)
    return np.hstack([later, own, both])


def _three_waves(cohort: Cohort) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return score, person and wave of all that was seen."""
    n = len(cohort.before)
    seen = np.concatenate([np.ones(n, dtype=bool), cohort.seen_between, cohort.seen])
    score = np.concatenate([cohort.before, cohort.between, cohort.after])
    return score[seen], np.tile(np.arange(n), 3)[seen], np.repeat(np.arange(3), n)[seen]


def mmrm_mean(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """Mean change of everybody, whatever wave they were last seen at."""
    score, person, wave = _three_waves(cohort)
    # The true change is taken from the last wave, so that the test of no change is the test of the truth.
    score = score - truth.everybody * (wave == 2)
    model = fit_mmrm(score, (wave[:, None] == np.arange(3)).astype(float), person, wave)
    return (of(linear_combinations(model.uncertainty, np.array([[-1.0, 0.0, 1.0]])), 0),)


def mmrm(method: Literal["satterthwaite", "kenward_roger"]) -> Tried:
    """How the networks at the baseline, which are known of everybody, differ in the change to the last wave."""

    def ask(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
        score, person, wave = _three_waves(cohort)
        design = in_rows(3, cohort.network[person], wave)
        model = fit_mmrm(score, design, person, wave, method=method)
        last = np.eye(design.shape[1])[-2:]
        return tested(joint_test(model.uncertainty, last).p_value), of(model, design.shape[1] - 2)

    return ask


def random_intercepts(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """Random intercepts of persons and facilities, group by time."""
    before, after, group = complete(cohort)
    n, facility = len(before), cohort.facility[cohort.seen]
    own = (group[:, None] == np.array([0, GAINED, 3])).astype(float)
    person, wave = np.tile(np.arange(n), 2), np.repeat([0.0, 1.0], n)[:, None]
    groups = np.vstack([own, own])
    design = np.hstack([np.ones((2 * n, 1)), wave, groups, groups * wave])
    model = fit_random_intercepts(
        np.concatenate([before, after]), design, person, facility=np.tile(facility, 2)
    )
    return tested(joint_test(model.uncertainty, np.eye(8)[-3:]).p_value), of(model, 6)
