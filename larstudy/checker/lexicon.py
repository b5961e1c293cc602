"""The words that the checker knows: headings, designs, words of cause, and what it says; all of it data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from larstudy.names import LANGUAGES, Language
from larstudy.specs.reading import resource_toml

# A letter that joins on: a word ends where neither this nor a digit follows.
_LETTER = r"[^\W_]"


@cache
def lexicon(name: str) -> Mapping[str, Any]:
    """Return one of the checker's files of words: "headings", "wordings" or "remarks"."""
    return resource_toml("checker", name)


def folded(text: str) -> str:
    r"""Return text in lower case with plain blanks and quotation marks, so that alike is equal.

    Examples
    --------
    >>> folded("  Hovud\u00adfunn\u00a0(N) ")
    'hovudfunn (n)'
    """
    plain = unicodedata.normalize("NFC", text).replace("\N{SOFT HYPHEN}", "")
    plain = re.sub(r"[\N{NON-BREAKING HYPHEN}\N{HYPHEN}]", "-", plain)
    return re.sub(r"\s+", " ", plain).strip().casefold()


def ascii_name(name: str) -> str:
    """Return a name by its plain letters, however its accents and Norwegian letters are written.

    Examples
    --------
    >>> ascii_name("Bråthen"), ascii_name("Braathen"), ascii_name("Müller"), ascii_name("Ødegård")
    ('brathen', 'brathen', 'muller', 'odegard')
    """
    text = folded(name)
    for written, plain in (("ø", "o"), ("oe", "o"), ("æ", "ae"), ("å", "a"), ("aa", "a"), ("ß", "ss")):
        text = text.replace(written, plain)
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[^a-z]+", " ", text.replace("ue", "u")).strip()


def words_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for any of these words as whole words; an asterisk stands for the rest of one.

    Examples
    --------
    >>> words_pattern(["effekt*", "fører til"]).findall("ingen effekter; det fører til noko")
    ['effekter', 'fører til']
    """
    return _pattern_of(tuple(words))


@cache
def _pattern_of(words: tuple[str, ...]) -> re.Pattern[str]:
    parts = []
    for word in sorted(set(words), key=len, reverse=True):
        escaped = re.escape(word).replace(r"\*", rf"{_LETTER}*").replace(r"\ ", r"\s+")
        before = rf"(?<!{_LETTER})" if word[0].isalnum() else ""
        after = rf"(?!{_LETTER})" if word[-1].isalnum() else ""
        parts.append(f"{before}{escaped}{after}")
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


@cache
def pattern(group: str, name: str) -> re.Pattern[str]:
    """Return the pattern of a list of words, such as ``pattern("roles", "enrolled")``, in every language."""
    return words_pattern(lexicon("wordings")[group][name])


@cache
def pattern_of_all(group: str) -> re.Pattern[str]:
    """Return the pattern of the words of a group in every language."""
    return words_pattern(word for words in lexicon("wordings")[group].values() for word in words)


def say(group: str, name: str, lang: Language) -> str:
    """Return how something is worded in a language.

    Examples
    --------
    >>> say("kinds", "wrong", "nn")
    'feil'
    """
    text: str = lexicon("remarks")[group][name][lang]
    return text


def detect_language(texts: Iterable[str]) -> Language:
    """Return the language that most words of a table speak; English where none is known.

    Examples
    --------
    >>> detect_language(["Forfattar", "Hovudfunn", "338 vaksne"]), detect_language(["Funn", "ikke"])
    ('nn', 'nb')
    """
    found = re.findall(r"[^\W\d_]+", folded(" ".join(texts)))
    marks: Mapping[str, list[str]] = lexicon("headings")["languages"]
    own = {
        lang: set(marks[lang]).difference(*(marks[other] for other in LANGUAGES if other != lang))
        for lang in LANGUAGES
    }
    counts = {lang: sum(word in marks[lang] for word in found) for lang in LANGUAGES}
    # Bokmål and Nynorsk share most words; those that only one of them has decide between the two.
    distinct = {lang: sum(word in own[lang] for word in found) for lang in LANGUAGES}
    if max(counts["nb"], counts["nn"]) > counts["en"]:
        return "nn" if distinct["nn"] > distinct["nb"] else "nb"
    return "en"
