"""Records with members of a wrong size, type or depth cost nobody anything but what they say."""

from __future__ import annotations

import math

import pytest

from .match_rig import on_set, picture, record

HUGE = 10**400
NESTED: list = []
for _ in range(300):
    NESTED = [NESTED]


@pytest.mark.parametrize(
    "told",
    [
        {"created": HUGE},
        {"created": 1e300},
        {"created": -1},
        {"projectDay": {"date": "0001-01-01"}},
        {"tcStartSeconds": 36_005, "tcStartFrames": HUGE},
        {"tcStartSeconds": 36_005, "tcStartFrames": -(10**18), "tcStopSeconds": 1, "tcStopFrames": 10**18},
        {"take": {"number": HUGE, "printState": HUGE}, "exposureIndexASA": HUGE},
        {"height": HUGE, "aperture": math.nan},
        {"comment": NESTED, "cast": {"a": NESTED}, "clipLogs": 7},
    ],
    ids=", ".join,
)
async def test_a_hostile_record_of_a_clip_breaks_nothing(tmp_path, told):
    async with on_set(tmp_path) as made:
        await made.give(record("r1", "A001C001.mov", **told), record("r2", "A001C002.mov", lens="40 mm"))
        await made.give(picture("A001C001.mov", "10:00:05:00"), picture("A001C002.mov", "10:02:05:00"))
        assert await made.told("A001C001", "problem", "matched") == (None, "none")
        assert await made.told("A001C002", "problem", "lens") == (None, "40 mm")


async def test_a_clap_beyond_counting_breaks_nothing(tmp_path):
    async with on_set(tmp_path) as made:
        clap = record("r1", "", type="clap", timecode={"seconds": 36_005, "frames": HUGE})
        await made.give(clap)
        await made.give(picture("A001C001.mov", "10:00:05:00"))
        assert await made.told("A001C001", "problem", "matched") == (None, "none")
