"""The report of a study as one self-contained page, first plain version."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from larstudy import names
from larstudy.analysis import Analysis
from larstudy.changes import show_interval
from larstudy.comparison_tables import columns_of, comparison_table, reasons_in_words
from larstudy.figures import svg_inline
from larstudy.lost_words import what_if_tables
from larstudy.models import Comparison, Part
from larstudy.names import label
from larstudy.networks import Transitions
from larstudy.report_figures import ReportFigure
from larstudy.sensitivities import NOTES as SENSITIVITY_NOTES
from larstudy.sensitivity_tables import sensitivity_table
from larstudy.tables import (
    SYNTHETIC_STAMP,
    Column,
    Table,
    digits_for,
    show_level,
    show_number,
    show_p_in_text,
    table_from_frame,
)
from larstudy.wave_models import WaveModels

_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1b1b1b; background: #fff;
  max-width: 76rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { margin-top: 2.6rem; border-bottom: 2px solid #0072B2; }
h3 { margin-top: 1.8rem; }
nav a { margin-right: 1rem; }
.evidence { border-left: 6px solid #0072B2; background: #eef5fa; padding: .7rem 1rem; }
.synthetic { border-left-color: #C14F00; background: #fdf1e8; font-weight: bold; }
.table-block { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: .88rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #d5d5d5; text-align: left; vertical-align: top; }
th { border-bottom: 2px solid #777; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.interval { text-align: right; font-variant-numeric: tabular-nums; }
td:nth-child(2) { white-space: nowrap; }
.note { font-size: .84rem; color: #444; margin: .2rem 0; }
figure { margin: 1.2rem 0; } figure svg { max-width: 100%; height: auto; }
figcaption { font-size: .88rem; color: #333; }
summary { cursor: pointer; font-weight: 600; }
""".strip()


def _p(text: str, kind: str = "") -> str:
    css = f' class="{kind}"' if kind else ""
    return f"<p{css}>{html.escape(text)}</p>"


def _list(lines: Sequence[str]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(line)}</li>" for line in lines) + "</ul>"


def _heading(level: int, text: str, anchor: str = "") -> str:
    mark = f' id="{anchor}"' if anchor else ""
    return f"<h{level}{mark}>{html.escape(text)}</h{level}>"


def _figures(chosen: Sequence[tuple[ReportFigure, bytes]]) -> list[str]:
    return [
        f"<figure>{svg_inline(content, figure.title, figure.name)}"
        f"<figcaption>{html.escape(figure.title)}.</figcaption></figure>"
        for figure, content in chosen
    ]


def report_html(
    analysis: Analysis,
    drawn: Sequence[tuple[ReportFigure, bytes]],
    made_with: Mapping[str, str],
    extra: Sequence[Table] = (),
) -> str:
    """Return the report of a study as one page that needs no other file.

    Parameters
    ----------
    analysis : Analysis
    drawn : sequence of (ReportFigure, bytes)
        The figures with their SVG.
    made_with : mapping of str to str
        What made the report: versions and hashes.
    extra : sequence of Table
        Tables of one study only, shown before the notes.
    """
    spec = analysis.cohort.spec
    by_section: dict[tuple[str, ...], list[tuple[ReportFigure, bytes]]] = {}
    for figure, content in drawn:
        by_section.setdefault(figure.section, []).append((figure, content))
    outcomes = list(dict.fromkeys(c.change.outcome for c in analysis.comparisons))
    body = [
        *_opening(analysis, outcomes),
        *_flow_section(analysis, by_section.get(("flow",), [])),
        *_network_section(analysis, by_section.get(("networks",), [])),
    ]
    for outcome in outcomes:
        body.extend(_outcome_section(analysis, outcome, by_section.get(("outcome", outcome), [])))
    if extra:
        body.append(_heading(2, "Checks of the data", "checks"))
        body.extend(table.to_html() for table in extra)
    body.append(_heading(2, "Notes and caveats", "notes"))
    body.append(_list(analysis.notes()))
    body.append(_heading(2, "How this was made", "made"))
    body.append(_list([f"{name}: {value}" for name, value in made_with.items()]))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(spec.title)}</title><style>\n{_STYLE}\n</style></head>\n<body><main>\n"
        + "\n".join(body)
        + "\n</main></body></html>\n"
    )


