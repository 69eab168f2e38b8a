"""The index of unfinished work: filled from the ledger at start, then by facts; the database is never polled.

Pure and synchronous: it decides what may run next and what each command of a person makes of a step; the
rows that follow from a change are returned by `take_changes`, for the ledger.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from rushes.engine.clock import Clock
from rushes.ledger.rows import Job, Step, put_job, put_step
from rushes.ledger.write import Change
from rushes.model import WORK, Clip, StepState

#: A step whose process died with it this often in a row is parked.
MOST_DEATHS = 3
#: From this many deaths on a step is a suspect: suspects run one at a time, late after the start.
SUSPECT_DEATHS = MOST_DEATHS - 1

_FINAL = frozenset({StepState.DONE, StepState.CANCELLED, StepState.WITHDRAWN})
_ORDER = (
    StepState.RUNNING, StepState.READY, StepState.WAITING, StepState.PARKED, StepState.CANCELLED,
    StepState.WITHDRAWN, StepState.DONE,
)  # fmt: skip

_Entry = tuple[int, int, float, str]


class Board:
    """All unfinished jobs with their steps and clips."""

    def __init__(
        self,
        clock: Clock,
        *,
        on_ready: Callable[[str], None] = lambda _component: None,
        present: Callable[[str], bool] = lambda _volume: True,
        on_taken: Callable[[str], None] = lambda _step: None,
    ) -> None:
        self.jobs: dict[str, Job] = {}
        self.steps: dict[str, Step] = {}
        self.clips: dict[str, Clip] = {}
        self.absent: set[str] = set()
        #: Jobs that are over, with the names of their steps: their work files can go.
        self.settled_jobs: list[tuple[Job, list[str]]] = []
        self._of_job: dict[str, list[str]] = {}
        self._of_clip: dict[str, set[str]] = {}
        self._running: set[str] = set()
        # Steps taken from a worker that has not come to its end yet: nobody may start them before it has.
        self._unwinding: set[str] = set()
        self._heaps: dict[str, list[_Entry]] = {}
        self._asleep: dict[str, list[str]] = {}
        self._suspects: list[str] = []
        self._timers: list[tuple[float, str]] = []
        self._changes: list[Change] = []
        self._clock = clock
        self._on_ready = on_ready
        self._present = present
        self._on_taken = on_taken

    # -- filling -------------------------------------------------------------------------------------------

    def load(self, job: Job, steps: Iterable[Step], clips: Iterable[Clip]) -> None:
        """Take over a job as the ledger has it."""
        self._hold(job, clips)
        for step in steps:
            self._keep(step)

    def _hold(self, job: Job, clips: Iterable[Clip]) -> None:
        self.jobs[job.id] = job
        self._of_clip.setdefault(job.clip, set()).add(job.id)
        self.clips.update((clip.id, clip) for clip in clips)

    def add(self, job: Job, steps: Iterable[Step], clips: Iterable[Clip]) -> None:
        """A new job."""
        self._changes.append(replace(put_job(job), new=True))
        self._hold(job, clips)
        for step in steps:
            self.put(step)

    def put(self, step: Step) -> Step:
        """A step as it is from now on; the job is settled when it was the last."""
        step = replace(step, changed=self._clock())
        self._changes.append(replace(put_step(step), new=step.id not in self.steps))
        self._keep(step)
        if step.state in _FINAL:
            self._settle(step.job)
        return step

    def decide(self, step: Step) -> None:
        """As `put`, for whoever is not the worker of the step: if it runs, it is stopped."""
        ran = self.steps[step.id].state is StepState.RUNNING
        self.put(step)
        if ran:
            self._unwinding.add(step.id)
            self._on_taken(step.id)

    def unwound(self, name: str) -> None:
        """The worker of a step has come to its end."""
        if name in self._unwinding:
            self._unwinding.discard(name)
            self._requeue([name])

    def seen_again(self, clip: Clip) -> None:
        """The same bytes under another inode or mtime: work must look for those."""
        if clip.id in self.clips:
            self.clips[clip.id] = clip

    def _keep(self, step: Step) -> None:
        before = self.steps.get(step.id)
        self.steps[step.id] = step
        if before is None:
            self._of_job.setdefault(step.job, []).append(step.id)
        if step.state is StepState.RUNNING:
            self._running.add(step.id)
        else:
            self._running.discard(step.id)
        if step.state is StepState.READY:
            self._enqueue(step)
        elif step.state is StepState.WAITING and step.until:
            heapq.heappush(self._timers, (step.until, step.id))
        if before is not None and before.state is StepState.RUNNING and self._suspects:
            self._wake_suspects()

    def reopen(self, job: Job, steps: Iterable[Step], clips: Iterable[Clip]) -> None:
        """A job that was over is to be worked on again."""
        job = replace(job, over=False)
        self._changes.append(put_job(job))
        self.load(job, steps, clips)

    def _settle(self, job_id: str) -> None:
        if all(step.state in _FINAL for step in self.steps_of(job_id)):
            job = replace(self.jobs.pop(job_id), over=True)
            self._changes.append(put_job(job))
            self.settled_jobs.append((job, self._of_job[job_id]))
            siblings = self._of_clip[job.clip]
            siblings.discard(job_id)
            for name in self._of_job.pop(job_id):
                step = self.steps.pop(name)
                if step.clip != job.clip or not siblings:
                    self.clips.pop(step.clip, None)
            if not siblings:
                del self._of_clip[job.clip]

    def take_changes(self) -> list[Change]:
        """The rows of all changes since the last call: write them together."""
        changes, self._changes = self._changes, []
        return changes

    # -- choosing ------------------------------------------------------------------------------------------

    def _entry(self, step: Step) -> _Entry:
        job = self.jobs[step.job]
        return (-job.urgent, -job.priority, job.created, step.id)

    def _enqueue(self, step: Step) -> None:
        heapq.heappush(self._heaps.setdefault(step.component, []), self._entry(step))
        self._on_ready(step.component)

    def next(self, component: str) -> Step | None:
        """The most urgent ready step of a component whose media is there; None when there is none."""
        heap = self._heaps.get(component, [])
        while heap:
            entry = heapq.heappop(heap)
            step = self.steps.get(entry[3])
            if step is None or step.state is not StepState.READY or entry != self._entry(step):
                continue
            if step.id in self._unwinding:
                continue
            volume = self.clips[step.clip].volume
            if volume in self.absent or not (volume == WORK or self._present(volume)):
                self.absent.add(volume)
                self._asleep.setdefault(volume, []).append(step.id)
            elif step.deaths >= SUSPECT_DEATHS and self._suspect_runs():
                self._suspects.append(step.id)
            else:
                return step
        return None

    def _suspect_runs(self) -> bool:
        return any(self.steps[name].deaths >= SUSPECT_DEATHS for name in self._running)

    def _wake_suspects(self) -> None:
        waiting, self._suspects = self._suspects, []
        self._requeue(waiting)

    def runnable(self, usable: Callable[[str], bool]) -> bool:
        """Whether some step runs, waits for a time, or is ready with media and a component that is `usable`."""
        if self._running or self.next_timer() is not None:
            return True
        return any(
            step.state is StepState.READY
            and usable(step.component)
            and self.clips[step.clip].volume not in self.absent
            for step in self.steps.values()
        )

    # -- volumes and time ----------------------------------------------------------------------------------

    def volume_gone(self, volume: str) -> None:
        """Work of this volume sleeps."""
        self.absent.add(volume)

    def volume_back(self, volume: str) -> None:
        """Work of this volume may run again."""
        self.absent.discard(volume)
        self._requeue(self._asleep.pop(volume, []))

    def _requeue(self, names: Iterable[str]) -> None:
        for name in names:
            step = self.steps.get(name)
            if step is not None and step.state is StepState.READY:
                self._enqueue(step)

    def next_timer(self) -> float | None:
        """When the next waiting step becomes ready, in epoch seconds."""
        while self._timers:
            until, name = self._timers[0]
            step = self.steps.get(name)
            if step is not None and step.state is StepState.WAITING and step.until == until:
                return until
            heapq.heappop(self._timers)
        return None

    def wake_due(self) -> None:
        """Make ready what has waited long enough."""
        while (until := self.next_timer()) is not None and until <= self._clock():
            _, name = heapq.heappop(self._timers)
            self.put(replace(self.steps[name], state=StepState.READY, reason="", until=0.0))

    # -- asking --------------------------------------------------------------------------------------------

    def steps_of(self, job: str) -> Iterator[Step]:
        """The steps of a job, in the order they were made."""
        return (self.steps[name] for name in self._of_job.get(job, ()))

    def jobs_of(self, clip: str) -> list[Job]:
        """The unfinished jobs of a clip."""
        return [self.jobs[name] for name in sorted(self._of_clip.get(clip, ()))]

    def reprioritise(self, job: Job) -> None:
        """The job's place in the queue has changed."""
        self.jobs[job.id] = job
        self._changes.append(put_job(job))
        self._requeue(self._of_job.get(job.id, ()))


def state_of(states: Iterable[StepState]) -> StepState:
    """A job's state, derived from its steps: the liveliest wins."""
    present = set(states)
    return next((state for state in _ORDER if state in present), StepState.DONE)
