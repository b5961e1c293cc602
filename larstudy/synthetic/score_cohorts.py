"""Cohorts of scores, without items: fast, and at a study's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from larstudy.errors import LarstudyError
from larstudy.names import CATEGORIES, CHANGE_GROUPS, DRUG_DOMINATED
from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.cohort_cells import cohort_cells
from larstudy.stats.cohort_tests import slope_cohorts
from larstudy.stats.latent import selected_mean, top
from larstudy.synthetic.simulation import GROUP_OF
from larstudy.synthetic.streams import stream
from larstudy.synthetic.study_designs import StudyDesign, published_design
from larstudy.synthetic.worlds import World, read_world

#: Cohorts are drawn in blocks of this many, so that a cohort is the same in whatever chunk it is made.
BLOCK: Final = 64
_REFERENCE = CHANGE_GROUPS.index(DRUG_DOMINATED)
_ISOLATED = 2
_TRUTH_BLOCKS = 60
_TRUTH_SEED = 20_170

Codes = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ScoreCohorts:
    """Scores, groups and clusters of many cohorts. Synthetic data - not patients.

    Attributes
    ----------
    before, after : ndarray, shape (c, n)
        NaN where there is none.
    entry, end, groups : ndarray of int8, shape (c, n)
        Network at entry and at follow-up, positions in `larstudy.names.CATEGORIES`, and change group,
        position in `larstudy.names.CHANGE_GROUPS`; -1 where unknown.
    clusters : ndarray of int, shape (c, n), or None
    numbers : tuple of int
        Of the cohorts: what is drawn for a cohort alone, such as bootstrap samples, goes by its number.
    """

    before: FloatArray
    after: FloatArray
    entry: Codes
    end: Codes
    groups: Codes
    clusters: Codes | None
    numbers: tuple[int, ...]

    def part(self, count: int) -> ScoreCohorts:
        """Return the first ``count`` cohorts."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        cut: dict[str, Any] = {k: None if v is None else v[:count] for k, v in parts.items()}
        return replace(self, **cut)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ScoreWorld:
    """A world as it is for one score: numbers in standard deviations at entry.

    Attributes
    ----------
    offset, gain_entry : ndarray, shape (3,)
        What the network at entry adds at both waves, and to the change.
    gain_group : ndarray, shape (4,)
    gain : float
    path, gain_distress : float
        What distress adds to the score, and to the change.
    isolated_distress, transition_distress, transition_baseline : float
        Latent correlations.
    seen_distress, seen_gain : float
    """

    offset: FloatArray
    gain_entry: FloatArray
    gain_group: FloatArray
    gain: float
    path: float
    gain_distress: float
    isolated_distress: float
    transition_distress: float
    transition_baseline: float
    seen_distress: float
    seen_gain: float


@lru_cache(maxsize=32)
def score_world(world: World) -> ScoreWorld:
    """Return what a world says of a score that is the mean of its two factors.

    Treatment status and answers to items have no part: dropping out adds nothing and is unrelated to the
    network.
    """
    both = {name: world.value(name).mean(axis=0) for name in ("entry_network", "gain_entry", "gain_group")}
    return ScoreWorld(
        offset=both["entry_network"],
        gain_entry=both["gain_entry"],
        gain_group=both["gain_group"],
        gain=float(world.value("gain").mean()),
        path=float(world.value("distress_path").mean()),
        gain_distress=float(world.value("gain_distress").mean()),
        isolated_distress=world.number("isolated_distress"),
        transition_distress=world.number("transition_distress"),
        transition_baseline=world.number("transition_baseline"),
        seen_distress=world.number("seen_distress"),
        seen_gain=world.number("seen_gain"),
    )


