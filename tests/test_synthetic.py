"""The synthetic cohort: worlds whose truth is known, and what must hold in them."""

from __future__ import annotations

import dataclasses
import zlib
from pathlib import Path

import numpy as np
import pytest
from scipy import special

import larstudy as ls
from larstudy.errors import LarstudyError, SpecError, UnknownNameError
from larstudy.names import CATEGORIES, CHANGE_GROUPS, STATUSES
from larstudy.scales import score
from larstudy.specs.networks import category_codes
from larstudy.stats.latent import top
from larstudy.synthetic.frames import generate_items
from larstudy.synthetic.simulation import draw
from larstudy.synthetic.streams import stream
from larstudy.synthetic.structure import structure_of
from larstudy.synthetic.targets import published_targets
from larstudy.synthetic.truths import exact_change, find_truths, key_of, truths_of
from larstudy.synthetic.worlds import MARKS, WHOQOL_DOMAINS, read_world, shown_value, world_from_mapping

WORLDS = ls.list_worlds()
GAINED, DRUG, ISOLATED = (CHANGE_GROUPS.index(g) for g in ("gained_abstinent", "drug_dominated", "isolated"))
FIELDS = (
    "facility", "age", "woman", "omt", "distress", "status", "networks", "groups", "true_groups", "seen", "sums",
    "answered",
)  # fmt: skip


def world_with(base: str = "review", **values):
    """A world of one's own, with some numbers changed."""
    parameters = {name: {"value": value, "reason": "a test"} for name, value in values.items()}
    return world_from_mapping({"id": "own", "based_on": base, "parameters": parameters}, title="own")


