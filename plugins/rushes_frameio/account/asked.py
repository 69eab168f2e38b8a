"""When the service was asked who this device is: at most once a minute, over every life of a component.

The moment is stored before the question goes out: a kill, or a lost answer, does not make it unasked.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from rushes import Store
from rushes_frameio.refusal.failures import Refused, Unreachable

#: Frame.io wants its identity endpoint asked no more often than this (seed manage-status-and-state).
EVERY_S = 60.0
STORED = "identity_asked"


class Asked:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._at = float("-inf")
        self._stored: float | None = None
        #: When the last question went out, by trio's clock.
        self.begun_at = float("-inf")
        #: How often it was asked in this life.
        self.times = 0

    async def wait(self) -> float:
        """Seconds until it may be asked again, 0 when it may be now."""
        stored = await self._store.get(STORED)
        if stored is not None and stored != self._stored:
            # By an earlier life, or by an action beside this one. A moment ahead of now (the clock was set
            # back) counts as now: asking late is polite, asking early is not.
            self._stored = stored
            self._at = max(self._at, trio.current_time() - max(0.0, time.time() - stored))
        return max(0.0, self._at + EVERY_S - trio.current_time())

    @asynccontextmanager
    async def counted(self) -> AsyncIterator[None]:
        """Around the question; one that certainly was not taken does not count."""
        before = self._at, self._stored
        self.times += 1
        self.begun_at = trio.current_time()
        await self._keep(trio.current_time(), time.time())
        try:
            yield
        except Unreachable as failure:
            if not failure.lost:
                await self._forget(before)
            raise
        except Refused as refused:
            if refused.status == 401:
                await self._forget(before)
            raise
        else:
            # The service counts from when it was asked, which was a little earlier than this.
            self._at = trio.current_time()

    async def _forget(self, before: tuple[float, float | None]) -> None:
        self.times -= 1
        at, stored = before
        await self._keep(at, stored)

    async def _keep(self, at: float, stored: float | None) -> None:
        self._at, self._stored = at, stored
        if stored is None:
            await self._store.delete(STORED)
        else:
            await self._store.set(STORED, stored)
