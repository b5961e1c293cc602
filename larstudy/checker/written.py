"""The numbers of a cell: what each may be read as, what it is called, and the words around it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache

from larstudy.checker.lexicon import folded, lexicon

_SPACE = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE} "
_NUMBER = re.compile(
    rf"""(?<!\w)(?<![^\W\d_][-\N{{EN DASH}}])
    (?P<sign>[+\-\N{{MINUS SIGN}}\N{{EN DASH}}]\s?)?
    (?P<body>\d{{1,3}}(?:[{_SPACE}]\d{{3}})+(?!\d)|\d{{1,3}}(?:[.,]\d{{3}}){{2,}}(?!\d)|\d+(?:[.,]\d+)?|[.,]\d+)
    (?!\w)(?P<percent>\s?(?:%|prosent\b|percent\b|per\scent\b))?""",
    re.VERBOSE | re.IGNORECASE,
)
#: What looks like numbers and counts nothing: report numbers, DOIs, addresses, ISBNs.
_NO_COUNTS = re.compile(
    r"\b\d{4}\s?[:/]\s?\d{1,3}\b|\b10\.\d{4,}/\S+|https?://\S+|\b97[89][-\d ]{10,14}\d\b|\bIS-\d+",
    re.IGNORECASE,
)
# A point ends a clause, but not after a digit and not after the one or two letters of "s." and "ca.".
_CLAUSE = re.compile(r"[;\n!?]|(?<!\d)(?<!\b\w)(?<!\b\w\w)\.\s+(?=[^\W\d_]|$)")
_AND = re.compile(r"\s*(?:[,\-\N{EN DASH}&]|og|and)\s*", re.IGNORECASE)
_WINDOW = 48
#: No clause is longer than this.
_FAR = 400
#: How near a number its cues stand, in letters.
_NEAR = 36
#: How far from its mean an SD stands at most.
_BESIDE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A number as somebody wrote it.

    Attributes
    ----------
    text : str
    readings : tuple of (float, int)
        What it may be read as, each with its decimals: ``8,099`` is 8.099 or 8099.
    percent, signed : bool
    label : str
        What stands right before it: "n", "sd", "page", ...; "other" for what is not compared; "" for nothing.
    before, after : str
        The words around it in the same clause, lower case.
    near : str
        Of these the words up to the next comma and the next number, with "|" where it stands itself.
    """

    text: str
    readings: tuple[tuple[float, int], ...]
    percent: bool
    signed: bool
    label: str
    before: str
    after: str
    near: str

    @property
    def digits(self) -> str:
        """Its digits without leading and trailing zeros, as they stand whatever the decimal mark."""
        return re.sub(r"\D", "", self.text).strip("0")

    @property
    def around(self) -> str:
        """The words before and after it."""
        return f"{self.before[-_WINDOW:]} | {self.after}"


def numbers_of(text: str) -> list[Written]:
    """Return the numbers of a text, in their order.

    Examples
    --------
    >>> [(w.text, w.label, w.percent) for w in numbers_of("n = 338; 64 % i LAR (s. 434, 436), Fafo 2019:10")]
    [('338', 'n', False), ('64 %', '', True), ('434', 'page', False), ('436', 'page', False)]
    >>> [w.readings for w in numbers_of("8,099 og −0,11")]
    [((8.099, 3), (8099.0, 0)), ((-0.11, 2),)]
    """
    plain = _NO_COUNTS.sub(lambda match: "\x1f" * len(match.group()), text)
    found: list[Written] = []
    end, last = 0, ""
    for match in _NUMBER.finditer(plain):
        before = _CLAUSE.split(plain[max(0, match.start() - _FAR) : match.start()])[-1]
        after = re.split(r"[;\n!?]|\.\s|\.$", plain[match.end() : match.end() + _FAR])[0]
        label = _label(plain[max(0, match.start() - 24) : match.start()])
        if not label and last == "page" and _AND.fullmatch(plain[end : match.start()] or "x"):
            label = "page"
        sign, body = match.group("sign") or "", match.group("body")
        found.append(
            Written(
                text=text[match.start() : match.end()].strip(),
                readings=_readings(body, negative=bool(sign) and "+" not in sign),
                percent=bool(match.group("percent")),
                signed=bool(sign),
                label=label,
                before=folded(before),
                after=folded(after)[:_WINDOW],
                near=_near(before, after),
            )
        )
        if label in ("sd", "se") and len(found) > 1 and not last and match.start() - end < _BESIDE:
            # What an SD stands beside is its mean.
            found[-2] = replace(found[-2], label="mean")
        end, last = match.end(), label
    return found


def _near(before: str, after: str) -> str:
    cut = r"\d[%\s)]*|,(?!\d)"
    left = re.split(cut, folded(before))[-1]
    # A bracket after the number speaks of something else.
    right = re.split(rf"{cut}|\(", folded(after))[0]
    return f"{left[-_NEAR:]} | {right[:_NEAR]}"


def _readings(body: str, *, negative: bool) -> tuple[tuple[float, int], ...]:
    plain = re.sub(rf"[{_SPACE}]", "", body)
    factor = -1.0 if negative else 1.0
    groups = re.split(r"[.,]", plain)
    if len(groups) > 2:
        return ((factor * float("".join(groups)), 0),)
    if len(groups) == 1:
        return ((factor * float(plain), 0),)
    decimal = (factor * float(f"{groups[0] or '0'}.{groups[1]}"), len(groups[1]))
    if len(groups[1]) == 3 and groups[0].strip("0"):
        return (decimal, (factor * float(groups[0] + groups[1]), 0))
    return (decimal,)


@cache
def _label_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    result = []
    for label, words in lexicon("wordings")["labels"].items():
        parts = []
        for word in sorted(words, key=len, reverse=True):
            # One letter alone is too little, unless something ties it to the number.
            tie = r"\s*[=:≈<>]\s*" if len(word) == 1 and word.isalpha() else r"\s*[=:≈<>(\[]?\s*"
            start = r"(?<!\w)" if word[0].isalnum() else ""
            parts.append(f"{start}{re.escape(word)}{tie}$")
        result.append((label, re.compile("|".join(parts), re.IGNORECASE)))
    return tuple(result)


def _label(before: str) -> str:
    for label, pattern in _label_patterns():
        if pattern.search(before):
            return label
    return ""
