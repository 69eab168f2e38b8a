"""Other rules while there is work: jobs that have not started follow them, started and finished ones are left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import trio

from rushes import rules
from rushes.config.pipeline import Pipeline
from rushes.engine.board import Board, unstarted
from rushes.engine.last_rules import ENGINE, HALF_KEY, PIPELINE_KEY, STEPS_KEY, TURNS_KEY, pipeline_document
from rushes.engine.other_rules import OtherRules, Replanned
from rushes.engine.planner import Planner
from rushes.engine.routing import Routing
from rushes.engine.turns import Turns
from rushes.engine.ways import Ways
from rushes.ledger import Ledger, LedgerStore, Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import drop_stored, put_stored, read_clip
from rushes.ledger.write import Change
from rushes.model import Clip

#: Clips in one go: others get their turn in between.
MOST = 1_024

#: Jobs of a clip that count: those that were withdrawn never began.
WITH_JOBS = "SELECT j.clip FROM jobs j JOIN steps s ON s.job = j.id WHERE s.state <> 'withdrawn'"
_PLANNED = (
    "SELECT id FROM clips WHERE parent = '' AND NOT superseded "
    "AND id NOT IN (SELECT clip FROM backlog WHERE annotator = '')"
)
_LOST_ONE = "id IN (SELECT j.clip FROM jobs j JOIN steps s ON s.job = j.id WHERE s.state = 'withdrawn')"
_HAS_NONE = f"id NOT IN ({WITH_JOBS})"


def followed(pipeline: Pipeline) -> list[Change]:
    """The rows by which a ledger was last used with that pipeline, all of its rules followed."""
    document = pipeline_document(pipeline)
    return [put_stored(ENGINE, PIPELINE_KEY, document), drop_stored(ENGINE, HALF_KEY)]


def _keyed(route: Mapping[str, Any], turns: Turns) -> dict[str, Any]:
    return {**route, "key": turns.key(route["id"])}


@dataclass(slots=True)
class Replanning:
    """Has clips follow the planner's routing, those known to the ledger and those on the board."""

    planner: Planner
    board: Board
    ledger: Ledger
    clip_rows: trio.Lock

    async def follow(self, before: Mapping[str, Any], pipeline: Pipeline, *, unrouted: bool) -> Replanned:
        """From the rules of that pipeline document to those of the pipeline; durable when it returns.

        Clips that lost a job may have it again; with `unrouted`, clips that have none may get some. Until the rows of
        `followed` are written it can be done again, to these rules or others, those of before among them.
        """
        after = pipeline_document(pipeline)["routes"]
        turns = await self._turns()
        half = await LedgerStore(self.ledger, ENGINE).get(HALF_KEY, [])
        half = half or [_keyed(route, turns) for route in before["routes"]]
        told: dict[str, list[Mapping[str, Any]]] = {}
        for route in half:
            told.setdefault(route["key"], []).append(route)
        turns = turns.followed_by(after)
        # Before any job follows them: who undoes the edit after a crash must know of them.
        half += [route for each in after if (route := _keyed(each, turns)) not in half]
        await self.adopt(pipeline, put_stored(ENGINE, HALF_KEY, half))
        names = dict.fromkeys(
            job.clip
            for job in self.board.jobs.values()
            if any(unstarted(step) for step in self.board.steps_of(job.id))
        )
        names |= dict.fromkeys(
            await self._without(f"({_LOST_ONE} OR {_HAS_NONE})" if unrouted else _LOST_ONE)
        )
        done = Replanned()
        left = iter(names)
        while batch := list(islice(left, MOST)):
            done += await self._batch(batch, told)
        return done

    async def adopt(self, pipeline: Pipeline, *changes: Change) -> None:
        """Plan by these rules from now on; the changes are durable, what their steps are, and the turns of names."""
        stored = await LedgerStore(self.ledger, ENGINE).get(STEPS_KEY, {})
        ways = Ways(stored).with_steps_of(pipeline.routes)
        before = await self._turns()
        turns = before.followed_by(pipeline_document(pipeline)["routes"])
        kept = [put_stored(ENGINE, STEPS_KEY, ways.steps)] if ways.steps != stored else []
        kept += [put_stored(ENGINE, TURNS_KEY, turns.stored)] if turns != before else []
        if kept or changes:
            await self.ledger.write([*kept, *changes])
        async with self.clip_rows:
            self.planner.adopt(Routing(pipeline.routes, turns, first=pipeline.match == "first"), ways)

    async def _turns(self) -> Turns:
        return Turns(**await LedgerStore(self.ledger, ENGINE).get(TURNS_KEY, {}))

    async def _without(self, jobs: str) -> Sequence[str]:
        """Clips that are so without `jobs` and that some route takes: the first that hits takes."""
        hits = rules.hits(self.planner.routing.routes)
        if not hits:
            return ()
        await self.ledger.write([])  # what was decided last is to be seen
        return [
            name for (name,) in await self.ledger.query(f"{_PLANNED} AND {jobs} AND ({' OR '.join(hits)})")
        ]

    async def _batch(
        self, names: Sequence[str], before: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> Replanned:
        # Held from reading to deciding, as whoever plans does.
        async with self.clip_rows:
            await self.ledger.write(self.board.take_changes())
            held = {name: {job.id for job in self.board.jobs_of(name)} for name in names}
            rows, matches, began = await self.ledger.read(lambda query: self._look(query, names, held))
            done = Replanned()
            rules_ = OtherRules(self.planner, self.board)
            for row in rows:
                clip = self._newest(read_clip(row))
                # What has come to its end since it was looked at is not on the board any more.
                over = held[clip.id] - {job.id for job in self.board.jobs_of(clip.id)}
                free = clip.id not in began and not over and self._unstarted(clip.id)
                done += rules_.follow(clip, matches, before, free=free)
            await self.ledger.write([*self.board.take_changes(), *done.changes])
        return done.numbers

    def _look(self, query: Query, names: Sequence[str], held: Mapping[str, Collection[str]]) -> Any:
        where, values = among("id", names)
        rows = query(f"SELECT * FROM clips WHERE {where} AND NOT superseded", values)  # noqa: S608 - our own
        # The board tells of those that it holds.
        ours = sorted(job for jobs in held.values() for job in jobs)
        mine, jobs = among("j.id", ours)
        where, values = among("j.clip", names)
        began = query(f"{WITH_JOBS} AND {where} AND NOT {mine}", [*values, *jobs])
        return rows, self.planner.matches(query, rows), {clip for (clip,) in began}

    def _newest(self, clip: Clip) -> Clip:
        """The ledger does not follow growth."""
        here = self.board.clips.get(clip.id)
        return here if here is not None and not here.complete else clip

    def _unstarted(self, clip: str) -> bool:
        jobs = self.board.jobs_of(clip)
        return all(unstarted(step) for job in jobs for step in self.board.steps_of(job.id))
