"""Made-up cohorts of the size of the reviewed study, whose truth is known.

How many enter (548), are seen again (338 on average, so that 38 % are lost) and in how many facilities (21) are the
numbers that the reviewed article and its institute print. Everything else is an assumption, made here and taken from
no patients: how unequal facilities are, the shares of the change groups and how they vary between facilities, the
spread and correlation of the score, and what being lost depends on.

With SD 10 at the baseline, ``level`` of the facility and ``e`` of the person, the scores are

    before = 50 + entry[group] + level + e
    after  = 50 + 4 + carried * entry[group] + effect[group] + kept * level + 0.6 * e + residual

and the residual (SD 8) has a part that the persons of a facility share. Groups that enter unlike change alike where
``carried`` is 1 (the null hypothesis of the change score), and end alike given the baseline where it is the slope,
0.6 (that of the analysis of covariance). Where they enter alike both hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import special

ENTERED, SEEN, FACILITIES = 548, 338, 21
GROUPS = ("maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated")
GAINED, DRUG = 1, 2
SHARES = np.array([0.25, 0.20, 0.40, 0.15])
#: SD between facilities of the log odds of each group. Were the shares the same everywhere, what persons of a
#: facility have in common would cancel from every difference between groups.
UNLIKE = 1.0
#: Networks at the baseline (abstinent, drug-dominated, isolated) of those who end in each change group.
NETWORKS = np.array([[1.0, 0.0, 0.0], [0.0, 0.75, 0.25], [0.15, 0.75, 0.10], [0.15, 0.35, 0.50]])
SD, SLOPE, MEAN_CHANGE, RESIDUAL_SD = 10.0, 0.6, 4.0, 8.0
#: Log odds of being lost: for one SD lower at the baseline; for a network that is not abstinent there; SD between
#: facilities. Where being lost is not at random the follow-up stands in the place of the baseline.
LOST_LOW, LOST_NETWORK, LOST_FACILITY, LOST_UNSEEN = 0.5, 0.5, 0.3, 1.0
#: Share lost at the wave between, where there is one.
LOST_BETWEEN = 0.2
MARGIN = 5.0
_MANY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is true of a cohort: ICC of the level and of the change, and how groups enter and change."""

    name: str
    in_words: str
    icc: float = 0.05
    icc_change: float = 0.05
    entry: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    carried: float = 1.0
    effect: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
    at_random: bool = True
    three_waves: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Everybody who entered. Of the lost, group and later scores are here too; no method may look at them."""

    before: np.ndarray
    between: np.ndarray
    after: np.ndarray
    group: np.ndarray
    network: np.ndarray
    facility: np.ndarray
    seen_between: np.ndarray
    seen: np.ndarray
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The mean change of everybody, of those who are seen, and of the seen in each group."""

    everybody: float
    seen: float
    seen_of_group: np.ndarray


_HIGHER_AND_LOWER = (4.0, 1.0, -2.0, -2.0)
_NO_FACILITIES = {"icc": 0.0, "icc_change": 0.0}
WORLDS = {
    world.name: world
    for world in (
        World(
            name="facilities",
            in_words="facilities differ in level and in change, ICC 0.05 each; groups enter alike",
        ),
        World(
            name="no_facilities", in_words="facilities do not differ; groups enter alike", **_NO_FACILITIES
        ),
        World(
            name="level_only",
            in_words="facilities differ in level, ICC 0.05, and not in change; groups enter alike",
            icc_change=0.0,
        ),
        World(
            name="enter_unlike_change_alike",
            in_words="groups enter unlike and change alike; facilities differ as in `facilities`",
            entry=_HIGHER_AND_LOWER,
        ),
        World(
            name="enter_unlike_end_alike",
            in_words="groups enter unlike and end alike given the baseline; facilities differ as in `facilities`",
            entry=_HIGHER_AND_LOWER,
            carried=SLOPE,
        ),
        World(
            name="margin",
            in_words="the gained change 5 points more than the drug-dominated, just the margin; facilities do not differ",
            effect=(0.0, MARGIN, 0.0, 0.0),
            **_NO_FACILITIES,
        ),
        World(
            name="three_waves",
            in_words="three waves, of which ever fewer persons are seen; facilities do not differ",
            three_waves=True,
            **_NO_FACILITIES,
        ),
        World(
            name="not_at_random",
            in_words="being lost depends on the score that is then not seen; facilities differ as in `facilities`",
            at_random=False,
        ),
    )
}


def facility_sizes() -> np.ndarray:
    """Return how many enter in each facility: few in some and many in others."""
    share = np.cumsum(np.arange(1, FACILITIES + 1) ** 0.7)
    return np.diff(np.round(share / share[-1] * ENTERED).astype(int), prepend=0)


