"""What simulated cohorts say, with the interval that their number leaves."""

from __future__ import annotations

import numpy as np
from scipy import special

from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.responders import wilson_interval

_Z = float(special.ndtri(0.975))
Found = tuple[float, float, float]
_NOTHING: Found = (np.nan, np.nan, np.nan)


def proportion_interval(yes: BoolArray) -> Found:
    """Return a share with Wilson's 95 % interval; NaN of nothing.

    Examples
    --------
    >>> [round(v, 4) for v in proportion_interval(np.array([True] * 5 + [False] * 95))]
    [0.05, 0.0215, 0.1118]
    """
    found = wilson_interval(int(np.sum(yes)), len(yes))
    return found.estimate, found.conf_low, found.conf_high


def mean_interval(values: FloatArray) -> Found:
    """Return a mean with its normal 95 % interval, NaN left out; NaN of fewer than two.

    Examples
    --------
    >>> [round(v, 3) for v in mean_interval(np.array([1.0, 2.0, 3.0]))]
    [2.0, 0.868, 3.132]
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return _NOTHING
    mean, error = float(known.mean()), float(known.std(ddof=1) / np.sqrt(len(known)))
    return mean, mean - _Z * error, mean + _Z * error


def root_mean_square(errors: FloatArray) -> Found:
    """Return the root of the mean square with its 95 % interval by the delta method.

    Examples
    --------
    >>> round(root_mean_square(np.array([3.0, -4.0]))[0], 4)
    3.5355
    """
    square, low, high = mean_interval(errors**2)
    if np.isnan(square) or square == 0:
        return float(np.sqrt(square)), float(np.sqrt(square)), float(np.sqrt(square))
    root = float(np.sqrt(square))
    margin = (high - low) / 2.0 / (2.0 * root)
    return root, max(root - margin, 0.0), root + margin


def wrong_signs(estimates: FloatArray, truth: float) -> Found:
    """Return the share of estimates on the wrong side of 0, with Wilson's interval.

    Examples
    --------
    >>> wrong_signs(np.array([1.0, -1.0, 2.0, 3.0]), 0.5)[0]
    0.25
    """
    return proportion_interval(np.sign(estimates) != np.sign(truth))
