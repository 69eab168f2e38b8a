"""The annotator on files made by a real ffmpeg and on bad ones, through a real worker process."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import trio

import rushes_media.probe
from plugins.media.wave_files import bext, ixml, speed, wave
from rushes import Kind, MediaGone, WorkerDied
from rushes.columns import METADATA
from rushes_media.look import look
from rushes_media.making.survey import count
from rushes_media.probe import PROBE

TYPES = {
    "VARCHAR": str,
    "INTEGER": int,
    "BIGINT": int,
    "DOUBLE": float,
    "BOOLEAN": bool,
    "TIMESTAMP": datetime,
}


async def probe(stage, *clips):
    async with PROBE.open(PROBE.config(), stage) as annotator:
        return await annotator.annotate(clips)


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97df"])
async def test_what_a_camera_wrote(stage, camera, rate):
    [finding] = await probe(stage, stage.admit(camera[rate]))
    assert not finding.problem
    assert finding.basis == "file"
    frames = {"23.976": 24, "25": 25, "29.97df": 30}[rate]
    expected = {
        "container": "mov",
        "codec": "h264",
        "width": 320,
        "height": 180,
        "rate": rate.removesuffix("df"),
        "frames": frames,
        "timecode": {"23.976": "01:00:00:00", "25": "23:59:59:20", "29.97df": "00:59:59;28"}[rate],
        "timecode_rate": rate,
        "timecode_from": "tmcd",
        "reel": "A001",
        "scene": "12A",
        "take": "3",
        "channels": 2,
        "sample_rate": 48000,
        "created": datetime(2026, 11, 22, 9, 29, 50, tzinfo=UTC),
    }
    assert {name: finding.values.get(name) for name in expected} == expected
    assert finding.values["duration"] == pytest.approx(
        frames / {"23.976": 23.976, "25": 25, "29.97df": 29.97}[rate], 1e-3
    )


async def test_what_a_recorder_wrote(stage, tmp_path):
    path = tmp_path / "T01.WAV"
    told = (
        "<SCENE>12A</SCENE><TAKE>3</TAKE><TAPE>S01</TAPE><CIRCLED>TRUE</CIRCLED><PROJECT>Nocturne</PROJECT>"
    )
    path.write_bytes(wave(bext(48000 * 3600), ixml(told + speed("25/1")), channels=3))
    [finding] = await probe(stage, stage.admit(path))
    assert not finding.problem
    expected = {
        "container": "wav",
        "codec": "pcm_s16le",
        "channels": 3,
        "sample_rate": 48000,
        "duration": 0.1,
        "scene": "12A",
        "take": "3",
        "reel": "S01",
        "circled": True,
        "project": "Nocturne",
        "start_sample": 172_800_000,
        "timecode": "01:00:00:00",
        "timecode_rate": "25",
        "timecode_from": "bext",
    }
    assert {name: finding.values.get(name) for name in expected} == expected


async def test_values_have_the_types_of_their_columns(stage, camera, tmp_path):
    (tmp_path / "T.wav").write_bytes(wave(bext(1, "CIRCLED=FALSE\r\nNOTE=x"), ixml(speed("25"))))
    columns = {column.name: TYPES[column.type] for column in METADATA}
    for finding in await probe(stage, *map(stage.admit, camera.values()), stage.admit(tmp_path / "T.wav")):
        for name, value in finding.values.items():
            assert type(value) is columns.get(name, str), name


async def test_a_timecode_track_at_another_rate_than_the_picture(stage, off_speed):
    [finding] = await probe(stage, stage.admit(off_speed))
    assert (finding.values["rate"], finding.values["timecode"], finding.values["timecode_rate"]) == (
        "100",
        "01:00:00:04",
        "25",
    )


async def test_no_timecode_is_no_timecode(stage, ffmpeg, tmp_path):
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.2")
    clips = [
        stage.admit(ffmpeg(*source, tmp_path / f"clip.{extension}")) for extension in ("mp4", "mkv", "avi")
    ]
    for finding in await probe(stage, *(replace(clip, kind=Kind.VIDEO) for clip in clips)):
        assert not finding.problem
        assert not {"timecode", "timecode_rate", "reel", "start_sample"} & finding.values.keys()


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("A.mov", b"", "empty file"),
        ("A.wav", b"", "empty file"),
        ("A.cube", b"", "empty file"),
        ("A.jpg", b"", "empty file"),
        ("A.mov", b"this is only text\n", "not a media file: text named .mov"),
        ("A.mov", "Klappe zwölf".encode() * 1000, "not a media file: text named .mov"),
        ("A.mp4", b"#EXTM3U\nhttp://127.0.0.1:1/x.ts\n", "not a media file: text named .mp4"),
        ("A.mov", bytes(range(256)) * 100, "not readable as media: "),
        ("A.mov", b"\0" * 5000, "not readable as media: "),
        ("A.wav", wave()[:3000], "truncated: its 'data' chunk says 9600 bytes, the file has 2956"),
        (
            "A.wav",
            wave()[:40] + b"\xff\xff\xff\x7f" + wave()[44:],
            "truncated: its 'data' chunk says 2147483647",
        ),
        ("A.wav", wave()[:20], ""),
    ],
)
async def test_bad_files_have_one_line(stage, tmp_path, name, content, problem):
    (tmp_path / name).write_bytes(content)
    [finding] = await probe(stage, stage.admit(tmp_path / name))
    assert finding.problem
    assert finding.problem.startswith(problem)
    assert "\n" not in finding.problem
    assert "Traceback" not in finding.problem


@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
async def test_a_truncated_movie(stage, camera, tmp_path, share):
    content = camera["25"].read_bytes()
    (tmp_path / "A.mov").write_bytes(content[: int(len(content) * share)])
    [finding] = await probe(stage, stage.admit(tmp_path / "A.mov"))
    assert finding.problem.startswith("truncated: ")


async def test_a_truncated_mxf(stage, ffmpeg, camera, tmp_path):
    whole = ffmpeg("-i", camera["25"], "-map", "0:v", "-c:v", "mpeg2video", tmp_path / "whole.mxf")
    (tmp_path / "cut.mxf").write_bytes(whole.read_bytes()[:-2000])
    good, cut = await probe(stage, stage.admit(whole), stage.admit(tmp_path / "cut.mxf"))
    assert (good.problem, good.values["timecode"], good.values["timecode_from"]) == ("", "23:59:59:20", "mxf")
    assert cut.problem.startswith("truncated: its footer is at byte")


@pytest.mark.parametrize("name", ["notes.txt", "cards.zip", "README"])
async def test_other_data_are_no_problem(stage, tmp_path, name):
    (tmp_path / name).write_bytes(b"LUT_3D_SIZE 2\n0 0 0\n")
    [finding] = await probe(stage, stage.admit(tmp_path / name, Kind.DATA))
    assert (finding.problem, finding.values) == ("", {})


@pytest.mark.parametrize(
    ("name", "kind"),
    [("look.cube", Kind.DATA), ("A.ale", Kind.DATA), ("A.dng", Kind.IMAGE), ("A.heic", Kind.IMAGE)],
)
async def test_what_a_name_promises_and_a_file_does_not_hold(stage, tmp_path, name, kind):
    (tmp_path / name).write_bytes(b"LUT_3D_SIZE 2\n0 0 0\n")
    [finding] = await probe(stage, stage.admit(tmp_path / name, kind))
    assert finding.problem
    assert "\n" not in finding.problem


async def test_one_bad_clip_leaves_the_batch_alone(stage, camera, tmp_path):
    (tmp_path / "bad.mov").write_bytes(b"text")
    clips = [
        stage.admit(path)
        for path in (camera["25"], tmp_path / "bad.mov", tmp_path / "gone.mov", camera["23.976"])
    ]
    findings = await probe(stage, *clips)
    assert [finding.clip for finding in findings] == [clip.id for clip in clips]
    assert [bool(finding.problem) for finding in findings] == [False, True, True, False]
    assert "deleted" in findings[2].problem


async def test_a_pulled_card_is_told(stage, camera):
    clips = [stage.admit(camera["25"]), replace(stage.admit(camera["25"]), volume="card", card="A001")]
    with pytest.raises(MediaGone, match="insert card A001"):
        await probe(stage, *clips)


async def test_a_file_that_may_not_be_read(stage, camera, monkeypatch):
    async def denied(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(stage, "call", denied)
    [finding] = await probe(stage, stage.admit(camera["25"]))
    assert finding.problem == "cannot be read: Permission denied"


def die(_path, _kind):
    os.abort()


def hang(_path, _kind):
    while True:
        pass


def stumble(*_arguments, **_options):
    raise AssertionError("what is this")


async def test_a_file_that_crashes_the_reader(worker_stage, camera, monkeypatch):
    """A real worker process dies; the next clip gets a new one."""
    monkeypatch.setattr(rushes_media.probe, "probe_file", die)
    clip = worker_stage.admit(camera["25"])
    [finding] = await probe(worker_stage, clip)
    assert finding.problem == "crashes the reader: its process died looking at it"
    monkeypatch.undo()
    [finding] = await probe(worker_stage, clip)
    assert (finding.problem, finding.values["timecode"]) == ("", "23:59:59:20")


async def test_a_file_that_holds_the_reader(worker_stage, camera, monkeypatch):
    monkeypatch.setattr(rushes_media.probe, "probe_file", hang)
    monkeypatch.setattr(rushes_media.probe, "PATIENCE_S", 0.5)
    [finding] = await probe(worker_stage, worker_stage.admit(camera["25"]))
    assert finding.problem == "holds the reader for more than 0.5 s"


def test_a_reader_that_stumbles(camera, monkeypatch):
    monkeypatch.setattr("rushes_media.look.look", stumble)
    facts = rushes_media.probe.probe_file(str(camera["25"]), "video")
    assert facts.problem == "the reader fails on it: AssertionError: what is this"


async def test_few_at_once(stage, tmp_path, monkeypatch):
    running = most = 0

    async def call(*_arguments, **_options):
        nonlocal running, most
        running += 1
        most = max(most, running)
        await trio.lowlevel.checkpoint()
        running -= 1
        raise WorkerDied("x")

    monkeypatch.setattr(stage, "call", call)
    (tmp_path / "a.mov").touch()
    await probe(stage, *[stage.admit(tmp_path / "a.mov")] * 20)
    assert most == rushes_media.probe.AT_ONCE


def test_pictures_are_counted_without_those_an_edit_list_hides(ffmpeg, camera, tmp_path):
    trimmed = ffmpeg("-ss", "0.5", "-i", camera["25"], "-map", "0:v", "-c", "copy", tmp_path / "trimmed.mov")
    facts = look(str(trimmed), "video")
    assert (facts.values["frames"], count(str(trimmed), facts.picture)) == (25, 12)


def test_missing_files_are_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        look(str(tmp_path / "none.mov"), "video")


def test_a_movie_of_sound_alone_is_audio(ffmpeg, camera, tmp_path):
    sound = ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-c:a", "pcm_s16le", tmp_path / "A001C001.mov")
    assert look(str(sound), "video").values["kind"] == "audio"
    assert "kind" not in look(str(camera["25"]), "video").values
