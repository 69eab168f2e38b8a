"""Recordings that are admitted while they are written: real files, real inotify, and the engine behind them."""

import os
from contextlib import ExitStack, asynccontextmanager

import pytest
import trio

from engine_rig import component as fake
from engine_rig import engine_of, pipeline, route, running
from growing_rig import FollowingSink
from rushes import Kind
from rushes.config.pipeline import Component
from rushes.ledger import FILE_NAME
from rushes_folder import FolderOptions, examine, growing, rushes_sources

pytestmark = pytest.mark.timeout(30)

PIECE = 16 * 1024


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Looks follow each other fast, so that tests do."""
    monkeypatch.setattr(growing, "FIRST_LOOKS_S", 0.02)
    monkeypatch.setattr(examine, "EVERY_S", 0.02)


class Camera:
    """Writes a file in pieces until told to stop; then its last bytes, and closes it."""

    def __init__(self, path, content=b""):
        self.path = path
        self.stop = trio.Event()
        self._content = content or os.urandom(64 * PIECE)

    async def record(self, task_status=trio.TASK_STATUS_IGNORED):
        # The end is kept back: half a movie is not complete.
        end = len(self._content) - 1
        piece = max(1, min(PIECE, end // 64))
        with self.path.open("ab", buffering=0) as file:
            task_status.started()
            for at in range(0, end, piece):
                file.write(self._content[at : min(end, at + piece)])
                with trio.move_on_after(0.02):
                    await self.stop.wait()
            await self.stop.wait()
            file.write(self._content[end:])


@asynccontextmanager
async def recording(camera):
    """The camera at work; it ends its recording on leaving."""
    async with trio.open_nursery() as nursery:
        await nursery.start(camera.record)
        yield
        camera.stop.set()


async def complete(source, path):
    """The clip of a file once it is admitted complete, with those before it."""
    number = 0
    while True:
        clips = [clip for clip in await source.until(number) if clip.path == path]
        if clips and clips[-1].complete:
            return clips[:-1], clips[-1]
        number = len(source.admitted) + 1


@pytest.mark.parametrize("watch", ["events", "poll"])
async def test_a_recording_is_admitted_again_and_again_as_it_grows(watching, card, movie, watch):
    async with watching(growing=True, watch=watch, interval=0.05, settle=0.3, patience=10) as source:
        await source.first_scan()
        async with recording(Camera(card / "c.mov", movie)):
            await source.until(4)
            assert {clip.complete for clip in source.admitted} == {False}
        before, clip = await complete(source, "c.mov")
    sizes = [each.size for each in before]
    assert sizes == sorted(set(sizes))
    assert {(each.head, each.tail, each.completed_by, each.kind) for each in before} == {
        ("", "", "", Kind.VIDEO)
    }
    assert (clip.size, clip.completed_by) == (len(movie), "closed" if watch == "events" else "quiet")
    assert clip.head
    assert {each.inode for each in before} == {clip.inode}
    # Only an event tells that the file came into being before our eyes.
    assert {each.born for each in [*before, clip]} == {watch == "events"}


async def test_one_that_was_under_way_when_we_came_is_followed_too(watching, card, movie):
    async with recording(Camera(card / "c.mov", movie)):
        async with watching(growing=True, settle=0.3, patience=10) as source:
            clips = await source.until(3)
            assert {(clip.complete, clip.born) for clip in clips} == {(False, False)}


async def test_it_is_an_option(watching, card, movie):
    camera = Camera(card / "c.mov", movie)
    async with watching(settle=0.3, patience=10) as source:
        await source.first_scan()
        async with recording(camera):
            await source.shows("incomplete", 1)
            await trio.sleep(0.3)
        before, _ = await complete(source, "c.mov")
    assert before == []


async def test_only_pictures_that_move_and_sound_are_followed(watching, card, movie):
    async with watching(growing=True, settle=0.3, patience=10) as source:
        await source.first_scan()
        async with recording(Camera(card / "notes.txt")), recording(Camera(card / "still.dng")):
            async with recording(Camera(card / "sound.w64")):
                await source.until(3)
        await complete(source, "still.dng")
        await complete(source, "notes.txt")
    assert {clip.path for clip in source.admitted if not clip.complete} == {"sound.w64"}


def allocate(path, size):
    descriptor = os.open(path, os.O_WRONLY)
    os.posix_fallocate(descriptor, 0, size)
    os.close(descriptor)


@pytest.mark.parametrize("reserve", [os.truncate, allocate])
async def test_reserved_room_is_no_recording(watching, card, movie, reserve):
    path = card / "c.mov"
    async with watching(growing=True, settle=0.2, patience=10) as source:
        await source.first_scan()
        with path.open("wb", buffering=0) as file:
            for step in range(1, 9):
                if reserve is os.truncate or step == 1:
                    reserve(path, step * 4 * growing.RESERVED_BYTES)
                file.write(movie[:100])
                await trio.sleep(0.03)
            file.seek(0)
            file.write(movie)
            file.truncate()
        before, clip = await complete(source, "c.mov")
    assert before == []
    assert clip.size == len(movie)


async def test_a_name_that_is_known_is_judged_when_it_is_complete(watching, card, movie):
    path = card / "c.mov"
    path.write_bytes(movie)
    async with watching(growing=True, settle=0.3, patience=10) as source:
        [known] = await source.first_scan()
        path.unlink()
        async with recording(Camera(path, movie)):
            await source.shows("incomplete", 1)
            await trio.sleep(0.3)
        copied = (await source.until(2))[1]
        assert (copied.complete, copied.head) == (True, known.head)


async def test_a_file_that_arrives_by_a_rename_is_complete_at_once(watching, card, tmp_path, movie):
    (tmp_path / "c.mov").write_bytes(movie)
    async with watching(growing=True) as source:
        await source.first_scan()
        (tmp_path / "c.mov").rename(card / "c.mov")
        before, clip = await complete(source, "c.mov")
    assert (before, clip.completed_by) == ([], "renamed")


@pytest.mark.parametrize("under_way", [False, True])
async def test_a_recorder_that_has_its_file_open_may_pause(watching, card, under_way):
    path = card / "c.mkv"
    with ExitStack() as camera:
        if under_way:
            file = camera.enter_context(path.open("wb", buffering=0))
        async with watching(growing=True, settle=0.1, patience=3) as source:
            if not under_way:
                await source.first_scan()
                file = camera.enter_context(path.open("wb", buffering=0))
            while not source.admitted:
                file.write(bytes(PIECE))
                await trio.sleep(0.03)
            await trio.sleep(0.6)
            file.write(b"after the pause")
            camera.close()
            before, clip = await complete(source, "c.mkv")
    assert {each.complete for each in before} == {False}
    assert (clip.size, clip.completed_by) == (path.stat().st_size, "closed")


async def test_a_recorder_that_opens_its_file_again_and_again_is_believed_once(watching, card):
    path = card / "c.mkv"
    async with watching(growing=True, settle=0.6, patience=3) as source:
        await source.first_scan()
        for _ in range(6):
            with path.open("ab") as file:
                file.write(bytes(PIECE))
            await trio.sleep(0.3)
        with trio.fail_after(20):
            while (clip := source.admitted[-1]).size < 6 * PIECE:
                await trio.sleep(0.02)
    assert [each.size for each in source.admitted] == [PIECE, 6 * PIECE]
    assert clip.complete


async def test_one_that_is_deleted_is_forgotten(watching, card, movie):
    async with watching(growing=True, settle=0.3, patience=10) as source:
        await source.first_scan()
        async with recording(Camera(card / "c.mov", movie)):
            await source.until(2)
            (card / "c.mov").unlink()
            await source.shows("incomplete", None)


# -- with the engine ---------------------------------------------------------------------------------------


def live(tmp_path, root, sink):
    [spec] = rushes_sources()
    options = FolderOptions(path=root, growing=True, settle=0.3, patience=10)
    cards = Component(
        id="cards", use="folder", kind="source", spec=spec, options=options, slots=1, where="test:1"
    )
    return pipeline(
        tmp_path,
        sources=[cards],
        sinks=[fake("sink", "sink", sink, live=True)],
        routes=[route(live=True)],
    )


async def until(holds):
    with trio.fail_after(10):
        while not holds():
            await trio.sleep(0.01)


async def test_a_recording_arrives_while_it_is_made_and_survives_a_restart(tmp_path, root, card, movie):
    ledger = tmp_path / FILE_NAME
    async with recording(Camera(card / "c.mov", movie)):
        first, second = FollowingSink(), FollowingSink()
        async with engine_of(live(tmp_path, root, first), ledger=ledger) as engine, running(engine):
            await until(lambda: len(first.seen.get("c.mov", [])) > 1)
        async with engine_of(live(tmp_path, root, second), ledger=ledger) as engine, running(engine):
            await until(lambda: len(second.seen.get("c.mov", [])) > 2)
            assert second.received == {}
    async with engine_of(live(tmp_path, root, second), ledger=ledger) as engine:
        outcome = await engine.run(once=True)
        assert (outcome.parked, outcome.waiting) == (0, 0)
        [job] = (await engine.jobs())["jobs"]
        assert (job["state"], job["steps"][0]["receipt"]["size"]) == ("done", len(movie))
    assert second.received == {"c.mov": movie}
    assert [resumed for *_, resumed in second.started] == [True, True]
