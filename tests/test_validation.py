"""Every problem of a study in one pass, and no person's value in any message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from tests.conftest import COVARIATES, STATUS, STUDY, twelve_long, twelve_wide, write_study


def codes(report: ls.ValidationReport) -> dict[str, tuple[int, tuple[int, ...]]]:
    return {problem.code: (problem.n, problem.rows) for problem in report.problems}


def report_on(folder: Path, frame: pd.DataFrame, text: str = STUDY) -> ls.ValidationReport:
    return ls.check(write_study(folder, frame, text))


def with_cell(row: int, column: str, value: object) -> pd.DataFrame:
    frame = twelve_long().astype(object)
    frame.loc[row, column] = value
    return frame


class TestCheck:
    def test_nothing_wrong(self, study: Path) -> None:
        report = ls.check(study)
        assert report.ok
        assert report.summary() == "study.toml: no problems."

    def test_unknown_column_names_the_nearest(self, tmp_path: Path) -> None:
        report = report_on(tmp_path, twelve_long().rename(columns={"qol": "QoL", "net": "networks"}))
        text = report.summary()
        assert "column 'qol': is not in twelve.csv; [outcomes.qol] names it. Nearest name: 'QoL'" in text
        assert "column 'net': is not in twelve.csv; [network] names it. Nearest name: 'networks'" in text

    def test_duplicate_rows(self, tmp_path: Path) -> None:
        frame = pd.concat([twelve_long(), twelve_long().iloc[[0, 3]]])
        assert codes(report_on(tmp_path, frame)) == {"duplicate_row": (2, (25, 26))}

    def test_missing_person(self, tmp_path: Path) -> None:
        assert codes(report_on(tmp_path, with_cell(2, "id", None))) == {"missing_person": (1, (4,))}

    def test_outside_the_range(self, tmp_path: Path) -> None:
        report = report_on(tmp_path, with_cell(4, "qol", 987.5))
        assert codes(report) == {"out_of_range": (1, (6,))}
        assert "0 to 12" in report.summary()
        assert "987.5" not in report.summary()

    def test_not_a_number(self, tmp_path: Path) -> None:
        report = report_on(tmp_path, with_cell(4, "qol", "hemmeleg"))
        assert codes(report) == {"not_a_number": (1, (6,))}
        assert "hemmeleg" not in report.summary()

    def test_wave_that_no_row_has(self, tmp_path: Path) -> None:
        report = report_on(tmp_path, twelve_long(), STUDY.replace("year1 = 1", "year1 = 12"))
        assert "data.waves.year1: no row of 't' is 12" in report.summary()

    def test_wave_column_of_text(self, tmp_path: Path) -> None:
        frame = twelve_long()
        frame["t"] = frame["t"].map({0: "T0", 1: "T1"})
        report = report_on(tmp_path, frame)
        assert codes(report)["wave_text"][0] == 23
        assert report_on(
            tmp_path, frame, STUDY.replace("baseline = 0, year1 = 1", 'baseline = "T0", year1 = "T1"')
        ).ok

    def test_category_without_a_mapping(self, tmp_path: Path) -> None:
        report = report_on(tmp_path, with_cell(6, "net", "løyndom"))
        assert codes(report) == {"unmapped_category": (1, (8,))}
        assert "løyndom" not in report.summary()

    def test_category_mapped_to_unclassified(self, tmp_path: Path) -> None:
        text = STUDY.replace('isolated = ["iso"]', 'isolated = ["iso"], unclassified = ["mixed"]')
        frame = with_cell(6, "net", "mixed")
        assert report_on(tmp_path, frame, text).ok
        cohort = ls.load(tmp_path / "study.toml")
        assert (ls.classify_networks(cohort).to_frame()["network"] == "unclassified").sum() == 3

    def test_rows_of_other_waves_are_a_note(self, tmp_path: Path) -> None:
        frame = pd.concat([twelve_long(), twelve_long().iloc[:3].assign(t=2, qol=999)])
        report = report_on(tmp_path, frame)
        assert report.ok
        assert "3 rows belong to no wave of the study" in report.summary()
        assert "Worth knowing" in report.summary()

    def test_status_and_covariates(self, tmp_path: Path) -> None:
        frame = twelve_long().astype(object)
        frame.loc[1, "status"] = 2  # person 1 is 1 at baseline
        frame.loc[4, "status"] = 7
        frame.loc[0, "age"] = "gamal"
        report = report_on(tmp_path, frame, STUDY + STATUS + COVARIATES)
        assert {p.code for p in report.problems} == {
            "varies_within_person", "unmapped_category", "not_a_number",
        }  # fmt: skip
        assert "gamal" not in report.summary()
        at_baseline = STATUS.replace('column = "status"', 'column = "status"\nwave = "year1"')
        again = report_on(tmp_path, frame, STUDY + at_baseline)
        assert "varies_within_person" not in codes(again)

    def test_covariate_of_words_is_a_category(self, tmp_path: Path) -> None:
        frame = twelve_long()
        frame["age"] = np.where(frame["id"] < 6, "young", "old")
        assert report_on(tmp_path, frame, STUDY + COVARIATES).ok

    def test_repeated_column(self, tmp_path: Path) -> None:
        frame = twelve_long()
        frame.insert(2, "qol ", frame["qol"])
        assert codes(report_on(tmp_path, frame))["repeated_column"] == (2, ())

    def test_file_without_a_header_does_not_show_its_values(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, twelve_long())
        twelve_long()[["id", "t", "qol"]].to_csv(tmp_path / "twelve.csv", index=False, header=False)
        text = ls.check(path).summary()
        assert "the first row holds numbers" in text
        assert "Nearest" not in text

    def test_all_at_once(self, tmp_path: Path) -> None:
        frame = twelve_long().astype(object)
        frame.loc[0, "id"] = None
        frame.loc[2, "qol"] = "x"
        frame.loc[4, "qol"] = 99
        frame.loc[6, "net"] = "odd"
        frame = pd.concat([frame, frame.iloc[[8]]])
        report = report_on(tmp_path, frame, STUDY.replace("year1 = 1", "year1 = 1, year2 = 2"))
        assert set(codes(report)) == {
            "missing_person", "not_a_number", "out_of_range", "unmapped_category", "duplicate_row",
            "wave_absent",
        }  # fmt: skip
        frame_of_problems = report.to_frame()
        assert list(frame_of_problems.columns[:4]) == ["severity", "code", "where", "what"]
        assert len(frame_of_problems) == len(report.problems)
        assert len(report.table().rows) == len(report.problems)
        assert len(report.plot().axes.patches) == len(report.problems)

    def test_same_column_in_two_roles_is_told_once(self, tmp_path: Path) -> None:
        text = STUDY + '\n[outcomes.again]\ncolumn = "qol"\nhigher_is = "better"\nrange = [0, 12]\n'
        report = report_on(tmp_path, with_cell(2, "qol", "x"), text)
        assert sum(problem.code == "not_a_number" for problem in report.problems) == 1


GROUPED = STUDY[: STUDY.index("[network]")] + '[group]\ncolumn = "net"\n'


class TestGroups:
    def test_group_that_varies(self, tmp_path: Path) -> None:
        report = report_on(tmp_path, twelve_long(), GROUPED)
        assert codes(report)["varies_within_person"][0] == 6
        assert report_on(tmp_path, twelve_long(), GROUPED + 'wave = "baseline"\n').ok

    @pytest.mark.parametrize(
        ("groups", "extra", "code"),
        [
            ([None] * 12, "", "no_group"),
            (list(range(60)), "", "too_many_groups"),
            (["all", "b"] * 6, "", "reserved_name"),
            (["a", "b"] * 6, 'reference = "c"\n', "unknown_group"),
            (["a", "b"] * 6, 'order = ["a"]\n', "unknown_group"),
        ],
    )
    def test_groups_that_cannot_be(self, tmp_path: Path, groups: list[object], extra: str, code: str) -> None:
        n = len(groups)
        frame = pd.DataFrame({"id": range(n), "qol_0": 1.0, "qol_1": 2.0, "net": groups})
        text = (
            GROUPED.replace('layout = "long"', 'layout = "wide"')
            .replace('wave = "t"\n', "")
            .replace("{ baseline = 0, year1 = 1 }", '["0", "1"]')
            .replace('column = "qol"', 'column = "qol_{wave}"')
        )
        report = report_on(tmp_path, frame, text + extra)
        assert code in codes(report)

    def test_unclassified_is_no_group(self) -> None:
        frame = twelve_wide().assign(g=["unclassified"] * 4 + ["b"] * 4 + ["a"] * 4)
        result = ls.compare_change(
            frame, person="id", outcome={"before": "qol_0", "after": "qol_1"}, group="g"
        )
        assert result.order == ("a", "b")
        assert result.by_group["unclassified"].n == 4

    def test_flags_are_groups(self) -> None:
        frame = twelve_wide().assign(g=[True, False] * 6)
        result = ls.compare_change(frame, outcome={"before": "qol_0", "after": "qol_1"}, group="g")
        assert result.order == ("False", "True")

    def test_series_with_a_label_outside_its_order(self) -> None:
        from larstudy.groups import groups_from_labels

        with pytest.raises(ls.LarstudyError, match="There is no group 'c'"):
            groups_from_labels(pd.Index([1, 2]), ["a", "c"], order=["a", "b"])
        with pytest.raises(ls.LarstudyError, match="There is no group 'c'"):
            groups_from_labels(pd.Index([1, 2]), ["a", "b"], reference="c")


class TestPartialWaves:
    """A wide outcome that was not asked at every wave: nobody has it there, and nobody vanishes."""

    TEXT = """
