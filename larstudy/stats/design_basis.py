"""A design matrix in an orthonormal basis: what the models for waves compute in, and translate back from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from larstudy.stats.arrays import FloatArray

_RANK_TOLERANCE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignBasis:
    """An orthonormal basis of a design, and the response less what least squares explains.

    Attributes
    ----------
    columns : ndarray, shape (n, p)
        Orthonormal columns that span the design.
    back : ndarray, shape (p, p)
        Takes coefficients of the basis to coefficients of the design: ``columns = design @ back``.
    log_det : float
        ``log |X'X|``, which a restricted likelihood in the design has over one in the basis.
    coefficients : ndarray, shape (p,)
        Of least squares, on the design.
    residual : ndarray, shape (n,)
        Of least squares.
    reason : str
        Why there is no basis; empty where there is. The arrays then have no rows.
    """

    columns: FloatArray
    back: FloatArray
    log_det: float
    coefficients: FloatArray
    residual: FloatArray
    reason: str


def _no_basis(p: int, reason: str) -> DesignBasis:
    return DesignBasis(
        columns=np.empty((0, p)),
        back=np.full((p, p), np.nan),
        log_det=np.nan,
        coefficients=np.full(p, np.nan),
        residual=np.empty(0),
        reason=reason,
    )


def design_basis(design: FloatArray, response: FloatArray, *, names: Sequence[str] = ()) -> DesignBasis:
    """Return an orthonormal basis of a design.

    Parameters
    ----------
    design : ndarray, shape (n, p)
    response : ndarray, shape (n,)
    names : sequence of str
        Names of the columns, for the reason.

    Returns
    -------
    DesignBasis
        With a reason where a value is missing, a column is determined by those before it, no residual
        degree of freedom is left, or the columns explain the response without any residual.

    Examples
    --------
    >>> basis = design_basis(np.array([[1.0, 0], [1, 1], [1, 2]]), np.array([1.0, 2.0, 4.0]))
    >>> basis.coefficients.round(6).tolist(), round(float(np.exp(basis.log_det)), 6)
    ([0.833333, 1.5], 6.0)
    >>> design_basis(np.ones((3, 2)), np.array([1.0, 2.0, 4.0]), names=["one", "again"]).reason
    "'again' is determined by the columns before it"
    """
    n, p = design.shape
    if not (np.isfinite(response).all() and np.isfinite(design).all()):
        return _no_basis(p, "there are missing values: leave those rows out first")
    if n <= p:
        return _no_basis(p, f"{n} rows are too few for {p} coefficients")
    size = np.sqrt((design**2).sum(axis=0))
    empty = np.flatnonzero(size == 0)
    if len(empty):
        return _no_basis(p, f"{called(names, int(empty[0]), p)} is zero for everybody")
    columns, triangle = np.linalg.qr(design / size)
    diagonal = np.abs(np.diag(triangle))
    dependent = np.flatnonzero(diagonal < _RANK_TOLERANCE)
    if len(dependent):
        return _no_basis(p, f"{called(names, int(dependent[0]), p)} is determined by the columns before it")
    back = np.linalg.solve(triangle, np.eye(p)) / size[:, None]
    explained = columns.T @ response
    residual = response - columns @ explained
    # A second pass takes away what rounding left of the columns in the residual of a large response.
    left = columns.T @ residual
    residual = residual - columns @ left
    if same_as_nothing(residual, response, n - p):
        return _no_basis(p, "the model fits without any residual: no test")
    return DesignBasis(
        columns=columns,
        back=back,
        log_det=float(2.0 * np.log(diagonal * size).sum()),
        coefficients=back @ (explained + left),
        residual=residual,
        reason="",
    )


def same_as_nothing(residual: FloatArray, response: FloatArray, df: int) -> bool:
    """Say whether residuals are no more than rounding error of the response they came from.

    Examples
    --------
    >>> same_as_nothing(np.array([1e-15, 0.0]), np.array([3.0, 4.0]), 1)
    True
    """
    largest = float(np.abs(response).max(initial=0.0))
    return bool(np.sqrt(residual @ residual / max(df, 1)) <= 64 * np.finfo(float).eps * largest)


def called(names: Sequence[str], place: int, p: int) -> str:
    """Return what to call one of p columns in a message.

    Examples
    --------
    >>> called(["age"], 0, 1), called([], 0, 1)
    ("'age'", 'column 1')
    """
    return f"'{names[place]}'" if len(names) == p else f"column {place + 1}"
