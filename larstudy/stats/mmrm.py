"""The mixed model for repeated measures: any waves missing, and no shape assumed for their covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.design_basis import design_basis, same_as_nothing
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

#: Correlations of the waves whose smallest eigenvalue is below the first are not admissible; a search that
#: ends below the second was on its way there.
_NOT_ADMISSIBLE = 1e-9
_NEARLY_SINGULAR = 1e-4
_TENDS = (
    "the covariance of the waves tends to a singular one: "
    "waves that determine each other, or too few persons for so many waves"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MmrmModel(WaveModel):
    """A linear model for T waves with an unstructured covariance within persons.

    Attributes
    ----------
    waves : ndarray of int, shape (T,)
        Codes of the waves in increasing order.
    wave_covariance : ndarray, shape (T, T)
        Of the waves of a person, in that order; NaN where there is no fit.
    patterns : int
        Different sets of waves that persons were seen at. The other attributes are those of `WaveModel`.
    """

    waves: IntArray
    wave_covariance: FloatArray
    patterns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Patterns:
    """Cross products of the waves by pattern: their size does not depend on the number of persons.

    Attributes
    ----------
    seen : ndarray of bool, shape (g, T)
        The waves of each pattern.
    persons : ndarray, shape (g,)
    cross : ndarray, shape (g, T, T, (p + 1) ** 2)
        Sum over persons of ``W[a] W[b]'``, W being a row of the design with the response behind it; zero
        for a wave that is not in the pattern.
    width : int
        p + 1.
    """

    seen: BoolArray
    persons: FloatArray
    cross: FloatArray
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Elements:
    """The K elements of a covariance matrix of T waves: rows, columns, and 1/2 for those on the diagonal."""

    row: IntArray
    column: IntArray
    factor: FloatArray

    def matrix(self, parameters: FloatArray) -> FloatArray:
        """Return the symmetric matrix that has these elements."""
        size = int(self.row.max()) + 1
        found = np.empty((size, size))
        found[self.row, self.column] = parameters
        found[self.column, self.row] = parameters
        return found


def _elements(waves: int) -> _Elements:
    row, column = np.tril_indices(waves)
    return _Elements(row=row, column=column, factor=np.where(row == column, 0.5, 1.0))


def _patterns(table: FloatArray, rows: Rows, wave: IntArray, waves: int) -> _Patterns:
    width = table.shape[1]
    cube = np.zeros((rows.persons, waves, width))
    cube[rows.person, wave] = table
    seen = np.zeros((rows.persons, waves), dtype=np.bool_)
    seen[rows.person, wave] = True
    _, first, pattern, counts = np.unique(
        seen @ (2.0 ** np.arange(waves)), return_index=True, return_inverse=True, return_counts=True
    )
    cross = np.empty((len(first), waves, waves, width * width))
    for place in range(len(first)):
        flat = cube[pattern == place].reshape(-1, waves * width)
        product = (flat.T @ flat).reshape(waves, width, waves, width)
        cross[place] = product.transpose(0, 2, 1, 3).reshape(waves, waves, -1)
    return _Patterns(seen=seen[first], persons=counts.astype(float), cross=cross, width=width)


def _inverses(covariance: FloatArray, seen: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return, by pattern, the inverse of the covariance of its waves among zeros, and the log determinant."""
    both = seen[:, :, None] & seen[:, None, :]
    # A one on the diagonal of an absent wave leaves inverse and determinant of the others alone.
    padded = np.where(both, covariance, np.eye(len(covariance)))
    return np.linalg.inv(padded) * both, np.linalg.slogdet(padded)[1]


