"""Who is in the models of all waves: everybody with a score and a group, at whichever waves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from larstudy.changes import reasons_without_score
from larstudy.errors import JoinError, require_type, unknown_name
from larstudy.groups import Groups, groups_from_labels, reasons_without_group
from larstudy.ledger import Ledger, positions
from larstudy.names import CATEGORIES, DRUG_DOMINATED, in_sentence
from larstudy.networks import Networks
from larstudy.scores import Scores
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.wave_fitting import WaveRows, wave_rows

#: The steps of the ledger of all waves; in flow.csv they stand beside those of two waves.
ALL_WAVES = "entered, all waves"
IN_MODELS = "in the models of all waves"

#: The rows, who is in them, and notes.
Selected = tuple[WaveRows, Ledger, tuple[str, ...]]


def select_groups(scores: Scores, groups: Groups | pd.Series[Any], reference: str) -> Selected:
    """Return the rows of groups that stay, who is in them, and the notes."""
    if not isinstance(groups, Groups):
        what = "groups that stay, networks, or a series of labels indexed by person"
        require_type(groups, pd.Series, "groups", what)
        groups = groups_from_labels(groups.index, groups.tolist(), reference=reference)
    if groups.interval:
        raise JoinError(
            f"The groups are those of the change from {' to '.join(groups.interval)}. At all waves give"
            " groups that stay, or the networks themselves."
        )
    if reference and reference not in groups.order:
        raise unknown_name("group", reference, groups.order)
    where = positions(groups.persons, scores.persons)
    own = np.where(where < 0, -1, groups.codes[where])
    codes = np.repeat(own[:, None], len(scores.waves), axis=1)
    reasons = [
        *reasons_without_group(groups, scores.persons),
        (f"no {scores.outcome} at any wave", np.isnan(scores.values).all(axis=1)),
    ]
    return _rows(scores, codes, groups.order, reference or groups.reference, None, reasons, groups.notes)


def select_networks(scores: Scores, networks: Networks, reference: str) -> Selected:
    """Return the rows of the later waves with the network of each, who is in them, and the notes."""
    if networks.waves != scores.waves:
        raise JoinError("The networks have other waves than the scores. Take both from one cohort.")
    if reference and reference not in CATEGORIES:
        raise unknown_name("network", reference, CATEGORIES)
    where = positions(networks.persons, scores.persons)
    codes = np.where((where < 0)[:, None], -1, networks.codes[where])
    codes[:, 0] = -1
    known = (codes >= 0) & ~np.isnan(scores.values)
    reasons = [
        *reasons_without_score(scores, [0]),
        ("no later wave with a score and a network", ~known.any(axis=1)),
    ]
    baseline = scores.values[:, 0]
    chosen = reference or DRUG_DOMINATED
    return _rows(scores, codes, CATEGORIES, chosen, baseline, reasons, networks.notes)


def _rows(
    scores: Scores,
    codes: IntArray,
    order: tuple[str, ...],
    reference: str,
    baseline: FloatArray | None,
    reasons: Sequence[tuple[str, Any]],
    notes: Sequence[str],
) -> Selected:
    ledger = Ledger(persons=scores.persons, entered=scores.within).take_step(IN_MODELS, reasons)
    inside = ledger.present
    rows = wave_rows(
        scores.persons[inside],
        scores.values[inside],
        codes[inside],
        scores.waves,
        order,
        reference,
        None if baseline is None else baseline[inside],
    )
    line = f"The {rows.factor} that the others are held against: {in_sentence(rows.reference)}."
    if rows.groups and rows.reference != reference:
        line = f"Nobody with a score is in '{reference}'. {line}"
    return rows, ledger, (*notes, line if rows.groups else "")
