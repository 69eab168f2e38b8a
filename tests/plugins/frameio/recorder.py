"""A recorder on the set, and a delivery that follows it."""

import hashlib
import os
from contextlib import asynccontextmanager

import trio

from rushes import Clip
from rushes_frameio.live import asking, realtime, recording, rereading
from rushes_frameio.reach import websocket

from .conftest import PART


def quicken(monkeypatch):
    """Parts of 64 KiB, and no waits beyond what order needs."""
    monkeypatch.setattr(realtime, "SMALLEST", PART)
    monkeypatch.setattr(recording, "LOOK_S", 0.01)
    monkeypatch.setattr(recording, "SETTLE_S", 0.02)
    monkeypatch.setattr(asking, "EVERY_S", 0.0)
    monkeypatch.setattr(rereading, "FIRST_S", 0.02)
    monkeypatch.setattr(rereading, "AGAIN_S", 0.05)
    monkeypatch.setattr(rereading, "PAUSE_S", 0.01)
    monkeypatch.setattr(websocket, "CLOSING_S", 0.02)
    monkeypatch.setattr("rushes.retry.Backoff.wait", lambda self, failures, rng=None: 0.002 * failures)


class Recorder:
    """A recorder on the set: writes a file in place and tells the clip's followers, as a source does."""

    def __init__(self, stage, name="A001C001.mov", start=b""):
        self.stage = stage
        self.id = f"growing-{name}"
        self.path = stage.context.volumes["vol"] / name
        self.path.write_bytes(start)
        self.first = self._clip()
        self.told = self.first

    def _clip(self, *, complete=False):
        stat = self.path.stat()
        return Clip(
            id=self.id,
            volume="vol",
            card="A001",
            path=self.path.name,
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            complete=complete,
            born=True,
            first_seen=stat.st_mtime_ns / 1e9,
            head="h" if complete else "",
            tail="t" if complete else "",
        )

    def write(self, size, content=None):
        with self.path.open("ab") as file:
            file.write(os.urandom(size) if content is None else content)
        self.tell()

    def rewrite(self, offset, content):
        with self.path.open("r+b") as file:
            file.seek(offset)
            file.write(content)

    def tell(self):
        self.told = self._clip()
        self.stage.context.grow(self.told)

    def close(self):
        self.told = self._clip(complete=True)
        self.stage.context.grow(self.told)
        return self.told

    @property
    def sha256(self):
        return hashlib.sha256(self.path.read_bytes()).hexdigest()


async def until(condition):
    with trio.fail_after(20):
        while not condition():
            await trio.sleep(0.005)


@asynccontextmanager
async def delivering(sink, recorder, report, results):
    """A delivery under way; leaving waits for its receipt or failure, the last of `results`."""

    async def deliver():
        try:
            results.append(await sink.deliver(recorder.told, report.resume, report))
        except Exception as failure:  # noqa: BLE001 - it is the result
            results.append(failure)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(deliver)
        yield nursery.cancel_scope
        nursery.cancel_scope.deadline = trio.current_time() + 20


async def parts_of(stage):
    """Number: how often it arrived, of the only asset."""
    [asset] = stage.sandbox.assets()
    return {part["number"]: part["puts"] for part in asset["parts"]}
