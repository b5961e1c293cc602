"""Many cohorts at once, for finding out what an analysis does where the truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from larstudy.errors import LarstudyError, Problem, SpecError, unknown_name
from larstudy.specs.reading import is_whole
from larstudy.stats.arrays import FloatArray
from larstudy.synthetic.simulation import (
    Codes,
    Draws,
    Flags,
    answer_sums,
    draw,
    scored,
    seen_of,
    unscored,
)
from larstudy.synthetic.structure import SCALES, Structure, structure_of
from larstudy.synthetic.truths import Truth, truths_of
from larstudy.synthetic.worlds import World, read_world

#: Cohorts that are drawn at once: enough that numpy's own cost does not count, few enough to stay in the
#: cache.
CHUNK: Final = 64
_MOST_COHORTS = 1_000_000
_MOST_PERSONS = 100_000
#: Of the cohort that ships.
SHIPPED_SEED: Final = 2017


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class SyntheticCohorts:
    """Cohorts of a world, cohorts on the leading axis. Synthetic data – not patients.

    Attributes
    ----------
    world : World
    seed : int
    first : int
        Number of the first cohort.
    facility, age, status : ndarray of int8, shape (cohorts, persons)
        ``status`` as positions in `larstudy.names.STATUSES`; known of everybody.
    omt, woman : ndarray of bool, shape (cohorts, persons)
    distress : ndarray of float32, shape (cohorts, persons)
        SCL-10 mean at entry, 1 to 4; higher is worse.
    networks : ndarray of int8, shape (cohorts, 2, persons)
        Categories at entry and at one year as positions in `larstudy.names.CATEGORIES`; -1 where unanswered
        or lost.
    groups : ndarray of int8, shape (cohorts, persons)
        Change groups as positions in `larstudy.names.CHANGE_GROUPS`; -1 where a category is missing.
    true_groups : ndarray of int8, shape (cohorts, persons)
        The same for everybody, the lost included.
    seen : ndarray of bool, shape (cohorts, persons)
        Whether the person was seen at one year.
    sums : ndarray of int8, shape (cohorts, 2, 3, persons)
        Sum of the true answers by wave and scale; `before` and `after` make scores of it.
    answered : ndarray of bool, shape (cohorts, 2, 3, persons)
        Whether the scale can be scored: seen, and every item answered.
    truths : mapping of str to Truth
        What is true in the world, where it ships; see `larstudy.synthetic.truths`.

    Examples
    --------
    >>> cohorts = generate("null", n_cohorts=3, seed=1)
    >>> cohorts.before("global").shape, cohorts.seen.sum(axis=1).tolist()
    ((3, 548), [338, 338, 338])
    """

    world: World
    seed: int
    first: int
    facility: Codes
    age: Codes
    woman: Flags
    omt: Flags
    distress: np.ndarray[Any, np.dtype[np.float32]]
    status: Codes
    networks: Codes
    groups: Codes
    true_groups: Codes
    seen: Flags
    sums: Codes
    answered: Flags
    truths: Mapping[str, Truth]

    @property
    def n_cohorts(self) -> int:
        """How many cohorts there are."""
        return len(self.seen)

    @property
    def n(self) -> int:
        """How many persons each cohort has at entry."""
        return int(self.seen.shape[1])

    def before(self, outcome: str) -> FloatArray:
        """Return the scores at entry, shape (cohorts, persons), 0.1 to 0.9; NaN where an item is open.

        Parameters
        ----------
        outcome : {"global", "social", "total"}
        """
        return self._scores(outcome, 0)

    def after(self, outcome: str) -> FloatArray:
        """Return the scores at one year, shape (cohorts, persons); NaN where lost or an item is open."""
        return self._scores(outcome, 1)

    def everybody(self, outcome: str) -> tuple[FloatArray, FloatArray]:
        """Return the true scores at entry and at one year, the lost and the open included."""
        place, structure = self._place(outcome), structure_of(self.world)
        both = scored(structure, self.sums)[:, :, place]
        return both[:, 0], both[:, 1]

    def _place(self, outcome: str) -> int:
        if outcome not in SCALES:
            raise unknown_name("outcome", outcome, SCALES)
        return SCALES.index(outcome)

    def _scores(self, outcome: str, wave: int) -> FloatArray:
        place, structure = self._place(outcome), structure_of(self.world)
        values = scored(structure, self.sums[:, wave])[:, place]
        values[~self.answered[:, wave, place]] = np.nan
        return values

    def __repr__(self) -> str:
        return (
            f"<SyntheticCohorts: world '{self.world.id}', {self.n_cohorts} cohorts of {self.n}, seed"
            f" {self.seed}. Synthetic data – not patients.>"
        )


def generate(
    world: str | Path | World = "review",
    *,
    n_cohorts: int = 1,
    seed: int = SHIPPED_SEED,
    n: int | None = None,
    first: int = 0,
) -> SyntheticCohorts:
    """Generate synthetic cohorts of a world whose truth is known. They are never evidence about patients.

    Quality of life of factor k (global, social) is, on a latent scale with mean 0 and SD 1 at entry,

    ``q0[k] = facility[k] + distress_path[k] * distress + entry_network[k] + trait[k] + state0[k]``

    ``q1[k] = q0[k] - state0[k] + state1[k] + gain[k] + gain_group[k] + gain_entry[k] +
    gain_dropped_out[k] * dropped_out + gain_distress[k] * distress + facility_change``

    where ``entry_network`` and ``gain_entry`` go by the network at entry and ``gain_group`` by the change
    group. In the world ``review`` gain_group is, in SD at entry, for global (social) quality of life 0.55
    (0.70) where an abstinent network is gained, 0.30 (0.35) where it is maintained, 0 where the network is
    drug-dominated and -0.25 (-0.35) for the isolated; dropping out adds -0.35 (-0.25), and 0.35 (0.25) is
    added for all. **Only the order of these is published; their sizes are assumptions.** Answers to item j
    are cuts of
    ``loading[j] * q[k(j)] + minor + own``, and scores are made from the answers as QOL10 is scored.

    The network at one year follows from that at entry and from dropping out; dropping out from the kind of
    treatment and distress; being seen from treatment status and distress (in ``mnar_dropout`` from the change
    itself). Every number stands in ``larstudy/resources/worlds/``, with its source or the reason for it.

    Parameters
    ----------
    world : str, Path or World
        An id from `list_worlds`, or a ``.toml`` file of one's own.
    n_cohorts : int
    seed : int
        0 or above. Cohort i is the same whatever ``n_cohorts`` and ``first`` are.
    n : int, optional
        Persons in each cohort; 548 unless given. The share seen at one year stays 338 of 548.
    first : int
        Number of the first cohort, so that many can be worked through in parts.

    Returns
    -------
    SyntheticCohorts
        Frozen arrays, cohorts on the leading axis.

    Raises
    ------
    UnknownNameError
        Where there is no such world.
    LarstudyError
        Where a number is out of range, such as fewer persons than facilities.
    SpecError
        Where the numbers of the world cannot all hold; each problem names one and what would be possible.

    Examples
    --------
    >>> import larstudy as ls
    >>> cohorts = ls.generate("review", n_cohorts=20, seed=1)
    >>> gain = cohorts.after("total") - cohorts.before("total")
    >>> import numpy as np
    >>> bool(np.nanmean(gain[cohorts.groups == 1]) > np.nanmean(gain[cohorts.groups == 3]))
    True
    """
    chosen = read_world(world)
    structure = structure_of(chosen)
    size = int(chosen.number("persons")) if n is None else n
    check_arguments(structure, n_cohorts=n_cohorts, seed=seed, n=size, first=first)
    parts: list[dict[str, Any]] = []
    for start in range(first, first + n_cohorts, CHUNK):
        numbers = range(start, min(start + CHUNK, first + n_cohorts))
        parts.append(_observed(structure, draw(structure, seed=seed, cohorts=numbers, n=size)))
    joined = {}
    for name in list(parts[0]):
        # Each part goes as it is joined, so that no two copies of everything are held.
        joined[name] = np.concatenate([part.pop(name) for part in parts])
        joined[name].flags.writeable = False
    return SyntheticCohorts(world=chosen, seed=seed, first=first, truths=truths_of(chosen), **joined)


def _observed(s: Structure, d: Draws) -> dict[str, Any]:
    """Return what is kept of some cohorts: the truth, and what of it was seen."""
    gone = ~d.seen
    networks = np.where(d.network_unanswered, np.int8(-1), d.network)
    networks[:, 1][gone] = -1
    answered = ~unscored(s, d.unanswered)
    answered[:, 1] &= d.seen[:, None]
    return {
        "facility": d.facility,
        "age": d.age,
        "woman": d.woman,
        "omt": d.omt,
        "distress": (d.distress_answers.sum(axis=1, dtype=np.int16) / 10.0).astype(np.float32),
        "status": d.status,
        "networks": networks,
        "groups": np.where((networks < 0).any(axis=1), np.int8(-1), d.group),
        "true_groups": d.group,
        "seen": d.seen,
        "sums": answer_sums(s, d.answers),
        "answered": answered,
    }


def check_arguments(s: Structure, *, n_cohorts: int, seed: int, n: int, first: int) -> None:
    """Raise an error where cohorts of this size, or by these numbers, cannot be."""
    limits: dict[str, tuple[object, int, int]] = {
        "n_cohorts": (n_cohorts, 1, _MOST_COHORTS),
        "seed": (seed, 0, 2**63 - 1),
        "n": (n, 1, _MOST_PERSONS),
        "first": (first, 0, 2**31),
    }
    for name, (value, low, high) in limits.items():
        if not is_whole(value) or not low <= int(str(value)) <= high:
            raise LarstudyError(f"{name} should be a whole number from {low} to {high}.")
    facilities = int(s.world.number("facilities"))
    if n < facilities or seen_of(s, n) < 1:
        problem = Problem(
            code="impossible_target",
            where="parameters.facilities",
            what=f"{n} persons cannot fill {facilities} facilities, each of which has at least one",
            remedy=f"Take n of {facilities} or more, or a world of your own with fewer facilities",
        )
        raise SpecError([problem])
