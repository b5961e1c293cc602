"""Bootstrap intervals for the analysis of covariance with an unreliable baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.measurement_error import corrected_analysis
from larstudy.stats.within_groups import WithinGroups, against_reference, within_groups

#: Numbers drawn at once: keeps the memory small whatever the size of the study.
_DRAWN_AT_ONCE = 1_000_000

_NO_BCA = "too few or too one-sided resamples for a BCa interval"


class _Group(NamedTuple):
    """The pairs of a group about their means, and these."""

    before: FloatArray
    after: FloatArray
    before_mean: float
    after_mean: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BootstrapContrasts:
    """Contrasts with bootstrap errors and intervals; each array has shape (q,).

    Attributes
    ----------
    estimate, std_error, conf_low, conf_high : ndarray
        In the unit of the score; the error is the SD of the resampled contrasts.
    resamples : int
        How many were asked for.
    undefined : int
        Resamples in which nobody differed at baseline from the others of the group; they are left out.
    reasons : tuple of str
        One a contrast: why numbers are NaN; empty where they are not.
    reason : str
        What concerns all contrasts.
    """

    estimate: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    resamples: int
    undefined: int
    reasons: tuple[str, ...]
    reason: str


def bootstrap_corrected_ancova(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    *,
    reliability: float,
    seed: int | np.random.Generator,
    contrasts: FloatArray | None = None,
    resamples: int = 2000,
    method: Literal["bca", "percentile"] = "bca",
    names: Sequence[str] = (),
    level: float = 0.95,
) -> BootstrapContrasts:
    r"""Return the contrasts of `corrected_ancova` with bootstrap errors and intervals.

    Parameters
    ----------
    before, after, codes, k, reliability, contrasts, names, level
        As in `corrected_ancova`.
    seed : int or numpy.random.Generator
        The same seed gives the same numbers.
    resamples : int
        At least ``2 / (1 - level)``.
    method : {"bca", "percentile"}
        Bias-corrected and accelerated, or plain percentiles.

    Returns
    -------
    BootstrapContrasts

    Notes
    -----
    Pairs are drawn anew within each group, so that the groups keep their sizes; the reliability stays. The
    acceleration is that of several samples,
    :math:`a = \frac{1}{6} \sum_g n_g^{-3} \sum_i l_{gi}^3 / (\sum_g n_g^{-2} \sum_i l_{gi}^2)^{3/2}`, with
    the jackknife values :math:`l_{gi} = (n_g - 1)(\bar\theta_{g\cdot} - \hat\theta_{-gi})`. Quantiles are
    interpolated linearly between order statistics.

    References
    ----------
    Davison, A. C., & Hinkley, D. V. (1997). Bootstrap methods and their application. Cambridge University
    Press. Efron, B. (1987). Journal of the American Statistical Association, 82, 171-185.

    Examples
    --------
    >>> before = np.array([1.0, 2, 3, 4, 3, 4, 5, 6])
    >>> after = np.array([2.0, 2, 4, 4, 3, 5, 5, 7])
    >>> found = bootstrap_corrected_ancova(
    ...     before, after, np.repeat([0, 1], 4), 2, reliability=0.95, seed=1, resamples=200
    ... )
    >>> bool(found.conf_low[0] < found.estimate[0] < found.conf_high[0])
    True
    """
    chosen = against_reference(k) if contrasts is None else contrasts
    sums = within_groups(before, after, codes, k)
    analysis = corrected_analysis(sums, chosen, reliability=reliability, names=names, level=level)
    estimate, reason = analysis.estimates.estimate, analysis.estimates.reason
    if not reason and resamples * (1 - level) < 2 - 1e-9:
        reason = f"{resamples} resamples are too few for a level of {level:g}"
    if reason:
        reasons = tuple(own or reason for own in analysis.reasons)
        return _without_draws(estimate, resamples, reasons, reason)
    groups = _centred_groups(sums, before, after, codes)
    draws = _draws(groups, chosen, reliability, np.random.default_rng(seed), resamples)
    defined = draws[~np.isnan(draws).any(axis=1)]
    low, high = _limits(groups, chosen, reliability, estimate, defined, method, level)
    missing = np.isnan(low) | np.isnan(high)
    low[missing] = high[missing] = np.nan
    return BootstrapContrasts(
        estimate=estimate,
        std_error=np.where(np.isnan(estimate), np.nan, defined.std(axis=0, ddof=1)),
        conf_low=low,
        conf_high=high,
        resamples=resamples,
        undefined=resamples - len(defined),
        reasons=tuple(
            own or (_NO_BCA if none else "")
            for own, none in zip(analysis.reasons, missing.tolist(), strict=True)
        ),
        reason="",
    )


def _without_draws(
    estimate: FloatArray, resamples: int, reasons: tuple[str, ...], reason: str
) -> BootstrapContrasts:
    nan = np.full(len(estimate), np.nan)
    return BootstrapContrasts(
        estimate=estimate,
        std_error=nan,
        conf_low=nan,
        conf_high=nan,
        resamples=resamples,
        undefined=0,
        reasons=reasons,
        reason=reason,
    )


def _centred_groups(
    sums: WithinGroups, before: FloatArray, after: FloatArray, codes: IntArray
) -> list[_Group]:
    """Return the pairs of each group about their means; squares of large numbers would cost digits."""
    found = []
    for group in range(len(sums.counts)):
        members = (codes == group) & ~np.isnan(after)
        if not members.any():
            found.append(_Group(np.empty(0), np.empty(0), 0.0, 0.0))
            continue
        start, end = float(sums.before_means[group]), float(sums.after_means[group])
        found.append(_Group(before[members] - start, after[members] - end, start, end))
    return found


def _draws(
    groups: list[_Group], contrasts: FloatArray, reliability: float, rng: np.random.Generator, resamples: int
) -> FloatArray:
    """Return the contrasts of each resample, shape (resamples, q); NaN where there is no slope."""
    at_once = max(1, _DRAWN_AT_ONCE // max(1, sum(len(group.before) for group in groups)))
    parts = []
    for start in range(0, resamples, at_once):
        rows = min(at_once, resamples - start)
        drawn = [
            rng.integers(0, max(len(group.before), 1), size=(rows, len(group.before))) for group in groups
        ]
        parts.append(_contrasts_of_draws(groups, drawn, contrasts, reliability))
    return np.vstack(parts)


def _contrasts_of_draws(
    groups: list[_Group], drawn: Sequence[IntArray], contrasts: FloatArray, reliability: float
) -> FloatArray:
    """Return the contrasts of the drawn persons; ``drawn`` has one array (rows, n) a group."""
    rows = len(drawn[0])
    start, end = np.zeros((rows, len(groups))), np.zeros((rows, len(groups)))
    squares, spread, products = np.zeros(rows), np.zeros(rows), np.zeros(rows)
    for place, (group, index) in enumerate(zip(groups, drawn, strict=True)):
        n = max(len(group.before), 1)
        x, y = group.before[index], group.after[index]
        x_mean, y_mean = x.sum(axis=1) / n, y.sum(axis=1) / n
        own = np.einsum("ij,ij->i", x, x)
        squares += own
        spread += own - n * x_mean**2
        products += np.einsum("ij,ij->i", x, y) - n * x_mean * y_mean
        start[:, place], end[:, place] = group.before_mean + x_mean, group.after_mean + y_mean
    slope = _slope(products, spread, 1e-12 * squares)
    found: FloatArray = end @ contrasts.T - (slope / reliability)[:, None] * (start @ contrasts.T)
    return found


def _slope(products: FloatArray, spread: FloatArray, noise: FloatArray | float) -> FloatArray:
    slope: FloatArray = np.divide(products, spread, out=np.full(len(spread), np.nan), where=spread > noise)
    return slope


def _limits(
    groups: list[_Group],
    contrasts: FloatArray,
    reliability: float,
    estimate: FloatArray,
    draws: FloatArray,
    method: Literal["bca", "percentile"],
    level: float,
) -> tuple[FloatArray, FloatArray]:
    """Return the limits of each contrast; NaN where there is none."""
    tails = special.ndtri([(1 - level) / 2, (1 + level) / 2])
    if method == "percentile":
        shift = acceleration = np.zeros(len(contrasts))
    else:
        shift = special.ndtri((draws < estimate).mean(axis=0))
        acceleration = _acceleration(groups, contrasts, reliability)
    limits = np.full((len(contrasts), 2), np.nan)
    for place in np.flatnonzero(np.isfinite(shift) & np.isfinite(acceleration) & ~np.isnan(estimate)):
        moved = shift[place] + tails
        stretch = 1.0 - acceleration[place] * moved
        if (stretch > 0).all():
            levels = special.ndtr(shift[place] + moved / stretch)
            limits[place] = np.quantile(draws[:, place], levels)
    return limits[:, 0], limits[:, 1]


def _acceleration(groups: list[_Group], contrasts: FloatArray, reliability: float) -> FloatArray:
    """Return the acceleration of each contrast from the jackknife within the groups."""
    start = contrasts @ np.array([group.before_mean for group in groups])
    end = contrasts @ np.array([group.after_mean for group in groups])
    spread = sum(float(group.before @ group.before) for group in groups)
    products = sum(float(group.before @ group.after) for group in groups)
    cubes, squares = np.zeros(len(contrasts)), np.zeros(len(contrasts))
    for place, group in enumerate(groups):
        n = len(group.before)
        if n < 2:
            continue
        ratio = n / (n - 1)
        slope = _slope(
            products - ratio * group.before * group.after,
            spread - ratio * group.before**2,
            1e-12 * spread,
        )
        # Without person i the group's mean moves by -x_i / (n - 1).
        weights = contrasts[:, place] / (n - 1)
        left_out = (end - np.outer(group.after, weights)) - (slope / reliability)[:, None] * (
            start - np.outer(group.before, weights)
        )
        influence = (n - 1) * (left_out.mean(axis=0) - left_out)
        cubes += (influence**3).sum(axis=0) / n**3
        squares += (influence**2).sum(axis=0) / n**2
    found: FloatArray = np.divide(cubes, 6 * squares**1.5, out=np.full(len(cubes), np.nan), where=squares > 0)
    return found
