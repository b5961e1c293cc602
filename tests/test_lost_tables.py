"""The tables on what other lost would have meant: whom each row counts, whom it does not speak for, any order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.clusters import study_clusters
from larstudy.covariates import study_covariates
from larstudy.handled import Handling, handle_lost
from larstudy.handled_fits import fit_handled
from larstudy.loading import load_frame
from larstudy.specs import study_from_mapping
from tests.conftest import STUDY, twelve_long, write_study


def two_arms(n: int = 120) -> pd.DataFrame:
    """Two arms; those who start high are lost more often, and some have no known age."""
    rng = np.random.default_rng(11)
    frame = pd.DataFrame({"arm": np.resize(["a", "b"], n), "q0": rng.normal(10, 2, n).round(2)})
    frame["q1"] = (frame["q0"] + rng.normal(1, 2, n)).round(2)
    frame["age"] = rng.normal(40, 9, n).round(0)
    frame.loc[(frame["q0"] > 10) & (rng.random(n) < 0.4), "q1"] = np.nan
    frame.loc[::9, "age"] = np.nan
    return frame


def study_of(frame: pd.DataFrame, *, range: list[float] | None = None, **tables: Any) -> ls.Cohort:
    values = {
        "data": {"file": "f.csv", "layout": "wide", "waves": ["0", "1"]},
        "outcomes": {"qol": {"column": {"0": "q0", "1": "q1"}, "higher_is": "better"}},
        "group": {"column": "arm"},
        "analysis": {"imputations": 3},
        **tables,
    }
    if range is not None:
        values["outcomes"]["qol"]["range"] = range
    return load_frame(study_from_mapping(values), frame)


@pytest.mark.parametrize("first", ["sensitivity", "weights"])
def test_parts_may_be_asked_for_in_any_order(first: Any) -> None:
    """Parts that take long are kept once made; one that is kept does not stand for the others."""
    cohort = study_of(two_arms())
    straight, other = ls.analyse(cohort), ls.analyse(cohort)
    expected = straight.to_frame("missing")
    other.to_frame(first)
    pd.testing.assert_frame_equal(other.to_frame("missing"), expected)
    pd.testing.assert_frame_equal(other.to_frame("sensitivity"), straight.to_frame("sensitivity"))


class TestEffectiveSize:
    def test_of_those_in_the_model(self) -> None:
        """With covariates whoever lacks one counts for nothing: (sum w)^2 / sum w^2 of the others."""
        frame = two_arms()
        cohort = study_of(frame, covariates={"columns": ["age"]})
        rows = ls.analyse(cohort).to_frame("missing").query("term == 'group'")
        rows = rows.set_index(["handling", "model"])
        weighted = handle_lost(
            ls.outcome(cohort, "qol"), "0", "1", ls.fixed_groups(cohort),
            handling="attrition_weights", covariates=study_covariates(cohort),
        )  # fmt: skip
        known = frame.loc[frame["q1"].notna(), "age"].notna().to_numpy()
        w = weighted.weights[known]
        found = rows.loc[("attrition_weights", "ancova_covariates")]
        assert found["n"] == known.sum() < len(known)
        assert found["effective_n"] == pytest.approx(w.sum() ** 2 / (w @ w), rel=1e-12)
        whole = weighted.weights
        assert rows.loc[("attrition_weights", "ancova"), "effective_n"] == pytest.approx(
            whole.sum() ** 2 / (whole @ whole), rel=1e-12
        )

    def test_never_more_than_there_are(self) -> None:
        frame = ls.analyse(study_of(two_arms(), covariates={"columns": ["age"]})).to_frame("missing")
        assert (frame["effective_n"] <= frame["n"] * (1 + 1e-12)).all()
        plain = frame[frame["handling"].isin(["complete_cases", "imputation"])]
        assert plain["effective_n"].tolist() == plain["n"].tolist()

    def test_of_nobody_is_missing(self) -> None:
        frame = two_arms()
        frame["q1"] = frame["q1"].where(frame["arm"] == "a")
        rows = ls.analyse(study_of(frame)).to_frame("missing").query("n == 0")
        assert set(rows["handling"]) == {"attrition_weights", "imputation", "overlap_weights"}
        assert rows["effective_n"].isna().all()


class TestWhomItSpeaksFor:
    def test_weights_need_a_network_at_the_first_wave(self, help_frame: pd.DataFrame) -> None:
        """Counted in the file: with a score at the baseline, and without an answer that the category needs."""
        rows = help_study(help_frame).to_frame("missing")
        start = help_frame[(help_frame["TIME"] == 0) & help_frame["MCS"].notna()]
        unknown = int(start[["O1B", "O1C", "PSS_FR", "PSS_FA"]].isna().any(axis=1).sum())
        assert unknown > 0
        said = dict(zip(rows["handling"], rows["note"], strict=True))
        of_weights = rows[(rows["handling"] == "attrition_weights") & (rows["term"] == "group")]
        assert set(of_weights["note"]) == {
            f"Weights do not speak for {unknown} who entered: their network at baseline is not known."
        }
        assert said["complete_cases"] == ""
        assert (rows.loc[rows["term"] != "group", "note"] == "").all()

    def test_a_covariate_that_tells_who_somebody_is(self) -> None:
        frame = two_arms()
        frame["town"] = [f"town {i % 30}" for i in range(len(frame))]
        rows = ls.analyse(study_of(frame, covariates={"columns": ["town"]})).to_frame("missing")
        rows = rows[rows["term"] == "group"]
        why = "Covariate 'town' is left out of what is done about the lost: 30 levels."
        notes = {name: set(part["note"]) for name, part in rows.groupby("handling")}
        assert notes["attrition_weights"] == notes["imputation"] == {why}
        assert notes["complete_cases"] == {""}

    def test_whoever_lacks_a_covariate_has_no_overlap_weight(self) -> None:
        frame = two_arms()
        rows = ls.analyse(study_of(frame, covariates={"columns": ["age"]})).to_frame("missing")
        (note,) = set(rows.loc[(rows["handling"] == "overlap_weights") & (rows["term"] == "group"), "note"])
        lacking = int((frame["q1"].notna() & frame["age"].isna()).sum())
        assert note == f"Overlap weights leave out {lacking} who lack a covariate."

    @pytest.mark.usefixtures("open_data", "one_language")
    def test_in_the_files(self, tmp_path: Path) -> None:
        """Four times the twelve; of each, person 6 is given no network at the start."""
        frame = pd.concat([twelve_long()] * 4, keys=range(4)).reset_index(level=0, names="copy")
        frame["id"] += 100 * frame.pop("copy")
        frame.loc[(frame["id"] % 100 == 6) & (frame["t"] == 0), "net"] = None
        path = write_study(tmp_path, frame, STUDY + "[analysis]\nimputations = 2\n")
        assert main(["analyse", str(path), "--out", str(tmp_path / "out")]) == 0
        said = "Weights do not speak for 4 who entered: their network at baseline is not known."
        assert said in set(pd.read_csv(tmp_path / "out" / "tables" / "missing.csv")["note"].dropna())


class TestBoundsOfADifference:
    def test_nobody_counts_twice(self) -> None:
        """Arms of 3 and 2 persons, one of a lost; 2 persons of either, or neither, arm: 7 persons, 3 not known.

        On a scale from 0 to 10. a: changes 2, 0, and from -4 to 6; b: changes 1, 2; the others: -1 and from
        -5 to 5. a is lowest at (2 + 0 - 4 - 5) / 4 = -7/4, which -1 would raise, and highest at
        (2 + 0 + 6 + 5) / 4; b at (1 + 2 - 5 - 1) / 4, for -1 lies below -2/3, and (1 + 2 + 5) / 3.
        """
        frame = pd.DataFrame(
            {
                "arm": ["a", "a", "a", "b", "b", None, None],
                "q0": [1.0, 2, 4, 3, 5, 4, 5],
                "q1": [3.0, 2, None, 4, 7, 3, None],
            }
        )
        cohort = study_of(frame, range=[0, 10])
        rows = ls.analyse(cohort).to_frame("robustness").query("analysis == 'bounds'")
        rows = rows.set_index(["quantity", "group"])
        one, two = rows.loc[("mean_change", "a")], rows.loc[("mean_change", "b")]
        assert (one["n"], two["n"]) == (5, 4)
        assert (one["bound_low"], one["bound_high"]) == (pytest.approx(-7 / 4), pytest.approx(13 / 4))
        assert (two["bound_low"], two["bound_high"]) == (pytest.approx(-3 / 4), pytest.approx(8 / 3))
        both = rows.loc[("difference", "b")]
        assert (both["n"], both["n_lost"]) == (7, 3)
        assert both["bound_low"] == pytest.approx(-3 / 4 - 13 / 4)
        assert both["bound_high"] == pytest.approx(8 / 3 + 7 / 4)

    def test_of_change_groups(self, study: Path) -> None:
        """Gained: 1 to 4 and perhaps 11; drug-dominated: 5 to 7, perhaps 11 and 12. Of these 9 persons two are
        not known: 11, whose network is not, and 12, who was not seen."""
        rows = ls.analyse(ls.load(study)).to_frame("robustness").query("analysis == 'bounds'")
        row = rows[(rows["quantity"] == "difference") & (rows["group"] == "gained_abstinent")].iloc[0]
        assert (row["n"], row["n_lost"]) == (9, 2)


def help_study(frame: pd.DataFrame) -> ls.Analysis:
    values = {
        "data": {
            "file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
            "waves": {"baseline": 0, "month12": 12},
        },
        "outcomes": {"MCS": {"column": "MCS", "higher_is": "better"}},
        "network": {"rule": "help"},
        "analysis": {"imputations": 2},
    }  # fmt: skip
    return ls.analyse(load_frame(study_from_mapping(values), frame))


def networks_in_facilities(n: int = 6000) -> pd.DataFrame:
    """Persons of 21 facilities whose networks move with their scores, nobody lost; ``lost`` is who would be:
    who starts high more often, and who starts without an abstinent network."""
    rng = np.random.default_rng(6)
    facility = rng.integers(21, size=n)
    level = rng.normal(0, 0.25, 21)[facility]
    q0, net0 = rng.normal(size=n) + level, rng.choice(3, n, p=[0.3, 0.5, 0.2])
    pull = np.column_stack([0.5 * q0 + (net0 == 0), 0.6 * (net0 == 1), 0.6 * (net0 == 2) - 0.2 * q0])
    net1 = (pull + rng.gumbel(size=(n, 3))).argmax(axis=1)
    q1 = 0.3 + 0.5 * (q0 + level) + np.array([0.6, 0.0, -0.3])[net1] + rng.normal(0, 0.7, n)
    lost = rng.random(n) < 1 / (1 + np.exp(0.7 - 1.2 * q0 + 0.8 * (net0 == 0)))
    names = np.array(["abstinent", "drug_dominated", "isolated"], dtype=object)
    frame = pd.DataFrame({"id": range(n), "q0": q0, "q1": q1, "facility": facility, "lost": lost})
    return frame.assign(net0=names[net0], net1=names[net1])


@pytest.fixture(scope="module")
def off() -> pd.DataFrame:
    """How far the mean change of each group lies from that of everybody in it, in standard errors."""
    frame = networks_in_facilities()
    group = frame["net1"].where(
        frame["net1"] != "abstinent",
        np.where(frame["net0"] == "abstinent", "maintained_abstinent", "gained_abstinent"),
    )
    truth = (frame["q1"] - frame["q0"]).groupby(group).mean()
    frame.loc[frame["lost"], ["q1", "net1"]] = None
    values = {
        "data": {
            "file": "f.csv", "layout": "wide", "person": "id", "waves": ["0", "1"], "cluster": "facility",
        },
        "outcomes": {"qol": {"column": {"0": "q0", "1": "q1"}, "higher_is": "better"}},
        "network": {
            "column": {"0": "net0", "1": "net1"},
            "values": {name: [name] for name in ("abstinent", "drug_dominated", "isolated")},
        },
    }  # fmt: skip
    cohort = load_frame(study_from_mapping(values), frame)
    moves = ls.classify_networks(cohort).transitions("0", "1")
    handlings: tuple[Handling, ...] = ("complete_cases", "attrition_weights", "imputation")
    found = {}
    for handling in handlings:
        data = handle_lost(
            ls.outcome(cohort, "qol"), "0", "1", moves, handling=handling,
            clusters=study_clusters(cohort), imputations=5,
        )  # fmt: skip
        fit = fit_handled(data, model="change_score")
        means = pd.Series(fit.means.estimate, index=fit.every_group)
        found[handling] = (means - truth) / fit.means.std_error
    return pd.DataFrame(found)


class TestNetworksInFacilities:
    """The group of the lost is not known either, for their network at the second wave is not."""

    def test_leaving_the_lost_out_makes_every_group_gain_more(self, off: pd.DataFrame) -> None:
        """Who starts high falls back, and is lost: every group seems to gain more than it did."""
        assert (off["complete_cases"] > 3).all()

    @pytest.mark.parametrize("handling", ["attrition_weights", "imputation"])
    def test_weights_and_drawing_undo_it(self, off: pd.DataFrame, handling: str) -> None:
        assert off[handling].abs().max() < 3
