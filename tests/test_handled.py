"""What is done about the lost, made ready for any model: who is in it, and what a model makes of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.clusters import study_clusters
from larstudy.covariates import study_covariates
from larstudy.handled import HandledData, Handling, handle_lost
from larstudy.handled_fits import fit_handled
from larstudy.stats.linear import FTest
from larstudy.stats.pooling import PooledTest

HANDLINGS: tuple[Handling, ...] = ("complete_cases", "attrition_weights", "imputation")
COLUMNS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")


def cohort_of(frame: pd.DataFrame, **options: object) -> ls.Cohort:
    options = {"group": "arm", **options}
    return ls.load(frame, waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, **options)  # type: ignore[arg-type]


def handled(cohort: ls.Cohort, handling: Handling, **options: object) -> HandledData:
    groups = ls.fixed_groups(cohort)
    options = {"covariates": study_covariates(cohort), "clusters": study_clusters(cohort), **options}
    return handle_lost(ls.outcome(cohort, "qol"), "0", "1", groups, handling=handling, **options)  # type: ignore[arg-type]


def simulated(n: int = 120, seed: int = 3) -> pd.DataFrame:
    """Three arms in six homes; of the third who were worst at the start, many are lost."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"id": range(n), "arm": np.resize(["a", "b", "c"], n), "home": np.resize(list("uvwxyz"), n)}
    )
    frame["q0"] = rng.normal(10, 2, n)
    frame["q1"] = frame["q0"] + rng.normal(1, 2, n) + (frame["arm"] == "b")
    frame["age"] = rng.normal(40, 9, n).round(0)
    frame["sex"] = rng.choice(["m", "f"], n)
    frame.loc[(frame["q0"] < 9) & (rng.random(n) < 0.6), "q1"] = np.nan
    return frame


class TestCompleteCases:
    @pytest.mark.parametrize("model", ["change_score", "ancova"])
    def test_numbers_of_models_csv(self, help_cohort: ls.Cohort, model: str) -> None:
        networks = ls.classify_networks(help_cohort).transitions("baseline", "month12")
        scores = ls.outcome(help_cohort, "mental")
        rows = ls.compare_groups(ls.change(scores, "baseline", "month12"), networks).to_frame("models")
        rows = rows[(rows["model"] == model) & rows["term"].str.startswith("group")]
        data = handle_lost(scores, "baseline", "month12", networks, handling="complete_cases")
        fit = fit_handled(data, model=model)  # type: ignore[arg-type]
        others = rows[rows["group"].isin(fit.groups)]
        for name in COLUMNS:
            assert others[name].tolist() == getattr(fit.estimates, name).tolist(), name
        assert rows["statistic"].iloc[0] == fit.test.statistic
        assert data.n_entered == 468
        assert fit.n == data.n == 207

    @pytest.mark.parametrize("errors", ["independent", "CR2"])
    def test_covariates_and_clusters_as_in_models_csv(self, errors: str) -> None:
        frame = simulated()
        frame.loc[[3, 8], "age"] = np.nan
        cohort = cohort_of(frame, covariates=["age", "sex"], person="id", cluster="home")
        (comparison,) = ls.analyse(cohort).comparisons
        model = "ancova_covariates" + ("" if errors == "independent" else "_cr2")
        rows = comparison.to_frame("models")
        rows = rows[rows["model"] == model]
        data = handled(cohort, "complete_cases")
        fit = fit_handled(data, model="ancova", with_covariates=True, errors=errors)  # type: ignore[arg-type]
        others = rows[rows["term"].isin([f"group[{name}]" for name in fit.groups])]
        for name in COLUMNS:
            np.testing.assert_array_equal(others[name], getattr(fit.estimates, name), err_msg=name)
        assert set(rows["n"]) == {fit.n}
        assert fit.n < data.n


class TestNobodyLost:
    """Then weights are 1 and nothing is drawn."""

    def test_all_agree(self) -> None:
        cohort = cohort_of(simulated().dropna())
        fits = {name: fit_handled(handled(cohort, name), model="ancova") for name in HANDLINGS}
        np.testing.assert_allclose(
            fits["attrition_weights"].estimates.estimate, fits["complete_cases"].estimates.estimate
        )
        np.testing.assert_array_equal(
            fits["imputation"].estimates.std_error, fits["complete_cases"].estimates.std_error
        )
        assert isinstance(fits["imputation"].test, FTest)
        assert set(handled(cohort, "attrition_weights").weights) == {1.0}

    def test_only_a_covariate_is_drawn(self) -> None:
        frame = simulated().dropna().reset_index(drop=True)
        frame.loc[4, "age"] = np.nan
        cohort = cohort_of(frame, covariates=["age"])
        data = handled(cohort, "imputation", imputations=3)
        assert len(data.before) == 3
        plain = fit_handled(data, model="change_score")
        assert plain.estimates.df.tolist() == [len(frame) - 3] * 2
        assert isinstance(fit_handled(data, model="ancova", with_covariates=True).test, PooledTest)


class TestContract:
    @pytest.mark.parametrize("handling", HANDLINGS)
    def test_shapes(self, handling: Handling) -> None:
        frame = simulated()
        frame.loc[[0, 7, 9], "age"] = np.nan
        frame.loc[[1, 5], "sex"] = None
        data = handled(
            cohort_of(frame, covariates=["age", "sex"], cluster="home", person="id"), handling, imputations=4
        )
        m, n = (4, 120) if handling == "imputation" else (1, int(frame["q1"].notna().sum()))
        assert data.before.shape == data.after.shape == data.codes.shape == (m, n)
        assert data.covariates.shape == (m, n, 2)
        assert data.terms == ("age", "sex[m]")
        assert data.weights.shape == data.clusters.shape == data.lost.shape == (n,)
        assert data.n_entered == 120
        assert (data.codes >= 0).all()
        assert not np.isnan(data.after).any()
        assert (data.groups, data.reference) == (("a", "b", "c"), "a")
        assert data.reason == ""

    @pytest.mark.parametrize("handling", HANDLINGS)
    def test_order_of_rows(self, handling: Handling) -> None:
        frame = simulated()
        shuffled = frame.sample(frac=1, random_state=1)
        one, two = (
            fit_handled(handled(cohort_of(f, person="id"), handling, imputations=3), model="change_score")
            for f in (frame, shuffled)
        )
        assert one.estimates.estimate.tolist() == two.estimates.estimate.tolist()
