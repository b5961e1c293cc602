"""Tables: rounded only when they are shown, and shown alike in every format."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from larstudy import names
from larstudy.errors import LarstudyError, Problem, SpecError, problem_list, unknown_name
from larstudy.latex import latex_text
from larstudy.tables import Column, Scale, Table, show, show_number, show_p

TABLE = Table(
    title="Change & more",
    columns=(
        Column(name="group", label="Group", kind="text"),
        Column(name="n", label="n", kind="count"),
        Column(name="estimate", label="Change"),
        Column(name="p_value", label="p", kind="p"),
        Column(name="share", label="Of all", kind="percent"),
        Column(name="interval", label="Interval", kind="interval"),
    ),
    rows=(
        ("a|b_c", 3, -1.23456789, 0.00001, 0.256, "−1.2 (−2.0 to −0.5)"),
        ("<d>", float("nan"), float("nan"), None, float("nan"), None),
    ),
    notes=("A note.",),
    source="somewhere",
)


def test_markdown() -> None:
    assert TABLE.to_markdown() == (
        "**Change & more**\n"
        "\n"
        "| Group | n | Change | p | Of all | Interval |\n"
        "| :--- | ---: | ---: | ---: | ---: | ---: |\n"
        "| a\\|b_c | 3 | −1.23 | < .001 | 26% | −1.2 (−2.0 to −0.5) |\n"
        "| <d> | – | – | – | – | – |\n"
        "\n"
        "A note.\n"
        "\n"
        "Source: somewhere."
    )
    assert str(TABLE) == TABLE.to_markdown()


def test_html() -> None:
    shown = TABLE.to_html()
    assert "<caption>Change &amp; more</caption>" in shown
    assert '<th scope="col" class="number">n</th>' in shown
    assert "<td>&lt;d&gt;</td>" in shown


def test_html_in_a_notebook() -> None:
    """Jupyter sets every cell to the right, and notes are many; the stamp is never folded away."""
    shown = TABLE._repr_html_()
    assert '<td style="text-align: left">&lt;d&gt;</td>' in shown
    assert '<th scope="col" class="number">n</th>' in shown
    folded = '<details><summary>Notes and source</summary><p class="note">A note.</p>'
    assert folded in shown
    assert "<details>" not in dataclasses.replace(TABLE, notes=(), source="")._repr_html_()
    stamped = dataclasses.replace(TABLE, synthetic=True)._repr_html_()
    assert f'<p class="note">Synthetic data – not patients.</p>{folded}' in stamped
    assert "<details>" not in dataclasses.replace(TABLE, notes=(), source="", synthetic=True)._repr_html_()


def test_latex() -> None:
    shown = TABLE.to_latex()
    assert r"a|b\_c & 3 & $-$1.23 & \textless{} .001 & 26\% &" in shown
    assert r"\caption{Change \& more}" in shown
    assert r"\begin{tabular}{lrrrrr}" in shown


def test_nothing_is_rounded_underneath() -> None:
    frame = TABLE.to_frame()
    assert frame.loc[0, "estimate"] == -1.23456789
    assert "-1.23456789" in TABLE.to_csv()
    assert list(frame.columns) == ["group", "n", "estimate", "p_value", "share", "interval"]
    assert repr(TABLE) == "<Table 'Change & more', 2 rows>"


def test_every_way_of_showing_synthetic_data_says_so() -> None:
    table = dataclasses.replace(TABLE, synthetic=True)
    words = "Synthetic data – not patients"
    for shown in (table.to_markdown(), table.to_html(), table.to_latex()):
        assert words in shown.replace("--", "–")
    assert table.to_frame()["synthetic"].tolist() == [True, True]
    assert table.to_csv().splitlines()[0].endswith(",synthetic")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0005, "< .001"), (0.001, ".001"), (0.05, ".050"), (0.9999, "> .999"), (1.0, "> .999")],
)
def test_p_values(value: float, shown: str) -> None:
    assert show_p(value) == shown


def test_what_would_be_rounded_to_nothing_keeps_two_digits_that_count() -> None:
    assert show_number(-0.0049) == "−0.0049"
    assert show_number(0.0051) == "0.01"
    assert show_number(0.0996) == "0.10"
    assert show_number(0.00049, 3) == "0.00049"


def test_no_negative_zero() -> None:
    assert show_number(-0.4, 0) == "0"
    assert show_number(-0.0) == "0.00"


class TestNames:
    def test_every_fixed_name_has_three_languages(self) -> None:
        fixed = (*names.CATEGORIES, names.UNCLASSIFIED, *names.CHANGE_GROUPS, *names.STATUSES, names.ALL)
        for name in fixed:
            shown = {names.label(name, lang) for lang in ("en", "nb", "nn")}
            assert name not in shown
            assert "Fall ut" in names.label("dropped_out", "nn")

    def test_unknown_language(self) -> None:
        with pytest.raises(LarstudyError, match="Known: en, nb, nn"):
            names.label("all", "no")  # type: ignore[arg-type]

    def test_colours_are_fixed_for_the_field_and_distinct_for_others(self) -> None:
        assert names.colours(("isolated", "x"))["isolated"] == names.COLOURS["isolated"]
        assert len(set(names.colours(tuple("abcdef")).values())) == 6


class TestErrors:
    def test_one_problem_is_one_line(self) -> None:
        problem = Problem(
            code="c", where="w", what="is odd", rule="rule 1", remedy="Mend it.", n=9, rows=(1, 2, 3, 4, 5)
        )
        assert problem.text() == "[c] w: is odd (rows 1, 2, 3, 4, 5 and 4 more). Rule: rule 1. Mend it."
        assert str(SpecError([problem])) == problem.text()

    def test_several_are_numbered(self) -> None:
        one = Problem(code="a", where="x", what="y", remedy="")
        assert problem_list([one, one]) == "2 problems\n  1. [a] x: y.\n  2. [a] x: y."

    def test_long_lists_of_options_are_cut(self) -> None:
        text = str(unknown_name("column", "zz", [f"c{i}" for i in range(30)]))
        assert text.endswith("c11 and 18 more.")
        assert (
            str(unknown_name("column", "zz", []))
            == "There is no column 'zz'. There is nothing to choose from."
        )

    def test_every_error_has_one_parent(self) -> None:
        from larstudy import errors

        classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, Exception)]
        assert len(classes) >= 7
        assert all(issubclass(c, LarstudyError) for c in classes)


def test_show_of_frames(help_analysis) -> None:
    """Every row of every part of a real analysis can be shown in every format."""
    table = help_analysis.table()
    assert len(table.rows) == len(help_analysis.to_frame())
    cells = [cell for row in table.shown() for cell in row]
    assert not {"nan", "None", "NaN", "<NA>"} & set(cells)
    for text in (table.to_markdown(), table.to_html(), table.to_latex()):
        assert all(cell.split("(")[0] in text for cell in ("12.98", "67"))
    assert isinstance(table.to_frame(), pd.DataFrame)


def test_rounding_error_is_none_only_where_it_is_said_to_be() -> None:
    column = Scale(digits=1, noise=1e-12).column("x", "X")
    assert [show(v, column) for v in (-5e-17, 1e-12, 2e-12, 0.25, float("nan"))] == [
        "0.0", "0.0", "2.0e−12", "0.2", "–",
    ]  # fmt: skip
    assert show(-5e-17, Column(name="x", label="X")) == "−5.0e−17"


class TestInALanguage:
    """What a table shows is in the language; what it holds stays numbers."""

    def table(self) -> Table:
        columns = (
            Column(name="group", label="Group", kind="text"),
            Column(name="n", label="n", kind="count"),
            Column(name="estimate", label="Change"),
            Column(name="p_value", label="p", kind="p"),
            Column(name="share", label="Share", kind="percent"),
            Column(name="interval", label="Interval", kind="interval"),
        )
        rows = (
            ("Isolated", 3, -1.23456789, 0.00001, 0.256, "−1.2 (−2.0 to −0.5)"),
            ("Clinic 2.5", 4, 0.5, 0.9999, 0.5, None),
        )
        return Table(
            title="Pain, baseline to month12: change by group",
            columns=columns,
            rows=rows,
            notes=("CI: 95% interval of the mean change.", "Written by the clinic."),
            source="somewhere",
            synthetic=True,
        )

    def test_markdown(self) -> None:
        assert self.table().in_language("nn").to_markdown() == (
            "**Pain, start til månad 12: endring etter gruppe**\n"
            "\n"
            "| Gruppe | n | Endring | p | Del | Intervall |\n"
            "| :--- | ---: | ---: | ---: | ---: | ---: |\n"
            "| Sosialt isolert | 3 | −1,23 | < ,001 | 26\N{NO-BREAK SPACE}% | −1,2 (−2,0 til −0,5) |\n"
            "| Clinic 2.5 | 4 | 0,50 | > ,999 | 50\N{NO-BREAK SPACE}% | – |\n"
            "\n"
            "Syntetiske data – ikkje pasientar.\n"
            "\n"
            "KI: 95\N{NO-BREAK SPACE}% intervall for den gjennomsnittlege endringa.\n"
            "\n"
            "Written by the clinic.\n"
            "\n"
            "Kjelde: somewhere."
        )

    def test_html_says_which_words_stay_english(self) -> None:
        shown = self.table().in_language("nb").to_html()
        assert '<div class="table-block" lang="nb">' in shown
        assert '<p class="note" lang="en">Written by the clinic.</p>' in shown
        assert '<p class="note">Kilde: somewhere.</p>' in shown
        assert "<summary>Merknader og kilde</summary>" in self.table().in_language("nb")._repr_html_()
        assert "lang=" not in self.table().to_html()

    def test_latex(self) -> None:
        shown = self.table().in_language("nb").to_latex()
        assert r"Sosialt isolert & 3 & $-$1,23 & \textless{} ,001 & 26~\% &" in shown
        assert r"KI: 95~\% intervall" in shown

    def test_csv_has_numbers_whatever_the_language(self) -> None:
        lines = self.table().in_language("nn").to_csv().splitlines()
        assert lines[0] == "group,n,estimate,p_value,share,interval,synthetic"
        assert lines[1].startswith("Sosialt isolert,3,-1.23456789,1e-05,0.256,")

    def test_only_english_is_put_into_another_language(self) -> None:
        norwegian = self.table().in_language("nb")
        assert norwegian.in_language("nb") is norwegian
        with pytest.raises(ValueError, match="This table is in 'nb' already: put the English one into 'nn'"):
            norwegian.in_language("nn")


def test_latex_has_no_letter_that_pdflatex_lacks() -> None:
    assert latex_text("Partial η² ≥ 1, ≤ 2") == r"Partial $\eta$$^2$ $\geq$ 1, $\leq$ 2"
