"""A mean with its interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray
from larstudy.stats.distributions import t_quantile


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanInterval:
    """How many values, their mean and SD (n - 1), and the interval of the mean by t."""

    n: int
    mean: float
    sd: float
    conf_low: float
    conf_high: float


def interval_of_mean(n: int, mean: float, sd: float, level: float = 0.95) -> MeanInterval:
    """Return the interval of a mean from summary numbers; NaN where there are fewer than two values.

    Examples
    --------
    >>> result = interval_of_mean(25, 10.0, 5.0)
    >>> round(result.conf_low, 4), round(result.conf_high, 4)
    (7.9361, 12.0639)
    """
    margin = float(t_quantile(level, n - 1) * sd / np.sqrt(n)) if n > 1 else np.nan
    return MeanInterval(n=n, mean=mean, sd=sd, conf_low=mean - margin, conf_high=mean + margin)


def mean_interval(values: FloatArray, level: float = 0.95) -> MeanInterval:
    """Return the mean of the values that are not missing, with its interval.

    Examples
    --------
    >>> mean_interval(np.array([1.0, 3.0, np.nan])).mean
    2.0
    """
    known = values[~np.isnan(values)]
    n = len(known)
    mean = float(known.mean()) if n else np.nan
    sd = float(known.std(ddof=1)) if n > 1 else np.nan
    return interval_of_mean(n, mean, sd, level)
