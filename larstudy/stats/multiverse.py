"""How far estimates of one question move when a choice among analyses is changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray

_NOISE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What changing one choice does, all other choices being the same.

    Attributes
    ----------
    n_sets : int
        How many sets of analyses differ in that choice alone, with an estimate of each of two at least.
    median, largest : float
        Of the sets: from the smallest to the largest estimate, in the unit of the outcome. NaN without sets.
    flips : int
        In how many sets one interval lies above zero, or below, and another does not.
    """

    n_sets: int
    median: float
    largest: float
    flips: int


def side_of_zero(conf_low: FloatArray, conf_high: FloatArray) -> IntArray:
    """Return 1 where an interval lies above zero, -1 where below, 0 where it holds zero or is not there.

    Examples
    --------
    >>> import numpy as np
    >>> side_of_zero(np.array([0.1, -2.0, -1.0, np.nan]), np.array([1.0, -1.0, 1.0, np.nan])).tolist()
    [1, -1, 0, 0]
    """
    return (conf_low > 0).astype(np.intp) - (conf_high < 0).astype(np.intp)


def moves_within(sets: IntArray, estimate: FloatArray, conf_low: FloatArray, conf_high: FloatArray) -> Moves:
    r"""Return how far the estimates of each set lie apart.

    Parameters
    ----------
    sets : ndarray of int, shape (n,)
        Which set each analysis is in: those of a set differ in one choice alone.
    estimate, conf_low, conf_high : ndarray, shape (n,)
        In the unit of the outcome; NaN where an analysis could not be done, which is then in no set.

    Returns
    -------
    Moves

    Notes
    -----
    Of a set the range :math:`\max_i \hat\theta_i - \min_i \hat\theta_i`. After the curve of
    specifications of Simonsohn, Simmons & Nelson (2020), Nature Human Behaviour, 4, 1208-1214.

    Examples
    --------
    >>> import numpy as np
    >>> sets = np.array([0, 0, 1, 1, 2])
    >>> estimate = np.array([1.0, 3.0, 2.0, 2.5, 9.0])
    >>> moves_within(sets, estimate, estimate - 2, estimate + 2)
    Moves(n_sets=2, median=1.25, largest=2.0, flips=2)
    """
    known = ~np.isnan(estimate)
    names, places = np.unique(sets[known], return_inverse=True)
    values, side = estimate[known], side_of_zero(conf_low, conf_high)[known]
    k = len(names)
    ends = np.full((4, k), np.nan)
    for row, (extreme, numbers) in enumerate(
        ((np.fmin, values), (np.fmax, values), (np.fmin, side), (np.fmax, side))
    ):
        extreme.at(ends[row], places, numbers)
    several = np.bincount(places, minlength=k) > 1
    ranges = (ends[1] - ends[0])[several]
    # Two ways to the same number may differ in its last digits.
    ranges[ranges <= _NOISE * np.abs(values).max(initial=0.0)] = 0.0
    if not len(ranges):
        return Moves(n_sets=0, median=np.nan, largest=np.nan, flips=0)
    return Moves(
        n_sets=len(ranges),
        median=float(np.median(ranges)),
        largest=float(ranges.max()),
        flips=int((ends[3] > ends[2])[several].sum()),
    )
