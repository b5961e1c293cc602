"""Answers and categories from latent normal variables: thresholds, parts of a variance, ranks."""

from __future__ import annotations

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray


def normal_share(values: FloatArray) -> FloatArray:
    """Return the share of a standard normal distribution below each value."""
    return np.asarray(special.ndtr(values))


def normal_quantile(shares: FloatArray | float) -> FloatArray:
    """Return the value below which a share of a standard normal distribution lies; infinite at 0 and 1."""
    return np.asarray(special.ndtri(np.clip(shares, 0.0, 1.0)))


def thresholds(shares: FloatArray) -> FloatArray:
    """Return where a standard normal variable is cut so that the pieces have these shares, lowest first.

    Parameters
    ----------
    shares : ndarray, shape (..., k)
        Each row adds up to 1.

    Returns
    -------
    ndarray, shape (..., k - 1)

    Examples
    --------
    >>> thresholds(np.array([0.5, 0.25, 0.25])).round(4).tolist()
    [0.0, 0.6745]
    """
    return normal_quantile(np.cumsum(shares, axis=-1)[..., :-1])


def cut(values: FloatArray, at: FloatArray) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
    """Return in which piece each value lies, from 0.

    Parameters
    ----------
    values : ndarray, shape (..., k, n)
    at : ndarray, shape (k, t)
        Thresholds of each of the k variables, rising.

    Returns
    -------
    ndarray of int8, shape of ``values``

    Examples
    --------
    >>> cut(np.array([[-1.0, 0.1, 2.0]]), np.array([[0.0, 1.0]])).tolist()
    [[0, 1, 2]]
    """
    piece = np.zeros(values.shape, dtype=np.int8)
    for step in range(at.shape[1]):
        piece += values > at[:, step, None]
    return piece


def selected_mean(share: float, correlation: float) -> float:
    """Return the mean of a standard normal variable among those selected by another.

    Those are selected whose other variable lies in its upper tail of size ``share``; the two are bivariate
    normal. It is ``correlation * density(quantile(1 - share)) / share``.

    Examples
    --------
    >>> round(selected_mean(0.5, 1.0), 6), round((2 / np.pi) ** 0.5, 6)
    (0.797885, 0.797885)
    """
    if not 0 < share < 1:
        return 0.0
    at = float(normal_quantile(share))
    return float(correlation * np.exp(-0.5 * at**2) / np.sqrt(2 * np.pi) / share)


def root_of(covariance: FloatArray) -> FloatArray | None:
    """Return a lower-triangular root of a 2 x 2 covariance matrix, None where it is not one.

    Unlike Cholesky's it also takes matrices in which nothing varies, or the two are the same.

    Examples
    --------
    >>> root_of(np.array([[4.0, 2.0], [2.0, 2.0]])).tolist()
    [[2.0, 0.0], [1.0, 1.0]]
    >>> root_of(np.array([[1.0, 1.5], [1.5, 1.0]])) is None
    True
    """
    (a, c), (_, b) = covariance
    slack = 1e-12
    if a < -slack or b < -slack or c * c > a * b + slack:
        return None
    first = np.sqrt(max(a, 0.0))
    below = c / first if first > 0 else 0.0
    return np.array([[first, 0.0], [below, np.sqrt(max(b - below**2, 0.0))]])


def top(values: FloatArray, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Mark the ``count`` largest of each row.

    Examples
    --------
    >>> top(np.array([[3.0, 1.0, 2.0]]), 2).tolist()
    [[True, False, True]]
    """
    marked = np.zeros(values.shape, dtype=bool)
    if count > 0:
        largest = np.argpartition(values, values.shape[-1] - count, axis=-1)[..., -count:]
        np.put_along_axis(marked, largest, True, axis=-1)
    return marked
