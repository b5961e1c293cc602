"""References as data: a strict small reader of BibTeX, and RIS.

The subset that is read: entries ``@type{key, field = {text}, field = "text", field = 2017}`` and lines that
begin with ``%``. No macros, no ``@string``, no LaTeX commands: a file that has them is told so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from larstudy.errors import Problem, name_options
from larstudy.specs.reading import raise_if_any

#: Kinds of entry that are understood, and what RIS calls them.
RIS_TYPES: Final[Mapping[str, str]] = {
    "article": "JOUR",
    "book": "BOOK",
    "techreport": "RPRT",
    "phdthesis": "THES",
    "mastersthesis": "THES",
    "misc": "GEN",
    "online": "ELEC",
}
_FIELDS: Final = (
    "author", "title", "year", "cited_years", "journal", "volume", "number", "pages", "doi", "isbn",
    "institution", "publisher", "type", "url", "note", "incomplete", "apa",
)  # fmt: skip
_RIS_FIELDS: Final = (
    ("title", "TI"), ("year", "PY"), ("journal", "JO"), ("volume", "VL"), ("doi", "DO"),
    ("isbn", "SN"), ("institution", "PB"), ("publisher", "PB"), ("url", "UR"),
)  # fmt: skip
_ENTRY = re.compile(r"@\s*(\w+)\s*\{\s*([^\s,{}=\"]+)\s*,")
_FIELD = re.compile(r"\s*([A-Za-z_]+)\s*=\s*")
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One source: its key, the kind of entry, and its fields as they stand in the file.

    Attributes
    ----------
    key, kind : str
    fields : mapping of str to str
        ``incomplete`` names what no source at hand gives, such as a DOI; ``cited_years`` holds every year
        under which a work is cited where these differ.
    """

    key: str
    kind: str
    fields: Mapping[str, str]

    @property
    def authors(self) -> tuple[str, ...]:
        """The authors in their order, as ``Last, First`` or as an institution's name."""
        listed = self.fields.get("author", "")
        return tuple(name.strip("{} \n") for name in re.split(r"\s+and\s+", listed) if name.strip())

    @property
    def apa(self) -> str:
        """The reference in APA 7, as it was written beside the entry."""
        return self.fields.get("apa", "")

    def short(self, lang: str = "en") -> str:
        """Return how the work is cited in text: authors and year.

        Examples
        --------
        >>> fields = {"author": "Muller, A. E. and Skurtveit and Clausen", "year": "2017"}
        >>> Reference(key="muller2017", kind="article", fields=fields).short()
        'Muller et al. (2017)'
        """
        last = [name.split(",")[0] for name in self.authors]
        both = (" & " if lang == "en" else " og ").join(last)
        who = f"{last[0]} et al." if len(last) > 2 else both
        return f"{who} ({self.fields.get('cited_years') or self.fields.get('year', '')})"

    def to_bibtex(self) -> str:
        """Return the entry for a reference manager, without the APA text."""
        lines = [f"  {name} = {{{text}}}" for name, text in self.fields.items() if name != "apa"]
        return f"@{self.kind}{{{self.key},\n" + ",\n".join(lines) + "\n}\n"

    def to_ris(self) -> str:
        r"""Return the entry in RIS.

        Examples
        --------
        >>> fields = {"author": "{Blå Kors}", "title": "Plan", "year": "2019", "pages": "3--7"}
        >>> print(Reference(key="plan", kind="misc", fields=fields).to_ris().replace("\r", ""))
        TY  - GEN
        ID  - plan
        AU  - Blå Kors
        TI  - Plan
        PY  - 2019
        SP  - 3
        EP  - 7
        ER  -
        <BLANKLINE>
        """
        lines = [f"TY  - {RIS_TYPES[self.kind]}", f"ID  - {self.key}"]
        lines += [f"AU  - {name}" for name in self.authors]
        lines += [f"{tag}  - {_plain(self.fields[name])}" for name, tag in _RIS_FIELDS if name in self.fields]
        if "number" in self.fields:
            tag = "M1" if self.kind == "techreport" else "IS"
            lines.append(f"{tag}  - {_plain(self.fields['number'])}")
        pages = re.split(r"-+|–", self.fields.get("pages", ""))
        lines += [f"{tag}  - {page.strip()}" for tag, page in zip(("SP", "EP"), pages, strict=False) if page]
        if "incomplete" in self.fields:
            lines.append(f"N1  - Not reported: {_plain(self.fields['incomplete'])}")
        return "".join(line + "\r\n" for line in [*lines, "ER  - "])


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("{", "").replace("}", "")).strip()


def parse_bibtex(text: str, name: str) -> dict[str, Reference]:
    r"""Return the references of a BibTeX text by key, in their order.

    Parameters
    ----------
    text : str
    name : str
        What the file is called in messages.

    Returns
    -------
    dict of str to Reference

    Raises
    ------
    SpecError
        With every entry that cannot be read, every unknown kind or field, every key given twice, and every
        APA text that has another year, DOI or first author than its entry; each with its line.

    Examples
    --------
    >>> found = parse_bibtex('@book{aveyard2014,\n  author = {Aveyard},\n  year = 2014\n}\n', "my.bib")
    >>> found["aveyard2014"].short()
    'Aveyard (2014)'
    """
    reader = _Reader(text)
    reader.run()
    raise_if_any(reader.placed(name), f"Bibliography '{name}'")
    return reader.found


