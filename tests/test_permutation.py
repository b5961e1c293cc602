"""Permutation tests against full enumeration in R and by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.group_permutation import cross_strata, permutation_contrast, permutation_f
from larstudy.stats.groups import one_way
from larstudy.stats.permutation import monte_carlo_interval, sign_flip_test
from tests.conftest import ORACLES
from tests.samples import Sets, arrays

STRATA = np.repeat([0, 1, 2, 3], [4, 5, 4, 2])
STRATA_Y = np.array([3.1, 4.9, 7.2, 8.1, 1.0, 4.4, 3.9, 6.3, 9.8, 12.1, 10.4, 15.2, 13.3, 5, 6])
STRATA_CODES = np.array([1, 1, 2, 2, 1, 2, 2, 3, 3, 1, 1, 2, 3, 3, 3]) - 1


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"group_comparisons_{name}.csv")


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
