"""Planning: jobs for the clips that routes take, withdrawn or changed where what is known of a clip changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from rushes.config.pipeline import Route
from rushes.engine.beginning import alike, begun_as, starts, to_go, waiting
from rushes.engine.board import Board, unstarted
from rushes.engine.clock import Clock
from rushes.engine.ids import key_of_job
from rushes.engine.journal import Journal
from rushes.engine.matches import Matches, find_matches
from rushes.engine.outputs import follow_up
from rushes.engine.routing import Routing, Taken
from rushes.engine.takeover import Former, Standing
from rushes.engine.ways import Way, Ways
from rushes.ledger import Query
from rushes.ledger.rows import ROUTE, Job, Step
from rushes.ledger.write import Change
from rushes.model import Clip, StepState

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
        news of it open no route that took it before them: its rules came after the clip (see `OtherRules`). Nor does a
        clip go the ways again that it went by a route which is not in the file any more: what of that has not begun is
        taken over. Of the others the priority follows what is known of the clip, and they go where what their route
        waits for has come. That no route takes a clip is told of one that is planned for the first time, not of one
        that is planned `again`.

        Returns the rows of jobs and their first steps: write them together with the clips.
        """
        changes: list[Change] = []
        for clip in clips:
            wanted = self.wanted(clip, matches)
            standing = self.standing(clip, matches)
            for taken in wanted:
                changes += self._news(clip, taken, matches, standing)
            takers = [taken.route for taken in wanted]
            changes += self.give_up(clip, standing, takers)
            changes += self._withdraw(clip, takers)
            if clip.complete:
                changes += self._parked(clip, self._board.completed(clip))
            if clip.complete and not wanted and not again:
                changes.append(self._journal.event("clip.unrouted", clip=clip.id))
        return [*self._board.take_changes(), *changes]

    def wanted(self, clip: Clip, matches: Matches) -> list[Taken]:
        """A growing clip is planned for live routes now, for the others when it is complete."""
        return [taken for taken in matches.routes.get(clip.id, ()) if clip.complete or taken.route.live]

    def standing(self, clip: Clip, matches: Matches) -> Standing:
        """What jobs of routes that are gone stand for; what a person sent by hand stands for nothing."""
        ways = {name: found for name, found in matches.gone.get(clip.id, {}).items() if found}
        jobs = [job for job in self._board.jobs_of(clip.id) if job.id in ways and self.unstarted(job)]
        formers = (
            Former(job, next(self._board.steps_of(job.id)), {way[1]: way for way in ways[job.id]})
            for job in jobs
        )
        return Standing(ways, formers)

    def _news(self, clip: Clip, taken: Taken, matches: Matches, standing: Standing) -> list[Change]:
        route = taken.route
        name = self.routing.job_id(clip.id, clip.revision, route.id)
        if name in self._board.jobs:
            self._follow(name, taken)
            return []
        if name in matches.known or route.id in matches.before.get(clip.id, ()):
            return []
        sinks: Collection[str] = route.to
        if standing:
            ways = self.ways_of(route)
            sinks = {sink for sink, way in ways.items() if standing.give_way(way)} | standing.left(ways)
        return self.open(clip, taken, sinks, matches, standing)

    def ways_of(self, route: Route) -> dict[str, Way]:
        """By sink, in order."""
        return self._ways.of_route(route)

    def open(
        self,
        clip: Clip,
        taken: Taken,
        sinks: Collection[str],
        matches: Matches,
        standing: Standing,
        before: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> list[Change]:
        """A job of the route to these of its sinks, if there are any, in its first states.

        Where a job of a route that is gone, and had not started, went there the same way, it goes on in that one's
        place: in the queue, held as that was, no longer waiting than that would have. `before` are the documents by
        which such jobs may have been planned.
        """
        sinks = [sink for sink in taken.route.to if sink in sinks]
        if not sinks:
            return []
        name = self.routing.job_id(clip.id, clip.revision, taken.route.id)
        former = standing.former(self.ways_of(taken.route), sinks) if standing else None
        job = Job(
            id=name, clip=clip.id, revision=clip.revision, route=taken.route.id, steps=(), sinks=(),
            created=self._clock(),
        )  # fmt: skip
        job = to_go(former.replaced_by(job) if former else job, taken, sinks)
        told = (before or {}).get(key_of_job(former.job.id, former.job.route), ()) if former else ()
        if former and (former.held or alike(taken.route, told)):
            steps = self._go_on(job, clip, taken, former.step)
        else:
            steps = self.begin(job, clip, taken, None if former else matches.withdrawn.get(name))
        return self.open_job(job, clip, steps, withdrawn=name in matches.withdrawn)

    def _go_on(self, job: Job, clip: Clip, taken: Taken, kept: Step) -> list[Step]:
        steps = begun_as(job, clip, kept)
        if kept.waits_for == ROUTE and not taken.waits:
            return [replace(step, state=StepState.READY, reason="") for step in steps]
        return [replace(step, consent=kept.consent) for step in steps]

    def begin(self, job: Job, clip: Clip, taken: Taken, until: float | None = None) -> list[Step]:
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
        wanted = {route.id for route in takers}
        return [
            self.withdraw(clip, job, takers)
            for job in self._board.jobs_of(clip.id)
            if job.route not in wanted and self.routing.has(job.id, job.route) and self.unstarted(job)
        ]

    def give_up(self, clip: Clip, standing: Standing, takers: Sequence[Route]) -> list[Change]:
        """Have jobs do no more what these routes, which take the clip, do in their place."""
        changes: list[Change] = []
        for former, kept in standing.changed():
            job = former.job
            if not kept:
                changes.append(self.withdraw(clip, job, takers))
                continue
            wishes = {sink: wishes for sink, wishes in job.wishes.items() if sink in kept}
            after = replace(job, sinks=kept, wishes=wishes)
            changes.append(self.change(after, begun_as(after, clip, former.step)))
        return changes

    def change(self, job: Job, steps: Sequence[Step]) -> Change:
        """A job of which nothing has begun goes other ways, and begins with these steps."""
        if starts(steps) == starts(self._board.steps_of(job.id)):
            self._board.reprioritise(job)
        else:
            self._board.remake(job, steps)
        return self._journal.event("job.changed", clip=job.clip, job=job.id, route=job.route)

    def withdraw(self, clip: Clip, job: Job, takers: Sequence[Route], reason: str = "") -> Change:
        """Have nothing done of a job of which nothing has begun, of a clip that these routes take."""
        reason = reason or self._lost(job, takers)
        for step in list(self._board.steps_of(job.id)):
            self._board.put(replace(step, state=StepState.WITHDRAWN, reason=reason))
        return self._journal.event("job.withdrawn", clip=clip.id, job=job.id, reason=reason)

    def _lost(self, job: Job, takers: Sequence[Route]) -> str:
        """Why a job of that route is withdrawn from a clip that these take: a final one keeps it from those below."""
        order, name = [route.id for route in self.routing.routes], job.route
        told = f"no longer matches route {name}"
        if name in order and not self.routing.has(job.id, name):
            return f"{told}, which is another by now"
        if name not in order:
            return f"{told}, which is not in the file any more"
        ends = (taker.id for taker in takers if taker.final and order.index(taker.id) < order.index(name))
        end = next(ends, "")
        return f"{told}: route {end}, which is final, took the clip" if end else told

    def unstarted(self, job: Job) -> bool:
        """Whether nothing was done yet about a job on the board."""
        return all(unstarted(step) for step in self._board.steps_of(job.id))
