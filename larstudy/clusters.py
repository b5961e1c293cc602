"""Which cluster, such as a facility, each person belongs to, and how errors allow for it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from larstudy.cohort import Cohort
from larstudy.errors import JoinError, counted, require_type
from larstudy.ledger import positions
from larstudy.specs.study import ClusterErrors, as_label
from larstudy.stats.arrays import BoolArray, IntArray


def with_cluster_errors(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``change.csv`` with the errors for the clusters in place of those that ignore them.

    Where the study names no clusters, or the rows have no such columns, they stay as they are.

    Examples
    --------
    >>> rows = {"estimate": [2.0], "conf_low": [1.5], "conf_high": [2.5], "cluster_errors": ["CR2"],
    ...         "cluster_std_error": [0.5], "cluster_low": [0.7], "cluster_high": [3.3], "cluster_df": [5.0],
    ...         "cluster_p_value": [0.01]}
    >>> with_cluster_errors(pd.DataFrame(rows))[["conf_low", "conf_high", "statistic", "df"]].iloc[0].tolist()
    [0.7, 3.3, 4.0, 5.0]
    """
    if "cluster_errors" not in frame.columns:
        return frame
    nested = frame["cluster_errors"].fillna("").ne("")
    if not nested.any():
        return frame
    with_errors = {
        "std_error": frame["cluster_std_error"], "conf_low": frame["cluster_low"],
        "conf_high": frame["cluster_high"], "df": frame["cluster_df"], "p_value": frame["cluster_p_value"],
        "statistic": frame["estimate"] / frame["cluster_std_error"],
    }  # fmt: skip
    told = {name: np.where(nested, new, frame.get(name, np.nan)) for name, new in with_errors.items()}
    return frame.assign(**told)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class Clusters:
    """The cluster of each person.

    Attributes
    ----------
    persons : Index
    labels : ndarray of object
        None where it is not known.
    column : str
        What the clusters are called.
    errors : {"CR2", "CR3"}
        See `larstudy.stats.clusters.cluster_robust`.
    """

    persons: pd.Index[Any]
    labels: np.ndarray[Any, np.dtype[np.object_]]
    column: str
    errors: ClusterErrors

    def known(self, persons: pd.Index[Any]) -> BoolArray:
        """Say of whom the cluster is known."""
        where = positions(self.persons, persons)
        return np.array([p >= 0 and self.labels[p] is not None for p in where.tolist()], dtype=bool)

    def codes(self, persons: pd.Index[Any], who: str = "who have both waves") -> IntArray:
        """Return the cluster of some persons as a number, 0 upwards; ``who`` says which, for messages.

        Raises
        ------
        JoinError
            Where the cluster of somebody is not known.
        """
        where = positions(self.persons, persons)
        labels = [None if place < 0 else self.labels[place] for place in where.tolist()]
        lost = sum(label is None for label in labels)
        if lost:
            raise JoinError(
                f"The cluster of {counted(lost, 'person', 'persons')} {who} is not known."
                " Give each of them one."
            )
        return np.unique(np.array([str(label) for label in labels]), return_inverse=True)[1].astype(np.intp)

    def codes_where_known(self, persons: pd.Index[Any]) -> IntArray:
        """Return the cluster of some persons as a number, 0 upwards, and -1 where it is not known."""
        known = self.known(persons)
        found = np.full(len(persons), -1, dtype=np.intp)
        found[known] = self.codes(persons[known])
        return found

    def notes(self, codes: IntArray) -> tuple[str, str]:
        """Return how many clusters there are, and what allows for them: the second is the same for all."""
        sizes = sorted(Counter(codes.tolist()).values())
        spread = f" clusters of {sizes[0]} to {sizes[-1]} persons" if sizes else " clusters"
        suffix = self.errors.lower()
        return (
            f"Persons are nested in '{self.column}': {len(sizes)}{spread}.",
            f"Models named with _{suffix}, and columns and rows that say so, have errors that allow for it"
            f" ({self.errors}, degrees of freedom by Satterthwaite, joint tests by HTZ; where an analysis is"
            " no single least-squares fit, by leaving out each cluster in turn); all others take persons as"
            " independent.",
        )


def study_clusters(cohort: Cohort) -> Clusters | None:
    """Return the clusters that the study names; None where it names none."""
    spec = cohort.spec.cluster
    if spec is None:
        return None
    return Clusters(
        persons=cohort.persons,
        labels=cohort.fixed["cluster"],
        column=spec.column,
        errors=cohort.spec.analysis.cluster_errors,
    )


def as_clusters(clusters: Clusters | pd.Series[Any] | None) -> Clusters | None:
    """Return clusters from a series of labels indexed by person."""
    if clusters is None or isinstance(clusters, Clusters):
        return clusters
    require_type(clusters, pd.Series, "clusters", "a series of labels indexed by person")
    labels = [None if pd.isna(value) else as_label(value) for value in clusters.tolist()]
    return Clusters(
        persons=clusters.index,
        labels=np.array(labels, dtype=object),
        column=str(clusters.name) if clusters.name is not None else "cluster",
        errors="CR2",
    )
