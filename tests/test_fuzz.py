"""Malformed files and study files: an answer and no fault, nothing of a person in it, nothing left behind."""

from __future__ import annotations

import io
import os
import random
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import larstudy as ls
from larstudy import cli
from larstudy.cli import main
from larstudy.drafts import draft_study
from larstudy.errors import DataError, SpecError, UnreadableTableError
from larstudy.table_files import excel_grids
from larstudy.workbook_sizes import workbook_excess
from tests.fuzz import holding
from tests.fuzz.holding import commands_for, hold
from tests.fuzz.inputs import make_input
from tests.fuzz.odd_studies import dumped
from tests.fuzz.planted import MARK, Input, main_file, planted, study_files, valid_study
from tests.student_tables import RIGHT, write_table

STUDY = 'layout = "long"\nperson = "id"\nwave = "t"\nwaves = { a = 0, b = 1 }\n'


@settings(
    max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
@given(draw=st.randoms(use_true_random=False))
def test_what_hypothesis_thinks_of(draw: random.Random) -> None:
    one = make_input(draw)
    assert hold(one, commands_for(one, draw, analysed=0)).failures == ()


@pytest.mark.parametrize("part", range(4))
def test_malformed_inputs(part: int) -> None:
    """The first inputs of `python -m tests.fuzz --seed 7`."""
    refused = 0
    for number in range(40 * part, 40 * part + 40):
        draw = random.Random(f"7 {number}")
        one = make_input(draw)
        seen = hold(one, commands_for(one, draw, analysed=0))
        assert seen.failures == (), (number, seen.command)
        refused += seen.code != 0
    # Damage that damages nothing would prove nothing, and so would inputs of which nothing is left.
    assert 10 < refused < 38


class TestTheFuzzerSees:
    """A fuzzer that sees nothing would find nothing."""

    def one(self) -> Input:
        return Input("plain_csv", "data.csv", dict(valid_study("plain_csv")))

    @pytest.mark.parametrize("form", ["plain_csv", "excel_wide", "redcap_raw", "parquet_long"])
    def test_valid_studies_are_accepted(self, form: str) -> None:
        seen = hold(Input(form, main_file(form), dict(valid_study(form))), "check")
        assert (seen.code, seen.failures) == (0, ())

    def test_the_same_choices_make_the_same_input(self) -> None:
        one, other = (make_input(random.Random("7 3")) for _ in range(2))
        assert one == other

    @pytest.mark.parametrize("text", [f"x {MARK}-007", "97310407", "97310414"])
    def test_a_leak(self, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
        """97310400 and seven times the number of a person is an id, as `people` plants them."""
        assert any(mark in text for mark in planted())
        monkeypatch.setattr(cli, "_check", lambda _: (f"cell {text} is odd", 1))
        (failure,) = hold(self.one(), "check").failures
        assert failure.startswith("leaked [")

    def test_a_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def faulty(_: Path) -> tuple[str, int]:
            raise KeyError("x")

        monkeypatch.setattr(cli, "_check", faulty)
        (failure,) = hold(self.one(), "check").failures
        assert failure.startswith("met what it did not foresee:")
        assert "KeyError" in failure

    def test_a_file_left_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def leaving(_: Path) -> tuple[str, int]:
            Path("left.tmp").touch()
            return "", 0

        monkeypatch.setattr(cli, "_check", leaving)
        assert hold(self.one(), "check").failures == ("left something behind, or changed its input",)

    def test_a_warning_and_an_exit_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def warning(_: Path) -> tuple[str, int]:
            import warnings

            warnings.warn("odd", RuntimeWarning, stacklevel=1)
            return "Traceback", 3

        monkeypatch.setattr(cli, "_check", warning)
        failures = hold(self.one(), "check").failures
        assert [text.split(" ")[0] for text in failures] == ["warned:", "showed", "exit"]

    def test_what_does_not_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def endless(_: Path) -> tuple[str, int]:
            while True:
                pass

        monkeypatch.setattr(holding, "MOST_SECONDS", 1)
        monkeypatch.setattr(cli, "_check", endless)
        assert hold(self.one(), "check").failures == ("took more than 1 s",)

    def test_files_that_differ_by_one_cell(self) -> None:
        def change(rows: list[dict[str, object]]) -> list[dict[str, object]]:
            rows[0]["merknad"] = "another"
            return rows

        plain, changed = valid_study("plain_csv"), study_files("plain_csv", change)
        assert changed["data.csv"].count(b"another") == 1
        assert changed["study.toml"] == plain["study.toml"]

    def test_toml_is_written_as_it_was_read(self) -> None:
        tree = tomllib.loads(valid_study("dates")["study.toml"].decode())
        assert tomllib.loads(dumped(tree)) == tree


def problem_of(call: Callable[[], object]) -> tuple[str, str]:
    with pytest.raises((DataError, SpecError, UnreadableTableError)) as caught:
        call()
    (problem,) = caught.value.problems
    return problem.code, problem.what


class TestFound:
    """What the fuzzer found, and what was mended."""

    @pytest.mark.parametrize(
        ("toml", "what"),
        [
            ("a = " + "[" * 5000, "deep"),
            ("a = " + "{a=" * 5000, "deep"),
            ("a = " + "9" * 5000, "too many digits"),
        ],
    )
    def test_a_study_file_that_python_cannot_take(self, tmp_path: Path, toml: str, what: str) -> None:
        (tmp_path / "study.toml").write_text(toml, encoding="utf-8")
        code, said = problem_of(lambda: ls.load(tmp_path / "study.toml"))
        assert code == "not_toml"
        assert what in said

    def test_answers_that_a_quotation_mark_makes_a_name(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The quotation mark before id is closed after the second person, whose row has become a name."""
        (tmp_path / "a.csv").write_text('"id,t,q\n4711,0,5\n4711,1,6\n",x\n1,2\n3,4\n', encoding="utf-8")
        assert main(["init", str(tmp_path / "a.csv")]) == 1
        said = capsys.readouterr()
        assert "[not_csv] a.csv: the names of the columns run on into the rows below them" in said.err
        assert "4711" not in said.out + said.err

    def test_a_name_of_two_lines_is_a_name(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text('id;"quality,\nof life"\n1;2\n3;4\n', encoding="utf-8")
        assert main(["init", str(tmp_path / "a.csv"), "--out", str(tmp_path / "a.toml")]) == 0

    def test_control_characters_in_a_name(self, tmp_path: Path) -> None:
        """TOML takes none in a comment, and a terminal obeys some."""
        (tmp_path / "a.csv").write_text("id,na\x1b[31mme,\x03b\n1,2,5\n3,4,6\n", encoding="utf-8")
        out = tmp_path / "a.toml"
        assert main(["init", str(tmp_path / "a.csv"), "--out", str(out)]) == 0
        draft = out.read_text(encoding="utf-8")
        assert "#   na\N{REPLACEMENT CHARACTER}[31mme\n" in draft
        assert tomllib.loads(draft)["data"]["file"] == "a.csv"

    @pytest.mark.parametrize(
        ("persons", "waves", "stray", "drafted"),
        [
            # Two rows of 82 hold a word, and each wave has 40; then two of 22, which is more than a few.
            (40, ("pre", "post"), ("Kari", "Kari"), 'baseline = "pre", wave_post = "post"'),
            (10, ("0", "12"), ("Kari", "Kari"), "baseline = 0, wave_12 = 12"),
            (10, ("pre", "post"), ("Ka\x1bri", "Ka\x1bri"), 'baseline = "pre", wave_post = "post"'),
        ],
    )
    def test_a_word_among_the_waves_is_not_shown(
        self, tmp_path: Path, persons: int, waves: tuple[str, str], stray: tuple[str, str], drafted: str
    ) -> None:
        rows = [f"{person},{wave},{person / 7:.2f}" for person in range(persons) for wave in waves]
        content = "\n".join(["id,wave,q", *rows, *(f"{8 + n},{word},1" for n, word in enumerate(stray))])
        (tmp_path / "a.csv").write_text(content, encoding="utf-8")
        found = draft(tmp_path / "a.csv").replace('"0"', "0").replace('"12"', "12")
        assert f"waves = {{ {drafted} }}" in found
        assert "Ka" not in found

    def test_a_block_merged_over_a_whole_row(self, tmp_path: Path) -> None:
        """A title over all 16,384 columns of a sheet was held against the sources 16,384 times."""
        rows = [["Tabell 1"], *RIGHT]
        write_table(tmp_path / "a.xlsx", rows)
        book = openpyxl.load_workbook(tmp_path / "a.xlsx")
        book.active.merge_cells("A1:XFD1")
        book.save(tmp_path / "a.xlsx")
        (grid,) = excel_grids((tmp_path / "a.xlsx").read_bytes())
        assert {len(row) for row in grid.rows} == {len(RIGHT[0])}
        assert grid.rows[0] == ("Tabell 1",) * len(RIGHT[0])
        assert grid.rows[1][0] == "Forfattar (år)"

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.csv")
        (tmp_path / "study.toml").write_text(
            f'[data]\nfile = "a.csv"\n{STUDY}[outcomes.q]\ncolumn = "q"\nhigher_is = "better"\n[group]\ncolumn = "g"\n',
            encoding="utf-8",
        )
        os.mkfifo(tmp_path / "piped.toml")
        for name in ("study.toml", "piped.toml"):
            code, said = problem_of(lambda name=name: ls.load(tmp_path / name))
            assert (code, said) == ("file_unreadable", "is a device or a pipe, and no file")


def draft(path: Path, sheet: str = "") -> str:
    return draft_study(path, beside=path.parent, sheet=sheet)


def workbook(*, block: str = "", far: str = "") -> bytes:
    """A workbook of two rows, with merged or linked cells as nobody could make them in a second, or a cell far off."""
    book = openpyxl.Workbook()
    book.active.append(["id", "q"])
    book.active.append([1, 2])
    if far:
        book.active[far] = 1
    plain, made = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</worksheet>", f"{block}</worksheet>".encode()))
    return made.getvalue()


def unpacking() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\x00" * 300_000_001)
    return made.getvalue()


MERGED = '<mergeCells><mergeCell ref="A3:C1048576"/></mergeCells>'
LINKED = '<hyperlinks><hyperlink ref="$A$1:$XFD$1000"/></hyperlinks>'


class TestTooLarge:
    @pytest.mark.parametrize(
        ("content", "what"),
        [
            (workbook(block=MERGED), "has merged or linked blocks that reach over whole columns"),
            (workbook(block=LINKED), "has merged or linked blocks that reach over whole columns"),
            (workbook(far="E1048576"), "has a sheet that reaches to row 1048576 and column 5"),
        ],
    )
    def test_workbooks(self, tmp_path: Path, content: bytes, what: str) -> None:
        (tmp_path / "a.xlsx").write_bytes(content)
        assert problem_of(lambda: draft(tmp_path / "a.xlsx")) == ("too_large", what)
        code, said = problem_of(lambda: ls.check_review_table(tmp_path / "a.xlsx"))
        # Of a table of works it is told that it is damaged where only the last cell is far off.
        assert (code, said == what) in {("too_large", True), ("damaged", False)}

    def test_a_workbook_that_unpacks_to_more_than_a_computer_holds(self, tmp_path: Path) -> None:
        (tmp_path / "a.xlsx").write_bytes(unpacking())
        assert problem_of(lambda: draft(tmp_path / "a.xlsx")) == (
            "too_large",
            "holds 300 MB when unpacked",
        )

    @pytest.mark.parametrize("block", ["", '<mergeCells><mergeCell ref="A5:B9000"/></mergeCells>'])
    def test_others_are_opened(self, block: str) -> None:
        assert workbook_excess(workbook(block=block)) == ""

    def test_another_sheet_may_be_large(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.title = "Svar"
        for row in (["id", "q"], [1, 2], [2, 3]):
            book.active.append(row)
        book.create_sheet("Annet")["E1048576"] = 1
        book.save(tmp_path / "a.xlsx")
        assert 'file = "a.xlsx"' in draft(tmp_path / "a.xlsx", sheet="Svar")

    def test_parquet_of_few_bytes_and_many_rows(self, tmp_path: Path) -> None:
        nothing = pyarrow.nulls(2_500_001)
        pyarrow.parquet.write_table(pyarrow.table({"a": nothing, "b": nothing}), tmp_path / "a.parquet")
        assert (tmp_path / "a.parquet").stat().st_size < 10_000
        assert problem_of(lambda: draft(tmp_path / "a.parquet")) == (
            "too_large",
            "has 2500001 rows and 2 columns",
        )


@pytest.mark.parametrize(("at", "put"), [(6, b"\xff"), (8, b"\x00\x08")])
def test_archives_that_python_does_not_open(tmp_path: Path, at: int, put: bytes) -> None:
    """In the list of members: a version of zip that is not there yet; a name said to be UTF-8 that is not."""
    content = bytearray(workbook().replace(b"docProps/app.xml", b"docProps/\xff\xff\xff.xml"))
    place = content.index(b"PK\x01\x02") + at
    content[place : place + len(put)] = put
    (tmp_path / "a.xlsx").write_bytes(bytes(content))
    assert problem_of(lambda: ls.check_review_table(tmp_path / "a.xlsx"))[0] == "damaged"
    assert problem_of(lambda: draft(tmp_path / "a.xlsx"))[0] == "not_readable"
