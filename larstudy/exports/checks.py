"""The look through a folder, and its report."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from larstudy.catalogue import say
from larstudy.errors import LarstudyError, counted, require_type
from larstudy.exports.reading import read_contents
from larstudy.exports.rules import Known, hits
from larstudy.results import Result, frame_of
from larstudy.specs.disclosure import DEFAULT_PRESET, Preset, list_presets, read_preset
from larstudy.specs.study_reading import read_study_parts
from larstudy.tables import Column, Table
from larstudy.writing import RUN_RECORD

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language

_COLUMNS = ("severity", "code", "file", "place", "what", "n")
#: An id of fewer letters stands for other things as well: 17 is an age, and A1 a cell.
_SHORTEST_ID = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something in a folder that tells of single people, or that somebody must look at.

    Attributes
    ----------
    file : str
        Within the folder.
    place : str
        A line, a table, a cell of a notebook.
    code : str
        The rule, as ``small_count``.
    what : str
        What the rule found, without what it says.
    n : int
    severity : {"finding", "note"}
        A finding keeps the folder from being shared; a note is for the eye of whoever shares it.
    """

    file: str
    place: str
    code: str
    what: str
    n: int
    severity: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class OutputReport(Result):
    r"""What was found in a folder of results.

    Attributes
    ----------
    title : str
    findings : tuple of Finding
        Findings first, then notes, file by file.
    n_files : int
    rules : str
        Which counts are small, and what could be looked for.

    Examples
    --------
    >>> import larstudy as ls
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> _ = (folder / "table.csv").write_text("group,n\na,3\nb,40\n")
    >>> report = ls.check_outputs(folder)
    >>> report.ok
    False
    >>> print(report.findings[0].place, report.findings[0].what)
    rows, column 'n' a number of people from 1 to 4
    """

    title: str
    findings: tuple[Finding, ...]
    n_files: int
    rules: str

    @property
    def ok(self) -> bool:
        """True where nothing was found; notes may remain."""
        return not any(one.severity == "finding" for one in self.findings)

    def summary(self) -> str:
        """Return what was found, a line each, and what a program cannot see."""
        found = [one for one in self.findings if one.severity == "finding"]
        notes = [one for one in self.findings if one.severity == "note"]
        told = counted(len(found), "finding", "findings") if found else "nothing found"
        lines = [f"{self.title}: {counted(self.n_files, 'file', 'files')}, {told}. {self.rules}"]
        lines += [f"  [{one.code}] {one.file}, {one.place}: {one.what} ({one.n})." for one in found]
        if notes:
            names = ", ".join(dict.fromkeys(one.file for one in notes))
            lines.append(f"Not looked into, for your own eyes: {names}.")
        lines.append(
            "What can be guessed from several results together, or by who knows the people, no program finds."
        )
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a finding: severity, code, file, place, what, n."""
        return frame_of([{c: getattr(one, c) for c in _COLUMNS} for one in self.findings], _COLUMNS)

    def table(self) -> Table:
        """Return the findings as a table."""
        columns = (
            Column(name="severity", label="", kind="text"),
            Column(name="file", label="File", kind="text"),
            Column(name="place", label="Place", kind="text"),
            Column(name="what", label="What", kind="text"),
            Column(name="n", label="How many", kind="count"),
        )
        rows = tuple((one.severity, one.file, one.place, one.what, one.n) for one in self.findings)
        return Table(title=self.title, columns=columns, rows=rows, notes=(self.rules,))

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw how many findings each file has."""
        from larstudy import figures

        counts: dict[str, int] = {}
        for one in self.findings:
            counts[one.file] = counts.get(one.file, 0) + (one.severity == "finding")
        return figures.plot_counts(
            list(counts.items()), ax=ax, title=self.title, xlabel=say("findings", lang), lang=lang
        )


