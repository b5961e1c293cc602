"""What tests assume, looked at: spread, shape and slopes. Nothing here chooses a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.group_moments import group_moments, how_many
from larstudy.stats.groups import one_way
from larstudy.stats.linear import FTest, f_test, fit_linear, no_f_test
from larstudy.stats.paired import same_to_rounding

SPREAD_INFORMS: Final = (
    "Whether the groups differ in spread. It informs about how far one pooled error fits all groups; "
    "a large p does not show equal spreads, and Welch's tests do not need them."
)
NORMALITY_INFORMS: Final = (
    "Whether the values look drawn from a normal distribution. It informs about small samples, where t "
    "intervals lean on the shape; in large samples tiny departures give a small p and matter little."
)
SLOPES_INFORMS: Final = (
    "Whether the outcome rises with the baseline alike in all groups. It informs about whether one adjusted "
    "difference holds at every baseline; where slopes differ, it holds at the mean baseline only."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumptionCheck:
    """An F test of an assumption, and what it informs about.

    Attributes
    ----------
    test : FTest
        A small p speaks against the assumption; a large one does not prove it.
    informs_about : str
        In plain words.
    """

    test: FTest
    informs_about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalityCheck:
    """The shape of a sample against the normal distribution.

    Attributes
    ----------
    n : int
    skewness, skewness_error, skewness_z : float
        Positive where the right tail is longer; its standard error under normality, and their ratio.
    kurtosis, kurtosis_error, kurtosis_z : float
        Excess over the normal: positive where the tails are heavier.
    shapiro_w, shapiro_p : float
        Shapiro-Wilk, for 3 to 5,000 values.
    informs_about : str
        In plain words.
    reason : str
        Why numbers are NaN, all or a part; empty where none is.
    """

    n: int
    skewness: float
    skewness_error: float
    skewness_z: float
    kurtosis: float
    kurtosis_error: float
    kurtosis_z: float
    shapiro_w: float
    shapiro_p: float
    informs_about: str
    reason: str


def equal_spread(
    response: FloatArray,
    codes: IntArray,
    k: int,
    *,
    centre: Literal["median", "mean"] = "median",
) -> AssumptionCheck:
    """Test that groups have the same spread (Brown-Forsythe about the medians, Levene about the means).

    Parameters
    ----------
    response : ndarray, shape (n,)
        NaN is not dropped: the test is then NaN, with a reason.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
    centre : {"median", "mean"}
        The median holds its level for skewed values.

    Returns
    -------
    AssumptionCheck
        NaN with a reason where a group has fewer than two persons (one alone is always at its centre), or
        where in every group all are equally far from it.

    Notes
    -----
    The one-way F of the distances from the centre of the own group; R's ``car::leveneTest``, which lets
    groups of one person in.

    References
    ----------
    Brown, M. B., & Forsythe, A. B. (1974). Journal of the American Statistical Association, 69, 364-367.

    Examples
    --------
    >>> codes = np.repeat([0, 1], 4)
    >>> check = equal_spread(np.array([1.0, 2, 3, 5, 0, 4, 5, 13]), codes, 2)
    >>> round(check.test.statistic, 6), check.test.df
    (1.299465, 6)
    """
    moments = group_moments(response, codes, k)
    few = moments.counts < 2
    if k < 2:
        test = no_f_test("one group only: nothing to compare", k - 1)
    elif moments.reason:
        test = no_f_test(moments.reason, k - 1)
    elif few.any():
        test = no_f_test(
            how_many(few, "has", "have") + " fewer than two persons: no spread of its own", k - 1
        )
    else:
        parts = [response[codes == group] for group in range(k)]
        centres = np.array([np.median(part) if centre == "median" else part.mean() for part in parts])
        test = one_way(np.abs(response - centres[codes]), codes, k, response).test()
    return AssumptionCheck(test=test, informs_about=SPREAD_INFORMS)


def equal_slopes(response: FloatArray, codes: IntArray, k: int, baseline: FloatArray) -> AssumptionCheck:
    """Test that the response rises with the baseline alike in all groups, as ANCOVA assumes.

    Parameters
    ----------
    response : ndarray, shape (n,)
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
    baseline : ndarray, shape (n,)
        The covariate. NaN, in either, is not dropped: the test is then NaN, with a reason.

    Returns
    -------
    AssumptionCheck
        With k - 1 and n - 2 k degrees of freedom. NaN with a reason where a group has fewer than two persons,
        or the same baseline for everybody: it has no slope.

    Notes
    -----
    The F of group x baseline: ``anova(lm(y ~ group + baseline), lm(y ~ group * baseline))`` in R.

    Examples
    --------
    >>> codes, baseline = np.repeat([0, 1], 4), np.array([1.0, 2, 3, 4, 1, 2, 3, 4])
    >>> y = np.array([1.0, 2, 3, 5, 4, 3, 3, 1])
    >>> check = equal_slopes(y, codes, 2, baseline)
    >>> round(check.test.statistic, 6), check.test.df
    (48.4, 4)
    """
    return AssumptionCheck(test=_slopes_test(response, codes, k, baseline), informs_about=SLOPES_INFORMS)


def _slopes_test(response: FloatArray, codes: IntArray, k: int, baseline: FloatArray) -> FTest:
    if k < 2:
        return no_f_test("one group only: nothing to compare", k - 1)
    along, across = group_moments(baseline, codes, k), group_moments(response, codes, k)
    if along.reason or across.reason:
        return no_f_test(across.reason or "there are missing or infinite values among the baselines", k - 1)
    no_slope = ~(along.variances > 0)
    if no_slope.any():
        return no_f_test(
            how_many(no_slope, "has", "have") + " fewer than two different baselines: no slope", k - 1
        )
    # Every group has its own mean and slope; each slope against that of the first.
    groups = np.eye(k)[codes]
    own = groups * (baseline - along.means[codes])[:, None]
    slopes = np.column_stack([own.sum(axis=1), own[:, 1:]])
    offset = float(response.mean())
    fit = fit_linear(
        np.hstack([groups, slopes]), response - offset, size=float(np.abs(response).max(initial=0.0))
    )
    return f_test(fit, np.eye(2 * k)[k + 1 :])


def normality(values: FloatArray) -> NormalityCheck:
    r"""Describe the shape of values and test it against the normal distribution.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Of one group, or residuals. NaN is not dropped: everything is then NaN, with a reason.

    Returns
    -------
    NormalityCheck
        Skewness and Shapiro-Wilk from 3 values, kurtosis from 4, both with spread only; W up to 5,000.

    Notes
    -----
    With the central moments :math:`m_j`, skewness is :math:`G_1 = \sqrt{n (n-1)} / (n-2) \cdot m_3/m_2^{3/2}`
    and kurtosis :math:`G_2 = (n-1) / ((n-2)(n-3)) \cdot ((n+1)(m_4/m_2^2 - 3) + 6)`, as SPSS and SAS print
    them, with errors :math:`\sqrt{6n(n-1)/((n-2)(n+1)(n+3))}` and :math:`2 SE_1\sqrt{(n^2-1)/((n-3)(n+5))}`.
    W and its p follow Royston, as R's ``shapiro.test``.

    References
    ----------
    Joanes, D. N., & Gill, C. A. (1998). The Statistician, 47, 183-189. Royston, P. (1995). Applied
    Statistics, 44, 547-551.

    Examples
    --------
    >>> check = normality(np.array([2.0, 4, 4, 5, 7, 14]))
    >>> round(check.skewness, 4), round(check.shapiro_w, 4), round(check.shapiro_p, 4)
    (1.6971, 0.8306, 0.1088)
    """
    n = len(values)
    shape = np.full(6, np.nan)
    w, p = np.nan, np.nan
    reason = _shapeless(values)
    if not reason:
        shape = _skewness_and_kurtosis(values)
        w, p = _shapiro_wilk(np.sort(values)) if n <= 5000 else (np.nan, np.nan)
        reason = "more than 5,000 values: no Shapiro-Wilk" if n > 5000 else ""
        reason = "three values: too few for kurtosis" if n == 3 else reason
    skewness, skewness_error, skewness_z, kurtosis, kurtosis_error, kurtosis_z = shape.tolist()
    return NormalityCheck(
        n=n,
        skewness=skewness,
        skewness_error=skewness_error,
        skewness_z=skewness_z,
        kurtosis=kurtosis,
        kurtosis_error=kurtosis_error,
        kurtosis_z=kurtosis_z,
        shapiro_w=w,
        shapiro_p=p,
        informs_about=NORMALITY_INFORMS,
        reason=reason,
    )


def _shapeless(values: FloatArray) -> str:
    if len(values) < 3:
        return "fewer than three values: no shape"
    if not np.isfinite(values).all():
        return "there are missing or infinite values"
    return "all values are the same: no shape" if same_to_rounding(float(np.std(values)), values) else ""


def _skewness_and_kurtosis(values: FloatArray) -> FloatArray:
    """Return skewness, its error and z, and the same of kurtosis."""
    n = len(values)
    centred = values - values.mean()
    centred = centred / np.abs(centred).max()
    variance = float((centred**2).mean())
    skewness = float((centred**3).mean()) / variance**1.5 * np.sqrt(n * (n - 1)) / (n - 2)
    error = np.sqrt(6.0 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)))
    kurtosis = kurtosis_error = np.nan
    if n > 3:
        excess = float((centred**4).mean()) / variance**2 - 3.0
        kurtosis = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6.0)
        kurtosis_error = 2.0 * error * np.sqrt((n**2 - 1) / ((n - 3) * (n + 5)))
    return np.array([skewness, error, skewness / error, kurtosis, kurtosis_error, kurtosis / kurtosis_error])


# Royston's polynomials, highest power first: in 1 / sqrt(n) for the two outermost weights, in n (up to 11
# values) or log n (from 12) for mean and log SD of the transformed W, and in n for the point it cannot pass.
_LAST = (-2.706056, 4.434685, -2.071190, -0.147981, 0.221157, 0.0)
_LAST_BUT_ONE = (-3.582633, 5.682633, -1.752461, -0.293762, 0.042981, 0.0)
_SMALL_LIMIT = (0.459, -2.273)
_SMALL_MEAN = (-0.0006714, 0.025054, -0.39978, 0.5440)
_SMALL_SPREAD = (-0.0020322, 0.062767, -0.77857, 1.3822)
_LARGE_MEAN = (0.0038915, -0.083751, -0.31082, -1.5861)
_LARGE_SPREAD = (0.0030302, -0.082676, -0.4803)


def _shapiro_wilk(values: FloatArray) -> tuple[float, float]:
    """Return W and p of values in ascending order, 3 to 5,000 of them, not all alike."""
    n = len(values)
    weights = _shapiro_weights(n)
    centred = (values - values.mean()) / (values[-1] - values[0])
    w = min(float(weights @ centred) ** 2 / float(centred @ centred), 1.0)
    if n == 3:
        # The exact distribution: W lies between 3/4 and 1.
        return w, max(0.0, 6.0 / np.pi * float(np.arcsin(np.sqrt(w)) - np.arcsin(np.sqrt(0.75))))
    left = np.log1p(-w) if w < 1.0 else -np.inf
    log_n = np.log(n)
    if n <= 11:
        # From 4 values up W is at least large enough for this logarithm to exist.
        z = (-np.log(np.polyval(_SMALL_LIMIT, n) - left) - np.polyval(_SMALL_MEAN, n)) / np.exp(
            np.polyval(_SMALL_SPREAD, n)
        )
    else:
        z = (left - np.polyval(_LARGE_MEAN, log_n)) / np.exp(np.polyval(_LARGE_SPREAD, log_n))
    return w, float(special.ndtr(-z))


def _shapiro_weights(n: int) -> FloatArray:
    """Return the weights of the values in ascending order, shape (n,)."""
    if n == 3:
        return np.array([-np.sqrt(0.5), 0.0, np.sqrt(0.5)])
    scores = special.ndtri((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    total = float(scores @ scores)
    weights: FloatArray = scores / np.sqrt(total)
    outer = 2 if n > 5 else 1
    ends = np.array([np.polyval(_LAST, n**-0.5), np.polyval(_LAST_BUT_ONE, n**-0.5)])[:outer]
    ends = weights[: -outer - 1 : -1] + ends
    kept = (total - 2.0 * float(scores[-outer:] @ scores[-outer:])) / (1.0 - 2.0 * float(ends @ ends))
    weights = scores / np.sqrt(kept)
    weights[: -outer - 1 : -1], weights[:outer] = ends, -ends
    return weights
