"""Which routes take a clip, from the file's words to jobs; and their priorities."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio

from affected_rig import Affecting, annotator
from engine_rig import FunctionSink, ListSource, card, component, engine_of, pipeline, route, running
from rushes.config.pipeline import Wait
from rushes.engine.routing import priority_of

pytestmark = pytest.mark.timeout(60)


def said_of(clip):
    """A name such as `circled,scene=12.mov` says what is told of it."""
    words = [word.partition("=") for word in clip.name.split(",")]
    return {name: value or True for name, _, value in words if name != "none"}


def made_of(tmp_path, routes, *names, annotate=said_of, sink=None, source=None, **keys):
    sinks = [component("sink", "sink", sink or FunctionSink())]
    source = source or ListSource(card(tmp_path / "A", *names))
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", source)],
        prepare=[annotator("match", Affecting(annotate))],
        sinks=sinks,
        routes=routes,
    )
    return replace(made, **keys)


async def planned(made):
    """By clip, its routes with the priorities of their jobs."""
    async with engine_of(made) as engine:
        await engine.run(once=True, deliver=False)
        found = {clip["path"]: {} for clip in (await engine.clips())["clips"]}
        for job in (await engine.jobs())["jobs"]:
            found[job["name"]][job["route"]] = job["priority"]
    return {name.removesuffix(".mov"): jobs for name, jobs in found.items()}


async def test_every_route_takes_what_its_rule_says(tmp_path):
    """Whatever text stands in it."""
    routes = [
        route("one", when="circled"),
        route("two", when="not waste -- {clips}"),
        route("three", when="name <> '{clips} %s ?' -- a remark"),
    ]
    assert await planned(made_of(tmp_path, routes, "circled.mov", "none.mov")) == {
        "circled": {"one": 0, "three": 0},
        "none": {"three": 0},
    }


async def test_a_final_route_ends_it_and_else_takes_the_rest(tmp_path):
    routes = [
        route("waste", when="waste", final=True),
        route("circled", when="circled"),
        route("rest", otherwise=True),
        route("rest-of-scene", when="scene = '12'", otherwise=True),
        route("all"),
    ]
    names = ["waste,circled.mov", "circled.mov", "scene=12.mov", "none.mov"]
    assert await planned(made_of(tmp_path, routes, *names)) == {
        "waste,circled": {"waste": 0},
        "circled": {"circled": 0, "all": 0},
        "scene=12": {"rest": 0, "all": 0},
        "none": {"rest": 0, "all": 0},
    }


async def test_the_first_route_alone_takes_a_clip_where_the_file_says_so(tmp_path):
    routes = [route("waste", when="waste"), route("circled", when="circled"), route("rest")]
    names = ["waste,circled.mov", "circled.mov", "none.mov"]
    assert await planned(made_of(tmp_path, routes, *names, match="first")) == {
        "waste,circled": {"waste": 0},
        "circled": {"circled": 0},
        "none": {"rest": 0},
    }


EXPRESSION = "case when scene = '12' then 200 when scene = 'bad' then cast(take as integer) else null end"


@pytest.mark.parametrize("final", [False, True])
async def test_a_priority_may_depend_on_the_clip(tmp_path, final):
    """What gives no number, or fails, is 0."""
    routes = [
        route("priced", when="not waste or waste is null", priority=EXPRESSION, final=final),
        route("fixed", when="waste", priority=7),
        route("wild", when="waste", priority="try_cast(take as double) * 10e300"),
    ]
    names = ["scene=12.mov", "scene=bad,take=x.mov", "none.mov", "waste,take=2.mov", "waste,take=-2.mov"]
    assert await planned(made_of(tmp_path, routes, *names)) == {
        "scene=12": {"priced": 200},
        "scene=bad,take=x": {"priced": 0},
        "none": {"priced": 0},
        "waste,take=2": {"fixed": 7, "wild": 1_000_000},
        "waste,take=-2": {"fixed": 7, "wild": -1_000_000},
    }


@pytest.mark.parametrize(
    ("value", "priority"),
    [
        (None, 0),
        (float("nan"), 0),
        (float("inf"), 0),
        (1e300, 1_000_000),
        (-1e9, -1_000_000),
        (2.6, 3),
        (-0.4, 0),
    ],
)
def test_a_priority_is_a_whole_number_within_bounds(value, priority):
    assert priority_of(value) == priority


@pytest.mark.parametrize("match", ["all", "first"])
@pytest.mark.parametrize(
    "when",
    [
        ("take::int between 3 and 9", "false"),
        ("take::int > 2 and take::int < 9", "take::int > 12"),
        ("case when take::int > 2 then take::int < 9 end", "false"),
        ("take::int > 2", "take::int < 2"),
    ],
)
async def test_a_cast_that_fails_for_one_clip_harms_no_other_however_often_it_is_written(
    tmp_path, match, when
):
    """DuckDB works out once, outside of any TRY, what is written twice."""
    routes = [route(f"r{number}", when=each, priority="take::int") for number, each in enumerate(when)]
    made = made_of(tmp_path, routes, "take=3.mov", "take=pickup.mov", match=match)
    assert await planned(made) == {"take=3": {"r0": 3}, "take=pickup": {}}


async def test_a_wait_beside_a_choice_is_judged_by_its_own_rule(tmp_path):
    wait = Wait(what="sound", rule="matched = 'matched'", at_most=60.0)
    routes = [route("first", when="circled", wait=wait, final=True), route("rest", otherwise=True, wait=wait)]
    made = made_of(tmp_path, routes, "circled,matched=matched.mov", "circled.mov", "none.mov")
    async with engine_of(made) as engine:
        await engine.run(once=True, deliver=False)
        jobs = {job["name"]: (job["route"], job["state"]) for job in (await engine.jobs())["jobs"]}
    assert jobs == {
        "circled,matched=matched.mov": ("first", "ready"),
        "circled.mov": ("first", "waiting"),
        "none.mov": ("rest", "waiting"),
    }


async def test_jobs_move_in_the_queue_when_the_priority_of_their_clips_changes(tmp_path, autojump_clock):
    """The first delivery holds the only slot meanwhile; it goes on, whatever its clip is worth by now."""
    scenes = {"a": "1", "b": "2", "c": "3"}
    begun, finish = trio.Event(), trio.Event()

    async def deliver(_clip, _resume, _report):
        begun.set()
        await finish.wait()

    sink = FunctionSink(deliver)
    made = made_of(
        tmp_path,
        [route(priority="100 - cast(scene as integer)")],
        "a.mov",
        "b.mov",
        "c.mov",
        annotate=lambda clip: {"scene": scenes[clip.name]},
        sink=sink,
    )
    async with engine_of(made) as engine, running(engine):
        await begun.wait()
        scenes |= {"a": "90", "c": "0"}
        names = [name for (name,) in await engine._ledger.query("SELECT id FROM clips")]
        await engine._preparation.again("match", names)
        while not engine._preparation.idle:
            await trio.sleep(0.01)
        priorities = {job["name"]: job["priority"] for job in (await engine.jobs())["jobs"]}
        assert priorities == {"a.mov": 10, "b.mov": 98, "c.mov": 100}
        finish.set()
        while len(sink.delivered) < 3:
            await trio.sleep(0.01)
    assert sink.delivered == ["a.mov", "c.mov", "b.mov"]


async def test_a_job_is_withdrawn_when_a_final_route_takes_its_clip_later(tmp_path, autojump_clock):
    """As any other whose route does not take the clip any more."""
    circled = {"circled": False}
    routes = [
        route("selects", when="circled", final=True, auto=False),
        route("rest", otherwise=True, auto=False),
    ]
    made = made_of(tmp_path, routes, "a.mov", annotate=lambda _clip: dict(circled))
    async with engine_of(made) as engine, running(engine):

        async def states():
            return {job["route"]: job["state"] for job in (await engine.jobs())["jobs"]}

        while await states() != {"rest": "waiting"}:
            await trio.sleep(0.1)
        circled["circled"] = True
        await engine._preparation.again("match", [(await engine.clips())["clips"][0]["clip"]])
        while await states() != {"rest": "withdrawn", "selects": "waiting"}:
            await trio.sleep(0.1)
