"""Drafting a study file: what it proposes, what it leaves open, and what it never shows."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.drafts import draft_study
from tests.conftest import twelve_long, twelve_wide
from tests.forms import (
    excel_wide,
    parquet_long,
    plain_csv,
    redcap_raw,
    spss_long,
    spss_wide_compressed,
    stata_long,
)


def completed(draft: str) -> str:
    return draft.replace("# higher_is", "higher_is")


def test_a_column_with_one_word_in_every_row_is_no_category(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": range(20), "nettverk": "KANARI", "status": "KANARI", "q": range(20)})
    frame.to_csv(tmp_path / "a.csv", index=False)
    assert "KANARI" not in draft_study(tmp_path / "a.csv")


def test_long(tmp_path: Path) -> None:
    frame = twelve_long().rename(columns={"t": "TIME"}).assign(TIME=lambda f: f["TIME"] * 12)
    frame.to_csv(tmp_path / "mine.csv", index=False, sep=";", decimal=",")
    draft = draft_study(tmp_path / "mine.csv")
    values = tomllib.loads(draft)
    assert values["data"] == {
        "file": "mine.csv", "layout": "long", "person": "id", "wave": "TIME",
        "waves": {"baseline": 0, "wave_12": 12},
    }  # fmt: skip
    assert list(values["outcomes"]) == ["qol"]
    assert values["covariates"] == {"columns": ["age"]}
    assert "higher_is" not in values["outcomes"]["qol"]
    (tmp_path / "study.toml").write_text(draft, encoding="utf-8")
    report = ls.check(tmp_path / "study.toml")
    assert {p.where for p in report.errors} == {"outcomes.qol.higher_is"}
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
    # By the alphabet "ny år" comes first; "start" is a word for the baseline.
    assert values["data"]["waves"] == {"baseline": "start", "wave_ny_r": "ny år"}
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


def test_waves_are_proposed_in_their_order(tmp_path: Path) -> None:
    """The columns of the follow-up may stand first; a draft left as it is must not turn every change round."""
    frame = pd.DataFrame({"id": range(9), "qol_T1": range(9), "qol_T0": range(9), "m_post": 1, "m_pre": 2})
    frame.to_csv(tmp_path / "mine.csv", index=False)
    assert tomllib.loads(draft_study(tmp_path / "mine.csv"))["data"]["waves"] == ["T0", "T1"]
    frame[["id", "m_post", "m_pre"]].to_csv(tmp_path / "mine.csv", index=False)
    assert tomllib.loads(draft_study(tmp_path / "mine.csv"))["data"]["waves"] == ["pre", "post"]


def test_items_of_a_questionnaire_are_no_waves(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": range(9), **{f"QOL{i}": range(9) for i in range(1, 11)}})
    frame.to_csv(tmp_path / "mine.csv", index=False)
    assert tomllib.loads(draft_study(tmp_path / "mine.csv"))["data"]["waves"] == ["baseline", "followup"]


def test_norwegian_column_of_waves(tmp_path: Path) -> None:
    twelve_long().rename(columns={"t": "Måletidspunkt"}).to_csv(tmp_path / "mine.csv", index=False)
    assert tomllib.loads(draft_study(tmp_path / "mine.csv"))["data"]["wave"] == "Måletidspunkt"


class TestRefused:
    def refused(self, folder: Path, content: str) -> str:
        (folder / "mine.csv").write_text(content, encoding="utf-8")
        with pytest.raises(ls.DataError) as error:
            draft_study(folder / "mine.csv")
        return str(error.value)

    def test_without_a_header(self, tmp_path: Path) -> None:
        """The first row is a person's answers; a draft would print them as names of columns."""
        text = self.refused(tmp_path, "101,0,47.25\n101,1,51.5\n102,0,33.75\n102,1,39\n")
        assert "the first row looks like data" in text
        assert "47" not in text

    def test_one_column(self, tmp_path: Path) -> None:
        assert "is one column only" in self.refused(tmp_path, "a#b#c\n1#2#3\n")

    def test_ragged(self, tmp_path: Path) -> None:
        text = self.refused(tmp_path, "id,t,qol\n1,0,3\n2,0\n")
        assert "1 row has more or fewer cells" in text


