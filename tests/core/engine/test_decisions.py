"""`explain`: what every route made of a clip, and why, running and at rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from affected_rig import Affecting, annotator
from engine_rig import FunctionSink, ListSource, card, component, engine_of, pipeline, route
from rushes.config.pipeline import Wait
from rushes.engine.last_rules import choose_alike, last_routes, pipeline_document
from rushes.engine.offline import open_offline
from rushes.ledger import FILE_NAME

pytestmark = pytest.mark.timeout(60)

WAIT = Wait(what="sound", rule="matched = 'matched'", at_most=60.0)


def made_of(tmp_path, routes, *, said=None, **keys):
    said = {"circled": True, "scene": "12A"} if said is None else said
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A", "a.mov")))],
        prepare=[annotator("match", Affecting(lambda _clip: said))],
        sinks=[component("sink", "sink", FunctionSink())],
        routes=routes,
    )
    return replace(made, **keys)


async def decided(tmp_path, routes, **keys):
    """By route: whether it took the clip, and why not; the same of the ledger at rest."""
    made = made_of(tmp_path, routes, **keys)
    made.state.mkdir(exist_ok=True)
    async with engine_of(made, ledger=made.state / FILE_NAME) as engine:
        await engine.run(once=True, deliver=False)
        running = (await engine.clip("a.mov"))["routes"]
    with open_offline(made.state) as rest:
        assert rest.clip("a.mov")["routes"] == running
    return {each["route"]: each for each in running}


async def told(tmp_path, routes, **keys):
    found = await decided(tmp_path, routes, **keys)
    return {name: each["why"] or each["matched"] for name, each in found.items()}


async def test_the_first_condition_that_does_not_hold_is_told_with_the_clips_values(tmp_path):
    routes = [
        route("taken", when="circled and scene = '12A'"),
        route("missed", when="circled and scene = '12' and waste"),
        route("unknown", when="waste"),
        route("either", when="waste or scene = '1'"),
        route("failing", when="cast(scene as integer) > 3"),
    ]
    assert await told(tmp_path, routes) == {
        "taken": True,
        "missed": "not scene = '12' (scene is '12A')",
        "unknown": "not waste (waste is not told)",
        "either": "not waste or scene = '1' (scene is '12A', waste is not told)",
        "failing": "not cast(scene as integer) > 3 (scene is '12A')",
    }


async def test_what_is_behind_a_final_route_was_not_considered(tmp_path):
    routes = [
        route("waste", when="waste", final=True),
        route("selects", when="circled", final=True),
        route("all"),
        route("never", when="waste"),
        route("rest", otherwise=True),
    ]
    end = "not considered: route selects is final"
    found = await decided(tmp_path, routes)
    assert {name: each["why"] or each["matched"] for name, each in found.items()} == {
        "waste": "not waste (waste is not told)",
        "selects": True,
        "all": end,
        "never": end,
        "rest": end,
    }
    assert [each["hit"] for each in found.values()] == [False, True, True, False, True]


async def test_else_says_who_took_it(tmp_path):
    routes = [
        route("waste", when="waste"),
        route("dailies", when="circled"),
        route("more"),
        route("rest", otherwise=True),
    ]
    assert (await told(tmp_path, routes))["rest"] == "else: route dailies took it"


async def test_else_that_took_it_and_else_whose_own_rule_does_not_hold(tmp_path):
    routes = [
        route("waste", when="waste"),
        route("sound", when="kind = 'audio'", otherwise=True),
        route("rest", otherwise=True),
    ]
    assert await told(tmp_path, routes) == {
        "waste": "not waste (waste is not told)",
        "sound": "not kind = 'audio' (kind is 'video')",
        "rest": True,
    }


async def test_under_match_first_the_others_are_not_considered(tmp_path):
    routes = [route("circled", when="circled"), route("all"), route("rest", otherwise=True)]
    end = "not considered: route circled took it, and match is first"
    assert await told(tmp_path, routes, match="first") == {"circled": True, "all": end, "rest": end}


async def test_the_priority_is_told_of_routes_that_took_it(tmp_path):
    routes = [
        route("by-scene", priority="case when scene = '12A' then 200 end"),
        route("plain", priority=5),
        route("none", priority="try_cast(scene as integer)"),
        route("missed", when="waste", priority=9),
    ]
    found = await decided(tmp_path, routes)
    assert [each["priority"] for each in found.values()] == [200, 5, 0, None]


async def test_without_routes_there_is_nothing_to_tell(tmp_path):
    assert await told(tmp_path, []) == {}


async def test_what_a_job_waits_for_is_told_with_it(tmp_path):
    made = made_of(tmp_path, [route(wait=WAIT)])
    async with engine_of(made, clock=lambda: 1000.0) as engine:
        await engine.run(once=True, deliver=False)
        document = await engine.clip("a.mov")
    [job] = document["jobs"]
    assert (job["state"], job["reason"], job["until"]) == ("waiting", "waiting for sound", 1060.0)
    assert document["routes"][0]["matched"] is True


def test_the_rules_that_the_ledger_keeps_are_those_of_the_file(tmp_path):
    routes = [
        route("one", when="circled", final=True, priority="size / 2"),
        route("two", otherwise=True, live=True),
        route("three", wait=WAIT, priority=3),
    ]
    made = made_of(tmp_path, routes, match="first")
    document = pipeline_document(made)
    assert last_routes(document) == tuple(replace(each, to=()) for each in routes)
    assert document["match"] == "first"
    assert document["routes"][2]["wait"] == {"what": "sound", "rule": "matched = 'matched'", "at_most": 60.0}


@pytest.mark.parametrize(
    ("changes", "alike"),
    [
        ({}, True),
        ({"priority": 5, "wait": WAIT, "live": True}, True),
        ({"when": "waste"}, False),
        ({"final": True}, False),
        ({"otherwise": True}, False),
    ],
)
def test_what_changes_the_ways_of_clips(tmp_path, changes, alike):
    plain = [route("one", when="circled"), route("two")]
    changed = [plain[0], replace(plain[1], **changes)]
    before, after = (pipeline_document(made_of(tmp_path, routes)) for routes in (plain, changed))
    assert choose_alike(before, after) is alike
    assert not choose_alike(before, pipeline_document(made_of(tmp_path, plain, match="first")))
