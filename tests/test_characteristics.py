"""What rules and analyses are worth: in worlds whose truth is known, the numbers must show what is true."""

from __future__ import annotations

import dataclasses
import io
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

import larstudy as ls
from larstudy.cli import main
from larstudy.errors import LarstudyError, UnknownNameError
from larstudy.names import VERDICTS
from larstudy.progress import progress
from larstudy.stats.decisions import combine, decide
from larstudy.stats.pairwise import welch_pairs
from larstudy.stats.simulated import mean_interval, proportion_interval, root_mean_square, wrong_signs
from larstudy.stats.within_groups import within_groups
from larstudy.synthetic import trials
from larstudy.synthetic.analyses import analysis_of, cells_of
from larstudy.synthetic.characteristics_page import (
    CharacteristicsPage,
    characteristics_page,
    kept_characteristics,
    kept_claim,
    kept_files,
)
from larstudy.synthetic.score_cohorts import BLOCK, generate_scores, score_truths
from larstudy.synthetic.study_designs import StudyDesign, published_design
from larstudy.synthetic.trials import Task, try_out
from larstudy.synthetic.worlds import read_world
from larstudy.verdict_rules import verdict_rule

ROOT = Path(__file__).resolve().parent.parent
CELLS = ((48, 10, 5), (57, 60, 10), (10, 1, 6))
DESIGN = StudyDesign(cells=CELLS, correlation=0.5)
CLUSTERED = StudyDesign(
    cells=CELLS, correlation=0.5, facilities=(10, 20, 30, 40), icc=0.1, icc_change=0.05, lost=0.3
)
MANY = StudyDesign(cells=CELLS, correlation=0.5, facilities=(1,) * 12, icc=0.1, lost=0.3)


# -- from intervals to verdicts -------------------------------------------------------------------------


def test_interval_held_against_the_smallest_effect():
    # estimate, low, high and what each criterion says at a smallest effect of 0.2
    cases = [
        (0.50, 0.30, 0.70, 1, 1, 1),  # above everything
        (0.30, 0.10, 0.50, 1, 0, 1),  # above 0, large enough, not all of it
        (0.15, 0.05, 0.25, 0, 0, 1),  # above 0, too small
        (0.10, 0.05, 0.15, -1, -1, 1),  # significant and too small to matter: not what the claim says
        (0.10, -0.10, 0.30, 0, 0, 0),
        (0.00, -0.10, 0.10, -1, -1, 0),  # an effect that matters is left out
        (-0.50, -0.70, -0.30, -1, -1, -1),
    ]
    estimate, low, high, *said = np.array(cases).T
    for criterion, expected in zip(("relevance", "minimum_effect", "significance"), said, strict=True):
        assert decide(estimate, low, high, 0.2, criterion=criterion).tolist() == expected.tolist()
    assert decide(np.array([1.0]), np.array([np.nan]), np.array([2.0]), 0.2).tolist() == [3]
    with pytest.raises(ValueError, match="above 0"):
        decide(estimate, low, high, 0.0)


def test_disagreement_depends_and_a_failed_analysis_decides_nothing():
    codes = np.array([[1, 1], [1, -1], [0, -1], [-1, -1], [0, 0], [3, 1]], dtype=np.int8)
    assert combine(codes).tolist() == [1, 2, 2, -1, 0, 3]


def test_rule_scales_the_smallest_effect_by_the_spread_at_entry():
    rule = verdict_rule("ancova_alone")
    assert rule.verdict([3.0], [1.0], [5.0], sd=10.0) == "supported"  # 3 is 0.3 SD
    assert rule.at(0.5).verdict([3.0], [1.0], [5.0], sd=10.0) == "inconclusive"  # 5 would be 0.5 SD
    assert rule.at(0.6).verdict([3.0], [1.0], [5.0], sd=10.0) == "contradicted"  # 6 is left out
    assert rule.verdict([3.0], [1.0], [5.0], sd=0.0) == "not_testable"
    assert rule.verdict([3.0], [1.0], [5.0], sd=np.nan) == "not_testable"


def test_rules_that_cannot_be():
    with pytest.raises(LarstudyError, match="names no analysis"):
        ls.VerdictRule(id="mine", label="Mine", analyses=())
    with pytest.raises(LarstudyError, match="above 0"):
        ls.VerdictRule(id="mine", label="Mine", analyses=("ancova",), smallest=0.0)
    with pytest.raises(UnknownNameError, match="two_estimands"):
        verdict_rule("two_estimand")


# -- Monte Carlo intervals ------------------------------------------------------------------------------


