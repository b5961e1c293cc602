"""larstudy: do people's networks and their quality of life change together? A library for asking.

The public names are loaded when they are first used, so that importing the package costs next to nothing.

>>> import larstudy as ls
>>> "compare_groups" in dir(ls)
True
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from larstudy.analysis import Analysis, analyse
    from larstudy.changes import Change, change
    from larstudy.cohort import Cohort
    from larstudy.errors import DataError, LarstudyError, SpecError
    from larstudy.groups import Groups, fixed_groups
    from larstudy.loading import check, load
    from larstudy.models import Comparison, compare_groups
    from larstudy.networks import Networks, Transitions, classify_networks
    from larstudy.one_call import compare_change
    from larstudy.reconciliation import Reconciliation, reconcile
    from larstudy.scales import ScaleScores, score
    from larstudy.scores import Scores, outcome
    from larstudy.specs import (
        list_instruments,
        list_network_rules,
        read_instrument,
        read_network_rules,
    )
    from larstudy.studies.help import load_help
    from larstudy.studies.synthetic_cohort import load_synthetic
    from larstudy.synthetic.calibration import CalibrationReport, calibration_report
    from larstudy.synthetic.cohorts import SyntheticCohorts, generate
    from larstudy.synthetic.worlds import list_worlds
    from larstudy.tables import Table
    from larstudy.validation import ValidationReport

_HOME = {
    "Analysis": "analysis",
    "CalibrationReport": "synthetic.calibration",
    "Change": "changes",
    "Cohort": "cohort",
    "Comparison": "models",
    "DataError": "errors",
    "Groups": "groups",
    "LarstudyError": "errors",
    "Networks": "networks",
    "Reconciliation": "reconciliation",
    "ScaleScores": "scales",
    "Scores": "scores",
    "SpecError": "errors",
    "SyntheticCohorts": "synthetic.cohorts",
    "Table": "tables",
    "Transitions": "networks",
    "ValidationReport": "validation",
    "analyse": "analysis",
    "calibration_report": "synthetic.calibration",
    "change": "changes",
    "check": "loading",
    "classify_networks": "networks",
    "compare_change": "one_call",
    "compare_groups": "models",
    "fixed_groups": "groups",
    "generate": "synthetic.cohorts",
    "list_instruments": "specs",
    "list_network_rules": "specs",
    "list_worlds": "synthetic.worlds",
    "load": "loading",
    "load_help": "studies.help",
    "load_synthetic": "studies.synthetic_cohort",
    "outcome": "scores",
    "read_instrument": "specs",
    "read_network_rules": "specs",
    "reconcile": "reconciliation",
    "score": "scales",
}

__all__ = [
    "Analysis",
    "CalibrationReport",
    "Change",
    "Cohort",
    "Comparison",
    "DataError",
    "Groups",
    "LarstudyError",
    "Networks",
    "Reconciliation",
    "ScaleScores",
    "Scores",
    "SpecError",
    "SyntheticCohorts",
    "Table",
    "Transitions",
    "ValidationReport",
    "analyse",
    "calibration_report",
    "change",
    "check",
    "classify_networks",
    "compare_change",
    "compare_groups",
    "fixed_groups",
    "generate",
    "list_instruments",
    "list_network_rules",
    "list_worlds",
    "load",
    "load_help",
    "load_synthetic",
    "outcome",
    "read_instrument",
    "read_network_rules",
    "reconcile",
    "score",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'larstudy' has no attribute '{name}'")
    value = getattr(import_module(f"larstudy.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
