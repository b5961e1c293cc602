"""How often the rule of a claim would call it supported, in worlds where it is false."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from larstudy.claim_panels import TestData, design_of, generated_panel, panel_of, share_of_stratum
from larstudy.claim_rules import DECIDED, Panel, ask, decided
from larstudy.errors import LarstudyError
from larstudy.evidence import word
from larstudy.names import CONTRADICTED, SUPPORTED, Language
from larstudy.specs.evidence import Claim, Evidence
from larstudy.stats.arrays import FloatArray
from larstudy.stats.decisions import Decisions, combine
from larstudy.stats.simulated import proportion_interval
from larstudy.synthetic.kept import content_key, keep, kept, world_content
from larstudy.synthetic.score_cohorts import BLOCK, draw_block
from larstudy.synthetic.study_designs import StudyDesign
from larstudy.synthetic.worlds import list_worlds, read_world
from larstudy.verdict_rules import SMALLEST_EFFECTS, verdict_name

#: A claim is false in a world where an analysis, on average, finds less than this share of what matters.
_NEXT_TO_NOTHING: Final = 0.25
#: Raised when the same question would get another answer.
_VERSION: Final = 1
_MONTH: Final = "month12"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimWorth:
    """How often the rule of a claim says what in each world, at the size and loss of the data at hand.

    Attributes
    ----------
    claim, data : str
    n_cohorts : int
    worlds : mapping of str to tuple
        Share supported with its interval, share contradicted, and whether the claim is true in the world.
    reason : str
        Why there is none; empty where there is.
    """

    claim: str
    data: str
    n_cohorts: int
    worlds: Mapping[str, tuple[float, float, float, float, bool]]
    reason: str = ""

    def false_supported(self) -> tuple[float, str]:
        """Return the highest share of false support, and the world; NaN where the claim is false in none."""
        false = [(values[0], name) for name, values in self.worlds.items() if not values[4]]
        return max(false) if false else (np.nan, "")

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a world."""
        return [
            {
                "claim": self.claim, "data": self.data, "world": name, "true": "yes" if true else "no",
                "supported": share, "conf_low": low, "conf_high": high, "contradicted": other,
                "n_cohorts": self.n_cohorts, "reason": self.reason,
            }
            for name, (share, low, high, other, true) in self.worlds.items()
        ]  # fmt: skip

    def in_words(self, lang: Language) -> str:
        """Return how often the rule says supported where the claim is false."""
        share, world = self.false_supported()
        if self.reason or np.isnan(share):
            return ""
        return word("notes", "false_support", lang).format(
            n=round(share * self.n_cohorts), of=self.n_cohorts, world=world
        )


def claim_worth(
    claim: Claim,
    evidence: Evidence,
    data_id: str,
    data: TestData,
    *,
    n_cohorts: int,
    seed: int,
    cache: Path | None = None,
) -> ClaimWorth | None:
    """Try the rule of a claim in all worlds, at the design of the data: its cells, loss and clusters.

    Parameters
    ----------
    claim : Claim
    evidence : Evidence
    data_id : str
    data : TestData
    n_cohorts : int
        Of each world.
    seed : int
    cache : Path, optional
        A folder; what is found there is not computed anew.

    Returns
    -------
    ClaimWorth or None
        None where the claim has no rule that is decided on scores.

    Notes
    -----
    The design is that of the claim's first outcome, the first definition of the network, and the interval
    to 12 months (or the last wave). A claim is false in a world where one of its analyses finds, on average
    over the cohorts, less than a quarter of the smallest effect that matters.
    """
    keys = [key for key in claim.outcomes if evidence.outcomes[key].columns.get(data_id)]
    if claim.rule not in DECIDED or not keys:
        return None
    waves = data.cohort.waves
    later = _MONTH if _MONTH in waves else waves[-1]
    column = evidence.outcomes[keys[0]].columns[data_id]
    panel = panel_of(data, column, data.cohort.spec.networks[0].name, (waves[0], later))
    contrast = evidence.contrasts[claim.contrast] if claim.contrast else None
    groups = (contrast.of, contrast.against) if contrast else ((), ())
    try:
        design = design_of(panel)
        worlds = {
            name: _from_kept(
                cache, claim.rule, name, design, groups, share_of_stratum(panel), n_cohorts, seed
            )
            for name in list_worlds()
        }
    except LarstudyError as error:
        return ClaimWorth(claim=claim.id, data=data_id, n_cohorts=0, worlds={}, reason=str(error))
    return ClaimWorth(claim=claim.id, data=data_id, n_cohorts=n_cohorts, worlds=worlds)


def _from_kept(
    cache: Path | None,
    rule: str,
    world: str,
    design: StudyDesign,
    groups: tuple[Sequence[str], Sequence[str]],
    share: float,
    n_cohorts: int,
    seed: int,
) -> tuple[float, float, float, float, bool]:
    """Return what is kept of a rule in a world, or find and keep it."""
    content = {
        "version": _VERSION,
        "rule": rule,
        "world": world_content(read_world(world)),
        "design": asdict(design),
        "groups": [list(names) for names in groups],
        "share": share,
        "n_cohorts": n_cohorts,
        "seed": seed,
    }
    key = content_key(content)
    known = kept(cache, key)
    if known is None or known.shape != (5,):
        found = _in_world(rule, world, design, groups, share, n_cohorts, seed)
        keep(cache, key, np.array(found, dtype=float))
        return found
    share_of, low, high, other, true = known.tolist()
    return share_of, low, high, other, bool(true)


def _in_world(
    rule: str,
    world: str,
    design: StudyDesign,
    groups: tuple[Sequence[str], Sequence[str]],
    share: float,
    n_cohorts: int,
    seed: int,
) -> tuple[float, float, float, float, bool]:
    said: list[Decisions] = []
    means: list[FloatArray] = []
    for block in range(-(-n_cohorts // BLOCK)):
        drawn = draw_block(read_world(world), design, seed=seed, block=block)
        panel = generated_panel(drawn.part(min(BLOCK, n_cohorts - block * BLOCK)), share)
        codes, estimates = _both(rule, panel, groups)
        said.append(codes)
        means.append(estimates)
    names = np.array([verdict_name(int(code)) for code in np.concatenate(said)])
    found, low, high = proportion_interval(names == SUPPORTED)
    average = _mean_of_known(np.concatenate(means, axis=1))
    return found, low, high, float(np.mean(names == CONTRADICTED)), _true(rule, average)


def _mean_of_known(values: FloatArray) -> FloatArray:
    """Return the mean of each row, NaN left out; NaN of a row without a number."""
    known = np.isfinite(values)
    counts = np.where(known.any(axis=1), known.sum(axis=1), np.nan)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1) / counts)


def _both(
    rule: str, panel: Panel, groups: tuple[Sequence[str], Sequence[str]]
) -> tuple[Decisions, FloatArray]:
    """Return the verdict on each cohort, and the estimates in standard deviations by analysis."""
    asked = ask(rule, panel, *groups)
    codes = np.stack([decided(rule, one, SMALLEST_EFFECTS[0]) for one in asked], axis=1)
    return combine(codes), np.stack([one.estimate / one.sd for one in asked])


def _true(rule: str, average: FloatArray) -> bool:
    limit = _NEXT_TO_NOTHING * SMALLEST_EFFECTS[0]
    if rule == "no_improvement":
        return bool(average.max() < SMALLEST_EFFECTS[0])
    if rule == "no_difference":
        return bool(np.abs(average).max() < SMALLEST_EFFECTS[0] / 2.0)
    return bool(average.min() >= limit)
