"""Files with what devices said about them."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plugins.masterlockit.shooting_day import shooting_day
from tests.plugins.match.kin_rig import DAY, MORNING, clap, file, links, matched, record, states

from rushes import Record
from rushes_match.items import Decision
from rushes_match.kin import File, records


def _day() -> tuple[list[File], list[Record]]:
    """The sample day: files as they come off the cards, and all that was said."""
    told = shooting_day()
    said = [
        Record(
            id=one["id"], source="hub", kind=one["type"], device=told.origins[one["id"]], data=one, rate="25"
        )
        for one in told.clips
    ]
    files = []
    for one in told.clips:
        label = one["tcStartSeconds"]
        text = f"{label // 3600:02}:{label // 60 % 60:02}:{label % 60:02}:{one['tcStartFrames']:02}"
        length = (one["tcStopSeconds"] - label) % DAY
        files.append(
            file(one["fileName"], text, length, id=f"file {one['id']}", modified=one["updated"] / 1000)
        )
    claps = [
        Record(id=f"clap {n}", source="hub", kind="clap", device="d1", data=one, seen=one["seen"])
        for n, one in enumerate(told.claps)
    ]
    return files, said + claps


def test_a_whole_day_finds_its_records_and_nothing_else() -> None:
    files, said = _day()
    found = records(files, said)
    by_record = {(clip, other) for clip, other in matched(found) if not other.startswith("clap")}
    assert by_record == {(one.id, one.id.removeprefix("file ")) for one in files}
    assert {link.state for link in links(found)} == {"matched"}


def test_what_was_circled_wasted_and_said_comes_with_the_record() -> None:
    files, said = _day()
    found = records(files, said)
    best = next(one for one in files if one.filename == "14A-31-T05.WAV")
    assert found[best.id].values.items() >= {
        "scene": "14A", "slate": "31", "take": "5", "circled": True, "waste": False, "reel": "S012", "day": "12",
        "shooting_day": "2026-09-14", "project": "Der letzte Fährmann", "clip_name": "14A-31-T05",
        "recorder": "Scorpio", "device": "00000000000000c1",
    }.items()  # fmt: skip
    assert "director's choice" in str(found[best.id].values["note"])
    picture = next(one for one in files if one.filename.startswith("B031C001"))
    assert found[picture.id].values.items() >= {
        "camera": "B", "reel": "B031", "lens": "Signature 75mm", "iso": 800, "white_balance": 5600,
        "shutter": "180°", "mos": False, "waste": True, "circled": False, "model": "ALEXA 35", "filters": "ND 0.9",
        "aperture": "T2.8", "note": "false start, kettle",
    }.items()  # fmt: skip
    pickup = next(one for one in files if one.filename == "14A-32-T04.WAV")
    assert found[pickup.id].values["pickup"] == "true"
    assert found[pickup.id].values["take"] == "4"


@pytest.mark.parametrize(
    "said",
    [
        {"clipName": "A001C003_260914_R1AB"},
        {"fileName": "a001c003_260914_r1ab.MXF"},
        {"fileName": "X:\\A001\\A001C003_260914_R1AB.mxf"},
        {"clipName": "A001C003"},
        {"clipName": "C003", "camRoll": "A001"},
        {"clipName": "Clip 3", "camRoll": "a1"},
        {"clipName": "003", "camRoll": "A001R1AB"},
    ],
)
def test_names_as_devices_spell_them(said: dict[str, Any]) -> None:
    mine, other = file("A001C003_260914_R1AB.mxf"), file("A001C004_260914_R1AB.mxf")
    assert matched(records([mine, other], [record("r", **said)])) == {(mine.id, "r")}


def test_the_name_that_the_camera_gave_counts_for_a_renamed_file() -> None:
    mine = file("day12/cam A take 3.mov", clip_name="A001C003_260914_R1AB")
    found = records([mine], [record("r", clipName="A001C003_260914_R1AB")])
    assert matched(found) == {(mine.id, "r")}
    assert found[mine.id].links[0].evidence["by"] == "clip name"


def test_another_clip_of_the_reel_is_nothing_even_at_the_same_timecode() -> None:
    mine = file("A001C003.mov", "10:00:00:00", modified=MORNING)
    assert records([mine], [record("r", "10:00:00:00", at=MORNING, clipName="A001C004")]) == {}


def test_a_counter_is_decided_by_the_day() -> None:
    files = [
        file("C0001.MP4", id=f"day {n}", volume=f"v{n}", created=_at(MORNING + n * DAY)) for n in (0, 1, 2)
    ]
    said = [record(f"r{n}", clipName="C0001", at=MORNING + n * DAY + 20) for n in (0, 1, 2)]
    assert matched(records(files, said)) == {(f"day {n}", f"r{n}") for n in (0, 1, 2)}


def test_a_counter_is_decided_by_timecode() -> None:
    files = [
        file("C0001.MP4", "10:00:00:00", id="one", volume="1", modified=MORNING + DAY),
        file("C0001.MP4", "11:00:00:00", id="two", volume="2", modified=MORNING + DAY),
    ]
    said = [
        record("r1", "10:00:00:01", clipName="C0001", at=MORNING),
        record("r2", "11:00:00:00", clipName="C0001", at=MORNING + 3600, device="b"),
    ]
    assert matched(records(files, said)) == {("one", "r1"), ("two", "r2")}


def test_a_counter_is_decided_by_the_device() -> None:
    files = [
        file("C0001.MP4", id="one", volume="1", device="a"),
        file("C0001.MP4", id="two", volume="2", device="b"),
    ]
    said = [record("r1", clipName="C0001", device="a"), record("r2", clipName="C0001", device="b")]
    assert matched(records(files, said)) == {("one", "r1"), ("two", "r2")}


def test_a_counter_that_nothing_decides_waits_for_a_person() -> None:
    files = [file("GX010001.MP4", id="one", volume="1"), file("GX010001.MP4", id="two", volume="2")]
    found = records(files, [record("r1", fileName="GX010001.MP4"), record("r2", fileName="GX010001.MP4")])
    assert {link.state for link in links(found)} == {"ambiguous"}
    assert len(links(found)) == 4
    assert not any(said.values for said in found.values())


def test_one_record_and_two_cards_with_its_counter_wait_for_a_person() -> None:
    files = [file("C0001.MP4", id="one", volume="1"), file("C0001.MP4", id="two", volume="2")]
    found = records(files, [record("r", clipName="C0001")])
    assert [states(found, one) for one in ("one", "two")] == [{"r": "ambiguous"}, {"r": "ambiguous"}]


def test_a_counter_of_another_day_is_another_clip() -> None:
    mine = file("C0001.MP4", created=_at(MORNING + DAY))
    assert records([mine], [record("r", clipName="C0001", at=MORNING)]) == {}


def test_a_copied_file_is_later_than_its_record_and_still_its_file() -> None:
    mine = file("C0001.MP4", "10:00:00:00", modified=MORNING + 5 * DAY)
    assert matched(records([mine], [record("r", "10:00:00:00", clipName="C0001", at=MORNING)])) == {
        (mine.id, "r")
    }


def test_a_unique_name_beats_a_camera_with_a_wrong_clock() -> None:
    mine = file("A001C003_260914_R1AB.mov", "22:10:00:00", created=_at(MORNING - 4000 * DAY))
    found = records([mine], [record("r", "10:00:00:00", clipName="A001C003_260914_R1AB", at=MORNING)])
    assert matched(found) == {(mine.id, "r")}
    evidence = found[mine.id].links[0].evidence
    assert (evidence["timecode"], evidence["day"]) == ("differs", "differs")


def test_without_names_timecode_and_device_decide() -> None:
    mine = file("MVI_0042.MOV", "10:00:00:00", device="a", modified=MORNING + 30)
    said = [
        record("mine", "10:00:00:00", device="a", at=MORNING),
        record("other camera", "10:00:00:00", device="b", at=MORNING),
        record("before", "09:58:00:00", device="a", at=MORNING - 120),
    ]
    found = records([mine], said)
    assert matched(found) == {(mine.id, "mine")}
    assert found[mine.id].links[0].evidence["by"] == "timecode"


def test_two_cameras_that_started_together_and_say_no_name_are_ambiguous() -> None:
    mine = file("MVI_0042.MOV", "10:00:00:00", modified=MORNING + 30)
    said = [record(device, "10:00:00:00", device=device, at=MORNING) for device in ("a", "b")]
    assert states(records([mine], said), mine.id) == {"a": "ambiguous", "b": "ambiguous"}


def test_a_lone_record_that_says_only_a_time_of_day_waits_for_a_person() -> None:
    mine = file("MVI_0042.MOV", "10:00:00:00", 33)
    found = records([mine], [record("r", "10:00:00:00", 30)])
    assert states(found, mine.id) == {"r": "ambiguous"}
    assert found[mine.id].links[0].evidence["why"] == "too little speaks for it"


def test_what_belongs_elsewhere_makes_the_rest_clear() -> None:
    files = [
        file("C0001.MP4", "10:00:00:00", id="one", volume="1"),
        file("C0001.MP4", id="two", volume="2"),
    ]
    said = [record("r1", "10:00:00:00", clipName="C0001"), record("r2", clipName="C0001")]
    assert matched(records(files, said)) == {("one", "r1"), ("two", "r2")}


def test_copies_proxies_and_parts_share_a_record() -> None:
    name = "A001C003_260914_R1AB"
    files = [
        file(f"A001/{name}.mxf", "10:00:00:00"),
        file(f"backup/{name}.mxf", "10:00:00:00", volume="w"),
        file(f"Proxy/{name}.mov", "10:00:00:00", role="proxy"),
    ]
    assert len(matched(records(files, [record("r", clipName=name)]))) == 3
    mono = [
        file(f"A101_1_{n}.WAV", "12:39:59:00", channels=1, family_uid="F1", family_index=str(n))
        for n in (1, 2)
    ]
    said = record("s", "12:39:59:00", kind="sound", fileName="A101_1.WAV")
    assert matched(records(mono, [said])) == {(one.id, "s") for one in mono}


def test_two_records_of_one_recording_both_count_and_one_yes_is_enough() -> None:
    mine = file("A001C003.mov", "10:00:00:00")
    said = [
        record("camera", "10:00:00:00", device="a", clipName="A001C003", take={"number": 3, "printState": 0}),
        record(
            "tablet", "10:00:01:00", device="t", clipName="A001C003", isManual=True,
            take={"number": 4, "printState": 1, "comment": "lovely"}, isWaste=False,
        ),
    ]  # fmt: skip
    found = records([mine], said)
    assert matched(found) == {(mine.id, "camera"), (mine.id, "tablet")}
    assert found[mine.id].values.items() >= {"take": "3", "circled": True, "note": "lovely"}.items()


def test_a_picture_has_no_record_of_a_recorder() -> None:
    mine = file("T01.mov", "10:00:00:00")
    assert records([mine], [record("r", "10:00:00:00", kind="sound", clipName="T01")]) == {}


def test_a_tombstone_counts_for_nothing() -> None:
    mine = file("A001C003.mov", "10:00:00:00")
    assert records([mine], [replace(record("r", clipName="A001C003"), deleted=True)]) == {}
    assert records([mine], [replace(clap("c", "10:00:05:00", MORNING, take="1"), deleted=True)]) == {}


def test_two_hubs_that_tell_of_one_record_tell_one_record() -> None:
    mine = file("A001C003.mov")
    old = replace(record("r", clipName="A001C003", take={"number": 1}), seen=1.0)
    new = replace(record("r", clipName="A001C003", take={"number": 2}), seen=2.0, source="other hub")
    found = records([mine], [new, old])
    assert (len(links(found)), found[mine.id].values["take"]) == (1, "2")


def test_a_person_decides() -> None:
    files = [file("C0001.MP4", id="one", volume="1"), file("C0001.MP4", id="two", volume="2")]
    said = [record("r1", clipName="C0001", take={"number": 7})]
    yes = Decision(picture="two", sound="r1", accept=True, at=2)
    no = Decision(picture="one", sound="r1", accept=False, at=1)
    found = records(files, said, [yes, no])
    assert (states(found, "one"), states(found, "two")) == ({"r1": "rejected"}, {"r1": "matched"})
    assert found["two"].values["take"] == "7"
    assert found["two"].links[0].evidence == {"by": "person"}
    changed = records(files, said, [yes, Decision(picture="two", sound="r1", accept=False, at=3)])
    assert states(changed, "two") == {"r1": "rejected"}


def test_what_was_rejected_leaves_the_other_clear() -> None:
    mine = file("C0001.MP4")
    said = [record("r1", clipName="C0001", device="a"), record("r2", clipName="C0001", device="b")]
    found = records([mine], said, [Decision(picture=mine.id, sound="r1", accept=False)])
    assert states(found, mine.id) == {"r2": "matched", "r1": "rejected"}


def test_what_a_person_accepted_takes_the_record_from_others() -> None:
    files = [file("C0001.MP4", id="one", volume="1"), file("C0001.MP4", id="two", volume="2")]
    found = records(
        files, [record("r1", clipName="C0001")], [Decision(picture="two", sound="r1", accept=True)]
    )
    assert (states(found, "one"), states(found, "two")) == ({"r1": "lost"}, {"r1": "matched"})


def test_a_slate_is_heard_by_all_that_ran_on_that_day() -> None:
    files = [
        file("A001C001.mov", "10:00:00:00", modified=MORNING + 30),
        file("B001C001.mov", "10:00:01:00", modified=MORNING + 30),
        file("T01.WAV", "09:59:55:00", modified=MORNING + 30),
        file("A009C001.mov", "10:00:00:00", modified=MORNING + 3 * DAY),
    ]
    found = records(
        files, [clap("c", "10:00:03:12", MORNING + 3, scene="14A", slate="31", take="2", cam="A", mos=False)]
    )
    assert matched(found) == {("A001C001.mov", "c"), ("T01.WAV", "c")}
    assert found["A001C001.mov"].values == {"scene": "14A", "slate": "31", "take": "2", "mos": False}
    assert found["A001C001.mov"].links[0].evidence["seconds_in"] == 3.48


def test_slates_of_a_camera_that_did_not_cut_agree_or_say_nothing() -> None:
    mine = file("A001C001.mov", "23:59:50:00", 60, modified=MORNING)
    said = [
        clap("c1", "23:59:55:00", MORNING - 55, scene="14A", take="1"),
        clap("c2", "00:00:20:00", MORNING - 30, scene="14A", take="2"),
    ]
    found = records([mine], said)
    assert matched(found) == {(mine.id, "c1"), (mine.id, "c2")}
    assert found[mine.id].values == {"scene": "14A"}


def test_a_record_beats_a_slate() -> None:
    mine = file("A001C001.mov", "10:00:00:00", modified=MORNING + 30)
    said = [
        clap("c", "10:00:03:00", MORNING + 3, take="2"),
        record("r", clipName="A001C001", take={"number": 3}),
    ]
    assert records([mine], said)[mine.id].values["take"] == "3"


def test_sound_at_television_rates_is_compared_by_real_time() -> None:
    # 10:00:00:00 at 23.976 is 36036 s after midnight; a file without a label tells only its sample.
    mine = file("T01.WAV", rate=None, frames=None, timecode_rate=None, duration=30.0, sample_rate=48000,
                start_sample=36036 * 48000, modified=MORNING + 30)  # fmt: skip
    found = records(
        [mine], [record("r", "10:00:00:00", kind="sound", rate="23.976", clipName="T01", at=MORNING)]
    )
    assert found[mine.id].links[0].evidence["timecode"] == "same"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_MEMBERS = [
    "clipName",
    "fileName",
    "camRoll",
    "soundroll",
    "camera",
    "scene",
    "slate",
    "take",
    "clipLabel",
    "projectDay",
    "tcStartSeconds",
    "tcStartFrames",
    "tcStopSeconds",
    "tcStopFrames",
    "created",
    "isManual",
    "clipLogs",
    "comment",
    "cast",
    "filter",
    "whiteBalance",
    "exposureIndexASA",
    "circle",
    "shutterAngle",
    "timecode",
    "slateInfo",
    "project",
]


@given(
    st.dictionaries(st.sampled_from(_MEMBERS), _JSON),
    st.sampled_from(["video", "sound", "clap", "slate", "new"]),
)
def test_whatever_a_device_sends_is_no_error(data: dict[str, Any], kind: str) -> None:
    data = {"fileName": "A001C003.mov", **data}
    files = [file("A001C003.mov", "10:00:00:00"), file("A001C003.WAV", "10:00:00:00")]
    found = records(files, [Record(id="r", source="hub", kind=kind, device="a", data=data)])
    assert all(link.other == "r" and 0 <= link.score <= 1 for link in links(found))


@given(st.integers())
def test_order_does_not_matter(seed: int) -> None:
    random = Random(seed)
    names = ["C0001", "C0002", "A001C001", "A001C001_260914_R1AB"]
    labels = ["", "10:00:00:00", "10:00:01:00", "11:00:00:00"]
    days = [None, MORNING, MORNING + DAY]
    files = [
        file(
            f"{random.choice(names)}.MP4", random.choice(labels), id=f"f{n}", volume=f"v{n}",
            modified=random.choice(days) or 0.0,
        )
        for n in range(8)
    ]  # fmt: skip
    said = [
        record(f"r{n}", random.choice(labels), clipName=random.choice(names), at=random.choice(days))
        for n in range(8)
    ]
    found = records(files, said)
    random.shuffle(files)
    random.shuffle(said)
    assert records(files, said) == found


def _at(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _rolls(camera: str, *timecodes: str) -> list[File]:
    """Clips of a camera that name nothing but themselves."""
    return [
        file(
            f"{camera}/MVI_{at:04}.MOV", timecode, id=f"{camera}{at}", card=camera, created=_at(MORNING + at)
        )
        for at, timecode in enumerate(timecodes)
    ]


TIMES = ("10:00:00:00", "10:05:00:00", "10:11:00:00")


def _silent(device: str, *timecodes: str) -> list[Record]:
    """Records of these clips without names, by a device that no file tells."""
    return [
        record(f"{device}{at}", timecode, device=device, at=MORNING + at)
        for at, timecode in enumerate(timecodes)
    ]


def test_a_time_alone_is_no_match_however_exact() -> None:
    [mine] = _rolls("a", "10:00:00:00")
    found = records([mine], _silent("x", "10:00:00:00"))
    assert states(found, mine.id) == {"x0": "ambiguous"}
    assert found[mine.id].links[0].evidence["why"] == "too little speaks for it"
    assert not found[mine.id].values


def test_a_device_whose_records_all_go_with_one_camera_tells_of_it() -> None:
    mine, others = _rolls("a", *TIMES), _rolls("b", "10:00:01:00", "10:20:00:00", "10:30:00:00")
    found = records([*mine, *others], _silent("x", *TIMES))
    assert matched(found) == {("a0", "x0"), ("a1", "x1"), ("a2", "x2")}
    assert found["a1"].links[0].evidence["device"] == "usual"


def test_records_that_go_with_two_cameras_wait_for_a_person() -> None:
    mine, others = _rolls("a", *TIMES), _rolls("b", *TIMES)
    found = records([*mine, *others], _silent("x", *TIMES))
    assert {link.state for link in links(found)} == {"ambiguous"}
    assert len(links(found)) == 6


def test_a_device_that_named_the_clips_of_another_camera_does_not_speak_of_this_one() -> None:
    mine, others = _rolls("a", *TIMES), _rolls("b", "12:00:00:00")
    named = record("named", "12:00:00:00", device="x", at=MORNING, clipName="MVI_0000", camRoll="b")
    found = records([*mine, *others], [named, *_silent("x", *TIMES)])
    assert matched(found) == {("b0", "named")}


LOST = MORNING + 40 * DAY


@pytest.mark.parametrize("day", ["2026-09-14", "09-14"])
def test_the_day_in_a_name_counts_where_a_copy_lost_the_time(day: str) -> None:
    mine = file("A001C003.mov", "10:00:00:00", modified=LOST, clip_day=day)
    said = [
        record("mine", "11:10:00:00", clipName="A001C003", at=MORNING),
        record("last month", "11:10:00:00", clipName="A001C003", at=MORNING - 31 * DAY),
    ]
    found = records([mine], said)
    assert states(found, mine.id) == {"mine": "matched", "last month": "lost"}
    assert found[mine.id].links[0].evidence["day"] == "same"


@pytest.mark.parametrize(
    ("timecode", "seconds", "state"),
    [("10:00:00:00", 30, "matched"), ("10:00:00:00", 300, "ambiguous"), ("11:00:00:00", 30, "ambiguous")],
)
def test_a_reused_name_of_an_unknown_day_needs_the_timecode(timecode: str, seconds: int, state: str) -> None:
    """Timecode that counts recordings begins every first roll at one label: the end has to agree, too."""
    mine = file("A001C001.mov", "10:00:00:00", modified=LOST)
    found = records([mine], [record("r", timecode, seconds, clipName="A001C001", at=MORNING)])
    assert states(found, mine.id) == {"r": state}


def test_of_two_months_with_one_name_the_one_whose_timecode_agrees_is_taken() -> None:
    mine = file("A001C001.mov", "10:00:00:00", modified=LOST)
    said = [
        record("this", "10:00:00:00", clipName="A001C001", at=MORNING),
        record("last", "08:20:00:00", clipName="A001C001", at=MORNING - 31 * DAY),
    ]
    assert states(records([mine], said), mine.id) == {"this": "matched", "last": "lost"}


def test_a_reused_name_that_nothing_tells_apart_waits_for_a_person() -> None:
    mine = file("A001C001.mov", modified=LOST)
    said = [
        record(id_, clipName="A001C001", at=at) for id_, at in (("one", MORNING), ("two", MORNING - 31 * DAY))
    ]
    assert set(states(records([mine], said), mine.id).values()) == {"ambiguous"}
