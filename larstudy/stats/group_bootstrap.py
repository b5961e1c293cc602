"""Bootstrap intervals of how much more one group changed than another, from the same resamples of persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.bootstrap import BootstrapInterval, Sample, bootstrap_intervals
from larstudy.stats.effect_sizes import hedges_correction
from larstudy.stats.paired_bootstrap import scaled

#: Spread below this share of the largest value is rounding error.
_ROUNDING = 16 * float(np.finfo(float).eps)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupBootstrap:
    """The standardised differences between two groups with bootstrap intervals.

    Attributes
    ----------
    d_change, g_change : BootstrapInterval
        As in `larstudy.stats.group_effects.ChangeEffect`.
    d_ppc2 : BootstrapInterval
        As in `larstudy.stats.group_effects.PrePostControlEffect`.
    """

    d_change: BootstrapInterval
    g_change: BootstrapInterval
    d_ppc2: BootstrapInterval


def group_statistics(
    before: FloatArray, after: FloatArray, other_before: FloatArray, other_after: FloatArray
) -> FloatArray:
    """Return the difference in mean change over two pooled SDs, of many pairs of samples at once.

    Parameters
    ----------
    before, after : ndarray, shape (b, n)
        A sample of the first group a row; n at least 2; no NaN.
    other_before, other_after : ndarray, shape (b, m)
        The same of the second group, which is subtracted.

    Returns
    -------
    ndarray, shape (b, 2)
        Over the pooled SD of the changes, and over the pooled SD before; NaN where it is zero to rounding.

    Examples
    --------
    >>> found = group_statistics(*(np.array([x]) for x in ([1.0, 3], [4.0, 8], [2.0, 2], [3.0, 3])))
    >>> found.round(4).tolist()  # changes 3 and 5 against 1 and 1; SDs of change 1.4142 and 0
    [[3.0, 3.0]]
    """
    columns = (before, after, other_before, other_after)
    least = _ROUNDING * max(float(np.abs(values).max()) for values in columns)
    freedom = before.shape[1] + other_before.shape[1] - 2
    change, other_change = after - before, other_after - other_before
    difference = change.mean(axis=1) - other_change.mean(axis=1)
    pooled = [
        np.sqrt((_squares(first) + _squares(second)) / freedom)
        for first, second in ((change, other_change), (before, other_before))
    ]
    return np.stack([difference / np.where(sd > least, sd, np.nan) for sd in pooled], axis=1)


def _squares(values: FloatArray) -> FloatArray:
    centred = values - values.mean(axis=1, keepdims=True)
    return np.asarray(np.einsum("ij,ij->i", centred, centred))


def group_bootstrap(
    first: Sample,
    second: Sample,
    *,
    n_resamples: int = 9_999,
    level: float = 0.95,
    seed: int | np.random.Generator = 1,
    indices: Sequence[IntArray] | None = None,
) -> GroupBootstrap:
    """Return the standardised differences in mean change between two groups with BCa intervals.

    Parameters
    ----------
    first, second : (ndarray, ndarray)
        Scores before and after of the persons of each group; the first minus the second; no NaN.
    n_resamples, level, seed, indices
        As in `bootstrap_intervals`; persons are drawn within each group, with both their waves.

    Returns
    -------
    GroupBootstrap
        Each interval with its own reason where it is not by BCa.

    Notes
    -----
    Hedges' factor is the same in every resample, as the groups keep their sizes.

    Examples
    --------
    >>> before, after = np.array([2.0, 4, 6, 8, 5, 7]), np.array([5.0, 6, 9, 12, 5, 9])
    >>> found = group_bootstrap((before, after), (after, before), n_resamples=999)
    >>> round(found.d_change.estimate, 4), found.d_ppc2.method
    (3.4157, 'bca')
    """
    samples = (tuple(first), tuple(second))
    d_change, over_before = bootstrap_intervals(
        group_statistics, samples, n_resamples=n_resamples, level=level, seed=seed, indices=indices
    )
    factor = hedges_correction(sum(len(sample[0]) for sample in samples) - 2)
    return GroupBootstrap(
        d_change=d_change, g_change=scaled(d_change, factor), d_ppc2=scaled(over_before, factor)
    )
