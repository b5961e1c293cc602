"""Every figure in every language, of real and of synthetic data: nothing overlaps or leaves the canvas."""

from __future__ import annotations

from collections.abc import Callable

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

import larstudy as ls
from larstudy.analysis_figures import AnalysisFigure
from larstudy.figures import FigureResult
from larstudy.names import LANGUAGES, Language
from larstudy.report_figures import study_figures
from tests.figure_checks import overlaps

STUDY: tuple[AnalysisFigure, ...] = (
    "change", "means", "followup", "change_by_group", "flow", "bracket", "contrasts", "effects",
    "transitions", "lost", "definitions", "specifications", "tipping",
)  # fmt: skip
#: Those that look otherwise with treatment status, covariates and a stamp.
SYNTHETIC: tuple[AnalysisFigure, ...] = (
    "followup",
    "change_by_group",
    "flow",
    "bracket",
    "transitions",
    "lost",
)
REVIEW: dict[str, Callable[[Language], FigureResult]] = {
    "themes": lambda lang: ls.review_table(lang=lang).plot(),
    "lar": lambda lang: ls.review_table(lang=lang).plot(part="numbers"),
}


def in_every_language(draw: Callable[[Language], FigureResult]) -> list[FigureResult]:
    found = [draw(lang) for lang in LANGUAGES]
    assert [overlaps(one.figure) for one in found] == [[], [], []]
    # No language has been forgotten, and the numbers drawn are the same in all.
    assert len({one.alt for one in found}) == 3
    for one in found[1:]:
        assert one.data.select_dtypes("number").equals(found[0].data.select_dtypes("number"))
    plt.close("all")
    return found


@pytest.mark.parametrize("what", STUDY)
def test_real_data(help_analysis: ls.Analysis, what: AnalysisFigure) -> None:
    where = {"outcome": "mental", "to_wave": "month12"}
    in_every_language(lambda lang: help_analysis.figure(what, **where, lang=lang))


def test_streams_in_a_panel_of_a_report(synthetic_analysis: ls.Analysis) -> None:
    """As narrow as they are drawn beside each other: the stamp must not reach the names of the waves."""
    (drawn,) = (one for one in study_figures(synthetic_analysis, "nn") if one.name == "transitions")
    assert overlaps(drawn.figure) == []
    # What lies across marks is let through there: this stamp stands beneath them, and is held against words.
    for ax in drawn.figure.axes:
        (stamp,) = (text for text in ax.texts if "Syntetiske data" in text.get_text())
        box = stamp.get_window_extent()
        others = [text for text in ax.texts if text is not stamp and text.get_text().strip()]
        assert len(others) > 6
        assert [text.get_text() for text in others if box.overlaps(text.get_window_extent())] == []
    plt.close("all")


def test_the_table_of_transitions(help_analysis: ls.Analysis) -> None:
    moved = next(t for t in help_analysis.transitions if t.to_wave == "month12")
    found = in_every_language(lambda lang: moved.plot_table(minimum=5, lang=lang))[0]
    cells = found.data.set_index(["from_category", "to_category"])["n"]
    # The cross-table by hand: 49 kept an abstinent network, 51 + 16 gained one; counts of 1 to 4 are not drawn.
    assert (cells["abstinent", "abstinent"], cells["drug_dominated", "abstinent"]) == (49, 51)
    assert ("drug_dominated", "isolated") not in cells.index
    texts = {text.get_text() for text in found.axes.texts}
    assert {"49", "51", "16"} <= texts
    assert not texts & {"1", "2", "3", "4"}


@pytest.mark.parametrize("what", SYNTHETIC)
def test_synthetic_data(synthetic_analysis: ls.Analysis, what: AnalysisFigure) -> None:
    found = in_every_language(lambda lang: synthetic_analysis.figure(what, lang=lang))
    stamps = (
        "Synthetic data – not patients",
        "Syntetiske data – ikke pasienter",
        "Syntetiske data – ikkje pasientar",
    )
    for one, stamp in zip(found, stamps, strict=True):
        assert one.data["synthetic"].all()
        assert one.alt.startswith(f"{stamp}. ")


def test_persons_and_withheld_counts(help_analysis: ls.Analysis) -> None:
    for what in ("followup", "change_by_group"):
        in_every_language(lambda lang, w=what: help_analysis.figure(w, private=False, lang=lang))
    for what in ("flow", "transitions"):
        in_every_language(lambda lang, w=what: help_analysis.figure(w, minimum=10, lang=lang))


@pytest.mark.parametrize("name", REVIEW)
def test_of_the_review(name: str) -> None:
    in_every_language(REVIEW[name])


def test_made_once_for_every_language() -> None:
    for result in (
        ls.verdicts(n_cohorts=0, progress=False), ls.claims(), ls.cohorts_of_change(), ls.published_checks()
    ):  # fmt: skip
        in_every_language(lambda lang, one=result: one.plot(lang=lang))


def test_of_worlds() -> None:
    for result in (
        ls.calibration_report(n_cohorts=4, progress=False),
        ls.operating_characteristics(n_cohorts=4, progress=False),
        ls.sample_size(n_cohorts=4, progress=False),
    ):
        in_every_language(lambda lang, one=result: one.plot(lang=lang))


def test_of_a_cohort(help_analysis: ls.Analysis) -> None:
    cohort, networks = help_analysis.cohort, help_analysis.networks
    assert networks is not None
    mental = ls.outcome(cohort, "mental")
    results = (
        cohort, networks, mental, ls.change(mental, "baseline", "month12"), help_analysis.wave_models[0],
        help_analysis.transitions[0].groups(),
    )  # fmt: skip
    for result in results:
        in_every_language(lambda lang, one=result: one.plot(lang=lang))


def test_the_check_finds_what_overlaps() -> None:
    figure = Figure(figsize=(3, 2))
    ax = figure.add_subplot()
    ax.text(0.5, 0.5, "one")
    ax.text(0.52, 0.5, "two")
    ax.text(-2, 0.5, "gone")
    ax.plot([0.5], [0.9], "o", label="mark")
    ax.legend(loc="upper center")
    ax.set(xlim=(0, 1), ylim=(0, 1))
    found = overlaps(figure)
    assert "'one' and 'two' overlap" in found
    assert "'gone' leaves the canvas" in found
    assert any(line.startswith("the legend lies on a mark") for line in found)
    slanted = Figure(figsize=(3, 2), layout="constrained").add_subplot()
    slanted.set_xticks([0, 1], ["a long name of a work", "another long name"], rotation=45)
    assert overlaps(slanted.figure) == []
    slanted.set_xlim(0, 30)
    assert overlaps(slanted.figure) == ["'a long name of a work' and 'another long name' overlap"]
