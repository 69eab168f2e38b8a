"""The demo's judge finds each way in which a delivery or a record can be wrong."""

from __future__ import annotations

import copy
import hashlib
import shutil

import pytest

from rushes.timecode import Timecode
from rushes_sandbox.evidence import ROUTES
from rushes_sandbox.shoot import SetFile
from rushes_sandbox.verdict import judge

#: What the set recorded: a camera's clip, and a recorder's, which are those of the card under other names.
PICTURE = SetFile(
    device="A-Cam",
    path="A-Cam/A001/A001C001_261122_R5F5.mov",
    clip="c1",
    take="14A-1-3",
    circled=True,
    timecode="14:31:40:00",
    frames=50,
)
SOUND = SetFile(
    device="Recorder",
    path="Recorder/14A-1-2.WAV",
    clip="c2",
    take="14A-1-2",
    circled=False,
    # Where a take that began with the card's first picture lies on a clock that counts 25.
    timecode=str(
        Timecode.from_samples(Timecode.parse("14:22:05:10", "23.976").to_samples(48_000), 48_000, "25")
    ),
    frames=50,
)


def record(shot, **members):
    seconds = sum(
        int(part) * unit for part, unit in zip(shot.timecode.split(":"), (3600, 60, 1, 0), strict=True)
    )
    _, slate, take = shot.take.split("-")
    circled = {"circle": shot.circled} if shot.kind == "audio" else {}
    return {
        "id": shot.clip,
        "fileName": shot.filename,
        "scene": {"number": 14, "additional": "A"},
        "slate": {"number": int(slate)},
        "take": {"number": int(take), "printState": int(shot.circled and shot.kind == "video")},
        "tcStartSeconds": seconds,
        "tcStartFrames": int(shot.timecode[-2:]),
        **circled,
        **members,
    }


@pytest.fixture
def story(card, tmp_path):
    """Everything as it must be: the arguments of `judge`; the "proxies" are copies of the originals."""
    jobs, assets, media = [], [], tmp_path / "media"
    for shot, source in ((PICTURE, card.one("video", "25")), (SOUND, card.one("audio"))):
        path = media / shot.path
        path.parent.mkdir(parents=True)
        shutil.copy(card.path(source.filename), path)
        jobs.append(
            {
                "id": f"s{shot.clip}",
                "name": shot.filename,
                "route": "sound" if shot.kind == "audio" else "set",
                "reason": "",
                "state": "done",
                "steps": [{"component": "frameio", "receipt": {"id": shot.clip}}],
            }
        )
        assets.append(asset(shot.clip, shot.filename, path.read_bytes(), channel=shot.device))
    for number, file in enumerate(card.files):
        job = {
            "id": f"j{number}",
            "name": file.filename,
            "route": ROUTES[file.kind],
            "reason": "",
            "steps": [],
        }
        if file.broken:
            jobs.append({**job, "state": "parked", "reason": "truncated: no moov atom"})
            continue
        path = card.folder / file.path
        if file.kind == "video":
            path = shutil.copy(path, tmp_path / file.filename)
        data = card.path(file.filename).read_bytes()
        receipt = {"id": f"a{number}"}
        steps = [{"component": "proxy", "receipt": None}, {"component": "frameio", "receipt": receipt}]
        jobs.append({**job, "state": "done", "steps": steps})
        assets.append(asset(f"a{number}", file.filename, data))
    return {
        "files": card.files,
        "day": [PICTURE, SOUND],
        "jobs": jobs,
        "assets": assets,
        "records": [record(PICTURE), record(SOUND)],
        "sound": {PICTURE.filename: []},
        "breaches": [],
        "card": card.folder,
        "media": media,
        "copies": tmp_path,
    }


def asset(id_, name, data, channel=""):
    return {
        "id": id_,
        "name": name,
        "filesize": len(data),
        "state": "complete",
        "sha256": hashlib.sha256(data).hexdigest(),
        "parts": [{"number": 1, "size": len(data), "puts": 1, "bytes_received": len(data)}],
        "channel_model": channel,
    }


def first_of_card(verdict):
    return next(clip for clip in verdict.clips if not clip.device)


def test_a_good_story_holds(story):
    verdict = judge(**story)
    assert verdict.holds, verdict
    assert verdict.document()["parked"] == [
        {"name": "A001C004_261122_R1AB.mov", "reason": "truncated: no moov atom"}
    ]
    assert all(clip.resent == 0 and clip.parts == 1 for clip in verdict.clips)
    assert [
        (clip.device, clip.take, clip.circled, clip.record_timecode, clip.timecode, clip.channel)
        for clip in verdict.clips
        if clip.device
    ] == [
        ("A-Cam", "14A-1-3", True, "14:31:40:00", "14:31:40:00", "A-Cam"),
        ("Recorder", "14A-1-2", False, SOUND.timecode, SOUND.timecode, "Recorder"),
    ]


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"tcStartFrames": 1}, "its record says timecode 14:31:40:01, the set 14:31:40:00"),
        ({"tcStartFrames": None}, "its record says timecode , the set 14:31:40:00"),
        ({"take": {"number": 3}}, "its record says circled False, the set True"),
        ({"slate": {"number": 2}}, "its record says take 14A-2-3, the set 14A-1-3"),
        ({"scene": None}, "its record says take -1-3, the set 14A-1-3"),
        ({"fileName": "other.mov"}, f"its record says file other.mov, the set {PICTURE.filename}"),
    ],
)
def test_a_record_that_is_wrong_is_found(story, members, problem):
    story["records"][0] = record(PICTURE, **members)
    assert [clip.problem for clip in judge(**story).clips if clip.problem] == [problem]


