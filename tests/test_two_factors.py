"""Two correlated factors: against lavaan, and every answer that cannot be fitted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

from larstudy.stats import two_factors
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
        # Too few persons for their correlations to have a best fit: the steps never end.
        (np.random.default_rng(0).standard_normal((8, 5)), [2, 3, 4], "did not settle"),
        # Nor does any part of a step lead lower.
        (np.random.default_rng(51).standard_normal((30, 8)), [4, 5, 6, 7], "did not settle"),
    ],
)
def test_what_cannot_be_fitted_says_why(y: np.ndarray, second: list[int], words: str) -> None:
    fit = two_factor_fit(y, second=np.array(second))
    assert words in fit.reason
    assert np.isnan([fit.chi_square, fit.rmsea, fit.cfi, fit.nfi, fit.correlation]).all()
    assert np.isnan(fit.loadings).all()


def chi_square_of(y: np.ndarray, theta: np.ndarray) -> float:
    """n times the discrepancy at loadings, unique variances and correlation; three items for each factor."""
    by_factor = np.zeros((6, 2))
    by_factor[:3, 0], by_factor[3:, 1] = theta[:3], theta[3:6]
    factors = np.array([[1.0, theta[12]], [theta[12], 1.0]])
    implied = by_factor @ factors @ by_factor.T + np.diag(theta[6:12])
    if np.linalg.eigvalsh(implied)[0] <= 0:
        return 1e6
    r = np.corrcoef(y, rowvar=False)
    both = np.linalg.slogdet(implied)[1] - np.linalg.slogdet(r)[1]
    return float(len(y) * (both + np.trace(np.linalg.solve(implied, r)) - 6))


@pytest.mark.parametrize("seed", range(4))
def test_a_general_search_finds_nothing_lower(seed: int) -> None:
    rng = np.random.default_rng(seed)
    factors = rng.standard_normal((107, 2)) @ np.array([[1.0, 0.4], [0.0, 0.84**0.5]])
    y = 0.7 * np.repeat(factors, 3, axis=1) + 0.51**0.5 * rng.standard_normal((107, 6))
    fit = two_factor_fit(y, second=np.array([3, 4, 5]))
    start = np.concatenate([rng.uniform(0.2, 0.9, 12), [0.0]])
    lowest = optimize.minimize(lambda theta: chi_square_of(y, theta), start, method="BFGS").fun
    assert fit.chi_square == pytest.approx(lowest, abs=1e-4)


def test_a_step_too_far_is_shortened() -> None:
    """Twelve persons: steps leave what is a covariance matrix, and it ends where no direction leads lower."""
    y = np.random.default_rng(9).standard_normal((12, 6))
    fit = two_factor_fit(y, second=np.array([3, 4, 5]))
    found = np.concatenate([fit.loadings, 1.0 - fit.loadings**2, [fit.correlation]])
    assert chi_square_of(y, found) == pytest.approx(fit.chi_square, abs=1e-6)
    for direction in np.eye(13) * 1e-3:
        assert chi_square_of(y, found + direction) > fit.chi_square
        assert chi_square_of(y, found - direction) > fit.chi_square


def test_a_step_that_cannot_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Second derivatives without an inverse give a reason, not an error of linear algebra."""
    monkeypatch.setattr(two_factors, "_derivatives", lambda *_: (np.ones(21), np.zeros((21, 21))))
    assert "did not settle" in two_factor_fit(answers("cut"), second=SECOND).reason
