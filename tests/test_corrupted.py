"""Two hundred spoiled studies: each names every planted problem, shows no value, leaves nothing behind.

The generator is seeded: study number N is always the same. There are three valid studies to begin with: a
long file that holds the categories, a wide Norwegian one with a group column, and a long one that is scored
from items and classified by a rule. Each is spoiled in several ways at once: in its cells, in the words of
the study file, or as a file. Every way of spoiling names the mark by which its problem must be recognised.
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
PERSONS = 40
SPOILED = 30

WIDE = """
[study]
title = "Wide"

[data]
file = "twelve.csv"
layout = "wide"
person = "id"
waves = ["0", "1"]

[outcomes.qol]
column = "qol_{wave}"
higher_is = "better"
range = [0, 12]

[group]
column = "clinic"
order = ["A", "B", "C"]
"""

ITEMS = """
[study]
title = "Items"

[data]
file = "twelve.csv"
layout = "long"
person = "id"
wave = "t"
waves = { baseline = 0, year1 = 1 }

[outcomes.social]
instrument = "qol10"
scale = "social"
items = { 4 = "q4", 5 = "q5", 6 = "q6", 7 = "q7", 8 = "q8" }

[network]
rule = "europasi"
columns = { free_time_with = "with" }
"""


def column_of(s: Spoiled, name: str) -> str:
    """The column that plays a part in each of the studies."""
    return {"categories": name, "wide": f"{name}_0", "items": "q5"}[s.kind]


class Spoiled:
    """A valid study of forty people, to be spoiled; the marks are what the command must say."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.kind = ("categories", "wide", "items")[seed % 3]
        self.toml = {"categories": STUDY + STATUS + COVARIATES, "wide": WIDE, "items": ITEMS}[self.kind]
        self.frame = pd.DataFrame(self._rows()).astype(object)
        self.content: bytes | None = None
        self.toml_bytes: bytes | None = None
        self.marks: list[str] = []
        self.used: set[str] = set()

    def _rows(self) -> list[dict[str, object]]:
        rows = []
        for person in range(1, PERSONS + 1):
            if self.kind == "wide":
                answers = {f"qol_{t}": float(self.random.integers(0, 12)) + 0.5 for t in (0, 1)}
                rows.append({"id": person, **answers, "clinic": "ABC"[person % 3]})
                continue
            for t in (0, 1):
                row: dict[str, object] = {"id": person, "t": t}
                if self.kind == "items":
                    row |= {f"q{i}": int(self.random.integers(1, 6)) for i in range(4, 9)}
                    row["with"] = int(self.random.integers(1, 6))
                else:
                    row["qol"] = float(self.random.integers(0, 12))
                    row["net"] = str(self.random.choice(["abst", "drug", "iso"]))
                    row |= {"status": person % 3 + 1, "age": 20 + person}
                rows.append(row)
        return rows

    def row(self) -> int:
        return int(self.random.integers(0, SPOILED))

    def replace(self, old: str, new: str) -> bool:
        if old not in self.toml:
            return False
        self.toml = self.toml.replace(old, new)
        return True

    def table(self) -> str:
        if self.kind == "wide":
            return self.frame.to_csv(index=False, sep=";", decimal=",")
        return self.frame.to_csv(index=False)

    def write(self, folder: Path) -> Path:
        (folder / "twelve.csv").write_bytes(self.table().encode() if self.content is None else self.content)
        path = folder / "study.toml"
        path.write_bytes(self.toml.encode() if self.toml_bytes is None else self.toml_bytes)
        return path


# -- spoiling cells: each says what it uses, so that two do not hide each other -----------------------------

Spoiler = Callable[[Spoiled], bool]


def claim(s: Spoiled, *names: str) -> bool:
    """Take columns for one way of spoiling; False where the study lacks one or another way has it."""
    if any(name in s.used or name not in s.frame.columns for name in names):
        return False
    s.used |= set(names)
    return True