def _moments(covariance: FloatArray, patterns: _Patterns, elements: _Elements) -> Moments:
    """Return the moments at a covariance; its derivative by an element has ones at the two places."""
    t, width = len(covariance), patterns.width
    inverse, log_dets = _inverses(covariance, patterns.seen)
    g, persons = len(inverse), patterns.persons
    cross = np.tensordot(inverse, patterns.cross, axes=([0, 1, 2], [0, 1, 2]))
    # inv(S) cross inv(S), over the waves
    half = (inverse @ patterns.cross.reshape(g, t, -1)).reshape(g, t, t, -1)
    sandwich = inverse[:, None] @ half
    a, b, f = elements.row, elements.column, elements.factor
    total = sandwich.sum(axis=0).reshape(t, t, width, width)[a, b]
    # quadruple[b, c, a, d]: sum over patterns of inverse[b, c] * sandwich[a, d]
    quadruple = (inverse.reshape(g, -1).T @ sandwich.reshape(g, -1)).reshape(t, t, t, t, width, width)
    a1, b1, c1, d1 = a[:, None], b[:, None], a[None], b[None]
    second = (
        quadruple[b1, c1, a1, d1]
        + quadruple[b1, d1, a1, c1]
        + quadruple[a1, c1, b1, d1]
        + quadruple[a1, d1, b1, c1]
    ) * np.outer(f, f)[:, :, None, None]
    pairs = np.tensordot(persons, inverse[:, a1, c1] * inverse[:, b1, d1], axes=1)
    pairs += np.tensordot(persons, inverse[:, a1, d1] * inverse[:, b1, c1], axes=1)
    return Moments(
        log_det=float(persons @ log_dets),
        log_det_first=2.0 * f * np.tensordot(persons, inverse, axes=1)[a, b],
        log_det_second=-2.0 * np.outer(f, f) * pairs,
        cross=cross.reshape(width, width),
        first=-f[:, None, None] * (total + total.transpose(0, 2, 1)),
        second=second + second.transpose(0, 1, 3, 2),
    )


def _smallest(covariance: FloatArray) -> float:
    """Return the smallest eigenvalue of the correlation matrix; -1 where a variance is not positive."""
    diagonal = np.diag(covariance)
    if not (diagonal > 0).all():
        return -1.0
    size = np.sqrt(diagonal)
    return float(np.linalg.eigvalsh(covariance / np.outer(size, size))[0])


def _cannot(table: FloatArray, response: FloatArray, rows: Rows, wave: IntArray, codes: IntArray) -> str:
    """Return why there is nothing to fit; empty where there is."""
    waves = len(codes)
    seen = np.zeros((rows.persons, waves))
    np.add.at(seen, (rows.person, wave), 1.0)
    if seen.max() > 1:
        return "a person has the same wave twice"
    if waves < 2:
        return "one wave only: nothing is repeated"
    apart = np.argwhere(np.triu(seen.T @ seen == 0, 1))
    if len(apart):
        first, second = (codes[i] for i in apart[0])
        return f"nobody has both wave {first} and wave {second}: their covariance is not known"
    for place in range(waves):
        here = table[wave == place]
        solved, *_ = np.linalg.lstsq(here[:, :-1], here[:, -1], rcond=1e-10)
        if same_as_nothing(here[:, -1] - here[:, :-1] @ solved, response, len(here)):
            return f"no spread at wave {codes[place]}: no test"
    return ""


