"""Comparing the means of groups that may differ in spread."""

from __future__ import annotations

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.group_moments import GroupMoments, group_moments, how_many
from larstudy.stats.linear import FTest, f_test_of, no_f_test


def welch_one_way(response: FloatArray, codes: IntArray, k: int, *made_from: FloatArray) -> FTest:
    r"""Test that k groups have the same mean without assuming that they have the same spread.

    Parameters
    ----------
    response : ndarray, shape (n,)
        NaN is not dropped: the test is then NaN, with a reason.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
    *made_from : ndarray
        The numbers that the response was made from: a spread within their rounding error is none.

    Returns
    -------
    FTest
        ``df`` is a fraction. ``partial_eta_squared`` is made from F like any other, but is here no share of
        a sum of squares. NaN with a reason where a group has fewer than two persons or no spread.

    Notes
    -----
    With :math:`w_i = n_i / s_i^2`, :math:`W = \sum w_i`, :math:`\tilde m = \sum w_i m_i / W` and
    :math:`\Lambda = \sum (1 - w_i / W)^2 / (n_i - 1)`,

    .. math:: F = \frac{\sum w_i (m_i - \tilde m)^2 / (k - 1)}{1 + 2 (k - 2) \Lambda / (k^2 - 1)}

    with :math:`k - 1` and :math:`(k^2 - 1) / (3 \Lambda)` degrees of freedom; R's
    ``oneway.test(var.equal = FALSE)``. For two groups it is the square of Welch's t.

    References
    ----------
    Welch, B. L. (1951). Biometrika, 38, 330-336.

    Examples
    --------
    >>> codes = np.array([0, 0, 0, 1, 1, 1])
    >>> test = welch_one_way(np.array([1.0, 2, 3, 2, 4, 6]), codes, 2)
    >>> round(test.statistic, 6), round(test.df, 6)
    (2.4, 2.941176)
    """
    moments = group_moments(response, codes, k, *made_from)
    reason = _untested(moments, k)
    if reason:
        return no_f_test(reason, k - 1)
    weights = moments.counts / moments.variances
    # Of the order of one before summing, so that no unit of the response overflows.
    shares = weights / weights.max()
    shares /= shares.sum()
    centred = moments.means - moments.means.mean()
    centred -= shares @ centred
    between = float(weights @ centred**2) / (k - 1)
    uncertainty = float(((1.0 - shares) ** 2 / (moments.counts - 1.0)).sum())
    statistic = between / (1.0 + 2.0 * (k - 2) * uncertainty / (k**2 - 1.0))
    return f_test_of(statistic, k - 1, (k**2 - 1.0) / (3.0 * uncertainty))


def _untested(moments: GroupMoments, k: int) -> str:
    if k < 2:
        return "one group only: nothing to compare"
    if moments.reason:
        return moments.reason
    if (moments.counts < 2).any():
        few = how_many(moments.counts < 2, "has", "have")
        return f"{few} fewer than two persons: no spread of its own, no Welch test"
    if (moments.variances == 0).any():
        return how_many(np.asarray(moments.variances == 0), "has", "have") + " no spread: no Welch test"
    return ""
