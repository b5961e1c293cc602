"""Change of quality of life in printed cohorts and in HELP, and its mean where cohorts differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from larstudy.evidence import require_language, text_columns, word
from larstudy.names import COHORT_CHANGE_COLUMNS, POOLED_COLUMNS, Language
from larstudy.results import Result, frame_of
from larstudy.specs.reading import resource_toml
from larstudy.stats.arrays import FloatArray
from larstudy.stats.printed_numbers import printed
from larstudy.stats.random_effects import RandomEffects, random_effects
from larstudy.stats.small_changes import (
    PrintedChange,
    Spread,
    change_effect,
    spread_from_interval,
    spread_from_sds,
)
from larstudy.tables import Column, Table, table_from_frame

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

#: Of the two waves, where a source does not print it: low, middle and high.
_WORDS: Final = ("random_mean", "another_cohort", "in_sd")
CORRELATIONS: Final = (0.3, 0.5, 0.7)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredChange:
    """A change measured on people at hand: scores at both waves of the same persons.

    Attributes
    ----------
    label, measure : str
    before, after : ndarray, shape (n,)
        Higher is better.

    Examples
    --------
    >>> own = MeasuredChange(label="Ours", measure="QOL10", before=np.array([1.0, 2, 3, 3]),
    ...                      after=np.array([2.0, 2, 4, 3]))
    >>> pooled_changes([own]).to_frame().query("cohort == 'Ours'")["n"].item()
    4
    """

    label: str
    measure: str
    before: FloatArray
    after: FloatArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class CohortChanges(Result):
    """Changes in quality of life of several cohorts, over the correlations of the waves that may be.

    Attributes
    ----------
    rows : tuple of mapping
        One a cohort and correlation of the waves.
    pooled : mapping of float to RandomEffects
        By the correlation that is assumed where none is printed.
    lang : {"en", "nb", "nn"}

    Examples
    --------
    >>> import larstudy as ls
    >>> found = ls.cohort_changes([])
    >>> found.to_frame().query("cohort == 'Vederhus, Birkeland & Clausen 2016'")["reason"].iloc[0]
    'no standard deviation and no interval is printed'
    """

    rows: tuple[Mapping[str, Any], ...]
    pooled: Mapping[float, RandomEffects]
    lang: Language

    def to_frame(self, part: str = "cohorts") -> pd.DataFrame:
        """Return one row a cohort and correlation, or with ``"pooled"`` one row a correlation.

        ``d_rm`` is the mean change over the standard deviation of the change times
        ``sqrt(2 (1 - correlation))``; positive is better.
        """
        if part == "pooled":
            rows = [
                {
                    "correlation": r, "k": p.k, "d_rm": p.estimate, "conf_low": p.conf_low,
                    "conf_high": p.conf_high, "tau": np.sqrt(p.tau_squared), "i_squared": p.i_squared,
                    "q_p_value": p.q_p_value, "prediction_low": p.prediction_low,
                    "prediction_high": p.prediction_high, "reason": p.reason,
                }
                for r, p in self.pooled.items()
            ]  # fmt: skip
            return frame_of(rows, POOLED_COLUMNS)
        return frame_of(self.rows, COHORT_CHANGE_COLUMNS)

    def summary(self) -> str:
        """Return the mean change and how much the cohorts differ, for each correlation."""
        return "\n".join(self._sentence(r, p) for r, p in self.pooled.items() if not p.reason)

    def _sentence(self, r: float, p: RandomEffects) -> str:
        numbers = {
            "r": f"{r:g}",
            "effect": f"{p.estimate:.2f}",
            "low": f"{p.conf_low:.2f}",
            "high": f"{p.conf_high:.2f}",
            "plow": f"{p.prediction_low:.2f}",
            "phigh": f"{p.prediction_high:.2f}",
        }
        comma = "." if self.lang == "en" else ","
        shown = {name: text.replace(".", comma).replace("-", "−") for name, text in numbers.items()}
        return word("notes", "pooled", self.lang).format(**shown, k=p.k, i2=f"{100 * p.i_squared:.0f}")

    def table(self) -> Table:
        """Return the cohorts as a table."""
        frame = self.to_frame()
        columns = list(text_columns(("cohort", "measure"), self.lang))
        columns += [
            Column(name="n", label="n", kind="count"),
            Column(name="correlation", label="r", digits=1),
            Column(name="d_rm", label="d_rm"),
            Column(name="conf_low", label="95 %"),
            Column(name="conf_high", label=""),
        ]
        columns += text_columns(("reason",), self.lang)
        notes = [word("notes", "cohorts_differ", self.lang), *self.summary().splitlines()]
        return table_from_frame(
            frame, columns, title=word("titles", "cohort_changes", self.lang), notes=notes
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the forest: each cohort over the correlations, the mean, and where another would lie."""
        from larstudy import figures

        return figures.plot_forest_of_cohorts(
            self.to_frame(),
            self.to_frame("pooled"),
            words={name: word("values", name, self.lang) for name in _WORDS},
            ax=ax,
            title=word("titles", "cohort_changes", self.lang),
        )


