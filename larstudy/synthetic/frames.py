"""One cohort as a researcher would have it: wide, long, answer by answer, and the code book."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from larstudy.errors import LarstudyError
from larstudy.names import PERSON, STATUSES, WAVE
from larstudy.specs import Instrument, read_instrument
from larstudy.synthetic.cohorts import SHIPPED_SEED, check_arguments
from larstudy.synthetic.people import People, people
from larstudy.synthetic.simulation import Draws, draw
from larstudy.synthetic.structure import structure_of
from larstudy.synthetic.worlds import MARKS, World, read_world

WAVES: Final = ("baseline", "year1")
_MARK_LABELS = {
    "depression": "Mark for clinical depression at entry",
    "anxiety": "Mark for clinical anxiety at entry",
    "inactive": "Physically inactive at entry",
    "chronic_disease": "An additional chronic disease at entry",
    "psychiatric_services": "Used psychiatric services in the year before entry",
}
_NO_YES = "0 no; 1 yes"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SyntheticFrames:
    """One synthetic cohort in the shapes that people use. Synthetic data – not patients.

    Attributes
    ----------
    world : World
    seed, n : int
    cohort : DataFrame
        One row a person: id, facility, what is known at entry, treatment status, then every answer with its
        wave in the name of the column. NaN where unanswered or lost.
    long : DataFrame
        One row a person and wave; the lost have no second row.
    items : DataFrame
        One row an answer: person, wave, instrument, item, answer.
    codebook : DataFrame
        One row a column of ``cohort``: column, label, answers, instrument, item, wave, missing.
    """

    world: World
    seed: int
    n: int
    cohort: pd.DataFrame
    long: pd.DataFrame
    items: pd.DataFrame
    codebook: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answers:
    """A column of answers: how it is called without its wave, where it comes from, and its numbers."""

    column: str
    wave: str
    instrument: str
    item: str
    label: str
    options: str
    values: np.ndarray[Any, np.dtype[np.float64]]


def generate_items(
    world: str | Path | World = "review",
    *,
    seed: int = SHIPPED_SEED,
    n: int | None = None,
    cohort: int = 0,
) -> SyntheticFrames:
    """Generate one synthetic cohort, answer by answer. It is never evidence about patients.

    Parameters
    ----------
    world : str, Path or World
    seed : int
    n : int, optional
        Persons; 548 unless given.
    cohort : int
        Which cohort of the seed; the same that `larstudy.generate` gives by that number.

    Returns
    -------
    SyntheticFrames

    Raises
    ------
    UnknownNameError, LarstudyError, SpecError
        As `larstudy.generate`; and where there are too few persons for the subsample.

    Examples
    --------
    >>> frames = generate_items("null", seed=1)
    >>> frames.cohort.shape[0], len(frames.long), int(frames.cohort["whoqol_1_year1"].notna().sum())
    (548, 886, 107)
    """
    chosen = read_world(world)
    structure = structure_of(chosen)
    size = int(chosen.number("persons")) if n is None else n
    check_arguments(structure, n_cohorts=1, seed=seed, n=size, first=cohort)
    drawn = draw(structure, seed=seed, cohorts=[cohort], n=size)
    known = people(structure, drawn, seed=seed, cohorts=[cohort])
    fixed, labels = _fixed(drawn, known)
    answers = _answers(drawn, known)
    wide = pd.DataFrame({**fixed, **{f"{a.column}_{a.wave}": a.values for a in answers}})
    return SyntheticFrames(
        world=chosen,
        seed=seed,
        n=size,
        cohort=wide,
        long=_long(fixed, answers, drawn.seen[0]),
        items=_items(answers, _distress(drawn)),
        codebook=_codebook(labels, answers),
    )


def _fixed(d: Draws, p: People) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
    """Return the columns with one value a person, and their labels and answers."""
    n = d.seen.shape[1]
    columns: dict[str, Any] = {
        "synthetic": np.ones(n, dtype=np.int64),
        PERSON: np.arange(1, n + 1),
        "facility": d.facility[0].astype(np.int64) + 1,
        "sex": np.where(d.woman[0], "woman", "man").astype(object),
        "age": d.age[0].astype(np.int64),
        "treatment": np.where(d.omt[0], "omt", "other").astype(object),
        "distress": d.distress_answers[0].sum(axis=0, dtype=np.int64) / 10.0,
        "meals_alone": p.meals_alone[0].astype(np.int64),
        **{mark: p.marks[0, i].astype(np.int64) for i, mark in enumerate(MARKS)},
        "status": np.array(STATUSES, dtype=object)[d.status[0]],
    }
    labels = {
        "synthetic": ("Synthetic data – not patients", "1 in every row"),
        PERSON: ("Number of the made-up person", ""),
        "facility": ("Treatment facility", f"1 to {d.facility.max() + 1}"),
        "sex": ("Sex", "man; woman"),
        "age": ("Age at entry (years)", ""),
        "treatment": ("Kind of treatment at entry", "omt opioid maintenance treatment; other"),
        "distress": ("Psychological distress at entry (SCL-10 mean)", "1 to 4; higher is worse"),
        "meals_alone": ("Eats most meals alone at entry", _NO_YES),
        **{mark: (_MARK_LABELS[mark], _NO_YES) for mark in MARKS},
        "status": ("Treatment status at one year", "completed; in_treatment; dropped_out"),
    }
    return columns, labels


def _answers(d: Draws, p: People) -> list[_Answers]:
    qol10, whoqol = read_instrument("qol10"), read_instrument("whoqol_bref")
    found = []
    for wave, name in enumerate(WAVES):
        gone = ~d.seen[0] if wave else np.zeros_like(d.seen[0])
        found.append(
            _Answers(
                column="free_time",
                wave=name,
                instrument="europasi",
                item="free_time_with",
                label="With whom most free time is spent (EuropASI)",
                options="1 family without; 2 family with; 3 friends without; 4 friends with a current alcohol"
                " or drug problem; 5 alone",
                values=_blanked(p.free_time[0, wave], gone | d.network_unanswered[0, wave]),
            )
        )
        for i, item in enumerate(qol10.items):
            blank = gone | d.unanswered[0, wave, i]
            values = _blanked(d.answers[0, wave, i], blank)
            options = "1 very good to 5 very poor"
            found.append(_column(qol10, "qol10", item, name, options, values))
    for i, item in enumerate(whoqol.items):
        values = _blanked(p.whoqol[0, i], ~p.subsample[0])
        turned = " (reversed in scoring)" if whoqol.items[item].reversed else ""
        found.append(_column(whoqol, "whoqol", item, WAVES[1], f"1 to 5{turned}", values))
    return found


def _column(
    instrument: Instrument, prefix: str, item: str, wave: str, options: str, values: np.ndarray[Any, Any]
) -> _Answers:
    label = f"{instrument.name} item {item}: {instrument.items[item].theme}"
    return _Answers(
        column=f"{prefix}_{item}", wave=wave, instrument=instrument.id, item=item, label=label,
        options=options, values=values,
    )  # fmt: skip


def _blanked(values: np.ndarray[Any, Any], blank: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.where(blank, np.nan, values.astype(float))


def _distress(d: Draws) -> list[_Answers]:
    """Return the answers to SCL-10, which the wide file holds as a score only."""
    return [
        _Answers(
            column=f"scl10_{i + 1}",
            wave=WAVES[0],
            instrument="scl10",
            item=str(i + 1),
            label="",
            options="",
            values=d.distress_answers[0, i].astype(float),
        )
        for i in range(d.distress_answers.shape[1])
    ]


def _long(fixed: dict[str, Any], answers: list[_Answers], seen: np.ndarray[Any, Any]) -> pd.DataFrame:
    n = len(seen)
    rows = np.concatenate([np.arange(n), np.flatnonzero(seen)])
    which = np.repeat([0, 1], [n, int(seen.sum())])
    order = np.lexsort((which, rows))
    rows, which = rows[order], which[order]
    columns = {name: np.asarray(values)[rows] for name, values in fixed.items()}
    position = list(columns).index(PERSON) + 1
    names = [*list(columns)[:position], WAVE, *list(columns)[position:]]
    columns[WAVE] = np.array(WAVES, dtype=object)[which]
    for a in answers:
        here = which == WAVES.index(a.wave)
        values = columns.setdefault(a.column, np.full(len(rows), np.nan))
        values[here] = a.values[rows[here]]
        names.append(a.column)
    return pd.DataFrame({name: columns[name] for name in dict.fromkeys(names)})


def _items(answers: list[_Answers], distress: list[_Answers]) -> pd.DataFrame:
    """Return one row an answer, by person; what is unanswered has no row."""
    parts = []
    for place, a in enumerate([*distress, *answers]):
        who = np.flatnonzero(~np.isnan(a.values))
        parts.append(
            pd.DataFrame(
                {
                    "synthetic": 1,
                    PERSON: who + 1,
                    WAVE: a.wave,
                    "instrument": a.instrument,
                    "item": a.item,
                    "answer": a.values[who].astype(np.int64),
                    "place": place,
                }
            )
        )
    everything = pd.concat(parts, ignore_index=True).sort_values([PERSON, "place"], kind="stable")
    return everything.drop(columns="place").reset_index(drop=True)


def _codebook(labels: dict[str, tuple[str, str]], answers: list[_Answers]) -> pd.DataFrame:
    rows = [
        {
            "column": name,
            "label": label,
            "answers": options,
            "instrument": "",
            "item": "",
            "wave": "",
            "missing": "",
        }
        for name, (label, options) in labels.items()
    ]
    for a in answers:
        missing = "empty where unanswered" if a.wave == WAVES[0] else "empty where unanswered or lost"
        if a.instrument == "whoqol_bref":
            missing = "empty outside the subsample"
        rows.append(
            {
                "column": f"{a.column}_{a.wave}", "label": a.label, "answers": a.options,
                "instrument": a.instrument, "item": a.item, "wave": a.wave, "missing": missing,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV text that is the same under every version of pandas: whole numbers as such.

    Raises
    ------
    LarstudyError
        Where a text holds what CSV would have to quote; those that are written here do not.
    """
    columns = []
    for name in frame.columns:
        values = frame[name].tolist()
        texts = [_cell(value) for value in values]
        if any(c in text for text in (str(name), *texts) for c in ',"\n'):
            raise LarstudyError(f"Column '{name}' holds a comma, a quotation mark or a line break.")
        columns.append([str(name), *texts])
    return "\n".join(",".join(row) for row in zip(*columns, strict=True)) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, float):
        if np.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
