"""A Context, an Intake and a Report that live in memory and a temporary folder; executor and files are real."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO, ParamSpec, TypeVar

import trio

from rushes.contract import Completed
from rushes.errors import Changed, MediaGone, Permanent, Transient
from rushes.executor import LocalExecutor, open_executor
from rushes.model import WORK, Admission, Clip, Device, Kind, Order, Record, Resume, Role, Scalar

P = ParamSpec("P")
T = TypeVar("T")


class MemoryStore:
    """Values go through JSON, as they do in the ledger."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, key: str, default: Any = None, /) -> Any:
        return json.loads(self.values[key]) if key in self.values else default

    async def set(self, key: str, value: Any, /) -> None:
        self.values[key] = json.dumps(value)

    async def delete(self, key: str, /) -> None:
        self.values.pop(key, None)


class MemorySecrets:
    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        #: What no log may tell besides.
        self.remembered: list[str] = []

    def get(self, name: str, /) -> str | None:
        return self.values.get(name)

    def set(self, name: str, value: str, /) -> None:
        self.values[name] = value

    def delete(self, name: str, /) -> None:
        self.values.pop(name, None)

    def remember(self, value: str, /) -> None:
        self.remembered.append(value)


class EmptyCatalog:
    """Answers every query with `rows`."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []

    async def query(self, _sql: str, _parameters: Sequence[Any] = (), /) -> list[tuple[Any, ...]]:
        return self.rows


class FakeDevices:
    """The present devices; `set` them as sources would."""

    def __init__(self) -> None:
        self.present: Sequence[Device] = ()
        self._changed = trio.Event()
        self._changed.set()

    def set(self, *devices: Device) -> None:
        self.present = [device for device in devices if device.present]
        self._changed.set()

    async def changed(self) -> None:
        await self._changed.wait()
        self._changed = trio.Event()


class Growing:
    """One follower of a clip in a StandIn."""

    def __init__(self, context: StandIn, clip: Clip) -> None:
        self._context = context
        self._clip = clip
        self._last: Clip | None = None

    def __aiter__(self) -> Growing:
        return self

    async def __anext__(self) -> Clip:
        await trio.lowlevel.checkpoint()
        last = self._last
        if last is not None and last.complete:
            raise StopAsyncIteration
        while True:
            changed = self._context.changed
            now = self._context.newest.get(self._clip.id, self._clip)
            self._context.path(now)
            if last is None or now.complete or now.size > last.size:
                self._last = now
                return now
            await changed.wait()


class StandIn:
    """A Context for one component under test.

    A clip's volume is a folder: `StandIn.volumes[clip.volume]`; remove the entry to pull the card. `grow` tells
    followers of a clip what it has become, as a source's next admission does.
    """

    def __init__(self, folder: Path, executor: LocalExecutor, id: str = "component") -> None:  # noqa: A002 - as `Context.id`
        self.id = id
        self.pipeline = "onset"
        self.folder = folder / "component"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = logging.getLogger(f"rushes.{id}")
        self.store = MemoryStore()
        self.secrets = MemorySecrets()
        self.catalog = EmptyCatalog()
        self.volumes: dict[str, Path] = {WORK: folder / "work"}
        self.facts: dict[str, Any] = {}
        self.seen_progress: list[tuple[float, float]] = []
        self.devices = FakeDevices()
        self.order = Order(route="dailies")
        self.notes: list[str] = []
        self.woken: list[str] = []
        self.said: list[str] = []
        self.named: list[str] = []
        self.announced: list[Clip] = []
        self.newest: dict[str, Clip] = {}
        self.changed = trio.Event()
        self._executor = executor

    def path(self, clip: Clip, /) -> Path:
        root = self.volumes.get(clip.volume)
        if root is None:
            raise MediaGone(clip.volume, clip.card or clip.volume)
        path = root / clip.path
        if not path.exists():
            raise Permanent(f"{clip.filename}: deleted from {clip.card or clip.volume}")
        return path

    def open(self, clip: Clip, /) -> BinaryIO:
        path = self.path(clip)
        self.verify(clip)
        return path.open("rb", buffering=0)

    def verify(self, clip: Clip, stream: BinaryIO | None = None, /) -> None:
        stat = os.fstat(stream.fileno()) if stream is not None else self.path(clip).stat()
        set_back = stat.st_ino == clip.inode and stat.st_mtime_ns <= clip.first_seen * 1e9
        same = stat.st_size == clip.size and (set_back or stat.st_mtime_ns == clip.mtime_ns)
        if not clip.complete and stat.st_size < clip.size:
            raise Transient(f"{clip.filename}: became shorter while it was recorded")
        if clip.complete and not same:
            raise Changed(f"{clip.filename}: changed since it was admitted")

    def workspace(self) -> Path:
        folder = self.volumes[WORK] / "step"
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
        relative = path.relative_to(self.volumes[WORK]).as_posix()
        return Clip(
            id=hashlib.sha256(f"{clip.id}/{relative}".encode()).hexdigest()[:12],
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

    def follow(self, clip: Clip, /) -> Growing:
        return Growing(self, clip)

    def grow(self, clip: Clip) -> None:
        self.newest[clip.id] = clip
        changed, self.changed = self.changed, trio.Event()
        changed.set()

    async def announce(self, output: Clip, /) -> None:
        await trio.lowlevel.checkpoint()
        self.announced.append(output)

    async def run(
        self, command: Sequence[str], /, *, lines: Callable[[str], None] | None = None
    ) -> Completed:
        return await self._executor.run(command, lines=lines)

    async def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._executor.call(function, *args, **kwargs)

    def note(self, text: str, /) -> None:
        self.notes.append(text)

    def say(self, text: str, /) -> None:
        self.said.append(text)

    async def wake(self, until: str, /) -> None:
        await trio.lowlevel.checkpoint()
        self.woken.append(until)

    async def again(self, clips: Collection[str], /) -> None:
        await trio.lowlevel.checkpoint()
        self.named.extend(clips)

    def progress(self, done: float, total: float, /) -> None:
        self.seen_progress.append((done, total))

    def show(self, **facts: Any) -> None:
        self.facts.update(facts)
        self.facts = {name: fact for name, fact in self.facts.items() if fact is not None}


class FakeIntake:
    """Keeps what a source admits; `answers` maps a path to its Admission (NEW by default)."""

    def __init__(self) -> None:
        self.admitted: list[Clip] = []
        self.batches: list[int] = []
        self.seen_records: list[Record] = []
        self.seen_devices: list[Device] = []
        self.answers: dict[str, Admission] = {}
        self.caught = trio.Event()

    async def clips(self, clips: Sequence[Clip], /) -> Sequence[Admission]:
        await trio.lowlevel.checkpoint()
        self.admitted.extend(clips)
        self.batches.append(len(clips))
        return [self.answers.get(clip.path, Admission.NEW) for clip in clips]

    async def records(self, records: Sequence[Record], /) -> None:
        await trio.lowlevel.checkpoint()
        self.seen_records.extend(records)

    async def devices(self, devices: Sequence[Device], /) -> None:
        await trio.lowlevel.checkpoint()
        self.seen_devices.extend(devices)

    async def caught_up(self) -> None:
        await trio.lowlevel.checkpoint()
        self.caught.set()


class FakeReport:
    """Keeps what a sink reports and turns it into the Resume of the next call.

    Set `draining` to make `proceed` block, as a pipeline that drains does.
    """

    def __init__(self) -> None:
        self.head: dict[str, Any] | None = None
        self.parts: dict[int, str] = {}
        self.repeated: list[int] = []
        self.in_doubt = 0
        self.draining = False
        self.proceeded = 0

    async def intend(self) -> None:
        await trio.lowlevel.checkpoint()
        self.in_doubt += 1

    async def begin(self, head: Mapping[str, Any], /) -> None:
        await trio.lowlevel.checkpoint()
        self.head = json.loads(json.dumps(dict(head)))
        self.parts.clear()
        self.in_doubt = max(0, self.in_doubt - 1)

    async def proceed(self) -> None:
        await trio.lowlevel.checkpoint()
        if self.draining:
            await trio.sleep_forever()
        self.proceeded += 1

    async def part(self, number: int, value: str = "", /) -> None:
        await trio.lowlevel.checkpoint()
        if number in self.parts:
            self.repeated.append(number)
        self.parts[number] = value

    @property
    def resume(self) -> Resume | None:
        """What the next call of `deliver` gets."""
        if self.head is None and not self.in_doubt:
            return None
        return Resume(head=self.head or {}, parts=dict(self.parts), in_doubt=self.in_doubt)


@asynccontextmanager
async def open_stand_in(folder: Path, id: str = "component") -> AsyncIterator[StandIn]:  # noqa: A002 - as `Context.id`
    """A StandIn with a real executor, closed on leaving."""
    async with open_executor(folder / "children", heavy=2, nice=0) as executor:
        yield StandIn(folder, executor, id)
