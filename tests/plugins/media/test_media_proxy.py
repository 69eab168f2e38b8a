"""The transform with a real ffmpeg: what a proxy keeps, what it refuses, how it ends."""

from __future__ import annotations

import os
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import av
import imageio_ffmpeg
import pytest
import trio

from rushes import Kind, MediaGone, Permanent, Role, Unavailable, WorkerDied
from rushes_media.look import look
from rushes_media.making.survey import count
from rushes_media.proxy import PROXY


async def make(stage, clip, **options):
    async with PROXY.open(PROXY.config(**{"preset": "ultrafast", **options}), stage) as proxy:
        return await proxy.apply(clip)


def probe(path):
    return look(str(path), "video")


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97df"])
async def test_a_proxy_is_the_same_recording(worker_stage, camera, rate):
    clip = worker_stage.admit(camera[rate], camera="A")
    [made] = await make(worker_stage, clip, height=90, bitrate="1M")
    path = worker_stage.path(made)
    assert (made.role, made.kind, made.parent) == (Role.PROXY, Kind.VIDEO, clip.id)
    assert (path.name, path.parent) == (clip.name + ".mov", worker_stage.workspace())
    facts, original = probe(path), probe(camera[rate])
    same = (
        "frames",
        "rate",
        "timecode",
        "timecode_rate",
        "timecode_from",
        "reel",
        "scene",
        "take",
        "created",
        "channels",
        "duration",
    )
    assert {name: facts.values.get(name) for name in same} == {name: original.values[name] for name in same}
    assert count(str(path), facts.picture) == count(str(camera[rate]), original.picture)
    assert facts.values["camera"] == "A"
    assert (facts.values["codec"], facts.values["width"], facts.values["height"]) == ("h264", 160, 90)
    assert facts.values["streams"] == "h264, aac, aac, data"
    assert {name: made.meta[name] for name in ("height", "codec", "container")} == {
        "height": 90,
        "codec": "h264",
        "container": "mov",
    }
    assert made.meta["camera"] == "A"


async def test_pictures_are_whole_and_in_their_place(stage, camera):
    """Each decoded picture of the proxy is nearest to the picture of the same number of the original."""
    [made] = await make(stage, stage.admit(camera["25"]), bitrate="12M")

    def means(path):
        with av.open(str(path)) as container:
            return [
                bytes(frame.reformat(16, 9, "gray").planes[0])[:144] for frame in container.decode(video=0)
            ]

    originals, copies = means(camera["25"]), means(stage.path(made))
    assert len(originals) == len(copies) == 25

    def apart(one, two):
        return sum(abs(a - b) for a, b in zip(one, two, strict=True))

    for number, copy in enumerate(copies):
        nearest = min(range(25), key=lambda other: apart(copy, originals[other]))
        assert nearest == number


async def test_progress_reaches_the_end(stage, camera):
    await make(stage, stage.admit(camera["25"]))
    assert stage.seen_progress
    assert stage.seen_progress[-1] == pytest.approx((1.0, 1.0), abs=0.05)
    assert all(0 <= done <= total for done, total in stage.seen_progress)


async def test_never_upscales_and_stays_even(stage, shoot):
    [made] = await make(
        stage, stage.admit(shoot("odd.mov", "25", "00:00:00:00", "-pix_fmt", "yuv444p", size="101x75"))
    )
    values = probe(stage.path(made)).values
    assert (values["width"], values["height"]) == (100, 74)


async def test_what_people_and_records_say_wins(stage, camera):
    clip = stage.admit(camera["25"], scene="13", reel="B 7", note="rain;\n'wind' = \"loud\"\0", circled=True)
    [made] = await make(stage, clip)
    values = probe(stage.path(made)).values
    assert (values["scene"], values["take"], values["reel"], values["circled"]) == ("13", "3", "B 7", True)
    assert values["note"] == "rain; 'wind' = \"loud\""


