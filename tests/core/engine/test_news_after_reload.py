"""News of clips that have jobs, after the rules changed: what is only called otherwise by now is not sent again."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio

from engine_rig import FunctionAnnotator, FunctionSink, ListSource, card, component, pipeline, route, running
from rushes.engine import open_engine
from rushes.settings import Settings


class Set:
    """A clip, an annotator that says what it is told to say, and a file that can be edited."""

    def __init__(self, tmp_path):
        self._tmp_path = tmp_path
        self.clips = card(tmp_path / "A001", "a.mov")
        self.sink = FunctionSink()
        self.said = {}
        self._annotator = FunctionAnnotator(lambda _clip: self.said)
        self._made = None

    def write(self, *routes):
        made = pipeline(
            self._tmp_path,
            sources=[component("source", "source", ListSource(self.clips))],
            prepare=[component("annotator", "notes", self._annotator)],
            sinks=[component("sink", "sink", self.sink, slots=1)],
            routes=routes,
        )
        file = self._tmp_path / "test.yaml"
        file.touch()
        self._made = replace(made, files=(file,))

    def engine(self):
        ledger = self._tmp_path / "ledger.duckdb"
        return open_engine(self._made, Settings(), ledger=ledger, load=lambda: self._made)

    async def news(self, engine, **said):
        """The annotator says something else of the clip; returns when that is planned."""
        self.said = said
        [(clip,)] = await engine._ledger.query("SELECT id FROM clips")
        await engine._preparation.again("notes", [clip])
        with trio.fail_after(10):
            while engine._preparation._backlog or not engine._preparation.idle:
                await trio.sleep(0.01)


@pytest.fixture
def place(tmp_path):
    return Set(tmp_path)


async def states(engine):
    return {job["route"]: job["state"] for job in (await engine.jobs())["jobs"]}


async def become(engine, wanted):
    found = {}
    with trio.move_on_after(10):
        while (found := await states(engine)) != wanted:
            await trio.sleep(0.02)
    assert found == wanted


@pytest.mark.parametrize("restarted", [False, True])
async def test_news_send_nothing_again_under_another_name_and_open_what_they_newly_match(place, restarted):
    place.write(route("one"), route("circled", when="circled"))
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done"})
        place.write(route("renamed"), route("circled", when="circled"))
        if not restarted:
            await engine.reload()
            await place.news(engine, scene="1")
            assert await states(engine) == {"one": "done"}
    async with place.engine() as engine, running(engine):
        await place.news(engine, scene="2")
        assert await states(engine) == {"one": "done"}
        await place.news(engine, scene="2", circled=True)
        await become(engine, {"one": "done", "circled": "done"})
        assert place.sink.delivered == ["a.mov", "a.mov"]


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
