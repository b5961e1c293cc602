"""What the figures of a study draw: marks against numbers that can be worked out by hand, and nothing private."""

from __future__ import annotations

import re
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import larstudy as ls
from larstudy import figures
from larstudy.catalogue import say
from larstudy.errors import LarstudyError, UnknownNameError
from larstudy.figures.words import withheld_words
from larstudy.names import COLOURS, LANGUAGES, Language
from larstudy.report_figures import outcome_figures
from tests.figure_checks import containers_by_gid, overlaps

MEANS = pd.DataFrame(
    [
        {"stratum": s, "group": g, "wave": w, "n": n, "mean": m, "conf_low": m - 1, "conf_high": m + 1}
        for s, g, n, pair in (
            ("completed", "gained_abstinent", 30, (4.0, 7.0)),
            ("completed", "isolated", 1, (3.0, 9.0)),
            ("dropped_out", "gained_abstinent", 5, (2.0, 2.5)),
        )
        for w, m in zip(("baseline", "year1"), pair, strict=True)
    ]
)  # fmt: skip
PERSONS = pd.DataFrame(
    {
        "stratum": "completed",
        "group": "gained_abstinent",
        "before": np.arange(100.0),
        "after": np.arange(100.0) * 2,
    }
)
CHANGE = pd.DataFrame(
    [
        {"group": "all", "n": 33, "estimate": 1.0, "conf_low": 0.0, "conf_high": 2.0},
        {"group": "gained_abstinent", "n": 20, "estimate": 2.0, "conf_low": 1.0, "conf_high": 3.0},
        {"group": "drug_dominated", "n": 12, "estimate": 0.5, "conf_low": -1.0, "conf_high": 2.0},
        {"group": "isolated", "n": 1, "estimate": 9.0, "conf_low": np.nan, "conf_high": np.nan},
    ]
)


class TestFollowup:
    def test_a_panel_each_status(self) -> None:
        result = figures.plot_baseline_to_followup(MEANS, title="QoL", higher_is="better")
        completed, dropped = result.axes.child_axes
        line = containers_by_gid(completed)["followup-gained_abstinent"]
        np.testing.assert_allclose(line.lines[0].get_ydata(), [4.0, 7.0])
        (low, high) = line.lines[2][0].get_segments()[1][:, 1]
        assert (low, high) == (6.0, 8.0)
        assert to_hex(line.lines[0].get_color()).upper() == COLOURS["gained_abstinent"]
        assert completed.get_title(loc="left") == "Completed treatment (n = 30)"
        assert dropped.get_title(loc="left") == "Dropped out (n = 5)"
        assert completed.get_ylabel() == "Mean with interval (up is better)"

    def test_the_mean_of_one_is_not_drawn(self) -> None:
        result = figures.plot_baseline_to_followup(MEANS)
        assert "followup-isolated" not in containers_by_gid(result.axes.child_axes[0])
        assert "isolated" not in set(result.data["group"])
        assert "9.00" not in result.alt

    def test_lines_of_persons_only_where_asked(self) -> None:
        def lines(result: figures.FigureResult) -> int:
            return sum(line.get_gid() == "person" for ax in result.axes.child_axes for line in ax.lines)

        private = figures.plot_baseline_to_followup(MEANS, PERSONS)
        assert lines(private) == 0
        assert private.alt.endswith("No person's line is drawn.")
        shown = figures.plot_baseline_to_followup(MEANS, PERSONS, private=False)
        # thinned from 100 to 60, both ends of the order of change among them
        assert lines(shown) == 60
        assert shown.alt.endswith("Thin lines: 60 of 100 persons.")
        drawn = {
            tuple(line.get_ydata()) for line in shown.axes.child_axes[0].lines if line.get_gid() == "person"
        }
        assert {(0.0, 0.0), (99.0, 198.0)} <= drawn

    def test_one_narrow_interval_gives_all_three_decimals(self) -> None:
        narrow = MEANS.copy()
        narrow.loc[narrow.index[0], ["mean", "conf_low", "conf_high"]] = [4.0, 3.95, 4.05]
        said = figures.plot_baseline_to_followup(narrow).alt
        assert "Baseline 4.000 (3.950 to 4.050)" in said
        assert "Year 1 7.000 (6.000 to 8.000)" in said

    def test_alt(self) -> None:
        result = figures.plot_baseline_to_followup(MEANS, title="QoL", lang="nn")
        assert result.alt == (
            "QoL: Gjennomsnitt med intervall; Fullført behandling, Fekk rusfritt nettverk (n = 30): Ved start 4,00"
            " (3,00 til 5,00), År 1 7,00 (6,00 til 8,00); Fall ut av behandling, Fekk rusfritt nettverk (n = 5):"
            " Ved start 2,00 (1,00 til 3,00), År 1 2,50 (1,50 til 3,50)."
        )

    def test_nobody(self) -> None:
        empty = figures.plot_baseline_to_followup(MEANS[MEANS["n"] == 1])
        assert len(empty.data) == 0
        assert len(empty.axes.child_axes) == 1


