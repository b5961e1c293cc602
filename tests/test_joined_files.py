"""Files joined by person, visits placed by their dates, and exports of REDCap."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
import pytest

import larstudy as ls
from larstudy.dates import read_days
from larstudy.errors import DataError, Problem, SpecError
from larstudy.files import read_table
from larstudy.raw_table import RawTable
from larstudy.redcap_fields import read_dictionary
from larstudy.specs import study_from_mapping
from larstudy.specs.data import DataSpec
from tests.forms import (
    file_for_each_wave,
    files_side_by_side,
    of_wave,
    plain_csv,
    put,
    put_study,
    spss,
    study,
)

OUTCOME = {"a": {"column": "a", "higher_is": "better"}}


def spec(layout: str = "long", **data: Any) -> DataSpec:
    wide = {"a": {"column": "a_{wave}", "higher_is": "better"}}
    values = {
        "data": {"layout": layout, "person": "id", **data},
        "outcomes": OUTCOME if layout == "long" else wide,
    }
    return study_from_mapping(values).data


def wrong(layout: str = "long", **data: Any) -> list[tuple[str, str]]:
    """Where and what is wrong with a table [data], in one pass."""
    with pytest.raises(SpecError) as error:
        spec(layout, **data)
    return [(p.where, p.what) for p in error.value.problems]


def table(folder: Path, content: dict[str, str], layout: str = "long", /, **data: Any) -> RawTable:
    for name, written in content.items():
        (folder / name).write_text(written, encoding="utf-8")
    return read_table(spec(layout, **data), folder)


def codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


class TestKeys:
    """Every key under [data], and what is said where it is wrong."""

    W: ClassVar[dict[str, Any]] = {"waves": {"baseline": 0, "year1": 1}}
    OF_DATE: ClassVar[dict[str, Any]] = {
        "file": "a.csv",
        "date": "d",
        "windows": {"baseline": [0, 10], "year1": [300, 365, 400]},
    }

    @pytest.mark.parametrize(
        ("layout", "data", "where", "what"),
        [
            ("long", {"file": "a.csv", "files": {"x": "b.csv", "y": "c.csv"}}, "data.file", "stands beside files"),
            ("long", {"files": ["b.csv", "c.csv"]}, "data.files", "should name the file of each wave, two or more"),
            ("long", {"files": {"x": "b.csv"}}, "data.files", "should name the file of each wave, two or more"),
            ("wide", {"files": {"x": "b.csv", "y": "c.csv"}, **W}, "data.files", "should be a list of two or more"),
            ("wide", {"files": "b.csv", **W}, "data.files", "should be a list of two or more"),
            ("long", {"files": {"x": 3, "y": "c.csv"}}, "data.files.x", "should be a file"),
            ("wide", {"files": ["b.csv", 4], **W}, "data.files.2", "should be a file"),
            ("long", {"files": {"x": {"sheet": "S"}, "y": "c.csv"}}, "data.files.x.file", "is missing"),
            ("long", {"files": {"x": {"file": "a.csv", "sheets": "S"}, "y": "c.csv"}}, "data.files.x.sheets",
             "is not a key that larstudy knows"),
            ("long", {"files": {"x": "b.csv", "y": "b.csv"}}, "data.files", "names one file twice"),
            ("long", {"files": {"x": "b.csv", "y": "c.csv"}, "wave": "t"}, "data.wave", "stands beside files"),
            ("long", {"files": {"x": "b.csv", "y": "c.csv"}, **W}, "data.waves", "stands beside files"),
            ("long", {"files": {"x": "b.csv", "y": "c.csv"}, "person": ""}, "data.person", "is empty"),
            ("long", {"file": "a.csv", "wave": "t", "sheet": "S", **W}, "data.sheet",
             "is for Excel workbooks, and the file is none"),
            ("long", {"file": "a.sav", "wave": "t", "separator": ";", **W}, "data.separator",
             "is for text files, and the file is none"),
            ("long", {"file": "a.csv", "wave": "t", "repeats": "closest", **W}, "data.repeats", "is not an option"),
            ("long", {"file": "a.csv", "wave": "t", "dictionary": 1, **W}, "data.dictionary", "should be text"),
            ("long", {"file": "a.csv", "wave": "t", "date": "d", **W}, "data.date", "means nothing without windows"),
            ("long", {"file": "a.csv", "wave": "t", "two_visits": "first", **W}, "data.two_visits",
             "means nothing without windows"),
            ("wide", {**OF_DATE}, "data.windows", 'belongs to layout = "long"'),
            ("long", {**OF_DATE, "wave": "t"}, "data.wave", "stands beside windows"),
            ("long", {**OF_DATE, "date": None}, "data.date", "is missing"),
            ("long", {**OF_DATE, "two_visits": "both"}, "data.two_visits", "'both' is not an option"),
            ("long", {**OF_DATE, "date_order": "ymd"}, "data.date_order", "'ymd' is not an option"),
            ("long", {**OF_DATE, "windows": {"x": [0, 9]}}, "data.windows", "should name two or more waves"),
            ("long", {**OF_DATE, "windows": {"x": [0, 9], "y": [9, 20]}}, "data.windows", "'x' and 'y' share days"),
            ("long", {**OF_DATE, "windows": {"x": [9, 0], "y": [10, 20]}}, "data.windows",
             "'x' should be two rising numbers of days"),
            ("long", {**OF_DATE, "windows": {"x": "0-9", "y": [10, 20]}}, "data.windows", "'x' should be two"),
            ("long", {**OF_DATE, "windows": {"x": [1, True], "y": [10, 20]}}, "data.windows", "'x' should be two"),
            ("long", {**OF_DATE, "windows": [1, 2]}, "data.windows", "should be a table"),
            ("long", {"date": "d", "windows": OF_DATE["windows"], "files": {"x": "b.csv", "y": "c.csv"}},
             "data.windows", "stands beside files by wave"),
        ],
    )  # fmt: skip
    def test_wrong(self, layout: str, data: dict[str, Any], where: str, what: str) -> None:
        data = {key: value for key, value in data.items() if value is not None}
        assert any(w == where and what in said for w, said in wrong(layout, **data)), wrong(layout, **data)

    def test_what_the_files_share(self) -> None:
        files = {"x": "b.csv", "y": {"file": "c.csv", "person": "pid", "decimal": "."}}
        data = spec(files=files, decimal=",", encoding="cp1252", separator=";")
        assert [(p.file, p.wave, p.person, p.decimal, p.encoding, p.separator) for p in data.files] == [
            ("b.csv", "x", "id", ",", "cp1252", ";"),
            ("c.csv", "y", "pid", ".", "cp1252", ";"),
        ]
        assert [wave.name for wave in data.waves] == ["x", "y"]

    def test_two_sheets_of_one_workbook_are_two_files(self) -> None:
        files = {"x": {"file": "b.xlsx", "sheet": "S"}, "y": {"file": "b.xlsx", "sheet": "T"}}
        assert [part.sheet for part in spec(files=files).files] == ["S", "T"]


class TestFilesOfWaves:
    FILES: ClassVar[dict[str, Any]] = {
        "a.csv": "id;a;sex\n1;1,5;m\n2;2,5;f\n",
        "b.csv": "pid,a\n3,4.5\n2.0,3.5\n",
    }
    KEYS: ClassVar[dict[str, Any]] = {
        "files": {"first": "a.csv", "second": {"file": "b.csv", "person": "pid"}}
    }

    def test_rows_of_both(self, tmp_path: Path) -> None:
        found = table(tmp_path, self.FILES, **self.KEYS)
        assert found.columns == ("id", "a", "sex", "(the file)")
        assert found.numbers("a").values.tolist() == [1.5, 2.5, 4.5, 3.5]
        assert found.labels("sex") == ["m", "f", None, None]
        assert found.labels("(the file)") == ["first", "first", "second", "second"]
        assert found.record.name == "a.csv + b.csv"
        (note,) = found.problems
        assert note.severity == "note"
        # persons 1, 2 and 3; only 2 is in both
        assert note.what == "of 3 persons 1 are in every file; 1 not in a.csv, 1 not in b.csv"
        assert note.n == 2

    def test_the_order_of_rows_changes_nothing(self, tmp_path: Path) -> None:
        """Rows are never paired by where they stand: 2 meets 2, and nobody else."""
        found = []
        for rows in ("3,4.5\n2.0,3.5\n", "2,3.5\n3,4.5\n"):
            path = put(tmp_path, "a.csv", self.FILES["a.csv"], toml_of(self.KEYS))
            (tmp_path / "b.csv").write_text("pid,a\n" + rows, encoding="utf-8")
            found.append(ls.load(path).to_frame())
        pd.testing.assert_frame_equal(*found)
        assert found[0]["a"].tolist()[2:4] == [2.5, 3.5]

    def test_a_person_twice_in_a_file(self, tmp_path: Path) -> None:
        files = self.FILES | {"b.csv": "pid,a\n2,3.5\n2.0,4.5\n"}
        for name, content in files.items():
            (tmp_path / name).write_text(content, encoding="utf-8")
        (problem,) = ls.check(put_study(tmp_path, toml_of(self.KEYS))).errors
        assert (problem.code, problem.rows) == ("duplicate_row", ("3 of b.csv",))

    def test_no_column_of_ids(self, tmp_path: Path) -> None:
        files = {"first": "a.csv", "second": "b.csv"}
        found = table(tmp_path, self.FILES, files=files)
        problem = found.problems[0]
        assert (problem.code, problem.where) == ("unknown_column", "column 'id'")
        assert problem.what.startswith("is not in b.csv, whose rows cannot be joined")

    def test_every_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(DataError) as error:
            read_table(spec(files={"x": "a.csv", "y": "b.sav"}, dictionary="d.csv"), tmp_path)
        assert [p.where for p in error.value.problems] == ["a.csv", "b.sav", "d.csv"]

    def test_a_decimal_mark_that_one_file_does_not_allow(self, tmp_path: Path) -> None:
        """1.500 in a file with decimal commas may be a thousand and a half; beside points it must not pass."""
        files = {"a.csv": "id;a\n1;1.500\n2;2,5\n", "b.csv": "id,a\n1,4.5\n2,3.5\n"}
        keys = {"files": {"x": {"file": "a.csv", "decimal": ","}, "y": "b.csv"}}
        (problem,) = table(tmp_path, files, **keys).column_problems["a"]
        assert (problem.where, problem.n, problem.rows) == ("column 'a' of a.csv", 1, (2,))

    def test_commas_that_may_mark_thousands_stay_unread(self, tmp_path: Path) -> None:
        files = {"a.csv": "id;a\n1;1,500\n2;12\n", "b.csv": "id,a\n1,4.5\n2,3.5\n"}
        found = table(tmp_path, files, files={"x": "a.csv", "y": "b.csv"})
        assert found.numbers("a").bad.tolist() == [True, False, False, False]

    def test_labels_that_differ_between_files(self, tmp_path: Path) -> None:
        import pyreadstat

        for name, label in (("a.sav", "One"), ("b.sav", "Two")):
            frame = pd.DataFrame({"id": [1.0, 2], "a": [1.0, 2]})
            pyreadstat.write_sav(frame, str(tmp_path / name), variable_value_labels={"a": {1: label}})
        found = table(tmp_path, {}, files={"x": "a.sav", "y": "b.sav"})
        assert codes(found.column_problems["a"]) == ["labels_differ"]

    def test_reasons_keep_their_rows(self, tmp_path: Path) -> None:
        file_for_each_wave(tmp_path)
        later = [{"pid": row.pop("id"), **row} for row in of_wave(1)]
        spss(later, tmp_path / "later.sav")
        cohort = ls.load(tmp_path / "study.toml")
        assert (
            "Column 'psykisk': 1 cell is marked as missing in the file: 1 Ville ikke svare." in cohort.notes
        )


def toml_of(keys: dict[str, Any]) -> str:
    first, second = keys["files"].values()
    return f"""
