"""The folder or a card goes and comes back; the system's limits are reached; the source is cancelled."""

import errno
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import trio

import rushes_folder.inotify
from rushes_folder import life


@pytest.fixture(autouse=True)
def quick_guard(monkeypatch):
    monkeypatch.setattr(life, "GUARD_S", 0.02)
    monkeypatch.setattr("rushes_folder.source.GUARD_S", 0.02)


def inotify_descriptors():
    found = 0
    for link in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that lists the folder
            found += str(link.readlink()) == "anon_inode:inotify"
    return found


async def test_a_folder_that_is_not_there_yet_is_an_outage(watching, root, movie, caplog):
    shutil.rmtree(root)
    async with watching() as source:
        assert await source.first_scan() == []
        assert source.context.facts["outage"] == f"{root}: no such file or directory"
        (root / "A001").mkdir(parents=True)
        (root / "A001" / "a.mov").write_bytes(movie)
        await source.until(1)
        await source.shows("outage", None)
    assert sum("waiting for it" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize("watch", ["events", "poll"])
async def test_a_folder_that_goes_and_returns_is_admitted_once(
    watching, root, card, aged, movie, tmp_path, watch
):
    (card / "a.mov").write_bytes(movie)
    aged(card / "a.mov")
    async with watching(watch=watch, interval=0.05) as source:
        await source.first_scan()
        root.rename(tmp_path / "away")
        await source.shows("outage", f"{root}: no such file or directory")
        (tmp_path / "away" / "A001" / "b.mov").write_bytes(movie)
        (tmp_path / "away").rename(root)
        await source.until(2)
        await source.shows("outage", None)
        (card / "c.mov").write_bytes(movie)
        await source.until(3)
        assert source.names == ["a.mov", "b.mov", "c.mov"]


async def test_a_card_that_goes_and_returns_is_admitted_once(watching, root, card, aged, movie, tmp_path):
    (card / "a.mov").write_bytes(movie)
    aged(card / "a.mov")
    async with watching() as source:
        await source.first_scan()
        card.rename(tmp_path / "pulled")
        (root / "other.txt").write_text("x")
        await source.until(2)
        (tmp_path / "pulled").rename(card)
        (card / "b.mov").write_bytes(movie)
        await source.until(3)
        assert source.names == ["a.mov", "other.txt", "b.mov"]
        assert "outage" not in source.context.facts


async def test_a_formatted_card_with_old_names_is_admitted_anew(watching, card, aged, movie):
    (card / "a.mov").write_bytes(movie)
    aged(card / "a.mov")
    async with watching() as source:
        await source.first_scan()
        shutil.rmtree(card)
        card.mkdir()
        (card / "a.mov").write_bytes(movie + bytes(8))
        clips = await source.until(2)
        assert [clip.path for clip in clips] == ["a.mov", "a.mov"]
        assert clips[0].size != clips[1].size


async def test_a_folder_replaced_by_another_is_scanned_anew(watching, root, movie, tmp_path):
    async with watching() as source:
        await source.first_scan()
        other = tmp_path / "other"
        (other / "B002").mkdir(parents=True)
        (other / "B002" / "b.mov").write_bytes(movie)
        root.rename(tmp_path / "away")
        other.rename(root)
        await source.until(1)
        (root / "B002" / "c.mov").write_bytes(movie)
        await source.until(2)
        assert source.names == ["b.mov", "c.mov"]


async def test_the_empty_mount_point_of_a_mount_is_an_outage_after_a_restart_too(watching, root, movie):
    shutil.rmtree(root / "A001")
    was = json.dumps({"root": str(root), "volume": "uuid:4A21-0000"})
    async with watching(store={"mount": was}) as source:
        await source.first_scan()
        assert source.context.facts["outage"] == f"{root}: what was mounted there is gone"
        (root / "a.mov").write_bytes(movie)  # somebody uses the plain folder now
        await source.until(1)
        await source.shows("outage", None)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "no more inotify watches; raise fs.inotify.max_user_watches"),
        (errno.ENOMEM, "no memory for inotify watches"),
    ],
)
async def test_without_watches_it_polls_and_says_so(watching, card, movie, monkeypatch, caplog, number, says):
    def add(self, folder):
        if folder == str(card):
            raise OSError(number, os.strerror(number))
        return 1

    monkeypatch.setattr(rushes_folder.inotify.Inotify, "add", add)
    async with watching(interval=0.05) as source:
        await source.first_scan()
        assert source.context.facts["mode"] == f"polling every 0.05 s ({says})"
        assert source.context.facts["reason"] == says
        assert inotify_descriptors() == 0
        (card / "a.mov").write_bytes(movie)
        (clip,) = await source.until(1)
        assert clip.completed_by == "quiet"
    assert f"polling instead of events: {says}" in caplog.text


