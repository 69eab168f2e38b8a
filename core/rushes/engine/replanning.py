"""Other rules while there is work: jobs that have not started follow them, started and finished ones are left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import trio

from rushes import rules
from rushes.engine.board import Board, unstarted
from rushes.engine.planner import Planner, Replanned
from rushes.ledger import Ledger, Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import read_clip
from rushes.model import Clip

#: Clips in one go: others get their turn in between.
MOST = 1_024

#: Jobs of a clip that count: those that were withdrawn never began.
BEGAN = "SELECT j.clip FROM jobs j JOIN steps s ON s.job = j.id WHERE s.state <> 'withdrawn'"
_UNROUTED = (
    "SELECT id FROM clips WHERE parent = '' AND NOT superseded "  # noqa: S608 - our own words
    "AND id NOT IN (SELECT clip FROM backlog WHERE annotator = '') "
    f"AND (id NOT IN ({BEGAN}) OR id IN ("
    "SELECT j.clip FROM jobs j JOIN steps s ON s.job = j.id WHERE s.state = 'withdrawn'))"
)


@dataclass(slots=True)
class Replanning:
    """Has clips follow the planner's routing, those known to the ledger and those on the board."""

    planner: Planner
    board: Board
    ledger: Ledger
    clip_rows: trio.Lock

    async def follow(self, before: Mapping[str, Any], *, unrouted: bool) -> Replanned:
        """From the rules of that pipeline document to those that the planner has by now; durable when it returns.

        `unrouted`: clips that have no job, or lost one, may get some. Done again after a crash, it does what is left.
        """
        names = dict.fromkeys(
            job.clip
            for job in self.board.jobs.values()
            if any(unstarted(step) for step in self.board.steps_of(job.id))
        )
        if unrouted:
            names |= dict.fromkeys(await self._unrouted())
        told = {route["id"]: route for route in before["routes"]}
        done = Replanned()
        left = iter(names)
        while batch := list(islice(left, MOST)):
            done += await self._batch(batch, told)
        return done

    async def _unrouted(self) -> Sequence[str]:
        """Clips without a job, or with one that was withdrawn, that some route takes: the first that hits takes."""
        hits = rules.hits(self.planner.routing.routes)
        if not hits:
            return ()
        await self.ledger.write([])  # what was decided last is to be seen
        return [name for (name,) in await self.ledger.query(f"{_UNROUTED} AND ({' OR '.join(hits)})")]

    async def _batch(self, names: Sequence[str], before: Mapping[str, Mapping[str, Any]]) -> Replanned:
        # Held from reading to deciding, as whoever plans does.
        async with self.clip_rows:
            await self.ledger.write(self.board.take_changes())
            held = {name: {job.id for job in self.board.jobs_of(name)} for name in names}
            rows, matches, began = await self.ledger.read(lambda query: self._look(query, names, held))
            done = Replanned()
            for row in rows:
                clip = self._newest(read_clip(row))
                # What has come to its end since it was looked at is not on the board any more.
                over = held[clip.id] - {job.id for job in self.board.jobs_of(clip.id)}
                free = clip.id not in began and not over and self._unstarted(clip.id)
                done += self.planner.replan(clip, matches, before, free=free)
            await self.ledger.write([*self.board.take_changes(), *done.changes])
        return done.numbers

    def _look(self, query: Query, names: Sequence[str], held: Mapping[str, Collection[str]]) -> Any:
        where, values = among("id", names)
        rows = query(f"SELECT * FROM clips WHERE {where} AND NOT superseded", values)  # noqa: S608 - our own
        # The board tells of those that it holds.
        ours = sorted(job for jobs in held.values() for job in jobs)
        mine, jobs = among("j.id", ours)
        where, values = among("j.clip", names)
        began = query(f"{BEGAN} AND {where} AND NOT {mine}", [*values, *jobs])
        return rows, self.planner.matches(query, rows), {clip for (clip,) in began}

    def _newest(self, clip: Clip) -> Clip:
        """The ledger does not follow growth."""
        here = self.board.clips.get(clip.id)
        return here if here is not None and not here.complete else clip

    def _unstarted(self, clip: str) -> bool:
        jobs = self.board.jobs_of(clip)
        return all(unstarted(step) for job in jobs for step in self.board.steps_of(job.id))