def _opening(analysis: Analysis, outcomes: Sequence[str]) -> list[str]:
    spec = analysis.cohort.spec
    kind = f"{SYNTHETIC_STAMP}. It shows that the code works, nothing about people." if spec.synthetic else ""
    parts = [_heading(1, spec.title)]
    if kind:
        parts.append(_p(kind, "evidence synthetic"))
    parts.extend(_p(note, "evidence") for note in spec.notes)
    if spec.source:
        parts.append(_p(f"Source of the data: {spec.source}.", "note"))
    links = [("#flow", "Who is counted")]
    if analysis.networks:
        links.append(("#networks", "Networks"))
    links += [(f"#outcome-{i}", spec.outcomes[name].label) for i, name in enumerate(outcomes, start=1)]
    links.append(("#notes", "Notes and caveats"))
    parts.append(
        '<nav aria-label="Contents">'
        + "".join(f'<a href="{target}">{html.escape(text)}</a>' for target, text in links)
        + "</nav>"
    )
    parts.append(_heading(2, "In short"))
    parts.append(_short_table(analysis).to_html())
    if analysis.comparisons[0].order:
        parts.append(_p("Where groups differ, group and change are associated; nothing more is claimed."))
    return parts


def _short_table(analysis: Analysis) -> Table:
    """Return one row an outcome, interval and stratum: the mean change of everybody and of each group."""
    groups = (names.ALL, *analysis.comparisons[0].order)
    strata = analysis.cohort.spec.status is not None
    columns = [
        Column(name="outcome", label="Outcome", kind="text"),
        Column(name="better", label="Better is", kind="text"),
        Column(name="interval", label="Interval", kind="text"),
        *([Column(name="stratum", label="Stratum", kind="text")] if strata else []),
        *(Column(name=group, label=_short(group), kind="interval") for group in groups),
    ]
    rows = []
    for comparison in analysis.comparisons:
        change = comparison.change
        digits = digits_for(change.paired.sd)
        cells = [show_interval(comparison.by_group[group], digits) for group in groups]
        better = {"better": "higher", "worse": "lower", None: ""}[change.higher_is]
        place = [change.label, better, f"{change.from_wave} to {change.to_wave}"]
        rows.append((*place, *([label(change.stratum)] if strata else []), *cells))
    spec = analysis.cohort.spec
    apart = ", persons taken as independent" if spec.cluster is not None else ""
    return Table(
        title=f"Mean change ({show_level(spec.analysis.confidence)} interval), n{apart}",
        columns=tuple(columns),
        rows=tuple(rows),
        synthetic=spec.synthetic,
    )


def _short(group: str) -> str:
    return "All with both waves" if group == names.ALL else label(group)


def _flow_section(analysis: Analysis, drawn: Sequence[tuple[ReportFigure, bytes]]) -> list[str]:
    spec = analysis.cohort.spec
    rows = []
    for comparison in analysis.comparisons:
        change, ledger = comparison.change, comparison.ledger
        rows.append(
            (
                change.label,
                f"{change.from_wave} to {change.to_wave}",
                label(change.stratum),
                ledger.n_entered,
                ledger.n_present,
                ledger.n_entered - ledger.n_present,
                ledger.losses_in_words() or "nobody",
            )
        )
    columns = (
        Column(name="outcome", label="Outcome", kind="text"),
        Column(name="interval", label="Interval", kind="text"),
        Column(name="stratum", label="Stratum", kind="text"),
        Column(name="entered", label="Came in", kind="count"),
        Column(name="used", label="Compared", kind="count"),
        Column(name="lost", label="Left out", kind="count"),
        Column(name="why", label="Why", kind="text"),
    )
    table = Table(
        title="Persons in every comparison", columns=columns, rows=tuple(rows), synthetic=spec.synthetic
    )
    return [_heading(2, "Who is counted", "flow"), *_figures(drawn), table.to_html()]


