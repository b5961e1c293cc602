"""From items to scale scores, by an instrument's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from larstudy.cell_validation import cell_problems
from larstudy.errors import DataError, Problem, SpecError, nearest, require_type, unknown_name
from larstudy.raw_table import table_from_frame
from larstudy.results import Result
from larstudy.specs import Instrument, read_instrument
from larstudy.specs.instruments import Item, Scale
from larstudy.specs.study import Variable
from larstudy.stats import scoring
from larstudy.stats.arrays import FloatArray
from larstudy.stats.means import mean_interval
from larstudy.tables import Column, Table
from larstudy.value_sets import read_value_set

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class ScaleScores(Result):
    """Scale scores made from the items in a data frame.

    Attributes
    ----------
    instrument : Instrument
    scales : tuple of str
    values : mapping of str to ndarray of float, shape (rows,)
        In the order of the frame's rows.
    index : Index
        The frame's own.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"answer": [1, 3, None]}, index=["x", "y", "z"])
    >>> scored = ls.score(frame, "qol1", items={"1": "answer"})
    >>> print(scored)
    QOL1, rows with a score. total: 2 of 3.
    >>> scored.to_frame()["total"].tolist()
    [0.9, 0.5, nan]
    """

    instrument: Instrument
    scales: tuple[str, ...]
    values: Mapping[str, FloatArray]
    index: pd.Index[Any]

    def summary(self) -> str:
        """Return how many got each score."""
        n = len(self.index)
        parts = [f"{s}: {int((~np.isnan(self.values[s])).sum())} of {n}" for s in self.scales]
        return f"{self.instrument.name}, rows with a score. " + "; ".join(parts) + "."

    def to_frame(self) -> pd.DataFrame:
        """Return one column a scale, with the index of the frame that was scored."""
        return pd.DataFrame({s: self.values[s] for s in self.scales}, index=self.index)

    def above_cutoff(self, scale: str) -> pd.Series[Any]:
        """Return whether each score is above the published cut-off; missing where there is no score.

        Raises
        ------
        UnknownNameError
            Where the instrument has no cut-off for the scale.

        Examples
        --------
        >>> import larstudy as ls
        >>> import pandas as pd
        >>> frame = pd.DataFrame({f"q{i}": [1, 2] for i in range(1, 11)})
        >>> items = {str(i): f"q{i}" for i in range(1, 11)}
        >>> ls.score(frame, "scl10", items=items).above_cutoff("mean").tolist()
        [False, True]
        """
        cutoff = self.instrument.scale(scale).cutoff
        if cutoff is None:
            known = [s.id for s in self.instrument.scales.values() if s.cutoff is not None]
            raise unknown_name(f"cut-off in {self.instrument.id} for", scale, known)
        values = self.values[scale]
        result = pd.Series(values > cutoff, index=self.index, dtype="boolean", name=scale)
        return result.mask(np.isnan(values))

    def table(self) -> Table:
        """Return n, mean and SD of each scale."""
        columns = (
            Column(name="scale", label="Scale", kind="text"),
            Column(name="n", label="n", kind="count"),
            Column(name="n_excluded", label="No score", kind="count"),
            Column(name="mean", label="Mean"),
            Column(name="sd", label="SD"),
        )
        rows = []
        for name in self.scales:
            known = mean_interval(self.values[name])
            label = self.instrument.scales[name].label
            rows.append((label, known.n, len(self.index) - known.n, known.mean, known.sd))
        return Table(
            title=f"{self.instrument.name}: scale scores",
            columns=columns,
            rows=tuple(rows),
            notes=self.instrument.provenance_notes(),
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the distribution of each scale."""
        from larstudy import figures

        columns = [self.values[s][~np.isnan(self.values[s])] for s in self.scales]
        return figures.plot_distributions(columns, self.scales, ax=ax, title=self.instrument.name, lang=lang)


def _points(item: Item, answers: Mapping[str, FloatArray]) -> FloatArray:
    """Return the points of one item, by its table, its condition on another item, or its direction."""
    given = answers[item.id]
    if item.recode_when:
        result = np.full(given.shape, np.nan)
        for rule in item.recode_when:
            other = answers[rule.item]
            holds = np.isin(other, rule.answers) if rule.answers else np.isnan(other)
            result[holds] = scoring.recode(given, rule.points)[holds]
        return result
    if item.points:
        return scoring.recode(given, item.points)
    return item.low + item.high - given if item.reversed else given


