"""Planned contrasts and equivalence against R, and input that allows no test.

R prints 15 digits: closed forms agree to 1e-8 relative.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larstudy.names import CHANGE_GROUPS
from larstudy.stats.arrays import FloatArray
from larstudy.stats.equivalence import equivalence_test, group_equivalence, paired_equivalence
from larstudy.stats.linear import fit_linear
from larstudy.stats.pairwise import welch_pairs
from larstudy.stats.planned_contrasts import (
    CHANGE_GROUP_CONTRASTS,
    ContrastTests,
    change_group_weights,
    contrasts_of_means,
    pooled_contrasts,
    weights_between,
    welch_contrasts,
)
from tests.conftest import ORACLES
from tests.samples import Sets, arrays

CLOSED_FORM = {"rtol": 1e-8, "atol": 1e-12}
TESTS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")
DATA = (
    "PlantGrowth", "InsectSprays", "anorexia", "unequal", "help_MCS6", "help_CES_D6", "help_MCS12", "help_CES_D12",
)  # fmt: skip
WITH_WAVES = DATA[2:]


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"group_comparisons_{name}.csv")


class TestPlannedContrasts:
    def rows(self, sets: Sets, name: str, names: list[str]) -> FloatArray:
        groups = sets[name][1]
        if name.startswith("help"):
            return np.array([change_group_weights(groups, contrast) for contrast in names])
        k = len(groups)
        # in R: the first against the mean of the rest, and a straight line
        return np.array([weights_between([0], range(1, k), k), np.arange(k) - (k - 1) / 2])

    @pytest.mark.parametrize("name", DATA)
    @pytest.mark.parametrize("method", ["pooled", "welch", "ancova"])
    def test_against_r(self, sets: Sets, name: str, method: str) -> None:
        theirs = oracle("contrasts").query("data == @name and method == @method")
        if method == "ancova" and name not in WITH_WAVES:
            assert theirs.empty
            return
        rows = self.rows(sets, name, list(theirs["contrast"]))
        y, codes, k = arrays(sets, name)
        if method == "ancova":
            frame = sets[name][0]
            before = frame["before"].to_numpy(dtype=float)
            design = np.column_stack([np.eye(k)[codes], before - before.mean()])
            fit = fit_linear(design, frame["after"].to_numpy(dtype=float))
            means = np.eye(k + 1)[:k]
            covariance = fit.residual_variance * means @ fit.unscaled @ means.T
            ours = contrasts_of_means(means @ fit.coefficients, covariance, rows, df=fit.df, adjust="holm")
        else:
            ours = {"pooled": pooled_contrasts, "welch": welch_contrasts}[method](
                y, codes, rows, adjust="holm"
            )
        for column in TESTS:
            np.testing.assert_allclose(getattr(ours, column), theirs[column], err_msg=column, **CLOSED_FORM)
        np.testing.assert_allclose(ours.p_adjusted, theirs["holm"], rtol=1e-8)
        np.testing.assert_array_equal(ours.weights, rows)
        assert ours.reason == ""

    @pytest.mark.parametrize("name", CHANGE_GROUP_CONTRASTS)
    def test_named_weights(self, name) -> None:
        groups = ["unclassified", *reversed(CHANGE_GROUPS)]
        weights = dict(zip(groups, change_group_weights(groups, name).tolist(), strict=True))
        assert sum(weights.values()) == pytest.approx(0)
        assert sum(w for w in weights.values() if w > 0) == pytest.approx(1)
        positive = {group for group, weight in weights.items() if weight > 0}
        negative = {group for group, weight in weights.items() if weight < 0}
        assert (positive, negative) == {
            "gained_against_drug_dominated": ({"gained_abstinent"}, {"drug_dominated"}),
            "abstinent_against_rest": (
                {"gained_abstinent", "maintained_abstinent"}, {"drug_dominated", "isolated"},
            ),
            "isolated_against_rest": (
                {"isolated"}, {"gained_abstinent", "maintained_abstinent", "drug_dominated"},
            ),
        }[name]  # fmt: skip

    def test_a_group_that_is_missing_makes_no_other_contrast(self) -> None:
        weights = change_group_weights(list(CHANGE_GROUPS[:3]), "abstinent_against_rest")
        assert np.isnan(weights).all()
        y, codes = np.array([1.0, 2, 3, 4, 5, 7]), np.repeat([0, 1, 2], 2)
        assert "a group of the contrast is missing" in pooled_contrasts(y, codes, weights).reason
        assert "a group of the contrast is missing" in contrasts_of_means(y[:3], np.eye(3), weights).reason

    def test_weights_by_person(self) -> None:
        counts = np.array([30.0, 10, 8, 0])
        assert weights_between([0, 1], [2], 4, counts=counts).tolist() == [0.75, 0.25, -1.0, 0.0]
        assert np.isnan(weights_between([0], [3], 4, counts=counts)[3])

    @pytest.mark.parametrize("test", [pooled_contrasts, welch_contrasts])
    @pytest.mark.parametrize(
        ("weights", "reason"),
        [
            ([1.0, -1, 0, 0], ""),
            ([0.0, 0, 0, 0], "all weights are zero: no contrast"),
            ([1.0, -0.9, 0, 0], "the weights do not add up to zero: no contrast"),
            ([1.0, np.nan, 0, 0], "the weights are unknown: a group of the contrast is missing"),
            ([1.0, 0, 0, -1], "a group of the contrast has nobody"),
        ],
    )
    def test_weights_that_are_none(self, test, weights: list[float], reason: str) -> None:
        y, codes = np.array([1.0, 2, 3, 5, 5, 7]), np.repeat([0, 1, 2], 2)
        tests = test(y, codes, np.array(weights))
        assert isinstance(tests, ContrastTests)
        assert tests.reasons == (reason,)
        assert np.isnan(tests.p_value[0]) == bool(reason)

    def test_one_person(self) -> None:
        y, codes = np.array([1.0, 3, 5, 4, 6]), np.array([0, 0, 1, 2, 2])
        rows = np.array([[1.0, -1, 0], [1, 0, -1]])
        # within: 2 + 2 on 2 degrees of freedom; error sqrt(2 (1/2 + 1))
        assert pooled_contrasts(y, codes, rows).std_error.tolist() == pytest.approx([np.sqrt(3), np.sqrt(2)])
        welch = welch_contrasts(y, codes, rows)
        assert welch.reasons == ("a group of one person has no spread of its own", "")
        assert welch.estimate.tolist() == [-3.0, -3.0]
        assert np.isnan(welch.std_error).tolist() == [True, False]
        alone = pooled_contrasts(np.array([1.0, 2, 3]), np.arange(3), rows)
        assert alone.reason == "no group has two persons: no spread within the groups"

    def test_no_spread(self) -> None:
        y, codes = np.array([1.0, 1, 5, 5, 4, 6]), np.repeat([0, 1, 2], 2)
        rows = np.array([[1.0, -1, 0], [1, 0, -1]])
        welch = welch_contrasts(y, codes, rows)
        assert welch.reasons == ("no group of the contrast has any spread: no test", "")
        # only the third group adds to the error: variance 2 of two persons, 1 degree of freedom
        assert (welch.std_error[1], welch.df[1]) == (1.0, 1.0)
        assert (
            pooled_contrasts(y[:4], codes[:4], rows[:1, :2]).reason == "no spread within the groups: no test"
        )

    @pytest.mark.parametrize("test", [pooled_contrasts, welch_contrasts])
    def test_missing_values_are_not_dropped(self, test) -> None:
        tests = test(np.array([1.0, np.nan, 5, 5]), np.repeat([0, 1], 2), np.array([1.0, -1]))
        assert tests.reason == "there are missing or infinite values among the responses"

    def test_given_means(self) -> None:
        means = np.array([1.0, 2.0, np.nan])
        covariance = np.array([[1.0, 1.0, 0], [1.0, 1.0, 0], [0, 0, np.nan]])
        rows = np.array([[1.0, -1, 0], [1, 0, -1], [1, -0.5, 0]])
        tests = contrasts_of_means(means, covariance, rows, df=5)
        # means that move together as one have a difference without variance
        assert tests.reasons == (
            "the contrast has no variance: no test",
            "a mean of the contrast, or its variance, is missing",
            "the weights do not add up to zero: no contrast",
        )
        assert np.isnan(tests.p_value).all()
        # the normal test: z = -1 / sqrt(2), p = 0.4795001
        normal = contrasts_of_means(means, np.eye(3), rows[:1])
        assert normal.p_value[0] == pytest.approx(0.4795001221869535)

    def test_pairs_are_contrasts(self, sets: Sets) -> None:
        y, codes, k = arrays(sets, "unequal")
        pairs = welch_pairs(y, codes, k)
        rows = np.array([np.eye(k)[a] - np.eye(k)[b] for a, b in pairs.pairs])
        tests = welch_contrasts(y, codes, rows)
        for column in TESTS:
            np.testing.assert_allclose(getattr(tests, column), getattr(pairs, column), rtol=1e-11)


class TestEquivalence:
    @pytest.mark.parametrize("name", WITH_WAVES)
    def test_against_r(self, sets: Sets, name: str) -> None:
        frame, groups = sets[name]
        before, after = (frame[wave].to_numpy(dtype=float) for wave in ("before", "after"))
        change, code = frame["y"].to_numpy(), frame["code"].to_numpy()
        theirs = oracle("equivalence").query("data == @name")
        assert len(theirs) == 9
        for row in theirs.itertuples():
            bounds = {"lower": row.lower, "upper": row.upper, "alpha": row.alpha}
            if row.design == "paired":
                result = paired_equivalence(before, after, **bounds)
            else:
                first, last = change[code == 0], change[code == len(groups) - 1]
                result = group_equivalence(first, last, spread=row.design, **bounds)
            for column in (
                "estimate", "std_error", "df", "statistic_lower", "p_lower", "statistic_upper", "p_upper",
                "conf_low", "conf_high",
            ):  # fmt: skip
                assert getattr(result, column) == pytest.approx(getattr(row, column), rel=1e-8), (row, column)
            assert result.p_value == max(result.p_lower, result.p_upper)
            assert result.equivalent == (row.lower < row.conf_low and row.conf_high < row.upper)

    @given(st.floats(-5, 5), st.floats(0.01, 5), st.floats(1, 100), st.floats(0.5, 4), st.floats(0.01, 0.2))
    def test_the_interval_decides_alike(
        self, estimate: float, error: float, df: float, bound: float, alpha: float
    ) -> None:
        result = equivalence_test(estimate, error, lower=-bound, upper=bound, df=df, alpha=alpha)
        inside = -bound < result.conf_low and result.conf_high < bound
        near = min(abs(result.conf_low + bound), abs(result.conf_high - bound)) < 1e-9
        assert near or result.equivalent == inside
        mirrored = equivalence_test(-estimate, error, lower=-bound, upper=bound, df=df, alpha=alpha)
        assert mirrored.p_lower == result.p_upper

    def test_of_any_estimate_by_the_normal(self) -> None:
        # z = 2 and -4: p = 0.0227501 and 0.0000317
        result = equivalence_test(-1.0, 1.0, lower=-3.0, upper=3.0)
        assert (result.p_lower, result.p_upper) == (
            pytest.approx(0.0227501319),
            pytest.approx(3.16712418e-05),
        )
        assert result.equivalent is True
        assert equivalence_test(-1.5, 1.0, lower=-3.0, upper=3.0).equivalent is False

    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            ({"lower": 1.0, "upper": 1.0}, "the lower bound is not below the upper one"),
            ({"lower": np.nan}, "the lower bound is not below the upper one"),
            ({"alpha": 0.5}, "alpha is not between 0 and 0.5"),
            ({"estimate": np.nan}, "there is no estimate"),
            ({"std_error": 0.0}, "the estimate has no standard error above zero: no test"),
            ({"std_error": np.nan}, "the estimate has no standard error above zero: no test"),
            ({"df": 0.0}, "no degrees of freedom: no test"),
            ({"reason": "as was said"}, "as was said"),
        ],
    )
    def test_bad_input(self, values: dict[str, float], reason: str) -> None:
        asked = {"estimate": 0.0, "std_error": 1.0, "lower": -1.0, "upper": 1.0, "df": 9.0, **values}
        result = equivalence_test(asked.pop("estimate"), asked.pop("std_error"), **asked)
        assert result.reason == reason
        assert result.equivalent is None
        assert np.isnan([result.p_lower, result.p_upper, result.p_value, result.conf_low, result.df]).all()

    @pytest.mark.parametrize(
        ("before", "after", "reason"),
        [
            ([], [], "nobody has both waves"),
            ([1.0], [2.0], "one person only: no spread, no test"),
            ([1.0, 2.0], [2.0, 3.0], "everybody changed by the same amount: no spread, no test"),
            ([1.0, np.nan], [2.0, 3.0], "there are missing or infinite values"),
        ],
    )
    def test_bad_pairs(self, before: list[float], after: list[float], reason: str) -> None:
        result = paired_equivalence(np.array(before), np.array(after), lower=-1.0, upper=1.0)
        assert (result.reason, result.equivalent) == (reason, None)

    def test_what_is_missing_beside_the_test_does_not_stop_it(self) -> None:
        # everybody alike at baseline: no correlation, but a test; t = (0.5 + 2) / 0.5 on 1 degree of freedom
        result = paired_equivalence(np.array([1.0, 1.0]), np.array([1.0, 2.0]), lower=-2.0, upper=2.0)
        assert (result.reason, result.statistic_lower) == ("", 5.0)
        assert result.p_lower == pytest.approx(0.5 - np.arctan(5) / np.pi)

    @pytest.mark.parametrize("spread", ["welch", "pooled"])
    def test_bad_groups(self, spread) -> None:
        three = np.array([1.0, 2, 4])
        for first, second in ((three, three[:0]), (three[:0], three[:0]), (three, np.array([np.nan, 1.0]))):
            result = group_equivalence(first, second, lower=-1.0, upper=1.0, spread=spread)
            assert result.equivalent is None
            assert result.reason
        flat = group_equivalence(three[[0, 0]], three[[1, 1]], lower=-1.0, upper=1.0, spread=spread)
        assert "spread" in flat.reason
        one = group_equivalence(three, three[:1], lower=-1.0, upper=1.0, spread=spread)
        assert (one.equivalent is None) == (spread == "welch")
