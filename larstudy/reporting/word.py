"""A report as a Word document, for those who comment in the margin."""

from __future__ import annotations

import io
from typing import Any

from larstudy.catalogue import in_language, say
from larstudy.reporting.blocks import Block, Bullets, Fold, Heading, Picture, Report, Shown, Terms, Text
from larstudy.table_files import new_document, put_table, saved
from larstudy.tables import SYNTHETIC_STAMP

_PICTURE_CM = 16.5


def report_document(report: Report) -> bytes:
    """Return a report as a Word document: the same content as the page, with everything unfolded.

    Parameters
    ----------
    report : Report

    Raises
    ------
    MissingPackageError
        Where python-docx is not installed; the message says how to get it.
    """
    document = new_document(report.title, report.lang)
    document.add_heading(report.title, level=0)
    if report.synthetic:
        _stamp_every_page(document, in_language(SYNTHETIC_STAMP, report.lang))
    for block in report.blocks:
        _put(document, block, report, level=1)
    return saved(document)


def _put(document: Any, block: Block, report: Report, *, level: int) -> None:
    """Add a block; ``level`` is that of a heading for what stands behind a toggle on the page."""
    if isinstance(block, Heading):
        document.add_heading(block.text, level=block.level - 1)
    elif isinstance(block, Text):
        _put_text(document, block)
    elif isinstance(block, Bullets):
        for line in block.lines:
            document.add_paragraph(line, style="List Bullet")
    elif isinstance(block, Terms):
        for term, means in block.entries:
            paragraph = document.add_paragraph()
            paragraph.add_run(f"{term}: ").bold = True
            paragraph.add_run(means)
    elif isinstance(block, Shown):
        put_table(document, block.table)
    elif isinstance(block, Picture):
        _put_picture(document, block, report)
    else:
        _put_fold(document, block, report, level=level)


def _put_fold(document: Any, block: Fold, report: Report, *, level: int) -> None:
    document.add_heading(block.summary, level=level + 1)
    for inner in block.blocks:
        _put(document, inner, report, level=level + 1)


def _put_text(document: Any, block: Text) -> None:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(block.text)
    run.bold = block.kind == "stamp"
    run.italic = block.kind in ("evidence", "note")


def _put_picture(document: Any, block: Picture, report: Report) -> None:
    """Add a figure with its alt text, its caption under it, and its numbers as a table."""
    from docx.shared import Cm

    image = io.BytesIO(block.to_bytes("png"))
    drawn = document.add_picture(image, width=Cm(_PICTURE_CM))
    # A figure stands on the page of its caption.
    document.paragraphs[-1].paragraph_format.keep_with_next = True
    properties = drawn._inline.docPr
    properties.set("descr", block.figure.alt)
    properties.set("title", block.figure.title)
    number = say("Figure {number}.", report.lang, number=report.pictures().index(block) + 1)
    paragraph = document.add_paragraph()
    paragraph.add_run(f"{number} ").bold = True
    paragraph.add_run(block.caption)
    for table in block.tables:
        put_table(document, table)


def _stamp_every_page(document: Any, stamp: str) -> None:
    """Write at the head of every page that the data are not of patients."""
    for section in document.sections:
        run = section.header.paragraphs[0].add_run(stamp)
        run.bold = True
