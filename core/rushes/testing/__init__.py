"""Public test tools for plugin authors: doubles of what the engine lends."""

from rushes.testing.doubles import FakeIntake, FakeReport, StandIn, open_stand_in

__all__ = ["FakeIntake", "FakeReport", "StandIn", "open_stand_in"]
