"""The models for waves by hand, where they must agree with each other, and on data that allow no fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from larstudy.stats import gee, mmrm, reml
from larstudy.stats.design_basis import design_basis
from larstudy.stats.gee import fit_gee
from larstudy.stats.groups import two_wave_glm
from larstudy.stats.mmrm import fit_mmrm
from larstudy.stats.random_intercepts import fit_random_intercepts
from larstudy.stats.small_sample_df import (
    Uncertainty,
    joint_test,
    linear_combinations,
    no_uncertainty,
)
from larstudy.stats.two_waves import fit_two_waves

SEEDS = st.integers(0, 10_000)


def cells(group: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """One column for each group at each wave."""
    code = group * (wave.max() + 1) + wave
    return (code[:, None] == np.unique(code)).astype(float)


def complete(
    seed: int, *, persons: int = 30, waves: int = 3, groups: int = 2
) -> tuple[np.ndarray, np.ndarray]:
    """Responses (persons, waves) and group codes."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(persons, waves)) + rng.normal(scale=1.5, size=(persons, 1)) + np.arange(waves)
    return values, np.arange(persons) % groups


def long(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Response, person and wave of what is not missing."""
    person, wave = np.nonzero(~np.isnan(values))
    return values[person, wave], person, wave


def missing(values: np.ndarray, seed: int, share: float = 0.3) -> np.ndarray:
    """Take answers away after the first wave."""
    gone = np.random.default_rng(seed).random(values.shape) < share
    gone[:, 0] = False
    return np.where(gone, np.nan, values)


def same(ours: Any, theirs: Any, names: tuple[str, ...], rtol: float = 1e-7) -> None:
    for name in names:
        np.testing.assert_allclose(
            getattr(ours, name), getattr(theirs, name), rtol=rtol, atol=1e-9, err_msg=name
        )


TABLE = ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high", "covariance", "log_likelihood")


class TestTwoWaves:
    def test_by_hand(self) -> None:
        # persons      before 1 2 5 | 6 4 8    after 2 4 6 | 6 7 8
        # changes      1 2 1 | 0 3 0: means 4/3 and 1, squares 2/3 + 6 = 20/3, over 4 df 5/3
        # means        1.5 3 5.5 | 6 5.5 8: means 10/3 and 6.5, squares 49/6 + 3.5 = 35/3, over 4 df 35/12
        # residual     5/6; persons 35/12 - 5/12 = 2.5
        fit = fit_two_waves(
            np.array([1.0, 2, 5, 6, 4, 8]), np.array([2.0, 4, 6, 6, 7, 8]), np.array([0, 0, 0, 1, 1, 1]), 2
        )
        assert fit.residual_variance == pytest.approx(5 / 6)
        assert fit.person_variance == pytest.approx(2.5)
        np.testing.assert_allclose(fit.estimate, [8 / 3, 10 / 3, 4 / 3, -1 / 3])
        # change: sqrt(5/3/3), 4 df; before: sqrt((35/12 + 5/12) / 3)
        np.testing.assert_allclose(fit.std_error[[0, 2]], [np.sqrt(10 / 9), np.sqrt(5 / 9)])
        # (35/12 + 5/12)**2 / ((35/12)**2 + (5/12)**2) * 4 = 1600 / 1250 * 4
        np.testing.assert_allclose(fit.df, [5.12, 5.12, 4, 4])

    @given(SEEDS, st.integers(1, 4), st.booleans())
    @settings(max_examples=25, deadline=None)
    def test_as_the_search_finds_it(self, seed: int, groups: int, adjusted: bool) -> None:
        values, group = complete(seed, persons=20, waves=2, groups=groups)
        # some of them at the bound
        values[:, 1] -= (seed % 3) * values[:, 0]
        age = np.random.default_rng(seed + 1).normal(40, 10, size=20)
        ours = fit_two_waves(
            values[:, 0], values[:, 1], group, groups, covariates=age[:, None] if adjusted else None
        )
        y, person, wave = long(values)
        dummies = (group[person][:, None] == np.arange(1, groups)).astype(float)
        columns = [np.ones(40), dummies, *([age[person]] if adjusted else []), wave, dummies * wave[:, None]]
        theirs = fit_random_intercepts(y, np.column_stack(columns), person)
        same(ours, theirs, TABLE, rtol=1e-6)
        assert ours.residual_variance == pytest.approx(theirs.residual_variance, rel=1e-6)
        assert ours.notes == theirs.notes

    @given(SEEDS)
    @settings(max_examples=15, deadline=None)
    def test_the_changes_are_those_of_the_linear_model(self, seed: int) -> None:
        values, group = complete(seed, waves=2, groups=3)
        ours = fit_two_waves(values[:, 0], values[:, 1], group, 3)
        assume(not ours.notes)
        theirs = two_wave_glm(values[:, 0], values[:, 1], group, 3)
        change = joint_test(ours.uncertainty, np.eye(6)[4:])
        assert change.statistic == pytest.approx(theirs.time_by_group.statistic)
        assert (change.df_num, change.df) == (2, pytest.approx(27))
        # the mean over the waves: before plus half of the change
        level = np.zeros((2, 6))
        level[:, 1:3], level[:, 4:] = np.eye(2), np.eye(2) / 2
        found = joint_test(ours.uncertainty, level)
        assert found.p_value == pytest.approx(theirs.group.p_value)
        assert found.df == pytest.approx(27)

    def test_another_reference(self) -> None:
        values, group = complete(5, waves=2, groups=3)
        first = fit_two_waves(values[:, 0], values[:, 1], group, 3)
        other = fit_two_waves(values[:, 0], values[:, 1], group, 3, reference=2)
        # group 1 against 2 = (1 against 0) - (2 against 0); the order is 2, 0, 1
        swap = np.array([[0, 0, 0, 0, 1, -1.0]])
        change = linear_combinations(first.uncertainty, swap)
        assert change.estimate[0] == pytest.approx(other.estimate[5])
        assert change.std_error[0] == pytest.approx(other.std_error[5])
        assert first.log_likelihood == pytest.approx(other.log_likelihood)

    @pytest.mark.parametrize("offset", [1e3, 1e9])
    def test_a_large_offset_costs_no_digits(self, offset: float) -> None:
        values, group = complete(5, waves=2)
        values = np.round(values, 2)
        near = fit_two_waves(values[:, 0], values[:, 1], group, 2)
        far = fit_two_waves(values[:, 0] + offset, values[:, 1] + offset, group, 2)
        np.testing.assert_allclose(far.estimate[2:], near.estimate[2:], rtol=1e-6)
        assert far.person_variance == pytest.approx(near.person_variance, rel=1e-5)

    def test_bad_input(self) -> None:
        before, after = np.array([1.0, 2, 5, 6]), np.array([2.0, 4, 6, 6])
        group = np.array([0, 0, 1, 1])
        none = np.empty(0)

        def reason(*arguments: Any, **options: Any) -> str:
            fit = fit_two_waves(*arguments, **options)
            assert np.isnan(fit.estimate).all()
            assert np.isnan([fit.person_variance, fit.log_likelihood]).all()
            assert not fit.converged
            assert len(fit.estimate) == len(fit.covariance)
            return fit.reason

        assert reason(none, none, np.empty(0, dtype=int), 2) == "nobody has both waves"
        assert "missing values" in reason(before, np.array([2.0, np.nan, 6, 6]), group, 2)
        assert reason(before, after, group, 3) == "group 2 has nobody with both waves"
        assert reason(before[::2], after[::2], group[::2], 2) == "2 persons are too few for 2 groups"
        assert "same amount" in reason(before, before + 0.3, group, 2)
        age = np.array([[30.0, 60], [40, 80], [50, 100], [61, 122]])
        assert reason(before, after, group, 2, covariates=age).endswith("2 groups and 2 covariates")
        wide = [np.tile(v, 3) + np.arange(12) * np.array([0.1, -0.2] * 6) for v in (before, after)]
        both = np.tile(age, (3, 1))
        assert (
            reason(*wide, np.tile(group, 3), 2, covariates=both, names=["age", "twice"])
            == "'twice' is determined by the columns before it"
        )
        flat = np.tile(group, 3)[:, None] * 2.0 + 0.1
        assert (
            reason(*wide, np.tile(group, 3), 2, covariates=flat)
            == "column 1 is the same for everybody in each group"
        )

    def test_the_mean_of_the_waves_may_lack_spread(self) -> None:
        # Before and after mirror each other: the mean is 3 for everybody.
        before = np.array([1.0, 2, 4, 5])
        fit = fit_two_waves(before, 6 - before, np.zeros(4, dtype=int), 1)
        assert fit.person_variance == 0.0
        # changes 4 2 -2 -4, squares 40; residual 40 / 2 / 6
        assert fit.residual_variance == pytest.approx(20 / 6)


class TestRandomIntercepts:
    def test_balanced_by_analysis_of_variance(self) -> None:
        # With as many persons a facility and all waves, the variances are differences of mean squares.
        rng = np.random.default_rng(1)
        f, m = 6, 4
        y = (
            rng.normal(scale=3, size=(f, 1, 1)) + rng.normal(scale=2, size=(f, m, 1)) + rng.normal(size=(f, m, 2))
        )  # fmt: skip
        within = y - y.mean(axis=2, keepdims=True)
        within = within - within.mean(axis=(0, 1))
        person = y.mean(axis=2) - y.mean(axis=(1, 2))[:, None]
        facility = y.mean(axis=(1, 2)) - y.mean()
        residual = (within**2).sum() / (f * m - 1)
        persons = 2 * (person**2).sum() / (f * (m - 1))
        facilities = 2 * m * (facility**2).sum() / (f - 1)
        codes = np.indices(y.shape).reshape(3, -1)
        design = np.column_stack([np.ones(y.size), codes[2] - 0.5])
        fit = fit_random_intercepts(
            y.ravel(), design, codes[0] * 100 + codes[1], facility=codes[0], method="kenward_roger"
        )
        assert fit.residual_variance == pytest.approx(residual)
        assert fit.person_variance == pytest.approx((persons - residual) / 2)
        assert fit.facility_variance == pytest.approx((facilities - persons) / (2 * m))
        np.testing.assert_allclose(fit.df, [f - 1, f * m - 1])
        np.testing.assert_allclose(
            fit.std_error, [np.sqrt(facilities / (2 * m * f)), np.sqrt(2 * residual / (f * m))]
        )

    @given(SEEDS)
    @settings(max_examples=10, deadline=None)
    def test_order_and_codes_do_not_matter(self, seed: int) -> None:
        values, group = complete(seed)
        y, person, wave = long(missing(values, seed))
        facility = person % 7
        first = fit_random_intercepts(y, cells(group[person], wave), person, facility=facility)
        order = np.random.default_rng(seed).permutation(len(y))
        other = fit_random_intercepts(
            3.0 * y[order] + 100,
            cells(group[person], wave)[order],
            1000 - 3 * person[order],
            facility=(facility * 5 + 2)[order],
        )
        np.testing.assert_allclose(other.estimate, 3 * first.estimate + 100, rtol=1e-7)
        np.testing.assert_allclose(other.std_error, 3 * first.std_error, rtol=1e-6)
        np.testing.assert_allclose(other.df, first.df, rtol=1e-6)
        assert other.notes == first.notes

    def test_hardly_any_residual(self) -> None:
        # The search steps over zero on its way. Squares within persons are 0, 0.0002, 0.00005 and 0.00005;
        # with persons far apart the residual variance is their sum over 8 - 4.
        y = np.array([12.57, -13.20, -13.22, -13.21, 64.03, 64.04, 10.49, 10.48])
        fit = fit_random_intercepts(y, np.ones((8, 1)), np.array([0, 1, 1, 1, 2, 2, 3, 3]))
        assert fit.residual_variance == pytest.approx(0.000075, rel=1e-5)
        # and the variance between persons that of their means: 12.57, -13.21, 64.035, 10.485
        assert fit.person_variance == pytest.approx(np.var([12.57, -13.21, 64.035, 10.485], ddof=1), rel=1e-5)

    @given(SEEDS)
    @settings(max_examples=10, deadline=None)
    def test_nothing_near_is_likelier(self, seed: int) -> None:
        """The restricted likelihood, written down with whole matrices, falls off around the estimate."""
        values, group = complete(seed, persons=15)
        y, person, wave = long(missing(values, seed))
        design, facility = cells(group[person], wave), person % 4
        fit = fit_random_intercepts(y, design, person, facility=facility)

        def likelihood(residual: float, persons: float, facilities: float) -> float:
            v = (
                residual * np.eye(len(y))
                + persons * (person[:, None] == person)
                + facilities * (facility[:, None] == facility)
            )
            inverse = np.linalg.inv(v)
            inner = design.T @ inverse @ design
            left = y - design @ np.linalg.solve(inner, design.T @ inverse @ y)
            constant = (len(y) - design.shape[1]) * np.log(2 * np.pi)
            dets = np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1]
            return float(-0.5 * (constant + dets + left @ inverse @ left))

        best = np.array([fit.residual_variance, fit.person_variance, fit.facility_variance])
        top = likelihood(*best)
        assert fit.log_likelihood == pytest.approx(top, abs=1e-8)
        for step in 0.05 * np.vstack([np.eye(3), -np.eye(3)]):
            there = best + step
            if there.min() >= 0:
                assert likelihood(*there) < top

    def test_bad_input(self) -> None:
        values, group = complete(3)
        y, person, wave = long(values)
        design = cells(group[person], wave)

        def reason(*arguments: Any, **options: Any) -> str:
            fit = fit_random_intercepts(*arguments, **options)
            assert np.isnan(fit.estimate).all()
            assert np.isnan([fit.residual_variance, fit.person_variance, fit.facility_variance]).all()
            assert not fit.converged
            assert joint_test(fit.uncertainty, np.eye(len(fit.estimate))).reason == fit.reason
            return fit.reason

        assert "nobody has two waves" in reason(y, design, np.arange(len(y)))
        assert "one facility only" in reason(y, design, person, facility=np.zeros_like(person))
        assert "one person per facility" in reason(y, design, person, facility=person)
        assert "two facilities" in reason(y, design, person, facility=wave)
        same_always = np.repeat(np.random.default_rng(2).normal(size=30), 3)
        assert reason(same_always + 1e6, design, person) == "no spread within persons: no test"
        assert "without any residual" in reason(design @ np.arange(6.0), design, person)
        gap = y.copy()
        gap[4] = np.nan
        assert "missing values" in reason(gap, design, person)
        named = np.column_stack([design, design[:, 0] + design[:, 3], np.ones(len(y))])
        names = ["a", "b", "c", "d", "e", "f", "sum", "one"]
        assert reason(y, named, person, names=names) == "'sum' is determined by the columns before it"
        assert reason(y, np.zeros((len(y), 1)), person) == "column 1 is zero for everybody"
        assert reason(y[:3], design[:3], person[:3]) == "3 rows are too few for 6 coefficients"
        # one column a person: nothing is left between persons
        each = (person[:, None] == np.arange(30)).astype(float)
        assert reason(y, each, person) == "the variances cannot be told apart in this design"


class TestMmrm:
    def test_monotone_by_hand(self) -> None:
        # pairs (1,3) (2,2) (4,5) (5,9) (3,4), and 6 at the first wave only. The slope of the second on the
        # first is 15 / 10 and the residual squares 29.2 - 22.5 = 6.7 over 4; the first wave has mean 3.5 and
        # variance 3.5. So mean 4.6 + 1.5 / 2, covariance 1.5 * 3.5, variance 6.7 / 4 + 1.5**2 * 3.5.
        y = np.array([1.0, 3, 2, 2, 4, 5, 5, 9, 3, 4, 6])
        person = np.array([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6])
        wave = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0])
        fit = fit_mmrm(y, (wave[:, None] == np.arange(2)).astype(float), person, wave)
        np.testing.assert_allclose(fit.estimate, [3.5, 5.35])
        np.testing.assert_allclose(fit.wave_covariance, [[3.5, 5.25], [5.25, 9.55]])
        assert fit.patterns == 2
        assert fit.waves.tolist() == [0, 1]

    @given(SEEDS, st.integers(2, 4))
    @settings(max_examples=10, deadline=None)
    def test_complete_waves(self, seed: int, waves: int) -> None:
        """Cell means and the pooled covariance; Hotelling's test with its exact F."""
        values, group = complete(seed, waves=waves)
        y, person, wave = long(values)
        left = values - np.array([values[group == g].mean(axis=0) for g in (0, 1)])[group]
        pooled = left.T @ left / 28
        difference = values[group == 0].mean(axis=0) - values[group == 1].mean(axis=0)
        square = difference @ np.linalg.solve(pooled * (1 / 15 + 1 / 15), difference)
        rows = np.hstack([np.eye(waves), -np.eye(waves)])
        for method in ("satterthwaite", "kenward_roger"):
            fit = fit_mmrm(y, cells(group[person], wave), person, wave, method=method)
            np.testing.assert_allclose(fit.wave_covariance, pooled, rtol=1e-6, atol=1e-9)
            np.testing.assert_allclose(fit.df, 28, rtol=1e-6)
            np.testing.assert_allclose(fit.std_error, np.tile(np.sqrt(np.diag(pooled) / 15), 2), rtol=1e-6)
            test = joint_test(fit.uncertainty, rows)
            assert test.statistic / test.scaling == pytest.approx(square / waves, rel=1e-6)
        assert test.df == pytest.approx(28 - waves + 1)
        assert test.scaling == pytest.approx((28 - waves + 1) / 28)

    @given(SEEDS)
    @settings(max_examples=10, deadline=None)
    def test_order_and_codes_do_not_matter(self, seed: int) -> None:
        values, group = complete(seed)
        y, person, wave = long(missing(values, seed))
        first = fit_mmrm(y, cells(group[person], wave), person, wave, method="kenward_roger")
        order = np.random.default_rng(seed).permutation(len(y))
        other = fit_mmrm(
            (2.0 * y - 50)[order],
            cells(group[person], wave)[order],
            7 * person[order] - 1000,
            6 * wave[order],
            method="kenward_roger",
        )
        np.testing.assert_allclose(other.estimate, 2 * first.estimate - 50, rtol=1e-6)
        np.testing.assert_allclose(other.std_error, 2 * first.std_error, rtol=1e-6)
        np.testing.assert_allclose(other.df, first.df, rtol=1e-5)
        np.testing.assert_allclose(other.wave_covariance, 4 * first.wave_covariance, rtol=1e-5, atol=1e-7)
        assert other.waves.tolist() == [0, 6, 12]

    def test_another_design_of_the_same_space(self) -> None:
        """The adjusted errors follow the coefficients: they belong to the space, not to its columns."""
        values, group = complete(8)
        y, person, wave = long(missing(values, 8))
        design = cells(group[person], wave)
        turn = np.random.default_rng(0).normal(size=(6, 6))
        first = fit_mmrm(y, design, person, wave, method="kenward_roger")
        other = fit_mmrm(y, design @ turn, person, wave, method="kenward_roger")
        same(linear_combinations(other.uncertainty, turn), first, TABLE[:6], rtol=1e-6)

    def test_a_search_over_saddles_arrives(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Ten persons, four waves, answers missing: where the likelihood bends upwards Fisher's steps crawl.
        values, _ = complete(66, persons=10, waves=4)
        y, person, wave = long(missing(values, 66, 0.4))
        design = (wave[:, None] == np.arange(4)).astype(float)
        fit = fit_mmrm(y, design, person, wave)
        assert fit.converged
        assert fit.iterations < 30
        monkeypatch.setattr(reml, "_NEAR", 0.0)
        assert fit_mmrm(y, design, person, wave).reason == "the search did not end within 100 steps"

    def test_bad_input(self) -> None:
        values, group = complete(3)
        y, person, wave = long(values)
        design = cells(group[person], wave)

        def reason(*arguments: Any, **options: Any) -> str:
            fit = fit_mmrm(*arguments, **options)
            assert np.isnan(fit.estimate).all()
            assert np.isnan(fit.wave_covariance).all()
            assert not fit.converged
            return fit.reason

        assert reason(y, design, person, wave * 0 + 1) == "a person has the same wave twice"
        first = wave == 0
        assert "one wave only" in reason(y[first], design[first][:, [0, 3]], person[first], wave[first])
        apart = values.copy()
        apart[::2, 1], apart[1::2, 2] = np.nan, np.nan
        y2, person2, wave2 = long(apart)
        found = reason(y2, (wave2[:, None] == np.arange(3)).astype(float), person2, wave2 * 6)
        assert found == "nobody has both wave 6 and wave 12: their covariance is not known"
        flat = np.where(wave == 2, 5.0, y)
        assert reason(flat, design, person, wave) == "no spread at wave 2: no test"
        twin = values.copy()
        twin[:, 2] = twin[:, 1] + 3
        assert "tends to a singular one" in reason(*long(twin)[:1], design, person, wave)
        few = person < 4
        small = (wave[few][:, None] == np.arange(3)).astype(float)
        assert fit_mmrm(y[few], small, person[few], wave[few]).converged
        few = person < 3
        assert "too few persons" in reason(y[few], small[:9], person[few], wave[few])
        assert reason(y, design[:, [0, 0]], person, wave) == "column 2 is determined by the columns before it"

    def test_what_is_no_covariance(self) -> None:
        assert mmrm._smallest(np.array([[1.0, 0.5], [0.5, 0.0]])) == -1.0
        # a correlation of 0.5 leaves 1 - 0.5
        assert mmrm._smallest(np.array([[1.0, 1.0], [1.0, 4.0]])) == pytest.approx(0.5)

    def test_a_search_that_does_not_end_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        values, group = complete(3)
        y, person, wave = long(missing(values, 3))
        monkeypatch.setattr(reml, "_MOST_STEPS", 2)
        fit = fit_mmrm(y, cells(group[person], wave), person, wave)
        assert fit.reason == "the search did not end within 2 steps"
        assert (fit.converged, fit.iterations) == (False, 2)
        assert np.isnan(fit.estimate).all()


class TestGee:
    @pytest.mark.parametrize("working", ["independence", "exchangeable"])
    def test_two_complete_waves_in_closed_form(self, working: gee.Working) -> None:
        values, group = complete(4, waves=2)
        y, person, wave = long(values)
        robust, corrected = (
            fit_gee(y, cells(group[person], wave), person, working=working, sandwich=kind)
            for kind in ("robust", "mancl_derouen")
        )
        change = values[:, 1] - values[:, 0]
        for g in (0, 1):
            there = change[group == g]
            row = np.zeros((1, 4))
            row[0, 2 * g : 2 * g + 2] = -1, 1
            squares = ((there - there.mean()) ** 2).sum()
            found = linear_combinations(robust.uncertainty, row)
            assert found.estimate[0] == pytest.approx(there.mean())
            assert found.std_error[0] == pytest.approx(np.sqrt(squares) / 15)
            assert found.df[0] == 26
            # every person has leverage 1/15: residuals by 15/14
            found = linear_combinations(corrected.uncertainty, row)
            assert found.std_error[0] == pytest.approx(np.sqrt(squares) / 14)

    @pytest.mark.parametrize("working", ["independence", "exchangeable"])
    def test_as_statsmodels_has_it(self, working: gee.Working) -> None:
        import statsmodels.api as sm

        values, group = complete(6)
        y, person, wave = long(missing(values, 6))
        design = cells(group[person], wave)
        structure = {"independence": sm.cov_struct.Independence, "exchangeable": sm.cov_struct.Exchangeable}
        model = sm.GEE(y, design, person, cov_struct=structure[working]())
        for kind, name in (("robust", "robust"), ("mancl_derouen", "bias_reduced")):
            theirs = model.fit(cov_type=name, ctol=1e-12, maxiter=200)
            ours = fit_gee(y, design, person, working=working, sandwich=kind, reference="normal")
            np.testing.assert_allclose(ours.estimate, theirs.params, rtol=1e-8)
            np.testing.assert_allclose(ours.std_error, theirs.bse, rtol=1e-8)
            np.testing.assert_allclose(ours.p_value, theirs.pvalues, rtol=1e-6)
            np.testing.assert_allclose(np.c_[ours.conf_low, ours.conf_high], theirs.conf_int(), rtol=1e-7)
        assert ours.scale == pytest.approx(theirs.scale)
        if working == "exchangeable":
            assert ours.correlation == pytest.approx(model.cov_struct.dep_params)

    def test_a_joint_test(self) -> None:
        values, group = complete(4, waves=2)
        y, person, wave = long(values)
        design = cells(group[person], wave)
        by_t = fit_gee(y, design, person)
        by_normal = fit_gee(y, design, person, reference="normal")
        one = np.array([[1.0, -1, 0, 0]])
        found = linear_combinations(by_normal.uncertainty, one)
        test = joint_test(by_normal.uncertainty, one)
        assert test.statistic == pytest.approx(found.statistic[0] ** 2)
        assert test.p_value == pytest.approx(found.p_value[0])
        assert joint_test(by_t.uncertainty, np.vstack([one, one[:, ::-1]])).df == 26

    def test_bad_input(self) -> None:
        values, group = complete(3)
        y, person, wave = long(values)
        design = cells(group[person], wave)

        def reason(*arguments: Any, **options: Any) -> str:
            fit = fit_gee(*arguments, **options)
            assert np.isnan(fit.estimate).all()
            assert np.isnan(fit.scale)
            assert not fit.converged
            return fit.reason

        assert reason(y, design, np.zeros_like(person)) == "one cluster only: no robust errors"
        assert reason(y, design, person % 5) == "5 clusters are too few for 6 coefficients"
        each = np.arange(len(y))
        assert reason(y, design, each) == "nobody has two waves: no working correlation"
        assert fit_gee(y, design, each, working="independence").converged
        assert "too few have two waves" in reason(y, design, np.maximum(each - 1, 0))
        assert "determined by" in reason(y, design[:, [0, 1, 1]], person)
        alone = np.column_stack([np.ones(len(y)), person == 4])
        assert "a cluster alone" in reason(y, alone, person)
        assert fit_gee(y, alone, person, sandwich="robust").converged
        same_always = np.repeat(np.random.default_rng(2).normal(size=30), 3)
        assert "leaves its range" in reason(same_always, np.ones((len(y), 1)), person)

    def test_a_correlation_that_does_not_settle_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        values, group = complete(3)
        y, person, wave = long(missing(values, 3))
        monkeypatch.setattr(gee, "_MOST_STEPS", 2)
        fit = fit_gee(y, cells(group[person], wave), person)
        assert fit.reason == "the working correlation did not settle within 2 steps"


class TestCombinations:
    basis = Uncertainty(
        coefficients=np.array([1.0, 3.0]),
        covariance=np.diag([1.0, 4.0]),
        model_covariance=np.diag([1.0, 4.0]),
        slopes=np.array([np.diag([1.0, 0.0]), np.diag([0.0, 4.0])]),
        parameter_covariance=np.diag([2 / 10, 2 / 20]),
    )

    def test_by_hand(self) -> None:
        # variances 1 and 4 with 10 and 20 df; of the sum 25 / (1 / 10 + 16 / 20)
        found = linear_combinations(self.basis, np.array([[1.0, 0], [0, 1], [1, 1]]))
        np.testing.assert_allclose(found.df, [10, 20, 25 / 0.9])
        np.testing.assert_allclose(found.std_error, [1, 2, np.sqrt(5)])

    def test_nothing_has_no_test(self) -> None:
        found = linear_combinations(self.basis, np.zeros((1, 2)))
        assert found.estimate[0] == 0.0
        assert np.isnan([found.std_error[0], found.df[0], found.p_value[0]]).all()

    def test_joint_by_hand(self) -> None:
        # Fai and Cornelius: 10 / 8 + 20 / 18 = 2.36111; 2 * 2.36111 / 0.36111. F = (1 + 9 / 4) / 2.
        test = joint_test(self.basis, np.eye(2))
        assert test.statistic == pytest.approx(1.625)
        assert test.df == pytest.approx(2 * 2.3611111 / 0.3611111, rel=1e-6)

    def test_few_degrees_of_freedom(self) -> None:
        few = Uncertainty(
            coefficients=self.basis.coefficients,
            covariance=self.basis.covariance,
            model_covariance=self.basis.model_covariance,
            slopes=self.basis.slopes,
            parameter_covariance=np.diag([2 / 1.5, 2 / 20]),
        )
        assert joint_test(few, np.eye(2)).df == 2.0

    def test_what_cannot_be_tested(self) -> None:
        assert "determine each other" in joint_test(self.basis, np.ones((2, 2))).reason
        assert "determine each other" in joint_test(self.basis, np.zeros((1, 2))).reason
        assert joint_test(self.basis, np.empty((0, 2))).reason == "no combination: nothing to test"
        none = joint_test(no_uncertainty(2, "nobody"), np.eye(2))
        assert (none.reason, none.df_num) == ("nobody", 2)
        assert np.isnan([none.statistic, none.df, none.p_value, none.scaling]).all()


class TestSearch:
    """Likelihoods that no data of this package have, for the ways a search can end."""

    def at(self, parameters: np.ndarray, value: float, gradient: list[float], observed: Any) -> Any:
        return reml.RestrictedLikelihood(
            parameters=parameters,
            gradient=np.array(gradient),
            observed=np.array(observed),
            expected=np.eye(len(parameters)),
            coefficients=np.zeros(1),
            covariance=np.eye(1),
            log_likelihood=value,
            first=np.zeros((len(parameters), 1, 1)),
            second=np.zeros((len(parameters), len(parameters), 1, 1)),
        )

    def test_stuck(self) -> None:
        # A gradient that points the wrong way.
        found = reml.maximise(
            lambda x: self.at(x, -1e6 * float(x[0]), [3.0], [[1.0]]), np.zeros(1), np.array([-np.inf])
        )
        assert found.reason == "the search got stuck after 0 steps"

    def test_a_minimum_is_no_maximum(self) -> None:
        found = reml.maximise(
            lambda x: self.at(x, float(x[0] ** 2), [2.0 * x[0]], [[-2.0]]), np.zeros(1), np.array([-np.inf])
        )
        assert found.reason == "the search ended where the likelihood has no maximum"
        assert not found.converged

    def test_a_bound_that_the_step_would_cross(self) -> None:
        # -(x**2 + y**2)/2 - 0.9 x y + x/2 + 2 y: in the quarter plane the best is x = 0, y = 2. There the
        # likelihood falls with x, but at the start, (0, 0), it rises, and the whole step goes below zero.
        hessian = np.array([[1.0, 0.9], [0.9, 1.0]])

        def evaluate(x: np.ndarray) -> Any:
            slope = np.array([0.5, 2.0])
            at = self.at(x, float(slope @ x - x @ hessian @ x / 2), list(slope - hessian @ x), hessian)
            return reml.RestrictedLikelihood(
                **{name: getattr(at, name) for name in at.__slots__ if name != "expected"}, expected=hessian
            )

        found = reml.maximise(evaluate, np.zeros(2), np.zeros(2))
        assert found.converged
        np.testing.assert_allclose(found.at.parameters, [0.0, 2.0], atol=1e-9)
        assert found.free.tolist() == [False, True]

    def test_no_information(self) -> None:
        def evaluate(x: np.ndarray) -> Any:
            at = self.at(x, 0.0, [1.0], [[1.0]])
            return reml.RestrictedLikelihood(
                **{name: getattr(at, name) for name in at.__slots__ if name != "expected"},
                expected=np.zeros((1, 1)),
            )

        found = reml.maximise(evaluate, np.zeros(1), np.array([-np.inf]))
        assert found.reason == "the variances cannot be told apart in this design"

    def test_the_last_step_may_fail(self) -> None:
        def evaluate(x: np.ndarray) -> Any:
            return self.at(x, 0.0, [1e-8], [[1.0]]) if x[0] == 0 else None

        found = reml.maximise(evaluate, np.zeros(1), np.array([-np.inf]))
        assert found.converged
        assert found.at.parameters.tolist() == [0.0]


def test_basis_of_a_large_response() -> None:
    """What is left of the columns in the residual of a large response is taken away."""
    x = np.linspace(0, 1, 50)
    design = np.column_stack([np.ones(50), x])
    basis = design_basis(design, 1e9 + np.sin(20 * x))
    assert np.abs(basis.columns.T @ basis.residual).max() < 1e-12
