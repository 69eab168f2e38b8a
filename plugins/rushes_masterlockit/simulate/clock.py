"""The clock of a simulated day: trio's, faster by a factor, counting frames since midnight."""

from __future__ import annotations

import math

import trio

from rushes.timecode import Rate


class DayClock:
    """Stands at `first` until it is started."""

    def __init__(self, first: int, rate: Rate, factor: float) -> None:
        self._first = first
        self._per_second = float(rate.exact) * factor
        self._started_at: float | None = None
        self._started = trio.Event()

    def start(self) -> None:
        self._started_at = trio.current_time()
        self._started.set()

    def frame(self) -> int:
        """The frame that runs."""
        if self._started_at is None:
            return self._first
        return self._first + math.floor((trio.current_time() - self._started_at) * self._per_second + 1e-6)

    def late(self, frame: int) -> float:
        """For how many of trio's seconds that frame has been over."""
        return max(0.0, (self.frame() - frame - 1) / self._per_second)

    async def until(self, frame: int) -> None:
        """Return when that frame runs, or has run."""
        await self._started.wait()
        assert self._started_at is not None
        await trio.sleep_until(self._started_at + (frame - self._first) / self._per_second)