class TestChangeByGroup:
    changes: ClassVar = {
        "gained_abstinent": np.linspace(-4.0, 8.0, 20),
        "drug_dominated": np.linspace(-3.0, 4.0, 12),
        "isolated": np.array([9.0]),
    }

    def test_private(self) -> None:
        result = figures.plot_change_by_group(CHANGE, self.changes)
        assert not [c for c in result.axes.collections if str(c.get_gid()).startswith("points-")]
        violins = [c for c in result.axes.collections if str(c.get_gid()).startswith("violin-")]
        # of twelve there is none
        assert [c.get_gid() for c in violins] == ["violin-gained_abstinent"]
        x = violins[0].get_paths()[0].vertices[:, 0]
        # -4 to 8 in 19 steps: the 5th percentile is 0.95 steps in, the 95th as far from the other end
        step = 12 / 19
        assert (x.min(), x.max()) == (pytest.approx(-4 + 0.95 * step), pytest.approx(8 - 0.95 * step))
        assert result.alt.endswith(
            "No person's point is drawn. The shapes end at the 5th and the 95th percentile."
        )

    def test_points(self) -> None:
        result = figures.plot_change_by_group(CHANGE, self.changes, private=False)
        points = {
            c.get_gid(): c.get_offsets() for c in result.axes.collections if "points" in str(c.get_gid())
        }
        assert sorted(points) == ["points-drug_dominated", "points-gained_abstinent", "points-isolated"]
        np.testing.assert_allclose(points["points-gained_abstinent"][:, 0], self.changes["gained_abstinent"])
        assert (
            (points["points-drug_dominated"][:, 1] > 1) & (points["points-drug_dominated"][:, 1] < 1.5)
        ).all()

    def test_nobodys_random_numbers_are_used(self) -> None:
        np.random.seed(3)  # noqa: NPY002
        before = np.random.get_state()[1].tolist()  # noqa: NPY002
        one, two = (figures.plot_change_by_group(CHANGE, self.changes, private=False) for _ in range(2))
        assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
        assert one.to_bytes("svg") == two.to_bytes("svg")

    def test_means(self) -> None:
        result = figures.plot_change_by_group(CHANGE, self.changes, higher_is="worse")
        drawn = containers_by_gid(result.axes)
        # neither everybody nor the one
        assert sorted(drawn) == ["change-drug_dominated", "change-gained_abstinent"]
        assert drawn["change-gained_abstinent"].lines[0].get_xdata()[0] == 2.0
        assert result.axes.get_xlabel() == "Change: mean with interval (left is better)"
        assert result.data["group"].tolist() == ["gained_abstinent", "drug_dominated"]

    def test_all_alike_have_no_shape(self) -> None:
        same = figures.plot_change_by_group(CHANGE, {"gained_abstinent": np.full(20, 2.0)})
        assert not [c for c in same.axes.collections if str(c.get_gid()).startswith("violin-")]


