"""What a person may do with the queue: top, hold, release, retry, cancel, move."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from rushes.engine.board import Board
from rushes.engine.place import order, places_before, urgency
from rushes.errors import NotFound
from rushes.ledger import Query
from rushes.ledger.lookup import among
from rushes.ledger.rows import (
    CLIP_COLUMNS,
    NEWS,
    PERSON,
    ROUTE,
    SOURCE,
    Job,
    Step,
    clip_of,
    read_clip,
    read_job,
    read_step,
)
from rushes.model import Clip, StepState

QueueVerb = Literal["top", "hold", "release", "retry", "cancel"]
QUEUE_VERBS: tuple[str, ...] = get_args(QueueVerb)

HELD = "held by a person"
CANCELLED = "cancelled by a person"
REMADE = "its file is being made again"


def is_releasable(step: Step) -> bool:
    """Whether it waits for a person, or for what a person may go without: not for a component, a card or a time."""
    asks = step.waits_for in {PERSON, NEWS, ROUTE, SOURCE}
    return step.state is StepState.WAITING and (step.reason == HELD or asks)


def _clip_with_problem(row: Sequence[Any]) -> Clip:
    *own, problem = row
    return clip_of(own, {"problem": problem} if problem else {})


@dataclass(frozen=True, slots=True)
class LoadedJob:
    """A job with its steps, in the order they were made, and all clips they name."""

    job: Job
    steps: Sequence[Step]
    clips: Mapping[str, Clip]

    @property
    def failed(self) -> bool:
        """Whether a person may have it tried again."""
        return any(step.state in {StepState.PARKED, StepState.CANCELLED} for step in self.steps)


def load_jobs(
    query: Query, where: str, parameters: Sequence[Any] = (), *, meta: bool = True
) -> list[LoadedJob]:
    """The jobs that match `where`, oldest first; where nobody looks at the `meta` of clips, their problem alone."""
    sql = f"SELECT * FROM jobs WHERE {where} ORDER BY created, revision, id"  # noqa: S608 - our own words
    jobs = [read_job(row) for row in query(sql, parameters)]
    steps: dict[str, list[Step]] = {job.id: [] for job in jobs}
    where, names = among("job", steps)
    for row in query(f"SELECT * FROM steps WHERE {where} ORDER BY id", names):  # noqa: S608 - our own words
        step = read_step(row)
        steps[step.job].append(step)
    wanted = {step.clip for each in steps.values() for step in each} | {job.clip for job in jobs}
    where, names = among("id", sorted(wanted))
    columns = "*" if meta else ", ".join((*CLIP_COLUMNS, "problem"))
    rows = query(f"SELECT {columns} FROM clips WHERE {where}", names)  # noqa: S608 - our own words
    clips = {row[0]: read_clip(row) if meta else _clip_with_problem(row) for row in rows}
    return [
        LoadedJob(
            job, steps[job.id], {name: clips[name] for name in {job.clip, *(s.clip for s in steps[job.id])}}
        )
        for job in jobs
    ]


class Queue:
    """Applies a person's verbs to jobs on the board; `has_file` tells whether a clip's file is still there."""

    def __init__(self, board: Board, has_file: Callable[[Clip], bool]) -> None:
        self._board = board
        self._has_file = has_file

    def apply(self, verb: QueueVerb, jobs: Sequence[str]) -> list[str]:
        """Returns the jobs that changed, in the order given."""
        highest = max(map(urgency, self._board.jobs.values()), default=0)
        ranks = {name: highest + rank for rank, name in enumerate(reversed(jobs), start=1)}
        act: Mapping[str, Callable[[str], bool]] = {
            "top": lambda name: self._top(name, ranks[name]),
            "hold": self._hold,
            "release": self._release,
            "retry": self._retry,
            "cancel": self._cancel,
        }
        return [job for job in jobs if job in self._board.jobs and act[verb](job)]

    def _top(self, name: str, rank: int) -> bool:
        self._board.reprioritise(replace(self._board.jobs[name], urgent=rank, place=None))
        return True

    def move(self, jobs: Sequence[str], before: str) -> list[str]:
        """Have these jobs run directly before that one, in the order given; returns those that changed.

        Raises NotFound where nothing is left to be done of that job.
        """
        board = self._board
        if before not in board.jobs:
            raise NotFound(f"job {before} is over; move them before one that waits")
        moved = [name for name in dict.fromkeys(jobs) if name in board.jobs and name != before]
        steps = [step for step in board.steps_of(before) if not step.state.settled]
        places = [board.place_of(step) for step in steps or board.steps_of(before)]
        others = (job.place for job in board.jobs.values() if job.place and job.id not in moved)
        for name, place in zip(moved, places_before(min(places, key=order), others, len(moved)), strict=True):
            board.reprioritise(replace(board.jobs[name], place=place))
        return moved

    def _hold(self, name: str) -> bool:
        return self._each(
            name,
            lambda step: not step.state.settled and step.reason != HELD,
            lambda step: replace(step, state=StepState.WAITING, reason=HELD, until=0.0, waits_for=""),
        )

    def _release(self, name: str) -> bool:
        return self._each(name, lambda step: step.state is StepState.WAITING, _ready)

    def _retry(self, name: str) -> bool:
        wanted = {StepState.PARKED, StepState.CANCELLED}
        failed = [
            step
            for step in self._board.steps_of(name)
            # What waits for its route has not failed: a person releases it.
            if step.state in wanted or (step.until and step.waits_for != ROUTE)
        ]
        for step in failed:
            if self._board.steps[step.id] is step:
                self._again(step)
        return bool(failed)

    def _again(self, step: Step) -> None:
        """Ready once more; where its input is no longer there, what made the input is."""
        if step.maker and not self._has_file(self._board.clips[step.clip]):
            self._again(self._board.steps[step.maker])
            self._board.decide(replace(step, state=StepState.WAITING, reason=REMADE, until=0.0))
        else:
            self._board.decide(_ready(step))

    def _cancel(self, name: str) -> bool:
        return self._each(
            name,
            lambda step: not step.state.settled or step.state is StepState.PARKED,
            lambda step: replace(step, state=StepState.CANCELLED, reason=CANCELLED),
        )

    def _each(self, job: str, wanted: Callable[[Step], bool], change: Callable[[Step], Step]) -> bool:
        chosen = [step for step in self._board.steps_of(job) if wanted(step)]
        for step in chosen:
            self._board.decide(change(step))
        return bool(chosen)


def _ready(step: Step) -> Step:
    return replace(
        step, state=StepState.READY, reason="", attempts=0, faults=0, deaths=0,
        consent=step.consent or step.waits_for in {PERSON, NEWS},
    )  # fmt: skip
