"""What larstudy says, in three languages: nothing is missing, no number differs, no English is left."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import larstudy as ls
from larstudy import catalogue
from larstudy.catalogue import in_language, is_in_catalogue, numbers_in_language, say, stays_english, texts
from larstudy.comparison_tables import comparison_table
from larstudy.lost_words import what_if_tables
from larstudy.names import LANGUAGES, Language
from larstudy.reporting.contents import _GROUPS
from larstudy.sensitivity_tables import sensitivity_table
from larstudy.tables import Table

PACKAGE = Path(ls.__file__).parent
NORWEGIAN: tuple[Language, ...] = ("nb", "nn")
PARTS: tuple[Any, ...] = (
    "change", "models", "contrasts", "flow", "estimands", "regression", "pairs", "assumptions", "effects",
    "responders",
)  # fmt: skip
# References and names of data sets stay as they are, with what English they hold.
REFERENCES = re.compile(r"Health Survey manual|Radloff|Ventegodt|\(origin\)")


# -- what reaches a reader ------------------------------------------------------------------------


def tables_of(analysis: ls.Analysis) -> Iterator[Table]:
    yield analysis.table()
    yield analysis.cohort.table()
    yield ls.describe(analysis.cohort).table()
    yield ls.describe(analysis.cohort, median=True).table()
    if analysis.networks:
        yield analysis.networks.table()
    yield from (moved.table() for moved in analysis.transitions)
    for comparison in analysis.comparisons:
        yield comparison.change.table()
        for part in PARTS:
            if part in ("change", "flow") or len(comparison.to_frame(part)):
                yield comparison_table(comparison, part)
    for found in analysis.sensitivities():
        yield from (sensitivity_table(found, p) for p in ("specifications", "estimands", "choices"))  # type: ignore[arg-type]
    for waves in analysis.wave_models:
        yield from (waves.table(part) for part in ("models", "contrasts", "flow"))  # type: ignore[arg-type]
    frames = [analysis.to_frame(part) for part in ("missing", "weights", "robustness")]  # type: ignore[arg-type]
    spec = analysis.cohort.spec
    for key, one in spec.outcomes.items():
        scale = next(c for c in analysis.comparisons if c.change.outcome == key).change.scale
        yield from what_if_tables(
            *(frame[frame["outcome"] == key] for frame in frames),
            title=one.label, scale=scale, level=spec.analysis.confidence, synthetic=spec.synthetic,
        )  # fmt: skip


def summaries_of(analysis: ls.Analysis) -> Iterator[str]:
    yield analysis.summary()
    yield ls.describe(analysis.cohort).summary()
    results = [*analysis.comparisons, *analysis.wave_models, *analysis.sensitivities(), *analysis.transitions]
    yield from (result.summary() for result in results)
    if analysis.networks:
        yield analysis.networks.summary()


def sentences_of(analysis: ls.Analysis) -> set[str]:
    """Return titles, headings, notes and summaries: all that is no cell."""
    found = set(summaries_of(analysis))
    for table in tables_of(analysis):
        found |= {table.title, *(c.label for c in table.columns), *table.notes}
    return found


def cells_of(analysis: ls.Analysis) -> set[str]:
    return {
        str(value)
        for table in tables_of(analysis)
        for row in table.rows
        for value, column in zip(row, table.columns, strict=True)
        if column.kind == "text" and isinstance(value, str)
    }


def made_up(n: int, groups: str, *, lost: float, clusters: int = 0, alike: bool = False) -> ls.Analysis:
    """A study that is too small, too uniform or too thin for some of what is asked of it."""
    rng = np.random.default_rng(n)
    frame = pd.DataFrame({"id": range(n), "arm": [groups[i % len(groups)] for i in range(n)]})
    first = rng.normal(50.0, 10.0, n).round(1)
    for wave in range(3):
        after = first + wave if alike else first + rng.normal(wave, 5.0, n).round(1)
        frame[f"q{wave}"] = np.where(rng.random(n) < lost * (wave > 0), np.nan, after)
    frame["age"] = rng.integers(20, 60, n).astype(float)
    frame["sex"] = np.where(rng.random(n) < 0.5, "m", "w")
    options: dict[str, Any] = {"covariates": ["age", "sex"]}
    if clusters:
        frame["site"] = [f"s{i % clusters}" for i in range(n)]
        options["cluster"] = "site"
    outcome = {
        "column": {f"w{w}": f"q{w}" for w in range(3)}, "higher_is": "better", "range": [0, 100], "mcid": 5.0,
        "reliability": 0.8,
    }  # fmt: skip
    cohort = ls.load(
        frame, person="id", waves=["w0", "w1", "w2"], outcomes={"qol": outcome}, group="arm", **options
    )
    return ls.analyse(cohort)


@pytest.fixture(
    scope="module",
    params=[
        {"n": 36, "groups": "ab", "lost": 0.3, "clusters": 4},
        {"n": 7, "groups": "abc", "lost": 0.5},
        {"n": 12, "groups": "ab", "lost": 0.0, "alike": True},
        {"n": 10, "groups": "a", "lost": 0.0},
        {"n": 14, "groups": "aaaaab", "lost": 0.2, "clusters": 1},
    ],
    ids=["clusters", "tiny", "alike", "one group", "one cluster"],
)
def made_analysis(request: pytest.FixtureRequest) -> ls.Analysis:
    return made_up(**request.param)


def assert_norwegian(found: set[str], lang: Language) -> None:
    said = {text: in_language(text, lang) for text in found}
    left = {t: s for t, s in said.items() if stays_english(s) and not REFERENCES.search(s)}
    assert not left, list(left.items())[:5]
    assert not [s for s in said.values() if re.search(WRONG_FORMS[lang], s)]


@pytest.fixture(scope="module")
def help_sentences(help_analysis: ls.Analysis) -> set[str]:
    return sentences_of(help_analysis)


@pytest.mark.parametrize("lang", NORWEGIAN)
class TestNoEnglishIsLeft:
    def test_real_people(self, help_analysis: ls.Analysis, help_sentences: set[str], lang: Language) -> None:
        assert_norwegian(help_sentences | cells_of(help_analysis), lang)

    def test_the_synthetic_cohort(self, synthetic_analysis: ls.Analysis, lang: Language) -> None:
        assert_norwegian(sentences_of(synthetic_analysis) | cells_of(synthetic_analysis), lang)

    def test_studies_where_much_cannot_be_done(self, made_analysis: ls.Analysis, lang: Language) -> None:
        assert_norwegian(sentences_of(made_analysis) | cells_of(made_analysis), lang)


def test_every_sentence_of_real_people_is_in_the_catalogue(help_sentences: set[str]) -> None:
    """Also where no common English word gives away that a sentence was left as it was."""
    left = {text for text in help_sentences if not is_in_catalogue(text)}
    assert not {text for text in left if not REFERENCES.search(text)}


def test_reasons_of_studies_where_much_cannot_be_done(made_analysis: ls.Analysis) -> None:
    found = set()
    for part in ("change", "models", "contrasts", "pairs", "estimands", "regression", "effects", "lost"):
        found |= set(made_analysis.to_frame(part)["reason"])  # type: ignore[arg-type]
    assert not {reason for reason in found if reason and not is_in_catalogue(reason)}


#: Sources of instruments, by which they are found in a library: they stay in the language of the work.
SOURCES = re.compile(r"^(CES-D: Radloff|QOL10: Ventegodt|SF-36 version 1: Ware)")


@pytest.mark.parametrize("study", ["help_analysis", "synthetic_analysis"])
def test_what_a_study_says_of_itself(study: str, request: pytest.FixtureRequest) -> None:
    analysis: ls.Analysis = request.getfixturevalue(study)
    spec = analysis.cohort.spec
    shown = {spec.title, *spec.notes, *analysis.notes(), *_GROUPS}
    shown |= {outcome.label for outcome in spec.outcomes.values()}
    shown |= set(analysis.to_frame("flow")["reason"])
    shown |= {network.rules.name for network in spec.networks if network.rules is not None}
    assert {text for text in shown if not is_in_catalogue(text) and not SOURCES.match(text)} == set()


# -- the files ------------------------------------------------------------------------------------

PLACE = re.compile(r"\{(\w+)\}")
# Forms of the other language, and of none.
WRONG_FORMS = {
    "nb": r"\b(ikkje|frå|kva|kven|kvar|nokon|noko|meir|skilnad\w*|berre|eit|ein|dei|vart|korleis)\b",
    "nn": r"\b(ikke|fra|hva|hvem|hver|hvor|noen|noe|mer|forskjell\w*|bare|et(?! al)|(?<!-)en|ble|hvordan|de)\b",
}


def literal_numbers(text: str) -> list[str]:
    """Return the numbers of a text, as they are in English, in order of size."""
    found = re.findall(
        r"\d+(?:[.,]\d+)*|(?<=\s)[.,]\d+", PLACE.sub("", text).replace("\N{NO-BREAK SPACE}", "")
    )
    return sorted(number.replace(",", ".").lstrip("0") or "0" for number in found)


def test_each_text_has_the_same_places_and_numbers_in_all_languages() -> None:
    assert len(texts()) > 500
    for english, others in texts().items():
        for other in others:
            assert sorted(PLACE.findall(other)) == sorted(PLACE.findall(english)), english
            wanted = literal_numbers(english.replace("5,000", "5000"))
            assert literal_numbers(other.replace("5 000", "5000")) == wanted, (english, other)


def test_each_text_is_of_its_language() -> None:
    for english, (bokmaal, nynorsk) in texts().items():
        assert not re.search(WRONG_FORMS["nb"], bokmaal.lower()), (english, bokmaal)
        assert not re.search(WRONG_FORMS["nn"], nynorsk.lower()), (english, nynorsk)
        for text in (bokmaal, nynorsk):
            assert not stays_english(PLACE.sub("", text)), text


def test_no_text_stands_twice() -> None:
    seen: dict[str, str] = {}
    for file in sorted((PACKAGE / "resources" / "catalogue").glob("*.toml")):
        for english in tomllib.loads(file.read_text(encoding="utf-8")):
            assert english not in seen, f"{english!r} is in {file.name} and {seen[english]}"
            seen[english] = file.name


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_what_is_said_stands_in_the_catalogue(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    ours = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "larstudy.catalogue"
        and "say" in {alias.name for alias in node.names}
        for node in ast.walk(tree)
    )
    for node in ast.walk(tree) if ours else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "say":
            text = node.args[0]
            if isinstance(text, ast.Constant):
                assert text.value in texts(), f"{path.name}:{node.lineno}: {text.value!r}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('["A"]\nnb = "A"', "'A' needs nb and nn"),
        ('["{n} A"]\nnb = "{n} A"\nnn = "A"', "has other places in braces"),
        ('["A"]\nnb = "A"\nnn = "A"', "'A' stands in the catalogue twice"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, monkeypatch, text: str, message: str) -> None:
    folder = tmp_path / "larstudy" / "resources" / "catalogue"
    folder.mkdir(parents=True)
    (folder / "one.toml").write_text(text, encoding="utf-8")
    (folder / "two.toml").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text("not a text", encoding="utf-8")
    monkeypatch.setattr(catalogue.resources, "files", lambda package: tmp_path / package)
    texts.cache_clear()
    try:
        with pytest.raises(ValueError, match=message):
            texts()
    finally:
        texts.cache_clear()


# -- how a text is found --------------------------------------------------------------------------


class TestSaying:
    def test_english_stays_as_it_is(self, help_analysis: ls.Analysis) -> None:
        assert in_language("Change 1.5%", "en") == "Change 1.5%"
        assert say("{n} persons", n=3) == "3 persons"
        table = help_analysis.table()
        assert table.in_language("en") is table

    @pytest.mark.parametrize(
        ("english", "nb", "nn"),
        [
            ("95% CI 0.46 is no text of ours", "95% CI 0.46 is no text of ours", "95% CI 0.46 is no text of ours"),
            ("F(3, 14.9) = 10.06, p < .001.", "F(3; 14,9) = 10,06, p < ,001.", "F(3; 14,9) = 10,06, p < ,001."),
            ("no answers at month12", "ingen svar ved måned 12", "ingen svar ved månad 12"),
            # a name of the user's own, in a list and before a colon
            ("Isolated, Clinic A", "Sosialt isolert, Clinic A", "Sosialt isolert, Clinic A"),
            ("Clinic 2.5: nobody has both waves.", "Clinic 2.5: ingen har begge målingene.",
             "Clinic 2.5: ingen har begge målingane."),
            # other letters at the beginning
            ("definition", "definisjon", "definisjon"),
            ("Definition", "Definisjon", "Definisjon"),
            # several sentences, lines, and one that is not ours
            ("3 persons.\nThe two answer different questions. Zebras graze.",
             "3 personer.\nDe to svarer på ulike spørsmål. Zebras graze.",
             "3 personar.\nDei to svarar på ulike spørsmål. Zebras graze."),
        ],
    )  # fmt: skip
    def test_what_is_said(self, english: str, nb: str, nn: str) -> None:
        assert (in_language(english, "nb"), in_language(english, "nn")) == (nb, nn)

    def test_norwegian_words_are_not_taken_for_english(self) -> None:
        """'to' is Norwegian for two; '{low} to {high}' holds numbers only, '{from} to {to}' a wave or a group."""
        assert in_language("Alle de to gruppene", "nb") == "Alle de to gruppene"
        assert in_language("12 to 14", "nb") == in_language("12 to 14", "nn") == "12 til 14"
        assert in_language("Abstinent network to T0", "nb") == "Rusfritt nettverk til T0"

    def test_a_text_that_is_not_in_the_catalogue_is_said_in_english(self) -> None:
        assert say("Zebras: {n}", "nn", n=0.5) == "Zebras: 0,5"

    def test_numbers(self) -> None:
        shown = numbers_in_language("−0.46 (95%), p .04; 1e−09, 1.2.3, 10.1186/s13011, ends 2.5.", "nb")
        assert shown == "−0,46 (95\N{NO-BREAK SPACE}%), p ,04; 1e−09, 1.2.3, 10.1186/s13011, ends 2,5."

    def test_a_place_that_stands_twice_holds_the_same_twice(self) -> None:
        pattern = catalogue._pattern("{wave} against {wave}")
        assert pattern.fullmatch("year1 against year1")
        assert not pattern.fullmatch("year1 against year2")

    def test_unknown_language(self) -> None:
        with pytest.raises(ls.LarstudyError, match="There is no language 'se'"):
            in_language("Change", "se")  # type: ignore[arg-type]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_results_are_counted_alike_in_every_language(help_analysis: ls.Analysis, lang: Language) -> None:
    """No number is lost or changed on the way: the digits of each table stand in the same order."""

    def digits(table: Table) -> list[list[str]]:
        return [[re.sub(r"[^\d−–<>]", "", cell) for cell in row] for row in table.shown()]

    for comparison in help_analysis.comparisons[:2]:
        for part in PARTS[:8]:
            table = comparison_table(comparison, part)
            assert digits(table.in_language(lang)) == digits(table)
