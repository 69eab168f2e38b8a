"""A small camera card and a sound recorder's card, made by our own code alone, for the demo and the tests.

    A001/CLIPS/A001C001_261122_R1AB.mov   ProRes 23.976        14:22:05:10
    A001/CLIPS/A001C002_261122_R1AB.mov   ProRes 25            14:31:40:00
    A001/CLIPS/A001C003_261122_R1AB.mov   H.264 29.97 DF       14:40:58;20: labels are dropped at 14:41
    A001/CLIPS/A001C004_261122_R1AB.mov   broken: power was lost before the moov was written
    A001/STILLS/A001S001_261122_R1AB.jpg  a still
    SND01/SND01T001.wav                   4 tracks, bext and iXML, starting with the first picture

"A" is the camera's letter, which may be another. Nothing depends on the clock or on chance: the same arguments make
the same metadata, names and samples.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import imageio_ffmpeg

from rushes import Permanent
from rushes.timecode import Rate, Timecode
from rushes_sandbox.bwf import Sound, Take, write_bwf

PROJECT = "Nocturne"
DATE = "2026-11-22"
SOUND = Sound(channels=4)
WIDTH, HEIGHT = 1280, 720

_PRORES = ("-c:v", "prores", "-profile:v", "1", "-qscale:v", "9", "-pix_fmt", "yuv422p10le")
_H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-g", "15", "-pix_fmt", "yuv420p")


@dataclass(frozen=True, kw_only=True)
class CardFile:
    """One file of the card: `path` is relative to the card's folder.

    Text is empty where a file has no such thing. `frames` counts pictures, in sound samples of a channel.
    """

    path: str
    kind: Literal["video", "audio", "image"]
    rate: str = ""
    timecode: str = ""
    reel: str = ""
    frames: int = 0
    broken: bool = False

    @property
    def filename(self) -> str:
        """The last part of the path, extension included."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class _Shot:
    """`name` lacks the camera's letter."""

    name: str
    rate: str
    timecode: str
    codec: tuple[str, ...]


_SHOTS = (
    _Shot("001C001_261122_R1AB.mov", "23.976", "14:22:05:10", _PRORES),
    _Shot("001C002_261122_R1AB.mov", "25", "14:31:40:00", _PRORES),
    _Shot("001C003_261122_R1AB.mov", "29.97df", "14:40:58;20", _H264),
)
_BROKEN = "001C004_261122_R1AB.mov"
_STILL = "001S001_261122_R1AB.jpg"


def make_card(folder: Path, *, seconds: float = 8.0, letter: str = "A", ffmpeg: str = "") -> list[CardFile]:
    """Write the card under `folder` and say what is on it, in the order in which it was shot.

    Each picture and the sound last `seconds`; `letter` is the camera's; `ffmpeg` is the binary of imageio-ffmpeg unless
    named. Raises Permanent when ffmpeg is missing or fails.
    """
    binary = ffmpeg or imageio_ffmpeg.get_ffmpeg_exe()
    clips, stills = folder / f"{letter}001/CLIPS", folder / f"{letter}001/STILLS"
    sound = folder / "SND01"
    for made in (clips, stills, sound):
        made.mkdir(parents=True, exist_ok=True)
    still = stills / f"{letter}{_STILL}"
    with ThreadPoolExecutor(max_workers=2) as pool:
        pictures = list(pool.map(lambda shot: _picture(binary, clips, letter, shot, seconds), _SHOTS))
        pool.submit(_still, binary, still).result()
    broken = clips / f"{letter}{_BROKEN}"
    _cut(clips / f"{letter}{_SHOTS[0].name}", broken)
    take = _sound(sound / "SND01T001.wav", _SHOTS[0], seconds)
    return [
        *pictures,
        CardFile(path=str(broken.relative_to(folder)), kind="video", broken=True),
        CardFile(path=str(still.relative_to(folder)), kind="image"),
        take,
    ]


