"""E-values: how strong an unmeasured confounder must be to explain an association away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Turns a standardised mean difference into about a log risk ratio (VanderWeele and Ding, after Chinn).
_TO_LOG_RISK_RATIO = 0.91


@dataclass(frozen=True, slots=True, kw_only=True)
class EValue:
    """An E-value, of an estimate and of the interval limit nearest to no association.

    Attributes
    ----------
    e_value : float
        At least 1. A confounder associated with both group and outcome by risk ratios of this size each,
        beyond the measured covariates, could explain the estimate away; weaker ones could not.
    e_value_limit : float
        The same for moving the interval to include no association; 1 where it includes it already.
    risk_ratio, risk_ratio_low, risk_ratio_high : float
        What the E-values were computed of.
    reason : str
        Why numbers are NaN; empty where none is.
    """

    e_value: float
    e_value_limit: float
    risk_ratio: float
    risk_ratio_low: float
    risk_ratio_high: float
    reason: str


def e_value_of_risk_ratio(risk_ratio: float, *, low: float = np.nan, high: float = np.nan) -> EValue:
    r"""Return the E-value of a risk ratio.

    Parameters
    ----------
    risk_ratio : float
        Above 0; below 1 it is inverted first.
    low, high : float
        Its confidence limits; NaN where there are none, and then ``e_value_limit`` is NaN.

    Returns
    -------
    EValue
        NaN with a reason where the ratio is not a finite number above 0, or lies outside its limits.

    Notes
    -----
    :math:`E = RR + \sqrt{RR (RR - 1)}`. It assumes nothing of the confounder; it is a statement of what
    would be needed, not of what is likely.

    References
    ----------
    VanderWeele, T. J., & Ding, P. (2017). Sensitivity analysis in observational research: introducing the
    E-value. Annals of Internal Medicine, 167, 268-274.

    Examples
    --------
    >>> found = e_value_of_risk_ratio(3.9, low=1.8, high=8.7)
    >>> round(found.e_value, 2), round(found.e_value_limit, 2)
    (7.26, 3.0)
    """
    reason = _refused(risk_ratio, low, high)
    limit = np.nan
    if not reason:
        nearest = low if risk_ratio >= 1 else high
        if not np.isnan(nearest):
            limit = 1.0 if (nearest <= 1) == (risk_ratio >= 1) else _e_value(nearest)
    return EValue(
        e_value=np.nan if reason else _e_value(risk_ratio),
        e_value_limit=limit,
        risk_ratio=risk_ratio,
        risk_ratio_low=low,
        risk_ratio_high=high,
        reason=reason,
    )


def e_value_of_difference(d: float, *, low: float = np.nan, high: float = np.nan) -> EValue:
    r"""Return the E-value of a standardised mean difference, by way of an approximate risk ratio.

    Parameters
    ----------
    d : float
        Difference of two means in standard deviations; 0 is no association.
    low, high : float
        Its confidence limits; NaN where there are none.

    Returns
    -------
    EValue
        ``risk_ratio`` is :math:`\exp(0.91\,d)`, and its limits likewise.

    Notes
    -----
    VanderWeele and Ding write the limits as :math:`\exp(0.91\,d \mp 1.78\,s_d)`; 1.78 is 0.91 times 1.96,
    rounded. Here the limits themselves are turned, so intervals other than :math:`d \mp 1.96\,s_d` can be.
    The approximation takes the outcome to be about normal, split near its middle.

    References
    ----------
    VanderWeele, T. J., & Ding, P. (2017). Annals of Internal Medicine, 167, 268-274. Chinn, S. (2000). A
    simple method for converting an odds ratio to effect size for use in meta-analysis. Statistics in
    Medicine, 19, 3127-3131.

    Examples
    --------
    >>> found = e_value_of_difference(0.5, low=-0.1, high=1.1)
    >>> round(found.risk_ratio, 6), round(found.e_value, 6), found.e_value_limit
    (1.576173, 2.529142, 1.0)
    """
    # Beyond the largest number a ratio is infinite, and refused as such.
    with np.errstate(over="ignore"):
        ratio, ratio_low, ratio_high = np.exp(_TO_LOG_RISK_RATIO * np.array([d, low, high]))
    return e_value_of_risk_ratio(float(ratio), low=float(ratio_low), high=float(ratio_high))


def _refused(risk_ratio: float, low: float, high: float) -> str:
    if not (np.isfinite(risk_ratio) and risk_ratio > 0):
        return "the risk ratio is not a finite number above 0"
    if low > risk_ratio or high < risk_ratio:
        return "the estimate lies outside its interval"
    return ""


def _e_value(risk_ratio: float) -> float:
    ratio = risk_ratio if risk_ratio >= 1 else (1.0 / risk_ratio if risk_ratio > 0 else np.inf)
    # ratio (1 + sqrt(1 - 1/ratio)): the same number, without a square that could overflow.
    return float(ratio * (1.0 + np.sqrt(1.0 - 1.0 / ratio)))
