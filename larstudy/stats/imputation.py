"""Multiple imputation by chained equations, on arrays and for all m data sets at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.random import Generator

from larstudy.stats.arrays import BoolArray, FloatArray, IntArray
from larstudy.stats.designs import dependent_column, rounding_error
from larstudy.stats.imputation_draws import (
    draw_between,
    draw_levels,
    draw_multinomial,
    draw_normal,
    draw_two_level,
    level_probabilities,
    prior_precision,
)

VariableKind = Literal["numeric", "binary", "categorical"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputations:
    """m completed data sets, and how the chains went.

    Attributes
    ----------
    values : ndarray, shape (m, n, p)
        What was known is the same in all; NaN throughout where nothing can be imputed.
    missing : ndarray of bool, shape (n, p)
        What was imputed.
    trace_mean, trace_sd : ndarray, shape (iterations, m, p)
        Mean and SD (n) of the imputed values after each iteration, of categories of their codes; NaN for
        variables with nothing missing. Chains that mix well cross each other and drift nowhere.
    r_hat : ndarray, shape (p,)
        Gelman and Rubin's factor of the mean, from the second half of the iterations; near 1 where the chains
        agree. NaN with fewer than 4 iterations or 2 chains, or nothing missing. Rough with few iterations.
    left_out : ndarray of bool, shape (p,)
        Variables that are the same for everybody, and so foretell nothing.
    reason : str
        Why there is nothing, or that nothing was missing; empty otherwise.
    """

    values: FloatArray
    missing: BoolArray
    trace_mean: FloatArray
    trace_sd: FloatArray
    r_hat: FloatArray
    left_out: BoolArray
    reason: str


def impute(
    values: FloatArray,
    kinds: Sequence[VariableKind],
    *,
    seed: int,
    m: int = 20,
    iterations: int = 10,
    facility: IntArray | None = None,
    predictors: BoolArray | None = None,
    names: Sequence[str] = (),
) -> Imputations:
    r"""Impute missing numbers, yes-or-no answers and categories m times by chained equations.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        NaN is what is imputed. Binary variables hold 0 and 1, categories 0 to k - 1 with somebody in each.
        Include whatever the analysis uses (group, outcome at both waves) and whatever foretells being lost.
    kinds : sequence of {"numeric", "binary", "categorical"}
        One a variable.
    seed : int
        Same seed, same numbers.
    m : int
        Data sets.
    iterations : int
        Rounds over the variables before a data set is taken; each comes from its own chain. With a
        facility take 20 or more, because variances are drawn step by step.
    facility : ndarray of int, shape (n,), optional
        0 to F - 1, at least three; none may be missing. Every model then has a random intercept for each.
    predictors : ndarray of bool, shape (p, p), optional
        Row: the variable imputed; column: whether it is foretold from that one. All from all by default.
    names : sequence of str
        Names of the variables, for the reason.

    Returns
    -------
    Imputations
        NaN with a reason where a variable is known for nobody or never varies, codes are not what their kind
        says, or what is known cannot tell predictors apart (a whole group lost, for instance). Where nothing
        is missing, m copies, and ``reason`` says so.

    Notes
    -----
    Numeric variables are drawn from a Bayesian normal regression (mice's "norm"): they are not rounded, and
    not kept within a scale. Binary and categorical ones from a (multinomial) logistic regression, as normal
    about the posterior mode, with priors :math:`N(0, 2.5^2)` for one SD of a predictor; so perfect
    separation does no harm, where mice adds weighted persons. Coefficients are drawn for categories too,
    which mice's "polyreg" leaves at their estimates: its standard errors are smaller. Facilities are a
    two-level normal draw: random intercepts :math:`u_f \sim N(0, \tau^2)` with a flat prior for
    :math:`\tau`, in logistic models on the log odds (for each level against the first). A facility with one
    person, or none known, borrows from the others. Variables are visited from the fewest missing to the
    most. Relations are linear without interactions, and valid if missing at random.

    References
    ----------
    van Buuren, S., & Groothuis-Oudshoorn, K. (2011). mice: Multivariate imputation by chained equations in R.
    Journal of Statistical Software, 45(3). Gelman, A., Jakulin, A., Pittau, M. G., & Su, Y.-S. (2008). A
    weakly informative default prior distribution for logistic and other regression models. Annals of Applied
    Statistics, 2, 1360-1383.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=200)
    >>> y = np.where(x > 1, np.nan, 2 * x + rng.normal(size=200))  # the highest are lost
    >>> found = impute(np.column_stack([x, y]), ["numeric", "numeric"], seed=1, m=5, iterations=2)
    >>> found.values.shape, bool(found.values[:, x > 1, 1].mean() > 2)
    ((5, 200, 2), True)
    """
    p = values.shape[1]
    labels = list(names) if len(names) == p else [f"variable {j + 1}" for j in range(p)]
    missing = np.isnan(values)
    left_out = _constant(values)
    reason = _refused(values, kinds, m, iterations, facility, labels)
    if not reason and missing.any():
        chains = _Chains(values, kinds, left_out, m, facility, predictors, np.random.default_rng(seed))
        reason = chains.undetermined(labels)
        if not reason:
            traces = chains.run(iterations)
            return _imputations(chains.completed(), missing, traces, left_out, "")
    if not reason:
        reason = "nothing is missing: every data set is the one given"
        copies = np.repeat(values[None], m, axis=0)
    else:
        copies = np.full((max(m, 0), *values.shape), np.nan)
    nothing = np.full((2, max(iterations, 0), max(m, 0), values.shape[1]), np.nan)
    return _imputations(copies, missing, nothing, left_out, reason)


def _constant(values: FloatArray) -> BoolArray:
    """Say which variables are the same wherever they are known."""
    known = ~np.isnan(values)
    high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    some = known.any(axis=0)
    spread = np.where(some, high, 0.0) - np.where(some, low, 0.0)
    return np.asarray(spread <= rounding_error(np.where(known, values, 0.0)))


def _refused(
    values: FloatArray,
    kinds: Sequence[VariableKind],
    m: int,
    iterations: int,
    facility: IntArray | None,
    labels: Sequence[str],
) -> str:
    """Return why nothing can be imputed, before any model is looked at."""
    if m < 1 or iterations < 1:
        return "m and iterations must be at least 1"
    if len(kinds) != values.shape[1]:
        return f"{values.shape[1]} variables, but {len(kinds)} kinds"
    if np.isinf(values).any():
        return "some values are infinite"
    if facility is not None and len(np.unique(facility)) < 3:
        return "fewer than three facilities: give them as a variable instead"
    constant = _constant(values)
    for j, (kind, name) in enumerate(zip(kinds, labels, strict=True)):
        column = values[:, j]
        known = column[~np.isnan(column)]
        if not len(known):
            return f"'{name}' is known for nobody"
        if len(known) < len(column) and constant[j]:
            return f"'{name}' is the same wherever it is known: nothing to learn from"
        reason = "" if kind == "numeric" or constant[j] else _bad_codes(known, kind, name)
        if reason:
            return reason
    return ""


def _bad_codes(known: FloatArray, kind: VariableKind, name: str) -> str:
    levels = np.unique(known)
    if kind == "binary":
        return "" if np.isin(levels, (0.0, 1.0)).all() else f"'{name}' is binary, but not all of it is 0 or 1"
    if not np.array_equal(levels, np.arange(len(levels))):
        return f"'{name}' is categorical, but its codes are not 0, 1, ... with somebody in each"
    return ""


def _imputations(
    values: FloatArray, missing: BoolArray, traces: FloatArray, left_out: BoolArray, reason: str
) -> Imputations:
    return Imputations(
        values=values,
        missing=missing,
        trace_mean=traces[0],
        trace_sd=traces[1],
        r_hat=_r_hat(traces[0]),
        left_out=left_out,
        reason=reason,
    )


def _r_hat(trace: FloatArray) -> FloatArray:
    """Return the potential scale reduction factor of each variable from the later half of a trace."""
    iterations, m, p = trace.shape
    if iterations < 4 or m < 2:
        return np.full(p, np.nan)
    late = trace[iterations // 2 :]
    n = len(late)
    within = late.var(axis=0, ddof=1).mean(axis=0)
    between = late.mean(axis=0).var(axis=0, ddof=1)
    moving = within > 0
    ratio = between / np.where(moving, within, 1.0)
    return np.where(moving, np.sqrt((n - 1) / n + ratio), np.nan)


@dataclass(slots=True)
class _Variable:
    """One variable: its columns in the design, who lacks it, and the last draw of its model."""

    place: int
    levels: int  # 1 for a number
    columns: IntArray
    centre: FloatArray
    scale: FloatArray
    known: IntArray
    lacking: IntArray
    regressors: IntArray
    variances: FloatArray
    mode: FloatArray
    drawn: FloatArray


class _Chains:
    """m chains side by side: a design of standardised columns, in which the imputed values are replaced.

    Its columns are ones, then each variable (categories as k - 1 dummies), then one a facility.
    """

    def __init__(
        self,
        values: FloatArray,
        kinds: Sequence[VariableKind],
        left_out: BoolArray,
        m: int,
        facility: IntArray | None,
        predictors: BoolArray | None,
        rng: Generator,
    ) -> None:
        self.values, self.m, self.rng = values, m, rng
        n, p = values.shape
        codes = None if facility is None else np.unique(facility, return_inverse=True)[1]
        self.facilities = 0 if codes is None else int(codes.max()) + 1
        levels = [
            1 if kind == "numeric" or out else int(np.nanmax(values[:, j])) + 1
            for j, (kind, out) in enumerate(zip(kinds, left_out, strict=True))
        ]
        widths = [max(k - 1, 1) for k in levels]
        starts = 1 + np.concatenate([[0], np.cumsum(widths)])
        self.design = np.empty((m, n, int(starts[-1]) + self.facilities))
        self.design[:, :, 0] = 1.0
        if codes is not None:
            self.design[:, :, starts[-1] :] = np.eye(self.facilities)[codes]
        places = [np.arange(starts[j], starts[j + 1]) for j in range(p)]
        self.variables = []
        for j in range(p):
            allowed = ~left_out if predictors is None else ~left_out & predictors[j]
            others = [places[i] for i in range(p) if i != j and allowed[i]]
            random = np.arange(starts[-1], starts[-1] + self.facilities)
            regressors = np.concatenate([[0], *others, random]).astype(np.intp)
            self.variables.append(self._variable(j, levels[j], places[j], regressors))

    def _variable(self, place: int, levels: int, columns: IntArray, regressors: IntArray) -> _Variable:
        """Standardise a variable into the design, with a random known value where it is missing."""
        column = self.values[:, place]
        known, lacking = np.flatnonzero(~np.isnan(column)), np.flatnonzero(np.isnan(column))
        coded = _columns(column[known], levels)
        scale = coded.std(axis=0)
        variable = _Variable(
            place=place,
            levels=levels,
            columns=columns,
            centre=coded.mean(axis=0),
            scale=np.where(scale > 0, scale, 1.0),
            known=known,
            lacking=lacking,
            regressors=regressors,
            variances=np.tile([1.0, 0.1], (self.m, max(levels - 1, 1), 1)),
            mode=np.zeros((self.m, max(levels - 1, 1), len(regressors))),
            drawn=column[known[self.rng.integers(len(known), size=(self.m, len(lacking)))]],
        )
        self.design[:, known[:, None], columns] = (coded - variable.centre) / variable.scale
        self._place(variable)
        return variable

    def _place(self, variable: _Variable) -> None:
        coded = _columns(variable.drawn, variable.levels)
        standard = (coded - variable.centre) / variable.scale
        self.design[:, variable.lacking[:, None], variable.columns] = standard

    def undetermined(self, labels: Sequence[str]) -> str:
        """Say which variable has a model that what is known cannot determine; empty where none has."""
        for variable in self.variables:
            if len(variable.lacking):
                fixed = variable.regressors[: len(variable.regressors) - self.facilities]
                if len(variable.known) <= len(fixed):
                    return (
                        f"'{labels[variable.place]}' is known for {len(variable.known)} persons: too few for "
                        f"{len(fixed)} coefficients"
                    )
                names = self._column_names(labels)
                reasons = []
                for design in self.design:
                    rows = design[np.ix_(variable.known, fixed)]
                    reasons.append(dependent_column(rows, [names[c] for c in fixed]))
                    if not reasons[-1]:
                        break
                if reasons[-1]:
                    return f"among those whose '{labels[variable.place]}' is known, {reasons[-1]}"
        return ""

    def _column_names(self, labels: Sequence[str]) -> list[str]:
        return ["intercept", *(labels[v.place] for v in self.variables for _ in v.columns)]

    def run(self, iterations: int) -> FloatArray:
        """Go round the variables, and return the means and SDs of what was imputed, (2, iterations, m, p)."""
        traces = np.full((2, iterations, self.m, self.values.shape[1]), np.nan)
        incomplete = [v for v in self.variables if len(v.lacking)]
        for turn in range(iterations):
            for variable in sorted(incomplete, key=lambda v: len(v.lacking)):
                if variable.levels == 1:
                    self._draw_number(variable)
                else:
                    self._draw_level(variable)
                self._place(variable)
                traces[0, turn, :, variable.place] = variable.drawn.mean(axis=1)
                traces[1, turn, :, variable.place] = variable.drawn.std(axis=1)
        return traces

    def _draw_number(self, variable: _Variable) -> None:
        rows = self.design[:, variable.known]
        products = rows.transpose(0, 2, 1) @ rows
        use, own, n = variable.regressors, variable.columns[0], len(variable.known)
        gram, cross = products[:, use[:, None], use], products[:, use, own]
        square = float(products[0, own, own])
        if self.facilities:
            found, variances = draw_two_level(
                gram,
                cross,
                square,
                n,
                self.rng,
                facilities=self.facilities,
                variances=variable.variances[:, 0],
            )
            variable.variances[:, 0] = variances
            sigma = np.sqrt(variances[:, 0])
        else:
            found, sigma = draw_normal(gram, cross, square, n, self.rng)
        coefficients = np.zeros((self.m, self.design.shape[2], 1))
        coefficients[:, use, 0] = found
        drawn = (self.design[:, variable.lacking] @ coefficients)[:, :, 0]
        drawn += sigma[:, None] * self.rng.standard_normal(drawn.shape)
        variable.drawn = drawn * variable.scale[0] + variable.centre[0]

    def _draw_level(self, variable: _Variable) -> None:
        x = self.design[:, variable.known[:, None], variable.regressors]
        onehot = np.eye(variable.levels)[self.values[variable.known, variable.place].astype(np.intp)]
        fixed = len(variable.regressors) - self.facilities
        precision = np.empty(variable.mode.shape)
        precision[:, :, :fixed] = prior_precision(fixed - 1)
        precision[:, :, fixed:] = 1.0 / variable.variances[:, :, 1:]
        variable.mode, found = draw_multinomial(x, onehot, precision, variable.mode, self.rng)
        if self.facilities:
            variable.variances[:, :, 1] = draw_between(found[:, :, fixed:], self.rng)
        lacking = self.design[:, variable.lacking[:, None], variable.regressors]
        variable.drawn = draw_levels(level_probabilities(lacking, found), self.rng)

    def completed(self) -> FloatArray:
        """Return the data with what was drawn in its place, (m, n, p)."""
        whole = np.repeat(self.values[None], self.m, axis=0)
        for variable in self.variables:
            whole[:, variable.lacking, variable.place] = variable.drawn
        return whole


def _columns(values: FloatArray, levels: int) -> FloatArray:
    """Return a number as it is, a category as dummies of all levels but the first; on a new last axis."""
    if levels <= 2:
        return values[..., None]
    return np.asarray(values[..., None] == np.arange(1, levels), dtype=np.float64)
