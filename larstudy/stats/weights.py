"""Weights that let those who were seen stand for those who were lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray
from larstudy.stats.attrition import in_words_of_loss
from larstudy.stats.designs import with_intercept
from larstudy.stats.logistic import fit_logistic


@dataclass(frozen=True, slots=True, kw_only=True)
class AttritionWeights:
    """Stabilised inverse-probability-of-attrition weights.

    Attributes
    ----------
    weights : ndarray, shape (n,)
        Zero for the lost; NaN for everybody where there are none.
    probabilities : ndarray, shape (n,)
        Fitted probability to be seen, given the covariates.
    stabiliser : ndarray, shape (n,)
        Fitted probability to be seen, given the covariates of the numerator only.
    trimmed_low, trimmed_high : float
        The weights that smaller and larger ones were set to; NaN where nothing is trimmed.
    n_trimmed : int
        Persons whose weight was changed by trimming.
    mean, largest : float
        Of the weights of the seen, after trimming. A mean far from 1 speaks against the model.
    effective_n : float
        ``(sum w)^2 / sum w^2``: how many persons of equal weight tell as much.
    n, n_seen : int
    left_out : ndarray of bool, shape (p,)
        Covariates that are the same for everybody, and so foretell nothing.
    reason : str
        Why there are no weights, or why they are all one; empty otherwise.
    """

    weights: FloatArray
    probabilities: FloatArray
    stabiliser: FloatArray
    trimmed_low: float
    trimmed_high: float
    n_trimmed: int
    mean: float
    largest: float
    effective_n: float
    n: int
    n_seen: int
    left_out: BoolArray
    reason: str


def effective_sample_size(weights: FloatArray) -> float:
    """Return how many persons of equal weight tell as much as these, by Kish's formula.

    Parameters
    ----------
    weights : ndarray
        Not negative; zeros count for nobody. NaN gives NaN, and so do weights that are all zero.

    Examples
    --------
    >>> effective_sample_size(np.array([1.0, 1.0, 2.0, 0.0]))
    2.6666666666666665
    """
    largest = float(weights.max(initial=0.0))
    if not largest > 0:
        return np.nan
    # Over the largest, so that squares neither overflow nor vanish.
    shares = weights / largest
    return float(shares.sum() ** 2 / (shares @ shares))


def attrition_weights(
    covariates: FloatArray,
    seen: BoolArray,
    *,
    numerator: FloatArray | None = None,
    trim: tuple[float, float] | None = None,
    least_effective: float = 0.2,
    names: Sequence[str] = (),
) -> AttritionWeights:
    r"""Weigh those who were seen so that they resemble everybody who started.

    Parameters
    ----------
    covariates : ndarray, shape (n, p)
        What may foretell being lost, without a column of ones. NaN is not allowed: it gives no weights.
    seen : ndarray of bool, shape (n,)
    numerator : ndarray, shape (n, q), optional
        Covariates of the stabiliser, such as group dummies; they should be among ``covariates`` too, and in
        the model that the weights are for. Without them the stabiliser is the share of the seen.
    trim : (float, float), optional
        Percentiles between 0 and 100, such as (1, 99): weights beyond them are set to them.
    least_effective : float
        Between 0 and 1: the weights count as exploded where they leave less than this share of the seen.
    names : sequence of str
        Names of the covariates, for the reason.

    Returns
    -------
    AttritionWeights
        NaN with a reason where nobody was seen, a model cannot be fitted, or the weights explode (then the
        probabilities, the effective size and the largest weight are given still). Where nobody was lost every
        weight is exactly 1, and ``reason`` says so.

    Notes
    -----
    :math:`w_i = P(\text{seen} \mid \text{numerator}) / P(\text{seen} \mid x_i)` for the seen, by logistic
    regressions. They remove bias only where being lost depends on ``covariates`` and nothing else, and
    everybody could have been seen. Percentiles are by linear interpolation (R's type 7), among the seen.

    References
    ----------
    Robins, J. M., Hernan, M. A., & Brumback, B. (2000). Epidemiology, 11, 550-560. Cole, S. R., &
    Hernan, M. A. (2008). Constructing inverse probability weights for marginal structural models. American
    Journal of Epidemiology, 168, 656-664.

    Examples
    --------
    >>> far = np.array([[0.0], [0], [0], [0], [1], [1], [1], [1]])
    >>> seen = np.array([True, True, True, False, True, False, False, False])
    >>> found = attrition_weights(far, seen)
    >>> found.weights.round(6).tolist()  # (1/2) / (3/4) and (1/2) / (1/4)
    [0.666667, 0.666667, 0.666667, 0.0, 2.0, 0.0, 0.0, 0.0]
    """
    seen = np.asarray(seen, dtype=bool)
    left_out = with_intercept(covariates).left_out
    if not seen.any():
        nan = np.full(len(seen), np.nan)
        return _result(seen, nan, nan, left_out, reason="nobody was seen: nobody to weigh")
    if seen.all():
        one = np.ones(len(seen))
        return _result(seen, one, one, left_out, reason="nobody was lost: every weight is 1")
    probabilities, reason = _probability_of(seen, covariates, names)
    stabiliser = np.full(len(seen), seen.mean())
    if numerator is not None and not reason:
        stabiliser, reason = _probability_of(seen, numerator, ())
        reason = f"the numerator: {reason}" if reason else ""
    return _result(seen, probabilities, stabiliser, left_out, reason=reason, trim=trim, least=least_effective)


def _probability_of(seen: BoolArray, covariates: FloatArray, names: Sequence[str]) -> tuple[FloatArray, str]:
    design = with_intercept(covariates, names)
    fit = fit_logistic(design.columns, seen, names=design.names)
    return fit.probabilities, in_words_of_loss(fit)


def _result(
    seen: BoolArray,
    probabilities: FloatArray,
    stabiliser: FloatArray,
    left_out: BoolArray,
    *,
    reason: str,
    trim: tuple[float, float] | None = None,
    least: float = 0.0,
) -> AttritionWeights:
    """Return the weights that follow from the probabilities, trimmed, with what they amount to."""
    raw = stabiliser[seen] / probabilities[seen]
    low, high, n_seen = np.nan, np.nan, int(np.count_nonzero(seen))
    known = n_seen > 0 and not np.isnan(raw).any()
    kept = raw
    if trim is not None and known:
        low, high = (float(limit) for limit in np.percentile(raw, trim))
        kept = np.clip(raw, low, high)
    effective = effective_sample_size(kept)
    largest = float(kept.max()) if known else np.nan
    if not reason and effective < least * n_seen:
        reason = (
            f"the weights explode: {n_seen} seen count as {effective:.1f}, the largest weight is "
            f"{largest:.1f}; trim them, or let fewer covariates foretell who was lost"
        )
        kept = np.full(n_seen, np.nan)
    weights = np.zeros(len(seen))
    weights[seen] = kept
    return AttritionWeights(
        weights=np.full(len(seen), np.nan) if np.isnan(kept).any() or not n_seen else weights,
        probabilities=probabilities,
        stabiliser=stabiliser,
        trimmed_low=low,
        trimmed_high=high,
        n_trimmed=int(np.count_nonzero((raw < low) | (raw > high))),
        mean=float(kept.mean()) if known else np.nan,
        largest=largest,
        effective_n=effective,
        n=len(seen),
        n_seen=n_seen,
        left_out=left_out,
        reason=reason,
    )
