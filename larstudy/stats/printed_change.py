"""The change of one group as an article prints it: what follows from it, and what stays open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from larstudy.stats.conversions import (
    Converted,
    correlation_from_sds,
    mean_sd_from_median,
    sd_from_f,
    sd_from_interval,
    sd_from_p,
    sd_from_std_error,
    sd_from_t,
    sd_of_change,
)

#: Mean and SD.
MeanSD = tuple[float, float]
#: First quartile, median, third quartile.
Quartiles = tuple[float, float, float]

NO_MEAN = "neither the mean change nor the means at both waves are given"
NO_SDS = "the SDs at both waves are not given"
NO_SD_OF_CHANGE = "nothing that is printed tells the SD of change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What an article prints of one group at two waves; None where it does not.

    Attributes
    ----------
    n : int
        Persons with both waves.
    before, after : (float, float) or None
        Mean and SD.
    before_quartiles, after_quartiles : (float, float, float) or None
        First quartile, median, third quartile; used where mean and SD are not given.
    mean_change, sd_change, std_error : float or None
        Mean, SD and standard error of the change.
    interval : (float, float) or None
        Of the mean change.
    interval_level : float
        Its confidence level.
    t, f, p_value : float or None
        Paired t, F of time in one group, two-sided p.
    correlation : (float, float) or None
        Lowest and highest that the correlation between the waves can be.
    """

    n: int
    before: MeanSD | None = None
    after: MeanSD | None = None
    before_quartiles: Quartiles | None = None
    after_quartiles: Quartiles | None = None
    mean_change: float | None = None
    sd_change: float | None = None
    std_error: float | None = None
    interval: tuple[float, float] | None = None
    interval_level: float = 0.95
    t: float | None = None
    f: float | None = None
    p_value: float | None = None
    correlation: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedChange:
    """What follows from printed numbers.

    Attributes
    ----------
    n : int
    mean : float
        Mean change.
    sd_before, sd_after : float
    sd_low, sd_high : float
        SD of change: the same where it is known, its bounds where only bounds of the correlation are.
    correlation_low, correlation_high : float
        Between the waves, likewise.
    source : str
        What the SD of change was taken from; empty where it is known from nothing but the SDs at the waves.
    assumptions : tuple of str
    notes : tuple of str
        What was printed and could not be used, or does not agree.
    reason : str
        Why numbers are NaN; empty where none is.
    """

    n: int
    mean: float
    sd_before: float
    sd_after: float
    sd_low: float
    sd_high: float
    correlation_low: float
    correlation_high: float
    source: str
    assumptions: tuple[str, ...]
    notes: tuple[str, ...]
    reason: str


