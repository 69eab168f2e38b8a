"""One recording sent while it grows, in a process of its own: prints how long after its end it was complete.

Reads a job from stdin: `file`, `seconds`, `link` and `growth` (bytes a second), `capped` (whether we keep to the
link ourselves, because no network does), `host` and port of `tls_sink.py`, its `ca_file`, `latency` of an API call.
The API is a stand-in; recorder, parts, TLS and comparing are real.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import trio

from rushes import Clip, Resume
from rushes.testing import FakeReport, open_stand_in
from rushes_frameio.calls.api import trusted
from rushes_frameio.clip.pauses import Pauses
from rushes_frameio.live.asking import Rhythm
from rushes_frameio.live.realtime import Realtime
from rushes_frameio.live.stride import Stride
from rushes_frameio.sending.flow import Flow
from rushes_frameio.sending.line import Lines
from rushes_frameio.sending.part import Courier

PARTS_IN_FLIGHT = 16
TICK_S = 0.02
#: A MOV: its head is written again when it is closed.
HEAD = b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  \x00\x00\x00\x01mdat"


class Api:
    """Answers as the service would, after its latency."""

    def __init__(self, host: str, latency: float) -> None:
        self._host = host
        self._latency = latency
        self.calls = 0

    async def may_create_asset(self) -> None:
        """No limits here."""

    async def create_realtime_asset(self, _access: str, _body: Any) -> str:
        await trio.sleep(self._latency)
        return "bench"

    async def realtime_parts(self, _access: str, _asset: str, body: Any) -> tuple[str, ...]:
        self.calls += 1
        await trio.sleep(self._latency)
        return tuple(f"https://{self._host}/parts/part_{part['number']}" for part in body["parts"])


class Connection:
    """Connected, never paused."""

    identity = None

    def __init__(self, context: Any, api: Api) -> None:
        self.context = context
        self.api = api
        self.pauses = Pauses(context.store)

    async def call(self, request: Any) -> Any:
        return await request("token")

    async def changed(self) -> None:
        await trio.sleep_forever()


class Recorder(threading.Thread):
    """Writes at a steady rate, then the head again, and closes."""

    def __init__(self, file: Path, seconds: float, growth: float) -> None:
        super().__init__()
        self._file, self._seconds, self._growth = file, seconds, growth
        self.began, self.closed = threading.Event(), threading.Event()
        self.ended_at = 0.0

    def run(self) -> None:
        block = os.urandom(8 * 1024 * 1024)
        with self._file.open("wb", buffering=0) as out:
            out.write(HEAD)
            self.began.set()
            started, written = time.monotonic(), len(HEAD)
            while (now := time.monotonic()) - started < self._seconds:
                due = int((now - started) * self._growth)
                while written < due:
                    written += out.write(block[: min(len(block), due - written)])
                time.sleep(TICK_S)
            os.pwrite(out.fileno(), b"\x01", len(HEAD) + 7)
        self.ended_at = time.monotonic()
        self.closed.set()


async def told(context: Any, recorder: Recorder, clip_now: Any) -> None:
    """What a source tells: once a second while it grows, and at once when it is closed."""
    while not await trio.to_thread.run_sync(recorder.closed.wait, 1.0):
        context.grow(clip_now(complete=False))
    context.grow(clip_now(complete=True))


async def send(job: dict[str, Any]) -> dict[str, float]:
    file = Path(job["file"])
    recorder = Recorder(file, job["seconds"], job["growth"])

    def clip_now(*, complete: bool) -> Clip:
        stat = file.stat()
        return Clip(
            id="bench",
            volume="bench",
            path=file.name,
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            complete=complete,
        )

    with tempfile.TemporaryDirectory() as folder:
        async with open_stand_in(Path(folder)) as context, trio.open_nursery() as nursery:
            context.volumes["bench"] = file.parent
            api = Api(job["host"], job["latency"])
            lines = Lines(trusted(Path(job["ca_file"])))
            flow = Flow(PARTS_IN_FLIGHT, job["link"] * 8 if job["capped"] else None)
            nursery.start_soon(flow.run)

            def courier(clip: Clip, filetype: str, descriptor: int) -> Courier:
                return Courier(
                    clip=clip,
                    filetype=filetype,
                    descriptor=descriptor,
                    context=context,
                    lines=lines,
                    flow=flow,
                    check=True,
                )

            async def whole(_clip: Clip, _resume: Resume) -> Any:
                raise SystemExit("it was complete before it was begun")

            recorder.start()
            await trio.to_thread.run_sync(recorder.began.wait)
            nursery.start_soon(told, context, recorder, clip_now)
            delivery = Realtime(
                connection=Connection(context, api),  # type: ignore[arg-type]
                report=FakeReport(),
                courier=courier,
                whole=whole,
                channel=lambda _clip: nullcontext(0),
                rhythm=Rhythm(),
            )
            receipt = await delivery.deliver(clip_now(complete=False), Resume())
            tail = time.monotonic() - recorder.ended_at
            lines.close()
            nursery.cancel_scope.cancel()
    stride = Stride()
    newest = receipt.size - stride.span(stride.last(receipt.size))[0]
    head, full = stride.span(1)[1], stride.span(stride.last(receipt.size))[1]
    return {
        "tail_s": tail,
        "two_parts_s": (head + full) / job["link"],
        "newest": newest,
        "size": receipt.size,
        "sent": receipt.sent,
        "calls": api.calls,
        "checked": receipt.checked,
    }


if __name__ == "__main__":
    print(json.dumps(trio.run(send, json.load(sys.stdin))))
