"""How fast something moves: over the last seconds, not over all of it, for networks change."""

from __future__ import annotations

from collections import deque

import trio

#: How many moments a window has: memory does not grow with how often somebody tells.
MOMENTS = 64
#: Seconds after which something is told of what has begun: the first gulp is no speed.
LEAST_S = 1.0


class Speed:
    """Units a second over a moving window; what stands still for that long begins anew."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._sum = 0.0
        self._samples: deque[tuple[float, float]] = deque()

    def begin(self) -> None:
        """From now on something may move; time in which nothing could is not counted."""
        now = trio.current_time()
        if not self._samples or now - self._samples[-1][0] > self._window_s:
            self._samples.clear()
            self._samples.append((now, self._sum))

    def forget(self) -> None:
        """It stands still for a reason that is known: what it did before says nothing of how it will go on."""
        self._samples.clear()

    def moved(self, units: float) -> None:
        """So much more was done since the last word; less than nothing where something is done again."""
        self.begin()
        self._sum += units
        now = trio.current_time()
        if now - self._samples[-1][0] >= self._window_s / MOMENTS:
            self._samples.append((now, self._sum))

    @property
    def rate(self) -> float | None:
        """None before there is anything to tell."""
        now = trio.current_time()
        while len(self._samples) > 1 and now - self._samples[1][0] >= self._window_s:
            self._samples.popleft()
        if not self._samples or now - self._samples[0][0] < LEAST_S:
            return None
        then, before = self._samples[0]
        return max(0.0, self._sum - before) / (now - then)
