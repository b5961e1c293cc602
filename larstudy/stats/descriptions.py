"""How groups stood on one variable: numbers, categories, and how far apart two of the groups are."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.attrition import categorical_difference, standardised_differences

ONE_GROUP = "one group only: nothing to compare"
NO_PAIR = "in no two groups is it known for enough persons, or it has no spread in them"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersByGroup:
    """A number in everybody, then in each group; arrays of shape (1 + k,).

    Attributes
    ----------
    n, missing : ndarray of int
        How many have it, and how many lack it.
    mean, sd, median, q1, q3 : ndarray
        NaN where nobody has it; the SD also where one person does.
    """

    n: IntArray
    missing: IntArray
    mean: FloatArray
    sd: FloatArray
    median: FloatArray
    q1: FloatArray
    q3: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsByGroup:
    """A category in everybody, then in each group.

    Attributes
    ----------
    count : ndarray of int, shape (1 + k, levels)
    n, missing : ndarray of int, shape (1 + k,)
        How many have it, and how many lack it.
    """

    count: IntArray
    n: IntArray
    missing: IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class LargestDifference:
    """The standardised difference of the two groups that are furthest apart.

    Attributes
    ----------
    d : float
        Never negative; NaN where no two groups can be held against each other.
    first, second : int
        The groups; -1 where there are none.
    reason : str
        Why ``d`` is NaN; empty where it is not.
    """

    d: float
    first: int
    second: int
    reason: str


def numbers_by_group(values: FloatArray, codes: IntArray, k: int) -> NumbersByGroup:
    """Describe a number in everybody and in each group.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where it is missing.
    codes : ndarray of int, shape (n,)
        Group of each person, -1 for none; who has none counts among everybody.
    k : int
        How many groups.

    Returns
    -------
    NumbersByGroup
        SD with n - 1; quartiles by linear interpolation (type 7 of R).

    Examples
    --------
    >>> found = numbers_by_group(np.array([1.0, 3, np.nan, 5]), np.array([0, 0, 0, 1]), 2)
    >>> found.n.tolist(), found.missing.tolist(), found.mean.tolist()
    ([3, 2, 1], [1, 1, 0], [3.0, 2.0, 5.0])
    >>> found.sd.round(4).tolist(), found.median.tolist()
    ([2.0, 1.4142, nan], [3.0, 2.0, 5.0])
    """
    parts = [values, *(values[codes == code] for code in range(k))]
    known = [part[~np.isnan(part)] for part in parts]
    quartiles = np.array([np.quantile(p, [0.25, 0.5, 0.75]) if len(p) else [np.nan] * 3 for p in known])
    return NumbersByGroup(
        n=np.array([len(p) for p in known]),
        missing=np.array([len(part) - len(p) for part, p in zip(parts, known, strict=True)]),
        mean=np.array([p.mean() if len(p) else np.nan for p in known]),
        sd=np.array([p.std(ddof=1) if len(p) > 1 else np.nan for p in known]),
        q1=quartiles[:, 0],
        median=quartiles[:, 1],
        q3=quartiles[:, 2],
    )


def levels_by_group(levels: IntArray, n_levels: int, codes: IntArray, k: int) -> LevelsByGroup:
    """Count the levels of a category in everybody and in each group.

    Parameters
    ----------
    levels : ndarray of int, shape (n,)
        Level of each person, -1 where it is missing.
    n_levels : int
    codes : ndarray of int, shape (n,)
        Group of each person, -1 for none.
    k : int
        How many groups.

    Returns
    -------
    LevelsByGroup

    Examples
    --------
    >>> found = levels_by_group(np.array([0, 1, -1, 1]), 2, np.array([0, 0, 1, 1]), 2)
    >>> found.count.tolist(), found.n.tolist(), found.missing.tolist()
    ([[1, 2], [1, 1], [0, 1]], [3, 2, 1], [1, 0, 1])
    """
    parts = [levels, *(levels[codes == code] for code in range(k))]
    count = np.array([np.bincount(part[part >= 0], minlength=n_levels) for part in parts])
    n = count.sum(axis=1)
    return LevelsByGroup(count=count, n=n, missing=np.array([len(part) for part in parts]) - n)


def largest_difference(values: FloatArray, codes: IntArray, k: int, n_levels: int = 0) -> LargestDifference:
    r"""Return the standardised difference of the two groups that are furthest apart.

    Parameters
    ----------
    values : ndarray, shape (n,)
        A number, or the level of a category from 0; NaN where it is missing.
    codes : ndarray of int, shape (n,)
        Group of each person, -1 for none.
    k : int
        How many groups; with two there is one pair.
    n_levels : int
        Levels of a category; 0 for a number.

    Returns
    -------
    LargestDifference

    Notes
    -----
    Of a number :math:`|\bar x_1 - \bar x_2| / \sqrt{(s_1^2 + s_2^2) / 2}`; of a category
    :math:`\sqrt{d' S^- d}` with d the differences of the shares and S the mean of the two multinomial
    covariance matrices of one person. It does not grow with the number of persons, as a test does.

    References
    ----------
    Austin, P. C. (2009). Statistics in Medicine, 28, 3083-3107. Yang, D., & Dalton, J. E. (2012). SAS Global
    Forum 2012, paper 335.

    Examples
    --------
    >>> values = np.array([1.0, 3, 2, 4, 5, 7])
    >>> found = largest_difference(values, np.array([0, 0, 1, 1, 2, 2]), 3)
    >>> round(found.d, 4), found.first, found.second
    (2.8284, 0, 2)
    """
    best = LargestDifference(d=np.nan, first=-1, second=-1, reason=NO_PAIR if k > 1 else ONE_GROUP)
    for first, second in combinations(range(k), 2):
        chosen = (codes == first) | (codes == second)
        ours = codes[chosen] == first
        if n_levels:
            d = categorical_difference(values[chosen], ours, n_levels).d_mahalanobis
        else:
            d = abs(float(standardised_differences(values[chosen][:, None], ours).d_rms[0]))
        if not np.isnan(d) and not d <= best.d:
            best = LargestDifference(d=d, first=first, second=second, reason="")
    return best
