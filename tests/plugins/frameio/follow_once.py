"""Delivers one growing file in a process of its own, to be killed: prints nothing, keeps what it reported on disk.

Arguments: a JSON file with `api_url`, `ca_file`, `secrets`, `card`, `name`, `reported`, `folder`. The recording is
over when a file `NAME.closed` lies beside it.
"""

import json
import os
import sys
from pathlib import Path

import pytest
import trio

from plugins.frameio.recorder import quicken
from rushes import Clip
from rushes.testing import FakeReport, open_stand_in
from rushes_frameio.options import FrameioOptions
from rushes_frameio.sink import open_sink


class KeptReport(FakeReport):
    """Each fact is on disk when its call returns."""

    def __init__(self, file):
        super().__init__()
        for line in file.read_text().splitlines() if file.exists() else ():
            self._take(json.loads(line))
        self._out = file.open("a")

    def _take(self, fact):
        match fact:
            case ["intend"]:
                self.in_doubt += 1
            case ["begin", head]:
                self.head, self.parts, self.in_doubt = head, {}, max(0, self.in_doubt - 1)
            case ["part", number, value]:
                self.parts[number] = value

    async def _keep(self, *fact):
        self._out.write(json.dumps(fact) + "\n")
        self._out.flush()
        os.fsync(self._out.fileno())
        self._take(json.loads(json.dumps(fact)))
        await trio.lowlevel.checkpoint()

    async def intend(self):
        await self._keep("intend")

    async def begin(self, head, /):
        await self._keep("begin", dict(head))

    async def part(self, number, value="", /):
        await self._keep("part", number, value)


async def main(job):
    file = Path(job["card"]) / job["name"]
    closed = file.with_name(file.name + ".closed")

    def clip_now():
        complete = closed.exists()
        stat = file.stat()
        return Clip(
            id="growing",
            volume="vol",
            path=file.name,
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            complete=complete,
            born=True,
            first_seen=stat.st_mtime_ns / 1e9,
        )

    async def tell(context):
        while not (now := clip_now()).complete:
            context.grow(now)
            await trio.sleep(0.02)
        context.grow(now)

    async with open_stand_in(Path(job["folder"])) as context:
        context.volumes["vol"] = file.parent
        context.secrets.values.update(job["secrets"])
        context.store.values.update(job["store"])
        options = FrameioOptions(api_url=job["api_url"], ca_file=job["ca_file"])
        report = KeptReport(Path(job["reported"]))
        async with open_sink(options, context) as sink, trio.open_nursery() as nursery:
            nursery.start_soon(tell, context)
            await sink.deliver(clip_now(), report.resume, report)
            nursery.cancel_scope.cancel()


if __name__ == "__main__":
    with pytest.MonkeyPatch.context() as monkeypatch:
        quicken(monkeypatch)
        trio.run(main, json.loads(Path(sys.argv[1]).read_text()))
