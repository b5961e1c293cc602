"""Which counts to withhold so that none of a few persons can be worked out from the others that are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray

#: How far apart two ends must be to be told apart from rounding in the solver.
_NOISE = 1e-6


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Counts:
    """Counts and how they add up.

    Attributes
    ----------
    values : ndarray of float, shape (m,)
        Whole numbers, 0 or more.
    sums : ndarray of float, shape (k, m)
        One row an equation: the weights by which counts add up to 0, as 1 for each part and -1 for the whole.
    costs : ndarray of float, shape (m,)
        What is lost where a count is withheld; above 0.
    """

    values: FloatArray
    sums: FloatArray
    costs: FloatArray


def unsafe_counts(
    counts: Counts, hidden: BoolArray, *, width: float, of: BoolArray | None = None
) -> tuple[int, ...]:
    """Return the hidden counts that can be worked out too closely from those shown.

    An attacker knows every shown count, how counts add up, and that none is below 0.

    Parameters
    ----------
    counts : Counts
    hidden : ndarray of bool, shape (m,)
    width : float
        How far apart the smallest and the largest possible value of each must be.
    of : ndarray of bool, shape (m,), optional
        Which of the hidden counts to look at; all unless given.

    Returns
    -------
    tuple of int
        Places of the counts, in order.

    Notes
    -----
    Two linear programmes a count: the smallest and the largest value that fits everything shown, over the
    equations that it hangs together with. A count whose largest value is not bounded is safe.
    """
    asked = hidden if of is None else hidden & of
    target = -(counts.sums[:, ~hidden] @ counts.values[~hidden])
    part = _parts(counts.sums, hidden)
    found = []
    for place in np.flatnonzero(asked):
        own = np.flatnonzero(hidden & (part == part[place]))
        block = counts.sums[:, own]
        rows = np.abs(block).sum(axis=1) > 0
        low, high = possible_values(block[rows], target[rows], int(np.searchsorted(own, place)))
        if high - low < width - _NOISE:
            found.append(int(place))
    return tuple(found)


def _parts(sums: FloatArray, hidden: BoolArray) -> IntArray:
    """Return a number for each count: hidden counts that hang together through equations share it."""
    part = np.arange(sums.shape[1])
    members = [np.flatnonzero(row) for row in (sums != 0) & hidden]
    members = [row for row in members if len(row) > 1]
    moved = True
    while moved:
        moved = False
        for row in members:
            lowest = part[row].min()
            if (part[row] != lowest).any():
                part[row] = lowest
                moved = True
    return part


def possible_values(matrix: FloatArray, target: FloatArray, at: int) -> tuple[float, float]:
    """Return the smallest and the largest value of one unknown, all being 0 or more and matrix @ x = target.

    Examples
    --------
    >>> possible_values(np.array([[1.0, 1.0]]), np.array([7.0]), 0)
    (0.0, 7.0)
    >>> possible_values(np.zeros((0, 1)), np.zeros(0), 0)
    (0.0, inf)
    """
    from scipy.optimize import linprog

    equations = {"A_eq": matrix, "b_eq": target} if len(matrix) else {}
    ends = []
    for sign in (1.0, -1.0):
        goal = np.zeros(matrix.shape[1])
        goal[at] = sign
        solved = linprog(goal, bounds=(0, None), method="highs", **equations)
        # The true counts fit, and none is below 0: what has no solution has no largest value.
        ends.append(round(float(sign * solved.fun), 6) + 0.0 if solved.status == 0 else np.inf)
    return ends[0], ends[1]


def protect_counts(
    counts: Counts, small: BoolArray, *, width: float, fixed: BoolArray | None = None
) -> BoolArray:
    """Return which counts to withhold: the small ones, and others so that no small one can be worked out.

    Parameters
    ----------
    counts : Counts
    small : ndarray of bool, shape (m,)
        Those that must be withheld.
    width : float
        How far apart the possible values of each small count must lie.
    fixed : ndarray of bool, shape (m,), optional
        Those that are known anyway and cannot be withheld.

    Returns
    -------
    ndarray of bool, shape (m,)
        Where nothing more can be withheld everything that is not fixed is.
    """
    free = np.ones(len(small), dtype=bool) if fixed is None else ~fixed
    hidden = small & free
    members = counts.sums != 0
    while True:
        _no_one_alone(members, counts.costs, hidden, free)
        risky = unsafe_counts(counts, hidden, width=width, of=small)
        more = False
        for place in risky:
            rows = _nearest(members, place, hidden, free)
            # What was withheld for another of them may have been enough.
            if more and not unsafe_counts(counts, hidden, width=width, of=np.arange(len(small)) == place):
                continue
            if len(rows):
                hidden[_cheapest(counts.costs, rows, hidden, free)] = True
                more = True
        if not more:
            return hidden


def _nearest(members: BoolArray, place: int, hidden: BoolArray, free: BoolArray) -> BoolArray:
    """Return the equations nearest to a hidden count in which something can still be withheld.

    First those that it stands in itself, then those of what is withheld beside it, and so on.
    """
    open_ = (members & free & ~hidden).any(axis=1)
    reached = np.zeros(members.shape[1], dtype=bool)
    reached[place] = True
    while True:
        touching = members[:, reached].any(axis=1)
        if (touching & open_).any():
            return members[touching & open_]
        wider = reached | (members[touching].any(axis=0) & hidden)
        if (wider == reached).all():
            return members[:0]
        reached = wider


def _no_one_alone(members: BoolArray, costs: FloatArray, hidden: BoolArray, free: BoolArray) -> None:
    """Withhold a second count in each equation in which one alone is withheld, in place."""
    while True:
        alone = np.flatnonzero(((members & hidden).sum(axis=1) == 1) & (members & free & ~hidden).any(axis=1))
        if not len(alone):
            return
        for row in alone:
            if (members[row] & hidden).sum() == 1:
                hidden[_cheapest(costs, members[row : row + 1], hidden, free)] = True


def _cheapest(costs: FloatArray, rows: BoolArray, hidden: BoolArray, free: BoolArray) -> int:
    """Return the count of these equations that is least missed."""
    open_ = rows.any(axis=0) & ~hidden & free
    places = np.flatnonzero(open_)
    return int(places[np.argmin(costs[places])])