def _printed_changes() -> list[PrintedChange]:
    """Return the cohorts whose change is printed."""
    found = []
    for values in resource_toml("published", "cohorts").values():
        n = int(values["n"])
        common = {"label": values["label"], "n": n}
        if "before" in values:
            (m0, s0), (m1, s1) = (tuple(printed(t).value for t in values[w]) for w in ("before", "after"))
            found.append(PrintedChange(**common, change=m1 - m0, spread=spread_from_sds(s0, s1)))
        elif "low" in values:
            low, high = printed(values["low"]).value, printed(values["high"]).value
            spread = spread_from_interval(low, high, n)
            found.append(PrintedChange(**common, change=printed(values["change"]).value, spread=spread))
        else:
            found.append(PrintedChange(**common, change=printed(values["change"]).value, spread=None))
    return found


def pooled_changes(measured: Sequence[MeasuredChange], *, lang: Language = "en") -> CohortChanges:
    """Return the changes of the printed cohorts and of those at hand, and their random-effects means.

    Parameters
    ----------
    measured : sequence of MeasuredChange
    lang : {"en", "nb", "nn"}

    Returns
    -------
    CohortChanges
    """
    require_language(lang)
    measures = [values["measure"][lang] for values in resource_toml("published", "cohorts").values()]
    rows: list[Mapping[str, Any]] = []
    pooled = {}
    for r in CORRELATIONS:
        effects = []
        for one, measure in zip(_printed_changes(), measures, strict=True):
            effect, variance = change_effect(one, r)
            effects.append((effect, variance))
            rows.append(_row(one.label, measure, one.n, r, effect, variance, one.spread is None))
        for own in measured:
            known = np.isfinite(own.before) & np.isfinite(own.after)
            x, y = own.before[known], own.after[known]
            at_hand = float(np.corrcoef(x, y)[0, 1])
            change = PrintedChange(
                label=own.label, n=len(x), change=float((y - x).mean()), spread=_known_spread(y - x)
            )
            effect, variance = change_effect(change, at_hand)
            effects.append((effect, variance))
            if r == CORRELATIONS[0]:
                rows.append(_row(own.label, own.measure, len(x), at_hand, effect, variance, False))
        pooled[r] = random_effects(*np.array(effects).T)
    return CohortChanges(rows=tuple(rows), pooled=pooled, lang=lang)


def _known_spread(change: FloatArray) -> Spread:
    sd = float(change.std(ddof=1))
    return lambda _: sd


def _row(
    label: str, measure: str, n: int, r: float, effect: float, variance: float, unknown: bool
) -> dict[str, Any]:
    margin = 1.959964 * np.sqrt(variance)
    return {
        "cohort": label,
        "measure": measure,
        "n": n,
        "correlation": r,
        "d_rm": effect,
        "conf_low": effect - margin,
        "conf_high": effect + margin,
        "reason": "no standard deviation and no interval is printed" if unknown else "",
    }
