"""The table of error rates: what is true of the made-up cohorts, how answers are counted, and what the kept table claims."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests import benchmarks
from tests.benchmarks import error_rates
from tests.benchmarks.rates import answers, cohorts, register, table
from tests.benchmarks.rates.cohorts import WORLDS, World, draw

KEPT = Path(benchmarks.__file__).parent / "error_rates.csv"


def many(world: World) -> dict[str, np.ndarray]:
    """109,600 persons of a world in 4,200 facilities."""
    return cohorts._people(world, np.tile(cohorts.facility_sizes(), 200), np.random.default_rng(7))


def icc(values: np.ndarray, facility: np.ndarray) -> float:
    """The intraclass correlation by the analysis of variance, written out."""
    n, sums = np.bincount(facility), np.bincount(facility, values)
    k, total = len(n), len(values)
    between = float((n * (sums / n - values.mean()) ** 2).sum()) / (k - 1)
    within = float(((values - (sums / n)[facility]) ** 2).sum()) / (total - k)
    size = (total - float((n**2).sum()) / total) / (k - 1)
    return (between - within) / (between + (size - 1) * within)


class TestCohorts:
    def test_size_of_the_article(self) -> None:
        sizes = cohorts.facility_sizes()
        assert (sizes.sum(), len(sizes)) == (548, 21)
        assert sizes.min() < 10 < 40 < sizes.max()

    @pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
    def test_as_many_are_seen_as_in_the_article(self, world: World) -> None:
        # 338 on average; with an SD of 15 the mean of 100 cohorts has an error of 1.5
        seen = [int(draw(world, 1, number).seen.sum()) for number in range(100)]
        assert np.mean(seen) == pytest.approx(338, abs=6)

    def test_facilities_are_as_unlike_as_said(self) -> None:
        # the residual makes up 64 of the 80 points of variance of the change, the baseline (0.4 * 10)^2 = 16
        for name, level, change in (
            ("facilities", 0.05, 0.05),
            ("no_facilities", 0, 0),
            ("level_only", 0.05, 0),
        ):
            people = many(WORLDS[name])
            gain = people["after"] - people["before"]
            assert icc(people["before"], people["facility"]) == pytest.approx(level, abs=0.01)
            assert icc(gain, people["facility"]) == pytest.approx(change, abs=0.01)
            assert gain.var() == pytest.approx(80, rel=0.02)

    def test_each_null_is_true_where_it_should_be(self) -> None:
        # maintained enter 6 points above drug-dominated: with a slope of 0.6 they change 2.4 less where they end
        # alike given the baseline, and end 2.4 higher given the baseline where they change alike
        for name, of_change, given_baseline in (
            ("facilities", 0.0, 0.0),
            ("enter_unlike_change_alike", 0.0, 2.4),
            ("enter_unlike_end_alike", -2.4, 0.0),
        ):
            people = many(WORLDS[name])
            dummies = people["group"][:, None] == np.array([0, 1, 3])
            design = np.column_stack([np.ones(len(dummies)), dummies])
            gain = people["after"] - people["before"]
            assert np.linalg.lstsq(design, gain)[0][1] == pytest.approx(of_change, abs=0.4)
            adjusted = np.column_stack([design, people["before"]])
            assert np.linalg.lstsq(adjusted, people["after"])[0][1] == pytest.approx(given_baseline, abs=0.4)

    def test_the_seen_of_a_cohort_are_no_sample_of_everybody(self) -> None:
        # the lost were lower and would have risen more; where being lost is not at random, those who fell are lost
        assert (
            cohorts.truth(WORLDS["facilities"]).seen
            < 3.6
            < 4.0
            == cohorts.truth(WORLDS["facilities"]).everybody
        )
        assert cohorts.truth(WORLDS["not_at_random"]).seen > 4.8

    def test_a_cohort_does_not_depend_on_how_many_are_drawn(self) -> None:
        one, again, other = (draw(WORLDS["facilities"], 1, number) for number in (3, 3, 4))
        assert one.after.tolist() == again.after.tolist() != other.after.tolist()


class TestCounting:
    def test_answers(self) -> None:
        assert answers.tested(0.049).rejected == 1
        assert answers.tested(0.051).rejected == 0
        assert math.isnan(answers.tested(np.nan).rejected)
        found = answers.estimated(0.2, -1.0, 3.0, 1.0, 2.5)
        assert (found.rejected, found.covered, found.error) == (0, 1, -1.5)
        missed = answers.estimated(0.01, 0.5, 3.0, 1.0, 0.0)
        assert (missed.rejected, missed.covered) == (1, 0)
        none = answers.estimated(np.nan, np.nan, np.nan, np.nan, 0.0)
        assert math.isnan(none.rejected)
        assert math.isnan(none.covered)
        family = answers.all_at_once(np.array([0.9, 0.04]), np.array([-1.0, 0.1]), np.array([1.0, 2.0]))
        assert (family.rejected, family.covered) == (1, 0)

    def test_goals(self) -> None:
        assert table.holds(4.0, 96.0)
        assert table.holds(6.0, np.nan)
        assert not table.holds(6.1, 95.0)
        assert not table.holds(5.0, 93.9)

    def test_a_small_run(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "rates.md"
        error_rates.main(["--cohorts", "12", "--seed", "5", "--only", "level_only", "--out", str(out)])
        assert capsys.readouterr().out == out.read_text(encoding="utf-8")
        text = out.with_suffix(".csv").read_text(encoding="utf-8")
        rows = table.from_csv(text)
        assert table.as_csv(rows) == text
        assert [row.target for row in rows] == ["all groups", "gained - drug-dominated"]
        assert table.as_csv(table.rows_of(WORLDS["level_only"], 12, 5)) == text
        # one by one, from the model itself
        ask, true = register.of_world("level_only")[0].ask, cohorts.truth(WORLDS["level_only"])
        given = [ask(draw(WORLDS["level_only"], 5, number), true) for number in range(12)]
        for row, own in zip(rows, zip(*given, strict=True), strict=True):
            assert (row.n_cohorts, row.n_rejected) == (12, sum(a.rejected for a in own))
            assert row.rejected == pytest.approx(100 * row.n_rejected / 12)

    def test_what_fails_is_counted(self) -> None:
        rows = [answers.tested(np.nan), answers.tested(0.5), answers.tested(0.01)]
        row = table._row("m", "w", "t", "", rows)
        assert (row.n_failed, row.n_rejected, row.holds) == (1, 1, "no")
        assert math.isnan(row.coverage)


def wilson(count: float, n: int) -> tuple[float, float]:
    """Wilson's interval in per cent, written out."""
    z = 1.959963984540054
    middle, half = count + z**2 / 2, z * math.sqrt(count * (n - count) / n + z**2 / 4)
    return 100 * (middle - half) / (n + z**2), 100 * (middle + half) / (n + z**2)


