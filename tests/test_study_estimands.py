"""The tables on Lord's paradox and on regression to the mean, of a whole study; the numbers are R's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.estimands import Assumed
from larstudy.loading import load_frame
from larstudy.specs import study_from_mapping
from tests.conftest import ORACLES, STUDY, twelve_long, write_study

OTHERS = ["maintained_abstinent", "gained_abstinent", "isolated"]


def help_study(frame: pd.DataFrame, **outcome: object) -> ls.Comparison:
    values = {
        "data": {
            "file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
            "waves": {"baseline": 0, "month12": 12},
        },
        "outcomes": {"MCS": {"column": "MCS", "higher_is": "better", **outcome}},
        "network": {"rule": "help"},
    }  # fmt: skip
    analysis = ls.analyse(load_frame(study_from_mapping(values), frame))
    return analysis.comparison("MCS", "baseline", "month12")


class TestHelp:
    def test_analyses_side_by_side(self, help_frame: pd.DataFrame) -> None:
        rows = help_study(help_frame, reliability=[0.6, 0.9]).to_frame("estimands")
        theirs = pd.read_csv(ORACLES / "estimands_contrasts.csv").query("data == 'help' and contrast <= 3")
        theirs = theirs.replace({"analysis": {"constrained_REML": "constrained_baseline"}})
        theirs = theirs[theirs["analysis"].isin(set(rows["analysis"]))]
        theirs = theirs[theirs["reliability"].isna() | theirs["reliability"].isin([0.6, 0.9])]
        assert len(theirs) == 5 * 3
        for row in theirs.to_dict("records"):
            chosen = (rows["analysis"] == row["analysis"]) & (rows["group"] == OTHERS[row["contrast"] - 1])
            if not np.isnan(row["reliability"]):
                chosen &= rows["reliability"] == row["reliability"]
            (found,) = rows[chosen].to_dict("records")
            for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
                assert found[name] == pytest.approx(row[name], rel=1e-6), (row, name)
        assert set(rows["analysis"]) == {
            "change_score", "ancova", "ancova_corrected", "constrained_baseline", "bracket",
        }  # fmt: skip
        assert rows["assumption"].ne("").all()

    def test_span(self, help_frame: pd.DataFrame) -> None:
        rows = help_study(help_frame, reliability=0.8).to_frame("estimands")
        assert (rows["analysis"] == "ancova_corrected").sum() == 3
        for group in OTHERS:
            of_group = rows[rows["group"] == group].set_index("analysis")
            parts = of_group.drop(index="bracket")
            assert of_group.loc["bracket", "estimate_low"] == parts["estimate"].min()
            assert of_group.loc["bracket", "conf_high"] == parts["conf_high"].max()

    def test_without_a_reliability(self, help_frame: pd.DataFrame) -> None:
        comparison = help_study(help_frame)
        assert "ancova_corrected" not in set(comparison.to_frame("estimands")["analysis"])
        shown = comparison.table("estimands").to_markdown()
        assert "The reliability of the outcome is not given" in shown
        assert "Isolated − drug-dominated network" in shown

    def test_regression_to_the_mean(self, help_frame: pd.DataFrame) -> None:
        """Expected change (1 - b) (mu - m), with the ANCOVA's slope b and the mean of all 468 baselines."""
        comparison = help_study(help_frame)
        rows = comparison.to_frame("regression").set_index("group")
        slope = (
            comparison.to_frame("models").set_index(["model", "term"]).loc[("ancova", "baseline"), "estimate"]
        )
        everybody = help_frame.loc[help_frame["TIME"] == 0, "MCS"].dropna()
        for group, row in rows.iterrows():
            change = comparison.by_group[str(group)]
            expected = (1 - slope) * (everybody.mean() - change.before_mean)
            assert row["expected_change"] == pytest.approx(expected, rel=1e-9)
            assert row["remainder"] == pytest.approx(change.estimate - expected, rel=1e-9)
            assert row["n"] == change.n
        assert "People who come when they are at their worst" in comparison.table("regression").to_markdown()

    def test_population_mean_from_elsewhere(self, help_frame: pd.DataFrame) -> None:
        comparison = help_study(help_frame, population_mean=50.0)
        row = comparison.to_frame("regression").set_index("group").loc["isolated"]
        assert row["population_mean"] == 50.0
        assert row["remainder"] < 0
        assert "at their worst" not in comparison.table("regression").to_markdown()


@pytest.mark.usefixtures("open_data", "one_language")
class TestFiles:
    def test_written_and_said_in_the_report(self, tmp_path: Path) -> None:
        text = STUDY.replace(
            "range = [0, 12]",
            'range = [0, 12]\nreliability = [0.7, 0.9]\nreliability_source = "somebody"\n'
            'population_mean = 7\npopulation_mean_source = "a register"',
        )
        assert (
            main(["analyse", str(write_study(tmp_path, twelve_long(), text)), "--out", str(tmp_path / "o")])
            == 0
        )
        rows = pd.read_csv(tmp_path / "o" / "tables" / "estimands.csv")
        assert rows["reliability"].dropna().unique().tolist() == [0.7, 0.9]
        assert len(pd.read_csv(tmp_path / "o" / "tables" / "regression.csv")) == 4
        report = (tmp_path / "o" / "report.html").read_text(encoding="utf-8")
        assert "Reliability, as the study file says: 0.7 to 0.9 (somebody)." in report
        assert "Mean of the population, as the study file says: 7 (a register)." in report

    def test_group_of_one_person_is_nan_with_a_reason(self, study: Path) -> None:
        comparison = ls.analyse(ls.load(study)).comparisons[0]
        rows = comparison.to_frame("estimands").set_index(["analysis", "group"])
        row = rows.loc[("ancova", "maintained_abstinent")]
        assert np.isnan(row["estimate"])
        assert row["reason"]

    @pytest.mark.parametrize("said", ["0", "1.2", "[0.9, 0.7]", '"high"', "[0.7]", "[0.7, 0.8, 0.9]", "[]"])
    def test_reliability_that_cannot_be(self, tmp_path: Path, said: str) -> None:
        text = STUDY.replace("range = [0, 12]", f"range = [0, 12]\nreliability = {said}")
        report = ls.check(write_study(tmp_path, twelve_long(), text))
        assert "outcomes.qol.reliability: should be above 0 and at most 1" in report.summary()