[data]
layout = "long"
person = "id"
files = {{ first = "{first}", second = {{ file = "{second["file"]}", person = "{second["person"]}" }} }}
[outcomes.a]
column = "a"
higher_is = "better"
"""


class TestFilesSideBySide:
    FILES: ClassVar[dict[str, Any]] = {
        "a.csv": "id,a_0,sex\n007,1,m\n2,2,f\n",
        "b.csv": "id;a_1\n2,0;5\n007;6\n7;9\n",
    }
    KEYS: ClassVar[dict[str, Any]] = {"files": ["a.csv", "b.csv"], "waves": ["0", "1"]}

    def test_one_row_a_person(self, tmp_path: Path) -> None:
        found = table(tmp_path, self.FILES, "wide", **self.KEYS)
        # 007 and 7 are two persons: zeros in front are part of an id
        assert found.labels("id") == ["007", "2", "7"]
        assert found.numbers("a_1").values.tolist() == [6, 5, 9]
        assert found.labels("a_0") == ["1", "2", None]
        assert found.row_names == ("2 of a.csv", "3 of a.csv", "4 of b.csv")
        assert found.problems[0].what == "of 3 persons 2 are in every file; 1 not in a.csv"

    def test_twice_and_without_an_id(self, tmp_path: Path) -> None:
        files = self.FILES | {"b.csv": "id;a_1\n2;5\n;6\n2;9\n"}
        found = table(tmp_path, files, "wide", **self.KEYS)
        twice, lost, _ = found.problems
        assert (twice.code, twice.where, twice.rows) == ("person_twice", "column 'id' of b.csv", (4,))
        assert "each person may stand once in each file" in twice.what
        assert (lost.code, lost.rows) == ("missing_person", (3,))

    def test_a_column_in_both(self, tmp_path: Path) -> None:
        files = self.FILES | {"b.csv": "id,a_1,sex\n2,5,m\n"}
        found = table(tmp_path, files, "wide", **self.KEYS)
        assert list(found.column_problems) == ["sex"]
        assert found.column_problems["sex"][0].what == "is in a.csv and in b.csv"

    def test_a_file_without_ids(self, tmp_path: Path) -> None:
        files = self.FILES | {"b.csv": "pid,a_1\n2,5\n"}
        found = table(tmp_path, files, "wide", **self.KEYS)
        assert codes(found.problems) == ["unknown_column", "not_in_every_file"]

    def test_no_file_with_ids(self, tmp_path: Path) -> None:
        found = table(tmp_path, {"a.csv": "a_0,b\n1,2\n", "b.csv": "a_1,c\n1,2\n"}, "wide", **self.KEYS)
        assert codes(found.problems) == ["unknown_column"] * 2
        assert found.rows == 0

    def test_both_have_everybody(self, tmp_path: Path) -> None:
        files = self.FILES | {"b.csv": "pid,id,a_1\n2,x,5\n007,x,6\n"}
        keys = self.KEYS | {"files": ["a.csv", {"file": "b.csv", "person": "pid"}]}
        found = table(tmp_path, files, "wide", **keys)
        assert found.problems == ()
        assert found.columns == ("id", "a_0", "sex", "a_1")

    def test_no_folder_in_the_record_of_a_run(self, tmp_path: Path) -> None:
        path = files_side_by_side(tmp_path)
        (tmp_path / "deep").mkdir()
        (tmp_path / "later.dta").rename(tmp_path / "deep" / "later.dta")
        path.write_text(
            path.read_text(encoding="utf-8").replace("later.dta", "deep/later.dta"), encoding="utf-8"
        )
        files = ls.load(path).provenance()["study"]["data"]["files"]
        assert files == [{"file": "first.xlsx", "sheet": "Svar"}, "later.dta"]


class TestDates:
    @pytest.mark.parametrize(
        ("dates", "order", "what"),
        [
            (["2024-03-01", "31.3.2024", "1.4.2024 10:30", "2024-04-01T08:00"], "auto", ""),
            (["31/03/2024", "01/04/2024"], "auto", ""),
            (["01-04-2024"], "auto", "could be taken for each other"),
            (["03/31/2024", "04/01/2024"], "auto", 'say date_order = "mdy"'),
            (["03/31/2024", "31/03/2024"], "auto", "some have the day first and some the month"),
            (["03/31/2024"], "mdy", ""),
            (["03/31/2024"], "dmy", "not a date in the order that [data] date_order says"),
            (["01.04.24"], "auto", "without its century"),
            (["31.02.2024"], "auto", "not a date"),
            (["1.1.0204", "soon"], "auto", "not a date"),
        ],
    )
    def test_orders(self, dates: list[str], order: Any, what: str) -> None:
        days = read_days(dates, order=order)
        assert days.bad.any() == bool(what)
        assert what in days.what

    def test_day_and_month(self) -> None:
        # 1 April is 31 days after 1 March
        for later, order in (
            ("1.4.2024", "auto"),
            ("1/4/2024", "dmy"),
            ("4/1/2024", "mdy"),
            ("4.1.2024", "mdy"),
        ):
            values = read_days(["2024-03-01", later], order=order).values
            assert values[1] - values[0] == 31


class TestVisits:
    KEYS: ClassVar[dict[str, Any]] = {
        "file": "a.csv",
        "date": "d",
        "windows": {"first": [0, 10], "second": [300, 365, 400]},
    }
    HEAD = "id,d,a\n"
    #                         day 0            day 305          day 360
    ROWS = "1,2024-01-01,5\n1,2024-11-01,6\n1,2024-12-26,7\n2,2024-01-05,8\n2,2025-01-04,9\n"

    def read(self, folder: Path, rows: str = ROWS, head: str = HEAD, **keys: Any) -> RawTable:
        return table(folder, {"a.csv": head + rows}, **(self.KEYS | keys))

    def test_two_visits_are_refused(self, tmp_path: Path) -> None:
        (problem,) = self.read(tmp_path).problems
        assert (problem.code, problem.n, problem.rows) == ("two_visits", 2, (3, 4))
        assert problem.what == "1 window of a person has more than one visit"
        assert 'two_visits = "first", "last" or "closest"' in problem.remedy

    @pytest.mark.parametrize(("rule", "used"), [("first", "6"), ("last", "7"), ("closest", "7")])
    def test_one_is_chosen(self, tmp_path: Path, rule: str, used: str) -> None:
        found = self.read(tmp_path, two_visits=rule)
        assert found.labels("a") == ["5", used, "8", "9"]
        assert found.labels("(window of the date)") == ["first", "second", "first", "second"]
        (note,) = found.problems
        assert (note.code, note.n, note.severity) == ("visits_left_out", 1, "note")
        assert found.row_number(3) == 6

    def test_as_close_before_as_after(self, tmp_path: Path) -> None:
        """Days 360 and 370 are both 5 from 365: the earlier is taken."""
        rows = "1,2023-01-01,5\n1,2024-01-06,6\n1,2023-12-27,7\n"
        assert self.read(tmp_path, rows, two_visits="closest").labels("a") == ["5", "7"]

    def test_two_on_the_chosen_day(self, tmp_path: Path) -> None:
        (problem,) = self.read(tmp_path, self.ROWS + "1,2024-12-26,3\n", two_visits="last").problems
        assert (problem.code, problem.rows) == ("two_visits_one_day", (4, 7))

    def test_a_column_of_first_days(self, tmp_path: Path) -> None:
        head, keys = "id,d,a,start\n", {"baseline_date": "start"}
        # day 4 and day 366 - 0; person 2 has no first day, person 3 two
        rows = "1,2024-01-05,5,2024-01-01\n1,2024-12-31,6,\n2,2024-01-01,7,\n3,2024-01-01,8,2024-01-01\n"
        found = self.read(tmp_path, rows + "3,2025-01-01,9,2024-01-02\n", head, **keys)
        assert codes(found.problems) == ["two_first_days", "no_first_day"]
        assert found.labels("(window of the date)")[:3] == ["first", "second", None]
        found = self.read(tmp_path, rows.replace("2024-01-01\n1", "whenever\n1"), head, **keys)
        assert codes(found.problems) == ["not_a_date", "no_first_day"]

    def test_rows_without_a_date_and_out_of_every_window(self, tmp_path: Path) -> None:
        path = put(
            tmp_path, "a.csv", self.HEAD + "1,2024-01-01,5\n1,,6\n1,2024-06-01,2\n1,2025-01-01,3\n",
            """
