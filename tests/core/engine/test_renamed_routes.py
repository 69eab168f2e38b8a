"""A route under a new name: what it sent while it was called otherwise is not sent again, and nothing is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio

from engine_rig import FunctionSink, FunctionTransform, component, pipeline, route, running
from growing_rig import FollowingSink, Recorder
from reload_rig import Place, become, states
from rushes import Options, Role
from rushes.config.pipeline import Wait
from rushes.engine import open_engine
from rushes.engine.planner import MANUAL
from rushes.engine.replanning import Replanning
from rushes.errors import RushesError
from rushes.settings import Settings


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


CIRCLED = {"when": "circled"}


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_rule_that_holds_again_under_a_new_name_sends_nothing_again(place, restarted):
    place.said = {"circled": True}
    place.write(route("one", **CIRCLED))
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done"})
        if not restarted:
            await place.follow(engine, route("renamed", **CIRCLED))
            await place.news(engine, circled=False)
            await place.news(engine, circled=True)
            assert await states(engine) == {"one": "done"}
    place.write(route("again", **CIRCLED))
    async with place.engine() as engine, running(engine):
        await place.news(engine, circled=False)
        await place.news(engine, circled=True)
        assert await states(engine) == {"one": "done"}
        assert place.sink.delivered == ["a.mov"]


async def test_a_name_that_comes_back_sends_nothing_again_when_its_rule_holds_again(place):
    place.said = {"circled": True}
    place.write(route("one", auto=False, **CIRCLED))
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "waiting"})
        await place.follow(engine, route("renamed", **CIRCLED))
        await become(engine, {"one": "withdrawn", "renamed": "done"})
        await place.follow(engine, route("one", **CIRCLED))
        await place.news(engine, circled=False)
        await place.news(engine, circled=True)
        assert await states(engine) == {"one": "withdrawn", "renamed": "done"}


async def test_a_route_that_took_the_place_of_two_sends_where_none_has_sent(place):
    place.write(route("one"), route("two", when="scene = '7'", to=["other"]))
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done"})
        both = route("both", to=["sink", "other"], **CIRCLED)
        await place.follow(engine, both)
        await place.news(engine, circled=True)
        await become(engine, {"one": "done", "both": "done"})
        assert (place.sink.delivered, place.other.delivered) == (["a.mov"], ["a.mov"])


async def test_what_is_left_of_a_route_stays_what_is_left_under_the_next_rules(place):
    place.write(route("one"))
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done"})
        both = route("both", to=["sink", "other"], auto=False, **CIRCLED)
        await place.follow(engine, both)
        await place.news(engine, circled=True)
        await become(engine, {"one": "done", "both": "waiting"})
        assert (await place.follow(engine, replace(both, priority=7)))["changed"] == 1
        await engine.queue("release", [job["id"] for job in (await engine.jobs())["jobs"]])
        await become(engine, {"one": "done", "both": "done"})
        assert (place.sink.delivered, place.other.delivered) == (["a.mov"], ["a.mov"])


class Height(Options):
    height: int = 540


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_withdrawn_job_does_not_come_back_where_its_clip_was_sent_since_by_a_route_that_is_gone(
    place, restarted
):
    fast = route("fast", to=["other"])
    place.write(fast, route("circles", auto=False))
    async with place.engine() as engine, running(engine):
        await become(engine, {"fast": "done", "circles": "waiting"})
        # Its rule ceases to hold for a moment: withdrawn, of a clip that has begun.
        await place.follow(engine, fast, route("circles", when="scene = '9'"), route("selects", **CIRCLED))
        await place.news(engine, circled=True)
        await become(engine, {"fast": "done", "circles": "withdrawn", "selects": "done"})
        elsewhere = route("circles", wishes={"sink": Height(height=1)})
        if not restarted:
            assert (await place.follow(engine, fast, elsewhere))["opened"] == 0
    place.write(fast, elsewhere)
    async with place.engine() as engine, running(engine):
        await place.news(engine, scene="3")
        assert await states(engine) == {"fast": "done", "circles": "withdrawn", "selects": "done"}
        assert place.sink.delivered == ["a.mov"]


def small(name, height):
    async def apply(context, clip):
        path = context.workspace() / f"proxy{height}.mov"
        path.write_bytes(b"small")
        return [context.derive(clip, path, role=Role.PROXY)]

    step = component("transform", "proxy", FunctionTransform(apply))
    return replace(step, id=f"{name}.proxy", options=Height(height=height))


async def test_the_same_steps_are_the_same_whatever_they_are_called_and_others_are_others(place):
    place.write(route("all", steps=[small("all", 540)]))
    async with place.engine() as engine, running(engine):
        await become(engine, {"all": "done"})
    same = route("same", steps=[small("same", 540)], **CIRCLED)
    better = route("better", steps=[small("better", 1080)], **CIRCLED)
    original = route("original", **CIRCLED)
    place.write(same, better, original)
    async with place.engine() as engine, running(engine):
        await place.news(engine, circled=True)
        await become(engine, {"all": "done", "better": "done", "original": "done"})
        assert sorted(place.sink.delivered) == ["a.mov", "proxy1080.mov", "proxy540.mov"]


async def test_other_options_of_the_sink_are_another_place(place):
    place.write(route("one"))
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done"})
        await place.follow(engine, route("elsewhere", wishes={"sink": Height(height=1)}, **CIRCLED))
        await place.news(engine, circled=True)
        await become(engine, {"one": "done", "elsewhere": "done"})


async def test_routes_that_stand_beside_each_other_speak_for_themselves(place):
    place.write(route("one"), route("circled", **CIRCLED))
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done"})
        await place.news(engine, circled=True)
        await become(engine, {"one": "done", "circled": "done"})


async def test_what_a_person_sent_by_hand_is_no_route(place):
    place.write(route("one", **CIRCLED))
    async with place.engine() as engine, running(engine):
        with trio.fail_after(10):
            while not await engine._ledger.query("SELECT 1 FROM events WHERE kind = 'clip.unrouted'"):
                await trio.sleep(0.01)
        await engine.add("a.mov", "sink")
        await become(engine, {"to.sink": "done"})
        await place.news(engine, circled=True)
        await become(engine, {"to.sink": "done", "one": "done"})


async def test_a_live_route_that_is_renamed_while_a_clip_is_recorded(tmp_path):
    source, sink = Recorder(tmp_path / "A"), FollowingSink()

    def write(*routes):
        made = pipeline(
            tmp_path,
            sources=[component("source", "source", source)],
            sinks=[component("sink", "sink", sink, live=True), component("sink", "other", late)],
            routes=routes,
        )
        made.file.touch()
        return replace(made, files=(made.file,))

    late = FunctionSink()
    made = write(route("one", live=True))
    ledger = tmp_path / "ledger.duckdb"
    async with (
        open_engine(made, Settings(), ledger=ledger, load=lambda: made) as engine,
        running(engine),
    ):
        await source.write("a.mov")
        await become(engine, {"one": "running"})
        made = write(route("renamed", live=True), route("late", to=["other"]))
        assert (await engine.reload())["jobs"] == {"opened": 0, "withdrawn": 0, "changed": 0}
        await source.finish("a.mov", b"more")
        await become(engine, {"one": "done", "late": "done"})
        assert [name for name, *_ in sink.started] == ["a.mov"]
        [[count]] = await engine._ledger.query("SELECT count(*) FROM events WHERE kind = 'clip.unrouted'")
        assert count == 0


async def test_an_edit_that_is_undone_between_two_runs_brings_back_what_it_withdrew(place):
    one, later = route("one"), route("later", auto=False)
    place.write(one, later)
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done", "later": "waiting"})
        assert (await place.follow(engine, one, replace(later, when="scene = '9'")))["withdrawn"] == 1
    place.write(one, later)
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done", "later": "waiting"})


async def test_an_edit_made_and_undone_while_nothing_runs_has_never_been(place):
    one, later = route("one"), route("later", auto=False)
    place.write(one, later)
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "done", "later": "waiting"})
    place.write(one, replace(later, when="scene = '9'"))
    async with place.engine() as engine:
        assert await states(engine) == {"one": "done", "later": "withdrawn"}
    place.write(one, later)
    async with place.engine() as engine:
        assert await states(engine) == {"one": "done", "later": "waiting"}


async def test_a_route_that_was_taken_out_and_put_back_has_its_job_again(place):
    one, two = route("one", auto=False), route("two", to=["other"], auto=False)
    place.write(one, two)
    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "waiting", "two": "waiting"})
        await place.follow(engine, route("one"))
        await become(engine, {"one": "done", "two": "withdrawn"})
        assert (await place.follow(engine, route("one"), two))["opened"] == 1
        await become(engine, {"one": "done", "two": "waiting"})


SOUND = Wait(what="sound", rule="matched = 'matched'", at_most=3600)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize(
    ("edited", "half"), [({"when": "scene = '9'"}, "withdrawn"), ({"wait": SOUND}, "waiting")]
)
async def test_an_edit_that_was_half_done_is_undone_with_all_it_did(
    place, monkeypatch, restarted, edited, half
):
    one = route("one", auto=False)
    place.write(one)
    batch = Replanning._batch

    async def one_then_none(self, names, before):
        await batch(self, names, before)
        raise RushesError("the plug is pulled")

    async def undone(engine):
        await become(engine, {"one": "waiting"})
        [job] = (await engine.jobs())["jobs"]
        assert [step["reason"] for step in job["steps"]] == [MANUAL]

    async with place.engine() as engine, running(engine):
        await become(engine, {"one": "waiting"})
        monkeypatch.setattr(Replanning, "_batch", one_then_none)
        with pytest.raises(RushesError, match="plug"):
            await place.follow(engine, route("one", **{"auto": True} | edited))
        assert await states(engine) == {"one": half}
        monkeypatch.setattr(Replanning, "_batch", batch)
        place.write(one)
        if not restarted:
            await engine.reload()
            await undone(engine)
    async with place.engine() as engine:
        await undone(engine)