def test_monte_carlo_intervals():
    # Wilson for 5 of 100, as R's prop.test(5, 100, correct = FALSE): 0.02154368 to 0.11175047
    found = proportion_interval(np.arange(100) < 5)
    np.testing.assert_allclose(found, (0.05, 0.02154368, 0.11175047), atol=1e-7)
    assert np.isnan(proportion_interval(np.zeros(0, dtype=bool))).all()
    # mean 2, standard error 1 / sqrt(3)
    np.testing.assert_allclose(
        mean_interval(np.array([1.0, 2, 3, np.nan])), (2.0, 0.868414, 3.131586), atol=1e-6
    )
    assert np.isnan(mean_interval(np.array([1.0]))).all()
    # squares 1 and 9: mean 5, standard error 4; root 2.236, by the delta method 4 / (2 * 2.236) = 0.894
    root, low, high = root_mean_square(np.array([1.0, -3.0]))
    np.testing.assert_allclose([root, high - root], [np.sqrt(5), 1.959964 * 4 / (2 * np.sqrt(5))], rtol=1e-6)
    assert low > 0
    assert root_mean_square(np.zeros(3)) == (0.0, 0.0, 0.0)
    assert wrong_signs(np.array([-1.0, 1.0, 2.0, 3.0]), -0.5)[0] == 0.75


# -- designs and cohorts of scores ----------------------------------------------------------------------


def test_cohorts_have_the_cells_the_loss_and_the_correlation_of_the_design():
    drawn = generate_scores("null", design=CLUSTERED, n_cohorts=70, seed=5)
    at_entry = np.rint(np.array(CELLS) / 0.7)
    assert drawn.before.shape == (70, at_entry.sum())
    assert (np.isfinite(drawn.after).sum(axis=1) == 207).all()
    np.testing.assert_array_equal(
        [np.bincount(row, minlength=3) for row in drawn.entry], np.tile(at_entry.sum(axis=1), (70, 1))
    )
    # Facilities in the ratio 1 : 2 : 3 : 4
    sizes = np.bincount(drawn.clusters[0])
    np.testing.assert_allclose(sizes / sizes.sum(), [0.1, 0.2, 0.3, 0.4], atol=0.005)
    whole = generate_scores("null", design=DESIGN, n_cohorts=300, seed=6)
    r = [np.corrcoef(x, y)[0, 1] for x, y in zip(whole.before, whole.after, strict=True)]
    # 300 cohorts of 207: the mean correlation has a standard error of .75 / sqrt(300 * 207) = .003
    assert np.mean(r) == pytest.approx(0.5, abs=0.012)
    assert whole.before.std() == pytest.approx(1.0, abs=0.02)
    groups = np.bincount(whole.groups[0], minlength=4)
    # maintained 48; gained 57 + 10; drug-dominated 10 + 60 + 1; isolated 5 + 10 + 6
    assert groups.tolist() == [48, 67, 71, 21]


def test_clusters_are_as_alike_as_the_design_says():
    design = StudyDesign(
        cells=((200, 0, 0), (0, 400, 0), (0, 0, 200)), correlation=0.5, facilities=(1,) * 20, icc=0.2
    )
    drawn = generate_scores("null", design=design, n_cohorts=64, seed=1)
    means = np.array(
        [
            np.bincount(f, weights=x) / np.bincount(f)
            for f, x in zip(drawn.clusters, drawn.before, strict=True)
        ]
    )
    # Means of 40: 0.2 + 0.8 / 40 = 0.22; 64 * 19 degrees of freedom, standard error 4 %
    assert means.var(axis=1, ddof=1).mean() == pytest.approx(0.22, rel=0.13)


def test_a_cohort_is_the_same_in_whatever_part_it_is_drawn():
    whole = generate_scores("review", design=CLUSTERED, n_cohorts=BLOCK + 6, seed=2)
    part = generate_scores("review", design=CLUSTERED, n_cohorts=4, first=BLOCK - 2, seed=2)
    np.testing.assert_array_equal(part.before, whole.before[BLOCK - 2 : BLOCK + 2])
    np.testing.assert_array_equal(part.clusters, whole.clusters[BLOCK - 2 : BLOCK + 2])
    assert part.numbers == tuple(range(BLOCK - 2, BLOCK + 2))


