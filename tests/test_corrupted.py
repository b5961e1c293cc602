"""Two hundred spoiled studies: each names every planted problem, shows no value, leaves nothing behind.

The generator is seeded: study number N is always the same. Each corruption names the mark by which its
problem must be recognised in what the command prints.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from larstudy.cli import main
from tests.conftest import COVARIATES, STATUS, STUDY

SECRET = "Zx81secret"
SECRET_NUMBER = 8675309.25
CASES = 200


class Spoiled:
    """A valid study of thirty people, to be spoiled; the marks are what the command must say."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        n = 30
        rows = []
        for person in range(1, n + 1):
            for t in (0, 1):
                rows.append(
                    {
                        "id": person,
                        "t": t,
                        "qol": float(self.random.integers(0, 12)),
                        "net": str(self.random.choice(["abst", "drug", "iso"])),
                        "status": person % 3 + 1,
                        "age": 20 + person,
                    }
                )
        self.frame = pd.DataFrame(rows).astype(object)
        self.toml = STUDY + STATUS + COVARIATES
        self.content: bytes | None = None
        self.toml_bytes: bytes | None = None
        self.marks: list[str] = []

    def row(self) -> int:
        return int(self.random.integers(0, len(self.frame)))

    def replace(self, old: str, new: str) -> None:
        assert old in self.toml, old
        self.toml = self.toml.replace(old, new)

    def write(self, folder: Path) -> Path:
        content = self.content
        if content is None:
            content = self.frame.to_csv(index=False).encode()
        (folder / "twelve.csv").write_bytes(content)
        path = folder / "study.toml"
        path.write_bytes(self.toml.encode() if self.toml_bytes is None else self.toml_bytes)
        return path


# -- spoiling cells: any of these may be planted together ----------------------------------------------


def renamed_column(s: Spoiled) -> None:
    name = str(s.random.choice(["qol", "net", "status", "age", "t"]))
    s.frame = s.frame.rename(columns={name: f"{name}_x"})
    s.marks.append(f"column '{name}': is not in twelve.csv")


def repeated_row(s: Spoiled) -> None:
    s.frame = pd.concat([s.frame, s.frame.iloc[[s.row()]]], ignore_index=True)
    s.marks.append("repeat a person and wave")


def lost_id(s: Spoiled) -> None:
    s.frame.loc[s.row(), "id"] = None
    s.marks.append("have no person id")


def text_for_a_number(s: Spoiled) -> None:
    s.frame.loc[s.row(), "qol"] = SECRET
    s.marks.append("cells hold something that is not a number")


def out_of_range(s: Spoiled) -> None:
    s.frame.loc[s.row(), "qol"] = SECRET_NUMBER
    s.marks.append("outside 0 to 12")


def unmapped_network(s: Spoiled) -> None:
    s.frame.loc[s.row(), "net"] = SECRET
    s.marks.append("column 'net': 1 cells hold 1 code")


def unmapped_status(s: Spoiled) -> None:
    person = s.frame.loc[s.row(), "id"]
    s.frame.loc[s.frame["id"] == person, "status"] = SECRET
    s.marks.append("column 'status': 2 cells hold 1 code")


def status_that_varies(s: Spoiled) -> None:
    person = int(s.random.integers(1, 31))
    s.frame.loc[(s.frame["id"] == person) & (s.frame["t"] == 0), "status"] = 1
    s.frame.loc[(s.frame["id"] == person) & (s.frame["t"] == 1), "status"] = 2
    s.marks.append("1 persons have more than one value")


