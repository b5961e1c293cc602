"""What a registry knows of each work, gathered so that a table can be held against it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from larstudy.checker.lexicon import lexicon, pattern, pattern_of_all, words_pattern
from larstudy.checker.written import Written, numbers_of
from larstudy.specs.evidence import NO_PAGE, Claim, Evidence, Fact, Words
from larstudy.stats.conversions import sd_of_change


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of a work, as printed or as it follows from what is printed, with the range it may lie in.

    Attributes
    ----------
    quantity, role, measure, wave, place, confidence : str
    label : mapping of str to str
    value, low, high : float
    digits : int or None
        Decimals; None for what was computed.
    printed : str
    n : int or None
    cues : tuple of str
    """

    quantity: str
    label: Words
    value: float
    low: float
    high: float
    digits: int | None
    printed: str
    role: str = ""
    measure: str = ""
    wave: str = ""
    n: int | None = None
    cues: tuple[str, ...] = ()
    place: str = ""
    confidence: str = "D"

    @property
    def percent(self) -> bool:
        """Whether it is a percentage."""
        return self.printed.endswith("%")

    def fits(self, written: Written, *, factor: float = 1.0) -> bool:
        """Say whether a number is this one, rounded as it may be."""
        return any(self.equals(value * factor, digits) for value, digits in written.readings)

    def equals(self, value: float, digits: int) -> bool:
        """Say whether a value with so many decimals is this number."""
        if self.digits is None:
            slack = 0.5 * 10.0**-digits
        elif digits == self.digits:
            slack = 0.0
        elif digits < self.digits and abs(self.value) < 10 and digits == 0:
            # To the whole number a small number is rounded away.
            return False
        else:
            slack = 0.5 * 10.0 ** -min(digits, self.digits)
        return self.low - slack - 1e-9 <= value <= self.high + slack + 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWork:
    """One work: how it is cited, and everything that a table may say of it.

    Attributes
    ----------
    key, title, report, doi : str
        Empty where not known.
    authors : tuple of str
        Last names, or an institution.
    years : tuple of int
    role : {"reviewed", "context", "other"}
    short : mapping of str to str
        As it is cited, by language.
    read : str
        How it was read; empty where the registry does not say.
    design, country : mapping of str to str
    designs, countries : frozenset of str
    pages : tuple of int or None
        First and last page.
    cited : frozenset of int
        The pages that the registry cites.
    claims : tuple of Claim
    figures : tuple of Figure
    """

    key: str
    authors: tuple[str, ...]
    years: tuple[int, ...]
    role: str
    short: Words
    title: str = ""
    report: str = ""
    doi: str = ""
    read: str = ""
    institution: str = ""
    design: Words = field(default_factory=dict)
    country: Words = field(default_factory=dict)
    designs: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    pages: tuple[int, int] | None = None
    cited: frozenset[int] = frozenset()
    claims: tuple[Claim, ...] = ()
    figures: tuple[Figure, ...] = ()

    def of(self, *quantities: str) -> list[Figure]:
        """Return its numbers of these quantities."""
        return [figure for figure in self.figures if figure.quantity in quantities]


def designs_in(text: str) -> frozenset[str]:
    """Return the designs that a text names, each with what it implies; one that is denied is not named.

    Examples
    --------
    >>> sorted(designs_in("Prospektiv kohortstudie, ikkje randomisert"))
    ['cohort', 'observational', 'quantitative']
    """
    found: set[str] = set()
    denied = pattern_of_all("denied")
    for name, design in lexicon("wordings")["designs"].items():
        for match in words_pattern(design["words"]).finditer(text):
            before = re.split(r"[.,;(]", text[: match.start()])[-1]
            if not denied.search(before[-24:]):
                found |= {name, *design["implies"]}
    return frozenset(found)


def countries_in(text: str) -> frozenset[str]:
    """Return the countries that a text names.

    Examples
    --------
    >>> sorted(countries_in("Noreg og Sverige"))
    ['norway', 'sweden']
    """
    names = lexicon("wordings")["countries"]
    return frozenset(name for name in names if pattern("countries", name).search(text))


