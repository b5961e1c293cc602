"""Drafting a study file: what it proposes, what it leaves open, and what it never shows."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.drafts import draft_study
from tests.conftest import twelve_long, twelve_wide


def completed(draft: str) -> str:
    return draft.replace("# higher_is", "higher_is")


def test_long(tmp_path: Path) -> None:
    frame = twelve_long().rename(columns={"t": "TIME"}).assign(TIME=lambda f: f["TIME"] * 12)
    frame.to_csv(tmp_path / "mine.csv", index=False, sep=";", decimal=",")
    draft = draft_study(tmp_path / "mine.csv")
    values = tomllib.loads(draft)
    assert values["data"] == {
        "file": "mine.csv", "layout": "long", "person": "id", "wave": "TIME",
        "waves": {"baseline": 0, "wave_12": 12},
    }  # fmt: skip
    assert list(values["outcomes"]) == ["qol", "age"]
    assert "higher_is" not in values["outcomes"]["qol"]
    (tmp_path / "study.toml").write_text(draft, encoding="utf-8")
    report = ls.check(tmp_path / "study.toml")
    assert {p.where for p in report.errors} == {"outcomes.qol.higher_is", "outcomes.age.higher_is"}
    (tmp_path / "study.toml").write_text(completed(draft), encoding="utf-8")
    assert ls.check(tmp_path / "study.toml").ok


def test_wide(tmp_path: Path) -> None:
    frame = twelve_wide().rename(columns={"qol_0": "QoL.pre", "qol_1": "QoL.post", "id": "Pasient id"})
    frame = frame.drop(columns=["net_0", "net_1"])
    frame.to_csv(tmp_path / "mine.csv", index=False)
    draft = draft_study(tmp_path / "mine.csv")
    values = tomllib.loads(completed(draft))
    assert values["data"]["waves"] == ["pre", "post"]
    assert values["data"]["person"] == "Pasient id"
    assert values["outcomes"] == {"QoL": {"column": "QoL.{wave}", "higher_is": "better"}}
    (tmp_path / "study.toml").write_text(completed(draft), encoding="utf-8")
    assert ls.check(tmp_path / "study.toml").ok


def test_waves_of_words_and_odd_names(tmp_path: Path) -> None:
    frame = (
        twelve_long()
        .rename(columns={"t": "bølge", "qol": 'li"v'})
        .assign(bølge=lambda f: f["bølge"].map({0: "start", 1: "ny år"}))
    )
    frame.to_csv(tmp_path / "mine.csv", index=False)
    values = tomllib.loads(completed(draft_study(tmp_path / "mine.csv")))
    assert values["data"]["waves"] == {
        "baseline": "ny år",
        "wave_start": "start",
    }  # the order is for the author
    assert 'li"v' in values["outcomes"]


def test_nothing_to_go_by(tmp_path: Path) -> None:
    pd.DataFrame({"a": ["x", "y"], "b": ["u", "v"]}).to_csv(tmp_path / "mine.csv", index=False)
    values = tomllib.loads(draft_study(tmp_path / "mine.csv"))
    assert values["data"]["layout"] == "wide"
    assert "outcomes" not in values


def test_no_answer_of_a_person_is_shown(tmp_path: Path) -> None:
    frame = twelve_long().assign(note="løyndom", qol=lambda f: f["qol"] + 0.12345)
    frame.to_csv(tmp_path / "mine.csv", index=False)
    draft = draft_study(tmp_path / "mine.csv")
    assert "løyndom" not in draft
    assert "12345" not in draft


class TestCommand:
    def test_shown_or_written(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        data = tmp_path / "mine.csv"
        twelve_long().to_csv(data, index=False)
        assert main(["init", str(data)]) == 0
        shown = capsys.readouterr().out
        assert main(["init", str(data), "--out", str(tmp_path / "study.toml")]) == 0
        assert (tmp_path / "study.toml").read_text(encoding="utf-8") == shown
        assert main(["init", str(data), "--out", str(tmp_path / "study.toml")]) == 1
        assert "nothing is overwritten" in capsys.readouterr().err

    def test_file_that_cannot_be_read(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["init", str(tmp_path / "none.csv")]) == 1
        assert "there is no such file" in capsys.readouterr().err
