"""The distribution of the studentised range, by which Tukey's and the Games-Howell tests are judged."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import special

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray

#: Steps of the trapezium rule for the largest of k normal values, about the middle of the range.
_STEP = 0.25
_AROUND_MIDDLE = np.arange(-6.25, 8.25 + _STEP / 2.0, _STEP)
#: Steps for the standard deviation below and from so many degrees of freedom: the fewer of them, the longer
#: the left tail of its logarithm. And what is left out at each end.
_STEPS_FOR_FEW, _FEW, _STEPS = 224, 7.0, 72
_CUT = 1e-14
#: A range of known spread that is larger has a chance below the smallest number there is.
_LARGEST_RANGE = 60.0
#: The chance for a known spread is wanted thousands of times for each k: it is worked out once, at so many
#: Chebyshev points in each of so many pieces between 0 and the largest range, and interpolated.
_PIECES, _POINTS = 60, 16
_WIDTH = _LARGEST_RANGE / _PIECES
#: Ranges worked on at once, so that memory stays bounded.
_AT_ONCE = 64
_MOST_STEPS = 60
_CLOSE_ENOUGH = 1e-12


def studentized_range_upper_tail(statistic: FloatArray | float, k: int, df: FloatArray | float) -> FloatArray:
    r"""Return the chance that the studentised range of k means is larger.

    Parameters
    ----------
    statistic : float or array
        The range of k means over the standard error of one: :math:`\sqrt 2` times the t of the two that
        are furthest apart. At or below zero gives 1, NaN gives NaN.
    k : int
        Number of means; fewer than 2 give NaN.
    df : float or array
        Degrees of freedom of the standard error, infinite where it is known; below 1 gives NaN. Broadcast
        against ``statistic``.

    Returns
    -------
    ndarray of float
        The tail itself is computed, so a small p keeps its digits.

    Notes
    -----
    The range of k standard normal values exceeds w with probability

    .. math:: k \int \varphi(z)\,[\Phi(z)^{k-1} - (\Phi(z) - \Phi(z - w))^{k-1}]\,dz,

    z being the largest of them; this is averaged over w = q s, with :math:`df\,s^2` chi-square. Both
    integrals, over z and over log s, are of smooth functions that die away at both ends: there the
    trapezium rule is more exact than Gauss-Legendre with as many nodes. For k up to 10 it is good to 1e-12
    of its value. R's ``ptukey`` is the same to 1e-8 from about 10 degrees of freedom up; below, its integral
    over s stops short: at 2 degrees of freedom it is 1e-4 to 1e-3 off in the tail, where for k = 2 the exact
    value, twice the tail of t, can be had.

    References
    ----------
    Copenhaver, M. D., & Holland, B. (1988). Journal of Statistical Computation and Simulation, 30, 1-15.

    Examples
    --------
    >>> float(studentized_range_upper_tail(3.506426, 3, 27).round(6))
    0.05
    """
    q, freedom = np.broadcast_arrays(np.asarray(statistic, dtype=float), np.asarray(df, dtype=float))
    found = np.full(q.size, np.nan)
    flat_q, flat_df = q.ravel(), freedom.ravel()
    can = (flat_df >= 1.0) & ~np.isnan(flat_q) & (k >= 2)
    found[can] = _tails(flat_q[can], k, _spreads(flat_df[can]))
    return found.reshape(q.shape)


def studentized_range_cdf(statistic: FloatArray | float, k: int, df: FloatArray | float) -> FloatArray:
    """Return the chance that the studentised range of k means is no larger, as R's ``ptukey``.

    Parameters
    ----------
    statistic, k, df
        As for `studentized_range_upper_tail`, of which this is the complement.

    Returns
    -------
    ndarray of float

    Examples
    --------
    >>> float(studentized_range_cdf(3.506426, 3, 27).round(6))
    0.95
    """
    return 1.0 - studentized_range_upper_tail(statistic, k, df)


def studentized_range_quantile(probability: FloatArray | float, k: int, df: FloatArray | float) -> FloatArray:
    r"""Return the studentised range that is not exceeded with this probability, as R's ``qtukey``.

    Parameters
    ----------
    probability : float or array
        0 gives 0 and 1 gives infinity; what is not between them gives NaN.
    k : int
        Number of means; fewer than 2 give NaN.
    df : float or array
        Degrees of freedom, which may be infinite; below 1 gives NaN. Broadcast against ``probability``.

    Returns
    -------
    ndarray of float

    Notes
    -----
    The quantile lies between that of two means, which is :math:`\sqrt 2` times that of the size of t, and the
    one that Bonferroni's inequality gives; false position (Anderson and Bjoerck) from there until the tail is
    met to about 1e-12. R stops once two steps differ by less than 1e-4.

    Examples
    --------
    >>> float(studentized_range_quantile(0.95, 3, 27).round(6))
    3.506426
    """
    p, freedom = np.broadcast_arrays(np.asarray(probability, dtype=float), np.asarray(df, dtype=float))
    tail, flat_df = 1.0 - p.ravel(), freedom.ravel()
    found = np.where(tail == 1.0, 0.0, np.where(tail == 0.0, np.inf, np.nan))
    allowed = (flat_df >= 1.0) & (k >= 2)
    found[~allowed] = np.nan
    inside = np.flatnonzero(allowed & (tail > 0.0) & (tail < 1.0))
    if len(inside):
        found[inside] = _solve(tail[inside], k, flat_df[inside])
    return found.reshape(p.shape)


class _Spreads(NamedTuple):
    """The standard deviations of some ranges: which, and what is the same however large a range is."""

    places: IntArray
    df: FloatArray
    known: BoolArray
    low: FloatArray
    high: FloatArray
    everything: FloatArray
    steps: FloatArray


def _spreads(df: FloatArray) -> tuple[_Spreads, ...]:
    """Part ranges by degrees of freedom, shape (m,), into those that are worked on together."""
    few, found = df < _FEW, []
    for members, steps in ((few, _STEPS_FOR_FEW), (~few, _STEPS)):
        places = np.flatnonzero(members)
        found += [
            _spread(places[start : start + _AT_ONCE], df, np.arange(steps + 1.0))
            for start in range(0, len(places), _AT_ONCE)
        ]
    return tuple(found)


def _spread(places: IntArray, df: FloatArray, steps: FloatArray) -> _Spreads:
    known = np.isinf(df[places])
    v = np.where(known, 1.0, df[places])
    low = 0.5 * np.log(2.0 / v * special.gammaincinv(v / 2.0, _CUT))
    high = 0.5 * np.log(2.0 / v * special.gammainccinv(v / 2.0, _CUT))
    step = (high - low) / steps[-1]
    everything = _log_spread_density(low[:, None] + step[:, None] * steps, v).sum(axis=1) * step
    return _Spreads(places, v, known, low, high, everything, steps)


def _tails(q: FloatArray, k: int, spreads: tuple[_Spreads, ...]) -> FloatArray:
    """Return the upper tails of ranges, shape (m,); no NaN, df from 1 to infinity."""
    found = np.empty(len(q))
    for spread in spreads:
        found[spread.places] = _tail(q[spread.places], k, spread)
    return found


def _tail(q: FloatArray, k: int, spread: _Spreads) -> FloatArray:
    """Return the upper tails of those ranges whose standard deviations are worked on together."""
    size, v = np.clip(q, 0.0, 1e150), spread.df
    # A large range comes from a small standard deviation: the left end moves with it, and on the right the
    # tail is nothing from where the range is beyond the largest.
    low = spread.low + 0.5 * np.log(v / (v + size**2 / 2.0))
    high = np.minimum(spread.high, np.log(_LARGEST_RANGE / np.maximum(size, 1e-300)))
    step = np.maximum(high - low, 0.0) / spread.steps[-1]
    log_s = np.where(spread.known[:, None], 0.0, low[:, None] + step[:, None] * spread.steps)
    density = _log_spread_density(log_s, v) * (step / spread.everything)[:, None]
    density[spread.known] = 1.0 / len(spread.steps)
    found = (density * _tail_of_known_spread(size[:, None] * np.exp(log_s), k)).sum(axis=1)
    found[q <= 0.0] = 1.0
    found[np.isposinf(q)] = 0.0
    return np.asarray(np.clip(found, 0.0, 1.0))


def _log_spread_density(log_s: FloatArray, df: FloatArray) -> FloatArray:
    """Return the density of log s up to a factor; near s = 1 it loses no digits to a large df."""
    return np.asarray(np.exp(df[:, None] * (log_s - np.expm1(2.0 * log_s) / 2.0)))


def _tail_of_known_spread(w: FloatArray, k: int) -> FloatArray:
    """Return the chance that the range of k standard normal values exceeds w, not below 0."""
    coefficients = _interpolation(k)
    inside = np.minimum(w, _LARGEST_RANGE)
    piece = np.minimum((inside / _WIDTH).astype(np.intp), _PIECES - 1)
    x = 2.0 * (inside / _WIDTH - piece) - 1.0
    own = coefficients[piece]
    log_tail = own[..., -1]
    for power in range(_POINTS - 2, -1, -1):
        log_tail = log_tail * x + own[..., power]
    log_tail = log_tail - inside**2 / 4.0
    return np.where(w < _LARGEST_RANGE, np.exp(log_tail), 0.0)


@cache
def _interpolation(k: int) -> FloatArray:
    """Return the logarithm of the chance as polynomials, one a piece: (pieces, points), constants first.

    A quarter of the squared range is added to it: what is left is nearly straight, also where the chance is
    so small that its logarithm is in the hundreds, and loses no digits there.
    """
    order = np.arange(_POINTS)
    angle = np.pi * (order + 0.5) / _POINTS
    w = _WIDTH * (np.arange(_PIECES)[:, None] + (np.cos(angle) + 1.0) / 2.0)
    of_chebyshev = np.log(_scaled(w, k)) @ np.cos(np.outer(angle, order)) * (2.0 / _POINTS)
    of_chebyshev[:, 0] /= 2.0
    # Each Chebyshev polynomial in powers, which are quicker: twice x times the last, less the one before.
    powers = np.eye(_POINTS)
    for n in range(2, _POINTS):
        powers[n] = 2.0 * np.roll(powers[n - 1], 1) - powers[n - 2]
    found: FloatArray = of_chebyshev @ powers
    found.flags.writeable = False
    return found


def _scaled(w: FloatArray, k: int) -> FloatArray:
    """Return the chance that the range of k standard normal values exceeds w, times ``exp(w**2 / 4)``."""
    # z is the largest value; with the smallest below z - w the density lies about w / 2.
    z = w[..., None] / 2.0 + _AROUND_MIDDLE
    all_below, log_far_below = special.ndtr(z), special.log_ndtr(z - w[..., None])
    near = all_below - np.exp(log_far_below)
    # a^m - b^m = (a - b) (a^(m-1) + a^(m-2) b + ... + b^(m-1)): sums only, so no digit is lost.
    total = power = np.ones_like(z)
    for _ in range(k - 2):
        power = power * near
        total = total * all_below + power
    density = np.exp(log_far_below - 0.5 * z**2 + w[..., None] ** 2 / 4.0) * total
    found: FloatArray = density.sum(axis=-1) * (k * _STEP / np.sqrt(2.0 * np.pi))
    return found


def _solve(tail: FloatArray, k: int, df: FloatArray) -> FloatArray:
    """Return the ranges with these upper tails, by false position between logarithms of ranges."""
    wanted, spreads = special.logit(tail), _spreads(df)
    low = np.log(-np.sqrt(2.0) * special.stdtrit(df, tail / 2.0))
    high = np.log(-np.sqrt(2.0) * special.stdtrit(df, tail / (k * (k - 1))))
    at_low, at_high = _error(low, wanted, k, spreads), _error(high, wanted, k, spreads)
    place, error = high, at_high
    upper_again, lower_again = np.zeros(len(tail), bool), np.zeros(len(tail), bool)
    for _ in range(_MOST_STEPS):
        before, old = place, error
        place = _straight(low, at_low, high, at_high)
        error = _error(place, wanted, k, spreads)
        # One more straight line is wrong by about the product of the last two errors, and needs no tail.
        if (np.abs(error * old) <= _CLOSE_ENOUGH).all():
            place = _straight(before, old, place, error)
            break
        # Anderson and Bjoerck: an end that stays a second time counts for less, or it would stay for ever.
        upper, replaced_low = error <= 0.0, at_low
        at_low = np.where(upper, np.where(upper_again, at_low * _less(error, at_high), at_low), error)
        at_high = np.where(upper, error, np.where(lower_again, at_high * _less(error, replaced_low), at_high))
        low, high = np.where(upper, low, place), np.where(upper, place, high)
        upper_again, lower_again = upper, ~upper
    return np.asarray(np.exp(place))


def _straight(low: FloatArray, at_low: FloatArray, high: FloatArray, at_high: FloatArray) -> FloatArray:
    """Return where the line through two errors is zero; the second place where they do not differ."""
    gap = at_low - at_high
    return np.where(gap != 0.0, (high * at_low - low * at_high) / np.where(gap != 0.0, gap, 1.0), high)


def _less(error: FloatArray, replaced: FloatArray) -> FloatArray:
    """Return how much the end that stays counts, from the error that takes another's place."""
    share = 1.0 - error / np.where(replaced != 0.0, replaced, 1.0)
    return np.where((share > 0.0) & (replaced != 0.0), share, 0.5)


def _error(log_q: FloatArray, wanted: FloatArray, k: int, spreads: tuple[_Spreads, ...]) -> FloatArray:
    """Return by how much the log odds of the tail are too large; bounded where the tail is 0 or 1."""
    return np.asarray(np.clip(special.logit(_tails(np.exp(log_q), k, spreads)), -1e3, 1e3) - wanted)
