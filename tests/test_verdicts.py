"""Verdicts: what decides them, what turns them, what counts against what rests on it, and what changes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.claim_panels import TestData, design_of, generated_panel, panel_of
from larstudy.claim_rules import Asked, Panel, ask, contrast_weights, decided
from larstudy.claim_shares import share_rows
from larstudy.claim_verdicts import Reached, propagate, reached
from larstudy.claim_verdicts import test_rows as claim_test_rows
from larstudy.claim_worth import _in_world, claim_worth
from larstudy.cli import main
from larstudy.errors import LarstudyError, MissingPackageError, UnknownNameError
from larstudy.names import VERDICTS
from larstudy.specs.evidence_reading import shipped_evidence
from larstudy.synthetic.score_cohorts import generate_scores
from larstudy.synthetic.study_designs import StudyDesign
from larstudy.verdict_files import changed_verdicts, kept_toml, verdict_bytes, verdict_files

EVIDENCE = shipped_evidence()
DESIGN = StudyDesign(cells=((48, 10, 5), (57, 60, 10), (10, 1, 20)), correlation=0.5)

#: A wide study of one's own with two networks.
STUDY = """
[study]
title = "Mine"
[data]
file = "data.csv"
layout = "wide"
person = "person"
waves = ["0", "1"]
[outcomes.qol]
column = "q_{wave}"
higher_is = "better"
[network]
column = "net_{wave}"
values = { drug_dominated = ["using"], abstinent = ["dry"], isolated = ["alone"] }
"""


@pytest.fixture(scope="module")
def shipped() -> ls.Verdicts:
    return ls.verdicts(n_cohorts=64, progress=False)


def said(estimate: float, low: float, high: float, sd: float = 1.0) -> Asked:
    one = [np.array([v]) for v in (estimate, low, high, sd)]
    return Asked(analysis="a", estimate=one[0], conf_low=one[1], conf_high=one[2], sd=one[3], n=np.array([9]))


# -- rules ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "interval", "code"),
    [
        ("greatest_change", (0.5, 0.1, 0.9), 1),
        ("greatest_change", (0.1, -0.3, 0.15), -1),
        # Of no improvement the estimate is the improvement.
        ("no_improvement", (0.05, -0.1, 0.19), 1),
        ("no_improvement", (-0.5, -0.9, -0.1), 1),
        ("no_improvement", (0.5, 0.1, 0.9), -1),
        ("no_improvement", (0.1, -0.1, 0.3), 0),
        # Of no difference either sign counts.
        ("no_difference", (0.0, -0.19, 0.19), 1),
        ("no_difference", (-0.5, -0.9, -0.1), -1),
        ("no_difference", (0.15, 0.05, 0.25), 0),
        ("no_difference", (0.0, np.nan, np.nan), 3),
    ],
)
def test_decisions_by_rule(rule, interval, code):
    assert decided(rule, said(*interval), 0.2).tolist() == [code]
    # In another unit the same.
    scaled = said(*(10 * np.array(interval)), sd=10.0)
    assert decided(rule, scaled, 0.2).tolist() == [code]
    assert decided(rule, said(*interval, sd=0.0), 0.2).tolist() == [3]


def test_weights_count_groups_alike():
    assert contrast_weights(["isolated"], ["maintained_abstinent", "drug_dominated"]).tolist() == [
        -0.5,
        0,
        -0.5,
        1,
    ]


def hand_panel(**changes) -> Panel:
    """Twelve persons: gained +2, +3, +4; drug-dominated 0, +1, +2; isolated -1, 0, +1; maintained 1, 1, 4."""
    before = np.array([[5.0, 6, 7, 5, 6, 7, 5, 6, 7, 5, 6, 7]])
    change = np.array([[2.0, 3, 4, 0, 1, 2, -1, 0, 1, 1, 1, 4]])
    groups = np.array([[1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0, 0]])
    start = np.array([[1, 1, 1, 1, 1, 1, 2, 2, 2, 0, 0, 0]])
    end = np.array([[0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0]])
    return replace(
        Panel(before=before, after=before + change, start=start, end=end, groups=groups), **changes
    )


def test_rules_by_hand():
    panel = hand_panel()
    rest = ["maintained_abstinent", "drug_dominated", "isolated"]
    change, ancova, constrained = ask("greatest_change", panel, ["gained_abstinent"], rest)
    # 3 - (2 + 1 + 0) / 3; all groups start alike, so that ANCOVA finds the same.
    assert change.estimate.tolist() == [2.0]
    np.testing.assert_allclose([ancova.estimate, constrained.estimate], 2.0)
    # The same estimate; one divides the residual sum of squares by 12 - 4 - 1, the other by 12 - 4, with 7 df both.
    width = [(one.conf_high - one.conf_low).item() for one in (ancova, constrained)]
    assert width[1] / width[0] == pytest.approx(np.sqrt(7 / 8))
    assert change.n.tolist() == [12]
    less = ask("least_change", panel, ["isolated"], ["gained_abstinent", "drug_dominated"])[0]
    # (3 + 1) / 2 - 0: positive where the isolated change least
    assert less.estimate.tolist() == [2.0]
    drug, isolated = ask("no_improvement", panel, ["drug_dominated", "isolated"], [])
    assert (drug.estimate.tolist(), isolated.estimate.tolist()) == ([1.0], [0.0])
    # t with 2 df, 4.302653, times 1 / sqrt(3)
    np.testing.assert_allclose(drug.conf_high, [1.0 + 4.302653 / np.sqrt(3)], rtol=1e-6)
    assert drug.n.tolist() == [3]
    entry, later = ask("lower_level", panel, ["isolated"], rest)
    # Everybody starts at 6 on average; later abstinent 6 + 2.5, drug-dominated 7, isolated 6: 7.75 - 6
    np.testing.assert_allclose(entry.estimate, [0.0], atol=1e-12)
    np.testing.assert_allclose(later.estimate, [1.75])
    level, given = ask("higher_level", panel, ["gained_abstinent"], rest)
    np.testing.assert_allclose(level.estimate, [2.0])
    np.testing.assert_allclose(given.estimate, [2.0])


def test_no_difference_needs_two_strata():
    assert ask("no_difference", hand_panel(), [], []) == []
    strata = np.array([[0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1]])
    before = hand_panel().before + np.arange(12) % 4
    twice = [np.tile(getattr(hand_panel(), name), 2) for name in ("after", "start", "end", "groups")]
    rng = np.random.default_rng(1)
    panel = Panel(
        before=np.tile(before, 2) + rng.normal(size=24), after=twice[0], start=twice[1], end=twice[2],
        groups=twice[3], strata=np.tile(strata, 2),
    )  # fmt: skip
    found = ask("no_difference", panel, [], [])
    assert [one.analysis for one in found][:2] == [
        "change_score_of_maintained_abstinent",
        "ancova_of_maintained_abstinent",
    ]
    x, g, s = (panel.after - panel.before)[0], panel.groups[0], panel.strata[0]
    mean = {(i, j): x[(g == i) & (s == j)].mean() for i in (0, 2) for j in (0, 1)}
    expected = (mean[0, 1] - mean[2, 1]) - (mean[0, 0] - mean[2, 0])
    np.testing.assert_allclose(found[0].estimate, [expected])


def test_clusters_are_allowed_for():
    clusters = np.array([[0, 1, 2] * 4])
    alone = ask("no_improvement", hand_panel(clusters=clusters), ["drug_dominated"], [])[0]
    # With one person a cluster in each group CR2 is the ordinary error of the mean: 1 / sqrt(3), 2 df.
    np.testing.assert_allclose(alone.conf_high, [1.0 + 4.302653 / np.sqrt(3)], rtol=1e-6)
    contrast = ask("greatest_change", hand_panel(clusters=clusters), ["gained_abstinent"], ["isolated"])[0]
    # Gained less isolated is 3 in every cluster: no spread between clusters, no test.
    assert np.isnan(contrast.conf_low).all()


# -- from analyses to verdicts --------------------------------------------------------------------------


def rows(*said, **fixed):
    return [
        {
            "definition": d,
            "analysis": a,
            "outcome": o,
            "to_wave": w,
            "verdict": v,
            "verdict_030": v,
            "verdict_050": v,
        }
        for d, a, o, w, v in said
    ]


def test_agreement_is_a_verdict_and_disagreement_names_what_turns_it():
    alike = rows(("one", "x", "o", "w", "supported"), ("two", "x", "o", "w", "supported"))
    assert reached(alike).verdict == "supported"
    found = reached(
        rows(
            ("one", "x", "o", "w", "supported"),
            ("one", "y", "o", "w", "supported"),
            ("two", "x", "o", "w", "inconclusive"),
            ("two", "y", "o", "w", "inconclusive"),
            ("three", "x", "o", "w", "not_testable"),
        )
    )
    assert found.verdict == "depends"
    assert [(one.choice, one.turned, one.sets) for one in found.depends_on] == [("definition", 2, 2)]
    assert found.counts == {"supported": 2, "inconclusive": 2, "not_testable": 1}
    assert reached(rows(("three", "x", "o", "w", "not_testable"))).verdict == "not_testable"


def of(verdict: str) -> Reached:
    return Reached(verdict=verdict, counts={verdict: 1})


def test_what_is_not_supported_counts_against_what_rests_on_it():
    own = {name: of("not_testable") for name in EVIDENCE.claims}
    own |= {name: of("supported") for name in ("M04", "M05", "M06", "M10", "M11")}
    found = propagate(EVIDENCE, own)
    assert (found["M05"].verdict, found["M12"].verdict, found["C02"].verdict) == ("supported",) * 3
    failed = propagate(EVIDENCE, {**own, "M04": of("contradicted")})
    assert (failed["M05"].verdict, failed["M05"].rests_on) == ("depends", ("M04",))
    # M12 rests on M04, M05 and M06; C03 on all of them.
    assert (failed["M12"].verdict, failed["M12"].rests_on) == ("depends", ("M04", "M05"))
    assert failed["C03"].verdict == "depends"
    assert (failed["M13"].verdict, failed["M13"].rests_on) == ("not_testable", ("M12",))
    every = propagate(EVIDENCE, {**own, **{name: of("contradicted") for name in ("M10", "M11")}})
    assert every["C02"].verdict == "contradicted"
    nothing = propagate(EVIDENCE, {name: of("not_testable") for name in EVIDENCE.claims})
    assert nothing["C02"].verdict == "not_testable"


def test_shares(shipped):
    tests = shipped.to_frame("tests").query("data == 'synthetic'").set_index("claim")
    # 64 % of 548 is the target that the cohort is made to.
    assert tests.loc["M02", "conf_low"] <= 0.64 <= tests.loc["M02", "conf_high"]
    assert tests.loc["M02", "verdict"] == "supported"
    # Half have a drug-dominated network: whether more than half is not decided.
    assert tests.loc["M08", "verdict"] == "inconclusive"
    assert len(tests.loc[["M01"]]) == 3
    claim = EVIDENCE.claims["M02"]
    cohort = ls.load_synthetic()
    everybody = TestData(cohort=cohort, strata=pd.Series(1.0, index=cohort.persons))
    assert share_rows(claim, EVIDENCE, "synthetic", everybody)[0]["verdict"] == "contradicted"
    assert share_rows(claim, EVIDENCE, "synthetic", TestData(cohort=cohort)) == []
    above = replace(claim, rule="share_above_half")
    assert share_rows(above, EVIDENCE, "synthetic", everybody)[0]["verdict"] == "supported"
    nobody = TestData(cohort=cohort, strata=pd.Series(0.0, index=cohort.persons))
    assert share_rows(above, EVIDENCE, "synthetic", nobody)[0]["verdict"] == "contradicted"
    assert share_rows(EVIDENCE.claims["V01"], EVIDENCE, "synthetic", everybody) == []
    help_cohort = TestData(cohort=ls.load_help())
    assert share_rows(EVIDENCE.claims["M01"], EVIDENCE, "help", help_cohort) == []


def test_real_verdicts_are_what_the_data_have(shipped):
    waves = shipped.to_frame("waves").query("data == 'help'").set_index(["claim", "outcome", "to_wave"])
    assert set(waves.index.get_level_values("to_wave")) == {"month6", "month12", "month18", "month24"}
    # Four definitions a cell; three analyses of a difference in change, two of a level or of two groups.
    counted = waves[["n_supported", "n_contradicted", "n_inconclusive"]].sum(axis=1)
    assert (counted.loc[["M04", "M05", "M06"]] == 12).all()
    assert (counted.loc[["M07", "M10", "M11"]] == 8).all()
    # At two years both claims hold by every definition and analysis, on the mental component.
    assert waves.loc[("M04", "global", "month24"), "verdict"] == "supported"
    assert waves.loc[("M05", "global", "month24"), "verdict"] == "supported"
    # The gained are above the mean of the rest in every analysis, at every wave, and nothing contradicts M04.
    assert (waves.loc["M04", "estimate_low"] > 0).all()
    assert (waves.loc[["M04", "M05"], "n_contradicted"] == 0).all()
    for claim in ("M06", "M07"):
        found = shipped.by_kind["real"][claim]
        assert found.verdict == "depends"
        assert found.depends_on[0].choice == "definition"
    assert "HELP is about people in detoxification" in shipped.why("M04")


def test_estimates_are_those_of_the_change_table(shipped):
    # Gained against drug-dominated, maintained and isolated at 12 months by the rule `help`, MCS:
    # 12.977 - (10.471 + 6.995 + 5.017) / 3 = 5.4827 (means of the change table, checked against R)
    row = shipped.to_frame("tests").query(
        "claim == 'M04' and data == 'help' and outcome == 'global' and definition == 'help'"
        " and to_wave == 'month12' and analysis == 'change_score'"
    )
    scores = ls.outcome(ls.load_help(), "mental")
    panel = panel_of(TestData(cohort=ls.load_help()), "mental", "help", ("baseline", "month12"))
    used = np.isfinite(panel.after[0]) & (panel.groups[0] >= 0)
    sd = panel.before[0][used].std(ddof=1)
    assert (row["estimate"] * sd).item() == pytest.approx(5.4827, abs=5e-4)
    assert row["n"].item() == 207
    assert scores.higher_is == "better"


def test_lower_is_better_outcomes_are_turned():
    data = TestData(cohort=ls.load_help())
    panel = panel_of(data, "depressive_symptoms", "help", ("baseline", "month6"))
    assert np.nanmax(panel.before) <= 0


# -- what the rules are worth ---------------------------------------------------------------------------


def test_worth_at_the_design_of_the_data(shipped):
    frame = shipped.to_frame("worth")
    m04 = frame.query("claim == 'M04'").set_index("world")
    assert (m04["n_cohorts"] == 64).all()
    assert m04.loc["null", "true"] == "no"
    assert m04.loc["review", "true"] == "yes"
    assert m04.loc[m04["true"] == "no", "supported"].max() <= 0.10
    assert m04.loc["review", "supported"] > 0.7
    found = next(one for one in shipped.worth if one.claim == "M04")
    share, world = found.false_supported()
    assert share == m04.loc[world, "supported"]
    assert f"({world})" in found.in_words("en")
    assert f"said supported in {round(share * found.n_cohorts)} of {found.n_cohorts} such" in found.in_words(
        "en"
    )


def test_worth_is_kept_under_what_it_rests_on(tmp_path, monkeypatch):
    claim, data = EVIDENCE.claims["M04"], TestData(cohort=ls.load_help())

    def found(n_cohorts=3, seed=1):
        return claim_worth(claim, EVIDENCE, "help", data, n_cohorts=n_cohorts, seed=seed, cache=tmp_path)

    first = found()
    assert len(list(tmp_path.iterdir())) == len(ls.list_worlds())
    with monkeypatch.context() as patch:
        patch.setattr("larstudy.claim_worth._in_world", lambda *_: pytest.fail("computed anew"))
        assert found().worlds == first.worlds
    found(seed=2)
    found(n_cohorts=4)
    assert len(list(tmp_path.iterdir())) == 3 * len(ls.list_worlds())
    # Cut short by a machine that went down: computed anew, the same.
    for path in tmp_path.iterdir():
        path.write_bytes(path.read_bytes()[:20])
    assert found().worlds == first.worlds


def test_what_is_not_of_people_says_so_in_every_table(shipped):
    assert shipped.to_frame("worth")["synthetic"].all()
    assert shipped.table("worth").synthetic
    for part in ("tests", "waves"):
        frame = shipped.to_frame(part)
        assert (frame["synthetic"] == (frame["data"] == "synthetic")).all()
        assert frame["synthetic"].any()
        assert not frame["synthetic"].all()


def test_worth_that_cannot_be_found(tmp_path):
    claim = EVIDENCE.claims["M04"]
    nobody_again = tmp_path / "study.toml"
    frame = pd.DataFrame({
        "person": range(6), "q_0": [1.0, 2, 3, 4, 5, 6], "q_1": [np.nan] * 6,
        "net_0": ["using", "dry"] * 3, "net_1": ["dry"] * 6,
    })  # fmt: skip
    frame.to_csv(tmp_path / "data.csv", index=False)
    nobody_again.write_text(STUDY, encoding="utf-8")
    outcome = replace(EVIDENCE.outcomes["global"], columns={"mine": "qol"})
    evidence = replace(EVIDENCE, outcomes={**EVIDENCE.outcomes, "global": outcome})
    found = claim_worth(claim, evidence, "mine", TestData(cohort=ls.load(nobody_again)), n_cohorts=1, seed=1)
    assert found.reason.startswith("A design needs three persons or more")
    assert found.in_words("en") == ""
    assert found.rows() == []
    help_data = TestData(cohort=ls.load_help())
    assert claim_worth(EVIDENCE.claims["V01"], EVIDENCE, "help", help_data, n_cohorts=1, seed=1) is None
    assert claim_worth(claim, EVIDENCE, "published", help_data, n_cohorts=1, seed=1) is None


def test_worth_where_nobody_is_in_a_group():
    # Nobody is isolated: whatever is asked of them cannot be told, in words and without a warning.
    rng = np.random.default_rng(3)
    n = 60
    start, end = rng.integers(0, 2, (2, 1, n))
    before = rng.normal(size=(1, n))
    panel = Panel(
        before=before,
        after=before + rng.normal(size=(1, n)),
        start=start,
        end=end,
        groups=np.where(end == 1, 2, start),
    )
    design = design_of(panel)
    assert np.array(design.cells)[:, 2].sum() == 0
    found = _in_world("least_change", "null", design, (["isolated"], ["drug_dominated"]), 0.5, 3, 1)
    assert found[0] == 0.0
    assert found[4] is False


def test_generated_strata_are_even():
    drawn = generate_scores("null", design=DESIGN, n_cohorts=2, seed=1)
    panel = generated_panel(drawn, 0.25)
    assert panel.strata.sum(axis=1).tolist() == [panel.before.shape[1] // 4] * 2
    assert design_of(panel).n == DESIGN.n


# -- the whole, in words, files and on the command line ---------------------------------------------------


def test_three_kinds_never_summed(shipped):
    frame = shipped.to_frame().set_index("claim")
    assert len(frame) == len(EVIDENCE.claims)
    assert list(frame.columns) == ["text", "published", "real", "synthetic", "why"]
    assert frame.loc["M08", "published"] == "contradicted"
    assert frame.loc["V01", "real"] == "not testable"
    # S02 rests on two ways of counting: one cannot tell, one falls.
    assert "cannot be checked (2011: 6,640" in frame.loc["S02", "why"]
    assert "does not follow (2013: 7,709" in frame.loc["S02", "why"]
    assert frame.loc["V01", "why"] != ""
    assert "never summed" in shipped.summary()
    for kind in shipped.by_kind.values():
        assert {one.verdict for one in kind.values()} <= set(VERDICTS)


@pytest.mark.parametrize("lang", ["nb", "nn"])
def test_the_same_in_other_languages(shipped, lang):
    other = replace(shipped, lang=lang)
    english, theirs = shipped.to_frame(), other.to_frame()
    digits = [[c for c in text if c.isdigit()] for text in english["why"]]
    tested = [
        i for i, claim in enumerate(english["claim"]) if any(one.claim == claim for one in shipped.worth)
    ]
    assert tested
    for i in tested:
        assert [c for c in theirs["why"][i] if c.isdigit()] == digits[i]
    assert theirs["real"][3] == {"nb": "kommer an på", "nn": "kjem an på"}[lang]
    assert other.table().columns[0].label == "Påstand"


def test_the_map_shows_every_verdict_by_a_sign(shipped):
    ax = shipped.plot().axes
    shown = shipped.decided()
    rows = [tick.get_text() for tick in ax.get_yticklabels()]
    assert [row.split("  ")[0] for row in rows] == shown
    # Each with what it says: cut at a word where it is long.
    said = dict(row.split("  ") for row in rows)
    assert said["M13"] == "Treatment should take in work with people's networks"
    assert said["M01"].endswith(" …")
    assert shipped.evidence.claims["M01"].text["en"].startswith(said["M01"].removesuffix(" …"))
    signs = {"supported": "+", "contradicted": "−", "depends": "±", "inconclusive": "?", "not_testable": "·"}
    expected = [
        signs[shipped.by_kind[kind][claim].verdict]
        for claim in shown
        for kind in ("published", "real", "synthetic")
    ]
    assert [text.get_text() for text in ax.texts] == expected
    heading = [" ".join(tick.get_text().split()) for tick in ax.get_xticklabels()]
    assert heading == ["What sources say", "Real data", "Synthetic data – not patients"]


def test_kept_verdicts_hold_and_a_flip_is_told(shipped):
    assert changed_verdicts(shipped) == []
    kept = {"M04": {"real": {"verdict": "supported", "supported": 64, "contradicted": 0, "inconclusive": 0}}}
    changes = changed_verdicts(shipped, kept)
    assert changes[0].startswith("M01, synthetic: was not_testable (no analysis), is supported (3 supported)")
    flipped = next(change for change in changes if change.startswith("M04, real"))
    counts = shipped.by_kind["real"]["M04"].counts
    assert flipped == (
        f"M04, real: was supported (64 supported), is depends ({counts['supported']} supported,"
        f" {counts['inconclusive']} inconclusive)."
    )
    assert any("rests on M04, M05, M06" in change for change in changes if change.startswith("M12, real"))
    text = kept_toml(shipped)
    assert '[M04]\nreal = { verdict = "depends"' in text


def test_files(shipped):
    files = verdict_files(shipped)
    assert set(files) == {
        "verdicts.csv", "verdicts_waves.csv", "verdicts_tests.csv", "verdicts_worth.csv", "verdicts.html",
        "evidence_map.svg", "evidence_map.png",
    }  # fmt: skip
    assert files["evidence_map.svg"] == verdict_files(shipped)["evidence_map.svg"]
    parts = json.loads(verdict_bytes(shipped, "json"))
    assert set(parts) == {"verdicts", "waves", "tests", "worth"}
    assert shipped.table("waves").columns[0].name == "claim"
    with pytest.raises(UnknownNameError, match="waves"):
        shipped.to_frame("wave")


def test_command_line(tmp_path, capsys):
    assert main(["verdicts", "--check"]) == 0
    assert capsys.readouterr().out == "No verdict has changed.\n"
    assert (
        main(
            [
                "verdicts",
                "--cohorts",
                "0",
                "--lang",
                "nn",
                "--format",
                "csv",
                "--out",
                str(tmp_path / "v.csv"),
            ]
        )
        == 0
    )
    assert "kjem an på" in (tmp_path / "v.csv").read_text(encoding="utf-8")
    assert main(["verdicts", "--data", "help"]) == 1
    assert "ID=STUDY.toml" in capsys.readouterr().err


def test_a_flip_fails_the_check(capsys, monkeypatch):
    monkeypatch.setattr("larstudy.verdict_files.resource_toml", lambda *_: {})
    assert main(["verdicts", "--check"]) == 1
    assert "M04, real: was not_testable (no analysis), is depends" in capsys.readouterr().out


def test_bad_questions():
    with pytest.raises(LarstudyError, match="0 or more"):
        ls.verdicts(n_cohorts=-1)
    with pytest.raises(UnknownNameError, match="help"):
        ls.verdicts(data={"helo": ls.load_help()}, n_cohorts=0)
    with pytest.raises(UnknownNameError, match="nn"):
        ls.verdicts(lang="no")


def test_without_the_real_data_the_rest_is_there(monkeypatch):
    def missing() -> None:
        raise MissingPackageError("not here")

    monkeypatch.setattr("larstudy.studies.review_verdicts.load_help", missing)
    found = ls.verdicts(n_cohorts=4, progress=False)
    assert found.by_kind["real"]["M04"].verdict == "not_testable"
    assert found.by_kind["synthetic"]["M04"].verdict == "supported"
    assert found.worth == ()


def test_a_review_of_ones_own_on_data_of_ones_own(tmp_path, capsys):
    rng = np.random.default_rng(2)
    start, end = np.repeat([1, 2, 1], 40), np.repeat([2, 2, 1], 40)
    before = rng.normal(50, 10, 120)
    frame = pd.DataFrame({
        "person": range(120), "q_0": before, "q_1": before + 10 * (start < end) + rng.normal(0, 5, 120),
        "net_0": np.where(start == 1, "using", "dry"), "net_1": np.where(end == 1, "using", "dry"),
    })  # fmt: skip
    frame.to_csv(tmp_path / "data.csv", index=False)
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "my.bib").write_text(
        "@article{hay2020, author = {Hay, B.}, title = {Rest}, year = 2020, apa = {Hay, B. (2020). Rest.}}\n",
        encoding="utf-8",
    )
    (tmp_path / "claims.toml").write_text(
        'title = "Mine"\nlanguages = ["en"]\nbibliography = "my.bib"\n[populations]\npeople = "People"\n'
        '[data_sets.mine]\nevidence = "real"\nlabel = "My data"\n'
        '[outcomes.qol]\nlabel = "Quality"\ncolumns = { mine = "qol" }\n'
        '[contrasts.gained]\nof = ["gained_abstinent"]\nagainst = ["drug_dominated"]\n'
        '[claims.A]\nkind = "quantitative"\nsource = "hay2020"\npage = "3"\npopulation = "people"\n'
        'text = "Those who gained one improved more"\nrule = "greater_change"\nestimand = "Difference in change"\n'
        'contrast = "gained"\noutcomes = ["qol"]\ntestable_on = ["mine"]\n',
        encoding="utf-8",
    )
    arguments = [
        "verdicts",
        "--from",
        str(tmp_path / "claims.toml"),
        "--data",
        f"mine={tmp_path / 'study.toml'}",
    ]
    assert main([*arguments, "--cohorts", "64", "--quiet", "--format", "json"]) == 0
    parts = json.loads(capsys.readouterr().out)
    assert parts["verdicts"][0]["real"] == "supported"
    assert {row["analysis"] for row in parts["tests"]} == {"change_score", "ancova", "constrained_baseline"}
    assert main([*arguments, "--check"]) == 1


def test_an_outcome_that_the_data_lack_is_passed_over():
    outcomes = {**EVIDENCE.outcomes, "social": replace(EVIDENCE.outcomes["social"], columns={})}
    rows = claim_test_rows(
        EVIDENCE.claims["M04"],
        replace(EVIDENCE, outcomes=outcomes),
        "synthetic",
        TestData(cohort=ls.load_synthetic()),
    )
    assert {row["outcome"] for row in rows} == {"global"}


def test_a_share_needs_what_decides_it(tmp_path):
    (tmp_path / "my.bib").write_text(
        "@article{hay2020, author = {Hay, B.}, title = {Rest}, year = 2020, apa = {Hay, B. (2020). Rest.}}\n",
        encoding="utf-8",
    )
    (tmp_path / "claims.toml").write_text(
        'title = "Mine"\nlanguages = ["en"]\nbibliography = "my.bib"\n[populations]\npeople = "People"\n'
        '[data_sets.mine]\nevidence = "real"\nlabel = "My data"\n'
        '[claims.A]\nkind = "quantitative"\nsource = "hay2020"\npage = "3"\npopulation = "people"\n'
        'text = "Most"\nrule = "share"\nestimand = "Share"\ntestable_on = ["mine"]\ncounts = "low_score_at_entry"\n',
        encoding="utf-8",
    )
    with pytest.raises(LarstudyError) as caught:
        ls.verdicts(tmp_path / "claims.toml", data={}, n_cohorts=0)
    assert "claims.A.value" in str(caught.value)
    assert "claims.A.limit" in str(caught.value)
