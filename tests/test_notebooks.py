"""Notebooks: thin sources, executed ones in step with them, and what stands in their variables."""

from __future__ import annotations

import ast
import inspect
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import larstudy as ls
from larstudy import notebook_files
from larstudy.cli import main
from larstudy.errors import LarstudyError, MissingPackageError
from larstudy.notebook_files import build_notebooks, check_notebooks, differences, read_cells, source_files

FOLDER = Path(__file__).parents[1] / "notebooks"
SOURCES = sorted(FOLDER.glob("*.py"))
NAMES = [
    "01_cohort", "02_quality_of_life", "03_networks", "04_change_by_network", "05_which_model_which_answer",
    "06_review_table", "07_verdicts", "90_your_own_data",
]  # fmt: skip

each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)


def cells_of(path: Path) -> tuple[notebook_files.Cell, ...]:
    return read_cells(path.read_text(encoding="utf-8"), name=path.name)


def test_which_there_are() -> None:
    assert [path.stem for path in SOURCES] == NAMES
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == NAMES


class TestThin:
    # What a notebook may be made of: it names things, calls the library, and picks rows and columns to show.
    NODES = (
        ast.Module, ast.Import, ast.alias, ast.Assign, ast.Expr, ast.Call, ast.keyword, ast.Attribute, ast.Name,
        ast.Constant, ast.List, ast.Tuple, ast.Subscript, ast.expr_context,
    )  # fmt: skip

    @each_source
    def test_it_only_calls_the_library(self, path: Path) -> None:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        others = [ast.unparse(node) for node in ast.walk(tree) if not isinstance(node, self.NODES)]
        assert not others
        imported = [ast.unparse(node) for node in tree.body if isinstance(node, ast.Import)]
        assert imported == ["import larstudy as ls"]

    @each_source
    def test_nothing_is_computed_outside_the_library(self, path: Path) -> None:
        results = [getattr(ls, name) for name in ls.__all__]
        own = set(ls.__all__).union(*(dir(x) for x in results if inspect.isclass(x)))
        calls = [n.func for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Call)]
        methods = {func.attr for func in calls if isinstance(func, ast.Attribute)}
        # `query` picks the rows of a frame that are shown.
        assert methods - own <= {"query"}
        assert {func.id for func in calls if isinstance(func, ast.Name)} <= {"print"}

    @each_source
    def test_prose_holds_no_number(self, path: Path) -> None:
        for cell in cells_of(path):
            if cell.kind == "markdown":
                prose = re.sub(r"`[^`]*`", "", cell.text)
                # Years, and numbers that are part of a name, as in SF-36, QOL10 or M04.
                numbers = re.findall(r"(?<![\w-])(?!(?:19|20)\d\d\b)\d[\d.,]*", prose)
                assert not numbers, cell.text

    @each_source
    def test_the_first_cell_says_what_and_of_whom(self, path: Path) -> None:
        first = cells_of(path)[0]
        assert first.kind == "markdown"
        assert first.text.startswith("# ")
        for heading in ("**Question.**", "**Data.**", "**Time.**"):
            assert heading in first.text
        data = first.text.split("**Data.**")[1].split("**Time.**")[0]
        assert re.search(r"\*(synthetic|real|published)\*", data, re.IGNORECASE)
        assert re.search(r"\*\*Time\.\*\* About \w+ minutes", first.text)

    def test_never_causal(self) -> None:
        text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES).lower()
        assert not re.findall(
            r"\b(because of|leads to|led to|improves|effect of|caused?|addicts?|abusers?)\b", text
        )


