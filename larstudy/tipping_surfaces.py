"""A difference over shifts of the lost of both its groups: the surface whose edge is the tipping point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from larstudy.handled import HandledData
from larstudy.handled_fits import EachFit, Errors, fit_each
from larstudy.stats.arrays import FloatArray
from larstudy.stats.pooling import pool_estimates

#: How far to look either way, in units, and in how many steps.
_LARGEST = 3.0
_STEPS = 61


def tipping_surface(
    data: HandledData, group: str, *, unit: float, errors: Errors = "independent", level: float = 0.95
) -> pd.DataFrame:
    """Return a group's difference from the reference over shifts of what the lost of both answered.

    Parameters
    ----------
    data : HandledData
        Imputed.
    group : str
        Not the reference.
    unit : float
        What the shifts are counted in, in the unit of the outcome; above 0.
    errors : {"independent", "CR2", "CR3"}
    level : float
        The verdict is whether p lies below 1 minus this.

    Returns
    -------
    DataFrame
        One row a pair of shifts, in units from -3 to 3: shift_group, shift_reference, estimate, p_value,
        holds: whether the verdict is that without a shift. A difference beyond chance the other way is
        another verdict.

    Notes
    -----
    Of the change score. Least squares is linear in the response and its variances are quadratic: six fits
    say what every pair of shifts would give.
    """
    none = fit_each(data, model="change_score", errors=errors)
    groups = list(none.groups)
    codes = (groups.index(group), groups.index(none.reference))
    at = [i for i in range(len(groups)) if i != codes[1]].index(codes[0])

    def fitted(first: float, second: float) -> tuple[FloatArray, FloatArray]:
        moved = sum(
            np.where(data.lost & (data.codes == code), shift * unit, 0.0)
            for code, shift in zip(codes, (first, second), strict=True)
        )
        return _parts(
            fit_each(replace(data, after=data.after + moved), model="change_score", errors=errors), at
        )

    start, own, other = _parts(none, at), (fitted(1, 0), fitted(-1, 0)), (fitted(0, 1), fitted(0, -1))
    both = fitted(1, 1)
    shifts = np.linspace(-_LARGEST, _LARGEST, _STEPS)
    x, y = (grid.ravel()[:, None] for grid in np.meshgrid(shifts, shifts))
    values = start[0] + x * (own[0][0] - own[1][0]) / 2 + y * (other[0][0] - other[1][0]) / 2
    linear = [(up[1] - down[1]) / 2 for up, down in (own, other)]
    square = [(up[1] + down[1]) / 2 - start[1] for up, down in (own, other)]
    crossed = both[1] - start[1] - sum(linear) - sum(square)
    variance = (
        start[1] + x * linear[0] + y * linear[1] + x**2 * square[0] + y**2 * square[1] + x * y * crossed
    )
    pooled = pool_estimates(
        values.T,
        np.sqrt(np.maximum(variance, 0.0)).T,
        df_complete=np.full(len(x), _df(none, at)),
        df_rule=none.df_rule,
    )
    middle = len(x) // 2
    verdict = np.where(pooled.p_value < 1.0 - level, np.sign(pooled.estimate), 0.0)
    return pd.DataFrame(
        {
            "shift_group": x[:, 0], "shift_reference": y[:, 0], "estimate": pooled.estimate,
            "p_value": pooled.p_value, "holds": verdict == verdict[middle],
        }
    )  # fmt: skip


def _parts(each: EachFit, at: int) -> tuple[FloatArray, FloatArray]:
    """Return the estimate of each data set, and its variance."""
    found = [(fit.contrasts.estimate[at], fit.contrasts.std_error[at] ** 2) for fit in each.fits]
    return np.array([one[0] for one in found]), np.array([one[1] for one in found])


def _df(each: EachFit, at: int) -> float:
    return float(np.mean([fit.contrasts.df[at] for fit in each.fits]))