def two_arms(first: object, second: object) -> ls.Analysis:
    """Forty persons in two arms and five clinics."""
    frame = pd.DataFrame({"q0": first, "q1": second, "n": range(40)})
    frame["arm"], frame["clinic"] = np.where(frame["n"] % 2, "a", "b"), frame["n"] % 5
    values = {
        "data": {"file": "x.csv", "layout": "wide", "person": "n", "waves": ["0", "1"], "cluster": "clinic"},
        "outcomes": {"q": {"column": {"0": "q0", "1": "q1"}, "higher_is": "better", "reliability": 0.8}},
        "group": {"column": "arm"},
        "analysis": {"bootstrap": 99, "permutations": 99, "imputations": 2},
    }
    return ls.analyse(load_frame(study_from_mapping(values), frame))


class TestEverybodyStartsAlike:
    def test_contrasts_and_estimands_say_the_same(self) -> None:
        """The follow-ups are then compared as they are, with 40 - 2 degrees of freedom: by hand, pooled t."""
        after = np.random.default_rng(3).normal(7, 1, 40)
        comparison = two_arms(5.0, after).comparisons[0]
        b, a = after[::2], after[1::2]
        error = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2 * (2 / 20))
        estimands = comparison.to_frame("estimands").set_index(["errors", "analysis"])
        contrasts = comparison.to_frame("contrasts").set_index("model")
        for row in (estimands.loc[("independent", "ancova")], contrasts.loc["ancova"]):
            assert row["estimate"] == pytest.approx(b.mean() - a.mean(), rel=1e-12)
            assert row["std_error"] == pytest.approx(error, rel=1e-12)
            assert row["df"] == 38
        assert np.isnan(estimands.loc[("independent", "ancova"), "slope"])
        for name in ("estimate", "std_error", "df", "p_value"):
            nested = estimands.loc[("CR2", "ancova"), name]
            assert nested == pytest.approx(contrasts.loc["ancova_cr2", name], rel=1e-9)
        assert "no slope" in estimands.loc[("independent", "ancova_corrected"), "reason"]
        assert np.isnan(estimands.loc[("jackknife over clusters", "ancova_corrected"), "std_error"])

    def test_and_ends_alike(self) -> None:
        estimands = two_arms(5.0, 6.1).to_frame("estimands").set_index(["errors", "analysis"])
        row = estimands.loc[("independent", "ancova")]
        assert row["estimate"] == pytest.approx(0, abs=1e-14)
        assert np.isnan(row["std_error"])
        assert row["reason"] == "the model fits without any residual: no test"

    def test_groups_that_start_apart_have_no_slope(self) -> None:
        """Alike within each group, but not between them: then the baseline is the group."""
        first = np.where(np.arange(40) % 2, 4.0, 6.0)
        comparison = two_arms(first, np.random.default_rng(4).normal(7, 1, 40)).comparisons[0]
        row = (
            comparison.to_frame("estimands").set_index(["errors", "analysis"]).loc[("independent", "ancova")]
        )
        assert np.isnan(row["estimate"])
        assert "no slope" in row["reason"]
        assert np.isnan(comparison.to_frame("contrasts").set_index("model").loc["ancova", "estimate"])


@pytest.mark.parametrize("scale", [0.1, 1.0, 100.0])
def test_rounding_error_is_shown_as_none(scale: float) -> None:
    """1.1 has no end in binary: changes that are all 1.1 differ in their last digits, and nobody is told so."""
    first = np.random.default_rng(5).integers(1, 9, 40) * scale
    analysis = two_arms(first, first + 1.1)
    (comparison,) = analysis.comparisons
    assert comparison.change.paired.sd == 0
    for part in ("change", "models", "contrasts", "pairs", "estimands", "regression", "effects"):
        shown = comparison.table(part).to_markdown()
        assert "e−" not in shown, part
    assert comparison.change.scale.digits == 2
    assert 0 < comparison.change.scale.noise < 1e-11 * scale
    # nothing to divide a difference by
    rows = analysis.to_frame("robustness").query("analysis == 'e_value'")
    assert rows.loc[rows["model"] == "change_score_cr2", "unit_size"].isna().tolist() == [True]


def test_in_the_library(study: Path) -> None:
    cohort = ls.load(study)
    change = ls.change(ls.outcome(cohort, "qol"), "baseline", "year1")
    groups = ls.classify_networks(cohort).transitions("baseline", "year1")
    assumed = Assumed(reliability=(0.8, 0.8), population_mean=6.0)
    rows = ls.compare_groups(change, groups, assumed=assumed).to_frame("estimands")
    assert rows.loc[rows["analysis"] == "ancova_corrected", "reliability"].tolist() == [0.8] * 3
    one = ls.compare_groups(change, pd.Series("x", index=range(1, 13)))
    assert one.to_frame("estimands").empty
    assert len(one.to_frame("regression")) == 1
    nobody = ls.compare_groups(change, pd.Series(["x"], index=[99]))
    assert nobody.to_frame("regression").empty
    # person 12 has a baseline of 9 and no follow-up
    assert change.before_only.tolist() == [9.0]
