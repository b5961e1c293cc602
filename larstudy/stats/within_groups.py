"""Two waves in k groups: the sums that every analysis of the difference in change is made of.

Change score, analysis of covariance, its correction for an unreliable baseline and the likelihood with one
baseline mean all compare the groups by ``(follow-up) - slope * (baseline)``; they differ in the slope and in
how well they claim to know it. Here is what they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.paired import same_to_rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class WithinGroups:
    """Sums of two waves within k groups.

    Attributes
    ----------
    n : int
        Persons with a group and both waves: the pairs.
    counts, before_means, after_means : ndarray, shape (k,)
        Of the pairs in each group; a mean of nobody is NaN.
    lost : ndarray, shape (k,)
        Persons of each group without a follow-up.
    ungrouped : int
        Persons without a group; they count in the baseline of everybody only.
    groups : int
        Groups that have a pair.
    before_ss, after_ss, change_ss, residual_ss : float
        Sums of squares within the groups: of baseline, follow-up, their difference, and the residuals of
        the follow-up on the baseline with one slope.
    slope : float
        Of the follow-up on the baseline within the groups; NaN where nobody differs at baseline.
    baseline_n : int
    baseline_mean, baseline_ss : float
        Of everybody's baseline, and the squares about that mean.
    size : float
        The largest number that came in, against which rounding error is measured.
    reason : str
        Why there are no sums; empty where there are.
    """

    n: int
    counts: FloatArray
    before_means: FloatArray
    after_means: FloatArray
    lost: FloatArray
    ungrouped: int
    groups: int
    before_ss: float
    after_ss: float
    change_ss: float
    residual_ss: float
    slope: float
    baseline_n: int
    baseline_mean: float
    baseline_ss: float
    size: float
    reason: str

    def negligible(self, variance: float) -> bool:
        """Say whether a variance is no more than rounding error."""
        return same_to_rounding(float(np.sqrt(variance)), np.array([self.size]))


def against_reference(k: int, reference: int = 0) -> FloatArray:
    """Return the contrasts of every other group minus the reference, shape (k - 1, k).

    Examples
    --------
    >>> against_reference(3, 1).tolist()
    [[1.0, -1.0, 0.0], [0.0, -1.0, 1.0]]
    """
    weights = np.delete(np.eye(k), reference, axis=0)
    weights[:, reference] = -1.0
    return weights


def _group_means(values: FloatArray, codes: IntArray, counts: FloatArray) -> FloatArray:
    """Return the mean of each group, NaN of nobody. Centred before summing: an offset would cost digits."""
    centre = float(values.mean()) if len(values) else 0.0
    sums = np.bincount(codes, values - centre, minlength=len(counts))
    means: FloatArray = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0) + centre
    return means


def _why_no_sums(before: FloatArray, n: int, groups: int) -> str:
    missing = int(np.isnan(before).sum())
    if missing:
        return f"persons without a baseline: {missing}"
    if n == 0:
        return "nobody has both waves and a group"
    return too_few(n, groups) if n <= groups else ""


def too_few(n: int, groups: int) -> str:
    """Say that there are too few persons for so many groups.

    Examples
    --------
    >>> too_few(1, 1), too_few(3, 3)
    ('one person is too few for one group', '3 persons are too few for 3 groups')
    """
    people = "one person is" if n == 1 else f"{n} persons are"
    return f"{people} too few for " + ("one group" if groups == 1 else f"{groups} groups")


def within_groups(before: FloatArray, after: FloatArray, codes: IntArray, k: int) -> WithinGroups:
    """Return the sums of two waves within k groups.

    Parameters
    ----------
    before : ndarray, shape (n,)
        Baseline of everybody; with a NaN there are no sums, and the reason counts them.
    after : ndarray, shape (n,)
        Follow-up of the same persons in the same order; NaN where a person was not seen again.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1, or -1 for none (groups that form at follow-up leave those who
        were lost without one).
    k : int

    Returns
    -------
    WithinGroups

    Examples
    --------
    >>> before, after = np.array([1.0, 3, 2, 4, 9]), np.array([2.0, 4, 1, 2, np.nan])
    >>> sums = within_groups(before, after, np.array([0, 0, 1, 1, 1]), 2)
    >>> sums.n, sums.slope, sums.residual_ss, sums.lost.tolist(), sums.baseline_mean
    (4, 0.75, 0.25, [0.0, 1.0], 3.8)
    """
    grouped = np.asarray(codes >= 0)
    seen = ~np.isnan(after)
    paired = grouped & seen
    group = codes[paired]
    counts = np.bincount(group, minlength=k).astype(float)
    n, groups = int(paired.sum()), int((counts > 0).sum())
    start, end = before[paired], after[paired]
    before_means, after_means = _group_means(start, group, counts), _group_means(end, group, counts)
    x, y = start - before_means[group], end - after_means[group]
    size = max(float(np.abs(v).max(initial=0.0)) for v in (start, end))
    before_ss = float(x @ x)
    alike = same_to_rounding(float(np.sqrt(before_ss / max(n - groups, 1))), np.array([size]))
    slope = np.nan if alike else float(x @ y) / before_ss
    residual, change = y - slope * x, y - x
    reason = _why_no_sums(before, n, groups)
    mean = float(before.mean()) if len(before) else np.nan
    return WithinGroups(
        n=n,
        counts=counts,
        before_means=before_means,
        after_means=after_means,
        lost=np.bincount(codes[grouped & ~seen], minlength=k).astype(float),
        ungrouped=int((~grouped).sum()),
        groups=groups,
        before_ss=0.0 if alike else before_ss,
        after_ss=float(y @ y),
        change_ss=float(change @ change),
        residual_ss=float(residual @ residual),
        slope=slope,
        baseline_n=len(before),
        baseline_mean=mean,
        baseline_ss=float((before - mean) @ (before - mean)),
        size=size,
        reason=reason,
    )


def group_reasons(sums: WithinGroups, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Return, for each group, why it cannot be compared; empty where it can.

    Examples
    --------
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 0, 1]), 3)
    >>> group_reasons(sums, ("a", "b", "c"))
    ('', "one person only in 'b'", "nobody in 'c'")
    """
    found = []
    for group, (count, lost) in enumerate(zip(sums.counts.tolist(), sums.lost.tolist(), strict=True)):
        name = f"'{names[group]}'" if len(names) else f"group {group + 1}"
        if count == 0:
            found.append(f"nobody in {name}" if lost == 0 else f"nobody in {name} has a follow-up")
        else:
            found.append(f"one person only in {name}" if count == 1 else "")
    return tuple(found)


