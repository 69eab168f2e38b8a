"""The export of a day that a running pipeline matched."""

from __future__ import annotations

import base64
import csv
import subprocess
import sys

import opentimelineio as otio
import pytest
import trio

from rushes import NotFound, Permanent
from rushes.timecode import Timecode

from .match_rig import on_set, picture, sound


async def exported(made, **arguments):
    """What the action answers, and its files by name."""
    files = {}

    async def tell(facts):
        await trio.lowlevel.checkpoint()
        files[facts["name"]] = base64.b64decode(facts["data"])

    return await made.engine.act("match", "export", arguments, tell), files


async def test_a_picture_lies_over_its_sound_to_the_sample(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(
            picture("A001C001.mov", "10:00:05:00", camera="A", scene="12", take="3"),
            sound("T001.wav", "10:00:00:00"),
            sound("WILD.wav", "11:00:00:00"),
        )
        facts, files = await exported(made, formats="otio")
    assert facts["day"] == "2026-11-22"
    assert (facts["pictures"], facts["sounds"], facts["matched"], facts["synced"]) == (1, 2, 1, 1)
    day = otio.adapters.read_from_string(files["2026-11-22.otio"].decode(), "otio_json")
    video, synced, loose = day.tracks
    [shot] = video.find_clips()
    assert (shot.source_range.start_time.to_timecode(), shot.source_range.duration.value) == (
        "10:00:05:00",
        500,
    )
    assert shot.metadata["rushes"]["scene"] == "12"
    [heard] = synced.find_clips()
    assert heard.source_range.start_time == otio.opentime.RationalTime((10 * 3600 + 5) * 48000, 48000)
    assert heard.source_range.duration.value == 20 * 48000
    assert (
        heard.range_in_parent().start_time.to_seconds() == shot.range_in_parent().start_time.to_seconds() == 0
    )
    [wild] = loose.find_clips()
    assert wild.range_in_parent().start_time.to_seconds() == 3595
    assert wild.media_reference.target_url == "SOUND1/WILD.wav"


def table(files):
    [data] = [data for name, data in files.items() if name.endswith(".csv")]
    return {row["file"]: row for row in csv.DictReader(data.decode("utf-8-sig").splitlines())}


async def test_a_camera_with_a_wrong_date_is_in_the_day_of_its_sound(tmp_path):
    async with on_set(tmp_path) as made:
        shots = [
            picture(f"A001C00{n}.mov", f"10:{n}0:05:00", off=-400, scene="1", take=str(n))
            for n in range(1, 5)
        ]
        heard = [sound(f"T00{n}.wav", f"10:{n}0:00:00", scene="1", take=str(n)) for n in range(1, 5)]
        # A day has more than these.
        more = [sound(f"W00{n}.wav", f"12:{n}0:00:00", wild_track="true") for n in range(1, 5)]
        await made.give(*shots, *heard, *more)
        facts, files = await exported(made, formats="csv")
    assert (facts["day"], facts["pictures"], facts["sounds"]) == ("2026-11-22", 4, 8)
    assert table(files)["A001C001.mov"]["with"] == "T001.wav"


async def test_learned_clocks_lay_sound_where_it_was(tmp_path):
    """The camera is three hours and seven frames ahead: names tell which sound is whose, claps by how much."""
    late = 3 * 3600 * 25 + 7
    async with on_set(tmp_path) as made:
        for n in range(10, 22):
            real = Timecode.parse(f"10:{n}:05:00", "25")
            clap = int((real.seconds + 4) * 48_000)
            shown = clap + late * 1920 + 500  # the slate is seen a quarter of a frame late
            await made.give(
                picture(
                    f"A001C0{n}.mov", str(real + late), scene="7", take=str(n), sample_rate=48_000, claps=str(shown)
                ),
                sound(f"T0{n}.wav", f"10:{n}:00:00", scene="7", take=str(n), claps=str(clap)),
            )  # fmt: skip
        facts, files = await exported(made, formats="otio,csv")
    assert facts["synced"] == 12
    assert table(files)["A001C010.mov"]["offset_from"] == "clap"
    day = otio.adapters.read_from_string(files["2026-11-22.otio"].decode(), "otio_json")
    heard = next(iter(day.tracks[1].find_clips()))
    assert heard.source_range.start_time.value == (10 * 3600 + 600 + 5) * 48_000 - 500
    assert day.global_start_time.to_timecode() == "10:10:05:00"


async def test_what_a_person_has_to_say_waits_and_then_is_in_sync(tmp_path):
    async with on_set(tmp_path) as made:
        await made.give(
            picture("A001C001.mov", "10:00:05:00"),
            sound("T001.wav", "10:00:00:00"),
            sound("T002.wav", "10:00:08:00"),
        )
        assert ("A001C001", "T001", "sound") in await made.links("ambiguous")
        facts, files = await exported(made, formats="csv")
        row = table(files)["A001C001.mov"]
        assert (facts["waiting"], row["with"]) == (1, "")
        assert set(row["candidates"].split("; ")) == {"T001.wav", "T002.wav"}
        await made.act("accept", clip="A001C001.mov", other="T001.wav")
        await made.until("SELECT count(*) FROM links WHERE evidence LIKE '%person%' AND state = 'matched'")
        _, files = await exported(made, formats="csv")
    row = table(files)["A001C001.mov"]
    assert "T001.wav" in row["with"]
    assert (row["decided_by"], row["synced"], row["starts_after_sound"]) == ("person", "1", "5.0")


async def test_what_cannot_be_exported_is_told(tmp_path):
    async with on_set(tmp_path) as made:
        with pytest.raises(NotFound, match="nothing was shot on any day"):
            await exported(made)
        await made.give(picture("A001C001.mov", "10:00:05:00"))
        with pytest.raises(NotFound, match="nothing was shot on 2020-01-01; days are 2026-11-22"):
            await exported(made, day="2020-01-01")
        with pytest.raises(Permanent, match="no format edl; there are otio, ale, csv"):
            await exported(made, formats="edl")


async def test_mono_files_of_a_take_lie_over_each_other(tmp_path):
    family = {"family_uid": "f1", "family_files": "2", "channels": 1}
    async with on_set(tmp_path) as made:
        await made.give(
            picture("A001C001.mov", "10:00:05:00"),
            sound("T001_1.wav", "10:00:00:00", family_index="1", **family),
            sound("T001_2.wav", "10:00:00:00", family_index="2", **family),
        )
        _, files = await exported(made)
    day = otio.adapters.read_from_string(files["2026-11-22.otio"].decode(), "otio_json")
    first, second = [track for track in day.tracks if track.kind == "Audio"]
    heard = [*first.find_clips(), *second.find_clips()]
    assert [clip.name for clip in heard] == ["T001_1", "T001_2"]
    assert {clip.source_range.start_time.value for clip in heard} == {(36_000 + 5) * 48_000}
    rows = table(files)
    assert (rows["T001_2.wav"]["part"], rows["T001_2.wav"]["part_of"]) == ("track", rows["T001_1.wav"]["id"])
    assert rows["T001_2.wav"]["with"] == "A001C001.mov"


def test_the_action_does_not_import_opentimelineio_where_the_engine_runs():
    code = "import sys, rushes_match.actions.export; sys.exit('opentimelineio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode == 0
