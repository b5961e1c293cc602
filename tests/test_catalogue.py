"""What larstudy says, in three languages: nothing is missing, and every language has the same numbers."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import larstudy as ls
from larstudy.catalogue import in_language, is_in_catalogue, say, texts
from larstudy.errors import UnknownNameError
from larstudy.reporting.contents import _GROUPS

PACKAGE = Path(ls.__file__).parent
#: Sources of instruments, by which they are found in a library: they stay in the language of the work.
SOURCES = re.compile(r"^(CES-D: Radloff|QOL10: Ventegodt|SF-36 version 1: Ware)")


def said(path: Path) -> list[str]:
    """Return the texts that a module gives to `say`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "larstudy.catalogue"
        and any(alias.name == "say" for alias in node.names)
        for node in ast.walk(tree)
    )
    return [
        node.args[0].value
        for node in ast.walk(tree)
        if imported
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "say"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def numbers(text: str) -> list[str]:
    """Return the numbers of a text, thousands and decimals written as in any of the languages."""
    plain = re.sub(r"(?<=\d)[,\s\N{NO-BREAK SPACE}](?=\d{3}\b)", "", re.sub(r"\{\w+\}", "", text))
    return sorted(re.findall(r"\d+(?:\.\d+)?", plain.replace(",", ".")))


class TestNothingIsMissing:
    def test_every_text_that_is_said(self) -> None:
        modules = {path: said(path) for path in sorted(PACKAGE.rglob("*.py"))}
        assert sum(len(found) for found in modules.values()) > 150
        missing = {
            (path.name, text) for path, found in modules.items() for text in found if text not in texts()
        }
        assert missing == set()

    @pytest.mark.parametrize("study", ["help", "synthetic"])
    def test_what_tables_and_notes_of_a_study_say(
        self, study: str, help_analysis: ls.Analysis, synthetic_analysis: ls.Analysis
    ) -> None:
        analysis = help_analysis if study == "help" else synthetic_analysis
        spec = analysis.cohort.spec
        shown = {spec.title, *spec.notes, *analysis.notes(), *_GROUPS}
        shown |= {outcome.label for outcome in spec.outcomes.values()}
        shown |= set(analysis.to_frame("flow")["reason"])
        shown |= {network.rules.name for network in spec.networks if network.rules is not None}
        assert {text for text in shown if not is_in_catalogue(text) and not SOURCES.match(text)} == set()

    def test_a_text_that_is_not_there_is_told_apart(self) -> None:
        assert not is_in_catalogue("Zebras graze.")


class TestLanguages:
    def test_every_text_has_its_numbers_in_all(self) -> None:
        for english, (bokmaal, nynorsk) in texts().items():
            assert numbers(english) == numbers(bokmaal) == numbers(nynorsk), english

    def test_bokmaal_and_nynorsk_are_not_mixed_up(self) -> None:
        marks = (
            r"\b(ikkje|ein|eit|frå|kven|korleis|skilnad)\b",
            r"\b(ikke|fra|hvem|hvordan|forskjell|noen)\b",
        )
        for english, words in texts().items():
            for text, mark in zip(words, marks, strict=True):
                assert not re.search(mark, text), (english, text)

    def test_places_are_filled_in(self) -> None:
        told = say("{total} people came in.", "nn", total=548)
        assert told == "548 personar kom inn."
        assert say("{low} to {high}", "nb", low="−0.5", high="1.25") == "−0,5 til 1,25"

    def test_english_is_left_alone(self) -> None:
        assert in_language("−0.46 (95% CI)", "en") == "−0.46 (95% CI)"

    def test_a_language_that_there_is_none_of(self) -> None:
        with pytest.raises(UnknownNameError, match="nn"):
            say("In short", "no")  # type: ignore[arg-type]
