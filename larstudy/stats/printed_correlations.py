"""Printed correlations: do their stars and their limits follow from the number of persons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray
from larstudy.stats.printed_numbers import (
    CONSISTENT,
    INCONSISTENT,
    PrintedCheck,
    cannot,
    held_against,
    read_printed,
)

#: Nobody prints stars for more persons than this at so small a correlation that it would matter.
_MOST_PERSONS = 20_000
#: Below each of these a p-value has one star more.
_STARS = (0.05, 0.01, 0.001)
_FEW = "few_persons"
_BELOW_ONE = 1.0 - 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationCheck:
    """A printed correlation: its interval, its p-value, and whether its stars follow.

    Attributes
    ----------
    stars : PrintedCheck
        ``low`` and ``high`` are those of the two-sided p.
    p_value : float
        Two-sided, of the printed value.
    conf_low, conf_high : float
        Fisher's interval of the printed value.
    conf_low_range, conf_high_range : (float, float)
        Either limit over all that the value may have been before rounding.
    interval : PrintedCheck
        The printed limits against these; cannot be checked where none is printed.
    expected : str
        The stars that follow; two with "/" between them where rounding leaves it open.
    n_low, n_high : int
        The fewest and most persons with whom the printed stars would follow; 0 where none would.
    """

    stars: PrintedCheck
    p_value: float
    conf_low: float
    conf_high: float
    conf_low_range: tuple[float, float]
    conf_high_range: tuple[float, float]
    interval: PrintedCheck
    expected: str
    n_low: int
    n_high: int


def correlation_p(r: FloatArray | float, n: FloatArray | float) -> FloatArray:
    """Return the two-sided p of a correlation in samples of n persons, by t with n - 2 degrees of freedom.

    Examples
    --------
    >>> float(correlation_p(0.244, 107).round(4))
    0.0113
    """
    r, df = np.asarray(r, dtype=float), np.asarray(n, dtype=float) - 2.0
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt(df / (1.0 - r**2))
    return np.asarray(2.0 * special.stdtr(df, -t))


def stars_of(p_value: float) -> str:
    """Return the stars that are printed for a p-value: * below .05, ** below .01, *** below .001.

    Examples
    --------
    >>> stars_of(0.0113), stars_of(0.2), stars_of(0.0002)
    ('*', '', '***')
    """
    return "*" * sum(p_value < limit for limit in _STARS)


def fisher_limits(r: float, n: int, *, level: float = 0.95) -> tuple[float, float]:
    r"""Return the interval of a correlation by Fisher's z, :math:`\tanh(\tanh^{-1} r \pm z / \sqrt{n - 3})`.

    Examples
    --------
    >>> [round(limit, 2) for limit in fisher_limits(0.768, 107)]
    [0.68, 0.84]
    """
    if n <= 3 or abs(r) >= 1:
        return np.nan, np.nan
    half = float(special.ndtri(0.5 + level / 2.0)) / np.sqrt(n - 3.0)
    return float(np.tanh(np.arctanh(r) - half)), float(np.tanh(np.arctanh(r) + half))


def check_correlation(
    printed: str, n: int, *, limits: tuple[str, str] | None = None, level: float = 0.95
) -> CorrelationCheck:
    """Hold the stars and the limits of a printed correlation against the number of persons.

    Parameters
    ----------
    printed : str
        With its stars, such as ``".622***"``; none means not below .05. A point-biserial correlation is one
        too, but Fisher's interval of it is rough.
    n : int
        Persons, above 3.
    limits : (str, str), optional
        The printed interval.
    level : float
        Of the interval.

    Returns
    -------
    CorrelationCheck

    Notes
    -----
    Stars that follow from no fewer and no more than some number of persons tell of whom the correlation may
    have been computed: answers are missing, and a table prints one n.

    Examples
    --------
    >>> found = check_correlation("−.251*", 107)
    >>> found.stars.verdict, found.expected, found.n_high
    ('inconsistent', '**', 104)
    """
    text = printed.strip()
    number, stars = read_printed(text), text[len(text.rstrip("*")) :]
    near, far = sorted(abs(end) for end in (number.low, number.high))
    if number.low < 0 < number.high:
        near = 0.0
    far = min(far, _BELOW_ONE)
    if n <= 3:
        few = cannot(_FEW)
        nothing = (np.nan, np.nan)
        return CorrelationCheck(
            stars=few, p_value=np.nan, conf_low=np.nan, conf_high=np.nan, conf_low_range=nothing,
            conf_high_range=nothing, interval=few, expected="", n_low=0, n_high=0,
        )  # fmt: skip
    p_high, p_low = float(correlation_p(near, n)), float(correlation_p(far, n))
    # A correlation of just over .05 has no star; one that rounding may put on either side may have either.
    possible = sorted({stars_of(p_low), stars_of(p_high)}, key=len)
    n_low, n_high = _persons_for(near, far, stars)
    ends = [
        fisher_limits(min(max(end, -1 + 1e-12), 1 - 1e-12), n, level=level)
        for end in (number.low, number.high)
    ]
    one = fisher_limits(number.value, n, level=level)
    low_range, high_range = (ends[0][0], ends[1][0]), (ends[0][1], ends[1][1])
    return CorrelationCheck(
        stars=PrintedCheck(
            verdict=CONSISTENT if len(possible[0]) <= len(stars) <= len(possible[-1]) else INCONSISTENT,
            low=p_low,
            high=p_high,
        ),
        p_value=float(correlation_p(np.clip(number.value, -_BELOW_ONE, _BELOW_ONE), n)),
        conf_low=one[0],
        conf_high=one[1],
        conf_low_range=low_range,
        conf_high_range=high_range,
        interval=_limits_against(limits, low_range, high_range),
        expected="/".join(possible),
        n_low=n_low,
        n_high=n_high,
    )


def _persons_for(near: float, far: float, stars: str) -> tuple[int, int]:
    """Return the fewest and most persons with whom a correlation between the two can have these stars."""
    n = np.arange(4.0, _MOST_PERSONS)
    limits = np.array(_STARS)[:, None]
    most, fewest = ((correlation_p(r, n) < limits).sum(axis=0) for r in (far, near))
    fitting = n[(fewest <= len(stars)) & (len(stars) <= most)]
    return (int(fitting[0]), int(fitting[-1])) if len(fitting) else (0, 0)


def _limits_against(
    limits: tuple[str, str] | None, low: tuple[float, float], high: tuple[float, float]
) -> PrintedCheck:
    if limits is None:
        return cannot("nothing_printed", low[0], high[1])
    found = held_against(read_printed(limits[0]), *low), held_against(read_printed(limits[1]), *high)
    return next((one for one in found if one.verdict == INCONSISTENT), found[0])
