"""The engine: every part of the road put together, run, drained and asked."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import trio

from rushes.config.pipeline import Component, Pipeline
from rushes.contract import Tell
from rushes.engine import views
from rushes.engine.answers import Answers
from rushes.engine.board import Board
from rushes.engine.clock import Clock
from rushes.engine.commands import Commands
from rushes.engine.context import ComponentContext, Services
from rushes.engine.cycles import seldom_searched
from rushes.engine.dispatch import Dispatcher
from rushes.engine.ending import Ending
from rushes.engine.feeding import Feeding
from rushes.engine.ground import Ground
from rushes.engine.history import check_rules, history
from rushes.engine.host import Host
from rushes.engine.intake import Admissions
from rushes.engine.journal import Journal, last_seq
from rushes.engine.last_rules import ENGINE
from rushes.engine.live import Live
from rushes.engine.observing import Observing
from rushes.engine.pictures import Pictures
from rushes.engine.planner import Planner
from rushes.engine.prepare import Preparation
from rushes.engine.presence import Presence
from rushes.engine.pulse import Pulse
from rushes.engine.recovery import WAITING_KEY, recover
from rushes.engine.reload import Load, Reload, prints_of
from rushes.engine.replanning import Replanning
from rushes.engine.routing import Routing
from rushes.engine.searches import ClipSearch, EventOrder, JobSearch, MatchSearch
from rushes.engine.switches import SWITCHES_KEY, Switchboard, read_switches
from rushes.engine.tidy import Tidy
from rushes.engine.views.last import NO_WAITS
from rushes.engine.work import Worker
from rushes.events import Event
from rushes.executor import open_executor
from rushes.ledger import FILE_NAME, Ledger, LedgerStore, Query, open_ledger
from rushes.ledger.rows import put_stored
from rushes.model import StepState
from rushes.secrets import Vault, open_vault, private_folder
from rushes.settings import Settings
from rushes.volumes import Volumes

T = TypeVar("T")

#: How long a start waits for the lock of a run that is just ending.
LOCK_PATIENCE_S = 3.0

#: Clips that are not planned, or to be annotated again, and records that nobody was asked about.
_BACKLOG = "SELECT (SELECT count(*) FROM backlog) + (SELECT count(*) FROM record_backlog)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run left for a person: jobs parked; and what waits or is not done.

    `waiting` counts jobs, clips that are not planned, and sources that never told all they have: of these are `mute`.
    """

    parked: int
    waiting: int
    mute: int


