"""The bandwidth cap: worker threads wait here for their share of what may go out."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

#: What may go out at once, in seconds of the cap: more would be a burst.
BURST_S = 0.05
#: No piece is smaller than what TLS packs into one record.
LEAST_PIECE = 16 * 1024
#: How often a waiting thread looks whether it has been interrupted.
LOOK_S = 0.05


class Pace:
    """A token bucket over all threads, first come first served. `rate` is in bytes a second; None: no cap."""

    def __init__(self, rate: float | None = None) -> None:
        self._turns: deque[object] = deque()
        self._changed = threading.Condition()
        self._rate = rate
        self._tokens = 0.0
        self._counted_at = time.monotonic()

    @property
    def rate(self) -> float | None:
        return self._rate

    @rate.setter
    def rate(self, rate: float | None) -> None:
        """From now on, for those that wait too."""
        with self._changed:
            self._rate = rate
            self._tokens = 0.0
            self._counted_at = time.monotonic()
            self._changed.notify_all()

    def piece(self, most: int) -> int:
        """How many bytes to send at a time, so that they are no burst."""
        rate = self._rate
        return most if rate is None else min(most, max(LEAST_PIECE, int(rate * BURST_S)))

    def take(self, count: int, interrupted: Callable[[], bool]) -> None:
        """Block until that many bytes may go out, or `interrupted()`. For worker threads."""
        turn = object()
        with self._changed:
            self._turns.append(turn)
            try:
                while not interrupted():
                    wait = self._wait(turn)
                    if wait <= 0:
                        self._tokens -= count
                        return
                    self._changed.wait(min(wait, LOOK_S))
            finally:
                self._turns.remove(turn)
                self._changed.notify_all()

    def _wait(self, turn: object) -> float:
        """Seconds until the turn may be taken, as far as can be told."""
        if self._turns[0] is not turn:
            return LOOK_S
        self._count()
        if self._rate is None or self._tokens > -1:  # floats never pay off the last part of a byte
            return 0.0
        return -self._tokens / self._rate

    def _count(self) -> None:
        """Add what has become due; a debt is paid off, and at most BURST_S is saved up."""
        now = time.monotonic()
        if self._rate is not None:
            due = self._tokens + (now - self._counted_at) * self._rate
            self._tokens = min(due, self._rate * BURST_S)
        self._counted_at = now
