"""Welch, Games-Howell and Tukey against R, and input that allows no test.

R prints 15 digits: closed forms agree to 1e-8 relative.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from larstudy.stats.arrays import FloatArray
from larstudy.stats.group_moments import group_moments, how_many
from larstudy.stats.pairwise import PairwiseTests, every_pair, games_howell, tukey_hsd, welch_pairs
from larstudy.stats.planned_contrasts import (
    pooled_contrasts,
)
from larstudy.stats.studentized_range import (
    studentized_range_upper_tail,
)
from larstudy.stats.t_tests import t_tests
from larstudy.stats.welch import welch_one_way
from tests.conftest import ORACLES
from tests.samples import Sets, arrays

CLOSED_FORM = {"rtol": 1e-8, "atol": 1e-12}
BY_RANGE = {"rtol": 1e-8, "atol": 2e-9}
TESTS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")
DATA = (
    "PlantGrowth", "InsectSprays", "anorexia", "unequal", "help_MCS6", "help_CES_D6", "help_MCS12", "help_CES_D12",
)  # fmt: skip


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"group_comparisons_{name}.csv")


class TestWelch:
    @pytest.mark.parametrize("name", DATA)
    def test_one_way_against_r(self, sets: Sets, name: str) -> None:
        test = welch_one_way(*arrays(sets, name))
        row = oracle("oneway").set_index("data").loc[name]
        for column in ("statistic", "df_num", "df", "p_value"):
            assert getattr(test, column) == pytest.approx(row[column], rel=1e-8), column

    def test_two_groups_are_the_square_of_t(self, sets: Sets) -> None:
        y, codes, _ = arrays(sets, "anorexia")
        two = codes < 2
        test = welch_one_way(y[two], codes[two], 2)
        pair = welch_pairs(y[two], codes[two], 2)
        assert test.statistic == pytest.approx(pair.statistic[0] ** 2)
        assert (test.df, test.p_value) == (pytest.approx(pair.df[0]), pytest.approx(pair.p_value[0]))

    @pytest.mark.parametrize(
        ("response", "codes", "k", "reason"),
        [
            ([1.0, 2], [0, 0], 1, "one group only"),
            ([1.0, 2, 3], [0, 0, 1], 2, "1 of 2 groups has fewer than two persons"),
            ([1.0, 2, 3, 4], [0, 1, 2, 3], 4, "4 of 4 groups have fewer than two persons"),
            ([1.0, 2, 3, 4], [0, 0, 1, 1], 3, "1 of 3 groups has fewer than two persons"),
            ([1.0, 1, 3, 4], [0, 0, 1, 1], 2, "1 of 2 groups has no spread"),
            ([1.0, 1, 3, 3], [0, 0, 1, 1], 2, "2 of 2 groups have no spread"),
            ([1.0, np.nan, 3, 4], [0, 0, 1, 1], 2, "missing or infinite"),
            ([1.0, np.inf, 3, 4], [0, 0, 1, 1], 2, "missing or infinite"),
            ([], [], 2, "there is nobody"),
        ],
    )
    def test_bad_input(self, response: list[float], codes: list[int], k: int, reason: str) -> None:
        test = welch_one_way(np.array(response), np.array(codes, dtype=np.intp), k)
        assert np.isnan([test.statistic, test.p_value, test.df]).all()
        assert reason in test.reason

    def test_rounding_is_no_spread(self) -> None:
        before, after = np.array([0.1, 0.2, 0.7, 5.0, 7.0]), np.array([0.4, 0.5, 1.0, 6.0, 9.0])
        codes = np.array([0, 0, 0, 1, 1])
        assert "no spread" in welch_one_way(after - before, codes, 2, before, after).reason

    @given(
        hnp.arrays(float, 12, elements=st.integers(-50, 50).map(float), unique=True),
        st.integers(-1000, 1000),
        st.sampled_from([1e-3, 0.5, 7.0, 1e4]),
    )
    def test_unit_and_offset_do_not_matter(self, y: FloatArray, offset: int, unit: float) -> None:
        codes = np.repeat([0, 1, 2], [3, 4, 5])
        first, second = welch_one_way(y, codes, 3), welch_one_way(y * unit + offset, codes, 3)
        assert second.statistic == pytest.approx(first.statistic, rel=1e-6)
        assert second.df == pytest.approx(first.df, rel=1e-6)


def test_moments() -> None:
    y, codes = np.array([1.0, 2, 6, 4, 4, 9]), np.array([0, 0, 0, 1, 1, 3])
    moments = group_moments(y, codes, 4)
    np.testing.assert_array_equal(moments.means, [3, 4, np.nan, 9])
    # (4 + 1 + 9) / 2 = 7; no spread is exactly none; one person and nobody have none to speak of
    np.testing.assert_array_equal(moments.variances, [7, 0, np.nan, np.nan])
    # 14 on 2 + 1 degrees of freedom
    assert (moments.pooled_df, moments.pooled_variance) == (3.0, pytest.approx(14 / 3))
    assert np.isnan(group_moments(y[:1], codes[:1], 1).pooled_variance)
    assert how_many(np.array([True, True, False]), "has", "have") == "2 of 3 groups have"


class TestPairs:
    @pytest.mark.parametrize("name", DATA)
    @pytest.mark.parametrize("test", ["welch", "games_howell", "tukey"])
    def test_against_r(self, sets: Sets, name: str, test: str) -> None:
        compare = {"welch": welch_pairs, "games_howell": games_howell, "tukey": tukey_hsd}[test]
        ours = compare(*arrays(sets, name))
        theirs = oracle("pairs").query("data == @name and test == @test")
        groups = sets[name][1]
        assert [(groups[a], groups[b]) for a, b in ours.pairs] == list(
            theirs[["first", "second"]].itertuples(index=False, name=None)
        )
        for column in TESTS:
            # TukeyHSD takes p from ptukey, good to 1e-9 absolute
            np.testing.assert_allclose(
                getattr(ours, column),
                theirs[column],
                err_msg=column,
                **(CLOSED_FORM if test == "welch" else BY_RANGE),
            )
        assert ours.reasons == ("",) * len(ours.pairs)
        assert ours.reason == ""
        if test == "welch":
            np.testing.assert_allclose(ours.p_adjusted, theirs["holm"], rtol=1e-8)
            ours = welch_pairs(*arrays(sets, name), adjust="bonferroni")
            np.testing.assert_allclose(ours.p_adjusted, theirs["bonferroni"], rtol=1e-8)
        else:
            np.testing.assert_array_equal(ours.p_adjusted, ours.p_value)

    @pytest.mark.parametrize("compare", [welch_pairs, games_howell, tukey_hsd])
    def test_chosen_pairs_turned_round(self, sets: Sets, compare) -> None:
        everything = compare(*arrays(sets, "anorexia"), level=0.9)
        chosen = compare(*arrays(sets, "anorexia"), pairs=[(2, 0)], level=0.9)
        assert chosen.pairs == ((2, 0),)
        assert everything.pairs[1] == (0, 2)
        assert chosen.estimate[0] == -everything.estimate[1]
        assert chosen.conf_low[0] == pytest.approx(-everything.conf_high[1])
        # the family of Games-Howell and Tukey is every pair, whichever are shown
        assert chosen.p_value[0] == pytest.approx(everything.p_value[1])

    def test_two_groups_are_t_tests(self) -> None:
        y, codes = np.array([1.0, 2, 4, 8, 5, 9, 10]), np.array([0, 0, 0, 0, 1, 1, 1])
        welch, games = welch_pairs(y, codes, 2), games_howell(y, codes, 2)
        pooled, tukey = pooled_contrasts(y, codes, np.array([1.0, -1])), tukey_hsd(y, codes, 2)
        for one, other in ((welch, games), (pooled, tukey)):
            assert other.p_value[0] == pytest.approx(one.p_value[0], rel=1e-9)
            assert other.conf_low[0] == pytest.approx(one.conf_low[0], rel=1e-9)

    @pytest.mark.parametrize("compare", [welch_pairs, games_howell])
    def test_one_person_and_nobody(self, compare) -> None:
        y, codes = np.array([1.0, 2, 4, 5, 9, 10]), np.array([0, 0, 0, 1, 2, 2])
        tests = compare(y, codes, 4)
        assert isinstance(tests, PairwiseTests)
        can = [pair == (0, 2) for pair in tests.pairs]
        assert (~np.isnan(tests.p_value)).tolist() == can
        assert (~np.isnan(tests.conf_low)).tolist() == can
        assert tests.reasons == (
            "a group of one person has no spread of its own", "", "a group has nobody",
            "a group of one person has no spread of its own", "a group has nobody", "a group has nobody",
        )  # fmt: skip
        assert tests.reason == (
            "5 of 6 cannot be tested: a group of one person has no spread of its own; a group has nobody"
        )
        # the difference of means is there without a test: 7/3 - 5
        assert tests.estimate[0] == pytest.approx(7 / 3 - 5)
        # who cannot be tested does not widen the family of the others
        alone = compare(y[codes != 1], np.array([0, 0, 0, 1, 1]), 2)
        assert tests.p_adjusted[1] == pytest.approx(alone.p_adjusted[0])
        assert tests.conf_high[1] == pytest.approx(alone.conf_high[0])

    @pytest.mark.parametrize("compare", [welch_pairs, games_howell])
    def test_groups_without_spread(self, compare) -> None:
        y, codes = np.array([2.0, 2, 5, 5, 1, 2, 6]), np.array([0, 0, 1, 1, 2, 2, 2])
        tests = compare(y, codes, 3)
        assert tests.reasons == ("neither group has any spread: no test", "", "")
        # against a group without spread the error is that of the other: variance 7 of three, 2 df
        assert tests.std_error[1] == pytest.approx(np.sqrt(7 / 3))
        assert tests.df[1:].tolist() == [2.0, 2.0]

    def test_tukey_with_a_group_of_one(self) -> None:
        y, codes = np.array([1.0, 3, 4, 5, 9]), np.array([0, 0, 1, 1, 2])
        tests = tukey_hsd(y, codes, 4)
        # within: 2 + 0.5 on 2 degrees of freedom
        assert tests.std_error[1] == pytest.approx(np.sqrt(1.25 / 2 + 1.25))
        assert tests.reasons[2:3] == ("a group has nobody",)
        expected = studentized_range_upper_tail(np.sqrt(2) * abs(tests.statistic[1]), 3, 2.0)
        assert tests.p_value[1] == pytest.approx(float(expected))

    @pytest.mark.parametrize(
        ("response", "codes", "k", "reason"),
        [
            ([1.0, 2, 3], [0, 1, 2], 3, "no group has two persons: no spread within the groups"),
            ([1.0, 1, 3, 3], [0, 0, 1, 1], 2, "no spread within the groups: no test"),
            (
                [1.0, np.nan, 3, 3],
                [0, 0, 1, 1],
                2,
                "there are missing or infinite values among the responses",
            ),
            ([], [], 2, "there is nobody"),
        ],
    )
    def test_tukey_on_bad_input(self, response: list[float], codes: list[int], k: int, reason: str) -> None:
        tests = tukey_hsd(np.array(response), np.array(codes, dtype=np.intp), k)
        assert np.isnan(tests.p_value).all()
        assert tests.reason == reason

    @pytest.mark.parametrize("compare", [welch_pairs, games_howell, tukey_hsd])
    def test_one_group_has_no_pairs(self, compare) -> None:
        tests = compare(np.array([1.0, 2]), np.array([0, 0]), 1)
        assert tests.pairs == every_pair(1) == ()
        assert len(tests.p_value) == 0
        assert tests.reason == ""

    @pytest.mark.parametrize("compare", [welch_pairs, games_howell])
    def test_missing_values_are_not_dropped(self, compare) -> None:
        tests = compare(np.array([1.0, np.nan, 3, 4, 5, 7]), np.repeat([0, 1, 2], 2), 3)
        assert np.isnan(tests.estimate).all()
        assert tests.reason.startswith("there are missing")

    @settings(max_examples=20, deadline=None)
    @given(
        hnp.arrays(float, 12, elements=st.integers(-50, 50).map(float), unique=True),
        st.permutations(range(3)),
    )
    def test_relabelling_the_groups(self, y: FloatArray, order: list[int]) -> None:
        codes = np.repeat([0, 1, 2], [3, 4, 5])
        first = games_howell(y, codes, 3)
        second = games_howell(
            y, np.array(order)[codes], 3, pairs=[(order[a], order[b]) for a, b in first.pairs]
        )
        np.testing.assert_allclose(second.p_value, first.p_value, rtol=1e-6, atol=1e-14)


def test_reasons_in_common() -> None:
    nothing = t_tests(np.zeros(2), np.ones(2), np.array([5.0, np.inf]))
    assert (nothing.reason, nothing.p_value.tolist()) == ("", [1.0, 1.0])
    # 1.959964 for the normal
    assert nothing.conf_high[1] == pytest.approx(1.959963984540054)
    both = t_tests(np.zeros(2), np.ones(2), np.ones(2), reasons=("a", "b"))
    assert both.reason == "2 of 2 cannot be tested: a; b"
    assert t_tests(np.zeros(2), np.ones(2), np.ones(2), reasons=("a", "a")).reason == "a"
