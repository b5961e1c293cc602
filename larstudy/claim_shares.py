"""Claims that are shares of people: decided by Wilson's interval."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from larstudy.claim_panels import TestData, panel_of
from larstudy.names import CATEGORIES, CONTRADICTED, DRUG_DOMINATED, INCONCLUSIVE, STATUSES, SUPPORTED
from larstudy.specs.evidence import Claim, Evidence
from larstudy.stats.arrays import BoolArray
from larstudy.stats.responders import wilson_interval

#: The rules that are decided on shares.
SHARE_RULES: Final = ("share", "share_above_half", "all_present")


def share_rows(claim: Claim, evidence: Evidence, data_id: str, data: TestData) -> list[dict[str, Any]]:
    """Return what the share of a claim is among the people at entry, one row an outcome or definition.

    Parameters
    ----------
    claim : Claim
        With ``counts``: whom it counts (``drug_dominated_at_entry``, ``second_stratum``,
        ``low_score_at_entry`` with ``limit``, ``every_status``).
    evidence : Evidence
    data_id : str
    data : TestData

    Returns
    -------
    list of dict
        ``estimate`` is the share, with Wilson's interval.
    """
    if claim.rule not in SHARE_RULES or not claim.counts:
        return []
    rows = []
    for name, counted in _counted(claim, evidence, data_id, data):
        n = len(counted)
        found = wilson_interval(int(counted.sum()), n)
        low, high = found.conf_low, found.conf_high
        verdict = _verdict(claim, int(counted.sum()), low, high)
        rows.append(
            {
                "claim": claim.id, "data": data_id, "outcome": "", "definition": name,
                "from_wave": data.cohort.waves[0], "to_wave": "", "analysis": "share", "n": n,
                "estimate": found.estimate, "conf_low": low, "conf_high": high,
                "verdict": verdict, "verdict_030": verdict, "verdict_050": verdict,
            }
        )  # fmt: skip
    return rows


def _verdict(claim: Claim, count: int, low: float, high: float) -> str:
    if claim.rule == "all_present":
        return SUPPORTED if count else CONTRADICTED
    if claim.rule == "share":
        return SUPPORTED if low <= claim.value <= high else CONTRADICTED
    return SUPPORTED if low > 0.5 else CONTRADICTED if high < 0.5 else INCONCLUSIVE


def _counted(claim: Claim, evidence: Evidence, data_id: str, data: TestData) -> list[tuple[str, BoolArray]]:
    cohort = data.cohort
    waves = cohort.waves[0], cohort.waves[-1]
    if claim.counts == "every_status":
        status = cohort.fixed.get("treatment_status")
        known = np.array([], dtype=object) if status is None else status[status != np.array(None)]
        return [(name, np.asarray(known == name)) for name in STATUSES] if len(known) else []
    if claim.counts == "second_stratum":
        if data.strata is None:
            return []
        values = data.strata.dropna().to_numpy(dtype=float)
        return [("", np.asarray(values == 1))] if len(values) else []
    columns = [evidence.outcomes[key].columns.get(data_id, "") for key in claim.outcomes]
    networks = [network.name for network in cohort.spec.networks]
    found = []
    for column in filter(None, columns):
        if claim.counts == "low_score_at_entry":
            before = panel_of(data, column, networks[0], waves).before[0]
            found.append((column, np.asarray(before < claim.limit)))
        else:
            for name in networks:
                start = panel_of(data, column, name, waves).start[0]
                found.append((name, np.asarray(start[start >= 0] == CATEGORIES.index(DRUG_DOMINATED))))
            break
    return [(name, counted) for name, counted in found if len(counted)]
