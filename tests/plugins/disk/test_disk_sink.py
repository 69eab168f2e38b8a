"""The disk sink: verified, resumable, never over other bytes, never outside its folder."""

import errno
import os
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import trio
import xxhash

import rushes_disk
from rushes import WORK, Clip, MediaGone, Permanent, Receipt, Role, Transient, Unavailable
from rushes.testing import FakeReport, open_stand_in
from rushes_disk.options import DiskOptions, notes
from rushes_disk.place import place_of
from rushes_disk.sink import DiskSink, open_sink
from rushes_disk.space import readable

PART = 64 * 1024


@pytest.fixture
def raid(tmp_path):
    folder = tmp_path / "raid"
    folder.mkdir()
    return folder


@asynccontextmanager
async def bench(tmp_path, raid):
    async with open_stand_in(tmp_path) as context:
        card = tmp_path / "card"
        card.mkdir(exist_ok=True)
        context.volumes["vol"] = card
        yield context, DiskSink(raid, context, part_bytes=PART)


def write(context, path="A001/C001.mov", content=None, **fields):
    content = os.urandom(5 * PART + 17) if content is None else content
    file = context.volumes[fields.get("volume", "vol")] / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    stat = file.stat()
    values = {"id": "c1", "volume": "vol", "card": "A001", "path": path, **fields}
    return Clip(size=stat.st_size, mtime_ns=stat.st_mtime_ns, **values), content