def test_truths_of_scores():
    review = score_truths(read_world("review"), DESIGN)
    # The mean of the two factors: (0.55 + 0.70) / 2 and (-0.25 - 0.35) / 2, against the drug-dominated
    np.testing.assert_allclose(review["structural"], [0.325, 0.625, 0.0, -0.30])
    # Whoever starts alike changes alike but for the group, so that the change score finds it
    np.testing.assert_allclose(review["change_score"], review["structural"], atol=0.02)
    selected = score_truths(read_world("regression_to_mean"), DESIGN)
    assert selected["change_score"][1] > 0.3
    np.testing.assert_allclose(selected["ancova"], 0.0, atol=0.02)
    np.testing.assert_allclose(selected["structural"], 0.0)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cells": ((1, 2), (3, 4))}, "3 rows of 3 numbers"),
        ({"cells": ((1, 2, 3), (1, 2, 3), (1, 2, -3))}, "0 or above"),
        ({"cells": ((0, 0, 0),) * 3}, "from 1 to"),
        ({"correlation": 1.0}, "correlation should be from 0 to below 1"),
        ({"lost": -0.1}, "lost should be from 0"),
        ({"facilities": (3, 0)}, "a person or more"),
        ({"facilities": (3,)}, "no cluster"),
        ({"icc": 0.6}, "icc should not be above correlation"),
    ],
)
def test_designs_that_cannot_be(change, says):
    with pytest.raises(LarstudyError, match=says):
        StudyDesign(**{"cells": CELLS, "correlation": 0.5, **change})


def test_a_correlation_below_what_lasts_in_a_world():
    with pytest.raises(LarstudyError, match=r"at least 0\.\d\d, and the design says 0\.05"):
        generate_scores("entry_gap", design=StudyDesign(cells=CELLS, correlation=0.05), n_cohorts=1)


def test_sizes_keep_the_shares():
    small = DESIGN.sized(50)
    assert small.n == 50
    np.testing.assert_allclose(np.array(small.cells) / 50, np.array(CELLS) / 207, atol=0.02)
    assert DESIGN.sized(207) == DESIGN
    assert published_design().persons in range(545, 552)


def test_design_of_a_study_at_hand():
    truth = StudyDesign(
        cells=((60, 20, 20), (60, 100, 40), (40, 20, 40)), correlation=0.6, facilities=(40,) * 15, icc=0.15,
        icc_change=0.1, lost=0.25,
    )  # fmt: skip
    drawn = generate_scores("null", design=truth, n_cohorts=1, seed=4)
    later = np.where(np.isfinite(drawn.after[0]), 0, -1)
    found = ls.design_from_arrays(
        drawn.before[0], drawn.after[0], np.stack([drawn.entry[0], later]), drawn.clusters[0]
    )
    assert found.n == 400
    assert found.lost == pytest.approx(0.25, abs=0.01)
    assert found.correlation == pytest.approx(0.6, abs=0.15)
    assert 0.02 < found.icc < 0.4
    assert len(found.facilities) == 15
    with pytest.raises(LarstudyError, match="0 of 3 with a score at entry"):
        ls.design_from_arrays(np.ones(3), np.full(3, np.nan), np.zeros((2, 3), dtype=int))
    alone = ls.design_from_arrays(
        np.arange(5.0), np.arange(5.0)[::-1], np.zeros((2, 5), int), np.zeros(5, int)
    )
    assert (alone.correlation, alone.icc) == (0.0, 0.0)


# -- what rules are worth -------------------------------------------------------------------------------


def test_single_models_are_misled_where_two_estimands_are_not():
    rules = ["two_estimands", "change_score_alone", "ancova_alone"]
    found = ls.operating_characteristics(
        rules,
        ["null", "regression_to_mean"],
        n_cohorts=192,
        contrast="abstinent_against_rest",
        progress=False,
    )
    for world in ("null", "regression_to_mean"):
        shares = [found.value(world, "two_estimands", verdict) for verdict in VERDICTS]
        assert sum(shares) == pytest.approx(1.0)
    assert found.value("null", "two_estimands", "supported") <= 0.05
    assert found.value("regression_to_mean", "two_estimands", "supported") <= 0.10
    assert found.value("regression_to_mean", "change_score_alone", "supported") > 0.70
    assert found.value("regression_to_mean", "two_estimands", "depends") > 0.5
    gap = ls.operating_characteristics(
        rules, "entry_gap", n_cohorts=192, contrast=("maintained_abstinent", "drug_dominated"), progress=False
    )
    assert gap.value("entry_gap", "two_estimands", "supported") <= 0.10
    assert gap.value("entry_gap", "ancova_alone", "supported") > 0.3


def test_the_reviewed_pattern_is_found_and_its_opposite_is_contradicted():
    found = ls.operating_characteristics(
        "two_estimands", ["review", "reversed"], n_cohorts=128, progress=False
    )
    assert found.value("review", "two_estimands", "supported") > 0.9
    assert found.value("reversed", "two_estimands", "supported") == 0.0
    assert found.value("reversed", "two_estimands", "contradicted") > 0.75


