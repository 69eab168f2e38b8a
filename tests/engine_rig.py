"""A rig for engine tests: components made of functions, a ledger in memory or a file, virtual or real time."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path

import trio
import trio.testing

from rushes import Clip, Finding, Kind, Options, Receipt, Spec
from rushes.config.pipeline import Component, Pipeline, Route
from rushes.engine import open_engine
from rushes.ledger import MEMORY
from rushes.settings import Settings


def spec(part, *, name="fake", live=False, opening=None, actions=None):
    """A spec whose open yields `part`; `opening` is awaited first and may raise."""

    @asynccontextmanager
    async def open_part(_options, context):
        if opening is not None:
            await opening()
        if hasattr(part, "context"):
            part.context = context
        yield part

    return Spec(
        name=name, summary="a double", config=Options, open=open_part, live=live, actions=actions or {}
    )


def component(kind, name, part, *, slots=1, **kwargs):
    return Component(
        id=name,
        use=name,
        kind=kind,
        spec=spec(part, name=name, **kwargs),
        options=Options(),
        slots=slots,
        where="test:1",
    )


class ListSource:
    """Admits batches, says it has caught up, then waits for more through `feed`."""

    def __init__(self, *batches):
        self.batches = list(batches)
        self.answers = []
        self._more = trio.Event()

    async def run(self, intake):
        for batch in self.batches:
            self.answers.append(list(await intake.clips(batch)))
        await intake.caught_up()
        await trio.sleep_forever()


class CallSource:
    """Runs a function with its intake, then stays."""

    def __init__(self, run):
        self._run = run

    async def run(self, intake):
        await self._run(intake)
        await trio.sleep_forever()


class FunctionSink:
    """Delivers by a function; keeps what it was asked."""

    def __init__(self, deliver=None):
        self.calls = []
        self.delivered = []
        self.context = None
        self._deliver = deliver

    async def deliver(self, clip, resume, report):
        self.calls.append((clip.filename, resume))
        await trio.lowlevel.checkpoint()
        receipt = await self._deliver(clip, resume, report) if self._deliver else None
        self.delivered.append(clip.filename)
        return receipt or Receipt(where="memory", id=clip.id, size=clip.size, sent=clip.size)


class FunctionAnnotator:
    def __init__(self, annotate):
        self.batches = []
        self._annotate = annotate

    async def annotate(self, clips):
        self.batches.append([clip.filename for clip in clips])
        await trio.lowlevel.checkpoint()
        found = [self._annotate(clip) for clip in clips]
        return [
            each if isinstance(each, Finding) else Finding(clip=clip.id, values=each)
            for clip, each in zip(clips, found, strict=True)
        ]


class FunctionTransform:
    def __init__(self, apply):
        self.calls = []
        self.context = None
        self._apply = apply

    async def apply(self, clip):
        self.calls.append(clip.filename)
        return await self._apply(self.context, clip)


def card(folder: Path, *names: str, content: bytes = b"picture") -> list[Clip]:
    """Files on a card folder and their clips, as a source would see them."""
    folder.mkdir(parents=True, exist_ok=True)
    clips = []
    for name in names:
        path = folder / name
        path.write_bytes(content + name.encode())
        clips.append(clip_of(path))
    return clips


def clip_of(path: Path, **changes) -> Clip:
    stat = path.stat()
    data = path.read_bytes()
    values = {
        "volume": f"folder:{path.parent}",
        "card": path.parent.name,
        "path": path.name,
        "kind": Kind.VIDEO,
        "size": stat.st_size,
        "mtime_ns": stat.st_mtime_ns,
        "inode": stat.st_ino,
        "head": data[:64].hex(),
        "tail": data[-64:].hex(),
        "completed_by": "closed",
    } | changes
    return Clip(**values)


def route(name="all", *, when="true", steps=(), to=("sink",), **kwargs):
    return Route(id=name, when=when, steps=tuple(steps), to=tuple(to), **kwargs)


def pipeline(tmp_path: Path, *, sources, prepare=(), sinks=(), routes=(), observers=()):
    return Pipeline(
        name="test",
        file=tmp_path / "test.yaml",
        state=tmp_path / "state",
        sources=tuple(sources),
        prepare=tuple(prepare),
        sinks=tuple(sinks),
        routes=tuple(routes),
        observers=tuple(observers),
    )


def simple(tmp_path: Path, source, sink, *, slots=2, prepare=(), steps=(), **route_options):
    """One source, one sink, one route."""
    return pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        prepare=prepare,
        sinks=[component("sink", "sink", sink, slots=slots)],
        routes=[route(steps=steps, **route_options)],
    )


@asynccontextmanager
async def engine_of(made: Pipeline, *, ledger=MEMORY, clock=trio.current_time):
    async with open_engine(made, Settings(), ledger=ledger, clock=clock) as engine:
        yield engine


@asynccontextmanager
async def running(engine, **options):
    """The engine at work; told to stop on leaving, however that happens."""
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: engine.run(**options))
        try:
            yield
        finally:
            engine.cancel()


class Gates:
    """While closed, no commit begins: what is written then is on its way, and not yet in the ledger."""

    def __init__(self):
        self._open = trio.Event()
        self._open.set()

    def close(self):
        self._open = trio.Event()

    def open(self):
        self._open.set()

    async def open_later(self):
        """Once everybody waits; not stopped by a cancellation."""
        with trio.CancelScope(shield=True):
            await trio.testing.wait_all_tasks_blocked()
            self.open()

    async def passed(self):
        await self._open.wait()


def slow_commits(engine, monkeypatch) -> Gates:
    """Puts gates before every commit of the engine's ledger."""
    gates, commit = Gates(), engine._ledger._commit

    async def later(changes):
        await gates.passed()
        await commit(changes)

    monkeypatch.setattr(engine._ledger, "_commit", later)
    return gates
