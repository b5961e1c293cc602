"""What a comparison says in sentences: its title, its tests, and what every reader must know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from larstudy import names
from larstudy.changes import Change
from larstudy.names import in_sentence, label
from larstudy.stats.linear import FTest
from larstudy.stats.paired import PairedChange
from larstudy.tables import show_number, show_p_in_text

METHOD_NOTES = (
    "The repeated-measures general linear model is the method that the article of 2017 states; everything"
    " beside it is this project's addition.",
    "Change scores and the analysis of covariance answer different questions when groups differ at entry"
    " (Lord's paradox): the first asks who changed more, the second who ended higher among people who"
    " started alike. Neither earns a causal word here.",
    "Time in the repeated-measures model: every group counts alike ('time', type III) or every person does"
    " ('time_weighted', types I and II).",
    "Many intervals and p-values stand side by side, and only those of the pairs of groups are corrected for"
    " that: among twenty true nulls one is expected below .05.",
)
_SMALL_CELL = 5
SMALL_GROUPS = f"groups of fewer than {_SMALL_CELL} persons"
WHOLE_IN_MEMORY = (
    "Results in memory are whole: look whether somebody could be recognised before you share them."
)


def title_of(change: Change) -> str:
    """Return the outcome, interval and stratum of a change."""
    stratum = "" if change.stratum == names.ALL else f", {in_sentence(change.stratum)}"
    return f"{change.label}, {change.from_wave} to {change.to_wave}{stratum}"


def f_in_words(test: FTest) -> str:
    """Return F with its degrees of freedom and p, or why there is no test."""
    if test.reason:
        return f"No test: {test.reason}."
    # Degrees of freedom by Satterthwaite are seldom whole.
    df = f"{test.df:.0f}" if float(test.df).is_integer() else f"{test.df:.1f}"
    return f"F({test.df_num:.0f}, {df}) = {show_number(test.statistic)}, {show_p_in_text(test.p_value)}."


def small_cells(change: Change, by_group: Mapping[str, PairedChange]) -> Iterable[str]:
    """Return a warning where groups are so small that somebody could be recognised."""
    small = [label(name) for name, paired in by_group.items() if 0 < paired.n < _SMALL_CELL]
    if small:
        yield f"{title_of(change)}: {SMALL_GROUPS}: {', '.join(small)}. {WHOLE_IN_MEMORY}"