def test_analyses_are_held_against_what_they_estimate():
    found = ls.operating_characteristics(
        ["change_score_cr2", "ancova_cr2", "welch"], ["regression_to_mean", "review"],
        n_cohorts=512, design=CLUSTERED, progress=False,
    )  # fmt: skip
    for analysis in ("change_score_cr2", "ancova_cr2"):
        bias = abs(found.value("regression_to_mean", analysis, "bias"))
        # standard error of an estimate about 0.19; over 512 cohorts 0.009
        assert bias < 0.035
    # What groups that were selected on a noisy baseline gain is not what the network adds.
    assert found.value("regression_to_mean", "change_score_cr2", "bias_structural") > 0.3
    assert found.value("regression_to_mean", "change_score_cr2", "coverage_structural") < 0.75
    assert np.isnan(found.value("regression_to_mean", "welch", "type_s"))
    frame = found.to_frame()
    why = frame.query("world == 'regression_to_mean' and quantity == 'type_s'")["reason"]
    assert (why == "the group itself adds nothing here: no sign to miss").all()
    assert found.value("review", "welch", "type_s") == 0.0
    assert found.value("review", "welch", "type_m") == pytest.approx(1.0, abs=0.15)


def test_every_analysis_answers_or_says_why():
    found = ls.operating_characteristics(
        [name for name in ls.list_analyses() if not name.startswith("imputed")], ["review"], n_cohorts=2,
        design=MANY, progress=False,
    )  # fmt: skip
    frame = found.to_frame()
    rejected = frame[frame["quantity"] == "rejected"].set_index("rule")["value"]
    assert set(rejected.index) == {name for name in ls.list_analyses() if not name.startswith("imputed")}
    assert rejected.notna().all()
    none = frame.query("rule == 'permutation' and quantity == 'coverage'").iloc[0]
    assert np.isnan(none["value"])
    assert none["reason"] == "a test without an interval"
    pooled = ls.operating_characteristics(
        ["games_howell"],
        ["review"],
        n_cohorts=2,
        design=DESIGN,
        contrast="abstinent_against_rest",
        progress=False,
    )
    row = pooled.to_frame().query("quantity == 'rejected'").iloc[0]
    assert np.isnan(row["value"])
    assert row["reason"] == "no answer in 2 cohorts"


def test_imputed_analyses_pool_what_is_drawn_within_facilities():
    small = StudyDesign(cells=((10, 2, 2), (10, 10, 2), (3, 2, 4)), correlation=0.5, facilities=(1, 1, 1, 1), icc=0.1, lost=0.2)  # fmt: skip
    found = ls.operating_characteristics(
        ["imputed", "imputed_ancova"], ["review"], n_cohorts=1, design=small, progress=False
    )
    assert found.to_frame().query("quantity == 'rejected'")["value"].isin([0.0, 1.0]).all()
    alone = ls.operating_characteristics(
        ["imputed"],
        ["review"],
        n_cohorts=1,
        design=StudyDesign(cells=small.cells, correlation=0.5, lost=0.2),
        progress=False,
    )
    assert alone.to_frame().query("quantity == 'rejected'")["value"].isin([0.0, 1.0]).all()


def test_one_by_one_analyses_are_those_of_a_study():
    """Every pair at once, and the jackknife, as the functions that studies use say of the same cohort."""
    drawn = generate_scores("review", design=MANY, n_cohorts=1, seed=3)
    x, y, g, f = (
        values[0] for values in (drawn.before, drawn.after, drawn.groups.astype(int), drawn.clusters)
    )
    seen = g >= 0
    weights = np.array([0.0, 1.0, -1.0, 0.0])
    said = {name: analysis_of(name).ask(drawn, cells_of(drawn), weights)[0] for name in ("holm", "welch", "ancova_corrected", "ancova_corrected_jackknife", "constrained_baseline_cr2", "ancova_cr2")}  # fmt: skip
    pairs = welch_pairs((y - x)[seen], g[seen], 4)
    place = pairs.pairs.index((1, 2))
    np.testing.assert_allclose(
        said["holm"],
        [pairs.estimate[place], pairs.conf_low[place], pairs.conf_high[place], pairs.p_adjusted[place]],
    )
    assert said["holm"][3] > said["welch"][3]
    np.testing.assert_allclose(said["ancova_corrected_jackknife"][0], said["ancova_corrected"][0])
    np.testing.assert_array_equal(said["constrained_baseline_cr2"], said["ancova_cr2"])
    # The jackknife by hand: the corrected difference without each facility, its spread about the whole times 11 / 12.
    sums = [within_groups(x[keep], y[keep], g[keep], 4) for keep in (f != k for k in range(12))]
    without = np.array([(s.after_means - s.slope / 0.8 * s.before_means) @ weights for s in sums])
    whole = said["ancova_corrected_jackknife"][0]
    error = np.sqrt(11 / 12 * ((without - whole) ** 2).sum())
    np.testing.assert_allclose(said["ancova_corrected_jackknife"][2] - whole, stdtrit(11, 0.975) * error)


