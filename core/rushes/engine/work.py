"""One step from ready to its outcome, whatever that is; and what the outcome makes of the job."""

from __future__ import annotations

import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import trio

from rushes.contract import Options
from rushes.engine.board import Board
from rushes.engine.clock import Clock
from rushes.engine.context import current
from rushes.engine.growth import Growth
from rushes.engine.host import NOT_OURS, only_cause
from rushes.engine.inherit import inherited
from rushes.engine.journal import Journal
from rushes.engine.outputs import Outputs
from rushes.engine.pulse import Pulse
from rushes.engine.report import StepReport
from rushes.engine.running import RATE_WINDOW_S, Running
from rushes.engine.speed import Speed
from rushes.errors import Changed, MediaGone, NotYet, Permanent, RushesError, Transient, Unavailable, in_words
from rushes.ledger import Ledger
from rushes.ledger.rows import COMPLETE, NEWS, PERSON, SOURCE, Step, drop_parts, put_clip
from rushes.ledger.write import Change
from rushes.model import Clip, Order, Receipt, Resume, StepState
from rushes.retry import Backoff

#: Failures blamed on the clip before its step is parked.
MOST_FAULTS = 5
#: Waiting steps that are woken in one go: 50,000 would hold everything else up for two seconds.
WAKE_BATCH = 1_000
#: How often it is looked whether recordings that work waits for are still there.
RECORDING_POLL_S = 10.0