def generate_scores(
    world: str | Path | World = "review",
    *,
    design: StudyDesign | None = None,
    n_cohorts: int = BLOCK,
    seed: int = 1,
    first: int = 0,
) -> ScoreCohorts:
    r"""Generate cohorts of scores of a world, at a study's own numbers; never evidence about patients.

    Parameters
    ----------
    world : str, Path or World
    design : StudyDesign, optional
        `published_design` unless given.
    n_cohorts : int
    seed : int
    first : int
        Number of the first cohort.

    Returns
    -------
    ScoreCohorts
        Arrays of shape (n_cohorts, persons at entry). Persons stand by network at entry: their order is not
        that of an intake.

    Raises
    ------
    LarstudyError
        Where the correlation of the design is lower than what lasts in this world makes it.

    Notes
    -----
    In standard deviations at entry, with facility f, distress z and network at entry e,

    .. math::

        x &= f + p z + o_e + t + s_0 \\
        y &= x - s_0 + s_1 + g + g_e + g_{group} + g_z z + f'

    the trait t and the states s taking what is left, so that x has variance 1 and x and y correlate as in
    the design where nobody gains. As many persons as the design has enter with each network, the isolated
    being those with the highest mix of distress and chance; of those, as many as the design has end with
    each network, by the rank of :math:`a z - b x + \varepsilon`. Of all, those most readily found are seen.

    Examples
    --------
    >>> cohorts = generate_scores("null", n_cohorts=2, seed=3)
    >>> cohorts.before.shape, np.isfinite(cohorts.after).sum(axis=1).tolist()
    ((2, 548), [338, 338])
    """
    chosen = read_world(world)
    own = published_design() if design is None else design
    blocks = []
    for block in range(first // BLOCK, (first + n_cohorts - 1) // BLOCK + 1):
        blocks.append(draw_block(chosen, own, seed=seed, block=block))
    skip = first - first // BLOCK * BLOCK
    take = slice(skip, skip + n_cohorts)
    clusters = None
    if own.facilities:
        clusters = np.concatenate([b.clusters for b in blocks if b.clusters is not None])[take]
    return ScoreCohorts(
        before=np.concatenate([b.before for b in blocks])[take],
        after=np.concatenate([b.after for b in blocks])[take],
        entry=np.concatenate([b.entry for b in blocks])[take],
        end=np.concatenate([b.end for b in blocks])[take],
        groups=np.concatenate([b.groups for b in blocks])[take],
        clusters=clusters,
        numbers=tuple(range(first, first + n_cohorts)),
    )


def draw_block(
    world: World, design: StudyDesign, *, seed: int, block: int, everybody: bool = False
) -> ScoreCohorts:
    """Draw one block of `BLOCK` cohorts; with ``everybody``, as if nobody were lost."""
    w = score_world(world)
    cells = design.at_entry()
    n, c = int(cells.sum()), BLOCK
    rng = stream(seed, "scores", block)
    trait, state = _left(w, design, cells)
    apart = _uses_distress(w)
    z = rng.standard_normal((c, n)) if apart else None
    entry = _entry(w, cells, z, rng, c)
    x = rng.standard_normal((c, n))
    # Where distress does nothing but lower the score for good, it is part of the trait.
    x *= np.sqrt(trait if apart else trait + w.path**2)
    clusters, level, change_level = _clusters(design, rng, c, n)
    if level is not None:
        x += level
    if z is not None and w.path:
        x += w.path * z
    if w.offset.any():
        x += w.offset[entry]
    state_sd = np.sqrt(state)
    y = x.copy()
    for wave in (x, y):
        own = rng.standard_normal((c, n))
        own *= state_sd
        wave += own
    later = _later(w, cells, entry, z, x, rng)
    groups = GROUP_OF[entry, later]
    y += (w.gain + w.gain_group)[groups]
    if w.gain_entry.any():
        y += w.gain_entry[entry]
    if z is not None and w.gain_distress:
        y += w.gain_distress * z
    if change_level is not None:
        y += change_level
    entry, end, groups = (np.broadcast_to(codes, (c, n)) for codes in (entry, later, groups))
    if not everybody and design.n < n:
        seen = _seen(w, design, z, y - x, rng)
        y[~seen] = np.nan
        end, groups = (np.where(seen, codes, np.int8(-1)) for codes in (end, groups))
    numbers = tuple(range(block * BLOCK, (block + 1) * BLOCK))
    return ScoreCohorts(
        before=x, after=y, entry=entry, end=end, groups=groups, clusters=clusters, numbers=numbers
    )


def _uses_distress(w: ScoreWorld) -> bool:
    return any((w.gain_distress, w.isolated_distress, w.transition_distress, w.seen_distress))


def _left(w: ScoreWorld, design: StudyDesign, cells: Codes) -> tuple[float, float]:
    """Return the variances of the trait and of the states: what the named parts leave."""
    share = cells.sum(axis=1) / cells.sum()
    spread = float(share @ w.offset**2 - (share @ w.offset) ** 2)
    isolated = float(share[_ISOLATED])
    with_distress = 0.0
    if w.path and w.isolated_distress and 0 < isolated < 1:
        high = selected_mean(isolated, w.isolated_distress)
        low = -high * isolated / (1.0 - isolated)
        means = np.array([low, low, high])
        with_distress = 2.0 * w.path * float((share * means) @ w.offset)
    lasting = design.icc + w.path**2 + spread + with_distress
    if lasting > design.correlation:
        raise LarstudyError(
            f"In this world what lasts makes the waves correlate at least {lasting:.2f}, and the design says"
            f" {design.correlation:.2f}. Give the design a correlation of {lasting:.2f} or more, or take"
            " another world."
        )
    return design.correlation - lasting, 1.0 - design.correlation


def _entry(w: ScoreWorld, cells: Codes, z: FloatArray | None, rng: np.random.Generator, c: int) -> Codes:
    """Return the network at entry, as many persons in each as the design has; one row where it is for all."""
    counts = cells.sum(axis=1)
    n = int(counts.sum())
    if z is None or not w.isolated_distress or not 0 < counts[_ISOLATED] < n:
        return np.repeat(np.arange(len(CATEGORIES), dtype=np.int8), counts)[None]
    chance = np.sqrt(1.0 - w.isolated_distress**2) * rng.standard_normal((c, n))
    alone = top(w.isolated_distress * z + chance, int(counts[_ISOLATED]))
    # The others are alike until now: the first of them have an abstinent network.
    place = np.cumsum(~alone, axis=1)
    return np.where(alone, np.int8(_ISOLATED), np.where(place <= counts[0], np.int8(0), np.int8(1)))


def _later(
    w: ScoreWorld, cells: Codes, entry: Codes, z: FloatArray | None, x: FloatArray, rng: np.random.Generator
) -> Codes:
    """Return the network at follow-up: from each network at entry, as many in each as the design has."""
    c, n = x.shape
    a, b = w.transition_distress, w.transition_baseline
    ends = np.concatenate([np.repeat(np.arange(len(CATEGORIES), dtype=np.int8), row) for row in cells])
    if not (a or b or w.isolated_distress):
        # Everybody stands by network at entry, and who ends where is chance: one row says it for all.
        return ends[None]
    order = np.argsort(np.broadcast_to(entry, (c, n)), axis=1, kind="stable")
    if a or b:
        rank = np.sqrt(1.0 - a**2 - b**2) * rng.standard_normal((c, n)) + b * x
        if z is not None:
            rank += a * z
        # Within each network at entry by rank, lowest first; the networks one after the other.
        order = np.lexsort((rank, np.broadcast_to(entry, (c, n))), axis=1)
    later = np.empty((c, n), dtype=np.int8)
    np.put_along_axis(later, order, np.broadcast_to(ends, (c, n)), axis=1)
    return later


def _clusters(
    design: StudyDesign, rng: np.random.Generator, c: int, n: int
) -> tuple[Codes | None, FloatArray | None, FloatArray | None]:
    """Return everybody's facility, by lot, and what it adds at both waves and to the change."""
    if not design.facilities:
        return None, None, None
    g = len(design.facilities)
    shares = np.cumsum(design.facilities) / np.sum(design.facilities)
    places = np.minimum(np.searchsorted(shares, (np.arange(n) + 0.5) / n), g - 1)
    clusters = rng.permuted(np.broadcast_to(places, (c, n)), axis=1)
    drawn = rng.standard_normal((2, c, g))
    place = clusters + g * np.arange(c)[:, None]
    level = np.take(np.sqrt(design.icc) * drawn[0], place)
    return clusters, level, np.take(np.sqrt(design.icc_change) * drawn[1], place)


def _seen(
    w: ScoreWorld, design: StudyDesign, z: FloatArray | None, change: FloatArray, rng: np.random.Generator
) -> BoolArray:
    ready = rng.standard_normal(change.shape)
    if z is not None and w.seen_distress:
        ready += w.seen_distress * z
    if w.seen_gain:
        ready += w.seen_gain * change
    return top(ready, design.n)


@lru_cache(maxsize=128)
def score_truths(world: World, design: StudyDesign) -> Mapping[str, FloatArray]:
    """Return what is true of the change groups, as differences to the drug-dominated, by a run of cohorts.

    Returns
    -------
    mapping of str to ndarray, shape (4,)
        ``change_score``, ``ancova`` and ``structural``, in standard deviations at entry, among everybody, as
        if nobody were lost. ``structural`` is exact; the others come from 3,840 cohorts.
    """
    k = len(CHANGE_GROUPS)
    weights = np.eye(k) - np.eye(k)[_REFERENCE]
    weights = np.delete(weights, _REFERENCE, axis=0)
    found: dict[str, list[FloatArray]] = {"change_score": [], "ancova": []}
    for block in range(_TRUTH_BLOCKS):
        drawn = draw_block(world, design, seed=_TRUTH_SEED, block=block, everybody=True)
        cells = cohort_cells(drawn.before, drawn.after, drawn.groups, k)
        found["change_score"].append(slope_cohorts(cells, weights, model="change_score").estimate)
        found["ancova"].append(slope_cohorts(cells, weights, model="ancova").estimate)
    result = {
        name: np.insert(np.concatenate(parts).mean(axis=0), _REFERENCE, 0.0) for name, parts in found.items()
    }
    gain = score_world(world).gain_group
    result["structural"] = gain - gain[_REFERENCE]
    return result
