"""The review as data: every finding is there, everything resolves, and a spoiled file is told what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import larstudy as ls
from larstudy.cli import main
from larstudy.handbook.pages import page_of
from larstudy.names import CLAIM_COLUMNS, LANGUAGES
from larstudy.specs.bibliography import parse_bibtex
from larstudy.specs.evidence import Evidence
from larstudy.specs.evidence_reading import read_evidence, shipped_evidence
from larstudy.specs.toml_lines import key_lines
from larstudy.studies.review import REVIEW_PARTS

# Every finding that the reviewed thesis states, by the letter of the work it comes from.
FINDINGS = [
    *(f"M{n:02d}" for n in range(1, 14)), *(f"V{n:02d}" for n in range(1, 6)), *(f"P{n:02d}" for n in range(1, 7)),
    *(f"H{n:02d}" for n in range(1, 16)), *(f"G{n:02d}" for n in range(1, 7)), "S01", "S02", "R01", "O01", "O02",
    *(f"C{n:02d}" for n in range(1, 6)),
]  # fmt: skip


@pytest.fixture
def evidence() -> Evidence:
    return shipped_evidence()


def all_words(evidence: Evidence) -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of the registry that stands in several languages, with the place where it stands."""

    def walk(thing: object, where: str) -> Iterator[tuple[str, dict[str, str]]]:
        if isinstance(thing, dict) and set(thing) & {"en", "nb", "nn"}:
            yield where, thing
        elif isinstance(thing, dict):
            for key, value in thing.items():
                yield from walk(value, f"{where}.{key}")
        elif hasattr(thing, "__slots__") and not isinstance(thing, str):
            for name in thing.__slots__:
                yield from walk(getattr(thing, name), f"{where}.{name}")

    for name in Evidence.__slots__:
        yield from walk(getattr(evidence, name), name)


def numbers(text: str) -> list[str]:
    """The numbers of a text in order, written alike: 8,099 and 8 099 are one number, and so are 61.7 and 61,7."""
    joined = re.sub(r"(?<=\d)[,\u202f](?=\d{3}\b)", "", text)
    return sorted(n.replace(",", ".") for n in re.findall(r"\d+(?:[.,]\d+)*", joined))


