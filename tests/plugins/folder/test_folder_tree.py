"""Which files of a tree are admitted, and what a second scan costs."""

import os
from pathlib import Path

import pytest

import rushes_folder.examine


@pytest.fixture
def opened(monkeypatch):
    """The names of the files that were opened and hashed."""
    names = []
    real = rushes_folder.examine.inspect

    def inspect(path, **options):
        names.append(Path(path).name)
        return real(path, **options)

    monkeypatch.setattr(rushes_folder.examine, "inspect", inspect)
    return names


def fill(folder, count, aged):
    for number in range(count):
        (folder / f"c{number:03}.txt").write_text(f"{number}")
        aged(folder / f"c{number:03}.txt")


async def test_a_restart_hashes_only_what_differs(watching, card, aged, opened):
    fill(card, 20, aged)
    async with watching() as source:
        await source.first_scan()
        rows = source.remember()
    assert len(opened) == 20
    opened.clear()
    aged(card / "c007.txt")
    async with watching(rows) as source:
        assert [clip.path for clip in await source.first_scan()] == ["c007.txt"]
    assert opened == ["c007.txt"]


async def test_a_safety_scan_hashes_nothing_and_finds_what_no_event_told(watching, card, aged, opened):
    fill(card, 5, aged)
    async with watching(watch="poll", interval=0.03) as source:
        await source.first_scan()
        opened.clear()
        for number in range(3):
            (card / f"d{number}.txt").write_text("x")
            await source.until(6 + number)
        assert opened == ["d0.txt", "d1.txt", "d2.txt"]
        assert [clip.completed_by for clip in source.admitted[5:]] == ["quiet"] * 3


async def test_many_files_are_admitted_in_batches(watching, card, aged):
    fill(card, 300, aged)
    async with watching() as source:
        await source.first_scan()
        assert len(source.names) == len(set(source.names)) == 300
        assert len(source.batches) <= 3


async def test_a_folder_made_later_is_watched_and_scanned(watching, root, movie):
    async with watching() as source:
        await source.first_scan()
        deep = root / "B002" / "DCIM" / "100"
        deep.mkdir(parents=True)
        (deep / "early.mov").write_bytes(movie)
        await source.until(1)
        (deep / "late.mov").write_bytes(movie)
        clips = await source.until(2)
        assert {(clip.card, clip.path) for clip in clips} == {
            ("B002", "DCIM/100/early.mov"),
            ("B002", "DCIM/100/late.mov"),
        }
        assert clips[1].completed_by == "closed"


async def test_a_folder_moved_in_and_renamed_is_watched_by_its_new_name(watching, root, tmp_path, movie):
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "a.mov").write_bytes(movie)
    async with watching() as source:
        await source.first_scan()
        (tmp_path / "copy").rename(root / "C003")
        await source.until(1)
        (root / "C003").rename(root / "D004")
        await source.until(2)
        (root / "D004" / "b.mov").write_bytes(movie)
        clips = await source.until(3)
        assert [(clip.card, clip.path) for clip in clips] == [
            ("C003", "a.mov"),
            ("D004", "a.mov"),
            ("D004", "b.mov"),
        ]


async def test_include_exclude_and_hidden(watching, card, aged):
    for name in ("a.mov", "b.tmp", ".c.txt", "d.xml", "e.txt", "TEST/f.txt", ".git/g.txt"):
        path = card / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
        aged(path)
    async with watching(exclude=["*.xml", "TEST"], patience=0) as source:
        assert [clip.path for clip in await source.first_scan()] == ["a.mov", "e.txt"]
        for name in ("h.tmp", ".i.txt", "j.xml", "TEST/k.txt", "l.txt"):
            (card / name).write_text("x")
        await source.until(3)
        assert source.names[2:] == ["l.txt"]
    async with watching(include=["*.txt"], hidden=True) as source:
        clips = await source.first_scan()
        assert {clip.path for clip in clips} == {".c.txt", "e.txt", "TEST/f.txt", ".git/g.txt", ".i.txt",
                                                 "TEST/k.txt", "l.txt"}  # fmt: skip


@pytest.fixture
def linked(card, tmp_path, aged):
    """A card with links: outside to a file and a folder, inside, to itself, to its parents, to nowhere."""
    outside = tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    for path in (card / "real.txt", outside / "file.txt", outside / "deep" / "far.txt"):
        path.write_text("x")
        aged(path)
    (card / "to-file.txt").symlink_to(outside / "file.txt")
    (card / "to-folder").symlink_to(outside)
    (card / "to-inside.txt").symlink_to(card / "real.txt")
    (card / "to-self").symlink_to(card / "to-self")
    (card / "to-card").symlink_to(card)
    (outside / "to-parent").symlink_to(tmp_path)
    (outside / "deep" / "to-outside").symlink_to(outside)
    (card / "to-nowhere").symlink_to(tmp_path / "nowhere")
    return card


async def test_links_are_skipped(watching, linked):
    async with watching() as source:
        assert [clip.path for clip in await source.first_scan()] == ["real.txt"]
        (linked / "new-link.txt").symlink_to(linked.parents[1] / "outside" / "file.txt")
        (linked / "new.txt").write_text("x")
        await source.until(2)
        assert source.names == ["real.txt", "new.txt"]


async def test_links_are_followed_outside_without_loops(watching, linked, tmp_path):
    async with watching(symlinks="follow") as source:
        clips = await source.first_scan()
        below = {clip.path for clip in clips}
        assert {"real.txt", "to-file.txt", "to-folder/file.txt", "to-folder/deep/far.txt"} <= below
        assert "to-inside.txt" not in below
        assert len(below) == len(clips) < 20
        (tmp_path / "outside" / "deep" / "new.txt").write_text("x")
        (linked / "late-link.txt").symlink_to(tmp_path / "outside" / "file.txt")
        await source.until(len(below) + 2)
        assert {"to-folder/deep/new.txt", "late-link.txt"} <= set(source.names)


async def test_a_name_that_is_no_text_is_left_out_and_told_once(watching, card, aged, caplog):
    (card / os.fsdecode(b"bad\xff.txt")).write_text("x")
    (card / "good.txt").write_text("x")
    async with watching(watch="poll", interval=0.02) as source:
        await source.first_scan()
        (card / "more.txt").write_text("x")
        await source.until(2)
        assert source.names == ["good.txt", "more.txt"]
    told = [record.getMessage() for record in caplog.records if "UTF-8" in record.getMessage()]
    assert told == [f"{card}/bad\\xff.txt left out: its name is not UTF-8; rename it"]


async def test_pipes_and_sockets_are_no_files(watching, card, aged):
    os.mkfifo(card / "pipe.mov")
    (card / "a.txt").write_text("x")
    async with watching() as source:
        await source.first_scan()
        os.mkfifo(card / "other.mov")
        (card / "b.txt").write_text("x")
        await source.until(2)
        assert source.names == ["a.txt", "b.txt"]


async def test_what_a_folder_brings_belongs_to_its_device(watching, card, aged):
    fill(card, 1, aged)
    (card / "cut.mov").write_bytes(b"\0\0\0\x10ftyp")
    aged(card / "cut.mov")
    async with watching(device="A-Cam", patience=0.05) as source:
        clips = {Path(clip.path).name: clip.meta for clip in await source.first_scan()}
    assert clips["c000.txt"] == {"device": "A-Cam"}
    assert clips["cut.mov"]["device"] == "A-Cam"
    assert clips["cut.mov"]["problem"]