class TestStreams:
    counts = np.array([[40, 6, 0, 0], [30, 20, 3, 0], [0, 0, 0, 0], [1, 0, 0, 0]])
    names = ("abstinent", "drug_dominated", "isolated", "unclassified")

    def test_every_stream(self) -> None:
        result = figures.plot_transitions(self.counts, self.names, waves=("baseline", "year1"))
        rows = {(r["from_category"], r["to_category"]): r["n"] for r in result.data.to_dict("records")}
        assert rows == {
            ("abstinent", "abstinent"): 40, ("abstinent", "drug_dominated"): 6,
            ("drug_dominated", "abstinent"): 30, ("drug_dominated", "drug_dominated"): 20,
            ("drug_dominated", "isolated"): 3, ("unclassified", "abstinent"): 1,
        }  # fmt: skip
        blocks = {p.get_gid(): p.get_height() for p in result.axes.patches if p.get_gid()}
        assert blocks["block-before-drug_dominated"] == 53
        assert blocks["block-after-abstinent"] == 71
        # nobody was isolated at the start
        assert "block-before-isolated" not in blocks
        assert "Drug-dominated network\nn = 53" in [t.get_text() for t in result.axes.texts]
        assert "drug-dominated network → isolated 3" in result.alt

    def test_small_ones_are_withheld(self) -> None:
        result = figures.plot_transitions(self.counts, self.names, waves=("a", "b"), minimum=5)
        assert result.data["n"].tolist() == [40, 6, 30, 20]
        shown = [text.get_text() for text in result.axes.texts]
        assert "Drug-dominated network\nn ≥ 50" in shown
        assert not any("Isolated" in text for text in shown)
        assert result.alt.endswith("Streams of fewer than 5 persons are not shown.")

    def test_nobody_at_all(self) -> None:
        result = figures.plot_transitions(np.zeros((4, 4), int), self.names, waves=("a", "b"))
        assert len(result.data) == 0


class TestFlow:
    rows = (
        {"step": "entered", "reason": "", "n": 50},
        {"step": "paired", "reason": "no answers at year1", "n": 3, "to_wave": "year1"},
        {"step": "paired", "reason": "", "n": 47},
    )

    def test_boxes_and_groups(self) -> None:
        result = figures.plot_flow(self.rows, [("isolated", 4), ("Clinic A", 43)], lang="nb")
        shown = {t.get_gid(): t.get_text() for t in result.axes.texts if t.get_gid()}
        assert shown["flow-entered"] == "I datafilen\nn = 50"
        assert shown["lost-paired"] == "Utelatt\ningen svar ved år 1: 3"
        assert shown["group-Clinic A"] == "Clinic A\nn = 43"
        assert result.data["n"].tolist() == [50, 3, 47, 4, 43]

    def test_small_counts_are_withheld(self) -> None:
        result = figures.plot_flow(self.rows, [("isolated", 4), ("Clinic A", 43)], minimum=5)
        shown = {t.get_gid(): t.get_text() for t in result.axes.texts if t.get_gid()}
        assert shown["lost-paired"] == "Left out\nno answers at year 1: < 5"
        assert shown["group-isolated"] == "Isolated\nn < 5"
        assert result.data["n"].isna().tolist() == [False, True, False, True, False]
        assert not any(word in result.alt for word in (": 3", "n = 4,", "n = 4."))

    def test_nobody(self) -> None:
        assert len(figures.plot_flow([], [("a", 3)]).data) == 0


class TestLost:
    def test_largest_first(self) -> None:
        frame = pd.DataFrame(
            [
                {"term": "baseline", "level": "", "n_lost": 30, "n_seen": 70, "d_rms": 0.05, "d_rms_low": -0.2, "d_rms_high": 0.3},
                {"term": "network", "level": "isolated", "n_lost": 29, "n_seen": 70, "d_rms": -0.4, "d_rms_low": -0.6, "d_rms_high": -0.2},
                {"term": "age", "level": "", "n_lost": 30, "n_seen": 70, "d_rms": np.nan, "d_rms_low": np.nan, "d_rms_high": np.nan},
                {"term": "sex", "level": "w", "n_lost": 30, "n_seen": 70, "d_rms": 0.2, "d_rms_low": np.nan, "d_rms_high": np.nan},
            ]
        )  # fmt: skip
        result = figures.plot_lost(frame, title="Lost")
        assert result.data["d_rms"].tolist() == [-0.4, 0.2, 0.05]
        names = [tick.get_text() for tick in result.axes.get_yticklabels()]
        assert names == ["Isolated", "sex: w", "Score at the first wave"]
        markers = {gid: c.lines[0].get_marker() for gid, c in containers_by_gid(result.axes).items()}
        # beyond a tenth a diamond
        assert markers == {"lost-network-isolated": "D", "lost-sex-w": "D", "lost-baseline-": "o"}
        assert "30 lost, 70 seen again" in result.alt
        assert "Isolated: −0.40 (−0.60 to −0.20)" in result.alt
        # as far to the left as to the right: 1.15 times the widest end
        assert result.axes.get_xlim() == (pytest.approx(-0.69), pytest.approx(0.69))

    def test_nothing_to_compare(self) -> None:
        columns = ["term", "level", "n_lost", "n_seen", "d_rms", "d_rms_low", "d_rms_high"]
        assert "Nothing to compare" in figures.plot_lost(pd.DataFrame(columns=columns)).alt


