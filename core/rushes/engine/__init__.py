"""The engine: intake, annotate, plan, dispatch; one file each."""

from rushes.engine.engine import Engine, Outcome, open_engine

__all__ = ["Engine", "Outcome", "open_engine"]
