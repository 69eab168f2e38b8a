"""Following events without a gap: buffers on the way are bounded, so a follower may have to begin again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import trio

from rushes.api.control import Control
from rushes.events import Event

#: A long replay is not a write for each event.
MOST_AT_ONCE = 256

Handle = Callable[[Sequence[Event]], Awaitable[None]]


async def follow(control: Control, after: int | None, handle: Handle, *, beat_s: float) -> None:
    """Hand on every event after `after` (None: from now on), in order, none twice, until the engine ends.

    `handle` gets at least one event, or none where `beat_s` passed without any. The engine drops a watcher
    that is far behind and replays a bounded number, so each jump in `seq` is asked for again.
    """
    cursor = _Cursor(after)
    while True:
        start = cursor.last
        async with control.events(start) as channel:
            while (batch := await _some(channel, beat_s)) is not None:
                fresh, gap = cursor.take(batch)
                if fresh or not batch:
                    await handle(fresh)
                if gap:
                    break
            else:
                if cursor.last == start:
                    return


class _Cursor:
    """The last `seq` handed on."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self._asked: int | None = None

    def take(self, batch: Sequence[Event]) -> tuple[list[Event], bool]:
        """The events to hand on, and whether some are missing behind them.

        A jump that is still there when asked for is how the ledger is (events may be cleared away).
        """
        fresh: list[Event] = []
        for event in batch:
            if self.last is not None:
                if event.seq > self.last + 1 and self._asked != self.last:
                    self._asked = self.last
                    return fresh, True
                if event.seq <= self.last:
                    continue
            fresh.append(event)
            self.last = event.seq
        return fresh, False


async def _some(channel: trio.MemoryReceiveChannel[Event], beat_s: float) -> list[Event] | None:
    """The next events that are there together, [] after a beat, None at the end."""
    batch: list[Event] = []
    with trio.move_on_after(beat_s):
        try:
            batch.append(await channel.receive())
        except trio.EndOfChannel:
            return None
    while batch and len(batch) < MOST_AT_ONCE:
        try:
            batch.append(channel.receive_nowait())
        except (trio.WouldBlock, trio.EndOfChannel):
            break
    return batch
