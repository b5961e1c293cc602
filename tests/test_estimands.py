"""Two estimands and regression to the mean: R, hand calculations, properties, and simulations with their error.

Tolerances: closed forms 1e-8; R's numerical derivatives of a delta method 1e-7; `nlme::gls` stops its search
at a relative error of about 1e-5 in the errors and 1e-6 in the log likelihood; its numerical Hessian 1e-5.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larstudy.stats.constrained_baseline import constrained_baseline
from larstudy.stats.estimands import bracket, entry_order, four_analyses
from larstudy.stats.groups import group_model
from larstudy.stats.linear import Estimates
from larstudy.stats.lords_paradox import expected_contrasts
from larstudy.stats.measurement_error import corrected_ancova, smallest_reliability
from larstudy.stats.mee_chua import mee_chua, mee_chua_range
from larstudy.stats.paired import paired_change
from larstudy.stats.regression_to_mean import regression_to_mean, regression_to_mean_range
from larstudy.stats.within_groups import within_groups
from tests.conftest import ORACLES
from tests.samples import AFTER, BEFORE, CODES, ESTIMAND_SETS, LEVELS, Waves, contrasts_of

COLUMNS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"estimands_{name}.csv")


def assert_rows(
    found: Estimates, rows: pd.DataFrame, rtol: float, columns: tuple[str, ...] = COLUMNS
) -> None:
    assert len(rows) == len(found.estimate)
    for column in columns:
        ours = np.broadcast_to(getattr(found, column), len(rows))
        np.testing.assert_allclose(
            ours, rows[column].to_numpy(float), rtol=rtol, atol=rtol * 1e-3, err_msg=column
        )


@pytest.mark.parametrize("name", ESTIMAND_SETS)
class TestAgainstR:
    def rows(self, name: str, analysis: str) -> pd.DataFrame:
        table = oracle("contrasts")
        return table[(table["data"] == name) & (table["analysis"] == analysis)].sort_values(
            "contrast", kind="stable"
        )

    def test_change_score_and_ancova_by_emmeans(self, estimand_data: dict[str, Waves], name: str) -> None:
        found = four_analyses(*estimand_data[name], reliability=0.9, contrasts=contrasts_of(name))
        for analysis in found.analyses[:2]:
            assert_rows(analysis.estimates, self.rows(name, analysis.name), 1e-8)
        assert found.analyses[0].slope == 1.0

    @pytest.mark.parametrize("reliability", [0.6, 0.75, 0.9, 1.0])
    def test_corrected_by_numerical_delta_method(
        self, estimand_data: dict[str, Waves], name: str, reliability: float
    ) -> None:
        found = corrected_ancova(*estimand_data[name], reliability=reliability, contrasts=contrasts_of(name))
        rows = self.rows(name, "ancova_corrected").query("reliability == @reliability")
        assert_rows(found.estimates, rows, 1e-7)
        # the squared correlation of the simulated waves is .64, and R has no numbers below it either
        assert (found.estimates.reason != "") == (name == "simulated" and reliability == 0.6)

    @pytest.mark.parametrize("method", ["ml", "reml"])
    def test_constrained_baseline(self, estimand_data: dict[str, Waves], name: str, method: str) -> None:
        waves, chosen = estimand_data[name], contrasts_of(name)
        found = constrained_baseline(*waves, contrasts=chosen, method=method)
        assert_rows(found.analysis.estimates, self.rows(name, f"constrained_{method.upper()}"), 1e-8)
        known = constrained_baseline(*waves, contrasts=chosen, method=method, slope_error="known")
        rows = self.rows(name, f"gls_{method.upper()}")
        # gls: the search for the correlation stops where the criterion does not move any more
        np.testing.assert_allclose(known.analysis.estimates.estimate, rows["estimate"], rtol=2e-5, atol=2e-5)
        np.testing.assert_allclose(known.analysis.estimates.std_error, rows["std_error"], rtol=1e-5)

    def test_errors_by_the_information_of_the_whole_likelihood(
        self, estimand_data: dict[str, Waves], name: str
    ) -> None:
        """A numerical Hessian of the bivariate likelihood, not factored: slope and means vary together."""
        found = constrained_baseline(*estimand_data[name], contrasts=contrasts_of(name), method="ml")
        rows = self.rows(name, "information_ML")
        np.testing.assert_allclose(found.analysis.estimates.std_error, rows["std_error"], rtol=1e-5)
        gains = oracle("gains").query("data == @name and method == 'information_ML'")
        np.testing.assert_allclose(found.gains.std_error, gains["std_error"], rtol=1e-5)
        np.testing.assert_allclose(found.gains.estimate, gains["estimate"], rtol=1e-5)

    @pytest.mark.parametrize("method", ["ml", "reml"])
    def test_gains_and_fit(self, estimand_data: dict[str, Waves], name: str, method: str) -> None:
        found = constrained_baseline(*estimand_data[name], method=method)
        gains, fits = oracle("gains"), oracle("fits")
        gains = gains[(gains["data"] == name) & (gains["method"] == method.upper())]
        fit = fits[(fits["data"] == name) & (fits["method"] == method.upper())].iloc[0]
        assert gains["group"].tolist() == LEVELS[name]
        assert_rows(found.gains, gains, 1e-8)
        known = constrained_baseline(*estimand_data[name], method=method, slope_error="known").gains
        np.testing.assert_allclose(known.estimate, gains["gls_estimate"], rtol=2e-5)
        np.testing.assert_allclose(known.std_error, gains["gls_std_error"], rtol=1e-5)
        assert found.log_likelihood == pytest.approx(fit["log_likelihood"], abs=1e-6)
        assert found.baseline_mean == pytest.approx(fit["baseline_mean"], rel=1e-10)
        for ours, theirs in (
            (found.baseline_std_error, "baseline_std_error"), (np.sqrt(found.baseline_variance), "baseline_sd"),
            (np.sqrt(found.follow_up_variance), "follow_up_sd"), (found.correlation, "correlation"),
        ):  # fmt: skip
            assert ours == pytest.approx(fit[theirs], rel=2e-5), theirs
        assert (found.n, found.baseline_n) == (fit["n"], fit["baseline_n"])

    @pytest.mark.parametrize("mean_is", ["known", "everybody"])
    @pytest.mark.parametrize("by", ["within", "reliability"])
    def test_regression_to_the_mean(
        self, estimand_data: dict[str, Waves], name: str, mean_is: str, by: str
    ) -> None:
        table = oracle("regression").query("data == @name and mean_is == @mean_is")
        mean = float(table["population_mean"].iloc[0])
        found = regression_to_mean(
            *estimand_data[name],
            population_mean=mean if mean_is == "known" else None,
            reliability=0.8 if by == "reliability" else None,
        )
        assert found.population_mean == pytest.approx(mean, rel=1e-12)
        for part in ("expected", "remainder"):
            rows = table[table["part"] == f"{by}_{part}"]
            assert rows["group"].tolist() == LEVELS[name]
            assert_rows(getattr(found, part), rows, 1e-7)
            np.testing.assert_allclose(found.gains, rows["gain"], rtol=1e-10)

    def test_mee_and_chua(self, estimand_data: dict[str, Waves], name: str) -> None:
        before, after, codes, _ = estimand_data[name]
        rows = oracle("mee_chua").query("data == @name")
        assert len(rows) == 3 * len(LEVELS[name])
        for row in rows.itertuples():
            members = codes == LEVELS[name].index(row.group)
            one = mee_chua(before[members], after[members], population_mean=row.population_mean)
            for column in ("n", "gain", *COLUMNS):
                expected = getattr(row, column)
                assert getattr(one, column) == pytest.approx(expected, rel=1e-8, abs=1e-10), column
            span = mee_chua_range(before[members], after[members], low=row.low, high=row.high)
            for ours, theirs in (
                ("estimate_low",) * 2, ("estimate_high",) * 2, ("conf_low", "range_low"), ("conf_high", "range_high"),
                ("p_smallest",) * 2,
            ):  # fmt: skip
                assert getattr(span, ours) == pytest.approx(getattr(row, theirs), rel=1e-8, abs=1e-10), ours
            # R looks for the largest p with optimize, which does not meet its kink at 1 to the last digit
            assert span.p_largest == pytest.approx(row.p_largest, abs=1e-6)


class TestByHand:
    def test_lords_paradox(self) -> None:
        found = four_analyses(BEFORE, AFTER, CODES, 2, reliability=(0.9, 0.95))
        estimates = [analysis.estimates.estimate[0] for analysis in found.analyses]
        # both gain 0.5; at follow-up 2 apart, at baseline 2 apart: 2 - 2 s for s = 1, .8, .8/.9, .8/.95, .8
        assert estimates == pytest.approx([0.0, 0.4, 2 - 1.6 / 0.9, 2 - 1.6 / 0.95, 0.4], abs=1e-12)
        assert [analysis.name for analysis in found.analyses] == [
            "change_score", "ancova", "ancova_corrected", "ancova_corrected", "constrained_baseline",
        ]  # fmt: skip
        assert [analysis.reliability for analysis in found.analyses[2:4]] == [0.9, 0.95]
        assert (found.bracket.estimate_low[0], found.bracket.estimate_high[0]) == pytest.approx(
            (0.0, 0.4), abs=1e-12
        )
        assert found.bracket.ordered.tolist() == [True]
        assert found.entry == ("higher",)
        assert found.baseline_difference.tolist() == [2.0]
        assert (found.n, found.counts.tolist(), found.lost.tolist(), found.ungrouped) == (
            8,
            [4, 4],
            [0, 0],
            0,
        )

    def test_each_analysis_names_what_it_assumes(self) -> None:
        found = four_analyses(BEFORE, AFTER, CODES, 2, reliability=0.9).analyses
        assumptions = {analysis.name: analysis.assumption for analysis in found}
        assert "changed alike" in assumptions["change_score"]
        assert "start alike, as the baseline measures it" in assumptions["ancova"]
        assert "truly start alike" in assumptions["ancova_corrected"]
        assert "a share of 0.9 is true" in assumptions["ancova_corrected"]
        assert "one and the same average at the start" in assumptions["constrained_baseline"]

    def test_corrected_error(self) -> None:
        # r = .8/.9 gives slope .9; tau2 = 1.6/5 = .32, spread 10/6; v = .32 + .01 * 10/6; var slope = .32/10/r^2
        found = corrected_ancova(BEFORE, AFTER, CODES, 2, reliability=8 / 9)
        variance = (0.32 + 0.01 * 10 / 6) * (1 / 4 + 1 / 4) + 4 * 0.032 * 81 / 64
        assert found.estimates.std_error[0] == pytest.approx(np.sqrt(variance), rel=1e-12)
        assert found.slope == pytest.approx(0.9)
        assert found.estimates.df == 5

    def test_the_smallest_reliability_is_the_squared_correlation(self) -> None:
        # 8^2 / (10 * 8)
        assert smallest_reliability(within_groups(BEFORE, AFTER, CODES, 2)) == pytest.approx(0.8)
        assert smallest_reliability(within_groups(BEFORE, np.ones(8), CODES, 2)) == 0.0

    def test_regression_to_the_mean(self) -> None:
        # everybody's mean 3.5, slope .8: expected .2 (3.5 - 2.5) = .2 and -.2; the gains are .5
        found = regression_to_mean(BEFORE, AFTER, CODES, 2)
        assert found.expected.estimate == pytest.approx([0.2, -0.2])
        assert found.remainder.estimate == pytest.approx([0.3, 0.7])
        # spread 10/6: .04 * 10/6 * (1/4 - 1/8) + 1 * .032
        assert found.expected.std_error[0] == pytest.approx(np.sqrt(0.04 * 10 / 6 / 8 + 0.032))
        assert found.remainder.std_error[1] == pytest.approx(np.sqrt(0.08 + 0.032 + 0.04 * 10 / 6 / 8))

    def test_mee_and_chua_is_the_remainder_of_one_group(self) -> None:
        part = regression_to_mean(BEFORE, AFTER, np.zeros(8, dtype=int), 1, population_mean=6.0)
        test = mee_chua(BEFORE, AFTER, population_mean=6.0)
        assert part.remainder.estimate[0] == pytest.approx(test.estimate)
        assert part.remainder.p_value[0] == pytest.approx(test.p_value)
        assert part.expected.estimate[0] == pytest.approx(test.expected)
        assert test.gain == pytest.approx(test.expected + test.estimate)

    def test_at_its_own_mean_a_group_does_not_regress(self) -> None:
        test = mee_chua(BEFORE, AFTER, population_mean=float(BEFORE.mean()))
        assert (test.expected, test.estimate) == pytest.approx((0.0, paired_change(BEFORE, AFTER).estimate))

    def test_likelihood_of_the_whole_by_hand(self) -> None:
        # complete pairs: 8 baselines of variance 18/8, 8 residuals of variance 1.6/8
        found = constrained_baseline(BEFORE, AFTER, CODES, 2, method="ml")
        expected = -0.5 * (16 * (np.log(2 * np.pi) + 1) + 8 * np.log(18 / 8) + 8 * np.log(0.2))
        assert found.log_likelihood == pytest.approx(expected)
        # gains: .5 + (.8 - 1)(3.5 - 2.5), .5 + (.8 - 1)(3.5 - 4.5)
        assert found.gains.estimate == pytest.approx([0.3, 0.7])


class TestBracket:
    def test_a_slope_above_the_reliability_breaks_it(self) -> None:
        steep = AFTER + 0.5 * (BEFORE - 1)  # slope .8 + .5; 1.3 / .95
        found = four_analyses(BEFORE, steep, CODES, 2, reliability=0.95).bracket
        assert found.ordered.tolist() == [False]
        assert found.orders[0].startswith("the corrected slope is 1.37, above 1")

    def test_one_end_of_an_interval_is_enough_to_break_it(self) -> None:
        steep = AFTER + 0.15 * BEFORE  # slope .95: .95 / .96 is below 1, .95 / .9 is not
        found = four_analyses(BEFORE, steep, CODES, 2, reliability=(0.9, 0.96))
        assert found.bracket.ordered.tolist() == [False]
        assert "1.06, above 1" in found.bracket.orders[0]
        assert four_analyses(BEFORE, steep, CODES, 2, reliability=0.96).bracket.ordered.tolist() == [True]

    def test_an_interval_may_be_given_either_way(self) -> None:
        found = four_analyses(BEFORE, AFTER, CODES, 2, reliability=(0.95, 0.9))
        assert [analysis.reliability for analysis in found.analyses[2:4]] == [0.9, 0.95]

    def test_a_negative_slope_breaks_it(self) -> None:
        found = four_analyses(BEFORE, -AFTER, CODES, 2, reliability=0.95)
        assert found.bracket.ordered.tolist() == [False]
        assert "below 0" in found.bracket.orders[0]
        change, ancova, corrected, _ = (a.estimates.estimate[0] for a in found.analyses)
        assert not min(change, ancova) <= corrected <= max(change, ancova)

    def test_the_side_that_starts_lower(self) -> None:
        found = four_analyses(BEFORE, AFTER, CODES, 2, reliability=0.9, reference=1)
        assert found.bracket.orders[0].startswith("ancova <= corrected ancova <= change score")
        assert found.entry == ("lower",)

    def test_groups_that_start_alike_agree(self) -> None:
        before = np.where(CODES == 1, BEFORE - 2, BEFORE)
        found = four_analyses(before, AFTER, CODES, 2, reliability=0.9)
        assert found.bracket.orders == ("all agree: no difference at entry",)
        assert found.bracket.estimate_low[0] == pytest.approx(found.bracket.estimate_high[0])
        assert found.entry == ("same",)
        assert (found.bracket.zero_in_estimates[0], found.bracket.zero_in_intervals[0]) == (False, False)

    def test_an_impossible_reliability_leaves_the_rest(self) -> None:
        found = four_analyses(BEFORE, AFTER, CODES, 2, reliability=(0.5, 0.9))
        assert np.isnan(found.analyses[2].estimates.estimate).all()
        assert found.bracket.reasons[0].startswith(
            "ancova_corrected at a reliability of 0.5: a reliability of 0.5 is"
        )
        assert found.bracket.estimate_high[0] == pytest.approx(0.4)
        assert found.bracket.orders == ("not all of the slopes and the difference at entry are known",)
        assert found.bracket.zero_in_estimates.tolist() == [True]

    def test_only_the_analyses_given(self) -> None:
        found = four_analyses(BEFORE, AFTER, CODES, 2, reliability=0.9)
        assert bracket(found.analyses[:1], found.baseline_difference).ordered.tolist() == [False]

    def test_more_than_two_groups_have_no_order_at_entry(self) -> None:
        codes = np.array([0, 0, 1, 1, 2, 2, 2, 2])
        found = four_analyses(
            BEFORE, AFTER, codes, 3, reliability=0.9, contrasts=np.array([[1.0, -0.5, -0.5]])
        )
        assert found.entry == ("unknown",)

    def test_entry_order(self) -> None:
        assert entry_order(np.array([1.0]), np.array([2.0])) == "lower"
        assert entry_order(np.array([]), np.array([2.0])) == "unknown"
        assert entry_order(np.array([1.0, 2, 2]), np.array([1.0, 2, 2])) == "same"

    @given(
        st.integers(0, 10_000), st.floats(0.05, 1.0), st.floats(-0.5, 1.5), st.floats(-3, 3),
    )  # fmt: skip
    def test_the_condition_says_when_the_corrected_is_between(
        self, seed: int, reliability: float, steep: float, apart: float
    ) -> None:
        rng = np.random.default_rng(seed)
        before = rng.normal(size=20) + apart * np.repeat([0, 1], 10)
        after = steep * before + rng.normal(size=20)
        found = four_analyses(before, after, np.repeat([0, 1], 10), 2, reliability=reliability)
        change, ancova, corrected, _ = (a.estimates.estimate[0] for a in found.analyses)
        if np.isnan(corrected):
            assert found.bracket.reasons[0]
            return
        inside = min(change, ancova) - 1e-9 <= corrected <= max(change, ancova) + 1e-9
        if found.bracket.ordered[0]:
            assert inside
        b, corrected_slope = found.analyses[1].slope, found.analyses[2].slope
        # with a reliability of 1 the corrected analysis is the ancova, and stands at the end of any span
        clear = reliability < 0.99 and (b < -1e-3 or corrected_slope > 1.001)
        if not found.bracket.ordered[0] and clear and abs(found.baseline_difference[0]) > 1e-2:
            assert not inside

    @given(st.integers(0, 10_000), st.floats(0.5, 0.95), st.floats(0.0, 1.0))
    def test_an_interval_of_the_reliability_encloses_all_between(
        self, seed: int, low: float, share: float
    ) -> None:
        rng = np.random.default_rng(seed)
        before = rng.normal(size=30) + np.repeat([0.0, 1.0], 15)
        after = 0.4 * before + rng.normal(size=30)
        codes, inner = np.repeat([0, 1], 15), low + share * (1 - low)
        ends = four_analyses(before, after, codes, 2, reliability=(low, 1.0)).analyses[2:4]
        between = corrected_ancova(before, after, codes, 2, reliability=inner).estimates
        if any(end.estimates.reason for end in ends):
            return
        assert min(e.estimates.conf_low[0] for e in ends) <= between.conf_low[0] + 1e-12
        assert max(e.estimates.conf_high[0] for e in ends) >= between.conf_high[0] - 1e-12


class TestProperties:
    @given(st.integers(0, 10_000), st.floats(-1e3, 1e3), st.floats(0.1, 10.0))
    def test_units(self, seed: int, shift: float, scale: float) -> None:
        rng = np.random.default_rng(seed)
        before, after = rng.normal(size=(2, 18))
        after[[3, 9]] = np.nan
        codes = np.tile([0, 1, 2], 6)
        codes[9] = -1
        one = four_analyses(before, after, codes, 3, reliability=0.95)
        two = four_analyses(before * scale + shift, after * scale + shift, codes, 3, reliability=0.95)
        for a, b in zip(one.analyses, two.analyses, strict=True):
            np.testing.assert_allclose(
                b.estimates.estimate, a.estimates.estimate * scale, rtol=1e-6, atol=1e-8
            )
            np.testing.assert_allclose(b.estimates.p_value, a.estimates.p_value, rtol=1e-6, atol=1e-9)
        part = regression_to_mean(before, after, codes, 3)
        moved = regression_to_mean(before * scale + shift, after * scale + shift, codes, 3)
        np.testing.assert_allclose(
            moved.remainder.conf_low, part.remainder.conf_low * scale, rtol=1e-5, atol=1e-7
        )

    @given(st.integers(0, 10_000))
    def test_order_of_the_persons_and_mirrored_contrasts(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        before, after = rng.normal(size=(2, 12))
        codes, order = np.tile([0, 1], 6), rng.permutation(12)
        there = four_analyses(before, after, codes, 2, reliability=0.9)
        back = four_analyses(before[order], after[order], codes[order], 2, reliability=0.9, reference=1)
        for a, b in zip(there.analyses, back.analyses, strict=True):
            np.testing.assert_allclose(b.estimates.estimate, -a.estimates.estimate, rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(b.estimates.conf_low, -a.estimates.conf_high, rtol=1e-9, atol=1e-12)

    @given(st.integers(0, 10_000))
    def test_agreement_with_the_group_models(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        before, after = rng.normal(size=(2, 15)) + 1e3
        codes = np.tile([0, 1, 2], 5)
        found = four_analyses(before, after, codes, 3, reliability=1.0)
        ancova = group_model(after, codes, 3, covariates=before[:, None]).contrasts
        change = group_model(after - before, codes, 3).contrasts
        for ours, theirs in zip(found.analyses, (change, ancova, ancova), strict=False):
            np.testing.assert_allclose(ours.estimates.std_error, theirs.std_error[:2], rtol=1e-7)
            np.testing.assert_allclose(ours.estimates.p_value, theirs.p_value[:2], rtol=1e-6)

    def test_those_lost_and_ungrouped_count_in_the_baseline_only(self) -> None:
        before = np.append(BEFORE, [9.0, 9.0, 1.0])
        after = np.append(AFTER, [np.nan, np.nan, 5.0])
        codes = np.append(CODES, [1, -1, -1])
        found = constrained_baseline(before, after, codes, 2)
        plain = constrained_baseline(BEFORE, AFTER, CODES, 2)
        assert found.analysis.estimates.estimate.tolist() == plain.analysis.estimates.estimate.tolist()
        assert found.baseline_mean == pytest.approx((28 + 19) / 11)
        assert (found.n, found.baseline_n, found.lost.tolist(), found.ungrouped) == (8, 11, [0, 1], 2)
        # .5 + (.8 - 1)(47/11 - 2.5)
        assert found.gains.estimate[0] == pytest.approx(0.5 - 0.2 * (47 / 11 - 2.5))


class TestBadInput:
    def test_one_person_in_a_group(self) -> None:
        codes = np.array([0, 0, 0, 1, 1, 1, 1, 2])
        found = four_analyses(BEFORE, AFTER, codes, 3, reliability=0.9, names=("a", "b", "c"))
        for analysis in found.analyses:
            assert analysis.reasons[1] == "one person only in 'c'"
            assert np.isnan([analysis.estimates.estimate[1], analysis.estimates.p_value[1]]).all()
            assert np.isfinite(analysis.estimates.p_value[0])
        assert found.bracket.reasons == ("", "one person only in 'c'")
        assert np.isnan(found.bracket.conf_low[1])
        assert not found.bracket.zero_in_intervals[1]
        part = regression_to_mean(BEFORE, AFTER, codes, 3)
        assert part.reasons == ("", "", "one person only in group 3")
        assert np.isnan(part.gains).tolist() == [False, False, True]

    def test_the_others_are_as_if_that_person_were_not_there(self) -> None:
        codes = np.array([0, 0, 0, 1, 1, 1, 1, 2])
        found = four_analyses(
            BEFORE, AFTER, codes, 3, reliability=0.9, contrasts=np.array([[-1.0, 1.0, 0.0]])
        )
        without = four_analyses(BEFORE[:-1], AFTER[:-1], codes[:-1], 2, reliability=0.9)
        for a, b in zip(found.analyses, without.analyses, strict=True):
            np.testing.assert_allclose(a.estimates.conf_low[:1], b.estimates.conf_low, rtol=1e-10)

    def test_no_spread_at_baseline(self) -> None:
        before = np.where(CODES == 0, 2.1, 4.3)
        found = four_analyses(before, AFTER, CODES, 2, reliability=0.9)
        reasons = [analysis.reasons[0] for analysis in found.analyses]
        assert reasons[0] == ""
        assert set(reasons[1:]) == {"nobody differs at baseline from the others of the group: no slope"}
        # the change score stands alone: 2 - 2.2
        assert found.bracket.estimate_low[0] == found.bracket.estimate_high[0] == pytest.approx(-0.2)
        assert "no slope" in found.bracket.reasons[0]
        assert "no slope" in regression_to_mean(before, AFTER, CODES, 2).reason
        assert "no slope" in mee_chua(np.full(8, 2.1), AFTER, population_mean=3.0).reason
        span = mee_chua_range(np.full(8, 2.1), AFTER, low=1.0, high=2.0)
        assert "no slope" in span.reason
        assert np.isnan([span.p_largest, span.no_change_at, span.conf_low]).all()
        fit = constrained_baseline(before, AFTER, CODES, 2)
        assert "no slope" in fit.reason
        assert np.isnan([fit.log_likelihood, fit.correlation, *fit.gains.estimate]).all()

    @pytest.mark.parametrize("reliability", [0.0, -0.2, 1.0001, np.nan, np.inf])
    def test_reliability_outside(self, reliability: float) -> None:
        reason = "a reliability is above 0 and at most 1"
        found = corrected_ancova(BEFORE, AFTER, CODES, 2, reliability=reliability)
        assert (found.estimates.reason, found.reasons) == (reason, (reason,))
        assert np.isnan(found.slope)
        part = regression_to_mean(BEFORE, AFTER, CODES, 2, reliability=reliability)
        assert part.reason == reason
        assert np.isnan(part.expected.estimate).all()
        assert expected_contrasts(difference=1.0, reliability=reliability).reason == reason
        assert np.isnan(
            expected_contrasts(difference=1.0, reliability=0.8, assumed_reliability=reliability).ancova
        )

    def test_reliability_below_what_is_possible(self) -> None:
        # the squared correlation is .8
        assert corrected_ancova(BEFORE, AFTER, CODES, 2, reliability=0.8).estimates.reason == ""
        found = corrected_ancova(BEFORE, AFTER, CODES, 2, reliability=0.79)
        assert found.reasons[0].startswith(
            "a reliability of 0.79 is below 0.8, the squared correlation of the waves"
        )
        assert np.isnan([found.slope, *found.estimates.estimate, *found.estimates.std_error]).all()

    def test_all_of_one_group_lost(self) -> None:
        codes = np.array([0, 0, 0, 1, 1, 1, 2, 2])
        after = np.where(codes == 2, np.nan, AFTER)
        fit = constrained_baseline(BEFORE, after, codes, 3, names=("a", "b", "c"))
        assert fit.analysis.reasons == ("", "nobody in 'c' has a follow-up")
        assert fit.gain_reasons == ("", "", "nobody in 'c' has a follow-up")
        assert np.isnan(fit.gains.estimate).tolist() == [False, False, True]
        assert fit.baseline_n == 8
        assert fit.baseline_mean == BEFORE.mean()
        part = regression_to_mean(BEFORE, after, codes, 3)
        assert part.reasons[2] == "nobody in group 3 has a follow-up"
        assert np.isnan(part.remainder.estimate).tolist() == [False, False, True]

    def test_nobody_lost_is_the_complete_case(self) -> None:
        assert constrained_baseline(BEFORE, AFTER, CODES, 2).lost.tolist() == [0, 0]

    @pytest.mark.parametrize("waves", [(np.empty(0), np.empty(0)), (BEFORE, np.full(8, np.nan))])
    def test_nobody_seen_twice(self, waves: tuple[np.ndarray, np.ndarray]) -> None:
        before, after = waves
        codes = CODES[: len(before)]
        reason = "nobody has both waves and a group"
        found = four_analyses(before, after, codes, 2, reliability=0.9)
        assert all(analysis.estimates.reason == reason for analysis in found.analyses)
        assert np.isnan([found.bracket.estimate_low, found.bracket.conf_high]).all()
        assert constrained_baseline(before, after, codes, 2).reason == reason
        assert regression_to_mean(before, after, codes, 2).reason == reason
        assert mee_chua(before, after, population_mean=1.0).reason == reason
        span = regression_to_mean_range(before, after, codes, 2, low=1.0, high=2.0)
        assert not span.zero_in_interval.any()

    def test_a_missing_baseline_is_told(self) -> None:
        before = BEFORE.copy()
        before[[0, 5]] = np.nan
        found = four_analyses(before, AFTER, CODES, 2, reliability=0.9)
        assert {analysis.estimates.reason for analysis in found.analyses} == {"persons without a baseline: 2"}
        assert found.entry == ("unknown",)
        assert np.isnan(found.bracket.estimate_low).all()
        assert regression_to_mean(before, AFTER, CODES, 2).reason == "persons without a baseline: 2"
        assert constrained_baseline(before, AFTER, CODES, 2).reason == "persons without a baseline: 2"

    def test_too_few_persons(self) -> None:
        three = four_analyses(BEFORE[:3], AFTER[:3], np.array([0, 0, 1]), 2, reliability=0.9)
        assert three.analyses[1].estimates.reason == "3 persons are too few for 2 groups and a slope"
        two = four_analyses(BEFORE[:2], AFTER[:2], np.array([0, 1]), 2, reliability=0.9)
        assert two.analyses[0].estimates.reason == "2 persons are too few for 2 groups"
        assert (
            mee_chua(BEFORE[:1], AFTER[:1], population_mean=1.0).reason
            == "one person is too few for one group"
        )
        assert mee_chua(BEFORE[:2], AFTER[:2], population_mean=1.0).reason.endswith("one group and a slope")

    def test_no_residual(self) -> None:
        after = 0.3 + 0.7 * BEFORE + CODES
        found = four_analyses(BEFORE, after, CODES, 2, reliability=1.0)
        assert found.analyses[1].estimates.estimate[0] == pytest.approx(1.0)
        assert np.isnan(found.analyses[1].estimates.std_error).all()
        assert "without any residual" in found.analyses[1].reasons[0]
        assert found.analyses[0].reasons == ("",)
        alike = four_analyses(BEFORE, BEFORE + 0.3 * CODES, CODES, 2, reliability=1.0)
        assert alike.analyses[0].estimates.estimate[0] == pytest.approx(0.3)
        assert alike.analyses[0].reasons == ("no spread within the groups: no test",)
        fit = constrained_baseline(BEFORE, after, CODES, 2)
        assert "without any residual" in fit.reason
        # .7 * 2.5 + .3 - 2.5 + (.7 - 1)(3.5 - 2.5)
        assert fit.gains.estimate[0] == pytest.approx(-0.45 - 0.3)

    def test_weights(self) -> None:
        chosen = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, -1.0]])
        found = four_analyses(BEFORE, AFTER, CODES, 2, reliability=0.9, contrasts=chosen)
        assert found.bracket.reasons == ("the weights do not add up to zero", "a contrast of nothing", "")
        assert np.isnan(found.bracket.estimate_low).tolist() == [True, True, False]


def simulate(
    rng: np.random.Generator,
    n: int,
    *,
    difference: float,
    reliability: float,
    effect: float,
    carry_over: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two groups of n; the baseline has variance 1 within each, the follow-up an error of its own."""
    codes = np.repeat([0, 1], n)
    truth = rng.normal(scale=np.sqrt(reliability), size=2 * n) + difference * codes
    before = truth + rng.normal(scale=np.sqrt(1 - reliability), size=2 * n)
    after = 1.0 + carry_over * truth + effect * codes + rng.normal(scale=0.6, size=2 * n)
    return before, after, codes


