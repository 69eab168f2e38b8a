"""Names of routes that are given to others: nothing is sent twice, and nothing is left out."""

from __future__ import annotations

import pytest
import trio

from engine_rig import route, running
from reload_rig import Place
from rushes.config.pipeline import Wait
from rushes.engine.ids import route_key
from rushes.engine.turns import Turns

CIRCLE = Wait(what="circle", rule="circled", at_most=8 * 3600)
X, Y, Z = {"when": "scene = '1'"}, {"when": "circled"}, {"when": "take = '1'"}
TO_SINK, TO_OTHER = {"to": ["sink"]}, {"to": ["other"]}


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


async def settle(place, engine, sink, other):
    """The news are acted on; so often was the clip brought to the sinks, and all work is done."""
    with trio.fail_after(10):
        while not await engine._ledger.query("SELECT id FROM clips"):
            await trio.sleep(0.01)
        await place.news(engine, **place.said)
        while {"ready", "running"} & {job["state"] for job in (await engine.jobs())["jobs"]}:
            await trio.sleep(0.01)
    assert (place.sink.delivered, place.other.delivered) == (["a.mov"] * sink, ["a.mov"] * other)


#: The edit, and what the clip is brought to by it all when X, then Y and Z hold, and X ceases and holds again.
EDITS = {
    "swap": ([route("a", **X, **TO_SINK), route("b", **Y, **TO_OTHER)],
             [route("b", **X, **TO_SINK), route("a", **Y, **TO_OTHER)]),
    "reuse": ([route("a", **X, **TO_SINK)],
              [route("a2", **X, **TO_SINK), route("a", **Y, **TO_OTHER)]),
    "reuse in two edits": ([route("a", **X, **TO_SINK)],
                           [route("a2", **X, **TO_SINK)],
                           [route("a2", **X, **TO_SINK), route("a", **Y, **TO_OTHER)]),
    "swap and back": ([route("a", **X, **TO_SINK), route("b", **Y, **TO_OTHER)],
                      [route("b", **X, **TO_SINK), route("a", **Y, **TO_OTHER)],
                      [route("a", **X, **TO_SINK), route("b", **Y, **TO_OTHER)]),
    "three": ([route("a", **X, **TO_SINK), route("b", **Y, **TO_OTHER), route("c", when="false")],
              [route("b", **X, **TO_SINK), route("c", **Y, **TO_OTHER), route("a", when="false")]),
    "three, back": ([route("a", **X, **TO_SINK), route("b", **Y, **TO_OTHER), route("c", when="false")],
                    [route("c", **X, **TO_SINK), route("a", **Y, **TO_OTHER), route("b", when="false")]),
}  # fmt: skip


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("edit", EDITS)
async def test_each_sink_gets_the_clip_once_whatever_has_the_name(place, edit, restarted):
    first, *others = EDITS[edit]
    place.said = {"scene": "1"}
    place.write(*first)
    async with place.engine() as engine, running(engine):
        await settle(place, engine, 1, 0)
        if not restarted:
            for routes in others:
                await place.follow(engine, *routes)
                await settle(place, engine, 1, 0)
    for routes in others:
        place.write(*routes)
        async with place.engine() as engine, running(engine):
            await settle(place, engine, 1, 0)
    async with place.engine() as engine, running(engine):
        place.said = {}
        await settle(place, engine, 1, 0)
        place.said = {"scene": "1"}
        await settle(place, engine, 1, 0)
        place.said = {"scene": "1", "circled": True}
        await settle(place, engine, 1, 1)


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("ways", [TO_OTHER, TO_SINK])
async def test_what_waits_goes_on_once_when_names_are_swapped(place, ways, begun, restarted):
    fast = [route("fast", to=["other"])] if begun else []
    place.said = {"scene": "1"}
    place.write(*fast, route("a", **X, **TO_SINK, wait=CIRCLE), route("b", **Z, **ways))
    async with place.engine() as engine, running(engine):
        await settle(place, engine, 0, int(begun))
        place.write(*fast, route("b", **X, **TO_SINK, wait=CIRCLE), route("a", **Z, **ways))
        if not restarted:
            told = await engine.reload()
            assert told["jobs"] == {"opened": 1, "withdrawn": 1, "changed": 0}
            assert told["leaving"] == 0
    async with place.engine() as engine, running(engine):
        await settle(place, engine, 0, int(begun))
        place.said = {"scene": "1", "circled": True}
        await settle(place, engine, 1, int(begun))
        place.said |= {"take": "1"}
        await settle(place, engine, 1 + (ways is TO_SINK), int(begun) + (ways is TO_OTHER))


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_route_that_keeps_its_name_and_goes_elsewhere_sends_nothing_again(place, restarted):
    place.said = {"scene": "1"}
    place.write(route("a", **X, **TO_SINK))
    async with place.engine() as engine, running(engine):
        await settle(place, engine, 1, 0)
        if not restarted:
            await place.follow(engine, route("a", **X, **TO_OTHER))
            await settle(place, engine, 1, 0)
    place.write(route("a", **X, **TO_OTHER))
    async with place.engine() as engine, running(engine):
        place.said = {}
        await settle(place, engine, 1, 0)
        place.said = {"scene": "1"}
        await settle(place, engine, 1, 0)


def documents(**routes):
    return [
        {"id": name, "when": when, "steps": [], "to": [{"sink": sink}]}
        for name, (when, sink) in routes.items()
    ]


OLD = Turns().followed_by(documents(a=("x", "s"), b=("y", "t")))


@pytest.mark.parametrize(
    ("now", "given"),
    [
        ({"a": ("x", "s"), "b": ("y", "t")}, ""),
        ({"b": ("x", "s"), "a": ("y", "t")}, "ab"),
        ({"a2": ("x", "s"), "a": ("z", "u"), "b": ("y", "t")}, "a"),
        ({"a2": ("x2", "s"), "a": ("z", "u"), "b": ("y", "t")}, "a"),
        ({"a2": ("x", "s2"), "a": ("z", "u"), "b": ("y", "t")}, "a"),
        # On purpose: what it was goes on nowhere.
        ({"a": ("z", "u"), "b": ("y", "t")}, ""),
        ({"a": ("x", "u"), "b": ("y", "t")}, ""),
        ({"a": ("x", "t"), "b": ("y", "s")}, ""),
        ({"a": ("x", "t"), "c": ("z", "s"), "b": ("y", "t")}, ""),
        ({"a2": ("x", "s"), "b": ("y", "t")}, ""),
    ],
)
def test_a_name_that_is_given_to_another_begins_a_turn(now, given):
    turns = OLD.followed_by(documents(**now))
    assert [name for name in "ab" if turns.key(name) != name] == list(given)
    assert turns.followed_by(documents(**now)) == turns
    assert Turns(**turns.stored) == turns
    assert all(turns.key(name) == route_key(name, 1) for name in given)


def test_a_name_that_comes_back_as_it_was_is_what_it_was():
    gone = OLD.followed_by(documents(a2=("x", "s"), b=("y", "t")))
    assert gone.followed_by(documents(a=("x", "s"), b=("y", "t"))).numbers == {}
    assert gone.followed_by(documents(a2=("x", "s"), a=("z", "u"))).key("a") == route_key("a", 1)
    assert gone.followed_by([]).followed_by(documents(a=("z", "u"))).key("a") == route_key("a", 1)