def renamed_column(s: Spoiled) -> bool:
    name = {"categories": "net", "wide": "clinic", "items": "with"}[s.kind]
    if not claim(s, name):
        return False
    s.frame = s.frame.rename(columns={name: f"{name}_x"})
    s.marks.append(f"column '{name}': is not in twelve.csv")
    return True


def repeated_row(s: Spoiled) -> bool:
    if not claim(s, "id"):
        return False
    # a row that nothing else spoils, or a planted cell would be there twice
    unspoiled = len(s.frame) - 1 - int(s.random.integers(0, PERSONS - SPOILED))
    s.frame = pd.concat([s.frame, s.frame.iloc[[unspoiled]]], ignore_index=True)
    s.marks.append("that an earlier row has")
    return True


def lost_id(s: Spoiled) -> bool:
    if not claim(s, "id"):
        return False
    s.frame.loc[s.row(), "id"] = None
    s.marks.append("no person id")
    return True


def text_for_a_number(s: Spoiled) -> bool:
    column = {"categories": "qol", "wide": "qol_0", "items": "q5"}[s.kind]
    if not claim(s, column):
        return False
    s.frame.loc[s.row(), column] = SECRET
    s.marks.append(f"column '{column}': 1 cell holds something that is not a number")
    return True


def out_of_range(s: Spoiled) -> bool:
    column = {"categories": "qol", "wide": "qol_1", "items": "q6"}[s.kind]
    if not claim(s, column):
        return False
    s.frame.loc[s.row(), column] = SECRET_NUMBER
    s.marks.append(f"column '{column}': 1 value is outside")
    return True


def level_outside_the_rule(s: Spoiled) -> bool:
    if not claim(s, "with"):
        return False
    s.frame.loc[s.row(), "with"] = SECRET_NUMBER
    s.marks.append("input 'free_time_with' of network rule 'europasi'")
    return True


def unmapped_network(s: Spoiled) -> bool:
    if not claim(s, "net"):
        return False
    s.frame.loc[s.row(), "net"] = SECRET
    s.marks.append("column 'net': 1 cell holds 1 code")
    return True


def group_outside_the_order(s: Spoiled) -> bool:
    if not claim(s, "clinic"):
        return False
    s.frame.loc[s.row(), "clinic"] = SECRET
    s.marks.append("1 groups that order under [group] leaves out")
    return True


def unmapped_status(s: Spoiled) -> bool:
    if not claim(s, "status", "id"):
        return False
    person = s.frame.loc[s.row(), "id"]
    s.frame.loc[s.frame["id"] == person, "status"] = SECRET
    s.marks.append("column 'status': 2 cells hold 1 code")
    return True


def status_that_varies(s: Spoiled) -> bool:
    # an id that is lost or repeated elsewhere could take the one row that differs
    if not claim(s, "status", "id"):
        return False
    person = s.row() + 1
    s.frame.loc[(s.frame["id"] == person) & (s.frame["t"] == 0), "status"] = 1
    s.frame.loc[(s.frame["id"] == person) & (s.frame["t"] == 1), "status"] = 2
    s.marks.append("1 person has more than one value")
    return True


