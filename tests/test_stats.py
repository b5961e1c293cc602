"""The numbers on arrays: hand calculations, degenerate input, and agreement with scipy and statsmodels."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from larstudy.stats import scoring
from larstudy.stats.distributions import noncentral_t_limits
from larstudy.stats.effect_sizes import hedges_correction, paired_effect
from larstudy.stats.groups import group_model, one_way, two_wave_glm
from larstudy.stats.homogeneity import marginal_homogeneity
from larstudy.stats.linear import estimates, f_test, fit_linear
from larstudy.stats.means import mean_interval
from larstudy.stats.paired import paired_change

BEFORE = np.array([2.0, 4.0, 6.0, 8.0])
AFTER = np.array([5.0, 6.0, 9.0, 12.0])


class TestPairedChange:
    def test_by_hand(self) -> None:
        # changes 3 2 3 4: mean 3, SD sqrt(2/3); SE sqrt(2/3)/2; t = 3 / 0.408248
        result = paired_change(BEFORE, AFTER)
        assert (result.n, result.estimate, result.df) == (4, 3.0, 3)
        assert result.sd == pytest.approx(np.sqrt(2 / 3))
        assert result.statistic == pytest.approx(3 / (np.sqrt(2 / 3) / 2))
        assert result.effect.d_z == pytest.approx(3 / np.sqrt(2 / 3))
        # SDs 2.581989 and 3.162278, their mean 2.872133
        assert result.effect.d_av == pytest.approx(3 / ((np.sqrt(20 / 3) + np.sqrt(10)) / 2))
        # t(.975, 3) = 3.182446
        assert result.conf_high == pytest.approx(3 + 3.182446305284263 * np.sqrt(2 / 3) / 2)

    def test_nobody(self) -> None:
        result = paired_change(np.array([]), np.array([]))
        assert result.n == 0
        assert np.isnan(result.estimate)
        assert result.reason == "nobody has both waves"

    def test_one_person_has_a_mean_and_no_test(self) -> None:
        result = paired_change(np.array([6.0]), np.array([8.0]))
        assert (result.estimate, result.before_mean) == (2.0, 6.0)
        assert np.isnan([result.sd, result.p_value, result.effect.d_z, result.conf_low]).all()
        assert result.reason.startswith("one person")

    @pytest.mark.parametrize("offset", [0.0, 0.1, 1e9])
    def test_the_same_change_for_everybody(self, offset: float) -> None:
        # 0.1 + x does not change by exactly the same amount in floating point
        before = np.array([1.0, 2.0, 4.0]) + offset
        result = paired_change(before, before + 0.3)
        assert "same amount" in result.reason
        assert result.sd == 0
        assert np.isnan([result.statistic, result.p_value, result.effect.d_z]).all()

    def test_small_spread_is_still_spread(self) -> None:
        result = paired_change(np.array([0.0, 0.0, 0.0]), np.array([1e-6, 2e-6, 3e-6]))
        assert result.effect.d_z == pytest.approx(2.0)
        # t = 2 sqrt(3) on 2 degrees of freedom; what is missing is the correlation with a constant
        assert result.statistic == pytest.approx(2 * np.sqrt(3))
        assert result.reason == "everybody alike at one wave: no correlation"

    def test_constant_baseline_has_no_correlation(self) -> None:
        result = paired_change(np.array([5.0, 5.0, 5.0]), np.array([6.0, 7.0, 9.0]))
        assert np.isnan(result.correlation)
        assert result.effect.d_av == pytest.approx(result.estimate / (result.after_sd / 2))
        assert result.reason == "everybody alike at one wave: no correlation"
        # t = (7/3) / (sqrt(7/3) / sqrt(3)) = sqrt(7) on 2 degrees of freedom: p = 1 - t / sqrt(2 + t^2)
        assert result.p_value == pytest.approx(1 - np.sqrt(7) / 3)

    def test_rounding_noise_of_one_wave_is_no_spread(self) -> None:
        """The mean of twelve times 1.1 is not 1.1 in floating point; the SD is 0 all the same, as in R."""
        before = np.full(12, 1.1)
        assert (before != before.mean()).any()
        result = paired_change(before, np.arange(12) / 10)
        assert result.before_sd == 0
        assert np.isnan(result.correlation)
        assert result.reason == "everybody alike at one wave: no correlation"

    def test_two_persons_are_too_few_for_g_av(self) -> None:
        # changes 1 and 3: t = 2 / (sqrt(2) / sqrt(2)) = 2 on 1 degree of freedom, p = 2 (1/2 - atan(2)/pi)
        result = paired_change(np.array([1.0, 2.0]), np.array([2.0, 5.0]))
        assert (result.statistic, result.reason) == (pytest.approx(2.0), "two persons: too few for g_av")
        assert result.p_value == pytest.approx(1 - 2 * np.arctan(2) / np.pi)
        assert np.isnan(result.effect.g_av)

    def test_huge_t_has_no_limits_and_says_so(self) -> None:
        before = np.zeros(6) + np.arange(6)
        result = paired_change(before, before + 1 + 1e-7 * np.array([1, -1, 1, -1, 1, -1]))
        assert result.effect.d_z > 1e6
        assert np.isnan(result.effect.d_z_low)
        assert result.reason == "t is too large for intervals of the effect sizes"

    @given(
        hnp.arrays(float, st.integers(3, 20), elements=st.floats(-50, 50)),
        st.floats(-100, 100),
        st.floats(0.1, 10),
    )
    def test_units(self, values: np.ndarray, shift: float, scale: float) -> None:
        """Shifting the scale moves no change; stretching it moves no standardised change."""
        before, after = values, np.roll(values, 1) + np.linspace(0, 5, len(values))
        one = paired_change(before, after)
        two = paired_change(before * scale + shift, after * scale + shift)
        if one.reason or one.sd < 1e-3:
            return
        assert two.estimate == pytest.approx(one.estimate * scale, rel=1e-6, abs=1e-9)
        assert two.effect.d_z == pytest.approx(one.effect.d_z, rel=1e-6, abs=1e-9)
        assert two.effect.g_av_high == pytest.approx(one.effect.g_av_high, rel=1e-5, abs=1e-8)

    @given(hnp.arrays(float, (2, 12), elements=st.floats(-50, 50)))
    def test_turning_the_scale_round_mirrors_everything(self, values: np.ndarray) -> None:
        one, two = paired_change(values[0], values[1]), paired_change(-values[0], -values[1])
        assert one.reason == two.reason
        if one.reason:
            return
        assert two.estimate == -one.estimate
        assert (two.conf_low, two.conf_high) == (-one.conf_high, -one.conf_low)
        mirrored = (-one.effect.d_z_high, -one.effect.d_z_low)
        assert (two.effect.d_z_low, two.effect.d_z_high) == pytest.approx(mirrored, rel=1e-12)
        assert two.p_value == one.p_value


class TestEffectSizes:
    def test_interval_excludes_zero_exactly_when_p_is_below_05(self) -> None:
        for mean in np.linspace(0.05, 1.5, 40):
            effect = paired_effect(mean, 2.0, 2.0, 2.5, n=20)
            t = mean / 2.0 * np.sqrt(20)
            assert (effect.d_z_low > 0) == (t > 2.093024054408263)  # qt(.975, 19)
            assert np.sign(effect.d_z_low) == np.sign(effect.d_av_low) == np.sign(effect.g_av_low)

    def test_hedges_needs_two_degrees_of_freedom(self) -> None:
        assert np.isnan(hedges_correction(1))
        assert hedges_correction(2) == pytest.approx(0.5641895835)  # 1/sqrt(pi): gamma(1)/gamma(.5)

    def test_too_large_a_t_has_no_limits(self) -> None:
        assert np.isnan(noncentral_t_limits(1e6, 5)).all()
        assert np.isnan(noncentral_t_limits(np.nan, 5)).all()

    def test_no_spread_at_one_wave(self) -> None:
        effect = paired_effect(1.0, 0.0, 0.0, 0.0, n=5)
        assert np.isnan([effect.d_z, effect.d_av, effect.g_av]).all()


class TestLinear:
    def test_against_statsmodels(self) -> None:
        import statsmodels.api as sm

        rng = np.random.default_rng(7)
        x = np.column_stack([np.ones(40), rng.normal(size=(40, 3))])
        y = x @ [1.0, 2.0, 0.0, -1.0] + rng.normal(size=40)
        fit, theirs = fit_linear(x, y), sm.OLS(y, x).fit()
        ours = estimates(fit, np.eye(4), level=0.9)
        np.testing.assert_allclose(ours.estimate, theirs.params, rtol=1e-10)
        np.testing.assert_allclose(ours.std_error, theirs.bse, rtol=1e-10)
        np.testing.assert_allclose(ours.p_value, theirs.pvalues, rtol=1e-8)
        np.testing.assert_allclose(np.column_stack([ours.conf_low, ours.conf_high]), theirs.conf_int(0.1))
        tested, expected = f_test(fit, np.eye(4)[1:3]), theirs.f_test(np.eye(4)[1:3])
        assert tested.statistic == pytest.approx(float(expected.fvalue), rel=1e-10)
        assert tested.p_value == pytest.approx(float(expected.pvalue), rel=1e-8)

    def test_dependent_columns_have_a_reason(self) -> None:
        x = np.column_stack([np.ones(6), np.arange(6.0), 2 * np.arange(6.0) + 1])
        fit = fit_linear(x, np.arange(6.0) ** 2)
        assert fit.reason == "column 3 is determined by the groups and what stands before it"
        named = fit_linear(x, np.arange(6.0) ** 2, names=("intercept", "age", "months"))
        assert named.reason == "'months' is determined by the groups and what stands before it"
        assert np.isnan(estimates(fit, np.eye(3)).estimate).all()
        assert np.isnan(f_test(fit, np.eye(3)[1:]).statistic)

    def test_too_few_persons(self) -> None:
        fit = fit_linear(np.eye(3), np.arange(3.0))
        assert fit.reason == "3 persons are too few for 3 coefficients"
        assert fit.df == 0

    def test_perfect_fit_has_estimates_and_no_tests(self) -> None:
        x = np.column_stack([np.ones(5), np.arange(5.0)])
        fit = fit_linear(x, 3 + 2 * np.arange(5.0))
        ours = estimates(fit, np.eye(2))
        np.testing.assert_allclose(ours.estimate, [3.0, 2.0], atol=1e-12)
        assert np.isnan(ours.std_error).all()
        assert "without any residual" in ours.reason

    def test_large_offsets_cost_no_digits(self) -> None:
        rng = np.random.default_rng(3)
        codes = np.repeat([0, 1, 2], 10)
        before, noise = rng.normal(size=30), rng.normal(size=30)
        after = before + noise + codes
        near = group_model(after, codes, 3, covariates=before[:, None])
        far = group_model(after + 1e6, codes, 3, covariates=before[:, None] + 1e6)
        assert far.group.statistic == pytest.approx(near.group.statistic, rel=1e-6)
        np.testing.assert_allclose(far.contrasts.estimate, near.contrasts.estimate, rtol=1e-6)


class TestGroups:
    def test_one_way_by_hand(self) -> None:
        # means 1.5 and 4.5, grand 3: between 2*2.25*2 = 9; within .5 + .5 = 1; F = 9 / (1/2) = 18
        test = one_way(np.array([1.0, 2, 4, 5]), np.array([0, 0, 1, 1]), 2).test()
        assert (test.statistic, test.df_num, test.df) == (18.0, 1, 2)
        assert test.partial_eta_squared == pytest.approx(0.9)

    def test_two_groups_square_of_t(self) -> None:
        """With two groups the interaction is the square of the pooled t test of the changes."""
        from scipy import stats

        rng = np.random.default_rng(11)
        before, after = rng.normal(size=30), rng.normal(size=30)
        codes = np.repeat([0, 1], [12, 18])
        expected = stats.ttest_ind((after - before)[:12], (after - before)[12:])
        result = two_wave_glm(before, after, codes, 2)
        assert result.time_by_group.statistic == pytest.approx(expected.statistic**2)
        assert result.time_by_group.p_value == pytest.approx(expected.pvalue)

    def test_equal_groups_weigh_alike(self) -> None:
        rng = np.random.default_rng(5)
        before, after, codes = rng.normal(size=20), rng.normal(size=20), np.repeat([0, 1], 10)
        result = two_wave_glm(before, after, codes, 2)
        assert result.time.statistic == pytest.approx(result.time_weighted.statistic)

    def test_one_group_has_time_and_nothing_else(self) -> None:
        result = two_wave_glm(BEFORE, AFTER, np.zeros(4, dtype=int), 1)
        assert result.time.statistic == pytest.approx((3 / (np.sqrt(2 / 3) / 2)) ** 2)
        assert result.group.reason == "one group only: nothing to compare"

    def test_as_many_groups_as_persons(self) -> None:
        result = two_wave_glm(BEFORE, AFTER, np.arange(4), 4)
        assert result.time_by_group.reason == "4 persons are too few for 4 groups"
        assert result.time.reason == result.time_by_group.reason

    def test_no_spread(self) -> None:
        result = two_wave_glm(BEFORE, BEFORE + np.array([1, 1, 2, 2]), np.array([0, 0, 1, 1]), 2)
        assert "no spread" in result.time.reason
        assert "no spread" in result.time_by_group.reason

    def test_constant_baseline_is_told_apart_from_rounding_noise(self) -> None:
        before = np.full(9, 0.1)
        assert (before - before.mean() == 0).all() or abs(before - before.mean()).max() < 1e-16
        codes = np.repeat([0, 1, 2], 3)
        model = group_model(np.arange(9.0) ** 2, codes, 3, covariates=before[:, None])
        without = group_model(np.arange(9.0) ** 2, codes, 3)
        assert model.left_out.tolist() == [True]
        assert model.group == without.group
        assert np.isnan(model.coefficients.estimate[3])
        np.testing.assert_array_equal(model.adjusted_means.estimate, without.adjusted_means.estimate)

    def test_rounding_noise_of_the_change_is_no_spread(self) -> None:
        """Everybody gains 0.1: what floating point makes of 50.1 - 50 and 70.1 - 70 is no spread to test."""
        before = np.linspace(40, 60, 12)
        after, codes = before + 0.1, np.tile([0, 1, 2], 4)
        glm = two_wave_glm(before, after, codes, 3)
        assert "no spread" in glm.time.reason
        assert "no spread" in glm.time_by_group.reason
        assert glm.group.reason == ""
        by_change = group_model(after - before, codes, 3, made_from=(before, after))
        ancova = group_model(after, codes, 3, covariates=before[:, None])
        assert "without any residual" in by_change.group.reason
        assert "without any residual" in ancova.group.reason
        np.testing.assert_allclose(by_change.adjusted_means.estimate, 0.1, rtol=1e-12)

    @given(st.permutations(range(3)), st.integers(0, 2))
    def test_order_and_reference_change_no_test(self, order: list[int], reference: int) -> None:
        rng = np.random.default_rng(2)
        codes = rng.integers(0, 3, 40)
        before = rng.normal(size=40)
        after = before + codes + rng.normal(size=40)
        one = group_model(after, codes, 3, covariates=before[:, None])
        two = group_model(after, np.array(order)[codes], 3, reference=reference, covariates=before[:, None])
        assert two.group.statistic == pytest.approx(one.group.statistic, rel=1e-9)
        np.testing.assert_allclose(
            two.adjusted_means.estimate[np.array(order)], one.adjusted_means.estimate, rtol=1e-9
        )

    def test_pairs_name_every_pair_once(self) -> None:
        model = group_model(np.arange(12.0) ** 2, np.tile(range(4), 3), 4, reference=2)
        assert model.pairs == ((0, 2), (1, 2), (3, 2), (0, 1), (0, 3), (1, 3))


class TestMarginalHomogeneity:
    def test_against_statsmodels(self) -> None:
        from statsmodels.stats.contingency_tables import SquareTable

        table = np.array([[20.0, 10, 5], [3, 30, 15], [0, 5, 40]])
        ours = marginal_homogeneity(table)
        for result, method in zip(ours, ("stuart_maxwell", "bhapkar"), strict=True):
            theirs = SquareTable(table, shift_zeros=False).homogeneity(method=method)
            assert result.statistic == pytest.approx(theirs.statistic)
            assert result.p_value == pytest.approx(theirs.pvalue)
            assert result.df == theirs.df

    def test_a_category_that_nobody_has(self) -> None:
        with_zero = marginal_homogeneity(np.array([[20.0, 5, 0], [15, 10, 0], [0, 0, 0]]))
        assert with_zero[0].statistic == pytest.approx(5.0)
        assert with_zero[0].df == 1

    def test_categories_that_exchange_nobody(self) -> None:
        # two separate pairs: McNemar (8-2)^2/10 + (9-1)^2/10 = 3.6 + 6.4 on 2 df
        table = np.zeros((4, 4))
        table[0, 1], table[1, 0], table[2, 3], table[3, 2] = 8, 2, 9, 1
        table += np.diag([5.0, 5, 5, 5])
        result, _ = marginal_homogeneity(table)
        assert result.statistic == pytest.approx(10.0)
        assert result.df == 2

    @pytest.mark.parametrize("table", [np.diag([4.0, 5, 6]), np.zeros((3, 3))])
    def test_nobody_changed(self, table: np.ndarray) -> None:
        first, second = marginal_homogeneity(table)
        assert np.isnan([first.statistic, second.p_value]).all()
        assert first.reason in ("nobody changed category", "nobody has both waves")

    def test_everybody_goes_one_way(self) -> None:
        _, bhapkar = marginal_homogeneity(np.array([[0.0, 10], [0, 0]]))
        assert bhapkar.reason == "every change goes one way: no test"


class TestScoring:
    def test_unanswered_items(self) -> None:
        points = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]])
        mean = scoring.combine(points, method="mean", min_answered=2)
        total = scoring.combine(points, method="sum", min_answered=2)
        zero = scoring.combine(points, method="sum", min_answered=1, unanswered="zero")
        assert (mean[0], total[0], zero[0]) == (2.0, 6.0, 4.0)
        assert np.isnan([mean[1], total[1], zero[1]]).all()

    def test_share_of_missing_is_counted_not_rounded(self) -> None:
        five_of_25 = np.r_[np.full(5, np.nan), np.ones(20)][None]
        six_of_25 = np.r_[np.full(6, np.nan), np.ones(19)][None]
        assert not scoring.too_many_missing(five_of_25, 0.2)[0]
        assert scoring.too_many_missing(six_of_25, 0.2)[0]

    def test_a_code_without_points_is_missing(self) -> None:
        assert np.isnan(scoring.recode(np.array([9.0]), {1: 0.5})).all()

    def test_looked_up(self) -> None:
        found = scoring.looked_up(np.array([11111.0, np.nan, 99999.0]), {11111.0: 1.0})
        assert found[0] == 1.0
        assert np.isnan(found[1:]).all()


def test_mean_interval_of_nobody_and_of_one() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(mean_interval(np.array([np.nan])).mean)
        one = mean_interval(np.array([3.0]))
    assert one.mean == 3.0
    assert np.isnan(one.conf_low)


def test_a_change_that_is_rounding_error_is_none() -> None:
    from larstudy.stats.paired import paired_change

    # 0.1 + 0.2 - 0.3 is 5.6e-17 in floating point: the changes add up to nothing.
    found = paired_change(np.array([0.0, 0.0, 0.3]), np.array([0.1, 0.2, 0.0]))
    assert found.estimate == 0.0
    assert (found.statistic, found.p_value) == (0.0, 1.0)


def test_sums_do_not_go_by_where_numbers_stand_in_memory() -> None:
    from larstudy.stats.paired import paired_change

    rng = np.random.default_rng(8)
    before, after = rng.normal(50, 10, (2, 19))
    room = np.zeros(2 * 19 + 16)
    found = set()
    for start in range(8):
        first, second = room[start : start + 19], room[start + 19 : start + 38]
        first[:], second[:] = before, after
        result = paired_change(first, second)
        found.add((result.sd, result.correlation, result.p_value))
    assert len(found) == 1
