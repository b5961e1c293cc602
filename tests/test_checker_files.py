"""The files that students hand over: every format, odd ones, and what the command line says of them."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import docx
import openpyxl
import pandas as pd
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.specs.evidence_reading import read_evidence, shipped_claims
from tests.student_tables import RIGHT, write_table, wrong_rows
from tests.test_checker import flagged

MULLER = "Muller et al. (2017)"


def word(*tables: list[list[str]]) -> docx.document.Document:
    document = docx.Document()
    for rows in tables:
        table = document.add_table(rows=len(rows), cols=len(rows[0]))
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
        document.add_paragraph("")
    return document


def problem(path: Path) -> ls.errors.Problem:  # type: ignore[name-defined]
    with pytest.raises(ls.LarstudyError) as caught:
        ls.check_review_table(path)
    (found,) = caught.value.problems  # type: ignore[attr-defined]
    return found


def zipped(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return buffer.getvalue()


class TestUnreadable:
    @pytest.mark.parametrize(
        ("name", "content", "code", "remedy"),
        [
            ("empty.docx", b"", "empty_file", "right file"),
            ("text.docx", b"hello", "damaged", "Open it in Word"),
            ("cut.xlsx", b"PK\x03\x04nothing", "damaged", "protected by a password"),
            ("other.docx", zipped({"a.txt": "x"}), "damaged", "Open it in Word"),
            ("bomb.docx", zipped({"word/document.xml": "0" * 100_000_001}), "too_large", "Copy the table alone"),
            ("big.csv", b"x,y\n" * 2_500_000, "too_large", "Copy the table alone"),
            ("blank.csv", b" \n", "empty_file", "right file"),
            ("nul.csv", b"a\x00b,c\n1,2", "encoding", ".docx, .xlsx, .csv or .md"),
            ("odd.csv", b"\xff\xfea", "encoding", ".docx, .xlsx, .csv or .md"),
            ("long.csv", b'Study,n\nMuller 2017,' + b"x" * 140_000, "not_csv", "quotation marks"),
            ("quote.csv", b'Study,n\n"Muller 2017,338\n', "not_csv", "quotation marks"),
            ("thesis.pdf", b"%PDF", "format", "the document that it was made from"),
            ("old.doc", b"\xd0\xcf", "format", "Save it as .docx"),
            ("noname", b"x", "format", ".docx, .xlsx, .csv or .md"),
            ("plain.md", b"# Title\n\nno table | here\n", "no_table", "a table and no picture"),
            ("header.csv", b"Forfattar,n\n", "no_rows", "Fill in the table"),
            ("numbers.csv", b"a,b\n1,2\n", "no_heading", "Author (year)"),
        ],
    )  # fmt: skip
    def test_says_what_and_what_to_do(
        self, name: str, content: bytes, code: str, remedy: str, tmp_path: Path, capsys
    ) -> None:
        path = tmp_path / name
        path.write_bytes(content)
        found = problem(path)
        assert (found.code, found.where) == (code, name)
        assert remedy in found.remedy
        # The command line leaves with 2, and no traceback.
        assert main(["review", "check", str(path)]) == 2
        assert capsys.readouterr().err.startswith(f"[{code}] {name}: ")

    def test_absent_and_no_file(self, tmp_path: Path) -> None:
        assert problem(tmp_path / "none.docx").code == "file_missing"
        (tmp_path / "folder.csv").mkdir()
        assert problem(tmp_path / "folder.csv").code == "file_unreadable"

    def test_documents_without_a_table_of_works(self, tmp_path: Path) -> None:
        word().save(str(tmp_path / "a.docx"))
        assert problem(tmp_path / "a.docx").code == "no_table"
        word([["Søkjeord", "Treff"], ["LAR", "12"]], [["x", "y"], ["1", "2"]]).save(str(tmp_path / "b.docx"))
        found = problem(tmp_path / "b.docx")
        assert "none of its 2 tables has a row of headings" in found.what
        openpyxl.Workbook().save(tmp_path / "a.xlsx")
        assert problem(tmp_path / "a.xlsx").code == "no_table"

    @pytest.mark.parametrize(
        ("frame", "code"),
        [(pd.DataFrame(), "no_heading"), (pd.DataFrame({"a": [[1, 2]], "b": [pd.NA]}), "no_heading"), (pd.DataFrame({"Study": [], "n": []}), "no_rows"), (pd.DataFrame({1: [1], 2: [2]}), "no_heading")],
    )  # fmt: skip
    def test_frames(self, frame: pd.DataFrame, code: str) -> None:
        with pytest.raises(ls.LarstudyError, match=rf"\[{code}\] data frame"):
            ls.check_review_table(frame)


class TestOddTables:
    def test_a_title_that_runs_over_the_table(self, tmp_path: Path) -> None:
        document = word([["", "", ""], ["Forfattar (år)", "n", "Land"], [MULLER, "548", "Noreg"]])
        table = document.tables[0]
        table.cell(0, 0).merge(table.cell(0, 2))
        table.cell(0, 0).text = "Tabell 1 Oversikt over studien"
        document.save(str(tmp_path / "t.docx"))
        assert flagged(ls.check_review_table(tmp_path / "t.docx")) == [(3, "n", "baseline_n")]

    def test_two_tables_and_one_about_something_else(self, tmp_path: Path) -> None:
        rows = [["Studie", "n"], [MULLER, "338"]]
        other = [["Studie", "n"], [MULLER, "548"]]
        word(rows, [["Søkjeord", "Treff"], ["LAR", "12"]], other).save(str(tmp_path / "t.docx"))
        checked = ls.check_review_table(tmp_path / "t.docx")
        assert [(r.table, r.row) for r in checked.remarks if r.kind == "wrong"] == [(3, 2)]
        assert "tabell 3, Rad 2" in checked.text()
        assert checked.table().columns[0].name == "table_number"

    def test_a_heading_of_two_lines_in_merged_cells(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        for row in (
            [None, None, None, None],
            ["Studie", "Resultat før", None, "Land"],
            [None, "M", "SD", None],
            ["Aas et al. (2020)", 0.699, 0.01, "Noreg"],
        ):
            sheet.append(row)
        sheet.merge_cells("B2:C2")
        book.create_sheet("tom")
        book.save(tmp_path / "t.xlsx")
        checked = ls.check_review_table(tmp_path / "t.xlsx")
        # The row is told by its number in the sheet; the column by both lines.
        assert flagged(checked) == [(4, "Resultat før SD", "se_for_sd")]

    def test_what_excel_makes_of_pages_and_shares(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        sheet.append(["Studie", "Side", "Andel i LAR", "Rapport"])
        sheet.append(["Pettersen et al. (2019)", datetime.datetime(2026, 7, 5), None, None])
        sheet.append([MULLER, 434, 0.64, None])
        sheet.append(["Hansen et al. (2019)", "64", None, datetime.time(20, 19)])
        sheet["C3"].number_format = "0%"
        book.save(tmp_path / "t.xlsx")
        checked = ls.check_review_table(tmp_path / "t.xlsx")
        assert flagged(checked) == [(2, "Side", "excel_date"), (4, "Rapport", "excel_date")]
        assert [(r.written, r.kind) for r in checked.remarks if r.column == "Andel i LAR"] == [
            ("64 %", "right")
        ]

    def test_columns_without_a_heading_at_the_end(self, tmp_path: Path) -> None:
        (tmp_path / "t.csv").write_text("Study;n;\nMuller 2017;548;\n", encoding="utf-8")
        assert flagged(ls.check_review_table(tmp_path / "t.csv")) == [(2, "n", "baseline_n")]

    def test_a_missing_package_is_named(self, tmp_path: Path, monkeypatch) -> None:
        path = write_table(tmp_path / "t.docx", RIGHT)

        def absent(name: str) -> object:
            raise ImportError(name)

        monkeypatch.setattr("larstudy.table_files.import_module", absent)
        with pytest.raises(ls.LarstudyError, match=r'pip install "larstudy\[word\]"'):
            ls.check_review_table(path)

    def test_a_decimal_comma_that_cuts_a_cell_in_two(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        path.write_text(
            "Study,Mean,Country\nVederhus 2016,0,46,Norway\nMuller 2017,,Norway\n", encoding="utf-8"
        )
        checked = ls.check_review_table(path)
        assert flagged(checked) == [(2, "Study", "split_cell")]
        assert "semicolons" in checked.text()

    @pytest.mark.parametrize(
        ("encoding", "separator", "declared"),
        [("utf-8", ",", ""), ("utf-8-sig", ";", ""), ("cp1252", ";", ""), ("utf-16", "\t", ""), ("utf-8", ";", "sep=;\n")],
    )  # fmt: skip
    def test_every_way_of_writing_csv(
        self, encoding: str, separator: str, declared: str, tmp_path: Path
    ) -> None:
        rows = [[str(c).replace("−", "-").replace("→", "-") for c in row] for row in wrong_rows()]
        path = write_table(tmp_path / "t.csv", rows, encoding=encoding, separator=separator)
        if declared:
            path.write_bytes(declared.encode() + path.read_bytes())
        checked = ls.check_review_table(path)
        assert len(flagged(checked)) == 12
        assert flagged(checked)[0][0] == (3 if declared else 2)

    def test_pipes_in_a_text_file_and_without_edges(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("| Study | n |\n|---|---|\n| Muller 2017 | 548 |\n", encoding="utf-8")
        (tmp_path / "b.md").write_text(
            "Study | n\n--- | ---\n**Muller** 2017 | 548<br>\n\nend", encoding="utf-8"
        )
        (tmp_path / "c.md").write_text(
            "Study | Note | n\n--- | --- | ---\nMuller 2017 | a\\|b | 548", encoding="utf-8"
        )
        for name in ("a.txt", "b.md", "c.md"):
            assert flagged(ls.check_review_table(tmp_path / name)) == [(2, "n", "baseline_n")], name


class TestCommand:
    def test_exit_codes_and_text(self, tmp_path: Path, capsys) -> None:
        assert main(["review", "check", str(write_table(tmp_path / "rett.md", RIGHT))]) == 0
        assert "Ikkje noko vart funne å vere feil." in capsys.readouterr().out
        assert main(["review", "check", str(write_table(tmp_path / "feil.docx", wrong_rows()))]) == 1
        out = capsys.readouterr().out
        assert "FEIL (12)\n- Rad 2, Muller mfl. (2017)" in out
        assert main(["review", "check", str(tmp_path / "feil.docx"), "--lang", "en"]) == 1
        assert "WRONG (12)" in capsys.readouterr().out

    @pytest.mark.parametrize("kind", ["md", "html", "docx", "csv", "txt", "xlsx"])
    def test_report_as_a_file(self, kind: str, tmp_path: Path, capsys) -> None:
        table, out = write_table(tmp_path / "feil.csv", wrong_rows()), tmp_path / f"rapport.{kind}"
        assert main(["review", "check", str(table), "--out", str(out)]) == 1
        shown = capsys.readouterr().out
        assert "Feil: 12." in shown
        assert f"Written to {out}." in shown
        if kind == "docx":
            (found,) = docx.Document(str(out)).tables
            assert [cell.text for cell in found.rows[0].cells][:3] == ["Radnummer", "Arbeid", "Kolonne"]
        elif kind == "csv":
            frame = pd.read_csv(out)
            assert (frame["kind"] == "wrong").sum() == 12
            assert "se_for_sd" in set(frame["diagnosis"])
        elif kind != "xlsx":
            assert "SE" in out.read_text(encoding="utf-8") or "standardfeil" in out.read_text(
                encoding="utf-8"
            )
        # Nothing is overwritten, the student's table least of all.
        assert main(["review", "check", str(table), "--out", str(out)]) == 1
        assert main(["review", "check", str(table), "--out", str(table)]) == 1
        assert "nothing is overwritten" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["check"], "Name the table"),
            (["check", "t.md", "--columns", "work"], "without --columns"),
            (["table", "t.md"], "A file is for 'check', not for 'table'"),
            (["check", "{right}", "--format", "bib"], "There is no format 'bib'"),
            (["check", "{right}", "--format", "docx"], "name it with --out FILE.docx"),
        ],
    )
    def test_what_does_not_go_together(
        self, arguments: list[str], message: str, tmp_path: Path, capsys
    ) -> None:
        right = write_table(tmp_path / "rett.md", RIGHT)
        assert main(["review", *(a.format(right=right) for a in arguments)]) == 1
        assert message in capsys.readouterr().err

    def test_other_parts_are_in_english_unless_told(self, capsys) -> None:
        assert main(["review", "flow"]) == 0
        assert "Records found" in capsys.readouterr().out


CLAIMS = """\
title = "Sleep"
languages = ["en"]
bibliography = "my.bib"
studies = "my_studies.toml"
facts = "my_facts.toml"