def test_turned_pairs_keep_their_sign():
    pairs = [("gained_abstinent", "drug_dominated"), ("drug_dominated", "gained_abstinent")]
    asked = [
        try_out(
            Task(world=read_world("review"), design=DESIGN, outcome="total", analyses=("games_howell", "welch"),
                 weights=tuple(ls.synthetic.characteristics.claimed_contrast(pair)[1].tolist()), seed=1),
            3, quiet=True,
        )
        for pair in pairs
    ]  # fmt: skip
    first, second = (found["games_howell"] for found in asked)
    np.testing.assert_allclose(first[:, 0], -second[:, 0])
    np.testing.assert_allclose(first[:, 1], -second[:, 2])
    np.testing.assert_allclose(first[:, 0], asked[0]["welch"][:, 0])


def test_own_world_and_own_rule(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        'id = "mine"\nbased_on = "null"\nlabel = "Mine"\nsays = "Nothing."\ntruth = "None."\n'
        '[parameters.women]\nvalue = 0.4\nreason = "tried"\n',
        encoding="utf-8",
    )
    rule = ls.VerdictRule(id="strict", label="Strict", analyses=("ancova_cr2",), smallest=0.5)
    found = ls.operating_characteristics([rule, "ancova_cr2"], file, n_cohorts=8, progress=False)
    assert found.value("mine", "strict", "supported") == 0.0
    assert abs(found.value("mine", "ancova_cr2", "bias")) < 0.3


# -- the same numbers, kept, on one machine or many -----------------------------------------------------


def test_kept_resumed_and_in_parts_the_same(tmp_path, monkeypatch):
    task = Task(
        world=read_world("null"), design=CLUSTERED, outcome="total", weights=(0.0, 1.0, -1.0, 0.0),
        analyses=("ancova_cr2", "welch"), seed=9,
    )  # fmt: skip
    whole = try_out(task, 150, quiet=True)
    kept = try_out(task, 150, cache=tmp_path, quiet=True)
    asked = []
    monkeypatch.setattr(trials, "run_block", lambda *part: asked.append(part[1]) or {})
    again = try_out(task, 150, cache=tmp_path, quiet=True)
    assert asked == []
    monkeypatch.undo()
    for name in task.analyses:
        np.testing.assert_array_equal(kept[name], whole[name])
        np.testing.assert_array_equal(again[name], whole[name])
    # One block is gone, another cut short by a machine that went down: only these are computed anew.
    files = sorted(tmp_path.iterdir())
    assert len(files) == 6
    files[0].unlink()
    files[1].write_bytes(files[1].read_bytes()[:40])
    resumed = try_out(task, 150, cache=tmp_path, quiet=True)
    for name in task.analyses:
        np.testing.assert_array_equal(resumed[name], whole[name])
    shorter = try_out(task, 70, cache=tmp_path, quiet=True)
    np.testing.assert_array_equal(shorter["welch"], whole["welch"][:70])


def test_another_question_is_another_key(tmp_path):
    common = {"outcome": "total", "weights": (0.0, 1.0, -1.0, 0.0), "analyses": ("welch",), "seed": 1}
    for world, design in (("null", DESIGN), ("review", DESIGN), ("null", DESIGN.sized(100))):
        try_out(Task(world=read_world(world), design=design, **common), 2, cache=tmp_path, quiet=True)
    try_out(
        Task(world=read_world("null"), design=DESIGN, **{**common, "seed": 2}), 2, cache=tmp_path, quiet=True
    )
    assert len(list(tmp_path.iterdir())) == 4


def test_a_folder_that_cannot_be_written(tmp_path):
    file = tmp_path / "file"
    file.write_text("", encoding="utf-8")
    with pytest.raises(LarstudyError, match="Cannot keep results"):
        ls.operating_characteristics(
            "ancova_alone", "null", n_cohorts=1, design=DESIGN, cache=file, progress=False
        )


def test_blocks_on_workers_give_the_same_numbers():
    distributed = pytest.importorskip("distributed")
    task = Task(
        world=read_world("review"), design=CLUSTERED, outcome="total", weights=(0.0, 1.0, -1.0, 0.0),
        analyses=("ancova_cr2",), seed=9,
    )  # fmt: skip
    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        there = try_out(task, 130, client=client, quiet=True)
    np.testing.assert_array_equal(there["ancova_cr2"], try_out(task, 130, quiet=True)["ancova_cr2"])


