"""What is true in a world: gains of groups, and what analyses would find with everybody in endless cohorts.

Stored in ``resources/worlds/_truths.toml``, found by a run of many cohorts, with its Monte Carlo error. What
is exactly zero by construction stands there as 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from larstudy.names import CHANGE_GROUPS, DRUG_DOMINATED, STATUSES
from larstudy.specs.reading import resource_toml
from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.latent import normal_share
from larstudy.synthetic.simulation import Draws, answer_sums, draw, scored
from larstudy.synthetic.structure import SCALES, Structure, structure_of
from larstudy.synthetic.worlds import World, list_worlds, read_world

POPULATIONS: Final = ("everybody", "seen")
STRATA: Final = ("all", *STATUSES)
_REFERENCE = CHANGE_GROUPS.index(DRUG_DOMINATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of one outcome among some people; four numbers stand for the four change groups.

    Attributes
    ----------
    outcome : {"global", "social", "total"}
    population : {"everybody", "seen"}
        Everybody at entry, as if nobody were lost; or those seen at one year.
    stratum : {"all", "completed", "in_treatment", "dropped_out"}
    share : tuple of float
        Of the people, in each change group.
    change : tuple of float
        Mean change of the score, one year minus entry; higher is better.
    ancova : tuple of float
        Difference to the drug-dominated at one year, given the score at entry (common slope).
    structural : tuple of float
        What the change group itself adds to the score of its people, on average: their score less what it
        would have been, with everything else the same, had it added what it adds for the drug-dominated.
    error : tuple of float
        Monte Carlo standard errors of ``change``.
    """

    outcome: str
    population: str
    stratum: str
    share: tuple[float, ...]
    change: tuple[float, ...]
    ancova: tuple[float, ...]
    structural: tuple[float, ...]
    error: tuple[float, ...]

    @property
    def change_score(self) -> tuple[float, ...]:
        """Difference in mean change to the drug-dominated."""
        return tuple(value - self.change[_REFERENCE] for value in self.change)


def key_of(outcome: str, population: str = "everybody", stratum: str = "all") -> str:
    """Return the key of a truth.

    Examples
    --------
    >>> key_of("total", "seen")
    'total.seen.all'
    """
    return f"{outcome}.{population}.{stratum}"


@cache
def _stored() -> Mapping[str, Any]:
    return resource_toml("worlds", "_truths")


def truths_of(world: World) -> dict[str, Truth]:
    """Return what is true in a world that ships, by `key_of`; nothing for a world of one's own.

    Examples
    --------
    >>> truth = truths_of(read_world("null"))["total.everybody.all"]
    >>> truth.structural
    (0.0, 0.0, 0.0, 0.0)
    """
    ships = world.id in list_worlds() and read_world(world.id) is world
    stored = _stored()["worlds"][world.id] if ships else {}
    result = {}
    for key, values in stored.items():
        outcome, population, stratum = key.split(".")
        numbers = {name: tuple(float(v) for v in listed) for name, listed in values.items()}
        result[key] = Truth(outcome=outcome, population=population, stratum=stratum, **numbers)
    return result


# -- finding them ---------------------------------------------------------------------------------------


def find_truths(world: str | World, *, n_cohorts: int, seed: int, chunk: int = 64) -> dict[str, Truth]:
    """Find what is true in a world by a run of many cohorts.

    Parameters
    ----------
    world : str or World
    n_cohorts : int
        Of the published size each.
    seed : int

    Returns
    -------
    dict of str to Truth
        By `key_of`.

    Examples
    --------
    >>> truths = find_truths("review", n_cohorts=40, seed=1)
    >>> change = truths["total.everybody.all"].change
    >>> change.index(max(change)), change.index(min(change))
    (1, 3)
    """
    structure = structure_of(read_world(world))
    n = int(structure.world.number("persons"))
    effect = bool(np.ptp(structure.world.value("gain_group"), axis=1).any())
    sums: dict[str, list[FloatArray]] = {}
    for start in range(0, n_cohorts, chunk):
        numbers = range(start, min(start + chunk, n_cohorts))
        drawn = draw(structure, seed=seed, cohorts=numbers, n=n)
        other = draw(structure, seed=seed, cohorts=numbers, n=n, without_group=True) if effect else drawn
        _add(sums, structure, drawn, other)
    return {key: _truth(key, np.concatenate(parts, axis=1)) for key, parts in sums.items()}


