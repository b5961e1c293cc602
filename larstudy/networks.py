"""Network categories at each wave, and who went from which to which between waves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from larstudy.catalogue import say
from larstudy.cohort import Cohort, as_categories, wave_position
from larstudy.errors import LarstudyError, unknown_name
from larstudy.groups import Groups
from larstudy.names import (
    ALL,
    CATEGORIES,
    CHANGE_GROUPS,
    DRUG_DOMINATED,
    PERSON,
    TRANSITION_COLUMNS,
    UNCLASSIFIED,
    WAVE,
    in_sentence,
    label,
)
from larstudy.results import Result, distinct, frame_of, stamped, stamped_frame
from larstudy.specs.networks import FIXED_TRANSITIONS, NetworkRules, category_codes, change_group
from larstudy.specs.study import NetworkSpec
from larstudy.stats.arrays import BoolArray, IntArray
from larstudy.stats.homogeneity import HomogeneityTest, marginal_homogeneity
from larstudy.tables import Column, Table, show_number, show_p_in_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Networks(Result):
    """The network category of every person at every wave.

    Attributes
    ----------
    definition : str
        Name of the definition used.
    persons : Index
    waves : tuple of str
    codes : ndarray of int, shape (persons, waves)
        Position in `names.CATEGORIES`; -1 where unclassified.
    seen : ndarray of bool, shape (persons, waves)
    rules : NetworkRules or None
        None where the file holds the categories.
    notes : tuple of str
    source : str
    synthetic : bool

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"id": [1, 1, 2, 2], "t": [0, 1, 0, 1], "qol": [3, 5, 4, 4], "with": [4, 3, 5, 5]}
    ... )
    >>> cohort = ls.load(
    ...     frame,
    ...     person="id",
    ...     wave="t",
    ...     waves={"start": 0, "year1": 1},
    ...     outcomes={"qol": "qol"},
    ...     network={"rule": "europasi", "columns": {"free_time_with": "with"}},
    ... )
    >>> networks = ls.classify_networks(cohort)
    >>> networks.to_frame()["network"].tolist()
    ['drug_dominated', 'abstinent', 'isolated', 'isolated']
    """

    definition: str
    persons: pd.Index[Any]
    waves: tuple[str, ...]
    codes: IntArray
    seen: BoolArray
    rules: NetworkRules | None
    notes: tuple[str, ...]
    source: str
    synthetic: bool

    def _counts(self) -> list[tuple[str, list[int]]]:
        names = [*CATEGORIES, UNCLASSIFIED]
        codes = np.where(self.codes < 0, len(CATEGORIES), self.codes)
        # Who was not seen at a wave has no category there, which is not the same as none that fits.
        return [
            (wave, [int(((codes[:, i] == c) & self.seen[:, i]).sum()) for c in range(len(names))])
            for i, wave in enumerate(self.waves)
        ]

    def summary(self) -> str:
        """Return how many have each category at each wave, among those seen."""
        lines = [f"Networks by '{self.definition}', of those with answers at each wave."]
        for wave, counts in self._counts():
            parts = [f"{name} {n}" for name, n in zip([*CATEGORIES, UNCLASSIFIED], counts, strict=True)]
            lines.append(f"{wave} (n = {sum(counts)}): " + ", ".join(parts) + ".")
        return stamped("\n".join(lines), self.synthetic)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a person and wave: person, wave, network (an ordered category)."""
        n, k = len(self.persons), len(self.waves)
        frame = pd.DataFrame(
            {
                PERSON: np.repeat(self.persons.to_numpy(), k),
                WAVE: pd.Categorical(np.tile(self.waves, n), categories=list(self.waves), ordered=True),
                "network": as_categories(self.codes.ravel()),
            }
        )
        return stamped_frame(frame, self.synthetic)

    def table(self) -> Table:
        """Return how many have each category at each wave, among those seen."""
        names = [*CATEGORIES, UNCLASSIFIED]
        columns = [Column(name=WAVE, label="Wave", kind="text")]
        columns += [Column(name=name, label=label(name), kind="count") for name in names]
        return Table(
            title="Network categories at each wave",
            columns=tuple(columns),
            rows=tuple((wave, *counts) for wave, counts in self._counts()),
            notes=self.notes,
            source=self.source,
            synthetic=self.synthetic,
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the share of each category at each wave, among those seen and classified."""
        from larstudy import figures

        shares = {wave: dict(zip(CATEGORIES, counts, strict=False)) for wave, counts in self._counts()}
        title = say("Networks by '{definition}'", lang, definition=self.definition)
        return figures.plot_shares(shares, ax=ax, title=title, synthetic=self.synthetic, lang=lang)

    def transitions(self, from_wave: str, to_wave: str) -> Transitions:
        """Return who went from which category to which between two waves.

        Raises
        ------
        UnknownNameError
            Where there is no such wave.
        LarstudyError
            Where the waves are the same or the later comes first.
        """
        first, second = wave_position(self.waves, from_wave), wave_position(self.waves, to_wave)
        if first >= second:
            raise LarstudyError(
                f"'{from_wave}' does not come before '{to_wave}'."
                f" The waves in order: {', '.join(self.waves)}."
            )
        return Transitions(
            definition=self.definition,
            from_wave=from_wave,
            to_wave=to_wave,
            stratum=ALL,
            persons=self.persons,
            within=np.ones(len(self.persons), dtype=bool),
            before=self.codes[:, first],
            after=self.codes[:, second],
            seen=self.seen[:, [first, second]],
            rules=self.rules,
            notes=self.notes,
            source=self.source,
            synthetic=self.synthetic,
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Transitions(Result):
    """Who went from which network category to which.

    Attributes
    ----------
    definition, from_wave, to_wave, stratum : str
    persons : Index
    within : ndarray of bool, shape (persons,)
        Who belongs to the stratum.
    before, after : ndarray of int, shape (persons,)
        Position in `names.CATEGORIES`; -1 where unclassified.
    seen : ndarray of bool, shape (persons, 2)
    rules : NetworkRules or None
    notes : tuple of str
    source : str
    synthetic : bool

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame(
    ...     {"id": [1, 1, 2, 2], "t": [0, 1, 0, 1], "qol": [3, 5, 4, 4], "with": [4, 3, 5, 5]}
    ... )
    >>> cohort = ls.load(
    ...     frame,
    ...     person="id",
    ...     wave="t",
    ...     waves={"start": 0, "year1": 1},
    ...     outcomes={"qol": "qol"},
    ...     network={"rule": "europasi", "columns": {"free_time_with": "with"}},
    ... )
    >>> moved = ls.classify_networks(cohort).transitions("start", "year1")
    >>> moved.groups().to_series().tolist()
    ['gained_abstinent', 'isolated']
    >>> moved.counts().tolist()
    [[0, 0, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]]
    """

    definition: str
    from_wave: str
    to_wave: str
    stratum: str
    persons: pd.Index[Any]
    within: BoolArray
    before: IntArray
    after: IntArray
    seen: BoolArray
    rules: NetworkRules | None
    notes: tuple[str, ...]
    source: str
    synthetic: bool

    def restricted(self, stratum: str, within: BoolArray) -> Transitions:
        """Return the transitions of a part of the cohort, under the name of the stratum."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return Transitions(**{**values, "stratum": stratum, "within": self.within & within})

    def counts(self) -> IntArray:
        """Return persons by category, shape (4, 4), rows before and columns after; unclassified last."""
        k = len(CATEGORIES) + 1
        both_seen = self.within & self.seen.all(axis=1)
        before = np.where(self.before < 0, k - 1, self.before)[both_seen]
        after = np.where(self.after < 0, k - 1, self.after)[both_seen]
        return np.bincount(before * k + after, minlength=k * k).reshape(k, k)

    def homogeneity(self) -> tuple[HomogeneityTest, HomogeneityTest]:
        """Test whether the distribution over the categories changed: Stuart-Maxwell, then Bhapkar.

        Only persons classified at both waves count.
        """
        k = len(CATEGORIES)
        return marginal_homogeneity(self.counts()[:k, :k].astype(float))

    def codes_of(self, before: IntArray, after: IntArray) -> IntArray:
        """Return the change group of pairs of categories: position in `names.CHANGE_GROUPS`, -1 for none.

        Parameters
        ----------
        before, after : ndarray of int
            Position in `names.CATEGORIES`, -1 where unclassified; of any shape, the same for both.
        """
        k = len(CATEGORIES)
        rules = self.rules.transitions if self.rules else FIXED_TRANSITIONS
        table = np.full((k + 1, k + 1), -1, dtype=np.intp)
        for i, start in enumerate(CATEGORIES):
            for j, end in enumerate(CATEGORIES):
                group = change_group(rules, start, end)
                table[i, j] = CHANGE_GROUPS.index(group) if group in CHANGE_GROUPS else -1
        return np.asarray(table[before, after])

    def groups(self) -> Groups:
        """Return the change group of each person, the between-group factor of the reviewed article."""
        why_not = [(f"not {in_sentence(self.stratum)}", ~self.within)]
        for wave, column, codes in ((self.from_wave, 0, self.before), (self.to_wave, 1, self.after)):
            why_not.append((f"no answers at {wave}", ~self.seen[:, column]))
            why_not.append((f"network unclassified at {wave}", codes < 0))
        return Groups(
            persons=self.persons,
            codes=np.where(self.within, self.codes_of(self.before, self.after), -1),
            order=CHANGE_GROUPS,
            reference=DRUG_DOMINATED,
            why_not=tuple(why_not),
            interval=(self.from_wave, self.to_wave),
            notes=self.notes,
            synthetic=self.synthetic,
        )

    def summary(self) -> str:
        """Return the size of the change groups, who is not classified, and the test of the margins."""
        counts = self.counts()
        groups = self.groups()
        chosen = self.within & self.seen.all(axis=1)
        sizes = [f"{name} {int((groups.codes[chosen] == i).sum())}" for i, name in enumerate(groups.order)]
        unclassified = int((groups.codes[chosen] < 0).sum())
        test, _ = self.homogeneity()
        tested = (
            f"no test of the margins: {test.reason}."
            if test.reason
            else f"the distribution over the categories: Stuart-Maxwell chi-square"
            f" {show_number(test.statistic)}, df {test.df:.0f}, {show_p_in_text(test.p_value)}."
        )
        text = (
            f"Networks by '{self.definition}', {self.from_wave} to {self.to_wave}:"
            f" {int(counts.sum())} persons with answers at both waves; {', '.join(sizes)},"
            f" not classified {unclassified}.\n"
            f"{tested[0].upper()}{tested[1:]}"
        )
        return stamped(text, self.synthetic)

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``transitions.csv``."""
        names = [*CATEGORIES, UNCLASSIFIED]
        counts = self.counts()
        rules = self.rules.transitions if self.rules else FIXED_TRANSITIONS
        where = {"from_wave": self.from_wave, "to_wave": self.to_wave, "stratum": self.stratum}
        rows = []
        for i, start in enumerate(names):
            total = counts[i].sum()
            for j, end in enumerate(names):
                known = UNCLASSIFIED not in (start, end)
                row = {
                    "from_category": start,
                    "to_category": end,
                    "group": change_group(rules, start, end) if known else UNCLASSIFIED,
                    "n": int(counts[i, j]),
                    "share_of_row": float(counts[i, j] / total) if total else np.nan,
                }
                rows.append({**where, **row})
        return rows

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair of categories, of those seen at both waves, by `names.TRANSITION_COLUMNS`."""
        return stamped_frame(frame_of(self.rows(), TRANSITION_COLUMNS), self.synthetic)

    def table(self) -> Table:
        """Return the table of transitions, before by row and after by column."""
        names = [*CATEGORIES, UNCLASSIFIED]
        columns = [Column(name="from_category", label=self.from_wave, kind="text")]
        columns += [Column(name=n, label=f"{label(n)} at {self.to_wave}", kind="count") for n in names]
        rows = [(label(n), *map(int, line)) for n, line in zip(names, self.counts(), strict=True)]
        return Table(
            title=f"Networks from {self.from_wave} to {self.to_wave}, persons with answers at both waves",
            columns=tuple(columns),
            rows=tuple(rows),
            notes=self.notes,
            source=self.source,
            synthetic=self.synthetic,
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw streams of persons from their network at one wave to that at the other."""
        return self.plot_streams(ax, lang=lang)

    def plot_streams(
        self, ax: Axes | None = None, *, minimum: int = 0, lang: Language = "en"
    ) -> FigureResult:
        """Draw streams of persons from network to network; those of fewer than ``minimum`` are withheld."""
        from larstudy import figures

        waves = self.from_wave, self.to_wave
        return figures.plot_transitions(
            self.counts(), (*CATEGORIES, UNCLASSIFIED), ax=ax, waves=waves, minimum=minimum,
            title=figures.between(say("Networks", lang), waves, lang, self.stratum),
            synthetic=self.synthetic, lang=lang,
        )  # fmt: skip

    def plot_table(self, ax: Axes | None = None, *, minimum: int = 0, lang: Language = "en") -> FigureResult:
        """Draw the table as shades; counts from 1 to below ``minimum`` are left blank."""
        from larstudy import figures

        return figures.plot_transition_table(
            self.counts(), (*CATEGORIES, UNCLASSIFIED), ax=ax, waves=(self.from_wave, self.to_wave),
            minimum=minimum, synthetic=self.synthetic, lang=lang,
        )  # fmt: skip


def classify_networks(cohort: Cohort, definition: str | None = None) -> Networks:
    """Return the network category of every person at every wave.

    Parameters
    ----------
    cohort : Cohort
    definition : str, optional
        One of the definitions of the study: the rule under ``[network]`` unless named, or one of its
        alternatives.

    Returns
    -------
    Networks
        Whoever lacks an answer that the rule needs is 'unclassified', never put into a category.

    Raises
    ------
    UnknownNameError
        Where the study has no such definition.
    LarstudyError
        Where the study describes no networks.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"id": [1, 1], "t": [0, 1], "qol": [3, 5], "with": [4, 3]})
    >>> cohort = ls.load(
    ...     frame,
    ...     person="id",
    ...     wave="t",
    ...     waves={"start": 0, "year1": 1},
    ...     outcomes={"qol": "qol"},
    ...     network={"rule": "europasi", "columns": {"free_time_with": "with"}},
    ... )
    >>> ls.classify_networks(cohort).to_frame()["network"].tolist()
    ['drug_dominated', 'abstinent']
    """
    known = {network.name: network for network in cohort.spec.networks}
    if not known:
        raise LarstudyError(
            "The study describes no networks. Add [network] to the study file, or network=... to load()."
        )
    name = definition or next(iter(known))
    if name not in known:
        raise unknown_name("network definition", name, known)
    network = known[name]
    notes = list(cohort.notes)
    if network.rules is not None:
        notes.extend(network.rules.provenance_notes())
    else:
        notes.append(f"Network categories as the file has them ('{name}').")
    return Networks(
        definition=name,
        persons=cohort.persons,
        waves=cohort.waves,
        codes=_codes(cohort, network),
        seen=cohort.seen,
        rules=network.rules,
        notes=distinct(notes),
        source=cohort.spec.source,
        synthetic=cohort.spec.synthetic,
    )


def _codes(cohort: Cohort, network: NetworkSpec) -> IntArray:
    if network.rules is None:
        return cohort.categories[network.name]
    inputs = {name: cohort.numbers["input", network.name, name] for name in network.rules.inputs}
    return category_codes(network.rules, inputs).astype(np.intp)
