"""A flash and a beep stay together: in every codec and container, as a player reads the result."""

from __future__ import annotations

import av
import pytest

from rushes import Kind
from rushes_media.proxy import PROXY

RATE = 25
#: One white picture in black, and a tone that begins with it.
AT_S = 1.0
PICTURES = ("-f", "lavfi", "-i", f"color=black:s=64x48:r={RATE}:d=2,drawbox=c=white:t=fill:enable='eq(n,25)'")
SOUND = (
    "-f",
    "lavfi",
    "-i",
    f"aevalsrc='if(between(t,{AT_S},{AT_S}+0.08),0.8*sin(2*PI*1000*t),0)':s=48000:d=2",
)


def apart(path):
    """Seconds from the flash to the beep, and when the flash is; by the times that a player goes by."""
    with av.open(str(path)) as container:
        begins = container.start_time / 1e6
        flash = next(
            frame.time
            for frame in container.decode(video=0)
            if max(bytes(frame.reformat(64, 48, "gray").planes[0])) > 128
        )
    with av.open(str(path)) as container:
        beep = next(
            frame.time + number / frame.sample_rate
            for frame in container.decode(audio=0)
            for number, sample in enumerate(
                memoryview(
                    bytes(av.AudioResampler("s16", "mono", frame.sample_rate).resample(frame)[0].planes[0])
                ).cast("h")[: frame.samples]
            )
            if abs(sample) > 6000
        )
    return beep - flash, flash - begins


@pytest.fixture(scope="module")
def takes(ffmpeg, tmp_path_factory):
    """The same take as cameras, recorders and editors store it."""
    folder = tmp_path_factory.mktemp("takes")
    both = (*PICTURES, *SOUND)
    gop = (
        "-c:v",
        "libx264",
        "-g",
        "12",
        "-bf",
        "3",
        "-preset",
        "ultrafast",
        "-x264-params",
        "bframes=3:b-adapt=0",
    )
    made = {
        "prores.mov": ("-c:v", "prores_ks", "-c:a", "pcm_s24le"),
        "long-gop.mp4": (*gop, "-c:a", "aac"),
        "long-gop.mkv": (*gop, "-c:a", "aac"),
        "hevc.mp4": (
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            "log-level=none",
            "-c:a",
            "aac",
        ),
        "late.ts": (*gop, "-c:a", "aac", "-output_ts_offset", "5"),
        "dnxhr.mxf": (
            "-s",
            "256x128",
            "-c:v",
            "dnxhd",
            "-profile:v",
            "dnxhr_lb",
            "-pix_fmt",
            "yuv422p",
            "-c:a",
            "pcm_s24le",
        ),
        "xdcam.mxf": ("-c:v", "mpeg2video", "-b:v", "5M", "-bf", "2", "-c:a", "pcm_s16le"),
    }
    takes = {name: ffmpeg(*both, *options, folder / name) for name, options in made.items()}
    source = takes["long-gop.mp4"]
    # Cut within a group of pictures: an edit list hides the pictures before.
    takes["edit-list.mp4"] = ffmpeg("-ss", "0.28", "-i", source, "-c", "copy", folder / "edit-list.mp4")
    # Sound that begins half a second after the picture, and long before it.
    late, early = (("-itsoffset", "0.5"), ()), ((), ("-itsoffset", "0.2"))
    for name, (sound, picture) in (("late-sound.mov", late), ("early-sound.mkv", early)):
        takes[name] = ffmpeg(
            *picture, "-i", takes["prores.mov"], *sound, "-i", takes["prores.mov"],
            *("-map", "0:v", "-map", "1:a", "-c", "copy"), folder / name,
        )  # fmt: skip
    return takes


async def make(stage, path, **options):
    async with PROXY.open(PROXY.config(**options), stage) as proxy:
        [made] = await proxy.apply(stage.admit(path, Kind.VIDEO))
    return stage.path(made)


@pytest.mark.parametrize(
    "name",
    [
        "prores.mov", "long-gop.mp4", "long-gop.mkv", "hevc.mp4", "late.ts", "xdcam.mxf", "dnxhr.mxf",
        "edit-list.mp4", "late-sound.mov", "early-sound.mkv",
    ],
)  # fmt: skip
async def test_a_flash_and_a_beep_stay_together(stage, takes, name):
    made = await make(stage, takes[name], preset="ultrafast")
    (before, _), (after, flash) = apart(takes[name]), apart(made)
    assert abs(after - before) < 0.5 / RATE
    with av.open(str(made)) as container:
        assert container.streams.video[0].start_time == 0
        assert flash == pytest.approx(float(round(flash * RATE)) / RATE, abs=1e-3)


@pytest.mark.parametrize(
    ("codec", "audio"),
    [("avc", "aac"), ("avc", "pcm"), ("avc", "mp3"), ("hevc", "mp3"), ("prores-proxy", "pcm")],
)
async def test_in_every_codec(stage, takes, codec, audio):
    made = await make(stage, takes["prores.mov"], codec=codec, audio=audio, height=16)
    after, flash = apart(made)
    assert abs(after) < 0.5 / RATE
    assert flash == pytest.approx(AT_S)
