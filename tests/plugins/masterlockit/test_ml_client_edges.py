"""What a client has to remember from one connection, one life or one process to the next."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio

from rushes import Device
from rushes.testing import StandIn
from rushes_masterlockit.client import connected
from rushes_masterlockit.credentials import Credentials

from .client_rig import OWN, Shelf, eventually, following, options_for
from .scripted_hub import (
    CAMERA,
    DELETE,
    FETCH,
    KEY,
    RECORDER,
    REGISTER,
    SECRET,
    STORAGE,
    SUB_DATA,
    Frame,
    Hub,
    Line,
    Rule,
    clip,
    scripted,
)

CAM = 0xC1
CAM_TEXT = "00000000000000c1"
IDS = [f"{n:032x}" for n in range(40)]


async def test_a_connection_of_some_seconds_was_a_good_one(tmp_path, autojump_clock):
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path):
        for n in range(1, 12):
            line = await hub.nth(n)
            await trio.sleep(15)
            closed = trio.current_time()
            await line.stream.aclose()
            await hub.nth(n + 1)
            assert trio.current_time() - closed < 1


async def test_of_a_device_only_what_this_connection_told_is_there(tmp_path, autojump_clock):
    hub = Hub(devices={(CAM, CAMERA): {"common": {"alias": "A"}}, (CAM, RECORDER): None})
    async with scripted(hub), following(hub, tmp_path) as rig:
        await eventually(lambda: rig.present() == {"A": "camera"})
        del hub.devices[CAM, RECORDER]
        await hub.line.stream.aclose()
        line = await hub.nth(2)
        await trio.sleep(5)
        await line.send(line.disappeared(CAM, CAMERA))
        await eventually(lambda: rig.present() == {})


async def test_a_device_that_speaks_is_there_though_a_new_connection_did_not_tell_of_it(
    tmp_path, autojump_clock
):
    hub = Hub(devices={(CAM, CAMERA): {"common": {"alias": "A"}}})
    async with scripted(hub), following(hub, tmp_path) as rig:
        await eventually(lambda: rig.present() == {"A": "camera"})
        hub.devices.clear()
        await hub.line.stream.aclose()
        line = await hub.nth(2)
        await eventually(lambda: rig.present() == {})
        await line.answer(line.data(CAM, CAMERA, clip("a" * 32)))
        await eventually(lambda: rig.present() == {"A": "camera"})
        assert (CAM, CAMERA) in line.subscribed(SUB_DATA)


async def test_who_is_gone_is_known_before_200_000_clips_are_compared(tmp_path, autojump_clock):
    hub = Hub(devices={(CAM, CAMERA): None})
    async with scripted(hub), following(hub, tmp_path) as rig:
        await eventually(lambda: len(rig.present()) == 1)

        async def slow(line: Line, frame: Frame) -> None:
            await trio.sleep(9)
            await line.ack(frame, b"[]")

        hub.rules[FETCH] = slow
        hub.devices.clear()
        await hub.line.stream.aclose()
        await hub.nth(2)
        await trio.sleep(2)
        assert rig.present() == {}


async def test_a_subscription_that_was_not_answered_is_asked_for_again(tmp_path, autojump_clock):
    hub = Hub(devices={(CAM, CAMERA): None})
    asked: list[bytes] = []

    async def busy(line: Line, frame: Frame) -> None:
        asked.append(frame.body)
        if asked.count(frame.body) > 1:
            await line.ack(frame)

    hub.rules[SUB_DATA] = busy
    async with scripted(hub), following(hub, tmp_path):
        await eventually(lambda: asked.count(hub.line.pack("Q", CAM) + bytes([CAMERA])) == 2)


async def test_a_storage_device_that_is_refused_asks_again(tmp_path, autojump_clock):
    hub = Hub()
    taken = True

    async def once(line: Line, frame: Frame) -> None:
        await (line.nack(frame, 0, "taken") if taken else line.ack(frame))

    hub.rules[REGISTER] = once
    async with scripted(hub), following(hub, tmp_path, storage=True) as rig:
        await hub.line.until(REGISTER)
        await eventually(lambda: "taken" in rig.facts.get("trouble", ""))
        taken = False
        with trio.fail_after(120):
            [told] = await hub.line.until(0x01, kind=0x02)
        assert told.body[0] == STORAGE


async def test_a_clip_that_a_bad_network_did_not_bring_is_not_left_out_for_ever(tmp_path, autojump_clock):
    hub = Hub(clips={id_: clip(id_) for id_ in IDS[:4]})

    async def cut(line: Line, frame: Frame) -> None:
        if frame.body[8] == 1:
            await line.stream.aclose()
        else:
            await line.ack(frame, json.dumps(hub.page(line, frame)).encode())

    hub.rules[FETCH] = cut
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert rig.repository.count == 0, "all were left out"
        del hub.rules[FETCH]
        await trio.sleep(3600)
        await hub.line.stream.aclose()
        await eventually(lambda: rig.repository.count == 4)


@pytest.mark.parametrize("most", [1, 7, 39])
async def test_a_hub_that_caps_pages_of_clips_and_ignores_their_range(most, tmp_path):
    hub = Hub(clips={id_: clip(id_) for id_ in IDS})

    async def capped(line: Line, frame: Frame) -> None:
        if frame.body[8] == 2:
            await line.ack(frame, json.dumps(hub.page(line, frame)).encode())
            return
        whole = Frame(frame.raw, frame.type, frame.code, line.pack("II", 0, 2**31) + frame.body[8:])
        await line.ack(frame, json.dumps(hub.page(line, whole)[:most]).encode())

    hub.rules[FETCH] = capped
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert rig.repository.count == len(IDS)


async def test_people_are_told_of_the_first_connection_and_of_a_return(tmp_path, autojump_clock):
    hub = Hub()
    async with scripted(hub), following(hub, tmp_path) as rig:
        assert rig.context.said == [f"connected to the hub 127.0.0.1:{hub.port}"]
        await hub.line.stream.aclose()
        await hub.nth(2)
        await eventually(lambda: rig.context.said[-1] == f"the hub 127.0.0.1:{hub.port} is back")


async def test_devices_of_an_earlier_life_that_are_not_told_of_are_gone(tmp_path):
    hub = Hub(devices={(CAM, CAMERA): {"common": {"alias": "A"}}})
    here = Device(id=CAM_TEXT, source="set", type="camera", name="A")
    gone = Device(id="0" * 15 + "9", source="set", type="camera", name="B")
    other = Device(id="0" * 15 + "9", source="other", type="camera", name="C")
    async with scripted(hub), following(hub, tmp_path, there=(here, gone, other)) as rig:
        await eventually(lambda: any(not device.present for device in rig.intake.seen_devices))
        absent = [device for device in rig.intake.seen_devices if not device.present]
        assert [(device.source, device.id) for device in absent] == [("set", gone.id)]
        assert rig.present() == {} or rig.present() == {"A": "camera"}


async def test_what_was_deleted_at_rest_is_deleted_here_when_it_runs(tmp_path):
    hub = Hub(clips={id_: clip(id_) for id_ in IDS[:3]})
    shelf = Shelf()
    async with scripted(hub), following(hub, tmp_path, shelf=shelf) as rig:
        store = rig.context.store
    context = StandIn(tmp_path, None, "set")  # type: ignore[arg-type] - as in the rig
    context.store = store

    async def delete(line: Line, frame: Frame) -> None:
        for id_ in json.loads(frame.body)["clips"]:
            hub.clips.pop(id_)
        await line.ack(frame)

    hub.rules[DELETE] = delete
    hub.port = 0
    async with scripted(hub):
        async with connected(options_for(hub), Credentials(KEY, SECRET), OWN, context) as door:
            assert await door.delete({"clips": [IDS[0]]}) == 1
        async with following(hub, tmp_path, shelf=shelf, store=store, send_back=True) as rig:
            assert rig.repository.deleted(IDS[0])
            assert rig.repository.count == 2
            await hub.line.answer(hub.line.ping())
            assert [each["id"] for each in hub.given] == []
        async with following(hub, tmp_path, shelf=shelf, store=store) as rig:
            commits = len(shelf.commits)
            await hub.line.answer(hub.line.ping())
            assert len(shelf.commits) == commits, "once"


async def test_pages_that_come_too_slowly_are_made_smaller_at_once(tmp_path, autojump_clock):
    """A slow link: an answer takes as long as it is large."""
    hub = Hub(clips={f"{n:032x}": clip(f"{n:032x}") for n in range(300)})

    async def slow(line: Line, frame: Frame) -> None:
        page = hub.page(line, frame)
        if frame.body[8] == 1:
            await trio.sleep(0.1 * len(page))
        await line.ack(frame, json.dumps(page).encode())

    began = trio.current_time()
    async with busy_with(FETCH, slow, hub), scripted(hub), following(hub, tmp_path) as rig:
        assert rig.repository.count == 300, "before anybody is told that all is here"
        assert trio.current_time() - began < 120
        assert len(hub.lines) == 1


async def test_what_came_while_the_hub_was_compared_is_not_given_back(tmp_path):
    hub = Hub()

    async def meanwhile(line: Line, frame: Frame) -> None:
        listed = json.dumps(hub.page(line, frame)).encode()
        await line.answer(line.data(CAM, CAMERA, clip("a" * 32)))
        await line.ack(frame, listed)

    async with (
        busy_with(FETCH, meanwhile, hub),
        scripted(hub),
        following(hub, tmp_path, send_back=True) as rig,
    ):
        assert rig.repository.count == 1
        await hub.line.answer(hub.line.ping())
        await trio.sleep(0.1)
        assert [frame for frame in hub.line.frames if frame.code == REGISTER] == []


@asynccontextmanager
async def busy_with(code: int, rule: Rule, hub: Hub) -> AsyncIterator[None]:
    """The hub does that for such requests while it goes on to answer others."""

    async def before(line: Line, frame: Frame, _number: int) -> bool:
        if (frame.type, frame.code) != (0x01, code):
            return False
        nursery.start_soon(rule, line, frame)
        return True

    async with trio.open_nursery() as nursery:
        hub.before = before
        yield
        nursery.cancel_scope.cancel()
