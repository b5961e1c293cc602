"""A look through a folder before it is shared: each rule in each format, and nothing where nothing is."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import docx
import matplotlib.pyplot as plt
import openpyxl
import pandas as pd
import pytest
from PIL import Image, PngImagePlugin

import larstudy as ls
from larstudy.cli import main
from larstudy.exports.pieces import markdown_tables
from larstudy.figures import save_bytes
from tests.conftest import STUDY, FullRun, twelve_long, write_study
from tests.test_identifiers import BORN

MAIL = "kanari@klinikk.example"


def found(folder: Path, **options: str) -> dict[tuple[str, str], int]:
    """Return code and place of each finding to how many."""
    report = ls.check_outputs(folder, **options)  # type: ignore[arg-type]
    # What was found stands in no word of the report.
    for text in (report.summary(), report.table().to_markdown(), repr(report)):
        assert BORN not in text
        assert "kanari" not in text.lower()
    return {(one.code, one.place): one.n for one in report.findings if one.severity == "finding"}


class TestRules:
    def write(self, folder: Path, text: str, name: str = "notes.md") -> Path:
        (folder / name).write_text(text, encoding="utf-8")
        return folder

    @pytest.mark.parametrize(
        "text",
        [
            "n = 4",
            "(n=1)",
            "N = 2.",
            "n = 3, mean 4.5",
            "4 people came",
            "2 personer",
            "1 person",
            "3 pasientar",
        ],
    )
    def test_small_numbers_of_people(self, tmp_path: Path, text: str) -> None:
        assert found(self.write(tmp_path, text)) == {("small_count", "line 1"): 1}

    @pytest.mark.parametrize(
        "text",
        ["n = 5", "n = 0", "n = 40", "n = 4.5", "n = 1,240", "1 to 4 people", "1 til 4 personer", "< 5 persons",
         "fewer than 3 persons", "færre enn 5 personer", "0.4 people", "12 people", "men = 3", "1–4 people"],
    )  # fmt: skip
    def test_what_is_no_small_number(self, tmp_path: Path, text: str) -> None:
        assert found(self.write(tmp_path, text)) == {}

    def test_a_stricter_preset(self, tmp_path: Path) -> None:
        self.write(tmp_path, "n = 7\nn = 9\nn = 10")
        assert found(tmp_path) == {}
        assert found(tmp_path, preset="uk10") == {("small_count", "line 1"): 1, ("small_count", "line 2"): 1}
        with pytest.raises(ls.LarstudyError, match=r"There is no preset 'n4'\. Known: n5"):
            ls.check_outputs(tmp_path, preset="n4")

    def test_identities_in_text(self, tmp_path: Path) -> None:
        self.write(tmp_path, f"a {BORN}, {BORN}\n\nand {MAIL}")
        assert found(tmp_path) == {("identity_number", "line 1"): 2, ("email_address", "line 3"): 1}

    def test_tables(self, tmp_path: Path) -> None:
        self.write(
            tmp_path, "| Gruppe | n | Andel |\n| --- | --- | --- |\n| a | 3 | 3 (30 %) |\n| b | 12 | 40 % |"
        )
        assert found(tmp_path) == {
            ("small_count", "line 1, column 'n'"): 1, ("small_count", "line 1, column 'Andel'"): 1,
        }  # fmt: skip

    def test_rows_of_people(self, tmp_path: Path) -> None:
        self.write(tmp_path, "pasientnr;navn;skår\n17;A;3\n18;B;4\n19;C;5\n", "rows.csv")
        assert found(tmp_path) == {
            ("person_rows", "rows, column 'pasientnr'"): 3, ("identifying_name", "rows, column 'navn'"): 3,
        }  # fmt: skip
        # Of several rows each, or of two, it is no list of persons.
        self.write(tmp_path, "person,n\na,10\na,20\nb,30\n", "rows.csv")
        assert found(tmp_path) == {}

    def test_ids_of_the_study(self, tmp_path: Path) -> None:
        frame = twelve_long().assign(id=lambda f: "LAR-" + f["id"].astype(str).str.zfill(3), fnr=BORN)
        text = STUDY.replace('layout = "long"', 'layout = "long"\ndrop = ["fnr"]')
        (tmp_path / "own").mkdir()
        study = write_study(tmp_path / "own", frame, text)
        out = tmp_path / "out"
        out.mkdir()
        self.write(out, "seen: LAR-003 and LAR-012, not LAR-099", "a.md")
        self.write(out, "fnr,n\nx,10\n", "b.csv")
        assert found(out) == {("identifying_name", "rows, column 'fnr'"): 1}
        assert found(out, study=str(study)) == {
            ("person_id", "line 1"): 2, ("person_rows", "rows, column 'fnr'"): 1,
        }  # fmt: skip
        (tmp_path / "own" / "study.toml").write_text("[data]\nlayout = 'round'", encoding="utf-8")
        with pytest.raises(ls.LarstudyError, match=r"'study\.toml' has problems: run larstudy check"):
            ls.check_outputs(out, study=study)


class TestFormats:
    def test_a_page(self, tmp_path: Path) -> None:
        text = (
            f'<html><head><title>{MAIL}</title></head><body><!-- {BORN} --><img alt="n = 2">\n'
            "<table><tr><th>n</th></tr><tr><td><b>3</b></td></tr></table><table><td>x</td></table></body>"
        )
        (tmp_path / "page.html").write_text(text, encoding="utf-8")
        assert found(tmp_path) == {
            ("email_address", "line 1"): 1, ("identity_number", "line 1"): 1, ("small_count", "line 1"): 1,
            ("small_count", "table 1, column 'n'"): 1,
        }  # fmt: skip

    def test_a_document_with_comments_and_properties(self, tmp_path: Path) -> None:
        document = docx.Document()
        document.add_paragraph("Only n = 3 were left.")
        table = document.add_table(rows=2, cols=2)
        for cell, text in zip(
            [c for row in table.rows for c in row.cells], ["Group", "n", "a", "2"], strict=True
        ):
            cell.text = text
        document.core_properties.comments = f"from {MAIL}"
        document.sections[0].header.paragraphs[0].text = BORN
        document.save(str(tmp_path / "report.docx"))
        assert found(tmp_path) == {
            ("small_count", "document, paragraph 1"): 1, ("small_count", "document, table 1, column 'n'"): 1,
            ("email_address", next(p for c, p in found(tmp_path) if c == "email_address")): 1,
            ("identity_number", "header1, paragraph 1"): 1,
        }  # fmt: skip
        assert any(c == "email_address" and p.startswith("core, paragraph") for c, p in found(tmp_path))

    def test_a_workbook_with_a_hidden_sheet(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "Table"
        sheet.append(["Group", "n"])
        sheet.append(["a", 3])
        hidden = book.create_sheet("Rows")
        hidden.append(["pid", "fnr"])
        for row in range(3):
            hidden.append([row, int(BORN)])
        hidden.sheet_state = "hidden"
        book.save(tmp_path / "tables.xlsx")
        assert found(tmp_path) == {
            ("small_count", "sheet 'Table', column 'n'"): 1, ("hidden_sheet", "sheet 'Rows'"): 1,
            ("person_rows", "sheet 'Rows', column 'pid'"): 3, ("identity_number", "sheet 'Rows'"): 3,
            ("identifying_name", "sheet 'Rows', column 'fnr'"): 3,
        }  # fmt: skip

    def test_a_workbook_as_excel_writes_it(self, tmp_path: Path) -> None:
        """Words in a list of their own, and empty cells left out: the 3 stands below n, in the third column."""
        sheet = (
            '<worksheet xmlns="x"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c>'
            '<c r="C1" t="s"><v>2</v></c></row><row r="2"><c r="A2" t="s"><v>3</v></c><c r="C2"><v>3</v></c></row>'
            '<row r="3"><c r="A3" t="s"><v>9</v></c><c r="XFDXFD3"><v>1</v></c></row></sheetData></worksheet>'
        )
        words = ["Group", "Remark", "n", MAIL]
        parts = {
            "xl/workbook.xml": '<workbook xmlns:r="r"><sheets><sheet name="T" r:id="rId1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<r><x Id="rId1" Target="worksheets/sheet1.xml"/></r>',
            "xl/sharedStrings.xml": "<sst>" + "".join(f"<si><t>{w}</t></si>" for w in words) + "</sst>",
            "xl/worksheets/sheet1.xml": sheet,
        }
        with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
            for name, text in parts.items():
                archive.writestr(name, text)
        assert found(tmp_path) == {
            ("small_count", "sheet 'T', column 'n'"): 1, ("email_address", "sheet 'T'"): 1,
        }  # fmt: skip

    def test_a_file_inside_a_document(self, tmp_path: Path) -> None:
        document = docx.Document()
        document.save(str(tmp_path / "report.docx"))
        with zipfile.ZipFile(tmp_path / "report.docx", "a") as archive:
            archive.writestr("word/embeddings/data.sav", b"x")
        assert found(tmp_path) == {("embedded_file", "data.sav"): 1}

    def test_a_notebook(self, tmp_path: Path) -> None:
        frame = pd.DataFrame({"pid": ["a", "b", "c"], "qol": [1.0, 2.0, 3.0]})
        outputs = [
            {"output_type": "execute_result",
             "data": {"text/html": frame.to_html().splitlines(True), "text/plain": "n = 3"}},
            {"output_type": "stream", "text": [f"{MAIL}\n", BORN]},
            {"output_type": "error", "traceback": [f"ValueError: {BORN}"]},
            {"output_type": "display_data", "data": {"application/json": {"who": MAIL}}},
        ]  # fmt: skip
        cells = [{"cell_type": "code", "source": ["# n = 2"], "outputs": outputs}]
        (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
        assert found(tmp_path) == {
            ("person_rows", "output of cell 1, table 1, column 'pid'"): 3,
            ("small_count", "output of cell 1, line 1"): 1, ("small_count", "cell 1, line 1"): 1,
            ("identity_number", "output of cell 1, line 2"): 1, ("trace", "output of cell 1"): 1,
            ("identity_number", "output of cell 1, line 1"): 1, ("email_address", "output of cell 1, line 1"): 2,
        }  # fmt: skip

    def test_figures(self, tmp_path: Path, help_analysis: ls.Analysis) -> None:
        where = {"outcome": "mental", "to_wave": "month12"}
        drawn = help_analysis.figure("change_by_group", **where, private=False)  # type: ignore[arg-type]
        (tmp_path / "points.svg").write_bytes(drawn.to_bytes("svg"))
        plain = help_analysis.figure("change_by_group", **where)  # type: ignore[arg-type]
        (tmp_path / "plain.svg").write_bytes(plain.to_bytes("svg"))
        report = ls.check_outputs(tmp_path)
        # A mark for each of the four groups.
        assert [(o.file, o.code, o.n) for o in report.findings] == [("points.svg", "single_persons", 4)]
        figure = plt.figure()
        (tmp_path / "points.svg").unlink()
        (tmp_path / "words.png").write_bytes(save_bytes(figure, "png", alt=f"of {MAIL}, n = 3"))
        plt.close("all")
        assert found(tmp_path) == {
            ("email_address", "words in the file"): 1, ("small_count", "words in the file"): 1,
        }  # fmt: skip

    @pytest.mark.parametrize("packed", [False, True])
    def test_words_in_a_picture(self, tmp_path: Path, packed: bool) -> None:
        words = PngImagePlugin.PngInfo()
        words.add_text("Author", MAIL, zip=packed)
        words.add_itxt("Place", BORN, zip=packed)
        Image.new("L", (1, 1)).save(tmp_path / "a.png", pnginfo=words)
        assert found(tmp_path) == {
            ("email_address", "words in the file"): 1, ("identity_number", "words in the file"): 1,
        }  # fmt: skip

    @pytest.mark.parametrize("name", ["a.sav", "b.parquet", "c.pkl", "d.dta"])
    def test_data(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(b"x")
        assert found(tmp_path) == {("data_file", "whole file"): 1}

    def test_what_cannot_be_looked_into(self, tmp_path: Path) -> None:
        (tmp_path / "a.zip").write_bytes(b"x")
        (tmp_path / "b.docx").write_bytes(b"PK\3\4 not whole")
        (tmp_path / "c.ipynb").write_text("[1]", encoding="utf-8")
        (tmp_path / "d.bin").write_bytes(b"\0\1\2")
        (tmp_path / "e.ipynb").write_text('{"cells": [3]}', encoding="utf-8")
        (tmp_path / "f.csv").symlink_to(tmp_path / "gone.csv")
        report = ls.check_outputs(tmp_path)
        codes = {one.file: one.code for one in report.findings}
        assert codes == {
            "a.zip": "archive", "b.docx": "not_readable", "c.ipynb": "not_readable", "d.bin": "not_readable",
            "e.ipynb": "not_readable", "f.csv": "not_readable",
        }  # fmt: skip
        assert not report.ok

    def test_a_document_that_would_fill_the_memory(self, tmp_path: Path) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", b" " * 70_000_000)
        (tmp_path / "a.docx").write_bytes(buffer.getvalue())
        assert found(tmp_path) == {("not_readable", "whole file"): 1}

    def test_pictures_are_for_the_eye(self, tmp_path: Path) -> None:
        (tmp_path / "a.pdf").write_bytes(b"%PDF")
        report = ls.check_outputs(tmp_path)
        assert report.ok
        assert "Not looked into, for your own eyes: a.pdf." in report.summary()

    def test_encodings(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("gruppe\tantall\nblå\t3\n", encoding="utf-16")
        (tmp_path / "b.csv").write_text("gruppe;antall\nblå;2\n", encoding="cp1252")
        report = ls.check_outputs(tmp_path)
        assert [(o.file, o.place) for o in report.findings] == [
            ("a.csv", "rows, column 'antall'"), ("b.csv", "rows, column 'antall'"),
        ]  # fmt: skip


class TestOurOwn:
    def test_what_is_protected_and_what_is_not(self, tmp_path: Path, full_run: FullRun) -> None:
        """The twelve, written as open data, and as they are by default: groups of 4, 3, 2 and 1."""
        study = write_study(tmp_path, twelve_long())
        assert main(["analyse", str(study), "--out", str(tmp_path / "out"), "--quiet"]) == 0
        assert found(tmp_path / "out") == {}
        assert found(tmp_path / "out", study=str(study)) == {}
        # The run says that nothing was withheld, and was allowed to; by the usual rule much is small.
        assert found(full_run.folder) == {}
        codes = {code for code, _ in found(full_run.folder, preset="n5")}
        assert codes == {"small_count"}

    def test_a_table_that_is_put_into_the_folder_later(self, tmp_path: Path, full_run: FullRun) -> None:
        record = json.loads((full_run.folder / "run.json").read_text(encoding="utf-8"))
        for name in ("run.json", "tables/change.csv"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes((full_run.folder / name).read_bytes())
        assert record["disclosure"]["minimum"] == 0
        assert found(tmp_path) == {}
        (tmp_path / "tables" / "mine.csv").write_text("group,n\na,3\n", encoding="utf-8")
        assert found(tmp_path) == {("small_count", "rows, column 'n'"): 1}

    @pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3, "disclosure": {"preset": "synthetic"}}'])
    def test_a_record_that_is_none(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "run.json").write_text(text, encoding="utf-8")
        (tmp_path / "a.csv").write_text("group,n\na,3\n", encoding="utf-8")
        assert found(tmp_path) == {("small_count", "rows, column 'n'"): 1}


class TestReport:
    def test_command(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "a.csv").write_text("group,n\na,3\nb,4\n", encoding="utf-8")
        assert main(["check-outputs", str(tmp_path)]) == 1
        said = capsys.readouterr().out
        assert "1 file, 1 finding. Small are counts below 5" in said
        assert "[small_count] a.csv, rows, column 'n': a number of people from 1 to 4 (2)." in said
        (tmp_path / "a.csv").write_text("group,n\na,30\n", encoding="utf-8")
        assert main(["check-outputs", str(tmp_path), "--preset", "ssb3"]) == 0
        assert "nothing found. Small are counts below 3 ('ssb3')." in capsys.readouterr().out

    def test_no_folder(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check-outputs", str(tmp_path / "gone")]) == 1
        assert "There is no folder" in capsys.readouterr().err

    def test_as_a_result(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_text("group,n\na,3\nb,4\n", encoding="utf-8")
        report = ls.check_outputs(tmp_path)
        assert report.to_frame()[["severity", "code", "file", "n"]].values.tolist() == [
            ["finding", "small_count", "a.csv", 2]
        ]
        assert report.plot().data["n"].tolist() == [1]
        plt.close("all")


def test_markdown_tables_end_where_they_end() -> None:
    assert markdown_tables(["| a |", "|---|", "| 1 |", "", "| 2 |"]) == [(1, [["a"], ["1"]])]
    assert markdown_tables(["a - b", "c | d"]) == []
    assert markdown_tables(["---"]) == []
