"""What a person asks of the hub: through a client that runs, and through a connection for one request."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager

import pytest
import trio

from rushes import NotAuthorised, Permanent, Unavailable
from rushes.testing import StandIn
from rushes_masterlockit.client import connected
from rushes_masterlockit.credentials import Credentials

from .client_rig import OWN, OWN_TEXT, Shelf, eventually, following, options_for
from .scripted_hub import (
    CAMERA,
    CJAM,
    DELETE,
    FETCH,
    GENERATOR,
    KEY,
    RECORDER,
    REMOVE,
    RENAME,
    SECRET,
    Frame,
    Hub,
    Line,
    clip,
    scripted,
)

CAM, REC, GEN = 0xC1, 0x5D, 0x7C


def devices():
    return {
        (CAM, CAMERA): {"common": {"alias": "A-Cam", "energyLevel": -1, "parentDeviceId": f"{GEN:016x}"}},
        (REC, RECORDER): {"common": {"alias": "Mixer", "energyLevel": 55}},
        (REC, GENERATOR): {"common": {"alias": "Mixer"}, "vendorTyped": {"projectFramerate": "FPS_25"}},
    }


async def refuse(line: Line, frame: Frame) -> None:
    await line.nack(frame, 0, "no such device")


@asynccontextmanager
async def asking(hub, folder, secret=SECRET, **options):
    async with connected(
        options_for(hub, **options), Credentials(KEY, secret), OWN, StandIn(folder, None, "set")
    ) as door:
        yield door


@pytest.fixture(params=["running", "at rest"])
def opened(request, tmp_path):
    """Either way to a door."""

    @asynccontextmanager
    async def open_door(hub, **options):
        if request.param == "running":
            async with following(hub, tmp_path, **options) as rig:
                yield rig.client
        else:
            async with asking(hub, tmp_path, **options) as door:
                yield door

    return open_door


async def test_devices(opened):
    hub = Hub(devices=devices())
    async with scripted(hub), opened(hub) as door:
        rows = {row["name"]: row for row in door.devices()}
        assert set(rows) == {"A-Cam", "Mixer"}
        camera, mixer = rows["A-Cam"], rows["Mixer"]
        assert camera["id"] == "00000000000000c1"
        assert (camera["types"], camera["present"], camera["energy"]) == (["camera"], True, None)
        assert camera["parent"] == "000000000000007c"
        assert (mixer["types"], mixer["energy"], mixer["rate"]) == (["recorder", "generator"], 55, "25")
        assert door.rate == "25"


async def test_rename_and_remove(opened):
    hub = Hub("<", devices=devices())
    async with scripted(hub), opened(hub) as door:
        await door.rename(CAM, "Bö-Cam")
        [renamed] = await hub.line.until(RENAME)
        assert renamed.body == hub.line.pack("Q", CAM) + "Bö-Cam".encode()
        assert "Bö-Cam" in {row["name"] for row in door.devices()}
        await door.remove(CAM)
        [removed] = await hub.line.until(REMOVE)
        assert removed.body == hub.line.pack("Q", CAM)
        assert {row["name"] for row in door.devices()} == {"Mixer"}


async def test_a_removed_device_is_not_there_for_the_engine(tmp_path):
    hub = Hub(devices=devices())
    async with scripted(hub), following(hub, tmp_path) as rig:
        await eventually(lambda: "A-Cam" in rig.present())
        await rig.client.remove(CAM)
        await eventually(lambda: "A-Cam" not in rig.present())
        await hub.line.send(hub.line.appeared(CAM, CAMERA))
        await eventually(lambda: "camera 00c1" in rig.present(), "it comes back when it says so")


async def test_cjam(opened):
    hub = Hub(">")
    async with scripted(hub), opened(hub) as door:
        await door.cjam(36000, 12)
        [said] = await hub.line.until(CJAM)
        assert said.body == bytes.fromhex("00008ca0000c")


@pytest.mark.parametrize("code", [RENAME, REMOVE, CJAM, DELETE])
async def test_what_the_hub_refuses_is_told_in_its_words(code, opened):
    hub = Hub(rules={code: refuse})
    async with scripted(hub), opened(hub) as door:
        asked = {
            RENAME: lambda: door.rename(CAM, "A"),
            REMOVE: lambda: door.remove(CAM),
            CJAM: lambda: door.cjam(0, 0),
            DELETE: lambda: door.delete({"clips": ["a"]}),
        }
        with pytest.raises(Permanent, match="no such device"):
            await asked[code]()


async def test_what_is_deleted_there_is_deleted_here_and_not_given_back(tmp_path):
    hub = Hub(clips={name * 32: clip(name * 32) for name in "abc"})
    shelf = Shelf()

    async def delete(line: Line, frame: Frame) -> None:
        for id_ in json.loads(frame.body)["clips"]:
            hub.clips.pop(id_, None)
        await line.ack(frame)

    hub.rules[DELETE] = delete
    async with scripted(hub), following(hub, tmp_path, shelf=shelf, send_back=True) as rig:
        assert await rig.client.delete({"clips": ["a" * 32, "c" * 32, "unknown"]}) == 2
        assert rig.repository.count == 1
        assert shelf.records["a" * 32].deleted
        assert shelf.records["a" * 32].clock[OWN_TEXT] == 1
        await hub.line.stream.aclose()
        await (await hub.nth(2)).until(FETCH)
        await hub.line.answer(hub.line.ping())
        assert set(hub.clips) == {"b" * 32}
        assert rig.repository.count == 1


async def test_a_refused_deletion_deletes_nothing_here(tmp_path):
    hub = Hub(clips={"a" * 32: clip("a" * 32)}, rules={DELETE: refuse})
    async with scripted(hub), following(hub, tmp_path) as rig:
        with pytest.raises(Permanent):
            await rig.client.delete({"clips": ["a" * 32]})
        assert rig.repository.count == 1
        with pytest.raises(Permanent):
            await rig.client.delete({"clips": "a"})


async def test_a_hub_that_does_not_list_deletes_uncounted(opened):
    hub = Hub(rules={FETCH: refuse})
    async with scripted(hub), opened(hub) as door:
        assert await door.delete({"clips": ["a"]}) is None
        assert len(await hub.line.until(DELETE)) == 1


async def test_no_answer_is_told_as_such(tmp_path, autojump_clock):
    async def never(_line: Line, _frame: Frame) -> None:
        """Silence."""

    hub = Hub(rules={RENAME: never})
    async with scripted(hub), following(hub, tmp_path) as rig:
        with pytest.raises(Unavailable, match="look whether"):
            await rig.client.rename(CAM, "A")
        await rig.client.cjam(0, 0)


async def test_a_connection_at_rest_keeps_nothing_and_leaves(tmp_path):
    hub = Hub()
    async with scripted(hub):
        async with asking(hub, tmp_path):
            line = hub.line
            assert (await line.answer(line.ping())) == [(3, b"")]
            [(kind, _)] = await line.answer(line.data(CAM, CAMERA, clip("a" * 32)))
            assert kind == 4, "an acknowledgement would promise that it is kept"
        with trio.fail_after(20):
            await line.over.wait()


@pytest.mark.parametrize("code", [2, 3])
async def test_a_refused_key_is_not_authorised(code, tmp_path):
    hub = Hub(refuse=(code, b""))
    async with scripted(hub):
        with pytest.raises(NotAuthorised):
            async with asking(hub, tmp_path):
                raise AssertionError


async def test_a_hub_that_is_not_there_is_unavailable(tmp_path):
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    await listeners[0].aclose()
    with pytest.raises(Unavailable, match="refused"):
        async with asking(Hub(port=port), tmp_path):
            raise AssertionError


async def test_a_hub_that_closes_meanwhile_is_unavailable(tmp_path):
    async def close(line: Line, _frame: Frame) -> None:
        await line.stream.aclose()

    hub = Hub(rules={CJAM: close})
    async with scripted(hub):
        with pytest.raises(Unavailable, match="closed"):
            async with asking(hub, tmp_path) as door:
                await door.cjam(0, 0)


async def test_what_the_body_raises_goes_on_its_way(tmp_path):
    hub = Hub()
    async with scripted(hub):
        with pytest.raises(ZeroDivisionError):
            async with asking(hub, tmp_path):
                raise ZeroDivisionError
