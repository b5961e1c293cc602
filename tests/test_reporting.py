"""The report: every sentence from the tables, the same numbers in three languages, readable by everybody."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy import figures
from larstudy.analysis import PARTS, Analysis
from larstudy.catalogue import texts
from larstudy.names import LANGUAGES, Language
from larstudy.reporting.blocks import Bullets, Fold, Heading, Picture, Report, Shown, Terms, Text, every_block
from larstudy.reporting.contents import report
from larstudy.reporting.findings import agreement, can_tell, cannot_tell, improvement, short_findings
from larstudy.reporting.material import Material, languages
from larstudy.reporting.methods_text import glossary, methods
from larstudy.reporting.page import compact_svg, report_page
from larstudy.reporting.pictures import lost_pictures, outcome_pictures
from larstudy.reporting.results_text import degrees, f_text, results_paragraph
from larstudy.reporting.strobe import strobe_table
from larstudy.reporting.study_tables import choice_table, condition, rule_table, specification_table
from larstudy.reporting.word import report_document
from larstudy.tables import Column, Table
from tests import axe

pytest.importorskip("docx")


def lighter(cohort: ls.Cohort, **changed: Any) -> ls.Cohort:
    """Return a cohort whose analysis draws nothing at random."""
    spec = dataclasses.replace(cohort.spec.analysis, bootstrap=0, permutations=0, **changed)
    return dataclasses.replace(cohort, spec=dataclasses.replace(cohort.spec, analysis=spec))


def material_of(analysis: Analysis, **changed: Any) -> Material:
    spec = analysis.cohort.spec
    return Material(
        spec=spec,
        frames={part: analysis.to_frame(part) for part in PARTS},
        n_persons=len(analysis.cohort.persons),
        notes=analysis.notes(),
        made_with={"larstudy": "0", "data": "a file"},
        draw=partial(analysis.figure, private=not spec.synthetic),
        **changed,
    )


@pytest.fixture(scope="module")
def help_material() -> Material:
    cohort = lighter(ls.load_help(), comparisons=(("baseline", "month12"), ("baseline", "month24")))
    outcomes = {name: cohort.spec.outcomes[name] for name in ("mental", "depressive_symptoms")}
    cohort = dataclasses.replace(cohort, spec=dataclasses.replace(cohort.spec, outcomes=outcomes))
    return material_of(ls.analyse(cohort))


@pytest.fixture(scope="module")
def made_up() -> Material:
    return material_of(ls.analyse(lighter(ls.load_synthetic())))


@pytest.fixture(scope="module")
def reports(help_material: Material) -> dict[Language, Report]:
    with figures.apart():
        return {lang: report(help_material, lang) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def made_up_reports(made_up: Material) -> dict[Language, Report]:
    with figures.apart():
        return {lang: report(made_up, lang) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def page(made_up_reports: dict[Language, Report]) -> str:
    return report_page([made_up_reports[lang] for lang in languages("nn")])


def words_of(found: Report) -> Iterator[tuple[str, str]]:
    """Yield every text of a report, with what it is."""
    yield "title", found.title
    for block in every_block(found.blocks):
        match block:
            case Heading() | Text():
                yield type(block).__name__, block.text
            case Bullets():
                yield from (("bullet", line) for line in block.lines)
            case Terms():
                yield from (("term", f"{term}: {means}") for term, means in block.entries)
            case Fold():
                yield "summary", block.summary
            case Picture():
                yield "caption", block.caption
                yield "alt", block.figure.alt
            case Shown():
                yield "table", block.table.title


def numbers(text: str) -> list[str]:
    """Return the numbers in a text, however the language writes them."""
    text = re.sub(r"(?<=\d)[ \N{NO-BREAK SPACE}](?=%)", "", text)
    return sorted(re.findall(r"[−-]?\d*[.,]?\d+%?", text.replace(",", ".")))


class TestFindings:
    def test_help(self, help_material: Material) -> None:
        """470 came in, 215 of them have both (46 %); the groups by R (tests/oracles), the rest by the tables."""
        who, everybody, groups, difference, others = short_findings(help_material, "en")
        assert "470 people came in. 215 of them (46%)" in who
        assert who.endswith("So many are missing that they could change the picture.")
        assert "became better, by 9.27 points (95% CI 7.33 to 11.22)" in everybody
        assert "“gained abstinent network” changed most for the better, by 12.98 points" in groups
        assert (
            "(95% CI 9.48 to 16.47, n = 67); the group “isolated” had the least favourable change, 5.02 points"
            in groups
        )
        # 12.977 - 6.995 = 5.982; the analysis of covariance as R has it
        assert "5.98 points (95% CI 1.18 to 10.79) where changes are compared, 7.71 points" in difference
        assert "Both analyses say that the groups differ, and in the same direction." in difference
        # 5.65, p = .051, of imputed data.
        assert difference.endswith("the difference in change can no longer be told from chance.")
        # 67 + 48 + 71 + 21
        assert "207 of these are compared in groups." in who
        # Two outcomes at two times.
        assert re.search(r"changed most for the better in \d of 4 comparisons\.", others)

    def test_errors_for_clusters_are_told(self, made_up: Material) -> None:
        """As change.csv has them beside those that take people as independent."""
        row = (
            made_up.frames["change"]
            .query("outcome == 'global' and group == 'all' and stratum == 'all'")
            .iloc[0]
        )
        everybody = short_findings(made_up, "en")[2]
        assert row["cluster_errors"] == "CR2"
        assert f"(95% CI {row['cluster_low']:.3f} to {row['cluster_high']:.3f})" in everybody

    def test_items_are_those_of_the_scale(self, made_up: Material) -> None:
        """QOL10 has ten items; its global and its social score are of five each."""
        said = " ".join(methods(made_up, "en").paragraphs)
        assert said.count("scored from 5 items") == 2

    def test_in_norwegian(self, help_material: Material) -> None:
        who, everybody, *_ = short_findings(help_material, "nn")
        assert who.startswith("470 personar kom inn. 215 av dei (46\N{NO-BREAK SPACE}%) har ")
        assert "betre, med 9,27 poeng (95\N{NO-BREAK SPACE}% KI 7,33 til 11,22)" in everybody

    def test_where_less_is_better_the_largest_fall_is_most(self, help_material: Material) -> None:
        frames = {**help_material.frames}
        change = frames["change"]
        frames["change"] = change[change["outcome"] == "depressive_symptoms"]
        found = short_findings(dataclasses.replace(help_material, frames=frames), "en")
        rows = (
            frames["change"].query("to_wave == 'month12' and stratum == 'all'").set_index("group")["estimate"]
        )
        groups = rows[["maintained_abstinent", "gained_abstinent", "drug_dominated", "isolated"]]
        said = {
            "gained_abstinent": "gained abstinent network",
            "maintained_abstinent": "maintained abstinent network",
        }
        assert f"“{said[groups.idxmin()]}” changed most for the better, by −" in found[3]
        assert ": scores from 0 to 60; higher is worse." in found[1]

    @pytest.mark.parametrize(
        ("imputed", "interval", "said"),
        [
            ((3.0, 0.01), (-1.0, 5.0), "the difference in change can be told from chance."),
            ((-3.0, 0.01), (1.0, 5.0), "the difference in change goes the other way."),
            ((3.0, 0.01), (1.0, 5.0), "Both analyses say that the groups differ, and in the same direction."),
        ],
    )
    def test_what_filling_in_does(
        self, help_material: Material, imputed: tuple[float, float], interval: tuple[float, float], said: str
    ) -> None:
        frames = {**help_material.frames}
        frames["robustness"] = frames["robustness"].assign(estimate=imputed[0], p_value=imputed[1])
        frames["estimands"] = frames["estimands"].assign(conf_low=interval[0], conf_high=interval[1])
        found = short_findings(dataclasses.replace(help_material, frames=frames), "en")
        assert found[3].endswith(said)

    def test_how_many_is_withheld(self, help_material: Material) -> None:
        change = help_material.frames["change"].copy()
        change.loc[change["group"] == "all", "n"] = np.nan
        frames = {**help_material.frames, "change": change}
        who = short_findings(dataclasses.replace(help_material, frames=frames, withheld="n5."), "en")[0]
        assert who == (
            "470 people came in. How many were compared is withheld, because small counts could be worked out"
            " from it."
        )

    def test_what_is_withheld_is_not_told(self, help_material: Material) -> None:
        change = help_material.frames["change"].copy()
        change[["n", "estimate", "conf_low", "conf_high"]] = np.nan
        found = short_findings(dataclasses.replace(help_material, frames={"change": change}), "en")
        assert found == ["470 people came in."]

    def test_a_change_within_chance(self, help_material: Material) -> None:
        change = help_material.frames["change"].copy()
        change["conf_low"] = -1.0
        found = short_findings(dataclasses.replace(help_material, frames={"change": change}), "en")
        assert "that is within what chance alone can give" in found[1]

    def test_a_change_for_the_worse(self, help_material: Material) -> None:
        change = help_material.frames["change"].copy()
        change[["conf_low", "conf_high"]] = [-3.0, -1.0]
        found = short_findings(dataclasses.replace(help_material, frames={"change": change}), "en")
        assert "became worse" in found[1]

    @pytest.mark.parametrize(
        ("first", "second", "said"),
        [
            ((1, 2), (0.5, 3), "Both analyses say"),
            ((-1, 2), (-3, 3), "Neither analysis"),
            ((-1, 2), (0.5, 3), "Only one of the two"),
            ((1, 2), (-3, -0.5), "the opposite of each other"),
        ],
    )
    def test_agreement(self, first: tuple[float, float], second: tuple[float, float], said: str) -> None:
        rows = [dict(zip(("conf_low", "conf_high"), ends, strict=True)) for ends in (first, second)]
        assert said in agreement(*rows)

    @pytest.mark.parametrize(
        ("ends", "higher_is", "better"),
        [((1, 2), "better", True), ((1, 2), "worse", False), ((-2, -1), "worse", True), ((-1, 2), "better", None),
         ((1, 2), None, None)],
    )  # fmt: skip
    def test_improvement(self, ends: tuple[float, float], higher_is: str | None, better: bool | None) -> None:
        assert improvement(dict(zip(("conf_low", "conf_high"), ends, strict=True)), higher_is) is better

    def test_what_data_cannot_tell(self, help_material: Material, made_up: Material) -> None:
        assert "Anything about real people: the data are made up." in cannot_tell(made_up, "en")
        said = " ".join(cannot_tell(help_material, "en"))
        assert "made up" not in said
        assert "People were not put into groups by lot" in said
        assert len(can_tell(help_material, "en")) == 4

    def test_a_study_without_groups(self) -> None:
        frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 4, 5, 5]})
        cohort = ls.load(frame, waves=["start", "end"], outcomes={"qol": {"start": "a", "end": "b"}})
        material = material_of(ls.analyse(cohort))
        found = report(material, "en")
        said = " ".join(text for _, text in words_of(found))
        # Nobody said which way is better; 4 persons, changes 1, 2, 2, 1.
        assert "4 people came in. 4 of them (100%)" in said
        assert "The categories in words" not in said
        assert "People were not in groups" in said
        assert material.key_group == ""
        assert not any(picture.name.startswith(("networks", "tipping")) for picture in found.pictures())


class TestResultsParagraph:
    def test_help_as_r_has_it(self, help_material: Material) -> None:
        said = results_paragraph(help_material, "mental", ("baseline", "month12"), "en")
        assert (
            "mean change 9.27, 95% CI [7.33, 11.22], t(214) = 9.40, p < .001, d_z = 0.64 (n = 215)." in said
        )
        # R: anova(lm(after ~ before + group)), F(3, 202) = 7.5946
        assert "By analysis of covariance groups differed at follow-up by F(3, 202) = 7.59, p < .001" in said
        assert "gained abstinent network 12.98 [9.48, 16.47] (n = 67)" in said

    def test_norwegian_decimals(self, help_material: Material) -> None:
        said = results_paragraph(help_material, "mental", ("baseline", "month12"), "nb")
        assert "t(214) = 9,40, p < ,001, d_z = 0,64 (n = 215)" in said
        assert "F(3; 202) = 7,59, p < ,001, partiell η² = ,101" in said

    def test_f_and_degrees(self) -> None:
        row = {
            "df_num": 3.0,
            "df": 14.9087,
            "statistic": 10.0608,
            "p_value": 0.00071,
            "partial_eta_squared": np.nan,
        }
        assert f_text(row) == "F(3, 14.91) = 10.06, p < .001"
        assert (
            f_text({**row, "partial_eta_squared": 0.0446})
            == "F(3, 14.91) = 10.06, p < .001, partial η² = .045"
        )
        assert degrees(1e9) == "1000000000"

    def test_clusters_give_the_errors(self, made_up: Material) -> None:
        said = results_paragraph(made_up, "global", ("baseline", "year1"), "en")
        row = made_up.row("models", outcome="global", stratum="all", model="rm_glm_cr2", term="time:group")
        assert row is not None
        assert f"F(3, {row['df']:.2f}) = {row['statistic']:.2f}" in said


class TestMethods:
    def test_what_was_done_is_said_and_cited(self, help_material: Material) -> None:
        done = methods(help_material, "en")
        said = " ".join(done.paragraphs)
        assert "Missing scores were imputed 20 times (Rubin, 1987)." in said
        assert "4 definitions of the networks stand side by side" in said
        assert "(Simonsohn et al., 2020; Steegen et al., 2016)" in said
        assert "errors allow for that by" not in said
        cited = set(
            re.findall(r"([A-Z]\w+)[^();]*?, (\d{4})", " ".join(re.findall(r"\(([^()]*\d{4}[^()]*)\)", said)))
        )
        listed = {
            (re.match(r"(?:von )?(\w+)", line).group(1), re.search(r"\((\d{4})\)", line).group(1))
            for line in done.references
        }
        assert {name for name, _ in listed} <= {name for name, _ in cited}
        assert list(done.references) == sorted(done.references)

    def test_instruments_are_named_with_their_works(self, made_up: Material) -> None:
        done = methods(made_up, "en")
        assert len(done.instruments) == 1
        assert "Ventegodt et al. 2003; Muller, Skurtveit & Clausen 2016" in done.instruments[0]
        assert any(line.startswith("von Elm") for line in done.references)

    def test_clusters(self, made_up: Material) -> None:
        done = methods(made_up, "nb")
        said = " ".join(done.paragraphs)
        assert "ved CR2 med frihetsgrader for få enheter (Bell og McCaffrey, 2002)" in said
        assert any(line.startswith("Bell, R. M.") for line in done.references)
        assert "Dataene er syntetiske" in said

    def test_glossary_is_sorted_and_whole(self) -> None:
        for lang in LANGUAGES:
            found = glossary(lang)
            assert len(found) == len(glossary("en"))
            assert [t.casefold() for t, _ in found] == sorted(t.casefold() for t, _ in found)

    def test_what_allows_for_clusters_is_noted_once(self, made_up: Material) -> None:
        assert sum(note.startswith("Models named with _cr2") for note in made_up.notes) == 1
        assert sum(note.startswith("Persons are nested in 'facility': ") for note in made_up.notes) > 1

    def test_choices_and_the_lost_have_no_english_left(self, made_up: Material) -> None:
        found = choice_table(made_up, "global", ("baseline", "year1"), "nn")
        between = {row[0]: row[1] for row in found.rows}
        assert between["kven det gjeld"].startswith(
            "dei som har svart ved begge målingane; alle med ein skår"
        )
        with figures.apart():
            (lost,) = lost_pictures(made_up, "nb")
        for text in ("behandling: LAR", "behandling: annen", "kjønn: mann"):
            assert text in lost.figure.alt
        assert ": omt" not in lost.figure.alt

    def test_strobe(self, help_material: Material) -> None:
        rows = {row[0]: row[2] for row in strobe_table(help_material, "en").rows}
        assert [number for number in rows if not number.endswith(tuple("bcde"))][-1] == "22"
        # Only authors know the title, the aims, how people were found, funding.
        assert [rows[number] for number in ("1", "2", "3", "6", "10", "18", "20", "21", "22")] == [""] * 9
        assert "470 came in, 215 have both answers" in rows["13"]
        assert "overlap weights" not in rows["12c"]
        assert "overlap weights" in rows["12a"]
        assert rows["12e"].endswith("specifications; see tables/sensitivity.csv.")
        assert "multiple imputation" in rows["12c"]
        assert rows["12b"] == "None."

    def test_strobe_of_a_study_with_strata(self, made_up: Material) -> None:
        rows = {row[0]: row[2] for row in strobe_table(made_up, "nn").rows}
        assert rows["12b"].startswith("Kvar behandlingsstatus for seg")
        assert rows["5"].endswith("Målingar: start, år 1. Behandlingseiningar: facility.")
        assert rows["5"].startswith("Kjelde til dataa: Syntetiske data")
        # Both scales come from one instrument, whose works are named once; then what the groups are made from.
        assert rows["8"].startswith("Global livskvalitet (QOL10), Sosial livskvalitet (QOL10): Ventegodt")
        assert rows["8"].count("Ventegodt") == 1
        assert "Nettverk: ut frå kven ein er mest saman med i fritida (1-5) (EuropASI" in rows["8"]

    def test_every_analysis_of_the_difference(self, help_material: Material) -> None:
        """Each row of sensitivity.csv on the first difference stands in the table, the lowest first."""
        where = {
            "outcome": "mental",
            "from_wave": "baseline",
            "to_wave": "month12",
            "group": "gained_abstinent",
        }
        frame = help_material.frame("sensitivity", **where)
        table = specification_table(help_material, "mental", ("baseline", "month12"), "en")
        at = [column.name for column in table.columns].index("estimate")
        shown = [row[at] for row in table.rows]
        assert shown == sorted(frame["estimate"])
        assert len(shown) == len(frame) > 20
        definitions = {row[0] for row in table.rows}
        assert "help: isolated where support from both friends and family is low" in definitions
        assert len(definitions) == 4

    def test_what_is_found_stands_before_how(self, reports: dict[Language, Report]) -> None:
        for found in reports.values():
            anchors = [block.anchor for block in found.blocks if isinstance(block, Heading) and block.anchor]
            assert anchors[:3] == ["short", "data", "limits"]
            assert isinstance(found.blocks[0], Heading)

    def test_the_stamp_stands_before_everything(self, made_up_reports: dict[Language, Report]) -> None:
        for found in made_up_reports.values():
            assert getattr(found.blocks[0], "kind", "") == "stamp"


class TestRules:
    def test_levels_in_words(self) -> None:
        assert condition("how many", frozenset({3.0, 4.0, 5.0}), "en") == "how many: 3 to 5"
        assert condition("with whom", frozenset({1.0, 3.0}), "nn") == "with whom: 1 eller 3"

    def test_the_rule_of_the_study(self, help_material: Material) -> None:
        table = rule_table(help_material, "en")
        assert table is not None
        (isolated, low), (dominated, many), (abstinent, others) = table.rows
        assert (isolated, dominated, abstinent) == ("Isolated", "Drug-dominated network", "Abstinent network")
        assert "support from friends (0-14): 0 to 3 and " in low
        assert " or " in many
        assert others == "everybody else"


class TestLanguages:
    def test_every_text_has_the_same_numbers(self, made_up_reports: dict[Language, Report]) -> None:
        english = list(words_of(made_up_reports["en"]))
        for lang in ("nb", "nn"):
            other = list(words_of(made_up_reports[lang]))
            assert [kind for kind, _ in other] == [kind for kind, _ in english]
            for (kind, ours), (_, theirs) in zip(english, other, strict=True):
                if kind != "term":
                    assert numbers(ours) == numbers(theirs), (kind, ours, theirs)

    def test_tables_have_the_same_numbers(self, made_up_reports: dict[Language, Report]) -> None:
        def cells(found: Report) -> list[list[str]]:
            tables = [p.tables for p in found.pictures()]
            return [numbers(cell) for several in tables for t in several for row in t.shown() for cell in row]

        assert cells(made_up_reports["en"]) == cells(made_up_reports["nn"]) == cells(made_up_reports["nb"])

    def test_no_word_of_the_other_language(self, reports: dict[Language, Report]) -> None:
        marks = {
            "nb": r"\b(ikkje|ein|eit|frå|kven|korleis|skilnad|blei|vere)\b",
            "nn": r"\b(ikke|(?<!-)en|et(?! al)|fra|hvem|hvordan|ble|være)\b",
        }
        for lang, mark in marks.items():
            for kind, text in words_of(reports[lang]):
                assert not re.search(mark, text), (lang, kind, text[:200])

    def test_the_catalogue_differs_where_languages_do(self) -> None:
        same = [
            en for en, (nb, nn) in texts().items() if en == nb == nn and re.search(r"\b(the|and|of|is)\b", en)
        ]
        assert same == []


class TestPage:
    def test_one_file_below_two_megabytes(self, page: str) -> None:
        assert len(page.encode()) < 2_000_000
        assert not re.search(r'(?:src|href)="(?!#)', page)
        assert not re.search(r"https?://(?!www\.w3\.org/)", page)
        assert "@import" not in page

    def test_it_opens_in_the_first_language(self, page: str) -> None:
        assert page.startswith('<!DOCTYPE html>\n<html lang="nn">')
        shown = re.findall(
            r'<div class="report" lang="(\w\w)" id="report-\w\w" data-title="[^"]*"( hidden)?>', page
        )
        assert shown == [("nn", ""), ("en", " hidden"), ("nb", " hidden")]

    def test_synthetic_data_are_stamped_in_every_language(self, page: str) -> None:
        for stamp in (
            "Synthetic data – not patients",
            "Syntetiske data – ikke pasienter",
            "Syntetiske data – ikkje pasientar",
        ):
            assert f'<p class="stamp">{stamp}.' in page

    def test_figures_have_words_and_tables(self, made_up_reports: dict[Language, Report]) -> None:
        for picture in made_up_reports["nb"].pictures():
            assert picture.figure.alt
            assert picture.caption
            assert len(picture.figure.data)

    def test_compacting_loses_nothing_that_is_seen(self) -> None:
        drawn = compact_svg(
            '<svg><defs><path id="m" d="M 0.04 -0.06"/></defs><use href="#m" x="10.26" id="n"/><text>0.12345</text></svg>'
        )
        assert (
            drawn
            == '<svg><defs><path id="m" d="M0 -0.1"/></defs><use href="#m" x="10.3"/><text>0.12345</text></svg>'
        )

    @pytest.mark.skipif(not axe.READY, reason="needs Chromium and axe-core")
    @pytest.mark.parametrize(("lang", "width"), [("en", 360), ("nb", 1280), ("nn", 360)])
    def test_axe_finds_nothing(self, page: str, tmp_path: Path, lang: str, width: int) -> None:
        found = axe.violations(page, tmp_path, lang=lang, width=width)
        assert found["lang"] == lang
        assert found["violations"] == []
        assert isinstance(found["passes"], int)
        assert found["passes"] > 30


class TestPictures:
    def test_a_withheld_group_is_named_and_dashes_explained(self, help_material: Material) -> None:
        change = help_material.frames["change"].copy()
        change.loc[change["group"] == "isolated", ["n", "estimate", "conf_low", "conf_high"]] = np.nan
        frames = {**help_material.frames, "change": change}
        material = dataclasses.replace(help_material, frames=frames, withheld="n5.")
        with figures.apart():
            found = {p.name: p for p in outcome_pictures(material, "mental", "en")}
        for name in ("followup", "change_by_group", "bracket"):
            assert found[f"outcome-1-{name}"].caption.endswith("Withheld: isolated (small counts).")
        assert found["outcome-1-bracket"].figure.alt.endswith("Withheld: isolated (small counts).")
        table = found["outcome-1-followup"].tables[0]
        assert table.notes[-1] == "–: withheld because of small counts, or not to be had."
        # Who changed most and least is said of the others only, and that too is said.
        assert "Withheld: isolated (small counts)." in short_findings(material, "en")

    def test_table_one_that_is_withheld(self, help_material: Material) -> None:
        whole = Table(
            title="Table 1. The groups at baseline",
            columns=(Column(name="variable", label="Variable", kind="text"), Column(name="all", label="All")),
            rows=(("age", float("nan")), ("sex", float("nan"))),
        )
        material = dataclasses.replace(help_material, withheld="n5.", table_one=whole)
        with figures.apart():
            gone = report(material, "nn")
            part = report(
                dataclasses.replace(
                    material, table_one=dataclasses.replace(whole, rows=(*whole.rows, ("n", 9.0)))
                ),
                "nn",
            )
        said = "Kven gruppene er ved start, blir halde tilbake: små tal kunne reknast ut av det."
        assert said in [text for _, text in words_of(gone)]
        assert said not in [text for _, text in words_of(part)]
        (table,) = (
            block.table
            for block in every_block(part.blocks)
            if isinstance(block, Shown) and block.table.title.startswith("Tabell 1")
        )
        assert table.notes == ("–: halde tilbake på grunn av små tal, eller ikkje mogleg å få.",)

    def test_to_which_mean_scores_return(self, help_material: Material) -> None:
        mean = help_material.frames["regression"].query("outcome == 'mental' and to_wave == 'month12'")
        with figures.apart():
            (caption,) = (
                p.caption
                for p in outcome_pictures(help_material, "mental", "en")
                if p.name == "outcome-1-bracket"
            )
        assert f"Return to the mean of this sample ({mean['population_mean'].iloc[0]:.2f})." in caption
        outcomes = help_material.spec.outcomes
        known = {**outcomes, "mental": dataclasses.replace(outcomes["mental"], population_mean=50.0)}
        spec = dataclasses.replace(help_material.spec, outcomes=known)
        with figures.apart():
            told = outcome_pictures(dataclasses.replace(help_material, spec=spec), "mental", "en")
        assert "the population that the study file names" in told[-1].caption

    def test_each_status_and_each_e_value(self, made_up: Material) -> None:
        with figures.apart():
            found = {p.name: p for p in outcome_pictures(made_up, "global", "en")}
        by_status = found["outcome-1-followup"].tables[1]
        assert {row[0] for row in by_status.rows} == {
            "Completed treatment",
            "Still in treatment",
            "Dropped out",
        }
        e_values = found["outcome-1-bracket"].tables[-1]
        rows = made_up.frames["robustness"].query(
            "analysis == 'e_value' and outcome == 'global' and stratum == 'all'"
        )
        assert len(e_values.rows) == len(rows) > 0
        # VanderWeele and Ding: d to a risk ratio exp(0.91 d), and RR + sqrt(RR (RR - 1)).
        ratio = np.exp(0.91 * rows["d"].abs())
        assert [row[3] for row in e_values.rows] == pytest.approx(
            (ratio + np.sqrt(ratio * (ratio - 1))).tolist()
        )


class TestWord:
    def test_the_same_content(self, made_up_reports: dict[Language, Report]) -> None:
        import docx

        found = made_up_reports["nb"]
        content = report_document(found)
        document = docx.Document(io.BytesIO(content))
        said = "\n".join(paragraph.text for paragraph in document.paragraphs)
        for kind, text in words_of(found):
            if kind in ("Heading", "Text", "bullet", "summary", "caption"):
                assert text in said, text
        assert len(document.inline_shapes) == len(found.pictures())
        alts = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
        assert alts == [picture.figure.alt for picture in found.pictures()]
        assert document.sections[0].header.paragraphs[0].text == "Syntetiske data – ikke pasienter"
        assert report_document(found) == content

    def test_every_table(self, reports: dict[Language, Report]) -> None:
        import docx

        document = docx.Document(io.BytesIO(report_document(reports["en"])))
        own = sum(isinstance(block, Shown) for block in every_block(reports["en"].blocks))
        assert len(document.tables) == own + sum(len(p.tables) for p in reports["en"].pictures())
