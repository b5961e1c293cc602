"""Two estimands, one pair of groups: what each analysis gives on average when the groups differ at entry."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedContrasts:
    """What each analysis gives on average, first group minus second, in the unit of the score.

    Attributes
    ----------
    change_score, ancova, ancova_corrected, constrained_baseline : float
    reason : str
        Why they are NaN; empty where they are not.
    """

    change_score: float
    ancova: float
    ancova_corrected: float
    constrained_baseline: float
    reason: str


def expected_contrasts(
    *,
    difference: float,
    reliability: float,
    effect: float = 0.0,
    carry_over: float = 1.0,
    assumed_reliability: float | None = None,
) -> ExpectedContrasts:
    r"""Return what each analysis gives on average for two groups that differ at entry.

    Parameters
    ----------
    difference : float
        First group minus second at baseline, in the unit of the score.
    reliability : float
        Of the baseline within the groups, in (0, 1].
    effect : float
        First minus second at follow-up among people with the same true baseline.
    carry_over : float
        How much of a difference in the true baseline is left at follow-up: 1 where everybody would keep
        their place, less where true differences fade.
    assumed_reliability : float, optional
        What the corrected analysis takes the reliability to be; the true one where not given.

    Returns
    -------
    ExpectedContrasts

    Notes
    -----
    With difference :math:`\delta`, effect :math:`\theta`, carry-over :math:`\lambda` and reliability
    :math:`r`, the slope within the groups is :math:`b = \lambda r`, the groups differ by
    :math:`\theta + \lambda\delta` at follow-up, and the analyses take :math:`\delta`, :math:`b\delta`,
    :math:`b\delta/r'` and again :math:`b\delta` away. Groups that differ at entry and gain alike
    (:math:`\lambda = 1, \theta = 0`) so differ by :math:`(1 - r)\delta` in the analysis of covariance and
    by nothing in their change; where true differences fade, the change differs by
    :math:`(\lambda - 1)\delta` without any effect.

    References
    ----------
    Lord, F. M. (1967). Psychological Bulletin, 68, 304-305.

    Examples
    --------
    >>> found = expected_contrasts(difference=10.0, reliability=0.75)
    >>> found.change_score, found.ancova, found.ancova_corrected
    (0.0, 2.5, 0.0)
    """
    assumed = reliability if assumed_reliability is None else assumed_reliability
    possible = 0 < reliability <= 1 and 0 < assumed <= 1
    followed = effect + carry_over * difference if possible else np.nan
    taken = carry_over * reliability * difference
    return ExpectedContrasts(
        change_score=followed - difference,
        ancova=followed - taken,
        ancova_corrected=followed - taken / assumed if possible else np.nan,
        constrained_baseline=followed - taken,
        reason="" if possible else "a reliability is above 0 and at most 1",
    )
