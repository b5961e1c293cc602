"""What larstudy says, in English, Bokmål and Nynorsk.

Sentences, headings and captions are written in English where they are made. The files in
``resources/catalogue/`` hold each of them in Norwegian, and people who do not program can correct them there.
A text may have places in braces, ``"{n} persons came in."``; `say` fills them in. Modules that know nothing
of languages return English sentences; `in_language` finds which text of the catalogue a sentence was made
from, and says the same in the other language, with the same numbers.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Final

from larstudy.errors import unknown_name
from larstudy.names import LANGUAGES, Language, fixed_labels

_PLACE: Final = re.compile(r"\{(\w+)\}")
_NUMBER: Final = re.compile(r"(?<![\w.,/])([−-]?\d*)\.(\d+)(?!\w|[./]\w|,\d)")
_PERCENT: Final = re.compile(r"(\d)%")
# Between decimals, and between the degrees of freedom of F, a comma would be read as one of a decimal.
_IN_LIST: Final = re.compile(r"(,\d+|\bF\(\d+), (?=[−-]?\d*,\d|\d+\))")
_SENTENCES: Final = re.compile(r"(?<!et al\.)(?<=[.!?]) (?=\S)|\n")
_MARKS: Final = ("; ", ": ", ", ")
_LONGEST_RUN: Final = 6
# What a place holds is no sentence and more.
_WORDS: Final = r"(?:(?![.!?] [A-Z]|\n).)+?"
#: What a place of one of these names holds is a number: so "{low} to {high}" says nothing of other words.
NUMBERS: Final = frozenset(
    {"n", "k", "df", "df2", "p", "q", "low", "high", "number", "level", "margin", "seed", "draws", "percent"}
)
# A count has no decimals: "Clinic 2.5" is no group of so many.
_COUNTED: Final = ("n", "k", "q")
_COUNT: Final = r"\d+"
# A name that is known, or one word of the user's: "to" in "Alle de to gruppene" is Norwegian for two.
_ENDS: Final = ("from", "to")
_NUMERIC: Final = "[−-]?(?:\\d[\\d.,\N{NO-BREAK SPACE}]*|\\.\\d+|–|inf)(?:e[+−-]?\\d+)?%?"
_ENGLISH: Final = re.compile(r"\b(the|and|of|with|is|are|was|were|from|not|this|that)\b", re.IGNORECASE)


@lru_cache(maxsize=1)
def texts() -> Mapping[str, tuple[str, str]]:
    """Return every text of the catalogue: English to Bokmål and Nynorsk.

    Raises
    ------
    ValueError
        Where a text stands twice, lacks a language, or has other places in braces in one than in another:
        the files ship with larstudy, and its tests read them.
    """
    found: dict[str, tuple[str, str]] = {}
    folder = resources.files("larstudy") / "resources" / "catalogue"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        for english, other in tomllib.loads(file.read_text(encoding="utf-8")).items():
            if english in found:
                raise ValueError(f"{file.name}: '{english}' stands in the catalogue twice.")
            if set(other) != {"nb", "nn"}:
                raise ValueError(f"{file.name}: '{english}' needs nb and nn, and nothing else.")
            places = {language: set(_PLACE.findall(text)) for language, text in other.items()}
            if any(names != set(_PLACE.findall(english)) for names in places.values()):
                raise ValueError(f"{file.name}: '{english}' has other places in braces in nb or nn.")
            found[english] = (other["nb"], other["nn"])
    return found


@lru_cache(maxsize=1)
def _labels() -> Mapping[str, tuple[str, str]]:
    """Return the fixed names as readers see them, and as they stand inside a sentence."""
    found: dict[str, tuple[str, str]] = {}
    for name, (english, bokmaal, nynorsk) in fixed_labels().items():
        found[english] = (bokmaal, nynorsk)
        # In data a name stands as it is, and a summary may list it so.
        found[_lower(english)] = found[name] = (_lower(bokmaal), _lower(nynorsk))
    return found


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


@lru_cache(maxsize=1)
def _filled_texts() -> Mapping[str, tuple[tuple[int, str, re.Pattern[str]], ...]]:
    """Return how the texts with places look when filled in, by a word that each must have in it.

    A report holds thousands of texts: told apart by a word, each is held against a few of the patterns only.
    Those without a word of their own stand under the empty one. The number is the order in which they are
    tried: those with most words of their own first.
    """
    with_places = [text for text in texts() if _PLACE.search(text)]
    with_places.sort(key=lambda text: (-len(_PLACE.sub("", text)), text))
    found: dict[str, list[tuple[int, str, re.Pattern[str]]]] = {}
    for order, text in enumerate(with_places):
        # A word beside a place, as in "month{n}", is a part of another word when it is filled in.
        words = re.findall(r"(?<![\w\0])\w+(?![\w\0])", _PLACE.sub("\0", text))
        found.setdefault(max(words, key=len, default=""), []).append((order, text, _pattern(text)))
    return {word: tuple(entries) for word, entries in found.items()}


def _candidates(text: str) -> list[tuple[int, str, re.Pattern[str]]]:
    by_word = _filled_texts()
    words = {"", *re.findall(r"\w+", text)}
    return sorted((entry for word in words for entry in by_word.get(word, ())), key=lambda entry: entry[0])


def _pattern(text: str) -> re.Pattern[str]:
    parts = _PLACE.split(text)
    seen: set[str] = set()
    written = []
    for place, part in enumerate(parts):
        if place % 2 == 0:
            written.append(re.escape(part))
        elif part in seen:
            written.append(f"(?P={part})")
        else:
            seen.add(part)
            written.append(f"(?P<{part}>{_held(part)})")
    return re.compile("".join(written))


def _held(place: str) -> str:
    """Return what a place of a text may hold."""
    if place in _COUNTED:
        return _COUNT
    if place in NUMBERS or place.startswith("n_"):
        return _NUMERIC
    if place in _ENDS:
        return "|".join([*(re.escape(name) for name in _labels()), r"\S+(?: \d+)?"])
    return _WORDS


def say(text: str, lang: Language = "en", **values: object) -> str:
    """Return a text of the catalogue in a language, with its places filled in.

    Parameters
    ----------
    text : str
        In English, as it stands in the catalogue; one that does not is said in English.
    lang : {"en", "nb", "nn"}
    **values : object
        What stands in the places. Text is put into the language where the catalogue or `names` has it;
        numbers get a decimal comma in Norwegian.

    Examples
    --------
    >>> say("Who is counted", "nn")
    'Kven som er talde'
    """
    index = _index(lang)
    template = text
    if index:
        template = texts()[text][index - 1] if text in texts() else text
    shown = {name: in_language(str(value), lang) for name, value in values.items()}
    return _fill(template, shown)


def in_language(text: str, lang: Language = "en") -> str:
    """Return in a language what was said in English; what the catalogue does not have stays as it is.

    Numbers get a decimal comma in Norwegian. A user's own words, such as the name of an outcome, are left
    alone.

    Examples
    --------
    >>> in_language("Gained abstinent network", "nn"), in_language("−0.46", "nb"), in_language("Clinic", "nb")
    ('Fekk rusfritt nettverk', '−0,46', 'Clinic')
    """
    return text if not _index(lang) else _translated(text, lang)[0]


def is_in_catalogue(text: str) -> bool:
    """Tell whether everything in an English text can be said in Norwegian: each sentence, or the whole.

    Examples
    --------
    >>> is_in_catalogue("Who is counted"), is_in_catalogue("0.46"), is_in_catalogue("Zebras graze.")
    (True, True, False)
    """
    return _translated(text, "nn")[1]


@lru_cache(maxsize=50_000)
def _translated(text: str, lang: Language) -> tuple[str, bool]:
    """Return a text in Norwegian, and whether all of it was found."""
    if not any(character.isalpha() for character in text):
        return numbers_in_language(text, lang), True
    whole, guess = _whole(text, lang)
    if whole is not None:
        return whole, True
    if _SENTENCES.search(text):
        return _in_runs(_SENTENCES.split(text), _SENTENCES.findall(text), lang)
    listed = _listed(text, lang)
    if listed[1] or guess is None:
        return listed
    return guess, True


def _in_runs(parts: Sequence[str], marks: Sequence[str], lang: Language) -> tuple[str, bool]:
    """Return parts of a text in Norwegian; a text of the catalogue may be several of them."""
    said: list[str] = []
    between: list[str] = []
    complete, at = True, 0
    while at < len(parts):
        end = min(len(parts), at + _LONGEST_RUN)
        while end - at > 1 and _whole(_joined(parts[at:end], marks[at : end - 1]), lang)[0] is None:
            end -= 1
        one, found = _translated(_joined(parts[at:end], marks[at : end - 1]), lang)
        said.append(one)
        between.extend(marks[end - 1 : end])
        complete, at = complete and found, end
    return _joined(said, between), complete


def _joined(parts: Sequence[str], marks: Sequence[str]) -> str:
    return parts[0] + "".join(mark + part for mark, part in zip(marks, parts[1:], strict=True))


def _listed(text: str, lang: Language) -> tuple[str, bool]:
    """Return a list, or what is said of a name, in Norwegian; names of the user's own stay in it."""
    partly = text
    for mark in _MARKS:
        parts = text.split(mark)
        said, found = _in_runs(parts, [mark] * (len(parts) - 1), lang) if len(parts) > 1 else (text, False)
        if found:
            return said, True
        partly = said if partly == text and mark != ": " else partly
    for colon in re.finditer(": ", text):
        said, found = _translated(text[colon.end() :], lang)
        if found:
            return f"{_translated(text[: colon.start()], lang)[0]}: {said}", True
    return partly, False


