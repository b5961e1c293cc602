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
    from larstudy.evidence import Claims, claims
    from larstudy.groups import Groups, fixed_groups
    from larstudy.loading import check, load
    from larstudy.models import Comparison, compare_groups
    from larstudy.networks import Networks, Transitions, classify_networks
    from larstudy.one_call import compare_change
    from larstudy.printed_effects import SummaryEffects, effects_from_summary
    from larstudy.published import PublishedChecks, published_checks
    from larstudy.reconciliation import Reconciliation, reconcile
    from larstudy.scales import ScaleScores, score
    from larstudy.scores import Scores, outcome
    from larstudy.sensitivities import Sensitivity, sensitivity
    from larstudy.specs import (
        list_instruments,
        list_network_rules,
        read_instrument,
        read_network_rules,
    )
    from larstudy.studies.cohorts import CohortChanges, cohorts_of_change
    from larstudy.studies.help import load_help
    from larstudy.studies.review import Review, review_table
    from larstudy.tables import Table
    from larstudy.validation import ValidationReport
    from larstudy.wave_models import WaveModels, compare_waves

_HOME = {
    "Analysis": "analysis",
    "Change": "changes",
    "Claims": "evidence",
    "Cohort": "cohort",
    "CohortChanges": "studies.cohorts",
    "Comparison": "models",
    "DataError": "errors",
    "Groups": "groups",
    "LarstudyError": "errors",
    "Networks": "networks",
    "PublishedChecks": "published",
    "Reconciliation": "reconciliation",
    "Review": "studies.review",
    "ScaleScores": "scales",
    "Scores": "scores",
    "Sensitivity": "sensitivities",
    "SpecError": "errors",
    "SummaryEffects": "printed_effects",
    "Table": "tables",
    "Transitions": "networks",
    "ValidationReport": "validation",
    "WaveModels": "wave_models",
    "analyse": "analysis",
    "change": "changes",
    "check": "loading",
    "claims": "evidence",
    "classify_networks": "networks",
    "cohorts_of_change": "studies.cohorts",
    "compare_change": "one_call",
    "compare_groups": "models",
    "effects_from_summary": "printed_effects",
    "compare_waves": "wave_models",
    "fixed_groups": "groups",
    "list_instruments": "specs",
    "list_network_rules": "specs",
    "load": "loading",
    "load_help": "studies.help",
    "outcome": "scores",
    "published_checks": "published",
    "read_instrument": "specs",
    "read_network_rules": "specs",
    "reconcile": "reconciliation",
    "review_table": "studies.review",
    "score": "scales",
    "sensitivity": "sensitivities",
}

__all__ = [
    "Analysis",
    "Change",
    "Claims",
    "Cohort",
    "CohortChanges",
    "Comparison",
    "DataError",
    "Groups",
    "LarstudyError",
    "Networks",
    "PublishedChecks",
    "Reconciliation",
    "Review",
    "ScaleScores",
    "Scores",
    "Sensitivity",
    "SpecError",
    "SummaryEffects",
    "Table",
    "Transitions",
    "ValidationReport",
    "WaveModels",
    "analyse",
    "change",
    "check",
    "claims",
    "classify_networks",
    "cohorts_of_change",
    "compare_change",
    "compare_groups",
    "compare_waves",
    "effects_from_summary",
    "fixed_groups",
    "list_instruments",
    "list_network_rules",
    "load",
    "load_help",
    "outcome",
    "published_checks",
    "read_instrument",
    "read_network_rules",
    "reconcile",
    "review_table",
    "score",
    "sensitivity",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'larstudy' has no attribute '{name}'")
    value = getattr(import_module(f"larstudy.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