def known_works(evidence: Evidence) -> dict[str, KnownWork]:
    """Return every work of a registry by its key, with those that only have printed numbers."""
    works = {key: _cited_work(key, evidence) for key in evidence.references}
    for key, other in evidence.other_works.items():
        last = [name.split(",")[0] for name in other.authors]
        short = {
            lang: f"{last[0]} et al. ({other.year})"
            if len(last) > 2
            else f"{(' & ' if lang == 'en' else ' og ').join(last)} ({other.year})"
            for lang in ("en", "nb", "nn")
        }
        works[key] = KnownWork(
            key=key,
            authors=tuple(last),
            years=(other.year,),
            role="other",
            short=short,
            design=other.design,
            country=other.country,
            designs=designs_in(" | ".join(other.design.values())),
            countries=countries_in(" | ".join(other.country.values())),
            figures=tuple(_figures(key, evidence, "")),
        )
    return works


def _cited_work(key: str, evidence: Evidence) -> KnownWork:
    reference = evidence.references[key]
    fields = reference.fields
    study = evidence.studies.get(key)
    texts: Mapping[str, Words] = study.texts if study else {}
    years = re.findall(r"\d{4}", fields.get("cited_years", "") or fields.get("year", ""))
    ends = re.fullmatch(r"(\d+)\s*[-–]+\s*(\d+)", fields.get("pages", ""))
    claims = tuple(claim for claim in evidence.claims.values() if claim.source == key)
    pages = [claim.page for claim in claims]
    pages += [passage.page for passage in evidence.passages.values() if passage.source == key]
    title = fields.get("title", "")
    return KnownWork(
        key=key,
        authors=tuple(name.split(",")[0] for name in reference.authors),
        years=tuple(int(year) for year in years),
        role=study.role if study else "context",
        short={lang: reference.short(lang) for lang in ("en", "nb", "nn")},
        # A title in brackets is a description by those who could not read it.
        title="" if title.startswith("[") else title,
        report=fields.get("number", "") if reference.kind == "techreport" else "",
        doi=fields.get("doi", ""),
        read=study.read if study else "",
        institution=fields.get("institution", ""),
        design=texts.get("design", {}),
        country=texts.get("country", {}),
        designs=designs_in(" | ".join(texts.get("design", {}).values())),
        countries=countries_in(" | ".join(texts.get("country", {}).values())),
        pages=(int(ends.group(1)), int(ends.group(2))) if ends else None,
        cited=frozenset(page for text in pages for page in pages_in(text)),
        claims=claims,
        figures=tuple(_figures(key, evidence, next(iter(texts.get("sample", {}).values()), ""))),
    )


def pages_in(text: str) -> list[int]:
    """Return every page of a text such as ``434-436, 438``.

    Examples
    --------
    >>> pages_in("434–436, 438"), pages_in("none"), pages_in("§ 2")
    ([434, 435, 436, 438], [], [])
    """
    if text == NO_PAGE or "§" in text:
        return []
    result: list[int] = []
    for first, last in re.findall(r"(\d+)(?:\s*[-–]\s*(\d+))?", text):
        low, high = int(first), int(last or first)
        # "434-7" is short for 434-437.
        if last and high < low:
            high = int(first[: -len(last)] + last)
        result += range(low, min(high, low + 200) + 1)
    return result


def _figures(key: str, evidence: Evidence, sample: str) -> list[Figure]:
    """Return the printed numbers of a work, and what follows from them."""
    facts = [fact for fact in evidence.facts.values() if fact.work == key]
    figures = [_printed(fact) for fact in facts]
    if not any(figure.quantity == "n" for figure in figures):
        figures += _n_of_sample(sample)
    return [*figures, *_derived(figures)]


def _printed(fact: Fact) -> Figure:
    return Figure(
        quantity=fact.quantity,
        label=fact.label,
        value=fact.value,
        low=fact.value,
        high=fact.value,
        digits=fact.digits,
        printed=fact.printed,
        role=fact.role,
        measure=fact.measure,
        wave=fact.wave,
        n=fact.n,
        cues=fact.cues,
        place=fact.place,
        confidence=fact.confidence,
    )


