"""Tables as files: the same content in each format, a thesis table in Word, and the same bytes each time."""

from __future__ import annotations

import io

import docx
import openpyxl
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn

import larstudy as ls
from larstudy import table_files
from larstudy.comparison_tables import comparison_table
from larstudy.sensitivity_tables import sensitivity_table
from larstudy.table_files import column_shares, table_bytes
from larstudy.tables import Column, Table

TABLE = Table(
    title="Works: all & more",
    columns=(
        Column(name="work", label="Work", kind="text"),
        Column(name="text", label="What was found", kind="text"),
        Column(name="n", label="n", kind="count"),
    ),
    rows=(("A (2017)", "=1+1\nsecond line, 64 %", 12), ("B_2", "short", float("nan"))),
    notes=("A note.",),
)


@pytest.mark.parametrize("kind", table_files.TABLE_FORMATS)
def test_the_same_table_gives_the_same_bytes(kind) -> None:
    assert table_bytes(TABLE, kind, lang="nn") == table_bytes(TABLE, kind, lang="nn")


def test_word() -> None:
    document = docx.Document(io.BytesIO(table_bytes(TABLE, "docx", lang="nn")))
    section = document.sections[0]
    # Three narrow columns stand on an upright page.
    assert section.orientation == WD_ORIENT.PORTRAIT
    assert section.page_width < section.page_height
    (table,) = document.tables
    assert [c.text for c in table.rows[0].cells] == ["Work", "What was found", "n"]
    assert [c.text for c in table.rows[1].cells] == ["A (2017)", "=1+1\nsecond line, 64 %", "12"]
    assert table.rows[2].cells[2].text == "–"
    # the heading is repeated on each page, and only the heading
    headings = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
    assert headings == [True, False, False]

    def rules(row: int) -> list[tuple[str, str]]:
        borders = table.rows[row].cells[0]._tc.tcPr.find(qn("w:tcBorders"))
        return [(b.tag.split("}")[1], b.get(qn("w:sz"))) for b in borders]

    assert [rules(n) for n in range(3)] == [[("top", "12"), ("bottom", "6")], [], [("bottom", "12")]]
    assert document.paragraphs[0].text == "Works: all & more"
    assert document.paragraphs[-1].text == "A note."
    assert document.styles["Normal"].element.rPr.find(qn("w:lang")).get(qn("w:val")) == "nn-NO"
    # as wide as the page between its margins, 21.0 less 2 x 2.0 cm
    assert sum(cell.width.cm for cell in table.rows[1].cells) == pytest.approx(17.0, abs=0.01)


def test_a_wide_table_lies_on_its_side() -> None:
    columns = tuple(Column(name=f"c{n}", label="Estimate of it", kind="text") for n in range(9))
    wide = Table(title="Wide", columns=columns, rows=(("x",) * 9,))
    document = docx.Document(io.BytesIO(table_bytes(wide, "docx")))
    section = document.sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert section.page_width > section.page_height
    # 29.7 less 2 x 2.0 cm
    cells = document.tables[0].rows[1].cells
    assert sum(cell.width.cm for cell in cells) == pytest.approx(25.7, abs=0.01)
    # Of many columns the type is smaller and the margins narrower, so that numbers stay in one line.
    assert cells[0].paragraphs[0].runs[0].font.size.pt == 7
    names = [child.tag.split("}")[1] for child in document.tables[0]._tbl.tblPr]
    assert names.index("tblCellMar") == names.index("tblLook") - 1
    assert r"\begin{landscape}" in table_bytes(wide, "tex").decode()
    assert "landscape" not in table_bytes(TABLE, "tex").decode()


def test_excel() -> None:
    book = openpyxl.load_workbook(io.BytesIO(table_bytes(TABLE, "xlsx")))
    sheet = book.worksheets[0]
    assert sheet.title == "Works  all & more"
    rows = list(sheet.iter_rows(values_only=True))
    assert rows == [
        ("Work", "What was found", "n"),
        ("A (2017)", "=1+1\nsecond line, 64 %", 12),
        ("B_2", "short", None),
    ]
    # text that begins with an equals sign is no formula
    assert sheet["B2"].data_type == "s"
    assert sheet.freeze_panes == "A2"
    assert [row[0] for row in book["notes"].iter_rows(values_only=True)] == ["Works: all & more", "A note."]


def test_latex() -> None:
    text = table_bytes(TABLE, "tex").decode()
    assert text.count(r"\toprule") == 2
    assert r"\begin{longtable}" in text
    assert r"B\_2 & short & -- \\" in text
    assert r"64 \%" in text
    assert text.count("arraybackslash}p{") == 3


