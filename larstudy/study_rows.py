"""Rows of tables that speak of a whole study: definitions of the networks, and tests of their margins."""

from __future__ import annotations

from typing import Any

import numpy as np

from larstudy import names
from larstudy.models import Comparison
from larstudy.networks import Transitions


def definition_rows(name: str, comparison: Comparison) -> list[dict[str, Any]]:
    """Return the change of each group under one definition of the networks, with its adjusted difference."""
    # Clustered errors come after independent ones and take their place.
    adjusted = {
        row["group"]: row
        for row in comparison.contrast_rows
        if names.without_errors(row["model"]) == names.ANCOVA and row["reference"] == comparison.reference
    }
    rows = []
    for row in comparison.change_rows:
        against = adjusted.get(row["group"], {})
        rows.append(
            {
                "definition": name,
                **row,
                "reference": comparison.reference,
                "adjusted_difference": against.get("estimate", np.nan),
                "adjusted_low": against.get("conf_low", np.nan),
                "adjusted_high": against.get("conf_high", np.nan),
            }
        )
    return rows


def homogeneity_rows(transitions: Transitions) -> list[dict[str, Any]]:
    """Return the tests of whether the shares of the network categories changed."""
    tests = dict(zip(("stuart_maxwell", "bhapkar"), transitions.homogeneity(), strict=True))
    k = len(names.CATEGORIES)
    counts = transitions.counts()
    n = int(counts[:k, :k].sum())
    return [
        {
            "outcome": "",
            "from_wave": transitions.from_wave,
            "to_wave": transitions.to_wave,
            "stratum": transitions.stratum,
            "model": names.MARGINAL_HOMOGENEITY,
            "term": term,
            "n": n,
            "n_excluded": int(transitions.within.sum()) - n,
            "statistic": test.statistic,
            "df": test.df,
            "p_value": test.p_value,
            "reason": test.reason,
        }
        for term, test in tests.items()
    ]
