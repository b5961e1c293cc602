"""Tests by permutation: what they return, and the test that turns the sign of each change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray

#: Persons whose signs are drawn together, one bit each.
_BITS = 8
#: Sums that are held at once, so that memory stays bounded (1 MB).
_AT_ONCE = 2**17
#: Arrangements that reach the observed value but for rounding count as reaching it.
TIE = 1e-11


@dataclass(frozen=True, slots=True, kw_only=True)
class PermutationTest:
    """A test by permutation.

    Attributes
    ----------
    statistic : float
        What was observed: the mean change, F, or the contrast.
    p_value : float
        Two-sided. All arrangements: the share that is at least as far out; random ones:
        ``(1 + hits) / (1 + draws)``.
    p_low, p_high : float
        Where the p-value of all arrangements lies, as far as the draws tell (Clopper-Pearson); the p-value
        itself where all were enumerated.
    hits, draws : int
        Arrangements that were at least as far out, of how many.
    exact : bool
        Whether all arrangements were enumerated.
    n : int
        Persons.
    n_informative : int
        Persons whose sign or group matters to the statistic: who changed at all, or who are in a stratum in
        which there are at least two groups.
    reason : str
        Why numbers are NaN; empty where none is.
    """

    statistic: float
    p_value: float
    p_low: float
    p_high: float
    hits: int
    draws: int
    exact: bool
    n: int
    n_informative: int
    reason: str


def no_permutation_test(reason: str, n: int, n_informative: int = 0) -> PermutationTest:
    """Return the test that cannot be done, with the reason.

    Examples
    --------
    >>> no_permutation_test("there is nobody", 0).reason
    'there is nobody'
    """
    return PermutationTest(
        statistic=np.nan,
        p_value=np.nan,
        p_low=np.nan,
        p_high=np.nan,
        hits=0,
        draws=0,
        exact=False,
        n=n,
        n_informative=n_informative,
        reason=reason,
    )


def monte_carlo_interval(hits: int, draws: int, level: float = 0.95) -> tuple[float, float]:
    """Return the Clopper-Pearson interval of the share that hits would have among all arrangements.

    Examples
    --------
    >>> low, high = monte_carlo_interval(0, 99_999)
    >>> low, round(high, 8)
    (0.0, 3.689e-05)
    """
    tail = (1.0 - level) / 2.0
    low = float(special.betaincinv(hits, draws - hits + 1, tail)) if hits > 0 else 0.0
    high = float(special.betaincinv(hits + 1, draws - hits, 1.0 - tail)) if hits < draws else 1.0
    return low, high


def permutation_test_of(
    hits: int, draws: int, *, statistic: float, n: int, n_informative: int, level: float, reason: str = ""
) -> PermutationTest:
    """Return the test that random arrangements make.

    Examples
    --------
    >>> permutation_test_of(4, 99, statistic=1.5, n=10, n_informative=10, level=0.95).p_value
    0.05
    """
    low, high = monte_carlo_interval(hits, draws, level)
    return PermutationTest(
        statistic=statistic,
        p_value=(1 + hits) / (1 + draws),
        p_low=low,
        p_high=high,
        hits=hits,
        draws=draws,
        exact=False,
        n=n,
        n_informative=n_informative,
        reason=reason,
    )


def sign_flip_test(
    changes: FloatArray,
    *,
    draws: int = 99_999,
    seed: int | np.random.Generator = 0,
    exact_up_to: int = 20,
    level: float = 0.95,
) -> PermutationTest:
    """Test that changes are as likely down as up, by turning their signs.

    Parameters
    ----------
    changes : ndarray, shape (n,)
        Follow-up minus baseline of each person. NaN is not dropped: the test is then NaN, with a reason.
    draws : int
        Random sign patterns, where not all are enumerated.
    seed : int or Generator
        The same seed gives the same numbers.
    exact_up_to : int
        With no more persons who changed than this, all sign patterns are enumerated; 25 take some 400 MB.
    level : float
        Of the Monte-Carlo interval.

    Returns
    -------
    PermutationTest
        Two-sided, for the mean change; t ranks the sign patterns alike. Changes that are all the same are no
        hindrance. With nobody, one person, or no change at all it is NaN with a reason.

    Notes
    -----
    Under the null hypothesis each change is distributed symmetrically about zero. Eight persons share a table
    of the 256 sums that their signs can give, so that a draw of eight signs is one look-up.

    References
    ----------
    Phipson, B., & Smyth, G. K. (2010). Statistical Applications in Genetics and Molecular Biology, 9(1), 39.

    Examples
    --------
    >>> result = sign_flip_test(np.array([3.0, 1.0, 2.0, 4.0]))
    >>> result.p_value, result.draws, result.exact  # all up: 2 of 16 patterns are as far out
    (0.125, 16, True)
    """
    n = len(changes)
    if not np.isfinite(changes).all():
        return no_permutation_test("there are missing or infinite values among the changes", n)
    moved = changes[changes != 0]
    if n < 2 or not len(moved):
        few = "nobody has both waves" if n == 0 else "one person only: no test"
        return no_permutation_test(few if n < 2 else "nobody changed: no test", n)
    # Of the order of one, so that no unit of the changes overflows.
    scaled = moved / np.abs(moved).max()
    reached = abs(float(scaled.sum())) - TIE * float(np.abs(scaled).sum())
    statistic = float(changes.mean())
    if len(moved) <= exact_up_to:
        # A pattern and its mirror image are alike, so the first sign is held.
        hits = 2 * int((np.abs(scaled[0] + _signed_sums(scaled[1:])) >= reached).sum())
        p_value, total = hits / 2 ** len(moved), 2 ** len(moved)
        return PermutationTest(
            statistic=statistic,
            p_value=p_value,
            p_low=p_value,
            p_high=p_value,
            hits=hits,
            draws=total,
            exact=True,
            n=n,
            n_informative=len(moved),
            reason="",
        )
    generator, hits = np.random.default_rng(seed), 0
    for start in range(0, draws, _AT_ONCE):
        sums = _random_sums(scaled, min(_AT_ONCE, draws - start), generator)
        hits += int((np.abs(sums) >= reached).sum())
    return permutation_test_of(hits, draws, statistic=statistic, n=n, n_informative=len(moved), level=level)


def _signed_sums(values: FloatArray) -> FloatArray:
    """Return the sums under all sign patterns, shape (2 ** n,)."""
    sums = np.zeros(1)
    for value in values.tolist():
        sums = np.concatenate([sums - value, sums + value])
    return sums


def _random_sums(values: FloatArray, draws: int, generator: np.random.Generator) -> FloatArray:
    sums = np.zeros(draws)
    for start in range(0, len(values), _BITS):
        table = _signed_sums(values[start : start + _BITS])
        sums += table[generator.integers(0, len(table), draws, dtype=np.uint8)]
    return sums
