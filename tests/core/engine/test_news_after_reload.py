"""News of clips that have jobs, after the rules changed: what is only called otherwise by now is not sent again."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio

from engine_rig import route, running
from reload_rig import Place, become, states


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.mark.parametrize("restarted", [False, True])
async def test_news_send_nothing_again_under_another_name_and_open_what_they_newly_match(place, restarted):
    circled = route("circled", when="circled", to=["other"])
    place.write(route("one"), circled)
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done"})
        place.write(route("renamed"), circled)
        if not restarted:
            await engine.reload()
            await place.news(engine, scene="1")
            assert await states(engine) == {"one": "done"}
    async with place.engine() as engine, running(engine):
        await place.news(engine, scene="2")
        assert await states(engine) == {"one": "done"}
        await place.news(engine, scene="2", circled=True)
        await become(engine, {"one": "done", "circled": "done"})
        assert (place.sink.delivered, place.other.delivered) == (["a.mov"], ["a.mov"])


async def test_news_open_a_route_for_a_clip_that_has_no_job(place):
    place.write(route("one", when="scene = '1'"))
    async with place.engine() as engine, running(engine):
        with trio.fail_after(10):
            while not await engine._ledger.query("SELECT 1 FROM events WHERE kind = 'clip.unrouted'"):
                await trio.sleep(0.01)
        await place.news(engine, scene="1")
        await become(engine, {"one": "done"})


async def test_an_edit_that_is_undone_brings_back_what_it_withdrew_of_a_clip_that_began(place):
    later = route("later", auto=False)
    place.write(route("one"), later)
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done", "later": "waiting"})
        place.write(route("one"), replace(later, when="scene = '9'"))
        assert (await engine.reload())["jobs"] == {"opened": 0, "withdrawn": 1, "changed": 0}
        place.write(route("one"), later)
        assert (await engine.reload())["jobs"] == {"opened": 1, "withdrawn": 0, "changed": 0}
        await become(engine, {"one": "done", "later": "waiting"})


async def test_a_name_that_comes_back_is_not_sent_again(place):
    place.write(route("one", auto=False))
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "waiting"})
        place.write(route("renamed"))
        await engine.reload()
        await become(engine, {"one": "withdrawn", "renamed": "done"})
        place.write(route("one"))
        assert (await engine.reload())["jobs"] == {"opened": 0, "withdrawn": 0, "changed": 0}
        await place.news(engine, scene="1")
        assert await states(engine) == {"one": "withdrawn", "renamed": "done"}
