"""The synthetic cohort as files, its command, and how it stands against what is printed."""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.errors import LarstudyError, SpecError
from larstudy.scales import score
from larstudy.synthetic import targets as target_file
from larstudy.synthetic.cohorts import SHIPPED_SEED
from larstudy.synthetic.datasheet import calibration_toml
from larstudy.synthetic.files import synthetic_files
from larstudy.synthetic.frames import csv_text, generate_items
from larstudy.synthetic.targets import published_targets
from larstudy.synthetic.truths import find_truths, truths_toml
from larstudy.synthetic.worlds import read_world

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "data" / "synthetic"
WORLD_FILES = ROOT / "larstudy" / "resources" / "worlds"


def world_with_facilities(folder: Path) -> Path:
    file = folder / "five.toml"
    parameter = '[parameters.facilities]\nvalue = 5\nreason = "a test"\n'
    file.write_text(f'id = "five"\nbased_on = "null"\n{parameter}', encoding="utf-8")
    return file


class TestTargets:
    def test_printed_and_read(self) -> None:
        targets = published_targets()
        assert {t.role for t in targets.values()} == {"calibrate", "check"}
        assert targets["correlation.chronic_disease.global"].value == -0.006
        assert targets["correlation.whoqol_social.social"].printed == ".680***"
        assert targets["rmsea"].half_digit == pytest.approx(0.0005)
        assert targets["enrolled"].half_digit == 0.5
        assert targets["drug_dominated_at_entry"].half_digit == 0.0
        assert targets["correlation.anxiety.QOL1"].half_digit == pytest.approx(0.0005)
        assert sum(name.startswith("correlation.") for name in targets) == 50

    def test_a_file_without_its_parts_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(target_file, "resource_toml", lambda *_: {"id": "x", "targets": {}})
        with pytest.raises(SpecError, match=r"\[correlations\]|correlations"):
            published_targets.__wrapped__()

    def test_report(self) -> None:
        report = ls.calibration_report(n_cohorts=70, seed=1)
        frame = report.to_frame().set_index("target")
        assert frame["synthetic"].all()
        roles = frame["role"].tolist()
        assert roles == sorted(roles)  # calibrate stands before check
        assert frame.loc["analysed", ["generated", "generated_low", "generated_high"]].tolist() == [338.0] * 3
        assert (frame.query("role == 'calibrate'")["agrees"] == "yes").all()
        assert report.summary().startswith("Synthetic data – not patients")
        assert "proves nothing" in report.summary()
        assert "proves nothing" in report.table().to_markdown()
        assert report.plot().axes.get_title(loc="left") == "Figures that the generator never saw"

    def test_stored_report_is_found_again(self) -> None:
        stored = tomllib.loads((WORLD_FILES / "_calibration.toml").read_text(encoding="utf-8"))
        assert stored["n_cohorts"] == 1000
        report = ls.calibration_report(n_cohorts=64, seed=stored["seed"] + 1)
        fresh = tomllib.loads(calibration_toml(report))["generated"]
        assert list(fresh) == list(stored["generated"])
        for name, found in fresh.items():
            mean, low, high = stored["generated"][name]["numbers"]
            # The mean of 64 cohorts within five standard errors, the SD told from the range of 95 %.
            limit = 5 * (high - low) / 3.92 / 8 + 1e-4
            assert found["numbers"][0] == pytest.approx(mean, abs=limit), name

    def test_what_a_world_was_not_built_to_meet(self) -> None:
        said = ls.calibration_report(n_cohorts=2, seed=1, world="reversed").summary()
        assert "figures that the world 'review' was built to meet" in said
        frame = ls.calibration_report(n_cohorts=2, seed=1, world="reversed").to_frame().set_index("target")
        assert frame.loc["gained_gain_most", "agrees"] == "no"

    def test_correlations_are_those_of_the_items(self) -> None:
        frames = generate_items("review", seed=1)
        report = ls.calibration_report(n_cohorts=1, seed=1)
        chosen = frames.cohort[frames.cohort["whoqol_1_year1"].notna()]
        items = {str(i): f"qol10_{i}_year1" for i in range(1, 11)}
        qol = score(chosen, "qol10", items=items).to_frame()
        items = {str(i): f"whoqol_{i}_year1" for i in range(1, 27)}
        whoqol = score(chosen, "whoqol_bref", items=items).to_frame()
        known = qol["total"].notna()
        expected = whoqol["psychological"][known].corr(qol["social"][known])
        found = report.values["correlation.whoqol_psychological.social"][0]
        assert found == pytest.approx(expected, abs=1e-12)
        marked = chosen["anxiety"][known].corr(qol["total"][known])
        assert report.values["correlation.anxiety.QOL10"][0] == pytest.approx(marked, abs=1e-12)

    def test_a_figure_that_cannot_be_told_does_not_agree(self) -> None:
        report = ls.calibration_report(n_cohorts=2, seed=1)
        lost = dataclasses.replace(report, values={**report.values, "rmsea": np.full(2, np.nan)})
        row = lost.to_frame().set_index("target").loc["rmsea"]
        assert np.isnan(row["generated"])
        assert row["agrees"] == "no"

    def test_truths_are_written_as_they_are_read(self) -> None:
        found = find_truths("null", n_cohorts=4, seed=1)
        written = tomllib.loads(truths_toml({"null": list(found.values())}, n_cohorts=4, seed=1))
        change = written["worlds"]["null"]["total.seen.all"]["change"]
        np.testing.assert_allclose(change, found["total.seen.all"].change, atol=5e-7)


