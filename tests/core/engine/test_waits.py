"""Steps that wait because their component says so: for a person, or for something it wakes them by."""

from __future__ import annotations

from dataclasses import replace

import trio

from engine_rig import (
    CallSource,
    FunctionSink,
    ListSource,
    card,
    component,
    engine_of,
    pipeline,
    route,
    running,
    simple,
)
from rushes import Device, NotYet, Options, Role
from rushes.ledger import MEMORY


async def settled():
    await trio.testing.wait_all_tasks_blocked()


async def states(engine):
    return [(job["state"], job["reason"]) for job in (await engine.jobs())["jobs"]]


async def test_a_delivery_waits_until_its_component_wakes_it(tmp_path, autojump_clock):
    connected = "b"

    async def deliver(_clip, _resume, _report):
        if connected != "a":
            raise NotYet("belongs to the project a", until="project:a")

    sink = FunctionSink(deliver)
    clips = card(tmp_path / "A001", "a.mov", "b.mov")
    async with engine_of(simple(tmp_path, ListSource(clips), sink)) as engine, running(engine):
        await settled()
        assert await states(engine) == [("waiting", "belongs to the project a")] * 2
        [told] = (await engine.status())["attention"]
        assert (told["subject"], told["reason"]) == ("sink", "2 waiting: belongs to the project a")
        await sink.context.wake("project:b")
        await settled()
        assert sink.delivered == []
        connected = "a"
        await sink.context.wake("project:a")
        await settled()
        assert await states(engine) == [("done", "")] * 2


async def test_what_came_about_while_it_made_up_its_mind_is_not_missed(tmp_path, autojump_clock):
    tries = []

    async def deliver(_clip, _resume, _report):
        tries.append(1)
        if len(tries) == 1:
            await sink.context.wake("project:a")  # between its look and its failure
            raise NotYet("belongs to the project a", until="project:a")

    sink = FunctionSink(deliver)
    async with engine_of(simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)) as engine:
        outcome = await engine.run(once=True)
    assert (outcome.waiting, len(tries)) == (0, 2)


async def test_only_a_person_lets_it_go_and_the_order_says_so(tmp_path, autojump_clock):
    async def deliver(_clip, _resume, _report):
        if not sink.context.order.consent:
            raise NotYet("overlaps a pause")

    sink = FunctionSink(deliver)
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)
    async with engine_of(made) as engine, running(engine):
        await settled()
        [asked] = (await engine.status())["attention"]
        assert asked["reason"] == "overlaps a pause"
        [job] = (await engine.jobs())["jobs"]
        assert f"release {job['id']}" in asked["remedy"]
        await engine.queue("hold", [job["id"]])
        await engine.queue("release", [job["id"]])  # from being held: nobody has agreed to the pause
        await settled()
        assert await states(engine) == [("waiting", "overlaps a pause")]
        await engine.queue("release", [job["id"]])
        await settled()
        assert await states(engine) == [("done", "")]


async def test_a_wait_and_a_consent_outlive_the_process(tmp_path):
    async def deliver(_clip, _resume, _report):
        if not sink.context.order.consent:
            raise NotYet("overlaps a pause")

    sink = FunctionSink(deliver)
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)
    ledger = tmp_path / "ledger.duckdb"
    async with engine_of(made, ledger=ledger) as engine:
        outcome = await engine.run(once=True)
        assert outcome.waiting == 1
    async with engine_of(made, ledger=ledger) as engine:
        assert await states(engine) == [("waiting", "overlaps a pause")]
        await engine.queue("release", [], all=True)
        assert (await engine.run(once=True)).waiting == 0


