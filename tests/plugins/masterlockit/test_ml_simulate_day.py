"""The script of a simulated day: the same seed says the same, and says what a set would."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from msgspec import UNSET

from rushes.timecode import Rate
from rushes_masterlockit.formats import (
    ClapEvent,
    DeviceMeta,
    Form,
    LockitVendor,
    SlateInfo,
    SoundClip,
    VideoClip,
    label,
    read,
)
from rushes_masterlockit.protocol import DeviceType
from rushes_masterlockit.simulate import make_day
from rushes_masterlockit.simulate.day import lens_frames
from rushes_masterlockit.versions import Order, compare

FORMS = {"video": VideoClip, "sound": SoundClip, "slate": SlateInfo, "clap": ClapEvent}


@pytest.fixture(scope="module")
def day():
    return make_day(seed=7, takes=12, seconds=12)


def said(day, what="", device=""):
    return [
        json.loads(moment.data)
        for moment in day.moments
        if what in {"", moment.what} and device in {"", moment.device}
    ]


def everything(day):
    return (
        [(moment.frame, moment.device, moment.type, moment.data) for moment in day.moments],
        [(device.id, device.name, device.meta) for device in day.devices.values()],
        [(recording.path, recording.start, recording.stop) for recording in day.recordings],
        day.first,
        day.last,
    )


def test_the_same_seed_says_the_same_byte_for_byte(day):
    assert everything(day) == everything(make_day(seed=7, takes=12, seconds=12))


def test_another_seed_has_other_devices_and_another_day(day):
    other = make_day(seed=8, takes=12, seconds=12)
    assert {d.id for d in day.devices.values()}.isdisjoint(d.id for d in other.devices.values())
    assert {c["id"] for c in said(day, "rolls")}.isdisjoint(c["id"] for c in said(other, "rolls"))


def test_the_next_day_is_of_the_same_devices_and_has_other_clips(day):
    other = make_day(seed=7, number=2, takes=12, seconds=12)
    assert [d.id for d in day.devices.values()] == [d.id for d in other.devices.values()]
    assert {c["id"] for c in said(day, "rolls")}.isdisjoint(c["id"] for c in said(other, "rolls"))
    assert {r.path for r in day.recordings}.isdisjoint(r.path for r in other.recordings)
    assert said(other, "rolls")[0]["projectDay"]["number"] == 2


def test_every_member_is_one_of_the_protocol_and_of_its_type(day):
    def check(form, where):
        for name, value in form.kept.items():
            assert value is UNSET, (where, name, value)
        for name in form.__struct_fields__:
            value = getattr(form, name)
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, Form):
                    check(item, f"{where}.{name}")

    for data in said(day):
        check(read(FORMS[data["type"]], data), data["type"])
    for device in day.devices.values():
        check(read(DeviceMeta, device.meta), device.name)
    check(read(LockitVendor, day.devices["Lockit"].meta["vendorTyped"]), "Lockit")


def test_moments_come_in_order_within_the_day(day):
    frames = [moment.frame for moment in day.moments]
    assert frames == sorted(frames)
    assert day.first < frames[0]
    assert frames[-1] < day.last


def test_a_clip_is_said_at_roll_at_cut_and_when_it_is_circled(day):
    for recording in day.recordings:
        mine = [c for c in said(day, device=recording.device.name) if c["id"] == recording.clip["id"]]
        counts = [clip["version"] for clip in mine]
        assert counts == [{recording.device.text: n} for n in range(1, len(mine) + 1)]
        assert len(mine) == (3 if recording.shot.circled else 2)
        assert [clip["isRecFinal"] for clip in mine[:2]] == [False, True]
        assert "tcStopSeconds" not in mine[0]
        start = label(mine[0]["tcStartSeconds"], mine[0]["tcStartFrames"], day.rate)
        stop = label(mine[1]["tcStopSeconds"], mine[1]["tcStopFrames"], day.rate)
        assert (start.frames, stop.frames) == (recording.start, recording.stop)
        assert [clip["updated"] for clip in mine] == sorted({clip["updated"] for clip in mine})
        assert mine[-1] == recording.clip
        circled = mine[-1].get("circle", mine[-1]["take"]["printState"] == 1)
        assert circled is recording.shot.circled


def test_a_day_has_all_that_a_report_must_show(day):
    final = [recording.clip for recording in day.recordings]
    assert sum(clip["isWaste"] for clip in final) == 3
    assert any(clip["take"]["isPickup"] for clip in final)
    [mos] = [clip for clip in final if clip.get("isMOS")]
    assert (mos["sensorFPS"], mos["isProductionSound"]) == ("50", False)
    [wild] = [clip for clip in final if clip.get("sound_types") == ["wild track"]]
    assert not any(clip["type"] == "video" and clip["slate"] == wild["slate"] for clip in final)
    assert any(clip["clipLogs"] for clip in final)
    assert {clip["scene"]["additional"] for clip in final} >= {"A", ""}


def test_the_clap_falls_where_everything_rolls(day):
    claps = said(day, "claps")
    assert len(claps) >= 9
    for clap in claps:
        timecode, shown = clap["timecode"], clap["slateInfo"]
        frame = label(timecode["seconds"], timecode["frames"], day.rate).frames
        rolling = [recording for recording in day.recordings if recording.start <= frame < recording.stop]
        assert {recording.device.name for recording in rolling} == {"A-Cam", "B-Cam", "Recorder"}
        assert {r.shot.name for r in rolling} == {f"{shown['scene']}-{shown['slate']}-{shown['take']}"}


def test_once_a_day_two_devices_say_different_things_of_one_clip(day):
    [edited] = said(day, "edits")
    [own] = [clip for clip in said(day, "circled", "A-Cam") if clip["id"] == edited["id"]]
    assert compare(edited["version"], own["version"]) is Order.CONCURRENT
    assert edited["take"]["comment"] != own["take"]["comment"]
    [cut] = [clip for clip in said(day, "cuts", "A-Cam") if clip["id"] == edited["id"]]
    assert (
        compare(cut["version"], edited["version"]) is compare(cut["version"], own["version"]) is Order.BEFORE
    )


@pytest.mark.parametrize("takes", [1, 2, 3, 4, 5, 6, 40])
@pytest.mark.parametrize("rate", ["23.976", "25", "29.97df", "59.94df"])
def test_every_length_at_every_rate_is_a_day(takes, rate):
    day = make_day(takes=takes, seconds=2, rate=rate)
    assert len({recording.shot.name for recording in day.recordings}) == takes
    assert len({recording.path for recording in day.recordings}) == len(day.recordings)
    assert day.rate == Rate.parse(rate)
    for recording in day.recordings:
        clip = recording.clip
        assert label(clip["tcStartSeconds"], clip["tcStartFrames"], day.rate).frames == recording.start


def test_recordings_of_one_device_do_not_overlap(day):
    for name in ("A-Cam", "B-Cam", "Recorder"):
        mine = [recording for recording in day.recordings if recording.device.name == name]
        assert all(before.stop < after.start for before, after in pairwise(mine))


def test_the_lens_speaks_while_the_first_camera_rolls(day):
    mine = [recording for recording in day.recordings if recording.device.name == "A-Cam"]
    wanted = [frame for recording in mine for frame in range(recording.start, recording.stop)]
    assert list(lens_frames(day, 0)) == wanted
    assert list(lens_frames(day, wanted[100])) == wanted[100:]


def test_only_the_tablet_says_what_it_is_not(day):
    strange = [m for m in day.moments if m.type is not day.devices[m.device].type]
    assert [(m.device, m.type, m.what) for m in strange] == [("Tablet", DeviceType.CAMERA, "edits")]
