"""A file that was written anew since its delivery, as an ALE of the day: its new version goes beside the old one."""

import os
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from rushes import Clip, Permanent, Template
from rushes.testing import FakeReport, open_stand_in
from rushes_disk.place import LONGEST_NAME, place_of
from rushes_disk.sink import DiskSink


@asynccontextmanager
async def bench(tmp_path):
    async with open_stand_in(tmp_path) as context:
        (tmp_path / "card").mkdir()
        (tmp_path / "raid").mkdir()
        context.volumes["vol"] = tmp_path / "card"
        yield context, DiskSink(tmp_path / "raid", context)


def write(tmp_path, content, revision=1, name="A001.ale"):
    file = tmp_path / "card" / name
    file.write_bytes(content)
    stat = file.stat()
    told = {"id": "c1", "volume": "vol", "card": "A001", "path": name, "revision": revision}
    return Clip(size=stat.st_size, mtime_ns=stat.st_mtime_ns, **told)


async def test_the_new_version_is_beside_the_old_one_and_verified(tmp_path):
    async with bench(tmp_path) as (_, sink):
        await sink.deliver(write(tmp_path, b"one"), None, FakeReport())
        second = write(tmp_path, b"one and two", 2)
        receipt = await sink.deliver(second, None, FakeReport())
        there = tmp_path / "raid/A001"
        assert receipt.where == str(there / "A001.r2.ale")
        assert (receipt.sent, receipt.checked) == (11, "xxh3_64 read back")
        found = {path.name: path.read_bytes() for path in there.iterdir()}
        assert found == {"A001.ale": b"one", "A001.r2.ale": b"one and two"}
        # Once more, as after a crash before it settled.
        again = await sink.deliver(second, None, FakeReport())
        assert (again.where, again.sent) == (receipt.where, 0)


async def test_a_third_version_and_one_that_is_as_before(tmp_path):
    async with bench(tmp_path) as (_, sink):
        for revision, content in enumerate((b"one", b"two", b"three"), 1):
            await sink.deliver(write(tmp_path, content, revision), None, FakeReport())
        names = sorted(path.name for path in (tmp_path / "raid/A001").iterdir())
        assert names == ["A001.ale", "A001.r2.ale", "A001.r3.ale"]
        receipt = await sink.deliver(write(tmp_path, b"one", 4), None, FakeReport())
        assert (receipt.where, receipt.sent) == (str(tmp_path / "raid/A001/A001.ale"), 0)


async def test_a_first_version_parks_where_another_file_has_its_name_and_so_does_a_later_one(tmp_path):
    async with bench(tmp_path) as (_, sink):
        (tmp_path / "raid/A001").mkdir()
        (tmp_path / "raid/A001/A001.ale").write_bytes(b"other")
        (tmp_path / "raid/A001/A001.r2.ale").write_bytes(b"a person's")
        for revision in (1, 2):
            with pytest.raises(Permanent, match="other bytes are there"):
                await sink.deliver(write(tmp_path, b"mine", revision), None, FakeReport())
        assert (tmp_path / "raid/A001/A001.r2.ale").read_bytes() == b"a person's"


@pytest.mark.parametrize(
    ("name", "revised"),
    [("a.ale", "a.r2.ale"), ("notes", "notes.r2"), (".hidden", ".hidden.r2"), ("a.b.c", "a.b.r2.c")],
)
def test_the_name_of_a_later_version(name, revised):
    clip = Clip(volume="vol", path=name, card="A001", id="c1")
    assert place_of(clip).revised(2).name == revised


def test_the_name_of_a_later_version_is_not_too_long():
    clip = Clip(volume="vol", path="ü" * 125 + ".ale", card="A001", id="c1")
    name = place_of(clip).revised(12).name
    assert name.endswith(".r12.ale")
    assert len(os.fsencode(name)) <= LONGEST_NAME


async def test_a_version_that_was_whole_at_a_crash_is_found_although_its_folder_is_another_since(tmp_path):
    async with bench(tmp_path) as (context, _):
        sink = DiskSink(tmp_path / "raid", context, folder=Template("{scene:-none}"))
        await sink.deliver(write(tmp_path, b"one"), None, FakeReport())
        report = FakeReport()
        second = write(tmp_path, b"one and two", 2)
        await sink.deliver(second, None, report)
        later = replace(second, meta={"scene": "12"})
        receipt = await sink.deliver(later, report.resume, FakeReport())
        assert (receipt.where, receipt.sent) == (str(tmp_path / "raid/none/A001.r2.ale"), 0)
