"""What is done about the lost, made ready for any model: who is in it, and what a model makes of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.clusters import as_clusters, study_clusters
from larstudy.covariates import study_covariates
from larstudy.errors import JoinError
from larstudy.groups import no_groups
from larstudy.handled import HandledData, Handling, handle_lost
from larstudy.handled_fits import fit_each, fit_handled
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


class TestWhatCannotBeUsed:
    def test_groups_of_one_interval_without_their_moves(self, help_cohort: ls.Cohort) -> None:
        networks, scores = ls.classify_networks(help_cohort), ls.outcome(help_cohort, "mental")
        moves = networks.transitions("baseline", "month6")
        for groups in (moves, networks.transitions("baseline", "month12").groups()):
            with pytest.raises(JoinError, match="not those from baseline to month12, or not given as"):
                handle_lost(scores, "baseline", "month12", groups, handling="imputation")

    def test_no_clusters_and_nobody_with_covariates(self) -> None:
        frame = simulated().assign(age=np.nan)
        frame.loc[frame["q1"].isna(), "age"] = np.arange(int(frame["q1"].isna().sum()))
        data = handled(cohort_of(frame, covariates=["age"]), "complete_cases")
        fit = fit_handled(data, model="ancova", errors="CR2")
        assert fit.test.reason == "no clusters are known: no errors that allow for them"
        assert fit.groups == fit.reasons == ()
        fit = fit_handled(data, model="ancova", with_covariates=True)
        assert fit.test.reason == "nobody has all covariates"

    def test_no_groups(self) -> None:
        cohort = cohort_of(simulated(), group=None)
        data = handle_lost(ls.outcome(cohort, "qol"), "0", "1", no_groups(cohort), handling="complete_cases")
        assert (data.reason, data.n, data.n_entered) == ("no groups: nothing to compare", 0, 120)

    def test_a_cluster_not_known(self) -> None:
        """Person 5 has no cluster: nobody to draw for, and nobody with both waves."""
        frame = simulated()
        frame.loc[5, "q1"] = np.nan
        cohort = cohort_of(frame, person="id")
        labels = frame.set_index("id")["home"].where(frame["id"] != 5)
        clusters = as_clusters(labels)
        data = handled(cohort, "imputation", clusters=clusters, imputations=2)
        assert (data.n, data.n_entered, 5 in data.persons) == (119, 120, False)
        assert data.notes == ("Imputation leaves out 1 whose cluster is not known.",)
        assert handled(cohort, "complete_cases", clusters=clusters).n == frame["q1"].notna().sum()

    def test_covariates_that_say_nothing_or_too_much(self) -> None:
        frame = simulated().assign(same=1.0, name=lambda f: "person " + f["id"].astype(str))
        cohort = cohort_of(frame, covariates=["same", "name", "age"])
        weighted, drawn = (handled(cohort, name) for name in HANDLINGS[1:])
        assert drawn.terms == ("age",)
        assert weighted.foretold_terms == ("baseline", "group[b]", "group[c]", "age")
        assert drawn.notes == (
            "Covariate 'same' is the same for everybody: left out.",
            "Covariate 'name' is left out of what is done about the lost: 120 levels.",
        )

    def test_a_group_that_only_the_lost_are_drawn_into(self) -> None:
        """Of those seen at both waves nobody gained a network; of the lost some may have."""
        rng = np.random.default_rng(6)
        n = 90
        start, end = rng.choice(["abst", "drug"], n), rng.choice(["abst", "drug"], n)
        # whoever was seen with a score stayed with an abstinent network or ended in a drug-dominated one
        gained = (start == "drug") & (end == "abst")
        frame = pd.DataFrame({"q0": rng.normal(size=n), "n0": start, "n1": np.where(gained, "drug", end)})
        frame["q1"] = frame["q0"] + rng.normal(size=n)
        frame.loc[rng.random(n) < 0.4, ["q1", "n1"]] = None
        cohort = ls.load(
            frame,
            waves=["0", "1"],
            outcomes={"qol": {"0": "q0", "1": "q1"}},
            network={
                "column": {"0": "n0", "1": "n1"},
                "values": {"abstinent": ["abst"], "drug_dominated": ["drug"]},
            },
        )
        moves = ls.classify_networks(cohort).transitions("0", "1")
        reasons = set()
        for seed in range(12):
            data = handle_lost(
                ls.outcome(cohort, "qol"), "0", "1", moves, handling="imputation", seed=seed, imputations=2
            )
            reasons.add(data.reason)
        assert reasons == {
            "",
            "nobody seen is in gained_abstinent, and of the lost somebody in some data sets only",
        }


def test_imputed_data_with_clusters_pool_by_the_degrees_of_freedom_of_clusters() -> None:
    data = handled(cohort_of(simulated(), cluster="home"), "imputation")
    for errors, rule in (("independent", "barnard_rubin"), ("CR2", "satterthwaite")):
        each = fit_each(data, model="change_score", errors=errors)  # type: ignore[arg-type]
        assert each.df_rule == rule
        k = len(each.groups)
        parts = [fit.coefficients.part(1, k) for fit in each.fits]
        estimate, error, df = (
            np.array([getattr(p, name) for p in parts]) for name in ("estimate", "std_error", "df")
        )
        within, between = (error**2).mean(axis=0), estimate.var(axis=0, ddof=1) * (1 + 1 / len(parts))
        share, complete, m = between / (within + between), df.mean(axis=0), len(parts)
        if errors == "CR2":
            expected = 1 / (share**2 / (m - 1) + (1 - share) ** 2 / complete)
        else:
            expected = 1 / (share**2 / (m - 1) + (complete + 3) / (complete * (complete + 1) * (1 - share)))
        found = fit_handled(data, model="change_score", errors=errors)  # type: ignore[arg-type]
        np.testing.assert_allclose(found.estimates.df, expected, rtol=1e-10)
