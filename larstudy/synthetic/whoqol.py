"""WHOQOL-BREF as the subsample fills it in: which items make which domain, and the domain scores."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from larstudy.scales import score_answers
from larstudy.specs import read_instrument
from larstudy.stats.arrays import FloatArray, IntArray
from larstudy.synthetic.worlds import WHOQOL_DOMAINS


@cache
def whoqol_form() -> tuple[IntArray, FloatArray]:
    """Return the domain of each WHOQOL-BREF item, and which items are reversed.

    Examples
    --------
    >>> domain, turned = whoqol_form()
    >>> WHOQOL_DOMAINS[domain[19]], (np.flatnonzero(turned) + 1).tolist()
    ('social', [3, 4, 26])
    """
    instrument = read_instrument("whoqol_bref")
    items = list(instrument.items)
    # The item on health at large has no domain in the scoring; it goes with physical health.
    domain = np.full(len(items), WHOQOL_DOMAINS.index("physical"), dtype=np.intp)
    for place, name in enumerate(WHOQOL_DOMAINS):
        for item in instrument.scale(name).items:
            domain[items.index(item)] = place
    return domain, np.array([instrument.items[item].reversed for item in items])


def whoqol_scores(answers: np.ndarray[Any, Any]) -> FloatArray:
    """Return the overall item and four domains, shape (5, persons), from answers, shape (26, persons)."""
    instrument = read_instrument("whoqol_bref")
    by_item = {item: answers[i].astype(float) for i, item in enumerate(instrument.items)}
    scores = score_answers(instrument, by_item, list(WHOQOL_DOMAINS))
    return np.stack([scores[name] for name in WHOQOL_DOMAINS])
