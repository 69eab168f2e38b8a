"""When a file is complete, by which rule, and what is said of a broken one: real files, real inotify."""

import os
import shutil
from pathlib import Path

import pytest
import trio
import xxhash

import rushes_folder.fingerprint
from rushes import Kind, Role


async def test_what_is_there_is_admitted_with_its_identity(watching, root, card, aged, movie):
    (card / "DCIM").mkdir()
    (card / "DCIM" / "A001C001.mov").write_bytes(movie)
    aged(card / "DCIM" / "A001C001.mov")
    (root / "loose.wav.txt").write_text("note")
    aged(root / "loose.wav.txt")
    async with watching(settle=60) as source:
        clip, loose = sorted(await source.first_scan(), key=lambda clip: clip.path)
        status = (card / "DCIM" / "A001C001.mov").stat()
        assert (clip.volume, clip.path, clip.card) == (f"folder:{card}", "DCIM/A001C001.mov", "A001")
        assert (clip.size, clip.mtime_ns, clip.inode) == (len(movie), status.st_mtime_ns, status.st_ino)
        assert clip.head == xxhash.xxh3_64_hexdigest(movie[:65536])
        assert clip.tail == xxhash.xxh3_64_hexdigest(movie[-65536:])
        assert (clip.kind, clip.role) == (Kind.VIDEO, Role.ORIGINAL)
        assert (clip.completed_by, clip.born, dict(clip.meta)) == ("quiet", False, {})
        assert (loose.volume, loose.card, loose.role) == (f"folder:{root}", "cards", Role.SIDECAR)


async def test_a_movie_is_admitted_when_its_writer_closes_it(watching, card, movie):
    async with watching(settle=60, patience=60) as source:
        await source.first_scan()
        with (card / "c.mov").open("wb") as file:
            file.write(movie)
        (clip,) = await source.until(1)
        assert (clip.completed_by, clip.born, clip.size) == ("closed", True, len(movie))


async def test_a_slow_writer_that_closes_in_between_is_admitted_once(watching, card, movie):
    half = len(movie) // 2
    async with watching(settle=60, patience=60) as source:
        await source.first_scan()
        (card / "c.mov").write_bytes(movie[:half])
        await source.shows("incomplete", 1)
        assert not source.admitted
        with (card / "c.mov").open("ab") as file:
            file.write(movie[half:])
        (clip,) = await source.until(1)
        assert (clip.completed_by, clip.size, clip.born) == ("closed", len(movie), True)


async def test_a_file_without_a_checkable_container_must_stay_unchanged_after_its_close(watching, card):
    async with watching(settle=0.4) as source:
        await source.first_scan()
        (card / "c.r3d").write_bytes(b"first")
        await source.shows("incomplete", 1)
        assert not source.admitted
        (clip,) = await source.until(1)
        assert clip.completed_by == "closed"


async def test_a_rename_from_a_temporary_name_completes(watching, card, movie):
    async with watching(settle=60, patience=60) as source:
        await source.first_scan()
        for name, data in (("c.mov", movie), ("d.r3d", b"raw")):
            (card / f"{name}.part").write_bytes(data)
            (card / f"{name}.part").rename(card / name)
        clips = await source.until(2)
        assert {clip.path: clip.completed_by for clip in clips} == {"c.mov": "renamed", "d.r3d": "renamed"}


async def test_a_writer_that_never_closes_is_complete_when_quiet(watching, card, movie):
    async with watching(settle=0.1) as source:
        await source.first_scan()
        with (card / "c.mov").open("wb") as file:
            file.write(movie)
            file.flush()
            (clip,) = await source.until(1)
            assert (clip.completed_by, clip.born) == ("quiet", True)


async def test_a_copy_that_sets_the_time_after_closing_is_admitted_with_that_time(
    watching, card, tmp_path, movie
):
    original = tmp_path / "o.mov"
    original.write_bytes(movie)
    os.utime(original, (1e9, 1e9))
    async with watching() as source:
        await source.first_scan()
        shutil.copy2(original, card / "c.mov")
        await source.until(1)
        while source.admitted[-1].mtime_ns != 10**18:
            await source.until(len(source.admitted) + 1)
        assert {clip.head for clip in source.admitted} == {xxhash.xxh3_64_hexdigest(movie[:65536])}


async def test_a_file_changed_later_is_admitted_again(watching, card, movie):
    async with watching() as source:
        await source.first_scan()
        (card / "c.mov").write_bytes(movie)
        await source.until(1)
        (card / "c.mov").write_bytes(movie + bytes(8))
        await source.until(2)
        assert [clip.size for clip in source.admitted] == [len(movie), len(movie) + 8]


async def test_opening_and_touching_nothing_admits_nothing(watching, card, movie):
    async with watching() as source:
        await source.first_scan()
        (card / "c.mov").write_bytes(movie)
        await source.until(1)
        (card / "c.mov").open("ab").close()
        (card / "c.mov").chmod(0o600)
        (card / "d.mov").write_bytes(movie)
        await source.until(2)
        assert source.names == ["c.mov", "d.mov"]


