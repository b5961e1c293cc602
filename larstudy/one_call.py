"""One call from a data frame to a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from larstudy.changes import change
from larstudy.clusters import study_clusters
from larstudy.covariates import study_covariates
from larstudy.errors import LarstudyError, require_type, unknown_name
from larstudy.groups import fixed_groups
from larstudy.loading import load
from larstudy.models import Comparison, compare_groups
from larstudy.names import HigherIs
from larstudy.scores import outcome as outcome_of
from larstudy.specs.study import as_label


def compare_change(
    frame: pd.DataFrame,
    *,
    outcome: str | Mapping[str, str],
    group: str,
    person: str | None = None,
    wave: str | None = None,
    waves: Mapping[str, str | float] | None = None,
    higher_is: HigherIs | None = None,
    reference: str = "",
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    missing_codes: Sequence[str | float] = (),
) -> Comparison:
    """Compare the change of groups in a data frame, in one call.

    Parameters
    ----------
    frame : DataFrame
        Long (one row a person and wave) with ``wave``, or wide (one row a person) without. It is not changed.
    outcome : str or mapping
        The outcome's column; for a wide frame ``{"baseline": "qol_0", "year1": "qol_1"}``.
    group : str
        Column with one group a person. In a long frame it may stand in any of the person's rows, and must
        not differ between them.
    person : str, optional
        Column of the person id; needed for a long frame.
    wave : str, optional
        Column of the wave.
    waves : mapping, optional
        The two waves of a long frame, the earlier first, as the wave column marks them. May be left out
        where the column holds two numbers, or two ordered categories: the order of words is not guessed.
    higher_is : {"better", "worse"}, optional
        Whether a higher score is better; without it the words stay neutral.
    reference : str, optional
        The group that the others are held against; the first unless named.
    covariates : sequence of str, optional
        For one more analysis of covariance; in a long frame read at the earlier wave.
    cluster : str, optional
        Column of the cluster, such as the facility: every model is then also given with errors for it.
    missing_codes : sequence, optional
        Codes that mean "no answer".

    Returns
    -------
    Comparison
        The same as from `compare_groups`.

    Raises
    ------
    LarstudyError
        Where the waves are not given and are not exactly two.
    DataError, SpecError
        Where the frame does not fit the description; every problem is listed.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {
    ...         "id": [1, 1, 2, 2, 3, 3, 4, 4],
    ...         "t": [0, 1] * 4,
    ...         "qol": [3.0, 5, 4, 6, 2, 3, 5, 4],
    ...         "net": ["new"] * 4 + ["old"] * 4,
    ...     }
    ... )
    >>> result = ls.compare_change(frame, person="id", wave="t", outcome="qol", group="net")
    >>> result.to_frame()[["group", "n", "estimate"]].values.tolist()
    [['all', 4, 1.0], ['new', 2, 2.0], ['old', 2, 0.0]]
    """
    require_type(frame, pd.DataFrame, "frame", "a data frame")
    require_type(outcome, (str, Mapping), "outcome", "a column, or a mapping from waves to columns")
    name = outcome if isinstance(outcome, str) else "outcome"
    column: dict[str, Any] = {"column": outcome if isinstance(outcome, str) else dict(outcome)}
    if higher_is is not None:
        column["higher_is"] = higher_is
    chosen: Mapping[str, str | float] | Sequence[str]
    if isinstance(outcome, str):
        chosen = waves if waves is not None else _two_waves(frame, wave)
    else:
        chosen = waves if waves is not None else list(outcome)
    if len(chosen) != 2:
        raise LarstudyError(
            f"A comparison needs two waves, the earlier first; {len(chosen)} are named. With more of them use"
            " load() and analyse()."
        )
    cohort = load(
        frame,
        person=person,
        wave=wave,
        waves=chosen,
        outcomes={name: column},
        group={"column": group, "reference": reference} if reference else group,
        covariates=covariates,
        cluster=cluster,
        missing_codes=missing_codes,
    )
    changed = change(outcome_of(cohort, name), cohort.waves[0], cohort.waves[-1])
    return compare_groups(
        changed,
        fixed_groups(cohort),
        covariates=study_covariates(cohort),
        clusters=study_clusters(cohort),
    )


def _two_waves(frame: pd.DataFrame, wave: str | None) -> dict[str, str | float]:
    """Return the two waves of a column of numbers or of ordered categories, whose order is known."""
    if wave is None:
        raise LarstudyError(
            "A long frame needs wave=, the column of the wave; a wide one needs outcome= with a column a"
            ' wave, such as outcome={"baseline": "qol_0", "year1": "qol_1"}.'
        )
    if wave not in frame.columns:
        raise unknown_name("column", wave, [str(name) for name in frame.columns])
    column = frame[wave].dropna()
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
        present = set(column.unique())
        found = [category for category in column.dtype.categories if category in present]
    elif pd.api.types.is_numeric_dtype(column.dtype):
        found = sorted(column.unique().tolist())
    else:
        raise LarstudyError(
            f"Column '{wave}' holds words, and which wave comes first cannot be told from them. Say it, such"
            ' as waves={"baseline": "pre", "year1": "post"}.'
        )
    if len(found) != 2:
        raise LarstudyError(
            f"Column '{wave}' has {len(found)} different values, not two. Say which to compare, such as"
            ' waves={"baseline": 0, "month12": 12}.'
        )
    return {as_label(value): value if isinstance(value, str) else float(value) for value in found}
