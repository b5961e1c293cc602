"""One group a person: the between-group factor of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from larstudy.catalogue import say
from larstudy.cohort import Cohort
from larstudy.errors import LarstudyError, unknown_name
from larstudy.ledger import Ledger, positions
from larstudy.names import ALL, CHANGE_GROUPS, DRUG_DOMINATED, PERSON, UNCLASSIFIED, label
from larstudy.placement import sort_labels
from larstudy.results import Result, distinct, stamped, stamped_frame
from larstudy.specs.study import as_code, as_label
from larstudy.stats.arrays import BoolArray, IntArray
from larstudy.tables import Column, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Groups(Result):
    """One group a person: the between-group factor of a comparison.

    Attributes
    ----------
    persons : Index
    codes : ndarray of int, shape (persons,)
        Position in ``order``; -1 for those without a group.
    order : tuple of str
        The groups, in the order in which they are shown.
    reference : str
        The group that the others are held against.
    why_not : tuple of (str, ndarray of bool)
        Why persons have no group, in words, and for whom it holds.
    interval : tuple of str
        The two waves that the groups speak of; empty where they hold at every wave.
    notes : tuple of str
    synthetic : bool

    Examples
    --------
    >>> import pandas as pd
    >>> groups = groups_from_labels(pd.Index([1, 2, 3]), ["new", "old", None])
    >>> print(groups)
    3 persons: new 1, old 1, without a group 1.
    """

    persons: pd.Index[Any]
    codes: IntArray
    order: tuple[str, ...]
    reference: str
    why_not: tuple[tuple[str, BoolArray], ...]
    interval: tuple[str, ...]
    notes: tuple[str, ...]
    synthetic: bool

    def sizes(self) -> dict[str, int]:
        """Return how many persons are in each group, those without one last, as 'unclassified'."""
        found = {name: int((self.codes == code).sum()) for code, name in enumerate(self.order)}
        return {**found, UNCLASSIFIED: int((self.codes < 0).sum())}

    def to_series(self) -> pd.Series[Any]:
        """Return the group of each person, indexed by person; 'unclassified' where there is none."""
        labels = [UNCLASSIFIED if code < 0 else self.order[code] for code in self.codes]
        categories = [*self.order, UNCLASSIFIED]
        values = pd.Categorical(labels, categories=categories, ordered=True)
        return pd.Series(values, index=self.persons, name="group")

    def summary(self) -> str:
        """Return how large each group is."""
        sizes = self.sizes()
        without = sizes.pop(UNCLASSIFIED)
        parts = [f"{name} {n}" for name, n in sizes.items()]
        text = f"{len(self.persons)} persons: {', '.join([*parts, f'without a group {without}'])}."
        return stamped(text, self.synthetic)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a person: person, group (an ordered category)."""
        return stamped_frame(self.to_series().rename_axis(PERSON).reset_index(), self.synthetic)

    def table(self) -> Table:
        """Return the size of each group."""
        columns = (
            Column(name="group", label="Group", kind="text"),
            Column(name="n", label="n", kind="count"),
        )
        rows = tuple((label(name), n) for name, n in self.sizes().items())
        return Table(title="Groups", columns=columns, rows=rows, notes=self.notes, synthetic=self.synthetic)

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw the size of each group."""
        from larstudy import figures

        counts = [(label(name, lang), n) for name, n in self.sizes().items()]
        return figures.plot_counts(
            counts,
            ax=ax,
            title=say("Groups", lang),
            xlabel=say("persons", lang),
            synthetic=self.synthetic,
            lang=lang,
        )


def fixed_groups(cohort: Cohort) -> Groups:
    """Return the groups of the study's ``[group]`` column.

    Parameters
    ----------
    cohort : Cohort

    Returns
    -------
    Groups
        In the order of the study file, else sorted; held against its reference, else against the first.

    Raises
    ------
    LarstudyError
        Where the study names no such column.

    Examples
    --------
    >>> import larstudy as ls
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"q0": [1.0, 2], "q1": [2.0, 2], "clinic": ["B", "A"]})
    >>> cohort = ls.load(
    ...     frame, waves=["0", "1"], outcomes={"qol": {"0": "q0", "1": "q1"}}, group="clinic"
    ... )
    >>> ls.fixed_groups(cohort).to_series().tolist()
    ['B', 'A']
    """
    spec = cohort.spec.group
    if spec is None:
        raise LarstudyError(
            "The study names no group column. Add [group] to the study file, or group=... to load()."
        )
    labels = cohort.fixed["group"].tolist()
    # The study file may write a code in another way than the data file does, 1 for 1.0.
    spelled = {as_code(text): text for text in labels if text is not None}
    return groups_from_labels(
        cohort.persons,
        labels,
        order=[spelled.get(as_code(name), name) for name in spec.order],
        reference=spelled.get(as_code(spec.reference), spec.reference),
        notes=(*cohort.notes, f"Groups as the file has them in column '{spec.column}'."),
        synthetic=cohort.spec.synthetic,
    )


def groups_from_labels(
    persons: pd.Index[Any],
    labels: Sequence[object],
    *,
    order: Sequence[str] = (),
    reference: str = "",
    notes: Sequence[str] = (),
    synthetic: bool = False,
) -> Groups:
    """Return groups from one label a person.

    Parameters
    ----------
    persons : Index
    labels : sequence
        One a person; None, NaN or 'unclassified' where there is no group.
    order : sequence of str, optional
        The groups in the order in which they are shown; sorted unless given.
    reference : str, optional
        The first of them unless given; 'drug_dominated' where that is one of them.
    notes : sequence of str, optional
    synthetic : bool
        Stamps what is made from the groups.

    Returns
    -------
    Groups

    Raises
    ------
    UnknownNameError
        Where the reference, or a label, is not among the groups.
    """
    texts = [UNCLASSIFIED if pd.isna(value) else as_label(value) for value in labels]  # type: ignore[call-overload]
    found = set(texts) - {UNCLASSIFIED}
    if not order:
        known = [group for group in CHANGE_GROUPS if group in found]
        order = tuple(known) if found <= set(CHANGE_GROUPS) else tuple(sort_labels(sorted(found)))
    for text in sorted(found - set(order)):
        raise unknown_name("group", text, order)
    if reference and reference not in order:
        raise unknown_name("group", reference, order)
    default = DRUG_DOMINATED if DRUG_DOMINATED in order else next(iter(order), "")
    position: Mapping[str, int] = {name: code for code, name in enumerate(order)}
    codes = np.array([position.get(text, -1) for text in texts], dtype=np.intp)
    return Groups(
        persons=persons,
        codes=codes,
        order=tuple(order),
        reference=reference or default,
        why_not=(("no group", codes < 0),),
        interval=(),
        notes=distinct(notes),
        synthetic=synthetic,
    )


def no_groups(cohort: Cohort) -> Groups:
    """Return groups of nobody, for a study that tells persons apart by nothing."""
    nobody = [None] * len(cohort.persons)
    return groups_from_labels(cohort.persons, nobody, notes=cohort.notes, synthetic=cohort.spec.synthetic)


def reasons_without_group(groups: Groups, persons: pd.Index[Any]) -> list[tuple[str, BoolArray]]:
    """Return why some persons have no group, and for whom of them it holds."""
    where = positions(groups.persons, persons)
    absent = where < 0
    known = np.where(absent, True, groups.codes[where] >= 0)
    found = [("not among the groups", absent)]
    # A person with a group may still have been unseen once: only those without one leave.
    found += [(reason, ~absent & ~known & holds[where]) for reason, holds in groups.why_not]
    return found


def sizes_at_entry(groups: Groups, ledger: Ledger) -> dict[str, int]:
    """Return how many who came in belong to each group, whether they have both waves or not."""
    where = positions(groups.persons, ledger.persons)
    codes = np.where(where < 0, -1, groups.codes[where])[ledger.entered]
    sizes = {name: int((codes == i).sum()) for i, name in enumerate(groups.order)}
    return {**sizes, ALL: len(codes), UNCLASSIFIED: int((codes < 0).sum())}
