"""How groups stand before anything is compared: numbers, shares, the missing, standardised differences."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One variable in one group: counts, and of those known the mean, the spread and the quartiles."""

    n: int
    n_missing: int
    mean: float
    sd: float
    median: float
    q1: float
    q3: float


def describe_values(values: FloatArray, chosen: BoolArray) -> Described:
    """Return a variable of the persons chosen; NaN is missing, and a share is the mean of zeros and ones.

    Examples
    --------
    >>> found = describe_values(np.array([1.0, 2.0, 6.0, np.nan]), np.ones(4, dtype=bool))
    >>> found.n, found.n_missing, found.mean, round(found.sd, 4), found.median
    (3, 1, 3.0, 2.6458, 2.0)
    """
    own = values[chosen]
    known = own[~np.isnan(own)]
    n = len(known)
    q1, median, q3 = np.percentile(known, [25, 50, 75]) if n else (np.nan,) * 3
    return Described(
        n=n,
        n_missing=len(own) - n,
        mean=float(known.mean()) if n else float("nan"),
        sd=float(known.std(ddof=1)) if n > 1 else float("nan"),
        median=float(median),
        q1=float(q1),
        q3=float(q3),
    )


def largest_difference(values: FloatArray, codes: IntArray, k: int, *, binary: bool) -> float:
    r"""Return the largest standardised difference between two of k groups.

    Parameters
    ----------
    values : ndarray of float, shape (n,)
        NaN where missing; zeros and ones where ``binary``.
    codes : ndarray of int, shape (n,)
        The group of each, -1 for none.
    k : int
    binary : bool

    Returns
    -------
    float
        NaN where two groups differ and nobody within either of them does.

    Notes
    -----
    Of two groups :math:`|m_1 - m_2| / \sqrt{(s_1^2 + s_2^2)/2}`, with :math:`p(1-p)` as the variance of a
    share. It does not grow with the number of persons, as a p-value does.

    References
    ----------
    Austin, P. C. (2009). Statistics in Medicine, 28, 3083-3107.

    Examples
    --------
    >>> codes = np.array([0, 0, 0, 1, 1, 1])
    >>> round(largest_difference(np.array([1.0, 2, 3, 3, 4, 5]), codes, 2, binary=False), 6)
    2.0
    """
    found = []
    for a, b in combinations(range(k), 2):
        one, other = (values[(codes == code) & ~np.isnan(values)] for code in (a, b))
        if min(len(one), len(other)) < (1 if binary else 2):
            continue
        means = one.mean(), other.mean()
        variances = [m * (1 - m) for m in means] if binary else [x.var(ddof=1) for x in (one, other)]
        spread = np.sqrt(sum(variances) / 2)
        if spread > 0:
            found.append(abs(means[0] - means[1]) / spread)
        elif means[0] != means[1]:
            # All of one group and none of another: no number of standard deviations says how far that is.
            return float("nan")
    return float(max(found)) if found else float("nan")