class TestBracket:
    answers: ClassVar = pd.DataFrame(
        [
            {"analysis": a, "errors": e, "group": "isolated", "reference": "drug_dominated", "n": 40, "estimate": x, "conf_low": x - 2, "conf_high": x + 2}
            for a, e, x in (("change_score", "independent", 1.0), ("ancova", "independent", 3.0), ("ancova", "CR2", 3.5), ("bracket", "independent", np.nan))
        ]
    )  # fmt: skip
    gains: ClassVar = pd.DataFrame(
        [
            {"errors": "independent", "group": g, "n": n, "change": 4.0, "expected_change": x, "remainder": 4.0 - x, "conf_low": 1.0, "conf_high": 5.0}
            for g, n, x in (("isolated", 20, 1.0), ("drug_dominated", 20, -5.0), ("gained_abstinent", 1, 2.0))
        ]
    )  # fmt: skip

    def test_the_span_and_the_two_parts(self) -> None:
        result = figures.plot_bracket(self.answers, self.gains)
        upper, lower = result.axes.child_axes
        (span,) = [p for p in upper.patches if p.get_gid() == "span-isolated"]
        # Errors for clusters go before those that ignore them: 1.0 by change scores, 3.5 by ANCOVA with CR2.
        assert (span.get_x(), span.get_width()) == (1.0, 2.5)
        bars = {p.get_gid(): (p.get_x(), p.get_width()) for p in lower.patches if p.get_gid()}
        assert bars["expected-isolated"] == (0.0, 1.0)
        assert bars["rest-isolated"] == (0.0, 3.0)
        # The parts point different ways: what remains is 4 - (-5) = 9, and its interval is its own.
        assert bars["expected-drug_dominated"] == (0.0, -5.0)
        assert bars["rest-drug_dominated"] == (0.0, 9.0)
        (line,) = [one for one in lower.lines if one.get_gid() == "interval-drug_dominated"]
        assert list(line.get_xdata()) == [1.0, 5.0]
        # one person's gain is that person's
        assert "rest-gained_abstinent" not in bars
        shares = {t.get_gid(): t.get_text() for t in lower.texts if t.get_gid()}
        # 1 of 4; of a change that goes against what was expected there is no share
        assert shares["share-isolated"] == "25%"
        assert shares["share-drug_dominated"] == "–"

    def test_alt_and_data(self) -> None:
        result = figures.plot_bracket(self.answers, self.gains, lang="nb")
        assert "Isolated" not in result.alt
        assert (
            "Sosialt isolert − nettverk preget av rus: Endringsskår 1,00 (−1,00 til 3,00), ANCOVA 3,50"
            in result.alt
        )
        assert (
            "endring 4,00, der 1,00 er ventet ved regresjon mot gjennomsnittet og 3,00 (1,00 til 5,00) ikke er det"
            in result.alt
        )
        assert result.data["part"].tolist() == ["difference", "difference", "change", "change"]

    def test_nothing(self) -> None:
        result = figures.plot_bracket(self.answers[:0], self.gains[:0])
        assert len(result.data) == 0


