"""Bootstrap intervals of a statistic: bias-corrected and accelerated, or percentile where that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray, IntArray

#: One sample: columns of the same persons, each of shape (n,).
Sample = Sequence[FloatArray]

#: Values in one block of resamples: about what stays in the cache of a processor.
_BLOCK = 65_536
#: Above this share of resamples without a number, those that have one speak for another population.
_MOST_FAILED = 0.1

_TOO_FEW = "a sample has fewer than three persons: no bootstrap"


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapInterval:
    """A statistic with its bootstrap interval.

    Attributes
    ----------
    estimate : float
        The statistic of the data themselves.
    std_error : float
        Standard deviation (n - 1) of the statistic over the resamples.
    conf_low, conf_high : float
    method : {"bca", "percentile", "none"}
        How the interval was made; "percentile" and "none" come with a reason.
    bias, acceleration : float
        ``z0`` and ``a`` of the BCa interval.
    n_resamples, n_failed : int
        Resamples drawn, and how many of them gave no finite number and are left out.
    reason : str
        Why there is no BCa interval, or what limits it; empty where nothing does.
    """

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    method: Literal["bca", "percentile", "none"]
    bias: float
    acceleration: float
    n_resamples: int
    n_failed: int
    reason: str


def bootstrap_interval(
    statistic: Callable[..., FloatArray],
    samples: Sequence[Sample],
    *,
    n_resamples: int = 9_999,
    level: float = 0.95,
    seed: int | np.random.Generator = 1,
    indices: Sequence[IntArray] | None = None,
) -> BootstrapInterval:
    """Return the BCa interval of one statistic.

    Parameters
    ----------
    statistic : callable
        Takes the columns of all samples, each of shape (b, n) with resamples on the leading axis, and
        returns shape (b,). What is not finite counts as failed; a division by zero does not warn.
    samples, n_resamples, level, seed, indices
        As in `bootstrap_intervals`.

    Returns
    -------
    BootstrapInterval

    Examples
    --------
    >>> x = np.array([1.0, 2, 2, 3, 4, 4, 5, 7, 9, 14])
    >>> result = bootstrap_interval(lambda x: x.mean(axis=-1), [(x,)], seed=3)
    >>> result.method, result.estimate, result.acceleration > 0
    ('bca', 5.1, True)
    """

    def as_column(*columns: FloatArray) -> FloatArray:
        return statistic(*columns)[:, None]

    (found,) = bootstrap_intervals(
        as_column, samples, n_resamples=n_resamples, level=level, seed=seed, indices=indices
    )
    return found


def bootstrap_intervals(
    statistics: Callable[..., FloatArray],
    samples: Sequence[Sample],
    *,
    n_resamples: int = 9_999,
    level: float = 0.95,
    seed: int | np.random.Generator = 1,
    indices: Sequence[IntArray] | None = None,
) -> tuple[BootstrapInterval, ...]:
    r"""Return the BCa intervals of several statistics of the same resamples.

    Parameters
    ----------
    statistics : callable
        Takes the columns of all samples, each of shape (b, n) with resamples on the leading axis, and
        returns shape (b, q). What is not finite counts as failed; a division by zero does not warn.
    samples : sequence of sequences of ndarray
        Samples that are drawn independently of each other, such as groups; each is one or more columns of
        shape (n,) of the same persons, who are drawn together. No NaN.
    n_resamples : int
        Ignored where ``indices`` are given.
    level : float
        Confidence level between 0 and 1.
    seed : int or numpy.random.Generator
        The same seed gives the same numbers; a generator is moved on. Ignored where ``indices`` are given.
    indices : sequence of ndarray of int, each shape (n_resamples, n)
        One a sample: who is in each resample, instead of drawing.

    Returns
    -------
    tuple of BootstrapInterval
        One a statistic.

    Notes
    -----
    With :math:`z_0 = \Phi^{-1}` of the share of resamples below the estimate (ties count half), the limits
    are the quantiles of the resamples at :math:`\Phi(z_0 + (z_0 + z) / (1 - a (z_0 + z)))`. The
    acceleration comes from the jackknife over the persons of each sample,

    .. math:: a = \tfrac16 \sum_j n_j^{-3} \sum_i u_{ij}^3 \Big/
        \Big(\sum_j n_j^{-2} \sum_i u_{ij}^2\Big)^{3/2},
        \quad u_{ij} = (n_j - 1)(\bar\theta_{j} - \theta_{(ij)}).

    Quantiles are those of order :math:`(R + 1)\alpha`, between order statistics by the normal quantile, as
    in R's ``boot``. The interval is by percentiles of the resamples, with the reason, where all of them
    lie on one side of the estimate, a jackknife value is not finite or all are the same, or the adjusted
    level turns round; there is none where more than a tenth of the resamples gave no number.

    References
    ----------
    Efron, B. (1987). Journal of the American Statistical Association, 82, 171-185. Davison, A. C., &
    Hinkley, D. V. (1997). Bootstrap Methods and their Application. Cambridge University Press.

    Examples
    --------
    >>> before, after = np.array([2.0, 4, 6, 8, 5, 7]), np.array([5.0, 6, 9, 12, 5, 9])
    >>> def mean_and_sd(before, after):
    ...     change = after - before
    ...     return np.stack([change.mean(axis=-1), change.std(axis=-1, ddof=1)], axis=-1)
    >>> mean, sd = bootstrap_intervals(mean_and_sd, [(before, after)], n_resamples=999, seed=1)
    >>> round(mean.estimate, 4), round(sd.estimate, 4), mean.n_failed
    (2.3333, 1.3663, 0)
    """
    computed = _quietly(statistics)
    if min(len(sample[0]) for sample in samples) < 3:
        q = computed(*(np.zeros((1, 3)) for sample in samples for _ in sample)).shape[1]
        return tuple(_none(np.nan, _TOO_FEW) for _ in range(q))
    estimate = computed(*(column[None, :] for sample in samples for column in sample))[0]
    if indices is None:
        indices_of = _drawn([len(sample[0]) for sample in samples], n_resamples, np.random.default_rng(seed))
    else:
        indices_of = _given(indices)
    resampled = np.concatenate([computed(*_taken(samples, block)) for block in indices_of])
    left_out = [_jackknife(computed, samples, place) for place in range(len(samples))]
    return tuple(
        _interval(float(estimate[q]), resampled[:, q], [values[:, q] for values in left_out], level)
        for q in range(len(estimate))
    )


def _quietly(statistics: Callable[..., FloatArray]) -> Callable[..., FloatArray]:
    """Let a resample without spread give NaN and no warning: it is counted."""

    def computed(*columns: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return statistics(*columns)

    return computed


def _rows(sizes: Sequence[int]) -> int:
    return max(1, _BLOCK // max(sizes))


def _drawn(sizes: Sequence[int], n_resamples: int, rng: np.random.Generator) -> Iterator[list[IntArray]]:
    """Yield blocks of resamples, one array of persons a sample."""
    rows = _rows(sizes)
    for start in range(0, n_resamples, rows):
        b = min(rows, n_resamples - start)
        yield [rng.integers(n, size=(b, n)) for n in sizes]


def _given(indices: Sequence[IntArray]) -> Iterator[list[IntArray]]:
    rows = _rows([array.shape[1] for array in indices])
    for start in range(0, len(indices[0]), rows):
        yield [array[start : start + rows] for array in indices]


def _taken(samples: Sequence[Sample], block: Sequence[IntArray]) -> Iterator[FloatArray]:
    for sample, persons in zip(samples, block, strict=True):
        for column in sample:
            yield column.take(persons)


def _jackknife(statistics: Callable[..., FloatArray], samples: Sequence[Sample], place: int) -> FloatArray:
    """Return the statistics with each person of one sample left out, shape (n, q)."""
    n = len(samples[place][0])
    rows = _rows([len(sample[0]) for sample in samples])
    found = []
    for start in range(0, n, rows):
        out = np.arange(start, min(start + rows, n))[:, None]
        others = np.arange(n - 1)
        block = [np.broadcast_to(np.arange(len(sample[0])), (len(out), len(sample[0]))) for sample in samples]
        block[place] = others + (others >= out)
        found.append(statistics(*_taken(samples, block)))
    return np.concatenate(found)


def _none(estimate: float, reason: str, n_resamples: int = 0, n_failed: int = 0) -> BootstrapInterval:
    return BootstrapInterval(
        estimate=estimate,
        std_error=np.nan,
        conf_low=np.nan,
        conf_high=np.nan,
        method="none",
        bias=np.nan,
        acceleration=np.nan,
        n_resamples=n_resamples,
        n_failed=n_failed,
        reason=reason,
    )


def _interval(
    estimate: float, resampled: FloatArray, left_out: Sequence[FloatArray], level: float
) -> BootstrapInterval:
    """Return the interval of one statistic; jackknife values are one array a sample."""
    known = resampled[np.isfinite(resampled)]
    n, failed = len(resampled), len(resampled) - len(known)
    if not np.isfinite(estimate):
        return _none(np.nan, "the statistic is not a number in the data", n, failed)
    if not len(known) or failed > _MOST_FAILED * n:
        return _none(estimate, f"{failed} of {n} resamples gave no number: no interval", n, failed)
    ordered = np.sort(known)
    if _same(ordered):
        return _none(estimate, "every resample gives the same number: no interval", n, failed)
    below = float((known < estimate).mean() + (known <= estimate).mean()) / 2.0
    bias, acceleration = float(special.ndtri(below)), _acceleration(left_out)
    levels, reason = _adjusted(bias, acceleration, level)
    low, high, extreme = _quantiles(ordered, levels)
    notes = [reason, f"{failed} of {n} resamples gave no number and are left out" if failed else "", extreme]
    return BootstrapInterval(
        estimate=estimate,
        std_error=float(known.std(ddof=1)),
        conf_low=low,
        conf_high=high,
        method="percentile" if reason else "bca",
        bias=bias,
        acceleration=acceleration,
        n_resamples=n,
        n_failed=failed,
        reason="; ".join(note for note in notes if note),
    )


def _same(values: FloatArray) -> bool:
    """Say whether values are alike but for rounding error."""
    return bool(np.ptp(values) <= 64 * np.finfo(float).eps * np.abs(values).max())


def _acceleration(left_out: Sequence[FloatArray]) -> float:
    """Return the acceleration from jackknife values, one array a sample; NaN where it does not exist."""
    cubes = squares = 0.0
    for values in left_out:
        n = len(values)
        if not np.isfinite(values).all():
            return np.nan
        if not _same(values):
            influence = (n - 1) / n * (values.mean() - values)
            cubes += float((influence**3).sum())
            squares += float((influence**2).sum())
    return cubes / (6.0 * squares**1.5) if squares > 0 else np.nan


def _adjusted(bias: float, acceleration: float, level: float) -> tuple[FloatArray, str]:
    """Return the lower and upper level of the quantiles, and why they are not those of BCa."""
    plain = np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    if not np.isfinite(bias):
        return plain, "all resamples lie on one side of the estimate: interval by percentiles"
    if np.isnan(acceleration):
        return plain, "the jackknife gives no acceleration: interval by percentiles"
    z = bias + special.ndtri(plain)
    if not (1.0 - acceleration * z > 0).all():
        return plain, "the acceleration is too large for the level: interval by percentiles"
    return special.ndtr(bias + z / (1.0 - acceleration * z)), ""


def _quantiles(ordered: FloatArray, levels: FloatArray) -> tuple[float, float, str]:
    """Return two quantiles of sorted values, and what to say where they are beyond the values."""
    count = len(ordered)
    rank = (count + 1) * levels
    beyond = bool(((rank < 1) | (rank > count)).any())
    at = np.clip(np.floor(rank), 1, count - 1).astype(int)
    z = special.ndtri(levels)
    z_below, z_above = special.ndtri(at / (count + 1)), special.ndtri((at + 1) / (count + 1))
    share = np.clip((z - z_below) / (z_above - z_below), 0.0, 1.0)
    low, high = ordered[at - 1] + share * (ordered[at] - ordered[at - 1])
    return float(low), float(high), "too few resamples: a limit is the most extreme of them" if beyond else ""
