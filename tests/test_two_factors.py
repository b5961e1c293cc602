"""Two correlated factors: against lavaan, and every answer that cannot be fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from larstudy.stats.two_factors import two_factor_fit
from tests.conftest import ORACLES

SECOND = np.arange(5, 10)


def answers(name: str) -> np.ndarray:
    inputs = pd.read_csv(ORACLES / "two_factors_inputs.csv")
    return inputs[inputs["set"] == name].drop(columns="set").to_numpy(dtype=float)


@pytest.mark.parametrize("name", ["cut", "clean", "small"])
def test_against_lavaan(name: str) -> None:
    theirs = pd.read_csv(ORACLES / "two_factors.csv").query("set == @name").set_index("term")["value"]
    fit = two_factor_fit(answers(name), second=SECOND)
    assert fit.reason == ""
    for term in ("n", "chi_square", "df", "rmsea", "rmsea_low", "rmsea_high", "cfi", "nfi", "correlation"):
        assert getattr(fit, term) == pytest.approx(theirs[term], rel=2e-5, abs=2e-5), term
    loadings = [theirs[f"loading_q{i}"] for i in range(1, 11)]
    np.testing.assert_allclose(fit.loadings, loadings, atol=5e-5)


def test_units_order_and_the_lost_do_not_matter() -> None:
    y = answers("cut")
    fit = two_factor_fit(y, second=SECOND)
    scaled = two_factor_fit(3.0 - 2.0 * y, second=SECOND)
    assert scaled.chi_square == pytest.approx(fit.chi_square, rel=1e-9)
    with_gaps = np.vstack([y, np.full((1, 10), np.nan)])
    assert two_factor_fit(with_gaps, second=SECOND).n == len(y)
    turned = two_factor_fit(y[:, ::-1], second=np.arange(5))
    np.testing.assert_allclose(turned.loadings[::-1], fit.loadings, atol=1e-5)


def test_what_fits_exactly_fits_exactly() -> None:
    """Answers with exactly the correlations of the model: chi-square 0, RMSEA 0, CFI 1."""
    loadings = np.array([0.8, 0.7, 0.6, 0.75, 0.65, 0.55])
    first = np.arange(6) < 3
    factors = np.where(first[:, None] == first[None, :], 1.0, 0.4)
    r = factors * np.outer(loadings, loadings)
    np.fill_diagonal(r, 1.0)
    rng = np.random.default_rng(3)
    white = rng.standard_normal((50, 6))
    white -= white.mean(axis=0)
    white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white, rowvar=False))).T
    fit = two_factor_fit(white @ np.linalg.cholesky(r).T, second=np.array([3, 4, 5]))
    assert fit.chi_square == pytest.approx(0.0, abs=1e-7)
    assert (fit.rmsea, fit.rmsea_low, fit.rmsea_high, fit.cfi) == (0.0, 0.0, 0.0, 1.0)
    assert fit.correlation == pytest.approx(0.4, abs=1e-4)
    np.testing.assert_allclose(fit.loadings, loadings, atol=1e-4)


@pytest.mark.parametrize(
    ("y", "second", "words"),
    [
        (np.random.default_rng(1).standard_normal((40, 6)), [5], "two items"),
        (np.random.default_rng(1).standard_normal((5, 6)), [3, 4, 5], "fewer persons"),
        (np.full((40, 6), 3.0), [3, 4, 5], "everybody answers alike"),
        (np.random.default_rng(1).standard_normal((40, 1)) @ np.ones((1, 6)), [3, 4, 5], "follow from"),
        (np.random.default_rng(1).standard_normal((9, 6)), [3, 4, 5], "did not settle"),
    ],
)
def test_what_cannot_be_fitted_says_why(y: np.ndarray, second: list[int], words: str) -> None:
    fit = two_factor_fit(y, second=np.array(second))
    assert words in fit.reason
    assert np.isnan([fit.chi_square, fit.rmsea, fit.cfi, fit.nfi, fit.correlation]).all()
    assert np.isnan(fit.loadings).all()