def test_sound_that_is_another_takes_is_found(story):
    story["sound"] = {PICTURE.filename: [SOUND.filename]}
    assert [clip.problem for clip in judge(**story).clips if clip.problem] == [
        f"its sound is none, not {SOUND.filename}"
    ]


def test_a_record_that_never_arrived_is_found(story):
    del story["records"][1]
    verdict = judge(**story)
    assert not verdict.holds
    assert [(clip.name, clip.problem) for clip in verdict.clips if clip.problem] == [
        (SOUND.filename, "no record of it arrived")
    ]


def test_a_record_of_no_file_is_found(story):
    story["records"].append(record(PICTURE, id="c3"))
    assert judge(**story).problems == ["record c3 is of no file"]


def test_a_day_on_which_nobody_recorded_does_not_hold(story):
    story.update(day=[], records=[])
    assert "nobody on the set recorded anything" in judge(**story).problems


def test_a_clip_on_another_channel_is_found(story):
    story["assets"][0]["channel_model"] = ""
    story["assets"][1]["channel_model"] = "B-Cam"
    story["assets"][2]["channel_model"] = "A-Cam"
    assert [clip.problem for clip in judge(**story).clips if clip.problem] == [
        "it is on the primary channel, not on A-Cam",
        "it is on B-Cam, not on Recorder",
        "it is on A-Cam, not on the primary channel",
    ]


def test_a_file_whose_timecode_is_not_its_records_is_found(story, card):
    path = story["media"] / PICTURE.path
    data = shutil.copy(card.path(card.one("video", "23.976").filename), path).read_bytes()
    story["assets"][0]["sha256"] = hashlib.sha256(data).hexdigest()
    assert judge(**story).clips[0].problem == ("the file's timecode is 14:22:05:10, its record's 14:31:40:00")


def test_sound_that_tells_no_time_is_found(story):
    path = story["media"] / SOUND.path
    data = path.read_bytes().replace(b"bext", b"junk", 1)
    path.write_bytes(data)
    story["assets"][1]["sha256"] = hashlib.sha256(data).hexdigest()
    assert judge(**story).clips[1].problem.startswith("the file's timecode is absent, its record's ")


def test_bytes_that_came_twice_are_counted(story):
    story["assets"][2]["parts"][0]["bytes_received"] += 4096
    story["assets"].append({**story["assets"][2], "id": "empty", "state": "created", "sha256": None})
    verdict = judge(**story)
    assert verdict.holds
    assert first_of_card(verdict).resent == 4096
    assert verdict.placeholders == 1


def test_other_bytes_are_found(story):
    story["assets"][-1]["sha256"] = "0" * 64
    assert [clip.problem for clip in judge(**story).clips if clip.problem] == [
        "the asset's bytes are not those that were sent"
    ]


def test_a_second_complete_asset_is_found(story):
    twice = copy.deepcopy(story["assets"][0]) | {"id": "twice"}
    story["assets"].append(twice)
    problems = judge(**story).problems
    assert f"{twice['name']} has 2 complete assets" in problems
    assert f"asset {twice['name']} belongs to no clip" in problems


def test_an_incomplete_asset_is_found(story):
    story["assets"][0]["state"] = "created"
    assert judge(**story).clips[0].problem == "its asset is not complete"


def test_a_breach_of_the_protocol_is_found(story):
    story["breaches"].append("PUT /parts/x: wrong length")
    assert judge(**story).problems == ["PUT /parts/x: wrong length"]


def test_a_clip_that_waits_is_found(story):
    story["jobs"][2].update(state="waiting", reason="no network")
    assert first_of_card(judge(**story)).problem == "not delivered once: dailies waiting no network"


def test_a_clip_without_a_job_is_found(story):
    del story["jobs"][2]
    assert first_of_card(judge(**story)).problem == "not delivered once: no job"


def test_a_broken_file_that_was_delivered_is_found(story):
    next(job for job in story["jobs"] if job["state"] == "parked")["state"] = "done"
    assert not judge(**story).holds


def test_a_proxy_with_another_timecode_is_found(story, card):
    name, other = (card.one("video", rate).filename for rate in ("23.976", "25"))
    data = shutil.copy(card.path(other), story["copies"] / name).read_bytes()
    next(a for a in story["assets"] if a["name"] == name)["sha256"] = hashlib.sha256(data).hexdigest()
    assert first_of_card(judge(**story)).problem == (
        "the proxy's timecode is {'14:31:40:00'}, the original's 14:22:05:10"
    )
