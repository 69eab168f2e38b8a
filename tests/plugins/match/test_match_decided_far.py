"""A person's word counts where the evidence would never have looked: other days, other files, other moments."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import trio

from rushes_match.library.rooms import Rooms

from .match_rig import on_set, picture, record, sound

TAKE = [picture("A001C001.mov", "10:00:05:00"), sound("T001.wav", "10:00:00:00")]
PAIR = {("A001C001", "T001", "sound"), ("T001", "A001C001", "picture")}


async def test_a_picture_of_another_day_can_be_given_to_a_sound(tmp_path):
    """Its camera's date is wrong, and both days have pictures and sound of their own."""
    far = sound("T101.wav", "12:00:00:00")
    far = replace(far, meta={**far.meta, "recorded": far.meta["recorded"] + timedelta(days=6)})
    strange = picture("A001C002.mov", "12:00:05:00")
    pair = {("A001C002", "T101", "sound"), ("T101", "A001C002", "picture")}
    async with on_set(tmp_path) as made:
        await made.give(*TAKE, strange)
        await made.give(picture("A002C001.mov", "11:00:05:00", off=6), far)
        assert await made.links() == PAIR
        await made.act("accept", clip="A001C002", other="T101")
        assert await made.links() == PAIR | pair
        await made.give(picture("A001C003.mov", "12:20:00:00"))
        assert await made.links() == PAIR | pair
        await made.act("forget", clip="A001C002")
        assert await made.links() == PAIR
        assert await made.told("T101", "matched") == "none"


async def test_a_record_of_another_day_can_be_given_to_a_clip(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(TAKE[0])
        told = record("r1", "X.mov", projectDay={"number": 1, "date": "2024-01-05"}, lens="40 mm")
        await made.give(told)
        await made.act("accept", clip="A001C001", other="r1")
        assert await made.told("A001C001", "lens") == "40 mm"
        await made.give(replace(told, data={**told.data, "lens": "50 mm"}, seen=2.0))
        assert await made.told("A001C001", "lens") == "50 mm"


async def test_what_is_said_of_one_file_of_a_recording_is_said_of_the_recording(tmp_path):
    """Whichever of its files leads it by now."""
    tracks = [sound(f"A101_1_{n}.wav", "15:00:00:00", channels=1) for n in (1, 2)]
    async with on_set(tmp_path) as made:
        await made.give(TAKE[0], tracks[1])
        await made.act("accept", clip="A001C001", other="A101_1_2")
        await made.give(tracks[0])
        assert ("A001C001", "A101_1_1", "sound") in await made.links()
        await made.act("reject", clip="A001C001", other="A101_1_2")
        assert await made.told("A001C001", "matched") == "none"
        await made.give(record("r1", "X.wav", type="sound", comment="good"))
        await made.act("accept", clip="A101_1_2", other="r1")
        assert await made.told("A101_1_1", "note") == await made.told("A101_1_2", "note") == "good"


async def test_what_is_decided_while_a_day_is_being_solved_counts(tmp_path, monkeypatch):
    solved, solving, go = Rooms._solved, trio.Event(), trio.Event()

    async def slowly(self, problem, before):
        found = await solved(self, problem, before)
        solving.set()
        await go.wait()
        return found

    async with on_set(tmp_path) as made:
        await made.give(*TAKE)
        assert await made.links() == PAIR
        monkeypatch.setattr(Rooms, "_solved", slowly)
        made.feed.give(picture("A001C002.mov", "10:20:00:00"))
        await solving.wait()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: made.act("reject", clip="A001C001", other="T001"))
            await made.decisions(1)
            go.set()
        assert await made.links("rejected") == PAIR
        assert await made.links() == set()
