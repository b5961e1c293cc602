"""Reading what a non-programmer writes: closed vocabulary, every problem in one pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import larstudy as ls
from larstudy.errors import SpecError
from larstudy.specs import read_study, study_from_mapping
from larstudy.specs.instrument_reading import instrument_from_mapping
from larstudy.specs.network_reading import network_rules_from_mapping
from larstudy.specs.reading import read_toml
from larstudy.specs.study import used_columns


def mapping(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "study": {"title": "T"},
        "data": {
            "file": "d.csv", "layout": "long", "person": "id", "wave": "t",
            "waves": {"baseline": 0, "year1": 1},
        },
        "outcomes": {"qol": {"column": "q", "higher_is": "better"}},
    }  # fmt: skip
    for path, value in changes.items():
        *tables, key = path.split("__")
        target = values
        for table in tables:
            target = target.setdefault(table, {})
        if value is None:
            target.pop(key, None)
        else:
            target[key] = value
    return values


def problems_of(values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(SpecError) as error:
        study_from_mapping(values)
    return {problem.where: f"{problem.code} {problem.text()}" for problem in error.value.problems}


QOL_ITEMS = {str(i): f"q{i}" for i in range(1, 11)}


class TestStudy:
    def test_the_example_of_the_readme(self, tmp_path: Path) -> None:
        readme = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")
        block = readme.split("```toml study.toml\n")[1].split("```")[0]
        (tmp_path / "study.toml").write_text(block, encoding="utf-8")
        spec = read_study(tmp_path / "study.toml")
        assert spec.waves == ("baseline", "month12")
        assert spec.analysis.comparisons == (("baseline", "month12"),)
        assert spec.networks[0].rules is not None
        assert spec.networks[0].rules.id == "help"
        assert {"ID", "TIME", "MCS", "O1B", "O1C", "PSS_FR", "PSS_FA"} <= set(used_columns(spec))

    @pytest.mark.parametrize(
        ("change", "value", "where", "text"),
        [
            ("data__layout", "lang", "data.layout", "Nearest: 'long'"),
            ("data__file", None, "data.file", "missing_key"),
            ("data__person", None, "data.person", "is missing"),
            ("data__wave", None, "data.wave", "is missing"),
            ("data__waves", {"baseline": 0}, "data.waves", "two or more waves"),
            ("data__waves", {"a": 0, "b": 0}, "data.waves", "marked differently"),
            ("data__waves", ["a", "b"], "data.waves", "a list, which is for wide files"),
            ("data__waves", 3, "data.waves", "two or more waves"),
            ("data__waves", {"a": [1], "b": 2}, "data.waves", "two or more waves"),
            ("data__separator", ";;", "data.separator", "one character"),
            ("data__decimal", "komma", "data.decimal", "Known: auto"),
            ("data__missing_codes", 9, "data.missing_codes", "a list"),
            ("data__missing_codes", [[9]], "data.missing_codes", "numbers or texts"),
            ("data__persn", "id", "data.persn", "Nearest: 'person'"),
            ("study__title", 3, "study.title", "text in quotes"),
            ("study__notes", "x", "study.notes", "a list"),
            ("study__notes", [1], "study.notes", "list of texts"),
            ("study__synthetic", "yes", "study.synthetic", "true or false"),
            ("studdy", {}, "studdy", "Nearest: 'study'"),
            ("outcomes", None, "outcomes", "is missing"),
            ("outcomes", {}, "outcomes", "names no outcome"),
            ("outcomes", {"qol": 3}, "outcomes.qol", "a table"),
            ("outcomes__qol__column", None, "outcomes.qol.column", "Name the column"),
            ("outcomes__qol__column", 3, "outcomes.qol.column", "name of a column"),
            ("outcomes__qol__higher_is", None, "outcomes.qol.higher_is", "is missing"),
            ("outcomes__qol__higher_is", "good", "outcomes.qol.higher_is", "better, worse"),
            ("outcomes__qol__range", [5, 1], "outcomes.qol.range", "the lower first"),
            ("outcomes__qol__mcid", float("inf"), "outcomes.qol.mcid", "a finite number"),
            ("outcomes__qol__mcid", True, "outcomes.qol.mcid", "a number"),
            ("outcomes__qol__instrument", "whoqol", "outcomes.qol.instrument", "Nearest: 'whoqol_bref'"),
            ("analysis__models", ["mixd"], "analysis.models", "'mixd' is not an option. Nearest: 'mixed'"),
            ("analysis__missing", "imputation", "analysis.missing", "should be a list"),
            ("analysis__imputations", 1, "analysis.imputations", "between 2 and"),
            ("analysis__seed", -1, "analysis.seed", "between 0 and"),
            ("analysis__confidence", 95, "analysis.confidence", "between 0 and 1"),
            ("analysis__comparisons", [["year1", "baseline"]], "analysis.comparisons", "the earlier first"),
            ("analysis__comparisons", [["baseline", "year2"]], "analysis.comparisons", "baseline, year1"),
            ("analysis__comparisons", [], "analysis.comparisons", "names no interval"),
            ("analysis__comparisons", "all", "analysis.comparisons", "two waves"),
            ("network", {}, "network.rule", "one of rule and column"),
            ("network", {"rule": "hlp"}, "network.rule", "Nearest: 'help'"),
            ("network", {"rule": "europasi"}, "network.columns", "also needs free_time_with"),
            ("network", {"rule": "help", "column": "n"}, "network.rule", "one of rule and column, not both"),
            (
                "network", {"rule": "help", "columns": {"friends": "F"}}, "network.columns",
                "also needs heavy_drinkers",
            ),
            ("network", {"column": "n", "values": {"abst": ["a"]}}, "network.values.abst", "Nearest: 'abst"),
            (
                "network", {"column": "n", "values": {"abstinent": [1], "isolated": ["1"]}},
                "network.values.isolated", "two categories",
            ),
            (
                "network", {"rule": "help", "alternative": [{"rule": "help"}]}, "network.alternative",
                "appears twice",
            ),
            ("network", {"rule": "help", "alternative": [3]}, "network.alternative", "should be a table"),
            ("group", {}, "group.column", "is missing"),
            ("group", {"column": "g", "wave": "year9"}, "group.wave", "baseline, year1"),
            ("group", {"column": "g", "order": ["a"], "reference": "b"}, "group.reference", "not in order"),
            ("group", {"column": "g", "order": ["all", "b"]}, "group.order", "uses itself"),
            (
                "treatment_status", {"column": "s", "values": {"complete": [1]}},
                "treatment_status.values.complete", "Nearest: 'completed'",
            ),
            ("covariates", {"columns": "AGE"}, "covariates.columns", "a list"),
            ("instruments", {"qol10": {}}, "instruments.qol10", "no outcome uses"),
        ],
    )  # fmt: skip
    def test_each_problem_has_a_place_and_a_remedy(
        self, change: str, value: Any, where: str, text: str
    ) -> None:
        found = problems_of(mapping(**{change: value}))
        assert where in found, found
        assert text in found[where]

    def test_group_beside_network(self) -> None:
        found = problems_of(mapping(network={"rule": "help"}, group={"column": "g"}))
        assert "Keep one of the two" in found["group"]

    def test_all_problems_at_once(self) -> None:
        values = mapping(data__layout="lang", outcomes__qol__higher_is="up", network={"rule": "x"}, extra=1)
        assert set(problems_of(values)) == {
            "data.layout", "outcomes.qol.higher_is", "network.rule", "extra",
        }  # fmt: skip

    def test_nothing_at_all(self) -> None:
        assert set(problems_of({})) == {"data", "outcomes"}

    def test_columns_of_a_wide_file(self) -> None:
        values = mapping(
            data__layout="wide",
            data__wave=None,
            data__waves={"baseline": 0, "year1": "y1"},
            outcomes__qol__column="q_{wave}",
            outcomes__mood={"column": {"baseline": "m0", "year1": "m1"}, "higher_is": "worse"},
        )
        spec = study_from_mapping(values)
        assert spec.outcomes["qol"].columns == {"baseline": "q_0", "year1": "q_y1"}
        assert spec.outcomes["mood"].columns == {"baseline": "m0", "year1": "m1"}

    @pytest.mark.parametrize(
        ("column", "where", "text"),
        [
            ("q", "outcomes.qol.column", "a column for each wave"),
            ({"baseline": "q0"}, "outcomes.qol.column", "fewer than two waves"),
            ({"baseline": "q0", "yr1": "q1"}, "outcomes.qol.column.yr1", "Nearest: 'year1'"),
            ({"baseline": 3, "year1": "q1"}, "outcomes.qol.column.baseline", "text in quotes"),
        ],
    )
    def test_wrong_columns_of_a_wide_file(self, column: Any, where: str, text: str) -> None:
        values = mapping(
            data__layout="wide",
            data__wave=None,
            data__waves=["baseline", "year1"],
            outcomes__qol__column=column,
        )
        assert text in problems_of(values)[where]

    def test_wave_in_a_wide_file(self) -> None:
        values = mapping(data__layout="wide", outcomes__qol__column="q{wave}")
        assert "belongs to layout" in problems_of(values)["data.wave"]

    def test_direction_comes_from_the_instrument(self) -> None:
        values = mapping(outcomes={"mood": {"column": "c", "instrument": "ces_d", "scale": "total"}})
        spec = study_from_mapping(values).outcomes["mood"]
        assert spec.higher_is == "worse"
        assert spec.range == (0.0, 60.0)
        assert spec.label == "Depressive symptoms (CES-D)"

    def test_items(self) -> None:
        good = {"instrument": "qol10", "scale": "social", "items": {str(i): f"q{i}" for i in range(4, 9)}}
        spec = study_from_mapping(mapping(outcomes={"social": good}))
        assert set(spec.outcomes["social"].items) == {"4", "5", "6", "7", "8"}
        bad = {**good, "scale": "socail", "items": {**good["items"], "11": "q11"}}
        assert "Nearest: 'social'" in problems_of(mapping(outcomes={"social": bad}))["outcomes.social.scale"]
        few = {**good, "items": {"4": "q4", "12": "q12"}}
        text = problems_of(mapping(outcomes={"social": few}))["outcomes.social.items"]
        assert "5, 6, 7, 8" in text
        both = {**good, "column": "s"}
        assert "stands beside items" in problems_of(mapping(outcomes={"s": both}))["outcomes.s.column"]
        alone = {"items": {"4": "q4"}, "higher_is": "better"}
        assert "Name the instrument" in problems_of(mapping(outcomes={"s": alone}))["outcomes.s.instrument"]

    def test_overriding_the_item_map(self) -> None:
        outcome = {"instrument": "qol10", "scale": "social", "items": {"4": "q4", "8": "q8"}}
        values = mapping(
            outcomes={"social": outcome},
            instruments={"qol10": {"scales": {"social": {"items": ["4", "8"]}}}},
        )
        instrument = study_from_mapping(values).outcomes["social"].instrument
        assert instrument is not None
        assert instrument.scale("social").items == ("4", "8")
        assert instrument.scale("social").min_answered == 2
        assert any("changed in the study file" in note for note in instrument.provenance_notes())
        assert ls.read_instrument("qol10").scale("social").items == ("4", "5", "6", "7", "8")

    def test_a_file_with_one_domain_of_whoqol(self) -> None:
        outcome = {
            "instrument": "whoqol_bref",
            "scale": "social",
            "items": {str(i): f"w{i}" for i in (20, 21, 22)},
        }
        text = problems_of(mapping(outcomes={"s": outcome}))["outcomes.s.items"]
        assert "also needs item 1, 2, 3" in text
        changes = {"whoqol_bref": {"max_missing_share": 1.0}}
        spec = study_from_mapping(mapping(outcomes={"s": outcome}, instruments=changes))
        instrument = spec.outcomes["s"].instrument
        assert instrument is not None
        assert instrument.items_of("social") == ("20", "21", "22")
        assert "100% of all items" in instrument.altered[0]

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"scales": {"socil": {}}}, "Nearest: 'social'"),
            ({"scales": {"social": {"items": ["99"]}}}, "there is no '99'"),
            ({"scales": {"social": {"min_answered": 9}}}, "between 1 and 5"),
            ({"scales": {"social": {"unanswered": "skip"}}}, "mean, zero"),
            ({"codes": {"99": {"1": 2}}}, "there is no item '99'"),
            ({"codes": {"4": {"1": 9}}}, "The answers are 1, 2, 3, 4, 5"),
            ({"codes": {"4": {"one": 1}}}, "the key should be a number"),
            ({"scale": {}}, "Nearest: 'scales'"),
        ],
    )
    def test_wrong_overrides(self, changes: dict[str, Any], text: str) -> None:
        values = mapping(
            outcomes={"total": {"instrument": "qol10", "scale": "total", "items": QOL_ITEMS}},
            instruments={"qol10": changes},
        )
        assert any(text in line for line in problems_of(values).values())

    def test_files_beside_the_study(self, tmp_path: Path) -> None:
        (tmp_path / "mine.toml").write_text("id = 'mine'", encoding="utf-8")
        values = mapping(
            network={"rule": "mine.toml"},
            outcomes={"q": {"instrument": "mine.toml", "scale": "x", "column": "c"}},
        )
        with pytest.raises(SpecError) as error:
            study_from_mapping(values, folder=tmp_path)
        problems = [(problem.where, problem.what) for problem in error.value.problems]
        assert ("outcomes.q.instrument", "'mine.toml', items: is missing") in problems
        assert ("network.rule", "'mine.toml', inputs: is missing") in problems

    @pytest.mark.parametrize(
        ("outcome", "where", "text"),
        [
            ({"column": "q", "higher_is": "better", "mcid": -2}, "outcomes.qol.mcid", "above 0"),
            (
                {"column": "q", "instrument": "qol10"},
                "outcomes.qol.instrument", "stands beside column, which holds a score already",
            ),
            ({"items": {"1": "q"}, "instrument": "qol10"}, "outcomes.qol.scale", "is missing"),
            (
                {"column": "q", "instrument": "qol10", "scale": "social", "higher_is": "worse"},
                "outcomes.qol.higher_is", "on this scale higher is better",
            ),
            (
                {"instrument": "eq5d5l", "scale": "profile", "items": {"mobility": "q"}},
                "outcomes.qol.scale", "a profile is a label",
            ),
            ({"items": {"1": "q"}, "higher_is": "better"}, "outcomes.qol.instrument", "is missing beside"),
            (
                {"instrument": "qol1", "scale": "total", "items": {"1": "q"}, "range": [0, 1]},
                "outcomes.qol.range", "stands beside items",
            ),
            ({"instrument": "qol1", "scale": "total", "items": {}}, "outcomes.qol.items", "names no item"),
            ({"column": "id", "higher_is": "better"}, "outcomes.qol.column", "column of the persons"),
        ],
    )  # fmt: skip
    def test_wrong_outcomes(self, outcome: dict[str, Any], where: str, text: str) -> None:
        assert text in problems_of(mapping(outcomes={"qol": outcome}))[where]

    @pytest.mark.parametrize("name", ["person", "wave", "seen", "network", " "])
    def test_names_that_an_outcome_cannot_have(self, name: str) -> None:
        found = problems_of(mapping(outcomes={name: {"column": "q", "higher_is": "better"}}))
        assert any(where.startswith("outcomes.") for where in found)

    def test_one_column_for_two_waves(self) -> None:
        values = mapping(data__layout="wide", data__wave=None, data__waves=["a", "b"])
        values["outcomes"] = {"q": {"column": {"a": "q1", "b": "q1"}, "higher_is": "better"}}
        assert "one column for two waves" in problems_of(values)["outcomes.q.column"]

    @pytest.mark.parametrize(
        ("content", "code"),
        [(b"a = ", "not_toml"), (b"\xff\xfe\x00", "encoding"), (None, "file_missing")],
    )
    def test_files_that_are_no_toml(self, tmp_path: Path, content: bytes | None, code: str) -> None:
        path = tmp_path / "study.toml"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(SpecError) as error:
            read_toml(path)
        assert error.value.problems[0].code == code

    def test_folder_instead_of_a_file(self, tmp_path: Path) -> None:
        with pytest.raises(SpecError, match="cannot be read"):
            read_toml(tmp_path)

    def test_windows_line_ends_and_bom(self, tmp_path: Path) -> None:
        path = tmp_path / "study.toml"
        path.write_bytes("\ufefftitle = 'x'\r\n".encode())
        assert read_toml(path) == {"title": "x"}


RULE: dict[str, Any] = {
    "id": "mine",
    "name": "Mine",
    "reference": "me",
    "confidence": "OWN",
    "inputs": {"a": {"levels": [0, 1, 2]}},
    "category": [
        {"id": "isolated", "when": {"a": {"max": 0}}},
        {"id": "drug_dominated", "when": {"a": {"in": [1]}}},
        {"id": "abstinent", "otherwise": True},
    ],
}


def rule_problems(**changes: Any) -> str:
    with pytest.raises(SpecError) as error:
        network_rules_from_mapping({**RULE, **changes}, title="Rule")
    return str(error.value)


class TestNetworkRules:
    def test_a_rule_of_ones_own(self) -> None:
        assert network_rules_from_mapping(RULE, title="Rule").id == "mine"

    def test_not_exhaustive(self) -> None:
        text = rule_problems(category=RULE["category"][:2])
        assert "1 of 3 combinations of answers get no category" in text

    def test_never_reached(self) -> None:
        swapped = [{"id": "abstinent", "otherwise": True}, *RULE["category"][:2]]
        text = rule_problems(category=swapped)
        assert "category 'isolated': no combination of answers gets it" in text
        assert "category 'drug_dominated'" in text

    def test_transition_without_a_group(self) -> None:
        rows = [{"from": "any", "to": "abstinent", "group": "gained_abstinent"}]
        assert "from 'abstinent' to 'isolated' has no group" in rule_problems(transition=rows)

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"inputs": {}}, "names no answer"),
            ({"inputs": {"a": {"levels": []}}}, "every level"),
            ({"inputs": {c: {"levels": list(range(30))} for c in "abcd"}}, "too many combinations"),
            ({"category": []}, "there is no [[category]]"),
            ({"category": [{"id": "lonely", "otherwise": True}]}, "abstinent, drug_dominated, isolated"),
            ({"category": [{"id": "isolated"}]}, "otherwise = true"),
            ({"category": [{"id": "isolated", "when": {"b": {"max": 1}}}]}, "there is no input 'b'"),
            ({"category": [{"id": "isolated", "when": {"a": {"max": 9}}}]}, "for every level"),
            ({"category": [{"id": "isolated", "when": {"a": {"in": [7]}}}]}, "does not have"),
            ({"columns": {"b": "B"}}, "is not an input"),
            ({"confidence": "sure"}, "T, A, N"),
            ({"verifed_by": "x"}, "Nearest: 'verified_by'"),
        ],
    )
    def test_wrong_rules(self, changes: dict[str, Any], text: str) -> None:
        assert text in rule_problems(**changes)


INSTRUMENT: dict[str, Any] = {
    "id": "mine",
    "name": "Mine",
    "reference": "me",
    "confidence": "T",
    "items": {"a": {"min": 1, "max": 5}, "b": {"min": 1, "max": 5, "reversed": True}},
    "scale": [{"id": "total", "label": "Total", "items": ["a", "b"], "combine": "sum"}],
}


def instrument_problems(**changes: Any) -> str:
    with pytest.raises(SpecError) as error:
        instrument_from_mapping({**INSTRUMENT, **changes}, title="Instrument")
    return str(error.value)


def scale_with(**changes: Any) -> list[dict[str, Any]]:
    return [{**INSTRUMENT["scale"][0], **changes}]


class TestInstruments:
    def test_one_of_ones_own(self) -> None:
        assert instrument_from_mapping(INSTRUMENT, title="Instrument").items_of("total") == ("a", "b")

    @pytest.mark.parametrize(
        ("changes", "text"),
        [
            ({"items": {"a": {"min": 5, "max": 1}}}, "the lower first"),
            ({"items": {"a": {"points": {"1": 2}, "reversed": True}}}, "beside a table of points"),
            (
                {"items": {"a": {"min": 1, "max": 2, "recode_when": [{"item": "z", "answers": [1]}]}}},
                "there is no item 'z'",
            ),
            ({"items": {"a": {"min": 1, "max": 2, "recode_when": [{"item": "a"}]}}}, "missing = true"),
            ({"scale": []}, "there is no [[scale]]"),
            ({"scale": scale_with(items=["a", "z"])}, "there is no 'z'"),
            ({"scale": scale_with(items=[])}, "either items or of"),
            ({"scale": scale_with(combine="median")}, "Known: mean, sum"),
            ({"scale": scale_with(min_answered=3)}, "between 1 and 2"),
            ({"scale": scale_with() * 2}, "appears twice"),
            ({"scale": scale_with(combine="weighted_sum")}, "mean, sd and weight"),
            ({"scale": scale_with(combine="value_set")}, "looked up by one profile"),
            ({"scale": scale_with(rescale={"from": [1, 5]})}, "from = [low, high]"),
            ({"max_missing_share": 20}, "between 0 and 1"),
            ({"worked_example": [{"place": "p", "expect": {"totl": 1}}]}, "Nearest: 'total'"),
            ({"id": " "}, "is empty"),
        ],
    )
    def test_wrong_instruments(self, changes: dict[str, Any], text: str) -> None:
        assert text in instrument_problems(**changes)

    def test_unknown_ids(self) -> None:
        with pytest.raises(ls.LarstudyError, match="Nearest: 'whoqol_bref'"):
            ls.read_instrument("whoqol-bref")
        with pytest.raises(ls.LarstudyError, match="Nearest: 'help'"):
            ls.read_network_rules("helpp")
        with pytest.raises(ls.LarstudyError, match="Nearest: 'social'"):
            ls.read_instrument("qol10").scale("socail")

    def test_from_files(self, tmp_path: Path) -> None:
        (tmp_path / "i.toml").write_text(
            "id='i'\nname='I'\nreference='r'\nconfidence='T'\nverified_by='v'\n"
            "[items.a]\nmin=0\nmax=10\ncontinuous=true\n"
            "[[scale]]\nid='s'\nlabel='S'\nitems=['a']\ncombine='mean'\n",
            encoding="utf-8",
        )
        instrument = ls.read_instrument("i.toml", folder=tmp_path)
        assert instrument.items["a"].allowed() == ()
        assert instrument.provenance_notes() == ("I: r.",)
        with pytest.raises(ls.SpecError, match="no such file"):
            ls.read_network_rules("r.toml", folder=tmp_path)

    def test_worked_example_that_does_not_come_out(self, tmp_path: Path) -> None:
        """An instrument of one's own is held to the examples that it gives itself."""
        rule = """
            id = "mine"
            name = "Mine"
            reference = "me"
            confidence = "PK"
            [items]
            a = { min = 1, max = 5 }
            b = { min = 1, max = 5, reversed = true }
            [[scale]]
            id = "total"
            label = "Total"
            higher_is = "better"
            items = ["a", "b"]
            combine = "mean"
            min_answered = 2
            range = [1, 5]
            [[worked_example]]
            place = "by hand"
            answers = { a = 5, b = 1 }
            expect = { total = EXPECTED }
        """
        study = """
            [study]
            title = "Mine"
            [data]
            file = "d.csv"
            layout = "wide"
            waves = ["0", "1"]
            [outcomes.q]
            instrument = "mine.toml"
            scale = "total"
            items = { a = "a_{wave}", b = "b_{wave}" }
        """
        (tmp_path / "d.csv").write_text("a_0,a_1,b_0,b_1\n1,2,3,4\n2,2,5,1\n", encoding="utf-8")
        (tmp_path / "study.toml").write_text(study, encoding="utf-8")
        # the second item is turned: (5 + (1 + 5 - 1)) / 2 = 5
        (tmp_path / "mine.toml").write_text(rule.replace("EXPECTED", "5"), encoding="utf-8")
        assert ls.check(tmp_path / "study.toml").ok, ls.check(tmp_path / "study.toml").summary()
        (tmp_path / "mine.toml").write_text(rule.replace("EXPECTED", "3"), encoding="utf-8")
        report = ls.check(tmp_path / "study.toml")
        assert "scale 'total' of the example 'by hand' does not come out" in report.summary()
