"""The draws of multiple imputation, for all m chains at once.

Every function takes m regressions side by side, on the leading axis, and returns one draw of the coefficients
of each from its posterior, given the data and the other variables as they stand in that chain.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from scipy import special

from larstudy.stats.arrays import FloatArray

#: SD of the normal prior of a log odds ratio for one SD of a predictor, and of an intercept.
_PRIOR_SLOPE = 2.5
_PRIOR_INTERCEPT = 10.0
#: What is added to the diagonal of the cross-products, relative to the number of persons.
_RIDGE = 1e-7
_MOST_STEPS = 25
_SETTLED = 1e-6
#: The most that the log odds of anybody may move in one Newton step.
_LONGEST_STEP = 5.0
_SMALLEST_VARIANCE = 1e-8


def draw_normal(
    gram: FloatArray, cross: FloatArray, square: float, n: int, rng: Generator
) -> tuple[FloatArray, FloatArray]:
    r"""Draw coefficients and residual SD of m normal regressions with flat priors.

    Parameters
    ----------
    gram : ndarray, shape (m, q, q)
        ``X'X`` of each, with columns of similar size.
    cross : ndarray, shape (m, q)
        ``X'y``.
    square : float
        ``y'y``.
    n : int
        Persons, more than q.
    rng : numpy.random.Generator

    Returns
    -------
    coefficients : ndarray, shape (m, q)
    sigma : ndarray, shape (m,)

    Notes
    -----
    :math:`\sigma^2 = RSS / \chi^2_{n - q}`, then :math:`\beta \sim N(\hat\beta, \sigma^2 (X'X)^{-1})`.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Wiley, p. 167.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> slope, sigma = draw_normal(np.full((2, 1, 1), 1e6), np.full((2, 1), 3e6), 9e6 + 1.0, 1000, rng)
    >>> slope.round(1).tolist(), bool((sigma < 0.05).all())
    ([[3.0], [3.0]], True)
    """
    m, q = cross.shape
    root = _root(gram + _RIDGE * n * np.eye(q))
    half = _solve(root, cross)
    left = np.maximum(square - (half**2).sum(axis=1), 0.0)
    sigma = np.sqrt(left / rng.chisquare(n - q, m))
    noise = sigma[:, None] * rng.standard_normal((m, q))
    return _solve(root.transpose(0, 2, 1), half + noise), sigma


def draw_two_level(
    gram: FloatArray,
    cross: FloatArray,
    square: float,
    n: int,
    rng: Generator,
    *,
    facilities: int,
    variances: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    r"""Draw coefficients, facility effects and variances of m random-intercept regressions.

    Parameters
    ----------
    gram, cross, square, n, rng
        As in `draw_normal`; the last ``facilities`` columns are one a facility.
    facilities : int
        At least 3.
    variances : ndarray, shape (m, 2)
        Of the residuals and between facilities, as last drawn.

    Returns
    -------
    coefficients : ndarray, shape (m, q)
        The last ``facilities`` of them are the facility effects.
    variances : ndarray, shape (m, 2)
        The new draw.

    Notes
    -----
    One Gibbs step: coefficients and facility effects :math:`u \sim N(0, \tau^2)` together from their normal,
    given the variances; then :math:`\sigma^2 = RSS/\chi^2_n`; then :math:`\tau^2` as in `draw_between`.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> gram = np.diag([300.0, 100, 100, 100])[None] + 0.0
    >>> gram[0, 0, 1:] = gram[0, 1:, 0] = 100.0
    >>> found, new = draw_two_level(
    ...     gram, np.array([[0.0, 0, 0, 0]]), 300.0, 300, rng, facilities=3, variances=np.array([[1.0, 0.01]])
    ... )
    >>> found.shape, new.shape, bool((new > 0).all())
    ((1, 4), (1, 2), True)
    """
    m, q = cross.shape
    shrink = np.full((m, q), _RIDGE * n)
    shrink[:, -facilities:] = (variances[:, 0] / variances[:, 1])[:, None]
    root = _root(gram + shrink[:, :, None] * np.eye(q))
    noise = np.sqrt(variances[:, :1]) * rng.standard_normal((m, q))
    found = _solve(root.transpose(0, 2, 1), _solve(root, cross) + noise)
    explained = 2.0 * (found * cross).sum(axis=1) - np.einsum("mi,mij,mj->m", found, gram, found)
    residual = np.maximum(square - explained, 0.0) / rng.chisquare(n, m)
    between = draw_between(found[:, -facilities:], rng)
    return found, np.maximum(np.column_stack([residual, between]), _SMALLEST_VARIANCE)


def draw_between(effects: FloatArray, rng: Generator) -> FloatArray:
    r"""Draw the variance between facilities given their effects.

    Parameters
    ----------
    effects : ndarray, shape (..., F)
        At least three facilities.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (...)

    Notes
    -----
    :math:`\tau^2 = \sum u^2 / \chi^2_{F - 1}`, the posterior under a prior that is flat in :math:`\tau`.

    References
    ----------
    Gelman, A. (2006). Prior distributions for variance parameters in hierarchical models. Bayesian Analysis,
    1, 515-534.

    Examples
    --------
    >>> draws = draw_between(np.tile([1.0, -1.0] * 500, (3, 1)), np.random.default_rng(1))
    >>> draws.shape, bool((abs(draws - 1) < 0.2).all())
    ((3,), True)
    """
    drawn = (effects**2).sum(axis=-1) / rng.chisquare(effects.shape[-1] - 1, effects.shape[:-1])
    return np.asarray(np.maximum(drawn, _SMALLEST_VARIANCE))


def prior_precision(slopes: int) -> FloatArray:
    """Return the prior precision of an intercept and so many slopes on standardised predictors.

    Examples
    --------
    >>> prior_precision(2).tolist()
    [0.01, 0.16, 0.16]
    """
    return np.array([1.0 / _PRIOR_INTERCEPT**2, *[1.0 / _PRIOR_SLOPE**2] * slopes])


def draw_multinomial(
    x: FloatArray, onehot: FloatArray, precision: FloatArray, start: FloatArray, rng: Generator
) -> tuple[FloatArray, FloatArray]:
    """Draw coefficients of m multinomial logistic regressions with normal priors about zero.

    Parameters
    ----------
    x : ndarray, shape (m, n, q)
    onehot : ndarray, shape (n, k)
        Each row has one 1; the first column is the reference.
    precision : ndarray, shape (m, k - 1, q)
        Prior precision of each coefficient, above 0: there is a mode even where levels are perfectly
        separated.
    start : ndarray, shape (m, k - 1, q)
        Where to look for the mode.
    rng : numpy.random.Generator

    Returns
    -------
    mode, coefficients : ndarray, shape (m, k - 1, q)
        The mode of the posterior, and the draw from the normal about it.

    Notes
    -----
    The posterior is taken to be normal about its mode, with the inverse of the information as covariance.

    Examples
    --------
    >>> x = np.ones((1, 400, 1))
    >>> onehot = np.repeat(np.eye(2), [300, 100], axis=0)
    >>> flat, start = np.full((1, 1, 1), 1e-9), np.zeros((1, 1, 1))
    >>> mode, _ = draw_multinomial(x, onehot, flat, start, np.random.default_rng(1))
    >>> round(float(np.exp(mode[0, 0, 0])), 6)  # odds of 100 to 300
    0.333333
    """
    m, _, q = x.shape
    size = onehot.shape[1] - 1
    mode = start
    for _ in range(_MOST_STEPS):
        probabilities = level_probabilities(x, mode)[:, :, 1:]
        residual = (onehot[:, 1:] - probabilities).transpose(0, 2, 1)
        gradient = residual @ x - precision * mode
        information = _information(x, probabilities, precision)
        step = np.linalg.solve(information, gradient.reshape(m, size * q, 1)).reshape(m, size, q)
        furthest = np.abs(x @ step.transpose(0, 2, 1)).max(axis=(1, 2))
        length = _LONGEST_STEP / np.maximum(furthest, _LONGEST_STEP)
        mode = mode + step * length[:, None, None]
        if furthest.max() < _SETTLED:
            break
    root = _root(information)
    noise = _solve(root.transpose(0, 2, 1), rng.standard_normal((m, size * q)))
    return mode, mode + noise.reshape(m, size, q)


def _information(x: FloatArray, probabilities: FloatArray, precision: FloatArray) -> FloatArray:
    m, _, q = x.shape
    size = probabilities.shape[2]
    found = np.empty((m, size, q, size, q))
    across = np.ascontiguousarray(x.transpose(0, 2, 1))
    for a in range(size):
        for b in range(a + 1):
            weight = probabilities[:, :, a] * ((a == b) - probabilities[:, :, b])
            block = (across * weight[:, None, :]) @ x
            found[:, a, :, b] = block
            found[:, b, :, a] = block.transpose(0, 2, 1)
    flat = found.reshape(m, size * q, size * q)
    return flat + precision.reshape(m, size * q)[:, :, None] * np.eye(size * q)


def level_probabilities(x: FloatArray, coefficients: FloatArray) -> FloatArray:
    """Return the probability of each of k levels, shape (m, n, k).

    Examples
    --------
    >>> level_probabilities(np.ones((1, 1, 1)), np.log([[[3.0]]])).round(6).tolist()
    [[[0.25, 0.75]]]
    """
    odds = x @ coefficients.transpose(0, 2, 1)
    if odds.shape[2] == 1:
        return np.concatenate([special.expit(-odds), special.expit(odds)], axis=2)
    return np.asarray(special.softmax(np.concatenate([np.zeros((*odds.shape[:2], 1)), odds], axis=2), axis=2))


def draw_levels(probabilities: FloatArray, rng: Generator) -> FloatArray:
    """Draw a level for each person of each chain from its probabilities; shape (m, n, k) to (m, n).

    Examples
    --------
    >>> draw_levels(np.array([[[0.0, 1.0, 0.0]]]), np.random.default_rng(1)).tolist()
    [[1.0]]
    """
    steps = np.cumsum(probabilities[:, :, :-1], axis=2)
    passed = rng.random(steps.shape[:2])[:, :, None] >= steps
    return np.asarray(passed.sum(axis=2), dtype=np.float64)


def _root(matrix: FloatArray) -> FloatArray:
    """Return the lower Cholesky factor of each matrix."""
    return np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)


def _solve(matrix: FloatArray, right: FloatArray) -> FloatArray:
    return np.asarray(np.linalg.solve(matrix, right[:, :, None])[:, :, 0], dtype=np.float64)
