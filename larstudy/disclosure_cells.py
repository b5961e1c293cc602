"""The counts of a study's tables, each once, and how they add up across all of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from larstudy.names import ALL, UNCLASSIFIED
from larstudy.stats.arrays import BoolArray
from larstudy.stats.suppression import Counts

Key = tuple[str, ...]
Frames = Mapping[str, pd.DataFrame]

#: What is lost where a count is withheld: of a group most, of what nobody asks for least.
_GROUP: Final = 100.0
_EVERYBODY: Final = 60.0
_TOTAL: Final = 40.0
_CELL: Final = 10.0
_REASON: Final = 5.0
_REST: Final = 1.0
_WHERE: Final = ("outcome", "from_wave", "to_wave", "stratum")


@dataclass(slots=True)
class Cells:
    """Counts by key, what each is worth, those that everybody knows, and sums of them that are 0."""

    values: dict[Key, float] = field(default_factory=dict)
    costs: dict[Key, float] = field(default_factory=dict)
    fixed: set[Key] = field(default_factory=set)
    sums: list[dict[Key, float]] = field(default_factory=list)

    def put(self, key: Key, value: float, cost: float, *, fixed: bool = False) -> Key:
        """Note a count; one that has been noted is left as it is."""
        self.values.setdefault(key, float(value))
        self.costs.setdefault(key, cost)
        if fixed:
            self.fixed.add(key)
        return key

    def add_up(self, parts: Iterable[Key], whole: Key) -> None:
        """Note that some counts make up another; sums that do not hold are none."""
        listed = list(parts)
        if not listed or any(key not in self.values for key in (*listed, whole)):
            return
        total = sum(self.values[key] for key in listed)
        if abs(total - self.values[whole]) < 0.5:
            equation = dict.fromkeys(listed, 1.0)
            equation[whole] = equation.get(whole, 0.0) - 1.0
            self.sums.append(equation)

    def balance(self, parts: Iterable[Key], others: Iterable[Key]) -> None:
        """Note that some counts make up as much as some others; where they do not, nothing is noted."""
        left, right = list(parts), list(others)
        if abs(sum(self.values[k] for k in left) - sum(self.values[k] for k in right)) < 0.5:
            self.sums.append({**dict.fromkeys(left, 1.0), **dict.fromkeys(right, -1.0)})

    def counts(self) -> tuple[list[Key], Counts, BoolArray]:
        """Return the keys, the counts as arrays, and which are known anyway."""
        keys = list(self.values)
        at = {key: place for place, key in enumerate(keys)}
        sums = np.zeros((len(self.sums), len(keys)))
        for row, equation in enumerate(self.sums):
            for key, weight in equation.items():
                sums[row, at[key]] = weight
        counts = Counts(
            values=np.array([self.values[key] for key in keys]),
            sums=sums,
            costs=np.array([self.costs[key] for key in keys]),
        )
        return keys, counts, np.array([key in self.fixed for key in keys], dtype=bool)


def study_cells(frames: Frames) -> Cells:
    """Return the counts of all tables of a study.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        The parts of an analysis.
    """
    cells = Cells()
    _group_cells(cells, frames.get("change"), "change", ())
    for definition, frame in _by(frames.get("definitions"), ("definition",)):
        _group_cells(cells, frame, "definitions", definition)
    _flow_cells(cells, frames.get("flow"))
    _transition_cells(cells, frames.get("transitions"))
    _lost_cells(cells, frames.get("lost"))
    for part in ("missing", "weights"):
        _answered_cells(cells, frames.get(part))
    _response_cells(cells, frames.get("responders"))
    _strata_add_up(cells)
    return cells


def _by(frame: pd.DataFrame | None, columns: Sequence[str]) -> Iterator[tuple[Key, pd.DataFrame]]:
    if frame is None or not len(frame):
        return
    for key, rows in frame.groupby(list(columns), sort=False):
        yield tuple(str(part) for part in key), rows


def _is_number(value: Any) -> bool:
    return value is not None and math.isfinite(float(value))


def _group_cells(cells: Cells, frame: pd.DataFrame | None, table: str, definition: Key) -> None:
    """Note the persons of each group, and that the groups make up everybody who is seen at both waves."""
    for where, rows in _by(frame, _WHERE):
        keys = {}
        for row in rows.to_dict("records"):
            group = str(row["group"])
            cost = {ALL: _EVERYBODY, UNCLASSIFIED: _REST}.get(group, _GROUP)
            # A group by another definition is one more way to cut the same people.
            cost = cost / 2 if table == "definitions" else cost
            keys[group] = cells.put(("n", *definition, *where, group), row["n"], cost)
            if "n_excluded" in row and group != ALL and _is_number(row["n_excluded"]):
                cells.put(("left", *definition, *where, group), row["n_excluded"], _REASON)
        if ALL in keys:
            cells.add_up((key for group, key in keys.items() if group != ALL), keys[ALL])
            if table == "definitions":
                cells.add_up([keys[ALL]], ("n", *where, ALL))


def _flow_cells(cells: Cells, frame: pd.DataFrame | None) -> None:
    """Note who is there after each step, and that those who left make up the difference."""
    for where, rows in _by(frame, _WHERE):
        before: Key | None = None
        lost: list[Key] = []
        for row in rows.to_dict("records"):
            step, reason = str(row["step"]), str(row["reason"])
            key = ("flow", *where, step, reason)
            if reason:
                lost.append(cells.put(key, row["n"], _REASON))
                continue
            entered = step.startswith("entered")
            cells.put(key, row["n"], _TOTAL, fixed=entered and where[3] == ALL)
            if before is not None:
                cells.add_up([key, *lost], before)
            if step == "paired":
                cells.add_up([key], ("n", *where, ALL))
            if step == "grouped":
                # The models rest on it, and say so in their degrees of freedom.
                cells.fixed.add(key)
                groups = [
                    k for k in cells.values if k[0] == "n" and k[1:5] == where and len(k) == 6
                    and k[5] not in (ALL, UNCLASSIFIED)
                ]  # fmt: skip
                cells.add_up(groups, key)
            before, lost = key, []


def _transition_cells(cells: Cells, frame: pd.DataFrame | None) -> None:
    """Note who went from which category to which; shares tell how many began in each."""
    for where, rows in _by(frame, _WHERE[1:]):
        moves = {
            (str(r["from_category"]), str(r["to_category"])): (str(r["group"]), float(r["n"]))
            for r in rows.to_dict("records")
        }
        keys = {}
        for (start, end), (_, n) in moves.items():
            cost = _REST if UNCLASSIFIED in (start, end) else _CELL
            keys[start, end] = cells.put(("move", *where, start, end), n, cost)
        for group in dict.fromkeys(group for group, _ in moves.values()):
            own = [keys[move] for move, (name, _) in moves.items() if name == group]
            # Each of a group is seen with the outcome, or was left out.
            for key in [k for k in cells.values if k[0] == "n" and k[2:5] == where and k[5:] == (group,)]:
                left = ("left", *key[1:])
                if left in cells.values:
                    cells.balance(own, (key, left))


def _lost_cells(cells: Cells, frame: pd.DataFrame | None) -> None:
    """Note the lost and the seen of each characteristic; shares of categories tell counts."""
    for where, rows in _by(frame, (*_WHERE, "term")):
        first = rows.iloc[0]
        both = {who: cells.put((who, *where), first[f"n_{who}"], _REASON) for who in ("lost", "seen")}
        if where[4] == "baseline":
            cells.add_up([both["seen"]], ("n", *where[:4], ALL))
            _everybody_who_answered(cells, where[:4], list(both.values()))
        for who, whole in both.items():
            levels = []
            for row in rows.to_dict("records"):
                if row["level"] and _is_number(row[f"{who}_mean"]):
                    n = round(row[f"{who}_mean"] * row[f"n_{who}"])
                    levels.append(cells.put((f"{who} level", *where, str(row["level"])), n, _REST))
            cells.add_up(levels, whole)


def _everybody_who_answered(cells: Cells, where: Key, both: list[Key]) -> None:
    """Those lost, those seen, and those without a first answer are all who came in."""
    entered = ("flow", *where, "entered", "")
    left = [key for key in cells.values if key[:6] == ("flow", *where, "paired")]
    missing = [key for key in left if key[6].endswith(f" at {where[1]}")]
    cells.add_up([*both, *missing], entered)


def _answered_cells(cells: Cells, frame: pd.DataFrame | None) -> None:
    """Note who had a first answer: of everybody who came in, all but those whom the flow says had none."""
    for where, rows in _by(frame, _WHERE):
        counts = rows["n_entered"].dropna().unique()
        if len(counts) == 1:
            key = cells.put(("answered", *where), counts[0], _TOTAL)
            cells.add_up([("lost", *where, "baseline"), ("seen", *where, "baseline")], key)
            _everybody_who_answered(cells, where, [key])


def _response_cells(cells: Cells, frame: pd.DataFrame | None) -> None:
    """Note how many got better, worse or neither in each group, by each criterion."""
    if frame is None or "criterion" not in frame.columns:
        return
    columns = (*_WHERE, "criterion", "threshold", "group")
    shown = frame[frame["reference"] == ""].assign(threshold=frame["threshold"].astype(str))
    for where, rows in _by(shown, columns):
        keys = [
            cells.put(("response", *where, str(r["response"])), r["count"], _REST)
            for r in rows.to_dict("records")
            if _is_number(r["count"])
        ]
        cells.add_up(keys, ("n", *where[:4], where[6]))


def _strata_add_up(cells: Cells) -> None:
    """Every count of everybody is the sum of that count over the treatment statuses."""
    parts: dict[Key, list[Key]] = {}
    for key in cells.values:
        place = _stratum_place(key)
        if place is not None and key[place] != ALL:
            parts.setdefault((*key[:place], ALL, *key[place + 1 :]), []).append(key)
    for whole, found in parts.items():
        cells.add_up(found, whole)


def _stratum_place(key: Key) -> int | None:
    """Return where in a key the stratum stands."""
    places = {"n": len(key) - 2, "left": len(key) - 2, "flow": 4, "move": 3, "began": 3, "group": 3}
    return places.get(key[0], 4 if key[0] in ("lost", "seen", "response", "answered") else None)