[data]
file = "w.csv"
layout = "wide"
person = "id"
waves = ["0", "1", "2"]
[outcomes.qol]
column = { 0 = "qol_0", 1 = "qol_1" }
higher_is = "better"
[network]
column = { 0 = "net_0", 1 = "net_1" }
values = { abstinent = ["abst"], drug_dominated = ["drug"], isolated = ["iso"] }
"""

    def test_rows_with_a_reason(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, twelve_wide(), self.TEXT, data="w.csv")
        analysis = ls.analyse(ls.load(path))
        change = analysis.to_frame("change").query("to_wave == '2' and group == 'all'").iloc[0]
        assert (change["n"], change["n_excluded"], change["reason"]) == (0, 12, "nobody has both waves")
        flow = analysis.to_frame("flow").query("to_wave == '2' and reason != ''")
        assert flow[["reason", "n"]].values.tolist() == [["no answers at 2", 12]]
        assert ls.reconcile(analysis).ok


def test_levels_of_a_rule_are_named(tmp_path: Path) -> None:
    text = STUDY[: STUDY.index("[network]")] + '[network]\nrule = "help_lived_alone"\n'
    frame = twelve_long().assign(O1B=1, O1C=1, A14A=0)
    frame.loc[0, "A14A"] = 2
    assert "outside the answers 0, 1 (row 2)" in report_on(tmp_path, frame, text).summary()


class TestLoad:
    def test_raises_what_check_lists(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, with_cell(4, "qol", "x"))
        with pytest.raises(ls.DataError) as error:
            ls.load(path)
        assert error.value.problems == ls.check(path).problems

    def test_study_file_and_arguments(self, study: Path) -> None:
        with pytest.raises(ls.LarstudyError, match="says everything itself"):
            ls.load(study, person="id")

    def test_empty_frame(self) -> None:
        frame = pd.DataFrame({"id": [], "t": [], "q": []})
        with pytest.raises(ls.DataError, match="there are no rows"):
            ls.load(frame, person="id", wave="t", waves={"a": 0, "b": 1}, outcomes={"q": "q"})

    def test_unknown_column_of_a_frame(self) -> None:
        frame = pd.DataFrame({"id": [1], "t": [0], "qual": [1.0]})
        with pytest.raises(
            ls.DataError,
            match=r"column 'qol': is not in data frame; outcomes\['x'\] names it\. Nearest name: 'qual'",
        ):
            ls.load(frame, person="id", wave="t", waves={"a": 0, "b": 1}, outcomes={"x": "qol"})

    def test_nothing_said(self) -> None:
        with pytest.raises(ls.SpecError) as error:
            ls.load(pd.DataFrame({"a": [1]}))
        assert {p.where for p in error.value.problems} == {"waves", "outcomes"}

    def test_wide_without_ids(self) -> None:
        frame = twelve_wide()[["qol_0", "qol_1"]]
        cohort = ls.load(frame, waves=["0", "1"], outcomes={"qol": "qol_{wave}"})
        assert cohort.persons.tolist() == list(range(1, 13))

    def test_the_frame_is_not_changed(self) -> None:
        frame = twelve_long()
        before = frame.copy(deep=True)
        ls.load(
            frame,
            person="id",
            wave="t",
            waves={"baseline": np.int64(0), "year1": np.float64(1)},
            outcomes={"qol": {"column": "qol", "higher_is": "better", "range": (0, 12)}},
            network={
                "column": "net",
                "values": {"abstinent": ["abst"], "drug_dominated": ["drug"], "isolated": ["iso"]},
            },
        )
        pd.testing.assert_frame_equal(frame, before)


class TestValueSets:
    TEXT = """
