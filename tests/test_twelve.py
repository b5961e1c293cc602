"""The cohort of twelve, worked by hand in conftest.py, from the file to the written tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.errors import JoinError, LarstudyError
from larstudy.names import CHANGE_GROUPS
from tests.conftest import COVARIATES, STATUS, STUDY, twelve_long, twelve_wide, write_study


@pytest.fixture
def cohort(tmp_path: Path) -> ls.Cohort:
    return ls.load(write_study(tmp_path, twelve_long(), STUDY + STATUS + COVARIATES))


@pytest.fixture
def change(cohort: ls.Cohort) -> ls.Change:
    return ls.change(ls.outcome(cohort, "qol"), "baseline", "year1")


@pytest.fixture
def comparison(cohort: ls.Cohort, change: ls.Change) -> ls.Comparison:
    return ls.compare_groups(change, ls.classify_networks(cohort).transitions("baseline", "year1"))


def by(frame: pd.DataFrame, key: str) -> dict[str, dict[str, object]]:
    return {row[key]: row for row in frame.to_dict("records")}


class TestCohort:
    def test_who_was_seen(self, cohort: ls.Cohort) -> None:
        assert cohort.seen.sum(axis=0).tolist() == [12, 11]
        assert cohort.summary() == (
            "Twelve. 12 persons; with answers: 12 at baseline, 11 at year1. Outcomes: qol."
        )
        assert cohort.table().rows == (("baseline", 12, 1.0), ("year1", 11, 11 / 12))

    def test_frame(self, cohort: ls.Cohort) -> None:
        frame = cohort.to_frame()
        assert len(frame) == 24
        assert frame["wave"].cat.ordered
        assert list(frame["wave"].cat.categories) == ["baseline", "year1"]
        assert frame.loc[0, "network"] == "drug_dominated"
        assert frame.loc[21, "network"] == "unclassified"
        assert np.isnan(frame.loc[23, "qol"])

    def test_arrays_are_frozen(self, cohort: ls.Cohort) -> None:
        with pytest.raises(ValueError, match="read-only"):
            cohort.numbers["outcome", "qol"][0, 0] = 1

    def test_provenance(self, cohort: ls.Cohort, tmp_path: Path) -> None:
        import hashlib

        content = (tmp_path / "twelve.csv").read_bytes()
        assert cohort.record.sha256 == hashlib.sha256(content).hexdigest()
        assert (cohort.record.name, cohort.record.rows) == ("twelve.csv", 23)
        provenance = cohort.provenance()
        assert provenance["data"]["sha256"] == cohort.record.sha256
        assert provenance["persons"] == 12
        assert provenance["versions"]["pandas"] == pd.__version__
        assert provenance["study"]["outcomes"]["qol"]["higher_is"] == "better"
        assert str(tmp_path) not in str(provenance)

    def test_cluster_is_not_passed_over_in_silence(self, tmp_path: Path) -> None:
        text = STUDY.replace('person = "id"', 'person = "id"\ncluster = "clinic"')
        frame = twelve_long().assign(clinic=lambda f: f["id"] % 3)
        cohort = ls.load(write_study(tmp_path, frame, text))
        assert "too small" in cohort.notes[0]


class TestScores:
    def test_at_each_wave(self, cohort: ls.Cohort) -> None:
        # baseline sum 65 / 12; year1 sum 74 / 11
        scores = ls.outcome(cohort, "qol")
        assert scores.summary() == "qol (qol). baseline: n = 12, mean 5.42; year1: n = 11, mean 6.73."
        rows = by(scores.table().to_frame(), "wave")
        assert rows["baseline"]["mean"] == pytest.approx(65 / 12)
        assert rows["year1"]["n_excluded"] == 1
        assert scores.to_frame()["qol"].notna().sum() == 23
        np.testing.assert_array_equal(scores.at("baseline")[:3], [2, 4, 6])

    def test_unknown(self, cohort: ls.Cohort) -> None:
        with pytest.raises(LarstudyError, match=r"There is no outcome 'qual'\. Nearest: 'qol'"):
            ls.outcome(cohort, "qual")
        with pytest.raises(LarstudyError, match=r"There is no wave 'year2'\. Nearest: 'year1'"):
            ls.outcome(cohort, "qol").at("year2")


class TestChange:
    def test_everybody(self, change: ls.Change) -> None:
        # changes 3 2 3 4 1 0 2 -1 1 2 1 = 18 over 11
        assert change.paired.n == 11
        assert change.paired.estimate == pytest.approx(18 / 11)
        frame = change.to_frame()
        assert frame["change"].tolist() == [3, 2, 3, 4, 1, 0, 2, -1, 1, 2, 1]
        assert (frame["improvement"] == frame["change"]).all()
        assert change.excluded.to_dict("records") == [
            {"person": 12, "step": "paired", "reason": "no answers at year1"}
        ]

    def test_in_words(self, change: ls.Change) -> None:
        first, second = change.summary().splitlines()
        assert first.startswith(
            "qol, baseline to year1: 11 persons; the mean rose (better) from 5.09 to 6.73"
        )
        assert second == ("Of 12 persons 11 are used, with both waves; 1 left out (1 no answers at year1).")

    def test_table_holds_no_person(self, change: ls.Change) -> None:
        assert len(change.table().rows) == 1
        assert change.table().rows[0][:2] == (11, 1)

    @pytest.mark.parametrize("waves", [("year1", "baseline"), ("baseline", "baseline")])
    def test_wrong_order(self, cohort: ls.Cohort, waves: tuple[str, str]) -> None:
        with pytest.raises(LarstudyError, match="The waves in order: baseline, year1"):
            ls.change(ls.outcome(cohort, "qol"), *waves)
        with pytest.raises(LarstudyError, match="The waves in order: baseline, year1"):
            ls.classify_networks(cohort).transitions(*waves)

    def test_lower_is_better(self, tmp_path: Path) -> None:
        text = STUDY.replace('higher_is = "better"', 'higher_is = "worse"')
        cohort = ls.load(write_study(tmp_path, twelve_long(), text))
        change = ls.change(ls.outcome(cohort, "qol"), "baseline", "year1")
        assert change.to_frame()["improvement"].tolist() == [-3, -2, -3, -4, -1, 0, -2, 1, -1, -2, -1]
        assert "rose (worse)" in change.summary()

    def test_direction_not_declared(self) -> None:
        cohort = ls.load(
            twelve_long(), person="id", wave="t", waves={"a": 0, "b": 1}, outcomes={"qol": "qol"}
        )
        change = ls.change(ls.outcome(cohort, "qol"), "a", "b")
        assert change.to_frame()["improvement"].isna().all()
        assert "rose from" in change.summary()
        assert any("was not declared" in note for note in change.notes)

    def test_seen_without_a_score_is_another_reason(self, tmp_path: Path) -> None:
        frame = twelve_long()
        frame.loc[(frame["id"] == 3) & (frame["t"] == 1), "qol"] = None
        cohort = ls.load(write_study(tmp_path, frame))
        change = ls.change(ls.outcome(cohort, "qol"), "baseline", "year1")
        assert set(change.excluded["reason"]) == {"qol missing at year1", "no answers at year1"}


class TestNetworks:
    def test_categories(self, cohort: ls.Cohort) -> None:
        networks = ls.classify_networks(cohort)
        rows = by(networks.table().to_frame(), "wave")
        # at baseline 3 abstinent (6, 10, 12), 7 drug (1 2 4 5 7 9 11), 2 isolated (3, 8)
        assert [rows["baseline"][c] for c in ("abstinent", "drug_dominated", "isolated", "unclassified")] == [
            3,
            7,
            2,
            0,
        ]
        # at year1 5 abstinent, 3 drug, 2 isolated, 1 seen without a network; one not seen is not counted
        assert [rows["year1"][c] for c in ("abstinent", "drug_dominated", "isolated", "unclassified")] == [
            5,
            3,
            2,
            1,
        ]
        assert (
            "year1 (n = 11): abstinent 5, drug_dominated 3, isolated 2, unclassified 1." in networks.summary()
        )

    def test_transitions(self, cohort: ls.Cohort) -> None:
        moved = ls.classify_networks(cohort).transitions("baseline", "year1")
        frame = moved.to_frame()
        cells = {(r.from_category, r.to_category): r.n for r in frame.itertuples() if r.n}
        assert cells == {
            ("drug_dominated", "abstinent"): 3, ("isolated", "abstinent"): 1,
            ("drug_dominated", "drug_dominated"): 2, ("abstinent", "drug_dominated"): 1,
            ("isolated", "isolated"): 1, ("drug_dominated", "isolated"): 1,
            ("abstinent", "abstinent"): 1, ("drug_dominated", "unclassified"): 1,
        }  # fmt: skip
        groups = moved.groups()
        assert groups.order == CHANGE_GROUPS
        assert groups.reference == "drug_dominated"
        assert groups.to_series().value_counts().to_dict() == {
            "gained_abstinent": 4, "drug_dominated": 3, "isolated": 2, "maintained_abstinent": 1,
            "unclassified": 2,
        }  # fmt: skip
        assert "gained_abstinent 4, drug_dominated 3, isolated 2, not classified 1" in moved.summary()

    def test_nobody_changed(self, tmp_path: Path) -> None:
        frame = twelve_long()
        frame["net"] = "drug"
        moved = ls.classify_networks(ls.load(write_study(tmp_path, frame))).transitions("baseline", "year1")
        assert "No test of the margins: nobody changed category." in moved.summary()

    def test_study_without_networks(self) -> None:
        cohort = ls.load(
            twelve_long(), person="id", wave="t", waves={"a": 0, "b": 1}, outcomes={"qol": "qol"}
        )
        with pytest.raises(LarstudyError, match="describes no networks"):
            ls.classify_networks(cohort)
        with pytest.raises(LarstudyError, match="names no group column"):
            ls.fixed_groups(cohort)

    def test_unknown_definition(self, cohort: ls.Cohort) -> None:
        with pytest.raises(LarstudyError, match="There is no network definition 'help'"):
            ls.classify_networks(cohort, "help")


class TestComparison:
    def test_change_by_group(self, comparison: ls.Comparison) -> None:
        rows = by(comparison.to_frame(), "group")
        assert list(rows) == ["all", *CHANGE_GROUPS, "unclassified"]
        assert [rows[g]["n"] for g in rows] == [11, 1, 4, 3, 2, 1]
        assert [rows[g]["n_excluded"] for g in rows] == [1, 0, 0, 0, 0, 1]
        assert [rows[g]["estimate"] for g in CHANGE_GROUPS] == [2, 3, 1, 0]
        assert rows["gained_abstinent"]["sd"] == pytest.approx(np.sqrt(2 / 3))
        assert rows["isolated"]["p_value"] == 1.0
        assert rows["maintained_abstinent"]["reason"] == "one person only: no spread, no test"
        assert np.isnan(rows["maintained_abstinent"]["p_value"])

    def test_change_score_by_hand(self, comparison: ls.Comparison) -> None:
        # ten people in four groups, grand mean 17/10; between 4(3-1.7)^2+3(1-1.7)^2+2(1.7)^2+(2-1.7)^2 = 14.1
        # within 2 + 2 + 2 + 0 = 6 on 6 df; F(3, 6) = 4.7 / 1
        models = comparison.to_frame("models")
        rows = by(models[models["model"] == "change_score"], "term")
        assert rows["group"]["statistic"] == pytest.approx(4.7)
        assert (rows["group"]["df_num"], rows["group"]["df"]) == (3, 6)
        assert rows["group"]["partial_eta_squared"] == pytest.approx(14.1 / 20.1)
        assert rows["intercept"]["estimate"] == pytest.approx(1.0)
        assert rows["group[gained_abstinent]"]["estimate"] == pytest.approx(2.0)
        assert rows["group[gained_abstinent]"]["std_error"] == pytest.approx(np.sqrt(1 / 4 + 1 / 3))
        assert rows["group[drug_dominated]"]["reason"] == "the reference group"
        rm = by(models[models["model"] == "rm_glm"], "term")
        assert rm["time:group"]["statistic"] == pytest.approx(4.7)
        # weighted: 17^2 / 10 = 28.9; by group: mean (2+3+1+0)/4 = 1.5, error (1+1/4+1/3+1/2)/16
        assert rm["time_weighted"]["statistic"] == pytest.approx(28.9)
        assert rm["time"]["statistic"] == pytest.approx(1.5**2 / ((1 + 1 / 4 + 1 / 3 + 1 / 2) / 16))

    def test_contrasts(self, comparison: ls.Comparison) -> None:
        rows = by(comparison.to_frame("contrasts").query("model == 'change_score'"), "term")
        assert len(rows) == 6
        assert rows["isolated - drug_dominated"]["estimate"] == pytest.approx(-1.0)
        assert rows["gained_abstinent - isolated"]["estimate"] == pytest.approx(3.0)

    def test_flow(self, comparison: ls.Comparison) -> None:
        flow = comparison.to_frame("flow")[["step", "reason", "n"]].values.tolist()
        assert flow == [
            ["entered", "", 12],
            ["paired", "no answers at year1", 1],
            ["paired", "", 11],
            ["grouped", "network unclassified at year1", 1],
            ["grouped", "", 10],
        ]

    def test_in_words(self, comparison: ls.Comparison) -> None:
        lines = comparison.summary().splitlines()
        assert lines[1] == (
            "Of 12 persons 10 are used, with both waves and a group; 2 left out"
            " (1 no answers at year1, 1 network unclassified at year1)."
        )
        assert (
            lines[3]
            == "Maintained abstinent network: 1 person; no test: one person only: no spread, no test."
        )
        assert "F(3, 6) = 4.70, p = .051." in comparison.summary()
        assert str(comparison) == comparison.summary()
        assert repr(comparison) == "<Comparison: qol, baseline to year1.>"
        assert "<table>" in comparison._repr_html_()

    @pytest.mark.parametrize("part", ["change", "models", "contrasts", "flow"])
    def test_tables(self, comparison: ls.Comparison, part: str) -> None:
        table = comparison.table(part)
        assert len(table.rows) == len(comparison.to_frame(part))
        assert "Lord's paradox" in table.to_markdown()
        if part == "change":
            assert "Maintained abstinent network, Not classified: one person only" in table.to_markdown()

    def test_unknown_part(self, comparison: ls.Comparison) -> None:
        with pytest.raises(LarstudyError, match="Nearest: 'change'"):
            comparison.to_frame("chnge")  # type: ignore[arg-type]

    def test_reference(self, cohort: ls.Cohort, change: ls.Change) -> None:
        moved = ls.classify_networks(cohort).transitions("baseline", "year1")
        result = ls.compare_groups(change, moved, reference="isolated")
        assert "gained_abstinent - isolated" in set(result.to_frame("contrasts")["term"])
        with pytest.raises(LarstudyError, match="Nearest: 'isolated'"):
            ls.compare_groups(change, moved, reference="isolatd")

    def test_series_in_any_order_and_with_strangers(self, change: ls.Change) -> None:
        series = pd.Series({12: "a", 3: "a", 1: "a", 2: "b", 4: "b", 5: "b", 99: "b"})
        result = ls.compare_groups(change, series)
        rows = by(result.to_frame(), "group")
        assert (rows["a"]["estimate"], rows["b"]["estimate"]) == (3.0, pytest.approx(7 / 3))
        assert rows["unclassified"]["n"] == 6
        reasons = result.to_frame("flow")["reason"].tolist()
        assert "not among the groups" in reasons

    def test_categorical_series_keeps_its_order(self, change: ls.Change) -> None:
        labels = pd.Categorical(["lo", "hi"] * 5 + ["hi"], categories=["lo", "hi"])
        result = ls.compare_groups(change, pd.Series(labels, index=range(1, 12)))
        assert result.order == ("lo", "hi")
        assert result.reference == "lo"

    def test_ids_of_another_kind(self, change: ls.Change) -> None:
        with pytest.raises(JoinError, match="nobody would match"):
            ls.compare_groups(change, pd.Series({"1": "a", "2": "b"}))

    def test_ids_that_repeat(self, change: ls.Change) -> None:
        with pytest.raises(JoinError, match="stands twice"):
            ls.compare_groups(change, pd.Series(["a", "b"], index=[1, 1]))

    def test_reference_that_nobody_is_in(self, change: ls.Change) -> None:
        labels = pd.Categorical(["a", "b"] * 5 + ["a"], categories=["none", "a", "b"])
        result = ls.compare_groups(change, pd.Series(labels, index=range(1, 12)), reference="none")
        assert result.reference == "a"
        assert any("Nobody with both waves is in 'none'" in note for note in result.notes)
        rows = by(result.to_frame(), "group")
        assert (rows["none"]["n"], rows["none"]["reason"]) == (0, "nobody has both waves")
        assert "none" not in str(result.to_frame("models")["group"].tolist())

    def test_nobody_has_a_group(self, change: ls.Change) -> None:
        labels = pd.Categorical([None] * 11, categories=["a", "b"])
        result = ls.compare_groups(change, pd.Series(labels, index=range(1, 12)))
        models = result.to_frame("models")
        assert set(models["reason"]) == {"nobody has both waves and a group"}
        assert models["statistic"].isna().all()
        assert len(result.to_frame("contrasts")) == 0
        assert "No test: nobody has both waves and a group." in result.summary()

    def test_covariates(self, cohort: ls.Cohort) -> None:
        analysis = ls.analyse(cohort)
        comparison = analysis.comparison("qol", "baseline", "year1")
        rows = by(comparison.to_frame("models").query("model == 'ancova_covariates'"), "term")
        assert {"baseline", "age"} <= set(rows)
        assert rows["group"]["df"] == 10 - 4 - 2
        assert comparison.to_frame("flow")["step"].iloc[-1] == "covariates known"

    def test_covariate_with_categories_and_missing(self, tmp_path: Path) -> None:
        frame = twelve_long()
        frame["age"] = np.select([frame["id"] < 5, frame["id"] < 9], ["young", "mid"], "old").astype(object)
        frame.loc[frame["id"] == 5, "age"] = None
        cohort = ls.load(write_study(tmp_path, frame, STUDY + COVARIATES))
        comparison = ls.analyse(cohort).comparison("qol", "baseline", "year1")
        models = comparison.to_frame("models").query("model == 'ancova_covariates'")
        assert {"age[old]", "age[young]"} <= set(models["term"])
        assert set(models["n"]) == {9}
        flow = comparison.to_frame("flow")
        assert flow[flow["step"] == "covariates known"][["reason", "n"]].values.tolist() == [
            ["age missing", 1],
            ["", 9],
        ]
        assert ls.reconcile(ls.analyse(cohort)).ok


class TestAnalysis:
    def test_strata(self, cohort: ls.Cohort) -> None:
        analysis = ls.analyse(cohort)
        strata = [c.change.stratum for c in analysis.comparisons]
        assert strata == ["all", "completed", "in_treatment", "dropped_out", "unclassified"]
        change = analysis.to_frame("change")
        everybody = change[change["group"] == "all"].set_index("stratum")["n"]
        # completed 1, 2, 7, 10; in treatment 3, 4, 5, 11; dropped out 6, 8, 9; person 12 has no status
        assert everybody.to_dict() == {
            "all": 11, "completed": 4, "in_treatment": 4, "dropped_out": 3, "unclassified": 0,
        }  # fmt: skip
        assert "still in treatment" in analysis.summary()

    def test_statuses_that_a_study_does_not_have(self, tmp_path: Path) -> None:
        text = STUDY + STATUS.replace(", in_treatment = [2], dropped_out = [3]", ", unclassified = [2, 3]")
        analysis = ls.analyse(ls.load(write_study(tmp_path, twelve_long(), text)))
        assert [c.change.stratum for c in analysis.comparisons] == ["all", "completed", "unclassified"]
        assert ls.reconcile(analysis).ok

    def test_chosen_interval_and_confidence(self, tmp_path: Path) -> None:
        text = (
            STUDY
            + '[analysis]\ncomparisons = [["baseline", "year1"], ["baseline", "year1"]]\nconfidence = 0.9\n'
        )
        analysis = ls.analyse(ls.load(write_study(tmp_path, twelve_long(), text)))
        assert len(analysis.comparisons) == 1
        row = analysis.to_frame().set_index("group").loc["drug_dominated"]
        # changes 1 0 2: mean 1, SE 1/sqrt(3), t(.95, 2) = 2.919986
        assert row["conf_high"] == pytest.approx(1 + 2.919986 / np.sqrt(3), abs=1e-6)
        assert "90% CI" in analysis.comparisons[0].summary()

    def test_reconciles(self, cohort: ls.Cohort) -> None:
        result = ls.reconcile(ls.analyse(cohort))
        assert result.ok
        assert result.summary() == f"{len(result.checks)} of {len(result.checks)} checks of n hold."
        whats = {check["what"] for check in result.checks}
        assert {"strata add up", "change of everybody", "groups add up", "transitions to 'isolated'"} <= whats
        assert result.to_frame()["holds"].all()
        assert len(result.table().rows) == len(result.checks)

    def test_lookup(self, cohort: ls.Cohort) -> None:
        analysis = ls.analyse(cohort)
        assert analysis.comparison("qol", "baseline", "year1", stratum="completed").change.paired.n == 4
        with pytest.raises(LarstudyError, match="There is no comparison"):
            analysis.comparison("qol", "baseline", "year2")
        with pytest.raises(LarstudyError, match="Nearest: 'change'"):
            analysis.to_frame("chang")  # type: ignore[arg-type]

    def test_without_any_groups(self) -> None:
        cohort = ls.load(
            twelve_long(), person="id", wave="t", waves={"a": 0, "b": 1}, outcomes={"qol": "qol"}
        )
        analysis = ls.analyse(cohort)
        assert analysis.to_frame("change")["group"].tolist() == ["all"]
        assert analysis.rows("models") == []
        assert ls.reconcile(analysis).ok
        assert "with both waves; 1 left out" in analysis.comparisons[0].summary()
        assert any("No groups" in note for note in analysis.notes())

    def test_group_column_instead_of_networks(self, tmp_path: Path) -> None:
        text = STUDY[: STUDY.index("[network]")] + '[group]\ncolumn = "net"\nwave = "baseline"\n'
        cohort = ls.load(write_study(tmp_path, twelve_long(), text))
        change = ls.analyse(cohort).to_frame("change")
        assert change["group"].tolist() == ["all", "abst", "drug", "iso"]
        assert change["n"].tolist() == [11, 2, 7, 2]
        assert change["n_excluded"].tolist() == [1, 1, 0, 0]

    def test_order_and_reference_of_groups(self, tmp_path: Path) -> None:
        text = STUDY[: STUDY.index("[network]")] + (
            '[group]\ncolumn = "net"\nwave = "baseline"\norder = ["iso", "drug", "abst"]\nreference = "drug"\n'
        )
        analysis = ls.analyse(ls.load(write_study(tmp_path, twelve_long(), text)))
        assert analysis.to_frame("change")["group"].tolist() == ["all", "iso", "drug", "abst"]
        assert set(analysis.to_frame("contrasts")["term"]) == {"iso - drug", "abst - drug", "iso - abst"}

    def test_reconcile_finds_a_lost_person(self, cohort: ls.Cohort) -> None:
        import dataclasses

        from larstudy.errors import ReconciliationError
        from larstudy.reconciliation import require_reconciled

        analysis = ls.analyse(cohort)
        first = analysis.comparisons[0]
        rows = tuple({**row, "n": row["n"] - (row["group"] == "isolated")} for row in first.change_rows)
        broken = dataclasses.replace(
            analysis,
            comparisons=(dataclasses.replace(first, change_rows=rows), *analysis.comparisons[1:]),
        )
        result = ls.reconcile(broken)
        assert not result.ok
        assert "groups add up (qol, baseline to year1, all): expected 11, found 10." in result.summary()
        assert {c["what"] for c in result.failed} == {
            "groups add up", "groups and flow", "transitions to 'isolated'", "effect sizes of isolated",
            "effect sizes of isolated against drug_dominated",
        }  # fmt: skip
        with pytest.raises(ReconciliationError, match="fault of larstudy"):
            require_reconciled(broken)

    def test_reconcile_looks_at_contrasts_definitions_and_margins(
        self, help_analysis: ls.Analysis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = ls.Analysis.rows
        assert ls.reconcile(help_analysis).ok

        def spoiled(analysis: ls.Analysis, part: str) -> list[dict[str, object]]:
            rows = [dict(row) for row in original(analysis, part)]  # type: ignore[arg-type]
            if part == "contrasts":
                rows[0]["n"] += 1
            if part == "definitions":
                next(r for r in rows if r["group"] == "isolated")["n"] += 1
            if part == "models":
                next(r for r in rows if r["term"] == "bhapkar")["n"] += 1
            return rows

        monkeypatch.setattr(ls.Analysis, "rows", spoiled)
        assert {check["what"] for check in ls.reconcile(help_analysis).failed} == {
            "contrasts of change_score", "definition help, groups add up", "definition help, isolated",
            "test bhapkar",
        }  # fmt: skip


class TestOneCall:
    def test_same_as_step_by_step(self, comparison: ls.Comparison) -> None:
        frame = twelve_long()
        groups = comparison.change.persons.to_series().map(dict(enumerate("xxxxyyyzzwu", start=1)))
        frame["g"] = frame["id"].map(groups)
        one = ls.compare_change(frame, person="id", wave="t", outcome="qol", group="g", higher_is="better")
        two = ls.compare_groups(comparison.change, groups)
        columns = ["group", "n", "estimate", "p_value"]
        pd.testing.assert_frame_equal(one.to_frame()[columns], two.to_frame()[columns])
        assert isinstance(one, ls.Comparison)

    def test_group_in_one_row_only(self) -> None:
        frame = twelve_long()
        frame["g"] = np.where(frame["t"] == 1, np.where(frame["id"] < 6, "a", "b"), None)
        result = ls.compare_change(frame, person="id", wave="t", outcome="qol", group="g")
        assert result.to_frame().set_index("group")["n"].to_dict() == {
            "all": 11,
            "a": 5,
            "b": 6,
            "unclassified": 0,
        }  # person 12 is in neither group: no row at year1

    def test_wide(self) -> None:
        frame = twelve_wide().assign(g=["a"] * 6 + ["b"] * 6)
        result = ls.compare_change(
            frame, person="id", outcome={"before": "qol_0", "after": "qol_1"}, group="g",
            reference="b", covariates=["age"],
        )  # fmt: skip
        assert result.reference == "b"
        assert result.change.from_wave == "before"
        assert "ancova_covariates" in set(result.to_frame("models")["model"])

    def test_change_groups_by_their_fixed_names(self) -> None:
        """The change groups keep the field's order and reference when they come as a column."""
        names = dict(
            zip(
                range(1, 11),
                ["gained_abstinent"] * 4
                + ["drug_dominated"] * 3
                + ["isolated"] * 2
                + ["maintained_abstinent"],
                strict=True,
            )
        )
        frame = twelve_long().assign(g=lambda f: f["id"].map(names))
        result = ls.compare_change(frame, person="id", wave="t", outcome="qol", group="g")
        assert result.order == CHANGE_GROUPS
        assert result.reference == "drug_dominated"
        assert result.to_frame().set_index("group").loc["gained_abstinent", "estimate"] == 3

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"wave": None}, "needs wave="),
            ({"wave": "tt"}, "There is no column 'tt'. Nearest: 't'"),
            ({"outcome": "qual"}, "Nearest name: 'qol'"),
            ({"group": "gg"}, "Nearest name: 'g'"),
        ],
    )
    def test_what_is_missing(self, changes: dict[str, object], text: str) -> None:
        frame = twelve_long().assign(g="a")
        arguments = {"person": "id", "wave": "t", "outcome": "qol", "group": "g", **changes}
        with pytest.raises(LarstudyError, match=text):
            ls.compare_change(frame, **arguments)  # type: ignore[arg-type]

    def test_three_waves_are_not_two(self) -> None:
        frame = twelve_long().assign(g="a")
        with pytest.raises(LarstudyError, match="two waves, the earlier first; 3 are named"):
            ls.compare_change(
                frame, person="id", wave="t", outcome="qol", group="g", waves={"a": 0, "b": 1, "c": 2}
            )

    def test_three_waves_need_a_choice(self) -> None:
        frame = pd.concat([twelve_long(), twelve_long().query("t == 1").assign(t=2)]).assign(g="a")
        with pytest.raises(LarstudyError, match="3 different values, not two"):
            ls.compare_change(frame, person="id", wave="t", outcome="qol", group="g")
        result = ls.compare_change(
            frame, person="id", wave="t", waves={"a": 0, "c": 2}, outcome="qol", group="g"
        )
        assert result.change.to_wave == "c"
        assert result.to_frame("models")["reason"].str.contains("one group only").any()