def test_a_task_can_be_sent():
    task = Task(
        world=read_world("review"), design=None, outcome="social", weights=(0.0, 1.0, -1.0, 0.0),
        analyses=("welch",), seed=9,
    )  # fmt: skip
    sent = pickle.loads(pickle.dumps(task))
    np.testing.assert_array_equal(
        trials.run_block(sent, 0, 2)["welch"], trials.run_block(task, 0, 2)["welch"]
    )


# -- bad input, words and pictures ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"rule": []}, LarstudyError, "Name a verdict rule"),
        ({"rule": "ancova_cr4"}, UnknownNameError, "ancova_cr3"),
        ({"rule": ls.VerdictRule(id="a", label="A", analyses=("anova",))}, UnknownNameError, "anova"),
        ({"worlds": "nul"}, UnknownNameError, "null"),
        ({"n_cohorts": 0}, LarstudyError, "1 or more"),
        ({"n_cohorts": 2.5}, LarstudyError, "1 or more"),
        ({"contrast": "gained"}, UnknownNameError, "gained_against_drug_dominated"),
        ({"contrast": ("isolated", "lonely")}, UnknownNameError, "lonely"),
        ({"contrast": ("isolated", "isolated")}, LarstudyError, "two groups that differ"),
        ({"outcome": "mcs"}, UnknownNameError, "global"),
    ],
)
def test_bad_questions(change, error, says):
    asked = {"rule": "ancova_alone", "worlds": "null", "n_cohorts": 1, "progress": False, **change}
    with pytest.raises(error, match=says):
        ls.operating_characteristics(**asked)


def test_words_table_and_picture():
    found = ls.operating_characteristics(
        ["two_estimands", "welch"], ["null", "review"], n_cohorts=64, design=DESIGN, progress=False
    )
    assert found.summary().startswith("Synthetic data – not patients.")
    assert found.to_frame()["synthetic"].all()
    assert "review, two_estimands: supported in" in found.summary()
    table = found.table()
    assert table.synthetic
    assert [column.label for column in table.columns] == [
        "Rule or analysis",
        "Nothing there",
        "The reviewed pattern",
    ]
    assert [row[0] for row in table.rows] == ["Change score and ANCOVA must agree", "Change score, Welch"]
    assert table.notes == ("What is claimed is true in: The reviewed pattern.",)
    ax = found.plot().axes
    numbers = [text.get_text() for text in ax.texts]
    expected = [found.value(world, rule, kind) for rule, kind in (("two_estimands", "supported"), ("welch", "rejected")) for world in ("null", "review")]  # fmt: skip
    assert numbers == [f"{100 * value:.0f}" for value in expected]
    assert ax.get_xlabel() == "Per cent of cohorts. Synthetic data – not patients"
    heads = [" ".join(tick.get_text().split()) for tick in ax.get_xticklabels()]
    assert heads == ["Nothing there (No difference)", "The reviewed pattern (Claim true)"]
    # A frame around the second world, where to say supported is right, and no other.
    assert [patch.get_x() for patch in ax.patches if patch.get_gid() == "claim-true"] == [0.5]
    norwegian = found.plot(lang="nb")
    assert norwegian.alt.endswith("Det som påstås, stemmer i: Mønsteret i oppgaven.")
    assert "Endringsskår og ANCOVA må være enige: Ingen forskjell" in norwegian.alt
    with pytest.raises(UnknownNameError, match="null / welch / rejected"):
        found.value("null", "welch", "reject")
    nothing = ls.operating_characteristics(
        ["games_howell"],
        ["null"],
        n_cohorts=1,
        design=DESIGN,
        contrast="isolated_against_rest",
        progress=False,
    )
    assert list(nothing.plot().axes.texts) == []


def test_progress_is_told_after_two_seconds_only(monkeypatch):
    times = iter([0.0, 0.1, 1.9, 2.1, 2.2, 3.0, 3.5])
    monkeypatch.setattr("larstudy.progress.time.monotonic", lambda: next(times))
    told = io.StringIO()
    assert list(progress(range(5), total=5, what="world 'null'", stream=told)) == list(range(5))
    assert (
        told.getvalue()
        == "\rworld 'null': 2 of 5, 2 s\rworld 'null': 4 of 5, 3 s\rworld 'null': 5 of 5, 4 s\n"
    )
    quiet = io.StringIO()
    times = iter([0.0, 5.0, 9.0])
    assert list(progress([1], total=1, what="x", quiet=True, stream=quiet)) == [1]
    assert quiet.getvalue() == ""


