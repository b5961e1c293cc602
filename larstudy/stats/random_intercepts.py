"""Random intercepts for persons, and for the facilities they are treated in; drop-out allowed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.stats.design_basis import DesignBasis, design_basis, same_as_nothing
from larstudy.stats.reml import (
    Maximum,
    Moments,
    RestrictedLikelihood,
    maximise,
    restricted_likelihood,
    uncertainty_of,
)
from larstudy.stats.small_sample_df import Method
from larstudy.stats.wave_model import Rows, WaveModel, no_fields, rows_of, wave_fields

_NAMES = ("within a person", "between persons", "between facilities")


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomInterceptModel(WaveModel):
    """A linear model with random intercepts for persons, and maybe for facilities.

    Attributes
    ----------
    residual_variance, person_variance, facility_variance : float
        ``facility_variance`` is NaN where no facilities were given. All NaN where there is no fit.
    variance_errors : ndarray, shape (3,)
        Standard errors of the three variances from the observed information; NaN for a variance that is
        estimated as zero or not there.
    facilities : int
        0 where none were given. The other attributes are those of `WaveModel`.
    """

    residual_variance: float
    person_variance: float
    facility_variance: float
    variance_errors: FloatArray
    facilities: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """What the likelihood needs of the data: its size depends on p, waves and facilities, not on persons.

    W is the design with the response behind it; S the sum of W over the rows of a person.

    Attributes
    ----------
    sizes : ndarray, shape (m,)
        The numbers of rows that persons have.
    persons : ndarray, shape (f, m)
        Persons by facility and number of rows.
    within : ndarray, shape (p + 1, p + 1)
        Cross products of W about the means of the persons.
    between : ndarray, shape (m, p + 1, p + 1)
        Sum of ``S S' / size``.
    totals : ndarray, shape (f, m, p + 1)
        Sum of S.
    """

    sizes: FloatArray
    persons: FloatArray
    within: FloatArray
    between: FloatArray
    totals: FloatArray


def _sums(table: FloatArray, rows: Rows, home: IntArray, facilities: int) -> _Sums:
    """Go through the data once; ``home`` is the facility of each person."""
    order = np.argsort(rows.person, kind="stable")
    starts = np.concatenate([[0], np.cumsum(rows.counts)[:-1]])
    sums = np.add.reduceat(table[order], starts, axis=0)
    deviations = table - (sums / rows.counts[:, None])[rows.person]
    sizes, place = np.unique(rows.counts, return_inverse=True)
    m, width = len(sizes), table.shape[1]
    cell = home * m + place
    by_cell = np.argsort(cell, kind="stable")
    found, first = np.unique(cell[by_cell], return_index=True)
    totals = np.zeros((facilities * m, width))
    totals[found] = np.add.reduceat(sums[by_cell], first, axis=0)
    between = [sums[place == i].T @ sums[place == i] / size for i, size in enumerate(sizes)]
    return _Sums(
        sizes=sizes.astype(float),
        persons=np.bincount(cell, minlength=facilities * m).reshape(facilities, m).astype(float),
        within=deviations.T @ deviations,
        between=np.array(between),
        totals=totals.reshape(facilities, m, width),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Jet:
    """A number or an array with first and second derivatives by the three variances on leading axes."""

    value: FloatArray
    first: FloatArray
    second: FloatArray


def _person_level(sums: _Sums, parameters: FloatArray) -> tuple[Moments, _Jet]:
    """Return the moments without facilities, and the weights of the sizes.

    The mean of a person with m rows has information ``m w``, with ``w = 1 / (residual + m person)``.
    """
    residual = float(parameters[0])
    weight = 1.0 / (residual + sums.sizes * parameters[1])
    ray = np.array([np.ones(len(weight)), sums.sizes, np.zeros(len(weight))])
    square = ray[:, None] * ray
    slope, bend = -(weight**2) * ray, 2.0 * weight**3 * square
    each = sums.persons.sum(axis=0)
    spare = float(each @ (sums.sizes - 1.0))
    first = np.tensordot(slope, sums.between, axes=1)
    first[0] -= sums.within / residual**2
    second = np.tensordot(bend, sums.between, axes=1)
    second[0, 0] += 2.0 * sums.within / residual**3
    log_det_first = ray @ (each * weight)
    log_det_first[0] += spare / residual
    log_det_second = -square @ (each * weight**2)
    log_det_second[0, 0] -= spare / residual**2
    moments = Moments(
        log_det=spare * float(np.log(residual)) - float(each @ np.log(weight)),
        log_det_first=log_det_first,
        log_det_second=log_det_second,
        cross=sums.within / residual + np.tensordot(weight, sums.between, axes=1),
        first=first,
        second=second,
    )
    return moments, _Jet(value=weight, first=slope, second=bend)


def _with_facilities(sums: _Sums, parameters: FloatArray) -> Moments:
    """Return the moments less what the rows of a facility share.

    With t the information about the mean of a facility and r the weighted sum of W, a facility takes
    ``phi r r'`` away, ``phi = facility / (1 + facility t)``, and adds ``log(1 + facility t)``.
    """
    variance = float(parameters[2])
    persons, weight = _person_level(sums, parameters)
    rows = sums.persons * sums.sizes
    t, t1, t2 = rows @ weight.value, weight.first @ rows.T, weight.second @ rows.T
    own = np.array([0.0, 0.0, 1.0])[:, None]
    both, mixed, square = own[:, None] * own, own[:, None] * t1 + t1[:, None] * own, t1[:, None] * t1
    below = 1.0 + variance * t
    phi = variance / below
    shared = _Jet(
        value=phi,
        first=own / below**2 - phi**2 * t1,
        second=-2.0 * (both * t + mixed * variance) / below**3 + 2.0 * phi**3 * square - phi**2 * t2,
    )
    total = _Jet(
        value=np.einsum("fmp,m->fp", sums.totals, weight.value),
        first=np.einsum("fmp,km->kfp", sums.totals, weight.first),
        second=np.einsum("fmp,klm->klfp", sums.totals, weight.second),
    )
    taken = _squares(shared, total)
    log_second = -both * (t / below) ** 2 + mixed / below**2 - phi**2 * square + phi * t2
    return Moments(
        log_det=persons.log_det + float(np.log(below).sum()),
        log_det_first=persons.log_det_first + (own * t / below + phi * t1).sum(axis=1),
        log_det_second=persons.log_det_second + log_second.sum(axis=2),
        cross=persons.cross - taken.value,
        first=persons.first - taken.first,
        second=persons.second - taken.second,
    )


def _squares(phi: _Jet, r: _Jet) -> _Jet:
    """Return the sum over facilities of ``phi r r'``."""
    lean = np.einsum("f,kfp,fq->kpq", phi.value, r.first, r.value)
    # The second derivative is symmetric twice over: a half of it, with what transposing adds.
    turned = np.einsum("kf,lfp,fq->klpq", phi.first, r.first, r.value)
    turned += 0.5 * np.einsum("f,kfp,lfq->klpq", phi.value, r.first, r.first)
    turned = turned + turned.transpose(1, 0, 2, 3)
    turned = turned + np.einsum("f,klfp,fq->klpq", phi.value, r.second, r.value)
    turned = turned + turned.transpose(0, 1, 3, 2)
    return _Jet(
        value=(r.value * phi.value[:, None]).T @ r.value,
        first=lean + lean.transpose(0, 2, 1) + np.einsum("kf,fp,fq->kpq", phi.first, r.value, r.value),
        second=turned + np.einsum("klf,fp,fq->klpq", phi.second, r.value, r.value),
    )