class TestRegistry:
    def test_every_finding_is_there(self, evidence: Evidence) -> None:
        assert sorted(evidence.claims) == sorted(FINDINGS)
        assert len(FINDINGS) == 55

    def test_every_claim_has_a_page_or_says_that_it_has_none(self, evidence: Evidence) -> None:
        without = {c.id for c in evidence.claims.values() if c.page == "none"}
        assert without == {
            "M01", "V01", "P01", "P05", "P06", "H06", "H07", "O01", "O02", "C01", "C02", "C03", "C04", "C05",
        }  # fmt: skip
        assert all(c.page for c in evidence.claims.values())
        assert evidence.claims["M07"].page == "436"
        assert all(c.sections for c in evidence.claims.values())

    def test_what_the_conclusions_rest_on(self, evidence: Evidence) -> None:
        rests = {name: set(evidence.claims[name].requires) for name in ("C01", "C02", "C04", "C05")}
        assert rests == {
            "C01": {"H08", "H09", "R01"},
            "C02": {"M08", "M09", "M10", "M11"},
            "C04": {"V01", "V02", "V03", "V04", "V05", "P02", "P03", "P04", "P05"},
            "C05": {"P05"},
        }
        assert set(evidence.claims["C03"].requires) == {f"M{n:02d}" for n in range(4, 13)}

    def test_every_text_is_in_three_languages_with_the_same_numbers(self, evidence: Evidence) -> None:
        found = list(all_words(evidence))
        assert len(found) > 300
        for where, words in found:
            assert set(words) == set(LANGUAGES), where
            assert all(words.values()), where
            assert numbers(words["en"]) == numbers(words["nb"]) == numbers(words["nn"]), where

    def test_each_language_is_itself(self, evidence: Evidence) -> None:
        """Words that belong to the other written Norwegian do not slip in."""
        bokmaal = (
            r"\b(ikke|jeg|hvordan|noen|fra|også|deltakerne|sammenheng\w*|gjennomsnittlig|ensom\w*|er blitt)\b"
        )
        nynorsk = (
            r"\b(ikkje|eg|korleis|nokon|frå|òg|deltakarane|samanheng\w*|gjennomsnittleg|einsem\w*|vart)\b"
        )
        for where, words in all_words(evidence):
            assert not re.search(bokmaal, words["nn"], re.IGNORECASE), (where, words["nn"])
            assert not re.search(nynorsk, words["nb"], re.IGNORECASE), (where, words["nb"])
            assert not re.search(
                r"[æøå]", words["en"].replace("Blå", "").replace("kjedesøk", "").replace("Bokmål", "")
            ), where

    def test_findings_of_interviews_are_never_worded_as_effects(self, evidence: Evidence) -> None:
        effect = r"\b(effect|effects|causes?|leads? to|effekt\w*|fører til|forårsak\w*|fører med seg)\b"
        for claim in evidence.claims.values():
            if claim.kind in ("qualitative", "survey"):
                assert not any(re.search(effect, text, re.IGNORECASE) for text in claim.text.values()), (
                    claim.id
                )
                assert not claim.testable_on
                assert claim.why_not

    def test_references_and_works_resolve_both_ways(self, evidence: Evidence) -> None:
        assert set(evidence.references) == set(evidence.studies)
        cited = {c.source for c in evidence.claims.values()} | {p.source for p in evidence.passages.values()}
        assert cited <= set(evidence.references)
        assert {k for k, s in evidence.studies.items() if s.role == "reviewed"} == {
            "muller2017", "pettersen2019", "veseth2019", "hansen2019", "hansen2021",
        }  # fmt: skip
        # the sources that surround the findings
        assert {
            "seraf2021", "helsedirektoratet2010", "larforskrifta2009", "steiro2020", "schiefloe2011", "schiefloe2015",
            "eckbo2004", "snoek_engedal", "waal2016", "halvorsen2012", "fo2019", "aveyard2014",
        } <= set(evidence.references)  # fmt: skip

    def test_nothing_declared_lies_unused(self, evidence: Evidence) -> None:
        claims = evidence.claims.values()
        assert {r for c in claims for r in c.why_not} == set(evidence.reasons)
        assert {c.population for c in claims} == set(evidence.populations)
        assert {c.contrast for c in claims} - {""} == set(evidence.contrasts)
        assert {d for c in claims for d in c.testable_on} == set(evidence.data_sets)
        themes = {t for c in claims for t in c.themes} | {p.theme for p in evidence.passages.values()}
        assert themes == set(evidence.themes)

    def test_each_apa_text_has_the_year_and_the_doi_of_its_entry(self, evidence: Evidence) -> None:
        dois = {k: r.fields["doi"] for k, r in evidence.references.items() if "doi" in r.fields}
        assert dois == {
            "pettersen2019": "10.1177/1178221819833379",
            "veseth2019": "10.1007/s40737-019-00137-9",
        }
        for key, reference in evidence.references.items():
            assert f"({reference.fields['year']}" in reference.apa, key
            assert ("https://doi.org/" in reference.apa) == (key in dois)
            assert dois.get(key, "") in reference.apa
            assert reference.fields.get("incomplete")

    def test_flags(self, evidence: Evidence) -> None:
        kinds = [flag.kind for flag in evidence.flags.values()]
        assert {"spelling", "citation", "sources_differ", "superseded", "omission"} <= set(kinds)
        frame = ls.claims().to_frame("flags").set_index("flag")
        assert "'Bedre'" in frame.loc["F01", "remedy"]
        assert "2017 and 2018" in frame.loc["F02", "text"]
        assert frame.loc["F03", "claims"] == "M08"
        assert "May 2022" in frame.loc["F04", "text"]
        assert "little difference" in frame.loc["F05", "text"]

    def test_outcomes_are_those_of_the_open_study(self, evidence: Evidence) -> None:
        named = {outcome.columns["help"] for outcome in evidence.outcomes.values()}
        assert named <= set(ls.load_help().spec.outcomes)

    def test_groups_of_the_contrasts_are_change_groups(self, evidence: Evidence) -> None:
        from larstudy.names import CHANGE_GROUPS

        for contrast in evidence.contrasts.values():
            if contrast.id != "lar_against_other_treatment":
                assert {*contrast.of, *contrast.against} <= set(CHANGE_GROUPS)
                assert not set(contrast.of) & set(contrast.against)


