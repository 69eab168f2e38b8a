"""No decision is lost: not to another at the same time, not to a death before anybody heeded it."""

from __future__ import annotations

import time

import pytest
import trio

from rushes.ledger import FILE_NAME

from .match_rig import on_set, picture, sound

PICTURE = picture("A001C001.mov", "10:00:05:00", scene="12", take="1")
SOUNDS = [sound(f"T00{n}.wav", "10:00:00:00", scene="12", take="1") for n in range(1, 5)]


class Died(Exception):
    """Here the process was killed."""


async def test_decisions_at_the_same_time_are_all_kept(tmp_path):
    async with on_set(tmp_path, ledger=tmp_path / FILE_NAME, clock=time.time) as made:
        await made.give(PICTURE, *SOUNDS)
        async with trio.open_nursery() as nursery:
            for each in SOUNDS:
                nursery.start_soon(lambda name: made.act("reject", clip="A001C001", other=name), each.name)
        told = (await made.act("list", states="rejected"))["decisions"]
        assert len(told) == len(SOUNDS)
        assert not any(decision["accept"] for decision in told)
        async with trio.open_nursery() as nursery:
            for each in SOUNDS[1:]:
                nursery.start_soon(lambda name: made.act("forget", clip="A001C001", other=name), each.name)
        assert len((await made.act("list", states="rejected"))["decisions"]) == 1


@pytest.mark.parametrize("last", ["reject", "forget"])
async def test_a_death_before_it_was_heeded_is_made_good_by_the_next_run(tmp_path, last):
    ledger = tmp_path / FILE_NAME

    async def die(_clips):
        raise Died

    pair = {"clip": "A001C001", "other": "T001"}
    links = {("A001C001", "T001", "sound"), ("T001", "A001C001", "picture")}
    async with on_set(tmp_path, ledger=ledger, clock=time.time) as made:
        await made.give(PICTURE, SOUNDS[0])
        if last == "forget":
            await made.act("reject", **pair)
        before, after = ("matched", "rejected") if last == "reject" else ("rejected", "matched")
        made.engine._hosts["match"].context.on_again = die
        with pytest.raises(RuntimeError, match="Died"):
            await made.act(last, **pair)
        assert await made.links(before) == links
    async with on_set(tmp_path, ledger=ledger, clock=time.time) as made:
        await made.until(f"SELECT count(*) FROM links WHERE state = '{after}'")
        assert await made.links(after) == links
        assert await made.links(before) == set()
        assert not await made.query("SELECT key FROM store WHERE key = 'decided_of'")