BROKEN = {
    "cut.mov": "truncated: no moov atom",
    "text.mov": "not a QuickTime file",
    "empty.mov": "empty file",
    "empty.txt": "empty file",
    "lies.wav": "WAV size says 1000 bytes, the file has 400",
}


def write_broken(folder, movie):
    (folder / "cut.mov").write_bytes(movie[: len(movie) // 2])
    (folder / "text.mov").write_text("This is a text.")
    (folder / "empty.mov").touch()
    (folder / "empty.txt").touch()
    fmt = b"fmt \x10\0\0\0\1\0\1\0" + bytes(12)
    wav = b"RIFF" + (992).to_bytes(4, "little") + b"WAVE" + fmt + b"data" + (356).to_bytes(4, "little")
    (folder / "lies.wav").write_bytes(wav + b"\1" * (400 - len(wav)))


async def test_old_broken_files_are_admitted_with_their_problem_at_once(watching, card, aged, movie):
    write_broken(card, movie)
    for path in card.iterdir():
        aged(path)
    async with watching(settle=60, patience=120) as source:
        clips = await source.first_scan()
        assert {clip.path: clip.meta.get("problem") for clip in clips} == BROKEN


async def test_new_broken_files_are_admitted_when_patience_ends(watching, card, movie):
    async with watching(patience=0.2) as source:
        await source.first_scan()
        write_broken(card, movie)
        started = trio.current_time()
        clips = await source.until(5)
        assert trio.current_time() - started > 0.1
        assert {clip.path: clip.meta.get("problem") for clip in clips} == BROKEN


async def test_caught_up_waits_for_files_that_need_patience(watching, card, movie):
    (card / "cut.mov").write_bytes(movie[:100])
    async with watching(patience=0.3) as source:
        (clip,) = await source.first_scan()
        assert clip.meta["problem"] == "truncated: no moov atom"


async def test_caught_up_does_not_wait_for_a_file_that_grows_for_ever(watching, card, nursery):
    async def grow():
        with (card / "c.mov").open("wb") as file:
            while True:
                file.write(b"x")
                file.flush()
                await trio.sleep(0.01)

    nursery.start_soon(grow)
    await trio.testing.wait_all_tasks_blocked()
    async with watching(settle=0.1, patience=0.2) as source:
        assert await source.first_scan() == []
    nursery.cancel_scope.cancel()


async def test_a_broken_file_that_is_repaired_is_admitted_again(watching, card, movie):
    async with watching(patience=0.1) as source:
        await source.first_scan()
        (card / "c.mov").write_bytes(movie[:100])
        await source.until(1)
        (card / "c.mov").write_bytes(movie)
        clips = await source.until(2)
        assert ["problem" in clip.meta for clip in clips] == [True, False]


@pytest.fixture
def locked(monkeypatch):
    """Names that may not be opened: root may read anything, so the refusal is made up."""
    names = set()
    real = os.open

    def refuse(path, *arguments, **options):
        if Path(path).name in names:
            raise PermissionError(13, "Permission denied", path)
        return real(path, *arguments, **options)

    monkeypatch.setattr(rushes_folder.fingerprint.os, "open", refuse)
    return names


async def test_an_unreadable_file_is_admitted_without_a_fingerprint(watching, card, aged, movie, locked):
    for name in ("a.mov", "b.mov"):
        (card / name).write_bytes(movie)
        aged(card / name)
    locked.add("a.mov")
    async with watching(interval=0.05, settle=0.01) as source:
        unread, read = await source.first_scan()
        assert unread.meta == {"problem": "unreadable: permission denied"}
        assert (unread.head, unread.tail, unread.size) == ("", "", len(movie))
        assert read.head
        rows = source.remember()
        locked.clear()
        (card / "a.mov").chmod(0o600)
        again = (await source.until(3))[2]
        assert (again.path, dict(again.meta), bool(again.head)) == ("a.mov", {}, True)
    locked.add("a.mov")
    async with watching(rows, settle=0.01) as source:
        assert await source.first_scan() == []  # still unreadable: told already
    locked.clear()
    async with watching(rows, settle=0.01) as source:
        assert [clip.path for clip in await source.first_scan()] == ["a.mov"]


async def test_originals_keep_their_access_time(watching, card, aged, movie):
    (card / "c.mov").write_bytes(movie)
    os.utime(card / "c.mov", (1e9, 1e9))
    async with watching() as source:
        await source.first_scan()
    assert (card / "c.mov").stat().st_atime == 1e9


async def test_a_file_deleted_before_it_was_complete_is_forgotten(watching, card, movie):
    (card / "c.mov").write_bytes(movie[:100])
    async with watching(patience=60) as source:
        await source.shows("incomplete", 1)
        (card / "c.mov").unlink()
        assert await source.first_scan() == []
        await source.shows("incomplete", None)
