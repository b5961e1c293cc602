"""Pages, report numbers and DOIs held against the reference list and the pages that a registry cites."""

from __future__ import annotations

import re

from larstudy.checker.claims_stated import claim_stated
from larstudy.checker.known import KnownWork, pages_in
from larstudy.checker.lexicon import say
from larstudy.checker.matching import REPORT, name_in, report_of, same_digits, years_in
from larstudy.checker.remarks import Cell, Remark
from larstudy.checker.written import numbers_of
from larstudy.evidence import in_language

_DOI = re.compile(r"\b10\.\d{4,}/[^\s,;]+[^\s,;.)\]]")
_INSTITUTE_NUMBER = re.compile(r"\b[A-Z]{2}-\d{3,5}\b")
#: What has more digits is the number of an article, and no page.
_LONGEST_PAGE = 7


def page_remarks(cell: Cell) -> list[Remark]:
    """Return a remark on each page that a cell names: all of a column of pages, or ``s. 434`` in a text."""
    if cell.heading.kind == "page":
        return _column_pages(cell)
    found = []
    for number in numbers_of(cell.text):
        value, digits = number.readings[-1]
        if number.label == "page" and not digits and value < 10_000 and not _of_another(cell, number.before):
            found.append(_one_page(cell, int(value), number.before))
    return found


def _of_another(cell: Cell, before: str) -> bool:
    """Say whether a page is of another work: a year stands right before it, and the author does not."""
    cited = before[-60:]
    return bool(years_in(cited[-14:])) and name_in(cited, cell.work.authors[0])[0] < 1.0


def _column_pages(cell: Cell) -> list[Remark]:
    """Return what there is to say of a column of pages: those of the whole article, or single ones."""
    # In "180:431" the number before the colon is of the volume.
    text = re.sub(r"\d+\s?:", " ", cell.text)
    pages, span = pages_in(text), cell.work.pages
    if span is not None and len(pages) > 1:
        same = (pages[0] == span[0], pages[-1] == span[1])
        if any(same):
            verdict = ("right", "same") if all(same) else ("unclear", "page_ends")
            return [_page(cell, cell.text, *verdict, says=f"{span[0]}–{span[1]}")]
    written = dict.fromkeys(int(page) for page in re.findall(r"\d+", text) if len(page) < _LONGEST_PAGE)
    return [_one_page(cell, page, "") for page in written]


def _page(cell: Cell, written: str, kind: str, why: str, *, says: str = "", other: str = "") -> Remark:
    return cell.remark(
        kind,  # type: ignore[arg-type]
        "page",
        why=why,
        written=written,
        says=says,
        place=say("words", "reference_list", cell.lang) if cell.work.pages else "",
        fill={"other": other},
    )


def _one_page(cell: Cell, page: int, sentence: str) -> Remark:
    work = cell.work
    shown = f"{say('words', 'page', cell.lang)} {page}"
    span = f"{say('words', 'page', cell.lang)} {work.pages[0]}–{work.pages[1]}" if work.pages else ""
    if work.pages and not work.pages[0] <= page <= work.pages[1]:
        return _outside(cell, page, shown, span)
    claim = claim_stated(sentence, cell.work.claims, page=page) if sentence else None
    if claim is not None:
        says = f"{in_language(claim.text, cell.lang)} ({say('words', 'page', cell.lang)} {claim.page})"
        place = say("words", "review_cites", cell.lang)
        return cell.remark("unclear", "page_of_claim", written=shown, says=says, place=place)
    if page in work.cited:
        place = say("words", "review_cites", cell.lang)
        return cell.remark("right", "page", why="same", written=shown, says=shown, place=place)
    if not work.cited and not work.pages:
        return _page(cell, shown, "not_checked", "nothing_known")
    listed = ", ".join(str(p) for p in sorted(work.cited)[:8])
    says = span or f"{say('words', 'page', cell.lang)} {listed}"
    return _page(cell, shown, "not_checked", "page_unknown", says=says)


def _outside(cell: Cell, page: int, shown: str, span: str) -> Remark:
    work = cell.work
    assert work.pages is not None
    low, high = work.pages
    if any(same_digits(page, inside) for inside in range(low, min(high, low + 500) + 1)):
        return _page(cell, shown, "wrong", "page_digits", says=span)
    elsewhere = [
        w for w in cell.works.values() if w.pages and w.pages[0] <= page <= w.pages[1] and w is not work
    ]
    if elsewhere:
        return _page(cell, shown, "wrong", "page_other", says=span, other=elsewhere[0].short[cell.lang])
    return _page(cell, shown, "wrong", "page", says=span)


def report_remarks(cell: Cell) -> list[Remark]:
    """Return a remark on each number of a report in a cell, where the work is a report with a number."""
    work = cell.work
    if not work.report:
        return []
    own = report_of(work.report)
    numbers = [match.group() for match in REPORT.finditer(cell.text)] if REPORT.search(own) else []
    numbers += _INSTITUTE_NUMBER.findall(cell.text) if not REPORT.search(own) else []
    found = []
    for text in dict.fromkeys(numbers):
        place = say("words", "reference_list", cell.lang)
        if report_of(text) == own:
            found.append(
                cell.remark("right", "report_number", why="same", written=text, says=work.report, place=place)
            )
            continue
        other = _other_report(cell, text)
        why = "report_number_other" if other else "report_number"
        found.append(
            cell.remark(
                "wrong",
                "report_number",
                why=why,
                written=text,
                says=work.report,
                place=place,
                fill={"other": other.short[cell.lang] if other else ""},
            )
        )
    return found


def _other_report(cell: Cell, text: str) -> KnownWork | None:
    return next((w for w in cell.works.values() if w.report and report_of(w.report) == report_of(text)), None)


def doi_remarks(cell: Cell) -> list[Remark]:
    """Return a remark on the DOI in a cell, where the reference list has one."""
    found = _DOI.search(cell.text)
    if found is None or not cell.work.doi:
        return []
    place = say("words", "reference_list", cell.lang)
    same = found.group().casefold() == cell.work.doi.casefold()
    return [
        cell.remark(
            "right" if same else "wrong",
            "doi",
            why="same" if same else "doi",
            written=found.group(),
            says=cell.work.doi,
            place=place,
        )
    ]
