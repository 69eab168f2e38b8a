"""Which clips a demand means, against an oracle that walks through the day second by second."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rushes_masterlockit.formats import (
    ClipDemand,
    Demand,
    Facts,
    FormatError,
    TimeCode,
    clip_key,
    device_text,
    facts,
    parse_demand,
    write,
)

HEX = "0102030405060708"
OTHER = "00000000000000ff"
LOCKIT = "54d682b8a70a42ea84fa5bc7f66ecf73"
DASHED = "54D682B8-A70A-42EA-84FA-5BC7F66ECF73"

#: A day of the oracle: labels of three frames a second, at the day's edges and in its middle.
LABELS = [(second, frame) for second in (0, 1, 59, 60, 43200, 86398, 86399) for frame in (0, 1, 24)]


def text(label: tuple[int, int], semicolon: bool = False) -> str:
    seconds, frames = label
    before = ";" if semicolon else ":"
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{before}{frames:02}"


def clip(**members: Any) -> dict[str, Any]:
    return {"id": "c", "type": "video", "version": {HEX: 1}} | members


def around(first: tuple[int, int], last: tuple[int, int]) -> set[tuple[int, int]]:
    """Every label from first to last, going over midnight where it must."""
    shown = set()
    at = LABELS.index(first)
    while True:
        shown.add(LABELS[at])
        if LABELS[at] == last:
            return shown
        at = (at + 1) % len(LABELS)


ANY_LABEL = st.none() | st.sampled_from(LABELS)


@settings(max_examples=500)
@given(ANY_LABEL, ANY_LABEL, ANY_LABEL, ANY_LABEL, st.sampled_from(["text", "drop", "object"]))
def test_timecode_is_met_where_both_show_a_label(start, stop, first, last, form):
    say = {
        "text": text,
        "drop": lambda label: text(label, semicolon=True),
        "object": lambda label: {"type": "timecode", "seconds": label[0], "frames": label[1]},
    }[form]
    members = {}
    if start:
        members |= {"tcStartSeconds": start[0], "tcStartFrames": start[1]}
    if stop:
        members |= {"tcStopSeconds": stop[0], "tcStopFrames": stop[1]}
    demand = {"timecodeFrom": first and say(first), "timecodeTo": last and say(last)}
    shown = around(start or stop, stop or start) if start or stop else set()
    wanted = around(first or LABELS[0], last or LABELS[-1])
    expected = True if first is None and last is None else bool(shown & wanted)
    assert parse_demand(json.dumps(demand).encode()).matches(facts(clip(**members), "")) is expected


SOME = st.sampled_from([HEX, OTHER, "72623859790382856", "255", "0xFF", "tablet", "-1"])
MEANT = {"72623859790382856": HEX, "255": OTHER, "0xFF": OTHER, "-1": "f" * 16}


@given(
    st.lists(SOME, max_size=3),
    st.dictionaries(SOME, st.integers(0, 9), max_size=2),
    st.sampled_from(["", HEX, OTHER, "f" * 16]),
    st.lists(st.sampled_from(["c", "d", LOCKIT, DASHED]), max_size=2),
    st.sampled_from(["c", LOCKIT, DASHED]),
    st.none() | st.integers(-1, 3),
    st.none() | st.integers(-1, 3),
    st.none() | st.integers(-1, 3),
)
def test_members_are_joined_by_and_entries_by_or(
    devices, clock, device, clips, identity, since, until, created
):
    demand = {"devices": devices, "clips": clips, "creationFrom": since, "creationTo": until, "new": [1]}
    raw = clip(id=identity, version=clock) | ({} if created is None else {"created": created})
    said = {device, *(MEANT.get(editor, editor) for editor in clock)}
    ids = {id_.replace("-", "").lower() for id_ in clips}
    expected = (
        (not devices or any(MEANT.get(one, one) in said for one in devices))
        and (not clips or identity.replace("-", "").lower() in ids)
        and (since is None or (created is not None and created >= since))
        and (until is None or (created is not None and created <= until))
    )
    parsed = parse_demand(demand)
    assert parsed.matches(facts(raw, device)) is expected
    assert not parsed.matches(facts(raw, device, deleted=True))
    assert parsed.empty is not (devices or clips or since is not None or until is not None)


@pytest.mark.parametrize("data", [b"{}", b'{"clips":[],"devices":null,"colour":"red"}', {}])
def test_a_demand_without_filters_means_everything(data):
    demand = parse_demand(data)
    assert demand.empty
    assert demand == Demand()
    assert demand.matches(Facts(id="x", type="sound", clock={}))


def test_midnight_is_a_filter():
    assert not parse_demand(b'{"timecodeFrom":"00:00:00:00"}').empty
    assert not parse_demand(b'{"creationFrom":0}').empty


@pytest.mark.parametrize(
    "data",
    [
        b"", b"[]", b"null", b"7", b'"x"', b'{"clips":"c"}', b'{"clips":[1]}', b'{"clips":{}}', b'{"devices":[1]}',
        b'{"devices":[null]}', b'{"creationFrom":"1"}', b'{"creationTo":1.5}', b'{"creationTo":true}',
        b'{"timecodeFrom":""}', b'{"timecodeFrom":5}', b'{"timecodeFrom":[]}', b'{"timecodeFrom":"10:00:00"}',
        b'{"timecodeFrom":"24:00:00:00"}', b'{"timecodeFrom":"10:60:00:00"}', b'{"timecodeFrom":"10:00:60:00"}',
        b'{"timecodeFrom":"10:00:00:60"}', b'{"timecodeTo":"10:00:00:00 "}', b'{"timecodeTo":"-1:00:00:00"}',
        b'{"timecodeTo":{}}', b'{"timecodeTo":{"seconds":1}}', b'{"timecodeTo":{"seconds":86400,"frames":0}}',
        b'{"timecodeTo":{"seconds":1,"frames":60}}', b'{"timecodeTo":{"seconds":true,"frames":0}}',
        b'{"clips":[],"clips":["c"]}', b'{"devices":"\xff"}',
    ],
)  # fmt: skip
def test_what_is_no_demand_is_refused_in_one_line(data: bytes):
    with pytest.raises(FormatError, match=r"\A[^\n]+\Z"):
        parse_demand(data)


def test_a_demand_that_we_write_is_understood():
    said = ClipDemand(clips=[LOCKIT], timecode_from="10:00:00:00", timecode_to=TimeCode(seconds=3, frames=4))
    demand = parse_demand(write(said))
    assert demand.clips == {LOCKIT}
    assert demand.timecode == ((36000, 0), (3, 4))


def test_lockits_ids_have_one_key_and_others_their_own():
    assert clip_key(DASHED) == clip_key(LOCKIT) == LOCKIT
    assert clip_key("A-1") == "A-1"


def test_facts_are_what_the_clip_says():
    raw = clip(tcStartSeconds=3, tcStartFrames=2, tcStopSeconds=86399, tcStopFrames=24, created=-5)
    assert facts(raw, HEX) == Facts(
        id="c", type="video", clock={HEX: 1}, device=HEX, start=(3, 2), stop=(86399, 24), created=-5
    )


@pytest.mark.parametrize("wrong", [86400, -1, "3", 3.0, True, None, [], {}])
def test_a_label_that_no_day_has_counts_as_absent(wrong):
    assert facts(clip(tcStartSeconds=wrong, tcStartFrames=0, created=f"{wrong}"), "").start is None
    assert facts(clip(tcStartSeconds=wrong, tcStartFrames=0, created=f"{wrong}"), "").created is None


@pytest.mark.parametrize(
    ("frames", "start"), [(None, (3, 0)), (0, (3, 0)), (-1, None), ("1", None), (True, None)]
)
def test_frames_that_are_wrong_make_no_label_and_missing_ones_are_the_first(frames, start):
    assert facts(clip(tcStartSeconds=3, tcStartFrames=frames), "").start == start


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": None}, {"id": ""}, {"id": 5}, {"id": []}, {"type": "slate"}, {"type": ["video"]}, {"type": {}},
        {"type": None}, {"version": None}, {"version": []}, {"version": {HEX: -1}}, {"version": {HEX: 2**63}},
        {"version": {HEX: 1.0}}, {"version": {HEX: True}}, {"version": {HEX: "1"}}, {"version": 3},
    ],
)  # fmt: skip
def test_what_is_no_clip_is_refused_in_one_line(wrong: dict[str, Any]):
    with pytest.raises(FormatError, match=r"\A[^\n]+\Z"):
        facts(clip(**wrong), "")
    with pytest.raises(FormatError):
        facts({name: value for name, value in clip().items() if name not in wrong}, "")


@given(st.integers(0, 2**64 - 1))
def test_a_device_is_found_by_value(device: int):
    demand = parse_demand({"devices": [device_text(device)]})
    assert demand.matches(Facts(id="x", type="sound", clock={"0x" + device_text(device).upper(): 1}))
    assert not demand.matches(Facts(id="x", type="sound", clock={device_text(device ^ 1): 1}))
