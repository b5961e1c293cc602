"""Tests by permutation: the groups of persons, shuffled within strata."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.group_moments import how_many
from larstudy.stats.paired import same_to_rounding
from larstudy.stats.permutation import TIE, PermutationTest, no_permutation_test, permutation_test_of
from larstudy.stats.planned_contrasts import bad_weights

#: Numbers that are shuffled at once: memory stays bounded, and they stay within the caches (256 kB).
_CELLS = 2**15
_RANK = 1e-9


def cross_strata(*labels: IntArray) -> IntArray:
    """Return one code for each combination of labels that occurs, such as facility and treatment status.

    Parameters
    ----------
    *labels : ndarray of int, shape (n,)

    Returns
    -------
    ndarray of int, shape (n,)
        From 0, in the order of the labels.

    Examples
    --------
    >>> cross_strata(np.array([7, 7, 2, 2]), np.array([0, 1, 1, 1])).tolist()
    [1, 2, 0, 0]
    """
    _, codes = np.unique(np.column_stack(labels), axis=0, return_inverse=True)
    return np.asarray(codes, dtype=np.intp).ravel()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Strata:
    """A response about its mean in each stratum, and the groups within them.

    ``information`` is the cross-product of the group indicators about their means in the strata: the same
    for every permutation within strata. ``blocks`` holds the response and the groups (one-hot) of each
    stratum in which the groups can change anything.
    """

    sums: FloatArray
    information: FloatArray
    total: float
    df: int
    blocks: tuple[tuple[FloatArray, FloatArray], ...]
    n_informative: int


def _strata_of(response: FloatArray, codes: IntArray, k: int, strata: IntArray | None) -> _Strata:
    n = len(response)
    where = np.zeros(n, dtype=np.intp) if strata is None else np.unique(strata, return_inverse=True)[1]
    sums, information, total, blocks, informative = np.zeros(k), np.zeros((k, k)), 0.0, [], 0
    number = int(where.max(initial=-1)) + 1
    for stratum in range(number):
        members = where == stratum
        centred = response[members] - response[members].mean()
        if same_to_rounding(float(np.abs(centred).max()), response):
            centred = np.zeros(len(centred))
        one_hot = np.eye(k)[codes[members]]
        counts = one_hot.sum(axis=0)
        information += np.diag(counts) - np.outer(counts, counts) / len(centred)
        total += float(centred @ centred)
        if (counts > 0).sum() > 1:
            informative += len(centred)
            sums += centred @ one_hot
            if centred.any():
                blocks.append((centred, one_hot))
    return _Strata(
        sums=sums,
        information=information,
        total=total,
        df=n - number,
        blocks=tuple(blocks),
        n_informative=informative,
    )


def _why_not(response: FloatArray, codes: IntArray, split: _Strata, used: BoolArray) -> str:
    """Return why the groups that are used cannot be compared, empty where they can."""
    if not len(response):
        return "there is nobody"
    if used.sum() < 2:
        return "one group only: nothing to compare"
    nobody = used & (np.bincount(codes, minlength=len(used)) == 0)
    if nobody.any():
        return how_many(nobody, "has nobody", "have nobody")
    if not split.n_informative:
        return "no stratum has two groups: nothing to compare"
    return "" if split.blocks else "no spread within the strata that have two groups: no test"


def _shuffled_sums(split: _Strata, draws: int, generator: np.random.Generator) -> Iterator[FloatArray]:
    """Yield the group sums under random permutations within strata, some rows at a time, shape (rows, k)."""
    longest = max(len(values) for values, _ in split.blocks)
    at_once = max(1, _CELLS // max(longest, len(split.sums)))
    for start in range(0, draws, at_once):
        rows = min(at_once, draws - start)
        sums = np.zeros((rows, len(split.sums)))
        for values, one_hot in split.blocks:
            block = np.repeat(values[None, :], rows, axis=0)
            sums += generator.permuted(block, axis=1, out=block) @ one_hot
        yield sums


def _inverse(information: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a root of the generalised inverse, shape (k, rank), and the projection on what it can tell."""
    values, vectors = np.linalg.eigh(information)
    kept = values > _RANK * max(float(values[-1]), 1.0)
    vectors = vectors[:, kept]
    return vectors / np.sqrt(values[kept]), vectors @ vectors.T


