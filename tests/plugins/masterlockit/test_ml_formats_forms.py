"""The data formats of the seed's section 3: typed where it says so, and nothing lost where somebody says more."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from rushes_masterlockit.formats import (
    Camera,
    ClapEvent,
    Clip,
    ClipDemand,
    ClipLog,
    ClipVersion,
    DeviceMeta,
    ExportConfiguration,
    Form,
    FormatError,
    LensVendor,
    LockitVendor,
    Scene,
    SlateInfo,
    SoundClip,
    StorageDevice,
    Take,
    TimeCode,
    VideoClip,
    builtins,
    read,
    write,
)

DAY = {"uuid": "d", "number": 12, "additional": "A", "date": "2026-11-22"}
LIFE = {
    f"{what}OnProjectDay": DAY
    for what in (
        "scheduled",
        "created",
        "shootingStarted",
        "shootingEnded",
        "canceled",
        "repeated",
        "additional",
    )
}
EPISODE = {"uuid": "e", "number": 2, "name": "Zwei", "scheduledRunningTime": 2700}
SCENE = {
    "uuid": "s", "number": 14, "additional": "a", "editorsRunningTime": 90, "pages": 11, "comment": "", "content": "…",
    "insideOutside": "I-A", "dayNight": "N", "location": "Studio", "sets": ["Küche", "Flur"],
    "storyDay": {"number": 3, "date": "1999-12-31"},
    "splitTimes": [{"actualRunningTime": 1, "estimatedRunningTime": 2, "pages": 3, "projectDay": DAY}],
    "scenesIncluded": [{"number": 15, "scenesIncluded": []}],
} | LIFE  # fmt: skip
SLATE = {"uuid": "l", "number": 3, "additional": "B", "comment": "wild"} | LIFE
LINE = {"startElementUUID": "p1", "endElementUUID": "p2", "startIndex": 0, "endIndex": 9}
CLIP = {
    "project": {
        "uuid": "p", "name": "Film", "type": "movie", "numbers": [{"title": "job", "number": "7"}],
        "customer": {"uuid": "c", "name": "ACME", "address": "Street 1", "isActive": "true"},
    },
    "clipName": "A001C003", "episode": EPISODE, "scene": SCENE, "slate": SLATE,
    "take": {
        "uuid": "t", "number": 4, "comment": "good", "presetComments": ["NG sound"], "runningTime": 61,
        "isPickup": False, "printState": 1,
    },
    "projectDay": DAY,
    "clipLabel": {"name": "x", "comment": "y", "episode": EPISODE, "scene": SCENE, "slate": SLATE},
    "height": "1.8 m", "distance": "3 m", "isClapperOnly": False, "fileName": "A001C003.mxf",
    "tcStartSeconds": 36000, "tcStartFrames": 1, "tcStopSeconds": 36061, "tcStopFrames": 24,
    "isWaste": False, "isRecFinal": True, "isManual": False,
    "clipLogs": [{"tcSeconds": 36001, "tcFrames": 0, "comment": "noise", "presetComments": ["air"]}],
    "cast": [{"firstname": "Ann", "lastname": "Bee"}],
    "scriptParagraphs": [{
        "uuid": "q", "elementNumber": 1, "element": "scene",
        "elements": [{
            "uuid": "r", "element": "dialogue", "content": "Hi",
            "changes": [{"startIndex": 0, "endIndex": 1, "content": "Ho", "isComment": False}],
        }],
    }],
    "scriptLine": {**LINE, "markedLines": [LINE]},
    "created": 1325376000000, "updated": 1325376000001,
}  # fmt: skip
VIDEO = {
    "id": "v", "type": "video", "version": {"0102030405060708": 3}, "camera": {"number": 1, "model": "M", "name": "A"},
    **CLIP, "camRoll": "A001", "angle": 12.5, "aperture": "2.8", "lens": "35", "magazine": "1", "filter": ["ND6"],
    "whiteBalance": "5600", "exposureIndexASA": "800", "exposureTime": "1/50", "shutterAngle": "180",
    "isProductionSound": True, "isMOS": False, "sensorFPS": "48",
}  # fmt: skip
SOUND = {
    "id": "s", "type": "sound", "version": {}, "soundRecorder": {"number": 1, "model": "R", "name": "Cart"},
    **CLIP, "fps": "25", "bitdepth": "24", "filetype": "wav", "samplingrate": "48000", "soundroll": "1",
    "tracks": [{"name": "Boom", "number": 1, "isActive": True}], "sound_types": ["Production"], "circle": True,
    "comment": "plane",
}  # fmt: skip
TIMECODE = {"type": "timecode", "seconds": 3600, "frames": 12}
SLATE_INFO = {
    "type": "slate", "mos": False, "day": True, "night": False, "inside": True, "outside": False, "fps": 24, "cam": "A",
    "date": "2026-11-22", "roll": "A001", "scene": "14a", "slate": "3", "take": "4", "producer": "P", "director": "D",
    "dop": "C", "soundmixer": "S",
}  # fmt: skip
META = {
    "common": {"alias": "A", "connected": True, "energyLevel": 50, "parentDeviceId": None},
    "device": {"masterClock": True}, "vendor": {"x": "1"}, "vendorTyped": {"acnChannel": 11},
}  # fmt: skip
STORAGE = {
    "type": ["video"], "clips": ["v"], "devices": ["1"], "rolls": ["A001"], "projectDays": ["12"],
    "timecodeFrom": TIMECODE, "timecodeTo": TIMECODE, "creationFrom": 1, "creationTo": 2,
}  # fmt: skip
LOCKIT = {
    "lockitBatteryType": "LiIon", "acnChannel": 11, "isInHubMode": True, "projectFramerate": "FPS_25", "userbits": "00",
    "externalPower": False, "unitId": "7", "generatorSource": "free", "tunePWM": "1", "lockitType": "204",
    "cjamEnabled": True, "usDiff": -3.5,
}  # fmt: skip
LENS = {
    "manufacturerName": "Z", "serialNumber": "1", "lensTypeName": "CP.3", "firmwareVersion": "1.2", "lensType": "prime",
    "unitType": "metric",
}  # fmt: skip
DEMAND = {
    "clips": ["v"], "devices": ["1"], "timecodeFrom": "00:00:00:00", "timecodeTo": TIMECODE, "creationFrom": 1,
    "creationTo": 2,
}  # fmt: skip
EXPORT = {"targetDeviceId": None, "filename": "a.csv", "headerData": {"mixer": ["Bo"]}, "demand": DEMAND}

WHOLE: list[tuple[type[Form], dict[str, Any]]] = [
    (VideoClip, VIDEO),
    (SoundClip, SOUND),
    (ClipVersion, {"id": "v", "type": "sound", "version": {"1": 2**63 - 1}}),
    (TimeCode, TIMECODE),
    (SlateInfo, SLATE_INFO),
    (ClapEvent, {"type": "clap", "timecode": TIMECODE, "slateInfo": SLATE_INFO}),
    (DeviceMeta, META),
    (StorageDevice, STORAGE),
    (LockitVendor, LOCKIT),
    (LensVendor, LENS),
    (ClipDemand, DEMAND),
    (ExportConfiguration, EXPORT),
]


def forms(value: Any) -> Iterator[Form]:
    """A format and all formats in it."""
    if isinstance(value, Form):
        yield value
        for name in value.__struct_fields__:
            yield from forms(getattr(value, name))
    elif isinstance(value, list):
        for item in value:
            yield from forms(item)


@pytest.mark.parametrize(("form", "value"), WHOLE)
def test_a_field_holds_every_member_of_the_seed(form: type[Form], value: dict[str, Any]):
    whole = read(form, json.dumps(value).encode())
    for inner in forms(whole):
        assert all(kept is UNSET for kept in inner.kept.values()), type(inner)
    filled = {name for name in whole.__struct_fields__ if getattr(whole, name) is not UNSET}
    assert filled == set(whole.__struct_fields__)
    assert write(whole) == msgspec.json.encode(value)


def test_a_clip_reads_as_its_types_say():
    clip = read(VideoClip, VIDEO)
    assert isinstance(clip, Clip)
    assert clip.camera == Camera(number=1, model="M", name="A", kept=clip.camera.kept)
    assert (clip.is_mos, clip.sensor_fps, clip.exposure_index_asa, clip.angle) == (False, "48", "800", 12.5)
    assert clip.script_line.marked_lines[0].start_element_uuid == "p1"
    assert clip.scene.split_times[0].project_day.date == "2026-11-22"
    assert clip.scene.scenes_included[0].number == 15
    sound = read(SoundClip, SOUND)
    assert (sound.sound_types, sound.circle, sound.tracks[0].is_active) == (["Production"], True, True)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=3),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["number", "x", "uuid", "kept"]), inner, max_size=2),
    max_leaves=5,
)  # fmt: skip


def containers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from containers(inner)


def disturb(value: dict[str, Any], data: st.DataObject) -> None:
    """Somewhere a member of another type, an unknown one, another order, or one fewer."""
    places = list(containers(value))
    place = data.draw(st.sampled_from(places))
    if isinstance(place, list):
        place.insert(data.draw(st.integers(0, len(place))), data.draw(JUNK))
        return
    names = sorted(place)
    act = data.draw(st.sampled_from(["replace", "add", "remove", "turn"] if names else ["add"]))
    if act == "replace":
        place[data.draw(st.sampled_from(names))] = data.draw(JUNK)
    elif act == "add":
        place[data.draw(st.sampled_from(["kept", "newIn2027", "", "is_mos", "number"]))] = data.draw(JUNK)
    elif act == "remove":
        del place[data.draw(st.sampled_from(names))]
    else:
        turned = list(reversed(place.items()))
        place.clear()
        place.update(turned)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(WHOLE), st.integers(1, 4), st.data())
def test_nothing_that_anyone_says_is_lost(
    kind: tuple[type[Form], dict[str, Any]], times: int, data: st.DataObject
):
    form, whole = kind
    value = json.loads(json.dumps(whole))
    for _ in range(times):
        disturb(value, data)
    before = copy.deepcopy(value)
    try:
        known = read(form, value)
    except FormatError:
        assert issubclass(form, ClipVersion)
        assert not is_clip(form, value)
        return
    assert not issubclass(form, ClipVersion) or is_clip(form, value)
    assert write(known) == msgspec.json.encode(value) == write(read(form, write(known)))
    assert value == before


def is_clip(form: type[Form], value: dict[str, Any]) -> bool:
    types = {VideoClip: ["video"], SoundClip: ["sound"], ClipVersion: ["video", "sound"]}[form]
    clock = value.get("version")
    return (
        isinstance(value.get("id"), str)
        and value["id"] != ""
        and value.get("type") in types
        and isinstance(clock, dict)
        and all(type(count) is int and count >= 0 for count in clock.values())
    )


@pytest.mark.parametrize(
    ("form", "member", "wrong"),
    [
        (Take, "number", "4"), (Take, "number", 4.0), (Take, "number", True), (Take, "number", None),
        (Take, "isPickup", 1), (Take, "isPickup", "true"), (Take, "comment", 5), (Take, "presetComments", ["a", 1]),
        (Take, "presetComments", "a"), (Take, "presetComments", {"a": 1}), (VideoClip, "angle", "12"),
        (VideoClip, "angle", True), (VideoClip, "camera", "A"), (VideoClip, "clipLogs", [{}, "x"]),
        (VideoClip, "project", []), (TimeCode, "type", "slate"), (DeviceMeta, "vendor", [1]),
    ],
)  # fmt: skip
def test_a_member_of_a_wrong_type_is_unset_but_stays(form: type[Form], member: str, wrong: Any):
    value = {**({"id": "v", "type": "video", "version": {}} if form is VideoClip else {}), member: wrong}
    known = read(form, value)
    assert known.kept[member] == wrong
    attribute = next(field.name for field in msgspec.structs.fields(form) if field.encode_name == member)
    assert getattr(known, attribute) is UNSET
    assert builtins(known) == value


def test_an_integer_stands_for_a_float_and_is_written_as_it_was():
    assert write(read(LockitVendor, {"usDiff": 3})) == b'{"usDiff":3}'


def test_a_field_that_is_set_takes_the_place_of_what_stood_there():
    log = read(ClipLog, {"x": 1, "comment": 7, "tcFrames": 2})
    assert (
        write(replace(log, comment="seven", tc_seconds=5))
        == b'{"x":1,"comment":"seven","tcFrames":2,"tcSeconds":5}'
    )


def test_a_field_that_is_unset_is_gone():
    log = read(ClipLog, {"x": 1, "comment": "a", "tcFrames": 2})
    assert write(replace(log, comment=UNSET)) == b'{"x":1,"tcFrames":2}'


def test_what_we_make_carries_its_type():
    assert write(TimeCode(seconds=1, frames=2)) == b'{"type":"timecode","seconds":1,"frames":2}'
    assert builtins(ClapEvent(slate_info=SlateInfo())) == {"type": "clap", "slateInfo": {"type": "slate"}}
    assert builtins(VideoClip(id="v", version={"1": 1})) == {"id": "v", "type": "video", "version": {"1": 1}}


def included(levels: int) -> dict[str, Any]:
    scene: dict[str, Any] = {"number": levels}
    for level in range(levels - 1, 0, -1):
        scene = {"number": level, "scenesIncluded": [scene]}
    return scene


@pytest.mark.parametrize("levels", [1, 7, 8, 9, 15])
def test_scenes_within_scenes_are_typed_to_the_eighth_and_kept_beyond(levels: int):
    value = included(levels)
    scene = read(Scene, value)
    typed = list(forms(scene))
    assert [inner.number for inner in typed] == list(range(1, min(levels, 8) + 1))
    assert builtins(scene) == value
    assert ("scenesIncluded" in typed[-1].kept) is (levels > 8)


@pytest.mark.parametrize("levels", [17, 20_000])
def test_scenes_deeper_than_json_may_be_are_refused(levels: int):
    with pytest.raises(FormatError, match="32"):
        read(Scene, included(levels))


def test_what_is_read_and_what_is_written_shares_nothing():
    value = {"presetComments": ["a"], "x": {"y": [1]}, "number": []}
    take = read(Take, value)
    value["presetComments"].append("b")
    value["x"]["y"].append(2)
    said = builtins(take)
    said["presetComments"].append("c")
    said["x"]["y"].append(3)
    assert builtins(take) == {"presetComments": ["a"], "x": {"y": [1]}, "number": []}


@pytest.mark.parametrize("data", [b"[]", b"null", b'"x"', b"{", b'{"number":1,"number":1}'])
def test_a_format_is_an_object(data: bytes):
    with pytest.raises(FormatError):
        read(Take, data)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"type": "video", "version": {}}, "VideoClip: id is missing"),
        ({"id": 5, "type": "video", "version": {}}, "VideoClip: id is wrong"),
        ({"id": "", "type": "video", "version": {}}, "VideoClip: id is empty"),
        ({"id": "v", "version": {}}, "VideoClip: type is missing"),
        ({"id": "v", "type": "sound", "version": {}}, "VideoClip: type is wrong"),
        ({"id": "v", "type": "video", "version": {"1": 1.5}}, "VideoClip: version is wrong"),
        (
            {"id": "v", "type": "video", "version": {"1": -1}},
            "VideoClip: version counts edits, which are never negative",
        ),
    ],
)
def test_a_clip_must_say_who_it_is(value: dict[str, Any], said: str):
    with pytest.raises(FormatError) as caught:
        read(VideoClip, value)
    assert str(caught.value) == said
