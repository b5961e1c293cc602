"""What ships as data: instruments with their worked examples, network rules with their proof."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy.names import CATEGORIES, CHANGE_GROUPS
from larstudy.scales import score_answers
from larstudy.specs.networks import FIXED_TRANSITIONS, change_group, prove

INSTRUMENTS = ls.list_instruments()
RULES = ls.list_network_rules()

EXAMPLES = [
    pytest.param(name, position, id=f"{name}-{position}")
    for name in INSTRUMENTS
    for position in range(len(ls.read_instrument(name).examples))
]


def test_every_instrument_of_the_field_is_there() -> None:
    assert set(INSTRUMENTS) == {
        "qol10", "qol5", "qol1", "whoqol_bref", "sf36", "scl10", "ces_d", "pss_friends", "pss_family",
        "eq5d5l",
    }  # fmt: skip


@pytest.mark.parametrize(("name", "position"), EXAMPLES)
def test_worked_example(name: str, position: int) -> None:
    instrument = ls.read_instrument(name)
    example = instrument.examples[position]
    answers = {item: np.array([example.answers.get(item, np.nan)]) for item in instrument.items}
    scored = score_answers(instrument, answers, list(example.expect))
    for scale, expected in example.expect.items():
        np.testing.assert_allclose(scored[scale], [expected], rtol=0, atol=1e-12, err_msg=scale)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_instrument_says_where_it_comes_from(name: str) -> None:
    instrument = ls.read_instrument(name)
    assert instrument.reference
    assert instrument.licence
    assert instrument.examples
    assert all(example.place.startswith("by hand") for example in instrument.examples)
    notes = instrument.provenance_notes()
    assert notes[0] == f"{instrument.name}: {instrument.reference}."
    if not instrument.verified_by:
        assert "not checked against the manual" in notes[1]
    if instrument.confidence == "PK":
        assert "prior knowledge" in notes[1]
    for scale in instrument.scales.values():
        assert scale.higher_is in ("better", "worse")


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_scores_stay_within_their_range(name: str) -> None:
    """Random answers, some missing, never leave the range that the file promises."""
    instrument = ls.read_instrument(name)
    rng = np.random.default_rng(20)
    answers = {}
    for item in instrument.items.values():
        options = item.allowed() or (item.low, item.high, (item.low + item.high) / 2)
        answers[item.id] = np.where(rng.random(400) < 0.05, np.nan, rng.choice(options, 400))
    scales = [s.id for s in instrument.scales.values() if s.combine != "value_set"]
    scored = score_answers(instrument, answers, scales)
    for scale in scales:
        values = scored[scale][~np.isnan(scored[scale])]
        assert len(values) > 20
        limits = instrument.scales[scale].range
        if limits is not None:
            assert values.min() >= limits[0] - 1e-12
            assert values.max() <= limits[1] + 1e-12


def test_themes_not_wording() -> None:
    """Item wording is not shipped: themes are a few words, without a question mark."""
    for name in INSTRUMENTS:
        for item in ls.read_instrument(name).items.values():
            assert "?" not in item.theme
            assert len(item.theme.split()) <= 9


class TestHelpScores:
    def test_every_shipped_score_is_reproduced_at_every_wave(self, help_frame: pd.DataFrame) -> None:
        from larstudy.studies.help import scoring_agreement

        frame = scoring_agreement(help_frame).to_frame()
        sf36 = frame[frame["instrument"] == "sf36"]
        assert len(sf36) == 10 * 5
        assert (sf36["largest_difference"] < 1e-9).all()
        assert (sf36["only_one"] == 0).all()
        others = frame[frame["instrument"] != "sf36"]
        assert (others["largest_difference"] == 0).all()
        # HELPfull has no PSS_FA for two persons who answered all fourteen items
        assert others["only_one"].sum() == 2
        assert frame.groupby(["instrument", "scale"])["n"].sum()["ces_d"]["total"] == 1463

    def test_ces_d_as_it_ships_needs_all_answers(self, help_frame: pd.DataFrame) -> None:
        letters = "ABCDEFGHIJKLMNOPQRST"
        items = {str(i): f"F1{letter}" for i, letter in enumerate(letters, start=1)}
        ours = ls.score(help_frame, "ces_d", items=items).to_frame()["total"]
        assert ours.notna().sum() == 1439
        assert (ours.dropna() == help_frame["CES_D"][ours.notna()]).all()

    def test_code_seven_earns_nothing_and_is_allowed(self, help_frame: pd.DataFrame) -> None:
        columns = [f"N1{letter}" for letter in "ABCDEFGHIJKLMN"]
        assert (help_frame[columns] == 7).to_numpy().sum() == 1304  # the code book counts them too
        items = {str(i): column for i, column in enumerate(columns, start=1)}
        ours = ls.score(help_frame, "pss_friends", items=items).to_frame()["total"]
        assert (ours == help_frame["PSS_FR"]).all()


class TestNetworkRules:
    @pytest.mark.parametrize("name", RULES)
    def test_every_combination_of_answers_gets_exactly_one_category(self, name: str) -> None:
        rules = ls.read_network_rules(name)
        counts = prove(rules)
        total = int(np.prod([len(i.levels) for i in rules.inputs.values()]))
        assert sum(counts.values()) == total
        assert set(counts) == set(CATEGORIES)

    def test_help_by_an_independent_count(self) -> None:
        """Isolated: 4 x 4 of the support scores, any contacts. Then 3+ of 5 on either contact question."""
        counts = prove(ls.read_network_rules("help"))
        isolated = 4 * 4 * 25
        drug = (15 * 15 - 16) * (25 - 2 * 2)
        assert counts == {
            "isolated": isolated,
            "drug_dominated": drug,
            "abstinent": 15 * 15 * 25 - isolated - drug,
        }

    def test_four_definitions_for_help_and_one_for_europasi(self) -> None:
        assert set(RULES) == {
            "help", "help_lived_alone", "help_low_friend_support", "help_few_contacts", "europasi",
        }  # fmt: skip

    def test_europasi_says_that_it_is_prior_knowledge(self) -> None:
        notes = " ".join(ls.read_network_rules("europasi").provenance_notes())
        assert "prior knowledge" in notes
        assert "not checked against its source" in notes

    def test_all_transitions(self) -> None:
        found = {
            (a, b): change_group(FIXED_TRANSITIONS, a, b) for a, b in itertools.product(CATEGORIES, repeat=2)
        }
        assert found == {
            ("abstinent", "abstinent"): "maintained_abstinent",
            ("drug_dominated", "abstinent"): "gained_abstinent",
            ("isolated", "abstinent"): "gained_abstinent",
            ("abstinent", "drug_dominated"): "drug_dominated",
            ("drug_dominated", "drug_dominated"): "drug_dominated",
            ("isolated", "drug_dominated"): "drug_dominated",
            ("abstinent", "isolated"): "isolated",
            ("drug_dominated", "isolated"): "isolated",
            ("isolated", "isolated"): "isolated",
        }
        assert set(found.values()) == set(CHANGE_GROUPS)
        for name in RULES:
            rules = ls.read_network_rules(name).transitions
            assert {pair: change_group(rules, *pair) for pair in found} == found