async def test_a_copy_is_whole_hashed_and_keeps_its_time(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        clip, content = write(context)
        receipt = await sink.deliver(clip, None, FakeReport())
        there = raid / "A001" / "A001" / "C001.mov"
        assert there.read_bytes() == content
        assert receipt == Receipt(
            where=str(there),
            id=xxhash.xxh3_64_hexdigest(content),
            size=clip.size,
            sent=clip.size,
            checked="xxh3_64 read back",
        )
        assert there.stat().st_mtime_ns == clip.mtime_ns
        assert [f.name for f in there.parent.iterdir()] == ["C001.mov"]
        assert context.seen_progress[-1] == (clip.size, clip.size)


async def test_an_empty_file_is_copied(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        clip, _ = write(context, content=b"")
        await sink.deliver(clip, None, FakeReport())
        assert (raid / "A001/A001/C001.mov").read_bytes() == b""


async def test_a_second_delivery_of_the_same_bytes_is_a_receipt(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        clip, _ = write(context)
        first = await sink.deliver(clip, None, FakeReport())
        again = await sink.deliver(clip, None, FakeReport())
        assert again == replace(first, sent=0)


@pytest.mark.parametrize("content", [b"short", None], ids=["other size", "same size"])
async def test_another_file_is_never_overwritten(tmp_path, raid, content):
    async with bench(tmp_path, raid) as (context, sink):
        clip, ours = write(context)
        there = raid / "A001" / "A001" / "C001.mov"
        there.parent.mkdir(parents=True)
        theirs = content or ours[:-1] + bytes([ours[-1] ^ 1])
        there.write_bytes(theirs)
        fact = "5 bytes" if content else xxhash.xxh3_64_hexdigest(theirs)
        with pytest.raises(Permanent, match=fact):
            await sink.deliver(clip, None, FakeReport())
        assert there.read_bytes() == theirs


class CutReport(FakeReport):
    """Cancels the delivery at its nth call, as a SIGKILL between two facts would end it."""

    def __init__(self, at, scope):
        super().__init__()
        self.left, self.scope = at, scope

    async def _step(self):
        self.left -= 1
        if self.left == 0:
            self.scope.cancel()
        await trio.lowlevel.checkpoint()

    async def begin(self, head, /):
        await super().begin(head)
        await self._step()

    async def proceed(self):
        await super().proceed()
        await self._step()

    async def part(self, number, value="", /):
        await self._step()
        await super().part(number, value)
        await self._step()


@pytest.mark.parametrize("at", range(1, 20))
async def test_cut_anywhere_it_goes_on_after_the_last_part(tmp_path, raid, at):
    async with bench(tmp_path, raid) as (context, sink):
        clip, content = write(context)
        with trio.CancelScope() as scope:
            report = CutReport(at, scope)
            await sink.deliver(clip, None, report)
        assert scope.cancelled_caught
        assert not (raid / "A001/A001/C001.mov").exists()
        resume = report.resume
        report.left = 0
        receipt = await sink.deliver(clip, resume, report)
        assert receipt.sent == clip.size - sum(PART if n < 6 else 17 for n in resume.parts)
        assert report.repeated == []
        assert (raid / "A001/A001/C001.mov").read_bytes() == content


async def test_a_partial_that_lost_bytes_is_begun_again(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        clip, content = write(context)
        with trio.CancelScope() as scope:
            report = CutReport(9, scope)
            await sink.deliver(clip, None, report)
        [partial] = (raid / "A001/A001").iterdir()
        os.truncate(partial, PART + 1)
        report.left = 0
        receipt = await sink.deliver(clip, report.resume, report)
        assert receipt.sent == clip.size
        assert (raid / "A001/A001/C001.mov").read_bytes() == content


async def test_a_partial_with_wrong_bytes_is_found_when_read_back(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        clip, content = write(context)
        with trio.CancelScope() as scope:
            report = CutReport(9, scope)
            await sink.deliver(clip, None, report)
        [partial] = (raid / "A001/A001").iterdir()
        with partial.open("r+b") as file:
            file.write(bytes([content[0] ^ 1]))
        report.left = 0
        with pytest.raises(Transient, match="read back differs") as failure:
            await sink.deliver(clip, report.resume, report)
        assert failure.value.blame == "clip"
        await sink.deliver(clip, report.resume, report)
        assert (raid / "A001/A001/C001.mov").read_bytes() == content


async def test_two_clips_of_one_name_at_once_end_as_one_file_and_one_refusal(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        one, _ = write(context, "a/P.mp4", id="one", volume=WORK, origin="CLIPS/P.mov", role=Role.PROXY)
        two, _ = write(context, "b/P.mp4", id="two", volume=WORK, origin="CLIPS/P.mov", role=Role.PROXY)
        outcomes = []

        async def deliver(clip):
            try:
                outcomes.append(await sink.deliver(clip, None, FakeReport()))
            except Permanent as failure:
                outcomes.append(failure)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(deliver, one)
            nursery.start_soon(deliver, two)
        assert sorted(isinstance(outcome, Receipt) for outcome in outcomes) == [False, True]
        assert [f.name for f in (raid / "A001" / "proxy" / "CLIPS").iterdir()] == ["P.mp4"]


async def test_work_files_go_below_their_role_to_the_folder_of_their_original(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        clip, _ = write(context, "j7.1/C001.mov", volume=WORK, origin="CLIPS/C001.mov", role=Role.PROXY)
        receipt = await sink.deliver(clip, None, FakeReport())
        assert receipt.where == str(raid / "A001" / "proxy" / "CLIPS" / "C001.mov")


@pytest.mark.parametrize("path", ["../C001.mov", "/etc/passwd", "a/../../b", "a\0b"])
def test_a_path_that_leaves_the_card_is_refused(path):
    with pytest.raises(Permanent, match="would leave"):
        place_of(Clip(volume="v", path=path, card="A001"))
    with pytest.raises(Permanent, match="would leave"):
        place_of(Clip(volume=WORK, path="j1.1/C001.mov", origin=path, card="A001"))


@pytest.mark.parametrize("card", ["..", ".", "", "a/../..", "/"])
def test_a_cards_name_is_one_folder(card, tmp_path):
    place = place_of(Clip(volume=card, path="C001.mov", card=card))
    assert (tmp_path / "x").joinpath(*place.folders).resolve().parent == tmp_path / "x"


def test_the_partial_name_of_a_long_name_fits():
    place = place_of(Clip(volume="v", path="ü" * 126 + ".mov", card="A", id="c" * 12))
    assert len(place.partial.encode()) <= 255


@pytest.mark.parametrize("inside", ["A001", "A001/A001"])
async def test_a_symlink_below_the_folder_is_not_followed(tmp_path, raid, inside):
    outside = tmp_path / "outside"
    outside.mkdir()
    link = raid / inside
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside)
    async with bench(tmp_path, raid) as (context, sink):
        clip, _ = write(context)
        with pytest.raises(Permanent, match="is a link"):
            await sink.deliver(clip, None, FakeReport())
    assert not any(outside.iterdir())


async def test_a_symlink_with_the_clips_name_is_not_followed(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        clip, _ = write(context)
        there = raid / "A001/A001/C001.mov"
        there.parent.mkdir(parents=True)
        there.symlink_to(tmp_path / "nowhere")
        with pytest.raises(Permanent, match="has this name"):
            await sink.deliver(clip, None, FakeReport())


async def test_space_is_asked_first(tmp_path, raid, monkeypatch):
    monkeypatch.setattr("rushes_disk.sink.free_bytes", lambda _: 100)
    monkeypatch.setattr("rushes_disk.space.free_bytes", lambda _: 100)
    async with bench(tmp_path, raid) as (context, sink):
        clip, _ = write(context)
        with pytest.raises(Unavailable, match=r"^disk full: needs 327.7 kB, has 100 B; free space on /"):
            await sink.deliver(clip, None, FakeReport())
        assert not any((raid / "A001/A001").iterdir())


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [(errno.ENOSPC, Unavailable, "disk full"), (errno.EIO, Unavailable, "check that disk")],
)
async def test_a_target_that_fails_in_the_middle_makes_the_sink_unavailable(
    tmp_path, raid, monkeypatch, code, kind, text
):
    async with bench(tmp_path, raid) as (context, sink):
        clip, content = write(context)
        written = os.pwrite

        def fail(descriptor, data, offset):
            if offset >= 3 * PART:
                raise OSError(code, os.strerror(code))
            return written(descriptor, data, offset)

        monkeypatch.setattr(os, "pwrite", fail)
        report = FakeReport()
        with pytest.raises(kind, match=text):
            await sink.deliver(clip, None, report)
        monkeypatch.setattr(os, "pwrite", written)
        assert sorted(report.parts) == [1, 2, 3]
        await sink.deliver(clip, report.resume, report)
        assert (raid / "A001/A001/C001.mov").read_bytes() == content


async def test_a_card_pulled_in_the_middle_is_media_gone(tmp_path, raid, monkeypatch):
    async with bench(tmp_path, raid) as (context, sink):
        clip, _ = write(context)

        def fail(*_):
            del context.volumes["vol"]
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(os, "preadv", fail)
        with pytest.raises(MediaGone, match="insert card A001"):
            await sink.deliver(clip, None, FakeReport())


async def test_a_clip_that_changes_meanwhile_is_not_published(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        clip, content = write(context)

        class Changing(FakeReport):
            async def part(self, number, value="", /):
                await super().part(number, value)
                (context.volumes["vol"] / clip.path).write_bytes(content + b"more")

        with pytest.raises(Permanent, match="changed"):
            await sink.deliver(clip, None, Changing())
        assert not (raid / "A001/A001/C001.mov").exists()


async def test_a_missing_folder_is_an_absent_disk(tmp_path):
    options = DiskOptions(path=tmp_path / "absent")
    assert notes(options) == [f"{tmp_path}/absent: not there now; clips for it will wait"]
    async with open_stand_in(tmp_path) as context:
        with pytest.raises(Unavailable, match="connect the disk"):
            async with open_sink(options, context):
                pass
    assert not (tmp_path / "absent").exists()


def test_check_tells_the_free_space(tmp_path):
    assert notes(DiskOptions(path=tmp_path))[0].endswith("B free")


def test_sizes_read_well():
    assert [readable(n) for n in (0, 999, 1500, 2_000_000, 10**12)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "2.0 MB",
        "1.0 TB",
    ]


def test_the_plugin_declares_its_sink():
    [spec] = rushes_disk.rushes_sinks()
    assert spec.name == "disk"
