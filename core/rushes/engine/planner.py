"""Planning: every route's rule over a whole batch of clips in one query; jobs for what matches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rushes import rules
from rushes.config.pipeline import Route
from rushes.engine.board import Board, unstarted
from rushes.engine.clock import Clock
from rushes.engine.ids import job_id, step_id
from rushes.engine.journal import Journal
from rushes.engine.outputs import follow_up
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import Job, Step
from rushes.ledger.schema import CLIPS
from rushes.ledger.write import Change, parameters
from rushes.model import Clip, StepState


@dataclass(frozen=True, slots=True)
class Matches:
    """By clip, the routes whose rule holds; the ids of all jobs these clips ever had, but for the `withdrawn`."""

    routes: Mapping[str, Sequence[Route]]
    known: frozenset[str]
    withdrawn: frozenset[str]


MANUAL = "manual route: release it to start"


class Planner:
    """Turns annotated clips into jobs."""

    def __init__(
        self,
        routes: Sequence[Route],
        board: Board,
        journal: Journal,
        clock: Clock,
        *,
        auto: Callable[[str], bool | None],
    ) -> None:
        """`auto` is what a person said of a route, None where they said nothing: then the file counts."""
        self._auto = auto
        self._routes = routes
        self._board = board
        self._journal = journal
        self._clock = clock

    def matches(self, query: Query, rows: Sequence[Sequence[Any]]) -> Matches:
        """What the rules make of clips by these rows, whether or not the ledger has them so already."""
        routes = matching(query, self._routes, rows)
        where, values = among("clip", routes)
        jobs = query(f"SELECT id, over FROM jobs WHERE {where}", values) if values else ()  # noqa: S608 - our own
        # A job is withdrawn as a whole: its first step tells.
        where, values = among("id", [step_id(name, 1) for name, over in jobs if over])
        rows = query(f"SELECT job FROM steps WHERE {where} AND state = 'withdrawn'", values) if values else ()  # noqa: S608 - our own
        withdrawn = frozenset(name for (name,) in rows)
        known = frozenset(name for name, _ in jobs) - withdrawn
        return Matches(routes, known, withdrawn)

    def plan(self, clips: Sequence[Clip], matches: Matches, *, again: bool = False) -> list[Change]:
        """Open the jobs of newly matching routes, withdraw those not started that match no more.

        A job that was withdrawn is opened once more where its route matches again. That a clip matches nothing is
        told of one that is planned for the first time, not of one that is planned `again`.

        Returns the rows of jobs and their first steps: write them together with the clips.
        """
        changes: list[Change] = []
        for clip in clips:
            # A growing clip is planned for live routes now, for the others when it is complete.
            wanted = [route for route in matches.routes.get(clip.id, ()) if clip.complete or route.live]
            for route in wanted:
                changes += self._open(clip, route, matches)
            changes += self._withdraw(clip, {route.id for route in wanted})
            if clip.complete:
                changes += self._parked(clip, self._board.completed(clip))
            if clip.complete and not wanted and not again:
                changes.append(self._journal.event("clip.unrouted", clip=clip.id))
        return [*self._board.take_changes(), *changes]

    def _open(self, clip: Clip, route: Route, matches: Matches) -> list[Change]:
        name = job_id(clip.id, clip.revision, route.id)
        if name in matches.known or name in self._board.jobs:
            return []
        job = Job(
            id=name,
            clip=clip.id,
            revision=clip.revision,
            route=route.id,
            steps=[step.id for step in route.steps],
            sinks=list(route.to),
            priority=route.priority if isinstance(route.priority, int) else 0,
            wishes={sink: wishes.model_dump(mode="json") for sink, wishes in route.wishes.items()},
            created=self._clock(),
        )
        said = self._auto(route.id)
        auto = route.auto if said is None else said
        return self.open_job(job, clip, auto=auto, withdrawn=name in matches.withdrawn)

    def open_job(self, job: Job, clip: Clip, *, auto: bool = True, withdrawn: bool = False) -> list[Change]:
        """Put a job on the board; broken media is parked at once, a manual route waits for a person.

        The job is new, or one that was `withdrawn`.
        """
        steps = follow_up(job, "", 0, {0: clip})
        problem = str(clip.meta.get("problem", ""))
        if problem:
            steps = [replace(step, state=StepState.PARKED, reason=problem) for step in steps]
        elif not auto:
            steps = [replace(step, state=StepState.WAITING, reason=MANUAL) for step in steps]
        if withdrawn:
            self._board.reopen(job, [replace(step, state=StepState.WITHDRAWN) for step in steps], [clip])
            for step in steps:
                self._board.put(step)
        else:
            self._board.add(job, steps, [clip])
        changes: list[Change] = [
            self._journal.event("job.planned", clip=clip.id, job=job.id, route=job.route)
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

    def _withdraw(self, clip: Clip, wanted: set[str]) -> list[Change]:
        changes: list[Change] = []
        routes = {route.id for route in self._routes}
        for job in self._board.jobs_of(clip.id):
            steps = list(self._board.steps_of(job.id))
            if job.route in wanted or job.route not in routes or not all(unstarted(step) for step in steps):
                continue
            reason = f"no longer matches route {job.route}"
            for step in steps:
                self._board.put(replace(step, state=StepState.WITHDRAWN, reason=reason))
            changes.append(self._journal.event("job.withdrawn", clip=clip.id, job=job.id, reason=reason))
        return changes


def matching(
    query: Query, routes: Sequence[Route], rows: Sequence[Sequence[Any]]
) -> Mapping[str, list[Route]]:
    """By clip that matches any, the routes it matches, in the file's order: one query over the rows of all clips."""
    if not routes or not rows:
        return {}
    predicates = ", ".join(rules.predicate(route.when) for route in routes)
    # Of the forty columns of a clip, rules name a few: each one more costs DuckDB 0.1 ms.
    named = CLIPS.only({"id"}.union(*(rules.referenced(route.when) for route in routes)))
    places = [CLIPS.names.index(name) for name in named.names]
    hits = query(
        f"SELECT id, {predicates} FROM ({named.values}) AS clips",  # noqa: S608 - rules are checked when read
        parameters(named, [tuple(row[place] for place in places) for row in rows]),
    )
    return {
        name: [route for route, hit in zip(routes, hit_by, strict=True) if hit]
        for name, *hit_by in hits
        if any(hit_by)
    }