async def test_without_an_inotify_instance_it_polls(watching, card, movie, monkeypatch):
    def refuse(self):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(rushes_folder.inotify.Inotify, "__init__", refuse)
    async with watching(interval=0.05) as source:
        await source.first_scan()
        assert "fs.inotify.max_user_instances" in source.context.facts["reason"]
        (card / "a.mov").write_bytes(movie)
        await source.until(1)


def queue_limit():
    return int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())


async def test_a_queue_that_overflows_is_a_rescan(watching, card, movie, caplog):
    limit = queue_limit()
    if limit > 20_000:
        pytest.skip(f"the queue holds {limit} events here")
    async with watching() as source:
        await source.first_scan()
        one, two = (os.open(card / name, os.O_CREAT | os.O_RDONLY) for name in ("one.txt", "two.txt"))
        for _ in range(limit // 2 + 10):  # without a checkpoint: nobody reads the queue
            os.fchmod(one, 0o600)
            os.fchmod(two, 0o600)
        os.close(one)
        os.close(two)
        (card / "lost.mov").write_bytes(movie)
        await source.shows("reason", "the event queue overflowed; scanned again")
        while "lost.mov" not in source.names:
            await source.until(len(source.names) + 1)
        (card / "after.mov").write_bytes(movie)
        while "after.mov" not in source.names:
            await source.until(len(source.names) + 1)
        assert source.admitted[-1].completed_by in {"closed", "quiet"}
        assert inotify_descriptors() == 1
    assert "more events than the queue holds" in caplog.text


async def test_nothing_is_left_open(watching, card, movie):
    for _ in range(3):
        async with watching() as source:
            await source.first_scan()
            assert inotify_descriptors() == 1
    assert inotify_descriptors() == 0


async def test_a_source_is_cancelled_at_any_moment(watching, card, aged):
    for number in range(50):
        (card / f"{number}.txt").write_text("x")
        aged(card / f"{number}.txt")
    for steps in range(1, 25):
        async with watching():
            for _ in range(steps):
                await trio.lowlevel.checkpoint()
        assert inotify_descriptors() == 0


MOUNTS_SCRIPT = """
import os, subprocess, sys
from pathlib import Path
import trio
from rushes.testing import FakeIntake, open_stand_in
from rushes_folder import FolderOptions, FolderSource, life, source
life.GUARD_S = source.GUARD_S = 0.05

def sh(*command):
    subprocess.run(command, check=True)

async def until(what):
    with trio.fail_after(10):
        while not what():
            await trio.sleep(0.01)

async def main(base):
    root = base / "cards"
    (root / "A001").mkdir(parents=True)
    sh("mount", "-t", "tmpfs", "-o", "size=1m", "card", str(root / "A001"))
    (root / "A001" / "a.txt").write_text("x")
    async with open_stand_in(base / "s") as context, trio.open_nursery() as nursery:
        intake = FakeIntake()
        options = FolderOptions(path=root, settle=0.05)
        nursery.start_soon(FolderSource(options, context).run, intake)
        await until(lambda: len(intake.admitted) == 1)
        assert intake.admitted[0].volume == f"mount:{root}/A001", intake.admitted
        assert intake.admitted[0].card == "A001"
        sh("umount", str(root / "A001"))                       # a card goes out and another comes in
        sh("mount", "-t", "tmpfs", "-o", "size=1m", "card", str(root / "A001"))
        (root / "A001" / "b.txt").write_text("yy")
        await until(lambda: len(intake.admitted) == 2)
        (root / "A001" / "c.txt").write_text("zzz")
        await until(lambda: len(intake.admitted) == 3)
        assert intake.admitted[2].completed_by == "closed"
        sh("umount", str(root / "A001"))
        assert "outage" not in context.facts
        nursery.cancel_scope.cancel()

    sh("mount", "-t", "tmpfs", "-o", "size=1m", "cards", str(root))
    (root / "d.txt").write_text("x")
    async with open_stand_in(base / "s") as context, trio.open_nursery() as nursery:
        intake = FakeIntake()
        nursery.start_soon(FolderSource(options, context).run, intake)
        await until(lambda: len(intake.admitted) == 1)
        assert (intake.admitted[0].volume, intake.admitted[0].path) == (f"mount:{root}", "d.txt")
        sh("umount", str(root))
        (root / "A001").rmdir()                                # now an empty plain folder
        await until(lambda: context.facts.get("outage"))
        await until(lambda: context.facts["outage"] == f"{root}: what was mounted there is gone")
        sh("mount", "-t", "tmpfs", "-o", "size=1m", "cards", str(root))
        (root / "e.txt").write_text("x")
        await until(lambda: len(intake.admitted) == 2)
        await until(lambda: context.facts.get("outage") is None)
        nursery.cancel_scope.cancel()

trio.run(main, Path(sys.argv[1]).resolve())
"""


def test_real_mounts_come_and_go(tmp_path):
    able = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "x", "/mnt"], capture_output=True, check=False
    )
    if able.returncode:
        pytest.skip("mounts in a mount namespace are not possible here")
    command = ["unshare", "-m", sys.executable, "-c", MOUNTS_SCRIPT, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