def _scale_values(scale: Scale, parts: FloatArray, value_set: Mapping[float, float] | None) -> FloatArray:
    if scale.combine == "weighted_sum":
        means, sds, weights = (np.array(v) for v in (scale.means, scale.sds, scale.weights))
        values = scoring.weighted_sum(parts, means=means, sds=sds, weights=weights)
    elif scale.combine == "profile":
        values = scoring.profile(parts)
    elif scale.combine == "value_set":
        values = scoring.looked_up(parts[:, 0], value_set or {})
    else:
        values = scoring.combine(
            parts, method=scale.combine, min_answered=scale.min_answered, unanswered=scale.unanswered
        )
    if scale.rescale is not None:
        (low, high), (to_low, to_high) = scale.rescale
        values = to_low + (values - low) * ((to_high - to_low) / (high - low))
    if scale.multiply != 1 or scale.add != 0:
        values = values * scale.multiply + scale.add
    return values


def score_answers(
    instrument: Instrument,
    answers: Mapping[str, FloatArray],
    scales: Sequence[str],
    *,
    value_set: Mapping[float, float] | None = None,
) -> dict[str, FloatArray]:
    """Return the scores of some scales.

    Parameters
    ----------
    instrument : Instrument
    answers : mapping of str to ndarray of float, shape (n,)
        Answers to every item that the scales need; NaN where unanswered. In range, see `score`.
    scales : sequence of str
    value_set : mapping of float to float, optional
        Profile to value, for a scale that needs one.

    Returns
    -------
    dict of str to ndarray of float, shape (n,)

    Raises
    ------
    SpecError
        Where a scale needs a value set and none is given.

    Examples
    --------
    >>> import larstudy as ls
    >>> import numpy as np
    >>> qol1 = ls.read_instrument("qol1")
    >>> score_answers(qol1, {"1": np.array([4.0])}, ["total"])["total"].tolist()
    [0.3]
    """
    done: dict[str, FloatArray] = {}
    for name in scales:
        _score_scale(instrument, instrument.scale(name), answers, done, value_set)
    share = instrument.max_missing_share
    if share < 1:
        everything = np.column_stack([answers[item] for item in instrument.items])
        too_many = scoring.too_many_missing(everything, share)
        done = {name: np.where(too_many, np.nan, values) for name, values in done.items()}
    return {name: done[name] for name in scales}


def _score_scale(
    instrument: Instrument,
    scale: Scale,
    answers: Mapping[str, FloatArray],
    done: dict[str, FloatArray],
    value_set: Mapping[float, float] | None,
) -> None:
    if scale.id in done:
        return
    if scale.combine == "value_set" and value_set is None:
        raise SpecError([_no_value_set(instrument, scale)])
    for part in scale.of:
        _score_scale(instrument, instrument.scales[part], answers, done, value_set)
    columns = [done[part] for part in scale.of]
    columns += [_points(instrument.items[item], answers) for item in scale.items]
    done[scale.id] = _scale_values(scale, np.column_stack(columns), value_set)


def _no_value_set(instrument: Instrument, scale: Scale) -> Problem:
    return Problem(
        code="value_set",
        where=f"scale '{scale.id}' of {instrument.name}",
        what="needs a value set, and larstudy ships none",
        remedy="Give the file of your country's value set (columns profile and value)",
    )


def score(
    frame: pd.DataFrame,
    instrument: str | Instrument,
    *,
    items: Mapping[str, str] | None = None,
    scales: str | Sequence[str] | None = None,
    missing_codes: Sequence[str | float] = (),
    value_set: str | Path | None = None,
) -> ScaleScores:
    """Score a questionnaire whose items stand in a data frame, one row a person (and wave).

    Parameters
    ----------
    frame : DataFrame
        Answers as the instrument codes them; missing where unanswered. It is not changed.
    instrument : str or Instrument
        An id from `list_instruments`, a ``.toml`` file of your own, or an instrument.
    items : mapping of str to str, optional
        Item to column. Without it the columns are named like the items.
    scales : str or sequence of str, optional
        The scales to score; all for which the items are there unless given.
    missing_codes : sequence, optional
        Codes that mean "no answer".
    value_set : str or Path, optional
        File of a value set, for an index; see `larstudy.value_sets.read_value_set`.

    Returns
    -------
    ScaleScores

    Raises
    ------
    DataError
        Where columns are missing or answers are outside the instrument's range; every problem is listed,
        with columns, counts and row positions but no answers.
    UnknownNameError
        Where there is no such instrument or scale.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"q1": [1, 3], "q2": [2, 3], "q3": [5, 3], "q4": [3, 3], "q5": [4, None]})
    >>> result = ls.score(frame, "qol5", items={str(i): f"q{i}" for i in range(1, 6)})
    >>> result.to_frame()["total_plain"].round(3).tolist()
    [0.5, nan]
    """
    require_type(frame, pd.DataFrame, "frame", "a data frame")
    spec = read_instrument(instrument) if isinstance(instrument, str) else instrument
    require_type(spec, Instrument, "instrument", "the id of an instrument, or an instrument")
    present = {str(name) for name in frame.columns}
    given = {str(item): str(column) for item, column in (items or {}).items()}
    columns = given if items is not None else {i: i for i in spec.items if i in present}
    for item in columns:
        if item not in spec.items:
            raise unknown_name(f"item of {spec.id}", item, spec.items)
    _one_column_each(columns)
    values = None if value_set is None else read_value_set(Path(value_set))
    chosen = (scales,) if isinstance(scales, str) else scales
    wanted = tuple(chosen) if chosen is not None else _scorable(spec, columns, values is not None)
    answers = _answers(frame, spec, columns, wanted, missing_codes)
    scored = score_answers(spec, answers, wanted, value_set=values)
    return ScaleScores(instrument=spec, scales=wanted, values=scored, index=frame.index)


