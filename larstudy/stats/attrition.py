"""Who was lost: how they differed at the start from those who were seen, and what foretold it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.designs import with_intercept
from larstudy.stats.logistic import LogisticFit, area_under_curve, fit_logistic, logistic_terms

Kind = Literal["numeric", "binary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardisedDifferences:
    """How far the lost stood from the seen at the start; each array has shape (p,), one a covariate.

    Attributes
    ----------
    n_lost, n_seen : ndarray
        Persons whose covariate is known.
    missing_lost, missing_seen : ndarray
        Persons whose covariate is not known; they are in none of the numbers beside it.
    lost_mean, seen_mean : ndarray
        Means; of a binary covariate, the shares.
    lost_sd, seen_sd : ndarray
        SDs (n - 1); of a binary covariate ``sqrt(p (1 - p))``.
    estimate : ndarray
        Mean of the lost minus mean of the seen, in the unit of the covariate.
    d_rms, d_rms_low, d_rms_high : ndarray
        The difference over the root mean square of the two SDs, and its interval.
    reasons : tuple of str
        One a covariate: why its ``d_rms`` is NaN; empty where it is not.
    reason : str
        Why there is nothing at all; empty where there is.
    """

    n_lost: FloatArray
    n_seen: FloatArray
    missing_lost: FloatArray
    missing_seen: FloatArray
    lost_mean: FloatArray
    seen_mean: FloatArray
    lost_sd: FloatArray
    seen_sd: FloatArray
    estimate: FloatArray
    d_rms: FloatArray
    d_rms_low: FloatArray
    d_rms_high: FloatArray
    reasons: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoricalDifference:
    """How the lost were spread over the levels of a category, against the seen.

    Attributes
    ----------
    levels : StandardisedDifferences
        Each level as a yes or no; arrays of shape (k,).
    d_mahalanobis : float
        All levels at once: the Mahalanobis distance of the two sets of shares. Never negative.
    reason : str
        Why ``d_mahalanobis`` is NaN; empty where it is not.
    """

    levels: StandardisedDifferences
    d_mahalanobis: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostModel:
    """A logistic model of being lost; numbers of shape (1 + p,), the intercept first.

    Attributes
    ----------
    estimate, std_error, statistic, p_value, conf_low, conf_high : ndarray
        Log odds ratio of being lost, Wald's z and p, and the interval.
    odds_ratio, odds_ratio_low, odds_ratio_high : ndarray
        Above 1: more of it, more often lost.
    left_out : ndarray of bool, shape (p,)
        Covariates that are the same for everybody, and so are not in the model; their numbers are NaN.
    area_under_curve : float
        How often a lost person had the higher fitted probability than a seen one.
    n, n_lost : int
    reason : str
        Why there is no model; empty where there is.
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
    left_out: BoolArray
    area_under_curve: float
    n: int
    n_lost: int
    reason: str


