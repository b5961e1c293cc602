"""Planted names, ids, identity numbers and odd answers go through every entry point, and come out nowhere."""

from __future__ import annotations

import logging
import pickle
import traceback
import warnings
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import larstudy as ls
from larstudy.cli import main
from larstudy.errors import LarstudyError
from tests.conftest import STATUS, STUDY
from tests.test_identifiers import BORN, D_NUMBER

#: What no output may hold: ids, names, remarks, numbers of persons, and answers that no group has as a mean.
CANARIES = ("kanari", BORN, D_NUMBER, "777.125", "777,125", "9.40625", "9,40625")
_DROP = 'layout = "long"\ndrop = ["etternavn", "fnr"]'
GOOD = (STUDY + STATUS).replace('layout = "long"', _DROP)


def people(n: int = 60) -> pd.DataFrame:
    """Twelve groups of five, so that most numbers may be shown; everybody's id, name and remark is a canary."""
    rng = np.random.default_rng(1)
    rows = []
    for person in range(n):
        nets = [("drug", "abst"), ("drug", "drug"), ("iso", "iso"), ("abst", "abst")][person % 4]
        for wave in (0, 1):
            rows.append(
                {
                    "id": f"KANARI-{person:03}", "t": wave, "qol": round(float(rng.uniform(1, 9)), 1),
                    "net": nets[wave], "status": 1 + person % 3, "etternavn": f"Kanarinavn{person}",
                    "fnr": BORN if person % 2 else D_NUMBER, "merknad": f"kanarimerknad {person}",
                }
            )  # fmt: skip
    frame = pd.DataFrame(rows)
    # An answer that is nobody else's, within the range: it may be in no figure and no table.
    frame.loc[7, "qol"] = 9.40625
    return frame


#: What is wrong, by name: a change of the frame, of the study file, and a code that must be told.
def _faults() -> dict[str, tuple[pd.DataFrame, str, str]]:
    frame = people()
    text = frame.astype({"qol": object})
    text.loc[3, "qol"] = "kanariord"
    far = frame.copy()
    far.loc[4, "qol"] = 777.125
    nets = frame.copy()
    nets.loc[5, "net"] = "kanarinett"
    stray = frame.astype({"t": object})
    stray.loc[6, "t"] = "kanaritid"
    twice = pd.concat([frame, frame.iloc[[0]]])
    lost = frame.copy()
    lost.loc[8, "id"] = None
    return {
        "a word among scores": (text, GOOD, "not_a_number"),
        "out of range": (far, GOOD, "out_of_range"),
        "an unknown category": (nets, GOOD, "unmapped_category"),
        "an unknown wave": (stray, GOOD, "wave_text"),
        "a row twice": (twice, GOOD, "duplicate_row"),
        "no id": (lost, GOOD, "missing_person"),
        "names and numbers left in": (frame, STUDY + STATUS, "identity_number"),
        "an unknown column": (frame, GOOD.replace('"qol"', '"qlo"'), "unknown_column"),
        "waves that are remarks": (frame, GOOD.replace('wave = "t"', 'wave = "merknad"'), ""),
        "ids that are answers": (frame, GOOD.replace('person = "id"', 'person = "qol"'), ""),
        "a group of names": (
            frame.drop(columns=["fnr"]),
            STUDY[: STUDY.index("[network]")] + '[group]\ncolumn = "merknad"\n', "",
        ),
    }  # fmt: skip


FAULTS = _faults()


def put(folder: Path, frame: pd.DataFrame, text: str, ending: str = "csv") -> Path:
    if ending == "csv":
        frame.to_csv(folder / "twelve.csv", index=False)
    else:
        getattr(frame, f"to_{ending}")(folder / f"twelve.{ending}", index=False)
    (folder / "study.toml").write_text(text.replace("twelve.csv", f"twelve.{ending}"), encoding="utf-8")
    return folder / "study.toml"


def silent(*texts: str) -> None:
    for text in texts:
        lower = text.lower()
        for canary in CANARIES:
            assert canary not in lower, f"a canary: ...{text[max(0, lower.index(canary) - 80) :][:200]}"


