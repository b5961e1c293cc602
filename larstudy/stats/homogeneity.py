"""Did the distribution over categories change between two waves? Tests of marginal homogeneity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray
from larstudy.stats.distributions import chi_square_upper_tail


@dataclass(frozen=True, slots=True, kw_only=True)
class HomogeneityTest:
    """A chi-square test that a square table has the same margins.

    Attributes
    ----------
    statistic, df, p_value : float
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    statistic: float
    df: float
    p_value: float
    reason: str = ""


def marginal_homogeneity(table: FloatArray) -> tuple[HomogeneityTest, HomogeneityTest]:
    r"""Test marginal homogeneity by Stuart-Maxwell and by Bhapkar.

    Parameters
    ----------
    table : ndarray, shape (k, k)
        Persons by category at the first wave (rows) and at the second (columns).

    Returns
    -------
    tuple of HomogeneityTest
        Stuart-Maxwell, then Bhapkar. A category that nobody has at either wave is left out; where nobody
        changed category the tests are NaN with the reason.

    Notes
    -----
    With :math:`d` the differences of the margins and :math:`S` the matrix that has
    :math:`n_{i+} + n_{+i} - 2n_{ii}` on the diagonal and :math:`-(n_{ij} + n_{ji})` beside it,
    Stuart-Maxwell is :math:`W = d'S^{-}d`, and Bhapkar :math:`W / (1 - W/n)`. The rank of :math:`S` gives
    the degrees of freedom, so that categories which exchange nobody do not break the test.

    References
    ----------
    Stuart, A. (1955). Biometrika, 42, 412-416. Bhapkar, V. P. (1966). JASA, 61, 228-235.

    Examples
    --------
    >>> stuart_maxwell, _ = marginal_homogeneity(np.array([[20.0, 5], [15, 10]]))
    >>> stuart_maxwell.statistic  # with two categories it is McNemar's (15 - 5)**2 / (15 + 5)
    5.0
    """
    n = float(table.sum())
    used = (table.sum(axis=0) + table.sum(axis=1)) > 0
    table = table[np.ix_(used, used)]
    both = table + table.T
    if not (both.sum() - np.trace(both)) > 0:
        none = HomogeneityTest(
            statistic=np.nan,
            df=np.nan,
            p_value=np.nan,
            reason="nobody changed category" if n > 0 else "nobody has both waves",
        )
        return none, none
    difference = table.sum(axis=1) - table.sum(axis=0)
    spread = np.diag(table.sum(axis=1) + table.sum(axis=0)) - both
    df = int(np.linalg.matrix_rank(spread, hermitian=True))
    if df == len(spread) - 1:
        # The differences add up to zero: any one category can be left out.
        wald = float(difference[:-1] @ np.linalg.solve(spread[:-1, :-1], difference[:-1]))
    else:
        wald = float(difference @ np.linalg.pinv(spread, hermitian=True) @ difference)
    return _test(wald, df), _bhapkar(wald, df, n)


def _test(statistic: float, df: int) -> HomogeneityTest:
    p_value = chi_square_upper_tail(statistic, df)
    return HomogeneityTest(statistic=statistic, df=df, p_value=p_value)


def _bhapkar(wald: float, df: int, n: float) -> HomogeneityTest:
    if not wald < n * (1 - 1e-12):
        return HomogeneityTest(
            statistic=np.nan, df=df, p_value=np.nan, reason="every change goes one way: no test"
        )
    return _test(wald / (1.0 - wald / n), df)