[data]
file = "a.csv"
layout = "long"
person = "id"
date = "d"
windows = { first = [0, 10], second = [300, 400] }
[outcomes.a]
column = "a"
higher_is = "better"
""",
        )  # fmt: skip
        report = ls.check(path)
        assert report.ok
        told = {p.code: p.n for p in report.problems}
        assert told["no_date"] == 1
        assert told["other_waves"] == 2
        assert ls.load(path).to_frame()["a"].tolist() == [5, 3]

    def test_unreadable_dates(self, tmp_path: Path) -> None:
        (problem,) = self.read(tmp_path, "1,2024-01-01,5\n1,01/02/2024,6\n").problems
        assert (problem.code, problem.rows) == ("not_a_date", (3,))
        assert "01/02" not in problem.text()

    def test_no_column_of_ids_is_named(self, tmp_path: Path) -> None:
        path = plain_csv(tmp_path)
        layout = 'layout = "long"\ndate = "dato"\nwindows = { a = [0, 9], b = [300, 400] }'
        report = ls.check(put_study(path.parent, study('file = "data.csv"', layout=layout)))
        assert report.errors[0].where == "data.person"

    def test_one_visit_in_each_window(self, tmp_path: Path) -> None:
        rows = "1,2024-01-01,5\n1,2024-12-26,7\n"
        assert self.read(tmp_path, rows, two_visits="last").problems == ()

    def test_first_days_of_everybody(self, tmp_path: Path) -> None:
        rows = "1,2024-01-01,5,2024-01-01\n1,2024-12-26,7,\n"
        found = self.read(tmp_path, rows, "id,d,a,start\n", baseline_date="start")
        assert found.problems == ()

    def test_no_such_column(self, tmp_path: Path) -> None:
        plain_csv(tmp_path)
        layout = 'layout = "long"\nperson = "id"\ndate = "datum"\nwindows = { a = [0, 9], b = [300, 400] }'
        report = ls.check(put_study(tmp_path, study('file = "data.csv"', layout=layout)))
        problem = report.errors[0]
        assert (problem.code, problem.where) == ("unknown_column", "column 'datum'")
        assert "Nearest name: 'dato'" in problem.remedy


DICTIONARY = """field_name,form_name,field_type,select_choices_or_calculations
id,intake,text,
a,intake,text,
who,social,checkbox,"-1, Nobody | 1, Family | 2, Friends"
alone,social,yesno,
arm,intake,radio,"1, Same | 2, Same | 3, Other"
note,social,notes,
"""


class TestRedcap:
    def read(self, folder: Path, content: str, **keys: Any) -> RawTable:
        (folder / "fields.csv").write_text(DICTIONARY, encoding="utf-8")
        keys = {"file": "a.csv", "wave": "redcap_event_name", "waves": {"x": "t0", "y": "t1"}} | keys
        return table(folder, {"a.csv": content}, **keys)

    BOXES = (
        "id,redcap_event_name,a,who____1,who___1,who___2,alone,arm,social_complete\n"
        "1,t0,5,0,1,0,Yes,Other,2\n"
        "1,t1,5,1,0,0,No,Same,2\n"
        "2,t0,5,0,1,1,1,1,2\n"
        "2,t1,5,0,0,0,,3,0\n"
        "3,t0,5,0,0,0,,3,Complete\n"
    )

    def test_boxes_and_labels(self, tmp_path: Path) -> None:
        found = self.read(tmp_path, self.BOXES, dictionary="fields.csv")
        assert found.labels("who") == ["1", "-1", None, None, None]
        assert found.value_labels["who"] == {"-1": "Nobody", "1": "Family", "2": "Friends"}
        assert found.labels("alone") == ["1", "0", "1", None, None]
        # "Same" stands for two codes and stays unread
        assert found.labels("arm") == ["3", "Same", "1", "3", "3"]
        (problem,) = found.column_problems["who"]
        assert (problem.code, problem.rows) == ("several_boxes", (4,))

    def test_a_form_on_which_nothing_is_filled_in(self, tmp_path: Path) -> None:
        """REDCap writes 0 for its boxes; only a form marked as complete, or with an answer, means it."""
        found = self.read(tmp_path, self.BOXES, dictionary="fields.csv")
        assert found.labels("who___2") == ["0", "0", "1", None, "0"]
        assert found.reasons["who___2"] == {3: "form not filled in"}

    def test_boxes_without_a_dictionary(self, tmp_path: Path) -> None:
        found = self.read(tmp_path, self.BOXES)
        assert found.labels("who") == ["1", "-1", None, None, None]
        assert "who" not in found.value_labels

    def test_one_box_is_a_column_like_any_other(self, tmp_path: Path) -> None:
        assert "who" not in self.read(tmp_path, "id,redcap_event_name,who___1\n1,t0,1\n").columns

    def test_columns_called_by_their_labels(self, tmp_path: Path) -> None:
        dictionary = """"Variable / Field Name","Form Name","Field Type","Field Label","Choices, Calculations, OR Slider Labels"
