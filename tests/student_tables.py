"""Tables of works as students write them, right and wrong, and as files of each format."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import docx
import openpyxl

Rows = Sequence[Sequence[object]]

HEADINGS = (
    "Forfattar (år)", "Land", "Metode", "Utval", "n", "Gjennomsnitt før", "SD før", "Endring", "Hovudfunn", "Rapport", "Side",
)  # fmt: skip

#: Every number is one that a source prints; the words are a student's own.
RIGHT: Rows = (
    HEADINGS,
    ("Muller mfl. (2017)", "Noreg", "Kvantitativ kohortstudie", "548 inkluderte, 338 følgde opp. 64 % i LAR", "338", "", "", "",
     "Dei som fekk eit rusfritt nettverk, betra seg mest; sosial isolasjon hang saman med dårlegare livskvalitet (s. 436)", "", "431–438"),
    ("Pettersen m.fl., 2019", "Noreg", "Kvalitative intervju, narrativ analyse", "18 tidlegare rusavhengige, rusfrie i minst 5 år", "18", "", "", "",
     "Informantane opplevde støtte frå sysken som viktig", "", "5, 7"),
    ("Veseth et al. (2019)", "Noreg", "Intervju, tematisk analyse", "30 personar frå STAYER", "30", "", "", "",
     "Nære relasjonar vart skildra både som stabiliserande og som ei belastning (s. 99)", "", "93-106"),
    ("Hansen, Bråthen, Aagesen og Lien (2019)", "Noreg", "Kvalitativ behovsanalyse", "Deltakarar og frivillige", "–", "", "", "",
     "Mange fortel om einsemd (s. 67)", "Fafo-rapport 2019:10", "64"),
    ("Hansen et al. (2021)", "Norge", "Evaluering med spørjeskjema", "Deltakarar i Steg for Steg", "ikkje oppgitt", "", "", "",
     "Dei fleste ønskte sosial kontakt og aktivitetar", "Fafo 2021:27", "43"),
    ("Vederhus, Birkeland & Clausen (2016)", "Noreg", "Oppfølgingsstudie", "140 pasientar", "140", "0,46", "", "0,11",
     "Livskvaliteten auka med 0,11, men var framleis under norma på 0,69", "", ""),
    ("Aas et al. (2020)", "Noreg", "Prospektiv kohort", "609 pasientar ved start, 245 etter eitt år", "609", "0,699", "0,250", "",
     "EQ-5D-indeksen var noko høgare etter eitt år (0,729, SD = 0,237)", "", ""),
    ("Larsen (2018)", "Danmark", "Tverrsnittstudie", "90 personar", "90", "", "", "", "Ikkje med i registeret", "", ""),
)  # fmt: skip

#: What is planted: row (the heading is 1), column, the cell, the diagnosis that must come, and what the source says.
PLANTED: tuple[tuple[int, str, str, str, str], ...] = (
    (2, "n", "548", "baseline_n", "338 (personar i analysen)"),
    (2, "Metode", "Randomisert kontrollert studie", "design", "Prospektiv observasjonsstudie"),
    (2, "Utval", "64 pasientar i LAR", "percent_for_count", "64 % (del i LAR ved start)"),
    (
        2,
        "Hovudfunn",
        "Eit rusfritt nettverk fører til betre livskvalitet",
        "causal_verb",
        "observasjonsstudie",
    ),
    (2, "Side", "463", "page", "s. 431–438"),
    (
        3,
        "Hovudfunn",
        "Støtte frå sysken har positiv effekt på rehabiliteringa",
        "qualitative_effect",
        "Kvalitativ",
    ),
    (4, "Forfattar (år)", "Veseth et al. (2018)", "year", "Veseth et al. (2019)"),
    (4, "Land", "Sverige", "country", "Noreg"),
    (5, "Rapport", "Fafo-rapport 2021:27", "report_number", "2019:10"),
    (7, "Gjennomsnitt før", "46", "decimal", "0,46"),
    (7, "Endring", "−0,11", "sign", "0,11"),
    (8, "SD før", "0,010", "se_for_sd", "0,250"),
)


def wrong_rows() -> list[list[str]]:
    """The right table with the twelve errors in it."""
    rows = [[str(cell) for cell in row] for row in RIGHT]
    for row, column, cell, _, _ in PLANTED:
        rows[row - 1][HEADINGS.index(column)] = cell
    return rows


def write_table(path: Path, rows: Rows, *, encoding: str = "utf-8", separator: str = ";") -> Path:
    """Write rows as a file of the format that the name says."""
    if path.suffix == ".docx":
        document = docx.Document()
        document.add_paragraph("Tabell 1. Oversikt")
        table = document.add_table(rows=len(rows), cols=len(rows[0]))
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = str(text)
        document.save(str(path))
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(list(row))
        book.save(path)
    elif path.suffix == ".md":
        lines = ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
        lines.insert(1, "|" + "---|" * len(rows[0]))
        path.write_text("# Oversikt\n\n" + "\n".join(lines) + "\n\nEtterpå.\n", encoding=encoding)
    else:
        buffer = io.StringIO()
        csv.writer(buffer, delimiter=separator).writerows(rows)
        path.write_bytes(buffer.getvalue().encode(encoding))
    return path