class TestItems:
    """QOL10 scored from items inside a study."""

    TEXT = """
[data]
file = "q.csv"
layout = "long"
person = "id"
wave = "t"
waves = { baseline = 0, year1 = 1 }
[outcomes.social]
instrument = "qol10"
scale = "social"
items = { 4 = "q4", 5 = "q5", 6 = "q6", 7 = "q7", 8 = "q8" }
"""

    def frame(self) -> pd.DataFrame:
        rows = []
        for person in range(1, 5):
            for t in (0, 1):
                answers = {f"q{i}": 5 - t - (person + i) % 2 for i in range(4, 9)}
                rows.append({"id": person, "t": t, **answers})
        frame = pd.DataFrame(rows).astype(float)
        frame.loc[(frame["id"] == 4) & (frame["t"] == 1), "q8"] = None
        return frame

    def test_scored_and_noted(self, tmp_path: Path) -> None:
        cohort = ls.load(write_study(tmp_path, self.frame(), self.TEXT, data="q.csv"))
        scores = ls.outcome(cohort, "social")
        # person 1 at baseline: answers 4 5 4 5 4?  5 - (1+i)%2: i=4 ->4, 5->5, 6->4, 7->5, 8->4; .3 .1 .3 .1 .3
        assert scores.values[0, 0] == pytest.approx(0.22)
        notes = " ".join(scores.notes)
        assert "not checked against the manual" in notes
        assert "an inference" in notes
        change = ls.change(scores, "baseline", "year1")
        assert change.excluded["reason"].tolist() == ["social not scored (items unanswered) at year1"]

    def test_map_changed_in_the_study_file(self, tmp_path: Path) -> None:
        text = self.TEXT + '[instruments.qol10.scales.social]\nitems = ["4", "8"]\nmin_answered = 1\n'
        cohort = ls.load(write_study(tmp_path, self.frame(), text, data="q.csv"))
        scores = ls.outcome(cohort, "social")
        assert scores.values[0, 0] == pytest.approx(0.3)
        assert not np.isnan(scores.values).any()
        assert "changed in the study file" in " ".join(scores.notes)

    def test_answers_out_of_range(self, tmp_path: Path) -> None:
        frame = self.frame()
        frame.loc[3, "q5"] = 7
        report = ls.check(write_study(tmp_path, frame, self.TEXT, data="q.csv"))
        assert "1 value is outside the whole numbers 1 to 5 (row 5)" in report.summary()
        assert "item 5 of instrument 'qol10'" in report.summary()


