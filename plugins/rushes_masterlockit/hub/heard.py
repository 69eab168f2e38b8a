"""The newest timecode of the set's other generators: kept in memory, shown, never stored."""

from __future__ import annotations

from dataclasses import dataclass


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
        minutes, seconds = divmod(self.seconds, 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}:{self.frames:02}"