def _persons_only(sums: _Sums, parameters: FloatArray) -> Moments:
    """Return the moments by the first two variances."""
    moments, _ = _person_level(sums, parameters)
    return Moments(
        log_det=moments.log_det,
        log_det_first=moments.log_det_first[:2],
        log_det_second=moments.log_det_second[:2, :2],
        cross=moments.cross,
        first=moments.first[:2],
        second=moments.second[:2, :2],
    )


def _cannot(rows: Rows, home: IntArray, facility: IntArray | None, facilities: int) -> str:
    """Return why the variances cannot be told apart; empty where they can. ``home`` is of each person."""
    if rows.counts.max() < 2:
        return "nobody has two waves: persons and residual cannot be told apart"
    if facility is None:
        return ""
    if (home[rows.person] != facility).any():
        return "a person is in two facilities: facilities must hold whole persons"
    if facilities < 2:
        return "one facility only: no variance between facilities"
    if np.bincount(home).max() < 2:
        return "one person per facility: persons and facilities cannot be told apart"
    return ""


def _within_persons(table: FloatArray, response: FloatArray, rows: Rows) -> str:
    """Say whether anything is left within persons once the design is taken out."""
    means = np.column_stack([np.bincount(rows.person, column) / rows.counts for column in table.T])
    inside = table - means[rows.person]
    solved, *_ = np.linalg.lstsq(inside[:, :-1], inside[:, -1], rcond=1e-10)
    left = inside[:, -1] - inside[:, :-1] @ solved
    return "no spread within persons: no test" if same_as_nothing(left, response, len(left)) else ""


