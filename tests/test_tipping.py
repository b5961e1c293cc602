"""Pooling, tipping points, bounds and E-values: against R (tests/oracles/lost.R) and by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from larstudy.stats.bounds import Bounds, change_bounds, difference_bounds, imbens_manski
from larstudy.stats.e_values import e_value_of_difference, e_value_of_risk_ratio
from larstudy.stats.groups import group_model
from larstudy.stats.linear import estimates, fit_linear
from larstudy.stats.pooling import pool_estimates, pool_test
from larstudy.stats.tipping import pattern_table, shift_imputed, tipping_point, tipping_points
from tests.conftest import ORACLES


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"lost_{name}.csv")


class TestPooling:
    def by_imputation(self) -> tuple[list[str], np.ndarray, np.ndarray, np.ndarray]:
        rows = oracle("pool_inputs")
        names = rows["term"].unique().tolist()
        shape = (-1, len(names))
        covariances = rows[["X.Intercept.", "age", "bmi", "hyp"]].to_numpy().reshape(-1, 4, 4)
        return (
            names,
            rows["estimate"].to_numpy().reshape(shape),
            rows["std_error"].to_numpy().reshape(shape),
            covariances,
        )

    def test_estimates_against_mice(self) -> None:
        names, estimate, error, _ = self.by_imputation()
        for row in oracle("pool").to_dict("records"):
            m, j = int(row["m"]), names.index(row["term"])
            df = row["n"] - 4
            ours = pool_estimates(estimate[:m], error[:m], df_complete=df)
            assert (ours.m, ours.reason) == (m, "")
            for column in list(row)[3:]:
                assert getattr(ours, column)[j] == pytest.approx(row[column], rel=1e-8), (row, column)

    def test_several_at_once_against_mitml(self) -> None:
        _, estimate, _, covariances = self.by_imputation()
        # "two" tests bmi and hyp, "all" age too
        for row in oracle("pool_test").to_dict("records"):
            take = slice(2, None) if row["what"] == "two" else slice(1, None)
            m = int(row["m"])
            ours = pool_test(estimate[:m, take], covariances[:m, take, take], df_complete=row["df_complete"])
            for column in ("statistic", "df_num", "df", "p_value", "relative_increase"):
                assert getattr(ours, column) == pytest.approx(row[column], rel=1e-8), (row, column)

    def test_few_imputations_use_the_other_formula(self) -> None:
        # k (m - 1) = 3: df = 3 (1 + 1/3) (1 + 1/r)^2 / 2 with r = (3/2) tr(B) / 3
        estimate = np.array([[1.0, 2, 3], [2.0, 2, 5]])
        found = pool_test(estimate, np.tile(np.eye(3), (2, 1, 1)))
        r = 1.5 * (0.5 + 0 + 2) / 3
        assert found.relative_increase == pytest.approx(r)
        assert found.df == pytest.approx(2 * (1 + 1 / r) ** 2)
        assert found.statistic == pytest.approx((1.5**2 + 4 + 16) / 3 / (1 + r))

    def test_nothing_missing_is_the_test_of_complete_data(self) -> None:
        estimate, error = np.full((5, 1), 2.0), np.full((5, 1), 1.0)
        found = pool_estimates(estimate, error)
        assert found.df[0] == np.inf
        assert found.p_value[0] == pytest.approx(0.04550026389635842, rel=1e-8)  # 2 (1 - Phi(2))
        # df (df + 1)/(df + 3) of the complete data: 10 * 11 / 13
        assert pool_estimates(estimate, error, df_complete=10).df[0] == pytest.approx(110 / 13)
        test = pool_test(estimate, np.ones((5, 1, 1)))
        assert (test.df, test.statistic) == (np.inf, 4.0)
        assert test.p_value == pytest.approx(0.04550026389635842, rel=1e-8)

    def test_clusters_are_not_lost_with_persons(self) -> None:
        estimate, error = np.array([[1.0], [2.0], [3.0]]), np.ones((3, 1))
        # Within 1, between 4/3, a share of 4/7 between: 1 / ((4/7)^2 / 2 + (3/7)^2 / 10) = 5.505618
        found = pool_estimates(estimate, error, df_complete=10, df_rule="satterthwaite")
        assert found.df[0] == pytest.approx(5.505618, abs=1e-6)
        # Barnard and Rubin: 1 / ((4/7)^2 / 2 + 13 / (10 * 11 * 3/7)) = 2.279
        assert pool_estimates(estimate, error, df_complete=10).df[0] == pytest.approx(
            1 / ((4 / 7) ** 2 / 2 + 13 / (110 * 3 / 7))
        )
        assert (found.estimate[0], found.std_error[0]) == (2.0, pytest.approx(np.sqrt(7 / 3)))
        # Where nothing is missing, those of the complete data stand; without an end, none.
        alike = np.full((5, 1), 2.0), np.full((5, 1), 1.0)
        assert pool_estimates(*alike, df_complete=10, df_rule="satterthwaite").df[0] == pytest.approx(10)
        assert pool_estimates(*alike, df_rule="satterthwaite").df[0] == np.inf
        assert np.isnan(pool_estimates(estimate[:1], error[:1], df_rule="satterthwaite").df).all()

    def test_what_cannot_be_pooled(self) -> None:
        one = pool_estimates(np.ones((1, 2)), np.ones((1, 2)))
        assert one.reason == "one imputation: no spread between imputations"
        assert one.estimate.tolist() == [1.0, 1.0]
        assert np.isnan([*one.df, *one.p_value, *one.conf_low]).all()
        none = pool_estimates(np.ones((0, 2)), np.ones((0, 2)))
        assert none.reason == "0 imputations: nothing to pool"
        assert np.isnan(none.estimate).all()
        gap = pool_estimates(np.array([[1.0, 2], [1.5, np.nan]]), np.ones((2, 2)))
        assert gap.reason == "1 of 2 estimates are missing in some imputation"
        assert np.isnan(gap.estimate[1])
        assert gap.p_value[0] > 0
        flat = pool_estimates(np.array([[1.0], [2.0]]), np.zeros((2, 1)))
        assert flat.reason == "1 of 1 estimates have no standard error"
        assert np.isnan(flat.p_value[0])

    def test_what_cannot_be_tested_at_once(self) -> None:
        estimate, eye = np.array([[1.0, 2], [2, 2]]), np.tile(np.eye(2), (2, 1, 1))
        assert pool_test(estimate[:1], eye[:1]).reason.startswith("one imputation")
        assert pool_test(estimate[:0], eye[:0]).reason.startswith("0 imputations")
        assert pool_test(estimate[:, :0], eye[:, :0, :0]).reason == "no estimates to test"
        assert pool_test(estimate * np.nan, eye).reason == "some estimates are missing in some imputation"
        assert "determine each other" in pool_test(estimate, np.ones((2, 2, 2))).reason
        assert "no standard error" in pool_test(estimate, 0 * eye).reason
        few = pool_test(estimate, eye, df_complete=20)
        assert few.reason == "too few imputations or degrees of freedom for the test"
        assert few.statistic > 0
        assert np.isnan(few.p_value)
        assert np.isnan(pool_test(np.tile(estimate, (5, 1)) * 9, np.tile(eye, (5, 1, 1)), df_complete=3).df)


@pytest.fixture(scope="module")
def parts(btheb: pd.DataFrame) -> tuple:
    completed = oracle("tipping_inputs").to_numpy().T
    codes = btheb["btheb"].to_numpy(int)
    pre = btheb["pre"].to_numpy()
    design = np.column_stack([np.ones(len(pre)), pre, codes])

    def test(outcome: np.ndarray) -> tuple[float, float]:
        fits = [estimates(fit_linear(design, y), np.array([[0.0, 0, 1]])) for y in outcome]
        found = pool_estimates(
            np.array([f.estimate for f in fits]), np.array([f.std_error for f in fits]), df_complete=97
        )
        return float(found.estimate[0]), float(found.p_value[0])

    return completed, btheb["after_8m"].isna().to_numpy(), codes, test


class TestTipping:
    """Beat the Blues at 8 months: the imputations that mice made, the analysis by ANCOVA and Rubin's rules."""

    def test_patterns_against_r(self, parts: tuple) -> None:
        completed, lost, codes, test = parts
        theirs = oracle("tipping")
        shifts = np.where(
            theirs["arm"].to_numpy()[:, None] == [0, 1], theirs["delta"].to_numpy()[:, None], 0.0
        )
        found = pattern_table(completed, lost, codes, test, shifts_mid=shifts / 5, mid=5.0)
        np.testing.assert_allclose(found.estimates, theirs["estimate"], rtol=1e-8)
        np.testing.assert_allclose(found.p_values, theirs["p_value"], rtol=1e-8)
        assert found.holds.tolist() == (theirs["p_value"] < 0.05).tolist()
        assert found.reason == ""

    @pytest.mark.parametrize("verdict", ["significant", "sign"])
    def test_points_against_r(self, parts: tuple, verdict: str) -> None:
        completed, lost, codes, test = parts
        found = tipping_points(
            completed, lost, codes, 2, test, mid=5.0, step=0.5, largest=3, verdict=verdict, tolerance=1e-8
        )
        for point, theirs in zip(found, oracle("tipping_points")[verdict], strict=True):
            assert point.delta == pytest.approx(theirs, abs=1e-6)
            assert point.delta_mid == pytest.approx(theirs / 5, abs=1e-6)
            target = (point.p_value_at, 0.05) if verdict == "significant" else (point.estimate_at, 0.0)
            assert target[0] == pytest.approx(target[1], abs=1e-6)
            assert (point.estimate, point.p_value) == test(completed)
        assert [point.group for point in found] == [0, 1]

    def test_shift_moves_only_the_lost_of_a_group(self) -> None:
        found = shift_imputed(
            np.zeros((2, 4)), np.array([True, False, True, True]), np.array([0, 0, 1, 1]), np.array([3.0, -1])
        )
        assert found.tolist() == [[3.0, 0.0, -1.0, -1.0]] * 2

    def test_a_verdict_that_never_turns(self) -> None:
        found = tipping_point(lambda delta: (1.0, 0.01), largest=2.0, step=0.5)
        assert found.reason == "the verdict stands for every shift up to 2 minimal important differences"
        assert np.isnan([found.delta, found.delta_mid, found.p_value_at]).all()
        assert found.holds.tolist() == [True] * 9
        assert found.shifts_mid.tolist() == [-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]

    def test_the_nearer_side_counts(self) -> None:
        found = tipping_point(lambda delta: (delta, 0.01 if -3.2 < delta < 1.3 else 0.5), tolerance=1e-6)
        assert found.delta == pytest.approx(1.3, abs=1e-5)
        assert found.delta >= 1.3
        assert found.p_value_at == 0.5

    def test_what_cannot_be_tested(self) -> None:
        assert "no verdict to turn" in tipping_point(lambda delta: (1.0, np.nan)).reason
        assert "above 0" in tipping_point(lambda delta: (1.0, 0.01), mid=0.0).reason
        found = tipping_point(lambda delta: (1.0, np.nan if abs(delta) > 1 else 0.01), largest=2, step=0.5)
        assert found.reason == "4 of 9 shifts cannot be tested, and the verdict stands before them"
        # a hole within the step where it turns: the far end has turned, the hole has not
        hole = tipping_point(
            lambda d: (1.0, np.nan if 0.3 < d < 0.45 else 0.01 + 0.1 * (d >= 0.45)), step=0.5
        )
        assert hole.delta == pytest.approx(0.45, abs=1e-3)

    def test_nobody_lost_in_a_group_and_patterns_without_a_test(self) -> None:
        outcome, codes = np.array([[1.0, 2, 3, 4]]), np.array([0, 0, 1, 1])
        lost = np.array([False, False, False, True])
        first, second = tipping_points(
            outcome, lost, codes, 2, lambda y: (y.sum(), 0.01), mid=1.0, verdict="sign", largest=12
        )
        assert first.reason == "nobody of this group was lost: nothing to shift"
        assert second.delta == pytest.approx(-10, abs=1e-3)  # 1 + 2 + 3 + 4 - 10 = 0
        table = pattern_table(
            outcome,
            lost,
            codes,
            lambda y: (1.0, np.nan if y[0, 3] < 4 else 0.01),
            shifts_mid=np.array([[0.0, -1], [0, 1]]),
            mid=1.0,
        )
        assert (table.holds.tolist(), table.reason) == ([False, True], "1 of 2 patterns cannot be tested")
        none = pattern_table(
            outcome, lost, codes, lambda y: (1.0, np.nan), shifts_mid=np.zeros((1, 2)), mid=1.0
        )
        assert none.reason == "without a shift it cannot be tested: no verdict to turn"
        assert none.holds.tolist() == [False]
        empty = pattern_table(
            outcome, lost, codes, lambda y: (1.0, 0.5), shifts_mid=np.zeros((0, 2)), mid=1.0
        )
        assert empty.estimates.shape == (0,)

    def test_with_the_groups_of_a_comparison(self) -> None:
        """Any test will do: here the ANCOVA of the package, one completed data set a time."""
        rng = np.random.default_rng(2)
        before, codes = rng.normal(size=60), np.repeat([0, 1, 2], 20)
        completed = before + codes + rng.normal(size=(3, 60))

        def test(outcome: np.ndarray) -> tuple[float, float]:
            found = [group_model(y, codes, 3, covariates=before[:, None]).contrasts for y in outcome]
            pooled = pool_estimates(
                np.array([f.estimate for f in found]), np.array([f.std_error for f in found]), df_complete=56
            )
            return float(pooled.estimate[1]), float(pooled.p_value[1])

        found = tipping_points(completed, np.arange(60) % 2 == 0, codes, 3, test, mid=1.0)
        # The middle group is not in the contrast of the first and the last; through the residual variance it matters.
        assert abs(found[0].delta) < 4
        assert found[0].delta * found[2].delta < 0


