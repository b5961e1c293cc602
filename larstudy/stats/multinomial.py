"""Multinomial logistic regression by Newton's method, and whether the data allow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.designs import column_name, dependent_column

_MOST_STEPS = 100
#: Newton's decrement: the step left, squared and in standard errors.
_SETTLED = 1e-12
#: Log odds beyond which somebody looks perfectly predicted, so that separation is looked for.
_EXTREME = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MultinomialFit:
    """A multinomial logistic regression; the first group is the reference.

    Attributes
    ----------
    coefficients : ndarray, shape (k - 1, p)
        Log odds of each other group against the first, a row a group; NaN where there is no fit.
    covariance : ndarray, shape ((k - 1) p, (k - 1) p)
        Of the coefficients, row after row: the inverse of the observed information.
    probabilities : ndarray, shape (n, k)
        Of each person to be in each group.
    log_likelihood : float
    n : int
        Persons.
    iterations : int
        Newton steps taken.
    reason : str
        Why there is no fit; empty where there is.
    """

    coefficients: FloatArray
    covariance: FloatArray
    probabilities: FloatArray
    log_likelihood: float
    n: int
    iterations: int
    reason: str


@dataclass(slots=True)
class _Newton:
    """Where the steps are: coefficients on an orthonormal basis, and what follows from them."""

    basis: FloatArray
    onehot: FloatArray
    theta: FloatArray
    log_probabilities: FloatArray
    log_likelihood: float

    @classmethod
    def start(cls, basis: FloatArray, onehot: FloatArray) -> _Newton:
        n, k = onehot.shape
        even = np.full((n, k), -np.log(k))
        return cls(basis, onehot, np.zeros((k - 1, basis.shape[1])), even, -n * float(np.log(k)))

    def derivatives(self) -> tuple[FloatArray, FloatArray]:
        """Return gradient and information, both flat over (group, column)."""
        probabilities = np.exp(self.log_probabilities)
        k, p = self.theta.shape[0] + 1, self.basis.shape[1]
        gradient = ((self.onehot - probabilities)[:, 1:].T @ self.basis).ravel()
        information = np.empty((k - 1, p, k - 1, p))
        for a in range(1, k):
            for b in range(1, a + 1):
                weight = probabilities[:, a] * ((a == b) - probabilities[:, b])
                block = self.basis.T @ (self.basis * weight[:, None])
                information[a - 1, :, b - 1] = block
                information[b - 1, :, a - 1] = block.T
        return gradient, information.reshape((k - 1) * p, (k - 1) * p)

    def move(self, step: FloatArray) -> None:
        """Take the step, or the largest half, quarter, ... of it that does not lose likelihood."""
        lowest = self.log_likelihood - 1e-10 * (1.0 + abs(self.log_likelihood))
        step = step.reshape(self.theta.shape)
        log_probabilities = self._log_probabilities(self.theta + step)
        while (self.onehot * log_probabilities).sum() < lowest:
            step = step / 2.0
            log_probabilities = self._log_probabilities(self.theta + step)
        self.theta, self.log_probabilities = self.theta + step, log_probabilities
        self.log_likelihood = float((self.onehot * log_probabilities).sum())

    def _log_probabilities(self, theta: FloatArray) -> FloatArray:
        odds = np.column_stack([np.zeros(len(self.basis)), self.basis @ theta.T])
        return np.asarray(special.log_softmax(odds, axis=1))

    def extreme(self) -> bool:
        return bool(self.log_probabilities.min() < -_EXTREME)


def fit_multinomial(
    design: FloatArray, codes: IntArray, k: int, *, names: Sequence[str] = ()
) -> MultinomialFit:
    r"""Fit the probability to be in each of k groups on the columns of a design.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        Include the column of ones yourself. NaN is not allowed, and gives no fit.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1; 0 is the reference.
    k : int
        At least 2.
    names : sequence of str
        Names of the columns, for the reason.

    Returns
    -------
    MultinomialFit
        NaN with a reason where a group has nobody, the columns determine each other, or a combination of
        columns separates the groups, so that no finite estimate exists.

    Notes
    -----
    :math:`\log(P_j / P_0) = x'\beta_j`, by maximum likelihood. Columns are made orthonormal before the steps,
    so that units do not matter. Whether the groups are separated is decided exactly, by a linear programme
    that looks for :math:`\beta` with :math:`x'(\beta_g - \beta_h) \ge 0` for every person of group g and
    every other group h, once somebody looks perfectly predicted.

    References
    ----------
    Albert, A., & Anderson, J. A. (1984). On the existence of maximum likelihood estimates in logistic
    regression models. Biometrika, 71, 1-10.

    Examples
    --------
    >>> design = np.ones((6, 1))
    >>> fit = fit_multinomial(design, np.array([0, 0, 0, 1, 1, 2]), 3)
    >>> fit.probabilities[0].round(6).tolist()
    [0.5, 0.333333, 0.166667]
    """
    reason = _unfit(design, codes, k, names)
    if reason:
        return _no_fit(design, k, reason)
    scale = np.sqrt((design**2).mean(axis=0))
    basis, r = np.linalg.qr(design / scale)
    newton, steps, reason = _climb(basis, design / scale, codes, k, names)
    if reason:
        return _no_fit(design, k, reason, steps)
    back = np.linalg.solve(r, np.eye(len(r))) / scale[:, None]
    _, information = newton.derivatives()
    whole = np.kron(np.eye(k - 1), back)
    return MultinomialFit(
        coefficients=newton.theta @ back.T,
        covariance=whole @ np.linalg.pinv(information, hermitian=True) @ whole.T,
        probabilities=np.exp(newton.log_probabilities),
        log_likelihood=newton.log_likelihood,
        n=len(design),
        iterations=steps,
        reason="",
    )


def _climb(
    basis: FloatArray, scaled: FloatArray, codes: IntArray, k: int, names: Sequence[str]
) -> tuple[_Newton, int, str]:
    """Return the end of the Newton steps, how many there were, and why there is no end."""
    newton = _Newton.start(basis, np.eye(k)[codes])
    looked = False
    for steps in range(1, _MOST_STEPS + 1):
        gradient, information = newton.derivatives()
        # The pseudo-inverse, because probabilities of 0 and 1 can leave no information in a direction.
        step = np.linalg.pinv(information, hermitian=True) @ gradient
        newton.move(step)
        settled = float(gradient @ step) < _SETTLED
        if newton.extreme() and not looked:
            looked = True
            reason = separation(scaled, codes, k, names=names)
            if reason:
                return newton, steps, reason
        if settled:
            return newton, steps, ""
    return newton, _MOST_STEPS, f"the model has not settled after {_MOST_STEPS} steps"


def separation(design: FloatArray, codes: IntArray, k: int, *, names: Sequence[str] = ()) -> str:
    """Say whether a combination of columns separates the groups, completely or in part.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        No NaN, columns of similar size.
    codes : ndarray of int, shape (n,)
        0 to k - 1.
    k : int
    names : sequence of str
        Names of the columns, for the answer.

    Returns
    -------
    str
        Which columns separate; empty where none does, so that finite estimates exist.

    Examples
    --------
    >>> design = np.array([[1.0, 1], [1, 2], [1, 3], [1, 4]])
    >>> separation(design, np.array([0, 0, 1, 1]), 2, names=["one", "age"])
    "'age' separates the groups perfectly: no finite estimate"
    >>> separation(design, np.array([0, 1, 0, 1]), 2)
    ''
    """
    # scipy.optimize is slow to import and needed for doubtful data only.
    from scipy.optimize import linprog

    rows = _differences(design, codes, k)
    found = linprog(-rows.sum(axis=0), A_ub=-rows, b_ub=np.zeros(len(rows)), bounds=(-1.0, 1.0))
    if not -found.fun > 1e-6 * len(rows):
        return ""
    p = design.shape[1]
    at_work = (np.abs(found.x.reshape(k - 1, p)) > 1e-6).any(axis=0) & (np.ptp(design, axis=0) > 0)
    who = [column_name(int(place), design, names) for place in np.flatnonzero(at_work)]
    if len(who) == 1:
        return f"{who[0]} separates the groups perfectly: no finite estimate"
    return f"{', '.join(who)} together separate the groups perfectly: no finite estimate"


def _differences(design: FloatArray, codes: IntArray, k: int) -> FloatArray:
    """Return a row for each person and other group: times the coefficients, how far the own group leads."""
    p = design.shape[1]
    rows = []
    for g in range(k):
        own = design[codes == g]
        for h in range(k):
            if h != g:
                row = np.zeros((len(own), k, p))
                row[:, g] = own
                row[:, h] = -own
                rows.append(row[:, 1:].reshape(len(own), (k - 1) * p))
    return np.concatenate(rows)


def _unfit(design: FloatArray, codes: IntArray, k: int, names: Sequence[str]) -> str:
    """Return why nothing can be fitted, before any step is taken."""
    n, p = design.shape
    missing = int((~np.isfinite(design)).any(axis=1).sum())
    if missing:
        return f"{missing} of {n} persons have a missing or infinite covariate"
    empty = np.flatnonzero(np.bincount(codes, minlength=k) == 0)
    if len(empty):
        return f"{len(empty)} of {k} groups have nobody"
    if n <= p:
        return f"{n} persons are too few for {p} coefficients"
    return dependent_column(design, names)


def _no_fit(design: FloatArray, k: int, reason: str, steps: int = 0) -> MultinomialFit:
    n, p = design.shape
    size = (k - 1) * p
    return MultinomialFit(
        coefficients=np.full((k - 1, p), np.nan),
        covariance=np.full((size, size), np.nan),
        probabilities=np.full((n, k), np.nan),
        log_likelihood=np.nan,
        n=n,
        iterations=steps,
        reason=reason,
    )