[data]
file = "eq.csv"
layout = "wide"
person = "id"
waves = ["0", "1"]
[outcomes.index]
instrument = "eq5d5l"
scale = "index"
items = { mobility = "mo{wave}", self_care = "sc{wave}", usual_activities = "ua{wave}", pain = "pd{wave}", anxiety = "ad{wave}" }
"""
    OVERRIDE = '[instruments.eq5d5l]\nvalue_set = "set.csv"\n'
    ADDITIVE = "dimension,level,decrement\n" + "\n".join(
        f"{d},{level},{0.01 * level * (i + 1)}"
        for i, d in enumerate(("mobility", "self_care", "usual_activities", "pain", "anxiety"))
        for level in (2, 3, 4, 5)
    )

    def frame(self) -> pd.DataFrame:
        rows = {"id": [1, 2, 3]}
        for wave, levels in (("0", (5, 3, 2)), ("1", (1, 2, 1))):
            for name in ("mo", "sc", "ua", "pd", "ad"):
                rows[name + wave] = list(levels)
        return pd.DataFrame(rows)

    def test_none_given(self, tmp_path: Path) -> None:
        report = ls.check(write_study(tmp_path, self.frame(), self.TEXT, data="eq.csv"))
        assert [p.code for p in report.errors] == ["value_set"]
        assert 'value_set = "file.csv" under [instruments.eq5d5l]' in report.summary()

    def test_decrements(self, tmp_path: Path) -> None:
        (tmp_path / "set.csv").write_text(self.ADDITIVE)
        path = write_study(tmp_path, self.frame(), self.TEXT + self.OVERRIDE, data="eq.csv")
        values = ls.outcome(ls.load(path), "index").values
        # 55555: 1 - .05 (1+2+3+4+5) = .25; 33333: 1 - .03 x 15 = .55; 22222: 1 - .02 x 15 = .7; 11111: 1
        np.testing.assert_allclose(values, [[0.25, 1.0], [0.55, 0.7], [0.7, 1.0]])

    def test_profiles(self, tmp_path: Path) -> None:
        import itertools

        lines = ["profile;value"]
        for levels in itertools.product("12345", repeat=5):
            lines.append(f"{''.join(levels)};0,5")
        (tmp_path / "set.csv").write_text("\n".join(lines))
        path = write_study(tmp_path, self.frame(), self.TEXT + self.OVERRIDE, data="eq.csv")
        assert (ls.outcome(ls.load(path), "index").values == 0.5).all()
        scored = ls.score(
            self.frame(),
            "eq5d5l",
            items={
                "mobility": "mo0",
                "self_care": "sc0",
                "usual_activities": "ua0",
                "pain": "pd0",
                "anxiety": "ad0",
            },
            value_set=tmp_path / "set.csv",
        )
        assert scored.to_frame()["index"].tolist() == [0.5, 0.5, 0.5]
        assert scored.scales == ("profile", "index")

    @pytest.mark.parametrize(
        ("content", "text"),
        [
            ("profile,value\n11111,1\n", "3124 of 3125 profiles have no value"),
            ("profile,value\n11111,x\n", "not a number"),
            ("a,b\n1,2\n", "neither profile and value"),
            ("dimension,level,decrement\nmobility,2,0.1\n", "one decrement for the levels 2 to 5"),
            ("dimension,level,decrement\nmobility,2\n", "fewer cells"),
        ],
    )
    def test_wrong_sets(self, tmp_path: Path, content: str, text: str) -> None:
        (tmp_path / "set.csv").write_text(content)
        path = write_study(tmp_path, self.frame(), self.TEXT + self.OVERRIDE, data="eq.csv")
        assert text in ls.check(path).summary()

    def test_score_without_a_set(self) -> None:
        items = {
            "mobility": "mo0",
            "self_care": "sc0",
            "usual_activities": "ua0",
            "pain": "pd0",
            "anxiety": "ad0",
        }
        assert ls.score(self.frame(), "eq5d5l", items=items).scales == ("profile",)
        with pytest.raises(ls.SpecError, match="needs a value set"):
            ls.score(self.frame(), "eq5d5l", items=items, scales=["index"])


class TestNotes:
    """What does not stop a run, but is worth knowing, also beside the results."""

    def notes(self, report: ls.ValidationReport) -> dict[str, str]:
        return {p.code: p.text() for p in report.problems if p.severity == "note"}

    def test_ids_written_in_two_ways_and_nobody_pairs(self, tmp_path: Path) -> None:
        frame = twelve_long().astype({"id": object})
        frame["id"] = [f"00{i}" if t else f"{i}" for i, t in zip(frame["id"], frame["t"], strict=True)]
        report = report_on(tmp_path, frame)
        assert [p.code for p in report.errors] == ["nobody_pairs"]
        assert "nobody has rows at two waves" in report.summary()
        assert "22 ids differ only by capital letters or zeros in front" in self.notes(report)["like_ids"]

    def test_decimals_of_an_id_are_no_other_person(self, tmp_path: Path) -> None:
        """A column of ids with a gap in it is written as 1.0, 2.0 by some programs."""
        frame = twelve_long().astype({"id": object})
        frame["id"] = [f"{i}.0" if t else f"{i}" for i, t in zip(frame["id"], frame["t"], strict=True)]
        cohort = ls.load(write_study(tmp_path, frame))
        assert cohort.persons.tolist() == list(range(1, 13))

    def test_one_group(self, tmp_path: Path) -> None:
        text = STUDY[: STUDY.index("[network]")] + '[group]\ncolumn = "g"\n'
        report = report_on(tmp_path, twelve_long().assign(g="a"), text)
        assert report.ok
        assert "one group only, so that nothing can be compared" in self.notes(report)["one_group"]

    def test_nothing_answered(self, tmp_path: Path) -> None:
        frame = twelve_long()
        report = report_on(tmp_path, frame.assign(qol=frame["qol"].where(frame["t"] == 0)))
        assert report.ok
        assert "column 'qol': holds no answer at year1" in self.notes(report)["empty_at_wave"]
        report = report_on(tmp_path, frame.assign(qol=np.nan))
        assert "holds no answer at any wave. Check the column that [outcomes.qol] names" in report.summary()

    def test_covariate_and_status_that_are_empty(self, tmp_path: Path) -> None:
        frame = twelve_long().assign(age=np.nan, status=np.nan)
        report = report_on(tmp_path, frame, STUDY + STATUS + COVARIATES)
        assert {(p.where, p.remedy) for p in report.errors} == {
            ("column 'age'", "Check the column that [covariates] names"),
            ("column 'status'", "Check the column that [treatment_status] names"),
        }


class TestMissingCodes:
    def test_of_one_table(self, tmp_path: Path) -> None:
        """9 is no answer to the outcome and a true age; each table may have codes of its own."""
        frame = twelve_long().assign(qol=lambda f: f["qol"].fillna(9), age=lambda f: f["age"].replace(44, 9))
        text = STUDY.replace("range = [0, 12]", "range = [0, 12]\nmissing_codes = [9]") + COVARIATES
        path = write_study(tmp_path, frame, text)
        cohort = ls.load(path)
        # persons 12 at baseline, 3 and 7 at year1 have a 9
        assert np.isnan(cohort.numbers["outcome", "qol"]).sum() == 4
        assert cohort.covariates["age"][11] == 9
        note = next(p for p in ls.check(path).problems if p.code == "missing_code_in_range")
        assert (note.n, note.severity) == (3, "note")
        assert "3 cells hold a missing code and are no answer; 9 could be an answer here" in note.what
        assert any("9 could be an answer here" in note for note in cohort.notes)

    def test_of_all_tables_and_none_of_one(self, tmp_path: Path) -> None:
        frame = twelve_long().fillna({"age": -9})
        frame.loc[0, "qol"] = -9
        text = STUDY.replace('wave = "t"\n', 'wave = "t"\nmissing_codes = [-9]\n') + COVARIATES
        path = write_study(tmp_path, frame, text)
        report = ls.check(path)
        assert report.ok
        assert {p.code for p in report.problems} == {"missing_code"}
        assert ls.load(path).notes == ()
        own = text.replace("range = [0, 12]", "range = [0, 12]\nmissing_codes = []")
        assert (
            "column 'qol': 1 value is outside 0 to 12"
            in ls.check(write_study(tmp_path, frame, own)).summary()
        )

    def test_a_category_that_is_a_missing_code(self, tmp_path: Path) -> None:
        text = STUDY.replace('wave = "t"\n', 'wave = "t"\nmissing_codes = ["iso"]\n')
        report = report_on(tmp_path, twelve_long(), text)
        assert "code 'iso' is also one of missing_codes" in report.summary()


def test_complex_numbers_are_no_answers() -> None:
    frame = twelve_wide().assign(qol_0=lambda f: f["qol_0"].astype(complex))
    with pytest.raises(ls.DataError, match="12 cells hold something that is a complex number"):
        ls.load(frame, person="id", waves=["0", "1"], outcomes={"qol": {"0": "qol_0", "1": "qol_1"}})


def test_column_that_is_the_index() -> None:
    frame = twelve_wide().set_index("id")
    with pytest.raises(
        ls.DataError, match=r"column 'id'.*It is the index of the frame: call reset_index\(\)"
    ):
        ls.load(frame, person="id", waves=["0", "1"], outcomes={"qol": {"0": "qol_0", "1": "qol_1"}})


class TestHonestMistakes:
    def test_words_in_a_column_with_decimal_commas(self, tmp_path: Path) -> None:
        """The words are wrong, not the commas beside them."""
        frame = twelve_long().astype({"qol": object})
        frame["qol"] = ["" if pd.isna(x) else "12" if x == 12 else f"{x:.0f},5" for x in frame["qol"]]
        frame.loc[2, "qol"] = "ukjent"
        path = write_study(tmp_path, frame, sep=";")
        (problem,) = ls.check(path).errors
        assert (problem.what, problem.rows) == ("1 cell holds something that is not a number", (4,))

    def test_decimal_commas_in_a_frame(self) -> None:
        frame = twelve_wide().assign(qol_0="5,5")
        with pytest.raises(
            ls.DataError, match=r"decimal comma \(make it a column of numbers if that is meant\)"
        ):
            ls.load(frame, person="id", waves=["0", "1"], outcomes={"qol": {"0": "qol_0", "1": "qol_1"}})

    @pytest.mark.parametrize("column", ["id", "t"])
    def test_persons_or_waves_as_a_covariate(self, tmp_path: Path, column: str) -> None:
        """Its levels would be written into the results: a person's id is no covariate."""
        report = report_on(tmp_path, twelve_long(), STUDY + f'\n[covariates]\ncolumns = ["{column}"]')
        assert f"covariates: '{column}' is the column of the persons or the waves" in report.summary()

    def test_neither_networks_nor_groups(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, twelve_long(), STUDY[: STUDY.index("[network]")])
        report = ls.check(path)
        assert report.ok
        assert "says nothing of networks or groups" in report.summary()
        assert ls.load(path).notes == ()

    def test_no_second_problem_where_ids_or_waves_are_not_found(self, tmp_path: Path) -> None:
        for column in ("id", "t"):
            report = report_on(tmp_path, twelve_long().rename(columns={column: "x"}))
            assert [p.code for p in report.errors] == ["unknown_column"]

    def test_title_above_the_header(self, tmp_path: Path) -> None:
        path = write_study(tmp_path, twelve_long())
        content = (tmp_path / "twelve.csv").read_text()
        (tmp_path / "twelve.csv").write_text("Pasientdata 2019,,,,,\n" + content)
        assert [p.code for p in ls.check(path).errors][:1] == ["title_row"]
        assert "a title above the names of the columns?" in ls.check(path).summary()

    def test_no_break_spaces_in_names(self, tmp_path: Path) -> None:
        frame = twelve_long().rename(columns={"qol": "QoL\N{NO-BREAK SPACE}score"})
        text = STUDY.replace('column = "qol"', 'column = "QoL score"')
        assert report_on(tmp_path, frame, text).ok

    def test_data_file_where_a_study_file_is_expected(self, study: Path) -> None:
        report = ls.check(study.parent / "twelve.csv")
        assert "is a data file, where a study file (.toml) is expected" in report.summary()
        assert ls.check(".").summary().startswith(". ") or ls.check(".").title == "."

    def test_rule_that_is_not_there_is_told_once(self, tmp_path: Path) -> None:
        text = (
            STUDY[: STUDY.index("[network]")]
            + """[network]
rule = "EuropASI"
columns = { free_time_with = "net" }
[[network.alternative]]
column = "net"
values = { abstinent = ["abst"], drug_dominated = ["drug"], isolated = ["iso"] }
"""
        )
        assert [p.where for p in report_on(tmp_path, twelve_long(), text).errors] == ["network.rule"]