class _Reader:
    """Walks over the text once; each problem keeps the place where it was met."""

    def __init__(self, text: str) -> None:
        self.text = re.sub(r"(?m)^\s*%.*$", lambda match: " " * len(match.group()), text)
        self.found: dict[str, Reference] = {}
        self.problems: list[Problem] = []
        self._lines: list[int] = []

    def placed(self, name: str) -> list[Problem]:
        """Return the problems with file and line in ``where``."""
        return [
            replace(problem, where=f"{name}, line {line}, {problem.where}")
            for problem, line in zip(self.problems, self._lines, strict=True)
        ]

    def _problem(self, at: int, code: str, where: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(code=code, where=where, what=what, remedy=remedy))
        self._lines.append(self.text.count("\n", 0, at) + 1)

    def run(self) -> None:
        place = self.text.find("@")
        while place >= 0:
            entry = _ENTRY.match(self.text, place)
            if entry is None:
                self._problem(
                    place, "bad_entry", "@", "is no entry", "Write @article{key, ... }, or another known kind"
                )
                end = place + 1
            else:
                end = self._entry(entry)
            place = self.text.find("@", end)

    def _entry(self, entry: re.Match[str]) -> int:
        kind, key = entry.group(1).lower(), entry.group(2)
        if kind not in RIS_TYPES:
            self._problem(
                entry.start(), "unknown_kind", key, f"'@{kind}' is not known", name_options(kind, RIS_TYPES)
            )
        if key in self.found:
            self._problem(entry.start(), "double_key", key, "is given twice", "Give each entry its own key")
        fields, end, closed = self._fields(key, entry.end())
        if not closed:
            self._problem(
                entry.start(), "bad_entry", key, "does not end", "Look for a missing comma or closing brace"
            )
        reference = Reference(key=key, kind=kind, fields=fields)
        self.found.setdefault(key, reference)
        self._check(reference, entry.start())
        return end

    def _fields(self, key: str, place: int) -> tuple[dict[str, str], int, bool]:
        fields: dict[str, str] = {}
        while field := _FIELD.match(self.text, place):
            name = field.group(1).lower()
            value, place = self._value(field.end())
            if value is None:
                return fields, place, False
            if name not in _FIELDS:
                self._problem(
                    field.start(1), "unknown_field", f"{key}.{name}", "is not a field that larstudy knows",
                    name_options(name, _FIELDS),
                )  # fmt: skip
            if name in fields:
                self._problem(field.start(1), "double_key", f"{key}.{name}", "is given twice", "Keep one")
            fields[name] = re.sub(r"\s+", " ", value).strip()
            comma = re.compile(r"\s*,").match(self.text, place)
            if comma is None:
                break
            place = comma.end()
        end = re.compile(r"\s*\}").match(self.text, place)
        return fields, end.end() if end else place, end is not None

    def _value(self, place: int) -> tuple[str | None, int]:
        if number := re.compile(r"\d+").match(self.text, place):
            return number.group(), number.end()
        opening = self.text[place : place + 1]
        if opening == '"':
            end = self.text.find('"', place + 1)
            return (self.text[place + 1 : end], end + 1) if end >= 0 else (None, place)
        if opening != "{":
            return None, place
        depth = 0
        for here in range(place, len(self.text)):
            depth += {"{": 1, "}": -1}.get(self.text[here], 0)
            if not depth:
                return self.text[place + 1 : here], here + 1
        return None, len(self.text)

    def _check(self, reference: Reference, at: int) -> None:
        """Hold the APA text against the entry: the year, the DOI and the first author must be the same."""
        fields, key, apa = reference.fields, reference.key, reference.apa
        for name in ("author", "year"):
            if not fields.get(name):
                self._problem(at, "missing_key", f"{key}.{name}", "is missing", f"Write {name} = {{...}}")
        if fields.get("year") and not _YEAR.fullmatch(fields["year"]):
            remedy = "Write four digits; cited_years holds several years"
            self._problem(at, "bad_value", f"{key}.year", "is not a year", remedy)
        if not apa:
            return
        doi = re.search(r"https://doi\.org/(\S+)", apa)
        if fields.get("year", "") not in apa:
            self._problem(at, "apa_differs", f"{key}.apa", "has another year than the entry", "Correct one")
        if (doi.group(1) if doi else "") != fields.get("doi", ""):
            self._problem(at, "apa_differs", f"{key}.apa", "has another DOI than the entry", "Correct one")
        first = reference.authors[0].split(",")[0] if reference.authors else ""
        if not apa.startswith(first):
            self._problem(at, "apa_differs", f"{key}.apa", "begins with another author", "Correct one")
