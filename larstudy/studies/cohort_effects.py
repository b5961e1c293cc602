"""Cohorts with a change in quality of life before and after, over a range of correlations, summarised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import cast

import numpy as np

from larstudy.changes import change
from larstudy.names import LANGUAGES
from larstudy.published_rows import published_word
from larstudy.scores import outcome
from larstudy.specs.evidence import Words
from larstudy.specs.published import PrintedCohort, PrintedFact, Published
from larstudy.stats.cohort_change import (
    ChangeSummary,
    CohortEffect,
    cohort_effect,
    summary_of_interval,
    summary_of_means,
    summary_with_spread,
)
from larstudy.stats.paired_effects import paired_effects
from larstudy.stats.random_effects import RandomEffects, TauMethod, random_effects
from larstudy.studies.help import load_help


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortAt:
    """A cohort and its effect size at the lowest, the middle and the highest correlation between the waves.

    Attributes
    ----------
    id, work : str
    label, measure, note : mapping of str to str
        By language.
    months, n : int
    borrowed : bool
        Whether its SD of change is that of another cohort.
    known : bool
        Whether the correlation is known; the effect then has one entry.
    effect : CohortEffect
    """

    id: str
    work: str
    label: Words
    measure: Words
    note: Words
    months: int
    n: int
    borrowed: bool
    known: bool
    effect: CohortEffect


@dataclass(frozen=True, slots=True, kw_only=True)
class Summarised:
    """A random-effects summary of some cohorts, at one choice of the correlation for each of them."""

    name: str
    correlations: tuple[float, ...]
    found: RandomEffects


def _changes(cohorts: Mapping[str, PrintedCohort]) -> dict[str, ChangeSummary]:
    """Return what is known of each cohort's change; those with an SD of their own first."""
    found: dict[str, ChangeSummary] = {}
    for key, cohort in sorted(cohorts.items(), key=lambda item: bool(item[1].spread_from)):
        n = int(cohort.n.printed[0].replace(",", ""))
        if cohort.spread_from and cohort.change is not None:
            found[key] = summary_with_spread(cohort.change.printed[0], n, of=found[cohort.spread_from])
        elif cohort.change is not None:
            mean, low, high = cohort.change.printed
            found[key] = summary_of_interval((mean, low, high), n)
        else:
            # The file was not read without one or the other.
            (mean_1, sd_1), (mean_2, sd_2) = (
                cast("PrintedFact", f).printed for f in (cohort.before, cohort.after)
            )
            found[key] = summary_of_means((mean_1, sd_1), (mean_2, sd_2), n)
    return {key: found[key] for key in cohorts}


def published_cohorts(published: Published, correlations: Sequence[float], level: float) -> list[CohortAt]:
    """Return the published cohorts with their effect sizes at each of some correlations."""
    rows = []
    for key, known in _changes(published.cohorts).items():
        cohort = published.cohorts[key]
        rows.append(
            CohortAt(
                id=key, work=published.works[cohort.work], label=cohort.label, measure=cohort.measure,
                note=cohort.note, months=cohort.months, n=known.n, borrowed=bool(cohort.spread_from),
                known=False, effect=cohort_effect(known, np.array(correlations), level=level),
            )
        )  # fmt: skip
    return rows


def help_cohort(level: float) -> CohortAt:
    """Return HELP's change in the mental component summary over a year, from its data."""
    frame = change(outcome(load_help(), "mental"), "baseline", "month12").to_frame()
    found = paired_effects(frame["before"].to_numpy(), frame["after"].to_numpy(), level=level)
    numbers = {
        "correlation": found.correlation, "estimate": found.d_rm, "std_error": found.d_rm_std_error,
        "conf_low": found.d_rm_low, "conf_high": found.d_rm_high, "low": found.d_rm, "high": found.d_rm,
    }  # fmt: skip
    return CohortAt(
        id="help", work="HELP, Samet et al. 2003", months=12, n=found.n, borrowed=False, known=True,
        label=_words("help"), measure=_words("help_measure"), note=_words("help_note"),
        effect=CohortEffect(**{name: np.array([value]) for name, value in numbers.items()}),
    )  # fmt: skip


def summaries_of(
    name: str,
    cohorts: Sequence[CohortAt],
    correlations: tuple[float, float, float],
    method: TauMethod,
    level: float,
) -> list[Summarised]:
    """Return a set's summaries: one correlation for all, then the ends of it in every combination."""
    unknown = [cohort for cohort in cohorts if not cohort.known]
    choices = [(i,) * len(unknown) for i in range(3)]
    choices += [one for one in product((0, 2), repeat=len(unknown)) if len(set(one)) > 1]
    rows = []
    for choice in choices:
        at = iter(choice)
        places = [0 if cohort.known else next(at) for cohort in cohorts]
        pairs = [(c.effect, i) for c, i in zip(cohorts, places, strict=True)]
        estimates = np.array([effect.estimate[i] for effect, i in pairs])
        errors = np.array([effect.std_error[i] for effect, i in pairs])
        rows.append(
            Summarised(
                name=name,
                correlations=tuple(correlations[i] for i in choice),
                found=random_effects(estimates, errors, method=method, level=level),
            )
        )
    return rows


def _words(name: str) -> Words:
    return {lang: published_word("cohorts", name, lang) for lang in LANGUAGES}