class TestExecuted:
    @each_source
    def test_in_step_with_its_source(self, path: Path) -> None:
        made = json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))
        shown = [(c["id"], c["cell_type"], "".join(c["source"])) for c in made["cells"]]
        assert shown == [(c.id, c.kind, c.text) for c in cells_of(path)]

    @each_source
    def test_nothing_but_what_it_shows(self, path: Path) -> None:
        content = path.with_suffix(".ipynb").read_bytes()
        made = json.loads(content)
        assert len(content) < 400_000
        assert made["metadata"] == {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"file_extension": ".py", "name": "python"},
            "larstudy": {"source": path.name},
        }
        code = [cell for cell in made["cells"] if cell["cell_type"] == "code"]
        assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
        assert all(cell["metadata"] == {} for cell in made["cells"])
        for cell in code:
            kinds = {(o["output_type"], o.get("name")) for o in cell["outputs"]}
            assert kinds <= {("stream", "stdout"), ("execute_result", None), ("display_data", None)}
            drawn = any("image/png" in o.get("data", {}) for o in cell["outputs"])
            assert drawn == (".plot" in "".join(cell["source"]))
        text = json.dumps([notebook_files._without_pictures(cell) for cell in code])
        assert not re.search(r"0x[0-9a-f]{6,}|/tmp/|/home/|/Users/|/root/|site-packages", text)


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[str], dict[str, Any]]:
    """Run the source of a notebook in this process, and return its variables."""

    def variables(name: str) -> dict[str, Any]:
        monkeypatch.chdir(FOLDER)
        scope: dict[str, Any] = {}
        exec((FOLDER / f"{name}.py").read_text(encoding="utf-8"), scope)
        scope["printed"] = capsys.readouterr().out
        plt.close("all")
        return scope

    return variables


