"""A fake engine, and the API over it on a real Unix socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest
import trio

from report_day import REPORT
from rushes.api.client import Client
from rushes.api.serve import open_api
from rushes.engine.searches import ClipSearch, JobSearch, MatchSearch, SearchError
from rushes.errors import ConfigError, NotAuthorised, NotFound
from rushes.events import Event

STATUS = {
    "pipeline": "onset",
    "file": "/x/onset.yaml",
    "running": True,
    "draining": False,
    "since": 1700000000.0,
    "pid": 7,
    "seq": 0,
    "now": 1700000100.0,
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
        "unmade": 0,
        "bytes_remaining": 5_000_000,
        "rate": 0.0,
        "eta_s": None,
        "sinks": [],
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
    "card": "A001",
    "route": "dailies",
    "revision": 1,
    "state": "running",
    "reason": "",
    "until": None,
    "created": 1700000001.0,
    "priority": 100,
    "urgent": False,
    "size": 5_000_000,
    "steps": [],
}
SIDE = {"id": "c1", "name": "A001.mov", "card": "A001", "timecode": "01:00:00:00"}


class FakeControl:
    """An engine of few words; what it was asked is in `asked`."""

    def __init__(self) -> None:
        self.asked: list = []
        self.asked_status = 0
        self.status_s = 0.0
        self.news: dict = {}
        self.trouble = ""
        self.jobs_there = ["j1aaa"]
        self.broken: ConfigError | None = None
        self.past: list[Event] = []
        self.watchers: list[trio.MemorySendChannel[Event]] = []
        self.begun, self.ended = trio.Semaphore(0), trio.Semaphore(0)
        self.most = 1000
        self.acting = trio.Event()
        self.act_cancelled = trio.Event()

    async def status(self) -> Mapping:
        self.asked_status += 1
        await trio.sleep(self.status_s)
        return {**STATUS, **self.news, "now": trio.current_time()}

    def mark(self) -> object:
        return dict(self.news)

    def health(self) -> Mapping:
        return {"draining": False, "trouble": self.trouble, "backlog": 3, "seq": len(self.past)}

    async def network(self) -> Mapping:
        return {"networks": [{"component": "cloud", "connected": True, "reason": "", "network": "wlan0"}]}

    async def devices(self) -> Mapping:
        facts = {"battery": 80}
        device = {"id": "d1", "source": "set", "type": "cam", "name": "A", "present": True, "facts": facts}
        return {"devices": [device]}

    async def timecode(self) -> Mapping:
        return {"timecodes": [{"component": "set", "timecode": "01:00:00:00", "heard_at": 1.0}]}

    async def attention(self) -> Mapping:
        return {"attention": []}

    async def cards(self) -> Mapping:
        sums = {"clips": 2, "bytes": 5_000_000, "seen": 1.0, "last": 2.0, "undelivered": 1, "unrouted": 0}
        sinks = [{"sink": "raid", "clips": 2, "delivered": 1}]
        return {
            "cards": [{"card": "A001", "volume": "v1", **sums, "sinks": sinks, "handed_over": None}],
            "total": 1,
        }

    async def days(self) -> Mapping:
        return {"days": [{"day": "2026-11-22", "clips": 2, "bytes": 5_000_000}]}

    async def day(self, wanted: str) -> Mapping:
        if wanted not in {"last", "2026-11-22"}:
            raise NotFound(f"nothing was shot on {wanted:.40}; days are 2026-11-22")
        return REPORT

    async def summary(self, wanted: str) -> Mapping:
        await self.day(wanted)
        names = ("day", "pipeline", "made", "totals", "cards", "handovers", "records_without_media")
        return {**{name: REPORT[name] for name in names}, "undelivered": []}

    async def clips(self, search: ClipSearch) -> Mapping:
        self.asked.append(search)
        if search.after == "bad":
            raise SearchError("after: 'bad' is not what a page gave")
        return {"clips": [], "total": 0, "after": None, "facets": {"cards": [], "kinds": {}, "states": {}}}

    async def jobs(self, search: JobSearch) -> Mapping:
        self.asked.append(search)
        jobs = [{**JOB, "id": name} for name in self.jobs_there]
        if search.states and "running" not in search.states:
            jobs = []
        begin = int(search.after or 0)
        end = begin + search.limit
        after = str(end) if end < len(jobs) else None
        return {"jobs": jobs[begin:end], "total": len(jobs), "after": after, "facets": {"states": {}}}

    async def job(self, id: str) -> Mapping:  # noqa: A002 - as `Control.job`
        if id != "j1aaa":
            raise NotFound(f"no job {id}")
        return JOB

    async def clip(self, ref: str) -> Mapping:
        if ref == "bug":
            raise ZeroDivisionError("secret detail")
        if ref not in {"c1", "A001/x y.mov"}:
            raise NotFound(f"no clip {ref}")
        return {
            "clip": {"id": "c1", "path": ref},
            "tellers": {"scene": {"by": "probe", "basis": "file", "of": []}},
            "findings": [],
            "routes": [],
            "jobs": [],
            "links": [],
            "events": [],
            "earlier": False,
        }

    async def picture(self, clip: str, width: int) -> bytes:
        if clip != "c1":
            raise NotFound(f"no clip {clip:.40}")
        return b"\xff\xd8" + bytes(width)

    async def media(self, clip: str) -> tuple[Path, str]:
        raise NotFound(f"nothing of {clip:.40} can be played")

    async def timeline(self, clip: str, after: int, limit: int, order: str) -> Mapping:
        self.asked.append(("timeline", clip, after, limit, order))
        if clip != "c1":
            raise NotFound(f"no clip {clip}")
        return {"events": [asdict(event) for event in self.past if event.seq > after][:limit], "after": None}

    async def matches(self, search: MatchSearch) -> Mapping:
        self.asked.append(search)
        candidate = {"other": SIDE, "state": "ambiguous", "score": 0.5, "evidence": {}}
        match = {"clip": SIDE, "annotator": "match", "kind": "sound", "decided": False}
        return {"matches": [match | {"candidates": [candidate]}], "total": 1, "after": None}

    async def decide(self, verb: str, clip: str, other: str) -> Mapping:
        self.asked.append((verb, clip, other))
        return {"now": True}

    async def move(self, ids: Sequence[str], before: str) -> Mapping:
        self.asked.append(("move", tuple(ids), before))
        return {"changed": list(ids)}

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

    async def rules(self) -> Mapping:
        return {"match": "all", "routes": []}

    async def history(self, rules: Mapping) -> Mapping:
        self.asked.append(("history", rules))
        numbers = dict.fromkeys(("clips", "bytes", "changed", "staying", "leaving"), 0)
        unrouted = {"before": 0, "now": 0}
        jobs = {"opened": 0, "withdrawn": 0, "changed": 0}
        return {
            "compared": True,
            **numbers,
            "jobs": jobs,
            "left": [],
            "routes": [],
            "moved": [],
            "unrouted": unrouted,
            "examples": [],
        }

    async def reload(self) -> Mapping:
        self.asked.append(("reload",))
        if self.broken is not None:
            raise self.broken
        return {
            "file": "/x/onset.yaml",
            "added": ["one"],
            "removed": [],
            "changed": {},
            "reordered": False,
            "match": "",
            "jobs": {"opened": 0, "withdrawn": 0, "changed": 0},
            "staying": 0,
            "leaving": 0,
            "left": [],
        }

    async def add(self, clip: str, sink: str, like: str) -> Mapping:
        self.asked.append(("add", clip, sink, like))
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
