"""An event that can be waited for again and again."""

from __future__ import annotations

import trio


class Pulse:
    """`beat` wakes everyone who waits; a beat between two waits of one waiter is not lost."""

    def __init__(self) -> None:
        self._event = trio.Event()
        self.count = 0

    def beat(self) -> None:
        self.count += 1
        event, self._event = self._event, trio.Event()
        event.set()

    async def after(self, count: int) -> int:
        """Return the new count once it is more than `count`."""
        while self.count <= count:
            await self._event.wait()
        return self.count
