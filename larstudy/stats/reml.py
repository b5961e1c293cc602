"""Restricted maximum likelihood where the covariance is linear in its parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.design_basis import DesignBasis
from larstudy.stats.small_sample_df import Method, Uncertainty

#: Twice the likelihood that a step still promises where the next is the last: it squares the distance.
_CLOSE_ENOUGH = 1e-11
_MOST_STEPS = 100
_MOST_HALVINGS = 40
#: Below this the search looks at the observed information: near the top it is quadratic.
_NEAR = 1.0
#: Information this close to singular tells parameters apart no more.
_SINGULAR = 1e-11
#: Curvature, relative to what is expected, that is taken as the least there is.
_FLAT = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What the restricted likelihood needs of the data at K covariance parameters.

    ``W`` stands for the p columns of the design with the response behind them, ``V`` for the covariance.

    Attributes
    ----------
    log_det : float
        ``log |V|``; its derivatives are ``log_det_first`` (K,) and ``log_det_second`` (K, K).
    cross : ndarray, shape (p + 1, p + 1)
        ``W' inv(V) W``; its derivatives are ``first`` (K, p + 1, p + 1) and ``second``
        (K, K, p + 1, p + 1).
    """

    log_det: float
    log_det_first: FloatArray
    log_det_second: FloatArray
    cross: FloatArray
    first: FloatArray
    second: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class RestrictedLikelihood:
    """The restricted likelihood of n rows at one value of the K parameters, with what follows from it.

    Attributes
    ----------
    parameters, gradient : ndarray, shape (K,)
    observed, expected : ndarray, shape (K, K)
        Information about the parameters.
    coefficients : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
        ``inv(X' inv(V) X)``.
    log_likelihood : float
        With all constants, less the ``log |X'X|`` that the basis leaves out.
    first, second : ndarray
        Derivatives of ``X' inv(V) X``.
    """

    parameters: FloatArray
    gradient: FloatArray
    observed: FloatArray
    expected: FloatArray
    coefficients: FloatArray
    covariance: FloatArray
    log_likelihood: float
    first: FloatArray
    second: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Maximum:
    """Where a search ended.

    Attributes
    ----------
    at : RestrictedLikelihood
    free : ndarray of bool, shape (K,)
        Parameters that are not held at their lower bound.
    iterations : int
    converged : bool
    reason : str
        Why it did not converge; empty where it did.
    """

    at: RestrictedLikelihood
    free: BoolArray
    iterations: int
    converged: bool
    reason: str


def restricted_likelihood(parameters: FloatArray, moments: Moments, n: int) -> RestrictedLikelihood:
    r"""Return the restricted likelihood with its gradient and both informations.

    Parameters
    ----------
    parameters : ndarray, shape (K,)
    moments : Moments
        At these parameters.
    n : int
        Rows.

    Returns
    -------
    RestrictedLikelihood

    Notes
    -----
    :math:`-2\ell = (n - p)\log 2\pi + \log|V| + \log|X'V^{-1}X| + y'Py`. As V is linear in its parameters,
    the expected information is :math:`-\frac12` times the second derivatives of the two determinants.

    Examples
    --------
    Two values with mean zero and variance 2: the estimate of the variance, and so no gradient.

    >>> w = np.array([[1.0, 3.0], [1.0, 5.0]])
    >>> moments = Moments(
    ...     log_det=2 * np.log(2.0), log_det_first=np.array([1.0]), log_det_second=np.array([[-0.5]]),
    ...     cross=w.T @ w / 2, first=-w.T @ w[None] / 4, second=w.T @ w[None, None] / 4,
    ... )
    >>> found = restricted_likelihood(np.array([2.0]), moments, 2)
    >>> found.coefficients.tolist(), abs(found.gradient).tolist(), found.observed.tolist()
    ([4.0], [0.0], [[0.125]])
    """
    p = len(moments.cross) - 1
    inner, k = moments.cross[:p, :p], len(parameters)
    covariance = np.linalg.inv(inner)
    covariance = (covariance + covariance.T) / 2.0
    coefficients = covariance @ moments.cross[:p, p]
    residual = np.append(-coefficients, 1.0)
    first, second = moments.first[:, :p, :p], moments.second[:, :, :p, :p]
    pulled = covariance @ first
    pulled_flat, transposed_flat = pulled.reshape(k, -1), pulled.transpose(0, 2, 1).reshape(k, -1)
    traces = np.tensordot(second, covariance, axes=([2, 3], [0, 1])) - pulled_flat @ transposed_flat.T
    slopes = moments.first @ residual
    bends = moments.second @ residual @ residual
    indirect = slopes[:, :p] @ covariance @ slopes[:, :p].T
    determinants = moments.log_det_second + traces
    return RestrictedLikelihood(
        parameters=parameters,
        gradient=-0.5 * (moments.log_det_first + np.trace(pulled, axis1=1, axis2=2) + slopes @ residual),
        observed=0.5 * (determinants + bends - 2.0 * indirect),
        expected=-0.5 * determinants,
        coefficients=coefficients,
        covariance=covariance,
        log_likelihood=float(
            -0.5
            * (
                (n - p) * np.log(2.0 * np.pi)
                + moments.log_det
                + np.linalg.slogdet(inner)[1]
                + residual @ moments.cross @ residual
            )
        ),
        first=first,
        second=second,
    )


