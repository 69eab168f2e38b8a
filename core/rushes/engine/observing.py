"""Observers: each is told everything that happened, at its own pace, from a cursor that the ledger keeps."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import trio

from rushes.engine.host import Host
from rushes.engine.journal import Journal
from rushes.engine.last_rules import ENGINE
from rushes.engine.pulse import Pulse
from rushes.engine.views import Document
from rushes.events import Event
from rushes.ledger import Ledger, LedgerStore
from rushes.ledger.rows import put_stored, read_event

#: So many events of an observer are in memory at once.
PAGE = 500
#: A cursor is kept this often, in seconds: what it is behind by comes again after a crash.
KEEP_S = 1.0
#: How long the end of a run waits for observers that still take events.
LAST_EVENTS_S = 2.0


class Observing:
    """The observers of a pipeline. Nothing waits for one of them but the end of a run, and that not for long."""

    def __init__(self, observers: Sequence[Host], ledger: Ledger, journal: Journal, pulse: Pulse) -> None:
        self._places = {host.component.id: _Place(host, ledger, journal, pulse) for host in observers}
        self._ledger = ledger
        self._pulse = pulse

    async def load(self) -> None:
        """Take up the cursors; a new observer's is set to what has happened by now, durably."""
        store = LedgerStore(self._ledger, ENGINE)
        for name, place in self._places.items():
            known = await store.get(_key(name))
            if known is None:
                await store.set(_key(name), place.over)
            else:
                place.over = place.kept = int(known)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """While this is open, the observers are; an error of what is done meanwhile comes out as it is."""
        failure: Exception | None = None
        try:
            async with trio.open_nursery() as nursery:
                for place in self._places.values():
                    nursery.start_soon(place.host.live, place.watch)
                try:
                    yield
                except Exception as error:  # noqa: BLE001 - raised below, without the nursery's group around it
                    failure = error
                nursery.cancel_scope.cancel()
        finally:
            for place in self._places.values():
                place.keep()
        if failure is not None:
            raise failure

    async def last_events(self, until: float, *, given_up: Callable[[], bool]) -> None:
        """Let observers take what is left, as long as they do, until that moment of trio's clock or a pulse at which
        the run is `given_up`; one that is away is not waited for.
        """
        with trio.CancelScope(deadline=min(until, trio.current_time() + LAST_EVENTS_S)):
            while not given_up():
                seen = self._pulse.count
                if all(place.left == 0 or not place.host.usable for place in self._places.values()):
                    break
                await self._pulse.after(seen)
        for name, place in self._places.items():
            if place.left:
                place.host.context.log.warning("%s: %d events are left for the next run", name, place.left)

    def lay_left(self, components: list[Document]) -> list[Document]:
        """Tell of observers, in place, how many events they have not taken yet."""
        for component in components:
            place = self._places.get(component["id"])
            if place is not None:
                component["facts"] = {"events_left": place.left} | component["facts"]
        return components


def _key(observer: str) -> str:
    return f"observed.{observer}"


class _Place:
    """How far one observer is; it outlives the observer's lives."""

    def __init__(self, host: Host, ledger: Ledger, journal: Journal, pulse: Pulse) -> None:
        self.host = host
        #: The `seq` of the last event that is over, and of that which the ledger was told.
        self.over = self.kept = journal.durable
        self._kept_at = -KEEP_S
        self._ledger = ledger
        self._journal = journal
        self._pulse = pulse

    @property
    def left(self) -> int:
        """How many events are still to be taken."""
        return max(0, self._journal.durable - self.over)

    async def watch(self, observer: Any) -> None:
        """The observer's life (see `Host.live`)."""
        await observer.watch(_Events(self))
        raise RuntimeError("watch() returned; it takes events until it is cancelled")

    def passed(self, event: Event) -> None:
        """The event is over."""
        self.over = event.seq
        self.host.worked()
        if trio.current_time() - self._kept_at >= KEEP_S:
            self.keep()

    def keep(self) -> None:
        """Store the cursor with whatever is committed next; nobody waits for that."""
        if self.kept != self.over:
            self._ledger.post([put_stored(ENGINE, _key(self.host.component.id), self.over)])
            self.kept = self.over
            self._kept_at = trio.current_time()

    async def page(self) -> deque[Event]:
        """The next events, at least one: those that are durable, or those that will be."""
        while True:
            seen, last = self._journal.news.count, self._journal.durable
            if self.over >= last:
                self._pulse.beat()
                await self._rest(seen)
                continue
            end = min(last, self.over + PAGE)
            rows = await self._ledger.query(
                "SELECT * FROM events WHERE seq > ? AND seq <= ? ORDER BY seq", [self.over, end]
            )
            if rows:
                return deque(map(read_event, rows))
            # Numbers of events that were never written.
            self.over = end

    async def _rest(self, seen: int) -> None:
        """Wait for what happens next; the cursor is kept meanwhile once that is due."""
        due = self._kept_at + KEEP_S if self.kept != self.over else float("inf")
        with trio.CancelScope(deadline=due):
            await self._journal.news.after(seen)
            return
        self.keep()


class _Events:
    """The events of one life of an observer: those that are not over, then what happens."""

    def __init__(self, place: _Place) -> None:
        self._place = place
        self._page: deque[Event] = deque()
        self._handed_out: Event | None = None

    def __aiter__(self) -> _Events:
        return self

    async def __anext__(self) -> Event:
        # An observer that passes over most of them must not hold up everybody else.
        await trio.lowlevel.checkpoint()
        if self._handed_out is not None:
            self._place.passed(self._handed_out)
            self._handed_out = None
        if not self._page:
            self._page = await self._place.page()
        self._handed_out = self._page.popleft()
        return self._handed_out
