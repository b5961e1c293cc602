"""Errors for clusters of what is beside the models: R, hand calculations, properties, and what cannot be done.

R's jackknife fits each model anew without each facility; ours never does. Closed forms agree to 1e-9; the gains of
`nlme::gls` to what its search leaves.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import larstudy as ls
from larstudy.estimands import Assumed
from larstudy.groups import no_groups
from larstudy.loading import load_frame
from larstudy.specs import study_from_mapping
from larstudy.stats.attrition import lost_model
from larstudy.stats.cluster_jackknife import jackknife_estimates, left_out_clusters
from larstudy.stats.clustered_contrasts import clustered_contrasts, clustered_mean
from larstudy.stats.clustered_estimands import clustered_analyses, clustered_regression_to_mean
from larstudy.stats.clustered_logistic import clustered_logistic
from larstudy.stats.constrained_baseline import constrained_baseline
from larstudy.stats.estimands import four_analyses
from larstudy.stats.linear import Estimates
from larstudy.stats.measurement_error import corrected_ancova
from larstudy.stats.regression_to_mean import regression_to_mean
from larstudy.stats.slope_models import ChangeAnalysis
from larstudy.stats.within_groups import against_reference, within_groups
from tests.conftest import ORACLES
from tests.samples import help_waves

LEVELS = ("drug_dominated", "maintained_abstinent", "gained_abstinent", "isolated")
COLUMNS = ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
OUTCOMES = {"MCS": "better", "CES_D": "worse"}
JACKKNIFE = "jackknife over clusters"


def facilities() -> pd.Series:
    return pd.read_csv(ORACLES / "clusters_help_facility.csv").set_index("ID")["facility"]


def oracle(**chosen: str) -> pd.DataFrame:
    rows = pd.read_csv(ORACLES / "clustered_study.csv", keep_default_na=True).fillna({"what": ""})
    for name, value in chosen.items():
        rows = rows[rows[name] == value]
    return rows


@pytest.fixture(scope="module", params=["CR2", "CR3"])
def study(request: pytest.FixtureRequest, help_frame: pd.DataFrame) -> tuple[str, ls.Analysis]:
    values = {
        "data": {
            "file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
            "waves": {"baseline": 0, "month12": 12}, "cluster": "facility",
        },
        "outcomes": {
            name: {"column": name, "higher_is": better, "reliability": [0.6, 0.9], "mcid": 10.0}
            for name, better in OUTCOMES.items()
        },
        "network": {"rule": "help"},
        "covariates": {"columns": ["AGE", "GROUP"], "categorical": ["GROUP"]},
        "analysis": {"cluster_errors": request.param, "bootstrap": 0, "permutations": 0},
    }  # fmt: skip
    frame = help_frame.assign(facility=help_frame["ID"].map(facilities()))
    return request.param, ls.analyse(load_frame(study_from_mapping(values), frame))


def waves_of(help_frame: pd.DataFrame, outcome: str) -> tuple[np.ndarray, ...]:
    frame = help_waves(help_frame, outcome, 12)
    codes = pd.Categorical(frame["group"], categories=LEVELS).codes.astype(np.intp)
    clusters = pd.factorize(frame.index.map(facilities()))[0]
    return frame["before"].to_numpy(float), frame["after"].to_numpy(float), codes, clusters


def assert_rows(found: pd.DataFrame, theirs: pd.DataFrame, names: dict[str, str], key: str) -> None:
    ours = found.set_index(key)
    for row in theirs.to_dict("records"):
        for column, name in names.items():
            value = ours.loc[row["group"], name]
            assert value == pytest.approx(row[column], rel=1e-8, abs=1e-12), (row["group"], column)


class TestStudyAgainstR:
    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_mean_changes(self, study: tuple[str, ls.Analysis], outcome: str) -> None:
        errors, analysis = study
        rows = analysis.comparison(outcome, "baseline", "month12").to_frame("change")
        names = {
            "estimate": "estimate", "std_error": "cluster_std_error", "df": "cluster_df",
            "p_value": "cluster_p_value", "conf_low": "cluster_low", "conf_high": "cluster_high",
        }  # fmt: skip
        theirs = oracle(outcome=outcome, part="change", errors=errors)
        assert len(theirs) == 6
        assert_rows(rows, theirs, names, "group")
        # in one model with a cell for each group the cells are the same
        assert_rows(rows, oracle(outcome=outcome, part="change_cells", errors=errors), names, "group")
        assert rows["cluster_errors"].eq(errors).all()
        assert rows["cluster_reason"].eq("").all()

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_planned_contrasts(self, study: tuple[str, ls.Analysis], outcome: str) -> None:
        errors, analysis = study
        pairs = analysis.comparison(outcome, "baseline", "month12").to_frame("pairs")
        for model in ("change_score", "ancova"):
            rows = pairs[pairs["method"] == f"planned_{model}_{errors.lower()}"]
            theirs = oracle(outcome=outcome, part="planned", errors=errors, what=model)
            assert len(rows) == len(theirs) == 3
            assert_rows(rows, theirs, dict.fromkeys(COLUMNS) | {c: c for c in COLUMNS}, "term")
            # Holm by hand: smallest times 3, next times 2, never falling
            p = np.sort(theirs["p_value"].to_numpy())
            holm = np.minimum(np.maximum.accumulate(p * [3, 2, 1]), 1.0)
            np.testing.assert_allclose(np.sort(rows["p_adjusted"]), holm, rtol=1e-8)

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_equivalence(self, study: tuple[str, ls.Analysis], outcome: str) -> None:
        """Two one-sided tests from R's estimate, error and degrees of freedom: the larger p is the p-value."""
        errors, analysis = study
        pairs = analysis.comparison(outcome, "baseline", "month12").to_frame("pairs")
        rows = pairs[pairs["method"] == f"tost_{errors.lower()}"]
        assert len(rows) == 6
        theirs = oracle(outcome=outcome, errors=errors, what="change_score")
        for row in theirs.to_dict("records"):
            (found,) = rows[(rows["group"] == row["group"]) | (rows["term"] == row["group"])].to_dict(
                "records"
            )
            t_low, t_high = ((row["estimate"] + margin) / row["std_error"] for margin in (10.0, -10.0))
            p = max(stats.t.sf(t_low, row["df"]), stats.t.cdf(t_high, row["df"]))
            assert found["p_value"] == pytest.approx(p, rel=1e-8)
            # alpha .05: the interval is of 90 %
            margin = stats.t.ppf(0.95, row["df"]) * row["std_error"]
            assert found["conf_low"] == pytest.approx(row["estimate"] - margin, rel=1e-8)

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_analyses_side_by_side(self, study: tuple[str, ls.Analysis], outcome: str) -> None:
        errors, analysis = study
        rows = analysis.comparison(outcome, "baseline", "month12").to_frame("estimands")
        nested = rows[rows["errors"] != "independent"]
        same = {c: c for c in COLUMNS}
        for name in ("change_score", "ancova"):
            theirs = oracle(outcome=outcome, part="estimands", errors=errors, what=name)
            chosen = nested[nested["analysis"] == name]
            assert chosen["errors"].eq(errors).all()
            assert_rows(chosen, theirs, same, "group")
        # the contrasts of the constrained baseline are those of the analysis of covariance
        chosen = nested[nested["analysis"] == "constrained_baseline"]
        assert_rows(
            chosen, oracle(outcome=outcome, part="estimands", errors=errors, what="ancova"), same, "group"
        )
        for reliability in (0.6, 0.9):
            chosen = nested[nested["reliability"] == reliability]
            theirs = oracle(outcome=outcome, part="estimands", what=f"ancova_corrected {reliability:g}")
            assert chosen["errors"].eq(JACKKNIFE).all()
            assert_rows(chosen, theirs, same, "group")
        assert nested["assumption"].str.endswith("persons of one cluster may be alike.").sum() == 15

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_spans(self, study: tuple[str, ls.Analysis], outcome: str) -> None:
        errors, analysis = study
        rows = analysis.comparison(outcome, "baseline", "month12").to_frame("estimands")
        nested = rows[rows["errors"] != "independent"]
        for group in LEVELS[1:]:
            of_group = nested[nested["group"] == group].set_index("analysis")
            parts, span = of_group.drop(index="bracket"), of_group.loc["bracket"]
            assert span["errors"] == f"{errors}, {JACKKNIFE}"
            assert span["conf_low"] == parts["conf_low"].min()
            assert span["conf_high"] == parts["conf_high"].max()

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_regression_to_the_mean(self, study: tuple[str, ls.Analysis], outcome: str) -> None:
        _, analysis = study
        rows = analysis.comparison(outcome, "baseline", "month12").to_frame("regression")
        rows = rows[rows["errors"] == JACKKNIFE]
        names = {c: c for c in COLUMNS} | {"estimate": "remainder"}
        assert_rows(rows, oracle(outcome=outcome, part="remainder", what="own mean"), names, "group")
        names = {"estimate": "expected_change", "conf_low": "expected_low", "conf_high": "expected_high"}
        assert_rows(rows, oracle(outcome=outcome, part="expected", what="own mean"), names, "group")

    def test_who_was_lost(self, study: tuple[str, ls.Analysis]) -> None:
        errors, analysis = study
        rows = analysis.to_frame("lost").query("outcome == 'MCS'")
        assert rows["n_model"].eq(464).all()
        rows = rows.assign(key=np.where(rows["level"] == "", rows["term"], rows["level"])).set_index("key")
        theirs = (
            pd.read_csv(ORACLES / "clustered_lost.csv").query("errors == @errors").set_index(["by", "term"])
        )
        called = {
            "baseline": "MCS",
            "drug_dominated": "drug_dominated",
            "isolated": "isolated",
            "AGE": "AGE",
            "1": "GROUP",
        }
        for ours, term in called.items():
            row, exact, glm = rows.loc[ours], theirs.loc[("scaled", term)], theirs.loc[("glm", term)]
            assert row["cluster_std_error"] == pytest.approx(exact["std_error"], rel=1e-8)
            assert row["cluster_df"] == pytest.approx(exact["df"], rel=1e-8)
            assert row["cluster_p_value"] == pytest.approx(exact["p_value"], rel=1e-8)
            assert row["cluster_low"] == pytest.approx(np.exp(exact["conf_low"]), rel=1e-8)
            assert row["cluster_high"] == pytest.approx(np.exp(exact["conf_high"]), rel=1e-8)
            # clubSandwich takes another root of CR2 where weights vary within clusters; of CR3 there is one
            near = 1e-3 if errors == "CR2" else 1e-8
            assert row["cluster_std_error"] == pytest.approx(glm["std_error"], rel=near)
        held_against = rows.loc["abstinent"]
        assert held_against["cluster_errors"] == ""
        assert np.isnan(held_against["cluster_df"])

    def test_every_defensible_analysis_has_them_too(self, study: tuple[str, ls.Analysis]) -> None:
        errors, analysis = study
        sensitivity = analysis.to_frame("sensitivity").query("outcome == 'MCS'")
        estimands = (
            analysis.to_frame("estimands")
            .query("outcome == 'MCS'")
            .set_index(["errors", "analysis", "group"])
        )
        for model, of in (("constrained_baseline", errors), ("ancova_corrected (0.9)", JACKKNIFE)):
            rows = sensitivity[(sensitivity["model"] == model) & (sensitivity["errors"] == of)]
            assert len(rows) == 3
            for row in rows.to_dict("records"):
                theirs = estimands.loc[(of, model.split(" ")[0], row["group"])]
                theirs = theirs if theirs.ndim == 1 else theirs[theirs["reliability"] == 0.9].iloc[0]
                assert row["std_error"] == theirs["std_error"]

    def test_everybody_is_counted(self, study: tuple[str, ls.Analysis]) -> None:
        assert ls.reconcile(study[1]).ok

    def test_shown_and_said(self, study: tuple[str, ls.Analysis]) -> None:
        errors, analysis = study
        comparison = analysis.comparison("MCS", "baseline", "month12")
        shown = comparison.table("change").to_markdown()
        assert "| CI from, clusters | CI to, clusters | p, clusters |" in shown
        assert f"Clusters: {errors} errors, degrees of freedom by Satterthwaite." in shown
        shown = comparison.table("estimands").to_markdown()
        assert "ANCOVA, corrected for unreliability (0.6), jackknife over clusters" in shown
        assert f"Two waves, one baseline mean, clustered ({errors})" in shown
        assert "each cluster is left out in turn" in shown
        shown = comparison.table("pairs").to_markdown()
        assert f"Equivalence (TOST), clustered ({errors})" in shown
        assert f"Planned, ANCOVA, clustered ({errors})" in shown
        assert "| Isolated | jackknife over clusters | 21 |" in comparison.table("regression").to_markdown()