def test_html_stands_alone() -> None:
    text = table_bytes(TABLE, "html", lang="nb").decode()
    assert text.startswith('<!DOCTYPE html>\n<html lang="nb">')
    assert "<title>Works: all &amp; more</title>" in text
    assert "http" not in text


def test_shares_add_up_and_favour_long_texts() -> None:
    shares = column_shares(TABLE)
    assert sum(shares) == pytest.approx(1)
    assert shares[1] == max(shares)


def test_unknown_format() -> None:
    with pytest.raises(ls.LarstudyError, match=r"There is no format 'doc'\. Nearest: 'docx'"):
        table_bytes(TABLE, "doc")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "module", "extra"), [("docx", "docx", "word"), ("xlsx", "openpyxl", "excel")]
)
def test_a_missing_package_is_named_with_its_extra(kind, module: str, extra: str, monkeypatch) -> None:
    real = table_files.import_module

    def absent(name: str) -> object:
        if name == module:
            raise ImportError(name)
        return real(name)

    monkeypatch.setattr(table_files, "import_module", absent)
    with pytest.raises(ls.LarstudyError, match=rf'pip install "larstudy\[{extra}\]"'):
        table_bytes(TABLE, kind)


class TestSave:
    @pytest.mark.parametrize("kind", table_files.TABLE_FORMATS)
    def test_the_ending_names_the_format(self, kind, tmp_path) -> None:
        path = TABLE.save(tmp_path / f"table.{kind.upper()}", lang="nn")
        assert path.read_bytes() == table_bytes(TABLE.in_language("nn"), kind)
        assert [p.name for p in tmp_path.iterdir()] == [path.name]

    def test_an_unknown_ending(self, tmp_path) -> None:
        with pytest.raises(ls.LarstudyError, match=r"'table\.doc' ends with no format of a table.*\.docx"):
            TABLE.save(tmp_path / "table.doc")

    def test_what_stood_there_is_left_where_writing_fails(self, tmp_path) -> None:
        path = tmp_path / "table.md"
        path.mkdir()
        (path / "kept").write_text("x", encoding="utf-8")
        with pytest.raises(ls.LarstudyError, match="Nothing was changed"):
            TABLE.save(path)
        assert [p.name for p in tmp_path.iterdir()] == ["table.md"]
        assert (path / "kept").exists()


# The tables of a study that the documentation names, by what makes them.
NAMED = {
    "table1": lambda a: ls.describe(a.cohort).table(),
    "change": lambda a: comparison_table(a.comparisons[0], "change"),
    "models": lambda a: comparison_table(a.comparisons[0], "models"),
    "contrasts": lambda a: comparison_table(a.comparisons[0], "contrasts"),
    "flow": lambda a: comparison_table(a.comparisons[0], "flow"),
    "sensitivity": lambda a: sensitivity_table(a.sensitivities()[0], "estimands"),
}


@pytest.mark.parametrize("lang", ["en", "nb", "nn"])
@pytest.mark.parametrize("name", NAMED)
def test_tables_of_a_study_in_every_format(help_analysis, name: str, lang) -> None:
    table = NAMED[name](help_analysis).in_language(lang)
    shown = table.shown()
    markdown = table_bytes(table, "md").decode()
    assert markdown.startswith(f"**{table.title}**")
    assert f'<html lang="{lang}">' in table_bytes(table, "html").decode()
    assert table_bytes(table, "tex").decode().count(r" \\") >= len(shown) + 2
    document = docx.Document(io.BytesIO(table_bytes(table, "docx")))
    (word,) = document.tables
    assert [[cell.text for cell in row.cells] for row in word.rows[1:]] == shown
    assert document.paragraphs[-1].text == table.footer()[-1]
    sheet = openpyxl.load_workbook(io.BytesIO(table_bytes(table, "xlsx"))).worksheets[0]
    assert [cell.value for cell in sheet[1]] == [column.label for column in table.columns]
    decimals = [cell for row in shown for cell in row if cell.strip("−0123456789") in (".", ",")]
    assert all(("," in cell) == (lang != "en") for cell in decimals)
    assert decimals or name == "flow"


@pytest.mark.parametrize("lang", ["nb", "nn"])
def test_verdicts_have_their_own_words(lang) -> None:
    found = ls.verdicts(data={}, n_cohorts=0, lang=lang)
    table = found.table()
    assert table.lang == lang
    assert f'<html lang="{lang}">' in table_bytes(table, "html").decode()
