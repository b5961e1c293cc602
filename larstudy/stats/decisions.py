"""From intervals to verdicts: the interval is held against the smallest effect that matters."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np

from larstudy.stats.arrays import FloatArray

Criterion = Literal["relevance", "minimum_effect", "significance"]
Decisions = np.ndarray[Any, np.dtype[np.int8]]

#: Codes of decisions.
CONTRADICTED: Final = np.int8(-1)
INCONCLUSIVE: Final = np.int8(0)
SUPPORTED: Final = np.int8(1)
DEPENDS: Final = np.int8(2)
NO_TEST: Final = np.int8(3)


def decide(
    estimate: FloatArray,
    conf_low: FloatArray,
    conf_high: FloatArray,
    smallest: FloatArray | float,
    *,
    criterion: Criterion = "relevance",
) -> Decisions:
    r"""Decide whether estimates support the claim that an effect is above zero and matters.

    Parameters
    ----------
    estimate, conf_low, conf_high : ndarray
        Of one shape; an effect that the claim asserts is positive. For a claim that something is lower, turn
        all signs and let the limits change places.
    smallest : ndarray or float
        The smallest effect that matters, above 0, in the unit of the estimate.
    criterion : {"relevance", "minimum_effect", "significance"}
        ``relevance``: supported where the interval lies above 0 and the estimate is at least ``smallest``
        (a dual criterion); contradicted where the interval lies below ``smallest``, so that every effect that
        matters is left out. ``minimum_effect``: supported only where the whole interval lies above
        ``smallest``; contradicted as before. ``significance``: supported where the interval lies above 0,
        contradicted where it lies below; for comparison, not for use.

    Returns
    -------
    ndarray of int8
        1 supported, -1 contradicted, 0 inconclusive, 3 where there is no interval.

    Raises
    ------
    ValueError
        Where ``smallest`` is not above 0.

    References
    ----------
    Roychoudhury, S., Scheuer, N., & Neuenschwander, B. (2018). Beyond p-values: A phase II dual-criterion
    design with statistical significance and clinical relevance. Clinical Trials, 15, 452-461.

    Examples
    --------
    >>> decide(np.array([0.4, 0.4, 0.1, 0.1]), np.array([0.1, -0.1, 0.02, -0.1]),
    ...        np.array([0.7, 0.9, 0.18, 0.3]), 0.2).tolist()
    [1, 0, -1, 0]
    """
    if not np.all(np.asarray(smallest) > 0):
        raise ValueError("the smallest effect that matters is above 0")
    if criterion == "significance":
        above, below = conf_low > 0, conf_high < 0
    elif criterion == "minimum_effect":
        above, below = conf_low > smallest, conf_high < smallest
    else:
        above, below = (conf_low > 0) & (estimate >= smallest), conf_high < smallest
    found = np.where(above, SUPPORTED, np.where(below, CONTRADICTED, INCONCLUSIVE))
    return np.asarray(np.where(np.isfinite(conf_low + conf_high), found, NO_TEST), dtype=np.int8)


def combine(decisions: Decisions) -> Decisions:
    """Combine decisions about one claim by several analyses, the analyses on the last axis.

    Parameters
    ----------
    decisions : ndarray of int8, shape (..., m)
        From `decide`.

    Returns
    -------
    ndarray of int8, shape (...)
        What all say where they agree; 2, it depends, where they do not; 3 where any analysis has no interval:
        a claim is not supported by what is left when one of its analyses fails.

    Examples
    --------
    >>> combine(np.array([[1, 1], [1, 0], [0, 0], [-1, 1], [1, 3]], dtype=np.int8)).tolist()
    [1, 2, 0, 2, 3]
    """
    first = decisions[..., :1]
    alike = (decisions == first).all(axis=-1)
    found = np.where(alike, first[..., 0], DEPENDS)
    return np.asarray(np.where((decisions == NO_TEST).any(axis=-1), NO_TEST, found), dtype=np.int8)
