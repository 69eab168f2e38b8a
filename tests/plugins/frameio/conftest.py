"""A sandbox, a paired sink and clips to send."""

import os
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import trio

from rushes import Clip
from rushes.testing import FakeReport, open_stand_in
from rushes_frameio.actions.pairing import pair
from rushes_frameio.options import FrameioOptions
from rushes_frameio.sink import open_sink
from rushes_sandbox import Settings, open_sandbox

PART = 64 * 1024
SECRET = "sandbox-secret"


@dataclass
class Wall:
    """The sandbox's clock: real, plus what a test adds."""

    ahead: float = 0.0

    def __call__(self):
        import time

        return time.time() + self.ahead


@dataclass
class Stage:
    sandbox: object
    context: object
    options: FrameioOptions
    wall: Wall
    told: list = field(default_factory=list)

    def clip(self, name="A001C001.mov", size=6 * PART + 1000, content=None, **fields):
        content = os.urandom(size) if content is None else content
        file = self.context.volumes["vol"] / name
        file.write_bytes(content)
        stat = file.stat()
        return Clip(
            id=uuid.uuid4().hex[:8],
            volume="vol",
            card="A001",
            path=name,
            size=stat.st_size,
            mtime_ns=stat.st_mtime_ns,
            **fields,
        )

    def content(self, clip):
        return (self.context.volumes["vol"] / clip.path).read_bytes()

    async def pair(self, part=None):
        async def tell(facts):
            self.told.append(facts)
            self.sandbox.confirm(facts["user_code"])
            await trio.lowlevel.checkpoint()

        return await pair(self.options, self.context, part, {}, tell)

    @asynccontextmanager
    async def open(self, **options):
        async with open_sink(self.options.model_copy(update=options), self.context) as sink:
            yield sink

    async def assets(self, state=None):
        await self.sandbox.settled()
        return [asset for asset in self.sandbox.assets() if state in {None, asset["state"]}]


@pytest.fixture(autouse=True)
def client_secret(monkeypatch):
    monkeypatch.setenv("RUSHES_FRAMEIO_CLIENT_SECRET", SECRET)


@pytest.fixture
def set_stage(tmp_path):
    @asynccontextmanager
    async def open_stage(*, paired=True, part_size=PART, **settings):
        wall = Wall()
        chosen = Settings(part_size=part_size, interval=0.05, clock=wall, **settings)
        async with (
            open_sandbox(tmp_path / "sandbox", settings=chosen) as sandbox,
            open_stand_in(tmp_path) as context,
        ):
            card = tmp_path / "card"
            card.mkdir(exist_ok=True)
            context.volumes["vol"] = card
            options = FrameioOptions(api_url=sandbox.url, ca_file=sandbox.ca_file)
            stage = Stage(sandbox, context, options, wall)
            if paired:
                await stage.pair()
            yield stage
            assert sandbox.violations() == []

    return open_stage


@pytest.fixture
async def stage(set_stage):
    async with set_stage() as opened:
        yield opened


@pytest.fixture
def report():
    return FakeReport()
