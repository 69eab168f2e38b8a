"""Facts that come late, on either side, complete earlier clips: through a real engine."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import permutations

import pytest

from rushes.ledger import FILE_NAME, MEMORY, open_ledger
from rushes.ledger.rows import put_record, put_record_backlog

from .match_rig import on_set, picture, record, sidecar, sound

PAIR = {("A001C001", "T001", "sound"), ("T001", "A001C001", "picture")}


async def test_a_picture_and_its_sound_find_each_other_in_one_batch(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(picture("A001C001.mov", "10:00:05:00"), sound("T001.wav", "10:00:00:00"))
        assert await made.links() == PAIR


@pytest.mark.parametrize("sound_first", [True, False])
async def test_the_one_that_comes_last_completes_the_other(tmp_path, sound_first):
    clips = [picture("A001C001.mov", "10:00:05:00"), sound("T001.wav", "10:00:00:00", scene="12", take="3")]
    async with on_set(tmp_path) as made:
        for clip in sorted(clips, key=lambda clip: (clip.kind != "audio") == sound_first):
            await made.give(clip)
        assert await made.links() == PAIR
        assert await made.told("A001C001", "matched", "scene", "take") == ("matched", "12", "3")
        assert await made.told("T001", "matched") == "matched"


async def test_what_is_alone_says_so_until_it_is_not(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(picture("A001C001.mov", "10:00:05:00"))
        assert await made.told("A001C001", "matched") == "none"
        assert await made.links() == set()


async def test_a_file_that_tells_nothing_is_no_candidate(tmp_path):
    """An empty file was written at some time, too: that alone must not ask a person."""
    empty = replace(picture("A001C002.mov", "10:00:05:00"), meta={"problem": "empty file"})
    async with on_set(tmp_path) as made:
        await made.give(sound("T001.wav", "10:00:00:00"), empty)
        assert await made.told("T001", "matched") == "none"
        assert await made.told("A001C002", "matched") is None
        assert await made.links() == set()


async def test_a_record_that_comes_last_is_in_the_clips_metadata(tmp_path):
    async with on_set(tmp_path, when="circled") as made:
        await made.give(picture("A001C001.mov", "10:00:05:00"))
        assert await made.planned() == set()
        await made.give(
            record("r1", "A001C001.mov", scene={"number": 14}, take={"number": 2, "printState": 1})
        )
        assert await made.told("A001C001", "scene", "take", "circled") == ("14", "2", True)
        assert ("A001C001", "r1", "record") in await made.links()
        assert await made.planned() == {"A001C001"}


async def test_a_record_that_changes_its_mind_changes_the_clip(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(record("r1", "A001C001.mov", take={"number": 2}))
        await made.give(picture("A001C001.mov", "10:00:05:00"))
        assert await made.told("A001C001", "take") == "2"
        later = record("r1", "A001C001.mov", take={"number": 3})
        await made.give(replace(later, seen=2.0))
        assert await made.told("A001C001", "take") == "3"
        await made.give(replace(later, seen=3.0, deleted=True))
        assert await made.told("A001C001", "take") is None
        assert await made.links() == set()


async def test_what_a_record_unsaid_before_anybody_listened_is_taken_back(tmp_path):
    """The device told it before the annotator was open, or a run died before it was asked."""
    ledger, told = tmp_path / FILE_NAME, record("r1", "A001C001.mov", lens="40 mm")
    async with on_set(tmp_path, ledger=ledger, clock=time.time) as made:
        await made.give(picture("A001C001.mov", "10:00:05:00"), sound("T001.wav", "10:00:00:00"))
        await made.give(told)
        assert await made.told("A001C001", "lens") == "40 mm"
    async with open_ledger(ledger) as opened:
        unsaid = replace(told, deleted=True, seen=5.0)
        await opened.write([put_record(unsaid), put_record_backlog(2**40, ["r1"])])
    async with on_set(tmp_path, ledger=ledger, clock=time.time) as made:
        await made.until("SELECT count(*) = 0 FROM record_backlog")
        assert await made.told("A001C001", "lens") is None
        assert await made.links() == PAIR


async def test_a_sidecar_that_comes_last_is_in_the_clips_metadata(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(picture("A001C001.mov", "10:00:05:00"))
        row = {"match": {"clip_name": "A001C001"}, "values": {"scene": "7", "lens": "40 mm"}}
        await made.give(sidecar("day.ale", row))
        assert await made.told("A001C001", "scene", "lens") == ("7", "40 mm")
        assert ("A001C001", "day", "sidecar") in await made.links()


async def test_a_better_sound_takes_the_picture_and_both_findings_are_mended(tmp_path):
    """The recorder's file of the take before touches the picture's first second."""
    async with on_set(tmp_path) as made:
        await made.give(picture("A001C002.mov", "10:01:00:00", 20, scene="12", take="2"))
        await made.give(sound("T001.wav", "10:00:32:00", 30, scene="12", take="1"))
        await made.give(sound("T002.wav", "10:00:58:00", 30, scene="12", take="2"))
        assert await made.links() == {("A001C002", "T002", "sound"), ("T002", "A001C002", "picture")}
        assert await made.told("T001", "matched") == "none"
        assert await made.told("A001C002", "take") == "2"


async def test_a_scan_that_sees_everything_again_changes_nothing(tmp_path):
    clips = [picture("A001C001.mov", "10:00:05:00"), sound("T001.wav", "10:00:00:00")]
    async with on_set(tmp_path) as made:
        await made.give(*clips)
        tables = ("events", "links", "findings", "clips", "jobs")
        before = [await made.query(f"SELECT * FROM {name} ORDER BY ALL") for name in tables]
        assert all(before)
        made.feed.give(*clips, picture("A001C002.mov", "15:00:00:00"))
        await made.until("SELECT count(*) FROM clips WHERE name = 'A001C002' AND matched IS NOT NULL")
        after = [await made.query(f"SELECT * FROM {name} ORDER BY ALL") for name in tables]
        assert all(set(map(str, rows)) <= set(map(str, now)) for rows, now in zip(before, after, strict=True))


async def test_a_recording_whose_name_was_taken_drops_out(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(picture("A001C001.mov", "10:00:05:00"), sound("T001.wav", "10:00:00:00"))
        assert await made.links() == PAIR
        await made.give(replace(picture("A001C001.mov", "15:00:00:00"), head="cc", size=2000))
        assert await made.links() == set()
        assert await made.told("T001", "matched") == "none"


async def test_bytes_that_change_are_matched_as_they_are_now(tmp_path):
    async with on_set(tmp_path) as made:
        first = picture("A001C001.mov", "10:00:05:00")
        await made.give(first, sound("T001.wav", "10:00:00:00"), sound("T002.wav", "11:00:00:00"))
        again = picture("A001C001.mov", "11:00:05:00")
        made.feed.give(replace(again, head=first.head, tail="11", size=3000, mtime_ns=first.mtime_ns + 10**9))
        await made.until("SELECT count(*) FROM clips WHERE revision = 2 AND matched = 'matched'")
        assert await made.links() == {("A001C001", "T002", "sound"), ("T002", "A001C001", "picture")}


@pytest.mark.parametrize("ledger", ["memory", "file"])
async def test_the_order_of_facts_does_not_matter(tmp_path, ledger):
    facts = [
        picture("A001C001.mov", "10:00:05:00"),
        picture("A001C002.mov", "10:02:05:00"),
        sound("T001.wav", "10:00:00:00", scene="12", take="1"),
        sound("T002.wav", "10:02:00:00", scene="12", take="2"),
    ]
    orders = list(permutations(facts))[::5] if ledger == "memory" else [facts, facts[::-1]]
    seen = set()
    for number, order in enumerate(orders):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with on_set(folder, ledger=MEMORY if ledger == "memory" else folder / FILE_NAME) as made:
            for fact in order:
                await made.give(fact)
            findings = await made.query(
                "SELECT c.name, f.basis, f.data FROM findings f JOIN clips c ON c.id = f.clip WHERE annotator = 'match'"
            )
            evidence = await made.query(
                "SELECT c.name, o.name, l.kind, l.state FROM links l "
                "JOIN clips c ON c.id = l.clip JOIN clips o ON o.id = l.other"
            )
            seen.add((frozenset(findings), frozenset(evidence)))
    assert len(seen) == 1
    [(findings, evidence)] = seen
    assert len(findings) == 4
    assert len([row for row in evidence if row[3] == "matched"]) == 4


async def test_a_restart_between_forgets_nothing(tmp_path):
    ledger = tmp_path / FILE_NAME
    async with on_set(tmp_path, ledger=ledger, clock=time.time) as made:
        await made.give(picture("A001C001.mov", "10:00:05:00"))
        await made.give(record("r1", "T001.wav", type="sound", scene={"number": 3}, soundroll="S1"))
    async with on_set(tmp_path, ledger=ledger, clock=time.time) as made:
        await made.give(sound("T001.wav", "10:00:00:00"))
        assert await made.links() == PAIR | {("T001", "r1", "record")}
        assert await made.told("A001C001", "matched", "scene") == ("matched", "3")


@pytest.mark.parametrize("days", [-4000, -1, 1, 30])
async def test_a_camera_whose_date_is_wrong_is_found_by_when_it_was_seen(tmp_path, days):
    takes = [(n, f"10:{minute:02}") for n, minute in enumerate((0, 3, 4, 11, 17), 1)]
    pictures = [
        picture(f"A001C{n:03}.mov", f"{at}:05:00", scene="12", take=str(n), off=days) for n, at in takes
    ]
    async with on_set(tmp_path) as made:
        await made.give(*pictures)
        await made.give(*(sound(f"T{n:03}.wav", f"{at}:00:00", scene="12", take=str(n)) for n, at in takes))
        found = await made.links()
        assert {(one, other) for one, other, kind in found if kind == "sound"} == {
            (f"A001C{n:03}", f"T{n:03}") for n in range(1, 6)
        }
        assert await made.told("T003", "matched") == "matched"
