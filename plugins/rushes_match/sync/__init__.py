"""Which sound belongs to which picture: clocks aligned, overlaps weighed, names heard. Pure, no I/O."""

from rushes_match.sync.solve import solve

__all__ = ["solve"]
