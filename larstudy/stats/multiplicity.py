"""p-values of several tests that are judged together."""

from __future__ import annotations

from typing import Literal

import numpy as np

from larstudy.stats.arrays import FloatArray

Adjustment = Literal["holm", "bonferroni", "none"]


def adjust_p_values(p_values: FloatArray, method: Adjustment = "holm") -> FloatArray:
    r"""Return p-values that hold for the whole family of tests, as R's ``p.adjust``.

    Parameters
    ----------
    p_values : ndarray, shape (m,)
        NaN for a test that could not be done: it stays NaN and is not counted in the family.
    method : {"holm", "bonferroni", "none"}

    Returns
    -------
    ndarray, shape (m,)
        In the order of ``p_values``; none above 1.

    Notes
    -----
    With the p-values in ascending order, Holm is :math:`\max_{j \le i} (m - j + 1)\,p_{(j)}`, Bonferroni
    :math:`m\,p_i`. Both bound the chance of any false rejection, whatever the dependence between the
    tests; Holm rejects all that Bonferroni does, and more.

    References
    ----------
    Holm, S. (1979). Scandinavian Journal of Statistics, 6, 65-70.

    Examples
    --------
    >>> adjust_p_values(np.array([0.04, 0.01, np.nan, 0.03])).round(6).tolist()
    [0.06, 0.03, nan, 0.06]
    """
    adjusted = np.array(p_values, dtype=float)
    known = np.flatnonzero(~np.isnan(adjusted))
    m = len(known)
    if method == "bonferroni":
        adjusted[known] = np.minimum(1.0, m * adjusted[known])
    elif method == "holm":
        order = known[np.argsort(adjusted[known], kind="stable")]
        stepped = np.maximum.accumulate(np.arange(m, 0, -1) * adjusted[order])
        adjusted[order] = np.minimum(1.0, stepped)
    return adjusted
