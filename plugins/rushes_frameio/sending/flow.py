"""Parts of all uploads of a sink at once: how many, whose turn it is, and no faster than allowed."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import trio

from rushes_frameio.sending.climb import Climb
from rushes_frameio.sending.pace import Pace

START = 4
#: Memory that one part in flight may take: its piece, its thread, and what the kernel keeps unsent for it.
PART_MEMORY = 8 * 1024 * 1024
#: Share of the machine's memory for all of them.
MEMORY_SHARE = 0.1
TICK_S = 0.25
#: Seconds over which `rate` is smoothed.
SMOOTH_S = 3.0

Begin = Callable[[], Awaitable[None]]


@dataclass(eq=False)
class _Waiter:
    owner: object
    fresh: bool
    granted: trio.Event = field(default_factory=trio.Event)


class Flow:
    """One per sink. `run` must run for the number to adapt; without it, it stays at the start."""

    def __init__(
        self,
        parts_in_flight: int,
        max_rate: int | None = None,
        on_moved: Callable[[int], None] | None = None,
    ) -> None:
        """At most that many parts and bits a second; `on_moved` is told, on trio's thread, the bytes that went."""
        self.most = min(parts_in_flight, affordable())
        self.pace = Pace()
        self.cap(max_rate)
        #: Bytes a second that left this machine, smoothed.
        self.rate = 0.0
        #: Parts that got through, of all clips.
        self.arrived = 0
        self._climb = Climb(self.most, START)
        self._on_moved = on_moved
        self._waiting: list[_Waiter] = []
        self.flying = 0
        self._beginning = 0
        self._held: Counter[object] = Counter()
        self._served: WeakKeyDictionary[object, int] = WeakKeyDictionary()
        self._turns = 0
        self._counting = threading.Lock()
        self._moved = 0

    @property
    def limit(self) -> int:
        """How many parts may fly at once now."""
        return self._climb.limit

    def cap(self, bits: int | None) -> None:
        """No more than that many bits a second from now on; None: no cap."""
        self.pace.rate = None if bits is None else bits / 8

    def moved(self, count: int) -> None:
        """That many bytes have left this machine. From any thread."""
        with self._counting:
            self._moved += count

    def lost(self) -> None:
        """A connection was cut: fewer at once."""
        self._climb.lost(trio.current_time())

    def busy(self) -> None:
        """The host asks for less: half as many at once."""
        self._climb.busy(trio.current_time())

    @asynccontextmanager
    async def slot(self, owner: object, begin: Begin | None = None) -> AsyncIterator[None]:
        """Room for one part in flight, given to the owner that holds the fewest, in turns where that is equal.

        `begin()` is awaited when it is the part's turn. While it does not return, its room counts only against
        parts that have not begun either: those that have can always end.
        """
        await self._turn(_Waiter(owner, fresh=begin is not None))
        try:
            if begin is not None:
                try:
                    await begin()
                finally:
                    self._beginning -= 1
                    self.flying += 1
            yield
        finally:
            self.flying -= 1
            self._held -= Counter((owner,))
            self._hand_out()

    async def run(self) -> None:
        """Measure and adapt, until cancelled."""
        then = trio.current_time()
        while True:
            await trio.sleep(TICK_S)
            now = trio.current_time()
            with self._counting:
                moved, self._moved = self._moved, 0
            elapsed, then = now - then, now
            self.rate += (moved / elapsed - self.rate) * min(1.0, elapsed / SMOOTH_S)
            if moved and self._on_moved is not None:
                self._on_moved(moved)
            self._climb.observe(now, moved, self.flying)
            self._hand_out()

    async def _turn(self, waiter: _Waiter) -> None:
        self._waiting.append(waiter)
        self._hand_out()
        try:
            await waiter.granted.wait()
        except trio.Cancelled:
            if not waiter.granted.is_set():
                self._waiting.remove(waiter)
            else:
                self._count(waiter, -1)
                self._hand_out()
            raise

    def _hand_out(self) -> None:
        while waiter := self._next():
            self._waiting.remove(waiter)
            self._turns += 1
            self._served[waiter.owner] = self._turns
            self._count(waiter, 1)
            waiter.granted.set()

    def _next(self) -> _Waiter | None:
        """Whose turn it is; None while nobody's."""
        room, fresh_room = self.limit - self.flying, self.limit - self.flying - self._beginning
        if room <= 0:
            return None
        ready = [waiter for waiter in self._waiting if fresh_room > 0 or not waiter.fresh]
        return min(ready, key=self._rank, default=None)

    def _rank(self, waiter: _Waiter) -> tuple[int, int, bool]:
        return self._held[waiter.owner], self._served.get(waiter.owner, 0), waiter.fresh

    def _count(self, waiter: _Waiter, one: int) -> None:
        self._held[waiter.owner] += one
        if waiter.fresh:
            self._beginning += one
        else:
            self.flying += one


def affordable() -> int:
    """How many parts this machine has the memory for."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, int(memory * MEMORY_SHARE / PART_MEMORY))
