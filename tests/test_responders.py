"""Reliable change, responders and differences of shares: against R, print, and hand calculation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larstudy.stats.responders import (
    improvement,
    reliable_change,
    responder_rates,
    risk_difference,
    wilson_interval,
)
from tests.conftest import ORACLES
from tests.test_effects import two_waves

EXACT = {"rtol": 1e-8, "atol": 1e-11}


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"effects_{name}.csv")


class TestShares:
    @pytest.mark.parametrize("row", list(table("rates").itertuples(index=False)), ids=str)
    def test_against_r(self, row) -> None:  # type: ignore[no-untyped-def]
        first = wilson_interval(row.x1, row.n1, level=row.level)
        second = wilson_interval(row.x2, row.n2, level=row.level)
        ours = [first.conf_low, first.conf_high, second.conf_low, second.conf_high]
        np.testing.assert_allclose(ours, [row.low1, row.high1, row.low2, row.high2], **EXACT)
        found = risk_difference(first, second)
        ours = [found.estimate, found.conf_low, found.conf_high]
        np.testing.assert_allclose(ours, [row.estimate, row.conf_low, row.conf_high], **EXACT)
        assert (first.count, first.n, first.reason, found.reason) == (row.x1, row.n1, "", "")

    def test_against_statsmodels(self) -> None:
        from statsmodels.stats.proportion import confint_proportions_2indep

        theirs = confint_proportions_2indep(31, 120, 55, 131, method="newcomb", compare="diff")
        found = risk_difference(wilson_interval(31, 120), wilson_interval(55, 131))
        assert (found.conf_low, found.conf_high) == pytest.approx(theirs, rel=1e-9)

    @given(st.integers(1, 500), st.data())
    def test_mirror(self, n: int, data: st.DataObject) -> None:
        """Who responds and who does not: the same interval seen from the other end, within 0 and 1."""
        count = data.draw(st.integers(0, n))
        yes, no = wilson_interval(count, n), wilson_interval(n - count, n)
        assert yes.conf_low == pytest.approx(1 - no.conf_high, abs=1e-12)
        assert 0 <= yes.conf_low <= yes.estimate <= yes.conf_high <= 1
        back, forth = risk_difference(no, yes), risk_difference(yes, no)
        assert back.conf_low == pytest.approx(-forth.conf_high, abs=1e-12)

    @pytest.mark.parametrize(
        ("count", "n", "reason"),
        [(0, 0, "nobody: no share"), (3, 2, "3 of 2 cannot be"), (-1, 2, "-1 of 2 cannot be"), (1, 0, "1 of 0 cannot be")],
    )  # fmt: skip
    def test_bad_input(self, count: int, n: int, reason: str) -> None:
        found = wilson_interval(count, n)
        assert found.reason == reason
        assert np.isnan([found.estimate, found.conf_low, found.conf_high]).all()
        for difference in (
            risk_difference(found, wilson_interval(1, 2)),
            risk_difference(wilson_interval(1, 2), found),
        ):
            assert difference.reason == reason
            assert np.isnan([difference.estimate, difference.conf_low, difference.conf_high]).all()


class TestReliableChange:
    @pytest.mark.parametrize("row", list(table("reliable").itertuples(index=False)), ids=str)
    def test_against_r(self, row, help_frame: pd.DataFrame) -> None:  # type: ignore[no-untyped-def]
        before, after = two_waves(row.dataset, help_frame)
        differ = {"sd_after": after.std(ddof=1), "reliability_after": 0.9} if row.form == 2 else {}
        found = reliable_change(
            before, after, sd_before=before.std(ddof=1), reliability=0.84, higher_is="better", **differ
        )
        assert found.std_error == pytest.approx(row.std_error, rel=1e-8)
        assert found.threshold == pytest.approx(1.96 * row.std_error, rel=1e-8)
        assert (found.n, found.improved.count, found.deteriorated.count) == (
            row.n,
            row.improved,
            row.deteriorated,
        )
        assert found.unchanged.count == row.n - row.improved - row.deteriorated
        assert found.index.sum() == pytest.approx(row.index_sum, rel=1e-8)
        assert (found.index**2).sum() == pytest.approx(row.index_squares, rel=1e-8)
        assert found.improved.conf_low == wilson_interval(int(row.improved), row.n).conf_low

    def test_by_hand(self) -> None:
        # SE of one score 7.5 sqrt(1 - 0.8) = 3.354, of a difference sqrt(2) times that: 4.743; 15 / 4.743 = 3.162
        found = reliable_change(
            np.array([32.5]), np.array([47.5]), sd_before=7.5, reliability=0.8, higher_is="better"
        )
        assert found.std_error == pytest.approx(7.5 * np.sqrt(0.4))
        assert found.index[0] == pytest.approx(15 / (7.5 * np.sqrt(0.4)))
        assert (found.improved.count, found.unchanged.count, found.deteriorated.count) == (1, 0, 0)

    def test_equal_errors_make_both_forms_one(self) -> None:
        x, y = np.array([1.0, 5.0]), np.array([4.0, 4.0])
        one = reliable_change(x, y, sd_before=2.0, reliability=0.7, higher_is="better")
        two = reliable_change(
            x, y, sd_before=2.0, reliability=0.7, sd_after=2.0, reliability_after=0.7, higher_is="better"
        )
        assert one.std_error == two.std_error
        assert (one.index == two.index).all()

    def test_direction(self) -> None:
        before, after = np.array([20.0, 10.0, 15.0]), np.array([10.0, 18.0, 15.0])
        # 2 sqrt(0.5) sqrt(2) = 2
        up, down = (
            reliable_change(before, after, sd_before=2.0, reliability=0.5, higher_is=direction)
            for direction in ("better", "worse")
        )
        np.testing.assert_allclose(down.index, [5.0, -4.0, 0.0], rtol=1e-12)
        np.testing.assert_allclose(up.index, -down.index)
        assert (up.improved, up.deteriorated) == (down.deteriorated, down.improved)

    def test_exactly_the_threshold_is_not_reliable(self) -> None:
        # error 0.1 sqrt(2 * 0.5) = 0.1, threshold 0.3; 0.8 - 0.5 is 0.30000000000000004
        found = reliable_change(
            np.array([0.5, 0.8, 0.4]), np.array([0.8, 0.5, 0.8]), sd_before=0.1, reliability=0.5,
            higher_is="better", criterion=3.0,
        )  # fmt: skip
        assert (found.improved.count, found.unchanged.count, found.deteriorated.count) == (1, 2, 0)

    def test_level_of_the_shares(self) -> None:
        found = reliable_change(
            np.zeros(4),
            np.array([9.0, 9, 0, 0]),
            sd_before=1.0,
            reliability=0.5,
            higher_is="better",
            level=0.9,
        )
        assert found.improved == wilson_interval(2, 4, level=0.9)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"sd_before": -1.0}, "a standard deviation is negative: -1"),
            ({"sd_after": -2.0}, "a standard deviation is negative: -2"),
            ({"sd_before": 0.0}, "no error of measurement: every change would be reliable"),
            ({"reliability": 1.0}, "no error of measurement: every change would be reliable"),
            ({"reliability": 1.1}, "a reliability is not from 0 to 1"),
            ({"reliability_after": -0.1}, "a reliability is not from 0 to 1"),
            ({"reliability": np.nan}, "an SD or a reliability is missing"),
        ],
    )
    def test_bad_input(self, change: dict[str, float], reason: str) -> None:
        numbers = {"sd_before": 2.0, "reliability": 0.8, **change}
        found = reliable_change(np.array([1.0, 2.0]), np.array([2.0, 5.0]), higher_is="better", **numbers)
        assert found.reason == reason
        assert np.isnan(found.index).all()
        assert np.isnan(
            [found.std_error, found.threshold, found.improved.count, found.improved.estimate]
        ).all()
        assert (found.n, found.deteriorated.n, found.unchanged.reason) == (2, 2, reason)

    def test_missing_score_and_nobody(self) -> None:
        found = reliable_change(
            np.array([1.0, np.nan]), np.array([2.0, 5.0]), sd_before=2.0, reliability=0.8, higher_is="better"
        )
        assert found.reason == "a score is missing"
        found = reliable_change(
            np.array([]), np.array([]), sd_before=2.0, reliability=0.8, higher_is="better"
        )
        assert (found.n, found.reason, len(found.index)) == (0, "nobody: no share", 0)


class TestResponders:
    def test_against_r(self, help_frame: pd.DataFrame) -> None:
        for row in table("reliable").query("form == 1").itertuples(index=False):
            before, after = two_waves(row.dataset, help_frame)
            codes = np.zeros(len(before), dtype=int)
            found = responder_rates(before, after, codes, 1, minimal_important=5.0, higher_is="better")
            assert (found.groups[0].count, found.groups[0].n) == (row.responders, row.n)
            assert (found.pairs, found.differences) == ((), ())

    def test_three_groups(self) -> None:
        before = np.array([5.0, 5, 5, 5, 5, 5])
        after = np.array([8.0, 7, 8, 5, 2, 9])
        found = responder_rates(
            before,
            after,
            np.array([0, 0, 1, 1, 2, 1]),
            3,
            minimal_important=3.0,
            higher_is="better",
            level=0.9,
        )
        # gains 3 2 | 3 0 4 | -3
        shares = [wilson_interval(c, n, level=0.9) for c, n in ((1, 2), (2, 3), (0, 1))]
        assert list(found.groups) == shares
        assert found.pairs == ((0, 1), (0, 2), (1, 2))
        assert found.differences[2] == risk_difference(shares[1], shares[2])
        assert found.reason == ""
        worse = responder_rates(
            before, after, np.array([0, 0, 1, 1, 2, 1]), 3, minimal_important=3.0, higher_is="worse"
        )
        assert [group.count for group in worse.groups] == [0, 0, 1]

    def test_exactly_the_difference_counts(self) -> None:
        # 0.7 - 0.4 is 0.29999999999999993
        found = responder_rates(
            np.array([0.4, 0.4]), np.array([0.7, 0.6999]), np.array([0, 0]), 1, minimal_important=0.3, higher_is="better"
        )  # fmt: skip
        assert found.groups[0].count == 1

    def test_empty_group(self) -> None:
        found = responder_rates(
            np.array([1.0, 2.0]), np.array([5.0, 2.0]), np.array([0, 0]), 2, minimal_important=3.0, higher_is="better"
        )  # fmt: skip
        assert found.groups[0].estimate == 0.5
        assert (found.groups[1].n, found.reason) == (0, "nobody: no share")
        assert found.differences[0].reason == "nobody: no share"

    @pytest.mark.parametrize(
        ("score", "difference", "reason"),
        [
            (5.0, 0.0, "the minimal important difference is not above zero"),
            (5.0, -1.0, "the minimal important difference is not above zero"),
            (5.0, np.nan, "the minimal important difference is not above zero"),
            (np.nan, 3.0, "a score is missing"),
        ],
    )
    def test_bad_input(self, score: float, difference: float, reason: str) -> None:
        found = responder_rates(
            np.array([1.0, 2.0]), np.array([score, 2.0]), np.array([0, 1]), 2, minimal_important=difference, higher_is="better"
        )  # fmt: skip
        assert found.reason == found.groups[0].reason == found.differences[0].reason == reason
        assert np.isnan(
            [found.groups[1].count, found.groups[0].estimate, found.differences[0].estimate]
        ).all()

    def test_improvement_keeps_missing(self) -> None:
        gain = improvement(np.array([1.0, np.nan]), np.array([3.0, 3.0]), higher_is="better")
        np.testing.assert_array_equal(gain, [2.0, np.nan])
