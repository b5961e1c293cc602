"""How effect sizes, responders and tests that are drawn are shown, and what must be said under them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from larstudy.tables import Column, show_level

if TYPE_CHECKING:
    from larstudy.models import Comparison, Part

EFFECTS = (
    Column(name="group", label="Group or difference", kind="text"),
    Column(name="effect", label="Effect size", kind="text"),
    Column(name="n", label="n", kind="count"),
    *(
        # In standard deviations: nothing so small is more than rounding error.
        Column(name=name, label=heading, noise=1e-12)
        for name, heading in (
            ("estimate", "Estimate"),
            ("conf_low", "CI from"),
            ("conf_high", "CI to"),
            ("bca_low", "Bootstrap from"),
            ("bca_high", "Bootstrap to"),
        )
    ),
)
RESPONDERS = (
    Column(name="criterion", label="Criterion", kind="text"),
    Column(name="group", label="Group", kind="text"),
    Column(name="response", label="Persons who", kind="text"),
    Column(name="n", label="Of n", kind="count"),
    Column(name="count", label="Persons", digits=0),
    Column(name="estimate", label="Share", digits=3),
    Column(name="conf_low", label="CI from", digits=3),
    Column(name="conf_high", label="CI to", digits=3),
    Column(name="difference", label="Difference", digits=3),
    Column(name="difference_low", label="CI from", digits=3),
    Column(name="difference_high", label="CI to", digits=3),
)
RESPONSES = {"improved": "improved", "unchanged": "did neither", "worse": "got worse"}
_CRITERIA = {
    "mcid": "Changed by at least {threshold:g}",
    "reliable_change": "Reliable change, reliability {reliability:g}",
    "reliable_change_two_sds": "Reliable change with an SD for each wave, reliability {reliability:g}",
}
_EFFECTS_NOTE = (
    "Change over a standard deviation: d, and g and d_ppc2 with Hedges' correction for small samples."
    " Differences are those from the reference group."
)
_RESPONDERS_NOTE = (
    "Shares with Wilson's interval; differences from the reference group with Newcombe's. A group with more"
    " room for change has more persons who change."
)
_RELIABLE_NOTE = (
    "Reliable change: more than 1.96 standard errors of measurement, with the SD of everybody with both"
    " waves, so that one threshold holds for all groups. Regression to the mean is not taken out."
)


def criterion_in_words(row: Mapping[Any, Any]) -> str:
    """Return what a change is held against.

    Examples
    --------
    >>> criterion_in_words({"criterion": "mcid", "threshold": 5.0, "reliability": float("nan")})
    'Changed by at least 5'
    """
    numbers = {"threshold": row["threshold"], "reliability": row["reliability"]}
    return _CRITERIA[str(row["criterion"])].format(**numbers)


def drawn_notes(comparison: Comparison, part: Part, frame: pd.DataFrame) -> tuple[str, ...]:
    """Return how effect sizes, responders and drawn tests were made; nothing for other parts."""
    if part == "effects":
        return _of_effects(comparison, frame)
    if part == "responders" and len(frame):
        known = comparison.assumed.reliability is not None
        return (_RESPONDERS_NOTE, _RELIABLE_NOTE) if known else (_RESPONDERS_NOTE,)
    return _of_pairs(comparison, frame) if part == "pairs" else ()


def _of_effects(comparison: Comparison, frame: pd.DataFrame) -> tuple[str, ...]:
    drawn = comparison.resampling
    made = frame.drop_duplicates("effect")[["effect", "standardiser", "method"]]
    lines = [_EFFECTS_NOTE]
    lines += [f"{effect}: by the {by}; {how}." for effect, by, how in made.itertuples(index=False)]
    if drawn.draws.bootstrap:
        lines.append(f"Bootstrap: BCa, {drawn.draws.bootstrap} samples of persons, seed {drawn.draws.seed}.")
    if drawn.clusters is not None:
        lines.append("No interval of an effect size allows for the clusters.")
    return tuple(lines)


def _of_pairs(comparison: Comparison, frame: pd.DataFrame) -> tuple[str, ...]:
    level, drawn = comparison.change.confidence, comparison.resampling
    seed = f"seed {drawn.draws.seed}"
    lines = []
    if (frame["method"] == "tost").any():
        nested = ", then one that allows for the clusters" if drawn.clusters is not None else ""
        lines.append(
            f"Equivalence: is the difference in change within {comparison.assumed.mcid:g} of zero, up or"
            f" down? Welch's error{nested}; interval of level {show_level(2.0 * level - 1.0)}. Not shown"
            " to be equivalent is not shown to differ."
        )
    permuted = frame[(frame["method"] == "permutation") & (frame["term"] == "group")]
    for row in permuted.to_dict("records"):
        within = f" within {' and '.join(drawn.within)}" if drawn.within else ""
        lines.append(
            f"Permutation: groups are permuted{within}, {drawn.draws.permutations} times, {seed}; of a pair"
            f" only its own persons. {row['n_informative']:g} of {row['n']} persons are in strata with two"
            " groups or more; the others tell nothing. Estimates are differences within strata."
        )
    if (frame["method"] == "wild_ancova").any():
        lines.append(f"Wild cluster bootstrap: Webb's weights, {drawn.draws.bootstrap} samples, {seed}.")
    return tuple(lines)