def contrast_reasons(sums: WithinGroups, contrasts: FloatArray, names: Sequence[str] = ()) -> tuple[str, ...]:
    """Return, for each contrast, why it cannot be estimated; empty where it can.

    Examples
    --------
    >>> sums = within_groups(np.array([1.0, 3, 2, 4]), np.array([2.0, 4, 1, 2]), np.array([0, 0, 0, 1]), 2)
    >>> contrast_reasons(sums, np.array([[1.0, -1.0], [1.0, 0.0], [0.0, 0.0]]))
    ('one person only in group 2', 'the weights do not add up to zero', 'a contrast of nothing')
    """
    of_groups = group_reasons(sums, names)
    found = []
    for weights in contrasts:
        used = np.flatnonzero(weights)
        if not len(used):
            found.append("a contrast of nothing")
        elif abs(weights.sum()) > 1e-9 * np.abs(weights).max():
            found.append("the weights do not add up to zero")
        else:
            found.append("; ".join(of_groups[g] for g in used.tolist() if of_groups[g]))
    return tuple(found)


def contrast_of_means(contrasts: FloatArray, means: FloatArray) -> FloatArray:
    """Return the contrasts of group means; groups without a mean count only where they have a weight.

    Examples
    --------
    >>> contrasts = np.array([[1.0, -1.0, 0.0], [1.0, 0.0, -1.0]])
    >>> contrast_of_means(contrasts, np.array([5.0, 3.0, np.nan])).tolist()
    [2.0, nan]
    """
    known = ~np.isnan(means)
    centred = np.where(known, means - (means[known].mean() if known.any() else 0.0), 0.0)
    impossible = (contrasts[:, ~known] != 0).any(axis=1)
    return np.where(impossible, np.nan, contrasts @ centred)