@dataclass(slots=True)
class _Said:
    assumptions: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def printed_change(printed: Printed) -> PrintedChange:
    """Return the SD of change and the correlation between the waves that printed numbers identify.

    Parameters
    ----------
    printed : Printed

    Returns
    -------
    PrintedChange
        Where nothing identifies the SD of change, the correlation is what ``printed`` says or, without that,
        anything from -1 to 1, and the SD of change has bounds.

    Notes
    -----
    The first of these that is given is used: the SD of change, its standard error, its interval, t, F, p. The
    conversions are those of `larstudy.stats.conversions`; whatever else is given and leads to another SD of
    change is in the notes.

    Examples
    --------
    >>> found = printed_change(Printed(n=25, before=(10.0, 3.0), after=(12.0, 4.0), t=2.0))
    >>> found.sd_low, found.correlation_low, found.source
    (5.0, 0.0, 't')
    >>> found = printed_change(Printed(n=25, before=(10.0, 4.0), after=(12.0, 4.0), correlation=(0.5, 0.875)))
    >>> found.sd_low, found.sd_high
    (2.0, 4.0)
    """
    said = _Said()
    first, sd_before = _wave(printed.n, printed.before, printed.before_quartiles, said)
    second, sd_after = _wave(printed.n, printed.after, printed.after_quartiles, said)
    mean = _mean_change(printed, second - first, said)
    source, sd = _sd_of_change(printed, mean, said)
    low = high = np.nan
    sds = (sd, sd)
    reason = NO_MEAN if np.isnan(mean) else ""
    known = not np.isnan(sd_before + sd_after)
    if not np.isnan(sd):
        if known:
            found = correlation_from_sds(sd_before, sd_after, sd)
            low = high = found.estimate
            reason = reason or found.reason
            said.assumptions.extend(found.assumptions)
    elif known:
        low, high = printed.correlation or (-1.0, 1.0)
        ends = [sd_of_change(sd_before, sd_after, r) for r in (high, low)]
        sds = (ends[0].estimate, ends[1].estimate)
        wrong_way = "the correlations are the wrong way round" if low > high else ""
        reason = reason or ends[0].reason or ends[1].reason or wrong_way
        if printed.correlation is None:
            said.notes.append(f"{NO_SD_OF_CHANGE}: the correlation can be anything from -1 to 1.")
    else:
        reason = reason or f"{NO_SD_OF_CHANGE}, and {NO_SDS}"
    return PrintedChange(
        n=printed.n,
        mean=mean,
        sd_before=sd_before,
        sd_after=sd_after,
        sd_low=sds[0],
        sd_high=sds[1],
        correlation_low=low,
        correlation_high=high,
        source=source,
        assumptions=tuple(dict.fromkeys(said.assumptions)),
        notes=tuple(said.notes),
        reason=reason,
    )


def _wave(n: int, wave: MeanSD | None, quartiles: Quartiles | None, said: _Said) -> MeanSD:
    if wave is not None:
        return float(wave[0]), float(wave[1])
    if quartiles is None:
        return np.nan, np.nan
    q1, median, q3 = quartiles
    found = mean_sd_from_median(median, q1, q3, n)
    said.assumptions.extend(found.assumptions)
    if found.reason:
        said.notes.append(f"The quartiles tell nothing: {found.reason}.")
    return found.mean, found.sd


def _mean_change(printed: Printed, difference: float, said: _Said) -> float:
    if printed.mean_change is None:
        return float(difference)
    mean = float(printed.mean_change)
    # Printed numbers are rounded: only what is further apart than a rounding at the third digit is said.
    if abs(mean - difference) > 0.01 * max(abs(mean), abs(difference)):
        said.notes.append(
            f"The mean change is taken as given, {mean:g}; the means at the waves differ by {difference:g}."
        )
    return mean


def _converted(printed: Printed, mean: float) -> Iterator[tuple[str, Converted]]:
    n = printed.n
    if printed.std_error is not None:
        yield "standard error", sd_from_std_error(printed.std_error, n)
    if printed.interval is not None:
        low, high = printed.interval
        yield "interval", sd_from_interval(low, high, n, level=printed.interval_level)
    if printed.t is not None:
        yield "t", sd_from_t(mean, printed.t, n)
    if printed.f is not None:
        yield "F", sd_from_f(mean, printed.f, n)
    if printed.p_value is not None:
        yield "p", sd_from_p(mean, printed.p_value, n)


def _sd_of_change(printed: Printed, mean: float, said: _Said) -> tuple[str, float]:
    """Return where the SD of change is from, and the SD; NaN where nothing tells it."""
    source, sd = "", np.nan
    if printed.sd_change is not None:
        source, sd = "SD of change", float(printed.sd_change)
    for name, found in _converted(printed, mean):
        if found.reason:
            said.notes.append(f"The {name} tells nothing of the SD of change: {found.reason}.")
        elif not source:
            source, sd = name, found.estimate
            said.assumptions.extend(found.assumptions)
        elif abs(found.estimate - sd) > 0.05 * sd:
            said.notes.append(
                f"The SD of change is {sd:.3g} by the {source} and {found.estimate:.3g} by the {name}."
            )
    return source, sd
