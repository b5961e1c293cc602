"""The wild cluster bootstrap-t: a second opinion on a coefficient where clusters are few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from larstudy.stats.arrays import FloatArray
from larstudy.stats.cluster_blocks import ClusterBlocks
from larstudy.stats.clusters import ClusterFit, cluster_combinations

WildWeights: TypeAlias = Literal["webb", "rademacher"]

_SIX_POINTS = np.sqrt([0.5, 1.0, 1.5])
_WEBB = np.concatenate([-_SIX_POINTS, _SIX_POINTS])
_RADEMACHER = np.array([-1.0, 1.0])
#: Numbers held at once: draws are made in blocks of this many over the number of clusters.
_BLOCK = 2_000_000
#: Draws as far out as the data up to this share count as farther: with signs alone, ties are common.
_TIE = 1e-9
#: An interval is not looked for beyond this many standard errors.
_FARTHEST = 1e4


@dataclass(frozen=True, slots=True, kw_only=True)
class WildBootstrap:
    """One linear combination, tested by the wild cluster bootstrap-t.

    Attributes
    ----------
    estimate, std_error : float
        By least squares, and the CR1 error that the bootstrap studentises with; not for use by itself.
    statistic : float
        ``(estimate - null) / std_error``.
    p_value : float
        Two-sided and symmetric: the share of draws whose statistic is as large in size.
    conf_low, conf_high : float
        The nearest null values on each side that are rejected at 1 - level.
    clusters, draws : int
        How many clusters, and how many sets of weights the p-value rests on.
    enumerated : bool
        Whether the draws are all there are; then there is no chance in the numbers.
    reason : str
        Why numbers are NaN; empty where none is.
    """

    estimate: float
    std_error: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float
    clusters: int
    draws: int
    enumerated: bool
    reason: str


def wild_cluster_bootstrap(
    fit: ClusterFit,
    combination: FloatArray,
    *,
    seed: int,
    null: float = 0.0,
    weights: WildWeights = "webb",
    draws: int = 9_999,
    level: float = 0.95,
) -> WildBootstrap:
    """Test one coefficient or linear combination by the restricted wild cluster bootstrap-t.

    Parameters
    ----------
    fit : ClusterFit
        Of any kind; the bootstrap is the same for each.
    combination : ndarray, shape (p,)
        A row of the identity for one coefficient.
    seed : int
        The same seed gives the same numbers, in whatever order the rows stand.
    null : float
        The value that is tested.
    weights : {"webb", "rademacher"}
        Webb's six points, or signs. With G clusters there are only ``2 ** (G - 1)`` different results of
        signs; where these are no more than ``draws`` each is done once (G up to 14 by default).
    draws : int
        At least 1. Take 999 or 9,999, so that ``0.05 (draws + 1)`` is whole.
    level : float
        Confidence level.

    Returns
    -------
    WildBootstrap
        NaN with a reason where the fit has no test or the combination no error (see `cluster_robust`); NaN
        limits with a reason where the clusters are too few to reject any value at this level.

    Notes
    -----
    The null is imposed: residuals are those of the model fitted under it, each cluster's are multiplied by
    one random weight of mean 0 and variance 1, and the statistic is that of the model fitted anew, with its
    CR1 error. All of it needs a cluster's p x p matrix and p scores only. The statistic of a draw is the
    root of a ratio of two squares in the tested value, found once a draw; so testing another value costs no
    new draws, and the interval comes from the same draws as the p-value. The p-value of random draws is
    ``(1 + b) / (draws + 1)``, the data counting as one draw; ties count. Constant factors of the error (CR1,
    CR1S) leave it alone. Where a group is found in very few clusters the test hardly ever rejects.

    References
    ----------
    Cameron, A. C., Gelbach, J. B., & Miller, D. L. (2008). Bootstrap-based improvements for inference with
    clustered errors. Review of Economics and Statistics, 90, 414-427.

    Webb, M. D. (2023). Reworking wild bootstrap-based inference for clustered errors. Canadian Journal of
    Economics, 56, 839-858.

    Examples
    --------
    >>> from larstudy.stats.clusters import cr2
    >>> X = np.column_stack([np.ones(12), np.tile([0.0, 1], 6)])
    >>> y = np.array([1.0, 2, 2, 4, 3, 7, 2, 3, 1, 1, 4, 6])
    >>> fit = cr2(X, y, np.repeat(list("abcdef"), 2))
    >>> result = wild_cluster_bootstrap(fit, np.array([0.0, 1.0]), weights="rademacher", seed=1)
    >>> result.p_value, result.draws, result.enumerated
    (0.0625, 32, True)
    """
    combination = np.asarray(combination, dtype=float)
    if combination.shape != fit.estimate.shape:
        raise ValueError(f"combination needs one number for each of the {len(fit.estimate)} coefficients")
    if draws < 1:
        raise ValueError("draws must be at least 1")
    found = cluster_combinations(fit, combination)
    estimate, blocks = float(found.estimate[0]), fit.blocks
    if found.reason:
        return _no_bootstrap(estimate, blocks.clusters, found.reason)
    load = combination @ blocks.root
    spread = float(np.sqrt(((blocks.scores @ load) ** 2).sum()))
    enumerated = weights == "rademacher" and 2.0 ** (blocks.clusters - 1) <= draws
    patterns = _signs(blocks.clusters) if enumerated else _random(blocks.clusters, weights, draws, seed)
    results = _Results.of(patterns, load, blocks, spread)
    limits = [results.limit(direction, 1.0 - level) for direction in (1.0, -1.0)]
    error = spread * float(np.sqrt(blocks.clusters / (blocks.clusters - 1)))
    return WildBootstrap(
        estimate=estimate,
        std_error=error,
        statistic=(estimate - null) / error,
        p_value=results.p_value((estimate - null) / spread),
        conf_low=estimate - limits[0] * spread,
        conf_high=estimate - limits[1] * spread,
        clusters=blocks.clusters,
        draws=results.total if enumerated else draws,
        enumerated=enumerated,
        reason="not every far value is rejected at this level, for want of clusters: no limit"
        if np.isnan(limits).any()
        else "",
    )


def _no_bootstrap(estimate: float, clusters: int, reason: str) -> WildBootstrap:
    return WildBootstrap(
        estimate=estimate,
        std_error=np.nan,
        statistic=np.nan,
        p_value=np.nan,
        conf_low=np.nan,
        conf_high=np.nan,
        clusters=clusters,
        draws=0,
        enumerated=False,
        reason=reason,
    )


def _signs(clusters: int) -> Iterator[FloatArray]:
    """Yield all signs once, the first cluster's +1: turning all of them round changes no size."""
    step = max(1, _BLOCK // clusters)
    for start in range(0, 2 ** (clusters - 1), step):
        numbers = np.arange(start, min(start + step, 2 ** (clusters - 1)))
        bits = (numbers[:, None] >> np.arange(clusters - 1)) & 1
        yield np.hstack([np.ones((len(numbers), 1)), 1.0 - 2.0 * bits])


def _random(clusters: int, weights: WildWeights, draws: int, seed: int) -> Iterator[FloatArray]:
    """Yield the data themselves, as a draw of ones, and then the draws."""
    points = _WEBB if weights == "webb" else _RADEMACHER
    generator = np.random.default_rng(seed)
    step = max(1, _BLOCK // clusters)
    yield np.ones((1, clusters))
    for start in range(0, draws, step):
        yield points[generator.integers(0, len(points), size=(min(step, draws - start), clusters))]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Results:
    """The statistics of all draws as functions of the tested value.

    With d the distance of the estimate from the tested value, in errors, a draw has the statistic
    ``(a + b d) / sqrt(u + v d + w d^2)`` and the data have d. ``same`` draws have one weight for all
    clusters: they are the data again, whatever is tested.
    """

    a: FloatArray
    b: FloatArray
    u: FloatArray
    v: FloatArray
    w: FloatArray
    same: int
    total: int

    @classmethod
    def of(
        cls, patterns: Iterator[FloatArray], load: FloatArray, blocks: ClusterBlocks, spread: float
    ) -> _Results:
        hat = blocks.grams @ load
        # A cluster's scores under the tested value: those of the free fit, and d times the restriction's.
        free, bound = blocks.scores / spread, hat / (load @ load)
        parts: list[FloatArray] = []
        total = 0
        for drawn in patterns:
            total += len(drawn)
            each = drawn[(drawn != drawn[:, :1]).any(axis=1)]
            at_zero = each * (free @ load) - (each @ free) @ hat.T
            along = each * (bound @ load) - (each @ bound) @ hat.T
            parts.append(
                np.array(
                    [
                        each @ (free @ load),
                        each @ (bound @ load),
                        (at_zero**2).sum(axis=1),
                        2.0 * (at_zero * along).sum(axis=1),
                        (along**2).sum(axis=1),
                    ]
                )
            )
        a, b, u, v, w = np.hstack(parts)
        return cls(a=a, b=b, u=u, v=v, w=w, same=total - len(a), total=total)

    def p_value(self, d: float) -> float:
        """Return the share of draws with a statistic as large in size as d."""
        drawn = (self.a + self.b * d) ** 2
        farther = drawn >= (1.0 - _TIE) * d**2 * (self.u + self.v * d + self.w * d**2)
        return float((self.same + np.count_nonzero(farther)) / self.total)

    def limit(self, direction: float, alpha: float) -> float:
        """Return the nearest d in this direction that is rejected, NaN where none is."""
        kept, rejected = 0.0, direction
        while self.p_value(rejected) > alpha + _TIE:
            kept, rejected = rejected, 2.0 * rejected
            if abs(rejected) > _FARTHEST:
                return np.nan
        while True:
            middle = (kept + rejected) / 2.0
            if middle in (kept, rejected):
                return rejected
            if self.p_value(middle) > alpha + _TIE:
                kept = middle
            else:
                rejected = middle
