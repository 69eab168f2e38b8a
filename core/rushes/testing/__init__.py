"""Public test tools for plugin authors: the contract kit, and doubles of what the engine lends.

`check_source`, `check_annotator`, `check_transform`, `check_sink` and `check_observer` see that a component keeps
the promises of `rushes.contract`, and raise AssertionError with one sentence for the first that it breaks. See
README.md beside this file.
"""

from rushes.testing.annotators import check_annotator
from rushes.testing.doubles import FakeDevices, FakeIntake, FakeReport, StandIn, open_stand_in
from rushes.testing.observers import check_observer
from rushes.testing.sinks import check_sink
from rushes.testing.sources import check_source
from rushes.testing.transforms import check_transform

__all__ = [
    "FakeDevices",
    "FakeIntake",
    "FakeReport",
    "StandIn",
    "check_annotator",
    "check_observer",
    "check_sink",
    "check_source",
    "check_transform",
    "open_stand_in",
]
