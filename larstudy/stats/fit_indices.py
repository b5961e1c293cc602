"""The chi-square behind printed fit indices of a confirmatory factor analysis, and back."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.printed_numbers import (
    CONSISTENT,
    INCONSISTENT,
    PrintedCheck,
    PrintedNumber,
    cannot,
    held_against,
    read_printed,
)


def degrees_of_freedom(items: int, factors: int) -> tuple[int, int]:
    """Return the degrees of freedom of correlated factors, one an item, and of no correlation at all.

    Parameters
    ----------
    items, factors : int

    Returns
    -------
    tuple of int
        ``p (p + 1) / 2`` moments less 2p loadings and errors and the correlations of the factors, and
        ``p (p - 1) / 2`` of the independence model.

    Examples
    --------
    >>> degrees_of_freedom(10, 2)
    (34, 45)
    """
    moments = items * (items + 1) // 2
    return moments - 2 * items - factors * (factors - 1) // 2, moments - items


def rmsea(chi_square: float, df: int, n: int) -> float:
    r"""Return the RMSEA, :math:`\sqrt{\max(\chi^2 - df, 0) / (df (n - 1))}`.

    Examples
    --------
    >>> round(rmsea(105.5, 34, 531), 3)
    0.063
    """
    return float(np.sqrt(max(chi_square - df, 0.0) / (df * (n - 1.0))))


def chi_square_from_rmsea(value: float, df: int, n: int) -> float:
    """Return the chi-square that has an RMSEA; for one of 0, which anything up to df has, df.

    Examples
    --------
    >>> round(chi_square_from_rmsea(0.063, 34, 531), 1)
    105.5
    """
    return df * (1.0 + value**2 * (n - 1.0))


def cfi(chi_square: float, df: int, chi_square_null: float, df_null: int) -> float:
    """Return the comparative fit index: 1 less the misfit of the model over that of no correlation at all.

    Examples
    --------
    >>> cfi(44.0, 34, 145.0, 45)
    0.9
    """
    misfit = max(chi_square - df, 0.0)
    worst = max(chi_square_null - df_null, misfit)
    return 1.0 - misfit / worst if worst > 0 else 1.0


def chi_square_from_cfi_nfi(cfi_value: float, nfi_value: float, df: int, df_null: int) -> float:
    r"""Return the chi-square of the model that has this CFI and this NFI.

    Parameters
    ----------
    cfi_value, nfi_value : float
        Below 1.
    df, df_null : int

    Returns
    -------
    float
        NaN where no positive chi-square has both.

    Notes
    -----
    From :math:`NFI = 1 - \chi^2 / \chi_0^2` and :math:`CFI = 1 - (\chi^2 - df) / (\chi_0^2 - df_0)`:
    :math:`\chi^2 = (df - (1 - CFI) df_0) / (1 - (1 - CFI) / (1 - NFI))`.

    Examples
    --------
    >>> round(chi_square_from_cfi_nfi(0.943, 0.919, 34, 45), 1)
    106.1
    """
    if nfi_value >= 1:
        return np.nan
    below = 1.0 - (1.0 - cfi_value) / (1.0 - nfi_value)
    above = df - (1.0 - cfi_value) * df_null
    return above / below if below != 0 and above / below > 0 else np.nan


def rmsea_limits(chi_square: float, df: int, n: int, *, level: float = 0.90) -> tuple[float, float]:
    r"""Return the interval of the RMSEA from the noncentral chi-square.

    Parameters
    ----------
    chi_square : float
        Not negative.
    df, n : int
    level : float
        90 % is what is printed.

    Returns
    -------
    tuple of float

    Notes
    -----
    The limits are :math:`\sqrt{\lambda / (df (n - 1))}` with the noncentralities :math:`\lambda` that put the
    chi-square at the upper and at the lower ``(1 - level) / 2`` of its distribution; 0 where none does.

    References
    ----------
    Browne, M. W., & Cudeck, R. (1993). In K. A. Bollen & J. S. Long (Eds.), Testing structural equation
    models, pp. 136-162. Sage.

    Examples
    --------
    >>> [round(limit, 3) for limit in rmsea_limits(105.5, 34, 531)]
    [0.05, 0.077]
    """
    tail = (1.0 - level) / 2.0
    found = []
    for probability in (1.0 - tail, tail):
        reached = special.chdtr(df, chi_square) > probability
        noncentrality = float(special.chndtrinc(chi_square, df, probability)) if reached else 0.0
        found.append(float(np.sqrt(noncentrality / (df * (n - 1.0)))))
    return found[0], found[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitCheck:
    """Whether printed fit indices can be of one model.

    Attributes
    ----------
    chi_square : PrintedCheck
        ``low`` and ``high``: chi-squares that the RMSEA allows; ``printed_low`` and ``printed_high``: those
        that CFI and NFI allow together. Inconsistent where they do not overlap.
    interval : PrintedCheck
        The interval of the RMSEA that these chi-squares have, ``low`` from the lower and ``high`` from the
        upper limit, against the printed one.
    limits : ((float, float), (float, float))
        The ranges of both limits.
    """

    chi_square: PrintedCheck
    interval: PrintedCheck
    limits: tuple[tuple[float, float], tuple[float, float]]


def check_fit(
    *,
    rmsea: str,
    cfi: str,
    nfi: str,
    n: int,
    df: int,
    df_null: int,
    rmsea_interval: tuple[str, str] | None = None,
    level: float = 0.90,
) -> FitCheck:
    """Say whether RMSEA, CFI and NFI, as printed, can be of one model, and return its chi-square.

    Parameters
    ----------
    rmsea, cfi, nfi : str
    n : int
        Persons. Some programs divide by n and some by n - 1; both are allowed for.
    df, df_null : int
        Of the model and of no correlation at all, see `degrees_of_freedom`.
    rmsea_interval : (str, str), optional
    level : float
        Of that interval.

    Returns
    -------
    FitCheck

    Examples
    --------
    >>> found = check_fit(rmsea="0.063", cfi="0.943", nfi="0.919", n=531, df=34, df_null=45)
    >>> found.chi_square.verdict, round(found.chi_square.low, 1), round(found.chi_square.high, 1)
    ('consistent', 104.4, 106.8)
    """
    error = read_printed(rmsea)
    sizes = (n, n + 1)
    by_rmsea = [chi_square_from_rmsea(end, df, size) for end in (error.low, error.high) for size in sizes]
    by_others = [
        chi_square_from_cfi_nfi(c, f, df, df_null)
        for c, f in itertools.product(_ends(read_printed(cfi)), _ends(read_printed(nfi)))
    ]
    low, high = min(by_rmsea), max(by_rmsea)
    if np.isnan(by_others).any():
        chi_square = cannot("no_chi_square", low, high)
    else:
        chi_square = _overlap((low, high), (min(by_others), max(by_others)))
    ends = [rmsea_limits(end, df, size, level=level) for end in (low, high) for size in sizes]
    lower, upper = ((min(side), max(side)) for side in zip(*ends, strict=True))
    return FitCheck(
        chi_square=chi_square, interval=_interval(rmsea_interval, lower, upper), limits=(lower, upper)
    )


def _ends(number: PrintedNumber) -> tuple[float, float]:
    return number.low, number.high


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> PrintedCheck:
    apart = one[1] < other[0] or other[1] < one[0]
    return PrintedCheck(
        verdict=INCONSISTENT if apart else CONSISTENT, low=one[0], high=one[1], printed_low=other[0],
        printed_high=other[1],
    )  # fmt: skip


def _interval(
    printed: tuple[str, str] | None, lower: tuple[float, float], upper: tuple[float, float]
) -> PrintedCheck:
    if printed is None:
        return cannot("nothing_printed", lower[0], upper[1])
    found = [
        held_against(read_printed(text), *ends) for text, ends in zip(printed, (lower, upper), strict=True)
    ]
    return PrintedCheck(
        verdict=INCONSISTENT if any(one.verdict == INCONSISTENT for one in found) else CONSISTENT,
        low=lower[0],
        high=upper[1],
        printed_low=found[0].printed_low,
        printed_high=found[1].printed_high,
    )