class TestWithoutNumbers:
    def test_a_group_that_one_status_lacks(self) -> None:
        more = MEANS.assign(n=MEANS["n"] + 1)
        result = figures.plot_baseline_to_followup(more)
        completed, dropped = (containers_by_gid(ax) for ax in result.axes.child_axes)
        assert set(completed) == {"followup-gained_abstinent", "followup-isolated"}
        assert set(dropped) == {"followup-gained_abstinent"}

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_what_is_withheld_is_named_and_cannot_be_counted(self, lang: Language) -> None:
        """The sum of those left would give the number of the others back, were the total known."""
        frame = MEANS.assign(n=MEANS["n"] + 1)
        hidden = ["drug_dominated", "maintained_abstinent"]
        result = figures.plot_baseline_to_followup(frame, withheld={"completed": hidden}, lang=lang)
        completed, dropped = (ax.get_title(loc="left") for ax in result.axes.child_axes)
        assert completed.endswith(f"(n = {say('withheld', lang)})")
        assert re.search(r"\(n = \d+\)", dropped)
        said = withheld_words(hidden, lang)
        assert result.alt.endswith(f"{said}.")
        legend = result.axes.get_legend()
        assert legend is not None
        assert said in [" ".join(text.get_text().split()) for text in legend.get_texts()]
        assert overlaps(result.figure) == []

    def test_an_analysis_that_one_group_lacks(self) -> None:
        more = TestBracket.answers.assign(group="gained_abstinent").query("analysis == 'ancova'")
        result = figures.plot_bracket(pd.concat([TestBracket.answers, more]), TestBracket.gains)
        drawn = set(containers_by_gid(result.axes.child_axes[0]))
        assert "answer-ancova-gained_abstinent" in drawn
        assert "answer-change_score-gained_abstinent" not in drawn

    def test_no_year_and_no_specification(self) -> None:
        columns = ["year", "measure", "patients", "rounded", "source", "basis"]
        empty = figures.plot_lar_patients(pd.DataFrame(columns=columns), title="Patients")
        assert (empty.alt, len(empty.data), empty.axes.get_legend()) == ("Patients.", 0, None)
        none = pd.DataFrame(columns=["estimate", "conf_low", "conf_high", "question", "model"], dtype=float)
        curve = figures.plot_specifications(none, {"model": ["a"]}, title="Curve", lang="nb")
        assert curve.alt == "Curve: ingen analyse gir et anslag."

    def test_distributions_of_few(self) -> None:
        """Of 21 the percentiles 5, 25, 50, 75 and 95 are the persons 2, 6, 11, 16 and 20."""
        result = figures.plot_distributions([np.arange(1.0, 22.0), np.arange(19.0)], ["many", "few"])
        assert result.data.to_dict("records") == [
            {"name": "many", "n": 21, "p5": 2.0, "p25": 6.0, "median": 11.0, "p75": 16.0, "p95": 20.0}
        ]
        assert result.alt.endswith("Drawn for 20 persons or more.")
        assert [t.get_text() for t in result.axes.get_yticklabels()] == ["many (n = 21)", "few (n = 19)"]


class TestEstimates:
    def test_under_their_headings(self) -> None:
        frame = pd.DataFrame(
            [
                {
                    "heading": "A − B",
                    "label": "Change score",
                    "estimate": 1.0,
                    "conf_low": 0.0,
                    "conf_high": 2.0,
                },
                {
                    "heading": "A − B",
                    "label": "ANCOVA",
                    "estimate": 2.0,
                    "conf_low": np.nan,
                    "conf_high": np.nan,
                },
                {
                    "heading": "A − C",
                    "label": "ANCOVA",
                    "estimate": np.nan,
                    "conf_low": 0.0,
                    "conf_high": 2.0,
                },
            ]
        )
        result = figures.plot_estimates(frame, title="T")
        assert (
            result.alt
            == "T: Difference with interval; A − B, Change score: 1.00 (0.00 to 2.00); A − B, ANCOVA: 2.00."
        )
        assert len(result.data) == 2
        drawn = containers_by_gid(result.axes)
        assert drawn["estimate-A − B-Change score"].lines[0].get_xdata()[0] == 1.0
        assert "A − C" not in [text.get_text() for text in result.axes.texts]


