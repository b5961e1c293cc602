"""Printed numbers held against each other: by hand, against R, by going through everything, and never a false alarm."""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from larstudy.stats.cohort_change import (
    ChangeSummary,
    cohort_effect,
    summary_of_interval,
    summary_of_means,
    summary_with_spread,
)
from larstudy.stats.fit_indices import (
    cfi,
    check_fit,
    chi_square_from_cfi_nfi,
    chi_square_from_rmsea,
    degrees_of_freedom,
    rmsea,
    rmsea_limits,
)
from larstudy.stats.grim import check_sd_of_scale, grim, grimmer
from larstudy.stats.printed_correlations import check_correlation, correlation_p, fisher_limits, stars_of
from larstudy.stats.printed_intervals import check_interval, check_p_of_interval, check_rise
from larstudy.stats.printed_numbers import held_against, p_against, read_printed
from larstudy.stats.published_checks import (
    check_drop,
    check_p,
    check_percentage,
    check_possible_percentage,
    check_sum,
    check_t_of_groups,
    difference_in_sds,
)
from larstudy.stats.random_effects import q_profile, random_effects

ORACLES = Path(__file__).parent / "oracles"


def oracle(name: str) -> list[dict[str, str]]:
    with (ORACLES / f"published_{name}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def numbers(row: dict[str, str], *names: str) -> list[float]:
    return [math.nan if row[name] in ("NA", "") else float(row[name]) for name in names]


class TestPrintedNumbers:
    @pytest.mark.parametrize(
        ("text", "about", "value", "low", "high", "unit"),
        [
            ("0.46", False, 0.46, 0.455, 0.465, 0.01),
            (".622***", False, 0.622, 0.6215, 0.6225, 0.001),
            ("−.006", False, -0.006, -0.0065, -0.0055, 0.001),
            ("+0.11", False, 0.11, 0.105, 0.115, 0.01),
            ("7,709", False, 7709, 7708.5, 7709.5, 1),
            ("42 %", False, 42, 41.5, 42.5, 1),
            # About 7,900 is rounded to hundreds, about 4,000 to thousands.
            ("7,900", True, 7900, 7850, 7950, 100),
            ("4000", True, 4000, 3500, 4500, 1000),
            ("4.0", True, 4, 3.95, 4.05, 0.1),
        ],
    )
    def test_range(self, text: str, about: bool, value: float, low: float, high: float, unit: float) -> None:
        found = read_printed(text, about=about)
        assert (found.value, found.low, found.high) == (value, low, high)
        assert found.unit == pytest.approx(unit)

    @pytest.mark.parametrize("text", ["", "half", "1.2.3", "-", ".", "1,23"])
    def test_what_is_no_number(self, text: str) -> None:
        with pytest.raises(ValueError, match="is not a printed number"):
            read_printed(text)

    def test_ranges_that_touch_are_consistent(self) -> None:
        number = read_printed("0.46")
        assert held_against(number, 0.465, 0.5).verdict == "consistent"
        assert held_against(number, 0.4651, 0.5).verdict == "inconsistent"
        assert held_against(number, 0.3, 0.4549).verdict == "inconsistent"

    @given(st.floats(-50, 50), st.integers(0, 4))
    def test_what_was_rounded_is_in_the_range(self, value: float, digits: int) -> None:
        found = read_printed(f"{value:.{digits}f}")
        assert found.low - 1e-9 <= value <= found.high + 1e-9
        assert found.high - found.low == pytest.approx(10.0**-digits)

    def test_bounds_of_p(self) -> None:
        assert p_against("< .05", 0.049, 0.2).verdict == "consistent"
        assert p_against("< .05", 0.05, 0.2).verdict == "inconsistent"
        assert p_against("> .05", 0.01, 0.06).verdict == "consistent"
        assert p_against("> .05", 0.01, 0.05).verdict == "inconsistent"
        assert p_against(".04", 0.041, 0.05).verdict == "consistent"
        assert p_against(".04", 0.046, 0.05).verdict == "inconsistent"


class TestCounts:
    def test_shares(self) -> None:
        # 338 / 548 = 0.616788...
        assert check_percentage(338, 548, "61.7").verdict == "consistent"
        assert check_percentage(338, 548, "61.6").verdict == "inconsistent"
        assert check_percentage(338, 548).reason == "nothing_printed"
        assert check_percentage(1, 0, "50").reason == "no_total"

    def test_possible_shares(self) -> None:
        # 53 / 178 = 29.775, 52 / 178 = 29.213: 29.5 is no share of 178.
        found = check_possible_percentage("29.5", 178)
        assert found.verdict == "inconsistent"
        assert (found.low, found.high) == (pytest.approx(100 * 52 / 178), pytest.approx(100 * 53 / 178))
        assert check_possible_percentage("50", 3).verdict == "inconsistent"
        assert check_possible_percentage("64", 338).reason == "every_value_possible"
        assert check_possible_percentage("50", 0).reason == "no_total"

    @given(st.integers(1, 900), st.data())
    def test_a_true_share_is_never_impossible(self, total: int, data: st.DataObject) -> None:
        count = data.draw(st.integers(0, total))
        printed = f"{100 * count / total:.1f}"
        found = check_possible_percentage(printed, total)
        assert found.verdict == ("consistent" if 100 / total > 0.1 else "cannot_be_checked")
        assert found.low <= count <= found.high
        assert check_percentage(count, total, printed).verdict == "consistent"

    def test_sums(self) -> None:
        assert check_sum(["488", "51", "127"], "666").verdict == "consistent"
        assert check_sum(["488", "51", "127"], "667").verdict == "inconsistent"
        assert check_sum(["7,622", "−7,554"], "68").verdict == "consistent"
        # Shares are rounded: 16.2 + 42.0 + 41.8 is 100 as printed.
        assert check_sum(["16.2", "42.0", "41.8"], "100.0").verdict == "consistent"

    def test_drop(self) -> None:
        # 1 - .465 / .685 = .3212 and 1 - .455 / .695 = .3453
        found = check_drop("0.46", "0.69", "39")
        assert found.verdict == "inconsistent"
        assert (found.low, found.high) == (pytest.approx(32.11679), pytest.approx(34.53237))
        assert check_drop("0.46", "0.69", "33").verdict == "consistent"
        assert check_drop("0.0", "0.69", "33").reason == "not_above_zero"

    @given(st.floats(0.1, 5), st.floats(0.1, 5))
    def test_a_true_drop_is_never_off(self, level: float, reference: float) -> None:
        printed = f"{100 * (1 - level / reference):.0f}"
        assert check_drop(f"{level:.2f}", f"{reference:.2f}", printed).verdict == "consistent"


class TestCorrelations:
    @pytest.mark.parametrize("row", oracle("correlations"), ids=lambda row: row["r"])
    def test_against_r(self, row: dict[str, str]) -> None:
        r, n, p, low, high = numbers(row, "r", "n", "p", "conf_low", "conf_high")
        assert float(correlation_p(r, n)) == pytest.approx(p, rel=1e-10)
        assert fisher_limits(r, int(n)) == (pytest.approx(low, rel=1e-12), pytest.approx(high, rel=1e-12))
        found = check_correlation(f"{r:.3f}", int(n))
        assert found.p_value == pytest.approx(p, rel=1e-10)
        assert found.stars.low <= p <= found.stars.high
        assert (found.conf_low, found.conf_high) == (pytest.approx(low), pytest.approx(high))
        assert found.conf_low_range[0] < low < found.conf_low_range[1]
        assert found.conf_high_range[0] < high < found.conf_high_range[1]

    @pytest.mark.parametrize(
        ("p", "stars"), [(0.05, ""), (0.0499, "*"), (0.0099, "**"), (0.001, "**"), (0.0009, "***")]
    )
    def test_stars(self, p: float, stars: str) -> None:
        assert stars_of(p) == stars

    def test_of_whom_stars_follow(self) -> None:
        """The persons with whom printed stars follow are found by going through all of them."""
        found = check_correlation("−.251*", 107)
        right = [
            n for n in range(4, 500)
            if stars_of(float(correlation_p(0.2515, n))) >= "*" >= stars_of(float(correlation_p(0.2505, n)))
        ]  # fmt: skip
        assert found.stars.verdict == "inconsistent"
        assert (found.expected, found.n_low, found.n_high) == ("**", right[0], right[-1])

    def test_rounding_may_leave_stars_open(self) -> None:
        # n = 107: p = .05 at |r| = .18997, so that .190 is .1895 (p .0506) to .1905 (p .0494).
        for printed in (".190", ".190*"):
            found = check_correlation(printed, 107)
            assert found.stars.verdict == "consistent"
            assert found.expected == "/*"

    def test_none_at_zero_and_never_at_all(self) -> None:
        assert check_correlation(".000", 107).stars.verdict == "consistent"
        # p = 1 to .9959 at most: stars with no number of persons below twenty thousand.
        assert (check_correlation(".000***", 107).n_low, check_correlation(".000***", 107).n_high) == (0, 0)
        assert check_correlation("1.000***", 10).stars.verdict == "consistent"

    def test_printed_limits(self) -> None:
        # .768, n = 107: tanh(1.01545 -+ .19219) = .6771 and .8360
        assert check_correlation(".768", 107, limits=(".68", ".84")).interval.verdict == "consistent"
        assert check_correlation(".768", 107, limits=(".68", ".82")).interval.verdict == "inconsistent"
        assert check_correlation(".768", 107, limits=(".64", ".84")).interval.verdict == "inconsistent"
        assert check_correlation(".768", 107).interval.reason == "nothing_printed"

    def test_too_few(self) -> None:
        found = check_correlation(".5*", 3)
        assert found.stars.reason == "few_persons"
        assert math.isnan(found.conf_low)
        assert fisher_limits(1.0, 50) == (pytest.approx(math.nan, nan_ok=True),) * 2

    @given(st.floats(-0.95, 0.95), st.integers(5, 400))
    @settings(max_examples=40)
    def test_true_stars_are_never_off(self, r: float, n: int) -> None:
        stars = stars_of(float(correlation_p(r, n)))
        low, high = fisher_limits(r, n)
        found = check_correlation(f"{r:.2f}{stars}", n, limits=(f"{low:.2f}", f"{high:.2f}"))
        assert found.stars.verdict == found.interval.verdict == "consistent"
        assert found.n_low <= n <= found.n_high


class TestTests:
    @pytest.mark.parametrize("row", oracle("tests"), ids=lambda row: row["statistic"])
    def test_against_r(self, row: dict[str, str]) -> None:
        df, low, high = numbers(row, "df", "p_low", "p_high")
        found = check_p(row["test"], row["statistic"], df, ".5")  # type: ignore[arg-type]
        assert (found.low, found.high) == (pytest.approx(low, rel=1e-10), pytest.approx(high, rel=1e-10))
        assert found.verdict == "inconsistent"

    def test_difference_in_sds(self) -> None:
        # 28 / sqrt((38^2 + 36^2) / 2) = 28 / 37.0135 = .7565; 27 / 37.5133 = .7197; 29 / 36.5137 = .7942
        found = difference_in_sds("63", "38", "35", "36", printed="0.76")
        assert found.verdict == "consistent"
        assert (found.low, found.high) == (
            pytest.approx(27 / math.sqrt((38.5**2 + 36.5**2) / 2)),
            pytest.approx(29 / math.sqrt((37.5**2 + 35.5**2) / 2)),
        )
        assert difference_in_sds("63", "38", "35", "36", printed="0.81").verdict == "inconsistent"
        assert difference_in_sds("63", "0", "35", "36").reason == "not_above_zero"

    def test_t_of_two_groups(self) -> None:
        # Halves of 70: 28 / (37.0135 sqrt(2 / 35)) = 3.1646; t of 4 is out of reach.
        found = check_t_of_groups("63", "38", "35", "36", n=70, t="−3.2")
        assert (found.check.verdict, found.smaller_high) == ("consistent", 35)
        never = check_t_of_groups("63", "38", "35", "36", n=70, t="4.0")
        assert (never.check.verdict, never.smaller_low) == ("inconsistent", 0)
        assert never.check.high == pytest.approx(29 / math.sqrt((37.5**2 + 35.5**2) / 2 * 2 / 35))
        assert check_t_of_groups("63", "38", "35", "36", n=3, t="1").check.reason == "few_persons"
        # Means that may be alike have a t of none.
        assert check_t_of_groups("35", "38", "35", "36", n=70, t="0.0").check.low == 0

    @given(st.floats(-5, 5), st.floats(0.5, 9), st.floats(0.5, 9), st.integers(4, 60), st.data())
    @settings(max_examples=40)
    def test_a_true_t_is_never_off(
        self, mean: float, sd_a: float, sd_b: float, n: int, data: st.DataObject
    ) -> None:
        n_a = data.draw(st.integers(2, n - 2))
        pooled = ((n_a - 1) * sd_a**2 + (n - n_a - 1) * sd_b**2) / (n - 2)
        t = mean / math.sqrt(pooled * (1 / n_a + 1 / (n - n_a)))
        found = check_t_of_groups(f"{mean:.1f}", f"{sd_a:.2f}", "0.0", f"{sd_b:.2f}", n=n, t=f"{t:.2f}")
        assert found.check.verdict == "consistent"
        assert found.smaller_low <= min(n_a, n - n_a) <= found.smaller_high


class TestIntervals:
    @pytest.mark.parametrize("row", oracle("intervals"), ids=lambda row: row["estimate"] + row["scale"])
    def test_against_a_grid_in_r(self, row: dict[str, str]) -> None:
        low, high, df = numbers(row, "p_low", "p_high", "df")
        found = check_interval(
            row["estimate"], row["low"], row["high"], scale=row["scale"],  # type: ignore[arg-type]
            df=None if math.isnan(df) else df,
        )  # fmt: skip
        assert found.middle.verdict == "consistent"
        # The grid ends on the corners of the estimate and the upper limit; of the lower limit it comes near.
        assert found.p_low == pytest.approx(low, rel=0.02)
        assert found.p_low <= low * (1 + 1e-9)
        assert found.p_high == pytest.approx(high, rel=0.02)
        assert found.p_high >= high * (1 - 1e-9)

    def test_off_the_middle(self) -> None:
        # sqrt(1.15 * 4.95) = 2.386 at most, and 2.0 is 2.05 at most
        found = check_interval("2.0", "1.2", "4.9", scale="log")
        assert found.middle.verdict == "inconsistent"
        assert found.middle.low == pytest.approx(math.sqrt(1.15 * 4.85))
        assert math.isnan(found.p_low)
        assert math.isnan(found.std_error_low)
        assert check_p_of_interval(found, "< .05").verdict == "inconsistent"
        assert check_interval("2.0", "1.2", "4.9").middle.verdict == "inconsistent"

    def test_zero(self) -> None:
        assert check_interval("0.0", "0.0", "2.0", scale="log").middle.reason == "not_above_zero"
        # An estimate that may be none at all has a p of one.
        found = check_interval("0.0", "−1.0", "1.0")
        assert (found.p_high, found.middle.verdict) == (1.0, "consistent")
        assert found.statistic_low < 0 < found.statistic_high
        assert check_p_of_interval(found, "> .05").verdict == "consistent"
        # Everything rounded to nothing: the error may be none, and so may the effect.
        assert check_interval("0", "0", "0").p_high == 1.0

    @given(st.floats(0.2, 4), st.floats(0.05, 0.6), st.sampled_from(["linear", "log"]), st.integers(1, 3))
    def test_a_true_interval_is_never_off(
        self, estimate: float, error: float, scale: str, digits: int
    ) -> None:
        half = 1.959963984540054 * error
        if scale == "log":
            assume(estimate > 10.0**-digits)
            limits, statistic = (
                (estimate * math.exp(-half), estimate * math.exp(half)),
                math.log(estimate) / error,
            )
        else:
            limits, statistic = (estimate - half, estimate + half), estimate / error
        p = math.erfc(abs(statistic) / math.sqrt(2))
        texts = [f"{value:.{digits}f}" for value in (estimate, *limits)]
        found = check_interval(*texts, scale=scale)  # type: ignore[arg-type]
        assert found.middle.verdict == "consistent"
        assert found.p_low - 1e-9 <= p <= found.p_high + 1e-9
        assert found.std_error_low - 1e-9 <= error <= found.std_error_high + 1e-9


class TestSeries:
    def test_verdicts(self) -> None:
        assert check_rise({2001: "5", 2002: "6", 2003: "7"}).verdict == "consistent"
        assert check_rise({2001: "5", 2002: "5"}).falls == ((2001, 2002),)
        # A fall over a gap is a fall somewhere in it.
        assert check_rise({2001: "9", 2004: "7"}).verdict == "inconsistent"
        assert check_rise({2001: "5", 2003: "7"}).missing == (2002,)
        assert check_rise({2001: "5", 2002: "7"}, first=1999).missing == (1999, 2000)
        assert check_rise({2001: "5"}).reason == "nothing_printed"
        assert check_rise({}).reason == "nothing_printed"

    def test_rounding(self) -> None:
        found = check_rise({2001: "≈ 7,900", 2002: "7,940"})
        assert (found.verdict, found.reason, found.open) == (
            "cannot_be_checked",
            "rounded_away",
            ((2001, 2002),),
        )
        assert check_rise({2001: "≈ 7,900", 2002: "7,951"}).verdict == "consistent"
        assert check_rise({2001: "≈ 7,900", 2002: "7,850"}).verdict == "inconsistent"


class TestFitIndices:
    @pytest.mark.parametrize("row", oracle("rmsea"), ids=lambda row: row["chisq"])
    def test_limits_against_r(self, row: dict[str, str]) -> None:
        chi_square, df, n, value, low, high = numbers(row, "chisq", "df", "n", "rmsea", "low", "high")
        assert rmsea(chi_square, int(df), int(n)) == pytest.approx(value, rel=1e-12)
        assert rmsea_limits(chi_square, int(df), int(n)) == (
            pytest.approx(low, rel=1e-7),
            pytest.approx(high, rel=1e-7),
        )

    def test_back_and_forth(self) -> None:
        # 10 * 11 / 2 = 55 moments; 20 loadings and errors and a correlation leave 34; 55 - 10 = 45
        assert degrees_of_freedom(10, 2) == (34, 45)
        # chi-square 105.5 and 1302.5 of no correlations: NFI 1 - 105.5 / 1302.5, CFI 1 - 71.5 / 1257.5
        assert cfi(105.5, 34, 1302.5, 45) == pytest.approx(1 - 71.5 / 1257.5)
        assert chi_square_from_cfi_nfi(1 - 71.5 / 1257.5, 1 - 105.5 / 1302.5, 34, 45) == pytest.approx(105.5)
        assert chi_square_from_rmsea(math.sqrt(71.5 / (34 * 530)), 34, 531) == pytest.approx(105.5)
        assert cfi(20.0, 34, 30.0, 45) == 1.0
        assert rmsea(20.0, 34, 531) == 0.0

    def test_the_model_of_the_abstract(self) -> None:
        found = check_fit(
            rmsea="0.063",
            cfi="0.943",
            nfi="0.919",
            n=531,
            df=34,
            df_null=45,
            rmsea_interval=("0.050", "0.076"),
        )
        # 34 (1 + .0625^2 * 530) = 104.39; 34 (1 + .0635^2 * 531) = 106.80
        assert (found.chi_square.low, found.chi_square.high) == (
            pytest.approx(104.3906, abs=1e-4),
            pytest.approx(106.7982, abs=1e-4),
        )
        assert found.chi_square.verdict == found.interval.verdict == "consistent"

    def test_what_cannot_be_of_one_model(self) -> None:
        named = {"cfi": "0.943", "nfi": "0.919", "n": 531, "df": 34, "df_null": 45}
        assert check_fit(rmsea="0.073", **named).chi_square.verdict == "inconsistent"  # type: ignore[arg-type]
        assert check_fit(rmsea="0.050", **named).chi_square.verdict == "inconsistent"  # type: ignore[arg-type]
        wide = check_fit(rmsea="0.063", rmsea_interval=("0.050", "0.080"), **named)  # type: ignore[arg-type]
        assert wide.interval.verdict == "inconsistent"
        assert check_fit(rmsea="0.063", **named).interval.reason == "nothing_printed"  # type: ignore[arg-type]
        # CFI below NFI: no chi-square has both.
        named |= {"cfi": "0.900", "nfi": "0.950"}
        assert check_fit(rmsea="0.063", **named).chi_square.reason == "no_chi_square"  # type: ignore[arg-type]
        assert math.isnan(chi_square_from_cfi_nfi(0.9, 1.0, 34, 45))

    @given(st.floats(1.2, 6), st.floats(1.5, 20), st.integers(5, 12), st.integers(150, 900))
    def test_one_model_is_never_off(self, misfit: float, worse: float, items: int, n: int) -> None:
        df, df_null = degrees_of_freedom(items, 2)
        chi_square = misfit * df
        null = chi_square * worse + df_null
        texts = [rmsea(chi_square, df, n), cfi(chi_square, df, null, df_null), 1 - chi_square / null]
        assume(texts[1] < 0.995 and texts[1] - texts[2] > 0.002)
        low, high = rmsea_limits(chi_square, df, n)
        found = check_fit(
            rmsea=f"{texts[0]:.3f}", cfi=f"{texts[1]:.3f}", nfi=f"{texts[2]:.3f}", n=n, df=df, df_null=df_null,
            rmsea_interval=(f"{low:.3f}", f"{high:.3f}"),
        )  # fmt: skip
        assert found.chi_square.verdict == found.interval.verdict == "consistent"


def printed_of(values: tuple[int, ...], digits: int) -> tuple[str, str]:
    return f"{np.mean(values):.{digits}f}", f"{np.std(values, ddof=1):.{digits}f}"


class TestGrim:
    @pytest.mark.parametrize("n", [3, 5, 7])
    def test_against_all_means(self, n: int) -> None:
        """Every mean with two decimals, against those that n whole numbers can have."""
        possible = {round(100 * total / n + shift) for total in range(5 * n + 1) for shift in (-1e-9, 1e-9)}
        for hundredths in range(501):
            found = grim(f"{hundredths / 100:.2f}", n)
            assert found.verdict == ("consistent" if hundredths in possible else "inconsistent")

    def test_items_and_steps(self) -> None:
        # Three items of 0.1, 0.3, ..., 0.9 in 4 persons: means are 0.1 + k * 0.2 / 12.
        assert grim("0.45", 4, items=3, step=0.2, lowest=0.1).verdict == "consistent"  # k = 21
        assert grim("0.44", 4, items=3, step=0.2, lowest=0.1).verdict == "inconsistent"  # .4333, .45
        assert grim("0.46", 140, items=5, step=0.2, lowest=0.1).reason == "every_value_possible"
        assert grim("1.0", 0).reason == "few_persons"

    @pytest.mark.parametrize(("n", "highest"), [(3, 6), (4, 5), (6, 4)])
    def test_no_data_are_impossible(self, n: int, highest: int) -> None:
        """Mean and SD of every set of n whole numbers from 1 to a highest."""
        for values in itertools.combinations_with_replacement(range(1, highest + 1), n):
            mean, sd = printed_of(values, 2)
            found = grimmer(mean, sd, n)
            assert found.verdict == "consistent", (values, mean, sd)
            assert found.low - 1e-9 <= np.std(values, ddof=1) <= found.high + 1e-9

    def test_what_no_data_have(self) -> None:
        """What it calls impossible for five whole numbers from 0 to 4, no five of them have."""
        real = {printed_of(v, 2) for v in itertools.combinations_with_replacement(range(5), 5)}
        for mean in sorted({mean for mean, _ in real}):
            impossible = {
                f"{h / 100:.2f}"
                for h in range(200)
                if grimmer(mean, f"{h / 100:.2f}", 5).verdict == "inconsistent"
            }
            assert len(impossible) > 150
            assert not impossible & {sd for m, sd in real if m == mean}

    def test_reasons(self) -> None:
        assert grimmer("3.45", "2.47", 18).reason == "mean_impossible"  # 62 / 18 = 3.444, 63 / 18 = 3.5
        assert grimmer("3.44", "2.47", 18).reason == "no_sum_of_squares"
        # Seven persons with a mean of 1.57 are 11 in all; as alike as can be they have an SD of .53.
        assert grimmer("1.57", "0.30", 7).verdict == "inconsistent"
        assert grimmer("57", "22", 245).reason == "every_value_possible"
        assert grimmer("57", "22", 1).reason == "few_persons"

    def test_mean_of_items(self) -> None:
        # Two items: scores of 1.0, 1.5 and 2.5 have mean 1.667 and SD .764.
        assert grimmer("1.67", "0.76", 3, items=2).verdict == "consistent"
        assert grimmer("1.67", "0.70", 3, items=2).verdict == "inconsistent"

    def test_largest_sd(self) -> None:
        # Half at 0, half at 100: SD 50 (times sqrt(n / (n - 1)) in a sample).
        assert check_sd_of_scale("50", "50", lowest=0, highest=100).verdict == "consistent"
        assert check_sd_of_scale("50", "51", lowest=0, highest=100).verdict == "inconsistent"
        assert check_sd_of_scale("50", "51", lowest=0, highest=100, n=20).high == pytest.approx(51.29892)
        assert check_sd_of_scale("120", "3", lowest=0, highest=100).reason == "mean_outside_scale"
        assert check_sd_of_scale("50", "3", lowest=0, highest=100, n=1).reason == "few_persons"


INPUTS = {
    name: ([float(r["y"]) for r in oracle("random_effects_inputs") if r["set"] == name],
           [float(r["se"]) for r in oracle("random_effects_inputs") if r["set"] == name])
    for name in ("differ", "three", "alike", "two", "bcg")
}  # fmt: skip
METHODS = {"DL": "dl", "PM": "iterated"}


class TestRandomEffects:
    @pytest.mark.parametrize(
        "row",
        [r for r in oracle("random_effects") if r["method"] in METHODS],
        ids=lambda r: f"{r['set']}-{r['method']}",
    )
    def test_against_metafor(self, row: dict[str, str]) -> None:
        y, errors = INPUTS[row["set"]]
        found = random_effects(np.array(y), np.array(errors), method=METHODS[row["method"]])  # type: ignore[arg-type]
        tolerance = 1e-10 if row["method"] == "DL" else 1e-7
        names = (
            "estimate", "std_error", "conf_low", "conf_high", "std_error_hk", "hk_low", "hk_high", "p_hk",
            "prediction_low", "prediction_high", "tau_squared", "q", "q_p",
        )  # fmt: skip
        for name, expected in zip(names, numbers(row, *names), strict=True):
            assert getattr(found, name) == pytest.approx(expected, rel=tolerance, abs=1e-12, nan_ok=True), (
                name
            )
        profile = numbers(row, "tau_squared_low", "tau_squared_high")
        assert [found.tau_squared_low, found.tau_squared_high] == pytest.approx(profile, rel=1e-6, abs=1e-9)
        assert sum(found.weights) == pytest.approx(1.0)
        assert found.i_squared == pytest.approx(max(0.0, 1 - (found.k - 1) / found.q))

    def test_restricted_likelihood_is_near(self) -> None:
        """The summary hardly depends on how the variance between cohorts is estimated, where cohorts differ this much."""
        row = next(r for r in oracle("random_effects") if (r["set"], r["method"]) == ("differ", "REML"))
        found = random_effects(*(np.array(x) for x in INPUTS["differ"]))
        assert found.estimate == pytest.approx(float(row["estimate"]), abs=1e-3)

    def test_what_cannot_be_summarised(self) -> None:
        assert random_effects(np.array([0.3]), np.array([0.1])).reason.startswith("fewer than two")
        found = random_effects(np.array([0.3, np.nan]), np.array([0.1, 0.1]))
        assert math.isnan(found.estimate)
        assert found.reason == "an estimate or a standard error is missing"
        assert random_effects(np.array([0.3, 0.2]), np.array([0.1, 0.0])).weights == ()

    def test_all_the_same(self) -> None:
        found = random_effects(np.array([0.3, 0.3]), np.array([0.1, 0.1]))
        assert (found.tau_squared, found.i_squared) == (0.0, 0.0)
        assert math.isnan(found.p_hk) or found.p_hk < 1e-6
        assert q_profile(np.array([0.3, 0.3]), np.array([0.1, 0.1])) == (0.0, 0.0)

    @given(
        st.lists(st.tuples(st.floats(-2, 2), st.floats(0.05, 1)), min_size=3, max_size=8), st.floats(-3, 3)
    )
    @settings(max_examples=40)
    def test_shifts_and_order(self, studies: list[tuple[float, float]], shift: float) -> None:
        y, errors = (np.array(x) for x in zip(*studies, strict=True))
        first, moved = random_effects(y, errors), random_effects((y + shift)[::-1], errors[::-1])
        assert moved.estimate == pytest.approx(first.estimate + shift, abs=1e-7)
        assert moved.tau_squared == pytest.approx(first.tau_squared, abs=1e-7)
        assert y.min() - 1e-9 <= first.estimate <= y.max() + 1e-9


class TestCohortChange:
    def test_from_means(self) -> None:
        # r = .5: SD of change sqrt(.25^2 + .237^2 - .25 * .237) = .243755; .03 / .243755 * sqrt(1) = .123074
        found = cohort_effect(summary_of_means(("0.699", "0.250"), ("0.729", "0.237"), 245), np.array([0.5]))
        assert found.estimate[0] == pytest.approx(0.03 / math.sqrt(0.25**2 + 0.237**2 - 0.25 * 0.237))
        # Both means may be half a thousandth off: .029 to .031.
        assert found.low[0] == pytest.approx(found.estimate[0] * 29 / 30)
        assert found.high[0] == pytest.approx(found.estimate[0] * 31 / 30)

    def test_from_an_interval(self) -> None:
        known = summary_of_interval(("+0.06", "0.03", "0.09"), 202)
        # t(.975, 201) = 1.971837: SD = .06 / (2 * 1.971837) * sqrt(202) = .216236
        assert known.sd_change == pytest.approx(0.216236, rel=1e-5)
        found = cohort_effect(known, np.array([0.2, 0.5, 0.8]))
        d_z = 0.06 / 0.216236
        assert found.estimate == pytest.approx([d_z * math.sqrt(x) for x in (1.6, 1.0, 0.4)], rel=1e-5)
        # Like SDs s: variance (2 (1 - r) + d^2 (1 + r^2) / 2 ...) / (n - 1): at r = .5, a = b = 1 / 2 and
        # spread (1/4 + 1/4) / 2 + 1/16 = .3125
        assert found.std_error[1] == pytest.approx(math.sqrt((1 + d_z**2 * 0.3125) / 201), rel=1e-5)
        assert found.conf_high[1] == pytest.approx(
            found.estimate[1] + 1.959964 * found.std_error[1], rel=1e-6
        )
        assert (found.low < found.estimate).all()
        assert (found.high > found.estimate).all()

    def test_with_a_borrowed_spread(self) -> None:
        other = summary_of_interval(("+0.06", "0.03", "0.09"), 202)
        known = summary_with_spread("+0.11", 140, of=other)
        assert (known.n, known.sd_change) == (140, other.sd_change)
        assert known.d_z_low == pytest.approx(0.105 / other.sd_high)
        assert known.d_z_high == pytest.approx(0.115 / other.sd_low)
        # A fall stays one.
        fall = summary_with_spread("−0.11", 140, of=other)
        assert (fall.d_z_low, fall.d_z_high) == (-known.d_z_high, -known.d_z_low)

    def test_with_all_three_sds(self) -> None:
        # SDs 3 and 4, SD of change 5: the correlation is 0, and 2 / 5 * sqrt(2) is the effect.
        found = cohort_effect(
            ChangeSummary(n=25, mean=2.0, sd_change=5.0, sd_before=3.0, sd_after=4.0), np.array([0.0])
        )
        assert found.estimate[0] == pytest.approx(0.4 * math.sqrt(2))
