"""What a running pipeline answers: its ledger's documents, with what only the run knows laid over them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import trio

from rushes.engine import surroundings, views
from rushes.engine.clock import Clock
from rushes.engine.devices import PresentDevices
from rushes.engine.ground import Ground
from rushes.engine.host import Host
from rushes.engine.journal import Journal
from rushes.engine.live import Live
from rushes.engine.note import note
from rushes.engine.observing import Observing
from rushes.engine.prepare import Preparation
from rushes.engine.pulse import Pulse
from rushes.engine.reload import Reload
from rushes.engine.searches import ClipSearch, EventOrder, JobSearch, MatchSearch
from rushes.ledger import Ledger, Query

T = TypeVar("T")

#: Questions of views that the ledger works on at once.
MOST_READERS = 2


@dataclass(slots=True)
class Answers:
    """Reads the engine's parts; changes none of them."""

    ledger: Ledger
    journal: Journal
    clock: Clock
    pulse: Pulse
    hosts: Mapping[str, Host]
    present: PresentDevices
    live: Live
    observing: Observing
    preparation: Preparation
    reload: Reload
    ground: Ground
    #: Views share the ledger's readers with the engine, and may never take them all.
    _readers: trio.CapacityLimiter = field(default_factory=lambda: trio.CapacityLimiter(MOST_READERS))
    #: What the ledger said last, after so many commits and while this work waited for that.
    _last: tuple[int, views.Waits, tuple[Any, Any, Any]] | None = None

    async def status(self, about: views.Document) -> views.Document:
        """`about` tells of the run as a whole."""
        counts, route_waits, attention = await self._stored()
        counts = dict(counts)
        self.live.correct(counts)
        return {
            **about,
            "running": True,
            "pid": os.getpid(),
            "seq": self.journal.durable,
            "now": self.clock(),
            "components": self.observing.lay_left(self.live.components()),
            "counts": counts,
            "route_waits": route_waits,
            "current": self.live.current(),
            "attention": [*self._own_attention(), *attention],
        }

    async def attention(self) -> views.Document:
        _, _, stored = await self._stored()
        return {"attention": [*self._own_attention(), *stored]}

    async def _stored(self) -> tuple[views.Document, list[views.Document], list[views.Document]]:
        """What the ledger says of everything, asked again once it was written to or work waits otherwise."""
        commits, waits = self.journal.commits, self.live.waiting_for()
        if self._last is None or self._last[:2] != (commits, waits):
            told = await self.ledger.read(
                lambda query: (
                    views.counts(query, waits),
                    views.route_waits(query),
                    views.attention(query),
                )
            )
            self._last = (commits, waits, told)
        return self._last[2]

    def _own_attention(self) -> Iterable[views.Document]:
        trouble = self.ledger.trouble
        if trouble:
            yield note("ledger", "ledger", trouble, "free some space")
        yield from self.ground.attention()
        for told in self.reload.attention():
            yield note("rules", **told)
        yield from self.live.attention()

    def mark(self, about: object) -> object:
        """`about` is of the run as a whole."""
        return (
            about,
            self.journal.commits,
            self.ledger.trouble,
            self.pulse.count,
            self.ground.looks,
            self.live.mark,
        )

    def health(self) -> views.Document:
        return {
            "trouble": self.ledger.trouble,
            "backlog": self.preparation.waiting,
            "seq": self.journal.durable,
        }

    def network(self) -> views.Document:
        return {"networks": surroundings.networks(self.hosts.values())}

    def timecode(self) -> views.Document:
        return {"timecodes": surroundings.timecodes(self.hosts.values())}

    async def devices(self) -> views.Document:
        return {"devices": await self._read(lambda query: surroundings.devices(query, self.present))}

    async def clips(self, search: ClipSearch) -> views.Document:
        waits = self.live.waiting_for()
        document = await self._read(lambda query: views.clips(query, search, waits))
        self.live.lay_sizes(document["clips"])
        return document

    async def clip(self, reference: str) -> views.Document:
        waits = self.live.waiting_for()
        document = await self._read(lambda query: views.clip(query, reference, waits))
        self.live.lay_sizes([document["clip"], *document["jobs"]])
        return document

    async def timeline(
        self, clip: str, after: int, limit: int, order: EventOrder = "oldest"
    ) -> views.Document:
        return await self._read(lambda query: views.timeline(query, clip, after, limit, order))

    async def jobs(self, search: JobSearch) -> views.Document:
        waits = self.live.waiting_for()
        document = await self._read(lambda query: views.jobs(query, search, waits))
        self.live.lay_sizes(document["jobs"])
        return document

    async def job(self, reference: str) -> views.Document:
        waits = self.live.waiting_for()
        document = await self._read(lambda query: views.job(query, reference, waits))
        self.live.lay_sizes([document])
        return document

    async def matches(self, search: MatchSearch) -> views.Document:
        return await self._read(lambda query: views.matches(query, search))

    async def annotator_of(self, clip: str, other: str) -> str:
        return await self._read(lambda query: views.annotator_of(query, clip, other))

    async def days(self) -> views.Document:
        return {"days": await self._read(views.days)}

    async def cards(self) -> views.Document:
        waits = self.live.waiting_for()
        return await self._read(lambda query: views.cards(query, waits))

    async def day(self, wanted: str) -> views.Document:
        waits, now = self.live.waiting_for(), self.clock()
        return await self._read(lambda query: views.day(query, wanted, waits, now))

    async def summary(self, wanted: str) -> views.Document:
        waits, now = self.live.waiting_for(), self.clock()
        return await self._read(lambda query: views.summary(query, wanted, waits, now))

    async def rules(self) -> views.Document:
        last = await self._read(views.last_pipeline)
        return {"match": last["match"], "routes": last["routes"]}

    async def _read(self, view: Callable[[Query], T]) -> T:
        async with self._readers:
            return await self.ledger.read(view)
