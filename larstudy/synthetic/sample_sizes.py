"""How many persons a verdict needs, by simulation with bisection."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from larstudy.errors import LarstudyError, unknown_name
from larstudy.names import SAMPLE_SIZE_COLUMNS, SUPPORTED, VERDICTS
from larstudy.results import Result, frame_of, stamped, stamped_frame
from larstudy.stats.planned_contrasts import ChangeGroupContrast
from larstudy.synthetic.characteristics import operating_characteristics
from larstudy.synthetic.cohorts import SHIPPED_SEED
from larstudy.synthetic.study_designs import StudyDesign, published_design
from larstudy.synthetic.worlds import World, read_world
from larstudy.tables import Column, Table, table_from_frame
from larstudy.verdict_rules import VerdictRule, verdict_rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from larstudy.figures import FigureResult
    from larstudy.names import Language

_MOST = 20_000
#: The answer is known to this share of itself; chance leaves no more.
_NEAR = 0.02


@dataclass(frozen=True, slots=True, eq=False, kw_only=True, repr=False)
class SampleSize(Result):
    """How many persons, seen at both waves, give a verdict as often as was asked for.

    Attributes
    ----------
    n : float
        NaN where the largest n tried is not enough; ``reason`` says so.
    target : float
    verdict : str
    rule, world : str
    tried : tuple of mapping
        Every n that was tried, with how often the verdict was given and its Monte Carlo interval.
    reason : str

    Examples
    --------
    >>> import larstudy as ls
    >>> size = ls.sample_size("ancova_alone", "review", 0.8, n_cohorts=128, progress=False)
    >>> 50 < size.n < 338
    True
    """

    n: float
    target: float
    verdict: str
    rule: str
    world: str
    tried: tuple[dict[str, Any], ...]
    reason: str

    def to_frame(self) -> pd.DataFrame:
        """Return every n that was tried, smallest first."""
        rows = sorted(self.tried, key=lambda row: int(row["n"]))
        return stamped_frame(frame_of(rows, SAMPLE_SIZE_COLUMNS), True)

    def summary(self) -> str:
        """Return the answer in a sentence."""
        asked = (
            f"'{self.verdict}' in {100 * self.target:g} % of cohorts (rule {self.rule}, world {self.world})"
        )
        if np.isnan(self.n):
            return stamped(f"No size was found that says {asked}: {self.reason}.", True)
        at = next(row for row in self.tried if row["n"] == self.n)
        return stamped(
            f"{self.n:.0f} persons seen at both waves say {asked}: {100 * at['value']:.1f} %"
            f" ({100 * at['conf_low']:.1f} to {100 * at['conf_high']:.1f}) of {at['n_cohorts']} cohorts.",
            True,
        )

    def table(self) -> Table:
        """Return every n that was tried."""
        columns = [
            Column(name="n", label="Persons seen at both waves", kind="count"),
            Column(name="value", label=f"Says {self.verdict}", kind="percent"),
            Column(name="conf_low", label="from", kind="percent"),
            Column(name="conf_high", label="to", kind="percent"),
        ]
        return table_from_frame(
            self.to_frame(), columns, title=f"Sample size: {self.rule} in {self.world}", synthetic=True
        )

    def plot(self, ax: Axes | None = None, *, lang: Language = "en") -> FigureResult:
        """Draw how often the verdict is given against n."""
        from larstudy import figures

        return figures.plot_sample_sizes(self.to_frame(), self.target, ax=ax, lang=lang)


def sample_size(
    rule: str | VerdictRule = "two_estimands",
    world: str | Path | World = "review",
    target: float = 0.8,
    *,
    verdict: str = SUPPORTED,
    design: StudyDesign | None = None,
    contrast: ChangeGroupContrast | tuple[str, str] = "gained_against_drug_dominated",
    n_cohorts: int = 1000,
    seed: int = SHIPPED_SEED,
    largest: int = _MOST,
    cache: str | Path | None = None,
    progress: bool = True,
) -> SampleSize:
    """Find how many persons, seen at both waves, a rule needs to give a verdict often enough.

    Parameters
    ----------
    rule : str or VerdictRule
        From `list_verdict_rules`.
    world : str, Path or World
    target : float
        Share of cohorts, between 0 and 1.
    verdict : {"supported", "contradicted", "inconclusive", "depends"}
    design : StudyDesign, optional
        Its cells, facilities and loss keep their shares; `published_design` unless given. The number of
        facilities stays.
    contrast : str or (str, str)
        As for `operating_characteristics`.
    n_cohorts : int
        For each size that is tried.
    seed : int
    largest : int
        No more persons are tried.
    cache : str or Path, optional
        As for `operating_characteristics`.
    progress : bool
        Tell on the error stream how far it has come, once it has taken two seconds.

    Returns
    -------
    SampleSize
        NaN with a reason where the largest is not enough; with few facilities a power may have a ceiling
        that no number of persons lifts.

    Raises
    ------
    UnknownNameError
    LarstudyError
        Where the target is not between 0 and 1, or ``largest`` is too small to try.

    Notes
    -----
    Bisection on n, the same random numbers for each size, until the bracket is within 2 %. It takes for
    granted that the share rises with n; where the true share rises slowly, n is known no better than the
    Monte Carlo interval of the share says.

    Examples
    --------
    >>> import larstudy as ls
    >>> ls.sample_size("ancova_alone", "null", 0.8, n_cohorts=64, largest=400, progress=False).reason
    '400 persons are not enough'
    """
    if not 0 < target < 1:
        raise LarstudyError("target should be a share of cohorts between 0 and 1, such as 0.8.")
    if verdict not in VERDICTS[:-1]:
        raise unknown_name("verdict", verdict, VERDICTS[:-1])
    base = published_design() if design is None else design
    smallest = max(4 * len(base.facilities), 24)
    if largest <= smallest:
        raise LarstudyError(f"largest should be above {smallest}, the smallest size that is tried.")
    asked = verdict_rule(rule)
    tried: dict[int, dict[str, Any]] = {}

    def enough(n: int) -> bool:
        if n not in tried:
            found = operating_characteristics(
                asked, world, n_cohorts=n_cohorts, seed=seed, contrast=contrast, design=base.sized(n),
                cache=cache, progress=progress,
            )  # fmt: skip
            row = next(row for row in found.rows if row["quantity"] == verdict)
            tried[n] = {"n": n, **{name: row[name] for name in SAMPLE_SIZE_COLUMNS[1:]}}
        return bool(tried[n]["value"] >= target)

    n = _bisect(enough, smallest, largest)
    return SampleSize(
        n=float(n) if n else np.nan,
        target=target,
        verdict=verdict,
        rule=asked.id,
        world=read_world(world).id,
        tried=tuple(tried.values()),
        reason="" if n else f"{largest} persons are not enough",
    )


def _bisect(enough: Any, smallest: int, largest: int) -> int:
    """Return the smallest size that is enough, 0 where the largest is not."""
    low, high = smallest, smallest
    while not enough(high):
        if high == largest:
            return 0
        low, high = high, min(2 * high, largest)
    while high - low > max(_NEAR * high, 1):
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high
