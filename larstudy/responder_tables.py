"""Rows of the table on persons: whose change matters, whose is reliable, and how groups differ in that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from larstudy.changes import Change
from larstudy.estimands import Assumed
from larstudy.model_fitting import place_of, waves_by_group
from larstudy.names import ALL
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.group_effects import group_waves
from larstudy.stats.responders import (
    HigherIs,
    Proportion,
    important_change,
    no_share,
    reliable_change,
    risk_difference,
)

#: Improved, neither, worse: the shares of the persons of one group.
_Shares = tuple[Proportion, Proportion, Proportion]

RESPONSES = ("improved", "unchanged", "worse")
NO_DIRECTION = "higher_is is not given: nobody can be called improved"


class _Criterion(NamedTuple):
    """What a change is held against, and who passes it among some persons."""

    name: str
    threshold: float
    reliability: float
    shares: Callable[[FloatArray, FloatArray], _Shares]


def responder_rows(
    change: Change, codes: IntArray, order: tuple[str, ...], reference: str, assumed: Assumed
) -> list[dict[str, Any]]:
    """Return how many improved, stayed and got worse, by each criterion that the study gives.

    Parameters
    ----------
    change : Change
    codes : ndarray of int
        Of the persons of the change: position in ``order``, -1 for none.
    order : tuple of str
    reference : str
    assumed : Assumed
        Its ``mcid`` and ``reliability``; nothing is made of what is not given.

    Returns
    -------
    list of dict
        By `larstudy.names.RESPONDER_COLUMNS`, three rows a criterion and group.
    """
    waves = waves_by_group(change, codes, order)
    rows: list[dict[str, Any]] = []
    for criterion in _criteria(change, assumed):
        shares = {name: criterion.shares(*both) for name, both in waves.items()}
        for name, found in shares.items():
            against = shares[reference] if reference and name not in (ALL, reference) else None
            place = {
                **place_of(change), "group": name, "reference": reference if against else "",
                "criterion": criterion.name, "threshold": criterion.threshold,
                "reliability": criterion.reliability,
            }  # fmt: skip
            rows.extend({**place, **row} for row in _rows(found, against))
    return rows


def _rows(found: _Shares, against: _Shares | None) -> Iterator[dict[str, Any]]:
    for place, response in enumerate(RESPONSES):
        share = found[place]
        row: dict[str, Any] = {
            "response": response,
            "n": share.n,
            "count": share.count,
            "estimate": share.estimate,
            "conf_low": share.conf_low,
            "conf_high": share.conf_high,
            "reason": share.reason,
        }
        if against is not None:
            difference = risk_difference(share, against[place])
            row |= {
                "difference": difference.estimate,
                "difference_low": difference.conf_low,
                "difference_high": difference.conf_high,
                "reason": difference.reason,
            }
        yield row


def _criteria(change: Change, assumed: Assumed) -> Iterator[_Criterion]:
    higher_is, level = change.higher_is, change.confidence
    if assumed.mcid is not None:
        least = assumed.mcid

        def important(before: FloatArray, after: FloatArray) -> _Shares:
            if higher_is is None:
                return _none(len(before))
            return important_change(before, after, minimal_important=least, higher_is=higher_is, level=level)

        yield _Criterion("mcid", least, float("nan"), important)
    # One number is an interval with two equal ends, and is used once.
    for reliability in dict.fromkeys(assumed.reliability or ()):
        yield from _reliable(change, reliability, higher_is)


def _reliable(change: Change, reliability: float, higher_is: HigherIs | None) -> Iterator[_Criterion]:
    """Return the two forms of the reliable change index, with the SDs of everybody with both waves.

    One threshold for all groups: with an SD of its own a group that differs more would need to change more.
    """
    whole = group_waves(change.before, change.after)
    for name, sd_after in (("reliable_change", None), ("reliable_change_two_sds", whole.after_sd)):
        options: dict[str, Any] = {
            "sd_before": whole.before_sd,
            "sd_after": sd_after,
            "reliability": reliability,
            "level": change.confidence,
        }

        def reliably(before: FloatArray, after: FloatArray, options: dict[str, Any] = options) -> _Shares:
            if higher_is is None:
                return _none(len(before))
            found = reliable_change(before, after, higher_is=higher_is, **options)
            return found.improved, found.unchanged, found.deteriorated

        # How far a change must go does not depend on which way is better.
        known = reliable_change(change.before, change.after, higher_is=higher_is or "better", **options)
        yield _Criterion(name, known.threshold, reliability, reliably)


def _none(n: int) -> _Shares:
    return (no_share(n, NO_DIRECTION),) * 3