class TestStatsAgainstR:
    @pytest.mark.parametrize("reliability", [0.6, 0.75, 0.9, 1.0])
    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_corrected(self, help_frame: pd.DataFrame, outcome: str, reliability: float) -> None:
        before, after, codes, clusters = waves_of(help_frame, outcome)
        plain = corrected_ancova(before, after, codes, 4, reliability=reliability)
        (nested,) = clustered_analyses(
            [plain], before, after, codes, 4, clusters, contrasts=against_reference(4)
        )
        theirs = oracle(outcome=outcome, part="estimands", what=f"ancova_corrected {reliability:g}")
        for column in COLUMNS:
            np.testing.assert_allclose(getattr(nested.estimates, column), theirs[column], rtol=1e-9)

    @pytest.mark.parametrize(("mean", "what"), [(None, "own mean"), (45.0, "mean 45")])
    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_regression_to_the_mean(
        self, help_frame: pd.DataFrame, outcome: str, mean: float | None, what: str
    ) -> None:
        found = clustered_regression_to_mean(
            *waves_of(help_frame, outcome)[:3], 4, waves_of(help_frame, outcome)[3], population_mean=mean
        )
        for part, estimates in (("expected", found.expected), ("remainder", found.remainder)):
            theirs = oracle(outcome=outcome, part=part, what=what)
            for column in COLUMNS:
                np.testing.assert_allclose(
                    getattr(estimates, column), theirs[column], rtol=1e-8, err_msg=f"{part} {column}"
                )

    @pytest.mark.parametrize("outcome", OUTCOMES)
    def test_gains_of_the_constrained_baseline(self, help_frame: pd.DataFrame, outcome: str) -> None:
        """Refitted by `gls` without each facility: the remainder beyond the mean of everybody is that gain."""
        before, after, codes, clusters = waves_of(help_frame, outcome)
        found = clustered_regression_to_mean(before, after, codes, 4, clusters)
        gains = constrained_baseline(before, after, codes, 4).gains
        np.testing.assert_allclose(found.remainder.estimate, gains.estimate, rtol=1e-9)
        theirs = oracle(outcome=outcome, part="gains")
        # gls stops its search early: about 1e-5
        np.testing.assert_allclose(found.remainder.estimate, theirs["estimate"], rtol=3e-5)
        np.testing.assert_allclose(found.remainder.std_error, theirs["std_error"], rtol=3e-5)