def word_among_ages(s: Spoiled) -> None:
    row = s.frame.index[s.frame["t"] == 0][s.row() // 2]
    s.frame.loc[row, "age"] = SECRET
    s.marks.append("column 'age'")


# -- spoiling the study file: these too ----------------------------------------------------------------


def absent_wave(s: Spoiled) -> None:
    s.replace("year1 = 1", "year1 = 1, year9 = 9")
    s.marks.append("no row of 't' is 9")


def wave_of_text(s: Spoiled) -> None:
    s.frame["t"] = s.frame["t"].map({0: "before", 1: "after"})
    s.marks.append("rows hold text, but the study marks its waves by numbers")


CELLS: list[Callable[[Spoiled], None]] = [
    repeated_row, lost_id, text_for_a_number, out_of_range, unmapped_network, unmapped_status,
    status_that_varies, word_among_ages, absent_wave,
]  # fmt: skip
ALONE_IN_CELLS: list[Callable[[Spoiled], None]] = [renamed_column, wave_of_text]


# -- spoiling the words of the study file ----------------------------------------------------------------


def change(old: str, new: str, mark: str) -> Callable[[Spoiled], None]:
    def spoil(s: Spoiled) -> None:
        s.replace(old, new)
        s.marks.append(mark)

    spoil.__name__ = mark
    return spoil


WORDS: list[Callable[[Spoiled], None]] = [
    change('layout = "long"', 'layout = "lng"', "data.layout"),
    change('wave = "t"\n', "", "data.wave: is missing"),
    change("[outcomes.qol]\n", "[outcomes.qol]\ncolour = 3\n", "outcomes.qol.colour"),
    change('higher_is = "better"', 'higher_is = "up"', "outcomes.qol.higher_is"),
    change("range = [0, 12]", "range = [12, 0]", "outcomes.qol.range"),
    change('title = "Twelve"', "title = 12", "study.title"),
    change("completed = [1]", "completd = [1]", "treatment_status.values.completd"),
    change('isolated = ["iso"]', 'lonely = ["iso"]', "network.values.lonely"),
    change('columns = ["age"]', 'columns = "age"', "covariates.columns"),
    change("[study]", "[studie]", "studie: is not a key"),
]


# -- spoiling a file as such: alone ------------------------------------------------------------------------


def empty_data(s: Spoiled) -> None:
    s.content = b""
    s.marks.append("the file is empty")


def only_a_header(s: Spoiled) -> None:
    s.content = s.frame.head(0).to_csv(index=False).encode()
    s.marks.append("no rows under the header")


def binary_data(s: Spoiled) -> None:
    s.content = bytes(s.random.integers(0, 256, 400, dtype=np.uint8)) + b"\x00\n1"
    s.marks.append("twelve.csv")


def excel_under_a_text_name(s: Spoiled) -> None:
    s.content = b"PK\x03\x04" + SECRET.encode()
    s.marks.append("looks like an Excel")


def ragged(s: Spoiled) -> None:
    lines = s.frame.to_csv(index=False).splitlines()
    lines[5] = ",".join(lines[5].split(",")[:2])
    lines[9] += f",{SECRET}"
    s.content = "\n".join(lines).encode()
    s.marks.append("2 of 60 rows have more or fewer cells")


def cut_in_the_middle(s: Spoiled) -> None:
    content = s.frame.to_csv(index=False)
    s.content = content[: content.index("\n30,1,") + 4].encode()
    s.marks.append("rows have more or fewer cells")


def open_quote(s: Spoiled) -> None:
    content = s.frame.to_csv(index=False)
    s.content = content.replace("abst", f'"{SECRET}', 1).encode()
    s.marks.append("quotation marks")


def no_header(s: Spoiled) -> None:
    s.content = s.frame.drop(columns="net").to_csv(index=False, header=False).encode()
    s.marks += ["the first row holds numbers", "column 'qol'"]


def absent_data(s: Spoiled) -> None:
    s.replace('file = "twelve.csv"', 'file = "elsewhere.csv"')
    s.marks.append("elsewhere.csv: there is no such file")


def excel_data(s: Spoiled) -> None:
    s.replace('file = "twelve.csv"', 'file = "twelve.xlsx"')
    s.marks.append(".xlsx files are not read yet")


def wrong_encoding(s: Spoiled) -> None:
    s.replace('person = "id"', 'person = "id"\nencoding = "utf-9"')
    s.marks.append("there is no encoding 'utf-9'")


def broken_toml(s: Spoiled) -> None:
    lines = s.toml.splitlines()
    lines[int(s.random.integers(2, 8))] += ' = "'
    s.toml = "\n".join(lines)
    s.marks.append("is not valid TOML")


def toml_in_latin_1(s: Spoiled) -> None:
    s.toml_bytes = s.toml.replace("Twelve", "Tølv").encode("cp1252")
    s.marks.append("study.toml: is not UTF-8")


def empty_toml(s: Spoiled) -> None:
    s.toml = ""
    s.marks += ["data: is missing", "outcomes: is missing"]


FILES: list[Callable[[Spoiled], None]] = [
    empty_data, only_a_header, binary_data, excel_under_a_text_name, ragged, cut_in_the_middle, open_quote,
    no_header, absent_data, excel_data, wrong_encoding, broken_toml, toml_in_latin_1, empty_toml,
]  # fmt: skip


def spoil(number: int) -> Spoiled:
    """Spoil one study: cells (one to four ways at once), words (one to three), or the file as such."""
    s = Spoiled(number)
    kind = number % 4
    if kind == 3:
        FILES[number // 4 % len(FILES)](s)
    elif kind == 2:
        for position in s.random.permutation(len(WORDS))[: s.random.integers(1, 4)]:
            WORDS[position](s)
    elif number % 20 == 0:
        ALONE_IN_CELLS[number // 20 % 2](s)
    else:
        for position in s.random.permutation(len(CELLS))[: s.random.integers(1, 5)]:
            CELLS[position](s)
    return s


def test_every_corruption_is_met() -> None:
    """The two hundred must use every way of spoiling."""
    marks = {mark for number in range(CASES) for mark in spoil(number).marks}
    assert len(marks) >= len(CELLS) + len(WORDS) + len(FILES) - 1


@pytest.mark.parametrize("number", range(CASES))
def test_spoiled_study(number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    s = spoil(number)
    path = s.write(tmp_path)
    before = sorted(tmp_path.iterdir())

    assert main(["analyse", str(path), "--out", str(tmp_path / "out" / "deep")]) == 1
    analysed = capsys.readouterr()
    assert main(["check", str(path)]) == 1
    checked = capsys.readouterr()

    assert analysed.out == ""
    for text in (analysed.err, checked.out):
        for mark in s.marks:
            assert mark in text
        assert "Traceback" not in text
        assert "did not foresee" not in text
        assert SECRET not in text
        assert str(SECRET_NUMBER) not in text
        assert "867530" not in text
    assert sorted(tmp_path.iterdir()) == before


def test_the_study_is_valid_before_it_is_spoiled(tmp_path: Path) -> None:
    assert main(["check", str(Spoiled(1).write(tmp_path))]) == 0
