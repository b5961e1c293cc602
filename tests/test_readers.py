"""Files that cannot be used say why, what to do, and nothing of what anybody answered."""

from __future__ import annotations

import builtins
import importlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest

import larstudy as ls
from larstudy.errors import DataError, Problem
from larstudy.files import read_table
from larstudy.raw_table import RawTable
from larstudy.readers.base import cell_text
from larstudy.specs.data import DataSpec, FilePart
from larstudy.value_sets import read_value_set
from tests.forms import (
    LONG,
    Row,
    cohort,
    files_side_by_side,
    put,
    put_study,
    redcap_raw,
    spss,
    stata,
    study,
    text,
    workbook,
)

CANARY = "Kari Nordmann"


def read(folder: Path, name: str, content: bytes | None = None, **changes: Any) -> RawTable:
    if content is not None:
        (folder / name).write_bytes(content)
    return read_table(DataSpec(file=name, **changes), folder)


def refused(folder: Path, name: str, content: bytes | None = None, **changes: Any) -> Problem:
    """The one problem of a file; nothing of a library's own message hangs on the error."""
    with pytest.raises(DataError) as error:
        read(folder, name, content, **changes)
    assert error.value.__context__ is None or error.value.__suppress_context__
    (problem,) = error.value.problems
    return problem


