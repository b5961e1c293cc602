"""Effect sizes where the correlation between the waves is only known to lie in an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from larstudy.stats.conversions import sd_of_change
from larstudy.stats.paired_effects import EffectName, PairedEffects, paired_effects_from_summary


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
    reason : str
        Why numbers are NaN; empty where none is.
    """

    correlation_low: float
    correlation_high: float
    at_low: PairedEffects
    at_high: PairedEffects
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
        bound the effect size and its limits.

        Examples
        --------
        >>> found = effects_over_correlations(2.0, 4.0, 4.0, n=25, correlations=(0.5, 0.875))
        >>> found.bounds("d_z").lowest, found.bounds("d_z").highest
        (0.5, 1.0)
        """
        ends = [
            [getattr(end, f"{name}{part}") for part in ("", "_low", "_high")]
            for end in (self.at_low, self.at_high)
        ]
        values, lows, highs = zip(*ends, strict=True)
        return EffectBounds(lowest=min(values), highest=max(values), conf_low=min(lows), conf_high=max(highs))


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
    return PairedEffectsRange(
        correlation_low=low,
        correlation_high=high,
        at_low=at_low,
        at_high=at_high,
        reason=reason or at_low.reason or at_high.reason,
    )
