"""A study's own numbers: persons in each cell, correlation of the waves, clusters and loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from larstudy.errors import LarstudyError
from larstudy.names import CATEGORIES
from larstudy.specs.reading import is_whole
from larstudy.stats.arrays import FloatArray

Codes = np.ndarray[Any, np.dtype[Any]]
_MOST_PERSONS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyDesign:
    """What a study is like before anything is known of its outcome.

    Attributes
    ----------
    cells : tuple of tuple of int
        Persons seen at both waves by network at entry (rows) and at follow-up (columns), in the order of
        `larstudy.names.CATEGORIES`: abstinent, drug-dominated, isolated.
    correlation : float
        Of the scores at entry and follow-up, from 0 to below 1.
    facilities : tuple of int
        Persons at entry in each; their ratios are used. Empty where there are no clusters.
    icc, icc_change : float
        Share of the variance at entry that lies between facilities, and what they add to the variance of
        the change, in variances at entry.
    lost : float
        Share of those at entry that is not seen at follow-up.

    Examples
    --------
    >>> design = StudyDesign(cells=((48, 10, 5), (57, 60, 10), (10, 1, 6)), correlation=0.5)
    >>> design.n, design.persons
    (207, 207)
    """

    cells: tuple[tuple[int, ...], ...]
    correlation: float
    facilities: tuple[int, ...] = ()
    icc: float = 0.0
    icc_change: float = 0.0
    lost: float = 0.0

    def __post_init__(self) -> None:
        wrong = [
            *_wrong_cells(self.cells),
            *_wrong_shares(self),
        ]
        if wrong:
            raise LarstudyError("A study design that cannot be: " + "; ".join(wrong) + ".")

    @property
    def n(self) -> int:
        """How many persons are seen at both waves."""
        return int(np.sum(self.cells))

    @property
    def persons(self) -> int:
        """How many persons there are at entry."""
        return int(self.at_entry().sum())

    def at_entry(self) -> Codes:
        """Return the persons at entry in each cell, had all of them been followed, shape (3, 3)."""
        return np.asarray(np.rint(np.asarray(self.cells) / (1.0 - self.lost)), dtype=np.intp)

    def sized(self, n: int) -> StudyDesign:
        """Return the same design with n persons seen, in the same shares as nearly as can be."""
        shares = np.asarray(self.cells, dtype=float).ravel() / self.n * n
        whole = np.floor(shares).astype(int)
        # The largest remainders take what is left, so that the cells add up to n.
        for place in np.argsort(whole - shares, kind="stable")[: n - int(whole.sum())]:
            whole[place] += 1
        cells = tuple(tuple(row) for row in whole.reshape(3, 3).tolist())
        return replace(self, cells=cells)


def _wrong_cells(cells: tuple[tuple[int, ...], ...]) -> list[str]:
    k = len(CATEGORIES)
    counts = [count for row in cells for count in row]
    if [len(row) for row in cells] != [k] * k:
        return [f"cells should have {k} rows of {k} numbers, network at entry by network at follow-up"]
    if any(not is_whole(count) or count < 0 for count in counts):
        return ["cells should hold whole numbers of 0 or above"]
    if not 1 <= sum(counts) <= _MOST_PERSONS:
        return [f"cells should hold from 1 to {_MOST_PERSONS:,} persons in all"]
    return []


def _wrong_shares(design: StudyDesign) -> list[str]:
    found = [
        f"{name} should be from 0 to below 1"
        for name in ("correlation", "icc", "icc_change", "lost")
        if not 0 <= getattr(design, name) < 1
    ]
    if any(size < 1 for size in design.facilities):
        found.append("each facility should have a person or more")
    if len(design.facilities) == 1:
        found.append("one facility alone is no cluster: leave facilities out")
    if design.icc > design.correlation:
        found.append(
            "icc should not be above correlation: what facilities add at entry lasts, and so makes the waves"
            " correlate at least that much"
        )
    return found


def design_from_arrays(
    before: FloatArray,
    after: FloatArray,
    networks: Codes,
    clusters: Codes | None = None,
) -> StudyDesign:
    """Return the design of a study at hand.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        Scores; NaN where there is none.
    networks : ndarray of int, shape (2, n)
        Categories at entry and at follow-up as positions in `larstudy.names.CATEGORIES`; -1 for none.
    clusters : ndarray of int, shape (n,), optional
        0 to G - 1; a single one is none.

    Returns
    -------
    StudyDesign
        ``lost`` is the share of those with a score at entry who lack a follow-up score or a network;
        correlation by Pearson, not below 0; with clusters, both shares by analysis of variance, not below 0.

    Raises
    ------
    LarstudyError
        Where nobody has both waves and both networks, or scores do not vary.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> before = rng.normal(size=200)
    >>> design = design_from_arrays(before, before + rng.normal(size=200), rng.integers(0, 3, (2, 200)))
    >>> design.n, round(design.correlation, 2)
    (200, 0.73)
    """
    entered = np.isfinite(before)
    used = entered & np.isfinite(after) & (networks >= 0).all(axis=0)
    x, y = before[used], after[used]
    if len(x) < 3 or x.std() == 0 or y.std() == 0:
        raise LarstudyError(
            "A design needs three persons or more with both scores and both networks, and scores that vary:"
            f" {len(x)} of {int(entered.sum())} with a score at entry have them."
        )
    cells = np.zeros((3, 3), dtype=int)
    np.add.at(cells, (networks[0][used], networks[1][used]), 1)
    correlation = float(np.clip(np.corrcoef(x, y)[0, 1], 0.0, 0.99))
    sizes: tuple[int, ...] = ()
    shares = (0.0, 0.0)
    if clusters is not None and len(np.unique(clusters[entered])) > 1:
        sizes = tuple(int(size) for size in np.bincount(clusters[entered]) if size)
        level = _between(x, clusters[used]) / x.var(ddof=1)
        shares = (min(level, correlation), min(_between(y - x, clusters[used]) / x.var(ddof=1), 0.99))
    return StudyDesign(
        cells=tuple(tuple(row) for row in cells.tolist()),
        correlation=correlation,
        facilities=sizes,
        icc=shares[0],
        icc_change=shares[1],
        lost=1.0 - len(x) / int(entered.sum()),
    )


def _between(values: FloatArray, clusters: Codes) -> float:
    """Return the variance between clusters by analysis of variance, 0 where it would be below."""
    _, place = np.unique(clusters, return_inverse=True)
    sizes = np.bincount(place).astype(float)
    n, g = sizes.sum(), len(sizes)
    if g < 2 or n <= g:
        return 0.0
    means = np.bincount(place, weights=values) / sizes
    between = (sizes * (means - values.mean()) ** 2).sum() / (g - 1)
    within = ((values - means[place]) ** 2).sum() / (n - g)
    average = (n - (sizes**2).sum() / n) / (g - 1)
    return float(max((between - within) / average, 0.0))


@cache
def published_design() -> StudyDesign:
    """Return the design of the reviewed study, as far as it is published: 338 of 548 persons, 21 facilities.

    The cells, the correlation and the shares of facilities are not published. They are those of the world
    ``review``: assumptions.

    Examples
    --------
    >>> design = published_design()
    >>> design.n, len(design.facilities), round(design.lost, 3)
    (338, 21, 0.383)
    """
    from larstudy.synthetic.simulation import draw, facility_sizes
    from larstudy.synthetic.structure import structure_of
    from larstudy.synthetic.worlds import read_world

    world = read_world("review")
    n, seen = int(world.number("persons")), int(world.number("seen"))
    drawn = draw(structure_of(world), seed=0, cohorts=range(64), n=n)
    counts = np.zeros((3, 3))
    networks = drawn.network.astype(np.intp)
    np.add.at(counts, (networks[:, 0][drawn.seen], networks[:, 1][drawn.seen]), 1.0)
    share = StudyDesign(
        cells=tuple(tuple(int(v) for v in row) for row in counts),
        correlation=float(world.number("stability")),
        facilities=tuple(facility_sizes(int(world.number("facilities")), n).tolist()),
        icc=float(world.number("facility_share")),
        icc_change=float(world.number("facility_change_share")),
        lost=1.0 - seen / n,
    )
    return share.sized(seen)