async def test_an_order_tells_route_time_and_wishes(tmp_path, autojump_clock):
    class Wishes(Options):
        channel: str

    orders = []

    async def deliver(_clip, _resume, _report):
        orders.append(sink.context.order)
        sink.context.note("captured at noon")

    sink = FunctionSink(deliver)
    place = component("sink", "sink", sink)
    place = replace(place, spec=replace(place.spec, wishes=Wishes))
    made = pipeline(
        tmp_path,
        sources=[component("source", "source", ListSource(card(tmp_path / "A001", "a.mov")))],
        sinks=[place],
        routes=[route("raw", wishes={"sink": Wishes(channel="raw")}), route("plain")],
    )
    async with engine_of(made) as engine:
        await engine.run(once=True)
        document = await engine.clip("a.mov")
    by_route = {order.route: order for order in orders}
    assert by_route["raw"].wishes == Wishes(channel="raw")
    assert by_route["plain"].wishes is None
    assert by_route["raw"].planned_at == document["jobs"][0]["created"]
    notes = [event["detail"]["text"] for event in document["events"] if event["kind"] == "step.note"]
    assert notes == ["captured at noon"] * 2


async def test_components_see_the_devices_that_sources_tell_of(tmp_path, autojump_clock):
    seen = []

    async def tell(intake):
        camera = Device(id="7", source="set", type="camera", name="A")
        await intake.devices([camera])
        await trio.sleep(1)
        await intake.devices([camera])  # nothing new: nobody is woken
        await trio.sleep(1)
        await intake.devices([replace(camera, present=False)])
        await intake.caught_up()

    made = simple(tmp_path, CallSource(tell), FunctionSink())

    async def watch(engine):
        devices = engine._hosts["sink"].context.devices
        while True:
            await devices.changed()
            seen.append([device.name for device in devices.present])

    async with engine_of(made) as engine, trio.open_nursery() as nursery:
        nursery.start_soon(watch, engine)
        async with running(engine):
            await trio.sleep(10)
        nursery.cancel_scope.cancel()
    assert seen == [[], ["A"], []]


async def test_a_paused_sink_stops_at_once_and_goes_on_from_its_parts(tmp_path, autojump_clock):
    resumed = []

    async def deliver(_clip, resume, report):
        resumed.append(dict(resume.parts) if resume else {})
        if resume is None:
            await report.begin({"asset": "a1"})
            await report.part(1, "etag")
            await trio.sleep_forever()

    sink = FunctionSink(deliver)
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)
    async with engine_of(made) as engine, running(engine):
        await settled()
        await engine.switch("pause", [])
        await settled()
        [(state, reason)] = await states(engine)
        assert state == "waiting"
        assert "paused by a person" in reason
        assert (await engine.status())["switches"]["paused"] == ["sink"]
        await engine.switch("resume", ["sink"])
        await settled()
        assert await states(engine) == [("done", "")]
    assert resumed == [{}, {1: "etag"}]


async def test_a_pause_and_a_manual_route_outlive_the_process(tmp_path):
    sink = FunctionSink()
    clips = card(tmp_path / "A001", "a.mov", "b.mov")
    source = ListSource(clips[:1])
    made = simple(tmp_path, source, sink)
    ledger = tmp_path / "ledger.duckdb"
    async with engine_of(made, ledger=ledger) as engine:
        await engine.switch("pause", [])
        await engine.switch("manual", ["all"])
    async with engine_of(made, ledger=ledger) as engine:
        assert (await engine.run(once=True)).waiting == 1
        assert sink.calls == []
        await engine.switch("resume", [])
        await engine.switch("auto", [])
    source.batches = [clips]
    async with engine_of(made, ledger=ledger) as engine:
        assert (await engine.run(once=True)).waiting == 1  # what was planned by hand waits for release
        assert sink.delivered == ["b.mov"]


async def test_a_pause_does_not_keep_once_from_ending(tmp_path, autojump_clock):
    sink = FunctionSink()
    made = simple(tmp_path, ListSource(card(tmp_path / "A001", "a.mov")), sink)
    async with engine_of(made, ledger=MEMORY) as engine:
        await engine.switch("pause", ["sink"])
        outcome = await engine.run(once=True)
    assert (outcome.waiting, sink.calls) == (1, [])


async def test_between_equals_proxies_go_first(tmp_path, autojump_clock):
    clips = card(tmp_path / "A001", "hero.mov", "proxy.mov")
    seen = [replace(clip, role=Role.PROXY) if "proxy" in clip.path else clip for clip in clips]
    sink = FunctionSink()
    async with engine_of(simple(tmp_path, ListSource(seen), sink, slots=1)) as engine:
        await engine.run(once=True)
    assert sink.delivered == ["proxy.mov", "hero.mov"]