def test_ids_that_repeat_without_a_wave_column(tmp_path: Path) -> None:
    twelve_long().rename(columns={"t": "when"}).to_csv(tmp_path / "mine.csv", index=False)
    draft = draft_study(tmp_path / "mine.csv")
    values = tomllib.loads(draft)
    assert values["data"]["layout"] == "long"
    assert "the ids repeat: which column marks the waves?" in draft


def test_persons_found_by_what_tells_rows_apart(tmp_path: Path) -> None:
    """No column is named like an id: the one that with the wave tells all rows apart is proposed."""
    frame = twelve_long()[["qol", "id", "t"]].rename(columns={"id": "kode", "t": "måling"}).fillna(0)
    frame.to_csv(tmp_path / "mine.csv", index=False)
    values = tomllib.loads(draft_study(tmp_path / "mine.csv"))
    assert (values["data"]["person"], values["data"]["wave"]) == ("kode", "måling")


def test_same_stem_with_and_without_a_gap(tmp_path: Path) -> None:
    frame = pd.DataFrame({"id": range(9), **{c: range(9) for c in ("q1", "q2", "q_1", "q_2")}})
    frame.to_csv(tmp_path / "mine.csv", index=False)
    values = tomllib.loads(completed(draft_study(tmp_path / "mine.csv")))
    assert {o["column"] for o in values["outcomes"].values()} == {"q{wave}", "q_{wave}"}


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

    def test_study_file_in_another_folder(self, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        twelve_long().to_csv(tmp_path / "data" / "mine.csv", index=False)
        study = tmp_path / "studies" / "study.toml"
        study.parent.mkdir()
        assert main(["init", str(tmp_path / "data" / "mine.csv"), "--out", str(study)]) == 0
        assert tomllib.loads(study.read_text(encoding="utf-8"))["data"]["file"] == "../data/mine.csv"

    def test_file_that_cannot_be_read(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["init", str(tmp_path / "none.csv")]) == 1
        assert "there is no such file" in capsys.readouterr().err


class TestGuesses:
    """What names and labels suggest is written down; what they leave open is listed."""

    def drafted(self, folder: Path, name: str = "data.csv", **options: str) -> tuple[dict[str, Any], str]:
        draft = draft_study(folder / name, **options)
        (folder / "study.toml").write_text(completed(draft), encoding="utf-8")
        return tomllib.loads(draft), draft

    def test_network_and_status_by_their_labels(self, tmp_path: Path) -> None:
        for write in (spss_long, spss_wide_compressed, stata_long, parquet_long):
            folder = tmp_path / write.__name__
            folder.mkdir()
            write(folder)
            (data,) = folder.glob("data.*")
            values, draft = self.drafted(folder, data.name)
            assert values["network"]["values"] == {
                "abstinent": ["Rusfri"], "drug_dominated": ["Rusmiljø"], "isolated": ["Isolert"],
            }, data.name  # fmt: skip
            assert ls.check(folder / "study.toml").ok, data.name
            if "sav" in data.name:
                assert values["treatment_status"]["values"] == {
                    "completed": ["Fullført"], "dropped_out": ["Frafalt"], "in_treatment": ["I behandling"],
                }  # fmt: skip
            assert "#   which way each outcome points" in draft
            assert "#   the network categories" not in draft

    def test_codes_without_labels_are_left_open(self, tmp_path: Path) -> None:
        plain_csv(tmp_path)
        values, draft = self.drafted(tmp_path)
        assert set(values) == {"study", "data", "outcomes"}
        assert '# column = "nettverk"\n# values = { abstinent = [...]' in draft
        assert '# column = "status"' in draft
        assert "#   the network categories, or the rule for them\n#   the treatment status\n" in draft

    def test_a_sheet(self, tmp_path: Path) -> None:
        excel_wide(tmp_path)
        with pytest.raises(ls.DataError, match="--sheet for init"):
            draft_study(tmp_path / "data.xlsx")
        (tmp_path / "study.toml").unlink()
        out = tmp_path / "study.toml"
        assert main(["init", str(tmp_path / "data.xlsx"), "--sheet", "Svar", "--out", str(out)]) == 0
        values = tomllib.loads(out.read_text(encoding="utf-8"))
        assert values["data"]["sheet"] == "Svar"
        assert list(values["outcomes"]) == ["livskvalitet", "psykisk"]

    def test_events_of_redcap(self, tmp_path: Path) -> None:
        redcap_raw(tmp_path)
        values, _ = self.drafted(tmp_path)
        assert values["data"]["wave"] == "redcap_event_name"
        assert set(values["data"]["waves"].values()) == {"aar_1_arm_1", "inklusjon_arm_1"}

    @pytest.mark.parametrize("layout", ["long", "wide"])
    def test_items_by_name_and_range(self, tmp_path: Path, layout: str) -> None:
        draw = np.random.default_rng(1)
        rows, waves = (20, [""]) if layout == "long" else (10, ["_0", "_1"])
        frame = pd.DataFrame({"id": np.arange(rows) % 10 + 1})
        if layout == "long":
            frame["time"] = np.arange(rows) // 10
        for wave in waves:
            for item in range(1, 11):
                frame[f"SCL10_{item:02}{wave}"] = draw.integers(1, 5, rows)
                frame[f"qol10_{item}{wave}"] = draw.integers(20, 90, rows)
            frame[f"scl_1{wave}"] = draw.integers(1, 5, rows)
        frame.to_csv(tmp_path / "data.csv", index=False)
        values, draft = self.drafted(tmp_path)
        items = values["outcomes"]["scl10_mean"]["items"]
        assert items["1"] == "SCL10_01" + ("_{wave}" if layout == "wide" else "")
        assert len(items) == 10
        assert "by the names and values of SCL10: check" in draft
        assert 'scale = "mean"   # or: sum' in draft
        # Numbers that QOL10 cannot give, and one item of ten, are no questionnaires of ours.
        assert not any(
            "instrument" in outcome for name, outcome in values["outcomes"].items() if "scl10" not in name
        )
        assert ls.check(tmp_path / "study.toml").ok

    def test_only_some_items_are_of_the_scale(self, tmp_path: Path) -> None:
        draw = np.random.default_rng(1)
        frame = pd.DataFrame({"id": np.arange(20) % 10 + 1, "time": np.arange(20) // 10})
        for item in range(1, 11):
            frame[f"qol10.{item}"] = draw.integers(1, 6, 20)
        frame.to_csv(tmp_path / "data.csv", index=False)
        values, draft = self.drafted(tmp_path)
        instrument = ls.read_instrument("qol10")
        (outcome,) = values["outcomes"].values()
        assert list(outcome["items"]) == list(instrument.items_of(outcome["scale"]))
        assert len(outcome["items"]) < 10
        assert '# all items: { 1 = "qol10.1", ' in draft

    def test_words_of_people_are_no_labels(self, tmp_path: Path) -> None:
        """Labels are shown; what stands once in a text column, or is long, may be what somebody wrote."""
        words = ["rusfri", "isolert", "rusmiljø", "rusfri", "isolert", "rusmiljø", "Kari er rusfri"]
        frame = pd.DataFrame({"id": range(1, 8), "omgang": words, "qol": range(7)})
        frame.to_csv(tmp_path / "data.csv", index=False)
        values, draft = self.drafted(tmp_path)
        assert "network" not in values
        assert "Kari" not in draft
        assert "rusfri" not in draft