class TestVariables:
    """Against the numbers that R gave (tests/oracles, tests/test_outputs.py), print, and what was put in."""

    def test_cohort(self, run) -> None:
        found = run("01_cohort")
        # Muller et al. 2017: 548 at entry, 338 seen after a year; the cohort was built to have as many.
        assert found["synthetic"].table().to_frame()["n"].tolist() == [548, 338]
        assert found["real"].table().to_frame()["n"].tolist() == [470, 254, 217, 254, 277]
        flow = found["flow"].to_frame()
        # 470 = 2 + 252 + 1 + 215; 215 = 2 + 6 + 207
        assert flow["n"].tolist() == [470, 2, 252, 1, 215, 2, 6, 207]
        lost = found["lost"].set_index("term")
        # 468 of the 470 have a score at baseline, and 215 of those one at month12.
        assert lost.loc["baseline", ["n_lost", "n_seen"]].tolist() == [253, 215]
        assert found["printed"].count("Synthetic data – not patients") == 2

    def test_quality_of_life(self, run) -> None:
        found = run("02_quality_of_life")
        paired = found["change"].paired
        assert (paired.n, found["made_up_change"].synthetic, found["change"].synthetic) == (215, True, False)
        assert paired.estimate == pytest.approx(9.27, abs=0.005)
        assert found["depressive"].higher_is == "worse"
        assert found["depressive"].paired.estimate < 0

    def test_networks(self, run) -> None:
        found = run("03_networks")
        # The cross-table by hand: 51 + 16 gained an abstinent network, 49 kept one.
        assert found["moves"].table().to_frame().iloc[:, 1].tolist() == [49, 51, 16, 1]
        assert found["groups"].sizes() == {
            "maintained_abstinent": 49, "gained_abstinent": 67, "drug_dominated": 71, "isolated": 21, "unclassified": 262,
        }  # fmt: skip
        assert found["printed"].count("Networks by 'help") == 4
        assert found["made_up"].synthetic

    def test_change_by_network(self, run) -> None:
        found = run("04_change_by_network")
        gained = found["table"].to_frame().set_index("group").loc["Gained abstinent network"]
        assert gained["n"] == 67
        assert gained["estimate"] == pytest.approx(12.977, abs=0.0005)
        assert gained["sd"] == pytest.approx(14.323, abs=0.0005)
        ancova = found["tests"].set_index(["model", "term"]).loc[("ancova", "group")]
        assert (ancova["df_num"], ancova["df"]) == (3, 202)
        assert ancova["statistic"] == pytest.approx(7.5946, abs=0.00005)
        # What was put into the world: gained most, isolated least.
        change = found["made_up"].to_frame().set_index("group")["estimate"]
        groups = change[["maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated"]]
        assert (groups.idxmax(), groups.idxmin()) == ("gained_abstinent", "isolated")
        assert found["dropped_out"].change.stratum == "dropped_out"

    def test_which_model(self, run) -> None:
        found = run("05_which_model_which_answer")
        rows = found["estimands"].set_index(["analysis", "group"])["estimate"]
        # 12.977 - 6.995; the analysis of covariance as R has it (tests/oracles, estimands)
        assert rows[("change_score", "gained_abstinent")] == pytest.approx(5.9823, abs=0.00005)
        assert rows[("ancova", "gained_abstinent")] == pytest.approx(7.7135, abs=0.00005)
        gained = found["regression"].set_index("group").loc["gained_abstinent"]
        assert gained["expected_change"] + gained["remainder"] == pytest.approx(12.977, abs=0.0005)
        worth = found["worth"]
        # Groups selected on a noisy baseline: the change score errs far more often than 5 %, the other does not.
        assert worth.value("regression_to_mean", "change_score", "rejected") > 0.4
        assert worth.value("regression_to_mean", "ancova", "rejected") < 0.15
        assert worth.value("null", "two_estimands", "supported") < 0.05
        assert found["selected_comparison"].change.synthetic
        missing = found["missing"].set_index(["handling", "model"])
        assert missing.loc[("complete_cases", "change_score"), "estimate"] == pytest.approx(
            5.9823, abs=0.00005
        )
        assert missing.loc[("imputation", "ancova"), "n"] == 468
        assert len(found["sensitivity"].rows) == 36

    def test_review(self, run) -> None:
        found = run("06_review_table")
        assert len(found["review"].table().rows) == len(found["norwegian"].table().rows) == 5
        assert len(found["claims"].to_frame()) == 55
        assert found["printed"].count("\n@") >= 10

    def test_verdicts(self, run) -> None:
        found = run("07_verdicts")
        said = found["verdicts"].to_frame().set_index("claim")
        kept = ls.verdicts(n_cohorts=0, progress=False).to_frame().set_index("claim")
        assert said.loc["M04", ["published", "real", "synthetic"]].tolist() == [
            "supported",
            "depends",
            "supported",
        ]
        pd.testing.assert_frame_equal(said[["published", "real"]], kept[["published", "real"]])
        # What is said in words is what the table of every analysis holds.
        tests = found["verdicts"].to_frame("tests").query("claim == 'M04' and data == 'help'")
        counted = tests["verdict"].value_counts()
        assert f"{counted['supported']} supported, {counted['inconclusive']} inconclusive" in found["printed"]
        # 137 + 65 = 202 voluntary and compulsory patients do follow; 884 - 681 is 203 and not 197.
        verdict = found["checks"].to_frame("checks").set_index("what")["verdict"]
        assert verdict["Voluntary and compulsory patients"] == "consistent"
        assert verdict["Growth of LAR 2017, intakes less discharges"] == "does not follow"
        # Three Norwegian cohorts and HELP.
        assert len(found["cohorts"].cohorts) == 4

    def test_your_own_data(self, run) -> None:
        found = run("90_your_own_data")
        assert found["report"].ok
        assert len(found["cohort"].persons) == 548
        # Read from its files the cohort is the one that is made in memory.
        change = ls.analyse(ls.load_synthetic()).to_frame()
        pd.testing.assert_frame_equal(found["analysis"].to_frame(), change)


SOURCE = "# %% [markdown]\n# # A heading\n#\n# Prose.\n\n# %%\nn = 2\nprint('one')\nprint('two')\n\n# %%\nn\n\n# %%\nn\n"


