"""The requests of section 2 about devices and time, asked of a running hub in both byte orders."""

from __future__ import annotations

import time

import pytest

from journeys.masterlockit.seed_client import APPEARED, DATA, DISAPPEARED, META, VOLATILE
from journeys.masterlockit.seed_wire import (
    CAMERA,
    GENERATOR,
    INFO,
    LENS,
    SLATE,
    STORAGE,
    text_of,
)

#: The bytes of numbers are the protocol's own tests; here one order is enough.
ORDERS = ">"

pytestmark = pytest.mark.timeout(60)


def meta(alias, **members):
    common = {"alias": alias, "connected": True, "energyLevel": 70}
    return {"common": common, "device": {}, "vendor": {}, "vendorTyped": {}} | members


def test_devices_appear_are_described_and_disappear_for_who_subscribed(join):
    watcher, other, camera = join(), join(), join(alias=b"A-Cam")
    watcher.do(0x03, bytes([CAMERA]))
    camera.register(CAMERA)
    watcher.meet(APPEARED, camera.device, CAMERA)
    camera.tell(CAMERA, meta("A-Cam"))
    camera.tell(CAMERA, {"vendorTyped": {"acnChannel": 11}})
    camera.tell(CAMERA, {"common": {"energyLevel": None}})
    told = watcher.meet(META, camera.device, CAMERA)
    while told.json["vendorTyped"] != {"acnChannel": 11} or told.json["common"].get("energyLevel", -1) != -1:
        told = watcher.meet(META, camera.device, CAMERA)
    # A part is merged into what was known (A19).
    assert told.json["common"]["alias"] == "A-Cam"
    # Who comes later is told of the present ones, once they ask.
    other.do(0x03, bytes([CAMERA]))
    other.meet(APPEARED, camera.device, CAMERA)
    assert other.meet(META, camera.device, CAMERA).json["vendorTyped"] == {"acnChannel": 11}
    other.do(0x04, bytes([CAMERA]))
    other.do(0x04, bytes([CAMERA]))  # absent by now, and acknowledged all the same
    camera.do(0x06, bytes([CAMERA]))
    watcher.meet(DISAPPEARED, camera.device, CAMERA)
    assert [heard for heard in other.settle() if heard.device == camera.device] == []
    # Registered again under two types; a lost connection takes both away.
    watcher.do(0x03, bytes([STORAGE]))
    camera.register(CAMERA, STORAGE)
    watcher.meet(APPEARED, camera.device, STORAGE)
    camera.reset()
    watcher.meet(DISAPPEARED, camera.device, CAMERA)
    watcher.meet(DISAPPEARED, camera.device, STORAGE)
    gone = [heard.json for heard in watcher.settle() if heard.what == META and heard.device == camera.device]
    assert gone[-1]["common"]["connected"] is False  # A22


def test_volatile_data_fans_out_and_is_kept_nowhere(join):
    lens, generator, near, everyone = join(), join(), join(), join()
    lens.register(LENS)
    generator.register(GENERATOR)
    near.do(0x0B, near.at(lens.device, LENS))
    near.do(0x0B, near.at(generator.device, GENERATOR))
    everyone.do(0x0B, everyone.at(0, LENS))
    blob = lens.pack("IH", 3600, 12) + b"z" + bytes(range(34))
    assert lens.event(LENS, blob).code is None
    assert near.meet(VOLATILE, lens.device, LENS).data == blob
    assert everyone.meet(VOLATILE, lens.device, LENS).data == blob
    code = {"type": "timecode", "seconds": 60, "frames": 2}
    assert generator.event(GENERATOR, code).code is None
    assert near.meet(VOLATILE, generator.device, GENERATOR).json == code
    near.do(0x0C, near.at(lens.device, LENS))
    assert lens.event(LENS, blob).code is None
    everyone.meet(VOLATILE, lens.device, LENS)
    assert [heard for heard in near.settle() if heard.device == lens.device] == []
    assert near.ids({"devices": [text_of(lens.device), text_of(generator.device)]}) == []