class TestClaims:
    def test_columns_and_verdicts_to_come(self) -> None:
        frame = ls.claims().to_frame().set_index("id")
        assert ["id", *frame.columns] == list(CLAIM_COLUMNS)
        row = frame.loc["M07"]
        assert (row["published"], row["real"], row["synthetic"]) == (
            "not testable",
            "can be tested",
            "can be tested",
        )
        assert "5 of 470" in row["why"]
        assert row["why"].startswith("Difference in level between the isolated and all others")
        assert (frame.loc["V02", ["published", "real", "synthetic"]] == "not testable").all()
        assert (frame["why"].str.len() > 20).all()
        assert frame.loc["S02", "published"] == "can be tested"

    def test_summary_counts(self) -> None:
        text = ls.claims().summary()
        assert text.startswith("55 claims (quantitative 11, synthesis 6, recommendation 1, qualitative 20,")
        # M02, M08, S01 and S02 have printed numbers to check; M03-M07, M10-M12, C02 and C03 can be looked at in HELP, and
        # in synthetic data M01-M12 and the two
        assert "published 4, real 10, synthetic 14" in text

    def test_languages(self) -> None:
        nn, nb = ls.claims(lang="nn"), ls.claims(lang="nb")
        assert nn.table().columns[5].label == "Byggjer på"
        assert "likepersoner" not in nn.table().to_markdown()
        assert (
            nb.to_frame("requires")
            .set_index(["claim", "rests_on"])
            .loc[("M13", "M12"), "text"]
            .startswith("Beh")
        )
        with pytest.raises(ls.LarstudyError, match="There is no language 'no'"):
            ls.claims(lang="no")  # type: ignore[arg-type]
        with pytest.raises(ls.LarstudyError, match=r"There is no part 'flag'\. Nearest: 'flags'"):
            nn.to_frame("flag")  # type: ignore[arg-type]

    def test_the_graph_has_an_arrow_for_each_pair(self) -> None:
        claims = ls.claims(lang="nb")
        ax = claims.plot().axes
        drawn = {t.get_gid(): t.get_text() for t in ax.texts if t.get_gid()}
        pairs = claims.to_frame("requires")
        assert {f"claim-{name}" for name in {*pairs["claim"], *pairs["rests_on"]}} == set(drawn)
        arrows = [t for t in ax.texts if getattr(t, "arrow_patch", None) is not None]
        assert len(arrows) == len(pairs) == 35
        assert drawn["claim-C02"].startswith("C02: Et ruspreget nettverk")
        # what rests on another stands to the right of it
        x = {t.get_gid(): t.get_position()[0] for t in ax.texts if t.get_gid()}
        assert all(
            x[f"claim-{a}"] > x[f"claim-{b}"] for a, b in zip(pairs["claim"], pairs["rests_on"], strict=True)
        )


