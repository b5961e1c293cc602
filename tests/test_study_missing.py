"""What is done about the lost, for whole studies: against R, on cohorts whose truth is known, and on bad input."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import larstudy as ls
from larstudy.cli import main
from larstudy.handled import handle_lost
from larstudy.handled_fits import fit_handled
from larstudy.handled_rows import weight_rows
from larstudy.loading import load_frame
from larstudy.specs import study_from_mapping
from larstudy.stats.bounds import membership_bounds
from tests.conftest import COVARIATES, ORACLES, STATUS, STUDY, twelve_long, write_study

NUMBERS = ("estimate", "std_error", "df", "statistic", "p_value")
WEIGHTED = ["attrition_weights", "overlap_weights"]


def help_study(frame: pd.DataFrame, *, clustered: bool, **analysis: object) -> ls.Analysis:
    data = {"file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
            "waves": {"baseline": 0, "month12": 12}}  # fmt: skip
    if clustered:
        made = pd.read_csv(ORACLES / "clusters_help_facility.csv").set_index("ID")["facility"]
        frame = frame.assign(facility=frame["ID"].map(made))
        data["cluster"] = "facility"
    values = {
        "data": data,
        "outcomes": {"MCS": {"column": "MCS", "higher_is": "better"}},
        "network": {"rule": "help"},
        "covariates": {"columns": ["AGE"]},
        "analysis": {"imputations": 2, **analysis},
    }
    return ls.analyse(load_frame(study_from_mapping(values), frame))


class TestAgainstR:
    @pytest.mark.parametrize("clustered", [False, True])
    def test_weights(self, help_frame: pd.DataFrame, clustered: bool) -> None:
        rows = help_study(help_frame, clustered=clustered).to_frame("missing")
        theirs = pd.read_csv(ORACLES / "lost_handled.csv")
        theirs = theirs[theirs["errors"] == ("CR2" if clustered else "independent")]
        rows["model"] = [name.removesuffix("_cr2") for name in rows["model"]]
        both = theirs.merge(rows, on=["handling", "model", "term"], suffixes=("_r", ""), how="left")
        assert set(both["handling"]) == set(WEIGHTED)
        assert len(both) == 3 * 4 + 4 + 4 + 4
        for name in NUMBERS:
            np.testing.assert_allclose(both[name], both[f"{name}_r"], rtol=1e-8, err_msg=name)

    def test_e_values(self, help_frame: pd.DataFrame) -> None:
        rows = help_study(help_frame, clustered=False).to_frame("robustness").query("analysis == 'e_value'")
        theirs = pd.read_csv(ORACLES / "lost_handled_e_values.csv")
        both = theirs.merge(rows, on=["model", "group"], suffixes=("_r", ""))
        assert len(both) == 6
        for name in ("d", "d_low", "d_high", "e_value", "e_value_limit"):
            np.testing.assert_allclose(both[name], both[f"{name}_r"], rtol=1e-10, err_msg=name)

    def test_imputation(self, help_frame: pd.DataFrame) -> None:
        """Pooled estimates lie within four Monte-Carlo errors, of theirs and of ours, sqrt(B / m) each."""
        analysis = help_study(help_frame, clustered=False, imputations=40, missing=["imputation"])
        rows = analysis.to_frame("missing").query("handling == 'imputation'")
        theirs = pd.read_csv(ORACLES / "lost_handled_imputation.csv")
        both = theirs.merge(rows, on=["model", "group"], suffixes=("_r", ""))
        both = both[both["term"].str.startswith("group")]
        assert len(both) == 6
        apart = (both["estimate"] - both["estimate_r"]).abs()
        assert (apart < 4 * np.sqrt(both["between"] * (1 / 40 + 1 / 200))).all()
        # the relative error of a between variance from m data sets is sqrt(2 / (m - 1))
        total = both["within"] + 1.005 * both["between"]
        assert (both["std_error"] ** 2 / total).between(1 - 4 * 0.23, 1 + 4 * 0.23).all()


@pytest.fixture(scope="module")
def recovered() -> pd.DataFrame:
    """Change is -0.5 times the start, plus 0.3 in the second arm; who starts high is lost more often."""
    rng = np.random.default_rng(8)
    n = 3000
    frame = pd.DataFrame({"arm": np.resize(["a", "b"], n), "q0": rng.normal(size=n)})
    frame["q1"] = 0.5 * frame["q0"] + 0.3 * (frame["arm"] == "b") + rng.normal(0, 0.5, n)
    lost = rng.random(n) < 1 / (1 + np.exp(0.5 - 1.2 * frame["q0"]))
    frame.loc[lost, "q1"] = np.nan
    cohort = ls.load(frame, waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, group="arm")
    rows = ls.analyse(cohort).to_frame("missing").query("model == 'change_score'")
    return rows.set_index(["handling", "term"])


class TestRecovery:
    @pytest.mark.parametrize(("group", "truth"), [("a", 0.0), ("b", 0.3)])
    def test_mean_change(self, recovered: pd.DataFrame, group: str, truth: float) -> None:
        term = f"mean_change[{group}]"
        off = (recovered["estimate"] - truth) / recovered["std_error"]
        assert off["complete_cases", term] > 6
        assert abs(off["attrition_weights", term]) < 3
        assert abs(off["imputation", term]) < 3

    def test_information(self, recovered: pd.DataFrame) -> None:
        share = recovered.loc[("imputation", "mean_change[a]"), "fraction_missing"]
        assert 0.1 < share < 0.6
        assert np.isnan(recovered.loc[("complete_cases", "mean_change[a]"), "fraction_missing"])


class TestTippingPoints:
    def test_estimate_moves_with_the_share_of_the_lost(self) -> None:
        """All lost of one arm are shifted, so that its mean moves by the share of them."""
        rows = robustness(lost_cohort()).query("analysis == 'tipping_point' and quantity == 'mean_change'")
        rows = rows[rows["reason"] == ""]
        assert len(rows)
        np.testing.assert_allclose(
            rows["estimate_at"], rows["estimate"] + rows["share_lost"] * rows["delta"], rtol=1e-9
        )
        assert (rows["p_value_at"].sub(0.05).abs() < 1e-4).all()

    def test_turn_by_refitting(self) -> None:
        """At the turn the test of the shifted data, fitted anew, is at its limit."""
        cohort = lost_cohort()
        rows = robustness(cohort).query("analysis == 'tipping_point' and quantity == 'difference'")
        data = handle_lost(
            ls.outcome(cohort, "qol"), "0", "1", ls.fixed_groups(cohort), handling="imputation"
        )
        rows = rows[rows["reason"] == ""]
        assert len(rows)
        for row in rows.to_dict("records"):
            moving = data.lost & (data.codes == data.groups.index(row["shifted"]))
            shifted = replace(data, after=data.after + row["delta"] * moving)
            fit = fit_handled(shifted, model="change_score")
            assert fit.estimates.p_value[0] == pytest.approx(row["p_value_at"], rel=1e-6)
            assert fit.estimates.estimate[0] == pytest.approx(row["estimate_at"], rel=1e-9)

    def test_unit(self) -> None:
        half = robustness(lost_cohort()).query("analysis == 'tipping_point'")
        given_one = robustness(lost_cohort(mcid=2.5)).query("analysis == 'tipping_point'")
        assert set(half["unit"]) == {"half an SD of the first wave"}
        assert set(given_one["unit"]) == {"mcid"}
        assert set(given_one["unit_size"]) == {2.5}
        np.testing.assert_allclose(given_one["delta_units"] * 2.5, given_one["delta"], rtol=1e-12)


def lost_cohort(n: int = 80, **outcome: Any) -> ls.Cohort:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"arm": np.resize(["a", "b"], n), "q0": rng.normal(5, 1, n).round(2)})
    frame["q1"] = (frame["q0"] + 1 + 0.5 * (frame["arm"] == "b") + rng.normal(0, 1, n)).round(2)
    frame.loc[rng.random(n) < 0.25, "q1"] = np.nan
    values = {
        "data": {"file": "f.csv", "layout": "wide", "waves": ["0", "1"]},
        "outcomes": {"qol": {"column": {"0": "q0", "1": "q1"}, "higher_is": "better", **outcome}},
        "group": {"column": "arm"},
    }
    return load_frame(study_from_mapping(values), frame)


def robustness(cohort: ls.Cohort) -> pd.DataFrame:
    return ls.analyse(cohort).to_frame("robustness")


class TestBounds:
    def test_by_hand(self) -> None:
        """Of arm a (1 to 3, 2 to 2, 4 to ?) on a scale to 10: -4 or 6 for the lost, means -2/3 and 8/3."""
        frame = pd.DataFrame(
            {"q0": [1.0, 2, 4, 3, 5], "q1": [3.0, 2, None, 4, 7], "arm": ["a", "a", "a", "b", "b"]}
        )
        values = {
            "data": {"file": "f.csv", "layout": "wide", "waves": ["0", "1"]},
            "outcomes": {"qol": {"column": {"0": "q0", "1": "q1"}, "higher_is": "better", "range": [0, 10]}},
            "group": {"column": "arm"},
        }
        rows = robustness(load_frame(study_from_mapping(values), frame)).query("analysis == 'bounds'")
        low, high = rows["bound_low"].tolist(), rows["bound_high"].tolist()
        assert low == pytest.approx([-2 / 3, 1.5, 1.5 - 8 / 3])
        assert high == pytest.approx([8 / 3, 1.5, 1.5 + 2 / 3])
        assert rows["n"].tolist() == [3, 2, 5]
        assert rows["n_lost"].tolist() == [1, 0, 1]

    def test_unknown_group_of_twelve(self, study: Path) -> None:
        """On a scale from 0 to 12. Person 11 (5 to 6, from a drug-dominated network) may be in any group but
        the maintained one; person 12 (9 to ?, from an abstinent network) in any but the gained one.

        maintained: 10 (+2) and perhaps 12 (-9 or +3): from (2 - 9)/2 to (2 + 3)/2.
        gained: 1 to 4 (3, 2, 3, 4) and perhaps 11 (+1): from 13/5 to 12/4.
        drug-dominated: 5 to 7 (1, 0, 2), perhaps 11 and 12: from (3 - 9)/4 to (3 + 3)/4.
        isolated: 8 and 9 (-1, 1), perhaps 11 and 12: from (0 - 9)/3 to (0 + 3 + 1)/4.
        """
        rows = robustness(ls.load(study)).query("analysis == 'bounds' and quantity == 'mean_change'")
        rows = rows.set_index("group")
        for group, low, high in (
            ("maintained_abstinent", -3.5, 2.5), ("gained_abstinent", 2.6, 3.0),
            ("drug_dominated", -1.5, 1.5), ("isolated", -3.0, 1.0),
        ):  # fmt: skip
            assert rows.loc[group, "bound_low"] == pytest.approx(low), group
            assert rows.loc[group, "bound_high"] == pytest.approx(high), group
        assert rows["conf_low"].isna().all()
        assert set(rows["reason"]) == {
            "who of the lost belong to the group is not known: bounds without an interval"
        }

    def test_only_where_the_scale_has_ends(self) -> None:
        assert "bounds" not in set(robustness(lost_cohort())["analysis"])
        assert "bounds" in set(robustness(lost_cohort(range=[-20, 20]))["analysis"])

    changes = st.lists(st.integers(-9, 9), max_size=5)

    @given(members=changes, candidates=changes)
    def test_no_choice_goes_beyond(self, members: list[int], candidates: list[int]) -> None:
        """The bounds are the ends of the means over every choice of candidates."""
        sure, maybe = np.array(members, dtype=float), np.array(candidates, dtype=float)
        found = membership_bounds((sure, sure), (maybe - 1, maybe + 2))
        choices = [c for size in range(len(maybe) + 1) for c in combinations(range(len(maybe)), size)]
        lows = [np.r_[sure, maybe[list(c)] - 1] for c in choices]
        highs = [np.r_[sure, maybe[list(c)] + 2] for c in choices]
        low = min((v.mean() for v in lows if len(v)), default=np.nan)
        high = max((v.mean() for v in highs if len(v)), default=np.nan)
        np.testing.assert_allclose([found.bound_low, found.bound_high], [low, high], atol=1e-12)
        assert (found.reason == "nobody at all") == (not members and not candidates)


def analysed(frame: pd.DataFrame, *, group: str | None = "arm", **options: object) -> ls.Analysis:
    outcomes = {"qol": {"0": "q0", "1": "q1"}}
    return ls.analyse(ls.load(frame, waves=["0", "1"], outcomes=outcomes, group=group, **options))  # type: ignore[arg-type]


class TestBadInput:
    frame = pd.DataFrame(
        {
            "id": range(24),
            "q0": np.r_[np.arange(12.0), np.arange(12.0)] / 3,
            "q1": np.r_[np.arange(12.0) % 5, np.arange(12.0) % 4 + 2],
            "arm": ["a"] * 12 + ["b"] * 12,
            "home": list("uvwx") * 6,
            "age": np.resize([20.0, 31, 44, 52, 28], 24),
        }
    )

    def reasons(self, frame: pd.DataFrame, **options: object) -> dict[str, set[str]]:
        rows = analysed(frame, **options).to_frame("missing")
        return {name: set(part["reason"]) for name, part in rows.groupby("handling")}

    def test_everybody_of_a_group_lost(self) -> None:
        frame = self.frame.assign(q1=self.frame["q1"].where(self.frame["arm"] == "a"))
        found = self.reasons(frame)
        assert found["complete_cases"] == {"", "one group only: nothing to compare"}
        assert found["attrition_weights"] == {
            "'baseline', 'group[b]' together separate the lost from the seen perfectly: no finite estimate"
        }
        (why,) = found["imputation"]
        assert why.startswith("among those whose 'follow-up' is known")
        assert found["overlap_weights"] == {"one group only: nothing to compare"}

    def test_nobody_seen(self) -> None:
        frame = self.frame.assign(q1=[np.nan] * 23 + [1.0], arm=["a"] * 23 + [None])
        found = self.reasons(frame)
        assert set.union(*found.values()) == {"nobody has both waves and a group"}
        points = analysed(frame).to_frame("robustness")
        assert set(points["reason"]) == {"nobody has both waves and a group"}

    def test_no_groups(self) -> None:
        analysis = analysed(self.frame, group=None)
        for part in ("missing", "weights", "robustness"):
            assert len(analysis.to_frame(part)) == 0  # type: ignore[arg-type]

    def test_weights_explode(self) -> None:
        """Of 3000, those who start higher are ever less often seen, down to about 1 in 1000."""
        rng = np.random.default_rng(2)
        q0 = rng.normal(size=3000)
        q1 = np.where(rng.random(3000) < 1 / (1 + np.exp(1 + 3.5 * q0)), q0 + rng.normal(size=3000), np.nan)
        frame = pd.DataFrame({"q0": q0, "q1": q1, "arm": np.resize(["a", "b"], 3000)})
        cohort = ls.load(frame, waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, group="arm")
        scores, groups = ls.outcome(cohort, "qol"), ls.fixed_groups(cohort)
        trimmed, raw = (
            handle_lost(scores, "0", "1", groups, handling="attrition_weights", trim=trim)
            for trim in ((1.0, 99.0), None)
        )
        assert trimmed.reason == ""
        assert raw.reason.startswith("the weights explode")
        assert len(raw.persons) == 0
        assert fit_handled(raw, model="ancova").test.reason == raw.reason
        first, *balance = weight_rows({}, raw, None)
        assert first["effective_n"] < 0.2 * first["n"]
        assert {row["reason"] for row in balance} == {"the weights are missing"}
        assert trimmed.attrition is not None
        assert weight_rows({}, trimmed, None)[0]["n_trimmed"] == trimmed.attrition.n_trimmed > 0

    def test_one_person_groups(self) -> None:
        frame = self.frame.assign(arm=["a"] * 11 + ["b"] + ["c"] * 12)
        rows = analysed(frame).to_frame("missing").set_index(["handling", "model", "term"])
        alone = ("attrition_weights", "change_score", "group[b]")
        assert np.isfinite(rows.loc[alone, "estimate"])
        assert rows.loc[alone, "reason"].startswith("rests in part or whole on one cluster")

    def test_constant_baseline(self) -> None:
        frame = self.frame.assign(q0=3.0)
        frame.loc[[2, 5, 17], "q1"] = np.nan
        analysis = analysed(frame)
        rows = analysis.to_frame("missing").query("model == 'change_score'")
        assert rows[["estimate", "reason"]][rows["group"] != ""]["estimate"].notna().all()
        points = analysis.to_frame("robustness").query("analysis == 'tipping_point'")
        assert set(points["reason"]) == {"no spread at the first wave: no unit to shift by"}

    def test_nobody_lost(self) -> None:
        analysis = analysed(self.frame)
        points = analysis.to_frame("robustness").query("analysis == 'tipping_point'")
        assert points["reason"].tolist() == ["nobody was lost: nothing to shift"]
        weights = analysis.to_frame("weights").query("handling == 'attrition_weights'")
        assert weights["reason"].iloc[0] == "nobody was lost: every weight is 1"
        assert weights["effective_n"].iloc[0] == 24

    @pytest.mark.parametrize("homes", ["uvwx", "uv", "u"])
    def test_clusters(self, homes: str) -> None:
        """Of four homes, of two (which are a variable then), and of one, which shows no difference of homes."""
        frame = self.frame.assign(home=list(homes) * (24 // len(homes)))
        frame.loc[[2, 5, 17], "q1"] = np.nan
        rows = analysed(frame, cluster="home", person="id").to_frame("missing")
        drawn = rows.query("handling == 'imputation' and model == 'change_score_cr2'")
        assert drawn["estimate"].notna().sum() == 3
        assert set(drawn["n"]) == {24}
        if homes == "u":
            assert "one cluster only: nothing shows how clusters differ" in set(drawn["reason"])

    def test_a_cluster_holds_one_group(self) -> None:
        frame = self.frame.assign(home=["u"] * 12 + list("vwx") * 4)
        frame.loc[[2, 5, 17], "q1"] = np.nan
        rows = analysed(frame, cluster="home", person="id").to_frame("missing")
        means = rows[rows["term"] == "mean_change[a]"]
        assert means["estimate"].notna().all()
        assert means["std_error"].isna().all()
        assert (means["reason"] != "").all()

    def test_unknown_covariates(self) -> None:
        """A covariate that some lack is drawn, or said to be unknown where it foretells who is lost."""
        frame = pd.concat([self.frame.drop(columns="id")] * 5, ignore_index=True)
        rng = np.random.default_rng(4)
        for name, share in (("q1", 0.3), ("age", 0.2), ("sex", 0.2)):
            frame[name] = frame.get(name, pd.Series(rng.choice(["m", "f"], 120)))
            frame.loc[rng.random(120) < share, name] = None
        analysis = analysed(frame, covariates=["age", "sex"])
        weights = analysis.to_frame("weights").query("handling == 'attrition_weights'")
        assert "age not known" in set(weights["term"])
        rows = analysis.to_frame("missing").query("model == 'ancova_covariates' and term == 'group'")
        known = frame[["q1", "age", "sex"]].notna().all(axis=1).sum()
        assert dict(zip(rows["handling"], rows["n"], strict=True)) == {
            "complete_cases": known, "attrition_weights": known, "imputation": 120,
        }  # fmt: skip

    def test_only_some_ways(self) -> None:
        values = {
            "data": {"file": "f.csv", "layout": "wide", "waves": ["0", "1"]},
            "outcomes": {"qol": {"column": {"0": "q0", "1": "q1"}, "higher_is": "better"}},
            "group": {"column": "arm"},
            "analysis": {"missing": []},
        }
        analysis = ls.analyse(load_frame(study_from_mapping(values), self.frame))
        assert set(analysis.to_frame("missing")["handling"]) == {"complete_cases"}
        assert len(analysis.to_frame("weights")) == 0
        assert set(analysis.to_frame("robustness")["analysis"]) == {"e_value"}


def test_balance_improves(help_frame: pd.DataFrame) -> None:
    rows = help_study(help_frame, clustered=False).to_frame("weights")
    for handling in WEIGHTED:
        balanced = rows[(rows["handling"] == handling) & (rows["term"] != "weights")]
        assert len(balanced) >= 2
        assert balanced["d_after"].abs().max() < 0.06 < balanced["d_before"].abs().max() or (
            handling == "attrition_weights"
        )
        assert balanced["d_after"].abs().max() < balanced["d_before"].abs().max()


@pytest.mark.usefixtures("open_data", "one_language")
def test_written_and_shown(tmp_path: Path) -> None:
    path = write_study(
        tmp_path, twelve_long(), STUDY + STATUS + COVARIATES + "[analysis]\nseed = 4\nbootstrap = 199\n"
    )
    assert main(["analyse", str(path), "--out", str(tmp_path / "out")]) == 0
    for part in ("missing", "weights", "robustness"):
        assert len(pd.read_csv(tmp_path / "out" / "tables" / f"{part}.csv"))
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "baseline to year 1: if the lost were different" in report
    assert "Missing scores were imputed 20 times (Rubin, 1987)." in report
    assert '"seed": 4' in (tmp_path / "out" / "run.json").read_text(encoding="utf-8")


def test_reconciled(tmp_path: Path) -> None:
    analysis = ls.analyse(ls.load(write_study(tmp_path, twelve_long(), STUDY + STATUS + COVARIATES)))
    found = ls.reconcile(analysis)
    assert found.ok
    assert any(
        "attrition_weights" in check["what"] or "imputation" in check["what"] for check in found.checks
    )
