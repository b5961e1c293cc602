"""SDs, means and correlations out of printed summaries: against R, by hand, and what cannot be had."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from larstudy.stats import conversions as cv
from larstudy.stats.paired import paired_change
from tests.conftest import ORACLES

BY: dict[str, Callable[[float, float, int], cv.Converted]] = {
    "std_error": lambda a, _, n: cv.sd_from_std_error(a, n),
    "interval": cv.sd_from_interval,
    "interval90": lambda a, b, n: cv.sd_from_interval(a, b, n, level=0.9),
    "t": cv.sd_from_t,
    "f": cv.sd_from_f,
    "p": cv.sd_from_p,
}


def rows() -> list[tuple[str, float, float, int, float]]:
    return list(pd.read_csv(ORACLES / "effects_conversions.csv").itertuples(index=False, name=None))


class TestAgainstR:
    @pytest.mark.parametrize(("what", "a", "b", "n", "value"), rows())
    def test_sd(self, what: str, a: float, b: float, n: int, value: float) -> None:
        if what == "wan":
            found = cv.mean_sd_from_median(9.0, a, b, n)
            assert (found.mean, found.n, found.reason) == (pytest.approx(29 / 3), n, "")
            assert found.sd == pytest.approx(value, rel=1e-8)
            return
        sd = BY[what](a, b, n)
        assert sd.estimate == pytest.approx(value, rel=1e-8)
        assert sd.reason == ""
        assert len(sd.assumptions) >= 1

    def test_every_way_was_tried(self) -> None:
        assert {row[0] for row in rows()} == {*BY, "wan"}


class TestByHand:
    def test_sign_does_not_matter(self) -> None:
        # |-2| * 5 / 2.5
        for mean, t in ((-2.0, 2.5), (2.0, -2.5), (-2.0, -2.5)):
            assert cv.sd_from_t(mean, t, 25).estimate == 4.0

    def test_expected_normal_order_statistics(self) -> None:
        # Of 5 normal values the quartile-like distance is 0.990 (E of the fourth minus the second, twice 0.495);
        # the approximation of Wan et al. has 0.994
        found = cv.mean_sd_from_median(0.0, -0.4972, 0.4972, 5)
        assert found.sd == pytest.approx(1.0, abs=2e-3)

    def test_assumptions_are_named(self) -> None:
        assert cv.sd_from_p(2.0, 0.03, 12).assumptions == (
            "p is two-sided and of a paired t test", "p is exact, not a bound",
        )  # fmt: skip
        assert cv.mean_sd_from_median(1.0, 0.0, 2.0, 12).assumptions[0] == "values are roughly normal"
        assert cv.sd_of_change(1.0, 2.0, 0.5).assumptions == ("both SDs are of the same persons",)
        assert len(cv.correlation_from_t(2.0, 2.0, 25, sd_before=3.0, sd_after=4.0).assumptions) == 2

    def test_perfect_correlations(self) -> None:
        assert cv.sd_of_change(3.0, 5.0, 1.0).estimate == 2.0
        assert cv.sd_of_change(3.0, 5.0, -1.0).estimate == 8.0
        assert cv.correlation_from_sds(3.0, 5.0, 2.0).estimate == 1.0
        assert cv.correlation_from_sds(3.0, 5.0, 8.0).estimate == -1.0
        assert cv.correlation_from_sds(3.0, 3.0, 0.0).estimate == 1.0

    def test_almost_perfect_correlation_keeps_its_digits(self) -> None:
        # 2 (1 - r) sd^2 = 2e-12 * 1e4
        assert cv.sd_of_change(100.0, 100.0, 1 - 1e-12).estimate == pytest.approx(np.sqrt(2e-8), rel=1e-4)

    @given(st.floats(0.2, 20), st.floats(0.2, 20), st.floats(-1, 1))
    def test_there_and_back(self, before: float, after: float, r: float) -> None:
        sd = cv.sd_of_change(before, after, r).estimate
        found = cv.correlation_from_sds(before, after, sd)
        assert found.reason == ""
        assert found.estimate == pytest.approx(r, abs=1e-7)

    def test_correlation_of_real_pairs(self) -> None:
        rng = np.random.default_rng(11)
        before = rng.normal(50, 10, size=40)
        change = paired_change(before, 0.6 * before + rng.normal(25, 8, size=40))
        found = cv.correlation_from_t(
            change.estimate, change.statistic, 40, sd_before=change.before_sd, sd_after=change.after_sd
        )
        assert found.estimate == pytest.approx(change.correlation, rel=1e-9)
        assert found.reason == ""


NAN = np.nan


class TestBadInput:
    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (cv.sd_from_std_error(0.5, 0), "n is 0: no spread with fewer than two persons"),
            (cv.sd_from_std_error(0.5, 1), "n is 1: no spread with fewer than two persons"),
            (cv.sd_from_std_error(0.0, 9), "std_error is 0: it must be above zero"),
            (cv.sd_from_std_error(-0.5, 9), "std_error is -0.5: it must be above zero"),
            (cv.sd_from_std_error(NAN, 9), "std_error is not a number"),
            (cv.sd_from_interval(1.0, 2.0, 1), "n is 1: no spread with fewer than two persons"),
            (cv.sd_from_interval(2.0, 2.0, 9), "the interval has no width"),
            (cv.sd_from_interval(3.0, 2.0, 9), "the interval has no width"),
            (cv.sd_from_interval(1.0, np.inf, 9), "conf_high is not a number"),
            (cv.sd_from_interval(1.0, 2.0, 9, level=95), "level is 95: it must be between 0 and 1"),
            (cv.sd_from_t(2.0, 2.5, 1), "n is 1: no spread with fewer than two persons"),
            (cv.sd_from_t(0.0, 2.5, 9), "the mean change is zero: it says nothing of the spread"),
            (cv.sd_from_t(0.0, 0.0, 9), "the mean change is zero: it says nothing of the spread"),
            (cv.sd_from_t(2.0, 0.0, 9), "t is zero and the mean change is not: they cannot belong together"),
            (cv.sd_from_t(2.0, NAN, 9), "t is not a number"),
            (cv.sd_from_f(2.0, -1.0, 9), "f is -1: it must be above zero"),
            (cv.sd_from_f(2.0, 0.0, 9), "f is zero and the mean change is not: they cannot belong together"),
            (cv.sd_from_f(2.0, NAN, 9), "f is not a number"),
            (cv.sd_from_f(0.0, 4.0, 9), "the mean change is zero: it says nothing of the spread"),
            (cv.sd_from_p(2.0, 0.0, 9), "p is 0: it must be above 0 and below 1"),
            (cv.sd_from_p(2.0, 1.0, 9), "p is 1: it must be above 0 and below 1"),
            (cv.sd_from_p(2.0, NAN, 9), "p_value is not a number"),
            (cv.sd_from_p(2.0, 0.03, 1), "n is 1: no spread with fewer than two persons"),
            (cv.sd_from_p(0.0, 0.03, 9), "the mean change is zero: it says nothing of the spread"),
            (cv.sd_of_change(-1.0, 2.0, 0.5), "a standard deviation is negative: -1"),
            (cv.sd_of_change(1.0, 2.0, 1.01), "the correlation is 1.01: it must be from -1 to 1"),
            (cv.sd_of_change(1.0, 2.0, -2.0), "the correlation is -2: it must be from -1 to 1"),
            (cv.sd_of_change(1.0, 2.0, NAN), "correlation is not a number"),
            (cv.correlation_from_sds(0.0, 2.0, 1.0), "sd_before is 0: it must be above zero"),
            (cv.correlation_from_sds(1.0, -2.0, 1.0), "sd_after is -2: it must be above zero"),
            (cv.correlation_from_sds(1.0, 2.0, -1.0), "sd_change is -1: it must not be negative"),
            (cv.correlation_from_sds(1.0, 2.0, NAN), "sd_change is not a number"),
            (
                # (1 + 4 - 0.25) / 4
                cv.correlation_from_sds(1.0, 2.0, 0.5),
                "the SDs cannot belong together: the correlation would be 1.19",
            ),
            (
                cv.correlation_from_t(0.0, 1.0, 9, sd_before=1.0, sd_after=1.0),
                "the mean change is zero: it says nothing of the spread",
            ),
            (
                # the SD of change would be 2 * 3 / 1.2 = 5: (9 + 1 - 25) / 6
                cv.correlation_from_t(2.0, 1.2, 9, sd_before=3.0, sd_after=1.0),
                "the SDs cannot belong together: the correlation would be -2.5",
            ),
        ],
    )
    def test_nan_with_the_reason(self, found: cv.Converted, reason: str) -> None:
        assert found.reason == reason
        assert np.isnan(found.estimate)

    @pytest.mark.parametrize(
        ("numbers", "n", "reason"),
        [
            ((5.0, 3.0, 8.0), 1, "n is 1: no spread with fewer than two persons"),
            ((2.0, 3.0, 8.0), 9, "the median is not between the quartiles"),
            ((5.0, 8.0, 3.0), 9, "the median is not between the quartiles"),
            ((5.0, 5.0, 5.0), 9, "the quartiles are the same: no spread"),
            ((5.0, NAN, 8.0), 9, "q1 is not a number"),
        ],
    )
    def test_medians(self, numbers: tuple[float, float, float], n: int, reason: str) -> None:
        found = cv.mean_sd_from_median(*numbers, n)
        assert found.reason == reason
        assert np.isnan([found.mean, found.sd]).all()
