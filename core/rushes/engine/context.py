"""What the engine lends to one component; the only thing of the engine that a plugin ever holds."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, ParamSpec, TypeVar

import trio

from rushes.contract import Catalog, Completed, Secrets, Store
from rushes.engine.devices import PresentDevices, Watch
from rushes.engine.growth import Following
from rushes.engine.ids import derived_clip_id
from rushes.engine.running import Running
from rushes.errors import Changed, Permanent, Transient
from rushes.executor import LocalExecutor
from rushes.ledger.rows import COMPLETE, NEWS, PERSON
from rushes.model import WORK, Clip, Kind, Order, Role, Scalar
from rushes.volumes import Volumes

P = ParamSpec("P")
T = TypeVar("T")

#: The step that the current task works for: a context belongs to a component, its slots to steps.
current: ContextVar[Running] = ContextVar("current")


@dataclass(frozen=True, slots=True)
class Services:
    """What every context of an engine shares."""

    state: Path
    catalog: Catalog
    executor: LocalExecutor
    volumes: Volumes
    devices: PresentDevices = field(default_factory=PresentDevices)
    #: The pipeline's name.
    pipeline: str = ""

    @property
    def work(self) -> Path:
        """The folder of work files, one folder a step."""
        return self.state / "work"


class ComponentContext:
    """`rushes.contract.Context` for one component."""

    def __init__(self, component: str, services: Services, store: Store, secrets: Secrets) -> None:
        self.id = component
        self.pipeline = services.pipeline
        self.devices = Watch(services.devices)
        self.on_wake: Callable[[str], Awaitable[None]] = _nobody_waits
        self.on_again: Callable[[Collection[str]], Awaitable[None]] = _nobody_annotates
        self.log = logging.getLogger(f"rushes.{component}")
        self.on_say: Callable[[str], None] = self.log.info
        self.store = store
        self.secrets = secrets
        self.catalog = services.catalog
        self.facts: dict[str, Any] = {}
        #: Counts the times that `facts` became others.
        self.shown = 0
        self._services = services

    @property
    def order(self) -> Order:
        return current.get().order

    @property
    def folder(self) -> Path:
        folder = self._services.state / "components" / self.id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def path(self, clip: Clip, /) -> Path:
        return self._services.volumes.locate(clip)

    def open(self, clip: Clip, /) -> BinaryIO:
        self.verify(clip)
        with self._readable(clip):
            return self.path(clip).open("rb", buffering=0)

    @contextmanager
    def _readable(self, clip: Clip) -> Iterator[None]:
        """Turn the system's errors into what they mean: a card that went away meanwhile, or a bad file."""
        try:
            yield
        except OSError as error:
            self.path(clip)
            raise Permanent(
                f"{clip.filename}: unreadable: {(error.strerror or str(error)).lower()}"
            ) from error

    def verify(self, clip: Clip, stream: BinaryIO | None = None, /) -> None:
        with self._readable(clip):
            stat = os.fstat(stream.fileno()) if stream is not None else self.path(clip).stat()
        if not clip.complete:
            if stat.st_size < clip.size:
                # Recorders reserve room and give it back: its source is about to tell.
                raise Transient(
                    f"{clip.filename}: became shorter while it was recorded ({clip.size} bytes before, "
                    f"{stat.st_size} now)"
                )
        elif stat.st_size != clip.size or not _untouched(clip, stat):
            raise Changed(
                f"{clip.filename}: changed since it was admitted ({clip.size} bytes then, {stat.st_size} now); "
                f"it waits until its source has looked at it again"
            )

    def workspace(self) -> Path:
        folder = self._services.work / current.get().step
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def derive(
        self,
        clip: Clip,
        path: Path,
        /,
        *,
        role: Role,
        kind: Kind | None = None,
        meta: Mapping[str, Scalar] | None = None,
        complete: bool = True,
    ) -> Clip:
        stat = path.stat()
        relative = path.relative_to(self._services.work).as_posix()
        return Clip(
            id=derived_clip_id(current.get().step, relative),
            volume=WORK,
            path=relative,
            card=clip.card,
            kind=kind or clip.kind,
            role=role,
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            inode=stat.st_ino,
            complete=complete,
            revision=clip.revision,
            parent=clip.id,
            origin=clip.origin or clip.path,
            born=clip.born,
            first_seen=clip.first_seen,
            meta={"original_mtime_ns": str(clip.mtime_ns), **clip.meta, **(meta or {})},
        )

    def follow(self, clip: Clip, /) -> Following:
        return Following(clip, current.get(), self.path)

    async def announce(self, output: Clip, /) -> None:
        running = current.get()
        await running.outputs.announce(running, output)

    async def run(
        self, command: Sequence[str], /, *, lines: Callable[[str], None] | None = None
    ) -> Completed:
        running = current.get(None)
        at_once = running is not None and running.growing
        return await self._services.executor.run(command, lines=lines, at_once=at_once)

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._services.executor.call(function, *args, **kwargs)

    def note(self, text: str, /) -> None:
        current.get().note(text)

    def say(self, text: str, /) -> None:
        self.on_say(text)

    async def wake(self, until: str, /) -> None:
        await trio.lowlevel.checkpoint()
        if until in {"", COMPLETE, NEWS, PERSON}:
            raise ValueError(
                "wake needs the word that a NotYet was raised with; "
                "nobody speaks for a person, for a source or for what is said"
            )
        await self.on_wake(until)

    async def again(self, clips: Collection[str], /) -> None:
        await self.on_again(clips)

    def progress(self, done: float, total: float, /) -> None:
        current.get().progressed(done, total, silent="silent_since" in self.facts)

    def show(self, **facts: Any) -> None:
        if any(self.facts.get(name) != fact for name, fact in facts.items()):
            self.shown += 1
        for name, fact in facts.items():
            if fact is None:
                self.facts.pop(name, None)
            else:
                self.facts[name] = fact


async def _nobody_waits(_until: str) -> None:
    """Without an engine nothing is waiting."""


async def _nobody_annotates(_clips: Collection[str]) -> None:
    """As above."""


def _untouched(clip: Clip, stat: os.stat_result) -> bool:
    """Whether nobody wrote to it: a copying tool may have set the time of the original (`identity.compare`)."""
    set_back = stat.st_ino == clip.inode and stat.st_mtime_ns <= clip.first_seen * 1e9
    return set_back or stat.st_mtime_ns == clip.mtime_ns
