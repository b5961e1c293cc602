"""The errors of larstudy, and the one place that words them.

A problem says what is wrong, where, how many times, by which rule, and what to do about it. Problems are
collected and shown together, so that a file is repaired in one round. No message holds a value that a
person gave: it names columns, counts and row numbers, and what the study file itself says.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

Severity = Literal["error", "note"]

_ROWS_SHOWN = 5
_OPTIONS_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with a file, told so that it can be repaired.

    Attributes
    ----------
    code : str
        Short stable name of the kind of problem, such as ``unknown_column``.
    where : str
        The key of the study file, or the column of the data file, that is concerned.
    what : str
        What was found, without any person's value.
    remedy : str
        What to do about it.
    rule : str
        The rule that was broken; empty where ``what`` already says it.
    n : int
        How many rows, cells or names are concerned.
    rows : tuple of int or str
        The first few rows concerned, counted as a spreadsheet counts them; with the name of the file where
        there are several.
    severity : {"error", "note"}
        An error stops the run; a note does not.
    """

    code: str
    where: str
    what: str
    remedy: str
    rule: str = ""
    n: int = 1
    rows: tuple[int | str, ...] = ()
    severity: Severity = "error"

    def text(self) -> str:
        """Return the problem as one line."""
        parts = [f"[{self.code}] {self.where}: {self.what}"]
        if self.rows:
            parts[0] += f" ({show_rows(self.rows, self.n)})"
        if self.rule:
            parts.append(f"Rule: {self.rule}")
        if self.remedy:
            parts.append(self.remedy)
        return ". ".join(part.rstrip(".") for part in parts) + "."


class LarstudyError(Exception):
    """The parent of every error that larstudy raises on purpose.

    Examples
    --------
    >>> import larstudy as ls
    >>> try:
    ...     ls.read_instrument("sf63")
    ... except ls.LarstudyError as error:
    ...     print(str(error).split(". ")[0])
    There is no instrument 'sf63'
    """


class ProblemsError(LarstudyError):
    """One or more problems, shown together.

    Attributes
    ----------
    problems : tuple of Problem
        Everything that is wrong, in the order in which it was found.
    """

    def __init__(self, problems: Sequence[Problem], *, title: str = "") -> None:
        self.problems = tuple(problems)
        self._title = title
        super().__init__(problem_list(self.problems, title=title))

    def __reduce__(self) -> tuple[partial[ProblemsError], tuple[tuple[Problem, ...]]]:
        """Go whole from one process to another, where studies are run side by side."""
        return partial(type(self), title=self._title), (self.problems,)


class SpecError(ProblemsError):
    """A study file, an instrument or a network rule that cannot be used as it is.

    Examples
    --------
    >>> import larstudy as ls
    >>> try:
    ...     ls.load("no_such_study.toml")
    ... except ls.SpecError as error:
    ...     print([problem.where for problem in error.problems])
    ['no_such_study.toml']
    """


class DataError(ProblemsError):
    """A data file that cannot be used as it is.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> try:
    ...     ls.score(pd.DataFrame({"1": [2, 99]}), "qol1")
    ... except ls.DataError as error:
    ...     print([(problem.code, problem.where, problem.rows) for problem in error.problems])
    [('out_of_range', "column '1'", (1,))]
    """


class UnreadableTableError(ProblemsError):
    """A table that was handed over to be checked, and cannot be read as one; the message says why.

    Examples
    --------
    >>> import larstudy as ls
    >>> try:
    ...     ls.check_review_table("no_such_table.docx")
    ... except ls.LarstudyError as error:
    ...     print(error)
    [file_missing] no_such_table.docx: there is no such file. Check the path.
    """


class UnknownNameError(LarstudyError):
    """A name that does not exist where it was looked for; the message lists the nearest ones."""


class WrongTypeError(LarstudyError, TypeError):
    """An argument that is not the kind of thing that is needed."""


class JoinError(LarstudyError):
    """Two results that do not speak of the same persons or waves."""


class MissingPackageError(LarstudyError):
    """An optional package is needed and not installed; the message says how to get it."""


class ReconciliationError(LarstudyError):
    """The tables do not account for everybody. It is a fault of larstudy, never of the data."""


def show_rows(rows: Sequence[int | str], n: int) -> str:
    """Return ``rows 3, 7, 9 and 12 more`` for the first few of ``n`` row numbers."""
    shown = ", ".join(str(row) for row in rows[:_ROWS_SHOWN])
    more = n - len(rows[:_ROWS_SHOWN])
    word = "row" if n == 1 else "rows"
    return f"{word} {shown}" + (f" and {more} more" if more > 0 else "")


def first_rows(rows: Iterable[int]) -> tuple[int, ...]:
    """Return the first few row numbers as plain integers, ready for a `Problem`."""
    result: list[int] = []
    for row in rows:
        result.append(int(row))
        if len(result) == _ROWS_SHOWN:
            break
    return tuple(result)


def problem_list(problems: Sequence[Problem], *, title: str = "") -> str:
    """Return all problems as text, one a line, under a line that counts them."""
    if len(problems) == 1 and not title:
        return problems[0].text()
    heading = title or f"{len(problems)} problems"
    return "\n".join([heading, *(f"  {i}. {p.text()}" for i, p in enumerate(problems, start=1))])


def counted(n: int, one: str, many: str) -> str:
    """Return a number with its noun and verb.

    Examples
    --------
    >>> counted(1, "row has", "rows have"), counted(3, "row has", "rows have")
    ('1 row has', '3 rows have')
    """
    return f"{n} {one if n == 1 else many}"


def nearest(name: str, options: Iterable[str]) -> str | None:
    """Return the option most like ``name``, or None where nothing is alike.

    Examples
    --------
    >>> nearest("mcs", ["MCS", "PCS"])
    'MCS'
    """
    known = list(options)
    folded: dict[str, str] = {}
    for option in known:
        folded.setdefault(option.casefold(), option)
    match = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    return folded[match[0]] if match else None


def name_options(name: str, options: Iterable[str]) -> str:
    """Return a sentence that names the nearest option and lists the valid ones, a long list cut short."""
    known = list(options)
    if not known:
        return "There is nothing to choose from"
    close = nearest(name, known)
    listed = ", ".join(known[:_OPTIONS_SHOWN])
    if len(known) > _OPTIONS_SHOWN:
        listed += f" and {len(known) - _OPTIONS_SHOWN} more"
    return (f"Nearest: '{close}'. " if close else "") + f"Known: {listed}"


def unknown_name(kind: str, name: object, options: Iterable[str]) -> UnknownNameError:
    """Return the error for a name that is not among the options.

    Examples
    --------
    >>> str(unknown_name("outcome", "mentl", ["mental", "physical"]))
    "There is no outcome 'mentl'. Nearest: 'mental'. Known: mental, physical."
    """
    return UnknownNameError(f"There is no {kind} '{name}'. {name_options(str(name), options)}.")


def require_type(value: object, kinds: type | tuple[type, ...], name: str, needed: str) -> None:
    """Raise an error that says what an argument should be, where it is something else.

    Examples
    --------
    >>> require_type(3, str, "study", "the path of a study file")
    Traceback (most recent call last):
        ...
    larstudy.errors.WrongTypeError: study should be the path of a study file, not int.
    """
    if not isinstance(value, kinds):
        raise WrongTypeError(f"{name} should be {needed}, not {type(value).__name__}.")
