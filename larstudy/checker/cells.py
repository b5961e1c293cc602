"""Each cell by what its column is about, and each row by its work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from larstudy.checker.claims_stated import direction_remarks
from larstudy.checker.headers import NUMBER_KINDS, WORK_KINDS, Sheet
from larstudy.checker.known import KnownWork, countries_in, designs_in
from larstudy.checker.lexicon import folded, lexicon, say
from larstudy.checker.matching import (
    Match,
    RowWords,
    match_rows,
    row_words,
    same_digits,
    title_likeness,
    years_in,
)
from larstudy.checker.places import doi_remarks, page_remarks, report_remarks
from larstudy.checker.quantities import number_remarks
from larstudy.checker.remarks import Cell, Remark
from larstudy.checker.wording import wording_remarks
from larstudy.evidence import in_language
from larstudy.names import Language

#: Columns whose numbers and pages are looked at.
_TEXTS = ("sample", "setting", "measures", "findings", "design", "analysis")
#: What is longer than this is no cell of a table of works.
_LONGEST_CELL = 10_000
#: Columns that may speak of other works.
_OF_OTHERS = ("page", "findings", "limitations", "aim", "analysis", "measures")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found in a table: the remarks, and how many rows were about a known work."""

    remarks: tuple[Remark, ...]
    rows: int


def check_sheet(sheet: Sheet, works: Mapping[str, KnownWork], lang: Language) -> Checked:
    """Return every remark on a table, row by row."""
    words = [row_words(sheet, cells) for _, cells in sheet.rows]
    matches = match_rows(words, works)
    remarks: list[Remark] = []
    for (row, cells), said, match in zip(sheet.rows, words, matches, strict=True):
        remarks += _row(sheet, row, cells, said, match, works, lang)
    remarks += _unknown_columns(sheet, lang)
    known = sum(match.work is not None for match in matches)
    return Checked(remarks=tuple(remarks), rows=known)


def _row(
    sheet: Sheet,
    row: int,
    cells: tuple[str, ...],
    said: RowWords,
    match: Match,
    works: Mapping[str, KnownWork],
    lang: Language,
) -> list[Remark]:
    place = sheet.places(*WORK_KINDS)[0]
    work = match.work
    nobody = KnownWork(key="", authors=(), years=(), role="other", short={})

    def cell(at: int) -> Cell:
        text = cells[at] if at < len(cells) else ""
        return Cell(
            table=sheet.number,
            row=row,
            cited=said.cited.strip()[:60],
            heading=sheet.headings[at],
            text=text,
            work=work or nobody,
            works=works,
            lang=lang,
        )

    if len(cells) > len(sheet.headings) and any(cells[len(sheet.headings) :]):
        return [cell(place).remark("unclear", "split_cell")]
    if work is None:
        if match.others:
            known = "; ".join(_told_apart(other, lang) for other in match.others)
            return [cell(place).remark("unclear", "which_work", says=known, fill={"known": known})]
        why = "not_in_registry" if said.cited.strip() else "no_work"
        return [cell(place).remark("not_checked", "not_in_registry", why=why)]
    remarks = _work_remarks(cell(place), sheet, said, match, cells)
    for at, heading in enumerate(sheet.headings):
        if at >= len(cells) or (at in sheet.places("authors") and at != place):
            continue
        if (row, at) in sheet.dates and heading.kind != "year":
            remarks.append(cell(at).remark("unclear", "excel_date"))
        else:
            remarks += _cell_remarks(cell(at))
    return remarks


def _told_apart(work: KnownWork, lang: Language) -> str:
    """Return how a work is cited, with its n, by which two of the same authors and year are told apart."""
    n = next((figure.printed for figure in work.of("n")), "")
    return f"{work.short[lang]}, n = {n}" if n else work.short[lang]


def _work_remarks(
    cell: Cell, sheet: Sheet, said: RowWords, match: Match, cells: Sequence[str]
) -> list[Remark]:
    """Return whether author and year are those of the reference list."""
    work = cell.work
    reference_list = say("words", "reference_list", cell.lang)
    shown = work.short[cell.lang]
    found = []
    if match.name:
        fill = {"known": work.authors[0]}
        found.append(
            cell.remark("unclear", "name", written=match.name, says=shown, place=reference_list, fill=fill)
        )
    if set(said.years) & set(work.years):
        if not match.name:
            found.append(cell.remark("right", "found", says=shown, place=reference_list))
        return found
    known = str(work.years[0])
    column = next((at for at in sheet.places("year") if at < len(cells) and years_in(cells[at])), None)
    if column is not None:
        cell = Cell(
            table=cell.table,
            row=cell.row,
            cited=cell.cited,
            heading=sheet.headings[column],
            text=cells[column],
            work=work,
            works=cell.works,
            lang=cell.lang,
        )
    swapped = any(same_digits(a, b) for a in said.years for b in work.years)
    why = "year_swapped" if swapped else "year" if said.years else "year_missing"
    found.append(
        cell.remark(
            "wrong" if said.years else "unclear",
            "year",
            why=why,
            says=shown,
            place=reference_list,
            written=", ".join(str(year) for year in said.years),
            fill={"known": known},
        )
    )
    return found


