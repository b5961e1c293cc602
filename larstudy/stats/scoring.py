"""From answers to scale scores, as array arithmetic; what applies to which item is data."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray


def recode(answers: FloatArray, points: Mapping[float, float]) -> FloatArray:
    """Return the points for each answer; an answer without points is NaN.

    Parameters
    ----------
    answers : ndarray, any shape
    points : mapping
        Answer to points.

    Examples
    --------
    >>> recode(np.array([1.0, 7.0, np.nan]), {0: 0, 1: 1, 7: 0}).tolist()
    [1.0, 0.0, nan]
    """
    result = np.full(answers.shape, np.nan)
    for answer, value in points.items():
        result[answers == answer] = value
    return result


def combine(points: FloatArray, *, method: str, min_answered: int, unanswered: str = "mean") -> FloatArray:
    """Return the mean or the sum of the points of each person.

    Parameters
    ----------
    points : ndarray, shape (n, items)
        NaN where unanswered.
    method : {"mean", "sum"}
    min_answered : int
        With fewer answers the score is NaN.
    unanswered : {"mean", "zero"}
        What an unanswered item counts as: the mean of the person's other items, or nothing.

    Returns
    -------
    ndarray, shape (n,)

    Examples
    --------
    >>> answers = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, np.nan], [1.0, np.nan, np.nan]])
    >>> combine(answers, method="sum", min_answered=2).tolist()
    [6.0, 4.5, nan]
    """
    answered = ~np.isnan(points)
    count = answered.sum(axis=1)
    total = np.where(answered, points, 0.0).sum(axis=1)
    items = points.shape[1]
    divisor = np.maximum(count, 1) if unanswered == "mean" else np.full(len(points), items)
    mean = total / divisor
    # A sum of complete answers is taken as it is: going through the mean would round it.
    scaled = np.where(count == items, total, mean * items)
    return np.where(count >= max(min_answered, 1), mean if method == "mean" else scaled, np.nan)


def weighted_sum(
    values: FloatArray, *, means: FloatArray, sds: FloatArray, weights: FloatArray
) -> FloatArray:
    """Return the weighted sum of standardised values; NaN where any value is.

    Parameters
    ----------
    values : ndarray, shape (n, k)
    means, sds, weights : ndarray, shape (k,)
        Norms to standardise by, and the weight of each standardised value.

    Examples
    --------
    >>> one = np.array([1.0])
    >>> weighted_sum(np.array([[12.0]]), means=10 * one, sds=2 * one, weights=0.5 * one).tolist()
    [0.5]
    """
    return ((values - means) / sds) @ weights


def profile(levels: FloatArray) -> FloatArray:
    """Return one-digit levels side by side as a number, such as 21232; NaN where a level is missing.

    Examples
    --------
    >>> profile(np.array([[2.0, 1.0, 2.0, 3.0, 2.0]])).tolist()
    [21232.0]
    """
    return levels @ 10.0 ** np.arange(levels.shape[1] - 1, -1, -1)


def looked_up(keys: FloatArray, table: Mapping[float, float]) -> FloatArray:
    """Return the table's value for each key; NaN where the key is NaN or absent."""
    distinct, position = np.unique(keys, return_inverse=True)
    values = np.array([table.get(float(key), np.nan) for key in distinct])
    return np.asarray(values[position.reshape(keys.shape)], dtype=float)


def too_many_missing(answers: FloatArray, share: float) -> BoolArray:
    """Say of each person whether more than this share of all items is unanswered.

    Parameters
    ----------
    answers : ndarray, shape (n, items)
    share : float
        Between 0 and 1.

    Examples
    --------
    >>> too_many_missing(np.array([[1.0, np.nan, 1, 1, 1]]), 0.2).tolist()
    [False]
    """
    missing = np.isnan(answers).sum(axis=1)
    # In counts, not in shares: 1/5 must not exceed 0.2 by rounding.
    return np.asarray(missing > share * answers.shape[1] + 1e-9)