# -- how many persons -----------------------------------------------------------------------------------


def test_sample_size_by_bisection():
    found = ls.sample_size("ancova_alone", "review", 0.8, n_cohorts=256, design=DESIGN, progress=False)
    frame = found.to_frame()
    # Two groups with shares 67 and 71 of 207 differ by about 0.62 SD; the residual SD is sqrt(1 - 0.25) = 0.87
    # about. A two-sided t test with 80 % needs 2 * (2.8 * 0.87 / 0.62)^2 = 31 a group, that is about 93 in all.
    assert 70 < found.n < 125
    assert frame["n"].is_monotonic_increasing
    assert frame["synthetic"].all()
    assert frame.set_index("n").loc[int(found.n), "value"] >= 0.8
    below = frame[frame["n"] < found.n]
    assert (below["value"] < 0.8).all()
    assert found.n - below["n"].max() <= max(0.02 * found.n, 1)
    assert "persons seen at both waves say 'supported' in 80 % of cohorts" in found.summary()
    assert found.table().synthetic
    assert found.plot().axes.get_ylabel() == "Cohorts with the verdict, %"


def test_no_size_is_enough():
    found = ls.sample_size(
        "ancova_alone", "null", 0.9, n_cohorts=32, design=DESIGN, largest=300, progress=False
    )
    assert np.isnan(found.n)
    assert found.summary().endswith("300 persons are not enough.")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"target": 1.0}, "between 0 and 1"),
        ({"largest": 20}, "above 24"),
        ({"verdict": "proved"}, "supported"),
    ],
)
def test_bad_sizes(change, says):
    with pytest.raises(LarstudyError, match=says):
        ls.sample_size("ancova_alone", "null", **{"design": DESIGN, "progress": False, **change})


def test_sizes_are_of_verdicts():
    with pytest.raises(UnknownNameError, match="ancova_alone"):
        ls.sample_size("ancova_cr2", "null", design=DESIGN, progress=False)


# -- the page -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page() -> CharacteristicsPage:
    return characteristics_page(n_cohorts=3, progress=False)


def test_the_page_has_every_rule_comparison_and_world(page):
    for name in (*ls.list_verdict_rules(), *ls.list_worlds()):
        assert f"`{name}`" in page.text
    for name in ls.list_analyses():
        assert f"| {analysis_of(name).label} |" in page.text
    assert page.text.count("Synthetic data – not patients") > 10
    assert "{" not in page.text
    frame = page.frame
    assert set(frame["contrast"]) == {
        "gained_against_drug_dominated", "abstinent_against_rest", "isolated_against_rest",
        "maintained_abstinent_against_drug_dominated",
    }  # fmt: skip
    assert set(page.files()) == {"operating_characteristics.md", "operating_characteristics.csv"}


def test_the_words_of_the_page_are_its_numbers(page):
    rules = page.frame.query("quantity == 'supported' and smallest == 0.2")
    worst = 100 * rules.query("rule == 'change_score_alone' and world == 'regression_to_mean'")["value"].max()
    assert f"difference supported in up to {worst:.0f} % of cohorts" in page.text


def test_the_page_that_ships_is_what_a_fresh_run_finds():
    shipped = (ROOT / "larstudy/resources/docs/operating_characteristics.md").read_text(encoding="utf-8")
    table = shipped.partition("**Abstinent against rest")[2].partition("Synthetic data")[0]
    worlds = sorted(ls.list_worlds())
    n = 128
    found = ls.operating_characteristics(
        ["two_estimands", "change_score_alone", "ancova_alone"],
        n_cohorts=n,
        contrast="abstinent_against_rest",
        progress=False,
    )
    for rule in ("two_estimands", "change_score_alone", "ancova_alone"):
        line = next(line for line in table.splitlines() if line.startswith(f"| `{rule}` | 0.2 |"))
        kept = [float(cell) / 100 for cell in line.split("|")[3:-1]]
        assert len(kept) == len(worlds)
        for world, share in zip(worlds, kept, strict=True):
            # Four standard errors of 128 cohorts, and two in a hundred for shares near 0 and 1.
            slack = 4 * np.sqrt(share * (1 - share) / n) + 0.02
            assert found.value(world, rule, "supported") == pytest.approx(share, abs=slack), (rule, world)