def fit_random_intercepts(
    response: FloatArray,
    design: FloatArray,
    person: IntArray,
    *,
    facility: IntArray | None = None,
    method: Method = "satterthwaite",
    names: Sequence[str] = (),
    level: float = 0.95,
) -> RandomInterceptModel:
    r"""Fit a linear model with random intercepts for persons and facilities by restricted likelihood.

    The same model as ``lmer(y ~ ... + (1 | facility) + (1 | person), REML = TRUE)``. Persons who were seen
    at some waves only stay in; their answers count for what they are worth under missing at random.

    Parameters
    ----------
    response : ndarray, shape (n,)
        One row for each person and wave that was seen; a NaN gives no fit, but the reason.
    design : ndarray, shape (n, p)
        Include the column of ones yourself.
    person : ndarray of int, shape (n,)
        Any codes.
    facility : ndarray of int, shape (n,), optional
        Any codes; the same at all rows of a person.
    method : {"satterthwaite", "kenward_roger"}
        Degrees of freedom, and for Kenward-Roger also adjusted standard errors.
    names : sequence of str
        Names of the columns, for the reason.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    RandomInterceptModel
        NaN with a reason where a column is determined by those before it, nobody has two rows, there is
        one facility only or one person in each, a person is in two facilities, nothing is left within
        persons, or the search does not end. A variance that is estimated as zero is zero, with a note.

    Notes
    -----
    The data are passed once, into cross products within persons, between persons and of facilities. Then
    Fisher scoring, and Newton's method near the top, on the variances themselves with zero as lower bound:
    on their logarithms an estimate of zero would lie at minus infinity. At the bound a variance counts as
    known, so that degrees of freedom are those of the model without it (as in SAS; pbkrtest keeps it in).

    References
    ----------
    Laird, N. M. & Ware, J. H. (1982). Random-effects models for longitudinal data. Biometrics, 38, 963-974.
    Kenward, M. G. & Roger, J. H. (1997). Biometrics, 53, 983-997.

    Examples
    --------
    Five persons, of whom the last has the baseline only:

    >>> y = np.array([1.0, 2, 2, 4, 5, 6, 6, 6, 4])
    >>> later = np.array([0.0, 1, 0, 1, 0, 1, 0, 1, 0])
    >>> fit = fit_random_intercepts(
    ...     y, np.column_stack([np.ones(9), later]), np.array([1, 1, 2, 2, 3, 3, 4, 4, 5])
    ... )
    >>> fit.estimate.round(4).tolist(), fit.df.round(3).tolist(), fit.converged
    ([3.6, 0.9909], [4.363, 3.137], True)
    """
    rows = rows_of(person)
    n, p = design.shape
    basis = design_basis(design, response, names=names)
    codes = np.zeros(n, dtype=np.intp)
    if facility is not None:
        codes = np.unique(facility, return_inverse=True)[1].astype(np.intp)
    facilities = int(codes.max(initial=-1)) + 1
    home = np.zeros(rows.persons, dtype=np.intp)
    home[rows.person] = codes
    count = 0 if facility is None else facilities
    reason = basis.reason or _cannot(rows, home, None if facility is None else codes, facilities)
    table = np.column_stack([basis.columns, basis.residual])
    reason = reason or _within_persons(table, response, rows)
    if reason:
        return _none(p, reason, n=n, rows=rows, facilities=count, method=method)
    found = _search(_sums(table, rows, home, facilities), table, with_facilities=facility is not None)
    if not found.converged:
        return _none(
            p, found.reason, n=n, rows=rows, facilities=count, method=method, iterations=found.iterations
        )
    return _model(found, basis, n=n, rows=rows, facilities=count, method=method, level=level)


def _search(sums: _Sums, table: FloatArray, *, with_facilities: bool) -> Maximum:
    n, width = table.shape
    total = float(table[:, -1] @ table[:, -1]) / (n - width + 1)
    start = np.array([0.5, 0.4, 0.1]) * total if with_facilities else np.array([0.5, 0.5]) * total

    def evaluate(parameters: FloatArray) -> RestrictedLikelihood | None:
        if not parameters[0] > 0:
            return None
        moments = (_with_facilities if with_facilities else _persons_only)(sums, parameters)
        return restricted_likelihood(parameters, moments, n)

    return maximise(evaluate, start, np.array([-np.inf, 0.0, 0.0])[: len(start)])


def _none(
    p: int, reason: str, *, n: int, rows: Rows, facilities: int, method: Method, iterations: int = 0
) -> RandomInterceptModel:
    return RandomInterceptModel(
        **no_fields(p, reason, n=n, persons=rows.persons, iterations=iterations, method=method),
        residual_variance=np.nan,
        person_variance=np.nan,
        facility_variance=np.nan,
        variance_errors=np.full(3, np.nan),
        facilities=facilities,
    )


def _model(
    found: Maximum, basis: DesignBasis, *, n: int, rows: Rows, facilities: int, method: Method, level: float
) -> RandomInterceptModel:
    variances = np.full(3, np.nan)
    variances[: len(found.free)] = found.at.parameters
    errors = np.full(3, np.nan)
    chosen = np.flatnonzero(found.free)
    errors[chosen] = np.sqrt(np.diag(np.linalg.inv(found.at.observed[np.ix_(chosen, chosen)])))
    zero = np.flatnonzero(~found.free)
    return RandomInterceptModel(
        **wave_fields(
            uncertainty_of(found, basis, method),
            n=n,
            persons=rows.persons,
            log_likelihood=found.at.log_likelihood - 0.5 * basis.log_det,
            iterations=found.iterations,
            notes=tuple(f"the variance {_NAMES[i]} is estimated as zero" for i in zero),
            level=level,
        ),
        residual_variance=float(variances[0]),
        person_variance=float(variances[1]),
        facility_variance=float(variances[2]),
        variance_errors=errors,
        facilities=facilities,
    )