def _lost_table(analysis: Analysis, outcome: str) -> str:
    """Return how those lost stood at the first wave, all strata together; the others are in lost.csv."""
    spec = analysis.cohort.spec
    frame = analysis.to_frame("lost")
    frame = frame[(frame["stratum"] == names.ALL) & (frame["outcome"] == outcome)].copy()
    called = {"baseline": "Score at the first wave", "network": "Network", "group": "Group"}
    terms = zip(frame["term"], frame["level"], strict=True)
    frame["term"] = [called.get(t, t) + (f": {label(one)}" if one else "") for t, one in terms]
    # The mean of one person is that person's value.
    for who in ("lost", "seen"):
        frame.loc[frame[f"n_{who}"] == 1, f"{who}_mean"] = np.nan
    frame["interval"] = [f"{a} to {b}" for a, b in zip(frame["from_wave"], frame["to_wave"], strict=True)]
    columns = [
        Column(name="interval", label="Interval", kind="text"),
        Column(name="term", label="At the first wave", kind="text"),
        Column(name="n_lost", label="Lost", kind="count"),
        Column(name="n_seen", label="Seen", kind="count"),
        Column(name="lost_mean", label="Mean of the lost"),
        Column(name="seen_mean", label="Mean of the seen"),
        Column(name="d_rms", label="d"),
        Column(name="d_rms_low", label="CI from"),
        Column(name="d_rms_high", label="CI to"),
        Column(name="odds_ratio", label="Odds ratio"),
        Column(name="p_value", label="p", kind="p"),
    ]
    clusters = []
    if analysis.cohort.spec.cluster is not None:
        columns.append(Column(name="cluster_p_value", label="p, clusters", kind="p"))
        nested = frame[["term", "cluster_reason"]].set_axis(["term", "reason"], axis=1)
        clusters = [f"Clusters: {said}" for said in reasons_in_words(nested, "term")]
    notes = (
        "Lost: a score at the first wave and none at the second. Of a category the mean is its share. d: in"
        " standard deviations (root mean square of the two). Odds ratio: of being lost, all together.",
        *clusters,
    )
    table = table_from_frame(
        frame,
        columns,
        title=f"{spec.outcomes[outcome].label}: who was lost",
        notes=notes,
        synthetic=analysis.cohort.spec.synthetic,
    )
    return "<details><summary>Who was lost</summary>" + table.to_html() + "</details>"


def _network_section(analysis: Analysis, drawn: Sequence[tuple[ReportFigure, bytes]]) -> list[str]:
    networks = analysis.networks
    if networks is None:
        return []
    parts = [_heading(2, "Networks", "networks"), *_figures(drawn), _bare(networks.table())]
    for transitions in analysis.transitions:
        parts.append(_bare(transitions.table(), _stratum_suffix(transitions.stratum)))
        parts.append(_p(_homogeneity_in_words(transitions), "note"))
    return parts


def _stratum_suffix(stratum: str) -> str:
    return "" if stratum == names.ALL else f" ({names.in_sentence(stratum)})"


def _homogeneity_in_words(transitions: Transitions) -> str:
    first, second = transitions.homogeneity()
    words = []
    for name, test in (("Stuart-Maxwell", first), ("Bhapkar", second)):
        if test.reason:
            words.append(f"{name}: no test, {test.reason}")
        else:
            words.append(
                f"{name} chi-square {show_number(test.statistic)}, df {test.df:.0f},"
                f" {show_p_in_text(test.p_value)}"
            )
    return f"Did the distribution over the categories change? {'; '.join(words)}."


def _bare(table: Table, suffix: str = "") -> str:
    """Return a table without the notes that stand once at the end of the report."""
    return replace(table, title=table.title + suffix, notes=(), source="").to_html()


def _outcome_section(
    analysis: Analysis, outcome: str, drawn: Sequence[tuple[ReportFigure, bytes]]
) -> list[str]:
    chosen = [c for c in analysis.comparisons if c.change.outcome == outcome]
    order = list(dict.fromkeys(c.change.outcome for c in analysis.comparisons))
    spec = analysis.cohort.spec.outcomes[outcome]
    direction = {"better": "Higher is better.", "worse": "Higher is worse.", None: "Direction not declared."}
    parts = [_heading(2, spec.label, f"outcome-{order.index(outcome) + 1}"), _p(direction[spec.higher_is])]
    if spec.mcid is not None:
        source = f" ({spec.mcid_source})" if spec.mcid_source else ""
        parts.append(_p(f"Smallest change that matters, as the study file says: {spec.mcid:g}{source}."))
    if spec.reliability is not None:
        low, high = spec.reliability
        shown = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        source = f" ({spec.reliability_source})" if spec.reliability_source else ""
        parts.append(_p(f"Reliability, as the study file says: {shown}{source}."))
    if spec.population_mean is not None:
        source = f" ({spec.population_mean_source})" if spec.population_mean_source else ""
        parts.append(_p(f"Mean of the population, as the study file says: {spec.population_mean:g}{source}."))
    parts.extend(_figures(drawn))
    for comparison in chosen:
        parts.extend(_comparison_parts(comparison))
    for waves in analysis.wave_models:
        if waves.outcome == outcome:
            parts.append(_wave_part(waves))
    if analysis.by_definition:
        parts.append(_definition_table(analysis, outcome))
    parts.extend(_sensitivity_parts(analysis, outcome))
    parts.append(_lost_table(analysis, outcome))
    parts.extend(_what_if_parts(analysis, outcome))
    return parts