def _one_column_each(columns: Mapping[str, str]) -> None:
    owner: dict[str, str] = {}
    for item, column in columns.items():
        first = owner.setdefault(column, item)
        if first != item:
            what = f"is given for item {first} and for item {item}"
            where, remedy = f"column '{column}'", "Correct one of the two"
            raise DataError([Problem(code="repeated_column", where=where, what=what, remedy=remedy)])


def _scorable(spec: Instrument, columns: Mapping[str, str], has_value_set: bool) -> tuple[str, ...]:
    found = tuple(
        scale.id
        for scale in spec.scales.values()
        if set(spec.items_of(scale.id)) <= set(columns) and (scale.combine != "value_set" or has_value_set)
    )
    if not found:
        absent = [item for item in spec.items if item not in columns]
        problem = Problem(
            code="missing_items",
            where=spec.name,
            what=f"no scale has all of its items; not given: {', '.join(absent)}",
            remedy="Name the column of each item: items={'1': 'q1', ...}",
            n=len(absent),
        )
        raise DataError([problem])
    return found


def _answers(
    frame: pd.DataFrame,
    spec: Instrument,
    columns: Mapping[str, str],
    scales: Sequence[str],
    missing: Sequence[str | float],
) -> dict[str, FloatArray]:
    """Return the answers to every item that the scales need, or raise with every problem."""
    needed = dict.fromkeys(item for scale in scales for item in spec.items_of(scale))
    table = table_from_frame(frame, set(columns.values()))
    problems: list[Problem] = []
    answers: dict[str, FloatArray] = {}
    for item in needed:
        column = columns.get(item, item)
        if column not in table.cells:
            close = nearest(column, table.columns)
            remedy = f"Nearest name: '{close}'" if close else "Name it in items"
            where = f"column '{column}' (item {item})"
            what = "is not in the data frame"
            problems.append(Problem(code="unknown_column", where=where, what=what, remedy=remedy))
            continue
        answers[item] = table.numbers(column, missing).values
        rows = {"frame": np.ones(table.rows, dtype=bool)}
        problems.extend(cell_problems(table, _variable(spec.items[item], column, spec, missing), rows))
    errors = [p for p in problems if p.severity == "error" and p.code != "empty_column"]
    if errors:
        raise DataError(errors)
    return answers


def _variable(item: Item, column: str, spec: Instrument, missing: Sequence[str | float]) -> Variable:
    return Variable(
        key=("item", spec.id, item.id),
        columns={"frame": column},
        allowed=item.allowed(),
        range=(item.low, item.high),
        rule=f"item {item.id} of instrument '{spec.id}'",
        missing=tuple(missing),
    )


def check_examples(instrument: Instrument) -> list[Problem]:
    """Score the worked examples of an instrument and return those that do not come out as they say."""
    problems = []
    for example in instrument.examples:
        answers = {item: np.array([example.answers.get(item, np.nan)]) for item in instrument.items}
        scored = score_answers(instrument, answers, list(example.expect), value_set={})
        for scale, expected in example.expect.items():
            if not np.allclose(scored[scale], expected, rtol=0, atol=1e-9, equal_nan=True):
                problems.append(
                    Problem(
                        code="worked_example",
                        where=f"instrument '{instrument.id}'",
                        what=f"scale '{scale}' of the example '{example.place}' does not come out",
                        remedy="Correct the rule, or the example",
                    )
                )
    return problems