def draw(world: World, seed: int, number: int) -> Cohort:
    """Draw cohort ``number`` of a world: the same however many others are drawn."""
    rng = np.random.default_rng([seed, list(WORLDS).index(world.name), number])
    people = _people(world, facility_sizes(), rng)
    first, last = _probabilities(world, people, rng, _intercepts(world))
    seen_between = rng.random(ENTERED) >= first
    return Cohort(
        **people,
        seen_between=seen_between,
        seen=seen_between & (rng.random(ENTERED) >= last),
        seed=number,
    )


@cache
def truth(world: World) -> Truth:
    """Return the true mean changes; those of the seen from half a million persons."""
    rng = np.random.default_rng(1)
    people = _people(world, np.tile(facility_sizes(), _MANY), rng)
    first, last = _probabilities(world, people, rng, _intercepts(world))
    seen = (1.0 - first) * (1.0 - last)
    change = people["after"] - people["before"]
    own = [np.average(change[people["group"] == g], weights=seen[people["group"] == g]) for g in range(4)]
    return Truth(
        everybody=MEAN_CHANGE, seen=float(np.average(change, weights=seen)), seen_of_group=np.array(own)
    )


def _people(world: World, sizes: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    facility = np.repeat(np.arange(len(sizes)), sizes)
    n = len(facility)
    odds = np.log(SHARES) + rng.normal(0.0, UNLIKE, (len(sizes), len(SHARES)))
    group = _one_of(special.softmax(odds, axis=1)[facility], rng)
    entry, effect = np.array(world.entry)[group], np.array(world.effect)[group]
    level = SD * np.sqrt(world.icc) * rng.normal(size=len(sizes))[facility]
    shared = np.sqrt(world.icc_change) * rng.normal(size=len(sizes))[facility]
    e = SD * np.sqrt(1.0 - world.icc) * rng.normal(size=n)
    residual = RESIDUAL_SD * (shared + np.sqrt(1.0 - world.icc_change) * rng.normal(size=n))
    # With this share kept the level alone makes no facility change more than another, or makes it do so just as
    # the persons of it do, whose lower scores rise: then the ICC of the change is that of the residual.
    kept = SLOPE if world.icc_change else 1.0
    after = 50.0 + MEAN_CHANGE + world.carried * entry + effect + kept * level + SLOPE * e + residual
    between = 50.0 + MEAN_CHANGE / 2 + entry + level + 0.7 * e + 0.5 * residual + 5.0 * rng.normal(size=n)
    return {
        "before": 50.0 + entry + level + e,
        "between": between,
        "after": after,
        "group": group,
        "network": _one_of(NETWORKS[group], rng),
        "facility": facility,
    }


def _one_of(probabilities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    below = np.cumsum(probabilities, axis=1)[:, :-1]
    return (rng.random(len(below))[:, None] >= below).sum(axis=1)


def _log_odds(
    world: World, people: dict[str, np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the log odds of being lost at the wave between and at the last, but for their intercepts."""
    facility = people["facility"]
    common = (
        LOST_NETWORK * (people["network"] > 0) + LOST_FACILITY * rng.normal(size=facility[-1] + 1)[facility]
    )
    before, between, after = ((people[wave] - 50.0) / SD for wave in ("before", "between", "after"))
    if not world.at_random:
        return common - LOST_UNSEEN * after, common - LOST_UNSEEN * after
    return common - LOST_LOW * before, common - LOST_LOW * (between if world.three_waves else before)


def _probabilities(
    world: World, people: dict[str, np.ndarray], rng: np.random.Generator, intercepts: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    first, last = _log_odds(world, people, rng)
    return special.expit(intercepts[0] + first), special.expit(intercepts[1] + last)


@cache
def _intercepts(world: World) -> tuple[float, float]:
    """Return what makes as many be lost, on average, as the article lost."""
    rng = np.random.default_rng(2)
    people = _people(world, np.tile(facility_sizes(), _MANY), rng)
    first, last = _log_odds(world, people, rng)
    here, there, lost = np.ones(ENTERED * _MANY), -np.inf, 1.0 - SEEN / ENTERED
    if world.three_waves:
        there = _solve(first, here, LOST_BETWEEN)
        here, lost = 1.0 - special.expit(there + first), lost - LOST_BETWEEN
    return there, _solve(last, here, lost)


def _solve(log_odds: np.ndarray, here: np.ndarray, share: float) -> float:
    low, high = -10.0, 10.0
    for _ in range(40):
        middle = (low + high) / 2.0
        if (here * special.expit(middle + log_odds)).mean() < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0
