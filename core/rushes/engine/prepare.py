"""Annotating: batches of admitted clips go through every annotator of `prepare:`, then to planning.

What records and other clips make worth another look goes through the line of `again`, behind what is new. Growing
clips are planned at once, beside the batches: a half-written file would be called broken.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from operator import itemgetter

import trio

from rushes.engine.again import MOST_ROUNDS, known_among
from rushes.engine.backlog import ALL, Backlog
from rushes.engine.chain import Batch, Chain, Named, Said
from rushes.engine.host import Host
from rushes.engine.journal import Journal
from rushes.engine.knowledge import Known, look, told_of
from rushes.engine.matches import Matches
from rushes.engine.pace import LEAST, Pace
from rushes.engine.planner import Planner
from rushes.engine.pulse import Pulse
from rushes.engine.record_backlog import RecordBacklog
from rushes.ledger import Ledger, Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import CLIP_COLUMNS, clip_of, drop_backlog
from rushes.ledger.write import Change, Put
from rushes.model import Clip

LOG = logging.getLogger("rushes.engine")

#: Intake waits above this: nothing queues in memory without a number.
MOST_WAITING = 5_000

_path = itemgetter(1 + CLIP_COLUMNS.index("path"))
_NAMED = f"SELECT superseded, {', '.join(CLIP_COLUMNS)} FROM clips"  # noqa: S608 - our own


@dataclass(frozen=True, slots=True)
class Outcome:
    """A batch as it is to be written: what is new, the clips to be planned, the named clips there are."""

    known: Known
    news: Sequence[Change]
    planned: Sequence[Clip]
    matches: Matches
    named: Collection[str]


class Preparation:
    """The stage between intake and planning."""

    def __init__(
        self,
        hosts: Sequence[Host],
        planner: Planner,
        ledger: Ledger,
        journal: Journal,
        pulse: Pulse,
        clip_rows: trio.Lock,
    ) -> None:
        self._clip_rows = clip_rows
        self._chain = Chain(hosts, ledger, journal)
        self._backlog = Backlog(self._chain.names)
        self._planner = planner
        self._ledger = ledger
        self._journal = journal
        self._pulse = pulse
        self._busy = 0
        self._records = RecordBacklog(ledger)
        self._endless: set[int] = set()
        self._pace, self._pace_again = Pace(), Pace(again=True)

    async def load(self) -> None:
        """Take up what the last run left to be annotated again."""
        self._backlog.take_up(
            await self._ledger.query("SELECT clip, annotator FROM backlog WHERE annotator <> ''")
        )

    # -- what comes in -------------------------------------------------------------------------------------

    def enqueue(self, clips: Sequence[Clip]) -> None:
        """Take clips whose rows and backlog are durable."""
        self._backlog.admit(clips)
        self._pulse.beat()

    def put_records(self, admission: int, records: Sequence[str]) -> list[Change]:
        """The rows to write with records that are admitted: none when no annotator heeds them."""
        return self._records.put(admission, records) if self._chain.heeds_records else []

    def enqueue_records(self) -> None:
        """Records are durable, with the rows of `put_records`."""
        self._records.come()
        self._pulse.beat()

    async def again(self, component: str, clips: Collection[str]) -> None:
        """Have clips annotated again by that annotator and those after it. Durable when it returns."""
        place = self._chain.names.index(component)
        async with self._clip_rows:
            known = await self._ledger.read(lambda query: known_among(query, clips))
            await self._ledger.write(self._backlog.name(known, place, 1))
        self._pulse.beat()

    async def room(self) -> None:
        """Return when not too many clips are waiting."""
        while self._backlog.new > MOST_WAITING:
            await self._pulse.after(self._pulse.count)

    @property
    def idle(self) -> bool:
        """Whether everything admitted is annotated and planned, apart from clips whose card is gone."""
        return not (self._backlog or self._records or self._busy)

    @property
    def waiting(self) -> int:
        """How many clips were never annotated."""
        return self._backlog.new

    @property
    def absent_cards(self) -> dict[str, str]:
        """The cards that clips wait for, by volume."""
        return self._backlog.absent_cards

    def volume_back(self, volume: str) -> None:
        """Its clips can be looked at again."""
        self._backlog.volume_back(volume)
        self._pulse.beat()

    # -- work ----------------------------------------------------------------------------------------------

    async def serve(self, host: Host) -> None:
        """Keep one annotator open and lend it to the batches."""
        await self._chain.serve(host.component.id)

    async def run(self) -> None:
        """Annotate and plan batch after batch."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._work, self._next)
            nursery.start_soon(self._work, self._next_growing)

    async def _work(self, choose: Callable[[], Callable[[], Awaitable[None]] | None]) -> None:
        while True:
            seen = self._pulse.count
            work = choose()
            if work is None:
                await self._pulse.after(seen)
                continue
            self._busy += 1
            try:
                await work()
            finally:
                self._busy -= 1
                self._pulse.beat()

    def _next(self) -> Callable[[], Awaitable[None]] | None:
        """What is new goes first; what it makes worth another look is named once for all of it."""
        if clips := self._backlog.take_new(self._pace.most):
            new = Batch(clips, dict.fromkeys((clip.id for clip in clips), ALL))
            return partial(self._prepare, new, self._pace)
        if self._records:
            return self._heed
        return self._prepare_again if self._backlog.again else None

    def _next_growing(self) -> Callable[[], Awaitable[None]] | None:
        clips = self._backlog.take_growing(LEAST)
        return partial(self._plan_growing, clips) if clips else None

    async def _plan_growing(self, clips: list[Clip]) -> None:
        async with self._clip_rows:
            known = await self._ledger.read(lambda query: self._look_at_growing(query, clips))
            # One that is complete by now is in the other line.
            still = [clip for clip in known.clips if not clip.complete]
            rows = [known.rows[clip.id] for clip in still]
            matches = await self._ledger.read(lambda query: self._planner.matches(query, rows))
            planned = self._planner.plan(still, matches)
            await self._ledger.write([*planned, *(drop_backlog(clip.id) for clip in still)])

    async def _prepare_again(self) -> None:
        """Annotate the first of the named clips."""
        # Locked: a new revision that comes meanwhile must not pass for the one that was named.
        async with self._clip_rows:
            turn = self._backlog.again.take(self._pace_again.most)
            self._backlog.hold(turn.begins)
            where, names = among("id", turn.begins)
            rows = await self._ledger.query(f"{_NAMED} WHERE {where}", names)
        # Sorting takes DuckDB as long as finding them.
        rows.sort(key=_path)
        gone = frozenset(name for superseded, name, *_ in rows if superseded)
        named = (clip_of(own, {}) for superseded, *own in rows if not superseded)
        clips = [clip for clip in named if clip.complete]
        await self._prepare(Batch(clips, turn.begins, turn.round, gone), self._pace_again)

    async def _heed(self) -> None:
        """Ask what the records affect that were admitted."""
        records, asked = await self._records.next()
        named = await self._chain.affected_by(records)
        async with self._clip_rows:
            known = await self._ledger.read(lambda query: known_among(query, _all(named)))
            await self._ledger.write([*asked, *self._name(named, known, 1)])

    async def _prepare(self, batch: Batch, pace: Pace) -> None:
        began = trio.current_time()
        said = await self._chain.annotate(batch, self._put_aside)
        pace.took(len(batch.begins), trio.current_time() - began)
        # Held from reading to writing: intake may be about to give a clip another revision.
        async with self._clip_rows:
            outcome = await self._ledger.read(lambda query: self._look(query, said, again=batch.round > 0))
            known = outcome.known
            self._backlog.hold({})
            await self._ledger.write(
                [
                    *outcome.news,
                    *self._planner.plan(outcome.planned, outcome.matches, again=batch.round > 0),
                    *self._backlog.settle({clip.id for clip in known.clips} | known.gone | batch.gone),
                    *self._name(said.named, outcome.named, batch.round + 1),
                    *(self._tell_news(outcome.news) if batch.round > 0 else ()),
                ]
            )

    def _tell_news(self, news: Sequence[Change]) -> list[Change]:
        """Clips that are annotated again may say and match something else without any job of theirs changing."""
        clips = sorted({str(change.row[0]) for change in news if isinstance(change, Put)})
        if not clips:
            return []
        one = clips[0] if len(clips) == 1 else ""
        return [self._journal.event("clip.annotated", clip=one, clips=len(clips))]

    def _look_at_growing(self, query: Query, clips: Sequence[Clip]) -> Known:
        told = told_of(query, [clip.id for clip in clips]) if self._chain.names else None
        return look(query, clips, told)

    def _put_aside(self, begin: int | None, clips: Sequence[Clip]) -> None:
        self._backlog.put_aside(clips, begin)
        self._pulse.beat()

    def _look(self, query: Query, said: Said, *, again: bool) -> Outcome:
        known = look(query, said.clips, said.told, again=again)
        rows = known.new_rows()
        changed = {row.row[0] for row in rows}
        planned = [clip for clip in known.clips if clip.id in changed] if again else known.clips
        before = {clip.id: known.stored[clip.id] for clip in planned} if again else None
        matches = self._planner.matches(query, [known.rows[clip.id] for clip in planned], before)
        news = [*known.new_findings(said.found), *rows]
        return Outcome(known, news, planned, matches, known_among(query, _all(said.named)))

    def _name(self, named: Named, known: Collection[str], round: int) -> list[Change]:  # noqa: A002 - the idea's word
        """The rows by which the known ones of the named clips are annotated again."""
        changes: list[Change] = []
        for place, names in named:
            there = sorted(name for name in names if name in known)
            if there and round > MOST_ROUNDS:
                changes += self._tell_endless(place, there)
            elif there:
                changes += self._backlog.name(there, place, round)
        return changes

    def _tell_endless(self, place: int, clips: Sequence[str]) -> list[Change]:
        if place in self._endless:
            return []
        self._endless.add(place)
        component = self._chain.names[place]
        text = (
            f"named clip {clips[0]} again and again, {MOST_ROUNDS} times because of one change; "
            f"it is annotated again with the next news"
        )
        LOG.warning("%s: %s", component, text)
        return [self._journal.event("component.said", component=component, text=text)]


def _all(named: Named) -> set[str]:
    return {name for _, names in named for name in names}