class TestReview:
    def test_table(self) -> None:
        review = ls.review_table(lang="nn", columns=["work", "country", "appraisal", "limitations"])
        frame = review.to_frame().set_index("work")
        assert frame["country"].tolist() == ["Noreg"] * 5
        assert frame.loc["Pettersen et al. (2019)", "limitations"] == "ikkje oppgitt"
        # 11 items: 4 answered yes, 1 no, 2 unclear, the other 4 by no source that could be read
        assert frame.loc["Muller et al. (2017)", "appraisal"] == (
            "Kohortstudie: ja 4, nei 1, uklart 2, ikkje oppgitt 4"
        )
        assert [c.label for c in review.table().columns] == ["Arbeid", "Land", "Kvalitet", "Veikskapar"]
        assert review.summary().startswith(
            "5 reviewed works, read as: abstract 3, pages of the institution 2."
        )

    def test_unknown_names(self) -> None:
        with pytest.raises(ls.LarstudyError, match=r"There is no column 'desing'\. Nearest: 'design'"):
            ls.review_table(columns=["desing"])
        with pytest.raises(ls.LarstudyError, match="There is no part 'matrices'"):
            ls.review_table().to_frame("matrices")  # type: ignore[arg-type]

    def test_matrix_has_each_theme_with_sources_and_pages(self) -> None:
        review = ls.review_table()
        frame = review.to_frame("matrix")
        assert list(frame["theme"].unique()) == [w["en"] for w in review.evidence.themes.values()]
        assert set(frame.loc[frame["theme"] == "Reciprocity", "id"]) == {"V05"}
        assert set(frame.loc[frame["theme"] == "The role of volunteers", "id"]) == {"H13", "H14"}
        shown = review.table("matrix")
        assert [c.name for c in shown.columns][-1] == "Context"
        cell = shown.to_frame().set_index("theme").loc["User involvement and ethics", "Context"]
        assert "FO (2019)" in cell
        assert "(R01, p. 5)" in cell
        veseth = shown.to_frame().set_index("theme").loc["Motivation", "Veseth et al. (2019)"]
        assert veseth.endswith("(V04, p. 100)")
        assert "(P05, no page)" in shown.to_markdown()

    def test_search_and_selection_say_what_is_not_reported(self) -> None:
        review = ls.review_table(lang="nb")
        search = review.to_frame("search").set_index("database")
        assert search.loc["PubMed", "hits"] == "ikke oppgitt"
        assert "10" in search.loc["Oria", "filters"]
        assert "legemiddelassistert rehabilitering" in search.loc["Oria", "terms"]
        flow = review.table("flow").to_frame()
        assert flow["works"].tolist() == ["ikke oppgitt"] * 4 + ["5"]

    def test_counts_by_year(self) -> None:
        frame = ls.review_table().to_frame("numbers")
        year_end = frame[frame["measure"].str.contains("end of the year")].set_index("year")["patients"]
        assert year_end[2020] == 8099
        assert year_end[2021] == 8198
        assert year_end.isna().sum() == 2
        dispensed = frame[frame["measure"].str.startswith("At least")].set_index("year")["patients"]
        assert dispensed.tolist() == [7709, 7914, 7958, 7804, 7709]
        assert "not reported" in ls.review_table().table("numbers").to_markdown()

    def test_references(self) -> None:
        review = ls.review_table()
        frame = review.to_frame("references")
        assert frame["id"].tolist()[0] == "aveyard2014"
        again = parse_bibtex(review.to_bibtex(), "again.bib")
        assert {k: dict(r.fields) for k, r in again.items()} == {
            k: {n: t for n, t in r.fields.items() if n != "apa"}
            for k, r in review.evidence.references.items()
        }
        assert review.to_ris().count("TY  - ") == review.to_ris().count("ER  - \r\n") == 19

    def test_every_part_in_every_language(self) -> None:
        for lang in LANGUAGES:
            review = ls.review_table(lang=lang)
            for part in REVIEW_PARTS:
                assert len(review.table(part).rows) > 2
        drawn = ls.review_table().plot().data
        assert drawn["theme"].nunique() == 9
        # Veseth V01 and V03 on relations that stabilise
        assert drawn["findings"].iloc[0] == 2

    def test_patients_in_lar(self) -> None:
        """2018 is not reported, 2007 and 2019 are rounded, and 2011 is told by another than who counted."""
        drawn = ls.review_table(lang="nb").plot(part="numbers")
        assert drawn.data["patients"].max() == 8198
        shown = [text.get_text().replace("\N{NO-BREAK SPACE}", " ") for text in drawn.axes.texts]
        assert [text for text in shown if "≈" in text] == ["≈ 4 000", "≈ 7 900"]
        lines = {line.get_gid(): line for line in drawn.axes.lines}
        joined = lines["patients-I LAR ved utgangen av året"].get_xdata()
        # Counts of 2011, 2016, 2017, 2019, 2020, 2021: no line from 2011, nor across 2018.
        assert np.flatnonzero(np.isnan(joined)).tolist() == [1, 4]
        told, counted = (lines[f"{who}-I LAR ved utgangen av året"] for who in ("told", "counted"))
        assert (list(counted.get_xdata()), told.get_markerfacecolor()) == ([2016], "white")
        assert list(told.get_xdata()) == [2011, 2017, 2019, 2020, 2021]
        table = ls.review_table(lang="nn").table("numbers").to_markdown().replace("\N{NO-BREAK SPACE}", " ")
        assert "| 2016 | I LAR ved utgangen av året | 7 554 | SERAF, nyhende 8. juni 2017 |" in table
        assert "| 2019 | I LAR ved utgangen av året | ≈ 7 900 | rusfeltet.no |" in table


