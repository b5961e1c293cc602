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
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Final

from larstudy.errors import unknown_name
from larstudy.names import LANGUAGES, Language, fixed_labels

_PLACE: Final = re.compile(r"\{(\w+)\}")
_NUMBER: Final = re.compile(r"(?<![\w.])([−-]?\d*)\.(\d+)(?![\w.]|,\d)")
_PERCENT: Final = re.compile(r"(\d)%")
_SENTENCES: Final = re.compile(r"(?<=[.!?]) (?=\S)")
_LISTED: Final = ("; ", ": ", ", ")


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
    for english, bokmaal, nynorsk in fixed_labels():
        found[english] = (bokmaal, nynorsk)
        found[_lower(english)] = (_lower(bokmaal), _lower(nynorsk))
    return found


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return how the texts with places look when filled in; those with most words of their own first."""
    with_places = [text for text in texts() if _PLACE.search(text)]
    with_places.sort(key=lambda text: (-len(_PLACE.sub("", text)), text))
    return tuple((_pattern(text), text) for text in with_places)


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
            written.append(f"(?P<{part}>.+?)")
    return re.compile("".join(written), re.DOTALL)


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
    return _PLACE.sub(lambda match: shown.get(match.group(1), match.group(0)), template)


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


@lru_cache(maxsize=20_000)
def _translated(text: str, lang: Language) -> tuple[str, bool]:
    """Return a text in Norwegian, and whether all of it was found."""
    if not any(character.isalpha() for character in text):
        return _numbers(text), True
    whole = _whole(text, lang)
    if whole is not None:
        return whole, True
    for cut in (_SENTENCES, *(re.compile(re.escape(mark)) for mark in _LISTED)):
        marks = cut.findall(text)
        if marks:
            parts = [_translated(part, lang) for part in cut.split(text)]
            if all(found for _, found in parts) or cut is _SENTENCES:
                joined = parts[0][0] + "".join(m + p for m, (p, _) in zip(marks, parts[1:], strict=True))
                return joined, all(found for _, found in parts)
    return _numbers(text), False


def _whole(text: str, lang: Language) -> str | None:
    """Return one text of the catalogue in Norwegian, None where it is none."""
    index = LANGUAGES.index(lang) - 1
    for words in (texts(), _labels()):
        if text in words:
            return words[text][index]
    for pattern, english in _patterns():
        match = pattern.fullmatch(text)
        if match:
            values = {name: _translated(value, lang)[0] for name, value in match.groupdict().items()}
            return _PLACE.sub(lambda place: values[place.group(1)], texts()[english][index])  # noqa: B023
    return None


def _numbers(text: str) -> str:
    """Return a text with its numbers as Norwegians write them: a decimal comma, a space before per cent."""
    return _PERCENT.sub("\\1\N{NO-BREAK SPACE}%", _NUMBER.sub(r"\1,\2", text))


def _index(lang: Language) -> int:
    if lang not in LANGUAGES:
        raise unknown_name("language", lang, LANGUAGES)
    return LANGUAGES.index(lang)
