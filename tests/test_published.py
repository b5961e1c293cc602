"""The printed numbers as data, their checks in three languages, and the cohorts of change."""

from __future__ import annotations

import re
import string
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import larstudy as ls
from larstudy.cli import main
from larstudy.figures import plot_forest
from larstudy.names import LANGUAGES, PUBLISHED_COLUMNS
from larstudy.published_rows import Counts, Num, P, Span, Years, cells_of, lar_counts, rows_of, worded
from larstudy.specs.evidence_reading import shipped_evidence
from larstudy.specs.published import CHECK_KINDS, ROLES, Check, PrintedFact, PrintedTable
from larstudy.specs.published_reading import read_published, shipped_numbers, shipped_published
from larstudy.specs.reading import resource_toml

PACKAGE = Path(ls.__file__).parent
WORDS = resource_toml("evidence", "published_words")
SOURCE = shipped_numbers().read_text(encoding="utf-8")

# What each check should say, worked out apart from the package (see the tests of the statistics for the sums).
NOT_FOLLOWING = {
    "vederhus_gap", "qol10_table5", "lar_dispensed", "lar2015_net", "lar2017_in", "lar2017_net", "lar2017_counts",
}  # fmt: skip
NOT_CHECKABLE = {
    "follow_up", "omt_of_seen", "omt_of_enrolled", "goehl_d", "lar_year_end", "aas_vas_mean", "pasareanu_better",
}  # fmt: skip


def numbers_of(text: str) -> list[str]:
    return sorted(n.replace(",", ".") for n in re.findall(r"\d+(?:[.,]\d+)*", text))


class TestWords:
    def all_words(self) -> list[tuple[str, dict[str, str]]]:
        published = shipped_published()
        found = [
            (f"{group}.{name}", words) for group, table in WORDS.items() for name, words in table.items()
        ]
        found += [(f"checks.{c.id}.what", dict(c.what)) for c in published.checks.values()]
        found += [(f"checks.{c.id}.note", dict(c.note)) for c in published.checks.values() if c.note]
        found += [(f"rows.{r}", dict(w)) for t in published.tables.values() for r, w in t.labels.items()]
        for cohort in published.cohorts.values():
            found += [(f"{cohort.id}.{n}", dict(getattr(cohort, n))) for n in ("label", "measure", "note")]
        return found + [(f"left_out.{k}", dict(why)) for k, (_, why) in published.left_out.items()]

    def test_three_languages_with_the_same_numbers_and_places_to_fill(self) -> None:
        for where, words in self.all_words():
            assert set(words) == set(LANGUAGES), where
            assert all(text.strip() for text in words.values()), where
            fields = [{name for _, name, _, _ in string.Formatter().parse(t) if name} for t in words.values()]
            assert fields[0] == fields[1] == fields[2], where
            one, *others = (numbers_of(text) for text in words.values())
            assert all(one == other for other in others), where

    def test_every_reason_has_words(self) -> None:
        given = set()
        for path in (PACKAGE / "stats").glob("*.py"):
            if path.stem in ("printed_numbers", "published_checks", "printed_correlations", "printed_intervals",
                             "fit_indices", "grim"):  # fmt: skip
                text = path.read_text(encoding="utf-8")
                given |= set(re.findall(r'cannot\("(\w+)"', text)) | set(re.findall(r'reason="(\w+)"', text))
                given |= set(re.findall(r'CANNOT, "(\w+)"', text)) | set(
                    re.findall(r'^_\w+ = "(\w+)"', text, re.M)
                )
        assert given >= {
            "nothing_printed",
            "years_missing",
            "few_persons",
            "every_value_possible",
            "no_chi_square",
        }
        assert given | {"inconsistent", "falls"} == set(WORDS["why"])

    def test_no_words_lie_unused(self) -> None:
        code = "\n".join(
            (PACKAGE / f"{name}.py").read_text(encoding="utf-8")
            for name in ("published", "published_rows", "studies/cohorts", "studies/cohort_effects")
        )
        for group in ("columns", "titles", "notes", "figure", "cohorts", "printed", "follows"):
            for name in WORDS[group]:
                assert f'"{name}"' in code or name in CHECK_KINDS, f"{group}.{name}"

    def test_what_is_filled_in(self) -> None:
        assert (
            worded("follows", ("p", {"p_low": P(0.00001), "p_high": P(0.25)}), "nb")
            == "p < 0,0001 til 0,2500"
        )
        span = {"d": Span(0.1234, 0.1236, 2)}
        assert worded("figure", ("size", span), "en") == "d 0.12"
        assert worded("figure", ("size", {"d": Span(0.12, 0.5, 1)}), "nn") == "d 0,1 til 0,5"
        rise = {"rises": Years(()), "falls": Years([(2015, 2016)]), "missing": 2}
        assert worded("follows", ("rise", rise), "en") == "rises: none; falls: 2015–2016; 2 years not found"
        shares = {"range": Counts(53.0, 54.0), "total": 178}
        assert worded("follows", ("possible_percentage", shares), "nb") == "53 til 54 av 178 personer"
        assert worded("follows", ("percentage", {"low": Num(-0.04, 1)}), "en") == "0.0 %"


