"""Disclosure control: the tables of a run as they may be shown, with what could tell of few people withheld.

Results in memory are whole. What is written goes through a preset: which counts are too small, whether the
others are rounded. Counts of all tables of a run stand in one system of sums; small ones are withheld, and
others with them, until none of the small ones can be worked out from what is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from larstudy.disclosure_cells import Frames, Key, study_cells
from larstudy.errors import LarstudyError
from larstudy.names import ALL
from larstudy.specs.disclosure import Preset
from larstudy.stats.arrays import BoolArray
from larstudy.stats.suppression import protect_counts, unsafe_counts

_WHERE: Final = ("outcome", "from_wave", "to_wave", "stratum")
_COUNTS: Final = (
    "n", "n_excluded", "n_lost", "n_seen", "n_model", "n_entered", "n_trimmed", "n_group", "count",
    "n_informative", "n_missing",
)  # fmt: skip
#: What a number of persons can be worked out from.
_TELLS_N: Final = ("df", "std_error", "statistic", "effective_n", "share_lost", "fraction_missing")
#: The smallest and the largest of single persons.
_EXTREMES: Final = ("smallest", "largest", "trimmed_low", "trimmed_high")
WITHHELD: Final = "withheld"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Protected:
    """The tables of a run as they may be written.

    Attributes
    ----------
    preset : Preset
    frames : mapping of str to DataFrame
        Withheld numbers are NaN, and a column ``withheld`` says so.
    hidden : frozenset of tuple of str
        Which counts are withheld, by their addresses.
    n_small, n_others : int
        How many counts are withheld because they are small, and how many so that those cannot be worked out.
    """

    preset: Preset
    frames: Mapping[str, pd.DataFrame]
    hidden: frozenset[Key]
    n_small: int
    n_others: int

    def hidden_groups(self, where: Key) -> frozenset[str]:
        """Return the groups of a comparison whose numbers are withheld, ``"all"`` among them."""
        return frozenset(
            key[5] for key in self.hidden if key[0] == "n" and len(key) == 6 and key[1:5] == where
        )

    def note(self) -> str:
        """Return what a reader must know about what is withheld."""
        if not self.preset.minimum:
            return f"{self.preset.name}."
        return (
            f"Disclosure control '{self.preset.id}': {self.preset.name[0].lower()}{self.preset.name[1:]}."
            f" Withheld are {self.n_small} counts that are small and {self.n_others} from which those could"
            " be worked out."
        )

    def record(self) -> dict[str, Any]:
        """Return what the record of a run keeps."""
        return {
            "preset": self.preset.id,
            "minimum": self.preset.minimum,
            "round_to": self.preset.round_to,
            "counts_small": self.n_small,
            "counts_withheld_with_them": self.n_others,
            "verified": True,
        }


def protect(frames: Frames, preset: Preset) -> Protected:
    """Return the tables of a run as they may be written.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        The parts of an analysis; they are left as they are.
    preset : Preset

    Returns
    -------
    Protected

    Notes
    -----
    A row whose number of persons is withheld has no number left. What is withheld was held against the sums
    once more: the possible values of each small count lie at least ``minimum - 1`` apart.
    """
    if not preset.minimum:
        return Protected(preset=preset, frames=dict(frames), hidden=frozenset(), n_small=0, n_others=0)
    cells = study_cells(frames)
    keys, counts, fixed = cells.counts()
    small = (counts.values > 0) & (counts.values < preset.minimum)
    hidden = protect_counts(counts, small & ~fixed, width=preset.minimum - 1.0, fixed=fixed)
    _verified(counts, small & ~fixed, hidden, preset)
    found = frozenset(key for key, gone in zip(keys, hidden, strict=True) if gone)
    known = {key: value for key, value in cells.values.items() if key in found}
    made = {part: _shown(frame, part, found, known, preset) for part, frame in frames.items()}
    n_small = int((small & hidden).sum())
    return Protected(
        preset=preset, frames=made, hidden=found, n_small=n_small, n_others=int(hidden.sum()) - n_small
    )


def protect_description(frame: pd.DataFrame, preset: Preset, hidden: frozenset[str]) -> pd.DataFrame:
    """Return Table 1 as it may be written.

    Parameters
    ----------
    frame : DataFrame
        Of `larstudy.descriptions.Description`, of the persons who are compared.
    preset : Preset
    hidden : frozenset of str
        The groups of that comparison whose numbers are withheld.

    Notes
    -----
    A variable with a small count in one of its levels is withheld as a whole, in every group: shares add up
    to one, and groups to all.
    """
    if not preset.minimum:
        return frame
    shown = frame.copy()
    numbers = [c for c in shown.columns if pd.api.types.is_numeric_dtype(shown[c]) and c != "synthetic"]
    shown[numbers] = shown[numbers].astype(float)
    counts = shown[["n", "n_missing", "count"]].to_numpy(dtype=float)
    small = np.flatnonzero(((counts > 0) & (counts < preset.minimum)).any(axis=1))
    gone = shown["variable"].isin(set(shown["variable"].iloc[small])) | shown["group"].isin(hidden)
    shown.loc[gone, numbers] = np.nan
    if hidden:
        # With a group withheld, what all have in common would give it back.
        shown.loc[shown["group"] == ALL, numbers] = np.nan
    if preset.round_to:
        rounded = ["n", "n_missing", "count"]
        shown[rounded] = (shown[rounded] / preset.round_to).round() * preset.round_to
    shown[WITHHELD] = np.where(shown["n"].isna(), "few people", "")
    return shown


def with_whole_counts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose counts are whole numbers, also where some of them are withheld.

    Examples
    --------
    >>> with_whole_counts(pd.DataFrame({"n": [7.0, float("nan")]}))["n"].tolist()
    [7, <NA>]
    """
    counts = [column for column in _COUNTS if column in frame.columns and frame[column].isna().any()]
    whole = [c for c in counts if (frame[c].dropna() % 1 == 0).all()]
    return frame.astype(dict.fromkeys(whole, "Int64")) if whole else frame


