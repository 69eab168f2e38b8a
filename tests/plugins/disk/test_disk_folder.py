"""Folders of the disk sink: made of what is known of a clip, by the sink's option or a route's wish."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from pydantic import ValidationError

import rushes_disk
from rushes import WORK, Clip, NotYet, Order, Permanent, Role, Template
from rushes.testing import FakeReport, check_sink, open_stand_in
from rushes_disk.options import DiskOptions, DiskWishes
from rushes_disk.sink import DiskSink

PART = 64 * 1024
NOON = datetime.fromisoformat("2020-02-03 12:00").astimezone().timestamp()


@pytest.fixture
def raid(tmp_path):
    folder = tmp_path / "raid"
    folder.mkdir()
    return folder


@asynccontextmanager
async def bench(tmp_path, raid, folder="{scene}/{day}/{roll}"):
    async with open_stand_in(tmp_path) as context:
        (tmp_path / "card").mkdir(exist_ok=True)
        context.volumes["vol"] = tmp_path / "card"
        sink = DiskSink(raid, context, folder=Template(folder) if folder else None, part_bytes=PART)
        yield context, sink


def write(context, path="CLIPS/C001.mov", content=None, volume="vol", **fields):
    file = context.volumes[volume] / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(os.urandom(3 * PART) if content is None else content)
    os.utime(file, (NOON, NOON))
    stat = file.stat()
    values = {"id": "c1", "volume": volume, "card": "A001", "path": path, **fields}
    return Clip(size=stat.st_size, mtime_ns=stat.st_mtime_ns, **values)


def wishing(context, folder, **fields):
    context.order = Order(route="dailies", wishes=DiskWishes(folder=folder), **fields)


async def test_the_sinks_folder_takes_the_place_of_the_cards(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        clip = write(context, meta={"scene": "12A/..", "reel": "A007"})
        receipt = await sink.deliver(clip, None, FakeReport())
        there = raid / "12A_" / "2020-02-03" / "A007" / "C001.mov"
        assert there.read_bytes() == (tmp_path / "card/CLIPS/C001.mov").read_bytes()
        assert receipt.where == str(there)


async def test_a_routes_wish_stands_above_the_sinks_folder(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        wishing(context, "{card}/{folder}/{role}")
        await sink.deliver(write(context), None, FakeReport())
        assert (raid / "A001/CLIPS/original/C001.mov").is_file()


async def test_an_empty_folder_is_the_sinks_own(tmp_path, raid):
    async with bench(tmp_path, raid, "{scene:-}") as (context, sink):
        await sink.deliver(write(context), None, FakeReport())
        assert (raid / "C001.mov").is_file()


async def test_a_proxy_goes_to_the_day_of_its_original(tmp_path, raid):
    async with bench(tmp_path, raid, "{day}/{role}") as (context, sink):
        original = write(context)
        file = context.workspace() / "C001.mov"
        file.write_bytes(b"proxy")
        made = context.derive(original, file, role=Role.PROXY)
        assert (made.volume, made.mtime_ns > original.mtime_ns) == (WORK, True)
        await sink.deliver(made, None, FakeReport())
        assert (raid / "2020-02-03/proxy/C001.mov").read_bytes() == b"proxy"


async def test_a_clip_without_the_value_waits_and_goes_on_once_it_is_told(tmp_path, raid):
    async with bench(tmp_path, raid, "{scene}") as (context, sink):
        clip = write(context)
        with pytest.raises(NotYet, match=r"C001\.mov: no scene yet") as waits:
            await sink.deliver(clip, None, FakeReport())
        assert waits.value.until == "metadata"
        assert list(raid.iterdir()) == []
        await sink.deliver(replace(clip, meta={"scene": "12A"}), None, FakeReport())
        assert (raid / "12A/C001.mov").is_file()


async def test_a_clip_that_a_person_released_without_the_value_parks(tmp_path, raid):
    async with bench(tmp_path, raid) as (context, sink):
        wishing(context, "{scene}", consent=True)
        with pytest.raises(Permanent, match="nobody has told its scene"):
            await sink.deliver(write(context), None, FakeReport())


async def test_a_copy_that_was_whole_at_a_crash_is_found_although_its_clip_is_told_otherwise_since(
    tmp_path, raid
):
    async with bench(tmp_path, raid, "{scene}") as (context, sink):
        clip, report = write(context, meta={"scene": "1"}), FakeReport()
        await sink.deliver(clip, None, report)
        # The receipt was lost with the process.
        receipt = await sink.deliver(replace(clip, meta={"scene": "2"}), report.resume, FakeReport())
        assert (receipt.where, receipt.sent) == (str(raid / "1/C001.mov"), 0)
        assert [path.name for path in raid.iterdir()] == ["1"]


async def test_two_clips_of_one_name_in_one_folder_never_overwrite_each_other(tmp_path, raid):
    async with bench(tmp_path, raid, "{day}") as (context, sink):
        first, second = write(context, "A/C001.mov"), write(context, "B/C001.mov", id="c2")
        await sink.deliver(first, None, FakeReport())
        with pytest.raises(Permanent, match="other bytes are there"):
            await sink.deliver(second, None, FakeReport())
        there = raid / "2020-02-03/C001.mov"
        assert there.read_bytes() == (tmp_path / "card/A/C001.mov").read_bytes()


class CutError(Exception):
    """Ends a delivery."""


class CutReport(FakeReport):
    """Fails after the first part."""

    async def part(self, number, value="", /):
        await super().part(number, value)
        if len(self.resume.parts) == 1:
            raise CutError


async def test_a_copy_that_was_begun_goes_on_where_it_began(tmp_path, raid):
    async with bench(tmp_path, raid, "{scene}") as (context, sink):
        clip = write(context, meta={"scene": "12"})
        cut = CutReport()
        with pytest.raises(CutError):
            await sink.deliver(clip, None, cut)
        again = replace(clip, meta={"scene": "13"})
        receipt = await sink.deliver(again, cut.resume, FakeReport())
        assert receipt.sent == 2 * PART
        assert [str(file.relative_to(raid)) for file in raid.rglob("*.mov*")] == ["12/C001.mov"]


async def test_a_copy_whose_begin_is_gone_follows_what_is_told_now(tmp_path, raid):
    async with bench(tmp_path, raid, "{scene}") as (context, sink):
        clip = write(context, meta={"scene": "12"})
        cut = CutReport()
        with pytest.raises(CutError):
            await sink.deliver(clip, None, cut)
        for partial in raid.rglob("*.partial"):
            partial.unlink()
        await sink.deliver(replace(clip, meta={"scene": "13"}), cut.resume, FakeReport())
        assert (raid / "13/C001.mov").is_file()


@pytest.mark.parametrize("path", ["", "A/..", "A/"])
async def test_what_is_no_name_is_refused_in_any_folder(tmp_path, raid, path):
    async with bench(tmp_path, raid, "{day}") as (_, sink):
        with pytest.raises(Permanent, match="no name of a file"):
            await sink.deliver(Clip(volume="vol", path=path, card="A001"), None, FakeReport())


def test_a_field_that_is_none_is_an_error_of_the_options():
    with pytest.raises(ValidationError, match="did you mean 'scene'"):
        DiskOptions(path="/x", folder="{scen}")
    with pytest.raises(ValidationError, match="Field required"):
        DiskWishes()


async def test_the_contract_with_a_folder(tmp_path):
    (raid := tmp_path / "raid").mkdir()
    [spec] = rushes_disk.rushes_sinks()

    @asynccontextmanager
    async def in_small_parts(options, context):
        yield DiskSink(options.path, context, folder=options.folder, part_bytes=PART)

    def landed(clip):
        there = raid / "kit" / clip.card / clip.filename
        return there.read_bytes() if there.exists() else None

    given = {"path": raid, "folder": "kit/{roll}"}
    await check_sink(replace(spec, open=in_small_parts), given, folder=tmp_path, landed=landed)