CLAIMS = """\
title = "Sleep and shift work"
languages = ["en"]
bibliography = "my.bib"

[reasons.interviews]
en = "Interviews"

[populations]
nurses = "Nurses"

[themes]
rest = "Rest"

[claims.N1]
kind = "qualitative"
source = "hay2020"
page = "12-14"
population = "nurses"
text = "Nurses told of short nights"
themes = ["rest"]
why_not = ["interviews"]

[claims.N2]
kind = "synthesis"
source = "hay2020"
page = "none"
population = "nurses"
text = "Shifts and sleep go together"
requires = ["N1"]
why_not = ["interviews"]
"""
BIB = """\
@article{hay2020,
  author = {Hay, B.},
  title = "Sleep",
  year = 2020,
  apa = {Hay, B. (2020). Sleep.}
}
"""


def own(folder: Path, claims: str = CLAIMS, bib: str = BIB, studies: str = "") -> Path:
    (folder / "my.bib").write_text(bib, encoding="utf-8")
    if studies:
        claims = 'studies = "my_studies.toml"\n' + claims
        (folder / "my_studies.toml").write_text(studies, encoding="utf-8")
    (folder / "claims.toml").write_text(claims, encoding="utf-8")
    return folder / "claims.toml"


class TestOwnReview:
    def test_one_language_and_no_works(self, tmp_path: Path) -> None:
        path = own(tmp_path)
        claims = ls.claims(path, lang="nn")
        assert claims.to_frame()["text"].tolist() == [
            "Nurses told of short nights",
            "Shifts and sleep go together",
        ]
        assert claims.to_frame()["page"].tolist() == ["12–14", "inga side"]
        assert len(ls.review_table(path).table("table").rows) == 0
        assert claims.plot().axes.texts

    def test_with_works(self, tmp_path: Path) -> None:
        works = '[studies.hay2020]\nrole = "reviewed"\nread = "full_text"\ndesign = "Interviews"\n'
        path = own(tmp_path, studies=works)
        frame = ls.review_table(path, columns=["work", "design", "appraisal"]).to_frame()
        assert frame.values.tolist() == [["Hay (2020)", "Interviews", "not reported"]]

    def spoiled(self, folder: Path, *changes: tuple[str, str], **files: str) -> str:
        text = CLAIMS
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        with pytest.raises(ls.SpecError) as caught:
            read_evidence(own(folder, text, **files))
        return str(caught.value)

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('page = "12-14"', 'page = "early on"', "line 17, claims.N1.page: 'early on' is not a page. Write \"434\""),
            ('page = "12-14"\n', "", "line 14, claims.N1.page: is missing"),
            ('why_not = ["interviews"]', 'rule = "gratest_change"', "line 21, claims.N1.rule: 'gratest_change' is not an option. Nearest: 'greatest_change'"),
            ('why_not = ["interviews"]\n', "", "line 14, claims.N1.why_not: is missing, and so is testable_on"),
            ('why_not = ["interviews"]', "testable_on = []", "line 14, claims.N1.rule: is missing, though testable_on names data"),
            ('why_not = ["interviews"]', 'why_not = ["interviews"]\nrule = "share"', "line 14, claims.N1.estimand: is missing, though there is a rule"),
            ('why_not = ["interviews"]', 'why_not = ["interviews"]\nestimand = "Mean"\nrule = "greatest_change"', "line 14, claims.N1.contrast: is missing, and 'greatest_change' compares groups. Name a table of [contrasts]"),
            ('requires = ["N1"]', 'requires = ["N3"]', "line 29, claims.N2.requires: there is no claim 'N3'. Nearest: 'N2'"),
            ('requires = ["N1"]', 'requires = ["N2"]', "line 29, claims.N2.requires: goes in a circle: N2 rests on N2"),
            ('themes = ["rest"]', 'requires = ["N2"]', "goes in a circle: N1 rests on N2 rests on N1. Take one"),
            ('source = "hay2020"', 'source = "hay2021"', "line 16, claims.N1.source: there is no reference 'hay2021'. Add it to the bibliography. Nearest: 'hay2020'"),
            ('themes = ["rest"]', 'themes = ["rst"]', "line 20, claims.N1.themes: there is no theme 'rst'. Nearest: 'rest'"),
            ('population = "nurses"', 'population = "nurse"', "line 18, claims.N1.population: there is no population 'nurse'"),
            ('kind = "qualitative"', 'kind = "feeling"', "line 15, claims.N1.kind: 'feeling' is not an option"),
            ('themes = ["rest"]', 'thmes = ["rest"]', "line 20, claims.N1.thmes: is not a key that larstudy knows. Nearest: 'themes'"),
            ('text = "Nurses told of short nights"', "text = 3", "line 19, claims.N1.text: should be a text in each language. Write text.en"),
            ('text = "Nurses told of short nights"', 'text.nn = "Korte netter"', "claims.N1.text.nn: is not a key that larstudy knows"),
            ('text = "Nurses told of short nights"\n', "", "line 14, claims.N1.text: is missing. Write text.en = text in quotes"),
            ('languages = ["en"]', 'languages = ["en", "se"]', "line 2, languages: 'se' is not a language"),
            ('bibliography = "my.bib"', 'bibliography = "none.bib"', "none.bib: there is no such file"),
            ('bibliography = "my.bib"\n', "", "line 1, bibliography: is missing"),
        ],
    )  # fmt: skip
    def test_each_problem_has_its_line_and_what_to_do(
        self, tmp_path: Path, old: str, new: str, message: str
    ) -> None:
        assert message in self.spoiled(tmp_path, (old, new))

    def test_everything_wrong_is_told_at_once(self, tmp_path: Path, capsys) -> None:
        text = self.spoiled(
            tmp_path,
            ('page = "12-14"', 'page = "x"'), ('kind = "synthesis"\n', ""), ('requires = ["N1"]', 'requires = ["N9"]'),
            bib=BIB.replace("2020). Sleep", "2021). Sleep"),
        )  # fmt: skip
        assert text.startswith("Review 'claims.toml': 4 problems\n")
        lines = re.findall(r"(claims.toml|my.bib), line (\d+)", text)
        # a missing key is told on the line of its table
        assert lines == [("claims.toml", "17"), ("claims.toml", "23"), ("claims.toml", "28"), ("my.bib", "1")]
        assert main(["claims", "--from", str(tmp_path / "claims.toml")]) == 1
        assert "4 problems" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("bib", "message"),
        [
            (BIB.replace("@article", "@journal"), "line 1, hay2020: '@journal' is not known. Known: article"),
            (BIB + BIB, "line 7, hay2020: is given twice"),
            (BIB.replace("title =", "titel ="), "line 3, hay2020.titel: is not a field that larstudy knows. Nearest: 'title'"),
            (BIB.replace("title =", "author ="), "line 3, hay2020.author: is given twice"),
            (BIB.replace("  year = 2020,\n", ""), "line 1, hay2020.year: is missing"),
            (BIB.replace("year = 2020", "year = {20-20}"), "line 1, hay2020.year: is not a year"),
            (BIB.replace("(2020)", "(2021)"), "line 1, hay2020.apa: has another year than the entry"),
            (BIB.replace("Sleep.}", "Sleep. https://doi.org/10.1/x}"), "line 1, hay2020.apa: has another DOI than the entry"),
            (BIB.replace("{Hay, B. (", "{May, B. ("), "line 1, hay2020.apa: begins with another author"),
            (BIB.replace("Sleep.}\n}", "Sleep."), "line 1, hay2020: does not end"),
            (BIB.replace('"Sleep",', '"Sleep'), "line 1, hay2020: does not end"),
            (BIB.replace('"Sleep"', "Sleep"), "line 1, hay2020: does not end"),
            (BIB.replace('"Sleep",', '"Sleep"'), "line 1, hay2020: does not end"),
            ("% a note @here\n@article hay\n" + BIB, "line 2, @: is no entry"),
        ],
    )  # fmt: skip
    def test_bibliographies(self, bib: str, message: str) -> None:
        with pytest.raises(ls.SpecError) as caught:
            parse_bibtex(bib, "my.bib")
        assert f"my.bib, {message}" in str(caught.value)

    def test_a_comma_may_follow_the_last_field(self) -> None:
        (found,) = parse_bibtex(BIB.replace("Sleep.}\n}", "Sleep.},\n}"), "my.bib").values()
        assert found.to_ris().split("\r\n") == [
            "TY  - JOUR", "ID  - hay2020", "AU  - Hay, B.", "TI  - Sleep", "PY  - 2020", "ER  - ", "",
        ]  # fmt: skip

    def test_sources_are_not_looked_up_where_there_is_no_bibliography(self, tmp_path: Path) -> None:
        works = '[studies.hay2020]\nrole = "reviewed"\nread = "abstract"\n'
        path = own(tmp_path, CLAIMS.replace('source = "hay2020"\n', "", 1), studies=works)
        with pytest.raises(ls.SpecError, match=r"line 15, claims\.N1\.source: is missing"):
            read_evidence(path)
        (tmp_path / "my.bib").unlink()
        with pytest.raises(ls.SpecError) as caught:
            read_evidence(path)
        assert [p.code for p in caught.value.problems] == ["missing_key", "file_missing"]

    def test_doi_in_the_entry_only(self) -> None:
        with pytest.raises(ls.SpecError, match="another DOI"):
            parse_bibtex(BIB.replace("year = 2020", "year = 2020, doi = {10.1/x}"), "my.bib")

    @pytest.mark.parametrize(
        ("works", "message"),
        [
            ('[studies.may]\nrole = "reviewed"\nread = "abstract"\n', "my_studies.toml, line 1, studies.may: there is no reference 'may'"),
            ('[studies.may]\nrole = "reviewed"\nread = "abstract"\n', "my.bib, hay2020: is a reference without a table [studies.hay2020] in my_studies.toml"),
            ('[studies.hay2020]\nrole = "main"\nread = "abstract"\n', "my_studies.toml, line 2, studies.hay2020.role: 'main' is not an option"),
            ('[studies.hay2020]\nrole = "reviewed"\nread = "abstract"\n[studies.hay2020.appraisal.casp]\naim = {}\n', "line 4, studies.hay2020.appraisal: there is no checklist 'casp'"),
            ('[checklists.q]\nsource = "x"\nlabel = "Q"\n[checklists.q.items]\naim = "Aim?"\n[studies.hay2020]\nrole = "reviewed"\nread = "abstract"\n'
             '[studies.hay2020.appraisal.q]\nami = { answer = "yes", why = "x" }\n', "line 10, studies.hay2020.appraisal.q.ami: is not an item of the checklist. Nearest: 'aim'"),
            ('[flow.a]\nn = -1\nlabel = "A"\n[studies.hay2020]\nrole = "reviewed"\nread = "abstract"\n', "line 2, flow.a.n: is below zero"),
            ("[studies", "my_studies.toml: is not valid TOML"),
        ],
    )  # fmt: skip
    def test_works(self, tmp_path: Path, works: str, message: str) -> None:
        with pytest.raises(ls.SpecError) as caught:
            read_evidence(own(tmp_path, studies=works))
        assert message in str(caught.value)


