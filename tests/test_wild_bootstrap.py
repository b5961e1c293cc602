"""The wild cluster bootstrap against every draw refitted in R (`tests/oracles/clusters.R`), and by hand.

All signs, done once each, leave no chance: p agrees exactly, limits to 1e-7 (bisected in R). Random draws agree within
four Monte-Carlo errors of the two shares.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from larstudy.stats.clusters import ClusterFit, cluster_robust, cr2
from larstudy.stats.wild_bootstrap import WildBootstrap, wild_cluster_bootstrap
from tests.test_clusters import fit_of, oracle, rows

ALL_NUMBERS = ("std_error", "statistic", "p_value", "conf_low", "conf_high")


def fit_in_r(name: str) -> ClusterFit:
    X, y, groups = rows("small" if name == "four" else name)
    if name == "four":
        chosen = (groups > 3).to_numpy()
        return cr2(X[chosen, :2], y[chosen], groups[chosen])
    return cr2(X[:, :4], y, groups) if name == "looms" else cr2(X, y, groups)


def combination_of(text: str) -> np.ndarray:
    return np.array([float(number) for number in text.split()])


class TestAgainstR:
    def signs(self) -> pd.DataFrame:
        return oracle("wild").query("weights == 'rademacher' and data != 'facilities'")

    def test_every_draw(self) -> None:
        theirs = self.signs()
        assert set(theirs["data"]) == {"small", "looms", "four"}
        for row in theirs.itertuples():
            combination = combination_of(row.combination)
            ours = wild_cluster_bootstrap(
                fit_in_r(row.data), combination, null=row.null, weights="rademacher", seed=1
            )
            assert ours.enumerated
            assert 2 * ours.draws == row.draws
            assert ours.statistic == pytest.approx(row.statistic, rel=1e-8)
            assert ours.p_value == row.p_value, row
            assert (ours.conf_low, ours.conf_high) == pytest.approx(
                (row.conf_low, row.conf_high), rel=1e-7, nan_ok=True
            )

    @pytest.mark.parametrize("draws", [4_999])
    def test_random_draws(self, draws: int) -> None:
        theirs = oracle("wild").query("weights == 'webb' or data == 'facilities'")
        assert len(theirs) == 5
        for row in theirs.itertuples():
            ours = wild_cluster_bootstrap(
                fit_in_r(row.data), combination_of(row.combination), null=row.null, weights=row.weights,
                draws=draws, seed=20170921,
            )  # fmt: skip
            assert (ours.enumerated, ours.draws) == (False, draws)
            assert ours.statistic == pytest.approx(row.statistic, rel=1e-8)
            # The four-cluster p of Webb's weights is exact in R: all 6^4 draws.
            share = 1 / draws + (0 if row.data == "four" else 1 / row.draws)
            error = np.sqrt(max(row.p_value, 1 / draws) * (1 - row.p_value) * share)
            assert abs(ours.p_value - row.p_value) < 4 * error + 1 / draws, row


class TestByHand:
    # Differences of two rows in each of six clusters: 1, 2, 4, 1, 0, 2. Signs turn the differences round, so
    # the slope is tested as their mean: only all of one sign (the 0 either way) is as far out as the data.
    y = np.array([1.0, 2, 2, 4, 3, 7, 2, 3, 1, 1, 4, 6])
    X = np.column_stack([np.ones(12), np.tile([0.0, 1], 6)])
    fit = cr2(X, y, np.repeat(list("abcdef"), 2))
    slope = np.array([0.0, 1.0])

    def test_paired_differences(self) -> None:
        found = wild_cluster_bootstrap(self.fit, self.slope, weights="rademacher", seed=1)
        assert (found.p_value, found.draws, found.enumerated) == (2 / 32, 32, True)
        d = np.array([1.0, 2, 4, 1, 0, 2])
        assert found.estimate == pytest.approx(d.mean())
        # t of the paired test, because G / (G - 1) makes of the mean square the variance with n - 1
        assert found.statistic == pytest.approx(d.mean() / (d.std(ddof=1) / np.sqrt(6)))

    def test_another_value(self) -> None:
        """About 1 the differences are 0, 1, 3, 0, -1, 1, adding up to 4: counted by going through all signs."""
        d = np.array([1.0, 2, 4, 1, 0, 2]) - 1
        sums = [abs(np.dot(signs, d)) for signs in product([-1, 1], repeat=6)]
        found = wild_cluster_bootstrap(self.fit, self.slope, null=1.0, weights="rademacher", seed=1)
        assert found.p_value == np.mean(np.array(sums) >= 4 - 1e-9)

    def test_limits_are_where_p_falls_to_the_level(self) -> None:
        fit, slope = fit_of("small", "CR2"), np.array([0.0, 0, 1])
        for weights in ("webb", "rademacher"):
            found = wild_cluster_bootstrap(fit, slope, weights=weights, seed=4, draws=999, level=0.9)
            for limit, inwards in ((found.conf_low, 1e-7), (found.conf_high, -1e-7)):
                inside = wild_cluster_bootstrap(
                    fit, slope, weights=weights, seed=4, draws=999, null=limit + inwards
                )
                outside = wild_cluster_bootstrap(
                    fit, slope, weights=weights, seed=4, draws=999, null=limit - inwards
                )
                assert inside.p_value > 0.1 + 1e-9
                assert outside.p_value <= 0.1 + 1e-9

    def test_random_signs_approach_all_signs(self) -> None:
        exact = wild_cluster_bootstrap(self.fit, self.slope, weights="rademacher", seed=1)
        drawn = wild_cluster_bootstrap(self.fit, self.slope, weights="rademacher", seed=1, draws=31)
        assert (exact.enumerated, drawn.enumerated, drawn.draws) == (True, False, 31)
        many = [
            wild_cluster_bootstrap(self.fit, self.slope, weights="rademacher", seed=seed, draws=31).p_value
            for seed in range(60)
        ]
        # each is (1 + b) / 32 with b binomial of 31 and 1/16: mean (1 + 31/16) / 32, SD sqrt(31 15) / 16 / 32
        mean, sd = (1 + 31 / 16) / 32, np.sqrt(31 * 15) / 16 / 32
        assert abs(np.mean(many) - mean) < 4 * sd / np.sqrt(60)


class TestProperties:
    def test_the_same_seed_gives_the_same_numbers_in_any_order(self) -> None:
        X, y, groups = rows("facilities")
        order = np.random.default_rng(2).permutation(len(y))
        one, two, three = (
            wild_cluster_bootstrap(fit, np.eye(6)[4], seed=seed, draws=499)
            for fit, seed in (
                (cr2(X, y, groups), 5),
                (cr2(X[order], y[order], groups.to_numpy()[order]), 5),
                (cr2(X, y, groups), 6),
            )
        )
        assert one.p_value == two.p_value
        assert (two.conf_low, two.conf_high) == pytest.approx((one.conf_low, one.conf_high), rel=1e-9)
        assert three.conf_low != one.conf_low

    @pytest.mark.parametrize("kind", ["CR1", "CR1S", "CR3"])
    def test_the_kind_of_fit_does_not_matter(self, kind: str) -> None:
        one = wild_cluster_bootstrap(fit_of("small", "CR2"), np.eye(3)[2], seed=5, draws=99)
        two = wild_cluster_bootstrap(fit_of("small", kind), np.eye(3)[2], seed=5, draws=99)
        assert one == two
        assert one.std_error == pytest.approx(fit_of("small", "CR1").std_error[2], rel=1e-10)

    def test_units(self) -> None:
        X, y, groups = rows("small")
        one = wild_cluster_bootstrap(cr2(X, y, groups), np.eye(3)[2], seed=5, draws=499)
        two = wild_cluster_bootstrap(cr2(X, y * -1000 + 3, groups), np.eye(3)[2], seed=5, draws=499)
        assert two.p_value == one.p_value
        assert (two.conf_low, two.conf_high) == pytest.approx(
            (one.conf_high * -1000, one.conf_low * -1000), rel=1e-6
        )

    def test_blocks_of_draws_are_the_same_draws(self, monkeypatch: pytest.MonkeyPatch) -> None:
        fit = fit_of("small", "CR2")
        whole = [
            wild_cluster_bootstrap(fit, np.eye(3)[2], seed=5, draws=300, weights=w)
            for w in ("webb", "rademacher")
        ]
        monkeypatch.setattr("larstudy.stats.wild_bootstrap._BLOCK", 7 * 50)
        parts = [
            wild_cluster_bootstrap(fit, np.eye(3)[2], seed=5, draws=300, weights=w)
            for w in ("webb", "rademacher")
        ]
        assert parts == whole


def assert_no_numbers(found: WildBootstrap) -> None:
    assert np.isnan([getattr(found, number) for number in ALL_NUMBERS]).all()
    assert found.draws == 0


class TestBadInput:
    def test_few_clusters_allow_no_interval(self) -> None:
        """With four clusters the smallest p of signs is 2 / 2^4 = 0.125: at 0.95 nothing is ever rejected."""
        fit = fit_in_r("four")
        found = wild_cluster_bootstrap(fit, np.array([0.0, 1]), weights="rademacher", seed=1)
        assert found.p_value == 0.125
        assert np.isnan([found.conf_low, found.conf_high]).all()
        assert found.reason == "not every far value is rejected at this level, for want of clusters: no limit"
        lower = wild_cluster_bootstrap(fit, np.array([0.0, 1]), weights="rademacher", seed=1, level=0.8)
        assert lower.reason == ""
        assert lower.conf_low < found.estimate < lower.conf_high

    @pytest.mark.parametrize(
        ("X", "y", "groups", "reason"),
        [
            (np.ones((6, 1)), np.arange(6.0), np.zeros(6), "one cluster only"),
            (np.ones((6, 1)), np.full(6, 3.0), list("aabbcc"), "without any residual"),
            (np.ones((6, 1)), np.array([1.0, 3, 0, 4, 2, 2]), list("aabbcc"), "do not differ"),
            (np.ones((6, 1)), np.array([1.0, 3, 0, 4, 2, np.nan]), list("aabbcc"), "1 of 6 rows"),
            (np.zeros((6, 1)), np.arange(6.0), list("aabbcc"), "column 1 is determined"),
        ],
    )
    def test_fits_without_a_test(self, X: np.ndarray, y: np.ndarray, groups: list[str], reason: str) -> None:
        found = wild_cluster_bootstrap(cr2(X, y, groups), np.ones(1), seed=1)
        assert reason in found.reason
        assert_no_numbers(found)

    def test_a_group_in_one_cluster(self) -> None:
        X = np.column_stack([np.ones(8), np.arange(8) == 7])
        fit = cluster_robust(X, np.array([1.0, 3, 2, 5, 4, 4, 7, 9]), list("aabbccdd"), kind="CR1")
        found = wild_cluster_bootstrap(fit, np.array([0.0, 1]), seed=1)
        assert "one cluster alone" in found.reason
        assert found.estimate == pytest.approx(9 - 26 / 7)
        assert_no_numbers(found)
        assert wild_cluster_bootstrap(fit, np.array([1.0, 0]), seed=1, draws=99).reason == ""

    def test_arguments(self) -> None:
        with pytest.raises(ValueError, match="3 coefficients"):
            wild_cluster_bootstrap(fit_of("small", "CR2"), np.ones(2), seed=1)
        with pytest.raises(ValueError, match="draws"):
            wild_cluster_bootstrap(fit_of("small", "CR2"), np.ones(3), seed=1, draws=0)