def permutation_f(
    response: FloatArray,
    codes: IntArray,
    k: int,
    *,
    strata: IntArray | None = None,
    draws: int = 99_999,
    seed: int | np.random.Generator = 0,
    level: float = 0.95,
) -> PermutationTest:
    r"""Test that groups do not matter, by permuting them among the persons of each stratum.

    Parameters
    ----------
    response : ndarray, shape (n,)
        NaN is not dropped: the test is then NaN, with a reason.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
    strata : ndarray of int, shape (n,), optional
        Stratum of each person, any codes (see `cross_strata`); without it all are in one. Strata without
        anybody do not count; one with a single group tells nothing, but is no hindrance.
    draws : int
        Random permutations.
    seed : int or Generator
        The same seed gives the same numbers.
    level : float
        Of the Monte-Carlo interval.

    Returns
    -------
    PermutationTest
        With F as statistic. NaN with a reason where a group has nobody, no stratum has two groups, there is
        no spread, or the strata do not connect the groups. Where there is no spread within the groups F
        is NaN, but the p-value stands.

    Notes
    -----
    F is that of the groups beside the strata in a linear model (``anova(lm(y ~ stratum), lm(y ~ stratum +
    group))`` in R); with one stratum the one-way F. Permuting within strata changes only the sums of the
    groups, so that of each permutation only these are kept.

    References
    ----------
    Phipson, B., & Smyth, G. K. (2010). Statistical Applications in Genetics and Molecular Biology, 9(1), 39.

    Examples
    --------
    >>> y, codes = np.array([1.0, 2, 3, 7, 8, 9]), np.array([0, 0, 0, 1, 1, 1])
    >>> result = permutation_f(y, codes, 2, draws=999)
    >>> result.statistic, result.p_low < 0.1 < result.p_high  # 2 of 20 splits are as far apart
    (54.0, True)
    """
    n = len(response)
    if not np.isfinite(response).all():
        return no_permutation_test("there are missing or infinite values among the responses", n)
    split = _strata_of(response, codes, k, strata)
    root, _ = _inverse(split.information)
    reason = _why_not(response, codes, split, np.ones(k, dtype=bool))
    if not reason and root.shape[1] < k - 1:
        reason = "the strata do not connect the groups: they cannot all be compared"
    if reason:
        return no_permutation_test(reason, n, split.n_informative)
    between = float(((split.sums @ root) ** 2).sum())
    statistic, reason = _f_statistic(split, between, k - 1, response)
    reached, hits = between - TIE * split.total, 0
    for sums in _shuffled_sums(split, draws, np.random.default_rng(seed)):
        hits += int((((sums @ root) ** 2).sum(axis=1) >= reached).sum())
    return permutation_test_of(
        hits, draws, statistic=statistic, n=n, n_informative=split.n_informative, level=level, reason=reason
    )


def _f_statistic(split: _Strata, between: float, df_num: int, response: FloatArray) -> tuple[float, str]:
    df = split.df - df_num
    if df < 1:
        return np.nan, "too few persons for F; the p-value stands"
    within = max(split.total - between, 0.0) / df
    if within <= TIE * split.total / df or same_to_rounding(float(np.sqrt(within)), response):
        return np.nan, "no spread within the groups: no F; the p-value stands"
    return between / df_num / within, ""


def permutation_contrast(
    response: FloatArray,
    codes: IntArray,
    weights: FloatArray,
    *,
    strata: IntArray | None = None,
    draws: int = 99_999,
    seed: int | np.random.Generator = 0,
    level: float = 0.95,
) -> PermutationTest:
    """Test a contrast of groups by permuting them among the persons of each stratum.

    Parameters
    ----------
    response, codes, strata, draws, seed, level
        As for `permutation_f`.
    weights : ndarray, shape (k,)
        Of the groups, adding up to zero.

    Returns
    -------
    PermutationTest
        With the contrast as statistic, two-sided. NaN with a reason where `permutation_f` is, or where the
        weights are no contrast; a group of weight zero may have nobody, and the strata need connect no more
        than the contrast asks for.

    Notes
    -----
    The contrast is taken of the group effects beside the strata in a linear model; with one stratum, of the
    group means. All groups are permuted, those of weight zero too: the null hypothesis is that no group
    matters.

    Examples
    --------
    >>> y, codes = np.array([1.0, 2, 3, 7, 8, 9]), np.array([0, 0, 0, 1, 1, 1])
    >>> permutation_contrast(y, codes, np.array([-1.0, 1.0]), draws=99).statistic
    6.0
    """
    n = len(response)
    if not np.isfinite(response).all():
        return no_permutation_test("there are missing or infinite values among the responses", n)
    wrong = bad_weights(weights)
    if wrong:
        return no_permutation_test(wrong, n)
    split = _strata_of(response, codes, len(weights), strata)
    root, known = _inverse(split.information)
    reason = _why_not(response, codes, split, weights != 0)
    if not reason and np.abs(weights - known @ weights).max() > _RANK * np.abs(weights).max():
        reason = "the strata do not connect the groups of the contrast"
    if reason:
        return no_permutation_test(reason, n, split.n_informative)
    makes = root @ (root.T @ weights)
    statistic = float(split.sums @ makes)
    reached = abs(statistic) - TIE * float(np.sqrt(split.total) * np.abs(makes).sum())
    hits = 0
    for sums in _shuffled_sums(split, draws, np.random.default_rng(seed)):
        hits += int((np.abs(sums @ makes) >= reached).sum())
    return permutation_test_of(
        hits, draws, statistic=statistic, n=n, n_informative=split.n_informative, level=level
    )