async def test_a_timecode_track_at_another_rate_is_kept(stage, off_speed):
    [made] = await make(stage, stage.admit(off_speed, reel="A009"))
    values = probe(stage.path(made)).values
    assert (values["rate"], values["timecode"], values["timecode_rate"], values["reel"]) == (
        "100",
        "01:00:00:04",
        "25",
        "A009",
    )


async def test_every_channel_is_kept(stage, ffmpeg, camera, tmp_path):
    loud = "|".join(f"c{channel}={channel / 16}*c0" for channel in range(16))
    many = ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "sine=1000:d=1:r=48000",
        "-af",
        f"pan=16c|{loud}",
        "-c:a",
        "pcm_s16le",
        tmp_path / "many.mov",
    )
    source = ffmpeg(
        "-i",
        camera["25"],
        "-i",
        many,
        "-map",
        "0:v",
        "-map",
        "0:a:0",
        "-map",
        "1:a",
        "-c",
        "copy",
        tmp_path / "A.mov",
    )
    [made] = await make(stage, stage.admit(source))
    found = probe(stage.path(made))
    assert list(found.sound.values()) == [1] * 17
    levels = [peak(stage.path(made), index) for index in list(found.sound)[1:]]
    assert levels[0] < 100
    assert levels == sorted(levels)
    assert levels[15] > 3 * levels[4]


def peak(path, index):
    with av.open(str(path)) as container:
        frames = container.decode(container.streams[index])
        return max(
            abs(sample)
            for frame in frames
            for sample in memoryview(av.AudioResampler("s16p").resample(frame)[0].planes[0]).cast("h")
        )


async def test_no_sound_no_timecode_and_hidden_pictures(stage, ffmpeg, camera, tmp_path):
    plain = ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=0.4", tmp_path / "plain.mkv")
    trimmed = ffmpeg("-ss", "0.5", "-i", camera["25"], "-map", "0:v", "-c", "copy", tmp_path / "trimmed.mov")
    longer = ffmpeg(
        *(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=64x64:r=25:d=0.4",
            "-f",
            "lavfi",
            "-i",
            "sine=d=1",
            tmp_path / "longer.mkv",
        )
    )
    for path in (plain, trimmed, longer):
        [made] = await make(stage, stage.admit(path, Kind.VIDEO))
        assert count(str(stage.path(made)), 0) == count(str(path), 0) > 0
        assert probe(stage.path(made)).values.get("timecode") == probe(path).values.get("timecode")


async def test_made_again_it_is_the_same_clip(stage, camera):
    """After a crash the step runs again over what the first left behind."""
    clip = stage.admit(camera["25"])
    (stage.workspace() / ".A001C002.mov.partial").write_bytes(b"half")
    first = await make(stage, clip)
    again = await make(stage, clip)
    assert first[0].id == again[0].id
    assert [path.name for path in stage.workspace().iterdir()] == ["A001C002.mov"]


