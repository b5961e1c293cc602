"""Two complete waves with a random intercept for the person, in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.design_basis import called, design_basis
from larstudy.stats.linear import FTest, f_test_of, no_f_test
from larstudy.stats.paired import same_to_rounding
from larstudy.stats.small_sample_df import Uncertainty
from larstudy.stats.wave_model import WaveModel, no_fields, wave_fields

_AT_ZERO = "the variance between persons is estimated as zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoWaveModel(WaveModel):
    """Group by time with a random intercept for the person, at two complete waves.

    Attributes
    ----------
    person_variance, residual_variance : float
        Between persons, and within a person; both NaN where the model cannot be fitted.
    mean_df, change_df : float
        Exact degrees of freedom of what is about the mean of the two waves, and about the change; NaN
        where there is no fit. The other attributes are those of `WaveModel`.
    """

    person_variance: float
    residual_variance: float
    mean_df: float
    change_df: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Half:
    """Least squares on one of the two halves, the mean of the waves or their difference.

    Coefficients stand as intercept, other groups against the reference, covariates; ``unscaled`` is
    ``inv(Z'Z)``, ``log_det`` is ``log |Z'Z|``.
    """

    coefficients: FloatArray
    unscaled: FloatArray
    log_det: float
    squares: float
    df: int


def _half(values: FloatArray, codes: IntArray, counts: FloatArray, *, turn: FloatArray) -> _Half:
    """Fit one mean a group."""
    k = len(counts)
    centre = float(values.mean())
    centred = values - centre
    means = np.bincount(codes, centred, minlength=k) / counts
    centred -= means[codes]
    coefficients = turn @ means
    coefficients[0] += centre
    return _Half(
        coefficients=coefficients,
        unscaled=(turn / counts) @ turn.T,
        log_det=float(np.log(counts).sum()),
        squares=float(centred @ centred),
        df=len(values) - k,
    )


def _within(values: FloatArray, codes: IntArray, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the values about the means of their groups, and the means."""
    means = np.bincount(codes, values, minlength=len(counts)) / counts
    return values - means[codes], means


def _adjusted_half(
    values: FloatArray, codes: IntArray, counts: FloatArray, covariates: FloatArray,
    *, turn: FloatArray, names: Sequence[str],
) -> _Half | str:  # fmt: skip
    """Fit one mean a group and covariates with one slope for all; or say why not."""
    outcome, means = _within(values, codes, counts)
    parts = [_within(column, codes, counts) for column in covariates.T]
    inside = np.column_stack([part for part, _ in parts])
    noise = 64 * np.finfo(float).eps * np.abs(covariates).max(axis=0)
    flat = np.flatnonzero(np.abs(inside).max(axis=0) <= noise)
    if len(flat):
        return f"{called(names, int(flat[0]), inside.shape[1])} is the same for everybody in each group"
    basis = design_basis(inside, outcome, names=names)
    if basis.reason:
        return basis.reason
    k, c = len(counts), covariates.shape[1]
    averages = np.column_stack([mean for _, mean in parts])
    # Cell means at covariates of zero, then the slopes, from means at the averages and the slopes.
    shift = np.eye(k + c)
    shift[:k, k:] = -averages
    shift[:k] = turn @ shift[:k]
    apart = np.zeros((k + c, k + c))
    apart[:k, :k] = np.diag(1.0 / counts)
    apart[k:, k:] = basis.back @ basis.back.T
    return _Half(
        coefficients=shift @ np.concatenate([means, basis.coefficients]),
        unscaled=shift @ apart @ shift.T,
        log_det=float(np.log(counts).sum()) + basis.log_det,
        squares=float(basis.residual @ basis.residual),
        df=len(values) - k - c,
    )


def _against(k: int, reference: int) -> FloatArray:
    """Return what takes the means of k groups to an intercept and differences from the reference."""
    order = [reference, *(i for i in range(k) if i != reference)]
    turn = np.eye(k)[order]
    turn[1:, reference] = -1.0
    return turn


def fit_two_waves(
    before: FloatArray,
    after: FloatArray,
    codes: IntArray,
    k: int,
    *,
    reference: int = 0,
    covariates: FloatArray | None = None,
    names: Sequence[str] = (),
    level: float = 0.95,
) -> TwoWaveModel:
    r"""Fit group by time with a random intercept for the person, for persons with both waves.

    The same model as ``lmer(y ~ group * time + covariates + (1 | person), REML = TRUE)``, without a search.

    Parameters
    ----------
    before, after : ndarray, shape (n,)
        The same persons in the same order; a NaN gives no fit, but the reason.
    codes : ndarray of int, shape (n,)
        Group of each person, 0 to k - 1.
    k : int
        Groups; 1 for none.
    reference : int
        The group against which the coefficients stand.
    covariates : ndarray, shape (n, c), optional
        Of the person, with the same slope at both waves.
    names : sequence of str
        Names of the covariates, for reasons.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    TwoWaveModel
        Coefficients in the order: intercept (the reference group before), the other groups against the
        reference before (k - 1), covariates (c), time (change in the reference group), time by the other
        groups (k - 1). NaN with a reason where nobody has both waves, a group is empty, a covariate is
        determined by the groups and the covariates before it, persons are too few, or changes have no spread.

    Notes
    -----
    The mean :math:`s` and the difference :math:`d` of the waves are independent, with variances
    :math:`\sigma_b^2 + \sigma_e^2/2` and :math:`2\sigma_e^2`, and no coefficient enters both: two
    least-squares fits are the restricted maximum likelihood. Coefficients of the change have exactly the
    degrees of freedom of their fit; those before the change, :math:`s - d/2`, have Satterthwaite's.
    Where :math:`\operatorname{var}(s) < \operatorname{var}(d)/4` the estimate of :math:`\sigma_b^2` is
    zero, both fits share one variance, and a note says so. The repeated-measures general linear model does
    not know that bound: there its tests differ from these.

    References
    ----------
    Laird, N. M. & Ware, J. H. (1982). Random-effects models for longitudinal data. Biometrics, 38, 963-974.

    Examples
    --------
    >>> fit = fit_two_waves(
    ...     np.array([1.0, 2, 5, 6, 4, 8]), np.array([2.0, 4, 6, 6, 7, 8]), np.array([0, 0, 0, 1, 1, 1]), 2
    ... )
    >>> fit.estimate.round(6).tolist()  # before, difference before, change, difference of the changes
    [2.666667, 3.333333, 1.333333, -0.333333]
    >>> fit.df.round(4).tolist(), round(fit.person_variance, 6), round(fit.residual_variance, 6)
    ([5.12, 5.12, 4.0, 4.0], 2.5, 0.833333)
    """
    extra = np.empty((len(before), 0)) if covariates is None else covariates
    p = 2 * k + extra.shape[1]
    counts = np.bincount(codes, minlength=k).astype(float)
    reason = _cannot(before, after, extra, counts)
    if reason:
        return _none(p, reason, len(before))
    turn = _against(k, reference)
    change = _half(after - before, codes, counts, turn=turn)
    middle = (before + after) / 2.0
    if extra.shape[1]:
        adjusted = _adjusted_half(middle, codes, counts, extra, turn=turn, names=names)
        if isinstance(adjusted, str):
            return _none(p, adjusted, len(before))
        mean = adjusted
    else:
        mean = _half(middle, codes, counts, turn=turn)
    if same_to_rounding(float(np.sqrt(change.squares / change.df)), before, after):
        return _none(p, "everybody in a group changed by the same amount: no test", len(before))
    return _joined(mean, change, level)


def _cannot(before: FloatArray, after: FloatArray, covariates: FloatArray, counts: FloatArray) -> str:
    """Return why there is nothing to fit; empty where there is."""
    n, k, c = len(before), len(counts), covariates.shape[1]
    if n == 0:
        return "nobody has both waves"
    if not (np.isfinite(before).all() and np.isfinite(after).all() and np.isfinite(covariates).all()):
        return "there are missing values: leave those persons out first"
    if not counts.all():
        return f"group {int(np.argmin(counts))} has nobody with both waves"
    if n <= k + c:
        return f"{n} persons are too few for {k} groups" + (f" and {c} covariates" if c else "")
    return ""


def _none(p: int, reason: str, n: int) -> TwoWaveModel:
    return TwoWaveModel(
        **no_fields(p, reason, n=2 * n, persons=n),
        person_variance=np.nan,
        residual_variance=np.nan,
        mean_df=np.nan,
        change_df=np.nan,
    )


def _joined(mean: _Half, change: _Half, level: float) -> TwoWaveModel:
    """Join the two fits to the model of the two waves."""
    n, a, b = change.df + len(change.coefficients), len(mean.coefficients), len(change.coefficients)
    mean_variance, change_variance = mean.squares / mean.df, change.squares / change.df
    person = mean_variance - change_variance / 4.0
    notes: tuple[str, ...] = ()
    # What the covariance is of each variance; how variable those are.
    parts = np.zeros((2, a + b, a + b))
    parts[0, :a, :a], parts[1, a:, a:] = mean.unscaled, change.unscaled
    variances, dfs = np.array([mean_variance, change_variance]), np.array([mean.df, change.df])
    if not person > 0:
        notes, person = (_AT_ZERO,), 0.0
        dfs = np.array([mean.df + change.df])
        variances = np.array([(2.0 * mean.squares + change.squares / 2.0) / dfs[0]])
        parts = (parts[0] / 2.0 + 2.0 * parts[1])[None]
        mean_variance, change_variance = variances[0] / 2.0, 2.0 * variances[0]
    # Before is the mean of the waves less half of the change; covariates stand between in neither.
    turn = np.eye(a + b)
    turn[:b, a:] = -0.5 * np.eye(b)
    slopes = turn @ parts @ turn.T
    covariance = (variances[:, None, None] * slopes).sum(axis=0)
    uncertainty = Uncertainty(
        coefficients=turn @ np.concatenate([mean.coefficients, change.coefficients]),
        covariance=covariance,
        model_covariance=covariance,
        slopes=slopes,
        parameter_covariance=np.diag(2.0 * variances**2 / dfs),
    )
    df = mean.df + change.df
    log_likelihood = -0.5 * (
        df * (np.log(2.0 * np.pi) + 1.0)
        + mean.df * np.log(mean_variance)
        + change.df * np.log(change_variance)
        + mean.log_det
        + change.log_det
    )
    return TwoWaveModel(
        **wave_fields(
            uncertainty, n=2 * n, persons=n, log_likelihood=float(log_likelihood), notes=notes, level=level
        ),
        person_variance=float(person),
        residual_variance=float(change_variance / 2.0),
        mean_df=float(dfs[0]),
        change_df=float(dfs[-1]),
    )


def two_wave_tests(model: TwoWaveModel, k: int) -> tuple[FTest, FTest, FTest]:
    """Return the F tests of time, of the groups, and of time by group.

    Parameters
    ----------
    model : TwoWaveModel
        Of k groups.
    k : int

    Returns
    -------
    tuple of FTest
        Did the mean change, every group counting alike; do the groups differ in the mean of the two waves;
        do they change alike. The degrees of freedom are exact: none of the three mixes the two variances.
        NaN with the reason where there is no fit, and where there is one group only.

    Examples
    --------
    >>> fit = fit_two_waves(
    ...     np.array([1.0, 2, 5, 6, 4, 8]), np.array([2.0, 4, 6, 6, 7, 8]), np.array([0, 0, 0, 1, 1, 1]), 2
    ... )
    >>> [(round(test.statistic, 6), test.df) for test in two_wave_tests(fit, 2)]
    [(4.9, 4.0), (5.157143, 4.0), (0.1, 4.0)]
    """
    p = len(model.estimate)
    asked = np.zeros((2 * k - 1, p))
    # Time, averaged over the groups; the groups, averaged over the waves; time by group.
    asked[0, p - k], asked[0, p - k + 1 :] = 1.0, 1.0 / k
    others = np.arange(k - 1)
    asked[1 + others, 1 + others], asked[1 + others, p - k + 1 + others] = 1.0, 0.5
    asked[k + others, p - k + 1 + others] = 1.0
    estimate, spread = asked @ model.estimate, asked @ model.covariance @ asked.T
    tests = []
    for start, stop, df in ((0, 1, model.change_df), (1, k, model.mean_df), (k, 2 * k - 1, model.change_df)):
        q = stop - start
        if model.reason or q == 0:
            tests.append(no_f_test(model.reason or "one group only: nothing to compare", q, df))
            continue
        found, own = estimate[start:stop], spread[start:stop, start:stop]
        tests.append(f_test_of(float(found @ np.linalg.solve(own, found)) / q, q, df))
    return tests[0], tests[1], tests[2]
