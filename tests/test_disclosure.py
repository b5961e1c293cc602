"""Disclosure control: what few people rest on is withheld, and cannot be worked out from anything shown."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import larstudy as ls
from larstudy.analysis import PARTS
from larstudy.cli import main
from larstudy.disclosure import Protected, protect, with_whole_counts
from larstudy.disclosure_cells import study_cells
from larstudy.errors import LarstudyError, SpecError, UnknownNameError
from larstudy.protected_figures import ProtectedFigures
from larstudy.specs.disclosure import list_presets, read_preset
from larstudy.stats.suppression import Counts, possible_values, protect_counts, unsafe_counts
from tests.conftest import STUDY, twelve_long, write_study

N5 = read_preset("n5")


def counts_of(values: list[float], sums: list[list[float]], costs: list[float] | None = None) -> Counts:
    return Counts(
        values=np.array(values, dtype=float),
        sums=np.array(sums, dtype=float).reshape(-1, len(values)),
        costs=np.array(costs or [1.0] * len(values)),
    )


class TestSuppression:
    def test_a_small_count_takes_the_cheapest_of_its_sum_with_it(self) -> None:
        # 40 + 30 + 2 = 72: the 2 alone would follow from the rest.
        counts = counts_of([40, 30, 2, 72], [[1, 1, 1, -1]], [9, 5, 1, 7])
        hidden = protect_counts(counts, np.array([False, False, True, False]), width=4)
        assert hidden.tolist() == [False, True, True, False]

    def test_two_small_counts_that_hold_each_other_tight_take_a_third(self) -> None:
        # 1 + 1 + 30 = 32: with both withheld each is 0 to 2, which is too close.
        counts = counts_of([1, 1, 30, 32], [[1, 1, 1, -1]], [1, 1, 5, 9])
        hidden = protect_counts(counts, np.array([True, True, False, False]), width=4)
        assert hidden.tolist() == [True, True, True, False]

    def test_what_is_known_anyway_is_not_withheld(self) -> None:
        counts = counts_of([2, 30, 32], [[1, 1, -1]], [1, 9, 1])
        hidden = protect_counts(
            counts, np.array([True, False, False]), width=4, fixed=np.array([False, False, True])
        )
        assert hidden.tolist() == [True, True, False]

    def test_sums_that_share_a_count(self) -> None:
        # Two tables of the same total: 3 + 20 = 23 and 11 + 12 = 23. Withholding 23 alone would not do.
        counts = counts_of([3, 20, 23, 11, 12], [[1, 1, -1, 0, 0], [0, 0, -1, 1, 1]], [1, 9, 2, 5, 6])
        hidden = protect_counts(counts, np.array([True, False, False, False, False]), width=4)
        assert unsafe_counts(counts, hidden, width=4, of=np.array([True] + [False] * 4)) == ()
        assert hidden[0]

    def test_nothing_small_nothing_withheld(self) -> None:
        counts = counts_of([20, 30, 50], [[1, 1, -1]])
        assert not protect_counts(counts, np.zeros(3, dtype=bool), width=4).any()
        assert unsafe_counts(counts, np.zeros(3, dtype=bool), width=4) == ()

    def test_possible_values(self) -> None:
        # x + y = 7, y + z = 3: y is 0 to 3, so x is 4 to 7.
        matrix = np.array([[1.0, 1, 0], [0, 1, 1]])
        assert possible_values(matrix, np.array([7.0, 3]), 0) == (4.0, 7.0)
        assert possible_values(np.array([[1.0, -1]]), np.array([2.0]), 0) == (2.0, np.inf)

    @settings(deadline=None, max_examples=40)
    @given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=3), min_size=2, max_size=3).filter(
        lambda rows: len({len(row) for row in rows}) == 1
    ))  # fmt: skip
    def test_an_attacker_who_tries_every_table_finds_no_small_count(self, rows: list[list[int]]) -> None:
        """By brute force: all tables of whole numbers with the shown cells and margins are tried."""
        table = np.array(rows)
        cells, (r, c) = table.ravel().tolist(), table.shape
        margins = [*table.sum(axis=1).tolist(), *table.sum(axis=0).tolist()]
        sums = []
        for i in range(r):
            sums.append([float(k // c == i) for k in range(r * c)] + [-float(j == i) for j in range(r + c)])
        for i in range(c):
            sums.append(
                [float(k % c == i) for k in range(r * c)] + [-float(j == r + i) for j in range(r + c)]
            )
        values = np.array(cells + margins, dtype=float)
        counts = Counts(values=values, sums=np.array(sums), costs=np.array([1.0] * (r * c) + [3.0] * (r + c)))
        small = (values > 0) & (values < 3)
        hidden = protect_counts(counts, small, width=2)
        for place in np.flatnonzero(small):
            assert hidden[place]
        free = [k for k in range(r * c) if hidden[k]]
        if len(free) > 3:
            return
        seen: dict[int, set[int]] = {int(p): set() for p in np.flatnonzero(small)}
        for guess in itertools.product(range(19), repeat=len(free)):
            trial = np.array(cells)
            trial[free] = guess
            whole = np.concatenate([trial, trial.reshape(r, c).sum(axis=1), trial.reshape(r, c).sum(axis=0)])
            if (whole[~hidden] == values[~hidden]).all():
                for place, found in seen.items():
                    found.add(int(whole[place]))
        assert all(len(found) >= 2 for found in seen.values())


@pytest.fixture(scope="module")
def frames(help_analysis: ls.Analysis) -> dict[str, pd.DataFrame]:
    return {part: help_analysis.to_frame(part) for part in PARTS}


@pytest.fixture(scope="module")
def protected(frames: dict[str, pd.DataFrame]) -> Protected:
    return protect(frames, N5)


class TestTables:
    def test_no_small_count_is_left_in_any_table(self, protected: Protected) -> None:
        for part, frame in protected.frames.items():
            for column in ("n", "n_excluded", "n_lost", "n_seen", "n_entered", "count"):
                if column in frame.columns:
                    values = frame[column].to_numpy(dtype=float)
                    assert not ((values > 0) & (values < 5)).any(), (part, column)

    def test_sums_do_not_give_them_away(self, frames: dict[str, pd.DataFrame], protected: Protected) -> None:
        """The attack, apart from how cells were chosen: each small count keeps values 4 or more apart."""
        keys, counts, fixed = study_cells(frames).counts()
        hidden = np.array([key in protected.hidden for key in keys])
        small = (counts.values > 0) & (counts.values < 5) & ~fixed
        assert small.sum() == protected.n_small > 0
        assert (hidden[small]).all()
        assert unsafe_counts(counts, hidden, width=4, of=small) == ()

    def test_who_answered_at_the_start_does_not_tell_who_did_not(self, protected: Protected) -> None:
        """470 came in, and 2 had no first score: 468, as other tables say, would give the 2 back."""
        for part in ("missing", "weights"):
            rows = protected.frames[part].query("outcome == 'mental'")
            assert len(rows)
            assert rows["n_entered"].isna().all(), part
        answered = protected.frames["missing"].query("outcome == 'depressive_symptoms'")["n_entered"]
        assert answered.dropna().isin([470]).all()

    def test_the_sums_are_those_of_the_tables(self, frames: dict[str, pd.DataFrame]) -> None:
        _, counts, _ = study_cells(frames).counts()
        assert len(counts.sums) > 100
        assert np.abs(counts.sums @ counts.values).max() == 0

    def test_groups_of_many_are_shown(self, protected: Protected, frames: dict[str, pd.DataFrame]) -> None:
        here = "outcome == 'mental' and to_wave == 'month12'"
        shown = protected.frames["change"].query(here).set_index("group")
        whole = frames["change"].query(here).set_index("group")
        groups = ["maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated"]
        assert shown.loc[groups, "n"].tolist() == [48, 67, 71, 21]
        assert shown.loc[groups, "estimate"].tolist() == whole.loc[groups, "estimate"].tolist()
        # Of all, 207 have a group, as every model says: with 215 the 8 others, and the 2 of a reason, would follow.
        assert shown.loc["all", ["n", "estimate", "df", "conf_low"]].isna().all()
        assert shown.loc["all", "withheld"] == "few people"

    def test_a_row_that_is_withheld_has_no_number_left(self, protected: Protected) -> None:
        for part in ("change", "effects", "definitions"):
            frame = protected.frames[part]
            gone = frame[frame["withheld"] == "few people"]
            assert len(gone)
            numbers = gone.select_dtypes("number").drop(columns=["draws"], errors="ignore")
            assert numbers.isna().all(axis=None), part

    def test_shares_go_with_their_row(self, protected: Protected) -> None:
        frame = protected.frames["transitions"]
        began = frame.groupby(["to_wave", "from_category"])
        for _, rows in began:
            if rows["n"].isna().any():
                assert rows["share_of_row"].isna().all()

    def test_why_people_left_is_still_told(
        self, protected: Protected, frames: dict[str, pd.DataFrame]
    ) -> None:
        assert protected.frames["flow"]["reason"].tolist() == frames["flow"]["reason"].tolist()

    def test_rounding(self, frames: dict[str, pd.DataFrame]) -> None:
        rounded = protect(frames, read_preset("opensafely"))
        values = rounded.frames["change"]["n"].dropna()
        assert len(values)
        assert (values % 5 == 0).all()
        # A standard error and a standard deviation would give n back.
        assert rounded.frames["change"][["std_error", "df", "statistic"]].isna().all(axis=None)

    def test_extremes_are_not_shown(self, protected: Protected) -> None:
        assert protected.frames["weights"][["smallest", "largest"]].isna().all(axis=None)

    def test_what_is_given_is_left_as_it_is(
        self, frames: dict[str, pd.DataFrame], protected: Protected
    ) -> None:
        assert "withheld" not in frames["change"].columns
        assert frames["change"]["n"].notna().all()

    def test_open_and_synthetic_data_are_whole(self, frames: dict[str, pd.DataFrame]) -> None:
        whole = protect(frames, read_preset("open"))
        assert whole.frames["change"] is frames["change"]
        assert whole.note() == "Nothing is withheld: the data are open."

    def test_note_and_record(self, protected: Protected) -> None:
        assert protected.note().startswith("Disclosure control 'n5': counts of 1 to 4 are withheld")
        record = protected.record()
        assert (record["preset"], record["minimum"], record["verified"]) == ("n5", 5, True)
        assert record["counts_small"] == protected.n_small

    def test_whole_counts(self) -> None:
        frame = pd.DataFrame({"n": [3.0, np.nan], "n_lost": [0.5, np.nan], "estimate": [1.0, np.nan]})
        assert [str(kind) for kind in with_whole_counts(frame).dtypes] == ["Int64", "float64", "float64"]
        assert with_whole_counts(frame[:1]) is not None


class TestFigures:
    def test_nothing_of_a_withheld_group_is_drawn(
        self, help_analysis: ls.Analysis, protected: Protected
    ) -> None:
        draw = ProtectedFigures(help_analysis, protected)
        where = {"outcome": "mental", "from_wave": "baseline", "to_wave": "month12"}
        drawn = draw("change", **where)
        assert set(drawn.data["group"]) == {
            "maintained_abstinent",
            "gained_abstinent",
            "drug_dominated",
            "isolated",
        }
        flow = draw("flow", **where)
        assert "With answers at both waves: n = withheld" in flow.alt
        assert "n = 207" in flow.alt
        for what in ("followup", "change_by_group", "bracket", "lost"):
            assert len(draw(what, **where).data)
        assert draw("lost", **where).title.startswith("Who was lost: Mental")
        with pytest.raises(LarstudyError, match="withheld that they are not drawn"):
            draw("transitions", **where)

    def test_a_difference_that_is_withheld(
        self, help_analysis: ls.Analysis, frames: dict[str, pd.DataFrame]
    ) -> None:
        draw = ProtectedFigures(help_analysis, protect(frames, read_preset("uk10")))
        where = {"outcome": "mental", "from_wave": "baseline", "to_wave": "month12"}
        with pytest.raises(LarstudyError, match="few people, and is withheld"):
            draw("specifications", **where, group="gained_abstinent")


class TestStudyFile:
    def study(self, tmp_path: Path, more: str, *, synthetic: bool = False) -> Path:
        text = STUDY.replace('title = "Twelve"', 'title = "Twelve"\nsynthetic = true') if synthetic else STUDY
        return write_study(tmp_path, twelve_long(), text + more)

    def test_presets(self) -> None:
        assert list_presets() == ("n5", "opensafely", "ssb3", "synthetic", "uk10")
        assert {name: read_preset(name).minimum for name in list_presets()} == {
            "n5": 5, "opensafely": 8, "ssb3": 3, "synthetic": 0, "uk10": 10,
        }  # fmt: skip
        with pytest.raises(UnknownNameError, match="n5"):
            read_preset("n6")

    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ('preset = "synthetic"', "is for data that larstudy made and stamped as synthetic"),
            ('preset = "open"', "'open' is not a preset"),
            ("minimum = 3", "3 is less strict than the preset 'n5', which has 5"),
            ('preset = "opensafely"\nround_to = 1', "1 is less strict than the preset 'opensafely'"),
            ("minimun = 9", "minimun"),
        ],
    )
    def test_what_is_refused(self, tmp_path: Path, more: str, said: str) -> None:
        with pytest.raises(SpecError) as error:
            ls.load(self.study(tmp_path, f"[disclosure]\n{more}\n"))
        assert said in str(error.value)

    def test_stricter(self, tmp_path: Path) -> None:
        spec = ls.load(self.study(tmp_path, "[disclosure]\nminimum = 20\nround_to = 10\n")).spec
        assert (spec.disclosure.id, spec.disclosure.minimum, spec.disclosure.round_to) == ("n5", 20, 10)

    def test_defaults(self, tmp_path: Path) -> None:
        assert ls.load(self.study(tmp_path, "")).spec.disclosure.id == "n5"
        assert ls.load(self.study(tmp_path, "", synthetic=True)).spec.disclosure.id == "synthetic"

    def test_twelve_people(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Groups of 4, 3, 2 and 1: hardly anything may be shown, in no file and not on the screen."""
        out = tmp_path / "out"
        assert main(["analyse", str(self.study(tmp_path, "")), "--out", str(out), "--quiet"]) == 0
        said = capsys.readouterr().out
        assert "Disclosure control 'n5'" in said
        assert "mean change" not in said
        change = pd.read_csv(out / "tables" / "change.csv")
        assert change["n"].dropna().isin([0, 5, 6, 7, 8, 9, 10, 11, 12]).all()
        run = json.loads((out / "run.json").read_text(encoding="utf-8"))
        assert run["disclosure"]["preset"] == "n5"
        assert not any("fewer than 5 persons" in note for note in run["notes"])
        report = (out / "report.html").read_text(encoding="utf-8")
        assert "Disclosure control" in report
        assert "Avsløringskontroll" in report
        assert not (out / "figures" / "change_qol.svg").exists()
