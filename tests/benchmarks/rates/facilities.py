"""Methods that allow for persons of a facility being alike, and one that most programs offer and that does not hold."""

from __future__ import annotations

import numpy as np
from scipy import special

from larstudy.stats.attrition import lost_model
from larstudy.stats.cluster_moments import ClusterKind
from larstudy.stats.clustered_estimands import clustered_analyses, clustered_regression_to_mean
from larstudy.stats.clustered_groups import clustered_group_model
from larstudy.stats.clustered_logistic import clustered_logistic
from larstudy.stats.clusters import ClusterFit, cluster_combinations, cluster_f_test, cluster_robust
from larstudy.stats.gee import fit_gee
from larstudy.stats.measurement_error import corrected_ancova
from larstudy.stats.planned_contrasts import change_group_weights
from larstudy.stats.random_intercepts import fit_random_intercepts
from larstudy.stats.small_sample_df import joint_test
from larstudy.stats.wild_bootstrap import wild_cluster_bootstrap
from tests.benchmarks.rates.answers import Answer, Tried, estimated, tested
from tests.benchmarks.rates.cohorts import DRUG, GAINED, GROUPS, Cohort, Truth
from tests.benchmarks.rates.persons import PLANNED, K, complete, of

WILD_DRAWS = 399
RELIABILITY = 0.8


def cluster_model(kind: ClusterKind, *, adjusted: bool) -> Tried:
    """Change score, or analysis of covariance, with errors of this kind: all groups, and the gained."""

    def ask(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
        before, after, group = complete(cohort)
        model = clustered_group_model(
            after if adjusted else after - before, group, K, cohort.facility[cohort.seen], kind=kind,
            reference=DRUG, covariates=before[:, None] if adjusted else None,
        )  # fmt: skip
        return tested(model.group.p_value), of(model.contrasts, model.pairs.index((GAINED, DRUG)))

    return ask


def fitted(cohort: Cohort, kind: ClusterKind) -> ClusterFit:
    """Fit one mean change a group."""
    before, after, group = complete(cohort)
    means = (group[:, None] == np.arange(K)).astype(float)
    return cluster_robust(means, after - before, cohort.facility[cohort.seen], kind=kind)


def gained_row() -> np.ndarray:
    return np.eye(K)[GAINED] - np.eye(K)[DRUG]


def cr1_normal(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """CR1 with normal and chi-square quantiles: what the package does not offer."""
    fit = fitted(cohort, "CR1")
    q = K - 1
    every = np.delete(np.eye(K), DRUG, axis=0) - np.eye(K)[DRUG]
    joint = float(special.chdtrc(q, q * cluster_f_test(fit, every).statistic))
    found = cluster_combinations(fit, gained_row())
    estimate, error = float(found.estimate[0]), float(found.std_error[0])
    margin = float(special.ndtri(0.975)) * error
    p_value = 2.0 * float(special.ndtr(-abs(estimate / error)))
    return tested(joint), estimated(p_value, estimate - margin, estimate + margin, estimate, 0.0)


def planned_cr2(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    return (of(cluster_combinations(fitted(cohort, "CR2"), change_group_weights(GROUPS, PLANNED)), 0),)


def wild(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    fit = fitted(cohort, "CR2")
    found = wild_cluster_bootstrap(fit, gained_row(), seed=cohort.seed, draws=WILD_DRAWS)
    return (estimated(found.p_value, found.conf_low, found.conf_high, found.estimate, 0.0),)


def mean_of_seen(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """Mean change of those with both waves, as that of the seen and as that of everybody."""
    return seen_mean(cohort, truth.seen), seen_mean(cohort, truth.everybody)


def mean_of_everybody(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    return (seen_mean(cohort, truth.everybody),)


def seen_mean(cohort: Cohort, truth: float, weights: np.ndarray | None = None) -> Answer:
    before, after, _ = complete(cohort)
    ones = np.ones((len(before), 1))
    fit = cluster_robust(
        ones, after - before - truth, cohort.facility[cohort.seen], kind="CR2", weights=weights
    )
    return of(fit, 0)


def corrected(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """ANCOVA corrected for a reliability that is known, without each facility in turn; groups enter alike."""
    arrays = (*complete(cohort), K)
    weights = gained_row()[None]
    plain = corrected_ancova(*arrays, reliability=RELIABILITY, contrasts=weights)
    facility = cohort.facility[cohort.seen]
    return (of(clustered_analyses([plain], *arrays, facility, contrasts=weights)[0].estimates, 0),)


def gain_from_the_mean(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """Gain of the gained from the mean baseline of everybody: what remains beyond regression to that mean.

    The gain by the constrained baseline too. Given the baseline all change alike, and being lost does not
    matter: the truth is the mean change.
    """
    after, group = np.where(cohort.seen, cohort.after, np.nan), np.where(cohort.seen, cohort.group, -1)
    found = clustered_regression_to_mean(cohort.before, after - truth.everybody, group, K, cohort.facility)
    return (of(found.remainder, GAINED),)


def loss(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """Log odds of being lost, isolated at the start against drug-dominated: loss asks only who is abstinent."""
    model = clustered_logistic(at_the_start(cohort), ~cohort.seen, cohort.facility)
    return (of(model, 3),)


def loss_of_independent(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    return (of(lost_model(at_the_start(cohort), ~cohort.seen), 3),)


def at_the_start(cohort: Cohort) -> np.ndarray:
    return np.column_stack([cohort.before, cohort.network > 0, cohort.network == 2])


def against_drug(group: np.ndarray) -> np.ndarray:
    return np.column_stack([np.ones(len(group)), (group[:, None] == np.array([0, GAINED, 3])).astype(float)])


def facility_intercept(*, adjusted: bool) -> Tried:
    """A random intercept for each facility, of the change or of the follow-up given the baseline."""

    def ask(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
        before, after, group = complete(cohort)
        design, response = against_drug(group), after - before
        if adjusted:
            design, response = np.column_stack([design, before - before.mean()]), after
        model = fit_random_intercepts(response, design, cohort.facility[cohort.seen], method="kenward_roger")
        return tested(joint_test(model.uncertainty, np.eye(design.shape[1])[1:K]).p_value), of(model, 2)

    return ask


def gee(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """Estimating equations with the facility as cluster, exchangeable, errors by Mancl and DeRouen."""
    before, after, group = complete(cohort)
    model = fit_gee(after - before, against_drug(group), cohort.facility[cohort.seen])
    return tested(joint_test(model.uncertainty, np.eye(K)[1:]).p_value), of(model, 2)