def book(path: Path, rows: list[list[Any]], change: Callable[[Any], None] = lambda sheet: None) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    change(made.active)
    made.save(path)
    return path


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "what"),
        [
            ("data.xls", "Excel 2003"), ("data.xlsb", "binary workbook"), ("data.ods", "LibreOffice"),
            ("data.por", "portable SPSS"), ("data.sas7bdat", "SAS"), ("data.rds", "file of R"),
        ],
    )  # fmt: skip
    def test_formats_that_are_not_read(self, tmp_path: Path, name: str, what: str) -> None:
        problem = refused(tmp_path, name, b"anything")
        assert problem.code == "format"
        assert what in problem.what
        assert problem.remedy.startswith("Save it as")

    def test_an_unknown_end(self, tmp_path: Path) -> None:
        problem = refused(tmp_path, "data.pdf", b"%PDF-1.7")
        assert "'.pdf'" in problem.what
        assert ".sav" in problem.remedy

    @pytest.mark.parametrize("name", ["data.xlsx", "data.csv"])
    def test_a_password(self, tmp_path: Path, name: str) -> None:
        problem = refused(tmp_path, name, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 secret")
        assert "encrypted with a password" in problem.what

    @pytest.mark.parametrize(
        ("name", "start", "said"),
        [
            ("data.sav", b"PK\x03\x04", "looks like an Excel or other zip file, not a .sav file"),
            ("data.xlsx", b"$FL3", "looks like an SPSS file, not a .xlsx file"),
            ("data.csv", b"<stata_dta>", "looks like a Stata file, not text"),
            ("data.dta", b"PAR1", "looks like a Parquet file, not a .dta file"),
        ],
    )  # fmt: skip
    def test_another_kind_than_its_name(self, tmp_path: Path, name: str, start: bytes, said: str) -> None:
        assert refused(tmp_path, name, start + b"rest").what == said

    @pytest.mark.parametrize("name", ["a.sav", "a.zsav", "a.dta", "a.xlsx", "a.parquet"])
    def test_damaged(self, tmp_path: Path, name: str) -> None:
        rows = [row | {"id": f"{CANARY} {row['id']}"} for row in cohort()]
        path = tmp_path / name
        if name.endswith("sav"):
            spss(rows, path, compress=name == "a.zsav")
        elif name == "a.dta":
            stata(rows, path)
        elif name == "a.xlsx":
            workbook(rows, path)
        else:
            pd.DataFrame(rows).to_parquet(path)
        content = path.read_bytes()
        for part in (content[: len(content) // 2], content[:40], content[:100] + content[200:]):
            problem = refused(tmp_path, name, part)
            assert problem.code == "not_readable", name
            assert "damaged, encrypted" in problem.what
            assert CANARY not in problem.text()

    @pytest.mark.parametrize(
        ("name", "package"),
        [("a.sav", "pyreadstat"), ("a.dta", "pyreadstat"), ("a.xlsx", "openpyxl"), ("a.parquet", "pyarrow")],
    )
    def test_a_reader_that_is_not_installed(
        self, tmp_path: Path, name: str, package: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        find = importlib.import_module

        def without(wanted: str, *args: Any) -> Any:
            if wanted.split(".")[0] == package:
                raise ImportError(wanted)
            return find(wanted, *args)

        monkeypatch.setattr("larstudy.readers.base.import_module", without)
        problem = refused(tmp_path, name, b"bytes of some kind")
        assert problem.code == "missing_package"
        assert f"'{package}', which is not installed" in problem.what
        assert problem.remedy == "Install it: pip install 'larstudy[files]'"

    def test_text_needs_no_reader(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        find = builtins.__import__

        def without(name: str, *args: Any, **kwargs: Any) -> Any:
            assert name.split(".")[0] not in ("pyreadstat", "openpyxl", "pyarrow")
            return find(name, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", without)
        assert read(tmp_path, "a.csv", b"id,a\n1,2\n").rows == 1

    @pytest.mark.parametrize("name", ["a.sav", "a.dta", "a.parquet"])
    def test_no_rows(self, tmp_path: Path, name: str) -> None:
        empty = pd.DataFrame({"id": pd.Series([], dtype=float), "a": pd.Series([], dtype=float)})
        write = {"a.sav": pyreadstat.write_sav, "a.dta": pyreadstat.write_dta}
        if name in write:
            write[name](empty, str(tmp_path / name))
        else:
            empty.to_parquet(tmp_path / name)
        assert refused(tmp_path, name).code == "empty_file"


class TestExcel:
    ROWS = (["id", "a", "b"], [1, 2.5, "x"], [2, 3.5, "y"])

    def test_a_sheet_has_to_be_chosen(self, tmp_path: Path) -> None:
        workbook(cohort(), tmp_path / "a.xlsx")
        problem = refused(tmp_path, "a.xlsx")
        assert problem.code == "choose_sheet"
        assert problem.what == "has 2 sheets that hold something: Om filen, Svar"
        assert problem.remedy == 'Say which: sheet = "Om filen" under [data], or --sheet for init'

    def test_a_sheet_that_is_not_there(self, tmp_path: Path) -> None:
        workbook(cohort(), tmp_path / "a.xlsx")
        problem = refused(tmp_path, "a.xlsx", sheet="svar")
        assert problem.what == "has no sheet 'svar'"
        assert problem.remedy == "Nearest: 'Svar'. Known: Om filen, Svar"

    def test_empty_and_hidden_sheets_do_not_count(self, tmp_path: Path) -> None:
        def more(sheet: Any) -> None:
            sheet.parent.create_sheet("Sheet2")
            hidden = sheet.parent.create_sheet("Lists")
            hidden["A1"], hidden.sheet_state = "yes", "hidden"

        book(tmp_path / "a.xlsx", list(self.ROWS), more)
        assert read(tmp_path, "a.xlsx").columns == ("id", "a", "b")

    def test_nothing_in_it(self, tmp_path: Path) -> None:
        book(tmp_path / "a.xlsx", [])
        assert refused(tmp_path, "a.xlsx").code == "empty_file"
        book(tmp_path / "b.xlsx", [["id", "a"]])
        assert refused(tmp_path, "b.xlsx").what == "there are no rows under the header"

    def test_merged_header(self, tmp_path: Path) -> None:
        book(tmp_path / "a.xlsx", [["id", "qol", None], *self.ROWS[1:]], lambda s: s.merge_cells("B1:C1"))
        problem = refused(tmp_path, "a.xlsx")
        assert problem.code == "merged_cells"
        assert "1 block of merged cells in its header (B1:C1): the names" in problem.what
        assert problem.remedy.startswith("Unmerge them")

    def test_merged_cells_below(self, tmp_path: Path) -> None:
        book(tmp_path / "a.xlsx", list(self.ROWS), lambda s: s.merge_cells("A2:A3"))
        assert "only the first of each holds its value" in refused(tmp_path, "a.xlsx").what

    def test_formulas_without_results(self, tmp_path: Path) -> None:
        rows = [*self.ROWS, [3, "=B2+B3", "z"]]
        book(tmp_path / "a.xlsx", rows)
        table = read(tmp_path, "a.xlsx")
        (problem,) = table.column_problems["a"]
        assert (problem.code, problem.n, problem.rows) == ("formula_without_value", 1, (4,))
        assert "Open the file in Excel and save it" in problem.remedy

    def test_a_formula_whose_result_is_no_letters(self, tmp_path: Path) -> None:
        """Excel saves it as a text of length 0, which is a result."""
        import zipfile

        made = book(tmp_path / "a.xlsx", [*self.ROWS, [3, '=IF(A1=1,"x","")', "z"], [4, "=1+1.5", "z"]])
        with zipfile.ZipFile(made) as old:
            parts = {name: old.read(name) for name in old.namelist()}
        name = "xl/worksheets/sheet1.xml"
        sheet = parts[name].decode()
        sheet = re.sub(
            r'<c r="B4"[^>]*>(<f>.*?</f>)<v ?/?>(</v>)?</c>', r'<c r="B4" t="str">\1<v></v></c>', sheet
        )
        sheet = re.sub(r'<c r="B5"[^>]*>(<f>.*?</f>)<v ?/?>(</v>)?</c>', r'<c r="B5">\1<v>2.5</v></c>', sheet)
        parts[name] = sheet.encode()
        with zipfile.ZipFile(made, "w") as new:
            for part, content in parts.items():
                new.writestr(part, content)
        table = read(tmp_path, "a.xlsx")
        assert table.column_problems == {}
        assert list(table.cells["a"]) == ["2.5", "3.5", "", "2.5"]

    def test_cells_and_row_numbers(self, tmp_path: Path) -> None:
        from datetime import date, datetime, time, timedelta

        rows = [
            ["id", "when", "seen", "much", None, "part"],
            [7, date(2024, 3, 1), True, 1e22, None, time(8, 30)],
            [None] * 6,
            [12, datetime(2024, 3, 1, 10, 30), False, 0.1, None, timedelta(hours=36)],
        ]

        def shown(sheet: Any) -> None:
            for row in (2, 4):
                sheet.cell(row, 1).number_format = "0000"
            sheet["H9"].number_format = "0.00"

        book(tmp_path / "a.xlsx", rows, shown)
        table = read(tmp_path, "a.xlsx")
        assert table.columns == ("id", "when", "seen", "much", "", "part")
        assert list(table.cells["id"]) == ["0007", "0012"]
        assert list(table.cells["when"]) == ["2024-03-01", "2024-03-01 10:30:00"]
        assert list(table.cells["seen"]) == ["1", "0"]
        assert table.numbers("much").values.tolist() == [1e22, 0.1]
        assert list(table.cells["part"]) == ["08:30:00", "1.5"]
        assert table.row_numbers == (2, 4)


class TestLabelled:
    def test_reasons_are_kept_and_counted(self, tmp_path: Path) -> None:
        spss(cohort(), tmp_path / "a.sav")
        stata(cohort(), tmp_path / "a.dta")
        for name in ("a.sav", "a.dta"):
            reasons = read(tmp_path, name).reasons["psykisk"]
            assert sorted(reasons.values()) == ["Ikke spurt", "Ville ikke svare"], name
            report = ls.check(put_study(tmp_path, study(f'file = "{name}"')))
            note = next(p for p in report.problems if p.code == "user_missing")
            assert note.what == "2 cells are marked as missing in the file: 1 Ikke spurt, 1 Ville ikke svare"
            assert (note.where, note.severity, note.n) == ("column 'psykisk'", "note", 2)
            assert any("marked as missing" in line for line in ls.load(tmp_path / "study.toml").notes)

    def test_codes_without_labels_and_texts(self, tmp_path: Path) -> None:
        data = pd.DataFrame({"id": [1.0, 2, 3], "a": [1.0, -7, 12], "b": ["x", "nei", ""]})
        missing = {"a": [{"lo": -9, "hi": -1}, 12], "b": ["nei"]}
        pyreadstat.write_sav(data, str(tmp_path / "a.sav"), missing_ranges=missing)
        table = read(tmp_path, "a.sav")
        assert table.reasons == {
            "a": {1: "without a label", 2: "without a label"},
            "b": {1: "without a label"},
        }
        assert list(table.cells["a"]) == ["1", "", ""]
        assert list(table.cells["b"]) == ["x", "", ""]
        data = pd.DataFrame({"id": [1.0, 2], "a": pd.Series([1, "c"], dtype=object), "b": ["c", "d"]})
        pyreadstat.write_dta(data, str(tmp_path / "a.dta"), missing_user_values={"a": ["c"]})
        table = read(tmp_path, "a.dta")
        assert table.reasons == {"a": {1: ".c without a label"}}
        assert list(table.cells["b"]) == ["c", "d"]

    def test_an_old_file_in_cp1252(self, tmp_path: Path) -> None:
        """What SPSS wrote before it wrote UTF-8: no mark of the encoding, and one byte a letter."""
        data = pd.DataFrame({"id": [1.0, 2], "sted": ["XXXXXX", "Bergen"]})
        pyreadstat.write_sav(data, str(tmp_path / "a.sav"))
        content = (tmp_path / "a.sav").read_bytes()
        place = content.index(
            (20).to_bytes(4, "little") + (1).to_bytes(4, "little") + (5).to_bytes(4, "little")
        )
        content = content[: place - 4] + content[place + 12 + 5 :]
        machine = content.index((65001).to_bytes(4, "little"))
        content = content[:machine] + (2).to_bytes(4, "little") + content[machine + 4 :]
        content = content.replace(b"XXXXXX", "Tromsø".encode("cp1252"))
        for encoding in ("", "cp1252"):
            table = read(tmp_path, "a.sav", content, encoding=encoding)
            assert list(table.cells["sted"]) == ["Tromsø", "Bergen"]
        assert table.record.encoding == "cp1252"

    def test_an_old_stata_file(self, tmp_path: Path) -> None:
        frame = pd.DataFrame({"id": [1, 2], "sted": ["Tromsø", "Bærum"]})
        frame.to_stata(tmp_path / "a.dta", write_index=False, version=117)
        assert list(read(tmp_path, "a.dta").cells["sted"]) == ["Tromsø", "Bærum"]

    @pytest.mark.parametrize(
        ("script", "seconds"),
        [
            ("import os; os._exit(139)", 60),
            ("import time; time.sleep(60)", 0.5),
            (
                'print(\'{"columns": [[null, [1]]], "encoding": "", "labels": {}, "missing": {},\''
                '\' "letters": {}, "types": {}}\')',
                60,
            ),
        ],
        ids=["ended", "never ends", "no name"],
    )
    def test_a_reader_that_breaks_down(
        self, tmp_path: Path, script: str, seconds: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Some damaged files end the process that reads them, as C does; that is a process of its own."""
        monkeypatch.setattr("larstudy.readers.apart._SCRIPT", script)
        monkeypatch.setattr("larstudy.readers.apart._MOST_SECONDS", seconds)
        assert refused(tmp_path, "a.sav", b"$FL2 and so on").code == "not_readable"

    def test_numbers_of_four_bytes(self, tmp_path: Path) -> None:
        """2.3 in four bytes is 2.299999952316284, which nobody wrote."""
        frame = pd.DataFrame({"id": [1, 2], "a": np.array([2.3, np.nan], dtype="float32")})
        frame.to_stata(tmp_path / "a.dta", write_index=False)
        frame.to_parquet(tmp_path / "a.parquet")
        for name in ("a.dta", "a.parquet"):
            assert list(read(tmp_path, name).cells["a"]) == ["2.3", ""], name

    def test_dates(self, tmp_path: Path) -> None:
        spss(cohort(), tmp_path / "a.sav")
        stata(cohort(), tmp_path / "a.dta")
        wanted = [row["dato"].isoformat() for row in cohort()]
        assert list(read(tmp_path, "a.sav").cells["dato"]) == wanted
        assert list(read(tmp_path, "a.dta").cells["dato"]) == wanted

    def test_lists_in_parquet(self, tmp_path: Path) -> None:
        pd.DataFrame({"id": [1, 2], "a": [[1, 2], [CANARY]]}.copy() | {"a": [["x"], [CANARY]]}).to_parquet(
            tmp_path / "a.parquet"
        )
        (problem,) = read(tmp_path, "a.parquet").column_problems["a"]
        assert problem.code == "nested_column"
        assert CANARY not in problem.text()


class TestLabelsAndCodes:
    def check(self, folder: Path, values: str, labels: dict[Any, str]) -> list[Problem]:
        data = pd.DataFrame(cohort())
        pyreadstat.write_sav(data, str(folder / "a.sav"), variable_value_labels={"nettverk": labels})
        return list(ls.check(put_study(folder, study('file = "a.sav"', values=values))).errors)

    def test_labels_that_disagree_with_the_study(self, tmp_path: Path) -> None:
        values = "values = { abstinent = [1], drug_dominated = [2], isolated = [3] }"
        (problem,) = self.check(tmp_path, values, {1: "Drug dominated", 2: "Abstinent", 3: "Isolated"})
        assert problem.code == "labels_disagree"
        assert "labels code 1 as 'drug_dominated', and [network] values makes it 'abstinent'" in problem.what
        assert problem.what.endswith("and 1 more")

    def test_labels_that_the_study_also_names(self, tmp_path: Path) -> None:
        values = 'values = { abstinent = [1, "Rusmiljø"], drug_dominated = [2], isolated = [3] }'
        (problem,) = self.check(tmp_path, values, {1: "Rusfri", 2: "Rusmiljø", 3: "Isolert"})
        assert problem.code == "labels_disagree"

    def test_labels_that_are_the_fixed_names(self, tmp_path: Path) -> None:
        assert self.check(tmp_path, "", {1: "abstinent", 2: "drug_dominated", 3: "isolated"}) == []

    def test_a_label_that_means_no_answer(self, tmp_path: Path) -> None:
        values = 'values = { abstinent = [1], drug_dominated = [2] }\nmissing_codes = ["Ukjent"]'
        assert self.check(tmp_path, values, {3: "Ukjent"}) == []

    @pytest.mark.parametrize(
        ("order", "names"),
        [
            ("", ["Fullført", "I behandling", "Frafalt"]),
            ('order = ["Frafalt", "Fullført", "I behandling"]', ["Frafalt", "Fullført", "I behandling"]),
            ("order = [3, 1, 2]", ["3", "1", "2"]),
        ],
    )
    def test_groups_have_their_labels_for_names(self, tmp_path: Path, order: str, names: list[str]) -> None:
        spss(cohort(), tmp_path / "a.sav")
        toml = study('file = "a.sav"', layout=LONG)
        toml = toml[: toml.index("[network]")] + f'[group]\ncolumn = "status"\n{order}\n'
        groups = ls.fixed_groups(ls.load(put_study(tmp_path, toml)))
        assert sorted(groups.order) == sorted(names)


class TestText:
    def test_garbled_letters(self, tmp_path: Path) -> None:
        rows = [dict(row) for row in cohort()]
        content = text(rows, ";").replace("001", "Bjørn").encode().decode("cp1252").encode()
        report = ls.check(put(tmp_path, "a.csv", content, study('file = "a.csv"')))
        assert [p.code for p in report.errors if p.code == "mojibake"] == ["mojibake"] * 2
        names, cells = (p for p in report.errors if p.code == "mojibake")
        assert names.what.startswith("1 name of columns (the first is number 2) have letters")
        assert (cells.where, cells.n) == ("column 'id'", 2)
        assert "Bj" not in str(report)

    def test_lost_letters(self, tmp_path: Path) -> None:
        table = read(tmp_path, "a.csv", "id,a\n1,m\N{REPLACEMENT CHARACTER}l\n".encode())
        assert table.column_problems["a"][0].code == "mojibake"

    def test_decimal_comma_and_point_in_one_column(self, tmp_path: Path) -> None:
        rows = [dict(row) for row in cohort()]
        content = text(rows, ";", space="").replace("1111,1", "").encode()
        number = f"{rows[3]['livskvalitet']:.1f}"
        content = content.replace(number.replace(".", ",").encode(), number.encode())
        (problem,) = ls.check(put(tmp_path, "a.csv", content, study('file = "a.csv"'))).errors
        assert problem.code == "not_a_number"
        assert "decimal comma in a column that also has decimal points" in problem.what
        assert number not in problem.text()

    @pytest.mark.parametrize(
        "space", [" ", "\N{NO-BREAK SPACE}", "\N{THIN SPACE}", "\N{NARROW NO-BREAK SPACE}"]
    )
    def test_spaces_between_thousands(self, tmp_path: Path, space: str) -> None:
        content = f"id;a\n1;1{space}234{space}567,5\n2;−12{space}000\n3;12{space}34\n".encode()
        numbers = read(tmp_path, "a.csv", content).numbers("a")
        assert numbers.values[:2].tolist() == [1234567.5, -12000.0]
        assert numbers.bad.tolist() == [False, False, True]

    def test_a_value_set_in_a_workbook(self, tmp_path: Path) -> None:
        import itertools

        rows = [[int("".join(p)), 0.5] for p in itertools.product("12345", repeat=5)]
        book(tmp_path / "set.xlsx", [["profile", "value"], *rows])
        assert read_value_set(tmp_path / "set.xlsx")[11111.0] == 0.5
        book(tmp_path / "set.xlsx", [["profile", "value"], *rows[:-1], [55555, "=1/2"]])
        with pytest.raises(DataError, match="formula whose result was not saved"):
            read_value_set(tmp_path / "set.xlsx")


class TestIds:
    @pytest.mark.parametrize("one", [1, 1.0, "1", "1.0", "1,0", " 1 "])
    def test_one_person_in_every_spelling(self, tmp_path: Path, one: object) -> None:
        """The rule: blanks around an id and decimals of nothing but zeros say nothing; zeros in front do."""
        frame = pd.DataFrame(
            {"id": [1, "01", one, "01"], "måling": [0, 0, 1, 1], "a": [1.0, 2, 3, 5]}, dtype=object
        )
        cohort = ls.load(
            frame, person="id", wave="måling", waves={"baseline": 0, "year1": 1}, outcomes={"a": "a"}
        )
        assert cohort.persons.tolist() == ["01", "1"]
        assert cohort.seen.all()

    def test_results_do_not_overwrite_what_was_read(self, tmp_path: Path) -> None:
        from larstudy.outputs import input_files
        from larstudy.specs import read_study

        names = {
            path.name for path in input_files(read_study(files_side_by_side(tmp_path)), tmp_path / "s.toml")
        }
        assert names == {"s.toml", "first.xlsx", "later.dta"}
        names = {path.name for path in input_files(read_study(redcap_raw(tmp_path)), tmp_path / "s.toml")}
        assert names == {"s.toml", "data.csv", "fields.csv"}

    def test_numbers_are_written_alike(self) -> None:
        values = [1, 1.0, np.float64(1), np.int8(1), True, np.bool_(True)]
        assert {cell_text(value) for value in values} == {"1"}
        assert [cell_text(v) for v in (12345678901.0, -0.0, float("inf"), 0.1 + 0.2)] == [
            "12345678901", "0", "inf", "0.30000000000000004",
        ]  # fmt: skip


def with_canary(rows: list[Row]) -> list[Row]:
    """A name in the place of an id, a score and a date; an odd number in the place of an answer."""
    rows[0]["id"] = rows[1]["id"] = CANARY
    rows[2]["psykisk"] = 77431
    return [row | {"fritekst": f"{CANARY} ringte"} for row in rows]


@pytest.mark.parametrize("name", ["a.csv", "a.sav", "a.dta", "a.xlsx", "a.parquet"])
def test_no_value_in_any_message(name: str, tmp_path: Path) -> None:
    rows = with_canary(cohort())
    path = tmp_path / name
    if name == "a.csv":
        path.write_text(text([row | {"dato": CANARY} for row in rows], ";"), encoding="utf-8")
    elif name == "a.sav":
        spss(rows, path)
    elif name == "a.dta":
        stata(rows, path)
    elif name == "a.xlsx":
        workbook(rows, path)
    else:
        pd.DataFrame(rows).to_parquet(path)
    sheet = '\nsheet = "Svar"' if name == "a.xlsx" else ""
    windows = "windows = { baseline = [0, 200], year1 = [201, 400] }"
    for layout in (LONG, f'layout = "long"\nperson = "id"\ndate = "dato"\n{windows}'):
        for column in ("nettverk", "fritekst", "id"):
            toml = study(f'file = "{name}"{sheet}', layout=layout).replace('"nettverk"', f'"{column}"')
            said = str(ls.check(put_study(tmp_path, toml)))
            assert "77431" not in said
            assert "Nordmann" not in said
            assert "problem" in said


def test_how_a_part_is_read_by_default() -> None:
    (part,) = DataSpec(file="a.csv", person="id", encoding="cp1252").files
    assert part == FilePart(file="a.csv", person="id", encoding="cp1252")