class Engine:
    """One pipeline on one ledger. Made by `open_engine`; only it writes."""

    def __init__(
        self,
        pipeline: Pipeline,
        ledger: Ledger,
        services: Services,
        vault: Vault,
        clock: Clock,
        load: Load | None,
    ) -> None:
        self.pipeline = pipeline
        self._ledger = ledger
        self._clock = clock
        self._volumes = services.volumes
        self._pulse = Pulse()
        self._draining = trio.Event()
        self._started = clock()
        self._hosts: dict[str, Host] = {}
        self._services = services
        self._vault = vault
        self._load = load
        self._read = prints_of(pipeline)
        #: While it delivers: there steps are opened that come with other rules.
        self._nursery: trio.Nursery | None = None

    async def load(self) -> None:
        """Take up what the last run left."""
        ledger, clock, pulse = self._ledger, self._clock, self._pulse
        self._journal = Journal(ledger, clock, await last_seq(ledger))
        self._board = Board(
            clock,
            on_ready=lambda component: self._dispatcher.wake(component),  # noqa: PLW0108 - made just below
            present=lambda volume: self._volumes.root(volume) is not None,
            on_taken=lambda step: self._worker.stop(step),  # noqa: PLW0108 - made just below
            live=lambda name: (host := self._hosts.get(name)) is not None and host.component.spec.live,
        )
        self._worker = Worker(
            self._board, ledger, self._journal, clock, self._draining, pulse, self.pipeline.wishes
        )
        switches = read_switches(await LedgerStore(ledger, ENGINE).get(SWITCHES_KEY))
        self._switchboard = Switchboard(switches)

        def paused(sink: str) -> bool:
            return sink in self._switchboard.now.paused

        self._dispatcher = Dispatcher(self._board, self._worker, clock, self._draining, pulse, paused=paused)
        self._planner = Planner(
            Routing(self.pipeline.routes, first=self.pipeline.match == "first"),
            self._board,
            self._journal,
            clock,
            auto=lambda route: self._switchboard.now.auto.get(route),  # noqa: PLW0108 - switched while it runs
        )
        for component in self.pipeline.components:
            self._host(component)
        clip_rows = trio.Lock()
        annotators = [self._hosts[component.id] for component in self.pipeline.prepare]
        self._preparation = Preparation(annotators, self._planner, ledger, self._journal, pulse, clip_rows)
        admissions = Admissions(
            self._board, ledger, self._journal, self._preparation, clock, clip_rows, self._services.devices,
            self._worker.growth,
        )  # fmt: skip
        sources = [self._hosts[component.id] for component in self.pipeline.sources]
        self._feeding = Feeding(sources, admissions, pulse)
        self._ending = Ending(
            ledger, pulse, self._hosts, self._board, self._worker, self._preparation, self._feeding, self._draining,
            paused,
        )  # fmt: skip
        self._live = Live(
            self._hosts,
            self._board,
            self._worker,
            self._preparation,
            paused=lambda: self._switchboard.now.paused,
        )
        self._tidy = Tidy(self._services.work, self._board, ledger, self._journal, pulse)
        watchers = [self._hosts[component.id] for component in self.pipeline.observers]
        self._observing = Observing(watchers, ledger, self._journal, pulse)
        # Before this run has said anything: a new observer is told all of it.
        await self._observing.load()
        replanning = Replanning(self._planner, self._board, ledger, clip_rows)
        taken_up = await recover(
            ledger,
            self._board,
            self.pipeline,
            self._journal,
            clock,
            replanning,
        )
        await self._worker.load()
        self._run, self._worker.careful, self._backlog = taken_up.run, taken_up.died, taken_up.backlog
        self._reload = Reload(
            self, self._load, replanning, ledger, self._journal, self._read, left=taken_up.left
        )
        self._ground = Ground(self.pipeline, clock, self._live.facts)
        self._answers = Answers(
            ledger, self._journal, clock, pulse, self._hosts, self._services.devices, self._live, self._observing,
            self._preparation, self._reload, self._ground,
        )  # fmt: skip
        self._commands = Commands(
            ledger, self._journal, clock, pulse, self._volumes, self._hosts, self._board, self._planner, self._worker,
            self._dispatcher, self._answers, self._reload, self._switchboard, clip_rows, lambda: self.pipeline,
        )  # fmt: skip
        self._pictures = Pictures(self.pipeline.state / "pictures", ledger, self._volumes, self._hosts)
        await self._preparation.load()
        await self._tidy.at_start()

    def _host(self, component: Component) -> Host:
        context = ComponentContext(
            component.id,
            self._services,
            LedgerStore(self._ledger, component.id),
            self._vault.of(component.id),
        )
        context.on_wake = partial(self._worker.wake, component.id)
        context.on_say = partial(self._said, component.id)
        if component.kind == "annotator":
            context.on_again = partial(self._again, component.id)
        host = Host(component, context, self._journal, self._ledger, self._pulse)
        self._hosts[component.id] = host
        return host

    # -- other rules ---------------------------------------------------------------------------------------

    def open_steps(self) -> dict[str, Component]:
        """Every transform that this run has opened, also those of routes that are gone."""
        components = (host.component for host in self._hosts.values())
        return {component.id: component for component in components if component.kind == "transform"}

    def adopt(self, pipeline: Pipeline) -> None:
        """Go on with a pipeline of other routes (see `Reload`): their new steps are opened, none is closed."""
        self.pipeline = pipeline
        for component in pipeline.components:
            if component.id not in self._hosts:
                host = self._host(component)
                if self._nursery is not None:
                    self._nursery.start_soon(self._dispatcher.serve, host)
        self._pulse.beat()

    # -- running -------------------------------------------------------------------------------------------

    async def run(self, *, once: bool = False, deliver: bool = True) -> Outcome:
        """Work until drained or cancelled; with `once` until nothing can run any more.

        `deliver=False` stops at planning: nothing is transformed or delivered, and no observer is told.
        """
        if not deliver:
            return await self._work(once=once, deliver=False)
        async with self._observing.watching():
            outcome = await self._work(once=once, deliver=True)
            await self._observing.last_events(self._ending.over_by, given_up=lambda: self._ending.cancelled)
        return outcome

    async def _work(self, *, once: bool, deliver: bool) -> Outcome:
        pipeline, hosts = self.pipeline, self._hosts
        async with trio.open_nursery() as nursery:
            for component in pipeline.prepare:
                nursery.start_soon(self._preparation.serve, hosts[component.id])
            if deliver:
                self._nursery = nursery
                for host in hosts.values():
                    if host.component.kind in {"transform", "sink"}:
                        nursery.start_soon(self._dispatcher.serve, host)
                nursery.start_soon(self._reload.watch)
            nursery.start_soon(self._preparation.run)
            nursery.start_soon(self._dispatcher.watch_time)
            presence = Presence(self._board, self._preparation, self._volumes, self._pulse)
            nursery.start_soon(presence.watch_returns)
            nursery.start_soon(presence.watch_needed)
            nursery.start_soon(self._worker.watch_recordings, self._volumes.locate)
            nursery.start_soon(self._tidy.run)
            nursery.start_soon(self._ground.watch)
            nursery.start_soon(self._feeding.run)
            self._preparation.enqueue(self._backlog)
            await self._ending.reached(once=once, deliver=deliver)
            self._nursery = None
            waits = put_stored(ENGINE, WAITING_KEY, self._live.waiting_for())
            nursery.cancel_scope.cancel()
        await self._tidy.sweep()
        await self._ledger.write(
            [
                *self._board.take_changes(),
                waits,
                self._run.row(self._clock()),
                self._journal.event("pipeline.stopped"),
            ]
        )
        counts, backlog = await self._ledger.read(
            lambda query: (views.counts(query, NO_WAITS), query(_BACKLOG)[0][0])
        )
        jobs = counts["jobs"]
        unfinished = sum(
            jobs[state.value] for state in (StepState.READY, StepState.RUNNING, StepState.WAITING)
        )
        mute = self._feeding.mute
        return Outcome(parked=jobs[StepState.PARKED.value], waiting=unfinished + backlog + mute, mute=mute)

    def _said(self, component: str, text: str) -> None:
        self._hosts[component].context.log.info("%s", text)
        self._ledger.post([self._journal.event("component.said", component=component, text=text)])

    async def _again(self, component: str, clips: Collection[str]) -> None:
        await self._preparation.again(component, clips)

    def drain(self) -> None:
        """First signal: admit nothing more, finish the parts in flight, stop."""
        self._ending.drain()

    def cancel(self) -> None:
        """Second signal: stop now. Nothing is lost: the ledger is ahead."""
        self._ending.cancel()

    # -- asking --------------------------------------------------------------------------------------------

    async def status(self) -> views.Document:
        """The state of everything, for people (`pipeline status`)."""
        return await self._answers.status(
            {
                "pipeline": self.pipeline.name,
                "file": str(self.pipeline.file),
                "draining": self._draining.is_set(),
                "since": self._started,
                "switches": self._switchboard.now.document,
            }
        )

    def mark(self) -> object:
        """Equal to an earlier one as long as `status` would say the same, its `now` aside. Costs next to nothing."""
        return self._answers.mark((self.pipeline, self._draining.is_set(), self._switchboard.now))

    def health(self) -> views.Document:
        """What `/health` tells. Costs next to nothing."""
        return {"draining": self._draining.is_set(), **self._answers.health()}

    async def attention(self) -> views.Document:
        """What needs a person."""
        return await self._answers.attention()

    async def network(self) -> views.Document:
        """The networks of sinks."""
        return self._answers.network()

    async def devices(self) -> views.Document:
        """The devices on set."""
        return await self._answers.devices()

    async def timecode(self) -> views.Document:
        """The timecodes that run."""
        return self._answers.timecode()

    async def jobs(self, search: JobSearch | None = None) -> views.Document:
        """A page of jobs (`pipeline queue list`). Raises SearchError."""
        return await self._answers.jobs(search or JobSearch())

    async def job(self, reference: str) -> views.Document:
        """One job by its id, or the start of it. Raises NotFound."""
        return await self._answers.job(reference)

    async def clips(self, search: ClipSearch | None = None) -> views.Document:
        """A page of originals. Raises SearchError."""
        return await self._answers.clips(search or ClipSearch())

    async def clip(self, reference: str) -> views.Document:
        """Everything about one clip (`pipeline explain`). Raises NotFound."""
        return await self._answers.clip(reference)

    async def picture(self, clip: str, width: int) -> bytes:
        """What a clip looks like: a JPEG. Raises NotFound."""
        return await self._pictures.picture(clip, width)

    async def media(self, clip: str) -> tuple[Path, str]:
        """A file of a clip that a browser can play, and its media type. Raises NotFound."""
        return await self._pictures.media(clip)

    async def timeline(
        self, clip: str, after: int, limit: int, order: EventOrder = "oldest"
    ) -> views.Document:
        """What happened to a clip. Raises NotFound."""
        return await self._answers.timeline(clip, after, limit, order)

    async def matches(self, search: MatchSearch | None = None) -> views.Document:
        """What belongs together, or may. Raises SearchError."""
        return await self._answers.matches(search or MatchSearch())

    async def cards(self) -> views.Document:
        """The cards that came last, and who has all of them."""
        return await self._answers.cards()

    async def days(self) -> views.Document:
        """The days on which something was shot."""
        return await self._answers.days()

    async def day(self, wanted: str = "") -> views.Document:
        """What a shooting day brought (`pipeline report`); the last one where none is named. Raises NotFound."""
        return await self._answers.day(wanted)

    async def summary(self, wanted: str = "") -> views.Document:
        """That day without a line for each clip; the last one where none is named. Raises NotFound."""
        return await self._answers.summary(wanted)

    async def rules(self) -> views.Document:
        """The rules that are followed, as a `pipeline_document` has them."""
        return await self._answers.rules()

    async def history(self, rules: Mapping[str, Any]) -> views.Document:
        """What the rules of a `pipeline_document` make of all clips that were ever seen. Raises ConfigError."""
        check_rules(rules)
        return await self._ledger.read(lambda query: history(query, rules))

    async def read(self, view: Callable[[Query], T]) -> T:
        """What `view` makes of the ledger."""
        return await self._ledger.read(view)

    def events(
        self, after: int | None = None
    ) -> AbstractAsyncContextManager[trio.MemoryReceiveChannel[Event]]:
        """Events after a `seq`, then live ones; None for live ones only."""
        return self._journal.watch(after)

    # -- commands ------------------------------------------------------------------------------------------

    async def queue(self, verb: str, ids: Sequence[str], all: bool = False) -> views.Document:  # noqa: A002 - the API's word
        """Apply a queue verb to jobs. Raises NotFound."""
        return await self._commands.queue(verb, ids, every=all)

    async def move(self, ids: Sequence[str], before: str) -> views.Document:
        """Have jobs run before another one, in the order given. Raises NotFound."""
        return await self._commands.move(ids, before)

    async def add(self, clip: str, sink: str, like: str = "") -> views.Document:
        """Send a clip to a sink by hand, whatever the routes say. Raises as `Commands.add`."""
        return await self._commands.add(clip, sink, like)

    async def switch(self, word: str, names: Sequence[str]) -> views.Document:
        """Let sinks pause or resume, make routes manual or automatic. Raises NotFound."""
        return await self._commands.switch(word, names)

    async def decide(self, verb: str, clip: str, other: str) -> Mapping[str, Any]:
        """`accept`, `reject` or `forget` a match: its annotator's action of that name. Raises NotFound."""
        return await self._commands.decide(verb, clip, other)

    async def act(
        self, component: str, action: str, arguments: Mapping[str, str], tell: Tell
    ) -> Mapping[str, Any]:
        """A person's wish to a component. Raises NotFound and as `acting.ask`."""
        return await self._commands.act(component, action, arguments, tell)

    async def reload(self) -> views.Document:
        """Read the pipeline's file again and follow its rules. Raises ConfigError, and then has changed nothing."""
        return await self._commands.reload()


@asynccontextmanager
async def open_engine(
    pipeline: Pipeline,
    settings: Settings,
    *,
    ledger: Path | None = None,
    clock: Clock = time.time,
    load: Load | None = None,
) -> AsyncIterator[Engine]:
    """An engine with its ledger open and the last run's work taken up.

    `ledger` replaces the pipeline's own file (MEMORY for a plan). `load` reads the pipeline's file once more, when it
    has changed. Raises LedgerError.
    """
    state = private_folder(pipeline.state)
    with seldom_searched():
        async with (
            open_ledger(ledger or state / FILE_NAME, patience=LOCK_PATIENCE_S) as opened,
            open_executor(state / "children", heavy=settings.heavy_jobs, nice=settings.nice) as executor,
        ):
            services = Services(
                state=state, catalog=opened, executor=executor, volumes=Volumes(work=state / "work"),
                pipeline=pipeline.name,
            )  # fmt: skip
            engine = Engine(pipeline, opened, services, open_vault(state, settings), clock, load)
            await engine.load()
            yield engine
