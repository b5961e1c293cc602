"""What every figure returns: the same bytes twice, words inside each file, data, and nothing of a person."""

from __future__ import annotations

import html
import io
import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from PIL import Image

import larstudy as ls
from larstudy import figures
from larstudy.catalogue import is_in_catalogue, texts
from larstudy.errors import LarstudyError
from larstudy.figures.base import looks, text_on
from larstudy.figures.words import in_a_line, interval, wave_words
from larstudy.names import CATEGORIES, CHANGE_GROUPS, COLOURS, LANGUAGES
from larstudy.outputs import study_files
from larstudy.review_files import review_bytes

pytestmark = pytest.mark.usefixtures("open_data")

COUNTS = [("baseline", 12), ("a < b & \\1", 3)]


def draw() -> figures.FigureResult:
    return figures.plot_counts(COUNTS, title='Who was "seen"', xlabel="persons")


class TestFiles:
    @pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
    def test_the_same_bytes_twice(self, kind: figures.FigureKind) -> None:
        assert draw().to_bytes(kind) == draw().to_bytes(kind)

    def test_words_in_an_svg(self) -> None:
        text = draw().to_bytes("svg").decode()
        said = "Who was &quot;seen&quot;: baseline 12, a &lt; b &amp; \\1 3 (persons)."
        assert f'<svg role="img" aria-label="{said}"' in text
        assert "<title>Who was &quot;seen&quot;</title>" in text
        assert f"<desc>{said}</desc>" in text
        assert not re.search(r"\d{4}-\d\d-\d\d", text)

    def test_words_in_a_png(self) -> None:
        found = Image.open(io.BytesIO(draw().to_bytes("png"))).text
        assert found["Description"] == draw().alt
        assert found["Title"] == 'Who was "seen"'

    def test_words_in_a_pdf(self) -> None:
        content = draw().to_bytes("pdf")
        assert content.startswith(b"%PDF")
        assert rb"/Subject (Who was" in content
        assert b"/CreationDate" not in content

    def test_a_minus_goes_into_every_kind(self) -> None:
        frame = pd.DataFrame(
            [{"group": "isolated", "n": 7, "estimate": -1.5, "conf_low": -2.5, "conf_high": -0.5}]
        )
        result = figures.plot_change(frame, title="Change")
        assert result.alt.endswith("Isolated (n = 7): −1.50 (−2.50 to −0.50).")
        assert Image.open(io.BytesIO(result.to_bytes("png"))).text["Description"] == result.alt
        # In a PDF text beyond Latin-1 is UTF-16.
        assert "−1.50".encode("utf-16-be") in result.to_bytes("pdf").replace(b"\\", b"")

    @pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
    def test_saved_by_its_ending(self, tmp_path: Path, kind: figures.FigureKind) -> None:
        result = draw()
        path = result.save(tmp_path / f"figure.{kind.upper()}")
        assert path.read_bytes() == result.to_bytes(kind)

    def test_another_ending_is_explained(self, tmp_path: Path) -> None:
        with pytest.raises(LarstudyError, match=r"ends in one of \.svg, \.pdf, \.png\. Nothing was written"):
            draw().save(tmp_path / "figure.jpg")
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(LarstudyError, match=r"Cannot write 'a\.svg': No such file"):
            draw().save(tmp_path / "nowhere" / "a.svg")

    def test_in_a_page_the_words_of_the_file_give_way(self) -> None:
        inline = figures.svg_inline(draw().to_bytes("svg"), "Seen", "fig1")
        assert inline.startswith('<svg role="img" aria-label="Seen"')
        assert inline.count("aria-label") == 1
        assert "<desc>" not in inline


class TestShown:
    def test_repr_is_the_alt_text(self) -> None:
        assert repr(draw()) == 'Who was "seen": baseline 12, a < b & \\1 3 (persons).'

    def test_a_notebook_shows_a_picture_once(self) -> None:
        # pyplot's figures are shown by the notebook; one that no window knows of shows itself.
        assert draw()._repr_png_() is None
        own = figures.plot_counts(COUNTS, ax=figures.new_figure().add_subplot())
        assert own._repr_png_() == own.to_bytes("png")

    def test_data_and_axes(self) -> None:
        result = draw()
        assert result.data.to_dict("list") == {"name": ["baseline", "a < b & \\1"], "n": [12, 3]}
        assert result.ax is result.axes
        assert result.figure is plt.gcf()
        assert figures.plot_counts(COUNTS, synthetic=True).data["synthetic"].tolist() == [True, True]


class TestLooks:
    def test_the_categories_are_tols_high_contrast(self) -> None:
        assert [COLOURS[name] for name in CATEGORIES] == ["#004488", "#BB5566", "#DDAA33"]

    def test_groups_differ_in_more_than_colour(self) -> None:
        found = looks(CHANGE_GROUPS)
        assert len({look.colour for look in found.values()}) == 4
        assert len({look.marker for look in found.values()}) == 4
        assert len({str(look.line) for look in found.values()}) == 4

    def test_numbers_on_the_yellow_are_dark(self, help_analysis: ls.Analysis) -> None:
        assert help_analysis.networks is not None
        ax = help_analysis.networks.plot().axes
        by_colour = {}
        for container, category in zip(ax.containers, CATEGORIES, strict=True):
            assert to_hex(container[0].get_facecolor()).upper() == COLOURS[category]
            by_colour[category] = {
                to_hex(text.get_color())
                for text in ax.texts
                if text.get_text() and abs(text.get_position()[1]) >= 0 and text in _texts_of(ax, container)
            }
        assert by_colour == {"abstinent": {"#ffffff"}, "drug_dominated": {"#ffffff"}, "isolated": {"#1a1a1a"}}

    def test_text_can_be_read_on_every_colour(self) -> None:
        """WCAG 2 asks for 4.5 to 1; black on white is 21 to 1."""
        for colour in COLOURS.values():
            assert contrast(text_on(colour), colour) >= 4.5
        assert contrast("black", "white") == pytest.approx(21.0)