def check_outputs(
    folder: str | Path, *, study: str | Path | None = None, preset: str | None = None
) -> OutputReport:
    """Look through a folder, before it is shared, for what tells of single people.

    Parameters
    ----------
    folder : str or Path
        Results of larstudy, or anything else: tables, documents, workbooks, pages, notebooks, figures.
    study : str or Path, optional
        The study file: its ids and dropped columns are then looked for too.
    preset : str, optional
        Which counts are small, as ``[disclosure] preset``. That of the run which made a file unless given,
        as its ``run.json`` says, and ``n5`` for every other file.

    Returns
    -------
    OutputReport
        Files, places, rules and counts; never what was found.

    Raises
    ------
    LarstudyError
        Where the folder is not there, the preset is unknown, or the study cannot be read.

    Examples
    --------
    >>> import larstudy as ls
    >>> import tempfile
    >>> ls.check_outputs(tempfile.mkdtemp()).ok
    True
    """
    require_type(folder, (str, Path), "folder", "the path of a folder")
    folder = Path(folder)
    if not folder.is_dir():
        raise LarstudyError(f"There is no folder '{folder}'. Check the path.")
    asked = None if preset is None else _asked(preset)
    known = Known() if study is None else _known(Path(study))
    minima = {} if asked else _recorded(folder)
    usual = asked or read_preset(DEFAULT_PRESET)
    files = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    found: list[Finding] = []
    for path in files:
        found += _findings(path, folder, minima.get(path, usual.minimum), known)
    found.sort(key=lambda one: one.severity)
    rules = f"Small are counts below {usual.minimum}, unless a run.json says otherwise." if not asked else (
        f"Small are counts below {asked.minimum} ('{asked.id}')."
    )  # fmt: skip
    return OutputReport(title=folder.name or ".", findings=tuple(found), n_files=len(files), rules=rules)


def _asked(name: str) -> Preset:
    if name not in list_presets():
        raise LarstudyError(f"There is no preset '{name}'. Known: {', '.join(list_presets())}.")
    return read_preset(name)


def _findings(path: Path, folder: Path, minimum: int, known: Known) -> Iterator[Finding]:
    name = path.relative_to(folder).as_posix()
    contents = read_contents(path)
    for one in contents.seen:
        if one.code == "single_persons" and not minimum:
            continue
        severity = "finding" if one.finding else "note"
        yield Finding(file=name, place=one.place, code=one.code, what=one.what, n=one.n, severity=severity)
    for hit in hits(contents, minimum=minimum, known=known):
        yield Finding(file=name, place=hit.place, code=hit.code, what=hit.what, n=hit.n, severity="finding")


def _recorded(folder: Path) -> Mapping[Path, int]:
    """Return which counts are small in the files that runs of larstudy list, as their records say."""
    found: dict[Path, int] = {}
    for record in sorted(folder.rglob(RUN_RECORD)):
        try:
            told: Any = json.loads(record.read_text(encoding="utf-8"))
            minimum = int(read_preset(told["disclosure"]["preset"]).minimum)
            minimum = max(minimum, int(told["disclosure"].get("minimum", 0)))
            found |= {record.parent / str(name): minimum for name in told["files"]}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, LarstudyError):
            # Whatever else it is, it is then no record of ours, and the usual rule holds.
            continue
    return found


def _known(path: Path) -> Known:
    """Return the columns and the ids of a study, read from its data; nothing of them is shown."""
    from larstudy.files import read_table
    from larstudy.raw_table import person_label

    spec, problems = read_study_parts(path)
    if any(one.where.startswith("data") for one in problems):
        raise LarstudyError(f"'{path.name}' has problems: run larstudy check on it first.")
    table = read_table(spec.data, spec.folder)
    person = spec.data.person
    labels = table.labels(person) if person in table.cells else []
    ids = {person_label(label) or "" for label in labels} | {label or "" for label in labels}
    columns = frozenset({person, *spec.data.drop} - {""})
    return Known(columns=columns, ids=frozenset(one for one in ids if len(one) >= _SHORTEST_ID))