class Worker:
    """Runs steps on open components and writes what came of them."""

    def __init__(
        self,
        board: Board,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        draining: trio.Event,
        pulse: Pulse,
        wishes: Callable[[str, Mapping[str, Any] | None], Options | None],
    ) -> None:
        self._wishes = wishes
        self.running: dict[str, Running] = {}
        #: How far deliveries were that rest now, in bytes: they go on from there.
        self._rested: dict[str, float] = {}
        #: How fast each component works, all its steps together.
        self.pace: dict[str, Speed] = defaultdict(lambda: Speed(RATE_WINDOW_S))
        #: Set while the last run did not end in order: then a start is durable before the work begins, so that
        #: a step that kills the process again and again is found out.
        self.careful = False
        self._board = board
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._draining = draining
        self._pulse = pulse
        self._backoff = Backoff(first=1.0, cap=60.0)
        self.growth = Growth(board, draining, pulse)
        self._outputs = Outputs(board, ledger, journal, self.growth)

    async def load(self) -> None:
        """What the last run had sent of deliveries that go on."""
        sent = await self._ledger.query("SELECT step, max(sent) FROM parts GROUP BY step")
        for name, there in sent:
            step = self._board.steps.get(name)
            if there and step is not None and self._board.clips[step.clip].complete:
                self._rested[name] = float(there)

    def claim(self, step: Step) -> Running:
        """Take a ready step: it is running from now on."""
        job = self._board.jobs[step.job]
        order = Order(route=job.route, planned_at=job.created, consent=step.consent)
        pace = self.pace[step.component]
        pace.begin()
        running = Running(
            step.id,
            step.component,
            step.verb,
            order,
            lambda text: self._note(step, text),
            self._outputs,
            pace,
        )
        running.growing = not self._board.clips[step.clip].complete
        running.done = self._rested.pop(step.id, 0.0)
        self.running[step.id] = running
        self._board.put(replace(step, state=StepState.RUNNING, reason=""))
        return running

    def _note(self, step: Step, text: str) -> None:
        self._ledger.post([self._event("step.note", step, text=text)])

    async def wake(self, component: str, until: str) -> None:
        """What steps of a component waited for, or are about to, has come about."""
        for running in self.running.values():
            if running.component == component:
                running.woken.add(until)
        waiting = self._board.waiting_for(component, until)
        with trio.CancelScope(shield=True):
            for start in range(0, len(waiting), WAKE_BATCH):
                self._board.wake(waiting[start : start + WAKE_BATCH])
                self._ledger.post(self._board.take_changes())
                self._pulse.beat()
                await trio.lowlevel.checkpoint()

    def wake_due(self) -> None:
        """Make ready what has waited long enough; people see it at once, though its component may be away."""
        self._board.wake_due()
        if changes := self._board.take_changes():
            self._ledger.post(changes)

    def stop(self, step: str) -> None:
        """Cancel a step's work; its state is whoever's who asks, else it is ready again."""
        if running := self.running.get(step):
            running.scope.cancel()

    def stop_all(self, component: str) -> None:
        """Cancel all deliveries of a component; they are ready again, their finished parts kept."""
        for running in self.running.values():
            if (running.component, running.verb) == (component, "deliver"):
                running.scope.cancel()

    def stopping(self, step: str) -> bool:
        """Whether the step's work is on its way out."""
        return step in self.running and self.running[step].scope.cancel_called

    @property
    def rested(self) -> Mapping[str, float]:
        """Bytes that were sent of deliveries which rest now and will go on, by step."""
        for name in list(self._rested):
            step = self._board.steps.get(name)
            if step is None or step.state not in {StepState.READY, StepState.WAITING}:
                del self._rested[name]
        return self._rested

    async def run(self, running: Running, part: Any) -> Unavailable | None:
        """Work until there is an outcome, and write it. Returns the component's failure if it lost its world."""
        current.set(running)
        lost: Unavailable | None = None
        try:
            step = self._board.steps.get(running.step)
            if step is None or step.state is not StepState.RUNNING:
                # Somebody decided about it before it could begin.
                return None
            started = self._ledger.post([*self._board.take_changes(), self._event("step.started", step)])
            with running.scope:
                if self.careful or step.deaths:
                    await started.wait()
                try:
                    await self._perform(step, running, part)
                except BaseException as failure:
                    cause = only_cause(failure)
                    if isinstance(cause, NOT_OURS):
                        raise
                    lost = self._failed(self._board.steps[step.id], cause) if self._still_ours(step) else None
        finally:
            del self.running[running.step]
            after = self._board.steps.get(running.step)
            if after is not None and after.state is StepState.RUNNING:
                # Cancelled from outside, and whoever did it left the state to us: it goes on later.
                self._board.put(replace(after, state=StepState.READY))
            if running.verb == "deliver" and not running.growing:
                self._rested[running.step] = running.done
            self._board.unwound(running.step)
            self._ledger.post(self._board.take_changes())
            self._pulse.beat()
        if lost is None:
            await self._ledger.room()
        return lost

    async def _perform(self, step: Step, running: Running, part: Any) -> None:
        clip = running.clip = self._board.clips[step.clip]
        if step.verb == "apply":
            outputs = list(await part.apply(clip))
            if wrong := next((output for output in outputs if not isinstance(output, Clip)), None):
                raise TypeError(f"apply must return clips, not {type(wrong).__name__}")
            if early := next((output for output in outputs if not output.complete), None):
                raise TypeError(f"apply must return complete clips; {early.filename} is not")
            self._check_ended(step)
            self._applied(step, running, outputs)
            running.succeeded = True
            return
        said = self._board.jobs[step.job].wishes.get(step.component)
        running.order = replace(running.order, wishes=self._wishes(step.component, said))
        report = StepReport(running, self._board, self._ledger, self._draining, self._pulse)
        receipt = await part.deliver(clip, await self._resume(step), report)
        if not isinstance(receipt, Receipt):
            raise TypeError(f"deliver must return a Receipt, not {type(receipt).__name__}")
        self._check_ended(step)
        self._delivered(step, receipt)
        running.succeeded = True

    async def watch_recordings(self, locate: Callable[[Clip], Path]) -> None:
        """Park what waits for a recording that was deleted: its source has nothing to tell of it any more."""
        while True:
            await trio.sleep(RECORDING_POLL_S)
            for step in self._board.waiting_for_recordings():
                try:
                    locate(self._board.clips[step.clip])
                except Permanent as gone:
                    self._failed(step, gone)
                    self._pulse.beat()
                except MediaGone:
                    continue  # whether it was deleted is known when the card is back

    def _check_ended(self, step: Step) -> None:
        """Nobody is done with a clip before it is complete."""
        clip = self._board.clips.get(step.clip)
        if clip is not None and not clip.complete:
            raise RuntimeError(f"it returned while {clip.filename} was still growing; follow it to its end")

    def _still_ours(self, step: Step) -> bool:
        """Whether nobody has decided about the step while it ran."""
        now = self._board.steps.get(step.id)
        return now is not None and now.state is StepState.RUNNING

    async def _resume(self, step: Step) -> Resume | None:
        if step.head is None and not step.in_doubt:
            return None
        rows = await self._ledger.query("SELECT number, value FROM parts WHERE step = ?", [step.id])
        return Resume(head=step.head or {}, parts=dict(rows), in_doubt=step.in_doubt)

    def _applied(self, step: Step, running: Running, outputs: list[Clip]) -> None:
        if not self._still_ours(step):
            return
        step = self._board.steps[step.id]
        if running.clip is not None:
            now = self._board.clips[step.clip]
            outputs = [inherited(output, running.clip, now) for output in outputs]
        names = [clip.filename for clip in outputs]
        changes: list[Change] = [put_clip(clip) for clip in outputs]
        changes.append(self._event("step.done", step, outputs=names))
        self._outputs.made(step, running, outputs)
        self._board.put(replace(step, state=StepState.DONE, reason="", deaths=0))
        self._ledger.post([*self._board.take_changes(), *changes])

    def _delivered(self, step: Step, receipt: Receipt) -> None:
        if not self._still_ours(step):
            # Cancelled at the very end: it is there all the same, and the journal says so.
            self._ledger.post([self._journal.event("delivery.kept", step=step.id, receipt=asdict(receipt))])
            return
        step = self._board.steps[step.id]
        event = self._event("step.done", step, receipt=asdict(receipt))
        # The head may hold urls that anyone can write to: nobody resumes what is done.
        done = replace(step, state=StepState.DONE, reason="", receipt=receipt, deaths=0, head=None)
        self._board.put(done)
        self._ledger.post([*self._board.take_changes(), drop_parts(step.id), event])

    def _failed(self, step: Step, cause: BaseException) -> Unavailable | None:
        """Do with a failure what its class says: see `rushes.errors`."""
        detail: dict[str, Any] = {}
        changes: list[Change] = []
        lost: Unavailable | None = None
        match cause:
            case MediaGone() if cause.volume == self._board.clips[step.clip].volume:
                self._board.volume_gone(cause.volume)
                after = replace(step, state=StepState.READY)
            case MediaGone():
                # Another card than its clip's: nobody wakes the step when that one is back.
                after = self._later(step, Transient(str(cause)))
            case Unavailable():
                lost = cause
                after = replace(step, state=StepState.READY)
            case Transient():
                after = self._later(step, cause)
            case NotYet() if self._come_about(step, cause.until):
                after = replace(step, state=StepState.READY)
            case NotYet():
                waits_for = cause.until or PERSON
                after = replace(
                    step, state=StepState.WAITING, reason=str(cause), until=0.0, waits_for=waits_for
                )
            case Changed():
                # What was sent of it may be of neither file: the same again, it is sent from its beginning.
                after = replace(self._later(step, Transient(str(cause))), waits_for=SOURCE, head=None)
                changes.append(drop_parts(step.id))
            case Permanent():
                after = replace(step, state=StepState.PARKED, reason=str(cause))
            case RushesError():
                after = self._later(step, Transient(str(cause), blame="clip"))
            case _:
                detail["traceback"] = "".join(traceback.format_exception(cause))
                reason = f"bug in {step.component}: {in_words(cause)}"
                after = replace(step, state=StepState.PARKED, reason=reason)
        # Wherever it is told, the file's name stands beside it.
        reason = after.reason.removeprefix(f"{self._board.clips[step.clip].filename}: ")
        # The process outlived it: its deaths are in a row no more.
        after = replace(after, reason=reason, deaths=0)
        self._board.put(after)
        kind = {StepState.PARKED: "step.parked", StepState.WAITING: "step.waiting"}.get(after.state)
        if kind:
            changes.append(self._event(kind, step, reason=after.reason, until=after.until, **detail))
        self._ledger.post([*self._board.take_changes(), *changes])
        return lost

    def _come_about(self, step: Step, until: str) -> bool:
        """Whether what the step says it waits for has come while it ran."""
        running = self.running[step.id]
        if until == NEWS:
            return self._board.clips[step.clip] is not running.clip
        if until == COMPLETE:
            return self._board.clips[step.clip].complete and not (running.clip and running.clip.complete)
        return until in running.woken

    def _later(self, step: Step, cause: Transient) -> Step:
        attempts = step.attempts + 1
        faults = step.faults + (cause.blame == "clip")
        if faults >= MOST_FAULTS:
            return replace(
                step, state=StepState.PARKED, faults=faults, reason=f"{cause} (tried {faults} times)"
            )
        wait = max(self._backoff.wait(attempts), cause.retry_after or 0.0)
        until = self._clock() + wait
        return replace(
            step, state=StepState.WAITING, attempts=attempts, faults=faults, reason=str(cause), until=until
        )

    def _event(self, kind: str, step: Step, **detail: Any) -> Change:
        job = self._board.jobs[step.job]
        detail["name"] = self._board.clips[step.clip].filename
        return self._journal.event(
            kind, clip=job.clip, job=step.job, step=step.id, component=step.component, **detail
        )