id,intake,text,Record ID,
who,social,checkbox,Spends time with,"1, Family | 2, Friends"
a,intake,text,Quality of life,
b,intake,text,Same label,
c,intake,text,Same label,
"""
        (tmp_path / "fields.csv").write_text(dictionary, encoding="utf-8")
        head = "Record ID,Event Name,Spends time with (choice=Family),Spends time with (choice=Friends)"
        content = head + ",Quality of life,Same label\n1,t0,Checked,Unchecked,5,6\n"
        keys = {"file": "a.csv", "wave": "redcap_event_name", "waves": {"x": "t0", "y": "t1"}}
        found = table(tmp_path, {"a.csv": content}, **keys, dictionary="fields.csv")
        assert found.columns == ("id", "redcap_event_name", "who___1", "who___2", "a", "Same label", "who")
        assert found.labels("who") == ["1"]
        assert set(found.cells) == set(found.columns)

    REPEATS = (
        "id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,a,b\n"
        "1,t0,,,5,\n"
        "1,t0,visit,1,,10\n"
        "1,t0,visit,2,,20\n"
        "1,t1,,,6,\n"
        "2,t0,visit,3,,30\n"
        "2,t0,,,7,\n"
        ",t0,visit,1,,1\n"
        ",t0,visit,1,,1\n"
    )

    def test_repeats_are_refused(self, tmp_path: Path) -> None:
        found = self.read(tmp_path, self.REPEATS)
        (problem,) = found.problems
        assert (problem.code, problem.n, problem.rows) == ("repeats", 5, (3, 4, 6, 8, 9))
        assert problem.remedy == 'Say which instance is used: repeats = "first" or "last" under [data]'

    @pytest.mark.parametrize(("rule", "b"), [("first", "10"), ("last", "20")])
    def test_repeats_by_rule(self, tmp_path: Path, rule: str, b: str) -> None:
        found = self.read(tmp_path, self.REPEATS, repeats=rule)
        # nobody's rows stay apart, to be told of
        assert found.labels("id") == ["1", "1", "2", None, None]
        assert found.labels("a") == ["5", "6", "7", None, None]
        assert found.labels("b")[:3] == [b, None, "30"]
        (note,) = found.problems
        assert note.what == f"1 instance of a repeated form is not used: the {rule} of each is chosen"

    def test_each_repeat_is_a_visit_where_dates_say_its_wave(self, tmp_path: Path) -> None:
        content = (
            "id,redcap_repeat_instrument,redcap_repeat_instance,d,a\n"
            "1,,,,\n1,visit,1,2024-01-01,5\n1,visit,2,2024-12-31,6\n"
        )
        windows = {"first": [0, 10], "second": [300, 400]}
        found = table(tmp_path, {"a.csv": content}, file="a.csv", date="d", windows=windows)
        assert found.labels("(window of the date)") == [None, "first", "second"]
        assert codes(found.problems) == ["no_date"]

    def test_a_form_that_has_one_box_less_than_the_dictionary(self, tmp_path: Path) -> None:
        content = self.BOXES.replace("who____1", "gone")
        found = self.read(tmp_path, content, dictionary="fields.csv")
        assert found.labels("who") == ["1", None, None, None, None]

    def test_nothing_repeats(self, tmp_path: Path) -> None:
        content = "id,redcap_event_name,redcap_repeat_instance,a\n1,t0,,5\n1,t1,,6\n"
        assert self.read(tmp_path, content).problems == ()

    def test_an_event_that_repeats_and_contradicts(self, tmp_path: Path) -> None:
        content = "id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,a\n1,t0,,,5\n1,t0,visit,1,6\n"
        found = self.read(tmp_path, content, repeats="last")
        (problem,) = found.column_problems["a"]
        assert (problem.code, problem.n) == ("repeats_differ", 1)

    def test_two_of_one_instance(self, tmp_path: Path) -> None:
        """Neither is the last; which row is meant is not guessed."""
        content = self.REPEATS.replace("visit,2", "visit,1")
        found = self.read(tmp_path, content, repeats="last")
        (problem,) = (p for p in found.problems if p.severity == "error")
        assert (problem.code, problem.n, problem.rows) == ("repeats_twice", 2, (3, 4))

    @pytest.mark.parametrize("content", ["a,b\n1,2\n", "field_name,form_name,field_type\nid,x,text\n"])
    def test_no_dictionary(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "fields.csv").write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match="is not a data dictionary of REDCap"):
            read_dictionary("fields.csv", tmp_path)