def standardised_differences(
    covariates: FloatArray, lost: BoolArray, *, kinds: Sequence[Kind] = (), level: float = 0.95
) -> StandardisedDifferences:
    r"""Return how far the lost stood from the seen at the start, in standard deviations.

    Parameters
    ----------
    covariates : ndarray, shape (n, p)
        NaN is allowed: who has none is left out of that covariate only, and counted.
    lost : ndarray of bool, shape (n,)
    kinds : sequence of {"numeric", "binary"}
        One a covariate; all numeric where it is empty. Binary covariates hold 0 and 1.
    level : float
        Confidence level.

    Returns
    -------
    StandardisedDifferences
        Positive where the lost had more.

    Notes
    -----
    :math:`d = (\bar x_1 - \bar x_0) / \sqrt{(s_1^2 + s_0^2) / 2}`, where :math:`s^2` of a binary covariate is
    :math:`p(1 - p)`. The interval is :math:`d \mp z \sqrt{(n_1 + n_0)/(n_1 n_0) + d^2 / (2(n_1 + n_0))}`, a
    large-sample formula. The standardiser is not the pooled SD of a t test, so that it does not
    depend on how many were lost. It describes; it is no test of whether being lost was by chance.

    References
    ----------
    Austin, P. C. (2009). Balance diagnostics for comparing the distribution of baseline covariates between
    treatment groups in propensity-score matched samples. Statistics in Medicine, 28, 3083-3107.

    Examples
    --------
    >>> age = np.array([[20.0], [30], [40], [30], [40], [50]])
    >>> found = standardised_differences(age, np.array([True, True, True, False, False, False]))
    >>> found.estimate.tolist(), found.d_rms.tolist()
    ([-10.0], [-1.0])
    """
    binary = np.array([kind == "binary" for kind in kinds or ["numeric"] * covariates.shape[1]], dtype=bool)
    one, two = _moments(covariates[lost], binary), _moments(covariates[~lost], binary)
    spread = np.sqrt((one.sd**2 + two.sd**2) / 2.0)
    reasons = tuple(_why_not(n1, n0, s) for n1, n0, s in zip(one.n, two.n, spread, strict=True))
    d = _divide(one.mean - two.mean, np.where([bool(r) for r in reasons], np.nan, spread))
    total = one.n + two.n
    error = np.sqrt(_divide(total, one.n * two.n) + _divide(d**2, 2.0 * total))
    margin = float(special.ndtri(0.5 + level / 2.0)) * error
    return StandardisedDifferences(
        n_lost=one.n,
        n_seen=two.n,
        missing_lost=np.count_nonzero(lost) - one.n,
        missing_seen=np.count_nonzero(~lost) - two.n,
        lost_mean=one.mean,
        seen_mean=two.mean,
        lost_sd=one.sd,
        seen_sd=two.sd,
        estimate=one.mean - two.mean,
        d_rms=d,
        d_rms_low=d - margin,
        d_rms_high=d + margin,
        reasons=reasons,
        reason=_nobody(lost),
    )


@dataclass(slots=True)
class _Moments:
    n: FloatArray
    mean: FloatArray
    sd: FloatArray


def _moments(values: FloatArray, binary: BoolArray) -> _Moments:
    """Return how many are known, their means and their SDs, column by column."""
    known = ~np.isnan(values)
    n = known.sum(axis=0).astype(float)
    mean = _divide(np.where(known, values, 0.0).sum(axis=0), n)
    centred = np.where(known, values - mean, 0.0)
    squares = (centred**2).sum(axis=0)
    sd = np.sqrt(_divide(squares, np.where(binary, n, n - 1.0)))
    rounding = 16 * np.finfo(float).eps * np.abs(np.where(known, values, 0.0)).max(axis=0, initial=0.0)
    return _Moments(n, mean, np.where(sd <= rounding, 0.0, sd))


def _divide(top: FloatArray, bottom: FloatArray) -> FloatArray:
    """Divide, with NaN where nothing or less stands below."""
    safe = bottom > 0
    return np.where(safe, top / np.where(safe, bottom, 1.0), np.nan)


def _nobody(lost: BoolArray) -> str:
    if not len(lost):
        return "nobody at all"
    if lost.all():
        return "everybody was lost: nobody to compare with"
    return "" if lost.any() else "nobody was lost"


def _why_not(n_lost: float, n_seen: float, spread: float) -> str:
    if n_lost == 0 or n_seen == 0:
        return f"known for none of the {'lost' if n_lost == 0 else 'seen'}"
    if np.isnan(spread):
        return f"known for one of the {'lost' if n_lost == 1 else 'seen'} only: no spread"
    return "" if spread > 0 else "no spread among the lost, none among the seen"