def word_among_ages(s: Spoiled) -> bool:
    if not claim(s, "age"):
        return False
    s.frame.loc[2 * (s.row() // 2), "age"] = SECRET
    s.marks.append("column 'age': 1 cell holds something that is not a number")
    return True


def nothing_answered(s: Spoiled) -> bool:
    column = {"categories": "qol", "wide": "qol_1", "items": "q7"}[s.kind]
    if s.kind == "wide" or not claim(s, column):
        return False
    s.frame[column] = None
    s.marks.append(f"column '{column}': holds no answer at any wave")
    return True


def absent_wave(s: Spoiled) -> bool:
    if not claim(s, "t"):
        return False
    s.replace("year1 = 1", "year1 = 1, year9 = 9")
    s.marks.append("no row of 't' is 9")
    return True


def wave_of_text(s: Spoiled) -> bool:
    if not claim(s, "t", "id"):
        return False
    s.frame["t"] = s.frame["t"].map({0: "before", 1: "after"})
    s.marks.append("text, but the study marks its waves by numbers")
    return True


CELLS: list[Spoiler] = [
    renamed_column, repeated_row, lost_id, text_for_a_number, out_of_range, level_outside_the_rule,
    unmapped_network, group_outside_the_order, unmapped_status, status_that_varies, word_among_ages,
    nothing_answered, absent_wave, wave_of_text,
]  # fmt: skip


# -- spoiling the words of the study file ----------------------------------------------------------------


def change(name: str, old: str, new: str, mark: str, *hides: str) -> Spoiler:
    """Make a way of spoiling a line; it hides what is wrong in the columns that the line is about."""

    def spoiler(s: Spoiled) -> bool:
        if old not in s.toml or (hides and not claim(s, *hides)):
            return False
        s.replace(old, new)
        s.marks.append(mark)
        return True

    spoiler.__name__ = name
    return spoiler


WORDS: list[Spoiler] = [
    change("unknown_key", "[outcomes.qol]\n", "[outcomes.qol]\ncolour = 3\n", "outcomes.qol.colour"),
    change("direction", 'higher_is = "better"', 'higher_is = "up"', "outcomes.qol.higher_is"),
    change("range", "range = [0, 12]\n\n[net", "range = [12, 0]\n\n[net", "outcomes.qol.range", "qol"),
    change("range", "range = [0, 12]\n\n[gro", "range = [12, 0]\n\n[gro", "outcomes.qol.range", "qol_1"),
    change("title", "title = ", "titel = ", "study.titel"),
    change("status", "completed = [1]", "completd = [1]", "treatment_status.values.completd", "status"),
    change("category", 'isolated = ["iso"]', 'lonely = ["iso"]', "network.values.lonely", "net"),
    change("covariates", 'columns = ["age"]', 'columns = "age"', "covariates.columns", "age"),
    change("order", 'order = ["A"', 'order = ["all", "A"', "group.order", "clinic"),
    change("item", '4 = "q4"', '44 = "q4"', "qol10 has no item '44'", "q4"),
    change("input", "free_time_with =", "free_time =", "rule 'europasi' has no input 'free_time'", "with"),
    change(
        "instrument", '"qol10"', '"qol11"', "There is no instrument 'qol11'", "q4", "q5", "q6", "q7", "q8"
    ),
    change(
        "override", "[network]\nrule", "[instruments.scl10]\nscales = 3\n[network]\nrule", "instruments.scl10"
    ),
]


# -- spoiling a file as such ---------------------------------------------------------------------------------


def empty_data(s: Spoiled) -> bool:
    s.content = b""
    s.marks.append("the file is empty")
    return True


def only_a_header(s: Spoiled) -> bool:
    s.content = s.table().splitlines()[0].encode()
    s.marks.append("no rows under the header")
    return True


def binary_data(s: Spoiled) -> bool:
    s.content = bytes(s.random.integers(0, 256, 400, dtype=np.uint8)) + b"\x00\n1"
    s.marks.append("twelve.csv")
    return True


def excel_under_a_text_name(s: Spoiled) -> bool:
    s.content = b"PK\x03\x04" + SECRET.encode()
    s.marks.append("looks like an Excel")
    return True


def ragged(s: Spoiled) -> bool:
    separator = ";" if s.kind == "wide" else ","
    lines = s.table().splitlines()
    lines[5] = separator.join(lines[5].split(separator)[:2])
    lines[9] += separator + SECRET
    s.content = "\n".join(lines).encode()
    s.marks.append("2 rows have more or fewer cells")
    return True


def cut_in_the_middle(s: Spoiled) -> bool:
    content = s.table()
    s.content = content[: content.rindex(f"\n{PERSONS}") + 4].encode()
    s.marks.append("1 row has more or fewer cells")
    return True


def open_quote(s: Spoiled) -> bool:
    lines = s.table().splitlines()
    separator = ";" if s.kind == "wide" else ","
    lines[7] = lines[7].replace(separator, f'{separator}"{SECRET}', 1)
    s.content = "\n".join(lines).encode()
    s.marks += ["quotation marks", "from line 8 on"]
    return True


def no_header(s: Spoiled) -> bool:
    s.content = "\n".join(s.table().splitlines()[1:]).encode()
    s.marks += ["the first row holds numbers", f"column '{column_of(s, 'qol')}'"]
    return True


def absent_data(s: Spoiled) -> bool:
    s.replace('file = "twelve.csv"', 'file = "elsewhere.csv"')
    s.marks.append("elsewhere.csv: there is no such file")
    return True


def excel_data(s: Spoiled) -> bool:
    s.replace('file = "twelve.csv"', 'file = "twelve.xlsx"')
    s.marks.append("twelve.xlsx: there is no such file")
    return True


def wrong_encoding(s: Spoiled) -> bool:
    s.replace('person = "id"', 'person = "id"\nencoding = "utf-9"')
    s.marks.append("there is no encoding 'utf-9'")
    return True


FILES: list[Spoiler] = [
    empty_data, only_a_header, binary_data, excel_under_a_text_name, ragged, cut_in_the_middle, open_quote,
    no_header, absent_data, excel_data, wrong_encoding,
]  # fmt: skip


# -- spoiling the study file as such: nothing else can be told then ------------------------------------------


def broken_toml(s: Spoiled) -> bool:
    lines = s.toml.splitlines()
    lines[int(s.random.integers(2, 8))] += ' = "'
    s.toml = "\n".join(lines)
    s.marks.append("is not valid TOML")
    return True


def toml_in_latin_1(s: Spoiled) -> bool:
    s.toml_bytes = s.toml.replace("title", "tittel_på", 1).encode("cp1252")
    s.marks.append("study.toml: is not UTF-8")
    return True


def empty_toml(s: Spoiled) -> bool:
    s.toml = ""
    s.marks += ["data: is missing", "outcomes: is missing"]
    return True


STUDIES: list[Spoiler] = [broken_toml, toml_in_latin_1, empty_toml]


def spoil(number: int) -> tuple[Spoiled, list[str]]:
    """Spoil one study in one to six ways; every tenth has a spoiled file, every fifteenth a spoiled study."""
    s = Spoiled(number)
    used: list[str] = []

    def some(spoilers: list[Spoiler], n: int) -> None:
        for position in s.random.permutation(len(spoilers)):
            if n and spoilers[position](s):
                used.append(spoilers[position].__name__)
                n -= 1

    if number % 15 == 14:
        some(STUDIES, 1)
    elif number % 5 == 3:
        some(WORDS, int(s.random.integers(0, 3)))
        some(FILES, 1)
    else:
        some(CELLS, int(s.random.integers(1, 5)))
        some(WORDS, int(s.random.integers(0, 3)))
    return s, used


def test_every_way_of_spoiling_is_used() -> None:
    used = {name for number in range(CASES) for name in spoil(number)[1]}
    assert used == {spoiler.__name__ for spoiler in (*CELLS, *WORDS, *FILES, *STUDIES)}


def test_most_are_spoiled_in_several_ways() -> None:
    assert sum(len(spoil(number)[1]) > 1 for number in range(CASES)) > CASES / 2


@pytest.mark.parametrize("number", range(CASES))
def test_spoiled_study(number: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    s, used = spoil(number)
    path = s.write(tmp_path)
    before = sorted(tmp_path.iterdir())

    assert main(["analyse", str(path), "--out", str(tmp_path / "out" / "deep")]) == 1
    analysed = capsys.readouterr()
    assert main(["check", str(path)]) == 1
    checked = capsys.readouterr()

    assert analysed.out == ""
    for text in (analysed.err, checked.out):
        for mark in s.marks:
            assert mark in text, used
        assert "Traceback" not in text
        assert "did not foresee" not in text
        assert SECRET not in text
        assert str(SECRET_NUMBER) not in text
        assert "867530" not in text
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_the_studies_are_valid_before_they_are_spoiled(kind: int, tmp_path: Path) -> None:
    assert main(["check", str(Spoiled(kind).write(tmp_path))]) == 0