class TestTippingSurface:
    @staticmethod
    def surface(p_value: float) -> pd.DataFrame:
        grid = [(x, y) for y in (-1.0, 0.0, 1.0) for x in (-1.0, 0.0, 1.0)]
        return pd.DataFrame(
            [
                {"shift_group": x, "shift_reference": y, "estimate": 2 + x - y, "p_value": 0.2 if x < 0 else p_value, "holds": x >= 0 or p_value > 0.05}
                for x, y in grid
            ]
        )  # fmt: skip

    def test_where_it_turns(self) -> None:
        result = figures.plot_tipping_surface(
            self.surface(0.01), ("isolated", "drug_dominated"), unit="points"
        )
        assert result.axes.get_xlabel() == "Shift of the lost: isolated\n(points)"
        # three of nine turn; the nearest is one to the left
        assert "the verdict stands in 67% of the pairs of shifts" in result.alt
        assert "isolated is shifted by −1.0 and drug-dominated network by 0.0" in result.alt
        assert "difference without a shift 2.00" in result.alt
        assert result.alt.endswith(
            "by 0.0 (points). Verdict without a shift: the groups differ (2.00, p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}.010; missing scores imputed)."
        )

    def test_a_difference_the_other_way_is_another_verdict(self) -> None:
        """Beyond chance at both ends, below zero at one of them: three verdicts, each with its own shade."""
        grid = [(x, y) for y in (-1.0, 0.0, 1.0) for x in (-3.0, 0.0, 3.0)]
        frame = pd.DataFrame(
            [
                {"shift_group": x, "shift_reference": y, "estimate": x, "p_value": 0.01 if x else 1.0, "holds": x == 0}
                for x, y in grid
            ]
        )  # fmt: skip
        result = figures.plot_tipping_surface(frame, ("isolated", "drug_dominated"), title="Lost")
        legend = result.axes.get_legend()
        assert legend is not None
        said = [" ".join(text.get_text().split()) for text in legend.get_texts()]
        assert said[:3] == [
            "the verdict stands: the difference cannot be told from chance",
            "another verdict: difference above 0",
            "another verdict: difference below 0",
        ]
        shades = {patch.get_facecolor() for patch in legend.get_patches()}
        assert len(shades) == 3
        title = " ".join(result.axes.get_title(loc="left").split())
        assert (
            "Verdict without a shift: the difference cannot be told from chance (0.00, p > .999; missing scores imputed)."
            in title
        )

    @pytest.mark.filterwarnings("ignore:No contour levels were found:UserWarning")
    def test_where_it_does_not(self) -> None:
        result = figures.plot_tipping_surface(self.surface(0.2), ("isolated", "drug_dominated"))
        assert "no pair of shifts turns it" in result.alt