class TestOnAverage:
    """Seeded simulations; the mean of 600 studies may be off by 4 of its own standard errors (1 in 16,000)."""

    @pytest.mark.parametrize(
        ("difference", "reliability", "effect", "carry_over"),
        [(1.5, 0.7, 0.0, 1.0), (1.0, 0.8, 0.5, 1.0), (-1.2, 0.6, 0.3, 0.5), (0.0, 0.7, 0.4, 0.9)],
    )
    def test_bias_of_each_analysis(
        self, difference: float, reliability: float, effect: float, carry_over: float
    ) -> None:
        rng = np.random.default_rng(20260402)
        truth = {
            "difference": difference,
            "reliability": reliability,
            "effect": effect,
            "carry_over": carry_over,
        }
        studies = [
            four_analyses(*simulate(rng, 60, **truth), 2, reliability=reliability).analyses
            for _ in range(600)
        ]
        found = np.array([[analysis.estimates.estimate[0] for analysis in study] for study in studies])
        expected = expected_contrasts(**truth)
        for column, name in enumerate(("change_score", "ancova", "ancova_corrected", "constrained_baseline")):
            values = found[:, column]
            off = values.mean() - getattr(expected, name)
            # dividing by an estimated slope's reliability has no bias: the slope is unbiased
            assert abs(off) < 4 * values.std(ddof=1) / np.sqrt(600), name
        assert expected.ancova_corrected == pytest.approx(effect)
        covered = np.mean([
            study[2].estimates.conf_low[0] <= effect <= study[2].estimates.conf_high[0] for study in studies
        ])  # fmt: skip
        # 4 Monte-Carlo errors of sqrt(.95 * .05 / 600) = .0089
        assert abs(covered - 0.95) < 0.036

    def test_the_formulas(self) -> None:
        # groups 2 apart, r = .75, everybody keeps their place: ANCOVA is off by (1 - r) 2 = .5
        alike = expected_contrasts(difference=2.0, reliability=0.75)
        assert (alike.change_score, alike.ancova, alike.ancova_corrected) == (0.0, 0.5, 0.0)
        assert alike.constrained_baseline == alike.ancova
        # true differences fade to a half and the baseline is perfect: the change is off by (.5 - 1) 2, ANCOVA is not
        fading = expected_contrasts(difference=2.0, reliability=1.0, effect=1.0, carry_over=0.5)
        assert (fading.change_score, fading.ancova, fading.ancova_corrected) == (0.0, 1.0, 1.0)
        # too small a reliability takes too much: 2 - .75 / .5 * 2
        assert (
            expected_contrasts(difference=2.0, reliability=0.75, assumed_reliability=0.5).ancova_corrected
            == -1.0
        )

    def test_the_known_slope_is_too_sure_of_itself(self) -> None:
        """Groups 2 SD apart: errors that take the slope as known are too small by what the slope varies."""
        rng = np.random.default_rng(5)
        estimated, known, values = [], [], []
        for _ in range(400):
            waves = simulate(rng, 30, difference=2.0, reliability=0.8, effect=0.0, carry_over=1.0)
            one = constrained_baseline(*waves, 2).analysis.estimates
            estimated.append(one.std_error[0])
            known.append(constrained_baseline(*waves, 2, slope_error="known").analysis.estimates.std_error[0])
            values.append(one.estimate[0])
        spread = np.std(values, ddof=1)  # its own relative error is 1/sqrt(800), 3.5 %
        assert abs(np.mean(estimated) / spread - 1) < 0.14
        # tau2 (2/30) against tau2 (2/30 + 4/58): .7
        assert np.mean(known) < 0.8 * spread

    def test_expected_regression_of_a_picked_group(self) -> None:
        """Of a population, those below the mean by one SD are picked; without an effect they gain (1 - r)(mu - m)."""
        rng = np.random.default_rng(8)
        remainders, p_values = [], []
        for _ in range(600):
            truth = rng.normal(50, 8, size=400)
            before, after = truth + rng.normal(0, 6, 400), truth + rng.normal(0, 6, 400)
            picked = before < 40
            test = mee_chua(before[picked], after[picked], population_mean=50.0)
            remainders.append(test.estimate)
            p_values.append(test.p_value)
            assert test.gain > 0
        error = np.std(remainders, ddof=1) / np.sqrt(600)
        assert abs(np.mean(remainders)) < 4 * error
        # 4 Monte-Carlo errors of sqrt(.05 * .95 / 600)
        assert abs(np.mean(np.array(p_values) < 0.05) - 0.05) < 0.036
