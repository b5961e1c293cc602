"""Multiple imputation: against R's mice within Monte-Carlo error, and input that allows none.

Two runs with m1 and m2 imputations differ by chance: the pooled estimate by sqrt(B (1/m1 + 1/m2)), B being the
variance between imputations. Four of these are allowed. Variances between imputations have a relative error of
about sqrt(2 / m) each.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from larstudy.stats.imputation import Imputations, impute
from larstudy.stats.imputation_draws import draw_multinomial
from larstudy.stats.linear import estimates, fit_linear
from larstudy.stats.pooling import Pooled, pool_estimates
from tests.conftest import ORACLES


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"lost_{name}.csv")


def regressions(designs: list[np.ndarray], responses: list[np.ndarray]) -> Pooled:
    fits = [fit_linear(x, y) for x, y in zip(designs, responses, strict=True)]
    found = [estimates(fit, np.eye(designs[0].shape[1])) for fit in fits]
    return pool_estimates(np.array([f.estimate for f in found]), np.array([f.std_error for f in found]))


def assert_agree(ours: Pooled, theirs: pd.DataFrame, *, slack: float = 0.0) -> None:
    """Hold estimates within four Monte-Carlo errors, and standard errors within what theirs imply."""
    m1, m2 = ours.m, int(theirs["m"].iloc[0])
    between = theirs["between"].to_numpy()
    error = np.sqrt(between * (1 / m1 + 1 / m2))
    assert (
        np.abs(ours.estimate - theirs["estimate"].to_numpy()) < 4 * error + slack * np.sqrt(between)
    ).all()
    spread = 4 * np.sqrt(2 / m1 + 2 / m2) + 2 * slack
    assert (np.abs(np.log(ours.between / between)) < spread).all(), ours.between / between
    assert (np.abs(np.log(ours.total / theirs["total"].to_numpy())) < spread).all()


@pytest.fixture(scope="module")
def help_values(help_frame: pd.DataFrame) -> np.ndarray:
    base, late = (help_frame[help_frame["TIME"] == t].set_index("ID") for t in (0, 12))
    base = base[base["MCS"].notna()]
    late = late.reindex(base.index)
    users = np.where(late["O1C"].isna(), np.nan, late["O1C"] >= 2)
    drinkers = np.where(late["O1B"].isna(), np.nan, np.clip(late["O1B"].to_numpy(float) - 1, 0, 2))
    columns = [
        base["MCS"],
        base["CES_D"],
        base["AGE"],
        base["A1"] == 1,
        base["GROUP"],
        late["MCS"],
        users,
        drinkers,
    ]
    return np.column_stack([np.asarray(column, dtype=float) for column in columns])


class TestAgainstMice:
    def test_nhanes(self) -> None:
        """25 persons, 9 to 10 missing in three variables; all drawn as normal."""
        values = oracle("nhanes").to_numpy()
        found = impute(values, ["numeric"] * 4, seed=1, m=1000, iterations=20)
        one = np.ones(25)
        ours = regressions(
            [np.column_stack([one, d[:, 0], d[:, 1]]) for d in found.values], list(found.values[:, :, 3])
        )
        theirs = oracle("imputation").query("data == 'nhanes'")
        assert theirs["what"].tolist() == ["(Intercept)", "age", "bmi"]
        assert_agree(ours, theirs)

    def test_help_with_three_kinds(self, help_values: np.ndarray) -> None:
        """More than half are lost at month 12; a number, a yes or no and three levels are imputed."""
        kinds = ["numeric"] * 3 + ["binary"] * 2 + ["numeric", "binary", "categorical"]
        found = impute(help_values, kinds, seed=2, m=150)
        one = np.ones(len(help_values))
        designs = [
            np.column_stack([one, d[:, 0], d[:, 4], d[:, 6], d[:, 7] == 1, d[:, 7] == 2])
            for d in found.values
        ]
        theirs = oracle("imputation").query("data == 'help'")
        assert theirs["what"].tolist()[:6] == ["intercept", "MCS", "GROUP", "users12", "few", "many"]
        assert_agree(regressions(designs, list(found.values[:, :, 5])), theirs[:6])
        hits = [found.values[:, :, 6] == 1, found.values[:, :, 7] == 1, found.values[:, :, 7] == 2]
        shares = np.array([hit.mean(axis=1) for hit in hits]).T
        errors = np.sqrt(shares * (1 - shares) / len(help_values))
        assert_agree(pool_estimates(shares, errors), theirs[6:])
        assert (found.r_hat[5:] < 1.2).all()

    def test_two_levels(self) -> None:
        """21 facilities, one with nobody known. mice's "2l.pan" has another prior for the variance between.

        Hence a slack of a quarter of the SD between imputations beside the Monte-Carlo error.
        """
        rows = oracle("two_level_inputs")
        facility, n = rows["facility"].to_numpy() - 1, len(rows)
        found = impute(
            rows[["x", "y"]].to_numpy(), ["numeric"] * 2, seed=3, m=300, iterations=60, facility=facility
        )
        y, theirs = found.values[:, :, 1], oracle("imputation").query("data == 'two_level'")
        design = np.column_stack([np.ones(n), rows["x"]])
        assert_agree(regressions([design] * 300, list(y)), theirs[:2], slack=0.25)
        counts = np.bincount(facility)
        means = np.array([np.bincount(facility, v) / counts for v in y])
        within = ((y - means[:, facility]) ** 2).sum(axis=1) / (n - 21)
        between = (counts * (means - y.mean(axis=1)[:, None]) ** 2).sum(axis=1) / 20
        one = np.ones((300, 1))
        assert_agree(pool_estimates(((between - within) / (n / 21))[:, None], one), theirs[2:3], slack=0.25)
        # the facility of which nobody is known: its mean varies with the variance between facilities
        assert_agree(pool_estimates(means[:, [20]], one), theirs[3:], slack=0.25)


def cohort(seed: int = 1, n: int = 120) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = rng.normal(50, 10, n)
    group = (rng.random(n) < 0.5).astype(float)
    level = rng.integers(0, 3, n).astype(float)
    y = x + 5 * group + rng.normal(0, 5, n)
    values = np.column_stack([x, group, level, y])
    values[rng.random(n) < 0.1, 0] = np.nan
    values[rng.random(n) < 0.1, 1] = np.nan
    values[rng.random(n) < 0.1, 2] = np.nan
    values[rng.random(n) < 0.3, 3] = np.nan
    return values


KINDS = ["numeric", "binary", "categorical", "numeric"]


class TestImputations:
    def test_what_was_known_stays_and_codes_stay_codes(self) -> None:
        values = cohort()
        found = impute(values, KINDS, seed=1, m=4, iterations=6)
        known = ~np.isnan(values)
        for data in found.values:
            assert (data[known] == values[known]).all()
        assert np.isfinite(found.values).all()
        assert set(np.unique(found.values[:, :, 1])) == {0.0, 1.0}
        assert set(np.unique(found.values[:, :, 2])) == {0.0, 1.0, 2.0}
        assert (found.missing == ~known).all()
        # the trace ends with what is in the data
        last = [found.values[:, ~known[:, j], j].mean(axis=1) for j in range(4)]
        np.testing.assert_allclose(found.trace_mean[-1], np.array(last).T)
        assert found.trace_sd.shape == (6, 4, 4)
        assert np.isfinite(found.r_hat).all()
        assert found.reason == ""

    def test_same_seed_same_numbers(self) -> None:
        facility = np.arange(120) % 7
        for chosen in (None, facility):
            one, two, other = (
                impute(cohort(), KINDS, seed=s, m=3, iterations=2, facility=chosen) for s in (5, 5, 6)
            )
            assert (one.values == two.values).all()
            assert (one.values != other.values).any()

    def test_units_do_not_matter(self) -> None:
        values = cohort()
        one = impute(values, KINDS, seed=1, m=2, iterations=3)
        two = impute(values * [1e3, 1, 1, 1e-3] + [7, 0, 0, -2], KINDS, seed=1, m=2, iterations=3)
        np.testing.assert_allclose(
            two.values, one.values * [1e3, 1, 1, 1e-3] + [7, 0, 0, -2], rtol=1e-6, atol=1e-6
        )

    def test_lost_at_random_given_baseline_is_made_good(self) -> None:
        """Those low at the start are lost; the mean of the seen is far off, that of the imputed is not."""
        rng = np.random.default_rng(8)
        before = rng.normal(0, 1, 2000)
        after = before + rng.normal(0, 0.5, 2000)
        seen = rng.random(2000) < 1 / (1 + np.exp(-2 * before))
        found = impute(
            np.column_stack([before, np.where(seen, after, np.nan)]),
            ["numeric"] * 2,
            seed=1,
            m=20,
            iterations=1,
        )
        assert after[seen].mean() > 0.3
        # the mean of 2000 is known to 1.1 / sqrt(2000) = 0.025, of which imputation adds about half
        assert abs(found.values[:, :, 1].mean() - after.mean()) < 0.06

    def test_predictors_can_be_chosen(self) -> None:
        """What is foretold from nothing is drawn about its own mean."""
        values = cohort(n=400)
        none = np.zeros((4, 4), dtype=bool)
        found = impute(values, KINDS, seed=1, m=50, iterations=1, predictors=none)
        lost = np.isnan(values[:, 3]) & ~np.isnan(values[:, 0])
        drawn = found.values[:, lost, 3].mean(axis=0)
        assert abs(np.corrcoef(drawn, values[lost, 0])[0, 1]) < 0.3
        assert found.values[:, lost, 3].mean() == pytest.approx(np.nanmean(values[:, 3]), abs=1.5)

    def test_perfect_separation_stays_finite(self) -> None:
        x = np.linspace(-2, 2, 80)
        yes = np.where(np.arange(80) % 5 == 0, np.nan, x > 0)
        found = impute(np.column_stack([x, yes]), ["numeric", "binary"], seed=1, m=50, iterations=3)
        lost = np.isnan(yes)
        assert found.reason == ""
        assert found.values[:, lost & (x > 1), 1].mean() > 0.97
        assert found.values[:, lost & (x < -1), 1].mean() < 0.03

    def test_facility_with_one_person_and_one_with_nobody_known(self) -> None:
        rng = np.random.default_rng(4)
        facility = np.concatenate([np.repeat(np.arange(10), 20), [10], np.full(5, 11)])
        effect = np.append(np.linspace(-9, 9, 10), [0.0, 0.0])
        y = effect[facility] + rng.normal(0, 1, len(facility))
        y[::4] = np.nan
        y[200:] = np.nan  # the one person, and everybody of the last
        kinds = ["numeric", "binary", "categorical"]
        yes = np.where(np.arange(len(y)) % 7 == 0, np.nan, rng.random(len(y)) < 0.5)
        level = np.where(np.arange(len(y)) % 9 == 0, np.nan, rng.integers(0, 3, len(y)))
        found = impute(
            np.column_stack([y, yes, level]), kinds, seed=1, m=60, iterations=25, facility=facility * 3
        )
        assert found.reason == ""
        means = found.values[:, :, 0].mean(axis=0)
        lost = np.isnan(y) & (facility < 10)
        # known facilities keep their own level; of the unknown each data set has another one
        assert np.abs(means[lost] - effect[facility][lost]).max() < 1.6
        assert found.values[:, 200, 0].std() > 4
        assert abs(found.values[:, 201:, 0].mean()) < 3
        alone = found.values[:, 201:, 0]
        assert alone.mean(axis=1).std() > 2.5 * alone.std(axis=1).mean()

    def test_nothing_missing(self) -> None:
        values = np.column_stack([np.arange(5.0), [0.0, 1, 0, 1, 1]])
        found = impute(values, ["numeric", "binary"], seed=1, m=3, iterations=2)
        assert found.reason == "nothing is missing: every data set is the one given"
        assert (found.values == values).all()
        assert np.isnan(found.r_hat).all()

    def test_constant_predictor_is_left_out(self) -> None:
        values = np.column_stack([cohort(), np.full(120, 3.0)])
        found = impute(values, [*KINDS, "categorical"], seed=1, m=2, iterations=1)
        assert found.reason == ""
        assert found.left_out.tolist() == [False, False, False, False, True]
        assert (found.values[:, :, 4] == 3.0).all()

    def test_few_iterations_or_chains_have_no_r_hat(self) -> None:
        assert np.isnan(impute(cohort(), KINDS, seed=1, m=3, iterations=3).r_hat).all()
        assert np.isnan(impute(cohort(), KINDS, seed=1, m=1, iterations=8).r_hat).all()


def refused(values: np.ndarray, kinds: list[str], **options: object) -> str:
    found = impute(values, kinds, seed=1, **options)  # type: ignore[arg-type]
    assert isinstance(found, Imputations)
    assert np.isnan(found.values).all()
    return found.reason


class TestWhatAllowsNone:
    def test_values(self) -> None:
        x = np.arange(12.0)
        gap = np.where(x == 5, np.nan, x)
        two = ["numeric", "numeric"]
        names = {"names": ["x", "y"]}
        assert refused(np.column_stack([x, np.full(12, np.nan)]), two, **names) == "'y' is known for nobody"
        same = np.where(x == 5, np.nan, 4.0)
        assert refused(np.column_stack([x, same]), two).startswith(
            "'variable 2' is the same wherever it is known"
        )
        assert refused(np.column_stack([gap, np.where(x == 1, np.inf, x)]), two) == "some values are infinite"
        assert "not all of it is 0 or 1" in refused(np.column_stack([gap, x]), ["numeric", "binary"])
        assert "codes are not 0, 1" in refused(np.column_stack([gap, x + 1]), ["numeric", "categorical"])
        assert refused(np.column_stack([gap, x]), ["numeric"]) == "2 variables, but 1 kinds"
        assert refused(np.column_stack([gap, x]), two, m=0).endswith("at least 1")
        assert refused(np.column_stack([gap, x]), two, iterations=0).endswith("at least 1")
        few = refused(np.column_stack([gap, x**2]), two, facility=np.arange(12) % 2)
        assert few == "fewer than three facilities: give them as a variable instead"

    def test_too_few_known(self) -> None:
        y = np.full(12, np.nan)
        y[:2] = [1.0, 2.0]
        found = refused(np.column_stack([np.arange(12.0), y]), ["numeric"] * 2)
        assert found == "'variable 2' is known for 2 persons: too few for 2 coefficients"

    def test_all_lost_in_one_group(self) -> None:
        rng = np.random.default_rng(1)
        group = np.repeat([0.0, 1.0, 2.0], 20)
        y = np.where(group == 2, np.nan, rng.normal(size=60))
        found = refused(np.column_stack([group, y]), ["categorical", "numeric"], names=["group", "y"])
        assert found == "among those whose 'y' is known, 'group' is determined by what stands before it"

    def test_two_predictors_alike(self) -> None:
        x = np.arange(12.0)
        values = np.column_stack([x, 2 * x, np.where(x == 5, np.nan, x**2)])
        assert refused(values, ["numeric"] * 3).endswith(
            "'variable 2' is determined by what stands before it"
        )


def test_a_mode_not_reached_in_time_is_drawn_about_where_the_steps_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("larstudy.stats.imputation_draws._MOST_STEPS", 1)
    onehot = np.eye(2)[np.repeat([0, 1], [300, 100])]
    flat, start = np.full((1, 1, 1), 1e-9), np.zeros((1, 1, 1))
    mode, _ = draw_multinomial(np.ones((1, 400, 1)), onehot, flat, start, np.random.default_rng(1))
    # one Newton step from 0: gradient 100 - 200 over information 400 / 4
    assert mode[0, 0, 0] == pytest.approx(-1.0)


def test_modes_far_away_are_reached() -> None:
    """From a start far off the steps are held back, and the likelihood equations hold at the end."""
    rng = np.random.default_rng(1)
    x = np.concatenate([np.ones((1, 200, 1)), rng.normal(size=(1, 200, 1))], axis=2)
    onehot = np.eye(2)[(x[0, :, 1] + rng.logistic(size=200) > 0).astype(int)]
    flat, start = np.full((1, 1, 2), 1e-9), np.array([[[3.0, -4.0]]])
    mode, _ = draw_multinomial(x, onehot, flat, start, rng)
    fitted = 1 / (1 + np.exp(-(x[0] @ mode[0, 0])))
    np.testing.assert_allclose(x[0].T @ (onehot[:, 1] - fitted), 0.0, atol=1e-6)
