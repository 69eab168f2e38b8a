"""Clips that one device says faster than they can be kept: in order, together, while its connection is read on."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

import trio

from rushes_masterlockit.protocol import DataEvent

#: So many clips of one device may wait to be kept; then its connection is not read on.
MOST_WAITING = 4096

#: So many bytes of them.
MOST_BYTES = 8 * 1024 * 1024

#: So many are kept in one go.
MOST_TOGETHER = 512


class Said(NamedTuple):
    """A clip that was said, and the request to acknowledge once it is kept."""

    request: DataEvent
    clip: Mapping[str, Any]


class Lane:
    """What waits while `keep` is busy is given to it together next time."""

    def __init__(self, keep: Callable[[Sequence[Said]], Awaitable[None]]) -> None:
        self._keep = keep
        self._waiting: deque[Said] = deque()
        self._bytes = 0
        self._said = 0
        self._kept = 0
        self._filled = trio.Event()
        self._moved = trio.Event()

    def say(self, said: Said) -> Awaitable[None] | None:
        """A clip to keep. What is returned is to be awaited before more is read."""
        self._waiting.append(said)
        self._bytes += len(said.request.data)
        self._said += 1
        self._filled.set()
        return self._room() if self._full() else None

    async def settled(self) -> None:
        """Return when everything that was said before is kept."""
        said = self._said
        while self._kept < said:
            await self._moved.wait()

    async def run(self) -> None:
        """Keep until cancelled."""
        while True:
            while not self._waiting:
                self._filled = trio.Event()
                await self._filled.wait()
            together = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_TOGETHER))]
            await self._keep(together)
            self._kept += len(together)
            self._bytes -= sum(len(said.request.data) for said in together)
            moved, self._moved = self._moved, trio.Event()
            moved.set()

    def _full(self) -> bool:
        return len(self._waiting) > MOST_WAITING or self._bytes > MOST_BYTES

    async def _room(self) -> None:
        while self._full():
            await self._moved.wait()