def _n_of_sample(sample: str) -> list[Figure]:
    """Return the number of people that the registry's own words on the sample begin with."""
    for written in numbers_of(sample):
        value, digits = written.readings[-1]
        if is_of_people(written) and not digits and not written.percent:
            label = {lang: lexicon("remarks")["diagnoses"]["n"][lang] for lang in ("en", "nb", "nn")}
            return [
                Figure(
                    quantity="n", label=label, value=value, low=value, high=value, digits=0,
                    printed=f"{value:.0f}", role="analysed", confidence="",
                )
            ]  # fmt: skip
    return []


def is_of_people(written: Written) -> bool:
    """Say whether a number counts people: it is called n, or the noun after it is one of people."""
    if written.label == "n":
        return True
    people, between = pattern("people", "words"), pattern("people", "between")
    rest = re.match(r"[\s(]*", written.after)
    after = written.after[rest.end() if rest else 0 :]
    for _ in range(4):
        if people.match(after):
            return True
        passed = between.match(after)
        if passed is None:
            return False
        after = after[passed.end() :].lstrip(" ,")
    return False


def _derived(figures: Iterable[Figure]) -> list[Figure]:
    """Return standard errors, SDs of change, d_z and d_av as far as the printed numbers give them."""
    known = list(figures)
    result = [_standard_error(f) for f in known if f.quantity == "sd" and f.n]
    for measure in dict.fromkeys(f.measure for f in known if f.measure):
        result += _effects([f for f in known if f.measure == measure])
    return result


def _half(figure: Figure) -> float:
    return 0.5 * 10.0 ** -(figure.digits or 0)


def _computed(quantity: str, like: Figure, low: float, high: float) -> Figure:
    middle = (low + high) / 2
    return Figure(
        quantity=quantity, label=like.label, value=middle, low=low, high=high, digits=None,
        printed=f"{middle:.2g}" if middle else "0", measure=like.measure, wave=like.wave, n=like.n,
    )  # fmt: skip


def _standard_error(sd: Figure) -> Figure:
    root = math.sqrt(sd.n or 1)
    return _computed("se", sd, (sd.value - _half(sd)) / root, (sd.value + _half(sd)) / root)


def _effects(figures: list[Figure]) -> list[Figure]:
    """Return d_av and d_z of one measure, each with the range that rounding leaves it."""

    def one(quantity: str, wave: str = "") -> Figure | None:
        return next((f for f in figures if f.quantity == quantity and (not wave or f.wave == wave)), None)

    before, after = one("mean", "start"), one("mean", "follow_up")
    sd_before, sd_after = one("sd", "start"), one("sd", "follow_up")
    result: list[Figure] = []
    change, sd_change, r = one("change"), one("sd_change"), one("correlation")
    if change is not None:
        if before is not None and after is None:
            slack = _half(before) + _half(change)
            low = before.value + change.value - slack
            result.append(replace(_computed("mean", before, low, low + 2 * slack), wave="follow_up"))
        low, high, like = change.value - _half(change), change.value + _half(change), change
    elif before is not None and after is not None:
        slack = _half(before) + _half(after)
        low, high, like = after.value - before.value - slack, after.value - before.value + slack, after
        result.append(replace(_computed("change", like, low, high), wave=""))
    else:
        return []
    if sd_before is not None and sd_after is not None and not one("d_av"):
        mean_sd = (sd_before.value + sd_after.value) / 2
        result.append(_ratio("d_av", like, low, high, mean_sd, (_half(sd_before) + _half(sd_after)) / 2))
        if sd_change is None and r is not None and not one("d_z"):
            spread = sd_of_change(sd_before.value, sd_after.value, r.value).estimate
            result.append(_ratio("d_z", like, low, high, spread, 0.01 * spread))
    if sd_change is not None and not one("d_z"):
        result.append(_ratio("d_z", like, low, high, sd_change.value, _half(sd_change)))
    return result


def _ratio(quantity: str, like: Figure, low: float, high: float, spread: float, slack: float) -> Figure:
    ends = [end / (spread + s) for end in (low, high) for s in (-slack, slack) if spread + s > 0]
    return _computed(quantity, like, min(ends, default=math.nan), max(ends, default=math.nan))
