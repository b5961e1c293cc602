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
    from larstudy.checker.result import ReviewCheck, check_review_table
    from larstudy.claim_panels import TestData
    from larstudy.claim_verdicts import Verdicts
    from larstudy.cohort import Cohort
    from larstudy.descriptions import Description, describe
    from larstudy.errors import DataError, LarstudyError, SpecError
    from larstudy.evidence import Claims, claims
    from larstudy.exports.checks import OutputReport, check_outputs
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
    from larstudy.studies.review_verdicts import verdicts
    from larstudy.studies.synthetic_cohort import load_synthetic
    from larstudy.synthetic.analyses import list_analyses
    from larstudy.synthetic.calibration import CalibrationReport, calibration_report
    from larstudy.synthetic.characteristics import OperatingCharacteristics, operating_characteristics
    from larstudy.synthetic.cohorts import SyntheticCohorts, generate
    from larstudy.synthetic.sample_sizes import SampleSize, sample_size
    from larstudy.synthetic.study_designs import StudyDesign, design_from_arrays
    from larstudy.synthetic.worlds import list_worlds
    from larstudy.tables import Table
    from larstudy.validation import ValidationReport
    from larstudy.verdict_rules import VerdictRule, list_verdict_rules
    from larstudy.wave_models import WaveModels, compare_waves

_HOME = {
    "verdicts": "studies.review_verdicts",
    "TestData": "claim_panels",
    "Verdicts": "claim_verdicts",
    "design_from_arrays": "synthetic.study_designs",
    "list_analyses": "synthetic.analyses",
    "list_verdict_rules": "verdict_rules",
    "VerdictRule": "verdict_rules",
    "StudyDesign": "synthetic.study_designs",
    "sample_size": "synthetic.sample_sizes",
    "SampleSize": "synthetic.sample_sizes",
    "operating_characteristics": "synthetic.characteristics",
    "OperatingCharacteristics": "synthetic.characteristics",
    "Analysis": "analysis",
    "CalibrationReport": "synthetic.calibration",
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
    "ReviewCheck": "checker.result",
    "ScaleScores": "scales",
    "Scores": "scores",
    "Sensitivity": "sensitivities",
    "SpecError": "errors",
    "SummaryEffects": "printed_effects",
    "SyntheticCohorts": "synthetic.cohorts",
    "Table": "tables",
    "Transitions": "networks",
    "ValidationReport": "validation",
    "WaveModels": "wave_models",
    "analyse": "analysis",
    "calibration_report": "synthetic.calibration",
    "change": "changes",
    "check": "loading",
    "check_outputs": "exports.checks",
    "OutputReport": "exports.checks",
    "check_review_table": "checker.result",
    "claims": "evidence",
    "classify_networks": "networks",
    "cohorts_of_change": "studies.cohorts",
    "compare_change": "one_call",
    "Description": "descriptions",
    "describe": "descriptions",
    "compare_groups": "models",
    "effects_from_summary": "printed_effects",
    "compare_waves": "wave_models",
    "fixed_groups": "groups",
    "generate": "synthetic.cohorts",
    "list_instruments": "specs",
    "list_network_rules": "specs",
    "list_worlds": "synthetic.worlds",
    "load": "loading",
    "load_help": "studies.help",
    "load_synthetic": "studies.synthetic_cohort",
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
    "CalibrationReport",
    "Change",
    "Claims",
    "Cohort",
    "CohortChanges",
    "Comparison",
    "DataError",
    "Description",
    "Groups",
    "LarstudyError",
    "Networks",
    "OperatingCharacteristics",
    "OutputReport",
    "PublishedChecks",
    "Reconciliation",
    "Review",
    "ReviewCheck",
    "SampleSize",
    "ScaleScores",
    "Scores",
    "Sensitivity",
    "SpecError",
    "StudyDesign",
    "SummaryEffects",
    "SyntheticCohorts",
    "Table",
    "TestData",
    "Transitions",
    "ValidationReport",
    "VerdictRule",
    "Verdicts",
    "WaveModels",
    "analyse",
    "calibration_report",
    "change",
    "check",
    "check_outputs",
    "check_review_table",
    "claims",
    "classify_networks",
    "cohorts_of_change",
    "compare_change",
    "compare_groups",
    "compare_waves",
    "describe",
    "design_from_arrays",
    "effects_from_summary",
    "fixed_groups",
    "generate",
    "list_analyses",
    "list_instruments",
    "list_network_rules",
    "list_verdict_rules",
    "list_worlds",
    "load",
    "load_help",
    "load_synthetic",
    "operating_characteristics",
    "outcome",
    "published_checks",
    "read_instrument",
    "read_network_rules",
    "reconcile",
    "review_table",
    "sample_size",
    "score",
    "sensitivity",
    "verdicts",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'larstudy' has no attribute '{name}'")
    value = getattr(import_module(f"larstudy.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