def _step(at: RestrictedLikelihood, free: BoolArray) -> tuple[FloatArray, float]:
    """Return the step of the free parameters and twice the likelihood it promises, or NaN.

    In coordinates where the expected information is one, Fisher's step is the gradient. Near the top each
    direction is divided by its observed curvature, by its size where it bends upwards.
    """
    chosen = np.ix_(free, free)
    root = _inverse_root(at.expected[chosen])
    if root is None:
        return np.zeros(len(free)), np.nan
    step = root.T @ at.gradient[free]
    promise = float(step @ step)
    if promise < _NEAR:
        curvature, vectors = np.linalg.eigh(root.T @ at.observed[chosen] @ root)
        turned = vectors.T @ step / np.maximum(np.abs(curvature), _FLAT)
        promise = float(turned @ (vectors.T @ step))
        step = vectors @ turned
    whole = np.zeros(len(free))
    whole[free] = root @ step
    return whole, promise


def _inverse_root(information: FloatArray) -> FloatArray | None:
    """Return R with ``R R'`` the inverse of a matrix; None where it has none."""
    diagonal = np.diag(information)
    if not (diagonal > 0).all():
        return None
    scale = 1.0 / np.sqrt(diagonal)
    values, vectors = np.linalg.eigh(information * np.outer(scale, scale))
    if len(values) and values[0] < _SINGULAR:
        return None
    root: FloatArray = scale[:, None] * vectors / np.sqrt(values)
    return root


def _climb(
    evaluate: Callable[[FloatArray], RestrictedLikelihood | None],
    at: RestrictedLikelihood,
    step: FloatArray,
    floor: FloatArray,
) -> RestrictedLikelihood | None:
    """Go along a step, halved until the likelihood does not fall; None where it always does."""
    slack = 1e-11 * (1.0 + abs(at.log_likelihood))
    for _ in range(_MOST_HALVINGS):
        there = evaluate(np.maximum(at.parameters + step, floor))
        if there is not None and there.log_likelihood >= at.log_likelihood - slack:
            return there
        step = step / 2.0
    return None


def maximise(
    evaluate: Callable[[FloatArray], RestrictedLikelihood | None], start: FloatArray, floor: FloatArray
) -> Maximum:
    """Maximise a restricted likelihood by Fisher scoring, and by Newton's method near the top.

    Parameters
    ----------
    evaluate : callable
        Returns the likelihood at parameters, None where they are not admissible.
    start : ndarray, shape (K,)
        Admissible.
    floor : ndarray, shape (K,)
        Lower bounds; ``-inf`` for none. A parameter is held at its bound while the likelihood would only
        rise below it.

    Returns
    -------
    Maximum

    Examples
    --------
    >>> w = np.array([[1.0, 3.0], [1.0, 5.0]])
    >>> def at(variance):
    ...     v, ww = variance[0], w.T @ w
    ...     moments = Moments(
    ...         log_det=2 * np.log(v), log_det_first=np.array([2 / v]),
    ...         log_det_second=np.array([[-2 / v**2]]),
    ...         cross=ww / v, first=-ww[None] / v**2, second=2 * ww[None, None] / v**3,
    ...     )
    ...     return restricted_likelihood(variance, moments, 2)
    >>> found = maximise(at, np.array([1.0]), np.array([0.0]))
    >>> found.at.parameters.round(9).tolist(), found.converged
    ([2.0], True)
    """
    at = evaluate(start)
    assert at is not None
    free = np.ones(len(start), dtype=np.bool_)
    for iteration in range(_MOST_STEPS):
        free = (at.parameters > floor) | (at.gradient > 0)
        step, promise = _step(at, free)
        # A bound that the step would cross straight away is held for this step.
        crossing = free & (at.parameters <= floor) & (step < 0)
        if crossing.any():
            step, promise = _step(at, free & ~crossing)
        if np.isnan(promise):
            return _stopped(at, free, iteration, "the variances cannot be told apart in this design")
        there = _climb(evaluate, at, step, floor)
        if promise < _CLOSE_ENOUGH:
            return _arrived(at if there is None else there, free, iteration)
        if there is None:
            return _stopped(at, free, iteration, f"the search got stuck after {iteration} steps")
        at = there
    return _stopped(at, free, _MOST_STEPS, f"the search did not end within {_MOST_STEPS} steps")


