"""Is a change or a difference small enough to call it none? Equivalence by two one-sided tests (TOST)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.paired import paired_change
from larstudy.stats.planned_contrasts import pooled_contrasts, welch_contrasts


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivalence:
    """Two one-sided tests of an estimate against a lower and an upper bound.

    Attributes
    ----------
    estimate, std_error, df : float
        What is tested, in its unit.
    lower, upper : float
        The bounds: between them a difference is taken to be too small to matter.
    statistic_lower, p_lower : float
        Test that the estimate is not above the lower bound; a small p speaks for above.
    statistic_upper, p_upper : float
        Test that the estimate is not below the upper bound; a small p speaks for below.
    p_value : float
        The larger of the two.
    equivalent : bool or None
        Whether both p are below ``alpha``; None where there is no test. Not shown to be equivalent does not
        mean shown to differ.
    alpha : float
    conf_low, conf_high : float
        The interval of level 1 - 2 alpha: it lies within the bounds exactly where ``equivalent`` is true.
    reason : str
        Why there is no test; empty where there is.
    """

    estimate: float
    std_error: float
    df: float
    lower: float
    upper: float
    statistic_lower: float
    p_lower: float
    statistic_upper: float
    p_upper: float
    p_value: float
    equivalent: bool | None
    alpha: float
    conf_low: float
    conf_high: float
    reason: str


def equivalence_test(
    estimate: float,
    std_error: float,
    *,
    lower: float,
    upper: float,
    df: float = np.inf,
    alpha: float = 0.05,
    reason: str = "",
) -> Equivalence:
    r"""Test whether an estimate lies between two bounds, by two one-sided t tests.

    Parameters
    ----------
    estimate, std_error : float
        Any estimate with its standard error: of a mean change, a contrast, a coefficient.
    lower, upper : float
        The bounds, in the unit of the estimate, the lower one first. Fix them before the data are seen.
    df : float
        Degrees of freedom of the standard error; infinite gives the normal test.
    alpha : float
        Level of each one-sided test, between 0 and 0.5.
    reason : str
        Why the estimate has no error, if that is known already.

    Returns
    -------
    Equivalence
        NaN and ``equivalent`` None with a reason where error, degrees of freedom or bounds allow no test.

    Notes
    -----
    :math:`t_L = (e - L) / SE`, :math:`p_L = P(T > t_L)`; :math:`t_U = (e - U) / SE`,
    :math:`p_U = P(T < t_U)`; the test rejects where both do.

    References
    ----------
    Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics, 15, 657-680. Lakens, D.
    (2017). Social Psychological and Personality Science, 8, 355-362.

    Examples
    --------
    >>> result = equivalence_test(0.5, 1.0, lower=-3.0, upper=3.0, df=20)
    >>> round(result.p_lower, 6), round(result.p_upper, 6), result.equivalent
    (0.001128, 0.010617, True)
    """
    why = reason or _untestable(estimate, std_error, df, lower, upper, alpha)
    if why:
        std_error, df = np.nan, np.nan
    above, below = (estimate - lower) / std_error, (estimate - upper) / std_error
    p_lower, p_upper = float(special.stdtr(df, -above)), float(special.stdtr(df, below))
    p_value = float(np.maximum(p_lower, p_upper))
    margin = float(-special.stdtrit(df, alpha)) * std_error
    return Equivalence(
        estimate=float(estimate),
        std_error=float(std_error),
        df=float(df),
        lower=lower,
        upper=upper,
        statistic_lower=float(above),
        p_lower=p_lower,
        statistic_upper=float(below),
        p_upper=p_upper,
        p_value=p_value,
        equivalent=None if why else p_value < alpha,
        alpha=alpha,
        conf_low=float(estimate - margin),
        conf_high=float(estimate + margin),
        reason=why,
    )


def _untestable(
    estimate: float, std_error: float, df: float, lower: float, upper: float, alpha: float
) -> str:
    if not lower < upper:
        return "the lower bound is not below the upper one"
    if not 0.0 < alpha < 0.5:
        return "alpha is not between 0 and 0.5"
    if not np.isfinite(estimate):
        return "there is no estimate"
    if not 0.0 < std_error < np.inf:
        return "the estimate has no standard error above zero: no test"
    return "" if df > 0 else "no degrees of freedom: no test"


def paired_equivalence(
    before: FloatArray, after: FloatArray, *, lower: float, upper: float, alpha: float = 0.05
) -> Equivalence:
    """Test whether the mean change of the same persons lies between two bounds.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        The same persons in the same order. NaN is not dropped: the test is then NaN, with a reason.
    lower, upper : float
        Bounds of the mean change (after minus before), in the unit of the score.
    alpha : float
        Level of each one-sided test.

    Returns
    -------
    Equivalence

    Examples
    --------
    >>> result = paired_equivalence(np.array([1.0, 2, 3, 4]), np.array([2.0, 2, 3, 5]), lower=-2.0, upper=2.0)
    >>> result.estimate, result.df, round(result.p_value, 6)
    (0.5, 3.0, 0.006923)
    """
    if not (np.isfinite(before).all() and np.isfinite(after).all()):
        return equivalence_test(
            np.nan,
            np.nan,
            lower=lower,
            upper=upper,
            alpha=alpha,
            reason="there are missing or infinite values",
        )
    change = paired_change(before, after)
    return equivalence_test(
        change.estimate,
        change.std_error,
        lower=lower,
        upper=upper,
        df=change.df,
        alpha=alpha,
        reason="" if np.isfinite(change.std_error) else change.reason,
    )


def group_equivalence(
    first: FloatArray,
    second: FloatArray,
    *,
    lower: float,
    upper: float,
    spread: Literal["welch", "pooled"] = "welch",
    alpha: float = 0.05,
) -> Equivalence:
    """Test whether the difference between two groups of persons lies between two bounds.

    Parameters
    ----------
    first, second : ndarray, shapes (n1,), (n2,)
        NaN is not dropped: the test is then NaN, with a reason.
    lower, upper : float
        Bounds of the difference, the mean of the first minus that of the second.
    spread : {"welch", "pooled"}
        Each group its own spread, or one for both.
    alpha : float
        Level of each one-sided test.

    Returns
    -------
    Equivalence

    Examples
    --------
    >>> result = group_equivalence(np.array([1.0, 2, 3]), np.array([2.0, 3, 4, 3]), lower=-4.0, upper=4.0)
    >>> result.estimate, round(result.df, 6), round(result.p_value, 6)
    (-1.0, 3.857143, 0.007149)
    """
    response = np.concatenate([first, second])
    codes = np.repeat([0, 1], [len(first), len(second)])
    contrast = welch_contrasts if spread == "welch" else pooled_contrasts
    tests = contrast(response, codes, np.array([1.0, -1.0]))
    return equivalence_test(
        float(tests.estimate[0]),
        float(tests.std_error[0]),
        lower=lower,
        upper=upper,
        df=float(tests.df[0]),
        alpha=alpha,
        reason=tests.reasons[0],
    )