class TestFiles:
    def test_shipped_files_are_made_again(self) -> None:
        made = synthetic_files()
        assert {p.name for p in SHIPPED.iterdir()} == set(made)
        for name, content in made.items():
            stored = (SHIPPED / name).read_bytes()
            if name == "manifest.toml":
                # It also names the versions that made it.
                old, new = (tomllib.loads(text.decode()) for text in (stored, content))
                assert set(old.pop("versions")) == set(new.pop("versions"))
                assert old == new
            else:
                assert content == stored, name

    def test_manifest(self) -> None:
        manifest = tomllib.loads((SHIPPED / "manifest.toml").read_text(encoding="utf-8"))
        assert (manifest["world"], manifest["seed"], manifest["persons"]) == ("review", SHIPPED_SEED, 548)
        assert manifest["synthetic"] is True
        for name, digest in manifest["files"].items():
            assert hashlib.sha256((SHIPPED / name).read_bytes()).hexdigest() == digest
        assert manifest["targets"]["omt"]["printed"] == "64 %"
        assert manifest["targets"]["omt"]["confidence"] == "REVIEW"

    def test_shapes_agree(self) -> None:
        wide, long, items = (pd.read_csv(SHIPPED / f"{n}.csv") for n in ("cohort", "cohort_long", "items"))
        assert len(wide) == 548
        seen = wide.filter(regex="_year1$").notna().any(axis=1)
        assert len(long) == 548 + seen.sum() == 886
        codebook = pd.read_csv(SHIPPED / "codebook.csv")
        assert codebook["column"].tolist() == wide.columns.tolist()
        for frame in (wide, long, items):
            assert (frame["synthetic"] == 1).all()
        first = long[long["wave"] == "baseline"].reset_index(drop=True)
        assert first["qol10_3"].rename("").equals(wide["qol10_3_baseline"].rename(""))
        answered = items.query("instrument == 'qol10' and wave == 'year1' and item == '4'")
        assert len(answered) == wide["qol10_4_year1"].notna().sum()
        distress = items.query("instrument == 'scl10'").groupby("person")["answer"].mean()
        np.testing.assert_allclose(distress, wide["distress"])
        assert wide["whoqol_1_year1"].notna().sum() == 107

    def test_study_runs_and_memory_agrees(self) -> None:
        assert ls.check(SHIPPED / "study.toml").ok
        from_file, in_memory = ls.load(SHIPPED / "study.toml"), ls.load_synthetic()
        assert from_file.spec.synthetic
        for key, values in from_file.numbers.items():
            np.testing.assert_array_equal(values, in_memory.numbers[key])
        for key, labels in from_file.fixed.items():
            assert labels.tolist() == in_memory.fixed[key].tolist(), key
        assert from_file.spec.cluster.column == "facility"
        assert str(in_memory).startswith("Synthetic data – not patients")

    def test_datasheet_begins_with_what_it_is_not(self) -> None:
        text = (SHIPPED / "README.md").read_text(encoding="utf-8")
        headings = [line for line in text.splitlines() if line.startswith("#")]
        assert headings[:3] == ["# Synthetic data – not patients", "## What it is not", "## What is assumed"]
        for parameter in read_world("review").assumptions():
            assert f"| `{parameter.name}` |" in text

    def test_datasheet_of_other_worlds(self, tmp_path: Path) -> None:
        other = synthetic_files("mnar_dropout", seed=1)["README.md"].decode()
        assert "departs from them on purpose. It sets for itself: `seen_gain`" in other
        assert "and from the change itself" in other
        file = tmp_path / "own.toml"
        file.write_text('id = "own"\nbased_on = "regression_to_mean"\n', encoding="utf-8")
        own = synthetic_files(file, seed=1)["README.md"].decode()
        assert "from dropping out, from the score at entry." in own
        assert "| change group |" not in own
        assert "larstudy synth --world own.toml --seed 1 --out DIR" in own
        small = synthetic_files("null", seed=1, n=60)["README.md"].decode()
        assert 'synthetic_files("null", seed=1, n=60)' in small
        assert "larstudy synth --world" not in small
        files = synthetic_files(world_with_facilities(tmp_path), seed=1, n=60)
        assert "facility,Treatment facility,1 to 5," in files["codebook.csv"].decode()

    def test_csv_refuses_what_it_would_have_to_quote(self) -> None:
        frame = pd.DataFrame({"a": [1.0, np.nan, 2.5], "b": ["x", "y", "z"]})
        assert csv_text(frame) == "a,b\n1,x\n,y\n2.5,z\n"
        with pytest.raises(LarstudyError, match="Column 'a' holds a comma"):
            csv_text(pd.DataFrame({"a": ["x,y"]}))


