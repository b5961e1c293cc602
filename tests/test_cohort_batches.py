"""Many cohorts at once must say what the one-cohort functions say of each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from larstudy.stats.clusters import cluster_combinations, cluster_robust
from larstudy.stats.cohort_cells import cohort_cells
from larstudy.stats.cohort_clusters import cluster_cohorts
from larstudy.stats.cohort_tests import paired_cohorts, slope_cohorts, welch_cohorts
from larstudy.stats.constrained_baseline import constrained_analysis
from larstudy.stats.measurement_error import corrected_analysis
from larstudy.stats.paired import paired_change
from larstudy.stats.planned_contrasts import welch_contrasts
from larstudy.stats.slope_models import change_analysis, change_score_model, common_slope_model
from larstudy.stats.within_groups import within_groups

K = 4
WEIGHTS = np.array([[0, 1, -1, 0], [0.5, 0.5, -0.5, -0.5], [-1 / 3, -1 / 3, -1 / 3, 1.0]])
PARTS = ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high")


def cohorts(seed: int, n: int = 120, level: float = 50.0, facilities: int = 9):
    """Six cohorts of unequal groups and facilities, with follow-ups and groups missing."""
    rng = np.random.default_rng(seed)
    shape = (6, n)
    groups = rng.choice(K, shape, p=[0.4, 0.3, 0.2, 0.1])
    clusters = rng.choice(
        facilities, shape, p=np.arange(1, facilities + 1) / (facilities * (facilities + 1) / 2)
    )
    before = rng.normal(level, 10.0, shape)
    after = (
        0.6 * before
        + rng.normal(0.0, 8.0, shape)
        + 3.0 * groups
        + rng.normal(0, 2, (6, facilities))[np.arange(6)[:, None], clusters]
    )
    after[rng.random(shape) < 0.3] = np.nan
    before[rng.random(shape) < 0.05] = np.nan
    groups[rng.random(shape) < 0.05] = -1
    return before, after, groups, clusters


def used(before, after, groups, i):
    keep = np.isfinite(before[i]) & np.isfinite(after[i]) & (groups[i] >= 0)
    return keep, before[i][keep], after[i][keep], groups[i][keep]


def same(many, one, i, rows=slice(None)):
    for part in PARTS:
        np.testing.assert_allclose(
            getattr(many, part)[i][rows], np.asarray(getattr(one, part)), rtol=1e-10, atol=1e-10, err_msg=part
        )


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("kind", ["CR1", "CR2", "CR3"])
@pytest.mark.parametrize("adjusted", [False, True])
def test_clusters_as_one_by_one(seed, kind, adjusted):
    before, after, groups, clusters = cohorts(seed)
    cells = cohort_cells(before, after, groups, K, clusters)
    many = cluster_cohorts(cells, WEIGHTS, adjusted=adjusted, kind=kind)
    for i in range(len(before)):
        keep, x, y, g = used(before, after, groups, i)
        design = (g[:, None] == np.arange(K)).astype(float)
        rows = WEIGHTS
        if adjusted:
            design, rows = np.column_stack([design, x]), np.column_stack([WEIGHTS, np.zeros(len(WEIGHTS))])
        one = cluster_combinations(cluster_robust(design, y - x, clusters[i][keep], kind=kind), rows)
        same(many, one, i)


@pytest.mark.parametrize("seed", [3, 4])
def test_independent_persons_as_one_by_one(seed):
    before, after, groups, _ = cohorts(seed)
    cells = cohort_cells(before, after, groups, K)
    welch = welch_cohorts(cells, WEIGHTS)
    models = {
        name: slope_cohorts(cells, WEIGHTS, model=name, reliability=0.8)
        for name in ("change_score", "ancova", "ancova_corrected", "constrained_baseline")
    }
    paired, d_z = paired_cohorts(cells)
    for i in range(len(before)):
        _, x, y, g = used(before, after, groups, i)
        same(welch, welch_contrasts(y - x, g, WEIGHTS), i)
        sums = within_groups(x, y, g, K)
        one = {
            "change_score": change_analysis(
                "change_score", sums, change_score_model(sums), WEIGHTS, assumption=""
            ),
            "ancova": change_analysis("ancova", sums, common_slope_model(sums), WEIGHTS, assumption=""),
            "ancova_corrected": corrected_analysis(sums, WEIGHTS, reliability=0.8),
            "constrained_baseline": constrained_analysis(sums, WEIGHTS),
        }
        for name, analysis in one.items():
            same(models[name], analysis.estimates, i)
        for group in range(K):
            own = paired_change(x[g == group], y[g == group])
            found = [
                getattr(paired, part)[i, group] for part in ("estimate", "statistic", "p_value", "conf_low")
            ]
            np.testing.assert_allclose(
                found, [own.estimate, own.statistic, own.p_value, own.conf_low], rtol=1e-10
            )
            np.testing.assert_allclose(d_z[i, group], own.effect.d_z, rtol=1e-10)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), level=st.sampled_from([0.0, 1e6]), n=st.integers(12, 60))
def test_any_cohort_and_any_level(seed, level, n):
    before, after, groups, clusters = cohorts(seed, n=n, level=0.0, facilities=4)
    at = cohort_cells(before + level, after + level, groups, K, clusters)
    for adjusted in (False, True):
        many = cluster_cohorts(at, WEIGHTS, adjusted=adjusted)
        for i in range(3):
            keep, x, y, g = used(before, after, groups, i)
            present = np.unique(g)
            design = (g[:, None] == present).astype(float)
            rows = WEIGHTS[:, present]
            if adjusted:
                design, rows = np.column_stack([design, x]), np.column_stack([rows, np.zeros(len(rows))])
            one = cluster_combinations(cluster_robust(design, y - x, clusters[i][keep], kind="CR2"), rows)
            whole = np.array([np.isin(np.flatnonzero(row), present).all() for row in WEIGHTS])
            scale = 1e-10 if level == 0 else 1e-6
            np.testing.assert_array_equal(np.isnan(many.std_error[i][whole]), np.isnan(one.std_error[whole]))
            for part in ("estimate", "std_error", "df"):
                np.testing.assert_allclose(
                    getattr(many, part)[i][whole], getattr(one, part)[whole], rtol=scale, atol=scale
                )
            assert np.isnan(many.estimate[i][~whole]).all()


def test_a_group_in_one_facility_alone_has_no_error():
    before = np.zeros((1, 9))
    after = np.array([[1.0, 2, 3, 4, 5, 6, 9, 8, 7]])
    groups = np.array([[0, 0, 0, 0, 1, 1, 2, 2, 2]])
    clusters = np.array([[0, 0, 1, 1, 0, 1, 2, 2, 2]])
    cells = cohort_cells(before, after, groups, 3, clusters)
    weights = np.array([[-1.0, 1, 0], [-1.0, 0, 1]])
    many = cluster_cohorts(cells, weights, adjusted=False)
    # Group 2 is found in facility 2 only: (9 + 8 + 7) / 3 - (1 + 2 + 3 + 4) / 4 = 5.5, and no error.
    assert many.estimate[0].tolist() == [3.0, 5.5]
    assert np.isfinite(many.std_error[0, 0])
    assert np.isnan(many.std_error[0, 1])


def test_nothing_to_test_is_nan():
    same_change = np.array([[1.0, 2, 3, 4, 5, 6]])
    groups = np.array([[0, 0, 0, 1, 1, 1]])
    cells = cohort_cells(same_change, same_change + 1.1, groups, 2, np.array([[0, 1, 0, 1, 0, 1]]))
    weights = np.array([[-1.0, 1.0]])
    assert np.isnan(welch_cohorts(cells, weights).p_value).all()
    assert np.isnan(slope_cohorts(cells, weights, model="change_score").p_value).all()
    assert np.isnan(cluster_cohorts(cells, weights, adjusted=False).p_value).all()
    alike = cohort_cells(np.ones((1, 6)), same_change, groups, 2, np.array([[0, 1, 0, 1, 0, 1]]))
    assert np.isnan(slope_cohorts(alike, weights, model="ancova").estimate).all()
    assert np.isnan(cluster_cohorts(alike, weights, adjusted=True).estimate).all()
    nobody = cohort_cells(np.full((1, 4), np.nan), np.ones((1, 4)), np.zeros((1, 4), int), 2)
    assert np.isnan(paired_cohorts(nobody)[0].estimate).all()
    assert np.isnan(nobody.baseline_sd()).all()


def test_spread_at_entry_is_that_of_the_compared():
    before = np.array([[1.0, 2, 3, 100, 100]])
    after = np.array([[1.0, 2, 3, np.nan, 5]])
    cells = cohort_cells(before, after, np.array([[0, 0, 1, 1, -1]]), 2)
    # 1, 2 and 3 are compared: SD 1.
    assert cells.baseline_sd().tolist() == [1.0]