def fit_mmrm(
    response: FloatArray,
    design: FloatArray,
    person: IntArray,
    wave: IntArray,
    *,
    method: Method = "satterthwaite",
    names: Sequence[str] = (),
    level: float = 0.95,
) -> MmrmModel:
    r"""Fit a linear model with an unstructured covariance of the waves by restricted likelihood.

    Whatever waves a person misses, those that are there are used; the estimates hold under missing at random.

    Parameters
    ----------
    response : ndarray, shape (n,)
        One row for each person and wave that was seen; a NaN gives no fit, but the reason.
    design : ndarray, shape (n, p)
        Include the column of ones and the columns of the waves yourself. What changes from wave to wave,
        such as the network a person has at each, is columns like any other.
    person, wave : ndarray of int, shape (n,)
        Any codes; no person has a wave twice.
    method : {"satterthwaite", "kenward_roger"}
        Degrees of freedom, and for Kenward-Roger also adjusted standard errors.
    names : sequence of str
        Names of the columns, for the reason.
    level : float
        Confidence level between 0 and 1.

    Returns
    -------
    MmrmModel
        NaN with a reason where a column is determined by those before it, a person has a wave twice, there
        is one wave only, nobody has two of the waves together, a wave has no spread, the covariance tends to
        a singular one, or the search does not end.

    Notes
    -----
    Persons enter by cross products of their waves, one set for each pattern of missing waves, so that the
    cost of the search does not grow with persons. Fisher scoring, and Newton's method near the top, on the
    elements of the covariance matrix, which Kenward-Roger then is linear in: as in SAS. Software that takes
    another scale, such as a Cholesky factor, adjusts the errors a little differently.

    References
    ----------
    Mallinckrodt, C. H., Clark, W. S. & David, S. R. (2001). Accounting for dropout bias using mixed-effects
    models. Journal of Biopharmaceutical Statistics, 11, 9-21. Kenward, M. G. & Roger, J. H. (1997).
    Biometrics, 53, 983-997.

    Examples
    --------
    Five persons at two waves, the sixth at the first only. With two waves this is the regression of the
    second on the first, evaluated at the mean of all who were seen at the first.

    >>> y = np.array([1.0, 3, 2, 2, 4, 5, 5, 9, 3, 4, 6])
    >>> person = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6])
    >>> wave = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0])
    >>> fit = fit_mmrm(y, (wave[:, None] == np.arange(2)).astype(float), person, wave)
    >>> fit.estimate.round(4).tolist(), fit.wave_covariance.round(4).tolist()
    ([3.5, 5.35], [[3.5, 5.25], [5.25, 9.55]])
    """
    rows = rows_of(person)
    n, p = design.shape
    codes, wave_codes = np.unique(wave, return_inverse=True)
    places = wave_codes.astype(np.intp)
    basis = design_basis(design, response, names=names)
    table = np.column_stack([basis.columns, basis.residual])
    reason = basis.reason or _cannot(table, response, rows, places, codes)
    if reason:
        return _none(p, reason, n=n, persons=rows.persons, waves=codes, method=method)
    patterns = _patterns(table, rows, places, len(codes))
    variances = np.bincount(places, basis.residual**2) / np.bincount(places)
    found = _search(patterns, variances, n)
    if not found.converged:
        return _none(
            p,
            found.reason,
            n=n,
            persons=rows.persons,
            waves=codes,
            method=method,
            iterations=found.iterations,
        )
    return MmrmModel(
        **wave_fields(
            uncertainty_of(found, basis, method),
            n=n,
            persons=rows.persons,
            log_likelihood=found.at.log_likelihood - 0.5 * basis.log_det,
            iterations=found.iterations,
            level=level,
        ),
        waves=codes,
        wave_covariance=_elements(len(codes)).matrix(found.at.parameters),
        patterns=len(patterns.persons),
    )


def _search(patterns: _Patterns, variances: FloatArray, n: int) -> Maximum:
    elements = _elements(len(variances))

    def evaluate(parameters: FloatArray) -> RestrictedLikelihood | None:
        covariance = elements.matrix(parameters)
        if not _smallest(covariance) > _NOT_ADMISSIBLE:
            return None
        return restricted_likelihood(parameters, _moments(covariance, patterns, elements), n)

    start = np.diag(variances)[elements.row, elements.column]
    found = maximise(evaluate, start, np.full(len(start), -np.inf))
    if not found.converged and _smallest(elements.matrix(found.at.parameters)) < _NEARLY_SINGULAR:
        return replace(found, reason=_TENDS)
    return found


def _none(
    p: int, reason: str, *, n: int, persons: int, waves: IntArray, method: Method, iterations: int = 0
) -> MmrmModel:
    return MmrmModel(
        **no_fields(p, reason, n=n, persons=persons, iterations=iterations, method=method),
        waves=waves,
        wave_covariance=np.full((len(waves), len(waves)), np.nan),
        patterns=0,
    )
