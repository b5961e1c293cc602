"""Several t tests at once, each with its own degrees of freedom and its own reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from larstudy.stats.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class TTests:
    """Estimates with their t tests; each array has shape (m,).

    Attributes
    ----------
    estimate, std_error, df, statistic, p_value : ndarray
        The statistic is the estimate over its standard error, ``p_value`` two-sided.
    conf_low, conf_high : ndarray
        Interval of the estimate.
    reasons : tuple of str
        One a test: why its numbers are NaN; empty where they are not.
    """

    estimate: FloatArray
    std_error: FloatArray
    df: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """Why tests are missing: what they have in common, or how many they are; empty where none is."""
        missing = [reason for reason in self.reasons if reason]
        if not missing:
            return ""
        if len(missing) == len(self.reasons) and len(set(missing)) == 1:
            return missing[0]
        return f"{len(missing)} of {len(self.reasons)} cannot be tested: " + "; ".join(dict.fromkeys(missing))


def t_tests(
    estimate: FloatArray,
    std_error: FloatArray,
    df: FloatArray,
    *,
    reasons: Sequence[str] = (),
    level: float = 0.95,
) -> TTests:
    """Return the t tests of estimates.

    Parameters
    ----------
    estimate, std_error, df : ndarray, shape (m,)
        Infinite degrees of freedom give the normal test.
    reasons : sequence of str, length m
        A test with a reason keeps its estimate; its error, test and interval become NaN.
    level : float
        Confidence level of each interval by itself.

    Returns
    -------
    TTests

    Examples
    --------
    >>> error, df = np.array([1.5, 0.0]), np.array([10.0, 4.0])
    >>> tests = t_tests(np.array([3.0, 1.0]), error, df, reasons=("", "flat"))
    >>> tests.p_value.round(6).tolist(), tests.reason
    ([0.073388, nan], '1 of 2 cannot be tested: flat')
    """
    why = tuple(reasons) if reasons else ("",) * len(estimate)
    can = np.array([not reason for reason in why], dtype=bool)
    error = np.where(can, std_error, np.nan)
    freedom = np.where(can, df, np.nan)
    statistic = estimate / error
    margin = -special.stdtrit(freedom, (1.0 - level) / 2.0) * error
    return TTests(
        estimate=estimate,
        std_error=error,
        df=freedom,
        statistic=statistic,
        p_value=2.0 * special.stdtr(freedom, -np.abs(statistic)),
        conf_low=estimate - margin,
        conf_high=estimate + margin,
        reasons=why,
    )
