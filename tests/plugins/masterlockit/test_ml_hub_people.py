"""What a person asks of the hub, what it tells the engine, and what it remembers."""

import json

import pytest
import trio

from rushes import NotFound, Permanent
from rushes_masterlockit.hub import desk as desks
from rushes_masterlockit.hub import keeper as keepers
from rushes_masterlockit.hub.desk import Desk

from .hub_rig import CAMERA, OWN, SOUND, TIMECODE, clip, eventually, hub

A, B = 0x0102030405060708, 0xBABABABABABABABA


async def test_a_person_renames_removes_deletes_and_jams(tmp_path):
    async with hub(tmp_path) as rig:
        camera = await rig.device(A, alias="A-Cam")
        await camera.register(CAMERA)
        await rig.hub.rename(A, "  Main\n camera ")
        assert "Main camera" in [device["name"] for device in rig.hub.devices()]
        for name in ("", " \n ", "x" * 256):
            with pytest.raises(Permanent, match="1 to 255 characters"):
                await rig.hub.rename(A, name)
        with pytest.raises(NotFound, match=f"no device {B:016x}"):
            await rig.hub.rename(B, "X")
        await camera.say(CAMERA, clip(1))
        await camera.say(CAMERA, clip(2))
        with pytest.raises(Permanent, match="without any filter"):
            await rig.hub.delete({})
        with pytest.raises(Permanent, match="not a list of strings"):
            await rig.hub.delete({"clips": 7})
        assert await rig.hub.delete({"clips": [clip(2)["id"]]}) == 1
        await rig.hub.cjam(3600, 0)
        with pytest.raises(Permanent, match="frames 25"):
            await rig.hub.cjam(3600, 25)
        await rig.hub.remove(A)
        assert [device["types"] for device in rig.hub.devices()] == [["generator"]]
        with pytest.raises(NotFound):
            await rig.hub.remove(A)
        with pytest.raises(Permanent, match="the hub's own"):
            await rig.hub.remove(OWN)


async def test_a_tablet_that_edits_a_clip_as_a_camera_is_still_a_tablet(tmp_path):
    async with hub(tmp_path) as rig:
        tablet = await rig.device(A, alias="Tablet")
        await tablet.register(4)
        await eventually(lambda: rig.present().get("Tablet") == "slate-info")
        await tablet.register(CAMERA)
        await (await rig.device(B, alias="B-Cam")).register(CAMERA)
        await eventually(lambda: "B-Cam" in rig.present())
        assert rig.present()["Tablet"] == "slate-info"


async def test_what_is_asked_before_the_hub_remembers_waits(tmp_path):
    async with hub(tmp_path) as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        await rig.hub.rename(A, "Main")
        context = rig.context
    async with hub(tmp_path, context=context) as rig:
        await rig.hub.rename(A, "Other")
        assert [d["name"] for d in rig.hub.devices() if d["id"] == f"{A:016x}"] == ["Other"]


async def test_the_hub_remembers_devices_and_their_metadata(tmp_path):
    async with hub(tmp_path) as rig:
        camera = await rig.device(A, alias="A-Cam")
        await camera.register(CAMERA)
        await camera.meta(CAMERA, {"common": {"energyLevel": 40}, "vendor": {"serial": "123"}})
        assert await camera.watch(SOUND) == b""
        context = rig.context
    async with hub(tmp_path, context=context) as rig:
        await eventually(lambda: len(rig.hub.devices()) == 2)
        [known] = [device for device in rig.hub.devices() if device["id"] == f"{A:016x}"]
        assert (known["name"], known["present"], known["energy"]) == ("A-Cam", False, 40)
        camera, cart = await rig.device(A, alias="A-Cam"), await rig.device(B)
        await cart.watch(CAMERA)
        assert await cart.quiet()
        await camera.register(CAMERA)
        await cart.told()
        assert json.loads((await cart.told())[3])["vendor"] == {"serial": "123"}


async def test_metadata_is_not_written_at_each_event(tmp_path, autojump_clock):
    async with hub(tmp_path) as rig:
        camera = await rig.device(A)
        await camera.register(CAMERA)
        writes = []
        usual = rig.context.store.set

        async def count(key, value):
            writes.append(key)
            await usual(key, value)

        rig.context.store.set = count
        for level in range(200):
            await camera.meta(CAMERA, {"common": {"energyLevel": level % 100}})
            await trio.sleep(0.1)
        assert await camera.watch(SOUND) == b""
        assert 1 <= len(writes) <= 20 / keepers.WRITE_EVERY + 2


async def test_the_engine_hears_of_each_device_once_with_a_name_of_its_own(tmp_path):
    async with hub(tmp_path) as rig:
        camera = await rig.device(A, alias="Cam")
        await camera.register(CAMERA)
        await camera.register(SOUND)
        await eventually(lambda: rig.present().get("Cam") == "camera")
        other = await rig.device(B, alias="Cam")
        await other.register(CAMERA)
        await eventually(lambda: "Cam 0708" in rig.present() and "Cam baba" in rig.present())
        assert {device.source for device in rig.intake.seen_devices} == {"set"}
        await other.request(0x10, other.pack("Q", A))
        await eventually(lambda: rig.present() == {"Cam": "camera", "Hub timecode": "generator"})


class Ear:
    def __init__(self):
        self.heard = []

    def tell(self, message):
        self.heard.append(message)


async def test_devices_that_are_gone_longest_are_forgotten(monkeypatch):
    monkeypatch.setattr(desks, "MOST_GONE", 3)
    moments = iter(range(100))
    desk, holder = Desk(lambda: next(moments)), Ear()
    for device in range(1, 10):
        desk.enter(device, CAMERA, holder, "")
        if device != 1:
            desk.leave(device, CAMERA, holder)
    desk.enter(10, CAMERA, holder, "")
    assert set(desk.known) == {1, 7, 8, 9, 10}


async def test_a_device_that_was_taken_over_does_not_leave_with_its_old_link():
    desk, old, new = Desk(lambda: 0.0), Ear(), Ear()
    desk.enter(A, CAMERA, old, "A")
    desk.leave(A, CAMERA, old)
    desk.enter(A, CAMERA, new, "A")
    desk.leave(A, CAMERA, old)
    assert desk.holder(A, CAMERA) is new


async def test_a_person_s_name_does_not_outlive_the_device():
    desk = Desk(lambda: 0.0)
    desk.enter(A, CAMERA, None, "A-Cam")
    assert desk.rename(A, "Main")
    desk.hear(A, CAMERA, {"common": {"alias": "Other"}})
    assert desk.name(A) == "Main"
    desk.remove(A)
    desk.enter(A, CAMERA, None, "A-Cam")
    assert desk.name(A) == "A-Cam"
    assert desk.name(B) == f"{B:016x}"


async def test_the_rate_of_the_project_is_what_somebody_said(tmp_path):
    async with hub(tmp_path) as rig:
        assert rig.hub.rate == "", "25 is what the hub's own generator runs at for want of a word"
        for id_, rate in ((A, "FPS_23_98"), (B, "FPS_25")):
            box = await rig.device(id_)
            await box.register(TIMECODE)
            await box.meta(TIMECODE, {"vendorTyped": {"projectFramerate": rate}})
            await box.watch(SOUND)
            assert rig.hub.rate == ("23.976" if id_ == A else ""), "two that differ agree on nothing"
    async with hub(tmp_path, project_rate="29.97df") as rig:
        assert rig.hub.rate == "29.97df"