class TestRefusals:
    @pytest.mark.parametrize("name", ["words.srt", "text.mov", "cut.mov"])
    async def test_originals_without_picture_and_sound(self, stage, camera, tmp_path, name):
        (tmp_path / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
        (tmp_path / "text.mov").write_text("only text")
        (tmp_path / "cut.mov").write_bytes(camera["25"].read_bytes()[:9000])
        reason = {
            "words.srt": "not a media file",
            "text.mov": "not a media file: text",
            "cut.mov": "no moov atom",
        }[name]
        with pytest.raises(Permanent, match=f"{name}.*{reason}"):
            await make(stage, stage.admit(tmp_path / name))

    async def test_pictures_that_cannot_be_decoded(self, stage, camera, tmp_path):
        content = camera["25"].read_bytes()
        at = content.index(b"mdat") + 4
        (tmp_path / "A.mov").write_bytes(content[:at] + b"\0" * 60000 + content[at + 60000 :])
        with pytest.raises(Permanent, match=r"A\.mov"):
            await make(stage, stage.admit(tmp_path / "A.mov"))
        assert not list(stage.workspace().iterdir())

    async def test_ffmpeg_that_is_not_there(self, stage, camera):
        with pytest.raises(Unavailable, match="/no/such/ffmpeg: no such program"):
            await make(stage, stage.admit(camera["25"]), ffmpeg="/no/such/ffmpeg")

    @pytest.mark.parametrize(
        ("output", "failure", "reason"),
        [
            (
                "[x264] cannot allocate\\nConversion failed!",
                Permanent,
                "A001C002.mov: ffmpeg cannot make a proxy: .x264. cannot allocate",
            ),
            ("", Permanent, "it told nothing"),
            (
                "av_interleaved_write_frame(): No space left on device\\nbye",
                Unavailable,
                "work disk is full; free space",
            ),
        ],
    )
    async def test_ffmpeg_that_fails(self, stage, camera, tmp_path, output, failure, reason):
        with pytest.raises(failure, match=reason):
            await make(
                stage, stage.admit(camera["25"]), ffmpeg=script(tmp_path, f"printf '{output}' >&2; exit 187")
            )

    async def test_a_card_pulled_meanwhile(self, stage, camera, monkeypatch):
        clip = replace(stage.admit(camera["25"]), volume="card", card="A001")
        stage.volumes["card"] = camera["25"].parent
        run = stage.run

        async def pull(*arguments, **options):
            del stage.volumes["card"]
            return await run(["/bin/false"])

        monkeypatch.setattr(stage, "run", pull)
        with pytest.raises(MediaGone, match="insert card A001"):
            await make(stage, clip)

    async def test_an_original_that_changed_meanwhile(self, stage, camera):
        clip = replace(stage.admit(camera["25"]), mtime_ns=1)
        with pytest.raises(Permanent, match="changed"):
            await make(stage, clip)
        assert not list(stage.workspace().iterdir())

    async def test_a_reader_that_dies(self, stage, camera, monkeypatch):
        async def die(*_arguments, **_options):
            raise WorkerDied("x")

        monkeypatch.setattr(stage, "call", die)
        with pytest.raises(Permanent, match="crashes the reader"):
            await make(stage, stage.admit(camera["25"]))

    async def test_a_proxy_that_differs(self, stage, camera, tmp_path):
        """An ffmpeg that loses a picture and the reel."""
        real = imageio_ffmpeg.get_ffmpeg_exe()
        arguments = f'{real} -v error -y -i {camera["25"]} -frames:v 24 -c:v libx264 -f mov "$target"'
        cheat = script(
            tmp_path, f'for one in "$@"; do case "$one" in *.partial) target="$one";; esac; done; {arguments}'
        )
        with pytest.raises(Permanent, match=r"proxy of A001C002\.mov differs: frames 25 != 24"):
            await make(stage, stage.admit(camera["25"]), ffmpeg=cheat)
        assert not list(stage.workspace().iterdir())

    async def test_a_full_work_disk(self, stage, shoot, small_disk):
        stage.volumes["work"] = small_disk
        clip = stage.admit(shoot("big.mov", "25", "00:00:00:00", frames=50, size="640x360"))
        with pytest.raises(Unavailable, match="work disk is full"):
            await make(stage, clip, bitrate="12M")
        assert not list(stage.workspace().iterdir())


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", folder], capture_output=True, check=False
    ).returncode:
        pytest.skip("a tmpfs cannot be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def script(folder, text):
    path = folder / "ffmpeg"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


async def test_cancelling_ends_ffmpeg(worker_stage, shoot):
    clip = worker_stage.admit(shoot("long.mov", "25", "00:00:00:00", frames=250, size="1280x720"))
    started = trio.Event()
    worker_stage.progress = lambda *_done: started.set()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(lambda: make(worker_stage, clip, preset="slow"))
        with trio.fail_after(30):
            await started.wait()
        assert running(worker_stage.workspace())
        nursery.cancel_scope.cancel()
    assert not running(worker_stage.workspace())
    assert not list(worker_stage.workspace().iterdir())


def running(folder):
    """Processes with that folder in their command line."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            try:
                arguments = (process / "cmdline").read_bytes()
            except OSError:
                continue
            if str(folder).encode() in arguments:
                found.append(arguments)
    return found
