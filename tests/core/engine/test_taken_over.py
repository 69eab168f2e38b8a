"""A route that is renamed while a clip waits on it: who takes over goes on, hears of the clip's news, sends once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from engine_rig import route, running
from reload_rig import Place, become, states
from rushes.config.pipeline import Wait
from rushes.engine.queue import HELD
from rushes.engine.takeover import taken_over
from rushes.model import StepState

#: Longer than anything else may wait.
CIRCLE = Wait(what="circle", rule="circled", at_most=8 * 3600)
FAST = route("fast", to=["other"])


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


async def first_steps(engine):
    """By route of jobs that are not withdrawn, what the first step waits for, and until when."""
    return {
        job["route"]: (job["steps"][0]["reason"], job["steps"][0]["until"])
        for job in (await engine.jobs())["jobs"]
        if job["state"] != "withdrawn"
    }


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("begun", [False, True])
async def test_a_renamed_route_goes_on_waiting_and_hears_of_the_news(place, begun, restarted):
    others = [FAST] if begun else []
    place.write(*others, route("one", wait=CIRCLE))
    async with place.engine() as engine, running(engine):
        await become(engine, {"fast": "done", "one": "waiting"} if begun else {"one": "waiting"})
        waited = (await first_steps(engine))["one"]
        place.write(*others, route("renamed", wait=CIRCLE))
        if not restarted:
            assert (await engine.reload())["jobs"] == {"opened": 1, "withdrawn": 1, "changed": 0}
            assert (await first_steps(engine))["renamed"] == waited
    async with place.engine() as engine, running(engine):
        with trio.fail_after(10):
            while "renamed" not in await first_steps(engine):
                await trio.sleep(0.01)
        assert (await first_steps(engine))["renamed"] == waited
        await place.news(engine, circled=True)
        fast = {"fast": "done"} if begun else {}
        await become(engine, fast | {"one": "withdrawn", "renamed": "done"})
        assert place.sink.delivered == ["a.mov"]
        assert place.other.delivered == (["a.mov"] if begun else [])


async def test_what_a_person_said_of_a_job_holds_under_another_name(place):
    place.write(FAST, route("one", wait=CIRCLE))
    async with place.engine() as engine, running(engine):
        await become(engine, {"fast": "done", "one": "waiting"})
        [job] = [job["id"] for job in (await engine.jobs())["jobs"] if job["route"] == "one"]
        await engine.queue("top", [job])
        await engine.queue("hold", [job])
        planned = {job.route: (job.created, job.urgent) for job in engine._board.jobs.values()}
        await place.follow(engine, FAST, route("renamed", auto=False, wait=CIRCLE))
        assert (await first_steps(engine))["renamed"][0] == HELD
        now = {job.route: (job.created, job.urgent) for job in engine._board.jobs.values()}
        assert now["renamed"] == planned["one"]
        await place.news(engine, circled=True)
        assert await states(engine) == {"fast": "done", "one": "withdrawn", "renamed": "waiting"}


async def test_a_released_job_does_not_wait_again_under_another_name(place):
    place.write(FAST, route("one", auto=False))
    async with place.engine() as engine, running(engine):
        await become(engine, {"fast": "done", "one": "waiting"})
        await engine.switch("pause", ["sink"])
        await engine.queue("release", [job["id"] for job in (await engine.jobs())["jobs"]])
        await place.follow(engine, FAST, route("renamed", auto=False))
        [step] = [step for step in engine._board.steps.values() if step.component == "sink"]
        assert (step.state, step.reason) == (StepState.READY, "")
        await engine.switch("resume", ["sink"])
        await become(engine, {"fast": "done", "one": "withdrawn", "renamed": "done"})


async def test_what_nobody_takes_over_stays(place):
    place.write(FAST, route("one", to=["sink", "other"], wait=CIRCLE))
    async with place.engine() as engine, running(engine):
        await become(engine, {"fast": "done", "one": "waiting"})
        told = await place.follow(engine, FAST, route("renamed", to=["sink"], wait=CIRCLE))
        assert told == {"opened": 1, "withdrawn": 0, "changed": 1}
        await place.news(engine, circled=True)
        await become(engine, {"fast": "done", "one": "waiting", "renamed": "done"})
        assert (place.sink.delivered, place.other.delivered) == (["a.mov"], ["a.mov"])
        # Nor is it sent again when there is a route for the rest.
        await place.follow(
            engine, FAST, route("renamed", to=["sink"], wait=CIRCLE), route("rest", to=["other"])
        )
        await become(engine, {"fast": "done", "one": "withdrawn", "renamed": "done", "rest": "done"})
        assert (place.sink.delivered, place.other.delivered) == (["a.mov"], ["a.mov", "a.mov"])


async def test_a_job_that_has_not_started_takes_over_too(place):
    later = route("later", to=["other"], auto=False, when="scene = '1'")
    place.said = {"scene": "1"}
    place.write(FAST, later, route("one", wait=CIRCLE))
    async with place.engine() as engine, running(engine):
        await become(engine, {"fast": "done", "later": "waiting", "one": "waiting"})
        told = await place.follow(engine, FAST, replace(later, to=("other", "sink")))
        assert told == {"opened": 0, "withdrawn": 1, "changed": 1}
        await engine.queue("release", [], all=True)
        await become(engine, {"fast": "done", "later": "done", "one": "withdrawn"})
        assert (place.sink.delivered, place.other.delivered) == (["a.mov"], ["a.mov", "a.mov"])


async def test_a_route_that_takes_the_clip_by_its_news_only_takes_over_then(place):
    place.write(FAST, route("one", wait=CIRCLE))
    async with place.engine() as engine, running(engine):
        await become(engine, {"fast": "done", "one": "waiting"})
        waited = (await first_steps(engine))["one"]
        renamed = route("renamed", when="scene = '7'", wait=CIRCLE)
        assert (await place.follow(engine, FAST, renamed))["opened"] == 0
        await place.news(engine, scene="7")
        await become(engine, {"fast": "done", "one": "withdrawn", "renamed": "waiting"})
        assert (await first_steps(engine))["renamed"] == waited
        await place.news(engine, scene="7", circled=True)
        await become(engine, {"fast": "done", "one": "withdrawn", "renamed": "done"})
        assert place.sink.delivered == ["a.mov"]


SINKS = st.sets(st.sampled_from("abc"))


@given(st.lists(SINKS), st.dictionaries(st.integers(0, 3), SINKS), st.dictionaries(st.integers(4, 9), SINKS))
def test_nothing_is_lost_and_no_more_send_than_did(holders, anyway, others):
    taken = taken_over(holders, anyway, others)
    for sink in "abc":
        held = sum(sink in sinks for sinks in holders)
        takers = [route for route, sinks in taken.items() if sink in sinks]
        could = [sink in sinks for sinks in (*anyway.values(), *others.values())]
        assert not takers or held
        assert bool(takers) == (any(could) and held > 0)
        assert sum(route in others for route in takers) <= max(
            0, held - sum(route in anyway for route in takers)
        )
        assert all(sink in {**anyway, **others}[route] for route in takers)
        # Those of others are the first that could.
        first = [route for route, sinks in others.items() if sink in sinks]
        among = [route for route in takers if route in others]
        assert among == first[: len(among)]


async def of_sink(engine):
    return {job["name"]: job["id"] for job in (await engine.jobs())["jobs"] if job["route"] == "one"}


@pytest.mark.parametrize("restarted", [False, True])
async def test_where_a_person_moved_a_job_it_stays_under_another_name(tmp_path, restarted):
    place = Place(tmp_path, "a.mov", "b.mov", "c.mov")
    place.write(FAST, route("one"))
    async with place.engine() as engine:
        await engine.switch("pause", ["sink"])
        async with running(engine):
            with trio.fail_after(10):
                while len(jobs := await of_sink(engine)) < 3:
                    await trio.sleep(0.01)
            await engine.move([jobs["c.mov"]], jobs["a.mov"])
            with trio.fail_after(10):
                while len(place.other.delivered) < 3:
                    await trio.sleep(0.01)
            place.write(FAST, route("renamed"))
            if not restarted:
                await engine.reload()
                await engine.switch("resume", ["sink"])
                with trio.fail_after(10):
                    while len(place.sink.delivered) < 3:
                        await trio.sleep(0.01)
    async with place.engine() as engine:
        await engine.switch("resume", ["sink"])
        async with running(engine):
            with trio.fail_after(10):
                while len(place.sink.delivered) < 3:
                    await trio.sleep(0.01)
    assert place.sink.delivered == ["c.mov", "a.mov", "b.mov"]


async def test_what_takes_over_goes_nowhere_else_at_the_next_reload_either(place):
    place.write(FAST, route("one", wait=CIRCLE))
    async with place.engine() as engine, running(engine):
        await become(engine, {"fast": "done", "one": "waiting"})
        both = route("both", to=["sink", "other"], wait=CIRCLE)
        assert (await place.follow(engine, FAST, both))["opened"] == 1
        told = await place.follow(engine, FAST, both, route("more", when="scene = '9'"))
        assert told == {"opened": 0, "withdrawn": 0, "changed": 0}
        await place.news(engine, circled=True)
        await become(engine, {"fast": "done", "one": "withdrawn", "both": "done"})
        assert (place.sink.delivered, place.other.delivered) == (["a.mov"], ["a.mov"])


async def test_a_job_whose_route_goes_only_where_the_clip_went_is_withdrawn(place):
    later = route("later", auto=False)
    place.write(FAST, later)
    async with place.engine() as engine, running(engine):
        await become(engine, {"fast": "done", "later": "waiting"})
        moved = replace(later, to=("other",))
        assert await place.follow(engine, moved) == {"opened": 0, "withdrawn": 1, "changed": 0}
        assert await states(engine) == {"fast": "done", "later": "withdrawn"}
        assert await place.follow(engine, moved, route("more", when="false")) == {
            "opened": 0, "withdrawn": 0, "changed": 0,
        }  # fmt: skip
        assert place.other.delivered == ["a.mov"]