def is_absent(text: str) -> bool:
    """Say whether a cell says that there is nothing.

    Examples
    --------
    >>> is_absent(" – "), is_absent("Ikkje oppgitt."), is_absent("0")
    (True, True, False)
    """
    return folded(text).rstrip(".") in lexicon("headings")["absent"]["words"]


def _cell_remarks(cell: Cell) -> list[Remark]:
    kind = cell.heading.kind
    if not kind:
        return _everywhere(cell)
    if is_absent(cell.text):
        return _absent(cell)
    if len(cell.text) > _LONGEST_CELL:
        return [cell.remark("not_checked", "cell", why="too_long")]
    found = [*_everywhere(cell), *_by_kind(cell)]
    if not found and kind not in (*WORK_KINDS, "year", "title", "authors"):
        found.append(cell.remark("not_checked", "cell", why="not_recognised"))
    return found


def _by_kind(cell: Cell) -> list[Remark]:
    """Return what is looked for in a column of this kind."""
    kind = cell.heading.kind
    found: list[Remark] = []
    if kind == "title":
        found += _title(cell)
    if kind in NUMBER_KINDS or kind in _TEXTS:
        found += number_remarks(cell)
    if kind == "page" or kind in (*_TEXTS, "limitations", *WORK_KINDS):
        found += page_remarks(cell)
    if kind == "design":
        found += _design(cell)
    if kind in ("country", "setting", "sample"):
        found += _country(cell)
    if kind == "findings":
        found += [*direction_remarks(cell), *wording_remarks(cell)]
    return found


def _everywhere(cell: Cell) -> list[Remark]:
    """Return what is looked for wherever the work is named: report numbers and DOIs."""
    return [] if cell.heading.kind in _OF_OTHERS else [*report_remarks(cell), *doi_remarks(cell)]


def _absent(cell: Cell) -> list[Remark]:
    """Return what there is to say of an empty cell: only that the source has an n after all."""
    figures = [f for f in cell.work.of("n") if f.role == "analysed"]
    if cell.heading.kind != "n" or not figures:
        return []
    return [cell.remark("unclear", "missing_n", says=cell.shown(figures[0]), place=cell.place_of(figures[0]))]


def _title(cell: Cell) -> list[Remark]:
    title = cell.work.title
    if not title:
        return []
    place = say("words", "reference_list", cell.lang)
    alike = title_likeness(cell.text, title)
    if alike > 0.995:
        return [cell.remark("right", "title", why="same", says=title, place=place)]
    why = "title" if alike > 0.8 else "title_other"
    return [cell.remark("unclear", "title", why=why, says=title, place=place)]


def _design(cell: Cell) -> list[Remark]:
    work = cell.work
    named = designs_in(cell.text)
    if not named or not work.designs:
        return []
    rules = lexicon("wordings")["designs"]
    against = {
        name
        for name in named - work.designs
        for own in work.designs
        if own in rules[name]["never"] or name in rules[own]["never"]
    }
    says, place = in_language(work.design, cell.lang), cell.read_place()
    # Two kinds of method in one work are no contradiction where it has both.
    if {"qualitative", "quantitative"} <= work.designs:
        against -= {"qualitative", "quantitative", "observational"}
    if against:
        return [cell.remark("wrong", "design", says=says, place=place)]
    if named & work.designs:
        return [cell.remark("right", "design", why="same", says=says, place=place)]
    return []


def _country(cell: Cell) -> list[Remark]:
    work = cell.work
    named = countries_in(cell.text)
    if not named or not work.countries:
        return []
    says, place = in_language(work.country, cell.lang), cell.read_place()
    strangers = named - work.countries
    if (cell.heading.kind == "country" and strangers) or not named & work.countries:
        return [cell.remark("wrong", "country", says=says, place=place)]
    return [cell.remark("right", "country", why="same", says=says, place=place)]


def _unknown_columns(sheet: Sheet, lang: Language) -> list[Remark]:
    """Return that a column is not checked, for each whose heading is not known."""
    first = sheet.rows[0][0] - 1 if sheet.rows else 1
    return [
        Remark(
            table=sheet.number, row=first, work="", column=heading.text, kind="not_checked",
            diagnosis="column_not_checked", written=heading.text, says="", place="",
            why=say("why", "column_not_checked", lang),
        )
        for heading in sheet.headings
        if heading.text and not heading.kind
    ]  # fmt: skip