class TestFile:
    def test_nothing_rests_on_prior_knowledge(self) -> None:
        published = shipped_published()
        assert {fact.basis for fact in published.facts.values()} <= {"T", "A", "N", "S", "REVIEW"}
        assert "PK" not in SOURCE

    def test_every_number_is_used_and_every_work_too(self) -> None:
        published = shipped_published()
        used = {fact.id for c in published.checks.values() for facts in c.facts.values() for fact in facts}
        for cohort in published.cohorts.values():
            used |= {f.id for f in (cohort.n, cohort.change, cohort.before, cohort.after) if f is not None}
        assert used == set(published.facts)
        works = {f.work for f in published.facts.values()} | {t.work for t in published.tables.values()}
        works |= {work for work, _ in published.left_out.values()} | {
            c.work for c in published.cohorts.values()
        }
        assert works == set(published.works)

    def test_works_that_the_review_cites_have_its_key(self) -> None:
        assert "muller2017" in shipped_evidence().references
        assert "Muller et al. 2017" in shipped_published().works["muller2017"]

    def test_claims_are_those_of_the_review(self) -> None:
        found = {claim for check in shipped_published().checks.values() for claim in check.claims}
        assert found == {"M02", "S02", "V02"}
        assert found <= set(shipped_evidence().claims)

    def test_the_table_has_fifty_correlations(self) -> None:
        table = shipped_published().tables["qol10"]
        assert sum(len(cells) for cells in table.rows.values()) == 50
        assert table.rows["psychological"][0] == ".768***"

    @pytest.mark.parametrize(
        ("old", "new", "message"),
        [
            ('printed = ["338"]', 'printed = ["many"]', "'many' is not a printed number"),
            ('printed = ["338"]', 'printed = ["1", "2", "3", "4"]', "holds 4 numbers, where at most 3 belong"),
            ('printed = ["338"]', "printed = 338", "printed: should be a list"),
            ('work = "muller2017", place = "abstract"', 'work = "muler2017", place = "abstract"', "there is no 'muler2017'. Nearest: 'muller2017'"),
            ('basis = "REVIEW"', 'basis = "PK"', "'PK' is not an option"),
            ('kind = "drop"', 'kind = "dorp"', "'dorp' is not an option. Nearest: 'drop'"),
            ('uses = { count = "seen", total = "enrolled" }', 'uses = { count = "seen" }', "checks.follow_up.uses.total: is missing"),
            ('uses = { count = "seen", total = "enrolled" }', 'uses = { count = "seen", totl = "enrolled", total = "enrolled" }', "totl: is no part of 'percentage'"),
            ('uses = { count = "seen", total = "enrolled" }', 'uses = { count = "sen", total = "enrolled" }', "there is no number 'sen'. Nearest: 'seen'"),
            ('uses = { count = "seen", total = "enrolled" }', 'uses = { count = 3, total = "enrolled" }', "should be the name of a number"),
            ('options = { test = "t", df = 68 }', 'options = { test = "u", df = 68 }', "'u' is not an option"),
            ('options = { test = "t", df = 68 }', 'options = { test = "t", df = 68, n = 2 }', "n: is no option here"),
            ('options = { test = "t", df = 68 }', 'options = { test = "t", df = "many" }', "should be a number"),
            ('options = { test = "t", df = 68 }', 'options = { test = "t" }', "df: is missing"),
            ('options = { test = "t", df = 68 }\n', "", "options: is missing"),
            ('t = "goehl_t" }', 't = "goehl_with" }', "t: 'goehl_with' should hold 1 text"),
            ('uses = { score = "goehl_with" }', 'uses = { score = "goehl_t" }', "'goehl_t' should hold 2 texts"),
            ('n = "goehl_n", t', 'n = "goehl_p", t', "'goehl_p' is not a count of persons"),
            ('columns = ["QOL10", "social"', 'columns = ["QOL10", "social", "more"', "holds fewer than 6 numbers"),
            ('columns = ["QOL10", "social", ', 'columns = ["QOL10", ', "holds 5 numbers, where at most 4 belong"),
            ('spread_from = "pasareanu2015"', 'spread_from = "pasareanu"', "there is no 'pasareanu'. Nearest: 'pasareanu2015'"),
            ('change = "vederhus_change"', 'change = "pasareanu_change"', "'pasareanu_change' should hold 1 numbers"),
            ('before = "aas_index_before"', 'before = "aas_seen"', "'aas_seen' should hold 2 numbers"),
            ('before = "aas_index_before"\n', "", "has no change"),
            ('n = "vederhus_n"', 'n = "vederhus"', "there is no 'vederhus'"),
            ('what = { en = "Share followed up", nb', 'what = { en = "", nb', "en: is empty"),
            ("[left_out.muller2017]", "[left_out.muller2017]\nyear = 2017", "year: is not a key that larstudy knows"),
            ("[works]", "[woks]\n[works]", "woks: is not a key that larstudy knows"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_told_with_its_line(
        self, tmp_path: Path, old: str, new: str, message: str
    ) -> None:
        assert old in SOURCE
        path = tmp_path / "mine.toml"
        path.write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ls.SpecError) as caught:
            read_published(path)
        line = SOURCE[: SOURCE.index(old)].count("\n") + 1
        text = str(caught.value)
        assert message in text
        found = [int(n) for n in re.findall(r"mine\.toml, line (\d+)", text)]
        assert found
        if "numbers" not in message:
            assert min(abs(n - line) for n in found) <= 4

    def test_a_file_with_little_in_it(self, tmp_path: Path) -> None:
        path = tmp_path / "mine.toml"
        path.write_text('[cohorts.a]\nmonths = "six"\n[checks.b]\nkind = "sum"\n', encoding="utf-8")
        with pytest.raises(ls.SpecError) as caught:
            read_published(path)
        for missing in (
            "works: is missing",
            "numbers: is missing",
            "cohorts.a.label",
            "checks.b.uses: is missing",
        ):
            assert missing in str(caught.value)


class TestChecks:
    def test_verdicts(self) -> None:
        frame = ls.published_checks().to_frame()
        assert tuple(frame.columns) == PUBLISHED_COLUMNS
        verdicts = frame.set_index("check")["verdict"]
        assert set(verdicts[verdicts == "does not follow"].index) == NOT_FOLLOWING
        assert set(verdicts[verdicts == "cannot be checked"].index) == NOT_CHECKABLE
        assert frame["check"].is_unique
        assert set(verdicts) == {"consistent", "does not follow", "cannot be checked"}

    def test_what_is_printed_and_what_follows(self) -> None:
        frame = ls.published_checks().to_frame().set_index("check")
        assert frame.loc["follow_up", "follows"] == "61.7 %"
        assert frame.loc["vederhus_gap", "follows"] == "32.1 to 34.5 % below"
        assert frame.loc["vederhus_gap", ["low", "high"]].tolist() == pytest.approx([32.11679, 34.53237])
        # From 0.1: 1 - .365 / .585 = .3761 and 1 - .355 / .595 = .4034
        assert frame.loc["vederhus_gap_from_lowest", "follows"] == "37.6 to 40.3 % below"
        assert frame.loc["vederhus_gap_from_lowest", "printed"] == "0.46, 39 % below 0.69, scale from 0.1"
        assert frame.loc["goehl_d", "follows"].startswith("d 0.72 to 0.79")
        assert frame.loc["eq5d_extreme", "follows"] == "53 of 178 persons"
        assert frame.loc["lar2017_net", ["printed", "follows"]].tolist() == ["884 − 681; 197", "203"]
        assert frame.loc["carlsen_overall", "printed"] == "F = 7.532, p = .009"
        assert frame.loc["cfa", "follows"].startswith("χ²(34) 104.4 to 106.8 by RMSEA")
        assert frame.loc["cfa_interval", "what"] == frame.loc["cfa", "what"]

    def test_where_it_is_printed(self) -> None:
        frame = ls.published_checks(lang="nb").to_frame().set_index("check")
        assert frame.loc["qol10_table5", "place"] == "Tabell 5"
        assert frame.loc["omt_of_seen", "place"] == "s. 434; sammendrag"
        assert frame.loc["omt_of_seen", "basis"] == "oppgaven; sammendraget"
        assert frame.loc["lar2015_in", "place"] == "2015"
        assert "SERAF, nyhet 8. juni 2017" in frame.loc["lar_year_end", "work"]

    def test_stars_say_of_whom_they_would_follow(self) -> None:
        why = ls.published_checks().to_frame().set_index("check").loc["qol10_table5", "why"]
        assert "clinical anxiety × social: printed −.251*; ** follows with n = 107" in why
        assert "No one number of persons gives all of these." in why

    def test_correlations(self) -> None:
        frame = ls.published_checks().to_frame("correlations")
        assert len(frame) == 50
        off = frame[frame["verdict"] == "does not follow"]
        assert off["printed"].tolist() == ["−.532**", "−.251*", "−.497**", "−.369**"]
        # By hand, with 1.959964 / sqrt(104) = .19219: .244 is .24902 in z, tanh(.05683) = .0568, tanh(.44121) = .4146.
        by_hand = {
            ".768***": (0.68, 0.84),
            ".680***": (0.56, 0.77),
            ".244*": (0.06, 0.41),
            "−.173": (-0.35, 0.02),
        }
        for printed, limits in by_hand.items():
            row = frame[frame["printed"] == printed].iloc[0]
            assert (round(row["conf_low"], 2), round(row["conf_high"], 2)) == limits

    def test_numbers(self) -> None:
        frame = ls.published_checks(lang="nn").to_frame("numbers").set_index("id")
        assert frame.loc["goehl_with", "printed"] == "63; 38"
        assert frame.loc["li_heroin", "place"] == "slik ein annan tekst gir det att"

    def test_no_sentence_blames_anybody(self) -> None:
        for lang in LANGUAGES:
            table = ls.published_checks(lang=lang).table()
            text = table.to_markdown().lower()
            assert not re.search(r"\b(error by|mistake|wrong number|fraud|juks|fusk)\b", text)
            assert len(table.notes) == 2

    def test_summary_table_and_figure(self) -> None:
        found = ls.published_checks(lang="nn")
        assert found.summary().splitlines()[0].startswith("57 checks of 9")
        assert "43 are consistent, 7 do not follow, 7 cannot be checked." in found.summary()
        for part in ("checks", "correlations", "numbers"):
            assert len(found.table(part).rows) == len(found.to_frame(part))
        ax = found.plot(Figure().add_subplot()).axes
        assert "stemmer" in " ".join(t.get_text() for t in ax.get_yticklabels())
        with pytest.raises(ls.LarstudyError, match="part"):
            found.to_frame("check")  # type: ignore[arg-type]
        with pytest.raises(ls.LarstudyError, match="language"):
            ls.published_checks(lang="sv")  # type: ignore[arg-type]

    def test_both_ways_of_counting(self) -> None:
        assert lar_counts("dispensed") == {
            2013: "7,709",
            2014: "7,914",
            2015: "7,958",
            2016: "7,804",
            2017: "7,709",
        }
        assert lar_counts("year_end")[2019] == "≈ 7,900"
        assert 2018 not in lar_counts("year_end")


def check_of(kind: str, options: dict[str, str | float] | None = None, **texts: tuple[str, ...]) -> Check:
    words = dict.fromkeys(LANGUAGES, "x")
    facts = {
        role: (PrintedFact(id=role, printed=printed, work="w", place="abstract", basis="A"),)
        for role, printed in texts.items()
    }
    return Check(id="c", kind=kind, what=words, facts=facts, options=options or {}, claims=(), note={})  # type: ignore[arg-type]


class TestRows:
    """What the shipped numbers do not show: each kind where it does not follow."""

    @pytest.mark.parametrize(
        ("check", "verdict", "follows"),
        [
            (check_of("possible_percentage", printed=("29.5",), total=("178",)), "inconsistent",
             "nearest that 178 persons can give: 29.21 % and 29.78 %"),
            (check_of("interval", {"scale": "log"}, interval=("2.0", "1.2", "4.9")), "inconsistent",
             "middle of the limits 2.36 to 2.49"),
            (check_of("interval", {"scale": "linear"}, interval=("2.0", "1.0", "3.0"), p=(".5",)), "inconsistent",
             "middle of the limits 1.95 to 2.05; p < 0.0001 to 0.0002"),
            (check_of("group_t", first=("63", "38"), second=("35", "36"), n=("70",), t=("4.0",)), "inconsistent",
             "t of size 3.32 at most"),
            (check_of("fit", {"items": 10, "factors": 2}, rmsea=("0.063",), cfi=("0.943",), nfi=("0.919",), n=("531",)),
             "consistent", "χ²(34) 104.4 to 106.8 by RMSEA, 102.6 to 109.9 by CFI and NFI"),
            (check_of("grim", mean=("5.19", "1.0"), n=("28",)), "inconsistent", "a mean goes in steps of 0.0357"),
        ],
    )  # fmt: skip
    def test_kinds(self, check: Check, verdict: str, follows: str) -> None:
        (row,) = rows_of(check, {})
        assert row.verdict == verdict
        assert worded("follows", row.follows, "en") == follows
        assert row.reason == ("inconsistent" if verdict == "inconsistent" else "")

    def test_every_kind_is_known(self) -> None:
        assert set(ROLES) == set(CHECK_KINDS)
        assert Counter(c.kind for c in shipped_published().checks.values()).keys() == set(CHECK_KINDS)

    def test_a_table_without_a_fault_and_one_beyond_help(self) -> None:
        def table(*cells: str) -> PrintedTable:
            return PrintedTable(
                id="t", work="w", place="Table 1", basis="T", n=107, columns=tuple("abc"[: len(cells)]),
                labels={"r": dict.fromkeys(LANGUAGES, "row")}, rows={"r": cells},
            )  # fmt: skip

        check = check_of("correlations", {"table": "t"})
        (fine,) = rows_of(check, {"t": table(".622***", ".002")})
        assert (fine.verdict, fine.more) == ("consistent", ())
        (off,) = rows_of(check, {"t": table(".000***")})
        assert off.verdict == "inconsistent"
        text = worded("follows", off.more[0], "en")
        assert (
            text
            == "row × a: printed .000***; no star follows with n = 107, what is printed with no number of persons"
        )
        (one,) = rows_of(check, {"t": table("−.251*")})
        assert [name for name, _ in one.more] == ["stars"]
        assert len(cells_of(table(".1", ".2", ".3"))) == 3


@pytest.fixture(scope="module")
def found() -> ls.CohortChanges:
    return ls.cohorts_of_change()


class TestCohorts:
    def test_effect_sizes_by_hand(self, found: ls.CohortChanges) -> None:
        frame = found.to_frame("cohorts").set_index(["cohort", "correlation"])
        # t(.975, 201) = 1.971837: SD of change .06 / 3.943674 * sqrt(202) = .216236
        sd = 0.216236
        for cohort, change in (
            ("Pasareanu 2015, in-patients", 0.06),
            ("Vederhus 2016, detoxification", 0.11),
        ):
            for r in (0.2, 0.5, 0.8):
                expected = change / sd * np.sqrt(2 * (1 - r))
                assert frame.loc[(cohort, r), "estimate"] == pytest.approx(expected, rel=1e-5)
        aas = frame.loc["Aas 2020, maintenance treatment"]
        # .03 / sqrt(.25^2 + .237^2 - 2 r .25 .237) * sqrt(2 (1 - r)), at r = .2: .03 / .308155 * 1.264911
        assert aas.loc[0.2, "estimate"] == pytest.approx(
            0.03 / np.sqrt(0.118669 - 0.4 * 0.05925) * np.sqrt(1.6)
        )

    def test_help_is_its_own_analysis(self, found: ls.CohortChanges) -> None:
        row = found.to_frame("cohorts").set_index("cohort").loc["HELP, detoxification, Boston"]
        assert row["n"] == 215
        # d_z .64 and the correlation of the change table, .36119: .6408... sqrt(2 * .63881)
        change = ls.change(ls.outcome(ls.load_help(), "mental"), "baseline", "month12").to_frame()
        r = np.corrcoef(change["before"], change["after"])[0, 1]
        d_z = change["change"].mean() / change["change"].std()
        assert row["correlation"] == pytest.approx(r)
        assert row["estimate"] == pytest.approx(d_z * np.sqrt(2 * (1 - r)))

    def test_ranges_hold_everything(self, found: ls.CohortChanges) -> None:
        ranges = found.to_frame().set_index("label")
        cohorts = found.to_frame("cohorts")
        for label, rows in cohorts.groupby("cohort"):
            assert ranges.loc[label, "estimate_low"] == rows["estimate_low"].min()
            assert ranges.loc[label, "conf_high"] == rows["conf_high"].max()
        summaries = found.to_frame("summaries")
        for label, rows in summaries.groupby("summary"):
            assert ranges.loc[label, "estimate_low"] == rows["estimate"].min()
            assert ranges.loc[label, "conf_low"] == rows["hk_low"].min()
            assert ranges.loc[label, "tau_high"] == pytest.approx(np.sqrt(rows["tau_squared"].max()))
        assert ranges.loc["Norwegian cohorts and HELP", "k"] == 4
        assert ranges.loc["Norwegian cohorts", "i_squared_low"] > 0.5

    def test_summaries_in_every_combination(self, found: ls.CohortChanges) -> None:
        frame = found.to_frame("summaries")
        # Three at one correlation, and of 2^3 ends of three cohorts the six that are not one: 9; of two 3 + 2.
        assert Counter(frame["summary"]) == {
            "Norwegian cohorts": 9, "Norwegian, with an SD of their own": 5, "Norwegian cohorts and HELP": 9,
            "HELP and Norwegian, with an SD of their own": 5,
        }  # fmt: skip
        same = frame[frame["correlation"].notna()]
        assert sorted(set(same["correlation"])) == [0.2, 0.5, 0.8]
        assert (frame[frame["correlation"].isna()]["correlations"].str.contains("0.2; |0.8; ")).all()

    def test_without_help_and_other_correlations(self) -> None:
        alone = ls.cohorts_of_change(with_help=False, correlations=(0.0, 0.9), method="iterated", level=0.9)
        assert alone.to_frame()["label"].tolist() == [
            "Vederhus 2016, detoxification", "Pasareanu 2015, in-patients", "Aas 2020, maintenance treatment",
            "Norwegian cohorts", "Norwegian, with an SD of their own",
        ]  # fmt: skip
        assert alone.correlations == (0.0, 0.45, 0.9)

    @pytest.mark.parametrize("correlations", [(0.8, 0.2), (0.5, 0.5), (-1.0, 0.5), (0.5, 1.0)])
    def test_correlations_that_are_none(self, correlations: tuple[float, float]) -> None:
        with pytest.raises(ls.LarstudyError, match="two numbers between -1 and 1"):
            ls.cohorts_of_change(correlations=correlations)

    def test_other_wrong_options(self, found: ls.CohortChanges) -> None:
        with pytest.raises(ls.LarstudyError, match="level should lie between"):
            ls.cohorts_of_change(level=95)
        with pytest.raises(ls.LarstudyError, match="There is no part 'range'"):
            found.to_frame("range")  # type: ignore[arg-type]

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_words(self, lang: str) -> None:
        found = ls.cohorts_of_change(lang=lang)  # type: ignore[arg-type]
        table = found.table()
        assert len(table.rows) == 8
        assert any("regres" in note for note in table.notes)
        assert any("Carlsen" in note for note in table.notes)
        text = found.alt_text()
        for row in found.to_frame()["label"]:
            assert row in text
        assert ("0.72" if lang == "en" else "0,72") in text
        assert not re.search(r"\bnan\b", text)

    def test_summary(self, found: ls.CohortChanges) -> None:
        said = found.summary()
        assert "HELP, detoxification, Boston: d 0.72, interval 0.56 to 0.88." in said
        assert "where a next cohort may lie cannot be told" in said
        assert said.endswith("regression to the mean.")
        assert found.to_frame("left_out")["work"].str.contains("Muller et al. 2017").any()

    def test_the_forest(self, found: ls.CohortChanges) -> None:
        ax = found.plot().axes
        lines = {line.get_gid(): line for line in ax.get_lines() if line.get_gid()}
        frame = found.to_frame().set_index("label")
        thick = lines["estimate-cohort-Pasareanu 2015, in-patients"].get_xdata()
        assert (
            list(thick)
            == frame.loc["Pasareanu 2015, in-patients", ["estimate_low", "estimate_high"]].tolist()
        )
        assert any("SD borrowed" in label.get_text().replace("\n", " ") for label in ax.get_yticklabels())
        beyond = [gid for gid in lines if gid.startswith("beyond-prediction")]
        # The next Norwegian cohort may lie beyond both ends of the axis; that of all four beyond the lower one.
        assert sorted(Counter(gid.split("-summary-")[1].split(" (")[0] for gid in beyond)) == [
            "HELP and Norwegian, with an SD of their own", "Norwegian cohorts", "Norwegian cohorts and HELP",
        ]  # fmt: skip
        notes = next(t for t in ax.texts if t.get_gid() == "forest-notes").get_text()
        assert "I²" in notes
        assert "regression to the mean" in notes.replace("\n", " ")

    def test_a_forest_of_cohorts_alone(self) -> None:
        frame = pd.DataFrame(
            [{"label": "A", "kind": "cohort", "estimate": 0.2, "estimate_low": 0.1, "estimate_high": 0.3,
              "conf_low": 0.0, "conf_high": 0.4, "prediction_low": np.nan, "prediction_high": np.nan}]
        )  # fmt: skip
        ax = plot_forest(frame, ax=Figure().add_subplot()).axes
        assert ax.get_legend() is None
        assert [t.get_text() for t in ax.get_yticklabels()] == ["A"]
        empty = plot_forest(frame[:0], ax=Figure().add_subplot()).axes
        assert list(empty.get_yticklabels()) == []
        assert found_figure_closes(plot_forest(frame).axes)


def found_figure_closes(ax: object) -> bool:
    import matplotlib.pyplot as plt

    plt.close(ax.figure)  # type: ignore[attr-defined]
    return True


class TestCommands:
    def test_published(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["review", "published", "--lang", "nn"]) == 0
        assert "følgjer ikkje" in capsys.readouterr().out
        assert main(["review", "published", "--format", "csv"]) == 0
        assert capsys.readouterr().out.startswith(
            "check,what,claims,work,place,basis,printed,follows,verdict,why,low,high\n"
        )
        assert main(["review", "published", "--format", "docx", "--out", str(tmp_path / "p.docx")]) == 0
        assert (tmp_path / "p.docx").stat().st_size > 5000

    def test_cohorts(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["review", "cohorts", "--lang", "nb"]) == 0
        assert "Neste kohort fra" in capsys.readouterr().out
        assert main(["review", "cohorts", "--format", "csv"]) == 0
        assert capsys.readouterr().out.startswith("label,kind,measure,")
        for name in ("a", "b"):
            assert main(["review", "cohorts", "--format", "svg", "--out", str(tmp_path / f"{name}.svg")]) == 0
        first, second = ((tmp_path / f"{name}.svg").read_bytes() for name in ("a", "b"))
        assert first == second
        assert 'aria-label="Change in quality of life, before and after. Vederhus 2016' in first.decode()

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["published", "--from", "mine.toml"], "leave --from out"),
            (
                ["published", "--format", "svg"],
                "'svg' is for 'graph', 'matrix', 'numbers' and 'cohorts', not for 'published'",
            ),
            (["cohorts", "--format", "bib"], "'bib' is for 'references', not for 'cohorts'"),
            (["published", "--columns", "work"], "--columns chooses columns of 'table'"),
        ],
    )
    def test_what_does_not_go_together(
        self, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["review", *arguments]) == 1
        assert message in capsys.readouterr().err
