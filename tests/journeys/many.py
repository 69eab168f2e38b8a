"""Many small clips made quickly: one picture is encoded, the others are copies with other bytes and timecode."""

from __future__ import annotations

import random
import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg

from rushes.timecode import Timecode
from rushes_sandbox.bwf import Sound, Take, write_bwf

SOUND = Sound(channels=2)
_TOP_BOX = struct.Struct(">I4s")


def make_picture(path: Path, *, seconds: float = 2.0, timecode: str = "10:00:00:00") -> Path:
    """A small H.264 MOV at 25 with sound, a timecode track and noise, so that its proxy has some size."""
    pattern = f"testsrc2=size=320x180:rate=25:duration={seconds},noise=alls=40:allf=t"
    _ffmpeg(
        *(
            "-f",
            "lavfi",
            "-i",
            pattern,
            "-f",
            "lavfi",
            "-i",
            f"sine=1000:sample_rate=48000:duration={seconds}",
        ),
        *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le"),
        *("-timecode", timecode, str(path)),
    )
    return path


def vary_picture(master: Path, path: Path, number: int, *, extra_bytes: int = 0) -> Path:
    """The same picture an hour's minute later, with `extra_bytes` of noise of its own in a `free` box."""
    start = Timecode.parse("10:00:00:00", "25") + 25 * 60 * number
    _ffmpeg("-i", str(master), "-map", "0:v", "-map", "0:a", "-c", "copy", "-timecode", str(start), str(path))
    with path.open("ab") as file:
        file.write(_TOP_BOX.pack(_TOP_BOX.size + extra_bytes, b"free"))
        file.write(random.Random(number).randbytes(extra_bytes))
    return path


def tag_picture(master: Path, path: Path, **tags: str) -> Path:
    """The same picture without sound and timecode; its file says those `tags`."""
    said = [word for name, value in tags.items() for word in ("-metadata", f"{name}={value}")]
    apart = ("-movflags", "use_metadata_tags", "-write_tmcd", "0")
    _ffmpeg("-i", str(master), "-map", "0:v", "-c", "copy", *apart, *said, str(path))
    return path


def make_sound(
    path: Path, number: int, *, seconds: int = 4, scene: str = "1", take: str = "", hour: int = 10
) -> Path:
    """A stereo Broadcast Wave of noise: 288,000 bytes a second; take `number` unless it is called otherwise."""
    told = Take(
        project="Torture",
        scene=scene,
        take=take or str(number),
        tape="SND01",
        circled=False,
        tracks=("L", "R"),
        date="2026-11-22",
        time=f"{hour}:00:00",
        start_sample=hour * 3600 * SOUND.sample_rate,
        rate="25/1",
        file_uid=path.stem,
    )
    frames = seconds * SOUND.sample_rate
    write_bwf(path, SOUND, told, frames, _noise(number, seconds))
    return path


def _noise(seed: int, seconds: int) -> Iterator[bytes]:
    noise = random.Random(seed)
    for _ in range(seconds):
        yield noise.randbytes(SOUND.sample_rate * SOUND.frame_bytes)


def copy_to_card(made: Path, card: Path) -> Path:
    """Copy one file onto a card as a person would: in place, its times kept."""
    card.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy2(made, card / made.name))


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y", *arguments],
        check=True,
        capture_output=True,
    )
