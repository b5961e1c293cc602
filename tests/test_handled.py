"""Ways of dealing with the lost, made ready for a comparison: against R, in special cases and over many samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.at_start import AtStart, at_start
from larstudy.clusters import study_clusters
from larstudy.cohort import Cohort
from larstudy.covariates import study_covariates
from larstudy.handled import HandledData, Handling, fit_handled, handle_lost
from larstudy.loading import load_frame
from larstudy.specs import study_from_mapping
from larstudy.stats.handled_groups import fit_groups, pool_groups
from tests.conftest import ORACLES

HELP: dict[str, Any] = {
    "data": {
        "file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
        "waves": {"baseline": 0, "month12": 12},
    },
    "outcomes": {"MCS": {"column": "MCS", "higher_is": "better"}},
    "network": {"rule": "help"},
    "covariates": {"columns": ["AGE"], "categorical": ["GROUP"]},
}  # fmt: skip
EVERY: tuple[Handling, ...] = ("complete_cases", "attrition_weights", "imputation", "overlap_weights")


def start_of(cohort: Cohort, outcome: str = "MCS") -> AtStart:
    pair = cohort.spec.analysis.comparisons[0]
    networks = ls.classify_networks(cohort) if cohort.spec.networks else None
    groups = networks.transitions(*pair).groups() if networks else ls.fixed_groups(cohort)
    return at_start(
        ls.outcome(cohort, outcome), pair, groups, networks=networks,
        covariates=study_covariates(cohort), clusters=study_clusters(cohort),
    )  # fmt: skip


@pytest.fixture(scope="module")
def help_study(help_frame: pd.DataFrame) -> Cohort:
    frame = help_frame.assign(site=help_frame["ID"] % 21)
    values = HELP | {"data": HELP["data"] | {"cluster": "site"}}
    return load_frame(study_from_mapping(values), frame)


@pytest.fixture(scope="module")
def start(help_study: Cohort) -> AtStart:
    return start_of(help_study)


def fixed(frame: pd.DataFrame, **more: Any) -> AtStart:
    """Return the start of a wide study with columns before, after and arm."""
    cohort = ls.load(
        frame,
        waves=["start", "year1"],
        outcomes={"qol": {"start": "before", "year1": "after"}},
        group="arm",
        **more,
    )
    return start_of(cohort, "qol")


class TestAgainstR:
    @pytest.mark.parametrize(
        ("model", "errors"),
        [(m, e) for m in ("change_score", "ancova") for e in ("independent", "CR2")] + [("ancova", "CR3")],
    )
    def test_weights_against_attrition(self, start: AtStart, model: Any, errors: Any) -> None:
        theirs = pd.read_csv(ORACLES / "handled_weights.csv")
        theirs = theirs[(theirs["model"] == model) & (theirs["errors"] == errors)].set_index("group")
        data = handle_lost(start, "attrition_weights")
        assert (data.n, data.n_entered) == (theirs["n"].iloc[0], theirs["n_entered"].iloc[0])
        assert data.effective_n == pytest.approx(theirs["effective_n"].iloc[0], rel=1e-9)
        ours = fit_handled(data, model=model, errors=errors).differences
        for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
            values = dict(zip(data.groups, getattr(ours, name), strict=True))
            np.testing.assert_allclose(
                [values[group] for group in theirs.index], theirs[name], rtol=1e-8, err_msg=name
            )

    @pytest.mark.parametrize("model", ["change_score", "ancova"])
    @pytest.mark.parametrize("errors", ["independent", "CR2"])
    @pytest.mark.parametrize("with_covariates", [False, True])
    def test_complete_cases_are_the_models_of_the_study(
        self, help_study: Cohort, start: AtStart, model: Any, errors: Any, with_covariates: bool
    ) -> None:
        if with_covariates and model == "change_score":
            pytest.skip("the study has no such model")
        name = model + ("_covariates" if with_covariates else "") + ("_cr2" if errors == "CR2" else "")
        rows = ls.analyse(help_study).to_frame("models")
        rows = rows[(rows["model"] == name) & (rows["reference"] != "") & (rows["term"] != "group")]
        theirs = rows.set_index("group")
        data = handle_lost(start, "complete_cases")
        ours = fit_handled(data, model=model, errors=errors, with_covariates=with_covariates).differences
        for i, group in enumerate(data.groups):
            if group != data.reference:
                found = [ours.estimate[i], ours.std_error[i], ours.df[i], ours.conf_low[i]]
                expected = theirs.loc[group, ["estimate", "std_error", "df", "conf_low"]].astype(float)
                np.testing.assert_allclose(found, expected, rtol=1e-9)


class TestHandling:
    def test_overlap_weights_give_weighted_means(self, start: AtStart) -> None:
        data = handle_lost(start, "overlap_weights")
        assert data.weights is not None
        change, codes = (data.after - data.before)[0], data.codes[0]
        by_hand = [np.average(change[codes == j], weights=data.weights[codes == j]) for j in range(4)]
        ours = fit_handled(data, model="change_score")
        np.testing.assert_allclose(ours.means.estimate, by_hand, rtol=1e-12)
        np.testing.assert_allclose(ours.differences.estimate[[0, 1, 3]], np.delete(by_hand, 2) - by_hand[2])
        assert data.effective_n < data.n

    def test_imputed_sets_keep_what_is_known(self, start: AtStart) -> None:
        data = handle_lost(start, "imputation", imputations=3)
        known = ~np.isnan(start.after)
        assert data.after.shape == (3, len(start.before))
        assert (data.after[:, known] == start.after[known]).all()
        assert (data.before == start.before).all()
        assert start.first is not None
        # who was abstinent at first and is so again has maintained it; who was not has gained it
        codes, grouped = data.codes, start.codes >= 0
        assert (codes[:, grouped] == start.codes[grouped]).all()
        assert not (codes[:, start.first == 0] == 1).any()
        assert not (codes[:, start.first > 0] == 0).any()
        # an imputed score differs between the sets
        assert (np.ptp(data.after[:, ~known], axis=0) > 0).all()

    def test_the_same_seed_gives_the_same_and_another_does_not(self, start: AtStart) -> None:
        first, again, other = (handle_lost(start, "imputation", imputations=2, seed=s) for s in (1, 1, 2))
        assert (first.after == again.after).all()
        assert not (first.after == other.after).all()

    def test_order_of_the_file_does_not_matter(self, help_frame: pd.DataFrame) -> None:
        shuffled = help_frame.sample(frac=1, random_state=3)
        one, two = (start_of(load_frame(study_from_mapping(HELP), f)) for f in (help_frame, shuffled))
        for handling in EVERY:
            a, b = (handle_lost(s, handling, imputations=2) for s in (one, two))
            assert (a.after == b.after).all()
            assert (a.codes == b.codes).all()

    def test_nobody_lost(self) -> None:
        rng = np.random.default_rng(5)
        before = rng.normal(size=40)
        frame = pd.DataFrame(
            {"before": before, "after": before + rng.normal(size=40), "arm": ["a", "b"] * 20}
        )
        start = fixed(frame)
        plain = fit_handled(handle_lost(start, "complete_cases"), model="ancova")
        imputed = fit_handled(handle_lost(start, "imputation"), model="ancova")
        np.testing.assert_allclose(imputed.differences.estimate, plain.differences.estimate, rtol=1e-12)
        np.testing.assert_allclose(imputed.differences.std_error, plain.differences.std_error, rtol=1e-12)
        weighted = handle_lost(start, "attrition_weights")
        assert weighted.weights is not None
        assert set(weighted.weights.tolist()) == {1.0}
        assert weighted.effective_n == 40

    def test_missing_covariates_are_drawn_or_marked(self) -> None:
        rng = np.random.default_rng(6)
        n = 60
        before = rng.normal(size=n)
        frame = pd.DataFrame(
            {
                "before": before,
                "after": np.where(np.arange(n) % 5 == 0, np.nan, before + rng.normal(size=n)),
                "arm": ["a", "b", "c"] * 20,
                "age": np.where(np.arange(n) % 7 == 0, np.nan, rng.integers(20, 60, n)),
                "town": [None if i % 11 == 0 else "north" if i % 2 else "south" for i in range(n)],
            }
        )
        start = fixed(frame, covariates=["age", "town"])
        whole = handle_lost(start, "complete_cases")
        assert whole.terms == ("age", "town[south]")
        assert np.isnan(whole.covariates).any()
        imputed = handle_lost(start, "imputation", imputations=2)
        assert not np.isnan(imputed.covariates).any()
        assert set(np.unique(imputed.covariates[:, :, 1])) == {0.0, 1.0}
        weighted = handle_lost(start, "attrition_weights")
        assert weighted.reason == ""
        fitted = fit_handled(weighted, model="ancova", with_covariates=True)
        assert np.isfinite(fitted.differences.std_error[1:]).all()


class TestWhereItCannotBeDone:
    def check(self, data: HandledData, text: str) -> None:
        assert text in data.reason
        found = fit_handled(data, model="ancova")
        assert np.isnan(found.differences.estimate).all()
        assert found.differences.reason == data.reason

    def frame(self, arms: str) -> pd.DataFrame:
        n = len(arms)
        rng = np.random.default_rng(n)
        return pd.DataFrame({"before": rng.normal(size=n), "after": rng.normal(size=n), "arm": list(arms)})

    def test_all_lost_in_one_group(self) -> None:
        frame = self.frame("ab" * 20)
        frame.loc[frame["arm"] == "b", "after"] = np.nan
        frame.loc[0, "after"] = np.nan
        start = fixed(frame)
        found = fit_handled(handle_lost(start, "complete_cases"), model="ancova")
        assert np.isnan(found.differences.estimate).all()
        self.check(handle_lost(start, "attrition_weights"), "separates the lost from the seen perfectly")
        self.check(handle_lost(start, "imputation"), "'group' is determined")
        self.check(handle_lost(start, "overlap_weights"), "one group only")

    def test_nobody_seen(self) -> None:
        start = fixed(self.frame("abab").assign(after=[np.nan] * 4))
        for handling in ("complete_cases", "attrition_weights", "overlap_weights"):
            self.check(handle_lost(start, handling), "nobody has both scores and a group")
        assert handle_lost(start, "imputation").reason

    def test_the_reference_is_empty(self) -> None:
        found = fit_groups(np.array([1.0, 2.0]), np.array([1, 1]), 2, reference=0)
        assert found.means.reason == "nobody is in the reference group"

    def test_nothing_to_pool(self) -> None:
        assert pool_groups([], 2).differences.reason == "nothing was imputed"

    def test_a_group_that_some_sets_lack(self) -> None:
        y = np.array([1.0, 2, 4, 5, 7, 9])
        fits = [
            fit_groups(y, np.array(codes), 3, reference=0)
            for codes in ([0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 1, 1])
        ]
        found = pool_groups(fits, 3).differences
        assert np.isfinite(found.estimate[1])
        assert np.isnan(found.estimate[2])
        assert "in some imputed data set" in found.reason


def test_loss_by_the_first_score_is_undone() -> None:
    """Over 60 samples of 300: the mean change of everybody is 2 - 0.5 before, so 2 where before has mean 0.

    Those with a high first score are lost more often, so that complete cases gain more than everybody does.
    The Monte-Carlo error of a mean of 60 is below 0.02; the bias of complete cases is about 0.2.
    """
    rng = np.random.default_rng(20)
    found: dict[str, list[float]] = {name: [] for name in EVERY[:3]}
    for _ in range(60):
        before = rng.normal(size=300)
        after = before + 2.0 - 0.5 * before + rng.normal(size=300)
        lost = rng.random(300) < 1 / (1 + np.exp(-(1.5 * before - 0.5)))
        frame = pd.DataFrame({"before": before, "after": np.where(lost, np.nan, after), "arm": "a"})
        start = fixed(frame)
        for name in found:
            data = handle_lost(start, name, imputations=5)
            found[name].append(float(fit_handled(data, model="change_score").means.estimate[0]))
    means = {name: np.mean(values) for name, values in found.items()}
    assert means["complete_cases"] > 2.15
    assert means["attrition_weights"] == pytest.approx(2.0, abs=0.06)
    assert means["imputation"] == pytest.approx(2.0, abs=0.06)