def _picture(ffmpeg: str, folder: Path, letter: str, shot: _Shot, seconds: float) -> CardFile:
    """A moving test pattern with a beep a second, a tmcd track and a reel, as a camera leaves them."""
    rate, reel, name = Rate.parse(shot.rate), f"{letter}001R1AB", f"{letter}{shot.name}"
    frames = round(seconds * rate.exact)
    exact = frames / rate.exact
    pattern = f"testsrc2=size={WIDTH}x{HEIGHT}:rate={rate.exact}"
    tone = f"sine=frequency=1000:beep_factor=4:sample_rate={SOUND.sample_rate}:duration={float(exact):.6f}"
    _ffmpeg(
        ffmpeg,
        *("-f", "lavfi", "-i", pattern, "-f", "lavfi", "-i", tone),
        *("-map", "0:v", "-map", "1:a", "-frames:v", str(frames), "-threads", "2", *shot.codec),
        *("-c:a", "pcm_s16le", "-ac", "2", "-timecode", shot.timecode),
        *("-metadata:s:v", f"reel_name={reel}", "-metadata", f"creation_time={DATE}T{shot.timecode[:8]}Z"),
        *("-flags", "+bitexact", "-fflags", "+bitexact", str(folder / name)),
    )
    return CardFile(
        path=f"{letter}001/CLIPS/{name}",
        kind="video",
        rate=shot.rate,
        timecode=shot.timecode,
        reel=reel,
        frames=frames,
    )


def _still(ffmpeg: str, path: Path) -> None:
    _ffmpeg(
        ffmpeg,
        *("-f", "lavfi", "-i", f"testsrc2=size={WIDTH}x{HEIGHT}:rate=1", "-frames:v", "1", "-q:v", "2"),
        *("-flags", "+bitexact", "-fflags", "+bitexact", str(path)),
    )


def _cut(whole: Path, path: Path) -> None:
    """A copy that stops in the media data: the moov of a camera's MOV comes last."""
    shutil.copyfile(whole, path)
    with path.open("r+b") as file:
        file.truncate(whole.stat().st_size * 2 // 5)


def _sound(path: Path, shot: _Shot, seconds: float) -> CardFile:
    """A poly file that starts at the first sample of the shot's timecode."""
    rate = Rate.parse(shot.rate)
    start = Timecode.parse(shot.timecode, rate).to_samples(SOUND.sample_rate)
    since_midnight = start // SOUND.sample_rate
    take = Take(
        project=PROJECT,
        scene="12A",
        take="1",
        tape="SND01",
        circled=True,
        tracks=("MixL", "MixR", "Boom", "Lav1"),
        date=DATE,
        time=f"{since_midnight // 3600:02}:{since_midnight // 60 % 60:02}:{since_midnight % 60:02}",
        start_sample=start,
        rate=str(rate.exact),
        drop=bool(rate.dropped),
        note="generated by pipeline demo",
        file_uid="SND01T001",
    )
    frames = round(seconds * SOUND.sample_rate)
    write_bwf(path, SOUND, take, frames, _tracks(frames))
    return CardFile(
        path=f"SND01/{path.name}",
        kind="audio",
        rate=shot.rate,
        timecode=shot.timecode,
        reel=take.tape,
        frames=frames,
    )


def _tracks(frames: int) -> Iterator[bytes]:
    """Three tones and, on the last track, noise: no two parts of an upload hold the same bytes."""
    noise = random.Random(12)
    second = SOUND.sample_rate
    tones = [_tone(hertz) for hertz in (250, 500, 1000)]
    for start in range(0, frames, second):
        block = bytearray(second * SOUND.frame_bytes)
        for track, source in enumerate([*tones, noise.randbytes(second * 3)]):
            for byte in range(3):
                block[track * 3 + byte :: SOUND.frame_bytes] = source[byte::3]
        yield bytes(block[: min(second, frames - start) * SOUND.frame_bytes])


def _tone(hertz: int) -> bytes:
    """A second of a 24-bit triangle wave at -12 dBFS."""
    period = SOUND.sample_rate // hertz
    peak = 1 << 21
    quarter = period / 4
    values = (int(peak * (1 - abs((n + quarter) % period - period / 2) / quarter)) for n in range(period))
    return b"".join(value.to_bytes(3, "little", signed=True) for value in values) * hertz


def _ffmpeg(binary: str, *arguments: str) -> None:
    command = [binary, "-v", "error", "-nostdin", "-y", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except OSError as error:
        raise Permanent(f"{binary}: {error.strerror}; the card is made with ffmpeg") from error
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no output"
        raise Permanent(f"ffmpeg failed with status {done.returncode} while making the card: {last}")
