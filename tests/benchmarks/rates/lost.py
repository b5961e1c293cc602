"""Methods for what everybody would have shown, had nobody been lost."""

from __future__ import annotations

import numpy as np

from larstudy.stats.clustered_groups import clustered_group_model
from larstudy.stats.clusters import cr2
from larstudy.stats.imputation import impute
from larstudy.stats.pooling import DfRule, pool_estimates
from larstudy.stats.weights import attrition_weights
from tests.benchmarks.rates.answers import Answer, estimated
from tests.benchmarks.rates.cohorts import DRUG, GAINED, Cohort, Truth
from tests.benchmarks.rates.facilities import seen_mean
from tests.benchmarks.rates.persons import K

M, ITERATIONS = 20, 20


def weighted(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """Mean change, each person seen weighted by how likely such a person was to be seen."""
    observed = np.column_stack([cohort.before, cohort.network == 1, cohort.network == 2])
    weights = attrition_weights(observed, cohort.seen).weights[cohort.seen]
    return (seen_mean(cohort, truth.everybody, weights),)


def _lost(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
    return np.where(seen, values.astype(float), np.nan)


def imputed_mean(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """Mean change with the score of the lost imputed within facilities."""
    values = np.column_stack([cohort.before, cohort.network, _lost(cohort.after, cohort.seen)])
    found = impute(
        values, ("numeric", "categorical", "numeric"), seed=cohort.seed, m=M, iterations=ITERATIONS,
        facility=cohort.facility,
    )  # fmt: skip
    return _both([_mean_change(data[:, 2] - data[:, 0], cohort, truth) for data in found.values])


def imputed_groups(cohort: Cohort, truth: Truth) -> tuple[Answer, ...]:
    """The same with the change group imputed too, which forms at the follow-up and so is not known of the lost."""
    unseen = [_lost(values, cohort.seen) for values in (cohort.after, cohort.group)]
    found = impute(
        np.column_stack([cohort.before, cohort.network, *unseen]),
        ("numeric", "categorical", "numeric", "categorical"), seed=cohort.seed, m=M, iterations=ITERATIONS,
        facility=cohort.facility,
    )  # fmt: skip
    means, pairs = [], []
    for data in found.values:
        change, group = data[:, 2] - data[:, 0], data[:, 3].astype(int)
        means.append(_mean_change(change, cohort, truth))
        model = clustered_group_model(change, group, K, cohort.facility, reference=DRUG)
        place, pair = model.pairs.index((GAINED, DRUG)), model.contrasts
        pairs.append((pair.estimate[place], pair.std_error[place], pair.df[place]))
    return (*_both(means), *_both(pairs))


def _mean_change(change: np.ndarray, cohort: Cohort, truth: Truth) -> tuple[float, float, float]:
    fit = cr2(np.ones((len(change), 1)), change - truth.everybody, cohort.facility)
    return float(fit.estimate[0]), float(fit.std_error[0]), float(fit.df[0])


def _both(rows: list[tuple[float, float, float]]) -> tuple[Answer, Answer]:
    """Pool with the degrees of freedom for clusters, and with those for persons."""
    return _pooled(rows, "satterthwaite"), _pooled(rows, "barnard_rubin")


def _pooled(rows: list[tuple[float, float, float]], rule: DfRule) -> Answer:
    estimate, error, df = np.array(rows).T
    pooled = pool_estimates(estimate[:, None], error[:, None], df_complete=float(df.mean()), df_rule=rule)
    return estimated(
        float(pooled.p_value[0]),
        float(pooled.conf_low[0]),
        float(pooled.conf_high[0]),
        float(pooled.estimate[0]),
        0.0,
    )