@lru_cache(maxsize=50_000)
def _whole(text: str, lang: Language) -> tuple[str | None, str | None]:
    """Return one text of the catalogue in Norwegian, and a guess where its places would hold English."""
    index = LANGUAGES.index(lang) - 1
    known = _exact(text, index)
    if known is not None:
        return known, None
    guess = None
    for _, english, pattern in _candidates(text):
        match = pattern.fullmatch(text)
        if match:
            values = {name: _translated(value, lang)[0] for name, value in match.groupdict().items()}
            said = _fill(texts()[english][index], values)
            if not any(stays_english(value) for value in values.values()):
                return said, None
            guess = guess or said
    if text.endswith("."):
        # A line that stands alone, such as the stamp, may end as a sentence.
        line = _whole(text[:-1], lang)[0]
        return (None if line is None else line + "."), guess
    return None, guess


def _exact(text: str, index: int) -> str | None:
    """Return what stands in the catalogue as it is, or at the other place of a sentence."""
    for words in (texts(), _labels()):
        if text in words:
            return words[text][index]
    # A symbol such as n or d is not itself with another letter.
    for first, other in ((str.upper, str.lower), (str.lower, str.upper)) if len(text) > 3 else ():
        turned = first(text[0]) + text[1:]
        if turned in texts():
            said = texts()[turned][index]
            return other(said[0]) + said[1:]
    return None