class TestBounds:
    def test_against_r(self, btheb: pd.DataFrame) -> None:
        groups = {name: btheb[btheb["btheb"] == code] for name, code in (("BtheB", 1), ("TAU", 0))}
        columns = (
            "estimate", "bound_low", "bound_high", "std_error_low", "std_error_high", "conf_low", "conf_high", "n", "n_lost",
        )  # fmt: skip
        for row in oracle("bounds").to_dict("records"):
            found: dict[str, Bounds] = {
                name: change_bounds(
                    rows["pre"].to_numpy(),
                    rows[f"after_{row['month']}"].to_numpy(),
                    low=0,
                    high=63,
                    level=row["level"],
                )
                for name, rows in groups.items()
            }
            found["BtheB-TAU"] = difference_bounds(found["BtheB"], found["TAU"], level=row["level"])
            for column in columns:
                assert getattr(found[row["what"]], column) == pytest.approx(
                    row[column], rel=1e-8, abs=1e-10
                ), (row, column)
            assert found[row["what"]].reason == ""

    @given(
        hnp.arrays(float, (2, 15), elements=st.integers(0, 10).map(float)),
        hnp.arrays(bool, (2, 15)),
        hnp.arrays(float, (2, 15), elements=st.integers(0, 10).map(float)),
    )
    def test_hold_whatever_the_lost_answered(
        self, known: np.ndarray, lost: np.ndarray, truth: np.ndarray
    ) -> None:
        seen = np.where(lost, np.nan, known)
        whole = np.where(lost, truth, known)
        found = change_bounds(seen[0], seen[1], low=0, high=10)
        mean = (whole[1] - whole[0]).mean()
        assert found.bound_low - 1e-9 <= mean <= found.bound_high + 1e-9
        assert found.bound_high - found.bound_low == pytest.approx(10 * lost.sum() / 15)
        if not np.isnan(found.conf_low):
            assert found.conf_low <= found.bound_low <= found.bound_high <= found.conf_high
            mirrored = change_bounds(10 - seen[0], 10 - seen[1], low=0, high=10)
            assert mirrored.conf_low == pytest.approx(-found.conf_high, abs=1e-9)

    def test_all_lost_in_one_group_has_bounds_still(self) -> None:
        lost = change_bounds(np.array([2.0, 4, 6]), np.full(3, np.nan), low=0, high=10)
        assert (lost.bound_low, lost.bound_high) == (-4.0, 6.0)
        assert lost.reason == "nobody has both waves: no estimate"
        assert np.isnan(lost.estimate)
        seen = change_bounds(np.array([2.0, 4, 6]), np.array([3.0, 4, 6]), low=0, high=10)
        both = difference_bounds(lost, seen)
        assert (both.bound_low, both.bound_high) == pytest.approx((-4 - 1 / 3, 6 - 1 / 3))
        assert both.conf_low < both.bound_low
        assert both.reason == lost.reason

    def test_what_allows_no_bounds_or_no_interval(self) -> None:
        nobody = change_bounds(np.array([]), np.array([]), low=0, high=10)
        assert (nobody.n, nobody.reason) == (0, "nobody at all")
        outside = change_bounds(np.array([5.0, 11]), np.array([5.0, -1]), low=0, high=10)
        assert outside.reason == "2 of 4 answers lie outside the scale from 0 to 10"
        assert np.isnan(outside.bound_low)
        assert change_bounds(np.ones(2), np.ones(2), low=3, high=3).reason == "the scale has no two ends"
        one = change_bounds(np.array([5.0]), np.array([np.nan]), low=0, high=10)
        assert (one.bound_low, one.bound_high, one.reason) == (
            -5.0,
            5.0,
            "one person only: no spread, no interval",
        )
        assert np.isnan(one.conf_low)
        alike = change_bounds(np.full(3, 0.1), np.full(3, 0.3), low=0, high=1)
        assert (alike.std_error_low, alike.reason) == (0.0, "no spread: no interval")
        spread = change_bounds(np.array([0.1, 0.2, 0.3]), np.array([0.3, 0.2, 0.2]), low=0, high=1)
        both = difference_bounds(alike, spread)
        assert np.isnan([both.conf_low, both.std_error_low]).all()
        assert both.reason == "no spread: no interval"
        assert difference_bounds(nobody, nobody).reason == "nobody at all"

    def test_interval_between_the_two_quantiles(self) -> None:
        assert imbens_manski((1.0, 1.0), (1.0, 1.0)) == pytest.approx(
            (1 - 1.959963984540054, 1 + 1.959963984540054)
        )
        assert np.isnan(imbens_manski((1.0, 1.0), (0.0, 0.0))).all()
        assert np.isnan(imbens_manski((np.nan, 1.0), (1.0, 1.0))).all()


