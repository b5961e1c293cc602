"""Errors for clusters by leaving each out in turn, for estimates that are no single least-squares fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.distributions import t_quantile, t_two_sided
from larstudy.stats.linear import Estimates
from larstudy.stats.within_groups import within_groups

_FEWEST = 3
#: A slope that rests on less than this share of the squares is one of a single cluster.
_ALONE = 1e-10

LEFT_OUT = "cannot be estimated without one of the clusters: nothing shows how it would differ in another"
NO_DIFFERENCE = "the same whichever cluster is left out: no test"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Two waves within k groups, with each of G clusters left out in turn.

    Attributes
    ----------
    before_means, after_means : ndarray, shape (G, k)
        Of the persons with both waves; NaN where nobody of the group is left.
    slopes : ndarray, shape (G,)
        Of the follow-up on the baseline within the groups; NaN where nobody who is left differs at baseline.
    baseline_means : ndarray, shape (G,)
        Of everybody's baseline, those without a follow-up or a group included; NaN where the clusters are
        not those of everybody.
    """

    before_means: FloatArray
    after_means: FloatArray
    slopes: FloatArray
    baseline_means: FloatArray


def left_out_clusters(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    clusters: IntArray,
    *,
    everybody: bool = False,
) -> LeftOut:
    r"""Return what two waves within k groups come to without each cluster.

    Parameters
    ----------
    before, after, codes, k
        As for `larstudy.stats.within_groups.within_groups`, with every baseline known.
    clusters : ndarray of int, shape (n,)
        Cluster of each person, any numbers.
    everybody : bool
        Whether the clusters are those of everybody; otherwise of the persons with a group and both waves, so
        that a cluster without any of them is no cluster of the estimate.

    Returns
    -------
    LeftOut

    Notes
    -----
    Nothing is fitted anew. With :math:`x` and :math:`y` about the means of their groups in all clusters, and
    :math:`n_{jg}, s_{jg}, q_{jg}` the persons, sums and squares of cluster j, the group without j has
    :math:`n_g - n_{jg}` persons, the sum :math:`-s_{jg}` and so the squares about its own mean
    :math:`q_g - q_{jg} - s_{jg}^2 / (n_g - n_{jg})`.

    Examples
    --------
    >>> before, after = np.array([1.0, 3, 2, 4, 2, 6]), np.array([2.0, 4, 1, 2, 3, 5])
    >>> left = left_out_clusters(before, after, np.zeros(6, dtype=int), 1, np.array([0, 0, 1, 1, 2, 2]))
    >>> left.before_means.ravel().tolist(), left.slopes.round(6).tolist()
    ([3.5, 3.0, 2.5], [0.681818, 0.571429, 0.3])
    """
    paired = (codes >= 0) & ~np.isnan(after)
    chosen = np.ones(len(codes), dtype=bool) if everybody else paired
    labels, of_all = np.unique(clusters[chosen], return_inverse=True)
    size = len(labels)
    place = np.full(len(codes), -1, dtype=np.intp)
    place[chosen] = of_all
    sums = within_groups(before, after, codes, k)
    group = codes[paired]
    x, y = before[paired] - sums.before_means[group], after[paired] - sums.after_means[group]
    cell = place[paired] * k + group

    def by_cell(values: FloatArray | None = None) -> FloatArray:
        return np.bincount(cell, values, minlength=size * k).reshape(size, k).astype(float)

    left = sums.counts - by_cell()
    shift = 1.0 / np.where(left > 0, left, np.inf)
    in_x, in_y = by_cell(x), by_cell(y)
    squares = float(x @ x) - (by_cell(x * x) + in_x**2 * shift).sum(axis=1)
    products = float(x @ y) - (by_cell(x * y) + in_x * in_y * shift).sum(axis=1)
    spread = squares > _ALONE * float(x @ x)
    mean = float(before.mean()) if everybody else np.nan
    without = len(before) - np.bincount(of_all, minlength=size)
    others = np.bincount(of_all, before[chosen] - mean, minlength=size)
    return LeftOut(
        before_means=np.where(left > 0, sums.before_means - in_x * shift, np.nan),
        after_means=np.where(left > 0, sums.after_means - in_y * shift, np.nan),
        slopes=np.divide(products, squares, out=np.full(size, np.nan), where=spread),
        baseline_means=mean - np.divide(others, without, out=np.full(size, np.nan), where=without > 0),
    )


def jackknife_estimates(
    estimate: FloatArray,
    without: FloatArray,
    *,
    reasons: Sequence[str] = (),
    noise: float = 0.0,
    level: float = 0.95,
) -> tuple[Estimates, tuple[str, ...]]:
    r"""Return estimates with errors from leaving out each cluster in turn.

    Parameters
    ----------
    estimate : ndarray, shape (q,)
        With every cluster.
    without : ndarray, shape (G, q)
        With one cluster left out; NaN where there is then no estimate.
    reasons : sequence of str, length q
        Estimates with a reason keep what they are and have no error.
    noise : float
        An error up to this size is rounding error.
    level : float
        Confidence level.

    Returns
    -------
    tuple
        The estimates, and one reason each why there is no error: fewer than three clusters, an estimate that
        does not exist without one of them, or no difference whichever is left out.

    Notes
    -----
    .. math:: \mathrm{var}\,\hat\theta = \frac{G-1}{G} \sum_j (\hat\theta_{(j)} - \hat\theta)^2

    about the estimate with every cluster, not about the mean of the others, which is never larger; t with
    G - 1 degrees of freedom. For the coefficients of one least-squares fit it is :math:`(G-1)/G` times the
    variance that is called CR3. It asks that clusters are independent of one another, and nothing of
    persons in one cluster. Where a group is found in few of the G clusters, G - 1 is too many.

    References
    ----------
    Bell, R. M., & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with
    multi-stage samples. Survey Methodology, 28, 169-181. MacKinnon, J. G., Nielsen, M. O., & Webb, M. D.
    (2023). Fast and reliable jackknife and bootstrap methods for cluster-robust inference.
    arXiv:2301.04527.

    Examples
    --------
    >>> found, reasons = jackknife_estimates(np.array([2.0]), np.array([[1.0], [2.0], [3.0]]))
    >>> found.std_error.round(6).tolist(), found.df.tolist(), reasons
    ([1.154701], [2.0], ('',))
    """
    size = len(without)
    error = np.sqrt((size - 1) / max(size, 1) * ((without - estimate) ** 2).sum(axis=0))
    found = []
    for place, own in enumerate(reasons or [""] * len(estimate)):
        reason = own
        if not reason and size < _FEWEST:
            there = "one cluster is" if size == 1 else f"{size} clusters are"
            reason = f"{there} too few: leaving out each in turn takes {_FEWEST}"
        if not reason and np.isnan(error[place]):
            reason = LEFT_OUT
        if not reason and error[place] <= noise:
            reason = NO_DIFFERENCE
        found.append(reason)
    known = np.array([not reason for reason in found], dtype=bool)
    error = np.where(known, error, np.nan)
    statistic = estimate / error
    df = float(max(size - 1, 1))
    margin = t_quantile(level, df) * error
    return Estimates(
        estimate=estimate,
        std_error=error,
        statistic=statistic,
        df=np.where(known, df, np.nan),
        p_value=t_two_sided(statistic, df),
        conf_low=estimate - margin,
        conf_high=estimate + margin,
        reason="; ".join(dict.fromkeys(filter(None, found))),
    ), tuple(found)