def categorical_difference(
    codes: FloatArray, lost: BoolArray, k: int, *, level: float = 0.95
) -> CategoricalDifference:
    """Return how the lost were spread over k levels against the seen: each level, and all at once.

    Parameters
    ----------
    codes : ndarray of float, shape (n,)
        0 to k - 1; NaN is allowed, left out and counted.
    lost : ndarray of bool, shape (n,)
    k : int
        Levels.
    level : float
        Confidence level.

    Returns
    -------
    CategoricalDifference

    Notes
    -----
    All at once: ``sqrt(d' S^- d)`` with ``d`` the differences of the shares and ``S`` the mean of the two
    multinomial covariance matrices of one person, by the pseudo-inverse. With two levels it is the size of
    ``d_rms``.

    References
    ----------
    Yang, D., & Dalton, J. E. (2012). A unified approach to measuring the effect size between two groups using
    SAS. SAS Global Forum 2012, paper 335.

    Examples
    --------
    >>> lost = np.array([True] * 4 + [False] * 4)
    >>> found = categorical_difference(np.array([0.0, 0, 0, 1, 0, 1, 1, 1]), lost, 2)
    >>> found.levels.d_rms.round(6).tolist(), round(found.d_mahalanobis, 6)
    ([1.154701, -1.154701], 1.154701)
    """
    onehot = np.where(np.isnan(codes)[:, None], np.nan, codes[:, None] == np.arange(k))
    levels = standardised_differences(onehot, lost, kinds=["binary"] * k, level=level)
    distance, reason = np.nan, levels.reason
    if not reason and (levels.n_lost[0] == 0 or levels.n_seen[0] == 0):
        reason = levels.reasons[0]
    if not reason:
        shares = (levels.lost_mean, levels.seen_mean)
        spread = np.mean([np.diag(p) - np.outer(p, p) for p in shares], axis=0)
        if np.abs(spread).max() <= 1e-12:
            reason = "no spread among the lost, none among the seen"
        else:
            inverse = np.linalg.pinv(spread, rcond=1e-10, hermitian=True)
            distance = float(np.sqrt(levels.estimate @ inverse @ levels.estimate))
    return CategoricalDifference(levels=levels, d_mahalanobis=distance, reason=reason)


def lost_model(
    covariates: FloatArray, lost: BoolArray, *, names: Sequence[str] = (), level: float = 0.95
) -> LostModel:
    """Model who was lost by logistic regression on what was known at the start.

    Parameters
    ----------
    covariates : ndarray, shape (n, p)
        Without a column of ones; categories as dummies. NaN is not allowed: it gives no model.
    lost : ndarray of bool, shape (n,)
    names : sequence of str
        Names of the covariates, for the reason.
    level : float
        Confidence level.

    Returns
    -------
    LostModel
        NaN with a reason where nobody or everybody was lost, covariates determine each other, or they
        foretell perfectly who was lost.

    Notes
    -----
    ``log(P(lost) / P(seen)) = b0 + x'b``; covariates that are the same for everybody are not in it.

    Examples
    --------
    >>> far = np.array([[0.0], [0], [0], [1], [1], [1]])
    >>> found = lost_model(far, np.array([True, False, False, True, True, False]))
    >>> found.odds_ratio.round(6).tolist(), round(found.area_under_curve, 6)
    ([0.5, 4.0], 0.666667)
    """
    lost = np.asarray(lost, dtype=bool)
    design = with_intercept(covariates, names)
    fit = fit_logistic(design.columns, lost, names=design.names)
    found = logistic_terms(fit, level=level)
    return LostModel(
        estimate=design.spread(found.estimate),
        std_error=design.spread(found.std_error),
        statistic=design.spread(found.statistic),
        p_value=design.spread(found.p_value),
        conf_low=design.spread(found.conf_low),
        conf_high=design.spread(found.conf_high),
        odds_ratio=design.spread(found.odds_ratio),
        odds_ratio_low=design.spread(found.odds_ratio_low),
        odds_ratio_high=design.spread(found.odds_ratio_high),
        left_out=design.left_out,
        # Rounded, because persons with the same covariates must tie.
        area_under_curve=area_under_curve(fit.probabilities.round(12), lost),
        n=fit.n,
        n_lost=fit.events,
        reason=_nobody(lost) or in_words_of_loss(fit),
    )


def in_words_of_loss(fit: LogisticFit) -> str:
    """Return the reason of a fit, speaking of the lost and the seen.

    Examples
    --------
    >>> far = np.array([[1.0, 0], [1, 0], [1, 1], [1, 1]])
    >>> in_words_of_loss(fit_logistic(far, far[:, 1] == 1, names=["one", "far"]))
    "'far' separates the lost from the seen perfectly: no finite estimate"
    """
    return fit.reason.replace("the groups perfectly", "the lost from the seen perfectly")
