"""A fake engine, and the API over it on a real Unix socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from rushes.api.client import Client
from rushes.api.serve import open_api
from rushes.errors import ConfigError, NotAuthorised, NotFound
from rushes.events import Event

STATUS = {
    "pipeline": "onset",
    "file": "/x/onset.yaml",
    "running": True,
    "draining": False,
    "since": 1700000000.0,
    "pid": 7,
    "components": [
        {
            "id": "cloud",
            "use": "frameio",
            "kind": "sink",
            "state": "open",
            "reason": "",
            "facts": {"project": "Nocturne"},
            "actions": ["pair"],
        },
    ],
    "counts": {
        "clips": 2,
        "jobs": {"done": 1, "running": 1},
        "files_remaining": 1,
        "bytes_remaining": 5_000_000,
    },
    "route_waits": [],
    "switches": {"paused": [], "auto": {}},
    "current": [],
    "attention": [],
}
JOB = {
    "id": "j1aaa",
    "clip": "c1",
    "name": "A001.mov",
    "route": "dailies",
    "state": "running",
    "reason": "",
    "until": 0,
    "priority": 100,
    "urgent": 0,
    "size": 5_000_000,
    "steps": [],
}


class FakeControl:
    """An engine of few words; what it was asked is in `asked`."""

    def __init__(self) -> None:
        self.asked: list[tuple] = []
        self.broken: ConfigError | None = None
        self.past: list[Event] = []
        self.watchers: list[trio.MemorySendChannel[Event]] = []
        self.begun, self.ended = trio.Semaphore(0), trio.Semaphore(0)
        self.most = 1000
        self.acting = trio.Event()
        self.act_cancelled = trio.Event()

    async def status(self) -> Mapping:
        return STATUS

    async def jobs(self, states: Collection[str] | None) -> Mapping:
        self.asked.append(("jobs", None if states is None else frozenset(states)))
        return {"jobs": [JOB]}

    async def clip(self, ref: str) -> Mapping:
        if ref == "bug":
            raise ZeroDivisionError("secret detail")
        if ref not in {"c1", "A001/x y.mov", "odd\udc80name"}:
            raise NotFound(f"no clip {ref}")
        return {
            "clip": {"id": "c1", "path": ref},
            "findings": [],
            "routes": [],
            "jobs": [],
            "links": [],
            "events": [],
        }

    async def queue(self, verb: str, ids: Sequence[str], *, all: bool) -> Mapping:  # noqa: A002 - as `Control.queue`
        self.asked.append((verb, tuple(ids), all))
        if any(id_ != "j1aaa" for id_ in ids):
            raise NotFound(f"no job {ids[0]}")
        return {"changed": ["j1aaa"]}

    async def switch(self, word, names):
        if word not in {"pause", "resume", "manual", "auto"}:
            raise NotFound(f"no switch {word}")
        self.asked.append(("switch", word, tuple(names)))
        return {"paused": list(names), "auto": {}}

    async def history(self, rules: Mapping) -> Mapping:
        self.asked.append(("history", rules))
        return {"compared": True, "routes": []}

    async def reload(self) -> Mapping:
        self.asked.append(("reload",))
        if self.broken is not None:
            raise self.broken
        return {"added": ["one"]}

    async def add(self, clip: str, sink: str) -> Mapping:
        self.asked.append(("add", clip, sink))
        return {"job": "j2"}

    async def act(self, component: str, action: str, arguments: Mapping[str, str], tell) -> Mapping:
        self.asked.append(("act", component, action, dict(arguments)))
        if component != "cloud":
            raise NotFound(f"no component {component}")
        await tell({"code": "123456", "error": "a fact may be called so"})
        if action == "whoami":
            raise NotAuthorised("not paired; run pipeline frameio pair")
        if action == "crash":
            raise ZeroDivisionError
        if action == "wait":
            self.acting.set()
            try:
                await trio.sleep_forever()
            finally:
                self.act_cancelled.set()
        return {"device": "d1"}

    @asynccontextmanager
    async def events(self, after: int | None) -> AsyncIterator[trio.MemoryReceiveChannel[Event]]:
        send, receive = trio.open_memory_channel[Event](self.most)
        for event in [event for event in self.past if after is not None and event.seq > after][: self.most]:
            send.send_nowait(event)
        self.watchers.append(send)
        self.begun.release()
        try:
            with send, receive:
                yield receive
        finally:
            self.ended.release()

    def happen(self, count: int = 1) -> None:
        for _ in range(count):
            event = Event(
                kind="clip.admitted", at=1.0, seq=len(self.past) + 1, clip="c1", detail={"name": "A001.mov"}
            )
            self.past.append(event)
            for watcher in list(self.watchers):
                try:
                    watcher.send_nowait(event)
                except (trio.WouldBlock, trio.BrokenResourceError, trio.ClosedResourceError):
                    self.watchers.remove(watcher)
                    watcher.close()


@pytest.fixture
def control() -> FakeControl:
    return FakeControl()


@pytest.fixture
def address(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    return folder / "p.sock"


@pytest.fixture
async def client(control, address, tmp_path) -> AsyncIterator[Client]:
    async with open_api(control, address, tmp_path):
        yield Client(address)


@pytest.fixture
def in_thread():
    """Call the blocking client while the server runs here."""

    async def call(function, *args):
        return await trio.to_thread.run_sync(partial(function, *args), abandon_on_cancel=True)

    return call
