"""The index of unfinished work: filled from the ledger at start, then by facts; the database is never polled.

Pure and synchronous: it decides what may run next and what each command of a person makes of a step; the
rows that follow from a change are returned by `take_changes`, for the ledger.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rushes.engine.clock import Clock
from rushes.engine.inherit import inherited
from rushes.engine.place import Order, order, place_of
from rushes.ledger.rows import (
    COMPLETE,
    NEWS,
    ROUTE,
    SOURCE,
    Job,
    Place,
    Step,
    drop_step,
    put_clip,
    put_job,
    put_step,
)
from rushes.ledger.write import Change
from rushes.model import WORK, Clip, Role, StepState

#: A step whose process died with it this often in a row is parked.
MOST_DEATHS = 3
#: From this many deaths on a step is a suspect: suspects run one at a time, late after the start.
SUSPECT_DEATHS = MOST_DEATHS - 1

_FINAL = frozenset({StepState.DONE, StepState.CANCELLED, StepState.WITHDRAWN})
#: Of the steps of a job the liveliest counts.
STATES_IN_ORDER = (
    StepState.RUNNING, StepState.READY, StepState.WAITING, StepState.PARKED, StepState.CANCELLED,
    StepState.WITHDRAWN, StepState.DONE,
)  # fmt: skip

#: Why a step waits whose clip is not complete: a person need do nothing about it.
RECORDING = "still being recorded"
BEING_MADE = "its file is still being made"
TOO_EARLY = frozenset({RECORDING, BEING_MADE})

_Entry = tuple[Order, str]


class Board:
    """All unfinished jobs with their steps and clips."""

    def __init__(
        self,
        clock: Clock,
        *,
        on_ready: Callable[[str], None] = lambda _component: None,
        present: Callable[[str], bool] = lambda _volume: True,
        on_taken: Callable[[str], None] = lambda _step: None,
        live: Callable[[str], bool] = lambda _component: False,
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
        self._growing: dict[str, list[_Entry]] = {}
        self._asleep: dict[str, list[str]] = {}
        self._suspects: list[str] = []
        self._timers: list[tuple[float, str]] = []
        self._changes: list[Change] = []
        self._clock = clock
        self._on_ready = on_ready
        self._present = present
        self._on_taken = on_taken
        self._live = live

    # -- filling -------------------------------------------------------------------------------------------

    def load(self, job: Job, steps: Iterable[Step], clips: Iterable[Clip]) -> None:
        """Take over a job as the ledger has it."""
        self._hold(job, clips)
        for step in steps:
            self._keep(step)

    def _hold(self, job: Job, clips: Iterable[Clip]) -> None:
        self.jobs[job.id] = job
        self._of_clip.setdefault(job.clip, set()).add(job.id)
        for clip in clips:
            here = self.clips.get(clip.id)
            if here is None or clip.complete or here.revision != clip.revision:
                self.clips[clip.id] = clip  # else what is here is newer: the ledger does not follow growth

    def add(self, job: Job, steps: Iterable[Step], clips: Iterable[Clip]) -> None:
        """A new job."""
        self._changes.append(replace(put_job(job), new=True))
        self._hold(job, clips)
        for step in steps:
            self.put(step)

    def put(self, step: Step) -> Step:
        """A step as it is from now on; the job is settled when it was the last.

        A ready one waits while its clip is recorded or made, unless its component follows growing clips.
        """
        before = self.steps.get(step.id)
        if step.state is StepState.WAITING or (
            # How long it was to wait yet counts when its job is opened once more.
            step.state is StepState.WITHDRAWN and step.waits_for == ROUTE
        ):
            step = replace(step, changed=self._clock())
        else:
            step = replace(step, changed=self._clock(), until=0.0, waits_for="")
        if step.state is StepState.READY and (reason := self.too_early(step)):
            step = replace(step, state=StepState.WAITING, reason=reason)
        self._changes.append(replace(put_step(step), new=before is None))
        self._keep(step)
        if before is not None and before.state is StepState.RUNNING and step.state is not StepState.RUNNING:
            self._stop_followers(step)
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
        """The same recording under another inode or mtime, or longer, or complete: work must look for that."""
        before = self.clips.get(clip.id)
        if before is None:
            return
        self.clips[clip.id] = clip
        if clip.complete and not before.complete:
            # What is ready to follow it takes a slot from now on, as any other step.
            self._requeue([step.id for step in self.steps.values() if step.clip == clip.id])

    def too_early(self, step: Step) -> str:
        """Why a step may not start on its clip yet, "" when it may."""
        clip = self.clips[step.clip]
        if clip.complete:
            return ""
        if not clip.parent:
            return "" if self._live(step.component) else RECORDING
        maker = self.steps.get(step.maker)
        made = maker is not None and maker.state is StepState.RUNNING
        return "" if made and self._live(step.component) else BEING_MADE

    def _stop_followers(self, maker: Step) -> None:
        """Its maker has stopped: a file that is not complete does not grow any more, it will be made again."""
        for step in list(self.steps_of(maker.job)):
            live = step.state in {StepState.READY, StepState.RUNNING}
            if step.maker == maker.id and live and not self.clips[step.clip].complete:
                self.decide(replace(step, state=StepState.WAITING, reason=BEING_MADE))

    def completed(self, clip: Clip) -> list[Step]:
        """The clip is complete and annotated: what waited for that, or for what is said of it, may start.

        What is said of it is said of the files that were made of it. Where it is broken, what has not begun is parked
        and returned.
        """
        before = self.clips.get(clip.id, clip)
        self.seen_again(clip)
        problem = str(clip.meta.get("problem", ""))
        unfinished = [step for job in self.jobs_of(clip.id) for step in self.steps_of(job.id)]
        steps = [step for step in unfinished if step.clip == clip.id]
        if problem:
            parked = [
                replace(step, state=StepState.PARKED, reason=problem) for step in steps if unstarted(step)
            ]
            return [self.put(step) for step in parked]
        for name in {step.clip for step in unfinished} - {clip.id}:
            made = self.clips[name]
            if (now := inherited(made, before, clip)) is not made:
                self.clips[name] = now
                self._changes.append(put_clip(now))
        for step in unfinished:
            awaited = step.waits_for == NEWS
            if step.clip == clip.id:
                awaited = awaited or step.reason == RECORDING or step.waits_for == COMPLETE
            if step.state is StepState.WAITING and awaited:
                self.put(replace(step, state=StepState.READY, reason=""))
        return []

    def waiting_for_recordings(self) -> list[Step]:
        """The steps that wait until their clip is complete."""
        return [
            step
            for step in self.steps.values()
            if step.state is StepState.WAITING and (step.reason == RECORDING or step.waits_for == COMPLETE)
        ]

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

    def remake(self, job: Job, steps: Sequence[Step]) -> None:
        """A job of which nothing has begun begins otherwise: with these steps, and with none that it had."""
        self.jobs[job.id] = job
        self._changes.append(put_job(job))
        names = [step.id for step in steps]
        for name in set(self._of_job[job.id]).difference(names):
            del self.steps[name]
            self._changes.append(drop_step(name))
        self._of_job[job.id] = [name for name in self._of_job[job.id] if name in names]
        for step in steps:
            self.put(step)

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
        return order(self.place_of(step)), step.id

    def _enqueue(self, step: Step) -> None:
        heaps = self._heaps if self.clips[step.clip].complete else self._growing
        heapq.heappush(heaps.setdefault(step.component, []), self._entry(step))
        self._on_ready(step.component)

    def next(self, component: str, *, growing: bool = False) -> Step | None:
        """The most urgent ready step of a component whose media is there; None when there is none.

        Those of clips that are `growing` stand in a line of their own.
        """
        heap = (self._growing if growing else self._heaps).get(component, [])
        while heap:
            entry = heapq.heappop(heap)
            step = self.steps.get(entry[-1])
            if step is None or step.state is not StepState.READY or entry != self._entry(step):
                continue
            if step.component != component:  # its job goes another way by now
                continue
            if step.id in self._unwinding or growing is self.clips[step.clip].complete:
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
        return bool(self._running) or any(self._may_run(step, usable) for step in self.steps.values())

    def _may_run(self, step: Step, usable: Callable[[str], bool]) -> bool:
        if step.state is StepState.WAITING:
            # Where its source has told all it knows, nothing will come of waiting.
            return step.until > 0 and step.waits_for != SOURCE
        there = self.clips[step.clip].volume not in self.absent
        return step.state is StepState.READY and there and usable(step.component)

    # -- volumes and time ----------------------------------------------------------------------------------

    def needed_volumes(self) -> set[str]:
        """The volumes with media that work is ready for."""
        ready = (step for step in self.steps.values() if step.state is StepState.READY)
        return {self.clips[step.clip].volume for step in ready} - {WORK}

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
            self.put(replace(self.steps[name], state=StepState.READY, reason=""))

    def set_back(self, seconds: float) -> None:
        """The wall clock was set back by so much: what waits for a time waits no longer for that."""
        for step in list(self.steps.values()):
            if step.state is StepState.WAITING and step.until:
                self.put(replace(step, until=step.until - seconds))

    def waiting_for(self, component: str, until: str) -> list[Step]:
        """The steps that the component had wait for `until`."""
        return [
            step
            for step in self.steps.values()
            if step.state is StepState.WAITING and (step.component, step.waits_for) == (component, until)
        ]

    def wake(self, waiting: Iterable[Step]) -> None:
        """Make ready what still waits as it did."""
        for step in waiting:
            if self.steps.get(step.id) is step:
                self.put(replace(step, state=StepState.READY, reason=""))

    # -- asking --------------------------------------------------------------------------------------------

    def steps_of(self, job: str) -> Iterator[Step]:
        """The steps of a job, in the order they were made."""
        return (self.steps[name] for name in self._of_job.get(job, ()))

    def place_of(self, step: Step) -> Place:
        """Where the step stands in the queue."""
        return place_of(self.jobs[step.job], proxy=self.clips[step.clip].role is Role.PROXY)

    def jobs_of(self, clip: str) -> list[Job]:
        """The unfinished jobs of a clip."""
        return [self.jobs[name] for name in sorted(self._of_clip.get(clip, ()))]

    @property
    def lines(self) -> Collection[str]:
        """The components for which work was ready."""
        return self._heaps.keys() | self._growing.keys()

    def cards(self) -> Mapping[str, str]:
        """What people call the absent volumes that work is ready for, by volume."""
        if not self.absent:
            return {}
        return {
            volume: next((clip.card for clip in self.clips.values() if clip.volume == volume), "") or volume
            for volume in self.absent & self.needed_volumes()
        }

    def reprioritise(self, job: Job) -> None:
        """The job's place in the queue has changed."""
        self.jobs[job.id] = job
        self._changes.append(put_job(job))
        self._requeue(self._of_job.get(job.id, ()))


def unstarted(step: Step) -> bool:
    """Whether nothing was done yet about a job's first step."""
    return (
        step.state in {StepState.READY, StepState.WAITING}
        and not (step.maker or step.attempts or step.in_doubt)
        and step.head is None
    )


def state_of(states: Iterable[StepState]) -> StepState:
    """A job's state, derived from its steps: the liveliest wins."""
    present = set(states)
    return next((state for state in STATES_IN_ORDER if state in present), StepState.DONE)
