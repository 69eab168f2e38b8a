"""A clip that a person sends goes there as the routes to that sink bring theirs."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace

import trio

from engine_rig import FunctionSink, ListSource, card, component, engine_of, pipeline, route
from rushes import NotFound, Options, Receipt
from rushes.errors import RushesError


class Wishes(Options):
    folder: str = ""


def made(tmp_path, orders, *routes):
    sink = FunctionSink()

    async def deliver(clip, _resume, _report):
        orders.append(sink.context.order.wishes)
        return Receipt(where="there", id=clip.id)

    sink.deliver = deliver
    place = component("sink", "sink", sink)
    place = replace(place, spec=replace(place.spec, wishes=Wishes, open=_open(sink)))
    source = component("source", "source", ListSource(card(tmp_path / "A001", "a.mov")))
    other = component("sink", "other", FunctionSink())
    return pipeline(tmp_path, sources=[source], sinks=[place, other], routes=routes)


def _open(sink):
    @asynccontextmanager
    async def opened(_options, context):
        sink.context = context
        yield sink

    return opened


def never(name, folder=None):
    wishes = {"sink": Wishes(folder=folder)} if folder else {}
    return route(name, when="false", to=["sink"], wishes=wishes)


async def added(tmp_path, *routes, like=""):
    """What the sink is told to wish of a clip that is added by hand, or why it is not."""
    orders = []
    async with engine_of(made(tmp_path, orders, *routes)) as engine, trio.open_nursery() as nursery:
        nursery.start_soon(engine.run)
        await trio.sleep(0.5)
        try:
            await engine.add("a.mov", "sink", like)
        except RushesError as error:
            orders.append(error)
        await trio.sleep(1)
        engine.cancel()
    return orders


async def test_into_the_folder_of_the_routes_that_go_there(tmp_path, autojump_clock):
    assert await added(tmp_path, never("a", "{card}"), never("b", "{card}")) == [Wishes(folder="{card}")]


async def test_without_a_route_there_as_the_sink_has_it(tmp_path, autojump_clock):
    assert await added(tmp_path, route("elsewhere", when="false", to=["other"])) == [None]


async def test_where_routes_differ_a_person_names_one(tmp_path, autojump_clock):
    routes = never("a", "{card}"), never("b", "{day}"), never("plain")
    [error] = await added(tmp_path, *routes)
    fact = "the routes a, b, plain go to sink with different options, as a folder; name one with --route"
    assert str(error) == fact
    assert await added(tmp_path, *routes, like="b") == [Wishes(folder="{day}")]
    assert await added(tmp_path, *routes, like="plain") == [None]


async def test_a_route_that_does_not_go_there_is_told(tmp_path, autojump_clock):
    [error] = await added(tmp_path, never("dailies", "{card}"), like="dailes")
    assert isinstance(error, NotFound)
    assert str(error) == "no route dailes goes to sink; did you mean 'dailies'?"