class TestOfAnAnalysis:
    def test_the_surface_turns_at_the_tipping_point(self, help_analysis: ls.Analysis) -> None:
        """Along an axis of the surface one group moves alone, as in ``robustness.csv``."""
        result = help_analysis.figure("tipping", outcome="mental", to_wave="month12")
        data = result.data
        rows = help_analysis.to_frame("robustness").query(
            "outcome == 'mental' and to_wave == 'month12' and quantity == 'difference'"
            " and analysis == 'tipping_point' and group == 'maintained_abstinent'"
        )
        start = data[(data["shift_group"] == 0) & (data["shift_reference"] == 0)].iloc[0]
        assert start["estimate"] == pytest.approx(rows["estimate"].iloc[0], rel=1e-9)
        assert start["p_value"] == pytest.approx(rows["p_value"].iloc[0], rel=1e-9)
        for shifted, moves, stays in (
            ("maintained_abstinent", "shift_group", "shift_reference"),
            ("drug_dominated", "shift_reference", "shift_group"),
        ):
            delta = float(rows.set_index("shifted").loc[shifted, "delta_units"])
            line = data[data[stays] == 0].sort_values(moves)
            turned = line[~line["holds"]][moves]
            nearest = turned[np.sign(turned) == np.sign(delta)].abs().min()
            # on a grid of a tenth: the first point beyond
            assert abs(delta) <= nearest <= abs(delta) + 0.1 + 1e-9

    def test_a_verdict_stands_only_with_its_sign(self, help_analysis: ls.Analysis) -> None:
        """The corner where the difference is beyond chance the other way is as far from standing as can be."""
        data = help_analysis.figure(
            "tipping", outcome="mental", to_wave="month24", group="gained_abstinent"
        ).data
        start = data[(data["shift_group"] == 0) & (data["shift_reference"] == 0)].iloc[0]
        assert start["estimate"] > 0
        assert start["p_value"] < 0.05
        told = data["p_value"] < 0.05
        assert (told & (data["estimate"] < 0)).any()
        assert data["holds"].equals((told & (data["estimate"] > 0)).rename("holds"))

    def test_the_main_figure_has_the_statuses(self, synthetic_analysis: ls.Analysis) -> None:
        strata = synthetic_analysis.figure("followup").data["stratum"].unique().tolist()
        assert strata == ["completed", "in_treatment", "dropped_out"]
        one = synthetic_analysis.figure("followup", stratum="completed")
        assert one.data["stratum"].unique().tolist() == ["completed"]

    def test_of_a_comparison(self, help_analysis: ls.Analysis) -> None:
        comparison = help_analysis.comparison("mental", "baseline", "month12")
        result = comparison.figure("means")
        row = comparison.to_frame().set_index("group").loc["isolated"]
        means = result.data[result.data["group"] == "isolated"]["mean"].tolist()
        assert means == pytest.approx([row["before_mean"], row["after_mean"]])
        assert comparison.figure("followup").data["mean"].tolist() == result.data["mean"].tolist()
        changes = comparison.figure("change_by_group", private=False)
        points = next(c for c in changes.axes.collections if c.get_gid() == "points-isolated")
        assert points.get_offsets()[:, 0].mean() == pytest.approx(row["estimate"])

    def test_unknown_names(self, help_analysis: ls.Analysis) -> None:
        with pytest.raises(UnknownNameError, match="lost"):
            help_analysis.figure("lots")  # type: ignore[arg-type]
        with pytest.raises(UnknownNameError, match="bracket"):
            help_analysis.comparisons[0].figure("brackets")  # type: ignore[arg-type]
        with pytest.raises(UnknownNameError, match="gained_abstinent"):
            help_analysis.figure("tipping", group="gained")

    def test_differences_of_one_person_are_not_drawn(self) -> None:
        """Of arm c there is one person, who changed by 5."""
        frame = pd.DataFrame(
            {"q0": [1.0, 2, 4, 3, 5, 2], "q1": [2.0, 4, 3, 5, 6, 7], "arm": ["a", "a", "a", "b", "b", "c"]}
        )
        cohort = ls.load(
            frame, waves=["baseline", "year1"], outcomes={"q": {"baseline": "q0", "year1": "q1"}}, group="arm"
        )
        comparison = ls.analyse(cohort).comparisons[0]
        for what in ("contrasts", "bracket", "effects", "change", "change_by_group", "means", "followup"):
            result = comparison.figure(what, private=True)  # type: ignore[arg-type]
            assert len(result.data) > 0
            assert not any(
                "c" in words.split() for words in result.data.select_dtypes(exclude="number").stack()
            )

    def test_of_everybody_without_groups(self) -> None:
        frame = pd.DataFrame({"q0": [1.0, 2, 4, 3], "q1": [2.0, 4, 3, 5]})
        cohort = ls.load(
            frame, waves=["baseline", "year1"], outcomes={"q": {"baseline": "q0", "year1": "q1"}}
        )
        analysis = ls.analyse(cohort)
        # 10 / 4 and 14 / 4
        assert analysis.figure("followup").data["mean"].tolist() == [2.5, 3.5]
        for what, why in (
            ("transitions", "no networks"),
            ("tipping", "no groups"),
            ("definitions", "no definitions"),
        ):
            with pytest.raises(LarstudyError, match=why):
                analysis.figure(what)  # type: ignore[arg-type]

    def test_specifications_are_of_everybody(self, synthetic_analysis: ls.Analysis) -> None:
        with pytest.raises(LarstudyError, match="for all strata together"):
            synthetic_analysis.figure("specifications", stratum="completed")

    def test_nothing_to_shift(self) -> None:
        frame = pd.DataFrame({"q0": [1.0, 2, 4, 3], "q1": [2.0, 4, 3, 5], "arm": ["a", "a", "b", "b"]})
        cohort = ls.load(
            frame, waves=["baseline", "year1"], outcomes={"q": {"baseline": "q0", "year1": "q1"}}, group="arm"
        )
        analysis = ls.analyse(cohort)
        with pytest.raises(LarstudyError, match="There is nothing to shift"):
            analysis.figure("tipping")


class TestPanelsOfAReport:
    def test_they_are_in_the_language_and_name_outcome_and_waves(self, help_analysis: ls.Analysis) -> None:
        found = {one.name: one for one in outcome_figures(help_analysis, "mental", "nn")}
        assert {"change_mental", "means_mental", "definitions_mental", "sensitivity_mental"} == set(found)
        for one in found.values():
            for text in ("Mean", "Difference", "Maintained", "Baseline", "baseline"):
                assert text not in one.alt, (one.name, text)
        titles = [ax.get_title(loc="left") or ax.get_title() for ax in found["means_mental"].figure.axes]
        waves = "ved start → månad 12".replace(" ", "\N{NO-BREAK SPACE}")
        assert any(title.startswith("Mental") and title.endswith(waves) for title in titles)
        assert len({ax.get_position().x0 for ax in found["sensitivity_mental"].figure.axes}) == 1