def _add(sums: dict[str, list[FloatArray]], s: Structure, drawn: Draws, other: Draws) -> None:
    scores = scored(s, answer_sums(s, drawn.answers))
    without = scored(s, answer_sums(s, other.answers[:, 1]))
    for stratum in STRATA:
        inside = np.ones_like(drawn.seen) if stratum == "all" else drawn.status == STATUSES.index(stratum)
        for population in POPULATIONS:
            chosen = inside & drawn.seen if population == "seen" else inside
            for place, outcome in enumerate(SCALES):
                x, y = scores[:, 0, place], scores[:, 1, place]
                found = _moments(drawn.group, chosen, x, y, without[:, place])
                sums.setdefault(key_of(outcome, population, stratum), []).append(found)


def _moments(group: Any, chosen: BoolArray, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Return sums by group and cohort: persons, x, y, x squared, x y, and y less what it would have been."""
    found = []
    for code in range(len(CHANGE_GROUPS)):
        inside = (chosen & (group == code)).astype(float)
        parts = (1.0, x, y, x * x, x * y, y - z)
        found.append(np.stack([(inside * part).sum(axis=1) for part in parts], axis=1))
    return np.stack(found)


def _truth(key: str, sums: FloatArray) -> Truth:
    """Return the truth from sums of shape (groups, cohorts, 6)."""
    outcome, population, stratum = key.split(".")
    n, x, y, xx, xy, effect = np.moveaxis(sums.sum(axis=1), 1, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        per_cohort = (sums[:, :, 2] - sums[:, :, 1]) / sums[:, :, 0]
    counted = np.isfinite(per_cohort)
    spread = np.array([row[known].std(ddof=1) for row, known in zip(per_cohort, counted, strict=True)])
    slope = (xy - x * y / n).sum() / (xx - x * x / n).sum()
    adjusted = y / n - slope * x / n
    return Truth(
        outcome=outcome,
        population=population,
        stratum=stratum,
        share=tuple((n / n.sum()).tolist()),
        change=tuple(((y - x) / n).tolist()),
        ancova=tuple((adjusted - adjusted[_REFERENCE]).tolist()),
        structural=tuple((effect / n).tolist()),
        error=tuple((spread / np.sqrt(counted.sum(axis=1))).tolist()),
    )


# -- exactly --------------------------------------------------------------------------------------------


def exact_change(s: Structure, factor: int, network: int) -> float:
    """Return the exact mean change of a factor's score for one network at entry.

    It holds where nothing but the network at entry and what is drawn independently of it stands behind
    quality of life: no gain by change group, dropping out or distress, and no link of distress to the
    network. The latent answers are then normal for each network, and the mean of cut answers is a sum of
    normal shares.

    Parameters
    ----------
    s : Structure
    factor : int
        Position in `larstudy.synthetic.worlds.FACTORS`.
    network : int
        Position in `larstudy.names.CATEGORIES`.
    """
    world = s.world
    drug, isolated = world.number("drug_dominated"), world.number("isolated")
    shares = np.array([1.0 - drug - isolated, drug, isolated])
    offset = s.network_offset[factor]
    within = 1.0 - float(shares @ offset**2)
    gain = world.value("gain")[factor] + world.value("gain_entry")[factor, network]
    means = (offset[network], offset[network] + gain)
    variances = (within, within + world.number("facility_change_share"))
    items = s.scale_items[factor]
    loadings, cuts = s.loadings[items], s.item_cuts[items]
    scores = []
    for mean, variance in zip(means, variances, strict=True):
        sd = np.sqrt(1.0 + loadings**2 * (variance - 1.0))
        below = normal_share((cuts - (loadings * mean)[:, None]) / sd[:, None])
        answer = 1.0 + below.sum(axis=1).mean()
        scores.append(s.points[0] + (s.points[-1] - s.points[0]) / 4.0 * (answer - 1.0))
    return float(scores[1] - scores[0])


def truths_toml(found: Mapping[str, Sequence[Truth]], *, n_cohorts: int, seed: int) -> str:
    """Return truths as they are stored."""
    lines = [
        "# What is true in each world; see larstudy/synthetic/truths.py. Synthetic data - not patients.",
        "# Four numbers: maintained abstinent, gained abstinent, drug-dominated, isolated.",
        f"# Found by {n_cohorts} cohorts of the published size for each world, from seed {seed}.",
        f"n_cohorts = {n_cohorts}",
        f"seed = {seed}",
    ]
    for world, truths in found.items():
        lines += ["", f"[worlds.{world}]"]
        for t in truths:
            parts = [
                f"{name} = [{', '.join(f'{v:.6f}' for v in getattr(t, name))}]"
                for name in ("share", "change", "ancova", "structural", "error")
            ]
            lines.append(f'"{key_of(t.outcome, t.population, t.stratum)}" = {{ {", ".join(parts)} }}')
    return "\n".join(lines) + "\n"