def by_group(world: str, outcome: str = "total", n_cohorts: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Mean change of each change group of everybody, and its standard error between cohorts."""
    cohorts = ls.generate(world, n_cohorts=n_cohorts, seed=5)
    before, after = cohorts.everybody(outcome)
    both = zip(after - before, cohorts.true_groups, strict=True)
    means = np.array([[gain[group == k].mean() for k in range(4)] for gain, group in both])
    return means.mean(axis=0), means.std(axis=0, ddof=1) / np.sqrt(n_cohorts)


class TestStreams:
    def test_a_cohort_is_the_same_whatever_it_is_made_with(self) -> None:
        many = ls.generate("review", n_cohorts=70, seed=3)
        for number in (0, 63, 64, 69):
            one = ls.generate("review", n_cohorts=1, first=number, seed=3)
            for name in FIELDS:
                assert np.array_equal(getattr(many, name)[number], getattr(one, name)[0]), name

    def test_seeds_and_cohorts_differ(self) -> None:
        cohorts = ls.generate("review", n_cohorts=2, seed=3)
        assert not np.array_equal(cohorts.sums[0], cohorts.sums[1])
        assert not np.array_equal(cohorts.sums[0], ls.generate("review", seed=4).sums[0])

    def test_blocks_are_apart(self) -> None:
        """Other numbers for one block leave what other blocks draw as it is."""
        changed = world_with("null", whoqol_loading=0.4, marks_distress=dict.fromkeys(MARKS, 0.1))
        a, b = generate_items("null", seed=2).cohort, generate_items(changed, seed=2).cohort
        same = {c for c in a.columns if a[c].equals(b[c])}
        assert {"age", "status", "qol10_1_baseline", "free_time_year1"} <= same
        assert "whoqol_5_year1" not in same

    def test_the_stream_is_the_documented_one(self) -> None:
        """PCG64 of a seed sequence with the CRC-32 of the block's name and the number of the cohort."""
        sequence = np.random.SeedSequence(9, spawn_key=(zlib.crc32(b"seen"), 4))
        assert np.array_equal(stream(9, "seen", 4).random(3), np.random.default_rng(sequence).random(3))

    def test_arrays_are_frozen(self) -> None:
        cohorts = ls.generate("null")
        with pytest.raises(ValueError, match="read-only"):
            cohorts.sums[0] = 0
        with pytest.raises(dataclasses.FrozenInstanceError):
            cohorts.seed = 2
        assert "not patients" in repr(cohorts)


class TestCohorts:
    def test_published_counts(self) -> None:
        cohorts = ls.generate("review", n_cohorts=30, seed=8)
        assert (cohorts.n_cohorts, cohorts.n) == (30, 548)
        assert (cohorts.seen.sum(axis=1) == 338).all()
        for facility in cohorts.facility:
            assert set(facility) == set(range(21))
        # Shares within three standard errors of 30 x 548 persons; facilities move none of these.
        assert cohorts.omt.mean() == pytest.approx(0.64, abs=3 * np.sqrt(0.64 * 0.36 / cohorts.omt.size))
        entry = cohorts.networks[:, 0]
        known = entry >= 0
        assert (entry[known] == 1).mean() == pytest.approx(0.5, abs=3 * 0.5 / np.sqrt(known.sum()))

    def test_scores_are_those_of_the_items(self) -> None:
        """The fast path scores sums of answers; QOL10's own rule scores the items: the same to rounding."""
        frames = generate_items("review", seed=11, cohort=7)
        cohorts = ls.generate("review", n_cohorts=1, first=7, seed=11)
        for wave, scores in (("baseline", cohorts.before), ("year1", cohorts.after)):
            items = {str(i): f"qol10_{i}_{wave}" for i in range(1, 11)}
            expected = score(frames.cohort, "qol10", items=items).to_frame()
            for outcome in ("global", "social", "total"):
                np.testing.assert_allclose(scores(outcome)[0], expected[outcome], atol=1e-12)
        assert np.isnan(cohorts.after("total")[~cohorts.seen]).all()

    def test_networks_are_those_of_the_rule(self) -> None:
        frames, cohorts = generate_items("review", seed=11), ls.generate("review", seed=11)
        rules = ls.read_network_rules("europasi")
        for place, wave in enumerate(("baseline", "year1")):
            answers = frames.cohort[f"free_time_{wave}"].to_numpy()
            codes = category_codes(rules, {"free_time_with": answers})
            assert np.array_equal(codes, cohorts.networks[0, place])
        transitions = ls.classify_networks(ls.load_synthetic(seed=11)).transitions("baseline", "year1")
        found = transitions.groups().to_series().astype(object)
        ours = np.array([*CHANGE_GROUPS, "unclassified"], dtype=object)[cohorts.groups[0]]
        assert found.fillna("unclassified").tolist() == ours.tolist()

    def test_facility_correlation(self) -> None:
        """Facilities were given 0.05 of a latent variance of 1."""
        drawn = draw(structure_of(read_world("null")), seed=4, cohorts=range(192), n=548)
        found = []
        for x, g in zip(drawn.quality[:, 0, 0], drawn.facility, strict=True):
            # One-way analysis of variance; sizes differ, so n0 = (n - sum n_j^2 / n) / (k - 1).
            n_j = np.bincount(g)
            means = np.bincount(g, x) / n_j
            between = (n_j * (means - x.mean()) ** 2).sum() / 20
            within = ((x - means[g]) ** 2).sum() / (548 - 21)
            found.append([(between - within) / ((548 - (n_j**2).sum() / 548) / 20), within])
        variance = np.mean(found, axis=0)
        error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
        assert variance[0] == pytest.approx(0.05, abs=3 * error[0])
        assert variance[1] == pytest.approx(0.95, abs=3 * error[1])

    def test_latent_moments(self) -> None:
        """Mean 0, SD 1, correlation 0.6 of the factors and 0.5 of the waves, as the world says."""
        q = draw(structure_of(read_world("review")), seed=6, cohorts=range(128), n=548).quality
        assert q[:, 0].mean() == pytest.approx(0.0, abs=0.02)
        assert q[:, 0].var(axis=(0, 2)) == pytest.approx([1.0, 1.0], abs=0.025)
        assert np.corrcoef(q[:, 0, 0].ravel(), q[:, 0, 1].ravel())[0, 1] == pytest.approx(0.6, abs=0.012)
        calm = draw(structure_of(read_world("null")), seed=6, cohorts=range(128), n=548).quality
        for k in range(2):
            # Facilities also change: 0.02 is added to the variance at one year.
            r = np.corrcoef(calm[:, 0, k].ravel(), calm[:, 1, k].ravel())[0, 1]
            assert r == pytest.approx(0.5 / np.sqrt(1.02), abs=0.015)

    def test_shares_of_answers(self) -> None:
        """Each answer has the share that the world gives it; in `null` latent answers are exactly normal."""
        world = read_world("null")
        drawn = draw(structure_of(world), seed=6, cohorts=range(128), n=548)
        for item in range(10):
            shares = [(drawn.answers[:, 0, item] == a).mean() for a in range(1, 6)]
            np.testing.assert_allclose(shares, world.value(f"answers_{item + 1}"), atol=0.012)

    def test_unanswered(self) -> None:
        """531 of 548 answer everything at entry, in expectation; their number has an SD of 4.1."""
        complete = (~np.isnan(ls.generate("review", n_cohorts=100, seed=2).before("total"))).sum(axis=1)
        assert complete.mean() == pytest.approx(531, abs=3 * 0.41)

    def test_other_sizes(self) -> None:
        cohorts = ls.generate("review", n_cohorts=2, n=21)
        assert cohorts.seen.sum(axis=1).tolist() == [13, 13]  # 21 x 338 / 548 = 12.95
        assert sorted(cohorts.facility[0]) == list(range(21))

    def test_nobody_is_marked_where_none_are_asked_for(self) -> None:
        assert not top(np.array([[3.0, 1.0, 2.0]]), 0).any()
        # 107 of 548 are 0 of 2; a world may have so few.
        world = world_with(facilities=1)
        assert generate_items(world, n=2).cohort["whoqol_1_year1"].isna().all()

    def test_unknown_outcome(self) -> None:
        with pytest.raises(UnknownNameError, match="Nearest: 'social'"):
            ls.generate("null").before("socal")


class TestWorlds:
    def test_null_has_no_association(self) -> None:
        """All change groups gain what the exact formula says, within Monte Carlo error."""
        structure = structure_of(read_world("null"))
        for factor, outcome in enumerate(("global", "social")):
            means, errors = by_group("null", outcome)
            exact = exact_change(structure, factor, 1)
            assert np.all(np.abs(means - exact) < 4 * errors)
            assert exact == pytest.approx(exact_change(structure, factor, 0), abs=1e-12)

    def test_entry_gap_gains_are_equal_and_starts_are_not(self) -> None:
        structure = structure_of(read_world("entry_gap"))
        for factor in range(2):
            gains = [exact_change(structure, factor, network) for network in range(3)]
            # The numbers of the file have six digits.
            assert gains == pytest.approx([gains[1]] * 3, abs=2e-7)
        means, errors = by_group("entry_gap")
        assert np.ptp(means) < 4 * errors.max()
        cohorts = ls.generate("entry_gap", n_cohorts=50, seed=5)
        entry = cohorts.everybody("total")[0]
        assert entry[cohorts.true_groups == 0].mean() - entry[cohorts.true_groups == DRUG].mean() > 0.05
        assert truths_of(read_world("entry_gap"))[key_of("total")].ancova[0] > 0.02

    def test_exact_change_by_hand(self) -> None:
        """One answer cut at 0 (1 or 5, each by half), loading 1: a gain of 1 SD gives 0.8 x (ndtr(1) - 0.5)."""
        full, nothing = (dict.fromkeys(map(str, range(1, 11)), v) for v in (1.0, 0.0))
        half = {f"answers_{i}": [0.5, 0, 0, 0, 0.5] for i in range(1, 11)}
        world = world_with(
            "null",
            loadings=full,
            minor_loadings={"body": nothing, "intimacy": nothing},
            facility_change_share=0.0,
            gain={"global": 1.0, "social": 0.0},
            **half,
        )
        world = dataclasses.replace(
            world, parameters={**world.parameters, "poor": world_with(poor=0.5).parameters["poor"]}
        )
        structure = structure_of(world)
        assert exact_change(structure, 0, 1) == pytest.approx(0.8 * (special.ndtr(1.0) - 0.5), abs=1e-12)
        assert exact_change(structure, 1, 1) == pytest.approx(0.0, abs=1e-12)

    def test_review_order(self) -> None:
        means, errors = by_group("review")
        gained, maintained, drug, isolated = means[[GAINED, 0, DRUG, ISOLATED]]
        assert min(gained - maintained, maintained - drug, drug - isolated) > 4 * errors.max()

    def test_reversed_order(self) -> None:
        means, _ = by_group("reversed", n_cohorts=60)
        assert np.argsort(means)[[0, -1]].tolist() == [GAINED, ISOLATED]

    def test_isolation_is_twice_as_common_among_dropouts(self) -> None:
        cohorts = ls.generate("review", n_cohorts=100, seed=12)
        alone = cohorts.networks[:, 1] == CATEGORIES.index("isolated")
        dropped = (cohorts.status == STATUSES.index("dropped_out")) & cohorts.seen
        assert alone[dropped].mean() > 2 * alone[cohorts.seen & ~dropped].mean()

    def test_regression_to_mean(self) -> None:
        """The groups differ in change, and not at one year given the baseline on which they were selected."""
        truth = truths_of(read_world("regression_to_mean"))[key_of("total")]
        assert truth.change_score[GAINED] > 0.04
        assert abs(truth.ancova[GAINED]) < 0.003
        assert truth.structural == (0.0, 0.0, 0.0, 0.0)

    def test_confounded(self) -> None:
        truth = truths_of(read_world("confounded"))[key_of("total")]
        assert truth.change_score[GAINED] > 0.02
        assert truth.structural == (0.0, 0.0, 0.0, 0.0)

    def test_mnar_dropout(self) -> None:
        """Those seen fare better than everybody, most of all where things went badly."""
        truths = truths_of(read_world("mnar_dropout"))
        everybody, seen = truths[key_of("total")].change, truths[key_of("total", "seen")].change
        better = np.subtract(seen, everybody)
        assert (better > 0.02).all()
        assert better[ISOLATED] > better[GAINED]
        assert everybody == truths_of(read_world("review"))[key_of("total")].change

    @pytest.mark.parametrize("name", WORLDS)
    def test_stored_truths_are_found_again(self, name: str) -> None:
        stored = truths_of(read_world(name))
        assert len(stored) == 3 * 2 * 4
        fresh = find_truths(name, n_cohorts=64, seed=99)
        for key in (key_of("total"), key_of("global", "seen"), key_of("social", "everybody", "dropped_out")):
            a, b = stored[key], fresh[key]
            np.testing.assert_allclose(a.share, b.share, atol=0.02, err_msg=key)
            limits = 5 * np.hypot(a.error, b.error)
            assert np.all(np.abs(np.subtract(a.change, b.change)) < limits), key
            np.testing.assert_allclose(a.structural, b.structural, atol=0.006, err_msg=key)
        assert np.max(stored[key_of("total")].error) < 0.0005

    def test_structural_effect_follows_the_latent_one(self) -> None:
        """Gained adds 0.55 SD, isolated -0.25 SD: the effects on the score stand in about that ratio.

        Only about, for the answers have a lowest and a highest.
        """
        effect = truths_of(read_world("review"))[key_of("global")].structural
        assert effect[DRUG] == 0.0
        assert effect[GAINED] / effect[ISOLATED] == pytest.approx(0.55 / -0.25, rel=0.1)

    def test_own_world_has_no_stored_truth(self) -> None:
        assert ls.generate(world_with(women=0.5)).truths == {}

    @pytest.mark.parametrize("name", WORLDS)
    def test_every_number_has_its_source_or_its_reason(self, name: str) -> None:
        world = read_world(name)
        for parameter in world.parameters.values():
            assert bool(parameter.target) != bool(parameter.reason), parameter.name
            if parameter.target:
                assert published_targets()[parameter.target].role == "calibrate"
            assert shown_value(parameter)
        assert world.says
        assert world.truth

    def test_check_targets_never_feed_a_world(self) -> None:
        values = {"id": "x", "based_on": "review", "parameters": {"stability": {"target": "rmsea"}}}
        with pytest.raises(SpecError, match="'rmsea' is not a target"):
            world_from_mapping(values, title="x")


class TestBadInput:
    def test_unknown_world(self) -> None:
        with pytest.raises(UnknownNameError, match=r"There is no world 'reviw'\. Nearest: 'review'"):
            ls.generate("reviw")

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            ({"n": -3}, "n should be a whole number from 1"),
            ({"n": 0}, "n should be"),
            ({"n": 20.5}, "n should be"),
            ({"n_cohorts": 0}, "n_cohorts should be"),
            ({"seed": -1}, "seed should be a whole number from 0"),
            ({"seed": True}, "seed should be"),
            ({"first": -1}, "first should be"),
        ],
    )
    def test_numbers_out_of_range(self, arguments: dict, words: str) -> None:
        with pytest.raises(LarstudyError, match=words):
            ls.generate("null", **arguments)

    def test_fewer_persons_than_facilities(self) -> None:
        words = r"parameters\.facilities: 20 persons cannot fill 21 facilities.*n of 21 or more"
        with pytest.raises(SpecError, match=words):
            ls.generate("null", n=20)

    @pytest.mark.parametrize(
        ("values", "name", "remedy"),
        [
            ({"factor_correlation": 0.99}, "factor_correlation", "is possible"),
            ({"factor_correlation": -0.9}, "factor_correlation", "is possible"),
            ({"stability": 0.1}, "stability", "Raise it to"),
            ({"isolated": 0.6}, "isolated", "At most 0.5 is possible"),
            ({"answers_10": [0.2, 0.2, 0.2, 0.2, 0.2]}, "answers_10", "add up to 0.75"),
            (
                {"transition_distress": 0.8, "transition_baseline": 0.7},
                "transition_baseline",
                "At most 0.6 is",
            ),
            ({"loadings": dict.fromkeys(map(str, range(1, 11)), 0.99)}, "loadings.1", "Lower it to 0.953"),
            (
                {
                    "minor_loadings": {
                        m: dict.fromkeys(map(str, range(1, 11)), 0.9) for m in ("body", "intimacy")
                    }
                },
                "loadings.1",
                "Lower minor_loadings of item 1 first: their squares add up to 1.62",
            ),
            ({"distress_path": {"global": 2.0, "social": 0.0}}, "stability", "No stability is enough"),
            ({"subsample": 400}, "subsample", "At most 338 are possible"),
            ({"complete": 600}, "complete", "At most 548 are possible"),
            ({"seen": 600}, "seen", "At most 548 are possible"),
            ({"facilities": 2.5}, "facilities", "should be a whole number"),
            (
                {"age": {"mean": 10, "sd": 3, "youngest": 18, "oldest": 70}},
                "age",
                "between youngest and oldest",
            ),
        ],
    )
    def test_impossible_targets_are_named(self, values: dict, name: str, remedy: str) -> None:
        with pytest.raises(SpecError) as error:
            ls.generate(world_with(**values))
        assert any(name in problem.where for problem in error.value.problems)
        assert remedy in str(error.value)

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"answers_3": [0.2, 0.2, 0.2, 0.2, 0.3]}, "shares add up to 1.1, not to 1"),
            ({"women": 1.4}, "a number from 0 to 1"),
            ({"women": float("nan")}, "a number from 0 to 1"),
            ({"facilities": 128}, "a number from 1 to 127"),
            ({"women": [1, 2]}, "a number from 0 to 1"),
            ({"answers_1": [1, 0]}, "a list of 5 numbers"),
            ({"gain": {"global": 1}}, "exactly global, social"),
        ],
    )
    def test_values_of_the_wrong_form(self, values: dict, words: str) -> None:
        with pytest.raises(SpecError, match=words):
            world_with(**values)

    def test_what_is_named_as_possible_is_possible(self) -> None:
        with pytest.raises(SpecError) as error:
            ls.generate(world_with(factor_correlation=0.99))
        low, high = (float(word) for word in error.value.problems[0].remedy.split()[1:4:2])
        for possible in (low, high):
            assert ls.generate(world_with(factor_correlation=possible)).n == 548
        for too_far in (low - 0.002, high + 0.002):
            with pytest.raises(SpecError):
                ls.generate(world_with(factor_correlation=too_far))

    def test_the_nearest_possible_is_named(self) -> None:
        """What is named is possible, and a little further is not; other numbers may then be in the way."""

        def named(**values: object) -> dict[str, float]:
            try:
                structure_of(world_with(**values))
            except SpecError as error:
                found: dict[str, float] = {}
                for problem in error.problems:
                    where, words = problem.where.removeprefix("parameters."), problem.remedy.split()
                    number = float(words[3]) if words[0] in ("Raise", "Lower") else 0.0
                    found[where] = max(found.get(where, 0.0), number)
                return found
            return {}

        # Both factors say what they need.
        least = named(stability=0.1)["stability"]
        assert "stability" not in named(stability=least)
        assert "stability" in named(stability=least - 0.002)
        every = dict.fromkeys(map(str, range(1, 11)), 0.99)
        most = {where.removeprefix("loadings."): v for where, v in named(loadings=every).items()}
        # Those with a minor loading of 0.3: 0.99 squared and 0.09 are above 1.
        assert set(most) == {"1", "5", "6", "7", "9"}
        assert named(loadings=every | most) == {}
        assert set(named(loadings=every | {i: v + 0.002 for i, v in most.items()})) == {
            f"loadings.{i}" for i in most
        }

    @pytest.mark.parametrize(
        "values",
        [
            {"isolated": 0.0},
            {"isolated": 0.5},
            {"facilities": 1},
            {"facilities": 127},
            {"status_distress": 1.0},
            {"women": 0.0},
        ],
    )
    def test_the_ends_of_what_is_possible(self, values: dict) -> None:
        cohorts = ls.generate(world_with(**values))
        expected = int(values.get("facilities", 21))
        assert set(cohorts.facility[0].tolist()) == set(range(expected))
        entry = cohorts.networks[0, 0]
        assert (entry == 2).any() == (values.get("isolated") != 0.0)
        assert (entry == 0).any() == (values.get("isolated") != 0.5)

    def test_nothing_lasts_but_facilities(self) -> None:
        """All that the waves share is the facility: no traits vary, and any correlation of the factors can be."""
        flat = {"global": 0.0, "social": 0.0}
        world = world_with("null", stability=0.05, distress_path=flat, factor_correlation=0.3)
        assert np.allclose(structure_of(world).trait_root, 0.0)
        assert ls.generate(world).n == 548

    def test_whoqol_paths_too_strong(self) -> None:
        paths = {d: {"global": 0.9, "social": 0.9, "distress": 0.0} for d in WHOQOL_DOMAINS}
        with pytest.raises(SpecError, match=r"whoqol_paths\.physical.*Multiply them by"):
            generate_items(world_with(whoqol_paths=paths))

    def test_unknown_and_absent_parameters(self) -> None:
        with pytest.raises(SpecError, match=r"parameters\.wmen.*Nearest: 'women'"):
            world_with(wmen=0.3)
        with pytest.raises(SpecError, match=r"are not all there.*based_on"):
            world_from_mapping({"id": "own"}, title="own")
        values = {"id": "own", "based_on": "null", "parameters": {"women": {"value": 0.2}}}
        with pytest.raises(SpecError, match="reason"):
            world_from_mapping(values, title="own")

    def test_a_world_file_of_ones_own(self, tmp_path: Path) -> None:
        file = tmp_path / "own.toml"
        text = 'id = "own"\nbased_on = "null"\n[parameters.women]\nvalue = 0.9\nreason = "a try"\n'
        file.write_text(text, encoding="utf-8")
        assert ls.generate(str(file)).woman.mean() > 0.8
        with pytest.raises(SpecError, match="there is no such file"):
            ls.generate(tmp_path / "none.toml")