def _texts_of(ax: plt.Axes, container: object) -> list[object]:
    """Return the labels on one row of bars: every one is drawn for each bar, in order."""
    place = ax.containers.index(container)  # type: ignore[arg-type]
    own = [text for text in ax.texts if text.get_gid() is None]
    each = len(own) // len(ax.containers)
    return list(own[place * each : (place + 1) * each])


def contrast(one: str, other: str) -> float:
    light = []
    for colour in (one, other):
        parts = np.array([int(to_hex(colour)[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        light.append(float(linear @ [0.2126, 0.7152, 0.0722]) + 0.05)
    return max(light) / min(light)


class TestWords:
    def test_waves(self) -> None:
        assert [wave_words(w, "nn") for w in ("baseline", "month12", "year1", "week_3", "day 2", "T2")] == [
            "Ved start", "Månad 12", "År 1", "Veke 3", "Dag 2", "T2",
        ]  # fmt: skip

    def test_titles_and_intervals(self) -> None:
        assert in_a_line("Who\nwas  lost") == "Who: was lost"
        row = {"e": 0.0812, "l": 0.0251, "h": 0.1374}
        # narrower than a fifth: three decimals
        assert interval(row, "nb", ("e", "l", "h")) == "0,081 (0,025 til 0,137)"
        assert interval(row, "en", ("e", "l", "h"), 1) == "0.1 (0.0 to 0.1)"

    def test_decimal_comma_along_the_axes(self) -> None:
        frame = pd.DataFrame(
            [{"group": "isolated", "n": 7, "estimate": 0.25, "conf_low": 0.15, "conf_high": 0.35}]
        )
        for lang, mark in (("en", "."), ("nb", ","), ("nn", ",")):
            result = figures.plot_change(frame, lang=lang)
            result.figure.canvas.draw()
            shown = [tick.get_text() for tick in result.axes.get_xticklabels()]
            assert f"0{mark}20" in shown or f"0{mark}2" in shown

    def test_every_text_of_the_figures_is_in_the_catalogue(self) -> None:
        """Each text in quotes that the figures say can be said in Norwegian."""
        folder = Path(figures.__file__).parent
        said = re.compile(r'say\(\s*"([^"]+)"')
        found = {
            text for path in folder.glob("*.py") for text in said.findall(path.read_text(encoding="utf-8"))
        }
        assert len(found) > 40
        assert {text for text in found if text not in texts()} == set()
        assert is_in_catalogue("Mean change with interval (right is better)")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_alt_texts_hold_the_numbers_of_the_data(help_analysis: ls.Analysis, lang: str) -> None:
    """Every estimate that is drawn can be read, as the language writes numbers."""
    for what in ("change", "change_by_group", "contrasts", "bracket", "definitions"):
        result = help_analysis.figure(what, lang=lang)
        for value in result.data["estimate"]:
            shown = f"{value:.2f}".replace("-", "−")
            assert (shown if lang == "en" else shown.replace(".", ",")) in result.alt, (what, value)


def test_the_review_as_files() -> None:
    for part, said in (("numbers", "Pasienter i LAR"), ("matrix", "Motivasjon: Veseth et al. (2019) 1")):
        content = review_bytes(None, part=part, lang="nb", kind="svg")
        assert content == review_bytes(None, part=part, lang="nb", kind="svg")
        label = re.search(r'aria-label="([^"]+)"', content.decode())
        assert label is not None
        assert said in html.unescape(label.group(1))
    with pytest.raises(
        LarstudyError, match="'svg' is for 'graph', 'matrix', 'numbers' and 'cohorts', not for 'flow'"
    ):
        review_bytes(None, part="flow", lang="nb", kind="svg")


@pytest.mark.usefixtures("one_language")
def test_files_of_a_study_have_their_words(tmp_path: Path) -> None:
    frame = pd.DataFrame({"q0": [1.0, 2, 4, 3], "q1": [2.0, 4, 3, 5], "arm": ["a", "a", "b", "b"]})
    waves = {"baseline": "q0", "year1": "q1"}
    cohort = ls.load(frame, waves=list(waves), outcomes={"q": waves}, group="arm")
    files = study_files(ls.analyse(cohort))
    # a: 1, 2 and then 2, 4; b: 4, 3 and then 3, 5
    said = re.search(r'aria-label="([^"]+)"', files["figures/means_q.svg"].decode())
    assert said is not None
    assert "a (n = 2): Baseline 1.50" in said.group(1)
    assert "b (n = 2): Baseline 3.50" in said.group(1)
    picture = Image.open(io.BytesIO(files["figures/means_q.png"]))
    assert picture.text["Description"] == html.unescape(said.group(1))