def test_lines_of_keys() -> None:
    text = 'a = 1\n\n["b c"]\nd.e = """\nf = 1\n"""\ng = 2\n'
    assert key_lines(text) == {"a": 1, "b c": 3, "b c.d": 4, "b c.d.e": 4, "b c.g": 7}


class TestCommands:
    def test_claims(self, tmp_path: Path, capsys) -> None:
        assert main(["claims", "--format", "csv"]) == 0
        out = capsys.readouterr().out
        assert out.splitlines()[0] == "id,kind,text,source,page,requires,published,real,synthetic,why"
        assert len(out.splitlines()) == 56
        assert main(["claims", "--flags", "--lang", "nn"]) == 0
        assert "rapporten er på bokmål" in capsys.readouterr().out
        for kind in ("html", "json", "svg"):
            assert main(["claims", "--format", kind, "--out", str(tmp_path / f"c.{kind}")]) == 0
        assert '<html lang="en">' in (tmp_path / "c.html").read_text(encoding="utf-8")
        assert '"requires": [\n        "M08"' in (tmp_path / "c.json").read_text(encoding="utf-8")
        assert "claim-C02" in (tmp_path / "c.svg").read_text(encoding="utf-8")
        assert main(["claims", "--flags", "--format", "svg"]) == 1
        assert "not a graph" in capsys.readouterr().err

    def test_review(self, tmp_path: Path, capsys) -> None:
        assert main(["review", "table", "--columns", "work, design", "--lang", "nb"]) == 0
        assert "| Arbeid | Design |" in capsys.readouterr().out
        assert main(["review", "matrix", "--format", "csv"]) == 0
        assert capsys.readouterr().out.startswith("theme,work,id,text,page\n")
        assert main(["review", "references", "--format", "ris"]) == 0
        assert main(["review", "references", "--format", "bib"]) == 0
        assert "@article{muller2017," in capsys.readouterr().out
        assert main(["review", "graph", "--format", "csv"]) == 0
        assert "C02,A network marked by drug use" in capsys.readouterr().out
        out = tmp_path / "g.svg"
        assert main(["review", "graph", "--out", str(out)]) == 0
        first = out.read_bytes()
        assert main(["review", "graph", "--out", str(out)]) == 1
        assert "nothing is overwritten" in capsys.readouterr().err
        assert main(["review", "graph", "--out", str(tmp_path / "h.svg")]) == 0
        assert (tmp_path / "h.svg").read_bytes() == first

    def test_a_file_beside_earlier_results_leaves_them_alone(self, tmp_path: Path) -> None:
        (tmp_path / "run.json").write_text('{"files": ["report.html"]}', encoding="utf-8")
        (tmp_path / "report.html").write_text("kept", encoding="utf-8")
        assert main(["review", "flow", "--out", str(tmp_path / "flow.md")]) == 0
        assert (tmp_path / "report.html").read_text(encoding="utf-8") == "kept"
        assert (tmp_path / "flow.md").is_file()

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["table", "--format", "docx"], "name it with --out FILE.docx"),
            (["table", "--format", "ris"], "'ris' is for 'references', not for 'table'"),
            (
                ["flow", "--format", "svg"],
                "'svg' is for 'graph', 'matrix', 'numbers' and 'cohorts', not for 'flow'",
            ),
            (["flow", "--columns", "work"], "--columns chooses columns of 'table'"),
            (["graph", "--format", "bib"], "'bib' is for 'references', not for 'graph'"),
            (["table", "--columns", "wrok"], "There is no column 'wrok'. Nearest: 'work'"),
        ],
    )
    def test_what_does_not_go_together(self, arguments: list[str], message: str, capsys) -> None:
        assert main(["review", *arguments]) == 1
        assert message in capsys.readouterr().err


def test_the_review_that_the_handbook_shows(tmp_path: Path) -> None:
    page = page_of("a_review_of_your_own").text
    files = dict(re.findall(r"```\w+ (claims\.toml|my\.bib)\n(.*?)```", page, re.DOTALL))
    claims = ls.claims(own(tmp_path, files["claims.toml"], bib=files["my.bib"]))
    assert claims.to_frame("requires").values.tolist() == [
        ["N2", "Shifts and sleep go together", "N1", "Nurses told of short nights"]
    ]
