"""Figures by what they draw: places, numbers, colours, labels, and the stamp."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import larstudy as ls
from larstudy import figures
from larstudy.figures import style
from larstudy.names import ALL, CATEGORIES, CHANGE_GROUPS, COLOURS
from tests.conftest import STUDY, twelve_long, write_study


@pytest.fixture
def comparison(tmp_path: Path) -> ls.Comparison:
    cohort = ls.load(write_study(tmp_path, twelve_long()))
    change = ls.change(ls.outcome(cohort, "qol"), "baseline", "year1")
    return ls.compare_groups(change, ls.classify_networks(cohort).transitions("baseline", "year1"))


def by_gid(ax: mpl.axes.Axes) -> dict[str, mpl.container.ErrorbarContainer]:
    return {c.lines[0].get_gid(): c for c in ax.containers if c.lines[0].get_gid()}


def texts(ax: mpl.axes.Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


class TestChange:
    def test_points_intervals_and_colours(self, comparison: ls.Comparison) -> None:
        ax = comparison.plot().axes
        drawn = by_gid(ax)
        # one person's change is that person's, and is not drawn
        shown = [group for group in CHANGE_GROUPS if group != "maintained_abstinent"]
        assert set(drawn) == {f"change-{group}" for group in (ALL, *shown)}
        rows = comparison.to_frame().set_index("group")
        for group in (ALL, *shown):
            place = (ALL, *CHANGE_GROUPS).index(group)
            container = drawn[f"change-{group}"]
            x, y = container.lines[0].get_data()
            assert (x[0], y[0]) == (rows.loc[group, "estimate"], place)
            assert to_hex(container.lines[0].get_color()).upper() == COLOURS[group].upper()
            (segment,) = container.lines[2][0].get_segments()
            assert segment[0, 0] == pytest.approx(rows.loc[group, "conf_low"])
            assert segment[1, 0] == pytest.approx(rows.loc[group, "conf_high"])
        labels = [tick.get_text() for tick in ax.get_yticklabels()]
        assert labels[:2] == ["All (n = 11)", "Maintained abstinent network (n = 1)"]
        assert ax.get_xlabel() == "Mean change with interval (right is better)"

    def test_where_lower_is_better(self, tmp_path: Path) -> None:
        text = STUDY.replace('"better"', '"worse"')
        analysis = ls.analyse(ls.load(write_study(tmp_path, twelve_long(), text)))
        assert analysis.plot().axes.get_xlabel().endswith("(left is better)")

    def test_on_given_axes(self, comparison: ls.Comparison) -> None:
        figure = figures.new_figure()
        left, right = figure.subplots(1, 2)
        assert comparison.plot(right).axes is right
        assert not left.containers

    def test_the_users_settings_stay(self, comparison: ls.Comparison) -> None:
        before = dict(mpl.rcParams)
        comparison.plot()
        assert dict(mpl.rcParams) == before


class TestMeans:
    def test_the_interactive_mode_of_a_notebook_stays(self) -> None:
        """The first figure turns it on while it is drawn; without it no later figure would be shown."""
        try:
            with figures.style():
                mpl.interactive(True)
            assert mpl.is_interactive()
        finally:
            mpl.interactive(False)
        with figures.style():
            pass
        assert not mpl.is_interactive()

    def test_means_and_groups(self, comparison: ls.Comparison) -> None:
        ax = comparison.plot_means().axes
        drawn = by_gid(ax)
        assert set(drawn) == {f"means-{group}" for group in CHANGE_GROUPS if group != "maintained_abstinent"}
        # gained: 2 4 6 8 and 5 6 9 12
        np.testing.assert_allclose(drawn["means-gained_abstinent"].lines[0].get_ydata(), [5.0, 8.0])
        assert [t.get_text() for t in ax.get_xticklabels()] == ["Baseline", "Year 1"]
        assert "Isolated (n = 2)" in [t.get_text() for t in ax.get_legend().get_texts()]

    def test_nobody(self, comparison: ls.Comparison) -> None:
        empty = pd.DataFrame(columns=["group", "wave", "n", "mean", "conf_low", "conf_high"])
        assert figures.plot_means(empty).axes.get_legend() is None


class TestOthers:
    def test_definitions_side_by_side(self, help_analysis: ls.Analysis) -> None:
        frame = help_analysis.to_frame("definitions").query("outcome == 'mental' and to_wave == 'month12'")
        ax = figures.plot_definitions(frame, higher_is="better").axes
        drawn = by_gid(ax)
        assert len(drawn) == 4 * 4
        rows = frame.set_index(["definition", "group"])
        for definition in ("help", "help_few_contacts"):
            x = drawn[f"definition-{definition}-isolated"].lines[0].get_xdata()
            assert x[0] == rows.loc[(definition, "isolated"), "estimate"]
        assert [t.get_text() for t in ax.get_legend().get_texts()] == list(dict.fromkeys(frame["definition"]))

    def test_a_group_of_nobody_is_left_out(self, help_analysis: ls.Analysis) -> None:
        frame = help_analysis.to_frame("definitions").query("outcome == 'mental' and to_wave == 'month12'")
        gone = (frame["definition"] == "help") & (frame["group"] == "isolated")
        frame.loc[gone, "estimate"] = np.nan
        assert len(by_gid(figures.plot_definitions(frame).axes)) == 15

    def test_transitions(self, tmp_path: Path) -> None:
        cohort = ls.load(write_study(tmp_path, twelve_long()))
        moved = ls.classify_networks(cohort).transitions("baseline", "year1")
        drawn = moved.plot()
        rows = drawn.data.set_index(["from_category", "to_category"])["n"]
        counts, k = moved.counts(), len(CATEGORIES)
        for i, start in enumerate(CATEGORIES):
            for j, end in enumerate(CATEGORIES):
                assert rows.get((start, end), 0) == counts[i, j]
        assert rows.sum() == counts.sum() > counts[:k, :k].sum()

    def test_networks(self, tmp_path: Path) -> None:
        ax = ls.classify_networks(ls.load(write_study(tmp_path, twelve_long()))).plot().axes
        widths = [[bar.get_width() for bar in container] for container in ax.containers]
        # of those classified: 3 7 2 of 12, and 5 3 2 of 11 seen... of 10 classified
        np.testing.assert_allclose(widths, [[25, 50], [700 / 12, 30], [200 / 12, 20]])

    def test_flow(self, comparison: ls.Comparison) -> None:
        ax = figures.plot_flow(comparison.flow_rows(), title="Flow").axes
        shown = {t.get_gid(): t.get_text() for t in ax.texts if t.get_gid()}
        assert shown["flow-entered"] == "In the file\nn = 12"
        assert shown["flow-grouped"] == "With a group\nn = 10"
        assert shown["lost-paired"] == "Left out\nno answers at year 1: 1"
        assert shown["flow-paired"] == "With answers at both waves\nn = 11"

    def test_waves_and_counts(self, tmp_path: Path) -> None:
        cohort = ls.load(write_study(tmp_path, twelve_long()))
        scores = ls.outcome(cohort, "qol")
        (container,) = scores.plot().axes.containers
        np.testing.assert_allclose(container.lines[0].get_ydata(), [65 / 12, 74 / 11])
        assert [bar.get_width() for bar in cohort.plot().axes.patches] == [12, 11]
        change = ls.change(scores, "baseline", "year1")
        assert change.plot().axes.get_xticklabels()[1].get_text() == "Year 1\n(n = 11)"
        checks = ls.reconcile(ls.analyse(cohort))
        assert [bar.get_width() for bar in checks.plot().axes.patches] == [len(checks.checks), 0]

    def test_stamp(self, tmp_path: Path) -> None:
        text = STUDY.replace('title = "Twelve"', 'title = "Twelve"\nsynthetic = true')
        cohort = ls.load(write_study(tmp_path, twelve_long(), text))
        scores = ls.outcome(cohort, "qol")
        networks = ls.classify_networks(cohort)
        moved = networks.transitions("baseline", "year1")
        change = ls.change(scores, "baseline", "year1")
        comparison = ls.compare_groups(change, moved)
        for draw in (
            cohort.plot, scores.plot, networks.plot, moved.plot, change.plot, comparison.plot,
            comparison.plot_means, ls.analyse(cohort).plot,
        ):  # fmt: skip
            assert "Synthetic data – not patients" in texts(draw().axes)
        for result in (cohort, scores, networks, moved, moved.groups(), change, comparison):
            assert result.to_frame()["synthetic"].all()
            assert "Synthetic data – not patients" in result.table().to_markdown()
            assert "Synthetic data – not patients" in result.table().to_html()

    def test_svg_for_a_page(self) -> None:
        content = b'<?xml?><svg><g id="a"/><use href="#a" clip-path="url(#a)"/></svg>'
        inline = figures.svg_inline(content, 'A "b"', "fig2")
        assert inline == (
            '<svg role="img" aria-label="A &quot;b&quot;"><g id="fig2-a"/>'
            '<use href="#fig2-a" clip-path="url(#fig2-a)"/></svg>'
        )


def test_drawing_leaves_the_interactive_mode_that_a_notebook_turned_on() -> None:
    before = mpl.is_interactive()
    try:
        with style():
            # As the first figure of a notebook does.
            mpl.interactive(True)
        assert mpl.is_interactive()
    finally:
        mpl.interactive(before)
