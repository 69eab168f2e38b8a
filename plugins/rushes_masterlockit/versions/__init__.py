"""Versions of clips: vector clocks, merging, and what is kept of a clip. Pure; clips are JSON objects as decoded.

Reference section 5. Nothing that anyone said is lost silently: it stands, or lies in the conflicts, or was overwritten
by someone whose clock had seen it, there or in the same words of another.
"""

from rushes_masterlockit.versions.clock import Clock, Order, bump, compare, join
from rushes_masterlockit.versions.conflict import Conflict
from rushes_masterlockit.versions.merge import Merged, merge
from rushes_masterlockit.versions.stored import Stored, Verdict, absorb, bury, edit

__all__ = [
    "Clock",
    "Conflict",
    "Merged",
    "Order",
    "Stored",
    "Verdict",
    "absorb",
    "bump",
    "bury",
    "compare",
    "edit",
    "join",
    "merge",
]
