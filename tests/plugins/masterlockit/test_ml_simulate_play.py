"""A simulated day against a hub on a real socket: what was said is there, whatever breaks between."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
import trio

from rushes import NotAuthorised, Unavailable
from rushes_masterlockit.credentials import Credentials
from rushes_masterlockit.formats import label, parse_demand
from rushes_masterlockit.simulate import Play, make_day
from rushes_masterlockit.versions import Order, compare

from .client_rig import Shelf
from .hub_rig import KEY, SECRET, TIMECODE, eventually, hub

KNOWN = Credentials(KEY, SECRET)


@pytest.fixture(scope="module")
def day():
    return make_day(seed=3, takes=5, seconds=3)


@pytest.fixture
def told():
    return []


@asynccontextmanager
async def played(play, port, *, credentials=KNOWN, stay=False):
    """While it plays; yields what ends it, and what is set once it is over."""
    stop, over = trio.Event(), trio.Event()

    async def run():
        await play.run(("127.0.0.1", port), credentials, stop, stay=stay)
        over.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        yield stop, over
        with trio.fail_after(30):
            await over.wait()


class New(Shelf):
    """An archive that begins empty."""

    async def load(self, *, bodies):
        await trio.lowlevel.checkpoint()
        for nothing in ():
            yield nothing


class Relay:
    """A way to the hub that can be cut."""

    def __init__(self, port):
        self.port = 0
        self.all = trio.CancelScope()
        self._hub = port
        self._ways = []

    async def run(self, task_status):
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        self.port = listeners[0].socket.getsockname()[1]
        task_status.started()
        with self.all:
            await trio.serve_listeners(self._join, listeners)

    async def _join(self, device):
        async with await trio.open_tcp_stream("127.0.0.1", self._hub) as hub_end:
            with trio.CancelScope() as way:
                self._ways.append(way)
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._pump, device, hub_end, way)
                    nursery.start_soon(self._pump, hub_end, device, way)
        await device.aclose()

    async def _pump(self, source, sink, way):
        try:
            async for data in source:
                await sink.send_all(data)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        way.cancel()

    def cut(self):
        ways, self._ways = self._ways, []
        for way in ways:
            way.cancel()
        return len(ways)


async def bodies(rig):
    ids = rig.repository.ids(parse_demand(b"{}"))
    return {clip["id"]: clip for clip in map(json.loads, await rig.repository.bodies(ids))}


async def test_what_the_set_said_is_what_the_hub_holds(tmp_path, day, told):
    play = Play(day, factor=120, tell=told.append)
    async with hub(tmp_path, shelf=New()) as rig:
        async with played(play, rig.port):
            pass
        held = await bodies(rig)
        assert len(await rig.repository.notes("slate")) == 4
        assert len(await rig.repository.notes("clap")) == 3
        [conflict] = rig.repository.conflicts()
    assert play.wrapped
    assert play.complete
    document = play.document()
    assert (document["ok"], document["said"]) == (True, document["acked"])
    assert set(held) == {recording.clip["id"] for recording in day.recordings}
    for recording in day.recordings:
        clip = held[recording.clip["id"]]
        if clip["id"] == conflict["clip"]:
            assert compare(recording.clip["version"], clip["version"]) is Order.BEFORE
            assert clip["take"]["printState"] == 1
        else:
            assert clip == recording.clip
    assert conflict["path"] == "take.comment"
    assert [line.what for line in told].count("claps") == 3
    assert told[-1].what == "wrap"


async def test_the_devices_are_there_by_name_and_stay_until_they_are_told(tmp_path, day, told):
    play = Play(day, factor=500, tell=told.append)
    async with hub(tmp_path, shelf=New()) as rig:
        async with played(play, rig.port, stay=True) as (stop, over):
            await eventually(lambda: play.wrapped)
            assert not over.is_set()
            there = {d["name"]: d["types"] for d in rig.hub.devices() if d["present"]}
            stop.set()
        await eventually(lambda: set(rig.present()) == {"Hub timecode"})
    assert {name: types for name, types in there.items() if name != "Hub timecode"} == {
        "A-Cam": ["camera"],
        "B-Cam": ["camera"],
        "Recorder": ["recorder"],
        "Tablet": ["slate-info"],
        "Slate": ["slate"],
        "Lockit": ["generator"],
        "A-Lens": ["lens"],
    }


async def test_timecode_comes_frame_by_frame_and_runs_with_the_day(tmp_path, day, told):
    play = Play(day, factor=20, tell=told.append)
    async with hub(tmp_path, shelf=New()) as rig:
        viewer = await rig.device(0x77)
        await viewer.subscribe(day.devices["Lockit"].id, TIMECODE, volatile=True)
        async with played(play, rig.port) as (stop, _):
            received = [json.loads((await viewer.told())[3]) for _ in range(150)]
            stop.set()
    assert not play.wrapped
    frames = [label(said["seconds"], said["frames"], day.rate).frames for said in received]
    assert frames == sorted(set(frames))
    assert frames[0] >= day.first
    # A busy machine makes it drop some, never lag: most of what lies between is there.
    assert frames[-1] - frames[0] < 3 * len(frames)


async def test_a_broken_network_loses_nothing(tmp_path, day, told):
    def back():
        return [line for line in told if line.what == "back"]

    play = Play(day, factor=60, tell=told.append)
    async with hub(tmp_path, shelf=New()) as rig, trio.open_nursery() as nursery:
        relay = Relay(rig.port)
        await nursery.start(relay.run)
        async with played(play, relay.port):
            for round_, count in enumerate((5, 15), 1):
                await eventually(lambda count=count: play.said >= count)
                relay.cut()
                await eventually(lambda round_=round_: len(back()) >= round_ * len(day.devices))
        held = await bodies(rig)
        claps = await rig.repository.notes("clap")
        nursery.cancel_scope.cancel()
    assert play.complete
    assert play.document()["reconnected"] >= 2 * len(day.devices)
    assert {id_: clip["isRecFinal"] for id_, clip in held.items()} == {
        recording.clip["id"]: True for recording in day.recordings
    }
    assert len(claps) == 3
    assert len([line for line in told if line.what == "lost"]) >= 2 * len(day.devices)


async def test_a_hub_that_never_comes_back_is_not_said_to_have_heard(tmp_path, day, told, monkeypatch):
    monkeypatch.setattr("rushes_masterlockit.simulate.play.PATIENCE_S", 0.3)
    play = Play(day, factor=250, tell=told.append)
    async with hub(tmp_path, shelf=New()) as rig, trio.open_nursery() as nursery:
        relay = Relay(rig.port)
        await nursery.start(relay.run)
        async with played(play, relay.port):
            await eventually(lambda: play.said >= 5)
            relay.all.cancel()
    assert play.wrapped
    assert not play.complete
    document = play.document()
    assert not document["ok"]
    assert 5 <= document["acked"] < document["said"]


async def test_no_hub_is_one_line(day, told, autojump_clock):
    play = Play(day, factor=10, tell=told.append)
    with pytest.raises(Unavailable, match=r"^cannot reach the hub 127\.0\.0\.1:9 "):
        await play.run(("127.0.0.1", 9), KNOWN, trio.Event(), stay=False)
    assert told == []
    assert not play.document()["ok"]


async def test_a_wrong_secret_is_one_line(tmp_path, day, told):
    play = Play(day, factor=10, tell=told.append)
    async with hub(tmp_path, shelf=New()) as rig:
        with pytest.raises(NotAuthorised, match="refused our signature"):
            await play.run(("127.0.0.1", rig.port), Credentials(KEY, b"another"), trio.Event(), stay=False)
