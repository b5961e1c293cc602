"""Reading data files as people have them: separators, decimal commas, encodings, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from larstudy.errors import DataError
from larstudy.files import read_table
from larstudy.raw_table import RawTable, table_from_frame
from larstudy.specs.data import DataSpec


def spec(file: str, **changes: object) -> DataSpec:
    values = {
        "file": file, "layout": "long", "person": "id", "wave": "t", "waves": (), "missing_codes": (),
        "cluster": "", "separator": "", "decimal": "auto", "encoding": "",
    }  # fmt: skip
    return DataSpec(**{**values, **changes})  # type: ignore[arg-type]


def read(folder: Path, content: str | bytes, name: str = "data.csv", **changes: object) -> RawTable:
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(raw)
    return read_table(spec(name, **changes), folder)


class TestSeparators:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_found_by_itself(self, tmp_path: Path, separator: str) -> None:
        lines = [separator.join(row) for row in (["id", "a b", "c"], ["1", "2", "3"], ["2", "", "4"])]
        table = read(tmp_path, "\n".join(lines))
        assert table.columns == ("id", "a b", "c")
        assert table.record.separator == separator
        np.testing.assert_array_equal(table.numbers("a b").values, [2.0, np.nan])

    def test_any_other_when_it_is_named(self, tmp_path: Path) -> None:
        assert read(tmp_path, "id^a\n1^2\n", separator="^").columns == ("id", "a")

    def test_tsv_is_tabs(self, tmp_path: Path) -> None:
        assert read(tmp_path, "id\ta,b\n1\t2\n", name="data.tsv").columns == ("id", "a,b")

    def test_first_line_of_excel(self, tmp_path: Path) -> None:
        table = read(tmp_path, "sep=;\r\nid;a\r\n1;2,5\r\nx\r\n")
        assert table.columns == ("id", "a")
        assert table.numbers("a").values[0] == 2.5
        assert table.problems[0].rows == (4,)  # rows as a spreadsheet counts them, the sep line included

    def test_semicolons_with_commas_inside(self, tmp_path: Path) -> None:
        table = read(tmp_path, "id;name;qol\n1;a, b;3,5\n2;c;4,0\n")
        assert table.columns == ("id", "name", "qol")
        np.testing.assert_array_equal(table.numbers("qol").values, [3.5, 4.0])

    def test_quoted_separators_and_line_breaks(self, tmp_path: Path) -> None:
        table = read(tmp_path, 'id,note,a\n1,"x, ""y""\nz",2\n')
        assert table.rows == 1
        assert table.labels("note") == ['x, "y"\nz']


class TestNumbers:
    def test_decimal_comma_where_the_separator_is_none(self, tmp_path: Path) -> None:
        table = read(tmp_path, "id;a\n1;3,5\n2;-0,25\n3;1e2\n4;\N{MINUS SIGN}2\n5;+7\n")
        np.testing.assert_array_equal(table.numbers("a").values, [3.5, -0.25, 100, -2, 7])

    def test_commas_in_a_comma_file_are_not_guessed(self, tmp_path: Path) -> None:
        """In a file with commas between the cells "1,234" may be a thousand: it is refused, not read as 1.234."""
        table = read(tmp_path, 'id,a\n1,"1,234"\n2,980\n')
        numbers = table.numbers("a")
        assert numbers.bad.tolist() == [True, False]
        assert 'decimal = ","' in numbers.what

    def test_commas_in_a_comma_file_when_said(self, tmp_path: Path) -> None:
        table = read(tmp_path, 'id,a\n1,"3,5"\n', decimal=",")
        assert table.numbers("a").values[0] == 3.5

    def test_both_marks_in_one_column_are_refused(self, tmp_path: Path) -> None:
        numbers = read(tmp_path, "id;a\n1;3,5\n2;4.5\n3;1\n").numbers("a")
        assert numbers.bad.tolist() == [True, False, False]
        assert "decimal comma in a column that also has decimal points" in numbers.what

    def test_point_refused_where_the_comma_is_the_mark(self, tmp_path: Path) -> None:
        numbers = read(tmp_path, "id;a\n1;1.000\n2;3,5\n", decimal=",").numbers("a")
        assert numbers.bad.tolist() == [True, False]

    @pytest.mark.parametrize("word", ["inf", "1_000", "0x10", "1,2,3", "--1", "1e999", "True", "½", "٣"])
    def test_what_is_not_a_number(self, tmp_path: Path, word: str) -> None:
        numbers = read(tmp_path, f"id;a\n1;{word}\n2;1\n").numbers("a")
        assert numbers.bad.tolist() == [True, False]
        assert np.isnan(numbers.values[0])

    @pytest.mark.parametrize("token", ["", ".", "NA", "NaN", "#NULL!", "N/A", " "])
    def test_what_means_missing(self, tmp_path: Path, token: str) -> None:
        numbers = read(tmp_path, f"id;a\n1;{token}\n2;1\n").numbers("a")
        assert not numbers.bad.any()
        assert np.isnan(numbers.values[0])

    def test_missing_codes(self, tmp_path: Path) -> None:
        table = read(tmp_path, "id;a\n1;99\n2;-9\n3;1\n4;unknown\n")
        assert np.isnan(table.numbers("a", (99, -9.0, "unknown")).values).tolist() == [
            True,
            True,
            False,
            True,
        ]
        assert table.labels("a", ("unknown",)) == ["99", "-9", "1", None]


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "found"),
        [("utf-8", "utf-8-sig"), ("utf-8-sig", "utf-8-sig"), ("cp1252", "cp1252"), ("utf-16", "utf-16")],
    )
    def test_norwegian_letters(self, tmp_path: Path, encoding: str, found: str) -> None:
        table = read(tmp_path, "id;språk\n1;høy\n2;låg\n".encode(encoding))
        assert table.columns == ("id", "språk")
        assert table.labels("språk") == ["høy", "låg"]
        assert table.record.encoding == found

    def test_latin_1_byte_that_cp1252_lacks(self, tmp_path: Path) -> None:
        assert read(tmp_path, b"id;a\x81\n1;2\n").record.encoding == "latin-1"

    def test_named_encoding_that_does_not_fit(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="is not utf-8"):
            read(tmp_path, "id;å\n1;2\n".encode("cp1252"), encoding="utf-8")

    def test_unknown_encoding(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="there is no encoding 'utf-88'"):
            read(tmp_path, "id;a\n1;2\n", encoding="utf-88")


class TestRefused:
    @pytest.mark.parametrize("content", [b"", b"  \n\n", b"\xef\xbb\xbf"])
    def test_empty_file(self, tmp_path: Path, content: bytes) -> None:
        with pytest.raises(DataError) as error:
            read(tmp_path, content)
        assert error.value.problems[0].code == "empty_file"

    def test_header_without_rows(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="no rows under the header"):
            read(tmp_path, "id;a\n;\n")

    def test_absent_file(self, tmp_path: Path) -> None:
        with pytest.raises(
            DataError, match=r"nothing\.csv: there is no such file\..*is looked for beside it"
        ):
            read_table(spec("nothing.csv"), tmp_path)

    def test_folder(self, tmp_path: Path) -> None:
        (tmp_path / "data.csv").mkdir()
        with pytest.raises(DataError, match="cannot be read"):
            read_table(spec("data.csv"), tmp_path)

    @pytest.mark.parametrize(
        ("start", "kind"), [(b"PK\x03\x04", "Excel"), (b"$FL2", "SPSS"), (b"PAR1", "Parquet")]
    )
    def test_other_formats_under_a_text_name(self, tmp_path: Path, start: bytes, kind: str) -> None:
        with pytest.raises(DataError, match=f"looks like .*{kind}"):
            read(tmp_path, start + b"rest")

    def test_binary(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="NUL"):
            read(tmp_path, b"id;a\n1;\x00\n")

    def test_open_quotation_mark(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="quotation marks") as error:
            read(tmp_path, 'id,a\n1,"secret\n2,3\n')
        assert "secret" not in str(error.value)

    def test_a_cell_without_end(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="cannot be read from line"):
            read(tmp_path, "id,a\n1," + "x" * 200_000 + "\n")

    def test_uneven_rows_are_told_with_their_numbers(self, tmp_path: Path) -> None:
        table = read(tmp_path, "id,a,b\n1,2,3\n\n2,3\n3,4,5,6\n")
        problem = table.problems[0]
        assert (problem.code, problem.n, problem.rows) == ("ragged_row", 2, (4, 5))


class TestFrames:
    def test_kinds_of_columns(self) -> None:
        frame = pd.DataFrame(
            {
                "whole": pd.array([1, None], dtype="Int64"),
                "text": ["1.5", None],
                "kind": pd.Categorical(["a", None]),
                "flag": [True, False],
                "mixed": [1, "2"],
            }
        )
        before = frame.copy(deep=True)
        table = table_from_frame(frame, set(frame.columns))
        np.testing.assert_array_equal(table.numbers("whole").values, [1, np.nan])
        np.testing.assert_array_equal(table.numbers("text").values, [1.5, np.nan])
        np.testing.assert_array_equal(table.numbers("flag").values, [1, 0])
        np.testing.assert_array_equal(table.numbers("mixed").values, [1, 2])
        assert table.labels("kind") == ["a", None]
        assert table.labels("whole") == ["1", None]
        pd.testing.assert_frame_equal(frame, before)

    def test_infinite_is_not_a_number(self) -> None:
        table = table_from_frame(pd.DataFrame({"a": [1.0, np.inf]}), {"a"})
        assert table.numbers("a").bad.tolist() == [False, True]

    def test_missing_codes_of_numbers(self) -> None:
        table = table_from_frame(pd.DataFrame({"a": [1.0, 99.0]}), {"a"})
        assert np.isnan(table.numbers("a", (99, "unknown")).values).tolist() == [False, True]

    def test_hash_follows_the_contents_of_the_columns_used(self) -> None:
        frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"], "c": [0, 0]})
        one = table_from_frame(frame, {"a", "b"}).record.sha256
        assert table_from_frame(frame.assign(c=5), {"a", "b"}).record.sha256 == one
        assert table_from_frame(frame.assign(b=["x", "z"]), {"a", "b"}).record.sha256 != one
        assert table_from_frame(frame.assign(a=[1.0, 2.5]), {"a", "b"}).record.sha256 != one
