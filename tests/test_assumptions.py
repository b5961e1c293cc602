"""Checks of assumptions against R.

R prints 15 digits: closed forms agree to 1e-8 relative.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from larstudy.stats.arrays import FloatArray
from larstudy.stats.assumptions import equal_slopes, equal_spread, normality
from tests.conftest import ORACLES
from tests.samples import Sets, arrays

DATA = (
    "PlantGrowth", "InsectSprays", "anorexia", "unequal", "help_MCS6", "help_CES_D6", "help_MCS12", "help_CES_D12",
)  # fmt: skip
WITH_WAVES = DATA[2:]


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"group_comparisons_{name}.csv")


class TestAssumptions:
    @pytest.mark.parametrize("name", DATA)
    def test_spread_and_slopes_against_r(self, sets: Sets, name: str) -> None:
        row = oracle("assumptions").set_index("data").loc[name]
        y, codes, k = arrays(sets, name)
        for centre in ("median", "mean"):
            test = equal_spread(y, codes, k, centre=centre).test
            assert test.statistic == pytest.approx(row[f"{centre}_f"], rel=1e-8)
            assert test.p_value == pytest.approx(row[f"{centre}_p"], rel=1e-8)
            assert (test.df_num, test.df) == (row["df_num"], row["df"])
        if name in WITH_WAVES:
            frame = sets[name][0]
            before, after = (frame[wave].to_numpy(dtype=float) for wave in ("before", "after"))
            test = equal_slopes(after, codes, k, before).test
            assert test.statistic == pytest.approx(row["slopes_f"], rel=1e-8)
            assert test.p_value == pytest.approx(row["slopes_p"], rel=1e-8)
            assert (test.df_num, test.df) == (row["slopes_df_num"], row["slopes_df"])

    def test_shape_against_r(self, sets: Sets) -> None:
        for row in oracle("shape").itertuples():
            y, codes, _ = arrays(sets, row.data)
            self.same_shape(y[codes == sets[row.data][1].index(row.group)], row)

    def test_shape_for_every_way_of_counting(self) -> None:
        skewed = oracle("skewed")["value"].to_numpy()
        theirs = oracle("shape_by_n")
        assert {3, 5, 6, 11, 12, 600} <= set(theirs["n"])
        for row in theirs.itertuples():
            self.same_shape(skewed[: row.n], row)

    @staticmethod
    def same_shape(values: FloatArray, row) -> None:
        found = normality(values)
        assert found.n == row.n
        for column in ("skewness", "skewness_error", "kurtosis", "kurtosis_error", "shapiro_w"):
            assert getattr(found, column) == pytest.approx(getattr(row, column), rel=1e-8, nan_ok=True), (
                column
            )
        # R's own normal scores and log are single steps of the same approximation
        assert found.shapiro_p == pytest.approx(row.shapiro_p, rel=1e-6, abs=1e-15)
        assert found.skewness_z == pytest.approx(row.skewness / row.skewness_error, rel=1e-8)
        assert found.kurtosis_z == pytest.approx(row.kurtosis / row.kurtosis_error, rel=1e-8, nan_ok=True)

    @pytest.mark.parametrize(
        ("response", "codes", "k", "reason"),
        [
            ([1.0, 2], [0, 0], 1, "one group only: nothing to compare"),
            ([1.0, 2, 3], [0, 0, 1], 2, "1 of 2 groups has fewer than two persons: no spread of its own"),
            ([1.0, 2, 3], [0, 0, 0], 2, "1 of 2 groups has fewer than two persons: no spread of its own"),
            (
                [1.0, np.nan, 3, 4],
                [0, 0, 1, 1],
                2,
                "there are missing or infinite values among the responses",
            ),
            ([1.0, 1, 3, 3], [0, 0, 1, 1], 2, "no spread within the groups: no test"),
            ([1.0, 2, 3, 9], [0, 0, 1, 1], 2, "no spread within the groups: no test"),
        ],
    )
    def test_spread_of_bad_input(self, response: list[float], codes: list[int], k: int, reason: str) -> None:
        check = equal_spread(np.array(response), np.array(codes), k)
        assert check.test.reason == reason
        assert np.isnan([check.test.statistic, check.test.p_value]).all()
        assert "spread" in check.informs_about

    def test_one_group_without_spread_differs_from_the_others(self) -> None:
        # distances from the median 0 0 0 and 2 0 2: between 6 (2/3)^2 = 8/3, within 8/3 on 4 df
        check = equal_spread(np.array([5.0, 5, 5, 1, 3, 5]), np.repeat([0, 1], 3), 2)
        assert check.test.statistic == pytest.approx(4.0)

    @pytest.mark.parametrize(
        ("response", "codes", "k", "baseline", "reason"),
        [
            ([1.0, 2], [0, 0], 1, [1.0, 2], "one group only: nothing to compare"),
            ([1.0, 2, 3, 5], [0, 0, 0, 1], 2, [1.0, 2, 4, 4], "1 of 2 groups has fewer than two different baselines: no slope"),
            ([1.0, 2, 3, 5], [0, 0, 1, 1], 2, [1.0, 2, 4, 4], "1 of 2 groups has fewer than two different baselines: no slope"),
            ([1.0, 2, 3, 5], [0, 0, 0, 0], 2, [1.0, 2, 4, 4], "1 of 2 groups has fewer than two different baselines: no slope"),
            ([1.0, 2, 3, 5], [0, 0, 1, 1], 2, [1.0, 2, 3, 4], "4 persons are too few for 4 coefficients"),
            ([1.0, np.nan, 3, 5], [0, 0, 1, 1], 2, [1.0, 2, 3, 4], "there are missing or infinite values among the responses"),
            ([1.0, 2, 3, 5], [0, 0, 1, 1], 2, [1.0, np.inf, 3, 4], "there are missing or infinite values among the baselines"),
            ([1.0, 2, 3, 2, 3, 4], [0, 0, 0, 1, 1, 1], 2, [1.0, 2, 3, 1, 2, 3], "the model fits without any residual: no test"),
        ],
    )  # fmt: skip
    def test_slopes_of_bad_input(
        self, response: list[float], codes: list[int], k: int, baseline: list[float], reason: str
    ) -> None:
        check = equal_slopes(np.array(response), np.array(codes), k, np.array(baseline))
        assert check.test.reason == reason
        assert np.isnan([check.test.statistic, check.test.p_value]).all()
        assert "baseline" in check.informs_about

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ([], "fewer than three values: no shape"),
            ([1.0, 2.0], "fewer than three values: no shape"),
            ([1.0, 2.0, np.nan], "there are missing or infinite values"),
            ([0.3, 0.1 + 0.2, 0.3], "all values are the same: no shape"),
        ],
    )
    def test_shape_of_bad_input(self, values: list[float], reason: str) -> None:
        found = normality(np.array(values))
        assert found.reason == reason
        assert np.isnan(
            [found.skewness, found.skewness_z, found.kurtosis, found.shapiro_w, found.shapiro_p]
        ).all()

    def test_parts_that_are_missing(self) -> None:
        three = normality(np.array([1.0, 2.0, 3.0]))
        # in a straight line: W = 1 and p = 6 / pi (asin 1 - asin sqrt(3/4)) = 1
        assert (three.shapiro_w, three.shapiro_p) == (pytest.approx(1.0), pytest.approx(1.0))
        assert three.reason == "three values: too few for kurtosis"
        assert np.isnan(three.kurtosis_z)
        many = normality(np.arange(5001.0))
        assert many.reason == "more than 5,000 values: no Shapiro-Wilk"
        assert np.isnan(many.shapiro_p)
        # of evenly spaced values the excess is -6 (n^2 + 1) / (5 (n^2 - 1)) before correction
        assert many.kurtosis == pytest.approx(-1.2, abs=1e-3)

    @pytest.mark.parametrize(
        ("n", "p"),
        [
            (4, 0.00124072593197728), (5, 0.000130978175851881), (6, 2.07292443849816e-05),
            (7, 4.13561209143951e-06), (8, 1.04723131579123e-06), (9, 3.21749285541393e-07),
            (10, 1.00369281388907e-07), (11, 2.24340190161219e-08), (12, 1.20728455911090e-06),
        ],
    )  # fmt: skip
    def test_the_smallest_w_has_a_p(self, n: int, p: float) -> None:
        # all alike but one is as far from normal as n values get; R: shapiro.test(c(rep(0, n - 1), 1))$p.value
        assert normality(np.array([0.0] * (n - 1) + [1.0])).shapiro_p == pytest.approx(p, rel=1e-8)
