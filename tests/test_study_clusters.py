"""A study that names clusters: every model again with errors for them, held against clubSandwich."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.errors import JoinError
from larstudy.loading import load_frame
from larstudy.specs import study_from_mapping
from tests.conftest import ORACLES, STUDY, twelve_long, write_study

NUMBERS = ("estimate", "std_error", "statistic", "df_num", "df", "p_value", "conf_low", "conf_high")


def help_study(frame: pd.DataFrame, errors: str) -> ls.Analysis:
    facility = pd.read_csv(ORACLES / "clusters_help_facility.csv").set_index("ID")["facility"]
    values = {
        "data": {
            "file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
            "waves": {"baseline": 0, "month12": 12}, "cluster": "facility",
        },
        "outcomes": {
            "MCS": {"column": "MCS", "higher_is": "better"},
            "CES_D": {"column": "CES_D", "higher_is": "worse"},
        },
        "network": {"rule": "help"},
        "covariates": {"columns": ["AGE", "A1"]},
        "analysis": {"cluster_errors": errors},
    }  # fmt: skip
    return ls.analyse(
        load_frame(study_from_mapping(values), frame.assign(facility=frame["ID"].map(facility)))
    )


@pytest.mark.parametrize("errors", ["CR2", "CR3"])
def test_against_clubsandwich(help_frame: pd.DataFrame, errors: str) -> None:
    analysis = help_study(help_frame, errors)
    ours = pd.concat([analysis.to_frame("models"), analysis.to_frame("contrasts")])
    ours = ours[ours["reason"] != "the reference group"].set_index(["outcome", "model", "term"])
    theirs = pd.read_csv(ORACLES / "clustered_groups.csv").query("errors == @errors")
    assert len(theirs) == 2 * (3 * (1 + 4 + 6) + (4 + 5 + 7) + 4)
    for row in theirs.to_dict("records"):
        term, turned = row["term"], 1.0
        key = (row["outcome"], f"{row['model']}_{errors.lower()}", term)
        if " - " in term and key not in ours.index:
            # a pair may be named the other way round
            key, turned = (*key[:2], " - ".join(term.split(" - ")[::-1])), -1.0
        found = ours.loc[key]
        for name in NUMBERS:
            # against zero an adjusted mean means nothing
            untested = term.startswith("adjusted") and name in ("statistic", "p_value")
            if not np.isnan(row[name]) and not untested:
                other = {"conf_low": "conf_high", "conf_high": "conf_low"}.get(name, name)
                value = found[name] if turned > 0 else found[other]
                sign = turned if name in ("estimate", "statistic", "conf_low", "conf_high") else 1.0
                assert sign * value == pytest.approx(row[name], rel=1e-8, abs=1e-10), (key, name)
    assert ls.reconcile(analysis).ok


def test_independent_errors_stay_beside_them(help_frame: pd.DataFrame) -> None:
    analysis = help_study(help_frame, "CR2")
    rows = analysis.to_frame("models").set_index(["outcome", "model", "term"])
    plain, nested = (rows.loc[("MCS", m, "group[isolated]")] for m in ("ancova", "ancova_cr2"))
    assert plain["estimate"] == pytest.approx(nested["estimate"], rel=1e-12)
    assert plain["df"] == 202
    assert nested["df"] < 20
    assert np.isnan(rows.loc[("MCS", "ancova_cr2", "group"), "partial_eta_squared"])


def test_in_words_and_notes(help_frame: pd.DataFrame) -> None:
    comparison = help_study(help_frame, "CR2").comparison("MCS", "baseline", "month12")
    text = comparison.summary()
    assert text.count("With errors for clusters (CR2): F(3, ") == 2
    nested = [
        place
        for place, note in enumerate(comparison.notes)
        if note.startswith("Persons are nested in 'facility': 20 clusters of")
    ]
    assert len(nested) == 1
    # What allows for it is told once, however many analyses there are.
    assert comparison.notes[nested[0] + 1].startswith("Models named with _cr2")
    shown = comparison.table("models").to_markdown()
    assert "ANCOVA, clustered (CR2)" in shown
    assert "Time x group" in shown


TWO_CLINICS = {
    1: "A",
    2: "B",
    3: "A",
    4: "B",
    5: "A",
    6: "B",
    7: "A",
    8: "A",
    9: "A",
    10: "B",
    11: "B",
    12: "A",
}


class TestFiles:
    def study(self, folder: Path, frame: pd.DataFrame, extra: str = "") -> Path:
        text = STUDY.replace('person = "id"', 'person = "id"\ncluster = "clinic"') + extra
        return write_study(folder, frame, text)

    def test_group_of_one_cluster_has_no_error_and_says_why(self, tmp_path: Path) -> None:
        """Both isolated persons are of clinic A: nothing shows how they would differ in B."""
        frame = twelve_long().assign(clinic=lambda f: f["id"].map(TWO_CLINICS))
        analysis = ls.analyse(ls.load(self.study(tmp_path, frame)))
        rows = analysis.to_frame("models").set_index(["model", "term"])
        row = rows.loc[("change_score_cr2", "group[isolated]")]
        # isolated 0, drug-dominated 1
        assert row["estimate"] == pytest.approx(-1.0)
        assert np.isnan(row["std_error"])
        assert "one cluster" in row["reason"]
        assert rows.loc[("change_score_cr2", "group"), "reason"]
        assert ls.reconcile(analysis).ok

    def test_one_cluster_only(self, tmp_path: Path) -> None:
        analysis = ls.analyse(ls.load(self.study(tmp_path, twelve_long().assign(clinic="A"))))
        rows = analysis.to_frame("models").query("model == 'ancova_cr2'")
        assert rows["std_error"].dropna().empty
        assert "cluster" in rows.set_index("term").loc["group", "reason"]

    def test_codes_spelled_in_two_ways_are_one_cluster(self, tmp_path: Path) -> None:
        frame = twelve_long().astype({"id": object})
        frame["clinic"] = np.where(frame["t"] == 0, "1", "1.0")
        cohort = ls.load(self.study(tmp_path, frame))
        assert set(cohort.fixed["cluster"]) == {"1"}

    def test_missing_and_varying_clusters_are_refused(self, tmp_path: Path) -> None:
        frame = twelve_long().assign(clinic=lambda f: f["id"].map({**TWO_CLINICS, 3: None}))
        frame.loc[0, "clinic"] = "B"
        report = ls.check(self.study(tmp_path, frame))
        assert {(p.code, p.n) for p in report.errors} == {("missing_cluster", 1), ("varies_within_person", 1)}
        assert "column 'clinic': 1 person has no cluster" in report.summary()

    def test_errors_without_clusters(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, twelve_long(), STUDY + '\n[analysis]\ncluster_errors = "CR3"\n')
        assert "cluster_errors: needs clusters, and [data] names none" in ls.check(path).summary()
        frame = twelve_long().assign(clinic=lambda f: f["id"].map(TWO_CLINICS))
        path = self.study(tmp_path, frame, '\n[analysis]\ncluster_errors = "CR1"\n')
        assert "Known: CR2, CR3" in ls.check(path).summary()


class TestLibrary:
    def test_series_of_clusters(self, study: Path) -> None:
        cohort = ls.load(study)
        change = ls.change(ls.outcome(cohort, "qol"), "baseline", "year1")
        groups = ls.classify_networks(cohort).transitions("baseline", "year1")
        clinics = pd.Series(TWO_CLINICS, name="clinic")
        result = ls.compare_groups(change, groups, clusters=clinics)
        assert "ancova_cr2" in set(result.to_frame("models")["model"])
        with pytest.raises(JoinError, match="cluster of 1 person who have both waves is not known"):
            ls.compare_groups(change, groups, clusters=clinics.drop(4))

    def test_one_call(self) -> None:
        frame = twelve_long().assign(
            clinic=lambda f: f["id"].map(TWO_CLINICS), g=lambda f: np.where(f["id"] % 3 == 0, "a", "b")
        )
        result = ls.compare_change(frame, person="id", wave="t", outcome="qol", group="g", cluster="clinic")
        assert "change_score_cr2" in result.tests