class TestEValues:
    def test_against_r(self) -> None:
        for row in oracle("e_values").to_dict("records"):
            of = e_value_of_risk_ratio if row["scale"] == "risk_ratio" else e_value_of_difference
            found = of(row["estimate"], low=row["low"], high=row["high"])
            assert found.e_value == pytest.approx(row["e_value"], rel=1e-10)
            assert found.e_value_limit == pytest.approx(row["e_value_limit"], rel=1e-10)
            assert found.reason == ""

    @given(st.floats(1e-3, 1e3))
    def test_both_ways_alike(self, ratio: float) -> None:
        assert e_value_of_risk_ratio(ratio).e_value == pytest.approx(
            e_value_of_risk_ratio(1 / ratio).e_value, rel=1e-6
        )
        assert e_value_of_risk_ratio(ratio).e_value >= max(ratio, 1 / ratio) * (1 - 1e-9)

    def test_none_and_the_edges(self) -> None:
        found = e_value_of_difference(0.0, low=-0.2, high=0.2)
        assert (found.e_value, found.e_value_limit) == (1.0, 1.0)
        assert np.isnan(e_value_of_risk_ratio(2.0).e_value_limit)
        # an interval of a protective ratio that reaches below: the limit nearest 1 is the upper
        assert e_value_of_risk_ratio(0.5, low=0.0, high=1.0).e_value_limit == 1.0
        assert e_value_of_risk_ratio(0.5, low=0.0, high=0.8).e_value_limit == pytest.approx(
            1.25 + np.sqrt(1.25 * 0.25)
        )

    @pytest.mark.parametrize("ratio", [0.0, -1.0, np.nan, np.inf])
    def test_what_is_no_ratio(self, ratio: float) -> None:
        found = e_value_of_risk_ratio(ratio, low=0.5, high=2.0)
        assert np.isnan([found.e_value, found.e_value_limit]).all()
        assert found.reason == "the risk ratio is not a finite number above 0"

    def test_outside_its_interval_and_beyond_numbers(self) -> None:
        assert (
            e_value_of_risk_ratio(3.0, low=1.0, high=2.0).reason == "the estimate lies outside its interval"
        )
        assert e_value_of_difference(1000.0).reason == "the risk ratio is not a finite number above 0"