[reasons]
interviews = "Interviews"

[populations]
nurses = "Nurses"

[claims.N1]
kind = "qualitative"
source = "hay2020"
page = "12-14"
population = "nurses"
text = "Nurses told of short nights"
why_not = ["interviews"]
"""
BIB = """\
@article{hay2020, author = {Hay, B. and Ødegård, C.}, title = {Sleep}, year = 2020, pages = {10--20}}
@article{day2021, author = {Day, E.}, title = {Rest}, year = 2021}
"""
STUDIES = """\
[studies.hay2020]
role = "reviewed"
read = "full_text"
design = "Cohort"
country = "Norway"
sample = "120 nurses, who were 95 patients too"

[studies.day2021]
role = "reviewed"
read = "full_text"
sample = "Shifts: 3 wards, n = 44"
"""
# Change 4 with SDs 8 and 8: d_av = 4 / 8 = 0.5. SD of the change 5: d_z = 4 / 5 = 0.8.
FACTS = """\
[labels]
n = "persons"
sleep = "hours of sleep"

[facts.n]
work = "hay2020"
label = "n"
quantity = "n"
role = "analysed"
printed = "64"
confidence = "T"

[facts]
before = { work = "hay2020", label = "sleep", quantity = "mean", measure = "sleep", wave = "start", printed = "20.0", confidence = "T", place = "Table 2" }
after = { work = "hay2020", label = "sleep", quantity = "mean", measure = "sleep", wave = "follow_up", printed = "24.0", confidence = "T" }
sd_before = { work = "hay2020", label = "sleep", quantity = "sd", measure = "sleep", wave = "start", printed = "8.0", n = 64, confidence = "T" }
sd_after = { work = "hay2020", label = "sleep", quantity = "sd", measure = "sleep", wave = "follow_up", printed = "8.0", n = 64, confidence = "T" }
spread = { work = "hay2020", label = "sleep", quantity = "sd_change", measure = "sleep", printed = "5.0", confidence = "T" }
"""


def own(folder: Path, facts: str = FACTS) -> Path:
    texts = {"claims.toml": CLAIMS, "my.bib": BIB, "my_studies.toml": STUDIES, "my_facts.toml": facts}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "claims.toml"


# [facts.n] and then [facts] would declare the table twice.
FACTS = FACTS.replace("[facts.n]\n", "").replace(
    'work = "hay2020"\nlabel = "n"\nquantity = "n"\nrole = "analysed"\nprinted = "64"\nconfidence = "T"\n\n[facts]\n',
    '[facts]\nn = { work = "hay2020", label = "n", quantity = "n", role = "analysed", printed = "64", confidence = "T" }\n',
)


class TestOwnRegistry:
    def checked(self, folder: Path, facts: str = FACTS, **columns: object) -> list[tuple[str, str, str]]:
        frame = pd.DataFrame({name: [value] for name, value in columns.items()})
        found = ls.check_review_table(frame, claims_file=own(folder, facts))
        return [(r.kind, r.diagnosis, r.says) for r in found.remarks if r.diagnosis != "found"]

    def test_effect_sizes_taken_for_each_other(self, tmp_path: Path) -> None:
        assert self.checked(tmp_path, Study="Hay & Odegard 2020", d_av="0.80")[0][:2] == (
            "wrong",
            "d_z_for_d_av",
        )
        assert self.checked(tmp_path, Study="Hay & Odegard 2020", d_z="0.50")[0][:2] == (
            "wrong",
            "d_av_for_d_z",
        )
        assert self.checked(tmp_path, Study="Hay 2020", d_z="0.80", d_av="0.5") == [
            ("right", "number", "0.8 (hours of sleep)"),
            ("right", "number", "0.5 (hours of sleep)"),
        ]

    def test_d_z_from_the_correlation(self, tmp_path: Path) -> None:
        # SD of the change by r = 0.5: sqrt(64 + 64 - 2 * 0.5 * 64) = 8, so d_z = 4 / 8 = d_av
        facts = FACTS.replace(
            'quantity = "sd_change", measure = "sleep", printed = "5.0"',
            'quantity = "correlation", measure = "sleep", printed = "0.5"',
        )
        assert self.checked(tmp_path, facts, Study="Hay 2020", d_z="0.50")[0][0] == "right"

    def test_change_and_standard_error(self, tmp_path: Path) -> None:
        # 8 / sqrt(64) = 1
        assert self.checked(tmp_path, Study="Hay 2020", SD="1.0")[0][1] == "se_for_sd"
        assert self.checked(tmp_path, Study="Hay 2020", Change="-4.0")[0][1] == "sign"
        assert self.checked(tmp_path, Study="Hay 2020", Findings="Sleep fell by 4.0 hours")[0][1] == "sign"

    def test_a_trial_may_speak_of_effects(self, tmp_path: Path) -> None:
        studies = STUDIES.replace('"Cohort"', '"Randomised controlled trial"')
        path = own(tmp_path)
        (tmp_path / "my_studies.toml").write_text(studies, encoding="utf-8")
        frame = pd.DataFrame(
            {"Study": ["Hay 2020"], "Findings": ["Light had an effect on sleep"], "Design": ["RCT"]}
        )
        checked = ls.check_review_table(frame, claims_file=path)
        assert [(r.column, r.kind) for r in checked.remarks] == [
            ("Study", "right"), ("Findings", "not_checked"), ("Design", "right"),
        ]  # fmt: skip

    def test_a_number_of_the_other_wave_where_this_one_has_none(self, tmp_path: Path) -> None:
        facts = FACTS.replace('wave = "start", printed = "20.0"', 'wave = "follow_up", printed = "25.0"')
        assert self.checked(tmp_path, facts, **{"Study": "Hay 2020", "Mean before": "24.0"})[0][0] == "right"

    def test_n_from_the_words_on_the_sample(self, tmp_path: Path) -> None:
        assert self.checked(tmp_path, Study="Day 2021", n=44) == [("right", "n", "44 (number of people)")]
        assert self.checked(tmp_path, Study="Day 2021", n=45)[0][:2] == ("wrong", "n")

    def test_claims_and_references_alone_are_enough(self, tmp_path: Path) -> None:
        path = own(tmp_path)
        text = path.read_text(encoding="utf-8").replace(
            'studies = "my_studies.toml"\nfacts = "my_facts.toml"\n', ""
        )
        path.write_text(text, encoding="utf-8")
        frame = pd.DataFrame(
            {"Study": ["Hay 2021", "Day 2021"], "Page": ["9", "13"], "n": [3, 4], "Design": ["RCT"] * 2}
        )
        checked = ls.check_review_table(frame, claims_file=path)
        assert flagged(checked) == [(0, "Study", "year"), (0, "Page", "page")]

    def test_the_command(self, tmp_path: Path, capsys) -> None:
        (tmp_path / "t.md").write_text(
            "| Study | n | Page |\n|--|--|--|\n| Hay (2020) | 46 | 13 |\n", encoding="utf-8"
        )
        assert main(["review", "check", str(tmp_path / "t.md"), "--from", str(own(tmp_path))]) == 1
        out = capsys.readouterr().out
        assert "Row 2, Hay (2020), n: digits swapped" in out
        assert "page: p. 13 = p. 13" in out

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('printed = "64"', 'printed = "64,0"', "facts.n.printed: '64,0' is not a number. Write it with a decimal point"),
            ('role = "analysed", ', "", "facts.n.role: is missing"),
            ('n = { work = "hay2020"', 'n = { work = "hay2021"', "facts.n.work: there is no work 'hay2021'. Nearest: 'hay2020'"),
            ('label = "n", ', 'label = "m", ', "facts.n.label: there is no label 'm'"),
            ('quantity = "n"', 'quantity = "number"', "facts.n.quantity: 'number' is not an option"),
            ("[labels]", '[works.day2021]\nauthors = ["Day"]\nyear = 2021\n[labels]', "works.day2021: is in the bibliography already"),
            ("[labels]", '[works.may]\nauthors = ["May"]\n[labels]', "works.may.year: is missing"),
            ("[labels]", "[labels", "my_facts.toml: is not valid TOML"),
        ],
    )  # fmt: skip
    def test_a_spoiled_file_of_facts(self, old: str, new: str, message: str, tmp_path: Path) -> None:
        with pytest.raises(ls.SpecError) as caught:
            read_evidence(own(tmp_path, FACTS.replace(old, new, 1)))
        assert message in str(caught.value)
        assert "my_facts.toml" in str(caught.value)

    def test_without_a_bibliography_facts_wait(self, tmp_path: Path) -> None:
        path = own(tmp_path)
        (tmp_path / "my.bib").unlink()
        with pytest.raises(ls.SpecError) as caught:
            read_evidence(path)
        assert [p.code for p in caught.value.problems] == ["file_missing"]

    def test_the_facts_that_ship_name_their_file(self) -> None:
        assert 'facts = "facts.toml"' in shipped_claims().read_text(encoding="utf-8")
