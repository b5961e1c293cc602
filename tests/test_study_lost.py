"""Who was lost, for a whole study: against R, and every case in which little can be said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.loading import load_frame
from larstudy.specs import study_from_mapping
from tests.conftest import COVARIATES, ORACLES, STATUS, STUDY, FullRun, twelve_long, twelve_wide, write_study


def test_against_r(help_frame: pd.DataFrame) -> None:
    values = {
        "data": {
            "file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
            "waves": {"baseline": 0, "month12": 12},
        },
        "outcomes": {"MCS": {"column": "MCS", "higher_is": "better"}},
        "network": {"rule": "help"},
        "covariates": {"columns": ["AGE"], "categorical": ["GROUP"]},
    }  # fmt: skip
    analysis = ls.analyse(load_frame(study_from_mapping(values), help_frame))
    ours = analysis.to_frame("lost")
    theirs = pd.read_csv(ORACLES / "lost_study.csv", dtype={"level": str}).fillna({"level": ""})
    assert ours[["term", "level"]].values.tolist() == theirs[["term", "level"]].values.tolist()
    for name in theirs.columns.drop(["term", "level"]):
        np.testing.assert_allclose(
            ours[name].astype(float), theirs[name].astype(float), rtol=1e-8, atol=1e-12, err_msg=name
        )
    assert ls.reconcile(analysis).ok


def test_one_lost_of_twelve(tmp_path: Path) -> None:
    """Person 12, with 9 at baseline and an abstinent network, was not seen again; the others have a mean of 56/11."""
    analysis = ls.analyse(ls.load(write_study(tmp_path, twelve_long(), STUDY + STATUS + COVARIATES)))
    rows = analysis.to_frame("lost").query("stratum == 'all'").set_index(["term", "level"])
    baseline = rows.loc[("baseline", "")]
    assert (baseline["n_lost"], baseline["n_seen"], baseline["lost_mean"]) == (1, 11, 9)
    assert baseline["seen_mean"] == pytest.approx(56 / 11)
    assert np.isnan(baseline["d_rms"])
    assert baseline["reason"]
    assert rows.loc[("network", "abstinent"), "odds_reason"] == "the level that the others are held against"
    # the person whose age is not known is in no model
    assert set(rows["n_model"]) == {11}
    assert "separate the lost from the seen perfectly" in rows.loc[("age", ""), "odds_reason"]


def test_nobody_lost(tmp_path: Path) -> None:
    frame = twelve_long().query("id < 11")
    rows = ls.analyse(ls.load(write_study(tmp_path, frame))).to_frame("lost")
    assert set(rows["n_lost"]) == {0}
    assert rows["d_rms"].isna().all()
    assert (rows["reason"] != "").all()


def test_groups_and_many_levels() -> None:
    frame = twelve_wide().assign(g=["a"] * 6 + ["b"] * 6, home=[f"place {i}" for i in range(12)])
    frame = pd.concat([frame] * 3, ignore_index=True).assign(
        id=range(36), home=lambda f: f.index.astype(str) + "x"
    )
    cohort = ls.load(
        frame,
        person="id",
        waves=["0", "1"],
        outcomes={"qol": {"0": "qol_0", "1": "qol_1"}},
        group="g",
        covariates=["home"],
    )
    rows = ls.analyse(cohort).to_frame("lost")
    assert rows[["term", "level"]].values.tolist() == [
        ["baseline", ""], ["group", "a"], ["group", "b"], ["home", ""],
    ]  # fmt: skip
    # a category with more levels than twenty would tell who somebody is, and nothing else
    assert rows["reason"].tolist()[-1] == "36 levels, more than 20: left out"


def test_written_and_shown(full_run: FullRun) -> None:
    assert len(pd.read_csv(full_run.folder / "tables" / "lost.csv")) == 5 * 5
    report = (full_run.folder / "report.html").read_text(encoding="utf-8")
    assert "those lost and those seen" in report
    assert "Network: Abstinent network" in report
