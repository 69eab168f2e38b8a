"""Clips whose copies lost the time of their last write: names, records of any day, and the day in a name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import pytest

from rushes import Clip
from rushes_match.kin import File
from rushes_match.kin.named_day import named_day
from rushes_match.library.entry import Entry
from rushes_match.library.shelf import DAY
from rushes_match.library.wall import WALL

from .match_rig import on_set, picture, record, sound

#: The labels of the record, which says of itself 10:00:05:00 to 10:00:25:00.
SPAN = {"tcStartSeconds": 36005, "tcStartFrames": 0, "tcStopSeconds": 36025, "tcStopFrames": 0}


def copied(clip: Clip, *, days: int = 40, **meta: str) -> Clip:
    """The clip as a copy without times has it: written some days later."""
    told = {name: value for name, value in clip.meta.items() if name != "created"}
    return replace(clip, mtime_ns=clip.mtime_ns + days * 86400 * 10**9, meta={**told, **meta})


@pytest.mark.parametrize("record_first", [True, False])
async def test_a_record_of_another_day_finds_its_clip_by_name(tmp_path, record_first):
    clip = copied(picture("A001C003_261122_R1AB.mov", "10:00:05:00"))
    said = record("r1", "A001C003_261122_R1AB.mov", scene={"number": 14}, take={"number": 2})
    async with on_set(tmp_path) as made:
        for fact in (said, clip) if record_first else (clip, said):
            await made.give(fact)
        assert await made.told("A001C003_261122_R1AB", "scene", "take") == ("14", "2")


@pytest.mark.parametrize("record_first", [True, False])
async def test_a_reused_name_of_another_month_is_taken_only_with_its_timecode(tmp_path, record_first):
    clip = copied(picture("A001C001.mov", "10:00:05:00"))
    mine = record("mine", "A001C001.mov", scene={"number": 14}, **SPAN)
    other = record(
        "other", "A001C001.mov", scene={"number": 99}, projectDay={"date": "2026-10-01"},
        **{**SPAN, "tcStartSeconds": 30_000, "tcStopSeconds": 30_100},
    )  # fmt: skip
    async with on_set(tmp_path) as made:
        for facts in ((mine, other), (clip,)) if record_first else ((clip,), (mine, other)):
            await made.give(*facts)
        assert await made.told("A001C001", "scene") == "14"
        assert await made.links() == {("A001C001", "mine", "record")}


async def test_a_reused_name_without_its_timecode_waits_for_a_person(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(
            record("other", "A001C001.mov", scene={"number": 99}, projectDay={"date": "2026-10-01"})
        )
        await made.give(copied(picture("A001C001.mov", "10:00:05:00")))
        assert await made.told("A001C001", "scene") is None
        assert await made.links("ambiguous") == {("A001C001", "other", "record")}


@pytest.mark.parametrize("day", ["2026-11-22", "11-22"])
async def test_a_picture_is_of_the_day_in_its_name(tmp_path, day):
    """Beside sound of that day and of the day of the copy, at one timecode."""
    clip = copied(picture("A001_C003_1122AB.R3D", "10:00:05:00"), clip_day=day)
    late = sound("T900.wav", "10:00:00:00")
    moved = replace(
        late, meta={**late.meta, "recorded": late.meta["recorded"].replace(year=2027, month=1, day=1)}
    )
    async with on_set(tmp_path) as made:
        await made.give(clip, sound("T001.wav", "10:00:00:00"), moved)
        assert ("A001_C003_1122AB", "T001", "sound") in await made.links()
        assert await made.told("T900", "matched") == "none"


@pytest.mark.parametrize(
    ("written", "timecode", "told", "day"),
    [
        ("2026-12-20 10:00:00", "10:00:00:00", "2026-11-22", date(2026, 11, 22)),
        ("2026-12-20 10:00:00", "", "11-22", date(2026, 11, 22)),
        ("2026-02-01 23:00:00", "", "12-30", date(2025, 12, 30)),
        ("2026-12-31 23:00:00", "", "01-01", date(2027, 1, 1)),
        ("2028-03-05 23:00:00", "", "02-29", date(2028, 2, 29)),
        ("2026-03-05 23:00:00", "", "02-29", None),
        ("2026-12-20 10:00:00", "", "20261122", None),
        ("2026-12-20 10:00:00", "", "yesterday", None),
        ("2026-12-20 10:00:00", "99:00:00:00", "2026-11-22", date(2026, 11, 22)),
    ],
)
def test_the_ledger_and_the_solver_read_one_day(written, timecode, told, day):
    with duckdb.connect() as ledger:
        ledger.execute(
            "CREATE TABLE clips AS SELECT NULL::TIMESTAMP recorded, NULL::TIMESTAMP created, ?::TIMESTAMP modified, "
            "nullif(?, '') timecode, MAP {'clip_day': ?} meta",
            [written, timecode, told],
        )
        [(wall, modified)] = ledger.execute(f"SELECT {WALL}, epoch(modified) FROM clips").fetchall()
    meta = {"clip_day": told, "timecode": timecode, "timecode_rate": "25"}
    file = File(id="c", filename="x.mov", meta=meta, modified=modified)
    assert named_day(file) == day
    assert Entry.of(file, 1, 1).wall // DAY == wall // DAY


async def test_a_slate_has_no_name_and_disturbs_nobody(tmp_path):
    """Only clips of devices are named: what a slate or a clap says is JSON without these keys, or with null."""
    async with on_set(tmp_path) as made:
        await made.give(
            record("s1", "", type="slate", clipName=None, fileName=None, scene={"number": 14}),
            record("r1", "A001C003_261122_R1AB.mov", scene={"number": 14}, take={"number": 2}),
        )
        await made.give(copied(picture("A001C003_261122_R1AB.mov", "10:00:05:00")))
        assert await made.told("A001C003_261122_R1AB", "scene", "take") == ("14", "2")
