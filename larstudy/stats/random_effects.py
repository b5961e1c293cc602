"""Random-effects summaries of effects from several studies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomEffects:
    """A mean of effects that differ between studies.

    Attributes
    ----------
    estimate, conf_low, conf_high : float
        Knapp and Hartung's interval, t with studies less one degrees of freedom.
    tau_squared : float
        Variance of the true effects between studies, DerSimonian and Laird.
    i_squared : float
        Share of the variance of the estimates that lies between studies, from 0 to 1.
    q, q_p_value : float
        Cochran's test that the effects are the same.
    prediction_low, prediction_high : float
        Where the effect of another study would lie; t with studies less one degrees of freedom.
    k : int
    reason : str
        Why there is none; empty where there is.
    """

    estimate: float
    conf_low: float
    conf_high: float
    tau_squared: float
    i_squared: float
    q: float
    q_p_value: float
    prediction_low: float
    prediction_high: float
    k: int
    reason: str = ""


def random_effects(effects: FloatArray, variances: FloatArray, *, level: float = 0.95) -> RandomEffects:
    """Return the random-effects mean of several effects.

    Parameters
    ----------
    effects, variances : ndarray, shape (k,)
        NaN is left out.
    level : float

    Returns
    -------
    RandomEffects
        NaN with a reason where fewer than two studies have an effect.

    Notes
    -----
    Variance between studies and heterogeneity by ``statsmodels.stats.meta_analysis.combine_effects``; the
    same as R's ``metafor::rma(method = "DL", test = "knha")``, and its ``predict``.

    References
    ----------
    DerSimonian, R., & Laird, N. (1986). Controlled Clinical Trials, 7, 177-188. Knapp, G., & Hartung, J.
    (2003). Statistics in Medicine, 22, 2693-2710.

    Examples
    --------
    >>> found = random_effects(np.array([0.1, 0.3, 0.5]), np.array([0.01, 0.01, 0.01]))
    >>> round(found.estimate, 3), round(found.tau_squared, 3), round(found.i_squared, 2)
    (0.3, 0.03, 0.75)
    """
    known = np.isfinite(effects) & np.isfinite(variances)
    k = int(known.sum())
    if k < 2:
        nothing = dict.fromkeys(
            (
                "estimate", "conf_low", "conf_high", "tau_squared", "i_squared", "q", "q_p_value",
                "prediction_low", "prediction_high",
            ),
            np.nan,
        )  # fmt: skip
        return RandomEffects(**nothing, k=k, reason="fewer than two studies have an effect")
    # Costs as much to import as all the rest together.
    from statsmodels.stats.meta_analysis import combine_effects

    y, v = effects[known], variances[known]
    with np.errstate(invalid="ignore"):
        found = combine_effects(y, v, method_re="chi2", use_t=True)
    tau_squared = max(float(found.tau2), 0.0)
    # Where studies differ less than chance would have them, statsmodels goes on with a variance below zero.
    weights = 1.0 / (v + tau_squared)
    mean = float(weights @ y / weights.sum())
    error = float(np.sqrt(weights @ (y - mean) ** 2 / ((k - 1) * weights.sum())))
    quantile = float(special.stdtrit(k - 1, 0.5 + level / 2.0))
    margin, spread = quantile * error, quantile * float(np.sqrt(tau_squared + error**2))
    return RandomEffects(
        estimate=mean,
        conf_low=mean - margin,
        conf_high=mean + margin,
        tau_squared=tau_squared,
        i_squared=max(float(found.i2), 0.0),
        q=float(found.q),
        q_p_value=float(special.chdtrc(k - 1, found.q)),
        prediction_low=mean - spread,
        prediction_high=mean + spread,
        k=k,
    )
