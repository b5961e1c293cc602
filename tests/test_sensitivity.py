"""Every defensible analysis of a difference: what is crossed, how far choices move it, and how it is shown."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from matplotlib.figure import Figure

import larstudy as ls
from larstudy.loading import load_frame
from larstudy.specifications import CHOICES, Specification, forks
from larstudy.specs import study_from_mapping
from larstudy.stats.multiverse import moves_within
from tests.conftest import STUDY, twelve_long, write_study
from tests.test_handled_against_r import HELP


def made(**chosen: str) -> Specification:
    usual = {
        "definition": "help", "handling": "complete_cases", "model": "ancova", "covariates": "none",
        "errors": "independent",
    }  # fmt: skip
    return Specification(**(usual | chosen))


@pytest.fixture(scope="module")
def cohort(help_frame: pd.DataFrame) -> ls.Cohort:
    values = HELP | {
        "data": HELP["data"] | {"cluster": "site"},
        "outcomes": {"MCS": {"column": "MCS", "higher_is": "better", "reliability": [0.8, 0.9]}},
        "network": {"rule": "help", "alternative": [{"rule": "help_lived_alone"}]},
        "analysis": {"imputations": 3},
    }
    return load_frame(study_from_mapping(values), help_frame.assign(site=help_frame["ID"] % 21))


@pytest.fixture(scope="module")
def found(cohort: ls.Cohort) -> ls.Sensitivity:
    return ls.sensitivity(cohort)


class TestSpecifications:
    def test_what_asks_the_same(self) -> None:
        assert made().estimand == made(model="constrained_baseline", errors="CR2").estimand
        assert made(handling="imputation").estimand == made(handling="attrition_weights").estimand
        different = [
            made(), made(model="change_score"), made(model="ancova_corrected (0.8)"), made(handling="imputation"),
            made(handling="overlap_weights"), made(covariates="AGE"), made(definition="other"),
        ]  # fmt: skip
        assert len({one.estimand for one in different}) == len(different)

    def test_forks_are_where_nothing_else_differs(self) -> None:
        assert forks([made(), made(errors="CR2", definition="other")]) == ()
        (only,) = forks([made(), made(errors="CR2")])
        assert (only.name, only.kind) == ("errors", "arbitrary")
        assert only.levels([made(), made(errors="CR2"), made(errors="CR3", model="change_score")]) == [
            "independent",
            "CR2",
        ]

    def test_an_arbitrary_choice_never_changes_the_estimand(self) -> None:
        every = [
            made(handling=handling, model=model, errors=errors, covariates=covariates)
            for handling, model, errors, covariates in product(
                ("complete_cases", "attrition_weights", "imputation", "overlap_weights"),
                ("change_score", "ancova", "constrained_baseline", "ancova_corrected (0.8)"),
                ("independent", "CR2"),
                ("none", "AGE"),
            )
        ]
        for choice in CHOICES:
            for one, other in product(every, every):
                if choice.others(one) == choice.others(other) and choice.level(one) != choice.level(other):
                    assert (one.estimand == other.estimand) == (choice.kind == "arbitrary")


class TestMoves:
    def test_by_hand(self) -> None:
        """Sets {1, 4, 2} and {5, 5.5}: ranges 3 and 0.5; the third has one estimate, the fourth none."""
        sets = np.array([7, 7, 7, 1, 1, 3, 3, 9])
        estimate = np.array([1, 4, 2, 5, 5.5, 8, np.nan, np.nan])
        moves = moves_within(sets, estimate, estimate - 3, estimate + 1)
        assert (moves.n_sets, moves.median, moves.largest) == (2, 1.75, 3.0)
        # of the first set 1 and 2 have zero in their intervals and 4 has not; of the second neither has
        assert moves.flips == 1

    def test_nothing_to_move(self) -> None:
        nan = np.full(2, np.nan)
        moves = moves_within(np.array([0, 1]), nan, nan, nan)
        assert (moves.n_sets, moves.flips) == (0, 0)
        assert np.isnan(moves.median)

    @given(st.lists(st.tuples(st.integers(0, 3), st.floats(-100, 100)), min_size=2, max_size=20))
    def test_order_and_sign_do_not_matter(self, rows: list[tuple[int, float]]) -> None:
        sets = np.array([place for place, _ in rows], dtype=np.intp)
        values = np.array([value for _, value in rows])
        forth = moves_within(sets, values, values - 1, values + 1)
        back = moves_within(sets[::-1], -values[::-1], -values[::-1] - 1, -values[::-1] + 1)
        assert (forth.n_sets, forth.flips) == (back.n_sets, back.flips)
        np.testing.assert_allclose(forth.largest, back.largest)


class TestSensitivity:
    def test_everything_is_crossed(self, found: ls.Sensitivity) -> None:
        """2 definitions x 4 ways with the lost x 2 covariate sets x 2 models x 3 errors, and 3 (with the two ends
        of the reliability) of two waves a definition at least: what allows for clusters may come with them."""
        frame = found.to_frame()
        crossed = frame[frame["model"].isin(["change_score", "ancova"])]
        assert len(crossed) == 2 * 4 * 2 * 2 * 3
        assert len(set(found.specifications)) == len(frame)
        beside = set(frame["model"]) - {"change_score", "ancova"}
        assert {"constrained_baseline", "ancova_corrected (0.8)", "ancova_corrected (0.9)"} <= beside
        assert frame["estimate"].notna().all()
        assert (frame["reason"] == "").all()

    def test_errors_leave_the_estimate_and_definitions_move_it(self, found: ls.Sensitivity) -> None:
        choices = found.to_frame("choices").set_index("choice")
        assert choices.loc["errors", ["moves_median", "moves_largest"]].tolist() == [0, 0]
        assert choices.loc["definition", "moves_largest"] > 0.5
        assert choices.loc["handling of the lost", "levels"] == "attrition_weights; imputation"
        # each fork that there is, and only those
        assert choices.index.tolist() == [choice.name for choice in CHOICES]

    def test_ranges_of_the_questions(self, found: ls.Sensitivity) -> None:
        frame, ranges = found.to_frame(), found.to_frame("estimands")
        assert ranges["n_specifications"].sum() == len(frame)
        for row in ranges.to_dict("records"):
            part = frame[frame["estimand"] == row["estimand"]]
            assert (row["estimate_low"], row["estimate_high"]) == (
                part["estimate"].min(),
                part["estimate"].max(),
            )
            assert row["n_above"] == (part["conf_low"] > 0).sum()

    def test_change_score_is_that_of_the_study(self, found: ls.Sensitivity, cohort: ls.Cohort) -> None:
        rows = ls.analyse(cohort).to_frame("contrasts")
        rows = rows[(rows["group"] == "gained_abstinent") & (rows["reference"] == "drug_dominated")]
        frame = found.to_frame()
        plain = frame[(frame["definition"] == "help") & (frame["handling"] == "complete_cases")]
        for model in ("change_score", "ancova"):
            ours = plain[(plain["model"] == model) & (plain["covariates"] == "none")]
            ours = ours.set_index("errors")["std_error"]
            theirs = rows.set_index("model")["std_error"]
            assert ours["independent"] == pytest.approx(theirs[model], rel=1e-12)
            assert ours["CR2"] == pytest.approx(theirs[f"{model}_cr2"], rel=1e-12)

    def test_words_and_tables(self, found: ls.Sensitivity) -> None:
        words = found.summary()
        assert "gained abstinent network minus drug-dominated network, by" in words
        assert "Errors (arbitrary): moves the estimate by 0.00 as a rule, by 0.00 at most." in words
        assert "Definition (changes the estimand)" in words
        assert "Lord's paradox" in found.table("choices").to_markdown()
        assert "groups by help; who changed more; those seen at both waves" in found.table().to_markdown()
        assert "CR3" in found.table("specifications").to_markdown()
        with pytest.raises(ls.LarstudyError, match="no part 'curve'"):
            found.to_frame("curve")  # type: ignore[arg-type]

    def test_figure(self, found: ls.Sensitivity) -> None:
        ax = found.plot(Figure(figsize=(9, 9)).add_subplot()).axes
        upper, lower = ax.child_axes
        points = {line.get_gid(): line for line in upper.lines if line.get_gid()}
        drawn = sum(len(line.get_xdata()) for line in points.values())
        frame = found.to_frame()
        assert drawn == len(frame)
        heights = np.concatenate([line.get_ydata() for line in points.values()])
        np.testing.assert_allclose(np.sort(heights), np.sort(frame["estimate"]))
        ticks = [text.get_text() for text in lower.get_yticklabels()]
        assert "errors (arbitrary)" in ticks
        assert "question (changes the estimand)" in ticks
        chosen = next(line for line in lower.lines if line.get_gid() == "choice-errors-CR2")
        assert len(chosen.get_xdata()) == (frame["errors"] == "CR2").sum()

    def test_other_groups(self, cohort: ls.Cohort) -> None:
        found = ls.sensitivity(
            cohort, group="isolated", from_wave="baseline", to_wave="month12", outcome="MCS"
        )
        assert found.group == "isolated"
        # who is isolated decides: few supporters, or living alone
        by_definition = found.to_frame().groupby("definition")["estimate"]
        assert by_definition.max()["help"] < 0 < by_definition.min()["help_lived_alone"]


class TestStudies:
    def test_of_twelve(self, tmp_path: Path) -> None:
        """Where little can be said, every analysis is there with its reason, and the study is written."""
        cohort = ls.load(write_study(tmp_path, twelve_long(), STUDY))
        analysis = ls.analyse(cohort)
        frame = analysis.to_frame("sensitivity")
        assert set(frame["group"]) == {"maintained_abstinent", "gained_abstinent", "isolated"}
        unable = frame["estimate"].isna()
        assert (frame.loc[unable, "reason"] != "").all()
        assert (
            analysis.to_frame("sensitivity_choices")["kind"].isin(["arbitrary", "changes the estimand"]).all()
        )
        assert len(analysis.to_frame("sensitivity_estimands"))
        # made once
        assert analysis.sensitivities()[0] is analysis.sensitivities()[0]

    def test_nothing_to_compare(self) -> None:
        frame = pd.DataFrame({"before": [1.0, 2, 3], "after": [2.0, 2, 5]})
        options: dict[str, Any] = {
            "waves": ["start", "year1"],
            "outcomes": {"qol": {"start": "before", "year1": "after"}},
        }
        with pytest.raises(ls.LarstudyError, match="one group only, or none"):
            ls.sensitivity(ls.load(frame, **options))
        assert ls.analyse(ls.load(frame, **options)).to_frame("sensitivity").empty

    def test_names_that_are_not_there(self, cohort: ls.Cohort) -> None:
        with pytest.raises(ls.LarstudyError, match="gained_abstinent"):
            ls.sensitivity(cohort, group="gained")
        with pytest.raises(ls.LarstudyError, match="baseline to month12"):
            ls.sensitivity(cohort, to_wave="month13")
        with pytest.raises(ls.LarstudyError, match="MCS"):
            ls.sensitivity(cohort, outcome="mcs")
        with pytest.raises(ls.LarstudyError, match="a cohort"):
            ls.sensitivity("study.toml")  # type: ignore[arg-type]

    def test_an_empty_group(self) -> None:
        """Nobody has the third arm at both waves: it is there, with the reason."""
        rng = np.random.default_rng(2)
        frame = pd.DataFrame(
            {"before": rng.normal(size=30), "after": rng.normal(size=30), "arm": ["a", "b", "c"] * 10}
        )
        frame.loc[frame["arm"] == "c", "after"] = np.nan
        cohort = ls.load(
            frame,
            waves=["start", "year1"],
            outcomes={"qol": {"start": "before", "year1": "after"}},
            group="arm",
        )
        found = ls.sensitivity(cohort, group="c")
        assert found.to_frame()["estimate"].isna().all()
        assert "of which 0 could be made" in found.summary()
        assert "Not made: " in found.table("specifications").to_markdown()
        ax = found.plot(Figure().add_subplot()).axes
        assert not [line for line in ax.child_axes[0].lines if line.get_gid()]