class TestScore:
    def test_columns_named_like_the_items(self) -> None:
        frame = pd.DataFrame({str(i): [1, 5] for i in range(1, 6)}, index=["x", "y"])
        result = ls.score(frame, "qol5")
        assert result.scales == ("health", "self", "others", "total", "total_plain")
        assert result.to_frame().loc["y", "total"] == pytest.approx(0.1)
        assert result.summary().startswith("QOL5, rows with a score. health: 2 of 2")
        assert len(result.table().rows) == 5
        assert len(result.plot().axes.get_yticklabels()) == 5

    def test_only_what_can_be_scored(self) -> None:
        result = ls.score(pd.DataFrame({"3": [1]}), "qol5")
        assert result.scales == ("self",)

    def test_nothing_can_be_scored(self) -> None:
        with pytest.raises(ls.DataError, match="no scale has all of its items; not given: 1, 2"):
            ls.score(pd.DataFrame({"a": [1]}), "qol5")

    def test_wrong_columns_and_answers_at_once(self) -> None:
        frame = pd.DataFrame({"q1": [1, 9], "q2": ["x", 2], "q4": [1, 1], "q5": [1, 1]})
        items = {str(i): f"q{i}" for i in range(1, 6)}
        with pytest.raises(ls.DataError) as error:
            ls.score(frame, "qol5", items=items, scales=["total"])
        codes = [(p.code, p.where) for p in error.value.problems]
        assert codes == [
            ("out_of_range", "column 'q1'"),
            ("not_a_number", "column 'q2'"),
            ("unknown_column", "column 'q3' (item 3)"),
        ]
        # in a data frame rows count from 0, as iloc does
        assert error.value.problems[0].rows == (1,)

    def test_one_column_for_two_items(self) -> None:
        items = {"1": "a", "2": "a", "3": "c", "4": "d", "5": "e"}
        with pytest.raises(ls.DataError, match="column 'a': is given for item 1 and for item 2"):
            ls.score(pd.DataFrame({c: [1] for c in "acde"}), "qol5", items=items)

    def test_unknown_item_and_cutoff(self) -> None:
        with pytest.raises(LarstudyError, match="There is no item of qol1 '11'"):
            ls.score(pd.DataFrame({"a": [1]}), "qol1", items={"11": "a"})
        with pytest.raises(LarstudyError, match="There is no cut-off"):
            ls.score(pd.DataFrame({"1": [1]}), "qol1").above_cutoff("total")

    def test_cutoff_is_strict(self) -> None:
        # 1.85 exactly is not above 1.85: ten answers adding up to 18.5 do not exist, so a scale of one's own
        frame = pd.DataFrame({str(i): [2, 2, 1] for i in range(1, 11)})
        frame["1"] = [1, 2, np.nan]
        frame.loc[2, [str(i) for i in range(2, 6)]] = np.nan
        flags = ls.score(frame, "scl10").above_cutoff("mean")
        assert flags.tolist()[:2] == [True, True]
        assert pd.isna(flags.iloc[2])
