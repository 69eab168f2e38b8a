"""Real media made by a real ffmpeg, and the real files of `../shared/media` where they are."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from functools import partial
from pathlib import Path

import imageio_ffmpeg
import pytest
import trio

from rushes import Clip, Kind
from rushes.testing.doubles import open_stand_in

SHARED = Path(__file__).parents[4] / "shared" / "media"
KINDS = {
    **dict.fromkeys(("mov", "mp4", "mxf"), Kind.VIDEO),
    "wav": Kind.AUDIO,
    **dict.fromkeys(("jpg", "heic", "dng"), Kind.IMAGE),
}


@pytest.fixture(scope="session")
def ffmpeg():
    """Runs ffmpeg with arguments; the last is the file it makes, which is returned."""
    program = imageio_ffmpeg.get_ffmpeg_exe()

    def run(*arguments):
        subprocess.run(
            [program, "-v", "error", "-y", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL
        )
        return Path(arguments[-1])

    return run


@pytest.fixture(scope="session")
def shoot(ffmpeg, tmp_path_factory):
    """Makes a MOV as a camera would: pictures, two mono tracks, a timecode track with a reel, tags."""

    def make(name, rate, timecode, *more, frames=25, size="320x180"):
        seconds = float(frames / Fraction(rate))
        return ffmpeg(
            *(
                "-f",
                "lavfi",
                "-i",
                f"testsrc2=s={size}:r={rate}",
                "-f",
                "lavfi",
                "-i",
                f"sine=440:r=48000:d={seconds}",
            ),
            *(
                "-map",
                "0",
                "-map",
                "1",
                "-map",
                "1",
                "-frames:v",
                frames,
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
            ),
            *("-c:a", "pcm_s16le", "-timecode", timecode, "-metadata:s:v", "reel_name=A001"),
            *("-movflags", "use_metadata_tags", "-metadata", "scene=12A", "-metadata", "take=3"),
            *("-metadata", "creation_time=2026-11-22T09:29:50Z"),
            *more,
            tmp_path_factory.mktemp("card") / name,
        )

    return make


@pytest.fixture(scope="session")
def camera(shoot):
    """One clip for each rate that the issue names."""
    return {
        "23.976": shoot("A001C001.mov", "24000/1001", "01:00:00:00", frames=24),
        "25": shoot("A001C002.mov", "25", "23:59:59:20"),
        "29.97df": shoot("A001C003.mov", "30000/1001", "00:59:59;28", frames=30),
    }


@pytest.fixture(scope="session")
def off_speed(ffmpeg, tmp_path_factory):
    """100 pictures a second under a timecode track that counts 25, as a high-speed camera writes."""
    folder = tmp_path_factory.mktemp("speed")
    fast = ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=100:d=0.5", folder / "fast.mov")
    slow = ffmpeg(
        "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2", "-timecode", "01:00:00:04", folder / "slow.mov"
    )
    return ffmpeg("-i", fast, "-i", slow, "-map", "0:v", "-map", "1:d", "-c", "copy", folder / "A001C009.mov")


@pytest.fixture
def stage(worker_stage):
    """The same with `call` in a thread, for what is not about processes: a worker takes a second to start."""

    async def call(function, /, *arguments, **options):
        return await trio.to_thread.run_sync(partial(function, *arguments, **options))

    worker_stage.call = call
    return worker_stage


@pytest.fixture
async def worker_stage(tmp_path):
    """A context with real workers, and a way to admit a file to it."""
    async with open_stand_in(tmp_path / "stand-in") as context:

        def admit(path, kind=None, **meta):
            stat = path.stat() if path.exists() else None
            context.volumes[str(path.parent)] = path.parent
            return Clip(
                id=path.name,
                volume=str(path.parent),
                path=path.name,
                kind=kind or KINDS.get(path.suffix.lower()[1:], Kind.DATA),
                size=stat.st_size if stat else 0,
                mtime_ns=stat.st_mtime_ns if stat else 0,
                meta=meta,
            )

        context.admit = admit
        yield context


@pytest.fixture(scope="session")
def shared_media():
    if not SHARED.is_dir():
        pytest.skip(f"the real files are not here: {SHARED}")
    return SHARED
