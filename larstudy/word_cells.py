"""The pieces of a Word table that python-docx has no words for: rules, margins, heading rows, language."""

from __future__ import annotations

from typing import Any


def word_language(style: Any, code: str) -> None:
    """Give a style its language, by which spelling is checked."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = style.element.get_or_add_rPr()
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), code)
    properties.append(language)


def narrow_margins(word: Any) -> None:
    """Leave little room beside the text of each cell."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        one = OxmlElement(f"w:{side}")
        one.set(qn("w:w"), "40")
        one.set(qn("w:type"), "dxa")
        margins.append(one)
    # The format has an order: margins come before these.
    word._tbl.tblPr.insert_element_before(margins, "w:tblLook", "w:tblCaption", "w:tblDescription")


def word_row(row: Any, *, heading: bool) -> None:
    """Repeat the heading on each page, and keep every row in one piece."""
    from docx.oxml import OxmlElement

    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if heading:
        properties.append(OxmlElement("w:tblHeader"))


def word_rules(cell: Any, *, top: bool, bottom: bool, thin: bool) -> None:
    """Draw the three rules of an APA table: above and below the heading, and below the last row."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tcBorders")
    for side, wanted, size in (("top", top, 12), ("bottom", bottom, 6 if thin else 12)):
        if wanted:
            rule = OxmlElement(f"w:{side}")
            for name, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "000000")):
                rule.set(qn(f"w:{name}"), value)
            borders.append(rule)
    cell._tc.get_or_add_tcPr().append(borders)
