"""Other rules for one clip: its jobs that have not started follow them, started and finished ones are left alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rushes.engine.beginning import alike, begun_as, starts, to_go
from rushes.engine.board import Board
from rushes.engine.ids import key_of_job
from rushes.engine.matches import Matches
from rushes.engine.planner import Planner
from rushes.engine.queue import HELD
from rushes.engine.routing import Taken
from rushes.engine.takeover import Standing, taken_over
from rushes.ledger.rows import NEWS, Job
from rushes.ledger.write import Change
from rushes.model import Clip, StepState

#: By `route_key`, the documents by which its jobs may have been planned.
Documents = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Replanned:
    """What other rules made of jobs: numbers of them, and the rows besides those of the board."""

    opened: int = 0
    withdrawn: int = 0
    changed: int = 0
    changes: Sequence[Change] = ()

    def __add__(self, other: Replanned) -> Replanned:
        return Replanned(
            self.opened + other.opened,
            self.withdrawn + other.withdrawn,
            self.changed + other.changed,
            (*self.changes, *other.changes),
        )

    @property
    def numbers(self) -> Replanned:
        """Without the rows."""
        return replace(self, changes=())


@dataclass(slots=True)
class OtherRules:
    """Has clips follow the planner's routing, which is another than that by which they were planned."""

    planner: Planner
    board: Board

    def follow(self, clip: Clip, matches: Matches, before: Documents, *, free: bool) -> Replanned:
        """Have jobs of a clip that have not started follow; write what it returns with the board's rows.

        `before` are the documents by which they may have been planned. A clip that is `free`, of which nothing has
        ever begun, gets jobs of routes that newly take it, and loses those whose route is gone. Another keeps these,
        for what is only called otherwise by now must not be sent twice, nor not at all: but where routes take the clip
        now, they take over what has not begun (see `taken_over`). Any clip gets back the job that was withdrawn while
        its route did not take the clip, but for the sinks to which a route that is gone has brought it since, be it in
        another folder.
        """
        wanted = {taken.route.id: taken for taken in self.planner.wanted(clip, matches)}
        routing = self.planner.routing
        takers = [taken.route for taken in wanted.values()]
        standing = self.planner.standing(clip, matches)
        jobs = [job for job in self.board.jobs_of(clip.id) if self.planner.unstarted(job)]
        lost: list[Change] = []
        # First, for what is withdrawn stands in the way of nothing.
        for job in jobs:
            ours = routing.has(job.id, job.route)
            if (job.route not in wanted and ours) or (free and not ours and _key(job) in before):
                lost.append(self.planner.withdraw(clip, job, takers))
                standing.drop(job.id)
        has = {job.route: job for job in jobs if job.route in wanted and routing.has(job.id, job.route)}
        new, back = self._new(clip, wanted, matches, free=free)
        over = taken_over(
            [former.job.sinks for former in standing.holders],
            {
                name: [sink for sink in taken.route.to if name not in has or sink not in has[name].sinks]
                for name, taken in wanted.items()
                if name in has or name in back
            },
            {name: wanted[name].route.to for name in new if name not in back},
        )
        standing.give({sink for sinks in over.values() for sink in sinks})
        less = len(self.board.jobs_of(clip.id))
        given = self.planner.give_up(clip, standing, takers)
        less -= len(self.board.jobs_of(clip.id))
        changed: list[Change] = []
        for name, job in has.items():
            goes = self._goes(job, wanted[name], over.get(name, ()), standing, before)
            if goes:
                changed += self._changed(clip, job, wanted[name], goes, before)
            else:
                reason = f"route {name} goes only where a route that is gone has brought the clip"
                lost.append(self.planner.withdraw(clip, job, takers, reason))
        opened: list[Change] = []
        count = 0
        for name in new:
            sinks = set(over.get(name, ()))
            if name in back:
                sinks |= standing.left(self.planner.ways_of(wanted[name].route), anyhow=True)
            did = self.planner.open(clip, wanted[name], sinks, matches, standing, before)
            opened += did
            count += bool(did)
        return Replanned(
            count, len(lost) + less, len(changed) + len(given) - less, [*lost, *given, *changed, *opened]
        )

    def _new(
        self, clip: Clip, wanted: Mapping[str, Taken], matches: Matches, *, free: bool
    ) -> tuple[Collection[str], Collection[str]]:
        """The routes of which the clip has no job, and those of them of which it may get one by itself."""
        jobs = {name: self.planner.routing.job_id(clip.id, clip.revision, name) for name in wanted}
        new = [name for name, job in jobs.items() if job not in self.board.jobs and job not in matches.known]
        return new, {name for name in new if free or jobs[name] in matches.withdrawn}

    def _goes(
        self, job: Job, taken: Taken, over: Collection[str], standing: Standing, before: Documents
    ) -> list[str]:
        """Of its route's sinks those to which a job that has not started goes.

        Where it went; what it takes `over` from jobs whose routes are gone; what is new in its route, but for sinks to
        which one of those jobs goes. What it was not to go to before, it is not now.
        """
        went = [{to["sink"] for to in told["to"]} for told in before.get(_key(job), ())]
        new = set(taken.route.to).difference(set.intersection(*went) if went else ())
        left = standing.left(self.planner.ways_of(taken.route), anyhow=True)
        return [sink for sink in taken.route.to if sink in {*over, *job.sinks, *(new & left)}]

    def _changed(
        self, clip: Clip, job: Job, taken: Taken, sinks: Sequence[str], before: Documents
    ) -> list[Change]:
        """Nothing, or a job that has not started goes other ways, later or earlier than it would have."""
        after = to_go(job, taken, sinks)
        steps = list(self.board.steps_of(job.id))
        kept = steps[0]
        if not alike(taken.route, before.get(_key(job), ())) and kept.reason != HELD:
            begin = self.planner.begin(after, clip, taken)
        elif replace(after, priority=job.priority) == job:
            begin = steps
        else:
            if kept.waits_for == NEWS:
                # What was missing for the way it had may not be for this one: it is asked.
                kept = replace(kept, state=StepState.READY, reason="", waits_for="")
            begin = begun_as(after, clip, kept)
        if after == job and starts(begin) == starts(steps):
            return []
        return [self.planner.change(after, begin)]


def _key(job: Job) -> str:
    return key_of_job(job.id, job.route)
