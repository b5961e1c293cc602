"""Printed numbers: what they may have been before they were rounded, and what follows from them."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from scipy import special

_NUMBER = re.compile(r"(?P<sign>[−-]?)(?P<digits>\d*\.?\d+)(?P<percent> ?%)?(?P<stars>\**)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A printed number and the interval in which it lay before it was rounded.

    Attributes
    ----------
    text : str
    value, low, high : float
        A percentage is a share from 0 to 1.
    stars : int
        Asterisks behind it.
    """

    text: str
    value: float
    low: float
    high: float
    stars: int


def printed(text: str, *, approximate: bool = False) -> Printed:
    """Read a printed number; it lay within half of its last digit.

    Parameters
    ----------
    text : str
        Such as ``"0.46"``, ``".622***"``, ``"39 %"`` or ``"−.173"``.
    approximate : bool
        Said to be about so much: within half of the hundred.

    Raises
    ------
    ValueError
        Where it is no number.

    Examples
    --------
    >>> found = printed("0.46")
    >>> found.value, round(found.low, 4), round(found.high, 4)
    (0.46, 0.455, 0.465)
    >>> printed("39 %").value, printed("-.532**").stars
    (0.39, 2)
    """
    match = _NUMBER.fullmatch(text.strip().replace(",", ""))
    if match is None:
        raise ValueError(f"'{text}' is not a printed number")
    digits = match["digits"]
    decimals = len(digits.partition(".")[2])
    scale = 0.01 if match["percent"] else 1.0
    sign = -1.0 if match["sign"] else 1.0
    half = 50.0 if approximate else 0.5 * 10.0**-decimals
    value = sign * float(digits)
    return Printed(
        text=text,
        value=value * scale,
        low=(value - half) * scale,
        high=(value + half) * scale,
        stars=len(match["stars"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Follows:
    """What follows from printed numbers: the value, and the range that their rounding leaves."""

    value: float
    low: float
    high: float

    def allows(self, number: Printed) -> bool:
        """Return whether a printed number can be what follows."""
        return self.low <= number.high and number.low <= self.high


def share_below(value: Printed, norm: Printed, floor: float = 0.0) -> Follows:
    """Return by which share of the norm, above a floor, a value lies below it.

    Examples
    --------
    >>> found = share_below(printed("0.46"), printed("0.69"))
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.333, 0.321, 0.345)
    """

    def below(v: float, n: float) -> float:
        return (n - v) / (n - floor)

    ends = [below(v, n) for v in (value.low, value.high) for n in (norm.low, norm.high)]
    return Follows(value=below(value.value, norm.value), low=min(ends), high=max(ends))


def possible_counts(share: Printed, n: int) -> tuple[int, int]:
    """Return the smallest and largest number of n persons that round to a printed share.

    Examples
    --------
    >>> possible_counts(printed("64 %"), 338), possible_counts(printed("64 %"), 10)
    ((215, 218), (7, 6))
    """
    return int(np.ceil(share.low * n - 1e-9)), int(np.floor(share.high * n + 1e-9))


def ratio_from_limits(low: Printed, high: Printed) -> Follows:
    """Return the estimate of a ratio whose interval is symmetric on the logarithmic scale.

    Examples
    --------
    >>> found = ratio_from_limits(printed("1.4"), printed("4.8"))
    >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
    (2.59, 2.53, 2.65)
    """

    def middle(a: float, b: float) -> float:
        return float(np.sqrt(max(a, 0.0) * b))

    return Follows(
        value=middle(low.value, high.value), low=middle(low.low, high.low), high=middle(low.high, high.high)
    )


def correlation_interval(r: float, n: int) -> tuple[float, float]:
    """Return Fisher's 95 % interval of a correlation.

    Examples
    --------
    >>> [round(v, 2) for v in correlation_interval(0.768, 107)]
    [0.68, 0.84]
    """
    margin = float(special.ndtri(0.975)) / np.sqrt(n - 3)
    return float(np.tanh(np.arctanh(r) - margin)), float(np.tanh(np.arctanh(r) + margin))


def correlation_stars(r: Printed, n: int) -> set[int]:
    """Return the numbers of asterisks (.05, .01, .001) that a correlation of n persons can have.

    Examples
    --------
    >>> correlation_stars(printed(".244"), 107), correlation_stars(printed("-.532"), 107)
    ({1}, {3})
    """
    found = set()
    for value in (r.low, r.value, r.high):
        t = value * np.sqrt((n - 2) / (1.0 - value**2))
        p = 2.0 * special.stdtr(n - 2, -abs(t))
        found.add(int(p < 0.05) + int(p < 0.01) + int(p < 0.001))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpliedFit:
    """What the fit of a factor model implies: chi-square, CFI, and the interval of RMSEA."""

    chi_square: Follows
    cfi: Follows
    rmsea_low: float
    rmsea_high: float


def implied_fit(rmsea: Printed, nfi: Printed, *, df: int, baseline_df: int, n: int) -> ImpliedFit:
    r"""Return what a printed RMSEA and NFI imply.

    Notes
    -----
    :math:`\chi^2 = df (1 + (n - 1) RMSEA^2)`; the baseline's is :math:`\chi^2 / (1 - NFI)`, and
    :math:`CFI = 1 - (\chi^2 - df) / (\chi_0^2 - df_0)`. RMSEA's 90 % interval by the noncentral chi-square.

    Examples
    --------
    >>> found = implied_fit(printed("0.063"), printed("0.919"), df=34, baseline_df=45, n=531)
    >>> round(found.chi_square.value, 1), round(found.cfi.value, 3), round(found.rmsea_low, 3)
    (105.5, 0.943, 0.05)
    """

    def chi(value: float) -> float:
        return df * (1.0 + (n - 1) * value**2)

    def cfi(r: float, f: float) -> float:
        square = chi(r)
        return 1.0 - (square - df) / (square / (1.0 - f) - baseline_df)

    ends = [cfi(r, f) for r in (rmsea.low, rmsea.high) for f in (nfi.low, nfi.high)]
    limits = [np.sqrt(_noncentrality(chi(rmsea.value), df, p) / (df * (n - 1))) for p in (0.95, 0.05)]
    return ImpliedFit(
        chi_square=Follows(value=chi(rmsea.value), low=chi(rmsea.low), high=chi(rmsea.high)),
        cfi=Follows(value=cfi(rmsea.value, nfi.value), low=min(ends), high=max(ends)),
        rmsea_low=float(limits[0]),
        rmsea_high=float(limits[1]),
    )


def _noncentrality(chi_square: float, df: int, p: float) -> float:
    """Return the noncentrality with which a share p lies below; 0 where none is small enough."""
    return 0.0 if special.chndtr(chi_square, df, 0.0) <= p else float(special.chndtrinc(chi_square, df, p))


def two_means_d(first: Printed, second: Printed, sds: tuple[Printed, Printed]) -> Follows:
    """Return Cohen's d of two means over the root mean square of their standard deviations.

    Examples
    --------
    >>> found = two_means_d(printed("63"), printed("35"), (printed("38"), printed("36")))
    >>> round(found.value, 3)
    0.756
    """

    def d(apart: float, a: float, b: float) -> float:
        return float(apart / np.sqrt((a**2 + b**2) / 2.0))

    one, two = sds
    return Follows(
        value=d(first.value - second.value, one.value, two.value),
        low=d(first.low - second.high, one.high, two.high),
        high=d(first.high - second.low, one.low, two.low),
    )


def d_from_t(t: Printed, n: int) -> Follows:
    """Return the smallest d that a t of n persons in two groups can have: with groups of equal size.

    Examples
    --------
    >>> round(d_from_t(printed("3.2"), 70).value, 3)
    0.765
    """
    scale = float(2.0 / np.sqrt(n))
    ends = sorted(abs(v) for v in (t.low, t.high))
    return Follows(value=abs(t.value) * scale, low=ends[0] * scale, high=ends[1] * scale)


def change_d_z(change: Printed, low: Printed, high: Printed, n: int) -> Follows:
    """Return d_z of a mean change from its 95 % interval by t.

    Examples
    --------
    >>> round(change_d_z(printed("0.06"), printed("0.03"), printed("0.09"), 202).value, 3)
    0.277
    """
    quantile = float(special.stdtrit(n - 1, 0.975) * 2.0 / np.sqrt(n))

    def d(mean: float, width: float) -> float:
        return mean * quantile / width if width > 0 else np.inf

    return Follows(
        value=d(change.value, high.value - low.value),
        low=d(change.low, high.high - low.low),
        high=d(change.high, high.low - low.high),
    )


def grim(mean: Printed, n: int, *, items: int = 1, step: float = 1.0) -> bool:
    """Return whether n answers to some items, in steps of a size, can have a printed mean.

    References
    ----------
    Brown, N. J. L., & Heathers, J. A. J. (2017). The GRIM test: A simple technique detects numerous anomalies
    in the reporting of results in psychology. Social Psychological and Personality Science, 8, 363-369.

    Examples
    --------
    >>> grim(printed("3.45"), 20), grim(printed("3.47"), 20)
    (True, False)
    """
    unit = step / (n * items)
    first = np.ceil(mean.low / unit - 1e-9)
    return bool(first * unit <= mean.high + 1e-12)


def grimmer(mean: Printed, sd: Printed, n: int) -> bool:
    """Return whether n whole numbers can have a printed mean and standard deviation.

    The sum of squares is a whole number, odd where the sum is odd.

    References
    ----------
    Anaya, J. (2016). The GRIMMER test: A method for testing the validity of reported measures of variability.
    PeerJ Preprints, 4, e2400v1. Allard, A. (2018). Analytic-GRIMMER.

    Examples
    --------
    >>> grimmer(printed("3.44"), printed("2.47"), 18), grimmer(printed("5.21"), printed("1.60"), 28)
    (False, True)
    """
    if not grim(mean, n):
        return False
    sums = range(int(np.ceil(mean.low * n - 1e-9)), int(np.floor(mean.high * n + 1e-9)) + 1)
    for total in sums:
        low = (n - 1) * max(sd.low, 0.0) ** 2 + total**2 / n
        high = (n - 1) * sd.high**2 + total**2 / n
        squares = range(int(np.ceil(low - 1e-9)), int(np.floor(high + 1e-9)) + 1)
        if any(square % 2 == total % 2 for square in squares):
            return True
    return False
