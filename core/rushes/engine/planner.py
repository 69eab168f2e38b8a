"""Planning: jobs for the clips that routes take, withdrawn or changed where what is known of a clip changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rushes.config.pipeline import Route, Wait
from rushes.engine.board import Board, unstarted
from rushes.engine.clock import Clock
from rushes.engine.ids import job_id
from rushes.engine.journal import Journal
from rushes.engine.last_rules import route_document
from rushes.engine.matches import Matches, find_matches
from rushes.engine.outputs import follow_up
from rushes.engine.queue import HELD
from rushes.engine.routing import Routing, Taken
from rushes.engine.ways import Ways
from rushes.ledger import Query
from rushes.ledger.rows import NEWS, ROUTE, Job, Step
from rushes.ledger.write import Change
from rushes.model import Clip, StepState


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


MANUAL = "manual route: release it to start"


class Planner:
    """Turns annotated clips into jobs; by other routes from when `adopt` has said so."""

    def __init__(
        self,
        routing: Routing,
        board: Board,
        journal: Journal,
        clock: Clock,
        *,
        auto: Callable[[str], bool | None],
    ) -> None:
        """`auto` is what a person said of a route, None where they said nothing: then the file counts."""
        self._auto = auto
        self.routing = routing
        self._ways = Ways().with_steps_of(routing.routes)
        self._board = board
        self._journal = journal
        self._clock = clock

    def adopt(self, routing: Routing, ways: Ways) -> None:
        """Plan by this routing; `ways` have its steps and those of all jobs."""
        self.routing, self._ways = routing, ways

    def matches(
        self, query: Query, rows: Sequence[Sequence[Any]], stored: Mapping[str, Sequence[Any]] | None = None
    ) -> Matches:
        """What the rules make of clips by these rows, whether or not the ledger has them so already.

        Clips that are planned for news of them come with their rows as `stored` before, by id.
        """
        return find_matches(query, self.routing, self._ways, rows, stored)

    def plan(self, clips: Sequence[Clip], matches: Matches, *, again: bool = False) -> list[Change]:
        """Open the jobs of routes that newly take a clip, withdraw those not started whose route does no more.

        A job that was withdrawn is opened once more where its route takes the clip again. Where a clip has other jobs,
        news of it open no route that took it before them: its rules came after the clip (see `replan`). Nor does a clip
        go the ways again that it went by a route which is not in the file any more. Of the others the priority
        follows what is known of the clip, and they go where what their route waits for has come. That no route takes
        a clip is told of one that is planned for the first time, not of one that is planned `again`.

        Returns the rows of jobs and their first steps: write them together with the clips.
        """
        changes: list[Change] = []
        for clip in clips:
            # A growing clip is planned for live routes now, for the others when it is complete.
            found = matches.routes.get(clip.id, ())
            wanted = [taken for taken in found if clip.complete or taken.route.live]
            for taken in wanted:
                changes += self._open(clip, taken, matches)
            changes += self._withdraw(clip, [taken.route for taken in wanted])
            if clip.complete:
                changes += self._parked(clip, self._board.completed(clip))
            if clip.complete and not wanted and not again:
                changes.append(self._journal.event("clip.unrouted", clip=clip.id))
        return [*self._board.take_changes(), *changes]

    def _open(
        self,
        clip: Clip,
        taken: Taken,
        matches: Matches,
        withdrawn: Collection[str] = (),
        *,
        anyhow: bool = False,
    ) -> list[Change]:
        """`withdrawn` are jobs that were just withdrawn, too; for `anyhow` see `_left`."""
        route = taken.route
        name = job_id(clip.id, clip.revision, route.id)
        if name in self._board.jobs:
            self._follow(name, taken)
            return []
        sinks = self._left(clip, route, matches, withdrawn, anyhow=anyhow)
        if name in matches.known or route.id in matches.before.get(clip.id, ()) or not sinks:
            return []
        job = _to_go(
            Job(
                id=name, clip=clip.id, revision=clip.revision, route=route.id, steps=(), sinks=(),
                created=self._clock(),
            ),
            taken,
            sinks,
        )  # fmt: skip
        until = matches.withdrawn.get(name)
        steps = self._begin(job, clip, taken, until)
        return self.open_job(job, clip, steps, withdrawn=name in matches.withdrawn)

    def _left(
        self,
        clip: Clip,
        route: Route,
        matches: Matches,
        withdrawn: Collection[str] = (),
        *,
        anyhow: bool = False,
    ) -> list[str]:
        """The sinks to which the clip has not gone the same way, or `anyhow`, by a route that is gone."""
        jobs = matches.gone.get(clip.id)
        if not jobs:
            return list(route.to)
        went = {way for name, ways in jobs.items() if name not in withdrawn for way in ways}
        if anyhow:
            reached = {sink for _, sink, _ in went}
            return [sink for sink in route.to if sink not in reached]
        return [sink for sink, way in self._ways.of_route(route).items() if way not in went]

    def _begin(self, job: Job, clip: Clip, taken: Taken, until: float | None = None) -> list[Step]:
        """The first steps of a job, as its route has them begin; `until` is when it would have waited no longer."""
        route, said = taken.route, self._auto(taken.route.id)
        steps = follow_up(job, "", 0, {0: clip})
        if not (route.auto if said is None else said):
            return [replace(step, state=StepState.WAITING, reason=MANUAL) for step in steps]
        if route.wait and taken.waits:
            until = job.created + route.wait.at_most if until is None else until
            return waiting(steps, route.wait, until) if until else steps
        return steps

    def _follow(self, name: str, taken: Taken) -> None:
        """The clip of an unfinished job is known better by now."""
        job = self._board.jobs[name]
        if job.priority != taken.priority:
            self._board.reprioritise(replace(job, priority=taken.priority))
        if not taken.waits:
            self._board.wake([step for step in self._board.steps_of(name) if step.waits_for == ROUTE])

    def open_job(
        self, job: Job, clip: Clip, steps: Sequence[Step] = (), *, withdrawn: bool = False
    ) -> list[Change]:
        """Put a job on the board, with its first steps where they are not simply to go; broken media is parked at once.

        The job is new, or one that was `withdrawn`.
        """
        steps = steps or follow_up(job, "", 0, {0: clip})
        problem = str(clip.meta.get("problem", ""))
        if problem:
            steps = [replace(step, state=StepState.PARKED, reason=problem) for step in steps]
        if withdrawn:
            self._board.reopen(job, [replace(step, state=StepState.WITHDRAWN) for step in steps], [clip])
            for step in steps:
                self._board.put(step)
        else:
            self._board.add(job, steps, [clip])
        waits = [step for step in steps if step.waits_for == ROUTE and not problem][:1]
        told: dict[str, Any] = {}
        if waits:
            told = {"name": clip.filename, "reason": waits[0].reason, "until": waits[0].until}
        changes: list[Change] = [
            self._journal.event("job.planned", clip=clip.id, job=job.id, route=job.route, **told)
        ]
        return [*changes, *(self._parked(clip, steps) if problem else ())]

    def _parked(self, clip: Clip, steps: Sequence[Step]) -> list[Change]:
        return [
            self._journal.event(
                "step.parked",
                clip=clip.id,
                job=step.job,
                step=step.id,
                component=step.component,
                reason=step.reason,
                name=clip.filename,
            )
            for step in steps
        ]

    def _withdraw(self, clip: Clip, takers: Sequence[Route]) -> list[Change]:
        routes = {route.id for route in self.routing.routes}
        wanted = {route.id for route in takers}
        return [
            self._withdrawn(clip, job, self._lost(job.route, takers))
            for job in self._board.jobs_of(clip.id)
            if job.route not in wanted and job.route in routes and self._unstarted(job)
        ]

    def _lost(self, name: str, takers: Sequence[Route]) -> str:
        """Why a job of that route is withdrawn from a clip that these take: a final one keeps it from those below."""
        order = [route.id for route in self.routing.routes]
        told = f"no longer matches route {name}"
        if name not in order:
            return f"{told}, which is not in the file any more"
        ends = (taker.id for taker in takers if taker.final and order.index(taker.id) < order.index(name))
        end = next(ends, "")
        return f"{told}: route {end}, which is final, took the clip" if end else told

    def _withdrawn(self, clip: Clip, job: Job, reason: str) -> Change:
        for step in list(self._board.steps_of(job.id)):
            self._board.put(replace(step, state=StepState.WITHDRAWN, reason=reason))
        return self._journal.event("job.withdrawn", clip=clip.id, job=job.id, reason=reason)

    def _unstarted(self, job: Job) -> bool:
        return all(unstarted(step) for step in self._board.steps_of(job.id))

    # -- other rules ---------------------------------------------------------------------------------------

    def replan(
        self, clip: Clip, matches: Matches, before: Mapping[str, Sequence[Mapping[str, Any]]], *, free: bool
    ) -> Replanned:
        """Have jobs of a clip that have not started follow other rules; write what it returns with the board's rows.

        `before` are, by id of route, its documents by which they may have been planned. A clip that is `free`, of
        which nothing has ever begun, gets jobs of routes that newly take it, and loses those whose route is gone;
        another keeps these, for what is only called otherwise by now must not be sent twice, nor not at all. Any clip
        gets back the job that was withdrawn while its route did not take the clip, but for the sinks to which a route
        that is gone has brought it since, be it in another folder.
        """
        found = matches.routes.get(clip.id, ())
        wanted = {taken.route.id: taken for taken in found if clip.complete or taken.route.live}
        routes = {route.id for route in self.routing.routes}
        changes: list[Change] = []
        opened = changed = 0
        withdrawn: set[str] = set()
        jobs = [job for job in self._board.jobs_of(clip.id) if self._unstarted(job)]
        # First, for what is withdrawn stands in the way of nothing.
        for job in jobs:
            if job.route not in wanted and (job.route in routes or (free and job.route in before)):
                takers = [taken.route for taken in wanted.values()]
                changes.append(self._withdrawn(clip, job, self._lost(job.route, takers)))
                withdrawn.add(job.id)
        for job in jobs:
            if (taken := wanted.get(job.route)) is not None:
                left = self._left(clip, taken.route, matches, withdrawn)
                did = self._changed(clip, job, taken, left, before.get(job.route, ()))
                changes += did
                changed += bool(did)
        for name, taken in wanted.items():
            job_name = job_id(clip.id, clip.revision, name)
            back = job_name in matches.withdrawn
            if (free or back) and job_name not in self._board.jobs:
                did = self._open(clip, taken, matches, withdrawn, anyhow=True)
                changes += did
                opened += bool(did)
        return Replanned(opened, len(withdrawn), changed, changes)

    def _changed(
        self, clip: Clip, job: Job, taken: Taken, left: Sequence[str], before: Sequence[Mapping[str, Any]]
    ) -> list[Change]:
        """Nothing, or a job that has not started goes other ways, later or earlier than it would have."""
        sinks = [sink for sink in taken.route.to if sink in left or sink in job.sinks]
        after, now = _to_go(job, taken, sinks), route_document(taken.route)
        steps = list(self._board.steps_of(job.id))
        kept = steps[0]
        as_before = before and all(now[key] == then[key] for then in before for key in ("auto", "wait"))
        if not as_before and kept.reason != HELD:
            begin = self._begin(after, clip, taken)
        elif replace(after, priority=job.priority) == job:
            begin = steps
        else:
            if kept.waits_for == NEWS:
                # What was missing for the way it had may not be for this one: it is asked.
                kept = replace(kept, state=StepState.READY, reason="", waits_for="")
            begin = [
                replace(
                    step, state=kept.state, reason=kept.reason, until=kept.until, waits_for=kept.waits_for
                )
                for step in follow_up(after, "", 0, {0: clip})
            ]
        if after == job and list(map(_start, begin)) == list(map(_start, steps)):
            return []
        if list(map(_start, begin)) == list(map(_start, steps)):
            self._board.reprioritise(after)
        else:
            self._board.remake(after, begin)
        return [self._journal.event("job.changed", clip=clip.id, job=job.id, route=job.route)]


def _to_go(job: Job, taken: Taken, sinks: Sequence[str]) -> Job:
    """The job with the steps and the priority that its route has for it, to these of the route's sinks."""
    route = taken.route
    return replace(
        job,
        steps=[step.id for step in route.steps],
        sinks=list(sinks),
        priority=taken.priority,
        wishes={
            sink: wishes.model_dump(mode="json") for sink, wishes in route.wishes.items() if sink in sinks
        },
    )


def _start(step: Step) -> tuple[Any, ...]:
    """What makes a first step another one."""
    return (step.id, step.component, step.verb, step.state, step.reason, step.until, step.waits_for)


def waiting(steps: Sequence[Step], wait: Wait, until: float) -> list[Step]:
    """Steps that wait for what their route waits for; no longer than `until`, in epoch seconds."""
    return [
        replace(
            step, state=StepState.WAITING, reason=f"waiting for {wait.what}", until=until, waits_for=ROUTE
        )
        for step in steps
    ]
