"""One upload by the plugin's own parts code, in a process of its own: prints rate and growth of memory."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import trio

from rushes import Clip
from rushes.testing import FakeReport, open_stand_in
from rushes_frameio.calls.api import trusted
from rushes_frameio.sending.asset import Asset
from rushes_frameio.sending.flow import Flow
from rushes_frameio.sending.line import Lines
from rushes_frameio.sending.part import Courier
from rushes_frameio.sending.upload import Upload

PAGE = os.sysconf("SC_PAGE_SIZE")


class Watch:
    """The most memory this process has held, sampled each 20 ms by a thread."""

    def __init__(self) -> None:
        self.idle = self.peak = self._now()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            self.peak = max(self.peak, self._now())

    def end(self) -> float:
        """Peak minus idle, in MB."""
        self._ended.set()
        self._thread.join()
        return (max(self.peak, self._now()) - self.idle) / 1e6

    @staticmethod
    def _now() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


async def upload(job: dict[str, Any], file: Path, stat: os.stat_result) -> dict[str, float]:
    clip = Clip(volume="bench", path=file.name, size=stat.st_size, mtime_ns=stat.st_mtime_ns)
    asset = Asset(
        id="bench",
        urls=tuple(job["urls"]),
        filetype="video/quicktime",
        size=clip.size,
        mark=clip.bytes_mark,
        issued_at=0.0,
    )
    with tempfile.TemporaryDirectory() as folder:
        async with open_stand_in(Path(folder)) as context:
            context.volumes["bench"] = file.parent
            lines = Lines(trusted(Path(job["ca_file"])))
            watch = Watch()
            started = time.perf_counter()
            flow = Flow(job["parts_in_flight"])
            with context.open(clip) as stream:
                courier = Courier(
                    clip=clip,
                    filetype=asset.filetype,
                    descriptor=stream.fileno(),
                    context=context,
                    lines=lines,
                    flow=flow,
                    check=job["check"],
                )
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(flow.run)
                    await Upload(asset, courier, FakeReport(), context, stream=stream).run({})
                    nursery.cancel_scope.cancel()
            elapsed = time.perf_counter() - started
            lines.close()
    return {"rate": clip.size / 1e6 / elapsed, "rss_mb": watch.end()}


if __name__ == "__main__":
    job = json.load(sys.stdin)
    clip_file = Path(job["file"])
    print(json.dumps(trio.run(upload, job, clip_file, clip_file.stat())))
