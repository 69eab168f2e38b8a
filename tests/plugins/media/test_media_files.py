"""The real files of `../shared/media`: nothing raises, what is known of them holds, other readers agree."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from fractions import Fraction

import imageio_ffmpeg
import pytest

from rushes_media.look import look
from rushes_media.probe import PROBE
from rushes_media.words import label

KNOWN = {
    "audio/sounddevices_702T/A101_1.WAV": {
        "timecode": "12:39:59:00",
        "timecode_rate": "23.976",
        "start_sample": 2_190_940_753,
        "scene": "A101",
        "take": "1",
        "reel": "18Y12M31",
        "project": "BMH",
        "channels": 2,
        "tracks": "MKH516 A, Boom",
    },
    "audio/sounddevices_702T/A101_1_2.WAV": {
        "timecode": "12:39:59:00",
        "channels": 1,
        "tracks": "Boom",
        "family_files": "2",
    },
    "audio/sounddevices_702T/A101_2.WAV": {"timecode": "12:40:04:00", "take": "2"},
    "audio/metacorder/Sr001-001-06_01.WAV": {
        "timecode": "13:36:06:04",
        "timecode_rate": "25",
        "start_sample": 2_350_375_830,
        "pre_record_samples": "480000",
        "circled": False,
        "tracks": "Boom",
        "family_files": "5",
    },
    "audio/zoom_F8/Scene_1_2AG-T001.TAKE/Scene_1_2AG-T001_TrL_R.WAV": {
        "timecode": "22:40:10:00",
        "scene": "Scene_1_2AG",
        "take": "001",
        "note": "Test 01 wavinfo",
        "tracks": "Mix-L, Mix-R",
        "family_files": "9",
    },
    "audio/misc/reaper-bext.wav": {"start_sample": 0, "timecode": None},
    "audio/ltc/LTC_00_58_00_00__1mins_25.wav": {
        "start_sample": None,
        "timecode": None,
        "timecode_rate": None,
    },
    "camera/gopro/karma.mp4": {
        "timecode": "19:26:48:04",
        "timecode_rate": "29.97",
        "timecode_from": "tmcd",
        "rate": "29.97",
        "frames": 362,
        "container": "mp4",
        "codec": "h264",
    },
    "camera/photon/TearsOfSteel_Audio_23976.mxf": {
        "timecode": "01:09:13:06",
        "timecode_rate": "23.976",
        "timecode_from": "mxf",
        "rate": "23.976",
        "channels": 2,
    },
    "camera/regxmllib/indirect.mxf": {
        "timecode": "01:00:00:00",
        "timecode_rate": "25",
        "reel": "1920x1080-red.tif",
        "codec": "dnxhd",
    },
    "camera/regxmllib/video1.mxf": {"rate": "23.976", "codec": "jpeg2000", "frames": 1},
    "camera/mxflib/small_wav.mxf": {"timecode": "00:00:00:00"},
    "stills/example.heic": {"width": 1280, "height": 854},
    "stills/ExifTool.jpg": {"width": 8, "height": 8},
}


@pytest.fixture
def files(shared_media):
    return sorted(path for path in shared_media.rglob("*") if path.is_file())


async def test_everything_goes_through_without_a_traceback(stage, files):
    clips = [stage.admit(path) for path in files]
    async with PROBE.open(PROBE.config(), stage) as annotator:
        findings = await annotator.annotate(clips)
    assert [finding.clip for finding in findings] == [clip.id for clip in clips]
    troubled = {
        (path.suffix, finding.problem)
        for path, finding in zip(files, findings, strict=True)
        if finding.problem
    }
    # The MHL example's clips are four letters each; nothing else of all this is broken.
    assert troubled == {(".mov", "not a media file: text named .mov")}


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known(shared_media, name):
    kind = {"audio": "audio", "camera": "video", "stills": "image"}[name.partition("/")[0]]
    facts = look(str(shared_media / name), kind)
    assert not facts.problem
    assert {key: facts.values.get(key) for key in KNOWN[name]} == KNOWN[name]


def media(files):
    return [path for path in files if path.suffix.lower() in {".wav", ".mxf", ".mp4"}]


def test_another_ffmpeg_agrees(files):
    """`ffmpeg -i` of imageio-ffmpeg: another build and version than PyAV's."""
    for path in media(files):
        program = imageio_ffmpeg.get_ffmpeg_exe()
        told = subprocess.run(
            [program, "-hide_banner", "-i", path],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        ).stderr
        values = look(str(path), "video").values
        if code := re.search(r"^\s*timecode\s*: (\S+)", told, re.MULTILINE):
            assert values["timecode"] == re.sub(r":(\d)$", r":0\1", code[1]), path
        picture = re.search(r"Video: (\w+).*?, (\d+)x(\d+).*?([\d.]+) (?:fps|tbr)", told)
        if picture:
            assert (values["codec"], values["width"], values["height"]) == (
                picture[1],
                int(picture[2]),
                int(picture[3]),
            )
            assert float(values["rate"]) == pytest.approx(float(picture[4]), abs=0.01)
        sound = re.search(r"Audio: (\w+).*?, (\d+) Hz", told)
        if sound:
            assert values["sample_rate"] == int(sound[2])


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="no ffprobe on this machine")
def test_ffprobe_agrees(files):
    for path in media(files):
        command = ["ffprobe", "-v", "error", "-show_streams", "-show_format", "-of", "json", path]
        told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        values = look(str(path), "video").values
        streams = told["streams"]
        codes = [one.get("tags", {}).get("timecode") for one in (*streams, told["format"])]
        code = next((code for code in codes if code), None)
        if code:
            assert values["timecode"] == re.sub(r":(\d)$", r":0\1", code), path
        for one in streams:
            if one["codec_type"] == "video":
                assert (values["codec"], values["width"], values["height"]) == (
                    one["codec_name"],
                    one["width"],
                    one["height"],
                )
                assert values["rate"] == label.written(Fraction(one["r_frame_rate"]))
                assert values["frames"] == int(one.get("nb_frames", values["frames"]))
                assert values["duration"] == pytest.approx(float(one["duration"]), abs=1e-5)
        sounds = [one for one in streams if one["codec_type"] == "audio"]
        assert values.get("channels", 0) == sum(one["channels"] for one in sounds)
        if sounds:
            assert values["sample_rate"] == int(sounds[0]["sample_rate"])
