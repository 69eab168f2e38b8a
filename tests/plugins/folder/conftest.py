"""A folder source at work: real files, real inotify; tests wait for what it admits, never for time."""

import os
import subprocess
from contextlib import asynccontextmanager

import imageio_ffmpeg
import pytest
import trio

from rushes.testing import FakeIntake, open_stand_in
from rushes_folder import FolderOptions, FolderSource

PATIENCE_S = 5.0


class Watching(FakeIntake):
    """The intake of a running source, with its context as `context`."""

    def __init__(self, context):
        super().__init__()
        self.context = context
        self._arrived = trio.Event()

    async def clips(self, clips, /):
        answers = await super().clips(clips)
        self._arrived.set()
        self._arrived = trio.Event()
        return answers

    async def until(self, number):
        """The clips admitted so far, at least so many."""
        with trio.fail_after(PATIENCE_S):
            while len(self.admitted) < number:
                await self._arrived.wait()
        return self.admitted

    async def shows(self, fact, value):
        with trio.fail_after(PATIENCE_S):
            while self.context.facts.get(fact) != value:
                await trio.sleep(0.01)

    async def first_scan(self):
        with trio.fail_after(PATIENCE_S):
            await self.caught.wait()
        return self.admitted

    @property
    def names(self):
        return [clip.path for clip in self.admitted]

    def remember(self):
        """What the ledger would answer at the next start."""
        return [(c.volume, c.path, c.size, c.mtime_ns, c.inode) for c in self.admitted]


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "cards"
    (folder / "A001").mkdir(parents=True)
    return folder


@pytest.fixture
def card(root):
    return root / "A001"


@pytest.fixture
def watching(tmp_path, root):
    @asynccontextmanager
    async def open_watching(rows=(), *, store=None, **options):
        options = {"path": root, "settle": 0.05, "patience": 0.3, **options}
        async with open_stand_in(tmp_path / "stand-in", "cards") as context:
            context.catalog.rows = list(rows)
            context.store.values.update(store or {})
            watching = Watching(context)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(FolderSource(FolderOptions(**options), context).run, watching)
                yield watching
                nursery.cancel_scope.cancel()

    return open_watching


@pytest.fixture
def aged():
    """Make a file look an hour old, as files on a card are."""

    def make_old(path):
        status = path.stat()
        os.utime(path, (status.st_atime, status.st_mtime - 3600))
        return path

    return make_old


@pytest.fixture(scope="session")
def movie(tmp_path_factory):
    """The bytes of a small MOV whose moov atom comes last."""
    path = tmp_path_factory.mktemp("movie") / "movie.mov"
    source = ["-f", "lavfi", "-i", "testsrc=duration=1:size=160x90:rate=25", "-timecode", "01:00:00:00"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, path], check=True)
    return path.read_bytes()


@pytest.fixture(scope="session")
def mxf(tmp_path_factory):
    path = tmp_path_factory.mktemp("movie") / "movie.mxf"
    source = ["-f", "lavfi", "-i", "testsrc=duration=1:size=160x90:rate=25", "-c:v", "mpeg2video"]
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, path], check=True)
    return path.read_bytes()
