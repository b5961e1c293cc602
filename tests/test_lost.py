"""Who was lost and what that can do to a result: against R, hand calculations, and input that allows no answer.

tests/oracles/lost.R made the numbers of R. Closed forms agree to 1e-8 relative; imputation within four Monte-Carlo
standard errors of the difference of the two runs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from larstudy.stats.attrition import categorical_difference, lost_model, standardised_differences
from larstudy.stats.designs import with_intercept
from larstudy.stats.logistic import area_under_curve, fit_logistic, logistic_terms
from larstudy.stats.multinomial import fit_multinomial
from larstudy.stats.overlap import group_balance, overlap_weights, seen_balance
from larstudy.stats.weights import attrition_weights, effective_sample_size
from tests.conftest import ORACLES

TIGHT = {"rtol": 1e-8, "atol": 1e-11}
NUMERIC = ["MCS", "PCS", "CES_D", "AGE", "PSS_FR", "PSS_FA"]
BINARY = ["male", "GROUP"]
KINDS = ["numeric"] * 6 + ["binary"] * 2
TERMS = (
    "estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high", "odds_ratio", "odds_ratio_low",
    "odds_ratio_high",
)  # fmt: skip
BTHEB = ["pre", "btheb", "drugged", "long"]


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"lost_{name}.csv")


@pytest.fixture(scope="module")
def help_base(help_frame: pd.DataFrame) -> pd.DataFrame:
    columns = ["ID", "TIME", "A1", "O1B", "GROUP", *NUMERIC]
    base = help_frame.loc[help_frame["TIME"] == 0, columns].copy()
    seen = help_frame.loc[help_frame["TIME"] == 12, "ID"]
    return base.assign(lost=~base["ID"].isin(seen), male=(base["A1"] == 1).astype(float))


@pytest.fixture(scope="module")
def help_full(help_base: pd.DataFrame) -> pd.DataFrame:
    return help_base.dropna(subset=NUMERIC + BINARY)


class TestWhoWasLost:
    def test_differences_against_r(self, help_base: pd.DataFrame) -> None:
        theirs = oracle("differences")
        lost = help_base["lost"].to_numpy()
        ours = standardised_differences(help_base[NUMERIC + BINARY].to_numpy(float), lost, kinds=KINDS)
        assert theirs["covariate"].tolist() == NUMERIC + BINARY
        for column in theirs.columns[1:]:
            np.testing.assert_allclose(getattr(ours, column), theirs[column], err_msg=column, **TIGHT)
        assert ours.missing_lost.sum() + ours.missing_seen.sum() > 0
        assert (ours.reason, set(ours.reasons)) == ("", {""})

    def test_levels_against_r(self, help_base: pd.DataFrame) -> None:
        theirs = oracle("levels")
        ours = categorical_difference(help_base["O1B"].to_numpy(float) - 1, help_base["lost"].to_numpy(), 5)
        np.testing.assert_allclose(ours.levels.lost_mean, theirs["lost"], **TIGHT)
        np.testing.assert_allclose(ours.levels.seen_mean, theirs["seen"], **TIGHT)
        assert ours.d_mahalanobis == pytest.approx(theirs["d_mahalanobis"][0], rel=1e-8)

    def test_model_against_r(self, help_full: pd.DataFrame, btheb: pd.DataFrame) -> None:
        theirs = oracle("logistic")
        lost = btheb["after_8m"].isna().to_numpy()
        for data, ours in (
            ("help", lost_model(help_full[NUMERIC + BINARY].to_numpy(float), help_full["lost"].to_numpy())),
            ("btheb", lost_model(btheb[BTHEB].to_numpy(), lost)),
        ):
            rows = theirs[theirs["data"] == data]
            assert len(rows) == len(ours.estimate)
            for column in TERMS:
                np.testing.assert_allclose(getattr(ours, column), rows[column], err_msg=column, **TIGHT)
            assert ours.area_under_curve == pytest.approx(rows["auc"].iloc[0], rel=1e-10)
        fit = fit_logistic(with_intercept(btheb[BTHEB].to_numpy()).columns, lost)
        assert fit.log_likelihood == pytest.approx(rows["log_likelihood"].iloc[0], rel=1e-10)

    def test_nobody_and_everybody_lost(self) -> None:
        age = np.array([[20.0], [30.0], [40.0]])
        none, everybody = np.zeros(3, dtype=bool), np.ones(3, dtype=bool)
        for lost, why in (
            (none, "nobody was lost"),
            (everybody, "everybody was lost: nobody to compare with"),
        ):
            found, model = standardised_differences(age, lost), lost_model(age, lost)
            assert (found.reason, model.reason) == (why, why)
            assert np.isnan([found.d_rms[0], model.estimate[1], model.area_under_curve]).all()
            assert categorical_difference(np.array([0.0, 1, 1]), lost, 2).reason == why
        assert found.reasons == ("known for none of the seen",)
        assert standardised_differences(age, none).reasons == ("known for none of the lost",)
        assert standardised_differences(age[:0], none[:0]).reason == "nobody at all"
        assert lost_model(age[:0], none[:0]).reason == "nobody at all"

    def test_one_lost_and_no_spread(self) -> None:
        lost = np.array([True, False, False])
        found = standardised_differences(np.array([[1.0], [2.0], [4.0]]), lost)
        assert found.reasons == ("known for one of the lost only: no spread",)
        assert found.estimate[0] == -2.0
        assert (
            standardised_differences(np.array([[1.0], [2.0], [4.0]]), ~lost)
            .reasons[0]
            .startswith("known for one of the seen")
        )
        lost = np.array([True, True, False, False])
        # 0.1 + 0.2 is not 0.3 in floating point: rounding is no spread
        found = standardised_differences(np.array([[0.3], [0.1 + 0.2], [0.3], [0.3]]), lost)
        assert found.reasons == ("no spread among the lost, none among the seen",)
        assert categorical_difference(np.array([0.0, 0, 1, 1]), lost, 2).reason.startswith("no spread")
        assert categorical_difference(np.array([np.nan, np.nan, 1, 1]), lost, 2).reason.startswith(
            "known for none"
        )

    def test_constant_covariate_is_left_out_and_marked(self) -> None:
        far = np.array([0.0, 0, 0, 1, 1, 1])
        lost = np.array([True, False, False, True, True, False])
        found = lost_model(np.column_stack([far, np.full(6, 7.0)]), lost)
        assert found.left_out.tolist() == [False, True]
        # odds of being lost 1:2 near, 2:1 far
        np.testing.assert_allclose(found.odds_ratio[:2], [0.5, 4.0])
        assert np.isnan(found.estimate[2])
        assert found.reason == ""

    def test_what_allows_no_model(self) -> None:
        lost = np.array([False, False, False, True, True, True])
        age = np.array([20.0, 25, 30, 40, 45, 50])
        found = lost_model(age[:, None], lost, names=["age"])
        assert found.reason == "'age' separates the lost from the seen perfectly: no finite estimate"
        assert np.isnan(found.p_value).all()
        twice = lost_model(np.column_stack([age, 2 * age]), lost, names=["age", "again"])
        assert twice.reason == "'again' is determined by what stands before it"
        missing = lost_model(np.where(age > 40, np.nan, age)[:, None], lost)
        assert missing.reason == "2 of 6 persons have a missing or infinite covariate"
        assert "too few" in lost_model(np.random.default_rng(1).normal(size=(6, 6)), lost).reason

    def test_quasi_separation_by_two_together(self) -> None:
        """Neither covariate separates alone; their sum does, but for persons at the border."""
        rng = np.random.default_rng(3)
        x = rng.normal(size=(60, 2)).round(2)
        lost = x.sum(axis=1) > 0
        x[:4], lost[:4] = [[1.0, -1.0], [-1, 1], [2, -2], [0.5, -0.5]], [True, False, True, False]
        found = lost_model(x, lost)
        assert found.reason.startswith("'covariate 1', 'covariate 2' together separate the lost")

    def test_steep_but_not_separated_is_fitted(self) -> None:
        x = np.concatenate([np.linspace(-40, -1, 200), [0.4, -0.2, 0.1], np.linspace(1, 40, 200)])
        lost = np.concatenate([np.zeros(200), [0, 1, 0], np.ones(200)]).astype(bool)
        fit = fit_logistic(np.column_stack([np.ones(403), x]), lost)
        assert fit.reason == ""
        assert fit.probabilities.min() < 1e-12
        # The likelihood equations: residuals add up to nothing, alone and times x
        residual = lost - fit.probabilities
        assert abs(residual.sum()) + abs(residual @ x) < 1e-9


class TestLogistic:
    @given(
        st.integers(0, 10_000),
        st.floats(-5, 5),
        st.sampled_from([1e-6, 0.1, 10.0, 1e6]),
    )
    @settings(max_examples=30, deadline=None)
    def test_units_and_sides(self, seed: int, shift: float, scale: float) -> None:
        rng = np.random.default_rng(seed)
        x, yes = rng.normal(size=(30, 2)).round(3), rng.random(30) < 0.5
        one = fit_logistic(np.column_stack([np.ones(30), x]), yes)
        assume(not one.reason and np.abs(one.coefficients).max() < 10)
        two = fit_logistic(np.column_stack([np.ones(30), (x + shift) * scale]), yes)
        other = fit_logistic(np.column_stack([np.ones(30), x]), ~yes)
        np.testing.assert_allclose(two.coefficients[1:] * scale, one.coefficients[1:], rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(other.coefficients, -one.coefficients, rtol=1e-6, atol=1e-8)
        assert one.probabilities.sum() == pytest.approx(yes.sum())

    def test_nobody_and_everybody_a_yes(self) -> None:
        design = np.ones((3, 1))
        assert fit_logistic(design, np.zeros(3, dtype=bool)).reason == "nobody is a yes: nothing to model"
        found = logistic_terms(fit_logistic(design, np.ones(3, dtype=bool)))
        assert found.reason == "everybody is a yes: nothing to model"
        assert np.isnan(found.odds_ratio).all()

    def test_odds_ratio_beyond_the_largest_number_is_infinite(self) -> None:
        x = np.array([0.0, 1, 2, 3, 4, 5]) * 1e-5
        yes = np.array([False, True, False, True, False, True])
        found = logistic_terms(fit_logistic(np.column_stack([np.ones(6), x]), yes))
        assert np.isinf(found.odds_ratio[1])
        assert np.isfinite(found.estimate[1])

    def test_area_has_nothing_to_compare(self) -> None:
        assert np.isnan(area_under_curve(np.array([0.1, 0.2]), np.array([True, True])))
        assert np.isnan(area_under_curve(np.array([0.1, 0.2]), np.array([False, False])))
        assert np.isnan(area_under_curve(np.array([0.1, np.nan]), np.array([True, False])))


def as_groups(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    known = frame.dropna(subset=["O1B"])
    codes = np.select([known["O1B"] == 1, known["O1B"] == 2], [0, 1], 2)
    return known[["CES_D", "AGE", "male"]].to_numpy(float), codes


class TestMultinomial:
    def test_against_r(self, help_full: pd.DataFrame) -> None:
        x, codes = as_groups(help_full)
        scaled = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
        fit = fit_multinomial(np.column_stack([np.ones(len(x)), scaled]), codes, 3)
        theirs = oracle("multinomial")
        np.testing.assert_allclose(fit.coefficients.ravel(), theirs["estimate"], **TIGHT)
        np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), theirs["std_error"], **TIGHT)
        np.testing.assert_allclose(fit.coefficients.ravel(), theirs["by_nnet"], rtol=1e-8)

    def test_what_allows_no_fit(self) -> None:
        design = np.column_stack([np.ones(9), np.arange(9.0)])
        codes = np.repeat([0, 1, 2], 3)
        assert fit_multinomial(design, codes, 4).reason == "1 of 4 groups have nobody"
        assert fit_multinomial(design, codes, 3).reason.startswith("column 2 separates the groups perfectly")
        # only the last group stands apart: separated in part is separated
        apart = np.column_stack([np.ones(9), [0.0, 1, 2, 1, 0, 2, 8, 9, 7]])
        assert fit_multinomial(apart, codes, 3).reason.startswith("column 2 separates")
        zero = fit_multinomial(np.zeros((9, 1)), codes, 3)
        assert zero.reason == "column 1 is determined by what stands before it"

    def test_a_model_that_does_not_settle_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("larstudy.stats.multinomial._MOST_STEPS", 1)
        design = np.column_stack([np.ones(6), [0.0, 0, 0, 1, 1, 1]])
        fit = fit_logistic(design, np.array([True, False, False, True, True, False]))
        assert fit.reason == "the model has not settled after 1 steps"

    def test_steps_that_lose_likelihood_are_halved(self) -> None:
        """Persons far off make a full step overshoot; the likelihood equations hold at the end all the same."""
        x = np.array([
            [-7.78, 47.24], [18.64, -21.61], [6.99, 6.33], [-127.93, -233.86], [0.95, -4.12], [41.23, 17.23],
            [-3.75, 2308.15], [4.65, -7.75], [24.94, 7.6], [2.89, -3.91], [-3.48, 2.31], [-3.3, -9.86],
        ])  # fmt: skip
        yes = np.array([1, 0, 0, 1, 0, 0, 1, 0, 1, 1, 1, 1], dtype=bool)
        fit = fit_logistic(np.column_stack([np.ones(12), x]), yes)
        assert fit.reason == ""
        residual = yes - fit.probabilities
        assert abs(residual.sum()) < 1e-9
        np.testing.assert_allclose(residual @ x, 0.0, atol=1e-6)


class TestAttritionWeights:
    @pytest.mark.parametrize("how", ["whole", "trim_1_99", "trim_10_90"])
    @pytest.mark.parametrize("data", ["help", "help_by_group", "btheb", "btheb_by_group"])
    def test_against_r(self, data: str, how: str, help_full: pd.DataFrame, btheb: pd.DataFrame) -> None:
        if data.startswith("help"):
            x, seen = help_full[NUMERIC + BINARY].to_numpy(float), ~help_full["lost"].to_numpy()
            group, first = help_full[["GROUP"]].to_numpy(float), help_full["MCS"].to_numpy()
        else:
            x, seen = btheb[BTHEB].to_numpy(), btheb["after_8m"].notna().to_numpy()
            group, first = btheb[["btheb"]].to_numpy(), btheb["pre"].to_numpy()
        trim = {"whole": None, "trim_1_99": (1, 99), "trim_10_90": (10, 90)}[how]
        ours = attrition_weights(x, seen, numerator=group if data.endswith("group") else None, trim=trim)
        row = oracle("weights").query("data == @data and how == @how").iloc[0]
        assert ours.n_seen == row["n"]
        for column in ("mean", "largest", "effective_n"):
            assert getattr(ours, column) == pytest.approx(row[column], rel=1e-8), column
        weights = ours.weights[seen]
        np.testing.assert_allclose(
            np.percentile(weights, [0, 10, 50, 90, 100]),
            row[["q0", "q10", "q50", "q90", "q100"]].astype(float),
            rtol=1e-8,
        )
        assert weights @ first[seen] / weights.sum() == pytest.approx(row["weighted_mean"], rel=1e-8)
        assert (ours.weights[~seen] == 0).all()
        assert (ours.n_trimmed > 0) == (trim is not None)
        assert ours.reason == ""

    def test_one_binary_covariate_is_balanced_exactly(self) -> None:
        far = np.array([[0.0]] * 10 + [[1.0]] * 10)
        seen = np.array([True] * 8 + [False] * 2 + [True] * 3 + [False] * 7)
        found = attrition_weights(far, seen)
        # (11/20) / (8/10) and (11/20) / (3/10); (sum)^2 / sum of squares by hand
        np.testing.assert_allclose(found.weights[[0, 10]], [0.6875, 11 / 6])
        assert found.effective_n == pytest.approx(11**2 / (8 * 0.6875**2 + 3 * (11 / 6) ** 2))
        balance = seen_balance(far, seen, weights=found.weights)
        assert balance.before[0, 0] == pytest.approx((3 / 11 - 0.5) / np.sqrt(5 / 19))
        assert abs(balance.after[0, 0]) < 1e-10

    def test_nobody_lost_and_nobody_seen(self) -> None:
        x = np.array([[1.0], [2.0], [3.0]])
        found = attrition_weights(x, np.ones(3, dtype=bool))
        assert found.weights.tolist() == [1.0, 1.0, 1.0]
        assert (found.effective_n, found.reason) == (3.0, "nobody was lost: every weight is 1")
        found = attrition_weights(x, np.zeros(3, dtype=bool))
        assert found.reason == "nobody was seen: nobody to weigh"
        assert np.isnan([*found.weights, found.mean, found.largest, found.effective_n]).all()

    def test_a_whole_group_lost_is_perfect_separation(self) -> None:
        group = np.repeat([0.0, 1.0], 10)[:, None]
        seen = np.array([True, False] * 5 + [False] * 10)
        found = attrition_weights(group, seen, names=["isolated"])
        assert found.reason == "'isolated' separates the lost from the seen perfectly: no finite estimate"
        assert np.isnan(found.weights).all()
        other = attrition_weights(np.arange(20.0)[:, None] % 5, seen, numerator=group)
        assert other.reason.startswith("the numerator: 'covariate 1' separates")

    def test_weights_that_explode_are_none(self) -> None:
        """Nearly everybody far away is lost: the one who is seen would stand for two hundred."""
        far = np.repeat([0.0, 1.0], [300, 300])[:, None]
        seen = np.concatenate([np.ones(300), [1], np.zeros(299)]).astype(bool)
        seen[:3] = False
        found = attrition_weights(far, seen)
        # (298/600) / (297/300) = 0.5017 each of 297, and (298/600) / (1/300) = 149 of one
        assert found.largest == pytest.approx(149.0)
        assert found.effective_n == pytest.approx(298**2 / (297 * (149 / 297) ** 2 + 149**2))
        assert found.reason.startswith(
            "the weights explode: 298 seen count as 4.0, the largest weight is 149.0"
        )
        assert np.isnan(found.weights).all()
        trimmed = attrition_weights(far, seen, trim=(0, 99))
        assert (trimmed.reason, trimmed.n_trimmed) == ("", 1)
        assert attrition_weights(far, seen, least_effective=0.0).weights[300] == pytest.approx(149.0)

    def test_effective_sample_size(self) -> None:
        assert effective_sample_size(np.full(7, 1e-200)) == pytest.approx(7)
        assert np.isnan(effective_sample_size(np.array([0.0, 0.0])))
        assert np.isnan(effective_sample_size(np.array([1.0, np.nan])))

    def test_balance_without_weights_or_persons(self) -> None:
        x, seen = np.array([[1.0], [2.0]]), np.array([True, False])
        assert seen_balance(x, seen, weights=np.full(2, np.nan)).reason == "the weights are missing"
        assert seen_balance(x, ~(seen | True), weights=np.ones(2)).reason == "nobody was seen"
        assert seen_balance(x[:1], seen[:1], weights=np.ones(1)).reasons == ("no spread within the groups",)


class TestOverlapWeights:
    def test_three_groups_against_r(self, help_full: pd.DataFrame) -> None:
        x, codes = as_groups(help_full)
        found, theirs = overlap_weights(x, codes, 3), oracle("overlap")
        np.testing.assert_allclose(found.effective_n, theirs["effective_n"], rtol=1e-8)
        assert found.largest == pytest.approx(theirs["largest"].max(), rel=1e-8)
        balance = group_balance(x, codes, 3, weights=found.weights)
        for j, name in enumerate(("CES_D", "AGE", "male")):
            own = [found.weights[codes == g] @ x[codes == g, j] for g in range(3)]
            np.testing.assert_allclose(own, theirs[name], rtol=1e-8)
            spread = np.sqrt(theirs[f"var_{name}"].mean())
            assert balance.standardiser[j] == pytest.approx(spread, rel=1e-10)
            assert balance.after[1, j] == pytest.approx(
                (theirs[name][0] - theirs[name][2]) / spread, abs=1e-8
            )
        assert balance.pairs == ((0, 1), (0, 2), (1, 2))
        assert (balance.largest_after < balance.largest_before / 3).all()

    @given(hnp.arrays(float, (40, 2), elements=st.floats(-2, 2)), st.integers(0, 99))
    @settings(max_examples=30, deadline=None)
    def test_two_groups_balance_exactly(self, x: np.ndarray, seed: int) -> None:
        x = x.round(3)
        codes = np.random.default_rng(seed).permutation(np.repeat([0, 1], 20))
        found = overlap_weights(x, codes, 2)
        assume(not found.reason)
        means = [found.weights[codes == g] @ x[codes == g] for g in (0, 1)]
        np.testing.assert_allclose(means[0], means[1], atol=1e-8)
        # The tilt is e (1 - e): a weight is the probability of the other group, up to a factor
        other = found.probabilities[np.arange(40), 1 - codes]
        np.testing.assert_allclose(
            found.weights[codes == 1], (other / other[codes == 1].sum())[codes == 1], atol=1e-10
        )

    def test_relabelling_groups_changes_nothing(self, help_full: pd.DataFrame) -> None:
        x, codes = as_groups(help_full)
        one, two = overlap_weights(x, codes, 3), overlap_weights(x, 2 - codes, 3)
        np.testing.assert_allclose(one.weights, two.weights, rtol=1e-9)

    def test_what_allows_no_weights(self) -> None:
        x, codes = np.arange(8.0)[:, None], np.repeat([0, 1], 4)
        found = overlap_weights(x, codes, 2, names=["age"])
        assert found.reason == "'age' separates the groups perfectly: no finite estimate"
        assert np.isnan([*found.weights, *found.effective_n, found.largest]).all()
        balance = group_balance(x, codes, 2, weights=found.weights)
        assert balance.reason == "the weights are missing"
        # means 1.5 and 5.5; the variance of 0 1 2 3 is 5/3
        assert balance.before[0, 0] == pytest.approx(-4 / np.sqrt(5 / 3))
        assert np.isnan(balance.after).all()
        assert group_balance(x, codes, 3, weights=np.ones(8)).reason == "1 of 3 groups have nobody"
        assert group_balance(x, np.zeros(8, dtype=int), 1, weights=np.ones(8)).reason.startswith(
            "one group only"
        )

    def test_constant_covariate_and_single_persons(self) -> None:
        x = np.column_stack([np.full(6, 3.0), [1.0, 2, 3, 2, 1, 4]])
        codes = np.array([0, 0, 0, 1, 1, 1])
        found = overlap_weights(x, codes, 2)
        assert found.left_out.tolist() == [True, False]
        balance = group_balance(x, codes, 2, weights=found.weights)
        assert balance.reasons == ("no spread within the groups", "")
        alone = group_balance(x[:2], np.array([0, 1]), 2, weights=np.ones(2))
        assert alone.reasons == ("no spread within the groups",) * 2