@pytest.fixture(scope="module")
def rows() -> list[table.Row]:
    return table.from_csv(KEPT.read_text(encoding="utf-8"))


class TestKept:
    """The table in the repository, made by the command that stands in it."""

    def of(self, rows: list[table.Row], method: str, world: str, target: str) -> table.Row:
        (found,) = (r for r in rows if (r.method, r.world, r.target) == (method, world, target))
        return found

    def test_it_is_of_today(self, rows: list[table.Row]) -> None:
        tried = [
            (method.name, world, target, why, error_rates.COHORTS // method.one_in)
            for world in WORLDS
            for method in register.of_world(world)
            for target, why in zip(method.targets, method.why, strict=True)
        ]
        assert [(r.method, r.world, r.target, r.why, r.n_cohorts) for r in rows] == tried
        command = f"python -m tests.benchmarks.error_rates --cohorts {error_rates.COHORTS} --seed {error_rates.SEED}"
        assert KEPT.with_suffix(".md").read_text(encoding="utf-8") == table.as_markdown(rows, command)

    def test_intervals_follow_from_the_counts(self, rows: list[table.Row]) -> None:
        for row in rows:
            # a method that cannot always be done is none to recommend
            assert row.n_failed == 0 or row.recommended == "no", row
            assert row.rejected == pytest.approx(100 * row.n_rejected / row.n_cohorts)
            assert (row.rejected_low, row.rejected_high) == pytest.approx(
                wilson(row.n_rejected, row.n_cohorts)
            )
            if not math.isnan(row.n_covered):
                assert row.coverage == pytest.approx(100 * row.n_covered / row.n_cohorts)
                assert (row.coverage_low, row.coverage_high) == pytest.approx(
                    wilson(row.n_covered, row.n_cohorts)
                )

    def test_a_test_rejects_where_its_interval_misses(self, rows: list[table.Row]) -> None:
        for row in rows:
            if not math.isnan(row.n_covered):
                # p and interval of the bootstrap are read off its draws in two ways, and may differ by a draw
                apart = 0.005 * row.n_cohorts if "bootstrap" in row.method else 0
                assert abs(row.n_rejected + row.n_covered + row.n_failed - row.n_cohorts) <= apart, row

    def test_what_is_recommended_holds(self, rows: list[table.Row]) -> None:
        recommended = [row for row in rows if row.recommended == "yes"]
        assert len(recommended) > 30
        for row in recommended:
            assert 4 <= row.rejected <= 6, row
            assert math.isnan(row.coverage) or 94 <= row.coverage <= 96, row
            assert row.holds == "yes"
            # and the groups' estimate is without bias: within four Monte-Carlo errors, or a tenth of a point
            assert math.isnan(row.bias) or abs(row.bias) < max(4 * row.bias_std_error, 0.1), row

    @pytest.mark.parametrize(
        ("method", "target"),
        [
            ("CR1, normal quantiles, change score", "all groups"),
            ("CR1, normal quantiles, change score", "gained - drug-dominated"),
            ("CR1, change score", "all groups"),
            ("CR1, ANCOVA", "all groups"),
            ("change score", "all groups"),
            ("ANCOVA", "all groups"),
            ("Welch", "all groups"),
            ("paired t", "mean change of the seen"),
            ("random intercepts of persons and facilities", "all groups"),
        ],
    )
    def test_what_does_not_hold_in_few_facilities(
        self, rows: list[table.Row], method: str, target: str
    ) -> None:
        row = self.of(rows, method, "facilities", target)
        assert row.recommended == row.holds == "no"
        assert row.rejected_low > 6

    def test_those_lost_may_not_be_dropped(self, rows: list[table.Row]) -> None:
        everybody = "mean change of everybody"
        for method, world in (
            ("CR2, complete cases", "facilities"),
            ("paired t", "no_facilities"),
            ("CR2, complete cases", "not_at_random"),
            ("CR2, attrition weights", "not_at_random"),
            ("CR2, score imputed", "not_at_random"),
        ):
            row = self.of(rows, method, world, everybody)
            assert row.recommended == row.holds == "no"
            assert row.coverage_high < 90

    def test_lord(self, rows: list[table.Row]) -> None:
        # each answers its own question and, asked the other, finds what is not there
        for model, world in (
            ("ANCOVA", "enter_unlike_change_alike"),
            ("change score", "enter_unlike_end_alike"),
        ):
            row = self.of(rows, f"CR2, {model}", world, "all groups")
            assert row.holds == "no"
            assert row.rejected_low > 10
