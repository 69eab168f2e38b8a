"""How many parts should fly at once: found by trying, for nothing else tells what a link can carry.

One level is measured, another is tried, and whichever is worth it is kept: a higher one must bring a share of
what it adds, a lower one may cost next to nothing. No clock and no input of its own: `observe` is told all.
"""

from __future__ import annotations

import math

#: Seconds after a change until the link has found its new balance, and seconds of a measurement then.
SETTLE_S = 1.0
MEASURE_S = 1.5
#: A level is worth it when the rate follows this share of its growth (more parts), or misses no more (fewer).
WORTH = 0.15
MISSED = 0.1
#: Seconds until the next try after one that was not worth it; doubles up to the second number.
HOLD_S = 10.0
LONGEST_HOLD_S = 60.0
#: Seconds after a loss until more is tried, and in which further losses count as the same one.
CALM_S = 5.0
SAME_LOSS_S = 2.0


class Climb:
    """`limit` is the answer, from 1 to `most`. Times are seconds of any one clock."""

    def __init__(self, most: int, start: int) -> None:
        self.most = most
        self.limit = max(1, min(start, most))
        #: The level last kept, with its rate; None before the first measurement at it.
        self._base: tuple[int, float] | None = None
        self._up = True
        #: Until the first try that was not worth it.
        self._steep = True
        self._hold = HOLD_S
        self._next_at = float("-inf")
        self._lost_at = float("-inf")
        self._since: float | None = None
        self._measured_from = 0.0
        self._moved = 0

    def observe(self, now: float, moved: int, flying: int) -> None:
        """`moved` bytes since the last call, `flying` parts now. Measures only while the level is used in full."""
        if flying != self.limit:
            self._since = None
            return
        if self._since is None:
            self._since, self._moved = now, 0
            return
        if now <= self._since + SETTLE_S:
            self._measured_from = now
            self._moved = 0
            return
        self._moved += moved
        elapsed = now - self._measured_from
        if elapsed >= MEASURE_S:
            self._conclude(now, self._moved / elapsed)

    def lost(self, now: float) -> None:
        """A connection was cut."""
        self._shrink(now, self.limit - math.ceil(self.limit / 4))

    def busy(self, now: float) -> None:
        """The host asks for less."""
        self._steep = False
        self._shrink(now, self.limit // 2)

    def _shrink(self, now: float, limit: int) -> None:
        if now - self._lost_at < SAME_LOSS_S:
            return
        self._lost_at = now
        self._base, self._up, self._hold = None, True, HOLD_S
        self._go(limit)
        self._next_at = now + CALM_S

    def _conclude(self, now: float, rate: float) -> None:
        base, self._base = self._base, (self.limit, rate)
        self._since = None
        if base is not None and base[0] != self.limit and not self._kept(now, base, rate):
            self._base = None
            self._go(base[0])
        elif rate > 0 and now >= self._next_at:
            self._try(now)

    def _kept(self, now: float, base: tuple[int, float], rate: float) -> bool:
        """Whether the level just tried is worth keeping; sets what is tried next, and when."""
        growth = self.limit / base[0] - 1
        worth = rate >= base[1] * (1 + growth * (WORTH if growth > 0 else MISSED))
        if worth:
            self._hold = HOLD_S
        else:
            self._up, self._steep = not self._up, False
            self._next_at = now + self._hold
            self._hold = min(LONGEST_HOLD_S, self._hold * 2)
        return worth

    def _try(self, now: float) -> None:
        step = math.ceil(self.limit / (2 if self._up and self._steep else 4))
        limit = self.limit + (step if self._up else -step)
        if not 1 <= limit <= self.most and self.limit == (self.most if self._up else 1):
            self._up = not self._up
            self._next_at = now + self._hold
            return
        self._go(limit)

    def _go(self, limit: int) -> None:
        self.limit = max(1, min(self.most, limit))
        self._since = None