def test_slates_and_claps_reach_subscribers_and_the_slate_log(join):
    tablet, slate, near = join(), join(), join()
    tablet.register(INFO)
    slate.register(SLATE)
    near.do(0x01, near.at(tablet.device, INFO))
    near.do(0x01, near.at(slate.device, SLATE))
    info = {"type": "slate", "scene": "14A", "slate": "3", "take": "2", "mos": False}
    clap = {
        "type": "clap",
        "timecode": {"type": "timecode", "seconds": 36000, "frames": 7},
        "slateInfo": info,
    }
    assert tablet.event(INFO, info).code is None
    assert near.meet(DATA, tablet.device, INFO).json == info
    assert slate.event(SLATE, clap).code is None
    assert near.meet(DATA, slate.device, SLATE).json == clap
    assert near.ids({"devices": [text_of(tablet.device), text_of(slate.device)]}) == []


def test_names_are_given_and_devices_forgotten(join, hub):
    watcher, camera = join(), join(alias=b"old")
    watcher.do(0x03, bytes([CAMERA]))
    camera.register(CAMERA)
    watcher.meet(APPEARED, camera.device, CAMERA)
    name = "Töne B".encode()
    for payload in (name, watcher.pack("I", len(name)) + name, name + b"\0"):  # A14
        watcher.do(0x0F, watcher.pack("Q", camera.device) + b"x")
        watcher.do(0x0F, watcher.pack("Q", camera.device) + payload)
        told = watcher.meet(META, camera.device, CAMERA)
        while told.json["common"]["alias"] != "Töne B":
            told = watcher.meet(META, camera.device, CAMERA)
    # A device that does not know its new name has not taken it back.
    camera.tell(CAMERA, {"common": {"energyLevel": 5}})
    while (told := watcher.meet(META, camera.device, CAMERA)).json["common"].get("energyLevel") != 5:
        pass
    assert told.json["common"]["alias"] == "Töne B"
    for request in (0x0F, 0x10):
        for device in (0, 0xFFFFFFFFFFFFFFFF):
            assert (
                watcher.ask(request, watcher.pack("Q", device) + (b"n" if request == 0x0F else b"")).code == 0
            )
    watcher.do(0x10, watcher.pack("Q", camera.device))
    watcher.meet(DISAPPEARED, camera.device, CAMERA)
    later = join()
    later.do(0x03, bytes([CAMERA]))
    assert [heard for heard in later.settle() if heard.device == camera.device] == []


def test_cjam_sets_the_generator_that_tells_every_frame(join):
    reader = join()
    reader.do(0x03, bytes([GENERATOR]))
    local = next(
        heard for heard in reader.settle() if heard.what == META and heard.json["device"].get("masterClock")
    )
    assert local.json["vendorTyped"]["projectFramerate"] == "FPS_25"
    assert {"common", "device", "vendor", "vendorTyped"} <= set(local.json)
    reader.do(0x0B, reader.at(local.device, GENERATOR))
    reader.do(0x0E, reader.pack("IH", 36000, 24))
    frames = []
    until = time.monotonic() + 5
    while len(frames) < 30 and time.monotonic() < until:
        frames.append(reader.meet(VOLATILE, local.device, GENERATOR).json)
    counts = [one["seconds"] * 25 + one["frames"] for one in frames]
    asked = 36000 * 25 + 24
    counts = counts[next(index for index, count in enumerate(counts) if asked <= count < asked + 10) :]
    assert counts == list(range(counts[0], counts[0] + len(counts)))
    assert {one["type"] for one in frames} == {"timecode"}
    reader.do(0x0C, reader.at(local.device, GENERATOR))
    for seconds, count in ((86400, 0), (0, 25), (0xFFFFFFFF, 0xFFFF)):
        assert reader.ask(0x0E, reader.pack("IH", seconds, count)).code == 2
    assert reader.ask(0x0D, b"{}").code == 1  # A12