def _stopped(at: RestrictedLikelihood, free: BoolArray, iterations: int, reason: str) -> Maximum:
    return Maximum(at=at, free=free, iterations=iterations, converged=False, reason=reason)


def _arrived(at: RestrictedLikelihood, free: BoolArray, iterations: int) -> Maximum:
    """Return a maximum, if the likelihood falls off in every direction."""
    if _inverse_root(at.observed[np.ix_(free, free)]) is None:
        return _stopped(at, free, iterations, "the search ended where the likelihood has no maximum")
    return Maximum(at=at, free=free, iterations=iterations + 1, converged=True, reason="")


def uncertainty_of(found: Maximum, basis: DesignBasis, method: Method) -> Uncertainty:
    r"""Return what tests of the coefficients need, on the design itself.

    Parameters
    ----------
    found : Maximum
    basis : DesignBasis
    method : {"satterthwaite", "kenward_roger"}

    Returns
    -------
    Uncertainty
        Parameters at their bounds are taken as known.

    Notes
    -----
    Kenward-Roger: :math:`\Phi_A = \Phi + 2\Phi\{\sum_{kl} W_{kl}(Q_{kl} - P_k\Phi P_l)\}\Phi`, with W the
    inverse of the expected information, P and Q from the derivatives of :math:`X'V^{-1}X`. No second
    derivatives of V enter, as it is linear in its parameters.

    Examples
    --------
    >>> from larstudy.stats.design_basis import design_basis
    >>> w = np.array([[1.0, 3.0], [1.0, 5.0]])
    >>> basis = design_basis(w[:, :1], w[:, 1])
    >>> q = np.column_stack([basis.columns, basis.residual])
    >>> def at(variance):
    ...     v, ww = variance[0], q.T @ q
    ...     moments = Moments(
    ...         log_det=2 * np.log(v), log_det_first=np.array([2 / v]),
    ...         log_det_second=np.array([[-2 / v**2]]),
    ...         cross=ww / v, first=-ww[None] / v**2, second=2 * ww[None, None] / v**3,
    ...     )
    ...     return restricted_likelihood(variance, moments, 2)
    >>> mean = uncertainty_of(maximise(at, np.array([1.0]), np.array([0.0])), basis, "satterthwaite")
    >>> mean.coefficients.round(9).tolist(), mean.covariance.round(9).tolist()
    ([4.0], [[1.0]])
    """
    at, free, back = found.at, found.free, basis.back
    first, second = at.first[free], at.second[np.ix_(free, free)]
    chosen = np.ix_(free, free)
    covariance = at.covariance
    adjusted = covariance
    if method == "kenward_roger":
        weights = np.asarray(np.linalg.inv(at.expected[chosen]), dtype=np.float64)
        # Sums over both parameters at once, so that no (K, K, p, p) array is made twice.
        between = (first @ covariance @ np.tensordot(weights, first, axes=1)).sum(axis=0)
        bends = 0.5 * np.tensordot(weights, second, axes=([0, 1], [0, 1]))
        adjusted = covariance + 2.0 * covariance @ (bends - between) @ covariance
    else:
        weights = np.asarray(np.linalg.inv(at.observed[chosen]), dtype=np.float64)
    return Uncertainty(
        coefficients=basis.coefficients + back @ at.coefficients,
        covariance=back @ adjusted @ back.T,
        model_covariance=back @ covariance @ back.T,
        slopes=-back @ (covariance @ first @ covariance) @ back.T,
        parameter_covariance=weights,
        method=method,
    )