@pytest.fixture(autouse=True)
def listening(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """Hold whatever is logged, warned of or printed against the canaries, also below Python."""
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield
    silent(caplog.text, *capfd.readouterr(), *(str(one.message) for one in warned))


def chain(error: BaseException) -> Iterator[str]:
    """Yield an error, what Python would print of it, what a process sends on, and each that it came from."""
    yield "".join(traceback.format_exception(error))
    yield str(error)
    yield repr(error)
    yield repr(pickle.dumps(error)) if isinstance(error, LarstudyError) else ""
    if error.__cause__ is not None:
        yield from chain(error.__cause__)


def test_a_canary_is_heard() -> None:
    for text in ("id Kanari-003", f"x{BORN}", "mean 9.40625"):
        with pytest.raises(AssertionError, match="a canary"):
            silent("nothing", text)
    assert len(list(chain(LarstudyError("one")))) == 4


class TestCommands:
    @pytest.mark.parametrize("fault", FAULTS)
    def test_check_and_analyse_of_what_is_wrong(
        self, fault: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        frame, text, code = FAULTS[fault]
        path = put(tmp_path, frame, text)
        checked = main(["check", str(path)])
        said = "".join(capfd.readouterr())
        silent(said)
        assert f"[{code}]" in said or not code
        if code:
            assert checked == 1
            assert main(["analyse", str(path), "--out", str(tmp_path / "out"), "--quiet"]) == 1
            assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize("ending", ["csv", "excel", "parquet", "stata"])
    def test_drafts(self, ending: str, tmp_path: Path) -> None:
        frame = people()
        name = (
            tmp_path / {"csv": "a.csv", "excel": "a.xlsx", "parquet": "a.parquet", "stata": "a.dta"}[ending]
        )
        options = {"write_index": False} if ending == "stata" else {"index": False}
        getattr(frame, f"to_{ending}")(name, **options)
        assert main(["init", str(name), "--out", str(tmp_path / "draft.toml")]) == 0
        silent((tmp_path / "draft.toml").read_text(encoding="utf-8"))
        assert main(["init", str(name)]) == 0
        assert main(["check", str(tmp_path / "draft.toml")]) in (0, 1)

    def test_every_file_of_an_analysis(self, tmp_path: Path) -> None:
        path = put(tmp_path, people(), GOOD)
        out = tmp_path / "out"
        assert main(["analyse", str(path), "--out", str(out)]) == 0
        assert main(["check-outputs", str(out), "--study", str(path)]) == 0
        for file in out.rglob("*"):
            if file.suffix == ".docx":
                with zipfile.ZipFile(BytesIO(file.read_bytes())) as archive:
                    silent(*(archive.read(n).decode("utf-8", errors="replace") for n in archive.namelist()))
            elif file.is_file():
                silent(file.name, file.read_bytes().decode("latin-1"))

    def test_a_look_through_a_folder_that_holds_them(self, tmp_path: Path) -> None:
        path = put(tmp_path, people(), GOOD)
        (tmp_path / "results").mkdir()
        people().to_csv(tmp_path / "results" / "rows.csv")
        people().to_html(tmp_path / "results" / "rows.html")
        (tmp_path / "results" / "a.md").write_text(f"KANARI-003 {BORN} kanari@x.example", encoding="utf-8")
        assert main(["check-outputs", str(tmp_path / "results"), "--study", str(path)]) == 1

    def test_an_error_that_nobody_foresaw(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError("KANARI-001 answered 777.125")

        path = put(tmp_path, people(), GOOD)
        for target, arguments in (
            ("larstudy.loading.build_cohort", ["analyse", str(path), "--out", str(tmp_path / "out")]),
            ("larstudy.loading.check_table", ["check", str(path)]),
            ("larstudy.draft_facts.guess_categories", ["init", str(tmp_path / "twelve.csv")]),
        ):
            with monkeypatch.context() as patch:
                patch.setattr(target, fail)
                assert main(arguments) == 1


class TestPython:
    @pytest.mark.parametrize("fault", [name for name, (_, _, code) in FAULTS.items() if code])
    def test_errors_and_all_that_they_carry(self, fault: str, tmp_path: Path) -> None:
        frame, text, _ = FAULTS[fault]
        with pytest.raises(LarstudyError) as error:
            ls.load(put(tmp_path, frame, text))
        silent(*chain(error.value))
        report = ls.check(tmp_path / "study.toml")
        silent(str(report), repr(report), report._repr_html_(), report.to_frame().to_csv())

    def test_what_results_say_of_themselves(self, tmp_path: Path) -> None:
        cohort = ls.load(put(tmp_path, people(), GOOD))
        analysis = ls.analyse(cohort)
        scores = ls.outcome(cohort, "qol")
        networks = ls.classify_networks(cohort)
        comparison = analysis.comparisons[0]
        moved = analysis.transitions[0]
        for result in (
            cohort, analysis, scores, networks, comparison, comparison.change, moved, ls.describe(cohort),
            analysis.sensitivities()[0],
        ):  # fmt: skip
            silent(
                str(result),
                repr(result),
                result.summary(),
                result._repr_html_(),
                result.table().to_markdown(),
            )
        silent(repr(cohort.spec), *analysis.notes())

    def test_scores_of_a_frame(self) -> None:
        frame = pd.DataFrame({"1": [2.0, 3, 777.125], "navn": ["kanari"] * 3})
        with pytest.raises(LarstudyError) as error:
            ls.score(frame, "qol1")
        silent(*chain(error.value))
        found = ls.score(frame.iloc[:2], "qol1")
        silent(repr(found), str(found))

    @pytest.mark.parametrize("frame", [people(), FAULTS["a word among scores"][0], FAULTS["out of range"][0]])
    def test_frames(self, frame: pd.DataFrame) -> None:
        try:
            cohort = ls.load(
                frame, person="id", wave="t", waves={"baseline": 0, "year1": 1},
                outcomes={"qol": {"column": "qol", "range": [0, 12]}}, group="merknad",
            )  # fmt: skip
            silent(repr(cohort), str(cohort))
            silent(repr(ls.analyse(cohort)))
        except LarstudyError as error:
            silent(*chain(error))


def test_a_notebook_that_fails_in_the_middle(tmp_path: Path) -> None:
    """The trace that Jupyter keeps in the file, with the lines of the code around the error."""
    put(tmp_path, FAULTS["a word among scores"][0], GOOD)
    (tmp_path / "good").mkdir()
    put(tmp_path / "good", people(), GOOD)
    cells = [
        f"import sys; sys.path.insert(0, {str(Path(ls.__file__).parents[1])!r})\nimport larstudy as ls",
        "cohort = ls.load('good/study.toml'); cohort",
        "ls.outcome(cohort, 'qol')",
        "ls.classify_networks(cohort)",
        "ls.load('study.toml')",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source=cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    with pytest.raises(CellExecutionError) as error:
        NotebookClient(notebook, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = nbformat.writes(notebook)
    assert "not_a_number" in outputs
    assert "60 persons" in outputs
    silent(outputs, *chain(error.value))
