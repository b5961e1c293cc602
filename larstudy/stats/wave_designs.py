"""Designs for persons seen at several waves, and what is asked of their coefficients."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.group_design import every_pair_against


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveCombinations:
    """What is asked of the p coefficients of a model for T waves and k groups; each array has p columns.

    Attributes
    ----------
    wave : ndarray, shape (T - 1, p)
        Each later wave against the first, every group counting alike; all zero at once is no effect of time.
    group : ndarray, shape (k - 1, p)
        Each other group against the reference, every wave counting alike.
    wave_by_group : ndarray, shape ((T - 1) (k - 1), p)
        What the groups do differently from the reference; no rows where the model has none.
    means : ndarray, shape (k, T, p)
        The mean of each group at each wave, covariates as they were told.
    differences : ndarray, shape (k (k - 1) / 2, p)
        Each pair of groups, the first minus the second.
    pairs : tuple of (int, int)
        The groups of each pair: the others against the reference first.
    """

    wave: FloatArray
    group: FloatArray
    wave_by_group: FloatArray
    means: FloatArray
    differences: FloatArray
    pairs: tuple[tuple[int, int], ...]


def _others(k: int, reference: int) -> list[int]:
    return [i for i in range(k) if i != reference]


def dummies(codes: IntArray, chosen: list[int]) -> FloatArray:
    """Return one column of zeros and ones for each of the chosen codes.

    Examples
    --------
    >>> dummies(np.array([0, 2, 1]), [1, 2]).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    found: FloatArray = (codes[:, None] == np.array(chosen, dtype=np.intp)).astype(float)
    return found


def crossed(left: FloatArray, right: FloatArray) -> FloatArray:
    """Return the products of every column of one matrix with every column of the other, the latter's faster.

    Examples
    --------
    >>> crossed(np.array([[1.0, 2]]), np.array([[3.0, 5]])).tolist()
    [[3.0, 5.0, 6.0, 10.0]]
    """
    products: FloatArray = (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
    return products


def group_by_wave_design(
    group: IntArray, wave: IntArray, k: int, waves: int, *, reference: int
) -> FloatArray:
    """Return the design with a mean of its own for every group at every wave.

    Parameters
    ----------
    group, wave : ndarray of int, shape (n,)
        Codes from 0, one row for each person and wave that was seen.
    k, waves : int
        How many there are of each.
    reference : int
        The group that the others are held against.

    Returns
    -------
    ndarray, shape (n, k * waves)
        The intercept (the reference group at the first wave), the other groups at the first wave, the later
        waves in the reference group, and the products of the two, the groups changing faster.

    Examples
    --------
    >>> group_by_wave_design(np.array([0, 1, 1]), np.array([0, 0, 1]), 2, 2, reference=0).tolist()
    [[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]
    """
    groups, later = dummies(group, _others(k, reference)), dummies(wave, list(range(1, waves)))
    return np.column_stack([np.ones(len(group)), groups, later, crossed(later, groups)])


@lru_cache(maxsize=64)
def group_by_wave_combinations(k: int, waves: int, *, reference: int) -> WaveCombinations:
    """Return the combinations that belong to `group_by_wave_design`.

    The pairs are differences between groups in the change from the first wave to the last.

    Examples
    --------
    >>> asked = group_by_wave_combinations(2, 2, reference=0)
    >>> asked.wave.tolist(), asked.group.tolist(), asked.differences.tolist()
    ([[0.0, 0.0, 1.0, 0.5]], [[0.0, 1.0, 0.0, 0.5]], [[0.0, 0.0, 0.0, 1.0]])
    """
    cells = np.indices((k, waves)).reshape(2, -1)
    means = group_by_wave_design(cells[0], cells[1], k, waves, reference=reference).reshape(k, waves, -1)
    changes = means - means[:, :1]
    over_waves, others = means.mean(axis=1), _others(k, reference)
    apart = changes[others, 1:] - changes[reference, 1:]
    pairs = every_pair_against(k, reference)
    return WaveCombinations(
        wave=changes.mean(axis=0)[1:],
        group=over_waves[others] - over_waves[reference],
        wave_by_group=apart.transpose(1, 0, 2).reshape(-1, k * waves),
        means=means,
        differences=np.array([changes[a, -1] - changes[b, -1] for a, b in pairs]).reshape(-1, k * waves),
        pairs=pairs,
    )


def changing_group_design(
    group: IntArray, wave: IntArray, baseline: FloatArray, k: int, waves: int,
    *, reference: int, products: bool,
) -> FloatArray:  # fmt: skip
    """Return the design for groups that persons belong to at each wave, given where they started.

    Parameters
    ----------
    group, wave : ndarray of int, shape (n,)
        Codes from 0, one row for each person and later wave that was seen; the group at that wave.
    baseline : ndarray, shape (n,)
        The score of the person at the first wave.
    k, waves : int
        Groups, and later waves.
    reference : int
        The group that the others are held against.
    products : bool
        Whether the groups may differ by another amount at each wave.

    Returns
    -------
    ndarray, shape (n, p)
        The intercept, the other groups, the later waves but their first, the baseline; then the products of
        waves and groups, the groups changing faster.

    Examples
    --------
    >>> changing_group_design(
    ...     np.array([0, 1]), np.array([0, 1]), np.array([4.0, 6]), 2, 2, reference=0, products=True
    ... ).tolist()
    [[1.0, 0.0, 0.0, 4.0, 0.0], [1.0, 1.0, 1.0, 6.0, 1.0]]
    """
    groups, later = dummies(group, _others(k, reference)), dummies(wave, list(range(1, waves)))
    columns = [np.ones(len(group)), groups, later, baseline]
    return np.column_stack([*columns, crossed(later, groups)] if products else columns)


def changing_group_combinations(
    k: int, waves: int, *, reference: int, baseline: float, products: bool
) -> WaveCombinations:
    """Return the combinations that belong to `changing_group_design`; means at this score at the first wave.

    Examples
    --------
    >>> asked = changing_group_combinations(2, 2, reference=0, baseline=5.0, products=False)
    >>> asked.group.tolist(), asked.means[1].tolist(), asked.differences.tolist()
    ([[0.0, 1.0, 0.0, 0.0]], [[1.0, 1.0, 0.0, 5.0], [1.0, 1.0, 1.0, 5.0]], [[0.0, 1.0, 0.0, 0.0]])
    """
    cells = np.indices((k, waves)).reshape(2, -1)
    at = np.full(k * waves, baseline)
    means = changing_group_design(
        cells[0], cells[1], at, k, waves, reference=reference, products=products
    ).reshape(k, waves, -1)
    over_waves, others, p = means.mean(axis=1), _others(k, reference), means.shape[2]
    count = (waves - 1) * (k - 1) if products else 0
    pairs = every_pair_against(k, reference)
    return WaveCombinations(
        wave=(means - means[:, :1]).mean(axis=0)[1:],
        group=over_waves[others] - over_waves[reference],
        wave_by_group=np.eye(p)[p - count :],
        means=means,
        differences=np.array([over_waves[a] - over_waves[b] for a, b in pairs]).reshape(-1, p),
        pairs=pairs,
    )