class TestCommandLine:
    def test_synth(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "new"
        assert main(["synth", "--world", "reversed", "--seed", "4", "--out", str(out)]) == 0
        assert capsys.readouterr().out.startswith("Synthetic data – not patients. Written to")
        assert {p.name: p.read_bytes() for p in out.iterdir()} == synthetic_files("reversed", seed=4)
        assert main(["check", str(out / "study.toml")]) == 0

    def test_another_run_replaces_its_own_files_only(self, tmp_path: Path) -> None:
        (tmp_path / "mine.csv").write_text("a\n1\n")
        assert main(["synth", "--seed", "1", "--out", str(tmp_path)]) == 0
        first = (tmp_path / "cohort.csv").read_bytes()
        assert main(["synth", "--seed", "2", "--out", str(tmp_path)]) == 0
        assert (tmp_path / "cohort.csv").read_bytes() != first
        assert (tmp_path / "mine.csv").exists()

    def test_files_of_somebody_else_are_not_overwritten(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "cohort.csv").write_text("id\n1\n")
        assert main(["synth", "--out", str(tmp_path)]) == 1
        assert "no earlier run of larstudy made it" in capsys.readouterr().err
        assert [p.name for p in tmp_path.iterdir()] == ["cohort.csv"]

    @pytest.mark.parametrize("record", ["not toml [", "[files]\n", "files = 3\n", '[files]\n"../up" = "x"\n'])
    def test_a_manifest_that_is_not_ours_removes_nothing(self, tmp_path: Path, record: str) -> None:
        (tmp_path / "manifest.toml").write_text(record)
        (tmp_path / "cohort.csv").write_text("id\n1\n")
        assert main(["synth", "--out", str(tmp_path)]) == 1
        assert (tmp_path / "cohort.csv").read_text() == "id\n1\n"

    def test_bad_input(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["synth", "--world", "nul", "--out", str(tmp_path / "x")]) == 1
        assert "Nearest: 'null'" in capsys.readouterr().err
        assert main(["synth", "--seed", "-1", "--out", str(tmp_path / "x")]) == 1
        assert not (tmp_path / "x").exists()
        with pytest.raises(SystemExit) as error:
            main(["synth", "--seed", "one", "--out", str(tmp_path / "x")])
        assert error.value.code == 2
