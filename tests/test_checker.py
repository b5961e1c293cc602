"""A student's table held against the sources: every planted error is explained, and nothing else is flagged."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import larstudy as ls
from larstudy.checker.known import known_works
from larstudy.checker.lexicon import lexicon
from larstudy.names import CHECK_COLUMNS, LANGUAGES, REVIEW_COLUMNS
from larstudy.specs.evidence_reading import shipped_evidence
from larstudy.table_files import table_bytes
from tests.student_tables import HEADINGS, PLANTED, RIGHT, write_table, wrong_rows

FORMATS = ("docx", "xlsx", "csv", "md")
MULLER, PETTERSEN, VESETH = "Muller et al. (2017)", "Pettersen et al. (2019)", "Veseth et al. (2019)"
HANSEN19, HANSEN21 = "Hansen et al. (2019)", "Hansen et al. (2021)"
VEDERHUS, AAS = "Vederhus et al. (2016)", "Aas et al. (2020)"


TABLE_WORDS = {
    "en": ("Author (year)", "Main findings", "p."),
    "nb": ("Forfatter (år)", "Hovedfunn", "s."),
    "nn": ("Forfattar (år)", "Hovudfunn", "s."),
}


def frame_of(rows) -> pd.DataFrame:
    return pd.DataFrame([list(row) for row in rows[1:]], columns=list(rows[0]))


def flagged(checked: ls.ReviewCheck) -> list[tuple[int, str, str]]:
    return [(r.row, r.column, r.diagnosis) for r in checked.remarks if r.kind in ("wrong", "unclear")]


def one_cell(heading: str, cell: object, work: str = MULLER) -> list[tuple[str, str]]:
    """The kind and diagnosis of what is said of one cell, and of whatever else is flagged."""
    checked = ls.check_review_table(pd.DataFrame({"Author (year)": [work], heading: [cell]}))
    return [
        (r.kind, r.diagnosis)
        for r in checked.remarks
        if r.column == heading or r.kind in ("wrong", "unclear")
    ]


class TestPlantedErrors:
    @pytest.mark.parametrize("kind", FORMATS)
    def test_all_twelve_and_nothing_else(self, kind: str, tmp_path: Path) -> None:
        checked = ls.check_review_table(write_table(tmp_path / f"feil.{kind}", wrong_rows()))
        assert len(PLANTED) == 12
        assert checked.lang == "nn"
        assert not checked.ok
        found = {(r.row, r.column): r for r in checked.remarks if r.kind == "wrong"}
        assert sorted(flagged(checked)) == sorted((row, column, what) for row, column, _, what, _ in PLANTED)
        for row, column, cell, _, says in PLANTED:
            remark = found[row, column]
            # The student's own words, what the source says and where, and why.
            assert remark.written.removeprefix("s. ") in cell
            assert says in remark.says
            assert remark.place
            assert len(remark.why) > 25
            assert not re.search(r"\b(ikke|hvordan|fra|the|and|noen)\b", remark.why)

    @pytest.mark.parametrize("kind", FORMATS)
    def test_what_is_right_is_told_too(self, kind: str, tmp_path: Path) -> None:
        checked = ls.check_review_table(write_table(tmp_path / f"feil.{kind}", wrong_rows()))
        right = {(r.row, r.column) for r in checked.remarks if r.kind == "right"}
        planted = {(row, column) for row, column, *_ in PLANTED}
        # Each row that is about a known work, and the countries that are not planted.
        assert {(row, "Land") for row in range(2, 9)} - planted <= right
        assert not right & (planted - {(7, "Hovudfunn")})
        assert [r.work for r in checked.remarks if r.diagnosis == "not_in_registry"] == ["Larsen (2018)"]

    def test_the_file_is_left_as_it_is(self, tmp_path: Path) -> None:
        path = write_table(tmp_path / "feil.docx", wrong_rows())
        before = path.read_bytes()
        ls.check_review_table(path)
        assert path.read_bytes() == before
        assert [p.name for p in tmp_path.iterdir()] == ["feil.docx"]

    def test_the_explanations(self) -> None:
        checked = ls.check_review_table(frame_of(wrong_rows()))
        why = {r.diagnosis: r.why for r in checked.remarks if r.kind == "wrong"}
        # 0.250 / sqrt(609) = 0.0101
        assert "SD / √n = 0,250 / √609" in why["se_for_sd"]
        assert why["baseline_n"].startswith(
            "548 er kor mange som var med ved start; resultata byggjer på 338"
        )
        assert why["report_number"] == "Dette er nummeret til Hansen et al. (2021)."
        assert "«effekt» seier" in why["qualitative_effect"]
        assert "«fører til» er eit årsaksord" in why["causal_verb"]
        assert "oppfølging minus start" in why["sign"]
        assert "to siffer har truleg bytt plass" in why["page"]


class TestNoFalseAlarm:
    @pytest.mark.parametrize("kind", FORMATS)
    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_our_own_table(self, lang, kind: str, tmp_path: Path) -> None:
        columns = [name for name in REVIEW_COLUMNS if name != "used_for"]
        review = ls.review_table(lang=lang, columns=columns)
        path = tmp_path / f"own.{kind}"
        path.write_bytes(
            review.to_frame().to_csv(index=False).encode()
            if kind == "csv"
            else table_bytes(review.table(), kind, lang=lang)
        )
        checked = ls.check_review_table(path)
        assert (checked.lang, checked.rows) == (lang, 5)
        assert flagged(checked) == []
        found = [(r.row, r.column) for r in checked.remarks if r.diagnosis == "found"]
        assert len(found) == 5
        assert sum(r.diagnosis == "country" for r in checked.remarks) == 5

    @pytest.mark.parametrize("kind", FORMATS)
    def test_a_right_table_in_other_words(self, kind: str, tmp_path: Path) -> None:
        checked = ls.check_review_table(write_table(tmp_path / f"rett.{kind}", RIGHT))
        assert flagged(checked) == []
        assert checked.ok
        assert checked.rows == 7
        assert "Ikkje noko vart funne å vere feil." in checked.summary()

    def test_our_own_findings_with_their_pages(self) -> None:
        """Every claim of the registry, as its finding would stand in a table, in each language."""
        evidence = shipped_evidence()
        for lang, (work, findings, page) in TABLE_WORDS.items():
            rows = [
                [
                    evidence.references[c.source].short(lang),
                    c.text[lang] + ("" if c.page == "none" else f" ({page} {c.page})"),
                ]
                for c in evidence.claims.values()
            ]
            checked = ls.check_review_table(pd.DataFrame(rows, columns=[work, findings]))
            assert checked.lang == lang
            assert flagged(checked) == []
            # 55 claims, and the page of each of the 41 that have one
            assert len(rows) == 55
            assert sum(r.diagnosis == "page" and r.kind == "right" for r in checked.remarks) >= 41

    @pytest.mark.parametrize(
        ("heading", "cell", "work"),
        [
            ("Sample", "338 adults (of 548 enrolled), 21 treatment facilities", MULLER),
            ("Sample", "N=338; 61.7% follow-up rate", MULLER),
            ("Sample", "n = 548 at baseline, n = 338 at one-year follow-up", MULLER),
            ("Sample", "338 participants: 64% in OMT, 30 % women, mean age 35 years", MULLER),
            ("Utvalg", "338 personer (126 kvinner, 212 menn), gjennomsnittsalder 36,5 år", MULLER),
            ("Utvalg", "Totalt 548 pasienter ble rekruttert, 338 ble fulgt opp etter ett år", MULLER),
            ("Utvalg", "Pasienter i LAR (64 %) og annen rusbehandling (36 %)", MULLER),
            ("Utvalg", "ca. 340 pasienter ved 21 institusjoner", MULLER),
            ("n", "338/548", MULLER),
            ("n", 338.0, MULLER),
            ("Antall kvinner", "100", MULLER),
            ("Antall målinger", "2", MULLER),
            ("Andel kvinner", "30 %", MULLER),
            ("Mean age", "35.1", VEDERHUS),
            ("Gjennomsnitt SCL-10", "1,9", VEDERHUS),
            ("Alder (M, SD)", "35 (9)", AAS),
            ("Findings", "Isolation was associated with poorer QoL; causation cannot be inferred", MULLER),
            ("Findings", "Effects could not be established", MULLER),
            ("Findings", "Quality of life improves over time. Results in this study showed an association.", MULLER),
            ("Funn", "Effektstørrelsen var stor", MULLER),
            ("Funn", "Rusfritt nettverk kan bidra til bedre livskvalitet", MULLER),
            ("Funn", "Studien undersøkte ikke om nettverk fører til bedre livskvalitet", MULLER),
            ("Hovudfunn", "Det vart ikkje vist at nettverk fører til betring (s. 437)", MULLER),
            ("Design", "Non-randomised cohort", MULLER),
            ("Design", "Ikkje eit randomisert forsøk, men ein kohort", MULLER),
            ("Metode", "Generell lineær modell med gjentatte målinger", MULLER),
            ("Land", "Norway (21 sites)", MULLER),
            ("Side", "431–8", MULLER),
            ("Pages", "180:431–438", MULLER),
            ("Tittel", "Building abstinent networks is an important resource", MULLER),
            ("Sample", "18 individuals, 5+ years abstinent, aged 30-60", PETTERSEN),
            ("Funn", "Informantene fortalte at støtte fra likepersoner førte til at de sluttet", PETTERSEN),
            ("Funn", "3 av informantene nevnte søsken", PETTERSEN),
            ("Funn", "Ein sa: «det hadde ein positiv effekt på meg»", PETTERSEN),
            ("DOI", "https://doi.org/10.1177/1178221819833379", PETTERSEN),
            ("Utvalg", "30 personer rekruttert fra STAYER-kohorten (n = 202)", VESETH),
            ("Sample", "30 of 202 participants in the STAYER cohort", VESETH),
            ("n", "25", HANSEN19),
            ("Rapport", "Fafo 2019: 10", HANSEN19),
            ("Metode", "Spørreundersøkelse og kvalitative intervjuer", HANSEN21),
            ("Metode", "Mixed methods", HANSEN21),
            ("Findings", "QOL5 rose from 0.46 by .11 in 140 patients; norm 0.69", VEDERHUS),
            ("M (SD) etter", "0,73 (0,24)", AAS),
            ("Findings", "Index 0.699 (SD 0.250) to 0.729 (SD 0.237); VAS 57 to 59", AAS),
            ("Endring", "0,03", AAS),
            ("Funn", "EQ-5D etter ett år økte fra 0,699 til 0,729", AAS),
            ("Funn", "245 av 609 pasienter ble fulgt opp etter ett år", AAS),
            ("Hovedfunn etter ett år", "Indeksen økte fra 0,699 til 0,729", AAS),
            ("Utvalg", "338 voksne (100 pasienter på døgn, 46 i alt i fengsel)", MULLER),
            ("Funn", "46 prosent av dem bodde alene, og 46 til", VEDERHUS),
            ("Metode", "Evaluering", MULLER),
            ("Title", "Any title at all", "SERAF (2021)"),
            ("Side", "433", MULLER),
            ("Hovudfunn", "Dei utan rusfritt nettverk rapporterte minst betring i livskvalitet", MULLER),
            ("Hovudfunn", "Dei med rusprega nettverk fekk minst betring i livskvalitet", MULLER),
            ("Findings", "Those who gained an abstinent network reported the largest improvement, the isolated the smallest", MULLER),
            ("N (baseline / follow-up)", "548 / 338", MULLER),
            ("Tidsskrift", "Drug Alcohol Depend. 2017;180:431-438", MULLER),
            ("Etikk", "Godkjent av REK 2012/1131", HANSEN19),
            ("Funn", "Tiltaket hadde ifølge deltakerne positiv effekt", HANSEN21),
            ("Resultater", "Gjennomsnittlig QOL5 økte fra 0,46 til 0,57 (endring 0,11)", VEDERHUS),
            ("Findings", "63 ± 38 % vs 35 ± 36 % positive urines, t = -3.2, p < .002", "Goehl et al. (1993)"),
            ("Sample", "202 patients: 137 voluntary, 65 compulsory", "Pasareanu et al. (2015)"),
            ("Design", "Systematic review of qualitative studies", "Steiro et al. (2020)"),
            ("n", "8.099", "SERAF (2021)"),
            ("Funn", "Som andre har sett (Snoek og Engedal, 2018, s. 181), betret dei seg (Muller et al., 2017, s. 436)", MULLER),
            ("Funn", "Tema går att i Fafo 2021:27", HANSEN19),
            ("Hovudfunn", "Støtta som nære relasjonar ofte fører med seg, kan verke stabiliserande", VESETH),
            ("Sample", "338 of the unge norske former LAR-pasientar", MULLER),
            ("Side", "12", VEDERHUS),
            ("Sample", "1.250.000 votes", MULLER),
        ],
    )  # fmt: skip
    def test_ways_of_being_right(self, heading: str, cell: object, work: str) -> None:
        assert [found for found in one_cell(heading, cell, work) if found[0] in ("wrong", "unclear")] == []


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("heading", "cell", "work", "diagnosis"),
        [
            ("n", "383", MULLER, "digits"),
            ("n", "339", MULLER, "n"),
            ("n", "33,8", MULLER, "decimal"),
            ("n", "202", VESETH, "source_n"),
            ("n", "137", "Pasareanu et al. (2015)", "part_n"),
            ("n", "–", MULLER, "missing_n"),
            ("Sample", "65 % in LAR", MULLER, "number"),
            ("Utval", "338 % av pasientane", MULLER, "count_for_percent"),
            ("Utvalg", "20 behandlingssteder", MULLER, "number"),
            ("Utvalg", "609 pasienter ved start, 246 etter ett år", AAS, "n"),
            ("Metode/utval", "Kohort, 339 pasientar", MULLER, "n"),
            ("Andel i LAR", "46 %", MULLER, "digits"),
            ("Findings", "Abstinent networks led to better QoL", MULLER, "causal_verb"),
            ("Funn", "Nettverk påvirker livskvaliteten", MULLER, "causal_verb"),
            ("Findings", "Peer support reduces relapse", PETTERSEN, "qualitative_effect"),
            ("Sample", "18 people, abstinent for at least 3 years", PETTERSEN, "number"),
            ("Pages", "193–206", VESETH, "page"),
            ("Pages", "436", VESETH, "page"),
            ("Pages", "432–438", MULLER, "page"),
            ("Design", "Quantitative survey", VESETH, "design"),
            ("Design", "Tverrsnittsstudie", MULLER, "design"),
            ("Utval", "30 svenske pasientar", VESETH, "country"),
            ("Rapport", "2019:01", HANSEN19, "report_number"),
            ("Rapport", "IS-1710", "Helsedirektoratet (2010)", "report_number"),
            ("DOI", "10.1177/1178221819833370", PETTERSEN, "doi"),
            ("Tittel", "Betre livsmestring og sosial inkludering", HANSEN19, "title"),
            ("Title", "Something else entirely, on another matter", VESETH, "title"),
            ("Funn", "Livskvaliteten falt med 0,11", VEDERHUS, "sign"),
            ("Change", "-0.03", AAS, "sign"),
            ("Mean", "0.64", VEDERHUS, "digits"),
            ("SE", "0.250", AAS, "sd_for_se"),
            ("M før", "0.729", AAS, "wave"),
            (
                "Hovudfunn",
                "Dei som fekk rusfritt nettverk, rapporterte minst betring i livskvalitet",
                MULLER,
                "direction",
            ),
            (
                "Findings",
                "Isolation went with better quality of life through the course of treatment",
                MULLER,
                "direction",
            ),
            ("Funn", "Indeksen var 0,729 ved start", AAS, "wave"),
            ("Sample", "548 adults (s. 434, 463)", MULLER, "baseline_n+page"),
            ("M EQ-VAS før", "75", AAS, "digits"),
            ("d_z", "0.12", AAS, "d_av_for_d_z"),
            (
                "Hovudfunn",
                "Sosial isolasjon hang saman med dårlegare livskvalitet gjennom heile behandlingsforløpet (s. 434)",
                MULLER,
                "page_of_claim",
            ),
        ],
    )
    def test_each_kind(self, heading: str, cell: str, work: str, diagnosis: str) -> None:
        found = [what for kind, what in one_cell(heading, cell, work) if kind in ("wrong", "unclear")]
        assert set(found) == set(diagnosis.split("+"))

    # d_av of Aas et al.: (0.729 - 0.699) / ((0.250 + 0.237) / 2) = 0.030 / 0.2435 = 0.1232
    def test_d_av_is_computed_from_what_is_printed(self) -> None:
        assert one_cell("d_av", "0,12", AAS) == [("right", "number")]
        assert (
            one_cell("d_av", "0,13", AAS)[0][0] == "right"
        )  # 0.031 / 0.2430, at the end of what rounding allows
        assert one_cell("d_av", "0,15", AAS) == [("wrong", "number")]

    @given(data=st.data())
    @settings(max_examples=60)
    def test_one_changed_number_is_found(self, data) -> None:
        """Whatever number of the table is changed, its row is flagged; pages that nobody can know are left out."""
        row = data.draw(st.integers(1, len(RIGHT) - 2))
        columns = [
            c
            for c in ("n", "Gjennomsnitt før", "SD før", "Endring", "Rapport", "Utval", "Forfattar (år)")
            if re.search(r"\d", str(RIGHT[row][HEADINGS.index(c)]))
        ]
        column = data.draw(st.sampled_from(columns))
        cell = str(RIGHT[row][HEADINGS.index(column)])
        places = list(re.finditer(r"\d", cell))
        place = data.draw(st.sampled_from(places)).start()
        digit = data.draw(st.sampled_from([d for d in "0123456789" if d != cell[place]]))
        rows = [list(r) for r in RIGHT]
        rows[row][HEADINGS.index(column)] = cell[:place] + digit + cell[place + 1 :]
        checked = ls.check_review_table(frame_of(rows))
        about = [r for r in checked.remarks if r.row == row - 1]
        # A year far off is another work, which is then not in the registry.
        assert any(r.kind in ("wrong", "unclear") or r.diagnosis == "not_in_registry" for r in about)


class TestMatching:
    @pytest.mark.parametrize(
        ("cited", "kind", "says"),
        [
            ("Müller, Skurtveit og Clausen (2017)", "right", MULLER),
            ("Muller, AE, Skurtveit, S & Clausen, T. 2017", "right", MULLER),
            ("Building abstinent networks – Muller et al. (2017)", "right", MULLER),
            ("Veseth mfl 2019", "right", VESETH),
            ("Fafo (2019)", "right", HANSEN19),
            ("Snoek & Engedal (2018)", "right", "Snoek & Engedal (2017, 2018)"),
            ("Mullar et al. (2017)", "unclear", MULLER),
            ("Muller", "unclear", MULLER),
            ("Muller et al. (2018)", "wrong", MULLER),
            ("Muller et al. (2071)", "wrong", MULLER),
            ("Hansen et al. (2020)", "unclear", f"{HANSEN19}; {HANSEN21}"),
            (
                "Muller et al. (2016)",
                "unclear",
                "Muller et al. (2016), n = 107; Muller et al. (2016), n = 549",
            ),
            ("Bjornestad et al. (2019)", "not_checked", ""),
            ("Skurtveit (2017)", "not_checked", ""),
            ("", "not_checked", ""),
        ],
    )
    def test_author_and_year(self, cited: str, kind: str, says: str) -> None:
        checked = ls.check_review_table(pd.DataFrame({"Study": [cited], "Country": ["Norway"]}))
        assert [(r.kind, r.says) for r in checked.remarks if r.column == "Study"] == [(kind, says)]

    def test_what_else_the_row_says_decides(self) -> None:
        def works(**columns: object) -> list[str]:
            checked = ls.check_review_table(pd.DataFrame({k: [v] for k, v in columns.items()}))
            return [r.says for r in checked.remarks if r.diagnosis in ("found", "year")]

        assert works(Study="Muller et al. (2016)", n=107) == ["Muller et al. (2016)"]
        assert works(Study="Hansen et al. (2020)", Report="2021:27") == [HANSEN21]
        # The n of the work of 2017 under the year before it.
        assert works(Study="Muller et al. (2016)", n=338) == [MULLER]
        # Other people by nearly the same name, with another n.
        assert works(Study="Miller et al. (2017)", n=90) == []
        # The same authors and year as a work of which only numbers are known, and another n: perhaps another paper.
        assert works(Study="Aas et al. (2020)", n=77) == []

    def test_a_work_that_another_row_is_about_gives_way(self) -> None:
        frame = pd.DataFrame({"Study": [HANSEN19, "Hansen et al. (2020)"], "Country": ["Norway"] * 2})
        assert [(r.row, r.says) for r in ls.check_review_table(frame).remarks if r.diagnosis == "year"] == [
            (1, HANSEN21)
        ]

    def test_a_column_of_authors_beside_one_of_studies(self) -> None:
        frame = pd.DataFrame({"Study": ["Pettersen 2019"], "Authors": ["Pettersen & Landheim"], "n": [18]})
        checked = ls.check_review_table(frame)
        assert [(r.column, r.kind) for r in checked.remarks] == [("Study", "right"), ("n", "right")]

    def test_authors_and_year_in_columns_of_their_own(self) -> None:
        frame = pd.DataFrame({"Forfatter": ["Pettersen mfl."], "År": [2018], "n": [18]})
        assert flagged(ls.check_review_table(frame)) == [(0, "År", "year")]


class TestResult:
    def test_frame_table_and_plot(self) -> None:
        checked = ls.check_review_table(frame_of(wrong_rows()))
        frame = checked.to_frame()
        assert list(frame.columns) == list(CHECK_COLUMNS)
        assert len(frame) == len(checked.remarks)
        assert frame["row"].dtype == "int64"
        shown = checked.table()
        assert [c.label for c in shown.columns][:3] == ["Radnummer", "Arbeid", "Kolonne"]
        # What is wrong stands first.
        assert [row[3] for row in shown.rows][:13] == ["feil"] * 12 + ["rett"]
        assert shown.title == "Tabellen din halden opp mot kjeldene"
        assert [bar.get_width() for bar in checked.plot().axes.patches][-1] in (12, 3)
        assert repr(checked).startswith("<ReviewCheck: Rader sjekka: 7. Feil: 12.")

    def test_the_language_may_be_chosen(self) -> None:
        checked = ls.check_review_table(frame_of(wrong_rows()), "en")
        assert checked.summary().startswith("Rows checked: 7. Wrong: 12.")
        assert "0.46 (mean quality of life (QOL5) at the start)" in checked.text()
        nb = ls.check_review_table(frame_of(wrong_rows()), lang="nb").text()
        assert "Det kilden sier: 0,46 (gjennomsnittlig livskvalitet" in nb
        with pytest.raises(ls.LarstudyError, match="There is no language 'no'"):
            ls.check_review_table(frame_of(RIGHT), "no")  # type: ignore[arg-type]

    def test_the_text_tells_row_column_and_what_was_not_checked(self) -> None:
        rows = [[*row, "Relevans" if at == 0 else "Høg"] for at, row in enumerate(RIGHT)]
        text = ls.check_review_table(frame_of(rows)).text()
        assert "Teksten din er ikkje endra." in text
        assert "- Rad 0, Muller mfl. (2017), Land: land: Noreg = Noreg [samandrag]" in text
        assert "- Rad 3, Hansen, Bråthen, Aagesen og Lien (2019): Utval" in text
        assert "Relevans: kolonne" in text

    def test_neither_a_path_nor_a_frame(self) -> None:
        with pytest.raises(ls.LarstudyError, match="table should be a path or a data frame, not int"):
            ls.check_review_table(3)  # type: ignore[arg-type]


class TestWhateverComes:
    cells = st.text(alphabet="aeostn 0123456789.,;:%()±=−-–/\n|«»ÅøMulerVsthd", max_size=60)

    @given(
        data=st.lists(st.tuples(cells, cells, cells, cells), min_size=1, max_size=3),
        work=st.sampled_from([MULLER, VEDERHUS, AAS, HANSEN19]),
    )
    @settings(max_examples=80)
    def test_it_is_answered_and_never_a_traceback(self, data, work: str) -> None:
        rows = [(work, *row) for row in data]
        for names in (("n", "Findings", "Page", "SD"), ("Sample", "Design", "Title", "M (SD)")):
            checked = ls.check_review_table(pd.DataFrame(rows, columns=["Study", *names]))
            assert len(checked.to_frame()) == len(checked.remarks) >= len(rows)
            assert all(r.why and r.kind for r in checked.remarks)
            assert checked.text()

    def test_a_cell_of_a_million_letters(self) -> None:
        findings = "n = 548 patients (s. 463), 64 %. " * 30_000
        checked = ls.check_review_table(pd.DataFrame({"Study": [MULLER], "Findings": [findings]}))
        assert [r.why for r in checked.remarks[1:]] == [
            "The cell is too long for a table; it was not checked."
        ]
        assert "too long for a table" in checked.text()


class TestWords:
    def test_every_text_is_in_three_languages_with_the_same_gaps(self) -> None:
        for group, texts in lexicon("remarks").items():
            for name, words in texts.items():
                assert set(words) == set(LANGUAGES), (group, name)
                gaps = {tuple(sorted(re.findall(r"\{(\w+)\}", text))) for text in words.values()}
                assert len(gaps) == 1, (group, name)

    def test_each_language_is_itself(self) -> None:
        bokmaal = r"\b(ikke|hvordan|noen|fra|kilden|ble|noe|hvor|tall|antall)\b"
        nynorsk = r"\b(ikkje|korleis|nokon|frå|kjelda|vart|noko|kvar|tal)\b"
        for texts in lexicon("remarks").values():
            for words in texts.values():
                assert not re.search(bokmaal, words["nn"]), words["nn"]
                assert not re.search(nynorsk, words["nb"]), words["nb"]

    def test_designs_that_exclude_each_other_are_known(self) -> None:
        designs = lexicon("wordings")["designs"]
        assert {name for d in designs.values() for name in (*d["implies"], *d["never"])} <= set(designs)
        assert set(lexicon("remarks")["designs"]) == set(designs)

    def test_no_work_of_ours_is_worded_as_cause(self) -> None:
        """What the checker would flag in a student's table does not stand in our own words."""
        from larstudy.checker.wording import cause_in

        evidence = shipped_evidence()
        for claim in evidence.claims.values():
            if claim.kind in ("quantitative", "qualitative", "survey"):
                assert [cause_in(text) for text in claim.text.values()] == [""] * 3, claim.id

    def test_every_fact_belongs_to_a_work(self) -> None:
        works = known_works(shipped_evidence())
        assert {fact.work for fact in shipped_evidence().facts.values()} <= set(works)
        assert set(shipped_evidence().other_works) == {
            key for key, work in works.items() if work.role == "other"
        }
