"""Problems of a study that was described in arguments: told in the words of the arguments, not of a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from larstudy.errors import Problem

#: What a study file says, and how the same is said to `load`; in this order.
_REWORDED = (
    (r"\[outcomes\.NAME\]", 'one, as outcomes={"qol": "column"}'),
    (r"\[outcomes\.([^\]]+)\]", r"outcomes['\1']"),
    (r"\[data\] (\w+)", r"the argument \1"),
    (r"\[(network|group|treatment_status|covariates)\]", r"the argument \1"),
    (r"under \[data\]", "in the arguments"),
    (r"the study file gives", "the arguments give"),
    (r", and the separator", ""),
    (r"in its own table ", ""),
    (r"Change it in the file", "Change the argument"),
    (r"Write text in quotes for it", "Give a text"),
    (r"wide files", "wide frames"),
    (r"the file\b", "the frame"),
)
_TABLE = re.compile(r"\{ ([^{}]*=[^{}]*) \}")
_ENTRY = re.compile(r"(\w+) = ")


def in_arguments(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """Return problems of a study without a file, with remedies that can be followed there.

    What concerns a file that the arguments name, such as an instrument of one's own, stays as it is.

    Examples
    --------
    >>> from larstudy.errors import Problem
    >>> problem = Problem(
    ...     code="bad_value", where="data.waves", what="should name two or more waves",
    ...     remedy="Write waves = { baseline = 0, month12 = 12 }",
    ... )
    >>> print(in_arguments([problem])[0].text())
    [bad_value] waves: should name two or more waves. Write waves={"baseline": 0, "month12": 12}.
    """
    return tuple(
        problem
        if ".toml" in problem.what
        else replace(
            problem,
            where=problem.where.removeprefix("data."),
            what=_said(problem.what),
            rule=_said(problem.rule),
            remedy=_said(problem.remedy),
        )
        for problem in problems
    )


def _said(text: str) -> str:
    for pattern, words in _REWORDED:
        text = re.sub(pattern, words, text)
    # A table of TOML is a mapping of Python.
    text = _TABLE.sub(lambda found: "{" + _ENTRY.sub(r'"\1": ', found[1]) + "}", text)
    return re.sub(r"(\w+) = (?=[{\[])", r"\1=", text)
