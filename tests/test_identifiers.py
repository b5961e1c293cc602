"""What tells who somebody is: found in any column of any file, refused until it is dropped, and never shown."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.drafts import draft_study
from larstudy.errors import DataError, SpecError
from larstudy.identifiers import identifying_columns, says_who
from larstudy.identity_numbers import cell_has_identity_number, identity_numbers, is_identity_number
from larstudy.raw_table import table_from_frame
from tests.conftest import STUDY, twelve_long, write_study

# Worked by hand. First check digit: 11 less the remainder by 11 of the sum of 3 7 6 1 8 9 4 5 2 times the digits;
# second: the same of 5 4 3 2 7 6 5 4 3 2.
BORN = "01010112377"  # 7 + 1 + 9 + 4 + 10 + 6 = 37, 7; 4 + 2 + 6 + 5 + 8 + 9 + 14 = 48, 7
D_NUMBER = "41010112360"  # 12 + 37 = 49, 6; 20 + 4 + 2 + 6 + 5 + 8 + 9 + 12 = 66, 0
H_NUMBER = "01410112430"  # 7 + 24 + 1 + 9 + 4 + 10 + 8 = 63, 3; 4 + 12 + 2 + 6 + 5 + 8 + 12 + 6 = 55, 0
MADE_UP = "01810112332"  # 7 + 48 + 1 + 9 + 4 + 10 + 6 = 85, 3; 4 + 24 + 2 + 6 + 5 + 8 + 9 + 6 = 64, 2
COMMON = "80000000179"  # 24 + 2 = 26, 7; 40 + 3 + 14 = 57, 9


class TestNumbers:
    @pytest.mark.parametrize("number", [BORN, D_NUMBER, H_NUMBER, MADE_UP, COMMON])
    def test_each_kind(self, number: str) -> None:
        assert is_identity_number(number)
        # One digit changed: either check digit, or one that they are made from.
        for place in (0, 5, 9, 10):
            other = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
            assert not is_identity_number(other)

    def test_no_date(self) -> None:
        # 32 January with check digits by the rule: 9 + 14 + 1 + 9 + 4 + 10 + 6 = 53, 2;
        # 15 + 8 + 2 + 6 + 5 + 8 + 9 + 4 = 57, 9. And 30 February: 9 + 2 + 9 + 4 + 10 + 6 = 40, 4;
        # 15 + 4 + 6 + 5 + 8 + 9 + 8 = 55, 0.
        assert not is_identity_number("32010112329")
        assert not is_identity_number("30020112340")
        assert not is_identity_number("1010112377")
        assert not is_identity_number("٠١٠١٠١١٢٣٧٧")

    @pytest.mark.parametrize(
        "text", [BORN, "010101 12377", "010101-12377", f"fnr:{BORN}.", f"({BORN})", f"see {BORN}, moved"]
    )
    def test_as_it_is_written(self, text: str) -> None:
        assert list(identity_numbers(text)) == [BORN]

    @pytest.mark.parametrize(
        "text",
        [f"0.{BORN}", f"{BORN}.5", f"1{BORN}", f"{BORN}9", f"a{BORN}", f"{BORN}f0", f"-{BORN}", "010101"],
    )
    def test_part_of_something_else(self, text: str) -> None:
        assert list(identity_numbers(text)) == []

    def test_as_a_spreadsheet_reads_it(self) -> None:
        assert cell_has_identity_number("1010112377")
        assert cell_has_identity_number("1010112377.0")
        assert not cell_has_identity_number("1010112378")
        assert not cell_has_identity_number("10101123.77")


class TestNames:
    @pytest.mark.parametrize(
        "name",
        ["navn", "Navn", "PasientNavn", "first_name", "Last name", "fødselsnummer", "FNR", "fnr_t1", "epost",
         "E-mail", "email_address", "Tlf", "mobil", "phone number", "adresse", "pårørende_navn"],
    )  # fmt: skip
    def test_of_people(self, name: str) -> None:
        assert says_who(name)

    @pytest.mark.parametrize(
        "name", ["hospital_name", "site name", "network", "nettverk", "variabelnavn", "filename", "qol_1", "id",
                 "address_changed", "1", "", "mailing_list", "telefontid"]
    )  # fmt: skip
    def test_of_other_things(self, name: str) -> None:
        assert not says_who(name)


def with_identities() -> pd.DataFrame:
    frame = twelve_long()
    frame["fnr"] = [BORN if i == 3 else "" for i in range(len(frame))]
    frame["merknad"] = ["ring ola@klinikk.example" if i in (1, 5) else "ok" for i in range(len(frame))]
    frame["etternavn"] = "KANARI"
    return frame


class TestStudy:
    def test_all_are_told_in_one_pass_and_no_cell(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, with_identities())
        with pytest.raises(DataError) as error:
            ls.load(path)
        told = {(p.code, p.where, p.n, p.rows) for p in error.value.problems}
        # Rows as a spreadsheet counts them: the first below the header is 2.
        assert told == {
            ("identity_number", "column 'fnr'", 1, (5,)),
            ("email_address", "column 'merknad'", 2, (3, 7)),
            ("identifying_name", "column 'etternavn'", 1, ()),
        }
        said = str(error.value)
        assert 'Write drop = ["fnr", "merknad", "etternavn"] under [data]' in said
        assert 'or not_identity_numbers = ["fnr"] under [data], if they are other numbers' in said
        assert not any(word in said for word in (BORN, "ola@", "KANARI"))

    def test_the_line_it_names_is_enough(self, tmp_path: Path) -> None:
        drop = 'layout = "long"\ndrop = ["fnr", "merknad", "etternavn"]'
        path = write_study(tmp_path, with_identities(), STUDY.replace('layout = "long"', drop))
        cohort = ls.load(path)
        assert len(cohort.persons) == 12
        assert ls.check(path).ok

    def test_another_column_is_added_to_those_dropped(self, tmp_path: Path) -> None:
        text = STUDY.replace('layout = "long"', 'layout = "long"\ndrop = ["fnr", "merknad"]')
        with pytest.raises(DataError, match=r'drop = \["fnr", "merknad", "etternavn"\]'):
            ls.load(write_study(tmp_path, with_identities(), text))

    def test_numbers_that_are_no_identity_numbers(self, tmp_path: Path) -> None:
        frame = twelve_long().assign(device=int(BORN))
        path = write_study(tmp_path, frame)
        with pytest.raises(
            DataError, match=r"\[identity_number\] column 'device': 23 cells hold what may be"
        ):
            ls.load(path)
        text = STUDY.replace('layout = "long"', 'layout = "long"\nnot_identity_numbers = ["device"]')
        assert len(ls.load(write_study(tmp_path, frame, text)).persons) == 12

    def test_a_column_that_the_study_reads(self, tmp_path: Path) -> None:
        """Ids may not be identity numbers; a name may be that of the clinic."""
        frame = twelve_long()
        frame["id"] = frame["id"].map(lambda i: BORN if i == 1 else str(i))
        with pytest.raises(DataError, match="put numbers of the study's own in its place"):
            ls.load(write_study(tmp_path, frame))
        frame = twelve_long().rename(columns={"net": "navn"})
        cohort = ls.load(write_study(tmp_path, frame, STUDY.replace('column = "net"', 'column = "navn"')))
        assert len(cohort.persons) == 12

    def test_drop_of_what_is_read_or_not_there(self, tmp_path: Path) -> None:
        text = STUDY.replace('layout = "long"', 'layout = "long"\ndrop = ["qol", "nvan"]')
        report = ls.check(write_study(tmp_path, twelve_long().assign(navn="x"), text))
        told = {(p.code, p.where): f"{p.what}. {p.remedy}" for p in report.errors}
        assert told["bad_value", "data.drop"] == (
            "'qol' is a column that the study reads. Take it out of drop, or out of [outcomes.qol]"
        )
        assert told["unknown_column", "data.drop"].startswith("no file has a column 'nvan'. Nearest: 'navn'")
        with pytest.raises(SpecError):
            ls.load(tmp_path / "study.toml")

    def test_in_every_format(self, tmp_path: Path) -> None:
        pyreadstat = pytest.importorskip("pyreadstat")
        frame = twelve_long().assign(fnr=float(BORN), note=f"x {D_NUMBER}")
        frame.to_excel(tmp_path / "twelve.xlsx", index=False)
        frame.to_parquet(tmp_path / "twelve.parquet")
        frame.to_stata(tmp_path / "twelve.dta", write_index=False)
        pyreadstat.write_sav(frame, tmp_path / "twelve.sav")
        frame.to_csv(tmp_path / "twelve.csv", index=False, sep=";", decimal=",", encoding="cp1252")
        for ending in ("xlsx", "parquet", "dta", "sav", "csv"):
            path = tmp_path / "study.toml"
            path.write_text(STUDY.replace("twelve.csv", f"twelve.{ending}"), encoding="utf-8")
            codes = {(p.code, p.where, p.n) for p in ls.check(path).errors}
            assert codes == {
                ("identity_number", "column 'fnr'", 23), ("identity_number", "column 'note'", 23),
            }, ending  # fmt: skip
            path.write_text(
                STUDY.replace("twelve.csv", f"twelve.{ending}").replace(
                    'layout = "long"', 'layout = "long"\ndrop = ["fnr", "note"]'
                ),
                encoding="utf-8",
            )
            assert len(ls.load(path).persons) == 12, ending

    def test_a_frame_is_asked_for_what_the_study_reads(self) -> None:
        frame = twelve_long().assign(etternavn="KANARI")
        arguments = {
            "person": "id", "wave": "t", "waves": {"baseline": 0, "year1": 1}, "outcomes": {"qol": "qol"},
        }  # fmt: skip
        assert len(ls.load(frame, **arguments).persons) == 12  # type: ignore[arg-type]
        with pytest.raises(DataError, match="identity_number"):
            ls.load(frame.assign(id=frame["id"].map(lambda i: BORN if i == 2 else str(i))), **arguments)  # type: ignore[arg-type]


class TestDraft:
    def test_dropped_from_the_start(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        path = tmp_path / "data.csv"
        with_identities().to_csv(path, index=False)
        draft = draft_study(path)
        assert 'drop = ["fnr", "merknad", "etternavn"]   # they tell who somebody is' in draft
        # Not among the columns that are listed, nor guessed to be anything.
        assert draft.count("etternavn") == 1
        assert main(["init", str(path)]) == 0
        shown = capsys.readouterr().out
        assert not any(word in shown for word in (BORN, "ola@", "KANARI"))

    def test_a_name_with_letters_that_toml_does_not_allow(self, tmp_path: Path) -> None:
        path = tmp_path / "data.csv"
        pd.DataFrame({"id": [1, 2], 'fnr\x1b"': [BORN, BORN], "q": [3, 4]}).to_csv(path, index=False)
        dropped = tomllib.loads(draft_study(path))["data"]["drop"]
        assert dropped == ['fnr\x1b"']


def test_numbers_of_a_column_are_looked_at_once() -> None:
    """A column of numbers that are too short or too long is none of persons."""
    frame = pd.DataFrame(
        {"a": [1.0, 2.5, None], "b": [1010112377, 5, 10101123770], "c": [0.1010112377, 1, 2]}
    )
    found = identifying_columns(table_from_frame(frame, {"a", "b", "c"}))
    assert [(one.column, one.code) for one in found] == [("b", "identity_number")]
    assert found[0].rows is not None
    assert found[0].rows.tolist() == [True, False, False]
