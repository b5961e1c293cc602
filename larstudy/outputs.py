"""The files of a study's results: everything is made before `writing` writes anything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

from larstudy.analysis import PARTS, Analysis
from larstudy.comparison_words import SMALL_GROUPS
from larstudy.descriptions import describe
from larstudy.disclosure import Protected, protect, protect_description, with_whole_counts
from larstudy.figures import PICTURES, apart
from larstudy.names import ALL, Language
from larstudy.protected_figures import ProtectedFigures
from larstudy.reconciliation import require_reconciled
from larstudy.report_figures import study_figures
from larstudy.reporting.contents import report
from larstudy.reporting.material import Material, languages, told_first
from larstudy.reporting.page import report_page
from larstudy.reporting.word import report_document
from larstudy.specs import StudySpec
from larstudy.specs.disclosure import Preset
from larstudy.tables import Table
from larstudy.writing import RUN_RECORD

#: The smallest and the largest of clusters is somebody's.
_CLUSTER_SIZES = re.compile(r"(?<= clusters) of \d+ to \d+ persons")


def say_nothing(_: str) -> None:
    """Tell nobody."""


def study_files(
    analysis: Analysis,
    extra: Mapping[str, Table] | None = None,
    *,
    lang: Language = "en",
    preset: Preset | None = None,
    tell: Callable[[str], None] = say_nothing,
) -> dict[str, bytes]:
    """Return every file of a study's results, by path within its folder.

    Parameters
    ----------
    analysis : Analysis
    extra : mapping of str to Table, optional
        More tables, by file name without its ending.
    lang : {"en", "nb", "nn"}
        Of the figures and of the Word document; the page has all three, and opens in this one.
    preset : Preset, optional
        What may be shown; what the study says unless given.
    tell : callable
        Is told which step begins.

    Returns
    -------
    dict of str to bytes
        ``tables/*.csv`` with full precision, ``figures/*.svg`` and ``.png``, ``report.html``, ``run.json``,
        and ``report.docx`` where python-docx is installed. The same analysis gives the same bytes.

    Raises
    ------
    ReconciliationError
        Where the tables do not account for everybody.
    """
    require_reconciled(analysis)
    extra = extra or {}
    spec = analysis.cohort.spec
    preset = spec.disclosure if preset is None else preset
    frames: dict[str, pd.DataFrame] = {}
    for part in PARTS:
        tell(f"{spec.title}: {part}")
        frames[part] = analysis.to_frame(part)
    protected = protect(frames, preset)
    files = {
        f"tables/{part}.csv": with_whole_counts(frame).to_csv(index=False, lineterminator="\n").encode()
        for part, frame in protected.frames.items()
        if len(frame)
    }
    first, table_one = _table_one(analysis, protected)
    files["tables/table1.csv"] = with_whole_counts(first).to_csv(index=False, lineterminator="\n").encode()
    files |= {f"tables/{name}.csv": table.to_csv().encode() for name, table in extra.items()}
    if not preset.minimum:
        tell(f"{spec.title}: figures")
        files |= _panel_files(analysis, lang)
    run = run_record(analysis, protected)
    material = replace(_material(analysis, protected, run, tuple(extra.values())), table_one=table_one)
    reports = []
    for language in languages(lang):
        tell(f"{spec.title}: report ({language})")
        with apart():
            reports.append(report(material, language))
    files["report.html"] = report_page(reports).encode()
    if find_spec("docx") is not None:
        tell(f"{spec.title}: report.docx")
        files["report.docx"] = report_document(reports[0])
    for picture in reports[0].pictures():
        for kind in PICTURES:
            files[f"figures/{picture.name}.{kind}"] = picture.to_bytes(kind)
    run["files"] = sorted([*files, RUN_RECORD])
    files[RUN_RECORD] = (json.dumps(run, indent=2, ensure_ascii=False, default=str) + "\n").encode()
    return files


def _table_one(analysis: Analysis, protected: Protected) -> tuple[pd.DataFrame, Table]:
    """Return Table 1 of those whom the report compares on the first outcome, and as a table."""
    first = analysis.comparisons[0].change
    among = {(one.change.from_wave, one.change.to_wave): one for one in reversed(analysis.comparisons)
             if (one.change.outcome, one.change.stratum) == (first.outcome, first.stratum)}  # fmt: skip
    comparison = among[told_first(list(reversed(among)))]
    whole, cohort = comparison.change, analysis.cohort
    persons = whole.persons[comparison.codes >= 0] if comparison.order else whole.persons
    groups = None
    if analysis.networks is not None:
        groups = analysis.networks.transitions(whole.from_wave, whole.to_wave).groups()
    found = describe(cohort, groups, within=cohort.persons.isin(persons))
    where = (whole.outcome, whole.from_wave, whole.to_wave, whole.stratum)
    hidden = protected.hidden_groups(where) & set(comparison.order)
    frame = protect_description(found.to_frame(), protected.preset, hidden)
    sizes = {group: n for group, n in found.sizes.items() if not hidden or group not in {*hidden, ALL}}
    rows: list[dict[Any, Any]] = frame.to_dict("records")
    shown = replace(found, rows=tuple(rows), sizes=sizes)
    return frame, shown.table()


def _panel_files(analysis: Analysis, lang: Language) -> dict[str, bytes]:
    """Return the figures that show every interval of an outcome side by side."""
    files = {}
    for figure in study_figures(analysis, lang):
        for kind in PICTURES:
            files[f"figures/{figure.name}.{kind}"] = figure.to_bytes(kind)
            # Everything has its place; to look for it again would take as long as to draw it.
            figure.figure.set_layout_engine("none")
    return files


def _material(
    analysis: Analysis, protected: Protected, run: Mapping[str, Any], extra: tuple[Table, ...]
) -> Material:
    """Return what the report is made from: what may be shown."""
    spec, preset = analysis.cohort.spec, protected.preset
    draw = (
        ProtectedFigures(analysis, protected)
        if preset.minimum
        else partial(analysis.figure, private=not preset.points)
    )
    return Material(
        spec=spec,
        frames=protected.frames,
        n_persons=len(analysis.cohort.persons),
        notes=tuple(run["notes"]),
        made_with={**run["versions"], "data": f"{run['data']['name']}, SHA-256 {run['data']['sha256']}"},
        extra=extra,
        draw=draw,
        withheld=protected.note() if preset.minimum else "",
        points=preset.points,
    )


def run_record(analysis: Analysis, protected: Protected | None = None) -> dict[str, Any]:
    """Return what made the results: versions, what was read, the study as described, what is withheld.

    It holds no time and no path, so that the same run leaves the same record.
    """
    # Which groups are small is told by no more than that something is withheld.
    notes = [note for note in analysis.notes() if SMALL_GROUPS not in note]
    if protected is not None and protected.preset.minimum:
        notes = [protected.note(), *(_CLUSTER_SIZES.sub("", note) for note in notes)]
    return {
        **analysis.cohort.provenance(),
        "synthetic": analysis.cohort.spec.synthetic,
        "seed": analysis.cohort.spec.analysis.seed,
        "disclosure": None if protected is None else protected.record(),
        "notes": notes,
    }


def input_files(spec: StudySpec, study: Path) -> list[Path]:
    """Return the files that a study is read from, which results must not overwrite."""
    own = [o.instrument.value_set for o in spec.outcomes.values() if o.instrument is not None]
    read = [part.file for part in spec.data.files]
    return [study, *(spec.folder / name for name in (*read, spec.data.dictionary, *own) if name)]
