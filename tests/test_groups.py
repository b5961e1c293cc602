"""Groups of persons: what they show, what they refuse, and how they meet a change."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import larstudy as ls
from larstudy.errors import JoinError, LarstudyError, WrongTypeError
from tests.conftest import STATUS, STUDY, twelve_long, twelve_wide, write_study

THREE_WAVES = STUDY.replace("year1 = 1 }", "year1 = 1, year2 = 2 }")


@pytest.fixture
def clinic() -> ls.Groups:
    frame = twelve_wide().assign(clinic=["b"] * 5 + ["a"] * 6 + [None])
    cohort = ls.load(
        frame,
        person="id",
        waves=["start", "end"],
        outcomes={"qol": {"start": "qol_0", "end": "qol_1"}},
        group="clinic",
    )
    return ls.fixed_groups(cohort)


class TestGroups:
    def test_shown_like_any_result(self, clinic: ls.Groups) -> None:
        assert clinic.summary() == "12 persons: a 6, b 5, without a group 1."
        assert clinic.to_frame()["group"].tolist() == ["b"] * 5 + ["a"] * 6 + ["unclassified"]
        assert clinic.to_frame()["group"].cat.ordered
        assert clinic.table().rows == (("a", 6), ("b", 5), ("Not classified", 1))
        assert "Groups as the file has them in column 'clinic'." in clinic.table().to_markdown()
        assert [bar.get_width() for bar in clinic.plot().axes.patches] == [6, 5, 1]

    def test_study_without_a_group_column(self, study: Path) -> None:
        with pytest.raises(LarstudyError, match=r"names no group column\. Add \[group\]"):
            ls.fixed_groups(ls.load(study))

    def test_change_groups_say_of_which_interval_they_are(self, tmp_path: Path) -> None:
        later = twelve_long().query("t == 1").assign(t=2)
        cohort = ls.load(write_study(tmp_path, pd.concat([twelve_long(), later]), THREE_WAVES))
        change = ls.change(ls.outcome(cohort, "qol"), "baseline", "year1")
        networks = ls.classify_networks(cohort)
        with pytest.raises(JoinError, match="are those of baseline to year2, the change is from baseline to"):
            ls.compare_groups(change, networks.transitions("baseline", "year2"))
        assert ls.compare_groups(change, networks.transitions("baseline", "year1")).order
        # groups that hold at every wave, and a bare series, fit every interval
        assert ls.compare_groups(change, pd.Series("x", index=range(1, 13))).by_group["x"].n == 11

    def test_transitions_of_a_stratum_keep_it(self, tmp_path: Path) -> None:
        cohort = ls.load(write_study(tmp_path, twelve_long(), STUDY + STATUS))
        whole = ls.classify_networks(cohort).transitions("baseline", "year1")
        part = whole.restricted("completed", (cohort.fixed["treatment_status"] == "completed"))
        # completed: 1 and 2 gained, 7 drug-dominated, 10 maintained
        assert part.stratum == "completed"
        assert part.groups().sizes() == {
            "maintained_abstinent": 1, "gained_abstinent": 2, "drug_dominated": 1, "isolated": 0,
            "unclassified": 8,
        }  # fmt: skip
        assert set(part.to_frame()["stratum"]) == {"completed"}
        assert part.to_frame()["n"].sum() == 4


class TestWrongTypes:
    def test_networks_are_not_groups(self, study: Path) -> None:
        cohort = ls.load(study)
        change = ls.change(ls.outcome(cohort, "qol"), "baseline", "year1")
        with pytest.raises(WrongTypeError, match=r"give groups\.transitions\(from_wave, to_wave\)"):
            ls.compare_groups(change, ls.classify_networks(cohort))  # type: ignore[arg-type]

    @pytest.mark.parametrize("groups", [["a"] * 12, pd.DataFrame({"g": ["a"] * 12}), None])
    def test_groups_of_another_type(self, study: Path, groups: object) -> None:
        change = ls.change(ls.outcome(ls.load(study), "qol"), "baseline", "year1")
        with pytest.raises(WrongTypeError, match="groups should be groups, transitions, or a series"):
            ls.compare_groups(change, groups)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("call", "text"),
        [
            (lambda c: ls.change(c, "baseline", "year1"), "scores should be the scores of an outcome"),
            (lambda c: ls.compare_groups(c, pd.Series([1])), "change should be a change"),
            (lambda c: ls.analyse("study.toml"), "cohort should be a cohort"),
            (lambda c: ls.reconcile(c), "analysis should be an analysis"),
            (lambda c: ls.check(c), "study should be the path"),
            (lambda c: ls.load(c), "source should be a study file or a data frame"),
            (lambda c: ls.score([1], "qol1"), "frame should be a data frame"),
            (lambda c: ls.score(pd.DataFrame(), 3), "instrument should be"),
            (lambda c: ls.load(pd.DataFrame(), outcomes=["qol"]), "outcomes should be a mapping"),
            (lambda c: ls.load(pd.DataFrame(), covariates="age"), "covariates should be a list"),
            (lambda c: ls.load(pd.DataFrame(), waves=3), "waves should be a mapping, or a list"),
        ],
    )
    def test_what_was_meant_is_told(self, study: Path, call, text: str) -> None:
        with pytest.raises(WrongTypeError, match=text):
            call(ls.load(study))


class TestWavesOfOneCall:
    def frame(self) -> pd.DataFrame:
        words = twelve_long()["t"].map({0: "pre", 1: "post"})
        return twelve_long().assign(t=words, g=lambda f: f["id"].map(lambda i: "a" if i < 7 else "b"))

    def compare(self, frame: pd.DataFrame, **options: object) -> ls.Comparison:
        return ls.compare_change(frame, person="id", wave="t", outcome="qol", group="g", **options)  # type: ignore[arg-type]

    def test_words_are_not_sorted_into_an_order(self) -> None:
        """By the alphabet "post" comes before "pre", which would turn every change round."""
        with pytest.raises(LarstudyError, match="which wave comes first cannot be told"):
            self.compare(self.frame())

    def test_words_with_their_order_said(self) -> None:
        said = self.compare(self.frame(), waves={"pre": "pre", "post": "post"})
        ordered = pd.CategoricalDtype(["pre", "unused", "post"], ordered=True)
        found = self.compare(self.frame().assign(t=lambda f: f["t"].astype(ordered)))
        # persons 1 to 6 change by 3 2 3 4 1 0, persons 7 to 11 by 2 -1 1 2 1
        for result in (said, found):
            assert result.change.from_wave == "pre"
            assert result.by_group["a"].estimate == pytest.approx(13 / 6)
            assert result.by_group["b"].estimate == pytest.approx(1.0)
