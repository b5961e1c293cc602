"""One made-up cohort, written in every form in which a clinic may send it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat

Row = dict[str, Any]
CODES = {1: "Rusfri", 2: "Rusmiljø", 3: "Isolert"}
STATUS = {1: "Fullført", 2: "I behandling", 3: "Frafalt"}
REFUSED, ASKED_NOT = 99, 98
REASONS = {REFUSED: "Ville ikke svare", ASKED_NOT: "Ikke spurt"}

BY_CODE = "values = { abstinent = [1], drug_dominated = [2], isolated = [3] }"
BY_LABEL = 'values = { abstinent = ["Rusfri"], drug_dominated = ["Rusmiljø"], isolated = ["Isolert"] }'
LONG = 'layout = "long"\nperson = "id"\nwave = "måling"\nwaves = { baseline = 0, year1 = 1 }'
WIDE = 'layout = "wide"\nperson = "id"\nwaves = { baseline = 0, year1 = 1 }'


def cohort() -> list[Row]:
    """Twenty persons at two waves; ids with zeros in front, scores above a thousand, answers refused."""
    draw = random.Random(3)
    rows = []
    for number in range(1, 21):
        first = dt.date(2023, 1, 1) + dt.timedelta(days=draw.randrange(300))
        score = draw.randrange(9000, 25000) / 10
        for wave in (0, 1):
            if (number, wave) == (20, 1):
                continue
            rows.append(
                {
                    "id": f"{number:03}",
                    "måling": wave,
                    "livskvalitet": round(score + wave * draw.randrange(-2000, 4000) / 10, 1),
                    "psykisk": REFUSED if number == 4 and wave else draw.randrange(11),
                    "nettverk": None if (number, wave) == (9, 1) else draw.choice([1, 1, 2, 3]),
                    "status": number % 3 + 1,
                    "dato": first + dt.timedelta(days=wave * draw.randrange(330, 400)),
                }
            )
    rows[0]["psykisk"] = ASKED_NOT
    draw.shuffle(rows)
    return rows


MEASURED = ("livskvalitet", "psykisk", "nettverk")


def wide(rows: Sequence[Row]) -> list[Row]:
    found: dict[str, Row] = {}
    for row in rows:
        person = found.setdefault(row["id"], {"id": row["id"], "status": row["status"]})
        for name in MEASURED:
            person[f"{name}_{row['måling']}"] = row[name]
    names = ["id", "status", *(f"{name}_{wave}" for wave in (0, 1) for name in MEASURED)]
    return [{name: person.get(name) for name in names} for person in found.values()]


def study(data: str, *, layout: str = LONG, values: str = BY_CODE, tail: str = "_{wave}") -> str:
    tail = "" if 'layout = "long"' in layout else tail
    return f"""