def _verified(counts: Any, small: BoolArray, hidden: BoolArray, preset: Preset) -> None:
    """Refuse to go on where a small count could still be worked out."""
    unsafe = unsafe_counts(counts, hidden, width=preset.minimum - 1.0)
    if any(small[place] for place in unsafe) and not hidden[small].all():
        raise LarstudyError("Not every small count could be withheld. Nothing was written.")


def _shown(
    frame: pd.DataFrame, part: str, hidden: frozenset[Key], known: Mapping[Key, float], preset: Preset
) -> pd.DataFrame:
    """Return a table with what is withheld as NaN."""
    if not len(frame):
        return frame
    gone, partly = _rows_to_blank(frame, part, hidden, known, preset)
    shown = frame.copy()
    numbers = [c for c in shown.columns if pd.api.types.is_numeric_dtype(shown[c]) and c not in _KEPT]
    for column in numbers:
        blank = gone | (partly & (column in (*_COUNTS, *_TELLS_N)))
        if column in _EXTREMES:
            blank = np.ones(len(shown), dtype=bool)
        if column in _COUNTS:
            values = shown[column].to_numpy(dtype=float)
            blank = blank | ((values > 0) & (values < preset.minimum))
        if blank.any():
            shown[column] = shown[column].astype(float).mask(blank)
        if preset.round_to and column in _COUNTS:
            shown[column] = (shown[column] / preset.round_to).round() * preset.round_to
        elif preset.round_to and column in _TELLS_N:
            shown[column] = np.nan
    # In the flow the reason is why somebody left; elsewhere it is why there is no number, and may count.
    for column in [c for c in ("reason", "note") if c in shown.columns and part != "flow"]:
        shown[column] = shown[column].where(~gone, "")
    if part == "transitions":
        # A share and its count tell how many began there, and so what is missing.
        began = [
            (r["from_wave"], r["to_wave"], r["stratum"], r["from_category"]) for r in frame.to_dict("records")
        ]
        open_ = {place for place, blank in zip(began, gone, strict=True) if blank}
        shown["share_of_row"] = shown["share_of_row"].mask(np.array([place in open_ for place in began]))
    shown[WITHHELD] = np.where(gone, "few people", np.where(partly, "few people, in part", ""))
    return shown


#: Numbers that describe the analysis, and not the people.
_KEPT: Final = frozenset(
    {
        "specification",
        "threshold",
        "reliability",
        "population_mean",
        "margin",
        "draws",
        "synthetic",
        "unit_size",
    }
)


def _rows_to_blank(
    frame: pd.DataFrame, part: str, hidden: frozenset[Key], known: Mapping[Key, float], preset: Preset
) -> tuple[BoolArray, BoolArray]:
    """Return the rows without a number left, and those that only lose their counts and what tells them."""
    rows = frame.to_dict("records")
    gone = np.array([_is_gone(row, part, hidden, preset) for row in rows], dtype=bool)
    totals: dict[Key, set[float]] = {}
    for key, value in known.items():
        place = {
            "n": key[-5:-1],
            "flow": key[1:5],
            "lost": key[1:5],
            "seen": key[1:5],
            "answered": key[1:5],
        }.get(key[0])
        if place is not None:
            totals.setdefault(place, set()).add(value)
    if part in ("change", "flow", "transitions"):
        return gone, np.zeros(len(rows), dtype=bool)
    # A count that equals one which is withheld there is taken to be that one.
    counts = [column for column in _COUNTS if column in frame.columns]
    partly = [
        any(float(row[c]) in totals.get(_place(row), ()) for c in counts if row[c] == row[c]) for row in rows
    ]
    return gone, np.array(partly, dtype=bool) & ~gone


def _place(row: Mapping[Any, Any]) -> Key:
    return tuple(str(row[name]) for name in _WHERE) if "outcome" in row else ("",)


def _is_gone(row: Mapping[Any, Any], part: str, hidden: frozenset[Key], preset: Preset) -> bool:
    """Tell whether a row rests on a count that is withheld."""
    if part == "transitions":
        names = (*_WHERE[1:], "from_category", "to_category")
        return ("move", *(str(row[name]) for name in names)) in hidden
    where = _place(row)
    if part == "flow":
        return ("flow", *where, str(row["step"]), str(row["reason"])) in hidden
    if part == "lost":
        levels = [(f"{who} level", *where, str(row["term"]), str(row["level"])) for who in ("lost", "seen")]
        return any(
            key in hidden for key in (*levels, *((who, *where, str(row["term"])) for who in ("lost", "seen")))
        )
    definition = (str(row["definition"]),) if "definition" in row else ()
    named = {str(row[name]) for name in ("group", "reference", "shifted") if row.get(name)}
    if any(("n", *definition, *where, group) in hidden for group in named):
        return True
    if part == "responders":
        key = (*where, str(row["criterion"]), str(row["threshold"]))
        # One answer of a block that is withheld takes the block with it: shares add up to one.
        return any(k[0] == "response" and k[1:7] == key and k[7] in (named or {ALL}) for k in hidden)
    alone = row.get("n")
    return bool(named) and alone is not None and 0 < float(alone) < preset.minimum
