"""Logistic regression of a yes or no, with odds ratios and how well it tells the two apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.multinomial import fit_multinomial


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticFit:
    """A logistic regression.

    Attributes
    ----------
    coefficients : ndarray, shape (p,)
        Log odds ratios, one a column of the design; NaN where there is no fit.
    covariance : ndarray, shape (p, p)
        The inverse of the observed information.
    probabilities : ndarray, shape (n,)
        Of a yes.
    log_likelihood : float
    n, events : int
        Persons, and how many of them are a yes.
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
    events: int
    iterations: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticTerms:
    """Coefficients with tests and odds ratios; each array has shape (p,).

    Attributes
    ----------
    estimate, std_error, conf_low, conf_high : ndarray
        Log odds ratio, its standard error and its interval.
    statistic, p_value : ndarray
        Wald's z and its two-sided p, by the normal distribution.
    odds_ratio, odds_ratio_low, odds_ratio_high : ndarray
        The exponentials of estimate and interval.
    reason : str
        Why the numbers are NaN; empty where they are not.
    """

    estimate: FloatArray
    std_error: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    odds_ratio: FloatArray
    odds_ratio_low: FloatArray
    odds_ratio_high: FloatArray
    reason: str


def fit_logistic(design: FloatArray, response: BoolArray, *, names: Sequence[str] = ()) -> LogisticFit:
    """Fit the probability of a yes on the columns of a design.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        Include the column of ones yourself. NaN is not allowed, and gives no fit.
    response : ndarray of bool, shape (n,)
    names : sequence of str
        Names of the columns, for the reason.

    Returns
    -------
    LogisticFit
        NaN with a reason where everybody or nobody is a yes, the columns determine each other, or they
        separate yes from no perfectly, so that no finite estimate exists.

    Notes
    -----
    Maximum likelihood; see `fit_multinomial`, of which this is the case of two groups.

    Examples
    --------
    >>> design = np.array([[1.0, 0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1]])
    >>> fit = fit_logistic(design, np.array([True, False, False, True, True, False]))
    >>> fit.coefficients.round(6).tolist()  # log(1/2) and log(2 / (1/2))
    [-0.693147, 1.386294]
    """
    events = int(np.count_nonzero(response))
    n = len(response)
    fit = fit_multinomial(design, np.asarray(response, dtype=np.intp), 2, names=names)
    reason = fit.reason
    if events in (0, n):
        reason = (
            "nobody is a yes: nothing to model" if events == 0 else "everybody is a yes: nothing to model"
        )
    return LogisticFit(
        coefficients=fit.coefficients[0],
        covariance=fit.covariance,
        probabilities=fit.probabilities[:, 1],
        log_likelihood=fit.log_likelihood,
        n=n,
        events=events,
        iterations=fit.iterations,
        reason=reason,
    )


def logistic_terms(fit: LogisticFit, *, level: float = 0.95) -> LogisticTerms:
    """Return the coefficients with Wald tests, intervals and odds ratios.

    Parameters
    ----------
    fit : LogisticFit
    level : float
        Confidence level.

    Returns
    -------
    LogisticTerms
        NaN with the reason of the fit where there is none.

    Notes
    -----
    Intervals are ``estimate -+ z std_error`` (R's ``confint.default``), not by the profile of the likelihood.

    Examples
    --------
    >>> design = np.array([[1.0, 0], [1, 0], [1, 0], [1, 1], [1, 1], [1, 1]])
    >>> fit = fit_logistic(design, np.array([True, False, False, True, True, False]))
    >>> logistic_terms(fit).odds_ratio.round(6).tolist()
    [0.5, 4.0]
    """
    estimate = fit.coefficients
    error = np.sqrt(np.diag(fit.covariance))
    statistic = estimate / error
    margin = float(special.ndtri(0.5 + level / 2.0)) * error
    # A covariate in tiny units can have an odds ratio beyond the largest number: that is infinity.
    with np.errstate(over="ignore"):
        ratio, low, high = np.exp(estimate), np.exp(estimate - margin), np.exp(estimate + margin)
    return LogisticTerms(
        estimate=estimate,
        std_error=error,
        statistic=statistic,
        p_value=np.asarray(2.0 * special.ndtr(-np.abs(statistic))),
        conf_low=estimate - margin,
        conf_high=estimate + margin,
        odds_ratio=ratio,
        odds_ratio_low=low,
        odds_ratio_high=high,
        reason=fit.reason,
    )


def area_under_curve(score: FloatArray, response: BoolArray) -> float:
    """Return how often a random yes scores higher than a random no; ties count half.

    Parameters
    ----------
    score : ndarray, shape (n,)
        Any number that should be higher for a yes, such as fitted probabilities.
    response : ndarray of bool, shape (n,)

    Returns
    -------
    float
        The area under the receiver operating characteristic: 0.5 is chance, 1 perfect. NaN where there is
        no yes or no no, or a score is NaN.

    Notes
    -----
    The Mann-Whitney statistic over the number of pairs, from midranks.

    References
    ----------
    Hanley, J. A., & McNeil, B. J. (1982). Radiology, 143, 29-36.

    Examples
    --------
    >>> area_under_curve(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True]))
    0.875
    """
    events = int(np.count_nonzero(response))
    others = len(response) - events
    if events == 0 or others == 0 or bool(np.isnan(score).any()):
        return np.nan
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    midranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    ranks = float(midranks[response].sum())
    return (ranks - events * (events + 1) / 2.0) / (events * others)
