"""How fast bytes leave: over the last seconds, and whether without a pause."""

from __future__ import annotations

from collections import deque

#: Seconds that a rate is taken over.
WINDOW_S = 10.0
#: Seconds without a pause after which the rate is the network's, not that of a short file.
BUSY_S = 5.0


class Rate:
    def __init__(self) -> None:
        self._total = 0
        self._samples: deque[tuple[float, int]] = deque()
        self._busy_since: float | None = None

    def moved(self, count: int) -> None:
        """So many bytes have left."""
        self._total += count

    def sample(self, now: float) -> None:
        """Look at the count; every second or two, `now` in seconds of any clock that only runs forward."""
        if self._samples and self._samples[-1][1] == self._total:
            self._busy_since = None
        elif self._busy_since is None and self._samples:
            self._busy_since = self._samples[-1][0]
        self._samples.append((now, self._total))
        while len(self._samples) > 2 and now - self._samples[0][0] > WINDOW_S:
            self._samples.popleft()

    @property
    def bits_per_second(self) -> float:
        """Over the window; 0 when nothing left in it."""
        if len(self._samples) < 2:
            return 0.0
        (then, before), (now, total) = self._samples[0], self._samples[-1]
        return 8 * (total - before) / (now - then) if now > then else 0.0

    @property
    def steady(self) -> bool:
        """Whether bytes left all the time, long enough to judge the network by it."""
        return self._busy_since is not None and self._samples[-1][0] - self._busy_since >= BUSY_S