[study]
title = "Kohort"
[data]
{data}
{layout}
missing_codes = [{REFUSED}, {ASKED_NOT}]
[outcomes.qol]
column = "livskvalitet{tail}"
higher_is = "better"
range = [0, 5000]
[outcomes.mental]
column = "psykisk{tail}"
higher_is = "worse"
range = [0, 10]
[network]
column = "nettverk{tail}"
{values}
[treatment_status]
column = "status"
values = {{ completed = [1], in_treatment = [2], dropped_out = [3] }}
"""


def norwegian(value: Any, space: str) -> str:
    """Return a cell as Norwegian Excel writes it: decimal comma, and a space between thousands."""
    if isinstance(value, float):
        return f"{value:,.1f}".replace(",", space).replace(".", ",")
    return f"{value:%d.%m.%Y}" if isinstance(value, dt.date) else "" if value is None else str(value)


def text(rows: Sequence[Row], separator: str, *, space: str | None = None) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow(row.values() if space is None else [norwegian(v, space) for v in row.values()])
    return out.getvalue()


def put(folder: Path, name: str, content: str | bytes, toml: str) -> Path:
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return put_study(folder, toml)


def put_study(folder: Path, toml: str) -> Path:
    path = folder / "study.toml"
    path.write_text(toml, encoding="utf-8")
    return path


def plain_csv(folder: Path) -> Path:
    return put(folder, "data.csv", text(cohort(), ","), study('file = "data.csv"'))


def norwegian_cp1252(folder: Path) -> Path:
    content = text(cohort(), ";", space="\N{NO-BREAK SPACE}").encode("cp1252")
    return put(folder, "data.csv", content, study('file = "data.csv"'))


def sep_line_and_mark(folder: Path) -> Path:
    content = ("sep=;\r\n" + text(cohort(), ";", space="\N{THIN SPACE}")).encode("utf-8-sig")
    return put(folder, "data.csv", content, study('file = "data.csv"'))


def unicode_text(folder: Path) -> Path:
    content = text(cohort(), "\t", space="\N{NARROW NO-BREAK SPACE}").encode("utf-16")
    return put(folder, "data.txt", content, study('file = "data.txt"'))


def tab_separated_wide(folder: Path) -> Path:
    content = text(wide(cohort()), "\t", space=" ")
    return put(folder, "data.tsv", content, study('file = "data.tsv"', layout=WIDE))


def frame(rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame(list(rows))


def spss(rows: Sequence[Row], path: Path, *, compress: bool = False) -> None:
    data = frame(rows)
    labels: dict[str, Any] = {name: CODES for name in data if name.startswith("nettverk")}
    mental = [name for name in data if name.startswith("psykisk")]
    labels |= dict.fromkeys(mental, REASONS) | ({"status": STATUS} if "status" in data else {})
    pyreadstat.write_sav(
        data,
        str(path),
        variable_value_labels=labels,
        missing_ranges={name: [{"lo": ASKED_NOT, "hi": REFUSED}] for name in mental},
        compress=compress,
    )


def spss_long(folder: Path) -> Path:
    spss(cohort(), folder / "data.sav")
    return put_study(folder, study('file = "data.sav"', values=BY_LABEL))


def spss_wide_compressed(folder: Path) -> Path:
    spss(wide(cohort()), folder / "data.zsav", compress=True)
    return put_study(folder, study('file = "data.zsav"', layout=WIDE))


def stata(rows: Sequence[Row], path: Path) -> None:
    data = frame(rows)
    labels: dict[str, Any] = {}
    letters: dict[str, list[str]] = {}
    for name in data:
        if name.startswith("psykisk"):
            answers = [
                {REFUSED: "a", ASKED_NOT: "b"}.get(v, v if v is None or np.isnan(v) else int(v))
                for v in data[name].tolist()
            ]
            data[name] = pd.Series([None if v != v else v for v in answers], dtype=object)
            letters[name] = ["a", "b"]
            labels[name] = {"a": REASONS[REFUSED], "b": REASONS[ASKED_NOT]}
        if name.startswith("nettverk"):
            labels[name] = CODES
    pyreadstat.write_dta(data, str(path), variable_value_labels=labels, missing_user_values=letters)


def stata_long(folder: Path) -> Path:
    stata(cohort(), folder / "data.dta")
    return put_study(folder, study('file = "data.dta"', values=BY_LABEL))


def workbook(rows: Sequence[Row], path: Path, *, numbered: bool = False) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Om filen"
    book.active["A1"] = "Uttrekk fra registeret"
    sheet = book.create_sheet("Svar")
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append([int(v) if numbered and k == "id" else v for k, v in row.items()])
        if numbered:
            sheet.cell(sheet.max_row, 1).number_format = "000"
    book.save(path)


def excel_long(folder: Path) -> Path:
    workbook(cohort(), folder / "data.xlsx", numbered=True)
    return put_study(folder, study('file = "data.xlsx"\nsheet = "Svar"'))


def excel_wide(folder: Path) -> Path:
    workbook(wide(cohort()), folder / "data.xlsx")
    return put_study(folder, study('file = "data.xlsx"\nsheet = "Svar"', layout=WIDE))


def parquet_long(folder: Path) -> Path:
    data = frame(cohort())
    data["nettverk"] = pd.Categorical(data["nettverk"].map(CODES))
    data["livskvalitet"] = data["livskvalitet"].astype("float32")
    data.to_parquet(folder / "data.parquet")
    return put_study(folder, study('file = "data.parquet"', values=BY_LABEL))


DICTIONARY = """"Variable / Field Name","Form Name","Field Type","Choices, Calculations, OR Slider Labels"
id,svar,text,
livskvalitet,svar,text,
psykisk,svar,text,
nettverk,svar,checkbox,"1, Rusfri | 2, Rusmiljø | 3, Isolert"
status,svar,radio,"1, Fullført | 2, I behandling | 3, Frafalt"
"""
EVENTS = {0: "inklusjon_arm_1", 1: "aar_1_arm_1"}
EVENT_WAVES = (
    'layout = "long"\nperson = "id"\nwave = "redcap_event_name"\n'
    'waves = { baseline = "inklusjon_arm_1", year1 = "aar_1_arm_1" }\ndictionary = "fields.csv"'
)


def redcap(folder: Path, *, labels: bool) -> Path:
    found = []
    for row in cohort():
        boxes = {f"nettverk___{code}": int(row["nettverk"] == code) for code in CODES}
        if labels:
            boxes = {name: "Checked" if ticked else "Unchecked" for name, ticked in boxes.items()}  # type: ignore[misc]
        found.append(
            {
                "id": row["id"],
                "redcap_event_name": EVENTS[row["måling"]],
                "livskvalitet": row["livskvalitet"],
                "psykisk": row["psykisk"],
                **boxes,
                "status": STATUS[row["status"]] if labels else row["status"],
                "svar_complete": 2,
            }
        )
    (folder / "fields.csv").write_text(DICTIONARY, encoding="utf-8")
    return put(folder, "data.csv", text(found, ","), study('file = "data.csv"', layout=EVENT_WAVES))


def redcap_raw(folder: Path) -> Path:
    return redcap(folder, labels=False)


def redcap_labels(folder: Path) -> Path:
    return redcap(folder, labels=True)


def of_wave(wave: int) -> list[Row]:
    return [{k: v for k, v in row.items() if k != "måling"} for row in cohort() if row["måling"] == wave]


def file_for_each_wave(folder: Path) -> Path:
    content = text(of_wave(0), ";", space=" ").encode("cp1252")
    later = [{"pid": row.pop("id"), **row} for row in of_wave(1)]
    spss(later, folder / "later.sav")
    files = 'files = { baseline = "first.csv", year1 = { file = "later.sav", person = "pid" } }'
    return put(folder, "first.csv", content, study(files, layout='layout = "long"\nperson = "id"'))


def files_side_by_side(folder: Path) -> Path:
    rows = wide(cohort())
    first = [{k: v for k, v in row.items() if not k.endswith("_1")} for row in rows]
    later = [{k: v for k, v in row.items() if k == "id" or k.endswith("_1")} for row in reversed(rows)]
    workbook(first, folder / "first.xlsx", numbered=True)
    stata(later[3:] + later[:3], folder / "later.dta")
    files = 'files = [{ file = "first.xlsx", sheet = "Svar" }, "later.dta"]'
    return put_study(folder, study(files, layout=WIDE))


def dates(folder: Path) -> Path:
    layout = (
        'layout = "long"\nperson = "id"\ndate = "dato"\n'
        "windows = { baseline = [-7, 30], year1 = [330, 365, 400] }"
    )
    content = text(cohort(), ";", space=" ")
    return put(folder, "data.csv", content, study('file = "data.csv"', layout=layout))


FORMS: list[Callable[[Path], Path]] = [
    plain_csv, norwegian_cp1252, sep_line_and_mark, unicode_text, tab_separated_wide, spss_long,
    spss_wide_compressed, stata_long, excel_long, excel_wide, parquet_long, redcap_raw, redcap_labels,
    file_for_each_wave, files_side_by_side, dates,
]  # fmt: skip
