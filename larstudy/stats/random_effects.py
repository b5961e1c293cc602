"""A random-effects summary of a few studies, with what it hides: how far they differ from each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.distributions import chi_square_upper_tail, t_quantile, t_two_sided

TauMethod = Literal["dl", "iterated"]
#: How closely Paule and Mandel's equation is solved.
_PRECISION: Mapping[TauMethod, Mapping[str, float]] = {"dl": {}, "iterated": {"atol": 1e-12, "maxiter": 200}}
_FEW = "fewer than two studies: nothing to summarise"


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEffects:
    """A random-effects summary.

    Attributes
    ----------
    k : int
        Studies.
    estimate : float
        Mean of the distribution that the studies' effects are taken to be drawn from.
    std_error, conf_low, conf_high : float
        By the normal distribution.
    std_error_hk, hk_low, hk_high, p_hk : float
        After Hartung, Knapp, Sidik and Jonkman: by t with k - 1 degrees of freedom.
    prediction_low, prediction_high : float
        Where the effect of one more study would lie, by t with k - 2 degrees of freedom; NaN with two
        studies.
    tau_squared : float
        Variance between studies.
    tau_squared_low, tau_squared_high : float
        Its interval by Q profile.
    q, q_df, q_p : float
        Cochran's test of no variance between studies.
    i_squared : float
        Share of the variance of the estimates that is between studies, by Q, from 0 to 1.
    weights : tuple of float
        Of each study, with sum 1.
    reason : str
        Why numbers are NaN; empty where none is but the prediction limits of two studies.
    """

    k: int
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    std_error_hk: float
    hk_low: float
    hk_high: float
    p_hk: float
    prediction_low: float
    prediction_high: float
    tau_squared: float
    tau_squared_low: float
    tau_squared_high: float
    q: float
    q_df: float
    q_p: float
    i_squared: float
    weights: tuple[float, ...]
    reason: str


def random_effects(
    estimates: FloatArray, std_errors: FloatArray, *, method: TauMethod = "dl", level: float = 0.95
) -> RandomEffects:
    r"""Return a random-effects summary of estimates with known standard errors.

    Parameters
    ----------
    estimates, std_errors : ndarray of float, shape (k,)
        One a study; errors above 0.
    method : {"dl", "iterated"}
        Variance between studies after DerSimonian and Laird, or after Paule and Mandel.
    level : float
        Of all intervals.

    Returns
    -------
    RandomEffects
        NaN with the reason where there are fewer than two studies, or a number is missing.

    Notes
    -----
    Estimates, weights and both standard errors are those of
    `statsmodels.stats.meta_analysis.combine_effects`. The prediction interval is :math:`\hat\mu \pm t_{k-2}
    \sqrt{\hat\tau^2 + SE^2}` (Higgins, Thompson and Spiegelhalter 2009), the Q profile that of Viechtbauer
    (2007): the :math:`\tau^2` at which :math:`\sum (y_i - \hat\mu(\tau^2))^2 / (v_i + \tau^2)` is at either
    tail of chi-square with k - 1 degrees of freedom. With three or four studies all of this is rough: the
    normal interval is too narrow, the one by t may be very wide (or, where studies happen to agree, too
    narrow), and the variance between studies is hardly known at all.

    References
    ----------
    DerSimonian, R., & Laird, N. (1986). Controlled Clinical Trials, 7, 177-188. Paule, R. C., & Mandel, J.
    (1982). Journal of Research of the National Bureau of Standards, 87, 377-385. Knapp, G., & Hartung, J.
    (2003). Statistics in Medicine, 22, 2693-2710. Higgins, J. P. T., Thompson, S. G., & Spiegelhalter, D. J.
    (2009). Journal of the Royal Statistical Society A, 172, 137-159. Viechtbauer, W. (2007). Statistics in
    Medicine, 26, 37-52.

    Examples
    --------
    >>> found = random_effects(np.array([0.0, 1.0, 2.0]), np.array([0.5, 0.5, 0.5]))
    >>> round(found.estimate, 6), round(found.q, 6), round(found.tau_squared, 6), round(found.i_squared, 6)
    (1.0, 8.0, 0.75, 0.75)
    """
    y, errors = np.asarray(estimates, dtype=float), np.asarray(std_errors, dtype=float)
    known = np.isfinite(y).all() and np.isfinite(errors).all() and bool((errors > 0).all())
    if len(y) < 2 or not known:
        return _nothing(len(y), _FEW if len(y) < 2 else "an estimate or a standard error is missing")
    # Imported when it is needed: it costs more than the rest of larstudy together.
    from statsmodels.stats.meta_analysis import combine_effects

    # About their mean, for its sums of squares lose what is large and common to all.
    origin = float(np.sum(y / errors**2) / np.sum(errors**-2.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = combine_effects(y - origin, errors**2, method_re=method, use_t=False, **_PRECISION[method])
    # It lets the variance of DerSimonian and Laird fall below zero, where it should be none: that is the
    # fixed effect.
    kind = "fe" if found.tau2 <= 0 else "re"
    k, tau_squared = len(y), max(float(found.tau2), 0.0)
    centre = origin + float(getattr(found, f"mean_effect_{kind}"))
    error = float(getattr(found, f"sd_eff_w_{kind}"))
    error_hk = float(getattr(found, f"sd_eff_w_{kind}_hksj"))
    weights = getattr(found, f"weights_rel_{kind}")
    half, half_hk = float(special.ndtri(0.5 + level / 2)) * error, t_quantile(level, k - 1) * error_hk
    spread = t_quantile(level, k - 2) * np.sqrt(tau_squared + error**2) if k > 2 else np.nan
    low, high = q_profile(y, errors, level=level)
    q = float(found.q)
    # Three alike have no spread at all, and t is then not a number.
    p_hk = float(t_two_sided(centre / error_hk, k - 1)) if error_hk > 0 else np.nan
    return RandomEffects(
        k=k,
        estimate=centre,
        std_error=error,
        conf_low=centre - half,
        conf_high=centre + half,
        std_error_hk=error_hk,
        hk_low=centre - half_hk,
        hk_high=centre + half_hk,
        p_hk=p_hk,
        prediction_low=float(centre - spread),
        prediction_high=float(centre + spread),
        tau_squared=tau_squared,
        tau_squared_low=low,
        tau_squared_high=high,
        q=q,
        q_df=float(k - 1),
        q_p=chi_square_upper_tail(q, k - 1),
        i_squared=max(0.0, 1.0 - (k - 1) / q) if q > 0 else 0.0,
        weights=tuple(float(w) for w in weights),
        reason="",
    )


def _nothing(k: int, reason: str) -> RandomEffects:
    numbers: dict[str, float] = dict.fromkeys(
        (name for name in RandomEffects.__slots__ if name not in ("k", "weights", "reason")), np.nan
    )
    return RandomEffects(k=k, weights=(), reason=reason, **numbers)


def q_profile(estimates: FloatArray, std_errors: FloatArray, *, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of the variance between studies by Q profile; 0 where the profile begins below.

    Parameters
    ----------
    estimates, std_errors : ndarray of float, shape (k,)
    level : float

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> low, high = q_profile(np.array([0.0, 1.0, 2.0]), np.array([0.5, 0.5, 0.5]))
    >>> round(low, 4), round(high, 3)  # Q(tau2) = 2 / (0.25 + tau2), chi-square quantiles 7.3778 and 0.0506
    (0.0211, 39.248)
    """
    df, tail = len(estimates) - 1, (1.0 - level) / 2.0

    def profile(tau_squared: float) -> float:
        weights = 1.0 / (std_errors**2 + tau_squared)
        centre = np.sum(weights * estimates) / weights.sum()
        return float(np.sum(weights * (estimates - centre) ** 2))

    return tuple(_where(profile, float(special.chdtri(df, p))) for p in (tail, 1.0 - tail))  # type: ignore[return-value]


def _where(profile: Callable[[float], float], target: float) -> float:
    """Return where a falling curve reaches a target; 0 where it begins below."""
    if profile(0.0) <= target:
        return 0.0
    from scipy.optimize import brentq

    top = 1.0
    while profile(top) > target:
        top *= 4.0
    return float(brentq(lambda x: profile(x) - target, 0.0, top, xtol=1e-13, rtol=1e-13))