def _fill(text: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: values.get(place.group(1), place.group(0)), text)


def numbers_in_language(text: str, lang: Language = "en") -> str:
    """Return a text with its numbers as its readers write them: in Norwegian a decimal comma.

    Examples
    --------
    >>> numbers_in_language("−0.46", "nb"), numbers_in_language("0.1, 0.25", "nn")
    ('−0,46', '0,1; 0,25')
    >>> numbers_in_language("1.0.2, 10.1000/182", "nn")
    '1.0.2, 10.1000/182'
    """
    if lang == "en":
        return text
    commas = _NUMBER.sub(r"\1,\2", text)
    if commas != text:
        commas = _IN_LIST.sub(r"\1; ", commas)
    return _PERCENT.sub("\\1\N{NO-BREAK SPACE}%", commas)


def stays_english(text: str) -> bool:
    """Tell whether a text of a page in Norwegian reads as English, which the catalogue does not have.

    Examples
    --------
    >>> stays_english("Written by the clinic."), stays_english("Klinikk A, 12 personar")
    (True, False)
    """
    return _ENGLISH.search(text) is not None


def _index(lang: Language) -> int:
    if lang not in LANGUAGES:
        raise unknown_name("language", lang, LANGUAGES)
    return LANGUAGES.index(lang)
