"""A first study file for a data file, to be completed by its author.

It proposes what the names and the layout suggest, and leaves open what must be decided: which way each
outcome points, and which network rule applies. No answer of a person is in it; only names of columns and, in
a long file, the marks of the waves.
"""

from __future__ import annotations

from pathlib import Path

from larstudy.draft_facts import NOTHING, Answers, look_at, make_draft
from larstudy.draft_text import draft_text


def draft_study(
    path: Path, *more: Path, beside: Path | None = None, sheet: str = "", answers: Answers = NOTHING
) -> str:
    """Return the text of a first study file for a data file, or for several of one study.

    Parameters
    ----------
    path : Path
        A data file of any format that is read.
    *more : Path
        Further data files of the same persons, or the data dictionary of a REDCap project.
    beside : Path, optional
        The folder that the study file will stand in; that of the data unless given.
    sheet : str, optional
        Of a workbook in which several sheets hold something.
    answers : mapping, optional
        What a person has decided, as the questions of `larstudy init` ask it.

    Returns
    -------
    str
        TOML. What has to be decided is marked, and what could not be guessed is listed at the end;
        `larstudy check` lists what is still missing.

    Raises
    ------
    DataError
        Where the file cannot be read, has no header, or is one column only.
    """
    return draft_text(make_draft(look_at(path, *more, sheet=sheet), answers), beside or path.parent)
