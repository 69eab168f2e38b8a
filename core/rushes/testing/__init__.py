"""Public test tools for plugin authors: doubles of what the engine lends."""

from rushes.testing.doubles import FakeDevices, FakeIntake, FakeReport, StandIn, open_stand_in

__all__ = ["FakeDevices", "FakeIntake", "FakeReport", "StandIn", "open_stand_in"]
