"""Everything that happened, as events: stored with the change they tell of, streamed once durable."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import trio

from rushes.engine.clock import Clock
from rushes.engine.pulse import Pulse
from rushes.events import Event
from rushes.ledger import Ledger
from rushes.ledger.rows import put_event, read_event
from rushes.ledger.schema import EVENTS
from rushes.ledger.write import Change, Put

#: A watcher this far behind is dropped and may come again with the last `seq` it saw.
MOST_BEHIND = 10_000


class Journal:
    """Numbers events and fans them out."""

    def __init__(self, ledger: Ledger, clock: Clock, last: int) -> None:
        self._ledger = ledger
        self._clock = clock
        self._last = last
        #: The `seq` of the newest event that is durable, and a beat for each commit that brought some.
        self.durable = last
        self.news = Pulse()
        #: Counts the commits of this run.
        self.commits = 0
        self._watchers: set[trio.MemorySendChannel[Event]] = set()
        ledger.on_commit = self._committed

    def now(self) -> float:
        """The moment that an event would be told of, in epoch seconds."""
        return self._clock()

    def event(
        self, kind: str, *, clip: str = "", job: str = "", step: str = "", component: str = "", **detail: Any
    ) -> Put:
        """The row of a new event; write it together with the change it tells of.

        Before the next checkpoint: who reads events by their `seq` passes over a number that comes late.
        """
        self._last += 1
        return put_event(
            Event(
                seq=self._last, at=self._clock(), kind=kind, clip=clip, job=job, step=step, component=component,
                detail=detail,
            )
        )  # fmt: skip

    def _committed(self, changes: Sequence[Change]) -> None:
        self.commits += 1
        rows = [change.row for change in changes if isinstance(change, Put) and change.table is EVENTS]
        if not rows:
            return
        self.durable = max(self.durable, rows[-1][0])
        self.news.beat()
        events = [read_event(row) for row in rows] if self._watchers else ()
        for watcher in list(self._watchers):
            try:
                for event in events:
                    watcher.send_nowait(event)
            except (trio.WouldBlock, trio.BrokenResourceError):
                self._watchers.discard(watcher)
                watcher.close()

    @asynccontextmanager
    async def watch(self, after: int | None) -> AsyncIterator[trio.MemoryReceiveChannel[Event]]:
        """Events with a `seq` above `after`, from the ledger first, then live; None: only live ones.

        The channel ends behind those that are handed out where there are too many for one watcher.
        """
        send, receive = trio.open_memory_channel[Event](MOST_BEHIND)
        self._watchers.add(send)
        try:
            if after is not None:
                limit = MOST_BEHIND // 2
                past = await self._ledger.query(
                    "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?", [after, limit]
                )
                live: list[Event] = []
                while True:
                    try:
                        live.append(receive.receive_nowait())
                    except (trio.WouldBlock, trio.EndOfChannel):
                        break
                events = {event.seq: event for event in [*map(read_event, past), *live]}
                whole = send in self._watchers and len(past) < limit and len(events) <= MOST_BEHIND
                if (
                    not whole
                ):  # there is more, or so much came meanwhile: it gets the first ones, and comes again
                    self._watchers.discard(send)
                    send.close()
                    send, receive = trio.open_memory_channel[Event](MOST_BEHIND)
                for seq in sorted(events)[:MOST_BEHIND]:
                    send.send_nowait(events[seq])
                if not whole:
                    send.close()
            yield receive
        finally:
            self._watchers.discard(send)
            send.close()
            receive.close()


async def last_seq(ledger: Ledger) -> int:
    """The number of the newest event."""
    rows = await ledger.query("SELECT coalesce(max(seq), 0) FROM events")
    return int(rows[0][0])
