"""What a non-programmer writes, read into frozen specs: instruments, network rules and studies.

The only place that imports `tomllib`. Every file has a closed vocabulary: an unknown key is an error that
names the nearest known one, and everything that is wrong with a file is told in one pass.
"""

from larstudy.specs.instrument_reading import list_instruments, read_instrument
from larstudy.specs.instruments import Instrument, Item, Scale
from larstudy.specs.network_reading import list_network_rules, read_network_rules
from larstudy.specs.networks import NetworkRules
from larstudy.specs.study import StudySpec
from larstudy.specs.study_reading import read_study, study_from_mapping

__all__ = [
    "Instrument",
    "Item",
    "NetworkRules",
    "Scale",
    "StudySpec",
    "list_instruments",
    "list_network_rules",
    "read_instrument",
    "read_network_rules",
    "read_study",
    "study_from_mapping",
]
