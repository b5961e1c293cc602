"""Effect sizes of printed changes, where the correlation of the waves is not printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

#: The standard deviation of the change, given the correlation of the waves.
Spread = Callable[[float], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedChange:
    """A mean change and what its source says of the spread; None where it says nothing."""

    label: str
    n: int
    change: float
    spread: Spread | None


def spread_from_sds(before: float, after: float) -> Spread:
    """Return the SD of the change from those of the two waves.

    Examples
    --------
    >>> round(spread_from_sds(0.250, 0.237)(0.5), 4)
    0.2438
    """
    return lambda r: float(np.sqrt(before**2 + after**2 - 2.0 * r * before * after))


def spread_from_interval(low: float, high: float, n: int) -> Spread:
    """Return the SD of the change from the 95 % interval of its mean, by t; the correlation has no part.

    Examples
    --------
    >>> round(spread_from_interval(0.03, 0.09, 202)(0.5), 3)
    0.216
    """
    sd = (high - low) / 2.0 / float(special.stdtrit(n - 1, 0.975)) * float(np.sqrt(n))
    return lambda _: sd


def change_effect(found: PrintedChange, correlation: float) -> tuple[float, float]:
    r"""Return d_rm of a change and its variance; NaN where the spread is not known.

    Parameters
    ----------
    found : PrintedChange
    correlation : float
        Of the two waves.

    Notes
    -----
    :math:`d_{rm} = (\bar c / s_c) \sqrt{2 (1 - r)}` with the variance
    :math:`2 (1 - r) (1/n + d_{rm}^2 / (2 n))`: Borenstein, Hedges, Higgins & Rothstein (2009), Introduction
    to Meta-Analysis, chapter 4.

    Examples
    --------
    >>> one = PrintedChange(label="a", n=100, change=1.0, spread=lambda r: 2.0)
    >>> [round(v, 4) for v in change_effect(one, 0.5)]
    [0.5, 0.0112]
    """
    if found.spread is None:
        return np.nan, np.nan
    scale = 2.0 * (1.0 - correlation)
    effect = found.change / found.spread(correlation) * float(np.sqrt(scale))
    return effect, scale * (1.0 / found.n + effect**2 / (2.0 * found.n))
