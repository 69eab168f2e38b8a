"""The newest timecode of the set's other generators: kept in memory, shown, never stored."""

from __future__ import annotations

from dataclasses import dataclass

from rushes_masterlockit.formats import spoken


@dataclass(frozen=True, slots=True)
class Heard:
    """`device` said it at `at`, in epoch seconds."""

    device: int
    seconds: int
    frames: int
    at: float

    @property
    def label(self) -> str:
        """As people read it."""
        return spoken(self.seconds, self.frames, "")
