"""What people have a run do: the verbs of the queue, its switches, matches that they decide, the wishes to components.

Each is in the ledger before it is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import trio

from rushes.config.pipeline import Pipeline
from rushes.contract import Tell
from rushes.engine import views
from rushes.engine.acting import ask
from rushes.engine.answers import Answers
from rushes.engine.board import Board
from rushes.engine.clock import Clock
from rushes.engine.decided import decided
from rushes.engine.dispatch import Dispatcher
from rushes.engine.hand import wishes_by_hand
from rushes.engine.host import Host
from rushes.engine.ids import by_hand, job_id
from rushes.engine.journal import Journal
from rushes.engine.last_rules import ENGINE
from rushes.engine.planner import Planner
from rushes.engine.pulse import Pulse
from rushes.engine.queue import QUEUE_VERBS, Queue, QueueVerb, load_jobs
from rushes.engine.references import find_clip, find_job, named_jobs
from rushes.engine.reload import Reload
from rushes.engine.switches import SWITCHES_KEY, Switchboard
from rushes.engine.work import Worker
from rushes.errors import NotFound, RushesError
from rushes.ledger import Ledger
from rushes.ledger.rows import Job, put_stored, read_clip
from rushes.model import StepState
from rushes.volumes import Volumes


@dataclass(slots=True)
class Commands:
    """Says to the engine's parts what a person wants of them."""

    ledger: Ledger
    journal: Journal
    clock: Clock
    pulse: Pulse
    volumes: Volumes
    hosts: Mapping[str, Host]
    board: Board
    planner: Planner
    worker: Worker
    dispatcher: Dispatcher
    answers: Answers
    reloading: Reload
    switchboard: Switchboard
    #: Held while what is read of a clip is to be true until it is on the board.
    clip_rows: trio.Lock
    #: The rules that are followed now.
    pipeline: Callable[[], Pipeline]

    async def queue(self, verb: str, ids: Sequence[str], *, every: bool) -> views.Document:
        """Apply a queue verb to jobs, or to `every` one. Raises NotFound."""
        if verb not in QUEUE_VERBS:
            raise NotFound(f"no queue verb {verb}; there are {', '.join(QUEUE_VERBS)}")
        self._must_be_writable()
        names = (
            list(self.board.jobs)
            if every
            else await self.ledger.read(lambda query: named_jobs(query, ids, one=verb == "cancel"))
        )
        if verb == "retry":
            await self._bring_back([name for name in names if name not in self.board.jobs])
        changed = Queue(self.board, self.volumes.has).apply(cast("QueueVerb", verb), names)
        events = [self.journal.event(f"job.{verb}", job=job) for job in changed]
        await self.ledger.write([*self.board.take_changes(), *events])
        if verb == "top":
            self._make_room(changed)
        self.pulse.beat()
        return {"changed": changed}

    async def move(self, ids: Sequence[str], before: str) -> views.Document:
        """Have jobs run before another one, in the order given. Raises NotFound."""
        self._must_be_writable()
        *names, target = await self.ledger.read(lambda query: [find_job(query, i) for i in [*ids, before]])
        changed = Queue(self.board, self.volumes.has).move(names, target)
        events = [self.journal.event("job.move", job=job, before=target) for job in changed]
        await self.ledger.write([*self.board.take_changes(), *events])
        self.pulse.beat()
        return {"changed": changed}

    async def decide(self, verb: str, clip: str, other: str) -> Mapping[str, Any]:
        """`accept`, `reject` or `forget` a match: its annotator's action of that name. Raises NotFound."""
        annotator = await self.answers.annotator_of(clip, other)
        return await self.act(annotator, verb, {"clip": clip, "other": other}, _unheard)

    async def _bring_back(self, names: Sequence[str]) -> None:
        if not names:
            return
        where = "id IN (SELECT unnest(?::VARCHAR[]))"
        # What was decided last must be in the ledger before it is read from there.
        await self.ledger.write([])
        # Held from reading to the board: a clip that becomes complete in between would be missed there.
        async with self.clip_rows:
            for loaded in await self.ledger.read(lambda query: load_jobs(query, where, [list(names)])):
                if loaded.job.id not in self.board.jobs and loaded.failed:
                    self.board.reopen(loaded.job, loaded.steps, loaded.clips.values())

    def _make_room(self, jobs: Sequence[str]) -> None:
        for job in jobs:
            for step in list(self.board.steps_of(job)):
                if step.state is StepState.READY and step.verb == "deliver":
                    host = self.hosts.get(step.component)
                    if host is not None:
                        self.dispatcher.preempt(step.component, host.component.slots, jobs)

    async def add(self, clip: str, sink: str, like: str = "") -> views.Document:
        """Send a clip to a sink by hand, whatever the routes say: with the options that routes to it have there, or
        the one called `like`. Raises NotFound, RushesError where they differ.
        """
        self._must_be_writable()
        pipeline = self.pipeline()
        sinks = [component.id for component in pipeline.sinks]
        if sink not in sinks:
            raise NotFound(f"no sink {sink}; there are {', '.join(sinks)}")
        name = await self.ledger.read(lambda query: find_clip(query, clip))
        wishes = wishes_by_hand(sink, pipeline.routes, like)
        # As in `_bring_back`.
        async with self.clip_rows:
            found = read_clip((await self.ledger.query("SELECT * FROM clips WHERE id = ?", [name]))[0])
            route = by_hand(sink)
            job = Job(
                id=job_id(found.id, found.revision, route), clip=found.id, revision=found.revision, route=route,
                steps=[], sinks=[sink], wishes=wishes, created=self.clock(),
            )  # fmt: skip
            known = await self.ledger.query("SELECT 1 FROM jobs WHERE id = ?", [job.id])
            if known or job.id in self.board.jobs:
                raise RushesError(
                    f"{found.filename} was added to {sink} before as {job.id}; see pipeline queue FILE list"
                )
            for other in self.board.jobs_of(found.id):
                if sink in other.sinks and other.revision == found.revision:
                    raise RushesError(f"{found.filename} is on its way to {sink} already, as {other.id}")
            changes = self.planner.open_job(job, found)
        await self.ledger.write([*self.board.take_changes(), *changes])
        return {"job": job.id}

    async def reload(self) -> views.Document:
        """Read the pipeline's file again and follow its rules. Raises ConfigError, and then has changed nothing."""
        self._must_be_writable()
        return await self.reloading.now()

    def _must_be_writable(self) -> None:
        """Raise RushesError while the ledger cannot be written: who asks is not to wait for somebody to make room."""
        if self.ledger.trouble:
            raise RushesError(f"{self.ledger.trouble}; nothing was changed")

    async def switch(self, word: str, names: Sequence[str]) -> views.Document:
        """Let sinks pause or resume, make routes manual or automatic. Raises NotFound."""
        pipeline = self.pipeline()
        sinks, routes = ([each.id for each in kind] for kind in (pipeline.sinks, pipeline.routes))
        self._must_be_writable()
        switches = self.switchboard.now = self.switchboard.now.switched(
            word, names, sinks=sinks, routes=routes
        )
        event = self.journal.event(f"switch.{word}", names=list(names))
        await self.ledger.write([put_stored(ENGINE, SWITCHES_KEY, switches.document), event])
        for sink in sinks:
            if sink in switches.paused:
                self.worker.stop_all(sink)
            self.dispatcher.wake(sink)
        self.pulse.beat()
        return switches.document

    async def act(
        self, component: str, action: str, arguments: Mapping[str, str], tell: Tell
    ) -> Mapping[str, Any]:
        """A person's wish to a component. Raises NotFound and as `acting.ask`."""
        found, asked = self.pipeline().action(component, action)
        host = self.hosts[component]
        result = await ask(found, asked, host.context, host.part, arguments, tell)
        if told := await self.ledger.read(lambda query: decided(query, host.component.kind, action, result)):
            await self.ledger.write([self.journal.event(**each) for each in told])
        host.nudge()
        return result


async def _unheard(_facts: Mapping[str, Any]) -> None:
    """Who decides about a match waits for the answer alone."""