class TestReading:
    def test_cells(self) -> None:
        cells = read_cells(SOURCE)
        assert [cell.text for cell in cells] == [
            "# A heading\n\nProse.", "n = 2\nprint('one')\nprint('two')", "n", "n",
        ]  # fmt: skip
        # The same content twice: the same hash, counted. Another place in the file: the same id.
        assert cells[3].id == f"{cells[2].id}-2"
        assert read_cells("# %%\nn")[0].id == cells[2].id
        assert read_cells("# %% [markdown]\n# n")[0].id != cells[2].id

    @pytest.mark.parametrize(
        ("source", "said"),
        [
            ("\nimport larstudy\n# %%\n", "a.py, line 2: the first cell should begin here"),
            ("# %% [raw]\n", "a.py, line 1: a cell begins with"),
            ("# %% [markdown]\nprose\n", "a.py: every line of a cell of prose begins with '# '"),
        ],
    )
    def test_what_is_wrong(self, source: str, said: str) -> None:
        with pytest.raises(LarstudyError, match=re.escape(said)):
            read_cells(source, name="a.py")

    def test_no_folder_and_no_source(self, tmp_path: Path, capsys) -> None:
        assert main(["notebooks", "--check", "--from", str(tmp_path / "none")]) == 1
        assert "go to the repository, or name the folder with --from" in capsys.readouterr().err
        (tmp_path / "other.py").write_text("import os\n", encoding="utf-8")
        (tmp_path / "empty.py").write_text("", encoding="utf-8")
        with pytest.raises(LarstudyError, match="holds no notebook"):
            source_files(tmp_path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one source; what runs it only says how long the source is."""

    def execute(source: Path) -> bytes:
        text = source.read_text(encoding="utf-8")
        outputs = [{"data": {"image/png": "x", "text/plain": str(len(text))}}]
        cells = [{"id": cell.id, "outputs": outputs} for cell in read_cells(text)]
        return json.dumps({"cells": cells, "metadata": {"larstudy": {}}}).encode()

    monkeypatch.setattr(notebook_files, "execute", execute)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.py").write_text("# %%\n1\n", encoding="utf-8")
    return tmp_path / "in"


class TestBuildAndCheck:
    def test_build_check_and_build_again(self, folder: Path, capsys) -> None:
        assert main(["notebooks", "--build", "--from", str(folder), "--quiet"]) == 0
        first = (folder / "one.ipynb").read_bytes()
        assert main(["notebooks", "--check", "--from", str(folder)]) == 0
        assert capsys.readouterr().out.splitlines()[-1] == "Every notebook shows what it showed."
        build_notebooks(folder)
        assert (folder / "one.ipynb").read_bytes() == first
        assert sorted(path.name for path in folder.iterdir()) == ["one.ipynb", "one.py"]

    def test_what_changed_is_told(self, folder: Path, tmp_path: Path, capsys) -> None:
        assert main(["notebooks", "--check", "--from", str(folder)]) == 1
        assert capsys.readouterr().out == "one.ipynb: not there. Make it with larstudy notebooks --build.\n"
        build_notebooks(folder)
        made = folder / "one.ipynb"
        text = made.read_text(encoding="utf-8")
        made.write_text(text.replace('"x"', '"another picture"'), encoding="utf-8")
        assert check_notebooks(folder) == ()
        made.write_text(text.replace('"text/plain": "', '"text/plain": "9'), encoding="utf-8")
        assert check_notebooks(folder) == ("one.ipynb: cell 1 shows something else than it did.",)
        made.write_text("no JSON", encoding="utf-8")
        assert "not in step" in check_notebooks(folder)[0]
        made.write_text(text, encoding="utf-8")
        (folder / "one.py").write_text("# %%\n2\n", encoding="utf-8")
        (folder / "old.ipynb").write_text(text, encoding="utf-8")
        (folder / "mine.ipynb").write_text('{"metadata": {}}', encoding="utf-8")
        assert check_notebooks(folder, tmp_path / "fresh") == (
            "one.ipynb: not in step with its source. Make it anew with larstudy notebooks --build.",
            "old.ipynb: has no source any more. Remove it.",
        )
        assert [path.name for path in (tmp_path / "fresh").iterdir()] == ["one.ipynb"]
        with pytest.raises(LarstudyError, match="another folder"):
            check_notebooks(folder, folder)

    def test_a_picture_that_is_gone_is_told(self) -> None:
        cell = {"id": "a", "outputs": [{"data": {"image/png": "x", "text/plain": "y"}}]}
        bare = {"id": "a", "outputs": [{"data": {"text/plain": "y"}}]}
        assert differences({"cells": [bare]}, {"cells": [cell]}) == [
            "cell 1 shows something else than it did."
        ]

    @pytest.mark.parametrize("content", ['{"cells": []}', "not a notebook"])
    def test_what_others_made_is_left_alone(self, folder: Path, content: str) -> None:
        (folder / "one.ipynb").write_text(content, encoding="utf-8")
        with pytest.raises(LarstudyError, match="no earlier run of larstudy made it"):
            build_notebooks(folder)
        assert (folder / "one.ipynb").read_text(encoding="utf-8") == content


# What the packages that run notebooks warn of on some systems is none of ours.
@pytest.mark.filterwarnings("ignore")
class TestKernel:
    def test_check_of_a_notebook_that_ships(self, tmp_path: Path, capsys) -> None:
        for suffix in (".py", ".ipynb"):
            shutil.copy(FOLDER / f"06_review_table{suffix}", tmp_path)
        out = tmp_path / "fresh"
        assert main(["notebooks", "--check", "--from", str(tmp_path), "--out", str(out), "--quiet"]) == 0
        assert capsys.readouterr().out == "Every notebook shows what it showed.\n"
        assert len(list(out.iterdir())) == 1

    def test_what_is_written(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text(SOURCE, encoding="utf-8")
        (made,) = build_notebooks(tmp_path)
        cells = json.loads(made.read_text(encoding="utf-8"))["cells"]
        assert "".join(cells[1]["outputs"][0]["text"]) == "one\ntwo\n"
        assert "".join(cells[3]["outputs"][0]["data"]["text/plain"]) == "2"
        assert [sorted(path.name for path in tmp_path.iterdir())] == [["a.ipynb", "a.py"]]

    def test_a_cell_that_fails(self, tmp_path: Path) -> None:
        """A message of larstudy is shown, any other may hold an answer."""
        (tmp_path / "a.py").write_text(
            "# %%\n1\n\n# %%\nimport larstudy as ls\nls.read_instrument('sf63')\n", encoding="utf-8"
        )
        with pytest.raises(
            LarstudyError, match=r"a.py: cell 2 fails with UnknownNameError. There is no instrument"
        ):
            build_notebooks(tmp_path)
        (tmp_path / "a.py").write_text("# %%\nint('secret')\n", encoding="utf-8")
        with pytest.raises(LarstudyError, match=r"cell 1 fails with ValueError\. Open it in") as raised:
            build_notebooks(tmp_path)
        assert "secret" not in str(raised.value)
        assert raised.value.__cause__ is None
        assert [path.name for path in tmp_path.iterdir()] == ["a.py"]

    def test_a_kernel_that_dies(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text("# %%\nimport os\nos._exit(1)\n", encoding="utf-8")
        with pytest.raises(LarstudyError, match=r"a\.py could not be run to its end: DeadKernelError\."):
            build_notebooks(tmp_path)

    def test_what_is_missing_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notebook_files, "find_spec", lambda name: None if name == "nbclient" else name)
        (tmp_path / "a.py").write_text(SOURCE, encoding="utf-8")
        with pytest.raises(
            MissingPackageError, match=r'nbclient. Install .* pip install "larstudy\[notebooks\]"'
        ):
            build_notebooks(tmp_path)

    def test_what_was_printed_in_pieces(self) -> None:
        """However the pieces come: together by stream, in their order."""
        out, err = {"output_type": "stream", "name": "stdout"}, {"output_type": "stream", "name": "stderr"}
        shown = {"output_type": "display_data", "data": {}}
        pieces = [
            {**out, "text": "a"},
            {**out, "text": "b"},
            {**err, "text": "c"},
            shown,
            {**out, "text": "d"},
        ]
        assert notebook_files._joined(pieces) == [
            {**out, "text": "ab"}, {**err, "text": "c"}, shown, {**out, "text": "d"},
        ]  # fmt: skip