def test_command_line(tmp_path, capsys):
    asked = [
        "characteristics",
        "--quiet",
        "--cohorts",
        "16",
        "--rules",
        "ancova_alone,welch",
        "--worlds",
        "null,review",
    ]
    out = tmp_path / "worth"
    assert (
        main(
            [
                *asked,
                "--contrast",
                "isolated,drug_dominated",
                "--cache",
                str(tmp_path / "kept"),
                "--out",
                str(out),
            ]
        )
        == 0
    )
    assert "| ANCOVA alone |" in capsys.readouterr().out
    assert sorted(path.name for path in out.iterdir()) == [
        "operating_characteristics.csv",
        "operating_characteristics.md",
        "run.json",
    ]
    frame = pd.read_csv(out / "operating_characteristics.csv")
    assert set(frame["contrast"]) == {"isolated_against_drug_dominated"}
    # A second run takes the place of the first.
    assert main([*asked, "--out", str(out)]) == 0
    assert main(["characteristics", "--worlds", "null", "--out", str(out)]) == 1
    assert "--worlds and --contrast go with --rules" in capsys.readouterr().err
    assert main(["characteristics", "--rules", "anova", "--quiet", "--out", str(out)]) == 1


def test_the_whole_page_by_command(tmp_path, capsys, monkeypatch, page):
    monkeypatch.setattr("larstudy.synthetic.characteristics_page.characteristics_page", lambda **_: page)
    assert main(["characteristics", "--out", str(tmp_path / "worth")]) == 0
    assert capsys.readouterr().out.startswith("# What the rules and comparisons are worth")


def test_imputation_that_cannot_be_done_has_no_answer():
    # Two facilities are too few for a random intercept.
    two = StudyDesign(cells=CELLS, correlation=0.5, facilities=(1, 1), lost=0.2)
    found = ls.operating_characteristics(["imputed"], ["null"], n_cohorts=1, design=two, progress=False)
    assert found.to_frame().query("quantity == 'rejected'")["reason"].item() == "no answer in 1 cohorts"


def test_one_world_as_an_object():
    found = ls.operating_characteristics(
        "welch", read_world("null"), n_cohorts=2, design=DESIGN, progress=False
    )
    assert {row["world"] for row in found.rows} == {"null"}


def test_persons_of_one_facility_each_show_nothing_between_them():
    values = np.arange(6.0)
    alone = ls.design_from_arrays(values, values[::-1] * 0.5 + values, np.zeros((2, 6), int), np.arange(6))
    assert (alone.icc, alone.icc_change) == (0.0, 0.0)


def test_the_kept_numbers_are_those_of_the_page() -> None:
    """Beside the page ship its main numbers: rule by rule they round to what stands in its first table."""
    kept = kept_characteristics().set_index(["world", "rule"])
    assert kept["synthetic"].all()
    page = Path(ls.__file__).parent / "resources" / "docs" / "operating_characteristics.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    head = next(at for at, line in enumerate(lines) if line.startswith("| rule | SD |"))
    worlds = [name.strip().replace(" ", "_") for name in lines[head].split("|")[3:-1]]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[head + 2 : head + 5]]
    checked = 0
    for name, size, *shares in rows:
        rule = name.strip("`").replace(" ", "_")
        if size == "0.2" and ("null", rule) in kept.index:
            for world, share in zip(worlds, shares, strict=True):
                said = float(share.split("%")[0].split("(")[0])
                assert abs(100 * kept.loc[(world, rule), "value"] - said) <= 0.5 + 1e-9, (world, rule)
                checked += 1
    assert checked
    assert set(kept_files()) == {f"operating_characteristics.{kind}" for kind in ("csv", "svg", "png")}
    assert kept_files("nn")["operating_characteristics.csv"] == kept_files()["operating_characteristics.csv"]
    assert "Mønsteret i oppgåva" in kept_files("nn")["operating_characteristics.svg"].decode()


def test_of_a_world_of_ones_own_the_claim_is_told_where_it_is_known() -> None:
    """Without a design its truth comes from a run of cohorts: an estimate, and no statement."""
    own = dataclasses.replace(read_world("null"), id="mine")
    asked = {"n_cohorts": 8, "progress": False}
    assert dict(ls.operating_characteristics("ancova", [own], **asked).claim) == {}
    told = ls.operating_characteristics("ancova", [own], design=DESIGN, **asked)
    assert dict(told.claim) == {"mine": 0}


def test_what_is_claimed_is_true_where_it_was_put_in() -> None:
    """By the words of each world: gains differ in two of them, are turned round in one, and alike in four."""
    assert kept_claim("gained_against_drug_dominated") == {
        "review": 1, "mnar_dropout": 1, "reversed": -1, "null": 0, "entry_gap": 0, "regression_to_mean": 0,
        "confounded": 0,
    }  # fmt: skip
    # Those who are isolated gain least in the first two, and most where all is turned round.
    assert kept_claim("isolated_against_rest")["review"] == 1
    assert kept_claim("isolated_against_rest")["reversed"] == -1
