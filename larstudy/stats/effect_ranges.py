"""Effect sizes where the correlation between the waves is only known to lie in an interval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.conversions import sd_of_change
from larstudy.stats.paired_effects import (
    EffectName,
    PairedEffects,
    paired_effects_from_summary,
    repeated_measures_d,
)

#: A grid of so many correlations, drawn so many times about the best: the place to about one in 10^7.
_PLACES = 129
_TURNS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectBounds:
    """An effect size over an interval of correlations.

    Attributes
    ----------
    lowest, highest : float
        Of the effect size itself.
    conf_low, conf_high : float
        The lowest lower and the highest upper limit.
    """

    lowest: float
    highest: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedEffectsRange:
    """Effect sizes where the correlation between the waves is only known to lie in an interval.

    Attributes
    ----------
    correlation_low, correlation_high : float
    at_low, at_high : PairedEffects
        With the correlation at either end.
    d_rm_low, d_rm_high : float
        The lowest lower and the highest upper limit of ``d_rm``, which may be between the ends.
    reason : str
        Why numbers are NaN; empty where none is.
    """

    correlation_low: float
    correlation_high: float
    at_low: PairedEffects
    at_high: PairedEffects
    d_rm_low: float
    d_rm_high: float
    reason: str

    def bounds(self, name: EffectName) -> EffectBounds:
        """Return how far an effect size and its limits can lie apart over the correlations.

        Parameters
        ----------
        name : {"d_z", "d_av", "d_rm", "d_b", "g_z", "g_av", "g_rm", "g_b"}

        Returns
        -------
        EffectBounds

        Notes
        -----
        Over the correlations ``d_z`` and ``d_rm`` go one way and ``d_av`` and ``d_b`` stay, so that the ends
        bound the effect sizes, and the limits too but for those of ``d_rm``, which are searched for.

        Examples
        --------
        >>> found = effects_over_correlations(2.0, 4.0, 4.0, n=25, correlations=(0.5, 0.875))
        >>> found.bounds("d_z").lowest, found.bounds("d_z").highest
        (0.5, 1.0)
        """
        values, lows, highs = (
            [getattr(end, f"{name}{part}") for end in (self.at_low, self.at_high)]
            for part in ("", "_low", "_high")
        )
        if name.endswith("rm"):
            factor = self.at_low.correction if name == "g_rm" else 1.0
            lows, highs = [self.d_rm_low * factor], [self.d_rm_high * factor]
        # numpy's minimum is NaN where one of the ends is.
        return EffectBounds(
            lowest=float(np.min(values)),
            highest=float(np.max(values)),
            conf_low=float(np.min(lows)),
            conf_high=float(np.max(highs)),
        )


def effects_over_correlations(
    mean: float,
    sd_before: float,
    sd_after: float,
    *,
    n: int,
    correlations: tuple[float, float],
    level: float = 0.95,
) -> PairedEffectsRange:
    """Return the effect sizes at both ends of an interval of pre-post correlations.

    Parameters
    ----------
    mean : float
        Mean change, follow-up minus baseline.
    sd_before, sd_after : float
        Standard deviations (n - 1) of the same persons at the two waves, above 0.
    n : int
        Persons with both waves, at least 2.
    correlations : (float, float)
        Lowest and highest correlation between the waves that may be, from -1 to 1.
    level : float
        Confidence level.

    Returns
    -------
    PairedEffectsRange
        NaN with the reason where a correlation is beyond -1 or 1 or the ends are the wrong way round.

    Examples
    --------
    >>> found = effects_over_correlations(2.0, 4.0, 4.0, n=25, correlations=(0.5, 0.875))
    >>> found.at_low.d_z, found.at_high.d_z, found.at_low.d_b
    (0.5, 1.0, 0.5)
    """
    low, high = correlations
    sds = [sd_of_change(sd_before, sd_after, correlation) for correlation in correlations]
    wrong_way = "the correlations are the wrong way round" if low > high else ""
    reason = sds[0].reason or sds[1].reason or wrong_way
    known = np.nan if reason else mean
    at_low, at_high = (
        paired_effects_from_summary(known, sd.estimate, sd_before, sd_after, n=n, level=level) for sd in sds
    )
    d_rm_low = d_rm_high = np.nan
    if not np.isnan([at_low.d_rm, at_high.d_rm]).any():
        z = float(special.ndtri(0.5 + level / 2.0))

        def limit(correlation: FloatArray, z: float) -> FloatArray:
            spread = (sd_before - sd_after) ** 2 + 2.0 * (1.0 - correlation) * sd_before * sd_after
            d_rm, error = repeated_measures_d(mean, np.sqrt(spread), sd_before, sd_after, correlation, n=n)
            return d_rm + z * error

        d_rm_low = -_highest(lambda r: -limit(r, -z), low, high)
        d_rm_high = _highest(lambda r: limit(r, z), low, high)
    return PairedEffectsRange(
        correlation_low=low,
        correlation_high=high,
        at_low=at_low,
        at_high=at_high,
        d_rm_low=d_rm_low,
        d_rm_high=d_rm_high,
        reason=reason or at_low.reason or at_high.reason,
    )


def _highest(curve: Callable[[FloatArray], FloatArray], low: float, high: float) -> float:
    """Return the highest value of a smooth curve, from a grid that closes in on it."""
    best = -np.inf
    for _ in range(_TURNS):
        places = np.linspace(low, high, _PLACES)
        values = curve(places)
        top = int(np.argmax(values))
        best = max(best, float(values[top]))
        low, high = float(places[max(top - 1, 0)]), float(places[min(top + 1, _PLACES - 1)])
    return best
