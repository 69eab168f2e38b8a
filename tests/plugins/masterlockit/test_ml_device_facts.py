"""What is true of a device by now: told to the engine by client and hub, once a second at most."""

from __future__ import annotations

import trio

from rushes_masterlockit.formats.about import live
from rushes_masterlockit.protocol import DeviceType

from . import client_rig, hub_rig
from .scripted_hub import Hub, scripted

CAM, GEN = 0xC1, 0x6E
LOCKIT = {
    "common": {"alias": "Lockit", "energyLevel": 72, "parentDeviceId": None},
    "device": {"masterClock": True},
    "vendorTyped": {
        "projectFramerate": "FPS_25", "lockitBatteryType": "Li-Ion", "externalPower": False, "acnChannel": 12,
        "generatorSource": "x" * 500,
    },
}  # fmt: skip


def newest(rig):
    return {device.name: device for device in rig.intake.seen_devices}


def test_only_what_is_of_its_type_is_a_fact():
    facts = live({DeviceType.TIMECODE_GENERATOR: LOCKIT})
    assert len(facts.pop("generator_source")) < 100
    assert facts == {
        "battery": 72, "battery_type": "Li-Ion", "external_power": False, "channel": 12, "timecode_rate": "25",
        "master": True,
    }  # fmt: skip
    odd = {"common": {"energyLevel": "full"}, "vendorTyped": {"acnChannel": "a", "externalPower": "yes"}}
    assert live({DeviceType.TIMECODE_GENERATOR: odd}) == live({}) == {}


async def test_a_client_tells_battery_and_timecode_of_those_that_are_there(tmp_path):
    hub = Hub(devices={(GEN, DeviceType.TIMECODE_GENERATOR): LOCKIT})
    async with scripted(hub), client_rig.following(hub, tmp_path) as rig:
        await client_rig.eventually(lambda: "Lockit" in newest(rig))
        assert newest(rig)["Lockit"].facts["battery"] == 72
        before = len(rig.intake.seen_devices)
        for frame in range(20):
            said = {"type": "timecode", "seconds": 600, "frames": frame}
            await hub.line.send(hub.line.volatile(GEN, DeviceType.TIMECODE_GENERATOR, said))
        await client_rig.eventually(lambda: "timecode" in newest(rig)["Lockit"].facts)
        assert newest(rig)["Lockit"].facts["timecode"].startswith("00:10:00:")
        assert len(rig.intake.seen_devices) - before <= 2
        await hub.line.send(
            hub.line.meta(GEN, DeviceType.TIMECODE_GENERATOR, {"common": {"energyLevel": 71}})
        )
        await client_rig.eventually(lambda: newest(rig)["Lockit"].facts["battery"] == 71)
        await hub.line.send(hub.line.disappeared(GEN, DeviceType.TIMECODE_GENERATOR))
        await client_rig.eventually(lambda: not newest(rig)["Lockit"].present)
        assert newest(rig)["Lockit"].facts == {}


async def test_a_hub_tells_them_once_a_second_and_of_its_own_generator(tmp_path):
    async with hub_rig.hub(tmp_path) as rig:
        camera = await rig.device(CAM, alias="A-Cam")
        await camera.register(hub_rig.CAMERA)
        await hub_rig.eventually(lambda: "A-Cam" in newest(rig))
        for level in (60, 59, 58):
            await camera.meta(hub_rig.CAMERA, {"common": {"energyLevel": level}})
        started = trio.current_time()
        await hub_rig.eventually(lambda: newest(rig)["A-Cam"].facts.get("battery") == 58)
        told = [device.facts.get("battery") for device in rig.intake.seen_devices if device.name == "A-Cam"]
        assert len(told) <= 3 + trio.current_time() - started
        assert newest(rig)["Hub timecode"].facts["timecode"]
        await camera.register(hub_rig.TIMECODE)
        await camera.say(hub_rig.TIMECODE, {"type": "timecode", "seconds": 3600, "frames": 1})
        await hub_rig.eventually(lambda: newest(rig)["A-Cam"].facts.get("timecode") == "01:00:00:01")
