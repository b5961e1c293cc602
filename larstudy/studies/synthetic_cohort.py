"""The synthetic cohort as a study, made in memory and analysed as any other: made-up people, not patients."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from larstudy.analysis import Analysis, analyse
from larstudy.cohort import Cohort
from larstudy.loading import load_frame
from larstudy.names import Language
from larstudy.outputs import say_nothing, study_files
from larstudy.specs import study_from_mapping
from larstudy.synthetic.cohorts import SHIPPED_SEED
from larstudy.synthetic.files import study_values
from larstudy.synthetic.frames import generate_items
from larstudy.synthetic.worlds import World


def load_synthetic(world: str | Path | World = "review", *, seed: int = SHIPPED_SEED) -> Cohort:
    """Load the synthetic cohort: 548 made-up persons at 21 facilities, two waves; never evidence.

    Outcomes: ``global`` and ``social`` quality of life (QOL10), made from the items; higher is better.
    Networks by the EuropASI question. Waves: ``baseline`` and ``year1``. It is the same as
    ``data/synthetic/study.toml`` of the repository, made in memory.

    Parameters
    ----------
    world : str, Path or World
        From `list_worlds`, or a ``.toml`` file of one's own; the reviewed pattern unless given.
    seed : int
        The shipped one unless given.

    Returns
    -------
    Cohort
        Stamped, as is everything that is made from it.

    Raises
    ------
    UnknownNameError
        Where there is no such world.
    LarstudyError, SpecError
        As `larstudy.generate`.

    Examples
    --------
    >>> import larstudy as ls
    >>> cohort = ls.load_synthetic()
    >>> print(cohort)
    Synthetic data – not patients. Synthetic cohort, world 'review'. 548 persons; with answers: 548 at
    baseline, 338 at year1. Outcomes: global, social.
    """
    frames = generate_items(world, seed=seed)
    spec = study_from_mapping(study_values(frames), title="Synthetic cohort")
    return load_frame(spec, frames.cohort)


def synthetic_study_files(
    *, lang: Language = "en", tell: Callable[[str], None] = say_nothing
) -> tuple[Analysis, dict[str, bytes]]:
    """Analyse the synthetic cohort that ships, and return the analysis with all of its files, by path."""
    tell("Synthetic cohort: comparing")
    analysis = analyse(load_synthetic())
    return analysis, study_files(analysis, lang=lang, tell=tell)
