"""Regression to the mean and the test of Mee and Chua: by hand and by their properties."""

from __future__ import annotations

import numpy as np
import pytest

from larstudy.stats.mee_chua import mee_chua, mee_chua_range
from larstudy.stats.regression_to_mean import regression_to_mean, regression_to_mean_range
from tests.samples import AFTER, BEFORE, CODES


class TestRegressionToTheMean:
    def test_the_range_has_its_extremes_at_the_ends(self) -> None:
        span = regression_to_mean_range(BEFORE, AFTER, CODES, 2, low=2.0, high=7.0)
        for mean in np.linspace(2.0, 7.0, 11):
            part = regression_to_mean(BEFORE, AFTER, CODES, 2, population_mean=float(mean))
            assert (part.remainder.estimate >= span.remainder_low - 1e-12).all()
            assert (part.remainder.estimate <= span.remainder_high + 1e-12).all()
            assert (part.expected.estimate >= span.expected_low - 1e-12).all()
            assert (part.expected.estimate <= span.expected_high + 1e-12).all()
            assert (part.remainder.conf_low >= span.conf_low - 1e-12).all()
            assert (part.remainder.conf_high <= span.conf_high + 1e-12).all()
        # remainder of the first at 7: .5 - .2 * 4.5
        assert span.remainder_low[0] == pytest.approx(-0.4)
        assert span.zero_in_interval.tolist() == [True, True]
        assert (span.at_low.population_mean, span.at_high.population_mean) == (2.0, 7.0)

    def test_what_does_not_regress_has_no_error(self) -> None:
        alone = regression_to_mean(BEFORE, AFTER, np.zeros(8, dtype=int), 1)
        assert alone.expected.estimate[0] == pytest.approx(0.0, abs=1e-12)
        assert np.isnan(alone.expected.std_error[0])
        # the remainder is the whole gain: .5, with tau2 / 8 + (1 - b)^2 s2 / 8, the error of the mean change
        assert alone.remainder.estimate[0] == pytest.approx(0.5)
        perfect = regression_to_mean(BEFORE, AFTER, CODES, 2, reliability=1.0)
        assert perfect.expected.estimate.tolist() == [0.0, 0.0]
        assert np.isnan(perfect.expected.p_value).all()
        assert np.isfinite(perfect.remainder.p_value).all()

    def test_mee_and_chua_over_a_range(self) -> None:
        # slope over everybody: products 8 + 8, squares 18: 16/18; gain .5; nothing remains at 3.5 + .5 * 9 = 8
        span = mee_chua_range(BEFORE, AFTER, low=9.0, high=2.0)
        assert span.no_change_at == pytest.approx(8.0)
        assert span.p_largest == 1.0
        assert (span.at_low.population_mean, span.at_high.population_mean) == (2.0, 9.0)
        # steepest at 3.5 - (1/9) * 18 / (8 * .5) = 3
        assert span.p_smallest == pytest.approx(mee_chua(BEFORE, AFTER, population_mean=3.0).p_value)
        near = mee_chua_range(BEFORE, AFTER, low=4.0, high=5.0)
        assert (near.p_smallest, near.p_largest) == (near.at_low.p_value, near.at_high.p_value)
        assert mee_chua_range(BEFORE, AFTER - 0.5, low=2.0, high=3.0).no_change_at == pytest.approx(3.5)

    def test_where_nothing_fades_nothing_regresses(self) -> None:
        # slope 1 exactly: residuals +-1 beside two equal baselines
        before = np.array([1.0, 1.0, 3.0, 3.0])
        span = mee_chua_range(before, before + np.array([1.0, 3, 1, 3]), low=0.0, high=9.0)
        assert np.isnan(span.no_change_at)
        assert (span.estimate_low, span.estimate_high) == (2.0, 2.0)

    def test_no_gain_at_all(self) -> None:
        before = np.array([1.0, 2.0, 3.0, 4.0])
        after = before[::-1] + np.array([0.5, -0.5, -0.5, 0.5])
        span = mee_chua_range(before, after, low=3.0, high=4.0)
        # no gain: nothing remains at the mean itself, and p falls all the way from there
        assert span.at_low.gain == 0.0
        assert (span.p_smallest, span.p_largest) == (span.at_high.p_value, span.at_low.p_value)