def _what_if_parts(analysis: Analysis, outcome: str) -> list[str]:
    """Return what other lost would have meant, all strata together; the others are in the files."""
    frames = [analysis.to_frame(part) for part in ("missing", "weights", "robustness")]
    frames = [f[(f["stratum"] == names.ALL) & (f["outcome"] == outcome)] for f in frames]
    scale = next(c for c in analysis.comparisons if c.change.outcome == outcome).change.scale
    spec = analysis.cohort.spec
    tables = what_if_tables(
        *frames,
        title=spec.outcomes[outcome].label,
        scale=scale,
        level=spec.analysis.confidence,
        synthetic=spec.synthetic,
    )
    shown = "".join(table.to_html() for table in tables)
    return [f"<details><summary>What if the lost were different?</summary>{shown}</details>"] * bool(shown)


_OTHER_PARTS: tuple[Part, ...] = ("estimands", "regression", "pairs", "assumptions")
_PERSON_PARTS: dict[Part, str] = {"effects": "Effect sizes", "responders": "Who improved and who got worse"}


def _comparison_parts(comparison: Comparison) -> list[str]:
    change = comparison.change
    title = f"{change.from_wave} to {change.to_wave}{_stratum_suffix(change.stratum)}"
    parts = [_heading(3, title), _bare_part(comparison, "change")]
    if comparison.order:
        parts.append("<details><summary>Models</summary>" + _bare_part(comparison, "models") + "</details>")
        parts.append(
            "<details open><summary>Differences between groups</summary>"
            + _bare_part(comparison, "contrasts")
            + "</details>"
        )
        parts.append(
            "<details><summary>Other analyses, regression to the mean, other tests, assumptions</summary>"
            + "".join(_bare_part(comparison, part) for part in _OTHER_PARTS)
            + "</details>"
        )
    for part, heading in _PERSON_PARTS.items():
        if len(comparison.to_frame(part)):
            parts.append(f"<details><summary>{heading}</summary>{_bare_part(comparison, part)}</details>")
    return parts


def _wave_part(waves: WaveModels) -> str:
    """Return the models of all waves: who is counted, differences between groups, and every term."""
    tables = (waves.table(part, alone=False).to_html() for part in ("flow", "contrasts", "models"))
    title = f"All waves at once{_stratum_suffix(waves.stratum)}"
    return f"<details><summary>{html.escape(title)}</summary>" + "".join(tables) + "</details>"


def _bare_part(comparison: Comparison, part: Part) -> str:
    """Return a part without the notes that stand once at the end of the report."""
    return comparison_table(comparison, part, alone=False).to_html()


def _sensitivity_parts(analysis: Analysis, outcome: str) -> list[str]:
    """Return, of each group against the reference, what the choices among analyses do."""
    chosen = [s for s in analysis.sensitivities() if s.change.outcome == outcome]
    if not chosen:
        return []
    tables = [sensitivity_table(s, part, alone=False) for s in chosen for part in ("choices", "estimands")]
    return [
        "<details><summary>Every defensible analysis: which choices matter</summary>",
        *(_p(note, "note") for note in SENSITIVITY_NOTES),
        *(table.to_html() for table in tables),
        "</details>",
    ]


def _definition_table(analysis: Analysis, outcome: str) -> str:
    frame = analysis.to_frame("definitions")
    frame = frame[(frame["outcome"] == outcome) & (frame["group"] != names.ALL)].copy()
    for column in ("group", "reference"):
        frame[column] = [label(name) for name in frame[column]]
    frame["interval"] = [f"{a} to {b}" for a, b in zip(frame["from_wave"], frame["to_wave"], strict=True)]
    waves = [analysis.cohort.waves.index(wave) for wave in frame["to_wave"]]
    frame = frame.iloc[np.argsort(waves, kind="stable")]
    scale = next(c for n, c in analysis.by_definition if c.change.outcome == outcome).change.scale
    shown = columns_of("change", "", "", scale)
    chosen = [c for c in shown if c.name in ("group", "n", "estimate", "conf_low", "conf_high", "d_z")]
    columns = [
        Column(name="interval", label="Interval", kind="text"),
        Column(name="definition", label="Definition", kind="text"),
        *chosen,
        Column(name="reference", label="Reference", kind="text"),
        scale.column("adjusted_difference", "Adjusted difference"),
        scale.column("adjusted_low", "from"),
        scale.column("adjusted_high", "to"),
    ]
    table = table_from_frame(
        frame,
        columns,
        title=f"{analysis.cohort.spec.outcomes[outcome].label}: every definition of the networks",
        notes=("Adjusted difference: from the reference group, by analysis of covariance.",),
        synthetic=analysis.cohort.spec.synthetic,
    )
    return "<details open><summary>Definitions side by side</summary>" + table.to_html() + "</details>"