# -- properties -----------------------------------------------------------------------------------------------------


def drawn(seed: int, clusters: int = 6, k: int = 3, n: int = 60) -> tuple[np.ndarray, ...]:
    """Persons in clusters, some lost and some without a group; every group is in every cluster."""
    rng = np.random.default_rng(seed)
    full = np.arange(clusters * k)
    groups = np.concatenate([full % k, rng.integers(0, k, n - len(full))])
    nested = np.concatenate([full // k, rng.integers(0, clusters, n - len(full))])
    before = rng.normal(50, 10, n) + 3 * groups
    after = 0.6 * before + 20 + rng.normal(0, 8, n) + rng.normal(0, 3, clusters)[nested]
    late = np.arange(n) >= len(full)
    after[late & (rng.random(n) < 0.2)] = np.nan
    groups[late & (rng.random(n) < 0.2)] = -1
    return before, after, groups.astype(np.intp), nested.astype(np.intp)


@given(st.integers(0, 10_000))
def test_nothing_is_fitted_anew_and_yet_it_is_the_fit_without_the_cluster(seed: int) -> None:
    before, after, codes, clusters = drawn(seed)
    for everybody in (False, True):
        left = left_out_clusters(before, after, codes, 3, clusters, everybody=everybody)
        for place, cluster in enumerate(np.unique(clusters)):
            rest = clusters != cluster
            sums = within_groups(before[rest], after[rest], codes[rest], 3)
            np.testing.assert_allclose(left.before_means[place], sums.before_means, rtol=1e-10)
            np.testing.assert_allclose(left.after_means[place], sums.after_means, rtol=1e-10)
            assert left.slopes[place] == pytest.approx(sums.slope, rel=1e-9)
            mean = before[rest].mean() if everybody else np.nan
            assert left.baseline_means[place] == pytest.approx(mean, rel=1e-12, nan_ok=True)


@given(st.integers(0, 10_000), st.sampled_from([0.0, 1e6]))
def test_with_a_reliability_of_one_it_is_cr3(seed: int, offset: float) -> None:
    """The jackknife of a least-squares fit about the full estimate is (G - 1) / G times CR3."""
    before, after, codes, clusters = drawn(seed)
    before, after = before + offset, after + offset
    found = four_analyses(before, after, codes, 3, reliability=1.0)
    _, ancova, corrected, constrained = clustered_analyses(
        found.analyses, before, after, codes, 3, clusters, contrasts=found.contrasts, kind="CR3"
    )
    np.testing.assert_allclose(
        corrected.estimates.std_error**2, 5 / 6 * ancova.estimates.std_error**2, rtol=1e-6
    )
    np.testing.assert_array_equal(constrained.estimates.std_error, ancova.estimates.std_error)
    np.testing.assert_array_equal(corrected.estimates.df, 5.0)


@given(st.integers(0, 10_000))
def test_order_and_names_of_clusters_do_not_matter(seed: int) -> None:
    before, after, codes, clusters = drawn(seed)
    rng = np.random.default_rng(seed)
    order, called = rng.permutation(len(before)), rng.permutation(6) * 7
    one = clustered_regression_to_mean(before, after, codes, 3, clusters)
    other = clustered_regression_to_mean(
        before[order], after[order], codes[order], 3, called[clusters][order]
    )
    np.testing.assert_allclose(one.remainder.std_error, other.remainder.std_error, rtol=1e-9)


@given(st.integers(0, 10_000), st.floats(0.1, 10), st.floats(-100, 100))
def test_scale_and_origin(seed: int, scale: float, shift: float) -> None:
    before, after, codes, clusters = drawn(seed)
    one = clustered_regression_to_mean(before, after, codes, 3, clusters, reliability=0.8)
    other = clustered_regression_to_mean(
        before * scale + shift, after * scale + shift, codes, 3, clusters, reliability=0.8
    )
    np.testing.assert_allclose(one.remainder.std_error * scale, other.remainder.std_error, rtol=1e-7)


@given(st.integers(0, 10_000))
def test_mean_by_hand(seed: int) -> None:
    """CR2 of a mean: the sum over clusters of (sum of residuals)^2 / (1 - n_j / n), over n^2."""
    rng = np.random.default_rng(seed)
    clusters = np.concatenate([np.arange(4), rng.integers(0, 4, 16)])
    values = rng.normal(5, 2, 20) + clusters
    residual = values - values.mean()
    variance = (
        sum(residual[clusters == j].sum() ** 2 / (1 - (clusters == j).mean()) for j in range(4)) / 20**2
    )
    found = clustered_mean(values, clusters)
    assert found.std_error[0] == pytest.approx(np.sqrt(variance), rel=1e-9)


def test_each_person_a_cluster_is_the_usual_error() -> None:
    """CR2 of a mean is then s / sqrt(n), with n - 1 degrees of freedom."""
    values = np.array([1.0, 4, 2, 8, 5])
    found = clustered_mean(values, np.arange(5))
    assert found.std_error[0] == pytest.approx(values.std(ddof=1) / np.sqrt(5))
    assert found.df[0] == pytest.approx(4)


# -- what cannot be done ----------------------------------------------------------------------------------------------


def four(
    before: np.ndarray, after: np.ndarray, codes: np.ndarray, clusters: np.ndarray, k: int
) -> dict[str, ChangeAnalysis]:
    found = four_analyses(before, after, codes, k, reliability=0.9)
    nested = clustered_analyses(found.analyses, before, after, codes, k, clusters, contrasts=found.contrasts)
    for plain, one in zip(found.analyses, nested, strict=True):
        np.testing.assert_array_equal(plain.estimates.estimate, one.estimates.estimate)
    return {one.name: one for one in nested}


def no_errors(found: Estimates, place: int) -> bool:
    return all(
        np.isnan(getattr(found, name)[place]) for name in ("std_error", "statistic", "p_value", "conf_low")
    )


class TestWhatCannotBeDone:
    def test_group_in_one_cluster_only(self) -> None:
        before, after, codes, clusters = drawn(3)
        clusters = np.where(codes == 2, 0, clusters)
        for name, one in four(before, after, codes, clusters, 3).items():
            assert no_errors(one.estimates, 1), name
            assert "one" in one.reasons[1]
            assert "cluster" in one.reasons[1]
            assert one.reasons[0] == ""
            assert one.estimates.std_error[0] > 0
        found = clustered_regression_to_mean(before, after, codes, 3, clusters)
        assert no_errors(found.remainder, 2)
        assert found.reasons == (
            "",
            "",
            "cannot be estimated without one of the clusters: nothing shows how it would differ in another",
        )

    @pytest.mark.parametrize(
        ("number", "said"), [(1, "one cluster is too few"), (2, "2 clusters are too few")]
    )
    def test_fewer_than_three_clusters(self, number: int, said: str) -> None:
        before, after, codes, clusters = drawn(5)
        found = four(before, after, codes, clusters % number, 3)
        assert found["ancova_corrected"].reasons[0].startswith(said)
        assert no_errors(found["ancova_corrected"].estimates, 0)
        assert np.isnan(found["ancova_corrected"].estimates.df).all()
        # CR2 is defined for two
        assert bool(found["ancova"].reasons[0]) == (number == 1)
        rows = clustered_regression_to_mean(before, after, codes, 3, clusters % number)
        assert rows.reasons[0].startswith(said)
        assert np.isnan(rows.expected.std_error).all()

    def test_slope_of_one_cluster(self) -> None:
        """All but the persons of cluster 0 start alike within their groups: without them there is no slope."""
        before, after, codes, clusters = drawn(7)
        before = np.where(clusters == 0, before, 40.0 + codes)
        found = four(before, after, codes, clusters, 3)
        assert (
            found["ancova_corrected"].reasons
            == (
                "cannot be estimated without one of the clusters: nothing shows how it would differ in another",
            )
            * 2
        )
        assert found["change_score"].reasons == ("", "")
        assert all("cluster" in reason for reason in found["ancova"].reasons)

    def test_reasons_of_the_analysis_stay(self) -> None:
        before, after, codes, clusters = drawn(9)
        alone = np.where(codes == 2, -1, codes)
        alone[0] = 2
        found = four(before, after, alone, clusters, 3)
        for one in found.values():
            assert one.reasons[1] == "one person only in group 3"
            assert np.isnan(one.estimates.estimate[1])
            assert one.estimates.std_error[0] > 0
        impossible = corrected_ancova(before, after, codes, 3, reliability=0.01)
        (nested,) = clustered_analyses(
            [impossible], before, after, codes, 3, clusters, contrasts=against_reference(3)
        )
        assert nested.reasons == impossible.reasons
        assert nested.errors == JACKKNIFE
        nobody = clustered_regression_to_mean(before, np.full(60, np.nan), codes, 3, clusters)
        assert nobody.reason == "nobody has both waves and a group"

    def test_no_contrast_at_all(self) -> None:
        before, after, _, clusters = drawn(11)
        found = four_analyses(before, after, np.zeros(60, dtype=np.intp), 1, reliability=0.9)
        nested = clustered_analyses(
            found.analyses, before, after, np.zeros(60, dtype=np.intp), 1, clusters, contrasts=found.contrasts
        )
        assert [len(one.estimates.estimate) for one in nested] == [0] * 4

    def test_cluster_of_those_lost_is_not_known(self) -> None:
        before, after, codes, clusters = drawn(13)
        unknown = np.where(np.isnan(after), -1, clusters)
        number = int(np.isnan(after).sum())
        found = clustered_regression_to_mean(before, after, codes, 3, unknown)
        assert found.reasons == (f"the cluster of {number} persons with a baseline is not known",) * 3
        assert np.isnan(found.remainder.std_error).all()
        assert not np.isnan(found.remainder.estimate).any()
        known = clustered_regression_to_mean(before, after, codes, 3, unknown, population_mean=50.0)
        assert known.reasons == ("", "", "")
        one = np.where(np.arange(60) == 0, -1, clusters)
        found = clustered_regression_to_mean(before, after, codes, 3, one)
        assert found.reasons[0] == "the cluster of one person with a baseline is not known"

    def test_nothing_differs(self) -> None:
        found, reasons = jackknife_estimates(np.array([1.0]), np.ones((4, 1)), noise=1e-12)
        assert reasons == ("the same whichever cluster is left out: no test",)
        assert np.isnan(found.std_error[0])
        assert found.reason == reasons[0]

    @pytest.mark.parametrize(
        ("n", "said"),
        [(0, "nobody"), (1, "one person only: no spread")],
    )
    def test_mean_of_too_few(self, n: int, said: str) -> None:
        found = clustered_mean(np.ones(n), np.zeros(n, dtype=int))
        assert found.reason == said
        assert np.isnan(found.std_error[0])

    def test_mean_without_spread_or_in_one_cluster(self) -> None:
        assert "without any residual" in clustered_mean(np.ones(4), np.array([0, 0, 1, 1])).reason
        found = clustered_mean(np.array([1.0, 2, 3]), np.zeros(3, dtype=int))
        assert found.estimate[0] == pytest.approx(2.0)
        assert found.reason.startswith("one cluster only")

    def test_contrasts(self) -> None:
        _, after, codes, clusters = drawn(15)
        here = (codes >= 0) & ~np.isnan(after)
        arrays = (after[here], codes[here])
        weights = np.array([[np.nan] * 3, [1.0, 0, 0], [-1.0, 0, 1.0]])
        found = clustered_contrasts(*arrays, weights, clusters[here])
        assert found.reasons[0] == "the weights are unknown: a group of the contrast is missing"
        assert found.reasons[1] == "the weights do not add up to zero: no contrast"
        assert found.reasons[2] == ""
        assert np.isnan(found.estimate[:2]).all()
        assert found.std_error[2] > 0
        alone = clustered_contrasts(*arrays, weights[2], np.where(codes[here] == 2, 0, clusters[here]))
        assert "one cluster" in alone.reasons[0]
        assert np.isnan(alone.std_error[0])
        assert not np.isnan(alone.estimate[0])
        same = clustered_contrasts(*arrays, weights[2], np.zeros(here.sum(), dtype=int))
        assert same.reasons[0].startswith("one cluster only")

    def test_logistic(self) -> None:
        rng = np.random.default_rng(1)
        clusters = np.arange(80) % 8
        age, lost = rng.normal(30, 8, 80), rng.random(80) < 0.4
        columns = np.column_stack([age, np.ones(80), clusters == 3])
        found = clustered_logistic(columns, lost, clusters, names=["age", "one", "third"])
        plain = lost_model(columns, lost, names=["age", "one", "third"])
        np.testing.assert_array_equal(found.estimate, plain.estimate)
        np.testing.assert_array_equal(found.odds_ratio, plain.odds_ratio)
        assert found.reasons[1:3] == ("", "the same for everybody")
        assert "one cluster" in found.reasons[3]
        assert found.std_error[1] > 0
        assert np.isnan(found.std_error[2:]).all()
        nobody = clustered_logistic(columns, np.zeros(80, dtype=bool), clusters)
        assert nobody.reasons[0] == "nobody is a yes: nothing to model"
        assert np.isnan(nobody.odds_ratio).all()
        one = clustered_logistic(age[:, None], lost, np.zeros(80, dtype=int))
        assert one.reasons[0].startswith("one cluster only")


class TestInTheLibrary:
    def cohort(self) -> ls.Cohort:
        rng = np.random.default_rng(2)
        n = 40
        before = rng.normal(50, 10, n)
        after = before + rng.normal(5, 5, n)
        frame = pd.DataFrame(
            {"id": range(n), "q0": before, "q1": after, "arm": np.where(np.arange(n) % 2, "a", "b")}
        )
        frame.loc[35:, "q1"] = np.nan
        frame.loc[34, "arm"] = None
        return ls.load(
            frame, person="id", waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, group="arm"
        )

    def test_clusters_of_some_only(self) -> None:
        """Those compared must have one; whoever else lacks one is named where it matters."""
        cohort = self.cohort()
        change = ls.change(ls.outcome(cohort, "qol"), "0", "1")
        clinics = pd.Series([f"c{i % 5}" for i in range(34)], index=range(34), name="clinic")
        result = ls.compare_groups(
            change,
            ls.fixed_groups(cohort),
            clusters=clinics,
            assumed=Assumed(reliability=(0.8, 0.8)),
            mixed=False,
        )
        rows = result.to_frame("change").set_index("group")
        assert rows.loc["all", "cluster_reason"] == "the cluster of 1 person is not known"
        assert np.isnan(rows.loc["all", "cluster_std_error"])
        assert rows.loc["a", "cluster_std_error"] > 0
        assert (
            "Clusters: All, Not classified: the cluster of 1 person is not known."
            in result.table("change").to_markdown()
        )
        nested = result.to_frame("regression").query("errors != 'independent'")
        assert nested["reason"].eq("the cluster of 6 persons with a baseline is not known").all()
        nested = result.to_frame("estimands").query("errors != 'independent' and analysis != 'bracket'")
        assert nested["std_error"].gt(0).all()

    def test_without_groups(self) -> None:
        cohort = self.cohort()
        change = ls.change(ls.outcome(cohort, "qol"), "0", "1")
        clinics = pd.Series([f"c{i % 5}" for i in range(40)], index=range(40))
        nobody = ls.compare_groups(change, no_groups(cohort), clusters=clinics)
        row = nobody.to_frame("change").iloc[0]
        assert row["cluster_errors"] == "CR2"
        assert row["cluster_std_error"] > 0
        plain = ls.compare_groups(change, no_groups(cohort)).to_frame("change").iloc[0]
        assert plain["cluster_errors"] == ""
        assert np.isnan(plain["cluster_std_error"])

    def test_tables_without_clusters_say_nothing_of_them(self) -> None:
        cohort = self.cohort()
        change = ls.change(ls.outcome(cohort, "qol"), "0", "1")
        result = ls.compare_groups(change, ls.fixed_groups(cohort))
        for part in ("change", "estimands", "regression", "pairs"):
            assert "luster" not in result.table(part).to_markdown()
        assert result.to_frame("estimands")["errors"].eq("independent").all()


def test_remainder_without_an_error_keeps_what_it_is() -> None:
    before, after, codes, _ = drawn(17)
    plain = regression_to_mean(before, after, codes, 3)
    nested = clustered_regression_to_mean(before, after, codes, 3, np.zeros(60, dtype=np.intp))
    np.testing.assert_array_equal(plain.remainder.estimate, nested.remainder.estimate)
    np.testing.assert_array_equal(plain.gains, nested.gains)
