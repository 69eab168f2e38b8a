"""Device metadata grows from partial events."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rushes_masterlockit.formats import (
    DeviceMeta,
    GeneratorDevice,
    LockitVendor,
    StorageDevice,
    TimeCode,
    merge_meta,
    read,
    strict,
    write_meta,
)

LEAVES = st.none() | st.integers(0, 3) | st.lists(st.integers(0, 1), max_size=2)
META = st.recursive(
    LEAVES, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=8
).filter(lambda value: isinstance(value, dict))


def rfc_7396(target: Any, patch: Any) -> Any:
    """The pseudo-code of the RFC, word by word."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    for name, value in patch.items():
        if value is None:
            target.pop(name, None)
        else:
            target[name] = rfc_7396(target.get(name), value)
    return target


@given(META, META)
def test_a_partial_event_is_a_merge_patch(old: dict[str, Any], new: dict[str, Any]):
    before = copy.deepcopy((old, new))
    merged = merge_meta(old, new)
    assert merged == rfc_7396(copy.deepcopy(old), new)
    scribble(merged)
    assert (old, new) == before


def scribble(value: Any) -> None:
    """Changes every container in place."""
    for inner in list(value.values() if isinstance(value, dict) else value):
        if isinstance(inner, dict | list):
            scribble(inner)
    value.clear()


def test_the_fragments_of_the_seed_leave_the_rest_alone():
    whole = {"common": {"alias": "A"}, "device": {"masterClock": False}, "vendorTyped": {"acnChannel": 11}}
    meta = merge_meta(whole, {"device": {"masterClock": True}})
    assert merge_meta(meta, {"vendorTyped": {"usDiff": 2.5}}) == {
        "common": {"alias": "A"},
        "device": {"masterClock": True},
        "vendorTyped": {"acnChannel": 11, "usDiff": 2.5},
    }


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        ({}, {"properties": {"masterClock": True}}, {"device": {"masterClock": True}}),
        (
            {"device": {"x": 1}, "properties": {"masterClock": True, "y": 2}},
            {"properties": {"masterClock": False}},
            {"device": {"x": 1, "masterClock": False}, "properties": {"y": 2}},
        ),
        ({"device": {"masterClock": True}}, {"properties": {"masterClock": None}}, {"device": {}}),
        (
            {},
            {"device": {"masterClock": False}, "properties": {"masterClock": True}},
            {"device": {"masterClock": False}},
        ),
        ({"properties": {"masterClock": True}}, {}, {"device": {"masterClock": True}}),
        ({}, {"properties": "x"}, {"properties": "x"}),
    ],
)
def test_the_seeds_prose_and_its_schema_mean_one_master_clock(old, new, merged):
    assert merge_meta(old, new) == merged


def test_metadata_goes_out_with_what_a_known_client_looks_for():
    assert strict(write_meta({})) == {"common": {}, "vendorTyped": {}}
    assert strict(write_meta({"common": {"alias": "é"}, "vendor": {}})) == {
        "common": {"alias": "é"},
        "vendorTyped": {},
        "vendor": {},
    }


def test_the_blocks_are_read_by_what_the_device_is():
    meta = read(
        DeviceMeta,
        {
            "common": {"alias": "Hub", "connected": True, "energyLevel": -1, "parentDeviceId": None},
            "device": {"masterClock": True, "type": ["video"], "timecodeFrom": {"seconds": 1, "frames": 2}},
            "vendor": {"a": "b"},
            "vendorTyped": {
                "projectFramerate": "FPS_25",
                "acnChannel": 11,
                "tunePWM": "1",
                "isInHubMode": "yes",
            },
        },
    )
    assert (meta.common.alias, meta.common.energy_level, meta.common.parent_device_id) == ("Hub", -1, None)
    assert read(GeneratorDevice, meta.device).master_clock is True
    storage = read(StorageDevice, meta.device)
    assert storage.type == ["video"]
    assert (storage.timecode_from.seconds, storage.timecode_from.frames) == (1, 2)
    assert isinstance(storage.timecode_from, TimeCode)
    lockit = read(LockitVendor, meta.vendor_typed)
    assert (lockit.project_framerate, lockit.acn_channel, lockit.tune_pwm) == ("FPS_25", 11, "1")
    assert not lockit.is_in_hub_mode
